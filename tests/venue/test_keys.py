"""Prices of own queues in blocks: what a sorted list holds, whatever the number."""

from itertools import product

from hypothesis import given
from hypothesis import strategies as st

from tickproof.venue.orders import Keys, OwnSide


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
