"""One line of the verification table: what was reached of what is listed and what is required.

What is listed and cannot be reached is named with its reason and never counted as reached, so
`required` is what is listed less what is named. A figure of nothing is not a figure: it fails.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

from attrs import evolve, field, frozen

PROJECT = Path(__file__).resolve().parents[2]
SOURCES = ("spec", "kernel", "invariants", "runtime")
SOURCE_PATHS = [str(PROJECT / part) for part in SOURCES] + [str(PROJECT)]


@frozen
class Figure:
    """`missing`: required but not reached. `named`: not required, each with its reason."""

    key: str
    reached: int
    listed: int
    required: int
    missing: tuple[str, ...] = ()
    named: Mapping[str, str] = field(factory=dict)
    details: Mapping[str, Any] = field(factory=dict)
    seconds: float = 0.0

    @property
    def ok(self) -> bool:
        """Whether something is required, and all of it was reached."""
        return self.required > 0 and self.reached >= self.required and not self.missing

    def record(self) -> dict[str, Any]:
        """As JSON."""
        return {
            "key": self.key,
            "reached": self.reached,
            "listed": self.listed,
            "required": self.required,
            "ok": self.ok,
            "seconds": round(self.seconds, 1),
            "missing": list(self.missing),
            "named": dict(self.named),
            "details": dict(self.details),
        }

    def line(self) -> str:
        """As one line of the table."""
        verdict = "ok" if self.ok else "FAILED"
        figures = f"{self.reached:>8}{self.listed:>8}{self.required:>9}{self.seconds:>9.1f}"
        return f"{self.key:<16}{figures}  {verdict}"


def figure(
    key: str,
    listed: Iterable[str],
    reached: Iterable[str],
    named: Mapping[str, str] | None = None,
    **details: Any,
) -> Figure:
    """Count names. What is named with a reason must be listed, and may not have been reached."""
    all_names, found, excused = set(listed), set(reached), dict(named or {})
    stale = sorted((set(excused) - all_names) | (set(excused) & found))
    unknown = sorted(found - all_names)
    lacking = sorted(all_names - found - set(excused))
    return Figure(
        key,
        len(found & all_names),
        len(all_names),
        len(all_names - set(excused)),
        (
            *lacking,
            *(f"named without need: {each}" for each in stale),
            *(f"reached but not listed: {each}" for each in unknown),
        ),
        excused,
        details,
    )


def failed(key: str, why: str) -> Figure:
    """A key that could not be computed."""
    return Figure(key, 0, 1, 1, (why,))


def timed(key: str, compute: Callable[[], Figure]) -> Figure:
    """Compute a figure; whatever goes wrong is a failure of that key."""
    started = time.perf_counter()
    try:
        found = compute()
    except Exception as error:  # noqa: BLE001 - a key that cannot be computed fails
        found = failed(key, f"{type(error).__name__}: {error}")
    return evolve(found, seconds=time.perf_counter() - started)
