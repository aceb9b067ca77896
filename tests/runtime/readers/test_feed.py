"""Feeds and markets: names, units and ids are put together without changing what the rows say."""

import hashlib
from pathlib import Path

import pytest
from attrs import evolve
from hypothesis import given
from hypothesis import strategies as st

from tests.runtime.readers.logs import spot_session, usdm_session, written
from tickproof.runtime.errors import InputError
from tickproof.runtime.readers.binance import read_binance
from tickproof.runtime.readers.feed import (
    Feed,
    combine,
    file_hash,
    instrument_for,
    rows_hash,
    split_symbol,
)
from tickproof.spec.instrument import InstrumentKind, notional


@pytest.fixture
def feeds(tmp_path: Path) -> list[Feed]:
    usdm = read_binance([written(tmp_path / "usdm.gz", usdm_session())])
    spot = read_binance([written(tmp_path / "spot.gz", spot_session())])
    fine = evolve(
        spot,
        assets=(spot.assets[0], evolve(spot.assets[1], decimals=11)),
        instrument=evolve(spot.instrument, money_per_price_lot=1000),
    )
    return [usdm, fine]


def test_symbols_split_into_assets() -> None:
    for symbol, pair in {
        "BTCUSDT": ("BTC", "USDT"),
        "ETHBTC": ("ETH", "BTC"),
        "BTCFDUSD": ("BTC", "FDUSD"),
        "BTCUSDT_240927": ("BTC", "USDT"),
        "ES-USD": ("ES", "USD"),
        "AAPL/XYZ": ("AAPL", "XYZ"),
    }.items():
        assert split_symbol(symbol) == pair
    for symbol in ("", "USDT", "NONSENSE", "-", "A-"):
        with pytest.raises(InputError):
            split_symbol(symbol)


@given(st.integers(0, 9), st.integers(0, 9))
def test_no_notional_is_ever_rounded(price_decimals: int, quantity_decimals: int) -> None:
    instrument, (base, quote) = instrument_for(
        "BTCUSDT", InstrumentKind.SPOT, price_decimals, quantity_decimals
    )
    assert notional(instrument, 10**price_decimals, 10**quantity_decimals) == 10**quote.decimals
    assert instrument.base_per_lot * 10**quantity_decimals == 10**base.decimals
    assert isinstance(instrument.money_per_price_lot, int)


def test_combining_gives_dense_ids_and_common_money(feeds: list[Feed]) -> None:
    market = combine(feeds)
    assert [asset.name for asset in market.assets] == ["BTC", "USDT"]
    assert [asset.id for asset in market.assets] == [0, 1]
    assert market.assets[1].decimals == 11
    assert [instrument.id for instrument in market.instruments] == [0, 1]
    assert [i.money_per_price_lot for i in market.instruments] == [10**7, 1000]
    assert len(market.columns) == sum(len(feed.columns) for feed in feeds)
    for event in market.columns:
        assert event.body.instrument == event.source  # type: ignore[union-attr]


def test_combining_keeps_every_feed_s_rows(feeds: list[Feed]) -> None:
    market = combine(feeds)
    for before, after in zip(feeds, market.feeds, strict=True):
        assert rows_hash(after.instrument, after.columns) == before.rows_hash
        assert after.counts == before.counts


def test_an_instrument_can_be_given_once_only(feeds: list[Feed]) -> None:
    with pytest.raises(InputError, match="each instrument once"):
        combine([feeds[0], feeds[0]])


def test_one_feed_combines_to_itself(feeds: list[Feed]) -> None:
    market = combine(feeds[:1])
    assert market.dataset_hash == feeds[0].dataset_hash
    assert list(market.columns) == list(feeds[0].columns)


def test_a_single_file_has_its_plain_sha256(tmp_path: Path) -> None:
    one, two = tmp_path / "1", tmp_path / "2"
    one.write_bytes(b"abc")
    two.write_bytes(b"d")
    assert file_hash([one]) == hashlib.sha256(b"abc").hexdigest()
    assert len({file_hash([one]), file_hash([one, two]), file_hash([two, one])}) == 3
