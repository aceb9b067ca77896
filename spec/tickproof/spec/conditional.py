"""Orders that wait at a venue for a price: stops, take-profits, and those that trail.

What it decides: what a waiting order does when it arrives, when a price it watches is seen, and
when a command or its date reaches it. Which order it becomes then is nothing new: MARKET or LIMIT,
and the admission table says of it what it says of any other.

Whether a trigger is reached depends on the market alone, never on what own orders filled: so every
fill model triggers the same orders at the same messages [Q7]. A price is seen only while the venue
trades continuously and its book is to be trusted. LAST_TRADE watches continuous prints, TOUCH the
best price the child would meet: the offer for a buy, the bid for a sell.

A STOP is reached by a price as bad as its trigger or worse, a TAKE_PROFIT by one as good or better.
A trailing order (of either type) first waits for its trigger price in that way, if it has one; from
then on it follows the best price seen, the lowest for a buy and the highest for a sell, and is
reached when the price has come back from it by the distance.

Sections: states and events, a waiting order, guards, effects, table. Decision: ADR-0028.
"""

from __future__ import annotations

from enum import IntEnum

from attrs import evolve, frozen

from tickproof.spec.commands import OrderType
from tickproof.spec.events import Reason, Side
from tickproof.spec.instructions import TRAILING_SCALE
from tickproof.spec.table import KEEP, Refuse, Table, TableBuilder, always, go, refuse, unchanged

DECISION = "ADR-0028"

# --- states and events ---------------------------------------------------------------------------


class Wait(IntEnum):
    """What a conditional order waits for at the venue.

    WAITING: its trigger. DORMANT: the price from which it trails. TRAILING: the price to come back.
    OVER: nothing any more: it was triggered, or has ended; so is every other order.
    """

    OVER = 0
    ARRIVING = 1
    WAITING = 2
    DORMANT = 3
    TRAILING = 4


class Met(IntEnum):
    """What reaches it. SEEN: a watched price. SEEN_CLOSED: one while the venue does not trade."""

    ARRIVES = 0
    SEEN = 1
    SEEN_CLOSED = 2
    REPLACE = 3
    CANCEL = 4
    DATE_REACHED = 5


class WaitRefusal(IntEnum):
    """Why something is refused. ALREADY_REACHED: it would trigger at once, so it is no trigger."""

    ALREADY_REACHED = 1
    NOT_THERE = 2
    ARRIVED_BEFORE = 3
    NOT_WAITING = 4


WAIT_REASONS: dict[int, int] = {WaitRefusal.ALREADY_REACHED: Reason.WOULD_TRIGGER}
"""The reason a refused NEW carries."""

# --- a waiting order -----------------------------------------------------------------------------


@frozen
class Conditional:
    """What of a conditional order decides when it is triggered.

    `trigger_price`: 0 where it trails at once. `trailing_e4`: distance in parts of TRAILING_SCALE,
    0 where it does not trail. `reference`: best price since it trails, 0 before the first.
    """

    order_type: int
    side: int
    trigger_price: int
    trailing_e4: int = 0
    reference: int = 0


def child_type(order_type: int) -> int:
    """What an order becomes at its trigger."""
    if order_type in (OrderType.STOP, OrderType.TAKE_PROFIT):
        return OrderType.MARKET
    return OrderType.LIMIT


def direction(order_type: int, side: int) -> int:
    """1 where a price as high as the trigger reaches it, -1 where one as low does."""
    if order_type in (OrderType.STOP, OrderType.STOP_LIMIT):
        return side
    return -side


