"""LOBSTER message and order book files (Nasdaq, order by order; the book row by row).

A message file has a row per message: seconds after midnight, type, order id, size, price in units
of 10**-4, direction of the resting order (1 buy, -1 sell). The order book file, if given, has the
visible levels after the same row: ask price, ask size, bid price, bid size, level by level. Names
of files tell symbol and date: `AAPL_2012-06-21_34200000_57600000_message_10.csv`.

What it decides:

* Type 1 is an add, 2 and 3 cancels of the size they state, 4 an execution and the print that it
  was: two events of one message. 5 is a print against a hidden order, which was in no queue, and
  6 a cross: prints of kinds that consume nothing. 7 halts and resumes trading.
* Orders that rested before the file began are unknown: their cancels and executions are survived
  and counted by the book. The true levels are those of the order book file, kept aside.
* Seconds count from midnight where the exchange is; `zone_offset_s` is added to make them UTC.
* Rows that are no numbers are a header in the first line and refused elsewhere.

Errors: `InputError` with file, line, field, expected, got for everything that is not as above.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from datetime import date
from math import gcd
from pathlib import Path

from attrs import frozen

from tickproof.runtime.errors import InputError
from tickproof.runtime.readers.captures import numbered_lines
from tickproof.runtime.readers.decimals import scaled
from tickproof.runtime.readers.feed import file_hash, instrument_for
from tickproof.runtime.readers.orders import OrderColumns, OrderFeed
from tickproof.spec.events import INT64_MAX, EventKind, Side, TradeKind
from tickproof.spec.instrument import (
    PRICE_LIMIT,
    QUANTITY_LIMIT,
    InstrumentKind,
    InstrumentState,
)

PRICE_DECIMALS = 4
SECOND_DECIMALS = 9
NO_LEVEL = 9_999_999_999
"""The price, with either sign, of a level that is not there."""

ADD, CANCEL, DELETE, EXECUTION, HIDDEN, CROSS, HALT = range(1, 8)
HALT_STATES = {
    "-1": InstrumentState.HALTED,
    "0": InstrumentState.AUCTION,
    "1": InstrumentState.CONTINUOUS,
}
"""What the price of a halt message says: halted, quoting again, trading again."""

MESSAGE_CELLS = 6
DAYS_TO_1970 = date(1970, 1, 1).toordinal()
DAY_SECONDS = 86_400

_NAME = re.compile(r"([A-Za-z.]+)_([0-9]{4})-([0-9]{2})-([0-9]{2})_[0-9]+_[0-9]+_message_.*")


@frozen
class LobsterRow:
    """One message; `price` in units of 10**-4, `time_ns` after midnight, `direction` a `Side`."""

    time_ns: int
    kind: int
    reference: int
    size: int
    price: int
    direction: int
    state: int = 0


def read_lobster(
    paths: Sequence[Path],
    symbol: str | None = None,
    day: date | None = None,
    *,
    zone_offset_s: int = 0,
) -> OrderFeed:
    """A message file, and the order book file of the same rows if there is one.

    `symbol`, `day`: over what the file's name says. Raises `InputError`.
    """
    messages, books = _files(paths)
    name, start_ns = _named(messages, symbol, day, zone_offset_s)
    dataset_hash = file_hash(paths)
    rows = [_row(messages, *line) for line in _cells(messages, MESSAGE_CELLS)]
    levels = _levels(books) if books is not None else []
    if books is not None and len(levels) != len(rows):
        expected = f"{len(rows)} rows, as many as messages"
        raise InputError(str(books), 0, "rows", expected, str(len(levels)))
    step = 0
    for each in rows:
        step = gcd(step, each.price)
    for flat in levels:
        step = gcd(step, *flat[1::3])
    decimals, unit = PRICE_DECIMALS, 1
    while decimals and step % (unit * 10) == 0:
        decimals, unit = decimals - 1, unit * 10
    out = OrderColumns()
    for sequence, each in enumerate(rows):
        _emit(out, each, sequence, start_ns + each.time_ns, unit)
        if books is not None:
            flat = levels[sequence]
            flat[1::3] = [price // unit for price in flat[1::3]]
            out.rows.append(len(out.columns), flat)
            out.count("tickers")
    instrument, assets = instrument_for(
        name, int(InstrumentKind.SPOT), decimals, 0, assets=(name, "USD")
    )
    return out.feed(instrument, assets, dataset_hash)


# --- files ---------------------------------------------------------------------------------------


def _files(paths: Sequence[Path]) -> tuple[Path, Path | None]:
    """The message file and the order book file."""
    books = [path for path in paths if "_orderbook_" in path.name]
    messages = [path for path in paths if path not in books]
    if len(messages) != 1 or len(books) > 1:
        expected = "one message file, and its order book file or none"
        raise InputError("", 0, "file", expected, ", ".join(map(str, paths)) or "none")
    return messages[0], books[0] if books else None


def _named(path: Path, symbol: str | None, day: date | None, zone_offset_s: int) -> tuple[str, int]:
    """(symbol, midnight in ns since 1970), from the file's name where not given."""
    match = _NAME.fullmatch(path.name)
    if day is None and match is not None:
        try:
            day = date(int(match[2]), int(match[3]), int(match[4]))
        except ValueError as error:
            raise InputError(str(path), 0, "date", "a date", path.name) from error
    if symbol is None and match is not None:
        symbol = match[1]
    if symbol is None or day is None:
        expected = "SYMBOL_DATE_START_END_message_LEVELS.csv, or a symbol and a day"
        raise InputError(str(path), 0, "file", expected, path.name)
    seconds = (day.toordinal() - DAYS_TO_1970) * DAY_SECONDS + zone_offset_s
    return symbol, seconds * 10**SECOND_DECIMALS


