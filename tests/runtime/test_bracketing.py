"""The bracket: one request sequence, three fill models, ordered at every moment [Q7]."""

import json
from pathlib import Path

import pytest
from attrs import evolve
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.runtime import worlds
from tests.runtime.test_loading import HEAD
from tickproof.runtime import bracketing
from tickproof.runtime.backtest import Result, run_backtest
from tickproof.runtime.bracketing import MODELS, bracket, bracket_table, scenarios
from tickproof.runtime.cli import main
from tickproof.runtime.settings import DEFAULTS
from tickproof.spec.errors import InvariantBroken
from tickproof.spec.price_queue import FillModel

NAMES = ["pessimistic", "calibrated", "optimistic"]


def recorded(seed: int, latency: str, strategy: str = "quoter", events: int = 400) -> Result:
    return run_backtest(
        worlds.market(events, seed), strategy=strategy, latency=latency, check_ticker=False
    )


@settings(max_examples=40)
@given(
    seed=st.integers(1, 10_000),
    latency=st.sampled_from(("0ms", "1ms", "30ms")),
    strategy=st.sampled_from(("quoter", worlds.GAMBLER)),
)
def test_fills_of_a_fixed_sequence_are_ordered(seed: int, latency: str, strategy: str) -> None:
    result = recorded(seed, latency, strategy)
    found = bracket(result.market, result)
    assert found.requests == len(result.request_rows)
    assert found.checks >= len(result.market.columns)
    assert [each.model for each in found.models] == NAMES
    for order_id in {row[6] for row in result.request_rows}:
        lots = [each.filled.get(order_id, 0) for each in found.models]
        assert lots == sorted(lots)
    # Without a strategy the pessimistic venue does what it did with one.
    assert len(found.models[0].fills) == len(result.fill_rows)


def test_orders_that_take_fill_alike_under_all_models() -> None:
    result = recorded(3, "1ms", "buy-and-hold")
    found = bracket(result.market, result)
    assert [len(each.fills) for each in found.models] == [1, 1, 1]


def test_models_out_of_order_stop_everything(monkeypatch: pytest.MonkeyPatch) -> None:
    """A planted bug: the venues are given the wrong models."""
    result = next(
        found
        for found in (recorded(seed, "0ms", events=1_500) for seed in range(1, 30))
        if len({len(each.fills) for each in bracket(found.market, found).models}) > 1
    )
    swapped = (FillModel.PESSIMISTIC, FillModel.OPTIMISTIC, FillModel.PESSIMISTIC)
    monkeypatch.setattr(bracketing, "MODELS", swapped)
    with pytest.raises(InvariantBroken, match="Q7: order"):
        bracket(result.market, result)


def test_a_run_that_is_not_repeated_stops_everything() -> None:
    result = recorded(3, "0ms", events=1_500)
    assert result.fill_rows
    with pytest.raises(InvariantBroken, match="D5: "):
        bracket(result.market, evolve(result, fill_rows=result.fill_rows[:-1]))


def test_scenarios_are_said_to_bound_nothing() -> None:
    market = worlds.market(400)
    runs = scenarios(market, DEFAULTS)
    table = bracket_table(bracket(market, runs[0]), runs)
    assert [run.settings.fill_model for run in runs] == NAMES
    assert len(MODELS) == 3
    assert table["scenarios"]["bound"] is False
    assert "bound nothing" in table["scenarios"]["note"]
    assert list(table["bracket"]["models"]) == list(table["scenarios"]["runs"]) == NAMES


def test_the_command_prints_both(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    log = str(worlds.long_log(tmp_path / "log.gz"))
    assert main(["bracket", log, "--json", "--latency", "1ms", "--fill-model", "optimistic"]) == 0
    out, err = capsys.readouterr()
    assert out.count("\n") == 1
    assert err == ""
    table = json.loads(out)
    assert table["bracket"]["ordered"] is True
    assert table["scenarios"]["runs"]["pessimistic"]["fill_model"] == "pessimistic"
    assert table["scenarios"]["runs"]["optimistic"]["latency"] == "1ms"

    assert main(["bracket", log]) == 0
    out = capsys.readouterr().out
    assert "Scenarios, not bounds:" in out
    assert out.count("pessimistic") == 2
    assert sorted(path.name for path in tmp_path.iterdir()) == ["log.gz"]


def test_a_strategy_that_fails_has_no_bracket(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    log = str(worlds.long_log(tmp_path / "log.gz"))
    mine = tmp_path / "mine.py"
    mine.write_text(HEAD + "        1 // 0\n", encoding="utf-8")
    assert main(["bracket", log, "--strategy", f"{mine}:Mine"]) == 3
    out, err = capsys.readouterr()
    assert out == ""
    assert f"strategy failed: {mine}:16: ZeroDivisionError" in err
