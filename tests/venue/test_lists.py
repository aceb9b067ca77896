"""Order lists at the simulated venue: held, released, excluded; and what always holds of them."""

from itertools import pairwise, product
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.venue.stage import BUY, LEVEL_MODELS, SELL, Stage, stage
from tickproof.spec.commands import OrderType, TimeInForce
from tickproof.spec.events import EventKind, Reason
from tickproof.spec.order_list import (
    Fate,
    LegState,
    OrderListKind,
    OrderListState,
    leg_count,
)
from tickproof.spec.price_queue import FillModel
from tickproof.spec.venue_admission import Tenure
from tickproof.venue.lists import TiedLegs
from tickproof.venue.orders import VenueOrder

OCO, OTO, OTOCO = OrderListKind
LIVING = (LegState.HELD, LegState.OPEN)
Heard = list[tuple[str, int]]


def told(play: Stage) -> Heard:
    play.run(play.now)
    return [(each.kind.name, each.report.order_id) for each in play.fresh()]


def leg(play: Stage, order_id: int, kind: int, number: int, side: int, price: int, lots: int,
        **terms: int) -> None:  # fmt: skip
    terms = {"list_id": 1, "list_kind": kind, "list_leg": number, **terms}
    play.new(order_id, side, price, lots, **terms)


def exits(play: Stage, kind: int, first: int, side: int = SELL) -> None:
    """A target above and a stop below, or the other way round."""
    leg(play, 10 + first, kind, first, side, 105 if side == SELL else 95, 4)
    leg(
        play, 11 + first, kind, first + 1, side, 0, 4,
        order_type=OrderType.STOP, trigger_price=97 if side == SELL else 104,
    )  # fmt: skip


def life(play: Stage) -> int:
    (tied,) = play.venue._lists.values()
    return tied.life.life


# --- one list by itself --------------------------------------------------------------------------


def whole(kind: int) -> tuple[TiedLegs, list[VenueOrder]]:
    """A list all of whose legs have come, and they."""
    tied, made = TiedLegs(kind), []
    for which in range(leg_count(kind)):
        made.append(VenueOrder(which, 0, 0, SELL, OrderType.LIMIT, 0, 105, 4, 0))
        tied.orders[which] = made[-1]
        tied.turn(which, Fate.COMES)
    return tied, made


@pytest.mark.parametrize("kind", OrderListKind)
def test_a_list_takes_each_of_its_legs_once(kind: OrderListKind) -> None:
    tied = TiedLegs(kind)
    told = list(product(OrderListKind, range(5)))
    mine = [(kind, which) for which in range(leg_count(kind))]
    assert [each for each in told if tied.takes(*each)] == mine
    assert [each for each in told if tied.comes_late(*each)] == mine
    tied.orders[1] = VenueOrder(1, 0, 0, SELL, OrderType.LIMIT, 0, 105, 4, 0)
    tied.turn(1, Fate.COMES)
    mine.remove((kind, 1))
    assert [each for each in told if tied.takes(*each)] == mine
    assert [each for each in told if tied.comes_late(*each)] == mine
    # A list that was refused takes none; those that come late are still told so.
    tied.turn(0, Fate.REFUSED)
    assert not any(tied.takes(*each) for each in told)
    assert [each for each in told if tied.comes_late(*each)] == mine


@pytest.mark.parametrize(
    ("kind", "fates", "released", "ended"),
    [
        (OCO, [(0, Fate.WORKS)], [], [1]),
        (OCO, [(1, Fate.WORKS)], [], [0]),
        (OCO, [(0, Fate.ENDED)], [], [1]),
        (OCO, [(1, Fate.FILLED)], [], [0]),
        (OCO, [(1, Fate.WORKS), (1, Fate.FILLED)], [], []),
        (OTO, [(0, Fate.WORKS)], [], []),
        (OTO, [(0, Fate.FILLED)], [1], []),
        (OTO, [(0, Fate.ENDED)], [], [1]),
        (OTO, [(1, Fate.ENDED)], [], []),
        (OTOCO, [(0, Fate.FILLED)], [1, 2], []),
        (OTOCO, [(0, Fate.ENDED)], [], [1, 2]),
        (OTOCO, [(0, Fate.FILLED), (1, Fate.WORKS)], [], [2]),
        (OTOCO, [(0, Fate.FILLED), (2, Fate.ENDED)], [], [1]),
        (OTOCO, [(0, Fate.FILLED), (2, Fate.WORKS), (1, Fate.ENDED)], [], []),
        (OTOCO, [(1, Fate.REFUSED)], [], [0, 2]),
    ],
)
def test_the_fate_of_a_leg_releases_some_and_ends_others(
    kind: OrderListKind, fates: list[tuple[int, Fate]], released: list[int], ended: list[int]
) -> None:
    tied, _ = whole(kind)
    for which, fate in fates:
        found = tied.turn(which, fate)
    assert [[order.order_id for order in each] for each in found] == [released, ended]


