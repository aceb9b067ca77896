"""`mutants`: small changes of tables, guards, effects and comparisons that the tests must notice.

All expressions of the specification's rules and the comparisons of kernel and venue are changed,
one at a time (`mutating`); the tests of the module run on each change in a process of its own.
Those that survive the near tests meet the far ones. A change counts as equivalent only with
evidence that is checked here again: see `equivalents`. Survivors without evidence fail the key.

The sample is drawn with a printed seed; `--nightly` takes all of them.

    python -m tests.verification.mutants [--seed N] [--count N] [--module PART] [--all]
"""

from __future__ import annotations

import argparse
import os
import random
import sys
from collections.abc import Sequence

from attrs import frozen

from tests.verification.equivalents import evidence_for
from tests.verification.figures import Figure
from tests.verification.mutating import Mutant, mutants_of
from tests.verification.planting import Job, Verdict, run

SEED = 20_240_718
SAMPLE = 60
PROCESSES = 2
NEAR_TIMEOUT_S = 60
FAR_TIMEOUT_S = 240

KILLED = ("failed", "timeout")


@frozen
class Suite:
    """Tests of a module: `near` first, `far` for what survives them."""

    near: tuple[str, ...]
    far: tuple[str, ...] = ()


def _tests(*names: str) -> tuple[str, ...]:
    return tuple(f"tests/{name}.py" for name in names)


LOCKSTEP = _tests("kernel/test_refinement", "kernel/test_replay", "kernel/test_snapshot")
SHORT = "verification/test_lockstep"
ORDERS = _tests("spec/test_order_reading", "kernel/test_orders", "spec/test_fix_scenarios")
VENUE = _tests("venue/test_venue", "venue/test_price_queue", "venue/test_truth", "venue/test_bars")
VENUE_FAR = _tests("venue/test_venue_properties", "runtime/test_bracketing", "runtime/test_engine")

SPECIFICATION: dict[str, Suite] = {
    "order_life": Suite(
        (*ORDERS, *_tests("spec/test_order_witnesses", "spec/test_order_life")),
        (*_tests("spec/test_second_reading"), *LOCKSTEP),
    ),
    "fill_life": Suite(
        _tests("spec/test_table_readings", "spec/test_fill_life", "spec/test_fix_scenarios"),
        LOCKSTEP,
    ),
    "dominance": Suite(
        _tests("spec/test_table_readings", "spec/test_dominance", "kernel/test_intent_queue"),
        LOCKSTEP,
    ),
    "intent_life": Suite(
        _tests("spec/test_table_readings", "spec/test_intent_life", "spec/test_dominance"), LOCKSTEP
    ),
    "order_list": Suite(_tests("spec/test_table_readings", "spec/test_order_list")),
    "session": Suite(_tests("spec/test_table_readings", "spec/test_session"), LOCKSTEP),
    "trading_state": Suite(
        _tests("spec/test_table_readings", "spec/test_trading_state", "spec/test_risk"), LOCKSTEP
    ),
    "price_queue": Suite(
        _tests(
            "spec/test_table_readings",
            "venue/test_price_queue",
            "spec/test_price_queue",
            "venue/test_venue",
        ),
        VENUE_FAR,
    ),
    "venue_admission": Suite(
        _tests("spec/test_table_readings", "spec/test_venue_admission", "venue/test_venue"),
        VENUE_FAR,
    ),
    "book_sync": Suite(
        _tests("spec/test_table_readings", "spec/test_book_sync", "runtime/readers/test_binance")
    ),
    "queue_processing": Suite(
        _tests("spec/test_queue_processing", "kernel/test_intent_queue"), LOCKSTEP
    ),
    "rate_bucket": Suite(_tests("spec/test_rate_bucket", "kernel/test_rate_bucket"), LOCKSTEP),
    "risk": Suite(_tests("spec/test_risk", "kernel/test_risk"), LOCKSTEP),
    "time": Suite(_tests("spec/test_time"), LOCKSTEP),
    "ledger": Suite(_tests("spec/test_ledger", "kernel/test_ledger"), LOCKSTEP),
}
"""Modules of the specification whose every expression is changed."""

KERNEL: dict[str, Suite] = {
    "kernel.orders": Suite(_tests("kernel/test_orders", SHORT), LOCKSTEP),
    "kernel.intent_queue": Suite(_tests("kernel/test_intent_queue"), LOCKSTEP),
    "kernel.execution": Suite(_tests(SHORT, "kernel/test_execution"), LOCKSTEP),
    "kernel.admission": Suite(_tests(SHORT), LOCKSTEP),
    "kernel.kernel": Suite(
        _tests(SHORT, "kernel/test_view"), (*LOCKSTEP, *_tests("runtime/test_engine"))
    ),
    "kernel.ledger": Suite(_tests("kernel/test_ledger"), LOCKSTEP),
    "kernel.risk": Suite(_tests("kernel/test_risk"), LOCKSTEP),
    "kernel.rate_bucket": Suite(_tests("kernel/test_rate_bucket"), LOCKSTEP),
    "kernel.book": Suite(_tests("kernel/test_book"), LOCKSTEP),
    "kernel.market": Suite(_tests(SHORT), LOCKSTEP),
    "kernel.chain": Suite(_tests("kernel/test_chain"), LOCKSTEP),
    "kernel.view": Suite(_tests("kernel/test_view"), LOCKSTEP),
    "venue.venue": Suite(VENUE, VENUE_FAR),
    "venue.orders": Suite(VENUE, VENUE_FAR),
    "venue.price_queue": Suite(VENUE, VENUE_FAR),
    "venue.market": Suite(VENUE, VENUE_FAR),
}
"""Modules of kernel and venue whose comparisons are changed."""


