"""State: the complete derived condition, in exactly three domains [4].

Market, Execution and Control. The Intent Queue, rate buckets and strategy memory are substates of
Execution [EC1], not a fourth domain. Nothing writes State but `step`; everything in it is in the
state digest, and every view of it is recomputable from the stream [S4].
"""

from __future__ import annotations

from collections.abc import Mapping

from attrs import field, frozen

from tickproof.spec.book import EMPTY, BookState
from tickproof.spec.configuration import Configuration
from tickproof.spec.dominance import Pending
from tickproof.spec.events import Side
from tickproof.spec.fill_life import FillLife
from tickproof.spec.instructions import PLAIN, Instructions
from tickproof.spec.instrument import Instrument, InstrumentState
from tickproof.spec.ledger import Ledger, canonical, transfer
from tickproof.spec.left_out import LEFT_OUT
from tickproof.spec.order_life import Order
from tickproof.spec.rate_bucket import BucketState
from tickproof.spec.rate_bucket import initial_state as full_bucket
from tickproof.spec.session import SessionState
from tickproof.spec.strategy import Canonical, Strategy, initial_memory
from tickproof.spec.time import Clock
from tickproof.spec.trading_state import TradingState

# --- market --------------------------------------------------------------------------------------


@frozen
class Filters:
    """The instrument's filters now; the units they count in never change [A]."""

    tick: int
    lot_step: int
    minimum_quantity: int
    maximum_quantity: int
    minimum_notional: int


@frozen
class InstrumentMarket:
    """What is known of one instrument's market. `last_trade`: (price, size, aggressor side).

    `last_bar`: (open, high, low, close, volume). `feed_whole` 0: the feed has a gap and the book
    is not to be trusted. Zeros before the first message.
    """

    filters: Filters
    book: BookState = EMPTY
    update_id: int = 0
    last_trade: tuple[int, int, int] = (0, 0, 0)
    last_bar: tuple[int, int, int, int, int] = (0, 0, 0, 0, 0)
    mark_price: int = 0
    funding_rate_e9: int = 0
    status: int = InstrumentState.CONTINUOUS
    feed_whole: int = 1


@frozen
class MarketState:
    """One entry per instrument, in Configuration order."""

    instruments: tuple[InstrumentMarket, ...]


# --- execution -----------------------------------------------------------------------------------


@frozen
class Ticket:
    """An Order with what it is about, which never changes, and what is kept beside its life.

    `reference_price`: what its locks are measured at where its own price does not say (MARKET,
    LINEAR sells). `as_of_ns`: event time of the last evidence applied [OL9]. `overdue_id`: the
    Request whose missing answer was surfaced. `expiring` 1: its date came and the kernel asked
    for a CANCEL [T8]. `instructions`: what the order asked of the venue when it was sent.
    """

    order: Order
    strategy: int
    account: int
    instrument: int
    side: int
    order_type: int
    time_in_force: int
    good_till_ns: int
    reduce_only: int
    reference_price: int = 0
    as_of_ns: int = 0
    overdue_id: int = 0
    expiring: int = 0
    instructions: Instructions = field(default=PLAIN, metadata={LEFT_OUT: True})


FillKey = tuple[int, int, int, int, int]
"""(venue, account, instrument, venue trade id, order id) [OL4]."""


Coordinates = tuple[int, int, int]
"""(account, instrument, venue order id): what a venue order is known by."""


@frozen
class FillRecord:
    """One fill as it counts now. `realised`: profit it realised when booked; a void gives it back.

    `inferred` 1: concluded from a status report; real fills replace it [OL9].
    """

    life: int
    leg: int = 0
    side: int = Side.NONE
    price: int = 0
    quantity: int = 0
    fee: int = 0
    fee_asset: int = 0
    realised: int = 0
    inferred: int = 0


UNSEEN_FILL = FillRecord(FillLife.ABSENT)


@frozen
class StrategyState:
    """`memory`: field values in declaration order. `seen`: events counted for EVERY_NTH.

    `predicate` 1: its predicate held after the last event. `last_key`: greatest key used.
    """

    memory: tuple[Canonical, ...]
    enabled: int = 1
    timer_ns: int = 0
    seen: int = 0
    predicate: int = 0
    last_key: int = 0


@frozen
class EquityTrack:
    """Equity of an account in one quote asset as risk has seen it: at first, and at its peak."""

    initial: int
    peak: int


@frozen
class ExecutionState:
    """Orders by id, fills by identity, `aliases` from a correction's trade id to its fill's.

    `externals`: from (account, instrument, venue order id) to the negative id under which an order
    nobody here sent is known; venues number orders by instrument, so its coordinates belong to it.
    `queue`: the Intent Queue by order id. `intents`: how many Intents there were; an Intent's id
    is also its Request's. `refused`, `denied`, `surfaced`: counters.
    """

    ledger: Ledger
    strategies: tuple[StrategyState, ...]
    buckets: tuple[BucketState, ...]
    orders: Mapping[int, Ticket] = field(factory=dict)
    fills: Mapping[FillKey, FillRecord] = field(factory=dict)
    aliases: Mapping[FillKey, int] = field(factory=dict)
    externals: Mapping[Coordinates, int] = field(factory=dict)
    queue: Mapping[int, Pending] = field(factory=dict)
    equity: Mapping[tuple[int, int], EquityTrack] = field(factory=dict)
    intents: int = 0
    refused: int = 0
    denied: int = 0
    surfaced: int = 0


# --- control -------------------------------------------------------------------------------------


@frozen
class ControlState:
    """Time, session, trading state, Configuration version, connections by venue id."""

    clock: Clock = field(factory=Clock)
    session: int = SessionState.READY
    trading_state: int = TradingState.ACTIVE
    configuration_version: int = 0
    connections: Mapping[int, int] = field(factory=dict)
    restarts: int = 0


# --- the whole -----------------------------------------------------------------------------------


@frozen
class State:
    """State after `position` events: State(n) = fold(step, Configuration, stream[0..n])."""

    position: int
    market: MarketState
    execution: ExecutionState
    control: ControlState


def filters_of(instrument: Instrument) -> Filters:
    """The filters an instrument starts with."""
    return Filters(
        instrument.tick,
        instrument.lot_step,
        instrument.minimum_quantity,
        instrument.maximum_quantity,
        instrument.minimum_notional,
    )


def initial_ledger(configuration: Configuration) -> Ledger:
    """Initial balances are transfers: part of the Configuration anchor [S2, A2]."""
    ledger = Ledger()
    for account, asset, amount in configuration.initial_balances:
        ledger = transfer(ledger, account, asset, amount).ledger
    return canonical(ledger)


def initial_state(configuration: Configuration, strategies: tuple[Strategy, ...]) -> State:
    """State(0): the Configuration anchor, before any Event.

    `strategies` in Configuration order; each memory starts with its type's defaults. Raises
    TypeError when one cannot be owned by State (see `strategy.initial_memory`).
    """
    markets = tuple(InstrumentMarket(filters_of(each)) for each in configuration.instruments)
    memories = tuple(StrategyState(initial_memory(each)) for each in strategies)
    return State(
        0,
        MarketState(markets),
        ExecutionState(
            ledger=initial_ledger(configuration),
            strategies=memories,
            buckets=tuple(full_bucket(bucket) for bucket in configuration.buckets),
        ),
        ControlState(configuration_version=configuration.version),
    )
