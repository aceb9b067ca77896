"""Databento order-by-order files (DBN, schema MBO), packed with zstandard or plain.

The bytes are decoded by the kept package `databento-dbn`, every DBN version it knows; needs the
extra `data`. One record is at most one event; records up to and with the flag LAST are one
message and share their `sequence`.

What it decides:

* A, C, M and R change the book. T is a print; F says which order a print filled, and the record
  that takes the lots from the book follows in the same message. The events say it once, at the F:
  an execution takes what it took, and of the C or M that follows only what it adds is left. At
  the end of each message the book is the one that A, C, M and R alone give.
* So an iceberg's reload is what it is: the order executed, and what it shows afterwards joins the
  back, as an increase, or as an add where nothing was left of it.
* An F whose order no C or M follows in its message took no lots from the book: it is no event.
* An F on the side of the print is the taker's own, a resting order amended to trade: it took no
  lots at its old price, so the C or M that follows stays as it is.
* A print without a side is an auction's. It is of that kind, and so consumes nothing by itself.
* A run of records flagged SNAPSHOT begins the book anew: first a BookSnapshot without levels,
  then its orders. N and records of other instruments are passed over and counted.

Errors: `InputError` with file, record, field, expected, got for everything that is not as above.
"""

from __future__ import annotations

import importlib
from collections.abc import Iterator, Sequence
from math import gcd
from pathlib import Path
from typing import Any, NamedTuple

from attrs import evolve, frozen

from tickproof.kernel.order_book import OrderBook
from tickproof.runtime.errors import InputError, MissingExtra
from tickproof.runtime.readers.decimals import unscaled
from tickproof.runtime.readers.feed import file_hash, instrument_for
from tickproof.runtime.readers.orders import OrderColumns, OrderFeed
from tickproof.spec.events import INT64_MAX, EventKind, Side, TradeKind
from tickproof.spec.instrument import PRICE_LIMIT, QUANTITY_LIMIT, Instrument, InstrumentKind

PRICE_DECIMALS = 9
"""DBN prices are integers in units of 10**-9."""

FLAG_LAST = 128
FLAG_SNAPSHOT = 32
SIDES = {"B": int(Side.BUY), "A": int(Side.SELL), "N": int(Side.NONE)}

CHUNK_BYTES = 1 << 20
ZSTD_MAGIC = b"\x28\xb5\x2f\xfd"

_ADD = int(EventKind.BOOK_ORDER_ADD)
_MODIFY = int(EventKind.BOOK_ORDER_MODIFY)
_CANCEL = int(EventKind.BOOK_ORDER_CANCEL)
_EXECUTE = int(EventKind.BOOK_ORDER_EXECUTE)
_BOOK_SNAPSHOT = int(EventKind.BOOK_SNAPSHOT)


class Record(NamedTuple):
    """One MBO record; `price` in units of 10**-9, times in ns, `side` a `Side`."""

    action: str
    side: int
    price: int
    size: int
    reference: int
    flags: int
    time_ns: int
    stamp_ns: int


@frozen
class Contents:
    """The records of one instrument, with what the file says about it."""

    symbol: str
    records: tuple[Record, ...]
    others: int


