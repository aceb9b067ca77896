"""What a venue asks of an order beyond grid, size and notional: bands, counts and a position limit.

Decides which of a venue's further filters an order breaks first. They are the venue's, not the
kernel's: no State depends on them but by the venue's answers, so they stand beside latencies and
the fill model, not in Configuration. Every number is 0 by default, and 0 asks for nothing.

Two groups, because fill models are compared on one request sequence [Q7]. The first looks at the
order and at the market alone, so every model refuses the same orders. The second counts what is
open or held, and that depends on fills: where it refuses in one run, the runs are scenarios.

Sections: rules, what depends on no fill, what does. Decision: ADR-0029.
"""

from __future__ import annotations

from enum import IntEnum

from attrs import frozen

from tickproof.spec.commands import OrderType
from tickproof.spec.events import Side

BAND_SCALE = 10_000
"""Band factors are in parts of this, of the last price."""

# --- rules ---------------------------------------------------------------------------------------


@frozen
class VenueRules:
    """Further filters of one instrument at a venue; 0 asks for nothing. Quantities in lots.

    `bid_up_e4`, `bid_down_e4`, `ask_up_e4`, `ask_down_e4`: a limit of that side may be at most, or
    must be at least, this many parts of `BAND_SCALE` of the last price. `market_minimum`,
    `market_maximum`, `market_step`: quantities of MARKET orders. `maximum_open_orders`,
    `maximum_conditional_orders`: of one account, open at a time. `maximum_iceberg_parts`: how often
    a display quantity may have to be shown. `trailing_minimum_e4`, `trailing_maximum_e4`: range of
    a trailing distance. `maximum_position`: of an account, with all it bids for.
    `amends_only_reduce` 1: a replace keeps its place and lessens the total, or is refused.
    `resting_in_auctions` 1: orders that rest take part in call auctions.
    """

    bid_up_e4: int = 0
    bid_down_e4: int = 0
    ask_up_e4: int = 0
    ask_down_e4: int = 0
    market_minimum: int = 0
    market_maximum: int = 0
    market_step: int = 0
    maximum_open_orders: int = 0
    maximum_conditional_orders: int = 0
    maximum_iceberg_parts: int = 0
    trailing_minimum_e4: int = 0
    trailing_maximum_e4: int = 0
    maximum_position: int = 0
    amends_only_reduce: int = 0
    resting_in_auctions: int = 0


NO_RULES = VenueRules()
"""A venue that asks for nothing more."""


class VenueFilter(IntEnum):
    """The further filters, in the order in which they are looked at."""

    NONE = 0
    MARKET_LOT = 1
    PRICE_BAND = 2
    ICEBERG_PARTS = 3
    TRAILING_DISTANCE = 4
    OPEN_ORDERS = 5
    CONDITIONAL_ORDERS = 6
    POSITION = 7


# --- what depends on no fill ---------------------------------------------------------------------


@frozen
class Asked:
    """An order as filters see it that look at no other."""

    side: int
    order_type: int
    price: int
    quantity: int
    display: int = 0
    trailing_e4: int = 0


def market_lot_kept(rules: VenueRules, asked: Asked) -> bool:
    """A MARKET order has a quantity of its own range and step; other types any."""
    if asked.order_type != OrderType.MARKET:
        return True
    if rules.market_step and asked.quantity % rules.market_step:
        return False
    if rules.market_maximum and asked.quantity > rules.market_maximum:
        return False
    return asked.quantity >= rules.market_minimum


def within_band(up_e4: int, down_e4: int, reference: int, price: int) -> bool:
    """Whether a price is from `down_e4` to `up_e4` parts of the reference; edges are inside."""
    if up_e4 and price * BAND_SCALE > reference * up_e4:
        return False
    return down_e4 == 0 or price * BAND_SCALE >= reference * down_e4


def price_band_kept(rules: VenueRules, asked: Asked, last_price: int) -> bool:
    """A limit is within its side's band around the last price.

    No price to look at, or no trade yet (`last_price` 0): there is no band.
    """
    if asked.price <= 0 or last_price <= 0:
        return True
    if asked.side == Side.BUY:
        return within_band(rules.bid_up_e4, rules.bid_down_e4, last_price, asked.price)
    return within_band(rules.ask_up_e4, rules.ask_down_e4, last_price, asked.price)


def iceberg_parts_kept(rules: VenueRules, asked: Asked) -> bool:
    """The quantity is shown in at most so many parts, the last of which may be smaller."""
    if rules.maximum_iceberg_parts == 0 or asked.display <= 0:
        return True
    return asked.quantity <= rules.maximum_iceberg_parts * asked.display


def trailing_distance_kept(rules: VenueRules, asked: Asked) -> bool:
    """A trailing distance is in its range; an order that does not trail has none."""
    if asked.trailing_e4 <= 0:
        return True
    if rules.trailing_maximum_e4 and asked.trailing_e4 > rules.trailing_maximum_e4:
        return False
    return asked.trailing_e4 >= rules.trailing_minimum_e4


def first_broken(rules: VenueRules, asked: Asked, last_price: int) -> int:
    """The first `VenueFilter` broken of those that depend on no fill, NONE when all are kept."""
    if not market_lot_kept(rules, asked):
        return VenueFilter.MARKET_LOT
    if not price_band_kept(rules, asked, last_price):
        return VenueFilter.PRICE_BAND
    if not iceberg_parts_kept(rules, asked):
        return VenueFilter.ICEBERG_PARTS
    if not trailing_distance_kept(rules, asked):
        return VenueFilter.TRAILING_DISTANCE
    return VenueFilter.NONE


# --- what does -----------------------------------------------------------------------------------


@frozen
class Held:
    """What an account has at the venue, the order that is looked at left out.

    `open_orders`, `conditional_orders`: those that rest or wait, and of these those that wait for
    a trigger. `position`: lots bought less lots sold. `bids`: lots its open buy orders want.
    """

    open_orders: int = 0
    conditional_orders: int = 0
    position: int = 0
    bids: int = 0


def position_kept(rules: VenueRules, held: Held, side: int, lots: int) -> bool:
    """All that is bid for may be bought without exceeding the limit; selling is free."""
    if rules.maximum_position == 0 or side != Side.BUY:
        return True
    return held.position + held.bids + lots <= rules.maximum_position


def room_to_reduce(position: int, side: int, others: int) -> int:
    """Lots an order of `side` may trade without growing or flipping a position.

    `others`: lots that orders of that side which may only reduce want already.
    """
    return max(-side * position - others, 0)


def first_reached(rules: VenueRules, held: Held, side: int, lots: int, conditional: int) -> int:
    """The first `VenueFilter` reached of those that depend on fills, NONE when none is.

    `lots`: what the order wants to be open for.
    """
    if 0 < rules.maximum_open_orders <= held.open_orders:
        return VenueFilter.OPEN_ORDERS
    if conditional and 0 < rules.maximum_conditional_orders <= held.conditional_orders:
        return VenueFilter.CONDITIONAL_ORDERS
    if not position_kept(rules, held, side, lots):
        return VenueFilter.POSITION
    return VenueFilter.NONE
