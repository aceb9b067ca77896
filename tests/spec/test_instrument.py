"""Money is exact where it can be and rounded once, against the account, where it cannot."""

from hypothesis import given
from hypothesis import strategies as st

from tickproof.spec.instrument import (
    FEE_SCALE,
    PRICE_LIMIT,
    QUANTITY_LIMIT,
    Instrument,
    InstrumentKind,
    ceiling_ratio,
    fee,
    notional,
)

amounts = st.integers(0, PRICE_LIMIT * QUANTITY_LIMIT)
rates = st.integers(-FEE_SCALE, FEE_SCALE)
INSTRUMENT = Instrument(0, "BTCUSDT", 0, InstrumentKind.SPOT, 1, 0, 2, 5, 10, 1000)


@given(st.integers(), st.integers(), st.integers(1))
def test_ceiling_ratio_is_the_least_integer_not_below(amount: int, rate: int, scale: int) -> None:
    rounded = ceiling_ratio(amount, rate, scale)
    assert (rounded - 1) * scale < amount * rate <= rounded * scale


@given(amounts, rates)
def test_a_fee_is_never_rounded_in_favour_of_the_account(amount: int, rate_e8: int) -> None:
    charged = fee(amount, rate_e8)
    assert 0 <= charged * FEE_SCALE - amount * rate_e8 < FEE_SCALE


def test_a_charge_grows_and_a_rebate_shrinks() -> None:
    assert fee(1, 1) == 1
    assert fee(1, -1) == 0
    assert fee(FEE_SCALE + 1, -1) == -1
    assert fee(123, 0) == 0


@given(st.integers(0, PRICE_LIMIT), st.integers(0, QUANTITY_LIMIT))
def test_notional_is_exact_and_splits(price: int, quantity: int) -> None:
    whole = notional(INSTRUMENT, price, quantity)
    half = quantity // 2
    assert whole == price * quantity * 10
    parts = notional(INSTRUMENT, price, half) + notional(INSTRUMENT, price, quantity - half)
    assert parts == whole
