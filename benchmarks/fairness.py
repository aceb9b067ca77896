"""`python -m benchmarks.fairness [--json]`: who was fair, by price and then by time.

The fairness checker of `tickproof.invariants.fairness` reads orders in and fills out of

* our matching venue, on random messages of every kind;
* venues that are unfair on purpose, each in one way, and one that is fair (`benchmarks.unfair`);
* Bitstamp and ESH4, order by order, from the folder TICKPROOF_DATA, where it is set;
* the same recordings with each execution given to the last order at its price instead, where it
  was not alone there: what the checker would say of a venue that did that.

`fills`: judged. `at_head`: nobody stood before them just then. `excused`: whoever stood before
left at the same instant of the venue's clock (recordings only). `unfair`: violations, by kind in
`kinds`. `caught`: of the altered executions, those that were named. Exit code 1 unless everything
fair is called fair and everything unfair is caught.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections import Counter
from pathlib import Path
from typing import Any

from benchmarks.fidelity import BITSTAMP, ESH4
from benchmarks.unfair import MANNERS
from benchmarks.unfair import Unfair as UnfairVenue
from tickproof.invariants.fairness import Checker, FeedCheck, Unfair, VenueCheck
from tickproof.invariants.matching import CROWDED, Market, messages
from tickproof.runtime.readers.bitstamp import read_bitstamp
from tickproof.runtime.readers.databento import read_databento
from tickproof.spec.stream import EventColumns
from tickproof.venue.matching import Matcher

OWN_MESSAGES = 100_000
UNFAIR_MESSAGES = 3_000
SIMPLE = Market(
    accounts=5,
    spread=6,
    depth=40,
    takers=100,
    changes=0,
    icebergs=0,
    makers=0,
    stops=0,
    wrong=0,
    prevented=500,
    calls=0,
)
"""What the unfair venues understand."""


def figures(checker: Checker) -> dict[str, Any]:
    """What a checker found."""
    kinds = Counter(Unfair(each.kind).name for each in checker.violations)
    return {
        "fills": checker.fills,
        "at_head": checker.at_head,
        "excused": checker.excused,
        "unfair": len(checker.violations),
        "kinds": dict(sorted(kinds.items())),
        "first": checker.violations[0].words() if checker.violations else "",
    }


def own(count: int = OWN_MESSAGES) -> dict[str, Any]:
    """Our own venue."""
    venue, check = Matcher(), VenueCheck()
    for row in messages(11, count, CROWDED):
        venue.run((row,))
        check.see(row, venue.reports)
        venue.reports.clear()
    return figures(check.checker)


def unfair(manner: str, count: int = UNFAIR_MESSAGES) -> dict[str, Any]:
    """A venue with a manner."""
    venue, check = UnfairVenue(manner), VenueCheck()
    for row in messages(11, count, SIMPLE):
        venue.run((row,))
        check.see(row, venue.reports)
        venue.reports.clear()
    return figures(check.checker)


def recorded(columns: EventColumns, crossing: int) -> dict[str, Any]:
    """A recording as it is."""
    check = FeedCheck(crossing)
    check.see(columns)
    return figures(check.checker) | {"auction_fills": check.auction_fills, "unknown": check.unknown}


class Altering(FeedCheck):
    """Has each execution that has others behind it judged as if the last one had had it.

    The queues go on as recorded, so that one alteration does not bring forth others.
    """

    def __init__(self) -> None:
        super().__init__(crossing=0)
        self.altered: list[int] = []

    def _execute(self, order: int, price: int, lots: int) -> None:
        checker = self.checker
        standing = checker.standing(order)
        if standing is None or self._in_auction:
            return super()._execute(order, price, lots)
        last = checker.standing(checker.last_at(standing.side, standing.price))
        if last is None or last.order == order:
            return super()._execute(order, price, lots)
        lots = min(lots, standing.lots) if lots else standing.lots
        self.altered.append(checker.message)
        checker.fills += 1
        checker.judge(checker.message, last, lots, price)
        if lots < standing.lots:
            return checker.resize(order, standing.lots - lots)
        return checker.leave(order, excuses=0)


def altered(columns: EventColumns) -> dict[str, Any]:
    """A recording with executions given to the wrong order."""
    check = Altering()
    check.see(columns)
    named = {each.fill for each in check.checker.violations}
    caught = sum(each in named for each in check.altered)
    return {"altered": len(check.altered), "caught": caught, **figures(check.checker)}


def recordings(folder: Path) -> dict[str, Any]:
    """Bitstamp and ESH4, as they are and altered."""
    found: dict[str, Any] = {}
    # Bitstamp shows who comes in the book before it trades, so its book crosses between records.
    if (folder / BITSTAMP).exists():
        columns = read_bitstamp([folder / BITSTAMP]).feed.columns
        found["bitstamp"] = recorded(columns, 0)
        found["bitstamp altered"] = altered(columns)
    if (folder / ESH4).exists():
        columns = read_databento([folder / ESH4], multiplier=50).feed.columns
        found["esh4"] = recorded(columns, 1)
        found["esh4 altered"] = altered(columns)
    return found


def all_figures(folder: Path | None) -> dict[str, Any]:
    """Everything, by name."""
    found: dict[str, Any] = {"matching venue": own()}
    found |= {f"planted {manner}": unfair(manner) for manner in MANNERS}
    if folder is not None:
        found |= recordings(folder)
    return found


def wrong(found: dict[str, Any]) -> list[str]:
    """Fair venues called unfair, and unfair ones that were not caught."""
    problems = []
    for name, numbers in found.items():
        planted = name.startswith("planted") and name != "planted fifo"
        if "altered" in numbers:
            if numbers["caught"] < numbers["altered"]:
                problems.append(name)
        elif planted != bool(numbers["unfair"]) or not numbers["fills"]:
            problems.append(name)
    return problems


def main(arguments: list[str]) -> int:
    """Print the figures."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.fairness", description=__doc__)
    parser.add_argument("--json", action="store_true", help="one JSON object")
    chosen = parser.parse_args(arguments)
    place = os.environ.get("TICKPROOF_DATA", "")
    found = all_figures(Path(place) if place and Path(place).is_dir() else None)
    problems = wrong(found)
    if chosen.json:
        print(json.dumps({**found, "wrong": problems}, sort_keys=True))
        return int(bool(problems))
    print(f"{'who':<24}{'fills':>8}{'at head':>9}{'excused':>9}{'unfair':>8}  kinds")
    for name, numbers in found.items():
        line = f"{name:<24}{numbers['fills']:>8,}{numbers['at_head']:>9,}{numbers['excused']:>9,}"
        kinds = ", ".join(f"{kind.lower()} {n:,}" for kind, n in numbers["kinds"].items())
        if "altered" in numbers:
            kinds = f"caught {numbers['caught']:,} of {numbers['altered']:,}: {kinds}"
        print(f"{line}{numbers['unfair']:>8,}  {kinds}")
        if numbers["first"]:
            print(f"{'':<24}first: {numbers['first']}")
    for name in problems:
        print(f"wrong: {name}")
    return int(bool(problems))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
