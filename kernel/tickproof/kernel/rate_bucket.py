"""Rate buckets in place: equal to `spec.rate_bucket`, without an object per look.

What it decides: nothing of its own. Looking computes the tokens at a time and writes nothing;
taking moves the bucket along its grid and writes both numbers, as in the specification. Whole
intervals are compared with the missing tokens before anything is multiplied, so that no product
exceeds capacity x refill however long nobody looked.
"""

from __future__ import annotations

from tickproof.spec.commands import CommandKind
from tickproof.spec.configuration import Bucket
from tickproof.spec.time import NEVER_NS

_CANCEL = int(CommandKind.CANCEL)


class RateBucket:
    """One bucket. `costs`, `needs`: by command kind, tokens a Request takes and must find.

    A need of 0 means the bucket is not used. Sound settings (`bucket_is_sound`) are assumed:
    `refill` and `interval_ns` are at least 1.
    """

    __slots__ = (
        "capacity",
        "refill",
        "interval_ns",
        "costs",
        "needs",
        "tokens",
        "refilled_at_ns",
    )

    capacity: int
    refill: int
    interval_ns: int
    costs: list[int]
    needs: list[int]
    tokens: int
    refilled_at_ns: int

    def __init__(self, bucket: Bucket) -> None:
        self.capacity = bucket.capacity
        self.refill = bucket.refill
        self.interval_ns = bucket.interval_ns
        self.costs = [0, bucket.cost_new, bucket.cost_replace, bucket.cost_cancel]
        self.needs = [
            cost + bucket.reserve if 0 < kind < _CANCEL and cost != 0 else cost
            for kind, cost in enumerate(self.costs)
        ]
        self.tokens = bucket.capacity
        self.refilled_at_ns = 0

    def tokens_at(self, now_ns: int) -> int:
        """Tokens at `now_ns`; a time before the last credited grid point adds none."""
        if now_ns <= self.refilled_at_ns:
            return self.tokens
        intervals = (now_ns - self.refilled_at_ns) // self.interval_ns
        missing = self.capacity - self.tokens
        if intervals >= missing:
            return self.capacity
        return min(self.capacity, self.tokens + intervals * self.refill)

    def fits(self, kind: int, now_ns: int) -> bool:
        """Whether a Request of `kind` finds the tokens it needs at `now_ns`."""
        need = self.needs[kind]
        return need == 0 or self.tokens_at(now_ns) >= need

    def take(self, kind: int, now_ns: int) -> None:
        """Take a Request's tokens at `now_ns`; only where `fits` says so."""
        cost = self.costs[kind]
        if cost == 0:
            return
        self.tokens = self.tokens_at(now_ns) - cost
        if now_ns > self.refilled_at_ns:
            late_ns = (now_ns - self.refilled_at_ns) % self.interval_ns
            self.refilled_at_ns = now_ns - late_ns

    def next_time_for(self, kind: int) -> int:
        """The earliest time at which `fits` holds if nothing else takes.

        The past (`refilled_at_ns`) when it does already, NEVER_NS when it never will.
        """
        need = self.needs[kind]
        missing = need - self.tokens
        if missing <= 0:
            return self.refilled_at_ns
        if need > self.capacity:
            return NEVER_NS
        intervals = (missing + self.refill - 1) // self.refill
        return self.refilled_at_ns + intervals * self.interval_ns
