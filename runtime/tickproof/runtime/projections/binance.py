"""Orders and reports in the words of Binance spot.

What it decides: one word of Binance's for every code of ours, and "" where it has none. The tables
are total over their enumerations; `BACK` has the inverse of those that never say two things by one
word. `status` is a function, because Binance's status depends on more than ours: an order whose
list has not come to it is PENDING_NEW, one that self-trade prevention ended EXPIRED_IN_MATCH, and
what is pending, suspended or done for the day shows what it was. Pure values: nothing is sent or
read here.

Source: Binance spot API documentation, as of its changelog of July 2026.
"""

from __future__ import annotations

from attrs import frozen

from tickproof.spec.commands import OrderType, TimeInForce
from tickproof.spec.events import EventKind, Reason, Side
from tickproof.spec.instructions import INSTRUCTION_FIELDS, Prevention
from tickproof.spec.order_life import Status
from tickproof.spec.order_list import OrderListKind, OrderListState

NONE = ""
"""Binance spot has no word for it."""

ORDER_TYPES: dict[int, str] = {
    OrderType.LIMIT: "LIMIT",
    OrderType.MARKET: "MARKET",
    OrderType.LIMIT_MAKER: "LIMIT_MAKER",
    OrderType.STOP: "STOP_LOSS",
    OrderType.STOP_LIMIT: "STOP_LOSS_LIMIT",
    OrderType.TAKE_PROFIT: "TAKE_PROFIT",
    OrderType.TAKE_PROFIT_LIMIT: "TAKE_PROFIT_LIMIT",
}
"""`type`."""

TIMES_IN_FORCE: dict[int, str] = {
    TimeInForce.GTC: "GTC",
    TimeInForce.IOC: "IOC",
    TimeInForce.FOK: "FOK",
    TimeInForce.GTD: NONE,
    TimeInForce.AT_OPEN: NONE,
    TimeInForce.AT_CLOSE: NONE,
}
"""`timeInForce`; spot knows neither dates nor auctions."""

SIDES: dict[int, str] = {Side.NONE: NONE, Side.BUY: "BUY", Side.SELL: "SELL"}
"""`side`."""

EXECUTION_TYPES: dict[int, str] = {
    EventKind.ACCEPTED: "NEW",
    EventKind.HELD: "NEW",
    EventKind.TRIGGERED: "NEW",
    EventKind.FILLED: "TRADE",
    EventKind.FILL_VOIDED: NONE,
    EventKind.FILL_CORRECTED: NONE,
    EventKind.PREVENTED: "TRADE_PREVENTION",
    EventKind.CANCELED: "CANCELED",
    EventKind.EXPIRED: "EXPIRED",
    EventKind.REJECTED: "REJECTED",
    EventKind.REPLACED: "REPLACED",
    EventKind.CANCEL_REJECTED: NONE,
    EventKind.REPLACE_REJECTED: NONE,
    EventKind.SUSPENDED: NONE,
    EventKind.REINSTATED: NONE,
    EventKind.RESTATED: NONE,
    EventKind.DONE_FOR_DAY: NONE,
    EventKind.DISPATCH_FAILED: NONE,
    EventKind.OUTCOME_UNKNOWN: NONE,
    EventKind.STATUS_REPORT: NONE,
}
"""`x` of an executionReport; a refused cancel or replace is an error answer instead."""

PREVENTIONS: dict[int, str] = {each: each.name for each in Prevention}
"""`selfTradePreventionMode`."""

LISTS: dict[int, str] = {
    OrderListKind.OCO: "OCO",
    OrderListKind.OTO: "OTO",
    OrderListKind.OTOCO: "OTO",
}
"""`contingencyType`; an OTOCO is an OTO with three orders."""

LIST_STATUSES: dict[int, str] = {
    OrderListState.EXECUTING: "EXECUTING",
    OrderListState.ALL_DONE: "ALL_DONE",
    OrderListState.REJECTED: "REJECT",
}
"""`listOrderStatus`."""


@frozen
class ErrorAnswer:
    """`code` and `msg` of an answer that refuses."""

    code: int
    text: str


NO_ERROR = ErrorAnswer(0, NONE)

