"""The simulated venue by example: each rule, each cause, each refusal, named defects of others."""

import pytest
from attrs import evolve

from tests.venue.stage import BOOK, BUY, CONFLATED, INSTRUMENT, LEVEL_MODELS, SELL, Stage, stage
from tickproof.spec.commands import OrderType, TimeInForce
from tickproof.spec.events import (
    Bar,
    BookOrderAdd,
    BookSnapshot,
    Execution,
    FillCause,
    InstrumentDefinition,
    Liquidity,
    MarkPrice,
    Reason,
    TopOfBook,
    Trade,
    TradeKind,
)
from tickproof.spec.instrument import FeeAsset, InstrumentKind, InstrumentState
from tickproof.spec.price_queue import FillModel
from tickproof.spec.time import NEVER_NS
from tickproof.venue.reports import ID_STRIDE
from tickproof.venue.venue import SimulatedVenue

MODELS = LEVEL_MODELS
P, C, O, F = MODELS  # noqa: E741


def last(play: Stage) -> Execution:
    return play.said[-1].report


def reasons(play: Stage) -> list[tuple[str, Reason]]:
    return [(said.kind.name, Reason(said.report.reason)) for said in play.fresh()]


# --- admission -----------------------------------------------------------------------------------


def test_a_limit_order_away_from_the_touch_rests() -> None:
    play = stage()
    request = play.new(1, BUY, 99, 4)
    report = last(play)
    assert play.kinds() == ["ACCEPTED"]
    assert (report.request_id, report.total, report.leaves, report.price) == (request, 4, 4, 99)
    assert report.venue_order_id == 1
    assert list(play.places()) == [(1, 4)]


def test_a_marketable_limit_order_sweeps_and_rests() -> None:
    play = stage()
    play.new(1, BUY, 102, 20)
    assert play.kinds() == ["ACCEPTED", "FILLED", "FILLED"]
    fills = [(f.price, f.quantity, f.leaves, f.cause, f.liquidity) for f in play.fills()]
    assert fills == [
        (101, 8, 12, FillCause.SWEEP, Liquidity.TAKER),
        (102, 9, 3, FillCause.SWEEP, Liquidity.TAKER),
    ]
    assert list(play.places()) == [(1, 3)]


def test_a_marketable_limit_order_that_is_met_does_not_rest() -> None:
    play = stage()
    play.new(1, SELL, 99, 15)
    assert [(f.price, f.quantity, f.leaves) for f in play.fills()] == [(100, 10, 5), (99, 5, 0)]
    assert list(play.places()) == []


@pytest.mark.parametrize(
    ("price", "quantity", "expected"),
    [
        (100, 5, [("ACCEPTED", Reason.NONE), ("CANCELED", Reason.IMMEDIATE_REMAINDER)]),
        (101, 8, [("ACCEPTED", Reason.NONE), ("FILLED", Reason.NONE)]),
        (
            101,
            9,
            [
                ("ACCEPTED", Reason.NONE),
                ("FILLED", Reason.NONE),
                ("CANCELED", Reason.IMMEDIATE_REMAINDER),
            ],
        ),
    ],
)
def test_immediate_or_cancel(price: int, quantity: int, expected: list[object]) -> None:
    play = stage()
    play.new(1, BUY, price, quantity, time_in_force=TimeInForce.IOC)
    assert reasons(play) == expected
    assert list(play.places()) == []
    assert last(play).leaves == 0


@pytest.mark.parametrize(
    ("price", "quantity", "filled"), [(100, 5, 0), (101, 8, 8), (101, 9, 0), (102, 17, 17)]
)
def test_fill_or_kill(price: int, quantity: int, filled: int) -> None:
    play = stage()
    play.new(1, BUY, price, quantity, time_in_force=TimeInForce.FOK)
    assert play.filled(1) == filled
    assert list(play.places()) == []
    if not filled:
        assert reasons(play)[-1] == ("CANCELED", Reason.FILL_OR_KILL)


def test_fill_or_kill_refused_for_own_use_leaves_nothing_over() -> None:
    play = stage()
    play.new(1, BUY, 101, 2, time_in_force=TimeInForce.IOC)
    play.new(2, BUY, 101, 8, time_in_force=TimeInForce.FOK)
    assert play.filled(2) == 0
    play.new(3, BUY, 101, 1, time_in_force=TimeInForce.IOC)
    assert play.filled(3) == 0


