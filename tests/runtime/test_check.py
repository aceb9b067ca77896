"""`--check`: what it costs nothing to leave off, what the result says, and how a run stops."""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.runtime import worlds
from tickproof.invariants.monitor import PredicateBroken
from tickproof.kernel import BUILD, orders
from tickproof.runtime.backtest import run_backtest
from tickproof.runtime.cli import main
from tickproof.runtime.errors import InputError

Capture = pytest.CaptureFixture[str]


@pytest.fixture
def log(tmp_path: Path) -> str:
    return str(worlds.long_log(tmp_path / "log.gz"))


@pytest.mark.parametrize("latency", ["0ms", "3ms"])
def test_no_result_depends_on_the_check(log: str, latency: str) -> None:
    plain = run_backtest(log, latency=latency)
    assert plain.summary["fills"] > 0
    for level, every, checked in (
        ("every", 16, plain.summary["positions"]),
        ("sampled", 16, plain.summary["positions"] // 16),
    ):
        same = run_backtest(log, latency=latency, check=level, check_every=every)
        for key in ("digest", "state_digest", "config_hash", "requests", "fills", "equity"):
            assert same.summary[key] == plain.summary[key]
        assert same.summary["checked_steps"] == checked
        assert same.checkpoints == plain.checkpoints


def test_the_result_says_what_was_checked(log: str, capsys: Capture) -> None:
    said = []
    for flags in ([], ["--check", "every"], ["--check", "sampled", "--check-every", "50"]):
        assert main(["backtest", log, "--json", *flags]) == 0
        summary = json.loads(capsys.readouterr().out)
        said.append((summary["check"], summary["check_every"], summary["checked_steps"]))
    positions = summary["positions"]
    assert said == [("off", None, 0), ("every", None, positions), ("sampled", 50, positions // 50)]


@pytest.mark.parametrize(("name", "value"), [("check", "often"), ("check_every", 0)])
def test_levels_and_steps_are_checked_before_anything_runs(
    log: str, name: str, value: int | str
) -> None:
    changes: dict[str, Any] = {name: value}
    with pytest.raises(InputError, match=name):
        run_backtest(log, **changes)


@pytest.mark.skipif(BUILD == "compiled", reason="compiled functions cannot be replaced")
def test_a_planted_bug_stops_the_run_and_keeps_nothing(
    log: str, capsys: Capture, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    fill = orders._fill
    monkeypatch.setattr(orders, "_fill", lambda order, report, lots: fill(order, report, lots + 1))
    assert main(["backtest", log, "--json", "--check", "off"]) == 0
    unchecked = json.loads(capsys.readouterr().out)
    assert unchecked["fills"] > 0
    out = tmp_path / "run"
    assert main(["backtest", log, "--json", "--check", "every", "--out", str(out)]) == 4
    printed = capsys.readouterr()
    assert printed.out == ""
    assert "broken at position" in printed.err
    assert "OL3: fresh_fill_counts (order " in printed.err
    assert "OL4: executed_is_the_sum_of_fills" in printed.err
    assert "event: Event(" in printed.err
    assert "ledger Ledger(" in printed.err
    assert "].order.legs: (Leg(" in printed.err
    assert not out.exists()
    with pytest.raises(PredicateBroken) as stop:
        run_backtest(log, check="every")
    assert stop.value.requirements[:2] == ("OL4", "OL3")
    assert stop.value.state.execution.orders


@pytest.mark.skipif(BUILD == "compiled", reason="compiled functions cannot be replaced")
def test_a_sample_misses_what_it_does_not_look_at_and_finds_what_lasts(
    log: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    fill = orders._fill
    monkeypatch.setattr(orders, "_fill", lambda order, report, lots: fill(order, report, lots + 1))
    with pytest.raises(PredicateBroken) as stop:
        run_backtest(log, check="sampled", check_every=16)
    assert (stop.value.position + 1) % 16 == 0
    assert stop.value.requirements == ("OL4",)
