"""The first tests that a change meets, with nothing imported twice.

A change inside a function that no import has run is put into a process that knows everything
already: all tests are collected once, and each change gets a fork of that process in which the
function has the changed code. Whatever imports have computed from the sources (tables, rows, codes,
classes) cannot be exchanged like that: such a change gets a fork from before the first import of
tickproof, where the modules of its tests are imported and their plain functions called.

Verdicts are those of `planting`, and `half` when only the plain functions have passed: such a
change goes on to a whole run of pytest.

Plain tests go before those that generate examples, and of either first those that have noticed
changes of the same module: most changes are noticed by few tests. Which test is named as the one
that noticed depends on that; whether one did does not.

    python -m tests.verification.quick < jobs.json > results.json
"""

from __future__ import annotations

import ast
import contextlib
import importlib
import inspect
import io
import itertools
import json
import os
import pkgutil
import signal
import sys
import tempfile
import traceback
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cache, partial
from pathlib import Path
from types import CodeType, FunctionType, ModuleType
from typing import Any

from attrs import evolve, frozen

from tests.verification.planting import (
    First,
    Hearing,
    Job,
    Overlay,
    Verdict,
    limit,
    own_output,
    prepared,
    register_profile,
    run_here,
    source_of,
    tell,
    watch_for_endless_calls,
    write_bytecode,
)

LAYERS = ("spec", "kernel", "venue")
READINGS = {"tests/spec/test_table_readings.py", "tests/spec/test_order_reading.py"}
"""They read rows, which imports have made: what a function does is not theirs to notice."""

OPTIMISED = 0x1
"""Flag of the code of functions; that of modules and classes lacks it."""

Place = tuple[str, str]
"""(file, qualified name) of a function."""

# --- which function a change is in ---------------------------------------------------------------


def changed_functions(before: CodeType, after: CodeType) -> set[str] | None:
    """Qualified names of the outermost functions that differ; None when a module or class does."""
    if _own(before) != _own(after):
        return None
    found: set[str] = set()
    for one, other in zip(_inner(before), _inner(after), strict=True):
        if one.co_flags & OPTIMISED:
            if not _alike(one, other):
                found.add(one.co_qualname)
            continue
        inner = changed_functions(one, other)
        if inner is None:
            return None
        found |= inner
    return found


def _own(code: CodeType) -> tuple[Any, ...]:
    """What a code is, but for the lines and for what is inside."""
    constants = [
        "code" if isinstance(each, CodeType) else (type(each), repr(each))
        for each in code.co_consts
    ]
    return (code.co_code, code.co_names, code.co_varnames, code.co_freevars, constants)


def _inner(code: CodeType) -> list[CodeType]:
    return [each for each in code.co_consts if isinstance(each, CodeType)]


def _alike(one: CodeType, other: CodeType) -> bool:
    inner = zip(_inner(one), _inner(other), strict=False)
    return _own(one) == _own(other) and all(_alike(left, right) for left, right in inner)


@cache
def _statements(text: str) -> list[tuple[int, int]]:
    """First and last line of the functions and classes of a module."""
    found = []
    for node in ast.parse(text).body:
        if isinstance(node, ast.FunctionDef | ast.ClassDef):
            first = min([node.lineno, *(each.lineno for each in node.decorator_list)])
            found.append((first, node.end_lineno or 0))
    return found


def changed_statement(before: str, after: str) -> tuple[str, str] | None:
    """The one function or class in which two texts of a module differ, in both; None elsewhere.

    Compiling it alone takes a fraction of compiling the module.
    """
    if before == after:
        return None
    old, new = before.splitlines(keepends=True), after.splitlines(keepends=True)
    shorter = min(len(old), len(new))
    same = next((at for at in range(shorter) if old[at] != new[at]), shorter)
    rest = shorter - same
    same_end = next((at for at in range(rest) if old[-1 - at] != new[-1 - at]), rest)
    for first, last in _statements(before):
        if first <= same + 1 and len(old) - same_end <= last:
            grown = len(new) - len(old)
            return "".join(old[first - 1 : last]), "".join(new[first - 1 : last + grown])
    return None


