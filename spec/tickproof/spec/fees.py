"""What a fill costs: rates by what was traded, a fee per lot, a discount in another asset [A].

What it decides: the tier of an account, the one rounding of a fee, the asset it is taken in, and
the worst an order may cost, which its lock has to cover. A fee is an exact ratio until it is
rounded once, up, against the account; parts of it (rate, lots, discount, conversion) are never
rounded by themselves.

* **Tiers** go by the notional the account traded before the fill, in the quote asset: a fill is
  charged at the tier it finds and counts for the next one.
* **A fee per lot** is money of the quote asset beside the rate. A fee that is taken from the base
  asset a fill brings in has none.
* **A discount asset** takes the place of the ordinary fee where there is something to pay and the
  account holds all of it; else the ordinary fee is due. A rebate stays in its own asset.
* What a spot sell costs is at most what it brings in, so that it never needs a lock of its own.

A schedule is input of the Configuration: `is_sound` says which ones mean something.

Sections: tiers, amounts, the charge of a fill, choice, locks, predicate. Decision: ADR-0030.
"""

from __future__ import annotations

from enum import IntEnum

from attrs import frozen

from tickproof.spec.errors import InvariantBroken
from tickproof.spec.events import Liquidity, Side
from tickproof.spec.instrument import (
    FEE_SCALE,
    NO_ASSET,
    FeeAsset,
    FeeTier,
    Instrument,
    InstrumentKind,
    fee,
    notional,
)
from tickproof.spec.table import Refuse, Table, TableBuilder, always, go

DECISION = "ADR-0030"

# --- tiers ---------------------------------------------------------------------------------------


class FeeRole(IntEnum):
    """What a fill was to the account that is charged."""

    MAKER = 0
    TAKER = 1


def tier_of(instrument: Instrument, traded: int) -> FeeTier:
    """The rates of an account that has `traded` so much: the last tier it has reached."""
    found = FeeTier(0, instrument.maker_fee_e8, instrument.taker_fee_e8)
    for tier in instrument.fees.tiers:
        if tier.traded <= traded:
            found = tier
    return found


def role_of(liquidity: int) -> int:
    """The `FeeRole` of a fill: what is said of neither side is a taker's."""
    return FeeRole.MAKER if liquidity == Liquidity.MAKER else FeeRole.TAKER


def rate_of(instrument: Instrument, role: int, traded: int) -> int:
    """The rate of a fill in parts of FEE_SCALE."""
    tier = tier_of(instrument, traded)
    return tier.maker_fee_e8 if role == FeeRole.MAKER else tier.taker_fee_e8


def traded_after(instrument: Instrument, traded: int, price: int, quantity: int) -> int:
    """What the account has traded once this fill is done, in units of the quote asset."""
    return traded + notional(instrument, price, quantity)


# --- amounts -------------------------------------------------------------------------------------


def is_from_base(instrument: Instrument, side: int) -> bool:
    """Whether the ordinary fee is taken from the base asset that a fill brings in."""
    return (
        instrument.kind == InstrumentKind.SPOT
        and instrument.fee_asset == FeeAsset.RECEIVED
        and side == Side.BUY
    )


def is_from_proceeds(instrument: Instrument, side: int) -> bool:
    """Whether the ordinary fee is taken from the quote asset that a fill brings in."""
    return instrument.kind == InstrumentKind.SPOT and side == Side.SELL


def ordinary_fee(
    instrument: Instrument, side: int, price: int, quantity: int, rate_e8: int
) -> tuple[int, int]:
    """(asset, amount) in the asset the instrument takes fees in, rounded once, up."""
    if is_from_base(instrument, side):
        return instrument.base, fee(quantity * instrument.base_per_lot, rate_e8)
    value = notional(instrument, price, quantity)
    # Whole units for each lot: adding them after the rounding is rounding the sum.
    amount = fee(value, rate_e8) + instrument.fees.per_lot * quantity
    if is_from_proceeds(instrument, side):
        return instrument.quote, min(amount, value)
    return instrument.quote, amount


