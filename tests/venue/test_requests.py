"""Requests under way: each arrives when it is due, and of one time the one sent first."""

from heapq import heappop, heappush

from hypothesis import given
from hypothesis import strategies as st

from tickproof.spec.time import NEVER_NS
from tickproof.venue.requests import RELEASED, UnderWay, release_of

steps = st.lists(st.one_of(st.integers(0, 9), st.none()), max_size=400)


@given(steps, st.sampled_from((1, 3, 40)))
def test_they_arrive_as_from_a_heap(told: list[int | None], most: int) -> None:
    """A number: sent, with a delay; None: the soonest arrives, if there is one."""
    line = UnderWay()
    expected: list[tuple[int, int]] = []
    for number, delay in enumerate(told):
        if delay is not None:
            due_ns = number + delay % most
            line.add(release_of(number, due_ns))
            heappush(expected, (due_ns, number))
        elif expected:
            due_ns, sent = heappop(expected)
            taken = line.take()
            assert (taken.due_ns, taken.order_id, taken.kind) == (due_ns, sent, RELEASED)
        assert line.next_ns() == (expected[0][0] if expected else NEVER_NS)
        assert len(line.requests) - line.arrived == len(expected)


def test_what_arrived_is_let_go() -> None:
    """Never more than half of what is kept has arrived, beyond a few."""
    line = UnderWay()
    for number in range(1_000):
        line.add(release_of(number, number))
    kept = []
    for number in range(1_000):
        assert line.take().order_id == number
        kept.append(len(line.requests))
        assert line.arrived < max(64, len(line.requests) - line.arrived)
    assert kept[-1] == 0
    assert kept[499] == 500
