"""`refinement`: kernel and specification equal, field by field, over runs of generated streams.

A run is a world from a seed (instruments, accounts, strategies, limits, faults) and a stream made
for it as it goes; after each Event the whole State, every record, the next obligation and, at
intervals, both digests are compared. Runs are counted, and the Events that both applied; what
they reached is `sometimes`.
"""

from __future__ import annotations

import multiprocessing
import sys
from collections import Counter
from functools import cache
from random import Random

from attrs import define, field

from tests.verification.figures import SOURCE_PATHS, Figure
from tickproof.invariants import worlds
from tickproof.invariants.predicates import broken_by_state
from tickproof.invariants.refinement import Coverage, Diverged, Lockstep
from tickproof.invariants.streams import EventSource

RUNS, RUNS_NIGHTLY = 1_000, 10_000
STEPS = 50
DIGESTS_EVERY = 25
PROCESSES = 2


@define
class Found:
    """What some runs came to. `stopped`: runs that ended early because both sides stopped."""

    equal: int = 0
    steps: int = 0
    stopped: int = 0
    differences: list[str] = field(factory=list)
    reached: Counter[str] = field(factory=Counter)


def run(seed: int, coverage: Coverage) -> Lockstep:
    """One run, with every predicate on the State it ends in."""
    dice = Random(seed)
    configured = worlds.configuration(dice)
    both = Lockstep(
        configured, lambda: worlds.strategies(seed, configured), DIGESTS_EVERY, coverage
    )
    source = EventSource(dice, configured)
    for _ in range(STEPS):
        if not both.apply(source.event(both.state)) and both.broken:
            return both
    broken = broken_by_state(configured, both.state)
    if broken:
        raise Diverged(f"predicates do not hold: {broken}")
    return both


def part(seeds: range) -> Found:
    """Some runs in this process."""
    found = Found()
    with Coverage() as coverage:
        for seed in seeds:
            try:
                both = run(seed, coverage)
            except Diverged as difference:
                found.differences.append(f"seed {seed}: {difference}")
                continue
            found.equal += 1
            found.steps += len(both.events)
            found.stopped += both.broken
    found.reached = coverage.reached
    return found


@cache
def everything(runs: int) -> Found:
    """All runs, in two processes."""
    context = multiprocessing.get_context("spawn")
    parts = [range(start, runs, PROCESSES) for start in range(PROCESSES)]
    total = Found()
    with context.Pool(PROCESSES, _use_sources) as pool:
        for each in pool.imap(part, parts):
            total.equal += each.equal
            total.steps += each.steps
            total.stopped += each.stopped
            total.differences += each.differences
            total.reached += each.reached
    return total


def _use_sources() -> None:
    sys.path[:0] = [path for path in SOURCE_PATHS if path not in sys.path]


def compute(nightly: bool) -> Figure:
    """Runs without a difference."""
    runs = RUNS_NIGHTLY if nightly else RUNS
    found = everything(runs)
    details = {"steps": found.steps, "stopped_early": found.stopped, "steps_asked": runs * STEPS}
    return Figure("refinement", found.equal, runs, runs, tuple(found.differences), details=details)
