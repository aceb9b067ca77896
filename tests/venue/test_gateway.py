"""The gateway of a matching venue: what participants are told, and what everybody is shown."""

from itertools import product

import pytest
from attrs import evolve
from hypothesis import given, settings
from hypothesis import strategies as st

from tickproof.kernel.book import Book
from tickproof.spec.commands import CommandKind, OrderType, Request, TimeInForce
from tickproof.spec.events import (
    BODY_TYPES,
    FIELD_NAMES,
    EventKind,
    Execution,
    FillCause,
    Liquidity,
    Reason,
    TradeKind,
    body_of,
)
from tickproof.spec.instructions import Instructions, Prevention
from tickproof.spec.instrument import Instrument
from tickproof.spec.matching import MessageKind
from tickproof.spec.order_book import OrderOutcome
from tickproof.venue.gateway import ACCOUNTS_MAX, ID_STRIDE, Gateway, Ticket

BUY, SELL = 1, -1
NEW, REPLACE, CANCEL = CommandKind.NEW, CommandKind.REPLACE, CommandKind.CANCEL
PLAIN = Instrument(0, "X", 0, 1, 0, 1, 0, 0, 1, 1, taker_fee_e8=10**6, minimum_quantity=2)


def request(
    kind: int,
    order: int,
    side: int = BUY,
    price: int = 100,
    lots: int = 5,
    order_type: int = OrderType.LIMIT,
    account: int = 0,
    number: int = 7,
) -> Request:
    return Request(
        number, kind, 0, account, order, 0, side, order_type, TimeInForce.GTC, price, lots, 0, 0
    )


def venue(prevention: int = Prevention.EXPIRE_TAKER) -> Gateway:
    return Gateway((PLAIN,), prevention, [])


def told(gateway: Gateway) -> list[tuple[int, Execution]]:
    """What was told since the last call."""
    found = []
    for participant, kind, values in gateway.told:
        body = body_of(kind, values)
        assert isinstance(body, Execution)
        found.append((participant, body))
    gateway.clear()
    return found


def test_a_request_is_answered_once_and_a_trade_is_told_to_both() -> None:
    gateway = venue()
    gateway.submit(1, request(NEW, 10, SELL, 100, 5))
    (participant, accepted), *more = told(gateway)
    assert (participant, accepted.kind, accepted.request_id) == (1, EventKind.ACCEPTED, 7)
    assert (accepted.total, accepted.leaves, more) == (5, 5, [])
    gateway.submit(2, request(NEW, 10, BUY, 101, 3, number=8))
    (_, answer), (one, maker), (two, taker) = told(gateway)
    assert (answer.kind, answer.request_id, answer.leaves) == (EventKind.ACCEPTED, 8, 3)
    assert (one, maker.kind, maker.price, maker.quantity) == (1, EventKind.FILLED, 100, 3)
    assert (maker.leaves, maker.liquidity, maker.cause) == (2, Liquidity.MAKER, FillCause.VENUE)
    assert (two, taker.leaves, taker.liquidity) == (2, 0, Liquidity.TAKER)
    assert (taker.cause, taker.fee, maker.fee) == (FillCause.SWEEP, 3, 0)
    assert (maker.request_id, taker.request_id) == (0, 0)
    assert maker.trade_id == taker.trade_id == 1
    assert maker.venue_order_id != taker.venue_order_id


def test_a_replacement_keeps_its_place_when_it_asks_for_no_more_at_its_price() -> None:
    gateway = venue()
    for participant in (1, 2):
        gateway.submit(participant, request(NEW, 10))
    gateway.clear()
    gateway.submit(1, request(REPLACE, 10, lots=3))
    ((_, replaced),) = told(gateway)
    assert (replaced.kind, replaced.total, replaced.leaves) == (EventKind.REPLACED, 3, 3)
    assert [row[0] for row in gateway.matchers[0].resting(BUY)] == [1, 2]
    gateway.submit(1, request(REPLACE, 10, lots=3))
    assert [row[0] for row in gateway.matchers[0].resting(BUY)] == [1, 2]
    gateway.submit(1, request(REPLACE, 10, lots=6))
    assert [row[0] for row in gateway.matchers[0].resting(BUY)] == [2, 1]
    gateway.submit(2, request(REPLACE, 10, price=99))
    assert gateway.books[0].levels.levels(BUY) == [(100, 6), (99, 5)]
    gateway.clear()
    gateway.submit(1, request(CANCEL, 10, number=9))
    ((_, gone),) = told(gateway)
    assert (gone.kind, gone.request_id, gone.leaves) == (EventKind.CANCELED, 9, 0)
    gateway.submit(1, request(CANCEL, 10))
    ((_, late),) = told(gateway)
    assert (late.kind, late.reason) == (EventKind.CANCEL_REJECTED, Reason.TOO_LATE)