def test_a_market_order_takes_every_level_and_ends() -> None:
    play = stage()
    play.new(1, BUY, 0, 30, order_type=OrderType.MARKET)
    assert [(f.price, f.quantity) for f in play.fills()] == [(101, 8), (102, 9), (110, 6)]
    assert reasons(play)[-1] == ("CANCELED", Reason.NO_LIQUIDITY)


def test_a_market_order_at_an_empty_side_finds_nothing() -> None:
    play = stage(book=(BUY, 100, 10))
    play.new(1, BUY, 0, 5, order_type=OrderType.MARKET)
    assert reasons(play) == [("ACCEPTED", Reason.NONE), ("CANCELED", Reason.NO_LIQUIDITY)]


@pytest.mark.parametrize("tif", [TimeInForce.GTC, TimeInForce.GTD])
def test_post_only_never_takes(tif: TimeInForce) -> None:
    play = stage()
    maker = {
        "order_type": OrderType.LIMIT_MAKER,
        "time_in_force": tif,
        "good_till_ns": 99 if tif == TimeInForce.GTD else 0,
    }
    play.new(1, BUY, 101, 5, **maker)
    assert reasons(play) == [("REJECTED", Reason.WOULD_TAKE)]
    play.new(2, BUY, 100, 5, **maker)
    play.new(3, SELL, 100, 5, **maker)
    assert reasons(play) == [("ACCEPTED", Reason.NONE), ("REJECTED", Reason.WOULD_TAKE)]


@pytest.mark.parametrize(
    ("terms", "reason"),
    [
        ({"price": 105, "quantity": 4}, Reason.FILTER),
        ({"price": 110, "quantity": 3}, Reason.FILTER),
        ({"price": 110, "quantity": 0}, Reason.FILTER),
        ({"price": 0, "quantity": 4}, Reason.FILTER),
        ({"price": 110, "quantity": 102}, Reason.FILTER),
        ({"price": 10, "quantity": 2}, Reason.FILTER),
        ({"price": 110, "quantity": 4, "time_in_force": TimeInForce.GTD}, Reason.GOOD_TILL_DATE),
        (
            {
                "price": 110,
                "quantity": 4,
                "order_type": OrderType.LIMIT_MAKER,
                "time_in_force": TimeInForce.IOC,
            },
            Reason.OTHER,
        ),
    ],
)
def test_a_new_order_is_refused_with_its_reason(terms: dict[str, int], reason: Reason) -> None:
    strict = evolve(
        INSTRUMENT,
        tick=10,
        lot_step=2,
        minimum_quantity=2,
        maximum_quantity=100,
        minimum_notional=3 * 10 * 4,
    )
    play = stage(instrument=strict)
    play.new(1, SELL, **terms)
    assert reasons(play) == [("REJECTED", reason)]
    # A refused order leaves nothing behind, not even its id.
    play.new(1, SELL, 110, 4)
    assert play.kinds() == ["ACCEPTED"]
    play.new(1, SELL, 110, 4)
    assert reasons(play) == [("REJECTED", Reason.DUPLICATE)]


def test_filters_follow_the_definition() -> None:
    play = stage()
    play.see(InstrumentDefinition(0, 5, 1, 1, 100, 0))
    play.new(1, BUY, 99, 1)
    play.new(2, BUY, 95, 1)
    assert play.kinds() == ["REJECTED", "ACCEPTED"]


def test_nothing_is_admitted_without_a_book_or_out_of_continuous_trading() -> None:
    venue = SimulatedVenue((INSTRUMENT,), int(P), 0, 0)
    play = Stage(venue).at(5)
    play.new(1, BUY, 99, 1)
    assert reasons(play) == [("REJECTED", Reason.INSTRUMENT_NOT_TRADING)]
    play = stage()
    play.status(InstrumentState.HALTED)
    play.new(1, BUY, 99, 1)
    play.status(InstrumentState.CONTINUOUS)
    play.gap()
    play.new(2, BUY, 99, 1)
    play.resume()
    play.new(3, BUY, 99, 1)
    assert play.kinds() == ["REJECTED", "REJECTED", "ACCEPTED"]


