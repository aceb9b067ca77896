"""Risk denies for the right reason, first reason first, and whenever it cannot know."""

from typing import Any

import pytest
from attrs import asdict, evolve, fields
from hypothesis import given
from hypothesis import strategies as st

from tickproof.spec import requirements
from tickproof.spec.commands import ORDER_KEY_LIMIT, CommandKind, OrderType
from tickproof.spec.events import Side
from tickproof.spec.instrument import PRICE_LIMIT, QUANTITY_LIMIT, InstrumentState
from tickproof.spec.risk import (
    ACTIVE,
    POLICIES,
    REDUCING,
    DenyCode,
    RiskFacts,
    asked_open,
    decide,
    halted,
    held_open,
    off_lot,
    off_tick,
    reduces,
    reducing,
    reducing_ok,
    valuation_price,
    worst_gross,
    worst_open,
)
from tickproof.spec.trading_state import admits

BUY, SELL = int(Side.BUY), int(Side.SELL)
NEW, REPLACE, CANCEL = CommandKind.NEW, CommandKind.REPLACE, CommandKind.CANCEL

GOOD = RiskFacts(
    kind=NEW,
    key=1,
    order_type=OrderType.LIMIT,
    side=BUY,
    price=100,
    quantity=10,
    key_used=0,
    account_known=1,
    instrument_known=1,
    instrument_state=InstrumentState.CONTINUOUS,
    trading_state=ACTIVE,
    tick=5,
    lot_step=2,
    minimum_quantity=4,
    maximum_quantity=1_000,
    minimum_notional=300,
    money_per_price_lot=1,
    reference_known=1,
    reference_price=100,
    balance_known=1,
    free_balance=1_000,
    needed_lock=1_000,
    position_known=1,
    exposure_known=1,
    equity_known=1,
    equity=1_000,
    peak_equity=1_000,
    initial_equity=1_000,
)
"""A buy of 10 at 100 that is admitted."""

