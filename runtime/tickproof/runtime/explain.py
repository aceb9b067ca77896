"""Why each fill happened: the decision, the request, and what the market showed meanwhile.

What it decides: which facts of a run and of its data belong to one fill. The chain comes from the
run's own records: the WAKE and the Intent at one position, the Request of the same number, the
fill. The queue facts come from the data alone, by walking it once more in the venue's order, so
that they are a second opinion on the venue and not its own account: what was shown at the order's
price when it arrived, what was printed there since, what was shown just before the fill, and the
print or the touch that caused it.

A fact that the run did not keep or the data does not tell is `UNKNOWN`, never guessed.
"""

from __future__ import annotations

from array import array
from bisect import bisect_right
from collections.abc import Sequence
from itertools import accumulate

from attrs import define, field

from tickproof.kernel.book import Book
from tickproof.runtime.backtest import Result
from tickproof.runtime.delays import columns_at_venue, request_arrivals
from tickproof.runtime.settings import DelaySettings, duration_ns
from tickproof.spec.commands import CommandKind
from tickproof.spec.configuration import Wake
from tickproof.spec.events import EventKind, FillCause, Liquidity, TradeKind
from tickproof.spec.outputs import RecordKind
from tickproof.spec.time import Clock, advance

UNKNOWN = -1

BOOK_SNAPSHOT = int(EventKind.BOOK_SNAPSHOT)
BOOK_DELTA = int(EventKind.BOOK_DELTA)
TRADE = int(EventKind.TRADE)
BAR = int(EventKind.BAR)
CONTINUOUS = int(TradeKind.CONTINUOUS)
PRINT = int(FillCause.PRINT)
CROSSED_BOOK = int(FillCause.CROSSED_BOOK)
SWEEP = int(FillCause.SWEEP)


@define
class FillStory:
    """One fill and what led to it. Prices, lots and stamps as in the run; see `UNKNOWN`.

    `venue_ns`: when it happened at the venue; `known_ns`: when the strategy's side knew.
    `decided_position`, `wake`: the consultation that asked for the order, and its Wake bits.
    `request_*`: the NEW or REPLACE in force, `position` and stamp of its dispatch.
    `shown_on_arrival`, `printed`, `shown_before`: lots at the order's price when it arrived,
    printed there while it rested (the causing print included), and shown just before the fill.
    `trigger_price`, `trigger_lots`: the print, or the other side's touch, that caused it.
    """

    position: int
    known_ns: int
    venue_ns: int
    instrument: int
    strategy: int
    order_id: int
    side: int
    price: int
    quantity: int
    fee: int
    fee_asset: int
    liquidity: int
    cause: int
    decided_position: int = UNKNOWN
    wake: int = 0
    request_id: int = UNKNOWN
    request_kind: int = 0
    request_price: int = 0
    request_position: int = UNKNOWN
    sent_ns: int = UNKNOWN
    arrived_ns: int = UNKNOWN
    shown_on_arrival: int = UNKNOWN
    printed: int = UNKNOWN
    shown_before: int = UNKNOWN
    trigger_price: int = 0
    trigger_lots: int = 0


@define
class PriceLine:
    """An instrument's prices over the run: the touch at each of its changes, else last prices.

    Columns of one length: stamps in ns, best bid and best ask (0 where a side is empty). Where
    the data has no book, both are the price of the print or the bar's close.
    """

    times_ns: array[int] = field(factory=lambda: array("q"))
    bids: array[int] = field(factory=lambda: array("q"))
    asks: array[int] = field(factory=lambda: array("q"))
    has_book: bool = False

    def add(self, time_ns: int, bid: int, ask: int) -> None:
        """One more change."""
        self.times_ns.append(time_ns)
        self.bids.append(bid)
        self.asks.append(ask)


@define
class Explanation:
    """The stories of all fills in order, and the price line of each instrument."""

    fills: list[FillStory]
    prices: list[PriceLine]


def explain(result: Result) -> Explanation:
    """Walk the run's data once and tell each fill's story; linear in the data."""
    stories = stories_of(result)
    walk = _Walk(result, stories)
    walk.run()
    return Explanation(stories, walk.prices)


def position_times(result: Result) -> Sequence[int]:
    """Kernel time at each position [T3]; empty when the run did not keep its stream."""
    if result.stream is None:
        return ()
    limit_ns = result.configuration.timing.jump_limit_ns
    times = array("q")
    clock = Clock()
    for stamp in result.stream.capture_time_ns:
        clock = advance(clock, stamp, limit_ns)
        times.append(clock.now_ns)
    return times


