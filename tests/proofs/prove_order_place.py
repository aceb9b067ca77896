"""Exact places, one message at a time: lots are unbounded, two orders stand ahead and one behind.

References and prices are names, so they are fixed: 1 and 2 stand ahead of ours at 100, 3 behind
it, 9 is no order. The truth beside it is the book of orders with ours in it.
"""

from tickproof.spec import order_book, order_place
from tickproof.spec.events import EventKind
from tickproof.spec.order_book import OrderBookState, Queue
from tickproof.spec.order_place import (
    ABSENT,
    News,
    OrderPlace,
    Standing,
    Told,
    apply,
    changes,
    inv,
    quantity_ahead,
    reaching,
    share,
)

PROOFS = (
    "p_joining_is_behind_all_that_is_shown",
    "p_a_cancel_leaves_the_place_exact",
    "p_an_execution_leaves_the_place_exact",
    "p_another_size_leaves_the_place_exact",
    "p_another_price_leaves_the_place_exact",
    "p_a_new_order_is_behind",
    "p_a_reload_is_behind",
    "p_what_is_told_only_lowers_the_place",
    "p_who_is_told_of_late_stands_ahead_at_most_once",
    "p_lots_beyond_those_ahead_reach_the_order",
    "p_own_orders_never_get_more_than_traded",
    "p_a_refusal_changes_nothing",
)
CANARIES = (
    "canary_a_reload_keeps_its_place",
    "canary_cancels_come_from_behind",
    "canary_all_that_traded_reaches_the_order",
)

BUY, PRICE, OTHER, OWN = 1, 100, 101, 7
ADD, MODIFY = int(EventKind.BOOK_ORDER_ADD), int(EventKind.BOOK_ORDER_MODIFY)
CANCEL, EXECUTE = int(EventKind.BOOK_ORDER_CANCEL), int(EventKind.BOOK_ORDER_EXECUTE)


def _plain(a: int, b: int, c: int) -> OrderBookState:
    """The recorded book; ours is not in it."""
    return OrderBookState(bids=((PRICE, ((1, a), (2, b), (3, c))),))


def _place(a: int, b: int) -> OrderPlace:
    return OrderPlace(Standing.STANDING, -1, ((1, a), (2, b)), 0, 1)


def _told(place: OrderPlace, book: OrderBookState, kind: int, reference: int, size: int) -> Queue:
    """Who stands ahead after a message about an order at the price."""
    for change in changes(book, kind, reference, BUY, PRICE, size):
        if change.price == PRICE:
            told = Told(change.reference, change.lots, 0, change.known)
            place, _ = apply(place, change.event, told)
    return place.ahead


def _front(book: OrderBookState) -> Queue:
    """Who stands ahead of ours in the truth."""
    found: Queue = ()
    for order in order_book.queue_at(book, BUY, PRICE):
        if order[0] == OWN:
            return found
        found = (*found, order)
    return found


def _true(a: int, b: int, c: int) -> OrderBookState:
    """The same book with ours in its place."""
    return OrderBookState(bids=((PRICE, ((1, a), (2, b), (OWN, 1), (3, c))),))


def _named(which: int) -> int:
    """The reference as a plain number."""
    for reference in (1, 2, 3):
        if which == reference:
            return reference
    return 9


# --- exact [Q5] ----------------------------------------------------------------------------------


def p_joining_is_behind_all_that_is_shown(a: int, b: int, shown: int, stamp_ns: int) -> bool:
    """
    pre: a > 0 and b > 0 and shown >= -1
    post: _
    """
    told = Told(stamp_ns=stamp_ns, queue=((1, a), (2, b)), size=shown)
    place, _ = apply(ABSENT, News.JOINED, told)
    return inv(place) and quantity_ahead(place) == max(shown, a + b)


def p_a_cancel_leaves_the_place_exact(a: int, b: int, c: int, which: int, size: int) -> bool:
    """
    pre: a > 0 and b > 0 and c > 0 and 1 <= which <= 3 and size >= 0
    post: _
    """
    reference = _named(which)
    ahead = _told(_place(a, b), _plain(a, b, c), CANCEL, reference, size)
    return ahead == _front(order_book.cancel(_true(a, b, c), reference, size).book)


def p_an_execution_leaves_the_place_exact(a: int, b: int, c: int, which: int, size: int) -> bool:
    """
    pre: a > 0 and b > 0 and c > 0 and 1 <= which <= 3 and size >= 0
    post: _
    """
    reference = _named(which)
    ahead = _told(_place(a, b), _plain(a, b, c), EXECUTE, reference, size)
    return ahead == _front(order_book.execute(_true(a, b, c), reference, size).book)


def p_another_size_leaves_the_place_exact(a: int, b: int, c: int, which: int, size: int) -> bool:
    """
    pre: a > 0 and b > 0 and c > 0 and 1 <= which <= 3
    post: _
    """
    reference = _named(which)
    ahead = _told(_place(a, b), _plain(a, b, c), MODIFY, reference, size)
    return ahead == _front(order_book.modify(_true(a, b, c), reference, PRICE, size).book)


