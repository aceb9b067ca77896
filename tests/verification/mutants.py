"""`mutants`: small changes of tables, guards, effects and comparisons that the tests must notice.

Every expression of the specification's rules and the comparisons of kernel and venue are changed,
one at a time (`mutating`); the tests of the module run on each change in a process of its own, the
nearest first, and stop at the first that fails. Those that survive the near tests meet the far
ones at night; by day a change that no near test notices is a lack of near tests.

The hash of a reviewed rule is no killer here: it notices every change of a text, those that change
nothing included. Not changed at all: texts of exceptions, docstrings, the values of enumerations
(their members are exchanged where they are used), and arithmetic of kernel and venue, whose
comparisons alone are changed.

A change counts as killed when a test fails, or when one call into the changed code does not come
back (`endless`, told apart). One that is merely slow is not killed. It counts as equivalent only
with evidence that is found again whenever it is met: see `equivalents`. Survivors without evidence
fail the key.

The sample is drawn by layers: every module gives at least one, the others by their number. Its
seed is a hash of the sources, printed: another commit draws another sample, the same commit the
same. `--nightly` takes all.

    python -m tests.verification.mutants [--seed N] [--count N] [--far] [--verdicts]
    python -m tests.verification.mutants --module kernel.ledger [--lines 80-120] --all
"""

from __future__ import annotations

import argparse
import hashlib
import os
import random
import sys
from collections import Counter
from collections.abc import Callable, Iterable, Sequence

from attrs import frozen

from tests.verification.equivalents import by_sides, evidence_for
from tests.verification.figures import Figure, timed
from tests.verification.mutating import Mutant, mutants_of
from tests.verification.planting import Job, Verdict, run, source_of
from tests.verification.suites import KERNEL, SPECIFICATION, Suite

SAMPLE = 60
EVERYTHING = 10**9
PROCESSES = 2

KILLED = ("failed", "endless")
PROFILE = "mutants"


@frozen
class Round:
    """What runs the tests, which, and for how long."""

    server: str
    far: bool
    timeout_s: int


PYTEST = "tests.verification.planting"
QUICK = Round("tests.verification.quick", far=False, timeout_s=60)
NEAR = Round(PYTEST, far=False, timeout_s=60)
FAR = Round(PYTEST, far=True, timeout_s=240)
ROUNDS = (QUICK, NEAR, FAR)
BY_DAY = (QUICK, NEAR)


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


def _say_nothing(_name: str, _verdict: Verdict) -> None:
    """Nobody wants to hear."""


def _show(name: str, verdict: Verdict) -> None:
    """A verdict as a line, when it comes."""
    sys.stdout.write(f"{verdict.outcome:8}{verdict.seconds:7.2f} s  {name}  {verdict.first}\n")
    sys.stdout.flush()


@frozen
class Running:
    """How changes meet their tests; `hear` is told each one's name with its verdict."""

    rounds: tuple[Round, ...] = ROUNDS
    processes: int = PROCESSES
    hear: Callable[[str, Verdict], None] = _say_nothing


@frozen
class Drawn:
    """Which changes: `count` of those in modules that `part` names, in `lines` of them.

    `seed` None: the sources decide.
    """

    seed: int | None = None
    count: int = SAMPLE
    part: str = ""
    lines: range = range(10**9)


def _jobs(chosen: Sequence[tuple[Mutant, Suite]], of: Round) -> list[Job]:
    made = []
    for number, (mutant, suite) in enumerate(chosen):
        tests = suite.far if of.far else suite.near
        if tests:
            overlay = {mutant.module: mutant.text}
            made.append(Job(str(number), tests, overlay, of.timeout_s, PROFILE))
    return made


@frozen
class Found:
    """What became of mutants, by name; `alive` in order."""

    alive: list[Mutant]
    equivalent: dict[str, str]
    killers: dict[str, str]
    endless: list[str]
    nothing: list[str]


def survivors_of(chosen: Sequence[tuple[Mutant, Suite]], running: Running | None = None) -> Found:
    """Each round on what the one before has left; evidence is looked for before the far tests."""
    running = running or Running()
    done: set[str] = set()
    found = Found([], {}, {}, [], [])
    # Both sides there are can be tried without a test.
    alive = _without_equivalents(list(chosen), found, by_sides)
    for each in running.rounds:
        if each is FAR:
            alive = _without_equivalents(alive, found)
        waiting = [pair for pair in alive if each is not NEAR or pair[0].name not in done]
        verdicts = _round(waiting, each, running)
        for number, (mutant, suite) in enumerate(waiting):
            verdict: Verdict | None = verdicts.get(str(number))
            if verdict is None:
                continue
            if verdict.outcome in KILLED:
                found.killers[mutant.name] = verdict.first
                alive.remove((mutant, suite))
            if verdict.outcome == "endless":
                found.endless.append(mutant.name)
            elif verdict.outcome == "passed":
                done.add(mutant.name)
            elif verdict.outcome not in ("failed", "half"):
                found.nothing.append(f"{mutant.name}: {verdict.outcome} {verdict.first}")
    found.alive.extend(mutant for mutant, _ in _without_equivalents(alive, found))
    return found


def _round(
    waiting: Sequence[tuple[Mutant, Suite]], each: Round, running: Running
) -> dict[str, Verdict]:
    """Verdicts by place in what is waiting."""

    def heard(verdict: Verdict) -> None:
        running.hear(waiting[int(verdict.name)][0].name, verdict)

    return run(_jobs(waiting, each), running.processes, server=each.server, hear=heard)


