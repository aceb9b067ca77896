"""The ledger conserves every asset, prices positions exactly, and locks enough.

`LedgerContract` is what any ledger must do; the kernel's runs it too. `SpecLedger` gives the
spec's pure functions the kernel's shape: methods on an object, postings appended to a list.
"""

from collections.abc import Callable
from typing import Any, Protocol

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tickproof.spec import ledger as spec
from tickproof.spec.events import Liquidity, Side
from tickproof.spec.instrument import FEE_SCALE, FeeAsset, Instrument, InstrumentKind, fee, notional
from tickproof.spec.ledger import (
    DIFFERENCE,
    EXTERNAL,
    HOUSE,
    VENUE,
    Balance,
    Ledger,
    Lock,
    Position,
    PositionBucket,
    Posted,
    Posting,
    PostingReason,
)

BTC, USD, ETH = 0, 1, 2
ACCOUNTS, ASSETS = 2, 3

SPOT = Instrument(
    0, "BTCUSD", 0, InstrumentKind.SPOT, BTC, USD, 2, 5, 3, 7,
    maker_fee_e8=100_000, taker_fee_e8=250_000,
)  # fmt: skip
LINEAR = Instrument(
    1, "BTCUSD-PERP", 0, InstrumentKind.LINEAR, BTC, USD, 1, 3, 5, 11,
    maker_fee_e8=-10_000, taker_fee_e8=40_000, initial_margin_e8=20_000_000,
)  # fmt: skip
RECEIVED = Instrument(
    2, "ETHUSD", 0, InstrumentKind.SPOT, ETH, USD, 2, 4, 2, 13,
    maker_fee_e8=100_000, taker_fee_e8=300_000, fee_asset=FeeAsset.RECEIVED,
)  # fmt: skip
INSTRUMENTS = (SPOT, LINEAR, RECEIVED)

BUY, SELL = int(Side.BUY), int(Side.SELL)

Operation = tuple[Any, ...]


class AnyLedger(Protocol):
    """What a ledger under test offers."""

    overdrawn: int

    @property
    def post_fill(self) -> Callable[..., int]: ...

    @property
    def reverse_fill(self) -> Callable[..., int]: ...

    @property
    def settle(self) -> Callable[..., int]: ...

    @property
    def liquidate(self) -> Callable[..., int]: ...

    @property
    def transfer(self) -> Callable[..., None]: ...

    @property
    def reconcile_balance(self) -> Callable[..., None]: ...

    @property
    def pay_funding(self) -> Callable[..., None]: ...

    @property
    def adjust_fee(self) -> Callable[..., None]: ...

    @property
    def set_locked(self) -> Callable[..., None]: ...

    @property
    def lock_for(self) -> Callable[..., int]: ...

    @property
    def to_spec(self) -> Callable[..., Ledger]: ...


class SpecLedger:
    """The spec's functions behind the kernel's methods."""

    def __init__(self) -> None:
        self.ledger = Ledger()
        self.overdrawn = 0

    def _take(self, records: list[int], posted: Posted) -> int:
        self.ledger = posted.ledger
        self.overdrawn = posted.overdrawn
        for p in posted.postings:
            records.extend((p.asset, p.holder_from, p.holder_to, p.amount, int(p.reason)))
        return posted.realised

    def post_fill(self, records: list[int], instrument: int, *fill: int) -> int:
        return self._take(records, spec.post_fill(self.ledger, INSTRUMENTS[instrument], *fill))

    def reverse_fill(self, records: list[int], instrument: int, *fill: int) -> int:
        return self._take(records, spec.reverse_fill(self.ledger, INSTRUMENTS[instrument], *fill))

    def settle(self, records: list[int], instrument: int, *arguments: int) -> int:
        return self._take(records, spec.settle(self.ledger, INSTRUMENTS[instrument], *arguments))

    def liquidate(self, records: list[int], instrument: int, *arguments: int) -> int:
        return self._take(records, spec.liquidate(self.ledger, INSTRUMENTS[instrument], *arguments))

    def transfer(self, records: list[int], account: int, asset: int, amount: int) -> None:
        self._take(records, spec.transfer(self.ledger, account, asset, amount))

    def reconcile_balance(self, records: list[int], account: int, asset: int, total: int) -> None:
        self._take(records, spec.reconcile_balance(self.ledger, account, asset, total))

    def pay_funding(self, records: list[int], account: int, asset: int, amount: int) -> None:
        self._take(records, spec.pay_funding(self.ledger, account, asset, amount))

    def adjust_fee(self, records: list[int], account: int, asset: int, amount: int) -> None:
        self._take(records, spec.adjust_fee(self.ledger, account, asset, amount))

    def set_locked(self, account: int, asset: int, amount: int) -> None:
        self._take([], spec.set_locked(self.ledger, account, asset, amount))

    def lock_for(
        self, instrument: int, side: int, price: int, quantity: int, executed: int = 0
    ) -> int:
        return spec.lock_for(INSTRUMENTS[instrument], side, price, quantity, executed)[1]

    def to_spec(self) -> Ledger:
        return spec.canonical(self.ledger)


