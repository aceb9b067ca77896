"""What a request does that has arrived: NEW, REPLACE, CANCEL, and a date that is reached.

Decides which row of table `VA` or `VT` a request meets and answers as the row has it; a refusal
changes nothing and says why.
"""

from __future__ import annotations

from heapq import heappush

from tickproof.spec.commands import CommandKind, OrderType
from tickproof.spec.errors import InvariantBroken
from tickproof.spec.events import NOT_CARRIED, EventKind, Reason
from tickproof.spec.order_list import Fate
from tickproof.spec.table import Refuse
from tickproof.spec.venue_admission import Command, Tenure, Wanted, marketable, replace_command
from tickproof.spec.venue_phase import PhaseEvent
from tickproof.venue.legs import ListVenue
from tickproof.venue.market import Market
from tickproof.venue.orders import VenueOrder
from tickproof.venue.requests import RELEASED, VenueRequest
from tickproof.venue.verdicts import (
    ANY_NEW,
    REFUSED,
    REFUSED_OF_ORDER,
    admitted,
    asks,
    class_of,
    is_dated,
    move,
    phase_rule,
    refusal,
    revised,
)

_ACCEPTED = int(EventKind.ACCEPTED)
_CANCELED = int(EventKind.CANCELED)
_EXPIRED = int(EventKind.EXPIRED)
_REJECTED = int(EventKind.REJECTED)
_REPLACED = int(EventKind.REPLACED)
_CANCEL_REJECTED = int(EventKind.CANCEL_REJECTED)
_REPLACE_REJECTED = int(EventKind.REPLACE_REJECTED)
_MARKET = int(OrderType.MARKET)
_LIMIT_MAKER = int(OrderType.LIMIT_MAKER)
_NEW = int(CommandKind.NEW)
_REPLACE = int(CommandKind.REPLACE)
_CANCEL = int(CommandKind.CANCEL)
_RELEASED = RELEASED
_TOO_LATE = int(Reason.TOO_LATE)
_UNKNOWN_ORDER = int(Tenure.UNKNOWN)
_RESTING = int(Tenure.RESTING)
_FULL = int(Tenure.FILLED)
_CLOSED = int(Tenure.CLOSED)
_TO_CANCEL = int(Command.CANCEL)
_NOT_CARRIED = int(NOT_CARRIED)


