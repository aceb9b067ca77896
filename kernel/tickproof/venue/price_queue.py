"""The fast price queue: `tickproof.spec.price_queue` in place, one `Place` per resting order.

Decides nothing of its own. A place is changed, not copied. The latest candidate is two integers,
and so is a print that no level update covers yet; lists there are only of older candidates and
where prints are several. So news of a level costs a few integer operations per own order there,
and nothing elsewhere. The tests run every place beside the specification's, field for field.
"""

from __future__ import annotations

from tickproof.spec.price_queue import CANCEL_FIFTHS, UNKNOWN, FillModel
from tickproof.spec.price_queue import cancelled_ahead as specified

_PESSIMISTIC = int(FillModel.PESSIMISTIC)
_OPTIMISTIC = int(FillModel.OPTIMISTIC)
_UNKNOWN = int(UNKNOWN)
_FIFTHS = tuple(CANCEL_FIFTHS)
_BEFORE = tuple(sum(CANCEL_FIFTHS[:fifth]) for fifth in range(5))
"""Parts of a hundred that come from the fifths before each."""


def cancelled_ahead(cancelled: int, ahead: int, size: int) -> int:
    """As in the specification: the part of `cancelled` lots that stood in the first `ahead`."""
    if size <= 0:
        return 0
    if ahead >= size:
        return min(cancelled, ahead)
    # `ahead` covers whole fifths up to this one, and a part of it.
    fifth = 5 * ahead // size
    here = _FIFTHS[fifth]
    before = _BEFORE[fifth]
    try:
        weight = here * (5 * ahead - fifth * size) + before * size
        return min(cancelled * weight // (100 * size), ahead)
    except OverflowError:
        # What is too long for a C integer is none for Python's.
        return specified(cancelled, ahead, size)


class Place:
    """One order's place in the queue at its price; fields as in `QueueEstimate`.

    `bounded` 1: there are candidates, the latest of them `value` as of `stamp_ns`; `older`: those
    before it, as `stamp, value, stamp, value ...`, None where there was none. `print_count`: of
    prints that no level update covers, of `unshown` lots together, the last at `print_ns`;
    `prints`: all of them, as `stamp, lots ...`, None unless they are several. `mark`: the order's
    in the memory of its level, where there is one.
    """

    __slots__ = (
        "arrival_ns",
        "maximum_declared",
        "as_of_ns",
        "size",
        "bounded",
        "stamp_ns",
        "value",
        "older",
        "print_count",
        "print_ns",
        "unshown",
        "prints",
        "own_ahead",
        "ahead_min",
        "estimate",
        "estimate_before",
        "censored",
        "mark",
    )

    arrival_ns: int
    maximum_declared: int
    as_of_ns: int
    size: int
    bounded: int
    stamp_ns: int
    value: int
    older: list[int] | None
    print_count: int
    print_ns: int
    unshown: int
    prints: list[int] | None
    own_ahead: int
    ahead_min: int
    estimate: int
    estimate_before: int
    censored: int
    mark: int

    def __init__(
        self,
        arrival_ns: int,
        size: int,
        current: bool,
        own_ahead: int,
        maximum_declared: int,
        minimum_declared: int,
    ) -> None:
        self.join(arrival_ns, size, current, own_ahead, maximum_declared, minimum_declared)

    def join(
        self,
        arrival_ns: int,
        size: int,
        current: bool,
        own_ahead: int,
        maximum_declared: int,
        minimum_declared: int,
    ) -> None:
        """Join the back: row PQ.ABSENT.JOINED, with the feed containing no own lots."""
        bounded = maximum_declared == 1 and current and size >= 0
        self.arrival_ns = arrival_ns
        self.maximum_declared = maximum_declared
        self.as_of_ns = arrival_ns
        self.size = size
        self.bounded = 1 if bounded else 0
        self.stamp_ns = arrival_ns
        self.value = size
        self.older = None
        self.print_count = 0
        self.print_ns = 0
        self.unshown = 0
        self.prints = None
        self.own_ahead = own_ahead
        self.ahead_min = size if bounded and minimum_declared == 1 else 0
        self.estimate = size
        self.estimate_before = size
        self.censored = 0
        self.mark = 0

    # --- reading ---------------------------------------------------------------------------------

    def ahead_max(self) -> int:
        """The upper bound of what others have ahead, UNKNOWN while there is none."""
        return max(self.value, 0) if self.bounded else _UNKNOWN

    def ahead_at(self, model: int, stamp_ns: int) -> int:
        """Lots ahead just before a print at `stamp_ns` under a model, UNKNOWN when unbounded."""
        if model == _OPTIMISTIC:
            return self.ahead_min
        if model != _PESSIMISTIC:
            return self.estimate if stamp_ns > self.as_of_ns else self.estimate_before
        if not self.bounded:
            return _UNKNOWN
        if self.stamp_ns < stamp_ns:
            return max(self.value + self.own_ahead, 0)
        older = self.older
        if older is not None:
            for index in range(len(older) - 2, -1, -2):
                if older[index] < stamp_ns:
                    return max(older[index + 1] + self.own_ahead, 0)
        return _UNKNOWN

    def ahead_through(self, model: int) -> int:
        """Lots ahead just before a print at a worse price under a model."""
        if model != _PESSIMISTIC:
            return 0
        least = min(self.value, 0) if self.bounded else 0
        return max(least + self.own_ahead, 0)

    # --- news ------------------------------------------------------------------------------------

    def level_update(self, size: int, stamp_ns: int, said: int = UNKNOWN) -> None:
        """The level has `size` lots of others, as of `stamp_ns`; `said`: what a memory guesses."""
        as_of_ns = max(self.as_of_ns, stamp_ns)
        later = explained = 0
        if self.print_count:
            explained = self._settle_prints(as_of_ns)
            later = self.unshown
        old = self.size
        estimate = self.estimate
        if estimate == _UNKNOWN:
            self.estimate = self.estimate_before = max(size - later, 0)
        else:
            self.estimate_before = estimate
            if old < 0:
                self.estimate = min(estimate, max(size - later, 0))
            elif said < 0 and size < old - explained:
                before = old - explained
                ahead = min(estimate + later, before)
                gone = cancelled_ahead(before - size, ahead, before)
                self.estimate = estimate - min(gone, estimate)
        if 0 <= size < old:
            self.ahead_min = max(self.ahead_min - (old - size), 0)
        self.as_of_ns = as_of_ns
        self.size = size
        if said >= 0:
            first = self.bounded == 0 and self.maximum_declared == 1 and stamp_ns >= self.arrival_ns
            self._believe(min(said, max(size, 0) if first else self.estimate))
        if self.maximum_declared == 1 and stamp_ns >= self.arrival_ns:
            self._add_candidate(as_of_ns, size - later)
            self._keep_between()

    def print_at(self, lots: int, taken: int, stamp_ns: int, resting_side: int) -> None:
        """A lit print at this price; `taken` of it went to own orders at better prices."""
        if stamp_ns < self.arrival_ns:
            return
        self.ahead_min = max(self.ahead_min - lots, 0)
        if resting_side != 1 or stamp_ns == self.arrival_ns:
            return
        if self.estimate != _UNKNOWN:
            if stamp_ns > self.as_of_ns:
                self.estimate = self.estimate_before = max(self.estimate - lots, 0)
            else:
                self.estimate_before = max(self.estimate_before - lots, 0)
                self.estimate = min(self.estimate, self.estimate_before)
        if stamp_ns > self.as_of_ns:
            self._keep_print(stamp_ns, lots)
        if self.bounded:
            self._subtract(stamp_ns, lots)
            self._keep_between()
        self.own_ahead += taken

    def print_through(self, lots: int, taken: int, stamp_ns: int, resting_side: int) -> None:
        """A lit print at a worse price: nothing of others is ahead but who was displaced."""
        if stamp_ns < self.arrival_ns:
            return
        self.ahead_min = 0
        if resting_side != 1 or stamp_ns == self.arrival_ns:
            return
        self.estimate = self.estimate_before = 0
        if self.maximum_declared == 1:
            self.value = (min(self.value, 0) if self.bounded else 0) - lots
            self.stamp_ns = self.arrival_ns
            self.bounded = 1
            self.older = None
            self.own_ahead += taken
        else:
            self.own_ahead = max(self.own_ahead + taken - lots, 0)

    def lose_sight(self, gap: bool) -> None:
        """The level is out of the window shown, or messages were lost (`gap`)."""
        self.size = _UNKNOWN
        self.ahead_min = 0
        if gap:
            self.censored = 1

    def grown_in_place(self) -> None:
        """An order here grew and went to the back, as counts of orders tell."""
        self.ahead_min = 0

    def own_lots_left(self, lots: int) -> None:
        """Own lots ahead left without taking a print from this level."""
        self.own_ahead = max(self.own_ahead - lots, 0)

    # --- inside ----------------------------------------------------------------------------------

    def _keep_print(self, stamp_ns: int, lots: int) -> None:
        """A print that no level update covers yet."""
        if self.print_count == 1:
            self.prints = [self.print_ns, self.unshown, stamp_ns, lots]
        elif self.prints is not None:
            self.prints.append(stamp_ns)
            self.prints.append(lots)
        self.print_count += 1
        self.print_ns = stamp_ns
        self.unshown += lots

    def _settle_prints(self, as_of_ns: int) -> int:
        """Forget prints up to `as_of_ns`; gives the lots they were."""
        before = self.unshown
        prints = self.prints
        if prints is not None:
            self.prints = None
            self.print_count = self.unshown = 0
            for index in range(0, len(prints), 2):
                if prints[index] > as_of_ns:
                    self._keep_print(prints[index], prints[index + 1])
        elif self.print_ns <= as_of_ns:
            self.print_count = self.unshown = 0
        return before - self.unshown

    def _believe(self, said: int) -> None:
        self.estimate = max(said, self.ahead_min)
        self.estimate_before = max(self.estimate_before, self.estimate)

    def _add_candidate(self, as_of_ns: int, value: int) -> None:
        if self.bounded:
            if self.value <= value:
                return
            if self.stamp_ns != as_of_ns:
                if self.older is None:
                    self.older = []
                self.older.append(self.stamp_ns)
                self.older.append(self.value)
        self.bounded = 1
        self.stamp_ns = as_of_ns
        self.value = value

    def _subtract(self, stamp_ns: int, lots: int) -> None:
        """Subtract a print from the candidates strictly older than it; they become one."""
        if self.stamp_ns < stamp_ns:
            self.value -= lots
            self.older = None
            return
        older = self.older
        if older is None or older[0] >= stamp_ns:
            return
        newest_ns, newest = self.stamp_ns, self.value
        index = 2
        while index < len(older) and older[index] < stamp_ns:
            index += 2
        self.older = None
        self.stamp_ns = older[index - 2]
        self.value = older[index - 1] - lots
        while index < len(older):
            self._add_candidate(older[index], older[index + 1])
            index += 2
        self._add_candidate(newest_ns, newest)

    def _keep_between(self) -> None:
        most = max(self.value, 0)
        self.ahead_min = min(self.ahead_min, most)
        self.estimate = min(self.estimate, most)

    # --- the specification's form ----------------------------------------------------------------

    def candidates(self) -> tuple[tuple[int, int], ...]:
        """(stamp, upper bound) of every candidate, oldest first."""
        if not self.bounded:
            return ()
        return (*in_pairs(self.older), (self.stamp_ns, self.value))

    def uncovered(self) -> tuple[tuple[int, int], ...]:
        """(stamp, lots) of every print that no level update covers, in the order they came."""
        if self.print_count == 1:
            return ((self.print_ns, self.unshown),)
        return in_pairs(self.prints)


def in_pairs(numbers: list[int] | None) -> tuple[tuple[int, int], ...]:
    """Each two numbers as a tuple."""
    if numbers is None:
        return ()
    return tuple(zip(numbers[::2], numbers[1::2], strict=True))
