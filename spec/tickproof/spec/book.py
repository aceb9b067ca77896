"""The book of price levels: what a snapshot and a delta of absolute sizes mean.

Decides the order of levels (bids from the highest price, offers from the lowest), that a level
message states the size a level *has*, that size 0 removes it, that removing what is not there is
ordinary (snapshots are truncated, so deltas name levels never shown), and what counts as a change
of the touch. A book may be crossed inside a message, never be judged there: one source message is
one change, seen whole.

Sections: state, levels, whole messages, touch. Source: concept page sections 3 and 9; the fast
book in `tickproof.kernel.book` refines this one [M7].
"""

from __future__ import annotations

from enum import IntEnum

from attrs import frozen

from tickproof.spec.events import Side

# --- state ---------------------------------------------------------------------------------------


@frozen
class BookState:
    """Both sides as (price, size) pairs, best first: price units and lots, sizes positive."""

    bids: tuple[tuple[int, int], ...] = ()
    asks: tuple[tuple[int, int], ...] = ()


@frozen
class Touch:
    """The best level of either side; price and size are 0 where a side is empty."""

    bid_price: int = 0
    bid_size: int = 0
    ask_price: int = 0
    ask_size: int = 0


class TouchChange(IntEnum):
    """Bits of a change mask: each says that this number of the touch is another than before."""

    BID_PRICE = 1
    ASK_PRICE = 2
    BID_SIZE = 4
    ASK_SIZE = 8


EMPTY = BookState()
"""The book before anything is known."""


def inv(book: BookState) -> bool:
    """Whether sides are strictly ordered, best first, and hold positive sizes only."""
    prices_bid = [price for price, _ in book.bids]
    prices_ask = [price for price, _ in book.asks]
    return (
        prices_bid == sorted(prices_bid, reverse=True)
        and prices_ask == sorted(prices_ask)
        and len(dict(book.bids)) == len(book.bids)
        and len(dict(book.asks)) == len(book.asks)
        and all(size > 0 for _, size in book.bids + book.asks)
    )


# --- levels --------------------------------------------------------------------------------------


def levels_of(book: BookState, side: int) -> tuple[tuple[int, int], ...]:
    """The levels of `side` (a `Side`), best first."""
    return book.bids if side == Side.BUY else book.asks


def size_at(book: BookState, side: int, price: int) -> int:
    """Lots shown at a price of a side, 0 where there is no level."""
    for level_price, level_size in levels_of(book, side):
        if level_price == price:
            return level_size
    return 0


def next_price(book: BookState, side: int, price: int) -> int:
    """The best price of a side strictly behind `price`, -1 where there is none."""
    for level_price, _ in levels_of(book, side):
        if (price - level_price) * side > 0:
            return level_price
    return -1


def with_level(book: BookState, side: int, price: int, size: int) -> BookState:
    """The book after one level of `side` is said to have `size` lots; 0 removes it."""
    others = [level for level in levels_of(book, side) if level[0] != price]
    if size > 0:
        others.append((price, size))
    if side == Side.BUY:
        return BookState(tuple(sorted(others, reverse=True)), book.asks)
    return BookState(book.bids, tuple(sorted(others)))


# --- whole messages ------------------------------------------------------------------------------


def apply_levels(book: BookState, levels: tuple[int, ...]) -> BookState:
    """The book after a delta: flat (side, price, size) triples, applied in order."""
    for index in range(0, len(levels), 3):
        book = with_level(book, levels[index], levels[index + 1], levels[index + 2])
    return book


def snapshot(levels: tuple[int, ...]) -> BookState:
    """The book a snapshot states, whatever was known before."""
    return apply_levels(EMPTY, levels)


# --- touch ---------------------------------------------------------------------------------------


def best(book: BookState, side: int) -> tuple[int, int]:
    """(price, size) of the best level of a side, (0, 0) where it is empty."""
    levels = levels_of(book, side)
    return levels[0] if levels else (0, 0)


def touch(book: BookState) -> Touch:
    """The best level of either side."""
    return Touch(*best(book, Side.BUY), *best(book, Side.SELL))


def crossed(book: BookState) -> bool:
    """Whether the best bid is at or above the best offer (locked counts) [M1]."""
    if not book.bids or not book.asks:
        return False
    return book.bids[0][0] >= book.asks[0][0]


def changes(before: Touch, after: Touch) -> int:
    """The sum of `TouchChange` bits whose number differs between two touches."""
    return (
        TouchChange.BID_PRICE * (before.bid_price != after.bid_price)
        + TouchChange.ASK_PRICE * (before.ask_price != after.ask_price)
        + TouchChange.BID_SIZE * (before.bid_size != after.bid_size)
        + TouchChange.ASK_SIZE * (before.ask_size != after.ask_size)
    )
