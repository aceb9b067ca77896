"""Columns give back the events they were given, in order, whole or in parts."""

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
