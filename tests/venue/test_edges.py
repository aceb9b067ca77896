"""Edges of the simulated venue: dates, empty sides, limits, what is left alone, what is told anew.

Each scenario stands on one side of a comparison with its neighbour on the other.
"""

import pytest
from attrs import evolve

from tests.venue.stage import BOOK, BUY, CONFLATED, SELL, Stage, stage
from tickproof.spec.commands import CommandKind, OrderType, TimeInForce
from tickproof.spec.events import Bar, Reason, TradeKind
from tickproof.spec.instructions import Prevention
from tickproof.spec.instrument import InstrumentState
from tickproof.spec.order_list import OrderListKind
from tickproof.spec.price_queue import UNKNOWN, FillModel
from tickproof.spec.venue_rules import VenueRules

STOP, STOP_LIMIT = OrderType.STOP, OrderType.STOP_LIMIT
MAKER = OrderType.LIMIT_MAKER
ONE_SIDE = (BUY, 100, 10, BUY, 99, 5)
"""A book in which nothing is offered."""


def heard(play: Stage) -> list[tuple[str, int, Reason]]:
    """(kind, order, reason) since the last call."""
    return [
        (each.kind.name, each.report.order_id, Reason(each.report.reason)) for each in play.fresh()
    ]


def kinds(play: Stage) -> list[tuple[str, int]]:
    return [(name, order_id) for name, order_id, _ in heard(play)]


# --- what arrives --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("left_ns", "expected"), [(-1, "REJECTED"), (0, "REJECTED"), (1, "ACCEPTED")]
)
def test_an_order_that_comes_at_its_date_is_refused(left_ns: int, expected: str) -> None:
    play = stage()
    play.new(1, BUY, 99, 4, time_in_force=TimeInForce.GTD, good_till_ns=play.now + left_ns)
    assert kinds(play) == [(expected, 1)]


@pytest.mark.parametrize("order_type", [0, 8, 9])
def test_an_order_of_a_type_nobody_knows_is_refused(order_type: int) -> None:
    play = stage()
    play.new(1, BUY, 99, 4, order_type=order_type)
    assert heard(play) == [("REJECTED", 1, Reason.OTHER)]


def test_new_terms_of_a_waiting_order_give_it_a_price_where_it_will_have_one() -> None:
    play = stage()
    play.new(1, BUY, 101, 4, order_type=STOP_LIMIT, trigger_price=105)
    play.new(2, BUY, 0, 4, order_type=STOP, trigger_price=105)
    play.fresh()
    play.replace(1, 98, 5)
    play.replace(2, 98, 5)
    prices = {
        each.report.order_id: (each.report.price, each.report.total) for each in play.said[-2:]
    }
    assert prices == {1: (98, 5), 2: (0, 5)}
    play.at(11).trade(105, 1, BUY)
    assert list(play.places()) == [(1, 5)]
    assert play.filled(2) == 5


def test_what_may_only_rest_may_be_moved_to_where_nothing_is_offered() -> None:
    play = stage(book=ONE_SIDE)
    play.new(1, BUY, 99, 4, order_type=MAKER)
    play.replace(1, 120, 4)
    assert kinds(play) == [("ACCEPTED", 1), ("REPLACED", 1)]


@pytest.mark.parametrize(
    ("mode", "expected"),
    [(Prevention.NONE, "REPLACED"), (Prevention.EXPIRE_TAKER, "REPLACE_REJECTED")],
)
def test_what_may_only_rest_meets_its_own_where_it_prevents_that(
    mode: Prevention, expected: str
) -> None:
    play = stage(book=(BUY, 95, 5, SELL, 105, 5))
    play.new(1, SELL, 100, 3)
    play.new(2, BUY, 96, 3, order_type=MAKER, prevention=mode)
    play.replace(2, 100, 3)
    assert kinds(play)[-1] == (expected, 2)


