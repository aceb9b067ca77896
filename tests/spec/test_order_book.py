"""The specification of the book of orders: what it says by example, and what always holds."""

from hypothesis import given
from hypothesis import strategies as st

from tickproof.spec import order_book as spec
from tickproof.spec.book import BookState, crossed
from tickproof.spec.order_book import EMPTY, UNKNOWN, OrderBookState, OrderOutcome, Resting

BID, ASK = 1, -1

references = st.integers(1, 5)
prices = st.integers(99, 102)
sizes = st.integers(0, 3)
changes = st.one_of(
    st.tuples(st.just("add"), references, st.sampled_from([BID, ASK]), prices, sizes),
    st.tuples(st.just("modify"), references, prices, sizes),
    st.tuples(st.just("cancel"), references, sizes),
    st.tuples(st.just("execute"), references, sizes),
)


def made(*messages: tuple[object, ...]) -> OrderBookState:
    book = EMPTY
    for name, *values in messages:
        book = getattr(spec, str(name))(book, *values).book
    return book


def test_the_empty_book_is_a_book() -> None:
    assert spec.inv(EMPTY)
    assert spec.resting(EMPTY, 1) == UNKNOWN
    assert spec.quantity_ahead(EMPTY, 1) == -1
    assert spec.level_book(EMPTY) == BookState()


@given(st.lists(changes, max_size=20))
def test_the_invariant_holds_and_refusals_change_nothing(run: list[tuple[object, ...]]) -> None:
    book = EMPTY
    for name, *values in run:
        step = getattr(spec, str(name))(book, *values)
        assert spec.inv(step.book)
        if step.outcome in (
            OrderOutcome.NOT_POSITIVE,
            OrderOutcome.DUPLICATE_ADD,
            OrderOutcome.UNKNOWN_MODIFY,
            OrderOutcome.UNKNOWN_EXECUTE,
        ):
            assert step.book == book
        if step.outcome in (OrderOutcome.UNKNOWN_CANCEL, OrderOutcome.ADD_AFTER_DELETE):
            assert (step.book.bids, step.book.asks) == (book.bids, book.asks)
        book = step.book


def test_sides_stand_best_first_and_levels_add_up() -> None:
    book = made(
        ("add", 1, BID, 99, 2),
        ("add", 2, BID, 100, 3),
        ("add", 3, BID, 99, 4),
        ("add", 4, ASK, 102, 5),
        ("add", 5, ASK, 101, 6),
    )
    assert [price for price, _ in book.bids] == [100, 99]
    assert [price for price, _ in book.asks] == [101, 102]
    assert spec.level_book(book) == BookState(((100, 3), (99, 6)), ((101, 6), (102, 5)))
    assert spec.resting(book, 3) == Resting(BID, 99, 4)
    assert spec.quantity_ahead(book, 3) == 2


def test_a_book_may_cross_inside_a_message() -> None:
    book = made(("add", 1, BID, 100, 1), ("add", 2, ASK, 100, 1))
    assert crossed(spec.level_book(book))
    assert not crossed(spec.level_book(spec.execute(book, 1, 1).book))


def test_what_breaks_the_invariant_is_seen() -> None:
    queue = ((1, 2),)
    for broken in (
        OrderBookState(bids=((99, queue), (100, ((2, 1),)))),
        OrderBookState(asks=((100, queue), (99, ((2, 1),)))),
        OrderBookState(bids=((99, ()),)),
        OrderBookState(bids=((99, ((1, 0),)),)),
        OrderBookState(bids=((99, queue),), asks=((100, queue),)),
        OrderBookState(bids=((99, queue),), voided=(1,)),
        OrderBookState(voided=(3, 3)),
        OrderBookState(bids=((99, queue), (99, ((2, 1),)))),
        OrderBookState(asks=((99, queue), (99, ((2, 1),)))),
    ):
        assert not spec.inv(broken)
    levels = tuple((price, ((price, 1),)) for price in (99, 100, 101))
    assert spec.inv(OrderBookState(bids=levels[::-1]))
    assert spec.inv(OrderBookState(asks=levels))


def test_one_lot_is_a_size() -> None:
    assert spec.resized(((1, 3), (2, 1)), 1, 1) == ((1, 1), (2, 1))
    book = made(("add", 1, BID, 99, 1), ("modify", 1, 100, 1))
    assert book.bids == ((100, ((1, 1),)),)


def test_a_size_that_is_told_again_is_no_growth() -> None:
    book = made(("add", 1, BID, 99, 3), ("add", 2, BID, 99, 3))
    assert spec.modify(book, 1, 99, 3) == spec.OrderStep(book)
    assert spec.modify(book, 1, 99, 4).book.bids == ((99, ((2, 3), (1, 4))),)
    assert spec.modify(book, 1, 99, 4, 0).book.bids == ((99, ((1, 4), (2, 3))),)


def test_a_mark_is_made_once_and_taken_away_by_the_late_add() -> None:
    book = made(("cancel", 4, 0), ("cancel", 4, 0), ("cancel", 5, 2))
    assert book.voided == (4,)
    step = spec.add(book, 4, BID, 100, 1)
    assert step == spec.OrderStep(EMPTY, OrderOutcome.ADD_AFTER_DELETE)
