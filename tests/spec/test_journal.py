"""The journal's two tables: total, exclusive, every rule happens, and nothing is told too early."""

from collections import deque
from collections.abc import Iterator
from itertools import product

import pytest
from attrs import evolve
from hypothesis import given
from hypothesis import strategies as st

from tests.spec import table_checks
from tickproof.spec.journal import (
    COMMIT,
    RECOVERY,
    Commit,
    CommitEvent,
    CommitRefusal,
    CommitState,
    Found,
    Recovery,
    RecoveryAction,
    RecoveryEvent,
    RecoveryRefusal,
    RecoveryState,
    commit_step,
    inv,
    recovery_step,
)
from tickproof.spec.table import Refuse

DAMAGE = (
    RecoveryEvent.FRAME_SHORT,
    RecoveryEvent.FRAME_HEADER_DAMAGED,
    RecoveryEvent.FRAME_BODY_DAMAGED,
)
"""What a crash can leave at the end of a log."""

FOREIGN = (
    RecoveryEvent.SEGMENT_DAMAGED,
    RecoveryEvent.SEGMENT_FOREIGN,
    RecoveryEvent.SEGMENT_UNLINKED,
    RecoveryEvent.SEGMENT_MISSING,
    RecoveryEvent.FRAME_CHAIN_BROKEN,
    RecoveryEvent.FRAME_POSITION_WRONG,
    RecoveryEvent.FRAME_UNREADABLE,
)
"""What no crash leaves anywhere."""


def recoveries(state: int) -> Iterator[Recovery]:
    """At the mark, or apart from it in one thing; with both slots read, or one."""
    for here, is_sure in product(
        ((1, 1, 1, b"x"), (0, 1, 1, b"x"), (1, 0, 1, b"x"), (1, 1, 0, b"x"), (1, 1, 1, b"")),
        (0, 1),
    ):
        yield Recovery(state, *here, 1, 1, 1, b"x", is_sure)


def found() -> Iterator[Found]:
    """Before, at and past the mark; held and ahead; last and not."""
    for place, position, is_last in product(((0, 2), (1, 0), (1, 1), (1, 2)), (1, 2), (0, 1)):
        yield Found(*place, position, b"x", 1, is_last)


def test_the_commit_table_is_total_and_exclusive() -> None:
    def samples(state: int, _event: int) -> Iterator[tuple[Commit, int]]:
        for written, position in product(range(3), range(3)):
            yield Commit(state, written), position

    table_checks.check_table(COMMIT, samples)


def test_the_recovery_table_is_total_and_exclusive() -> None:
    table_checks.check_table(RECOVERY, lambda state, _event: product(recoveries(state), found()))


@given(
    st.sampled_from(RecoveryState),
    st.sampled_from(RecoveryEvent),
    st.lists(st.integers(), min_size=10, max_size=10),
    st.binary(max_size=2),
    st.binary(max_size=2),
)
def test_recovery_guards_exclude_each_other_over_all_integers(
    state: RecoveryState, event: RecoveryEvent, numbers: list[int], left: bytes, right: bytes
) -> None:
    a, b, c, d, e, f, g, h, i, j = numbers
    recovery = Recovery(int(state), a, b, c, left, d, e, f, right, g)
    seen = Found(h, i, j, left, 1, g)
    held = [rule.id for rule in RECOVERY.cells[state][event] if rule.guard(recovery, seen)]
    assert len(held) == 1


# --- commit --------------------------------------------------------------------------------------


@given(st.lists(st.tuples(st.sampled_from(CommitEvent), st.integers(0, 9)), max_size=40))
def test_nothing_is_acknowledged_before_it_is_on_disk_and_marked(
    events: list[tuple[CommitEvent, int]],
) -> None:
    commit = Commit()
    for event, position in events:
        after = commit_step(commit, event, position).commit
        assert after.acknowledged <= after.marked <= after.synced <= after.written
        if after.acknowledged != commit.acknowledged:
            assert (commit.state, event) == (CommitState.MARKED, CommitEvent.MARK_SYNCED)
        if commit.state == CommitState.FAILED:
            assert after == commit
        commit = after


def test_what_nothing_was_told_to_is_at_the_beginning() -> None:
    assert Commit() == Commit(CommitState.IDLE, 0, 0, 0, 0)
    start = Recovery(RecoveryState.START, 0, 0, 0, b"", 0, 0, 0, b"", 0, -1, -1, 0)
    assert Recovery() == start
    assert Found() == Found(0, 0, 0, b"", 0, 1)


def test_frames_that_add_nothing_are_out_of_order() -> None:
    for position in (4, 5):
        step = commit_step(Commit(CommitState.IDLE, 5), CommitEvent.FRAMES_WRITTEN, position)
        assert step.refusal == CommitRefusal.OUT_OF_ORDER
    assert commit_step(Commit(), CommitEvent.FRAMES_WRITTEN).refusal == CommitRefusal.OUT_OF_ORDER