# --- generators ----------------------------------------------------------------------------------

accounts = st.integers(0, ACCOUNTS - 1)
assets = st.integers(0, ASSETS - 1)
instruments = st.integers(0, len(INSTRUMENTS) - 1)
sides = st.sampled_from([BUY, SELL])
prices = st.integers(0, 40)
quantities = st.integers(1, 12)
fees = st.integers(-5, 20)
buckets = st.integers(0, 2)
amounts = st.integers(-500, 500)

fills = st.tuples(instruments, accounts, sides, prices, quantities, fees, assets, buckets)
operations: st.SearchStrategy[list[Operation]] = st.lists(
    st.one_of(
        st.tuples(st.just("post_fill"), fills),
        st.tuples(st.just("post_fill"), fills),
        st.tuples(st.just("reverse"), st.tuples(st.integers(0, 30))),
        st.tuples(st.just("settle"), st.tuples(instruments, accounts, prices, buckets)),
        st.tuples(
            st.just("liquidate"),
            st.tuples(instruments, accounts, prices, st.integers(-9, 9), fees, assets, buckets),
        ),
        st.tuples(st.just("transfer"), st.tuples(accounts, assets, amounts)),
        st.tuples(st.just("reconcile_balance"), st.tuples(accounts, assets, amounts)),
        st.tuples(st.just("pay_funding"), st.tuples(accounts, assets, amounts)),
        st.tuples(st.just("adjust_fee"), st.tuples(accounts, assets, amounts)),
        st.tuples(st.just("set_locked"), st.tuples(accounts, assets, st.integers(0, 500))),
    ),
    max_size=25,
)


class Driver:
    """Applies operations to a ledger; a reversal takes back one of the fills still booked."""

    def __init__(self, ledger: AnyLedger) -> None:
        self.ledger = ledger
        self.records: list[int] = []
        self.booked: list[tuple[tuple[int, ...], int]] = []

    def apply(self, operation: Operation) -> int:
        name, arguments = operation
        if name == "post_fill":
            realised = self.ledger.post_fill(self.records, *arguments)
            self.booked.append((arguments, realised))
            return realised
        if name == "reverse":
            return self.reverse(arguments[0])
        if name == "set_locked":
            self.ledger.set_locked(*arguments)
            return 0
        result = getattr(self.ledger, name)(self.records, *arguments)
        return 0 if result is None else int(result)

    def reverse(self, index: int) -> int:
        if not self.booked:
            return 0
        fill, realised = self.booked.pop(index % len(self.booked))
        return self.ledger.reverse_fill(self.records, *fill[:7], realised, fill[7])


# --- the contract --------------------------------------------------------------------------------


