"""Runs on orders told one by one, from parts of recordings: exact, between bounds [Q5, Q7]."""

import json
from pathlib import Path
from typing import Any

import pytest
from attrs import evolve

from benchmarks.fidelity_exact import EXACT, fills
from tests.runtime.test_format_runs import made
from tickproof.invariants.refinement import Lockstep
from tickproof.runtime import backtest
from tickproof.runtime.backtest import market_of, run_backtest, venue_of
from tickproof.runtime.cli import main
from tickproof.runtime.engine import Engine
from tickproof.runtime.errors import InputError
from tickproof.runtime.loading import load_strategy
from tickproof.runtime.readers.feed import Market
from tickproof.runtime.readers.formats import ORDER_FORMATS
from tickproof.runtime.readers.orders import ORDER_KINDS
from tickproof.runtime.settings import Settings
from tickproof.spec.strategy import Strategy
from tickproof.spec.stream import EventColumns

FORMS = sorted(ORDER_FORMATS)
BATCH = 700
EVENTS = 150
"""Of each part, on the specification: it is slow."""

DIGESTS = ("digest", "state_digest", "fills", "requests")

Read = tuple[str, Market]


@pytest.fixture(scope="module", params=FORMS)
def read(
    request: pytest.FixtureRequest, data_dir: Path, tmp_path_factory: pytest.TempPathFactory
) -> Read:
    """A part of a recording, with its orders."""
    files, symbol = made(request.param, data_dir, tmp_path_factory.mktemp("data"))
    return request.param, market_of({symbol: files}, evolve(EXACT, format=request.param))


def in_batches(kernel: Any, venue: Any, columns: EventColumns, *rest: Any) -> Engine:
    parts = [
        columns.slice(at, min(at + BATCH, len(columns))) for at in range(0, len(columns), BATCH)
    ]
    return Engine(kernel, venue, parts, *rest)


def test_an_exact_run_is_the_same_in_batches(read: Read, monkeypatch: pytest.MonkeyPatch) -> None:
    form, market = read
    whole = run_backtest(market, EXACT).summary
    assert whole["failure"] is None
    assert whole["requests"] > 0
    assert whole["fills"] > 0 or form == "coinbase"
    monkeypatch.setattr(backtest, "Engine", in_batches)
    parts = run_backtest(market, EXACT).summary
    assert {key: parts[key] for key in DIGESTS} == {key: whole[key] for key in DIGESTS}


def test_models_of_levels_do_as_without_the_orders(read: Read) -> None:
    _, market = read
    feed = market.feeds[0]
    plain = EventColumns()
    columns = market.columns
    for index, kind in enumerate(columns.kind):
        if kind not in ORDER_KINDS:
            plain.append_raw(
                kind,
                columns.event_time_ns[index],
                columns.capture_time_ns[index],
                columns.source[index],
                columns.sequence[index],
                columns.epoch[index],
                columns.payload_of(index),
            )
    levels = evolve(market, columns=plain, feeds=(evolve(feed, columns=plain),))
    one = run_backtest(market, Settings(feed="by_order", fill_model="optimistic"))
    other = run_backtest(levels, Settings(fill_model="optimistic"))
    assert [row[2:] for row in one.fill_rows] == [row[2:] for row in other.fill_rows]
    assert one.sent_ns == other.sent_ns


@pytest.mark.parametrize("first", ["pessimistic", "exact"])
def test_exact_fills_lie_between_the_outer_models(read: Read, first: str) -> None:
    """After every message, for the requests of either run; a log may tell prints late."""
    form, market = read
    found = fills(market, first)
    assert found["outside"] == 0
    assert form == "bitstamp" or found["outside_after_a_message"] == 0
    if form in ("databento", "bitstamp"):
        assert 0 < found["lots_pessimistic"] < found["lots_exact"] < found["lots_optimistic"]


def test_orders_beside_levels_are_asked_for(
    data_dir: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    files, _ = made("lobster", data_dir, tmp_path)
    options = ["--format", "lobster", "--feed", "by_order", "--json"]
    assert main(["backtest", *files, *options, "--fill-model", "exact"]) == 0
    summary = json.loads(capsys.readouterr().out)
    assert summary["fill_model"] == "exact"
    assert main(["backtest", *files, *options, "--fill-model", "pessimistic"]) == 0
    assert json.loads(capsys.readouterr().out)["market_events"] == summary["market_events"]


def test_exact_needs_orders_and_orders_need_a_format_that_names_them(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_text("neither this nor that\n")
    for settings in (EXACT, evolve(EXACT, format="kraken")):
        with pytest.raises(InputError, match="format: expected one of bitstamp, coinbase"):
            market_of(path, settings)
    with pytest.raises(InputError, match="fill_model: expected exact with feed by_order only"):
        venue_of(Settings(fill_model="exact"), Any)  # type: ignore[arg-type]


def test_kernel_and_specification_pass_over_orders_alike(read: Read) -> None:
    """The whole State, the records and the chain after every Event, orders among them."""
    _, market = read
    first = evolve(market, columns=market.columns.slice(0, min(EVENTS, len(market.columns))))
    result = run_backtest(first, EXACT, keep_stream=True)
    assert result.stream is not None

    def strategies() -> tuple[Strategy, ...]:
        return (load_strategy(EXACT.strategy, {}).strategy,)

    both = Lockstep(result.configuration, strategies, digests_every=50)
    for event in result.stream:
        assert both.apply(event)
    assert sum(kind in ORDER_KINDS for kind in result.stream.kind) > 3
    assert both.kernel.chain_digest().hex() == result.summary["digest"]
