"""The naive and the fast book are one book [M7]: every test runs on both, then side by side."""

import random
from collections.abc import Sequence
from itertools import pairwise, product
from typing import Protocol

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tickproof.kernel.book import Book
from tickproof.spec import book as spec

BID, ASK = 1, -1


class AnyBook(Protocol):
    bid_price: int
    bid_size: int
    ask_price: int
    ask_size: int
    level_changes: int

    def clear(self) -> None: ...
    def apply_snapshot(self, levels: Sequence[int], start: int, stop: int) -> None: ...
    def apply_levels(self, payload: Sequence[int], start: int, stop: int) -> int: ...
    def size_at(self, side: int, price: int) -> int: ...
    def next_price(self, side: int, price: int) -> int: ...
    def levels(self, side: int) -> list[tuple[int, int]]: ...
    def crossed(self) -> bool: ...


class NaiveBook:
    """The specification behind the fast book's interface."""

    def __init__(self) -> None:
        self.level_changes = 0
        self.clear()

    def _become(self, state: spec.BookState) -> None:
        self.state = state
        touch = spec.touch(state)
        self.bid_price, self.bid_size = touch.bid_price, touch.bid_size
        self.ask_price, self.ask_size = touch.ask_price, touch.ask_size

    def clear(self) -> None:
        self._become(spec.EMPTY)

    def apply_snapshot(self, levels: Sequence[int], start: int, stop: int) -> None:
        self._become(spec.snapshot(tuple(levels[start:stop])))

    def apply_levels(self, payload: Sequence[int], start: int, stop: int) -> int:
        before = spec.touch(self.state)
        self._become(spec.apply_levels(self.state, tuple(payload[start:stop])))
        self.level_changes += (stop - start) // 3
        return spec.changes(before, spec.touch(self.state))

    def size_at(self, side: int, price: int) -> int:
        return spec.size_at(self.state, side, price)

    def next_price(self, side: int, price: int) -> int:
        return spec.next_price(self.state, side, price)

    def levels(self, side: int) -> list[tuple[int, int]]:
        return list(spec.levels_of(self.state, side))

    def crossed(self) -> bool:
        return spec.crossed(self.state)


def apply(book: AnyBook, *levels: int) -> int:
    return book.apply_levels(levels, 0, len(levels))


@pytest.mark.parametrize("make", [NaiveBook, Book])
class TestBook:
    """What any book does."""

    def test_an_empty_book_has_no_touch(self, make: type[AnyBook]) -> None:
        book = make()
        touch = (book.bid_price, book.bid_size, book.ask_price, book.ask_size)
        assert touch == (0, 0, 0, 0)
        assert not book.crossed()
        assert book.next_price(BID, 10**12) == -1
        assert book.next_price(ASK, 0) == -1

    def test_the_touch_follows_the_best_levels(self, make: type[AnyBook]) -> None:
        book = make()
        assert apply(book, BID, 100, 5, ASK, 103, 7) == 1 + 2 + 4 + 8
        assert apply(book, BID, 101, 5) == 1
        assert apply(book, BID, 101, 6) == 4
        assert apply(book, ASK, 102, 8) == 2 + 8
        assert apply(book, BID, 99, 50, ASK, 110, 60) == 0
        assert apply(book, ASK, 102, 0) == 2 + 8
        assert book.levels(BID) == [(101, 6), (100, 5), (99, 50)]
        assert book.levels(ASK) == [(103, 7), (110, 60)]
        assert book.size_at(ASK, 110) == 60
        assert book.size_at(BID, 110) == 0
        assert book.level_changes == 8

    def test_removing_an_absent_level_is_ordinary(self, make: type[AnyBook]) -> None:
        book = make()
        assert apply(book, BID, 100, 0, ASK, 5, 0) == 0
        apply(book, BID, 100, 5)
        assert apply(book, BID, 99, 0, BID, 10**12, 0) == 0
        assert book.levels(BID) == [(100, 5)]

    def test_only_the_state_after_a_message_counts(self, make: type[AnyBook]) -> None:
        book = make()
        apply(book, BID, 100, 5, ASK, 101, 5)
        assert apply(book, BID, 102, 3, BID, 102, 0) == 0
        assert apply(book, ASK, 101, 0, ASK, 101, 5) == 0
        assert apply(book, BID, 101, 2) == 1 + 4
        assert book.crossed()
        assert book.size_at(BID, 101) == 2
        assert book.size_at(ASK, 101) == 5

    def test_a_slice_of_a_payload_is_enough(self, make: type[AnyBook]) -> None:
        book = make()
        payload = [7, 7, BID, 50, 1, ASK, 60, 2, 9]
        book.apply_levels(payload, 2, 8)
        assert (book.bid_price, book.ask_price) == (50, 60)

    def test_a_snapshot_replaces_everything_and_counts_no_change(self, make: type[AnyBook]) -> None:
        book = make()
        apply(book, BID, 100, 5, ASK, 101, 5, BID, 7, 7)
        book.apply_snapshot((0, BID, 90, 1, ASK, 95, 2, BID, 91, 0), 1, 10)
        assert book.levels(BID) == [(90, 1)]
        assert book.levels(ASK) == [(95, 2)]
        assert book.level_changes == 3
        book.clear()
        assert book.levels(BID) == book.levels(ASK) == []
        assert (book.bid_size, book.ask_size) == (0, 0)

    def test_price_zero_and_the_highest_price_are_prices(self, make: type[AnyBook]) -> None:
        book = make()
        assert apply(book, BID, 0, 5) == 4
        assert apply(book, ASK, 10**12, 5) == 2 + 8
        assert not book.crossed()
        assert apply(book, ASK, 0, 1) == 2 + 8
        assert book.crossed()
        assert apply(book, ASK, 0, 0, BID, 0, 0) == 2 + 4 + 8
        assert book.next_price(ASK, 0) == 10**12

    def test_next_price_walks_a_side(self, make: type[AnyBook]) -> None:
        book = make()
        apply(book, BID, 100, 1, BID, 98, 1, BID, 3, 1, ASK, 101, 1, ASK, 105, 1, ASK, 10**9, 1)
        walk = [book.next_price(BID, price) for price in (101, 100, 99, 98, 3)]
        assert walk == [100, 98, 98, 3, -1]
        walk = [book.next_price(ASK, price) for price in (0, 101, 104, 105, 10**9)]
        assert walk == [101, 105, 105, 10**9, -1]