def _without_equivalents(
    alive: list[tuple[Mutant, Suite]],
    found: Found,
    evidence: Callable[[Mutant], str] = evidence_for,
) -> list[tuple[Mutant, Suite]]:
    """Those without evidence; the others are noted with theirs."""
    found.equivalent.update({mutant.name: why for mutant, _ in alive if (why := evidence(mutant))})
    return [pair for pair in alive if pair[0].name not in found.equivalent]


def clean_run(killers: Iterable[str]) -> list[str]:
    """Tests that killed something and do not pass without a change: they say nothing.

    That every changed module can be imported as it is was seen when its mutants were made.
    """
    by_file: dict[str, set[str]] = {}
    for killer in killers:
        place, double, rest = killer.rpartition(" in ")[2].partition("::")
        if double:
            function = rest.partition("[")[0].partition(": ")[0]
            by_file.setdefault(place, set()).add(f"{place}::{function}")
    # As many processes as may run at once: each imports what its files need once.
    shares = [sorted(by_file)[number::PROCESSES] for number in range(PROCESSES)]
    jobs = [
        Job(
            str(number),
            tuple(name for file in files for name in sorted(by_file[file])),
            timeout_s=FAR.timeout_s * len(files),
            profile=PROFILE,
        )
        for number, files in enumerate(shares)
        if files
    ]
    return [
        f"without a change: {found.outcome} {found.first}"
        for found in run(jobs, PROCESSES).values()
        if found.outcome != "passed"
    ]


def seed_of(everything: Sequence[tuple[Mutant, Suite]]) -> int:
    """A number that the sources decide."""
    digest = hashlib.sha256()
    for module in sorted({mutant.module for mutant, _ in everything}):
        digest.update(source_of(module).read_bytes())
    return int.from_bytes(digest.digest()[:4], "big")


def sampled(drawn: Drawn) -> tuple[list[tuple[Mutant, Suite]], int, int]:
    """(the sample, the size of what it is drawn from, the seed)."""
    everything = [pair for pair in universe(drawn.part) if pair[0].line in drawn.lines]
    count = drawn.count
    seed = seed_of(everything) if drawn.seed is None else drawn.seed
    if count >= len(everything):
        return everything, len(everything), seed
    by_module: dict[str, list[tuple[Mutant, Suite]]] = {}
    for each in everything:
        by_module.setdefault(each[0].module, []).append(each)
    shuffled = []
    for module, mutants in by_module.items():
        random.Random(f"{seed} {module}").shuffle(mutants)
        # The first of every module, then evenly: the n-th of many comes before the n-th of few.
        shuffled += [
            (number / len(mutants), module, number, each) for number, each in enumerate(mutants)
        ]
    shuffled.sort(key=lambda entry: entry[:3])
    return [entry[3] for entry in shuffled[:count]], len(everything), seed


def compute(nightly: bool) -> Figure:
    """Mutants that are not equivalent and were killed."""
    if nightly:
        return figure_of(Drawn(count=EVERYTHING), Running())
    return figure_of(Drawn(), Running(BY_DAY))


def figure_of(drawn: Drawn, running: Running) -> Figure:
    """The figure of one sample; equivalent mutants are named with their evidence."""
    chosen, size, seed = sampled(drawn)
    found = survivors_of(chosen, running)
    broken = clean_run(found.killers.values())
    missing = [f"survived: {mutant.name}" for mutant in found.alive]
    files = Counter(first.partition("::")[0] for first in found.killers.values())
    details = {
        "seed": seed,
        "of": size,
        "modules": dict(Counter(mutant.module for mutant, _ in chosen)),
        "endless": found.endless,
        "killed by": dict(files.most_common()),
        "killers": found.killers,
    }
    return Figure(
        "mutants",
        len(found.killers),
        len(chosen),
        len(chosen) - len(found.equivalent),
        (*missing, *found.nothing, *broken),
        found.equivalent,
        details,
    )


def _lines(asked: str) -> range:
    """`80-120` as a range, everything when nothing is asked."""
    first, _, last = asked.partition("-")
    return range(int(first), int(last or first) + 1) if asked else range(10**9)


def main() -> int:
    """Any sample, from the command line."""
    parser = argparse.ArgumentParser(description="Change the sources, run the tests.")
    parser.add_argument("--seed", type=int, help="instead of the sources' own")
    parser.add_argument("--count", type=int, default=SAMPLE)
    parser.add_argument("--all", action="store_true", help="no sample")
    parser.add_argument("--module", default="", metavar="PART", help="of a module's name")
    parser.add_argument("--lines", default="", metavar="FROM-TO", help="of the module")
    parser.add_argument("--processes", type=int, default=PROCESSES)
    parser.add_argument("--verdicts", action="store_true", help="each as it comes")
    parser.add_argument("--far", action="store_true", help="what survives meets the far tests")
    options = parser.parse_args()
    run_as = Running(
        ROUNDS if options.far else BY_DAY,
        options.processes,
        _show if options.verdicts else _say_nothing,
    )
    count = EVERYTHING if options.all else options.count
    drawn = Drawn(options.seed, count, options.module, _lines(options.lines))
    found = timed("mutants", lambda: figure_of(drawn, run_as))
    lines = [f"seed {found.details.get('seed')}, {found.listed} of {found.details.get('of')}"]
    lines += [f"    {each}" for each in found.missing]
    lines += [f"    equivalent: {name}: {why}" for name, why in found.named.items()]
    lines += [f"    endless: {name}" for name in found.details.get("endless", ())]
    sys.stdout.write(os.linesep.join([*lines, found.line(), ""]))
    return 0 if found.ok else 1


if __name__ == "__main__":
    sys.exit(main())
