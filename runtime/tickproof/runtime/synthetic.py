"""A made market from a seed: for the demo, for benchmarks and for tests without any data.

Everything is integers from one 64-bit generator defined here, so the same seed is the same market
on every machine, Python version and build. The book keeps `LEVELS` contiguous price levels a
side and is never crossed; sizes change, the spread opens when a best level trades or cancels
away and closes when a better one appears. A print is followed by the message that takes its
quantity from the level. Tickers state the true touch, so the ticker check has an oracle here too.

Unlike a venue's depth stream each change arrives alone, and an order that grows is a new order:
the instrument declares so, which gives the price queue its bounds [Q6].
"""

from __future__ import annotations

from collections.abc import Sequence

from attrs import evolve

from tickproof.runtime.readers.feed import (
    Feed,
    FeedCounts,
    TickerColumns,
    instrument_for,
    relocate,
    rows_hash,
)
from tickproof.spec.events import EventKind, Side, TradeKind
from tickproof.spec.instrument import InstrumentKind, QueueDeclaration
from tickproof.spec.stream import EventColumns

SYMBOL = "DEMO-USD"
PRICE_DECIMALS = 2
QUANTITY_DECIMALS = 2
LEVELS = 20
START_NS = 1_700_000_000_000_000_000
START_PRICE = 100_000
LOWEST_BID = LEVELS + 1
CAPTURE_DELAY_NS = 200_000
CONSEQUENCE_NS = 1_000
SPREAD_MAX = 6
SIZE_MAX = 80
BAR_NS = 60_000_000_000

# Chances in parts of 10,000 a step.
TRADE_CHANCE = 950
CANCEL_CHANCE = 150
IMPROVE_CHANCE = 250

_MASK = (1 << 64) - 1


class Generator:
    """SplitMix64: a full-period 64-bit generator (Steele, Lea and Flood, 2014)."""

    __slots__ = ("_state",)

    def __init__(self, seed: int) -> None:
        self._state = seed & _MASK

    def draw(self) -> int:
        """The next integer in [0, 2**64)."""
        self._state = (self._state + 0x9E3779B97F4A7C15) & _MASK
        mixed = self._state
        mixed = ((mixed ^ (mixed >> 30)) * 0xBF58476D1CE4E5B9) & _MASK
        mixed = ((mixed ^ (mixed >> 27)) * 0x94D049BB133111EB) & _MASK
        return mixed ^ (mixed >> 31)


def synthetic_market(events: int, seed: int, instrument_id: int = 0) -> Feed:
    """`events` book messages and prints, the first a snapshot; see the module docstring."""
    market = _Market(Generator(seed), events)
    market.run()
    counts = FeedCounts(
        messages=len(market.columns) + len(market.tickers),
        level_changes=market.level_changes,
        trades=market.trade_id,
        tickers=len(market.tickers),
        snapshots=min(events, 1),
        diffs=len(market.columns) - market.trade_id - min(events, 1),
    )
    return _feed(market.columns, market.tickers, counts, instrument_id)


