"""The command line: exit codes, what goes to which stream, and every bad input there is."""

import gzip
import io
import json
import os
import re
import subprocess
import sys
import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.runtime import worlds
from tests.runtime.folders import without_page
from tests.runtime.readers import logs
from tests.runtime.test_loading import HEAD
from tickproof.runtime import cli
from tickproof.runtime.cli import main
from tickproof.runtime.errors import MissingExtra
from tickproof.runtime.settings import DEFAULTS, from_table
from tickproof.spec.errors import InvariantBroken

Capture = pytest.CaptureFixture[str]
Message = dict[str, Any]

ENVIRONMENT = {
    **{key: value for key, value in os.environ.items() if not key.startswith("TICKPROOF_")},
    "PYTHONPATH": os.pathsep.join(path for path in sys.path if path),
    "PYTHONDONTWRITEBYTECODE": "1",
}
"""What a fresh process needs to import what this one does."""


@pytest.fixture(autouse=True)
def _alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each test in a folder of its own, without anybody's settings."""
    monkeypatch.chdir(tmp_path)
    for variable in [name for name in os.environ if name.startswith("TICKPROOF_")]:
        monkeypatch.delenv(variable)


def present() -> list[str]:
    """What lies in the folder of the test."""
    return sorted(path.name for path in Path.cwd().iterdir())


def refused(capsys: Capture, *arguments: str, told: str, folder: Path | None = None) -> str:
    """Run a command that must be refused: exit 2, one line on stderr, nothing else anywhere."""
    place = Path.cwd() if folder is None else folder
    before = sorted(place.rglob("*"))
    try:
        code = main(arguments)
    except SystemExit as stop:
        code = int(str(stop.code))
    out, err = capsys.readouterr()
    assert code == 2
    assert out == ""
    assert err.startswith("tickproof")
    assert err.endswith("\n")
    assert err.count("\n") == 1
    assert told in err
    assert sorted(place.rglob("*")) == before
    return err


# --- what goes where -----------------------------------------------------------------------------


def test_json_is_one_line_alone_on_stdout(capsys: Capture) -> None:
    log = worlds.long_log(Path("log.gz"))
    assert main(["backtest", str(log), "--json"]) == 0
    out, err = capsys.readouterr()
    assert err == ""
    assert out.count("\n") == 1
    summary = json.loads(out)
    assert summary["fills"] > 0
    assert summary["fill_model"] == "pessimistic"
    assert (summary["latency"], summary["maker_fee"], summary["taker_fee"]) == ("0ms", "0", "0")
    assert summary["parameters"]["size"] == 1
    assert present() == ["log.gz"]


def test_without_json_the_summary_is_for_people(capsys: Capture) -> None:
    log = worlds.long_log(Path("log.gz"))
    assert main(["backtest", str(log)]) == 0
    out = capsys.readouterr().out
    assert re.search(r"^fills +\d+$", out, re.MULTILINE)
    assert present() == ["log.gz"]


def test_a_strategy_that_prints_does_so_on_stderr(capsys: Capture) -> None:
    log = worlds.long_log(Path("log.gz"))
    Path("mine.py").write_text("print('hello')\n" + HEAD + "        print('there')\n")
    assert main(["backtest", str(log), "--strategy", "mine.py:Mine", "--json"]) == 0
    out, err = capsys.readouterr()
    assert json.loads(out)["strategy"] == "mine.py:Mine"
    assert err.startswith("hello\nthere\n")


