"""Captures of venues that prove their book with a checksum: what Kraken and OKX have in common.

A capture is text as a recorder left it: the receiver's clock in seconds, a colon, the message as
sent. Lines about the connection (`wss://...`) are passed over. Many instruments may share a
capture; a Feed is one of them.

What it decides:

* After every message that carries a checksum, the venue's own formula over the texts of the best
  levels is compared. A difference is a lost book: refused, or a FeedGap until the next snapshot.
* A window of the best N levels forgets what falls out of it, which says nothing about those
  levels. When the window covers such a price again and does not name it, it is gone, and the
  event that shows it says so.
* Venues that do not number their updates get numbers: the count of book messages.

Errors: `InputError` with file, line, field, expected, got for everything that is not as above.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import islice
from pathlib import Path
from typing import Any, NamedTuple

from attrs import frozen
from sortedcontainers import SortedDict

from tickproof.runtime.errors import InputError
from tickproof.runtime.readers.captures import Decimals, json_of, numbered_lines
from tickproof.runtime.readers.decimals import DECIMALS_MAX, Scale, scaled
from tickproof.runtime.readers.feed import (
    Feed,
    FeedCounts,
    TickerColumns,
    file_hash,
    instrument_for,
    rows_hash,
)
from tickproof.spec.events import INT64_MAX, EventKind, Side, TradeKind
from tickproof.spec.instrument import PRICE_LIMIT, QUANTITY_LIMIT
from tickproof.spec.stream import EventColumns

SECOND_DECIMALS = 9
MILLISECOND_DECIMALS = 6
SIZE_LIMIT = 10**40
"""Sizes that only have to be told from 0 may be any."""

CONNECTION = "wss://"
"""Lines that begin so are the recorder's own."""

BUY, SELL = int(Side.BUY), int(Side.SELL)


class TextLevel(NamedTuple):
    """A level as the venue wrote it."""

    side: int
    price: str
    size: str


class BookMessage(NamedTuple):
    """A snapshot or difference of one instrument; `checksum` None where it carries none."""

    snapshot: bool
    time_ns: int
    levels: tuple[TextLevel, ...]
    checksum: int | None


class Print(NamedTuple):
    """A trade; `side` the taker's."""

    time_ns: int
    price: str
    size: str
    side: int
    number: int


class Message(NamedTuple):
    """What one message says about one instrument."""

    symbol: str
    book: BookMessage | None
    prints: tuple[Print, ...] = ()


@frozen
class CheckedFeed:
    """A Feed whose book was compared with the venue's checksum `checksums` times.

    `differing`: how many of those were not equal; always 0 unless gaps are let pass.
    """

    feed: Feed
    checksums: int
    differing: int


class Dialect:
    """How one venue writes messages; the only part of the two readers that differs."""

    depth = 0
    """Levels of the window, 0 where the venue deletes what falls out of it."""

    def messages(self, data: Any) -> Iterator[Message]:
        """What a JSON message says, instrument by instrument."""
        raise NotImplementedError

    def checksum(self, book: TextBook) -> int:
        """The venue's checksum of a book."""
        raise NotImplementedError

    def instrument_kind(self, symbol: str) -> int:
        """The `InstrumentKind` of a symbol."""
        raise NotImplementedError

    def assets(self, symbol: str) -> tuple[str, str]:
        """Base and quote asset of a symbol."""
        raise NotImplementedError


class TextBook:
    """The venue's levels with the texts they came in; prices in units order them."""

    def __init__(self, depth: int) -> None:
        self.depth = depth
        self._sides = {BUY: SortedDict(), SELL: SortedDict()}
        self._outside = {BUY: SortedDict(), SELL: SortedDict()}

    def clear(self) -> None:
        """Forget everything."""
        for levels in (*self._sides.values(), *self._outside.values()):
            levels.clear()

    def set(self, side: int, price: int, size: int, texts: TextLevel) -> None:
        """A level has `size`, 0 removes it."""
        levels = self._sides[side]
        if size:
            levels[-side * price] = texts
        else:
            levels.pop(-side * price, None)
        self._outside[side].pop(-side * price, None)

    def best(self, side: int, count: int) -> list[TextLevel]:
        """The first `count` levels of a side, best first."""
        return list(islice(self._sides[side].values(), count))

    def moved(self) -> list[int]:
        """Cut the window to its depth after a message.

        Returns flat (side, price, 0) triples of levels that had fallen out and are now shown to
        be gone.
        """
        gone: list[int] = []
        if not self.depth:
            return gone
        for side, levels in self._sides.items():
            outside = self._outside[side]
            while len(levels) > self.depth:
                outside[levels.popitem(-1)[0]] = 1
            worst = levels.keys()[-1] if len(levels) == self.depth else None
            while outside and (worst is None or outside.keys()[0] < worst):
                gone += (side, -side * outside.popitem(0)[0], 0)
        return gone


