"""Backtests from Python: what a Result has, and what of the settings becomes Configuration."""

import json
from pathlib import Path

import pandas as pd
import pytest
from attrs import evolve, fields

from tests.runtime import worlds
from tickproof.runtime.backtest import (
    EQUITY_COLUMNS,
    FILL_COLUMNS,
    ORDER_COLUMNS,
    REQUEST_COLUMNS,
    configuration_of,
    run_backtest,
)
from tickproof.runtime.errors import InputError, MissingExtra
from tickproof.runtime.loading import load_strategy
from tickproof.runtime.readers.feed import combine
from tickproof.runtime.settings import DEFAULTS, BucketSettings, RiskSettings
from tickproof.runtime.synthetic import synthetic_market
from tickproof.spec.configuration import RiskLimits
from tickproof.spec.instrument import FeeAsset, InstrumentKind
from tickproof.spec.outputs import RecordKind
from tickproof.spec.venue_rules import NO_RULES, VenueRules

KEYS = {
    "positions",
    "market_events",
    "book_updates",
    "trades",
    "orders",
    "requests",
    "fills",
    "denied",
    "refused",
    "position",
    "fees",
    "realised",
    "unrealised",
    "equity",
    "instruments",
    "digest",
    "state_digest",
    "dataset_hash",
    "config_hash",
    "strategy_hash",
    "seconds",
    "events_per_s",
    "peak_rss_mb",
    "build",
    "crossed_books",
    "sequence_gaps",
    "ticker_checked",
    "ticker_equal",
    "fill_model",
    "latency",
    "maker_fee",
    "taker_fee",
    "balance_quote",
    "balance_base",
    "failure",
}


def test_a_summary_says_all_there_is_to_say() -> None:
    summary = run_backtest(worlds.market(600)).summary
    assert set(summary) >= KEYS
    assert json.loads(json.dumps(summary)) == summary
    assert summary["book_updates"] == worlds.market(600).feeds[0].counts.level_changes
    assert summary["ticker_checked"] == summary["ticker_equal"] > 0
    assert summary["fills"] > 0
    assert isinstance(summary["equity"], str)


def test_a_result_gives_tables() -> None:
    result = run_backtest(worlds.market(600))
    tables = (result.fills, result.orders, result.requests, result.equity)
    names = (FILL_COLUMNS, ORDER_COLUMNS, REQUEST_COLUMNS, EQUITY_COLUMNS)
    for table, columns in zip(tables, names, strict=True):
        assert isinstance(table, pd.DataFrame)
        assert tuple(table.columns) == columns
    assert len(result.fills) == result.summary["fills"]
    assert len(result.requests) == len(result.sent_ns)
    assert result.fills["quantity"].sum() == sum(row[9] for row in result.fill_rows)


def test_tables_name_the_extra_they_need(monkeypatch: pytest.MonkeyPatch) -> None:
    result = run_backtest(worlds.market(20))
    monkeypatch.setitem(__import__("sys").modules, "pandas", None)
    with pytest.raises(MissingExtra, match=r"tickproof\[run\]"):
        _ = result.fills


def test_equity_is_noted_with_every_fill_and_at_both_ends() -> None:
    result = run_backtest(worlds.market(600))
    positions = [row[0] for row in result.equity_rows]
    assert positions == sorted(set(positions))
    assert {row[0] for row in result.fill_rows} <= set(positions)
    assert positions[0] == 0
    assert positions[-1] == result.summary["positions"] - 1


def test_what_is_kept_does_not_change_the_run() -> None:
    market = worlds.market(600)
    told: list[tuple[str, int, int]] = []
    plain = run_backtest(market, strategy=worlds.GAMBLER, checkpoint_every=64)
    kept = run_backtest(
        market,
        strategy=worlds.GAMBLER,
        checkpoint_every=64,
        keep_outputs=True,
        keep_stream=True,
        check_ticker=False,
        progress=lambda *step: told.append(step),
    )
    assert plain.checkpoints == kept.checkpoints
    assert plain.equity_rows == kept.equity_rows
    assert plain.fill_rows == kept.fill_rows
    assert plain.state_digest == kept.state_digest
    assert len(plain.outputs) == 0
    assert plain.stream is None
    assert kept.stream is not None
    assert len(kept.stream) == kept.summary["positions"]


