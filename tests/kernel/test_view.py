"""The kernel's view: read only, and closed to what is not configured."""

import random
from typing import Any

import pytest

from tickproof.invariants.refinement import Lockstep
from tickproof.invariants.streams import EventSource
from tickproof.invariants.worlds import configuration, observed, strategies
from tickproof.kernel.orders import leaves
from tickproof.kernel.view import KernelView, summary
from tickproof.spec.commands import ORDER_KEY_LIMIT
from tickproof.spec.consultation import StateView
from tickproof.spec.strategy import OrderSummary


def pair(seed: int, length: int) -> tuple[Any, Any]:
    """The view of strategy 0 by the specification and by the kernel, at the same State."""
    dice = random.Random(seed)
    configured = configuration(dice)
    both = Lockstep(configured, lambda: strategies(seed, configured), 10**9)
    source = EventSource(dice, configured)
    fast = both.kernel.strategies[0].view
    for _ in range(length):
        both.apply(source.event(both.state))
        # What was asked for before is at hand, whatever becomes of it.
        for key in range(12):
            fast.order(key)
    moment = both.kernel.moment
    moment.now_ns = both.kernel.now_ns
    slow = StateView(
        configured.strategies[0],
        both.state,
        fast.wake,
        moment.event_kind,
        moment.event_instrument,
        len(configured.assets),
    )
    return slow, fast


@pytest.mark.parametrize("seed", range(6))
def test_an_order_asked_for_again_is_as_it_is_now(seed: int) -> None:
    """Of nine keys two are at hand by turns; what is not at hand is looked up."""
    dice = random.Random(seed)
    configured = configuration(dice)
    both = Lockstep(configured, lambda: strategies(seed, configured), 10**9)
    source = EventSource(dice, configured)
    view = both.kernel.strategies[0].view
    for _ in range(60):
        both.apply(source.event(both.state))
        for key in range(1, 10):
            each, again = view.order(key), summary(both.kernel.execution, 0, key)
            assert (each is None) == (again is None)
            if each is not None and again is not None:
                assert each.to_spec() == again.to_spec()
                assert (each.is_open, each.is_busy) == (again.is_open, again.is_busy)
                # One that is queued and not sent yet is looked up each time.
                assert (view.order(key) is each) == (key in both.kernel.execution.orders)


@pytest.mark.parametrize("seed", range(20))
def test_both_views_answer_alike(seed: int) -> None:
    slow, fast = pair(seed, 50)
    assert observed(slow, 3, 3) == observed(fast, 3, 3)
    assert [each.to_spec() for each in fast.open_orders()] == list(slow.open_orders())
    for key in range(12):
        found = fast.order(key)
        assert (None if found is None else found.to_spec()) == slow.order(key)
        if found is not None:
            assert isinstance(slow.order(key), OrderSummary)
            assert (found.is_open, found.is_busy) == (
                slow.order(key).is_open,
                slow.order(key).is_busy,
            )


UNKNOWN = (
    lambda view: view.bid_price(3),
    lambda view: view.bid_size(-1),
    lambda view: view.ask_price(99),
    lambda view: view.ask_size(-1),
    lambda view: view.size_at(3, 1, 100),
    lambda view: view.last_trade(3),
    lambda view: view.last_bar(-1),
    lambda view: view.status(3),
    lambda view: view.position(3),
    lambda view: view.position(-1),
    lambda view: view.available(3),
    lambda view: view.available(-1),
)


@pytest.mark.parametrize("ask", UNKNOWN)
def test_what_is_not_configured_is_a_key_error(ask: Any) -> None:
    """Not the answer for a neighbour, as an index would give."""
    for view in pair(1, 5):
        with pytest.raises(KeyError):
            ask(view)


def test_keys_of_others_are_no_keys() -> None:
    """A key beyond the limit would name another strategy's order."""
    for view in pair(3, 60):
        assert view.order(0) is None
        assert view.order(-1) is None
        assert view.order(ORDER_KEY_LIMIT + 1) is None


def test_the_ids_around_a_strategy_s_keys_are_nobody_s() -> None:
    """Ids 0 and ORDER_KEY_LIMIT are no keys, whatever the kernel may have under them."""
    views = (pair(seed, 50)[1] for seed in range(20))
    view, order = next(
        (view, order)
        for view in views
        for number, order in view._execution.unfinished.items()
        if number < ORDER_KEY_LIMIT and leaves(order) > 0
    )
    execution, seen = view._execution, view.open_orders()
    for order_id in (0, ORDER_KEY_LIMIT):
        execution.orders[order_id] = execution.unfinished[order_id] = order
        assert view.order(order_id) is None
    assert [each.key for each in view.open_orders()] == [each.key for each in seen]
    execution.orders[1] = execution.unfinished[1] = order
    execution.orders[ORDER_KEY_LIMIT - 1] = execution.unfinished[ORDER_KEY_LIMIT - 1] = order
    assert view.order(1) is not None
    assert view.order(ORDER_KEY_LIMIT - 1) is not None
    assert len(view.open_orders()) > len(seen)


def test_writing_to_a_view_raises() -> None:
    for view in pair(1, 3):
        with pytest.raises(AttributeError):
            view.now_ns = 5
        with pytest.raises(AttributeError):
            del view.wake
        with pytest.raises(AttributeError):
            view.mine = 1
    assert not hasattr(pair(1, 3)[1], "__dict__")
    assert KernelView.__slots__
