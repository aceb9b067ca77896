"""Long while a fast moving average is above a slow one, flat or short otherwise, by market orders.

The averages are exponential, in integers scaled by 2**32, so that every build and platform takes
the same decisions. It follows closed bars, and prints where the data has no bars.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import ClassVar

from attrs import define

from tickproof.spec.commands import Decision, OrderType, new_order
from tickproof.spec.configuration import Wake, WakeRule
from tickproof.spec.events import EventKind, Side
from tickproof.spec.strategy import View

SCALE = 4_294_967_296
"""Fixed point of the averages: parts of one price unit."""


@define
class Averages:
    """The averages in parts of SCALE, how many prices they have seen, and the order under way."""

    fast: int = 0
    slow: int = 0
    seen: int = 0
    key: int = 0


class EmaCross:
    """`fast`, `slow`: periods. `size`: in steps of the instrument's lot.

    `short` 1: go short instead of flat.
    """

    wake: ClassVar[WakeRule] = WakeRule(Wake.BAR + Wake.TRADE)
    memory: ClassVar[type] = Averages

    def __init__(
        self, fast: int = 10, slow: int = 30, size: int = 1, instrument: int = 0, short: int = 1
    ) -> None:
        self.fast = fast
        self.slow = slow
        self.size = size
        self.instrument = instrument
        self.short = short

    def decide(self, view: View, memory: Averages) -> Iterable[Decision] | None:
        """Follow the crossing; one order at a time."""
        self.follow(memory, self.price(view))
        if memory.seen < self.slow:
            return None
        size = self.size * view.lot_step(self.instrument)
        wanted = size if memory.fast > memory.slow else -size * self.short
        order = view.order(memory.key) if memory.key else None
        if order is not None and (order.is_open or order.is_busy):
            return None
        missing = wanted - view.position(self.instrument)
        if missing == 0:
            return None
        memory.key = view.next_key()
        side = Side.BUY if missing > 0 else Side.SELL
        return (
            new_order(memory.key, self.instrument, side, abs(missing), order_type=OrderType.MARKET),
        )

    def price(self, view: View) -> int:
        """The bar's close or the print's price."""
        if view.event_kind == EventKind.BAR:
            return view.last_bar(self.instrument)[3]
        return view.last_trade(self.instrument)[0]

    def follow(self, memory: Averages, price: int) -> None:
        """Move both averages: a += 2 (p - a) / (n + 1), rounded down."""
        scaled = price * SCALE
        if memory.seen == 0:
            memory.fast = memory.slow = scaled
        else:
            memory.fast += 2 * (scaled - memory.fast) // (self.fast + 1)
            memory.slow += 2 * (scaled - memory.slow) // (self.slow + 1)
        memory.seen += 1
