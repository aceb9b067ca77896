"""Every example runs: the strategy, and each code cell of the notebook in one namespace."""

import ast
import json
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from tickproof.runtime.backtest import Result, run_backtest
from tickproof.runtime.readers.feed import combine
from tickproof.runtime.synthetic import synthetic_market
from tickproof.spec.events import FillCause, Liquidity, Side

EXAMPLES = Path(__file__).parents[2] / "examples"
OWN = f"{EXAMPLES / 'own_strategy.py'}:FallingPrints"

FIELDS = {"markdown": {"cell_type", "id", "metadata", "source"}}
FIELDS["code"] = FIELDS["markdown"] | {"execution_count", "outputs"}


def own_run(**parameters: int) -> Result:
    market = combine([synthetic_market(20_000, seed=7)])
    return run_backtest(market, strategy=OWN, latency="5ms", param=parameters)


def test_the_own_strategy_buys_and_leaves() -> None:
    result = own_run(falls=2)
    assert result.failure is None
    assert result.summary["denied"] == 0
    sides = [row[7] for row in result.fill_rows]
    assert len(sides) > 4
    # One position at a time: in and out by turns.
    assert all(before != after for before, after in pairwise(sides))
    assert sides[0] == Side.BUY
    for row in result.fill_rows:
        maker = (Liquidity.MAKER, FillCause.PRINT)
        taker = (Liquidity.TAKER, FillCause.SWEEP)
        assert row[12:14] == (maker if row[7] == Side.BUY else taker)


def test_the_own_strategy_stays_as_long_as_told() -> None:
    rows = own_run(falls=2, hold_ms=500).fill_rows
    pairs = zip(rows[::2], rows[1::2], strict=False)
    stays = [sold[1] - bought[1] for bought, sold in pairs]
    assert stays
    # The time runs from the order, not from its fill; leaving takes two ways of 5 ms.
    assert max(stays) <= 511_000_000


def notebook() -> dict[str, Any]:
    found: dict[str, Any] = json.loads((EXAMPLES / "backtest.ipynb").read_text(encoding="utf-8"))
    return found


def test_the_notebook_is_one_and_has_no_outputs() -> None:
    found = notebook()
    assert (found["nbformat"], found["nbformat_minor"]) == (4, 5)
    cells = found["cells"]
    assert len({cell["id"] for cell in cells}) == len(cells)
    for cell in cells:
        assert set(cell) == FIELDS[cell["cell_type"]]
        if cell["cell_type"] == "code":
            assert (cell["outputs"], cell["execution_count"]) == ([], None)


def test_every_code_cell_runs(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(EXAMPLES)
    names: dict[str, Any] = {"__name__": "notebook"}
    values = []
    for cell in notebook()["cells"]:
        if cell["cell_type"] != "code":
            continue
        tree = ast.parse("".join(cell["source"]))
        shown = tree.body.pop() if isinstance(tree.body[-1], ast.Expr) else None
        exec(compile(tree, cell["id"], "exec"), names)  # noqa: S102 - our own notebook
        if shown is not None:
            expression = ast.Expression(shown.value)  # type: ignore[attr-defined]
            values.append(eval(compile(expression, cell["id"], "eval"), names))  # noqa: S307
    equal, tables = values[2], (values[0], values[1])
    assert equal
    assert all(len(table) > 2 for table in tables)
    assert values[-1] == (True, False)
    said = capsys.readouterr().out
    assert "USD after fees" in said
    assert "at its price: " in said
    assert "fills, explained in report.html" in said


def test_every_file_is_in_the_readme() -> None:
    readme = (EXAMPLES / "README.md").read_text(encoding="utf-8")
    for path in EXAMPLES.iterdir():
        if path.suffix in (".py", ".ipynb"):
            assert f"]({path.name})" in readme
