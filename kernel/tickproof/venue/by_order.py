"""What orders told one by one mean to our orders at the simulated venue.

Decides who is filled by an execution that a recording names [Q5]: own orders at better prices
first, for price priority would have given it to them, then those at its price that stand before
the order that traded, front to back, and nobody gets lots that another own order got [Q8]. Each
fills at its own price [M4]. Prints fill nobody then: what traded is told by its executions, and
those of an auction fill none that rest.

Only the model that reads orders has them followed; to the others they say nothing.
"""

from __future__ import annotations

from collections.abc import Sequence

from tickproof.venue.levels import LevelVenue
from tickproof.venue.market import Market
from tickproof.venue.order_place import OrderQueues


class ByOrderVenue(LevelVenue):
    """A venue that reads levels, prints, bars, and orders where they are told."""

    __slots__ = ()

    def _on_order(
        self, market: Market, kind: int, stamp_ns: int, payload: Sequence[int], start: int
    ) -> None:
        """A message of an order-by-order feed."""
        queues = market.by_order
        if queues is None:
            return
        if stamp_ns > market.latest_ns:
            market.latest_ns = stamp_ns
            market.latest_capture_ns = self._now_ns
        traded = queues.take(market.bids, market.asks, kind, stamp_ns, payload, start)
        if traded and not market.idle:
            self._on_execution(market, queues, stamp_ns)

    def _on_execution(self, market: Market, queues: OrderQueues, stamp_ns: int) -> None:
        """Lots of an order traded: what of them would have come to own orders."""
        own = market.bids if queues.side == market.bids.side else market.asks
        taken = 0
        if not queues.auction:
            for better in own.better_than(queues.price):
                queue = own.at(better)
                if queue is not None:
                    queues.share_through(queue, taken, stamp_ns)
                    taken += self._fill_queue(own, queue)
        queue_there = own.at(queues.price)
        if queue_there is not None:
            queues.share(queue_there, taken, stamp_ns)
            if not queues.auction:
                self._fill_queue(own, queue_there)
        if market.reducing:
            self._cut_reducing(market)
        market.note_idle()
