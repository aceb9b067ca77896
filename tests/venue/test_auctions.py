"""Orders that wait for an auction, phases and halts at the simulated venue."""

from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.venue.stage import BUY, LEVEL_MODELS, SELL, Stage, stage
from tickproof.spec import venue_phase
from tickproof.spec.commands import OrderType, TimeInForce
from tickproof.spec.events import EventKind, FillCause, MarkPrice, Reason, Trade, TradeKind
from tickproof.spec.instrument import InstrumentState
from tickproof.spec.price_queue import FillModel
from tickproof.spec.venue_rules import VenueRules

MODELS = LEVEL_MODELS
OPEN, CLOSE = TimeInForce.AT_OPEN, TimeInForce.AT_CLOSE
PRE_OPEN, AUCTION = InstrumentState.PRE_OPEN, InstrumentState.AUCTION
CONTINUOUS, HALTED = InstrumentState.CONTINUOUS, InstrumentState.HALTED
CLOSED = InstrumentState.CLOSED
Heard = list[tuple[str, int, int]]


def told(play: Stage) -> Heard:
    return [(each.kind.name, each.report.order_id, each.report.quantity) for each in play.fresh()]


def called(model: int = FillModel.PESSIMISTIC) -> Stage:
    """A venue before its open."""
    play = stage(model)
    play.status(PRE_OPEN)
    return play


def uncross(play: Stage, price: int, lots: int) -> None:
    play.at(play.now + 1).trade(price, lots, 0, kind=TradeKind.AUCTION)


def test_what_is_better_than_the_auction_price_fills_at_it() -> None:
    play = called()
    play.new(1, BUY, 0, 3, order_type=OrderType.MARKET, time_in_force=OPEN)
    play.new(2, BUY, 103, 4, time_in_force=OPEN)
    play.status(AUCTION)
    play.new(3, SELL, 99, 5, time_in_force=OPEN)
    play.new(4, BUY, 100, 5, time_in_force=OPEN)
    play.fresh()
    uncross(play, 101, 50)
    play.status(CONTINUOUS)
    assert told(play) == [("FILLED", 1, 3), ("FILLED", 2, 4), ("FILLED", 3, 5)]
    assert {fill.price for fill in play.fills()} == {101}
    assert {fill.cause for fill in play.fills()} == {FillCause.AUCTION}
    play.at(play.now + 1).trade(101, 1, SELL)
    assert told(play) == [("EXPIRED", 4, 0)]
    assert play.said[-1].report.reason == Reason.AUCTION_OVER


@pytest.mark.parametrize(("model", "lots"), [*zip(MODELS, (0, 2, 5, 2), strict=True)])
def test_at_the_very_price_the_model_says_how_much(model: FillModel, lots: int) -> None:
    play = called(model)
    play.new(1, BUY, 101, 5, time_in_force=OPEN)
    uncross(play, 101, 50)
    assert play.filled(1) == lots


def test_a_side_gets_no_more_than_was_printed_the_better_first() -> None:
    play = called()
    play.new(1, BUY, 102, 4, time_in_force=OPEN)
    play.new(2, BUY, 104, 4, time_in_force=OPEN)
    play.new(3, SELL, 90, 4, time_in_force=OPEN)
    play.fresh()
    uncross(play, 101, 6)
    assert told(play) == [("FILLED", 2, 4), ("FILLED", 1, 2), ("FILLED", 3, 4)]
    # Some feeds tell an auction as many prints.
    uncross(play, 101, 1)
    assert told(play) == [("FILLED", 1, 1)]


def test_an_order_at_the_close_waits_through_the_day() -> None:
    play = stage()
    play.new(1, SELL, 95, 4, time_in_force=CLOSE)
    play.at(11).trade(101, 5, BUY)
    uncross(play, 101, 5)
    assert play.filled(1) == 0
    play.status(AUCTION)
    play.new(2, SELL, 0, 1, order_type=OrderType.MARKET, time_in_force=CLOSE)
    play.new(3, SELL, 95, 1, time_in_force=OPEN)
    play.new(4, SELL, 99, 1)
    play.fresh()
    play.status(CLOSED)
    uncross(play, 97, 50)
    assert told(play) == [("FILLED", 2, 1), ("FILLED", 1, 4)]
    play.new(5, SELL, 95, 1, time_in_force=CLOSE)
    assert told(play) == [("REJECTED", 5, 0)]


