"""The journal: nothing is acknowledged early, what ended stays ended, only the unmarked is cut.

Positions, offsets and segments are unbounded; a chain is equal to the marked one or is not.
"""

from attrs import evolve

from tests.proofs.gate import Proof, named
from tickproof.spec.journal import (
    COMMIT,
    RECOVERY,
    Commit,
    CommitEvent,
    CommitState,
    Found,
    Recovery,
    RecoveryAction,
    RecoveryEvent,
    RecoveryState,
    commit_step,
    inv,
    is_within_mark,
    recovery_step,
)

DAMAGE = ("FRAME_SHORT", "FRAME_HEADER_DAMAGED", "FRAME_BODY_DAMAGED")
STATES = len(CommitState)
IDLE, FAILED = int(CommitState.IDLE), int(CommitState.FAILED)
MARKED, MARK_SYNCED = int(CommitState.MARKED), int(CommitEvent.MARK_SYNCED)
BELOW, BEYOND = int(RecoveryState.BELOW), int(RecoveryState.BEYOND)
UNSURE, CUT = int(RecoveryState.UNSURE), int(RecoveryState.CUT)
WHOLE = int(RecoveryEvent.FRAME_WHOLE)
REACHED = int(RecoveryEvent.MARK_REACHED)
FIRST_DAMAGE = int(RecoveryEvent.FRAME_SHORT)

PROOFS = (
    *(f"p_commit_keeps_its_invariant_{event.name.lower()}" for event in CommitEvent),
    *(f"p_commit_guards_are_exhaustive_and_disjoint_{event.name.lower()}" for event in CommitEvent),
    *(f"p_only_what_was_never_acknowledged_is_cut_{name.lower()}" for name in DAMAGE),
    "p_only_a_synced_mark_acknowledges",
    "p_after_an_error_nothing_changes",
    "p_a_commit_in_order_acknowledges_what_was_written",
    "p_a_frame_below_the_mark_ends_within_it",
    "p_mark_guards_are_exhaustive_and_disjoint",
    "p_only_the_acknowledged_log_is_gone_on_with",
    "p_place_guards_are_exhaustive_and_disjoint",
)
CANARIES = (
    "canary_a_written_mark_acknowledges",
    "canary_a_damaged_frame_is_cut_below_the_mark",
    "canary_one_readable_slot_is_as_good_as_two",
)


def commit_of(state: int, written: int, synced: int, marked: int, acknowledged: int) -> Commit:
    for code in range(STATES):
        if state == code:
            return Commit(code, written, synced, marked, acknowledged)
    return Commit(FAILED, written, synced, marked, acknowledged)


def keeps(event: CommitEvent) -> Proof:
    def proof(
        state: int, written: int, synced: int, marked: int, acknowledged: int, position: int
    ) -> bool:
        """
        pre: 0 <= state < 5 and acknowledged <= marked <= synced <= written
        post: _
        """
        commit = commit_of(state, written, synced, marked, acknowledged)
        return inv(commit_step(commit, int(event), position).commit)

    return named(f"p_commit_keeps_its_invariant_{event.name.lower()}", proof)


def exclusive(event: CommitEvent) -> Proof:
    def proof(state: int, written: int, position: int) -> bool:
        """
        pre: 0 <= state < 5
        post: _
        """
        commit = commit_of(state, written, 0, 0, 0)
        rules = COMMIT.cells[commit.state][int(event)]
        return sum(1 for rule in rules if rule.guard(commit, position)) == 1

    name = f"p_commit_guards_are_exhaustive_and_disjoint_{event.name.lower()}"
    return named(name, proof)


def cuts(number: int) -> Proof:
    event = FIRST_DAMAGE + number

    def proof(state: int, offset: int, position: int, is_last: int) -> bool:
        """
        pre: 1 <= state <= 3
        post: _
        """
        recovery = reading(state, 0, offset, position)
        step = recovery_step(recovery, event, Found(0, offset, position, is_last=is_last))
        if step.recovery.action != RecoveryAction.CUT:
            return step.refusal != 0 and step.recovery == recovery
        return state == BEYOND and is_last == 1 and step.recovery.cut_offset == offset

    return named(f"p_only_what_was_never_acknowledged_is_cut_{DAMAGE[number].lower()}", proof)


def generated() -> list[Proof]:
    """One proof per event of the properties that speak of each."""
    return [
        *map(keeps, CommitEvent),
        *map(exclusive, CommitEvent),
        *map(cuts, range(len(DAMAGE))),
    ]


def reading(state: int, segment: int, offset: int, position: int) -> Recovery:
    for code in (BELOW, BEYOND, UNSURE):
        if state == code:
            return Recovery(code, segment, offset, position)
    return Recovery(CUT, segment, offset, position)


# --- commit --------------------------------------------------------------------------------------


def p_only_a_synced_mark_acknowledges(
    state: int, event: int, written: int, marked: int, acknowledged: int, position: int
) -> bool:
    """
    pre: 0 <= state < 5 and 0 <= event < 5
    post: _
    """
    commit = commit_of(state, written, written, marked, acknowledged)
    for code in range(5):
        if event == code:
            after = commit_step(commit, code, position).commit
            if after.acknowledged != acknowledged:
                return state == MARKED and code == MARK_SYNCED and after.acknowledged == marked
    return True


