"""What `--json` prints of a run: counts, money as decimal text, hashes, and what was assumed.

What it decides: which figures stand for a run, and that money is text. Money is integers up to
here; where instruments are quoted in several assets there is no sum, and it says so by null.
"""

from __future__ import annotations

import hashlib
import importlib
import sys
from operator import countOf
from pathlib import Path
from typing import Any

from attrs import astuple, frozen

from tickproof.invariants.monitor import checked_steps
from tickproof.kernel.book import Book
from tickproof.kernel.kernel import BUILD, Kernel
from tickproof.runtime.delays import delays_of, feed_latency_ns
from tickproof.runtime.errors import StrategyError
from tickproof.runtime.loading import LoadedStrategy
from tickproof.runtime.readers.decimals import unscaled
from tickproof.runtime.readers.feed import Market
from tickproof.runtime.recorder_clock import found_clocks
from tickproof.runtime.recording import Recorder, fees_in_quote
from tickproof.runtime.settings import DEFAULTS, Settings, duration_ns
from tickproof.runtime.ticker import TickerCheck
from tickproof.spec.configuration import Configuration
from tickproof.spec.digest import configuration_digest
from tickproof.spec.events import EventKind
from tickproof.spec.instrument import NO_ASSET, InstrumentKind
from tickproof.spec.venue_rules import NO_RULES

TIMINGS = (
    "seconds",
    "events_per_s",
    "peak_rss_mb",
    "build",
    "check",
    "check_every",
    "checked_steps",
)
"""Keys of a summary that say how a run went, not what came of it."""


@frozen
class BookCheck:
    """What an independent pass over the depth messages found; see `runtime.ticker`."""

    crossed: int = 0
    checked: int = 0
    equal: int = 0


def check_books(market: Market) -> BookCheck:
    """Rebuild each book once more and hold it against the venue's own ticker."""
    crossed = compared = equal = 0
    for feed in market.feeds:
        book = Book(feed.instrument.tick)
        ticker = TickerCheck(feed.tickers)
        columns = feed.columns
        values, offsets = columns.payload, columns.offset
        for index, kind in enumerate(columns.kind):
            first = offsets[index]
            if kind == EventKind.BOOK_DELTA:
                book.apply_levels(values, first + 3, offsets[index + 1])
                crossed += book.crossed()
                ticker.on_depth(
                    values[first + 2],
                    book.bid_price,
                    book.bid_size,
                    book.ask_price,
                    book.ask_size,
                )
            elif kind == EventKind.BOOK_SNAPSHOT:
                book.apply_snapshot(values, first + 2, offsets[index + 1])
        found = ticker.result()
        compared += found[0]
        equal += found[1]
    return BookCheck(crossed, compared, equal)


def summary_of(
    kernel: Kernel,
    recorder: Recorder,
    market: Market,
    settings: Settings,
    loaded: LoadedStrategy,
    books: BookCheck,
    seconds: float,
    state_digest: str,
    failure: StrategyError | None,
) -> dict[str, Any]:
    """What `--json` prints; money as decimal text."""
    counts = [feed.counts for feed in market.feeds]
    return {
        "positions": kernel.position,
        "market_events": len(market.columns),
        "book_updates": sum(each.level_changes for each in counts),
        "trades": sum(each.trades for each in counts),
        "orders": len(kernel.execution.orders),
        "requests": len(recorder.requests),
        "fills": len(recorder.fills),
        "denied": kernel.admission.denied,
        "refused": kernel.execution.refused,
        **_totals(kernel, recorder, market, settings),
        **_discounts(kernel, recorder),
        "funding_payments": len(recorder.funding),
        "funding_unpaid": recorder.unpaid,
        "funding_late": recorder.late,
        "funding_rates": countOf(market.columns.kind, EventKind.FUNDING_RATE),
        "instruments": {
            name: instrument_summary(kernel, recorder, market, index)
            for index, name in enumerate(instrument_names(market))
        },
        "digest": kernel.chain_digest().hex(),
        "state_digest": state_digest,
        "dataset_hash": market.dataset_hash,
        "config_hash": run_hash(kernel.configuration, settings),
        "strategy_hash": loaded.code_identity,
        "seconds": round(seconds, 4),
        "events_per_s": round(kernel.position / seconds) if seconds else 0,
        "peak_rss_mb": peak_rss_mb(),
        "build": BUILD,
        "check": settings.check,
        "check_every": settings.check_every if settings.check == "sampled" else None,
        "checked_steps": checked_steps(kernel),
        "crossed_books": books.crossed,
        "sequence_gaps": sum(each.sequence_gaps for each in counts),
        "ticker_checked": books.checked,
        "ticker_equal": books.equal,
        "backwards_stamps": sum(each.backwards_stamps for each in counts),
        "strategy": settings.strategy,
        "parameters": dict(loaded.parameters),
        "fill_model": settings.fill_model,
        "latency": settings.latency,
        "feed_latency": settings.feed_latency,
        "clocks": {
            name: {"offset_ns": found.offset_ns, "least_ns": found.least_offset_ns}
            | {"messages": found.messages, "early": found.early}
            for name, found in zip(instrument_names(market), found_clocks(market), strict=True)
        },
        "maker_fee": settings.maker_fee,
        "taker_fee": settings.taker_fee,
        "balance_quote": settings.balance_quote,
        "balance_base": settings.balance_base,
        "failure": None if failure is None else failure_facts(failure),
    }


def failure_facts(failure: StrategyError) -> dict[str, Any]:
    """Where a strategy failed and with what."""
    return {"file": failure.file, "line": failure.line, "message": failure.message}


