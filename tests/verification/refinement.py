"""`refinement`: kernel and specification equal, field by field, over runs of generated streams.

A run is a world from a seed (instruments, accounts, strategies, limits, faults) and a stream made
for it as it goes, each with a mixture of its own. Every other pair of runs begins with openings:
two orders are led to where one rule of the order-life table each decides, every rule in turn, and
the stream goes on at random from there. Some kernels are reloaded from a snapshot on the way. After
each Event the whole State, every record, the next obligation and, at the end, both digests are
compared. Runs are counted, and the Events that both applied; what they reached is `sometimes`.
"""

from __future__ import annotations

import gc
import multiprocessing
import sys
from collections import Counter
from functools import cache
from random import Random, SystemRandom

from attrs import define, field

from tests.verification.figures import SOURCE_PATHS, Figure
from tickproof.invariants import openings, worlds
from tickproof.invariants.predicates import broken_by_state
from tickproof.invariants.refinement import Coverage, Diverged, Lockstep
from tickproof.invariants.streams import EventSource, swarm

RUNS, RUNS_NIGHTLY = 1_000, 10_000
STEPS = 50
DIGESTS_EVERY = 2**31
"""Never on the way: the chain digest at the end is of every Event and record before."""

RELOADS_ONE_IN = 4
"""Of so many kernels one is reloaded from a snapshot."""
PROCESSES = 2
PART = 100


@define
class Found:
    """What some runs came to.

    `stopped`: runs that ended early because both sides stopped. `freely`: what was reached by
    those without an opening.
    """

    equal: int = 0
    steps: int = 0
    stopped: int = 0
    differences: list[str] = field(factory=list)
    reached: Counter[str] = field(factory=Counter)
    freely: set[str] = field(factory=set)


def is_free(seed: int) -> bool:
    """Whether a run begins anywhere, without an opening."""
    return seed % 4 < 2


def begun(seed: int, dice: Random, coverage: Coverage) -> tuple[Lockstep, EventSource]:
    """A world with its source, and the opening played where the run has one."""
    if is_free(seed):
        configured = worlds.configuration(dice)
        both = Lockstep(
            configured, lambda: worlds.strategies(seed, configured), DIGESTS_EVERY, coverage
        )
        return both, EventSource(dice, configured, swarm(dice))
    configured = openings.world(dice)
    played = openings.numbered(seed // 4 * 2 + seed % 2)
    both = Lockstep(
        configured, lambda: openings.strategies(seed, configured, played), DIGESTS_EVERY, coverage
    )
    source = EventSource(dice, configured, swarm(dice))
    opening = openings.Playing(source, played)
    while (event := opening.event(both.state)) is not None:
        both.apply(event)
    return both, source


def run(seed: int, coverage: Coverage) -> Lockstep:
    """One run, with every predicate on the State it ends in."""
    dice = Random(seed)
    both, source = begun(seed, dice, coverage)
    reloaded_at = dice.randrange(STEPS * RELOADS_ONE_IN)
    for step in range(source.sequence, STEPS):
        if step == reloaded_at:
            both.reload()
        if not both.apply(source.event(both.state)) and both.broken:
            return both
    both.compare_digests()
    broken = broken_by_state(both.configuration, both.state)
    if broken:
        raise Diverged(f"predicates do not hold: {broken}")
    return both


def part(seeds: range) -> Found:
    """Some runs in this process."""
    found = Found()
    gc.disable()  # what some runs leave behind is little, and looking for it takes longer
    with Coverage() as coverage:
        for seed in sorted(seeds, key=is_free, reverse=True):
            if not found.freely and not is_free(seed):
                found.freely = set(coverage.reached)
            try:
                both = run(seed, coverage)
            except Diverged as difference:
                found.differences.append(f"seed {seed}: {difference}")
                continue
            found.equal += 1
            found.steps += len(both.events)
            found.stopped += both.broken
    found.reached = coverage.reached
    gc.enable()
    gc.collect()
    return found


@cache
def first_seed(nightly: bool) -> int:
    """Where the seeds begin: at 0, or somewhere else every night."""
    return 4 * SystemRandom().randrange(2**40) if nightly else 0


@cache
def everything(nightly: bool) -> Found:
    """All runs, in two processes."""
    context = multiprocessing.get_context("spawn")
    first, runs = first_seed(nightly), RUNS_NIGHTLY if nightly else RUNS
    parts = [range(first + at, first + min(at + PART, runs)) for at in range(0, runs, PART)]
    total = Found()
    with context.Pool(PROCESSES, _use_sources) as pool:
        for each in pool.imap(part, parts):
            total.equal += each.equal
            total.steps += each.steps
            total.stopped += each.stopped
            total.differences += each.differences
            total.reached += each.reached
            total.freely |= each.freely
    return total


def _use_sources() -> None:
    sys.path[:0] = [path for path in SOURCE_PATHS if path not in sys.path]


def compute(nightly: bool) -> Figure:
    """Runs without a difference."""
    runs = RUNS_NIGHTLY if nightly else RUNS
    found = everything(nightly)
    details = {
        "first_seed": first_seed(nightly),
        "steps": found.steps,
        "stopped_early": found.stopped,
        "steps_asked": runs * STEPS,
    }
    return Figure("refinement", found.equal, runs, runs, tuple(found.differences), details=details)
