"""Where an order rests at the simulated venue, and what prints and levels give it there.

Decides the two causes by which a resting order fills [Q9]:

* PRINT: a print at its price reaches past what is ahead, or a print at a worse price shows that
  everything ahead is gone; then it fills for at most the lots printed, better and earlier own
  orders first;
* CROSSED_BOOK: the other side is shown at or through its price; then it fills for at most what is
  shown there. A book that is itself crossed, or not trusted, or not in continuous trading shows
  nothing.

A resting order fills at its own price, whatever the print's or the level's [M4]. What it took of a
print, others did without: the pessimistic model keeps them waiting, in front of whoever joins,
until prints or quotes beyond their price must have served them.
"""

from __future__ import annotations

from tickproof.spec.events import FillCause, Liquidity
from tickproof.spec.iceberg import part_of
from tickproof.spec.price_queue import FillModel
from tickproof.venue.market import NO_LIMIT, Market
from tickproof.venue.orders import LevelQueue, OwnSide, VenueOrder
from tickproof.venue.price_queue import Place
from tickproof.venue.reports import ReportingVenue

_OPTIMISTIC = int(FillModel.OPTIMISTIC)
_PESSIMISTIC = int(FillModel.PESSIMISTIC)
_MAKER = int(Liquidity.MAKER)
_BY_PRINT = int(FillCause.PRINT)
_BY_BOOK = int(FillCause.CROSSED_BOOK)


class RestingVenue(ReportingVenue):
    """A venue at which orders rest and fill by prints and by what the book shows."""

    __slots__ = ()

    def _rest(self, market: Market, order: VenueOrder) -> None:
        """Join the back of the queue at the order's price [Q1]."""
        own = market.bids if order.side > 0 else market.asks
        queue = own.queue_at(order.price)
        order.shown = order.total - order.executed
        if order.display:
            order.shown = part_of(order.display, order.shown)
        self._place(market, queue, order, own.own_ahead(queue))
        order.joined_ns = order.place.arrival_ns
        order.reloaded = 0
        order.doubtful = 0
        queue.append(order)
        market.idle = False
        market.prints_matter = True

    def _place(self, market: Market, queue: LevelQueue, order: VenueOrder, own_ahead: int) -> None:
        """Give an order a place behind all that others show at its price now."""
        if market.by_order is not None:
            arrival_ns = market.stamp_arrival(self._now_ns)
            shown = market.shown_size(order.side, order.price)
            order.place = market.by_order.place(order.side, order.price, arrival_ns, shown)
            return
        place = Place.__new__(Place)
        place.join(
            market.stamp_arrival(self._now_ns),
            market.shown_size(order.side, order.price),
            market.shown_as_of(self._now_ns),
            own_ahead,
            market.maximum_declared,
            market.minimum_declared,
        )
        if market.memories is not None:
            place.mark = market.memories.mark(order.side, order.price, place.size)
        order.place = place
        if not queue.waiting and not place.bounded and market.maximum_declared:
            queue.waiting = 1
            market.waiting.append(queue)

    def _print_side(
        self,
        market: Market,
        own: OwnSide,
        price: int,
        lots: int,
        taken: int,
        stamp_ns: int,
        resting_side: int,
    ) -> int:
        """Give a print to own orders, best price first; returns the lots it has no more [Q8].

        Those whom own orders displaced at better prices may have had their part of it first.
        """
        nobody_displaced = not own.displaced_prices and not taken
        if own.best < own.side * price and nobody_displaced and not market.reducing:
            return 0
        model = self._model
        known = resting_side == 1
        wanted = 0
        for better in own.better_than(price):
            gone = own.displaced.get(better, 0) if known else 0
            queue = own.at(better)
            if queue is not None:
                leaves = queue.leaves()
                wanted += leaves
                used = queue.share(lots, taken, stamp_ns, resting_side, model, True)
                gone = max(used, leaves + gone if gone else 0)
                self._fill_queue(own, queue)
            taken = min(taken + gone, lots)
        if known and own.displaced_prices:
            own.serve_displaced(price, max(lots - wanted, 0))
        queue = own.at(price)
        if queue is not None:
            queue.share(lots, taken, stamp_ns, resting_side, model, False)
            taken = min(taken + self._fill_queue(own, queue), lots)
        if model == _PESSIMISTIC:
            own.displace(price, taken)
        if market.reducing:
            self._cut_reducing(market)
        market.note_idle()
        return taken

    def _fill_queue(self, own: OwnSide, queue: LevelQueue) -> int:
        """Fill orders by a print with what they are given, at their price; returns the lots."""
        wanted = 0
        for order in queue.orders:
            wanted += order.given
        if not wanted:
            return 0
        for order in list(queue.orders):
            lots = self._may_fill(order, order.given)
            if lots:
                self._fill(order, order.price, lots, _MAKER, _BY_PRINT)
                if order.total == order.executed:
                    own.remove(order)
                elif order.display:
                    self._melt(own, queue, order, lots)
        return wanted

    def _cross_side(self, market: Market, own: OwnSide, opposite: int, stamp_ns: int) -> None:
        """Fill own orders whose price the other side of the book, `opposite`, has reached."""
        if market.book.crossed() or not market.open_for_orders():
            return
        wanted = 0
        for price in own.better_than(opposite - own.side):
            queue = own.at(price)
            gone = own.displaced.get(price, 0)
            _, unused = market.count_within(-own.side, price, NO_LIMIT)
            if queue is not None:
                leaves = queue.leaves()
                wanted += leaves
                used = queue.share_crossed(unused, stamp_ns, self._model)
                gone = max(used, leaves + gone if gone else 0)
            # Lots that others may have had first are nobody's any more.
            market.take_within(-own.side, price, gone)
            own.serve_at(price, max(unused - wanted, 0))
            if queue is not None:
                self._fill_crossed(own, queue)
        if market.reducing:
            self._cut_reducing(market)
        market.note_idle()

    def _fill_crossed(self, own: OwnSide, queue: LevelQueue) -> None:
        """Fill orders, at their price, with what they are given of what the other side shows."""
        for order in list(queue.orders):
            lots = self._may_fill(order, order.given)
            if lots:
                queue.lots_left(queue.position(order) + 1, lots)
                self._fill(order, queue.price, lots, _MAKER, _BY_BOOK)
                if order.total == order.executed:
                    own.remove(order)
                elif order.display:
                    self._melt(own, queue, order, lots)

    def _melt(self, own: OwnSide, queue: LevelQueue, order: VenueOrder, lots: int) -> None:
        """So many lots of an iceberg traded: when what it showed is gone it shows the next part.

        That part joins the back of the queue of others [Q5]. Among own orders it keeps its place,
        in every model: were it overtaken in some only, they could not be compared [Q7]. In the
        optimistic model nobody is behind it, so that there is nothing to join the back of.
        """
        left = order.total - order.executed
        shown = min(order.shown, left + lots)
        if lots < shown:
            order.shown = shown - lots
            return
        order.shown = part_of(order.display, left)
        if self._model != _OPTIMISTIC:
            ahead = own.displaced.get(order.price, 0)
            for other in queue.orders[: queue.orders.index(order)]:
                ahead += other.total - other.executed
            order.reloaded = 1
            self._place(self._markets[order.instrument], queue, order, ahead)
