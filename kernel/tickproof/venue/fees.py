"""What a venue has to remember to charge fees: who traded how much, and holds what of a discount.

Decides nothing; `tickproof.spec.fees` does, from these sums. Instruments whose fees are two rates
and nothing else cost one look here. The venue counts what it charges itself; a discount asset is
never an asset of an instrument, so that nothing else moves an account's holding of it.
"""

from __future__ import annotations

from collections.abc import Iterable

from tickproof.spec.events import Liquidity
from tickproof.spec.fees import charge, ordinary_fee, traded_after
from tickproof.spec.instrument import PLAIN_FEES, Instrument

_MAKER = int(Liquidity.MAKER)


class FeeDesk:
    """Sums of all accounts of one venue.

    `traded`: by (account, quote asset), what its fills were worth. `held`: by (account, asset),
    units of what fees may be taken in.
    """

    __slots__ = ("held", "plain", "traded")

    plain: bool
    traded: dict[tuple[int, int], int]
    held: dict[tuple[int, int], int]

    def __init__(
        self,
        instruments: tuple[Instrument, ...],
        balances: Iterable[tuple[int, int, int]] = (),
    ) -> None:
        """`balances`: (account, asset, amount) at the start, as Configuration has them."""
        # Tiers go by the quote asset: what is traded of one instrument counts for all of them.
        self.plain = all(each.fees == PLAIN_FEES for each in instruments)
        self.traded = {}
        self.held = {}
        wanted = {each.fees.discount_asset for each in instruments}
        for account, asset, amount in balances:
            if asset in wanted:
                self.held[account, asset] = self.held.get((account, asset), 0) + amount

    def charged(
        self,
        instrument: Instrument,
        account: int,
        side: int,
        price: int,
        lots: int,
        liquidity: int,
    ) -> tuple[int, int]:
        """(asset, amount) this fill costs; it is counted from now on."""
        if self.plain:
            rate_e8 = instrument.taker_fee_e8
            if liquidity == _MAKER:
                rate_e8 = instrument.maker_fee_e8
            return ordinary_fee(instrument, side, price, lots, rate_e8)
        key = (account, instrument.quote)
        traded = self.traded.get(key, 0)
        purse = (account, instrument.fees.discount_asset)
        held = self.held.get(purse, 0)
        asset, amount = charge(instrument, side, price, lots, liquidity, traded, held)
        self.traded[key] = traded_after(instrument, traded, price, lots)
        if asset == instrument.fees.discount_asset:
            self.held[purse] = held - amount
        return asset, amount
