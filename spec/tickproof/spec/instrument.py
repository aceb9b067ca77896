"""Instruments, assets and accounts: fixed definitions in integer units [A].

A price is an integer number of price units, a quantity an integer number of lots. Both units are
fixed for the instrument's life; `tick` and `lot_step` are filters in those units and may change.
`money_per_price_lot` is what one price unit times one lot is worth in units of the quote (or
settlement) asset: an integer by construction, so no notional is ever rounded. Decimal text is
mapped exactly to these integers at the edge, or refused, by the runtime.
"""

from __future__ import annotations

from enum import IntEnum

from attrs import field, frozen

from tickproof.spec.left_out import LEFT_OUT


class InstrumentKind(IntEnum):
    """SPOT exchanges base for quote; LINEAR is margined and settled in the quote asset."""

    SPOT = 0
    LINEAR = 1


class InstrumentState(IntEnum):
    """Trading status of an instrument [12]."""

    PRE_OPEN = 0
    AUCTION = 1
    CONTINUOUS = 2
    HALTED = 3
    CLOSED = 4
    DELISTED = 5


class FeeAsset(IntEnum):
    """Which asset a fee is taken in: always the quote asset, or the asset received."""

    QUOTE = 0
    RECEIVED = 1


FEE_SCALE = 100_000_000
"""Fee and margin rates are integers in parts of this."""

PRICE_LIMIT = 10**12
"""Prices enter in [0, PRICE_LIMIT] price units; refused at ingress beyond."""

QUANTITY_LIMIT = 10**16
"""Quantities enter in [0, QUANTITY_LIMIT] lots; refused at ingress beyond."""


@frozen
class Asset:
    """`decimals`: one unit is 10**-decimals of the asset."""

    id: int
    name: str
    decimals: int


@frozen
class Account:
    """A trading account at one venue."""

    id: int
    name: str
    venue: int


@frozen
class QueueDeclaration:
    """What is declared of an instrument's feed and market for the price queue bounds [Q6].

    1 declares the fact, 0 leaves it open; where a needed declaration is absent the bounds are
    [0, unbounded). `per_event`: each book change arrives alone and visible (0: conflated).
    `size_up_in_place_excluded`: an order that grows goes to the back. `strict_price_time`,
    `hidden_behind_displayed`, `reload_to_back`, `no_market_impact`: as named.
    """

    per_event: int = 0
    size_up_in_place_excluded: int = 0
    strict_price_time: int = 1
    hidden_behind_displayed: int = 1
    reload_to_back: int = 1
    no_market_impact: int = 1


NO_ASSET = -1
"""Where no asset is meant: asset ids are dense from 0."""


@frozen
class FeeTier:
    """Rates of an account that has traded `traded` or more, in units of the quote asset."""

    traded: int
    maker_fee_e8: int
    taker_fee_e8: int


@frozen
class FeeSchedule:
    """What an instrument's fees are besides its two rates; see `tickproof.spec.fees`.

    `tiers`: rates in place of the instrument's own, by ascending `traded`. `per_lot`: units of the
    quote asset for each lot, beside the rate. `discount_asset`: fees are taken in it where the
    account holds enough, less `discount_e8` parts of FEE_SCALE, at `discount_units` of its units
    for `quote_units` of the quote asset.
    """

    tiers: tuple[FeeTier, ...] = ()
    per_lot: int = 0
    discount_asset: int = NO_ASSET
    discount_e8: int = 0
    discount_units: int = 1
    quote_units: int = 1


PLAIN_FEES = FeeSchedule()
"""Nothing but the instrument's two rates."""


@frozen
class Instrument:
    """One tradable instrument. Ids are dense, from 0, in Configuration order.

    `price_decimals`, `quantity_decimals`: the price unit is 10**-price_decimals of the quote
    asset, the lot 10**-quantity_decimals of the base asset. `base_per_lot`: base asset units per
    lot. Rates (`maker_fee_e8`, `taker_fee_e8`, `initial_margin_e8`) in parts of FEE_SCALE;
    a negative maker fee is a rebate. `price_change_loses_priority`, `increase_loses_priority`:
    what an amendment costs [Q3]. `honours_good_till_date`: the venue expires dated orders [T8].
    `fees`: tiers, a fee per lot and a discount asset, where there are any.
    """

    id: int
    symbol: str
    venue: int
    kind: int
    base: int
    quote: int
    price_decimals: int
    quantity_decimals: int
    money_per_price_lot: int
    base_per_lot: int
    tick: int = 1
    lot_step: int = 1
    minimum_quantity: int = 1
    maximum_quantity: int = QUANTITY_LIMIT
    minimum_notional: int = 0
    maker_fee_e8: int = 0
    taker_fee_e8: int = 0
    fee_asset: int = FeeAsset.QUOTE
    initial_margin_e8: int = FEE_SCALE
    price_change_loses_priority: int = 1
    increase_loses_priority: int = 1
    honours_good_till_date: int = 1
    queue: QueueDeclaration = QueueDeclaration()
    fees: FeeSchedule = field(default=PLAIN_FEES, metadata={LEFT_OUT: True})


def notional(instrument: Instrument, price: int, quantity: int) -> int:
    """price x quantity in units of the quote asset, exact."""
    return price * quantity * instrument.money_per_price_lot


def ceiling_ratio(amount: int, rate: int, scale: int) -> int:
    """amount x rate / scale rounded up (towards plus infinity): always against the account."""
    return -((-amount * rate) // scale)


def fee(notional_amount: int, rate_e8: int) -> int:
    """Fee on an amount, rounded once, up, against the account (a rebate shrinks) [A]."""
    return ceiling_ratio(notional_amount, rate_e8, FEE_SCALE)
