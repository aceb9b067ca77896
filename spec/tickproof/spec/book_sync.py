"""Book sync: when a book rebuilt from a snapshot and diffs may be trusted [12].

What it decides: for each snapshot, diff or lost connection, whether the message is kept for
later, dropped, applied, makes a new book, or shows that messages were lost. A venue numbers its
book updates; a diff says which numbers it covers, a snapshot which number it is the state of.

Two numberings exist. CONSECUTIVE (Binance spot): a diff covers first..last, the next begins at
last + 1. CHAINED (Binance USD-M): numbers are shared with other books, so a diff names the last
number of the diff before it. The bridge from snapshot to diffs is proved by the numbers too:
CONSECUTIVE drops what ends at or before the snapshot and needs first <= snapshot + 1 <= last;
CHAINED drops what ends before it and needs first <= snapshot <= last, or a diff that names the
snapshot as its predecessor. Source: the venue's pages on keeping a local order book.

Sections: codes, types, guards, effects, table, step.
"""

from __future__ import annotations

from enum import IntEnum

from attrs import evolve, frozen

from tickproof.spec.table import Refuse, Table, TableBuilder, always, go, refuse

# --- codes ---------------------------------------------------------------------------------------


class SyncState(IntEnum):
    """How far a book is from being trusted."""

    NO_BOOK = 0
    BUFFERING = 1
    BRIDGING = 2
    IN_SYNC = 3
    GAP = 4


class SyncEvent(IntEnum):
    """What can happen to a book feed."""

    SNAPSHOT = 0
    DIFF = 1
    CONNECTION_LOST = 2


class SyncRefusal(IntEnum):
    """Why a message changes nothing; 0 is kept for "not refused"."""

    SNAPSHOT_BEHIND = 1
    NOTHING_TO_LOSE = 2


class SyncAction(IntEnum):
    """What the owner of the book does with the message.

    BUFFER: keep the diff until a snapshot comes. DROP: forget it, it says nothing new. REPLACE:
    the snapshot is the book, then take the buffered diffs in order. APPLY: change the book. HOLD:
    keep the snapshot in case messages turn out to be lost. LOSE: messages are missing, the book
    is not to be trusted; buffer the diff that showed it. DISCARD: forget what is buffered.
    """

    NONE = 0
    BUFFER = 1
    DROP = 2
    REPLACE = 3
    APPLY = 4
    HOLD = 5
    LOSE = 6
    DISCARD = 7


class Numbering(IntEnum):
    """How a venue numbers book updates; see the module docstring."""

    CONSECUTIVE = 0
    CHAINED = 1


# --- types ---------------------------------------------------------------------------------------


@frozen
class BookSync:
    """The sync state of one book.

    `snapshot_id`: number of the snapshot the book was last made from. `last_id`: number the book
    is the state of, 0 before the first. `action`: what the last message asks of the owner.
    """

    state: int = SyncState.NO_BOOK
    numbering: int = Numbering.CONSECUTIVE
    snapshot_id: int = 0
    last_id: int = 0
    action: int = SyncAction.NONE


@frozen
class SyncMessage:
    """The numbers of a message: a diff covers `first_id`..`last_id`, a snapshot is at `last_id`.

    `previous_id`: last number of the diff before, as the venue names it; -1 when it does not.
    """

    first_id: int = 0
    last_id: int = 0
    previous_id: int = -1


@frozen
class SyncStep:
    """Outcome of `step`: the state after it, and the refusal's code or 0."""

    sync: BookSync
    refusal: int = 0


# --- guards --------------------------------------------------------------------------------------


def is_stale(sync: BookSync, message: SyncMessage) -> bool:
    """The snapshot already holds everything the diff says."""
    if sync.numbering == Numbering.CHAINED:
        return message.last_id < sync.snapshot_id
    return message.last_id <= sync.snapshot_id


def bridges(sync: BookSync, message: SyncMessage) -> bool:
    """The diff carries on from the snapshot, and nothing between them can be missing."""
    if is_stale(sync, message):
        return False
    if sync.numbering == Numbering.CHAINED:
        return message.first_id <= sync.snapshot_id or message.previous_id == sync.snapshot_id
    return message.first_id <= sync.snapshot_id + 1


def misses_snapshot(sync: BookSync, message: SyncMessage) -> bool:
    """Updates between the snapshot and the diff are missing."""
    return not is_stale(sync, message) and not bridges(sync, message)


def repeats(sync: BookSync, message: SyncMessage) -> bool:
    """The diff ends where the book already is, or before."""
    return message.last_id <= sync.last_id


def continues(sync: BookSync, message: SyncMessage) -> bool:
    """The diff is the very next one."""
    if repeats(sync, message):
        return False
    if sync.numbering == Numbering.CHAINED:
        return message.previous_id == sync.last_id
    return message.first_id == sync.last_id + 1


def skips(sync: BookSync, message: SyncMessage) -> bool:
    """The diff is newer than the book but not the next one."""
    return not repeats(sync, message) and not continues(sync, message)


def is_behind(sync: BookSync, message: SyncMessage) -> bool:
    """The snapshot is older than what the book has reached."""
    return message.last_id < sync.last_id


def is_not_behind(sync: BookSync, message: SyncMessage) -> bool:
    """The snapshot is as new as the book, or newer."""
    return not is_behind(sync, message)


