"""Columns give back the events they were given, in order, whole or in parts."""

from array import array
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tickproof.spec.events import (
    INT64_MAX,
    BookDelta,
    Checkpoint,
    Event,
    EventKind,
    Execution,
    Trade,
)
from tickproof.spec.stream import EventColumns

numbers = st.integers(-INT64_MAX - 1, INT64_MAX)
triples = st.lists(st.tuples(numbers, numbers, numbers), max_size=3)
bodies = st.one_of(
    st.builds(Trade, numbers, numbers, numbers, numbers, numbers, numbers),
    st.builds(Checkpoint, numbers),
    st.builds(Execution, st.just(int(EventKind.FILLED)), numbers, numbers, numbers),
    st.builds(
        BookDelta,
        numbers,
        numbers,
        numbers,
        triples.map(lambda levels: tuple(n for level in levels for n in level)),
    ),
)
events = st.builds(Event, numbers, numbers, numbers, numbers, numbers, bodies)


@given(st.lists(events, max_size=8))
def test_columns_give_back_their_events(given_events: list[Event]) -> None:
    columns = EventColumns(given_events)
    assert len(columns) == len(given_events)
    assert list(columns) == given_events
    assert [columns.kind[i] for i in range(len(columns))] == [e.kind for e in given_events]
    assert columns.offset[-1] == len(columns.payload)


@given(st.lists(events, max_size=8), st.data())
def test_a_slice_is_a_batch_of_its_own(given_events: list[Event], data: st.DataObject) -> None:
    columns = EventColumns(given_events)
    start = data.draw(st.integers(0, len(given_events)))
    stop = data.draw(st.integers(start, len(given_events)))
    part = columns.slice(start, stop)
    assert list(part) == given_events[start:stop]
    part.append(Event(1, 2, 3, 4, 5, Checkpoint(6)))
    assert list(columns) == given_events


def test_raw_integers_and_objects_are_the_same_event() -> None:
    trade = Trade(0, 100, 5, 1, 0, 9)
    columns = EventColumns()
    columns.append(Event(10, 11, 1, 2, 3, trade))
    columns.append_raw(EventKind.TRADE, 10, 11, 1, 2, 3, (0, 100, 5, 1, 0, 9))
    assert columns.event(0) == columns.event(1)
    assert columns.payload_of(1) == (0, 100, 5, 1, 0, 9)


def test_what_does_not_fit_int64_is_an_error() -> None:
    with pytest.raises(OverflowError):
        EventColumns().append(Event(0, 0, 0, 0, 0, Checkpoint(INT64_MAX + 1)))


@pytest.mark.parametrize("place", range(7))
def test_an_integer_that_does_not_fit_leaves_the_batch_as_it_was(place: int) -> None:
    columns = EventColumns()
    columns.append_raw(70, 1, 2, 0, 0, 0, (5,))
    numbers = [70, 3, 4, 0, 1, 0, 6]
    numbers[place] = 2**63
    kind, event_ns, capture_ns, source, sequence, epoch, last = numbers
    with pytest.raises(OverflowError):
        columns.append_raw(kind, event_ns, capture_ns, source, sequence, epoch, (1, last))
    assert len(columns) == len(columns.epoch) == 1
    assert columns.payload.tolist() == [5]
    assert columns.offset.tolist() == [0, 1]


def buffers_of(columns: EventColumns) -> dict[str, Any]:
    """The columns as arrays of their own."""
    return {name: array("q", getattr(columns, name)) for name in EventColumns.__slots__}


@given(st.lists(events, max_size=8))
def test_columns_that_live_elsewhere_are_the_same_events(given_events: list[Event]) -> None:
    found = EventColumns.from_buffers(**buffers_of(EventColumns(given_events)))
    assert list(found) == given_events
    part = found.slice(len(given_events) // 2, len(given_events))
    assert list(part) == given_events[len(given_events) // 2 :]
    part.append(Event(1, 2, 3, 4, 5, Checkpoint(6)))


SOME = EventColumns([Event(1, 2, 0, index, 0, Trade(0, 5, 1, 1, 0, index)) for index in range(4)])


def test_nothing_is_copied() -> None:
    """What is written to the array afterwards is there; a caller must not, and a test may."""
    arrays = buffers_of(SOME)
    columns = EventColumns.from_buffers(**arrays)
    for name in EventColumns.__slots__:
        arrays[name][0] += 7
        assert getattr(columns, name)[0] == getattr(SOME, name)[0] + 7


def test_bytes_of_a_file_are_columns() -> None:
    whole = {name: getattr(SOME, name).tobytes() for name in EventColumns.__slots__}
    assert list(EventColumns.from_buffers(**whole)) == list(SOME)


def test_columns_that_live_elsewhere_are_only_read() -> None:
    columns = EventColumns.from_buffers(**buffers_of(SOME))
    with pytest.raises(TypeError, match="cannot be appended to"):
        columns.append(Event(1, 2, 3, 4, 5, Checkpoint(6)))
    with pytest.raises(TypeError):
        columns.kind[0] = 1
    assert list(columns) == list(SOME)


@pytest.mark.parametrize(
    ("name", "buffer", "error", "match"),
    [
        ("kind", array("d", (0, 0, 0, 0)), TypeError, "kind: one contiguous run"),
        ("kind", array("Q", (0, 0, 0, 0)), TypeError, "kind: one contiguous run"),
        ("payload", memoryview(bytes(96)).cast("q", (6, 2)), TypeError, "2 dimensions"),
        ("payload", memoryview(SOME.payload)[::2], TypeError, "payload: one contiguous run"),
        ("source", b"1234567", TypeError, "source: one contiguous run"),
        ("epoch", array("q", (0, 0, 0)), ValueError, "differ in length"),
        ("offset", array("q", (0, 6, 12, 18, 25)), ValueError, "the end of payload"),
        ("offset", array("q", (1, 6, 12, 18, 24)), ValueError, "lead from 0"),
        ("offset", array("q", (0, 6, 24)), ValueError, "offset does not"),
        ("offset", array("q", (0, 12, 6, 18, 24)), ValueError, "backwards"),
    ],
    ids=["float", "unsigned", "square", "strided", "odd", "short", "end", "begin", "few", "back"],
)
def test_other_buffers_are_refused(
    name: str, buffer: Any, error: type[Exception], match: str
) -> None:
    with pytest.raises(error, match=match):
        EventColumns.from_buffers(**{**buffers_of(SOME), name: buffer})
