"""Sweeps: one key, one result, whoever computes it and however often it is stopped."""

import csv
import json
import logging
import os
import sys
from collections.abc import Iterator
from concurrent.futures.process import BrokenProcessPool
from pathlib import Path
from typing import Any

import pytest
from attrs import evolve

from tests.runtime import worlds
from tests.runtime.test_loading import HEAD
from tickproof.runtime import sweeping
from tickproof.runtime.backtest import run_backtest
from tickproof.runtime.cli import main
from tickproof.runtime.dataset_file import read_dataset, write_dataset
from tickproof.runtime.errors import InputError, MissingExtra
from tickproof.runtime.readers.feed import Market, combine
from tickproof.runtime.settings import DEFAULTS, Settings
from tickproof.runtime.summary import TIMINGS, BookCheck
from tickproof.runtime.sweeping import JOBS_MAX, grid_of, jobs_of, points_of, run_job, sweep
from tickproof.runtime.synthetic import synthetic_market
from tickproof.spec.errors import InvariantBroken, ObligationSkipped

Capture = pytest.CaptureFixture[str]
MANY = ",".join(map(str, range(400)))
GRID = ["--grid", "size=1,3", "--grid", "latency=0ms,1ms"]


@pytest.fixture(autouse=True)
def _alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    for variable in [name for name in os.environ if name.startswith("TICKPROOF_")]:
        monkeypatch.delenv(variable)


@pytest.fixture
def log(tmp_path: Path) -> str:
    return str(worlds.long_log(tmp_path / "log.gz"))


def files(folder: str) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in sorted(Path(folder, "jobs").iterdir())}