@pytest.mark.parametrize(
    ("force", "statuses", "expired"),
    [
        (OPEN, (CONTINUOUS,), False),
        (OPEN, (HALTED, AUCTION), False),
        (OPEN, (CLOSED,), True),
        (CLOSE, (CONTINUOUS, HALTED, CONTINUOUS), False),
        (CLOSE, (CONTINUOUS, AUCTION, CONTINUOUS), True),
        (CLOSE, (CLOSED,), False),
        (CLOSE, (CLOSED, PRE_OPEN), True),
        (OPEN, (InstrumentState.DELISTED,), True),
        (CLOSE, (InstrumentState.DELISTED,), True),
    ],
)
def test_what_did_not_trade_expires_when_its_auction_is_over(
    force: TimeInForce, statuses: tuple[InstrumentState, ...], expired: bool
) -> None:
    play = called()
    play.new(1, BUY, 100, 4, time_in_force=force)
    play.fresh()
    for status in statuses:
        play.status(status)
    assert told(play) == ([("EXPIRED", 1, 0)] if expired else [])


def test_who_waits_may_be_cancelled_but_not_replaced() -> None:
    play = stage()
    play.new(1, BUY, 100, 4, time_in_force=CLOSE)
    play.fresh()
    play.replace(1, 99, 4)
    play.cancel(1)
    play.cancel(1)
    names = [name for name, *_ in told(play)]
    assert names == ["REPLACE_REJECTED", "CANCELED", "CANCEL_REJECTED"]
    assert play.venue.is_quiet()


def test_a_halt_keeps_orders_and_takes_cancels_only() -> None:
    play = stage()
    play.new(1, BUY, 99, 4)
    play.new(2, BUY, 98, 4)
    play.status(HALTED)
    play.fresh()
    play.new(3, BUY, 99, 1)
    play.replace(1, 98, 4)
    play.cancel(2)
    assert [name for name, *_ in told(play)] == ["REJECTED", "REPLACE_REJECTED", "CANCELED"]
    play.delta(SELL, 99, 5)
    assert list(play.places()) == [(1, 4)]
    play.status(CONTINUOUS)
    play.at(12).delta(BUY, 99, 0, BUY, 100, 0, SELL, 99, 5)
    assert told(play) == [("FILLED", 1, 4)]


def test_a_reduce_only_order_at_the_close_does_not_flip() -> None:
    play = stage()
    play.new(1, BUY, 101, 3, time_in_force=TimeInForce.IOC)
    play.new(2, SELL, 90, 3, time_in_force=CLOSE, reduce_only=1)
    play.new(3, SELL, 90, 2, time_in_force=CLOSE)
    play.new(4, SELL, 100, 2, time_in_force=TimeInForce.IOC)
    play.status(AUCTION)
    play.fresh()
    uncross(play, 100, 50)
    assert told(play) == [("FILLED", 2, 1), ("FILLED", 3, 2)]


def run(seed: int, model: FillModel, prints: int = 3) -> dict[int, int]:
    """Auctions in several prints around limits, several orders: what each filled."""
    source, play = Random(seed), called(model)
    for number in range(1, 8):
        side, price = source.choice((BUY, SELL)), source.randint(98, 103)
        kind = source.choice((OrderType.LIMIT, OrderType.LIMIT, OrderType.MARKET))
        limit = 0 if kind == OrderType.MARKET else price
        play.new(number, side, limit, source.randint(1, 6), order_type=kind, time_in_force=OPEN)
    for _ in range(prints):
        uncross(play, source.randint(98, 103), source.randint(1, 12))
        if source.random() < 0.3:
            play.cancel(source.randint(1, 7))
    for said in play.said:
        if said.kind == EventKind.FILLED:
            order = play.venue._orders[said.report.order_id]
            limit, price = order.price, said.report.price
            assert order.order_type == OrderType.MARKET or (limit - price) * order.side >= 0
    return {number: play.filled(number) for number in range(1, 8)}


