"""What a venue has to remember to charge fees: who traded how much, and holds what of a discount.

Decides nothing; `tickproof.spec.fees` does, from these sums. Where fees are two rates and nothing
else, what depends on no fill is worked out once, and a fill costs a product. The venue counts what
it charges itself; a discount asset is never an asset of an instrument, so that nothing else moves
an account's holding of it.
"""

from __future__ import annotations

from collections.abc import Iterable

from tickproof.spec.events import Liquidity, Side
from tickproof.spec.fees import (
    charge,
    is_from_base,
    is_from_proceeds,
    ordinary_fee,
    traded_after,
)
from tickproof.spec.instrument import FEE_SCALE, PLAIN_FEES, Instrument

_MAKER = int(Liquidity.MAKER)
_FEE_SCALE = FEE_SCALE


class PlainFee:
    """Two rates of one side of one instrument, in `asset`.

    `unit`: what they are rates of, by lot where `from_base` is 1, else by price and lot; `capped`
    1: no more than that is taken.
    """

    __slots__ = ("asset", "capped", "from_base", "maker_e8", "taker_e8", "unit")

    asset: int
    capped: int
    from_base: int
    maker_e8: int
    taker_e8: int
    unit: int

    def __init__(self, instrument: Instrument, side: int) -> None:
        self.from_base = int(is_from_base(instrument, side))
        self.capped = int(is_from_proceeds(instrument, side))
        self.asset = instrument.base if self.from_base else instrument.quote
        self.unit = instrument.base_per_lot if self.from_base else instrument.money_per_price_lot
        self.maker_e8 = instrument.maker_fee_e8
        self.taker_e8 = instrument.taker_fee_e8

    def rate_e8(self, liquidity: int) -> int:
        """The rate of a fill."""
        return self.maker_e8 if liquidity == _MAKER else self.taker_e8

    def of(self, price: int, lots: int, rate_e8: int) -> int:
        """`spec.fees.ordinary_fee` of a fill at a rate: the amount, rounded once, up."""
        value = self.unit
        value *= lots
        if not self.from_base:
            value *= price
        amount = -(-value * rate_e8 // _FEE_SCALE)
        return min(amount, value) if self.capped else amount


class FeeDesk:
    """Sums of all accounts of one venue.

    `plain_fees`: of every instrument, what a sell costs and then what a buy costs, where all are
    `plain`. `traded`: by (account, quote asset), what its fills were worth. `held`: by (account,
    asset), units of what fees may be taken in.
    """

    __slots__ = ("held", "instruments", "plain", "plain_fees", "traded")

    instruments: tuple[Instrument, ...]
    plain: bool
    plain_fees: list[PlainFee]
    traded: dict[tuple[int, int], int]
    held: dict[tuple[int, int], int]

    def __init__(
        self,
        instruments: tuple[Instrument, ...],
        balances: Iterable[tuple[int, int, int]] = (),
    ) -> None:
        """`balances`: (account, asset, amount) at the start, as Configuration has them."""
        self.instruments = instruments
        # Tiers go by the quote asset: what is traded of one instrument counts for all of them.
        self.plain = all(each.fees == PLAIN_FEES for each in instruments)
        self.plain_fees = [
            PlainFee(each, side) for each in instruments for side in (Side.SELL, Side.BUY)
        ]
        self.traded = {}
        self.held = {}
        wanted = {each.fees.discount_asset for each in instruments}
        for account, asset, amount in balances:
            if asset in wanted:
                self.held[account, asset] = self.held.get((account, asset), 0) + amount

    def charged(
        self,
        number: int,
        account: int,
        side: int,
        price: int,
        lots: int,
        liquidity: int,
    ) -> tuple[int, int]:
        """(asset, amount) this fill of instrument `number` costs; it is counted from now on."""
        if self.plain:
            fee = self.plain_fees[2 * number + (side + 1) // 2]
            rate_e8 = fee.rate_e8(liquidity)
            try:
                return fee.asset, fee.of(price, lots, rate_e8)
            except OverflowError:
                # What is too long for a C integer is none for Python's.
                return ordinary_fee(self.instruments[number], side, price, lots, rate_e8)
        instrument = self.instruments[number]
        key = (account, instrument.quote)
        traded = self.traded.get(key, 0)
        purse = (account, instrument.fees.discount_asset)
        held = self.held.get(purse, 0)
        asset, amount = charge(instrument, side, price, lots, liquidity, traded, held)
        self.traded[key] = traded_after(instrument, traded, price, lots)
        if asset == instrument.fees.discount_asset:
            self.held[purse] = held - amount
        return asset, amount
