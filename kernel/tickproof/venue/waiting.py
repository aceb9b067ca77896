"""Orders that wait for a price at the simulated venue: how they are taken in and triggered.

Decides which price is seen and when: the last continuous print, or the touch of a book that is not
crossed, where the venue trades. What was triggered comes in as what it becomes, the earliest first
[OL11].
"""

from __future__ import annotations

from heapq import heappush

from tickproof.spec.conditional import WAIT_REASONS, Conditional, Met, Wait, child_type
from tickproof.spec.conditional import step as wait_step
from tickproof.spec.events import NOT_CARRIED, EventKind, Reason
from tickproof.spec.order_list import Fate
from tickproof.spec.venue_admission import Command, Tenure, order_class
from tickproof.venue.conditional import BID, LAST_TRADE, OFFER, in_order_of_arrival, watched
from tickproof.venue.entering import EnteringVenue
from tickproof.venue.market import Market
from tickproof.venue.orders import VenueOrder
from tickproof.venue.requests import VenueRequest
from tickproof.venue.verdicts import REFUSED, admitted, is_dated, move, seen_situation

_REJECTED = int(EventKind.REJECTED)
_HELD = int(EventKind.HELD)
_TRIGGERED = int(EventKind.TRIGGERED)
_RESTING = int(Tenure.RESTING)
_TO_END = int(Command.CHANCE_OVER)
_NOT_CARRIED = int(NOT_CARRIED)


class WaitingVenue(EnteringVenue):
    """A venue at which orders wait for a price."""

    __slots__ = ()

    def _arrive_conditional(self, request: VenueRequest) -> None:
        """An order that is to wait: refused as its child would be, or if it would trigger."""
        market = self._markets[request.instrument]
        asked = request.instructions
        child = child_type(request.order_type)
        kind = order_class(request.order_type, request.time_in_force, asked)
        dated = is_dated(market, request)
        on_grid = asked.trigger_price % market.filters.tick == 0
        found = seen_situation(
            request.order_id in self._orders,
            market.open_for_orders(),
            on_grid and self._filters_passed(market, request, request.side, child),
            dated and request.good_till_ns <= self._now_ns,
            self._limit_reached(market, request, None),
            False,
            False,
            False,
            0,
            0,
            request.quantity,
        )
        code = admitted(kind, found)[0]
        if code:
            self._refuse(_REJECTED, request, REFUSED[code])
            return
        what = watched(asked.trigger_on, request.side)
        terms = (request.order_type, request.side, asked.trigger_price, asked.trailing_e4)
        wait, trails, code = self._first_wait(market, what, Conditional(*terms))
        if code:
            self._refuse(_REJECTED, request, WAIT_REASONS[code])
            return
        order = self._made(market, request, child, kind)
        order.watched = what
        order.wait = wait
        order.trigger = asked.trigger_price
        order.trailing_e4 = asked.trailing_e4
        order.reference = trails.reference
        market.conditionals.add(order, request.order_type)
        market.note_idle()
        self._report(_HELD, order, request.request_id, order.total, 0)
        if dated:
            heappush(self._dates, (order.good_till_ns, order.order_id))

    def _first_wait(
        self, market: Market, what: int, asked: Conditional
    ) -> tuple[int, Conditional, int]:
        """What a conditional order does on arrival, by the latest of the price it watches."""
        return wait_step(Wait.ARRIVING, asked, Met.ARRIVES, self._price_seen(market, what))

    def _price_seen(self, market: Market, what: int) -> int:
        """The latest of a watched price, 0 where there is none."""
        if what == LAST_TRADE:
            return market.last_price
        book = market.book
        if book.crossed():
            return 0
        if what == OFFER:
            return book.ask_price if book.ask_size else 0
        return book.bid_price if book.bid_size else 0

    def _watch_print(self, market: Market, price: int) -> None:
        """Conditional orders see a continuous print, where the venue trades."""
        if market.open_for_orders():
            reached: list[VenueOrder] = []
            market.conditionals.seen(LAST_TRADE, price, reached)
            if reached:
                self._trigger(market, reached)

    def _watch_touch(self, market: Market) -> None:
        """Conditional orders see the best prices of a book that was told of."""
        if market.open_for_orders():
            reached: list[VenueOrder] = []
            for what in (OFFER, BID):
                price = self._price_seen(market, what)
                if price:
                    market.conditionals.seen(what, price, reached)
            if reached:
                self._trigger(market, reached)

    def _trigger(self, market: Market, reached: list[VenueOrder]) -> None:
        """What was triggered comes in as what it becomes, the earliest first [OL11]."""
        for order in in_order_of_arrival(reached):
            if order.tenure != _RESTING:
                continue
            self._report(_TRIGGERED, order, 0, _NOT_CARRIED, 0)
            if order.list_id:
                self._leg_meets(order, Fate.WORKS)
            if not market.passes(order.order_type, order.price, order.total):
                move(order, _TO_END)
                self._report(_REJECTED, order, 0, _NOT_CARRIED, Reason.FILTER)
                continue
            self._enter_first(market, order)
        market.note_idle()
