"""A paper venue with a protocol of its own, and its adapter.

The venue knows limit orders, fills them in full when the other side's touch reaches their price,
and says what it does in messages: plain dictionaries. The adapter turns Requests into calls and
messages into Events. Messages take `DELAY_NS` to arrive.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from typing import Any

from tickproof.kernel.book import Book
from tickproof.spec.commands import CommandKind, Request
from tickproof.spec.events import Event, EventKind, Execution, Reason, payload

DELAY_NS = 2_000_000
SOURCE = 7


class PaperVenue:
    """Orders by id, the touch, and what was said: (stamp, message)."""

    def __init__(self) -> None:
        self.book = Book(1)
        self.orders: dict[int, dict[str, int]] = {}
        self.said: deque[tuple[int, dict[str, Any]]] = deque()
        self.trades = 0

    def say(self, now_ns: int, kind: str, order: int, request: int = 0, **more: Any) -> None:
        self.said.append((now_ns, {"type": kind, "order": order, "request": request, **more}))

    def place(
        self, now_ns: int, order: int, request: int, side: int, price: int, lots: int
    ) -> None:
        self.orders[order] = {"side": side, "price": price, "lots": lots}
        self.say(now_ns, "placed", order, request, lots=lots)
        self.match(now_ns)

    def change(self, now_ns: int, order: int, request: int, price: int, lots: int) -> None:
        if order not in self.orders:
            self.say(now_ns, "not changed", order, request)
            return
        self.orders[order] |= {"price": price, "lots": lots}
        self.say(now_ns, "changed", order, request, price=price, lots=lots)
        self.match(now_ns)

    def cancel(self, now_ns: int, order: int, request: int) -> None:
        gone = self.orders.pop(order, None)
        self.say(now_ns, "not cancelled" if gone is None else "cancelled", order, request)

    def match(self, now_ns: int) -> None:
        """Everything the other side's touch reaches trades, at its own price."""
        for order, terms in list(self.orders.items()):
            side, price = terms["side"], terms["price"]
            size = self.book.ask_size if side > 0 else self.book.bid_size
            touch = self.book.ask_price if side > 0 else self.book.bid_price
            if size and side * (price - touch) >= 0:
                del self.orders[order]
                self.trades += 1
                about = {"trade": self.trades, "side": side, "price": price, "lots": terms["lots"]}
                self.say(now_ns, "traded", order, **about)


class PaperAdapter:
    """Between the kernel and the paper venue; what conformance drives."""

    def __init__(self) -> None:
        self.venue = PaperVenue()
        self.sequence = 0

    def on_market(self, event: Event) -> None:
        """The venue sees the market."""
        values = payload(event.body)
        if event.kind == EventKind.BOOK_DELTA:
            self.venue.book.apply_levels(values, 3, len(values))
        elif event.kind == EventKind.BOOK_SNAPSHOT:
            self.venue.book.apply_snapshot(values, 2, len(values))
        self.venue.match(event.capture_time_ns)

    def submit(self, request: Request, now_ns: int) -> None:
        """Carry one Request to the venue."""
        order, named = request.order_id, request.request_id
        if request.kind == CommandKind.NEW:
            terms = (request.side, request.price, request.quantity)
            self.venue.place(now_ns, order, named, *terms)
        elif request.kind == CommandKind.REPLACE:
            self.venue.change(now_ns, order, named, request.price, request.quantity)
        else:
            self.venue.cancel(now_ns, order, named)

    def advance(self, now_ns: int) -> Iterator[Event]:
        """The messages that have arrived, as Events."""
        said = self.venue.said
        while said and said[0][0] + DELAY_NS <= now_ns:
            stamp_ns, message = said.popleft()
            self.sequence += 1
            yield Event(
                stamp_ns, stamp_ns + DELAY_NS, SOURCE, self.sequence, 0, translated(message)
            )


KINDS = {
    "placed": EventKind.ACCEPTED,
    "changed": EventKind.REPLACED,
    "not changed": EventKind.REPLACE_REJECTED,
    "cancelled": EventKind.CANCELED,
    "not cancelled": EventKind.CANCEL_REJECTED,
    "traded": EventKind.FILLED,
}


def translated(message: dict[str, Any]) -> Execution:
    """One message of the protocol as evidence: account 0, instrument 0."""
    kind = KINDS[message["type"]]
    about = {"request_id": message["request"], "venue_order_id": message["order"]}
    if kind == EventKind.FILLED:
        about |= {"trade_id": message["trade"], "side": message["side"]}
        about |= {"price": message["price"], "quantity": message["lots"]}
    elif kind == EventKind.REPLACED:
        about |= {"price": message["price"], "total": message["lots"]}
    elif kind == EventKind.ACCEPTED:
        about |= {"total": message["lots"]}
    elif kind in (EventKind.CANCEL_REJECTED, EventKind.REPLACE_REJECTED):
        about |= {"reason": int(Reason.TOO_LATE)}
    return Execution(int(kind), 0, 0, message["order"], **about)
