"""A run again from its folder: equal, or different at the first position that is."""

import os
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from attrs import evolve

from tests.runtime import worlds
from tests.runtime.folders import Kept, change_manifest, change_table, copied, kept, without_page
from tests.runtime.test_loading import HEAD
from tickproof.runtime import run_folder
from tickproof.runtime.backtest import run_backtest
from tickproof.runtime.cli import main
from tickproof.runtime.comparing import Difference
from tickproof.runtime.errors import InputError
from tickproof.runtime.readers.feed import combine
from tickproof.runtime.replaying import replay
from tickproof.runtime.run_folder import Synthetic, read_run, write_run
from tickproof.runtime.settings import DEFAULTS
from tickproof.runtime.synthetic import synthetic_market

Rows = list[dict[str, Any]]


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Kept:
    folder = tmp_path_factory.mktemp("replay")
    settings = evolve(DEFAULTS, latency="1ms", feed_latency="1ms", checkpoint_every=50)
    with pytest.MonkeyPatch.context() as patch:
        without_page(patch)
        return kept(worlds.long_log(folder / "log.gz"), folder / "run", settings)


def replayed(folder: Path) -> tuple[Difference | None, list[str]]:
    warnings: list[str] = []
    return replay(read_run(folder), warnings.append), warnings


def test_an_untouched_run_is_equal(run: Kept, capsys: pytest.CaptureFixture[str]) -> None:
    assert replayed(run.path) == (None, [])
    assert main(["replay", str(run.path)]) == 0
    out, err = capsys.readouterr()
    digest = run.result.summary["digest"]
    assert out == f"equal: {run.result.summary['positions']} positions, digest {digest}\n"
    assert err == ""


def bump(name: str, row: int, by: int = 1) -> Callable[[Rows], None]:
    def change(rows: Rows) -> None:
        rows[row][name] += by

    return change


def retell(name: str, row: int, value: str) -> Callable[[Rows], None]:
    def change(rows: Rows) -> None:
        rows[row][name] = value

    return change


def drop(row: int) -> Callable[[Rows], None]:
    def change(rows: Rows) -> None:
        del rows[row]

    return change


def repeat(rows: Rows) -> None:
    rows.append(dict(rows[-1]))


@pytest.mark.parametrize(
    ("table", "row", "change", "what"),
    [
        ("requests", 3, bump("price", 3), "Request"),
        ("requests", 3, drop(3), "Request"),
        ("requests", -1, repeat, "Request"),
        ("fills", 2, bump("quantity", 2), "fill"),
        ("fills", 0, drop(0), "fill"),
        ("fills", 2, bump("position", 2, -1), "fill"),
        ("checkpoints", 1, retell("chain", 1, "00" * 32), "checkpoint"),
        ("checkpoints", -1, retell("state", -1, "00" * 32), "checkpoint"),
        ("outputs", 7, bump("kind", 7), "record"),
        ("outputs", 7, drop(7), "record"),
        ("orders", 4, bump("executed", 4), "orders 4"),
        ("equity", 9, bump("realised", 9), "equity"),
    ],
)
def test_a_changed_table_is_named_at_its_position(
    run: Kept, tmp_path: Path, table: str, row: int, change: Callable[[Rows], None], what: str
) -> None:
    folder = copied(run.path, tmp_path / "copy")
    before = list(read_run(folder).rows(table))
    change_table(folder, table, change)
    found, warnings = replayed(folder)
    assert warnings == []
    assert found is not None
    assert found.what == what
    assert found.expected != found.got
    if table != "orders":
        position = before[row][0]
        assert found.position in (position, position - 1)
        assert str(found).startswith(f"position {found.position}: {what}: expected ")


