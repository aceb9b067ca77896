"""Order lists: OCO, OTO and OTOCO, whose legs live and die together [12, A3].

What it decides: the life of the list, which legs a leg's fate cancels or releases, and which orders
are a list. The legs are ordinary Orders with their own lives; the list only counts them, so that no
event of a leg is interpreted twice.

Leg 0 of OTO and OTOCO is the working leg, the others wait HELD for it to fill completely. The two
legs of an OCO pair (legs 0 and 1 of OCO, 1 and 2 of OTOCO) exclude each other: the first that
executes or triggers cancels its sibling, so the pair locks the larger of its needs, once. Legs are
decided together and admitted together, or none of them is.

At a venue each leg has a state of its own: it is held until all legs of the list have come, then
until it is its turn. `after` says what the fate of one leg does to all of them.

Sections: states, events, codes, types, guards, effects, table, functions, legs at a venue.
Decisions: ADR-0007, ADR-0029.
"""

from __future__ import annotations

from enum import IntEnum

from attrs import evolve, frozen

from tickproof.spec.instructions import Instructions
from tickproof.spec.table import Refuse, Table, TableBuilder, always, go, refuse, unchanged

# --- states, events, codes -----------------------------------------------------------------------


class OrderListState(IntEnum):
    """EXECUTING: a leg is open or unanswered. ALL_DONE: none is. REJECTED: none ever was."""

    EXECUTING = 0
    ALL_DONE = 1
    REJECTED = 2


class OrderListEvent(IntEnum):
    """What happened to a leg. LEG_ENDED: it filled completely, or died after acceptance."""

    LEG_ACCEPTED = 0
    LEG_REJECTED = 1
    LEG_ENDED = 2


class OrderListCode(IntEnum):
    """Why an event is refused. NO_SUCH_LEG: more legs were accepted or ended than there are."""

    NONE = 0
    NO_SUCH_LEG = 1
    TERMINAL = 2


class OrderListKind(IntEnum):
    """OCO: one cancels the other. OTO: one triggers the other. OTOCO: one triggers such a pair."""

    OCO = 0
    OTO = 1
    OTOCO = 2


# --- types ---------------------------------------------------------------------------------------


@frozen
class OrderList:
    """A list and its counts of legs.

    `unanswered`: sent and not answered. `alive`: accepted and not ended. `accepted`: ever.
    """

    life: int
    kind: int
    unanswered: int
    alive: int = 0
    accepted: int = 0


def leg_count(kind: int) -> int:
    """How many legs a list of `kind` has."""
    return 3 if kind == OrderListKind.OTOCO else 2


def new_order_list(kind: int) -> OrderList:
    """A list just sent."""
    return OrderList(int(OrderListState.EXECUTING), kind, leg_count(kind))


def inv(order_list: OrderList) -> bool:
    """No count is negative, the legs add up, and the life follows from the counts."""
    open_legs = order_list.unanswered + order_list.alive
    if min(order_list.unanswered, order_list.alive, order_list.accepted) < 0:
        return False
    if order_list.alive > order_list.accepted:
        return False
    if order_list.life == OrderListState.EXECUTING:
        return open_legs > 0
    if order_list.life == OrderListState.ALL_DONE:
        return open_legs == 0 and order_list.accepted > 0
    return open_legs == 0 and order_list.accepted == 0


# --- guards --------------------------------------------------------------------------------------


def leg_is_unanswered(order_list: OrderList, event: int) -> bool:
    """A leg still waits for its answer."""
    return order_list.unanswered > 0


def no_leg_is_unanswered(order_list: OrderList, event: int) -> bool:
    """Every leg has its answer."""
    return not leg_is_unanswered(order_list, event)


def other_legs_remain(order_list: OrderList, event: int) -> bool:
    """A leg is unanswered, and without it another is open."""
    return order_list.unanswered > 0 and order_list.unanswered + order_list.alive > 1


def last_leg_after_acceptance(order_list: OrderList, event: int) -> bool:
    """The only open leg is unanswered, and another had been accepted."""
    return (
        order_list.unanswered > 0
        and order_list.unanswered + order_list.alive <= 1
        and order_list.accepted > 0
    )


def last_leg_without_acceptance(order_list: OrderList, event: int) -> bool:
    """The only open leg is unanswered, and none was ever accepted."""
    return (
        order_list.unanswered > 0
        and order_list.unanswered + order_list.alive <= 1
        and order_list.accepted <= 0
    )