EXAMPLES: tuple[tuple[DenyCode, dict[str, int]], ...] = (
    (DenyCode.MALFORMED, {"kind": 0}),
    (DenyCode.MALFORMED, {"kind": 9}),
    (DenyCode.MALFORMED, {"side": 0}),
    (DenyCode.MALFORMED, {"order_type": 0}),
    (DenyCode.MALFORMED, {"key": 0}),
    (DenyCode.MALFORMED, {"key": ORDER_KEY_LIMIT}),
    (DenyCode.MALFORMED, {"price": PRICE_LIMIT + 1}),
    (DenyCode.MALFORMED, {"price": -5}),
    (DenyCode.MALFORMED, {"quantity": QUANTITY_LIMIT + 1}),
    (DenyCode.MALFORMED, {"quantity": -2}),
    (DenyCode.MALFORMED, {"order_type": OrderType.TAKE_PROFIT_LIMIT + 1}),
    (DenyCode.MALFORMED, {"trigger_price": -5}),
    (DenyCode.MALFORMED, {"trigger_price": PRICE_LIMIT + 5}),
    (DenyCode.UNKNOWN_ACCOUNT, {"account_known": 0}),
    (DenyCode.UNKNOWN_INSTRUMENT, {"instrument_known": 0}),
    (DenyCode.HALTED, {"trading_state": 2}),
    (DenyCode.HALTED, {"trading_state": -1}),
    (DenyCode.HALTED, {"trading_state": 7}),
    (DenyCode.HALTED, {"trading_state": 2, "kind": REPLACE, "quantity": 4, "held": 10}),
    (DenyCode.NOT_TRADABLE, {"instrument_state": InstrumentState.HALTED}),
    (DenyCode.NOT_TRADABLE, {"instrument_state": InstrumentState.PRE_OPEN}),
    (DenyCode.NOT_TRADABLE, {"instrument_state": InstrumentState.CLOSED}),
    (DenyCode.NOT_TRADABLE, {"instrument_state": InstrumentState.DELISTED}),
    (DenyCode.NOT_TRADABLE, {"instrument_state": InstrumentState.HALTED, "at_auction": 1}),
    (
        DenyCode.NOT_TRADABLE,
        {
            "instrument_state": InstrumentState.AUCTION,
            "order_type": OrderType.MARKET,
            "price": 0,
        },
    ),
    (DenyCode.DUPLICATE_KEY, {"key_used": 1}),
    (DenyCode.MISSING_DATA, {"balance_known": 0}),
    (DenyCode.MISSING_DATA, {"position_known": 0}),
    (DenyCode.MISSING_DATA, {"tick": 0}),
    (DenyCode.MISSING_DATA, {"lot_step": 0}),
    (DenyCode.MISSING_DATA, {"money_per_price_lot": 0}),
    (DenyCode.MISSING_DATA, {"exposure_known": 0, "limit_gross": 10_000}),
    (DenyCode.MISSING_DATA, {"exposure_known": 0, "limit_net": 10_000}),
    (DenyCode.MISSING_DATA, {"equity_known": 0, "limit_loss": 10}),
    (DenyCode.MISSING_DATA, {"equity_known": 0, "limit_drawdown": 10}),
    (DenyCode.OFF_TICK, {"price": 99}),
    (DenyCode.OFF_TICK, {"price": 0}),
    (DenyCode.OFF_TICK, {"order_type": OrderType.MARKET}),
    (DenyCode.OFF_TICK, {"trigger_price": 99}),
    (DenyCode.OFF_TICK, {"order_type": OrderType.STOP, "trigger_price": 1, "price": 0}),
    (DenyCode.OFF_TICK, {"order_type": OrderType.STOP, "trigger_price": 100}),
    (DenyCode.OFF_LOT, {"quantity": 9}),
    (DenyCode.BELOW_MINIMUM_QUANTITY, {"quantity": 2}),
    (DenyCode.BELOW_MINIMUM_QUANTITY, {"quantity": 0, "minimum_quantity": 0}),
    (DenyCode.ABOVE_MAXIMUM_QUANTITY, {"maximum_quantity": 9}),
    (DenyCode.ABOVE_MAXIMUM_QUANTITY, {"limit_quantity": 9}),
    (DenyCode.NO_REFERENCE_PRICE, {"reference_known": 0, "limit_price_collar_e8": 1}),
    (DenyCode.NO_REFERENCE_PRICE, {"reference_price": 0, "limit_price_collar_e8": 1}),
    (DenyCode.NO_REFERENCE_PRICE, {"reference_known": 0, "limit_gross": 10_000}),
    (DenyCode.NO_REFERENCE_PRICE, {"reference_known": 0, "limit_net": 10_000}),
    (
        DenyCode.NO_REFERENCE_PRICE,
        {"reference_known": 0, "order_type": OrderType.MARKET, "price": 0},
    ),
    (DenyCode.BELOW_MINIMUM_NOTIONAL, {"minimum_notional": 1_001}),
    (
        DenyCode.BELOW_MINIMUM_NOTIONAL,
        {
            "minimum_notional": 1_000,
            "order_type": OrderType.TAKE_PROFIT,
            "price": 0,
            "side": SELL,
            "trigger_price": 95,
        },
    ),
    (
        DenyCode.ABOVE_MAXIMUM_NOTIONAL,
        {"limit_notional": 1_049, "order_type": OrderType.STOP, "price": 0, "trigger_price": 105},
    ),
    (DenyCode.ABOVE_MAXIMUM_NOTIONAL, {"limit_notional": 999}),
    (DenyCode.PRICE_COLLAR, {"price": 110, "limit_price_collar_e8": 9_999_999}),
    (DenyCode.PRICE_COLLAR, {"price": 90, "limit_price_collar_e8": 9_999_999}),
    (DenyCode.REDUCING, {"trading_state": REDUCING}),
    (DenyCode.REDUCING, {"trading_state": REDUCING, "position": -9}),
    (DenyCode.REDUCING, {"trading_state": REDUCING, "position": -12, "open_buy": 4}),
    (DenyCode.REDUCE_ONLY, {"reduce_only": 1}),
    (DenyCode.REDUCE_ONLY, {"reduce_only": 1, "position": 10}),
    (DenyCode.REDUCE_ONLY, {"reduce_only": 1, "position": -9}),
    (DenyCode.REDUCE_ONLY, {"reduce_only": 1, "position": 9, "side": SELL}),
    (DenyCode.REDUCE_ONLY, {"kind": REPLACE, "executed": 10, "reduce_only": 1}),
    (DenyCode.REDUCE_ONLY, {"kind": REPLACE, "executed": 10, "reduce_only": 1, "side": SELL}),
    (DenyCode.REDUCE_ONLY, {"kind": REPLACE, "executed": 6, "reduce_only": 1, "position": -3}),
    (DenyCode.SELF_TRADE, {"own_opposite_known": 1, "own_opposite_price": 100}),
    (DenyCode.SELF_TRADE, {"side": SELL, "own_opposite_known": 1, "own_opposite_price": 100}),
    (
        DenyCode.SELF_TRADE,
        {
            "order_type": OrderType.MARKET,
            "price": 0,
            "own_opposite_known": 1,
            "own_opposite_price": 10_000,
        },
    ),
    (DenyCode.MAXIMUM_OPEN_ORDERS, {"limit_open_orders": 3, "open_orders": 3}),
    (DenyCode.MAXIMUM_POSITION, {"limit_position": 15, "position": 4, "open_buy": 2}),
    (
        DenyCode.MAXIMUM_POSITION,
        {"limit_position": 15, "side": SELL, "position": -4, "open_sell": 2},
    ),
    (DenyCode.MAXIMUM_POSITION, {"kind": REPLACE, "executed": 6, "limit_position": 3}),
    (DenyCode.MAXIMUM_GROSS, {"limit_gross": 2_000, "gross_others": 1_001}),
    (DenyCode.MAXIMUM_GROSS, {"limit_gross": 1_799, "position": 5, "open_buy": 3}),
    (
        DenyCode.MAXIMUM_GROSS,
        {"limit_gross": 1_799, "side": SELL, "position": -5, "open_sell": 3},
    ),
    (DenyCode.MAXIMUM_GROSS, {"limit_gross": 1_500, "side": SELL, "position": -6}),
    (DenyCode.MAXIMUM_NET, {"limit_net": 2_000, "net_high_others": 1_001}),
    (DenyCode.MAXIMUM_NET, {"limit_net": 2_000, "side": SELL, "net_low_others": -1_001}),
    (DenyCode.MAXIMUM_LOSS, {"limit_loss": 100, "equity": 900}),
    (DenyCode.MAXIMUM_DRAWDOWN, {"limit_drawdown": 100, "equity": 1_000, "peak_equity": 1_100}),
    (DenyCode.INSUFFICIENT_BALANCE, {"needed_lock": 1_001}),
    (DenyCode.INSUFFICIENT_BALANCE, {"free_balance": -1, "needed_lock": 1}),
    (DenyCode.ORDER_LIST, {"list_used": 1}),
)