def test_a_replace_needs_a_phase_that_takes_it_and_a_book_that_is_trusted() -> None:
    refused = [("REPLACE_REJECTED", 1, Reason.INSTRUMENT_NOT_TRADING)]
    play = stage()
    play.new(1, BUY, 99, 4)
    play.fresh()
    play.gap()
    play.replace(1, 98, 4)
    assert heard(play) == refused
    play.resume()
    play.status(InstrumentState.HALTED)
    play.replace(1, 98, 4)
    assert heard(play) == refused
    play.status(InstrumentState.CONTINUOUS)
    play.replace(1, 98, 4)
    assert heard(play) == [("REPLACED", 1, Reason.NONE)]


def test_a_refusal_names_the_venue_s_order_where_there_is_one() -> None:
    play = stage()
    play.new(1, BUY, 101, 1)
    known = play.said[0].report.venue_order_id
    assert known
    play.fresh()
    play.new(1, BUY, 99, 1)
    play.cancel(1)
    play.replace(1, 99, 1)
    play.cancel(2)
    told = [(each.kind.name, each.report.venue_order_id) for each in play.fresh()]
    assert told == [
        ("REJECTED", 0),
        ("CANCEL_REJECTED", known),
        ("REPLACE_REJECTED", known),
        ("CANCEL_REJECTED", 0),
    ]


# --- what it finds -------------------------------------------------------------------------------


def test_at_an_empty_side_nothing_is_in_reach() -> None:
    play = stage(book=ONE_SIDE)
    play.new(1, BUY, 200, 4, order_type=MAKER)
    play.new(2, BUY, 0, 4, order_type=OrderType.MARKET)
    play.new(3, BUY, 200, 4, time_in_force=TimeInForce.FOK)
    assert heard(play) == [
        ("ACCEPTED", 1, Reason.NONE),
        ("ACCEPTED", 2, Reason.NONE),
        ("CANCELED", 2, Reason.NO_LIQUIDITY),
        ("ACCEPTED", 3, Reason.NONE),
        ("CANCELED", 3, Reason.FILL_OR_KILL),
    ]


def test_further_filters_do_not_do_away_with_the_first() -> None:
    play = stage(rules=VenueRules(maximum_open_orders=9))
    play.new(1, BUY, 0, 4)
    play.new(2, BUY, 99, 0)
    play.new(3, BUY, 99, 4)
    assert kinds(play) == [("REJECTED", 1), ("REJECTED", 2), ("ACCEPTED", 3)]


def test_conditional_orders_are_counted_apart_and_when_they_come() -> None:
    play = stage(rules=VenueRules(maximum_conditional_orders=1))
    play.new(1, BUY, 99, 4, order_type=STOP_LIMIT, trigger_price=104)
    play.new(2, BUY, 99, 4, order_type=STOP_LIMIT, trigger_price=104)
    play.new(3, BUY, 99, 4)
    assert heard(play) == [
        ("HELD", 1, Reason.NONE),
        ("REJECTED", 2, Reason.LIMIT_REACHED),
        ("ACCEPTED", 3, Reason.NONE),
    ]
    play.at(11).trade(104, 1, BUY)
    play.new(4, BUY, 99, 4, order_type=STOP_LIMIT, trigger_price=110)
    play.fresh()
    # It waited once; its new terms are those of an order that does not.
    play.send(CommandKind.REPLACE, 1, price=98, quantity=4, order_type=STOP_LIMIT)
    assert kinds(play) == [("REPLACED", 1)]


def test_money_for_the_least_quantity_is_enough() -> None:
    play = stage()
    market = play.venue._markets[0]
    market.set_filters(evolve(market.filters, minimum_quantity=2))
    lot = 101 * market.instrument.money_per_price_lot
    terms = {"order_type": OrderType.MARKET}
    play.new(1, BUY, 0, 9, quote_quantity=2 * lot - 1, **terms)
    play.new(2, BUY, 0, 9, quote_quantity=2 * lot, **terms)
    assert kinds(play)[:2] == [("REJECTED", 1), ("ACCEPTED", 2)]
    assert play.filled(2) == 2


# --- orders that may only reduce ------------------------------------------------------------------


