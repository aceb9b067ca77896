"""Run tests against a changed copy of the sources, without touching a file.

A job names tests and, for some modules, another source text. Each job runs in a process of its
own, forked from one that has imported pytest and Hypothesis but nothing of tickproof, so that
whatever a test imports is built on the changed text. Verdicts are told as they come, each what
pytest says: `passed`, `failed` (with the first test that failed), `timeout`, `crashed` when the
process ended without an answer, or `nothing` when no test was found; the last three say nothing
about the change. `endless`
is more than slow: one call into specification, kernel or venue that had not returned after
`endless_s` of processor time, where whole test modules take less. Time limits are of processor
time too, that a busy machine may not kill anything; real time ends only what sleeps.

The profile `mutants` of Hypothesis is that of CI with fewer examples and without shrinking: a
change that is noticed need not be explained.

    python -m tests.verification.planting < jobs.json > results.json

Platforms without `fork` start a fresh interpreter per job instead: slower, otherwise alike.
"""

from __future__ import annotations

import compileall
import contextlib
import importlib.abc
import importlib.machinery
import io
import json
import os
import signal
import subprocess
import sys
import tempfile
import time
import traceback
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import partial
from pathlib import Path
from types import CodeType
from typing import Any

from attrs import asdict, field, frozen

from tests.verification.figures import PROJECT, SOURCE_PATHS

SLEEP_FACTOR = 8
MEMORY_BYTES = 4 << 30
SKIPPED_PLUGINS = ("cacheprovider", "xdist", "junitxml", "doctest", "faulthandler")


@frozen
class Job:
    """Tests to run on `overlay`: module name -> source text.

    `sleep_factor` times `timeout_s` of real time ends what sleeps.
    """

    name: str
    tests: tuple[str, ...]
    overlay: Mapping[str, str] = field(factory=dict)
    timeout_s: int = 30
    profile: str = "ci"
    endless_s: int = 5
    sleep_factor: int = SLEEP_FACTOR


@frozen
class Verdict:
    """What came of a job. `outcome`: passed, failed, endless, timeout, crashed or nothing.

    `seconds`: of processor time where the platform tells it.
    """

    name: str
    outcome: str
    first: str
    seconds: float


Performing = Callable[[Job], tuple[str, str]]
"""How a job is done: (outcome, first failure)."""

Hearing = Callable[[Verdict], None]
"""Who is told a verdict when it is known."""

# --- another source ------------------------------------------------------------------------------


class _Loader(importlib.machinery.SourceFileLoader):
    text: str

    def get_code(self, fullname: str) -> CodeType:  # noqa: ARG002 - as inherited
        code: CodeType = self.source_to_code(self.text.encode(), self.path)
        return code


class Overlay(importlib.abc.MetaPathFinder):
    """Gives some modules another source text, whatever their file says."""

    def __init__(self, texts: Mapping[str, str]) -> None:
        self.texts = texts

    def find_spec(self, fullname: str, path: Any = None, target: Any = None) -> Any:
        """The module's own spec, with its text exchanged."""
        if fullname not in self.texts:
            return None
        found = importlib.machinery.PathFinder.find_spec(fullname, path, target)
        if found is not None and found.origin is not None:
            loader = _Loader(fullname, found.origin)
            loader.text = self.texts[fullname]
            found.loader = loader
        return found


def source_of(module: str) -> Path:
    """The file of a module of ours."""
    for root in SOURCE_PATHS:
        path = Path(root, *module.split(".")).with_suffix(".py")
        if path.is_file():
            return path
    raise FileNotFoundError(module)


def exchanged(module: str, text: str | None, old: str, new: str) -> str:
    """A module's text (its file's, unless given) with one piece exchanged; ValueError if unclear.

    `old` must occur exactly once, so that a change of the sources cannot empty a plant unnoticed.
    """
    known = source_of(module).read_text(encoding="utf-8") if text is None else text
    if known.count(old) != 1:
        raise ValueError(f"{module}: occurs {known.count(old)} times: {old!r}")
    return known.replace(old, new)


# --- one job, in its own process -----------------------------------------------------------------


class First:
    """Notes the first failure."""

    def __init__(self) -> None:
        self.name = ""

    def pytest_runtest_logreport(self, report: Any) -> None:
        """A test that did not pass."""
        if report.failed and not self.name:
            self.name = report.nodeid

    def pytest_collectreport(self, report: Any) -> None:
        """A module that cannot be imported."""
        if report.failed and not self.name:
            self.name = f"{report.nodeid} (import)"


