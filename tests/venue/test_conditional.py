"""Conditional orders at the venue: beside the specification's table, and what comes of triggers."""

from hypothesis import given
from hypothesis import strategies as st

from tests.venue.stage import BUY, SELL, Stage, stage
from tickproof.spec.commands import CONDITIONAL_TYPES, TimeInForce
from tickproof.spec.conditional import Conditional, Met, Wait, child_type, step
from tickproof.spec.events import EventKind, Reason, TradeKind
from tickproof.spec.instrument import InstrumentState
from tickproof.venue.conditional import BID, LAST_TRADE, OFFER, Conditionals, in_order_of_arrival
from tickproof.venue.orders import VenueOrder

STOP, STOP_LIMIT, PROFIT, PROFIT_LIMIT = CONDITIONAL_TYPES
K = EventKind

orders = st.builds(
    Conditional,
    st.sampled_from(CONDITIONAL_TYPES),
    st.sampled_from([BUY, SELL]),
    st.integers(90, 110),
    st.sampled_from([0, 0, 100, 500]),
) | st.builds(
    Conditional, st.just(STOP), st.sampled_from([BUY, SELL]), st.just(0), st.sampled_from([100])
)
sources = st.sampled_from([LAST_TRADE, OFFER, BID])
moves = st.lists(
    st.tuples(st.just("new"), orders, sources, st.sampled_from([0, 95, 100, 105]))
    | st.tuples(st.just("seen"), st.none(), sources, st.integers(85, 115))
    | st.tuples(st.just("drop"), st.none(), sources, st.integers(0, 9)),
    max_size=40,
)


@given(moves)
def test_heaps_do_what_the_table_does(
    script: list[tuple[str, Conditional | None, int, int]],
) -> None:
    fast = Conditionals()
    naive: dict[int, tuple[int, Conditional, int]] = {}
    made: dict[int, VenueOrder] = {}
    for what, asked, source, number in script:
        if asked is not None:
            wait, trails, code = step(Wait.ARRIVING, asked, Met.ARRIVES, number)
            if not code:
                key = len(naive) + 1
                naive[key] = (wait, trails, source)
                order = VenueOrder(key, 0, 0, asked.side, child_type(asked.order_type), 0, 0, 1, 0)
                order.wait, order.watched, order.reference = wait, source, trails.reference
                order.trigger, order.trailing_e4 = asked.trigger_price, asked.trailing_e4
                fast.add(order, asked.order_type)
                made[key] = order
        elif what == "drop":
            if made.get(number) is not None and made[number].wait:
                fast.drop(made[number])
                naive[number] = (int(Wait.OVER), *naive[number][1:])
        else:
            reached: list[VenueOrder] = []
            fast.seen(source, number, reached)
            expected = []
            for key, (wait, order_now, watches) in naive.items():
                if wait and watches == source:
                    after, left, _ = step(wait, order_now, Met.SEEN, number)
                    naive[key] = (after, left, watches)
                    if after == Wait.OVER:
                        expected.append(key)
            assert [each.order_id for each in in_order_of_arrival(reached)] == expected
        for key, (wait, order_now, _) in naive.items():
            assert made[key].wait == wait
            if wait == Wait.TRAILING:
                assert made[key].reference == order_now.reference
        assert fast.count == sum(1 for wait, *_ in naive.values() if wait)


def waiting(key: int, account: int, side: int, lots: int, wait: int, trigger: int) -> VenueOrder:
    order = VenueOrder(key, account, 0, side, child_type(STOP), 0, 0, lots, 0)
    order.wait, order.trigger, order.reference = wait, trigger, 100
    order.trailing_e4 = 100 if wait == Wait.TRAILING else 0
    return order


def test_what_an_account_holds_is_what_of_its_own_still_waits_but_one() -> None:
    fast = Conditionals()
    told = [
        waiting(1, 0, BUY, 1, Wait.WAITING, 110),
        waiting(2, 0, SELL, 2, Wait.WAITING, 90),
        waiting(3, 0, BUY, 4, Wait.TRAILING, 0),
        waiting(4, 0, BUY, 8, Wait.WAITING, 120),
        waiting(5, 1, BUY, 16, Wait.WAITING, 110),
        waiting(6, 1, SELL, 32, Wait.TRAILING, 0),
    ]
    for order in told:
        fast.add(order, STOP)
    assert fast.held_by(0, None) == (4, 1 + 4 + 8)
    assert [fast.held_by(0, order) for order in told[:4]] == [(3, 12), (3, 13), (3, 9), (3, 5)]
    assert fast.held_by(0, told[4]) == (4, 13)
    assert fast.held_by(1, None) == (2, 16)
    assert fast.held_by(2, None) == (0, 0)
    # Those that are over stay in their heap, or among those that trail, and are not held.
    fast.drop(told[0])
    fast.drop(told[2])
    assert fast.held_by(0, None) == (2, 8)
    fast.seen(LAST_TRADE, 120, [])
    assert fast.held_by(0, None) == (1, 0)


