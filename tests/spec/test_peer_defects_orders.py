"""Defects that other engines shipped, as the shortest stream of one order that would show them."""

import pytest

from tickproof.invariants.witnesses import Tracked, advance, effective_quantity
from tickproof.spec.events import Reason
from tickproof.spec.order_life import (
    DEAD,
    Life,
    OrderEvent,
    OrderRefusal,
    Report,
    Status,
    executed,
    leaves,
    over,
    status,
    step,
    total,
)

E = OrderEvent
NEW = Report(E.REQUEST_NEW, request_id=1, total=10, price=100)
ACCEPTED = Report(E.ACCEPTED, request_id=1, venue_order_id=77)
CANCEL = Report(E.REQUEST_CANCEL, request_id=2)


def fill(quantity: int) -> Report:
    return Report(E.FILLED, quantity=quantity)


def after(*reports: Report) -> Tracked:
    """The order after reports that must all be applied; each fill is a trade of its own."""
    tracked = Tracked()
    for trade, report in enumerate(reports, start=1):
        tracked, code = advance(tracked, report, trade)
        assert code == 0
    return tracked


def test_pd04_fill_while_a_cancel_is_pending_counts_and_the_cancel_stays_pending() -> None:
    racing = after(NEW, ACCEPTED, CANCEL, fill(4))
    order = racing.order
    assert (executed(order), leaves(order), status(order)) == (4, 6, Status.PENDING_CANCEL)
    answered, code = advance(racing, Report(E.CANCELED, request_id=2))
    assert code == 0
    assert answered.order.pending is None
    assert (executed(answered.order), leaves(answered.order)) == (4, 0)
    assert status(answered.order) == Status.CANCELED


def test_pd05_acceptance_after_a_partial_fill_takes_nothing_back() -> None:
    order = after(NEW, fill(4), ACCEPTED).order
    assert status(order) == Status.PARTIALLY_FILLED
    assert executed(order) == 4
    assert order.legs[0].venue_order_id == 77


def test_pd06_replace_that_raced_a_fill_leaves_the_new_total_less_all_fills() -> None:
    replace = Report(E.REQUEST_REPLACE, request_id=2, total=8, price=100)
    replaced = Report(E.REPLACED, request_id=2, total=8)
    order = after(NEW, ACCEPTED, fill(1), replace, fill(4), replaced).order
    assert (total(order), executed(order), leaves(order)) == (8, 5, 3)
    too_small = Report(E.REPLACED, request_id=2, total=3)
    order = after(NEW, ACCEPTED, fill(1), replace, fill(4), too_small).order
    assert (total(order), leaves(order), over(order)) == (5, 0, 0)
    assert status(order) == Status.FILLED


def test_pd07_overfill_is_counted_and_surfaced_never_raised() -> None:
    order = after(NEW, ACCEPTED, fill(13)).order
    assert (executed(order), leaves(order), over(order)) == (13, 0, 3)
    assert status(order) == Status.FILLED


def test_pd09_a_refused_report_has_no_effect_at_all() -> None:
    tracked = after(NEW, ACCEPTED, fill(4), Report(E.CANCELED))
    stale_fill = advance(tracked, fill(4), 3)
    assert stale_fill == (tracked, OrderRefusal.DUPLICATE_FILL)
    stale_acceptance = advance(tracked, ACCEPTED)
    assert stale_acceptance == (tracked, OrderRefusal.ALREADY_ANSWERED)
    stale_death = advance(tracked, Report(E.EXPIRED))
    assert stale_death == (tracked, OrderRefusal.ORDER_DEAD)


def test_pd10_a_timeout_rejects_nothing_and_the_real_fill_counts() -> None:
    silent = Report(E.OUTCOME_UNKNOWN, request_id=1)
    waiting = after(NEW, silent).order
    assert (waiting.life, leaves(waiting)) == (Life.SUBMITTED, 10)
    order = after(NEW, silent, fill(10)).order
    assert (executed(order), status(order)) == (10, Status.FILLED)


@pytest.mark.parametrize("late", [fill(10), fill(3), Report(E.ACCEPTED, venue_order_id=77)])
def test_pd11_cancel_rejection_after_a_fill_or_an_acceptance_is_not_lost(late: Report) -> None:
    racing = after(NEW, ACCEPTED, CANCEL, late)
    assert racing.order.pending is not None
    answered, code = advance(racing, Report(E.CANCEL_REJECTED, request_id=2))
    assert code == 0
    assert answered.order.pending is None
    assert executed(answered.order) == executed(racing.order)


def test_pd11_too_late_with_lots_still_open_leaves_a_doubt() -> None:
    too_late = Report(E.CANCEL_REJECTED, request_id=2, reason=Reason.TOO_LATE)
    order = after(NEW, ACCEPTED, CANCEL, too_late).order
    assert order.pending is None
    assert [doubt.request_id for doubt in order.doubts] == [2]


@pytest.mark.parametrize("death", [E.CANCELED, E.EXPIRED, E.REJECTED])
def test_pd12_a_fill_after_death_counts_and_reopens_nothing(death: OrderEvent) -> None:
    order = after(NEW, ACCEPTED, Report(death), fill(4)).order
    assert order.life in DEAD
    assert (executed(order), leaves(order)) == (4, 0)


def test_pd18_a_trade_after_the_final_update_of_a_filled_order_counts() -> None:
    tracked = after(NEW, ACCEPTED, fill(10), Report(E.CANCELED), fill(2))
    assert (executed(tracked.order), over(tracked.order)) == (12, 2)
    assert effective_quantity(tracked) == 12
    assert status(tracked.order) == Status.FILLED


@pytest.mark.parametrize("event", [e for e in OrderEvent if e > E.REQUEST_CANCEL])
def test_pd22_canceled_stays_canceled(event: OrderEvent) -> None:
    canceled = after(NEW, ACCEPTED, CANCEL, Report(E.CANCELED, request_id=2)).order
    for request_id in range(4):
        for active in (0, 1):
            report = Report(event, request_id=request_id, quantity=3, active=active, settled=1)
            changed, _ = step(canceled, report)
            assert (changed.life, leaves(changed)) == (Life.CANCELED, 0)
            assert status(changed) == Status.CANCELED
