"""`python -m benchmarks.fit_queue [--write]`: the table of the FITTED fill model, from real orders.

Reads ESH4 (Databento MBO), first half after the open, and prints `tickproof.spec.queue_fit`, or
writes it. Nothing of this runs in a backtest.

* Weights. Each cancel chose one of the orders of its level that had as many lots. The chance of
  each is taken as its weight over the sum of the weights, where the weight depends on its age, on
  how many orders stand behind it and on whether the cancel took all of it (a choice model in the
  sense of Luce). The weights that make the recording likeliest are found by the iteration that
  divides how often a cell was chosen by how often it was expected to be, per unit of weight. Half
  an expectation is added to each cell and half the weight of the rank before to its choices: what
  was never seen weighs half of that, in front 1, for a part of the lots a tenth.
* What stood there before anything was told weighs, per order it may hold, as the oldest do.
* The part of a growth that was there before an order that arrived unseen, in eighths: of those
  whose errors, at half of life and at its end together, in the view conflated to 100 ms, are within
  a hundredth of the least, the one nearest to a half.

Everything is a sum, a product or a quotient of numbers in a fixed order, rounded once to
thousandths: the same table on every machine.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path

from attrs import frozen

from benchmarks.fidelity_models import WHENS, half_of, orders_before, recording_of, score
from benchmarks.fidelity_queue import BEGAN, GREW, JOINED, LEFT, Change
from tickproof.spec.queue_fit import RANKS, VERSION
from tickproof.spec.queue_memory import RANK_MAX, age_of
from tickproof.venue.queue_memory import Weights

AGES = 20
ITERATIONS = 30
SCALE = 1_000
TABLE = Path(__file__).parent.parent / "spec/tickproof/spec/queue_fit.py"

Rows = tuple[tuple[int, ...], ...]
Cell = tuple[int, int, int]
"""(age, rank, 1 when the cancel takes all of the order)."""


@frozen
class Fit:
    """A fitted table; rows by age, columns by rank, in thousandths."""

    whole: Rows
    part: Rows
    ahead_eighths: int

    def before(self) -> tuple[int, ...]:
        """The row of what stood there before: per order, as the oldest."""
        return self.whole[-1]

    def weights(self) -> Weights:
        """The table as a memory takes it."""
        return Weights(self.whole, self.part, self.before(), self.ahead_eighths)


# --- weights -------------------------------------------------------------------------------------


class _Queue:
    """Orders of a level by reference, oldest first: [size, joined]."""

    def __init__(self) -> None:
        self.orders: dict[int, list[int]] = {}

    def choice(self, change: Change) -> tuple[Cell, Counter[Cell]]:
        """The cell a cancel came from, and how many orders of each cell it may have come from."""
        chosen, found = (0, 0, 0), Counter[Cell]()
        behind = len(self.orders)
        for reference, (size, joined_ns) in self.orders.items():
            behind -= 1
            if size >= change.lots:
                rank = min(behind.bit_length(), RANK_MAX)
                age = age_of(change.stamp_ns - joined_ns)
                cell = (age, rank, int(size == change.lots))
                found[cell] += 1
                if reference == change.reference:
                    chosen = cell
        return chosen, found


def choices(recording: Sequence[Change], first: int, stop: int) -> list[tuple[Cell, Counter[Cell]]]:
    """What each cancel among changes [first, stop) chose, and among what."""
    levels: dict[tuple[int, int], _Queue] = {}
    found = []
    for index, change in enumerate(recording[:stop]):
        if change.kind == BEGAN:
            levels.clear()
        if change.kind not in (JOINED, LEFT, GREW) and not change.reference:
            continue
        queue = levels.setdefault((change.side, change.price), _Queue())
        if change.kind == LEFT and index >= first and len(queue.orders) > 1:
            found.append(queue.choice(change))
        if change.kind in (JOINED, GREW):
            queue.orders.pop(change.reference, None)
            queue.orders[change.reference] = [change.lots, change.stamp_ns]
        else:
            order = queue.orders[change.reference]
            order[0] -= change.lots
            if not order[0]:
                del queue.orders[change.reference]
    return found


def weights(found: Sequence[tuple[Cell, Counter[Cell]]]) -> dict[Cell, float]:
    """The likeliest weights, for cells in the order they were seen in."""
    chosen = Counter(cell for cell, _ in found)
    cells = dict.fromkeys(cell for _, among in found for cell in among)
    weight = dict.fromkeys(cells, 1.0)

    def usual(cell: Cell) -> float:
        age, rank, whole = cell
        if rank == 0:
            return 1.0 if whole else 0.1
        return weight.get((age, rank - 1, whole), 1.0) / 2

    for _ in range(ITERATIONS):
        expected = dict.fromkeys(cells, 0.5)
        for _, among in found:
            total = sum(weight[cell] * count for cell, count in among.items())
            for cell, count in among.items():
                expected[cell] += count / total
        weight = {cell: (chosen[cell] + usual(cell) / 2) / expected[cell] for cell in cells}
    return weight


def ahead_eighths(recording: Sequence[Change], whole: Rows, part: Rows) -> int:
    """The part of a growth to put ahead of who arrived meanwhile, for the orders of a first half.

    The later half is left out: what is still open at its start is not looked at.
    """
    first, stop = half_of(recording)
    number = orders_before(recording, first) + 1
    errors = []
    for eighths in range(9):
        table = Weights(whole, part, whole[-1], eighths)
        found = score(recording[:stop], number, "conflated", table, {})
        errors.append(sum(found.errors["fitted", when, "all"] for when in WHENS))
    good = [eighths for eighths in range(9) if errors[eighths] <= 1.01 * min(errors)]
    return min(good, key=lambda eighths: abs(eighths - 4))


# --- all of it -----------------------------------------------------------------------------------


def rows(found: Mapping[Cell, float]) -> tuple[Rows, Rows]:
    """Weights as tables in thousandths: (whole, part)."""

    def row(age: int, whole: int) -> tuple[int, ...]:
        numbers: list[int] = []
        for rank in range(RANKS):
            unseen = numbers[-1] // 2 if numbers else SCALE if whole else SCALE // 10
            seen = found.get((age, rank, whole))
            numbers.append(max(unseen if seen is None else round(SCALE * seen), 1))
        return tuple(numbers)

    return tuple(row(age, 1) for age in range(AGES)), tuple(row(age, 0) for age in range(AGES))


def fit(recording: Sequence[Change]) -> Fit:
    """The table of a recording's first half."""
    whole, part = rows(weights(choices(recording, *half_of(recording))))
    return Fit(whole, part, ahead_eighths(recording, whole, part))


