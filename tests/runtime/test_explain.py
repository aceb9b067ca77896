"""The story of a fill agrees with the run's own records and with the market it was made on."""

from collections.abc import Iterable, Sequence
from functools import cache
from typing import ClassVar

import pytest
from attrs import define

from tickproof.runtime.backtest import Result, run_backtest
from tickproof.runtime.explain import UNKNOWN, FillStory, explain, position_times, wake_words
from tickproof.runtime.readers.feed import Feed, FeedCounts, Market, TickerColumns, combine
from tickproof.runtime.readers.feed import instrument_for as instrument_and_assets
from tickproof.runtime.synthetic import synthetic_market
from tickproof.spec.commands import Decision, OrderType, new_order
from tickproof.spec.configuration import Wake, WakeRule
from tickproof.spec.events import EventKind, FillCause, Liquidity, Side
from tickproof.spec.instrument import InstrumentKind
from tickproof.spec.outputs import RecordKind
from tickproof.spec.strategy import View
from tickproof.spec.stream import EventColumns

MILLISECOND = 1_000_000
START = 1_700_000_000_000_000_000


@define
class Sent:
    done: int = 0


class OneOrder:
    """One order at the first wake: `side` lots at `price`, MARKET for price 0."""

    wake: ClassVar[WakeRule] = WakeRule(Wake.EVERY_EVENT)
    memory: ClassVar[type] = Sent

    def __init__(self, price: int = 0, side: int = 1, size: int = 1) -> None:
        self.price = price
        self.side = side
        self.size = size

    def decide(self, view: View, memory: Sent) -> Iterable[Decision] | None:
        if memory.done or not view.bid_size(0):
            return None
        memory.done = 1
        kind = OrderType.LIMIT if self.price else OrderType.MARKET
        return (new_order(1, 0, self.side, self.size, self.price, order_type=kind),)


Message = tuple[int, int, tuple[int, ...]]
"""(milliseconds after the first, kind, payload)."""

BOOK: Message = (0, EventKind.BOOK_SNAPSHOT, (0, 1, 1, 100, 5, 1, 99, 5, -1, 103, 5, -1, 104, 5))


def delta(at: int, update: int, *levels: int) -> Message:
    return (at, EventKind.BOOK_DELTA, (0, update, update, *levels))


def trade(at: int, price: int, lots: int, side: int, number: int) -> Message:
    return (at, EventKind.TRADE, (0, price, lots, side, 0, number))


def market_of(messages: Sequence[Message]) -> Market:
    columns = EventColumns()
    for index, (at, kind, values) in enumerate(messages):
        stamp = START + at * MILLISECOND
        columns.append_raw(kind, stamp, stamp, 0, index, 0, values)
    instrument, assets = instrument_and_assets("AAA-USD", InstrumentKind.LINEAR, 2, 2)
    feed = Feed(instrument, assets, columns, TickerColumns(), FeedCounts(), "0" * 64, "0" * 64)
    return combine([feed])


def only_story(messages: Sequence[Message], **parameters: int) -> FillStory:
    result = run_backtest(
        market_of(messages),
        strategy=f"{__file__}:OneOrder",
        latency="1ms",
        param=parameters,
        keep_outputs=True,
        check_ticker=False,
    )
    assert result.failure is None
    stories = explain(result).fills
    assert len(stories) == 1
    return stories[0]


def queue_facts(story: FillStory) -> tuple[int, int, int]:
    return story.shown_on_arrival, story.printed, story.shown_before


def test_a_print_at_its_price() -> None:
    messages = [
        BOOK,
        delta(5, 2, 1, 100, 4),
        trade(6, 100, 3, Side.SELL, 1),
        delta(7, 3, 1, 100, 1),
        trade(8, 100, 4, Side.SELL, 2),
        delta(9, 4, 1, 100, 0),
    ]
    story = only_story(messages, price=100)
    assert story.cause == FillCause.PRINT
    assert (story.trigger_price, story.trigger_lots) == (100, 4)
    assert queue_facts(story) == (5, 7, 1)
    assert story.venue_ns == START + 8 * MILLISECOND
    assert (story.sent_ns, story.arrived_ns) == (START, START + MILLISECOND)