def heard(play: Stage) -> list[tuple[EventKind, int, int]]:
    return [(each.kind, each.report.quantity, each.report.reason) for each in play.fresh()]


def kinds(play: Stage) -> list[EventKind]:
    return [kind for kind, _, _ in heard(play)]


def test_a_stop_is_held_and_takes_what_is_shown_when_a_print_reaches_it() -> None:
    play = stage()
    play.at(play.now + 1).trade(100, 1, SELL)
    play.new(1, BUY, 0, 4, order_type=STOP, trigger_price=101)
    assert kinds(play) == [K.HELD]
    play.at(play.now + 1).trade(100, 1, SELL)
    assert kinds(play) == []
    play.at(play.now + 1).trade(101, 1, BUY)
    assert heard(play) == [(K.TRIGGERED, 0, 0), (K.FILLED, 4, 0)]
    assert play.venue._markets[0].conditionals.count == 0


def test_only_continuous_prints_trigger() -> None:
    play = stage()
    play.new(1, BUY, 0, 4, order_type=STOP, trigger_price=101)
    play.fresh()
    for kind in (TradeKind.AUCTION, TradeKind.BLOCK, TradeKind.INSURANCE):
        play.at(play.now + 1).trade(105, 1, BUY, kind)
    assert kinds(play) == []


def test_a_touch_is_that_of_the_side_the_child_would_meet() -> None:
    play = stage()
    play.new(1, SELL, 0, 4, order_type=STOP, trigger_price=98, trigger_on=1)
    assert kinds(play) == [K.HELD]
    play.at(play.now + 1).trade(90, 1, SELL)
    assert kinds(play) == []
    play.at(play.now + 1).delta(BUY, 100, 0, BUY, 99, 0, BUY, 98, 9)
    assert heard(play) == [(K.TRIGGERED, 0, 0), (K.FILLED, 4, 0)]


def test_a_trigger_reached_already_is_refused() -> None:
    play = stage()
    play.at(play.now + 1).trade(101, 1, BUY)
    play.new(1, BUY, 0, 4, order_type=STOP, trigger_price=101)
    assert heard(play) == [(K.REJECTED, 0, Reason.WOULD_TRIGGER)]
    play.new(2, BUY, 0, 4, order_type=PROFIT, trigger_price=101, trigger_on=1)
    assert heard(play) == [(K.REJECTED, 0, Reason.WOULD_TRIGGER)]
    play.new(3, SELL, 0, 4, order_type=STOP, trigger_price=100)
    assert kinds(play) == [K.HELD]


def test_a_stop_limit_rests_where_it_is_not_marketable() -> None:
    play = stage()
    play.new(1, BUY, 100, 4, order_type=STOP_LIMIT, trigger_price=101)
    play.at(play.now + 1).trade(101, 1, BUY)
    assert kinds(play) == [K.HELD, K.TRIGGERED]
    assert [number for number, _ in play.places()] == [1]


def test_an_immediate_stop_limit_out_of_reach_is_cancelled() -> None:
    play = stage()
    terms = {"order_type": STOP_LIMIT, "time_in_force": TimeInForce.IOC, "trigger_price": 101}
    play.new(1, BUY, 99, 4, **terms)
    play.at(play.now + 1).trade(101, 1, BUY)
    assert heard(play)[1:] == [(K.TRIGGERED, 0, 0), (K.CANCELED, 0, Reason.IMMEDIATE_REMAINDER)]


