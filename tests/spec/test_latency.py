"""Delays: between what was declared or recorded, drawn alike everywhere, never out of order."""

import pytest
from attrs import evolve
from hypothesis import given
from hypothesis import strategies as st

from tickproof.spec.commands import CommandKind
from tickproof.spec.latency import (
    WORD,
    Delays,
    Leg,
    RecordedDelay,
    arrival,
    at_quantile,
    is_sound,
    mixed,
    read_at,
    request_delay,
    response_delay,
    response_points,
)

DRAWS = [
    309689372594955804,
    8346079845500723674,
    7621113624420504425,
    8506676597094914456,
]

words = st.integers(0, WORD - 1)
ladders = st.lists(st.integers(0, 10**9), min_size=1, max_size=6).map(sorted).map(tuple)


@given(ladders, words)
def test_a_draw_lies_between_the_least_and_the_most(delays: tuple[int, ...], word: int) -> None:
    found = at_quantile(delays, word)
    assert delays[0] <= found <= delays[-1]
    assert at_quantile(delays, 0) == delays[0]
    assert at_quantile((delays[0],), word) == delays[0]


@given(ladders, words, words)
def test_a_greater_draw_is_no_shorter(delays: tuple[int, ...], first: int, second: int) -> None:
    low, high = sorted((first, second))
    assert at_quantile(delays, low) <= at_quantile(delays, high)


def test_draws_are_what_they_always_were() -> None:
    """They enter results: another mixing is another simulation."""
    found = [mixed(7, number, leg) for number, leg in ((0, 1), (0, 4), (1, 1), (10**6, 3))]
    assert found == DRAWS
    assert len({mixed(0, number, leg) for number in range(500) for leg in Leg}) == 2_000


def test_draws_fill_their_range() -> None:
    """A thousand draws fall evenly enough into ten parts."""
    parts = [0] * 10
    for number in range(1_000):
        parts[mixed(3, number, Leg.NEW) * 10 // WORD] += 1
    assert all(70 <= part <= 130 for part in parts)


rows = st.lists(
    st.tuples(st.integers(1, 50), st.integers(0, 100), st.integers(0, 100)),
    min_size=1,
    max_size=6,
)


def recorded(steps: list[tuple[int, int, int]]) -> Delays:
    found, now = [], 0
    for step, there, back in steps:
        now += step
        found.append(RecordedDelay(now, there, back))
    return Delays(recorded=tuple(found))


@given(rows, st.integers(0, 400))
def test_recorded_delays_are_read_between_their_neighbours(
    steps: list[tuple[int, int, int]], at: int
) -> None:
    delays = recorded(steps)
    assert is_sound(delays)
    there = request_delay(delays, CommandKind.NEW, 0, at)
    assert there == request_delay(delays, CommandKind.CANCEL, 9, at)
    before = [each for each in delays.recorded if each.sent_ns <= at]
    after = [each for each in delays.recorded if each.sent_ns > at]
    ends = [each.request_ns for each in (*before[-1:], *after[:1])]
    assert min(ends) <= there <= max(ends)
    if before and before[-1].sent_ns == at:
        assert there == before[-1].request_ns
    given_at = [time_ns for time_ns, _ in response_points(delays)]
    assert given_at == sorted(set(given_at))
    assert 0 <= response_delay(delays, 0, at) <= 100


def test_a_line_between_two_recorded_delays_is_rounded_down() -> None:
    points = ((100, 10), (107, 20))
    assert [read_at(points, at) for at in (0, 100, 101, 106, 107, 500)] == [10, 10, 11, 18, 20, 20]
    assert read_at(((100, 20), (107, 10)), 101) == 18


@given(st.lists(st.tuples(st.integers(0, 20), st.integers(0, 50)), max_size=12))
def test_no_message_arrives_before_the_one_before_it(sent: list[tuple[int, int]]) -> None:
    now = latest = 0
    for pause, delay in sent:
        now += pause
        found = arrival(latest, now, delay)
        assert found >= max(latest, now)
        assert found in (latest, now + delay)
        latest = found


def test_each_kind_has_its_own_delay() -> None:
    delays = Delays((1,), (2,), (3,), (4,), 5)
    kinds = (CommandKind.NEW, CommandKind.REPLACE, CommandKind.CANCEL)
    assert [request_delay(delays, kind, 0, 0) for kind in kinds] == [1, 2, 3]
    assert response_delay(delays, 0, 0) == 4
    assert evolve(delays, seed=6) != delays


@pytest.mark.parametrize(
    "delays",
    [
        Delays(new=()),
        Delays(cancel=(-1,)),
        Delays(response=(2, 1)),
        Delays(recorded=(RecordedDelay(5, 0, 0), RecordedDelay(5, 0, 0))),
        Delays(recorded=(RecordedDelay(5, -1, 0),)),
    ],
)
def test_what_means_nothing_is_not_sound(delays: Delays) -> None:
    assert not is_sound(delays)
    assert is_sound(Delays())


def test_delays_that_are_not_said_are_none() -> None:
    assert Delays() == Delays((0,), (0,), (0,), (0,), 0, ())


def test_a_draw_is_read_on_the_straight_line_between_its_neighbours() -> None:
    ladder = (0, 100, 1_000)
    quarters = [at_quantile(ladder, part * WORD // 4) for part in range(4)]
    assert quarters == [0, 50, 100, 550]
    assert at_quantile(ladder, WORD - 1) == 999


def test_each_leg_has_draws_of_its_own() -> None:
    """A ladder over all draws shows which one was drawn."""
    everything = (0, WORD)
    delays = Delays(everything, everything, everything, everything, 7)
    assert [
        request_delay(delays, CommandKind.NEW, 0, 99),
        response_delay(delays, 0, 99),
        request_delay(delays, CommandKind.NEW, 1, 99),
        request_delay(delays, CommandKind.CANCEL, 10**6, 99),
    ] == DRAWS
    assert request_delay(delays, CommandKind.REPLACE, 3, 99) == mixed(7, 3, Leg.REPLACE)


def test_answers_are_read_where_they_were_given() -> None:
    """Of two given at one time, or of one that was given before the last, the first counts."""
    rows = ((1, 9, 40), (2, 8, 50), (3, 6, 60), (4, 7, 70), (5, 15, 80))
    delays = Delays(recorded=tuple(RecordedDelay(*row) for row in rows))
    assert response_points(delays) == ((10, 40), (11, 70), (20, 80))
    assert [response_delay(delays, 9, at) for at in (0, 10, 11, 20, 21)] == [40, 40, 70, 80, 80]
    assert [request_delay(delays, 1, 9, at) for at in (0, 1, 3, 5, 6)] == [9, 9, 6, 15, 15]
