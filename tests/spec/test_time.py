"""Time runs forward only, by no more than the limit, and the next obligation is well defined."""

from hypothesis import given
from hypothesis import strategies as st

from tickproof.spec.time import (
    NEVER_NS,
    NO_OBLIGATION,
    Clock,
    Obligation,
    ObligationReason,
    advance,
    answer,
    earliest,
    is_sooner,
    reaches,
)

STAMPS = st.integers(0, 10_000)
OBLIGATIONS = st.builds(
    Obligation,
    st.integers(1, 5),
    st.sampled_from([int(reason) for reason in ObligationReason if reason]),
    st.integers(0, 3),
)


@given(st.lists(STAMPS), st.integers(0, 3_000))
def test_now_never_runs_backwards_and_every_stamp_is_followed_or_counted(
    stamps: list[int], limit: int
) -> None:
    clock, followed = Clock(), 0
    for stamp in stamps:
        after = advance(clock, stamp, limit)
        assert after.now_ns >= clock.now_ns
        assert limit == 0 or clock.now_ns == 0 or after.now_ns - clock.now_ns <= limit
        followed += after.backwards == clock.backwards and after.jumps == clock.jumps
        clock = after
    assert followed + clock.backwards + clock.jumps == len(stamps)


def test_the_first_stamp_sets_the_clock_however_far() -> None:
    assert advance(Clock(), 1_721_260_800_000_000_000, 1) == Clock(1_721_260_800_000_000_000)


def test_a_stamp_behind_or_too_far_ahead_is_counted_and_not_followed() -> None:
    assert advance(Clock(100), 99, 10) == Clock(100, backwards=1)
    assert advance(Clock(100), 110, 10) == Clock(110)
    assert advance(Clock(100), 111, 10) == Clock(100, jumps=1)
    assert advance(Clock(100), 100, 10) == Clock(100)


def test_codes_are_fixed_because_they_enter_records() -> None:
    assert [(reason.name, int(reason)) for reason in ObligationReason] == [
        ("NONE", 0),
        ("BUCKET_REFILL", 1),
        ("ACKNOWLEDGEMENT_OVERDUE", 2),
        ("CANCEL_OVERDUE", 3),
        ("GOOD_TILL_DATE", 4),
        ("STRATEGY_TIMER", 5),
    ]
    assert Obligation(NEVER_NS, 0, 0) == NO_OBLIGATION
    assert NEVER_NS == 2**63 - 1


def test_a_limit_of_zero_is_no_limit() -> None:
    assert advance(Clock(100), NEVER_NS - 1, 0) == Clock(NEVER_NS - 1)


@given(STAMPS, STAMPS, st.integers(0, 100))
def test_a_late_or_repeated_answer_changes_nothing_more(now: int, deadline: int, lag: int) -> None:
    answered = answer(Clock(now), deadline)
    assert answered.now_ns == max(now, deadline)
    assert answer(answered, deadline) == answered
    assert answer(answered, deadline - lag) == answered


def test_an_answer_may_lie_further_ahead_than_a_jump() -> None:
    assert answer(Clock(100), 1_000_000) == Clock(1_000_000)


def test_a_stamp_that_moves_nothing_reaches_no_deadline() -> None:
    assert reaches(Clock(100), 150, 100, 150)
    assert not reaches(Clock(100), 149, 100, 150)
    assert not reaches(Clock(100), 1_000, 100, 150)
    assert not reaches(Clock(100), 90, 100, 150)


@given(st.permutations([Obligation(5, 1, 1), Obligation(5, 1, 2), Obligation(5, 2, 0)]))
def test_the_earliest_does_not_depend_on_the_order_given(found: list[Obligation]) -> None:
    assert earliest(tuple(found)) == Obligation(5, 1, 1)


@given(st.lists(OBLIGATIONS))
def test_the_earliest_is_given_and_nothing_given_is_sooner(found: list[Obligation]) -> None:
    first = earliest(tuple(found))
    assert first in found or (first == NO_OBLIGATION and not found)
    assert not any(is_sooner(other, first) for other in found)
