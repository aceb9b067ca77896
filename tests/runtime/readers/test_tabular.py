"""Own data: one meaning whatever the format, exact or refused with file, line and field."""

import gzip
import importlib
import math
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from attrs import evolve
from hypothesis import given
from hypothesis import strategies as st

from tickproof.runtime.errors import InputError, MissingExtra
from tickproof.runtime.readers.feed import Feed
from tickproof.runtime.readers.tabular import Layout, read_table, text_of, time_ns
from tickproof.spec.events import (
    Bar,
    BookDelta,
    BookSnapshot,
    EventKind,
    Side,
    Trade,
    TradeKind,
)

TRADES = Layout("trades", {"time": "ts", "price": "px", "size": "qty", "side": "who"}, "XYZ-USD")
BARS = Layout(
    "bars",
    {"time": "t", "open": "o", "high": "h", "low": "l", "close": "c", "volume": "v"},
    "XYZ-USD",
)
BOOK = Layout("book", {"time": "t", "side": "s", "price": "p", "size": "q"}, "XYZ-USD")

TRADE_ROWS = [
    (1_000, "10.25", "0.5", "buy"),
    (2_000, "10.5", "1.25", "sell"),
    (3_000, "11", "2", "none"),
]


def csv(path: Path, header: str, rows: Sequence[Sequence[Any]]) -> Path:
    lines = [header, *(",".join(str(value) for value in row) for row in rows)]
    path.write_text("\n".join(line for line in lines if line) + "\n")
    return path


def bodies(feed: Feed) -> list[object]:
    return [event.body for event in feed.columns]


# --- one meaning in every format


def written(folder: Path, suffix: str) -> Path:
    """The same trades in one of the formats."""
    path = folder / f"trades{suffix}"
    if suffix == ".csv":
        return csv(path, "ts,px,qty,who", TRADE_ROWS)
    if suffix == ".csv.gz":
        plain = csv(folder / "plain.csv", "ts,px,qty,who", TRADE_ROWS)
        path.write_bytes(gzip.compress(plain.read_bytes()))
        return path
    stamps = [row[0] for row in TRADE_ROWS]
    prices = [float(row[1]) for row in TRADE_ROWS]
    sizes = [float(row[2]) for row in TRADE_ROWS]
    sides = [row[3] for row in TRADE_ROWS]
    if suffix == ".parquet":
        columns = {"ts": stamps, "px": prices, "qty": pa.array(sizes, pa.float32()), "who": sides}
        pq.write_table(pa.table(columns), path)
        return path
    layout = [("ts", "i8"), ("px", "f8"), ("qty", "f4"), ("who", "S4")]
    np.save(path, np.array(list(zip(stamps, prices, sizes, sides, strict=True)), layout))
    return path


@pytest.mark.parametrize("suffix", [".csv", ".csv.gz", ".parquet", ".npy"])
def test_trades_mean_the_same_in_every_format(suffix: str, tmp_path: Path) -> None:
    feed = read_table([written(tmp_path, suffix)], TRADES)
    assert bodies(feed) == [
        Trade(0, 1025, 50, Side.BUY, TradeKind.CONTINUOUS, 1),
        Trade(0, 1050, 125, Side.SELL, TradeKind.CONTINUOUS, 2),
        Trade(0, 1100, 200, Side.NONE, TradeKind.CONTINUOUS, 3),
    ]
    assert feed.columns.capture_time_ns.tolist() == [1_000, 2_000, 3_000]
    assert (feed.instrument.price_decimals, feed.instrument.quantity_decimals) == (2, 2)
    assert feed.counts.trades == 3
    reference = read_table([written(tmp_path, ".csv")], TRADES)
    assert feed.rows_hash == reference.rows_hash


@given(st.lists(st.tuples(st.integers(1, 10**9), st.integers(1, 10**9)), min_size=1))
def test_floats_are_what_their_shortest_text_says(drawn: list[tuple[int, int]]) -> None:
    for units, _ in drawn:
        text = f"{units // 1000}.{units % 1000:03d}"
        assert text_of(float(text)).rstrip("0").rstrip(".") == text.rstrip("0").rstrip(".")


