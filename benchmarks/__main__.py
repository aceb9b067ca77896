"""`python -m benchmarks --workload W1|W2|W3|W4`: one JSON line, everything a run has switched on.

Workloads: W1 prints and an idle strategy; W2 a depth feed with prints and an idle strategy; W3
the same feed, one post-only lot at each touch, 1 ms latency each way; W4 bars and an EMA cross by
market orders. `--feed` takes the arrays other engines are measured with; without it a market of
the same shape is made from a seed. The array is mapped and read in batches as the run gets there,
unless `--whole` asks for all of it first. `seconds` is the run alone, `user_s` the processor's part
of it, `load_s` what reading took, `process_s` everything. The strategy is compiled where the
kernel is, `--strategy plain` has it interpreted. Exit code 2 when the build asked for is not the
one that runs, or no such strategy is here.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import sys
import time
from collections.abc import Iterator
from copy import copy
from itertools import chain
from pathlib import Path

STARTED = time.perf_counter()

from attrs import evolve  # noqa: E402

from benchmarks.strategies import form_here, strategy_of  # noqa: E402
from tickproof.kernel.kernel import BUILD, Kernel  # noqa: E402
from tickproof.runtime.backtest import configuration_of, peak_rss_mb  # noqa: E402
from tickproof.runtime.engine import Engine  # noqa: E402
from tickproof.runtime.errors import InputError, MissingExtra  # noqa: E402
from tickproof.runtime.loading import load_strategy  # noqa: E402
from tickproof.runtime.readers.benchmark import (  # noqa: E402
    benchmark_batches,
    benchmark_instrument,
    read_benchmark,
)
from tickproof.runtime.readers.feed import (  # noqa: E402
    Feed,
    FeedCounts,
    Market,
    TickerColumns,
    combine,
)
from tickproof.runtime.settings import Settings  # noqa: E402
from tickproof.runtime.synthetic import (  # noqa: E402
    synthetic_bars,
    synthetic_market,
    synthetic_trades,
)
from tickproof.runtime.version import VERSION  # noqa: E402
from tickproof.spec.price_queue import FillModel  # noqa: E402
from tickproof.spec.stream import EventColumns  # noqa: E402
from tickproof.venue.venue import SimulatedVenue  # noqa: E402

SEED = 11
LATENCY_NS = {"W3": 1_000_000}


def fills_hash(kernel: Kernel) -> str:
    """What all fills were, in the order they came: their identities and terms."""
    found = hashlib.sha256()
    for identity, terms in kernel.execution.fills.items():
        found.update(repr((*map(int, identity), *map(int, terms))).encode())
    return found.hexdigest()[:16]


def feed_of(workload: str, events: int, path: Path | None) -> Feed:
    """The feed of a workload: the given array, or one made from a seed."""
    if path is not None:
        return read_benchmark(path)
    if workload == "W1":
        return synthetic_trades(events, SEED)
    if workload == "W4":
        return synthetic_bars(events, SEED)
    return synthetic_market(events, SEED)


def whole_market(workload: str, events: int, path: Path | None) -> Market:
    """A workload's market in memory, its first events."""
    feed = feed_of(workload, events, path)
    if events and events < len(feed.columns):
        feed = evolve(feed, columns=feed.columns.slice(0, events))
    return combine([feed])


def mapped_market(events: int, path: Path) -> tuple[Market, Iterator[EventColumns]]:
    """The same market without its events, and these in batches read as the run gets there."""
    batches = benchmark_batches(path)
    first = next(batches)
    instrument, assets = benchmark_instrument()
    feed = Feed(instrument, assets, EventColumns(), TickerColumns(), FeedCounts(), "", "")
    return combine([feed]), counted(chain([first], batches), events)


class Timed:
    """Batches, and what it took to read them: by the clock and of the processor."""

    def __init__(self, batches: Iterator[EventColumns]) -> None:
        self._batches = batches
        self.seconds = 0.0
        self.used = 0.0

    def __iter__(self) -> Iterator[EventColumns]:
        return self

    def __next__(self) -> EventColumns:
        began, used = time.perf_counter(), time.process_time()
        try:
            return next(self._batches)
        finally:
            self.seconds += time.perf_counter() - began
            self.used += time.process_time() - used


