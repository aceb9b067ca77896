"""The event journal's bytes: payloads, frames, segment headers and watermark slots [E3, S4].

What it decides: how Events become bytes, one way only, and what a reader may believe of bytes it
finds. All integers are little-endian; text is ASCII; every digest is blake2b.

* payload: int64 words: version, number of events n, then the columns of the events one after the
  other (kind, event time, capture time, source, sequence, epoch, payload length; n words each),
  then the payloads of the events end to end, laid out as `events.FIELD_NAMES` says.
* frame: `length` u32 (of the payload), `position` u64 (of its first event), `check` 4 bytes
  (digest of the twelve before), `previous` 32 bytes (the chain before), the payload, and 32 bytes,
  the digest of all that stands before it in the frame: the chain after it.
* segment header: format, identity of the journal, number, position and chain where the segment
  begins, length and digest of the segment before, digest of all this.
* watermark slot: format, identity, sequence, position and chain up to which everything is
  acknowledged, segment and offset where that is, digest of all this; zeros up to the next slot.
* snapshot: format, identity, position and chain, length, what is kept, digest of all this.

A journal's identity is 32 bytes that nothing else has; the first chain value is the digest of it.

Sections: payload, frames, segments, watermark, snapshots.
"""

from __future__ import annotations

import hashlib
import struct
from array import array
from collections.abc import Sequence
from enum import IntEnum
from itertools import accumulate

from attrs import frozen

from tickproof.spec.decoding import Undecodable
from tickproof.spec.digest import packed
from tickproof.spec.events import FIELD_NAMES, EventKind
from tickproof.spec.stream import EventColumns

PAYLOAD_VERSION = 1
FORMAT = b"tickproof journal 1\n"
SEGMENT_FORMAT = b"tickproof segment 1\n"
SLOT_FORMAT = b"tickproof watermark 1\n"
DIGEST_BYTES = 32
IDENTITY_BYTES = 32
WORD_BYTES = 8

_PREFIX_WORDS = 2
_COLUMN_COUNT = 7


def digest(data: bytes | memoryview) -> bytes:
    """The 32 bytes everything here is checked with."""
    return hashlib.blake2b(data, digest_size=DIGEST_BYTES).digest()


def first_chain(identity: bytes) -> bytes:
    """The chain of a journal that holds nothing yet."""
    return digest(FORMAT + identity)


# --- payload -------------------------------------------------------------------------------------

_LEVEL_KINDS = frozenset((int(EventKind.BOOK_SNAPSHOT), int(EventKind.BOOK_DELTA)))
_LEVEL_WORDS = 3
_IS_BIG_ENDIAN = array("q", (1,)).tobytes() != packed([array("q", (1,))])
_FIELD_COUNTS = {kind: len(names) for kind, names in FIELD_NAMES.items()}


def events_to_bytes(batch: EventColumns, start: int, stop: int) -> bytes:
    """The payload of events start to stop of a batch; `events_from_bytes` is its inverse."""
    offset = batch.offset
    columns = (
        array("q", (PAYLOAD_VERSION, stop - start)),
        batch.kind[start:stop],
        batch.event_time_ns[start:stop],
        batch.capture_time_ns[start:stop],
        batch.source[start:stop],
        batch.sequence[start:stop],
        batch.epoch[start:stop],
        array("q", [offset[index + 1] - offset[index] for index in range(start, stop)]),
        batch.payload[offset[start] : offset[stop]],
    )
    return packed(columns)


def events_from_bytes(data: bytes | memoryview) -> EventColumns:
    """The events of a payload; raises `Undecodable` for what `events_to_bytes` never writes."""
    if len(data) < _PREFIX_WORDS * WORD_BYTES or len(data) % WORD_BYTES:
        raise Undecodable("a payload is two words or more")
    words = array("q")
    words.frombytes(data)
    if _IS_BIG_ENDIAN:
        words.byteswap()
    if words[0] != PAYLOAD_VERSION:
        raise Undecodable(f"payload version {words[0]}, this is {PAYLOAD_VERSION}")
    count = words[1]
    first = _PREFIX_WORDS + _COLUMN_COUNT * count
    if count < 1 or first > len(words):
        raise Undecodable(f"{count} events do not fit")
    columns = range(_PREFIX_WORDS, first, count)
    kinds, *rest = (words[begin : begin + count] for begin in columns)
    lengths = rest.pop()
    if not _is_shaped(kinds, lengths) or sum(lengths) != len(words) - first:
        raise Undecodable("payloads of a length their kinds do not have")
    found = EventColumns()
    found.kind = kinds
    found.event_time_ns, found.capture_time_ns, found.source, found.sequence, found.epoch = rest
    found.offset = array("q", accumulate(lengths, initial=0))
    found.payload = words[first:]
    return found


