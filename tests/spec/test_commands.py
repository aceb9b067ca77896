"""Order ids say whose they are, and the constructors of intents fill in what they mean."""

from hypothesis import given
from hypothesis import strategies as st

from tickproof.spec.commands import (
    ORDER_KEY_LIMIT,
    CommandKind,
    OrderType,
    TimeInForce,
    cancel_order,
    key_of,
    new_order,
    order_id_of,
    replace_order,
    strategy_of,
)
from tickproof.spec.events import INT64_MAX, Side

strategies = st.integers(0, 1_000)
keys = st.integers(1, ORDER_KEY_LIMIT - 1)


@given(strategies, keys)
def test_an_order_id_gives_back_strategy_and_key(strategy: int, key: int) -> None:
    order_id = order_id_of(strategy, key)
    assert (strategy_of(order_id), key_of(order_id)) == (strategy, key)
    assert 0 < order_id <= INT64_MAX


@given(strategies, keys, strategies, keys)
def test_order_ids_are_unique(strategy: int, key: int, other: int, other_key: int) -> None:
    same = (strategy, key) == (other, other_key)
    assert (order_id_of(strategy, key) == order_id_of(other, other_key)) == same


def test_new_replace_and_cancel_are_what_they_say() -> None:
    new = new_order(1, 2, Side.SELL, 30, 400)
    assert (new.kind, new.key, new.instrument, new.side) == (CommandKind.NEW, 1, 2, Side.SELL)
    assert (new.quantity, new.price) == (30, 400)
    assert (new.order_type, new.time_in_force) == (OrderType.LIMIT, TimeInForce.GTC)
    replace = replace_order(1, 50, 300)
    assert (replace.kind, replace.key) == (CommandKind.REPLACE, 1)
    assert (replace.quantity, replace.price) == (50, 300)
    cancel = cancel_order(1)
    assert (cancel.kind, cancel.key) == (CommandKind.CANCEL, 1)
