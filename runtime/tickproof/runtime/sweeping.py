"""A sweep: one dataset, many parameters, a job for each, on several processes.

What it decides: what a job is and when it is the same job. A job is a plain dict that any process
can run; its key is a hash of all that its result may depend on, and of nothing else: not of where
files lie, of how many processes there are, or of what else was swept. So a key has one result. A
result that is there already is not computed again, and two results that differ are an alarm.

    DIR/jobs/KEY.json           a result; written aside, then renamed
    DIR/jobs/KEY.DIGEST.json    another result of the same job, which must not exist
    DIR/sweep.json, sweep.csv   the table, when every job of the sweep has a result
    DIR/dataset.arrow           what the workers map; made afresh by each sweep
"""

from __future__ import annotations

import contextlib
import csv
import hashlib
import io
import itertools
import json
import multiprocessing
import os
import re
import signal
import threading
from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from concurrent.futures.process import BrokenProcessPool
from decimal import Decimal
from functools import cache, lru_cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from attrs import evolve, frozen

from tickproof.runtime.backtest import market_of, run_backtest
from tickproof.runtime.cluster import connected, results_from
from tickproof.runtime.console import quiet_stdout
from tickproof.runtime.dataset_file import PURPOSE, read_dataset, write_dataset
from tickproof.runtime.errors import InputError
from tickproof.runtime.loading import LoadedStrategy, load_strategy
from tickproof.runtime.readers.feed import Market
from tickproof.runtime.readers.tables import optional_module
from tickproof.runtime.recording import Progress
from tickproof.runtime.settings import DEFAULTS, Settings, checked, from_table, to_table
from tickproof.runtime.summary import BookCheck, check_books
from tickproof.runtime.version import VERSION
from tickproof.spec.errors import InvariantBroken, ObligationSkipped

SCHEMA = 1
"""Number of the layout of a result; it is part of each key."""

SWEPT_SETTINGS = ("fill_model", "latency", "feed_latency")
"""Settings that a grid may name; every other name is a parameter of the strategy."""

NOT_IN_KEY = ("data", "param", "strategy", "check", "check_every", "checkpoint_every")
"""Settings that a key has in another form, and those that no result depends on."""

SEED = "seed"
JOBS_MAX = 100_000
PROCESSES_MAX = 61
"""As many as one pool can have on every platform."""

CODE = ("tickproof.spec", "tickproof.kernel", "tickproof.venue", "tickproof.runtime")
"""Packages whose source a result depends on."""

FIGURES = ("equity", "realised", "unrealised", "fees", "position", "orders", "fills")
DIGESTS = ("digest", "state_digest")
INTEGER = re.compile(r"0|-?[1-9]\d{0,17}", re.ASCII)

Grid = Mapping[str, tuple[int | str, ...]]
Job = dict[str, Any]
"""`key`, `identity` (what the key is the hash of), `settings`, `swept`, `dataset` (a path)."""

Record = dict[str, Any]
"""A result as a file holds it: `schema`, `key`, `job` (the identity), `digests`, `summary`."""


class WorkersLost(Exception):
    """Worker processes ended again and again before any job was done; results so far are kept."""

    def __init__(self, unfinished: int) -> None:
        super().__init__(unfinished)
        self.unfinished = unfinished


@frozen
class Alarm:
    """Two results of one job that differ: `name` says in which digest."""

    key: str
    name: str
    first: str
    second: str
    file: str

    def __str__(self) -> str:
        found = f"{self.name} {self.first} and {self.name} {self.second}"
        return f"ALARM: job {self.key} has two results: {found}; both kept ({self.file})"


@frozen
class Sweep:
    """What came of a sweep. `rows`: a table line per job, best equity first.

    `ran`: jobs computed now; the others had a result. `alarms`: jobs with two results.
    """

    swept: tuple[str, ...]
    rows: tuple[dict[str, Any], ...]
    ran: int
    alarms: tuple[Alarm, ...]

    def table(self) -> dict[str, Any]:
        """What `sweep.json` holds."""
        return {
            "schema": SCHEMA,
            "tickproof": VERSION,
            "swept": list(self.swept),
            "jobs": list(self.rows),
            "alarms": [str(each) for each in self.alarms],
        }


