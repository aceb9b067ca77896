"""The chain over columns equals the specification's, across the end of a segment."""

from array import array
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tickproof.kernel import BUILD
from tickproof.kernel.chain import KernelChain, words_for
from tickproof.kernel.tape import Envelope, Tape
from tickproof.spec.digest import SEGMENT_LENGTH, Chain, extended, value
from tickproof.spec.events import BookDelta, Event, Trade, payload
from tickproof.spec.outputs import RecordKind
from tickproof.spec.stream import EventColumns

HEAD = b"a head of thirty-two bytes......"
FILLED = 4


def event(index: int) -> Event:
    """Payloads of several lengths."""
    if index % 3 == 0:
        return Event(index, index + 1, 0, index, 2, BookDelta(0, 1, 2, (1, 5, 7) * (index % 5)))
    return Event(index, index, 1, index, 0, Trade(0, 5, 1, 1, 0, index))


PREFIX = tuple(event(index) for index in range(SEGMENT_LENGTH - FILLED))
COLUMNS = EventColumns(PREFIX)

wide = st.lists(st.integers(-(2**70), 2**70) | st.integers(0, 9), min_size=1, max_size=5)
narrow = st.sampled_from([5, 6, 13, 14]).flatmap(
    lambda length: st.lists(st.integers(-9, 2**62), min_size=length, max_size=length)
)
records = st.lists((wide | narrow).map(tuple), max_size=3)


def noted_at_its_length(chain: KernelChain, record: tuple[int, ...]) -> None:
    """By the method that takes so many integers, where there is one."""
    by_length: dict[int, Any] = {
        5: chain.note_5,
        6: chain.note_6,
        13: chain.note_13,
        14: chain.note_14,
    }
    if len(record) in by_length and max(map(abs, record)) < 2**63:
        by_length[len(record)](*record)
    else:
        chain.note(record)


@settings(max_examples=25)
@given(st.lists(records, min_size=1, max_size=2 * FILLED))
def test_appended_across_the_end_of_a_segment(steps: list[list[tuple[int, ...]]]) -> None:
    """Records of any size, money beyond 64 bits included."""
    slow = Chain(HEAD, PREFIX)
    fast = KernelChain(HEAD)
    fast.extend(COLUMNS, 0, len(COLUMNS))
    for index, made in enumerate(steps):
        last = event(SEGMENT_LENGTH - FILLED + index)
        slow = extended(slow, last, made)
        fast.forget()
        for record in made:
            noted_at_its_length(fast, record)
        values = array("q", payload(last.body))
        stamps = (last.event_time_ns, last.capture_time_ns, last.source, last.sequence, last.epoch)
        fast.append(Envelope(last.kind, *stamps, values))
        assert fast.room() == SEGMENT_LENGTH - len(slow.events)
        # Whether or not the segment has closed.
        assert fast.records() == made
        assert fast.has_records() == (made != [])
    assert fast.value() == value(slow)
    assert fast.head == slow.head


@given(st.lists(st.integers(1, 900), max_size=12))
def test_extended_in_any_portions(portions: list[int]) -> None:
    """Batches leave no trace: only positions do [D7]."""
    whole = KernelChain(HEAD)
    whole.extend(COLUMNS, 0, len(COLUMNS))
    parts = KernelChain(HEAD)
    start = 0
    for portion in [*portions, len(COLUMNS)]:
        stop = min(start + portion, len(COLUMNS))
        parts.extend(COLUMNS, start, stop)
        start = stop
    assert parts.value() == whole.value()


def test_a_segment_that_is_extended_to_its_end_closes() -> None:
    chain = KernelChain(HEAD)
    columns = EventColumns(event(index) for index in range(SEGMENT_LENGTH))
    chain.extend(columns, 0, SEGMENT_LENGTH)
    slow = Chain(HEAD, tuple(event(index) for index in range(SEGMENT_LENGTH)))
    assert chain.head == chain.value() == value(slow)
    assert chain.room() == SEGMENT_LENGTH


