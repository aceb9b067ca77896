"""The specification of the matching venue: its tables, and what holds after every message."""

from itertools import product

import pytest
from attrs import evolve
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.spec.table_checks import check_shape, check_table, check_unguarded
from tickproof.invariants.matching import CROWDED, UNREACHABLE, Stream, witnesses
from tickproof.spec import matching as spec
from tickproof.spec.commands import OrderType, TimeInForce
from tickproof.spec.events import EventKind, Reason
from tickproof.spec.instructions import PLAIN, Instructions, Prevention
from tickproof.spec.instrument import PRICE_LIMIT, InstrumentState
from tickproof.spec.matching import (
    MatchingState,
    Message,
    MessageKind,
    OrderKind,
    Pair,
    Step,
    Terms,
)
from tickproof.spec.table import Table

TABLES = (spec.PHASES, spec.ARRIVALS, spec.MEETINGS, spec.ORDERS)
NEW, CANCEL, AMEND, REPLACE = (MessageKind(code) for code in range(4))
BUY, SELL = 1, -1
LIMIT = OrderKind.LIMIT


def made(*messages: Message, state: MatchingState | None = None) -> Step:
    """The last step of a run of messages."""
    step = Step(MatchingState() if state is None else state)
    for message in messages:
        step = spec.step(step.state, message)
    return step


def trades(step: Step) -> list[tuple[int, int, int, int]]:
    """(order, other, price, lots) of every trade."""
    found = [each for each in step.reports if each.kind == EventKind.FILLED]
    return [(each.order, each.other, each.price, each.quantity) for each in found]


def kinds(step: Step) -> list[int]:
    return [each.kind for each in step.reports]


# --- tables --------------------------------------------------------------------------------------


def test_phase_table() -> None:
    check_unguarded(spec.PHASES)


def test_arrival_table() -> None:
    one = made(Message(NEW, 1, 1, LIMIT, SELL, 100, 5)).state
    check_table(
        spec.ARRIVALS,
        lambda *_: [(one, Message(NEW, 2, 2, OrderKind.FOK, BUY, 100, lots)) for lots in (5, 6)],
    )


def test_meeting_table() -> None:
    pairs = [Pair(*each) for each in product((1, 2, 3, 4), (1, 2), (0, 1, 2))]
    check_table(spec.MEETINGS, lambda *_: [(0, each) for each in pairs])


def test_order_table() -> None:
    terms = [
        Terms(total, used, wanted, sound, takes)
        for total, used, wanted, sound, takes in product((3,), (0, 1, 3), range(6), (0, 1), (0, 1))
    ]
    check_table(spec.ORDERS, lambda *_: [(0, each) for each in terms])


@pytest.mark.parametrize("table", TABLES, ids=lambda table: str(table.name))
def test_every_rule_has_a_witness(table: Table[object, object]) -> None:
    check_shape(table)
    ids = {rule.id for rule in table.rules}
    assert ids - set(witnesses()) == ids & set(UNREACHABLE)


# --- what always holds ---------------------------------------------------------------------------


@settings(max_examples=40)
@given(st.integers(0, 10**6))
def test_the_invariant_holds_after_every_message(seed: int) -> None:
    stream, state = Stream(seed, CROWDED), MatchingState()
    for _ in range(50):
        message = Message(*stream.next())
        step = spec.step(state, message)
        assert spec.inv(step.state), message
        refusals = (EventKind.REJECTED, EventKind.CANCEL_REJECTED, EventKind.REPLACE_REJECTED)
        if step.reports and step.reports[-1].kind in refusals:
            assert step.state == state
        state = step.state


