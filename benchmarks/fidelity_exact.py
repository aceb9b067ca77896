"""Whether exact places are exact: every real order of a recording has one of ours beside it [Q5].

Ours joins just before the real one and so stands at its place. After every change of a level the
lots ahead of each of ours there are compared with those ahead of the real one in the book: `wrong`
has to be 0. Ours stays until the real one leaves or loses its place.

When the real one trades, the lots have to reach ours: `reached`, of `passive_fills`. `sooner`: ours
had been reached before, by an order behind it, which the venue let trade while the real one still
stood there, as when it left at the same moment.
"""

from __future__ import annotations

from tickproof.kernel.order_book import OrderBook
from tickproof.runtime.readers.orders import ORDER_KINDS, OrderFeed
from tickproof.spec.events import EventKind
from tickproof.venue.order_place import OrderPlace, OrderQueues
from tickproof.venue.orders import OwnSide, VenueOrder

ADD = int(EventKind.BOOK_ORDER_ADD)
EXECUTE = int(EventKind.BOOK_ORDER_EXECUTE)
LIMIT_GTC = 0

Figures = dict[str, int]


class _Shadows:
    """One order of ours at the place of each real one."""

    def __init__(self) -> None:
        self.queues = OrderQueues(1, 1)
        self.sides = {1: OwnSide(1), -1: OwnSide(-1)}
        self.ours: dict[int, VenueOrder] = {}
        self.sooner: dict[int, int] = {}
        self.found: Figures = dict.fromkeys(
            ("orders", "compared", "wrong", "passive_fills", "reached"), 0
        )

    def join(self, reference: int, side: int, price: int, size: int, stamp_ns: int) -> None:
        """Ours arrives before the real one does."""
        order = VenueOrder(reference, 0, 0, side, 0, LIMIT_GTC, price, size, 0)
        here = self.queues.book.size_at(side, price)
        order.place = self.queues.place(side, price, stamp_ns, here)
        self.sides[side].queue_at(price).orders.append(order)
        self.ours[reference] = order
        self.found["orders"] += 1

    def leave(self, reference: int) -> None:
        """The real one left, or lost its place."""
        order = self.ours.pop(reference)
        self.sides[order.side].remove(order)

    def executed(self, reference: int, stamp_ns: int) -> None:
        """The real one, or another, traded: whom that reaches."""
        queues = self.queues
        queue = self.sides[queues.side].queues.get(queues.price)
        if queue is None:
            return
        told = (queues.joined, queues.lots, queues.gone, queues.known)
        for order in queue.orders:
            place = _place(order)
            lots = place.reaching(*told, stamp_ns)
            if order.order_id == reference:
                self.found["passive_fills"] += 1
                self.found["reached"] += lots == queues.lots
            elif lots == queues.lots:
                self.sooner[order.order_id] = 1
        queues.share(queue, 0, stamp_ns)

    def compare(self, side: int, price: int) -> None:
        """Lots ahead of ours with lots ahead of the real ones."""
        ahead = 0
        for reference, size in self.queues.book.orders_at(side, price):
            order = self.ours.get(reference)
            if order is not None:
                self.found["compared"] += 1
                self.found["wrong"] += _place(order).ahead_max() != ahead
            ahead += size


def _place(order: VenueOrder) -> OrderPlace:
    if not isinstance(order.place, OrderPlace):
        raise TypeError("an order with another place")
    return order.place


def _standing(book: OrderBook, reference: int) -> tuple[int, int, int]:
    """(side, price, number) of a real order, zeros when it is not there."""
    order = book.order(reference)
    return (0, 0, 0) if order is None else (order.level.side, order.level.price, order.joined)


def exact(orders: OrderFeed, events: int | None = None) -> Figures:
    """The figures of a recording, or of its first `events`; see the module docstring."""
    columns, shadows = orders.feed.columns, _Shadows()
    book = shadows.queues.book
    for index in range(len(columns) if events is None else min(events, len(columns))):
        kind, stamp_ns = columns.kind[index], columns.event_time_ns[index]
        if kind not in ORDER_KINDS:
            continue
        values = columns.payload_of(index)
        reference = values[1]
        before = _standing(book, reference)
        if kind == ADD and not before[0] and values[4] > 0:
            shadows.join(reference, values[2], values[3], values[4], stamp_ns)
        bids, asks = shadows.sides[1], shadows.sides[-1]
        if shadows.queues.take(bids, asks, kind, stamp_ns, values, 0):
            shadows.executed(reference, stamp_ns)
        after = _standing(book, reference)
        if reference in shadows.ours and (not after[0] or (before[0] and after != before)):
            shadows.leave(reference)
        for side, price, _ in dict.fromkeys((before, after)):
            if side:
                shadows.compare(side, price)
    return {**shadows.found, "sooner": len(shadows.sooner)}
