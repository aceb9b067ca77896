"""The event journal: when an Event is acknowledged, and what is believed after a crash [E3, OL12].

What it decides: nothing that was acknowledged is ever given up. A commit writes frames, syncs the
log, writes a mark (position and chain) into the other of two slots, syncs that, and only then
acknowledges; an error at any of these ends it, and nothing is tried twice.

A recovery reads the marks, then the log from its beginning. Up to the newest mark everything was
acknowledged: whatever is wrong there is refused with a code, and the files stay as they are.
Beyond the mark a crash may have left half a frame: it is cut off there, and only there. A frame
that is whole but belongs elsewhere is no crash's doing and is refused wherever it stands.

One slot may be unreadable: a crash while it was written, or damage. While a mark is written
nothing else is, and what it acknowledges is on disk before. So if the slot was lost in a crash
the log is whole to its last byte; where it is not, more than a crash has happened and nobody knows
what was acknowledged, which is refused too.

Snapshots come last: a damaged one is passed over, because the log says the same; one that is ahead
of the log shows that the log has lost something.

Sections: codes, types, guards, effects, commit table, recovery table, invariant, steps.
"""

from __future__ import annotations

from enum import IntEnum

from attrs import evolve, frozen

from tickproof.spec.table import Refuse, Table, TableBuilder, Transition, always, go, refuse
from tickproof.spec.table import unchanged as nothing_more

# --- codes ---------------------------------------------------------------------------------------


class CommitState(IntEnum):
    """How far a group of Events is from being acknowledged.

    IDLE: nothing waits. WRITTEN: frames are with the operating system. SYNCED: on disk. MARKED: a
    mark that covers them is with the operating system. FAILED: an error; the process ends.
    """

    IDLE = 0
    WRITTEN = 1
    SYNCED = 2
    MARKED = 3
    FAILED = 4


class CommitEvent(IntEnum):
    """What the writer of a journal has done, or what went wrong."""

    FRAMES_WRITTEN = 0
    LOG_SYNCED = 1
    MARK_WRITTEN = 2
    MARK_SYNCED = 3
    ERROR = 4


class CommitRefusal(IntEnum):
    """Why a step of a commit may not be taken; 0 is kept for "not refused".

    OUT_OF_ORDER: something else comes first. ENDED: after an error nothing is done any more.
    """

    OUT_OF_ORDER = 1
    ENDED = 2


class RecoveryState(IntEnum):
    """How far a recovery is.

    START: nothing was read. BELOW: within what was acknowledged. BEYOND: past the newest mark.
    UNSURE: past the mark of the one slot that can be read. WHOLE: the log was read to its end.
    CUT: it was cut off where a crash left something unfinished.
    """

    START = 0
    BELOW = 1
    BEYOND = 2
    UNSURE = 3
    WHOLE = 4
    CUT = 5


class RecoveryEvent(IntEnum):
    """What is found next: marks, then segments and frames in order, then snapshots.

    SLOTS_READ: at least one mark. MARK_REACHED: the newest mark says the log ends here or later.
    SEALED_SEGMENT: a whole segment with the digest its successor holds. SEGMENT_ENDED: the end of
    a segment's bytes, another follows. LOG_ENDED: the end of the last one.
    """

    SLOTS_READ = 0
    SLOTS_DAMAGED = 1
    SLOTS_CONTRADICT = 2
    SLOTS_FOREIGN = 3
    SLOTS_MISSING = 4
    SEGMENT_OPENED = 5
    SEALED_SEGMENT = 6
    SEGMENT_DAMAGED = 7
    SEGMENT_FOREIGN = 8
    SEGMENT_UNLINKED = 9
    SEGMENT_MISSING = 10
    FRAME_WHOLE = 11
    FRAME_SHORT = 12
    FRAME_HEADER_DAMAGED = 13
    FRAME_BODY_DAMAGED = 14
    FRAME_CHAIN_BROKEN = 15
    FRAME_POSITION_WRONG = 16
    FRAME_UNREADABLE = 17
    MARK_REACHED = 18
    SEGMENT_ENDED = 19
    LOG_ENDED = 20
    SNAPSHOT_WHOLE = 21
    SNAPSHOT_DAMAGED = 22
    SNAPSHOT_FOREIGN = 23


