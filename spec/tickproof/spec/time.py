"""Kernel time and Scheduling Obligations: `now` and the deadlines that State implies.

What it decides: how a stamp moves `now` (forward only, and never by more than the configured
jump), when a stamp reaches a deadline, and which of several deadlines is the next one to answer.
Why: Processing Order alone is causal [T2], so time is one more derived integer; a recorder's
glitch may neither turn it back nor throw it into the future [T3], and no rule may depend on a
clock that the stream does not carry [D2, T4].

Sections: codes, types, clock, obligations. Decision: ADR-0006.
"""

from __future__ import annotations

from enum import IntEnum

from attrs import frozen

NEVER_NS = 9_223_372_036_854_775_807
"""A deadline that is never reached: the greatest 64-bit stamp."""

UNSET_NS = 0
"""`now` before the first stamp."""

# --- codes ---------------------------------------------------------------------------------------


class ObligationReason(IntEnum):
    """Why the Runtime has to come back at a deadline [T5]."""

    NONE = 0
    BUCKET_REFILL = 1
    ACKNOWLEDGEMENT_OVERDUE = 2
    CANCEL_OVERDUE = 3
    GOOD_TILL_DATE = 4
    STRATEGY_TIMER = 5


# --- types ---------------------------------------------------------------------------------------


@frozen
class Clock:
    """Kernel time; `now_ns` 0: no stamp seen yet.

    `backwards`, `jumps`: stamps not followed because they lay behind, or too far ahead.
    """

    now_ns: int = UNSET_NS
    backwards: int = 0
    jumps: int = 0


@frozen
class Obligation:
    """Come back at `deadline_ns` because of `reason` about `subject` (order or strategy id)."""

    deadline_ns: int
    reason: int
    subject: int


NO_OBLIGATION = Obligation(NEVER_NS, int(ObligationReason.NONE), 0)
"""Nothing is due, ever."""

# --- clock ---------------------------------------------------------------------------------------


def is_backward(clock: Clock, stamp_ns: int) -> bool:
    """Whether the stamp lies behind `now`."""
    return stamp_ns < clock.now_ns


def is_jump(clock: Clock, stamp_ns: int, jump_limit_ns: int) -> bool:
    """Whether the stamp lies further ahead of a set clock than the limit; limit 0 is no limit."""
    if clock.now_ns == UNSET_NS or jump_limit_ns == 0:
        return False
    return stamp_ns - clock.now_ns > jump_limit_ns


def advance(clock: Clock, stamp_ns: int, jump_limit_ns: int) -> Clock:
    """The clock after an Event stamped `stamp_ns` [T3].

    The first stamp sets it; later ones move it forward by at most `jump_limit_ns`; a stamp
    behind or too far ahead is counted and moves nothing.
    """
    if is_backward(clock, stamp_ns):
        return Clock(clock.now_ns, clock.backwards + 1, clock.jumps)
    if is_jump(clock, stamp_ns, jump_limit_ns):
        return Clock(clock.now_ns, clock.backwards, clock.jumps + 1)
    return Clock(stamp_ns, clock.backwards, clock.jumps)


def answer(clock: Clock, deadline_ns: int) -> Clock:
    """The clock after the ControlTime that answers the obligation due at `deadline_ns`.

    The deadline was derived here and is no foreign stamp, so the jump limit does not apply; a
    late or repeated answer changes nothing and is not counted [T6].
    """
    if deadline_ns <= clock.now_ns:
        return clock
    return Clock(deadline_ns, clock.backwards, clock.jumps)


def reaches(clock: Clock, stamp_ns: int, jump_limit_ns: int, deadline_ns: int) -> bool:
    """Whether applying an Event so stamped would bring `now` to the deadline or beyond [T7].

    A stamp that does not move `now` reaches nothing.
    """
    return advance(clock, stamp_ns, jump_limit_ns).now_ns >= deadline_ns


# --- obligations ---------------------------------------------------------------------------------


def is_sooner(first: Obligation, second: Obligation) -> bool:
    """Strict total order of obligations: by deadline, then reason, then subject."""
    if first.deadline_ns != second.deadline_ns:
        return first.deadline_ns < second.deadline_ns
    if first.reason != second.reason:
        return first.reason < second.reason
    return first.subject < second.subject


def sooner(first: Obligation, second: Obligation) -> Obligation:
    """The one of two obligations that is due first."""
    return second if is_sooner(second, first) else first


def earliest(obligations: tuple[Obligation, ...]) -> Obligation:
    """The obligation that is due first, whatever the order they are given in [T5]."""
    found = NO_OBLIGATION
    for obligation in obligations:
        found = sooner(found, obligation)
    return found
