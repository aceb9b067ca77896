"""Raw Binance websocket logs, spot and USD-M, as exact events [E1, A].

A log is gzip text, one message a line: the recorder's clock in nanoseconds, a space, the message
as the venue sent it. Files of one session are one source: numbers carry on from file to file.
Read are `depthUpdate`, `trade`, `bookTicker` and the REST depth snapshot, and `markPriceUpdate`
where funding is asked for; other streams are counted and passed over.

What it decides:

* One message is one event, in the order of the lines. Depth updates that came before their
  snapshot follow it, at their own stamps, because before it they mean nothing; those the snapshot
  already holds are dropped and counted. The book sync table (`spec.book_sync`) decides which.
* Prices and sizes become integers exactly or the file is refused. The grid is the declared one,
  else the venue's (`GRIDS`), else as many decimals as the file uses.
* Which market it is follows from the first depth update: only USD-M sends `pu`.
* A snapshot without a time of its own gets the latest venue time seen before it.
* Tickers are kept aside, and trades outside the book (insurance fund, deleveraging) keep a kind
  that consumes no resting liquidity.

Errors: `InputError` with file, line, field, expected, got for everything that is not as above.
"""

from __future__ import annotations

import gzip
import json
import re
import zlib
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from attrs import evolve, frozen

from tickproof.runtime.errors import InputError
from tickproof.runtime.readers.decimals import Scale, decimals_needed, scaled
from tickproof.runtime.readers.feed import (
    Feed,
    FeedCounts,
    TickerColumns,
    file_hash,
    instrument_for,
    relocate,
    rows_hash,
)
from tickproof.runtime.readers.trade_ids import TradeIds
from tickproof.spec.book_sync import (
    BookSync,
    Numbering,
    SyncAction,
    SyncEvent,
    SyncMessage,
    SyncState,
    step,
)
from tickproof.spec.events import INT64_MAX, EventKind, Side, TradeKind
from tickproof.spec.instrument import (
    PRICE_LIMIT,
    QUANTITY_LIMIT,
    Asset,
    Instrument,
    InstrumentKind,
)
from tickproof.spec.stream import EventColumns


@frozen
class Grid:
    """Units and filters of an instrument: decimals of price and quantity, steps in those units.

    The lot may be finer than the step of orders: resting quantities at the venue are.
    """

    price_decimals: int
    quantity_decimals: int
    tick: int = 1
    lot_step: int = 1


GRIDS: dict[tuple[int, str], Grid] = {
    (InstrumentKind.SPOT, "BTCUSDT"): Grid(2, 6, lot_step=10),
    (InstrumentKind.LINEAR, "BTCUSDT"): Grid(1, 3),
}
"""Grids known from real logs; for other instruments the log is surveyed."""

TRADE_KINDS = {
    "MARKET": TradeKind.CONTINUOUS,
    "INSURANCE_FUND": TradeKind.INSURANCE,
    "ADL": TradeKind.BLOCK,
}
"""Meaning of `X` in USD-M trades; "NA" marks a record that is no trade."""

MARK_DECIMALS = 18
RATE_DECIMALS = 9
PROGRESS_LINES = 2_000
STAMP_DIGITS_MAX = 19
MICROSECONDS_FROM = 10**14
MICROSECONDS_BELOW = 9 * 10**15
"""A stamp between the two (the years 1973 to 2255) counts microseconds."""

_NUMBERS = re.compile(
    r'(?:\[|"[pba]"\s*:)\s*"([0-9]+\.?[0-9]*)"\s*,\s*(?:"[qBA]"\s*:\s*)?"([0-9]+\.?[0-9]*)"'
)


