"""Order lists: leg counts add up, the life follows from them, and exclusive legs lock once."""

from itertools import product

import pytest
from attrs import evolve
from hypothesis import given
from hypothesis import strategies as st

from tests.spec.table_checks import check_table, check_terminal
from tickproof.spec.instructions import PLAIN, Instructions
from tickproof.spec.order_list import (
    ORDER_LIST,
    Fate,
    Legs,
    LegState,
    OrderList,
    OrderListCode,
    OrderListEvent,
    OrderListKind,
    OrderListState,
    after,
    awaited,
    first_to_release,
    inv,
    is_complete,
    leg_count,
    legs_to_release,
    new_order_list,
    sibling_of,
    step,
)

EVENTS = st.lists(st.sampled_from(OrderListEvent), max_size=8)
COUNTS = range(4)


def samples(state: int, event: int) -> list[tuple[OrderList, int]]:
    return [
        (OrderList(state, OrderListKind.OTOCO, unanswered, alive, accepted), event)
        for unanswered in COUNTS
        for alive in COUNTS
        for accepted in COUNTS
    ]


def test_table() -> None:
    check_table(ORDER_LIST, samples)
    check_terminal(ORDER_LIST, (OrderListState.ALL_DONE, OrderListState.REJECTED))


@given(st.sampled_from(OrderListKind), EVENTS)
def test_counts_add_up_and_the_life_follows(kind: int, events: list[int]) -> None:
    order_list = new_order_list(kind)
    for event in events:
        after, code = step(order_list, event)
        assert inv(after)
        assert code == OrderListCode.NONE or after == order_list
        order_list = after


@pytest.mark.parametrize("kind", OrderListKind)
def test_refused_accepted_and_ended_legs_end_the_list(kind: int) -> None:
    legs = leg_count(kind)
    event = OrderListEvent
    assert run(kind, [event.LEG_REJECTED] * legs).life == OrderListState.REJECTED
    accepted = [event.LEG_ACCEPTED] * legs
    assert run(kind, accepted).life == OrderListState.EXECUTING
    assert run(kind, accepted + [event.LEG_ENDED] * legs).life == OrderListState.ALL_DONE
    mixed = [event.LEG_ACCEPTED, event.LEG_ENDED] + [event.LEG_REJECTED] * (legs - 1)
    assert run(kind, mixed).life == OrderListState.ALL_DONE
    assert step(run(kind, mixed), event.LEG_ENDED)[1] == OrderListCode.TERMINAL


def test_a_leg_that_does_not_exist_is_refused() -> None:
    order_list = new_order_list(OrderListKind.OCO)
    assert step(order_list, OrderListEvent.LEG_ENDED) == (order_list, OrderListCode.NO_SUCH_LEG)
    both = run(OrderListKind.OCO, [OrderListEvent.LEG_ACCEPTED] * 2)
    assert step(both, OrderListEvent.LEG_ACCEPTED) == (both, OrderListCode.NO_SUCH_LEG)


@pytest.mark.parametrize(
    "broken",
    [
        OrderList(OrderListState.EXECUTING, OrderListKind.OCO, 0, 0, 2),
        OrderList(OrderListState.EXECUTING, OrderListKind.OCO, -1, 2, 2),
        OrderList(OrderListState.EXECUTING, OrderListKind.OCO, 1, 1, 0),
        OrderList(OrderListState.ALL_DONE, OrderListKind.OCO, 0, 0, 0),
        OrderList(OrderListState.ALL_DONE, OrderListKind.OCO, 1, 0, 1),
        OrderList(OrderListState.REJECTED, OrderListKind.OCO, 0, 0, 1),
        OrderList(OrderListState.REJECTED, OrderListKind.OCO, 1, 0, 0),
    ],
)
def test_the_invariant_can_be_broken(broken: OrderList) -> None:
    assert not inv(broken)


def test_who_excludes_and_who_releases_whom() -> None:
    oco, oto, otoco = OrderListKind.OCO, OrderListKind.OTO, OrderListKind.OTOCO
    assert [sibling_of(oco, leg) for leg in range(2)] == [1, 0]
    assert [sibling_of(oto, leg) for leg in range(2)] == [-1, -1]
    assert [sibling_of(otoco, leg) for leg in range(3)] == [-1, 2, 1]
    assert [legs_to_release(kind, 0) for kind in (oco, oto, otoco)] == [(), (1,), (1, 2)]
    assert legs_to_release(otoco, 1) == ()


