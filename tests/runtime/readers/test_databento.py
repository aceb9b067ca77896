"""Reading Databento MBO files: an execution is said once, and the book is that of A, C, M and R."""

from collections.abc import Sequence
from datetime import date
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from tickproof.kernel.order_book import OrderBook
from tickproof.runtime.errors import InputError
from tickproof.runtime.readers.databento import Record, read_databento, read_records
from tickproof.runtime.readers.orders import OrderFeed, messages
from tickproof.spec.events import (
    BookOrderAdd,
    BookOrderCancel,
    BookOrderExecute,
    BookOrderModify,
    BookSnapshot,
    Side,
    Trade,
    TradeKind,
)

dbn = pytest.importorskip("databento_dbn")
zstandard = pytest.importorskip("zstandard")

LAST, SNAPSHOT = 128, 32
ESH4 = "databento/esh4-glbx-mdp3-20231225.mbo.dbn.zst"
Row = tuple[str, str, str, int, int, int]
"""Action, side, price, size, order reference, flags."""


def file_of(path: Path, rows: Sequence[Row], schema: Any = None, packed: bool = True) -> Path:
    interval = SimpleNamespace(start_date=date(2024, 1, 1), end_date=date(2024, 1, 2), symbol="5")
    mapping = SimpleNamespace(raw_symbol="XYZ4", intervals=[interval])
    metadata = dbn.Metadata(
        dataset="GLBX.MDP3",
        start=0,
        stype_in=dbn.SType.RAW_SYMBOL,
        stype_out=dbn.SType.INSTRUMENT_ID,
        schema=schema or dbn.Schema.MBO,
        symbols=["XYZ4"],
        mappings=[mapping],
        version=1,
    )
    data = bytes(metadata.encode())
    for index, (action, side, price, size, reference, flags) in enumerate(rows):
        whole, _, fraction = price.partition(".")
        record = dbn.MBOMsg(
            publisher_id=1,
            instrument_id=5,
            ts_event=100 + index,
            order_id=reference,
            price=int(whole) * 10**9 + int(fraction.ljust(9, "0")),
            size=size,
            action=dbn.Action(action),
            side=dbn.Side(side),
            ts_recv=200 + index,
            flags=flags,
        )
        data += bytes(record)
    made = path / ("x.dbn.zst" if packed else "x.dbn")
    made.write_bytes(zstandard.ZstdCompressor().compress(data) if packed else data)
    return made


def read(path: Path, *rows: Row) -> OrderFeed:
    return read_databento([file_of(path, rows)])


def bodies(orders: OrderFeed) -> list[object]:
    return [event.body for event in orders.feed.columns]


START: tuple[Row, ...] = (
    ("A", "B", "10.25", 4, 1, LAST),
    ("A", "B", "10.25", 2, 2, LAST),
    ("A", "A", "10.75", 3, 3, LAST),
)
STARTED = [
    BookOrderAdd(0, 1, Side.BUY, 1025, 4),
    BookOrderAdd(0, 2, Side.BUY, 1025, 2),
    BookOrderAdd(0, 3, Side.SELL, 1075, 3),
]


@pytest.mark.parametrize("packed", [True, False])
def test_an_execution_is_said_once(tmp_path: Path, packed: bool) -> None:
    rows: list[Row] = [
        *START,
        ("T", "A", "10.25", 5, 9, 0),
        ("F", "B", "10.25", 4, 1, 0),
        ("F", "B", "10.25", 1, 2, 0),
        ("C", "B", "10.25", 4, 1, 0),
        ("M", "B", "10.25", 1, 2, LAST),
    ]
    orders = read_databento([file_of(tmp_path, rows, packed=packed)])
    assert bodies(orders) == [
        *STARTED,
        Trade(0, 1025, 5, Side.SELL, TradeKind.CONTINUOUS, 1),
        BookOrderExecute(0, 1, Side.BUY, 1025, 4),
        BookOrderExecute(0, 2, Side.BUY, 1025, 1),
    ]
    assert list(orders.takers) == [9]
    assert [stop - first for first, stop in messages(orders.feed.columns)] == [1, 1, 1, 3]
    assert (orders.feed.columns.event_time_ns[0], orders.feed.columns.capture_time_ns[0]) == (
        100,
        200,
    )
    instrument = orders.feed.instrument
    assert (instrument.symbol, instrument.price_decimals, instrument.tick) == ("XYZ4", 2, 25)


