"""Real orders followed: their true place, and what a feed of price levels would have told of it.

An order-by-order recording says who stood where. Every order of it that joins a level is followed
until it first trades or leaves: how many lots stand ahead (the truth), while a view of levels and
prints made from the same events is told to whoever estimates that. Two views:

* *per event* (`interval_ns` 0): each record's change of a level alone, at its event time, after
  the print that explains it;
* *conflated*: at every multiple of the interval the levels that changed since the last one, as of
  then; prints at once.

The followed order is in both views, as an own order is in a venue's feed; what an estimator is told
of a level is its size without it. An order that grows goes to the back. A feed with order counts
shows that for what it is, more lots and no more orders: the per-event view says so (`grew`).

The truth needs no search: who joined later stands behind, whatever became of others, so lots that
leave with number n leave from before everybody with a higher number.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from heapq import heappop, heappush
from typing import NamedTuple, Protocol

from tickproof.kernel.order_book import OrderBook
from tickproof.runtime.readers.orders import OrderFeed, messages
from tickproof.spec.events import EventKind, TradeKind

BITSTAMP = "bitstamp_l3/2015-05-01.log.xz"
ESH4 = "databento/esh4-glbx-mdp3-20231225.mbo.dbn.zst"
"""Recordings that name orders."""

TRADE = int(EventKind.TRADE)
EXECUTE = int(EventKind.BOOK_ORDER_EXECUTE)
BOOK_SNAPSHOT = int(EventKind.BOOK_SNAPSHOT)

JOINED, LEFT, EXECUTED, GREW, PRINTED, ENDED, BEGAN = range(7)
"""Kinds of `Change`."""


class Change(NamedTuple):
    """One thing that happened to one level. `lots`: joined, left, printed, or the grown order's.

    `left`: lots the order named had before it grew; of a print, 1 when it is no continuous one.
    `side` of a print: the side consumed, 0 when the recording does not say.
    """

    kind: int
    stamp_ns: int
    side: int
    price: int
    reference: int
    lots: int
    left: int


def changes(orders: OrderFeed) -> Iterator[Change]:
    """Every change of a level in the order of the recording, ENDED after each message.

    A message that begins the book anew starts with BEGAN.
    """
    columns, book = orders.feed.columns, OrderBook(orders.feed.instrument.tick)
    stamp_ns = 0
    for first, stop in messages(columns):
        for index in range(first, stop):
            kind, values = columns.kind[index], columns.payload_of(index)
            stamp_ns = columns.event_time_ns[index]
            if kind == TRADE:
                auction = values[4] != TradeKind.CONTINUOUS
                side = 0 if auction else -values[3]
                yield Change(PRINTED, stamp_ns, side, values[1], 0, values[2], int(auction))
                continue
            if kind == BOOK_SNAPSHOT:
                book.apply(kind, columns.payload, columns.offset[index])
                yield Change(BEGAN, stamp_ns, 0, 0, 0, 0, 0)
                continue
            before = book.resting(values[1])
            book.apply(kind, columns.payload, columns.offset[index])
            yield from _of_order(kind, stamp_ns, values[1], before, book.resting(values[1]))
        book.commit()
        yield Change(ENDED, stamp_ns, 0, 0, 0, 0, 0)


def _of_order(
    kind: int, stamp_ns: int, reference: int, was: tuple[int, int, int], now: tuple[int, int, int]
) -> Iterator[Change]:
    """What a message about an order changed, from where it stood before and after."""
    if was == now:
        return
    if was[0] and now[0] and was[1] == now[1] and now[2] > was[2]:
        yield Change(GREW, stamp_ns, now[0], now[1], reference, now[2], was[2])
        return
    moved = was[1] != now[1]
    if was[0]:
        left = was[2] if moved or not now[0] else was[2] - now[2]
        what = EXECUTED if kind == EXECUTE else LEFT
        yield Change(what, stamp_ns, was[0], was[1], reference, left, 0)
    if now[0] and moved:
        yield Change(JOINED, stamp_ns, now[0], now[1], reference, now[2], 0)


class Order:
    """A resting order. `number`: who joined earlier has a lower one. `ahead`: the truth.

    `start`: lots ahead when it joined at `joined_ns`. `cancels`: how many others left its level
    since. `estimators`: who is told of its level, none when it is not followed (any more), as no
    order is after it grew.
    """

    __slots__ = (
        "number",
        "size",
        "ahead",
        "start",
        "joined_ns",
        "cancels",
        "estimators",
        "at_half",
    )

    def __init__(self, number: int, size: int, ahead: int, joined_ns: int) -> None:
        self.number = number
        self.size = size
        self.ahead = self.start = ahead
        self.joined_ns = joined_ns
        self.cancels = 0
        self.estimators: Sequence[Estimator] = ()
        self.at_half = False


class Level:
    """A price of a side: its orders by reference, their lots, and what the view last told.

    `memory`: who is told of the level itself, order or no order.
    """

    __slots__ = ("side", "price", "orders", "size", "told", "memory")

    def __init__(self, side: int, price: int) -> None:
        self.side = side
        self.price = price
        self.orders: dict[int, Order] = {}
        self.size = 0
        self.told = 0
        self.memory: Estimator | None = None


class Estimator(Protocol):
    """Who is told of a level."""

    def told(self, size: int, stamp_ns: int) -> None:
        """The level has `size` lots of others as of `stamp_ns`."""

    def printed(self, lots: int, stamp_ns: int, through: bool, certain: bool) -> None:
        """A print at the price, or `through` it; `certain` that it consumed this side."""

    def grew(self) -> None:
        """By the counts, an order here grew in place."""


class Watcher(Protocol):
    """Who decides which orders are followed by whom, and looks at them."""

    def level(self, level: Level) -> Estimator | None:
        """Who is told of a new level itself."""

    def joined(self, level: Level, order: Order, current: bool) -> Sequence[Estimator]:
        """Who follows an order; `current`: `level.told` is as of its arrival, without it."""

    def compare(self, order: Order) -> None:
        """A message that touched the order's level is over."""

    def half(self, order: Order) -> None:
        """Half of the order's life is over."""

    def ended(self, order: Order, kind: int) -> None:
        """The order is about to trade, leave or grow: it is not followed any more."""


