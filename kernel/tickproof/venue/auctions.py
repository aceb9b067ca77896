"""What an auction print gives to orders that wait for one, and when their chance is over.

Decides by table `VP` over the venue's phase and what comes; `spec.venue_phase` says what a print
gives for certain and what it may give.
"""

from __future__ import annotations

from tickproof.spec.commands import OrderType
from tickproof.spec.errors import InvariantBroken
from tickproof.spec.events import NOT_CARRIED, EventKind, FillCause, Liquidity, Reason
from tickproof.spec.table import Refuse
from tickproof.spec.venue_admission import Command, OrderClass
from tickproof.spec.venue_phase import Turn, auction_rank, auction_share
from tickproof.venue.market import Market
from tickproof.venue.orders import VenueOrder
from tickproof.venue.resting import RestingVenue
from tickproof.venue.verdicts import move, phase_rule

_EXPIRED = int(EventKind.EXPIRED)
_MARKET = int(OrderType.MARKET)


def rank_at_auction(order: VenueOrder) -> tuple[int, int, int]:
    """The order in which orders of a side get an auction print."""
    limit = 0 if order.order_type == _MARKET else order.price
    return auction_rank(order.side, limit, order.venue_order_id)


class AuctionVenue(RestingVenue):
    """A venue at which orders wait for auctions."""

    __slots__ = ()

    def _turn(self, market: Market, event: int, price: int = 0, lots: int = 0) -> None:
        """A change of status or a print: what becomes of orders that wait for an auction."""
        rule = phase_rule(market.phase, event)
        if isinstance(rule, Refuse):
            raise InvariantBroken("the market did what the venue's phases refuse")
        market.phase = rule.target
        if not market.calls:
            return
        turn: Turn = rule.effect(0, event)
        if turn.opens_fill or turn.closes_fill:
            kind = OrderClass.AT_OPEN if turn.opens_fill else OrderClass.AT_CLOSE
            for side in (1, -1):
                self._fill_auction(market, kind, side, price, lots)
            if market.reducing:
                self._cut_reducing(market)
        for order in list(market.calls):
            opens = order.order_class == OrderClass.AT_OPEN
            if turn.opens_expire if opens else turn.closes_expire:
                market.calls.remove(order)
                move(order, Command.DATE_REACHED)
                self._report(_EXPIRED, order, 0, NOT_CARRIED, Reason.AUCTION_OVER)
        market.note_idle()

    def _fill_auction(self, market: Market, kind: int, side: int, price: int, lots: int) -> None:
        """What orders of one side get of an auction print [M8, Q8]."""
        here = [each for each in market.calls if each.side == side and each.order_class == kind]
        for order in sorted(here, key=rank_at_auction):
            leaves = order.total - order.executed
            limit = 0 if order.order_type == _MARKET else order.price
            share = auction_share(side, limit, price, leaves, lots, self._model)
            found = self._may_fill(order, share)
            lots -= found
            if found:
                self._fill(order, price, found, Liquidity.TAKER, FillCause.AUCTION)
            if found == leaves:
                market.calls.remove(order)
