"""Fees: one rounding, the tier at the fill, a discount only where there is enough of its asset."""

from fractions import Fraction

import pytest
from attrs import evolve
from hypothesis import given
from hypothesis import strategies as st

from tickproof.kernel.ledger import KernelLedger
from tickproof.spec import fees, ledger
from tickproof.spec.events import Liquidity
from tickproof.spec.instrument import (
    FEE_SCALE,
    NO_ASSET,
    PLAIN_FEES,
    FeeAsset,
    FeeSchedule,
    FeeTier,
    Instrument,
    notional,
)

BASE, QUOTE, OTHER = 0, 1, 2
SPOT = Instrument(0, "S", 0, 0, BASE, QUOTE, 0, 0, 3, 7, maker_fee_e8=-10_000, taker_fee_e8=60_000)
TIERS = (FeeTier(1_000, 20_000, 50_000), FeeTier(9_000, -5_000, 40_000))
DISCOUNTED = FeeSchedule(TIERS, 2, OTHER, 25_000_000, 10, 6_005)

rates = st.integers(-FEE_SCALE, FEE_SCALE)


@st.composite
def instruments(draw: st.DrawFn) -> Instrument:
    """Any sound instrument with any schedule."""
    starts = sorted(draw(st.sets(st.integers(1, 10**6), max_size=3)))
    schedule = FeeSchedule(
        tuple(FeeTier(start, draw(rates), draw(rates)) for start in starts),
        draw(st.integers(0, 50)),
        draw(st.sampled_from((NO_ASSET, OTHER))),
        draw(st.integers(0, FEE_SCALE)),
        draw(st.integers(1, 100)),
        draw(st.integers(1, 100)),
    )
    return evolve(
        SPOT,
        kind=draw(st.sampled_from((0, 1))),
        fee_asset=draw(st.sampled_from((FeeAsset.QUOTE, FeeAsset.RECEIVED))),
        maker_fee_e8=draw(rates),
        taker_fee_e8=draw(rates),
        fees=schedule,
    )


fills = st.tuples(
    st.sampled_from((1, -1)),
    st.integers(0, 10**6),
    st.integers(1, 10**6),
    st.sampled_from((Liquidity.MAKER, Liquidity.TAKER)),
)


@given(instruments(), fills, st.integers(0, 2 * 10**6), st.integers(0, 10**12))
def test_a_fee_is_the_exact_ratio_rounded_up_once(
    instrument: Instrument, fill: tuple[int, int, int, int], traded: int, held: int
) -> None:
    """Whatever it is made of, what is charged is less than one unit above what it should be."""
    assert fees.is_sound(instrument)
    side, price, quantity, liquidity = fill
    asset, paid = fees.charge(instrument, side, price, quantity, liquidity, traded, held)
    rate = Fraction(fees.rate_of(instrument, fees.role_of(liquidity), traded), FEE_SCALE)
    value = notional(instrument, price, quantity)
    schedule = instrument.fees
    in_quote = value * rate + schedule.per_lot * quantity
    if asset == OTHER:
        let_off = 1 - Fraction(schedule.discount_e8, FEE_SCALE)
        exact = in_quote * let_off * schedule.discount_units / schedule.quote_units
        assert 0 < paid <= held
    elif asset == BASE:
        exact = quantity * instrument.base_per_lot * rate
    else:
        exact = min(in_quote, Fraction(value)) if side < 0 and instrument.kind == 0 else in_quote
    assert 0 <= paid - exact < 1


@given(instruments(), fills, st.integers(0, 2 * 10**6), st.integers(0, 50), st.integers(0, 10**12))
def test_a_lock_covers_the_worst_fee(
    instrument: Instrument,
    fill: tuple[int, int, int, int],
    traded: int,
    better: int,
    held: int,
) -> None:
    """Whatever tier is reached by then, and whether the discount asset lasts or not [A4]."""
    side, limit, quantity, liquidity = fill
    price = limit + better if side < 0 else max(limit - better, 0)
    asset, paid = fees.charge(instrument, side, price, quantity, liquidity, traded, held)
    proceeds = (
        notional(instrument, price, quantity) if fees.is_from_proceeds(instrument, side) else 0
    )
    if asset == QUOTE:
        locked_at = ledger.locking_price(instrument, side, limit, price)
        assert paid <= fees.lock_per_lot(instrument, side, locked_at) * quantity + proceeds
    elif asset == BASE:
        assert paid <= quantity * instrument.base_per_lot


@given(instruments(), st.sampled_from((1, -1)), st.integers(0, 10**6))
def test_the_kernel_locks_what_is_specified(instrument: Instrument, side: int, price: int) -> None:
    kernel = KernelLedger(1, 3, (instrument,))
    expected = ledger.lock_per_lot(instrument, side, price)
    assert (kernel.lock_asset(0, side), kernel.lock_per_lot(0, side, price)) == expected