@settings(max_examples=40)
@given(st.integers(0, 10**6))
def test_quantity_is_neither_made_nor_lost(seed: int) -> None:
    """Accepted or replaced total = traded + prevented + left + still open, order by order [M3]."""
    stream, state = Stream(seed, CROWDED), MatchingState()
    total: dict[int, int] = {}
    gone: dict[int, int] = {}
    for _ in range(50):
        step = spec.step(state, Message(*stream.next()))
        for each in step.reports:
            if each.kind in (EventKind.ACCEPTED, EventKind.REPLACED):
                total[each.order] = each.quantity
            if each.kind in (EventKind.FILLED, EventKind.PREVENTED):
                for order in (each.order, each.other):
                    gone[order] = gone.get(order, 0) + each.quantity
            if each.kind == EventKind.CANCELED:
                gone[each.order] = gone.get(each.order, 0) + each.quantity
        state = step.state
        for resting in (*state.bids, *state.asks):
            gone_here = gone.get(resting.order, 0)
            assert total[resting.order] == gone_here + spec.open_lots(resting)
        here = {each.order for each in (*state.bids, *state.asks)}
        here |= {each.order for each in state.waiting}
        for order in total.keys() - here:
            assert total[order] == gone.get(order, 0)


def test_what_breaks_the_invariant_is_seen() -> None:
    state = made(
        Message(NEW, 1, 1, LIMIT, BUY, 100, 5),
        Message(NEW, 2, 2, LIMIT, BUY, 99, 5),
        Message(NEW, 3, 3, LIMIT, SELL, 101, 5),
    ).state
    one, two = state.bids
    assert spec.inv(state)
    for broken in (
        evolve(state, bids=(two, one)),
        evolve(state, bids=(evolve(one, shown=0), two)),
        evolve(state, bids=(evolve(one, hidden=-1), two)),
        evolve(state, bids=(evolve(one, total=4), two)),
        evolve(state, bids=(one, evolve(two, order=1))),
        evolve(state, asks=(evolve(state.asks[0], price=100),)),
        evolve(state, joined=2),
        evolve(state, last_order=2),
    ):
        assert not spec.inv(broken)
    assert spec.inv(evolve(state, asks=(evolve(state.asks[0], price=100),), status=1))


# --- by example ----------------------------------------------------------------------------------


def test_better_prices_first_then_earlier_orders() -> None:
    step = made(
        Message(NEW, 1, 1, LIMIT, SELL, 101, 3),
        Message(NEW, 2, 2, LIMIT, SELL, 100, 3),
        Message(NEW, 3, 3, LIMIT, SELL, 100, 3),
        Message(NEW, 4, 4, LIMIT, BUY, 101, 8),
    )
    assert trades(step) == [(2, 4, 100, 3), (3, 4, 100, 3), (1, 4, 101, 2)]
    assert step.state.asks[0].shown == 1


def test_an_iceberg_reloads_behind_all_that_is_shown() -> None:
    step = made(
        Message(NEW, 1, 1, LIMIT, SELL, 100, 9, display=3),
        Message(NEW, 2, 2, LIMIT, SELL, 100, 4),
        Message(NEW, 3, 3, OrderKind.MARKET, BUY, 0, 8),
    )
    assert trades(step) == [(1, 3, 100, 3), (2, 3, 100, 4), (1, 3, 100, 1)]
    left = step.state.asks[0]
    assert (left.shown, left.hidden) == (2, 3)


def test_a_fill_or_kill_trades_whole_or_not_at_all() -> None:
    book = made(
        Message(NEW, 1, 1, LIMIT, SELL, 100, 9, display=2),
        Message(NEW, 2, 2, LIMIT, SELL, 100, 3),
    ).state
    whole = made(Message(NEW, 3, 3, OrderKind.FOK, BUY, 100, 12), state=book)
    assert sum(lots for *_, lots in trades(whole)) == 12
    short = made(Message(NEW, 3, 3, OrderKind.FOK, BUY, 100, 13), state=book)
    assert kinds(short) == [EventKind.ACCEPTED, EventKind.CANCELED]
    assert short.reports[-1].code == Reason.FILL_OR_KILL
    assert short.state.asks == book.asks
    # Its own order stands before the reload of the other, so not all of it can be had.
    mode = Prevention.EXPIRE_TAKER
    own = made(Message(NEW, 3, 2, OrderKind.FOK, BUY, 100, 3, prevention=mode), state=book)
    assert trades(own) == []


