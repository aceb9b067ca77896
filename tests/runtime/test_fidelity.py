"""Real recordings: the books rebuilt from them are the venues', and executions are at the head.

The counting rules are those of `benchmarks.fidelity`.
"""

import json
from pathlib import Path

import pytest

from benchmarks import fidelity

FIGURES = {
    "bitstamp": {
        "fills": 1_154,
        "fills_at_head": 1_154,
        "snapshots": 5_011,
        "top_1": 4_951,
        "top_5": 4_641,
        "top_20": 1_796,
        "price_changes": 62,
        "moved": 36,
        "unknown_cancel": 208,
        "unknown_modify": 5,
        "add_after_delete": 5,
        "unknown_execute": 0,
        "duplicate_add": 0,
        "over": 0,
    },
    "esh4": {
        "auction_fills": 35,
        "passive_fills": 6_023,
        "passive_at_head": 5_495,
        "passive_behind_orders_that_left": 528,
        "former_taker_fills": 206,
        "former_taker_at_head": 205,
        "former_taker_behind_orders_that_left": 1,
        "crossed_before_open": 891,
        "crossed_after_open": 0,
        "unknown_cancel": 0,
        "unknown_modify": 0,
    },
    "lobster_aapl": {
        "rows": 937,
        "rows_equal": 937,
        "executions": 94,
        "executions_at_head": 94,
    },
    "lobster_amzn": {"rows": 55_070, "rows_equal": 55_070},
    "kraken": {"checksums": 4_269, "checksums_equal": 4_269},
    "okx": {"checksums": 290, "checksums_equal": 290},
}


@pytest.mark.parametrize("name", FIGURES)
def test_the_recording_says_what_it_said(data_dir: Path, name: str) -> None:
    if not (data_dir / fidelity.PLACES[name]).exists():
        pytest.skip(f"{fidelity.PLACES[name]} is not there")
    found = fidelity.ORACLES[name](data_dir)
    assert {key: found.get(key, 0) for key in FIGURES[name]} == FIGURES[name]


def test_every_passive_fill_is_accounted_for() -> None:
    ours, known = FIGURES["esh4"], fidelity.KNOWN["esh4"]
    explained = ours["passive_at_head"] + ours["passive_behind_orders_that_left"]
    assert explained == ours["passive_fills"] == known["passive_fills"]
    assert ours["passive_at_head"] >= known["passive_at_head"]


def test_figures_are_printed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("TICKPROOF_DATA", str(tmp_path / "nowhere"))
    assert fidelity.main([]) == 2
    assert "TICKPROOF_DATA" in capsys.readouterr().err
    monkeypatch.setenv("TICKPROOF_DATA", str(tmp_path))
    assert fidelity.main(["--json"]) == 0
    assert json.loads(capsys.readouterr().out) == {}
    monkeypatch.setattr(fidelity, "figures", lambda _: iter([("okx", {"checksums": 290})]))
    assert fidelity.main([]) == 0
    assert "290   known 1,504" in capsys.readouterr().out