def test_a_small_float_has_no_exponent(tmp_path: Path) -> None:
    path = tmp_path / "t.npy"
    for kind in ("f8", "f4"):
        array = np.array([(1, 1e-07, 1e-05)], [("ts", "i8"), ("px", kind), ("qty", kind)])
        np.save(path, array)
        layout = Layout("trades", {"time": "ts", "price": "px", "size": "qty"}, "XYZ-USD")
        feed = read_table([path], layout)
        assert bodies(feed) == [Trade(0, 1, 1, Side.NONE, TradeKind.CONTINUOUS, 1)]
        assert (feed.instrument.price_decimals, feed.instrument.quantity_decimals) == (7, 5)


def test_integer_units(tmp_path: Path) -> None:
    path = csv(tmp_path / "t.csv", "ts,px,qty,who", [(1, 1025, 5, "buy")])
    layout = evolve(TRADES, units=True, price_decimals=2, quantity_decimals=1)
    feed = read_table([path], layout)
    assert bodies(feed) == [Trade(0, 1025, 5, Side.BUY, TradeKind.CONTINUOUS, 1)]
    assert (feed.instrument.price_decimals, feed.instrument.quantity_decimals) == (2, 1)


def test_dates_are_nanoseconds(tmp_path: Path) -> None:
    stamp = 1_721_260_800_123_456_000
    arrow = tmp_path / "t.parquet"
    table = pa.table(
        {
            "ts": pa.array([stamp // 1000], pa.timestamp("us", "UTC")),
            "px": ["1"],
            "qty": ["1"],
            "who": ["b"],
        }
    )
    pq.write_table(table, arrow)
    array = tmp_path / "t.npy"
    kinds = [("ts", "M8[us]"), ("px", "i8"), ("qty", "i8"), ("who", "i1")]
    np.save(array, np.array([(np.datetime64(stamp // 1000, "us"), 1, 1, 1)], kinds))
    text = csv(tmp_path / "t.csv", "ts,px,qty,who", [("2024-07-18T00:00:00.123456Z", 1, 1, "b")])
    for path in (arrow, array, text):
        feed = read_table([path], evolve(TRADES, time_unit="s"))
        assert feed.columns.event_time_ns.tolist() == [stamp]


@pytest.mark.parametrize(
    ("value", "unit", "expected"),
    [
        ("1.5", "s", 1_500_000_000),
        (1.5, "s", 1_500_000_000),
        (1_721_260_800_000, "ms", 1_721_260_800_000_000_000),
        ("7", "ns", 7),
        ("1970-01-02", "ns", 86_400_000_000_000),
        ("1970-01-01 00:00:01", "ns", 1_000_000_000),
        ("1970-01-01T02:00:00.000000001+02:00", "ns", 1),
        ("1970-01-01T00:00:00-00:30", "ns", 1_800_000_000_000),
    ],
)
def test_times(value: Any, unit: str, expected: int) -> None:
    assert time_ns(value, unit) == expected


@pytest.mark.parametrize(
    "value", ["1.5", "", "x", "2024-13-01", "2024-01-01T25:00:00", "1969-12-31", None, True, -1]
)
def test_times_that_are_none(value: Any) -> None:
    with pytest.raises(InputError):
        time_ns(value, "ns")


# --- layouts


def test_trade_options(tmp_path: Path) -> None:
    path = csv(
        tmp_path / "t.csv",
        "ts,px,qty,id,maker,how",
        [(1, 10, 1, 77, "true", "auction"), (2, 10, 1, 78, "False", "0")],
    )
    fields = {"time": "ts", "price": "px", "size": "qty"}
    more = {"trade_id": "id", "buyer_maker": "maker", "kind": "how"}
    feed = read_table([path], Layout("trades", {**fields, **more}, "XYZ-USD"))
    assert bodies(feed) == [
        Trade(0, 10, 1, Side.SELL, TradeKind.AUCTION, 77),
        Trade(0, 10, 1, Side.BUY, TradeKind.CONTINUOUS, 78),
    ]


def test_bars(tmp_path: Path) -> None:
    rows = [(60, 10, 12, 9, 11.5, 100), (120, 11.5, 11.5, 11, 11, 0), (240, 11, 13, 11, 12, 7)]
    path = csv(tmp_path / "b.csv", "t,o,h,l,c,v", rows)
    feed = read_table([path], evolve(BARS, time_unit="s"))
    minute = 60_000_000_000
    assert bodies(feed) == [
        Bar(0, 100, 120, 90, 115, 100, minute),
        Bar(0, 115, 115, 110, 110, 0, minute),
        Bar(0, 110, 130, 110, 120, 7, minute),
    ]
    assert feed.counts.bars == 3
    declared = read_table([path], evolve(BARS, time_unit="s", bar_interval_ns=5))
    assert {body.interval_ns for body in bodies(declared)} == {5}  # type: ignore[attr-defined]


def test_bars_without_volume_and_volumes_cut_to_the_lot(tmp_path: Path) -> None:
    path = csv(tmp_path / "b.csv", "t,o,h,l,c,v", [(1, 1, 1, 1, 1, "5.30000000000004")])
    columns = {field: name for field, name in BARS.columns.items() if field != "volume"}
    assert bodies(read_table([path], evolve(BARS, columns=columns))) == [Bar(0, 1, 1, 1, 1, 0, 0)]
    cut = evolve(BARS, quantity_decimals=1, volume_down=True)
    assert bodies(read_table([path], cut)) == [Bar(0, 1, 1, 1, 1, 53, 0)]
    with pytest.raises(InputError, match=r"volume: expected a multiple of 0\.1"):
        read_table([path], evolve(BARS, quantity_decimals=1))


def test_a_file_without_a_header(tmp_path: Path) -> None:
    path = csv(tmp_path / "b.csv", "", [(1, 10, 1), (2, 11, 2)])
    layout = Layout("trades", {"time": "0", "price": "1", "size": "2"}, "XYZ-USD")
    assert len(read_table([path], layout).columns) == 2


def test_rows_of_one_time_are_one_message(tmp_path: Path) -> None:
    rows = [
        (1, "bid", "10.0", 5),
        (1, "ask", "10.1", 6),
        (2, "bid", "10.0", 0),
        (2, "bid", "9.9", 7),
        (3, "ask", "10.1", 2),
    ]
    path = csv(tmp_path / "l.csv", "t,s,p,q", rows)
    feed = read_table([path], BOOK)
    assert bodies(feed) == [
        BookSnapshot(0, 1, (1, 100, 5, -1, 101, 6)),
        BookDelta(0, 2, 2, (1, 100, 0, 1, 99, 7)),
        BookDelta(0, 3, 3, (-1, 101, 2)),
    ]
    assert feed.columns.sequence.tolist() == [0, 1, 2]
    counts = feed.counts
    assert (counts.messages, counts.snapshots, counts.diffs, counts.level_changes) == (3, 1, 2, 3)


def test_a_message_column_wins_over_time(tmp_path: Path) -> None:
    rows = [(1, "bid", 10, 5, "a"), (1, "ask", 11, 5, "b"), (2, "ask", 12, 5, "b")]
    path = csv(tmp_path / "l.csv", "t,s,p,q,m", rows)
    feed = read_table([path], evolve(BOOK, columns={**BOOK.columns, "message": "m"}))
    assert bodies(feed) == [
        BookSnapshot(0, 1, (1, 10, 5)),
        BookDelta(0, 2, 2, (-1, 11, 5, -1, 12, 5)),
    ]
    assert feed.columns.event_time_ns.tolist() == [1, 1]


def test_snapshots_where_the_flag_rises(tmp_path: Path) -> None:
    rows = [
        (1, "bid", 10, 5, "true"),
        (2, "ask", 11, 5, "true"),
        (3, "bid", 10, 4, "false"),
        (4, "bid", 9, 4, "true"),
    ]
    path = csv(tmp_path / "l.csv", "t,s,p,q,whole", rows)
    layout = evolve(BOOK, columns={**BOOK.columns, "snapshot": "whole"})
    kinds = read_table([path], layout).columns.kind.tolist()
    snapshot, delta = EventKind.BOOK_SNAPSHOT, EventKind.BOOK_DELTA
    assert kinds == [snapshot, delta, delta, snapshot]
    path = csv(tmp_path / "l.csv", "t,s,p,q,whole", rows[2:])
    with pytest.raises(InputError, match=":2: snapshot: expected true in the first message"):
        read_table([path], layout)


def test_prints_among_level_rows(tmp_path: Path) -> None:
    rows = [
        (1, 1, 10, 5, "add"),
        (2, -1, 10, 2, "trade"),
        (2, 1, 10, 3, "set"),
        (2, 1, 9, 3, "delete"),
    ]
    path = csv(tmp_path / "l.csv", "t,s,p,q,k", rows)
    feed = read_table([path], evolve(BOOK, columns={**BOOK.columns, "kind": "k"}))
    assert bodies(feed) == [
        BookSnapshot(0, 1, (1, 10, 5)),
        Trade(0, 10, 2, Side.SELL, TradeKind.CONTINUOUS, 1),
        BookDelta(0, 2, 2, (1, 10, 3, 1, 9, 0)),
    ]


def test_files_follow_each_other_and_ids_move(tmp_path: Path) -> None:
    first = csv(tmp_path / "1.csv", "ts,px,qty,who", TRADE_ROWS[:1])
    second = csv(tmp_path / "2.csv", "ts,px,qty,who", TRADE_ROWS[1:])
    whole = csv(tmp_path / "3.csv", "ts,px,qty,who", TRADE_ROWS)
    split = read_table([first, second], TRADES, instrument_id=2, source=4)
    assert split.rows_hash == read_table([whole], TRADES).rows_hash
    assert split.instrument.id == 2
    assert set(split.columns.source) == {4}


def test_stamps_going_backwards_are_counted(tmp_path: Path) -> None:
    path = csv(tmp_path / "t.csv", "ts,px,qty,who", [TRADE_ROWS[2], *TRADE_ROWS])
    assert read_table([path], TRADES).counts.backwards_stamps == 2


# --- bad input

BAD_TRADES = {
    "negative price": ((1, "-1", "1", "buy"), "price", "not negative"),
    "price of zero": ((1, "0", "1", "buy"), "price", "above 0"),
    "size of zero": ((1, "1", "0.0", "buy"), "size", "above 0"),
    "no number": ((1, "cheap", "1", "buy"), "price", "a plain decimal number"),
    "exponent": ((1, "1e3", "1", "buy"), "price", "a plain decimal number"),
    "off the grid": ((1, "1.005", "1", "buy"), "price", "a multiple of 0.01"),
    "beyond range": ((1, "10000000001", "1", "buy"), "price", "at most 10000000000.00"),
    "unknown side": ((1, "1", "1", "left"), "side", "buy or b"),
    "no time": (("noon", "1", "1", "buy"), "time", "a plain decimal number"),
    "fraction of a nanosecond": (("1.5", "1", "1", "buy"), "time", "a multiple of 1"),
    "too few values": ((1, "1", "1"), "row", "4 values"),
}


@pytest.mark.parametrize("case", BAD_TRADES, ids=BAD_TRADES.keys())
def test_bad_rows_are_named_where_they_stand(case: str, tmp_path: Path) -> None:
    row, field, expected = BAD_TRADES[case]
    path = csv(tmp_path / "t.csv", "ts,px,qty,who", [*TRADE_ROWS, row])
    with pytest.raises(InputError) as caught:
        read_table([path], evolve(TRADES, price_decimals=2, quantity_decimals=2))
    error = caught.value
    assert (error.file, error.line, error.field) == (str(path), 5, field)
    assert expected in error.expected


@pytest.mark.parametrize("value", [math.nan, math.inf, -1.0, None])
def test_bad_floats(value: float | None, tmp_path: Path) -> None:
    path = tmp_path / "t.parquet"
    pq.write_table(pa.table({"ts": [1, 2], "px": [1.5, value], "qty": [1, 1]}), path)
    layout = Layout("trades", {"time": "ts", "price": "px", "size": "qty"}, "XYZ-USD")
    with pytest.raises(InputError) as caught:
        read_table([path], layout)
    assert (caught.value.file, caught.value.line) == (str(path), 2)


@pytest.mark.parametrize(
    ("row", "field"),
    [
        ((1, 10, 9, 8, 10, 1), "high"),
        ((1, 10, 11, 10.5, 11, 1), "low"),
        ((1, 10, 11, 0, 11, 1), "low"),
    ],
)
def test_impossible_bars(row: tuple[float, ...], field: str, tmp_path: Path) -> None:
    path = csv(tmp_path / "b.csv", "t,o,h,l,c,v", [row])
    with pytest.raises(InputError, match=f":2: {field}: "):
        read_table([path], BARS)


def test_bad_levels(tmp_path: Path) -> None:
    path = csv(tmp_path / "l.csv", "t,s,p,q", [(1, "bid", 1, 0)])
    with pytest.raises(InputError, match=":2: size: expected above 0 in a snapshot"):
        read_table([path], BOOK)
    path = csv(tmp_path / "l.csv", "t,s,p,q", [(1, "none", 1, 1)])
    with pytest.raises(InputError, match=":2: side: expected bid or ask"):
        read_table([path], BOOK)


@pytest.mark.parametrize(
    ("layout", "text"),
    [
        (evolve(TRADES, rows="ticks"), "rows: expected trades or bars or book, got 'ticks'"),
        (evolve(TRADES, time_unit="h"), "time_unit: expected s or ms or us or ns, got 'h'"),
        (evolve(TRADES, columns={"time": "ts"}), "columns: expected a column for price"),
        (
            evolve(TRADES, columns={**TRADES.columns, "volume": "v"}),
            "columns: expected fields of trades",
        ),
        (
            evolve(TRADES, columns={**TRADES.columns, "side": "nowhere"}),
            "columns: expected column 'nowhere' for side, got ts, px, qty, who",
        ),
    ],
)
def test_layouts_that_do_not_fit(layout: Layout, text: str, tmp_path: Path) -> None:
    path = csv(tmp_path / "t.csv", "ts,px,qty,who", TRADE_ROWS)
    with pytest.raises(InputError) as caught:
        read_table([path], layout)
    assert text in str(caught.value)


@pytest.mark.parametrize("suffix", [".csv", ".csv.gz", ".parquet", ".npy", ".xlsx"])
def test_files_that_are_something_else(suffix: str, tmp_path: Path) -> None:
    path = tmp_path / f"t{suffix}"
    for content in (b"", b"\x00\xff\x13garbage\n" * 9):
        path.write_bytes(content)
        with pytest.raises(InputError) as caught:
            read_table([path], TRADES)
        assert caught.value.file == str(path)
    path.unlink()
    with pytest.raises(InputError, match="file: expected an existing file"):
        read_table([path], TRADES)


def test_an_array_that_is_no_table(tmp_path: Path) -> None:
    np.save(tmp_path / "t.npy", np.zeros(3))
    with pytest.raises(InputError, match="a structured array of one dimension"):
        read_table([tmp_path / "t.npy"], TRADES)


def test_a_table_without_rows(tmp_path: Path) -> None:
    path = csv(tmp_path / "t.csv", "ts,px,qty,who", [])
    with pytest.raises(InputError, match="file: expected a table with rows"):
        read_table([path], TRADES)
    with pytest.raises(InputError, match="at least one file"):
        read_table([], TRADES)


def test_a_missing_package_names_the_extra(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    def absent(name: str) -> Any:
        raise ImportError(name)

    monkeypatch.setattr(importlib, "import_module", absent)
    for suffix in (".npy", ".parquet"):
        path = tmp_path / f"t{suffix}"
        path.write_bytes(b"x")
        with pytest.raises(MissingExtra, match=r"pip install 'tickproof\[run\]'"):
            read_table([path], TRADES)


def test_real_bars(data_dir: Path) -> None:
    path = data_dir / "klines" / "btc-perp-20211231-20220201_1m.csv"
    columns = {name: name for name in ("open", "high", "low", "close", "volume")}
    layout = Layout(
        "bars",
        {"time": "timestamp", **columns},
        "BTC-USD",
        quantity_decimals=3,
        volume_down=True,
    )
    feed = read_table([path], layout)
    assert feed.counts.bars == 45_031
    assert set(feed.columns.payload[6::7]) == {60_000_000_000}


def test_real_trades(data_dir: Path) -> None:
    path = data_dir / "tardis" / "binance-futures_trades_BTCUSDT_2020-02-22.csv"
    columns = {
        "time": "local_timestamp",
        "price": "price",
        "size": "amount",
        "side": "side",
        "trade_id": "id",
    }
    feed = read_table([path], Layout("trades", columns, "BTCUSDT", time_unit="us"))
    assert bodies(feed)[0] == Trade(0, 968_200, 132, Side.BUY, TradeKind.CONTINUOUS, 42377944)


def test_real_level_rows(data_dir: Path) -> None:
    path = data_dir / "tardis" / "deribit_incremental_book_L2_BTC-PERPETUAL.csv"
    columns = {
        "time": "local_timestamp",
        "side": "side",
        "price": "price",
        "size": "amount",
        "snapshot": "is_snapshot",
    }
    feed = read_table([path], Layout("book", columns, "BTC-USD", time_unit="us"))
    assert feed.columns.kind[0] == EventKind.BOOK_SNAPSHOT
    assert feed.counts.snapshots == 1
