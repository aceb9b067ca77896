"""The fast memory equals the specification's, field for field, whatever it is told."""

from itertools import product
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tickproof.spec import queue_memory as spec
from tickproof.venue.queue_memory import LevelMemory, Memories

STAMPS_NS = [0, 5, 10**6, 2 * 10**6, 10**7, 10**9, 10**9 + 1, 10**12]
items = st.tuples(
    st.sampled_from(["told", "told", "told", "printed", "lost"]),
    st.integers(0, 15),
    st.sampled_from(STAMPS_NS),
    st.integers(0, 1),
)
Item = tuple[str, int, int, int]


def same(fast: LevelMemory, expected: spec.LevelMemory) -> None:
    entries = zip(fast.numbers, fast.sizes, fast.stamps, strict=True)
    assert tuple(spec.Entry(*entry) for entry in entries) == expected.entries
    assert tuple(zip(fast.print_stamps, fast.print_lots, strict=True)) == expected.prints
    for name in ("per_event", "next_number", "size", "as_of_ns", "settling"):
        assert getattr(fast, name) == getattr(expected, name), name
    assert fast.mark() == spec.mark_of(expected)
    for mark in range(1, expected.next_number + 2):
        assert fast.ahead_of(mark) == spec.ahead_of(expected, mark)


def play(per_event: int, run: list[Item]) -> None:
    fast, expected = LevelMemory(per_event), spec.LevelMemory(per_event)
    for what, lots, stamp_ns, joining in run:
        if what == "told":
            fast.told(lots, stamp_ns, joining)
            expected = spec.told(expected, lots, stamp_ns, joining)
        elif what == "printed":
            fast.printed(lots, stamp_ns)
            expected = spec.printed(expected, lots, stamp_ns)
        else:
            fast.lose_sight()
            expected = spec.lost_from_sight(expected)
        same(fast, expected)
    twin = fast.copy()
    same(twin, expected)
    twin.told(fast.size + 1, 10**13, 0)
    same(fast, expected)


@given(st.integers(0, 1), st.lists(items, max_size=30))
def test_a_memory_is_what_the_specification_makes_of_it(per_event: int, run: list[Item]) -> None:
    play(per_event, run)


@pytest.mark.slow
def test_long_levels_with_many_entries() -> None:
    for seed in range(4):
        source = Random(seed)
        stamp_ns, size = 0, 50
        run: list[Item] = [("told", size, 0, 0)]
        for _ in range(260):
            stamp_ns += source.choice([0, 10**5, 10**7, 10**9])
            if source.random() < 0.1:
                run.append(("printed", source.randint(1, 9), stamp_ns, 0))
            size = max(size + source.choice([3, 2, 5, 1, 4, -3, -2]), 0)
            run.append(("told", size, stamp_ns, 0))
        play(seed % 2, run)


LATER = 3 << spec.AGE_UNIT_BITS
CHANGES: list[Item] = [
    *(
        ("told", size, stamp, joining)
        for size in (0, 2, 3)
        for stamp in (0, LATER)
        for joining in (0, 1)
    ),
    *(("printed", lots, stamp, 0) for lots in (1, 4) for stamp in (0, 1)),
    ("lost", 0, 0, 0),
]


@pytest.mark.parametrize("per_event", [0, 1])
@pytest.mark.parametrize("sizes", [(), (3,), (0, 2, 5), (0, 3, 5)])
def test_every_pair_of_changes_of_a_small_level(per_event: int, sizes: tuple[int, ...]) -> None:
    opening: list[Item] = [("told", size, 0, 0) for size in sizes]
    for first, second in product(CHANGES, CHANGES):
        play(per_event, [*opening, first, second])


def test_a_level_that_is_empty_is_known_and_one_never_told_is_not() -> None:
    memories = Memories(1)
    for side in (1, -1):
        assert memories.said(side, 100, memories.mark(side, 100, 0)) == 0
        assert memories.said(side, 101, memories.mark(side, 101, 4)) == 4
        assert memories.said(side, 102, memories.mark(side, 102, spec.UNKNOWN)) == spec.UNKNOWN