def long_by(lots: int) -> Stage:
    play = stage()
    play.new(1, BUY, 101, lots)
    play.fresh()
    return play


@pytest.mark.parametrize(("held", "expected"), [(0, "REJECTED"), (1, "ACCEPTED"), (4, "ACCEPTED")])
def test_where_there_is_nothing_to_reduce_it_is_refused(held: int, expected: str) -> None:
    play = long_by(held) if held else stage()
    play.new(2, SELL, 105, 4, reduce_only=1)
    play.new(3, BUY, 99, 4, reduce_only=1)
    told = heard(play)
    assert (told[0][0], told[-1]) == (expected, ("REJECTED", 3, Reason.REDUCE_ONLY))
    assert list(play.places()) == ([(2, min(held, 4))] if held else [])


def test_what_is_exactly_to_be_reduced_is_left_as_it_is() -> None:
    play = long_by(4)
    play.new(2, SELL, 105, 4, reduce_only=1)
    play.new(3, BUY, 99, 1)
    play.at(11).trade(98, 1, SELL)
    assert kinds(play) == [("ACCEPTED", 2), ("ACCEPTED", 3), ("FILLED", 3)]
    play.new(4, SELL, 100, 1)
    assert kinds(play) == [("ACCEPTED", 4), ("FILLED", 4)]
    play.new(5, SELL, 100, 1)
    assert kinds(play) == [("ACCEPTED", 5), ("FILLED", 5), ("RESTATED", 2)]
    assert list(play.places()) == [(2, 3)]


def test_one_that_is_triggered_and_may_only_reduce_is_watched_from_then_on() -> None:
    play = long_by(4)
    terms = {"order_type": STOP_LIMIT, "trigger_price": 98}
    play.new(2, SELL, 105, 4, reduce_only=1, **terms)
    play.new(3, SELL, 106, 4, **terms)
    play.at(11).trade(98, 1, SELL)
    assert kinds(play) == [("HELD", 2), ("HELD", 3), ("TRIGGERED", 2), ("TRIGGERED", 3)]
    assert [each.order_id for each in play.venue._markets[0].reducing] == [2]
    play.new(4, SELL, 100, 3)
    assert kinds(play) == [("ACCEPTED", 4), ("FILLED", 4), ("RESTATED", 2)]
    play.new(5, SELL, 100, 1)
    assert kinds(play) == [("ACCEPTED", 5), ("FILLED", 5), ("EXPIRED", 2)]
    assert list(play.places()) == [(3, 4)]


def test_one_that_takes_all_when_it_is_triggered_is_not_watched() -> None:
    play = long_by(4)
    play.new(2, SELL, 0, 4, order_type=STOP, trigger_price=98, reduce_only=1)
    play.at(11).trade(98, 1, SELL)
    assert kinds(play) == [("HELD", 2), ("TRIGGERED", 2), ("FILLED", 2)]
    assert play.venue._markets[0].reducing == []


# --- prints --------------------------------------------------------------------------------------


def displacing() -> Stage:
    """An order filled by a print that others may have had: five of them may be in front still."""
    play = stage(book=(BUY, 99, 5, SELL, 105, 5))
    play.new(1, BUY, 100, 5)
    play.at(11).trade(100, 5, SELL)
    assert play.filled(1) == 5
    assert play.venue._markets[0].bids.displaced == {100: 5}
    return play


@pytest.mark.parametrize(
    ("price", "lots", "side", "left"),
    [
        (99, 3, SELL, {100: 2, 99: 3}),
        (99, 5, SELL, {99: 5}),
        (98, 5, SELL, {98: 5}),
        (100, 5, SELL, {100: 5}),
        (99, 5, BUY, {100: 5}),
        (99, 5, 0, {100: 5}),
    ],
)
def test_who_was_displaced_is_served_by_prints_at_worse_prices(
    price: int, lots: int, side: int, left: dict[int, int]
) -> None:
    play = displacing()
    play.at(12).trade(price, lots, side)
    assert play.venue._markets[0].bids.displaced == left
    assert play.venue._markets[0].prints_matter == bool(left)