def p_another_price_leaves_the_place_exact(a: int, b: int, c: int, which: int, size: int) -> bool:
    """
    pre: a > 0 and b > 0 and c > 0 and 1 <= which <= 3
    post: _
    """
    reference, place = _named(which), _place(a, b)
    for change in changes(_plain(a, b, c), MODIFY, reference, BUY, OTHER, size):
        if change.price == PRICE:
            place, _ = apply(place, change.event, Told(change.reference, change.lots))
    return place.ahead == _front(order_book.modify(_true(a, b, c), reference, OTHER, size).book)


def p_a_new_order_is_behind(a: int, b: int, size: int, stamp_ns: int, arrival_ns: int) -> bool:
    """
    pre: a > 0 and b > 0 and size > 0 and stamp_ns > arrival_ns
    post: _
    """
    place = OrderPlace(Standing.STANDING, arrival_ns, ((1, a), (2, b)))
    after, _ = apply(place, News.CAME, Told(9, size, stamp_ns))
    return after.ahead == place.ahead and after.closed == 1


def p_a_reload_is_behind(a: int, b: int, c: int, part: int) -> bool:
    """
    pre: a > 0 and b > 0 and c > 0 and part > 0
    post: _
    """
    place, book = _place(a, b), _plain(a, b, c)
    place = OrderPlace(Standing.STANDING, -1, _told(place, book, EXECUTE, 1, a), 0, 1)
    book = order_book.execute(book, 1, a).book
    return _told(place, book, ADD, 1, part) == ((2, b),)


def p_what_is_told_only_lowers_the_place(
    a: int, b: int, unnamed: int, which: int, lots: int, known: int, event: int
) -> bool:
    """
    pre: a > 0 and b > 0 and unnamed >= 0 and lots >= 0 and 1 <= which <= 4 and 0 <= known <= 1
    pre: event in (2, 3, 5)
    post: _
    """
    for code in (News.WENT, News.TRADED, News.GAP):
        if event == code:
            place = OrderPlace(Standing.STANDING, 0, ((1, a), (2, b)), unnamed)
            after, _ = apply(place, code, Told(_named(which), lots, 0, known))
            return inv(after) and quantity_ahead(after) <= quantity_ahead(place)
    return True


def p_who_is_told_of_late_stands_ahead_at_most_once(
    a: int, size: int, stamp_ns: int, arrival_ns: int, closed: int
) -> bool:
    """
    pre: a > 0 and size > 0 and 0 <= closed <= 1
    post: _
    """
    place = OrderPlace(Standing.STANDING, arrival_ns, ((1, a),), 0, closed)
    after, _ = apply(place, News.CAME, Told(2, size, stamp_ns))
    late = stamp_ns <= arrival_ns and closed == 0
    return inv(after) and quantity_ahead(after) == a + (size if late else 0)


# --- what comes to it [Q4, Q8] -------------------------------------------------------------------


def p_lots_beyond_those_ahead_reach_the_order(a: int, b: int, c: int, volume: int) -> bool:
    """
    pre: a > 0 and b > 0 and c > 0 and 0 < volume <= a + b + c
    post: _
    """
    place, got, left = _place(a, b), 0, volume
    for reference, size in ((1, a), (2, b), (3, c)):
        lots = min(size, left)
        told = Told(reference, lots)
        got += reaching(place, told)
        place, _ = apply(place, News.TRADED, told)
        left -= lots
    return got == max(volume - a - b, 0)


def p_own_orders_never_get_more_than_traded(
    lots: int, taken: int, first: int, second: int, ahead: int
) -> bool:
    """
    pre: lots >= 0 and 0 <= taken <= lots and first >= 0 and second >= 0 and 0 <= ahead <= lots
    post: _
    """
    one, two = share(((lots, first), (lots - ahead, second)), taken)
    return 0 <= one <= first and 0 <= two <= second and one + two + taken <= lots


def p_a_refusal_changes_nothing(event: int, reference: int, lots: int, stamp_ns: int) -> bool:
    """
    pre: 1 <= event <= 7
    post: _
    """
    for code in News:
        if event == code:
            return apply(ABSENT, int(code), Told(reference, lots, stamp_ns))[0] == ABSENT
    return True


# --- planted bugs --------------------------------------------------------------------------------


def canary_a_reload_keeps_its_place(a: int, b: int, part: int) -> bool:
    """
    pre: a > 0 and b > 0 and part > 0
    post: _
    """
    place = OrderPlace(Standing.STANDING, -1, ((1, a), (2, b)), 0, 1)
    kept = order_place.grow_named(place, Told(1, part))
    return kept.ahead == _told(place, _plain(a, b, 1), MODIFY, 1, a + part)


def canary_cancels_come_from_behind(a: int, b: int, c: int, size: int) -> bool:
    """
    pre: a > 0 and b > 0 and c > 0 and size > 0
    post: _
    """
    gone_ahead = max(size - c, 0)
    after = order_book.cancel(_true(a, b, c), 2, size).book
    return order_book.total(_front(after)) == max(a + b - gone_ahead, 0)


def canary_all_that_traded_reaches_the_order(a: int, b: int, lots: int) -> bool:
    """
    pre: a > 0 and b > 0 and lots > 0
    post: _
    """
    return reaching(_place(a, b), Told(1, lots)) == lots
