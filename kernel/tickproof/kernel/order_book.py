"""The fast book of orders: one dictionary of orders, and a linked queue per price.

Decides nothing: it gives what `tickproof.spec.order_book` gives. An order is found by its
reference, leaves its queue or joins the back in constant time; only `quantity_ahead` walks, from
the order to the front. Levels are objects that carry their total, so a level's size costs one
look-up.

The book of levels follows by `commit`, once per source message: what a message does in between is
nobody's business, and the fast book of levels is told each changed price once. Outcomes are
counted, never raised.
"""

from __future__ import annotations

from collections.abc import Sequence

from tickproof.kernel.book import WINDOW_SLOTS, Book
from tickproof.spec.events import EventKind
from tickproof.spec.order_book import OrderOutcome

_APPLIED = int(OrderOutcome.APPLIED)
_MOVED = int(OrderOutcome.MOVED)
_GREW = int(OrderOutcome.GREW)
_NOT_POSITIVE = int(OrderOutcome.NOT_POSITIVE)
_DUPLICATE_ADD = int(OrderOutcome.DUPLICATE_ADD)
_ADD_AFTER_DELETE = int(OrderOutcome.ADD_AFTER_DELETE)
_UNKNOWN_MODIFY = int(OrderOutcome.UNKNOWN_MODIFY)
_UNKNOWN_CANCEL = int(OrderOutcome.UNKNOWN_CANCEL)
_UNKNOWN_EXECUTE = int(OrderOutcome.UNKNOWN_EXECUTE)
_OVER = int(OrderOutcome.OVER)

_BOOK_SNAPSHOT = int(EventKind.BOOK_SNAPSHOT)
_ADD = int(EventKind.BOOK_ORDER_ADD)
_MODIFY = int(EventKind.BOOK_ORDER_MODIFY)
_CANCEL = int(EventKind.BOOK_ORDER_CANCEL)
_EXECUTE = int(EventKind.BOOK_ORDER_EXECUTE)

NOT_A_BOOK_EVENT = -1
"""What `OrderBook.apply` gives for an event that says nothing about orders."""


class Level:
    """A queue of orders at one price of one side; `total` in lots."""

    __slots__ = ("side", "price", "total", "first", "last", "changed")

    side: int
    price: int
    total: int
    changed: int

    def __init__(self, side: int, price: int) -> None:
        self.side = side
        self.price = price
        self.total = 0
        self.first: Order | None = None
        self.last: Order | None = None
        self.changed = 0


class Order:
    """A resting order: its size in lots, its level and its neighbours in the queue.

    `joined`: how many orders had joined a level of the book before it joined this one.
    """

    __slots__ = ("reference", "size", "level", "ahead", "behind", "joined")

    reference: int
    size: int
    joined: int

    def __init__(self, reference: int, size: int, level: Level) -> None:
        self.reference = reference
        self.size = size
        self.level = level
        self.ahead: Order | None = None
        self.behind: Order | None = None
        self.joined = 0


