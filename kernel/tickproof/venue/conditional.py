"""Orders that wait at one instrument for a price, found without looking at them one by one.

Decides nothing of its own: `tickproof.spec.conditional` says when a trigger is reached and how a
trailing one follows. Orders with a fixed trigger stand in heaps by the price they watch and the
side it has to come from, so a message that reaches none costs two comparisons; those that trail are
looked at one by one. The tests run it beside the specification's table.
"""

from __future__ import annotations

from heapq import heappop, heappush
from operator import attrgetter

from tickproof.spec.conditional import Wait, direction, trailing_trigger
from tickproof.spec.instructions import Trigger
from tickproof.venue.orders import VenueOrder

LAST_TRADE = 0
OFFER = 1
BID = 2
"""What is watched: continuous prints, the best offer, the best bid."""

_OVER = int(Wait.OVER)
_WAITING = int(Wait.WAITING)
_DORMANT = int(Wait.DORMANT)
_TRAILING = int(Wait.TRAILING)

_by_arrival = attrgetter("arrival")

Heap = list[tuple[int, int, VenueOrder]]


def watched(trigger_on: int, side: int) -> int:
    """What an order watches: prints, or the best price its child would meet."""
    if trigger_on == Trigger.LAST_TRADE:
        return LAST_TRADE
    return OFFER if side > 0 else BID


class Conditionals:
    """The waiting orders of one instrument. `count`: how many there are.

    `rising`, `falling`: by what is watched, heaps of those that a price as high, or as low, as
    their trigger reaches; entries of orders that no longer wait stay until they are on top.
    """

    __slots__ = ("count", "arrivals", "rising", "falling", "trailing")

    count: int
    arrivals: int
    rising: list[Heap]
    falling: list[Heap]
    trailing: list[list[VenueOrder]]

    def __init__(self) -> None:
        self.count = 0
        self.arrivals = 0
        self.rising = [[], [], []]
        self.falling = [[], [], []]
        self.trailing = [[], [], []]

    def add(self, order: VenueOrder, order_type: int) -> None:
        """An order begins to wait, as `order.wait` and its other fields say."""
        self.count += 1
        self.arrivals += 1
        order.arrival = self.arrivals
        if order.wait == _TRAILING:
            self._trail(order, order.reference)
        elif direction(order_type, order.side) > 0:
            heappush(self.rising[order.watched], (order.trigger, order.arrival, order))
        else:
            heappush(self.falling[order.watched], (-order.trigger, order.arrival, order))

    def drop(self, order: VenueOrder) -> None:
        """A waiting order ends, or is triggered."""
        order.wait = _OVER
        self.count -= 1

    def held_by(self, account: int, but: VenueOrder | None) -> tuple[int, int]:
        """(orders, lots bid for) of an account that wait here, the order `but` left out."""
        waiting = {
            entry[1]: entry[2]
            for heaps in (self.rising, self.falling)
            for heap in heaps
            for entry in heap
        }
        waiting |= {order.arrival: order for each in self.trailing for order in each}
        count = bids = 0
        for order in waiting.values():
            if order.wait and order.account == account and order is not but:
                count += 1
                if order.side > 0:
                    bids += order.total
        return count, bids

    def seen(self, what: int, price: int, reached: list[VenueOrder]) -> None:
        """A watched price: those it triggers are added to `reached` and wait no more."""
        if self.trailing[what]:
            self._follow(what, price, reached)
        heap = self.rising[what]
        while heap and heap[0][0] <= price:
            self._reach(heappop(heap)[2], price, reached)
        heap = self.falling[what]
        while heap and -heap[0][0] >= price:
            self._reach(heappop(heap)[2], price, reached)

    def _reach(self, order: VenueOrder, price: int, reached: list[VenueOrder]) -> None:
        """The trigger price of an order is reached: it triggers, or begins to trail."""
        if order.wait == _WAITING:
            self.drop(order)
            reached.append(order)
        elif order.wait == _DORMANT:
            order.wait = _TRAILING
            self._trail(order, price)

    def _trail(self, order: VenueOrder, reference: int) -> None:
        """Follow from here; the reference is 0 before the first price."""
        order.reference = reference
        if reference:
            order.trigger = trailing_trigger(order.side, reference, order.trailing_e4)
        self.trailing[order.watched].append(order)

    def _follow(self, what: int, price: int, reached: list[VenueOrder]) -> None:
        still: list[VenueOrder] = []
        for order in self.trailing[what]:
            if order.wait != _TRAILING:
                continue
            reference = order.reference
            if reference == 0 or (reference - price) * order.side > 0:
                order.reference = price
                order.trigger = trailing_trigger(order.side, price, order.trailing_e4)
            elif (price - order.trigger) * order.side >= 0:
                self.drop(order)
                reached.append(order)
                continue
            still.append(order)
        self.trailing[what] = still


def in_order_of_arrival(reached: list[VenueOrder]) -> list[VenueOrder]:
    """Those that one message triggered, the earliest first."""
    return sorted(reached, key=_by_arrival)