@given(st.integers(0, 2**32))
def test_models_are_ordered_in_auctions_as_a_whole(seed: int) -> None:
    """Several prints: what all get together."""
    by_model = [run(seed, model) for model in MODELS]
    least, most = by_model[FillModel.PESSIMISTIC], by_model[FillModel.OPTIMISTIC]
    assert sum(least.values()) <= sum(most.values())
    assert by_model[FillModel.CALIBRATED] == by_model[FillModel.FITTED]


@given(st.integers(0, 2**32))
def test_models_are_ordered_at_one_print_order_by_order(seed: int) -> None:
    least, between, most, _ = (run(seed, model, prints=1) for model in MODELS)
    for number, filled in between.items():
        assert least[number] <= filled <= most[number]


def test_nobody_gets_what_an_order_before_it_may_have_had() -> None:
    """A half of the print's lots is not given again to who is behind the one who may get all."""
    for model, filled in (
        (FillModel.PESSIMISTIC, (0, 0)),
        (FillModel.CALIBRATED, (2, 0)),
        (FillModel.OPTIMISTIC, (4, 0)),
    ):
        play = called(model)
        play.new(1, BUY, 100, 4, time_in_force=OPEN)
        play.new(2, BUY, 100, 4, time_in_force=OPEN)
        uncross(play, 100, 4)
        assert (play.filled(1), play.filled(2)) == filled


@given(
    st.sampled_from((BUY, SELL)), st.integers(1, 9), st.integers(1, 9), st.integers(0, 9),
    st.integers(0, 9),
)  # fmt: skip
def test_shares_are_ordered_and_within_both(
    side: int, limit: int, price: int, leaves: int, left: int
) -> None:
    shares = [
        venue_phase.auction_share(side, limit, price, leaves, left, model) for model in MODELS
    ]
    least, between, most, fitted = shares
    assert 0 <= least <= between == fitted <= most <= min(leaves, left)
    if limit != price:
        assert least == most


# --- orders that rest ----------------------------------------------------------------------------

TAKES = VenueRules(resting_in_auctions=1)


def closing(model: int = FillModel.PESSIMISTIC, rules: VenueRules = TAKES) -> Stage:
    """Continuous trading, two bids of five at 100 and 99, and then the call."""
    play = stage(model, rules=rules)
    play.new(1, BUY, 100, 5)
    play.new(2, BUY, 99, 5)
    play.new(3, SELL, 105, 5)
    play.at(play.now + 1).status(AUCTION)
    play.fresh()
    return play


def test_who_rests_beyond_the_auction_price_trades_at_it() -> None:
    play = closing()
    uncross(play, 98, 50)
    assert told(play) == [("FILLED", 1, 5), ("FILLED", 2, 5)]
    assert {(fill.price, fill.cause) for fill in play.fills()} == {(98, FillCause.AUCTION)}
    assert list(play.places()) == [(3, 5)]
    play = closing()
    uncross(play, 107, 50)
    assert told(play) == [("FILLED", 3, 5)]


def test_who_rests_where_nothing_of_the_print_is_left_is_told_nothing() -> None:
    play = closing()
    uncross(play, 98, 5)
    assert told(play) == [("FILLED", 1, 5)]
    # What was displaced at a price is nobody's order there.
    play = closing()
    play.cancel(1)
    play.venue._markets[0].bids.displace(100, 4)
    play.fresh()
    uncross(play, 98, 5)
    assert told(play) == [("FILLED", 2, 5)]


def test_who_rests_takes_no_part_where_that_is_not_declared() -> None:
    play = closing(rules=VenueRules())
    uncross(play, 98, 50)
    assert told(play) == []


