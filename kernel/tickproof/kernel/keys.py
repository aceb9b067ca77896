"""Sorted integers of which one more costs the same among a hundred thousand.

Decides nothing. They stand in blocks, the least and the greatest by themselves: prices of own
orders come and go at the best end, and far behind it there may be many.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right, insort
from collections.abc import Iterator

NO_GREATEST = -(1 << 62)
"""`Keys.high` of no keys."""

NO_LEAST = 1 << 62
"""`Keys.low` of no keys."""

_BLOCK = 512
"""Keys at which a block is cut in two; with fewer than that a ladder of keys is one list."""


class Keys:
    """Integers in ascending order, any of them several times.

    `low`, `high`: the least and the greatest, NO_LEAST and NO_GREATEST when there is none; those
    between them stand in `blocks`, lists that are never empty; `firsts`: the first key of each.
    """

    __slots__ = ("count", "low", "high", "blocks", "firsts")

    count: int
    low: int
    high: int
    blocks: list[list[int]]
    firsts: list[int]

    def __init__(self) -> None:
        self.count = 0
        self.low = NO_LEAST
        self.high = NO_GREATEST
        self.blocks = []
        self.firsts = []

    def add(self, key: int) -> None:
        """Add a key, once more where it is there."""
        self.count += 1
        if self.count > 2:
            self._put_between(max(min(key, self.high), self.low))
        self.low = min(self.low, key)
        self.high = max(self.high, key)

    def drop(self, key: int) -> None:
        """Take out a key that is there, once."""
        self.count -= 1
        if not self.blocks:
            if self.count == 0:
                self.low, self.high = NO_LEAST, NO_GREATEST
            elif key == self.low:
                self.low = self.high
            else:
                self.high = self.low
            return
        if key == self.low:
            self.low = key = self.firsts[0]
        elif key == self.high:
            self.high = key = self.blocks[-1][-1]
        self._cut(key)

    def above(self, bound: int) -> list[int]:
        """Keys above a bound, the greatest first."""
        found: list[int] = []
        if self.high > bound:
            found.append(self.high)
        for block in reversed(self.blocks):
            for key in reversed(block):
                if key <= bound:
                    return found
                found.append(key)
        if self.count >= 2 and self.low > bound:
            found.append(self.low)
        return found

    def __len__(self) -> int:
        return self.count

    def __iter__(self) -> Iterator[int]:
        return iter(self.above(NO_GREATEST)[::-1])

    def __reversed__(self) -> Iterator[int]:
        return iter(self.above(NO_GREATEST))

    def _put_between(self, key: int) -> None:
        if not self.blocks:
            self.blocks.append([key])
            self.firsts.append(key)
            return
        place = max(bisect_right(self.firsts, key) - 1, 0)
        block = self.blocks[place]
        insort(block, key)
        self.firsts[place] = block[0]
        if len(block) >= _BLOCK:
            rest = block[_BLOCK // 2 :]
            del block[_BLOCK // 2 :]
            self.blocks.insert(place + 1, rest)
            self.firsts.insert(place + 1, rest[0])

    def _cut(self, key: int) -> None:
        place = bisect_right(self.firsts, key) - 1
        block = self.blocks[place]
        del block[bisect_left(block, key)]
        if block:
            self.firsts[place] = block[0]
        else:
            del self.blocks[place]
            del self.firsts[place]
