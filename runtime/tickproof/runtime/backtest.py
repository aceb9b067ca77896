"""Backtests from Python: `run_backtest(...) -> Result`. The command line only calls this.

What it decides: how a user's settings, files and strategy become one Configuration, and what is
kept of a run. Money is integers until it is shown; `summary` shows it as decimal text.
"""

from __future__ import annotations

import time
from array import array
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from attrs import evolve, frozen

from tickproof.invariants.monitor import check_end, monitored
from tickproof.kernel.kernel import Kernel
from tickproof.runtime.data import files_of, read_market
from tickproof.runtime.delays import delays_of, feed_latency_ns
from tickproof.runtime.engine import Engine, TailChase
from tickproof.runtime.errors import InputError, MissingExtra, StrategyError
from tickproof.runtime.fee_settings import fee_schedules
from tickproof.runtime.loading import LoadedStrategy, load_strategy, strategy_failure
from tickproof.runtime.readers.feed import Market
from tickproof.runtime.recorder_clock import with_clocks
from tickproof.runtime.recording import (
    CHECKPOINT_COLUMNS,
    EQUITY_COLUMNS,
    FILL_COLUMNS,
    FUNDING_COLUMNS,
    ORDER_COLUMNS,
    OUTPUT_COLUMNS,
    REQUEST_COLUMNS,
    Outputs,
    Progress,
    Recorder,
    Rows,
    order_rows,
)
from tickproof.runtime.settings import BY_ORDER, Settings, checked, duration_ns, fraction_e8
from tickproof.runtime.summary import BookCheck, check_books, peak_rss_mb, summary_of
from tickproof.spec.configuration import (
    Bucket,
    Configuration,
    OnContradiction,
    OnStrategyError,
    RiskLimits,
    StrategySettings,
    Timing,
)
from tickproof.spec.instrument import Account, FeeAsset, QueueDeclaration
from tickproof.spec.price_queue import FillModel
from tickproof.spec.stream import EventColumns
from tickproof.spec.venue_rules import NO_RULES, VenueRules
from tickproof.venue.venue import SimulatedVenue

__all__ = [
    "CHECKPOINT_COLUMNS",
    "EQUITY_COLUMNS",
    "FILL_COLUMNS",
    "FUNDING_COLUMNS",
    "ORDER_COLUMNS",
    "OUTPUT_COLUMNS",
    "REQUEST_COLUMNS",
    "Progress",
    "Result",
    "Rows",
    "configuration_of",
    "peak_rss_mb",
    "read_market",
    "run_backtest",
]

EQUITY_POINTS = 2_000
"""About how many equity points are kept between fills."""


