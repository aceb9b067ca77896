"""Rate buckets over unbounded integers: bounds, the grid, the reserve, exact waiting times.

Capacity, tokens, costs and times are unbounded throughout; intervals and refills too, but for two
properties: that refilling twice is refilling once, and that waiting times are exact. There the
solver does not settle division by an unknown interval, so they are proved for concrete grids.
"""

from tests.proofs.gate import Proof, named
from tickproof.kernel.rate_bucket import RateBucket
from tickproof.spec.commands import CommandKind
from tickproof.spec.configuration import Bucket
from tickproof.spec.rate_bucket import (
    BucketState,
    bucket_is_sound,
    can_take,
    cost_of,
    inv,
    next_time_for,
    refilled,
    take,
)

GRIDS = ((1, 1), (7, 3), (10, 2), (1_000, 1), (1_000_000_000, 10))
"""(interval_ns, refill) of the generated proofs."""
CANCEL, NEW = int(CommandKind.CANCEL), int(CommandKind.NEW)

PROOFS = (
    *(f"p_refilling_twice_is_refilling_once_{i}_{r}" for i, r in GRIDS),
    *(f"p_the_next_time_is_exact_{i}_{r}" for i, r in GRIDS),
    "p_refilling_keeps_the_bounds",
    "p_refilling_only_adds",
    "p_refilling_stays_on_the_grid",
    "p_taking_keeps_the_bounds",
    "p_new_work_leaves_the_reserve",
    "p_kernel_tokens_are_the_specified",
    "p_kernel_take_is_the_specified",
    "p_kernel_next_time_is_the_specified",
    "p_kernel_needs_are_the_specified",
)
CANARIES = (
    "canary_refilling_ignores_capacity",
    "canary_the_remainder_is_dropped",
    "canary_the_next_time_rounds_down",
    "canary_a_new_order_takes_from_the_reserve",
    "canary_kernel_fills_up_one_interval_early",
)


def bucket_of(capacity: int, refill: int, interval: int, cost: int = 1, reserve: int = 0) -> Bucket:
    return Bucket(0, "bucket", capacity, refill, interval, cost, cost, cost, reserve)


def fast_bucket(bucket: Bucket, tokens: int, at: int) -> RateBucket:
    fast = RateBucket(bucket)
    fast.tokens, fast.refilled_at_ns = tokens, at
    return fast


def associative(interval: int, refill: int) -> Proof:
    def proof(capacity: int, tokens: int, at: int, first: int, second: int) -> bool:
        """
        pre: 0 <= tokens <= capacity and first <= second
        post: _
        """
        bucket = bucket_of(capacity, refill, interval)
        state = BucketState(tokens, at)
        twice = refilled(bucket, refilled(bucket, state, first), second)
        return twice == refilled(bucket, state, second)

    return named(f"p_refilling_twice_is_refilling_once_{interval}_{refill}", proof)


def exact(interval: int, refill: int) -> Proof:
    def proof(capacity: int, tokens: int, at: int, now: int, cost: int) -> bool:
        """
        pre: 0 <= tokens <= capacity and 0 < cost <= capacity and now >= at
        post: _
        """
        bucket, state = bucket_of(capacity, refill, interval, cost), BucketState(tokens, at)
        possible = can_take(bucket, refilled(bucket, state, now), CANCEL)
        return possible == (now >= next_time_for(bucket, state, CANCEL))

    return named(f"p_the_next_time_is_exact_{interval}_{refill}", proof)


def generated() -> list[Proof]:
    """Make one proof of each property per grid."""
    return [make(*grid) for make in (associative, exact) for grid in GRIDS]


def p_refilling_keeps_the_bounds(
    capacity: int, tokens: int, at: int, now: int, interval: int, refill: int
) -> bool:
    """
    pre: 0 <= tokens <= capacity and interval >= 1 and refill >= 1
    post: _
    """
    bucket = bucket_of(capacity, refill, interval)
    return inv(bucket, refilled(bucket, BucketState(tokens, at), now))


def p_refilling_only_adds(
    capacity: int, tokens: int, at: int, now: int, interval: int, refill: int
) -> bool:
    """
    pre: 0 <= tokens <= capacity and interval >= 1 and refill >= 1
    post: _
    """
    return refilled(bucket_of(capacity, refill, interval), BucketState(tokens, at), now).tokens >= (
        tokens
    )


def p_refilling_stays_on_the_grid(tokens: int, at: int, now: int, interval: int) -> bool:
    """
    pre: interval >= 1 and now >= at
    post: _
    """
    after = refilled(bucket_of(tokens, 1, interval), BucketState(tokens, at), now)
    return 0 <= now - after.refilled_at_ns < interval


def p_taking_keeps_the_bounds(
    capacity: int, tokens: int, new: int, replace: int, cancel: int, reserve: int, kind: int
) -> bool:
    """
    pre: 0 <= tokens <= capacity and 1 <= kind <= 3
    post: _
    """
    bucket = Bucket(0, "bucket", capacity, 1, 1, new, replace, cancel, reserve)
    state = BucketState(tokens, 0)
    if not bucket_is_sound(bucket) or not can_take(bucket, state, kind):
        return True
    return inv(bucket, take(bucket, state, kind))


