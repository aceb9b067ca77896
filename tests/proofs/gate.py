"""The proof gate: a proof counts only when CrossHair says CONFIRMED for every postcondition.

The command line of CrossHair exits with 0 when it cannot confirm, times out or finds a
precondition that nothing satisfies, so the gate asks its Python API instead. It collects the
modules ``prove_*.py`` beside it: functions named ``p_*`` must be confirmed, functions named
``canary_*`` are planted bugs that must be refuted by a counterexample, and ``canary_vacuous_*``
have preconditions that nothing satisfies, which CrossHair must say. What a module declares in
``PROOFS`` and ``CANARIES`` must be exactly what is found in it: a function without a contract is
skipped by CrossHair in silence, and a proof that was lost would not be missed otherwise.

A module may also define ``generated()``, returning functions that a factory made; ``named`` gives
each its own name. The contract stands in the docstring of the inner function and may mention the
factory's parameters, provided the function's body uses them too: Python keeps no others, and the
proof fails with a NameError. ``generated()`` must return the same list in every process.

What a proof calls is run as it is written. CrossHair would look for a contract of every function
called, and check those it finds; here only proofs have contracts, and looking takes more than half
of the time.

    python tests/proofs/gate.py [--only SUBSTRING] [--jobs 2] [--timeout S] [--json FILE]
"""

import argparse
import importlib
import inspect
import json
import multiprocessing
import sys
import time
from collections.abc import Callable, Iterable, Sequence
from contextlib import nullcontext
from pathlib import Path
from typing import Any, TypeVar
from unittest.mock import patch

import attrs

FOLDER = Path(__file__).resolve().parent
PROJECT = FOLDER.parent.parent
# Proofs run on the source, never on an installed or compiled copy.
SOURCE_PATHS = [
    str(PROJECT / part) if part else str(PROJECT)
    for part in ("spec", "kernel", "invariants", "runtime", "")
]

Proof = Callable[..., Any]
ProofFunction = TypeVar("ProofFunction", bound=Proof)


@attrs.frozen
class ProofResult:
    """What CrossHair said about one function: ``messages`` are (state, text) in its order.

    ``seconds`` are of processor time, as CrossHair's own limits are.
    """

    name: str
    confirmed: bool
    messages: tuple[tuple[str, str], ...]
    seconds: float

    @property
    def refuted(self) -> bool:
        """Whether a counterexample to a postcondition was found."""
        return any(state == "POST_FAIL" for state, _ in self.messages)

    @property
    def vacuous(self) -> bool:
        """Whether no input satisfies the preconditions, none of which raises.

        A precondition that always raises, for a misspelt name say, is reported alike but for the
        text, and shows nothing.
        """
        return set(self.messages) == {("PRE_UNSAT", "Unable to meet precondition.")}


@attrs.frozen
class Case:
    """One function to check, by name, so that a worker process can find it again."""

    module: str
    name: str

    @property
    def label(self) -> str:
        """Name the case as it is printed and selected: ``module::function``."""
        return f"{self.module}::{self.name}"

    @property
    def canary(self) -> bool:
        """Whether this is a planted bug."""
        return self.name.startswith("canary_")

    def passes(self, result: ProofResult) -> bool:
        """Decide whether the result is the one the function's name demands."""
        if self.name.startswith("canary_vacuous_"):
            return result.vacuous
        return result.refuted if self.canary else result.confirmed


@attrs.frozen
class Outcome:
    """A case with its result."""

    case: Case
    result: ProofResult

    @property
    def passed(self) -> bool:
        """Whether a proof was confirmed, or a canary refuted."""
        return self.case.passes(self.result)


def named(name: str, function: ProofFunction) -> ProofFunction:
    """Name a function that a factory made; its contract is read from the factory's source."""
    function.__name__ = function.__qualname__ = name
    return function


def prove(function: Proof, timeout_s: float = 60) -> ProofResult:
    """Check the PEP 316 contract of one function; confirmed needs a verdict per postcondition."""
    # Slow to import, and only the workers need it.
    from crosshair.core_and_libs import (  # noqa: PLC0415
        MessageType,
        analyze_function,
        run_checkables,
    )
    from crosshair.enforce import EnforcedConditions  # noqa: PLC0415
    from crosshair.options import AnalysisKind, AnalysisOptionSet  # noqa: PLC0415

    options = AnalysisOptionSet(
        report_all=True,
        per_condition_timeout=timeout_s,
        analysis_kind=[AnalysisKind.PEP316],
    )
    started = time.process_time()
    with patch.object(EnforcedConditions, "enabled_enforcement", lambda _: nullcontext()):
        messages = list(run_checkables(analyze_function(function, options)))
    # A precondition alone is confirmed by CrossHair as if its postcondition were True.
    conclusions = sum(
        line.strip().startswith("post:") for line in (function.__doc__ or "").splitlines()
    )
    confirmed = conclusions > 0 and len(messages) == conclusions
    return ProofResult(
        name=function.__name__,
        confirmed=confirmed and all(m.state is MessageType.CONFIRMED for m in messages),
        messages=tuple((m.state.name, m.message) for m in messages),
        seconds=time.process_time() - started,
    )


