"""`python -m benchmarks.matching_long`: a hundred million messages through both matching venues.

    python -m benchmarks.matching_long [--messages N] [--processes N] [--out FILE.jsonl]

The fast venue and the specification's plain lists take the same messages [M7], in markets of
`MARKET_MESSAGES` each with a seed of its own, plain and crowded in turn. Every report is compared,
and now and then the whole book. A line is written for each market when it ends; markets whose line
is there, for the same sources, are not run again, so a run can be stopped and taken up. Ends with
1 at the first difference, which names its market, seed and message.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor, as_completed
from itertools import islice
from pathlib import Path

from benchmarks.matching import MARKETS, PORTION, side_by_side
from tickproof.invariants import matching as streams
from tickproof.invariants.matching import first_difference, messages
from tickproof.kernel.kernel import BUILD
from tickproof.spec import matching as specification
from tickproof.venue import index, rows
from tickproof.venue import matching as fast_venue

MARKET_MESSAGES = 250_000
MESSAGES = 100_000_000
Found = dict[str, str | int | float]


def sources() -> str:
    """What the answer depends on: both venues, and what makes the messages."""
    digest = hashlib.sha256(BUILD.encode())
    for module in (specification, fast_venue, index, rows, streams):
        path = Path(str(module.__file__))
        # A compiled module's text lies beside it.
        text = path if path.suffix == ".py" else path.parent / f"{path.name.partition('.')[0]}.py"
        digest.update(text.read_bytes())
    return digest.hexdigest()[:16]


def compare(market: str, seed: int, count: int) -> Found:
    """One market: the figures of its line; `difference` is the index of a message, -1 for none."""
    started = time.process_time()
    stream = messages(seed, count, MARKETS[market])
    portions = iter(lambda: list(islice(stream, PORTION)), [])
    done, reports, alike = side_by_side(portions)
    difference = -1
    if not alike:
        first = first_difference(messages(seed, done, MARKETS[market]))
        difference = done if first is None else first[0]
    return {
        "market": market,
        "seed": seed,
        "messages": done,
        "reports": reports,
        "difference": difference,
        "processor_s": round(time.process_time() - started, 1),
        "sources": sources(),
    }


def markets(wanted: int) -> Iterator[tuple[str, int, int]]:
    """(market, seed, messages) of every market of a run."""
    names = sorted(MARKETS)
    for seed, start in enumerate(range(0, wanted, MARKET_MESSAGES)):
        yield names[seed % len(names)], seed, min(MARKET_MESSAGES, wanted - start)


def known(out: Path) -> list[Found]:
    """Lines of earlier runs over the same sources."""
    if not out.exists():
        return []
    lines: list[Found] = [json.loads(line) for line in out.read_text(encoding="utf-8").splitlines()]
    return [line for line in lines if line["sources"] == sources()]


def run(wanted: int, processes: int, out: Path) -> list[Found]:
    """All markets that are not known yet, on a pool; each line is written when it is there."""
    found = known(out)
    done = {(line["market"], line["seed"], line["messages"]) for line in found}
    out.parent.mkdir(parents=True, exist_ok=True)
    with ProcessPoolExecutor(processes) as pool, out.open("a", encoding="utf-8") as lines:
        open_markets = [each for each in markets(wanted) if each not in done]
        for future in as_completed([pool.submit(compare, *each) for each in open_markets]):
            line = future.result()
            lines.write(json.dumps(line) + "\n")
            lines.flush()
            found.append(line)
            if line["difference"] != -1:
                pool.shutdown(cancel_futures=True)
                break
    return found


def main(arguments: list[str]) -> int:
    """Run, and print the sum as one JSON line."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.matching_long", description=__doc__)
    parser.add_argument("--messages", type=int, default=MESSAGES)
    parser.add_argument("--processes", type=int, default=os.cpu_count() or 1)
    parser.add_argument("--out", type=Path, default=Path("build/matching_long.jsonl"))
    chosen = parser.parse_args(arguments)
    found = run(chosen.messages, chosen.processes, chosen.out)
    differing = [line for line in found if line["difference"] != -1]
    total = {
        "workload": "matching_long",
        "markets": len(found),
        "messages": sum(int(line["messages"]) for line in found),
        "reports": sum(int(line["reports"]) for line in found),
        "processor_s": round(sum(float(line["processor_s"]) for line in found), 1),
        "build": BUILD,
        "sources": sources(),
        "equal": not differing,
        "differences": differing,
    }
    print(json.dumps(total))
    return 1 if differing else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