def test_an_event_after_a_stretch_that_is_only_remembered() -> None:
    """What is appended settles what was followed: the order is that of the positions."""
    last = event(SEGMENT_LENGTH - FILLED)
    stamps = (last.event_time_ns, last.capture_time_ns, last.source, last.sequence, last.epoch)
    fast = KernelChain(HEAD)
    fast.follow(Tape(COLUMNS), 0, len(COLUMNS))
    fast.append(Envelope(last.kind, *stamps, array("q", payload(last.body))))
    assert fast.value() == value(extended(Chain(HEAD, PREFIX), last, []))


def test_a_tape_is_followed_where_it_is_taken_up_again() -> None:
    """What lies between two stretches of one tape is not part of either."""
    tape = Tape(COLUMNS)
    fast, slow = KernelChain(HEAD), KernelChain(HEAD)
    for start, stop in ((0, 2), (2, 3), (5, 7), (3, 4)):
        fast.follow(tape, start, stop)
        slow.extend(COLUMNS, start, stop)
    assert fast.value() == slow.value()


def test_a_stretch_that_ends_with_its_segment_is_not_remembered() -> None:
    tape = Tape(EventColumns(event(index) for index in range(SEGMENT_LENGTH)))
    chain = KernelChain(HEAD)
    chain.follow(tape, 0, SEGMENT_LENGTH)
    assert (chain.tape, chain.count) == (None, 0)
    assert chain.head == value(Chain(HEAD, tuple(event(at) for at in range(SEGMENT_LENGTH))))


def test_a_stretch_has_no_records_and_ends_those_before_it() -> None:
    chain = KernelChain(HEAD)
    chain.note((3, 4))
    chain.extend(COLUMNS, 0, 1)
    assert chain.records() == [(3, 4)]
    chain.forget()
    assert not chain.has_records()
    chain.extend(COLUMNS, 1, 3)
    assert chain.records() == []


def noted(chain: KernelChain, kind: int) -> list[tuple[int, ...]]:
    """Notes one record of a kind in the chain, and says which."""
    if kind == 0:
        chain.note((4, 5))
        return [(4, 5)]
    if kind == 1:
        chain.woke(6, 7)
        return [(int(RecordKind.WAKE), 6, 7)]
    if kind == 2:
        chain._note_wide((2**70, -8))
        return [(2**70, -8)]
    if kind == 3:
        chain.note((1,))
        chain.lengthen(1, (2, 3))
        return [(1, 2, 3)]
    record = tuple(range(kind))
    noted_at_its_length(chain, record)
    return [record]


@pytest.mark.parametrize("spare", [-1, 0, 1])
def test_room_for_payload_is_made_when_the_last_integer_is_written_and_no_sooner(
    spare: int,
) -> None:
    chain = KernelChain(HEAD)
    room = len(chain.payload)
    for length in (room - 3 - spare, 3):
        chain.append(Envelope(1, 5, 5, 0, 0, 0, array("q", range(length))))
    assert (len(chain.payload) > room) == (spare < 0)
    assert list(chain.columns()[7]) == [*range(room - 3 - spare), *range(3)]


@pytest.mark.parametrize("kind", [0, 1, 2, 3, 5, 6, 13, 14])
def test_room_is_made_when_the_last_word_is_written_and_no_sooner(kind: int) -> None:
    """Whatever kind of record comes, and wherever the room ends."""
    probe = KernelChain(HEAD)
    noted(probe, kind)
    for spare in (-1, 0, 1):
        chain = KernelChain(HEAD)
        filler = (1,) * (chain.capacity - probe.written - spare - 2)
        chain.note(filler)
        room = chain.capacity
        made = [filler, *noted(chain, kind)]
        assert (chain.capacity > room) == (spare < 0)
        last = event(0)
        stamps = (last.event_time_ns, last.capture_time_ns, last.source, last.sequence, last.epoch)
        chain.append(Envelope(last.kind, *stamps, array("q", payload(last.body))))
        assert chain.value() == value(extended(Chain(HEAD, ()), last, made))


def test_words_are_kept_as_the_build_writes_them_fastest() -> None:
    assert isinstance(words_for(2), array if BUILD == "compiled" else list)
    assert list(words_for(2)) == [0, 0]
