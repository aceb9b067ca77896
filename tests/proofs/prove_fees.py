"""Proofs over unbounded integers: fees are rounded once, conserve, and are covered by locks [A].

Rates and ratios, which Z3 cannot multiply by symbolic amounts, are fixed per proof; prices,
quantities, what was traded and what is held are unbounded.
"""

from attrs import evolve

from tests.proofs.gate import Proof, named
from tickproof.kernel import ledger as flat
from tickproof.spec import fees
from tickproof.spec import ledger as spec
from tickproof.spec.instrument import (
    FEE_SCALE,
    FeeSchedule,
    FeeTier,
    Instrument,
    InstrumentKind,
    notional,
)
from tickproof.spec.ledger import HOUSE, Balance, Ledger, Position, PositionBucket

BASE, QUOTE, OTHER = 0, 1, 2
TIERS = (FeeTier(1_000, -7_500, 54_321), FeeTier(70_000, 100_001, 12_345))
SCHEDULES = (
    FeeSchedule(TIERS),
    FeeSchedule(per_lot=5),
    FeeSchedule((), 5, OTHER, 25_000_000, 10, 6_005),
)
SPOT = Instrument(
    0, "S", 0, InstrumentKind.SPOT, BASE, QUOTE, 0, 0, 3, 7,
    maker_fee_e8=-10_000, taker_fee_e8=60_000,
)  # fmt: skip
LINEAR = evolve(SPOT, kind=InstrumentKind.LINEAR)
KINDS = {"spot": SPOT, "linear": LINEAR}
RATIOS = ((0, 1, 1), (25_000_000, 10, 6_005), (100_000_000, 3, 7), (1, 12_345, 1))
"""Discount in parts of FEE_SCALE, units of the discount asset, units of quote."""


def sums(ledger: Ledger) -> tuple[int, ...]:
    return tuple(spec.sum_of(ledger, asset) for asset in (BASE, QUOTE, OTHER))


def third_asset_conserves(kind: str, side: int) -> Proof:
    def proof(base: int, quote: int, other: int, price: int, quantity: int, paid: int) -> bool:
        """
        pre: price >= 0 and quantity > 0
        post: _
        """
        ledger = Ledger(
            {(0, BASE): Balance(base), (0, QUOTE): Balance(quote), (0, OTHER): Balance(other)},
            {(0, 0, PositionBucket.NET): Position()},
        )
        posted = spec.post_fill(ledger, KINDS[kind], 0, side, price, quantity, paid, OTHER)
        after = posted.ledger
        return (
            sums(after) == (base, quote, other)
            and spec.balance_of(after, 0, OTHER).total == other - paid
            and spec.balance_of(after, HOUSE, OTHER).total == paid
        )

    return named(
        f"p_a_fee_in_a_third_asset_conserves_{kind}_{'sell' if side < 0 else 'buy'}", proof
    )


def lock_covers(kind: str, number: int, side: int) -> Proof:
    instrument = evolve(KINDS[kind], fees=SCHEDULES[number], initial_margin_e8=0)

    def proof(limit: int, price: int, quantity: int, traded: int) -> bool:
        """
        pre: 0 <= price <= limit and quantity > 0 and traded >= 0
        post: _
        """
        locked = fees.lock_per_lot(instrument, side, limit) * quantity
        for role in (0, 1):
            rate_e8 = fees.rate_of(instrument, role, traded)
            paid = fees.ordinary_fee(instrument, side, price, quantity, rate_e8)[1]
            proceeds = notional(instrument, price, quantity) if kind == "spot" and side < 0 else 0
            if paid > locked + proceeds:
                return False
        return True

    named_side = "sell" if side < 0 else "buy"
    return named(f"p_a_lock_covers_every_tier_{kind}_{named_side}_{number}", proof)


def discount_rounds_once(number: int) -> Proof:
    discount_e8, units, quote_units = RATIOS[number]
    schedule = FeeSchedule((), 5, OTHER, discount_e8, units, quote_units)
    instrument = evolve(SPOT, fees=schedule)

    def proof(price: int, quantity: int) -> bool:
        """
        pre: price >= 0 and quantity > 0
        post: _
        """
        charged = fees.discounted_fee(instrument, price, quantity, 60_000)
        exact = (price * quantity * 3 * 60_000 + 5 * quantity * FEE_SCALE) * (
            (FEE_SCALE - discount_e8) * units
        )
        whole = FEE_SCALE * FEE_SCALE * quote_units
        return charged * whole >= exact > (charged - 1) * whole

    return named(f"p_a_discounted_fee_is_rounded_up_once_{number}", proof)


