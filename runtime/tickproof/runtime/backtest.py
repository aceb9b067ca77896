"""Backtests from Python: `run_backtest(...) -> Result`. The command line only calls this.

What it decides: how a user's settings, files and strategy become one Configuration, and what is
kept of a run. Money is integers until it is shown; `summary` shows it as decimal text.
"""

from __future__ import annotations

import hashlib
import importlib
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from attrs import evolve, frozen

from tickproof.kernel.book import Book
from tickproof.kernel.kernel import BUILD, Kernel
from tickproof.kernel.orders import to_ticket, total
from tickproof.runtime.engine import FAILED, Engine, Observer, TailChase
from tickproof.runtime.errors import InputError, MissingExtra, StrategyError
from tickproof.runtime.loading import LoadedStrategy, load_strategy, strategy_failure
from tickproof.runtime.readers.binance import read_binance
from tickproof.runtime.readers.decimals import unscaled
from tickproof.runtime.readers.feed import Feed, Market, combine
from tickproof.runtime.settings import Settings, checked, duration_ns, fraction_e8
from tickproof.runtime.ticker import TickerCheck
from tickproof.spec.configuration import (
    Bucket,
    Configuration,
    OnContradiction,
    OnStrategyError,
    RiskLimits,
    StrategySettings,
    Timing,
)
from tickproof.spec.digest import configuration_digest
from tickproof.spec.events import EventKind
from tickproof.spec.instrument import Account, FeeAsset
from tickproof.spec.order_life import status
from tickproof.spec.outputs import RECORD_FIELDS, RecordKind
from tickproof.spec.price_queue import FillModel
from tickproof.spec.stream import EventColumns
from tickproof.venue.venue import SimulatedVenue

FILL = int(RecordKind.FILL)
REQUEST = int(RecordKind.REQUEST)
DENIED = int(RecordKind.DENIED)
REFUSED = int(RecordKind.REFUSED)
WAKE = int(RecordKind.WAKE)
POSTING = int(RecordKind.POSTING)

EQUITY_POINTS = 2_000
"""About how many equity points are kept between fills."""

FILL_COLUMNS = ("position", "now_ns", *RECORD_FIELDS[RecordKind.FILL])
REQUEST_COLUMNS = ("position", "now_ns", *RECORD_FIELDS[RecordKind.REQUEST])
EQUITY_COLUMNS = ("position", "now_ns", "instrument", "quantity", "realised", "unrealised", "fees")
ORDER_COLUMNS = (
    "order_id",
    "strategy",
    "account",
    "instrument",
    "side",
    "order_type",
    "time_in_force",
    "price",
    "total",
    "executed",
    "life",
    "status",
    "origin",
)
CHECKPOINT_COLUMNS = ("position", "chain")

Rows = list[tuple[Any, ...]]
Progress = Callable[[str, int, int], None]
"""Called with (stage, done, total)."""


@frozen
class BookCheck:
    """What an independent pass over the depth messages found; see `runtime.ticker`."""

    level_changes: int = 0
    crossed: int = 0
    checked: int = 0
    equal: int = 0


