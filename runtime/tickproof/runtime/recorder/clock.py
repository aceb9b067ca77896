"""The recorder's one clock: the wall clock's time at the pace of the steady one.

Decides what a capture stamp is when the machine's clock is set while recording: small differences
are made up for slowly, a step is counted and not followed, and no stamp is before an earlier one.
"""

from __future__ import annotations

import time
from collections.abc import Callable

STEP_NS = 1_000_000_000
"""A difference of this much is a step of the wall clock, not drift."""

SLEW_NS = 500_000
"""At most so much is made up for at a time."""


class CaptureClock:
    """`steps`: steps of the wall clock seen; `offset_ns`: how far the wall is ahead of this."""

    def __init__(
        self,
        wall: Callable[[], int] = time.time_ns,
        steady: Callable[[], int] = time.monotonic_ns,
    ) -> None:
        self._wall = wall
        self._steady = steady
        self._ahead_ns = wall() - steady()
        self._latest_ns = 0
        self.steps = 0
        self.offset_ns = 0

    def now_ns(self) -> int:
        """Nanoseconds since 1970; never before an earlier answer."""
        now_ns = self._steady() + self._ahead_ns
        if now_ns > self._latest_ns:
            self._latest_ns = now_ns
        return self._latest_ns

    def correct(self) -> bool:
        """Look at the wall clock, about once a second; whether it has stepped since last time."""
        before_ns = self.offset_ns
        self.offset_ns = self._wall() - (self._steady() + self._ahead_ns)
        if abs(self.offset_ns) >= STEP_NS:
            stepped = abs(self.offset_ns - before_ns) >= STEP_NS
            self.steps += stepped
            return stepped
        self._ahead_ns += max(-SLEW_NS, min(SLEW_NS, self.offset_ns))
        return False