@pytest.mark.parametrize("more", [[], ["--json"], ["--out", "run"], ["--out", "run", "--json"]])
def test_a_failing_strategy_is_exit_3_with_everything_up_to_it(
    capsys: Capture, monkeypatch: pytest.MonkeyPatch, more: list[str]
) -> None:
    without_page(monkeypatch)
    log = worlds.long_log(Path("log.gz"))
    Path("mine.py").write_text(HEAD + "        1 // (9 - memory.count)\n")
    assert main(["backtest", str(log), "--strategy", "mine.py:Mine", *more]) == 3
    out, err = capsys.readouterr()
    mine = Path("mine.py").absolute()
    told = "ZeroDivisionError: integer division or modulo by zero"
    assert err == f"tickproof: strategy failed: {mine}:16: {told}\n"
    if "--json" in more:
        summary = json.loads(out)
        assert out.count("\n") == 1
        assert summary["failure"]["line"] == 16
    if "--out" in more:
        manifest = json.loads(Path("run/manifest.json").read_text())
        assert manifest["status"] == "FAILED"
        assert manifest["failure"]["file"] == str(mine)
        assert manifest["summary"]["positions"] == 10
        assert not Path("run.partial").exists()
    else:
        assert present() == ["log.gz", "mine.py"]


def test_a_strategy_that_cannot_be_imported_is_exit_3_and_writes_nothing(capsys: Capture) -> None:
    log = worlds.long_log(Path("log.gz"))
    Path("mine.py").write_text("1 // 0\n")
    assert main(["backtest", str(log), "--strategy", "mine.py:Mine", "--out", "run"]) == 3
    out, err = capsys.readouterr()
    assert out == ""
    mine = Path("mine.py").absolute()
    assert err.startswith(f"tickproof: strategy failed: {mine}:1: ZeroDivisionError")
    assert err.count("\n") == 1
    assert present() == ["log.gz", "mine.py"]


