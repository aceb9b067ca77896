"""What makes an Order or a report wrong: each part of `inv` and `sound` alone, at its edge.

Every line changes one thing of an Order or a report that is right; what is next to it is right.
"""

import pytest
from attrs import evolve

from tickproof.spec.commands import CommandKind
from tickproof.spec.events import NOT_CARRIED
from tickproof.spec.fill_life import FillLife
from tickproof.spec.order_life import (
    ABSENT_ORDER,
    REVOCABLE,
    Leg,
    Life,
    Order,
    OrderEvent,
    Origin,
    Outstanding,
    Report,
    Status,
    inv,
    sound,
    status,
    step,
)

LEG = Leg(7, 5, 3, 1, 1)
FULL = Leg(6, 2, 2, 0, 0)
CANCEL = Outstanding(CommandKind.CANCEL, 1, 0, 0, 0)
REPLACE = Outstanding(CommandKind.REPLACE, 2, 5, 1, 0)
WORKING = Order(Life.WORKING, Origin.OWN, 0, 0, 1, (FULL, LEG), None, ())
SUBMITTED = Order(Life.SUBMITTED, Origin.OWN, 0, 0, 1, (Leg(0, 5, 0, 0, 0),), None, ())
ASKED = evolve(WORKING, pending=CANCEL, doubts=(REPLACE, evolve(REPLACE, request_id=3)))


@pytest.mark.parametrize(
    "right",
    [
        ABSENT_ORDER,
        WORKING,
        SUBMITTED,
        ASKED,
        evolve(WORKING, legs=(LEG,)),
        evolve(WORKING, legs=(Leg(6, 2, 3, 0, 0), LEG)),
        evolve(WORKING, legs=(LEG, FULL, evolve(LEG, total=9))),
        evolve(WORKING, pending=REPLACE),
        evolve(WORKING, pending=evolve(REPLACE, kind=CommandKind.NEW)),
        evolve(SUBMITTED, legs=(Leg(0, 5, 0, 1, 1),)),
        *(evolve(WORKING, life=life) for life in Life if life > Life.SUBMITTED),
        *(evolve(WORKING, life=life, inferred=1) for life in REVOCABLE),
    ],
)
def test_these_orders_are_right(right: Order) -> None:
    assert inv(right)


@pytest.mark.parametrize(
    "wrong",
    [
        evolve(ABSENT_ORDER, inferred=1),
        evolve(ABSENT_ORDER, stopped=1),
        evolve(ABSENT_ORDER, price=1),
        evolve(ABSENT_ORDER, origin=Origin.EXTERNAL),
        evolve(ABSENT_ORDER, legs=(LEG,)),
        evolve(ABSENT_ORDER, pending=CANCEL),
        evolve(WORKING, life=Life.REJECTED + 1),
        evolve(WORKING, life=Life.ABSENT - 1),
        evolve(WORKING, legs=()),
        *(evolve(WORKING, life=life, inferred=1) for life in Life if life not in REVOCABLE),
        *(evolve(WORKING, life=life, inferred=2) for life in REVOCABLE),
        *(evolve(WORKING, life=life, inferred=-1) for life in REVOCABLE),
        evolve(SUBMITTED, legs=(Leg(0, 5, 1, 0, 0),)),
        evolve(SUBMITTED, legs=(Leg(6, 0, 0, 0, 0), Leg(0, 5, 0, 0, 0))),
        *(
            evolve(WORKING, legs=(evolve(LEG, **{name: -1}),))
            for name in ("total", "executed", "prevented", "unrestored")
        ),
        evolve(WORKING, legs=(evolve(FULL, total=3), LEG)),
        evolve(WORKING, legs=(evolve(FULL, total=3), FULL, LEG)),
        evolve(WORKING, legs=(FULL, evolve(FULL, total=3), LEG)),
    ],
)
def test_these_orders_are_wrong(wrong: Order) -> None:
    assert not inv(wrong)


@pytest.mark.parametrize(
    "wrong",
    [
        evolve(ASKED, pending=None, doubts=(evolve(REPLACE, request_id=0),)),
        evolve(ASKED, doubts=(REPLACE, evolve(REPLACE, request_id=0))),
        evolve(ASKED, doubts=(REPLACE, evolve(CANCEL, request_id=2))),
        evolve(ASKED, doubts=(CANCEL, evolve(REPLACE, request_id=3), evolve(REPLACE))),
        evolve(ASKED, doubts=(evolve(REPLACE, request_id=4), REPLACE, REPLACE)),
        evolve(ASKED, doubts=(REPLACE, evolve(REPLACE, request_id=4), REPLACE)),
        evolve(ASKED, pending=evolve(CANCEL, request_id=0)),
        evolve(ASKED, pending=evolve(CANCEL, request_id=2)),
        evolve(ASKED, pending=evolve(CANCEL, request_id=3)),
        evolve(ASKED, pending=evolve(REPLACE, request_id=1)),
        evolve(ASKED, pending=evolve(REPLACE, request_id=1, kind=CommandKind.NEW)),
        evolve(WORKING, pending=evolve(REPLACE, request_id=0)),
    ],
)
def test_these_requests_do_not_agree(wrong: Order) -> None:
    assert not inv(wrong)


VOID = Report(OrderEvent.FILL_VOIDED, effective=3, leg=1, fill_life=FillLife.EFFECTIVE)
NEW = Report(OrderEvent.REQUEST_NEW, request_id=9, total=0)


