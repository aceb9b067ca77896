"""Sorted integers in blocks: what a sorted list holds, whatever the number."""

from hypothesis import given
from hypothesis import strategies as st

from tickproof.kernel.keys import Keys


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


def test_a_block_is_cut_in_two_when_it_is_full() -> None:
    for many, blocks in ((513, [511]), (514, [256, 256])):
        keys = Keys()
        for key in range(many):
            keys.add(key)
        assert [len(block) for block in keys.blocks] == blocks


@given(st.integers(0, 1_100), st.lists(st.tuples(st.booleans(), st.integers(0, 9)), max_size=80))
def test_a_key_is_there_as_often_as_it_was_added(many: int, told: list[tuple[bool, int]]) -> None:
    """Few keys, many times each, so that one of them fills blocks."""
    keys = Keys()
    held = [5] * many
    for key in held:
        keys.add(key)
    for leaves, key in told:
        if leaves and key in held:
            keys.drop(key)
            held.remove(key)
        elif not leaves:
            keys.add(key)
            held.append(key)
    held.sort()
    assert list(keys) == held
    assert len(keys) == len(held)
    assert (keys.low, keys.high) == ((held[0], held[-1]) if held else (1 << 62, -(1 << 62)))
