"""What an auction print gives to orders that wait for one or rest, and when a chance is over.

Decides by table `VP` over the venue's phase and what comes; `spec.venue_phase` says what a print
gives for certain and what it may give.
"""

from __future__ import annotations

from tickproof.spec.commands import OrderType
from tickproof.spec.errors import InvariantBroken
from tickproof.spec.events import NOT_CARRIED, EventKind, FillCause, Liquidity, Reason
from tickproof.spec.price_queue import FillModel
from tickproof.spec.table import Refuse
from tickproof.spec.venue_admission import Command, OrderClass
from tickproof.spec.venue_phase import PhaseEvent, Turn, auction_rank, auction_share
from tickproof.venue.market import Market
from tickproof.venue.orders import OwnSide, VenueOrder
from tickproof.venue.resting import RestingVenue
from tickproof.venue.verdicts import move, phase_rule

_EXPIRED = int(EventKind.EXPIRED)
_MARKET = int(OrderType.MARKET)
_OPTIMISTIC = int(FillModel.OPTIMISTIC)


def rank_at_auction(order: VenueOrder) -> tuple[int, int, int]:
    """The order in which orders of a side get an auction print."""
    limit = 0 if order.order_type == _MARKET else order.price
    return auction_rank(order.side, limit, order.venue_order_id)


class AuctionVenue(RestingVenue):
    """A venue at which orders wait for auctions."""

    __slots__ = ()

    def _on_auction(self, market: Market, price: int, lots: int, stamp_ns: int) -> None:
        """An auction print: first for those who wait for it, then for who rests [M8, Q8].

        Orders that rest take part where the venue declares so, and their place is not asked: what
        stands ahead of them may leave during a call without a word. What they get is theirs for
        certain only beyond the print's price, as for those who wait.
        """
        left = [lots, lots]
        if market.calls:
            left = self._turn(market, PhaseEvent.AUCTION_PRINT, price, lots)
        if market.rules.resting_in_auctions == 0 or market.by_order is not None:
            return
        for own, share in ((market.bids, left[0]), (market.asks, left[1])):
            self._fill_resting(own, price, share, stamp_ns)
        if market.reducing:
            self._cut_reducing(market)
        market.note_idle()

    def _fill_resting(self, own: OwnSide, price: int, left: int, stamp_ns: int) -> None:
        """What resting orders of a side get of an auction print, best price first, then earliest.

        Who came at the print's very stamp may have been too late; the optimistic model supposes
        not.
        """
        latest_ns = stamp_ns if self._model == _OPTIMISTIC else stamp_ns - 1
        for reached in own.better_than(price - own.side):
            queue = own.at(reached)
            if queue is None:
                # Only others are there, displaced by own orders.
                continue
            for order in list(queue.orders):
                if order.joined_ns > latest_ns:
                    continue
                found = self._share(order, price, left, self._model)
                left -= self._share(order, price, left, _OPTIMISTIC)
                if found:
                    queue.lots_left(queue.orders.index(order) + 1, found)
                    self._fill(order, price, found, Liquidity.TAKER, FillCause.AUCTION)
                    if order.total == order.executed:
                        own.remove(order)
                    elif order.display:
                        self._melt(own, queue, order, found)

    def _turn(self, market: Market, event: int, price: int = 0, lots: int = 0) -> list[int]:
        """A change of status or a print: what becomes of orders that wait for an auction.

        Gives the lots of a print that are left for others, of bids and of asks.
        """
        left = [lots, lots]
        rule = phase_rule(market.phase, event)
        if isinstance(rule, Refuse):
            raise InvariantBroken("the market did what the venue's phases refuse")
        market.phase = rule.target
        if not market.calls:
            return left
        turn: Turn = rule.effect(0, event)
        if turn.opens_fill or turn.closes_fill:
            kind = OrderClass.AT_OPEN if turn.opens_fill else OrderClass.AT_CLOSE
            left = [self._fill_auction(market, kind, side, price, lots) for side in (1, -1)]
            if market.reducing:
                self._cut_reducing(market)
        for order in list(market.calls):
            opens = order.order_class == OrderClass.AT_OPEN
            if turn.opens_expire if opens else turn.closes_expire:
                market.calls.remove(order)
                move(order, Command.DATE_REACHED)
                self._report(_EXPIRED, order, 0, NOT_CARRIED, Reason.AUCTION_OVER)
        market.note_idle()
        return left

    def _fill_auction(self, market: Market, kind: int, side: int, price: int, lots: int) -> int:
        """What orders of one side get of an auction print [M8, Q8]; gives the lots left."""
        here = [each for each in market.calls if each.side == side and each.order_class == kind]
        for order in sorted(here, key=rank_at_auction):
            found = self._share(order, price, lots, self._model)
            lots -= self._share(order, price, lots, _OPTIMISTIC)
            if found:
                self._fill(order, price, found, Liquidity.TAKER, FillCause.AUCTION)
            if order.total == order.executed:
                market.calls.remove(order)
        return lots

    def _share(self, order: VenueOrder, price: int, lots: int, model: int) -> int:
        """What an order gets of `lots` at an auction's price by a model [Q8].

        Those behind it get what no model gives to it: so the models stay ordered for each of them.
        """
        limit = 0 if order.order_type == _MARKET else order.price
        leaves = order.total - order.executed
        share = auction_share(order.side, limit, price, leaves, lots, model)
        return self._may_fill(order, share)
