"""Conditional orders: every rule has a witness, and what a price reaches reads as it should."""

import pytest

from tests.verification.rows import conditional_witnesses
from tickproof.spec.commands import OrderType
from tickproof.spec.conditional import (
    CONDITIONAL,
    Conditional,
    Met,
    Wait,
    WaitRefusal,
    child_type,
    step,
    trailing_trigger,
)

BUY, SELL = 1, -1
STOP, STOP_LIMIT = OrderType.STOP, OrderType.STOP_LIMIT
PROFIT, PROFIT_LIMIT = OrderType.TAKE_PROFIT, OrderType.TAKE_PROFIT_LIMIT


def test_every_rule_has_a_witness() -> None:
    assert {*conditional_witnesses()} == {rule.id for rule in CONDITIONAL.rules}


@pytest.mark.parametrize("kind", [STOP, STOP_LIMIT, PROFIT, PROFIT_LIMIT])
@pytest.mark.parametrize("side", [BUY, SELL])
def test_which_prices_reach_a_trigger(kind: OrderType, side: int) -> None:
    rises = (side == BUY) == (kind in (STOP, STOP_LIMIT))
    order = Conditional(kind, side, 100)
    for price in (99, 100, 101):
        reached = price >= 100 if rises else price <= 100
        state, _, code = step(Wait.ARRIVING, order, Met.ARRIVES, price)
        assert (code == WaitRefusal.ALREADY_REACHED) == reached
        assert state == (Wait.ARRIVING if reached else Wait.WAITING)
        assert step(Wait.WAITING, order, Met.SEEN, price)[0] == (
            Wait.OVER if reached else Wait.WAITING
        )
        assert step(Wait.DORMANT, order, Met.SEEN, price)[0] == (
            Wait.TRAILING if reached else Wait.DORMANT
        )
    assert step(Wait.ARRIVING, order, Met.ARRIVES, 0)[0] == Wait.WAITING


def played(order: Conditional, *prices: int) -> tuple[int, list[int]]:
    """Last state and the references on the way."""
    state, order, _ = step(Wait.ARRIVING, order, Met.ARRIVES, prices[0])
    found = [order.reference]
    for price in prices[1:]:
        state, order, _ = step(state, order, Met.SEEN, price)
        found.append(order.reference)
    return state, found


def test_a_trailing_sell_follows_the_highest_price_and_triggers_on_the_way_back() -> None:
    order = Conditional(STOP, SELL, 0, 1_000)
    assert played(order, 100, 110, 120, 109) == (Wait.TRAILING, [100, 110, 120, 120])
    assert played(order, 100, 110, 120, 108) == (Wait.OVER, [100, 110, 120, 120])
    assert played(order, 0, 90, 82) == (Wait.TRAILING, [0, 90, 90])


def test_a_trailing_buy_follows_the_lowest_price() -> None:
    order = Conditional(STOP, BUY, 0, 1_000)
    assert played(order, 100, 90, 98) == (Wait.TRAILING, [100, 90, 90])
    assert played(order, 100, 90, 99) == (Wait.OVER, [100, 90, 90])


def test_a_trailing_order_may_wait_for_a_price_to_trail_from() -> None:
    order = Conditional(PROFIT, SELL, 110, 1_000)
    assert played(order, 100, 105, 90) == (Wait.DORMANT, [0, 0, 0])
    assert played(order, 100, 111, 105, 99) == (Wait.OVER, [0, 111, 111, 111])
    assert played(order, 115, 108) == (Wait.TRAILING, [115, 115])


def test_a_distance_is_rounded_away_from_the_reference_by_less_than_a_unit() -> None:
    assert trailing_trigger(SELL, 105, 1_000) == 94
    assert trailing_trigger(BUY, 105, 1_000) == 116
    assert trailing_trigger(SELL, 100, 1_000) == 90
    assert trailing_trigger(BUY, 100, 1_000) == 110


def test_what_it_becomes() -> None:
    kinds = (STOP, PROFIT, STOP_LIMIT, PROFIT_LIMIT)
    market, limit = OrderType.MARKET, OrderType.LIMIT
    assert [child_type(kind) for kind in kinds] == [market, market, limit, limit]