class LedgerContract:
    """What every ledger does."""

    @pytest.fixture
    def make(self) -> Callable[[], AnyLedger]:
        raise NotImplementedError

    def test_a2_sums_are_transfers_and_positions_sound_after_every_operation(
        self, make: Callable[[], AnyLedger]
    ) -> None:
        @given(operations)
        def check(todo: list[Operation]) -> None:
            driver = Driver(make())
            for operation in todo:
                driver.apply(operation)
                assert spec.inv(driver.ledger.to_spec())

        check()

    def test_a2_replaying_the_postings_gives_the_totals(
        self, make: Callable[[], AnyLedger]
    ) -> None:
        @given(operations)
        def check(todo: list[Operation]) -> None:
            driver = Driver(make())
            for operation in todo:
                driver.apply(operation)
            totals: dict[tuple[int, int], int] = {}
            for i in range(0, len(driver.records), 5):
                asset, giver, taker, amount, _ = driver.records[i : i + 5]
                assert amount > 0
                totals[(giver, asset)] = totals.get((giver, asset), 0) - amount
                totals[(taker, asset)] = totals.get((taker, asset), 0) + amount
            ledger = driver.ledger.to_spec()
            for (holder, asset), total in totals.items():
                if holder == EXTERNAL:
                    assert ledger.transferred.get(asset, 0) == -total
                else:
                    assert spec.balance_of(ledger, holder, asset).total == total

        check()

    def test_a6_reversing_every_fill_in_any_order_leaves_nothing(
        self, make: Callable[[], AnyLedger]
    ) -> None:
        @given(st.lists(fills, max_size=12), st.lists(st.integers(0, 30), max_size=12))
        def check(booked: list[tuple[int, ...]], order: list[int]) -> None:
            driver = Driver(make())
            for fill in booked:
                driver.apply(("post_fill", fill))
            for index in order + [0] * len(booked):
                driver.reverse(index)
                for position in driver.ledger.to_spec().positions.values():
                    assert spec.inv_position(position)
            after = driver.ledger.to_spec()
            assert after == Ledger()

        check()

    def test_a6_fill_then_reverse_is_identity(self, make: Callable[[], AnyLedger]) -> None:
        @given(operations, fills)
        def check(todo: list[Operation], fill: tuple[int, ...]) -> None:
            driver = Driver(make())
            for operation in todo:
                driver.apply(operation)
            before = driver.ledger.to_spec()
            driver.apply(("post_fill", fill))
            driver.reverse(-1)
            assert driver.ledger.to_spec() == before

        check()

    def test_a5_realised_less_cost_is_the_flow_of_the_effective_fills(
        self, make: Callable[[], AnyLedger]
    ) -> None:
        @given(st.lists(fills, max_size=12), st.lists(st.integers(0, 30), max_size=6))
        def check(booked: list[tuple[int, ...]], voided: list[int]) -> None:
            driver = Driver(make())
            for fill in booked:
                driver.apply(("post_fill", fill))
            for index in voided:
                driver.reverse(index)
            flows: dict[tuple[int, int, int], tuple[int, int]] = {}
            for (number, account, side, price, quantity, *_, bucket), _ in driver.booked:
                key = (account, number, bucket)
                held, flow = flows.get(key, (0, 0))
                value = notional(INSTRUMENTS[number], price, quantity)
                flows[key] = (held + side * quantity, flow - side * value)
            ledger = driver.ledger.to_spec()
            for key, (held, flow) in flows.items():
                position = spec.position_of(ledger, *key)
                assert position.quantity == held
                assert position.realised - position.cost == flow

        check()

    def test_pd01_partial_fills_reach_position_balances_and_fees(
        self, make: Callable[[], AnyLedger]
    ) -> None:
        ledger, records = make(), list[int]()
        ledger.transfer(records, 0, USD, 10_000)
        for quantity, paid in ((3, 2), (4, 1), (5, 3)):
            ledger.post_fill(records, SPOT.id, 0, BUY, 10, quantity, paid, USD)
        after = ledger.to_spec()
        assert spec.position_of(after, 0, SPOT.id) == Position(12, 360, 0, 6, 0)
        assert spec.balance_of(after, 0, USD).total == 10_000 - 12 * 10 * 3 - 6
        assert spec.balance_of(after, 0, BTC).total == 12 * 7
        assert spec.balance_of(after, HOUSE, USD).total == 6
        assert spec.balance_of(after, VENUE, USD).total == 360

    def test_pd26_a_fee_in_base_is_booked_in_base(self, make: Callable[[], AnyLedger]) -> None:
        ledger, records = make(), list[int]()
        ledger.transfer(records, 0, USD, 1_000)
        ledger.post_fill(records, RECEIVED.id, 0, BUY, 10, 10, 1, ETH)
        after = ledger.to_spec()
        assert spec.balance_of(after, 0, USD).total == 1_000 - 200
        assert spec.balance_of(after, 0, ETH).total == 130 - 1
        # The position is what was traded, not what was received [A1].
        assert spec.position_of(after, 0, RECEIVED.id) == Position(10, 200, 0, 0, 1)

    def test_pd26_a_spot_order_that_locked_never_overdraws(
        self, make: Callable[[], AnyLedger]
    ) -> None:
        @given(
            st.sampled_from([SPOT, RECEIVED]),
            sides,
            st.integers(1, 40),
            st.lists(
                st.tuples(quantities, st.integers(0, 40), st.sampled_from([1, 2])),
                min_size=1,
                max_size=6,
            ),
        )
        def check(
            instrument: Instrument, side: int, limit: int, parts: list[tuple[int, int, int]]
        ) -> None:
            ledger, records = make(), list[int]()
            total = sum(quantity for quantity, _, _ in parts)
            asset = spec.lock_for(instrument, side, limit, total)[0]
            locked = ledger.lock_for(instrument.id, side, limit, total)
            ledger.transfer(records, 0, asset, locked)
            ledger.set_locked(0, asset, locked)
            executed = 0
            for quantity, improvement, liquidity in parts:
                price = max(limit - side * improvement, 0)
                fee_asset, paid = spec.fill_fee(instrument, side, price, quantity, liquidity)
                ledger.post_fill(records, instrument.id, 0, side, price, quantity, paid, fee_asset)
                assert not ledger.overdrawn
                executed += quantity
                left = ledger.lock_for(instrument.id, side, limit, total, executed)
                ledger.set_locked(0, asset, left)
                assert not ledger.overdrawn
                assert spec.uncovered(ledger.to_spec()) == ()
            assert left == 0

        check()

    def test_a4_an_overdrawing_event_is_booked_and_flagged(
        self, make: Callable[[], AnyLedger]
    ) -> None:
        ledger, records = make(), list[int]()
        ledger.transfer(records, 0, USD, 100)
        ledger.post_fill(records, SPOT.id, 0, BUY, 10, 4, 0, USD)
        assert ledger.overdrawn == 1
        assert spec.balance_of(ledger.to_spec(), 0, USD).total == -20
        assert spec.uncovered(ledger.to_spec()) == ((0, USD),)
        ledger.transfer(records, 0, USD, 20)
        assert ledger.overdrawn == 0
        ledger.set_locked(0, USD, 1)
        assert ledger.overdrawn == 1
        ledger.pay_funding(records, 0, USD, -1)
        assert ledger.overdrawn == 1

    def test_a5_linear_close_flip_and_liquidation(self, make: Callable[[], AnyLedger]) -> None:
        ledger, records = make(), list[int]()
        assert ledger.post_fill(records, LINEAR.id, 0, BUY, 10, 3, 0, USD) == 0
        assert ledger.post_fill(records, LINEAR.id, 0, BUY, 11, 4, 0, USD) == 0
        # 370 for 7 lots: 5 release floor(1850 / 7) = 264.
        assert ledger.post_fill(records, LINEAR.id, 0, SELL, 12, 5, 0, USD) == 300 - 264
        # The last 2 release the other 106, then 3 lots open short.
        assert ledger.post_fill(records, LINEAR.id, 0, SELL, 12, 5, 0, USD) == 120 - 106
        after = ledger.to_spec()
        assert spec.position_of(after, 0, LINEAR.id) == Position(-3, -180, 50, 0, 0)
        assert spec.balance_of(after, 0, USD).total == 50
        assert ledger.liquidate(records, LINEAR.id, 0, 14, -2, 3, USD) == 120 - 140
        assert ledger.settle(records, LINEAR.id, 0, 13) == 60 - 65
        after = ledger.to_spec()
        assert spec.position_of(after, 0, LINEAR.id) == Position(0, 0, 25, 3, 0)
        assert spec.balance_of(after, 0, USD).total == 22
        assert [records[i] for i in range(4, len(records), 5)] == [
            PostingReason.REALISED,
            PostingReason.REALISED,
            PostingReason.LIQUIDATION,
            PostingReason.FEE,
            PostingReason.SETTLEMENT,
        ]

    def test_a6_a_void_after_a_close_realises_what_no_position_carries(
        self, make: Callable[[], AnyLedger]
    ) -> None:
        ledger, records = make(), list[int]()
        ledger.post_fill(records, LINEAR.id, 0, BUY, 10, 4, 0, USD)
        ledger.post_fill(records, LINEAR.id, 0, BUY, 20, 4, 0, USD)
        assert ledger.post_fill(records, LINEAR.id, 0, SELL, 30, 4, 0, USD) == 600 - 300
        # Without the first buy the sell closes the second: 600 - 400.
        assert ledger.reverse_fill(records, LINEAR.id, 0, BUY, 10, 4, 0, USD, 0) == -100
        after = ledger.to_spec()
        assert spec.position_of(after, 0, LINEAR.id) == Position(0, 0, 200, 0, 0)
        assert spec.balance_of(after, 0, USD).total == 200
        assert records[-5:] == [USD, 0, VENUE, 100, PostingReason.REBASED]

    def test_a6_a_balance_snapshot_reconciles_through_difference(
        self, make: Callable[[], AnyLedger]
    ) -> None:
        ledger, records = make(), list[int]()
        ledger.transfer(records, 0, USD, 100)
        ledger.reconcile_balance(records, 0, USD, 90)
        ledger.reconcile_balance(records, 0, USD, 90)
        after = ledger.to_spec()
        assert spec.balance_of(after, 0, USD).total == 90
        assert spec.balance_of(after, DIFFERENCE, USD).total == 10
        assert spec.sum_of(after, USD) == 100
        assert len(records) == 10

    def test_a7_hedge_mode_keeps_long_and_short_apart(self, make: Callable[[], AnyLedger]) -> None:
        ledger, records = make(), list[int]()
        ledger.post_fill(records, LINEAR.id, 0, BUY, 10, 3, 0, USD, PositionBucket.LONG)
        ledger.post_fill(records, LINEAR.id, 0, SELL, 10, 2, 0, USD, PositionBucket.SHORT)
        after = ledger.to_spec()
        assert spec.position_of(after, 0, LINEAR.id, PositionBucket.LONG).quantity == 3
        assert spec.position_of(after, 0, LINEAR.id, PositionBucket.SHORT).quantity == -2
        assert spec.position_of(after, 0, LINEAR.id).quantity == 0
        assert records == []

    def test_fee_adjustment_and_rebate(self, make: Callable[[], AnyLedger]) -> None:
        ledger, records = make(), list[int]()
        ledger.post_fill(records, LINEAR.id, 0, BUY, 10, 3, -4, USD)
        ledger.adjust_fee(records, 0, USD, 1)
        after = ledger.to_spec()
        assert spec.balance_of(after, 0, USD).total == 3
        assert spec.position_of(after, 0, LINEAR.id).fees_quote == -4
        assert records == [
            *(USD, HOUSE, 0, 4, PostingReason.FEE),
            *(USD, 0, HOUSE, 1, PostingReason.FEE_ADJUSTMENT),
        ]