def test_settings_by_name_and_as_a_whole_are_the_same() -> None:
    market = worlds.market(200)
    settings = evolve(DEFAULTS, latency="2ms", param={"size": 2})
    one = run_backtest(market, settings)
    other = run_backtest(market, latency="2ms", param={"size": 2})
    assert one.summary["digest"] == other.summary["digest"]
    with pytest.raises(InputError, match="latency"):
        run_backtest(market, latency="2")


def test_progress_is_told_from_reading_to_the_end(tmp_path: Path) -> None:
    told: list[tuple[str, int, int]] = []
    log = worlds.long_log(tmp_path / "log.gz")
    run_backtest(log, progress=lambda *step: told.append(step))
    size = log.stat().st_size
    assert told[0] == ("read", size, size)
    assert told[-1] == ("run", 160, 160)


def test_risk_limits_have_the_fields_of_the_settings() -> None:
    names = tuple(each.name for each in fields(RiskSettings))
    assert names == tuple(each.name for each in fields(RiskLimits))
    values = dict(zip(names, (*range(1, len(names)), 0), strict=True))
    chosen = RiskSettings(**values)
    market = worlds.market(5)
    loaded = load_strategy("quoter", {})
    configuration = configuration_of(evolve(DEFAULTS, risk=chosen), market, (loaded,))
    assert configuration.risk == RiskLimits(**values)


def test_venue_filters_are_the_symbol_s_and_in_the_run_s_hash() -> None:
    market = worlds.market(5)
    symbol = market.instruments[0].symbol
    refused = run_backtest(market, venue={symbol: VenueRules(bid_up_e4=1, ask_up_e4=1)})
    plain, same = run_backtest(market), run_backtest(market, venue={symbol: NO_RULES})
    assert plain.summary["config_hash"] == same.summary["config_hash"]
    assert plain.summary["config_hash"] != refused.summary["config_hash"]
    with pytest.raises(InputError, match=r"venue\.OTHER: expected a symbol of the data"):
        run_backtest(market, venue={"OTHER": NO_RULES})


def test_settings_become_configuration_in_units() -> None:
    market = combine([synthetic_market(5, 1)])
    settings = evolve(
        DEFAULTS,
        maker_fee="-0.0001",
        taker_fee="0.0005",
        fee_asset="received",
        margin="0.1",
        balance_quote="7",
        balance_base="3",
        acknowledgement_timeout="4ms",
        jump_limit="1h",
        bucket=(BucketSettings("orders", 10, 2, "1s", cost_cancel=0),),
    )
    configuration = configuration_of(settings, market, (load_strategy("quoter", {}),))
    instrument = configuration.instruments[0]
    assert (instrument.maker_fee_e8, instrument.taker_fee_e8) == (-10_000, 50_000)
    assert instrument.fee_asset == FeeAsset.RECEIVED
    assert instrument.initial_margin_e8 == 10**7
    assert instrument.kind in set(InstrumentKind)
    amounts = {asset: amount for _, asset, amount in configuration.initial_balances}
    decimals = [asset.decimals for asset in market.assets]
    assert amounts == {0: 3 * 10 ** decimals[0], 1: 7 * 10 ** decimals[1]}
    assert configuration.timing.acknowledgement_ns == 4_000_000
    assert configuration.timing.jump_limit_ns == 3_600 * 10**9
    assert configuration.buckets[0].interval_ns == 10**9
    assert configuration.buckets[0].cost_cancel == 0
    assert configuration.strategies[0].name == "quoter"


def test_two_instruments_are_summed_where_they_share_a_quote_asset() -> None:
    one = synthetic_market(300, 1)
    other = synthetic_market(300, 2)
    other = evolve(other, instrument=evolve(other.instrument, symbol="OTHER-USD"))
    result = run_backtest(combine([one, other]), param={"instrument": 1})
    summary = result.summary
    assert list(summary["instruments"]) == ["DEMO-USD", "OTHER-USD"]
    assert summary["position"] is None
    assert summary["realised"] == summary["instruments"]["OTHER-USD"]["realised"]
    assert {row[2] for row in result.equity_rows} == {0, 1}


def test_every_consultation_is_among_the_records_when_they_are_kept() -> None:
    """Also those of a strategy that asks for nothing while nothing rests."""
    result = run_backtest(worlds.market(300), strategy="ema-cross", keep_outputs=True)
    wakes = [each for each in result.outputs if each[2] == RecordKind.WAKE]
    assert len(wakes) >= result.summary["trades"]
