"""Rows of eight integers one after another: where the compiled matching venue puts its reports.

Decides nothing. To an interpreter a list of tuples is the cheapest place for reports; compiled,
making a tuple and its integers costs more than the matching. `Rows` takes a row as integers and
lets it be read as a tuple of the list that it stands for, or all of them as the integers they are.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterator, Sequence
from itertools import chain
from typing import Any, overload

from tickproof.kernel import BUILD

WIDTH = 8
FIRST_ROOM = 256

Row = tuple[int, ...]


class Messages:
    """A batch of messages: a column for each field of `spec.matching.Message`, in that order.

    Columns are arrays of int64, or other buffers of them.
    """

    __slots__ = (
        "account",
        "count",
        "display",
        "kind",
        "order",
        "order_kind",
        "prevention",
        "price",
        "quantity",
        "side",
        "stop",
    )

    def __init__(self, columns: Sequence[Sequence[int]]) -> None:
        self.count = len(columns[0])
        (
            self.kind,
            self.order,
            self.account,
            self.order_kind,
            self.side,
            self.price,
            self.quantity,
            self.display,
            self.stop,
            self.prevention,
        ) = columns

    def __len__(self) -> int:
        return self.count


class Rows:
    """What a list of tuples of eight integers is, as far as reports are written and read."""

    __slots__ = ("_count", "_room", "_rows")

    _rows: memoryview
    _room: int
    _count: int

    def __init__(self) -> None:
        self._room = FIRST_ROOM
        self._rows = _grid(array("q", bytes(8 * WIDTH * FIRST_ROOM)), FIRST_ROOM)
        self._count = 0

    def append(self, row: Row) -> None:
        """One more row."""
        index = self._count
        if index == self._room:
            self._grow()
        self._count = index + 1
        self._rows[index, 0] = row[0]
        self._rows[index, 1] = row[1]
        self._rows[index, 2] = row[2]
        self._rows[index, 3] = row[3]
        self._rows[index, 4] = row[4]
        self._rows[index, 5] = row[5]
        self._rows[index, 6] = row[6]
        self._rows[index, 7] = row[7]

    def _grow(self) -> None:
        """Twice the room; the rows stay."""
        words = self.words()
        self._room *= 2
        self._rows = _grid(words * 2, self._room)

    def clear(self) -> None:
        """No rows."""
        self._count = 0

    def words(self) -> array[int]:
        """The integers of all rows, as they lie."""
        return array("q", bytes(self._rows)[: 8 * WIDTH * self._count])

    def __len__(self) -> int:
        return self._count

    @overload
    def __getitem__(self, chosen: int) -> Row: ...
    @overload
    def __getitem__(self, chosen: slice) -> list[Row]: ...
    def __getitem__(self, chosen: int | slice) -> Row | list[Row]:
        return list(self)[chosen]

    def __iter__(self) -> Iterator[Row]:
        words = self.words()
        return zip(*(words[at::WIDTH] for at in range(WIDTH)), strict=True)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, list | Rows) and list(self) == list(other)

    __hash__ = None  # type: ignore[assignment]


def _grid(words: array[int], rows: int) -> memoryview:
    """Integers as rows."""
    return memoryview(words).cast("B").cast("q", (rows, WIDTH))


def new_rows() -> Any:
    """Rows, or the list of tuples that costs an interpreter less."""
    return Rows() if BUILD == "compiled" else []


def words_of(rows: Rows | list[Row]) -> array[int]:
    """The integers of all rows, one row after another."""
    return rows.words() if isinstance(rows, Rows) else array("q", chain.from_iterable(rows))
