"""`python -m benchmarks.guard`: fails when a workload became slower, by ratio to a fixed loop.

A machine's speed cannot be held against a figure of another day. So a plain loop, the same for
ever, is timed beside each workload, and what is compared is how many turns of it an event costs.
`benchmarks/guard.json` holds that for each build; more than `TOLERANCE` times as much fails.
`--update` writes what is measured now. Processor time is measured, and the best of some runs taken,
because other work on a machine can only add to both.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import time
from pathlib import Path

from tickproof.kernel import BUILD

LIMITS = Path(__file__).with_name("guard.json")
TOLERANCE = 1.5
RUNS = 3
CASES = (("W1", "every"), ("W2", "touch"), ("W3", "touch"), ("W4", "every"))
EVENTS = {"W1": 100_000, "W2": 100_000, "W3": 40_000, "W4": 20_000}
TURNS = 2_000_000


def reference_s() -> float:
    """Processor seconds of one turn of the loop that stays as it is."""
    total = 0
    counts = [0] * 64
    started = time.process_time()
    for turn in range(TURNS):
        place = turn & 63
        counts[place] += turn
        total += counts[place] & 7
    return (time.process_time() - started) / TURNS


def event_s(workload: str, wake: str) -> float:
    """Processor seconds an event of a workload costs, in a process of its own."""
    options = ("--workload", workload, "--wake", wake, "--n", str(EVENTS[workload]))
    command = [sys.executable, "-m", "benchmarks", *options, "--build", BUILD]
    done = subprocess.run(command, capture_output=True, text=True, env=dict(os.environ), check=True)
    row = json.loads(done.stdout)
    return float(row["user_s"]) / int(row["events"])


def measured() -> dict[str, float]:
    """Turns of the loop an event costs, by case; the best of some runs."""
    found = {}
    for workload, wake in CASES:
        pairs = [(event_s(workload, wake), reference_s()) for _ in range(RUNS)]
        found[f"{workload} {wake}"] = round(
            min(event for event, _ in pairs) / min(turn for _, turn in pairs), 2
        )
    return found


def main() -> int:
    """Compare, or update."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.guard", description=__doc__)
    parser.add_argument("--update", action="store_true")
    arguments = parser.parse_args()
    limits = json.loads(LIMITS.read_text(encoding="utf-8")) if LIMITS.exists() else {}
    found = measured()
    if arguments.update:
        limits[BUILD] = found
        LIMITS.write_text(json.dumps(limits, indent=1, sort_keys=True) + "\n", encoding="utf-8")
    slower = 0
    for case, turns in found.items():
        limit = limits.get(BUILD, {}).get(case)
        bad = limit is not None and turns > limit * TOLERANCE
        slower += bad
        print(f"{BUILD} {case}: {turns} turns an event, held {limit}{'  SLOWER' if bad else ''}")
    return int(slower > 0)


if __name__ == "__main__":
    sys.exit(main())
