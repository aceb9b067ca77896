"""Rate buckets: a fixed grid, no drift, a reserve, and exact waiting times."""

from typing import Any

import pytest
from attrs import evolve
from hypothesis import given
from hypothesis import strategies as st

from tickproof.spec.commands import CommandKind
from tickproof.spec.configuration import Bucket
from tickproof.spec.rate_bucket import (
    BucketState,
    bucket_is_sound,
    can_take,
    cost_of,
    initial_state,
    inv,
    next_time_for,
    refilled,
    take,
)
from tickproof.spec.time import NEVER_NS

KINDS = st.sampled_from([CommandKind.NEW, CommandKind.REPLACE, CommandKind.CANCEL])


@st.composite
def sound_buckets(draw: st.DrawFn) -> Bucket:
    capacity = draw(st.integers(0, 12))
    reserve = draw(st.integers(0, capacity))
    return Bucket(
        0,
        "bucket",
        capacity,
        draw(st.integers(1, 5)),
        draw(st.integers(1, 20)),
        draw(st.integers(0, capacity - reserve)),
        draw(st.integers(0, capacity - reserve)),
        draw(st.integers(0, capacity)),
        reserve,
    )


@st.composite
def buckets_with_state(draw: st.DrawFn) -> tuple[Bucket, BucketState]:
    bucket = draw(sound_buckets())
    tokens = draw(st.integers(0, bucket.capacity))
    return bucket, BucketState(tokens, draw(st.integers(0, 100)))


@given(sound_buckets())
def test_sound_buckets_are_sound_and_start_full(bucket: Bucket) -> None:
    assert bucket_is_sound(bucket)
    assert inv(bucket, initial_state(bucket))
    assert initial_state(bucket).tokens == bucket.capacity


@given(buckets_with_state(), st.integers(0, 300), st.integers(0, 300))
def test_refilling_in_two_steps_is_refilling_once(
    given_bucket: tuple[Bucket, BucketState], first: int, second: int
) -> None:
    bucket, state = given_bucket
    first, second = sorted((first, second))
    once = refilled(bucket, state, second)
    assert refilled(bucket, refilled(bucket, state, first), second) == once
    assert inv(bucket, once)
    assert once.tokens >= refilled(bucket, state, first).tokens >= state.tokens


@given(buckets_with_state(), KINDS, st.integers(0, 400))
def test_the_next_time_is_exact(
    given_bucket: tuple[Bucket, BucketState], kind: int, later: int
) -> None:
    bucket, state = given_bucket
    time_ns = next_time_for(bucket, state, kind)
    now_ns = state.refilled_at_ns + later
    assert time_ns < NEVER_NS
    assert can_take(bucket, refilled(bucket, state, now_ns), kind) == (now_ns >= time_ns)


@given(buckets_with_state(), st.lists(st.tuples(KINDS, st.integers(0, 30)), max_size=30))
def test_taking_never_overdraws_and_new_work_leaves_the_reserve(
    given_bucket: tuple[Bucket, BucketState], requests: list[tuple[int, int]]
) -> None:
    bucket, state = given_bucket
    now_ns = state.refilled_at_ns
    for kind, wait_ns in requests:
        now_ns += wait_ns
        view = refilled(bucket, state, now_ns)
        if can_take(bucket, view, kind):
            state = take(bucket, view, kind)
            assert inv(bucket, state)
            if kind != CommandKind.CANCEL and cost_of(bucket, kind):
                assert state.tokens >= bucket.reserve


@given(sound_buckets(), st.lists(st.integers(0, 40), max_size=30))
def test_no_drift_tokens_taken_over_a_time_are_bounded_by_the_grid(
    bucket: Bucket, waits: list[int]
) -> None:
    state, now_ns, taken = initial_state(bucket), 0, 0
    for wait_ns in waits:
        now_ns += wait_ns
        view = refilled(bucket, state, now_ns)
        if can_take(bucket, view, CommandKind.CANCEL):
            state = take(bucket, view, CommandKind.CANCEL)
            taken += bucket.cost_cancel
        assert state.refilled_at_ns % bucket.interval_ns == 0
    assert taken <= bucket.capacity + now_ns // bucket.interval_ns * bucket.refill


def test_a_bucket_that_can_never_serve_a_kind_says_never() -> None:
    bucket = Bucket(0, "bucket", 5, 1, 10, 4, 1, 6, reserve=2)
    assert not bucket_is_sound(bucket)
    assert next_time_for(bucket, BucketState(5), CommandKind.NEW) == NEVER_NS
    assert next_time_for(bucket, BucketState(5), CommandKind.CANCEL) == NEVER_NS
    assert next_time_for(bucket, BucketState(2), CommandKind.REPLACE) == 10


@pytest.mark.parametrize(
    "changes",
    [
        {"refill": 0},
        {"interval_ns": 0},
        {"reserve": -1},
        {"reserve": 6},
        {"cost_new": 4},
        {"cost_new": -1},
        {"cost_replace": 4},
        {"cost_replace": -1},
        {"cost_cancel": 6},
        {"cost_cancel": -1},
        {"capacity": -1, "reserve": 0, "cost_new": 0, "cost_replace": 0, "cost_cancel": 0},
    ],
)
def test_what_could_never_be_sent_is_unsound(changes: dict[str, Any]) -> None:
    bucket = Bucket(0, "bucket", 5, 1, 1, 3, 3, 5, reserve=2)
    assert bucket_is_sound(bucket)
    assert not bucket_is_sound(evolve(bucket, **changes))


def test_without_refill_waiting_never_ends() -> None:
    bucket = Bucket(0, "bucket", 5, 0, 10, 1, 1, 1)
    assert next_time_for(bucket, BucketState(0), CommandKind.NEW) == NEVER_NS
    assert next_time_for(bucket, BucketState(1, 30), CommandKind.NEW) == 30


def test_time_before_the_last_refill_changes_nothing() -> None:
    bucket = Bucket(0, "bucket", 5, 1, 10, 1, 1, 1)
    assert refilled(bucket, BucketState(2, 100), 40) == BucketState(2, 100)
    assert refilled(bucket, BucketState(2, 100), 119) == BucketState(3, 110)