class OrderBook:
    """Every resting order of one instrument, by price and time.

    `levels`: the book of levels as of the last `commit`. `delta`: what that commit told it, flat
    (side, price, size) triples, one per changed price. `outcomes[code]`: messages by
    `OrderOutcome`. `increase_to_back`: 1 where an order that grows loses its place [Q3]. `joins`:
    how often an order joined the back of a level.
    """

    __slots__ = (
        "levels",
        "delta",
        "outcomes",
        "increase_to_back",
        "joins",
        "_orders",
        "_bids",
        "_asks",
        "_voided",
        "_changed",
    )

    increase_to_back: int
    joins: int

    def __init__(self, tick: int = 1, increase_to_back: int = 1, slots: int = WINDOW_SLOTS) -> None:
        self.levels = Book(tick, slots)
        self.delta: list[int] = []
        self.outcomes: list[int] = [0] * len(OrderOutcome)
        self.increase_to_back = increase_to_back
        self.joins = 0
        self.clear()

    def __len__(self) -> int:
        return len(self._orders)

    # --- messages --------------------------------------------------------------------------------

    def clear(self) -> None:
        """Forget every order and every mark; outcomes stay counted."""
        self._orders: dict[int, Order] = {}
        self._bids: dict[int, Level] = {}
        self._asks: dict[int, Level] = {}
        self._voided: dict[int, int] = {}
        self._changed: list[Level] = []
        self.levels.clear()

    def apply(self, kind: int, payload: Sequence[int], start: int) -> int:
        """Apply an event whose payload begins at `payload[start]`.

        Returns its `OrderOutcome`, or `NOT_A_BOOK_EVENT`. A BookSnapshot begins the book anew.
        """
        if kind == _ADD:
            return self.add(
                payload[start + 1], payload[start + 2], payload[start + 3], payload[start + 4]
            )
        if kind == _CANCEL:
            return self.cancel(payload[start + 1], payload[start + 4])
        if kind == _MODIFY:
            return self.modify(payload[start + 1], payload[start + 3], payload[start + 4])
        if kind == _EXECUTE:
            return self.execute(payload[start + 1], payload[start + 4])
        if kind == _BOOK_SNAPSHOT:
            self.clear()
            return _APPLIED
        return NOT_A_BOOK_EVENT

    def add(self, reference: int, side: int, price: int, size: int) -> int:
        """A new order joins the back of its level [Q1]; returns the `OrderOutcome`."""
        outcome = _APPLIED
        if size <= 0:
            outcome = _NOT_POSITIVE
        elif reference in self._voided:
            del self._voided[reference]
            outcome = _ADD_AFTER_DELETE
        elif reference in self._orders:
            outcome = _DUPLICATE_ADD
        else:
            level = self._level(side, price)
            order = Order(reference, size, level)
            self._orders[reference] = order
            self._join(order, level)
        self.outcomes[outcome] += 1
        return outcome

    def modify(self, reference: int, price: int, size: int) -> int:
        """An order has another price or size [Q3]; returns the `OrderOutcome`."""
        order = self._orders.get(reference)
        if order is None:
            self.outcomes[_UNKNOWN_MODIFY] += 1
            return _UNKNOWN_MODIFY
        level = order.level
        outcome = _APPLIED
        if price != level.price:
            outcome = _MOVED
            side = level.side
            self._leave(order, level)
            if size > 0:
                order.size = size
                self._join(order, self._level(side, price))
            else:
                del self._orders[reference]
        elif size > order.size:
            outcome = _GREW
            if self.increase_to_back:
                self._leave(order, level)
                order.size = size
                self._join(order, self._level(level.side, price))
            else:
                self._resize(order, level, size)
        elif size > 0:
            self._resize(order, level, size)
        else:
            self._leave(order, level)
            del self._orders[reference]
        self.outcomes[outcome] += 1
        return outcome

    def cancel(self, reference: int, size: int) -> int:
        """`size` lots of an order leave, all when 0; returns the `OrderOutcome`."""
        order = self._orders.get(reference)
        if order is None:
            if size <= 0:
                self._voided[reference] = 1
            self.outcomes[_UNKNOWN_CANCEL] += 1
            return _UNKNOWN_CANCEL
        return self._take(order, size)

    def execute(self, reference: int, size: int) -> int:
        """`size` lots of an order traded, all when 0; returns the `OrderOutcome` [Q4]."""
        order = self._orders.get(reference)
        if order is None:
            self.outcomes[_UNKNOWN_EXECUTE] += 1
            return _UNKNOWN_EXECUTE
        return self._take(order, size)

    def commit(self) -> int:
        """The source message is over: the book of levels follows, `delta` says how.

        Returns the sum of `TouchChange` bits, as `Book.apply_levels` does.
        """
        delta: list[int] = []
        for level in self._changed:
            level.changed = 0
            delta += (level.side, level.price, level.total)
            # Emptied levels wait until here: a message may fill one again, and tells it once.
            if level.first is None:
                (self._bids if level.side > 0 else self._asks).pop(level.price)
        self._changed.clear()
        self.delta = delta
        return self.levels.apply_levels(delta, 0, len(delta))

    # --- reading ---------------------------------------------------------------------------------

    def size_at(self, side: int, price: int) -> int:
        """Lots at a price of a side, 0 where there is no order; does not wait for `commit`."""
        level = (self._bids if side > 0 else self._asks).get(price)
        return level.total if level is not None else 0

    def front(self, side: int, price: int) -> int:
        """Reference of the first order of a queue, -1 where there is none."""
        level = (self._bids if side > 0 else self._asks).get(price)
        if level is None or level.first is None:
            return -1
        return level.first.reference

    def orders_at(self, side: int, price: int) -> list[tuple[int, int]]:
        """(reference, size) of a queue, oldest first; O(n), not for hot paths."""
        level = (self._bids if side > 0 else self._asks).get(price)
        found = []
        order = level.first if level is not None else None
        while order is not None:
            found.append((order.reference, order.size))
            order = order.behind
        return found

    def order(self, reference: int) -> Order | None:
        """An order that rests; to be read, not to be changed."""
        return self._orders.get(reference)

    def resting(self, reference: int) -> tuple[int, int, int]:
        """(side, price, size) of an order, (0, 0, 0) when it is not in the book."""
        order = self._orders.get(reference)
        if order is None:
            return (0, 0, 0)
        return (order.level.side, order.level.price, order.size)

    def is_front(self, reference: int) -> bool:
        """Whether an order is in the book with none ahead of it."""
        order = self._orders.get(reference)
        return order is not None and order.ahead is None

    def quantity_ahead(self, reference: int) -> int:
        """Lots ahead of an order at its price, -1 when it is not in the book [Q5]; O(n)."""
        order = self._orders.get(reference)
        if order is None:
            return -1
        lots = 0
        other = order.ahead
        while other is not None:
            lots += other.size
            other = other.ahead
        return lots

    def voided(self) -> list[int]:
        """References removed before they were known, oldest first."""
        return list(self._voided)

    # --- queues ----------------------------------------------------------------------------------

    def _level(self, side: int, price: int) -> Level:
        levels = self._bids if side > 0 else self._asks
        level = levels.get(price)
        if level is None:
            level = Level(side, price)
            levels[price] = level
        return level

    def _touch(self, level: Level, lots: int) -> None:
        """The level has `lots` more; it is in the next delta."""
        level.total += lots
        if not level.changed:
            level.changed = 1
            self._changed.append(level)

    def _join(self, order: Order, level: Level) -> None:
        order.joined = self.joins
        self.joins += 1
        order.level = level
        order.behind = None
        order.ahead = level.last
        if level.last is None:
            level.first = order
        else:
            level.last.behind = order
        level.last = order
        self._touch(level, order.size)

    def _leave(self, order: Order, level: Level) -> None:
        ahead, behind = order.ahead, order.behind
        if ahead is None:
            level.first = behind
        else:
            ahead.behind = behind
        if behind is None:
            level.last = ahead
        else:
            behind.ahead = ahead
        self._touch(level, -order.size)

    def _resize(self, order: Order, level: Level, size: int) -> None:
        if size != order.size:
            self._touch(level, size - order.size)
            order.size = size

    def _take(self, order: Order, size: int) -> int:
        outcome = _OVER if size > order.size else _APPLIED
        level = order.level
        if size <= 0 or size >= order.size:
            self._leave(order, level)
            del self._orders[order.reference]
        else:
            self._resize(order, level, order.size - size)
        self.outcomes[outcome] += 1
        return outcome