def read_binance(
    paths: Sequence[Path],
    symbol: str | None = None,
    on_gap: str = "stop",
    instrument_id: int = 0,
    source: int = 0,
    progress: Callable[[int, int], None] | None = None,
    *,
    grid: Grid | None = None,
    funding: bool = False,
) -> Feed:
    """The files of one session, in order, as a `Feed`.

    `symbol`: refused when the files say otherwise; None takes theirs. `on_gap`: "stop" refuses
    lost messages, "resync" turns them into FeedGap and waits for the next snapshot. `grid`: the
    units to hold the files to. `funding`: read `markPriceUpdate` too, see `_on_mark`; else it is
    ignored and counted. `progress(done, total)` counts compressed bytes. Raises
    `InputError`, and nothing else.
    """
    if on_gap not in ("stop", "resync"):
        raise InputError("", 0, "on_gap", "stop or resync", repr(on_gap))
    if not paths:
        raise InputError("", 0, "file", "at least one file", "none")
    dataset_hash = file_hash(paths)
    survey = _survey(paths, symbol, grid)
    reader = _Reader(survey, on_gap == "resync", funding)
    total = sum(path.stat().st_size for path in paths)
    done = 0
    for path in paths:
        reader.read(path, done, total, progress)
        done += path.stat().st_size
    reader.finish()
    try:
        instrument, assets = _instrument(reader.symbol, survey)
    except InputError as error:
        raise error.at(str(paths[0]), 0) from error
    columns = reader.columns
    rows = rows_hash(instrument, columns)
    if instrument_id or source:
        instrument = evolve(instrument, id=instrument_id)
        columns = relocate(columns, instrument_id, source)
    counts = reader.counted()
    return Feed(instrument, assets, columns, reader.tickers, counts, dataset_hash, rows)


def _instrument(symbol: str, survey: _Survey) -> tuple[Instrument, tuple[Asset, ...]]:
    """The instrument on the surveyed grid, with its assets."""
    grid = survey.grid
    instrument, assets = instrument_for(
        symbol, survey.kind, grid.price_decimals, grid.quantity_decimals
    )
    lots = grid.lot_step
    return evolve(instrument, tick=grid.tick, lot_step=lots, minimum_quantity=lots), assets


# --- files ---------------------------------------------------------------------------------------


def _lines(
    path: Path, done: int, total: int, progress: Callable[[int, int], None] | None
) -> Iterator[tuple[int, bytes]]:
    """Numbered lines of a gzip file; a damaged one raises at the line reached."""
    number = 0
    try:
        with path.open("rb") as raw, gzip.GzipFile(fileobj=raw) as stream:
            for number, line in enumerate(stream, start=1):
                if progress is not None and number % PROGRESS_LINES == 0:
                    progress(done + raw.tell(), total)
                yield number, line
            if progress is not None:
                progress(done + raw.tell(), total)
    except EOFError as error:
        raise InputError(str(path), number, "file", "a whole gzip file", "a cut one") from error
    except (gzip.BadGzipFile, zlib.error) as error:
        expected = "an undamaged gzip file" if number else "a gzip file"
        raise InputError(str(path), number, "file", expected, str(error)) from error
    except OSError as error:
        got = error.strerror or "an error"
        raise InputError(str(path), number, "file", "a readable file", got) from error
    if number == 0:
        raise InputError(str(path), 0, "file", "a gzip file with messages", "an empty one")


# --- survey --------------------------------------------------------------------------------------


@frozen
class _Survey:
    """What has to be known before the first number can be read."""

    symbol: str
    kind: int
    grid: Grid


def _survey(paths: Sequence[Path], symbol: str | None, grid: Grid | None) -> _Survey:
    """Market and symbol by the first depth update, the grid by table or by every number.

    Says nothing about lines that are wrong: the strict pass names the first of them.
    """
    kind, found = _first_depth(paths)
    name = symbol.upper() if symbol is not None else found
    return _Survey(name, kind, grid or GRIDS.get((kind, name)) or _grid_used(paths))


def _first_depth(paths: Sequence[Path]) -> tuple[int, str]:
    """(instrument kind, symbol) of the first depth update; (SPOT, "") when there is none."""
    for path in paths:
        for _, line in _lines(path, 0, 0, None):
            if b"depthUpdate" not in line:
                continue
            try:
                message = json.loads(line.partition(b" ")[2])
                data = message.get("data", message)
                kind = InstrumentKind.LINEAR if "pu" in data else InstrumentKind.SPOT
                return int(kind), str(data["s"])
            except (ValueError, AttributeError, TypeError, KeyError, RecursionError):
                continue
    return int(InstrumentKind.SPOT), ""