class TestSpecLedger(LedgerContract):
    @pytest.fixture
    def make(self) -> Callable[[], AnyLedger]:
        return SpecLedger


# --- what only the spec has ----------------------------------------------------------------------


def test_an_empty_ledger_is_sound() -> None:
    assert spec.inv(Ledger())
    assert spec.uncovered(Ledger()) == ()


@pytest.mark.parametrize(
    "broken",
    [
        Ledger({(0, USD): Balance(1)}),
        Ledger({(0, USD): Balance(0, -1)}),
        Ledger({(HOUSE, USD): Balance(0, 1)}),
        Ledger({}, {(0, 0, 0): Position(0, 1)}),
        Ledger({}, {(0, 0, 0): Position(1, -1)}),
        Ledger({}, {(0, 0, 0): Position(-1, 1)}),
        Ledger({}, {}, {USD: 1}),
    ],
)
def test_inv_sees_what_is_broken(broken: Ledger) -> None:
    assert not spec.inv(broken)


def test_postings_are_positive_and_named() -> None:
    posted = spec.post_fill(Ledger(), SPOT, 0, SELL, 10, 2, -1, USD)
    assert posted.postings == (
        Posting(USD, VENUE, 0, 60, PostingReason.NOTIONAL),
        Posting(BTC, 0, VENUE, 14, PostingReason.DELIVERY),
        Posting(USD, HOUSE, 0, 1, PostingReason.FEE),
    )


