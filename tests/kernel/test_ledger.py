"""The flat ledger keeps the spec's contract and equals the spec, posting for posting."""

from collections.abc import Callable
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.spec.test_ledger import (
    ACCOUNTS,
    ASSETS,
    INSTRUMENTS,
    AnyLedger,
    Driver,
    LedgerContract,
    Operation,
    SpecLedger,
    operations,
    prices,
    quantities,
    sides,
)
from tickproof.kernel.ledger import UNMARKED, KernelLedger, closed_lots, residue_left
from tickproof.spec import ledger as spec
from tickproof.spec.events import Side
from tickproof.spec.instrument import FEE_SCALE, Instrument


def kernel_ledger() -> KernelLedger:
    return KernelLedger(ACCOUNTS, ASSETS, INSTRUMENTS)


class TestKernelLedger(LedgerContract):
    @pytest.fixture
    def make(self) -> Callable[[], AnyLedger]:
        return kernel_ledger


def applied(todo: list[Operation]) -> tuple[SpecLedger, KernelLedger]:
    naive, fast = SpecLedger(), kernel_ledger()
    drivers = Driver(naive), Driver(fast)
    for operation in todo:
        for driver in drivers:
            driver.apply(operation)
    return naive, fast


@given(operations)
def test_it_equals_the_spec_after_every_operation(todo: list[Operation]) -> None:
    naive, fast = SpecLedger(), kernel_ledger()
    left, right = Driver(naive), Driver(fast)
    for operation in todo:
        assert left.apply(operation) == right.apply(operation)
        assert left.records == right.records
        assert naive.overdrawn == fast.overdrawn
        assert naive.to_spec() == fast.to_spec()


@given(operations, st.lists(st.integers(UNMARKED, 40), min_size=3, max_size=3), prices, quantities)
def test_worth_equals_the_spec(
    todo: list[Operation], marks: list[int], price: int, quantity: int
) -> None:
    naive, fast = applied(todo)
    known = {i: mark for i, mark in enumerate(marks) if mark != UNMARKED}
    for account in range(ACCOUNTS):
        for asset in range(ASSETS):
            expected = spec.equity(naive.ledger, account, asset, INSTRUMENTS, known)
            assert fast.equity(account, asset, marks) == expected.amount
            assert fast.equity_known == expected.known
            balance = spec.balance_of(naive.ledger, account, asset)
            assert fast.available_of(account, asset) == balance.available
        for instrument in INSTRUMENTS:
            for bucket in range(3):
                cell = (account, instrument.id)
                position = spec.position_of(naive.ledger, *cell, bucket)
                assert fast.quantity_of(*cell, bucket) == position.quantity
                assert fast.unrealised(*cell, price, bucket) == spec.unrealised(
                    position, instrument, price
                )
                assert fast.position_margin(*cell, bucket) == spec.position_margin(
                    position, instrument
                )
                for side in (Side.BUY, Side.SELL):
                    assert fast.closing_loss(
                        *cell, side, price, quantity, bucket
                    ) == spec.closing_loss(position, instrument, side, price, quantity)


rates = st.integers(-FEE_SCALE // 10, FEE_SCALE // 10)


@given(
    st.integers(0, 1),
    st.integers(0, 1),
    rates,
    rates,
    st.integers(0, 2 * FEE_SCALE),
    sides,
    st.integers(0, 10**12),
    st.integers(0, 10**12),
    st.integers(0, 10**12),
)
def test_locks_equal_the_spec(
    kind: int,
    fee_asset: int,
    maker: int,
    taker: int,
    margin: int,
    side: int,
    price: int,
    quantity: int,
    executed: int,
) -> None:
    instrument = Instrument(
        0, "X", 0, kind, 0, 1, 0, 0, 7, 11,
        maker_fee_e8=maker, taker_fee_e8=taker, fee_asset=fee_asset, initial_margin_e8=margin,
    )  # fmt: skip
    fast = KernelLedger(1, 2, (instrument,))
    expected = spec.lock_for(instrument, side, price, quantity, executed)
    assert fast.lock_asset(0, side) == expected[0]
    assert fast.lock_for(0, side, price, quantity, executed) == expected[1]


@given(operations)
def test_state_travels_as_integers_and_as_spec(todo: list[Operation]) -> None:
    naive, fast = applied(todo)
    loaded = kernel_ledger()
    loaded.load_flat_state(fast.flat_state())
    assert loaded.flat_state() == fast.flat_state()
    built = KernelLedger.from_spec(naive.ledger, ACCOUNTS, ASSETS, INSTRUMENTS)
    assert built.flat_state() == fast.flat_state()
    assert built.to_spec() == naive.to_spec()


def test_every_integer_of_the_state_is_distinguished() -> None:
    state = kernel_ledger().flat_state()
    for index in range(len(state)):
        changed = kernel_ledger()
        changed.load_flat_state([*state[:index], 1, *state[index + 1 :]])
        assert changed.flat_state() != state
        assert changed.to_spec() != kernel_ledger().to_spec()


def test_a_state_of_another_shape_is_refused() -> None:
    with pytest.raises(ValueError, match="expected"):
        kernel_ledger().load_flat_state([0])


def test_what_it_knows_and_adding_to_a_lock() -> None:
    fast = kernel_ledger()
    assert [fast.knows_account(i) for i in (-1, 0, 1, 2)] == [False, True, True, False]
    assert [fast.knows_asset(i) for i in (-1, 0, 2, 3)] == [False, True, True, False]
    fast.transfer([], 0, 1, 10)
    fast.add_locked(0, 1, 7)
    fast.add_locked(0, 1, -3)
    assert (fast.locked_of(0, 1), fast.available_of(0, 1), fast.overdrawn) == (4, 6, 0)
    fast.add_locked(0, 1, 7)
    assert fast.overdrawn == 1


def test_what_closes_and_what_is_left_over_equal_the_spec() -> None:
    few = range(-3, 4)
    for quantity, other in product(few, few):
        assert residue_left(quantity, other) == spec.residue_of(quantity, other)
        for side in (-1, 1):
            lots = abs(other)
            assert closed_lots(quantity, side, lots) == spec.closed_quantity(quantity, side, lots)


def test_base_without_a_mark_makes_worth_unknown() -> None:
    fast = kernel_ledger()
    marks = [UNMARKED] * len(INSTRUMENTS)
    fast.transfer([], 0, 1, 7)
    assert (fast.equity(0, 1, marks), fast.equity_known) == (7, 1)
    fast.transfer([], 0, 0, 15)
    fast.equity(0, 1, marks)
    assert fast.equity_known == 0


def test_what_a_lot_locks_is_kept_apart_for_every_instrument_and_any_side() -> None:
    """Evidence may name any number as a side."""
    fast = kernel_ledger()
    asked = list(product(range(len(INSTRUMENTS)), (-4, -3, -1, 0, 1, 2, 3, 5)))
    for instrument, side in asked * 2:
        alone = kernel_ledger().lock_per_lot(instrument, side, 7)
        assert fast.lock_per_lot(instrument, side, 7) == alone