def discounted_fee(instrument: Instrument, price: int, quantity: int, rate_e8: int) -> int:
    """What the discount asset is charged instead, rounded once, up; 0 or less: nothing is due."""
    schedule = instrument.fees
    parts = notional(instrument, price, quantity) * rate_e8
    parts += schedule.per_lot * quantity * FEE_SCALE
    parts *= (FEE_SCALE - schedule.discount_e8) * schedule.discount_units
    return -(-parts // (FEE_SCALE * FEE_SCALE * schedule.quote_units))


# --- the charge of a fill ------------------------------------------------------------------------


class FeeCase(IntEnum):
    """What there is to charge and out of what; the first that holds, in this order."""

    IN_DISCOUNT_ASSET = 0
    NOTHING_DUE = 1
    REBATE = 2
    FROM_BASE = 3
    FROM_PROCEEDS = 4
    FROM_QUOTE = 5


class FeeRefusal(IntEnum):
    """A fill is always charged."""

    NONE = 0


@frozen
class Charged:
    """A fill to charge. `traded`, `held`: what the account has traded, and has to pay discounts."""

    instrument: Instrument
    side: int
    price: int
    quantity: int
    traded: int
    held: int


def charge_ordinary(fill: Charged, role: int) -> tuple[int, int]:
    """The rate of the tier and the fee per lot, in the ordinary asset."""
    rate_e8 = rate_of(fill.instrument, role, fill.traded)
    return ordinary_fee(fill.instrument, fill.side, fill.price, fill.quantity, rate_e8)


def charge_discounted(fill: Charged, role: int) -> tuple[int, int]:
    """The same less the discount, in the discount asset."""
    rate_e8 = rate_of(fill.instrument, role, fill.traded)
    amount = discounted_fee(fill.instrument, fill.price, fill.quantity, rate_e8)
    return fill.instrument.fees.discount_asset, amount


def fee_case(fill: Charged, role: int) -> int:
    """The `FeeCase` that holds."""
    instrument = fill.instrument
    discounts = instrument.fees.discount_asset != NO_ASSET
    if discounts and takes_discount(charge_discounted(fill, role)[1], fill.held):
        return FeeCase.IN_DISCOUNT_ASSET
    amount = charge_ordinary(fill, role)[1]
    if amount <= 0:
        return FeeCase.REBATE if amount < 0 else FeeCase.NOTHING_DUE
    if is_from_base(instrument, fill.side):
        return FeeCase.FROM_BASE
    return FeeCase.FROM_PROCEEDS if is_from_proceeds(instrument, fill.side) else FeeCase.FROM_QUOTE


def _build() -> Table[Charged, int]:
    table = TableBuilder("FEE", "The charge of a fill", FeeRole, FeeCase, FeeRefusal)
    for case in FeeCase:
        effect = charge_discounted if case == FeeCase.IN_DISCOUNT_ASSET else charge_ordinary
        table.on(case, FeeRole, go(always, effect), requirements=("A2", "A4"), decision=DECISION)
    return table.build()


# --- choice --------------------------------------------------------------------------------------


def takes_discount(discounted: int, held: int) -> bool:
    """Whether a fee is taken in the discount asset, of which the account has `held`."""
    return 0 < discounted <= held


def charge(
    instrument: Instrument,
    side: int,
    price: int,
    quantity: int,
    liquidity: int,
    traded: int = 0,
    held: int = 0,
) -> tuple[int, int]:
    """(asset, amount) a fill costs an account that has `traded` so much.

    `held`: units of the discount asset the account has; nothing of them is locked.
    """
    fill = Charged(instrument, side, price, quantity, traded, held)
    role = role_of(liquidity)
    rule = CHARGES.select(role, fee_case(fill, role), fill, role)
    if isinstance(rule, Refuse):
        raise InvariantBroken("a fill is always charged")
    found: tuple[int, int] = rule.effect(fill, role)
    return found


CHARGES = _build()
"""Who is charged x out of what."""


# --- locks ---------------------------------------------------------------------------------------


def worst_rate(instrument: Instrument) -> int:
    """The greatest rate of any tier, maker or taker; a rebate counts as nothing."""
    worst = max(instrument.maker_fee_e8, instrument.taker_fee_e8, 0)
    for tier in instrument.fees.tiers:
        worst = max(worst, tier.maker_fee_e8, tier.taker_fee_e8)
    return worst


def lock_per_lot(instrument: Instrument, side: int, price: int) -> int:
    """Quote units a lot must lock for its fee: the worst of every tier, no discount counted."""
    if instrument.kind == InstrumentKind.SPOT and (
        side == Side.SELL or instrument.fee_asset == FeeAsset.RECEIVED
    ):
        # Taken from what the fill brings in.
        return 0
    worst = fee(price * instrument.money_per_price_lot, worst_rate(instrument))
    return worst + instrument.fees.per_lot


# --- predicate -----------------------------------------------------------------------------------


def is_sound(instrument: Instrument) -> bool:
    """Whether the schedule means something.

    Tiers ascend, rates are at most the notional, a fee per lot and a discount are no rebates, and
    the discount asset is neither of the instrument's: nothing of it is then ever locked.
    """
    schedule = instrument.fees
    starts = [tier.traded for tier in schedule.tiers]
    rates = [rate for tier in schedule.tiers for rate in (tier.maker_fee_e8, tier.taker_fee_e8)]
    return (
        all(later > sooner for sooner, later in zip([0, *starts], starts, strict=False))
        and all(-FEE_SCALE <= rate <= FEE_SCALE for rate in rates)
        and schedule.per_lot >= 0
        and 0 <= schedule.discount_e8 <= FEE_SCALE
        and schedule.discount_units > 0
        and schedule.quote_units > 0
        and schedule.discount_asset >= NO_ASSET
        and schedule.discount_asset not in (instrument.base, instrument.quote)
    )
