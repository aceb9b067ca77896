"""What an order takes of the book when it comes in: the cause SWEEP [Q9].

Decides that it takes the levels shown within its limit, best first, at their prices; that an order
of the same account on the way is met as its prevention has it [M5]; and how much an order takes
that was given in money. What is taken stays taken while the level stands [Q8].
"""

from __future__ import annotations

from collections.abc import Iterable

from tickproof.spec.errors import InvariantBroken
from tickproof.spec.events import NOT_CARRIED, EventKind, FillCause, Liquidity, Reason
from tickproof.spec.matching import MEETINGS, Meeting, Outcome, Pair
from tickproof.spec.quote_quantity import walked
from tickproof.spec.table import Refuse
from tickproof.spec.venue_admission import Command, Tenure
from tickproof.venue.auctions import AuctionVenue
from tickproof.venue.market import Market
from tickproof.venue.orders import VenueOrder
from tickproof.venue.requests import VenueRequest
from tickproof.venue.verdicts import move

_PREVENTED = int(EventKind.PREVENTED)
_EXPIRED = int(EventKind.EXPIRED)
_TAKER = int(Liquidity.TAKER)
_BY_SWEEP = int(FillCause.SWEEP)
_RESTING = int(Tenure.RESTING)
_NOT_CARRIED = int(NOT_CARRIED)


class TakingVenue(AuctionVenue):
    """A venue at which orders take what is shown, past those of their account."""

    __slots__ = ()

    def _take(self, market: Market, order: VenueOrder, limit: int) -> None:
        """Take what is shown within the limit, as far as it is wanted."""
        leaves = order.total - order.executed
        if order.for_money:
            leaves = self._wanted(market, order, limit)
        for price, lots in market.take_within(-order.side, limit, leaves):
            self._fill(order, price, lots, _TAKER, _BY_SWEEP)
            if order.for_money:
                order.money -= price * lots * market.instrument.money_per_price_lot
                order.most -= lots

    def _take_past_own(self, market: Market, order: VenueOrder, limit: int) -> None:
        """Take, but meet orders of the same account on the way [M5].

        What is shown at better prices is had first; at its price an own order counts as the first
        in line, because what stands before it is not known.
        """
        own = market.first_own(order.account, order.side, limit)
        while own is not None and order.tenure == _RESTING:
            self._take(market, order, own.price - order.side)
            if order.tenure == own.tenure == _RESTING:
                self._meet_own(order, own)
            own = market.first_own(order.account, order.side, limit)
        if order.tenure == _RESTING:
            self._take(market, order, limit)

    def _meet_own(self, order: VenueOrder, own: VenueOrder) -> None:
        """An incoming order and the first of its account in reach: by the meeting table."""
        pair = Pair(order.total - order.executed, own.total - own.executed, 0)
        rule = MEETINGS.select(order.prevention, Meeting.OF_THE_SAME, order.prevention, pair)
        if isinstance(rule, Refuse):
            raise InvariantBroken("a meeting is never refused")
        outcome: Outcome = rule.effect(order.prevention, pair)
        lots = outcome.prevented
        if not outcome.keeps:
            self._leave(own)
        elif lots:
            self._withdraw(own, lots)
        for each in (own, order):
            each.total -= lots
            each.prevented += lots
            if lots:
                self._report(_PREVENTED, each, 0, _NOT_CARRIED, Reason.SELF_TRADE, lots)
        if not outcome.keeps:
            move(own, Command.PREVENTED)
            self._report(_EXPIRED, own, 0, _NOT_CARRIED, Reason.SELF_TRADE)
        if outcome.expires:
            move(order, Command.PREVENTED)
            self._report(_EXPIRED, order, 0, _NOT_CARRIED, Reason.SELF_TRADE)

    def _money_passes(self, market: Market, request: VenueRequest) -> bool:
        """Whether an order for money comes to an order at all, by the book as shown [Q7].

        Against an empty side it is judged like any other: it finds nothing.
        """
        money = request.quote_quantity
        if not money:
            return True
        levels = list(market.levels_within(-request.side, -1, False))
        least = max(market.filters.minimum_quantity, 1)
        return not levels or self._lots_of(market, money, levels) >= least

    def _lots_of(self, market: Market, money: int, levels: Iterable[tuple[int, int]]) -> int:
        """Lots that money is good for."""
        per_lot = market.instrument.money_per_price_lot
        return walked(money, levels, per_lot, market.filters.lot_step).lots

    def _bring_money(self, market: Market, order: VenueOrder, money: int) -> None:
        """What an order for money may spend or raise, and how many lots that is at the most."""
        order.for_money = 1
        order.money = money
        order.most = self._lots_of(market, money, market.levels_within(-order.side, -1, False))

    def _wanted(self, market: Market, order: VenueOrder, limit: int) -> int:
        """Lots an order for money takes now; a buy is bound by the prices it would really pay."""
        lots = min(order.most, order.total - order.executed)
        if order.side > 0:
            levels = market.levels_within(-1, limit, True)
            lots = min(lots, self._lots_of(market, order.money, levels))
        return lots
