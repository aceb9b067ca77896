"""What admission decides is what the specification decides: at a glance, and at every edge.

Each Intent of a table is tried at each moment of a small run. What Risk is told of it shows in its
answers: every limit is set to where the Intent is just within it, and to one less.
"""

from collections.abc import Iterator
from functools import cache
from itertools import product

import pytest
from attrs import asdict, evolve

from tests.kernel.moments import (
    LINE,
    WORLD,
    Lines,
    at,
    bar,
    denials,
    facts_of,
    facts_told,
    fresh,
    kernel_at,
    moments,
    on_both,
    told,
)
from tickproof.kernel.admission import is_usual
from tickproof.kernel.intent_queue import QueuedCommand
from tickproof.spec import risk
from tickproof.spec import step as specification
from tickproof.spec.commands import (
    ORDER_KEY_LIMIT,
    Decision,
    Intent,
    OrderType,
    TimeInForce,
    cancel_order,
    new_order,
    replace_order,
)
from tickproof.spec.configuration import Configuration, RiskLimits
from tickproof.spec.events import EventKind
from tickproof.spec.execution_control import is_well_formed
from tickproof.spec.instructions import Instructions
from tickproof.spec.ledger import lock_per_lot, transfer
from tickproof.spec.risk import DenyCode, RiskFacts

# --- at a glance ---------------------------------------------------------------------------------

NEAR_LIMITS = (-1, 0, 1, 7, ORDER_KEY_LIMIT - 1, ORDER_KEY_LIMIT)


def plain_intents() -> Iterator[Intent]:
    """One field in turn around its edges, of every kind; and kinds that are none."""
    for kind in range(-1, 6):
        for key in NEAR_LIMITS:
            yield Intent(kind, key)
        for code in range(-1, 10):
            yield Intent(kind, 1, order_type=code)
            yield Intent(kind, 1, time_in_force=code)
            yield Intent(kind, 1, reduce_only=code)
            yield Intent(kind, 1, good_till_ns=code)


def parts(intent: Intent) -> tuple[int, ...]:
    """Its integers, in order."""
    return (
        intent.kind,
        intent.key,
        intent.instrument,
        intent.side,
        intent.order_type,
        intent.time_in_force,
        intent.price,
        intent.quantity,
        intent.good_till_ns,
        intent.reduce_only,
    )


def test_what_is_usual_is_well_formed_and_plain_orders_are_usual() -> None:
    """Neither unknown types, which Risk denies, nor orders for an auction are usual."""
    for intent in plain_intents():
        is_plain = intent.kind != 1 or (
            1 <= intent.order_type <= OrderType.LIMIT_MAKER
            and intent.time_in_force <= TimeInForce.GTD
        )
        assert is_usual(parts(intent)) == (is_well_formed(intent) and is_plain), intent


# --- at every edge -------------------------------------------------------------------------------

MARKET, STOP = int(OrderType.MARKET), int(OrderType.STOP)
Said = tuple[int, Intent]
"""An Intent behind its strategy."""


def intents() -> Iterator[Said]:
    """For orders that work, wait or are dead, and for none yet; by strategy."""
    for side, (instrument, price) in product((1, -1), ((0, 101), (1, 200), (2, 100), (3, 50))):
        yield 0, new_order(21, instrument, side, 4, price)
        yield 0, new_order(21, instrument, side, 2, order_type=MARKET)
    for side in (1, -1):
        for trigger in (90, 110):
            asked = Instructions(trigger_price=trigger)
            yield 0, new_order(23, 0, side, 2, order_type=STOP, instructions=asked)
        money = Instructions(quote_quantity=901)
        yield 0, new_order(24, 0, side, 0, order_type=MARKET, instructions=money)
        yield 0, new_order(24, 2, side, 0, order_type=MARKET, instructions=money)
        yield 0, new_order(25, 2, side, 4, order_type=MARKET, time_in_force=5)
        yield 0, new_order(11, 1, side, 3, 200)
        yield 0, new_order(13, 0, side, 3, 100)
        yield 0, new_order(14, 3, side, 3, 50, reduce_only=1)
    for key in (1, 2, 3, 4, 5, 6, 11, 12, 13, 14, 30):
        yield 0, replace_order(key, 4, 100)
        yield 0, replace_order(key, 16, 203)
        yield 0, cancel_order(key)
    for key in (12, 14, 15, 16):
        yield 0, replace_order(key, 3, 0)
    for instrument in (-1, 4):
        yield 0, new_order(26, instrument, 1, 2, 100)
        money = Instructions(quote_quantity=900)
        yield 0, new_order(26, instrument, 1, 0, order_type=MARKET, instructions=money)
    yield 0, new_order(1, 0, 1, 2, 100)
    yield 1, new_order(21, 0, 1, 2, 100)
    yield 1, replace_order(1, 9, 98)
    yield 2, replace_order(1, 5, 104)


def limits_reached(facts: RiskFacts) -> dict[str, int]:
    """Where each limit just allows a command."""
    opened = risk.order_open(facts)
    return {
        "quantity": facts.quantity,
        "notional": risk.order_value(facts),
        "position": risk.furthest(facts, opened),
        "open_orders": facts.open_orders + 1,
        "gross": risk.worst_gross(facts, opened),
        "net": risk.worst_net(facts, opened),
        "loss": facts.initial_equity - facts.equity + 1,
        "drawdown": facts.peak_equity - facts.equity + 1,
    }


def under(**limits: int) -> Configuration:
    """The world with these limits and no others."""
    named = {f"maximum_{name}": limit for name, limit in limits.items()}
    return evolve(WORLD, risk=RiskLimits(self_trade_refused=0, **named))


