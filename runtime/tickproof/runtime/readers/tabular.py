"""Own data: trades, bars and level books from CSV, Parquet or NumPy with a column map.

What it decides: how a row becomes an event. A column map names, for each field read here, the
column that holds it; everything else about the data is declared in a `Layout`, nothing guessed:

* trades: `time`, `price`, `size`; optional `side` or `buyer_maker`, `trade_id`, `kind`.
* bars: `time` (of the close), `open`, `high`, `low`, `close`; optional `volume`, `interval`.
* book: `time`, `side`, `price`, `size` of a level; optional `message`, `snapshot`, `kind`.
  A message is a run of rows with one `message` value, or with one time, and is one event.
  Where `kind` says "trade" the row is a print, where it says "delete" the level is gone. Without
  a `snapshot` column the first message is the whole book.

Numbers are mapped exactly: texts by their digits, integers as whole numbers, floats by the
shortest text that means them, each on the grid or refused. With `units=True` integers are
already price units and lots. The grid is the declared one, else the coarsest that fits.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import date, time
from decimal import Decimal
from enum import IntEnum
from itertools import pairwise
from pathlib import Path
from typing import Any

from attrs import evolve, frozen

from tickproof.runtime.errors import InputError
from tickproof.runtime.readers.decimals import Scale, decimals_needed, plain, scaled
from tickproof.runtime.readers.feed import (
    Feed,
    FeedCounts,
    TickerColumns,
    file_hash,
    instrument_for,
    relocate,
    rows_hash,
)
from tickproof.runtime.readers.tables import Table, chained, open_table
from tickproof.spec.events import INT64_MAX, EventKind, Side, TradeKind
from tickproof.spec.instrument import PRICE_LIMIT, QUANTITY_LIMIT, InstrumentKind
from tickproof.spec.stream import EventColumns

FIELDS: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "trades": (("time", "price", "size"), ("side", "buyer_maker", "trade_id", "kind")),
    "bars": (("time", "open", "high", "low", "close"), ("volume", "interval")),
    "book": (("time", "side", "price", "size"), ("message", "snapshot", "kind")),
}
"""Required and optional fields of each layout."""

PRICE_FIELDS = ("price", "open", "high", "low", "close")
SIZE_FIELDS = ("size", "volume")

TIME_DECIMALS = {"s": 9, "ms": 6, "us": 3, "ns": 0}
"""Decimals of a time in each unit that make nanoseconds."""

SIDES = {
    **dict.fromkeys(("buy", "b", "bid", "1", "+1"), Side.BUY),
    **dict.fromkeys(("sell", "s", "ask", "a", "-1"), Side.SELL),
    **dict.fromkeys(("", "none", "n", "0"), Side.NONE),
}
FLAGS = {
    **dict.fromkeys(("true", "t", "1", "yes"), True),
    **dict.fromkeys(("false", "f", "0", "no", ""), False),
}
TRADE_KINDS = {
    **{kind.name.lower(): kind for kind in TradeKind},
    **{str(int(kind)): kind for kind in TradeKind},
}


class RowKind(IntEnum):
    """What a row of a level book says."""

    SET = 0
    TRADE = 1
    DELETE = 2
    ADD = 3


ROW_KINDS = {
    **{kind.name.lower(): kind for kind in RowKind},
    **{str(int(kind)): kind for kind in RowKind},
}

DAYS_TO_1970 = date(1970, 1, 1).toordinal()

_DATE = re.compile(
    r"(\d{4})-(\d\d)-(\d\d)(?:[T ](\d\d):(\d\d):(\d\d)(?:\.(\d{1,9}))?)?"
    r"(?:Z|([+-])(\d\d):?(\d\d))?",
    re.ASCII,
)


@frozen
class Layout:
    """How a table is to be read.

    `rows`: "trades", "bars" or "book". `columns`: field -> column name (for a CSV without a
    header, its number from 0). `symbol`, `kind`, `assets`: as in `instrument_for`. `time_unit`:
    s, ms, us or ns, for times that are numbers. `units`: integers are price units and lots.
    `price_decimals`, `quantity_decimals`: the grid, None for the coarsest that fits.
    `bar_interval_ns`: 0 takes the shortest step between bars. `volume_down`: the volume of a bar,
    a sum that sources often carry with float noise, is cut to the lot instead of refused.
    """

    rows: str
    columns: Mapping[str, str]
    symbol: str
    kind: int = InstrumentKind.SPOT
    assets: tuple[str, str] | None = None
    time_unit: str = "ns"
    units: bool = False
    price_decimals: int | None = None
    quantity_decimals: int | None = None
    bar_interval_ns: int = 0
    volume_down: bool = False
    delimiter: str = ","


def read_table(
    paths: Sequence[Path], layout: Layout, instrument_id: int = 0, source: int = 0
) -> Feed:
    """The files, in order, as one `Feed`.

    Raises `InputError` with file, line (row for binary formats), field, expected and got;
    `MissingExtra` when a format needs a package that is not installed.
    """
    if not paths:
        raise InputError("", 0, "file", "at least one file", "none")
    _check_layout(layout)
    tables = [(path, open_table(path, layout.delimiter)) for path in paths]
    for path, table in tables:
        _check_columns(path, table, layout)
    price_decimals, quantity_decimals = _grid(tables, layout)
    reader = _READERS[layout.rows](layout, price_decimals, quantity_decimals)
    fields = tuple(layout.columns)
    names = [str(layout.columns[field]) for field in fields]
    if str(layout.columns["time"]) in tables[0][1].time_names:
        reader.time_unit = "ns"
    for path, line, values in chained(tables, names):
        try:
            reader.take(dict(zip(fields, values, strict=True)))
        except InputError as error:
            raise error.at(str(path), line) from error
    reader.finish()
    if not len(reader.columns):
        raise InputError(str(paths[0]), 0, "file", "a table with rows", "none")
    instrument, assets = instrument_for(
        layout.symbol,
        layout.kind,
        price_decimals,
        quantity_decimals,
        assets=layout.assets,
    )
    columns = reader.columns
    rows = rows_hash(instrument, columns)
    if instrument_id or source:
        instrument = evolve(instrument, id=instrument_id)
        columns = relocate(columns, instrument_id, source)
    counts = FeedCounts(**reader.counts)
    return Feed(instrument, assets, columns, TickerColumns(), counts, file_hash(paths), rows)


# --- what is declared ----------------------------------------------------------------------------


def _check_layout(layout: Layout) -> None:
    """Refuse a layout that names unknown rows, fields or units."""
    if layout.rows not in FIELDS:
        raise InputError("", 0, "rows", " or ".join(FIELDS), repr(layout.rows))
    if layout.time_unit not in TIME_DECIMALS:
        raise InputError("", 0, "time_unit", " or ".join(TIME_DECIMALS), repr(layout.time_unit))
    required, optional = FIELDS[layout.rows]
    for field in required:
        if field not in layout.columns:
            raise InputError("", 0, "columns", f"a column for {field}", "none")
    for field in layout.columns:
        if field not in (*required, *optional):
            expected = f"fields of {layout.rows}: {', '.join((*required, *optional))}"
            raise InputError("", 0, "columns", expected, repr(field))


def _check_columns(path: Path, table: Table, layout: Layout) -> None:
    """Refuse a file that lacks a mapped column."""
    for field, column in layout.columns.items():
        if str(column) not in table.names:
            expected = f"column {column!r} for {field}"
            raise InputError(str(path), 0, "columns", expected, ", ".join(table.names))


def _grid(tables: Sequence[tuple[Path, Table]], layout: Layout) -> tuple[int, int]:
    """(price decimals, quantity decimals): as declared, else as few as every number needs."""
    if layout.units:
        return layout.price_decimals or 0, layout.quantity_decimals or 0
    return (
        _decimals(tables, layout, PRICE_FIELDS, layout.price_decimals),
        _decimals(tables, layout, SIZE_FIELDS, layout.quantity_decimals),
    )


def _decimals(
    tables: Sequence[tuple[Path, Table]],
    layout: Layout,
    fields: Sequence[str],
    declared: int | None,
) -> int:
    if declared is not None:
        return declared
    names = [str(layout.columns[field]) for field in fields if field in layout.columns]
    most = 0
    for path, line, values in chained(tables, names):
        for value in values:
            try:
                most = max(most, decimals_needed(text_of(value)))
            except InputError as error:
                raise error.at(str(path), line) from error
    return most


# --- values --------------------------------------------------------------------------------------


def text_of(value: Any) -> str:
    """The plain decimal text a stored value means; raises `InputError` for what is no value."""
    if isinstance(value, str):
        return value.strip()
    if isinstance(value, bool) or value is None:
        raise InputError("", 0, "value", "a number", repr(value))
    if isinstance(value, int):
        return str(value)
    if isinstance(value, float):
        return plain(value)
    if isinstance(value, Decimal) and value.is_finite():
        return format(value, "f")
    if isinstance(value, bytes):
        return value.decode("utf-8", "replace").strip()
    raise InputError("", 0, "value", "a number", repr(value))


def _word(value: Any, words: Mapping[str, Any], field: str) -> Any:
    """The meaning of a word, a small integer or a flag."""
    if isinstance(value, bytes):
        value = value.decode("utf-8", "replace")
    key = str(value).strip().lower() if value is not None else ""
    if key not in words:
        known = " or ".join(word for word in words if word)
        raise InputError("", 0, field, known, repr(value))
    return words[key]


def time_ns(value: Any, unit: str) -> int:
    """A time in nanoseconds since 1970: a number of `unit`, or a date (UTC unless it says)."""
    text = text_of(value)
    match = None if text.isdigit() else _DATE.fullmatch(text)
    if match is None:
        return scaled(text, TIME_DECIMALS[unit], INT64_MAX, "time")
    year, month, day, hour, minute, second, fraction, sign, *zone = match.groups()
    try:
        days = date(int(year), int(month), int(day)).toordinal() - DAYS_TO_1970
        clock = time(int(hour or 0), int(minute or 0), int(second or 0))
    except ValueError as error:
        raise InputError("", 0, "time", "a date and time", repr(text)) from error
    offset = int(zone[0] or 0) * 3_600 + int(zone[1] or 0) * 60
    seconds = days * 86_400 + clock.hour * 3_600 + clock.minute * 60 + clock.second
    seconds -= -offset if sign == "-" else offset
    stamp = seconds * 1_000_000_000 + int((fraction or "").ljust(9, "0"))
    if not 0 <= stamp <= INT64_MAX:
        raise InputError("", 0, "time", "a time from 1970 to 2262", repr(text))
    return stamp


# --- rows to events ------------------------------------------------------------------------------


class _Rows:
    """What the readers of all layouts share: the grid, the clock and the counts."""

    def __init__(self, layout: Layout, price_decimals: int, quantity_decimals: int) -> None:
        self.columns = EventColumns()
        self.time_unit = layout.time_unit
        self.counts: dict[str, int] = {"messages": 0, "backwards_stamps": 0}
        self._layout = layout
        self._price = Scale(0 if layout.units else price_decimals, PRICE_LIMIT, "price")
        self._size = Scale(0 if layout.units else quantity_decimals, QUANTITY_LIMIT, "size")
        self._latest_ns = -1

    def take(self, row: dict[str, Any]) -> None:
        """Read one row; raises `InputError` without a place."""
        raise NotImplementedError

    def finish(self) -> None:
        """After the last row."""

    def _time(self, row: dict[str, Any]) -> int:
        return time_ns(row["time"], self.time_unit)

    def _units(self, scale: Scale, value: Any, field: str) -> int:
        try:
            return scale[text_of(value)]
        except InputError as error:
            raise InputError("", 0, field, error.expected, error.got) from error

    def _positive(self, scale: Scale, value: Any, field: str) -> int:
        units = self._units(scale, value, field)
        if units == 0:
            raise InputError("", 0, field, "above 0", repr(value))
        return units

    def _emit(self, kind: int, stamp_ns: int, values: Sequence[int]) -> None:
        if stamp_ns < self._latest_ns:
            self.counts["backwards_stamps"] += 1
        else:
            self._latest_ns = stamp_ns
        sequence = self.counts["messages"]
        self.counts["messages"] = sequence + 1
        self.columns.append_raw(kind, stamp_ns, stamp_ns, 0, sequence, 0, values)

    def _count(self, name: str, more: int = 1) -> None:
        self.counts[name] = self.counts.get(name, 0) + more

    def _trade(self, row: dict[str, Any], side: int, kind: int) -> None:
        self._count("trades")
        price = self._positive(self._price, row["price"], "price")
        size = self._positive(self._size, row["size"], "size")
        trade_id = self.counts["trades"]
        if "trade_id" in row:
            trade_id = scaled(text_of(row["trade_id"]), 0, INT64_MAX, "trade_id")
        stamp_ns = self._time(row)
        self._emit(EventKind.TRADE, stamp_ns, (0, price, size, side, kind, trade_id))


class _Trades(_Rows):
    """One row, one print."""

    def take(self, row: dict[str, Any]) -> None:
        side = Side.NONE
        if "side" in row:
            side = _word(row["side"], SIDES, "side")
        elif "buyer_maker" in row:
            side = Side.SELL if _word(row["buyer_maker"], FLAGS, "buyer_maker") else Side.BUY
        kind = TradeKind.CONTINUOUS
        if "kind" in row:
            kind = _word(row["kind"], TRADE_KINDS, "kind")
        self._trade(row, side, kind)


class _Bars(_Rows):
    """One row, one closed bar."""

    def take(self, row: dict[str, Any]) -> None:
        opened, high, low, close = (
            self._positive(self._price, row[field], field)
            for field in ("open", "high", "low", "close")
        )
        if high < max(opened, close, low):
            raise InputError("", 0, "high", "the greatest of the bar", repr(row["high"]))
        if low > min(opened, close):
            raise InputError("", 0, "low", "the least of the bar", repr(row["low"]))
        interval_ns = self._layout.bar_interval_ns
        if "interval" in row:
            text = text_of(row["interval"])
            interval_ns = scaled(text, TIME_DECIMALS[self.time_unit], INT64_MAX, "interval")
        volume = self._volume(row["volume"]) if "volume" in row else 0
        self._count("bars")
        values = (0, opened, high, low, close, volume, interval_ns)
        self._emit(EventKind.BAR, self._time(row), values)

    def _volume(self, value: Any) -> int:
        text = text_of(value)
        if self._layout.volume_down:
            whole, _, fraction = text.partition(".")
            text = f"{whole}.{fraction[: self._size.decimals]}".removesuffix(".")
        return self._units(self._size, text, "volume")

    def finish(self) -> None:
        """Where no interval is declared it is the shortest step between bars."""
        if self._layout.bar_interval_ns or "interval" in self._layout.columns:
            return
        times, payload = self.columns.event_time_ns, self.columns.payload
        steps = [later - earlier for earlier, later in pairwise(times) if later > earlier]
        shortest = min(steps, default=0)
        for end in self.columns.offset[1:]:
            payload[end - 1] = shortest


class _Book(_Rows):
    """Runs of rows are messages: levels of a snapshot, changed levels, or a print by itself."""

    def __init__(self, layout: Layout, price_decimals: int, quantity_decimals: int) -> None:
        super().__init__(layout, price_decimals, quantity_decimals)
        self._key: tuple[Any, bool] | None = None
        self._levels: list[int] = []
        self._stamp_ns = 0
        self._update_id = 0
        self._was_snapshot = False
        self._begins_book = False

    def take(self, row: dict[str, Any]) -> None:
        kind = _word(row["kind"], ROW_KINDS, "kind") if "kind" in row else RowKind.SET
        side = _word(row["side"], SIDES, "side")
        if kind == RowKind.TRADE:
            self.finish()
            self._trade(row, side, TradeKind.CONTINUOUS)
            return
        if side == Side.NONE:
            raise InputError("", 0, "side", "bid or ask", repr(row["side"]))
        price = self._positive(self._price, row["price"], "price")
        size = 0
        if kind != RowKind.DELETE:
            size = self._units(self._size, row["size"], "size")
        whole = _word(row["snapshot"], FLAGS, "snapshot") if "snapshot" in row else False
        key = (row["message"] if "message" in row else row["time"], whole)
        if key != self._key:
            self.finish()
            self._begin(row, key)
        if self._begins_book and size == 0:
            raise InputError("", 0, "size", "above 0 in a snapshot", repr(row["size"]))
        self._levels += (side, price, size)

    def _begin(self, row: dict[str, Any], key: tuple[Any, bool]) -> None:
        """A new message: the whole book, or changes to it."""
        self._key = key
        self._stamp_ns = self._time(row)
        self._update_id += 1
        first = self._update_id == 1
        if "snapshot" in row:
            self._begins_book = key[1] and not self._was_snapshot
            self._was_snapshot = key[1]
            if first and not key[1]:
                raise InputError("", 0, "snapshot", "true in the first message", "false")
        else:
            self._begins_book = first

    def finish(self) -> None:
        """The message is over: it is one event."""
        if self._key is None:
            return
        ids = (0, self._update_id)
        if self._begins_book:
            self._count("snapshots")
            self._emit(EventKind.BOOK_SNAPSHOT, self._stamp_ns, (*ids, *self._levels))
        else:
            self._count("diffs")
            self._count("level_changes", len(self._levels) // 3)
            values = (*ids, self._update_id, *self._levels)
            self._emit(EventKind.BOOK_DELTA, self._stamp_ns, values)
        self._key = None
        self._levels = []


_READERS: dict[str, type[_Rows]] = {"trades": _Trades, "bars": _Bars, "book": _Book}