def test_what_is_refused_is_answered() -> None:
    gateway = venue()
    gateway.submit(1, request(NEW, 10))
    gateway.clear()
    for each in (
        request(NEW, 10),
        request(NEW, 11, lots=1),
        request(CANCEL, 12),
        request(REPLACE, 12),
        request(NEW, 13, SELL, 100, order_type=OrderType.LIMIT_MAKER),
    ):
        gateway.submit(1, each)
    found = [(body.kind, body.reason, body.request_id) for _, body in told(gateway)]
    assert found == [
        (EventKind.REJECTED, Reason.DUPLICATE, 7),
        (EventKind.REJECTED, Reason.FILTER, 7),
        (EventKind.CANCEL_REJECTED, Reason.UNKNOWN_ORDER, 7),
        (EventKind.REPLACE_REJECTED, Reason.UNKNOWN_ORDER, 7),
        (EventKind.REJECTED, Reason.WOULD_TAKE, 7),
    ]


def test_ids_are_each_participant_s_own() -> None:
    gateway = venue()
    gateway.submit(1, request(NEW, 10))
    gateway.submit(2, request(NEW, 10, price=99))
    gateway.submit(2, request(CANCEL, 10))
    assert [row[0] for row in gateway.matchers[0].resting(BUY)] == [1]
    assert gateway.log is not None
    assert gateway.log[0][1][2] == ACCOUNTS_MAX
    assert gateway.told[0][2][4] == 1
    assert ID_STRIDE > ACCOUNTS_MAX


def test_self_trades_are_told_as_prevented() -> None:
    gateway = venue(Prevention.DECREMENT)
    gateway.submit(1, request(NEW, 10, SELL))
    gateway.clear()
    gateway.submit(1, request(NEW, 11, BUY, lots=3, number=8))
    found = [(body.order_id, body.kind, body.quantity, body.leaves) for _, body in told(gateway)]
    assert found == [
        (11, EventKind.ACCEPTED, 0, 3),
        (10, EventKind.PREVENTED, 3, 2),
        (11, EventKind.PREVENTED, 3, 0),
        (11, EventKind.CANCELED, 0, 0),
    ]


def test_an_auction_has_two_makers_and_no_aggressor() -> None:
    gateway = venue()
    gateway.turn(0, MessageKind.TO_AUCTION)
    gateway.submit(1, request(NEW, 10, SELL, 99))
    gateway.submit(2, request(NEW, 10, BUY, 100))
    gateway.clear()
    gateway.turn(0, MessageKind.TO_CONTINUOUS)
    kinds = [kind for kind, _ in gateway.shown]
    assert kinds == [EventKind.INSTRUMENT_STATUS, EventKind.TRADE, EventKind.BOOK_DELTA]
    trade = gateway.shown[1][1]
    assert (trade[1], trade[2], trade[3], trade[4]) == (99, 5, 0, TradeKind.AUCTION)
    assert gateway.shown[2][1][3:] == (BUY, 100, 0, SELL, 99, 0)
    assert [body.liquidity for _, body in told(gateway)] == [Liquidity.MAKER] * 2
    assert gateway.is_continuous(0)


NEVER_HEARD = (
    OrderOutcome.UNKNOWN_CANCEL,
    OrderOutcome.UNKNOWN_EXECUTE,
    OrderOutcome.UNKNOWN_MODIFY,
)

commands = st.tuples(
    st.sampled_from([NEW, NEW, NEW, REPLACE, CANCEL]),
    st.integers(1, 3),
    st.integers(1, 12),
    st.sampled_from([BUY, SELL]),
    st.integers(97, 103),
    st.integers(2, 6),
    st.sampled_from([OrderType.LIMIT, OrderType.LIMIT, OrderType.MARKET, OrderType.LIMIT_MAKER]),
)


@settings(max_examples=60)
@given(st.lists(commands, max_size=40), st.sampled_from(list(Prevention)))
def test_the_book_everybody_sees_is_what_rests(
    run: list[tuple[int, int, int, int, int, int, int]], prevention: int
) -> None:
    """Deltas alone give the levels of the matcher; leaves told are what rests of each order."""
    gateway = venue(prevention)
    seen = Book()
    leaves: dict[tuple[int, int], int] = {}
    for kind, participant, order, side, price, lots, order_type in run:
        limit = 0 if order_type == OrderType.MARKET and kind == NEW else price
        gateway.submit(participant, request(kind, order, side, limit, lots, order_type))
        for shown, values in gateway.shown:
            assert shown in BODY_TYPES
            if shown == EventKind.BOOK_DELTA:
                seen.apply_levels(values, 3, len(values))
        for who, told_kind, values in gateway.told:
            assert len(values) == len(FIELD_NAMES[told_kind])
            if values[12] >= 0:
                leaves[who, values[2]] = values[12]
        gateway.clear()
        resting: dict[tuple[int, int], int] = {}
        for way in (BUY, SELL):
            levels: dict[int, int] = {}
            for row in gateway.matchers[0].resting(way):
                levels[row[4]] = levels.get(row[4], 0) + row[6]
                ticket = gateway._tickets[0][row[0] - 1]
                resting[ticket.participant, ticket.order_id] = row[6] + row[7]
            assert dict(seen.levels(way)) == levels
        assert {key: lots for key, lots in leaves.items() if lots} == resting
        assert not seen.crossed()
    # Of an order that never stood there the book hears nothing.
    asked = gateway.books[0].outcomes
    assert sum(count for outcome, count in enumerate(asked) if outcome in NEVER_HEARD) == 0


