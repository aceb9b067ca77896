"""What a market Event does to an instrument's market: the Market domain of State [3, 4].

One source message is one change: a book is judged only after the whole message. `happened` tells
the wake rules what there is to see; it is a pure function of the market before and after.
"""

from __future__ import annotations

from attrs import evolve

from tickproof.spec.book import Touch, TouchChange, apply_levels, changes, snapshot, touch
from tickproof.spec.configuration import Predicate, Wake, WakeRule
from tickproof.spec.events import (
    Bar,
    BookDelta,
    BookSnapshot,
    FeedGap,
    FeedResumed,
    FundingRate,
    InstrumentDefinition,
    InstrumentStatus,
    MarkPrice,
    TopOfBook,
    Trade,
)
from tickproof.spec.session import INSTRUMENT_STATUS
from tickproof.spec.state import Filters, InstrumentMarket
from tickproof.spec.unguarded import by_table

PRICE_CHANGE = int(TouchChange.BID_PRICE) + int(TouchChange.ASK_PRICE)
"""Touch bits that mean a best price moved."""


def apply_book(market: InstrumentMarket, body: object) -> InstrumentMarket:
    """Book messages; those about orders say nothing here, their levels come after them."""
    if isinstance(body, BookDelta):
        book = apply_levels(market.book, body.levels)
        return evolve(market, book=book, update_id=body.last_update_id)
    if isinstance(body, BookSnapshot):
        return evolve(market, book=snapshot(body.levels), update_id=body.update_id)
    if isinstance(body, TopOfBook):
        levels = (1, body.bid_price, body.bid_size, -1, body.ask_price, body.ask_size)
        return evolve(market, book=snapshot(levels))
    return market


def apply_reference(market: InstrumentMarket, body: object) -> InstrumentMarket:
    """Prints, bars, marks, funding and feed health."""
    if isinstance(body, Trade):
        return evolve(market, last_trade=(body.price, body.size, body.side))
    if isinstance(body, Bar):
        bar = (body.open, body.high, body.low, body.close, body.volume)
        return evolve(market, last_bar=bar)
    if isinstance(body, MarkPrice):
        return evolve(market, mark_price=body.price)
    if isinstance(body, FundingRate):
        return evolve(market, funding_rate_e9=body.rate_e9)
    if isinstance(body, FeedGap):
        return evolve(market, feed_whole=0)
    if isinstance(body, FeedResumed):
        return evolve(market, feed_whole=1)
    return market


def apply_definition(market: InstrumentMarket, body: InstrumentDefinition) -> InstrumentMarket:
    """New filters."""
    filters = Filters(
        body.tick,
        body.lot_step,
        body.minimum_quantity,
        body.maximum_quantity,
        body.minimum_notional,
    )
    return evolve(market, filters=filters)


def apply_status(market: InstrumentMarket, body: InstrumentStatus) -> tuple[InstrumentMarket, int]:
    """The trading status, by its table. Returns the market and a refusal code or 0."""
    target, code = by_table(INSTRUMENT_STATUS, market.status, body.status)
    return evolve(market, status=target), code


def touch_of(market: InstrumentMarket) -> Touch:
    """The best level of either side."""
    return touch(market.book)


def happened(body: object, before: Touch, after: Touch) -> int:
    """The market Wake bits of an Event, EVERY_EVENT included."""
    mask = int(Wake.EVERY_EVENT)
    changed = changes(before, after)
    if changed:
        mask += Wake.TOUCH_SIZE_CHANGE
    if changed % 4 != 0:
        mask += Wake.TOUCH_CHANGE
    if isinstance(body, Trade):
        mask += Wake.TRADE
    if isinstance(body, Bar):
        mask += Wake.BAR
    return mask


def predicate_holds(rule: WakeRule, market: InstrumentMarket) -> bool:
    """Whether a strategy's predicate is true; one of the book never is while that is one-sided."""
    price, size, _ = market.last_trade
    if rule.predicate == Predicate.TRADED_ABOVE:
        return size > 0 and price > rule.predicate_value
    if rule.predicate == Predicate.TRADED_BELOW:
        return size > 0 and price < rule.predicate_value
    now = touch_of(market)
    if now.bid_size == 0 or now.ask_size == 0:
        return False
    if rule.predicate == Predicate.SPREAD_AT_LEAST:
        return now.ask_price - now.bid_price >= rule.predicate_value
    if rule.predicate == Predicate.BID_AT_LEAST:
        return now.bid_price >= rule.predicate_value
    if rule.predicate == Predicate.ASK_AT_MOST:
        return now.ask_price <= rule.predicate_value
    return False


def reference_price(market: InstrumentMarket) -> int:
    """The price risk measures against: mark, else last print, else the middle; 0 if none."""
    if market.mark_price > 0:
        return market.mark_price
    if market.last_trade[0] > 0:
        return market.last_trade[0]
    now = touch_of(market)
    if now.bid_size > 0 and now.ask_size > 0:
        return (now.bid_price + now.ask_price) // 2
    return market.last_bar[3]