def universe(part: str = "") -> list[tuple[Mutant, Suite]]:
    """Every mutant with its tests; `part`: only of modules whose name contains it."""
    modules = [(f"tickproof.spec.{name}", suite, False) for name, suite in SPECIFICATION.items()]
    modules += [(f"tickproof.{name}", suite, True) for name, suite in KERNEL.items()]
    return [
        (mutant, suite)
        for module, suite, comparisons_only in modules
        if part in module
        for mutant in mutants_of(module, comparisons_only)
    ]


def _jobs(chosen: Sequence[tuple[Mutant, Suite]], far: bool) -> list[Job]:
    made = []
    for number, (mutant, suite) in enumerate(chosen):
        tests = suite.far if far else suite.near
        if tests:
            timeout_s = FAR_TIMEOUT_S if far else NEAR_TIMEOUT_S
            made.append(Job(str(number), tests, {mutant.module: mutant.text}, timeout_s))
    return made


def survivors_of(
    chosen: Sequence[tuple[Mutant, Suite]], rounds: tuple[bool, ...] = (False, True)
) -> tuple[list[Mutant], dict[str, str], list[str]]:
    """(survivors, killer by mutant name, jobs that came to nothing)."""
    alive = list(chosen)
    killers: dict[str, str] = {}
    nothing: list[str] = []
    for far in rounds:
        verdicts = run(_jobs(alive, far), PROCESSES)
        left = []
        for number, (mutant, suite) in enumerate(alive):
            verdict: Verdict | None = verdicts.get(str(number))
            if verdict is not None and verdict.outcome in KILLED:
                killers[mutant.name] = verdict.first
                continue
            if verdict is not None and verdict.outcome != "passed":
                nothing.append(f"{mutant.name}: {verdict.outcome} {verdict.first}")
            left.append((mutant, suite))
        alive = left
    return [mutant for mutant, _ in alive], killers, nothing


def clean_run(chosen: Sequence[tuple[Mutant, Suite]]) -> list[str]:
    """Near tests that do not pass without a change: what they kill says nothing."""
    files = sorted({file for _, suite in chosen for file in suite.near})
    verdicts = run([Job(file, (file,), timeout_s=NEAR_TIMEOUT_S) for file in files], PROCESSES)
    return [
        f"without a change: {file} {found.outcome} {found.first}"
        for file, found in verdicts.items()
        if found.outcome != "passed"
    ]


def sampled(seed: int, count: int, part: str = "") -> tuple[list[tuple[Mutant, Suite]], int]:
    """(the sample, the size of what it is drawn from)."""
    everything = universe(part)
    if count >= len(everything):
        return everything, len(everything)
    return random.Random(seed).sample(everything, count), len(everything)


def compute(nightly: bool) -> Figure:
    """Mutants that are not equivalent and were killed."""
    return figure_of(SEED, 10**9 if nightly else SAMPLE)


def figure_of(
    seed: int, count: int, part: str = "", rounds: tuple[bool, ...] = (False, True)
) -> Figure:
    """The figure of one sample; equivalent mutants are named with their evidence."""
    chosen, size = sampled(seed, count, part)
    broken = clean_run(chosen)
    survivors, killers, nothing = survivors_of(chosen, rounds)
    named, missing = {}, []
    for mutant in survivors:
        why = evidence_for(mutant)
        if why:
            named[mutant.name] = why
        else:
            missing.append(f"survived: {mutant.name}")
    return Figure(
        "mutants",
        len(killers),
        len(chosen),
        len(chosen) - len(named),
        (*missing, *nothing, *broken),
        named,
        {"seed": seed, "of": size, "killers": killers},
    )


def main() -> int:
    """Any sample, from the command line."""
    parser = argparse.ArgumentParser(description="Change the sources, run the tests.")
    parser.add_argument("--seed", type=int, default=SEED)
    parser.add_argument("--count", type=int, default=SAMPLE)
    parser.add_argument("--module", default="", metavar="PART")
    parser.add_argument(
        "--near", action="store_true", help="near tests only, to see what they lack"
    )
    options = parser.parse_args()
    rounds = (False,) if options.near else (False, True)
    found = figure_of(options.seed, options.count, options.module, rounds)
    sys.stdout.write(f"seed {options.seed}, {found.listed} of {found.details['of']}\n")
    for each in found.missing:
        sys.stdout.write(f"    {each}\n")
    for name, why in found.named.items():
        sys.stdout.write(f"    equivalent: {name}: {why}\n")
    sys.stdout.write(found.line() + os.linesep)
    return 0 if found.ok else 1


if __name__ == "__main__":
    sys.exit(main())