def _is_shaped(kinds: array[int], lengths: array[int]) -> bool:
    """Whether every payload has as many words as its kind says."""
    if not all(kind in _FIELD_COUNTS for kind in dict.fromkeys(kinds)):
        return False
    # The common case first: one comparison of whole lists.
    if [_FIELD_COUNTS[kind] for kind in kinds] == lengths.tolist():
        return True
    for kind, length in zip(kinds, lengths, strict=True):
        extra = length - _FIELD_COUNTS[kind]
        if extra < 0 or (extra and kind not in _LEVEL_KINDS) or extra % _LEVEL_WORDS:
            return False
    return True


# --- frames --------------------------------------------------------------------------------------

_FRAME = struct.Struct("<IQ")
CHECK_BYTES = 4
FRAME_HEADER_BYTES = _FRAME.size + CHECK_BYTES
FRAME_EXTRA_BYTES = FRAME_HEADER_BYTES + 2 * DIGEST_BYTES
"""Bytes of a frame beside its payload."""


class FrameState(IntEnum):
    """What stands at an offset of a segment; of several faults the first.

    END: nothing. SHORT: fewer bytes than the frame has. HEADER_DAMAGED: length and position are
    not to be believed. BODY_DAMAGED: the digest does not fit. The rest are whole frames that do
    not belong here: another chain, another position, a payload this version cannot read.
    """

    WHOLE = 0
    END = 1
    SHORT = 2
    HEADER_DAMAGED = 3
    BODY_DAMAGED = 4
    CHAIN_BROKEN = 5
    POSITION_WRONG = 6
    PAYLOAD_UNREADABLE = 7


@frozen
class FrameSeen:
    """A look at one offset. `end`: where the next frame begins, and `chain` after it, if whole."""

    state: int
    end: int
    chain: bytes = b""
    events: EventColumns | None = None


def header_check(header: bytes | memoryview) -> bytes:
    """The check of a frame's length and position."""
    return hashlib.blake2b(header, digest_size=CHECK_BYTES).digest()


def frame(position: int, previous: bytes, payload: bytes) -> bytes:
    """The frame of a payload whose first event is at `position`; its last 32 bytes are the chain.

    Raises `struct.error` for a payload of 4 GiB or more.
    """
    header = _FRAME.pack(len(payload), position)
    before = b"".join((header, header_check(header), previous, payload))
    return before + digest(before)


def read_frame(data: memoryview, offset: int, position: int, previous: bytes) -> FrameSeen:
    """What stands at `offset`, where a frame of `position` after `previous` belongs."""
    left = len(data) - offset
    if left == 0:
        return FrameSeen(FrameState.END, offset)
    if left < FRAME_HEADER_BYTES:
        return FrameSeen(FrameState.SHORT, offset)
    body = offset + FRAME_HEADER_BYTES
    header = data[offset : offset + _FRAME.size]
    if data[offset + _FRAME.size : body] != header_check(header):
        return FrameSeen(FrameState.HEADER_DAMAGED, offset)
    length, first = _FRAME.unpack(header)
    last = body + DIGEST_BYTES + length
    if last + DIGEST_BYTES > len(data):
        return FrameSeen(FrameState.SHORT, offset)
    chain = digest(data[offset:last])
    end = last + DIGEST_BYTES
    if data[last:end] != chain:
        return FrameSeen(FrameState.BODY_DAMAGED, offset)
    if data[body : body + DIGEST_BYTES] != previous:
        return FrameSeen(FrameState.CHAIN_BROKEN, offset)
    if first != position:
        return FrameSeen(FrameState.POSITION_WRONG, offset)
    try:
        events = events_from_bytes(data[body + DIGEST_BYTES : last])
    except Undecodable:
        return FrameSeen(FrameState.PAYLOAD_UNREADABLE, offset)
    return FrameSeen(FrameState.WHOLE, end, chain, events)


# --- segments ------------------------------------------------------------------------------------

_SEGMENT = struct.Struct("<24s32sQQ32sQ32s")
SEGMENT_HEADER_BYTES = _SEGMENT.size + DIGEST_BYTES


@frozen
class SegmentHeader:
    """How a segment begins. `previous_length`, `previous_digest`: of the whole file before it."""

    identity: bytes
    number: int
    position: int
    chain: bytes
    previous_length: int
    previous_digest: bytes


