"""The open table is the dict it stands for."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tickproof.kernel import BUILD
from tickproof.venue.index import FIRST_ROOM, Index, new_index

KEYS = st.one_of(
    st.integers(-3, 12),
    st.integers(-3, 12).map(lambda number: number << 40),
    st.integers(-(2**63) + 1, 2**63 - 1),
)
CALLS = st.lists(st.tuples(st.sampled_from(("get", "setdefault", "pop")), KEYS), max_size=60)


def same(calls: list[tuple[str, int]]) -> None:
    index, plain = Index(), dict[int, object]()
    for number, (what, key) in enumerate(calls):
        if what == "get":
            assert index.get(key) == plain.get(key)
        elif what == "setdefault":
            assert index.setdefault(key, number) == plain.setdefault(key, number)
        else:
            assert index.pop(key, "none") == plain.pop(key, "none")
        assert len(index) == len(plain)
    for _, key in calls:
        assert index.get(key) == plain.get(key)


@given(CALLS)
def test_an_index_is_a_dict(calls: list[tuple[str, int]]) -> None:
    same(calls)


@pytest.mark.parametrize("stride", [1, 2**20, -(2**35), 2**31 + 7])
def test_it_grows_and_shrinks(stride: int) -> None:
    """Through several rooms, and keys that leave from the middle of others."""
    keys = [number * stride for number in range(4 * FIRST_ROOM)]
    come = [("setdefault", key) for key in keys]
    same(come)
    same(come + [("pop", key) for key in keys[::3] + keys[1::3]] + [("get", key) for key in keys])
    same([step for key in keys for step in (("setdefault", key), ("pop", key - 9 * stride))])


def test_an_interpreter_has_a_dict() -> None:
    assert isinstance(new_index(), dict if BUILD == "pure" else Index)
