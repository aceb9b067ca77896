"""Hypothesis strategies of Orders that satisfy `inv` and of reports that are `sound` for them."""

from attrs import evolve
from hypothesis import strategies as st

from tickproof.spec.commands import CommandKind
from tickproof.spec.events import NOT_CARRIED, Reason
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
    leg_index,
    outstanding,
    sound,
)

quantities = st.integers(0, 12)
flags = st.integers(0, 1)
REQUEST_IDS = range(1, 5)


@st.composite
def closed_legs(draw: st.DrawFn) -> Leg:
    executed, prevented, unrestored = draw(quantities), draw(quantities), draw(quantities)
    size = draw(st.integers(0, executed + prevented + unrestored))
    return Leg(draw(flags), size, executed, prevented, unrestored)


@st.composite
def orders(draw: st.DrawFn) -> Order:
    """Any Order with `inv`: absent, or up to three legs, a pending Request and two doubts."""
    life = draw(st.sampled_from(Life))
    if life == Life.ABSENT:
        return ABSENT_ORDER
    if life == Life.SUBMITTED:
        legs: tuple[Leg, ...] = (Leg(draw(flags), draw(quantities), 0, 0, 0),)
    else:
        last = Leg(draw(flags), *(draw(quantities) for _ in range(4)))
        legs = (*draw(st.lists(closed_legs(), max_size=2)), last)
    ids = draw(st.permutations(REQUEST_IDS))
    kinds = st.sampled_from((CommandKind.NEW, CommandKind.REPLACE, CommandKind.CANCEL))
    asked = [Outstanding(draw(kinds), i, draw(quantities), draw(quantities), 0) for i in ids[:3]]
    doubts = tuple(asked[1 : 1 + draw(st.integers(0, 2))])
    pending = draw(st.sampled_from((None, asked[0])))
    if pending is not None and doubts:
        pending = evolve(pending, kind=CommandKind.CANCEL)
    inferred = draw(flags) if life in REVOCABLE else 0
    origin = draw(st.sampled_from(Origin))
    return Order(life, origin, inferred, draw(flags), draw(quantities), legs, pending, doubts)


@st.composite
def reports(draw: st.DrawFn, order: Order) -> Report:
    """Any report that is `sound` for the Order, of any event."""
    event = draw(st.sampled_from(OrderEvent))
    dispatch = event <= OrderEvent.REQUEST_CANCEL
    fresh = [i for i in REQUEST_IDS if outstanding(order, i) is None]
    report = Report(
        event,
        request_id=draw(st.sampled_from(fresh if dispatch else (0, *REQUEST_IDS))),
        venue_order_id=draw(flags),
        leg=draw(st.integers(-1, 3)),
        price=draw(quantities),
        quantity=draw(quantities),
        fill_life=draw(st.sampled_from(FillLife)),
        total=draw(st.integers(0 if dispatch else NOT_CARRIED, 15)),
        leaves=draw(st.integers(NOT_CARRIED, 5)),
        reason=draw(st.sampled_from((Reason.NONE, Reason.TOO_LATE, Reason.UNKNOWN_ORDER))),
        restores=draw(flags),
        active=draw(flags),
        new_leg=draw(flags),
        stopped=draw(flags),
        settled=draw(flags),
    )
    limit = order.legs[leg_index(order, report)].executed if order.legs else 0
    report = evolve(report, effective=draw(st.integers(0, limit)))
    assert sound(order, report)
    return report