def trailing_trigger(side: int, reference: int, trailing_e4: int) -> int:
    """The first price that has come back from the reference by the distance, or further."""
    if side == Side.BUY:
        return -(-reference * (TRAILING_SCALE + trailing_e4) // TRAILING_SCALE)
    return reference * (TRAILING_SCALE - trailing_e4) // TRAILING_SCALE


def beyond(towards: int, trigger: int, price: int) -> bool:
    """Whether a price is at the trigger, or further in the direction."""
    return (price - trigger) * towards >= 0


# --- guards --------------------------------------------------------------------------------------


def is_reached(order: Conditional, price: int) -> bool:
    """The price has reached the trigger price; no price (0) reaches nothing."""
    return price > 0 and beyond(direction(order.order_type, order.side), order.trigger_price, price)


def is_not_reached(order: Conditional, price: int) -> bool:
    """It has not."""
    return not is_reached(order, price)


def would_trigger(order: Conditional, price: int) -> bool:
    """It does not trail, and its trigger is reached already."""
    return order.trailing_e4 == 0 and is_reached(order, price)


def may_wait(order: Conditional, price: int) -> bool:
    """It does not trail, and its trigger is not reached."""
    return order.trailing_e4 == 0 and not is_reached(order, price)


def trails_at_once(order: Conditional, price: int) -> bool:
    """It trails from the start, or from a price that is reached already."""
    return order.trailing_e4 != 0 and (order.trigger_price == 0 or is_reached(order, price))


def trails_later(order: Conditional, price: int) -> bool:
    """It trails from a price that is not reached yet."""
    return order.trailing_e4 != 0 and order.trigger_price != 0 and not is_reached(order, price)


def leads(order: Conditional, price: int) -> bool:
    """The price is the first one, or better than all since the order trails."""
    return order.reference == 0 or (order.reference - price) * order.side > 0


def came_back(order: Conditional, price: int) -> bool:
    """The price has come back from the reference by the distance."""
    if order.reference == 0:
        return False
    return beyond(
        order.side, trailing_trigger(order.side, order.reference, order.trailing_e4), price
    )


def lingers(order: Conditional, price: int) -> bool:
    """The price is neither better than the reference nor back by the distance."""
    return not leads(order, price) and not came_back(order, price)


# --- effects -------------------------------------------------------------------------------------


def follow(order: Conditional, price: int) -> Conditional:
    """The best price is this one; before the first one was seen there is none."""
    return evolve(order, reference=price)


# --- table ---------------------------------------------------------------------------------------

_WAITS = (Wait.WAITING, Wait.DORMANT, Wait.TRAILING)


def _build() -> Table[Conditional, int]:
    table = TableBuilder("VC", "A conditional order at a venue", Wait, Met, WaitRefusal)
    requirements = ("Q7", "Q9")
    table.on(
        Met.ARRIVES,
        (Wait.ARRIVING,),
        refuse(would_trigger, WaitRefusal.ALREADY_REACHED),
        go(may_wait, unchanged, Wait.WAITING),
        go(trails_at_once, follow, Wait.TRAILING),
        go(trails_later, unchanged, Wait.DORMANT),
        requirements=requirements,
        decision=DECISION,
    )
    for state, target, effect in (
        (Wait.WAITING, Wait.OVER, unchanged),
        (Wait.DORMANT, Wait.TRAILING, follow),
    ):
        table.on(
            Met.SEEN,
            (state,),
            go(is_reached, effect, target),
            go(is_not_reached, unchanged, KEEP),
            requirements=requirements,
            decision=DECISION,
        )
    table.on(
        Met.SEEN,
        (Wait.TRAILING,),
        go(leads, follow, KEEP),
        go(came_back, unchanged, Wait.OVER),
        go(lingers, unchanged, KEEP),
        requirements=requirements,
        decision=DECISION,
    )
    for event, after, ids in (
        (Met.SEEN_CLOSED, KEEP, requirements),
        (Met.REPLACE, KEEP, ("OL6",)),
        (Met.CANCEL, int(Wait.OVER), ("OL2",)),
        (Met.DATE_REACHED, int(Wait.OVER), ("T8",)),
    ):
        table.on(event, _WAITS, go(always, unchanged, after), requirements=ids, decision=DECISION)
    _refused(table)
    return table.build()


def _refused(table: TableBuilder) -> None:
    """What cannot be: an order waits after it arrived, once, and until it is over."""
    for event in Met:
        cells = [(Wait.OVER, WaitRefusal.NOT_WAITING)]
        if event == Met.ARRIVES:
            cells += [(state, WaitRefusal.ARRIVED_BEFORE) for state in _WAITS]
        else:
            cells.append((Wait.ARRIVING, WaitRefusal.NOT_THERE))
        for state, code in cells:
            table.on(
                event, (state,), refuse(always, code), requirements=("OL7",), decision=DECISION
            )


CONDITIONAL = _build()
"""What a conditional order waits for x what reaches it; the detail is the price, 0 for none."""


def step(state: int, order: Conditional, met: int, price: int) -> tuple[int, Conditional, int]:
    """(state, order, refusal code or 0) after something reached the order."""
    rule = CONDITIONAL.select(state, met, order, price)
    if isinstance(rule, Refuse):
        return state, order, rule.code
    return rule.target, rule.effect(order, price), 0
