"""What FIX and Binance call things: every code has an entry, and words lead back to it."""

from enum import IntEnum
from pathlib import Path
from typing import Any

import pytest

import tickproof.runtime.projections
from tickproof.runtime.projections import binance, fix
from tickproof.spec.commands import OrderType, TimeInForce
from tickproof.spec.events import EventKind, Liquidity, Reason, Side
from tickproof.spec.instructions import Prevention, Trigger
from tickproof.spec.order_life import Status
from tickproof.spec.order_list import OrderListKind, OrderListState

EXECUTIONS = [EventKind(kind) for kind in range(EventKind.ACCEPTED, EventKind.STATUS_REPORT + 1)]

TOTAL: list[tuple[dict[int, Any], Any]] = [
    (fix.ORDER_TYPES, OrderType),
    (fix.TIMES_IN_FORCE, TimeInForce),
    (fix.SIDES, Side),
    (fix.STATUSES, Status),
    (fix.EXECUTION_TYPES, EXECUTIONS),
    (fix.ORDER_REJECT_REASONS, Reason),
    (fix.CANCEL_REJECT_REASONS, Reason),
    (fix.PREVENTIONS, Prevention),
    (fix.LIQUIDITIES, Liquidity),
    (fix.LISTS, OrderListKind),
    (binance.ORDER_TYPES, OrderType),
    (binance.TIMES_IN_FORCE, TimeInForce),
    (binance.SIDES, Side),
    (binance.STATUSES, Status),
    (binance.EXECUTION_TYPES, EXECUTIONS),
    (binance.NEW_ERRORS, Reason),
    (binance.CANCEL_ERRORS, Reason),
    (binance.PREVENTIONS, Prevention),
    (binance.LISTS, OrderListKind),
    (binance.LIST_STATUSES, OrderListState),
]


@pytest.mark.parametrize("number", range(len(TOTAL)))
def test_every_code_has_an_entry_and_nothing_else_has(number: int) -> None:
    table, codes = TOTAL[number]
    assert sorted(table) == sorted(map(int, codes))
    assert fix.missing_fields() == binance.missing_fields() == ()
    assert len(fix.TRIGGER_PRICE_TYPES) == len(Trigger)


@pytest.mark.parametrize(
    ("table", "back"),
    [
        (fix.ORDER_TYPES, fix.BACK["order_type"]),
        (fix.TIMES_IN_FORCE, fix.BACK["time_in_force"]),
        (fix.SIDES, fix.BACK["side"]),
        (fix.STATUSES, fix.BACK["status"]),
        (fix.LIQUIDITIES, fix.BACK["liquidity"]),
        (binance.ORDER_TYPES, binance.BACK["order_type"]),
        (binance.SIDES, binance.BACK["side"]),
        (binance.PREVENTIONS, binance.BACK["prevention"]),
        (binance.LIST_STATUSES, binance.BACK["list_status"]),
    ],
)
def test_a_table_that_says_one_thing_by_one_word_goes_both_ways(
    table: dict[int, Any], back: dict[Any, int]
) -> None:
    assert len({*table.values()}) == len(table)
    assert {word: code for code, word in table.items()} == back


@pytest.mark.parametrize(
    ("codes", "word_of", "back"),
    [
        (TimeInForce, binance.TIMES_IN_FORCE.__getitem__, binance.BACK["time_in_force"]),
        (Status, binance.status, binance.BACK["status"]),
    ],
)
def test_what_binance_has_a_word_for_comes_back(
    codes: type[IntEnum], word_of: Any, back: dict[str, int]
) -> None:
    """Where there is no word of its own, what comes back is what it is shown as."""
    for code in codes:
        word = word_of(code)
        if word:
            assert word_of(back[word]) == word


def test_a_status_of_binance_depends_on_more_than_ours() -> None:
    assert binance.status(Status.PENDING_NEW) == ""
    assert binance.status(Status.NEW, waiting_leg=1) == "PENDING_NEW"
    assert binance.status(Status.EXPIRED, 3, Reason.SELF_TRADE) == "EXPIRED_IN_MATCH"
    assert binance.status(Status.EXPIRED, 3, Reason.GOOD_TILL_DATE) == "EXPIRED"
    for ours in (Status.SUSPENDED, Status.DONE_FOR_DAY, Status.PENDING_REPLACE, Status.STOPPED):
        assert [binance.status(ours, lots) for lots in (0, 2)] == ["NEW", "PARTIALLY_FILLED"]
    assert {binance.status(s, lots) for s in Status for lots in (0, 1)} <= {
        "", "NEW", "PARTIALLY_FILLED", "FILLED", "CANCELED", "PENDING_CANCEL", "REJECTED",
        "EXPIRED",
    }  # fmt: skip


def test_a_report_that_refuses_is_another_message() -> None:
    silent = {kind for kind, word in fix.EXECUTION_TYPES.items() if not word}
    assert silent - {*fix.CANCEL_RESPONSES} == {
        EventKind.DISPATCH_FAILED,
        EventKind.OUTCOME_UNKNOWN,
    }
    assert all(binance.EXECUTION_TYPES[kind] == "" for kind in fix.CANCEL_RESPONSES)


def test_refusals_have_an_error_and_endings_have_none() -> None:
    """An order that is accepted and then ends is answered, not refused."""
    endings = {
        Reason.NONE, Reason.NO_LIQUIDITY, Reason.IMMEDIATE_REMAINDER, Reason.FILL_OR_KILL,
        Reason.SELF_TRADE, Reason.AUCTION_OVER,
    }  # fmt: skip
    found = {each for each in Reason if binance.NEW_ERRORS[each] == binance.NO_ERROR}
    assert found == endings
    assert all(each.code < 0 for each in binance.NEW_ERRORS.values() if each.text)


def test_they_do_no_input_or_output() -> None:
    folder = Path(str(tickproof.runtime.projections.__file__)).parent
    for path in folder.glob("*.py"):
        lines = path.read_text(encoding="utf-8").splitlines()
        imported = [line for line in lines if line.startswith(("import ", "from "))]
        allowed = ("from __future__", "from attrs", "from tickproof.spec.")
        assert all(line.startswith(allowed) for line in imported), path