@pytest.mark.parametrize(
    ("traded", "maker", "taker"),
    [
        (0, -10_000, 60_000),
        (999, -10_000, 60_000),
        (1_000, 20_000, 50_000),
        (9_000, -5_000, 40_000),
    ],
)
def test_a_tier_holds_from_its_threshold_on(traded: int, maker: int, taker: int) -> None:
    found = fees.tier_of(evolve(SPOT, fees=FeeSchedule(TIERS)), traded)
    reached = max((tier.traded for tier in TIERS if tier.traded <= traded), default=0)
    assert found == FeeTier(reached, maker, taker)


def test_a_fee_per_lot_stands_beside_the_rate() -> None:
    per_lot = evolve(SPOT, fees=FeeSchedule(per_lot=2))
    assert fees.charge(per_lot, 1, 100, 50, Liquidity.TAKER) == (QUOTE, 9 + 100)
    # A sell never costs more than it brings in.
    assert fees.charge(per_lot, -1, 0, 50, Liquidity.TAKER) == (QUOTE, 0)
    received = evolve(per_lot, fee_asset=FeeAsset.RECEIVED)
    assert fees.charge(received, 1, 100, 1_000, Liquidity.TAKER) == (BASE, 5)


def test_a_discount_needs_the_whole_fee_in_its_asset() -> None:
    instrument = evolve(SPOT, fees=DISCOUNTED)
    # (30,000,000 x 0.0006 + 2 x 100,000) x 0.75 x 10 / 6005, rounded up.
    assert fees.charge(instrument, 1, 100, 100_000, Liquidity.TAKER, 0, 273) == (OTHER, 273)
    ordinary = (QUOTE, 18_000 + 200_000)
    assert fees.charge(instrument, 1, 100, 100_000, Liquidity.TAKER, 0, 272) == ordinary
    assert fees.charge(instrument, 1, 100, 100_000, Liquidity.TAKER, 0, 0) == ordinary
    # A rebate stays what it is, and nothing due is nothing due.
    rebate = evolve(SPOT, fees=evolve(DISCOUNTED, per_lot=0))
    assert fees.charge(rebate, 1, 100, 100_000, Liquidity.MAKER, 0, 10**9) == (QUOTE, -3_000)
    free = evolve(SPOT, fees=evolve(DISCOUNTED, discount_e8=FEE_SCALE))
    assert fees.charge(free, 1, 100, 1, Liquidity.TAKER, 0, 10**9) == (QUOTE, 3)


@pytest.mark.parametrize(
    "schedule",
    [
        FeeSchedule((FeeTier(0, 1, 1),)),
        FeeSchedule((FeeTier(5, 1, 1), FeeTier(5, 1, 1))),
        FeeSchedule((FeeTier(5, 1, FEE_SCALE + 1),)),
        FeeSchedule(per_lot=-1),
        FeeSchedule(discount_asset=OTHER, discount_e8=FEE_SCALE + 1),
        FeeSchedule(discount_asset=OTHER, discount_units=0),
        FeeSchedule(discount_asset=OTHER, quote_units=0),
        FeeSchedule(discount_asset=QUOTE),
        FeeSchedule(discount_asset=BASE),
        FeeSchedule(discount_asset=-2),
    ],
)
def test_a_schedule_that_means_nothing_is_not_sound(schedule: FeeSchedule) -> None:
    assert not fees.is_sound(evolve(SPOT, fees=schedule))
    assert fees.is_sound(evolve(SPOT, fees=PLAIN_FEES))
    assert fees.is_sound(evolve(SPOT, fees=DISCOUNTED))


def test_who_is_not_said_to_have_traded_has_not() -> None:
    tiered = evolve(SPOT, fees=FeeSchedule((FeeTier(1, 0, 1_000_000),)))
    fill = (tiered, 1, 1_000, 1_000, Liquidity.TAKER)
    assert fees.charge(*fill) == fees.charge(*fill, 0, 0) != fees.charge(*fill, 1, 0)


@pytest.mark.parametrize(
    ("discounted", "held", "taken"),
    [(-1, 5, False), (0, 0, False), (0, 5, False), (1, 1, True), (2, 1, False), (5, 9, True)],
)
def test_a_discount_is_taken_when_something_is_due_and_there(
    discounted: int, held: int, taken: bool
) -> None:
    assert fees.takes_discount(discounted, held) == taken


