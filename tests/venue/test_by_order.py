"""The simulated venue on orders told one by one: who is filled by an execution, and who not."""

from collections.abc import Callable

import pytest

from tests.venue.stage import BUY, LEVEL_MODELS, SELL, Stage, stage
from tickproof.spec.events import (
    BookOrderAdd,
    BookOrderCancel,
    BookOrderExecute,
    BookOrderModify,
    EventKind,
    FillCause,
    Liquidity,
    TradeKind,
)
from tickproof.spec.price_queue import FillModel
from tickproof.venue.order_place import OrderPlace


def told(*, known: bool = True) -> Stage:
    """The book of the stage by order: 4 and 6 lots are bid at 100, 5 at 99, 8 offered at 101."""
    play = stage(FillModel.EXACT)
    if known:
        add(play, 1, BUY, 100, 4)
        add(play, 2, BUY, 100, 6)
        add(play, 3, BUY, 99, 5)
        add(play, 4, SELL, 101, 8)
    return play.at(20)


def new(play: Stage, order_id: int, side: int, price: int, lots: int, **terms: int) -> None:
    """An order of ours, and a moment later."""
    play.new(order_id, side, price, lots, **terms)
    play.at(play.now + 1)


def add(play: Stage, reference: int, side: int, price: int, size: int, when: int = -1) -> None:
    play.see(BookOrderAdd(0, reference, side, price, size), when if when >= 0 else None)


def execute(play: Stage, reference: int, price: int, size: int, side: int = BUY) -> None:
    play.see(BookOrderExecute(0, reference, side, price, size))


def place_of(play: Stage, order_id: int) -> OrderPlace:
    place = play.venue._orders[order_id].place
    assert isinstance(place, OrderPlace)
    return place


def ahead(play: Stage, order_id: int = 7) -> int:
    return place_of(play, order_id).ahead_max()


def test_an_order_fills_when_an_execution_would_have_come_to_it() -> None:
    play = told()
    new(play, 7, BUY, 100, 3)
    assert ahead(play) == 10
    play.at(30)
    add(play, 5, BUY, 100, 9)
    execute(play, 1, 100, 4)
    execute(play, 2, 100, 6)
    assert (ahead(play), play.filled(7)) == (0, 0)
    execute(play, 5, 100, 2)
    (fill,) = play.fills(7)
    assert (fill.price, fill.quantity) == (100, 2)
    assert (fill.cause, fill.liquidity) == (FillCause.PRINT, Liquidity.MAKER)
    execute(play, 5, 100, 0)
    assert play.filled(7) == 3
    assert list(play.places()) == []


def test_who_leaves_ahead_is_gone_and_who_leaves_behind_is_nobody() -> None:
    play = told()
    new(play, 7, BUY, 100, 3)
    play.at(30)
    add(play, 5, BUY, 100, 9)
    play.see(BookOrderCancel(0, 5, BUY, 100, 4))
    assert ahead(play) == 10
    play.see(BookOrderCancel(0, 1, BUY, 100, 0))
    assert ahead(play) == 6
    play.see(BookOrderModify(0, 2, BUY, 100, 5))
    assert ahead(play) == 5
    play.see(BookOrderModify(0, 2, BUY, 100, 8))
    assert ahead(play) == 0
    execute(play, 2, 100, 1)
    assert play.filled(7) == 1


def test_prints_and_levels_fill_nobody_at_a_price() -> None:
    play = told()
    new(play, 7, BUY, 100, 3)
    new(play, 8, SELL, 101, 3)
    play.at(30).trade(100, 50, SELL)
    play.trade(99, 50, SELL)
    play.trade(101, 50, BUY)
    play.trade(102, 50, BUY)
    play.trade(100, 50, 0)
    play.trade(101, 50, 0)
    play.delta(BUY, 100, 1, SELL, 101, 1)
    assert (ahead(play), ahead(play, 8), play.fills()) == (10, 8, [])


def test_a_worse_execution_would_have_come_to_better_orders_first() -> None:
    play = told()
    new(play, 7, BUY, 100, 3)
    new(play, 8, BUY, 99, 4)
    play.at(30)
    add(play, 5, BUY, 99, 9)
    execute(play, 5, 99, 5)
    assert (play.filled(7), play.filled(8)) == (3, 2)
    assert [report.price for report in play.fills()] == [100, 99]
    execute(play, 5, 98, 4)
    assert play.filled(8) == 4


