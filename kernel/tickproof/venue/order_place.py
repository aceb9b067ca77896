"""The fast exact place: `tickproof.spec.order_place` over the one book of orders of an instrument.

Decides nothing of its own. Who stands ahead of an own order is not listed: orders join a level in
the order of their numbers, so those ahead are those with a number below the own order's mark, and
a place is a sum of lots. News of an order cost one look at its price for own orders, and a few
integer operations for each that rests there.

Only what a message does to others is worked out here; who is filled is `share`'s to say, and the
venue's to do.
"""

from __future__ import annotations

from collections.abc import Sequence

from tickproof.kernel.order_book import Order, OrderBook
from tickproof.spec.events import EventKind, TradeKind
from tickproof.spec.order_book import OrderOutcome
from tickproof.spec.price_queue import UNKNOWN, FillModel
from tickproof.venue.orders import LevelQueue, OwnSide
from tickproof.venue.price_queue import Place

_MODIFY = int(EventKind.BOOK_ORDER_MODIFY)
_CANCEL = int(EventKind.BOOK_ORDER_CANCEL)
_EXECUTE = int(EventKind.BOOK_ORDER_EXECUTE)
_APPLIED = int(OrderOutcome.APPLIED)
_AUCTION = int(TradeKind.AUCTION)
_EXACT = int(FillModel.EXACT)
_UNKNOWN = int(UNKNOWN)

BEHIND_ALL = 1 << 62
"""The number of an order that is behind everybody."""


class OrderPlace(Place):
    """One order's exact place; what levels and prints say does not touch it.

    `mark`: orders of the level with a lower number stand ahead, with `named` lots together.
    `unnamed`, `closed` and `censored` as in the specification.
    """

    __slots__ = ("closed", "named", "unnamed")

    named: int
    unnamed: int
    closed: int

    def stand(self, arrival_ns: int, mark: int, named: int, shown: int) -> None:
        """Join behind `named` lots and whatever else of `shown` there is: row EP.ABSENT.JOINED."""
        self.join(arrival_ns, _UNKNOWN, False, 0, 0, 0)
        self.mark = mark
        self.named = named
        self.unnamed = max(shown - named, 0)
        self.closed = 0

    # --- reading ---------------------------------------------------------------------------------

    def ahead_max(self) -> int:
        """Lots of others ahead, which is both bounds [Q5]."""
        return self.named + self.unnamed

    def ahead_at(self, model: int, stamp_ns: int) -> int:  # noqa: ARG002 - any model, any time
        """Lots of others ahead."""
        return self.named + self.unnamed

    def reaching(self, joined: int, lots: int, gone: int, known: int, stamp_ns: int) -> int:
        """Lots of an execution at this price that would have come to the order.

        `gone`: those of them that stood there.
        """
        if stamp_ns <= self.arrival_ns:
            return 0
        if not known:
            return max(lots - self.unnamed, 0)
        return lots - gone if joined < self.mark else lots

    # --- news ------------------------------------------------------------------------------------

    def came(self, joined: int, lots: int, stamp_ns: int) -> None:
        """An order joined the back of the level."""
        if self.closed or stamp_ns > self.arrival_ns:
            self.closed = 1
            return
        self.mark = joined + 1
        self.named += lots

    def went(self, joined: int, lots: int, known: int) -> None:
        """Lots of an order of the level are gone, traded or not."""
        if not known:
            self.unnamed = max(self.unnamed - lots, 0)
        elif joined < self.mark:
            self.named -= lots

    def level_update(self, size: int, stamp_ns: int, said: int = _UNKNOWN) -> None:
        """A level's size says nothing that its orders do not."""

    def print_at(self, lots: int, taken: int, stamp_ns: int, resting_side: int) -> None:
        """Neither does a print: its executions are told by name."""

    def print_through(self, lots: int, taken: int, stamp_ns: int, resting_side: int) -> None:
        """Nor one at a worse price."""

    def lose_sight(self, gap: bool) -> None:
        """Messages were lost (`gap`); a level out of sight still has its orders."""
        if gap:
            self.censored = 1


def places_of(queue: LevelQueue | None) -> list[OrderPlace]:
    """The exact places of a queue's orders."""
    if queue is None:
        return []
    return [each.place for each in queue.orders if isinstance(each.place, OrderPlace)]


