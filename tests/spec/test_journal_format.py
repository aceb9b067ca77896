"""The journal's bytes: one way to write a thing, and no byte of it can change unseen."""

from array import array
from collections.abc import Callable

import pytest
from attrs import evolve
from hypothesis import given
from hypothesis import strategies as st

from tickproof.spec import journal_format
from tickproof.spec.decoding import Undecodable
from tickproof.spec.events import FIELD_NAMES, EventKind
from tickproof.spec.journal_format import (
    FRAME_EXTRA_BYTES,
    SEGMENT_HEADER_BYTES,
    SLOT_BYTES,
    WATERMARK_BYTES,
    FrameState,
    Kept,
    Mark,
    SegmentHeader,
    events_from_bytes,
    events_to_bytes,
    first_chain,
    frame,
    read_frame,
    read_segment_header,
    read_slots,
    read_snapshot,
    segment_header,
    snapshot_bytes,
    watermark_bytes,
)
from tickproof.spec.stream import EventColumns

INT64 = st.integers(-(2**63), 2**63 - 1)
IDENTITY = bytes(range(32))
LEVELS = (int(EventKind.BOOK_SNAPSHOT), int(EventKind.BOOK_DELTA))


@st.composite
def batches(draw: st.DrawFn) -> EventColumns:
    batch = EventColumns()
    for _ in range(draw(st.integers(1, 5))):
        kind = draw(st.sampled_from(sorted(FIELD_NAMES)))
        levels = 3 * draw(st.integers(0, 3)) if kind in LEVELS else 0
        size = len(FIELD_NAMES[kind]) + levels
        values = draw(st.lists(INT64, min_size=size, max_size=size))
        event_ns, capture_ns, source, sequence, epoch = draw(st.tuples(*[INT64] * 5))
        batch.append_raw(kind, event_ns, capture_ns, source, sequence, epoch, values)
    return batch


def whole(batch: EventColumns) -> bytes:
    return events_to_bytes(batch, 0, len(batch))


def equal(left: EventColumns, right: EventColumns) -> bool:
    return all(getattr(left, name) == getattr(right, name) for name in EventColumns.__slots__)


@given(batches())
def test_events_come_back_as_they_were_and_there_is_one_way_to_write_them(
    batch: EventColumns,
) -> None:
    data = whole(batch)
    again = events_from_bytes(data)
    assert equal(again, batch)
    assert whole(again) == data


@given(batches(), st.data())
def test_a_part_of_a_batch_is_written_as_the_batch_of_that_part(
    batch: EventColumns, data: st.DataObject
) -> None:
    start = data.draw(st.integers(0, len(batch) - 1))
    stop = data.draw(st.integers(start + 1, len(batch)))
    assert events_to_bytes(batch, start, stop) == whole(batch.slice(start, stop))


@given(st.binary(max_size=200) | st.lists(st.integers(-3, 90), max_size=30))
def test_whatever_is_read_is_what_would_be_written(data: bytes | list[int]) -> None:
    if isinstance(data, list):
        data = array("q", [1, *data]).tobytes()
    try:
        found = events_from_bytes(data)
    except Undecodable:
        return
    assert whole(found) == data


@pytest.mark.parametrize(
    "words",
    [
        [],
        [1],
        [2, 1, 73, 0, 0, 0, 0, 0, 1, 0],
        [1, 0],
        [1, -1],
        [1, 2, 73, 0, 0, 0, 0, 0, 1, 0],
        [1, 1, 19, 0, 0, 0, 0, 0, 0],
        [1, 1, -1, 0, 0, 0, 0, 0, 0],
        [1, 1, 0, 0, 0, 0, 0, 0, 0],
        [1, 1, 19, 0, 0, 0, 0, 0, 1, 0],
        [1, 2, 73, 19, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 0, 0],
        [1, 1, 81, 0, 0, 0, 0, 0, 0],
        [1, 1, 73, 0, 0, 0, 0, 0, 2, 0, 0],
        [1, 1, 73, 0, 0, 0, 0, 0, 1],
        [1, 1, 73, 0, 0, 0, 0, 0, 1, 0, 0],
        [1, 1, 2, 0, 0, 0, 0, 0, 4, 0, 0, 0, 0],
        [1, 1, 2, 0, 0, 0, 0, 0, -3, 0, 0, 0, 0],
        [1, 1, 7, 0, 0, 0, 0, 0, 9, 0, 0, 0, 0, 0, 0, 0, 0, 0],
    ],
    ids=str,
)
def test_payloads_nobody_writes_are_refused(words: list[int]) -> None:
    with pytest.raises(Undecodable):
        events_from_bytes(array("q", words).tobytes())