def counted(batches: Iterator[EventColumns], events: int) -> Iterator[EventColumns]:
    """The first events of a feed in batches, all of them when 0."""
    left = events or sys.maxsize
    for batch in batches:
        yield batch if len(batch) <= left else batch.slice(0, left)
        left -= len(batch)
        if left <= 0:
            return


def run(arguments: argparse.Namespace) -> dict[str, object]:
    """One run, measured."""
    loading = time.perf_counter()
    if arguments.feed is not None and not arguments.whole:
        market, parts = mapped_market(arguments.n, arguments.feed)
    else:
        market = whole_market(arguments.workload, arguments.n, arguments.feed)
        parts = iter((market.columns,))
    batches = Timed(parts)
    chosen = strategy_of(arguments.workload, arguments.wake, arguments.strategy)
    loaded = load_strategy(chosen, {})
    settings = Settings(fill_model=arguments.fill_model)
    configuration = configuration_of(settings, market, (loaded,))
    kernel = Kernel(configuration, (loaded.strategy,))
    latency_ns = LATENCY_NS.get(arguments.workload, 0)
    venue = SimulatedVenue(
        configuration.instruments,
        int(FillModel[arguments.fill_model.upper()]),
        latency_ns,
        latency_ns,
    )
    engine = Engine(kernel, venue, batches, 0)
    loaded_at = time.perf_counter()
    before = copy(batches)
    used = time.process_time()
    engine.run()
    digest = kernel.chain_digest().hex()
    used = time.process_time() - used - (batches.used - before.used)
    ended = time.perf_counter()
    events = engine.passed + engine.at_kernel
    reading = batches.seconds - before.seconds
    seconds = ended - loaded_at - reading
    orders = len(kernel.execution.orders)
    cancels = engine.requests - orders
    return {
        "peer": f"tickproof-{VERSION}",
        "workload": arguments.workload,
        "events": events,
        "seconds": round(seconds, 4),
        "events_per_s": round(events / seconds),
        "user_s": round(used, 4),
        "events_per_cpu_s": round(events / used),
        "orders": orders,
        "cancels": cancels,
        "orders_per_s": round(orders / seconds),
        "fills": len(kernel.execution.fills),
        "fills_hash": fills_hash(kernel),
        "load_s": round(loaded_at - loading + reading, 3),
        "process_s": round(ended - STARTED, 2),
        "rss_mb": peak_rss_mb(),
        "build": BUILD,
        "wake": arguments.wake,
        "strategy": arguments.strategy,
        "fill_model": arguments.fill_model,
        "denied": kernel.admission.denied,
        "positions": kernel.position,
        "digest": digest,
    }


def main() -> int:
    """Parse, run, print."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--workload", choices=("W1", "W2", "W3", "W4"), default="W2")
    parser.add_argument("--n", type=int, default=0, help="events; 1,000,000 or 200,000 bars")
    parser.add_argument("--feed", type=Path, help="a .npy array of the workload's layout")
    parser.add_argument("--whole", action="store_true", help="read all of --feed before the run")
    parser.add_argument("--wake", choices=("every", "touch"), default="every")
    parser.add_argument("--build", choices=("pure", "compiled"), default=BUILD)
    parser.add_argument("--strategy", choices=("plain", "compiled"), default=form_here())
    parser.add_argument(
        "--fill-model",
        choices=tuple(each.name.lower() for each in FillModel if each != FillModel.EXACT),
        default="pessimistic",
    )
    arguments = parser.parse_args()
    if arguments.build != BUILD:
        print(f"benchmarks: the {BUILD} build runs, not {arguments.build}", file=sys.stderr)
        return 2
    if arguments.strategy == "compiled" != form_here():
        print("benchmarks: the strategies here are plain, not compiled", file=sys.stderr)
        return 2
    if arguments.feed is None and not arguments.n:
        arguments.n = 200_000 if arguments.workload == "W4" else 1_000_000
    try:
        print(json.dumps(run(arguments)))
    except (InputError, MissingExtra) as error:
        print(f"benchmarks: {error}", file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