def test_a_feed_without_a_snapshot_is_a_book_too() -> None:
    play = Stage(SimulatedVenue((INSTRUMENT,), int(P), 0, 0)).at(5)
    play.delta(BUY, 100, 5)
    play.new(1, BUY, 100, 1)
    play.new(2, BUY, 101, 1)
    play.new(3, BUY, 99, 1)
    markets = play.venue._markets[0].bids.by_price()
    sizes = [markets[price].orders[0].place.size for price in (100, 101, 99)]
    assert sizes == [5, 0, -1]


# --- resting orders: prints ----------------------------------------------------------------------


def test_a_print_fills_what_reaches_past_the_queue() -> None:
    play = stage()
    play.new(1, BUY, 100, 4)
    play.at(20).trade(100, 9, SELL)
    assert play.filled(1) == 0
    play.at(21).trade(100, 3, SELL)
    fill = last(play)
    assert (fill.price, fill.quantity, fill.leaves) == (100, 2, 2)
    assert (fill.cause, fill.liquidity) == (FillCause.PRINT, Liquidity.MAKER)
    play.at(22).trade(100, 3, SELL)
    assert play.filled(1) == 4
    assert list(play.places()) == []


@pytest.mark.parametrize("model", MODELS)
def test_other_prints_do_not_consume(model: FillModel) -> None:
    play = stage(model)
    play.new(1, BUY, 100, 4)
    for kind in (TradeKind.AUCTION, TradeKind.BLOCK, TradeKind.INSURANCE):
        play.at(20).trade(100, 50, SELL, kind)
        play.at(20).trade(98, 50, SELL, kind)
    play.at(21).trade(100, 50, BUY)
    play.at(21).trade(101, 50, SELL)
    assert play.fills() == []


def test_a_print_at_a_worse_price_fills_up_to_what_was_printed() -> None:
    play = stage()
    play.new(1, BUY, 100, 4)
    play.new(2, BUY, 99, 4)
    play.at(20).trade(98, 6, SELL)
    assert [(f.order_id, f.price, f.quantity, f.cause) for f in play.fills()] == [
        (1, 100, 4, FillCause.PRINT),
        (2, 99, 2, FillCause.PRINT),
    ]
    # Everything ahead is known to be gone.
    play.at(21).trade(99, 1, SELL)
    assert play.filled(2) == 3


def test_own_orders_share_one_queue_and_one_print() -> None:
    play = stage()
    play.new(1, BUY, 100, 3, account=0)
    play.new(2, BUY, 100, 3, account=1)
    play.at(20).trade(100, 14, SELL)
    assert (play.filled(1), play.filled(2)) == (3, 1)
    assert [fill.account for fill in play.fills()] == [0, 1]


def test_what_a_better_own_order_took_of_a_print_is_gone() -> None:
    play = stage(book=(BUY, 100, 0, BUY, 99, 5, SELL, 110, 5))
    play.new(1, BUY, 100, 3)
    play.new(2, BUY, 99, 9)
    play.at(20).trade(99, 7, SELL)
    assert (play.filled(1), play.filled(2)) == (3, 0)
    play.at(21).trade(99, 2, SELL)
    assert play.filled(2) == 1


def test_the_models_differ_by_what_they_take_to_be_ahead() -> None:
    filled = []
    for model in MODELS:
        play = stage(model, queue=CONFLATED)
        play.at(20).new(1, BUY, 100, 50)
        play.at(30).delta(BUY, 100, 10)
        play.at(40).delta(BUY, 100, 9, BUY, 95, 1)
        play.at(50).delta(BUY, 100, 30)
        play.at(60).delta(BUY, 100, 12)
        play.at(70).trade(100, 10, SELL)
        filled.append(play.filled(1))
    # At most 9 ahead; of 18 cancelled in 30, about one stood in the first 9; or nothing ahead; or
    # what joined last left, and 9 are ahead still.
    assert filled == [1, 2, 10, 1]


@pytest.mark.parametrize(("model", "filled"), [(P, 0), (C, 0), (O, 5), (F, 0)])
def test_a_print_of_unknown_side_is_only_supposed(model: FillModel, filled: int) -> None:
    play = stage(model, queue=CONFLATED)
    play.new(1, BUY, 100, 5)
    play.at(11).delta(BUY, 100, 0)
    play.at(20).trade(100, 5, 0)
    assert play.filled(1) == filled