@pytest.mark.parametrize(
    ("mode", "prevented", "left", "resting"),
    [
        (Prevention.NONE, -1, 0, 1),
        (Prevention.EXPIRE_TAKER, 0, 4, 5),
        (Prevention.EXPIRE_MAKER, 0, 0, 0),
        (Prevention.EXPIRE_BOTH, 0, 4, 0),
        (Prevention.DECREMENT, 4, 0, 1),
    ],
)
def test_self_trades_are_prevented_as_chosen(
    mode: int, prevented: int, left: int, resting: int
) -> None:
    book = (Message(NEW, 1, 1, LIMIT, SELL, 100, 5),)
    step = made(*book, Message(NEW, 2, 1, OrderKind.IOC, BUY, 100, 4, prevention=mode))
    told = [each.quantity for each in step.reports if each.kind == EventKind.PREVENTED]
    assert told == ([] if prevented < 0 else [prevented])
    assert sum(spec.open_lots(each) for each in step.state.asks) == resting
    ended = [each for each in step.reports if each.kind == EventKind.CANCELED and each.order == 2]
    if mode in (Prevention.EXPIRE_TAKER, Prevention.EXPIRE_BOTH, Prevention.DECREMENT):
        assert [(each.quantity, each.code) for each in ended] == [(left, Reason.SELF_TRADE)]


def test_stops_come_in_after_the_message_that_reached_them_the_earliest_first() -> None:
    step = made(
        Message(NEW, 1, 1, LIMIT, SELL, 100, 1),
        Message(NEW, 2, 1, LIMIT, SELL, 103, 9),
        Message(NEW, 3, 2, OrderKind.STOP, BUY, 0, 2, stop=102),
        Message(NEW, 4, 3, OrderKind.STOP_LIMIT, BUY, 102, 2, stop=100),
        Message(NEW, 5, 4, OrderKind.STOP, BUY, 0, 1, stop=103),
        Message(NEW, 6, 5, LIMIT, BUY, 100, 2),
    )
    # Order 4 is reached and rests at 102; nothing reaches 102, so 3 and 5 wait.
    assert trades(step) == [(1, 6, 100, 1)]
    assert [each.order for each in step.state.waiting] == [3, 5]
    assert [each.order for each in step.state.bids] == [4, 6]
    step = made(Message(NEW, 7, 6, LIMIT, BUY, 103, 1), state=step.state)
    assert trades(step) == [(2, 7, 103, 1), (2, 3, 103, 2), (2, 5, 103, 1)]


def test_an_amendment_keeps_the_place_and_a_replacement_loses_it() -> None:
    book = made(
        Message(NEW, 1, 1, LIMIT, BUY, 100, 5),
        Message(NEW, 2, 2, LIMIT, BUY, 100, 5),
    ).state
    kept = made(Message(AMEND, 1, 1, quantity=2), state=book).state
    assert [(each.order, each.shown) for each in kept.bids] == [(1, 2), (2, 5)]
    moved = made(Message(REPLACE, 1, 1, price=100, quantity=2), state=book).state
    assert [(each.order, each.shown) for each in moved.bids] == [(2, 5), (1, 2)]
    larger = made(Message(AMEND, 1, 1, quantity=6), state=book)
    assert (kinds(larger), larger.state) == ([EventKind.REPLACE_REJECTED], book)


def test_a_replacement_counts_what_was_traded() -> None:
    book = made(
        Message(NEW, 1, 1, LIMIT, BUY, 100, 5),
        Message(NEW, 2, 2, LIMIT, SELL, 100, 3),
    ).state
    more = made(Message(REPLACE, 1, 1, price=101, quantity=7), state=book).state
    assert [(each.total, each.shown) for each in more.bids] == [(7, 4)]
    ended = made(Message(REPLACE, 1, 1, price=101, quantity=3), state=book)
    assert ended.state.bids == ()
    assert ended.reports[-1].quantity == 3


def test_what_is_crossed_trades_at_one_price_when_the_call_ends() -> None:
    call = made(
        Message(MessageKind.TO_AUCTION),
        Message(NEW, 1, 1, LIMIT, BUY, 105, 4),
        Message(NEW, 2, 2, LIMIT, BUY, 103, 4),
        Message(NEW, 3, 3, LIMIT, SELL, 101, 5),
        Message(NEW, 4, 4, LIMIT, SELL, 104, 5),
    )
    assert spec.crossed(call.state)
    step = made(Message(MessageKind.TO_CONTINUOUS), state=call.state)
    assert trades(step) == [(1, 3, 101, 4), (2, 3, 101, 1)]
    assert not spec.crossed(step.state)
    shut = made(Message(MessageKind.TO_CLOSED), state=call.state)
    assert trades(shut) == trades(step)
    halted = made(Message(MessageKind.TO_HALTED), state=call.state)
    assert (trades(halted), halted.state.bids) == ([], call.state.bids)


