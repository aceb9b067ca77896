"""MARKET orders for money at the venue: what is spent, what is raised, what is left."""

from hypothesis import given
from hypothesis import strategies as st

from tests.venue.stage import BUY, LEVEL_MODELS, SELL, Stage, stage
from tickproof.spec.commands import OrderType
from tickproof.spec.events import EventKind, Reason
from tickproof.spec.price_queue import FillModel

K = EventKind
MARKET = OrderType.MARKET


def filled(play: Stage) -> list[tuple[int, int]]:
    """(price, lots) of the fills since the last call."""
    return [(e.report.price, e.report.quantity) for e in play.fresh() if e.kind == K.FILLED]


def shows(model: int = FillModel.PESSIMISTIC, *levels: int) -> Stage:
    play = stage(model)
    play.snapshot(*(levels or (BUY, 100, 5, BUY, 98, 9, SELL, 101, 5, SELL, 103, 9)))
    play.fresh()
    return play


def per_lot(play: Stage) -> int:
    return play.venue._markets[0].instrument.money_per_price_lot


def test_money_buys_whole_lots_from_the_best_price_on() -> None:
    play = shows()
    money = (5 * 101 + 2 * 103 + 102) * per_lot(play)
    play.new(1, BUY, 0, 50, order_type=MARKET, quote_quantity=money)
    said = [(each.kind, each.report.reason) for each in play.said[-4:]]
    assert said == [
        (K.ACCEPTED, 0), (K.FILLED, 0), (K.FILLED, 0), (K.CANCELED, Reason.IMMEDIATE_REMAINDER),
    ]  # fmt: skip
    assert filled(play) == [(101, 5), (103, 2)]


def test_money_is_raised_by_whole_lots() -> None:
    play = shows()
    play.new(1, SELL, 0, 50, order_type=MARKET, quote_quantity=(5 * 100 + 97) * per_lot(play))
    assert filled(play) == [(100, 5)]


def test_it_takes_no_more_lots_than_it_was_sent_with() -> None:
    play = shows()
    play.new(1, BUY, 0, 3, order_type=MARKET, quote_quantity=10**12)
    assert filled(play) == [(101, 3)]
    assert play.said[-1].kind == K.FILLED


def test_a_buy_is_bound_by_the_prices_it_really_pays() -> None:
    play = shows()
    play.new(1, BUY, 101, 5)
    play.fresh()
    play.new(2, BUY, 0, 50, order_type=MARKET, quote_quantity=5 * 101 * per_lot(play))
    assert filled(play) == [(103, 4)]


def test_a_sale_takes_no_more_lots_at_worse_prices() -> None:
    """Q7: a run that has less to take must not take more."""
    play = shows()
    play.new(1, SELL, 100, 5)
    play.fresh()
    play.new(2, SELL, 0, 50, order_type=MARKET, quote_quantity=5 * 100 * per_lot(play))
    assert filled(play) == [(98, 5)]


def test_money_for_less_than_a_lot_is_refused_and_an_empty_side_gives_nothing() -> None:
    play = shows()
    play.new(1, BUY, 0, 50, order_type=MARKET, quote_quantity=100 * per_lot(play))
    assert [(e.kind, e.report.reason) for e in play.fresh()] == [(K.REJECTED, Reason.FILTER)]
    play.delta(SELL, 101, 0, SELL, 103, 0)
    play.fresh()
    play.new(2, BUY, 0, 50, order_type=MARKET, quote_quantity=10**6)
    assert [(e.kind, e.report.reason) for e in play.fresh()] == [
        (K.ACCEPTED, 0), (K.CANCELED, Reason.NO_LIQUIDITY),
    ]  # fmt: skip


def test_what_the_book_shows_runs_out() -> None:
    play = shows()
    play.new(1, BUY, 0, 50, order_type=MARKET, quote_quantity=10**9)
    assert filled(play) == [(101, 5), (103, 9)]


@given(
    st.integers(1, 5_000),
    st.sampled_from([BUY, SELL]),
    st.integers(0, 5),
    st.integers(1, 4),
    st.sampled_from(LEVEL_MODELS),
)
def test_it_never_spends_too_much_and_leaves_less_than_a_step(
    money: int, side: int, used: int, step: int, model: FillModel
) -> None:
    play = shows(model)
    market = play.venue._markets[0]
    market.set_filters(type(market.filters)(1, step, 1, 1_000, 1))
    if used:
        play.new(1, side, 101 if side == BUY else 100, used * step)
    play.fresh()
    play.new(2, side, 0, 60 * step, order_type=MARKET, quote_quantity=money)
    fills = filled(play)
    spent = sum(price * lots for price, lots in fills) * per_lot(play)
    lots = sum(lots for _, lots in fills)
    assert spent <= money
    # A part of a step is all that was left to take.
    assert lots % step == 0 or lots == 14 - min(used * step, 5)
    worst = 103 if side == BUY else 100
    if not used and fills and lots + step <= 14:
        assert money - spent < step * worst * per_lot(play)
