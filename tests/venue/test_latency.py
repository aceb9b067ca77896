"""Delays at the venue: as specified, and in order on the one connection."""

from hypothesis import given
from hypothesis import strategies as st

from tests.venue.stage import BOOK, BUY, INSTRUMENT, Stage
from tickproof.spec.commands import CommandKind
from tickproof.spec.events import EventKind
from tickproof.spec.latency import (
    Delays,
    RecordedDelay,
    arrival,
    request_delay,
    response_delay,
)
from tickproof.venue.latency import Connection
from tickproof.venue.venue import SimulatedVenue

ladders = st.lists(st.integers(0, 500), min_size=1, max_size=4).map(sorted).map(tuple)
records = st.lists(
    st.tuples(st.integers(1, 60), st.integers(0, 90), st.integers(0, 90)), max_size=5
)


@st.composite
def delays(draw: st.DrawFn) -> Delays:
    """Declared ones, and recorded ones as well or none."""
    now, rows = 0, []
    for step, there, back in draw(records):
        now += step
        rows.append(RecordedDelay(now, there, back))
    new, replace, cancel, response = (draw(ladders) for _ in range(4))
    seed = draw(st.integers(0, 2**64))
    return Delays(new, replace, cancel, response, seed, tuple(rows))


messages = st.lists(st.tuples(st.integers(0, 3), st.integers(0, 40)), max_size=15)


@given(delays(), messages)
def test_a_connection_is_as_specified(declared: Delays, sent: list[tuple[int, int]]) -> None:
    connection = Connection(declared)
    now = there = back = requests = responses = 0
    for kind, pause in sent:
        now += pause
        if kind == CommandKind.NONE:
            back = arrival(back, now, response_delay(declared, responses, now))
            assert connection.response_arrival(now) == back
            responses += 1
        else:
            there = arrival(there, now, request_delay(declared, kind, requests, now))
            assert connection.request_arrival(kind, now) == there
            requests += 1


def test_nothing_overtakes() -> None:
    """A fast CANCEL meets the order it is meant for; answers come back in the order given."""
    venue = SimulatedVenue((INSTRUMENT,), 0, 0, 0, delays=Delays((50,), (9,), (3,), (7,)))
    play = Stage(venue).at(10)
    play.snapshot(*BOOK)
    play.at(11).new(1, BUY, 99, 1)
    play.at(12).send(CommandKind.CANCEL, 1)
    play.run(100)
    assert [(s.kind, s.time_ns, s.arrival_ns) for s in play.said] == [
        (EventKind.ACCEPTED, 61, 68),
        (EventKind.CANCELED, 61, 68),
    ]
    play.at(100).new(2, BUY, 99, 1)
    play.at(200).send(CommandKind.CANCEL, 2)
    play.run(300)
    assert [s.time_ns for s in play.said[2:]] == [150, 203]


def test_delays_drawn_for_the_same_seed_are_the_same() -> None:
    ladder = (10, 20, 400)

    def arrivals(seed: int) -> list[int]:
        connection = Connection(Delays(ladder, ladder, ladder, ladder, seed))
        return [connection.request_arrival(CommandKind.NEW, 1_000 * n) for n in range(20)]

    assert arrivals(1) == arrivals(1) != arrivals(2)