def flat_lock(kind: str, number: int, side: int) -> Proof:
    instrument = evolve(KINDS[kind], fees=SCHEDULES[number])

    def proof(asked_before: int, price: int) -> bool:
        """
        pre: asked_before >= 0 and price >= 0
        post: _
        """
        # The ledger keeps what the last price asked for locks.
        kernel = flat.KernelLedger(1, 3, (instrument,))
        kernel.lock_per_lot(0, side, asked_before)
        return kernel.lock_per_lot(0, side, price) == spec.lock_per_lot(instrument, side, price)[1]

    named_side = "sell" if side < 0 else "buy"
    return named(f"p_the_flat_lock_is_the_specified_{kind}_{named_side}_{number}", proof)


def p_the_tier_is_the_last_one_reached(traded: int) -> bool:
    """
    pre: traded >= 0
    post: _
    """
    found = fees.tier_of(evolve(SPOT, fees=SCHEDULES[0]), traded)
    if traded < 1_000:
        return (found.maker_fee_e8, found.taker_fee_e8) == (-10_000, 60_000)
    return found == TIERS[1 if traded >= 70_000 else 0]


def p_a_discount_is_taken_from_what_is_held(discounted: int, held: int) -> bool:
    """
    post: _
    """
    taken = fees.takes_discount(discounted, held)
    return taken == (discounted > 0 and held - discounted >= 0)


def p_a_rebate_stays_in_its_own_asset(price: int, quantity: int, held: int) -> bool:
    """
    pre: price >= 0 and quantity > 0 and held >= 0
    post: _
    """
    schedule = FeeSchedule((), 0, OTHER, 25_000_000, 10, 6_005)
    asset, amount = fees.charge(evolve(SPOT, fees=schedule), 1, price, quantity, 1, 0, held)
    return asset == QUOTE and amount <= 0


def p_a_plain_schedule_is_the_two_rates(price: int, quantity: int, traded: int, held: int) -> bool:
    """
    pre: price >= 0 and quantity > 0
    post: _
    """
    found = fees.charge(LINEAR, -1, price, quantity, 2, traded, held)
    return found == (QUOTE, -(-(price * quantity * 3) * 60_000 // FEE_SCALE))


def p_a_charge_is_the_discount_where_it_is_held_else_the_ordinary_fee(
    price: int, quantity: int, held: int
) -> bool:
    """
    pre: price >= 0 and quantity > 0
    post: _
    """
    instrument = evolve(LINEAR, fees=FeeSchedule((), 5, OTHER, 25_000_000, 10, 6_005))
    discounted = fees.discounted_fee(instrument, price, quantity, 60_000)
    expected = fees.ordinary_fee(instrument, 1, price, quantity, 60_000)
    if 0 < discounted <= held:
        expected = (OTHER, discounted)
    return fees.charge(instrument, 1, price, quantity, 2, 0, held) == expected


def canary_parts_are_rounded_apart(price: int, quantity: int) -> bool:
    """
    pre: price >= 0 and quantity > 0
    post: _
    """
    # Planted: fee and discount are rounded one after the other.
    instrument = evolve(SPOT, fees=FeeSchedule((), 0, OTHER, 25_000_000, 10, 6_005))
    ordinary = fees.ordinary_fee(instrument, 1, price, quantity, 60_000)[1]
    let_off = -(-ordinary * 75_000_000 // FEE_SCALE)
    return -(-let_off * 10 // 6_005) == fees.discounted_fee(instrument, price, quantity, 60_000)


def canary_the_lock_knows_the_first_rates_only(price: int, quantity: int, traded: int) -> bool:
    """
    pre: price >= 0 and quantity > 0 and traded >= 0
    post: _
    """
    instrument = evolve(LINEAR, fees=FeeSchedule(TIERS))
    locked = fees.lock_per_lot(LINEAR, 1, price) * quantity
    return fees.charge(instrument, 1, price, quantity, 1, traded)[1] <= locked


def canary_a_sell_is_not_held_to_its_proceeds(price: int, quantity: int) -> bool:
    """
    pre: price >= 0 and quantity > 0
    post: _
    """
    paid = -(-(price * quantity * 3) * 60_000 // FEE_SCALE) + 5 * quantity
    return paid <= price * quantity * 3


_PROOFS = (
    *(third_asset_conserves(kind, side) for kind in KINDS for side in (1, -1)),
    *(lock_covers(kind, n, side) for kind in KINDS for n in range(3) for side in (1, -1)),
    *(discount_rounds_once(number) for number in range(len(RATIOS))),
    *(flat_lock(kind, n, side) for kind in KINDS for n in range(3) for side in (1, -1)),
)
globals().update({proof.__name__: proof for proof in _PROOFS})

PROOFS = (
    *(proof.__name__ for proof in _PROOFS),
    "p_the_tier_is_the_last_one_reached",
    "p_a_discount_is_taken_from_what_is_held",
    "p_a_rebate_stays_in_its_own_asset",
    "p_a_plain_schedule_is_the_two_rates",
    "p_a_charge_is_the_discount_where_it_is_held_else_the_ordinary_fee",
)
CANARIES = (
    "canary_parts_are_rounded_apart",
    "canary_the_lock_knows_the_first_rates_only",
    "canary_a_sell_is_not_held_to_its_proceeds",
)