def test_a_list_is_all_of_its_legs_in_order() -> None:
    kinds = OrderListKind
    whole = [Instructions(list_id=4, list_kind=kinds.OTOCO, list_leg=leg) for leg in range(3)]
    assert is_complete(tuple(whole))
    assert not is_complete((whole[1], whole[0], whole[2]))
    assert not is_complete(tuple(whole[:2]))
    assert not is_complete((*whole, whole[0]))
    assert not is_complete((whole[0], evolve(whole[1], list_id=5), whole[2]))
    assert not is_complete((whole[0], evolve(whole[1], list_kind=kinds.OTO), whole[2]))
    assert not is_complete((PLAIN, PLAIN))
    assert not is_complete((whole[0],))
    # Any number but 0 names a list, the first of all too.
    assert is_complete(tuple(evolve(each, list_id=1) for each in whole))


def run(kind: int, events: list[OrderListEvent]) -> OrderList:
    order_list = new_order_list(kind)
    for event in events:
        order_list, code = step(order_list, event)
        assert code == OrderListCode.NONE
    return order_list


# --- legs at a venue -----------------------------------------------------------------------------

LEG_STATES = tuple(int(each) for each in LegState)
ANY_LEGS = [
    Legs(int(kind), states)
    for kind in OrderListKind
    for states in product(LEG_STATES, repeat=leg_count(kind))
]


@pytest.mark.parametrize("fate", Fate)
def test_every_fate_from_every_state(fate: int) -> None:
    """All there is: what is over stays over, one of a pair goes on, nothing opens too early."""
    done, opened, held = LegState.DONE, LegState.OPEN, LegState.HELD
    for legs in ANY_LEGS:
        for leg, state in enumerate(legs.states):
            found = after(legs, leg, fate)
            moves = list(zip(legs.states, found.states, strict=True))
            assert all(new == done for old, new in moves if old == done)
            opens = [which for which, (old, new) in enumerate(moves) if old != new == opened]
            sibling = sibling_of(legs.kind, leg)
            if fate >= Fate.WORKS and sibling >= 0 and state != done:
                assert found.states[sibling] == done
            if fate == Fate.COMES:
                assert not opens or LegState.AWAITED not in found.states
                assert set(opens) <= set(first_to_release(legs.kind))
            elif fate == Fate.FILLED:
                assert set(opens) <= set(legs_to_release(legs.kind, leg))
                assert all(legs.states[which] == held for which in opens)
            else:
                assert not opens
            if fate in (Fate.FILLED, Fate.ENDED) and state in (held, opened):
                assert found.states[leg] == done
            if fate == Fate.REFUSED:
                assert set(found.states) == {done}


def test_a_list_from_its_legs_to_its_end() -> None:
    legs = awaited(OrderListKind.OTOCO)
    for leg in (2, 0, 1):
        legs = after(legs, leg, Fate.COMES)
    assert legs.states == (LegState.OPEN, LegState.HELD, LegState.HELD)
    legs = after(after(legs, 0, Fate.WORKS), 0, Fate.FILLED)
    assert legs.states == (LegState.DONE, LegState.OPEN, LegState.OPEN)
    legs = after(legs, 2, Fate.WORKS)
    assert legs.states == (LegState.DONE, LegState.DONE, LegState.OPEN)


def test_who_opens_first_and_who_ends_with_its_leader() -> None:
    oco, oto, otoco = OrderListKind.OCO, OrderListKind.OTO, OrderListKind.OTOCO
    assert [first_to_release(kind) for kind in (oco, oto, otoco)] == [(0, 1), (0,), (0,)]
    assert [set(awaited(kind).states) for kind in (oco, oto, otoco)] == [{LegState.AWAITED}] * 3
    for state in (LegState.AWAITED, LegState.HELD):
        ended = after(Legs(oto, (LegState.OPEN, state)), 0, Fate.ENDED)
        assert ended.states == (LegState.DONE, LegState.DONE)
