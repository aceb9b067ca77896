"""Bitstamp order logs: every order created, changed and deleted, prints, and the venue's book.

A log is text, one message a line: the recorder's clock in milliseconds, a space, the message's
name, a space, its JSON. Only the recorder's clock orders messages; the `datetime` of an order is
when it was placed, so event time is capture time here.

What it decides:

* The venue says what is left of an order, not what happened to it. Less than before at the same
  price is an execution of the difference, and a delete with nothing left an execution of all: a
  cancel states what it takes away. Every other change is a BookOrderModify: a change of price is
  how the venue reports a market order that walks the book.
* What is said of an unknown order passes as it is said; the book survives and counts it.
* Prints carry floats with all their digits; the number meant is the shortest that reads back.
  They do not say who took.
* The venue's top 20 levels are kept aside, they are no events: they check the book.

Errors: `InputError` with file, line, field, expected, got for everything that is not as above.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from tickproof.kernel.order_book import OrderBook
from tickproof.runtime.errors import InputError
from tickproof.runtime.readers.captures import (
    Decimals,
    float_text,
    integer_member,
    json_of,
    member,
    numbered_lines,
    text_member,
)
from tickproof.runtime.readers.decimals import Scale, scaled
from tickproof.runtime.readers.feed import file_hash, instrument_for
from tickproof.runtime.readers.orders import OrderColumns, OrderFeed
from tickproof.spec.events import INT64_MAX, EventKind, Side, TradeKind
from tickproof.spec.instrument import PRICE_LIMIT, QUANTITY_LIMIT, InstrumentKind

ORDER_TYPES = (int(Side.BUY), int(Side.SELL))
"""Side by the venue's `order_type`."""

NAMES = ("order_created", "order_changed", "order_deleted", "order_book", "trade")

_ADD = int(EventKind.BOOK_ORDER_ADD)
_MODIFY = int(EventKind.BOOK_ORDER_MODIFY)
_CANCEL = int(EventKind.BOOK_ORDER_CANCEL)
_EXECUTE = int(EventKind.BOOK_ORDER_EXECUTE)
_MILLISECOND_DECIMALS = 6


def read_bitstamp(paths: Sequence[Path], symbol: str = "BTC/USD") -> OrderFeed:
    """The logs of one session, in order; the log does not name its `symbol`.

    Raises `InputError`.
    """
    if not paths:
        raise InputError("", 0, "file", "at least one file", "none")
    dataset_hash = file_hash(paths)
    grid = Decimals()
    for path in paths:
        for number, line in numbered_lines(path):
            _placed(path, number, _survey, grid, line)
    reader = _Reader(grid)
    for path in paths:
        for number, line in numbered_lines(path):
            _placed(path, number, reader.take, line)
    instrument, assets = instrument_for(symbol, int(InstrumentKind.SPOT), grid.price, grid.quantity)
    return reader.out.feed(instrument, assets, dataset_hash)


def _placed(path: Path, number: int, take: Any, *arguments: Any) -> None:
    """Take one line; a refusal gets its place."""
    try:
        take(*arguments)
    except InputError as error:
        raise error.at(str(path), number) from error


def _message(line: str) -> tuple[int, str, Any]:
    """(stamp in ns, name, JSON value) of a line."""
    stamp, _, rest = line.partition(" ")
    name, _, body = rest.partition(" ")
    if name not in NAMES:
        raise InputError("", 0, "message", "one of " + ", ".join(NAMES), repr(name))
    return scaled(stamp, _MILLISECOND_DECIMALS, INT64_MAX, "local time"), name, json_of(body)


def _survey(grid: Decimals, line: str) -> None:
    """See which grid the numbers of a line need."""
    _, name, data = _message(line)
    if name == "order_book":
        for texts in (*_levels(data, "bids"), *_levels(data, "asks")):
            grid.see(*texts)
    else:
        grid.see(*_price_and_size(name, data))


def _price_and_size(name: str, data: Any) -> tuple[str, str]:
    """Price and size texts of an order or a print."""
    price, size = text_member(data, "price"), text_member(data, "amount")
    if name == "trade":
        return float_text(price), float_text(size)
    return price, size


def _levels(data: Any, field: str) -> list[tuple[str, str]]:
    """Price and size texts of a side of the venue's book."""
    levels = member(data, field)
    if not isinstance(levels, list):
        raise InputError("", 0, field, "an array of [price, size]", repr(levels))
    found = []
    for level in levels:
        if not (isinstance(level, list) and [type(each) for each in level] == [str, str]):
            raise InputError("", 0, field, "[price, size] as two texts", repr(level))
        found.append((level[0], level[1]))
    return found


class _Reader:
    """The second pass: lines in, events out. The book tells what a message took from an order."""

    def __init__(self, grid: Decimals) -> None:
        self.out = OrderColumns()
        self._price = Scale(grid.price, PRICE_LIMIT, "price")
        self._size = Scale(grid.quantity, QUANTITY_LIMIT, "amount")
        self._book = OrderBook()
        self._sequence = -1
        self._stamp_ns = 0

    def take(self, line: str) -> None:
        """Read one line."""
        self._stamp_ns, name, data = _message(line)
        self._sequence += 1
        self.out.stamped(self._stamp_ns)
        if name == "order_book":
            self._venue_book(data)
            return
        price, size = _price_and_size(name, data)
        if name == "trade":
            number = integer_member(data, "id")
            trade = (0, self._price[price], self._size[size], 0, TradeKind.CONTINUOUS, number)
            self.out.trade(self._stamp_ns, self._stamp_ns, self._sequence, trade)
            return
        reference = integer_member(data, "id")
        side = ORDER_TYPES[integer_member(data, "order_type", len(ORDER_TYPES) - 1)]
        kind, lots = self._meaning(name, reference, self._price[price], self._size[size])
        values = (0, reference, side, self._price[price], lots)
        self._book.apply(kind, values, 0)
        self._book.commit()
        self.out.emit(kind, self._stamp_ns, self._stamp_ns, self._sequence, values)

    def _meaning(self, name: str, reference: int, price: int, size: int) -> tuple[int, int]:
        """(event kind, lots) of what a message about an order says happened."""
        if name == "order_created":
            return _ADD, size
        side, standing, before = self._book.resting(reference)
        if name == "order_deleted":
            # 0 lots of an unknown order: all of it left, nobody knows how many or why.
            return (_EXECUTE, before) if side and size == 0 else (_CANCEL, 0)
        if side and price == standing and size < before:
            return _EXECUTE, before - size
        return _MODIFY, size

    def _venue_book(self, data: Any) -> None:
        """Keep what the venue says the book is."""
        self.out.count("tickers")
        levels: list[int] = []
        for field, side in (("bids", Side.BUY), ("asks", Side.SELL)):
            for price, size in _levels(data, field):
                levels += (int(side), self._price[price], self._size[size])
        self.out.rows.append(len(self.out.columns), levels)