NEW_ERRORS: dict[int, ErrorAnswer] = {
    Reason.NONE: NO_ERROR,
    Reason.TOO_LATE: ErrorAnswer(-2010, "Order was not accepted in time."),
    Reason.UNKNOWN_ORDER: ErrorAnswer(-2010, "Unknown order sent."),
    Reason.WOULD_TAKE: ErrorAnswer(-2010, "Order would immediately match and take."),
    Reason.INSUFFICIENT_BALANCE: ErrorAnswer(
        -2010, "Account has insufficient balance for requested action."
    ),
    Reason.FILTER: ErrorAnswer(-1013, "Filter failure."),
    Reason.NO_LIQUIDITY: NO_ERROR,
    Reason.GOOD_TILL_DATE: ErrorAnswer(-2010, "Order date has passed."),
    Reason.INSTRUMENT_NOT_TRADING: ErrorAnswer(-2010, "Market is closed."),
    Reason.DUPLICATE: ErrorAnswer(-2010, "Duplicate order sent."),
    Reason.IMMEDIATE_REMAINDER: NO_ERROR,
    Reason.FILL_OR_KILL: NO_ERROR,
    Reason.SELF_TRADE: NO_ERROR,
    Reason.LIMIT_REACHED: ErrorAnswer(-2010, "Account has too many open orders on this symbol."),
    Reason.REDUCE_ONLY: ErrorAnswer(-2010, "Order would not reduce a position."),
    Reason.WOULD_TRIGGER: ErrorAnswer(-2010, "Stop price would trigger immediately."),
    Reason.AUCTION_OVER: NO_ERROR,
    Reason.ORDER_LIST: ErrorAnswer(-2010, "Another leg of the order list was refused."),
    Reason.OTHER: ErrorAnswer(-2010, "This action is disabled on this account."),
}
"""The answer to a NEW refused for a reason; `NO_ERROR` where it is accepted and then ends."""

CANCEL_ERRORS: dict[int, ErrorAnswer] = {
    each: NO_ERROR if each == Reason.NONE else ErrorAnswer(-2011, "Unknown order sent.")
    for each in Reason
}
"""The answer to a refused CANCEL: Binance tells an order that is gone from none by nothing."""

CANCEL_REPLACE_FAILED = ErrorAnswer(-2022, "Order cancel-replace failed.")
CANCEL_REPLACE_PARTIAL = ErrorAnswer(-2021, "Order cancel-replace partially failed.")
AMEND_REJECTED = ErrorAnswer(-2038, "The amendment was rejected.")
TIMED_OUT = ErrorAnswer(-1007, "Timeout waiting for response; the status is unknown.")
"""Outcome unknown: in doubt, not refused."""

FIELDS: dict[str, str] = {
    "trigger_price": "stopPrice",
    "trigger_on": NONE,
    "trailing_e4": "trailingDelta",
    "display": "icebergQty",
    "quote_quantity": "quoteOrderQty",
    "prevention": "selfTradePreventionMode",
    "list_id": "orderListId",
    "list_kind": "contingencyType",
    "list_leg": NONE,
}
"""The parameter each instruction is carried in; triggers always watch the last trade."""

_SHOWN: dict[int, str] = {
    Status.FILLED: "FILLED",
    Status.CANCELED: "CANCELED",
    Status.EXPIRED: "EXPIRED",
    Status.REJECTED: "REJECTED",
    Status.PENDING_CANCEL: "PENDING_CANCEL",
}

STATUSES: dict[int, str] = {
    **_SHOWN,
    Status.NONE: NONE,
    Status.PENDING_NEW: NONE,
    Status.NEW: "NEW",
    Status.PARTIALLY_FILLED: "PARTIALLY_FILLED",
    Status.SUSPENDED: NONE,
    Status.DONE_FOR_DAY: NONE,
    Status.PENDING_REPLACE: NONE,
    Status.STOPPED: NONE,
}
"""`status` where ours alone decides it; see the function for the others."""


def status(ours: int, executed: int = 0, reason: int = Reason.NONE, waiting_leg: int = 0) -> str:
    """`status` of an order; "" for one the venue has not acknowledged.

    `executed`: lots filled. `reason`: of the last report. `waiting_leg` 1: a leg of a list whose
    turn has not come. An unacknowledged order is ours alone: Binance's PENDING_NEW is not FIX's.
    """
    if ours in (Status.NONE, Status.PENDING_NEW):
        return NONE
    if ours == Status.EXPIRED and reason == Reason.SELF_TRADE:
        return "EXPIRED_IN_MATCH"
    if ours == Status.NEW and waiting_leg:
        return "PENDING_NEW"
    word = STATUSES[ours]
    return word or ("PARTIALLY_FILLED" if executed > 0 else "NEW")


BACK: dict[str, dict[str, int]] = {
    "order_type": {word: code for code, word in ORDER_TYPES.items()},
    "side": {word: code for code, word in SIDES.items()},
    "prevention": {word: code for code, word in PREVENTIONS.items()},
    "list_status": {word: code for code, word in LIST_STATUSES.items()},
    "time_in_force": {word: code for code, word in TIMES_IN_FORCE.items() if word},
    "status": {word: code for code, word in STATUSES.items() if word}
    | {"EXPIRED_IN_MATCH": Status.EXPIRED, "PENDING_NEW": Status.NEW},
}
"""Our codes by Binance's words, where no word says two things of ours."""


def missing_fields() -> tuple[str, ...]:
    """Instructions without an entry: none, or the tables are not total."""
    return tuple(name for name in INSTRUCTION_FIELDS if name not in FIELDS)
