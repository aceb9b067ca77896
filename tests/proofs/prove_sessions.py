"""Lifecycles: what has ended stays ended, refusals change nothing, and who may be consulted."""

from typing import Any

from tests.proofs.gate import Proof, named
from tickproof.spec.commands import CommandKind
from tickproof.spec.instrument import InstrumentState
from tickproof.spec.intent_life import INTENT_LIFE, TERMINAL_INTENT_STATES
from tickproof.spec.ledger import Lock, locked_total
from tickproof.spec.order_list import (
    ORDER_LIST,
    OrderList,
    OrderListKind,
    OrderListState,
    inv,
    step,
)
from tickproof.spec.session import (
    CONNECTION,
    DATASET,
    INSTRUMENT_STATUS,
    SESSION,
    TERMINAL_DATASET_STATES,
    TERMINAL_SESSION_STATES,
    ConnectionState,
    SessionState,
    consults,
    dispatches,
)
from tickproof.spec.table import Refuse, Row, Table
from tickproof.spec.trading_state import TRADING_STATE, TradingState, admits

TERMINAL: dict[str, tuple[int, ...]] = {
    "intent": tuple(map(int, TERMINAL_INTENT_STATES)),
    "session": tuple(map(int, TERMINAL_SESSION_STATES)),
    "connection": (int(ConnectionState.CLOSED),),
    "instrument": (int(InstrumentState.DELISTED),),
    "dataset": tuple(map(int, TERMINAL_DATASET_STATES)),
    "trading": (),
}
TABLES: dict[str, Table[Any, Any]] = {
    "intent": INTENT_LIFE,
    "session": SESSION,
    "connection": CONNECTION,
    "instrument": INSTRUMENT_STATUS,
    "dataset": DATASET,
    "trading": TRADING_STATE,
}

PROOFS = (
    *(f"p_{name}_is_total_and_what_ended_stays_ended" for name in TABLES),
    "p_only_a_running_session_consults",
    "p_a_cancel_may_go_in_every_session_and_trading_state",
    "p_halted_admits_a_cancel_only",
    "p_reducing_admits_nothing_that_active_does_not",
    "p_order_list_guards_are_exhaustive_and_disjoint_accepted",
    "p_order_list_guards_are_exhaustive_and_disjoint_rejected",
    "p_order_list_guards_are_exhaustive_and_disjoint_ended",
    "p_order_list_keeps_its_invariant",
    "p_an_exclusive_pair_locks_at_least_each_leg_and_at_most_both",
)
CANARIES = (
    "canary_a_stopped_session_starts_again",
    "canary_reducing_admits_growth",
    "canary_two_list_guards_overlap",
    "canary_an_exclusive_pair_locks_the_smaller_leg",
)


def absorbing(name: str) -> Proof:
    table, terminal = TABLES[name], TERMINAL[name]
    states, events = len(table.states), len(table.events)

    def proof(state: int, event: int) -> bool:
        """
        pre: 0 <= state < states and 0 <= event < events
        post: _
        """
        for source in range(states):
            for cause in range(events):
                if state == source and event == cause:
                    rule = table.select(source, cause, None, None)
                    if isinstance(rule, Refuse):
                        return rule.code > 0
                    return source not in terminal and 0 <= rule.target < states
        return False

    return named(f"p_{name}_is_total_and_what_ended_stays_ended", proof)


def order_list_guards(event: int, name: str) -> Proof:
    rules = ORDER_LIST.cells[int(OrderListState.EXECUTING)][event]

    def proof(unanswered: int, alive: int, accepted: int) -> bool:
        """
        post: _
        """
        order_list = OrderList(0, int(OrderListKind.OTOCO), unanswered, alive, accepted)
        return sum(1 for rule in rules if rule.guard(order_list, event)) == 1

    return named(f"p_order_list_guards_are_exhaustive_and_disjoint_{name}", proof)


def generated() -> list[Proof]:
    """Make one proof per table, and one per event of the order list."""
    names = ("accepted", "rejected", "ended")
    return [absorbing(name) for name in TABLES] + [
        order_list_guards(event, name) for event, name in enumerate(names)
    ]


def p_only_a_running_session_consults(state: int) -> bool:
    """post: _"""
    return consults(state) == (state == int(SessionState.RUNNING))


def p_a_cancel_may_go_in_every_session_and_trading_state(
    session: int, trading: int, reduces: bool
) -> bool:
    """post: _"""
    cancel = int(CommandKind.CANCEL)
    return dispatches(session, cancel) and admits(trading, cancel, reduces)


def p_halted_admits_a_cancel_only(kind: int, reduces: bool) -> bool:
    """post: _"""
    admitted = admits(int(TradingState.HALTED), kind, reduces)
    return admitted == (kind == int(CommandKind.CANCEL))


def p_reducing_admits_nothing_that_active_does_not(kind: int, reduces: bool) -> bool:
    """post: _"""
    if not admits(int(TradingState.REDUCING), kind, reduces):
        return True
    return admits(int(TradingState.ACTIVE), kind, reduces) and (
        reduces or kind == int(CommandKind.CANCEL)
    )


def p_order_list_keeps_its_invariant(
    life: int, unanswered: int, alive: int, accepted: int, event: int
) -> bool:
    """
    pre: 0 <= life <= 2 and 0 <= event <= 2
    post: _
    """
    for source in range(3):
        for cause in range(3):
            if life == source and event == cause:
                before = OrderList(source, 0, unanswered, alive, accepted)
                return not inv(before) or inv(step(before, cause)[0])
    return False


def p_an_exclusive_pair_locks_at_least_each_leg_and_at_most_both(first: int, second: int) -> bool:
    """
    pre: first >= 0 and second >= 0
    post: _
    """
    locked = locked_total((Lock(0, first, 1), Lock(0, second, 1)))[0]
    return first <= locked and second <= locked and locked <= first + second


def canary_a_stopped_session_starts_again(state: int, event: int) -> bool:
    """
    pre: 0 <= state < 7 and 0 <= event < 7
    post: _
    """
    for source in range(7):
        for cause in range(7):
            if state == source and event == cause:
                rule = SESSION.select(source, cause, None, None)
                restarts = source == int(SessionState.STOPPED) and cause == 1
                return not restarts and (isinstance(rule, Row) or rule.code > 0)
    return False


def canary_reducing_admits_growth(kind: int, reduces: bool) -> bool:
    """post: _"""
    return not admits(int(TradingState.REDUCING), kind, not reduces) or reduces


def canary_two_list_guards_overlap(unanswered: int, alive: int, accepted: int) -> bool:
    """post: _"""
    several = unanswered > 0 and unanswered + alive >= 1
    last = unanswered > 0 and unanswered + alive <= 1 and accepted >= 0
    return not (several and last)


def canary_an_exclusive_pair_locks_the_smaller_leg(first: int, second: int) -> bool:
    """
    pre: first >= 0 and second >= 0
    post: _
    """
    return min(first, second) >= first