def capture_lines(path: Path) -> Iterator[tuple[int, int, Any]]:
    """(line, stamp in ns, JSON value) of every message of a capture."""
    for number, line in numbered_lines(path):
        if line.startswith(CONNECTION):
            continue
        try:
            stamp, found, body = line.partition(": ")
            if not found:
                raise InputError("", 0, "message", "SECONDS: JSON", repr(line))
            yield number, scaled(stamp, SECOND_DECIMALS, INT64_MAX, "local time"), json_of(body)
        except InputError as error:
            raise error.at(str(path), number) from error


def symbols_of(paths: Sequence[Path], dialect: Dialect) -> dict[str, Decimals]:
    """Every instrument with a book or prints in the captures, and the grid it needs."""
    found: dict[str, Decimals] = {}
    for path in paths:
        for number, _, data in capture_lines(path):
            try:
                for message in dialect.messages(data):
                    grid = found.setdefault(message.symbol, Decimals())
                    for level in message.book.levels if message.book else ():
                        grid.see(level.price, level.size)
                    for each in message.prints:
                        grid.see(each.price, each.size)
            except InputError as error:
                raise error.at(str(path), number) from error
    return found


def _follows(book: TextBook, said: BookMessage, prices: Scale, dialect: Dialect) -> bool:
    """Apply a message; whether its checksum is the book's."""
    for each in said.levels:
        size = scaled(each.size, DECIMALS_MAX, SIZE_LIMIT, "size")
        book.set(each.side, prices[each.price], size, each)
    book.moved()
    return dialect.checksum(book) == said.checksum


def verify(paths: Sequence[Path], dialect: Dialect) -> dict[str, tuple[int, int]]:
    """(checksums, how many of them were equal) of every instrument; raises `InputError`.

    Needs no grid of lots, so it also checks instruments whose sizes no Feed can hold.
    """
    grids = symbols_of(paths, dialect)
    prices = {name: Scale(grid.price, INT64_MAX, "price") for name, grid in grids.items()}
    books: dict[str, TextBook] = {}
    found: dict[str, tuple[int, int]] = {}
    for path in paths:
        for number, _, data in capture_lines(path):
            try:
                for message in dialect.messages(data):
                    name, said = message.symbol, message.book
                    if said is None or not (said.snapshot or name in books):
                        continue
                    if said.snapshot:
                        books[name] = TextBook(dialect.depth)
                    book = books[name]
                    same = _follows(book, said, prices[name], dialect)
                    if said.checksum is not None:
                        checked, equal = found.get(name, (0, 0))
                        found[name] = (checked + 1, equal + same)
            except InputError as error:
                raise error.at(str(path), number) from error
    return found


def read_checked(
    paths: Sequence[Path], dialect: Dialect, symbol: str | None, on_gap: str
) -> CheckedFeed:
    """One instrument of the captures of one session; raises `InputError`."""
    if on_gap not in ("stop", "resync"):
        raise InputError("", 0, "on_gap", "stop or resync", repr(on_gap))
    if not paths:
        raise InputError("", 0, "file", "at least one file", "none")
    dataset_hash = file_hash(paths)
    symbols = symbols_of(paths, dialect)
    name = symbol or (next(iter(symbols)) if len(symbols) == 1 else "")
    if name not in symbols:
        expected = "one of " + ", ".join(sorted(symbols)) if symbols else "a book in the file"
        raise InputError(str(paths[0]), 0, "symbol", expected, repr(symbol))
    grid = symbols[name]
    reader = _Reader(dialect, name, grid, on_gap == "resync")
    for path in paths:
        for number, stamp_ns, data in capture_lines(path):
            try:
                reader.take(stamp_ns, data)
            except InputError as error:
                raise error.at(str(path), number) from error
    instrument, assets = instrument_for(
        name, dialect.instrument_kind(name), grid.price, grid.quantity, assets=dialect.assets(name)
    )
    rows = rows_hash(instrument, reader.columns)
    counts = FeedCounts(**reader.counts)
    feed = Feed(instrument, assets, reader.columns, TickerColumns(), counts, dataset_hash, rows)
    return CheckedFeed(feed, reader.checksums, reader.differing)


