"""`python -m benchmarks.matching`: the matching venue on random messages, as one JSON line.

    python -m benchmarks.matching [--messages N] [--seed N] [--market plain|crowded] [--check]

Messages are made from a seed beforehand and handed over in portions, as a venue gets them, in the
form that a build reads fastest: tuples to an interpreter, columns to the compiled one. Only the
matching is timed, reports included: a list of tuples, or the integers they stand for. `digest` is
the SHA-256 of all reports, so two builds or two machines can be compared. `--check` runs the
specification, one plain list per side, on the same messages: every report and, now and then, the
whole book must be equal; 1 when they are not.

Markets: `plain`, limit orders, cancellations, some takers and replacements around a wandering
price; `crowded`, every kind of order, prevention, demand and phase among a few prices.
"""

from __future__ import annotations

import argparse
import gc
import hashlib
import json
import sys
import time
from array import array
from collections.abc import Iterable, Iterator

from tickproof.invariants.matching import (
    CROWDED,
    PLAIN,
    ListBook,
    Row,
    first_difference,
    messages,
    same_book,
)
from tickproof.kernel.kernel import BUILD
from tickproof.runtime.version import VERSION
from tickproof.spec.events import EventKind
from tickproof.spec.matching import inv
from tickproof.venue.matching import Matcher
from tickproof.venue.rows import Messages

MARKETS = {"plain": PLAIN, "crowded": CROWDED}
PORTION = 250
"""Messages handed over at a time; as many reports are in memory at once."""

CHECKED_EVERY = 1_000
"""Messages between two comparisons of whole books."""


def portions(columns: list[array[int]]) -> Iterator[list[Row]]:
    """The messages as tuples, a portion at a time."""
    for start in range(0, len(columns[0]), PORTION):
        yield list(zip(*(each[start : start + PORTION] for each in columns), strict=True))


def run(columns: list[array[int]]) -> dict[str, object]:
    """Match everything; figures and digest."""
    matcher, digest = Matcher(), hashlib.sha256()
    batch = Messages(columns)
    seconds = processor = 0.0
    reports = fills = 0
    gc.collect()
    gc.freeze()
    done = 0
    for rows in portions(columns):
        started, worked = time.perf_counter(), time.process_time()
        if BUILD == "compiled":
            matcher.take(batch, done, done + len(rows))
        else:
            matcher.run(rows)
        seconds += time.perf_counter() - started
        processor += time.process_time() - worked
        done += len(rows)
        words = matcher.words()
        fills += words[0::8].count(EventKind.FILLED)
        reports += len(matcher.reports)
        digest.update(words.tobytes())
        matcher.reports.clear()
    count = len(columns[0])
    return {
        "messages": count,
        "messages_per_s": round(count / seconds),
        "messages_per_cpu_s": round(count / processor),
        "seconds": round(seconds, 3),
        "reports": reports,
        "fills": fills,
        "open_orders": len(matcher),
        "digest": digest.hexdigest()[:16],
        "build": BUILD,
    }


def side_by_side(portions: Iterable[list[Row]]) -> tuple[int, int, bool]:
    """(messages, reports, alike): the specification beside the fast venue, to the first difference.

    Where they are not alike the difference is in the last portion that is counted.
    """
    fast, naive = Matcher(), ListBook()
    done = reports = 0
    for rows in portions:
        fast.run(rows)
        naive.run(rows)
        done += len(rows)
        reports += len(fast.reports)
        alike = fast.reports == naive.reports
        if alike and done % CHECKED_EVERY == 0:
            alike = same_book(fast, naive) and inv(naive.state)
        if not alike:
            return done, reports, False
        fast.reports.clear()
        naive.reports.clear()
    return done, reports, True


def check(columns: list[array[int]]) -> dict[str, object]:
    """The specification beside the fast venue; the first difference, if any."""
    started = time.perf_counter()
    done, _, alike = side_by_side(portions(columns))
    if not alike:
        return {"equal": False, "difference": _locate(columns, done)}
    return {"equal": True, "check_seconds": round(time.perf_counter() - started, 1)}


def _locate(columns: list[array[int]], stop: int) -> list[object]:
    """The first message taken differently; it is before `stop`."""
    found = first_difference(zip(*(each[:stop] for each in columns), strict=True))
    return list(found) if found is not None else [stop]


def main(arguments: list[str]) -> int:
    """Measure, perhaps check, print."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.matching", description=__doc__)
    parser.add_argument("--messages", type=int, default=1_000_000)
    parser.add_argument("--seed", type=int, default=11)
    parser.add_argument("--market", choices=sorted(MARKETS), default="plain")
    parser.add_argument("--check", action="store_true", help="compare with the specification")
    chosen = parser.parse_args(arguments)
    columns = [array("q") for _ in range(10)]
    for row in messages(chosen.seed, chosen.messages, MARKETS[chosen.market]):
        for column, value in zip(columns, row, strict=True):
            column.append(value)
    found: dict[str, object] = {
        "peer": f"tickproof-{VERSION}",
        "workload": "matching",
        "market": chosen.market,
        "seed": chosen.seed,
        **run(columns),
    }
    if chosen.check:
        found |= check(columns)
    print(json.dumps(found))
    return 0 if found.get("equal", True) else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