class Recorder(Observer):
    """Keeps what a run shows: fills, requests, equity, checkpoints, and records by position."""

    def __init__(
        self,
        checkpoint_every: int,
        equity_every: int,
        keep_outputs: bool,
        progress: Progress | None,
    ) -> None:
        self.fills: Rows = []
        self.requests: Rows = []
        self.equity: Rows = []
        self.checkpoints: Rows = []
        self.outputs: Rows = []
        self.keep_outputs = keep_outputs
        self.progress = progress
        self.checkpoint_every = checkpoint_every
        self.equity_every = equity_every
        self.next_checkpoint = checkpoint_every
        self.next_equity = 0

    def on_step(self, kernel: Kernel) -> None:
        """Keep the records that are tables; an equity point with every fill."""
        position = kernel.position - 1
        filled = False
        for index, record in enumerate(kernel.records):
            kind = record[0]
            if kind == FILL:
                self.fills.append((position, kernel.now_ns, *record[1:]))
                filled = True
            elif kind == REQUEST:
                self.requests.append((position, kernel.now_ns, *record[1:]))
            if self.keep_outputs:
                self.outputs.append((position, index, kind, record[1:]))
        if filled or position >= self.next_equity:
            self._note_equity(kernel, position)
        if kernel.position >= self.next_checkpoint:
            self._check(kernel)

    def on_progress(self, kernel: Kernel, done: int, total: int) -> None:
        """Show how far the run is; keep an equity point and a checkpoint where due."""
        if kernel.position - 1 >= self.next_equity:
            self._note_equity(kernel, kernel.position - 1)
        if kernel.position >= self.next_checkpoint:
            self._check(kernel)
        if self.progress is not None:
            self.progress("run", done, total)

    def finish(self, kernel: Kernel) -> None:
        """The last equity point and checkpoint."""
        self._note_equity(kernel, kernel.position - 1)
        self.checkpoints.append((kernel.position, kernel.chain_digest().hex()))

    def _check(self, kernel: Kernel) -> None:
        self.checkpoints.append((kernel.position, kernel.chain_digest().hex()))
        self.next_checkpoint = kernel.position + self.checkpoint_every

    def _note_equity(self, kernel: Kernel, position: int) -> None:
        ledger = kernel.execution.ledger
        for instrument, market in enumerate(kernel.markets):
            cell = ledger.cell_of(0, instrument)
            mark = market.reference_price()
            unrealised = ledger.unrealised(0, instrument, mark) if mark > 0 else 0
            self.equity.append(
                (
                    position,
                    kernel.now_ns,
                    instrument,
                    ledger.quantities[cell],
                    ledger.realised[cell],
                    unrealised,
                    fees_in_quote(kernel, instrument),
                )
            )
        self.next_equity = position + self.equity_every


