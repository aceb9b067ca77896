"""Models that guess a place, told the same of real orders, and their errors.

Ours are places of the simulated venue, with a memory of the level (`fitted`) or without
(`calibrated`). The others are the probability models in common use; see `queue_score`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from math import log1p
from pathlib import Path

from benchmarks.fidelity_bounds import CONFLATED_NS
from benchmarks.fidelity_queue import (
    BITSTAMP,
    ESH4,
    EXECUTED,
    GREW,
    JOINED,
    PRINTED,
    Change,
    Estimator,
    Follower,
    Level,
    Order,
    changes,
    ends,
)
from tickproof.runtime.readers.bitstamp import read_bitstamp
from tickproof.runtime.readers.databento import read_databento
from tickproof.venue.price_queue import Place
from tickproof.venue.queue_memory import SHIPPED, LevelMemory, Weights

OURS = ("fitted", "calibrated")
VIEWS = {"per_event": 0, "conflated": CONFLATED_NS}
WHENS = ("end", "half")
WHICH = ("all", "traded")
Key = tuple[str, str, str]
"""(model, when, which orders)."""


# --- models --------------------------------------------------------------------------------------


class Guess(Estimator):
    """An estimator that can be asked."""

    def ahead(self) -> float:
        """Lots guessed to be ahead."""
        raise NotImplementedError


class Zero(Guess):
    """Nothing is ever ahead."""

    def told(self, size: int, stamp_ns: int) -> None:
        """A size of the level."""

    def printed(self, lots: int, stamp_ns: int, through: bool, certain: bool) -> None:
        """A print."""

    def grew(self) -> None:
        """An order grew."""

    def ahead(self) -> float:
        """Lots guessed to be ahead."""
        return 0


Share = Callable[[float, float], float]
"""(lots ahead, lots behind) to the probability that a lot leaves from behind."""


def _part(part: float, whole: float) -> float:
    return part / whole if whole > 0 else 1.0


SHARES: dict[str, Share] = {
    "log_2": lambda x, y: _part(log1p(y), log1p(x + y)),
    "log": lambda x, y: _part(log1p(y), log1p(x) + log1p(y)),
    "uniform": lambda x, y: _part(y, x + y),
    "square": lambda x, y: _part(y * y, x * x + y * y),
    "cubic": lambda x, y: 1 - _part(x, x + y) ** 3 if x + y > 0 else 1.0,
    "back": lambda _, y: 1.0 if y > 0 else 0.0,
}
OTHERS = tuple(SHARES)


class Probable(Guess):
    """A probability model; prints take from the front at once, and explain later decreases."""

    __slots__ = ("_share", "_per_event", "_front", "_size", "_printed")

    def __init__(self, share: Share, size: int, per_event: bool) -> None:
        self._share = share
        self._per_event = per_event
        self._front = float(size)
        self._size = size
        self._printed = 0

    def ahead(self) -> float:
        """Lots guessed to be ahead."""
        return self._front

    def grew(self) -> None:
        """An order grew."""

    def printed(self, lots: int, stamp_ns: int, through: bool, certain: bool) -> None:
        """A print."""
        if certain and not through:
            self._printed += lots
            self._front = max(self._front - lots, 0.0)

    def told(self, size: int, stamp_ns: int) -> None:
        """A size of the level."""
        before = self._size
        if self._per_event:
            explained = min(self._printed, max(before - size, 0))
            self._printed -= explained
            before -= explained
        else:
            before = max(before - self._printed, 0)
            self._printed = 0
        gone, self._size = before - size, size
        if gone > 0:
            ahead, behind = self._front, before - self._front
            share = self._share(ahead, max(behind, 0.0))
            ahead += min(behind - share * gone, 0.0) - (1 - share) * gone
            self._front = max(ahead, 0.0)
        self._front = min(self._front, float(size))


class PlaceGuess(Guess):
    """A place of the simulated venue, with a memory of its level or without."""

    __slots__ = ("_place", "_memory", "_mark")

    def __init__(self, place: Place, memory: LevelMemory | None) -> None:
        self._place = place
        self._memory = memory
        self._mark = memory.mark() if memory is not None else 0

    def ahead(self) -> float:
        """Lots guessed to be ahead."""
        return max(self._place.estimate, 0)

    def grew(self) -> None:
        """An order grew."""
        self._place.grown_in_place()

    def printed(self, lots: int, stamp_ns: int, through: bool, certain: bool) -> None:
        """A print."""
        if self._memory is not None and certain and not through:
            self._memory.printed(lots, stamp_ns)
        if through:
            self._place.print_through(lots, 0, stamp_ns, int(certain))
        else:
            self._place.print_at(lots, 0, stamp_ns, int(certain))

    def told(self, size: int, stamp_ns: int) -> None:
        """A size of the level."""
        memory, place = self._memory, self._place
        if memory is None:
            place.level_update(size, stamp_ns)
            return
        memory.told(size, stamp_ns, int(not place.bounded))
        place.level_update(size, stamp_ns, memory.ahead_of(self._mark))


class Remembered(Estimator):
    """The memory of a level, told of it from the start."""

    def __init__(self, memory: LevelMemory) -> None:
        self.memory = memory
        self.memory.told(0, 0, 0)

    def grew(self) -> None:
        """An order grew."""

    def printed(self, lots: int, stamp_ns: int, through: bool, certain: bool) -> None:
        """A print."""
        if certain and not through:
            self.memory.printed(lots, stamp_ns)

    def told(self, size: int, stamp_ns: int) -> None:
        """A size of the level."""
        self.memory.told(size, stamp_ns, 0)


# --- following -----------------------------------------------------------------------------------


class Scored:
    """Follows the orders of a part of a recording by every model, and adds up their errors."""

    def __init__(
        self, per_event: bool, first: int, weights: Weights, models: Mapping[str, Share]
    ) -> None:
        self._per_event = per_event
        self._weights = weights
        self._models = models
        self._first = first
        self._halves: dict[int, list[float]] = {}
        self.count = dict.fromkeys(WHICH, 0)
        self.start = dict.fromkeys(WHICH, 0)
        self.errors: dict[Key, float] = {}
        self.names = (*OURS, *models, "zero")

    def level(self, level: Level) -> Estimator | None:
        """Every level is remembered."""
        return Remembered(LevelMemory(int(self._per_event), self._weights))

    def joined(self, level: Level, order: Order, current: bool) -> Sequence[Estimator]:
        """Orders of the part, behind at least one other."""
        if order.ahead == 0 or order.number < self._first:
            return ()
        if not isinstance(level.memory, Remembered):
            raise TypeError("a level without a memory")
        guesses: list[Guess] = []
        for memory in (level.memory.memory.copy(), None):
            place = Place(order.joined_ns, level.told, current, 0, 1, int(self._per_event))
            guesses.append(PlaceGuess(place, memory))
        others = (Probable(share, level.told, self._per_event) for share in self._models.values())
        return (*guesses, *others, Zero())

    def compare(self, order: Order) -> None:
        """Only at half life and at the end."""

    def half(self, order: Order) -> None:
        """Keep what every model says."""
        self._halves[order.number] = self._wrong(order)

    def ended(self, order: Order, kind: int) -> None:
        """Add the errors of the order, when it saw a cancel."""
        halves = self._halves.pop(order.number)
        if not order.cancels:
            return
        found = {"end": self._wrong(order), "half": halves}
        for which in WHICH if kind == EXECUTED else WHICH[:1]:
            self.count[which] += 1
            self.start[which] += order.start
            for when, errors in found.items():
                for name, error in zip(self.names, errors, strict=True):
                    key = (name, when, which)
                    self.errors[key] = self.errors.get(key, 0.0) + error

    def _wrong(self, order: Order) -> list[float]:
        guesses = [each for each in order.estimators if isinstance(each, Guess)]
        return [abs(each.ahead() - order.ahead) for each in guesses]


def score(
    recording: Sequence[Change],
    first: int,
    view: str,
    weights: Weights = SHIPPED,
    models: Mapping[str, Share] = SHARES,
) -> Scored:
    """The errors of every model over the orders numbered `first` and later, in one view."""
    scored = Scored(not VIEWS[view], first, weights, models)
    Follower(scored, VIEWS[view], ends(recording)).play(recording)
    return scored


def orders_before(recording: Sequence[Change], index: int) -> int:
    """How many orders joined, or joined again at the back, among the first changes."""
    return sum(change.kind in (JOINED, GREW) for change in recording[:index])


def opening(recording: Sequence[Change]) -> int:
    """The first print, where it is an auction's that opens the market; else the first change."""
    for index, change in enumerate(recording):
        if change.kind == PRINTED:
            return index if change.left else 0
    return 0


def half_of(recording: Sequence[Change]) -> tuple[int, int]:
    """(first, stop) of the first half after the open, in changes."""
    first = opening(recording)
    return first, (first + len(recording)) // 2


RECORDINGS = {"esh4": ESH4, "bitstamp": BITSTAMP}


def recording_of(folder: Path, name: str) -> list[Change]:
    """The changes of a recording."""
    path = [folder / RECORDINGS[name]]
    if name == "esh4":
        return list(changes(read_databento(path, multiplier=50)))
    return list(changes(read_bitstamp(path)))
