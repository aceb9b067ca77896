"""What a fault of the matrix has come to, case by case."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

from attrs import define, field

from tests.runtime.journal.scenarios import Verdict

FAILURES_KEPT = 10
MEMORY = Path("/dev/shm")  # noqa: S108 - its files are as good as any for a process that is killed


@define
class Tally:
    """`seeds`: what the sample was drawn with. `failures`: the first ones, in words."""

    fault: str
    cases: int = 0
    passed: int = 0
    acknowledged_lost: int = 0
    seeds: list[int] = field(factory=list)
    failures: list[str] = field(factory=list)

    def add(self, name: str, verdict: Verdict) -> None:
        """One case."""
        self.cases += 1
        self.acknowledged_lost += verdict.lost
        if not verdict.problem:
            self.passed += 1
        elif len(self.failures) < FAILURES_KEPT:
            self.failures.append(f"{self.fault}: {name}: {verdict.problem}")

    def expect(self, name: str, holds: bool, otherwise: str) -> None:
        """One case that is right or not; nothing can be lost in it."""
        self.add(name, Verdict("" if holds else otherwise))


def workplace() -> tempfile.TemporaryDirectory[str]:
    """A folder for real files; in memory where there is such a place: killing loses no pages."""
    usable = MEMORY.is_dir() and os.access(MEMORY, os.W_OK)
    return tempfile.TemporaryDirectory(prefix="journal-", dir=MEMORY if usable else None)
