"""Whether exact places are exact: every real order of a recording has one of ours beside it [Q5].

Ours joins just before the real one and so stands at its place. After every change of a level the
lots ahead of each of ours there are compared with those ahead of the real one in the book: `wrong`
has to be 0. Ours stays until the real one leaves or loses its place.

When the real one trades, the lots have to reach ours: `reached`, of `passive_fills`. `sooner`: ours
had been reached before, by an order behind it, which the venue let trade while the real one still
stood there, as when it left at the same moment.

And whether exact fills lie between those of the outer models [Q7]. The requests of one run of the
quoter are given to a venue of each; `lots_*` were filled, `outside` counts orders whose exact fill
was beyond another at the end, `outside_after_a_message` those of which that was so after some
message: a log that tells a print after the orders it took has exact fills early.
"""

from __future__ import annotations

from collections.abc import Iterator

from attrs import evolve

from tickproof.kernel.order_book import OrderBook
from tickproof.runtime import bracketing
from tickproof.runtime.backtest import Result, run_backtest, venue_of
from tickproof.runtime.readers.feed import Market
from tickproof.runtime.readers.orders import ORDER_KINDS, OrderFeed
from tickproof.runtime.settings import Settings
from tickproof.spec.events import EventKind
from tickproof.spec.outputs import RecordKind, request_of
from tickproof.spec.price_queue import FillModel
from tickproof.venue.order_place import OrderPlace, OrderQueues
from tickproof.venue.orders import OwnSide, VenueOrder

ADD = int(EventKind.BOOK_ORDER_ADD)
EXECUTE = int(EventKind.BOOK_ORDER_EXECUTE)
LIMIT_GTC = 0
MODELS = (FillModel.PESSIMISTIC, FillModel.EXACT, FillModel.OPTIMISTIC)
EXACT = Settings(feed="by_order", fill_model="exact")

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
        """Ours arrives just before the real one does."""
        order = VenueOrder(reference, 0, 0, side, 0, LIMIT_GTC, price, size, 0)
        here = self.queues.book.size_at(side, price)
        order.place = self.queues.place(side, price, stamp_ns, here)
        self.sides[side].queue_at(price).append(order)
        self.ours[reference] = order
        self.found["orders"] += 1

    def leave(self, reference: int) -> None:
        """The real one left, or lost its place."""
        order = self.ours.pop(reference)
        self.sides[order.side].remove(order)

    def executed(self, reference: int, stamp_ns: int) -> None:
        """The real one, or another, traded: whom that reaches."""
        queues = self.queues
        queue = self.sides[queues.side].at(queues.price)
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
            shadows.join(reference, values[2], values[3], values[4], stamp_ns - 1)
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


# --- fills ---------------------------------------------------------------------------------------

Filled = dict[int, list[int]]
"""Lots by order, under each of `MODELS`."""


def _by_message(market: Market, result: Result) -> Iterator[Filled]:
    """What is filled of the orders that a message touched, message by message; at last, of all."""
    loops = [
        bracketing.OpenLoop(
            model, venue_of(evolve(EXACT, fill_model=model.name.lower()), result.configuration)
        )
        for model in MODELS
    ]
    for row, sent_ns in zip(result.request_rows, result.sent_ns, strict=True):
        for loop in loops:
            loop.venue.submit(request_of((int(RecordKind.REQUEST), *row[2:])), sent_ns)
    sequence = market.columns.sequence
    touched: list[int] = []
    last_ns = max(result.sent_ns, default=0) + 1
    for index, told in bracketing.moments(market, [loop.venue for loop in loops], last_ns):
        for loop in loops:
            if loop.venue.pending_outputs:
                touched += loop.collect()
        after = index + 1 if told else index
        inside = 0 < after < len(sequence) and sequence[after - 1] == sequence[after]
        if touched and not inside:
            yield {each: [loop.filled.get(each, 0) for loop in loops] for each in touched}
            touched.clear()
    yield {
        each: [loop.filled.get(each, 0) for loop in loops]
        for each in sorted({order for loop in loops for order in loop.filled})
    }


def _outside(filled: Filled) -> list[int]:
    return [order for order, lots in filled.items() if lots != sorted(lots)]


def fills(market: Market, first: str = "pessimistic") -> Figures:
    """The figures of the requests that the model `first` led to, on a market with its orders."""
    result = run_backtest(market, evolve(EXACT, fill_model=first), keep_outputs=True)
    early: dict[int, int] = {}
    filled: Filled = {}
    for filled in _by_message(market, result):
        early.update(dict.fromkeys(_outside(filled), 1))
    lots = [sum(each[i] for each in filled.values()) for i in range(len(MODELS))]
    return {
        "requests": len(result.request_rows),
        **{f"lots_{model.name.lower()}": lots[i] for i, model in enumerate(MODELS)},
        "outside_after_a_message": len(early),
        "outside": len(_outside(filled)),
    }
