"""Queue Processing: which pending commands are sent now, in which order, and when to look again.

What it decides, purely [EC2, EC3]: (1) what is no longer valid against State is withdrawn, with a
code; (2) the rest stands in dispatch order, CANCEL before REPLACE before NEW, then by admission
position; (3) the in-flight gate holds back what has to wait for an answer [EC5]; (4) rate buckets
hold back the work that uses a bucket without enough tokens, and no other work; (5) what remains
is sent: going down the order, everything that still fits. The result is maximal, and no command
waits for one that comes after it. Where Requests of different cost share a bucket a cheap one may
pass an expensive one of lower rank: that is what maximal means.

Validity can end an Intent; it cannot delay one, and nothing else here can end one [R2].

Obligations come out with the result: a refill that will let waiting work go, a CANCEL whose
deadline approaches [ID2], a good-till date that will withdraw a NEW. Each lies after `now_ns`, so
answering one always gets further [T5, T6].

Sections: codes, types, validity, order, gate, buckets, obligations, process. Decision: ADR-0006.
"""

from __future__ import annotations

from collections.abc import Callable
from enum import IntEnum

from attrs import evolve, frozen

from tickproof.spec.commands import CommandKind
from tickproof.spec.configuration import Bucket
from tickproof.spec.dominance import Pending, Target
from tickproof.spec.rate_bucket import (
    BucketState,
    can_take,
    cost_of,
    next_time_for,
    refilled,
    take,
)
from tickproof.spec.time import NEVER_NS, Obligation, ObligationReason, earliest
from tickproof.spec.trading_state import TradingState, admits

# --- codes ---------------------------------------------------------------------------------------


class Validity(IntEnum):
    """Whether a pending command still makes sense; of several reasons the lowest code is given.

    ALREADY_SENT: a NEW for an order the venue knows. NEVER_SENT: REPLACE or CANCEL for one it
    does not [ID1]. TARGET_DEAD: the order is over. NOTHING_LEFT: it is filled and nothing is
    unknown or under way. GOOD_TILL_PASSED: a NEW after its own date. REDUCE_ONLY_GROWS: measured
    again, it would grow or flip the position. TRADING_STATE: no longer admitted.
    """

    VALID = 0
    ALREADY_SENT = 1
    NEVER_SENT = 2
    TARGET_DEAD = 3
    NOTHING_LEFT = 4
    GOOD_TILL_PASSED = 5
    REDUCE_ONLY_GROWS = 6
    TRADING_STATE = 7


# --- types ---------------------------------------------------------------------------------------


@frozen
class Standing:
    """What State says of the order a pending command is for.

    `target`: code of `Target`. `request_kind`: kind of the request in flight, NONE (0) if none.
    `doubts`: requests whose outcome is unknown. `total`, `executed`, `leaves`: lots. `reducible`:
    lots this order may have open on its side without growing or flipping the resulting position,
    all other own work counted at its worst; read only for reduce-only work or in REDUCING.
    """

    target: int
    request_kind: int = 0
    doubts: int = 0
    total: int = 0
    executed: int = 0
    leaves: int = 0
    reducible: int = 0


@frozen
class Work:
    """A pending command beside the standing of its order."""

    pending: Pending
    standing: Standing


@frozen
class Mode:
    """What holds for all work.

    `holds_new_work` 1: NEW and REPLACE wait (a paused session). `cancel_deadline_ns`: how long a
    CANCEL may wait before it is surfaced, 0 however long.
    """

    trading_state: int = TradingState.ACTIVE
    holds_new_work: int = 0
    cancel_deadline_ns: int = 0


@frozen
class Processed:
    """The result. `sendable`, `withdrawn` and `kept` are in dispatch order and divide the work.

    `withdrawn`: (command, code of `Validity`). `surfaced`: the kept CANCELs whose deadline has
    passed since they were last looked at. `buckets`: bucket states afterwards. `obligation`: the
    earliest, `NO_OBLIGATION` when there is none.
    """

    sendable: tuple[Pending, ...]
    withdrawn: tuple[tuple[Pending, int], ...]
    kept: tuple[Pending, ...]
    surfaced: tuple[Pending, ...]
    buckets: tuple[BucketState, ...]
    obligation: Obligation


# --- (1) validity --------------------------------------------------------------------------------


def is_already_sent(work: Work, mode: Mode, now_ns: int) -> bool:
    """A NEW for an order the venue has been sent."""
    return work.pending.kind == CommandKind.NEW and work.standing.target != Target.NEVER_SENT


def is_never_sent(work: Work, mode: Mode, now_ns: int) -> bool:
    """A REPLACE or CANCEL for an order the venue has not been sent [ID1]."""
    return work.pending.kind != CommandKind.NEW and work.standing.target == Target.NEVER_SENT


def is_target_dead(work: Work, mode: Mode, now_ns: int) -> bool:
    """A command for an order that is over."""
    return work.standing.target == Target.DEAD


