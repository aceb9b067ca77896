"""Events: the only source of State Transitions [E1], as integers only.

An `Event` is an envelope (times, source, sequence, epoch) and a `Body`. Each body is a frozen
type with integer fields; its canonical form is `payload`, a flat tuple of integers in field
order, so an event stream is columns of int64 and nothing else. Book messages end in a flat run
of (side, price, size) triples: one source message is one Event, whatever its level count.

Sections: kinds, shared codes, market bodies, execution body, account bodies, control bodies,
envelope, codec. Source: concept page section 3.
"""

from __future__ import annotations

from enum import IntEnum
from typing import ClassVar, TypeVar

from attrs import field, fields, frozen

INT64_MAX = 9_223_372_036_854_775_807

# --- kinds ---------------------------------------------------------------------------------------


class EventKind(IntEnum):
    """Every event kind; the tens tell the category (see `category`)."""

    BOOK_SNAPSHOT = 1
    BOOK_DELTA = 2
    BOOK_ORDER_ADD = 3
    BOOK_ORDER_MODIFY = 4
    BOOK_ORDER_CANCEL = 5
    BOOK_ORDER_EXECUTE = 6
    TRADE = 7
    TOP_OF_BOOK = 8
    BAR = 9
    INSTRUMENT_DEFINITION = 10
    INSTRUMENT_STATUS = 11
    MARK_PRICE = 12
    FUNDING_RATE = 13
    FEED_GAP = 14
    FEED_RESUMED = 15

    ACCEPTED = 20
    HELD = 21
    TRIGGERED = 22
    FILLED = 23
    FILL_VOIDED = 24
    FILL_CORRECTED = 25
    PREVENTED = 26
    CANCELED = 27
    EXPIRED = 28
    REJECTED = 29
    REPLACED = 30
    CANCEL_REJECTED = 31
    REPLACE_REJECTED = 32
    SUSPENDED = 33
    REINSTATED = 34
    RESTATED = 35
    DONE_FOR_DAY = 36
    DISPATCH_FAILED = 37
    OUTCOME_UNKNOWN = 38
    STATUS_REPORT = 39

    BALANCE_SNAPSHOT = 50
    TRANSFER = 51
    FUNDING_PAID = 52
    SETTLEMENT = 53
    LIQUIDATION = 54
    FEE_ADJUSTED = 55

    SESSION_STARTED = 70
    SESSION_PAUSED = 71
    SESSION_RESUMED = 72
    SESSION_STOPPED = 73
    CONTROL_TIME = 74
    TRADING_STATE_CHANGED = 75
    CONFIGURATION_CHANGED = 76
    CONNECTION_CHANGED = 77
    OPERATOR_DISPOSITION = 78
    RESTARTED = 79
    CHECKPOINT = 80


FIRST_EXECUTION_KIND = 20
FIRST_ACCOUNT_KIND = 50
FIRST_CONTROL_KIND = 70


class EventClass(IntEnum):
    """Rank of an event's class at equal capture stamps: market before execution before control."""

    MARKET = 0
    EXECUTION = 1
    CONTROL = 2


def event_class(kind: int) -> EventClass:
    """The class of `kind`; account events rank with execution."""
    if kind < FIRST_EXECUTION_KIND:
        return EventClass.MARKET
    if kind < FIRST_CONTROL_KIND:
        return EventClass.EXECUTION
    return EventClass.CONTROL


# --- shared codes --------------------------------------------------------------------------------


class Side(IntEnum):
    """Side of an order, a level or an aggressor; NONE where a source does not say."""

    NONE = 0
    BUY = 1
    SELL = -1


class TradeKind(IntEnum):
    """How a print came about; only CONTINUOUS prints consume resting liquidity [Q6]."""

    CONTINUOUS = 0
    AUCTION = 1
    BLOCK = 2
    INSURANCE = 3


class Liquidity(IntEnum):
    """Which side of a fill an order was."""

    NONE = 0
    MAKER = 1
    TAKER = 2


class FillCause(IntEnum):
    """Why a simulated order filled; every fill names one [Q9]."""

    VENUE = 0
    PRINT = 1
    CROSSED_BOOK = 2
    SWEEP = 3
    AUCTION = 4


class Reason(IntEnum):
    """Venue-neutral reason of a refusal or an unsolicited change carried by an execution event."""

    NONE = 0
    TOO_LATE = 1
    UNKNOWN_ORDER = 2
    WOULD_TAKE = 3
    INSUFFICIENT_BALANCE = 4
    FILTER = 5
    NO_LIQUIDITY = 6
    GOOD_TILL_DATE = 7
    INSTRUMENT_NOT_TRADING = 8
    DUPLICATE = 9
    IMMEDIATE_REMAINDER = 10
    FILL_OR_KILL = 11
    SELF_TRADE = 12
    LIMIT_REACHED = 13
    REDUCE_ONLY = 14
    WOULD_TRIGGER = 15
    AUCTION_OVER = 16
    ORDER_LIST = 17
    OTHER = 99