def table(folder: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(Path(folder, "sweep.json").read_bytes())
    return found


def strategy(body: str) -> str:
    Path("mine.py").write_text(HEAD + body, encoding="utf-8")
    return "mine.py:Mine"


def planned(market: Market, settings: Settings, *grid: str) -> list[sweeping.Job]:
    return jobs_of(points_of(settings, grid_of(grid)), market, Path("dataset.arrow"))


# --- the dataset ---------------------------------------------------------------------------------


@pytest.mark.parametrize("events", [0, 1, 300])
def test_a_mapped_dataset_is_the_market_it_was(events: int) -> None:
    first, second = synthetic_market(300, 1), synthetic_market(200, 2)
    other = evolve(second, instrument=evolve(second.instrument, symbol="OTHERUSDT"))
    whole = combine([first, other])
    market = evolve(whole, columns=whole.columns.slice(0, events))
    books = BookCheck(1, 2, 3)
    write_dataset(Path("dataset.arrow"), market, books)
    found, found_books = read_dataset(Path("dataset.arrow"))
    for name in market.columns.__slots__:
        assert getattr(found.columns, name) == getattr(market.columns, name)
        assert memoryview(getattr(found.columns, name)).format == "q"
    assert (found.assets, found.instruments) == (market.assets, market.instruments)
    assert found.dataset_hash == market.dataset_hash
    for ours, theirs in zip(found.feeds, market.feeds, strict=True):
        assert (ours.instrument, ours.counts) == (theirs.instrument, theirs.counts)
        assert (ours.rows_hash, ours.dataset_hash) == (theirs.rows_hash, theirs.dataset_hash)
    assert found_books == books
    assert [path.name for path in Path.cwd().iterdir()] == ["dataset.arrow"]


@pytest.mark.parametrize("content", [b"", b"ARROW1", b"x" * 100])
def test_what_is_no_dataset_is_refused(content: bytes) -> None:
    Path("dataset.arrow").write_bytes(content)
    with pytest.raises(InputError, match=r"dataset\.arrow"):
        read_dataset(Path("dataset.arrow"))


# --- keys ----------------------------------------------------------------------------------------


def test_a_key_knows_nothing_of_the_sweep_around_it() -> None:
    market = worlds.market()
    swept = planned(market, DEFAULTS, "size=2,1", "latency=1ms,0ms")
    settings = evolve(DEFAULTS, latency="1ms", check="every", data={"": ("elsewhere.gz",)})
    alone = planned(market, settings, "size=2")
    assert alone[0]["key"] == swept[0]["key"]
    assert len({job["key"] for job in swept}) == 4
    assert [job["swept"] for job in swept][:2] == [
        {"size": 2, "latency": "1ms"},
        {"size": 2, "latency": "0ms"},
    ]
    # A parameter that is not given has its default, and that is in the key.
    assert planned(market, DEFAULTS, "instrument=0")[0]["key"] == swept[3]["key"]


def test_a_key_changes_with_all_a_result_depends_on(monkeypatch: pytest.MonkeyPatch) -> None:
    market = worlds.market()
    name = strategy("        return None\n")
    keys = [planned(market, evolve(DEFAULTS, strategy=name), "latency=1ms")[0]["key"]]
    name = strategy("        return []\n")
    mine = evolve(DEFAULTS, strategy=name)
    keys += [job["key"] for job in planned(market, mine, "latency=1ms,2ms")]
    keys += [planned(market, evolve(mine, maker_fee="0.1"), "latency=1ms")[0]["key"]]
    keys += [planned(worlds.market(seed=8), mine, "latency=1ms")[0]["key"]]
    monkeypatch.setattr(sweeping, "VERSION", "another")
    keys += [planned(market, mine, "latency=1ms")[0]["key"]]
    monkeypatch.setattr(sweeping, "code_hash", lambda: "another")
    keys += [planned(market, mine, "latency=1ms")[0]["key"]]
    assert len(set(keys)) == len(keys)


def test_a_job_is_plain_data_that_any_process_can_run() -> None:
    market = worlds.market()
    gambler = evolve(DEFAULTS, strategy=worlds.GAMBLER, latency="1ms")
    jobs = jobs_of(points_of(gambler, grid_of([], "4,5")), market, Path("dataset.arrow"))
    write_dataset(Path("dataset.arrow"), market, BookCheck())
    assert [job["identity"]["seed"] for job in jobs] == [4, 5]
    for job in jobs:
        record = run_job(json.loads(json.dumps(job)))
        alone = run_backtest(market, gambler, param={"seed": job["swept"]["seed"]}).summary
        for key in ("digest", "state_digest", "config_hash", "dataset_hash", "equity"):
            assert record["summary"][key] == alone[key]
    write_dataset(Path("dataset.arrow"), worlds.market(seed=8), BookCheck())
    sweeping._dataset.cache_clear()
    with pytest.raises(InputError, match="another one"):
        run_job(jobs[0])


# --- one result, whoever computes it -------------------------------------------------------------


def test_processes_change_nothing_and_finished_jobs_stay(log: str, capsys: Capture) -> None:
    for folder, processes in (("one", "1"), ("two", "2")):
        arguments = ["sweep", log, *GRID, "--out", folder, "--processes", processes]
        assert main([*arguments, "--json"]) == 0
        out, err = capsys.readouterr()
        assert out.count("\n") == 1
        assert json.loads(out) == table(folder)
        assert err == f"tickproof: 4 jobs, 4 run now; kept in {folder}\n"
    assert Path("one/sweep.json").read_bytes() == Path("two/sweep.json").read_bytes()
    assert Path("one/sweep.csv").read_bytes() == Path("two/sweep.csv").read_bytes()
    assert list(files("one")) == list(files("two"))

    for row in table("two")["jobs"]:
        size, latency = str(row["swept"]["size"]), row["swept"]["latency"]
        assert (
            main(["backtest", log, "--param", f"size={size}", "--latency", latency, "--json"]) == 0
        )
        alone = json.loads(capsys.readouterr().out)
        kept = json.loads(files("two")[f"{row['key']}.json"])["summary"]
        for summary in (alone, kept):
            for name in TIMINGS:
                summary.pop(name)
        assert kept == alone

    before = files("two")
    assert main(["sweep", log, *GRID, "--out", "two"]) == 0
    out, err = capsys.readouterr()
    assert "4 jobs, 0 run now" in err
    assert out.splitlines()[0].split()[:3] == ["size", "latency", "equity"]
    assert len(out.splitlines()) == 5
    # A wider grid runs what is new.
    assert main(["sweep", log, *GRID, "--grid", "instrument=0", "--out", "two"]) == 0
    assert "4 jobs, 0 run now" in capsys.readouterr().err
    wider = ["--grid", "size=1,2,3", "--grid", "latency=1ms", "--processes", "1"]
    assert main(["sweep", log, *wider, "--out", "two"]) == 0
    assert "3 jobs, 1 run now" in capsys.readouterr().err
    assert before.items() <= files("two").items()


def test_the_table_is_sorted_by_equity(log: str) -> None:
    settings = evolve(DEFAULTS, data={"": (log,)}, maker_fee="0.01")
    made = sweep(settings, grid_of(["size=1,2,3,4"]), Path("out"))
    equity = [float(row["equity"]) for row in made.rows]
    assert equity == sorted(equity, reverse=True)
    assert len(set(equity)) > 1
    rows = list(csv.DictReader(Path("out/sweep.csv").read_text(encoding="utf-8").splitlines()))
    assert [row["key"] for row in rows] == [row["key"] for row in made.rows]
    assert [int(row["size"]) for row in rows] == [row["swept"]["size"] for row in made.rows]


# A worker is killed by the job that has the marked parameter, for as long as the flag lies there.
KILLED = """        import os, pathlib, signal
        if self.size == 2 and pathlib.Path("flag").exists():
            os.kill(os.getpid(), signal.SIGKILL)
        return None
"""


@pytest.mark.skipif(os.name == "nt", reason="there is no SIGKILL")
def test_a_killed_worker_loses_nothing(log: str, capsys: Capture) -> None:
    name = strategy(KILLED)
    arguments = ["sweep", log, "--strategy", name, "--processes", "2"]
    assert main([*arguments, "--grid", "size=1", "--out", "out"]) == 0
    before = files("out")
    Path("flag").touch()
    capsys.readouterr()
    assert main([*arguments, "--grid", "size=1,2,3", "--out", "out"]) == 130
    out, err = capsys.readouterr()
    assert out == ""
    assert "workers were killed" in err.splitlines()[-1]
    assert before.items() <= files("out").items()
    assert all(json.loads(content)["digests"] for content in files("out").values())
    left = 3 - len(files("out"))
    assert left in (1, 2)

    Path("flag").unlink()
    one = ["--processes", "1", "--grid", "size=1,2,3"]
    assert main([*arguments, *one, "--out", "out"]) == 0
    assert f"3 jobs, {left} run now" in capsys.readouterr().err
    assert main([*arguments, *one, "--out", "whole"]) == 0
    assert table("out")["jobs"] == table("whole")["jobs"]


def test_a_pool_that_breaks_is_made_again(monkeypatch: pytest.MonkeyPatch) -> None:
    pools: list[list[str]] = []

    def pooled(jobs: list[sweeping.Job], pool: object) -> Iterator[sweeping.Record]:
        pools.append([job["key"] for job in jobs])
        yield {"key": jobs[0]["key"]}
        if len(jobs) > 1:
            raise BrokenProcessPool

    monkeypatch.setattr(sweeping, "_pooled", pooled)
    monkeypatch.setattr(sweeping, "started_pool", lambda _: pool)
    pool: Any = object()
    jobs = [{"key": key} for key in "abc"]
    assert [record["key"] for record in sweeping.outcomes(jobs, 2, pool)] == ["a", "b", "c"]
    assert pools == [["a", "b", "c"], ["b", "c"], ["c"]]


# --- a cluster -----------------------------------------------------------------------------------

KILLED_ONCE = """        import os, pathlib, signal
        if self.size == 2 and pathlib.Path("{folder}/flag").exists():
            pathlib.Path("{folder}/flag").unlink()
            os.kill(os.getpid(), signal.SIGKILL)
        return None
"""


@pytest.mark.skipif(os.name == "nt", reason="there is no SIGKILL")
def test_a_cluster_gives_the_same_and_survives_a_worker(
    log: str, capsys: Capture, monkeypatch: pytest.MonkeyPatch
) -> None:
    library = pytest.importorskip("distributed")
    # Its workers are new interpreters: they find this source as they would an installed package.
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join(path for path in sys.path if path))
    name = strategy(KILLED_ONCE.format(folder=Path.cwd().as_posix()))
    arguments = ["sweep", log, "--strategy", name, "--grid", "size=1,2,3"]
    assert main([*arguments, "--processes", "1", "--out", "one"]) == 0
    Path("flag").touch()
    with library.LocalCluster(
        n_workers=2,
        threads_per_worker=1,
        host="127.0.0.1",
        dashboard_address=None,
        silence_logs=logging.CRITICAL,
    ) as cluster:
        cluster_arguments = ["--cluster", cluster.scheduler_address, "--out", "two"]
        assert main([*arguments, *cluster_arguments]) == 0
        assert "3 jobs, 3 run now" in capsys.readouterr().err
        assert not Path("flag").exists()
        assert main([*arguments, *cluster_arguments, "--again"]) == 0
    assert Path("one/sweep.json").read_bytes() == Path("two/sweep.json").read_bytes()