class RecoveryRefusal(IntEnum):
    """Why a journal is not opened; 0 is kept for "not refused".

    The first group names damage, at an offset. MARK_DISAGREES: the log is whole and is not what
    was acknowledged. LOG_SHORT: it ends before the mark. MARK_UNSURE: one slot and the log's end
    are both damaged, so what was acknowledged is not known. SEGMENT_NOT_LAST: an unfinished frame
    in a segment that another follows. SNAPSHOT_AHEAD: a snapshot of what the log does not hold.
    OUT_OF_TURN: the reader's own mistake.
    """

    SLOTS_DAMAGED = 1
    SLOTS_CONTRADICT = 2
    SLOTS_FOREIGN = 3
    SLOTS_MISSING = 4
    SEGMENT_DAMAGED = 5
    SEGMENT_FOREIGN = 6
    SEGMENT_UNLINKED = 7
    SEGMENT_MISSING = 8
    FRAME_SHORT = 9
    FRAME_HEADER_DAMAGED = 10
    FRAME_BODY_DAMAGED = 11
    FRAME_CHAIN_BROKEN = 12
    FRAME_POSITION_WRONG = 13
    FRAME_UNREADABLE = 14
    MARK_DISAGREES = 15
    MARK_UNSURE = 16
    LOG_SHORT = 17
    SEGMENT_NOT_LAST = 18
    SNAPSHOT_AHEAD = 19
    SNAPSHOT_FOREIGN = 20
    OUT_OF_TURN = 21


class RecoveryAction(IntEnum):
    """What the reader does with what it found.

    GO_ON: read the next. CUT: end the log here. KEEP: what stands beyond the mark stays, and is
    acknowledged when it has been synced. USE, PASS_OVER: of a snapshot.
    """

    NONE = 0
    GO_ON = 1
    CUT = 2
    KEEP = 3
    USE = 4
    PASS_OVER = 5


# --- types ---------------------------------------------------------------------------------------


@frozen
class Commit:
    """A writer. `written`: position after the last frame; `acknowledged`: what may be told.

    `synced` and `marked`: positions that were on disk, and in the mark, after each step.
    """

    state: int = CommitState.IDLE
    written: int = 0
    synced: int = 0
    marked: int = 0
    acknowledged: int = 0


@frozen
class Recovery:
    """A reader in the log. `segment`, `offset`, `position`, `chain`: where it is.

    `mark_*`: of the newest readable mark; `is_sure`: both slots could be read. `cut_offset`: where
    the log was cut, -1 where it was not. `snapshot`: position of the newest usable one, -1 none.
    """

    state: int = RecoveryState.START
    segment: int = 0
    offset: int = 0
    position: int = 0
    chain: bytes = b""
    mark_segment: int = 0
    mark_offset: int = 0
    mark_position: int = 0
    mark_chain: bytes = b""
    is_sure: int = 0
    cut_offset: int = -1
    snapshot: int = -1
    action: int = RecoveryAction.NONE


@frozen
class Found:
    """What an event is about: where it ends, and position and chain there.

    Of SLOTS_READ the mark, and `is_sure`. `is_last`: no segment follows.
    """

    segment: int = 0
    offset: int = 0
    position: int = 0
    chain: bytes = b""
    is_sure: int = 0
    is_last: int = 1


@frozen
class CommitStep:
    """Outcome of `commit_step`: the writer after it, and the refusal's code or 0."""

    commit: Commit
    refusal: int = 0


@frozen
class RecoveryStep:
    """Outcome of `recovery_step`: the reader after it, and the refusal's code or 0."""

    recovery: Recovery
    refusal: int = 0


# --- guards --------------------------------------------------------------------------------------


def is_more(commit: Commit, position: int) -> bool:
    """The frames carry the log on."""
    return position > commit.written


def is_no_more(commit: Commit, position: int) -> bool:
    """The frames do not carry the log on."""
    return not is_more(commit, position)


def is_within_mark(recovery: Recovery, found: Found) -> bool:
    """It ends where the mark is, or before."""
    return (found.segment, found.offset) <= (recovery.mark_segment, recovery.mark_offset)


def is_past_mark(recovery: Recovery, found: Found) -> bool:
    """The mark stands in the middle of it."""
    return not is_within_mark(recovery, found)


def _agrees(recovery: Recovery) -> bool:
    return (
        recovery.position == recovery.mark_position
        and recovery.chain == recovery.mark_chain
        and recovery.segment == recovery.mark_segment
        and recovery.offset == recovery.mark_offset
    )


def agrees_surely(recovery: Recovery, found: Found) -> bool:
    """Position and chain are those of the mark, and no newer mark can exist."""
    return _agrees(recovery) and recovery.is_sure == 1