def test_holders_have_fixed_codes_because_they_enter_records() -> None:
    assert (HOUSE, VENUE, DIFFERENCE, EXTERNAL) == (-1, -2, -3, -4)


@pytest.mark.parametrize(
    ("book", "instrument", "reasons"),
    [
        (spec.post_fill, SPOT, ("NOTIONAL", "DELIVERY", "FEE")),
        (spec.post_fill, LINEAR, ("REALISED", "FEE")),
        (spec.reverse_fill, SPOT, ("NOTIONAL_REVERSED", "DELIVERY_REVERSED", "FEE_REVERSED")),
        (spec.reverse_fill, LINEAR, ("REALISED_REVERSED", "REBASED", "FEE_REVERSED")),
        (spec.settle, SPOT, ("SETTLEMENT", "SETTLEMENT")),
        (spec.settle, LINEAR, ("SETTLEMENT",)),
        (spec.liquidate, SPOT, ("LIQUIDATION", "LIQUIDATION", "FEE")),
        (spec.liquidate, LINEAR, ("LIQUIDATION", "FEE")),
    ],
)
def test_what_moves_says_why(
    book: Callable[..., Posted], instrument: Instrument, reasons: tuple[str, ...]
) -> None:
    held = Ledger(positions={(0, instrument.id, 0): Position(4, 200)})
    arguments: dict[Any, tuple[int, ...]] = {
        spec.post_fill: (SELL, 11, 2, 1, USD),
        spec.reverse_fill: (BUY, 11, 4, 1, USD, 30),
        spec.settle: (11,),
        spec.liquidate: (11, 4, 1, USD),
    }
    posted = book(held, instrument, 0, *arguments[book])
    assert tuple(PostingReason(each.reason).name for each in posted.postings) == reasons


