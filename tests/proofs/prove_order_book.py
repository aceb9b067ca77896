"""The book of orders, one message at a time: sizes are unbounded, a queue has three orders.

References and prices are names, so they are fixed: 1, 2, 3 stand at 100 in this order, 9 is no
order. Which order a message names is one of them. A bug that needs a fourth order is for the
Hypothesis tests of the same rules.
"""

from attrs import evolve

from tickproof.spec import order_book as spec
from tickproof.spec.order_book import OrderBookState, OrderOutcome, OrderStep, Queue

PROOFS = (
    "p_an_execution_takes_from_the_front",
    "p_an_execution_of_the_front_leaves_the_rest_in_order",
    "p_a_cancel_keeps_the_order_of_the_others",
    "p_a_cancel_takes_what_it_says",
    "p_a_decrease_keeps_the_place",
    "p_an_increase_goes_to_the_back",
    "p_an_increase_in_place_where_declared",
    "p_another_price_joins_its_back",
    "p_an_add_joins_the_back",
    "p_others_cancels_never_come_between",
    "p_others_executions_never_come_between",
    "p_others_changes_never_come_between",
    "p_an_unknown_order_changes_no_queue",
    "p_a_reload_is_behind_all_others",
)
CANARIES = (
    "canary_an_increase_keeps_the_place",
    "canary_a_cancel_loses_the_place",
    "canary_an_execution_takes_from_the_back",
    "canary_an_add_joins_the_front",
)

BUY, PRICE, OTHER_PRICE = 1, 100, 101


def _book(first: int, second: int, third: int) -> OrderBookState:
    return OrderBookState(bids=((PRICE, ((1, first), (2, second), (3, third))),))


def _queue(step: OrderStep, price: int = PRICE) -> Queue:
    return spec.queue_at(step.book, BUY, price)


def _named(which: int) -> int:
    """The reference as a plain number."""
    for reference in (1, 2, 3):
        if which == reference:
            return reference
    return 9


def _others(queue: Queue, reference: int) -> Queue:
    return spec.left(queue, reference)


def _size(queue: Queue, reference: int) -> int:
    return sum(size for other, size in queue if other == reference)


# --- executions and cancels [Q4] -----------------------------------------------------------------


def p_an_execution_takes_from_the_front(a: int, b: int, c: int, size: int) -> bool:
    """
    pre: a > 0 and b > 0 and c > 0 and 0 < size < a
    post: _
    """
    return _queue(spec.execute(_book(a, b, c), 1, size)) == ((1, a - size), (2, b), (3, c))


def p_an_execution_of_the_front_leaves_the_rest_in_order(a: int, b: int, c: int, size: int) -> bool:
    """
    pre: a > 0 and b > 0 and c > 0 and (size >= a or size == 0)
    post: _
    """
    step = spec.execute(_book(a, b, c), 1, size)
    over = OrderOutcome.OVER if size > a else OrderOutcome.APPLIED
    return _queue(step) == ((2, b), (3, c)) and step.outcome == over


def p_a_cancel_keeps_the_order_of_the_others(a: int, b: int, c: int, which: int, size: int) -> bool:
    """
    pre: a > 0 and b > 0 and c > 0 and 1 <= which <= 3 and size >= 0
    post: _
    """
    reference, book = _named(which), _book(a, b, c)
    after = _queue(spec.cancel(book, reference, size))
    return _others(after, reference) == _others(spec.queue_at(book, BUY, PRICE), reference)


def p_a_cancel_takes_what_it_says(a: int, b: int, c: int, which: int, size: int) -> bool:
    """
    pre: a > 0 and b > 0 and c > 0 and 1 <= which <= 3 and size > 0
    post: _
    """
    reference, book = _named(which), _book(a, b, c)
    before = _size(spec.queue_at(book, BUY, PRICE), reference)
    after = _queue(spec.cancel(book, reference, size))
    return _size(after, reference) == max(before - size, 0) and all(lots > 0 for _, lots in after)


# --- changes and priority [Q1, Q3] ---------------------------------------------------------------


def p_a_decrease_keeps_the_place(a: int, b: int, c: int, size: int) -> bool:
    """
    pre: a > 0 and b > 0 and c > 0 and 0 < size <= b
    post: _
    """
    return _queue(spec.modify(_book(a, b, c), 2, PRICE, size)) == ((1, a), (2, size), (3, c))


def p_an_increase_goes_to_the_back(a: int, b: int, c: int, size: int) -> bool:
    """
    pre: a > 0 and b > 0 and c > 0 and size > b
    post: _
    """
    return _queue(spec.modify(_book(a, b, c), 2, PRICE, size)) == ((1, a), (3, c), (2, size))


def p_an_increase_in_place_where_declared(a: int, b: int, c: int, size: int) -> bool:
    """
    pre: a > 0 and b > 0 and c > 0 and size > b
    post: _
    """
    step = spec.modify(_book(a, b, c), 2, PRICE, size, increase_to_back=0)
    return _queue(step) == ((1, a), (2, size), (3, c))