def is_nothing_left(work: Work, mode: Mode, now_ns: int) -> bool:
    """A CANCEL, or a REPLACE that does not increase, for a filled order.

    Not while a request is under way or in doubt: it may have changed the total.
    """
    standing = work.standing
    if work.pending.kind == CommandKind.NEW or standing.leaves > 0:
        return False
    if standing.request_kind != CommandKind.NONE or standing.doubts > 0:
        return False
    return work.pending.kind == CommandKind.CANCEL or work.pending.quantity <= standing.total


def is_good_till_passed(work: Work, mode: Mode, now_ns: int) -> bool:
    """A NEW whose good-till date has come before it could be sent."""
    pending = work.pending
    return pending.kind == CommandKind.NEW and 0 < pending.good_till_ns <= now_ns


def only_reduces(work: Work) -> bool:
    """Whether what would be open of the order fits into what still reduces the position."""
    return work.pending.quantity - work.standing.executed <= work.standing.reducible


def is_reduce_only_growing(work: Work, mode: Mode, now_ns: int) -> bool:
    """A reduce-only NEW or REPLACE that no longer only reduces."""
    if work.pending.kind == CommandKind.CANCEL or work.pending.reduce_only == 0:
        return False
    return not only_reduces(work)


def is_not_admitted(work: Work, mode: Mode, now_ns: int) -> bool:
    """A command that the trading state does not admit any more."""
    return not admits(mode.trading_state, work.pending.kind, only_reduces(work))


VALIDITY_POLICIES: tuple[tuple[Validity, Callable[[Work, Mode, int], bool]], ...] = (
    (Validity.ALREADY_SENT, is_already_sent),
    (Validity.NEVER_SENT, is_never_sent),
    (Validity.TARGET_DEAD, is_target_dead),
    (Validity.NOTHING_LEFT, is_nothing_left),
    (Validity.GOOD_TILL_PASSED, is_good_till_passed),
    (Validity.REDUCE_ONLY_GROWS, is_reduce_only_growing),
    (Validity.TRADING_STATE, is_not_admitted),
)
"""The reasons to withdraw, in order of precedence."""


def validity(work: Work, mode: Mode, now_ns: int) -> int:
    """The code of the first policy that withdraws the command, VALID if none does."""
    for code, withdraws in VALIDITY_POLICIES:
        if withdraws(work, mode, now_ns):
            return int(code)
    return int(Validity.VALID)


# --- (2) order -----------------------------------------------------------------------------------


def rank(kind: int) -> int:
    """CANCEL 0, REPLACE 1, NEW 2."""
    return int(CommandKind.CANCEL) - kind


def goes_before(first: Pending, second: Pending) -> bool:
    """Strict total order of dispatch: by rank, then admission position (which are distinct)."""
    if rank(first.kind) != rank(second.kind):
        return rank(first.kind) < rank(second.kind)
    return first.intent_id < second.intent_id


def dispatch_key(work: Work) -> tuple[int, int]:
    """`goes_before` as a sort key."""
    return (rank(work.pending.kind), work.pending.intent_id)


# --- (3) gate ------------------------------------------------------------------------------------


def gate_open(kind: int, request_kind: int, doubts: int) -> bool:
    """Whether a command may go out beside what its order already has out [EC5].

    Never beside a request in flight; over a doubt only a CANCEL.
    """
    if request_kind != CommandKind.NONE:
        return False
    return doubts == 0 or kind == CommandKind.CANCEL


def is_held(pending: Pending, mode: Mode) -> bool:
    """Whether the session holds the command back: a paused one lets only CANCEL go."""
    return mode.holds_new_work != 0 and pending.kind != CommandKind.CANCEL


def is_ready(work: Work, mode: Mode) -> bool:
    """Whether only tokens stand between the command and the venue."""
    standing = work.standing
    return not is_held(work.pending, mode) and gate_open(
        work.pending.kind, standing.request_kind, standing.doubts
    )


# --- (4) buckets ---------------------------------------------------------------------------------


def fits(
    kind: int, buckets: tuple[Bucket, ...], states: tuple[BucketState, ...], now_ns: int
) -> bool:
    """Whether every bucket that a Request of `kind` uses has the tokens at `now_ns`."""
    return all(
        cost_of(bucket, kind) == 0 or can_take(bucket, refilled(bucket, state, now_ns), kind)
        for bucket, state in zip(buckets, states, strict=True)
    )


def charged(
    kind: int, buckets: tuple[Bucket, ...], states: tuple[BucketState, ...], now_ns: int
) -> tuple[BucketState, ...]:
    """The buckets after a Request of `kind`; those it does not use are as they were."""
    return tuple(
        state if cost_of(bucket, kind) == 0 else take(bucket, refilled(bucket, state, now_ns), kind)
        for bucket, state in zip(buckets, states, strict=True)
    )


