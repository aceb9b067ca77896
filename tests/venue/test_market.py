"""One instrument at the venue: what is shown, used and held, against counting it all by hand."""

from itertools import product

import pytest
from attrs import evolve
from hypothesis import given
from hypothesis import strategies as st

from tests.venue.stage import BUY, INSTRUMENT, SELL
from tickproof.spec.commands import OrderType
from tickproof.spec.conditional import Wait
from tickproof.spec.instrument import QueueDeclaration
from tickproof.spec.price_queue import UNKNOWN
from tickproof.spec.venue_admission import Filters, Tenure, filters_passed
from tickproof.spec.venue_rules import Held
from tickproof.venue.market import Market
from tickproof.venue.orders import VenueOrder

BITS = (False, True)


def showing(*levels: int) -> Market:
    """A market whose book is a snapshot of (side, price, size) triples."""
    market = Market(INSTRUMENT)
    market.book.apply_snapshot(levels, 0, len(levels))
    market.note_window()
    return market


def order(number: int, account: int, side: int, price: int = 100, total: int = 5) -> VenueOrder:
    return VenueOrder(number, account, 0, side, int(OrderType.LIMIT), 1, price, total, 0)


def test_small_orders_pass_the_filters_they_should() -> None:
    """Every edge of grid, size and notional, met and missed by one."""
    about = evolve(INSTRUMENT, money_per_price_lot=2)
    market = Market(about)
    kinds = (OrderType.LIMIT, OrderType.MARKET)
    for values in product((1, 2), (1, 2), (0, 3), (3, 5), (0, 12)):
        market.set_filters(Filters(*values))
        for kind, price, quantity in product(kinds, range(-1, 5), range(-1, 7)):
            expected = filters_passed(Filters(*values), about, kind, price, quantity)
            assert market.passes(kind, price, quantity) == expected


def test_orders_are_taken_where_the_book_is_there_and_trusted() -> None:
    market = Market(INSTRUMENT)
    for trading, gap, book_ns in product(BITS, BITS, (-1, 0, 1)):
        market.trading, market.gap, market.book_ns = trading, gap, book_ns
        assert market.open_for_orders() == (trading and not gap and book_ns >= 0)


@pytest.mark.parametrize("per_event", [0, 1])
def test_a_feed_that_conflates_shows_only_the_moment_of_its_message(per_event: int) -> None:
    market = Market(evolve(INSTRUMENT, queue=QueueDeclaration(per_event=per_event)))
    market.latest_capture_ns = 5
    for gap, now_ns, book_ns, latest_ns in product(BITS, (4, 5, 6), (7, 8), (7, 8)):
        market.gap, market.book_ns, market.latest_ns = gap, book_ns, latest_ns
        expected = not gap and (per_event or now_ns <= 5) and book_ns == latest_ns
        assert market.shown_as_of(now_ns) == expected


@pytest.mark.parametrize("side", [BUY, SELL])
def test_beyond_the_window_nothing_is_known(side: int) -> None:
    """Prices as the side sees them: 20 and 18 shown; 18 goes, then 20, and 15 is told."""

    def at(price: int) -> int:
        return 30 + side * price

    def sizes() -> list[int]:
        return [market.shown_size(side, at(price)) for price in range(13, 23)]

    unseen = [UNKNOWN] * 2
    market = showing(side, at(20), 2, side, at(18), 1)
    assert sizes() == [*unseen, *unseen, UNKNOWN, 1, 0, 2, 0, 0]
    market.book.apply_levels((side, at(18), 0), 0, 3)
    assert sizes() == [*unseen, *unseen, UNKNOWN, 0, 0, 2, 0, 0]
    market.book.apply_levels((side, at(20), 0, side, at(15), 4), 0, 6)
    assert sizes() == [*unseen, 4, 0, 0, 0, 0, 0, 0, 0]
    market.book.apply_levels((side, at(15), 0), 0, 3)
    assert sizes() == [0] * 10


def test_what_an_account_holds_is_counted_wherever_it_waits() -> None:
    market = Market(INSTRUMENT)
    everything = [
        (place, order(number, account, side, total=1 << number))
        for number, (place, account, side) in enumerate(
            product(("queue", "call", "held", "stop"), (0, 1), (BUY, SELL))
        )
    ]
    for place, each in everything:
        each.executed = 1 if place != "stop" and each.total > 1 else 0
        if place == "queue":
            (market.bids if each.side > 0 else market.asks).queue_at(each.price).orders.append(each)
        elif place == "call":
            market.calls.append(each)
        elif place == "held":
            market.held.append(each)
        else:
            each.wait = int(Wait.WAITING)
            market.conditionals.add(each, OrderType.STOP)
    market.positions[1] = 7
    for account, but in product((0, 1), (None, *(each for _, each in everything))):
        rest = [item for item in everything if item[1].account == account and item[1] is not but]
        stops = sum(place == "stop" for place, _ in rest)
        bids = sum(each.total - each.executed for _, each in rest if each.side > 0)
        assert market.held_by(account, but) == Held(len(rest), stops, 7 * account, bids)


