"""What is named as out of reach of every stream is so: a search through `step` itself.

`witnesses` searches the order-life table by itself; here the search goes through whole steps of
the specification: a strategy that sends what it is told, evidence with and without Requests it
answers, fills, voids, corrections, status reports, restarts, an operator. Two States are one when
nothing that decides about the order can tell them apart, so the search ends; what it selected of
the order-life table must be exactly what `refinement.SHUT_OFF` leaves.
"""

import os
from collections import deque
from collections.abc import Callable, Hashable, Iterable, Iterator
from typing import Any, ClassVar

import pytest
from attrs import evolve

from tickproof.invariants.refinement import Coverage, expected, is_shut_off
from tickproof.invariants.worlds import ASSETS, PRICE_BASE, SPOT, Nothing
from tickproof.spec import order_life
from tickproof.spec.commands import Decision, cancel_order, new_order, order_id_of, replace_order
from tickproof.spec.configuration import (
    Configuration,
    OnStrategyError,
    RiskLimits,
    StrategySettings,
    Timing,
    Wake,
    WakeRule,
)
from tickproof.spec.events import (
    Body,
    Event,
    EventKind,
    Execution,
    ExecutionFlag,
    OperatorDisposition,
    Reason,
    Restarted,
    SessionPaused,
    SessionResumed,
    SessionStarted,
    SessionStopped,
    StatusReport,
    Trade,
)
from tickproof.spec.fill_life import FillLife
from tickproof.spec.instrument import Account
from tickproof.spec.order_life import Life
from tickproof.spec.state import State, initial_state
from tickproof.spec.step import step
from tickproof.spec.strategy import View

IS_NIGHTLY = os.environ.get("TICKPROOF_HYPOTHESIS_PROFILE") == "nightly"

KEY, ORDER_ID, TRADE = 1, order_id_of(0, 1), 1
FIRST_LEG = 100
DOUBTS_MAX, LEGS_MAX, INTENTS_MAX = 1, 2, 5
SETTLING_NS, SOON_NS, LATE_NS = 1_000, 10, 2_000


FAILS = 4
"""The size of a print at which the strategy fails."""


class Told:
    """Sends what the size of a print says: 1 a NEW, 2 a REPLACE, 3 a CANCEL; or it fails."""

    wake: ClassVar[WakeRule] = WakeRule(int(Wake.TRADE))
    memory: ClassVar[type] = Nothing

    def decide(self, view: View, memory: Nothing) -> Iterable[Decision]:  # noqa: ARG002
        command = view.last_trade(0)[1]
        if command == FAILS:
            raise RuntimeError("asked to fail")
        if command == 1:
            return [new_order(KEY, 0, 1, 4, PRICE_BASE)]
        return [replace_order(KEY, 3, PRICE_BASE - 1) if command == 2 else cancel_order(KEY)]


CONFIGURED = Configuration(
    1,
    ASSETS,
    (Account(0, "only", 0),),
    (SPOT,),
    (StrategySettings(0, "told", 0, "code", (), WakeRule(int(Wake.TRADE)), (0,)),),
    risk=RiskLimits(self_trade_refused=0),
    on_strategy_error=int(OnStrategyError.HALT),
    timing=Timing(settling_ns=SETTLING_NS),
    initial_balances=((0, 0, 10**9), (0, 1, 10**6)),
)

STRATEGIES = (Told(),)

# --- letters -------------------------------------------------------------------------------------

Letter = tuple[int, Body]
"""How many ns later, and what."""

FILLS = (EventKind.FILLED, EventKind.FILL_VOIDED, EventKind.FILL_CORRECTED)


def requests_of(state: State) -> Iterator[int]:
    """Request ids evidence may name: none, every open one, and a closed one."""
    yield 0
    ticket = state.execution.orders.get(ORDER_ID)
    opened: list[int] = []
    if ticket is not None:
        opened = [each.request_id for each in ticket.order.doubts]
        if ticket.order.pending is not None:
            opened.append(ticket.order.pending.request_id)
    yield from opened
    yield from [each for each in range(1, state.execution.intents + 1) if each not in opened][:1]


def legs_of(state: State) -> tuple[int, int, int]:
    """Venue ids evidence may carry: none, the last that is bound (or a first), a new one."""
    ticket = state.execution.orders.get(ORDER_ID)
    bound = [leg.venue_order_id for leg in ticket.order.legs] if ticket is not None else []
    last = max([FIRST_LEG, *bound])
    return (0, last, last + 1)


def evidence(kind: int, venue_id: int, request_id: int = 0, **more: Any) -> Letter:
    """Evidence about the order."""
    named = {"side": 1, "price": PRICE_BASE, **more}
    return SOON_NS, Execution(int(kind), 0, 0, ORDER_ID, request_id, venue_id, **named)


def fills(venue_id: int) -> Iterator[Letter]:
    """A fill of all, of a part, its void, its correction."""
    yield evidence(EventKind.FILLED, venue_id, trade_id=TRADE, quantity=4, total=4)
    yield evidence(EventKind.FILLED, venue_id, trade_id=TRADE, quantity=1, total=4)
    restores = int(ExecutionFlag.RESTORES)
    yield evidence(EventKind.FILL_VOIDED, venue_id, reference=TRADE, flags=restores)
    yield evidence(EventKind.FILL_CORRECTED, venue_id, reference=TRADE, quantity=2)