def test_the_payload_is_little_endian_words_as_documented() -> None:
    batch = EventColumns()
    batch.append_raw(EventKind.SESSION_PAUSED, 10, 11, 12, 13, 14, (15,))
    batch.append_raw(EventKind.CONNECTION_CHANGED, 20, 21, 22, 23, 24, (25, -26))
    words = [1, 2, 71, 77, 10, 20, 11, 21, 12, 22, 13, 23, 14, 24, 1, 2, 15, 25, -26]
    expected = b"".join(word.to_bytes(8, "little", signed=True) for word in words)
    assert whole(batch) == expected


def test_books_may_end_in_levels_and_nothing_else_may() -> None:
    for kind, fields in FIELD_NAMES.items():
        batch = EventColumns()
        batch.append_raw(kind, 1, 2, 3, 4, 5, tuple(range(len(fields) + 3)))
        data = whole(batch)
        if kind in LEVELS:
            assert equal(events_from_bytes(data), batch)
        else:
            with pytest.raises(Undecodable):
                events_from_bytes(data)


def test_a_batch_may_hold_books_with_and_without_levels_and_others() -> None:
    batch = EventColumns()
    for kind, extra in ((LEVELS[0], 6), (LEVELS[1], 0), (int(EventKind.TRADE), 0), (LEVELS[1], 3)):
        size = len(FIELD_NAMES[kind]) + extra
        batch.append_raw(kind, 1, 2, 3, 4, 5, tuple(range(size)))
    assert equal(events_from_bytes(whole(batch)), batch)


def test_no_events_are_two_words_that_nobody_reads() -> None:
    data = events_to_bytes(EventColumns(), 0, 0)
    assert data == array("q", (1, 0)).tobytes()
    with pytest.raises(Undecodable):
        events_from_bytes(data)


# --- frames --------------------------------------------------------------------------------------


def one_frame() -> bytes:
    batch = EventColumns()
    batch.append_raw(EventKind.CONTROL_TIME, 1, 2, 3, 4, 5, (6,))
    return frame(7, first_chain(IDENTITY), whole(batch))


def look(data: bytes, position: int = 7, previous: bytes | None = None) -> FrameState:
    chain = first_chain(IDENTITY) if previous is None else previous
    return FrameState(read_frame(memoryview(data), 0, position, chain).state)


def test_a_whole_frame_gives_its_events_and_the_chain_after_it() -> None:
    data = one_frame()
    seen = read_frame(memoryview(b"xy" + data + b"z"), 2, 7, first_chain(IDENTITY))
    assert seen.state == FrameState.WHOLE
    assert (seen.end, seen.chain) == (2 + len(data), data[-32:])
    assert seen.events is not None
    assert len(seen.events) == 1
    assert len(data) == FRAME_EXTRA_BYTES + 10 * 8


def test_every_shorter_frame_is_short() -> None:
    data = one_frame()
    assert look(b"") == FrameState.END
    assert {look(data[:length]) for length in range(1, len(data))} == {FrameState.SHORT}


def test_a_frame_elsewhere_is_short_by_its_own_end() -> None:
    data = bytes(100) + one_frame()
    for length in range(100, len(data) + 1):
        seen = read_frame(memoryview(data[:length]), 100, 7, first_chain(IDENTITY))
        expected = FrameState.SHORT if length > 100 else FrameState.END
        assert seen.state == (FrameState.WHOLE if length == len(data) else expected)


def test_a_header_is_looked_at_when_it_is_whole() -> None:
    assert look(bytes(15)) == FrameState.SHORT
    assert look(bytes(16)) == FrameState.HEADER_DAMAGED


