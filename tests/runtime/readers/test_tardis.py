"""Reading Tardis CSV files: each of the four sorts, and every refusal in its place."""

from pathlib import Path

import pytest

from tickproof.runtime.errors import InputError
from tickproof.runtime.readers.feed import Feed
from tickproof.runtime.readers.tardis import read_tardis
from tickproof.spec.events import BookDelta, BookSnapshot, Side, TopOfBook, Trade
from tickproof.spec.instrument import InstrumentKind

COMMON = "exchange,symbol,timestamp,local_timestamp"
TRADES = f"{COMMON},id,side,price,amount"
QUOTES = f"{COMMON},ask_amount,ask_price,bid_price,bid_amount"
CHANGES = f"{COMMON},is_snapshot,side,price,amount"
SNAPSHOTS = f"{COMMON},asks[0].price,asks[0].amount,bids[0].price,bids[0].amount"
START = "deribit,BTC-USD,{0},{1}"


def read(path: Path, header: str, *rows: str) -> Feed:
    (path / "rows.csv").write_text("\n".join([header, *rows]) + "\n")
    return read_tardis([path / "rows.csv"])


def row(index: int, cells: str, venue: str = "deribit,BTC-USD") -> str:
    return f"{venue},{1_000_000 + index},{2_000_000 + index},{cells}"


def refused(path: Path, header: str, *rows: str) -> str:
    with pytest.raises(InputError) as caught:
        read(path, header, *rows)
    return str(caught.value)


def bodies(feed: Feed) -> list[object]:
    return [event.body for event in feed.columns]


def test_trades(tmp_path: Path) -> None:
    feed = read(
        tmp_path,
        TRADES,
        row(0, "77,buy,10.5,0.25"),
        row(1, "a-b,unknown,10,1"),
        row(0, "78,sell,10,1"),
    )
    assert bodies(feed) == [
        Trade(0, 105, 25, Side.BUY, 0, 77),
        Trade(0, 100, 100, Side.NONE, 0, 2),
        Trade(0, 100, 100, Side.SELL, 0, 78),
    ]
    assert (feed.columns.event_time_ns[0], feed.columns.capture_time_ns[0]) == (
        1_000_000_000,
        2_000_000_000,
    )
    assert (feed.counts.trades, feed.counts.messages, feed.counts.backwards_stamps) == (3, 3, 1)
    assert feed.instrument.kind == InstrumentKind.LINEAR


def test_quotes(tmp_path: Path) -> None:
    feed = read(tmp_path, QUOTES, row(0, "3,10.5,10.4,2"), row(1, ",,10.4,2"))
    assert bodies(feed) == [TopOfBook(0, 104, 2, 105, 3), TopOfBook(0, 104, 2, 0, 0)]


def test_snapshots(tmp_path: Path) -> None:
    feed = read(tmp_path, SNAPSHOTS, row(0, "10.5,3,10.4,2"), row(1, ",,10.4,2"))
    assert bodies(feed) == [
        BookSnapshot(0, 1, (-1, 105, 3, 1, 104, 2)),
        BookSnapshot(0, 2, (1, 104, 2)),
    ]


def test_a_message_is_the_rows_of_one_local_time(tmp_path: Path) -> None:
    feed = read(
        tmp_path,
        CHANGES,
        row(0, "true,ask,10.5,3"),
        row(0, "true,bid,10.4,2"),
        row(0, "true,bid,10.3,0"),
        row(1, "true,bid,10.2,1"),
        row(2, "false,bid,10.4,0"),
        row(2, "false,ask,10.5,1"),
        row(3, "false,ask,10.6,1"),
        row(4, "true,ask,10.7,1"),
    )
    assert bodies(feed) == [
        BookSnapshot(0, 1, (-1, 105, 3, 1, 104, 2)),
        BookDelta(0, 2, 2, (1, 102, 1)),
        BookDelta(0, 3, 3, (1, 104, 0, -1, 105, 1)),
        BookDelta(0, 4, 4, (-1, 106, 1)),
        BookSnapshot(0, 5, (-1, 107, 1)),
    ]
    assert (feed.counts.snapshots, feed.counts.diffs, feed.counts.level_changes) == (2, 3, 4)


def test_a_spot_exchange_is_spot_unless_told(tmp_path: Path) -> None:
    cells = row(0, "1,buy,10,1", "binance,BTCUSDT")
    assert read(tmp_path, TRADES, cells).instrument.kind == InstrumentKind.SPOT
    linear = read_tardis([tmp_path / "rows.csv"], "BTCUSDT", kind=InstrumentKind.LINEAR)
    assert linear.instrument.kind == InstrumentKind.LINEAR
    named = read_tardis([tmp_path / "rows.csv"], assets=("AAA", "BBB"))
    assert [asset.name for asset in named.assets] == ["AAA", "BBB"]


def test_refusals_name_their_place(tmp_path: Path) -> None:
    good = row(0, "1,buy,10,1")
    assert ":1: header: " in refused(tmp_path, "a,b,c", "1,2,3")
    assert ":2: header: " in refused(tmp_path, COMMON, START.format(1, 2))
    assert "a header alone" in refused(tmp_path, TRADES)
    assert ":3: row: expected 8 values, got 5 values" in refused(
        tmp_path, TRADES, good, row(1, "1")
    )
    assert ":3: symbol: " in refused(tmp_path, TRADES, good, row(1, "1,buy,10,1", "deribit,X-Y"))
    assert ":2: side: " in refused(tmp_path, TRADES, row(0, "1,up,10,1"))
    assert ":2: price: " in refused(tmp_path, TRADES, row(0, "1,buy,ten,1"))
    assert ":2: is_snapshot: expected true" in refused(tmp_path, CHANGES, row(0, "false,bid,1,1"))
    assert ":2: is_snapshot: " in refused(tmp_path, CHANGES, row(0, "maybe,bid,1,1"))
    with pytest.raises(InputError, match="at least one file"):
        read_tardis([])


@pytest.mark.parametrize(
    ("name", "events", "decimals"),
    [
        ("binance-futures_book_snapshot_25_BTCUSDT", 10, (2, 3)),
        ("binance-futures_book_snapshot_5_BTCUSDT", 10, (2, 3)),
        ("binance-futures_quotes_BTCUSDT_2020-02-22", 9_999, (2, 3)),
        ("binance-futures_trades_BTCUSDT_2020-02-22", 9_999, (2, 3)),
        ("bitmex_trades_XBTUSD", 10, (1, 0)),
        ("deribit_incremental_book_L2_BTC-PERPETUAL", 1, (1, 0)),
        ("huobi-dm-swap_quotes_BTC-USD", 10, (1, 0)),
    ],
)
def test_real_files_are_read(
    data_dir: Path, name: str, events: int, decimals: tuple[int, int]
) -> None:
    path = data_dir / "tardis" / f"{name}.csv"
    if not path.exists():
        pytest.skip(f"{path.name} is not there")
    feed = read_tardis([path])
    assert len(feed.columns) == events
    assert (feed.instrument.price_decimals, feed.instrument.quantity_decimals) == decimals
    assert feed.counts.backwards_stamps == 0
