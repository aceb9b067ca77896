"""Prices of own queues in blocks: what a sorted list holds, whatever the number."""

from hypothesis import given
from hypothesis import strategies as st

from tickproof.venue.orders import Keys


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
    assert keys.last() == (expected[-1] if expected else -(1 << 62))
    assert keys.above(bound) == [key for key in expected[::-1] if key > bound]
    assert keys.firsts == [block[0] for block in keys.blocks]
    assert all(len(block) < 512 for block in keys.blocks)
