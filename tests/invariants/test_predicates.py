"""Each predicate holds of what the specification does, and fails of what it must not do."""

import os
import random
import subprocess
import sys
from typing import Any

import pytest
from attrs import evolve

from tickproof.invariants.predicates import (
    STATE_RULES,
    STEP_RULES,
    broken_by_state,
    broken_by_step,
    state_is_canonical_data,
)
from tickproof.invariants.refinement import Lockstep
from tickproof.invariants.streams import EventSource
from tickproof.invariants.worlds import configuration, strategies
from tickproof.spec.configuration import Configuration
from tickproof.spec.dominance import Pending
from tickproof.spec.events import Event, EventKind, Execution, Restarted, Trade
from tickproof.spec.fill_life import FillLife
from tickproof.spec.ledger import Balance, Position
from tickproof.spec.order_life import Life, Origin, Outstanding
from tickproof.spec.rate_bucket import BucketState
from tickproof.spec.state import ExecutionState, FillRecord, State

Steps = list[tuple[State, Event, State, tuple[tuple[int, ...], ...]]]


def run(seed: int, length: int) -> tuple[Configuration, Steps]:
    """A world and the steps of a stream made for it; ControlTimes among them."""
    steps: Steps = []

    class Noting(Lockstep):
        def _compare_step(self) -> None:
            steps.append((self.before, self.events[-1], self.state, self.records))

        def _compare_states(self) -> None:
            return

    dice = random.Random(seed)
    configured = configuration(dice)
    both = Noting(configured, lambda: strategies(seed, configured))
    source = EventSource(dice, configured)
    for _ in range(length):
        both.apply(source.event(both.state))
    return configured, steps


@pytest.mark.parametrize("seed", range(6))
def test_predicates_hold_of_streams(seed: int) -> None:
    configured, steps = run(seed + 700, 60)
    for before, event, after, records in steps:
        assert broken_by_state(configured, after) == ()
        assert broken_by_step(configured, before, event, after, records) == ()
    assert state_is_canonical_data(configured, steps[-1][2])


@pytest.fixture(scope="module")
def lively() -> tuple[Configuration, State]:
    """A State with a live order of ours that has fills and nothing pending, and with buckets."""
    for seed in range(300):
        configured, steps = run(seed, 60)
        state = steps[-1][2]
        if configured.buckets and _own_filled(state) and state.execution.externals:
            return configured, state
    raise AssertionError("no stream has it")


def _filled(state: State) -> list[int]:
    effective = {
        key[4]
        for key, fill in state.execution.fills.items()
        if fill.life == FillLife.EFFECTIVE and fill.quantity
    }
    return [
        order_id
        for order_id, ticket in sorted(state.execution.orders.items())
        if order_id in effective and order_id > 0 and ticket.order.life == Life.WORKING
    ]


def _own_filled(state: State) -> bool:
    """Whether the first filled order is one of ours."""
    filled = _filled(state)
    return bool(filled) and state.execution.orders[filled[0]].order.origin == Origin.OWN


def with_execution(state: State, **changes: Any) -> State:
    return evolve(state, execution=evolve(state.execution, **changes))


def with_order(state: State, order_id: int, **changes: Any) -> State:
    ticket = state.execution.orders[order_id]
    changed = evolve(ticket, order=evolve(ticket.order, **changes))
    return with_execution(state, orders={**state.execution.orders, order_id: changed})


def with_balance(execution: ExecutionState, key: tuple[int, int], balance: Balance) -> Any:
    books = execution.ledger
    return evolve(books, balances={**books.balances, key: balance})


def spoilt(state: State) -> dict[str, State]:
    """For each predicate by name, a State that breaks it."""
    execution = state.execution
    order_id = _filled(state)[0]
    ticket = execution.orders[order_id]
    order = ticket.order
    key, fill = next(
        (key, fill)
        for key, fill in execution.fills.items()
        if key[4] == order_id and fill.life == FillLife.EFFECTIVE and fill.quantity
    )
    balance = execution.ledger.balances[(0, 1)]
    asked = Outstanding(3, 7, 0, 0, 0)
    command = Pending(3, 999, 1, 0, 0, 0, 1)
    return {
        "sums_change_by_transfers": with_execution(
            state,
            ledger=with_balance(execution, (0, 1), Balance(balance.total + 1, balance.locked)),
        ),
        "locks_are_what_orders_need": with_execution(
            state,
            ledger=with_balance(execution, (0, 1), Balance(balance.total, balance.locked + 1)),
        ),
        "orders_are_sound": with_order(
            state, order_id, legs=(evolve(order.legs[0], prevented=-1), *order.legs[1:])
        ),
        "executed_is_the_sum_of_fills": with_execution(
            state, fills={**execution.fills, key: evolve(fill, quantity=fill.quantity + 1)}
        ),
        "corrections_lead_to_fills": with_execution(
            state, aliases={**execution.aliases, (0, 0, 0, 4, 4): 321}
        ),
        "one_command_pends_per_key": with_execution(state, queue={5: command}),
        "one_request_is_in_flight_per_key": with_order(
            state, order_id, pending=asked, doubts=(asked,)
        ),
        "nothing_is_asked_of_the_unsent": with_execution(state, queue={999: command}),
        "buckets_are_within_bounds": with_execution(
            state, buckets=(BucketState(99, 0), *execution.buckets[1:])
        ),
        "coordinates_are_configured": with_execution(
            state, orders={**execution.orders, 9: evolve(ticket, account=9)}
        ),
        "external_orders_have_ids_of_their_own": with_execution(
            state, externals={**execution.externals, (0, 0, 4_242): -77}
        ),
    }