def test_settling_a_flat_position_moves_nothing() -> None:
    posted = spec.settle(Ledger(), LINEAR, 0, 10)
    assert posted.postings == ()
    assert spec.canonical(posted.ledger) == Ledger()


@given(st.integers(0, 10**15), st.integers(0, 10**15), st.integers(-FEE_SCALE, FEE_SCALE))
def test_a_fee_is_rounded_against_the_account_and_splitting_never_saves(
    first: int, second: int, rate: int
) -> None:
    whole = fee(first + second, rate)
    assert whole * FEE_SCALE >= (first + second) * rate
    assert (whole - 1) * FEE_SCALE < (first + second) * rate
    assert fee(first, rate) + fee(second, rate) >= whole


def test_fill_fee_assets_and_rates() -> None:
    assert spec.fill_fee(SPOT, BUY, 10, 10, Liquidity.TAKER) == (USD, 1)
    assert spec.fill_fee(RECEIVED, BUY, 10, 1_000, Liquidity.TAKER) == (ETH, 39)
    assert spec.fill_fee(RECEIVED, SELL, 10, 1_000, Liquidity.MAKER) == (USD, 20)
    assert spec.fill_fee(LINEAR, SELL, 1_000, 100, Liquidity.MAKER) == (USD, -50)


def test_lock_examples() -> None:
    assert spec.lock_for(SPOT, BUY, 10, 4, 1) == (USD, 3 * (30 + 1))
    assert spec.lock_for(SPOT, BUY, 1_000_000, 2) == (USD, 2 * (3_000_000 + 7_500))
    assert spec.lock_for(SPOT, SELL, 10, 4, 1) == (BTC, 21)
    assert spec.lock_for(RECEIVED, BUY, 10, 4) == (USD, 80)
    assert spec.lock_for(LINEAR, SELL, 10, 4) == (USD, 4 * (10 + 1))
    assert spec.lock_for(SPOT, BUY, 10, 4, 9) == (USD, 0)
    assert spec.worst_lock(SPOT, SELL, ((10, 4), (12, 6), (8, 2)), 1) == 35
    assert spec.worst_lock(SPOT, SELL, (), 0) == 0
    assert spec.fee_lock_per_lot(SPOT, BUY, 1_000) == 8
    assert spec.fee_lock_per_lot(SPOT, SELL, 1_000) == 0