def functions_of(module_name: str) -> dict[str, Proof]:
    """Collect a module's proofs and canaries, its generated ones included, by name."""
    module = importlib.import_module(module_name)
    own = [
        function
        for _, function in inspect.getmembers(module, inspect.isfunction)
        if function.__module__ == module_name
    ]
    own += module.generated() if hasattr(module, "generated") else []
    found: dict[str, Proof] = {}
    for function in own:
        if not function.__name__.startswith(("p_", "canary_")):
            continue
        if function.__name__ in found:
            raise ValueError(f"{module_name}: two functions are named {function.__name__}")
        found[function.__name__] = function
    return found


def mismatches(module_name: str, found: Iterable[str]) -> list[str]:
    """Compare what a module declares with what was found in it, in words."""
    module = importlib.import_module(module_name)
    declared = {*getattr(module, "PROOFS", ()), *getattr(module, "CANARIES", ())}
    names = set(found)
    return [
        f"{module_name}::{name} is declared but missing" for name in sorted(declared - names)
    ] + [f"{module_name}::{name} is not declared" for name in sorted(names - declared)]


def collect(folder: Path = FOLDER) -> tuple[list[Case], list[str]]:
    """Find every case under a folder, and every difference from what its modules declare."""
    cases: list[Case] = []
    problems: list[str] = []
    for path in sorted(folder.glob("prove_*.py")):
        module_name = ".".join(path.relative_to(PROJECT).with_suffix("").parts)
        names = list(functions_of(module_name))
        if not names:
            problems.append(f"{module_name} has no proofs")
        problems += mismatches(module_name, names)
        cases += [Case(module_name, name) for name in names]
    return cases, problems


def check(case: Case, timeout_s: float) -> Outcome:
    """Run one case; a crash of the checker is a verdict that is not CONFIRMED."""
    started = time.process_time()
    try:
        result = prove(functions_of(case.module)[case.name], timeout_s)
    except Exception as error:  # noqa: BLE001 - whatever is raised inside CrossHair
        message = ("CRASHED", f"{type(error).__name__}: {error}")
        result = ProofResult(case.name, False, (message,), time.process_time() - started)
    return Outcome(case, result)


def _check_packed(packed: tuple[Case, float]) -> Outcome:
    return check(*packed)


def _use_sources() -> None:
    sys.path[:0] = [path for path in SOURCE_PATHS if path not in sys.path]


def run(cases: Sequence[Case], timeout_s: float, jobs: int) -> list[Outcome]:
    """Check all cases in worker processes, printing a line as each is decided."""
    context = multiprocessing.get_context("spawn")
    outcomes: list[Outcome] = []
    with context.Pool(jobs, initializer=_use_sources) as pool:
        work = [(case, timeout_s) for case in cases]
        for outcome in pool.imap_unordered(_check_packed, work, chunksize=1):
            outcomes.append(outcome)
            print(line_of(outcome), flush=True)
    return sorted(outcomes, key=lambda outcome: outcome.case.label)


def line_of(outcome: Outcome) -> str:
    """Describe an outcome in one line, with CrossHair's words when it is not the wanted one."""
    verdict = ("refuted" if outcome.case.canary else "confirmed") if outcome.passed else "FAILED"
    line = f"{verdict:<10}{outcome.result.seconds:7.1f} s  {outcome.case.label}"
    if outcome.passed:
        return line
    said = outcome.result.messages or (("SILENT", "no contract was found"),)
    return line + "".join(f"\n{'':20}{state}: {text}" for state, text in said)


def summary_of(outcomes: Sequence[Outcome], problems: Sequence[str]) -> dict[str, Any]:
    """Count proofs and canaries, reached out of listed, for the table and for ``--json``."""

    def count(canary: bool) -> dict[str, int]:
        chosen = [outcome for outcome in outcomes if outcome.case.canary is canary]
        return {"reached": sum(o.passed for o in chosen), "listed": len(chosen)}

    return {
        "proofs": count(canary=False),
        "canaries": count(canary=True),
        "problems": list(problems),
        "ok": bool(outcomes) and not problems and all(outcome.passed for outcome in outcomes),
        "results": [
            {
                "name": outcome.case.label,
                "passed": outcome.passed,
                "messages": outcome.result.messages,
                "seconds": round(outcome.result.seconds, 3),
            }
            for outcome in outcomes
        ],
    }


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the gate from the command line; return 1 unless everything is as demanded."""
    parser = argparse.ArgumentParser(description="Check the proofs and canaries of tickproof.")
    parser.add_argument("--only", default="", metavar="SUBSTRING", help="part of module::function")
    parser.add_argument("--jobs", type=int, default=2, help="worker processes (default: 2)")
    parser.add_argument("--timeout", type=float, default=60, help="seconds per postcondition")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write counts and results here")
    options = parser.parse_args(arguments)

    _use_sources()
    cases, problems = collect()
    chosen = [case for case in cases if options.only in case.label]
    started = time.perf_counter()
    summary = summary_of(run(chosen, options.timeout, options.jobs), problems)
    for problem in problems:
        print(f"FAILED     {problem}")
    for kind, verdict in (("proofs", "confirmed"), ("canaries", "refuted")):
        print(f"{kind:<10}{summary[kind]['reached']:>5} of {summary[kind]['listed']} {verdict}")
    print(f"{'seconds':<10}{time.perf_counter() - started:>7.1f}")
    if options.json:
        options.json.parent.mkdir(parents=True, exist_ok=True)
        options.json.write_text(json.dumps(summary, indent=1) + "\n", encoding="utf-8")
    return 0 if summary["ok"] else 1


if __name__ == "__main__":
    sys.exit(main())
