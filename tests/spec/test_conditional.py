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
    came_back,
    child_type,
    is_reached,
    leads,
    lingers,
    step,
    trailing_trigger,
    trails_at_once,
    trails_later,
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


@pytest.mark.parametrize(
    ("order", "price", "holding"),
    [
        # Without a distance nothing trails, with one it does at once or from a price on.
        (Conditional(STOP, BUY, 100), 101, ["is_reached"]),
        (Conditional(STOP, BUY, 100, 500), 101, ["is_reached", "trails_at_once"]),
        (Conditional(STOP, BUY, 100, 500), 99, ["trails_later"]),
        (Conditional(STOP, BUY, 1, 500), 0, ["trails_later"]),
        (Conditional(STOP, BUY, 1, 500), 1, ["is_reached", "trails_at_once"]),
        (Conditional(PROFIT, SELL, 1), 0, []),
        (Conditional(STOP, BUY, 0, 500), 0, ["trails_at_once"]),
    ],
)
def test_which_orders_trail(order: Conditional, price: int, holding: list[str]) -> None:
    guards = (is_reached, trails_at_once, trails_later)
    assert [guard.__name__ for guard in guards if guard(order, price)] == holding


@pytest.mark.parametrize(
    ("side", "reference", "price", "holding"),
    [
        (SELL, 0, 100, ["leads"]),
        (SELL, 100, 101, ["leads"]),
        (SELL, 100, 100, ["lingers"]),
        (SELL, 100, 96, ["lingers"]),
        (SELL, 100, 95, ["came_back"]),
        (BUY, 100, 99, ["leads"]),
        (BUY, 100, 100, ["lingers"]),
        (BUY, 100, 104, ["lingers"]),
        (BUY, 100, 105, ["came_back"]),
        (SELL, 1, 2, ["leads"]),
        (SELL, 1, 1, ["lingers"]),
        (BUY, 1, 2, ["came_back"]),
        (BUY, 1, 1, ["lingers"]),
    ],
)
def test_what_a_price_is_to_an_order_that_trails(
    side: int, reference: int, price: int, holding: list[str]
) -> None:
    order = Conditional(STOP, side, 0, 500, reference)
    guards = (leads, came_back, lingers)
    assert [guard.__name__ for guard in guards if guard(order, price)] == holding


def test_every_cell_without_a_price() -> None:
    """What ends a wait ends it, and what cannot be has its code."""
    order = Conditional(STOP, BUY, 100)
    waits = (Wait.WAITING, Wait.DORMANT, Wait.TRAILING)
    for met in Met:
        assert step(Wait.OVER, order, met, 0) == (Wait.OVER, order, WaitRefusal.NOT_WAITING)
        for state in waits if met == Met.ARRIVES else (Wait.ARRIVING,):
            code = WaitRefusal.ARRIVED_BEFORE if met == Met.ARRIVES else WaitRefusal.NOT_THERE
            assert step(state, order, met, 0) == (state, order, code)
    for state in waits:
        for met in (Met.CANCEL, Met.DATE_REACHED):
            assert step(state, order, met, 0) == (Wait.OVER, order, 0)
        for met in (Met.SEEN_CLOSED, Met.REPLACE):
            assert step(state, order, met, 0) == (state, order, 0)