def fees_in_quote(kernel: Kernel, instrument: int) -> int:
    """Fees of an instrument's fills in quote units; base fees at the reference, rounded up."""
    ledger = kernel.execution.ledger
    cell = ledger.cell_of(0, instrument)
    base = ledger.fees_base[cell]
    mark = kernel.markets[instrument].reference_price()
    worth = mark * base * ledger.money_per_price_lot[instrument]
    return ledger.fees_quote[cell] - (-worth // ledger.base_per_lot[instrument])


@frozen
class Result:
    """A run and what it left. Rows are tuples of integers; see the `*_COLUMNS` constants.

    `summary`: what `--json` prints. `failure`: what a strategy raised, None when all went well.
    `outputs`: every decision record as (position, index, kind, fields), when asked for.
    `stream`: every Event in Processing Order, when asked for.
    """

    summary: Mapping[str, Any]
    settings: Settings
    configuration: Configuration
    strategies: tuple[LoadedStrategy, ...]
    market: Market
    fill_rows: Rows
    request_rows: Rows
    order_rows: Rows
    equity_rows: Rows
    checkpoints: Rows
    outputs: Rows
    state_digest: str
    failure: StrategyError | None
    stream: EventColumns | None

    @property
    def fills(self) -> Any:
        """Fills as a pandas table; raises `MissingExtra`."""
        return frame(FILL_COLUMNS, self.fill_rows)

    @property
    def orders(self) -> Any:
        """Orders as a pandas table; raises `MissingExtra`."""
        return frame(ORDER_COLUMNS, self.order_rows)

    @property
    def requests(self) -> Any:
        """Requests as a pandas table; raises `MissingExtra`."""
        return frame(REQUEST_COLUMNS, self.request_rows)

    @property
    def equity(self) -> Any:
        """Equity points as a pandas table, one row per instrument; raises `MissingExtra`."""
        return frame(EQUITY_COLUMNS, self.equity_rows)


def frame(columns: Sequence[str], rows: Rows) -> Any:
    """Rows as a pandas table; raises `MissingExtra`."""
    try:
        import pandas  # noqa: PLC0415
    except ImportError as error:
        raise MissingExtra("run", "a pandas table") from error
    return pandas.DataFrame.from_records(rows, columns=list(columns))


# --- configuration -------------------------------------------------------------------------------


def configuration_of(
    settings: Settings, market: Market, strategies: Sequence[LoadedStrategy]
) -> Configuration:
    """The Configuration of a run; raises `InputError`."""
    fee_asset = FeeAsset[settings.fee_asset.upper()]
    instruments = tuple(
        evolve(
            each,
            maker_fee_e8=fraction_e8(settings.maker_fee, "maker_fee"),
            taker_fee_e8=fraction_e8(settings.taker_fee, "taker_fee"),
            fee_asset=int(fee_asset),
            initial_margin_e8=fraction_e8(settings.margin, "margin"),
        )
        for each in market.instruments
    )
    quotes = {each.quote for each in instruments}
    balances = []
    for asset in market.assets:
        name = "balance_quote" if asset.id in quotes else "balance_base"
        text = getattr(settings, name)
        if not text.isdigit():
            raise InputError("", 0, name, "a whole number of the asset", repr(text))
        balances.append((0, asset.id, int(text) * 10**asset.decimals))
    return Configuration(
        version=1,
        assets=market.assets,
        accounts=(Account(0, "main", 0),),
        instruments=instruments,
        strategies=tuple(
            StrategySettings(
                index,
                each.name,
                0,
                each.code_identity,
                each.parameters,
                each.strategy.wake,
                tuple(range(len(instruments))),
            )
            for index, each in enumerate(strategies)
        ),
        buckets=tuple(
            Bucket(
                index,
                each.name,
                each.capacity,
                each.refill,
                duration_ns(each.interval),
                each.cost_new,
                each.cost_replace,
                each.cost_cancel,
                each.reserve,
            )
            for index, each in enumerate(settings.bucket)
        ),
        risk=risk_limits(settings),
        timing=Timing(
            duration_ns(settings.jump_limit),
            duration_ns(settings.acknowledgement_timeout),
            duration_ns(settings.cancel_deadline),
            duration_ns(settings.settling_time),
        ),
        initial_balances=tuple(balances),
        on_strategy_error=int(OnStrategyError[settings.on_strategy_error.upper()]),
        on_contradiction=int(OnContradiction[settings.on_contradiction.upper()]),
    )


def read_market(
    data: Mapping[str, Sequence[Path]], on_gap: str, progress: Progress | None = None
) -> Market:
    """The raw logs of every symbol as one market; "" takes the symbol from its files."""
    if not data:
        raise InputError("", 0, "data", "at least one file", "none")
    feeds: list[Feed] = []
    for symbol, paths in data.items():

        def told(done: int, total: int, name: str = symbol) -> None:
            if progress is not None:
                progress(f"read {name}".strip(), done, total)

        feeds.append(read_binance(list(paths), symbol or None, on_gap, progress=told))
    return combine(feeds)


def check_books(market: Market) -> BookCheck:
    """Rebuild each book once more and hold it against the venue's own ticker."""
    changes = crossed = compared = equal = 0
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
        changes += book.level_changes
        found = ticker.result()
        compared += found[0]
        equal += found[1]
    return BookCheck(changes, crossed, compared, equal)


# --- the run -------------------------------------------------------------------------------------


def run_backtest(
    data: Market | Mapping[str, Sequence[Path | str]] | Sequence[Path | str] | Path | str,
    settings: Settings | None = None,
    *,
    keep_outputs: bool = False,
    keep_stream: bool = False,
    check_ticker: bool = True,
    progress: Progress | None = None,
    **changes: Any,
) -> Result:
    """Run one backtest.

    `data`: raw log files of one session, such files by symbol, or a `Market` already read.
    `changes`: settings by name, over `settings` (a strategy, a fill model, `param={...}`).
    Raises `InputError` for what cannot be run. A strategy that fails ends the run; the Result
    then has `failure` and everything up to that position.
    """
    chosen = checked(evolve(settings if settings is not None else Settings(), **changes))
    market = (
        data if isinstance(data, Market) else read_market(_paths(data), chosen.on_gap, progress)
    )
    loaded = load_strategy(chosen.strategy, dict(chosen.param))
    configuration = configuration_of(chosen, market, (loaded,))
    started = time.perf_counter()
    kernel = Kernel(configuration, (loaded.strategy,))
    latency_ns = duration_ns(chosen.latency)
    venue = SimulatedVenue(
        configuration.instruments,
        int(FillModel[chosen.fill_model.upper()]),
        latency_ns,
        latency_ns,
    )
    recorder = Recorder(
        chosen.checkpoint_every,
        max(len(market.columns) // EQUITY_POINTS, 1),
        keep_outputs,
        progress,
    )
    engine = Engine(
        kernel,
        venue,
        market.columns,
        duration_ns(chosen.feed_latency),
        recorder,
        EventColumns() if keep_stream else None,
    )
    try:
        engine.run()
        failure = _failure_of(kernel)
    except TailChase as error:
        failure = StrategyError(chosen.strategy, 0, str(error))
    recorder.finish(kernel)
    seconds = time.perf_counter() - started
    books = check_books(market) if check_ticker else BookCheck()
    state_digest = kernel.state_digest().hex()
    return Result(
        summary_of(kernel, engine, recorder, market, chosen, loaded, books, seconds, state_digest),
        chosen,
        configuration,
        (loaded,),
        market,
        recorder.fills,
        recorder.requests,
        order_rows(kernel),
        recorder.equity,
        recorder.checkpoints,
        recorder.outputs,
        state_digest,
        failure,
        engine.stream,
    )


def _paths(
    data: Mapping[str, Sequence[Path | str]] | Sequence[Path | str] | Path | str,
) -> dict[str, list[Path]]:
    """Files by symbol, whatever form they were given in."""
    if isinstance(data, (str, Path)):
        return {"": [Path(data)]}
    if isinstance(data, Mapping):
        return {symbol: [Path(each) for each in paths] for symbol, paths in data.items()}
    return {"": [Path(each) for each in data]}


def _failure_of(kernel: Kernel) -> StrategyError | None:
    """What the user has to see of a strategy that failed."""
    if kernel.failure is None:
        return None
    return strategy_failure(kernel.failure)


def order_rows(kernel: Kernel) -> Rows:
    """Every order as State has it at the end."""
    return [
        (
            order.order_id,
            order.strategy,
            order.account,
            order.instrument,
            order.side,
            order.order_type,
            order.time_in_force,
            order.price,
            total(order),
            order.executed,
            order.life,
            int(status(to_ticket(order).order)),
            order.origin,
        )
        for order in kernel.execution.orders.values()
    ]


# --- summary -------------------------------------------------------------------------------------


def summary_of(
    kernel: Kernel,
    engine: Engine,
    recorder: Recorder,
    market: Market,
    settings: Settings,
    loaded: LoadedStrategy,
    books: BookCheck,
    seconds: float,
    state_digest: str,
) -> dict[str, Any]:
    """What `--json` prints; money as decimal text."""
    trades = sum(feed.counts.trades for feed in market.feeds)
    per_instrument = {
        each.symbol: instrument_summary(kernel, market, settings, each.id)
        for each in market.instruments
    }
    totals = _totals(kernel, market, settings)
    return {
        "positions": kernel.position,
        "market_events": len(market.columns),
        "book_updates": books.level_changes,
        "trades": trades,
        "orders": len(kernel.execution.orders),
        "requests": len(recorder.requests),
        "fills": len(recorder.fills),
        "denied": kernel.admission.denied,
        "refused": kernel.execution.refused,
        **totals,
        "instruments": per_instrument,
        "digest": kernel.chain_digest().hex(),
        "state_digest": state_digest,
        "dataset_hash": market.dataset_hash,
        "config_hash": run_hash(kernel.configuration, settings),
        "strategy_hash": loaded.code_identity,
        "seconds": round(seconds, 4),
        "events_per_s": round(kernel.position / seconds) if seconds else 0,
        "peak_rss_mb": peak_rss_mb(),
        "build": BUILD,
        "crossed_books": books.crossed,
        "sequence_gaps": sum(feed.counts.sequence_gaps for feed in market.feeds),
        "ticker_checked": books.checked,
        "ticker_equal": books.equal,
        "backwards_stamps": sum(feed.counts.backwards_stamps for feed in market.feeds),
        "strategy": settings.strategy,
        "parameters": dict(loaded.parameters),
        "fill_model": settings.fill_model,
        "latency": settings.latency,
        "feed_latency": settings.feed_latency,
        "maker_fee": settings.maker_fee,
        "taker_fee": settings.taker_fee,
        "balance_quote": settings.balance_quote,
        "balance_base": settings.balance_base,
    }


def run_hash(configuration: Configuration, settings: Settings) -> str:
    """Hash of all that was configured, the simulated venue included; not of strategy code."""
    venue = (settings.fill_model, settings.latency, settings.feed_latency, settings.on_gap)
    return hashlib.sha256(configuration_digest(configuration) + repr(venue).encode()).hexdigest()


def _amounts(kernel: Kernel, instrument: int) -> tuple[int, int, int]:
    """(fees, realised, unrealised) in quote units."""
    ledger = kernel.execution.ledger
    mark = kernel.markets[instrument].reference_price()
    unrealised = ledger.unrealised(0, instrument, mark) if mark > 0 else 0
    realised = ledger.realised[ledger.cell_of(0, instrument)]
    return fees_in_quote(kernel, instrument), realised, unrealised


def instrument_summary(
    kernel: Kernel, market: Market, settings: Settings, instrument: int
) -> dict[str, Any]:
    """Position and money of one instrument, as decimal text."""
    definition = market.instruments[instrument]
    decimals = market.assets[definition.quote].decimals
    fees, realised, unrealised = _amounts(kernel, instrument)
    position = kernel.execution.ledger.quantity_of(0, instrument)
    return {
        "position": unscaled(position, definition.quantity_decimals),
        "fees": unscaled(fees, decimals),
        "realised": unscaled(realised, decimals),
        "unrealised": unscaled(unrealised, decimals),
        "quote": market.assets[definition.quote].name,
    }


def _totals(kernel: Kernel, market: Market, settings: Settings) -> dict[str, Any]:
    """Sums over instruments where all are quoted in one asset; null where they are not.

    Equity is what the account started with in the quote asset and what trading made of it:
    realised and unrealised, less fees. `position` is given for a single instrument.
    """
    names = ("position", "fees", "realised", "unrealised", "equity")
    quotes = {each.quote for each in market.instruments}
    if len(quotes) != 1:
        return dict.fromkeys(names)
    decimals = market.assets[quotes.pop()].decimals
    sums = [0, 0, 0]
    for instrument in range(len(market.instruments)):
        for index, amount in enumerate(_amounts(kernel, instrument)):
            sums[index] += amount
    equity = int(settings.balance_quote) * 10**decimals + sums[1] + sums[2] - sums[0]
    position = None
    if len(market.instruments) == 1:
        held = kernel.execution.ledger.quantity_of(0, 0)
        position = unscaled(held, market.instruments[0].quantity_decimals)
    money = [unscaled(each, decimals) for each in (*sums, equity)]
    return dict(zip(names, (position, *money), strict=True))


def peak_rss_mb() -> float:
    """Most memory this process held so far, in MB; 0 where the platform does not tell."""
    try:
        resource = importlib.import_module("resource")
    except ImportError:
        return 0.0
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return round(int(peak) / (1024 * 1024 if sys.platform == "darwin" else 1024), 1)


def risk_limits(settings: Settings) -> RiskLimits:
    """The limits of the settings, field by field."""
    risk = settings.risk
    return RiskLimits(
        risk.price_collar_e8,
        risk.maximum_quantity,
        risk.maximum_notional,
        risk.maximum_position,
        risk.maximum_open_orders,
        risk.maximum_gross,
        risk.maximum_net,
        risk.maximum_loss,
        risk.maximum_drawdown,
        risk.self_trade_refused,
    )