def agrees_unsurely(recovery: Recovery, found: Found) -> bool:
    """Position and chain are those of the mark, and the other slot cannot be read."""
    return _agrees(recovery) and recovery.is_sure != 1


def disagrees(recovery: Recovery, found: Found) -> bool:
    """Another position or chain was acknowledged here."""
    return not _agrees(recovery)


def is_last(recovery: Recovery, found: Found) -> bool:
    """No segment follows."""
    return found.is_last == 1


def is_not_last(recovery: Recovery, found: Found) -> bool:
    """Another segment follows, which is begun only after all before it was acknowledged."""
    return found.is_last != 1


def is_held(recovery: Recovery, found: Found) -> bool:
    """The log reaches the snapshot's position."""
    return found.position <= recovery.position


def is_ahead(recovery: Recovery, found: Found) -> bool:
    """The snapshot is of a position the log does not reach."""
    return found.position > recovery.position


# --- effects -------------------------------------------------------------------------------------


def note_written(commit: Commit, position: int) -> Commit:
    """The log is longer."""
    return evolve(commit, written=position)


def note_synced(commit: Commit, position: int) -> Commit:
    """All that was written is on disk."""
    return evolve(commit, synced=commit.written)


def note_marked(commit: Commit, position: int) -> Commit:
    """The mark covers what is on disk."""
    return evolve(commit, marked=commit.synced)


def acknowledge(commit: Commit, position: int) -> Commit:
    """What the mark covers may be told."""
    return evolve(commit, acknowledged=commit.marked)


def take_mark(recovery: Recovery, found: Found) -> Recovery:
    """The newest readable mark is the one to reach."""
    return evolve(
        recovery,
        mark_segment=found.segment,
        mark_offset=found.offset,
        mark_position=found.position,
        mark_chain=found.chain,
        is_sure=found.is_sure,
        action=RecoveryAction.GO_ON,
    )


def go_on(recovery: Recovery, found: Found) -> Recovery:
    """Read on behind it."""
    return evolve(
        recovery,
        segment=found.segment,
        offset=found.offset,
        position=found.position,
        chain=found.chain,
        action=RecoveryAction.GO_ON,
    )


def stay(recovery: Recovery, found: Found) -> Recovery:
    """Read on from here."""
    return evolve(recovery, action=RecoveryAction.GO_ON)


def cut(recovery: Recovery, found: Found) -> Recovery:
    """The log ends before the unfinished frame."""
    return evolve(recovery, cut_offset=recovery.offset, action=RecoveryAction.CUT)


def keep(recovery: Recovery, found: Found) -> Recovery:
    """All of the log stays."""
    return evolve(recovery, action=RecoveryAction.KEEP)


def use_snapshot(recovery: Recovery, found: Found) -> Recovery:
    """The newest one counts."""
    return evolve(
        recovery, snapshot=max(recovery.snapshot, found.position), action=RecoveryAction.USE
    )


def pass_over(recovery: Recovery, found: Found) -> Recovery:
    """The log says the same, in more time."""
    return evolve(recovery, action=RecoveryAction.PASS_OVER)


# --- commit table --------------------------------------------------------------------------------

_DECISION = "ADR-0025"
_COMMITS = TableBuilder("JC", "Journal commit", CommitState, CommitEvent, CommitRefusal)
_STEPS: dict[CommitEvent, dict[CommitState, tuple[Transition, ...]]] = {
    CommitEvent.FRAMES_WRITTEN: {
        state: (
            go(is_more, note_written, CommitState.WRITTEN),
            refuse(is_no_more, CommitRefusal.OUT_OF_ORDER),
        )
        for state in (CommitState.IDLE, CommitState.WRITTEN)
    },
    CommitEvent.LOG_SYNCED: {
        CommitState.WRITTEN: (go(always, note_synced, CommitState.SYNCED),),
    },
    CommitEvent.MARK_WRITTEN: {
        CommitState.SYNCED: (go(always, note_marked, CommitState.MARKED),),
    },
    CommitEvent.MARK_SYNCED: {
        CommitState.MARKED: (go(always, acknowledge, CommitState.IDLE),),
    },
    CommitEvent.ERROR: {
        state: (go(always, nothing_more, CommitState.FAILED),)
        for state in CommitState
        if state != CommitState.FAILED
    },
}
"""What may follow what; everything else is out of order, or too late."""

