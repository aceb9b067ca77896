"""Feeds of orders as levels: one change per message, windows that forget, and what is refused."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tickproof.kernel.book import Book
from tickproof.kernel.order_book import OrderBook
from tickproof.runtime.errors import InputError
from tickproof.runtime.readers.feed import instrument_for
from tickproof.runtime.readers.orders import (
    LEVEL_KINDS,
    ORDER_KINDS,
    OrderColumns,
    OrderFeed,
    by_order_feed,
    follow,
    level_feed,
    messages,
    row_feed,
)
from tickproof.spec.events import (
    BookDelta,
    BookOrderAdd,
    BookOrderCancel,
    BookOrderExecute,
    BookOrderModify,
    BookSnapshot,
    EventKind,
    Trade,
    payload,
)

BID, ASK = 1, -1
Body = BookOrderAdd | BookOrderCancel | BookOrderExecute | BookSnapshot | Trade


def collected(*run: list[Body]) -> OrderColumns:
    out = OrderColumns()
    for sequence, bodies in enumerate(run):
        stamp_ns = 10 * (sequence + 1)
        out.stamped(stamp_ns)
        for body in bodies:
            if isinstance(body, Trade):
                out.trade(stamp_ns, stamp_ns, sequence, payload(body), 5)
            else:
                out.emit(int(body.KIND), stamp_ns, stamp_ns, sequence, payload(body))
    return out


def feed_of(out: OrderColumns) -> OrderFeed:
    return out.feed(*instrument_for("BTC/USD", 0, 2, 0), "0" * 64)


def test_a_message_is_one_change() -> None:
    out = collected(
        [BookSnapshot(0, 0), BookOrderAdd(0, 1, BID, 100, 2), BookOrderAdd(0, 2, ASK, 101, 3)],
        [Trade(0, 101, 1, BID, 0, 1), BookOrderExecute(0, 2, ASK, 101, 1)],
        [BookOrderCancel(0, 9, BID, 100, 0)],
        [BookOrderAdd(0, 3, BID, 100, 1), BookOrderCancel(0, 1, BID, 100, 0)],
        [BookSnapshot(0, 0), BookOrderAdd(0, 4, BID, 90, 7)],
    )
    assert list(messages(out.columns)) == [(0, 3), (3, 5), (5, 6), (6, 8), (8, 10)]
    feed = level_feed(feed_of(out))
    assert [event.body for event in feed.columns] == [
        BookSnapshot(0, 1, (BID, 100, 2, ASK, 101, 3)),
        Trade(0, 101, 1, BID, 0, 1),
        BookDelta(0, 2, 2, (ASK, 101, 2)),
        BookDelta(0, 3, 3, (BID, 100, 1)),
        BookSnapshot(0, 4, (BID, 90, 7)),
    ]
    assert list(feed.columns.sequence) == [0, 1, 1, 3, 4]
    assert (feed.counts.snapshots, feed.counts.diffs, feed.counts.level_changes) == (2, 2, 2)
    assert feed.counts.trades == 1


references = st.integers(1, 6)
bodies = st.one_of(
    st.builds(
        BookOrderAdd,
        st.just(0),
        references,
        st.sampled_from([BID, ASK]),
        st.integers(98, 102),
        st.integers(1, 3),
    ),
    st.builds(BookOrderCancel, st.just(0), references, st.just(0), st.just(0), st.integers(0, 2)),
    st.builds(BookOrderExecute, st.just(0), references, st.just(0), st.just(0), st.integers(1, 3)),
)


@given(st.lists(st.lists(bodies, min_size=1, max_size=4), min_size=1, max_size=20))
def test_levels_are_those_of_the_orders_after_every_message(run: list[list[Body]]) -> None:
    out = collected(*run)
    book = OrderBook()
    truth = [(book.levels.levels(BID), book.levels.levels(ASK)) for _ in follow(out.columns, book)]
    levels, feed = Book(), level_feed(feed_of(out))
    after = {}
    for index, kind in enumerate(feed.columns.kind):
        values = feed.columns.payload_of(index)
        if kind == EventKind.BOOK_SNAPSHOT:
            levels.apply_snapshot(values, 2, len(values))
        else:
            levels.apply_levels(values, 3, len(values))
        after[feed.columns.sequence[index]] = (levels.levels(BID), levels.levels(ASK))
    known: tuple[list[tuple[int, int]], list[tuple[int, int]]] = ([], [])
    for sequence, expected in enumerate(truth):
        known = after.get(sequence, known)
        assert known == expected


def test_a_window_shows_what_is_gone_when_it_covers_it_again() -> None:
    out = collected([Trade(0, 101, 1, BID, 0, 1)])
    for sequence, levels in enumerate(
        (
            (BID, 100, 1, BID, 99, 1, ASK, 105, 2, ASK, 106, 2),
            (BID, 101, 5, BID, 100, 1, ASK, 105, 2, ASK, 106, 2),
            (BID, 100, 1, BID, 98, 4, ASK, 105, 2, ASK, 106, 2),
            (BID, 98, 4, ASK, 105, 2, ASK, 107, 2),
            (BID, 98, 4, ASK, 105, 2, ASK, 107, 2),
        ),
        start=1,
    ):
        body = BookOrderAdd(0, sequence, BID, 1, 1)
        out.emit(int(body.KIND), sequence, sequence, sequence, payload(body))
        out.rows.append(len(out.columns), levels)
    feed = row_feed(feed_of(out))
    assert [event.body for event in feed.columns] == [
        Trade(0, 101, 1, BID, 0, 1),
        BookSnapshot(0, 1, (BID, 100, 1, BID, 99, 1, ASK, 105, 2, ASK, 106, 2)),
        BookDelta(0, 2, 2, (BID, 101, 5)),
        BookDelta(0, 3, 3, (BID, 101, 0, BID, 99, 0, BID, 98, 4)),
        BookDelta(0, 4, 4, (BID, 100, 0, ASK, 106, 0, ASK, 107, 2)),
    ]


def test_orders_stand_beside_the_levels_they_make() -> None:
    orders = feed_of(
        collected(
            [BookSnapshot(0, 0), BookOrderAdd(0, 1, BID, 100, 2), BookOrderAdd(0, 2, BID, 100, 3)],
            [Trade(0, 100, 1, ASK, 0, 1), BookOrderExecute(0, 1, BID, 100, 1)],
            [BookOrderCancel(0, 9, BID, 100, 0)],
            [
                BookSnapshot(0, 0),
                BookOrderAdd(0, 2, BID, 100, 1),
                BookOrderAdd(0, 1, BID, 100, 1),
                BookOrderAdd(0, 3, ASK, 105, 4),
            ],
        )
    )
    feed = by_order_feed(orders, level_feed(orders))
    assert [event.body for event in feed.columns] == [
        BookSnapshot(0, 1, (BID, 100, 5)),
        BookOrderAdd(0, 1, BID, 100, 2),
        BookOrderAdd(0, 2, BID, 100, 3),
        Trade(0, 100, 1, ASK, 0, 1),
        BookOrderExecute(0, 1, BID, 100, 1),
        BookDelta(0, 2, 2, (BID, 100, 4)),
        BookOrderCancel(0, 9, BID, 100, 0),
        BookSnapshot(0, 3, (BID, 100, 2, ASK, 105, 4)),
        BookOrderAdd(0, 9, BID, 0, 1),
        BookOrderCancel(0, 1, BID, 100, 0),
        BookOrderModify(0, 2, BID, 100, 1),
        BookOrderAdd(0, 1, BID, 100, 1),
        BookOrderAdd(0, 3, ASK, 105, 4),
    ]
    assert list(feed.columns.sequence) == [0, 0, 0, 1, 1, 1, 2, 3, 3, 3, 3, 3, 3]
    assert feed.rows_hash != level_feed(orders).rows_hash


def test_orders_are_told_at_the_end_of_their_message() -> None:
    out = collected([BookOrderAdd(0, 1, BID, 100, 2), BookOrderAdd(0, 2, ASK, 105, 2)])
    fill = BookOrderExecute(0, 1, BID, 100, 1)
    gone = BookOrderCancel(0, 2, ASK, 105, 0)
    out.trade(20, 21, 1, payload(Trade(0, 100, 1, ASK, 0, 1)))
    out.emit(int(fill.KIND), 20, 22, 1, payload(fill))
    out.emit(int(gone.KIND), 20, 24, 1, payload(gone))
    orders = feed_of(out)
    columns = by_order_feed(orders, level_feed(orders)).columns
    assert list(columns.capture_time_ns) == [10, 10, 10, 21, 24, 24, 24]
    assert list(columns.event_time_ns) == [10, 10, 10, 20, 20, 20, 20]


beginnings = st.just(BookSnapshot(0, 0))


@given(st.lists(st.lists(bodies | beginnings, min_size=1, max_size=5), min_size=1, max_size=20))
def test_orders_told_beside_levels_are_the_orders_of_the_feed(run: list[list[Body]]) -> None:
    """Queue by queue after every message, over snapshots too; and the levels are untouched."""
    out = collected(*run)
    if not any(kind in ORDER_KINDS for kind in out.columns.kind):
        return
    orders = feed_of(out)
    levels = level_feed(orders)
    feed = by_order_feed(orders, levels)
    plain = [event for event in feed.columns if event.kind not in ORDER_KINDS]
    assert plain == list(levels.columns)
    book, told, begin = OrderBook(), OrderBook(), 0
    columns = feed.columns
    for first, _ in follow(out.columns, book):
        while begin < len(columns) and columns.sequence[begin] == out.columns.sequence[first]:
            if columns.kind[begin] in ORDER_KINDS:
                told.apply(columns.kind[begin], columns.payload, columns.offset[begin])
            begin += 1
        for side in (BID, ASK):
            for price in range(97, 104):
                assert told.orders_at(side, price) == book.orders_at(side, price)
    assert begin == len(columns)


def test_of_a_message_levels_are_last_unless_a_book_begins() -> None:
    out = collected(
        [BookOrderAdd(0, 1, BID, 100, 2)],
        [BookOrderAdd(0, 2, BID, 100, 2), Trade(0, 101, 1, BID, 0, 1)],
    )
    feed = by_order_feed(feed_of(out), level_feed(feed_of(out)))
    places = [kind in LEVEL_KINDS for kind in feed.columns.kind]
    assert places == [True, False, False, False, True]


def test_what_has_no_orders_or_no_levels_is_refused() -> None:
    out = collected([Trade(0, 101, 1, BID, 0, 1)])
    with pytest.raises(InputError, match="a recording with orders"):
        by_order_feed(feed_of(out), feed_of(out).feed)
    with pytest.raises(InputError, match="a recording with orders"):
        level_feed(feed_of(out))
    with pytest.raises(InputError, match="the venue's levels"):
        row_feed(feed_of(out))


def test_stamps_that_run_backwards_are_counted() -> None:
    out = OrderColumns()
    for stamp_ns in (5, 7, 6, 8):
        out.stamped(stamp_ns)
    assert out.counts == {"messages": 4, "backwards_stamps": 1}


def test_takers_stand_beside_their_prints(tmp_path: Path) -> None:
    orders = feed_of(collected([Trade(0, 101, 1, BID, 0, 1)], [Trade(0, 101, 1, BID, 0, 2)]))
    assert list(orders.takers) == [5, 5]