def test_what_one_side_had_of_a_print_the_other_displaces() -> None:
    play = stage(book=(BUY, 95, 5, SELL, 105, 5), queue=CONFLATED)
    play.new(1, BUY, 100, 5)
    play.at(11).trade(99, 8, 0)
    market = play.venue._markets[0]
    assert market.bids.displaced == market.asks.displaced == {99: 5}


@pytest.mark.parametrize(
    ("kind", "expected"),
    [
        (TradeKind.BLOCK, []),
        (TradeKind.INSURANCE, []),
        (TradeKind.AUCTION, [("FILLED", 1)]),
    ],
)
def test_who_waits_for_an_auction_meets_its_print_only(
    kind: TradeKind, expected: list[tuple[str, int]]
) -> None:
    play = stage()
    play.status(InstrumentState.PRE_OPEN)
    play.new(1, BUY, 101, 4, time_in_force=TimeInForce.AT_OPEN)
    play.fresh()
    play.at(11).trade(100, 9, BUY, kind)
    assert kinds(play) == expected


def test_an_auction_nobody_waits_for_changes_nothing() -> None:
    play = stage()
    play.new(1, BUY, 99, 4)
    phase = play.venue._markets[0].phase
    play.at(11).trade(99, 9, BUY, TradeKind.AUCTION)
    assert play.venue._markets[0].phase == phase
    assert list(play.places()) == [(1, 4)]


@pytest.mark.parametrize(
    ("model", "left"), [(FillModel.PESSIMISTIC, {100: 8}), (FillModel.CALIBRATED, {})]
)
def test_lots_in_doubt_of_an_order_that_leaves_stay_taken_to_a_pessimist_alone(
    model: FillModel, left: dict[int, int]
) -> None:
    play = stage(model, queue=CONFLATED)
    play.new(1, BUY, 100, 10)
    play.at(20).trade(100, 8, SELL)
    assert play.venue._orders[1].doubtful == 8
    play.cancel(1)
    assert play.venue._markets[0].bids.displaced == left


@pytest.mark.parametrize(("side", "price"), [(BUY, 99), (SELL, 102)])
@pytest.mark.parametrize("model", [FillModel.PESSIMISTIC, FillModel.OPTIMISTIC])
def test_a_print_fills_the_side_it_consumed_alone(side: int, price: int, model: FillModel) -> None:
    play = stage(model)
    play.new(1, side, price, 2)
    play.at(11).trade(price, 50, side)
    assert play.filled(1) == 0
    play.at(12).trade(price, 50, -side)
    assert play.filled(1) == 2


# --- levels --------------------------------------------------------------------------------------


@pytest.mark.parametrize(("side", "price"), [(BUY, 101), (SELL, 100)])
def test_of_a_level_no_more_is_taken_than_it_shows(side: int, price: int) -> None:
    play = stage()
    play.new(1, side, price, 3)
    market = play.venue._markets[0]
    taken = market.asks_taken if side == BUY else market.bids_taken
    play.at(11).delta(-side, price, 4)
    assert taken == {price: 3}
    play.at(12).delta(-side, price, 2)
    assert taken == {price: 2}
    play.at(13).delta(-side, price, 0)
    assert (taken, market.idle) == ({}, True)


def test_a_level_between_two_own_orders_is_nobody_s() -> None:
    play = stage()
    play.new(1, BUY, 100, 1)
    play.new(2, BUY, 98, 1)
    play.at(11).delta(BUY, 99, 7, BUY, 100, 4)
    orders = play.venue._orders
    assert (orders[1].place.size, orders[2].place.size) == (4, 0)