class ExecutionFlag(IntEnum):
    """Bits of `Execution.flags`, added together."""

    RESTORES = 1
    ACTIVE = 2
    INFERRED = 4


NOT_CARRIED = -1
"""Value of `Execution.total` and `Execution.leaves` when the report does not carry them."""

# --- market bodies -------------------------------------------------------------------------------


@frozen
class BookSnapshot:
    """A whole book. `levels`: flat (side, price, size) triples, absolute sizes in lots."""

    KIND: ClassVar[int] = EventKind.BOOK_SNAPSHOT
    instrument: int
    update_id: int
    levels: tuple[int, ...] = ()


@frozen
class BookDelta:
    """Absolute sizes of changed levels; size 0 deletes. Ids as the venue numbers them."""

    KIND: ClassVar[int] = EventKind.BOOK_DELTA
    instrument: int
    first_update_id: int
    last_update_id: int
    levels: tuple[int, ...] = ()


@frozen
class BookOrderAdd:
    """Order-by-order feed: an order joins the back of its level."""

    KIND: ClassVar[int] = EventKind.BOOK_ORDER_ADD
    instrument: int
    order_reference: int
    side: int
    price: int
    size: int


@frozen
class BookOrderModify:
    """Order-by-order feed: an order's price or size changed."""

    KIND: ClassVar[int] = EventKind.BOOK_ORDER_MODIFY
    instrument: int
    order_reference: int
    side: int
    price: int
    size: int


@frozen
class BookOrderCancel:
    """Order-by-order feed: `size` lots of an order left without trading (all when 0)."""

    KIND: ClassVar[int] = EventKind.BOOK_ORDER_CANCEL
    instrument: int
    order_reference: int
    side: int
    price: int
    size: int


@frozen
class BookOrderExecute:
    """Order-by-order feed: `size` lots of a resting order traded."""

    KIND: ClassVar[int] = EventKind.BOOK_ORDER_EXECUTE
    instrument: int
    order_reference: int
    side: int
    price: int
    size: int


@frozen
class Trade:
    """A print. `side` is the aggressor's, NONE when unknown."""

    KIND: ClassVar[int] = EventKind.TRADE
    instrument: int
    price: int
    size: int
    side: int
    trade_kind: int
    trade_id: int


@frozen
class TopOfBook:
    """Best bid and ask as the venue reports them; 0 where a side is empty."""

    KIND: ClassVar[int] = EventKind.TOP_OF_BOOK
    instrument: int
    bid_price: int
    bid_size: int
    ask_price: int
    ask_size: int


@frozen
class Bar:
    """A closed bar; the event's time is its close."""

    KIND: ClassVar[int] = EventKind.BAR
    instrument: int
    open: int
    high: int
    low: int
    close: int
    volume: int
    interval_ns: int


@frozen
class InstrumentDefinition:
    """New filter values of an instrument; price unit and lot never change [A]."""

    KIND: ClassVar[int] = EventKind.INSTRUMENT_DEFINITION
    instrument: int
    tick: int
    lot_step: int
    minimum_quantity: int
    maximum_quantity: int
    minimum_notional: int


@frozen
class InstrumentStatus:
    """`status`: code of `spec.instrument.InstrumentState`."""

    KIND: ClassVar[int] = EventKind.INSTRUMENT_STATUS
    instrument: int
    status: int


@frozen
class MarkPrice:
    """Mark price used for revaluation."""

    KIND: ClassVar[int] = EventKind.MARK_PRICE
    instrument: int
    price: int


@frozen
class FundingRate:
    """Announced funding rate in parts per 10**9, and when it is paid."""

    KIND: ClassVar[int] = EventKind.FUNDING_RATE
    instrument: int
    rate_e9: int
    next_time_ns: int


@frozen
class FeedGap:
    """The feed lost messages; the book is not to be trusted until it resumes."""

    KIND: ClassVar[int] = EventKind.FEED_GAP
    instrument: int
    expected_update_id: int
    got_update_id: int


@frozen
class FeedResumed:
    """The feed is whole again."""

    KIND: ClassVar[int] = EventKind.FEED_RESUMED
    instrument: int
    update_id: int


# --- execution body ------------------------------------------------------------------------------