# --- jobs ----------------------------------------------------------------------------------------


def grid_of(given: Sequence[str], seeds: str | None = None) -> dict[str, tuple[int | str, ...]]:
    """`NAME=V,V` texts as lists by name; what is written as an integer is one."""
    found: dict[str, tuple[int | str, ...]] = {}
    texts = [(each, "--grid") for each in given]
    if seeds is not None:
        texts.append((f"{SEED}={seeds}", "--seed"))
    for text, flag in texts:
        name, _, listed = text.partition("=")
        values = tuple(listed.split(","))
        if not name or not all(values):
            raise InputError("", 0, flag, "NAME=VALUE,VALUE", repr(text))
        if name in found:
            raise InputError("", 0, flag, "each name once", repr(name))
        if len(set(values)) < len(values):
            raise InputError("", 0, flag, "each value once", repr(text))
        found[name] = tuple(int(one) if INTEGER.fullmatch(one) else one for one in values)
    if not found:
        raise InputError("", 0, "--grid", "at least one NAME=VALUE,VALUE", "none")
    return found


Point = tuple[dict[str, int | str], Settings, LoadedStrategy]
"""What was swept, the settings of the run, and its strategy."""


def points_of(settings: Settings, grid: Grid) -> list[Point]:
    """The product of a grid's lists, each made and checked, in the order of the lists.

    Raises `InputError` and `StrategyError` for any of them: before anything is run.
    """
    count = 1
    for values in grid.values():
        count *= len(values)
    if count > JOBS_MAX:
        raise InputError("", 0, "--grid", f"at most {JOBS_MAX} jobs", str(count))
    return [
        _point(settings, dict(zip(grid, values, strict=True)))
        for values in itertools.product(*grid.values())
    ]


def _point(settings: Settings, swept: dict[str, int | str]) -> Point:
    chosen = {name: value for name, value in swept.items() if name in SWEPT_SETTINGS}
    given = {name: value for name, value in swept.items() if name not in SWEPT_SETTINGS}
    # 0 is the one duration that may lack a unit.
    texts: dict[str, Any] = {name: str(value) for name, value in chosen.items()}
    changed = checked(evolve(settings, param={**settings.param, **given}, **texts))
    return swept, changed, load_strategy(changed.strategy, dict(changed.param))


def jobs_of(points: Iterable[Point], market: Market, dataset: Path) -> list[Job]:
    """A descriptor for each point: nothing but texts, integers, lists and dicts."""
    rows = [feed.rows_hash for feed in market.feeds]
    jobs = []
    for swept, settings, loaded in points:
        table = to_table(settings)
        parameters = dict(loaded.parameters)
        identity = {
            "schema": SCHEMA,
            "tickproof": VERSION,
            "code": code_hash(),
            "dataset": {"hash": market.dataset_hash, "rows": rows},
            "configuration": {
                name: value for name, value in table.items() if name not in NOT_IN_KEY
            },
            "strategy": {"name": loaded.name, "hash": loaded.code_identity},
            "parameters": parameters,
            "seed": parameters.get(SEED),
        }
        jobs.append(
            {
                "key": key_of(identity),
                "identity": identity,
                "settings": {**table, "data": {}},
                "swept": swept,
                "dataset": str(dataset),
            }
        )
    return jobs


def key_of(identity: Mapping[str, Any]) -> str:
    """blake2b over the canonical JSON of an identity, 40 hexadecimal digits."""
    text = json.dumps(identity, sort_keys=True, separators=(",", ":"))
    return hashlib.blake2b(text.encode(), digest_size=20).hexdigest()


