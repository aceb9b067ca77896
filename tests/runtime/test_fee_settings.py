"""Fee settings become exact schedules, or are refused; a run shows what was paid in which asset."""

from pathlib import Path
from typing import Any

import pytest

from tests.runtime import worlds
from tests.runtime.test_settings import NOTHING, file_of
from tickproof.runtime.backtest import configuration_of, run_backtest
from tickproof.runtime.errors import InputError
from tickproof.runtime.fee_settings import fee_schedules
from tickproof.runtime.loading import load_strategy
from tickproof.runtime.settings import (
    FeeDiscountSettings,
    FeeTierSettings,
    Settings,
    from_table,
    settings_of,
    to_table,
)
from tickproof.spec.fees import is_sound
from tickproof.spec.instrument import PLAIN_FEES, FeeSchedule, FeeTier

TEXT = """
maker_fee = "0.0002"
taker_fee = "0.0005"
fee_per_contract = "0.85"

[[fee_tier]]
traded = "1000"
maker = "0.0001"
taker = "0.0004"

[[fee_tier]]
traded = "5000"
maker = "-0.0001"
taker = "0.0003"

[fee_discount]
asset = "BNB"
price = "600.5"
discount = "0.25"
balance = "1"
"""


def test_a_file_becomes_a_schedule(tmp_path: Path) -> None:
    settings = settings_of({}, file_of(tmp_path, TEXT), NOTHING)
    assert from_table(Settings(), to_table(settings)) == settings
    market = worlds.market(5)
    assets, (schedule,) = fee_schedules(settings, market)
    assert [each.name for each in assets] == ["DEMO", "USD", "BNB"]
    # Eight decimals of USD, two of quantity: 0.85 a unit is 850,000 units a lot.
    tiers = (FeeTier(10**11, 10_000, 40_000), FeeTier(5 * 10**11, -10_000, 30_000))
    assert schedule == FeeSchedule(tiers, 850_000, 2, 25_000_000, 2, 1201)
    loaded = load_strategy("quoter", {})
    configuration = configuration_of(settings, market, (loaded,))
    assert is_sound(configuration.instruments[0])
    assert configuration.initial_balances[-1] == (0, 2, 10**8)


def test_nothing_said_is_the_plain_schedule() -> None:
    assert fee_schedules(Settings(), worlds.market(5))[1] == (PLAIN_FEES,)


def test_fees_in_another_asset_are_conserved_and_shown() -> None:
    """The money of a run adds up, and a discount that runs out leaves the ordinary fee."""
    plain = run_backtest(worlds.market(600), maker_fee="0.0002", taker_fee="0.0004")
    balance = "1"
    mine = FeeDiscountSettings("BNB", "600.5", "0.25", balance)
    result = run_backtest(
        worlds.market(600), maker_fee="0.0002", taker_fee="0.0004", fee_discount=mine
    )
    summary = result.summary
    assert [row[:9] for row in result.fill_rows] == [row[:9] for row in plain.fill_rows]
    assert summary["discount_asset"] == "BNB"
    paid = sum(row[10] for row in result.fill_rows if row[11] == 2)
    assert paid > 0
    assert summary["discount_fees"] == f"0.{paid:08d}"
    assert summary["discount_left"] == f"0.{10**8 - paid:08d}"
    # Three quarters of the ordinary fee, at the declared price.
    assert 0 <= float(summary["fees"]) - 0.75 * float(plain.summary["fees"]) < 1e-5
    assert float(summary["equity"]) > float(plain.summary["equity"])
    none_left = run_backtest(
        worlds.market(600),
        maker_fee="0.0002",
        taker_fee="0.0004",
        fee_discount=FeeDiscountSettings("BNB", "600.5", "0.25", "0"),
    )
    assert none_left.summary["fees"] == plain.summary["fees"]
    assert none_left.summary["discount_fees"] == "0.00000000"


def test_tiers_are_reached_in_a_run() -> None:
    market = worlds.market(600)
    tiers = (FeeTierSettings("1001", "0", "0"),)
    plain = run_backtest(market, maker_fee="0.0002")
    tiered = run_backtest(market, maker_fee="0.0002", fee_tier=tiers)
    fees = [row[10] for row in plain.fill_rows]
    assert len(fees) > 1
    traded, expected = 0, []
    for row, fee in zip(plain.fill_rows, fees, strict=True):
        expected.append(0 if traded >= 1001 * 10**8 else fee)
        traded += row[8] * row[9] * market.instruments[0].money_per_price_lot
    assert [row[10] for row in tiered.fill_rows] == expected


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('fee_per_contract = "-1"', "fee_per_contract: expected a decimal number"),
        ('[[fee_tier]]\ntraded = "5"', "fee_tier: expected all required keys"),
        (
            '[[fee_tier]]\ntraded = "0"\nmaker = "0"\ntaker = "0"',
            "fee_tier.traded: expected more than 0",
        ),
        (
            '[[fee_tier]]\ntraded = "1"\nmaker = "2"\ntaker = "0"',
            "fee_tier.maker: expected a fraction",
        ),
        ('[fee_discount]\nprice = "5"', "fee_discount.asset: expected the asset"),
        ('[fee_discount]\nasset = "BNB"\nprice = "0"', "fee_discount.price: expected above 0"),
        (
            '[fee_discount]\nasset = "BNB"\ndiscount = "1.5"',
            "fee_discount.discount: expected a fraction",
        ),
        ('[fee_discount]\nasset = "BNB"\nbalance = "x"', "fee_discount.balance: expected a whole"),
    ],
)
def test_what_means_nothing_is_refused(tmp_path: Path, text: str, message: str) -> None:
    with pytest.raises(InputError) as caught:
        settings_of({}, file_of(tmp_path, text), NOTHING)
    assert message in str(caught.value)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"fee_discount": FeeDiscountSettings("USD", "1")}, "not traded in the run"),
        ({"fee_per_contract": "0.0000001"}, "a whole number of units"),
        ({"fee_per_contract": "1", "fee_asset": "received"}, "0 where fees are taken from"),
    ],
)
def test_what_the_instruments_do_not_allow_is_refused(
    changes: dict[str, Any], message: str
) -> None:
    with pytest.raises(InputError, match=message):
        run_backtest(worlds.market(5), Settings(), **changes)
