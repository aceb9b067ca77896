"""A venue's further filters: edges, precedence, and what asks for nothing."""

import pytest
from attrs import astuple, evolve
from hypothesis import given
from hypothesis import strategies as st

from tickproof.spec import venue_rules as spec
from tickproof.spec.commands import OrderType
from tickproof.spec.venue_rules import NO_RULES, Asked, Held, VenueFilter, VenueRules

LOTS = st.integers(1, 50)
BUY, SELL = 1, -1
LIMIT, MARKET = int(OrderType.LIMIT), int(OrderType.MARKET)


@given(st.sampled_from((BUY, SELL)), st.sampled_from(tuple(OrderType)), LOTS, LOTS, LOTS)
def test_no_rules_ask_for_nothing(side: int, kind: int, price: int, lots: int, last: int) -> None:
    asked = Asked(side, int(kind), price, lots, 1, 5)
    assert spec.first_broken(NO_RULES, asked, last) == VenueFilter.NONE
    held = Held(1000, 1000, 1000, 1000)
    assert spec.first_reached(NO_RULES, held, side, lots, 1) == VenueFilter.NONE


@given(LOTS, st.integers(0, 40_000), st.integers(0, 40_000), st.integers(1, 400))
def test_a_band_is_an_interval_around_its_reference(
    reference: int, up: int, down: int, price: int
) -> None:
    inside = spec.within_band(up, down, reference, price)
    scaled = price * spec.BAND_SCALE
    assert inside == ((up == 0 or scaled <= reference * up) and scaled >= reference * down)


@pytest.mark.parametrize(
    ("side", "price", "last", "broken"),
    [
        (BUY, 110, 100, False),
        (BUY, 111, 100, True),
        (BUY, 80, 100, False),
        (BUY, 79, 100, True),
        (SELL, 120, 100, False),
        (SELL, 121, 100, True),
        (SELL, 90, 100, False),
        (SELL, 89, 100, True),
        (BUY, 500, 0, False),
        (BUY, 500, 1, True),
        (BUY, 0, 100, False),
        (BUY, 1, 100, True),
    ],
)
def test_each_side_has_its_band(side: int, price: int, last: int, broken: bool) -> None:
    rules = VenueRules(11_000, 8_000, 12_000, 9_000)
    found = spec.first_broken(rules, Asked(side, LIMIT, price, 1), last)
    assert found == (VenueFilter.PRICE_BAND if broken else VenueFilter.NONE)


@pytest.mark.parametrize(
    ("lots", "kept"), [(3, False), (4, True), (5, False), (20, True), (22, False)]
)
def test_market_orders_have_a_range_and_step_of_their_own(lots: int, kept: bool) -> None:
    rules = VenueRules(market_minimum=4, market_maximum=20, market_step=2)
    expected = VenueFilter.NONE if kept else VenueFilter.MARKET_LOT
    assert spec.first_broken(rules, Asked(BUY, MARKET, 0, lots), 100) == expected
    assert spec.first_broken(rules, Asked(BUY, LIMIT, 9, lots), 100) == VenueFilter.NONE


@given(LOTS, st.integers(0, 10), st.integers(0, 10))
def test_an_iceberg_is_shown_in_so_many_parts(lots: int, display: int, most: int) -> None:
    rules = VenueRules(maximum_iceberg_parts=most)
    parts = -(-lots // display) if display else 0
    kept = spec.iceberg_parts_kept(rules, Asked(BUY, LIMIT, 1, lots, display))
    assert kept == (most == 0 or parts <= most)


@pytest.mark.parametrize(
    ("distance", "kept"),
    [(0, True), (1, False), (9, False), (10, True), (30, True), (31, False)],
)
def test_a_trailing_distance_has_a_range(distance: int, kept: bool) -> None:
    rules = VenueRules(trailing_minimum_e4=10, trailing_maximum_e4=30)
    found = spec.first_broken(rules, Asked(BUY, LIMIT, 1, 1, 0, distance), 0)
    assert found == (VenueFilter.NONE if kept else VenueFilter.TRAILING_DISTANCE)


def test_the_first_filter_broken_is_told() -> None:
    rules = VenueRules(1, 0, 1, 0, market_minimum=9, maximum_iceberg_parts=1, trailing_maximum_e4=1)
    market = Asked(BUY, MARKET, 7, 2, 1, 2)
    limit = evolve(market, order_type=LIMIT)
    assert spec.first_broken(rules, market, 100) == VenueFilter.MARKET_LOT
    assert spec.first_broken(rules, limit, 100) == VenueFilter.PRICE_BAND
    assert spec.first_broken(rules, limit, 0) == VenueFilter.ICEBERG_PARTS
    assert spec.first_broken(rules, evolve(limit, display=2), 0) == VenueFilter.TRAILING_DISTANCE


def test_the_first_limit_reached_is_told() -> None:
    rules = VenueRules(maximum_open_orders=3, maximum_conditional_orders=2, maximum_position=10)
    reached = spec.first_reached
    assert reached(rules, Held(2, 1, 4, 3), BUY, 3, 1) == VenueFilter.NONE
    assert reached(rules, Held(3, 2, 4, 3), BUY, 4, 1) == VenueFilter.OPEN_ORDERS
    assert reached(rules, Held(2, 2, 4, 3), BUY, 4, 1) == VenueFilter.CONDITIONAL_ORDERS
    assert reached(rules, Held(2, 2, 4, 3), BUY, 4, 0) == VenueFilter.POSITION
    assert reached(rules, Held(2, 2, 4, 3), SELL, 40, 0) == VenueFilter.NONE
    assert reached(rules, Held(2, 2, -9, 3), BUY, 16, 0) == VenueFilter.NONE


def test_what_is_not_said_is_nothing() -> None:
    assert astuple(VenueRules()) == (0,) * 15
    assert astuple(Asked(BUY, LIMIT, 2, 3)) == (BUY, LIMIT, 2, 3, 0, 0)
    assert astuple(Held()) == (0, 0, 0, 0)


def test_a_filter_of_one_is_a_filter() -> None:
    assert not spec.within_band(0, 1, spec.BAND_SCALE + 1, 1)
    reached = spec.first_reached
    assert reached(VenueRules(maximum_open_orders=1), Held(1), SELL, 1, 0) == (
        VenueFilter.OPEN_ORDERS
    )
    assert reached(VenueRules(maximum_conditional_orders=1), Held(1, 1), SELL, 1, 1) == (
        VenueFilter.CONDITIONAL_ORDERS
    )
    one = VenueRules(maximum_position=1)
    assert reached(one, Held(), BUY, 2, 0) == VenueFilter.POSITION
    assert reached(one, Held(), BUY, 1, 0) == VenueFilter.NONE
    assert reached(VenueRules(), Held(9, 9, 9, 9), BUY, 2, 0) == VenueFilter.NONE


@pytest.mark.parametrize(
    ("position", "side", "others", "room"),
    [(5, SELL, 2, 3), (5, SELL, 9, 0), (5, BUY, 0, 0), (-5, BUY, 1, 4), (-5, SELL, 0, 0)],
)
def test_room_to_reduce(position: int, side: int, others: int, room: int) -> None:
    assert spec.room_to_reduce(position, side, others) == room
