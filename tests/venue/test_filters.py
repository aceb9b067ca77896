"""The simulated venue's further filters: bands, counts, a position limit; and the fill models."""

from hypothesis import given
from hypothesis import strategies as st

from tests.venue.stage import BUY, SELL, Stage, stage
from tests.venue.test_venue_properties import Step, declarations, play_ordered, scripts
from tickproof.spec.commands import OrderType, TimeInForce
from tickproof.spec.events import Reason, TradeKind
from tickproof.spec.instrument import QueueDeclaration
from tickproof.spec.venue_rules import VenueRules


def told(play: Stage) -> list[tuple[str, Reason]]:
    return [(said.kind.name, Reason(said.report.reason)) for said in play.fresh()]


def test_a_band_follows_the_last_trade() -> None:
    play = stage(rules=VenueRules(bid_down_e4=9_500, ask_up_e4=10_500))
    play.new(1, BUY, 50, 1)
    play.trade(100, 1, SELL)
    play.trade(60, 1, SELL, kind=TradeKind.BLOCK)
    play.fresh()
    play.new(2, BUY, 94, 1)
    play.new(3, BUY, 95, 1)
    play.new(4, SELL, 106, 1)
    play.new(5, SELL, 105, 1)
    accepted, refused = ("ACCEPTED", Reason.NONE), ("REJECTED", Reason.FILTER)
    assert told(play) == [refused, accepted, refused, accepted]


def test_a_replace_is_held_to_the_band_whatever_was_filled() -> None:
    play = stage(rules=VenueRules(bid_down_e4=9_500))
    play.trade(100, 1, SELL)
    play.new(1, BUY, 99, 4)
    play.fresh()
    play.replace(1, 90, 4)
    play.replace(1, 96, 4)
    # The band moves away under a resting order: it stays, but takes no new terms there.
    play.trade(200, 1, BUY)
    play.replace(1, 96, 3)
    refused = ("REPLACE_REJECTED", Reason.FILTER)
    assert told(play) == [refused, ("REPLACED", Reason.NONE), refused]
    assert list(play.places()) == [(1, 4)]


def test_market_orders_have_a_lot_size_of_their_own() -> None:
    play = stage(rules=VenueRules(market_minimum=2, market_maximum=6, market_step=2))
    for number, lots in enumerate((1, 2, 3, 8)):
        play.new(number + 1, BUY, 0, lots, order_type=OrderType.MARKET)
    assert [name for name, _ in told(play)] == [
        "REJECTED", "ACCEPTED", "FILLED", "REJECTED", "REJECTED",
    ]  # fmt: skip


def test_orders_are_counted_by_account_while_they_are_open() -> None:
    play = stage(rules=VenueRules(maximum_open_orders=2))
    play.new(1, BUY, 99, 1)
    play.new(2, SELL, 105, 1)
    play.new(3, BUY, 98, 1)
    play.new(4, BUY, 98, 1, account=1)
    play.new(5, BUY, 101, 1, time_in_force=TimeInForce.IOC)
    play.cancel(1)
    play.new(6, BUY, 98, 1)
    limit = ("REJECTED", Reason.LIMIT_REACHED)
    accepted = ("ACCEPTED", Reason.NONE)
    canceled = ("CANCELED", Reason.NONE)
    assert told(play) == [accepted, accepted, limit, accepted, limit, canceled, accepted]


def test_a_position_limit_counts_what_is_bid_for() -> None:
    play = stage(rules=VenueRules(maximum_position=10))
    play.new(1, BUY, 101, 4)
    play.new(2, BUY, 99, 6)
    play.fresh()
    play.new(3, BUY, 98, 1)
    play.replace(2, 99, 7)
    play.replace(2, 98, 5)
    play.new(4, BUY, 98, 1)
    play.new(5, SELL, 100, 3)
    play.new(6, BUY, 98, 4)
    play.new(7, BUY, 97, 3)
    names = [(name, reason.name) for name, reason in told(play)]
    assert names == [
        ("REJECTED", "LIMIT_REACHED"),
        ("REPLACE_REJECTED", "LIMIT_REACHED"),
        ("REPLACED", "NONE"),
        ("ACCEPTED", "NONE"),
        ("ACCEPTED", "NONE"),
        ("FILLED", "NONE"),
        ("REJECTED", "LIMIT_REACHED"),
        ("ACCEPTED", "NONE"),
    ]


BANDS = st.builds(
    VenueRules,
    bid_up_e4=st.sampled_from((0, 10_000, 10_100)),
    bid_down_e4=st.sampled_from((0, 9_900)),
    ask_down_e4=st.sampled_from((0, 10_000)),
    market_step=st.sampled_from((0, 2)),
)


@given(scripts, declarations, BANDS)
def test_filters_that_depend_on_no_fill_keep_the_models_ordered(
    script: list[Step], queue: QueueDeclaration, rules: VenueRules
) -> None:
    play_ordered(script, queue, rules)


def test_an_amendment_that_keeps_its_place_may_only_reduce() -> None:
    play = stage(rules=VenueRules(amends_only_reduce=1))
    play.new(1, BUY, 100, 9)
    play.new(2, BUY, 100, 1)
    play.fresh()
    for price, lots in ((99, 5), (100, 9), (100, 10), (100, 5)):
        play.replace(1, price, lots)
    refused = ("REPLACE_REJECTED", Reason.FILTER)
    assert told(play) == [refused, refused, refused, ("REPLACED", Reason.NONE)]
    assert list(play.places()) == [(1, 5), (2, 1)]


def test_cancel_replace_stops_on_failure_or_goes_on() -> None:
    """A REPLACE of an order that is gone brings nothing new; a CANCEL and a NEW do."""
    play = stage()
    for number in (1, 2):
        play.new(number, BUY, 101, 4, time_in_force=TimeInForce.IOC)
    play.fresh()
    play.replace(1, 99, 9)
    play.cancel(2)
    play.new(3, BUY, 99, 4)
    names = [name for name, _ in told(play)]
    assert names == ["REPLACE_REJECTED", "CANCEL_REJECTED", "ACCEPTED"]
