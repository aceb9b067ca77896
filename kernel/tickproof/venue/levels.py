"""What level data and prints mean to the orders at the simulated venue.

Decides what a depth change, a snapshot, a print and a bar tell the own queues, which of them may
fill an order or trigger one, and what is new of a level that own orders took from: that stays taken
while the level stands, and is never more than what it shows; the optimistic model takes every new
size told for new lots [Q8].
"""

from __future__ import annotations

from collections.abc import Sequence

from tickproof.kernel.tape import Tape
from tickproof.spec.events import TradeKind
from tickproof.spec.price_queue import UNKNOWN, FillModel
from tickproof.spec.venue_phase import PhaseEvent
from tickproof.venue.arriving import ArrivingVenue
from tickproof.venue.market import Market
from tickproof.venue.orders import LevelQueue
from tickproof.venue.queue_memory import Memories

_OPTIMISTIC = int(FillModel.OPTIMISTIC)
_CONTINUOUS = int(TradeKind.CONTINUOUS)
_AUCTION = int(TradeKind.AUCTION)


class LevelVenue(ArrivingVenue):
    """A venue that reads levels, prints and bars."""

    __slots__ = ()

    def _after_levels(
        self, market: Market, stamp_ns: int, tape: Tape, first: int, stop: int
    ) -> None:
        """A delta was applied: tell the own queues it names, and see what it makes possible."""
        message = market.message = market.message + 1
        bids = market.bids
        asks = market.asks
        for index in range(first, stop, 3):
            price = tape.payload[index + 1]
            own = bids if tape.payload[index] > 0 else asks
            # Most levels are beyond every own order of the side.
            if own.worst <= own.side * price <= own.best:
                queue = own.at(price)
                if queue is not None and queue.message != message:
                    queue.message = message
                    size = market.book.size_at(tape.payload[index], price)
                    if market.memories is None:
                        for order in queue.orders:
                            order.place.level_update(size, stamp_ns)
                    else:
                        self._tell_guessing(market, queue, size, stamp_ns)
        if market.bids_taken or market.asks_taken:
            self._settle_taken(market, tape, first, stop)
        if market.waiting:
            self._settle_waiting(market, stamp_ns)
        book = market.book
        if book.ask_size and bids.best >= book.ask_price:
            self._cross_side(market, bids, book.ask_price, stamp_ns)
        if book.bid_size and asks.best >= -book.bid_price:
            self._cross_side(market, asks, book.bid_price, stamp_ns)
        if market.conditionals.count:
            self._watch_touch(market)

    def _remember(self, market: Market, stamp_ns: int, tape: Tape, first: int, stop: int) -> None:
        """A delta was applied: tell the memories of the levels it names."""
        memories = market.memories
        if memories is None:
            return
        for index in range(first, stop, 3):
            side, price = tape.payload[index], tape.payload[index + 1]
            own = market.bids if side > 0 else market.asks
            queue = own.at(price)
            size = market.book.size_at(side, price)
            if queue is None:
                memories.told(side, price, size, stamp_ns, 0)
                memories.forget(side, price)
            else:
                memories.told(side, price, size, stamp_ns, self._unseen(market, queue))

    def _unseen(self, market: Market, queue: LevelQueue) -> int:
        """1 when an order here has not been told of its level since it arrived."""
        if market.maximum_declared:
            for order in queue.orders:
                if not order.place.bounded:
                    return 1
        return 0

    def _tell_guessing(self, market: Market, queue: LevelQueue, size: int, stamp_ns: int) -> None:
        """Tell the orders of a queue, with what the memory of their level says."""
        for order in queue.orders:
            said = UNKNOWN
            if market.memories is not None:
                said = market.memories.said(queue.side, queue.price, order.place.mark)
            order.place.level_update(size, stamp_ns, said)

    def _settle_taken(self, market: Market, tape: Tape, first: int, stop: int) -> None:
        """Levels that a delta names are new as far as they are not taken still [Q8]."""
        forget = self._model == _OPTIMISTIC
        for index in range(first, stop, 3):
            market.settle_taken(tape.payload[index], tape.payload[index + 1], forget)
        market.note_idle()

    def _settle_waiting(self, market: Market, stamp_ns: int) -> None:
        """What a delta does not name did not change: that bounds orders not bounded yet [Q6]."""
        still: list[LevelQueue] = []
        for queue in market.waiting:
            queue.waiting = 0
            for order in queue.orders:
                place = order.place
                if not place.bounded and place.size >= 0:
                    place.level_update(place.size, stamp_ns)
                    if not place.bounded:
                        queue.waiting = 1
            if queue.waiting:
                still.append(queue)
        market.waiting = still

    def _on_snapshot(
        self, market: Market, stamp_ns: int, payload: Sequence[int], first: int, stop: int
    ) -> None:
        """A whole book: levels it does not reach are out of sight, not empty [Q6]."""
        market.book_ns = max(market.book_ns, stamp_ns)
        market.book.apply_snapshot(payload, first, stop)
        market.note_window()
        market.gap = False
        if market.memories is not None:
            self._remember_all(market, market.memories, stamp_ns)
        for own in (market.bids, market.asks):
            for queue in own.by_price().values():
                size = market.shown_size(own.side, queue.price)
                if size != UNKNOWN:
                    self._tell_guessing(market, queue, size, stamp_ns)
                    continue
                for order in queue.orders:
                    order.place.lose_sight(False)
        forget = self._model == _OPTIMISTIC
        for price in list(market.bids_taken):
            market.settle_taken(1, price, forget)
        for price in list(market.asks_taken):
            market.settle_taken(-1, price, forget)
        market.note_idle()
        book = market.book
        if book.ask_size and market.bids.best >= book.ask_price:
            self._cross_side(market, market.bids, book.ask_price, stamp_ns)
        if book.bid_size and market.asks.best >= -book.bid_price:
            self._cross_side(market, market.asks, book.bid_price, stamp_ns)
        if market.conditionals.count:
            self._watch_touch(market)

    def _remember_all(self, market: Market, memories: Memories, stamp_ns: int) -> None:
        """Tell the memories of every level of a snapshot, and of those it shows to be gone."""
        for own, levels in ((market.bids, memories.bids), (market.asks, memories.asks)):
            for price in list(levels):
                size = market.shown_size(own.side, price)
                memories.told(own.side, price, size, stamp_ns, 0)
                if own.at(price) is None:
                    memories.forget(own.side, price)
            for price, size in market.book.levels(own.side):
                if price not in levels:
                    memories.begin(own.side, price, size, stamp_ns)

    def _on_bar(self, market: Market, stamp_ns: int, payload: Sequence[int], start: int) -> None:
        """A closed bar, where nothing better is known: its close is bid, a tick above is offered.

        Each side shows the bar's volume. A convention, so that bars alone can be traded on at
        all; once a depth message was seen bars say nothing of the book.
        """
        if market.has_depth:
            return
        if stamp_ns > market.latest_ns:
            market.latest_ns = stamp_ns
            market.latest_capture_ns = self._now_ns
        bid = payload[start + 4]
        volume = payload[start + 5]
        ask = bid + market.tick
        market.last_price = bid
        # What the last bar showed goes after what this one shows: no side is ever searched.
        levels = market.bar_levels
        old_bid = levels[1]
        old_ask = levels[4]
        levels[1] = bid
        levels[2] = volume
        levels[4] = ask
        levels[5] = volume
        levels[7] = old_bid
        levels[8] = volume if old_bid == bid else 0
        levels[10] = old_ask
        levels[11] = volume if old_ask == ask else 0
        market.book_ns = max(market.book_ns, stamp_ns)
        tape = market.bar_tape
        market.book.apply(tape, 0, 12)
        # Another bar is other liquidity, even at the same price.
        if market.bids_taken:
            market.bids_taken.clear()
        if market.asks_taken:
            market.asks_taken.clear()
        market.note_idle()
        if market.memories is not None:
            self._remember(market, stamp_ns, tape, 0, 12)
        if not market.idle:
            self._after_levels(market, stamp_ns, tape, 0, 12)
        if market.conditionals.count:
            self._watch_print(market, bid)

    def _on_trade(self, market: Market, tape: Tape, start: int, stamp_ns: int) -> None:
        """A print: lit ones meet resting orders, those of an auction who takes part in it."""
        price, lots, side = (
            tape.payload[start + 1],
            tape.payload[start + 2],
            tape.payload[start + 3],
        )
        if market.by_order is not None:
            market.by_order.printed(tape.payload[start + 4])
        if tape.payload[start + 4] == _CONTINUOUS:
            self._on_print(market, price, lots, side, stamp_ns)
        elif tape.payload[start + 4] == _AUCTION:
            self._on_auction(market, price, lots, stamp_ns)

    def _on_print(self, market: Market, price: int, lots: int, side: int, stamp_ns: int) -> None:
        """A lit print: the side it consumed, or either where the source does not say."""
        if market.calls:
            self._turn(market, PhaseEvent.CONTINUOUS_PRINT)
        used = 0
        if market.memories is not None and side:
            market.memories.printed(-side, price, lots, stamp_ns)
        by_level = market.by_order is None
        if side <= 0 and by_level:
            used = self._print_side(market, market.bids, price, lots, 0, stamp_ns, -side)
        if side >= 0 and by_level:
            self._print_side(market, market.asks, price, lots, used, stamp_ns, side)
        if market.conditionals.count:
            self._watch_print(market, price)
