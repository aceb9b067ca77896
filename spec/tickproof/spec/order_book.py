"""The book of orders: what each message of an order-by-order feed does to the queues.

Decides who stands where. A level is a queue of (order reference, size), oldest first. A new order
joins the back [Q1]; executions and cancels take from the order they name and leave all others in
their order [Q4]; a decrease keeps the place, another price loses it, an increase goes to the back
unless the market is declared to grow orders in place [Q3]. An iceberg's reload needs no rule of
its own: what is left after the execution grows, or the order joins again, and either is at the
back [Q5].

Real feeds begin in the middle and deliver out of order, so every message has an outcome and none
is fatal: what names an unknown order changes no queue, and an order whose delete came first is
never created. Only removals of unknown orders leave a mark, `voided`, and the late create takes
it away. A book may be crossed inside a message and is never judged there.

Sections: state, codes, reading, changes, what a feed may say, derived levels. Source: concept
page sections 3 and 9, ADR-0017; `tickproof.kernel.order_book` refines this one [M7].
"""

from __future__ import annotations

from enum import IntEnum

from attrs import evolve, frozen

from tickproof.spec.book import BookState
from tickproof.spec.events import Side

# --- state ---------------------------------------------------------------------------------------

Queue = tuple[tuple[int, int], ...]
"""(order reference, size) pairs, oldest first; sizes in lots, positive."""


@frozen
class OrderBookState:
    """Both sides as (price, queue) pairs, best price first; no queue is empty.

    `voided`: references of orders that were removed before they were known, oldest first.
    """

    bids: tuple[tuple[int, Queue], ...] = ()
    asks: tuple[tuple[int, Queue], ...] = ()
    voided: tuple[int, ...] = ()


@frozen
class Resting:
    """Where an order stands."""

    side: int
    price: int
    size: int


EMPTY = OrderBookState()
"""The book before anything is known."""

UNKNOWN = Resting(Side.NONE, 0, 0)
"""The place of an order that is not in the book."""


# --- codes ---------------------------------------------------------------------------------------


class OrderOutcome(IntEnum):
    """What became of one message; every code is counted, none stops the book.

    APPLIED: as said. MOVED: a modify at another price. GREW: a modify to a larger size. The
    others: NOT_POSITIVE, an add without size, changes nothing. DUPLICATE_ADD: the order rests
    already, changes nothing. ADD_AFTER_DELETE: its removal came before, changes no queue.
    UNKNOWN_MODIFY: changes nothing. UNKNOWN_CANCEL and UNKNOWN_EXECUTE: change no queue.
    OVER: a cancel or execution of more than rests, takes all there is.
    """

    APPLIED = 0
    MOVED = 1
    GREW = 2
    NOT_POSITIVE = 3
    DUPLICATE_ADD = 4
    ADD_AFTER_DELETE = 5
    UNKNOWN_MODIFY = 6
    UNKNOWN_CANCEL = 7
    UNKNOWN_EXECUTE = 8
    OVER = 9


@frozen
class OrderStep:
    """The book after a message, and what became of it."""

    book: OrderBookState
    outcome: int = OrderOutcome.APPLIED


# --- reading -------------------------------------------------------------------------------------


def queues_of(book: OrderBookState, side: int) -> tuple[tuple[int, Queue], ...]:
    """The (price, queue) pairs of a side, best first."""
    return book.bids if side == Side.BUY else book.asks


def queue_at(book: OrderBookState, side: int, price: int) -> Queue:
    """The queue at a price of a side, () where there is none."""
    for level_price, queue in queues_of(book, side):
        if level_price == price:
            return queue
    return ()


def total(queue: Queue) -> int:
    """Lots in a queue."""
    return sum(size for _, size in queue)


def resting(book: OrderBookState, reference: int) -> Resting:
    """Where an order stands, `UNKNOWN` when it is not in the book."""
    for side in (Side.BUY, Side.SELL):
        for price, queue in queues_of(book, side):
            for other, size in queue:
                if other == reference:
                    return Resting(int(side), price, size)
    return UNKNOWN


def ahead_in(queue: Queue, reference: int) -> int:
    """Lots of a queue ahead of an order, -1 when the order is not in it."""
    ahead = 0
    for other, size in queue:
        if other == reference:
            return ahead
        ahead += size
    return -1


def quantity_ahead(book: OrderBookState, reference: int) -> int:
    """Lots ahead of an order at its price, -1 when it is not in the book [Q5]."""
    place = resting(book, reference)
    return ahead_in(queue_at(book, place.side, place.price), reference)


def inv(book: OrderBookState) -> bool:
    """Whether prices are strictly ordered, sizes positive, and every order rests once or is void.

    An order that rests has no mark among `voided`, and no mark is there twice.
    """
    bids = [price for price, _ in book.bids]
    asks = [price for price, _ in book.asks]
    orders = [order for _, queue in book.bids + book.asks for order in queue]
    references = [reference for reference, _ in orders] + list(book.voided)
    return (
        all(bids[i] > bids[i + 1] for i in range(len(bids) - 1))
        and all(asks[i] < asks[i + 1] for i in range(len(asks) - 1))
        and all(size > 0 for _, size in orders)
        and all(len(queue) > 0 for _, queue in book.bids + book.asks)
        and len(dict.fromkeys(references)) == len(references)
    )