def test_a_print_of_unknown_side_serves_both_sides_once() -> None:
    play = stage(O, queue=CONFLATED, book=(BUY, 100, 5, SELL, 102, 5))
    play.new(1, BUY, 101, 5)
    play.new(2, SELL, 101, 5)
    play.at(20).trade(101, 7, 0)
    assert (play.filled(1), play.filled(2)) == (5, 2)


def test_no_bound_no_fill_until_a_message_as_of_the_arrival() -> None:
    play = stage(queue=CONFLATED)
    play.at(15).new(1, BUY, 100, 5)
    play.at(16).trade(100, 40, SELL)
    assert play.filled(1) == 0
    # A delta that does not name the level says that it did not change.
    play.at(20).delta(BUY, 95, 1)
    assert play.venue._markets[0].bids.by_price()[100].orders[0].place.ahead_max() == 10
    play.at(21).trade(100, 12, SELL)
    assert play.filled(1) == 2


def test_a_level_known_to_be_empty_is_a_bound_too() -> None:
    play = stage(queue=CONFLATED)
    play.at(15).new(1, BUY, 97, 5)
    place = play.venue._markets[0].bids.by_price()[97].orders[0].place
    assert (place.size, place.ahead_max()) == (0, -1)
    play.at(20).delta(BUY, 95, 1)
    assert place.ahead_max() == 0


def test_an_older_snapshot_does_not_turn_the_clock_of_the_book_back() -> None:
    play = stage()
    play.at(12).see(BookSnapshot(0, 1, BOOK), event_time=5)
    play.new(1, BUY, 100, 5)
    assert play.venue._markets[0].bids.by_price()[100].orders[0].place.ahead_max() == 10


def test_a_message_that_took_longer_does_not_turn_arrivals_back() -> None:
    play = stage()
    play.at(20).new(1, BUY, 100, 5)
    play.at(21).delta(BUY, 95, 1, event_time=11)
    play.at(22).new(2, BUY, 100, 5)
    queue = play.venue._markets[0].bids.by_price()[100].orders
    assert [order.place.arrival_ns for order in queue] == [20, 20]


def test_lots_in_doubt_displace_others_once_however_often_an_order_shrinks() -> None:
    play = stage(queue=CONFLATED)
    play.new(1, BUY, 100, 10)
    play.at(20).trade(100, 8, SELL)
    assert play.filled(1) == 0
    displaced = play.venue._markets[0].bids.displaced
    play.replace(1, 100, 5)
    assert displaced[100] == 3
    play.replace(1, 100, 2)
    assert displaced[100] == 6


def test_what_lies_outside_the_snapshot_is_unknown_not_empty() -> None:
    play = stage()
    play.new(1, BUY, 80, 5)
    play.new(2, BUY, 95, 5)
    queues = play.venue._markets[0].bids.by_price()
    assert queues[80].orders[0].place.size == -1
    assert queues[95].orders[0].place.size == 0
    play.at(20).snapshot(BUY, 99, 5, SELL, 101, 1)
    assert queues[95].orders[0].place.size == -1
    assert queues[95].orders[0].place.ahead_max() == 0
    play.at(21).snapshot(BUY, 99, 5, BUY, 70, 1, SELL, 101, 1)
    assert queues[80].orders[0].place.size == 0


def test_a_gap_censors_resting_orders() -> None:
    play = stage(O)
    play.new(1, BUY, 100, 5)
    play.at(20).gap()
    place = play.venue._markets[0].bids.by_price()[100].orders[0].place
    assert (place.censored, place.ahead_min, place.ahead_max()) == (1, 0, 10)


# --- resting orders: crossed book ----------------------------------------------------------------


def test_a_book_that_reaches_a_resting_order_fills_it_at_its_own_price() -> None:
    play = stage()
    play.new(1, BUY, 100, 10)
    play.at(20).delta(BUY, 100, 0, BUY, 99, 0, SELL, 99, 4, SELL, 100, 3)
    fill = last(play)
    assert (fill.price, fill.quantity, fill.leaves) == (100, 7, 3)
    assert (fill.cause, fill.liquidity) == (FillCause.CROSSED_BOOK, Liquidity.MAKER)
    # The same lots again are not more lots; three further ones are.
    play.at(21).delta(SELL, 99, 4)
    assert play.filled(1) == 7
    play.at(22).delta(SELL, 100, 5)
    assert play.filled(1) == 9


