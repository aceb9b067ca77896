"""The fast place equals the specification's, field for field, whatever happens to it."""

from itertools import product
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tickproof.spec import price_queue as spec
from tickproof.spec.price_queue import FillModel, QueueEstimate, QueueEvent, QueueInput
from tickproof.venue.orders import LevelQueue, VenueOrder
from tickproof.venue.price_queue import Place, cancelled_ahead

stamps = st.integers(5, 30)
lots = st.integers(0, 12)
sides = st.integers(-1, 1)
kinds = st.sampled_from(
    [
        QueueEvent.LEVEL_UPDATE,
        QueueEvent.PRINT,
        QueueEvent.PRINT,
        QueueEvent.PRINT_THROUGH,
        QueueEvent.GAP,
        QueueEvent.OUT_OF_WINDOW,
        QueueEvent.OWN_AHEAD_LEFT,
        QueueEvent.GREW,
    ]
)
Step = tuple[QueueEvent, int, int, int, int]
steps = st.tuples(kinds, stamps, lots, st.just(-1) | st.integers(0, 14), sides)
joins = st.builds(
    QueueInput,
    stamp_ns=st.integers(8, 14),
    size=st.integers(-1, 12),
    current=st.integers(0, 1),
    own_ahead=st.integers(0, 5),
    maximum_declared=st.integers(0, 1),
    minimum_declared=st.integers(0, 1),
)


def place_of(join: QueueInput) -> Place:
    return Place(
        join.stamp_ns,
        join.size,
        join.current == 1,
        join.own_ahead,
        join.maximum_declared,
        join.minimum_declared,
    )


def seen_of(step: Step) -> QueueInput:
    _, stamp, quantity, extra, side = step
    return QueueInput(
        stamp_ns=stamp,
        size=quantity,
        quantity=quantity,
        taken=max(min(extra, quantity), 0),
        resting_side=side,
        own_ahead=extra,
        said=extra if step[0] == QueueEvent.LEVEL_UPDATE else spec.UNKNOWN,
    )


def tell(place: Place, event: QueueEvent, seen: QueueInput) -> None:
    if event == QueueEvent.LEVEL_UPDATE:
        place.level_update(seen.size, seen.stamp_ns, seen.said)
    elif event == QueueEvent.PRINT and seen.resting_side >= 0:
        place.print_at(seen.quantity, seen.taken, seen.stamp_ns, seen.resting_side)
    elif event == QueueEvent.PRINT_THROUGH and seen.resting_side >= 0:
        place.print_through(seen.quantity, seen.taken, seen.stamp_ns, seen.resting_side)
    elif event in (QueueEvent.GAP, QueueEvent.OUT_OF_WINDOW):
        place.lose_sight(event == QueueEvent.GAP)
    elif event == QueueEvent.OWN_AHEAD_LEFT:
        place.own_lots_left(seen.quantity)
    elif event == QueueEvent.GREW:
        place.grown_in_place()


def same_fields(place: Place, expected: QueueEstimate) -> None:
    assert place.candidates() == expected.candidates
    assert place.uncovered() == expected.prints
    for name in (
        "arrival_ns",
        "maximum_declared",
        "as_of_ns",
        "size",
        "own_ahead",
        "ahead_min",
        "estimate",
        "estimate_before",
        "censored",
    ):
        assert getattr(place, name) == getattr(expected, name), name


def same(place: Place, expected: QueueEstimate) -> None:
    same_fields(place, expected)
    if expected.candidates:
        assert place.ahead_max() == spec.ahead_max(expected)
    else:
        assert place.ahead_max() == spec.UNKNOWN
    for model in FillModel:
        assert place.ahead_through(model) == spec.ahead_through(expected, model)
        for stamp in range(5, 31):
            assert place.ahead_at(model, stamp) == spec.ahead_at(expected, model, stamp)


