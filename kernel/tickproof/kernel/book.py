"""The fast book of price levels: a ladder around the touch, sorted containers outside it.

Decides nothing: it gives what `tickproof.spec.book` gives, in constant time per level. Most
changes fall near the touch, so a window of the price grid is a plain array of sizes, and a byte
per slot says whether the slot is used: finding the next best price is then one search in bytes,
however empty the levels between. What lies outside the window, or off the grid, lives in a sorted
dictionary per side.

The window moves when the touch leaves its middle half, but only after so many level changes that
each pays for a bounded part of the move: a touch that jumps to and fro cannot make the book slow.
"""

from __future__ import annotations

from array import array
from collections.abc import Sequence

from sortedcontainers import SortedDict

from tickproof.kernel.tape import Tape, loose

WINDOW_SLOTS = 16_384
"""Default number of grid prices in the window: four in five changes of a large pair fall inside."""

_NEAR = 8
"""Slots that are looked at one by one before the rest is searched: most levels are near."""

_NO_BID = -1
# Far beyond every price, and four times it still fits 64 bits.
_NO_ASK = 1 << 60


class Book:
    """Both sides of one instrument's book, absolute sizes. Ints only; prices in [0, 10**12].

    `bid_price`, `bid_size`, `ask_price`, `ask_size`: the touch, 0 where a side is empty (an empty
    side is known by its size). `level_changes`: level triples applied by deltas so far. `tick` is
    the price grid, a hint for speed only: other prices are held as well, more slowly.
    """

    __slots__ = (
        "bid_price",
        "bid_size",
        "ask_price",
        "ask_size",
        "level_changes",
        "_tick",
        "_slots",
        "_span",
        "_base",
        "_centred_at",
        "_bid_sizes",
        "_ask_sizes",
        "_bid_used",
        "_ask_used",
        "_far_bids",
        "_far_asks",
        "_far_bid",
        "_far_ask",
    )

    bid_price: int
    bid_size: int
    ask_price: int
    ask_size: int
    level_changes: int
    _tick: int
    _slots: int
    _span: int
    _base: int
    _centred_at: int
    _far_bid: int
    _far_ask: int

    def __init__(self, tick: int = 1, slots: int = WINDOW_SLOTS) -> None:
        self._tick = tick
        self._slots = slots
        self._span = slots * tick
        self.level_changes = 0
        self.clear()

    # --- whole messages --------------------------------------------------------------------------

    def clear(self) -> None:
        """Forget every level."""
        self.bid_price = self.bid_size = self.ask_price = self.ask_size = 0
        self._far_bids = SortedDict()
        self._far_asks = SortedDict()
        # A window beyond every price holds nothing; the first message that has a touch moves it.
        self._empty_window(_NO_ASK)
        self._centred_at = self.level_changes

    def adopt(self, other: Book) -> None:
        """Hold what another book of the same grid and window holds; nothing is shared."""
        self.bid_price = other.bid_price
        self.bid_size = other.bid_size
        self.ask_price = other.ask_price
        self.ask_size = other.ask_size
        self.level_changes = other.level_changes
        self._base = other._base
        self._centred_at = other._centred_at
        self._bid_sizes[:] = other._bid_sizes
        self._ask_sizes[:] = other._ask_sizes
        self._bid_used[:] = other._bid_used
        self._ask_used[:] = other._ask_used
        self._far_bids = other._far_bids.copy()
        self._far_asks = other._far_asks.copy()
        self._far_bid = other._far_bid
        self._far_ask = other._far_ask

    def apply_snapshot(self, levels: Sequence[int], start: int, stop: int) -> None:
        """Replace the book by flat (side, price, size) triples in levels[start:stop]."""
        self.clear()
        counted = self.level_changes
        self.apply_levels(levels, start, stop)
        self.level_changes = counted
        self._centred_at = counted

    def apply_levels(self, levels: Sequence[int], start: int, stop: int) -> int:
        """Apply flat (side, price, size) triples in levels[start:stop]; size 0 removes a level.

        Returns the sum of `tickproof.spec.book.TouchChange` bits of what differs afterwards: 1
        bid price, 2 ask price, 4 bid size, 8 ask size.
        """
        if isinstance(levels, array):
            return self.apply(loose(levels), start, stop)
        return self.apply(loose(array("q", levels[start:stop])), 0, stop - start)

    def apply(self, tape: Tape, start: int, stop: int) -> int:
        """`apply_levels` on the payload of a tape, the form in which events come."""
        bid_price_before = self.bid_price
        bid_size_before = self.bid_size
        ask_price_before = self.ask_price
        ask_size_before = self.ask_size
        base = self._base
        span = self._span
        tick = self._tick
        touched = False
        for index in range(start, stop, 3):
            side = tape.payload[index]
            price = tape.payload[index + 1]
            size = tape.payload[index + 2]
            offset = price - base
            slot = offset // tick
            if not 0 <= offset < span or slot * tick != offset:
                touched = True
                self._set_far(side, price, size)
            elif side > 0:
                self._bid_sizes[slot] = size
                self._bid_used[slot] = size > 0
                if price >= self.bid_price:
                    touched = True
                    if size:
                        self.bid_price = price
                        self.bid_size = size
                    elif price == self.bid_price:
                        self._find_bid(slot)
            else:
                self._ask_sizes[slot] = size
                self._ask_used[slot] = size > 0
                if price <= self.ask_price or not self.ask_size:
                    touched = True
                    if size:
                        self.ask_price = price
                        self.ask_size = size
                    elif price == self.ask_price:
                        self._find_ask(slot + 1)
        self.level_changes += (stop - start) // 3
        if not touched:
            return 0
        if not span <= 4 * ((self.bid_price or self.ask_price) - base) < 3 * span:
            self._consider_moving()
        return (
            (self.bid_price != bid_price_before)
            + 2 * (self.ask_price != ask_price_before)
            + 4 * (self.bid_size != bid_size_before)
            + 8 * (self.ask_size != ask_size_before)
        )

    # --- reading ---------------------------------------------------------------------------------

    def size_at(self, side: int, price: int) -> int:
        """Lots shown at a price of a side (1 bid, -1 ask), 0 where there is no level."""
        offset = price - self._base
        slot = offset // self._tick
        if 0 <= offset < self._span and slot * self._tick == offset:
            return self._bid_sizes[slot] if side > 0 else self._ask_sizes[slot]
        size: int = (self._far_bids if side > 0 else self._far_asks).get(price, 0)
        return size

    def next_price(self, side: int, price: int) -> int:
        """The best price of a side strictly behind `price`, -1 where there is none."""
        if side > 0:
            # Slots strictly below `price`; the window may lie wholly on one side of it.
            slots = min(max(-((self._base - price) // self._tick), 0), self._slots)
            slot = self._bid_used.rfind(1, 0, slots)
            near = self._base + slot * self._tick if slot >= 0 else -1
            index = self._far_bids.bisect_left(price) - 1
            return max(near, self._far_bids.peekitem(index)[0] if index >= 0 else -1)
        slots = min(max((price - self._base) // self._tick + 1, 0), self._slots)
        slot = self._ask_used.find(1, slots)
        near = self._base + slot * self._tick if slot >= 0 else _NO_ASK
        index = self._far_asks.bisect_right(price)
        far = self._far_asks.peekitem(index)[0] if index < len(self._far_asks) else _NO_ASK
        return -1 if near == far else min(near, far)

    def levels(self, side: int) -> list[tuple[int, int]]:
        """(price, size) of every level of a side, best first; O(n log n), not for hot paths."""
        if side > 0:
            found = list(self._far_bids.items()) + self._near(self._bid_used, self._bid_sizes)
        else:
            found = list(self._far_asks.items()) + self._near(self._ask_used, self._ask_sizes)
        return sorted(found, reverse=side > 0)

    def crossed(self) -> bool:
        """Whether both sides exist and the best bid is at or above the best ask [M1]."""
        return self.bid_size > 0 and self.ask_size > 0 and self.bid_price >= self.ask_price

    # --- the touch -------------------------------------------------------------------------------

    def _find_bid(self, below: int) -> None:
        """Find the best bid again: the window's best under slot `below`, or a far one."""
        slot = below - 1
        end = max(below - _NEAR, 0)
        while slot >= end and not self._bid_used[slot]:
            slot -= 1
        if slot < end:
            slot = self._bid_used.rfind(1, 0, end)
        self.bid_price = self.bid_size = 0
        if slot >= 0:
            self.bid_price = self._base + slot * self._tick
            self.bid_size = self._bid_sizes[slot]
        if self._far_bid >= self.bid_price:
            self.bid_price = self._far_bid
            self.bid_size = self._far_bids[self._far_bid]

    def _find_ask(self, first: int) -> None:
        """Find the best ask again: the window's best from slot `first` on, or a far one."""
        slot = first
        end = min(first + _NEAR, self._slots)
        while slot < end and not self._ask_used[slot]:
            slot += 1
        if slot >= end:
            slot = self._ask_used.find(1, end)
        self.ask_price = self.ask_size = 0
        if slot >= 0:
            self.ask_price = self._base + slot * self._tick
            self.ask_size = self._ask_sizes[slot]
        if self._far_ask != _NO_ASK and (slot < 0 or self._far_ask < self.ask_price):
            self.ask_price = self._far_ask
            self.ask_size = self._far_asks[self._far_ask]

    # --- outside the window ----------------------------------------------------------------------

    def _set_far(self, side: int, price: int, size: int) -> None:
        if side > 0:
            self._set_far_bid(price, size)
        else:
            self._set_far_ask(price, size)

    def _set_far_bid(self, price: int, size: int) -> None:
        far = self._far_bids
        if size:
            far[price] = size
            self._far_bid = max(self._far_bid, price)
            if price >= self.bid_price:
                self.bid_price = price
                self.bid_size = size
        elif far.pop(price, 0):
            if price == self._far_bid:
                self._far_bid = far.peekitem(-1)[0] if far else _NO_BID
            if price == self.bid_price:
                self._find_bid(self._slots)

    def _set_far_ask(self, price: int, size: int) -> None:
        far = self._far_asks
        if size:
            far[price] = size
            self._far_ask = min(self._far_ask, price)
            if price <= self.ask_price or not self.ask_size:
                self.ask_price = price
                self.ask_size = size
        elif far.pop(price, 0):
            if price == self._far_ask:
                self._far_ask = far.peekitem(0)[0] if far else _NO_ASK
            if price == self.ask_price:
                self._find_ask(0)

    # --- the window ------------------------------------------------------------------------------

    def _empty_window(self, base: int) -> None:
        slots = self._slots
        self._base = base
        self._bid_sizes = array("q", bytes(8 * slots))
        self._ask_sizes = array("q", bytes(8 * slots))
        self._bid_used = bytearray(slots)
        self._ask_used = bytearray(slots)
        self._far_bid = self._far_bids.peekitem(-1)[0] if self._far_bids else _NO_BID
        self._far_ask = self._far_asks.peekitem(0)[0] if self._far_asks else _NO_ASK

    def _near(self, used: bytearray, sizes: array[int]) -> list[tuple[int, int]]:
        """(price, size) of the window's levels of a side, by price."""
        found = []
        slot = used.find(1)
        while slot >= 0:
            found.append((self._base + slot * self._tick, sizes[slot]))
            slot = used.find(1, slot + 1)
        return found

    def _consider_moving(self) -> None:
        """Centre the window on the touch if the changes since the last move pay for it."""
        if not self.bid_size and not self.ask_size:
            return
        waited = self.level_changes - self._centred_at
        price_of_move = self._slots // 8 + len(self._far_bids) + len(self._far_asks)
        # A window beyond every price holds nothing, so leaving it need not be paid for.
        if waited > price_of_move or self._base == _NO_ASK:
            self._move()

    def _move(self) -> None:
        price = self.bid_price if self.bid_size else self.ask_price
        bids = list(self._far_bids.items()) + self._near(self._bid_used, self._bid_sizes)
        asks = list(self._far_asks.items()) + self._near(self._ask_used, self._ask_sizes)
        base = (price // self._tick - self._slots // 2) * self._tick
        self._far_bids = SortedDict(item for item in bids if not self._fits(base, item[0]))
        self._far_asks = SortedDict(item for item in asks if not self._fits(base, item[0]))
        self._empty_window(base)
        for price, size in bids:
            if self._fits(base, price):
                slot = (price - base) // self._tick
                self._bid_sizes[slot] = size
                self._bid_used[slot] = 1
        for price, size in asks:
            if self._fits(base, price):
                slot = (price - base) // self._tick
                self._ask_sizes[slot] = size
                self._ask_used[slot] = 1
        self._centred_at = self.level_changes

    def _fits(self, base: int, price: int) -> bool:
        """Whether a window that starts at `base` has a slot for `price`."""
        offset = price - base
        return 0 <= offset < self._span and offset % self._tick == 0