def test_a_crossed_book_shows_nothing() -> None:
    play = stage()
    play.new(1, BUY, 100, 10)
    play.at(20).delta(SELL, 99, 4)
    assert play.fills() == []


def test_no_crossing_while_halted_or_before_the_arrival() -> None:
    play = stage()
    play.at(20).new(1, BUY, 100, 10)
    clear = (BUY, 100, 0, BUY, 99, 0, SELL, 100, 3)
    play.at(21).delta(*clear, event_time=5)
    assert play.fills() == []
    play.status(InstrumentState.HALTED)
    play.at(22).delta(SELL, 100, 3)
    assert play.fills() == []
    play.status(InstrumentState.CONTINUOUS)
    play.at(23).delta(SELL, 100, 3)
    assert play.filled(1) == 3


def test_own_lots_that_cross_make_room_for_those_behind() -> None:
    play = stage()
    play.new(1, BUY, 100, 3)
    play.new(2, BUY, 100, 9)
    play.at(20).delta(BUY, 100, 0, BUY, 99, 0, SELL, 100, 5)
    assert (play.filled(1), play.filled(2)) == (3, 2)
    assert play.venue._markets[0].bids.by_price()[100].orders[0].place.own_ahead == 0
    play.at(21).delta(SELL, 100, 0)
    play.at(22).trade(100, 4, SELL)
    assert play.filled(2) == 6


def test_sells_mirror_buys() -> None:
    play = stage()
    play.new(1, SELL, 101, 4)
    play.at(20).trade(101, 9, BUY)
    play.at(21).trade(102, 2, BUY)
    assert [(f.price, f.quantity, f.cause) for f in play.fills()] == [
        (101, 1, FillCause.PRINT),
        (101, 2, FillCause.PRINT),
    ]
    play.at(22).delta(SELL, 101, 0, BUY, 101, 8)
    assert last(play).cause == FillCause.CROSSED_BOOK
    assert play.filled(1) == 4
    play.new(2, SELL, 103, 4)
    # Two of three lots are for the sellers at 102 whose print the first order took.
    play.at(23).snapshot(BUY, 104, 3, SELL, 105, 3)
    assert (last(play).price, play.filled(2)) == (103, 1)


# --- cancel, replace, dates ----------------------------------------------------------------------


def test_a_cancel_ends_a_resting_order_and_moves_up_those_behind() -> None:
    play = stage()
    play.new(1, BUY, 100, 3)
    play.new(2, BUY, 100, 3)
    request = play.cancel(1)
    assert (last(play).request_id, last(play).leaves, last(play).reason) == (request, 0, 0)
    play.at(20).trade(100, 11, SELL)
    assert (play.filled(1), play.filled(2)) == (0, 1)
    play.cancel(1)
    assert reasons(play)[-1] == ("CANCEL_REJECTED", Reason.TOO_LATE)
    play.cancel(7)
    assert reasons(play) == [("CANCEL_REJECTED", Reason.UNKNOWN_ORDER)]


def test_a_cancel_after_the_fill_is_too_late() -> None:
    play = stage()
    play.new(1, BUY, 101, 3)
    request = play.cancel(1)
    assert reasons(play)[-1] == ("CANCEL_REJECTED", Reason.TOO_LATE)
    assert last(play).request_id == request
    # Nor is it reopened by what was sent after the cancel.
    play.replace(1, 101, 9)
    assert reasons(play) == [("REPLACE_REJECTED", Reason.TOO_LATE)]


def test_a_decrease_keeps_its_place() -> None:
    play = stage()
    play.new(1, BUY, 100, 5)
    play.new(2, BUY, 100, 5)
    request = play.replace(1, 100, 2)
    assert (last(play).request_id, last(play).total, last(play).leaves) == (request, 2, 2)
    play.at(20).trade(100, 13, SELL)
    assert (play.filled(1), play.filled(2)) == (2, 1)


@pytest.mark.parametrize(("price", "total"), [(100, 6), (99, 5)])
def test_an_increase_or_another_price_goes_to_the_back(price: int, total: int) -> None:
    play = stage()
    play.new(1, BUY, 100, 5)
    play.new(2, BUY, price, 5)
    play.replace(1, price, total)
    queue = play.venue._markets[0].bids.by_price()[price]
    assert [order.order_id for order in queue.orders] == [2, 1]
    assert [said.report.price for said in play.said[-1:]] == [price]


