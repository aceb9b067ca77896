"""Time runs forward only, and obligations stand in a strict total order [T3, T5, T6, T7]."""

from tickproof.spec.time import (
    UNSET_NS,
    Clock,
    Obligation,
    advance,
    answer,
    is_sooner,
    reaches,
    sooner,
)

PROOFS = (
    "p_now_never_runs_backwards",
    "p_a_stamp_is_followed_or_counted_once",
    "p_a_step_is_no_longer_than_the_limit",
    "p_a_late_or_repeated_answer_changes_nothing",
    "p_a_deadline_is_reached_only_by_a_stamp_at_or_after_it",
    "p_no_obligation_is_sooner_than_itself",
    "p_of_two_different_obligations_exactly_one_is_sooner",
    "p_sooner_is_transitive",
    "p_the_sooner_of_two_does_not_depend_on_their_order",
)
CANARIES = (
    "canary_a_backward_stamp_is_followed",
    "canary_the_limit_is_off_by_one",
    "canary_the_order_ignores_the_subject",
)


def p_now_never_runs_backwards(now: int, stamp: int, limit: int) -> bool:
    """post: _"""
    return advance(Clock(now), stamp, limit).now_ns >= now


def p_a_stamp_is_followed_or_counted_once(
    now: int, backwards: int, jumps: int, stamp: int, limit: int
) -> bool:
    """post: _"""
    after = advance(Clock(now, backwards, jumps), stamp, limit)
    counted = after.backwards - backwards + after.jumps - jumps
    if counted == 0:
        return after == Clock(stamp, backwards, jumps)
    return counted == 1 and after.now_ns == now and after.backwards >= backwards


def p_a_step_is_no_longer_than_the_limit(now: int, stamp: int, limit: int) -> bool:
    """
    pre: now != UNSET_NS and limit > 0
    post: _
    """
    return now != UNSET_NS and advance(Clock(now), stamp, limit).now_ns - now <= limit


def p_a_late_or_repeated_answer_changes_nothing(
    now: int, backwards: int, jumps: int, deadline: int, late: int
) -> bool:
    """
    pre: late <= deadline
    post: _
    """
    answered = answer(Clock(now, backwards, jumps), deadline)
    return answered.now_ns >= deadline and answer(answered, late) == answered


def p_a_deadline_is_reached_only_by_a_stamp_at_or_after_it(
    now: int, stamp: int, limit: int, deadline: int
) -> bool:
    """
    pre: deadline > now
    post: _
    """
    return not reaches(Clock(now), stamp, limit, deadline) or stamp >= deadline


def p_no_obligation_is_sooner_than_itself(deadline: int, reason: int, subject: int) -> bool:
    """post: _"""
    return not is_sooner(
        Obligation(deadline, reason, subject), Obligation(deadline, reason, subject)
    )


def p_of_two_different_obligations_exactly_one_is_sooner(
    deadline: int, reason: int, subject: int, deadline2: int, reason2: int, subject2: int
) -> bool:
    """
    pre: (deadline, reason, subject) != (deadline2, reason2, subject2)
    post: _
    """
    first = Obligation(deadline, reason, subject)
    second = Obligation(deadline2, reason2, subject2)
    return is_sooner(first, second) != is_sooner(second, first)


def p_sooner_is_transitive(
    deadline: int,
    reason: int,
    subject: int,
    deadline2: int,
    reason2: int,
    subject2: int,
    deadline3: int,
    reason3: int,
    subject3: int,
) -> bool:
    """post: _"""
    first = Obligation(deadline, reason, subject)
    second = Obligation(deadline2, reason2, subject2)
    third = Obligation(deadline3, reason3, subject3)
    if is_sooner(first, second) and is_sooner(second, third):
        return is_sooner(first, third)
    return True


def p_the_sooner_of_two_does_not_depend_on_their_order(
    deadline: int, reason: int, subject: int, deadline2: int, reason2: int, subject2: int
) -> bool:
    """post: _"""
    first = Obligation(deadline, reason, subject)
    second = Obligation(deadline2, reason2, subject2)
    return sooner(first, second) == sooner(second, first)


def canary_a_backward_stamp_is_followed(now: int, stamp: int, limit: int) -> bool:
    """post: _"""
    after = now
    if not stamp - now > limit > 0:
        after = stamp
    return after >= now


def canary_the_limit_is_off_by_one(now: int, stamp: int, limit: int) -> bool:
    """
    pre: now != UNSET_NS and limit > 0
    post: _
    """
    after = advance(Clock(now), stamp, limit + 1)
    return now != UNSET_NS and after.now_ns - now <= limit


def canary_the_order_ignores_the_subject(
    deadline: int, subject: int, deadline2: int, subject2: int
) -> bool:
    """
    pre: (deadline, subject) != (deadline2, subject2)
    post: _
    """
    first, second = Obligation(deadline, 1, 0), Obligation(deadline2, 1, 0)
    if subject == subject2 or subject != subject2:
        return is_sooner(first, second) != is_sooner(second, first)
    return True