def text_of(fitted: Fit) -> str:
    """The module that holds a table."""
    lines = TABLE.read_text().split("# --- fitted: ")[0].rstrip().splitlines()
    lines += ["", f"# --- fitted: drawn by benchmarks/fit_queue.py {'-' * 52}", ""]
    for name, rows in (("WHOLE", fitted.whole), ("PART", fitted.part)):
        lines += [f"{name}: tuple[tuple[int, ...], ...] = (", *(f"    {row}," for row in rows), ")"]
        lines += [f'"""{DOCS[name]}"""', ""]
    lines += [f"BEFORE = {fitted.before()}", f'"""{DOCS["BEFORE"]}"""', ""]
    lines += [f"AHEAD_EIGHTHS = {fitted.ahead_eighths}", f'"""{DOCS["AHEAD_EIGHTHS"]}"""']
    return "\n".join(lines) + "\n"


DOCS = {
    "WHOLE": "Weights of an addition that leaves as a whole: a row per age, a column per rank.",
    "PART": "Weights of an addition that loses a part of its lots.",
    "BEFORE": "Weights, by rank, per order that may be in an entry of unknown age.",
    "AHEAD_EIGHTHS": "The part of a growth that was there before who arrived meanwhile.",
}


def main(arguments: list[str]) -> int:
    """Print or write the table; 2 when there is no recording."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.fit_queue", description=__doc__)
    parser.add_argument("--write", action="store_true", help="write it into the package")
    chosen = parser.parse_args(arguments)
    folder = Path(os.environ.get("TICKPROOF_DATA", ""))
    if not os.environ.get("TICKPROOF_DATA") or not folder.is_dir():
        print("no recordings: set TICKPROOF_DATA to their folder", file=sys.stderr)
        return 2
    text = text_of(fit(recording_of(folder, "esh4")))
    if chosen.write:
        TABLE.write_text(text)
        print(f"version {VERSION} written to {TABLE}")
    else:
        print(text, end="")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
