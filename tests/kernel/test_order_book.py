"""The naive and the fast book of orders are one [M7]: tests run on both, then side by side."""

from collections import Counter
from collections.abc import Sequence
from typing import Protocol

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tickproof.kernel.order_book import NOT_A_BOOK_EVENT, OrderBook
from tickproof.spec import order_book as spec
from tickproof.spec.book import crossed, touch
from tickproof.spec.events import (
    BookOrderAdd,
    BookOrderCancel,
    BookOrderExecute,
    BookOrderModify,
    BookSnapshot,
    EventKind,
    Trade,
    payload,
)
from tickproof.spec.order_book import OrderOutcome

BID, ASK = 1, -1


class AnyOrderBook(Protocol):
    outcomes: list[int]

    def clear(self) -> None: ...
    def add(self, reference: int, side: int, price: int, size: int) -> int: ...
    def modify(self, reference: int, price: int, size: int) -> int: ...
    def cancel(self, reference: int, size: int) -> int: ...
    def execute(self, reference: int, size: int) -> int: ...
    def commit(self) -> int: ...
    def size_at(self, side: int, price: int) -> int: ...
    def front(self, side: int, price: int) -> int: ...
    def is_front(self, reference: int) -> bool: ...
    def orders_at(self, side: int, price: int) -> list[tuple[int, int]]: ...
    def resting(self, reference: int) -> tuple[int, int, int]: ...
    def quantity_ahead(self, reference: int) -> int: ...
    def voided(self) -> list[int]: ...


class NaiveOrderBook:
    """The specification behind the fast book's interface."""

    def __init__(self, increase_to_back: int = 1) -> None:
        self.outcomes = [0] * len(OrderOutcome)
        self.increase_to_back = increase_to_back
        self.clear()

    def _take(self, step: spec.OrderStep) -> int:
        self.state = step.book
        self.outcomes[step.outcome] += 1
        return step.outcome

    def clear(self) -> None:
        self.state = spec.EMPTY

    def add(self, reference: int, side: int, price: int, size: int) -> int:
        return self._take(spec.add(self.state, reference, side, price, size))

    def modify(self, reference: int, price: int, size: int) -> int:
        return self._take(spec.modify(self.state, reference, price, size, self.increase_to_back))

    def cancel(self, reference: int, size: int) -> int:
        return self._take(spec.cancel(self.state, reference, size))

    def execute(self, reference: int, size: int) -> int:
        return self._take(spec.execute(self.state, reference, size))

    def commit(self) -> int:
        return 0

    def size_at(self, side: int, price: int) -> int:
        return spec.total(spec.queue_at(self.state, side, price))

    def front(self, side: int, price: int) -> int:
        queue = spec.queue_at(self.state, side, price)
        return queue[0][0] if queue else -1

    def is_front(self, reference: int) -> bool:
        return spec.quantity_ahead(self.state, reference) == 0

    def orders_at(self, side: int, price: int) -> list[tuple[int, int]]:
        return list(spec.queue_at(self.state, side, price))

    def resting(self, reference: int) -> tuple[int, int, int]:
        place = spec.resting(self.state, reference)
        return (place.side, place.price, place.size)

    def quantity_ahead(self, reference: int) -> int:
        return spec.quantity_ahead(self.state, reference)

    def voided(self) -> list[int]:
        return list(self.state.voided)


