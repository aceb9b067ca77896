"""Orders and reports in the words of FIX (5.0 SP2 and its extension packs).

What it decides: one value of each FIX field for every code of ours, and "" where FIX has none or
another message is sent. The tables are total over their enumerations; `BACK` has the inverse of
those that never say two things by one word. Pure values: nothing is sent, parsed or read here.

Three things FIX says otherwise than by a value of a field, and what is chosen:

* a post-only order is OrdType Limit with ExecInst "6", participate don't initiate;
* a take-profit that becomes a limit order has no OrdType of its own: it is Limit with a trigger
  (TriggerType "4", price movement); one that becomes a market order is "J", market if touched;
* what may only reduce a position is PositionEffect "C".

Source: FIX field pages; FIX order state matrices for ExecType and OrdStatus.
"""

from __future__ import annotations

from attrs import frozen

from tickproof.spec.commands import OrderType, TimeInForce
from tickproof.spec.events import EventKind, Liquidity, Reason, Side
from tickproof.spec.instructions import INSTRUCTION_FIELDS, Prevention
from tickproof.spec.order_life import Status
from tickproof.spec.order_list import OrderListKind

NONE = ""
"""FIX has no word for it here."""


@frozen
class Terms:
    """How a type of order is asked for: OrdType (40), ExecInst (18), TriggerType (1100)."""

    ord_type: str
    exec_inst: str = NONE
    trigger_type: str = NONE


ORDER_TYPES: dict[int, Terms] = {
    OrderType.LIMIT: Terms("2"),
    OrderType.MARKET: Terms("1"),
    OrderType.LIMIT_MAKER: Terms("2", "6"),
    OrderType.STOP: Terms("3"),
    OrderType.STOP_LIMIT: Terms("4"),
    OrderType.TAKE_PROFIT: Terms("J"),
    OrderType.TAKE_PROFIT_LIMIT: Terms("2", NONE, "4"),
}
"""OrdType and what goes with it."""

TIMES_IN_FORCE: dict[int, str] = {
    TimeInForce.GTC: "1",
    TimeInForce.IOC: "3",
    TimeInForce.FOK: "4",
    TimeInForce.GTD: "6",
    TimeInForce.AT_OPEN: "2",
    TimeInForce.AT_CLOSE: "7",
}
"""TimeInForce (59)."""

SIDES: dict[int, str] = {Side.NONE: NONE, Side.BUY: "1", Side.SELL: "2"}
"""Side (54)."""

STATUSES: dict[int, str] = {
    Status.NONE: NONE,
    Status.PENDING_NEW: "A",
    Status.NEW: "0",
    Status.PARTIALLY_FILLED: "1",
    Status.FILLED: "2",
    Status.CANCELED: "4",
    Status.EXPIRED: "C",
    Status.REJECTED: "8",
    Status.SUSPENDED: "9",
    Status.DONE_FOR_DAY: "3",
    Status.PENDING_REPLACE: "E",
    Status.PENDING_CANCEL: "6",
    Status.STOPPED: "7",
}
"""OrdStatus (39)."""

CANCEL_REJECT = "9"
"""MsgType (35) OrderCancelReject: a refused cancel or replace is no ExecutionReport."""

EXECUTION_TYPES: dict[int, str] = {
    EventKind.ACCEPTED: "0",
    EventKind.HELD: "0",
    EventKind.TRIGGERED: "L",
    EventKind.FILLED: "F",
    EventKind.FILL_VOIDED: "H",
    EventKind.FILL_CORRECTED: "G",
    EventKind.PREVENTED: "D",
    EventKind.CANCELED: "4",
    EventKind.EXPIRED: "C",
    EventKind.REJECTED: "8",
    EventKind.REPLACED: "5",
    EventKind.CANCEL_REJECTED: NONE,
    EventKind.REPLACE_REJECTED: NONE,
    EventKind.SUSPENDED: "9",
    EventKind.REINSTATED: "D",
    EventKind.RESTATED: "D",
    EventKind.DONE_FOR_DAY: "3",
    EventKind.DISPATCH_FAILED: NONE,
    EventKind.OUTCOME_UNKNOWN: NONE,
    EventKind.STATUS_REPORT: "I",
}
"""ExecType (150) of an ExecutionReport; "" for what is another message, or none."""

