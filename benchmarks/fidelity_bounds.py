"""Whether the bounds of a place hold for every real order of a recording [Q6].

Every order that joins after the recording's first snapshot is followed through a view of levels
and prints (`fidelity_queue`) by a `Place` of the simulated venue, declared as the view is. After
every message that touched its level the truth is compared: `below` counts orders whose truth was
once less than `ahead_min`, `above` those it was once more than `ahead_max`; both have to be 0.

By the prints it is told of, each place also says when its order would have filled first: with
`ahead_min` as early as can be, with `ahead_max` as late as can be. Real passive fills lie between:
`filled_too_early` counts orders that `ahead_max` had filled by the end of a message in which they
had not traded yet, `filled_too_late` those that traded when `ahead_min` still had lots ahead of
them, of `passive_fills`. `out_of_turn`: the same, but the recording itself has lots ahead of them
just then: those ahead were passed over and left at the same moment, as when self-matches are
prevented, which no queue by price and time does.

Reported with it, of orders that end inside the recording: how many never had an upper bound, and
how many a gap censored (no recording here has one). Of those behind at least one other when they
joined, at half of their life and at its end: how many have an `ahead_min` above 0, and the mean
width between the bounds, in hundredths of a lot.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence

from benchmarks.fidelity_queue import EXECUTED, Change, Estimator, Follower, Level, Order, ends
from tickproof.spec.price_queue import FillModel
from tickproof.venue.price_queue import Place

PESSIMISTIC = int(FillModel.PESSIMISTIC)
CONFLATED_NS = 100_000_000
"""The interval of the conflated view: 100 ms."""

Figures = dict[str, int]


class PlaceOf:
    """A place as an estimator. `corrected` 0: nobody says that an order grew.

    `surely`, `perhaps`: a print has reached past `ahead_max`, past `ahead_min`.
    """

    __slots__ = ("place", "corrected", "surely", "perhaps")

    def __init__(self, place: Place, corrected: bool) -> None:
        self.place = place
        self.corrected = corrected
        self.surely = False
        self.perhaps = False

    def told(self, size: int, stamp_ns: int) -> None:
        """The level, without the order."""
        self.place.level_update(size, stamp_ns)

    def printed(self, lots: int, stamp_ns: int, through: bool, certain: bool) -> None:
        """A print at the order's price, or through it."""
        place = self.place
        if stamp_ns >= place.arrival_ns:
            self.perhaps = self.perhaps or lots > (0 if through else place.ahead_min)
        if certain and stamp_ns > place.arrival_ns:
            most = (
                place.ahead_through(PESSIMISTIC)
                if through
                else place.ahead_at(PESSIMISTIC, stamp_ns)
            )
            self.surely = self.surely or lots > most >= 0
        if through:
            self.place.print_through(lots, 0, stamp_ns, int(certain))
        else:
            self.place.print_at(lots, 0, stamp_ns, int(certain))

    def grew(self) -> None:
        """An order grew in place."""
        if self.corrected:
            self.place.grown_in_place()


class _Width:
    """A mean: how many, and the sum."""

    def __init__(self) -> None:
        self.count = self.total = 0

    def add(self, place: Place) -> None:
        if place.bounded:
            self.count += 1
            self.total += place.ahead_max() - place.ahead_min

    def mean_e2(self) -> int:
        """Hundredths of a lot."""
        return 100 * self.total // self.count if self.count else 0


class Bounds:
    """Follows every order by a place, and counts what the bounds did.

    `corrected` False: an order that grows is not told, which is the rule that is not sound.
    """

    def __init__(self, per_event: bool, corrected: bool = True) -> None:
        self._per_event = per_event
        self._corrected = corrected
        self._below: dict[int, int] = {}
        self._above: dict[int, int] = {}
        self._early: dict[int, int] = {}
        self._found: Figures = defaultdict(int)
        self._widths = {name: _Width() for name in ("half", "end")}

    def level(self, level: Level) -> Estimator | None:
        """Levels are not followed."""
        return None

    def joined(self, level: Level, order: Order, current: bool) -> Sequence[Estimator]:
        """Every order is followed."""
        self._found["orders"] += 1
        place = Place(order.joined_ns, level.told, current, 0, 1, int(self._per_event))
        return (PlaceOf(place, self._corrected),)

    def compare(self, order: Order) -> None:
        """The truth with the bounds."""
        place = _place(order)
        if order.ahead < place.ahead_min:
            self._below[order.number] = 1
        if place.bounded and order.ahead > place.ahead_max():
            self._above[order.number] = 1
        if _estimator(order).surely:
            self._early[order.number] = 1

    def half(self, order: Order) -> None:
        """How wide, and whether `ahead_min` says anything."""
        self._look(order, "half")

    def ended(self, order: Order, kind: int) -> None:
        """The same at the end, and whether there was a bound at all."""
        self._found["ended"] += 1
        if kind == EXECUTED:
            self._found["passive_fills"] += 1
            late = not _estimator(order).perhaps and _place(order).ahead_min > 0
            self._found["out_of_turn"] += late and order.ahead > 0
            self._found["filled_too_late"] += late and order.ahead == 0
        self._look(order, "end")
        self._found["never_bounded"] += not _place(order).bounded
        self._found["censored"] += _place(order).censored

    def _look(self, order: Order, when: str) -> None:
        if order.start:
            self._found[f"behind_another_{when}"] += 1
            self._found[f"ahead_min_positive_{when}"] += _place(order).ahead_min > 0
            self._widths[when].add(_place(order))

    def figures(self) -> Figures:
        """What was counted."""
        widths = {f"width_{when}_e2": each.mean_e2() for when, each in self._widths.items()}
        return {
            **self._found,
            "filled_too_early": len(self._early),
            "below": len(self._below),
            "above": len(self._above),
            **widths,
        }


def _estimator(order: Order) -> PlaceOf:
    estimator = order.estimators[0]
    if not isinstance(estimator, PlaceOf):
        raise TypeError("an order followed by something else")
    return estimator


def _place(order: Order) -> Place:
    return _estimator(order).place


def bounds(recording: Iterable[Change], interval_ns: int, corrected: bool = True) -> Figures:
    """The figures of a recording in one view; see the module docstring."""
    changes = list(recording)
    watcher = Bounds(not interval_ns, corrected)
    Follower(watcher, interval_ns, ends(changes)).play(changes)
    return watcher.figures()