EDGES: tuple[dict[str, int], ...] = (
    {},
    {"kind": REPLACE, "key_used": 1},
    {"instrument_state": InstrumentState.AUCTION},
    {"instrument_state": InstrumentState.PRE_OPEN, "at_auction": 1},
    {
        "instrument_state": InstrumentState.AUCTION,
        "order_type": OrderType.MARKET,
        "price": 0,
        "at_auction": 1,
    },
    {"order_type": OrderType.LIMIT_MAKER},
    {"order_type": OrderType.MARKET, "price": 0},
    {"order_type": OrderType.TAKE_PROFIT_LIMIT, "trigger_price": 95},
    {"order_type": OrderType.STOP, "price": 0, "trigger_price": 105},
    {"order_type": OrderType.STOP, "price": 0, "trigger_price": 1, "tick": 1},
    {"order_type": OrderType.STOP_LIMIT, "trigger_price": PRICE_LIMIT},
    {"reference_known": 0},
    {"exposure_known": 0, "equity_known": 0},
    {"quantity": 4},
    {"maximum_quantity": 10, "limit_quantity": 10},
    {"minimum_notional": 1_000, "limit_notional": 1_000},
    {"price": 110, "limit_price_collar_e8": 10_000_000},
    {"price": 90, "limit_price_collar_e8": 10_000_000},
    {"price": 105},
    {"order_type": OrderType.MARKET, "price": 0, "limit_price_collar_e8": 1},
    {"price": PRICE_LIMIT},
    {"quantity": QUANTITY_LIMIT, "maximum_quantity": QUANTITY_LIMIT},
    {"kind": REPLACE, "executed": 6, "reduce_only": 1, "position": -4},
    {"kind": REPLACE, "executed": 6, "limit_position": 4},
    {"trading_state": REDUCING, "position": -10},
    {"trading_state": REDUCING, "position": -12, "open_buy": 2, "reduce_only": 1},
    {"reduce_only": 1, "position": 10, "side": SELL, "open_buy": 50},
    {"own_opposite_known": 1, "own_opposite_price": 101},
    {"own_opposite_known": 1, "own_opposite_price": 99, "side": SELL},
    {"own_opposite_known": 1, "own_opposite_price": 1, "self_trade_refused": 0},
    {"limit_open_orders": 4, "open_orders": 3},
    {"limit_open_orders": 3, "open_orders": 3, "kind": REPLACE},
    {"limit_position": 16, "position": 4, "open_buy": 2, "open_sell": 90},
    {"limit_position": 5, "position": 40, "side": SELL},
    {"limit_gross": 2_000, "gross_others": 1_000},
    {"limit_gross": 500, "gross_others": 1_000, "position": 40, "side": SELL},
    {"limit_gross": 1_800, "position": 5, "open_buy": 3},
    {"limit_gross": 1_800, "side": SELL, "position": -5, "open_sell": 3},
    # The other side of the instrument is the worse one, before and after.
    {"limit_gross": 400, "position": -5},
    {"limit_gross": 500, "position": -4, "open_sell": 10},
    {"limit_gross": 500, "position": -4, "open_sell": 2},
    # Less than nothing is open: no number there is, and the same answer.
    {"limit_gross": 400, "position": -5, "open_sell": -4},
    {"limit_gross": 500, "position": -4, "open_sell": 10, "quantity": 12},
    {"limit_net": 2_000, "net_high_others": 1_000},
    {"limit_net": 500, "net_high_others": 9_000, "net_low_others": 9_000, "side": SELL},
    {"limit_loss": 100, "equity": 901},
    {"limit_loss": 100, "equity": 900, "position": -10},
    {"limit_drawdown": 100, "equity": 1_001, "peak_equity": 1_100},
    {"limit_drawdown": 100, "equity": 1_000, "peak_equity": 1_100, "position": -10},
    {"free_balance": -5, "needed_lock": 0},
    # Making an order smaller is not denied for a limit that is exceeded already.
    {"kind": REPLACE, "held": 10, "limit_position": 5},
    {"kind": REPLACE, "held": 12, "limit_gross": 5},
    {"kind": REPLACE, "held": 10, "limit_net": 5},
)