def test_every_changed_bit_of_a_frame_is_seen() -> None:
    data = one_frame()
    for bit in range(len(data) * 8):
        changed = bytearray(data)
        changed[bit // 8] ^= 1 << bit % 8
        state = look(bytes(changed))
        expected = FrameState.HEADER_DAMAGED if bit < 16 * 8 else FrameState.BODY_DAMAGED
        assert state == expected, bit


def test_whole_frames_that_belong_elsewhere_are_told_apart() -> None:
    data = one_frame()
    assert look(data, previous=bytes(32)) == FrameState.CHAIN_BROKEN
    assert look(data, position=8) == FrameState.POSITION_WRONG
    assert look(frame(7, first_chain(IDENTITY), bytes(16))) == FrameState.PAYLOAD_UNREADABLE
    assert look(bytes(len(data))) == FrameState.HEADER_DAMAGED


# --- headers, marks, snapshots -------------------------------------------------------------------

HEADER = SegmentHeader(IDENTITY, 3, 17, bytes(32), 99, bytes(32))
MARK = Mark(IDENTITY, 4, 17, bytes(32), 3, 99)
KEPT = Kept(IDENTITY, 17, bytes(32), b"some state")


def changed_bits(data: bytes, read: Callable[[bytes], object]) -> set[object]:
    found = set()
    for bit in range(len(data) * 8):
        changed = bytearray(data)
        changed[bit // 8] ^= 1 << bit % 8
        found.add(read(bytes(changed)))
    return found


def test_a_segment_header_is_read_back_and_no_bit_of_it_can_change() -> None:
    data = segment_header(HEADER)
    assert len(data) == SEGMENT_HEADER_BYTES
    assert read_segment_header(data + b"frames") == HEADER
    assert changed_bits(data, read_segment_header) == {None}
    assert {read_segment_header(data[:length]) for length in range(len(data))} == {None}


def test_a_snapshot_is_read_back_and_no_bit_of_it_can_change() -> None:
    data = snapshot_bytes(KEPT)
    assert read_snapshot(data) == KEPT
    assert changed_bits(data, read_snapshot) == {None}
    assert {read_snapshot(data[:length]) for length in range(len(data))} == {None}
    assert read_snapshot(data + b"\0") is None


def test_a_snapshot_of_nothing_is_a_snapshot() -> None:
    nothing = evolve(KEPT, data=b"")
    assert read_snapshot(snapshot_bytes(nothing)) == nothing
    assert read_snapshot(b"") is None


def test_identities_and_digests_have_32_bytes() -> None:
    assert journal_format.IDENTITY_BYTES == journal_format.DIGEST_BYTES == 32
    assert len(first_chain(IDENTITY)) == 32


def test_both_slots_are_read_back() -> None:
    data = watermark_bytes((MARK, evolve(MARK, sequence=5)))
    assert len(data) == WATERMARK_BYTES
    assert read_slots(data) == (MARK, evolve(MARK, sequence=5))
    assert read_slots(data[:4096]) == (MARK, None)
    assert read_slots(b"") == (None, None)


def test_no_bit_of_a_slot_can_change_nor_of_the_zeros_around_it() -> None:
    data = watermark_bytes((MARK, evolve(MARK, sequence=5)))
    bits = [*range(SLOT_BYTES * 8), *range(SLOT_BYTES * 8, 4096 * 8, 61)]
    for bit in bits:
        changed = bytearray(data)
        changed[bit // 8] ^= 1 << bit % 8
        assert read_slots(bytes(changed))[0] is None


def test_a_slot_that_stands_in_the_other_s_place_is_none() -> None:
    data = watermark_bytes((MARK, evolve(MARK, sequence=5)))
    assert read_slots(data[4096:] + data[:4096]) == (None, None)


@pytest.mark.parametrize("name", ["SEGMENT_FORMAT", "SLOT_FORMAT", "SNAPSHOT_FORMAT"])
def test_another_format_is_not_read(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(journal_format, name, b"tickproof another 2\n")
    written = (segment_header(HEADER), watermark_bytes((MARK,)), snapshot_bytes(KEPT))
    monkeypatch.undo()
    header, marks, kept = written
    found = (read_segment_header(header), read_slots(marks)[0], read_snapshot(kept))
    wanted = ("SEGMENT_FORMAT", "SLOT_FORMAT", "SNAPSHOT_FORMAT").index(name)
    assert found[wanted] is None
    assert sum(each is None for each in found) == 1