for _event, _allowed in _STEPS.items():
    for _state in CommitState:
        _code = CommitRefusal.OUT_OF_ORDER
        if _state == CommitState.FAILED:
            _code = CommitRefusal.ENDED
        _COMMITS.on(
            _event,
            (_state,),
            *_allowed.get(_state, (refuse(always, _code),)),
            requirements=("OL12", "E3"),
            decision=_DECISION,
        )

COMMIT: Table[Commit, int] = _COMMITS.build()

# --- recovery table ------------------------------------------------------------------------------

_BUILDER = TableBuilder("JR", "Journal recovery", RecoveryState, RecoveryEvent, RecoveryRefusal)
_READING = (RecoveryState.BELOW, RecoveryState.BEYOND, RecoveryState.UNSURE)
_READ = (RecoveryState.WHOLE, RecoveryState.CUT)


def _on(
    event: RecoveryEvent,
    states: tuple[RecoveryState, ...],
    *transitions: Transition,
    requirements: tuple[str, ...] = ("E3", "OL12"),
) -> None:
    _BUILDER.on(event, states, *transitions, requirements=requirements, decision=_DECISION)


def _refused_elsewhere(event: RecoveryEvent, states: tuple[RecoveryState, ...]) -> None:
    """In all other states the reader asks out of turn."""
    others = tuple(state for state in RecoveryState if state not in states)
    _on(event, others, refuse(always, RecoveryRefusal.OUT_OF_TURN), requirements=("F5",))


_on(
    RecoveryEvent.SLOTS_READ,
    (RecoveryState.START,),
    go(always, take_mark, RecoveryState.BELOW),
)
_refused_elsewhere(RecoveryEvent.SLOTS_READ, (RecoveryState.START,))
for _found, _refusal in (
    (RecoveryEvent.SLOTS_DAMAGED, RecoveryRefusal.SLOTS_DAMAGED),
    (RecoveryEvent.SLOTS_CONTRADICT, RecoveryRefusal.SLOTS_CONTRADICT),
    (RecoveryEvent.SLOTS_FOREIGN, RecoveryRefusal.SLOTS_FOREIGN),
    (RecoveryEvent.SLOTS_MISSING, RecoveryRefusal.SLOTS_MISSING),
):
    _on(_found, (RecoveryState.START,), refuse(always, _refusal), requirements=("E3", "F5"))
    _refused_elsewhere(_found, (RecoveryState.START,))

# A segment or frame that does not belong here is refused wherever it stands.
_on(RecoveryEvent.SEGMENT_OPENED, _READING, go(always, go_on))
_refused_elsewhere(RecoveryEvent.SEGMENT_OPENED, _READING)
_on(
    RecoveryEvent.SEALED_SEGMENT,
    (RecoveryState.BELOW,),
    go(is_within_mark, go_on),
    refuse(is_past_mark, RecoveryRefusal.MARK_DISAGREES),
    requirements=("E3", "OL12", "P2"),
)
_refused_elsewhere(RecoveryEvent.SEALED_SEGMENT, (RecoveryState.BELOW,))
for _found, _refusal in (
    (RecoveryEvent.SEGMENT_DAMAGED, RecoveryRefusal.SEGMENT_DAMAGED),
    (RecoveryEvent.SEGMENT_FOREIGN, RecoveryRefusal.SEGMENT_FOREIGN),
    (RecoveryEvent.SEGMENT_UNLINKED, RecoveryRefusal.SEGMENT_UNLINKED),
    (RecoveryEvent.SEGMENT_MISSING, RecoveryRefusal.SEGMENT_MISSING),
    (RecoveryEvent.FRAME_CHAIN_BROKEN, RecoveryRefusal.FRAME_CHAIN_BROKEN),
    (RecoveryEvent.FRAME_POSITION_WRONG, RecoveryRefusal.FRAME_POSITION_WRONG),
    (RecoveryEvent.FRAME_UNREADABLE, RecoveryRefusal.FRAME_UNREADABLE),
):
    _on(_found, _READING, refuse(always, _refusal), requirements=("E3", "F5"))
    _refused_elsewhere(_found, _READING)

# What was recorded is what is read again, frame by frame or a sealed segment at once.
_on(
    RecoveryEvent.FRAME_WHOLE,
    (RecoveryState.BELOW,),
    go(is_within_mark, go_on),
    refuse(is_past_mark, RecoveryRefusal.MARK_DISAGREES),
    requirements=("E3", "OL12", "P2"),
)
_on(
    RecoveryEvent.FRAME_WHOLE,
    (RecoveryState.BEYOND, RecoveryState.UNSURE),
    go(always, go_on),
    requirements=("E3", "OL12", "P2"),
)
_refused_elsewhere(RecoveryEvent.FRAME_WHOLE, _READING)