def case_name(value: object) -> str:
    """Name of a test case: code, or fields with values."""
    if isinstance(value, dict):
        return ",".join(f"{name}={int(number)}" for name, number in value.items()) or "plain"
    return str(getattr(value, "name", value))


@pytest.mark.parametrize(("code", "changes"), EXAMPLES, ids=case_name)
def test_every_reason_is_given(code: DenyCode, changes: dict[str, Any]) -> None:
    assert decide(evolve(GOOD, **changes)) == code


@pytest.mark.parametrize("changes", EDGES, ids=case_name)
def test_the_edge_of_every_limit_is_inside(changes: dict[str, Any]) -> None:
    assert decide(evolve(GOOD, **changes)) == DenyCode.ALLOWED


@pytest.mark.parametrize(
    ("order_type", "side", "trigger", "judged"),
    [
        (OrderType.LIMIT, BUY, 0, 100),
        (OrderType.STOP_LIMIT, BUY, 107, 100),
        (OrderType.MARKET, BUY, 0, 102),
        (OrderType.MARKET, SELL, 0, 102),
        (OrderType.STOP, BUY, 1, 102),
        (OrderType.STOP, BUY, 107, 107),
        (OrderType.STOP, SELL, 107, 102),
        (OrderType.STOP, SELL, 1, 1),
        (OrderType.TAKE_PROFIT, SELL, 95, 95),
    ],
)
def test_what_becomes_market_is_judged_where_it_is_worse(
    order_type: int, side: int, trigger: int, judged: int
) -> None:
    facts = evolve(
        GOOD, order_type=order_type, side=side, trigger_price=trigger, reference_price=102
    )
    assert valuation_price(facts) == judged


