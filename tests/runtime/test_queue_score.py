"""The score of the models on real orders: a part of ESH4 here, all of it in the benchmark.

Also that the table of the package is what its script makes of the recording, as far as that is
quick: the weights; which part of a growth was ahead takes whole runs.
"""

import json
from collections.abc import Sequence
from pathlib import Path

import pytest

from benchmarks import fit_queue, queue_score
from benchmarks.fidelity_models import (
    OTHERS,
    SHARES,
    Probable,
    half_of,
    orders_before,
    recording_of,
    score,
)
from benchmarks.fidelity_queue import ENDED, EXECUTED, JOINED, LEFT, PRINTED, Change
from tickproof.spec import queue_fit

SLICE = 34_000
"""Changes of ESH4 that are played here; scored are orders of the later half of them."""


@pytest.fixture(scope="module")
def esh4(data_dir: Path) -> list[Change]:
    pytest.importorskip("databento_dbn")
    return recording_of(data_dir, "esh4")


@pytest.mark.parametrize(("view", "most"), [("per_event", 1.45), ("conflated", 5.0)])
def test_the_fitted_model_guesses_best(esh4: list[Change], view: str, most: float) -> None:
    part = esh4[:SLICE]
    first = orders_before(part, half_of(part)[1]) + 1
    found = queue_score.cells(score(part, first, view))
    for cell in ("all end", "all half", "traded half"):
        assert found[cell]["fitted"] < min(found[cell][name] for name in (*OTHERS, "calibrated"))
    assert found["all end"]["fitted"] < most
    # Nothing is ahead of who trades: the cell asks who guesses low, and 0 is hard to undercut.
    assert found["traded end"]["zero"] < found["traded end"]["fitted"]


def test_the_weights_of_the_package_are_fitted(esh4: list[Change]) -> None:
    found = fit_queue.weights(fit_queue.choices(esh4, *half_of(esh4)))
    assert fit_queue.rows(found) == (queue_fit.WHOLE, queue_fit.PART)


def test_the_module_is_what_the_script_draws() -> None:
    shipped = fit_queue.Fit(queue_fit.WHOLE, queue_fit.PART, queue_fit.AHEAD_EIGHTHS)
    assert shipped.before() == queue_fit.BEFORE
    assert fit_queue.text_of(shipped) == fit_queue.TABLE.read_text()


@pytest.mark.parametrize(
    ("name", "expected"),
    [("back", 6.0), ("uniform", 4.8), ("square", 6 - 2 * 36 / 52), ("cubic", 6 - 2 * 0.6**3)],
)
def test_probability_models(name: str, expected: float) -> None:
    """Six ahead of ten, two leave; prints in the way take from the front and are no cancel."""
    model = Probable(SHARES[name], 6, per_event=True)
    model.told(10, 1)
    model.told(8, 2)
    assert model.ahead() == pytest.approx(expected)
    model.printed(3, 3, through=False, certain=True)
    model.told(7, 3)
    model.told(5, 3)
    assert model.ahead() == pytest.approx(expected - 3)


def test_a_cell_that_says_nothing_is_undefined() -> None:
    recording = [Change(JOINED, 1, 1, 10, 1, 5, 0), Change(ENDED, 1, 0, 0, 0, 0, 0)]
    for number in range(2, 40):
        recording += _visit(number)
    found = queue_score.cells(score(recording, 0, "per_event"))
    # Enough orders, but with nobody behind who could have left every model is right.
    assert found == {"all end": {}, "all half": {}, "traded end": {}, "traded half": {}}


def _visit(number: int) -> Sequence[Change]:
    """One joins behind another, sees it leave, and leaves."""
    stamp, first, second = number * 100, number * 2, number * 2 + 1
    return [
        Change(JOINED, stamp, 1, 10, first, 3, 0),
        Change(JOINED, stamp + 10, 1, 10, second, 2, 0),
        Change(LEFT, stamp + 20, 1, 10, first, 3, 0),
        Change(LEFT, stamp + 30, 1, 10, second, 2, 0),
        Change(ENDED, stamp + 30, 0, 0, 0, 0, 0),
    ]


def test_tables_are_printed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for main in (queue_score.main, fit_queue.main):
        monkeypatch.setenv("TICKPROOF_DATA", str(tmp_path / "nowhere"))
        assert main([]) == 2
        assert "TICKPROOF_DATA" in capsys.readouterr().err
    monkeypatch.setenv("TICKPROOF_DATA", str(tmp_path))
    assert queue_score.main(["--json"]) == 0
    assert json.loads(capsys.readouterr().out) == {}
    cells = {"all end": {"fitted": 1.0, "back": 2.0}, "traded end": {}}
    counts = {"all": 40, "traded": 3}
    found = {"orders": counts, "start": counts, "cells": cells}
    monkeypatch.setattr(queue_score, "tables", lambda _: iter([("esh4 per_event", found)]))
    assert queue_score.main([]) == 0
    text = capsys.readouterr().out
    assert "all: 40 orders" in text
    assert "undefined" in text


def test_what_trades_at_once_is_no_cancel() -> None:
    recording = [
        Change(JOINED, 1, 1, 10, 1, 5, 0),
        Change(JOINED, 2, 1, 10, 2, 5, 0),
        Change(PRINTED, 3, 1, 10, 0, 5, 0),
        Change(EXECUTED, 3, 1, 10, 1, 5, 0),
        Change(LEFT, 4, 1, 10, 2, 5, 0),
    ]
    assert score(recording, 0, "per_event").count == {"all": 0, "traded": 0}