# What a crash can leave behind: refused below the mark, cut off beyond it.
for _found, _refusal in (
    (RecoveryEvent.FRAME_SHORT, RecoveryRefusal.FRAME_SHORT),
    (RecoveryEvent.FRAME_HEADER_DAMAGED, RecoveryRefusal.FRAME_HEADER_DAMAGED),
    (RecoveryEvent.FRAME_BODY_DAMAGED, RecoveryRefusal.FRAME_BODY_DAMAGED),
):
    _on(_found, (RecoveryState.BELOW,), refuse(always, _refusal), requirements=("E3", "F5"))
    _on(
        _found,
        (RecoveryState.BEYOND,),
        go(is_last, cut, RecoveryState.CUT),
        refuse(is_not_last, RecoveryRefusal.SEGMENT_NOT_LAST),
    )
    _on(_found, (RecoveryState.UNSURE,), refuse(always, RecoveryRefusal.MARK_UNSURE))
    _refused_elsewhere(_found, _READING)

_on(
    RecoveryEvent.MARK_REACHED,
    (RecoveryState.BELOW,),
    go(agrees_surely, stay, RecoveryState.BEYOND),
    go(agrees_unsurely, stay, RecoveryState.UNSURE),
    refuse(disagrees, RecoveryRefusal.MARK_DISAGREES),
)
_refused_elsewhere(RecoveryEvent.MARK_REACHED, (RecoveryState.BELOW,))
_on(RecoveryEvent.SEGMENT_ENDED, _READING, go(always, stay))
_refused_elsewhere(RecoveryEvent.SEGMENT_ENDED, _READING)
_on(
    RecoveryEvent.LOG_ENDED,
    (RecoveryState.BELOW,),
    refuse(always, RecoveryRefusal.LOG_SHORT),
    requirements=("E3", "F5"),
)
_on(
    RecoveryEvent.LOG_ENDED,
    (RecoveryState.BEYOND, RecoveryState.UNSURE),
    go(always, keep, RecoveryState.WHOLE),
)
_refused_elsewhere(RecoveryEvent.LOG_ENDED, _READING)

_on(
    RecoveryEvent.SNAPSHOT_WHOLE,
    _READ,
    go(is_held, use_snapshot),
    refuse(is_ahead, RecoveryRefusal.SNAPSHOT_AHEAD),
    requirements=("S1", "S4"),
)
_refused_elsewhere(RecoveryEvent.SNAPSHOT_WHOLE, _READ)
_on(RecoveryEvent.SNAPSHOT_DAMAGED, _READ, go(always, pass_over), requirements=("S4",))
_refused_elsewhere(RecoveryEvent.SNAPSHOT_DAMAGED, _READ)
_on(
    RecoveryEvent.SNAPSHOT_FOREIGN,
    _READ,
    refuse(always, RecoveryRefusal.SNAPSHOT_FOREIGN),
    requirements=("S1", "S4"),
)
_refused_elsewhere(RecoveryEvent.SNAPSHOT_FOREIGN, _READ)

RECOVERY: Table[Recovery, Found] = _BUILDER.build()

# --- invariant -----------------------------------------------------------------------------------


def inv(commit: Commit) -> bool:
    """OL12: what is acknowledged is marked, what is marked is on disk, what is there is written."""
    return commit.acknowledged <= commit.marked <= commit.synced <= commit.written


# --- steps ---------------------------------------------------------------------------------------


def commit_step(commit: Commit, event: int, position: int = 0) -> CommitStep:
    """What the writer has done next; a refusal leaves `commit` as it is."""
    rule = COMMIT.select(commit.state, event, commit, position)
    if isinstance(rule, Refuse):
        return CommitStep(commit, rule.code)
    return CommitStep(evolve(rule.effect(commit, position), state=rule.target))


def recovery_step(recovery: Recovery, event: int, found: Found) -> RecoveryStep:
    """What the reader found next; a refusal leaves `recovery` as it is."""
    rule = RECOVERY.select(recovery.state, event, recovery, found)
    if isinstance(rule, Refuse):
        return RecoveryStep(recovery, rule.code)
    return RecoveryStep(evolve(rule.effect(recovery, found), state=rule.target))