def test_every_policy_has_an_example_and_codes_are_the_policies() -> None:
    assert {code for code, _ in EXAMPLES} == {policy.code for policy in POLICIES}
    assert [policy.code for policy in POLICIES] == list(range(1, len(DenyCode)))
    assert [policy.id for policy in POLICIES] == [f"RISK.{code.name}" for code in DenyCode][1:]


@pytest.mark.parametrize("policy", POLICIES, ids=lambda policy: policy.id)
def test_policies_name_known_requirements_and_say_what_they_deny(policy: Any) -> None:
    assert policy.requirements
    for requirement in policy.requirements:
        assert requirements.by_id(requirement).id == requirement
    assert policy.denies.__doc__
    assert policy.denies.__name__.upper() == DenyCode(policy.code).name


# --- records that reach every policy -------------------------------------------------------------

small = st.integers(-30, 30)
flag = st.sampled_from([1, 1, 1, 1, 0])
limit = st.sampled_from([0, 0, 0, 5, 20, 100, 1_000])
VALUES: dict[str, st.SearchStrategy[int]] = {
    "kind": st.sampled_from([NEW, NEW, REPLACE, CANCEL, 0]),
    "key": st.sampled_from([1, 1, 1, 0]),
    "order_type": st.sampled_from([1, 1, 2, 3, 0]),
    "side": st.sampled_from([BUY, SELL, BUY, SELL, 0]),
    "price": st.sampled_from([0, 5, 95, 100, 105, 7]),
    "quantity": st.sampled_from([0, 2, 4, 10, 20, 5]),
    "reduce_only": st.integers(0, 1),
    "executed": st.integers(0, 12),
    "held": st.integers(-1, 12),
    "key_used": st.sampled_from([0, 0, 0, 1]),
    "account_known": flag,
    "instrument_known": flag,
    "instrument_state": st.sampled_from([2, 2, 2, 1, 0, 3]),
    "at_auction": st.sampled_from([0, 0, 1]),
    "list_used": st.sampled_from([0, 0, 0, 1]),
    "trading_state": st.sampled_from([0, 0, 0, 1, 2, -1]),
    "tick": st.sampled_from([5, 5, 1, 0]),
    "lot_step": st.sampled_from([2, 2, 1, 0]),
    "minimum_quantity": st.integers(0, 4),
    "maximum_quantity": st.sampled_from([10, 100]),
    "minimum_notional": st.sampled_from([0, 300]),
    "money_per_price_lot": st.sampled_from([1, 1, 3, 0]),
    "limit_price_collar_e8": st.sampled_from([0, 0, 4_999_999, 5_000_000, 10_000_000]),
    "limit_quantity": limit,
    "limit_notional": limit,
    "limit_position": limit,
    "limit_open_orders": limit,
    "limit_gross": limit,
    "limit_net": limit,
    "limit_loss": limit,
    "limit_drawdown": limit,
    "self_trade_refused": flag,
    "reference_known": flag,
    "reference_price": st.sampled_from([100, 100, 99, 1, 0]),
    "balance_known": flag,
    "free_balance": st.integers(-100, 2_000),
    "needed_lock": st.integers(-100, 2_000),
    "position_known": flag,
    "position": small,
    "open_buy": st.integers(0, 12),
    "open_sell": st.integers(0, 12),
    "open_orders": st.integers(0, 25),
    "exposure_known": flag,
    "gross_others": st.integers(0, 1_000),
    "net_high_others": st.integers(-1_000, 1_000),
    "net_low_others": st.integers(-1_000, 1_000),
    "equity_known": flag,
    "equity": small,
    "peak_equity": small,
    "initial_equity": small,
    "own_opposite_known": st.sampled_from([0, 0, 1]),
    "own_opposite_price": st.sampled_from([95, 100, 105]),
    "quote_quantity": st.sampled_from([0, 0, 1, 5_000, 10**9]),
    "trigger_price": st.sampled_from([-1, 0, 1, 95, 100, 101, 105, PRICE_LIMIT + 1]),
}

anything = st.builds(RiskFacts, **VALUES)


@st.composite
def near_good(draw: st.DrawFn) -> RiskFacts:
    """An admitted record with a few fields changed: late policies are reached as well."""
    names = draw(st.lists(st.sampled_from(sorted(VALUES)), max_size=6, unique=True))
    return evolve(GOOD, **{name: draw(VALUES[name]) for name in names})