def test_out_keeps_a_run_that_replays(capsys: Capture) -> None:
    """With the real page once: nothing it needs is missing."""
    log = worlds.long_log(Path("log.gz"))
    assert main(["backtest", str(log), "--out", "deep/run", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["positions"] > 0
    assert Path("deep/run/report.html").stat().st_size > 100_000
    assert main(["replay", "deep/run", "--json"]) == 0
    assert json.loads(capsys.readouterr().out) == {"equal": True, "difference": None}


def test_flags_beat_the_environment_and_the_file(
    capsys: Capture, monkeypatch: pytest.MonkeyPatch
) -> None:
    log = worlds.long_log(Path("log.gz"))
    Path("c.toml").write_text(
        f'latency = "1ms"\nfeed_latency = "1ms"\nmaker_fee = "0.1"\n[data]\n"" = "{log}"\n'
    )
    monkeypatch.setenv("TICKPROOF_LATENCY", "2ms")
    monkeypatch.setenv("TICKPROOF_FEED_LATENCY", "2ms")
    assert main(["backtest", "--config", "c.toml", "--latency", "3ms", "--json"]) == 0
    summary = json.loads(capsys.readouterr().out)
    found = [summary[key] for key in ("latency", "feed_latency", "maker_fee", "taker_fee")]
    assert found == ["3ms", "2ms", "0.1", "0"]


def test_config_prints_a_file_that_says_the_same(
    capsys: Capture, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert main(["config", "--defaults"]) == 0
    text = capsys.readouterr().out
    assert from_table(DEFAULTS, tomllib.loads(text)) == DEFAULTS
    Path("c.toml").write_text(text)
    assert main(["config", "--config", "c.toml"]) == 0
    assert capsys.readouterr().out == text
    monkeypatch.setenv("TICKPROOF_LATENCY", "7ms")
    assert main(["config", "--defaults"]) == 0
    assert capsys.readouterr().out == text
    assert main(["config", "--config", "c.toml"]) == 0
    assert 'latency = "7ms"' in capsys.readouterr().out


def test_version_names_the_build(capsys: Capture) -> None:
    with pytest.raises(SystemExit) as stop:
        main(["--version"])
    assert stop.value.code == 0
    assert re.fullmatch(r"tickproof \S+ \((pure|compiled)\)\n", capsys.readouterr().out)


def test_table_shows_any_table(capsys: Capture) -> None:
    assert main(["table"]) == 0
    names = [line.split()[0] for line in capsys.readouterr().out.splitlines()]
    assert "order-life" in names
    for name in names:
        assert main(["table", name, "--format", "json"]) == 0
        assert json.loads(capsys.readouterr().out)["rules"]
    refused(capsys, "table", "no-such", told="table: expected one of ")


def test_a_broken_invariant_is_a_defect_and_says_so(
    capsys: Capture, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: Any, **__: Any) -> None:
        raise InvariantBroken("OL1: lots are missing")

    monkeypatch.setattr("tickproof.runtime.commands.backtest.run_backtest", broken)
    log = worlds.long_log(Path("log.gz"))
    assert main(["backtest", str(log), "--out", "run"]) == 4
    assert "a defect of tickproof, please report it: OL1" in capsys.readouterr().err
    assert present() == ["log.gz"]


def test_an_interrupted_run_leaves_nothing(
    capsys: Capture, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupted(*_: Any, **__: Any) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("tickproof.runtime.commands.backtest.run_backtest", interrupted)
    log = worlds.long_log(Path("log.gz"))
    assert main(["backtest", str(log), "--out", "run"]) == 130
    assert capsys.readouterr().err == "tickproof: interrupted\n"
    assert present() == ["log.gz"]


def test_a_missing_extra_is_one_line(capsys: Capture, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    monkeypatch.setitem(sys.modules, "pyarrow.parquet", None)
    log = worlds.long_log(Path("log.gz"))
    told = "a run folder needs an extra: pip install 'tickproof[run]'"
    refused(capsys, "backtest", str(log), "--out", "run", told=told)
    assert str(MissingExtra("run", "a run folder")) == told


def test_progress_is_for_terminals_only(monkeypatch: pytest.MonkeyPatch) -> None:
    class Terminal(io.StringIO):
        def isatty(self) -> bool:
            return True

    log = worlds.long_log(Path("log.gz"))
    terminal, results = Terminal(), io.StringIO()
    monkeypatch.setattr(sys, "stderr", terminal)
    monkeypatch.setattr(sys, "stdout", results)
    assert main(["backtest", str(log), "--json"]) == 0
    assert json.loads(results.getvalue())["positions"] > 0
    assert "events/s" in terminal.getvalue()
    # Without the package that draws there is nothing to see, and nothing is missed.
    monkeypatch.setitem(sys.modules, "rich.progress", None)
    monkeypatch.setattr(sys, "stderr", quiet := Terminal())
    assert main(["backtest", str(log), "--json"]) == 0
    assert quiet.getvalue() == ""


def test_a_reader_that_leaves_early_is_no_error() -> None:
    command = [sys.executable, "-m", "tickproof.runtime.cli", "table", "order-life"]
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=ENVIRONMENT
    ) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.close()
        assert process.stderr.read() == b""
        assert process.wait() == 0


BARE = """
import sys
for name in ("numpy", "pandas", "pyarrow", "rich", "plotly"):
    sys.modules[name] = None
from tickproof.runtime.cli import main
codes = [main(command.split()) for command in sys.argv[1:]]
assert codes == [0, 0, 0, 2], codes
main(["--version"])
"""


def test_the_base_install_is_enough() -> None:
    worlds.long_log(Path("log.gz"))
    commands = ["table", "config", "backtest log.gz --json", "backtest log.gz --out run"]
    done = subprocess.run(
        [sys.executable, "-c", BARE, *commands],
        capture_output=True,
        text=True,
        check=False,
        env=ENVIRONMENT,
    )
    assert done.returncode == 0, done.stderr
    assert done.stderr == ("tickproof: a run folder needs an extra: pip install 'tickproof[run]'\n")
    assert '{"positions": ' in done.stdout
    assert done.stdout.splitlines()[-1].startswith("tickproof ")
    assert present() == ["log.gz"]


# --- bad data ------------------------------------------------------------------------------------


def lines_of(path: Path) -> list[bytes]:
    return gzip.decompress(path.read_bytes()).splitlines(keepends=True)


def plain_text(path: Path) -> None:
    path.write_bytes(gzip.decompress(path.read_bytes()))


def cut_short(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-40])


def empty(path: Path) -> None:
    path.write_bytes(gzip.compress(b""))


def broken_json(path: Path) -> None:
    lines = lines_of(path)
    lines[7] = lines[7][:60] + b"\n"
    path.write_bytes(gzip.compress(b"".join(lines)))


def without_line(number: int) -> Callable[[Path], None]:
    def change(path: Path) -> None:
        lines = lines_of(path)
        del lines[number - 1]
        path.write_bytes(gzip.compress(b"".join(lines)))

    return change


def replaced(number: int, old: str, new: str) -> Callable[[Path], None]:
    def change(path: Path) -> None:
        lines = lines_of(path)
        assert old.encode() in lines[number - 1]
        lines[number - 1] = lines[number - 1].replace(old.encode(), new.encode())
        path.write_bytes(gzip.compress(b"".join(lines)))

    return change


@pytest.mark.parametrize(
    ("damage", "told"),
    [
        (lambda path: path.unlink(), "log.gz: file: expected an existing file, got no such file"),
        (plain_text, "log.gz: file: expected a gzip file"),
        (cut_short, ": file: expected a whole gzip file, got a cut one"),
        (empty, "log.gz: file: expected a gzip file with messages"),
        (broken_json, "log.gz:8: message: expected valid JSON"),
        (without_line(1), ": lastUpdateId: expected a depth snapshot, got none in"),
        (
            replaced(1, '"lastUpdateId":15', '"lastUpdateId":5'),
            "log.gz:2: U: expected at most 5, got 16",
        ),
        (without_line(5), "log.gz:5: pu: expected 19, got 21"),
        (replaced(6, "BTCUSDT", "ETHUSDT"), "log.gz:6: s: expected BTCUSDT, got 'ETHUSDT'"),
        (replaced(6, '"100.10"', '"100.11"'), "log.gz:6: price: expected a multiple of 0.1"),
        (replaced(6, '.000"', '.0001"'), "log.gz:6: size: expected a multiple of 0.001"),
        (replaced(6, '"100.10"', '"-100.1"'), "price: expected a number that is not negative"),
        (replaced(6, '"100.10"', '"9e9"'), "log.gz:6: price: expected a plain decimal number"),
        (replaced(6, '"100.10"', '"100000000000000"'), "log.gz:6: price: expected at most"),
        (replaced(6, '"100.10"', '"0"'), "log.gz:6: price: expected above 0"),
    ],
)
def test_damaged_data_is_refused_with_its_place(
    capsys: Capture, damage: Callable[[Path], None], told: str
) -> None:
    log = worlds.long_log(Path("log.gz"))
    damage(log)
    refused(capsys, "backtest", str(log), "--json", told=told)
    refused(capsys, "backtest", str(log), "--out", "run", told=told)


def test_a_gap_is_refused_or_waited_out(capsys: Capture) -> None:
    log = worlds.long_log(Path("log.gz"))
    lines = lines_of(log)
    again = logs.line(60, logs.snapshot(15 + 60, logs.BIDS, logs.ASKS))
    del lines[20]
    lines.insert(40, f"{again}\n".encode())
    log.write_bytes(gzip.compress(b"".join(lines)))
    refused(capsys, "backtest", str(log), told="pu: expected")
    assert main(["backtest", str(log), "--on-gap", "resync", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["sequence_gaps"] == 1


def test_a_file_that_contradicts_its_symbol_is_refused(capsys: Capture) -> None:
    worlds.long_log(Path("log.gz"))
    told = "log.gz:2: s: expected ETHUSDT, got 'BTCUSDT'"
    refused(capsys, "backtest", "--data", "ETHUSDT=log.gz", told=told)
    told = "symbol: expected each instrument once, got 'BTCUSDT'"
    refused(capsys, "backtest", "log.gz", "--data", "BTCUSDT=log.gz", told=told)


def test_stamps_going_backwards_are_counted(capsys: Capture) -> None:
    log = worlds.long_log(Path("log.gz"))
    replaced(9, str(logs.START_NS)[:12], str(logs.START_NS - 10**12)[:12])(log)
    assert main(["backtest", str(log), "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["backwards_stamps"] == 1


# --- bad arguments -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        ([], "data: expected at least one file, got none"),
        (["--data", "BTCUSDT"], "--data: expected SYMBOL=FILE[,FILE], got 'BTCUSDT'"),
        (["--data", "A=x", "--data", "A=y"], "--data: expected each symbol once"),
        (["log.gz", "--strategy", "quoteur"], "strategy: expected buy-and-hold"),
        (["log.gz", "--strategy", "none.py:A"], "none.py: strategy: expected an existing Python"),
        (["log.gz", "--param", "size"], "--param: expected KEY=VALUE, got 'size'"),
        (["log.gz", "--param", "seize=1"], "param seize: expected one of: instrument"),
        (["log.gz", "--param", "size=big"], "param size: expected an integer, got 'big'"),
        (["log.gz", "--latency", "5"], "--latency: expected a duration such as 5ms"),
        (["log.gz", "--feed-latency", "-1ms"], "--feed-latency"),
        (["log.gz", "--maker-fee", "free"], "--maker-fee: expected a decimal fraction"),
        (["log.gz", "--fill-model", "hopeful"], "invalid choice: 'hopeful'"),
        (["log.gz", "--on-gap", "ignore"], "invalid choice: 'ignore'"),
        (["log.gz", "--sped"], "unrecognized arguments: --sped"),
        (["log.gz", "--config", "none.toml"], "none.toml: file: expected an existing file"),
        (["log.gz", "--config", "bad.toml"], "bad.toml:2: latensy: expected a known key"),
        (["log.gz", "--config", "type.toml"], "type.toml:1: latency: expected text, got 5"),
        (["log.gz", "--out", "taken"], "taken: --out: expected a folder that is not there yet"),
        (["log.gz", "--out", "half"], "half.partial: --out: expected a folder that is not there"),
        (["log.gz", "--out", "bad.toml/run"], "--out: expected a folder that can be made"),
        (["trades.csv"], "trades.csv: columns: expected a column map [columns.SYMBOL]"),
    ],
)
def test_bad_arguments_are_refused_before_anything_is_run(
    capsys: Capture, arguments: list[str], told: str
) -> None:
    worlds.long_log(Path("log.gz"))
    Path("bad.toml").write_text('strategy = "quoter"\nlatensy = "5ms"\n')
    Path("type.toml").write_text("latency = 5\n")
    Path("trades.csv").write_text("time,price\n1,2\n")
    Path("taken").mkdir()
    Path("half.partial").mkdir()
    refused(capsys, "backtest", *arguments, told=told)


def test_an_unknown_variable_is_refused(capsys: Capture, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TICKPROOF_LATENSY", "5ms")
    told = "environment TICKPROOF_LATENSY: expected a known variable"
    refused(capsys, "backtest", "log.gz", told=told)


@pytest.mark.parametrize("command", ["replay", "compare"])
def test_folders_that_are_none_are_refused(capsys: Capture, command: str) -> None:
    more = ["none"] if command == "compare" else []
    refused(capsys, command, "none", *more, told="none: run: expected a run folder")


def test_no_command_is_help_and_an_unknown_one_is_refused(capsys: Capture) -> None:
    assert main([]) == 2
    assert "usage: tickproof" in capsys.readouterr().err
    refused(capsys, "backtets", told="invalid choice: 'backtets'")


def test_every_command_is_listed_and_has_help(capsys: Capture) -> None:
    for name in cli.COMMANDS:
        with pytest.raises(SystemExit) as stop:
            main([name, "--help"])
        assert stop.value.code == 0
        assert f"usage: tickproof {name}" in capsys.readouterr().out