class EndlessError(BaseException):
    """A call that does not come back."""


def watch_for_endless_calls(endless_s: int) -> list[str]:
    """Raise `EndlessError` in a call into the watched layers that outlives a whole tick.

    Ticks are of processor time, so a busy machine makes no loop endless. The list gets the name of
    the function, for pytest makes a failed test of the error.
    """
    found: list[str] = []
    if not hasattr(signal, "setitimer"):
        return found
    watched = tuple(SOURCE_PATHS[:2])
    seen: list[Any] = []

    def tick(_number: int, frame: Any) -> None:
        now = []
        while frame is not None:
            if frame.f_code.co_filename.startswith(watched):
                now.append(frame)
            frame = frame.f_back
        for each in now:
            if any(each is other for other in seen):
                found.append(each.f_code.co_qualname)
                raise EndlessError(*found)
        seen[:] = now

    signal.signal(signal.SIGVTALRM, tick)
    signal.setitimer(signal.ITIMER_VIRTUAL, endless_s, endless_s)
    return found


def limit(time_s: int) -> None:
    """Memory, that a change which fills it is a failing test, and processor time."""
    try:
        import resource  # noqa: PLC0415 - not on every platform
    except ImportError:
        return
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))
    spent_s = int(sum(os.times()[:2]))
    resource.setrlimit(resource.RLIMIT_CPU, (spent_s + time_s, spent_s + time_s + 1))


def register_profile() -> None:
    """The profile `mutants`, which conftest loads when it is named."""
    from hypothesis import HealthCheck, Phase, settings  # noqa: PLC0415 - imported by the parent

    settings.register_profile(
        "mutants",
        derandomize=True,
        database=None,
        deadline=None,
        max_examples=100,
        stateful_step_count=50,
        phases=(Phase.explicit, Phase.generate),
        suppress_health_check=list(HealthCheck),
    )


def prepared() -> list[str]:
    """Options of pytest: no plugin that is not needed, stop at the first failure."""
    options = [each for name in SKIPPED_PLUGINS for each in ("-p", f"no:{name}")]
    # The parent has imported plugins of pytest already, on purpose.
    options += ["-W", "ignore::pytest.PytestAssertRewriteWarning"]
    options += ["-x", "-q", "--no-header", "--tb=no", "--assert=plain"]
    return [*options, f"--rootdir={PROJECT}"]


def perform(job: Job) -> tuple[str, str]:
    """Run a job in this process, which is spoilt afterwards: (outcome, first failure)."""
    import pytest  # noqa: PLC0415 - imported by the parent

    register_profile()
    limit(job.timeout_s)
    os.environ["TICKPROOF_HYPOTHESIS_PROFILE"] = job.profile
    sys.dont_write_bytecode = True
    sys.meta_path.insert(0, Overlay(job.overlay))
    first = First()
    with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
        endless = watch_for_endless_calls(job.endless_s)
        code = pytest.main([*prepared(), *job.tests], plugins=[first])
    if endless:
        return "endless", f"{endless[0]} in {first.name}"
    if code == 0:
        return "passed", ""
    return ("failed" if first.name or code in (1, 2) else "nothing"), first.name


def _forked(job: Job, answer: Path, performing: Performing) -> int:
    """Start a job; the child never returns. An alarm ends one that hangs."""
    child = os.fork()
    if child:
        return child
    code = 1
    try:
        signal.alarm(job.timeout_s * job.sleep_factor)
        answer.write_text(json.dumps(performing(job)), encoding="utf-8")
        code = 0
    except BaseException:  # noqa: BLE001 - whatever it was, the parent must hear of it
        traceback.print_exc()
    finally:
        os._exit(code)


def _spawned(job: Job, answer: Path) -> None:
    """The same in a fresh interpreter, one at a time."""
    code = "import sys, json; from tests.verification import planting as p; p.serve_one(sys.argv)"
    told = answer.with_suffix(".job")
    told.write_text(json.dumps(asdict(job)), encoding="utf-8")
    with contextlib.suppress(subprocess.TimeoutExpired):
        command = [sys.executable, "-c", code, str(told), str(answer)]
        subprocess.run(command, timeout=job.timeout_s + 5, check=False, cwd=PROJECT)