records = st.one_of(near_good(), near_good(), anything)


def test_generators_name_every_fact() -> None:
    assert set(VALUES) == {field.name for field in fields(RiskFacts)}


# --- properties ----------------------------------------------------------------------------------


@given(records)
def test_the_first_denying_policy_gives_the_reason(facts: RiskFacts) -> None:
    decision = decide(facts)
    if facts.kind == CANCEL:
        assert decision == DenyCode.ALLOWED
        return
    reasons = [policy.code for policy in POLICIES if policy.denies(facts)]
    assert decision == (reasons[0] if reasons else DenyCode.ALLOWED)


@given(st.builds(RiskFacts, **{name: st.integers() for name in VALUES}))
def test_any_integers_give_a_decision_and_no_error(facts: RiskFacts) -> None:
    assert decide(facts) in tuple(DenyCode)
    for policy in POLICIES:
        assert policy.denies(facts) in (True, False)


def test_pd16_what_is_not_said_is_zero_or_denies() -> None:
    said = {name: value for name, value in asdict(RiskFacts()).items() if value}
    assert said == {"key_used": 1, "trading_state": -1, "self_trade_refused": 1}


def test_pd16_what_is_not_known_is_denied() -> None:
    assert decide(RiskFacts()) == DenyCode.MALFORMED
    # Nothing but the command itself is known: the account comes first.
    command = RiskFacts(
        kind=NEW, key=1, order_type=OrderType.LIMIT, side=BUY, price=100, quantity=10
    )
    assert decide(command) == DenyCode.UNKNOWN_ACCOUNT


@given(records, st.sampled_from(sorted(name for name in VALUES if name.endswith("_known"))))
def test_pd16_taking_knowledge_away_never_admits(facts: RiskFacts, name: str) -> None:
    # Own opposite orders are a fact about risk, not knowledge that is needed.
    if name != "own_opposite_known" and decide(evolve(facts, **{name: 1})) != DenyCode.ALLOWED:
        assert decide(evolve(facts, **{name: 0})) != DenyCode.ALLOWED


def may_fill(facts: RiskFacts, others: int, own: int) -> int:
    """The position when `others` lots of the same side and `own` of the order have filled."""
    return facts.position + facts.side * (others + own)


@given(records, st.integers(0, 12), st.integers(0, 20), st.sampled_from([True, False]))
def test_pd17_neither_reducing_nor_reduce_only_grows_or_flips(
    facts: RiskFacts, others: int, own: int, by_state: bool
) -> None:
    if by_state:
        facts = evolve(facts, trading_state=REDUCING)
    else:
        facts = evolve(facts, reduce_only=1)
    if facts.kind == CANCEL or decide(facts) != DenyCode.ALLOWED:
        return
    open_same_side = facts.open_buy if facts.side == BUY else facts.open_sell
    others = min(others, open_same_side)
    own = min(own, max(facts.quantity - facts.executed, 0))
    after = may_fill(facts, others, own)
    assert abs(after) <= abs(facts.position)
    assert after * facts.position >= 0


def test_pd17_reducing_denies_an_order_that_flips() -> None:
    facts = evolve(GOOD, trading_state=REDUCING, side=SELL, position=8)
    assert decide(facts) == DenyCode.REDUCING
    assert decide(evolve(facts, position=10)) == DenyCode.ALLOWED
    assert decide(evolve(facts, position=10, open_sell=1)) == DenyCode.REDUCING
    assert decide(evolve(facts, position=-10)) == DenyCode.REDUCING
    assert decide(evolve(facts, position=0)) == DenyCode.REDUCING


@given(records, st.integers(-1, 4))
def test_it_agrees_with_the_trading_state_table(facts: RiskFacts, trading_state: int) -> None:
    facts = evolve(facts, trading_state=trading_state)
    admitted = admits(trading_state, NEW, reduces(facts))
    assert admitted == (not halted(facts) and not reducing(facts))


def test_pd26_an_order_beyond_the_free_balance_is_denied() -> None:
    assert decide(evolve(GOOD, free_balance=999)) == DenyCode.INSUFFICIENT_BALANCE
    assert decide(evolve(GOOD, free_balance=1_000)) == DenyCode.ALLOWED


