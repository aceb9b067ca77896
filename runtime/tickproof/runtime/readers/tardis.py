"""Tardis CSV files: trades, quotes, book snapshots and incremental books, plain or gzip.

Which of the four a file is, its header says. Times are in microseconds; rows are in the order of
`local_timestamp`, which is the capture time. `exchange` and `symbol` name the instrument.

What it decides:

* Rows of one `local_timestamp` in an incremental book are one message and one event. Where
  `is_snapshot` becomes true the book begins anew; a snapshot in several messages goes on.
* A row of `book_snapshot_N` is a snapshot of N levels; levels without a price are not there.
* A row of quotes is a TopOfBook; a side without a price is empty.
* Ids of trades that are no numbers are counted instead: 1, 2, 3.
* Exchanges whose plain name is a spot market are spot, all others linear; `kind` says otherwise.

Errors: `InputError` with file, line, field, expected, got for everything that is not as above.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from tickproof.runtime.errors import InputError
from tickproof.runtime.readers.captures import Decimals, numbered_lines
from tickproof.runtime.readers.decimals import Scale, scaled
from tickproof.runtime.readers.feed import (
    Feed,
    FeedCounts,
    TickerColumns,
    file_hash,
    instrument_for,
    rows_hash,
)
from tickproof.spec.events import INT64_MAX, EventKind, Side, TradeKind
from tickproof.spec.instrument import PRICE_LIMIT, QUANTITY_LIMIT, InstrumentKind
from tickproof.spec.stream import EventColumns

MICROSECOND_DECIMALS = 3
SIDES = {"buy": int(Side.BUY), "sell": int(Side.SELL), "unknown": int(Side.NONE)}
BOOK_SIDES = {"bid": int(Side.BUY), "ask": int(Side.SELL)}
FLAGS = {"true": 1, "false": 0}
SPOT_EXCHANGES = ("binance", "bitstamp", "bybit-spot", "coinbase", "gemini", "kraken", "okex")
COMMON = ("exchange", "symbol", "timestamp", "local_timestamp")

_LEVEL = re.compile(r"(asks|bids)\[([0-9]+)\]\.(price|amount)")

Row = Mapping[str, str]


def read_tardis(
    paths: Sequence[Path],
    symbol: str | None = None,
    *,
    kind: int | None = None,
    assets: tuple[str, str] | None = None,
) -> Feed:
    """Files of one instrument and one sort, in order.

    `symbol`: refused when the files say otherwise. `kind`: an `InstrumentKind`. `assets`: base
    and quote where the symbol does not tell. Raises `InputError`.
    """
    if not paths:
        raise InputError("", 0, "file", "at least one file", "none")
    dataset_hash = file_hash(paths)
    grid, exchange, name = _survey(paths, symbol)
    reader = _Reader(grid)
    for path in paths:
        for number, row in _rows(path):
            try:
                reader.take(row)
            except InputError as error:
                raise error.at(str(path), number) from error
    reader.finish()
    if kind is None:
        spot = exchange in SPOT_EXCHANGES
        kind = int(InstrumentKind.SPOT if spot else InstrumentKind.LINEAR)
    instrument, named = instrument_for(name, kind, grid.price, grid.quantity, assets=assets)
    rows = rows_hash(instrument, reader.columns)
    counts = FeedCounts(**reader.counts)
    return Feed(instrument, named, reader.columns, TickerColumns(), counts, dataset_hash, rows)


def _survey(paths: Sequence[Path], symbol: str | None) -> tuple[Decimals, str, str]:
    """(grid, exchange, symbol) of files that are all of one instrument."""
    grid, exchange, name = Decimals(), "", symbol or ""
    for path in paths:
        for number, row in _rows(path):
            exchange, name = exchange or row["exchange"], name or row["symbol"]
            if (row["exchange"], row["symbol"]) != (exchange, name):
                got = f"{row['exchange']} {row['symbol']}"
                raise InputError(str(path), number, "symbol", f"{exchange} {name}", got)
            for column, text in row.items():
                if column.endswith("price"):
                    grid.see(text, "")
                elif column.endswith("amount"):
                    grid.see("", text)
    if not exchange:
        raise InputError(str(paths[0]), 0, "file", "rows", "a header alone")
    return grid, exchange, name


def _rows(path: Path) -> Iterator[tuple[int, Row]]:
    """Numbered rows by column; the first line is the header."""
    names: list[str] = []
    for number, line in numbered_lines(path):
        cells = line.split(",")
        if not names:
            names = cells
            missing = [name for name in COMMON if name not in names]
            if missing:
                expected = "a Tardis header with " + ", ".join(missing)
                raise InputError(str(path), number, "header", expected, repr(line))
            continue
        if len(cells) != len(names):
            got = f"{len(cells)} values"
            raise InputError(str(path), number, "row", f"{len(names)} values", got)
        yield number, dict(zip(names, cells, strict=True))


class _Reader:
    """Rows in, events out."""

    def __init__(self, grid: Decimals) -> None:
        self.columns = EventColumns()
        self.counts: dict[str, int] = {}
        self._price = Scale(grid.price, PRICE_LIMIT, "price")
        self._size = Scale(grid.quantity, QUANTITY_LIMIT, "amount")
        self._latest_ns = -1
        self._key: tuple[int, bool] | None = None
        self._time_ns = 0
        self._levels: list[int] = []
        self._begins = False
        self._was_snapshot = False
        self._update_id = 0
        self._order: list[tuple[int, str, str]] = []

    def take(self, row: Row) -> None:
        """Read one row."""
        time_ns, stamp_ns = self._time(row, "timestamp"), self._time(row, "local_timestamp")
        if "is_snapshot" in row:
            self._level(row, time_ns, stamp_ns)
        elif "id" in row:
            self._trade(row, time_ns, stamp_ns)
        elif "ask_amount" in row:
            self._count("tickers")
            self._emit(EventKind.TOP_OF_BOOK, time_ns, stamp_ns, (0, *self._top(row)))
        elif "asks[0].price" in row:
            self._count("snapshots")
            self._update_id += 1
            values = (0, self._update_id, *self._snapshot(row))
            self._emit(EventKind.BOOK_SNAPSHOT, time_ns, stamp_ns, values)
        else:
            expected = "trades, quotes, book_snapshot or incremental_book_L2"
            raise InputError("", 0, "header", expected, ",".join(row))

    def finish(self) -> None:
        """The message is over: it is one event."""
        if self._key is None:
            return
        stamp_ns, _ = self._key
        self._key = None
        self._update_id += 1
        if self._begins:
            self._count("snapshots")
            values: Sequence[int] = (0, self._update_id, *self._levels)
            self._emit(EventKind.BOOK_SNAPSHOT, self._time_ns, stamp_ns, values)
        else:
            self._count("diffs")
            self._count("level_changes", len(self._levels) // 3)
            values = (0, self._update_id, self._update_id, *self._levels)
            self._emit(EventKind.BOOK_DELTA, self._time_ns, stamp_ns, values)
        self._levels = []

    # --- rows

    def _level(self, row: Row, time_ns: int, stamp_ns: int) -> None:
        whole = bool(_word(row, "is_snapshot", FLAGS))
        if (stamp_ns, whole) != self._key:
            self.finish()
            self._key = (stamp_ns, whole)
            self._begins = whole and not self._was_snapshot
            self._was_snapshot = whole
            if not self._update_id and not whole:
                raise InputError("", 0, "is_snapshot", "true in the first message", "false")
        side = _word(row, "side", BOOK_SIDES)
        size = self._size[row["amount"]]
        self._time_ns = time_ns
        # A snapshot states what there is; a level of nothing is not there.
        if size or not self._begins:
            self._levels += (side, self._price[row["price"]], size)

    def _trade(self, row: Row, time_ns: int, stamp_ns: int) -> None:
        self._count("trades")
        number = self.counts["trades"]
        if row["id"].isdigit():
            number = scaled(row["id"], 0, INT64_MAX, "id")
        side = _word(row, "side", SIDES)
        price, size = self._price[row["price"]], self._size[row["amount"]]
        values = (0, price, size, side, int(TradeKind.CONTINUOUS), number)
        self._emit(EventKind.TRADE, time_ns, stamp_ns, values)

    def _top(self, row: Row) -> tuple[int, int, int, int]:
        """Best bid price and size, best ask price and size; 0 where a side is empty."""
        found = []
        for side in ("bid", "ask"):
            price, amount = row[f"{side}_price"], row[f"{side}_amount"]
            found += [self._price[price], self._size[amount]] if price else [0, 0]
        return (found[0], found[1], found[2], found[3])

    def _snapshot(self, row: Row) -> list[int]:
        """Flat triples of every level with a price, in the order of the columns."""
        if not self._order:
            for column in row:
                match = _LEVEL.fullmatch(column)
                if match is not None and match[3] == "price":
                    side = int(Side.SELL if match[1] == "asks" else Side.BUY)
                    amount = column.removesuffix("price") + "amount"
                    self._order.append((side, column, amount))
        levels: list[int] = []
        for side, price, amount in self._order:
            if row[price]:
                levels += (side, self._price[row[price]], self._size[row.get(amount, "")])
        return levels

    # --- values

    def _time(self, row: Row, field: str) -> int:
        return scaled(row[field], MICROSECOND_DECIMALS, INT64_MAX, field)

    def _count(self, name: str, more: int = 1) -> None:
        self.counts[name] = self.counts.get(name, 0) + more

    def _emit(self, kind: int, time_ns: int, stamp_ns: int, values: Sequence[int]) -> None:
        if stamp_ns < self._latest_ns:
            self._count("backwards_stamps")
        else:
            self._latest_ns = stamp_ns
        sequence = self.counts.get("messages", 0)
        self._count("messages")
        self.columns.append_raw(kind, time_ns, stamp_ns, 0, sequence, 0, values)


def _word(row: Row, field: str, words: Mapping[str, int]) -> int:
    """The meaning of a word."""
    if row[field] not in words:
        raise InputError("", 0, field, " or ".join(words), repr(row[field]))
    return words[row[field]]
