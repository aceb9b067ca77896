"""The specification's book keeps its invariant and does what its levels say."""

from hypothesis import given
from hypothesis import strategies as st

from tickproof.spec import book as spec
from tickproof.spec.events import Side

sides = st.sampled_from([Side.BUY, Side.SELL])
triples = st.tuples(sides, st.integers(0, 12), st.integers(0, 3))


def flat(levels: list[tuple[Side, int, int]]) -> tuple[int, ...]:
    return tuple(int(number) for level in levels for number in level)


@given(st.lists(triples, max_size=30), triples)
def test_a_level_is_what_was_last_said_of_it(
    before: list[tuple[Side, int, int]], last: tuple[Side, int, int]
) -> None:
    side, price, size = last
    old = spec.snapshot(flat(before))
    new = spec.with_level(old, side, price, size)
    assert spec.inv(old)
    assert spec.inv(new)
    for other in range(13):
        for other_side in (Side.BUY, Side.SELL):
            same = other == price and other_side == side
            expected = size if same else spec.size_at(old, other_side, other)
            assert spec.size_at(new, other_side, other) == expected


@given(st.lists(triples, max_size=30))
def test_the_touch_is_the_best_of_all_levels(levels: list[tuple[Side, int, int]]) -> None:
    book = spec.snapshot(flat(levels))
    touch = spec.touch(book)
    assert touch.bid_price == max((price for price, _ in book.bids), default=0)
    assert touch.ask_price == min((price for price, _ in book.asks), default=0)
    assert touch.bid_size == spec.size_at(book, Side.BUY, touch.bid_price)
    assert spec.crossed(book) == any(b >= a for b, _ in book.bids for a, _ in book.asks)


def test_an_invariant_that_is_broken_is_seen() -> None:
    assert not spec.inv(spec.BookState(bids=((1, 1), (2, 1))))
    assert not spec.inv(spec.BookState(asks=((2, 1), (1, 1))))
    assert not spec.inv(spec.BookState(asks=((2, 1), (2, 3))))
    assert not spec.inv(spec.BookState(bids=((2, 0),)))
    assert not spec.inv(spec.BookState(bids=((2, 3), (2, 1))))
    assert not spec.inv(spec.BookState(asks=((2, 0),)))
    assert not spec.inv(spec.BookState(asks=((2, -1),)))
    assert spec.inv(spec.BookState(bids=((2, 1),), asks=((2, 1),)))


def test_the_next_price_is_strictly_behind() -> None:
    book = spec.BookState(bids=((9, 1), (7, 1)), asks=((11, 1), (12, 1)))
    assert [spec.next_price(book, Side.BUY, price) for price in (10, 9, 8, 7)] == [9, 7, 7, -1]
    assert [spec.next_price(book, Side.SELL, price) for price in (10, 11, 12)] == [11, 12, -1]


def test_a_change_mask_names_each_number_that_differs() -> None:
    old = spec.Touch(1, 2, 3, 4)
    assert spec.changes(old, old) == 0
    assert spec.changes(old, spec.Touch(9, 2, 3, 4)) == spec.TouchChange.BID_PRICE
    assert spec.changes(old, spec.Touch(1, 9, 3, 4)) == spec.TouchChange.BID_SIZE
    assert spec.changes(old, spec.Touch(1, 2, 9, 4)) == spec.TouchChange.ASK_PRICE
    assert spec.changes(old, spec.Touch(1, 2, 3, 9)) == spec.TouchChange.ASK_SIZE


def test_an_empty_book_has_a_touch_of_nothing() -> None:
    assert spec.touch(spec.EMPTY) == spec.Touch() == spec.Touch(0, 0, 0, 0)