@pytest.mark.parametrize(
    ("order_type", "time_in_force", "kind"),
    [
        (OrderType.LIMIT, TimeInForce.GTC, OrderKind.LIMIT),
        (OrderType.LIMIT, TimeInForce.IOC, OrderKind.IOC),
        (OrderType.LIMIT, TimeInForce.FOK, OrderKind.FOK),
        (OrderType.LIMIT, TimeInForce.GTD, OrderKind.UNSUPPORTED),
        (OrderType.LIMIT_MAKER, TimeInForce.GTC, OrderKind.MAKER),
        (OrderType.LIMIT_MAKER, TimeInForce.GTD, OrderKind.UNSUPPORTED),
        (OrderType.MARKET, TimeInForce.GTD, OrderKind.MARKET),
        (OrderType.MARKET, TimeInForce.AT_OPEN, OrderKind.UNSUPPORTED),
        (OrderType.MARKET, TimeInForce.AT_CLOSE, OrderKind.UNSUPPORTED),
        (OrderType.LIMIT, TimeInForce.AT_OPEN, OrderKind.UNSUPPORTED),
        (OrderType.STOP, TimeInForce.GTC, OrderKind.UNSUPPORTED),
    ],
)
def test_kinds_of_commands(order_type: int, time_in_force: int, kind: int) -> None:
    assert spec.order_kind(order_type, time_in_force) == kind
    more = evolve(PLAIN, prevention=Prevention.DECREMENT, display=2)
    assert spec.order_kind(order_type, time_in_force, more) == kind


def test_what_stops_waits_for_the_last_trade() -> None:
    """It needs a trigger; others have none, and nothing else of instructions is known here."""
    kinds = {
        (OrderType.STOP, TimeInForce.GTC): OrderKind.STOP,
        (OrderType.STOP, TimeInForce.IOC): OrderKind.STOP,
        (OrderType.STOP_LIMIT, TimeInForce.GTC): OrderKind.STOP_LIMIT,
        (OrderType.STOP_LIMIT, TimeInForce.IOC): OrderKind.UNSUPPORTED,
        (OrderType.TAKE_PROFIT, TimeInForce.GTC): OrderKind.UNSUPPORTED,
        (OrderType.LIMIT, TimeInForce.GTC): OrderKind.UNSUPPORTED,
        (OrderType.STOP, TimeInForce.AT_OPEN): OrderKind.UNSUPPORTED,
    }
    stop = Instructions(trigger_price=90, prevention=Prevention.EXPIRE_BOTH)
    for (order_type, force), kind in kinds.items():
        assert spec.order_kind(order_type, force, stop) == kind
    for others in ({"trigger_on": 1}, {"trailing_e4": 5}, {"list_id": 1}, {"quote_quantity": 9}):
        wanted = evolve(stop, **others)
        assert spec.order_kind(OrderType.STOP, TimeInForce.GTC, wanted) == OrderKind.UNSUPPORTED
        wanted = evolve(PLAIN, **others)
        assert spec.order_kind(OrderType.LIMIT, TimeInForce.GTC, wanted) == OrderKind.UNSUPPORTED


@pytest.mark.parametrize(
    ("value", "step", "right"),
    [
        (0, 1, False),
        (1, 1, True),
        (1, 2, False),
        (2, 2, True),
        (-2, 2, False),
        (PRICE_LIMIT, 1, True),
        (PRICE_LIMIT + 1, 1, False),
    ],
)
def test_prices_on_a_grid(value: int, step: int, right: bool) -> None:
    assert spec.on_grid(value, step) == right


def test_rank_is_price_then_time() -> None:
    for side, better, worse in ((BUY, 101, 100), (SELL, 100, 101)):
        assert spec.ranks_before(side, better, 9, worse, 1)
        assert not spec.ranks_before(side, worse, 1, better, 9)
        assert spec.ranks_before(side, better, 1, better, 2)
        assert not spec.ranks_before(side, better, 2, better, 1)
        assert not spec.ranks_before(side, better, 1, better, 1)