def test_others_that_may_only_reduce_leave_less_room() -> None:
    market = Market(INSTRUMENT)
    market.positions = {0: 999, 1: -999}
    for number, (account, side, tenure) in enumerate(product((0, 1), (BUY, SELL), Tenure)):
        each = order(number, account, side, total=1 << number % 6)
        each.tenure = int(tenure)
        market.reducing.append(each)
    named = [None, *market.reducing]
    for account, but, other in product((0, 1), named, named):
        side = BUY if account else SELL
        wanted = sum(
            each.total
            for each in market.reducing
            if (each.account, each.side, each.tenure) == (account, side, Tenure.RESTING)
            and each is not but
            and each is not other
        )
        assert market.room_to_reduce(account, side, but, other) == 999 - wanted
        assert market.room_to_reduce(account, -side, but, other) == 0


@pytest.mark.parametrize("side", [BUY, SELL])
def test_the_first_own_order_that_would_be_met(side: int) -> None:
    """Own orders of the other side at 10, 11 and 12, two accounts in turn."""
    market = Market(INSTRUMENT)
    own = market.asks if side > 0 else market.bids
    resting = [order(number, number % 2, -side, 10 + number // 2) for number in range(6)]
    for each in resting:
        own.queue_at(each.price).orders.append(each)
    best = 10 if side > 0 else 12
    for account, limit in product((0, 1, 2), range(-1, 15)):
        reached = limit < 0 or (limit - best) * side >= 0
        found = market.first_own(account, side, limit)
        expected = [each for each in resting if (each.account, each.price) == (account, best)]
        assert found is (expected[0] if reached and expected else None)


levels = st.dictionaries(st.integers(0, 6), st.integers(1, 4), max_size=5)


@given(st.sampled_from((BUY, SELL)), levels, levels, st.integers(-1, 7), st.integers(0, 12))
def test_what_can_be_had_of_a_side_is_what_own_orders_have_not_used(
    side: int, shown: dict[int, int], used: dict[int, int], limit: int, lots: int
) -> None:
    market = showing(*(number for price in shown for number in (side, price, shown[price])))
    for price, taken in used.items():
        market.take(side, price, taken)
    reached = [
        (price, shown[price], max(shown[price] - used.get(price, 0), 0))
        for price in sorted(shown, reverse=side > 0)
        if limit < 0 or (price - limit) * side >= 0
    ]
    assert [*market.levels_within(side, limit, False)] == [each[:2] for each in reached]
    assert [*market.levels_within(side, limit, True)] == [each[::2] for each in reached]
    counted = left = 0
    takes = []
    for price, size, unused in reached:
        if left >= lots:
            break
        if min(unused, lots - left):
            takes.append((price, min(unused, lots - left)))
        counted, left = counted + size, left + unused
    assert market.count_within(side, limit, lots) == (counted, left)
    assert market.take_within(side, limit, lots) == takes
    for price, part in takes:
        used[price] = used.get(price, 0) + part
    for price in range(8):
        expected = max(shown.get(price, 0) - used.get(price, 0), 0)
        assert market.unused(side, price) == expected


def test_a_market_is_idle_while_nothing_of_one_s_own_depends_on_it() -> None:
    for facts in product(BITS, repeat=8):
        calls, waits, bids_taken, asks_taken, bids, asks, bids_gone, asks_gone = facts
        market = Market(INSTRUMENT)
        market.calls = [order(1, 0, BUY)] * calls
        market.conditionals.count = int(waits)
        market.bids_taken = {5: 1} if bids_taken else {}
        market.asks_taken = {5: 1} if asks_taken else {}
        for own, rests, gone in ((market.bids, bids, bids_gone), (market.asks, asks, asks_gone)):
            if rests:
                own.queue_at(5)
            own.displace(6, int(gone))
        market.note_idle()
        assert market.idle == (not any(facts[:6]))
        assert market.prints_matter == any(facts)
    remembered = Market(INSTRUMENT, remembers=True)
    remembered.note_idle()
    assert (remembered.idle, remembered.prints_matter) == (False, True)