@given(joins, st.lists(steps, max_size=40))
def test_a_place_is_what_the_table_makes_of_it(join: QueueInput, run: list[Step]) -> None:
    expected, _ = spec.apply(spec.ABSENT, QueueEvent.JOINED, join)
    place = place_of(join)
    same(place, expected)
    for step in run:
        seen = seen_of(step)
        expected, _ = spec.apply(expected, step[0], seen)
        tell(place, step[0], seen)
        same(place, expected)


SMALL_KINDS = (
    QueueEvent.LEVEL_UPDATE,
    QueueEvent.LEVEL_UPDATE,
    QueueEvent.PRINT,
    QueueEvent.PRINT,
    QueueEvent.PRINT_THROUGH,
    QueueEvent.OUT_OF_WINDOW,
)


@pytest.mark.parametrize("seed", range(6))
def test_a_place_among_few_stamps_and_lots(seed: int) -> None:
    """Where stamps meet and sizes are none or equal, which wide ranges seldom show."""
    dice = Random(seed)
    for _ in range(150):
        join = QueueInput(
            stamp_ns=8,
            size=dice.randint(-1, 4),
            current=dice.randint(0, 1),
            maximum_declared=dice.randint(0, 1),
            minimum_declared=dice.randint(0, 1),
        )
        expected, _ = spec.apply(spec.ABSENT, QueueEvent.JOINED, join)
        place = place_of(join)
        for _ in range(8):
            kind, stamp = dice.choice(SMALL_KINDS), dice.randint(7, 11)
            extra = dice.randint(-1, 3) if dice.randint(0, 1) else -1
            seen = seen_of((kind, stamp, dice.randint(0, 4), extra, dice.choice((0, 1, 1))))
            expected, _ = spec.apply(expected, kind, seen)
            tell(place, kind, seen)
            same_fields(place, expected)


def test_a_print_is_taken_from_every_bound_older_than_it() -> None:
    """Four bounds, each lower than the one before it, and two prints at every stamp."""
    join = QueueInput(stamp_ns=8, size=40, current=1, maximum_declared=1, minimum_declared=1)
    told = [QueueInput(stamp_ns=stamp_ns, size=100 - 8 * stamp_ns) for stamp_ns in (9, 10, 11, 14)]
    for printed in product(range(7, 14), repeat=2):
        expected, _ = spec.apply(spec.ABSENT, QueueEvent.JOINED, join)
        place = place_of(join)
        prints = [QueueInput(stamp_ns=stamp_ns, quantity=6) for stamp_ns in printed]
        for seen in (*told[:3], *prints, told[3]):
            kind = QueueEvent.PRINT if seen.quantity else QueueEvent.LEVEL_UPDATE
            expected, _ = spec.apply(expected, kind, seen)
            tell(place, kind, seen)
            same(place, expected)


def test_cancels_of_every_small_queue() -> None:
    for size in range(-1, 13):
        for ahead in range(max(size, 0) + 1):
            for cancelled in range(0, 25, 3):
                expected = spec.cancelled_ahead(cancelled, ahead, size)
                assert cancelled_ahead(cancelled, ahead, size) == expected


def waiting(arrival_ns: int, leaves: int) -> LevelQueue:
    """One order, with nobody ahead of it."""
    queue = LevelQueue(1, 100)
    order = VenueOrder(1, 0, 0, 1, 1, 1, 100, leaves, 0)
    order.place = Place(arrival_ns, 0, True, 0, 1, 1)
    order.joined_ns = arrival_ns
    queue.orders.append(order)
    return queue


@pytest.mark.parametrize("model", FillModel)
def test_a_print_at_the_arrival_is_for_the_optimist_alone(model: FillModel) -> None:
    at_once = 3 if model == FillModel.OPTIMISTIC else 0
    for stamp_ns, fill in ((9, 0), (10, at_once), (11, 3)):
        queue = waiting(10, 3)
        queue.share(5, 0, stamp_ns, 1, model, False)
        assert queue.orders[0].given == fill
    for stamp_ns, fill in ((9, 0), (10, 3), (11, 3)):
        queue = waiting(10, 3)
        queue.share_crossed(5, stamp_ns, model)
        assert queue.orders[0].given == fill


