"""Icebergs at the venue: what they show, what a reload costs, and what of it is reported."""

from hypothesis import given
from hypothesis import strategies as st

from tests.venue.stage import BUY, SELL, Stage, stage
from tickproof.spec.commands import OrderType, TimeInForce
from tickproof.spec.events import EventKind
from tickproof.spec.iceberg import Melt, rested, step
from tickproof.spec.price_queue import FillModel
from tickproof.venue.orders import VenueOrder


def own(play: Stage) -> VenueOrder:
    return play.venue._orders[1]


def fills(play: Stage) -> list[tuple[int, int]]:
    """(lots, leaves) of the fills since the last call."""
    return [
        (each.report.quantity, each.report.leaves)
        for each in play.fresh()
        if each.kind == EventKind.FILLED
    ]


def rests(model: int = FillModel.PESSIMISTIC) -> Stage:
    """Ten lots that show four, alone at a price nobody else has."""
    play = stage(model)
    play.delta(BUY, 100, 0)
    play.new(1, BUY, 100, 10, display=4)
    play.at(play.now + 1)
    return play


def test_a_part_is_filled_at_a_time_and_reports_tell_of_the_whole() -> None:
    play = rests()
    play.trade(100, 3, SELL)
    assert fills(play) == [(3, 7)]
    assert own(play).shown == 1
    play.at(play.now + 1).trade(100, 9, SELL)
    assert fills(play) == [(1, 6)]
    assert own(play).shown == 4


def test_a_reload_stands_behind_what_others_show_by_then() -> None:
    play = rests()
    play.delta(BUY, 100, 7)
    play.at(play.now + 1).trade(100, 4, SELL)
    assert fills(play) == [(4, 6)]
    play.delta(BUY, 100, 7)
    play.at(play.now + 1).trade(100, 7, SELL)
    assert fills(play) == []
    play.at(play.now + 1).trade(100, 2, SELL)
    assert fills(play) == [(2, 4)]


def test_the_optimistic_model_knows_nobody_behind_it() -> None:
    play = rests(FillModel.OPTIMISTIC)
    play.trade(100, 9, SELL)
    assert fills(play) == [(9, 1)]


def test_a_print_beyond_the_price_has_met_the_hidden_lots() -> None:
    play = rests()
    play.trade(99, 9, SELL)
    assert fills(play) == [(9, 1)]
    assert own(play).shown == 1


def test_what_shows_through_the_price_meets_the_hidden_lots() -> None:
    play = rests()
    play.delta(SELL, 100, 8)
    assert fills(play) == [(8, 2)]


def test_own_orders_behind_it_wait_for_all_of_it() -> None:
    play = rests()
    play.new(2, BUY, 100, 5)
    play.at(play.now + 1).trade(100, 9, SELL)
    assert [each.report.order_id for each in play.fresh() if each.kind == EventKind.FILLED] == [1]


def test_it_takes_what_is_there_and_shows_a_part_of_what_is_left() -> None:
    play = stage()
    play.new(1, BUY, 101, 20, display=4)
    lots = sum(quantity for quantity, _ in fills(play))
    assert lots > 4
    assert own(play).shown == 4


def test_an_amendment_leaves_what_is_shown_its_place() -> None:
    play = rests()
    play.trade(100, 1, SELL)
    place = own(play).place
    play.replace(1, 100, 6)
    assert own(play).place is place
    play.fresh()
    play.at(play.now + 1).trade(100, 9, SELL)
    assert fills(play) == [(3, 2)]


def test_a_stop_limit_may_become_an_iceberg() -> None:
    play = stage()
    play.new(1, BUY, 100, 9, order_type=OrderType.STOP_LIMIT, trigger_price=101, display=2)
    play.at(play.now + 1).trade(101, 1, BUY)
    assert own(play).shown == 2


def test_dates_end_all_of_it() -> None:
    play = stage()
    terms = {"time_in_force": TimeInForce.GTD, "good_till_ns": play.now + 5}
    play.new(1, BUY, 100, 9, display=2, **terms)
    play.fresh()
    play.run(play.now + 9)
    assert [(each.kind, each.report.leaves) for each in play.fresh()] == [(EventKind.EXPIRED, 0)]


@given(st.integers(1, 30), st.integers(1, 9), st.lists(st.integers(1, 12), max_size=12))
def test_what_is_shown_is_as_the_table_has_it(total: int, display: int, prints: list[int]) -> None:
    play = stage()
    play.delta(BUY, 100, 0)
    play.new(1, BUY, 100, total, display=min(display, total))
    ice = rested(total, 0, min(display, total))
    for lots in prints:
        play.at(play.now + 1).trade(100, lots, SELL)
        told = sum(quantity for quantity, _ in fills(play))
        assert told <= ice.shown
        if told:
            ice, _ = step(ice, Melt.TRADED, told)
        assert own(play).executed == ice.executed
        if ice.shown:
            assert own(play).shown == ice.shown