class _Reader:
    """The strict pass over one instrument: messages in, events out, every checksum compared."""

    def __init__(self, dialect: Dialect, symbol: str, grid: Decimals, resync: bool) -> None:
        self.columns = EventColumns()
        self.counts: dict[str, int] = {}
        self.checksums = 0
        self.differing = 0
        self._dialect = dialect
        self._symbol = symbol
        self._resync = resync
        self._price = Scale(grid.price, PRICE_LIMIT, "price")
        self._size = Scale(grid.quantity, QUANTITY_LIMIT, "size")
        self._book = TextBook(dialect.depth)
        self._known = False
        self._lost = False
        self._update_id = 0
        self._sequence = -1
        self._stamp_ns = 0
        self._epoch = 0

    def take(self, stamp_ns: int, data: Any) -> None:
        """Read one message of the capture."""
        self._sequence += 1
        self._count("messages")
        if stamp_ns < self._stamp_ns:
            self._count("backwards_stamps")
        self._stamp_ns = stamp_ns
        ours = False
        for message in self._dialect.messages(data):
            if message.symbol != self._symbol:
                continue
            ours = True
            for each in message.prints:
                self._print(each)
            if message.book is not None:
                self._take_book(message.book)
        if not ours:
            self._count("ignored_messages")

    def _count(self, name: str, more: int = 1) -> None:
        self.counts[name] = self.counts.get(name, 0) + more

    def _emit(self, kind: int, time_ns: int, values: Sequence[int]) -> None:
        self.columns.append_raw(
            kind, time_ns, self._stamp_ns, 0, self._sequence, self._epoch, values
        )

    def _print(self, each: Print) -> None:
        self._count("trades")
        number = each.number or self.counts["trades"]
        price, size = self._price[each.price], self._size[each.size]
        values = (0, price, size, each.side, int(TradeKind.CONTINUOUS), number)
        self._emit(EventKind.TRADE, each.time_ns, values)

    def _take_book(self, message: BookMessage) -> None:
        if not message.snapshot and not self._known:
            self._count("dropped_stale_diffs")
            return
        self._update_id += 1
        if message.snapshot:
            self._book.clear()
        levels: list[int] = []
        for each in message.levels:
            price, size = self._price[each.price], self._size[each.size]
            if message.snapshot and not size:
                raise InputError("", 0, "size", "above 0 in a snapshot", repr(each.size))
            levels += (each.side, price, size)
            self._book.set(each.side, price, size, each)
        levels += self._book.moved()
        if message.checksum is not None and not self._equal(message):
            return
        if message.snapshot:
            self._begin(message.time_ns, levels)
        else:
            self._count("diffs")
            self._count("level_changes", len(levels) // 3)
            ids = (0, self._update_id, self._update_id)
            self._emit(EventKind.BOOK_DELTA, message.time_ns, (*ids, *levels))

    def _begin(self, time_ns: int, levels: list[int]) -> None:
        self._count("snapshots")
        if self._lost:
            self._epoch += 1
            self._emit(EventKind.FEED_RESUMED, time_ns, (0, self._update_id))
        self._known, self._lost = True, False
        self._emit(EventKind.BOOK_SNAPSHOT, time_ns, (0, self._update_id, *levels))

    def _equal(self, message: BookMessage) -> bool:
        """Whether the book is the venue's; a book that is not is lost."""
        self.checksums += 1
        ours = self._dialect.checksum(self._book)
        if ours == message.checksum:
            return True
        if not self._resync:
            raise InputError("", 0, "checksum", str(ours), str(message.checksum))
        self.differing += 1
        self._count("sequence_gaps")
        if self._known and not self._lost:
            values = (0, self._update_id - 1, self._update_id)
            self._emit(EventKind.FEED_GAP, message.time_ns, values)
            self._lost = True
        self._known = False
        return False
