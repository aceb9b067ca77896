"""Exact places: the place is the truth of a list of orders, and it only gets shorter [Q5]."""

from itertools import accumulate, product
from typing import NamedTuple

from attrs import astuple, evolve
from hypothesis import given
from hypothesis import strategies as st

from tickproof.spec import order_book
from tickproof.spec.events import EventKind
from tickproof.spec.order_book import OrderBookState
from tickproof.spec.order_place import (
    ABSENT,
    TABLE,
    Change,
    News,
    NewsRefusal,
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
from tickproof.spec.table import Refuse

ADD, MODIFY = int(EventKind.BOOK_ORDER_ADD), int(EventKind.BOOK_ORDER_MODIFY)
CANCEL, EXECUTE = int(EventKind.BOOK_ORDER_CANCEL), int(EventKind.BOOK_ORDER_EXECUTE)
BUY, SELL = 1, -1
OWN = 99
ARRIVAL_NS = 50
LATER_NS = ARRIVAL_NS + 1


class Message(NamedTuple):
    kind: int
    reference: int
    side: int
    price: int
    size: int


messages = st.builds(
    Message,
    st.sampled_from((ADD, ADD, MODIFY, CANCEL, EXECUTE)),
    st.integers(1, 6),
    st.sampled_from((BUY, BUY, SELL)),
    st.sampled_from((100, 100, 101)),
    st.integers(0, 4),
)


def told_to(book: OrderBookState, message: Message, to_back: int = 1) -> OrderBookState:
    """The book after a message."""
    kind, reference, side, price, size = message
    if kind == ADD:
        return order_book.add(book, reference, side, price, size).book
    if kind == MODIFY:
        return order_book.modify(book, reference, price, size, to_back).book
    change = order_book.cancel if kind == CANCEL else order_book.execute
    return change(book, reference, size).book


def followed(place: OrderPlace, found: tuple[Change, ...], stamp_ns: int = LATER_NS) -> OrderPlace:
    """A buy order's place at 100 after news."""
    for change in found:
        if (change.side, change.price) == (BUY, 100):
            told = Told(change.reference, change.lots, stamp_ns, change.known)
            place, _ = apply(place, change.event, told)
    return place


@given(
    st.lists(messages, max_size=12),
    st.lists(messages, max_size=20),
    st.lists(st.integers(1, 4), max_size=2),
    st.sampled_from((0, 1)),
)
def test_a_place_is_the_front_of_a_list_of_orders(
    before: list[Message], after: list[Message], first: list[int], to_back: int
) -> None:
    """Whatever is told; `first`: orders that stood there before anything was, and stay."""
    book, truth = OrderBookState(), OrderBookState()
    for number, size in enumerate(first, start=101):
        truth = order_book.add(truth, number, BUY, 100, size).book
    for message in before:
        book, truth = told_to(book, message, to_back), told_to(truth, message, to_back)
    truth = order_book.add(truth, OWN, BUY, 100, 7).book
    queue = order_book.queue_at(book, BUY, 100)
    told = Told(stamp_ns=ARRIVAL_NS, queue=queue, size=order_book.total(queue) + sum(first))
    place, _ = apply(ABSENT, News.JOINED, told)
    for message in after:
        lots = quantity_ahead(place)
        found = changes(book, *message, to_back)
        # An order that nobody knows is not in the truth either, but for those of the beginning.
        found = tuple(each for each in found if each.known)
        book, truth = told_to(book, message, to_back), told_to(truth, message, to_back)
        place = followed(place, found)
        here = order_book.queue_at(truth, BUY, 100)
        front = here[: [reference for reference, _ in here].index(OWN)]
        assert front[len(first) :] == place.ahead
        assert quantity_ahead(place) == order_book.quantity_ahead(truth, OWN)
        assert inv(place)
        assert to_back == 0 or quantity_ahead(place) <= lots


@given(
    st.lists(st.integers(1, 5), min_size=1, max_size=6),
    st.integers(0, 6),
    st.integers(1, 40),
    st.integers(1, 9),
)
def test_what_reaches_an_order_is_what_a_queue_would_have_given_it(
    sizes: list[int], ahead: int, volume: int, wanted: int
) -> None:
    """A taker eats a level from the front; our order stands behind the first `ahead` orders."""
    ahead = min(ahead, len(sizes))
    queue = tuple(enumerate(sizes, start=1))
    told = Told(stamp_ns=ARRIVAL_NS, queue=queue[:ahead], size=sum(sizes[:ahead]))
    place, _ = apply(ABSENT, News.JOINED, told)
    got = 0
    for (reference, size), eaten in zip(queue, accumulate(sizes), strict=True):
        lots = min(size, max(volume - (eaten - size), 0))
        if lots:
            told = Told(reference, lots, LATER_NS)
            got += share(((reaching(place, told), wanted - got),), 0)[0]
            place, _ = apply(place, News.TRADED, told)
    traded = min(volume, sum(sizes))
    assert got == min(max(traded - sum(sizes[:ahead]), 0), wanted)


def standing(*ahead: tuple[int, int], unnamed: int = 0, closed: int = 0) -> OrderPlace:
    return OrderPlace(Standing.STANDING, ARRIVAL_NS, ahead, unnamed, closed)


def test_what_was_there_before_anything_was_told_is_first() -> None:
    place, _ = apply(ABSENT, News.JOINED, Told(stamp_ns=9, queue=((1, 2),), size=7))
    assert place == OrderPlace(Standing.STANDING, 9, ((1, 2),), 5)
    assert quantity_ahead(place) == 7
    out_of_sight, _ = apply(ABSENT, News.JOINED, Told(queue=((1, 2),)))
    assert (out_of_sight.unnamed, quantity_ahead(out_of_sight)) == (0, 2)
    unknown = Told(8, 3, 10, known=0)
    assert reaching(place, unknown) == 0
    place, rule = apply(place, News.TRADED, unknown)
    assert (place.unnamed, rule.id) == (2, "EP.STANDING.TRADED.stood_there_first")
    assert reaching(place, unknown) == 1
    assert apply(place, News.WENT, unknown)[0].unnamed == 0
    assert apply(place, News.WENT, Told(8, 3))[0] == place


def test_who_came_before_and_is_told_of_late_stands_ahead() -> None:
    place = standing((1, 2))
    late, rule = apply(place, News.CAME, Told(2, 3, ARRIVAL_NS))
    assert (late.ahead, rule.id) == (((1, 2), (2, 3)), "EP.STANDING.CAME.came_before")
    behind, rule = apply(late, News.CAME, Told(3, 4, LATER_NS))
    assert (behind, rule.id) == (evolve(late, closed=1), "EP.STANDING.CAME.came_after")
    assert apply(behind, News.CAME, Told(4, 1, ARRIVAL_NS))[0] == behind


def test_what_traded_ahead_or_before_the_arrival_does_not_reach_it() -> None:
    place = standing((1, 2), closed=1)
    assert reaching(place, Told(1, 2, LATER_NS)) == 0
    assert reaching(place, Told(5, 2, LATER_NS)) == 2
    assert reaching(place, Told(5, 2, ARRIVAL_NS)) == 0
    assert reaching(ABSENT, Told(5, 2, LATER_NS)) == 0
    # Who is known is none of those who stood there first.
    assert reaching(standing(unnamed=3), Told(5, 2, LATER_NS)) == 2
    # More than it showed: it reloaded behind ours in between.
    assert reaching(place, Told(1, 5, LATER_NS)) == 3


def test_own_orders_get_lots_once() -> None:
    assert share(((5, 2), (5, 9)), 0) == (2, 3)
    assert share(((5, 2), (5, 9)), 4) == (1, 0)
    assert share(((0, 2), (5, 9)), 0) == (0, 5)
    assert share(((5, 2),), 9) == (0,)
    assert share((), 3) == ()


def test_refusals_change_nothing() -> None:
    for event in News:
        place, rule = apply(ABSENT, event, Told(1, 2, 3))
        if event != News.JOINED:
            assert isinstance(rule, Refuse)
            assert (place, rule.code) == (ABSENT, NewsRefusal.NOT_RESTING)
    place, rule = apply(standing((1, 2)), News.JOINED, Told(1, 2, 3))
    assert isinstance(rule, Refuse)
    assert (place, rule.code) == (standing((1, 2)), NewsRefusal.ALREADY_RESTING)


def test_a_gap_an_amendment_and_the_end() -> None:
    place = standing((1, 2), unnamed=3)
    assert apply(place, News.GAP, Told())[0] == evolve(place, censored=1)
    assert apply(place, News.AMENDED, Told(keeps_priority=1))[0] == place
    assert apply(place, News.AMENDED, Told())[0] == ABSENT
    assert apply(place, News.LEFT, Told())[0] == ABSENT
    assert apply(place, News.GREW, Told(1, 4))[0].ahead == ((1, 6),)
    assert apply(place, News.GREW, Told(2, 4))[0] == place


def test_exactly_one_rule_of_a_cell_holds() -> None:
    places = [standing((1, 2), unnamed=1, closed=closed) for closed in (0, 1)]
    for place, event in product((ABSENT, *places), News):
        for reference, known, keeps, stamp_ns in product((1, 9), (0, 1), (0, 1), (50, 51)):
            told = Told(reference, 1, stamp_ns, known, keeps_priority=keeps)
            rules = TABLE.cells[place.code][event]
            assert sum(rule.guard(place, told) for rule in rules) == 1


def test_what_is_not_said_is_nothing() -> None:
    assert astuple(ABSENT) == (Standing.ABSENT, 0, (), 0, 0, 0)
    assert astuple(Told()) == (0, 0, 0, 1, (), -1, 0)


def test_the_invariant_refuses_what_is_no_place() -> None:
    assert inv(ABSENT)
    assert inv(standing((1, 2), (2, 1)))
    assert not inv(standing((1, 2), (1, 1)))
    assert not inv(standing((1, 0)))
    assert not inv(standing(unnamed=-1))
    assert not inv(OrderPlace(unnamed=1))


def book_of(*orders: tuple[int, int]) -> OrderBookState:
    book = OrderBookState()
    for reference, size in orders:
        book = order_book.add(book, reference, BUY, 100, size).book
    return book


def test_messages_are_news_of_the_prices_they_touch() -> None:
    book = book_of((1, 5), (2, 3))
    here = (BUY, 100)
    assert changes(book, ADD, 3, SELL, 101, 2) == (Change(SELL, 101, News.CAME, 3, 2),)
    assert changes(book, ADD, 1, BUY, 100, 2) == ()
    assert changes(book, ADD, 3, BUY, 100, 0) == ()
    assert changes(book, CANCEL, 1, 0, 0, 0) == (Change(*here, News.WENT, 1, 5),)
    assert changes(book, CANCEL, 1, 0, 0, 2) == (Change(*here, News.WENT, 1, 2),)
    assert changes(book, CANCEL, 9, BUY, 100, 2) == (Change(*here, News.WENT, 9, 2, 0),)
    assert changes(book, CANCEL, 9, BUY, 100, 0) == ()
    assert changes(book, CANCEL, 9, 0, 100, 2) == changes(book, EXECUTE, 9, 0, 100, 2) == ()
    assert changes(book, EXECUTE, 1, BUY, 100, 0) == (Change(*here, News.TRADED, 1, 5),)
    assert changes(book, EXECUTE, 9, BUY, 100, 1) == (Change(*here, News.TRADED, 9, 1, 0),)
    assert changes(book, MODIFY, 9, BUY, 100, 1) == ()


def test_an_amendment_goes_and_comes_where_it_costs_the_place() -> None:
    book = book_of((1, 5), (2, 3))
    here = (BUY, 100)
    went = Change(*here, News.WENT, 1, 5)
    assert changes(book, MODIFY, 1, 0, 100, 2) == (Change(*here, News.WENT, 1, 3),)
    assert changes(book, MODIFY, 1, 0, 100, 5) == (Change(*here, News.WENT, 1, 0),)
    assert changes(book, MODIFY, 1, 0, 100, -1) == (went,)
    assert changes(book, MODIFY, 1, 0, 100, 6) == (went, Change(*here, News.CAME, 1, 6))
    assert changes(book, MODIFY, 1, 0, 100, 6, 0) == (Change(*here, News.GREW, 1, 1),)
    assert changes(book, MODIFY, 1, 0, 99, 5, 0) == (went, Change(BUY, 99, News.CAME, 1, 5))
    assert changes(book, MODIFY, 1, 0, 99, 0) == (went,)
    assert changes(book, MODIFY, 1, 0, 99, 1) == (went, Change(BUY, 99, News.CAME, 1, 1))
    # It traded where it was amended to, behind everybody there.
    assert changes(book, EXECUTE, 1, BUY, 101, 2) == (
        Change(*here, News.WENT, 1, 2),
        Change(BUY, 101, News.TRADED, 1, 2),
    )