def segment_header(header: SegmentHeader) -> bytes:
    """The bytes a segment begins with."""
    body = _SEGMENT.pack(
        SEGMENT_FORMAT,
        header.identity,
        header.number,
        header.position,
        header.chain,
        header.previous_length,
        header.previous_digest,
    )
    return body + digest(body)


def read_segment_header(data: bytes | memoryview) -> SegmentHeader | None:
    """The header at the start of a segment; None when it is damaged, short or another format."""
    head = bytes(data[:SEGMENT_HEADER_BYTES])
    body = head[: _SEGMENT.size]
    if len(head) < SEGMENT_HEADER_BYTES or digest(body) != head[_SEGMENT.size :]:
        return None
    name, *values = _SEGMENT.unpack(body)
    if name.rstrip(b"\0") != SEGMENT_FORMAT:
        return None
    return SegmentHeader(*values)


# --- watermark -----------------------------------------------------------------------------------

_SLOT = struct.Struct("<24s32sQQ32sQQ")
SLOT_BYTES = _SLOT.size + DIGEST_BYTES
SLOT_SPACING = 4096
"""Slots stand so far apart that no disk writes two of them at once."""
SLOT_COUNT = 2
WATERMARK_BYTES = SLOT_COUNT * SLOT_SPACING


@frozen
class Mark:
    """Everything before `position` is acknowledged; there the chain is `chain`.

    It ends at `offset` of segment `segment`. `sequence` grows by one with every mark written.
    """

    identity: bytes
    sequence: int
    position: int
    chain: bytes
    segment: int
    offset: int


def slot_of(mark: Mark) -> int:
    """Where in the watermark file a mark is written: never over the one before it."""
    return mark.sequence % SLOT_COUNT * SLOT_SPACING


def slot_bytes(mark: Mark) -> bytes:
    """A mark as it is written."""
    body = _SLOT.pack(
        SLOT_FORMAT,
        mark.identity,
        mark.sequence,
        mark.position,
        mark.chain,
        mark.segment,
        mark.offset,
    )
    return body + digest(body)


def watermark_bytes(marks: Sequence[Mark]) -> bytes:
    """A watermark file of two marks with successive sequences."""
    data = bytearray(WATERMARK_BYTES)
    for mark in marks:
        data[slot_of(mark) : slot_of(mark) + SLOT_BYTES] = slot_bytes(mark)
    return bytes(data)


def read_slots(data: bytes) -> tuple[Mark | None, Mark | None]:
    """Both slots of a watermark file, None for one that is damaged."""
    return _slot(data, 0), _slot(data, 1)


def _slot(data: bytes, number: int) -> Mark | None:
    part = data[number * SLOT_SPACING : (number + 1) * SLOT_SPACING]
    body = part[: _SLOT.size]
    if len(part) != SLOT_SPACING or digest(body) != part[_SLOT.size : SLOT_BYTES]:
        return None
    name, *values = _SLOT.unpack(body)
    mark = Mark(*values)
    is_whole = name.rstrip(b"\0") == SLOT_FORMAT and not any(part[SLOT_BYTES:])
    return mark if is_whole and slot_of(mark) == number * SLOT_SPACING else None


# --- snapshots -----------------------------------------------------------------------------------

_SNAPSHOT = struct.Struct("<24s32sQ32sQ")
SNAPSHOT_FORMAT = b"tickproof kept 1\n"


@frozen
class Kept:
    """A snapshot as a journal keeps it: `data` is of the log up to `position`, `chain` there."""

    identity: bytes
    position: int
    chain: bytes
    data: bytes


def snapshot_bytes(kept: Kept) -> bytes:
    """The file of a snapshot."""
    head = _SNAPSHOT.pack(SNAPSHOT_FORMAT, kept.identity, kept.position, kept.chain, len(kept.data))
    return head + kept.data + digest(head + kept.data)


def read_snapshot(data: bytes) -> Kept | None:
    """What a snapshot's file holds; None when it is damaged, short or another format."""
    body = data[:-DIGEST_BYTES]
    if len(body) < _SNAPSHOT.size or digest(body) != data[-DIGEST_BYTES:]:
        return None
    name, identity, position, chain, length = _SNAPSHOT.unpack_from(body)
    if name.rstrip(b"\0") != SNAPSHOT_FORMAT or length != len(body) - _SNAPSHOT.size:
        return None
    return Kept(identity, position, chain, body[_SNAPSHOT.size :])