def _grid_used(paths: Sequence[Path]) -> Grid:
    """The coarsest grid that holds every price and size of the files."""
    prices: set[str] = set()
    sizes: set[str] = set()
    for path in paths:
        for _, line in _lines(path, 0, 0, None):
            for price, size in _NUMBERS.findall(line.decode("utf-8", "replace")):
                prices.add(price)
                sizes.add(size)
    return Grid(
        max(map(decimals_needed, prices), default=0),
        max(map(decimals_needed, sizes), default=0),
    )


# --- values --------------------------------------------------------------------------------------


def _refused(field: str, expected: str, data: dict[str, Any]) -> InputError:
    got = repr(data[field]) if field in data else "nothing"
    return InputError("", 0, field, expected, got)


def _integer(data: dict[str, Any], field: str) -> int:
    value = data.get(field)
    if type(value) is not int or not 0 <= value <= INT64_MAX:
        raise _refused(field, "an integer from 0 to 2**63 - 1", data)
    return value


def _text(data: dict[str, Any], field: str) -> str:
    value = data.get(field)
    if type(value) is not str:
        raise _refused(field, "a text", data)
    return value


def _flag(data: dict[str, Any], field: str) -> bool:
    value = data.get(field)
    if type(value) is not bool:
        raise _refused(field, "true or false", data)
    return value


def _venue_time_ns(data: dict[str, Any]) -> int:
    """The transaction time where the venue gives one, else the event time."""
    field = "T" if "T" in data else "E"
    return _time_ns(_integer(data, field), field)


def _time_ns(stamp: int, field: str) -> int:
    """A venue stamp in nanoseconds; streams carry milli- or microseconds, told by magnitude."""
    if stamp < MICROSECONDS_FROM:
        return stamp * 1_000_000
    if stamp < MICROSECONDS_BELOW:
        return stamp * 1_000
    raise InputError("", 0, field, "a time in ms or us since 1970", str(stamp))


def _local_time_ns(stamp: int) -> int:
    """A recorder stamp in nanoseconds; the recorders of early logs wrote microseconds."""
    if stamp > INT64_MAX:
        raise InputError("", 0, "local time", "at most 2**63 - 1", str(stamp))
    if MICROSECONDS_FROM <= stamp < MICROSECONDS_BELOW:
        return stamp * 1_000
    return stamp


def _level_texts(data: dict[str, Any], field: str) -> list[str]:
    """Price and size texts of a JSON level array, alternating."""
    levels = data.get(field)
    if type(levels) is not list:
        raise _refused(field, "an array of [price, size]", data)
    texts: list[str] = []
    for level in levels:
        if (
            type(level) is not list
            or len(level) != 2
            or type(level[0]) is not str
            or type(level[1]) is not str
        ):
            raise InputError("", 0, field, "[price, size] as two texts", repr(level))
        texts += level
    return texts


# --- reader --------------------------------------------------------------------------------------


class _BookMessage(NamedTuple):
    """A depth update or snapshot on its way into the stream, with its place in the files."""

    numbers: SyncMessage
    time_ns: int
    stamp_ns: int
    sequence: int
    levels: list[int]
    file: str
    line: int


