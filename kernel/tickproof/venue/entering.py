"""What an order finds when it would come in, and what becomes of it by that.

Decides the situation in which table `VA` judges an order, from the phase, the filters, the limits
and the book, and then does what the table says: takes, uses up, rests, waits for an auction or
ends. A NEW, a requeued order and one that was triggered or released all come in here.
"""

from __future__ import annotations

from tickproof.spec.commands import CONDITIONAL_TYPES, OrderType
from tickproof.spec.events import NOT_CARRIED, EventKind, Reason
from tickproof.spec.instructions import Prevention
from tickproof.spec.venue_admission import Command, Tenure
from tickproof.spec.venue_rules import NO_RULES, Asked, first_broken, first_reached
from tickproof.venue.market import Market
from tickproof.venue.orders import VenueOrder
from tickproof.venue.reports import ID_STRIDE
from tickproof.venue.requests import VenueRequest
from tickproof.venue.taking import TakingVenue
from tickproof.venue.verdicts import (
    ANY_NEW,
    Admitted,
    admitted,
    asks,
    move,
    seen_situation,
    takes_new,
)

_CANCELED = int(EventKind.CANCELED)
_EXPIRED = int(EventKind.EXPIRED)
_MARKET = int(OrderType.MARKET)
_REMAINDER = int(Reason.IMMEDIATE_REMAINDER)
_CLOSED = int(Tenure.CLOSED)
_TO_END = int(Command.CHANCE_OVER)
_EXPIRE_MAKER = int(Prevention.EXPIRE_MAKER)
_NOT_CARRIED = int(NOT_CARRIED)
_STRIDE = ID_STRIDE
_ANY_NEW = ANY_NEW


class EnteringVenue(TakingVenue):
    """A venue at which orders come in by table `VA`."""

    __slots__ = ()

    def _made(
        self, market: Market, request: VenueRequest, order_type: int, kind: int
    ) -> VenueOrder:
        """The order of a NEW that was admitted, with an id of the venue's."""
        order = VenueOrder.__new__(VenueOrder)
        order.begin(
            request.order_id,
            request.account,
            request.instrument,
            request.side,
            order_type,
            kind,
            request.price,
            request.quantity,
            request.good_till_ns,
        )
        market.order_count += 1
        order.venue_order_id = request.instrument * _STRIDE + market.order_count
        self._orders[order.order_id] = order
        order.prevention = request.prevention
        order.reduce_only = request.reduce_only
        order.display = request.display
        return order

    def _enter(self, market: Market, order: VenueOrder, verdict: Admitted) -> None:
        """Do what the admission table says of an order just accepted or requeued."""
        _, takes, uses, rests, reason, waits = verdict
        limit = -1 if order.order_type == _MARKET else order.price
        leaves = order.total - order.executed
        if waits:
            market.calls.append(order)
            market.idle = False
            market.prints_matter = True
            return
        if uses:
            market.take_within(-order.side, limit, leaves)
        if takes:
            if order.prevention:
                self._take_past_own(market, order, limit)
            else:
                self._take(market, order, limit)
            if market.reducing:
                self._cut_reducing(market)
            if order.tenure == _CLOSED:
                return
        left = order.total > order.executed
        if not rests:
            move(order, _TO_END)
            if order.for_money and takes:
                reason = _REMAINDER
            if left:
                self._report(_CANCELED, order, 0, _NOT_CARRIED, reason)
        elif left:
            self._rest(market, order)

    def _enter_first(self, market: Market, order: VenueOrder) -> None:
        """An order that was held comes in."""
        self._enter_again(market, order)
        if order.reduce_only and order.tenure != _CLOSED:
            market.reducing.append(order)

    def _enter_again(self, market: Market, order: VenueOrder) -> None:
        """A requeued order arrives anew, a triggered one for the first time."""
        limit = -1 if order.order_type == _MARKET else order.price
        leaves = order.total - order.executed
        if order.reduce_only:
            room = market.room_to_reduce(order.account, order.side, order, self._sibling(order))
            if room == 0:
                move(order, Command.POSITION_GONE)
                self._report(_EXPIRED, order, 0, _NOT_CARRIED, Reason.REDUCE_ONLY)
                return
            if leaves > room:
                leaves = room
                self._restate(order, Command.POSITION_SMALLER, order.executed + room)
        own = None
        if order.prevention:
            own = market.first_own(order.account, order.side, limit)
        found = self._situation(
            market,
            order.side,
            limit,
            leaves,
            False,
            True,
            False,
            False,
            False,
            own,
            order.prevention,
            asks(order.order_class),
        )
        self._enter(market, order, admitted(order.order_class, found))

    def _situation(
        self,
        market: Market,
        side: int,
        limit: int,
        lots: int,
        known_id: bool,
        filters: bool,
        date_passed: bool,
        limit_reached: bool,
        nothing_to_reduce: bool,
        own: VenueOrder | None,
        mode: int,
        event: int,
    ) -> int:
        """The `Situation` of an order that would enter now; `limit` -1: at any price.

        `own`: the first order of its own that it would meet, by its prevention `mode`. That order
        is in its reach like any other, and unless it makes way what is shown counts only up to it.
        `event`: what asks; who waits for an auction needs no book.
        """
        trading = takes_new(market.phase, event)
        if event != _ANY_NEW:
            own = None
        else:
            trading = trading and market.open_for_orders()
        book = market.book
        price = book.ask_price if side > 0 else book.bid_price
        shown_opposite = (book.ask_size if side > 0 else book.bid_size) > 0
        reaches = shown_opposite and (limit == -1 or (limit - price) * side >= 0)
        meets = own is not None
        counted = limit if own is None or mode == _EXPIRE_MAKER else own.price - side
        shown = unused = 0
        if reaches:
            shown, unused = market.count_within(-side, counted, lots)
        return seen_situation(
            known_id,
            trading,
            filters,
            date_passed,
            limit_reached,
            nothing_to_reduce,
            shown_opposite or meets,
            reaches or meets,
            shown,
            unused,
            lots,
        )

    def _filters_passed(
        self, market: Market, request: VenueRequest, side: int, order_type: int
    ) -> bool:
        """Every filter that depends on no fill; of a replace `side` and type are the order's."""
        passed = market.passes(order_type, request.price, request.quantity)
        if market.rules is NO_RULES or not passed:
            return passed
        also = request.instructions
        terms = (side, order_type, request.price, request.quantity)
        asked = Asked(*terms, also.display, also.trailing_e4)
        return not first_broken(market.rules, asked, market.last_price)

    def _limit_reached(
        self, market: Market, request: VenueRequest, order: VenueOrder | None
    ) -> bool:
        """Whether an order would be one too many, or too much would be held; depends on fills."""
        if market.rules is NO_RULES:
            return False
        account, side, executed = request.account, request.side, 0
        if order is not None:
            account, side, executed = order.account, order.side, order.executed
        held = market.held_by(account, order)
        waits = int(request.order_type in CONDITIONAL_TYPES and order is None)
        return bool(first_reached(market.rules, held, side, request.quantity - executed, waits))