def alive_leg_of_several(order_list: OrderList, event: int) -> bool:
    """A leg is alive, and without it another is open."""
    return order_list.alive > 0 and order_list.unanswered + order_list.alive > 1


def last_alive_leg(order_list: OrderList, event: int) -> bool:
    """The only open leg is alive."""
    return order_list.alive > 0 and order_list.unanswered + order_list.alive <= 1


def no_leg_is_alive(order_list: OrderList, event: int) -> bool:
    """No leg is alive."""
    return order_list.alive <= 0


# --- effects -------------------------------------------------------------------------------------


def count_accepted(order_list: OrderList, event: int) -> OrderList:
    """One more leg is alive."""
    return OrderList(
        order_list.life,
        order_list.kind,
        order_list.unanswered - 1,
        order_list.alive + 1,
        order_list.accepted + 1,
    )


def count_rejected(order_list: OrderList, event: int) -> OrderList:
    """One leg never came to be."""
    return OrderList(
        order_list.life,
        order_list.kind,
        order_list.unanswered - 1,
        order_list.alive,
        order_list.accepted,
    )


def count_ended(order_list: OrderList, event: int) -> OrderList:
    """One leg is over."""
    return OrderList(
        order_list.life,
        order_list.kind,
        order_list.unanswered,
        order_list.alive - 1,
        order_list.accepted,
    )


# --- table ---------------------------------------------------------------------------------------

_S, _E, _C = OrderListState, OrderListEvent, OrderListCode
_DECISION = "ADR-0007"
_builder = TableBuilder("LIST", "Order list", OrderListState, OrderListEvent, OrderListCode)
_builder.on(
    _E.LEG_ACCEPTED,
    (_S.EXECUTING,),
    go(leg_is_unanswered, count_accepted),
    refuse(no_leg_is_unanswered, _C.NO_SUCH_LEG),
    requirements=("L4", "OL7"),
    decision=_DECISION,
)
_builder.on(
    _E.LEG_REJECTED,
    (_S.EXECUTING,),
    go(other_legs_remain, count_rejected),
    go(last_leg_after_acceptance, count_rejected, _S.ALL_DONE),
    go(last_leg_without_acceptance, count_rejected, _S.REJECTED),
    refuse(no_leg_is_unanswered, _C.NO_SUCH_LEG),
    requirements=("L4", "OL7"),
    decision=_DECISION,
)
_builder.on(
    _E.LEG_ENDED,
    (_S.EXECUTING,),
    go(alive_leg_of_several, count_ended),
    go(last_alive_leg, count_ended, _S.ALL_DONE),
    refuse(no_leg_is_alive, _C.NO_SUCH_LEG),
    requirements=("L4", "OL2"),
    decision=_DECISION,
)
for _event in _E:
    _builder.on(
        _event,
        (_S.ALL_DONE, _S.REJECTED),
        refuse(always, _C.TERMINAL),
        requirements=("L4", "OL2"),
        decision=_DECISION,
    )

ORDER_LIST = _builder.build()

# --- functions -----------------------------------------------------------------------------------


def step(order_list: OrderList, event: int) -> tuple[OrderList, int]:
    """The list after a leg's event, and a refusal code (NONE when it applied)."""
    rule = ORDER_LIST.select(order_list.life, event, order_list, event)
    if isinstance(rule, Refuse):
        return order_list, rule.code
    after = rule.effect(order_list, event)
    return (
        OrderList(rule.target, after.kind, after.unanswered, after.alive, after.accepted),
        int(_C.NONE),
    )


def sibling_of(kind: int, leg: int) -> int:
    """The leg that excludes `leg`, -1 when none does."""
    first = 0 if kind == OrderListKind.OCO else 1
    if kind == OrderListKind.OTO or leg < first:
        return -1
    return first + 1 if leg == first else first


def legs_to_release(kind: int, leg: int) -> tuple[int, ...]:
    """The HELD legs that the complete fill of `leg` activates."""
    if kind == OrderListKind.OCO or leg != 0:
        return ()
    return (1,) if kind == OrderListKind.OTO else (1, 2)


def is_complete(legs: tuple[Instructions, ...]) -> bool:
    """Whether orders that are decided together are the legs of one list, in order, none missing."""
    first = legs[0]
    return (
        first.list_id != 0
        and len(legs) == leg_count(first.list_kind)
        and all(
            (each.list_id, each.list_kind, each.list_leg) == (first.list_id, first.list_kind, leg)
            for leg, each in enumerate(legs)
        )
    )


# --- legs at a venue -----------------------------------------------------------------------------