def test_a_difference_is_told_with_expected_and_actual(
    run: Kept, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = copied(run.path, tmp_path / "copy")
    fill = dict(zip(run_folder.TABLES["fills"], run.result.fill_rows[1], strict=True))
    change_table(folder, "fills", bump("price", 1))
    assert main(["replay", str(folder)]) == 1
    price = fill["price"]
    expected = f"position {fill['position']}: fill: expected price={price + 1}, got price={price}"
    assert capsys.readouterr().out == f"different: {expected}\n"


def test_the_first_of_several_differences_is_named(run: Kept, tmp_path: Path) -> None:
    folder = copied(run.path, tmp_path / "copy")
    change_table(folder, "fills", bump("price", 3))
    change_table(folder, "requests", bump("price", 30))
    change_table(folder, "checkpoints", retell("chain", -1, "00" * 32))
    found, _ = replayed(folder)
    assert found is not None
    first = min((run.result.fill_rows[3][0], "fill"), (run.result.request_rows[30][0], "Request"))
    assert (found.position, found.what) == first


@pytest.mark.parametrize(
    ("key", "value", "what"),
    [
        ("digest", "00", "summary.digest"),
        ("fills", 5, "summary.fills"),
        ("equity", "1", "summary.equity"),
    ],
)
def test_a_changed_result_is_named(
    run: Kept, tmp_path: Path, key: str, value: Any, what: str
) -> None:
    folder = copied(run.path, tmp_path / "copy")
    change_manifest(folder, lambda it: it["summary"].update({key: value}))
    found, _ = replayed(folder)
    assert found is not None
    assert (found.what, found.position) == (what, 1 << 62)


def test_timings_may_differ(run: Kept, tmp_path: Path) -> None:
    folder = copied(run.path, tmp_path / "copy")
    change_manifest(folder, lambda it: it["summary"].update(seconds=99, build="compiled"))
    assert replayed(folder) == (None, [])


# --- data ----------------------------------------------------------------------------------------


def own(run: Kept, folder: Path) -> Path:
    """A copy of the run with a log of its own."""
    shutil.copy(run.path.parent / "log.gz", folder / "log.gz")
    copy = copied(run.path, folder / "copy")

    def change(manifest: dict[str, Any]) -> None:
        for each in manifest["data"]["files"]:
            each["path"] = each["absolute"] = str(folder / "log.gz")

    change_manifest(copy, change)
    return copy


def test_changed_and_missing_data_are_refused(run: Kept, tmp_path: Path) -> None:
    folder = own(run, tmp_path)
    assert replayed(folder) == (None, [])
    worlds.long_log(tmp_path / "log.gz", 121)
    with pytest.raises(InputError, match=r"log\.gz: sha256: expected [0-9a-f]{64}, got"):
        replayed(folder)
    assert main(["replay", str(folder)]) == 2
    (tmp_path / "log.gz").unlink()
    with pytest.raises(InputError, match=r"log\.gz: file: expected an existing file"):
        replayed(folder)


def test_data_given_by_a_relative_path_is_found_from_anywhere(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    without_page(monkeypatch)
    worlds.long_log(tmp_path / "log.gz")
    monkeypatch.chdir(tmp_path)
    kept(Path("log.gz"), Path("run"), DEFAULTS)
    (tmp_path / "elsewhere").mkdir()
    monkeypatch.chdir(tmp_path / "elsewhere")
    assert replayed(tmp_path / "run") == (None, [])


def test_a_made_market_is_made_again_and_one_in_memory_cannot_be(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    without_page(monkeypatch)
    result = run_backtest(combine([synthetic_market(300, 5)]), keep_outputs=True)
    write_run(result, tmp_path / "made", Synthetic(300, 5))
    assert replayed(tmp_path / "made") == (None, [])
    write_run(result, tmp_path / "wrong", Synthetic(300, 6))
    with pytest.raises(InputError, match="dataset_hash: expected"):
        replayed(tmp_path / "wrong")
    write_run(result, tmp_path / "memory", None)
    with pytest.raises(InputError, match="data: expected files, got data that was in memory"):
        replayed(tmp_path / "memory")


# --- code ----------------------------------------------------------------------------------------

BUY = "        return [new_order(memory.count, 0, 1, 1, 1000)] if memory.count == 5 else None\n"


def test_changed_code_is_told_and_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    without_page(monkeypatch)
    log = worlds.long_log(tmp_path / "log.gz")
    mine = tmp_path / "mine.py"
    mine.write_text(HEAD + BUY, encoding="utf-8")
    settings = evolve(DEFAULTS, strategy="mine.py:Mine", param={"word": "b"})
    monkeypatch.chdir(tmp_path)
    folder = kept(log, tmp_path / "run", settings).path
    monkeypatch.chdir(os.sep)
    assert replayed(folder) == (None, [])

    mine.write_text(HEAD + BUY + "# decides alike\n", encoding="utf-8")
    found, warnings = replayed(folder)
    assert found is None
    assert len(warnings) == 1
    assert "the strategy's code has changed" in warnings[0]

    mine.write_text(HEAD + BUY.replace("1000", "999"), encoding="utf-8")
    found, warnings = replayed(folder)
    assert found is not None
    assert (found.position, found.what) == (5, "Request")
    assert (found.expected, found.got) == ("price=1000", "price=999")

    mine.write_text(HEAD.replace("EVERY_EVENT", "TRADE") + BUY, encoding="utf-8")
    found, warnings = replayed(folder)
    assert found is not None
    assert "strategies[0].wake.mask: expected 1, got 8" in warnings[1]

    mine.unlink()
    with pytest.raises(InputError, match="an existing Python file"):
        replayed(folder)


def test_a_failed_run_fails_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    without_page(monkeypatch)
    log = worlds.long_log(tmp_path / "log.gz")
    mine = tmp_path / "mine.py"
    mine.write_text(HEAD + "        1 // (9 - memory.count)\n", encoding="utf-8")
    folder = kept(log, tmp_path / "run", evolve(DEFAULTS, strategy=f"{mine}:Mine")).path
    assert replayed(folder) == (None, [])
    mine.write_text(HEAD + "        1 // (8 - memory.count)\n", encoding="utf-8")
    found, _ = replayed(folder)
    assert found is not None
    assert (found.position, found.what) == (8, "record")
    assert "STRATEGY_FAILED(strategy=0)" in found.got


ENDLESS = """\
        memory.count = 9
        return [SetTimer(view.now_ns)]
"""


@pytest.mark.parametrize(
    ("body", "told"),
    [
        (ENDLESS, "TailChase: 300 steps at one instant"),
        ("        if memory.count == 9: raise SystemExit(5)\n", "SystemExit: 5"),
        ("        memory.count += 0.5 * (memory.count == 9)\n", "TypeError: memory holds 1"),
        ("        return [None] if memory.count == 9 else []\n", "TypeError: decide returned None"),
    ],
    ids=["endless", "exits", "remembers rubbish", "returns rubbish"],
)
def test_however_a_strategy_fails_the_folder_is_whole(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    body: str,
    told: str,
) -> None:
    without_page(monkeypatch)
    monkeypatch.setattr("tickproof.runtime.engine.INSTANT_LIMIT", 300)
    log = str(worlds.long_log(tmp_path / "log.gz"))
    mine = tmp_path / "mine.py"
    mine.write_text(HEAD.replace("EVERY_EVENT", "EVERY_EVENT + Wake.TIMER") + body)
    out = str(tmp_path / "run")
    assert main(["backtest", log, "--strategy", f"{mine}:Mine", "--out", out]) == 3
    err = capsys.readouterr().err
    assert f"{mine}:14: " in err or f"{mine}:16: " in err
    assert told in err
    folder = read_run(tmp_path / "run")
    assert folder.value("status") == "FAILED"
    assert list(folder.rows("checkpoints"))[-1][0] == folder.value("summary", "positions")
    assert replayed(tmp_path / "run") == (None, [])
