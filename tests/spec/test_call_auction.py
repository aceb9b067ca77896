"""The price of a call auction, against every price there is [M8]."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tickproof.spec import call_auction as spec
from tickproof.spec.call_auction import Candidate, Interest

sides = st.lists(st.tuples(st.integers(90, 110), st.integers(1, 9)), max_size=6).map(tuple)
candidates = st.builds(
    Candidate, st.integers(1, 3), st.integers(0, 2), st.integers(0, 2), st.integers(0, 2)
)


@given(sides, sides, st.integers(0, 120))
def test_no_price_trades_more(bids: Interest, asks: Interest, reference: int) -> None:
    price = spec.auction_price(bids, asks, reference)
    most = max(spec.volume(bids, asks, each) for each in range(80, 121))
    if price == spec.NO_PRICE:
        assert most == 0
    else:
        assert spec.volume(bids, asks, price) == most


@given(sides, sides, st.integers(0, 120))
def test_nothing_named_is_preferred(bids: Interest, asks: Interest, reference: int) -> None:
    price = spec.auction_price(bids, asks, reference)
    if price == spec.NO_PRICE:
        return
    chosen = spec.candidate(bids, asks, price, reference)
    for other in spec.prices(bids, asks, reference):
        assert not spec.preferred(spec.candidate(bids, asks, other, reference), chosen)


@given(candidates, candidates, candidates)
def test_the_ranking_is_a_strict_order(one: Candidate, two: Candidate, three: Candidate) -> None:
    assert not spec.preferred(one, one)
    assert one == two or spec.preferred(one, two) != spec.preferred(two, one)
    if spec.preferred(one, two) and spec.preferred(two, three):
        assert spec.preferred(one, three)


@pytest.mark.parametrize(
    ("bids", "asks", "reference", "price"),
    [
        ((), ((100, 1),), 100, 0),
        (((99, 1),), ((100, 1),), 100, 0),
        (
            ((105, 4), (103, 4)),
            ((101, 5), (104, 9)),
            104,
            103,
        ),  # volume, though 104 is the reference
        (((105, 5), (102, 3)), ((100, 5),), 0, 105),  # imbalance 0, where 3 more are not wanted
        (((105, 5),), ((100, 5),), 103, 103),  # the reference itself
        (((105, 5),), ((100, 5),), 110, 105),  # the nearest to it
        (((105, 5),), ((100, 5),), 0, 100),  # the lowest
    ],
)
def test_each_rule_decides(bids: Interest, asks: Interest, reference: int, price: int) -> None:
    assert spec.auction_price(bids, asks, reference) == price


@pytest.mark.parametrize(
    ("price", "reference", "found"),
    [
        (103, 0, Candidate(103, 5, 1, 0)),
        (103, 1, Candidate(103, 5, 1, 102)),
        (103, 104, Candidate(103, 5, 1, 1)),
        (105, 104, Candidate(105, 4, 1, 1)),
        (106, 0, Candidate(106, 0, 5, 0)),
    ],
)
def test_what_the_rules_look_at(price: int, reference: int, found: Candidate) -> None:
    assert spec.candidate(((105, 4), (103, 2)), ((101, 5),), price, reference) == found


@pytest.mark.parametrize(
    ("reference", "named"), [(99, ()), (100, (100,)), (103, (103,)), (105, (105,)), (106, ())]
)
def test_the_reference_counts_between_the_best_two(reference: int, named: Interest) -> None:
    bids, asks = ((95, 1), (105, 1)), ((110, 1), (100, 1))
    assert spec.prices(bids, asks, reference) == (95, 105, 110, 100, *named)
    assert spec.prices(((5, 1),), ((1, 1),), 1) == (5, 1, 1)
    assert spec.prices(bids, (), reference) == (95, 105)