def test_a_reload_joins_the_back(tmp_path: Path) -> None:
    orders = read(
        tmp_path,
        *START,
        ("T", "A", "10.25", 7, 9, 0),
        ("F", "B", "10.25", 2, 2, 0),
        ("F", "B", "10.25", 5, 1, 0),
        ("C", "B", "10.25", 2, 2, 0),
        ("M", "B", "10.25", 3, 1, LAST),
        ("T", "B", "10.75", 1, 9, 0),
        ("F", "A", "10.75", 1, 3, 0),
        ("M", "A", "10.75", 3, 3, LAST),
    )
    assert bodies(orders)[3:] == [
        Trade(0, 1025, 7, Side.SELL, TradeKind.CONTINUOUS, 1),
        BookOrderExecute(0, 2, Side.BUY, 1025, 2),
        BookOrderExecute(0, 1, Side.BUY, 1025, 5),
        BookOrderAdd(0, 1, Side.BUY, 1025, 3),
        Trade(0, 1075, 1, Side.BUY, TradeKind.CONTINUOUS, 2),
        BookOrderExecute(0, 3, Side.SELL, 1075, 1),
        BookOrderModify(0, 3, Side.SELL, 1075, 3),
    ]


def test_what_an_execution_did_not_take_is_cancelled(tmp_path: Path) -> None:
    orders = read(
        tmp_path,
        *START,
        ("T", "A", "10.25", 1, 9, 0),
        ("F", "B", "10.25", 1, 1, 0),
        ("C", "B", "10.25", 4, 1, LAST),
        ("C", "B", "10.25", 2, 2, LAST),
    )
    assert bodies(orders)[4:] == [
        BookOrderExecute(0, 1, Side.BUY, 1025, 1),
        BookOrderCancel(0, 1, Side.BUY, 1025, 3),
        BookOrderCancel(0, 2, Side.BUY, 1025, 2),
    ]


def test_a_resting_taker_took_nothing_at_its_old_price(tmp_path: Path) -> None:
    orders = read(
        tmp_path,
        *START,
        ("T", "A", "10.25", 3, 3, 0),
        ("F", "A", "10.25", 3, 3, 0),
        ("F", "B", "10.25", 3, 1, 0),
        ("C", "A", "10.75", 3, 3, 0),
        ("M", "B", "10.25", 1, 1, LAST),
    )
    assert bodies(orders)[4:] == [
        BookOrderExecute(0, 1, Side.BUY, 1025, 3),
        BookOrderCancel(0, 3, Side.SELL, 1075, 3),
    ]
    assert orders.feed.counts.ignored_messages == 1


def test_pd19_prints_and_fills_change_no_book(tmp_path: Path) -> None:
    """After every message the book is that of A, C, M and R, whatever T, F and N say."""
    told: list[Row] = [
        *START,
        # A fill beside the record that takes its lots, one beside none, one of a stranger.
        ("T", "A", "10.25", 3, 9, 0),
        ("F", "B", "10.25", 3, 1, 0),
        ("C", "B", "10.25", 3, 1, LAST),
        ("F", "B", "10.25", 2, 2, LAST),
        ("F", "A", "10.75", 5, 77, LAST),
        # Through the book, by a taker that is not in it, and by one that is.
        ("T", "B", "10.75", 3, 8, 0),
        ("F", "A", "10.75", 3, 3, LAST),
        ("N", "N", "0", 0, 3, LAST),
        ("T", "A", "10.25", 1, 3, 0),
        ("F", "A", "10.25", 1, 3, 0),
        ("F", "B", "10.25", 1, 1, 0),
        ("C", "B", "10.25", 1, 1, 0),
        ("M", "A", "10.75", 2, 3, LAST),
        ("F", "B", "10.25", 2, 2, LAST),
        ("C", "B", "10.25", 2, 2, LAST),
    ]
    columns = read(tmp_path, *told).feed.columns
    book, strict, index = OrderBook(25), Strict(), 0
    sequence = 0
    for action, side, price, size, reference, flags in told:
        taken = Record(
            action,
            1 if side == "B" else -1,
            int(float(price) * 10**9),
            size,
            reference,
            flags,
            0,
            0,
        )
        strict.take(taken)
        if not flags & LAST:
            continue
        while index < len(columns) and columns.sequence[index] <= sequence:
            book.apply(columns.kind[index], columns.payload, columns.offset[index])
            index += 1
        sequence += 1
        assert {each: list(book.resting(each)) for each in strict.orders} == strict.orders
        assert len(book) == len(strict.orders)
    assert index == len(columns)
    assert strict.orders == {3: [-1, 1075, 2]}


