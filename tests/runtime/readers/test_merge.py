"""Merging sources: the documented key, every event once, each source in its own order."""

from hypothesis import given
from hypothesis import strategies as st

from tickproof.runtime.readers.merge import merge
from tickproof.spec.events import BookDelta, Checkpoint, Event, EventKind, Execution, event_class
from tickproof.spec.stream import EventColumns

BODIES = (
    BookDelta(0, 1, 1, (1, 5, 1, -1, 6, 0)),
    BookDelta(0, 2, 3),
    Execution(int(EventKind.CANCELED), 0, 0, 1),
    Checkpoint(1),
)

rows = st.lists(st.tuples(st.integers(0, 6), st.sampled_from(BODIES)), max_size=12)
sources = st.lists(rows, min_size=1, max_size=4)


def columns_of(source: int, drawn: list[tuple[int, object]]) -> EventColumns:
    return EventColumns(
        Event(7, stamp, source, index, 0, body)  # type: ignore[arg-type]
        for index, (stamp, body) in enumerate(drawn)
    )


@given(sources)
def test_merge_sorts_by_the_documented_key(drawn: list[list[tuple[int, object]]]) -> None:
    keyed = []
    for source, one in enumerate(drawn):
        latest = 0
        for index, event in enumerate(columns_of(source, one)):
            latest = max(latest, event.capture_time_ns)
            keyed.append(((latest, event_class(event.kind), source, index), event))
    expected = [event for _, event in sorted(keyed, key=lambda pair: pair[0])]
    merged = merge([columns_of(source, one) for source, one in enumerate(drawn)])
    assert list(merged) == expected


@given(st.lists(st.lists(st.integers(0, 6), max_size=12), min_size=1, max_size=4))
def test_a_market_source_keeps_its_own_order(stamps: list[list[int]]) -> None:
    drawn: list[list[tuple[int, object]]] = [[(s, BODIES[0]) for s in one] for one in stamps]
    merged = merge([columns_of(source, one) for source, one in enumerate(drawn)])
    for source, one in enumerate(drawn):
        mine = [e.sequence for e in merged if e.source == source]
        assert mine == list(range(len(one)))


def test_one_source_of_market_events_is_not_copied() -> None:
    columns = columns_of(0, [(3, BODIES[0]), (1, BODIES[0])])
    assert merge([columns]) is columns


def test_argument_order_breaks_ties() -> None:
    first, second = columns_of(5, [(3, BODIES[0])]), columns_of(2, [(3, BODIES[0])])
    assert merge([first, second]).source.tolist() == [5, 2]
    assert merge([second, first]).source.tolist() == [2, 5]


def test_nothing_merges_to_nothing() -> None:
    assert len(merge([])) == 0
