"""The naive and the fast matching venue are one [M7]: tests run on both, then side by side."""

from typing import Protocol

import pytest
from attrs import astuple
from hypothesis import given, settings
from hypothesis import strategies as st

from tickproof.invariants.matching import (
    CROWDED,
    PLAIN,
    ListBook,
    Market,
    Row,
    first_difference,
    messages,
    witnesses,
)
from tickproof.kernel import BUILD
from tickproof.spec.events import EventKind, Reason
from tickproof.spec.instructions import Prevention
from tickproof.spec.instrument import PRICE_LIMIT, QUANTITY_LIMIT, InstrumentState
from tickproof.spec.matching import MessageKind, OrderKind
from tickproof.venue.matching import Matcher

BUY, SELL = 1, -1
LIMIT, IOC, FOK, MAKER, MARKET, STOP, STOP_LIMIT = (int(kind) for kind in list(OrderKind)[1:])
REFUSALS = (EventKind.REJECTED, EventKind.CANCEL_REJECTED, EventKind.REPLACE_REJECTED)


class AnyVenue(Protocol):
    reports: list[Row]

    def run(self, messages: list[Row]) -> None: ...
    def resting(self, side: int) -> list[Row]: ...
    def waiting(self) -> list[Row]: ...
    def best_price(self, side: int) -> int: ...


def new(
    order: int,
    account: int,
    side: int,
    price: int,
    lots: int,
    kind: int = LIMIT,
    display: int = 0,
    stop: int = 0,
    mode: int = 0,
) -> Row:
    return (0, order, account, kind, side, price, lots, display, stop, mode)


def cancel(order: int, account: int) -> Row:
    return (int(MessageKind.CANCEL), order, account, 0, 0, 0, 0, 0, 0, 0)


def amend(order: int, account: int, lots: int) -> Row:
    return (int(MessageKind.AMEND), order, account, 0, 0, 0, lots, 0, 0, 0)


def replace(order: int, account: int, price: int, lots: int) -> Row:
    return (int(MessageKind.REPLACE), order, account, 0, 0, price, lots, 0, 0, 0)


def turn(kind: MessageKind) -> Row:
    return (int(kind), 0, 0, 0, 0, 0, 0, 0, 0, 0)


def trades(venue: AnyVenue) -> list[Row]:
    """(order, other, price, lots) of every trade reported."""
    return [(r[1], r[6], r[4], r[5]) for r in venue.reports if r[0] == EventKind.FILLED]


def orders(venue: AnyVenue, side: int) -> list[Row]:
    """(order, shown, hidden) of a side, first to trade first."""
    return [(each[0], each[6], each[7]) for each in venue.resting(side)]