@pytest.mark.parametrize("make", [NaiveOrderBook, OrderBook])
class TestOrderBook:
    def test_orders_queue_in_the_order_of_their_arrival(self, make: type[AnyOrderBook]) -> None:
        book = make()
        for reference in (7, 5, 9):
            assert book.add(reference, BID, 100, 2) == OrderOutcome.APPLIED
        assert book.orders_at(BID, 100) == [(7, 2), (5, 2), (9, 2)]
        assert [book.quantity_ahead(each) for each in (7, 5, 9, 1)] == [0, 2, 4, -1]
        assert [book.is_front(each) for each in (7, 5, 1)] == [True, False, False]
        assert (book.front(BID, 100), book.front(ASK, 100), book.front(BID, 99)) == (7, -1, -1)
        assert book.size_at(BID, 100) == 6

    def test_executions_and_cancels_take_from_the_order_they_name(
        self, make: type[AnyOrderBook]
    ) -> None:
        book = make()
        for reference in (1, 2, 3):
            book.add(reference, ASK, 100, 4)
        book.execute(1, 3)
        assert book.orders_at(ASK, 100) == [(1, 1), (2, 4), (3, 4)]
        book.cancel(2, 1)
        book.execute(1, 1)
        assert book.orders_at(ASK, 100) == [(2, 3), (3, 4)]
        book.cancel(2, 0)
        assert (book.quantity_ahead(3), book.resting(2)) == (0, (0, 0, 0))
        book.execute(3, 0)
        assert book.size_at(ASK, 100) == 0

    def test_what_a_change_costs(self, make: type[AnyOrderBook]) -> None:
        book = make()
        for reference in (1, 2, 3):
            book.add(reference, BID, 100, 4)
        assert book.modify(1, 100, 3) == OrderOutcome.APPLIED
        assert book.front(BID, 100) == 1
        assert book.modify(1, 100, 4) == OrderOutcome.GREW
        assert book.orders_at(BID, 100) == [(2, 4), (3, 4), (1, 4)]
        assert book.modify(2, 101, 9) == OrderOutcome.MOVED
        assert book.resting(2) == (BID, 101, 9)
        assert book.modify(2, 100, 4) == OrderOutcome.MOVED
        assert book.orders_at(BID, 100) == [(3, 4), (1, 4), (2, 4)]
        assert book.modify(3, 100, 0) == OrderOutcome.APPLIED
        assert book.modify(1, 102, 0) == OrderOutcome.MOVED
        assert book.orders_at(BID, 100) == [(2, 4)]
        assert book.orders_at(BID, 102) == []

    def test_an_iceberg_reloads_at_the_back(self, make: type[AnyOrderBook]) -> None:
        book = make()
        book.add(1, ASK, 100, 4)
        book.add(2, ASK, 100, 4)
        book.execute(1, 3)
        book.modify(1, 100, 4)
        assert book.orders_at(ASK, 100) == [(2, 4), (1, 4)]
        book.execute(2, 4)
        book.execute(1, 4)
        book.add(3, ASK, 100, 1)
        assert book.add(1, ASK, 100, 4) == OrderOutcome.APPLIED
        assert book.orders_at(ASK, 100) == [(3, 1), (1, 4)]

    def test_a_market_may_let_orders_grow_in_place(self, make: type[AnyOrderBook]) -> None:
        book = make(increase_to_back=0)  # type: ignore[call-arg]
        book.add(1, BID, 100, 1)
        book.add(2, BID, 100, 1)
        assert book.modify(1, 100, 5) == OrderOutcome.GREW
        assert book.orders_at(BID, 100) == [(1, 5), (2, 1)]

    def test_what_is_not_known_is_survived_and_counted(self, make: type[AnyOrderBook]) -> None:
        book = make()
        book.add(1, BID, 100, 2)
        assert book.modify(9, 100, 1) == OrderOutcome.UNKNOWN_MODIFY
        assert book.execute(9, 1) == OrderOutcome.UNKNOWN_EXECUTE
        assert book.cancel(9, 1) == OrderOutcome.UNKNOWN_CANCEL
        assert book.voided() == []
        assert book.cancel(9, 0) == book.cancel(9, 0) == OrderOutcome.UNKNOWN_CANCEL
        assert book.voided() == [9]
        assert book.add(9, BID, 100, 2) == OrderOutcome.ADD_AFTER_DELETE
        assert (book.voided(), book.size_at(BID, 100)) == ([], 2)
        assert book.add(9, BID, 100, 2) == OrderOutcome.APPLIED
        assert book.add(9, ASK, 105, 3) == OrderOutcome.DUPLICATE_ADD
        assert book.add(8, BID, 100, 0) == OrderOutcome.NOT_POSITIVE
        assert book.cancel(1, 5) == book.execute(9, 3) == OrderOutcome.OVER
        assert book.size_at(BID, 100) == 0
        seen = {OrderOutcome(code): n for code, n in enumerate(book.outcomes) if n}
        assert seen == {
            OrderOutcome.APPLIED: 2,
            OrderOutcome.NOT_POSITIVE: 1,
            OrderOutcome.DUPLICATE_ADD: 1,
            OrderOutcome.ADD_AFTER_DELETE: 1,
            OrderOutcome.UNKNOWN_MODIFY: 1,
            OrderOutcome.UNKNOWN_CANCEL: 3,
            OrderOutcome.UNKNOWN_EXECUTE: 1,
            OrderOutcome.OVER: 2,
        }

    def test_clear_forgets_all_but_what_was_counted(self, make: type[AnyOrderBook]) -> None:
        book = make()
        book.add(1, BID, 100, 2)
        book.cancel(9, 0)
        book.clear()
        book.commit()
        assert book.voided() == []
        assert book.orders_at(BID, 100) == []
        assert book.add(9, BID, 100, 2) == OrderOutcome.APPLIED
        assert sum(book.outcomes) == 3


