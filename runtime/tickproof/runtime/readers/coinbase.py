"""Coinbase full channel: every order received, opened, changed, matched and done.

Text, one message a line: JSON, or the receiver's clock in seconds, a colon or a space, and JSON.
A level-3 snapshot of the REST interface (`bids` and `asks` of [price, size, order id], with
`sequence`) begins the book; messages up to its sequence are dropped.

What it decides:

* Orders are named by texts; each gets the next number from 1, in the order of first appearance.
* `open` is an add of what is left to rest. `match` is an execution of the maker and the print
  that it was. `done` takes what is left of a resting order. `change` states the size an order has
  afterwards, and its price where it moved. `received` and `activate` change no book.
* `sequence` counts every message of a product: one that is missing stops the reading, or is a
  FeedGap until the next snapshot. A message without one is no message of the channel.
* Event time is the venue's `time`; without a receiver's clock it is the capture time too.

Errors: `InputError` with file, line, field, expected, got for everything that is not as above.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from tickproof.kernel.order_book import OrderBook
from tickproof.runtime.errors import InputError
from tickproof.runtime.readers.captures import (
    Decimals,
    integer_member,
    json_of,
    member,
    numbered_lines,
    text_member,
)
from tickproof.runtime.readers.decimals import Scale, scaled
from tickproof.runtime.readers.feed import file_hash, instrument_for
from tickproof.runtime.readers.orders import OrderColumns, OrderFeed
from tickproof.runtime.readers.tabular import time_ns
from tickproof.spec.events import INT64_MAX, EventKind, Side, TradeKind
from tickproof.spec.instrument import PRICE_LIMIT, QUANTITY_LIMIT, InstrumentKind

SIDES = {"buy": int(Side.BUY), "sell": int(Side.SELL)}
SILENT = ("received", "activate")
TYPES = ("open", "done", "match", "change", *SILENT)
SECOND_DECIMALS = 9

_ADD = int(EventKind.BOOK_ORDER_ADD)
_MODIFY = int(EventKind.BOOK_ORDER_MODIFY)
_CANCEL = int(EventKind.BOOK_ORDER_CANCEL)
_EXECUTE = int(EventKind.BOOK_ORDER_EXECUTE)

_STAMPED = re.compile(r"([0-9.]+)(?:: | )(.*)")


def read_coinbase(
    paths: Sequence[Path], symbol: str | None = None, on_gap: str = "stop"
) -> OrderFeed:
    """One product of the captures of one session, in order.

    `symbol`: which product; None takes that of the first message. `on_gap`: "stop" refuses lost
    messages, "resync" waits for the next snapshot. Raises `InputError`.
    """
    if on_gap not in ("stop", "resync"):
        raise InputError("", 0, "on_gap", "stop or resync", repr(on_gap))
    if not paths:
        raise InputError("", 0, "file", "at least one file", "none")
    dataset_hash = file_hash(paths)
    grid, name = Decimals(), symbol or ""
    for path in paths:
        for _, _, data in _messages(path):
            name = name or str(data.get("product_id", ""))
            if data.get("product_id", name) == name:
                for price, size in _numbers(data):
                    grid.see(price, size)
    reader = _Reader(grid, name, on_gap == "resync")
    for path in paths:
        for number, stamp_ns, data in _messages(path):
            try:
                reader.take(stamp_ns, data)
            except InputError as error:
                raise error.at(str(path), number) from error
    if not reader.began:
        raise InputError(str(paths[0]), 0, "snapshot", "a level-3 snapshot", "none")
    try:
        instrument, assets = instrument_for(
            name, int(InstrumentKind.SPOT), grid.price, grid.quantity
        )
    except InputError as error:
        raise error.at(str(paths[0]), 0) from error
    return reader.out.feed(instrument, assets, dataset_hash)


def _messages(path: Path) -> Iterator[tuple[int, int, dict[str, Any]]]:
    """(line, stamp in ns or -1, object) of every message."""
    for number, line in numbered_lines(path):
        try:
            match = _STAMPED.fullmatch(line)
            stamp_ns, body = -1, line
            if match is not None:
                stamp_ns = scaled(match[1], SECOND_DECIMALS, INT64_MAX, "local time")
                body = match[2]
            data = json_of(body)
            if not isinstance(data, dict):
                raise InputError("", 0, "message", "a JSON object", repr(body))
        except InputError as error:
            raise error.at(str(path), number) from error
        yield number, stamp_ns, data


def _numbers(data: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """Price and size texts of a message, whatever it is; the strict pass refuses what is wrong."""
    for field in ("bids", "asks"):
        levels = data.get(field)
        if isinstance(levels, list):
            for level in levels:
                if isinstance(level, list) and len(level) > 1:
                    yield str(level[0]), str(level[1])
    if data.get("type") in TYPES:
        for field in ("price", "new_price"):
            yield str(data.get(field, "")), ""
        for field in ("size", "remaining_size", "new_size"):
            yield "", str(data.get(field, ""))


class _Reader:
    """The strict pass: messages in, events out."""

    def __init__(self, grid: Decimals, symbol: str, resync: bool) -> None:
        self.out = OrderColumns()
        self.began = False
        self._symbol = symbol
        self._resync = resync
        self._price = Scale(grid.price, PRICE_LIMIT, "price")
        self._size = Scale(grid.quantity, QUANTITY_LIMIT, "size")
        self._book = OrderBook()
        self._references: dict[str, int] = {}
        self._message = -1
        self._last = -1
        self._buffer: list[tuple[int, int, int, dict[str, Any]]] = []
        self._lost = False
        self._time_ns = 0
        self._stamp_ns = 0

    def take(self, stamp_ns: int, data: dict[str, Any]) -> None:
        """Read one message."""
        self._message += 1
        venue_ns = time_ns(text_member(data, "time"), "ns") if "time" in data else self._time_ns
        self._stamp_ns = stamp_ns if stamp_ns >= 0 else venue_ns
        self._time_ns = venue_ns
        self.out.stamped(self._stamp_ns)
        if "bids" in data and "asks" in data:
            self._snapshot(data)
        elif data.get("type") not in TYPES or data.get("product_id") != self._symbol:
            self.out.count("ignored_messages")
        elif not self.began or self._lost:
            self._buffer.append((self._message, self._stamp_ns, venue_ns, data))
        else:
            self._in_order(data)

    def _in_order(self, data: dict[str, Any]) -> None:
        """A message of a known book: the next one, or messages are missing."""
        number = integer_member(data, "sequence")
        if number <= self._last:
            self.out.count("duplicate_diffs")
            return
        if number != self._last + 1:
            if not self._resync:
                raise InputError("", 0, "sequence", str(self._last + 1), str(number))
            self.out.count("sequence_gaps")
            self._emit(int(EventKind.FEED_GAP), (0, self._last + 1, number))
            self._lost = True
            self._buffer.append((self._message, self._stamp_ns, self._time_ns, data))
            return
        self._last = number
        self._act(data)

    def _snapshot(self, data: dict[str, Any]) -> None:
        number = integer_member(data, "sequence")
        if self.began and not self._lost:
            self.out.count("unused_snapshots")
            return
        self.out.count("snapshots")
        if self._lost:
            self._emit(int(EventKind.FEED_RESUMED), (0, number))
        self.began, self._lost, self._last = True, False, number
        self._emit(int(EventKind.BOOK_SNAPSHOT), (0, number))
        for field, side in (("bids", Side.BUY), ("asks", Side.SELL)):
            for level in member(data, field):
                if not isinstance(level, list) or len(level) != len(("price", "size", "id")):
                    raise InputError("", 0, field, "[price, size, order id]", repr(level))
                price, size = self._price[str(level[0])], self._size[str(level[1])]
                values = (0, self._reference(str(level[2])), int(side), price, size)
                self._emit(_ADD, values)
        waiting, self._buffer = self._buffer, []
        kept = (self._message, self._stamp_ns, self._time_ns)
        for self._message, self._stamp_ns, self._time_ns, message in waiting:
            if integer_member(message, "sequence") <= number:
                self.out.count("dropped_stale_diffs")
            elif self._lost:
                self._buffer.append((self._message, self._stamp_ns, self._time_ns, message))
            else:
                self._in_order(message)
        self._message, self._stamp_ns, self._time_ns = kept

    def _act(self, data: dict[str, Any]) -> None:
        """What a message of the channel does."""
        kind = data["type"]
        if kind in SILENT:
            return
        side = SIDES.get(text_member(data, "side"), 0)
        if not side:
            raise InputError("", 0, "side", " or ".join(SIDES), repr(data["side"]))
        if kind == "match":
            self._match(data, side)
            return
        reference = self._reference(text_member(data, "order_id"))
        resting, standing, size = self._book.resting(reference)
        if kind == "open":
            price = self._price[text_member(data, "price")]
            left = self._size[text_member(data, "remaining_size")]
            self._emit(_ADD, (0, reference, side, price, left))
        elif kind == "done" and size:
            # An order that never rested is done as well; it was in no queue.
            self._emit(_CANCEL, (0, reference, resting, standing, 0))
        elif kind == "change" and size:
            price = standing
            if "new_price" in data:
                price = self._price[text_member(data, "new_price")]
            left = self._size[text_member(data, "new_size")] if "new_size" in data else size
            self._emit(_MODIFY, (0, reference, resting, price, left))

    def _match(self, data: dict[str, Any], side: int) -> None:
        """The print, then the execution of the maker, on whose side the message says it is."""
        maker = self._reference(text_member(data, "maker_order_id"))
        taker = self._reference(text_member(data, "taker_order_id"))
        price, size = self._price[text_member(data, "price")], self._size[text_member(data, "size")]
        number = integer_member(data, "trade_id")
        values = (0, price, size, -side, int(TradeKind.CONTINUOUS), number)
        self.out.trade(self._time_ns, self._stamp_ns, self._message, values, taker)
        self._emit(_EXECUTE, (0, maker, side, price, size))

    def _reference(self, name: str) -> int:
        return self._references.setdefault(name, len(self._references) + 1)

    def _emit(self, kind: int, values: tuple[int, ...]) -> None:
        self._book.apply(kind, values, 0)
        self._book.commit()
        self.out.emit(kind, self._time_ns, self._stamp_ns, self._message, values)