@given(
    st.lists(
        st.tuples(st.integers(0, 9), st.integers(1, 5), st.booleans(), st.booleans()), max_size=5
    ),
    st.integers(0, 20),
    st.sampled_from(list(FillModel)),
)
def test_what_is_shown_through_a_price_is_given_from_the_front(
    told: list[tuple[int, int, bool, bool]], lots: int, model: FillModel
) -> None:
    """The pessimist has everybody wait for whom own orders displaced, but for those of a reload."""
    queue = LevelQueue(1, 100)
    here: list[tuple[int, int]] = []
    expected = []
    for number, (ahead, leaves, reloaded, late) in enumerate(told):
        order = VenueOrder(number, 0, 0, 1, 1, 1, 100, leaves, 0)
        order.place = Place(10, -1, False, ahead, 0, 0)
        order.joined_ns = 11 if late else 10
        order.reloaded = int(reloaded)
        queue.orders.append(order)
        if late:
            expected.append(0)
            continue
        mine = gone(here)
        if model == FillModel.PESSIMISTIC:
            mine = max(mine, ahead)
        expected.append(min(max(lots - mine, 0), leaves))
        waits = model == FillModel.PESSIMISTIC and not reloaded
        here.append((ahead if waits else 0, leaves))
    assert queue.share_crossed(lots, 10, model) == gone(here)
    assert [order.given for order in queue.orders] == expected


def gone(here: list[tuple[int, int]]) -> int:
    """Lots in front of who joins; `here`: of each order (lots it waits for, lots it wants)."""
    wanted = [leaves for _, leaves in here]
    return max([sum(wanted), *(ahead + sum(wanted[at:]) for at, (ahead, _) in enumerate(here))])


@given(lots, st.integers(0, 400), st.integers(0, 400))
def test_cancels_are_spread_alike(cancelled: int, ahead: int, size: int) -> None:
    ahead = min(ahead, size)
    expected = spec.cancelled_ahead(cancelled, ahead, size)
    assert cancelled_ahead(cancelled, ahead, size) == expected


@given(
    st.lists(st.tuples(joins, st.integers(1, 6), st.lists(steps, max_size=6)), max_size=4),
    st.integers(1, 30),
    st.integers(0, 3),
    stamps,
    st.integers(0, 1),
    st.sampled_from(list(FillModel)),
    st.booleans(),
)
def test_a_queue_shares_a_print_as_specified(
    orders: list[tuple[QueueInput, int, list[Step]]],
    quantity: int,
    taken: int,
    stamp: int,
    side: int,
    model: FillModel,
    through: bool,
) -> None:
    queue = LevelQueue(1, 100)
    ahead: list[tuple[int, int]] = []
    in_order = sorted(orders, key=lambda item: item[0].stamp_ns)
    for number, (join, leaves, news) in enumerate(in_order):
        order = VenueOrder(number, 0, 0, 1, 1, 1, 100, leaves, 0)
        order.place = place_of(join)
        order.joined_ns = order.place.arrival_ns
        for step in news:
            tell(order.place, step[0], seen_of(step))
        met = stamp > join.stamp_ns and side == 1
        if model == FillModel.OPTIMISTIC:
            met = stamp >= join.stamp_ns
        place = order.place
        found = place.ahead_through(model) if through else place.ahead_at(model, stamp)
        found = found if met else spec.UNKNOWN
        ahead.append((found, leaves))
        queue.orders.append(order)
    left = max(quantity - taken, 0)
    gone = queue.share(quantity, taken, stamp, side, model, through)
    fills = [order.given for order in queue.orders]
    assert tuple(fills) == spec.share(left, tuple(ahead), model)
    assert sum(fills) <= gone
