"""Bars alone can be traded on: close is bid, a tick above is offered, the volume is shown."""

from tests.venue.stage import BUY, INSTRUMENT, SELL, Stage, stage
from tickproof.spec.commands import OrderType
from tickproof.spec.events import Bar, EventKind, Reason
from tickproof.spec.price_queue import FillModel
from tickproof.venue.venue import SimulatedVenue


def bar(close: int, volume: int = 50) -> Bar:
    return Bar(0, close, close + 3, close - 3, close, volume, 60)


def bars_only() -> Stage:
    return Stage(SimulatedVenue((INSTRUMENT,), int(FillModel.PESSIMISTIC), 0, 0))


def market(made: Stage, order_id: int, side: int, quantity: int) -> None:
    made.new(order_id, side, 0, quantity, order_type=OrderType.MARKET)


def test_a_market_order_trades_at_the_close_of_the_last_bar() -> None:
    made = bars_only()
    made.at(1).see(bar(100))
    market(made.at(2), 1, BUY, 4)
    market(made.at(3), 2, SELL, 4)
    assert [(fill.price, fill.quantity) for fill in made.fills()] == [(101, 4), (100, 4)]


def test_no_more_than_the_volume_until_the_next_bar() -> None:
    made = bars_only()
    made.at(1).see(bar(100, volume=3))
    market(made.at(2), 1, BUY, 5)
    assert made.filled(1) == 3
    assert made.said[-1].report.reason == Reason.NO_LIQUIDITY
    made.at(3).see(bar(100, volume=4))
    market(made.at(4), 2, BUY, 2)
    assert made.filled(2) == 2


def test_a_bar_like_the_last_is_another() -> None:
    made = bars_only()
    made.at(1).see(bar(100, volume=3))
    made.at(2).see(bar(100, volume=4))
    market(made.at(3), 1, SELL, 9)
    market(made.at(4), 2, BUY, 9)
    assert [(fill.price, fill.quantity) for fill in made.fills()] == [(100, 4), (101, 4)]


def test_nothing_is_left_of_the_bar_before() -> None:
    made = bars_only()
    for stamp, close in enumerate((100, 101, 100, 99), start=1):
        made.at(stamp).see(bar(close, volume=3))
    market(made.at(5), 1, SELL, 9)
    market(made.at(6), 2, BUY, 9)
    assert [(fill.price, fill.quantity) for fill in made.fills()] == [(99, 3), (100, 3)]


def test_before_the_first_bar_there_is_nothing_to_trade_with() -> None:
    made = bars_only()
    market(made.at(1), 1, BUY, 1)
    assert made.said[-1].kind == EventKind.REJECTED


def test_bars_say_nothing_where_depth_is_known() -> None:
    made = stage()
    made.at(11).see(bar(500))
    market(made.at(12), 1, BUY, 1)
    assert [fill.price for fill in made.fills()] == [101]