CANCEL_RESPONSES: dict[int, str] = {EventKind.CANCEL_REJECTED: "1", EventKind.REPLACE_REJECTED: "2"}
"""CxlRejResponseTo (434) of an OrderCancelReject."""

ORDER_REJECT_REASONS: dict[int, str] = {
    Reason.NONE: NONE,
    Reason.TOO_LATE: "4",
    Reason.UNKNOWN_ORDER: "5",
    Reason.WOULD_TAKE: "99",
    Reason.INSUFFICIENT_BALANCE: "3",
    Reason.FILTER: "99",
    Reason.NO_LIQUIDITY: "99",
    Reason.GOOD_TILL_DATE: "4",
    Reason.INSTRUMENT_NOT_TRADING: "2",
    Reason.DUPLICATE: "6",
    Reason.IMMEDIATE_REMAINDER: "99",
    Reason.FILL_OR_KILL: "99",
    Reason.SELF_TRADE: "99",
    Reason.LIMIT_REACHED: "3",
    Reason.REDUCE_ONLY: "99",
    Reason.WOULD_TRIGGER: "99",
    Reason.AUCTION_OVER: "4",
    Reason.ORDER_LIST: "99",
    Reason.OTHER: "99",
}
"""OrdRejReason (103): 2 exchange closed, 3 over a limit, 4 too late, 5 unknown, 6 duplicate."""

CANCEL_REJECT_REASONS: dict[int, str] = {
    each: {Reason.TOO_LATE: "0", Reason.UNKNOWN_ORDER: "1", Reason.DUPLICATE: "6"}.get(each, "99")
    for each in Reason
}
"""CxlRejReason (102): 0 too late, 1 unknown order, 6 duplicate, 99 other."""

PREVENTIONS: dict[int, str] = {
    Prevention.NONE: NONE,
    Prevention.EXPIRE_TAKER: "1",
    Prevention.EXPIRE_MAKER: "2",
    Prevention.EXPIRE_BOTH: "3",
    Prevention.DECREMENT: NONE,
}
"""SelfMatchPreventionInstruction (2964); FIX does not lessen two orders by each other."""

LIQUIDITIES: dict[int, str] = {Liquidity.NONE: NONE, Liquidity.MAKER: "1", Liquidity.TAKER: "2"}
"""LastLiquidityInd (851)."""

LISTS: dict[int, str] = {
    OrderListKind.OCO: "1",
    OrderListKind.OTO: "2",
    OrderListKind.OTOCO: NONE,
}
"""ContingencyType (1385); an OTOCO is two groups, an OTO whose second is an OCO."""

REDUCE_ONLY = "C"
"""PositionEffect (77) of an order that may only reduce."""

FIELDS: dict[str, str] = {
    "trigger_price": "TriggerPrice (1102), StopPx (99)",
    "trigger_on": "TriggerPriceType (1107)",
    "trailing_e4": "PegOffsetValue (211), ExecInst a",
    "display": "DisplayQty (1138)",
    "quote_quantity": "CashOrderQty (152)",
    "prevention": "SelfMatchPreventionInstruction (2964)",
    "list_id": "ListID (66)",
    "list_kind": "ContingencyType (1385)",
    "list_leg": "ListSeqNo (67)",
}
"""The field each instruction is carried in; see `spec.instructions`."""

TRIGGER_PRICE_TYPES = ("2", NONE)
"""TriggerPriceType by `Trigger`: last trade is 2; the touch is a bid or an offer, by side."""

BACK: dict[str, dict[object, int]] = {
    "order_type": {terms: code for code, terms in ORDER_TYPES.items()},
    "time_in_force": {word: code for code, word in TIMES_IN_FORCE.items()},
    "side": {word: code for code, word in SIDES.items()},
    "status": {word: code for code, word in STATUSES.items()},
    "liquidity": {word: code for code, word in LIQUIDITIES.items()},
}
"""Inverses of the tables that never say two things by one word."""


def missing_fields() -> tuple[str, ...]:
    """Instructions without a field: none, or the tables are not total."""
    return tuple(name for name in INSTRUCTION_FIELDS if name not in FIELDS)