def read_databento(
    paths: Sequence[Path],
    symbol: str | None = None,
    *,
    multiplier: int = 1,
    currency: str = "USD",
) -> OrderFeed:
    """The files of one instrument, in order.

    `symbol`: which one, where the files have several. `multiplier`: what one price unit of one
    contract is worth, in `currency`. Raises `InputError`, `MissingExtra`.
    """
    if not paths:
        raise InputError("", 0, "file", "at least one file", "none")
    if multiplier < 1:
        raise InputError("", 0, "multiplier", "at least 1", str(multiplier))
    dataset_hash = file_hash(paths)
    contents: list[Contents] = []
    for path in paths:
        chosen = contents[0].symbol if contents else symbol
        contents.append(read_records(path, chosen))
    step = 0
    for each in contents:
        for record in each.records:
            if record.action in "ACMTF":
                step = gcd(step, record.price)
    decimals, unit = PRICE_DECIMALS, 1
    while decimals and step % (unit * 10) == 0:
        decimals, unit = decimals - 1, unit * 10
    reader = _Reader(unit)
    for path, each in zip(paths, contents, strict=True):
        reader.out.count("ignored_messages", each.others)
        reader.out.count("messages", each.others)
        taken = fills_that_took(each.records)
        for number, record in enumerate(each.records, start=1):
            try:
                reader.take(record, number - 1 in taken)
            except InputError as error:
                raise error.at(str(path), number) from error
    name = contents[0].symbol
    instrument, assets = instrument_for(
        name, int(InstrumentKind.LINEAR), decimals, 0, assets=(name, currency)
    )
    instrument = _with_grid(instrument, step // unit, multiplier)
    return reader.out.feed(instrument, assets, dataset_hash)


def _with_grid(instrument: Instrument, tick: int, multiplier: int) -> Instrument:
    """The tick is what every price of the files is a multiple of."""
    money = instrument.money_per_price_lot * multiplier
    return evolve(instrument, tick=max(tick, 1), money_per_price_lot=money)


# --- records -------------------------------------------------------------------------------------


def _module(name: str) -> Any:
    """Import a package of the extra `data`."""
    try:
        return importlib.import_module(name)
    except ImportError as error:
        raise MissingExtra("data", "reading Databento files") from error


def _chunks(path: Path) -> Iterator[bytes]:
    """The plain bytes of a file; a packed one that is cut raises."""
    with path.open("rb") as stream:
        start = stream.read(len(ZSTD_MAGIC))
        stream.seek(0)
        if start != ZSTD_MAGIC:
            yield from iter(lambda: stream.read(CHUNK_BYTES), b"")
            return
        zstandard = _module("zstandard")
        frame, whole = zstandard.ZstdDecompressor().decompressobj(), False
        while chunk := stream.read(CHUNK_BYTES):
            while chunk:
                if whole:
                    frame = zstandard.ZstdDecompressor().decompressobj()
                try:
                    yield frame.decompress(chunk)
                except zstandard.ZstdError as error:
                    got = str(error)
                    raise InputError(str(path), 0, "file", "undamaged zstandard", got) from error
                whole = frame.eof
                chunk = frame.unused_data if whole else b""
        if not whole:
            raise InputError(str(path), 0, "file", "a whole zstandard file", "a cut one")


def read_records(path: Path, symbol: str | None = None) -> Contents:
    """The MBO records of one instrument of a file; raises `InputError`, `MissingExtra`."""
    dbn = _module("databento_dbn")
    decoder = dbn.DBNDecoder()
    messages: list[Any] = []
    try:
        for chunk in _chunks(path):
            decoder.write(chunk)
            messages += decoder.decode()
    except OSError as error:
        got = error.strerror or "an error"
        raise InputError(str(path), 0, "file", "a readable file", got) from error
    except dbn.DBNError as error:
        raise InputError(str(path), 0, "file", "a DBN file", str(error)) from error
    if not messages or decoder.buffer():
        got = f"{len(decoder.buffer())} bytes left"
        raise InputError(str(path), len(messages), "file", "whole DBN records", got)
    metadata, records = messages[0], messages[1:]
    schema = str(metadata.schema)
    if schema != "mbo":
        raise InputError(str(path), 0, "schema", "mbo", schema)
    name, wanted = _instrument_ids(path, metadata, symbol)
    ours = tuple(
        _record(record) for record in records if int(getattr(record, "instrument_id", -1)) in wanted
    )
    return Contents(name, ours, len(records) - len(ours))


def _instrument_ids(path: Path, metadata: Any, symbol: str | None) -> tuple[str, dict[int, int]]:
    """The symbol, and every id the file gives it."""
    mappings = metadata.mappings
    name = symbol or (next(iter(mappings)) if len(mappings) == 1 else "")
    if name not in mappings:
        expected = "one of " + ", ".join(sorted(mappings))
        raise InputError(str(path), 0, "symbol", expected, repr(symbol))
    return name, {int(each["symbol"]): 1 for each in mappings[name]}


def _record(record: Any) -> Record:
    """A record in plain integers; another kind than MBO has no action."""
    if type(record).__name__ != "MBOMsg":
        return Record("N", 0, 0, 0, 0, 0, 0, 0)
    return Record(
        str(record.action),
        SIDES[str(record.side)],
        int(record.price),
        int(record.size),
        int(record.order_id),
        int(record.flags),
        int(record.ts_event),
        int(record.ts_recv),
    )


# --- events --------------------------------------------------------------------------------------


def fills_that_took(records: Sequence[Record]) -> set[int]:
    """Positions of the F records whose order a C or M of the same message follows.

    Only those stand for lots that left the book: an F by itself never changes it.
    """
    found: set[int] = set()
    waiting: dict[int, list[int]] = {}
    in_snapshot = False
    for position, record in enumerate(records):
        if bool(record.flags & FLAG_SNAPSHOT) != in_snapshot:
            in_snapshot = not in_snapshot
            waiting.clear()
        if record.action == "F":
            waiting.setdefault(record.reference, []).append(position)
        elif record.action in "CM":
            found.update(waiting.pop(record.reference, ()))
        if record.flags & FLAG_LAST:
            waiting.clear()
    return found


class _Reader:
    """Records in, events out; the book tells what is left of an order."""

    def __init__(self, unit: int) -> None:
        self.out = OrderColumns()
        self._unit = unit
        self._book = OrderBook()
        self._executed: dict[int, int] = {}
        self._sequence = 0
        self._in_snapshot = False
        self._aggressor = int(Side.NONE)
        self._record = Record("", 0, 0, 0, 0, 0, 0, 0)

    def take(self, record: Record, is_taken: bool) -> None:
        """Read one record; `is_taken`: it is one of `fills_that_took`."""
        self.out.stamped(record.stamp_ns)
        self._record = record
        in_snapshot = bool(record.flags & FLAG_SNAPSHOT)
        if in_snapshot != self._in_snapshot:
            # A snapshot is one message, whether or not its last record says so.
            self._end_message()
            self._in_snapshot = in_snapshot
            if in_snapshot and record.action != "R":
                self._emit(_BOOK_SNAPSHOT, (0, 0))
        if record.action == "F" and not is_taken:
            self.out.count("ignored_messages")
        else:
            self._act(record)
        if record.flags & FLAG_LAST and not in_snapshot:
            self._end_message()

    def _end_message(self) -> None:
        self._executed.clear()
        self._sequence += 1

    def _act(self, record: Record) -> None:
        if record.action == "A":
            self._order_event(_ADD, self._price(), self._size())
        elif record.action == "C":
            self._cancel(record)
        elif record.action == "M":
            self._modify(record)
        elif record.action == "F":
            self._fill(record)
        elif record.action == "T":
            self._print(record)
        elif record.action == "R":
            self._emit(_BOOK_SNAPSHOT, (0, 0))
        elif record.action == "N":
            self.out.count("ignored_messages")
        else:
            raise InputError("", 0, "action", "one of A C M R T F N", repr(record.action))

    def _print(self, record: Record) -> None:
        self._aggressor = record.side
        kind = TradeKind.CONTINUOUS if record.side else TradeKind.AUCTION
        number = self.out.counts.get("trades", 0) + 1
        values = (0, self._price(), self._size(), record.side, kind, number)
        self.out.trade(
            record.time_ns, record.stamp_ns, self._sequence, values, self._reference(record)
        )

    def _fill(self, record: Record) -> None:
        if record.side and record.side == self._aggressor:
            self.out.count("ignored_messages")
            return
        reference, size = self._reference(record), self._size()
        self._executed[reference] = self._executed.get(reference, 0) + size
        self._order_event(_EXECUTE, self._price(), size)

    def _cancel(self, record: Record) -> None:
        """What the execution before took is gone already."""
        reference = self._reference(record)
        executed = self._executed.pop(reference, 0)
        size = self._size()
        if executed and (size <= executed or not self._book.resting(reference)[0]):
            return
        self._order_event(_CANCEL, self._price(), size - executed)

    def _modify(self, record: Record) -> None:
        """What the execution before left is known already; more than that is a reload."""
        reference = self._reference(record)
        executed = self._executed.pop(reference, 0)
        price, size = self._price(), self._size()
        side, standing, left = self._book.resting(reference)
        if executed and not side:
            self._order_event(_ADD, price, size)
        elif not executed or (standing, left) != (price, size):
            self._order_event(_MODIFY, price, size)

    def _order_event(self, kind: int, price: int, size: int) -> None:
        reference = self._reference(self._record)
        side = self._record.side or self._book.resting(reference)[0]
        if kind == _ADD and not side:
            raise InputError("", 0, "side", "A or B for an order", "N")
        self._emit(kind, (0, reference, side, price, size))

    def _emit(self, kind: int, values: tuple[int, ...]) -> None:
        record = self._record
        self._book.apply(kind, values, 0)
        self._book.commit()
        self.out.emit(kind, record.time_ns, record.stamp_ns, self._sequence, values)

    # --- values

    def _price(self) -> int:
        price = self._record.price
        if not 0 <= price < INT64_MAX or price // self._unit > PRICE_LIMIT:
            got = unscaled(price, PRICE_DECIMALS)
            raise InputError("", 0, "price", "a price that is not negative", got)
        return price // self._unit

    def _size(self) -> int:
        if self._record.size > QUANTITY_LIMIT:
            got = str(self._record.size)
            raise InputError("", 0, "size", f"at most {QUANTITY_LIMIT}", got)
        return self._record.size

    def _reference(self, record: Record) -> int:
        if record.reference > INT64_MAX:
            raise InputError("", 0, "order_id", "at most 2**63 - 1", str(record.reference))
        return record.reference