def instrument_names(market: Market) -> list[str]:
    """The symbols, with the kind of instrument where two share one."""
    symbols = [each.symbol for each in market.instruments]
    return [
        each.symbol
        if symbols.count(each.symbol) == 1
        else f"{each.symbol}:{InstrumentKind(each.kind).name.lower()}"
        for each in market.instruments
    ]


def run_hash(configuration: Configuration, settings: Settings) -> str:
    """Hash of all that was configured, the simulated venue included; not of strategy code."""
    venue: tuple[object, ...] = (
        settings.fill_model,
        duration_ns(settings.latency),
        feed_latency_ns(settings),
        settings.on_gap,
    )
    if settings.funding != DEFAULTS.funding:
        venue += ("funding", settings.funding)
    delays = delays_of(settings)
    if delays is not None:
        venue += ("delays", astuple(delays))
    if settings.clock_offset != DEFAULTS.clock_offset:
        venue += ("clock offset", settings.clock_offset)
    # Nothing is said where nothing is asked: hashes of runs without filters stay.
    asked = [(symbol, rules) for symbol, rules in settings.venue.items() if rules != NO_RULES]
    if asked:
        venue += tuple((symbol, astuple(rules)) for symbol, rules in sorted(asked))
    return hashlib.sha256(configuration_digest(configuration) + repr(venue).encode()).hexdigest()


def _amounts(kernel: Kernel, recorder: Recorder, instrument: int) -> tuple[int, int, int, int]:
    """(fees, realised, unrealised, funding received) in quote units."""
    ledger = kernel.execution.ledger
    mark = kernel.markets[instrument].reference_price()
    unrealised = ledger.unrealised(0, instrument, mark) if mark > 0 else 0
    realised = ledger.realised[ledger.cell_of(0, instrument)]
    fees = fees_in_quote(kernel, instrument, recorder.discounts.get(instrument, 0))
    return fees, realised, unrealised, recorder.received.get(instrument, 0)


def instrument_summary(
    kernel: Kernel, recorder: Recorder, market: Market, instrument: int
) -> dict[str, Any]:
    """Position and money of one instrument, as decimal text."""
    definition = market.instruments[instrument]
    decimals = market.assets[definition.quote].decimals
    fees, realised, unrealised, funding = _amounts(kernel, recorder, instrument)
    position = kernel.execution.ledger.quantity_of(0, instrument)
    return {
        "position": unscaled(position, definition.quantity_decimals),
        "fees": unscaled(fees, decimals),
        "realised": unscaled(realised, decimals),
        "unrealised": unscaled(unrealised, decimals),
        "funding": unscaled(funding, decimals),
        "quote": market.assets[definition.quote].name,
    }


def _totals(
    kernel: Kernel, recorder: Recorder, market: Market, settings: Settings
) -> dict[str, Any]:
    """Sums over instruments where all are quoted in one asset; null where they are not.

    Equity is what the account started with in the quote asset and what trading made of it:
    realised and unrealised, less fees, and funding. `position` is given for a single instrument.
    """
    names = ("position", "fees", "realised", "unrealised", "funding", "equity")
    quotes = {each.quote for each in market.instruments}
    if len(quotes) != 1:
        return dict.fromkeys(names)
    decimals = market.assets[quotes.pop()].decimals
    sums = [0, 0, 0, 0]
    for instrument in range(len(market.instruments)):
        for index, amount in enumerate(_amounts(kernel, recorder, instrument)):
            sums[index] += amount
    equity = int(settings.balance_quote) * 10**decimals + sums[1] + sums[2] + sums[3] - sums[0]
    position = None
    if len(market.instruments) == 1:
        held = kernel.execution.ledger.quantity_of(0, 0)
        position = unscaled(held, market.instruments[0].quantity_decimals)
    money = [unscaled(each, decimals) for each in (*sums, equity)]
    return dict(zip(names, (position, *money), strict=True))


def _discounts(kernel: Kernel, recorder: Recorder) -> dict[str, Any]:
    """Fees that were taken in a discount asset, and what is left of it; null without one."""
    asset_id = max(each.fees.discount_asset for each in kernel.configuration.instruments)
    names = ("discount_asset", "discount_fees", "discount_left")
    if asset_id == NO_ASSET:
        return dict.fromkeys(names)
    asset = kernel.configuration.assets[asset_id]
    paid, left = sum(recorder.discounts.values()), kernel.execution.ledger.total_of(0, asset_id)
    amounts = (unscaled(paid, asset.decimals), unscaled(left, asset.decimals))
    return dict(zip(names, (asset.name, *amounts), strict=True))


def peak_rss_mb() -> float:
    """Most memory this process held so far, in MB; 0 where the platform does not tell."""
    peak_kb = _peak_of_linux_kb()
    if peak_kb:
        return round(peak_kb / 1024, 1)
    try:
        resource = importlib.import_module("resource")
    except ImportError:
        return 0.0
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return round(int(peak) / (1024 * 1024 if sys.platform == "darwin" else 1024), 1)


def _peak_of_linux_kb() -> int:
    """What Linux says of this program alone, 0 elsewhere.

    Its `ru_maxrss` does not start anew with a program: run from a larger one, it tells of that.
    """
    try:
        status = Path("/proc/self/status").read_text(encoding="ascii", errors="replace")
    except OSError:
        return 0
    for line in status.splitlines():
        if line.startswith("VmHWM:"):
            return int(line.split()[1])
    return 0
