"""Reading the canonical encoding of State back: the inverse of `digest.encode` [S1 to S4].

The encoding names no types, so the reader is told which one to build; field types say the rest.
What was written from an enumeration comes back as the integer it is, which is equal to it.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Any, TypeVar, get_args, get_origin, get_type_hints

from attrs import frozen, has

from tickproof.spec.digest import written_names

T = TypeVar("T")


class Undecodable(Exception):
    """Bytes that are not the canonical encoding of what was asked for."""


@frozen
class _Object:
    """Field values of a frozen type that is not known yet."""

    values: tuple[Any, ...]


def decode(data: bytes, wanted: type[T]) -> T:
    """The value of type `wanted` whose encoding is `data`; raises `Undecodable`."""
    try:
        tree, end = _read(data, 0)
        built = _built(tree, wanted)
    except (IndexError, ValueError, TypeError, KeyError) as problem:
        raise Undecodable(f"not an encoded {wanted.__name__}") from problem
    if end != len(data) or not isinstance(built, wanted):
        raise Undecodable(f"not an encoded {wanted.__name__}")
    return built


# --- values --------------------------------------------------------------------------------------


def _read(data: bytes, start: int) -> tuple[Any, int]:
    """The value that begins at `start`, and where the next one does."""
    tag = data[start : start + 1]
    if tag == b"i":
        end = data.index(b";", start)
        return int(data[start + 1 : end]), end + 1
    if tag in (b"n", b"T", b"F"):
        if data[start + 1 : start + 2] != b";":
            raise ValueError("a constant ends at once")
        return {b"n": None, b"T": True, b"F": False}[tag], start + 2
    head = data.index(b":", start)
    length = int(data[start + 1 : head])
    start = head + 1
    if tag in (b"s", b"b"):
        raw = data[start : start + length]
        if len(raw) != length:
            raise ValueError("cut short")
        return raw.decode("utf-8", "surrogatepass") if tag == b"s" else raw, start + length
    if tag == b"t":
        return _read_sequence(data, start, length)
    if tag == b"m":
        flat, end = _read_values(data, start, 2 * length)
        return dict(zip(flat[::2], flat[1::2], strict=True)), end
    if tag == b"o":
        values, end = _read_values(data, start, length)
        return _Object(values), end
    raise ValueError(f"no such tag: {tag!r}")


def _read_values(data: bytes, start: int, count: int) -> tuple[tuple[Any, ...], int]:
    found = []
    for _ in range(count):
        value, start = _read(data, start)
        found.append(value)
    return tuple(found), start


def _read_sequence(data: bytes, start: int, length: int) -> tuple[tuple[Any, ...], int]:
    """Integers alone stand between commas; anything else is marked by a dash and a tag."""
    is_mixed = data[start : start + 1] == b"-" and not data[start + 1 : start + 2].isdigit()
    if length == 0 or is_mixed:
        return _read_values(data, start + 1, length)
    end = data.index(b";", start)
    numbers = tuple(int(part) for part in data[start:end].split(b","))
    if len(numbers) != length:
        raise ValueError("another number of integers than announced")
    return numbers, end + 1


# --- types ---------------------------------------------------------------------------------------


@cache
def _field_types(frozen_type: Any) -> dict[str, Any]:
    return get_type_hints(frozen_type)


def _made(wanted: Any, values: tuple[Any, ...]) -> Any:
    """An object of its written fields; those that may be left out come last, after their names."""
    names, optional = written_names(wanted)
    types = _field_types(wanted)
    count = len(names)
    named = {**dict(zip(names, values, strict=False)), **dict(_pairs(values[count:]))}
    allowed = [name for name, _ in optional if name in named]
    if len(values) != count + 2 * len(allowed) or [*names, *allowed] != [*named]:
        raise ValueError("other fields than the type has")
    return wanted(**{name: _built(value, types[name]) for name, value in named.items()})


def _pairs(values: tuple[Any, ...]) -> tuple[tuple[str, Any], ...]:
    return tuple(zip(values[::2], values[1::2], strict=True))


def _built(tree: Any, hint: Any) -> Any:
    """`tree` with the objects in it made of the types that `hint` names."""
    if isinstance(tree, _Object):
        return _made(_class_in(hint), tree.values)
    if isinstance(tree, Mapping):
        value_type = (*get_args(hint), Any, Any)[1]
        return {key: _built(value, value_type) for key, value in tree.items()}
    if isinstance(tree, tuple):
        parts = get_args(hint) if get_origin(hint) is tuple else ()
        if len(parts) == 2 and parts[1] is Ellipsis:
            return tuple(_built(value, parts[0]) for value in tree)
        if len(parts) == len(tree):
            return tuple(_built(v, part) for v, part in zip(tree, parts, strict=True))
        return tuple(_built(value, Any) for value in tree)
    return tree


def _class_in(hint: Any) -> Any:
    """The frozen type a hint names, alone or as an alternative to None."""
    for candidate in (hint, *get_args(hint)):
        if has(candidate):
            return candidate
    raise TypeError(f"no frozen type in {hint}")
