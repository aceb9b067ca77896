"""What is found by an integer: a dict of objects whose keys are never boxed where it is compiled.

Decides nothing. An open table: a key stands in the first free place from where its bits send it,
and what stands behind one that leaves moves up, so that no place is ever dead. `Index` has those
methods of a dict that are used of it; an interpreter is better served by the dict.
"""

from __future__ import annotations

from array import array
from typing import Any

from tickproof.kernel import BUILD

NOBODY = -(1 << 63)
"""Stands where no key does, so it is none."""

FIRST_ROOM = 64
"""Places at first, a power of two; less than half of them are taken."""

_SCATTER = 2_654_435_769
_BITS = 2_147_483_647
_SHIFT = 31


class Index:
    """Integer -> object, as far as a dict does that with `get`, `setdefault`, `pop` and `len`.

    Keys are above `NOBODY`. An object that left may be held on to until another takes its place.
    """

    __slots__ = ("_keys", "_mask", "_spare", "_values")

    _keys: array[int]
    _mask: int
    _spare: int

    def __init__(self) -> None:
        self._keys = array("q", (NOBODY,)) * FIRST_ROOM
        self._values: list[Any] = [None] * FIRST_ROOM
        self._mask = FIRST_ROOM - 1
        self._spare = FIRST_ROOM >> 1

    def __len__(self) -> int:
        return len(self._values) // 2 - self._spare

    def _home(self, key: int) -> int:
        """Where a key is looked for first."""
        return (((key ^ (key >> _SHIFT)) & _BITS) * _SCATTER >> _SHIFT) & self._mask

    def _place(self, key: int) -> int:
        """Where a key stands, or would stand."""
        place = self._home(key)
        while self._keys[place] != key and self._keys[place] != NOBODY:
            place = (place + 1) & self._mask
        return place

    def get(self, key: int) -> Any:
        """The object of a key, or None."""
        place = self._place(key)
        return self._values[place] if self._keys[place] == key else None

    def setdefault(self, key: int, value: Any) -> Any:
        """The object of a key, which is `value` where it had none."""
        place = self._place(key)
        if self._keys[place] == key:
            return self._values[place]
        self._keys[place] = key
        self._values[place] = value
        self._spare -= 1
        if not self._spare:
            self._grow()
        return value

    def pop(self, key: int, otherwise: Any) -> Any:
        """The object of a key, which is forgotten; `otherwise` where there was none."""
        hole = self._place(key)
        if self._keys[hole] != key:
            return otherwise
        value = self._values[hole]
        self._spare += 1
        mask = self._mask
        place = (hole + 1) & mask
        while self._keys[place] != NOBODY:
            if (place - self._home(self._keys[place])) & mask >= (place - hole) & mask:
                self._keys[hole] = self._keys[place]
                self._values[hole] = self._values[place]
                hole = place
            place = (place + 1) & mask
        self._keys[hole] = NOBODY
        return value

    def _grow(self) -> None:
        """Twice the room."""
        known = [pair for pair in zip(self._keys, self._values, strict=True) if pair[0] != NOBODY]
        room = 2 * len(self._values)
        self._spare = room // 4
        self._keys = array("q", (NOBODY,)) * room
        self._values = [None] * room
        self._mask = room - 1
        for key, value in known:
            place = self._place(key)
            self._keys[place] = key
            self._values[place] = value


def new_index() -> Any:
    """An index, or the dict that serves an interpreter better."""
    return Index() if BUILD == "compiled" else {}