def wake_words(mask: int) -> str:
    """The Wake bits of a consultation in words."""
    named = [each.name.lower().replace("_", " ") for each in Wake if mask & each]
    return ", ".join(named)


# --- decision and request ------------------------------------------------------------------------


def stories_of(result: Result) -> list[FillStory]:
    """The fills with their chain of decision and request, the data not yet looked at."""
    stories = []
    for row in result.fill_rows:
        position, now_ns, strategy, _, instrument, order_id, _, *terms = row
        side, price, quantity, fee, fee_asset, liquidity, cause = map(int, terms)
        stories.append(
            FillStory(
                position,
                now_ns,
                _venue_time(result, position, now_ns),
                instrument,
                strategy,
                order_id,
                side,
                price,
                quantity,
                fee,
                fee_asset,
                liquidity,
                cause,
            )
        )
    _add_requests(result, stories)
    _add_decisions(result, stories)
    return stories


def _venue_time(result: Result, position: int, now_ns: int) -> int:
    """When the venue gave the report that is known at `now_ns`.

    Where delays vary only the stream tells; without it the way back counts as nothing.
    """
    if result.settings.delay == DelaySettings():
        return now_ns - duration_ns(result.settings.latency)
    return now_ns if result.stream is None else result.stream.event_time_ns[position]


def _add_requests(result: Result, stories: list[FillStory]) -> None:
    """The NEW or REPLACE each fill happened under: the latest to have arrived, at its price."""
    by_order: dict[int, list[tuple[int, ...]]] = {}
    kinds = [row[3] for row in result.request_rows]
    arrivals = request_arrivals(result.settings, kinds, result.sent_ns)
    rows = zip(result.request_rows, result.sent_ns, arrivals, strict=True)
    for row, sent_ns, arrived_ns in rows:
        position, _, request_id, kind, _, _, order_id, *terms = row
        if kind != CommandKind.CANCEL:
            price = terms[4]
            entry = (arrived_ns, position, sent_ns, request_id, int(kind), price)
            by_order.setdefault(order_id, []).append(entry)
    for story in stories:
        arrived = [each for each in by_order.get(story.order_id, ()) if each[0] <= story.venue_ns]
        if not arrived:
            continue
        at_price = [each for each in arrived if each[5] == story.price]
        # A taker fills at the level's price, not its own.
        chosen = at_price[-1] if at_price and story.liquidity == Liquidity.MAKER else arrived[-1]
        story.arrived_ns, story.request_position, story.sent_ns = chosen[:3]
        story.request_id, story.request_kind, story.request_price = chosen[3:]


def _add_decisions(result: Result, stories: list[FillStory]) -> None:
    """Where the strategy asked for it, and what had woken it; a Request has its Intent's id."""
    wanted = {story.request_id for story in stories}
    decided: dict[int, tuple[int, int]] = {}
    wakes: dict[int, int] = {}
    at = UNKNOWN
    for position, _, kind, fields in result.outputs:
        if position != at:
            at = position
            wakes.clear()
        if kind == RecordKind.WAKE:
            wakes[fields[0]] = fields[1]
        elif kind == RecordKind.INTENT and fields[1] in wanted:
            decided[fields[1]] = (position, wakes.get(fields[0], 0))
    for story in stories:
        if story.request_id in decided:
            story.decided_position, story.wake = decided[story.request_id]


# --- the data once more --------------------------------------------------------------------------


@define
class _Rest:
    """An order's stay at one price, as the data shows it."""

    instrument: int
    side: int
    price: int
    arrived_ns: int
    until_ns: int
    shown_on_arrival: int = UNKNOWN
    printed: int = 0


