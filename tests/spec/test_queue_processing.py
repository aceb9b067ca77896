"""Queue Processing: what is withdrawn, what is sent, in which order, and when to look again."""

from itertools import permutations

import pytest
from attrs import astuple
from hypothesis import given
from hypothesis import strategies as st

from tickproof.spec.commands import CommandKind
from tickproof.spec.configuration import Bucket
from tickproof.spec.dominance import Pending, Target
from tickproof.spec.queue_processing import (
    VALIDITY_POLICIES,
    Mode,
    Processed,
    Standing,
    Validity,
    Work,
    charged,
    fits,
    gate_open,
    goes_before,
    is_ready,
    process,
    rank,
    time_to_fit,
    validity,
)
from tickproof.spec.rate_bucket import BucketState, initial_state
from tickproof.spec.time import NEVER_NS, NO_OBLIGATION, Obligation, ObligationReason
from tickproof.spec.trading_state import TradingState

NEW, REPLACE, CANCEL = CommandKind.NEW, CommandKind.REPLACE, CommandKind.CANCEL
KINDS = st.sampled_from([NEW, REPLACE, CANCEL])
UNSENT = Standing(Target.NEVER_SENT, reducible=1_000)
RESTING = Standing(Target.ALIVE, total=10, executed=4, leaves=6, reducible=1_000)
ACTIVE = Mode()


@st.composite
def works(draw: st.DrawFn, size: int = 4) -> tuple[Work, ...]:
    """Work of distinct order and intent ids, valid more often than not."""
    found = []
    for number in range(draw(st.integers(0, size))):
        kind = draw(KINDS)
        pending = Pending(
            kind,
            number,
            draw(st.integers(0, 5)) * 10 + number,
            quantity=draw(st.integers(1, 4)),
            good_till_ns=draw(st.sampled_from([0, 0, 40, 90])),
            reduce_only=draw(st.sampled_from([0, 0, 1])),
            admitted_ns=draw(st.integers(0, 50)),
            surfaced=draw(st.integers(0, 1)) if kind == CANCEL else 0,
        )
        likely = Target.NEVER_SENT if kind == NEW else Target.ALIVE
        standing = Standing(
            draw(st.sampled_from([likely, likely, likely, *Target])),
            draw(st.sampled_from([0, 0, 0, NEW, REPLACE, CANCEL])),
            draw(st.sampled_from([0, 0, 1])),
            4,
            draw(st.integers(0, 2)),
            draw(st.integers(0, 2)),
            draw(st.integers(0, 4)),
        )
        found.append(Work(pending, standing))
    return tuple(found)


@st.composite
def bucket_sets(draw: st.DrawFn) -> tuple[tuple[Bucket, ...], tuple[BucketState, ...]]:
    buckets, states = [], []
    for number in range(draw(st.integers(0, 2))):
        capacity = draw(st.integers(1, 4))
        reserve = draw(st.integers(0, capacity - 1))
        most = st.integers(0, capacity - reserve)
        buckets.append(
            Bucket(
                number,
                "bucket",
                capacity,
                draw(st.integers(1, 2)),
                draw(st.integers(1, 30)),
                draw(most),
                draw(most),
                draw(st.integers(0, capacity)),
                reserve,
            )
        )
        states.append(BucketState(draw(st.integers(0, capacity)), draw(st.integers(0, 60))))
    return tuple(buckets), tuple(states)


modes = st.builds(
    Mode,
    st.sampled_from([TradingState.ACTIVE, *TradingState]),
    st.sampled_from([0, 0, 1]),
    st.sampled_from([0, 20]),
)


@given(works(), bucket_sets(), st.integers(60, 80), modes)
def test_the_work_is_divided_and_in_order(
    work: tuple[Work, ...],
    bucket_set: tuple[tuple[Bucket, ...], tuple[BucketState, ...]],
    now_ns: int,
    mode: Mode,
) -> None:
    result = process(work, *bucket_set, now_ns, mode)
    withdrawn = tuple(pending for pending, _ in result.withdrawn)
    parts = (result.sendable, withdrawn, result.kept)
    ids = [each.order_id for part in parts for each in part]
    assert sorted(ids) == [each.pending.order_id for each in work]
    for part in parts:
        assert all(goes_before(part[i], part[i + 1]) for i in range(len(part) - 1))
    assert all(process(order, *bucket_set, now_ns, mode) == result for order in permutations(work))