class LegState(IntEnum):
    """AWAITED: its request has not come. HELD: it may not trade yet. OPEN: it may. DONE: over."""

    AWAITED = 0
    HELD = 1
    OPEN = 2
    DONE = 3


class LegEvent(IntEnum):
    """What reaches one leg. SIBLING_GONE: the leg that excludes it worked or ended.

    RELEASED: it is its turn. LEADER_ENDED: the leg it waits for ended without filling completely.
    """

    CAME = 0
    LIST_REFUSED = 1
    RELEASED = 2
    SIBLING_GONE = 3
    LEADER_ENDED = 4
    ENDED = 5


class LegRefusal(IntEnum):
    """Why an event is refused. ALREADY_THERE: that leg came before. OVER: it is done."""

    ALREADY_THERE = 1
    NOT_THERE = 2
    NOT_HELD = 3
    OVER = 4


class Fate(IntEnum):
    """What happens to a leg: it comes, is refused, works (executes or triggers), fills, ends.

    FILLED: completely. ENDED: in any other way.
    """

    COMES = 0
    REFUSED = 1
    WORKS = 2
    FILLED = 3
    ENDED = 4


_VENUE_DECISION = "ADR-0029"


def _build_legs() -> Table[int, int]:
    state, event, code = LegState, LegEvent, LegRefusal
    table = TableBuilder("LEG", "A leg at a venue", LegState, LegEvent, LegRefusal)
    there = (state.HELD, state.OPEN)
    alive = (state.AWAITED, *there)
    to_done = go(always, unchanged, state.DONE)
    cells = (
        (event.CAME, (state.AWAITED,), go(always, unchanged, state.HELD)),
        (event.CAME, there, refuse(always, code.ALREADY_THERE)),
        (event.LIST_REFUSED, alive, to_done),
        (event.RELEASED, (state.HELD,), go(always, unchanged, state.OPEN)),
        (event.RELEASED, (state.AWAITED, state.OPEN), refuse(always, code.NOT_HELD)),
        (event.SIBLING_GONE, alive, to_done),
        (event.LEADER_ENDED, (state.AWAITED, state.HELD), to_done),
        (event.LEADER_ENDED, (state.OPEN,), refuse(always, code.NOT_HELD)),
        (event.ENDED, there, to_done),
        (event.ENDED, (state.AWAITED,), refuse(always, code.NOT_THERE)),
        *((each, (state.DONE,), refuse(always, code.OVER)) for each in event),
    )
    for each, states, transition in cells:
        table.on(each, states, transition, requirements=("OL2", "L4"), decision=_VENUE_DECISION)
    return table.build()


LEGS = _build_legs()
"""State of a leg x what reaches it."""


@frozen
class Legs:
    """The legs of a list at a venue; `states[leg]`, as many as the kind has."""

    kind: int
    states: tuple[int, ...]


def awaited(kind: int) -> Legs:
    """A list of which nothing has come."""
    return Legs(kind, (int(LegState.AWAITED),) * leg_count(kind))


def told(legs: Legs, event: int, *which: int) -> Legs:
    """The legs after an event reached some of them; who refuses it stays as it is."""
    states = list(legs.states)
    for leg in which:
        rule = LEGS.select(states[leg], event, states[leg], event)
        if not isinstance(rule, Refuse):
            states[leg] = rule.target
    return evolve(legs, states=tuple(states))


def first_to_release(kind: int) -> tuple[int, ...]:
    """The legs that are released when all have come."""
    return (0, 1) if kind == OrderListKind.OCO else (0,)


def after(legs: Legs, leg: int, fate: int) -> Legs:
    """What the fate of one leg does to all of them; nothing where that leg is over already."""
    kind = legs.kind
    if fate == Fate.COMES:
        come = told(legs, LegEvent.CAME, leg)
        if LegState.AWAITED in come.states:
            return come
        return told(come, LegEvent.RELEASED, *first_to_release(kind))
    if fate == Fate.REFUSED:
        return told(legs, LegEvent.LIST_REFUSED, *range(leg_count(kind)))
    if legs.states[leg] == LegState.DONE:
        return legs
    sibling = sibling_of(kind, leg)
    excluded = (sibling,) if sibling >= 0 else ()
    legs = told(legs, LegEvent.SIBLING_GONE, *excluded)
    if fate == Fate.WORKS:
        return legs
    legs = told(legs, LegEvent.ENDED, leg)
    waiting = legs_to_release(kind, leg)
    event = LegEvent.RELEASED if fate == Fate.FILLED else LegEvent.LEADER_ENDED
    return told(legs, event, *waiting)