def test_locking_price() -> None:
    assert spec.locking_price(SPOT, BUY, 10, 12) == 10
    assert spec.locking_price(LINEAR, SELL, 10, 12) == 12
    assert spec.locking_price(LINEAR, BUY, 10, 12) == 10
    assert spec.locking_price(SPOT, BUY, 0, 12) == 12
    assert spec.protected_price(BUY, 99, 1_000_000) == 100
    assert spec.protected_price(SELL, 99, 1_000_000) == 98


def test_a3_a_group_locks_its_largest_leg_once() -> None:
    locks = (Lock(USD, 5), Lock(BTC, 7, 1), Lock(BTC, 9, 1), Lock(BTC, 8, 1), Lock(BTC, 2))
    assert spec.locked_total(locks) == {USD: 5, BTC: 11}


def test_buckets_of_hedge_mode() -> None:
    assert spec.bucket_for(0, SELL, 1) == PositionBucket.NET
    assert spec.bucket_for(1, BUY, 0) == PositionBucket.LONG
    assert spec.bucket_for(1, SELL, 1) == PositionBucket.LONG
    assert spec.bucket_for(1, SELL, 0) == PositionBucket.SHORT
    assert spec.bucket_for(1, BUY, 1) == PositionBucket.SHORT


def test_linear_worth() -> None:
    long = Position(4, 200)
    assert spec.unrealised(long, LINEAR, 12) == 40
    assert spec.unrealised(Position(-4, -200), LINEAR, 12) == -40
    assert spec.position_margin(Position(-4, -201), LINEAR) == 41
    assert spec.position_margin(long, SPOT) == 0
    assert spec.closing_loss(long, LINEAR, SELL, 8, 6) == 40
    assert spec.closing_loss(long, LINEAR, SELL, 12, 6) == 0
    assert spec.closing_loss(long, LINEAR, BUY, 8, 6) == 0
    assert spec.closing_loss(long, SPOT, SELL, 8, 6) == 0
    assert spec.free_balance(Balance(100, 30), 41, 5) == 29
    assert spec.free_balance(Balance(100, 30), 41, -5) == 24


def test_a5_equity_uses_recorded_marks_and_says_when_one_is_missing() -> None:
    ledger = Ledger(
        {(0, USD): Balance(1_000, 400), (0, BTC): Balance(15)},
        {(0, LINEAR.id, 0): Position(-2, -100)},
    )
    marks = {SPOT.id: 10, LINEAR.id: 11}
    known = spec.equity(ledger, 0, USD, INSTRUMENTS, marks)
    # 15 units of base at 10 x 3 a lot of 7 units, and a short that lost 10.
    assert known == spec.Equity(1, 1_000 + 450 // 7 - 10)
    assert spec.equity(ledger, 0, USD, INSTRUMENTS, {SPOT.id: 10}).known == 0
    assert spec.equity(ledger, 0, USD, INSTRUMENTS, {LINEAR.id: 11}).known == 0
    assert spec.equity(Ledger(), 0, USD, INSTRUMENTS, {}) == spec.Equity(1, 0)
    assert spec.equity(ledger, 0, BTC, INSTRUMENTS, {}) == spec.Equity(1, 15)