def p_after_an_error_nothing_changes(
    event: int, written: int, synced: int, marked: int, acknowledged: int, position: int
) -> bool:
    """
    pre: 0 <= event < 5
    post: _
    """
    commit = Commit(FAILED, written, synced, marked, acknowledged)
    for code in range(5):
        if event == code:
            step = commit_step(commit, code, position)
            return step.commit == commit and step.refusal != 0
    return False


def p_a_commit_in_order_acknowledges_what_was_written(acknowledged: int, position: int) -> bool:
    """
    pre: position > acknowledged
    post: _
    """
    commit = Commit(IDLE, acknowledged, acknowledged, acknowledged, acknowledged)
    for event in (CommitEvent.FRAMES_WRITTEN, CommitEvent.LOG_SYNCED, CommitEvent.MARK_WRITTEN):
        commit = commit_step(commit, int(event), position).commit
        if commit.acknowledged != acknowledged:
            return False
    return commit_step(commit, MARK_SYNCED, 0).commit.acknowledged == position


# --- recovery ------------------------------------------------------------------------------------


def p_a_frame_below_the_mark_ends_within_it(
    segment: int, offset: int, position: int, mark_segment: int, mark_offset: int
) -> bool:
    """
    post: _
    """
    recovery = Recovery(BELOW, 0, 0, 0, b"", mark_segment, mark_offset)
    found = Found(segment, offset, position)
    step = recovery_step(recovery, WHOLE, found)
    if step.refusal:
        return step.recovery == recovery and not is_within_mark(recovery, found)
    at = step.recovery
    return (at.segment, at.offset) == (segment, offset) and (
        segment < mark_segment or (segment == mark_segment and offset <= mark_offset)
    )


def p_place_guards_are_exhaustive_and_disjoint(
    segment: int, offset: int, mark_segment: int, mark_offset: int, position: int, reached: int
) -> bool:
    """
    post: _
    """
    recovery = Recovery(BELOW, 0, 0, reached, b"", mark_segment, mark_offset)
    found = Found(segment, offset, position, is_last=reached)
    for state, event in (
        (BELOW, WHOLE),
        (BELOW, int(RecoveryEvent.SEALED_SEGMENT)),
        (BEYOND, FIRST_DAMAGE),
        (CUT, int(RecoveryEvent.SNAPSHOT_WHOLE)),
    ):
        rules = RECOVERY.cells[state][event]
        if sum(1 for rule in rules if rule.guard(recovery, found)) != 1:
            return False
    return True


def marked(
    place: tuple[int, int, int], mark: tuple[int, int, int], same: bool, is_sure: int
) -> Recovery:
    return Recovery(BELOW, *place, b"x" if same else b"y", *mark, b"x", is_sure)


def p_mark_guards_are_exhaustive_and_disjoint(
    segment: int,
    offset: int,
    position: int,
    mark_segment: int,
    mark_offset: int,
    mark_position: int,
    same: bool,
    is_sure: int,
) -> bool:
    """
    post: _
    """
    recovery = marked(
        (segment, offset, position), (mark_segment, mark_offset, mark_position), same, is_sure
    )
    rules = RECOVERY.cells[BELOW][REACHED]
    return sum(1 for rule in rules if rule.guard(recovery, Found())) == 1


def p_only_the_acknowledged_log_is_gone_on_with(
    offset: int, position: int, mark_offset: int, mark_position: int, same: bool, is_sure: int
) -> bool:
    """
    post: _
    """
    recovery = marked((0, offset, position), (0, mark_offset, mark_position), same, is_sure)
    step = recovery_step(recovery, REACHED, Found())
    if step.refusal:
        return step.recovery == recovery
    agreed = same and position == mark_position and offset == mark_offset
    return agreed and step.recovery.state == (BEYOND if is_sure == 1 else UNSURE)


# --- planted bugs --------------------------------------------------------------------------------


def canary_a_written_mark_acknowledges(written: int, synced: int, acknowledged: int) -> bool:
    """
    pre: acknowledged <= synced <= written
    post: _
    """
    commit = Commit(int(CommitState.WRITTEN), written, synced, synced, acknowledged)
    after = evolve(commit, acknowledged=commit.written)  # the sync is skipped
    return inv(after)


def canary_a_damaged_frame_is_cut_below_the_mark(offset: int, mark_offset: int) -> bool:
    """
    pre: 0 <= offset and 0 <= mark_offset
    post: _
    """
    recovery = Recovery(BELOW, 0, offset, 0, b"", 0, mark_offset)
    after = evolve(recovery, state=CUT, cut_offset=recovery.offset)  # as if beyond
    return after.cut_offset >= recovery.mark_offset


def canary_one_readable_slot_is_as_good_as_two(position: int, is_sure: int) -> bool:
    """
    post: _
    """
    recovery = marked((0, 0, position), (0, 0, position), True, is_sure)
    step = recovery_step(recovery, REACHED, Found())
    return step.recovery.state == BEYOND