def test_a_print_through_its_price() -> None:
    story = only_story([BOOK, trade(8, 99, 2, Side.SELL, 1)], price=100)
    assert story.cause == FillCause.PRINT
    assert (story.trigger_price, story.trigger_lots) == (99, 2)
    assert queue_facts(story) == (5, 0, 5)


def test_a_book_that_crosses_it() -> None:
    messages = [BOOK, delta(8, 2, 1, 100, 0, 1, 99, 0, -1, 98, 6, 1, 90, 5)]
    story = only_story(messages, price=100)
    assert story.cause == FillCause.CROSSED_BOOK
    assert (story.trigger_price, story.trigger_lots) == (98, 6)
    assert queue_facts(story) == (5, 0, 5)


@pytest.mark.parametrize("price", [0, 103])
def test_a_sweep_on_arrival(price: int) -> None:
    story = only_story([BOOK, trade(8, 100, 1, Side.SELL, 1)], price=price, size=2)
    assert story.cause == FillCause.SWEEP
    assert story.liquidity == Liquidity.TAKER
    assert (story.trigger_price, story.price) == (103, 103)
    assert queue_facts(story) == (UNKNOWN, UNKNOWN, 5)
    assert story.venue_ns == story.arrived_ns == START + MILLISECOND


def test_the_price_line_has_each_change_of_the_touch() -> None:
    messages = [BOOK, delta(1, 2, 1, 99, 7), delta(2, 3, 1, 101, 1), trade(3, 101, 1, -1, 1)]
    result = run_backtest(market_of(messages), strategy="buy-and-hold", check_ticker=False)
    line = explain(result).prices[0]
    assert line.has_book
    assert list(zip(line.bids, line.asks, strict=True)) == [(100, 103), (101, 103)]


def test_without_a_book_the_price_line_is_the_prints() -> None:
    messages = [trade(at, 100 + at, 1, Side.BUY, at + 1) for at in range(3)]
    line = explain(run_backtest(market_of(messages), strategy="ema-cross")).prices[0]
    assert not line.has_book
    assert list(line.bids) == list(line.asks) == [100, 101, 102]


@cache
def quoter_run() -> Result:
    return run_backtest(
        combine([synthetic_market(6_000, seed=3)]),
        strategy="quoter",
        latency="3ms",
        feed_latency="1ms",
        keep_outputs=True,
        keep_stream=True,
    )


def test_every_fill_of_a_run_has_its_whole_story() -> None:
    result = quoter_run()
    stories = explain(result).fills
    assert len(stories) == len(result.fill_rows) > 20
    for story, row in zip(stories, result.fill_rows, strict=True):
        assert (story.position, story.known_ns, story.order_id) == (row[0], row[1], row[5])
        assert story.trigger_price
        assert (story.price - story.trigger_price) * story.side >= 0
        assert min(queue_facts(story)) >= 0
        if story.cause == FillCause.PRINT and story.trigger_price == story.price:
            assert story.printed >= story.trigger_lots >= story.quantity
        assert 0 < story.decided_position <= story.request_position < story.position
        assert story.sent_ns + 3 * MILLISECOND == story.arrived_ns <= story.venue_ns
        assert story.venue_ns + 3 * MILLISECOND == story.known_ns
        assert story.request_price == story.price


def test_a_decision_was_woken_by_what_its_position_records() -> None:
    result = quoter_run()
    wakes = {row[0]: row[3] for row in result.outputs if row[2] == RecordKind.WAKE}
    for story in explain(result).fills:
        assert wakes[story.decided_position] == (0, story.wake)
        assert wake_words(story.wake)


def test_times_of_positions_are_those_of_the_records() -> None:
    result = quoter_run()
    times = position_times(result)
    assert len(times) == result.summary["positions"]
    for position, now_ns, *_ in (*result.fill_rows, *result.request_rows):
        assert times[position] == now_ns


def test_what_was_not_kept_is_unknown() -> None:
    market = combine([synthetic_market(2_000, seed=3)])
    result = run_backtest(market, strategy="quoter", latency="3ms")
    assert position_times(result) == ()
    stories = explain(result).fills
    assert stories
    assert all(story.decided_position == UNKNOWN for story in stories)
    assert all(story.request_id > 0 for story in stories)