def functions_of(module: ModuleType) -> dict[str, FunctionType]:
    """Functions and methods written in a module, by qualified name."""
    found: dict[str, FunctionType] = {}
    waiting = [vars(module)]
    while waiting:
        for value in waiting.pop().values():
            if isinstance(value, type) and value.__module__ == module.__name__:
                waiting.append(vars(value))  # type: ignore[arg-type]
            if isinstance(value, property):
                value = value.fget  # noqa: PLW2901
            value = getattr(value, "__func__", value)  # noqa: PLW2901 - of a static method
            value = inspect.unwrap(value) if callable(value) else value  # noqa: PLW2901
            if isinstance(value, FunctionType) and value.__module__ == module.__name__:
                found[value.__code__.co_qualname] = value
    return found


@contextlib.contextmanager
def calls_noted() -> Iterator[set[Place]]:
    """The functions that are called meanwhile."""
    noted: set[Place] = set()

    def note(frame: Any, event: str, _argument: Any) -> None:
        if event == "call":
            code = frame.f_code
            noted.add((code.co_filename, code.co_qualname.partition(".<locals>")[0]))

    sys.setprofile(note)
    try:
        yield noted
    finally:
        sys.setprofile(None)


def swappable(job: Job, called: set[Place]) -> tuple[FunctionType, CodeType] | None:
    """The function that a job changes and its code, when it can be exchanged in place."""
    ((name, text),) = job.overlay.items()
    path = source_of(name)
    pieces = changed_statement(path.read_text(encoding="utf-8"), text)
    if pieces is None:
        return None
    before, after = (
        compile(each, str(path), "exec", annotations.compiler_flag, dont_inherit=True)
        for each in pieces
    )
    changed = changed_functions(before, after)
    if changed is None or len(changed) != 1:
        return None
    (qualified,) = changed
    function = functions_of(importlib.import_module(name)).get(qualified)
    if function is None or (function.__code__.co_filename, qualified) in called:
        return None
    return function, _code_named(after, qualified)


def _code_named(code: CodeType, qualified: str) -> CodeType:
    for each in _inner(code):
        if each.co_qualname == qualified and each.co_flags & OPTIMISED:
            return each
        if not each.co_flags & OPTIMISED and qualified.startswith(f"{each.co_qualname}."):
            return _code_named(each, qualified)
    raise LookupError(qualified)


# --- everything known already --------------------------------------------------------------------


def imported_layers() -> None:
    """Import what can be changed."""
    for layer in LAYERS:
        package = importlib.import_module(f"tickproof.{layer}")
        for found in pkgutil.iter_modules(package.__path__):
            importlib.import_module(f"tickproof.{layer}.{found.name}")