@pytest.mark.parametrize("asked", [NEW, REPLACE, CANCEL])
def test_a_request_is_answered_by_the_first_event_of_its_own_order(asked: CommandKind) -> None:
    """Not by trades, by what befalls another's order of the same id or another of the asker's."""
    gateway = venue()
    tickets = {
        (who, order): Ticket(who, request(NEW, order), 1) for who in (1, 2) for order in (10, 11)
    }
    kinds = (
        EventKind.ACCEPTED,
        EventKind.REPLACED,
        EventKind.CANCELED,
        EventKind.REJECTED,
        EventKind.FILLED,
        EventKind.PREVENTED,
    )
    for (key, ticket), kind, answered in product(tickets.items(), kinds, (0, 1)):
        gateway._request, gateway._asker, gateway._answered = request(asked, 10), 1, answered
        answers = (
            key == (1, 10)
            and not answered
            and kind not in (EventKind.FILLED, EventKind.PREVENTED)
            and (kind != EventKind.CANCELED or asked == CANCEL)
        )
        assert gateway._answers(ticket, int(kind)) == (7 if answers else 0)
        assert gateway._answered == int(answers or answered)
        gateway._request = None
        assert gateway._answers(ticket, int(kind)) == 0


# --- instructions --------------------------------------------------------------------------------


def asking(made: Request, **asked: int) -> Request:
    return evolve(made, instructions=Instructions(**asked))


def test_what_an_iceberg_hides_is_not_in_the_public_book() -> None:
    gateway = venue()
    gateway.submit(1, asking(request(NEW, 10, SELL, 100, 9), display=4))
    assert gateway.snapshot(0)[1][2:] == (SELL, 100, 4)
    gateway.submit(2, request(NEW, 11, BUY, 100, 6))
    assert [each.quantity for who, each in told(gateway) if each.kind == EventKind.FILLED][::2] == [
        4,
        2,
    ]
    assert gateway.snapshot(0)[1][2:] == (SELL, 100, 2)


def test_a_stop_is_held_then_triggered_then_what_it_becomes() -> None:
    gateway = venue()
    for number, price in ((1, 98), (2, 97)):
        gateway.submit(1, request(NEW, number, BUY, price, 5))
    told(gateway)
    stop = request(NEW, 10, SELL, 0, 3, OrderType.STOP)
    gateway.submit(2, asking(stop, trigger_price=98))
    ((_, held),) = told(gateway)
    assert (held.kind, held.request_id, held.total, held.leaves) == (EventKind.HELD, 7, 3, 3)
    gateway.submit(3, request(NEW, 11, SELL, 98, 5, number=8))
    mine = [each for who, each in told(gateway) if who == 2]
    assert [(each.kind, each.price, each.leaves) for each in mine] == [
        (EventKind.TRIGGERED, 0, 3),
        (EventKind.FILLED, 97, 0),
    ]
    assert [each.request_id for each in mine] == [0, 0]


def test_an_order_s_own_prevention_goes_before_the_venue_s() -> None:
    for own, kinds in (
        (Prevention.NONE, [EventKind.ACCEPTED, EventKind.CANCELED]),
        (Prevention.EXPIRE_MAKER, [EventKind.ACCEPTED, EventKind.CANCELED]),
    ):
        gateway = venue(Prevention.EXPIRE_TAKER)
        gateway.submit(1, request(NEW, 10, SELL, 100, 5))
        told(gateway)
        gateway.submit(1, asking(request(NEW, 11, BUY, 100, 5), prevention=own))
        said = [each for _, each in told(gateway) if each.kind != EventKind.PREVENTED]
        assert [each.kind for each in said] == kinds
        assert said[1].order_id == (11 if own == Prevention.NONE else 10)


@pytest.mark.parametrize(
    ("made", "asked"),
    [
        (request(NEW, 1, order_type=OrderType.TAKE_PROFIT_LIMIT), {"trigger_price": 90}),
        (request(NEW, 1, order_type=OrderType.STOP_LIMIT), {"trailing_e4": 50}),
        (request(NEW, 1, order_type=OrderType.STOP_LIMIT), {"trigger_price": 90, "trigger_on": 1}),
        (request(NEW, 1), {"list_id": 1}),
        (request(NEW, 1, price=0, order_type=OrderType.MARKET), {"quote_quantity": 50}),
    ],
)
def test_the_rest_is_refused_with_a_code(made: Request, asked: dict[str, int]) -> None:
    gateway = venue()
    gateway.submit(1, asking(made, **asked))
    ((_, refused),) = told(gateway)
    assert (refused.kind, refused.reason) == (EventKind.REJECTED, Reason.OTHER)
    assert gateway.snapshot(0)[1][2:] == ()
