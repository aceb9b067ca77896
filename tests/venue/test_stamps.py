"""What a quiet venue is spared: stamps noted at once are those of each message in turn."""

from itertools import product
from typing import Any

import pytest
from attrs import evolve
from hypothesis import given
from hypothesis import strategies as st

from tests.venue.stage import BOOK, BUY, INSTRUMENT, Stage
from tickproof.kernel.tape import Tape
from tickproof.spec.events import BookDelta, Event, Trade, TradeKind, payload
from tickproof.spec.stream import EventColumns
from tickproof.spec.time import NEVER_NS
from tickproof.venue.venue import SimulatedVenue

BOTH = (INSTRUMENT, evolve(INSTRUMENT, id=1))

messages = st.lists(
    st.tuples(
        st.sampled_from((-1, *TradeKind)), st.integers(0, 1), st.integers(0, 4), st.integers(0, 4)
    ),
    max_size=8,
)


def told(at: int, kind: int, instrument: int, event_ns: int, capture_ns: int) -> Event:
    """A depth change (kind -1) or a print at a price of its own."""
    body: Any = BookDelta(instrument, at, at, (BUY, 90 + at, 1))
    if kind >= 0:
        body = Trade(instrument, 90 + at, 1, 1, kind, at)
    return Event(event_ns, capture_ns, 0, at, 0, body)


def stamps_of(venue: SimulatedVenue) -> list[tuple[int, ...]]:
    return [(each.latest_ns, each.latest_capture_ns, each.book_ns) for each in venue._markets]


@given(messages, st.integers(0, 3))
def test_stamps_noted_at_once_are_those_of_each_message(
    run: list[tuple[int, int, int, int]], before_ns: int
) -> None:
    events = [told(at, *terms) for at, terms in enumerate(run)]
    quick, slow = (SimulatedVenue(BOTH, 0, 0, 0) for _ in range(2))
    now_ns = before_ns
    for event in events:
        now_ns = max(now_ns, event.capture_time_ns)
        values = payload(event.body)
        slow.on_market(event.kind, event.event_time_ns, now_ns, values, 0, len(values))
    noted_ns = quick.note_stamps(Tape(EventColumns(events)), 0, len(events), before_ns)
    assert noted_ns == now_ns
    for middle in range(len(events)):
        tape = Tape(EventColumns(events))
        if quick.is_told_since(tape, 0, middle, len(events)):
            last = SimulatedVenue(BOTH, 0, 0, 0)
            stamps = [before_ns, *(each.capture_time_ns for each in events[: middle + 1])]
            assert last.note_stamps(tape, middle, len(events), max(stamps)) == now_ns
            assert stamps_of(last) == stamps_of(slow)
            assert [each.last_price for each in last._markets] == [
                each.last_price for each in slow._markets
            ]
    assert max(quick._now_ns, slow._now_ns) == now_ns
    assert stamps_of(quick) == stamps_of(slow)
    assert [each.last_price for each in quick._markets] == [
        each.last_price for each in slow._markets
    ]


CHANGE = -1
PRINT, AUCTION = int(TradeKind.CONTINUOUS), int(TradeKind.AUCTION)


@pytest.mark.parametrize(
    ("before", "after", "enough"),
    [
        ([], [], False),
        ([(PRINT, 1)], [(PRINT, 2)], True),
        ([(CHANGE, 1)], [(CHANGE, 2)], True),
        ([(CHANGE, 1), (PRINT, 1)], [(PRINT, 2)], False),
        ([(CHANGE, 1), (PRINT, 1)], [(CHANGE, 2)], False),
        ([(CHANGE, 1), (PRINT, 1)], [(CHANGE, 2), (PRINT, 1)], True),
        ([(CHANGE, 1), (PRINT, 1)], [(CHANGE, 1), (PRINT, 2)], False),
        ([(CHANGE, 3), (CHANGE, 1)], [(CHANGE, 3)], False),
        ([(PRINT, 1)], [(AUCTION, 2)], False),
    ],
)
def test_the_last_messages_tell_all_or_do_not(
    before: list[tuple[int, int]], after: list[tuple[int, int]], enough: bool
) -> None:
    run = [(kind, 0, event_ns, event_ns) for kind, event_ns in before + after]
    tape = Tape(EventColumns([told(at, *terms) for at, terms in enumerate(run)]))
    venue = SimulatedVenue((INSTRUMENT,), 0, 0, 0)
    assert venue.is_told_since(tape, 0, len(before), len(run)) == enough
    # Of the other market nothing is told.
    assert not SimulatedVenue(BOTH, 0, 0, 0).is_told_since(tape, 0, len(before), len(run))


def test_books_are_all_that_is_needed_while_nothing_waits() -> None:
    venue = SimulatedVenue(BOTH, 0, 0, 0)
    for facts in product((False, True), repeat=5):
        for market, idle, matter in zip(venue._markets, facts[:2], facts[2:4], strict=True):
            market.idle, market.prints_matter = idle, matter
        venue.due_ns = 7 if facts[4] else NEVER_NS
        assert venue.needs_books_alone() == (all(facts[:2]) and not any(facts[2:]))
        assert venue.is_quiet() == all(facts[:2])


def test_a_clock_does_not_run_back_over_what_is_noted() -> None:
    play = Stage(SimulatedVenue(BOTH, 0, 0, 0)).at(9)
    play.snapshot(*BOOK)
    tape = Tape(EventColumns([told(0, -1, 0, 4, 5)]))
    assert play.venue.note_stamps(tape, 0, 1, 3) == 5
    assert play.venue._now_ns == 9