@pytest.mark.parametrize("name", [rule.__name__ for _, rule in STATE_RULES])
def test_a_spoilt_state_is_noticed(name: str, lively: tuple[Configuration, State]) -> None:
    configured, state = lively
    broken = broken_by_state(configured, spoilt(state)[name])
    assert name in [each.split(": ")[1] for each in broken]


def spoilt_steps(state: State) -> dict[str, tuple[Event, State, tuple[tuple[int, ...], ...]]]:
    """For each predicate by name, what may not follow a State: Event, State after, records."""
    execution = state.execution
    order_id = _filled(state)[0]
    ticket = execution.orders[order_id]
    others = {key: each for key, each in execution.orders.items() if key != order_id}
    trade = Event(0, 0, 0, 0, 0, Trade(0, 1, 1, 1, 0, 0))
    evidence = evolve(trade, body=Restarted(1))
    fresh = (0, 0, 0, 9_999, order_id)
    fill = FillRecord(FillLife.EFFECTIVE, 0, 1, 100, 1)
    moved = evolve(state, position=state.position + 1)
    position = Position(quantity=77)
    books = execution.ledger
    balance = books.balances[(0, 1)]
    venue = Event(0, 0, 0, 0, 0, Execution(int(EventKind.ACCEPTED), 0, 0, 1))
    short = with_balance(execution, (0, 1), Balance(-1, balance.locked))
    return {
        "time_goes_on": (trade, state, ()),
        "reported_deaths_stand": (trade, with_order(moved, order_id, life=Life.WORKING), ()),
        "orders_never_vanish": (trade, with_execution(moved, orders=others), ()),
        "own_orders_begin_by_a_request": (
            trade,
            with_execution(moved, orders={**execution.orders, 777: ticket}),
            (),
        ),
        "what_is_denied_goes_nowhere": (
            trade,
            moved,
            ((3, 0, 5, 0, 1, 1), (5, 5, 1, 0, 0, 1, 0, 1, 1, 1, 100, 1, 0, 0)),
        ),
        "position_follows_fills": (
            venue,
            with_execution(moved, ledger=evolve(books, positions={(0, 0, 0): position})),
            (),
        ),
        "money_moves_by_postings": (venue, moved, ((7, 0, 0, -1, 5, 4),)),
        "only_evidence_overdraws": (trade, with_execution(moved, ledger=short), ()),
        "money_moves_by_evidence_only": (
            trade,
            with_execution(moved, fills={**execution.fills, fresh: fill}),
            (),
        ),
        "counters_count_records": (trade, with_execution(moved, refused=10**6), ()),
        "refusals_change_nothing": (
            venue,
            with_execution(moved, fills={**execution.fills, fresh: fill}),
            ((4, 0, 0, order_id, 1, 1),),
        ),
        "restart_leaves_nothing_in_flight": (evidence, moved, ()),
    }


@pytest.mark.parametrize("name", [rule.__name__ for _, rule in STEP_RULES])
def test_a_spoilt_step_is_noticed(name: str, lively: tuple[Configuration, State]) -> None:
    configured, state = lively
    order_id = _filled(state)[0]
    event, after, records = spoilt_steps(state)[name]
    before = with_execution(state, queue={})
    if name == "reported_deaths_stand":
        before = with_order(before, order_id, life=Life.CANCELED)
    if name == "restart_leaves_nothing_in_flight":
        before = with_order(before, order_id, pending=Outstanding(3, 7, 0, 0, 0))
    broken = broken_by_step(configured, before, event, after, records)
    assert name in [each.split(": ")[1] for each in broken]


def test_state_that_is_no_canonical_data_is_noticed(lively: tuple[Configuration, State]) -> None:
    configured, state = lively
    listed: Any = ([1], 2)
    strategy = evolve(state.execution.strategies[0], memory=listed)
    strategies_after = (strategy, *state.execution.strategies[1:])
    assert state_is_canonical_data(configured, state)
    spoiled = with_execution(state, strategies=strategies_after)
    assert not state_is_canonical_data(configured, spoiled)


@pytest.mark.slow
@pytest.mark.parametrize("module", ["predicates", "refinement", "streams", "worlds"])
def test_the_base_install_needs_no_hypothesis(module: str) -> None:
    """Only `machine` needs the extra."""
    code = f"import sys, tickproof.invariants.{module}; sys.exit('hypothesis' in sys.modules)"
    path = os.pathsep.join(each for each in sys.path if each)
    command = [sys.executable, "-c", code]
    subprocess.run(command, check=True, env={**os.environ, "PYTHONPATH": path})