@frozen
class Execution:
    """What a venue (or the runtime) says about one order: kinds ACCEPTED to OUTCOME_UNKNOWN.

    `request_id` 0: unsolicited. `order_id` 0: the adapter could not tell; `venue_order_id` may.
    `quantity`: lots filled, voided, prevented; for a correction the new quantity. `total`: new
    total for Accepted, Replaced, Restated, `NOT_CARRIED` otherwise. `leaves`: the venue's leaves
    where carried. `reference`: the trade id a void or correction names. `fee` in units of
    `fee_asset`. `leg`: index of the venue leg a report is about, 0 the first.
    """

    kind: int
    account: int
    instrument: int
    order_id: int
    request_id: int = 0
    venue_order_id: int = 0
    leg: int = 0
    trade_id: int = 0
    reference: int = 0
    side: int = 0
    price: int = 0
    quantity: int = 0
    total: int = NOT_CARRIED
    leaves: int = NOT_CARRIED
    fee: int = 0
    fee_asset: int = 0
    liquidity: int = 0
    cause: int = 0
    reason: int = 0
    flags: int = 0


@frozen
class StatusReport:
    """Answer to a status query; expands into ordinary execution rows [OL9].

    `found` 0: the venue does not know the order. `life`: code of `order_life.Life`.
    """

    KIND: ClassVar[int] = EventKind.STATUS_REPORT
    account: int
    instrument: int
    order_id: int
    venue_order_id: int
    found: int
    life: int
    executed: int
    total: int
    price: int
    average_price: int
    fee: int
    fee_asset: int
    as_of_ns: int
    query_sent_ns: int


# --- account bodies ------------------------------------------------------------------------------


@frozen
class BalanceSnapshot:
    """The venue's balance of one asset; differences go to the difference account [A6]."""

    KIND: ClassVar[int] = EventKind.BALANCE_SNAPSHOT
    account: int
    asset: int
    total: int


@frozen
class Transfer:
    """Deposit (positive) or withdrawal (negative): the only change of an asset's sum [A2]."""

    KIND: ClassVar[int] = EventKind.TRANSFER
    account: int
    asset: int
    amount: int


@frozen
class FundingPaid:
    """Funding received (positive) or paid (negative) on a position."""

    KIND: ClassVar[int] = EventKind.FUNDING_PAID
    account: int
    instrument: int
    asset: int
    amount: int


@frozen
class Settlement:
    """A position is closed at `price` by the venue."""

    KIND: ClassVar[int] = EventKind.SETTLEMENT
    account: int
    instrument: int
    price: int


@frozen
class Liquidation:
    """`quantity` lots (signed) of a position are closed at `price` by the venue, for `fee`."""

    KIND: ClassVar[int] = EventKind.LIQUIDATION
    account: int
    instrument: int
    price: int
    quantity: int
    fee: int
    fee_asset: int


@frozen
class FeeAdjusted:
    """A fee rebate (negative) or extra charge (positive) after the fact."""

    KIND: ClassVar[int] = EventKind.FEE_ADJUSTED
    account: int
    asset: int
    amount: int
    reference: int


# --- control bodies ------------------------------------------------------------------------------


@frozen
class SessionStarted:
    """The session runs."""

    KIND: ClassVar[int] = EventKind.SESSION_STARTED
    session: int


@frozen
class SessionPaused:
    """Consultation and NEW or REPLACE dispatch stop; everything else goes on."""

    KIND: ClassVar[int] = EventKind.SESSION_PAUSED
    session: int


@frozen
class SessionResumed:
    """The session runs again."""

    KIND: ClassVar[int] = EventKind.SESSION_RESUMED
    session: int


@frozen
class SessionStopped:
    """The session ends."""

    KIND: ClassVar[int] = EventKind.SESSION_STOPPED
    session: int


@frozen
class ControlTime:
    """The answer to a Scheduling Obligation: time has reached `deadline_ns` [T5]."""

    KIND: ClassVar[int] = EventKind.CONTROL_TIME
    deadline_ns: int


@frozen
class TradingStateChanged:
    """`state`: code of `trading_state.TradingState`."""

    KIND: ClassVar[int] = EventKind.TRADING_STATE_CHANGED
    state: int


@frozen
class ConfigurationChanged:
    """A new Configuration version takes effect at this position."""

    KIND: ClassVar[int] = EventKind.CONFIGURATION_CHANGED
    version: int


@frozen
class ConnectionChanged:
    """`state`: 0 DISCONNECTED to 6 CLOSED, as in the connection table."""

    KIND: ClassVar[int] = EventKind.CONNECTION_CHANGED
    venue: int
    state: int


@frozen
class OperatorDisposition:
    """An operator settles an order: `action` 0 declares it dead, 1 keeps it, doubts cleared."""

    KIND: ClassVar[int] = EventKind.OPERATOR_DISPOSITION
    order_id: int
    action: int


