"""The fairness checker: fair venues pass, and each way of being unfair is named."""

from pathlib import Path

import pytest

from benchmarks import fairness as figures
from benchmarks.unfair import MANNERS
from tickproof.invariants.fairness import (
    Checker,
    FeedCheck,
    Unfair,
    VenueCheck,
    Violation,
    check_feed,
    check_venue,
)
from tickproof.invariants.matching import CROWDED, Row, messages
from tickproof.spec.events import (
    Body,
    BookOrderAdd,
    BookOrderCancel,
    BookOrderExecute,
    BookOrderModify,
    BookSnapshot,
    Event,
    EventKind,
    Trade,
    TradeKind,
)
from tickproof.spec.stream import EventColumns
from tickproof.venue.matching import Matcher

BUY, SELL = 1, -1
FILLED, ADD, ACCEPTED = (
    int(kind) for kind in (EventKind.FILLED, EventKind.BOOK_ORDER_ADD, EventKind.ACCEPTED)
)


def new(order: int, side: int, price: int, lots: int, account: int = 0, mode: int = 0) -> Row:
    return (0, order, account or order, 1, side, price, lots, 0, 0, mode)


def rests(order: int, side: int, price: int, lots: int) -> tuple[Row, list[Row]]:
    """A message that is accepted and rests."""
    return new(order, side, price, lots), [
        (ACCEPTED, order, order, side, price, lots, 0, 0),
        (ADD, order, order, side, price, lots, 0, 0),
    ]


def comes(order: int, price: int, lots: int, *fills: Row) -> tuple[Row, list[Row]]:
    """A buyer that has these (order, price, lots) fills of sellers."""
    reports: list[Row] = [(ACCEPTED, order, order, BUY, price, lots, 0, 0)]
    for number, (maker, at, part) in enumerate(fills, start=1):
        reports.append((FILLED, maker, maker, SELL, at, part, order, number))
    return new(order, BUY, price, lots), reports


BOOK = [rests(1, SELL, 101, 5), rests(2, SELL, 100, 5), rests(3, SELL, 100, 5)]


@pytest.mark.parametrize(
    ("told", "kind", "order", "passed"),
    [
        (comes(9, 101, 5, (3, 100, 5)), Unfair.LATER, 3, 2),
        (comes(9, 101, 5, (1, 101, 5)), Unfair.WORSE_PRICE, 1, 2),
        (comes(9, 101, 5, (2, 101, 5)), Unfair.NOT_ITS_PRICE, 2, 0),
        (comes(9, 100, 5, (2, 101, 5)), Unfair.BEYOND_LIMIT, 9, 0),
        (comes(9, 101, 6, (2, 100, 6)), Unfair.TOO_MUCH, 2, 0),
        (comes(9, 101, 5, (7, 100, 5)), Unfair.NOT_THERE, 7, 0),
    ],
)
def test_an_unfair_fill_is_named(
    told: tuple[Row, list[Row]], kind: int, order: int, passed: int
) -> None:
    found = check_venue([*BOOK, told])
    first = next(each for each in found if each.kind == kind)
    assert (first.order, first.passed, first.message) == (order, passed, 3)


def test_a_fair_fill_is_not() -> None:
    assert check_venue([*BOOK, comes(9, 101, 12, (2, 100, 5), (3, 100, 5), (1, 101, 2))]) == []


def test_what_should_have_traded_is_named() -> None:
    crossed = check_venue([*BOOK, rests(9, BUY, 100, 5)])
    assert [(each.kind, each.order, each.passed) for each in crossed] == [(Unfair.CROSSED, 9, 2)]
    message, reports = comes(9, 100, 5)
    gone = (int(EventKind.CANCELED), 9, 9, BUY, 100, 5, 0, 10)
    sent_away = check_venue([*BOOK, (message, [*reports, gone])])
    assert [(each.kind, each.passed) for each in sent_away] == [(Unfair.SENT_AWAY, 2)]


def test_a_self_trade_counts_where_it_was_not_wanted() -> None:
    book = [rests(2, SELL, 100, 5)]
    for mode, kinds in ((0, []), (1, [Unfair.SELF_TRADE])):
        message = new(9, BUY, 100, 5, account=2, mode=mode)
        found = check_venue([*book, (message, comes(9, 100, 5, (2, 100, 5))[1])])
        assert [each.kind for each in found] == kinds


def test_an_auction_at_two_prices_or_of_too_little_is_named() -> None:
    book = [rests(1, BUY, 105, 5), rests(2, SELL, 100, 5)]
    call = ((5, 0, 0, 0, 0, 0, 0, 0, 0, 0), [(int(EventKind.INSTRUMENT_STATUS),) + (0,) * 6 + (1,)])
    opens = (int(EventKind.INSTRUMENT_STATUS), 0, 0, 0, 0, 0, 0, 2)
    for lots, kinds in ((5, []), (3, [Unfair.NOT_MOST, Unfair.CROSSED])):
        fill = (FILLED, 1, 1, 0, 102, lots, 2, 1)
        end = ((6, 0, 0, 0, 0, 0, 0, 0, 0, 0), [opens, fill])
        assert [each.kind for each in check_venue([call, *book, end])] == kinds