def test_auctions_and_clears(tmp_path: Path) -> None:
    orders = read(
        tmp_path,
        *START,
        ("T", "N", "10.5", 1, 0, 0),
        ("F", "N", "10.5", 1, 3, 0),
        ("M", "A", "10.75", 2, 3, LAST),
        ("N", "N", "0", 0, 0, LAST),
        ("R", "N", "0", 0, 0, LAST),
    )
    assert bodies(orders)[3:] == [
        Trade(0, 1050, 1, Side.NONE, TradeKind.AUCTION, 1),
        BookOrderExecute(0, 3, Side.SELL, 1050, 1),
        BookSnapshot(0, 0),
    ]


def test_a_snapshot_begins_the_book_anew(tmp_path: Path) -> None:
    orders = read(
        tmp_path,
        ("A", "B", "10.25", 4, 1, SNAPSHOT),
        ("A", "A", "10.75", 3, 3, SNAPSHOT),
        ("A", "A", "10.75", 1, 4, LAST),
        ("A", "B", "10.25", 9, 1, SNAPSHOT | LAST),
    )
    assert bodies(orders) == [
        BookSnapshot(0, 0),
        BookOrderAdd(0, 1, Side.BUY, 1025, 4),
        BookOrderAdd(0, 3, Side.SELL, 1075, 3),
        BookOrderAdd(0, 4, Side.SELL, 1075, 1),
        BookSnapshot(0, 0),
        BookOrderAdd(0, 1, Side.BUY, 1025, 9),
    ]
    assert [stop - first for first, stop in messages(orders.feed.columns)] == [3, 1, 2]


def test_refusals(tmp_path: Path) -> None:
    good = file_of(tmp_path, START)
    with pytest.raises(InputError, match="symbol: expected one of XYZ4"):
        read_databento([good], "ABC4")
    with pytest.raises(InputError, match="multiplier"):
        read_databento([good], multiplier=0)
    with pytest.raises(InputError, match="at least one file"):
        read_databento([])
    packed = good.read_bytes()
    good.write_bytes(packed[:-9])
    with pytest.raises(InputError, match="whole zstandard file"):
        read_databento([good])
    good.write_bytes(packed[:4] + b"\xff" * 40)
    with pytest.raises(InputError, match=r"zstandard|DBN"):
        read_databento([good])
    plain = file_of(tmp_path, START, packed=False)
    plain.write_bytes(plain.read_bytes()[:-5])
    with pytest.raises(InputError, match="whole DBN records"):
        read_databento([plain])
    plain.write_bytes(b"no such thing" * 20)
    with pytest.raises(InputError, match="a DBN file"):
        read_databento([plain])
    plain.write_bytes(b"")
    with pytest.raises(InputError, match="whole DBN records"):
        read_databento([plain])
    with pytest.raises(InputError, match="schema: expected mbo, got trades"):
        read_databento([file_of(tmp_path, (), dbn.Schema.TRADES)])
    with pytest.raises(InputError, match=":1: side: expected A or B"):
        read(tmp_path, ("A", "N", "10.25", 4, 1, LAST))


# --- real data -----------------------------------------------------------------------------------


class Strict:
    """The book as the vendor says to keep it: only A, C, M and R change it."""

    def __init__(self) -> None:
        self.orders: dict[int, list[int]] = {}

    def take(self, record: Record) -> None:
        price = record.price // 10**7
        if record.action == "A":
            self.orders[record.reference] = [record.side, price, record.size]
        elif record.action == "M":
            self.orders[record.reference][1:] = [price, record.size]
        elif record.action == "C":
            self.orders[record.reference][2] -= record.size
            if not self.orders[record.reference][2]:
                del self.orders[record.reference]


def test_after_every_message_the_orders_are_the_vendor_s(data_dir: Path) -> None:
    path = data_dir / ESH4
    if not path.exists():
        pytest.skip(f"{ESH4} is not there")
    strict, book = Strict(), OrderBook(25)
    columns = read_databento([path]).feed.columns
    events, index = len(columns), 0
    sequence, in_snapshot, changed = 0, False, {}
    for record in read_records(path).records:
        snapshot = bool(record.flags & SNAPSHOT)
        sequence += snapshot != in_snapshot
        in_snapshot = snapshot
        strict.take(record)
        changed[record.reference] = 1
        if snapshot or not record.flags & LAST:
            continue
        while index < events and columns.sequence[index] <= sequence:
            book.apply(columns.kind[index], columns.payload, columns.offset[index])
            index += 1
        sequence += 1
        assert len(book) == len(strict.orders)
        for reference in changed:
            assert book.resting(reference) == tuple(strict.orders.get(reference, (0, 0, 0)))
        changed = {}
    assert index == events