@frozen
class Restarted:
    """The process came back; every unanswered durable Request is in doubt [OL12]."""

    KIND: ClassVar[int] = EventKind.RESTARTED
    restarts: int


@frozen
class Checkpoint:
    """Both digests are computed here."""

    KIND: ClassVar[int] = EventKind.CHECKPOINT
    number: int


Body = (
    BookSnapshot
    | BookDelta
    | BookOrderAdd
    | BookOrderModify
    | BookOrderCancel
    | BookOrderExecute
    | Trade
    | TopOfBook
    | Bar
    | InstrumentDefinition
    | InstrumentStatus
    | MarkPrice
    | FundingRate
    | FeedGap
    | FeedResumed
    | Execution
    | StatusReport
    | BalanceSnapshot
    | Transfer
    | FundingPaid
    | Settlement
    | Liquidation
    | FeeAdjusted
    | SessionStarted
    | SessionPaused
    | SessionResumed
    | SessionStopped
    | ControlTime
    | TradingStateChanged
    | ConfigurationChanged
    | ConnectionChanged
    | OperatorDisposition
    | Restarted
    | Checkpoint
)

BodyT = TypeVar("BodyT", bound=Body)

_PLAIN_BODIES: tuple[type[Body], ...] = (
    BookSnapshot,
    BookDelta,
    BookOrderAdd,
    BookOrderModify,
    BookOrderCancel,
    BookOrderExecute,
    Trade,
    TopOfBook,
    Bar,
    InstrumentDefinition,
    InstrumentStatus,
    MarkPrice,
    FundingRate,
    FeedGap,
    FeedResumed,
    StatusReport,
    BalanceSnapshot,
    Transfer,
    FundingPaid,
    Settlement,
    Liquidation,
    FeeAdjusted,
    SessionStarted,
    SessionPaused,
    SessionResumed,
    SessionStopped,
    ControlTime,
    TradingStateChanged,
    ConfigurationChanged,
    ConnectionChanged,
    OperatorDisposition,
    Restarted,
    Checkpoint,
)

BODY_TYPES: dict[int, type[Body]] = {
    **{int(EventKind(kind)): Execution for kind in range(20, 39)},
    **{int(body.KIND): body for body in _PLAIN_BODIES},  # type: ignore[union-attr]
}
"""Body type of every kind."""

FIELD_NAMES: dict[int, tuple[str, ...]] = {
    kind: tuple(a.name for a in fields(body) if a.name not in ("kind", "levels"))
    for kind, body in BODY_TYPES.items()
}
"""Payload field names of every kind, in payload order; `levels` triples follow where they exist."""

# --- envelope ------------------------------------------------------------------------------------


@frozen
class Event:
    """One element of the Event Stream; its position is its index there.

    `event_time_ns` is the venue's clock, `capture_time_ns` the receiver's: the stamp that orders
    recorded sources and advances the kernel's `now`. `source` numbers the recorded file, feed or
    venue the message came from, `sequence` its message index there, `epoch` the connection.
    """

    event_time_ns: int
    capture_time_ns: int
    source: int
    sequence: int
    epoch: int
    body: Body

    kind: int = field(init=False, eq=False, repr=False)

    def __attrs_post_init__(self) -> None:
        body = self.body
        kind = body.kind if isinstance(body, Execution) else body.KIND
        object.__setattr__(self, "kind", int(kind))


# --- codec ---------------------------------------------------------------------------------------


def payload(body: Body) -> tuple[int, ...]:
    """The canonical integers of a body, in field order, book levels last."""
    if isinstance(body, Execution):
        names = FIELD_NAMES[int(body.kind)]
    else:
        names = FIELD_NAMES[int(body.KIND)]
    flat = tuple(int(getattr(body, name)) for name in names)
    if isinstance(body, (BookSnapshot, BookDelta)):
        return flat + tuple(int(value) for value in body.levels)
    return flat


def body_of(kind: int, values: tuple[int, ...]) -> Body:
    """The body of `kind` whose payload is `values`; inverse of `payload`.

    Raises KeyError for an unknown kind, ValueError for a payload of the wrong length.
    """
    body_type = BODY_TYPES[kind]
    count = len(FIELD_NAMES[kind])
    if body_type is BookSnapshot or body_type is BookDelta:
        if len(values) < count or (len(values) - count) % 3:
            raise ValueError(f"event kind {kind}: {len(values)} integers, expected {count} + 3n")
        return body_type(*values[:count], tuple(values[count:]))  # type: ignore[call-arg,arg-type]
    if len(values) != count:
        raise ValueError(f"event kind {kind}: {len(values)} integers, expected {count}")
    if body_type is Execution:
        return Execution(kind, *values)
    return body_type(*values)  # type: ignore[arg-type]
