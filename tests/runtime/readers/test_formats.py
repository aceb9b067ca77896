"""Every format by name: what is read is a market a backtest can run on."""

from pathlib import Path

import pytest

from tickproof.runtime.errors import InputError
from tickproof.runtime.readers.feed import combine
from tickproof.runtime.readers.formats import FORMATS, ORDER_FORMATS, read_any, read_orders
from tickproof.runtime.readers.orders import ORDER_KINDS
from tickproof.spec.events import EventKind

RECORDINGS = {
    "bitstamp": (("bitstamp_l3/2015-05-01.log.xz",), None, 50_771),
    "databento": (("databento/esh4-glbx-mdp3-20231225.mbo.dbn.zst",), "ESH4", 49_996),
    "lobster": (
        (
            "lobster/AAPL_2012-06-21_34200000_57600000_message_10.first1000.csv",
            "lobster/AAPL_2012-06-21_34200000_57600000_orderbook_10.first1000.csv",
        ),
        None,
        1_097,
    ),
    "kraken": (("cryptofeed/KRAKEN.ws.50.0",), "XBT/CHF", 290),
    "okx": (("cryptofeed/OKX.ws.1.0",), "BTC-USDT", 167),
    "tardis": (("tardis/deribit_incremental_book_L2_BTC-PERPETUAL.csv",), None, 1),
}


def test_every_format_has_a_name() -> None:
    assert FORMATS == (
        "binance",
        "bitstamp",
        "coinbase",
        "databento",
        "kraken",
        "lobster",
        "okx",
        "tardis",
    )


@pytest.mark.parametrize("form", RECORDINGS)
def test_real_recordings_are_markets(data_dir: Path, form: str) -> None:
    names, symbol, events = RECORDINGS[form]
    paths = [data_dir / name for name in names]
    if not all(path.exists() for path in paths):
        pytest.skip(f"{names[0]} is not there")
    if form == "databento":
        pytest.importorskip("databento_dbn")
    feed = read_any(paths, form, symbol)
    assert len(combine([feed]).columns) == events
    kinds = dict.fromkeys(feed.columns.kind)
    assert feed.counts.snapshots == 1
    assert set(kinds) <= {EventKind.BOOK_SNAPSHOT, EventKind.BOOK_DELTA, EventKind.TRADE}


@pytest.mark.parametrize("form", sorted(set(RECORDINGS) & set(ORDER_FORMATS)))
def test_orders_come_beside_the_same_levels(data_dir: Path, form: str) -> None:
    names, symbol, events = RECORDINGS[form]
    paths = [data_dir / name for name in names]
    if not all(path.exists() for path in paths):
        pytest.skip(f"{names[0]} is not there")
    if form == "databento":
        pytest.importorskip("databento_dbn")
    columns = read_any(paths, form, symbol, by_order=True).columns
    orders = sum(kind in ORDER_KINDS for kind in columns.kind)
    assert orders > 900
    assert len(columns) == events + orders


def test_a_path_alone_is_a_file(tmp_path: Path) -> None:
    (tmp_path / "log").write_text(
        '1 order_created {"price": "10.5", "amount": "2", "id": 1, "order_type": 0}\n'
    )
    for form in ("bitstamp",):
        assert len(read_any(tmp_path / "log", form).columns) == 1
        assert len(read_orders(tmp_path / "log", form).feed.columns) == 1
        assert read_any(tmp_path / "log", form, "A/B").instrument.symbol == "A/B"


def test_an_unknown_format_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="format: expected one of bitstamp, coinbase"):
        read_any(tmp_path / "log", "csv")
    assert "kraken" not in ORDER_FORMATS
    with pytest.raises(InputError, match="format: "):
        read_orders(tmp_path / "log", "kraken")
