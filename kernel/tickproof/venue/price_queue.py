"""The fast price queue: `tickproof.spec.price_queue` in place, one `Place` per resting order.

Decides nothing of its own. A place is changed, not copied; candidates are two parallel lists that
hold one entry almost always, and prints are kept only until a level update covers them, so news
of a level costs a few integer operations per own order there, and nothing elsewhere. The tests
run every place beside the specification's, field for field.
"""

from __future__ import annotations

from tickproof.spec.price_queue import CANCEL_FIFTHS, UNKNOWN, FillModel

_PESSIMISTIC = int(FillModel.PESSIMISTIC)
_OPTIMISTIC = int(FillModel.OPTIMISTIC)
_UNKNOWN = int(UNKNOWN)
_FIFTHS = tuple(CANCEL_FIFTHS)


def cancelled_ahead(cancelled: int, ahead: int, size: int) -> int:
    """As in the specification: the part of `cancelled` lots that stood in the first `ahead`."""
    if size <= 0:
        return 0
    if ahead >= size:
        return min(cancelled, ahead)
    # `ahead` covers whole fifths up to this one, and a part of it.
    fifth = 5 * ahead // size
    weight = _FIFTHS[fifth] * (5 * ahead - fifth * size)
    while fifth > 0:
        fifth -= 1
        weight += _FIFTHS[fifth] * size
    return min(cancelled * weight // (100 * size), ahead)


class Place:
    """One order's place in the queue at its price; fields as in `QueueEstimate`.

    `stamps` and `values` are the candidates, `print_stamps` and `print_lots` the prints. `mark`:
    the order's in the memory of its level, where there is one.
    """

    __slots__ = (
        "arrival_ns",
        "maximum_declared",
        "as_of_ns",
        "size",
        "stamps",
        "values",
        "print_stamps",
        "print_lots",
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
    stamps: list[int]
    values: list[int]
    print_stamps: list[int]
    print_lots: list[int]
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
        self.stamps = [arrival_ns] if bounded else []
        self.values = [size] if bounded else []
        self.print_stamps = []
        self.print_lots = []
        self.own_ahead = own_ahead
        self.ahead_min = size if bounded and minimum_declared == 1 else 0
        self.estimate = size
        self.estimate_before = size
        self.censored = 0
        self.mark = 0

    # --- reading ---------------------------------------------------------------------------------

    def ahead_max(self) -> int:
        """The upper bound of what others have ahead, UNKNOWN while there is none."""
        return max(self.values[-1], 0) if self.values else _UNKNOWN

    def ahead_at(self, model: int, stamp_ns: int) -> int:
        """Lots ahead just before a print at `stamp_ns` under a model, UNKNOWN when unbounded."""
        if model == _OPTIMISTIC:
            return self.ahead_min
        if model != _PESSIMISTIC:
            return self.estimate if stamp_ns > self.as_of_ns else self.estimate_before
        index = len(self.stamps) - 1
        while index >= 0 and self.stamps[index] >= stamp_ns:
            index -= 1
        return max(self.values[index] + self.own_ahead, 0) if index >= 0 else _UNKNOWN

    def ahead_through(self, model: int) -> int:
        """Lots ahead just before a print at a worse price under a model."""
        if model != _PESSIMISTIC:
            return 0
        least = min(self.values[-1], 0) if self.values else 0
        return max(least + self.own_ahead, 0)

    # --- news ------------------------------------------------------------------------------------

    def level_update(self, size: int, stamp_ns: int, said: int = UNKNOWN) -> None:
        """The level has `size` lots of others, as of `stamp_ns`; `said`: what a memory guesses."""
        as_of_ns = max(self.as_of_ns, stamp_ns)
        later = explained = 0
        if self.print_stamps:
            later, explained = self._settle_prints(as_of_ns)
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
            first = not self.values and self.maximum_declared == 1 and stamp_ns >= self.arrival_ns
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
        if self.estimate != UNKNOWN:
            if stamp_ns > self.as_of_ns:
                self.estimate = self.estimate_before = max(self.estimate - lots, 0)
            else:
                self.estimate_before = max(self.estimate_before - lots, 0)
                self.estimate = min(self.estimate, self.estimate_before)
        if stamp_ns > self.as_of_ns:
            self.print_stamps.append(stamp_ns)
            self.print_lots.append(lots)
        if self.stamps:
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
            least = min(self.values[-1], 0) if self.values else 0
            self.stamps = [self.arrival_ns]
            self.values = [least - lots]
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

    def _settle_prints(self, as_of_ns: int) -> tuple[int, int]:
        """(lots printed after `as_of_ns`, lots printed up to it); the latter are forgotten."""
        later = explained = 0
        kept_stamps: list[int] = []
        kept_lots: list[int] = []
        for index in range(len(self.print_stamps)):
            lots = self.print_lots[index]
            if self.print_stamps[index] > as_of_ns:
                later += lots
                kept_stamps.append(self.print_stamps[index])
                kept_lots.append(lots)
            else:
                explained += lots
        self.print_stamps = kept_stamps
        self.print_lots = kept_lots
        return later, explained

    def _believe(self, said: int) -> None:
        self.estimate = max(said, self.ahead_min)
        self.estimate_before = max(self.estimate_before, self.estimate)

    def _add_candidate(self, as_of_ns: int, value: int) -> None:
        if self.values:
            last = self.values[-1]
            if last <= value:
                return
            last = self.stamps[-1]
            if last == as_of_ns:
                self.values[-1] = value
                return
        self.stamps.append(as_of_ns)
        self.values.append(value)

    def _subtract(self, stamp_ns: int, lots: int) -> None:
        """Subtract a print from the candidates strictly older than it; they become one."""
        if len(self.stamps) == 1:
            if self.stamps[0] < stamp_ns:
                self.values[0] -= lots
            return
        stamps, values = self.stamps, self.values
        self.stamps, self.values = [], []
        for index in range(len(stamps)):
            if stamps[index] < stamp_ns:
                self.stamps = [stamps[index]]
                self.values = [values[index] - lots]
            else:
                self._add_candidate(stamps[index], values[index])

    def _keep_between(self) -> None:
        most = max(self.values[-1], 0)
        self.ahead_min = min(self.ahead_min, most)
        self.estimate = min(self.estimate, most)
