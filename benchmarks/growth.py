"""`python -m benchmarks.growth`: whether an event or an order costs more, the more there are.

    python -m benchmarks.growth [--resting 100 100000] [--orders N]
    python -m benchmarks.growth --feed FILE.npy [--events 1000000 10000000] [--wake every|touch]

One kernel and one simulated venue. Orders: first so many rest at prices of their own, far from the
touch, then a stretch is timed in which one order after another is sent, accepted, cancelled and
gone, with a market message in between. Events: an array of level changes (W2) read in batches, as
often one after another as it takes, each time later; a strategy that does nothing. One JSON line
for each number, in processor time.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import ClassVar

import numpy as np
from attrs import define, evolve

from benchmarks.__main__ import Timed, mapped_market
from benchmarks.strategies import form_here, strategy_of
from tickproof.kernel.kernel import BUILD, Kernel
from tickproof.runtime.backtest import configuration_of, peak_rss_mb
from tickproof.runtime.engine import Engine
from tickproof.runtime.loading import LoadedStrategy, load_strategy
from tickproof.runtime.readers.benchmark import benchmark_batches, benchmark_instrument
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


def again_and_again(feed: Path, events: int) -> Iterator[EventColumns]:
    """So many events in batches: the feed, and the feed again, later by its length each time."""
    left, shift_ns, sequence = events, 0, 0
    while left > 0:
        last_ns = 0
        for batch in benchmark_batches(feed):
            part = batch if len(batch) <= left else batch.slice(0, left)
            stamps = np.asarray(part.capture_time_ns) + shift_ns
            last_ns = int(stamps[-1])
            yield EventColumns.from_buffers(
                part.kind,
                stamps,
                stamps,
                part.source,
                np.arange(sequence, sequence + len(part)),
                part.epoch,
                part.offset,
                part.payload,
            )
            sequence += len(part)
            left -= len(part)
            if left <= 0:
                return
        first_ns = int(np.load(feed, mmap_mode="r")["ts"][0])
        shift_ns = last_ns + 1 - first_ns


def measure_events(feed: Path, events: int, wake: str) -> dict[str, object]:
    """Processor time of an event in a run of so many."""
    market, _ = mapped_market(0, feed)
    loaded = load_strategy(strategy_of("W2", wake, form_here()), {})
    configuration = configuration_of(Settings(), market, (loaded,))
    kernel = Kernel(configuration, (loaded.strategy,))
    venue = SimulatedVenue(configuration.instruments, int(FillModel.PESSIMISTIC), 0, 0)
    batches = Timed(again_and_again(feed, events))
    engine = Engine(kernel, venue, batches)
    reading = batches.used
    started = time.process_time()
    engine.run()
    used = time.process_time() - started - (batches.used - reading)
    return {
        "build": BUILD,
        "events": engine.passed + engine.at_kernel,
        "wake": wake,
        "nanoseconds_an_event": round(used / events * 1e9, 1),
        "rss_mb": peak_rss_mb(),
        "digest": kernel.chain_digest().hex()[:16],
    }


def main() -> int:
    """Measure each number, print."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.growth", description=__doc__)
    parser.add_argument("--feed", type=Path, help="measure events of this array, not orders")
    parser.add_argument("--events", type=int, nargs="+", default=[1_000_000, 10_000_000])
    parser.add_argument("--wake", choices=("every", "touch"), default="touch")
    parser.add_argument("--resting", type=int, nargs="+", default=[100, 100_000])
    parser.add_argument("--orders", type=int, default=5_000)
    arguments = parser.parse_args()
    if arguments.feed is not None:
        for events in arguments.events:
            print(json.dumps(measure_events(arguments.feed, events, arguments.wake)), flush=True)
        return 0
    for resting in arguments.resting:
        print(json.dumps(measure(resting, arguments.orders)), flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