prices = st.one_of(
    st.integers(0, 40),
    st.integers(60, 90).map(lambda step: step * 10),
    st.integers(0, 10**12),
    st.sampled_from([0, 1, 10**6, 10**12]),
)
triples = st.tuples(st.sampled_from([BID, ASK]), prices, st.integers(0, 3))
messages = st.lists(st.tuples(st.booleans(), st.lists(triples, max_size=8)), max_size=40)
drift = st.lists(st.integers(-30, 30), max_size=40)


def same(fast: Book, naive: NaiveBook, probes: Sequence[int]) -> None:
    for name in ("bid_price", "bid_size", "ask_price", "ask_size", "level_changes"):
        assert getattr(fast, name) == getattr(naive, name), name
    assert fast.crossed() == naive.crossed()
    for side in (BID, ASK):
        assert fast.levels(side) == naive.levels(side)
        for price in probes:
            assert fast.size_at(side, price) == naive.size_at(side, price)
            assert fast.next_price(side, price) == naive.next_price(side, price)


@given(st.sampled_from([1, 3, 10]), st.sampled_from([8, 16, 64]), messages, drift)
def test_the_fast_book_refines_the_naive_one(
    tick: int, slots: int, run: list[tuple[bool, list[tuple[int, int, int]]]], moves: list[int]
) -> None:
    fast, naive = Book(tick, slots), NaiveBook()
    shift = 0
    for index, (whole, levels) in enumerate(run):
        shift = max(shift + (moves[index] if index < len(moves) else 0), 0)
        flat = [n for side, price, size in levels for n in (side, price + shift, size)]
        if whole and index % 7 == 0:
            fast.apply_snapshot(flat, 0, len(flat))
            naive.apply_snapshot(flat, 0, len(flat))
        else:
            changed = fast.apply_levels(flat, 0, len(flat))
            assert changed == naive.apply_levels(flat, 0, len(flat))
        same(fast, naive, [p + d for p in flat[1::3] for d in (-1, 0, 1) if p + d >= 0])


def test_the_window_follows_a_touch_that_wanders() -> None:
    fast, naive = Book(1, 32), NaiveBook()
    bases = []
    for step in range(400):
        low = 1000 + 3 * step
        message = [BID, low, 5, BID, low - 3, 0, ASK, low + 2, 4, ASK, low - 1, 0]
        assert fast.apply_levels(message, 0, 12) == naive.apply_levels(message, 0, 12)
        bases.append(fast._base)
        same(fast, naive, [low - 3, low, low + 2])
    moved = len(dict.fromkeys(bases))
    assert 20 < moved < 200
    assert fast._base <= fast.bid_price < fast._base + 32