@cache
def code_hash() -> str:
    """sha256 over the Python source of everything that makes a result.

    It is the same for both builds of one source: they must agree.
    """
    digest = hashlib.sha256()
    for package in CODE:
        spec = find_spec(package)
        places = [] if spec is None else list(spec.submodule_search_locations or [])
        for root in map(Path, places):
            for file in sorted(root.rglob("*.py"), key=lambda each: each.relative_to(root).parts):
                name = f"{package}/{file.relative_to(root).as_posix()}"
                digest.update(f"{name} {hashlib.sha256(file.read_bytes()).hexdigest()}\n".encode())
    return digest.hexdigest()


# --- running -------------------------------------------------------------------------------------


@lru_cache(maxsize=1)
def _dataset(path: str, rows: tuple[str, ...]) -> tuple[Market, BookCheck]:
    """The dataset of a process: read once, whatever number of jobs it runs."""
    market, books = read_dataset(Path(path))
    if tuple(feed.rows_hash for feed in market.feeds) != rows:
        raise InputError(path, 0, "file", "the dataset of this sweep", "another one")
    return market, books


_ONE_AT_A_TIME = threading.Lock()
"""A run redirects stdout and imports the strategy's file, which a process has once."""


def run_job(job: Mapping[str, Any]) -> Record:
    """Run a job in this process; raises `InputError` when it is no longer what its key says."""
    with _ONE_AT_A_TIME:
        return _run_job(job)


def _run_job(job: Mapping[str, Any]) -> Record:
    identity = job["identity"]
    if identity["code"] != code_hash():
        raise InputError("", 0, "worker", "the same tickproof on every worker", "another one")
    market, books = _dataset(job["dataset"], tuple(identity["dataset"]["rows"]))
    settings = from_table(DEFAULTS, job["settings"])
    try:
        with quiet_stdout():
            result = run_backtest(market, settings, check_ticker=False)
    # Said again as text: what these carry does not travel between processes.
    except (InvariantBroken, ObligationSkipped) as error:
        raise InvariantBroken(f"job {job['key']}: {error}") from None
    if result.summary["strategy_hash"] != identity["strategy"]["hash"]:
        expected = "strategy code that stays as it is"
        raise InputError("", 0, "strategy", expected, "code that changed")
    summary = {
        **result.summary,
        "crossed_books": books.crossed,
        "ticker_checked": books.checked,
        "ticker_equal": books.equal,
    }
    return {
        "schema": SCHEMA,
        "key": job["key"],
        "job": identity,
        "digests": {name: summary[name] for name in DIGESTS},
        "summary": summary,
    }


def started_pool(processes: int) -> ProcessPoolExecutor | None:
    """A pool whose workers are on their way, None where this process does the work itself."""
    if processes == 1:
        return None
    # Spawned everywhere: a forked worker would inherit threads and locks of whoever called.
    context = multiprocessing.get_context("spawn")
    pool = ProcessPoolExecutor(processes, mp_context=context, initializer=_begin)
    # The first call starts all of them: they import what they need while the dataset is read.
    pool.submit(_begin)
    return pool


def _begin() -> None:
    """What a worker does first. Ctrl-C reaches it too: it ends, without a traceback of its own."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    optional_module("pyarrow.ipc", PURPOSE)


def outcomes(
    jobs: Sequence[Job], processes: int, pool: ProcessPoolExecutor | None
) -> Iterator[Record]:
    """The results of jobs as they come, from `pool`; without one, from this process.

    A worker that is killed takes its pool with it; a new one takes over what is not done. Raises
    `WorkersLost` when that brings no result at all.
    """
    if pool is None:
        try:
            yield from map(run_job, jobs)
        finally:
            _dataset.cache_clear()
        return
    left = {job["key"]: job for job in jobs}
    while left and pool is not None:
        before = len(left)
        try:
            for record in _pooled(list(left.values()), pool):
                del left[record["key"]]
                yield record
        except BrokenProcessPool:
            if len(left) == before:
                raise WorkersLost(len(left)) from None
            pool = started_pool(processes)


def _pooled(jobs: Sequence[Job], pool: ProcessPoolExecutor) -> Iterator[Record]:
    """One pool's results; raises `BrokenProcessPool` after the last of them."""
    broken: BrokenProcessPool | None = None
    with pool:
        try:
            for future in as_completed([pool.submit(run_job, job) for job in jobs]):
                try:
                    record = future.result()
                except BrokenProcessPool as error:
                    broken = error
                    continue
                yield record
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)
            raise
    if broken is not None:
        raise broken