def test_filters_are_looked_at_again_when_it_triggers() -> None:
    """OL11: what is refused then kills an order that works."""
    play = stage()
    play.new(1, BUY, 101, 4, order_type=STOP_LIMIT, trigger_price=101)
    market = play.venue._markets[0]
    market.set_filters(type(market.filters)(1, 3, 3, 100, 1))
    play.at(play.now + 1).trade(101, 1, BUY)
    assert heard(play)[1:] == [(K.TRIGGERED, 0, 0), (K.REJECTED, 0, Reason.FILTER)]


def test_a_waiting_order_is_replaced_cancelled_and_expires() -> None:
    play = stage()
    play.new(1, BUY, 0, 4, order_type=STOP, trigger_price=105)
    play.replace(1, 0, 7)
    assert kinds(play) == [K.HELD, K.REPLACED]
    play.cancel(1)
    assert kinds(play) == [K.CANCELED]
    play.cancel(1)
    assert heard(play) == [(K.CANCEL_REJECTED, 0, Reason.TOO_LATE)]
    terms = {"time_in_force": TimeInForce.GTD, "good_till_ns": play.now + 5}
    play.new(2, BUY, 101, 4, order_type=STOP_LIMIT, trigger_price=105, **terms)
    play.run(play.now + 10)
    assert heard(play) == [(K.HELD, 0, 0), (K.EXPIRED, 0, Reason.GOOD_TILL_DATE)]
    assert play.venue.is_quiet()
    play.at(play.now + 20).trade(110, 1, BUY)
    assert kinds(play) == []


def test_one_that_comes_at_its_date_is_refused() -> None:
    for left_ns, expected in ((0, K.REJECTED), (1, K.HELD)):
        play = stage()
        terms = {"time_in_force": TimeInForce.GTD, "good_till_ns": play.now + left_ns}
        play.new(1, BUY, 101, 4, order_type=STOP_LIMIT, trigger_price=105, **terms)
        assert kinds(play) == [expected]


def test_nothing_is_triggered_while_the_venue_does_not_trade() -> None:
    play = stage()
    play.new(1, BUY, 0, 4, order_type=STOP, trigger_price=101)
    play.fresh()
    play.status(InstrumentState.HALTED)
    play.at(play.now + 1).trade(102, 1, BUY)
    assert kinds(play) == []
    play.status(InstrumentState.CONTINUOUS)
    play.at(play.now + 1).trade(102, 1, BUY)
    assert kinds(play)[0] == K.TRIGGERED


def test_the_earliest_of_those_triggered_together_comes_first() -> None:
    play = stage()
    play.new(1, BUY, 0, 8, order_type=STOP, trigger_price=103)
    play.new(2, BUY, 0, 8, order_type=STOP, trigger_price=102)
    play.fresh()
    play.at(play.now + 1).trade(104, 1, BUY)
    said = [(each.kind, each.report.order_id) for each in play.fresh()]
    assert [one for kind, one in said if kind == K.TRIGGERED] == [1, 2]
    assert said.index((K.FILLED, 1)) < said.index((K.TRIGGERED, 2))


def test_own_fills_trigger_nothing() -> None:
    """Q7: only the market does."""
    play = stage()
    play.new(1, BUY, 0, 4, order_type=STOP, trigger_price=101)
    play.fresh()
    play.new(2, BUY, 101, 4)
    assert kinds(play) == [K.ACCEPTED, K.FILLED]


def test_a_trailing_stop_of_a_long_position() -> None:
    play = stage()
    play.at(play.now + 1).trade(100, 1, SELL)
    play.new(1, SELL, 0, 4, order_type=STOP, trailing_e4=200)
    for price in (110, 120, 118):
        play.at(play.now + 1).trade(price, 1, BUY)
    assert kinds(play) == [K.HELD]
    play.at(play.now + 1).trade(117, 1, BUY)
    assert kinds(play) == [K.TRIGGERED, K.FILLED]


def test_off_the_grid_is_refused() -> None:
    play = stage()
    market = play.venue._markets[0]
    market.set_filters(type(market.filters)(5, 1, 1, 100, 1))
    play.new(1, BUY, 100, 4, order_type=STOP_LIMIT, trigger_price=103)
    assert heard(play) == [(K.REJECTED, 0, Reason.FILTER)]


def test_a_time_in_force_nobody_knows_is_refused() -> None:
    play = stage()
    terms = {"order_type": STOP_LIMIT, "time_in_force": TimeInForce.AT_OPEN}
    play.new(1, BUY, 100, 4, trigger_price=103, **terms)
    assert kinds(play) == [K.REJECTED]
