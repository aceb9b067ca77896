"""The demo needs nothing, writes a whole run folder once, and can be replayed."""

import json
import re
from pathlib import Path

import pytest

from tickproof.runtime.cli import main
from tickproof.runtime.commands import demo
from tickproof.runtime.run_folder import Synthetic


@pytest.fixture(autouse=True)
def _short(monkeypatch: pytest.MonkeyPatch) -> None:
    """A tenth of it: the whole is run by `nox -s demo`."""
    monkeypatch.setattr(demo, "MARKET", Synthetic(events=6_000, seed=demo.MARKET.seed))


def test_it_writes_a_run_that_replays(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = tmp_path / "run"
    assert main(["demo", "--out", str(out)]) == 0
    said = capsys.readouterr().out
    manifest = json.loads((out / "manifest.json").read_text())
    summary = manifest["summary"]
    assert manifest["status"] == "COMPLETE"
    assert manifest["data"] == {"source": "synthetic", "events": 6_000, "seed": demo.MARKET.seed}
    assert summary["fills"] > 10
    assert summary["ticker_equal"] == summary["ticker_checked"] > 0
    assert summary["digest"] in said
    assert str(out / "report.html") in said
    assert (out / "report.html").stat().st_size < 6_000_000
    assert main(["replay", str(out)]) == 0


def test_every_command_it_names_exists(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["demo", "--out", str(tmp_path / "run")]) == 0
    named = set(re.findall(r"^  tickproof (\w+)", capsys.readouterr().out, re.MULTILINE))
    assert named == {"replay", "new", "backtest"}
    with pytest.raises(SystemExit):
        main(["--help"])
    listed = capsys.readouterr().out
    assert all(name in listed for name in named)


def test_a_folder_that_exists_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    demo.DEFAULT_OUT.mkdir()
    (demo.DEFAULT_OUT / "mine").write_text("mine")
    assert main(["demo"]) == 2
    said = capsys.readouterr()
    assert "--out" in said.err
    assert said.out == ""
    assert [path.name for path in demo.DEFAULT_OUT.iterdir()] == ["mine"]