def test_legs_that_exclude_each_other_name_each_other() -> None:
    siblings = {OCO: (1, 0), OTO: (None, None), OTOCO: (None, 2, 1)}
    for kind, others in siblings.items():
        tied, made = whole(kind)
        for which, other in enumerate(others):
            assert tied.sibling(which) is (None if other is None else made[other])
    alone = TiedLegs(OCO)
    assert alone.sibling(0) is None


# --- one cancels the other -----------------------------------------------------------------------


def test_a_pair_is_held_until_both_have_come() -> None:
    play = stage()
    leg(play, 10, OCO, 0, SELL, 100, 4)
    assert told(play) == [("HELD", 10)]
    assert list(play.places()) == []
    leg(play, 11, OCO, 1, SELL, 0, 4, order_type=OrderType.STOP, trigger_price=97)
    assert told(play) == [("HELD", 11), ("TRIGGERED", 10), ("FILLED", 10), ("CANCELED", 11)]
    assert play.said[-1].report.reason == Reason.ORDER_LIST
    assert life(play) == OrderListState.ALL_DONE


def test_the_first_execution_cancels_the_sibling_and_the_rest_goes_on() -> None:
    play = stage()
    exits(play, OCO, 0)
    assert told(play) == [("HELD", 10), ("HELD", 11), ("TRIGGERED", 10)]
    play.at(20).trade(106, 1, BUY)
    assert told(play) == [("FILLED", 10), ("CANCELED", 11)]
    assert list(play.places()) == [(10, 3)]
    play.at(21).trade(97, 1, SELL)
    assert told(play) == []


def test_a_trigger_cancels_the_sibling_before_it_executes() -> None:
    play = stage()
    exits(play, OCO, 0)
    told(play)
    play.at(20).trade(97, 5, SELL)
    assert told(play) == [("TRIGGERED", 11), ("CANCELED", 10), ("FILLED", 11)]
    assert life(play) == OrderListState.ALL_DONE


def test_two_limits_at_one_price_do_not_both_take_one_print() -> None:
    play = stage()
    leg(play, 10, OCO, 0, SELL, 105, 4)
    leg(play, 11, OCO, 1, SELL, 105, 4)
    told(play)
    play.at(20).trade(106, 50, BUY)
    assert told(play) == [("FILLED", 10), ("CANCELED", 11)]


@pytest.mark.parametrize("which", [10, 11])
def test_a_leg_that_is_cancelled_takes_its_sibling_with_it(which: int) -> None:
    play = stage()
    exits(play, OCO, 0)
    told(play)
    play.cancel(which)
    assert told(play) == [("CANCELED", which), ("CANCELED", 21 - which)]
    assert play.venue.is_quiet()


# --- one triggers the other ----------------------------------------------------------------------


def test_the_waiting_leg_comes_in_after_complete_execution() -> None:
    play = stage()
    leg(play, 9, OTO, 0, BUY, 99, 5)
    leg(play, 11, OTO, 1, SELL, 105, 5)
    assert told(play) == [("HELD", 9), ("HELD", 11), ("TRIGGERED", 9)]
    play.at(20).trade(98, 2, SELL)
    assert told(play) == [("FILLED", 9)]
    play.at(21).trade(98, 9, SELL)
    assert told(play) == [("FILLED", 9), ("TRIGGERED", 11)]
    assert list(play.places()) == [(11, 5)]
    play.replace(9, 99, 9)
    assert told(play) == [("REPLACE_REJECTED", 9)]


@pytest.mark.parametrize("kind", [OTO, OTOCO])
def test_what_waits_ends_with_the_leg_it_waits_for(kind: int) -> None:
    play = stage()
    leg(play, 9, kind, 0, BUY, 99, 5)
    if kind == OTO:
        leg(play, 11, kind, 1, SELL, 105, 5)
    else:
        exits(play, kind, 1)
    told(play)
    play.at(20).trade(98, 2, SELL)
    play.cancel(9)
    waiting = [11] if kind == OTO else [11, 12]
    assert told(play) == [("FILLED", 9), ("CANCELED", 9), *(("CANCELED", each) for each in waiting)]
    assert life(play) == OrderListState.ALL_DONE