def ends(recording: Iterable[Change]) -> dict[int, int]:
    """By number of order, when it first trades, leaves or grows; none for who rests to the end."""
    number = 0
    found: dict[int, int] = {}
    orders: dict[int, tuple[int, int]] = {}
    for change in recording:
        reference = change.reference
        if change.kind == BEGAN:
            orders.clear()
        if change.kind in (LEFT, EXECUTED, GREW):
            known, size = orders.pop(reference)
            if change.kind != LEFT or change.lots == size:
                found.setdefault(known, change.stamp_ns)
            if change.kind != GREW and change.lots < size:
                orders[reference] = (known, size - change.lots)
        if change.kind in (JOINED, GREW):
            number += 1
            orders[reference] = (number, change.lots)
    return found


class Follower:
    """Plays a recording to a watcher in one of the views; `ended_ns`: what `ends` says of it."""

    def __init__(self, watcher: Watcher, interval_ns: int, ended_ns: Mapping[int, int]) -> None:
        self._watcher = watcher
        self._interval_ns = interval_ns
        self._ended_ns = ended_ns
        self._halves: list[tuple[int, int, Order]] = []
        self._boundary_ns = 0
        self._levels: dict[tuple[int, int], Level] = {}
        self._changed: dict[tuple[int, int], Level] = {}
        self._touched: dict[tuple[int, int], Level] = {}
        self._number = 0
        self._in_snapshot = False

    def levels(self) -> Iterable[Level]:
        """Every level there was."""
        return self._levels.values()

    def play(self, recording: Iterable[Change]) -> None:
        """Play all of it."""
        for change in recording:
            self.take(change)

    def take(self, change: Change) -> None:
        """Play one change."""
        while self._halves and self._halves[0][0] < change.stamp_ns:
            self._half(heappop(self._halves)[2])
        if self._interval_ns and change.stamp_ns > self._boundary_ns:
            self._tell_changed()
            self._boundary_ns = -(-change.stamp_ns // self._interval_ns) * self._interval_ns
        if change.kind == BEGAN:
            self._levels.clear()
            self._changed.clear()
            self._in_snapshot = True
        elif change.kind == ENDED:
            self._end(change.stamp_ns)
        elif change.kind == PRINTED:
            self._print(change)
        else:
            self._change(change)

    def _end(self, stamp_ns: int) -> None:
        if self._in_snapshot:
            for level in self._levels.values():
                self._tell(level, stamp_ns)
            self._changed.clear()
        self._in_snapshot = False
        for level in self._touched.values():
            for order in level.orders.values():
                if order.estimators:
                    self._watcher.compare(order)
        self._touched.clear()

    def _tell_changed(self) -> None:
        for level in self._changed.values():
            self._tell(level, self._boundary_ns)
        self._changed.clear()

    def _tell(self, level: Level, stamp_ns: int) -> None:
        """Tell a level as it is; `touched` so that what was told is compared."""
        level.told = level.size
        if level.memory is not None:
            level.memory.told(level.size, stamp_ns)
        for order in level.orders.values():
            for estimator in order.estimators:
                estimator.told(level.size - order.size, stamp_ns)
        self._touched[level.side, level.price] = level

    def _print(self, change: Change) -> None:
        sides = (change.side,) if change.side else (1, -1)
        for level in self._levels.values():
            if level.side in sides and (level.price - change.price) * level.side >= 0:
                through = level.price != change.price
                told = (change.lots, change.stamp_ns, through, change.side != 0)
                if level.memory is not None:
                    level.memory.printed(*told)
                for order in level.orders.values():
                    for estimator in order.estimators:
                        estimator.printed(*told)
                self._touched[level.side, level.price] = level

    def _change(self, change: Change) -> None:
        key = (change.side, change.price)
        level = self._levels.get(key)
        if level is None:
            level = self._levels[key] = Level(*key)
            level.memory = self._watcher.level(level)
        if change.kind != JOINED:
            self._leave(level, change)
        order = None
        if change.kind in (JOINED, GREW):
            self._number += 1
            order = Order(self._number, change.lots, level.size, change.stamp_ns)
            level.size += change.lots
        if change.kind == JOINED and order is not None and not self._in_snapshot:
            # Asked before the level is told with the order in it, and not told itself.
            order.estimators = self._watcher.joined(level, order, not self._interval_ns)
            if order.estimators and order.number in self._ended_ns:
                half_ns = (order.joined_ns + self._ended_ns[order.number]) // 2
                heappush(self._halves, (half_ns, order.number, order))
        if self._interval_ns or self._in_snapshot:
            self._changed[key] = level
        else:
            self._tell(level, change.stamp_ns)
        if order is not None:
            level.orders[change.reference] = order

    def _half(self, order: Order) -> None:
        """Once, and for orders that live no longer than a stamp at their end."""
        if not order.at_half:
            order.at_half = True
            self._watcher.half(order)

    def _leave(self, level: Level, change: Change) -> None:
        order = level.orders[change.reference]
        lots = change.left if change.kind == GREW else change.lots
        if order.estimators and (change.kind == EXECUTED or lots == order.size):
            self._half(order)
            self._watcher.ended(order, change.kind)
            order.estimators = ()
        for other in level.orders.values():
            if other.number > order.number:
                other.ahead -= lots
            other.cancels += change.kind == LEFT and other is not order
        order.size -= lots
        level.size -= lots
        if not order.size:
            del level.orders[change.reference]
        if change.kind == GREW and not self._interval_ns:
            for other in level.orders.values():
                for estimator in other.estimators:
                    estimator.grew()