def test_the_matching_venue_is_fair() -> None:
    venue, check = Matcher(), VenueCheck()
    for row in messages(5, 4_000, CROWDED):
        venue.run((row,))
        check.see(row, venue.reports)
        venue.reports.clear()
    assert check.checker.violations == []
    assert check.checker.fills > 1_000


@pytest.mark.parametrize("manner", MANNERS)
def test_a_planted_manner_is_caught(manner: str) -> None:
    found = figures.unfair(manner, 600)
    assert found["fills"] > 50
    assert bool(found["unfair"]) == (manner != "fifo")
    assert figures.wrong({f"planted {manner}": found}) == []
    expected = {
        "lifo": "LATER",
        "pro_rata": "LATER",
        "trade_through": "WORSE_PRICE",
        "incoming_price": "NOT_ITS_PRICE",
        "large_first": "LATER",
        "locks": "CROSSED",
        "overfills": "TOO_MUCH",
        "sends_away": "SENT_AWAY",
        "self_trades": "SELF_TRADE",
    }
    if manner != "fifo":
        assert expected[manner] in found["kinds"]


# --- feeds ---------------------------------------------------------------------------------------


def feed(*told: tuple[int, Body]) -> EventColumns:
    """(stamp, body) pairs as columns."""
    columns = EventColumns()
    for number, (stamp, body) in enumerate(told):
        columns.append(Event(stamp, stamp, 0, number, 0, body))
    return columns


def test_a_feed_is_judged_when_the_instant_is_over() -> None:
    adds = [(1, BookOrderAdd(0, order, BUY, 100, 5)) for order in (1, 2)]
    late = (2, BookOrderExecute(0, 2, BUY, 100, 5))
    assert [(each.kind, each.order, each.passed) for each in check_feed(feed(*adds, late))] == [
        (Unfair.LATER, 2, 1)
    ]
    excuse = FeedCheck()
    excuse.see(feed(*adds, late, (2, BookOrderCancel(0, 1, BUY, 100, 0))))
    assert (excuse.checker.violations, excuse.checker.excused) == ([], 1)
    better = (1, BookOrderAdd(0, 3, BUY, 101, 5))
    found = check_feed(feed(*adds, better, late, (2, BookOrderCancel(0, 3, BUY, 101, 0))))
    assert [(each.kind, each.passed) for each in found] == [(Unfair.LATER, 1)]


def test_a_feed_tells_places_and_auctions() -> None:
    moved: list[tuple[int, Body]] = [
        (1, BookSnapshot(0, 0)),
        (1, BookOrderAdd(0, 1, BUY, 100, 5)),
        (1, BookOrderAdd(0, 2, BUY, 100, 5)),
        (2, BookOrderModify(0, 1, BUY, 100, 6)),
        (3, BookOrderExecute(0, 2, BUY, 100, 5)),
        (4, BookOrderModify(0, 1, BUY, 100, 2)),
        (4, BookOrderCancel(0, 8, BUY, 100, 0)),
        (5, BookOrderAdd(0, 8, BUY, 105, 5)),
        (6, BookOrderExecute(0, 1, BUY, 100, 0)),
        (7, BookOrderExecute(0, 1, BUY, 100, 0)),
    ]
    check = FeedCheck()
    check.see(feed(*moved))
    assert (check.checker.violations, check.unknown, check.checker.fills) == ([], 1, 2)
    auction: list[tuple[int, Body]] = [
        (1, Trade(0, 100, 5, BUY, TradeKind.AUCTION, 1)),
        (1, BookOrderAdd(0, 1, BUY, 100, 5)),
        (1, BookOrderAdd(0, 2, BUY, 100, 5)),
        (1, BookOrderExecute(0, 2, BUY, 100, 5)),
        (2, BookOrderAdd(0, 3, SELL, 99, 5)),
    ]
    check = FeedCheck()
    check.see(feed(*auction))
    assert (check.checker.violations, check.auction_fills) == ([], 1)
    opened: list[tuple[int, Body]] = [*auction, (3, Trade(0, 100, 5, BUY, TradeKind.CONTINUOUS, 1))]
    assert [each.kind for each in check_feed(feed(*opened))] == [Unfair.CROSSED]


def test_a_violation_in_words() -> None:
    said = Violation(Unfair.LATER, 3, 7, 2, 1, 100, 5).words()
    assert said == "message 3: fill 7: 5 at 100 for order 2: later, order 1 was passed over"


def test_an_empty_checker_says_nothing() -> None:
    checker = Checker()
    checker.leave(4)
    checker.resize(4, 1)
    checker.settle()
    assert (checker.first(1), checker.last_at(1, 100), checker.violations) == (None, 0, [])


@pytest.mark.slow
def test_real_venues_were_fair(data_dir: Path) -> None:
    found = figures.recordings(data_dir)
    known = {
        name: (numbers["fills"], numbers["at_head"], numbers["excused"], numbers["unfair"])
        for name, numbers in found.items()
        if "altered" not in name
    }
    assert known == {"bitstamp": (1_118, 1_118, 0, 0), "esh4": (6_229, 5_678, 551, 0)}
    for name in ("bitstamp altered", "esh4 altered"):
        assert found[name]["caught"] == found[name]["altered"] > 0