def test_what_stands_of_a_commit() -> None:
    assert inv(Commit())
    assert inv(Commit(CommitState.MARKED, 4, 3, 2, 1))
    assert not inv(Commit(CommitState.MARKED, 4, 3, 2, 3))
    assert not inv(Commit(CommitState.MARKED, 4, 3, 4, 1))
    assert not inv(Commit(CommitState.MARKED, 4, 5, 2, 1))


def test_an_error_ends_a_commit_wherever_it_is_and_is_refused_afterwards() -> None:
    for state in CommitState:
        before = Commit(int(state), 5, 4, 3, 2)
        step = commit_step(before, CommitEvent.ERROR)
        if state == CommitState.FAILED:
            assert (step.commit, step.refusal) == (before, CommitRefusal.ENDED)
        else:
            assert step.commit == Commit(CommitState.FAILED, 5, 4, 3, 2)
            assert step.refusal == 0


@pytest.mark.parametrize("event", CommitEvent, ids=lambda event: event.name)
@pytest.mark.parametrize("state", CommitState, ids=lambda state: state.name)
def test_what_comes_out_of_order_is_refused_by_name(state: CommitState, event: CommitEvent) -> None:
    after = {
        (CommitState.IDLE, CommitEvent.FRAMES_WRITTEN): CommitState.WRITTEN,
        (CommitState.WRITTEN, CommitEvent.FRAMES_WRITTEN): CommitState.WRITTEN,
        (CommitState.WRITTEN, CommitEvent.LOG_SYNCED): CommitState.SYNCED,
        (CommitState.SYNCED, CommitEvent.MARK_WRITTEN): CommitState.MARKED,
        (CommitState.MARKED, CommitEvent.MARK_SYNCED): CommitState.IDLE,
    }
    step = commit_step(Commit(int(state), 5), event, 6)
    if state == CommitState.FAILED:
        assert step.refusal == CommitRefusal.ENDED
    elif event != CommitEvent.ERROR and (state, event) not in after:
        assert step.refusal == CommitRefusal.OUT_OF_ORDER
    else:
        assert step.refusal == 0
        assert step.commit.state == after.get((state, event), CommitState.FAILED)


def test_a_commit_in_order_acknowledges_what_was_written() -> None:
    commit = Commit()
    for event in (
        CommitEvent.FRAMES_WRITTEN,
        CommitEvent.LOG_SYNCED,
        CommitEvent.MARK_WRITTEN,
        CommitEvent.MARK_SYNCED,
    ):
        assert commit.acknowledged == 0
        commit = commit_step(commit, event, 5).commit
    assert commit == Commit(CommitState.IDLE, 5, 5, 5, 5)


# --- recovery ------------------------------------------------------------------------------------


def witnesses() -> dict[str, tuple[int, ...]]:
    """Rule id -> events of a shortest trace from the start that ends in that rule."""
    found_ids: dict[str, tuple[int, ...]] = {}
    queue: deque[tuple[Recovery, tuple[int, ...]]] = deque([(Recovery(), ())])
    seen = {Recovery()}
    letters = [
        Found(segment, 0, segment, b"x" * segment, is_sure, is_last)
        for segment, is_sure, is_last in product((0, 1, 2), (0, 1), (0, 1))
    ]
    while queue:
        recovery, trace = queue.popleft()
        for event, letter in product(RecoveryEvent, letters):
            rule = RECOVERY.select(recovery.state, event, recovery, letter)
            found_ids.setdefault(rule.id, (*trace, int(event)))
            after = recovery_step(recovery, event, letter).recovery
            if after not in seen and len(trace) < WITNESS_EVENTS_MAX:
                seen.add(after)
                queue.append((after, (*trace, int(event))))
    return found_ids


WITNESS_EVENTS_MAX = 3


@pytest.mark.parametrize("event", DAMAGE, ids=lambda event: event.name)
@pytest.mark.parametrize("state", RecoveryState, ids=lambda state: state.name)
def test_only_what_was_never_acknowledged_is_cut(
    state: RecoveryState, event: RecoveryEvent
) -> None:
    for recovery, letter in product(recoveries(state), found()):
        outcome = recovery_step(recovery, event, letter)
        is_cut = outcome.recovery.action == RecoveryAction.CUT
        assert is_cut == (state == RecoveryState.BEYOND and letter.is_last == 1)
        if is_cut:
            assert outcome.recovery.cut_offset == recovery.offset
        else:
            assert outcome.refusal


def test_no_other_event_ever_cuts() -> None:
    for state, event in product(RecoveryState, RecoveryEvent):
        if event in DAMAGE:
            continue
        for recovery, letter in product(recoveries(state), found()):
            outcome = recovery_step(recovery, event, letter)
            assert outcome.recovery.action != RecoveryAction.CUT
            assert outcome.recovery.state != RecoveryState.CUT or state == RecoveryState.CUT