def test_who_is_not_said_to_hold_the_discount_asset_holds_none() -> None:
    cheap = evolve(SPOT, fees=evolve(DISCOUNTED, per_lot=0, discount_units=1))
    fill = (cheap, 1, 1, 1, Liquidity.TAKER)
    assert fees.charge(*fill) == fees.charge(*fill, 0, 0) == (QUOTE, 1)
    assert fees.charge(*fill, 0, 1) == (OTHER, 1)


@pytest.mark.parametrize(
    ("maker", "taker", "tiers", "worst"),
    [
        (-3, -5, (), 0),
        (-3, 7, (), 7),
        (9, 7, (), 9),
        (-3, -5, (FeeTier(1, -1, -2),), 0),
        (1, 2, (FeeTier(1, 4, 0), FeeTier(2, 0, 3)), 4),
        (1, 2, (FeeTier(1, 0, 4), FeeTier(2, 3, 0)), 4),
    ],
)
def test_the_worst_rate_is_no_rebate(
    maker: int, taker: int, tiers: tuple[FeeTier, ...], worst: int
) -> None:
    rated = evolve(SPOT, maker_fee_e8=maker, taker_fee_e8=taker, fees=FeeSchedule(tiers))
    assert fees.worst_rate(rated) == worst


@pytest.mark.parametrize(
    ("kind", "fee_asset", "buy", "sell"),
    [
        (0, FeeAsset.QUOTE, 3, 0),
        (0, FeeAsset.RECEIVED, 0, 0),
        (1, FeeAsset.QUOTE, 3, 3),
        (1, FeeAsset.RECEIVED, 3, 3),
    ],
)
def test_what_is_taken_from_what_comes_in_locks_nothing(
    kind: int, fee_asset: FeeAsset, buy: int, sell: int
) -> None:
    """A lot at 100 is worth 300 units, of which 0.06 % is less than one; 2 are due per lot."""
    each = evolve(SPOT, kind=kind, fee_asset=fee_asset, fees=FeeSchedule(per_lot=2))
    assert [fees.lock_per_lot(each, side, 100) for side in (1, -1)] == [buy, sell]
    assert fees.is_from_base(each, 1) == (kind == 0 and fee_asset == FeeAsset.RECEIVED)
    assert fees.is_from_proceeds(each, -1) == (kind == 0)
    assert not fees.is_from_base(each, -1)
    assert not fees.is_from_proceeds(each, 1)


@pytest.mark.parametrize(
    ("schedule", "sound"),
    [
        (FeeSchedule((FeeTier(1, FEE_SCALE, -FEE_SCALE), FeeTier(2, -FEE_SCALE, FEE_SCALE))), True),
        (FeeSchedule((FeeTier(1, -FEE_SCALE - 1, 0),)), False),
        (FeeSchedule((FeeTier(1, 0, -FEE_SCALE - 1),)), False),
        (FeeSchedule((), 0, OTHER, FEE_SCALE, 1, 1), True),
        (FeeSchedule((), 0, OTHER, 0, 1, 1), True),
        (FeeSchedule((), 0, OTHER, -1, 1, 1), False),
        (FeeSchedule((), 0, 0, 0, 1, 1), False),
    ],
)
def test_edges_of_what_a_schedule_may_say(schedule: FeeSchedule, sound: bool) -> None:
    assert fees.is_sound(evolve(SPOT, fees=schedule)) == sound


def test_out_of_what_a_fill_is_charged() -> None:
    """Each case right next to the one it would be with a little more or less."""
    quote = evolve(SPOT, fee_asset=FeeAsset.QUOTE, maker_fee_e8=-FEE_SCALE, taker_fee_e8=FEE_SCALE)
    received = evolve(quote, fee_asset=FeeAsset.RECEIVED)
    free = evolve(quote, maker_fee_e8=0, taker_fee_e8=1)
    lets_off = evolve(quote, fees=FeeSchedule((), 0, 7))
    maker, taker = fees.FeeRole.MAKER, fees.FeeRole.TAKER
    case = fees.FeeCase
    least = notional(quote, 1, 1)
    for instrument, side, role, held, expected in (
        (quote, 1, maker, 0, case.REBATE),
        (quote, 1, taker, 0, case.FROM_QUOTE),
        (quote, -1, taker, 0, case.FROM_PROCEEDS),
        (received, 1, taker, 0, case.FROM_BASE),
        (received, -1, taker, 0, case.FROM_PROCEEDS),
        (free, 1, maker, 0, case.NOTHING_DUE),
        (free, 1, taker, 0, case.FROM_QUOTE),
        (lets_off, 1, taker, least, case.IN_DISCOUNT_ASSET),
        (lets_off, 1, taker, least - 1, case.FROM_QUOTE),
        (lets_off, 1, maker, least, case.REBATE),
    ):
        fill = fees.Charged(instrument, side, 1, 1, 0, held)
        assert fees.fee_case(fill, role) == expected
