"""`faults`: the journal's fault matrix; what was acknowledged is there after every one of them.

A case is one fault at one place of one story, and the start after it. It passes when nothing that
was acknowledged is lost, what is there is a prefix of what was appended, and the journal goes on;
or, for damage, when the start is refused with the right code at the right offset. All cases are
required. The figures go to `build/faults.json`, made afresh each time; samples name their seeds.
Besides, the matrix must notice disks that skip a sync: a matrix that sees nothing proves nothing.
"""

from __future__ import annotations

import importlib
import json
import shutil
import subprocess
import time
from typing import Any

from tests.verification.figures import PROJECT, Figure

FAULTS = ("crash", "torn", "bitflip", "segments", "storage_errors", "two_writers")
"""Slugs, and modules of `tests.runtime.journal.matrix`, in the order they are run."""

REPORT = PROJECT / "build" / "faults.json"


def head() -> str:
    """The commit, marked when files differ from it; unknown outside a repository."""
    if shutil.which("git") is None or not (PROJECT / ".git").exists():
        return "unknown"

    def asked(*words: str) -> str:
        command = ["git", "-C", str(PROJECT), *words]
        return subprocess.run(command, capture_output=True, text=True, check=False).stdout.strip()

    commit = asked("rev-parse", "HEAD") or "unknown"
    return f"{commit}-modified" if asked("status", "--porcelain") else commit


def compute(nightly: bool) -> Figure:
    """Cases passed, of all; every failure in words."""
    found: list[dict[str, Any]] = []
    failures: list[str] = []
    for name in FAULTS:
        started = time.perf_counter()
        tally = importlib.import_module(f"tests.runtime.journal.matrix.{name}").run(nightly)
        failures += tally.failures
        found.append(
            {
                "fault": tally.fault,
                "cases": tally.cases,
                "passed": tally.passed,
                "acknowledged_lost": tally.acknowledged_lost,
                "seeds": tally.seeds,
                "seconds": round(time.perf_counter() - started, 1),
            }
        )
        if tally.passed < tally.cases and not tally.failures:
            failures.append(f"{name}: {tally.cases - tally.passed} cases failed")
        if not tally.cases:
            failures.append(f"{name}: no case was run")
    REPORT.parent.mkdir(exist_ok=True)
    record = {"head": head(), "exhaustive": nightly, "faults": found}
    REPORT.write_text(json.dumps(record, indent=1) + "\n", encoding="utf-8")
    cases = sum(each["cases"] for each in found)
    passed = sum(each["passed"] for each in found)
    return Figure("faults", passed, cases, cases, tuple(failures), details={"faults": found})