@frozen
class Result:
    """A run and what it left. Rows are tuples of integers; see the `*_COLUMNS` constants.

    `summary`: what `--json` prints. `failure`: what a strategy raised, None when all went well;
    everything else is then complete up to that position. `outputs`: every decision record, when
    asked for. `stream`: every Event in Processing Order, when asked for. `sent_ns`: when each
    Request of `request_rows` left for the venue.
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
    funding_rows: Rows
    checkpoints: Rows
    outputs: Outputs
    state_digest: str
    failure: StrategyError | None
    stream: EventColumns | None
    sent_ns: array[int]

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
    def funding(self) -> Any:
        """Funding paid and received as a pandas table; raises `MissingExtra`."""
        return frame(FUNDING_COLUMNS, self.funding_rows)

    @property
    def equity(self) -> Any:
        """Equity points as a pandas table, one row per instrument; raises `MissingExtra`."""
        return frame(EQUITY_COLUMNS, self.equity_rows)


def frame(columns: Sequence[str], rows: Rows) -> Any:
    """Rows as a pandas table; raises `MissingExtra`."""
    try:
        import pandas as pd  # noqa: PLC0415
    except ImportError as error:
        raise MissingExtra("run", "a pandas table") from error
    return pd.DataFrame.from_records(rows, columns=list(columns))


# --- configuration -------------------------------------------------------------------------------


def _declared(queue: QueueDeclaration, feed: str) -> QueueDeclaration:
    """The declaration of an instrument's queue under the setting `feed` [Q6].

    Per event: every change of a level alone, and growth as a departure and a new order.
    """
    if feed in ("as_read", BY_ORDER):
        return queue
    alone = int(feed == "per_event")
    return evolve(queue, per_event=alone, size_up_in_place_excluded=alone)


def configuration_of(
    settings: Settings, market: Market, strategies: Sequence[LoadedStrategy]
) -> Configuration:
    """The Configuration of a run; raises `InputError`."""
    fee_asset = FeeAsset[settings.fee_asset.upper()]
    assets, schedules = fee_schedules(settings, market)
    instruments = tuple(
        evolve(
            each,
            maker_fee_e8=fraction_e8(settings.maker_fee, "maker_fee"),
            taker_fee_e8=fraction_e8(settings.taker_fee, "taker_fee"),
            fee_asset=int(fee_asset),
            initial_margin_e8=fraction_e8(settings.margin, "margin"),
            queue=_declared(each.queue, settings.feed),
            fees=schedules[each.id],
        )
        for each in market.instruments
    )
    quotes = {each.quote for each in instruments}
    balances = []
    for asset in market.assets:
        name = "balance_quote" if asset.id in quotes else "balance_base"
        balances.append((0, asset.id, int(getattr(settings, name)) * 10**asset.decimals))
    balances += [
        (0, asset.id, int(settings.fee_discount.balance) * 10**asset.decimals)
        for asset in assets[len(market.assets) :]
    ]
    return Configuration(
        version=1,
        assets=assets,
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


# --- the run -------------------------------------------------------------------------------------


def run_backtest(
    data: Market | Mapping[str, Sequence[Path | str]] | Sequence[Path | str] | Path | str,
    settings: Settings | None = None,
    *,
    keep_outputs: bool = False,
    keep_stream: bool = False,
    check_ticker: bool = True,
    progress: Progress | None = None,
    stream_of: Callable[[Kernel], EventColumns] | None = None,
    **changes: Any,
) -> Result:
    """Run one backtest.

    `data`: raw log files of one session, such files by symbol, or a `Market` already read.
    `stream_of`: makes the stream that Events are appended to once the kernel has applied them.
    `changes`: settings by name, over `settings` (a strategy, a fill model, `param={...}`).
    Raises `InputError` for what cannot be run, `StrategyError` for a strategy that cannot be
    made, `PredicateBroken` where a step that is checked breaks an invariant (see `check`). A
    strategy that fails ends the run; the Result then has `failure` and everything up to
    that position.
    """
    chosen = checked(evolve(settings or Settings(), **changes))
    loaded = load_strategy(chosen.strategy, dict(chosen.param))
    market = data if isinstance(data, Market) else market_of(data, chosen, progress)
    market = with_clocks(market, chosen)
    configuration = configuration_of(chosen, market, (loaded,))
    started = time.perf_counter()
    kernel = monitored(configuration, (loaded.strategy,), chosen.check, chosen.check_every)
    equity_every = max(len(market.columns) // EQUITY_POINTS, 1)
    recorder = Recorder(chosen.checkpoint_every, equity_every, keep_outputs, progress)
    stream = EventColumns() if keep_stream else None
    if stream_of is not None:
        stream = stream_of(kernel)
    engine = Engine(
        kernel,
        venue_of(chosen, configuration),
        market.columns,
        feed_latency_ns(chosen),
        recorder,
        stream,
    )
    failure = _run(engine, loaded)
    check_end(kernel)
    recorder.finish(kernel)
    seconds = time.perf_counter() - started
    books = check_books(market) if check_ticker else BookCheck()
    recorder.note_unpaid(engine.venue.funding)
    state_digest = kernel.state_digest().hex()
    summary = summary_of(
        kernel, recorder, market, chosen, loaded, books, seconds, state_digest, failure
    )
    return Result(
        summary,
        chosen,
        configuration,
        (loaded,),
        market,
        recorder.fills,
        recorder.requests,
        order_rows(kernel),
        recorder.equity,
        recorder.funding,
        recorder.checkpoints,
        recorder.outputs,
        state_digest,
        failure,
        engine.stream,
        recorder.sent_ns,
    )


def _run(engine: Engine, loaded: LoadedStrategy) -> StrategyError | None:
    """Run to the end; what the user has to see of a strategy that failed."""
    try:
        engine.run()
    except TailChase as error:
        return strategy_failure(error, strategy=loaded.strategy)
    # A strategy that exits or closes itself has failed; Ctrl-C is the person at the terminal.
    except (SystemExit, GeneratorExit) as error:
        return strategy_failure(error, strategy=loaded.strategy)
    if engine.kernel.failure is None:
        return None
    return strategy_failure(engine.kernel.failure, strategy=loaded.strategy)


def market_of(
    data: Mapping[str, Sequence[Path | str]] | Sequence[Path | str] | Path | str,
    settings: Settings,
    progress: Progress | None = None,
) -> Market:
    """Read the files of a run as its settings say; raises `InputError`, `MissingExtra`."""
    return read_market(
        files_of(data),
        settings.on_gap,
        settings.columns,
        progress,
        settings.format,
        settings.multiplier,
        settings.funding == "paid",
        settings.feed == BY_ORDER,
    )


def venue_of(settings: Settings, configuration: Configuration) -> SimulatedVenue:
    """The simulated venue of a run; raises `InputError` where its data cannot say what it asks."""
    latency_ns = duration_ns(settings.latency)
    model = int(FillModel[settings.fill_model.upper()])
    if model == FillModel.EXACT and settings.feed != BY_ORDER:
        raise InputError("", 0, "fill_model", f"exact with feed {BY_ORDER} only", settings.feed)
    rules = rules_of(settings, configuration)
    return SimulatedVenue(
        configuration.instruments,
        model,
        latency_ns,
        latency_ns,
        rules,
        configuration.initial_balances,
        delays_of(settings),
        settings.funding == "paid",
    )


def rules_of(settings: Settings, configuration: Configuration) -> tuple[VenueRules, ...]:
    """The further filters of each instrument; raises `InputError` for a symbol that is none."""
    symbols = [each.symbol for each in configuration.instruments]
    for symbol in settings.venue:
        if symbol not in symbols:
            known = ", ".join(symbols)
            raise InputError("", 0, f"venue.{symbol}", f"a symbol of the data ({known})", symbol)
    return tuple(settings.venue.get(symbol, NO_RULES) for symbol in symbols)