def test_own_orders_of_a_price_share_executions_front_to_back() -> None:
    play = told()
    new(play, 7, BUY, 100, 3)
    play.at(30)
    add(play, 5, BUY, 100, 9)
    new(play, 8, BUY, 100, 5)
    assert (ahead(play, 7), ahead(play, 8)) == (10, 19)
    # It stands before the second own order.
    execute(play, 5, 100, 4)
    assert (play.filled(7), play.filled(8)) == (3, 0)
    assert ahead(play, 8) == 15
    add(play, 6, BUY, 100, 2)
    execute(play, 6, 100, 2)
    assert play.filled(8) == 2


def test_an_iceberg_of_ours_reloads_at_the_back() -> None:
    play = told()
    new(play, 7, BUY, 100, 6, display=2)
    play.at(30)
    add(play, 5, BUY, 100, 9)
    execute(play, 5, 100, 4)
    assert (play.filled(7), ahead(play)) == (2, 15)
    play.at(31)
    execute(play, 5, 100, 5)
    assert (play.filled(7), ahead(play)) == (2, 10)
    add(play, 6, BUY, 100, 9)
    execute(play, 6, 100, 9)
    assert (play.filled(7), ahead(play)) == (4, 10)


def test_an_iceberg_of_others_reloads_behind_ours() -> None:
    play = told()
    new(play, 7, BUY, 100, 3)
    play.at(30)
    execute(play, 1, 100, 4)
    add(play, 1, BUY, 100, 4)
    execute(play, 2, 100, 6)
    assert (ahead(play), play.filled(7)) == (0, 0)
    execute(play, 1, 100, 1)
    assert play.filled(7) == 1
    # More than it shows traded: the rest was at the back.
    late = told()
    new(late, 7, BUY, 100, 3)
    execute(late, 1, 100, 5)
    assert (late.filled(7), ahead(late)) == (1, 6)


def test_an_order_amended_to_trade_was_behind_everybody_there() -> None:
    play = told()
    new(play, 7, BUY, 100, 3)
    new(play, 8, BUY, 99, 3)
    execute(play, 3, 100, 2)
    assert (play.filled(7), ahead(play)) == (2, 10)
    assert (play.filled(8), ahead(play, 8)) == (0, 3)


def test_what_nobody_named_stood_there_first() -> None:
    play = told(known=False)
    new(play, 7, BUY, 100, 3)
    assert ahead(play) == 10
    play.at(30)
    add(play, 5, BUY, 100, 9)
    play.see(BookOrderCancel(0, 77, BUY, 100, 4))
    play.see(BookOrderCancel(0, 78, BUY, 100, 0))
    execute(play, 79, 100, 0)
    assert (ahead(play), play.filled(7)) == (6, 0)
    execute(play, 79, 100, 8)
    assert (ahead(play), play.filled(7)) == (0, 2)


def test_what_happened_before_the_arrival_is_known_to_have() -> None:
    play = told()
    new(play, 7, BUY, 100, 3)
    assert place_of(play, 7).arrival_ns == 20
    play.at(25)
    add(play, 5, BUY, 100, 9, when=20)
    assert ahead(play) == 19
    play.see(BookOrderExecute(0, 3, BUY, 99, 5), 20)
    play.see(BookOrderExecute(0, 8, BUY, 100, 5), 20)
    assert (ahead(play), play.filled(7)) == (19, 0)
    play.see(BookOrderExecute(0, 8, BUY, 100, 5), 21)
    assert play.filled(7) == 3


def test_an_auction_s_executions_fill_none_that_rest() -> None:
    play = told()
    new(play, 7, BUY, 100, 3)
    new(play, 8, BUY, 99, 3)
    play.at(30).trade(100, 9, 0, kind=TradeKind.AUCTION)
    execute(play, 1, 100, 9)
    execute(play, 3, 99, 5)
    assert (ahead(play), ahead(play, 8), play.fills()) == (6, 0, [])
    play.trade(99, 9, SELL)
    add(play, 5, BUY, 99, 9)
    execute(play, 5, 99, 4)
    assert (play.filled(7), play.filled(8)) == (3, 1)