@pytest.mark.parametrize(
    ("order", "right"),
    [
        (WORKING, Report(OrderEvent.FILLED)),
        (WORKING, Report(OrderEvent.FILLED, fill_life=FillLife.TOMBSTONE)),
        (WORKING, Report(OrderEvent.CANCELED, request_id=1, total=NOT_CARRIED, leaves=0)),
        (ASKED, Report(OrderEvent.CANCELED, request_id=1)),
        (WORKING, VOID),
        (WORKING, evolve(VOID, leg=0, effective=2)),
        (WORKING, evolve(VOID, leg=-1)),
        (WORKING, evolve(VOID, leg=2)),
        (WORKING, evolve(VOID, event=OrderEvent.FILL_CORRECTED, quantity=9)),
        (WORKING, evolve(VOID, event=OrderEvent.FILLED, effective=4)),
        (WORKING, evolve(VOID, fill_life=FillLife.VOIDED, effective=4)),
        (ABSENT_ORDER, evolve(VOID, effective=0)),
        (ABSENT_ORDER, NEW),
        (WORKING, evolve(NEW, event=OrderEvent.REQUEST_REPLACE)),
        (WORKING, evolve(NEW, event=OrderEvent.REQUEST_CANCEL, total=NOT_CARRIED)),
    ],
)
def test_these_reports_are_sound(order: Order, right: Report) -> None:
    assert sound(order, right)


@pytest.mark.parametrize(
    ("order", "wrong"),
    [
        *(
            (WORKING, evolve(Report(OrderEvent.FILLED), **{name: -1}))
            for name in ("request_id", "quantity", "effective", "fill_life")
        ),
        (WORKING, Report(OrderEvent.FILLED, fill_life=FillLife.TOMBSTONE + 1)),
        (WORKING, Report(OrderEvent.CANCELED, total=NOT_CARRIED - 1)),
        (WORKING, Report(OrderEvent.CANCELED, leaves=NOT_CARRIED - 1)),
        (WORKING, evolve(VOID, effective=4)),
        (WORKING, evolve(VOID, leg=0)),
        (WORKING, evolve(VOID, event=OrderEvent.FILL_CORRECTED, effective=4)),
        (ABSENT_ORDER, evolve(VOID, effective=1)),
        (ABSENT_ORDER, evolve(NEW, total=-1)),
        (WORKING, evolve(NEW, event=OrderEvent.REQUEST_REPLACE, total=-1)),
        (ABSENT_ORDER, evolve(NEW, request_id=0)),
        (ASKED, evolve(NEW, request_id=1)),
        (ASKED, evolve(NEW, request_id=3)),
        (ASKED, evolve(NEW, event=OrderEvent.REQUEST_CANCEL, request_id=0)),
        (ASKED, evolve(NEW, event=OrderEvent.REQUEST_CANCEL, request_id=2)),
    ],
)
def test_these_reports_are_not_sound(order: Order, wrong: Report) -> None:
    assert not sound(order, wrong)


@pytest.mark.parametrize(
    ("done", "of", "shown"),
    [
        (0, 0, Status.NEW),
        (0, 1, Status.NEW),
        (1, 1, Status.FILLED),
        (1, 2, Status.PARTIALLY_FILLED),
        (2, 1, Status.FILLED),
    ],
)
def test_the_status_of_one_lot(done: int, of: int, shown: int) -> None:
    assert status(evolve(WORKING, legs=(Leg(7, of, done, 0, 0),))) == shown


@pytest.mark.parametrize("event", [OrderEvent.ACCEPTED, OrderEvent.HELD])
def test_an_order_that_appears_without_a_total_has_none(event: int) -> None:
    adopted, code = step(ABSENT_ORDER, Report(event, venue_order_id=7, total=NOT_CARRIED))
    assert (code, adopted.legs) == (0, (Leg(7, 0, 0, 0, 0),))


@pytest.mark.parametrize(
    ("life", "untouched", "partly"),
    [
        (Life.HELD, Status.NEW, Status.PARTIALLY_FILLED),
        (Life.WORKING, Status.NEW, Status.PARTIALLY_FILLED),
        (Life.SUSPENDED, Status.SUSPENDED, Status.SUSPENDED),
        (Life.DONE_FOR_DAY, Status.DONE_FOR_DAY, Status.DONE_FOR_DAY),
        (Life.CANCELED, Status.CANCELED, Status.CANCELED),
        (Life.EXPIRED, Status.EXPIRED, Status.EXPIRED),
        (Life.REJECTED, Status.REJECTED, Status.PARTIALLY_FILLED),
    ],
)
def test_the_status_of_a_life(life: int, untouched: int, partly: int) -> None:
    order = evolve(WORKING, life=life, legs=(Leg(7, 2, 0, 0, 0),))
    assert status(order) == untouched
    assert status(evolve(order, legs=(Leg(7, 2, 1, 0, 0),))) == partly
    assert status(evolve(order, pending=CANCEL)) == Status.PENDING_CANCEL
    assert status(evolve(order, pending=REPLACE)) == Status.PENDING_REPLACE
    stopped = status(evolve(order, stopped=1))
    assert stopped == (untouched if untouched == Status.DONE_FOR_DAY else Status.STOPPED)
    assert status(SUBMITTED) == Status.PENDING_NEW