@given(works(), bucket_sets(), st.integers(60, 80), modes)
def test_only_the_valid_ready_and_affordable_is_sent_and_no_more_would_fit(
    work: tuple[Work, ...],
    bucket_set: tuple[tuple[Bucket, ...], tuple[BucketState, ...]],
    now_ns: int,
    mode: Mode,
) -> None:
    buckets, states = bucket_set
    result = process(work, buckets, states, now_ns, mode)
    by_id = {each.pending.order_id: each for each in work}
    for pending in result.sendable:
        assert validity(by_id[pending.order_id], mode, now_ns) == Validity.VALID
        assert is_ready(by_id[pending.order_id], mode)
        states = charged(pending.kind, buckets, states, now_ns)
    assert states == result.buckets
    for bucket, state in zip(buckets, states, strict=True):
        assert 0 <= state.tokens <= bucket.capacity
    for pending in result.kept:
        assert not is_ready(by_id[pending.order_id], mode) or not fits(
            pending.kind, buckets, states, now_ns
        )
    for pending, code in result.withdrawn:
        assert code == validity(by_id[pending.order_id], mode, now_ns) != Validity.VALID


@given(works(), bucket_sets(), st.integers(60, 80), modes)
def test_the_chosen_are_the_greatest_feasible_choice_in_dispatch_order(
    work: tuple[Work, ...],
    bucket_set: tuple[tuple[Bucket, ...], tuple[BucketState, ...]],
    now_ns: int,
    mode: Mode,
) -> None:
    """Of all feasible subsets, the first in the order that compares members by rank."""
    buckets, states = bucket_set
    valid = [each for each in work if not validity(each, mode, now_ns) and is_ready(each, mode)]
    ready = sorted((each.pending for each in valid), key=lambda p: (-p.kind, p.intent_id))
    feasible = []
    for mask in range(2 ** len(ready)):
        chosen = tuple(mask // 2**i % 2 for i in range(len(ready)))
        left, possible = states, True
        for pending, taken in zip(ready, chosen, strict=True):
            if taken:
                possible = possible and fits(pending.kind, buckets, left, now_ns)
                left = charged(pending.kind, buckets, left, now_ns) if possible else left
        if possible:
            feasible.append(chosen)
    best = max(feasible)
    expected = tuple(p for p, taken in zip(ready, best, strict=True) if taken)
    assert process(work, buckets, states, now_ns, mode).sendable == expected


def again(work: tuple[Work, ...], result: Processed) -> tuple[Work, ...]:
    standing = {each.pending.order_id: each.standing for each in work}
    return tuple(Work(pending, standing[pending.order_id]) for pending in result.kept)


@given(works(), bucket_sets(), st.integers(60, 80), modes, st.integers(0, 40))
def test_nothing_happens_before_the_deadline_and_something_at_it(
    work: tuple[Work, ...],
    bucket_set: tuple[tuple[Bucket, ...], tuple[BucketState, ...]],
    now_ns: int,
    mode: Mode,
    wait_ns: int,
) -> None:
    """Obligations lie ahead, are early enough, and answering one always gets further [T5, T6]."""
    buckets, states = bucket_set
    result = process(work, buckets, states, now_ns, mode)
    kept = again(work, result)
    deadline_ns = result.obligation.deadline_ns
    assert deadline_ns > now_ns
    before_ns = min(now_ns + wait_ns, deadline_ns - 1)
    idle = process(kept, buckets, result.buckets, before_ns, mode)
    assert idle == Processed((), (), result.kept, (), result.buckets, result.obligation)
    if deadline_ns < NEVER_NS:
        then = process(kept, buckets, result.buckets, deadline_ns, mode)
        assert then.sendable or then.withdrawn or then.surfaced
        assert then.obligation.deadline_ns > deadline_ns


@pytest.mark.parametrize(
    ("pending", "standing", "mode", "code"),
    [
        (Pending(NEW, 1, 1), RESTING, ACTIVE, Validity.ALREADY_SENT),
        (Pending(NEW, 1, 1), Standing(Target.DEAD), ACTIVE, Validity.ALREADY_SENT),
        (Pending(REPLACE, 1, 1), UNSENT, ACTIVE, Validity.NEVER_SENT),
        (Pending(CANCEL, 1, 1), UNSENT, ACTIVE, Validity.NEVER_SENT),
        (Pending(REPLACE, 1, 1), Standing(Target.DEAD), ACTIVE, Validity.TARGET_DEAD),
        (Pending(CANCEL, 1, 1), Standing(Target.DEAD), ACTIVE, Validity.TARGET_DEAD),
        (Pending(CANCEL, 1, 1), Standing(Target.ALIVE), ACTIVE, Validity.NOTHING_LEFT),
        (
            Pending(REPLACE, 1, 1, quantity=9),
            Standing(Target.ALIVE, total=9, executed=9),
            ACTIVE,
            Validity.NOTHING_LEFT,
        ),
        (Pending(NEW, 1, 1, good_till_ns=100), UNSENT, ACTIVE, Validity.GOOD_TILL_PASSED),
        (Pending(NEW, 1, 1, good_till_ns=1), UNSENT, ACTIVE, Validity.GOOD_TILL_PASSED),
        (
            Pending(NEW, 1, 1, quantity=6, reduce_only=1),
            Standing(Target.NEVER_SENT, reducible=5),
            ACTIVE,
            Validity.REDUCE_ONLY_GROWS,
        ),
        (
            Pending(NEW, 1, 1, quantity=6),
            Standing(Target.NEVER_SENT, reducible=5),
            Mode(TradingState.REDUCING),
            Validity.TRADING_STATE,
        ),
        (Pending(NEW, 1, 1), UNSENT, Mode(TradingState.HALTED), Validity.TRADING_STATE),
        (Pending(REPLACE, 1, 1), RESTING, Mode(TradingState.HALTED), Validity.TRADING_STATE),
    ],
)
def test_what_is_no_longer_valid_is_withdrawn_with_its_code(
    pending: Pending, standing: Standing, mode: Mode, code: Validity
) -> None:
    result = process((Work(pending, standing),), (), (), 100, mode)
    assert result.withdrawn == ((pending, code),)
    assert result.sendable == result.kept == ()


@pytest.mark.parametrize(
    ("pending", "standing", "mode"),
    [
        (Pending(CANCEL, 1, 1), RESTING, Mode(TradingState.HALTED)),
        (Pending(CANCEL, 1, 1), Standing(Target.ALIVE, doubts=1), ACTIVE),
        (Pending(CANCEL, 1, 1), Standing(Target.ALIVE, leaves=1), ACTIVE),
        (Pending(NEW, 1, 1, good_till_ns=101), UNSENT, ACTIVE),
        (Pending(REPLACE, 1, 1, quantity=10), Standing(Target.ALIVE, 0, 0, 9, 9), ACTIVE),
        (Pending(REPLACE, 1, 1, quantity=9), RESTING, Mode(TradingState.REDUCING)),
        (
            Pending(REPLACE, 1, 1, quantity=9, reduce_only=1),
            Standing(Target.ALIVE, 0, 0, 9, 4, 5, reducible=5),
            Mode(TradingState.REDUCING),
        ),
    ],
)
def test_what_is_valid_is_sent(pending: Pending, standing: Standing, mode: Mode) -> None:
    assert process((Work(pending, standing),), (), (), 100, mode).sendable == (pending,)


def test_policies_are_listed_in_order_of_precedence_and_cover_the_codes() -> None:
    codes = [code for code, _ in VALIDITY_POLICIES]
    assert codes == sorted(codes) == [code for code in Validity if code]


def test_one_in_flight_and_over_a_doubt_a_cancel_only() -> None:
    for kind in (NEW, REPLACE, CANCEL):
        assert gate_open(kind, 0, 0)
        assert not any(gate_open(kind, other, 0) for other in (NEW, REPLACE, CANCEL))
        assert not any(gate_open(kind, other, 2) for other in (NEW, REPLACE, CANCEL))
        assert gate_open(kind, 0, 2) == (kind == CANCEL)


def test_cancels_go_first_then_replaces_then_new_orders_by_admission() -> None:
    kinds = [NEW, CANCEL, REPLACE, NEW, REPLACE, CANCEL]
    work = tuple(
        Work(Pending(kind, number, number), UNSENT if kind == NEW else RESTING)
        for number, kind in enumerate(kinds)
    )
    result = process(work, (), (), 1, ACTIVE)
    assert [each.intent_id for each in result.sendable] == [1, 5, 2, 4, 0, 3]


def test_a_full_bucket_holds_back_only_what_uses_it_and_the_reserve_is_for_cancels() -> None:
    orders = Bucket(0, "orders", 2, 1, 1_000, 1, 0, 0)
    weight = Bucket(1, "weight", 3, 1, 100, 1, 1, 1, reserve=1)
    work = (
        Work(Pending(NEW, 1, 1), UNSENT),
        Work(Pending(NEW, 2, 2), UNSENT),
        Work(Pending(REPLACE, 3, 3, quantity=9), RESTING),
    )
    states = (BucketState(0, 500), initial_state(weight))
    result = process(work, (orders, weight), states, 600, ACTIVE)
    assert [each.order_id for each in result.sendable] == [3]
    assert result.buckets == (BucketState(0, 500), BucketState(2, 600))
    assert result.obligation == Obligation(1_500, ObligationReason.BUCKET_REFILL, 1)
    cancels = tuple(Work(Pending(CANCEL, number, number), RESTING) for number in range(4, 8))
    after = process(cancels, (orders, weight), result.buckets, 600, ACTIVE)
    assert [each.order_id for each in after.sendable] == [4, 5]
    assert after.obligation == Obligation(700, ObligationReason.BUCKET_REFILL, 6)


def test_a_paused_session_holds_new_work_without_an_obligation_and_lets_cancels_go() -> None:
    work = (
        Work(Pending(NEW, 1, 1), UNSENT),
        Work(Pending(REPLACE, 2, 2, quantity=9), RESTING),
        Work(Pending(CANCEL, 3, 3), RESTING),
    )
    result = process(work, (), (), 1, Mode(holds_new_work=1))
    assert [each.order_id for each in result.sendable] == [3]
    assert [each.order_id for each in result.kept] == [2, 1]
    assert result.obligation == NO_OBLIGATION


def test_a_cancel_that_waits_too_long_is_surfaced_once() -> None:
    mode = Mode(cancel_deadline_ns=1_000)
    waiting = Standing(Target.ALIVE, request_kind=REPLACE, leaves=1)
    work = (Work(Pending(CANCEL, 1, 1, admitted_ns=500), waiting),)
    first = process(work, (), (), 500, mode)
    assert first.surfaced == ()
    assert first.obligation == Obligation(1_500, ObligationReason.CANCEL_OVERDUE, 1)
    second = process(again(work, first), (), (), 1_500, mode)
    assert [each.order_id for each in second.surfaced] == [1]
    assert second.obligation == NO_OBLIGATION
    third = process(again(work, second), (), (), 1_600, mode)
    assert third.surfaced == ()
    assert [each.surfaced for each in third.kept] == [1]


def test_the_shortest_deadlines_and_dates_oblige_too() -> None:
    waiting = Standing(Target.ALIVE, request_kind=REPLACE, leaves=1)
    work = (Work(Pending(CANCEL, 1, 1, admitted_ns=500), waiting),)
    result = process(work, (), (), 500, Mode(cancel_deadline_ns=1))
    assert result.obligation == Obligation(501, ObligationReason.CANCEL_OVERDUE, 1)
    late = process(again(work, result), (), (), 501, Mode(cancel_deadline_ns=1))
    assert [each.order_id for each in late.surfaced] == [1]
    held = (Work(Pending(NEW, 1, 1, good_till_ns=1), UNSENT),)
    result = process(held, (), (), 0, Mode(holds_new_work=1))
    assert result.obligation == Obligation(1, ObligationReason.GOOD_TILL_DATE, 1)


def test_what_is_not_given_is_zero() -> None:
    assert astuple(Standing(Target.ALIVE)) == (Target.ALIVE, 0, 0, 0, 0, 0, 0)
    assert astuple(Mode()) == (TradingState.ACTIVE, 0, 0)


def test_a_new_that_waits_past_its_date_is_withdrawn_at_it() -> None:
    bucket = Bucket(0, "bucket", 1, 1, 10_000, 1, 1, 1)
    work = (Work(Pending(NEW, 1, 1, good_till_ns=900), UNSENT),)
    first = process(work, (bucket,), (BucketState(0),), 500, ACTIVE)
    assert first.obligation == Obligation(900, ObligationReason.GOOD_TILL_DATE, 1)
    second = process(again(work, first), (bucket,), first.buckets, 900, ACTIVE)
    assert [code for _, code in second.withdrawn] == [Validity.GOOD_TILL_PASSED]


def test_the_rank_of_each_kind() -> None:
    assert [rank(kind) for kind in (CANCEL, REPLACE, NEW)] == [0, 1, 2]


def test_buckets_and_their_states_go_together_and_no_bucket_means_at_once() -> None:
    bucket = Bucket(0, "bucket", 1, 1, 10_000, 1, 1, 1)
    assert time_to_fit(NEW, (), ()) == 0
    for function in (fits, charged):
        with pytest.raises(ValueError, match="zip"):
            function(NEW, (bucket,), (), 1)
    with pytest.raises(ValueError, match="zip"):
        time_to_fit(NEW, (bucket,), ())
