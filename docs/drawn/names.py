"""What FIX and Binance call what we have: drawn from the projections."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from enum import IntEnum

from docs.drawn.markdown import code, table
from tickproof.runtime.projections import binance, fix
from tickproof.spec.commands import OrderType, TimeInForce
from tickproof.spec.events import EventKind, Reason
from tickproof.spec.instructions import INSTRUCTION_FIELDS, Prevention
from tickproof.spec.order_life import Status
from tickproof.spec.order_list import OrderListKind, OrderListState

Word = Callable[[int], str]


def pages() -> dict[str, str]:
    """names.md."""
    return {"names.md": names()}


def said(word: object) -> str:
    """A word as code, a dash where there is none."""
    return code(word) if word else "\u2013"


def rows(codes: Iterable[IntEnum], *words: Word) -> list[tuple[str, ...]]:
    """A row per code: its name, then what each calls it."""
    return [(code(each.name), *(said(word(each)) for word in words)) for each in codes]


def fix_order_type(each: int) -> str:
    """OrdType, and what goes with it."""
    terms = fix.ORDER_TYPES[each]
    parts = [terms.ord_type]
    if terms.exec_inst:
        parts.append(f"ExecInst {terms.exec_inst}")
    if terms.trigger_type:
        parts.append(f"TriggerType {terms.trigger_type}")
    return ", ".join(parts)


def fix_report(each: int) -> str:
    """ExecType, or the message it is instead."""
    if each in fix.CANCEL_RESPONSES:
        return f"MsgType {fix.CANCEL_REJECT}, CxlRejResponseTo {fix.CANCEL_RESPONSES[each]}"
    return fix.EXECUTION_TYPES[each]


def binance_error(each: int) -> str:
    """Code and text of the answer to a refused NEW."""
    error = binance.NEW_ERRORS[each]
    return f"{error.code} {error.text}" if error.code else ""


def names() -> str:
    """All of them."""
    reports = [EventKind(kind) for kind in sorted(fix.EXECUTION_TYPES)]
    fields = [(code(n), said(fix.FIELDS[n]), said(binance.FIELDS[n])) for n in INSTRUCTION_FIELDS]
    return "\n\n".join(
        [
            "# What others call it",
            (
                "`tickproof.runtime.projections` has these as tables, total over our codes, and "
                "the way back where one word never says two things. A dash: there is no word."
            ),
            "## Order types",
            table(
                ("here", "FIX OrdType (40)", "Binance `type`"),
                rows(OrderType, fix_order_type, binance.ORDER_TYPES.__getitem__),
            ),
            "## Times in force",
            table(
                ("here", "FIX TimeInForce (59)", "Binance `timeInForce`"),
                rows(
                    TimeInForce,
                    fix.TIMES_IN_FORCE.__getitem__,
                    binance.TIMES_IN_FORCE.__getitem__,
                ),
            ),
            "## Instructions",
            table(("here", "FIX", "Binance"), fields),
            (
                "A good-till date is ExpireTime (126) in FIX; an order that may only reduce is "
                f"PositionEffect (77) `{fix.REDUCE_ONLY}`."
            ),
            "## Self-trade prevention",
            table(
                ("here", "FIX (2964)", "Binance `selfTradePreventionMode`"),
                rows(Prevention, fix.PREVENTIONS.__getitem__, binance.PREVENTIONS.__getitem__),
            ),
            "## Order lists",
            table(
                ("here", "FIX ContingencyType (1385)", "Binance `contingencyType`"),
                rows(OrderListKind, fix.LISTS.__getitem__, binance.LISTS.__getitem__),
            ),
            table(
                ("here", "Binance `listOrderStatus`"),
                rows(OrderListState, binance.LIST_STATUSES.__getitem__),
            ),
            "## States",
            table(
                ("here", "FIX OrdStatus (39)", "Binance `status`"),
                rows(Status, fix.STATUSES.__getitem__, binance.status),
            ),
            (
                "On Binance an expired order is `EXPIRED_IN_MATCH` where self-trade prevention "
                "ended it, and a leg of a list whose turn has not come is `PENDING_NEW`; what is "
                "pending or suspended here shows `PARTIALLY_FILLED` there once something is filled."
            ),
            "## Reports",
            table(
                ("here", "FIX ExecType (150)", "Binance `x`"),
                rows(reports, fix_report, binance.EXECUTION_TYPES.__getitem__),
            ),
            "## Reasons of a refused order",
            table(
                ("here", "FIX OrdRejReason (103)", "Binance error"),
                rows(Reason, fix.ORDER_REJECT_REASONS.__getitem__, binance_error),
            ),
        ]
    )
