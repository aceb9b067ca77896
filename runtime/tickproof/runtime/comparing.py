"""Where two runs part: the first row, record or digest that is not the same.

What it decides: what "first" means. Everything that has a position is compared by it; at one
position a Request is named before a fill, a fill before another record, and a checkpoint, which
stands for everything before it, last. What has no position (final digests, orders, equity,
counts) comes after that, because it can only differ when something before it did, or when
somebody changed it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from itertools import zip_longest
from typing import Any

from attrs import frozen

from tickproof.runtime.recording import Output
from tickproof.spec.outputs import RecordKind, record_fields

END = 1 << 62
"""The position of what has none."""

RANKS = {"Request": 0, "fill": 1, "record": 2, "checkpoint": 3}
"""Order of what differs at one position; everything else comes after, as found."""


@frozen
class Difference:
    """What differs first: `what` at `position` (END for none), as expected and as found."""

    position: int
    what: str
    expected: str
    got: str

    def __str__(self) -> str:
        place = "" if self.position == END else f"position {self.position}: "
        return f"{place}{self.what}: expected {self.expected}, got {self.got}"

    def table(self) -> dict[str, Any]:
        """The same as plain values; `position` None where there is none."""
        position = None if self.position == END else self.position
        return {
            "position": position,
            "what": self.what,
            "expected": self.expected,
            "got": self.got,
        }


def first_of(differences: Iterable[Difference | None]) -> Difference | None:
    """The one that comes first."""
    found = [each for each in differences if each is not None]
    return min(found, key=lambda each: (each.position, RANKS.get(each.what, 4)), default=None)


def first_row(
    what: str,
    columns: Sequence[str],
    expected: Iterable[tuple[Any, ...]],
    got: Iterable[tuple[Any, ...]],
) -> Difference | None:
    """The first row that differs; its first column is a position where that is its name."""
    for number, (one, other) in enumerate(zip_longest(expected, got)):
        if one == other:
            continue
        if columns[0] == "position":
            position = min(row[0] for row in (one, other) if row is not None)
            return Difference(position, what, *_told(columns, one, other))
        return Difference(END, f"{what} {number}", *_told(columns, one, other))
    return None


def _told(
    columns: Sequence[str], one: tuple[Any, ...] | None, other: tuple[Any, ...] | None
) -> tuple[str, str]:
    """Two rows in words: the fields that differ, or a whole row against none."""
    if one is None or other is None:
        return _words(columns, one), _words(columns, other)
    differ = [
        (name, first, second)
        for name, first, second in zip(columns, one, other, strict=True)
        if first != second
    ]
    names = [name for name, _, _ in differ]
    return (
        _words(names, tuple(first for _, first, _ in differ)),
        _words(names, tuple(second for _, _, second in differ)),
    )


def _words(columns: Sequence[str], row: tuple[Any, ...] | None) -> str:
    if row is None:
        return "none"
    return " ".join(f"{name}={value}" for name, value in zip(columns, row, strict=True))


def first_record(expected: Iterable[Output], got: Iterable[Output]) -> Difference | None:
    """The first decision record that differs."""
    for one, other in zip_longest(expected, got):
        if one != other:
            position = min(record[0] for record in (one, other) if record is not None)
            return Difference(position, "record", _record(one), _record(other))
    return None


def _record(record: Output | None) -> str:
    """A record in words."""
    if record is None:
        return "none"
    position, index, kind, fields = record
    names = record_fields(kind, len(fields))
    if not names:
        return f"record {index} at {position} of kind {kind}: {fields}"
    named = RecordKind(kind).name
    return f"{named}({_words(names, fields)}) as record {index} at {position}"


def first_value(expected: Any, got: Any, path: str = "") -> Difference | None:
    """The first entry of nested tables and lists that differs, by its dotted path."""
    if isinstance(expected, Mapping) and isinstance(got, Mapping):
        for key in [*expected, *(key for key in got if key not in expected)]:
            name = f"{path}.{key}" if path else str(key)
            if key not in expected:
                return Difference(END, name, "none", _shown(got[key]))
            if key not in got:
                return Difference(END, name, _shown(expected[key]), "none")
            found = first_value(expected[key], got[key], name)
            if found is not None:
                return found
        return None
    if isinstance(expected, (list, tuple)) and isinstance(got, (list, tuple)):
        for index, (one, other) in enumerate(zip(expected, got, strict=False)):
            found = first_value(one, other, f"{path}[{index}]")
            if found is not None:
                return found
        if len(expected) != len(got):
            return Difference(END, path, f"{len(expected)} entries", f"{len(got)}")
        return None
    if expected != got:
        return Difference(END, path, _shown(expected), _shown(got))
    return None


def _shown(value: Any) -> str:
    """A value as a manifest would have it: a code is its number."""
    return str(int(value)) if isinstance(value, int) else repr(value)
