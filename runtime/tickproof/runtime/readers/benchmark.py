"""The record layouts of benchmark feeds, straight from NumPy arrays into columns.

Three structured arrays are known by their field names: prints (`ts px qty side`), level changes
with prints among them (`ts kind side px qty`; kind 0 set, 1 trade, 2 delete, 3 add) and bars
(`ts o h l c v`). Prices are price units, quantities lots. Each row is a message and so an event;
the first level row is the snapshot that begins the book. Done in whole columns, because a
benchmark should time the engine and not its reader. Needs the extra `run`.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from tickproof.runtime.errors import InputError
from tickproof.runtime.readers.feed import (
    Feed,
    FeedCounts,
    TickerColumns,
    file_hash,
    instrument_for,
    rows_hash,
)
from tickproof.runtime.readers.tables import NumpyTable, optional_module
from tickproof.spec.events import EventKind, TradeKind
from tickproof.spec.instrument import (
    PRICE_LIMIT,
    QUANTITY_LIMIT,
    Asset,
    Instrument,
    InstrumentKind,
)
from tickproof.spec.stream import EventColumns

SYMBOL = "BENCH-USD"
PRICE_DECIMALS = 2
QUANTITY_DECIMALS = 0

TRADE_FIELDS = ("ts", "px", "qty", "side")
BOOK_FIELDS = ("ts", "kind", "side", "px", "qty")
BAR_FIELDS = ("ts", "o", "h", "l", "c", "v")

KNOWN_FIELDS = " or ".join("/".join(names) for names in (TRADE_FIELDS, BOOK_FIELDS, BAR_FIELDS))

BATCH_ROWS = 65_536
"""Rows read at once where a run reads as it goes."""

ROW_TRADE = 1
ROW_DELETE = 2
ROW_KIND_MAX = 3


def read_benchmark(path: Path) -> Feed:
    """The `.npy` file as a `Feed`; raises `InputError` for another layout or a bad row."""
    numpy = optional_module("numpy", "reading NumPy files")
    if not path.is_file():
        raise InputError(str(path), 0, "file", "an existing file", "no such file")
    table = NumpyTable(path)
    rows = table.array
    if table.names == TRADE_FIELDS:
        columns, counts = _trades(numpy, path, rows)
    elif table.names == BOOK_FIELDS:
        columns, counts = _book(numpy, path, rows)
    elif table.names == BAR_FIELDS:
        columns, counts = _bars(numpy, path, rows)
    else:
        raise InputError(str(path), 0, "columns", KNOWN_FIELDS, "/".join(table.names))
    instrument, assets = benchmark_instrument()
    name = rows_hash(instrument, columns)
    return Feed(instrument, assets, columns, TickerColumns(), counts, file_hash([path]), name)


def benchmark_instrument() -> tuple[Instrument, tuple[Asset, ...]]:
    """The instrument every benchmark record is about, and its assets."""
    return instrument_for(SYMBOL, InstrumentKind.LINEAR, PRICE_DECIMALS, QUANTITY_DECIMALS)


def benchmark_batches(path: Path, length: int = BATCH_ROWS) -> Iterator[EventColumns]:
    """The events of `read_benchmark`, `length` rows at a time from the mapped file.

    Memory is bounded by a batch. Raises `InputError` as `read_benchmark` does, for a bad row when
    its batch is reached.
    """
    numpy = optional_module("numpy", "reading NumPy files")
    if not path.is_file():
        raise InputError(str(path), 0, "file", "an existing file", "no such file")
    rows = numpy.load(path, mmap_mode="r")
    names = rows.dtype.names or ()
    if names not in (TRADE_FIELDS, BOOK_FIELDS, BAR_FIELDS):
        raise InputError(str(path), 0, "columns", KNOWN_FIELDS, "/".join(names))
    trades, begun = 0, False
    interval_ns = bar_interval_ns(numpy, rows["ts"]) if names == BAR_FIELDS else 0
    for first in range(0, len(rows), length):
        part = rows[first : first + length]
        if names == TRADE_FIELDS:
            yield _trades(numpy, path, part, first)[0]
            continue
        if names == BAR_FIELDS:
            yield _bars(numpy, path, part, first, interval_ns)[0]
            continue
        columns, counts = _book(numpy, path, part, first, trades, begun)
        trades += counts.trades
        begun = begun or counts.snapshots > 0
        yield columns


def _columns(
    numpy: Any, kinds: Any, times: Any, payload: Any, first: int = 0, short: int = -1
) -> EventColumns:
    """Events of equal payload width, one a row of `payload`; the first is row `first`.

    The columns are the memory of the arrays made here: nothing is copied again. Row `short` has
    one integer less, its second.
    """
    count, width = payload.shape
    zeros = numpy.zeros(count, "int64")
    stamps = numpy.array(times, dtype="int64")
    offset = numpy.arange(0, (count + 1) * width, width, dtype="int64")
    flat = payload.ravel()
    if short >= 0:
        place = short * width + 1
        flat[1 : place + 1] = flat[:place].copy()
        flat = flat[1:]
        offset[short + 1 :] -= 1
    return EventColumns.from_buffers(
        numpy.ascontiguousarray(kinds, dtype="int64"),
        stamps,
        stamps,
        zeros,
        numpy.arange(first, first + count, dtype="int64"),
        zeros,
        offset,
        flat,
    )


def _check(path: Path, field: str, wrong: Any, expected: str, values: Any) -> None:
    """Refuse the first row where `wrong` holds."""
    if wrong.any():
        row = int(wrong.argmax())
        raise InputError(str(path), row + 1, field, expected, str(values[row]))


def _check_range(path: Path, rows: Any, field: str, least: int, most: int) -> None:
    values = rows[field]
    if len(values) and (values.min() < least or values.max() > most):
        wrong = (values < least) | (values > most)
        _check(path, field, wrong, f"{least} to {most}", values)


def bar_interval_ns(numpy: Any, times: Any) -> int:
    """The least positive step between stamps, 0 where there is none."""
    steps = numpy.diff(times)
    return int(steps[steps > 0].min()) if (steps > 0).any() else 0


def _backwards(numpy: Any, times: Any) -> int:
    """How many stamps are behind one before them."""
    return int((times < numpy.maximum.accumulate(times)).sum()) if len(times) else 0


def _trades(numpy: Any, path: Path, rows: Any, first: int = 0) -> tuple[EventColumns, FeedCounts]:
    _check_range(path, rows, "ts", 0, 2**63 - 1)
    _check_range(path, rows, "px", 1, PRICE_LIMIT)
    _check_range(path, rows, "qty", 1, QUANTITY_LIMIT)
    _check_range(path, rows, "side", -1, 1)
    count = len(rows)
    payload = numpy.zeros((count, 6), "int64")
    payload[:, 1] = rows["px"]
    payload[:, 2] = rows["qty"]
    payload[:, 3] = rows["side"]
    payload[:, 5] = numpy.arange(first + 1, first + count + 1)
    kinds = numpy.full(count, int(EventKind.TRADE))
    columns = _columns(numpy, kinds, rows["ts"], payload, first)
    backwards = _backwards(numpy, rows["ts"])
    return columns, FeedCounts(messages=count, trades=count, backwards_stamps=backwards)


def _bars(
    numpy: Any, path: Path, rows: Any, first: int = 0, interval_ns: int = -1
) -> tuple[EventColumns, FeedCounts]:
    _check_range(path, rows, "ts", 0, 2**63 - 1)
    for field in ("o", "h", "l", "c"):
        _check_range(path, rows, field, 1, PRICE_LIMIT)
    _check_range(path, rows, "v", 0, QUANTITY_LIMIT)
    least = numpy.minimum(rows["o"], rows["c"])
    most = numpy.maximum(rows["o"], rows["c"])
    _check(path, "h", rows["h"] < most, "the greatest of the bar", rows["h"])
    _check(path, "l", rows["l"] > least, "the least of the bar", rows["l"])
    count = len(rows)
    payload = numpy.zeros((count, 7), "int64")
    for place, field in enumerate(BAR_FIELDS[1:], start=1):
        payload[:, place] = rows[field]
    payload[:, 6] = bar_interval_ns(numpy, rows["ts"]) if interval_ns < 0 else interval_ns
    kinds = numpy.full(count, int(EventKind.BAR))
    columns = _columns(numpy, kinds, rows["ts"], payload, first)
    backwards = _backwards(numpy, rows["ts"])
    return columns, FeedCounts(messages=count, bars=count, backwards_stamps=backwards)


def _book(
    numpy: Any, path: Path, rows: Any, first: int = 0, trades_before: int = 0, begun: bool = False
) -> tuple[EventColumns, FeedCounts]:
    _check_range(path, rows, "ts", 0, 2**63 - 1)
    _check_range(path, rows, "kind", 0, ROW_KIND_MAX)
    _check_range(path, rows, "px", 1, PRICE_LIMIT)
    _check_range(path, rows, "qty", 0, QUANTITY_LIMIT)
    kind, side = rows["kind"], rows["side"]
    is_trade = kind == ROW_TRADE
    _check(path, "side", (side != 1) & (side != -1), "1 or -1", side)
    _check(path, "qty", is_trade & (rows["qty"] == 0), "above 0 in a trade", rows["qty"])
    count, trades = len(rows), int(is_trade.sum())
    update_ids = numpy.arange(first + 1, first + count + 1)
    # Both bodies have six integers: (0, first, last, side, price, size) and
    # (0, price, size, side, trade kind, trade id).
    payload = numpy.zeros((count, 6), "int64")
    payload[:, 1] = numpy.where(is_trade, rows["px"], update_ids)
    payload[:, 2] = numpy.where(is_trade, rows["qty"], update_ids)
    payload[:, 3] = side
    payload[:, 4] = numpy.where(is_trade, int(TradeKind.CONTINUOUS), rows["px"])
    sizes = numpy.where(kind == ROW_DELETE, 0, rows["qty"])
    payload[:, 5] = numpy.where(is_trade, trades_before + numpy.cumsum(is_trade), sizes)
    kinds = numpy.where(is_trade, int(EventKind.TRADE), int(EventKind.BOOK_DELTA))
    snapshots = int(trades < count and not begun)
    begin = -1
    if snapshots:
        # The first level change is the snapshot: the same without its first update id.
        begin = int((~is_trade).argmax())
        kinds[begin] = int(EventKind.BOOK_SNAPSHOT)
    columns = _columns(numpy, kinds, rows["ts"], payload, first, begin)
    counts = FeedCounts(
        messages=count,
        trades=trades,
        snapshots=snapshots,
        diffs=count - trades - snapshots,
        level_changes=count - trades - snapshots,
        backwards_stamps=_backwards(numpy, rows["ts"]),
    )
    return columns, counts