def test_an_increase_may_keep_its_place_where_the_venue_says_so() -> None:
    play = stage(instrument=evolve(INSTRUMENT, increase_loses_priority=0))
    play.new(1, BUY, 100, 5)
    play.new(2, BUY, 100, 5)
    play.replace(1, 100, 9)
    queue = play.venue._markets[0].bids.by_price()[100]
    assert [order.order_id for order in queue.orders] == [1, 2]
    assert queue.orders[1].place.own_ahead == 9


def test_a_replace_may_take() -> None:
    play = stage()
    play.new(1, BUY, 100, 5)
    play.replace(1, 101, 9)
    assert play.kinds() == ["ACCEPTED", "REPLACED", "FILLED"]
    assert (last(play).price, last(play).quantity, last(play).leaves) == (101, 8, 1)
    assert last(play).cause == FillCause.SWEEP


def test_a_post_only_replace_that_would_take_is_refused_and_changes_nothing() -> None:
    play = stage()
    play.new(1, BUY, 100, 5, order_type=OrderType.LIMIT_MAKER)
    play.replace(1, 101, 5)
    assert reasons(play)[-1] == ("REPLACE_REJECTED", Reason.WOULD_TAKE)
    assert list(play.places()) == [(1, 5)]
    play.replace(1, 99, 5)
    assert play.kinds() == ["REPLACED"]


def test_a_replace_at_or_below_what_was_executed_ends_filled() -> None:
    play = stage()
    play.new(1, BUY, 100, 5)
    play.at(20).trade(100, 13, SELL)
    play.replace(1, 100, 2)
    assert (last(play).total, last(play).leaves) == (3, 0)
    assert list(play.places()) == []
    play.replace(1, 100, 3)
    assert reasons(play)[-1] == ("REPLACE_REJECTED", Reason.TOO_LATE)


def test_an_increase_reopens_a_filled_order() -> None:
    play = stage()
    play.new(1, BUY, 101, 3)
    play.replace(1, 100, 5)
    assert play.kinds() == ["ACCEPTED", "FILLED", "REPLACED"]
    assert (last(play).total, last(play).leaves) == (5, 2)
    assert list(play.places()) == [(1, 2)]


@pytest.mark.parametrize(
    ("order_type", "tif"),
    [
        (OrderType.MARKET, TimeInForce.GTC),
        (OrderType.LIMIT, TimeInForce.IOC),
        (OrderType.LIMIT, TimeInForce.FOK),
    ],
)
def test_an_order_that_may_not_rest_is_never_reopened(order_type: int, tif: int) -> None:
    play = stage()
    play.new(1, BUY, 101, 3, order_type=order_type, time_in_force=tif)
    play.replace(1, 101, 5)
    assert play.filled(1) == 3
    assert reasons(play)[-1] == ("REPLACE_REJECTED", Reason.TOO_LATE)


@pytest.mark.parametrize(
    ("price", "quantity", "reason"),
    [(100, 0, Reason.FILTER), (97, 3, Reason.FILTER), (100, 4, Reason.INSTRUMENT_NOT_TRADING)],
)
def test_a_replace_is_refused_with_its_reason(price: int, quantity: int, reason: Reason) -> None:
    play = stage(instrument=evolve(INSTRUMENT, tick=5), book=(BUY, 100, 5, SELL, 105, 5))
    play.new(1, BUY, 100, 5)
    if reason == Reason.INSTRUMENT_NOT_TRADING:
        play.status(InstrumentState.AUCTION)
    play.replace(1, price, quantity)
    assert reasons(play)[-1] == ("REPLACE_REJECTED", reason)
    play.replace(9, price, quantity)
    assert reasons(play)[-1] == ("REPLACE_REJECTED", Reason.UNKNOWN_ORDER)
    play.cancel(1)
    play.replace(1, price, quantity)
    assert reasons(play)[-1] == ("REPLACE_REJECTED", Reason.TOO_LATE)


