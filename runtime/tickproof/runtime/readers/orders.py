"""What a reader of an order-by-order feed gives, and the price levels it means.

An `OrderFeed` is a Feed whose book events name orders, with two things kept aside that check and
never feed back: the venue's own book of levels where the recording holds one, and who took in
each print where the venue says. Events of one source message share their `sequence`: the message
is one change, however many orders it names.

`level_feed` turns the orders into the book of levels they make, one event per message, so that
whatever reads levels reads these feeds too. Prints stay where they are; the levels of a message
follow at its end. `row_feed` takes the venue's own levels instead, where orders rested before
the recording began and so the orders of the file do not make the whole book.

`by_order_feed` gives the orders beside either of them: of each message its prints, then what it did
to orders, all at its end, and behind that the levels it left. Without the orders it is the feed of
levels, event by event, so whoever reads levels alone sees the same market. A book that began anew
leads with its levels, and of its orders only what changed is told: who stood ahead of whom outlives
a snapshot.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterator, Sequence

from attrs import evolve, frozen
from sortedcontainers import SortedDict

from tickproof.kernel.order_book import OrderBook
from tickproof.runtime.errors import InputError
from tickproof.runtime.readers.feed import Feed, FeedCounts, TickerColumns, rows_hash
from tickproof.spec.events import EventKind
from tickproof.spec.instrument import Asset, Instrument
from tickproof.spec.stream import EventColumns

ORDER_KINDS = (
    int(EventKind.BOOK_ORDER_ADD),
    int(EventKind.BOOK_ORDER_MODIFY),
    int(EventKind.BOOK_ORDER_CANCEL),
    int(EventKind.BOOK_ORDER_EXECUTE),
)
"""Kinds of events that name an order of the book."""

LEVEL_KINDS = (int(EventKind.BOOK_SNAPSHOT), int(EventKind.BOOK_DELTA))
"""Kinds of events that tell levels."""

DELTA_HEAD = 3
"""Numbers of a difference before its levels."""


class LevelRows:
    """The venue's own book of levels as recorded, never events.

    One entry per statement. `position`: how many events of the feed came before it. Levels of
    statement i: `levels[offset[i]:offset[i + 1]]`, flat (side, price, size) triples, best first.
    """

    __slots__ = ("position", "offset", "levels")

    def __init__(self) -> None:
        self.position = array("q")
        self.offset = array("q", (0,))
        self.levels = array("q")

    def __len__(self) -> int:
        return len(self.position)

    def append(self, position: int, levels: Sequence[int]) -> None:
        """Append one statement."""
        self.position.append(position)
        self.levels.extend(array("q", levels))
        self.offset.append(len(self.levels))

    def side(self, index: int, side: int) -> list[tuple[int, int]]:
        """(price, size) of a side of statement `index`, best first."""
        levels = self.levels[self.offset[index] : self.offset[index + 1]]
        triples = zip(levels[0::3], levels[1::3], levels[2::3], strict=True)
        return [(price, size) for which, price, size in triples if which == side]


@frozen
class OrderFeed:
    """An order-by-order recording; see the module docstring.

    `takers`: per Trade event, the reference of the order that took, 0 where it is not said.
    """

    feed: Feed
    rows: LevelRows
    takers: array[int]


class OrderColumns:
    """Collects what a reader of orders reads: events, counts, and what is kept aside."""

    __slots__ = ("columns", "rows", "takers", "counts", "_latest_ns")

    def __init__(self) -> None:
        self.columns = EventColumns()
        self.rows = LevelRows()
        self.takers = array("q")
        self.counts: dict[str, int] = {}
        self._latest_ns = -1

    def count(self, name: str, more: int = 1) -> None:
        """Count `more` of what `FeedCounts` calls `name`."""
        self.counts[name] = self.counts.get(name, 0) + more

    def stamped(self, stamp_ns: int) -> None:
        """A message received at `stamp_ns`."""
        self.count("messages")
        if stamp_ns < self._latest_ns:
            self.count("backwards_stamps")
        else:
            self._latest_ns = stamp_ns

    def emit(
        self, kind: int, time_ns: int, stamp_ns: int, sequence: int, values: Sequence[int]
    ) -> None:
        """Append an event of message `sequence`."""
        self.columns.append_raw(kind, time_ns, stamp_ns, 0, sequence, 0, values)

    def trade(
        self, time_ns: int, stamp_ns: int, sequence: int, values: Sequence[int], taker: int = 0
    ) -> None:
        """Append a print and who took."""
        self.count("trades")
        self.takers.append(taker)
        self.emit(int(EventKind.TRADE), time_ns, stamp_ns, sequence, values)

    def feed(
        self, instrument: Instrument, assets: tuple[Asset, ...], dataset_hash: str
    ) -> OrderFeed:
        """Everything collected, as instrument 0 of source 0."""
        counts = FeedCounts(**self.counts)
        rows = rows_hash(instrument, self.columns)
        feed = Feed(instrument, assets, self.columns, TickerColumns(), counts, dataset_hash, rows)
        return OrderFeed(feed, self.rows, self.takers)


def messages(columns: EventColumns) -> Iterator[tuple[int, int]]:
    """(first, behind the last) event of each source message."""
    first = 0
    for index in range(1, len(columns) + 1):
        if index == len(columns) or columns.sequence[index] != columns.sequence[first]:
            yield first, index
            first = index


def follow(columns: EventColumns, book: OrderBook) -> Iterator[tuple[int, int]]:
    """(first, behind the last) event of each message, which `book` has then taken in."""
    kinds, payload, offset = columns.kind, columns.payload, columns.offset
    for first, stop in messages(columns):
        for index in range(first, stop):
            book.apply(kinds[index], payload, offset[index])
        book.commit()
        yield first, stop


def level_feed(orders: OrderFeed) -> Feed:
    """The same recording as a feed of price levels; raises `InputError` when it names no order.

    The first book event is a snapshot, and so is each that follows a book that began anew.
    """
    source = orders.feed.columns
    if not any(kind in ORDER_KINDS for kind in source.kind):
        raise InputError("", 0, "orders", "a recording with orders in it", "none")
    columns, book = EventColumns(), OrderBook()
    update_id, begins = 0, True
    for first, stop in messages(source):
        for index in range(first, stop):
            kind = source.kind[index]
            book.apply(kind, source.payload, source.offset[index])
            begins = begins or kind == EventKind.BOOK_SNAPSHOT
            if kind not in ORDER_KINDS and kind != EventKind.BOOK_SNAPSHOT:
                _copy(source, index, columns, kind, source.payload_of(index))
        book.commit()
        if not book.delta:
            continue
        update_id += 1
        if begins:
            flat = (number for level in _triples(book) for number in level)
            values: Sequence[int] = (0, update_id, *flat)
            _copy(source, stop - 1, columns, EventKind.BOOK_SNAPSHOT, values)
        else:
            values = (0, update_id, update_id, *book.delta)
            _copy(source, stop - 1, columns, EventKind.BOOK_DELTA, values)
        begins = False
    instrument = orders.feed.instrument
    deltas = [i for i, kind in enumerate(columns.kind) if kind == EventKind.BOOK_DELTA]
    numbers = sum(columns.offset[i + 1] - columns.offset[i] - DELTA_HEAD for i in deltas)
    counts = evolve(
        orders.feed.counts,
        level_changes=numbers // 3,
        snapshots=sum(kind == EventKind.BOOK_SNAPSHOT for kind in columns.kind),
        diffs=len(deltas),
    )
    return evolve(
        orders.feed, columns=columns, counts=counts, rows_hash=rows_hash(instrument, columns)
    )


def row_feed(orders: OrderFeed) -> Feed:
    """The recording as the levels the venue stated, message by message, and its prints.

    For recordings whose orders began before the file. Only a window of levels is stated: a price
    that fell out of it is gone when the window covers it again without naming it. Raises
    `InputError` when the venue's levels were not recorded.
    """
    source, rows = orders.feed.columns, orders.rows
    if not len(rows):
        raise InputError("", 0, "book", "a recording with the venue's levels", "none")
    depth = max(len(rows.side(i, side)) for i in range(len(rows)) for side in (1, -1))
    known: dict[int, SortedDict] = {1: SortedDict(), -1: SortedDict()}
    columns, position, changes = EventColumns(), 0, 0
    for index in range(len(rows)):
        while position < rows.position[index]:
            if source.kind[position] not in ORDER_KINDS:
                kind = source.kind[position]
                _copy(source, position, columns, kind, source.payload_of(position))
            position += 1
        levels = _told(known[1], rows, index, 1, depth) + _told(known[-1], rows, index, -1, depth)
        if index == 0:
            _copy(source, position - 1, columns, EventKind.BOOK_SNAPSHOT, (0, 1, *levels))
        elif levels:
            changes += len(levels) // 3
            values = (0, index + 1, index + 1, *levels)
            _copy(source, position - 1, columns, EventKind.BOOK_DELTA, values)
    instrument = orders.feed.instrument
    diffs = sum(kind == EventKind.BOOK_DELTA for kind in columns.kind)
    counts = evolve(orders.feed.counts, level_changes=changes, snapshots=1, diffs=diffs)
    return evolve(
        orders.feed, columns=columns, counts=counts, rows_hash=rows_hash(instrument, columns)
    )


def by_order_feed(orders: OrderFeed, levels: Feed) -> Feed:
    """The orders of a recording beside its levels, which `level_feed` or `row_feed` made of it.

    Raises `InputError` when the recording names no order.
    """
    source, told = orders.feed.columns, levels.columns
    if not any(kind in ORDER_KINDS for kind in source.kind):
        raise InputError("", 0, "orders", "a recording with orders in it", "none")
    columns, book, begin = EventColumns(), OrderBook(), 0
    for first, stop in messages(source):
        end = begin
        while end < len(told) and told.sequence[end] == source.sequence[first]:
            end += 1
        if EventKind.BOOK_SNAPSHOT in told.kind[begin:end]:
            for index in range(begin, end):
                _copy(told, index, columns, told.kind[index], told.payload_of(index))
            begin = end
        while begin < end and told.kind[begin] not in LEVEL_KINDS:
            _copy(told, begin, columns, told.kind[begin], told.payload_of(begin))
            begin += 1
        for index, kind, values in _order_events(source, first, stop, book):
            # A message is known when it is over: an order that arrives in between meets none of it.
            columns.append_raw(
                kind,
                source.event_time_ns[index],
                source.capture_time_ns[stop - 1],
                0,
                source.sequence[index],
                0,
                values,
            )
        for index in range(begin, end):
            _copy(told, index, columns, told.kind[index], told.payload_of(index))
        begin = end
    return evolve(levels, columns=columns, rows_hash=rows_hash(levels.instrument, columns))


def _order_events(
    source: EventColumns, first: int, stop: int, book: OrderBook
) -> list[tuple[int, int, Sequence[int]]]:
    """(index, kind, payload) of what a message says of orders; `book` follows it."""
    found: list[tuple[int, int, Sequence[int]]] = []
    for index in range(first, stop):
        kind, values = source.kind[index], source.payload_of(index)
        if kind == EventKind.BOOK_SNAPSHOT:
            fresh = OrderBook()
            for later in range(index + 1, stop):
                fresh.apply(source.kind[later], source.payload, source.offset[later])
            changes = _changes(book, fresh, values[0])
            for change, order in changes:
                book.apply(change, order, 0)
            return [*found, *((stop - 1, change, order) for change, order in changes)]
        if kind in ORDER_KINDS:
            book.apply(kind, values, 0)
            found.append((index, kind, values))
    return found


def _changes(
    old: OrderBook, new: OrderBook, instrument: int
) -> list[tuple[int, tuple[int, int, int, int, int]]]:
    """(kind, payload) of what makes one book of orders the other, places included.

    From the front of a queue on, orders stay that stand behind nobody they did not stand behind,
    with no more lots than they had. All others leave, and join in the order of the new book. Marks
    of removals before the order was known go by an add, which is void, and come by a removal.
    """
    old.commit()
    new.commit()
    marks, kept_marks = old.voided(), new.voided()
    left: list[tuple[int, tuple[int, int, int, int, int]]] = [
        (int(EventKind.BOOK_ORDER_ADD), (instrument, reference, 1, 0, 1))
        for reference in marks
        if reference not in kept_marks
    ]
    came: list[tuple[int, tuple[int, int, int, int, int]]] = [
        (int(EventKind.BOOK_ORDER_CANCEL), (instrument, reference, 0, 0, 0))
        for reference in kept_marks
        if reference not in marks
    ]
    for side in (1, -1):
        prices = [price for book in (old, new) for price, _ in book.levels.levels(side)]
        for price in dict.fromkeys(prices):
            standing, queue = old.orders_at(side, price), new.orders_at(side, price)
            kept = 0
            for reference, size in standing:
                if kept < len(queue) and reference == queue[kept][0] and queue[kept][1] <= size:
                    if queue[kept][1] < size:
                        values = (instrument, reference, side, price, queue[kept][1])
                        left.append((int(EventKind.BOOK_ORDER_MODIFY), values))
                    kept += 1
                else:
                    values = (instrument, reference, side, price, 0)
                    left.append((int(EventKind.BOOK_ORDER_CANCEL), values))
            for reference, size in queue[kept:]:
                values = (instrument, reference, side, price, size)
                came.append((int(EventKind.BOOK_ORDER_ADD), values))
    return left + came


def _told(known: SortedDict, rows: LevelRows, index: int, side: int, depth: int) -> list[int]:
    """What a statement changes of the levels of a side, which follow it."""
    stated = rows.side(index, side)
    prices = dict(stated)
    # Keys ascend from the best price on either side.
    worst = -side * stated[-1][0] if len(stated) == depth else None
    covered = list(known.irange(None, worst))
    levels: list[int] = []
    for key in covered:
        if -side * key not in prices:
            del known[key]
            levels += (side, -side * key, 0)
    for price, size in stated:
        if known.get(-side * price) != size:
            known[-side * price] = size
            levels += (side, price, size)
    return levels


def _triples(book: OrderBook) -> list[tuple[int, int, int]]:
    """(side, price, size) of every level of a book."""
    return [(side, price, size) for side in (1, -1) for price, size in book.levels.levels(side)]


def _copy(
    source: EventColumns, index: int, columns: EventColumns, kind: int, values: Sequence[int]
) -> None:
    """Append an event with the envelope of event `index` of `source`."""
    columns.append_raw(
        kind,
        source.event_time_ns[index],
        source.capture_time_ns[index],
        0,
        source.sequence[index],
        0,
        values,
    )