def serve_one(arguments: Sequence[str]) -> None:
    """Read a job's file, write its answer's."""
    job = Job(**json.loads(Path(arguments[1]).read_text(encoding="utf-8")))
    Path(arguments[2]).write_text(json.dumps(perform(job)), encoding="utf-8")


def _verdict(job: Job, answer: Path, seconds: float, waited_s: float) -> Verdict:
    try:
        outcome, first = json.loads(answer.read_text(encoding="utf-8"))
    except (FileNotFoundError, json.JSONDecodeError):
        late = seconds >= job.timeout_s - 1 or waited_s >= job.timeout_s * job.sleep_factor - 1
        outcome = "timeout" if late else "crashed"
        first = f"ended after {seconds:.0f} s"
    return Verdict(job.name, outcome, first, seconds)


def run_here(
    jobs: Iterable[Job],
    processes: int,
    budget_s: float,
    performing: Performing = perform,
    hear: Hearing = lambda _: None,
) -> None:
    """Run jobs, `processes` at a time, until the budget is spent; what was not begun is left."""
    import hypothesis.stateful  # noqa: F401, PLC0415 - for every child at once
    import pytest  # noqa: F401, PLC0415

    waiting, running = list(jobs), dict[int, tuple[Job, Path, float]]()
    began = time.perf_counter()
    with tempfile.TemporaryDirectory() as folder:
        while waiting or running:
            in_time = time.perf_counter() - began < budget_s
            while waiting and in_time and len(running) < processes:
                job = waiting.pop(0)
                answer, started = Path(folder, f"{len(waiting)}.json"), time.perf_counter()
                if not hasattr(os, "fork"):
                    _spawned(job, answer)
                    waited_s = time.perf_counter() - started
                    hear(_verdict(job, answer, waited_s, waited_s))
                    continue
                running[_forked(job, answer, performing)] = (job, answer, started)
            if not running:
                break
            child, _, used = os.wait3(0)
            job, answer, started = running.pop(child)
            spent_s = used.ru_utime + used.ru_stime
            hear(_verdict(job, answer, spent_s, time.perf_counter() - started))


def own_output() -> int:
    """Standard output for verdicts alone: what tests write there goes where complaints go."""
    told = os.dup(1)
    os.dup2(2, 1)
    return told


def tell(output: int, verdict: Verdict) -> None:
    """A line of JSON, at once."""
    os.write(output, f"{json.dumps(asdict(verdict))}\n".encode())


def run(
    jobs: Sequence[Job],
    processes: int = 2,
    budget_s: float = 3_600,
    server: str = "tests.verification.planting",
    hear: Hearing = lambda _: None,
) -> dict[str, Verdict]:
    """Run jobs from a process that knows nothing of tickproof yet; verdicts by job name."""
    command = [sys.executable, "-m", server]
    told = {"jobs": [asdict(job) for job in jobs], "processes": processes, "budget_s": budget_s}
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(SOURCE_PATHS), "PYTHONHASHSEED": "0"}
    found: dict[str, Verdict] = {}
    with (
        tempfile.TemporaryFile("w+") as request,
        tempfile.TemporaryFile("w+") as complaints,
    ):
        json.dump(told, request)
        request.seek(0)
        with subprocess.Popen(
            command,
            stdin=request,
            stdout=subprocess.PIPE,
            stderr=complaints,
            text=True,
            cwd=PROJECT,
            env=environment,
        ) as serving:
            for line in serving.stdout or ():
                verdict = Verdict(**json.loads(line))
                found[verdict.name] = verdict
                hear(verdict)
        if serving.returncode:
            complaints.seek(0)
            raise RuntimeError(f"{server} ended with {serving.returncode}: {complaints.read()}")
    return found


def write_bytecode() -> None:
    """Children write none: without it each would compile everything again."""
    for path in (*SOURCE_PATHS[:4], str(PROJECT / "tests")):
        compileall.compile_dir(path, quiet=2)


def main() -> None:
    """Serve one request from standard input."""
    output = own_output()
    write_bytecode()
    told = json.load(sys.stdin)
    jobs = [Job(**each) for each in told["jobs"]]
    run_here(jobs, told["processes"], told["budget_s"], hear=partial(tell, output))


if __name__ == "__main__":
    main()