def test_where_nobody_may_know_better_no_queue_waits_for_a_bound() -> None:
    play = stage(queue=CONFLATED)
    market = play.venue._markets[0]
    play.at(20).new(1, BUY, 100, 1)
    play.at(20).new(2, BUY, 100, 1)
    play.at(20).new(3, BUY, 99, 1)
    assert [queue.price for queue in market.waiting] == [100, 99]
    assert [queue.waiting for queue in market.waiting] == [1, 1]
    declared = stage()
    declared.new(1, BUY, 100, 1)
    assert declared.venue._markets[0].waiting == []
    undeclared = stage(queue=evolve(CONFLATED, strict_price_time=0))
    undeclared.at(20).new(1, BUY, 100, 1)
    assert undeclared.venue._markets[0].waiting == []


def test_out_of_sight_stays_unknown_whatever_else_is_told() -> None:
    play = stage()
    play.new(1, BUY, 80, 1)
    play.at(11).delta(BUY, 99, 7)
    place = play.venue._orders[1].place
    assert (place.size, place.estimate, place.candidates()) == (UNKNOWN, UNKNOWN, ())


def test_what_is_known_of_an_order_is_not_told_anew_for_one_behind_it() -> None:
    """A message that names another level bounds who had no bound, and nobody else."""
    play = stage(FillModel.CALIBRATED, queue=CONFLATED)
    play.new(1, BUY, 100, 4)
    play.at(20).trade(100, 3, SELL)
    play.at(20).new(2, BUY, 100, 4)
    play.at(30).delta(BUY, 98, 7)
    first, second = (play.venue._orders[number].place for number in (1, 2))
    assert first.as_of_ns == 10
    assert second.as_of_ns == 30


@pytest.mark.parametrize(
    ("model", "left"), [(FillModel.PESSIMISTIC, {101: 3}), (FillModel.OPTIMISTIC, {})]
)
def test_a_snapshot_is_new_liquidity_to_an_optimist_alone(
    model: FillModel, left: dict[int, int]
) -> None:
    play = stage(model)
    play.new(1, BUY, 101, 3)
    play.new(2, SELL, 100, 3)
    market = play.venue._markets[0]
    assert (market.asks_taken, market.bids_taken) == ({101: 3}, {100: 3})
    play.at(11).snapshot(*BOOK)
    assert (market.asks_taken, market.bids_taken) == (left, {100: 3} if left else {})


@pytest.mark.parametrize(
    ("ask", "bid", "expected"),
    [
        (101, 99, []),
        (100, 99, [1]),
        (99, 98, [1]),
        (103, 102, []),
        (104, 103, [2]),
        (105, 104, [2]),
    ],
)
def test_a_snapshot_that_reaches_a_resting_order_fills_it(
    ask: int, bid: int, expected: list[int]
) -> None:
    for told in ("snapshot", "delta"):
        play = stage()
        play.new(1, BUY, 100, 1)
        play.new(2, SELL, 103, 1)
        play.fresh()
        gone: tuple[int, ...] = ()
        if told == "delta":
            gone = tuple(
                value
                for side, price, _ in zip(*[iter(BOOK)] * 3, strict=True)
                if (side, price) not in ((SELL, ask), (BUY, bid))
                for value in (side, price, 0)
            )
        play.at(11)
        getattr(play, told)(*gone, BUY, bid, 5, SELL, ask, 5)
        assert [order_id for _, order_id in kinds(play)] == expected, told


def test_bars_are_remembered_like_levels() -> None:
    play = stage(FillModel.FITTED, book=())
    play.venue._markets[0].has_depth = False
    play.at(11).see(Bar(0, 100, 103, 97, 100, 50, 60))
    memories = play.venue._markets[0].memories
    assert memories is not None
    assert (memories.bids[100].size, memories.asks[101].size) == (50, 50)


def test_legs_that_only_reduce_are_cut_together() -> None:
    play = long_by(4)
    for order_id, leg, price in ((2, 0, 105), (3, 1, 107)):
        play.new(
            order_id, SELL, price, 4, reduce_only=1,
            list_id=1, list_kind=OrderListKind.OCO, list_leg=leg,
        )  # fmt: skip
    play.new(4, SELL, 100, 1)
    assert list(play.places()) == [(2, 3), (3, 3)]