@pytest.mark.parametrize(("model", "lots"), [*zip(MODELS, (0, 2, 5, 2), strict=True)])
def test_who_rests_at_the_auction_price_may_have_had_a_part(model: FillModel, lots: int) -> None:
    play = closing(model)
    uncross(play, 100, 50)
    assert (play.filled(1), play.filled(2)) == (lots, 0)


def test_one_side_gets_the_print_once_those_who_waited_for_it_first() -> None:
    play = closing()
    play.new(4, BUY, 103, 3, time_in_force=CLOSE)
    play.fresh()
    uncross(play, 98, 10)
    assert told(play) == [("FILLED", 4, 3), ("FILLED", 1, 5), ("FILLED", 2, 2)]
    assert list(play.places()) == [(2, 3), (3, 5)]


@pytest.mark.parametrize("model", [FillModel.PESSIMISTIC, FillModel.OPTIMISTIC])
def test_who_came_at_the_print_s_stamp_may_have_been_too_late(model: FillModel) -> None:
    play = stage(model, rules=TAKES).at(50)
    play.see(MarkPrice(0, 100), 50)
    play.new(1, BUY, 100, 5)
    order = play.venue._orders[1]
    for stamp, lots in ((order.joined_ns - 1, 0), (order.joined_ns, 2)):
        trade = Trade(0, 90, 2, 0, int(TradeKind.AUCTION), 1)
        play.see(trade, stamp)
        expected = lots if model == FillModel.OPTIMISTIC else 0
        assert play.filled(1) == expected
    play.see(Trade(0, 90, 1, 0, int(TradeKind.AUCTION), 2), order.joined_ns + 1)
    assert play.filled(1) == expected + 1


def test_an_iceberg_that_rests_shows_the_next_part_after_an_auction() -> None:
    play = stage(rules=TAKES)
    play.delta(BUY, 100, 0)
    play.new(1, BUY, 100, 9, display=4)
    play.at(play.now + 1).status(AUCTION)
    uncross(play, 98, 6)
    assert (play.filled(1), play.venue._orders[1].shown) == (6, 3)


def test_what_may_only_reduce_does_no_more_at_an_auction() -> None:
    play = stage(rules=TAKES)
    play.new(1, BUY, 0, 4, order_type=OrderType.MARKET)
    play.new(2, SELL, 105, 4, reduce_only=1)
    play.new(3, SELL, 106, 2)
    play.at(play.now + 1).status(AUCTION)
    play.fresh()
    uncross(play, 110, 50)
    assert told(play) == [("FILLED", 2, 4), ("FILLED", 3, 2)]


@given(st.integers(0, 300))
def test_resting_orders_share_a_print_and_keep_their_limits(seed: int) -> None:
    """Each side at most what was printed, nobody through a limit, the models in order."""
    dice = Random(seed)
    orders = [
        (dice.choice((BUY, SELL)), dice.randrange(0, 4), dice.randrange(1, 6)) for _ in "abcd"
    ]
    price, lots = dice.randrange(97, 106), dice.randrange(1, 14)
    filled: list[dict[int, int]] = []
    for model in (FillModel.PESSIMISTIC, FillModel.CALIBRATED, FillModel.OPTIMISTIC):
        play = stage(model, rules=TAKES)
        for number, (side, away, size) in enumerate(orders, 1):
            play.new(number, side, 100 - away if side > 0 else 101 + away, size)
        play.at(play.now + 1).status(AUCTION)
        uncross(play, price, lots)
        for fill in play.fills():
            side, away, _ = orders[fill.order_id - 1]
            assert (100 - away if side > 0 else -101 - away) >= side * fill.price
        got = {number: play.filled(number) for number in range(1, 5)}
        for side in (BUY, SELL):
            assert sum(n for k, n in got.items() if orders[k - 1][0] == side) <= lots
        filled.append(got)
    least, between, most = filled
    assert all(least[k] <= between[k] <= most[k] for k in least)
