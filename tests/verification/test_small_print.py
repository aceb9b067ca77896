"""Edges and defaults that are easily moved by one: found by changing the sources, pinned here."""

import pytest
from attrs import astuple

from tickproof.spec.book_sync import (
    BOOK_SYNC,
    BookSync,
    Numbering,
    SyncAction,
    SyncEvent,
    SyncMessage,
    SyncRefusal,
    SyncState,
)
from tickproof.spec.book_sync import step as sync_step
from tickproof.spec.dominance import UNTOUCHED
from tickproof.spec.order_list import (
    OrderList,
    OrderListKind,
    OrderListState,
    count_accepted,
    leg_count,
    locked_by_list,
    new_order_list,
)


def test_a_book_begins_without_any_number() -> None:
    assert astuple(BookSync()) == (
        SyncState.NO_BOOK,
        Numbering.CONSECUTIVE,
        0,
        0,
        SyncAction.NONE,
    )
    assert astuple(SyncMessage()) == (0, 0, -1)


@pytest.mark.parametrize(
    ("state", "last_id", "refused"),
    [
        (SyncState.BRIDGING, 6, SyncRefusal.SNAPSHOT_BEHIND),
        (SyncState.BRIDGING, 7, 0),
        (SyncState.GAP, 6, SyncRefusal.SNAPSHOT_BEHIND),
        (SyncState.GAP, 7, 0),
        (SyncState.IN_SYNC, 7, SyncRefusal.SNAPSHOT_BEHIND),
        (SyncState.IN_SYNC, 8, 0),
    ],
)
def test_a_snapshot_as_old_as_the_book(state: int, last_id: int, refused: int) -> None:
    """While bridging or lost it is as good as the book; in sync it says nothing new."""
    outcome = sync_step(BookSync(state, 0, 7, 7), SyncEvent.SNAPSHOT, SyncMessage(0, last_id))
    assert outcome.refusal == refused


@pytest.mark.parametrize(
    ("state", "event", "message", "action"),
    [
        (SyncState.NO_BOOK, SyncEvent.SNAPSHOT, SyncMessage(0, 9), SyncAction.REPLACE),
        (SyncState.NO_BOOK, SyncEvent.DIFF, SyncMessage(8, 9), SyncAction.BUFFER),
        (SyncState.BUFFERING, SyncEvent.CONNECTION_LOST, SyncMessage(), SyncAction.DISCARD),
        (SyncState.IN_SYNC, SyncEvent.SNAPSHOT, SyncMessage(0, 9), SyncAction.HOLD),
        (SyncState.IN_SYNC, SyncEvent.DIFF, SyncMessage(8, 9), SyncAction.APPLY),
        (SyncState.IN_SYNC, SyncEvent.DIFF, SyncMessage(6, 7), SyncAction.DROP),
        (SyncState.IN_SYNC, SyncEvent.DIFF, SyncMessage(9, 9), SyncAction.LOSE),
        (SyncState.IN_SYNC, SyncEvent.CONNECTION_LOST, SyncMessage(), SyncAction.LOSE),
    ],
)
def test_what_the_owner_of_a_book_is_asked_to_do(
    state: int, event: int, message: SyncMessage, action: int
) -> None:
    sync = BookSync(state, Numbering.CONSECUTIVE, 7, 7)
    assert sync_step(sync, event, message).sync.action == action
    assert BOOK_SYNC.title == "Book sync"


def test_legs_of_lists_and_what_they_lock() -> None:
    kinds = OrderListKind
    assert [leg_count(kind) for kind in (kinds.OCO, kinds.OTO, kinds.OTOCO)] == [2, 2, 3]
    assert locked_by_list(kinds.OCO, (3, 5)) == 5
    assert locked_by_list(kinds.OTO, (3, 5)) == 8
    assert locked_by_list(kinds.OTOCO, (3, 5, 7)) == 10
    new = new_order_list(kinds.OTOCO)
    assert astuple(new) == (OrderListState.EXECUTING, kinds.OTOCO, 3, 0, 0)
    assert count_accepted(new, 0) == OrderList(OrderListState.EXECUTING, kinds.OTOCO, 2, 1, 1)
    assert count_accepted(count_accepted(new, 0), 0).accepted == 2


def test_nothing_ended_is_a_number_of_its_own() -> None:
    assert UNTOUCHED == -1