def test_a_touch_that_jumps_does_not_move_the_window_each_time() -> None:
    book = Book(1, 1024)
    apply(book, BID, 10_000, 5)
    bases = []
    for _ in range(500):
        apply(book, BID, 900_000, 5)
        bases.append(book._base)
        apply(book, BID, 900_000, 0)
        bases.append(book._base)
    moves = sum(before != after for before, after in pairwise(bases))
    assert moves < 10


@pytest.mark.parametrize("side", [BID, ASK])
def test_the_slot_at_the_end_of_the_window_is_part_of_it(side: int) -> None:
    book = Book(2, slots=8)
    apply(book, side, 100, 1)
    end = book._base if side == BID else book._base + 2 * 7
    apply(book, side, end, 5)
    assert book.size_at(side, end) == 5
    assert book.next_price(side, end + 2 * side) == end
    assert book.next_price(side, end) == -1
    assert not book._far_bids
    assert not book._far_asks


def test_small_windows_find_the_touch_again_wherever_it_lies() -> None:
    """Levels come and go around the window's ends, where the first slot is a slot like others."""
    dice = random.Random(5)
    for slots in (1, 2, 4, 8):
        fast, naive = Book(1, slots=slots), NaiveBook()
        for _ in range(500):
            level = dice.choice((BID, ASK)), dice.randrange(95, 112), dice.choice((0, 0, 1, 2))
            apply(fast, *level)
            apply(naive, *level)
            for name in ("bid_price", "bid_size", "ask_price", "ask_size"):
                assert getattr(fast, name) == getattr(naive, name)


# --- every edge of a small window -------------------------------------------------------------

# Eight slots around a bid of 10: 6 to 13 are inside, the others far.
PLACES = (0, 5, 6, 10, 11, 13, 14)
CHANGES = tuple(product((BID, ASK), PLACES, (0, 2)))
OPENINGS = (
    (),
    (ASK, 14, 1, ASK, 6, 1, ASK, 5, 1),
    (BID, 0, 1, BID, 6, 1, BID, 14, 1),
    (BID, 10, 0, BID, 0, 1),
    (ASK, 11, 0, BID, 10, 0),
)


def everything_of(book: AnyBook) -> tuple[object, ...]:
    return (
        (book.bid_price, book.bid_size, book.ask_price, book.ask_size, book.crossed()),
        [book.size_at(side, price) for side in (BID, ASK) for price in (-1, *PLACES, 15)],
        [book.next_price(side, price) for side in (BID, ASK) for price in (*PLACES, 15)],
        book.levels(BID),
        book.levels(ASK),
    )


@pytest.mark.parametrize("opening", OPENINGS)
def test_every_pair_of_changes_at_the_edges_of_a_window(opening: tuple[int, ...]) -> None:
    for first, second in product(CHANGES, CHANGES):
        naive, fast = NaiveBook(), Book(1, 8)
        for message in ((BID, 10, 1, ASK, 11, 1), opening, first, second):
            assert apply(naive, *message) == apply(fast, *message)
        assert everything_of(naive) == everything_of(fast), (first, second)


@pytest.mark.parametrize(
    ("changes", "base"),
    [
        # The middle half of 6 to 13 is 8 to 11.
        ([(ASK, 13, 1), (ASK, 13, 2), (BID, 11, 1)], 6),
        ([(ASK, 13, 1), (ASK, 13, 2), (BID, 12, 1)], 8),
        ([(BID, 8, 1), (ASK, 13, 2), (BID, 10, 0)], 6),
        ([(BID, 7, 1), (ASK, 13, 2), (BID, 10, 0)], 3),
        # A move is paid for by more changes than an eighth of the slots, and one per far level.
        ([(BID, 12, 1)], 6),
        ([(ASK, 13, 1), (BID, 12, 1)], 8),
        ([(ASK, 99, 1), (BID, 12, 1)], 6),
        ([(ASK, 99, 1), (ASK, 13, 1), (BID, 12, 1)], 8),
    ],
)
def test_the_window_follows_the_touch_out_of_its_middle(
    changes: list[tuple[int, ...]], base: int
) -> None:
    book = Book(1, 8)
    apply(book, BID, 10, 1, ASK, 11, 1)
    assert book._base == 6
    for change in changes:
        apply(book, *change)
    assert book._base == base