def p_new_work_leaves_the_reserve(
    capacity: int, tokens: int, new: int, replace: int, cancel: int, reserve: int, kind: int
) -> bool:
    """
    pre: 0 <= tokens <= capacity and 1 <= kind <= 2
    post: _
    """
    bucket = Bucket(0, "bucket", capacity, 1, 1, new, replace, cancel, reserve)
    state = BucketState(tokens, 0)
    if cost_of(bucket, kind) == 0 or not can_take(bucket, state, kind):
        return True
    return take(bucket, state, kind).tokens >= reserve


def p_kernel_tokens_are_the_specified(
    capacity: int, tokens: int, at: int, now: int, interval: int, refill: int
) -> bool:
    """
    pre: 0 <= tokens <= capacity and interval >= 1 and refill >= 1
    post: _
    """
    bucket = bucket_of(capacity, refill, interval)
    expected = refilled(bucket, BucketState(tokens, at), now).tokens
    return fast_bucket(bucket, tokens, at).tokens_at(now) == expected


def p_kernel_take_is_the_specified(
    capacity: int, tokens: int, at: int, now: int, cost: int, interval: int
) -> bool:
    """
    pre: 0 <= tokens <= capacity and 0 < cost <= capacity and interval >= 1
    post: _
    """
    bucket = bucket_of(capacity, 3, interval, cost)
    view = refilled(bucket, BucketState(tokens, at), now)
    fast = fast_bucket(bucket, tokens, at)
    if fast.fits(NEW, now) != can_take(bucket, view, NEW):
        return False
    if not can_take(bucket, view, NEW):
        return True
    fast.take(NEW, now)
    return BucketState(fast.tokens, fast.refilled_at_ns) == take(bucket, view, NEW)


def p_kernel_next_time_is_the_specified(
    capacity: int, tokens: int, at: int, cost: int, reserve: int, interval: int, refill: int
) -> bool:
    """
    pre: 0 <= tokens <= capacity and min(cost, reserve) >= 0 and interval >= 1 and refill >= 1
    post: _
    """
    bucket = bucket_of(capacity, refill, interval, cost, reserve)
    fast, state = fast_bucket(bucket, tokens, at), BucketState(tokens, at)
    return all(
        fast.next_time_for(kind) == next_time_for(bucket, state, kind) for kind in (NEW, CANCEL)
    )


def p_kernel_needs_are_the_specified(
    tokens: int, new: int, replace: int, cancel: int, reserve: int, kind: int
) -> bool:
    """
    pre: 1 <= kind <= 3 and min(tokens, new, replace, cancel, reserve) >= 0
    post: _
    """
    bucket = Bucket(0, "bucket", tokens, 1, 1, new, replace, cancel, reserve)
    for code in (1, 2, 3):
        if kind == code:
            fast = fast_bucket(bucket, tokens, 0)
            cost = cost_of(bucket, code)
            expected = cost == 0 or can_take(bucket, BucketState(tokens, 0), code)
            return fast.costs[code] == cost and fast.fits(code, 0) == expected
    return False


def canary_refilling_ignores_capacity(capacity: int, tokens: int, at: int, now: int) -> bool:
    """
    pre: 0 <= tokens <= capacity and now >= at
    post: _
    """
    return tokens + (now - at) // 10 * 3 <= capacity


def canary_the_remainder_is_dropped(tokens: int, at: int, first: int, second: int) -> bool:
    """
    pre: at <= first <= second
    post: _
    """
    once = tokens + (second - at) // 10
    twice = tokens + (first - at) // 10 + (second - first) // 10
    return once == twice


def canary_the_next_time_rounds_down(
    capacity: int, tokens: int, at: int, cost: int, interval: int
) -> bool:
    """
    pre: 0 <= tokens < cost <= capacity and interval >= 1
    post: _
    """
    bucket = bucket_of(capacity, 3, interval, cost)
    time_ns = at + (cost - tokens) // 3 * interval
    return can_take(bucket, refilled(bucket, BucketState(tokens, at), time_ns), CANCEL)


def canary_a_new_order_takes_from_the_reserve(
    capacity: int, tokens: int, cost: int, reserve: int
) -> bool:
    """
    pre: 0 <= tokens <= capacity and 0 < cost <= capacity - reserve and reserve >= 0
    post: _
    """
    return tokens < cost or tokens - cost >= reserve


def canary_kernel_fills_up_one_interval_early(
    capacity: int, tokens: int, at: int, now: int, interval: int
) -> bool:
    """
    pre: 0 <= tokens <= capacity and interval >= 1 and now > at
    post: _
    """
    bucket = bucket_of(capacity, 1, interval)
    expected = refilled(bucket, BucketState(tokens, at), now).tokens
    intervals = (now - at) // interval
    found = capacity if intervals + 1 >= capacity - tokens else tokens + intervals
    return found == expected