def test_a_dated_order_expires_at_its_date() -> None:
    play = stage(response_ns=3)
    play.new(1, BUY, 100, 5, time_in_force=TimeInForce.GTD, good_till_ns=50)
    assert play.venue.next_time_ns() == 50
    play.run(49)
    assert play.kinds() == ["ACCEPTED"]
    # A message at the very date is seen before it, one after it finds the order gone.
    play.at(50).trade(100, 11, SELL)
    play.at(51).trade(98, 11, SELL)
    assert play.kinds() == ["FILLED", "EXPIRED"]
    expired = play.said[-1]
    assert (expired.time_ns, expired.arrival_ns) == (50, 53)
    assert expired.report.reason == Reason.GOOD_TILL_DATE
    assert play.venue.next_time_ns() == NEVER_NS
    play.cancel(1)
    assert reasons(play) == [("CANCEL_REJECTED", Reason.TOO_LATE)]


def test_a_dated_order_that_was_filled_cannot_be_reopened_after_its_date() -> None:
    play = stage()
    play.new(1, BUY, 101, 5, time_in_force=TimeInForce.GTD, good_till_ns=50)
    play.run(60)
    assert play.kinds() == ["ACCEPTED", "FILLED"]
    play.replace(1, 100, 9)
    assert reasons(play) == [("REPLACE_REJECTED", Reason.TOO_LATE)]


def test_a_date_that_the_venue_does_not_honour_is_not_its_business() -> None:
    play = stage(instrument=evolve(INSTRUMENT, honours_good_till_date=0))
    play.new(1, BUY, 100, 5, time_in_force=TimeInForce.GTD, good_till_ns=50)
    assert play.venue.next_time_ns() == NEVER_NS
    play.run(60)
    assert play.kinds() == ["ACCEPTED"]


def test_a_date_of_an_order_that_is_gone_is_not_waited_for() -> None:
    play = stage()
    play.new(1, BUY, 100, 5, time_in_force=TimeInForce.GTD, good_till_ns=50)
    play.cancel(1)
    assert play.venue.next_time_ns() == NEVER_NS


# --- time and fees -------------------------------------------------------------------------------


def test_requests_and_answers_take_their_time() -> None:
    play = stage(request_ns=5, response_ns=7)
    play.new(1, BUY, 100, 5)
    assert play.said == []
    assert play.venue.next_time_ns() == 15
    play.run(14)
    assert play.said == []
    play.run(15)
    assert [(said.time_ns, said.arrival_ns) for said in play.said] == [(15, 22)]


def test_a_market_message_is_seen_before_requests_that_arrive_with_it() -> None:
    play = stage(request_ns=5)
    play.new(1, BUY, 101, 5)
    play.at(15).delta(SELL, 101, 2)
    play.run(15)
    assert play.filled(1) == 2
    # And requests that arrived before a message are applied before it, asked or not.
    play.new(2, BUY, 102, 5)
    play.at(25).delta(SELL, 102, 0)
    assert play.filled(2) == 5


def test_a_message_goes_before_a_request_of_its_instant_though_another_was_due_before() -> None:
    play = stage(request_ns=5)
    play.new(1, BUY, 90, 1)
    play.at(11).new(2, BUY, 101, 5)
    play.at(16).delta(SELL, 101, 2)
    play.run(16)
    assert play.filled(2) == 2


def test_requests_apply_in_the_order_of_arrival() -> None:
    play = stage(request_ns=5)
    play.at(12).new(1, BUY, 100, 1)
    play.at(11).new(2, BUY, 100, 1)
    play.at(12).new(3, BUY, 100, 1)
    play.run(30)
    assert [said.report.order_id for said in play.said] == [2, 1, 3]


@pytest.mark.parametrize(
    ("kind", "asset", "side", "expected"),
    [
        # 101 x 8 x 3 = 2424 at 0.05 % is 1.212, rounded up; 8 x 7 = 56 base is 0.028.
        (InstrumentKind.SPOT, FeeAsset.QUOTE, BUY, (1, 2)),
        (InstrumentKind.SPOT, FeeAsset.RECEIVED, BUY, (0, 1)),
        (InstrumentKind.SPOT, FeeAsset.RECEIVED, SELL, (1, 2)),
        (InstrumentKind.LINEAR, FeeAsset.RECEIVED, BUY, (1, 2)),
    ],
)
def test_taker_fees(kind: int, asset: int, side: int, expected: tuple[int, int]) -> None:
    play = stage(instrument=evolve(INSTRUMENT, kind=int(kind), fee_asset=int(asset)))
    play.new(1, side, 101 if side == BUY else 100, 8)
    assert (last(play).fee_asset, last(play).fee) == expected