references = st.integers(1, 6)
prices = st.integers(98, 102)
sizes = st.integers(0, 4)
messages = st.one_of(
    st.builds(BookOrderAdd, st.just(0), references, st.sampled_from([BID, ASK]), prices, sizes),
    st.builds(BookOrderModify, st.just(0), references, st.just(BID), prices, sizes),
    st.builds(BookOrderCancel, st.just(0), references, st.just(BID), prices, sizes),
    st.builds(BookOrderExecute, st.just(0), references, st.just(BID), prices, sizes),
)
Message = BookOrderAdd | BookOrderModify | BookOrderCancel | BookOrderExecute


def said(book: AnyOrderBook, body: Message) -> int:
    if isinstance(body, BookOrderAdd):
        return book.add(body.order_reference, body.side, body.price, body.size)
    if isinstance(body, BookOrderModify):
        return book.modify(body.order_reference, body.price, body.size)
    if isinstance(body, BookOrderCancel):
        return book.cancel(body.order_reference, body.size)
    return book.execute(body.order_reference, body.size)


def same(fast: OrderBook, naive: NaiveOrderBook) -> None:
    assert spec.inv(naive.state)
    assert fast.outcomes == naive.outcomes
    assert fast.voided() == naive.voided()
    for reference in range(8):
        assert fast.resting(reference) == naive.resting(reference)
        assert fast.quantity_ahead(reference) == naive.quantity_ahead(reference)
        assert fast.is_front(reference) == naive.is_front(reference)
    for side in (BID, ASK):
        for price in range(97, 104):
            assert fast.orders_at(side, price) == naive.orders_at(side, price)
            assert fast.size_at(side, price) == naive.size_at(side, price)
            assert fast.front(side, price) == naive.front(side, price)


def same_levels(fast: OrderBook, naive: NaiveOrderBook) -> None:
    book = spec.level_book(naive.state)
    levels, best = fast.levels, touch(book)
    assert levels.levels(BID) == list(book.bids)
    assert levels.levels(ASK) == list(book.asks)
    assert (levels.bid_price, levels.bid_size) == (best.bid_price, best.bid_size)
    assert (levels.ask_price, levels.ask_size) == (best.ask_price, best.ask_size)
    assert levels.crossed() == crossed(book)


@given(st.lists(st.lists(messages, max_size=4), max_size=25), st.integers(0, 1))
def test_the_fast_book_refines_the_naive_one(run: Sequence[Sequence[Message]], back: int) -> None:
    fast, naive = OrderBook(1, back, 16), NaiveOrderBook(back)
    for message in run:
        for body in message:
            values = payload(body)
            assert fast.apply(int(body.KIND), values, 0) == said(naive, body)
            same(fast, naive)
        fast.commit()
        told = Counter(zip(fast.delta[0::3], fast.delta[1::3], strict=True))
        assert set(told.values()) <= {1}
        same_levels(fast, naive)


@given(st.lists(messages, max_size=30), references, messages)
def test_others_never_come_between(run: Sequence[Message], own: int, last: Message) -> None:
    """The quantity ahead of an order grows by its own messages only [Q2]."""
    book = NaiveOrderBook()
    for body in run:
        said(book, body)
    before = book.quantity_ahead(own)
    said(book, last)
    after = book.quantity_ahead(own)
    assert last.order_reference == own or 0 <= after <= before or (before, after) == (-1, -1)


def test_only_book_events_are_applied() -> None:
    book = OrderBook()
    book.add(1, BID, 100, 1)
    assert book.apply(EventKind.TRADE, payload(Trade(0, 100, 1, BID, 0, 0)), 0) == NOT_A_BOOK_EVENT
    assert len(book) == 1
    assert book.apply(EventKind.BOOK_SNAPSHOT, payload(BookSnapshot(0, 0)), 0) == 0
    assert len(book) == 0
    assert book.commit() == 0


def test_a_level_that_empties_and_fills_in_one_message_is_told_once() -> None:
    book = OrderBook()
    book.add(1, BID, 100, 5)
    assert book.commit() == 1 + 4
    book.cancel(1, 0)
    book.add(2, BID, 100, 5)
    assert book.commit() == 0
    assert book.delta == [BID, 100, 5]
    assert book.orders_at(BID, 100) == [(2, 5)]


@pytest.mark.parametrize("make", [NaiveOrderBook, OrderBook])
def test_a_size_that_is_told_again_is_no_growth(make: type[AnyOrderBook]) -> None:
    book = make()
    book.add(1, BID, 100, 3)
    book.add(2, BID, 100, 4)
    assert book.modify(1, 100, 3) == OrderOutcome.APPLIED
    assert book.orders_at(BID, 100) == [(1, 3), (2, 4)]