def test_offers_fill_like_bids() -> None:
    play = told()
    new(play, 7, SELL, 101, 3)
    new(play, 8, SELL, 102, 3)
    assert (ahead(play), ahead(play, 8)) == (8, 9)
    execute(play, 4, 101, 8, SELL)
    add(play, 5, SELL, 102, 4)
    execute(play, 5, 102, 4, SELL)
    assert (play.filled(7), play.filled(8)) == (3, 1)


def test_an_order_that_only_reduces_is_cut_with_its_position() -> None:
    play = told()
    new(play, 50, BUY, 101, 4)
    assert play.filled(50) == 4
    new(play, 7, SELL, 105, 4, reduce_only=1)
    new(play, 8, SELL, 102, 3)
    play.fresh()
    add(play, 5, SELL, 102, 4)
    execute(play, 5, 102, 4, SELL)
    assert play.filled(8) == 3
    assert EventKind.RESTATED.name in play.kinds()


def test_a_crossed_book_and_a_sweep_fill_as_in_every_model() -> None:
    play = told()
    new(play, 7, BUY, 100, 3)
    new(play, 9, BUY, 101, 2)
    assert play.fills(9)[0].cause == FillCause.SWEEP
    play.at(30).delta(BUY, 100, 0, SELL, 100, 2)
    assert [report.cause for report in play.fills(7)] == [FillCause.CROSSED_BOOK]
    assert play.filled(7) == 2


def test_a_gap_censors_and_who_stood_ahead_is_remembered() -> None:
    play = told()
    new(play, 7, BUY, 100, 3)
    play.gap()
    place = place_of(play, 7)
    assert (place.censored, place.ahead_max()) == (1, 10)
    play.resume()
    play.snapshot(BUY, 100, 6, SELL, 101, 8)
    assert ahead(play) == 10
    play.see(BookOrderCancel(0, 1, BUY, 100, 0))
    assert ahead(play) == 6


@pytest.mark.parametrize("model", LEVEL_MODELS)
def test_orders_say_nothing_to_models_of_levels(model: FillModel) -> None:
    plain, beside = stage(model), stage(model)
    for play in (plain, beside):
        play.at(20).new(7, BUY, 100, 3)
        play.at(30)
        if play is beside:
            add(play, 5, BUY, 100, 9, when=30)
            execute(play, 5, 100, 9)
        play.trade(100, 11, SELL)
        play.at(31).delta(BUY, 100, 2)
        play.trade(99, 9, SELL)
    assert plain.said == beside.said
    one, other = (play.venue._markets[0] for play in (plain, beside))
    assert (one.latest_ns, one.latest_capture_ns) == (other.latest_ns, other.latest_capture_ns)


def test_the_clock_of_the_venue_is_told_by_orders_too() -> None:
    play = told()
    play.at(30)
    add(play, 5, BUY, 98, 1, when=25)
    market = play.venue._markets[0]
    assert (market.latest_ns, market.latest_capture_ns) == (25, 30)
    play.at(31)
    for reference, when in ((6, 24), (7, 25)):
        add(play, reference, BUY, 98, 1, when=when)
        assert (market.latest_ns, market.latest_capture_ns) == (25, 30)


def orders_change_places() -> set[str]:
    """Rules of `EP` that take an order from its place or let it keep it, as the venue shows."""
    found = set()
    moves: dict[str, Callable[[Stage], int]] = {
        "AMENDED.keeps_priority": lambda play: play.replace(7, 100, 2),
        "AMENDED.loses_priority": lambda play: play.replace(7, 100, 5),
        "LEFT.always": lambda play: play.cancel(7),
    }
    for (rule, move), left in zip(moves.items(), ((10, 0), (19, 9), (-1, -1)), strict=True):
        play = told()
        new(play, 7, BUY, 100, 3)
        add(play, 5, BUY, 100, 9)
        move(play)
        rests = dict(play.places())
        seen = [ahead(play) if 7 in rests else -1]
        execute(play, 1, 100, 4)
        execute(play, 2, 100, 6)
        seen.append(ahead(play) if 7 in rests else -1)
        if tuple(seen) == left:
            found.add(f"EP.STANDING.{rule}")
    return found


def test_an_amendment_keeps_or_loses_an_exact_place() -> None:
    assert orders_change_places() == {
        "EP.STANDING.AMENDED.keeps_priority",
        "EP.STANDING.AMENDED.loses_priority",
        "EP.STANDING.LEFT.always",
    }