# --- the folder ----------------------------------------------------------------------------------


class SweepFolder:
    """Results by key in `DIR/jobs`; one writer, the process that runs the sweep."""

    def __init__(self, out: Path) -> None:
        self.out = out
        self.jobs = out / "jobs"
        self.dataset = out / "dataset.arrow"

    def check_place(self) -> None:
        """Refuse a place that is neither new, nor empty, nor a sweep; raises `InputError`."""
        if self.out.is_dir():
            if not self.jobs.is_dir() and any(self.out.iterdir()):
                raise self._refused("a new folder or one of a sweep", "another folder")
            place = self.out
        elif os.path.lexists(self.out):
            raise self._refused("a folder", "a file")
        else:
            place = next(each for each in self.out.absolute().parents if each.exists())
        if not place.is_dir() or not os.access(place, os.W_OK | os.X_OK):
            raise self._refused("a folder that can be written to", f"no: {place}")

    def _refused(self, expected: str, got: str) -> InputError:
        return InputError(str(self.out), 0, "--out", expected, got)

    def found(self, keys: Iterable[str]) -> dict[str, Record]:
        """Results that are there; raises `InputError` for a file that is no result of its key."""
        paths = {key: self.jobs / f"{key}.json" for key in keys}
        return {key: _record_of(path, key) for key, path in paths.items() if path.is_file()}

    def prepare(self, market: Market, books: BookCheck) -> None:
        """Make the folder and its dataset; raises `InputError` where that cannot be."""
        try:
            self.jobs.mkdir(parents=True, exist_ok=True)
            write_dataset(self.dataset, market, books)
        except OSError as error:
            raise self._refused("a place to write to", error.strerror or str(error)) from error

    def keep(self, record: Record) -> Record:
        """Keep a result; beside the one that is there, if that is another. Gives the first."""
        path = self.jobs / f"{record['key']}.json"
        first = _record_of(path, record["key"]) if path.is_file() else record
        if first["digests"] != record["digests"]:
            part = key_of(record["digests"])[:16]
            path = self.jobs / f"{record['key']}.{part}.json"
        elif first is not record:
            return first
        self.write(path, json.dumps(record, indent=1) + "\n")
        return first

    def write(self, path: Path, text: str) -> None:
        """Write a file whole or not at all; raises `InputError`."""
        partial = path.with_name(path.name + ".tmp")
        try:
            with partial.open("w", encoding="utf-8", newline="") as stream:
                stream.write(text)
                stream.flush()
                os.fsync(stream.fileno())
            partial.replace(path)
        except OSError as error:
            raise self._refused("a place to write to", error.strerror or str(error)) from error

    def alarms(self, records: Mapping[str, Record]) -> tuple[Alarm, ...]:
        """Every second result of these keys, whenever it was found."""
        alarms = []
        for path in sorted(self.jobs.glob("*.*.json")):
            key = path.name.partition(".")[0]
            if key not in records:
                continue
            first, second = records[key]["digests"], _record_of(path, key)["digests"]
            name = next((each for each in DIGESTS if first[each] != second[each]), DIGESTS[0])
            alarms.append(Alarm(key, name, first[name], second[name], str(path)))
        return tuple(alarms)


def _record_of(path: Path, key: str) -> Record:
    """The result in a file, if it is one of the job with this key; raises `InputError`."""
    try:
        record: Record = json.loads(path.read_text(encoding="utf-8"))
        ours = record["key"] == key == key_of(record["job"])
        ours = ours and all(isinstance(record["digests"][name], str) for name in DIGESTS)
        ours = ours and all(record["summary"][name] == record["digests"][name] for name in DIGESTS)
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise InputError(str(path), 0, "file", "a result of a sweep", str(error)) from error
    if not ours:
        raise InputError(str(path), 0, "file", f"the result of job {key}", "another one")
    return record


