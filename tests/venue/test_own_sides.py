"""Own queues of a side by price: the best, the worst, and those better than a price."""

from itertools import product

from hypothesis import given
from hypothesis import strategies as st

from tickproof.venue.orders import OwnSide, VenueOrder


def test_better_prices_are_those_of_own_orders_and_of_whom_they_displaced() -> None:
    """Every way four prices can have either, seen from each of them and from beyond."""
    for side, queues, displaced in product((1, -1), range(16), range(16)):
        own = OwnSide(side)
        held = [price for price in range(1, 5) if queues >> price - 1 & 1]
        others = [price for price in range(1, 5) if displaced >> price - 1 & 1]
        for price in held:
            own.queue_at(price)
        for price in others:
            own.displace(price, 1)
        both = sorted({*held, *others}, reverse=side > 0)
        for price in range(6):
            expected = [each for each in both if each * side > price * side]
            assert own.better_than(price) == expected


@given(
    st.sampled_from((1, -1)),
    st.lists(st.tuples(st.integers(1, 5), st.integers(0, 3)), max_size=60),
)
def test_a_side_knows_its_best_and_its_worst_queue(side: int, told: list[tuple[int, int]]) -> None:
    """Orders join at few prices, and one of those there leaves now and then."""
    own = OwnSide(side)
    orders: list[VenueOrder] = []
    for number, (price, leaving) in enumerate(told):
        if leaving and len(orders) >= leaving:
            own.remove(orders.pop(-leaving))
        else:
            orders.append(VenueOrder(number, 0, 0, side, 1, 1, price, 1, 0))
            own.queue_at(price).append(orders[-1])
        prices = sorted({order.price for order in orders}, key=lambda each: each * side)
        assert [side * key for key in own.prices] == prices
        for each in range(7):
            queue = own.at(each)
            here = [order for order in orders if order.price == each]
            assert (queue.orders if queue is not None else []) == here
            assert all(order.queue is queue for order in here)
            assert (queue is None) == (each not in own.by_price()) == (not here)
        best = own.at(prices[-1]) if prices else None
        assert own.front is best
        ends = (side * prices[0], side * prices[-1]) if prices else (1 << 62, -(1 << 62))
        assert (own.worst, own.best) == ends