def _cells(path: Path, width: int) -> Iterator[tuple[int, list[str]]]:
    """Numbered rows of at least `width` cells; a header is passed over."""
    for number, line in numbered_lines(path):
        cells = line.split(",")
        if number == 1 and cells[0].strip()[:1].isalpha():
            continue
        if len(cells) < width:
            got = f"{len(cells)} values"
            raise InputError(str(path), number, "row", f"{width} values", got)
        yield number, cells


def _row(path: Path, number: int, cells: list[str]) -> LobsterRow:
    """One message."""
    try:
        time_ns = scaled(cells[0], SECOND_DECIMALS, INT64_MAX, "time")
        kind = scaled(cells[1], 0, HALT, "type")
        reference = scaled(cells[2], 0, INT64_MAX, "order id")
        if kind == HALT:
            if cells[4] not in HALT_STATES:
                raise InputError("", 0, "price", "-1, 0 or 1 in a halt", repr(cells[4]))
            return LobsterRow(time_ns, kind, reference, 0, 0, 0, HALT_STATES[cells[4]])
        if kind < ADD:
            raise InputError("", 0, "type", "1 to 7", repr(cells[1]))
        size = scaled(cells[3], 0, QUANTITY_LIMIT, "size")
        price = scaled(cells[4], 0, PRICE_LIMIT, "price")
        if cells[5] not in ("1", "-1"):
            raise InputError("", 0, "direction", "1 or -1", repr(cells[5]))
        return LobsterRow(time_ns, kind, reference, size, price, int(cells[5]))
    except InputError as error:
        raise error.at(str(path), number) from error


def _levels(path: Path) -> list[list[int]]:
    """Per row flat (side, price, size) triples, bids first; levels that are not there left out."""
    found = []
    for number, cells in _cells(path, 4):
        if len(cells) % 4:
            got = f"{len(cells)} values"
            raise InputError(str(path), number, "row", "four values a level", got)
        bids: list[int] = []
        asks: list[int] = []
        try:
            for index in range(0, len(cells), 2):
                price = scaled(cells[index].removeprefix("-"), 0, PRICE_LIMIT, "price")
                if price == NO_LEVEL:
                    continue
                size = scaled(cells[index + 1], 0, QUANTITY_LIMIT, "size")
                if index % 4:
                    bids += (int(Side.BUY), price, size)
                else:
                    asks += (int(Side.SELL), price, size)
        except InputError as error:
            raise error.at(str(path), number) from error
        found.append(bids + asks)
    return found


# --- events --------------------------------------------------------------------------------------


def _emit(out: OrderColumns, row: LobsterRow, sequence: int, stamp_ns: int, unit: int) -> None:
    """The events of one message."""
    out.stamped(stamp_ns)
    price = row.price // unit
    values = (0, row.reference, row.direction, price, row.size)
    if row.kind == HALT:
        kind = int(EventKind.INSTRUMENT_STATUS)
        out.emit(kind, stamp_ns, stamp_ns, sequence, (0, row.state))
    elif row.kind in (EXECUTION, HIDDEN, CROSS):
        trade_kind = {EXECUTION: TradeKind.CONTINUOUS, CROSS: TradeKind.AUCTION}.get(
            row.kind, TradeKind.BLOCK
        )
        number = out.counts.get("trades", 0) + 1
        taker = 0 if row.kind == CROSS else -row.direction
        trade = (0, price, row.size, taker, int(trade_kind), number)
        out.trade(stamp_ns, stamp_ns, sequence, trade)
        if row.kind == EXECUTION:
            kind = int(EventKind.BOOK_ORDER_EXECUTE)
            out.emit(kind, stamp_ns, stamp_ns, sequence, values)
    else:
        kind = int(EventKind.BOOK_ORDER_ADD if row.kind == ADD else EventKind.BOOK_ORDER_CANCEL)
        out.emit(kind, stamp_ns, stamp_ns, sequence, values)
