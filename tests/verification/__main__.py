"""`python -m tests.verification`: the keys of the verification table that are not tests.

    python -m tests.verification [--only KEY ...] [--json FILE] [--nightly]

Prints a line per key and what is missing; the exit code is 1 unless every key holds.
"""

from __future__ import annotations

import argparse
import importlib
import json
import sys
from collections.abc import Sequence
from pathlib import Path

from tests.verification.figures import SOURCE_PATHS, Figure, timed

KEYS: tuple[str, ...] = (
    "rows",
    "fix",
    "defects",
    "trace",
    "refinement",
    "sometimes",
    "interference",
    "digests",
    "faults",
    "mutants",
)
"""Modules of this package, each with `compute(nightly) -> Figure`, in the order they are run."""

MISSING_SHOWN = 20


def say(text: str) -> None:
    """One line, at once."""
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


def compute(key: str, nightly: bool) -> Figure:
    """One key; what cannot be imported fails like what cannot be computed."""
    return timed(key, lambda: importlib.import_module(f"tests.verification.{key}").compute(nightly))


def main(arguments: Sequence[str] | None = None) -> int:
    """Compute keys, print and write them; 1 unless all hold."""
    parser = argparse.ArgumentParser(prog="tests.verification", description=__doc__)
    parser.add_argument("--only", action="append", choices=KEYS, metavar="KEY")
    parser.add_argument("--json", type=Path, metavar="FILE")
    parser.add_argument("--nightly", action="store_true", help="everything, not a sample")
    options = parser.parse_args(arguments)
    sys.path[:0] = [path for path in SOURCE_PATHS if path not in sys.path]
    found: list[Figure] = []
    say(f"{'key':<16}{'reached':>8}{'listed':>8}{'required':>9}{'seconds':>9}  verdict")
    for key in options.only or KEYS:
        found.append(compute(key, options.nightly))
        say(found[-1].line())
        for each in found[-1].missing[:MISSING_SHOWN]:
            say(f"    {each}")
        if len(found[-1].missing) > MISSING_SHOWN:
            say(f"    and {len(found[-1].missing) - MISSING_SHOWN} more")
    if options.json:
        options.json.parent.mkdir(parents=True, exist_ok=True)
        records = [each.record() for each in found]
        options.json.write_text(json.dumps(records, indent=1) + "\n", encoding="utf-8")
    return 0 if all(each.ok for each in found) else 1


if __name__ == "__main__":
    sys.exit(main())