@pytest.mark.parametrize("event", FOREIGN, ids=lambda event: event.name)
def test_what_no_crash_leaves_is_refused_wherever_it_stands(event: RecoveryEvent) -> None:
    for state in (RecoveryState.BELOW, RecoveryState.BEYOND, RecoveryState.UNSURE):
        outcome = recovery_step(Recovery(state), event, Found())
        assert RecoveryRefusal(outcome.refusal).name == event.name


@given(st.lists(st.tuples(st.sampled_from(RecoveryEvent), st.sampled_from(list(found())))))
def test_a_log_is_accepted_only_after_its_mark_was_reached(
    events: list[tuple[RecoveryEvent, Found]],
) -> None:
    recovery, agreed = Recovery(), False
    for event, letter in events:
        before = recovery
        outcome = recovery_step(recovery, event, letter)
        recovery = outcome.recovery
        if outcome.refusal:
            assert recovery is before
        agreed = agreed or (event == RecoveryEvent.MARK_REACHED and not outcome.refusal)
        if recovery.state in (RecoveryState.WHOLE, RecoveryState.CUT):
            assert agreed


def test_with_one_slot_unread_a_damaged_end_is_refused() -> None:
    mark = Found(0, 10, 1, b"x", is_sure=0)
    recovery = recovery_step(Recovery(), RecoveryEvent.SLOTS_READ, mark).recovery
    recovery = recovery_step(recovery, RecoveryEvent.FRAME_WHOLE, mark).recovery
    recovery = recovery_step(recovery, RecoveryEvent.MARK_REACHED, mark).recovery
    assert recovery.state == RecoveryState.UNSURE
    refused = recovery_step(recovery, RecoveryEvent.FRAME_SHORT, mark)
    assert refused.refusal == RecoveryRefusal.MARK_UNSURE
    whole = recovery_step(recovery, RecoveryEvent.LOG_ENDED, mark).recovery
    assert (whole.state, whole.action) == (RecoveryState.WHOLE, RecoveryAction.KEEP)


def test_a_log_that_is_not_what_was_acknowledged_is_refused_by_name() -> None:
    below = Recovery(RecoveryState.BELOW, 0, 5, 1, b"x", 0, 9, 3, b"x", 1)
    past = Found(0, 10, 4, b"x")
    for event, seen in (
        (RecoveryEvent.FRAME_WHOLE, past),
        (RecoveryEvent.SEALED_SEGMENT, past),
        (RecoveryEvent.FRAME_WHOLE, Found(1, 1, 4, b"x")),
        (RecoveryEvent.MARK_REACHED, Found()),
    ):
        assert recovery_step(below, event, seen).refusal == RecoveryRefusal.MARK_DISAGREES
    within = recovery_step(below, RecoveryEvent.FRAME_WHOLE, Found(0, 9, 3, b"x"))
    assert within.refusal == 0
    earlier = evolve(below, mark_segment=1, mark_offset=0)
    assert recovery_step(earlier, RecoveryEvent.FRAME_WHOLE, past).refusal == 0


@pytest.mark.parametrize("state", [RecoveryState.WHOLE, RecoveryState.CUT])
def test_the_newest_snapshot_of_the_log_is_used(state: RecoveryState) -> None:
    recovery = Recovery(int(state), position=9)
    for position, newest in ((5, 5), (9, 9), (3, 9)):
        step = recovery_step(recovery, RecoveryEvent.SNAPSHOT_WHOLE, Found(position=position))
        recovery = step.recovery
        assert (recovery.snapshot, recovery.action) == (newest, RecoveryAction.USE)
        assert (recovery.state, step.refusal) == (state, 0)
    ahead = recovery_step(recovery, RecoveryEvent.SNAPSHOT_WHOLE, Found(position=10))
    assert ahead.refusal == RecoveryRefusal.SNAPSHOT_AHEAD
    passed = recovery_step(recovery, RecoveryEvent.SNAPSHOT_DAMAGED, Found())
    assert passed.recovery.action == RecoveryAction.PASS_OVER
    foreign = recovery_step(recovery, RecoveryEvent.SNAPSHOT_FOREIGN, Found())
    assert foreign.refusal == RecoveryRefusal.SNAPSHOT_FOREIGN


def test_a_refusal_changes_nothing_and_a_row_says_what_to_do() -> None:
    for state, event in product(RecoveryState, RecoveryEvent):
        for recovery, letter in product(recoveries(state), found()):
            rule = RECOVERY.select(state, event, recovery, letter)
            outcome = recovery_step(recovery, event, letter)
            if isinstance(rule, Refuse):
                assert outcome.recovery is recovery
                assert outcome.refusal == rule.code != 0
            else:
                assert outcome.refusal == 0
                assert outcome.recovery.state == rule.target
                assert outcome.recovery.action != RecoveryAction.NONE


WITNESSES = witnesses()


@pytest.mark.parametrize("rule", RECOVERY.rules, ids=lambda rule: rule.id)
def test_every_rule_of_recovery_can_happen(rule: object) -> None:
    assert rule.id in WITNESSES  # type: ignore[attr-defined]
