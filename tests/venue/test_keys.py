"""Prices of own queues in blocks: what a sorted list holds, whatever the number."""

from itertools import product

from hypothesis import given
from hypothesis import strategies as st

from tickproof.venue.orders import Keys, OwnSide, VenueOrder


@given(st.integers(0, 1_500), st.lists(st.integers(0, 2_000), max_size=60), st.integers(0, 2_000))
def test_blocks_hold_what_a_sorted_list_holds(many: int, toggled: list[int], bound: int) -> None:
    """Made of many keys at once, in rising order or falling, then some come and go."""
    keys = Keys()
    held = set(range(0, many, 1 + bound % 3))
    for key in sorted(held, reverse=bool(bound % 2)):
        keys.add(key)
    for key in toggled:
        if key in held:
            keys.drop(key)
        else:
            keys.add(key)
        held ^= {key}
    expected = sorted(held)
    assert list(keys) == expected
    assert list(reversed(keys)) == expected[::-1]
    assert len(keys) == len(expected)
    assert keys.high == (expected[-1] if expected else -(1 << 62))
    assert keys.above(bound) == [key for key in expected[::-1] if key > bound]
    assert keys.firsts == [block[0] for block in keys.blocks]
    assert all(len(block) < 512 for block in keys.blocks)


def test_better_prices_are_those_of_own_orders_and_of_whom_they_displaced() -> None:
    """Every way four prices can have either, seen from each of them and from beyond."""
    for side, queues, displaced in product((1, -1), range(16), range(16)):
        own = OwnSide(side)
        held = [price for price in range(1, 5) if queues >> price - 1 & 1]
        others = [price for price in range(1, 5) if displaced >> price - 1 & 1]
        for price in held:
            own.queue_at(price)
        for price in others:
            own.displace(price, 1)
        both = sorted({*held, *others}, reverse=side > 0)
        for price in range(6):
            expected = [each for each in both if each * side > price * side]
            assert own.better_than(price) == expected


def test_a_block_is_cut_in_two_when_it_is_full() -> None:
    for many, blocks in ((513, [511]), (514, [256, 256])):
        keys = Keys()
        for key in range(many):
            keys.add(key)
        assert [len(block) for block in keys.blocks] == blocks


@given(
    st.sampled_from((1, -1)),
    st.lists(st.tuples(st.integers(1, 5), st.integers(0, 3)), max_size=60),
)
def test_a_side_knows_its_best_and_its_worst_queue(side: int, told: list[tuple[int, int]]) -> None:
    """Orders join at few prices, and one of those there leaves now and then."""
    own = OwnSide(side)
    orders: list[VenueOrder] = []
    for number, (price, leaving) in enumerate(told):
        if leaving and len(orders) >= leaving:
            own.remove(orders.pop(-leaving))
        else:
            orders.append(VenueOrder(number, 0, 0, side, 1, 1, price, 1, 0))
            own.queue_at(price).append(orders[-1])
        prices = sorted({order.price for order in orders}, key=lambda each: each * side)
        assert [side * key for key in own.prices] == prices
        for each in range(7):
            queue = own.at(each)
            here = [order for order in orders if order.price == each]
            assert (queue.orders if queue is not None else []) == here
            assert all(order.queue is queue for order in here)
            assert (queue is None) == (each not in own.by_price()) == (not here)
        best = own.at(prices[-1]) if prices else None
        assert own.front is best
        ends = (side * prices[0], side * prices[-1]) if prices else (1 << 62, -(1 << 62))
        assert (own.worst, own.best) == ends
