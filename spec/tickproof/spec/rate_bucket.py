"""Rate buckets: integer tokens that Requests take, and when there will be enough [7, T5].

What it decides: how many tokens a bucket holds at a time, whether a Request may take some, and
the exact time at which it could. Why on a fixed grid: tokens come `refill` at a time at whole
multiples of `interval_ns`, however often or seldom anyone looks; the remainder of an interval is
kept by moving `refilled_at_ns` in whole intervals. So refilling is associative, nothing drifts,
and looking changes nothing. A bucket's state is written only when tokens are taken.

The reserve is for cancels alone: NEW and REPLACE must leave it in the bucket [ID2].

Sections: types, functions. Decision: ADR-0006.
"""

from __future__ import annotations

from attrs import frozen

from tickproof.spec.commands import CommandKind
from tickproof.spec.configuration import Bucket
from tickproof.spec.time import NEVER_NS

# --- types ---------------------------------------------------------------------------------------


@frozen
class BucketState:
    """`tokens` as of `refilled_at_ns`, the last grid point that was credited."""

    tokens: int
    refilled_at_ns: int = 0


def initial_state(bucket: Bucket) -> BucketState:
    """A full bucket on the grid through 0."""
    return BucketState(bucket.capacity, 0)


# --- predicates ----------------------------------------------------------------------------------


def bucket_is_sound(bucket: Bucket) -> bool:
    """Whether every Request that uses the bucket can be sent sooner or later."""
    return (
        bucket.capacity >= 0
        and bucket.refill >= 1
        and bucket.interval_ns >= 1
        and 0 <= bucket.reserve <= bucket.capacity
        and 0 <= bucket.cost_new <= bucket.capacity - bucket.reserve
        and 0 <= bucket.cost_replace <= bucket.capacity - bucket.reserve
        and 0 <= bucket.cost_cancel <= bucket.capacity
    )


def inv(bucket: Bucket, state: BucketState) -> bool:
    """Tokens are between none and capacity."""
    return 0 <= state.tokens <= bucket.capacity


# --- functions -----------------------------------------------------------------------------------


def cost_of(bucket: Bucket, kind: int) -> int:
    """Tokens a Request of `kind` takes; 0: it does not use the bucket."""
    if kind == CommandKind.NEW:
        return bucket.cost_new
    if kind == CommandKind.REPLACE:
        return bucket.cost_replace
    return bucket.cost_cancel


def needed(bucket: Bucket, kind: int) -> int:
    """Tokens that must be there for a Request of `kind`.

    Its cost, and the reserve unless it is a CANCEL; 0 when it does not use the bucket.
    """
    cost = cost_of(bucket, kind)
    if cost == 0 or kind == CommandKind.CANCEL:
        return cost
    return cost + bucket.reserve


def refilled(bucket: Bucket, state: BucketState, now_ns: int) -> BucketState:
    """The bucket as of `now_ns`; a time that is not later changes nothing.

    Every whole interval since the last credited grid point adds `refill`, up to capacity.
    """
    if now_ns <= state.refilled_at_ns:
        return state
    intervals = (now_ns - state.refilled_at_ns) // bucket.interval_ns
    return BucketState(
        min(bucket.capacity, state.tokens + intervals * bucket.refill),
        state.refilled_at_ns + intervals * bucket.interval_ns,
    )


def can_take(bucket: Bucket, state: BucketState, kind: int) -> bool:
    """Whether a refilled bucket has the tokens for a Request of `kind`."""
    return state.tokens >= needed(bucket, kind)


def take(bucket: Bucket, state: BucketState, kind: int) -> BucketState:
    """The bucket after a Request of `kind`; only where `can_take` says so."""
    return BucketState(state.tokens - cost_of(bucket, kind), state.refilled_at_ns)


def next_time_for(bucket: Bucket, state: BucketState, kind: int) -> int:
    """The earliest time at which `can_take` will hold if nothing else takes [T5].

    `refilled_at_ns` (the past) when it holds already, NEVER_NS when it never will.
    """
    missing = needed(bucket, kind) - state.tokens
    if missing <= 0:
        return state.refilled_at_ns
    if needed(bucket, kind) > bucket.capacity or bucket.refill <= 0:
        return NEVER_NS
    intervals = (missing + bucket.refill - 1) // bucket.refill
    return state.refilled_at_ns + intervals * bucket.interval_ns