class OrderQueues:
    """The recorded orders of one instrument, among which own orders stand.

    `auction`: the latest print was an auction's, and so are the executions after it. Of the last
    execution: `side` and `price` where it traded, `lots`, `gone`, those of them that stood there,
    the `joined` number of the order and whether it was `known`.
    """

    __slots__ = ("auction", "book", "gone", "joined", "known", "lots", "price", "side")

    book: OrderBook
    auction: bool
    gone: int
    joined: int
    known: int
    lots: int
    price: int
    side: int

    def __init__(self, tick: int, increase_to_back: int) -> None:
        self.book = OrderBook(tick, increase_to_back)
        self.auction = False
        self.side = self.price = self.lots = self.gone = self.joined = self.known = 0

    def printed(self, trade_kind: int) -> None:
        """A print: the executions that follow are its own."""
        self.auction = trade_kind == _AUCTION

    def place(self, side: int, price: int, arrival_ns: int, shown: int) -> OrderPlace:
        """A place behind all who stand at a price now; `shown`: its lots, UNKNOWN if not told."""
        made = OrderPlace.__new__(OrderPlace)
        made.stand(arrival_ns, self.book.joins, self.book.size_at(side, price), shown)
        return made

    def take(
        self,
        bids: OwnSide,
        asks: OwnSide,
        kind: int,
        stamp_ns: int,
        payload: Sequence[int],
        start: int,
    ) -> bool:
        """Take a message in; own orders move up. True when it was an execution: see `share`.

        `payload[start:]` as `events.FIELD_NAMES` lays it out.
        """
        order = self.book.order(payload[start + 1])
        if order is None:
            own = bids if payload[start + 2] == bids.side else asks
            return self._take_unknown(own, kind, stamp_ns, payload, start)
        own = bids if order.level.side == bids.side else asks
        if kind == _EXECUTE:
            self._execute(own, order, payload, start)
            return True
        if kind in (_CANCEL, _MODIFY):
            self._change(own, order, kind, stamp_ns, payload, start)
        return False

    def _take_unknown(
        self, own: OwnSide, kind: int, stamp_ns: int, payload: Sequence[int], start: int
    ) -> bool:
        """An order joins, or something is said of one that nobody knows: True for an execution."""
        side, price, size = payload[start + 2], payload[start + 3], payload[start + 4]
        outcome = self.book.apply(kind, payload, start)
        if outcome == _APPLIED:
            for place in places_of(own.at(price)):
                place.came(self.book.joins - 1, size, stamp_ns)
        elif side == own.side and size > 0:
            if kind == _CANCEL:
                for place in places_of(own.at(price)):
                    place.went(0, size, 0)
            if kind == _EXECUTE:
                self._note_execution(side, price, size, size, 0, 0)
                return True
        return False

    def _execute(self, own: OwnSide, order: Order, payload: Sequence[int], start: int) -> None:
        """An order traded, at the price where it rests or at one that it was amended to."""
        price, size = payload[start + 3], payload[start + 4]
        standing, joined, before = order.level.price, order.joined, order.size
        lots = size if size > 0 else before
        self.book.apply(_EXECUTE, payload, start)
        if price != standing:
            for place in places_of(own.at(standing)):
                place.went(joined, min(lots, before), 1)
            joined = BEHIND_ALL
        self._note_execution(own.side, price, lots, min(lots, before), joined, 1)

    def _note_execution(
        self, side: int, price: int, lots: int, gone: int, joined: int, known: int
    ) -> None:
        """What the last execution was."""
        self.side = side
        self.price = price
        self.lots = lots
        self.gone = gone
        self.joined = joined
        self.known = known

    def _change(
        self,
        own: OwnSide,
        order: Order,
        kind: int,
        stamp_ns: int,
        payload: Sequence[int],
        start: int,
    ) -> None:
        """An order left, lost lots, or has another price or size."""
        standing, joined, before = order.level.price, order.joined, order.size
        self.book.apply(kind, payload, start)
        price, size = payload[start + 3], payload[start + 4]
        rests = self.book.order(order.reference) is order
        kept = rests and order.joined == joined
        gone = before - (order.size if kept else 0)
        for place in places_of(own.at(standing)):
            place.went(joined, gone, 1)
        if rests and not kept:
            for place in places_of(own.at(price)):
                place.came(order.joined, size, stamp_ns)

    # --- who is filled ---------------------------------------------------------------------------

    def share(self, queue: LevelQueue, taken: int, stamp_ns: int) -> None:
        """Each own order is `given` its part of the execution at its price; places move up.

        `taken` lots of it went to own orders at better prices.
        """
        for order in queue.orders:
            place = order.place
            reached = 0
            if isinstance(place, OrderPlace):
                told = (self.joined, self.lots, self.gone, self.known)
                reached = place.reaching(*told, stamp_ns)
                place.went(self.joined, self.gone, self.known)
            wanted = order.part(order.total - order.executed, _EXACT)
            order.given = min(max(reached - taken, 0), wanted)
            taken += order.given

    def share_through(self, queue: LevelQueue, taken: int, stamp_ns: int) -> None:
        """The same for own orders at a price better than the execution's: they came first."""
        for order in queue.orders:
            reached = self.lots if stamp_ns > order.joined_ns else 0
            order.given = min(max(reached - taken, 0), order.total - order.executed)
            taken += order.given