def time_to_fit(kind: int, buckets: tuple[Bucket, ...], states: tuple[BucketState, ...]) -> int:
    """The earliest time at which `fits` holds if nothing else takes: the latest of its buckets'.

    Meant for a command that does not fit now; 0 when it uses no bucket.
    """
    found = 0
    for bucket, state in zip(buckets, states, strict=True):
        if cost_of(bucket, kind) != 0:
            found = max(found, next_time_for(bucket, state, kind))
    return found


# --- obligations ---------------------------------------------------------------------------------


def refill_obligation(
    work: Work, buckets: tuple[Bucket, ...], states: tuple[BucketState, ...], mode: Mode
) -> Obligation:
    """When tokens will let a kept command go, if nothing else holds it."""
    deadline_ns = time_to_fit(work.pending.kind, buckets, states)
    if not is_ready(work, mode):
        deadline_ns = NEVER_NS
    return Obligation(deadline_ns, int(ObligationReason.BUCKET_REFILL), work.pending.order_id)


def is_overdue(pending: Pending, mode: Mode, now_ns: int) -> bool:
    """Whether the command is a CANCEL that has waited for the configured time [ID2]."""
    if pending.kind != CommandKind.CANCEL or mode.cancel_deadline_ns == 0:
        return False
    return pending.admitted_ns + mode.cancel_deadline_ns <= now_ns


def overdue_obligation(pending: Pending, mode: Mode, now_ns: int) -> Obligation:
    """When a kept CANCEL will have waited too long; never again once it has [ID2]."""
    deadline_ns = NEVER_NS
    if (
        pending.kind == CommandKind.CANCEL
        and mode.cancel_deadline_ns != 0
        and pending.surfaced == 0
        and not is_overdue(pending, mode, now_ns)
    ):
        deadline_ns = pending.admitted_ns + mode.cancel_deadline_ns
    return Obligation(deadline_ns, int(ObligationReason.CANCEL_OVERDUE), pending.order_id)


def date_obligation(pending: Pending) -> Obligation:
    """When a kept NEW will have waited past its good-till date."""
    deadline_ns = NEVER_NS
    if pending.kind == CommandKind.NEW and pending.good_till_ns > 0:
        deadline_ns = pending.good_till_ns
    return Obligation(deadline_ns, int(ObligationReason.GOOD_TILL_DATE), pending.order_id)


def next_obligation(
    kept: tuple[Work, ...],
    buckets: tuple[Bucket, ...],
    states: tuple[BucketState, ...],
    now_ns: int,
    mode: Mode,
) -> Obligation:
    """The earliest of what the kept work waits for; `NO_OBLIGATION` when nothing is due."""
    candidates = (
        *(refill_obligation(work, buckets, states, mode) for work in kept),
        *(overdue_obligation(work.pending, mode, now_ns) for work in kept),
        *(date_obligation(work.pending) for work in kept),
    )
    return earliest(tuple(each for each in candidates if each.deadline_ns < NEVER_NS))


# --- (5) process ---------------------------------------------------------------------------------


def choose(
    ready: tuple[Pending, ...],
    buckets: tuple[Bucket, ...],
    states: tuple[BucketState, ...],
    now_ns: int,
) -> tuple[tuple[Pending, ...], tuple[BucketState, ...]]:
    """Down the order, everything that fits; with it, the buckets afterwards."""
    chosen: tuple[Pending, ...] = ()
    for pending in ready:
        if fits(pending.kind, buckets, states, now_ns):
            states = charged(pending.kind, buckets, states, now_ns)
            chosen += (pending,)
    return chosen, states


def process(
    work: tuple[Work, ...],
    buckets: tuple[Bucket, ...],
    states: tuple[BucketState, ...],
    now_ns: int,
    mode: Mode,
) -> Processed:
    """Work the queue once, at `now_ns` [EC2].

    `work`: one element per order key at most [EC4], in any order. `buckets` and `states` are
    parallel. The caller sends `sendable`, reports `withdrawn` and `surfaced`, keeps `kept`.
    """
    ordered = tuple(sorted(work, key=dispatch_key))
    codes = tuple(validity(each, mode, now_ns) for each in ordered)
    pairs = tuple(zip(ordered, codes, strict=True))
    valid = tuple(each for each, code in pairs if code == Validity.VALID)

    ready = tuple(each.pending for each in valid if is_ready(each, mode))
    sendable, states_after = choose(ready, buckets, states, now_ns)
    waiting = tuple(each for each in valid if each.pending not in sendable)
    surfaced = tuple(
        each.pending
        for each in waiting
        if is_overdue(each.pending, mode, now_ns) and each.pending.surfaced == 0
    )
    return Processed(
        sendable,
        tuple((each.pending, code) for each, code in pairs if code != Validity.VALID),
        tuple(
            evolve(each.pending, surfaced=1) if each.pending in surfaced else each.pending
            for each in waiting
        ),
        surfaced,
        states_after,
        next_obligation(waiting, buckets, states_after, now_ns, mode),
    )