def test_an_entry_with_its_exits() -> None:
    play = stage()
    leg(play, 9, OTOCO, 0, BUY, 0, 4, order_type=OrderType.MARKET)
    exits(play, OTOCO, 1)
    assert told(play) == [
        ("HELD", 9), ("HELD", 11), ("HELD", 12), ("TRIGGERED", 9), ("FILLED", 9), ("TRIGGERED", 11),
    ]  # fmt: skip
    play.at(20).trade(97, 5, SELL)
    assert told(play) == [("TRIGGERED", 12), ("CANCELED", 11), ("FILLED", 12)]
    assert play.venue._markets[0].positions[0] == 0


def test_exits_that_only_reduce_share_the_position() -> None:
    play = stage()
    leg(play, 9, OTOCO, 0, BUY, 101, 4)
    leg(play, 11, OTOCO, 1, SELL, 105, 4, reduce_only=1)
    leg(play, 12, OTOCO, 2, SELL, 107, 4, reduce_only=1)
    told(play)
    assert list(play.places()) == [(11, 4), (12, 4)]
    play.new(3, SELL, 100, 1, time_in_force=TimeInForce.IOC)
    assert list(play.places()) == [(11, 3), (12, 3)]


# --- refusals ------------------------------------------------------------------------------------


def test_a_refused_leg_refuses_the_list_and_those_to_come() -> None:
    play = stage()
    leg(play, 9, OTOCO, 0, BUY, 99, 4)
    leg(play, 11, OTOCO, 1, SELL, 105, 0)
    leg(play, 12, OTOCO, 2, SELL, 110, 4)
    assert told(play) == [("HELD", 9), ("REJECTED", 11), ("CANCELED", 9), ("REJECTED", 12)]
    reasons = [each.report.reason for each in play.said]
    assert reasons == [Reason.NONE, Reason.FILTER, Reason.ORDER_LIST, Reason.ORDER_LIST]
    assert life(play) == OrderListState.ALL_DONE
    assert play.venue.is_quiet()


@pytest.mark.parametrize(("left_ns", "expected"), [(0, "REJECTED"), (1, "HELD")])
def test_a_leg_that_comes_at_its_date_is_refused(left_ns: int, expected: str) -> None:
    play = stage()
    terms = {"time_in_force": TimeInForce.GTD, "good_till_ns": play.now + left_ns}
    leg(play, 9, OTO, 0, BUY, 99, 4, **terms)
    assert told(play) == [(expected, 9)]


def test_a_leg_that_may_only_rest_rests_where_it_would_not_take() -> None:
    play = stage()
    leg(play, 10, OCO, 0, SELL, 104, 4, order_type=OrderType.LIMIT_MAKER)
    leg(play, 11, OCO, 1, SELL, 105, 4)
    assert told(play) == [("HELD", 10), ("HELD", 11), ("TRIGGERED", 10), ("TRIGGERED", 11)]
    assert sorted(play.places()) == [(10, 4), (11, 4)]


def test_a_leg_that_would_take_or_trigger_at_its_turn_refuses_the_list() -> None:
    play = stage()
    leg(play, 10, OCO, 0, SELL, 100, 4, order_type=OrderType.LIMIT_MAKER)
    leg(play, 11, OCO, 1, SELL, 105, 4)
    assert told(play) == [("HELD", 10), ("HELD", 11), ("REJECTED", 10), ("CANCELED", 11)]
    play = stage()
    play.at(11).trade(96, 1, SELL)
    exits(play, OCO, 0)
    assert told(play) == [("HELD", 10), ("HELD", 11), ("REJECTED", 11), ("CANCELED", 10)]


def test_a_leg_comes_once_and_is_of_its_list_s_kind() -> None:
    play = stage()
    leg(play, 10, OTO, 0, BUY, 99, 4)
    leg(play, 11, OTO, 0, BUY, 99, 4)
    leg(play, 12, OTOCO, 1, BUY, 99, 4)
    assert told(play) == [("HELD", 10), ("REJECTED", 11), ("REJECTED", 12)]
    leg(play, 13, OTO, 1, BUY, 99, 4)
    assert told(play) == [("HELD", 13), ("TRIGGERED", 10)]


