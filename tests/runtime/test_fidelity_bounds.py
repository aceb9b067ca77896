"""Real orders followed: the truth is the book's, and the bounds hold it in both views.

The whole recordings are for `python -m benchmarks.fidelity`; here the small one is, and the start
of the large one, up to behind an order that grew.
"""

from collections.abc import Sequence
from itertools import islice
from pathlib import Path

import pytest

from benchmarks import fidelity
from benchmarks.fidelity_bounds import CONFLATED_NS, bounds
from benchmarks.fidelity_exact import exact
from benchmarks.fidelity_queue import (
    ENDED,
    EXECUTED,
    GREW,
    JOINED,
    LEFT,
    Change,
    Estimator,
    Follower,
    Level,
    Order,
    changes,
    ends,
)
from tickproof.kernel.order_book import OrderBook
from tickproof.runtime.readers.bitstamp import read_bitstamp
from tickproof.runtime.readers.databento import read_databento
from tickproof.runtime.readers.orders import OrderFeed, messages

SLICE = 26_000
"""Changes of ESH4 that are followed here."""


@pytest.fixture(scope="module")
def esh4(data_dir: Path) -> OrderFeed:
    pytest.importorskip("databento_dbn")
    return read_databento([data_dir / fidelity.ESH4], multiplier=50)


@pytest.fixture(scope="module")
def bitstamp(data_dir: Path) -> OrderFeed:
    return read_bitstamp([data_dir / fidelity.BITSTAMP])


@pytest.mark.parametrize("interval_ns", [0, CONFLATED_NS])
def test_no_order_of_bitstamp_leaves_its_bounds(bitstamp: OrderFeed, interval_ns: int) -> None:
    found = bounds(changes(bitstamp), interval_ns)
    assert (found["orders"], found["below"], found["above"]) == (24_925, 0, 0)
    assert found["censored"] == 0
    late = (found["filled_too_early"], found["filled_too_late"], found["out_of_turn"])
    assert (found["passive_fills"], *late) == (767, 0, 0, 0)
    if interval_ns:
        assert found["ahead_min_positive_end"] == 0
    else:
        assert found["never_bounded"] == 0
        assert found["ahead_min_positive_end"] == 3_655


@pytest.mark.parametrize("interval_ns", [0, CONFLATED_NS])
def test_no_order_of_esh4_leaves_its_bounds(esh4: OrderFeed, interval_ns: int) -> None:
    found = bounds(islice(changes(esh4), SLICE), interval_ns)
    assert found["orders"] > 500
    assert (found["below"], found["above"]) == (0, 0)
    assert found["passive_fills"] > 500
    assert (found["filled_too_early"], found["filled_too_late"]) == (0, 0)


def test_real_orders_of_bitstamp_have_the_places_they_had(bitstamp: OrderFeed) -> None:
    found = exact(bitstamp, SLICE)
    assert found["orders"] > 12_000
    assert found["compared"] > 15_000
    assert found["passive_fills"] == found["reached"] > 500
    assert (found["wrong"], found["sooner"]) == (0, 0)


def test_real_orders_of_esh4_have_the_places_they_had(esh4: OrderFeed) -> None:
    found = exact(esh4, SLICE)
    assert found["orders"] > 5_000
    assert found["compared"] > 100_000
    assert found["passive_fills"] == found["reached"] > 500
    assert found["wrong"] == 0


class Nobody:
    """Follows every order and estimates nothing."""

    def told(self, size: int, stamp_ns: int) -> None: ...

    def printed(self, lots: int, stamp_ns: int, through: bool, certain: bool) -> None: ...

    def grew(self) -> None: ...

    def level(self, level: Level) -> Estimator | None:
        return self if level.orders else None

    def joined(self, level: Level, order: Order, current: bool) -> Sequence[Estimator]:
        assert current
        assert level.told == order.ahead
        return (self,)

    def half(self, order: Order) -> None: ...

    def ended(self, order: Order, kind: int) -> None: ...

    def compare(self, order: Order) -> None: ...


def test_the_truth_is_the_book_s(esh4: OrderFeed) -> None:
    book, follower = OrderBook(), Follower(Nobody(), 0, {})
    columns = esh4.feed.columns
    told = messages(columns)
    for change in islice(changes(esh4), SLICE):
        follower.take(change)
        if change.kind != ENDED:
            continue
        first, stop = next(told)
        for index in range(first, stop):
            book.apply(columns.kind[index], columns.payload, columns.offset[index])
        book.commit()
    found = [item for level in follower.levels() for item in level.orders.items()]
    assert len(found) > 1_000
    for reference, order in found:
        assert book.quantity_ahead(reference) == order.ahead


def test_who_is_not_told_of_growth_is_wrong(esh4: OrderFeed) -> None:
    """The comparison finds what there is to find; in the whole recording, 16 orders."""
    found = bounds(islice(changes(esh4), SLICE), 0, corrected=False)
    assert (found["below"], found["above"]) == (3, 0)


def test_lives_end_at_the_first_trade_or_when_nothing_is_left() -> None:
    recording = [
        Change(JOINED, 1, 1, 10, 7, 5, 0),
        Change(JOINED, 2, 1, 10, 8, 5, 0),
        Change(LEFT, 3, 1, 10, 7, 2, 0),
        Change(EXECUTED, 4, 1, 10, 7, 1, 0),
        Change(LEFT, 5, 1, 10, 7, 2, 0),
        Change(GREW, 6, 1, 10, 8, 9, 5),
    ]
    assert ends(recording) == {1: 4, 2: 6}