def is_ahead(sync: BookSync, message: SyncMessage) -> bool:
    """The snapshot is newer than the book."""
    return message.last_id > sync.last_id


def is_not_ahead(sync: BookSync, message: SyncMessage) -> bool:
    """The snapshot tells a book in sync nothing it does not know."""
    return not is_ahead(sync, message)


# --- effects -------------------------------------------------------------------------------------


def keep_for_later(sync: BookSync, message: SyncMessage) -> BookSync:
    """Buffer the diff."""
    return evolve(sync, action=SyncAction.BUFFER)


def drop(sync: BookSync, message: SyncMessage) -> BookSync:
    """Forget the diff."""
    return evolve(sync, action=SyncAction.DROP)


def begin_book(sync: BookSync, message: SyncMessage) -> BookSync:
    """The snapshot becomes the book."""
    return evolve(
        sync,
        snapshot_id=message.last_id,
        last_id=message.last_id,
        action=SyncAction.REPLACE,
    )


def apply_diff(sync: BookSync, message: SyncMessage) -> BookSync:
    """The book moves to the diff's last number."""
    return evolve(sync, last_id=message.last_id, action=SyncAction.APPLY)


def hold_snapshot(sync: BookSync, message: SyncMessage) -> BookSync:
    """Keep the snapshot aside."""
    return evolve(sync, action=SyncAction.HOLD)


def lose(sync: BookSync, message: SyncMessage) -> BookSync:
    """The book is no longer the venue's."""
    return evolve(sync, action=SyncAction.LOSE)


def discard(sync: BookSync, message: SyncMessage) -> BookSync:
    """What was buffered belongs to a connection that is gone."""
    return evolve(sync, action=SyncAction.DISCARD)


# --- table ---------------------------------------------------------------------------------------

_DECISION = "ADR-0012"
_BUILDER = TableBuilder("BS", "Book sync", SyncState, SyncEvent, SyncRefusal)

_BUILDER.on(
    SyncEvent.SNAPSHOT,
    (SyncState.NO_BOOK, SyncState.BUFFERING),
    go(always, begin_book, SyncState.BRIDGING),
    requirements=("S2", "S3"),
    decision=_DECISION,
)
_BUILDER.on(
    SyncEvent.SNAPSHOT,
    (SyncState.BRIDGING, SyncState.GAP),
    go(is_not_behind, begin_book, SyncState.BRIDGING),
    refuse(is_behind, SyncRefusal.SNAPSHOT_BEHIND),
    requirements=("S2", "S3"),
    decision=_DECISION,
)
_BUILDER.on(
    SyncEvent.SNAPSHOT,
    (SyncState.IN_SYNC,),
    go(is_ahead, hold_snapshot),
    refuse(is_not_ahead, SyncRefusal.SNAPSHOT_BEHIND),
    requirements=("S2", "S3"),
    decision=_DECISION,
)
_BUILDER.on(
    SyncEvent.DIFF,
    (SyncState.NO_BOOK, SyncState.BUFFERING),
    go(always, keep_for_later, SyncState.BUFFERING),
    requirements=("E3", "E4"),
    decision=_DECISION,
)
_BUILDER.on(
    SyncEvent.DIFF,
    (SyncState.BRIDGING,),
    go(is_stale, drop),
    go(bridges, apply_diff, SyncState.IN_SYNC),
    go(misses_snapshot, lose, SyncState.GAP),
    requirements=("E3", "E4", "F5"),
    decision=_DECISION,
)
_BUILDER.on(
    SyncEvent.DIFF,
    (SyncState.IN_SYNC,),
    go(repeats, drop),
    go(continues, apply_diff),
    go(skips, lose, SyncState.GAP),
    requirements=("E3", "E4", "F5"),
    decision=_DECISION,
)
_BUILDER.on(
    SyncEvent.DIFF,
    (SyncState.GAP,),
    go(always, keep_for_later),
    requirements=("E3", "E4"),
    decision=_DECISION,
)
_BUILDER.on(
    SyncEvent.CONNECTION_LOST,
    (SyncState.NO_BOOK,),
    refuse(always, SyncRefusal.NOTHING_TO_LOSE),
    requirements=("F1",),
    decision=_DECISION,
)
_BUILDER.on(
    SyncEvent.CONNECTION_LOST,
    (SyncState.BUFFERING,),
    go(always, discard, SyncState.NO_BOOK),
    requirements=("F1",),
    decision=_DECISION,
)
_BUILDER.on(
    SyncEvent.CONNECTION_LOST,
    (SyncState.BRIDGING, SyncState.IN_SYNC),
    go(always, lose, SyncState.GAP),
    requirements=("F1", "F5"),
    decision=_DECISION,
)
_BUILDER.on(
    SyncEvent.CONNECTION_LOST,
    (SyncState.GAP,),
    go(always, discard),
    requirements=("F1",),
    decision=_DECISION,
)

BOOK_SYNC: Table[BookSync, SyncMessage] = _BUILDER.build()

# --- step ----------------------------------------------------------------------------------------


def step(sync: BookSync, event: int, message: SyncMessage) -> SyncStep:
    """Apply one message; a refusal leaves `sync` as it is."""
    rule = BOOK_SYNC.select(sync.state, event, sync, message)
    if isinstance(rule, Refuse):
        return SyncStep(sync, rule.code)
    return SyncStep(evolve(rule.effect(sync, message), state=rule.target))