class _Reader:
    """The strict pass: messages in, events, tickers and counts out."""

    def __init__(self, survey: _Survey, resync: bool, funding: bool = False) -> None:
        self._funding = funding
        self._told_mark = -1
        self._told_rate = (0, 0)
        self.columns = EventColumns()
        self.tickers = TickerColumns()
        self._kind = survey.kind
        self.symbol = survey.symbol
        self._resync = resync
        self._grid = survey.grid
        self._price = Scale(survey.grid.price_decimals, PRICE_LIMIT, "price")
        self._size = Scale(survey.grid.quantity_decimals, QUANTITY_LIMIT, "size")
        chained = survey.kind == InstrumentKind.LINEAR
        numbering = Numbering.CHAINED if chained else Numbering.CONSECUTIVE
        self._sync = BookSync(numbering=int(numbering))
        self._was_in_sync = False
        self._buffer: list[_BookMessage] = []
        self._held: _BookMessage | None = None
        self._begun: _BookMessage | None = None
        self._trade_ids = TradeIds()
        self._epoch = 0
        self._latest_stamp_ns = -1
        self._latest_time_ns = 0
        self._file = ""
        self._line = 0
        self._stamp_ns = 0
        self._sequence = -1
        self._counts = dict.fromkeys(
            (
                "level_changes",
                "trades",
                "snapshots",
                "diffs",
                "dropped_stale_diffs",
                "duplicate_diffs",
                "void_trades",
                "unused_snapshots",
                "sequence_gaps",
                "backwards_stamps",
                "ignored_messages",
            ),
            0,
        )

    def read(
        self, path: Path, done: int, total: int, progress: Callable[[int, int], None] | None
    ) -> None:
        """Read one file as the continuation of those before."""
        self._file = str(path)
        for number, line in _lines(path, done, total, progress):
            self._line = number
            try:
                self._on_line(line)
            except InputError as error:
                raise error.at(self._file, number) from error

    def counted(self) -> FeedCounts:
        """Everything counted so far."""
        return FeedCounts(
            messages=self._sequence + 1,
            tickers=len(self.tickers),
            duplicate_trades=self._trade_ids.repeated,
            trade_id_gaps=self._trade_ids.gaps,
            **self._counts,
        )

    def finish(self) -> None:
        """Refuse a session whose book was never in sync."""
        if self._was_in_sync:
            return
        messages = f"none in {self._sequence + 1} messages"
        begun = self._begun
        if begun is None:
            raise InputError(self._file, self._line, "lastUpdateId", "a depth snapshot", messages)
        expected = f"a depth update that carries on from {begun.numbers.last_id}"
        got = f"none up to {self._file}:{self._line}"
        raise InputError(begun.file, begun.line, "lastUpdateId", expected, got)

    # --- one line

    def _on_line(self, line: bytes) -> None:
        try:
            text = line.decode("utf-8").strip()
        except UnicodeDecodeError as error:
            raise InputError("", 0, "message", "UTF-8 text", repr(line)) from error
        if not text:
            return
        stamp, _, body = text.partition(" ")
        if not (stamp.isdigit() and stamp.isascii() and len(stamp) <= STAMP_DIGITS_MAX):
            raise InputError("", 0, "local time", "nanoseconds since 1970", repr(stamp))
        stamp_ns = _local_time_ns(int(stamp))
        self._sequence += 1
        self._stamp_ns = stamp_ns
        if stamp_ns < self._latest_stamp_ns:
            self._counts["backwards_stamps"] += 1
        else:
            self._latest_stamp_ns = stamp_ns
        self._on_message(self._parsed(body))

    def _parsed(self, body: str) -> dict[str, Any]:
        try:
            message = json.loads(body)
        except (ValueError, RecursionError) as error:
            got = repr(body)
            if isinstance(error, json.JSONDecodeError):
                got = f"{error.msg} at character {error.pos + 1} of {len(body)}"
            raise InputError("", 0, "message", "valid JSON", got) from error
        if type(message) is not dict:
            raise InputError("", 0, "message", "a JSON object", repr(message))
        return message

    def _on_message(self, message: dict[str, Any]) -> None:
        data = message.get("data", message)
        if type(data) is not dict:
            raise _refused("data", "a JSON object", message)
        event = data.get("e")
        if event == "depthUpdate":
            self._on_depth(data)
        elif event == "trade":
            self._on_trade(data)
        elif event == "bookTicker" or (event is None and "B" in data and "A" in data):
            self._on_ticker(data)
        elif event == "markPriceUpdate" and self._funding:
            self._on_mark(data)
        elif event is None and "lastUpdateId" in data and "stream" not in message:
            self._on_snapshot(data)
        elif type(event) is str or "stream" in message or "result" in data:
            self._counts["ignored_messages"] += 1
        else:
            raise _refused("e", "a stream message or a depth snapshot", data)

    def _check_symbol(self, symbol: str) -> None:
        if symbol == self.symbol:
            return
        if self.symbol:
            raise InputError("", 0, "s", self.symbol, repr(symbol))
        self.symbol = symbol

    # --- marks and funding

    def _on_mark(self, data: dict[str, Any]) -> None:
        """Mark and funding rate in one message: two facts, an Event each where it is a new one.

        A mark has more decimals than the grid: it is rounded to the nearest price unit, half a unit
        up. A rate has at most nine and is exact. `r` is "" where there is none.
        """
        self._check_symbol(_text(data, "s"))
        time_ns = _time_ns(_integer(data, "E"), "E")
        unit = 10 ** (MARK_DECIMALS - self._grid.price_decimals)
        fine = scaled(_text(data, "p"), MARK_DECIMALS, unit * PRICE_LIMIT, "p")
        mark = (2 * fine + unit) // (2 * unit)
        if mark != self._told_mark:
            self._told_mark = mark
            self._append(EventKind.MARK_PRICE, time_ns, (0, mark))
        text = _text(data, "r")
        if not text:
            return
        size = scaled(text.removeprefix("-"), RATE_DECIMALS, 10**RATE_DECIMALS, "r")
        rate = (-size if text.startswith("-") else size, _time_ns(_integer(data, "T"), "T"))
        if rate != self._told_rate:
            self._told_rate = rate
            self._append(EventKind.FUNDING_RATE, time_ns, (0, *rate))

    def _append(self, kind: int, time_ns: int, values: Sequence[int]) -> None:
        """One Event of the message just read."""
        stamps = (time_ns, self._stamp_ns)
        self.columns.append_raw(kind, *stamps, 0, self._sequence, self._epoch, values)

    # --- tickers

    def _on_ticker(self, data: dict[str, Any]) -> None:
        self._check_symbol(_text(data, "s"))
        price, size = self._price, self._size
        self.tickers.append(
            self._sequence,
            _integer(data, "u"),
            price[_text(data, "b")],
            size[_text(data, "B")],
            price[_text(data, "a")],
            size[_text(data, "A")],
        )

    # --- trades

    def _on_trade(self, data: dict[str, Any]) -> None:
        self._check_symbol(_text(data, "s"))
        trade_id = _integer(data, "t")
        price, size = self._price[_text(data, "p")], self._size[_text(data, "q")]
        aggressor = Side.SELL if _flag(data, "m") else Side.BUY
        time_ns = _venue_time_ns(data)
        word = _text(data, "X") if "X" in data else "MARKET"
        is_void = word == "NA" and price == 0 and size == 0
        if not is_void and word not in TRADE_KINDS:
            raise _refused("X", " or ".join(TRADE_KINDS), data)
        if not is_void and price == 0:
            raise _refused("p", "above 0", data)
        if not is_void and size == 0:
            raise _refused("q", "above 0", data)
        if not self._trade_ids.is_new(trade_id):
            return
        if is_void:
            self._counts["void_trades"] += 1
            return
        self._counts["trades"] += 1
        self._latest_time_ns = max(self._latest_time_ns, time_ns)
        self.columns.append_raw(
            EventKind.TRADE,
            time_ns,
            self._stamp_ns,
            0,
            self._sequence,
            self._epoch,
            (0, price, size, aggressor, TRADE_KINDS[word], trade_id),
        )

    # --- the book

    def _levels(self, bids: Sequence[str], asks: Sequence[str]) -> list[int]:
        """Flat (side, price, size) triples from alternating texts."""
        prices = [*map(self._price.__getitem__, bids[::2])]
        prices += map(self._price.__getitem__, asks[::2])
        sizes = [*map(self._size.__getitem__, bids[1::2])]
        sizes += map(self._size.__getitem__, asks[1::2])
        if 0 in prices:
            raise InputError("", 0, "price", "above 0", "0")
        bid_count = len(bids) // 2
        levels = [int(Side.BUY)] * (3 * bid_count)
        levels += [int(Side.SELL)] * (3 * (len(prices) - bid_count))
        levels[1::3] = prices
        levels[2::3] = sizes
        return levels

    def _on_depth(self, data: dict[str, Any]) -> None:
        self._check_symbol(_text(data, "s"))
        time_ns = _venue_time_ns(data)
        first, last = _integer(data, "U"), _integer(data, "u")
        if first > last:
            raise _refused("u", f"at least U, {first}", data)
        previous = -1
        if self._kind == InstrumentKind.LINEAR:
            previous = _integer(data, "pu")
        elif "pu" in data:
            raise _refused("pu", "nothing in a spot log", data)
        levels = self._levels(_level_texts(data, "b"), _level_texts(data, "a"))
        self._latest_time_ns = max(self._latest_time_ns, time_ns)
        self._on_diff(self._message(SyncMessage(first, last, previous), time_ns, levels))

    def _message(self, numbers: SyncMessage, time_ns: int, levels: list[int]) -> _BookMessage:
        return _BookMessage(
            numbers, time_ns, self._stamp_ns, self._sequence, levels, self._file, self._line
        )

    def _on_snapshot(self, data: dict[str, Any]) -> None:
        update_id = _integer(data, "lastUpdateId")
        levels = self._levels(_level_texts(data, "bids"), _level_texts(data, "asks"))
        if 0 in levels[2::3]:
            raise InputError("", 0, "size", "above 0 in a snapshot", "0")
        time_ns = self._latest_time_ns
        if "T" in data or "E" in data:
            time_ns = _venue_time_ns(data)
        numbers = SyncMessage(last_id=update_id)
        self._take_snapshot(self._message(numbers, time_ns, levels))

    def _take_snapshot(self, snapshot: _BookMessage) -> None:
        was_lost = self._sync.state == SyncState.GAP
        outcome = step(self._sync, SyncEvent.SNAPSHOT, snapshot.numbers)
        if outcome.refusal:
            self._counts["unused_snapshots"] += 1
            return
        self._sync = outcome.sync
        if outcome.sync.action == SyncAction.HOLD:
            self._counts["unused_snapshots"] += 1
            self._held = snapshot
            return
        self._begun = snapshot
        self._counts["snapshots"] += 1
        update_id = snapshot.numbers.last_id
        if was_lost:
            self._epoch += 1
            self._emit(EventKind.FEED_RESUMED, snapshot, (0, update_id))
        self._emit(EventKind.BOOK_SNAPSHOT, snapshot, (0, update_id, *snapshot.levels))
        waiting, self._buffer = self._buffer, []
        for diff in waiting:
            self._on_diff(diff)

    def _on_diff(self, diff: _BookMessage) -> None:
        before = self._sync
        self._sync = step(before, SyncEvent.DIFF, diff.numbers).sync
        action = self._sync.action
        if action == SyncAction.APPLY:
            self._was_in_sync = True
            numbers = diff.numbers
            self._counts["diffs"] += 1
            self._counts["level_changes"] += len(diff.levels) // 3
            ids = (0, numbers.first_id, numbers.last_id)
            self._emit(EventKind.BOOK_DELTA, diff, (*ids, *diff.levels))
        elif action == SyncAction.BUFFER:
            self._buffer.append(diff)
        elif action == SyncAction.DROP:
            stale = before.state == SyncState.BRIDGING
            self._counts["dropped_stale_diffs" if stale else "duplicate_diffs"] += 1
        else:
            self._on_lost(before, diff)

    def _on_lost(self, before: BookSync, diff: _BookMessage) -> None:
        """Messages before `diff` are missing: refuse, or mark the gap and wait."""
        field, expected_id, got_id = self._expected(before, diff)
        if not self._resync:
            at_most = "at most " if before.state == SyncState.BRIDGING else ""
            expected = f"{at_most}{expected_id}"
            raise InputError(diff.file, diff.line, field, expected, str(got_id))
        self._counts["sequence_gaps"] += 1
        self._emit(EventKind.FEED_GAP, diff, (0, expected_id, got_id))
        self._buffer.append(diff)
        held, self._held = self._held, None
        if held is not None:
            self._counts["unused_snapshots"] -= 1
            self._take_snapshot(held)

    def _expected(self, before: BookSync, diff: _BookMessage) -> tuple[str, int, int]:
        """(field, id that would have carried on, id that came)."""
        if self._kind == InstrumentKind.SPOT:
            return "U", before.last_id + 1, diff.numbers.first_id
        if before.state == SyncState.BRIDGING:
            return "U", before.snapshot_id, diff.numbers.first_id
        return "pu", before.last_id, diff.numbers.previous_id

    def _emit(self, kind: int, message: _BookMessage, values: Sequence[int]) -> None:
        self.columns.append_raw(
            kind,
            message.time_ns,
            message.stamp_ns,
            0,
            message.sequence,
            self._epoch,
            values,
        )