def p_another_price_joins_its_back(a: int, b: int, there: int, size: int) -> bool:
    """
    pre: a > 0 and b > 0 and there > 0 and size > 0
    post: _
    """
    book = OrderBookState(bids=((OTHER_PRICE, ((3, there),)), (PRICE, ((1, a), (2, b)))))
    step = spec.modify(book, 1, OTHER_PRICE, size)
    moved = _queue(step, OTHER_PRICE) == ((3, there), (1, size))
    return moved and _queue(step) == ((2, b),) and spec.inv(step.book)


def p_an_add_joins_the_back(a: int, b: int, c: int, size: int) -> bool:
    """
    pre: a > 0 and b > 0 and c > 0 and size > 0
    post: _
    """
    step = spec.add(_book(a, b, c), 9, BUY, PRICE, size)
    return _queue(step) == ((1, a), (2, b), (3, c), (9, size))


def p_a_reload_is_behind_all_others(a: int, b: int, c: int, size: int, shown: int) -> bool:
    """
    pre: a > 0 and b > 0 and c > 0 and 0 < size <= a and shown > a - size
    post: _
    """
    book = spec.execute(_book(a, b, c), 1, size).book
    if size == a:
        return _queue(spec.add(book, 1, BUY, PRICE, shown)) == ((2, b), (3, c), (1, shown))
    return _queue(spec.modify(book, 1, PRICE, shown)) == ((2, b), (3, c), (1, shown))


# --- the quantity ahead [Q2] ---------------------------------------------------------------------


def p_others_cancels_never_come_between(a: int, b: int, c: int, which: int, size: int) -> bool:
    """
    pre: a > 0 and b > 0 and c > 0 and 1 <= which <= 2 and size >= 0
    post: _
    """
    after = spec.cancel(_book(a, b, c), _named(which), size).book
    return 0 <= spec.quantity_ahead(after, 3) <= a + b


def p_others_executions_never_come_between(a: int, b: int, c: int, which: int, size: int) -> bool:
    """
    pre: a > 0 and b > 0 and c > 0 and 1 <= which <= 2 and size >= 0
    post: _
    """
    after = spec.execute(_book(a, b, c), _named(which), size).book
    return 0 <= spec.quantity_ahead(after, 3) <= a + b


def p_others_changes_never_come_between(a: int, b: int, c: int, size: int) -> bool:
    """
    pre: a > 0 and b > 0 and c > 0 and size >= 0
    post: _
    """
    front = spec.modify(_book(a, b, c), 1, PRICE, size).book
    behind = spec.modify(_book(a, b, c), 3, PRICE, size).book
    return spec.quantity_ahead(front, 2) <= a and spec.quantity_ahead(behind, 2) == a


# --- what is not known ---------------------------------------------------------------------------


def p_an_unknown_order_changes_no_queue(a: int, b: int, c: int, kind: int, size: int) -> bool:
    """
    pre: a > 0 and b > 0 and c > 0 and 0 <= kind <= 2 and size >= 0
    post: _
    """
    book = _book(a, b, c)
    if kind == 0:
        step = spec.modify(book, 9, PRICE, size)
    elif kind == 1:
        step = spec.cancel(book, 9, size)
    else:
        step = spec.execute(book, 9, size)
    return step.book.bids == book.bids and step.outcome != OrderOutcome.APPLIED


# --- canaries ------------------------------------------------------------------------------------


def canary_an_increase_keeps_the_place(a: int, b: int, c: int, size: int) -> bool:
    """
    pre: a > 0 and b > 0 and c > 0 and size > b
    post: _
    """
    queue = spec.resized(spec.queue_at(_book(a, b, c), BUY, PRICE), 2, size)
    return queue == ((1, a), (3, c), (2, size))


def canary_a_cancel_loses_the_place(a: int, b: int, c: int, size: int) -> bool:
    """
    pre: a > 0 and b > 0 and c > 0 and size > 0
    post: _
    """
    left = a - size
    queue = spec.queue_at(_book(a, b, c), BUY, PRICE)
    after = spec.requeued(queue, 1, left) if left > 0 else spec.left(queue, 1)
    return spec.ahead_in(after, 1) <= 0


def canary_an_execution_takes_from_the_back(a: int, b: int, c: int, size: int) -> bool:
    """
    pre: a > 0 and b > 0 and c > 0 and 0 < size <= c
    post: _
    """
    after = evolve(_book(a, b, c), bids=((PRICE, ((1, a), (2, b), (3, c - size))),))
    return spec.quantity_ahead(after, 3) == a + b - size


def canary_an_add_joins_the_front(a: int, b: int, c: int, size: int) -> bool:
    """
    pre: a > 0 and b > 0 and c > 0 and size > 0
    post: _
    """
    queue = ((9, size), *spec.queue_at(_book(a, b, c), BUY, PRICE))
    return spec.ahead_in(queue, 3) <= a + b
