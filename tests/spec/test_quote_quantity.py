"""Orders for money: walks against counting lot by lot, and the kernel's bounds of them."""

from hypothesis import given
from hypothesis import strategies as st

from tickproof.spec.quote_quantity import Walk, lots_bound, price_per_lot, walked

levels = st.lists(st.tuples(st.integers(1, 30), st.integers(0, 9)), max_size=5)


def counted(money: int, shown: list[tuple[int, int]], per_lot: int, step: int) -> Walk:
    """One lot after the other, whole steps only."""
    prices = [price * per_lot for price, lots in shown for _ in range(lots)]
    best = Walk()
    for lots in range(step, len(prices) + 1, step):
        if sum(prices[:lots]) > money:
            break
        best = Walk(lots, sum(prices[:lots]))
    return best


@given(st.integers(0, 900), levels, st.integers(1, 3), st.integers(1, 4), st.booleans())
def test_a_walk_is_counting_lot_by_lot(
    money: int, shown: list[tuple[int, int]], per_lot: int, step: int, buys: bool
) -> None:
    in_order = sorted(shown, reverse=not buys)
    assert walked(money, in_order, per_lot, step) == counted(money, in_order, per_lot, step)


@given(st.integers(0, 10**9), st.integers(0, 500), st.integers(0, 9), st.integers(0, 9))
def test_the_bound_is_the_most_whole_steps(money: int, price: int, per_lot: int, step: int) -> None:
    lots = lots_bound(money, price, per_lot, step)
    if price * per_lot == 0 or step == 0:
        assert lots == 0
        return
    assert lots % step == 0
    assert lots * price * per_lot <= money < (lots + step) * price * per_lot


def test_the_price_of_no_lots_is_none() -> None:
    assert lots_bound(100, 0, 1, 1) == lots_bound(100, 1, 0, 1) == lots_bound(100, 1, 1, 0) == 0
    assert price_per_lot(100, 0, 1) == price_per_lot(100, 1, 0) == 0
    assert price_per_lot(100, 1, 1) == 100
    assert price_per_lot(100, 3, 1) == 34
    assert price_per_lot(99, 3, 1) == 33
    assert price_per_lot(99, 3, 2) == 17