@pytest.mark.parametrize("address", ["nonsense", "tcp://127.0.0.1:1", "127.0.0.1:x", ":5"])
def test_a_cluster_that_is_not_there_is_one_line(log: str, address: str, capsys: Capture) -> None:
    arguments = ["sweep", log, "--grid", "size=1", "--out", "out", "--cluster", address]
    assert main(arguments) == 2
    out, err = capsys.readouterr()
    assert (out, err.count("\n")) == ("", 1)
    assert "cluster" in err
    assert not Path("out").exists()


def test_a_worker_with_another_program_is_refused() -> None:
    (job,) = planned(worlds.market(), DEFAULTS, "size=1")
    job["identity"]["code"] = "another"
    with pytest.raises(InputError, match="the same tickproof on every worker"):
        run_job(job)


# --- alarms --------------------------------------------------------------------------------------


def test_two_results_of_one_job_are_an_alarm_for_ever(log: str, capsys: Capture) -> None:
    arguments = ["sweep", log, "--grid", "size=1,2", "--out", "out", "--processes", "1"]
    assert main(arguments) == 0
    assert main([*arguments, "--again"]) == 0
    before = files("out")
    assert len(before) == 2
    name = next(iter(before))
    key = name.removesuffix(".json")
    # Another run left another result.
    record = json.loads(before[name])
    right = record["digests"]["digest"]
    record["digests"]["digest"] = record["summary"]["digest"] = wrong = "0" * len(right)
    Path("out/jobs", name).write_text(json.dumps(record), encoding="utf-8")
    capsys.readouterr()
    assert main([*arguments, "--again"]) == 1
    alarms = [line for line in capsys.readouterr().err.splitlines() if "ALARM" in line]
    assert len(alarms) == 1
    assert all(part in alarms[0] for part in (key, right, wrong))
    assert len(files("out")) == 3
    both = [
        json.loads(files("out")[each])["digests"]["digest"] for each in files("out") if key in each
    ]
    assert sorted(both) == sorted((right, wrong))

    assert main(arguments) == 1
    assert "ALARM" in capsys.readouterr().err
    assert len(table("out")["alarms"]) == 1


