"""Legs of order lists at the simulated venue: how they arrive, and how they come in.

Decides that a leg is held until the fates of `spec.order_list` open it, and that legs whose turn it
is come in together or are refused together.
"""

from __future__ import annotations

from heapq import heappush

from tickproof.spec.commands import CONDITIONAL_TYPES
from tickproof.spec.conditional import WAIT_REASONS, Conditional, child_type
from tickproof.spec.events import NOT_CARRIED, EventKind, Reason
from tickproof.spec.instructions import Prevention
from tickproof.spec.order_list import Fate
from tickproof.spec.venue_admission import Command, Situation, Tenure, order_class
from tickproof.venue.conditional import watched
from tickproof.venue.lists import TiedLegs, list_key
from tickproof.venue.market import Market
from tickproof.venue.orders import VenueOrder
from tickproof.venue.requests import VenueRequest
from tickproof.venue.verdicts import REFUSED, admitted, asks, is_dated, move
from tickproof.venue.waiting import WaitingVenue

_REJECTED = int(EventKind.REJECTED)
_HELD = int(EventKind.HELD)
_TRIGGERED = int(EventKind.TRIGGERED)
_RESTING = int(Tenure.RESTING)
_TO_END = int(Command.CHANCE_OVER)
_NOT_CARRIED = int(NOT_CARRIED)


class ListVenue(WaitingVenue):
    """A venue at which orders are tied in lists."""

    __slots__ = ()

    def _arrive_leg(self, request: VenueRequest) -> None:
        """A leg of an order list: held until it is its turn, or refused, and the list with it."""
        asked = request.instructions
        market = self._markets[request.instrument]
        key = list_key(request.order_id, asked.list_id)
        tied = self._lists.get(key)
        if tied is None:
            tied = TiedLegs(asked.list_kind)
            self._lists[key] = tied
        conditional = request.order_type in CONDITIONAL_TYPES
        order_type = child_type(request.order_type) if conditional else request.order_type
        kind = order_class(request.order_type, request.time_in_force, asked)
        dated = is_dated(market, request)
        on_grid = asked.trigger_price % market.filters.tick == 0
        found = self._situation(
            market,
            request.side,
            0,
            0,
            request.order_id in self._orders,
            on_grid and self._filters_passed(market, request, request.side, order_type),
            dated and request.good_till_ns <= self._now_ns,
            self._limit_reached(market, request, None),
            False,
            None,
            Prevention.NONE,
            asks(kind),
        )
        code = admitted(kind, min(found, Situation.NOTHING_OPPOSITE))[0]
        if not tied.takes(asked.list_kind, asked.list_leg):
            self._refuse(_REJECTED, request, Reason.ORDER_LIST)
            if tied.comes_late(asked.list_kind, asked.list_leg):
                tied.turn(asked.list_leg, Fate.REFUSED)
            return
        if code:
            self._refuse(_REJECTED, request, REFUSED[code])
            self._end_legs(tied.turn(asked.list_leg, Fate.REFUSED)[1])
            return
        order = self._made(market, request, order_type, kind)
        order.list_id = asked.list_id
        order.leg = asked.list_leg
        order.held = 1
        tied.orders[order.leg] = order
        market.held.append(order)
        if conditional:
            order.watched = watched(asked.trigger_on, request.side)
            order.asked_type = request.order_type
            order.trigger = asked.trigger_price
            order.trailing_e4 = asked.trailing_e4
        self._report(_HELD, order, request.request_id, order.total, 0)
        if dated:
            heappush(self._dates, (order.good_till_ns, order.order_id))
        self._leg_meets(order, Fate.COMES)

    def _release(self, first: VenueOrder) -> None:
        """It is the turn of one leg, or of a pair: they come in, or are refused together."""
        tied = self._lists[list_key(first.order_id, first.list_id)]
        due = [
            order
            for order in (first, tied.sibling(first.leg))
            if order is not None and order.held and order.tenure == _RESTING
        ]
        for order in due:
            reason = self._leg_refused(order)
            if reason:
                self._leave(order)
                move(order, _TO_END)
                self._report(_REJECTED, order, 0, _NOT_CARRIED, reason)
                self._end_legs(tied.turn(order.leg, Fate.REFUSED)[1])
                return
        for order in due:
            if order.tenure != _RESTING:
                continue
            market = self._markets[order.instrument]
            self._leave(order)
            if order.asked_type:
                self._begin_to_wait(market, order)
                continue
            self._report(_TRIGGERED, order, 0, _NOT_CARRIED, 0)
            self._enter_first(market, order)

    def _leg_refused(self, order: VenueOrder) -> int:
        """The `Reason` why a leg whose turn it is may not come in, 0 when it may.

        Of what is shown only a LIMIT_MAKER is refused: no other needs its limit looked at.
        """
        market = self._markets[order.instrument]
        event = asks(order.order_class)
        found = self._situation(
            market, order.side, order.price, order.total, False, True, False, False, False, None,
            Prevention.NONE, event,
        )  # fmt: skip
        if order.asked_type:
            found = min(found, Situation.NOTHING_OPPOSITE)
        code = admitted(order.order_class, found)[0]
        if code:
            return REFUSED[code]
        if order.asked_type:
            code = self._wait_of(market, order)[2]
            return int(WAIT_REASONS[code]) if code else 0
        return 0

    def _wait_of(self, market: Market, order: VenueOrder) -> tuple[int, Conditional, int]:
        """What a conditional leg does when it begins to wait, as for one that arrives."""
        terms = (order.asked_type, order.side, order.trigger, order.trailing_e4)
        return self._first_wait(market, order.watched, Conditional(*terms))

    def _begin_to_wait(self, market: Market, order: VenueOrder) -> None:
        """A conditional leg whose turn it is waits for its trigger."""
        order.wait, trails, _ = self._wait_of(market, order)
        order.reference = trails.reference
        market.conditionals.add(order, order.asked_type)
        market.note_idle()
