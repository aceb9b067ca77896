"""Orders that wait for an auction, phases and halts at the simulated venue."""

from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.venue.stage import BUY, LEVEL_MODELS, SELL, Stage, stage
from tickproof.spec import venue_phase
from tickproof.spec.commands import OrderType, TimeInForce
from tickproof.spec.events import EventKind, FillCause, Reason, TradeKind
from tickproof.spec.instrument import InstrumentState
from tickproof.spec.price_queue import FillModel

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


def run(seed: int, model: FillModel) -> dict[int, int]:
    """Auctions in several prints around limits, several orders: what each filled."""
    source, play = Random(seed), called(model)
    for number in range(1, 8):
        side, price = source.choice((BUY, SELL)), source.randint(98, 103)
        kind = source.choice((OrderType.LIMIT, OrderType.LIMIT, OrderType.MARKET))
        limit = 0 if kind == OrderType.MARKET else price
        play.new(number, side, limit, source.randint(1, 6), order_type=kind, time_in_force=OPEN)
    for _ in range(3):
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
    """One print: order by order. Several prints: what all get of each side together."""
    by_model = [run(seed, model) for model in MODELS]
    least, most = by_model[FillModel.PESSIMISTIC], by_model[FillModel.OPTIMISTIC]
    assert sum(least.values()) <= sum(most.values())
    assert by_model[FillModel.CALIBRATED] == by_model[FillModel.FITTED]


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