def test_a_result_that_came_from_another_run_meanwhile_is_compared(
    log: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = evolve(DEFAULTS, data={"": (log,)})
    run = sweeping.run_job

    def beside(job: sweeping.Job) -> sweeping.Record:
        record = run(job)
        other = json.loads(json.dumps(record))
        other["digests"]["state_digest"] = other["summary"]["state_digest"] = "other"
        sweeping.SweepFolder(Path("out")).keep(other)
        return record

    monkeypatch.setattr(sweeping, "run_job", beside)
    made = sweep(settings, grid_of(["size=1"]), Path("out"))
    assert [(each.name, each.first) for each in made.alarms] == [("state_digest", "other")]
    assert made.alarms[0].second != "other"
    assert len(files("out")) == 2


# --- what goes wrong -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        ([], "--grid: expected at least one"),
        (["--grid", "size"], "NAME=VALUE,VALUE"),
        (["--grid", "size=1,,2"], "NAME=VALUE,VALUE"),
        (["--grid", "=1"], "NAME=VALUE,VALUE"),
        (["--grid", "size=1,1"], "each value once"),
        (["--grid", "size=1", "--grid", "size=2"], "each name once"),
        (["--grid", "size=1", "--seed", "1"], "param seed"),
        (["--grid", "imagined=1"], "param imagined"),
        (["--grid", "size=1,two"], "param size: expected an integer"),
        (["--grid", "latency=5"], "latency: expected a duration"),
        (["--grid", "latency=1ms,hello"], "latency: expected a duration"),
        (["--grid", "fill_model=generous"], "fill_model: expected one of"),
        (["--grid", "size=1", "--processes", "0"], "--processes"),
        (["--grid", "size=1", "--strategy", "imagined"], "strategy"),
        (["--grid", "size=1", "--data", "A=missing.gz"], "missing.gz"),
        (["--grid", "size=1", "--out", "log.gz"], "--out: expected a folder"),
        (["--grid", "size=1", "--out", "log.gz/below"], "--out: expected a folder"),
        (["--grid", "size=1", "--out", "."], "--out: expected a new folder"),
        (
            ["--grid", f"size={MANY}", "--grid", f"instrument={MANY}"],
            f"at most {JOBS_MAX} jobs, got 160000",
        ),
    ],
)
def test_bad_input_is_one_line_and_leaves_nothing(
    log: str, arguments: list[str], told: str, capsys: Capture
) -> None:
    assert main(["sweep", "log.gz", "--out", "out", *arguments]) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert err.startswith("tickproof: ")
    assert err.count("\n") == 1
    assert told in err
    assert [path.name for path in Path.cwd().rglob("*")] == [Path(log).name]