def test_a_delisted_market_sends_everybody_home() -> None:
    step = made(
        Message(NEW, 1, 1, LIMIT, BUY, 100, 5),
        Message(NEW, 2, 2, OrderKind.STOP, BUY, 0, 5, stop=105),
        Message(MessageKind.TO_DELISTED),
    )
    assert [each.order for each in step.reports if each.kind == EventKind.CANCELED] == [1, 2]
    assert step.state.status == InstrumentState.DELISTED
    assert (step.state.bids, step.state.waiting) == ((), ())


def test_what_an_auction_does_serves_its_requirement() -> None:
    auctions = {spec.uncross, spec.uncross_and_go_on}
    for row in spec.PHASES.rows():
        assert ("M8" in row.requirements) == (row.effect in auctions), row.id


def test_what_a_message_does_not_say() -> None:
    assert Message(NEW) == Message(NEW, 0, 0, LIMIT, BUY, 0, 0, 0, 0, Prevention.NONE)
    assert spec.Report(EventKind.HELD) == spec.Report(EventKind.HELD, 0, 0, 0, 0, 0, 0, 0)
    fresh = MatchingState()
    assert (fresh.status, fresh.last, fresh.tick, fresh.lot) == (
        InstrumentState.CONTINUOUS,
        0,
        1,
        1,
    )
    assert (fresh.last_order, fresh.joined, fresh.trades) == (0, 0, 0)
    assert (Step(fresh).low, Step(fresh).high) == (0, 0)


def test_reasons_of_refusals() -> None:
    arrivals = {spec.ArrivalRefusal(code).name: why for code, why in spec.ARRIVAL_REASONS.items()}
    assert arrivals == {
        "DUPLICATE": Reason.DUPLICATE,
        "TERMS": Reason.FILTER,
        "NOT_IN_CALL": Reason.INSTRUMENT_NOT_TRADING,
        "WOULD_TAKE": Reason.WOULD_TAKE,
        "WOULD_TRIGGER": Reason.OTHER,
        "UNSUPPORTED": Reason.OTHER,
    }
    demands = {spec.DemandRefusal(code).name: why for code, why in spec.DEMAND_REASONS.items()}
    assert demands == {
        "UNKNOWN_ORDER": Reason.UNKNOWN_ORDER,
        "TOO_LATE": Reason.TOO_LATE,
        "TERMS": Reason.FILTER,
        "NOT_SMALLER": Reason.FILTER,
        "WOULD_TAKE": Reason.WOULD_TAKE,
    }


@pytest.mark.parametrize(
    ("mode", "same", "pair", "outcome"),
    [
        (Prevention.NONE, 0, Pair(2, 3, 1), (2, 0, 1, 0, 0)),
        (Prevention.NONE, 1, Pair(3, 3, 1), (3, 0, 0, 1, 0)),
        (Prevention.DECREMENT, 0, Pair(5, 3, 0), (3, 0, 0, 0, 0)),
        (Prevention.EXPIRE_TAKER, 1, Pair(2, 3, 1), (0, 0, 1, 0, 1)),
        (Prevention.EXPIRE_MAKER, 1, Pair(2, 3, 1), (0, 0, 0, 0, 0)),
        (Prevention.EXPIRE_BOTH, 1, Pair(2, 3, 1), (0, 0, 0, 0, 1)),
        (Prevention.DECREMENT, 1, Pair(2, 3, 1), (0, 2, 1, 0, 1)),
        (Prevention.DECREMENT, 1, Pair(4, 3, 1), (0, 4, 0, 0, 1)),
        (Prevention.DECREMENT, 1, Pair(6, 3, 1), (0, 4, 0, 0, 0)),
    ],
)
def test_what_comes_of_a_meeting(
    mode: int, same: int, pair: Pair, outcome: tuple[int, ...]
) -> None:
    rule = spec.MEETINGS.select(mode, same, mode, pair)
    assert spec.outcome_of(rule, mode, pair) == spec.Outcome(*outcome)


