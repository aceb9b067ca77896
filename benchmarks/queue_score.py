"""`python -m benchmarks.queue_score [--json]`: how well models guess a place, on real orders.

Truth: real orders of order-by-order recordings, followed until they first trade or leave
(`fidelity_queue`), scored when they rested behind at least one other, after the open, and saw at
least one cancel of another order at their level. Score: mean absolute error of the lots ahead,
(`end`) just before what ended the order and (`half`) at half of its life; for all of them and for
those that traded; in the per-event view and the one conflated to 100 ms.

Every model is told the same: sizes of the level without the order, and prints. Two are ours:

* `fitted`: the model of that name, with a table fitted on the first half of a recording, told of
  every level from the start. Scored on the second half of the same recording and, `across`, with
  the table of the other recording;
* `calibrated`: the fifths of version 0.

The others are the probability models that are in common use, with what left a level without a
print taken from the back with probability p: with x lots ahead and y behind, `log_2` p = log(1+y) /
log(1+x+y), `log` log(1+y) / (log(1+x) + log(1+y)), `uniform` y / (x+y), `square` y^2 / (x^2+y^2),
`cubic` 1 - (x / (x+y))^3; `back`: all of it from behind.

Halves of a session are halves of its changes. A cell with fewer than FEW orders, or in which
every model is right, says nothing and is called undefined.

What a cell can say of orders that traded: just before it trades an order has nothing ahead, but for
the few whose predecessors leave unreported, so `end` asks only which model guesses low; `zero`,
which always guesses 0, is printed beside. `half` is a question.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections.abc import Iterator
from pathlib import Path

from benchmarks.fidelity_models import (
    OTHERS,
    RECORDINGS,
    VIEWS,
    WHENS,
    WHICH,
    Scored,
    half_of,
    orders_before,
    recording_of,
    score,
)
from benchmarks.fit_queue import fit
from tickproof.venue.queue_memory import SHIPPED, Weights

FEW = 30
"""Fewer orders are no sample."""

Cell = dict[str, float]
"""Mean absolute error by model; empty where undefined."""


def cells(scored: Scored) -> dict[str, Cell]:
    """Mean absolute errors by cell; none where the cell says nothing."""
    found: dict[str, Cell] = {}
    for which in WHICH:
        for when in WHENS:
            count = scored.count[which]
            means = {
                name: scored.errors.get((name, when, which), 0.0) / max(count, 1)
                for name in scored.names
            }
            wrong = any(means[name] > 0 for name in OTHERS)
            found[f"{which} {when}"] = means if count >= FEW and wrong else {}
    return found


def tables(folder: Path) -> Iterator[tuple[str, dict[str, object]]]:
    """(recording and view, its cells) for every recording that is there.

    The table of the package is that of ESH4; that it is what `fit` gives has a test of its own.
    """
    recordings = {
        name: recording_of(folder, name)
        for name, path in RECORDINGS.items()
        if (folder / path).exists()
    }
    fits: dict[str, Weights] = {
        name: SHIPPED if name == "esh4" else fit(recording).weights()
        for name, recording in recordings.items()
    }
    for name, recording in recordings.items():
        first = orders_before(recording, half_of(recording)[1]) + 1
        for view in VIEWS:
            scored = score(recording, first, view, fits[name])
            found = cells(scored)
            for other, weights in fits.items():
                if other != name:
                    across = score(recording, first, view, weights, {})
                    for cell, means in found.items():
                        which, when = cell.split()
                        if means:
                            total = across.errors["fitted", when, which]
                            means["across"] = total / across.count[which]
            start = {each: scored.start[each] / max(scored.count[each], 1) for each in WHICH}
            yield f"{name} {view}", {"orders": scored.count, "start": start, "cells": found}


def shown(name: str, table: dict[str, object]) -> str:
    """A table as text."""
    counts, start, found = table["orders"], table["start"], table["cells"]
    if not (isinstance(counts, dict) and isinstance(start, dict) and isinstance(found, dict)):
        raise TypeError("not a table")
    lines = [name]
    lines += [
        f"  {which}: {counts[which]:,} orders, {start[which]:,.1f} lots ahead at start"
        for which in WHICH
    ]
    models: list[str] = next((list(means) for means in found.values() if means), [])
    scale = max((max(means.values()) for means in found.values() if means), default=0.0)
    # Lots of a coin are 10**-8 of it.
    unit, places = (10**8, "10**8 lots") if scale > 10**6 else (1, "lots")
    lines.append(f"  {'mean error, ' + places:<24}" + "".join(f"{each:>14}" for each in found))
    for model in models:
        values = (
            f"{means[model] / unit:>14.3f}" if means else f"{'undefined':>14}"
            for means in found.values()
        )
        lines.append(f"  {model:<24}" + "".join(values))
    return "\n".join(lines)


def main(arguments: list[str]) -> int:
    """Print the tables; 2 when there is no folder of recordings."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.queue_score", description=__doc__)
    parser.add_argument("--json", action="store_true", help="one JSON object")
    chosen = parser.parse_args(arguments)
    folder = Path(os.environ.get("TICKPROOF_DATA", ""))
    if not os.environ.get("TICKPROOF_DATA") or not folder.is_dir():
        print("no recordings: set TICKPROOF_DATA to their folder", file=sys.stderr)
        return 2
    found = dict(tables(folder))
    if chosen.json:
        print(json.dumps(found, sort_keys=True))
        return 0
    for name, table in found.items():
        print(shown(name, table))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