@pytest.mark.parametrize("damage", ["", "{", "[]", "{}", "other key", "other identity"])
def test_a_file_that_is_no_result_is_refused(log: str, damage: str, capsys: Capture) -> None:
    arguments = ["sweep", log, "--grid", "size=1", "--out", "out", "--processes", "1"]
    assert main(arguments) == 0
    (path,) = Path("out/jobs").iterdir()
    record = json.loads(path.read_bytes())
    if damage == "other key":
        damage = json.dumps({**record, "key": "0" * 40})
    elif damage == "other identity":
        damage = json.dumps({**record, "job": {**record["job"], "seed": 1}})
    path.write_text(damage, encoding="utf-8")
    capsys.readouterr()
    assert main(arguments) == 2
    out, err = capsys.readouterr()
    assert (out, err.count("\n")) == ("", 1)
    assert str(path) in err
    assert path.read_text(encoding="utf-8") == damage


def test_a_strategy_that_fails_is_a_result_too(log: str, capsys: Capture) -> None:
    name = strategy("        self.size // (self.size - 2)\n")
    arguments = ["sweep", log, "--strategy", name, "--grid", "size=1,2", "--out", "out"]
    for ran in (2, 0):
        assert main([*arguments, "--processes", "1"]) == 3
        out, err = capsys.readouterr()
        assert f"2 jobs, {ran} run now" in err
        assert "strategy failed in 1 jobs: " in err
        assert "ZeroDivisionError" in err
        assert out.splitlines()[2].endswith("failed")
    failure = [row["failure"] is not None for row in table("out")["jobs"]]
    assert failure == [False, True]


@pytest.mark.parametrize("error", [ObligationSkipped(5), InvariantBroken("L1: broken")])
def test_a_defect_stops_a_sweep_and_can_travel(
    log: str, error: Exception, monkeypatch: pytest.MonkeyPatch, capsys: Capture
) -> None:
    def broken(*_: object, **__: object) -> None:
        raise error

    monkeypatch.setattr(sweeping, "run_backtest", broken)
    assert main(["sweep", log, "--grid", "size=1", "--out", "out", "--processes", "1"]) == 4
    err = capsys.readouterr().err
    assert err.count("\n") == 1
    assert str(error) in err


def test_strategy_code_that_changes_meanwhile_is_refused() -> None:
    market = worlds.market()
    name = strategy("        return None\n")
    (job,) = planned(market, evolve(DEFAULTS, strategy=name), "latency=1ms")
    write_dataset(Path("dataset.arrow"), market, BookCheck())
    strategy("        return []\n")
    with pytest.raises(InputError, match="code that changed"):
        run_job(job)


def test_what_a_strategy_prints_is_not_the_result(log: str, capfd: Capture) -> None:
    name = strategy("        print('hello')\n        return None\n")
    arguments = ["--grid", "size=1,2", "--out", "out", "--processes", "2", "--json"]
    assert main(["sweep", log, "--strategy", name, *arguments]) == 0
    out, err = capfd.readouterr()
    assert out.count("\n") == 1
    assert "hello" in err


def test_without_the_extra_it_says_so(log: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def missing(name: str, purpose: str) -> None:
        raise MissingExtra("run", f"{purpose} ({name})")

    monkeypatch.setattr(sweeping, "optional_module", missing)
    with pytest.raises(MissingExtra):
        sweep(evolve(DEFAULTS, data={"": (log,)}), grid_of(["size=1"]), Path("out"))
    assert not Path("out").exists()
