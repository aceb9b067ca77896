"""`python -m benchmarks.growth`: what an order costs beside few and beside many that rest.

    python -m benchmarks.growth [--resting 100 100000] [--orders N]

One kernel and one simulated venue; first so many orders rest at prices of their own, far from the
touch, then a stretch is timed in which one order after another is sent, accepted, cancelled and
gone, with a market message in between. One JSON line for each number of resting orders.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import Iterable
from typing import ClassVar

from attrs import define, evolve

from tickproof.kernel.kernel import BUILD, Kernel
from tickproof.runtime.backtest import configuration_of
from tickproof.runtime.engine import Engine
from tickproof.runtime.loading import LoadedStrategy
from tickproof.runtime.readers.benchmark import benchmark_instrument
from tickproof.runtime.readers.feed import Feed, FeedCounts, TickerColumns, combine
from tickproof.runtime.settings import Settings
from tickproof.spec.commands import Decision, cancel_order, new_order
from tickproof.spec.configuration import Wake, WakeRule
from tickproof.spec.events import EventKind, Side
from tickproof.spec.price_queue import FillModel
from tickproof.spec.strategy import View
from tickproof.spec.stream import EventColumns
from tickproof.venue.venue import SimulatedVenue

PRICE = 10_000_000
PORTION = 100
"""Orders sent at once while the resting ones are placed."""


@define
class Counted:
    """Orders sent so far."""

    sent: int = 0


class Filler:
    """Sends `resting` orders far below the touch, then one after another that it cancels."""

    wake: ClassVar[WakeRule] = WakeRule(Wake.TRADE)
    memory: ClassVar[type] = Counted

    def __init__(self, resting: int) -> None:
        self.resting = resting

    def decide(self, view: View, memory: Counted) -> Iterable[Decision] | None:
        """The next portion, or the next single order."""
        key = memory.sent + 1
        if memory.sent < self.resting:
            count = min(PORTION, self.resting - memory.sent)
            memory.sent += count
            return [
                new_order(key + index, 0, Side.BUY, 1, PRICE // 2 - key - index)
                for index in range(count)
            ]
        order = view.order(memory.sent)
        if memory.sent > self.resting and order is not None and order.is_open:
            return None if order.is_busy else (cancel_order(memory.sent),)
        memory.sent += 1
        return (new_order(key, 0, Side.BUY, 1, PRICE // 4),)


def market(messages: int) -> EventColumns:
    """A book of two levels, then prints."""
    columns = EventColumns()
    book = (0, 1, 1, PRICE, 5, -1, PRICE + 1, 5)
    columns.append_raw(int(EventKind.BOOK_SNAPSHOT), 1, 1, 0, 0, 0, book)
    for index in range(1, messages):
        values = (0, PRICE, 1, 1, 0, index)
        columns.append_raw(int(EventKind.TRADE), 1 + index, 1 + index, 0, index, 0, values)
    return columns


def measure(resting: int, orders: int) -> dict[str, object]:
    """Processor time of an order's life beside so many that rest."""
    instrument, assets = benchmark_instrument()
    placing = resting // PORTION + 2
    columns = market(placing + 2 * orders)
    feed = Feed(instrument, assets, EventColumns(), TickerColumns(), FeedCounts(), "", "")
    strategy = Filler(resting)
    loaded = LoadedStrategy("growth", strategy, "", ())
    settings = evolve(Settings(), balance_quote=10**15)
    configuration = configuration_of(settings, combine([feed]), (loaded,))
    kernel = Kernel(configuration, (strategy,))
    venue = SimulatedVenue(configuration.instruments, int(FillModel.PESSIMISTIC), 0, 0)
    parts = (columns.slice(0, placing), columns.slice(placing, len(columns)))
    started = [0.0]

    def told() -> Iterable[EventColumns]:
        yield parts[0]
        started[0] = time.process_time()
        yield parts[1]

    engine = Engine(kernel, venue, told())
    engine.run()
    used = time.process_time() - started[0]
    made = len(kernel.execution.orders) - resting
    return {
        "build": BUILD,
        "resting": resting,
        "orders": made,
        "denied": kernel.admission.denied,
        "microseconds_an_order": round(used / max(made, 1) * 1e6, 2),
    }


def main() -> int:
    """Measure each number, print."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.growth", description=__doc__)
    parser.add_argument("--resting", type=int, nargs="+", default=[100, 100_000])
    parser.add_argument("--orders", type=int, default=5_000)
    arguments = parser.parse_args()
    for resting in arguments.resting:
        print(json.dumps(measure(resting, arguments.orders)), flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