# --- changes -------------------------------------------------------------------------------------


def joined(queue: Queue, reference: int, size: int) -> Queue:
    """The queue with an order at its back [Q1]."""
    return (*queue, (reference, size))


def left(queue: Queue, reference: int) -> Queue:
    """The queue without an order; all others as they were."""
    return tuple(order for order in queue if order[0] != reference)


def shrunk(queue: Queue, reference: int, size: int) -> Queue:
    """The queue after an order lost `size` lots and kept its place; with none left, it leaves."""
    after = ((other, lots - size if other == reference else lots) for other, lots in queue)
    return tuple(order for order in after if order[1] > 0)


def resized(queue: Queue, reference: int, size: int) -> Queue:
    """The queue after an order in it got another size and kept its place; 0 or less: it leaves."""
    if size <= 0:
        return left(queue, reference)
    return tuple((other, size if other == reference else lots) for other, lots in queue)


def requeued(queue: Queue, reference: int, size: int) -> Queue:
    """The queue after an order lost its place: the same order at the back."""
    return joined(left(queue, reference), reference, size)


def with_queue(book: OrderBookState, side: int, price: int, queue: Queue) -> OrderBookState:
    """The book with another queue at a price; an empty one removes the level."""
    others = [level for level in queues_of(book, side) if level[0] != price]
    if queue:
        others.append((price, queue))
    if side == Side.BUY:
        return evolve(book, bids=tuple(sorted(others, key=lambda level: -level[0])))
    return evolve(book, asks=tuple(sorted(others, key=lambda level: level[0])))


def voiding(book: OrderBookState, reference: int) -> OrderBookState:
    """The book that remembers a removal of an order it does not know."""
    if reference in book.voided:
        return book
    return evolve(book, voided=(*book.voided, reference))


# --- what a feed may say -------------------------------------------------------------------------


def add(book: OrderBookState, reference: int, side: int, price: int, size: int) -> OrderStep:
    """A new order joins the back of its level."""
    if size <= 0:
        return OrderStep(book, OrderOutcome.NOT_POSITIVE)
    if reference in book.voided:
        kept = tuple(each for each in book.voided if each != reference)
        return OrderStep(evolve(book, voided=kept), OrderOutcome.ADD_AFTER_DELETE)
    if resting(book, reference) != UNKNOWN:
        return OrderStep(book, OrderOutcome.DUPLICATE_ADD)
    queue = joined(queue_at(book, side, price), reference, size)
    return OrderStep(with_queue(book, side, price, queue))


def modify(
    book: OrderBookState, reference: int, price: int, size: int, increase_to_back: int = 1
) -> OrderStep:
    """An order has another price or size; without size it leaves. Its side never changes."""
    place = resting(book, reference)
    if place == UNKNOWN:
        return OrderStep(book, OrderOutcome.UNKNOWN_MODIFY)
    queue = queue_at(book, place.side, place.price)
    if price != place.price:
        book = with_queue(book, place.side, place.price, left(queue, reference))
        if size > 0:
            target = joined(queue_at(book, place.side, price), reference, size)
            book = with_queue(book, place.side, price, target)
        return OrderStep(book, OrderOutcome.MOVED)
    if size > place.size:
        change = requeued if increase_to_back == 1 else resized
        queue = change(queue, reference, size)
        return OrderStep(with_queue(book, place.side, price, queue), OrderOutcome.GREW)
    return OrderStep(with_queue(book, place.side, price, resized(queue, reference, size)))


def cancel(book: OrderBookState, reference: int, size: int) -> OrderStep:
    """`size` lots of an order leave without trading; all of them when 0."""
    if resting(book, reference) == UNKNOWN:
        # A part of an order that is not known says nothing about one that may come.
        after = book if size > 0 else voiding(book, reference)
        return OrderStep(after, OrderOutcome.UNKNOWN_CANCEL)
    return _take(book, reference, size)


def execute(book: OrderBookState, reference: int, size: int) -> OrderStep:
    """`size` lots of an order traded; all of them when 0."""
    if resting(book, reference) == UNKNOWN:
        return OrderStep(book, OrderOutcome.UNKNOWN_EXECUTE)
    return _take(book, reference, size)


def _take(book: OrderBookState, reference: int, size: int) -> OrderStep:
    """Take lots from an order that rests, at most all of them."""
    place = resting(book, reference)
    queue = queue_at(book, place.side, place.price)
    taken = shrunk(queue, reference, size if size > 0 else place.size)
    outcome = OrderOutcome.OVER if size > place.size else OrderOutcome.APPLIED
    return OrderStep(with_queue(book, place.side, place.price, taken), outcome)


# --- derived levels ------------------------------------------------------------------------------


def level_book(book: OrderBookState) -> BookState:
    """The book of price levels that these orders make: touch, crossing and depth are its own."""
    return BookState(
        tuple((price, total(queue)) for price, queue in book.bids),
        tuple((price, total(queue)) for price, queue in book.asks),
    )
