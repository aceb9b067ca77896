"""Every kind of event has one body, and a body is its integers."""

import pytest
from attrs import fields
from hypothesis import given
from hypothesis import strategies as st

from tickproof.spec.events import (
    BODY_TYPES,
    FIELD_NAMES,
    INT64_MAX,
    BookDelta,
    BookSnapshot,
    Event,
    EventClass,
    EventKind,
    Execution,
    body_of,
    event_class,
    payload,
)

int64 = st.integers(-INT64_MAX - 1, INT64_MAX)
BOOK_KINDS = (EventKind.BOOK_SNAPSHOT, EventKind.BOOK_DELTA)


@st.composite
def kinds_and_payloads(draw: st.DrawFn) -> tuple[EventKind, tuple[int, ...]]:
    kind = draw(st.sampled_from(EventKind))
    count = len(FIELD_NAMES[kind])
    levels = 3 * draw(st.integers(0, 4)) if kind in BOOK_KINDS else 0
    values = draw(st.lists(int64, min_size=count + levels, max_size=count + levels))
    return kind, tuple(values)


@given(kinds_and_payloads())
def test_a_body_is_its_payload(case: tuple[EventKind, tuple[int, ...]]) -> None:
    kind, values = case
    body = body_of(kind, values)
    assert payload(body) == values
    assert body_of(kind, payload(body)) == body
    assert Event(0, 0, 0, 0, 0, body).kind == kind


@given(kinds_and_payloads())
def test_a_payload_of_another_length_is_an_error(case: tuple[EventKind, tuple[int, ...]]) -> None:
    kind, values = case
    with pytest.raises(ValueError, match=f"event kind {kind}"):
        body_of(kind, (*values, 0))
    with pytest.raises(ValueError, match=f"event kind {kind}"):
        body_of(kind, values[1:])


def test_every_kind_has_a_body_and_an_unknown_one_is_an_error() -> None:
    assert BODY_TYPES.keys() == {int(kind) for kind in EventKind}
    with pytest.raises(KeyError):
        body_of(16, ())


def test_payload_names_are_the_fields_in_order() -> None:
    for kind, body_type in BODY_TYPES.items():
        names = [attribute.name for attribute in fields(body_type)]
        left_out = {"kind"} if body_type is Execution else {"levels"} & set(names)
        assert list(FIELD_NAMES[kind]) == [name for name in names if name not in left_out]


def test_market_ranks_before_execution_before_control() -> None:
    ranks = [event_class(kind) for kind in EventKind]
    assert ranks == sorted(ranks)
    assert set(ranks) == set(EventClass)
    assert event_class(EventKind.FEED_RESUMED) == EventClass.MARKET
    assert event_class(EventKind.ACCEPTED) == EventClass.EXECUTION
    assert event_class(EventKind.FEE_ADJUSTED) == EventClass.EXECUTION
    assert event_class(EventKind.SESSION_STARTED) == EventClass.CONTROL


def test_one_message_is_one_body_however_many_levels() -> None:
    levels = (1, 100, 5, -1, 101, 0)
    assert payload(BookSnapshot(7, 8, levels)) == (7, 8, *levels)
    assert payload(BookDelta(7, 8, 9, levels)) == (7, 8, 9, *levels)