def judged(facts: RiskFacts, **limits: int) -> int:
    """What the specification answers under these limits and no others."""
    none = dict.fromkeys(limits_reached(facts), 0)
    return risk.decide(
        evolve(facts, **{f"limit_{name}": limit for name, limit in {**none, **limits}.items()})
    )


@cache
def allowed_at(name: str) -> list[tuple[Said, RiskFacts]]:
    """What Risk is told of the Intents that it allows at a moment."""
    state = moments()[name]
    found = [(said, facts_of(WORLD, state, *said)) for said in intents()]
    return [(said, facts) for said, facts in found if facts and not risk.decide(facts)]


ALL = ("nothing known", "markets", "being replaced", "in doubt", "in auction")
BUSY = ("sent", "in auction")


def test_risk_is_told_what_the_specification_tells_it() -> None:
    """R1: every fact, whether any policy decides by it here or not."""
    for name in ("unmarked", "filled in part", "at a loss", "in auction"):
        state = moments()[name]
        for said in intents():
            facts = facts_of(WORLD, state, *said)
            if facts is not None and facts.account_known and facts.instrument_known:
                assert facts_told(WORLD, state, *said) == asdict(facts), (name, said)


@pytest.mark.parametrize("name", BUSY)
def test_limits_allow_what_just_reaches_them(name: str) -> None:
    """R1, R2: all limits at once are where the Intent just keeps them."""
    for said, facts in allowed_at(name):
        limits = {each: limit for each, limit in limits_reached(facts).items() if limit > 0}
        assert judged(facts, **limits) == 0
        assert denials(under(**limits), moments()[name], [said]) == [0], said


@pytest.mark.parametrize("name", BUSY)
def test_limits_deny_what_is_one_unit_beyond(name: str) -> None:
    """R1, R2: and whatever else they have to deny."""
    found = allowed_at(name)
    reached = {
        (limit, value - 1) for _, facts in found for limit, value in limits_reached(facts).items()
    }
    for limit, value in sorted(reached):
        codes = {said: judged(facts, **{limit: value}) for said, facts in found}
        denied = [said for said, code in codes.items() if code]
        if value > 0 and denied:
            assert denials(under(**{limit: value}), moments()[name], denied) == [
                codes[said] for said in denied
            ]


@pytest.mark.parametrize("name", BUSY)
def test_a_balance_is_enough_to_the_unit(name: str) -> None:
    """A3, A4: with just what the command needs, and with one unit less."""
    state = moments()[name]
    for said, facts in allowed_at(name):
        intent = said[1]
        if facts.needed_lock == 0 or intent.kind != 1:
            continue
        instrument = WORLD.instruments[intent.instrument]
        asset = lock_per_lot(instrument, intent.side, 0)[0]
        account = WORLD.strategies[said[0]].account
        for more in (0, -1):
            amount = facts.needed_lock - facts.free_balance + more
            books = transfer(state.execution.ledger, account, asset, amount).ledger
            there = evolve(state, execution=evolve(state.execution, ledger=books))
            expected = [0 if more == 0 else int(DenyCode.INSUFFICIENT_BALANCE)]
            assert denials(under(), there, [said]) == expected, (said, more)


@pytest.mark.parametrize("name", ALL)
def test_one_intent_at_each_moment(name: str) -> None:
    """R1 to R3: the whole State after it, its records and what is due are the specification's."""
    for by, intent in intents():
        lines: list[Lines] = [{}, {}, {}]
        lines[by] = {LINE: (intent,)}
        on_both(WORLD, moments()[name], bar(LINE), lines)


def test_what_a_command_may_still_reduce_is_asked_where_it_counts() -> None:
    kernel = kernel_at(WORLD, moments()["markets"], ({}, {}, {}))
    ledger = kernel.execution.ledger
    ledger.quantities[ledger.cell_of(0, 0)] = 4
    for state, reduce_only, expected in ((0, 1, 4), (0, 0, 0), (1, 0, 4), (2, 0, 4)):
        kernel.queue.set_mode(state, 0)
        command = QueuedCommand(1, 99, 1, side=-1, quantity=4, reduce_only=reduce_only)
        kernel.admission._stand(command)
        assert command.reducible == expected


# --- pairs that exclude each other ---------------------------------------------------------------


def pair(list_id: int, *terms: tuple[int, int]) -> list[Decision]:
    """Two sells of a list, (key, lots) each, of which one excludes the other."""
    return [
        new_order(key, 0, -1, lots, 104, instructions=Instructions(list_id=list_id, list_leg=leg))
        for leg, (key, lots) in enumerate(terms)
    ]


@pytest.mark.parametrize("tokens", [1, 9])
def test_what_a_pair_needs_before_and_after_one_of_it_executes(tokens: int) -> None:
    """A3: the larger need once; nothing for the leg that is excluded by then, sent or waiting."""
    state = moments()["markets"]
    buckets = tuple(evolve(each, tokens=tokens) for each in state.execution.buckets)
    state = evolve(state, execution=evolve(state.execution, buckets=buckets))
    said: list[Lines] = [{LINE: pair(1, (31, 5), (32, 6))}, {}, {}]
    filled = told(EventKind.FILLED, 31, 0, trade_id=9, side=-1, price=104, quantity=2)
    tried = [replace_order(key, lots, 104) for key, lots in product((31, 32), (1, 4, 9))]
    for lines, body in ((said, bar(LINE)), (({}, {}, {}), filled)):
        on_both(WORLD, state, body, lines)
        event = at(state.control.clock.now_ns + 1_000, body)
        state = specification.step(WORLD, fresh(lines), state, event).state
        for intent in (*tried, new_order(32, 0, -1, 4, 104)):
            facts = facts_of(WORLD, state, 0, intent)
            if facts is not None:
                assert facts_told(WORLD, state, 0, intent) == asdict(facts), intent
