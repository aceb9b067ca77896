"""What a strategy decided at once: Intents one by one, the legs of an order list all or none.

Decides which decisions are one list, and that a list is admitted when each of its legs is, judged
with those before it queued; else nothing of it is [A3, A4, R1]. What is left of a list that was
admitted is the venue's.

Decisions: ADR-0029.
"""

from __future__ import annotations

from attrs import evolve

from tickproof.spec import order_list, risk
from tickproof.spec.commands import Decision, Intent, SetTimer, order_id_of
from tickproof.spec.configuration import Configuration
from tickproof.spec.dominance import Pending
from tickproof.spec.execution_control import (
    command_of,
    denied,
    handle_intent,
    intent_record,
    is_list_used,
    is_well_formed,
    relocked,
    risk_facts,
    set_timer,
    with_equity_seen,
    with_last_key,
)
from tickproof.spec.order_list import leg_count
from tickproof.spec.outputs import Record
from tickproof.spec.risk import DenyCode
from tickproof.spec.state import State


def handled(
    configuration: Configuration, state: State, strategy: int, decisions: tuple[Decision, ...]
) -> tuple[State, tuple[Record, ...]]:
    """All that one strategy decided, in its order."""
    records: tuple[Record, ...] = ()
    at = 0
    while at < len(decisions):
        decision = decisions[at]
        count = legs_at(decisions, at)
        if isinstance(decision, SetTimer):
            state, made = set_timer(state, strategy, decision)
        elif count:
            legs = tuple(each for each in decisions[at : at + count] if isinstance(each, Intent))
            state, made = handle_list(configuration, state, strategy, legs)
        else:
            state, made = handle_intent(configuration, state, strategy, decision)
            state = relocked(configuration, state)
        records += made
        at += max(count, 1)
    return state, records


def legs_at(decisions: tuple[Decision, ...], start: int) -> int:
    """How many decisions from `start` on are the legs of one list; 0 where it is none or not all.

    Legs are NEW, each well formed by itself, one after the other.
    """
    first = decisions[start]
    if not isinstance(first, Intent) or first.instructions.list_id == 0:
        return 0
    count = leg_count(first.instructions.list_kind)
    legs = decisions[start : start + count]
    whole = all(isinstance(leg, Intent) and is_well_formed(leg) for leg in legs)
    asked = tuple(leg.instructions for leg in legs if isinstance(leg, Intent))
    return count if whole and order_list.is_complete(asked) else 0


def handle_list(
    configuration: Configuration, state: State, strategy: int, legs: tuple[Intent, ...]
) -> tuple[State, tuple[Record, ...]]:
    """Risk for the legs of a list, each seeing those before it: all are taken, or none is.

    The leg that Risk denies has Risk's code, the others that of a list that fell.
    """
    first = state.execution.intents + 1
    said = tuple(intent_record(strategy, first + n, leg) for n, leg in enumerate(legs))
    counted = evolve(state.execution, intents=state.execution.intents + len(legs))
    state = evolve(state, execution=counted)
    tried, codes = state, (0,) * len(legs)
    for n, leg in enumerate(legs):
        used = is_list_used(counted, strategy, leg.instructions.list_id)
        command = command_of(configuration, tried, strategy, leg, first + n)
        tried, code = with_leg(configuration, tried, command, used)
        if code:
            codes = tuple(code if m == n else int(DenyCode.ORDER_LIST) for m in range(len(legs)))
            break
    if not any(codes):
        return with_last_key(tried, strategy, max(leg.key for leg in legs)), said
    state = evolve(state, execution=evolve(state.execution, equity=tried.execution.equity))
    for n, leg in enumerate(legs):
        order_id = order_id_of(strategy, leg.key)
        state, said = denied(state, strategy, first + n, leg.instrument, order_id, codes[n], said)
    return state, said


def with_leg(
    configuration: Configuration, state: State, command: Pending, used: bool
) -> tuple[State, int]:
    """The State in which a leg is queued and locked for, or Risk's code."""
    execution = state.execution
    if command.order_id in execution.orders or command.order_id in execution.queue:
        return state, int(DenyCode.DUPLICATE_KEY)
    state, equity = with_equity_seen(configuration, state, command)
    code = risk.decide(risk_facts(configuration, state, command, equity, used))
    if code:
        return state, code
    queue = {**execution.queue, command.order_id: command}
    return relocked(configuration, evolve(state, execution=evolve(state.execution, queue=queue))), 0