VERDICTS = {
    "rest": (0, 1, 0, 0),
    "take_then_rest": (1, 1, 0, 0),
    "take_then_cancel": (1, 0, 0, Reason.IMMEDIATE_REMAINDER),
    "take_then_end": (1, 0, 0, Reason.NO_LIQUIDITY),
    "cancel_whole": (0, 0, 0, Reason.IMMEDIATE_REMAINDER),
    "kill": (0, 0, 0, Reason.FILL_OR_KILL),
    "find_nothing": (0, 0, 0, Reason.NO_LIQUIDITY),
    "hold": (0, 0, 1, 0),
}


def test_what_each_verdict_is() -> None:
    assert {row.effect.__name__ for row in spec.ARRIVALS.rows()} == set(VERDICTS)
    for name, verdict in VERDICTS.items():
        effect = getattr(spec, name)
        assert effect(MatchingState(), Message(NEW)) == spec.Verdict(*verdict)


def test_reports_of_a_delisting_and_of_refused_phases() -> None:
    book = (Message(NEW, 1, 7, LIMIT, BUY, 100, 9, display=4), STOP_MESSAGE)
    step = made(*book, Message(MessageKind.TO_DELISTED))
    assert step.reports == (
        spec.Report(EventKind.INSTRUMENT_STATUS, code=InstrumentState.DELISTED),
        spec.Report(EventKind.CANCELED, 1, 7, BUY, 100, 9, 0, Reason.INSTRUMENT_NOT_TRADING),
        spec.Report(EventKind.CANCELED, 2, 8, SELL, 95, 5, 0, Reason.INSTRUMENT_NOT_TRADING),
    )
    again = made(Message(MessageKind.TO_DELISTED), state=step.state)
    assert again.reports == (spec.Report(EventKind.REJECTED, code=Reason.OTHER),)
    late = made(Message(NEW, 3, 7, LIMIT, BUY, 100, 9), state=step.state)
    assert late.reports == (
        spec.Report(EventKind.REJECTED, 3, 7, code=Reason.INSTRUMENT_NOT_TRADING),
    )


STOP_MESSAGE = Message(NEW, 2, 8, OrderKind.STOP, SELL, 0, 5, stop=95)


def test_a_stop_has_used_nothing_and_a_place_is_given_once() -> None:
    waiting = made(STOP_MESSAGE, Message(AMEND, 2, 8, quantity=1)).state.waiting
    assert [each.total for each in waiting] == [1]
    moved = made(STOP_MESSAGE, Message(REPLACE, 2, 8, price=0, quantity=1)).state.waiting
    assert [each.total for each in moved] == [1]
    step = made(
        Message(NEW, 1, 1, LIMIT, SELL, 100, 9, display=3),
        Message(NEW, 2, 2, LIMIT, SELL, 100, 4),
        Message(NEW, 3, 3, LIMIT, BUY, 100, 3),
    )
    assert [(each.order, each.joined) for each in step.state.asks] == [(2, 2), (1, 3)]
    assert (step.state.joined, step.state.trades, step.low, step.high) == (3, 1, 100, 100)


def test_what_is_asked_of_an_order_and_of_none() -> None:
    state = made(Message(NEW, 1, 1, LIMIT, BUY, 100, 5)).state
    found = spec.find(state, 1)
    for demand, price, takes in (
        (spec.Demand.CANCEL, 0, 0),
        (spec.Demand.AMEND, 0, 0),
        (spec.Demand.REPLACE, 101, 0),
    ):
        message = Message(AMEND, 1, 1, price=price, quantity=3)
        assert spec.terms_of(state, found, message, demand) == Terms(5, 0, 3, 1, takes)
        assert spec.terms_of(state, None, message, demand) == Terms(0, 0, 0, 0, 0)


def test_a_pair_in_an_auction_meets_without_prevention() -> None:
    call = made(
        Message(MessageKind.TO_AUCTION),
        Message(NEW, 1, 1, LIMIT, BUY, 105, 4, prevention=Prevention.EXPIRE_BOTH),
        Message(NEW, 2, 1, LIMIT, SELL, 101, 4, prevention=Prevention.EXPIRE_BOTH),
    ).state
    step = spec.pair_off(Step(call), 103)
    assert step.rules == ("MM.NONE.OF_ANOTHER.nothing_is_left",) * 2
    assert (step.state.bids, step.state.asks) == ((), ())