class Warm:
    """A plugin of pytest: collects once, then a fork per job instead of the tests."""

    def __init__(self, jobs: list[Job], processes: int, tell: Hearing, called: set[Place]) -> None:
        self.swaps = {job.name: swappable(job, called) for job in jobs}
        self.jobs = [job for job in jobs if self.swaps[job.name] is not None]
        self.modules = {job.name: module_of(job) for job in jobs}
        self.tell = tell
        self.processes = processes
        self.items: dict[str, list[Any]] = {}
        self.known: set[str] = set()
        self.noticed: dict[str, list[str]] = {}
        self.session: Any = None

    def pytest_runtestloop(self, session: Any) -> bool:
        """Every job in a fork."""
        self.session = session
        for item in session.items:
            self.items.setdefault(item.nodeid.partition("::")[0], []).append(item)
        run_here(self.jobs, self.processes, 1e9, self.perform, self.hear)
        return True

    def hear(self, verdict: Verdict) -> None:
        """Remember which test noticed, the last first."""
        self.tell(verdict)
        self.known.add(verdict.name)
        if verdict.outcome == "failed":
            _to_front(self.noticed.setdefault(self.modules[verdict.name], []), verdict.first)

    def perform(self, job: Job) -> tuple[str, str]:
        """Exchange the code, run the tests of the job's files: few of a kind first, then more."""
        swap = self.swaps[job.name]
        if swap is not None:
            swap[0].__code__ = swap[1]
        limit(job.timeout_s)
        first = First()
        config = self.session.config
        config.pluginmanager.register(first)
        endless = watch_for_endless_calls(job.endless_s)
        # A test that follows itself is not set up again, and fails whatever was changed.
        files = dict.fromkeys(job.tests)
        chosen = [item for file in files for item in self.items.get(file, ())]
        many = Counter(item.function for item in chosen)
        known = self.noticed.get(self.modules[job.name], [])
        place_of = {name: place - len(known) for place, name in enumerate(known)}
        chosen.sort(
            key=lambda item: (
                hasattr(item.function, "hypothesis"),
                place_of.get(item.nodeid, 0),
                many[item.function],
            )
        )
        for place, item in enumerate(chosen):
            later = chosen[place + 1] if place + 1 < len(chosen) else None
            config.hook.pytest_runtest_protocol(item=item, nextitem=later)
            if endless:
                return "endless", f"{endless[0]} in {first.name}"
            if first.name:
                return "failed", first.name
        return ("passed" if chosen else "nothing"), ""


def module_of(job: Job) -> str:
    """The module that a job changes."""
    return next(iter(job.overlay))


REMEMBERED = 4
"""Tests that noticed before and go first: one that does not notice again costs what it takes."""


def _to_front(names: list[str], name: str) -> None:
    """Keep each name once, the last first, and few."""
    if name in names:
        names.remove(name)
    names.insert(0, name)
    del names[REMEMBERED:]


def run_warm(jobs: list[Job], processes: int, tell: Hearing) -> set[str]:
    """Do the jobs that can be done so; their names."""
    import pytest  # noqa: PLC0415 - imported by the parent

    register_profile()
    os.environ["TICKPROOF_HYPOTHESIS_PROFILE"] = "mutants"
    with calls_noted() as called:
        imported_layers()
    plugin = Warm(jobs, processes, tell, called)
    files = sorted({file for job in plugin.jobs for file in job.tests} - READINGS)
    with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
        if files:
            pytest.main([*prepared(), "-s", *files], plugins=[plugin])
    return plugin.known


# --- nothing known yet ---------------------------------------------------------------------------


@frozen
class Case:
    """A test function with its arguments."""

    name: str
    function: Callable[..., Any]
    arguments: Mapping[str, Any]

    @property
    def is_generated(self) -> bool:
        """Whether Hypothesis makes its examples."""
        return hasattr(self.function, "hypothesis")

    def call(self) -> None:
        """Run it."""
        self.function(**self.arguments)


def cases_of(module: ModuleType) -> Iterator[Case]:
    """Plain test functions of a module with each set of parameters; those with fixtures are not."""
    for name, function in list(vars(module).items()):
        if not name.startswith("test_") or not inspect.isfunction(function):
            continue
        marks = [mark for mark in getattr(function, "pytestmark", []) if mark.name != "slow"]
        if any(mark.name != "parametrize" for mark in marks):
            continue
        for arguments in _parameters(marks):
            if set(inspect.signature(function).parameters) == set(arguments):
                yield Case(f"{name}{list(arguments.values()) or ''}", function, arguments)


def _parameters(marks: list[Any]) -> Iterator[dict[str, Any]]:
    """Every set of arguments that marks `parametrize` make."""
    columns = []
    for mark in marks:
        names, values = mark.args[:2]
        names = [each.strip() for each in names.split(",")] if isinstance(names, str) else names
        column = []
        for value in values:
            unpacked = getattr(value, "values", value) if hasattr(value, "marks") else value
            row = [unpacked] if len(names) == 1 and unpacked is value else list(unpacked)
            column.append(dict(zip(names, row, strict=True)))
        columns.append(column)
    for rows in itertools.product(*columns):
        yield {name: value for row in rows for name, value in row.items()}


