"""Order lists as the simulated venue holds them: the legs of each, and what became of them.

Decides nothing: `tickproof.spec.order_list` says what the fate of a leg does to all. This keeps
the orders beside the states, and the life of the list by the same events.
"""

from __future__ import annotations

from tickproof.spec.commands import strategy_of
from tickproof.spec.order_list import (
    Fate,
    Legs,
    LegState,
    OrderList,
    OrderListEvent,
    after,
    awaited,
    leg_count,
    new_order_list,
    sibling_of,
    step,
)
from tickproof.venue.orders import VenueOrder

_EVENTS = {
    int(Fate.COMES): int(OrderListEvent.LEG_ACCEPTED),
    int(Fate.REFUSED): int(OrderListEvent.LEG_REJECTED),
    int(Fate.FILLED): int(OrderListEvent.LEG_ENDED),
    int(Fate.ENDED): int(OrderListEvent.LEG_ENDED),
}
"""What the list counts. A leg that is refused at its turn was answered: its end is counted."""


class TiedLegs:
    """One order list. `legs`: states by leg; `orders`: by leg, None where none has come.

    `life`: the list as `spec.order_list` counts it.
    """

    __slots__ = ("legs", "orders", "life")

    legs: Legs
    orders: list[VenueOrder | None]
    life: OrderList

    def __init__(self, kind: int) -> None:
        self.legs = awaited(kind)
        self.orders = [None] * leg_count(kind)
        self.life = new_order_list(kind)

    def takes(self, kind: int, leg: int) -> bool:
        """Whether a leg of such a list may come."""
        known = kind == self.legs.kind and leg < len(self.orders)
        return known and self.legs.states[leg] == LegState.AWAITED

    def comes_late(self, kind: int, leg: int) -> bool:
        """Whether a leg that comes now is one of a list that is over."""
        known = kind == self.legs.kind and leg < len(self.orders)
        return known and self.orders[leg] is None

    def turn(self, leg: int, fate: int) -> tuple[list[VenueOrder], list[VenueOrder]]:
        """Let a fate take its course: (orders whose turn it is, orders that are to end)."""
        before = self.legs.states
        self.legs = after(self.legs, leg, fate)
        event = _EVENTS.get(fate, -1)
        if event >= 0:
            self.life = step(self.life, event)[0]
        released: list[VenueOrder] = []
        ended: list[VenueOrder] = []
        for index, state in enumerate(self.legs.states):
            order = self.orders[index]
            if order is None or state == before[index]:
                continue
            if state == LegState.OPEN:
                released.append(order)
            elif state == LegState.DONE and index != leg:
                ended.append(order)
        return released, ended

    def sibling(self, leg: int) -> VenueOrder | None:
        """The order of the leg that excludes this one, if there is one and it has come."""
        other = sibling_of(self.legs.kind, leg)
        return self.orders[other] if other >= 0 else None


def list_key(order_id: int, list_id: int) -> tuple[int, int]:
    """What names a list: its ids are a strategy's own."""
    return strategy_of(order_id), list_id