def synthetic_trades(events: int, seed: int, instrument_id: int = 0) -> Feed:
    """`events` prints on a random walk, and no book."""
    generator = Generator(seed)
    columns = EventColumns()
    time_ns, price = START_NS, START_PRICE
    for index in range(events):
        bits = generator.draw()
        time_ns += 1_000 + bits % 4_000_000
        price = max(1, price + (bits >> 24) % 5 // 4 - (bits >> 32) % 5 // 4)
        side = Side.BUY if bits >> 40 & 1 else Side.SELL
        size = 1 + (bits >> 41) % 12
        values = (0, price, size, side, TradeKind.CONTINUOUS, index + 1)
        columns.append_raw(EventKind.TRADE, time_ns, time_ns, 0, index, 0, values)
    counts = FeedCounts(messages=events, trades=events)
    return _feed(columns, TickerColumns(), counts, instrument_id)


def synthetic_bars(events: int, seed: int, instrument_id: int = 0) -> Feed:
    """`events` one-minute bars on a random walk."""
    generator = Generator(seed)
    columns = EventColumns()
    close = START_PRICE
    for index in range(events):
        bits = generator.draw()
        first = close
        close = max(1_000, first + bits % 51 - 25)
        high = max(first, close) + (bits >> 16) % 12
        low = min(first, close) - (bits >> 24) % 12
        volume = 10 + (bits >> 32) % 990
        time_ns = START_NS + BAR_NS * (index + 1)
        values = (0, first, high, low, close, volume, BAR_NS)
        columns.append_raw(EventKind.BAR, time_ns, time_ns, 0, index, 0, values)
    return _feed(columns, TickerColumns(), FeedCounts(messages=events, bars=events), instrument_id)


def _feed(
    columns: EventColumns, tickers: TickerColumns, counts: FeedCounts, instrument_id: int
) -> Feed:
    """The feed; its rows are its dataset, so both hashes are one."""
    instrument, assets = instrument_for(
        SYMBOL, InstrumentKind.LINEAR, PRICE_DECIMALS, QUANTITY_DECIMALS
    )
    declared = QueueDeclaration(per_event=1, size_up_in_place_excluded=1)
    instrument = evolve(instrument, queue=declared)
    name = rows_hash(instrument, columns)
    if instrument_id:
        instrument = evolve(instrument, id=instrument_id)
        columns = relocate(columns, instrument_id, 0)
    return Feed(instrument, assets, columns, tickers, counts, name, name)


class _Side:
    """One side of the book: best price, the sizes of `LEVELS` levels from the best outwards."""

    __slots__ = ("sign", "best", "sizes")

    def __init__(self, sign: int, best: int, sizes: list[int]) -> None:
        self.sign = sign
        self.best = best
        self.sizes = sizes

    def price(self, level: int) -> int:
        """Price of the level, 0 the best."""
        return self.best - self.sign * level


class _Market:
    """The book, the clock and what has been written."""

    def __init__(self, generator: Generator, events: int) -> None:
        self.columns = EventColumns()
        self.tickers = TickerColumns()
        self.level_changes = 0
        self.trade_id = 0
        self._generator = generator
        self._events = events
        self._time_ns = START_NS
        self._update_id = 1
        self._messages = 0
        sizes = [[5 + generator.draw() % 40 for _ in range(LEVELS)] for _ in range(2)]
        self._bid = _Side(Side.BUY, START_PRICE, sizes[0])
        self._ask = _Side(Side.SELL, START_PRICE + 1, sizes[1])

    def run(self) -> None:
        """Write exactly the asked number of events."""
        levels: list[int] = []
        for side in (self._bid, self._ask):
            for level, size in enumerate(side.sizes):
                levels += (side.sign, side.price(level), size)
        self._write(EventKind.BOOK_SNAPSHOT, (0, self._update_id, *levels))
        self._state_touch()
        while len(self.columns) < self._events:
            self._step()

    def _step(self) -> None:
        """One thing happens on one side: a print, a cancel, a better level or a new size."""
        bits = self._generator.draw()
        chance = bits % 10_000
        side = self._bid if bits >> 16 & 1 else self._ask
        number = bits >> 20 & 0xFFFF
        spread = self._ask.best - self._bid.best
        self._time_ns += 10_000 + (bits >> 36) % 3_980_000
        may_fall = side is self._ask or side.best > LOWEST_BID
        if chance < TRADE_CHANCE:
            if may_fall:
                self._trade(side, 1 + number % 12, number)
        elif chance < TRADE_CHANCE + CANCEL_CHANCE:
            if may_fall and spread < SPREAD_MAX:
                self._deplete(side, number)
        elif chance < TRADE_CHANCE + CANCEL_CHANCE + IMPROVE_CHANCE * (spread - 1):
            self._improve(side, number)
        else:
            self._resize(side, number)

    def _trade(self, side: _Side, wanted: int, number: int) -> None:
        size = min(wanted, side.sizes[0])
        self.trade_id += len(self.columns) < self._events
        values = (0, side.best, size, -side.sign, TradeKind.CONTINUOUS, self.trade_id)
        self._write(EventKind.TRADE, values)
        self._time_ns += CONSEQUENCE_NS
        side.sizes[0] -= size
        if side.sizes[0]:
            self._change((side.sign, side.best, side.sizes[0]))
        else:
            self._deplete(side, number)

    def _deplete(self, side: _Side, number: int) -> None:
        """The best level goes; a new one appears behind the last."""
        gone = side.best
        side.sizes = [*side.sizes[1:], 5 + number % 40]
        side.best -= side.sign
        last = LEVELS - 1
        self._change((side.sign, gone, 0, side.sign, side.price(last), side.sizes[last]))

    def _improve(self, side: _Side, number: int) -> None:
        """A better level appears inside the spread; the last one leaves."""
        gone = side.price(LEVELS - 1)
        side.sizes = [5 + number % 40, *side.sizes[:-1]]
        side.best += side.sign
        self._change((side.sign, gone, 0, side.sign, side.best, side.sizes[0]))

    def _resize(self, side: _Side, number: int) -> None:
        """The size of a level changes, near the touch more often."""
        level = min(_trailing_ones(number), LEVELS - 1)
        size = side.sizes[level]
        changed = min(max(size + (number >> 7) % 9 - 4, 1), SIZE_MAX)
        if changed == size:
            changed = size - 1 if size > 1 else size + 1
        side.sizes[level] = changed
        self._change((side.sign, side.price(level), changed))

    def _change(self, levels: Sequence[int]) -> None:
        """One book message; a ticker when it moved the touch or its size."""
        if len(self.columns) >= self._events:
            return
        self._update_id += 1
        self.level_changes += len(levels) // 3
        self._write(EventKind.BOOK_DELTA, (0, self._update_id, self._update_id, *levels))
        self._state_touch()

    def _state_touch(self) -> None:
        bid, ask = self._bid, self._ask
        touch = (bid.best, bid.sizes[0], ask.best, ask.sizes[0])
        tickers = self.tickers
        if len(tickers) and touch == (
            tickers.bid_price[-1],
            tickers.bid_size[-1],
            tickers.ask_price[-1],
            tickers.ask_size[-1],
        ):
            return
        tickers.append(self._messages, self._update_id, *touch)
        self._messages += 1

    def _write(self, kind: int, values: Sequence[int]) -> None:
        if len(self.columns) >= self._events:
            return
        stamp = self._time_ns + CAPTURE_DELAY_NS
        self.columns.append_raw(kind, self._time_ns, stamp, 0, self._messages, 0, values)
        self._messages += 1


def _trailing_ones(number: int) -> int:
    """How many of the lowest bits are set: geometric when bits are fair."""
    count = 0
    while number & 1:
        number >>= 1
        count += 1
    return count