def test_a_held_leg_may_be_cancelled_or_expire_but_not_replaced() -> None:
    play = stage()
    terms = {"time_in_force": TimeInForce.GTD, "good_till_ns": 30}
    leg(play, 9, OTO, 0, BUY, 99, 4)
    leg(play, 11, OTO, 1, SELL, 105, 4, **terms)
    told(play)
    play.replace(11, 106, 4)
    play.run(30)
    assert told(play) == [("REPLACE_REJECTED", 11), ("EXPIRED", 11)]
    play.at(31).trade(98, 9, SELL)
    assert told(play) == [("FILLED", 9)]
    assert play.venue.is_quiet()


# --- always --------------------------------------------------------------------------------------


def run(seed: int, model: FillModel) -> Stage:
    """Several lists, cancels, replaces and a moving market."""
    source, play = Random(seed), stage(model)
    for number in range(1, 5):
        kind = source.choice(tuple(OrderListKind))
        side = source.choice((BUY, SELL))
        for which in range(3 if kind == OTOCO else 2):
            terms = {}
            price = source.randint(97, 104)
            if source.random() < 0.4:
                terms = {"order_type": OrderType.STOP, "trigger_price": price}
            leg(
                play, 10 * number + which, kind, which, side if which == 0 else -side,
                0 if terms else price, source.choice((0, 1, 2, 3, 4, 5, 6, 6)), list_id=number,
                **terms,
            )  # fmt: skip
            if source.random() < 0.1:
                play.cancel(10 * number)
        for _ in range(source.randint(0, 4)):
            play.at(play.now + 1)
            play.trade(source.randint(96, 106), source.randint(1, 20), source.choice((BUY, SELL)))
            play.run(play.now)
            target = 10 * source.randint(1, number) + source.randint(0, 2)
            if source.random() < 0.2:
                play.cancel(target)
            elif source.random() < 0.2:
                play.replace(target, source.randint(97, 104), source.randint(1, 8))
    play.run(play.now)
    return play


def agree(play: Stage) -> bool:
    """Whether exactly those orders are open whose legs are held or open."""
    return all(
        (order.tenure == Tenure.RESTING) == (tied.legs.states[order.leg] in LIVING)
        for tied in play.venue._lists.values()
        for order in tied.orders
        if order is not None
    )


@given(st.integers(0, 2**32), st.sampled_from(LEVEL_MODELS))
def test_exclusive_legs_never_both_trade_and_waiting_ones_not_before_their_turn(
    seed: int, model: FillModel
) -> None:
    play = run(seed, model)
    filled: dict[int, int] = {}
    dead: set[int] = set()
    complete: set[int] = set()
    for said in play.said:
        order_id, report = said.report.order_id, said.report
        number, which = divmod(order_id, 10)
        kind = next(tied.legs.kind for key, tied in play.venue._lists.items() if key[1] == number)
        if said.kind == EventKind.FILLED:
            assert order_id not in dead
            filled[order_id] = filled.get(order_id, 0) + report.quantity
            if report.leaves == 0:
                complete.add(order_id)
            if kind != OCO and which:
                assert 10 * number in complete
            if kind != OTO and (kind == OCO or which):
                first = 0 if kind == OCO else 1
                sibling = 10 * number + 2 * first + 1 - which
                assert sibling not in filled
        elif said.kind in (EventKind.CANCELED, EventKind.EXPIRED, EventKind.REJECTED):
            dead.add(order_id)
        elif said.kind == EventKind.REPLACED and filled.get(order_id, -1) == report.total:
            complete.add(order_id)
    assert agree(play)


@given(st.integers(0, 2**32))
def test_a_run_of_lists_repeats(seed: int) -> None:
    first, again = (run(seed, FillModel.PESSIMISTIC) for _ in range(2))
    assert first.said == again.said
    assert all(one.time_ns <= other.time_ns for one, other in pairwise(first.said))


def chances(play: Stage) -> list[tuple[EventKind, int]]:
    """What happened besides fills, in order."""
    return [
        (each.kind, each.report.order_id) for each in play.said if each.kind != EventKind.FILLED
    ]


@given(st.integers(0, 2**32))
def test_models_are_ordered_where_the_same_legs_live(seed: int) -> None:
    """Q7 holds for lists where no fill ended or released a leg in one run and not in the other."""
    least, most = run(seed, FillModel.PESSIMISTIC), run(seed, FillModel.OPTIMISTIC)
    if chances(least) == chances(most):
        for order_id in least.venue._orders:
            assert least.filled(order_id) <= most.filled(order_id)