# --- the sweep -----------------------------------------------------------------------------------


def default_processes() -> int:
    """As many processes as this machine has cores."""
    return min(os.cpu_count() or 1, PROCESSES_MAX)


def sweep(
    settings: Settings,
    grid: Grid,
    out: Path,
    processes: int = 1,
    *,
    again: bool = False,
    cluster: str | None = None,
    progress: Progress | None = None,
) -> Sweep:
    """Run every job of a grid that has no result in `out`; with `again`, every job.

    `cluster`: address of a scheduler whose workers run them, instead of processes of our own.

    Raises `InputError`, `MissingExtra` and `StrategyError` for what cannot be run, before
    anything is written; `WorkersLost` and `ClusterLost`, with what was done kept.
    """
    if not 1 <= processes <= PROCESSES_MAX:
        raise InputError("", 0, "--processes", f"from 1 to {PROCESSES_MAX}", str(processes))
    optional_module("pyarrow.ipc", PURPOSE)
    folder = SweepFolder(out)
    folder.check_place()
    with quiet_stdout():
        points = points_of(settings, grid)
    processes = min(processes, len(points))
    workers: contextlib.AbstractContextManager[Any]
    if cluster is not None:
        workers = connected(cluster)
    else:
        workers = started_pool(processes) or contextlib.nullcontext()
    with workers as pool:
        jobs, records, events = _prepared(folder, points, settings, again, progress)
        todo = [job for job in jobs if again or job["key"] not in records]
        if cluster is not None:
            found = results_from(pool, run_job, todo)
        else:
            found = outcomes(todo, processes, pool)
        for done, record in enumerate(found, 1):
            records[record["key"]] = folder.keep(record)
            if progress is not None:
                progress(f"run {len(todo)} jobs", done * events, len(todo) * events)
    rows = sorted((_row(job, records[job["key"]]) for job in jobs), key=_worst_last)
    made = Sweep(tuple(grid), tuple(rows), len(todo), folder.alarms(records))
    folder.write(out / "sweep.json", json.dumps(made.table(), indent=1) + "\n")
    folder.write(out / "sweep.csv", _csv(made))
    return made


def _prepared(
    folder: SweepFolder,
    points: Sequence[Point],
    settings: Settings,
    again: bool,
    progress: Progress | None,
) -> tuple[list[Job], dict[str, Record], int]:
    """The jobs, the results that are there, and the events of a job.

    The Market is in the folder, if a job has to be run, and gone from here: a process holds it
    once.
    """
    market = market_of(settings.data, settings, progress)
    jobs = jobs_of(points, market, folder.dataset.absolute())
    if len({job["key"] for job in jobs}) < len(jobs):
        raise InputError("", 0, "--grid", "values that mean different runs", "two that are one")
    records = folder.found(job["key"] for job in jobs)
    if again or len(records) < len(jobs):
        folder.prepare(market, check_books(market))
    return jobs, records, len(market.columns)


def _row(job: Job, record: Record) -> dict[str, Any]:
    """A line of the table: what was swept, the figures, the digests."""
    summary = record["summary"]
    return {
        "swept": job["swept"],
        **{name: summary[name] for name in FIGURES},
        "failure": summary["failure"],
        **record["digests"],
        "key": job["key"],
    }


def _worst_last(row: Mapping[str, Any]) -> tuple[bool, bool, Decimal]:
    """Best equity first, no equity after that, failed runs at the end."""
    equity = row["equity"]
    return row["failure"] is not None, equity is None, -Decimal(equity or 0)


def _csv(made: Sweep) -> str:
    stream = io.StringIO()
    writer = csv.writer(stream, lineterminator="\n")
    writer.writerow((*made.swept, *FIGURES, "failed", *DIGESTS, "key"))
    for row in made.rows:
        swept = [row["swept"][name] for name in made.swept]
        figures = [row[name] for name in FIGURES]
        failed = int(row["failure"] is not None)
        writer.writerow([*swept, *figures, failed, *(row[name] for name in DIGESTS), row["key"]])
    return stream.getvalue()