class ArrivingVenue(ListVenue):
    """A venue at which requests arrive."""

    __slots__ = ()

    def _arrive(self, request: VenueRequest) -> None:
        kind = request.kind
        if kind == _NEW:
            if request.list_id:
                self._arrive_leg(request)
            else:
                self._arrive_new(request)
        elif kind == _CANCEL:
            self._arrive_cancel(request)
        elif kind == _REPLACE:
            self._arrive_replace(request)
        elif kind == _RELEASED:
            self._release(self._orders[request.order_id])
        else:
            raise InvariantBroken("a request that is neither NEW, REPLACE nor CANCEL")

    def _arrive_new(self, request: VenueRequest) -> None:
        # All types after these wait for a price; one that is unknown is refused there as well.
        if request.order_type > _LIMIT_MAKER:
            self._arrive_conditional(request)
            return
        market = self._markets[request.instrument]
        limited = -1 if request.order_type == _MARKET else request.price
        mode = request.prevention
        quantity = request.quantity
        if request.reduce_only:
            room = market.room_to_reduce(request.account, request.side, None)
            quantity = min(quantity, room)
        dated = is_dated(market, request)
        kind = class_of(request)
        found = self._situation(
            market,
            request.side,
            limited,
            quantity,
            request.order_id in self._orders,
            self._filters_passed(market, request, request.side, request.order_type)
            and self._money_passes(market, request),
            dated and request.good_till_ns <= self._now_ns,
            self._limit_reached(market, request, None),
            request.reduce_only == 1 and quantity <= 0,
            market.first_own(request.account, request.side, limited) if mode else None,
            mode,
            asks(kind),
        )
        verdict = admitted(kind, found)
        if verdict[0]:
            self._refuse(_REJECTED, request, REFUSED[verdict[0]])
            return
        order = self._made(market, request, request.order_type, kind)
        if request.quote_quantity:
            self._bring_money(market, order, request.quote_quantity)
        self._report(_ACCEPTED, order, request.request_id, order.total, 0)
        if quantity < order.total:
            self._restate(order, Command.POSITION_SMALLER, quantity)
        self._enter(market, order, verdict)
        if order.reduce_only:
            market.reducing.append(order)
        if dated and order.tenure != _CLOSED:
            heappush(self._dates, (order.good_till_ns, order.order_id))

    def _arrive_cancel(self, request: VenueRequest) -> None:
        order = self._orders.get(request.order_id)
        tenure = _UNKNOWN_ORDER if order is None else order.tenure
        code = refusal(tenure, _TO_CANCEL)
        if code or order is None:
            self._refuse(_CANCEL_REJECTED, request, REFUSED_OF_ORDER[code])
            return
        if order.tenure == _FULL:
            move(order, _TO_CANCEL)
            self._refuse(_CANCEL_REJECTED, request, _TOO_LATE)
            return
        self._leave(order)
        move(order, _TO_CANCEL)
        self._report(_CANCELED, order, request.request_id, _NOT_CARRIED, 0)

    def _arrive_replace(self, request: VenueRequest) -> None:
        order = self._orders.get(request.order_id)
        if order is None:
            code = refusal(Tenure.UNKNOWN, Command.REPLACE_TO_BACK)
            self._refuse(_REPLACE_REJECTED, request, REFUSED_OF_ORDER[code])
            return
        market = self._markets[order.instrument]
        command = self._replace_command(market, order, request)
        if order.list_id and order.tenure == _FULL:
            # What its list made of the fill is not to be taken back.
            command = Command.REPLACE_AT_OR_BELOW_EXECUTED
        code = refusal(order.tenure, command)
        if code:
            self._refuse(_REPLACE_REJECTED, request, REFUSED_OF_ORDER[code])
            return
        if order.wait:
            self._replace_waiting(order, request)
            return
        rested = order.tenure == _RESTING
        wanted = Wanted(request.price, request.quantity - order.prevented)
        terms = revised(order, command, wanted)
        if rested:
            if terms.requeued or order.tenure != _RESTING:
                self._leave(order)
            else:
                self._withdraw(order, order.total - terms.total)
        order.price = terms.price
        order.total = terms.total
        self._report(_REPLACED, order, request.request_id, order.total + order.prevented, 0)
        if order.list_id and order.tenure == _FULL:
            self._leg_meets(order, Fate.FILLED)
        if terms.requeued:
            self._enter_again(market, order)
        elif order.reduce_only:
            self._cut_reducing(market)

    def _replace_waiting(self, order: VenueOrder, request: VenueRequest) -> None:
        """New terms of an order that waits; its trigger stays."""
        if order.order_type != _MARKET:
            order.price = request.price
        order.total = request.quantity
        self._report(_REPLACED, order, request.request_id, order.total, 0)

    def _replace_command(self, market: Market, order: VenueOrder, request: VenueRequest) -> int:
        book = market.book
        opposite = book.ask_price if order.side > 0 else book.bid_price
        shown = (book.ask_size if order.side > 0 else book.bid_size) > 0
        allowed = not isinstance(phase_rule(market.phase, PhaseEvent.REPLACE), Refuse)
        trading = allowed and market.open_for_orders()
        maker = order.order_type == _LIMIT_MAKER
        takes = shown and marketable(order.side, request.price, opposite)
        meets = bool(
            order.prevention and market.first_own(order.account, order.side, request.price)
        )
        return replace_command(
            trading and asks(order.order_class) == ANY_NEW and not order.held,
            self._filters_passed(market, request, order.side, order.order_type),
            order.executed,
            order.total,
            order.price,
            request.quantity - order.prevented,
            request.price,
            market.instrument.increase_loses_priority,
            maker and (takes or meets),
            self._limit_reached(market, request, order),
            market.rules.amends_only_reduce == 1,
        )

    def _reach_date(self, order: VenueOrder) -> None:
        """A good-till date [T8]: what still rests expires, what was filled stays filled."""
        if refusal(order.tenure, Command.DATE_REACHED):
            return
        resting = order.tenure == _RESTING
        if resting:
            self._leave(order)
        move(order, Command.DATE_REACHED)
        if resting:
            self._report(_EXPIRED, order, 0, _NOT_CARRIED, Reason.GOOD_TILL_DATE)
