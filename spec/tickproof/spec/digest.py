"""The two digests [D7]: `chain` over what happened and was decided, `state` over what is.

Chain: segments of 4,096 positions. When a segment is full, head' = sha256(head, columns, records).
The chain at position n is the same over the open segment, which is kept until it closes. Columns
are little-endian int64, one after the other: kind, event time, capture time, source, sequence,
epoch, payload length, then the payloads end to end; then the decision records, each as (position
in the segment, length, integers). A record with an integer beyond int64 (money is unbounded) has
its length negated and each integer as its sign, its number of 62-bit limbs and these, least first.
The first head names this format.

State: sha256 of a canonical encoding of all State. Every value is written with a type tag and a
length, mappings in key order, frozen types as their fields: two States have one encoding only if
they are equal. A field marked LEFT_OUT is written only where it is not its default, and then with
its name, after the others: what says nothing new has the digest it always had.

Never in a digest: wall stamps, file names, line numbers, dataset hashes, code identities.
"""

from __future__ import annotations

import hashlib
from array import array
from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from typing import Any

from attrs import evolve, fields, frozen, has

from tickproof.spec.configuration import Configuration
from tickproof.spec.events import INT64_MAX, Event, payload
from tickproof.spec.left_out import LEFT_OUT

SEGMENT_LENGTH = 4096
CHAIN_FORMAT = b"tickproof chain 1"
STATE_FORMAT = b"tickproof state 1"

# --- chain ---------------------------------------------------------------------------------------


def genesis(configuration: Configuration) -> bytes:
    """The head before the first segment: the format and the Configuration, code identity apart."""
    return hashlib.sha256(CHAIN_FORMAT + configuration_digest(configuration)).digest()


def configuration_digest(configuration: Configuration) -> bytes:
    """sha256 of the Configuration without the identity of strategy code.

    Code identity is not behaviour: code that changed and decides alike must give equal chains;
    what decides otherwise is found by the records.
    """
    strategies = tuple(evolve(s, code_identity="") for s in configuration.strategies)
    return hashlib.sha256(encode(evolve(configuration, strategies=strategies))).digest()


def little_endian(values: Iterable[int]) -> bytes:
    """Integers as little-endian int64."""
    return b"".join(value.to_bytes(8, "little", signed=True) for value in values)


LIMB = 2**62
"""Integers beyond int64 are written in base LIMB."""


def record_words(record: tuple[int, ...]) -> tuple[int, ...]:
    """A record's length and integers, all within int64; see the module's text."""
    if all(-INT64_MAX <= number <= INT64_MAX for number in record):
        return (len(record), *record)
    words = [-len(record)]
    for number in record:
        limbs = []
        rest = abs(number)
        while rest:
            limbs.append(rest % LIMB)
            rest //= LIMB
        words += [1 if number >= 0 else -1, len(limbs), *limbs]
    return tuple(words)


@frozen
class Chain:
    """Head, and the open segment: its events and its records as (segment position, record)."""

    head: bytes
    events: tuple[Event, ...] = ()
    records: tuple[tuple[int, tuple[int, ...]], ...] = ()


def extended(chain: Chain, event: Event, records: Iterable[tuple[int, ...]]) -> Chain:
    """The chain after one more position."""
    index = len(chain.events)
    numbered = tuple((index, record) for record in records)
    grown = Chain(chain.head, (*chain.events, event), (*chain.records, *numbered))
    if len(grown.events) < SEGMENT_LENGTH:
        return grown
    return Chain(value(grown))


def value(chain: Chain) -> bytes:
    """The chain digest at the last position."""
    if not chain.events:
        return chain.head
    payloads = [payload(event.body) for event in chain.events]
    columns: tuple[Iterable[int], ...] = (
        (event.kind for event in chain.events),
        (event.event_time_ns for event in chain.events),
        (event.capture_time_ns for event in chain.events),
        (event.source for event in chain.events),
        (event.sequence for event in chain.events),
        (event.epoch for event in chain.events),
        (len(values) for values in payloads),
        (number for values in payloads for number in values),
        (number for index, record in chain.records for number in (index, *record_words(record))),
    )
    parts = [little_endian(column) for column in columns]
    return hashlib.sha256(chain.head + b"".join(parts)).digest()


# --- state ---------------------------------------------------------------------------------------


def encode(item: Any) -> bytes:
    """The canonical encoding of a value; raises TypeError for a type State may not hold."""
    out: list[bytes] = []
    _encode(item, out)
    return b"".join(out)


@cache
def field_names(frozen_type: Any) -> tuple[str, ...]:
    """Names of an attrs type's fields, in order."""
    return tuple(attribute.name for attribute in fields(frozen_type))


@cache
def written_names(frozen_type: Any) -> tuple[tuple[str, ...], tuple[tuple[str, Any], ...]]:
    """Names of the fields that are always written, and (name, default) of those that may not be."""
    known = fields(frozen_type)
    always = tuple(each.name for each in known if not each.metadata.get(LEFT_OUT))
    return always, tuple((each.name, each.default) for each in known if each.name not in always)


def _encode(item: Any, out: list[bytes]) -> None:
    if item is None:
        out.append(b"n;")
    elif item is True or item is False:
        out.append(b"T;" if item else b"F;")
    elif isinstance(item, int):
        out.append(b"i%d;" % int(item))
    elif isinstance(item, str):
        text = item.encode("utf-8", "surrogatepass")
        out.append(b"s%d:" % len(text) + text)
    elif isinstance(item, bytes):
        out.append(b"b%d:" % len(item) + item)
    elif isinstance(item, (tuple, list)):
        _encode_sequence(item, out)
    elif isinstance(item, Mapping):
        out.append(b"m%d:" % len(item))
        for key in sorted(item):
            _encode(key, out)
            _encode(item[key], out)
    elif has(type(item)):
        names, optional = written_names(item.__class__)
        said = [name for name, default in optional if getattr(item, name) != default]
        out.append(b"o%d:" % (len(names) + 2 * len(said)))
        for name in names:
            _encode(getattr(item, name), out)
        for name in said:
            _encode(name, out)
            _encode(getattr(item, name), out)
    else:
        raise TypeError(f"{type(item).__name__} has no canonical encoding")


def _encode_sequence(items: Sequence[Any], out: list[bytes]) -> None:
    out.append(b"t%d:" % len(items))
    if items and all(isinstance(item, int) and type(item) is not bool for item in items):
        out.append(b",".join(b"%d" % int(item) for item in items))
        out.append(b";")
        return
    out.append(b"-")
    for item in items:
        _encode(item, out)


def state_digest(state: Any) -> bytes:
    """sha256 of a State's canonical encoding."""
    return hashlib.sha256(STATE_FORMAT + encode(state)).digest()


def packed(columns: Sequence[array[int]]) -> bytes:
    """Int64 arrays end to end as little-endian bytes, whatever the machine's order."""
    return b"".join(bytes(little_endian_buffer(column)) for column in columns)


def little_endian_buffer(column: Any) -> Any:
    """A buffer of int64 as one of little-endian int64: itself where the machine's order is that."""
    if not _BIG_ENDIAN:
        return column
    swapped = array("q", column)
    swapped.byteswap()
    return swapped


_BIG_ENDIAN = array("q", (1,)).tobytes() != little_endian((1,))