@given(records, st.integers(0, 1_000))
def test_needing_more_never_turns_a_denial_into_an_admission(facts: RiskFacts, more: int) -> None:
    if decide(facts) == DenyCode.INSUFFICIENT_BALANCE:
        after = evolve(facts, needed_lock=facts.needed_lock + more)
        assert decide(after) == DenyCode.INSUFFICIENT_BALANCE


@given(records)
def test_a_cancel_is_never_denied(facts: RiskFacts) -> None:
    assert decide(evolve(facts, kind=CANCEL)) == DenyCode.ALLOWED
    assert decide(RiskFacts(kind=CANCEL)) == DenyCode.ALLOWED


@given(records, st.integers(0, 40))
def test_position_limit_holds_in_the_worst_case(facts: RiskFacts, filled: int) -> None:
    if facts.kind == CANCEL or decide(facts) != DenyCode.ALLOWED or facts.limit_position == 0:
        return
    asked = max(facts.quantity - facts.executed, 0)
    if asked <= max(facts.held, 0):
        return
    same = facts.open_buy if facts.side == BUY else facts.open_sell
    after = facts.position + facts.side * (same + min(filled, asked))
    assert facts.side * after <= facts.limit_position


@pytest.mark.parametrize(
    ("position", "open_reducing", "side", "quantity", "expected"),
    [
        (10, 0, SELL, 10, True),
        (10, 1, SELL, 10, False),
        (10, 0, SELL, 11, False),
        (10, 0, BUY, 1, False),
        (-10, 3, BUY, 7, True),
        (-10, 3, BUY, 8, False),
        (-10, 0, SELL, 1, False),
        (0, 0, BUY, 0, False),
        (0, 0, SELL, 0, False),
    ],
)
def test_reducing_ok(
    position: int, open_reducing: int, side: int, quantity: int, expected: bool
) -> None:
    assert reducing_ok(position, open_reducing, side, quantity) is expected


def test_ol8_the_worst_of_all_terms_counts() -> None:
    assert worst_open((), 3) == 0
    assert worst_open((10, 14, 8), 3) == 11
    assert worst_open((2,), 3) == 0


# --- ones beside zeros: limits, grids and lots of exactly 1 --------------------------------------


def test_nothing_is_open_of_what_was_executed_or_is_not_held() -> None:
    assert worst_open([2, 3], 3) == 0
    assert asked_open(evolve(GOOD, quantity=3, executed=3)) == 0
    assert asked_open(evolve(GOOD, quantity=2, executed=3)) == 0
    assert held_open(evolve(GOOD, held=0)) == held_open(evolve(GOOD, held=-1)) == 0


def test_gross_adds_an_order_on_its_own_side_only() -> None:
    long = evolve(GOOD, position=10, reference_price=1, money_per_price_lot=1)
    assert worst_gross(evolve(long, side=SELL), 3) == 10
    assert worst_gross(evolve(long, side=BUY), 3) == 13
    assert worst_gross(evolve(long, side=BUY, position=-10), 3) == 10
    assert worst_gross(evolve(long, side=SELL, position=-10), 3) == 13


def test_the_smallest_position_can_be_reduced() -> None:
    assert reducing_ok(1, 0, SELL, 1)
    assert reducing_ok(-1, 0, BUY, 1)
    assert not reducing_ok(0, 0, SELL, 0)
    assert not reducing_ok(0, 0, BUY, 0)


def test_the_smallest_price_grid_quantity_and_reference_are_some() -> None:
    smallest = evolve(
        GOOD,
        price=1,
        tick=1,
        lot_step=1,
        quantity=1,
        minimum_quantity=1,
        minimum_notional=1,
        reference_price=1,
        limit_gross=1_000,
    )
    assert decide(smallest) == DenyCode.ALLOWED


def test_a_grid_without_points_has_no_price() -> None:
    """Said by each policy on its own, though another denies it first."""
    for tick in (0, -5):
        assert off_tick(evolve(GOOD, tick=tick))
        assert off_tick(evolve(GOOD, tick=tick, trigger_price=100))
        unpriced = evolve(GOOD, tick=tick, order_type=OrderType.STOP, price=0, trigger_price=100)
        assert off_tick(unpriced)
    for step in (0, -2):
        assert off_lot(evolve(GOOD, lot_step=step))