def test_maker_fees_and_rebates_round_against_the_account() -> None:
    play = stage()
    play.new(1, BUY, 100, 5)
    play.at(20).trade(98, 5, SELL)
    assert last(play).fee == 1  # 1500 at 0.02 % is 0.3
    play = stage(instrument=evolve(INSTRUMENT, maker_fee_e8=-120_000))
    play.new(1, BUY, 100, 5)
    play.at(20).trade(98, 5, SELL)
    assert last(play).fee == -1  # a rebate of 1.8


def test_ids_count_by_instrument() -> None:
    other = evolve(INSTRUMENT, id=1)
    play = Stage(SimulatedVenue((INSTRUMENT, other), int(P), 0, 0)).at(10)
    play.snapshot(*BOOK)
    play.snapshot(*BOOK, instrument=1)
    play.new(1, BUY, 101, 1)
    play.new(2, BUY, 101, 1, instrument=1)
    play.new(3, BUY, 101, 1)
    ids = [(fill.venue_order_id, fill.trade_id) for fill in play.fills()]
    assert ids == [(1, 1), (ID_STRIDE + 1, ID_STRIDE + 1), (2, 2)]


def test_what_says_nothing_of_the_book_changes_nothing() -> None:
    play = stage()
    play.new(1, BUY, 100, 5)
    play.at(20).see(TopOfBook(0, 1, 1, 2, 1))
    play.at(20).see(MarkPrice(0, 5))
    play.at(20).see(BookOrderAdd(0, 1, 1, 100, 5))
    assert play.venue._markets[0].latest_ns == 10


# --- what other engines got wrong ----------------------------------------------------------------


def test_pd01_partial_fills_of_resting_orders_are_reported_in_full() -> None:
    """PD01: every part of a fill is an event of its own, with its fee, and they add up."""
    play = stage()
    play.new(1, BUY, 100, 6)
    for index in range(6):
        play.at(20 + index).trade(100, 3, SELL)
    fills = play.fills(1)
    assert [fill.quantity for fill in fills] == [2, 3, 1]
    assert [fill.leaves for fill in fills] == [4, 1, 0]
    assert len({fill.trade_id for fill in fills}) == 3
    assert all(fill.fee > 0 and fill.price == 100 for fill in fills)


def test_pd02_every_fill_names_its_cause() -> None:
    """PD02: a fill without a print says what else filled it."""
    play = stage()
    play.new(1, BUY, 101, 9)
    play.at(20).trade(101, 1, SELL)
    play.new(2, BUY, 100, 2)
    play.at(30).delta(BUY, 100, 0, BUY, 99, 0, SELL, 100, 2)
    causes = [FillCause(fill.cause) for fill in play.fills()]
    assert causes == [FillCause.SWEEP, FillCause.PRINT, FillCause.CROSSED_BOOK]


def test_pd25_a_print_is_consumed_once_and_fills_at_the_limit() -> None:
    """PD25: two orders do not both eat one print, the queue counts, the limit is the price."""
    play = stage()
    play.new(1, BUY, 100, 6)
    play.new(2, BUY, 100, 6)
    play.new(3, BUY, 99, 6)
    play.at(20).trade(98, 8, SELL)
    assert [(fill.order_id, fill.quantity, fill.price) for fill in play.fills()] == [
        (1, 6, 100),
        (2, 2, 100),
    ]
    play.at(21).trade(100, 3, SELL)
    assert (play.filled(2), play.filled(3)) == (5, 0)


# --- clocks and limits at their edges ------------------------------------------------------------


def test_of_messages_with_one_stamp_the_first_tells_the_clock() -> None:
    """The venue's clock is read off the capture that came soonest after a stamp."""
    for body in (Trade(0, 100, 1, BUY, 0, 1), Bar(0, 100, 100, 100, 100, 5, 1)):
        found = Stage(SimulatedVenue((INSTRUMENT,), 0, 0, 0))
        found.at(20).see(body, 15)
        found.at(30).see(body, 15)
        market = found.venue._markets[0]
        assert (market.latest_ns, market.latest_capture_ns) == (15, 20)


def test_a_limit_of_zero_is_a_limit() -> None:
    market = stage().venue._markets[0]
    assert market.count_within(SELL, 0, 3) == (0, 0)
    assert market.take_within(SELL, 0, 3) == []
    assert market.count_within(SELL, -1, 3)[0] > 0
    assert market.take_within(SELL, -1, 3) == [(101, 3)]
