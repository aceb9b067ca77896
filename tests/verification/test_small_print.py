"""Edges and defaults that are easily moved by one: found by changing the sources, pinned here."""

import pytest
from attrs import asdict, astuple, evolve

from tickproof.spec import order_life, price_queue
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
from tickproof.spec.commands import CommandKind
from tickproof.spec.dominance import UNTOUCHED
from tickproof.spec.events import TradeKind
from tickproof.spec.ledger import Balance, Ledger, Position, Posted, Posting, move, post
from tickproof.spec.order_life import (
    ABSENT_ORDER,
    Leg,
    Life,
    OrderEvent,
    Origin,
    Outstanding,
    Report,
)
from tickproof.spec.order_list import (
    OrderList,
    OrderListKind,
    OrderListState,
    count_accepted,
    leg_count,
    new_order_list,
)
from tickproof.spec.price_queue import QueueEstimate, QueueInput, QueueState


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


def test_legs_of_lists() -> None:
    kinds = OrderListKind
    assert [leg_count(kind) for kind in (kinds.OCO, kinds.OTO, kinds.OTOCO)] == [2, 2, 3]
    new = new_order_list(kinds.OTOCO)
    assert astuple(new) == (OrderListState.EXECUTING, kinds.OTOCO, 3, 0, 0)
    assert count_accepted(new, 0) == OrderList(OrderListState.EXECUTING, kinds.OTOCO, 2, 1, 1)
    assert count_accepted(count_accepted(new, 0), 0).accepted == 2


def test_nothing_ended_is_a_number_of_its_own() -> None:
    assert UNTOUCHED == -1


# --- what is not given, and what must not be ----------------------------------------------------


def test_a_place_and_what_is_told_of_one_begin_with_nothing() -> None:
    unknown = price_queue.UNKNOWN
    assert unknown == -1
    place = (QueueState.ABSENT, 0, 0, 0, 0, unknown, (), (), 0, 0, unknown, unknown, 0)
    assert astuple(QueueEstimate()) == place
    told = (0, unknown, 0, 0, 0, 0, TradeKind.CONTINUOUS, 1, 0, 0, 0, 0, unknown)
    assert astuple(QueueInput()) == told


def test_a_level_of_no_lots_is_known_and_a_print_at_the_arrival_may_have_consumed() -> None:
    bounded = QueueEstimate(
        QueueState.BOUNDED,
        size=0,
        candidates=((0, 2),),
        ahead_min=1,
        estimate=1,
        estimate_before=1,
    )
    assert price_queue.inv(bounded)
    assert not price_queue.inv(evolve(bounded, size=-1))
    for stamp_ns, consumed in ((4, False), (5, True), (6, False)):
        place = QueueEstimate(QueueState.UNBOUNDED, arrival_ns=5)
        seen = QueueInput(stamp_ns=stamp_ns, quantity=1)
        assert price_queue.possibly_consumed(place, seen) == consumed


def test_an_absent_order_is_nothing_and_no_quantity_is_negative() -> None:
    assert astuple(ABSENT_ORDER) == (Life.ABSENT, Origin.OWN, 0, 0, 0, (), None, ())
    good = evolve(ABSENT_ORDER, life=Life.WORKING, legs=(Leg(1, 0, 0, 0, 0),))
    assert order_life.inv(good)
    for name in ("total", "executed", "prevented", "unrestored"):
        assert not order_life.inv(evolve(good, legs=(evolve(good.legs[0], **{name: -1}),)))


def test_a_report_carries_what_it_says_and_no_more() -> None:
    carried = {"event": 3, "total": -1, "leaves": -1}
    assert asdict(Report(3)) == {**dict.fromkeys(asdict(Report(3)), 0), **carried}


def test_money_begins_with_nothing() -> None:
    assert astuple(Balance()) == (0, 0)
    assert astuple(Position()) == (0, 0, 0, 0, 0)
    assert astuple(Posted(Ledger()))[1:] == ((), 0, 0)
    assert post(Ledger(), 0, ()) == Posted(Ledger())


def test_a_move_of_nothing_keeps_its_direction() -> None:
    assert move(1, 2, 3, 0, 4) == Posting(1, 2, 3, 0, 4)
    assert move(1, 2, 3, -1, 4) == Posting(1, 3, 2, 1, 4)


def test_the_upper_bound_holds_the_others_down() -> None:
    place = QueueEstimate(QueueState.BOUNDED, size=5, candidates=((0, 2),), ahead_min=4, estimate=5)
    held = price_queue._between(place)
    assert (held.ahead_min, held.estimate) == (2, 2)


def test_a_dispatch_brings_an_id_of_its_own() -> None:
    good = evolve(ABSENT_ORDER, life=Life.WORKING, legs=(Leg(1, 5, 0, 0, 0),))
    open_one = evolve(good, pending=Outstanding(CommandKind.CANCEL, 7, 0, 0, 0))
    dispatch = Report(OrderEvent.REQUEST_CANCEL, request_id=7)
    assert order_life.sound(good, dispatch)
    assert not order_life.sound(good, evolve(dispatch, request_id=0))
    assert not order_life.sound(open_one, dispatch)