class Cold:
    """A fork per job that imports the changed module and its tests, and calls them."""

    def __init__(self, jobs: list[Job], tell: Hearing) -> None:
        self.jobs = jobs
        self.tell = tell
        self.modules = {job.name: module_of(job) for job in jobs}
        self.noticed: dict[str, list[str]] = {}

    def run(self, processes: int) -> None:
        """Every job in a fork."""
        run_here(self.jobs, processes, 1e9, self.perform, self.hear)

    def hear(self, verdict: Verdict) -> None:
        """Remember which test noticed, the last first."""
        self.tell(verdict)
        if verdict.outcome == "failed":
            name = verdict.first.rpartition(": ")[0]
            _to_front(self.noticed.setdefault(self.modules[verdict.name], []), name)

    def perform(self, job: Job) -> tuple[str, str]:
        """Import the changed module and its tests, call them."""
        from hypothesis import settings  # noqa: PLC0415 - imported by the parent

        register_profile()
        settings.load_profile("mutants")
        sys.dont_write_bytecode = True
        sys.meta_path.insert(0, Overlay(job.overlay))
        limit(job.timeout_s)
        endless = watch_for_endless_calls(job.endless_s)
        at = ""
        known = self.noticed.get(self.modules[job.name], [])
        quiet = io.StringIO()
        try:
            with contextlib.redirect_stdout(quiet), contextlib.redirect_stderr(quiet):
                for case in _cases_in_order(job.tests, known):
                    at = case.name
                    case.call()
        except BaseException as error:  # noqa: BLE001 - whatever it is, it was noticed
            if endless:
                return "endless", f"{endless[0]} in {at}"
            return "failed", f"{at}: {type(error).__name__}"
        # Tests with fixtures were left out.
        return "half", ""


def _cases_in_order(files: tuple[str, ...], known: Sequence[str]) -> Iterator[Case]:
    """Plain ones file by file, then what Hypothesis generates; of either first what noticed."""
    for name in known:
        file, _, _ = name.removesuffix(" (import)").partition("::")
        if file in files:
            for case in _cases_in(file):
                if case.name == name and not case.is_generated:
                    yield case
    later = []
    for file in files:
        for case in _cases_in(file):
            if case.is_generated:
                later.append(case)
            elif case.name not in known:
                yield case
    later.sort(key=lambda case: known.index(case.name) if case.name in known else len(known))
    yield from later


def _cases_in(file: str) -> Iterator[Case]:
    """Importing a file, then the tests in it."""
    name = file.removesuffix(".py").replace("/", ".")
    yield Case(f"{file} (import)", importlib.import_module, {"name": name})
    for case in cases_of(importlib.import_module(name)):
        yield evolve(case, name=f"{file}::{case.name}")


# --- both ----------------------------------------------------------------------------------------


def perform_all(jobs: list[Job], processes: int, tell: Hearing) -> None:
    """Warm in a process of its own, then cold what is left."""
    with tempfile.TemporaryDirectory() as folder:
        answer = Path(folder, "warm.json")
        child = os.fork()
        if not child:
            try:
                signal.signal(signal.SIGINT, signal.SIG_DFL)
                done = run_warm(jobs, processes, tell)
                answer.write_text(json.dumps(sorted(done)), encoding="utf-8")
            except BaseException:  # noqa: BLE001 - the parent must hear of it
                traceback.print_exc()
            finally:
                sys.stderr.flush()
                os._exit(0)
        os.waitpid(child, 0)
        known = set(json.loads(answer.read_text(encoding="utf-8")))
    Cold([job for job in jobs if job.name not in known], tell).run(processes)


def main() -> None:
    """Serve one request from standard input."""
    import hypothesis.stateful  # noqa: F401, PLC0415 - for every child at once
    import pytest  # noqa: F401, PLC0415

    output = own_output()
    write_bytecode()
    told = json.load(sys.stdin)
    jobs = [Job(**each) for each in told["jobs"]]
    perform_all(jobs, told["processes"], partial(tell, output))


if __name__ == "__main__":
    main()