def answers(state: State) -> Iterator[Letter]:
    """Every other piece of evidence, with everything it may name."""
    none, last, new = legs_of(state)
    for request_id in requests_of(state):
        for kind in range(EventKind.ACCEPTED, EventKind.STATUS_REPORT):
            if kind in FILLS:
                continue
            yield evidence(kind, last, request_id, total=4)
            yield evidence(kind, none, request_id, total=4)
        yield evidence(EventKind.REPLACED, new, request_id, total=4)
        reason = int(Reason.TOO_LATE)
        yield evidence(EventKind.CANCEL_REJECTED, last, request_id, reason=reason)
    active = int(ExecutionFlag.ACTIVE)
    yield evidence(EventKind.REINSTATED, last, flags=active)


def reports(state: State) -> Iterator[Letter]:
    """Status reports: not found, soon or late; found, as some lives."""
    now_ns = state.control.clock.now_ns
    for later_ns in (SOON_NS, LATE_NS):
        at_ns = now_ns + later_ns
        unknown = StatusReport(0, 0, ORDER_ID, 0, 0, 0, 0, 0, 0, 0, 0, 0, at_ns, at_ns)
        yield later_ns, unknown
    known = evolve(unknown, found=1, total=4, price=PRICE_BASE, average_price=PRICE_BASE)
    for life in (Life.WORKING, Life.HELD, Life.CANCELED, Life.EXPIRED, Life.REJECTED):
        yield LATE_NS, evolve(known, life=int(life))
    yield LATE_NS, evolve(known, life=int(Life.WORKING), executed=1)


def letters(state: State) -> Iterator[Letter]:
    """Everything that may happen next to the order."""
    if state.execution.intents < INTENTS_MAX:
        for command in (1, 2, 3):
            yield SOON_NS, Trade(0, PRICE_BASE, command, 1, 0, 1)
    yield from fills(legs_of(state)[1])
    yield from answers(state)
    yield from reports(state)
    yield SOON_NS, Restarted(state.control.restarts + 1)
    yield SOON_NS, OperatorDisposition(ORDER_ID, 0)
    yield SOON_NS, OperatorDisposition(ORDER_ID, 1)


# --- the search ----------------------------------------------------------------------------------


def key_of(state: State) -> tuple[Any, ...]:
    """All that decides about the order: no time, no price, no quantity but whether some is left."""
    execution = state.execution
    queued = execution.queue.get(ORDER_ID)
    fill = execution.fills.get((0, 0, 0, TRADE, ORDER_ID))
    ticket = execution.orders.get(ORDER_ID)
    about = (0 if queued is None else queued.kind, FillLife.ABSENT if fill is None else fill.life)
    if ticket is None:
        return about
    order = ticket.order
    pending = 0 if order.pending is None else order.pending.kind
    doubts = tuple(doubt.kind for doubt in order.doubts)
    closed = execution.intents > len(doubts) + (1 if pending else 0)
    return (
        *about,
        order.life,
        order.inferred,
        pending,
        doubts,
        closed,
        order_life.open_room(order) > 0,
        order.legs[-1].venue_order_id != 0,
        len(order.legs),
    )


def is_too_far(state: State) -> bool:
    ticket = state.execution.orders.get(ORDER_ID)
    if ticket is None:
        return False
    return len(ticket.order.doubts) > DOUBTS_MAX or len(ticket.order.legs) > LEGS_MAX


def applied(state: State, later_ns: int, body: Body) -> State:
    """The State after one more Event."""
    at_ns = max(state.control.clock.now_ns, 1_000) + later_ns
    return step(CONFIGURED, STRATEGIES, state, Event(at_ns, at_ns, 0, 1, 0, body)).state


def searched(
    start: State,
    letters_of: Callable[[State], Iterable[Letter]],
    key_of_state: Callable[[State], Hashable],
) -> tuple[set[str], int]:
    """Rules that some sequence of Events selects, and how many States were told apart."""
    waiting, seen = deque([start]), {key_of_state(start)}
    with Coverage() as coverage, coverage.listening():
        while waiting:
            state = waiting.popleft()
            for letter in letters_of(state):
                after = applied(state, *letter)
                key = key_of_state(after)
                if key not in seen and not is_too_far(after):
                    seen.add(key)
                    waiting.append(after)
    return set(coverage.reached), len(seen)


def is_exactly(table: str, reached: set[str]) -> bool:
    """Whether what was reached of a table is what is not shut off."""
    listed = {name for name in expected() if name.startswith(f"{table}.")}
    return listed & reached == {name for name in listed if not is_shut_off(name)}


@pytest.mark.skipif(not IS_NIGHTLY, reason="close to a minute: with the nightly profile")
def test_what_is_shut_off_of_order_life_is_what_no_step_reaches() -> None:
    start = applied(initial_state(CONFIGURED, STRATEGIES), 0, SessionStarted(1))
    reached, states = searched(start, letters, key_of)
    assert is_exactly("OL", reached)
    assert states > 3_000


def test_what_is_shut_off_of_sessions_is_what_no_step_reaches() -> None:
    """A print that asks for no command at all makes the strategy fail."""
    bodies = (SessionStarted(1), SessionPaused(1), SessionResumed(1), SessionStopped(1))
    every = [(SOON_NS, body) for body in (*bodies, Trade(0, PRICE_BASE, FAILS, 1, 0, 1))]
    start = initial_state(CONFIGURED, STRATEGIES)
    reached, states = searched(start, lambda _: every, lambda state: state.control.session)
    assert is_exactly("SESSION", reached)
    assert states == 5