@pytest.mark.parametrize("make", [ListBook, Matcher])
class TestMatchingVenue:
    def test_price_then_time(self, make: type[AnyVenue]) -> None:
        venue = make()
        venue.run([new(1, 1, SELL, 101, 3), new(2, 2, SELL, 100, 3), new(3, 3, SELL, 100, 3)])
        assert orders(venue, SELL) == [(2, 3, 0), (3, 3, 0), (1, 3, 0)]
        venue.run([new(4, 4, BUY, 101, 8)])
        assert trades(venue) == [(2, 4, 100, 3), (3, 4, 100, 3), (1, 4, 101, 2)]
        assert (venue.best_price(SELL), venue.best_price(BUY)) == (101, 0)

    def test_nobody_trades_through_a_limit(self, make: type[AnyVenue]) -> None:
        venue = make()
        venue.run([new(1, 1, SELL, 101, 3), new(2, 2, SELL, 103, 3), new(3, 3, BUY, 102, 5)])
        assert trades(venue) == [(1, 3, 101, 3)]
        assert (venue.best_price(BUY), venue.best_price(SELL)) == (102, 103)

    def test_what_may_not_rest_leaves(self, make: type[AnyVenue]) -> None:
        venue = make()
        venue.run(
            [
                new(1, 1, BUY, 100, 3),
                new(2, 2, SELL, 100, 2, IOC),
                new(3, 2, SELL, 100, 2, FOK),
                new(4, 2, SELL, 100, 2, IOC),
                new(5, 2, SELL, 0, 2, MARKET),
                new(6, 2, SELL, 101, 2, IOC),
            ]
        )
        assert trades(venue) == [(1, 2, 100, 2), (1, 4, 100, 1)]
        ended = [(r[1], r[5], r[7]) for r in venue.reports if r[0] == EventKind.CANCELED]
        assert ended == [
            (3, 2, Reason.FILL_OR_KILL),
            (4, 1, Reason.IMMEDIATE_REMAINDER),
            (5, 2, Reason.NO_LIQUIDITY),
            (6, 2, Reason.IMMEDIATE_REMAINDER),
        ]
        assert orders(venue, BUY) == orders(venue, SELL) == []

    def test_a_fill_or_kill_that_is_met_exactly(self, make: type[AnyVenue]) -> None:
        """By the first of a price, whoever stands behind; and by what the last one hides."""
        venue = make()
        venue.run([new(1, 1, SELL, 100, 5), new(2, 2, SELL, 100, 3)])
        venue.run([new(3, 2, BUY, 100, 5, FOK, mode=int(Prevention.EXPIRE_TAKER))])
        assert orders(venue, SELL) == [(2, 3, 0)]
        venue = make()
        venue.run([new(1, 1, SELL, 100, 5, display=3), new(2, 2, BUY, 100, 5, FOK)])
        assert orders(venue, SELL) == []

    @pytest.mark.parametrize("kind", [IOC, FOK, MAKER, STOP_LIMIT])
    def test_a_limit_of_nothing_is_no_limit(self, make: type[AnyVenue], kind: int) -> None:
        venue = make()
        venue.run([new(1, 1, BUY, 0, 5, kind, stop=100 if kind == STOP_LIMIT else 0)])
        assert [row[0] for row in venue.reports] == [EventKind.REJECTED]

    def test_a_maker_never_takes(self, make: type[AnyVenue]) -> None:
        venue = make()
        venue.run([new(1, 1, SELL, 101, 3), new(2, 2, BUY, 100, 3, MAKER)])
        venue.reports.clear()
        venue.run([new(3, 2, BUY, 101, 3, MAKER), replace(2, 2, 101, 3)])
        assert [(r[0], r[7]) for r in venue.reports] == [
            (EventKind.REJECTED, Reason.WOULD_TAKE),
            (EventKind.REPLACE_REJECTED, Reason.WOULD_TAKE),
        ]
        venue.run([replace(2, 2, 99, 3)])
        assert venue.best_price(BUY) == 99

    def test_icebergs_reload_at_the_back(self, make: type[AnyVenue]) -> None:
        venue = make()
        venue.run([new(1, 1, SELL, 100, 9, display=3), new(2, 2, SELL, 100, 4)])
        venue.run([new(3, 3, BUY, 100, 8)])
        assert trades(venue) == [(1, 3, 100, 3), (2, 3, 100, 4), (1, 3, 100, 1)]
        assert orders(venue, SELL) == [(1, 2, 3)]

    def test_a_smaller_iceberg_hides_less_first(self, make: type[AnyVenue]) -> None:
        venue = make()
        venue.run([new(1, 1, SELL, 100, 9, display=3), new(2, 2, SELL, 100, 4), amend(1, 1, 5)])
        assert orders(venue, SELL) == [(1, 3, 2), (2, 4, 0)]
        venue.run([amend(1, 1, 2)])
        assert orders(venue, SELL) == [(1, 2, 0), (2, 4, 0)]

    def test_orders_are_their_owners(self, make: type[AnyVenue]) -> None:
        venue = make()
        venue.run([new(1, 1, BUY, 100, 3), new(2, 1, BUY, 0, 3, STOP, stop=110)])
        venue.reports.clear()
        venue.run([cancel(1, 2), cancel(2, 2), amend(1, 2, 1), replace(2, 2, 0, 1), cancel(7, 1)])
        assert [r[7] for r in venue.reports] == [Reason.UNKNOWN_ORDER] * 5
        venue.run([cancel(1, 1), cancel(2, 1), cancel(1, 1)])
        assert [r[7] for r in venue.reports[-3:]] == [0, 0, Reason.TOO_LATE]

    def test_ids_only_grow(self, make: type[AnyVenue]) -> None:
        venue = make()
        venue.run([new(5, 1, BUY, 100, 3), new(5, 1, BUY, 100, 3), new(4, 1, BUY, 100, 3)])
        assert [r[7] for r in venue.reports if r[0] == EventKind.REJECTED] == [
            Reason.DUPLICATE,
            Reason.DUPLICATE,
        ]

    def test_numbers_that_are_no_order(self, make: type[AnyVenue]) -> None:
        venue = make(tick=5, lot=2)  # type: ignore[call-arg]
        wrong = [
            new(1, 1, BUY, 101, 2),
            new(1, 1, BUY, 100, 3),
            new(1, 1, BUY, 0, 2),
            new(1, 1, BUY, 100, 0),
            new(1, 1, 0, 100, 2),
            new(1, 1, BUY, 100, 2, display=4),
            new(1, 1, BUY, 100, 2, IOC, display=2),
            new(1, 1, BUY, 100, 2, stop=100),
            new(1, 1, BUY, 100, 2, MARKET),
            new(1, 1, BUY, 0, 2, STOP),
            new(1, 1, BUY, 100, 2, STOP_LIMIT, stop=101),
            new(1, 1, BUY, 100, 2, mode=5),
            new(1, 1, BUY, 5 * (PRICE_LIMIT // 5 + 1), 2),
            new(1, 1, BUY, 100, 2 * (QUANTITY_LIMIT // 2 + 1)),
        ]
        venue.run(wrong)
        assert [(r[0], r[7]) for r in venue.reports] == [(EventKind.REJECTED, Reason.FILTER)] * len(
            wrong
        )
        venue.run([new(1, 1, BUY, 100, 2, 9)])
        assert venue.reports[-1][7] == Reason.OTHER
        venue.run([new(1, 1, BUY, 100, 2), replace(1, 1, 101, 2), replace(1, 1, 105, 3)])
        assert [r[7] for r in venue.reports[-2:]] == [Reason.FILTER] * 2
        assert orders(venue, BUY) == [(1, 2, 0)]

    def test_limits_are_still_orders(self, make: type[AnyVenue]) -> None:
        venue = make(tick=1, lot=5)  # type: ignore[call-arg]
        venue.run([new(1, 1, SELL, PRICE_LIMIT, QUANTITY_LIMIT), new(2, 1, SELL, 1, 4)])
        assert orders(venue, SELL) == [(1, QUANTITY_LIMIT, 0)]
        venue.run([amend(1, 1, QUANTITY_LIMIT), replace(1, 1, PRICE_LIMIT, QUANTITY_LIMIT)])
        venue.run([new(3, 1, BUY, 0, 5, STOP, stop=PRICE_LIMIT)])
        venue.run([new(4, 1, BUY, PRICE_LIMIT - 1, 5, STOP_LIMIT, stop=PRICE_LIMIT)])
        venue.run([replace(4, 1, PRICE_LIMIT, QUANTITY_LIMIT)])
        assert [r[0] for r in venue.reports if r[0] in REFUSALS] == [EventKind.REJECTED]
        assert [each[4:7] for each in venue.waiting()] == [
            (0, 5, PRICE_LIMIT),
            (PRICE_LIMIT, QUANTITY_LIMIT, PRICE_LIMIT),
        ]
        venue.run([amend(4, 1, 3), replace(1, 1, PRICE_LIMIT, 7), new(5, 1, BUY, 7, 5, IOC)])
        assert [r[0] for r in venue.reports[-4:]] == [
            EventKind.REPLACE_REJECTED,
            EventKind.REPLACE_REJECTED,
            EventKind.ACCEPTED,
            EventKind.CANCELED,
        ]

    def test_stops_cascade_in_the_order_they_came(self, make: type[AnyVenue]) -> None:
        venue = make()
        venue.run(
            [
                new(1, 1, BUY, 99, 1),
                new(2, 1, BUY, 98, 1),
                new(3, 1, BUY, 97, 5),
                new(4, 2, SELL, 0, 1, STOP, stop=98),
                new(5, 3, SELL, 0, 1, STOP, stop=99),
                new(6, 4, SELL, 96, 1, STOP_LIMIT, stop=97),
                new(7, 5, SELL, 99, 1),
            ]
        )
        # 7 reaches 5, which trades at 98 and reaches 4, which trades at 97 and reaches 6.
        assert trades(venue) == [(1, 7, 99, 1), (2, 5, 98, 1), (3, 4, 97, 1), (3, 6, 97, 1)]
        assert venue.waiting() == []
        venue.run([new(8, 2, SELL, 0, 1, STOP, stop=98)])
        assert venue.reports[-1][0] == EventKind.REJECTED

    def test_prevention_with_icebergs(self, make: type[AnyVenue]) -> None:
        venue = make()
        mode = int(Prevention.DECREMENT)
        venue.run([new(1, 1, SELL, 100, 9, display=3), new(2, 1, BUY, 100, 7, IOC, mode=mode)])
        assert trades(venue) == []
        assert orders(venue, SELL) == [(1, 2, 0)]
        venue.run([new(3, 1, BUY, 100, 2, IOC, mode=mode)])
        assert orders(venue, SELL) == []

    def test_phases(self, make: type[AnyVenue]) -> None:
        venue = make()
        venue.run([new(1, 1, BUY, 100, 3), turn(MessageKind.TO_HALTED), new(2, 1, BUY, 100, 3)])
        assert venue.reports[-1][7] == Reason.INSTRUMENT_NOT_TRADING
        venue.run([replace(1, 1, 101, 3), amend(1, 1, 2), turn(MessageKind.TO_HALTED)])
        assert [r[0] for r in venue.reports[-2:]] == [EventKind.REPLACED, EventKind.REJECTED]
        venue.run([turn(MessageKind.TO_AUCTION), new(3, 2, SELL, 99, 5), replace(1, 1, 101, 2)])
        assert trades(venue) == []
        venue.run([turn(MessageKind.TO_CONTINUOUS)])
        assert trades(venue) == [(1, 3, 99, 2)]
        venue.run([turn(MessageKind.TO_DELISTED), cancel(3, 2), turn(MessageKind.TO_CONTINUOUS)])
        assert [r[0] for r in venue.reports[-3:]] == [
            EventKind.CANCELED,
            EventKind.CANCEL_REJECTED,
            EventKind.REJECTED,
        ]

    def test_an_auction_with_icebergs_and_stops(self, make: type[AnyVenue]) -> None:
        venue = make(status=InstrumentState.AUCTION)  # type: ignore[call-arg]
        venue.run(
            [
                new(1, 1, BUY, 105, 6, display=2),
                new(2, 2, BUY, 105, 3),
                new(3, 3, SELL, 105, 7),
                new(4, 4, SELL, 106, 2),
                new(5, 5, BUY, 0, 1, STOP, stop=105),
                turn(MessageKind.TO_CONTINUOUS),
            ]
        )
        assert trades(venue) == [
            (1, 3, 105, 2),
            (2, 3, 105, 3),
            (1, 3, 105, 2),
            (4, 5, 106, 1),
        ]
        assert orders(venue, BUY) == [(1, 2, 0)]

    def test_a_close_sets_off_no_stop(self, make: type[AnyVenue]) -> None:
        run = [
            new(1, 1, BUY, 105, 3),
            new(2, 2, SELL, 105, 3),
            new(3, 3, BUY, 0, 1, STOP, stop=105),
            turn(MessageKind.TO_CLOSED),
        ]
        venue = make(status=InstrumentState.AUCTION)  # type: ignore[call-arg]
        venue.run(run)
        assert trades(venue) == [(1, 2, 105, 3)]
        assert [each[0] for each in venue.waiting()] == [3]
        venue.run([turn(MessageKind.TO_CONTINUOUS), new(4, 4, BUY, PRICE_LIMIT, 1, MAKER)])
        assert [each[0] for each in venue.waiting()] == [3]
        assert venue.best_price(BUY) == PRICE_LIMIT


# --- side by side --------------------------------------------------------------------------------


@settings(max_examples=60)
@given(st.integers(0, 10**6), st.sampled_from([CROWDED, Market(depth=40, spread=8, calls=5)]))
def test_the_fast_venue_refines_the_naive_one(seed: int, market: Market) -> None:
    assert first_difference(messages(seed, 50, market)) is None


@pytest.mark.slow
def test_they_agree_on_a_long_stream() -> None:
    assert first_difference(messages(7, 14_000, CROWDED), every=50) is None
    assert first_difference(messages(8, 6_000, PLAIN), every=50) is None


def test_they_agree_on_every_witness() -> None:
    for rule, stream in witnesses().items():
        assert first_difference(map(astuple, stream)) is None, rule


@pytest.mark.skipif(BUILD == "compiled", reason="a compiled class cannot be changed")
def test_a_difference_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    """A venue that puts reloads first, and one that forgets whose order it is."""
    monkeypatch.setattr(Matcher, "_reload", lambda *_: None)
    found = first_difference(
        [new(1, 1, SELL, 100, 9, display=3), new(2, 2, SELL, 100, 1), new(3, 3, BUY, 100, 3)]
    )
    assert found == (2, new(3, 3, BUY, 100, 3))


@settings(max_examples=15)
@given(st.integers(0, 10**6))
def test_a_stream_comes_again_from_its_seed(seed: int) -> None:
    assert list(messages(seed, 30)) == list(messages(seed, 30))


def test_refusals_say_so_and_nothing_else() -> None:
    fast = Matcher()
    for row in messages(3, 2_000, CROWDED):
        before = (fast.resting(1), fast.resting(-1), fast.waiting())
        fast.reports.clear()
        fast.run((row,))
        if fast.reports and fast.reports[0][0] in REFUSALS:
            assert len(fast.reports) == 1
            assert before == (fast.resting(1), fast.resting(-1), fast.waiting())


@pytest.mark.parametrize(("tick", "lot"), [(1, 1), (2, 1), (1, 2), (2, 2)])
def test_a_grid_of_prices_or_of_lots_is_kept(tick: int, lot: int) -> None:
    fast = Matcher(tick, lot)
    numbers = [(price, lots) for price in (100, 101) for lots in (2, 3)]
    fast.run([new(at + 1, 1, BUY, *terms) for at, terms in enumerate(numbers)])
    right = [at + 1 for at, (price, lots) in enumerate(numbers) if not (price % tick or lots % lot)]
    assert sorted(row[0] for row in fast.resting(BUY)) == right