class _Walk:
    """The market in the venue's order: messages at a stamp before what arrives at it."""

    def __init__(self, result: Result, stories: list[FillStory]) -> None:
        self.columns = columns_at_venue(result.market.columns, result.settings)
        self.books = [Book(each.tick) for each in result.market.instruments]
        self.prices = [PriceLine() for _ in result.market.instruments]
        self.stories = sorted(stories, key=lambda story: story.venue_ns)
        self.fill_times = [story.venue_ns for story in self.stories]
        self.told = 0
        self.rests: dict[int, _Rest] = {}
        for story in self.stories:
            if story.request_id != UNKNOWN and story.liquidity == Liquidity.MAKER:
                found = self.rests.get(story.request_id)
                if found is None:
                    found = self.rests[story.request_id] = _Rest(
                        story.instrument,
                        story.side,
                        story.price,
                        story.arrived_ns,
                        story.venue_ns,
                    )
                found.until_ns = story.venue_ns
        self.arrivals = sorted(self.rests.values(), key=lambda rest: rest.arrived_ns)
        self.arrived = 0
        self.resting: dict[tuple[int, int], list[_Rest]] = {}

    def run(self) -> None:
        """See every message, then what happened after the last."""
        columns = self.columns
        for index, time_ns in enumerate(accumulate(columns.capture_time_ns, max)):
            self.before(time_ns)
            kind = columns.kind[index]
            first, last = columns.offset[index], columns.offset[index + 1]
            if kind in (BOOK_DELTA, BOOK_SNAPSHOT):
                self.on_levels(kind, time_ns, first, last)
            elif kind == TRADE:
                self.on_trade(time_ns, columns.payload[first : first + 5])
            elif kind == BAR:
                close = columns.payload[first + 4]
                self.prices[columns.payload[first]].add(time_ns, close, close)
        self.before(1 << 62)

    def before(self, time_ns: int) -> None:
        """Orders that arrived, and fills that happened, before a stamp."""
        while self.arrived < len(self.arrivals):
            rest = self.arrivals[self.arrived]
            if rest.arrived_ns >= time_ns:
                break
            rest.shown_on_arrival = self.books[rest.instrument].size_at(rest.side, rest.price)
            self.resting.setdefault((rest.instrument, rest.price), []).append(rest)
            self.arrived += 1
        while self.told < len(self.stories) and self.fill_times[self.told] < time_ns:
            self.tell(self.stories[self.told])
            self.told += 1

    def tell(self, story: FillStory) -> None:
        """What is known of a fill when its moment is over."""
        rest = self.rests.get(story.request_id)
        if rest is not None:
            story.shown_on_arrival = rest.shown_on_arrival
        if story.cause == SWEEP:
            book = self.books[story.instrument]
            story.shown_before = book.size_at(-story.side, story.price)
            story.trigger_price = story.price

    def happening(self, time_ns: int, instrument: int, cause: int) -> list[FillStory]:
        """Fills of this very moment that still lack what caused them."""
        last = bisect_right(self.fill_times, time_ns, self.told)
        return [
            story
            for story in self.stories[self.told : last]
            if (story.instrument, story.cause, story.trigger_price) == (instrument, cause, 0)
        ]

    def on_levels(self, kind: int, time_ns: int, first: int, last: int) -> None:
        """A book message: the price line, and fills by the other side reaching an order."""
        payload = self.columns.payload
        instrument = payload[first]
        book = self.books[instrument]
        filled = self.happening(time_ns, instrument, CROSSED_BOOK)
        before = [book.size_at(story.side, story.price) for story in filled]
        if kind == BOOK_DELTA:
            book.apply_levels(payload, first + 3, last)
        else:
            book.apply_snapshot(payload, first + 2, last)
        for story, shown in zip(filled, before, strict=True):
            touch, lots = (
                (book.ask_price, book.ask_size)
                if story.side > 0
                else (book.bid_price, book.bid_size)
            )
            if lots and (story.price - touch) * story.side >= 0:
                self.caused(story, touch, lots, shown)
        line = self.prices[instrument]
        if not line.has_book or line.bids[-1] != book.bid_price or line.asks[-1] != book.ask_price:
            if not line.has_book:
                self.prices[instrument] = line = PriceLine(has_book=True)
            line.add(time_ns, book.bid_price, book.ask_price)

    def on_trade(self, time_ns: int, values: array[int]) -> None:
        """A print: what it caused, and how much was printed at the prices of resting orders."""
        instrument, price, lots, aggressor, trade_kind = values
        line = self.prices[instrument]
        if not line.has_book:
            line.add(time_ns, price, price)
        if trade_kind != CONTINUOUS:
            return
        waiting = self.resting.get((instrument, price))
        if waiting is not None:
            waiting = [rest for rest in waiting if rest.until_ns >= time_ns]
            self.resting[instrument, price] = waiting
            for rest in waiting:
                if rest.side != aggressor:
                    rest.printed += lots
        left = lots
        for story in self.happening(time_ns, instrument, PRINT):
            reached = (story.price - price) * story.side >= 0 and story.side != aggressor
            if reached and story.quantity <= left:
                left -= story.quantity
                book = self.books[instrument]
                self.caused(story, price, lots, book.size_at(story.side, story.price))

    def caused(self, story: FillStory, price: int, lots: int, shown: int) -> None:
        """Note what caused a fill."""
        story.trigger_price = price
        story.trigger_lots = lots
        story.shown_before = shown
        rest = self.rests.get(story.request_id)
        if rest is not None:
            story.printed = rest.printed
