"""One instrument's market in place: equal to `spec.state.InstrumentMarket`."""

from __future__ import annotations

from tickproof.kernel.book import Book
from tickproof.spec.book import BookState, TouchChange
from tickproof.spec.configuration import Wake
from tickproof.spec.instrument import Instrument, InstrumentState
from tickproof.spec.state import Filters, InstrumentMarket

WAKE_EVERY = int(Wake.EVERY_EVENT)
WAKE_TOUCH = int(Wake.TOUCH_CHANGE)
WAKE_SIZE = int(Wake.TOUCH_SIZE_CHANGE)
WAKE_TRADE = int(Wake.TRADE)
TOUCH = int(TouchChange.BID_PRICE + TouchChange.ASK_PRICE)
"""What of `Book.apply` says that a best price has changed."""


class KernelMarket:
    """Fields as in the specification; `trade_*` and `bar` are its last trade and last bar.

    `wanted`: the wake bits of its events that anybody may be consulted for, kept by the kernel.
    """

    __slots__ = (
        "bar",
        "book",
        "feed_whole",
        "funding_rate_e9",
        "lot_step",
        "mark_price",
        "maximum_quantity",
        "minimum_notional",
        "minimum_quantity",
        "status",
        "tick",
        "trade_price",
        "trade_side",
        "trade_size",
        "update_id",
        "wanted",
    )

    book: Book
    update_id: int
    trade_price: int
    trade_size: int
    trade_side: int
    bar: tuple[int, int, int, int, int]
    mark_price: int
    funding_rate_e9: int
    status: int
    feed_whole: int
    tick: int
    lot_step: int
    minimum_quantity: int
    maximum_quantity: int
    minimum_notional: int
    wanted: int

    def __init__(self, instrument: Instrument) -> None:
        self.book = Book(instrument.tick)
        self.update_id = 0
        self.trade_price = 0
        self.trade_size = 0
        self.trade_side = 0
        self.bar = (0, 0, 0, 0, 0)
        self.mark_price = 0
        self.funding_rate_e9 = 0
        self.status = int(InstrumentState.CONTINUOUS)
        self.feed_whole = 1
        self.tick = instrument.tick
        self.lot_step = instrument.lot_step
        self.minimum_quantity = instrument.minimum_quantity
        self.maximum_quantity = instrument.maximum_quantity
        self.minimum_notional = instrument.minimum_notional
        self.wanted = 0

    def is_awaited(self, changed: int, printed: bool) -> bool:
        """Whether anybody may be consulted on a depth change or print.

        `changed`: what `Book.apply` says of a depth change, else 0; `printed`: it is a print.
        """
        return (
            self.wanted & WAKE_EVERY != 0
            or (changed != 0 and self.wanted & WAKE_SIZE != 0)
            or (changed & TOUCH != 0 and self.wanted & WAKE_TOUCH != 0)
            or (printed and self.wanted & WAKE_TRADE != 0)
        )

    def reference_price(self) -> int:
        """Mark, else last print, else the middle of the touch, else the last bar's close."""
        if self.mark_price > 0:
            return self.mark_price
        if self.trade_price > 0:
            return self.trade_price
        book = self.book
        if book.bid_size > 0 and book.ask_size > 0:
            return (book.bid_price + book.ask_price) // 2
        return self.bar[3]

    def to_spec(self) -> InstrumentMarket:
        """The specification's form."""
        return InstrumentMarket(
            Filters(
                self.tick,
                self.lot_step,
                self.minimum_quantity,
                self.maximum_quantity,
                self.minimum_notional,
            ),
            BookState(tuple(self.book.levels(1)), tuple(self.book.levels(-1))),
            self.update_id,
            (self.trade_price, self.trade_size, self.trade_side),
            self.bar,
            self.mark_price,
            self.funding_rate_e9,
            self.status,
            self.feed_whole,
        )

    def restore(self, market: InstrumentMarket) -> None:
        """Take over the specification's form."""
        flat: list[int] = []
        for price, size in market.book.bids:
            flat.extend((1, price, size))
        for price, size in market.book.asks:
            flat.extend((-1, price, size))
        self.book.apply_snapshot(flat, 0, len(flat))
        self.update_id = market.update_id
        self.trade_price, self.trade_size, self.trade_side = market.last_trade
        self.bar = market.last_bar
        self.mark_price = market.mark_price
        self.funding_rate_e9 = market.funding_rate_e9
        self.status = market.status
        self.feed_whole = market.feed_whole
        filters = market.filters
        self.tick = filters.tick
        self.lot_step = filters.lot_step
        self.minimum_quantity = filters.minimum_quantity
        self.maximum_quantity = filters.maximum_quantity
        self.minimum_notional = filters.minimum_notional
