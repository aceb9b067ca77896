"""Fee settings as the integers of `spec.fees`: exact, or refused.

What it decides: how decimal text becomes a schedule. A fee per contract has to be a whole number of
units of the quote asset for each lot; the price of a discount asset becomes an exact ratio. The
discount asset is added to the assets of the run, and may be none of those that are traded.
"""

from __future__ import annotations

from math import gcd

from attrs import evolve

from tickproof.runtime.errors import InputError
from tickproof.runtime.readers.feed import ASSET_DECIMALS, Market
from tickproof.runtime.settings import Settings, decimal_parts, fraction_e8
from tickproof.spec.instrument import Asset, FeeSchedule, FeeTier, Instrument


def fee_schedules(
    settings: Settings, market: Market
) -> tuple[tuple[Asset, ...], tuple[FeeSchedule, ...]]:
    """The assets of the run, and the fee schedule of each instrument; raises `InputError`."""
    assets = market.assets
    discount = settings.fee_discount
    if discount.asset:
        if discount.asset in {each.name for each in assets}:
            expected = "an asset that is not traded in the run"
            raise InputError("", 0, "fee_discount.asset", expected, repr(discount.asset))
        if len({each.quote for each in market.instruments}) != 1:
            expected = "instruments of one quote asset, in which it has its price"
            raise InputError("", 0, "fee_discount.asset", expected, "several")
        assets = (*assets, Asset(len(assets), discount.asset, ASSET_DECIMALS))
    return assets, tuple(_schedule(settings, assets, each) for each in market.instruments)


def _schedule(settings: Settings, assets: tuple[Asset, ...], instrument: Instrument) -> FeeSchedule:
    """One instrument's schedule."""
    quote = assets[instrument.quote]
    tiers = tuple(
        FeeTier(
            int(tier.traded) * 10**quote.decimals,
            fraction_e8(tier.maker, "fee_tier.maker"),
            fraction_e8(tier.taker, "fee_tier.taker"),
        )
        for tier in settings.fee_tier
    )
    plain = FeeSchedule(tiers, _per_lot(settings, quote, instrument))
    discount = settings.fee_discount
    if not discount.asset:
        return plain
    price, places = decimal_parts(discount.price, "fee_discount.price")
    units, quote_units = 10 ** (ASSET_DECIMALS + places), price * 10**quote.decimals
    common = gcd(units, quote_units)
    return evolve(
        plain,
        discount_asset=assets[-1].id,
        discount_e8=fraction_e8(discount.discount, "fee_discount.discount"),
        discount_units=units // common,
        quote_units=quote_units // common,
    )


def _per_lot(settings: Settings, quote: Asset, instrument: Instrument) -> int:
    """Quote units of each lot."""
    amount, places = decimal_parts(settings.fee_per_contract, "fee_per_contract")
    if amount and settings.fee_asset == "received":
        expected = "0 where fees are taken from what is received"
        raise InputError("", 0, "fee_per_contract", expected, repr(settings.fee_per_contract))
    shift = quote.decimals - places - instrument.quantity_decimals
    if shift < 0 and amount % 10**-shift:
        expected = f"a whole number of units of 10^-{quote.decimals} {quote.name} for each lot"
        raise InputError("", 0, "fee_per_contract", expected, repr(settings.fee_per_contract))
    return int(amount * 10**shift if shift >= 0 else amount // 10**-shift)
