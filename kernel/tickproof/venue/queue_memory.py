"""The fast memory of a level: `tickproof.spec.queue_memory` in place.

Decides nothing of its own. Entries are three parallel lists, oldest first, and the table of weights
is flat, so an update costs a few integer operations and a decrease without a print one look at
each entry. The tests run every memory beside the specification's, field for field.
"""

from __future__ import annotations

from collections.abc import Sequence

from tickproof.spec.queue_fit import AHEAD_EIGHTHS, BEFORE, PART, RANKS, WHOLE
from tickproof.spec.queue_memory import (
    AGE_MAX,
    AGE_UNIT_BITS,
    ENTRIES_MAX,
    ORDERS_MAX,
    RANK_MAX,
    UNKNOWN,
)


class Weights:
    """A fitted table, flat: rows by age, columns by rank."""

    __slots__ = ("whole", "part", "before", "ahead_eighths")

    whole: list[int]
    part: list[int]
    before: list[int]
    ahead_eighths: int

    def __init__(
        self,
        whole: Sequence[Sequence[int]],
        part: Sequence[Sequence[int]],
        before: Sequence[int],
        ahead_eighths: int,
    ) -> None:
        self.whole = [number for row in whole for number in row]
        self.part = [number for row in part for number in row]
        self.before = list(before)
        self.ahead_eighths = ahead_eighths


SHIPPED = Weights(WHOLE, PART, BEFORE, AHEAD_EIGHTHS)
"""The table of the package."""


