"""Funding at the simulated venue: on what is held when the time comes."""

from attrs import evolve

from tests.venue.stage import BOOK, BUY, INSTRUMENT, SELL, Stage
from tickproof.spec.commands import CommandKind, OrderType, Request, TimeInForce
from tickproof.spec.events import EventKind, FundingPaid, FundingRate, MarkPrice, payload
from tickproof.spec.instrument import InstrumentKind
from tickproof.venue.venue import SimulatedVenue

PERPETUAL = evolve(INSTRUMENT, kind=InstrumentKind.LINEAR, maker_fee_e8=0, taker_fee_e8=0)


def perpetual(*, pays: bool = True, count: int = 1) -> Stage:
    instruments = tuple(evolve(PERPETUAL, id=number) for number in range(count))
    play = Stage(SimulatedVenue(instruments, 0, 0, 2, pays_funding=pays)).at(10)
    for number in range(count):
        play.snapshot(*BOOK, instrument=number)
    return play


def paid(play: Stage) -> list[tuple[int, int, tuple[int, ...]]]:
    """(arrival, time, payload) of every payment; other outputs are left on the stage."""
    return [
        (arrival, time, values)
        for arrival, time, kind, values in play.venue.drain()
        if kind == EventKind.FUNDING_PAID
    ]


def test_it_is_paid_on_what_is_held_then() -> None:
    play = perpetual()
    play.see(MarkPrice(0, 100))
    play.see(FundingRate(0, 10_000_000, 50))
    play.at(20).new(1, BUY, 0, 4, order_type=OrderType.MARKET)
    play.at(30).see(MarkPrice(0, 200))
    # At the very time: the order that arrives then is too late for it.
    play.venue.submit(sell(2), 50)
    play.venue.advance(49)
    assert paid(play) == []
    assert play.venue.next_time_ns() == 50
    play.venue.advance(50)
    # 4 lots at 200 are 2,400 units; one percent.
    assert paid(play) == [(52, 50, payload(FundingPaid(0, 0, 1, -24)))]
    play.venue.advance(500)
    assert paid(play) == []


def sell(order: int) -> Request:
    """A market sell of 4 lots, not sent yet."""
    terms = (0, 0, order, 0, SELL, int(OrderType.MARKET), int(TimeInForce.GTC), 0, 4, 0, 0)
    return Request(90 + order, int(CommandKind.NEW), *terms)


def test_a_short_receives_and_each_instrument_has_its_own_time() -> None:
    play = perpetual(count=2)
    for number, due in ((0, 60), (1, 50)):
        play.see(MarkPrice(number, 100))
        play.see(FundingRate(number, 10_000_000, due))
        play.new(number + 1, SELL, 0, 1, order_type=OrderType.MARKET, instrument=number)
    play.venue.advance(100)
    assert [(time, values) for _, time, values in paid(play)] == [
        (50, (0, 1, 1, 3)),
        (60, (0, 0, 1, 3)),
    ]


def test_without_a_mark_nothing_is_paid_and_it_is_kept() -> None:
    play = perpetual()
    play.see(FundingRate(0, 10_000_000, 50))
    play.see(FundingRate(0, 10_000_000, 10))
    play.at(20).new(1, BUY, 0, 4, order_type=OrderType.MARKET)
    play.venue.advance(50)
    assert paid(play) == []
    desk = play.venue.funding
    assert desk is not None
    assert (desk.unpaid, desk.late()) == ([(50, 0, 0)], 1)


def test_nothing_is_paid_where_it_is_not_asked_for_or_nothing_is_held() -> None:
    for pays in (False, True):
        play = perpetual(pays=pays)
        play.see(MarkPrice(0, 100))
        play.see(FundingRate(0, 10_000_000, 50))
        if not pays:
            play.at(20).new(1, BUY, 0, 4, order_type=OrderType.MARKET)
        play.venue.advance(100)
        assert paid(play) == []
    assert not perpetual().venue.is_quiet()
    assert perpetual(pays=False).venue.is_quiet()