class LevelMemory:
    """What is remembered of one level; fields as in the specification's."""

    __slots__ = (
        "per_event",
        "weights",
        "numbers",
        "sizes",
        "stamps",
        "next_number",
        "size",
        "as_of_ns",
        "print_stamps",
        "print_lots",
        "settling",
    )

    per_event: int
    weights: Weights
    numbers: list[int]
    sizes: list[int]
    stamps: list[int]
    next_number: int
    size: int
    as_of_ns: int
    print_stamps: list[int]
    print_lots: list[int]
    settling: int

    def __init__(self, per_event: int, weights: Weights = SHIPPED) -> None:
        self.per_event = per_event
        self.weights = weights
        self.numbers = []
        self.sizes = []
        self.stamps = []
        self.next_number = 1
        self.size = UNKNOWN
        self.as_of_ns = 0
        self.print_stamps = []
        self.print_lots = []
        self.settling = 0

    def copy(self) -> LevelMemory:
        """The same memory, to go its own way."""
        other = LevelMemory(self.per_event, self.weights)
        other.numbers = list(self.numbers)
        other.sizes = list(self.sizes)
        other.stamps = list(self.stamps)
        other.next_number = self.next_number
        other.size = self.size
        other.as_of_ns = self.as_of_ns
        other.print_stamps = list(self.print_stamps)
        other.print_lots = list(self.print_lots)
        other.settling = self.settling
        return other

    # --- reading ---------------------------------------------------------------------------------

    def mark(self) -> int:
        """The mark of who joins now."""
        return self.next_number + 1

    def ahead_of(self, mark: int) -> int:
        """Lots thought to be ahead of an order with a mark, UNKNOWN while the level is."""
        if self.size < 0:
            return UNKNOWN
        ahead = -self.settling
        for lots in self.print_lots:
            ahead -= lots
        for index in range(len(self.numbers)):
            if self.numbers[index] >= mark:
                break
            ahead += self.sizes[index]
        return max(ahead, 0)

    # --- news ------------------------------------------------------------------------------------

    def printed(self, lots: int, stamp_ns: int) -> None:
        """A print at the price."""
        if stamp_ns > self.as_of_ns:
            self.print_stamps.append(stamp_ns)
            self.print_lots.append(lots)
        elif stamp_ns == self.as_of_ns and self.per_event == 1:
            self.settling += lots

    def lose_sight(self) -> None:
        """Messages were lost, or the level is not shown any more."""
        self.size = UNKNOWN
        self._forget()
        self.print_stamps.clear()
        self.print_lots.clear()
        self.settling = 0

    def told(self, size: int, stamp_ns: int, joining: int) -> None:
        """The level has `size` lots as of `stamp_ns`; `joining` 1: an order arrived unseen."""
        explained = 0
        if stamp_ns > self.as_of_ns:
            self.as_of_ns = stamp_ns
        else:
            explained = self.settling
        if self.print_stamps:
            explained += self._shown_prints()
        old = self.size
        self.size = size
        self.settling = 0
        if old < 0:
            self._forget()
            if size > 0:
                self._append(0, size, UNKNOWN)
            return
        if self.per_event == 1:
            executed = min(explained, max(old - size, 0))
            self.settling = explained - executed
        else:
            executed = min(explained, old)
        if executed:
            self._consume(executed)
        change = size - old + executed
        if change > 0:
            self._join(change, joining)
        elif change < 0:
            self._leave(-change)

    # --- inside ----------------------------------------------------------------------------------

    def _forget(self) -> None:
        self.numbers.clear()
        self.sizes.clear()
        self.stamps.clear()

    def _append(self, number: int, size: int, stamp_ns: int) -> None:
        self.numbers.append(number)
        self.sizes.append(size)
        self.stamps.append(stamp_ns)

    def _shown_prints(self) -> int:
        """Lots printed up to `as_of_ns`, which are forgotten."""
        explained = 0
        kept_stamps: list[int] = []
        kept_lots: list[int] = []
        for index in range(len(self.print_stamps)):
            if self.print_stamps[index] > self.as_of_ns:
                kept_stamps.append(self.print_stamps[index])
                kept_lots.append(self.print_lots[index])
            else:
                explained += self.print_lots[index]
        self.print_stamps = kept_stamps
        self.print_lots = kept_lots
        return explained

    def _consume(self, lots: int) -> None:
        # Never more than there are: what was printed beyond the level is not taken from it.
        gone = 0
        while lots:
            part = min(self.sizes[gone], lots)
            lots -= part
            self.sizes[gone] -= part
            if not self.sizes[gone]:
                gone += 1
        if gone:
            del self.numbers[:gone], self.sizes[:gone], self.stamps[:gone]

    def _join(self, lots: int, joining: int) -> None:
        first = lots * self.weights.ahead_eighths // 8 if joining == 1 else 0
        if first:
            self._append(self.next_number, first, self.as_of_ns)
        if lots > first:
            self._append(self.next_number + 1, lots - first, self.as_of_ns)
        self.next_number += 2
        while len(self.sizes) > ENTRIES_MAX:
            self.sizes[0] += self.sizes.pop(1)
            self.stamps[0] = UNKNOWN
            del self.numbers[1], self.stamps[1]

    def _leave(self, lots: int) -> None:
        """From the likeliest entry, the later of equals; from the back where none has so much."""
        sizes, stamps, now_ns = self.sizes, self.stamps, self.as_of_ns
        whole, part_of, before = self.weights.whole, self.weights.part, self.weights.before
        best, found = 0, -1
        behind = len(sizes)
        for index in range(len(sizes)):
            behind -= 1
            size = sizes[index]
            if size < lots:
                continue
            rank = min(behind.bit_length(), RANK_MAX)
            if stamps[index] < 0:
                likely = before[rank] * min(size // lots, ORDERS_MAX)
            else:
                age = min((max(now_ns - stamps[index], 0) >> AGE_UNIT_BITS).bit_length(), AGE_MAX)
                likely = (whole if size == lots else part_of)[age * RANKS + rank]
            if likely >= best and likely > 0:
                best, found = likely, index
        if found < 0:
            found = len(sizes) - 1
        while lots:
            part = min(sizes[found], lots)
            lots -= part
            sizes[found] -= part
            if not sizes[found]:
                del self.numbers[found], sizes[found], stamps[found]
            found -= 1


class Memories:
    """The memories of all levels of one market, by side and price."""

    __slots__ = ("per_event", "bids", "asks")

    per_event: int
    bids: dict[int, LevelMemory]
    asks: dict[int, LevelMemory]

    def __init__(self, per_event: int) -> None:
        self.per_event = per_event
        self.bids = {}
        self.asks = {}

    def told(self, side: int, price: int, size: int, stamp_ns: int, joining: int) -> None:
        """A level has `size` lots, UNKNOWN when it is not shown."""
        levels = self.bids if side > 0 else self.asks
        memory = levels.get(price)
        if memory is None:
            if size <= 0:
                return
            memory = levels[price] = LevelMemory(self.per_event)
            memory.told(0, 0, 0)
        if size < 0:
            memory.lose_sight()
        else:
            memory.told(size, stamp_ns, joining)

    def begin(self, side: int, price: int, size: int, stamp_ns: int) -> None:
        """A snapshot shows a level: of what is new in it, nobody knows who joined when."""
        levels = self.bids if side > 0 else self.asks
        if price not in levels:
            levels[price] = LevelMemory(self.per_event)
        levels[price].told(size, stamp_ns, 0)

    def printed(self, side: int, price: int, lots: int, stamp_ns: int) -> None:
        """A print at a price consumed a side."""
        memory = (self.bids if side > 0 else self.asks).get(price)
        if memory is not None:
            memory.printed(lots, stamp_ns)

    def mark(self, side: int, price: int, size: int) -> int:
        """The mark of an order that joins a level of `size` lots now."""
        levels = self.bids if side > 0 else self.asks
        if price not in levels:
            levels[price] = LevelMemory(self.per_event)
            if size >= 0:
                levels[price].told(size, 0, 0)
        return levels[price].mark()

    def said(self, side: int, price: int, mark: int) -> int:
        """Lots thought to be ahead of an order with a mark, UNKNOWN where nothing is known."""
        memory = (self.bids if side > 0 else self.asks).get(price)
        return UNKNOWN if memory is None else memory.ahead_of(mark)

    def forget(self, side: int, price: int) -> None:
        """The level is empty and no own order waits there."""
        levels = self.bids if side > 0 else self.asks
        if price in levels and levels[price].size == 0:
            del levels[price]

    def lose_sight(self) -> None:
        """Messages were lost."""
        for memory in self.bids.values():
            memory.lose_sight()
        for memory in self.asks.values():
            memory.lose_sight()
