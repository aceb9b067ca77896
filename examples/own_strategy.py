"""A strategy in a file of one's own: buy after a run of falling prints, leave after a while.

    tickproof backtest FILE... --strategy examples/own_strategy.py:FallingPrints --param falls=4

It shows the three things a strategy has: `wake`, `memory` and `decide`; a resting order, a market
order and a timer. It is an example of form and no advice to trade.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import ClassVar

from attrs import define

from tickproof.spec.commands import Decision, OrderType, SetTimer, cancel_order, new_order
from tickproof.spec.configuration import Wake, WakeRule
from tickproof.spec.events import Side
from tickproof.spec.strategy import View


@define
class Memory:
    """The last print, how many fell in a row, our order's key, and when to leave (0: not set)."""

    last_price: int = 0
    falls: int = 0
    key: int = 0
    leave_at_ns: int = 0


class FallingPrints:
    """`falls`: prints in a row, each below the one before. `hold_ms`: how long to stay."""

    wake: ClassVar[WakeRule] = WakeRule(Wake.TRADE + Wake.OWN_ORDER + Wake.TIMER)
    memory: ClassVar[type] = Memory

    def __init__(self, falls: int = 3, hold_ms: int = 2_000, size: int = 1) -> None:
        self.falls = falls
        self.hold_ms = hold_ms
        self.size = size

    def decide(self, view: View, memory: Memory) -> Iterable[Decision] | None:
        """Follow the prints; be in at most one position, with at most one order."""
        if view.wake & Wake.TRADE:
            self.follow(view.last_trade(0)[0], memory)
        order = view.order(memory.key) if memory.key else None
        if order is not None and order.is_busy:
            return None
        resting = order is not None and order.is_open
        if memory.leave_at_ns and view.now_ns >= memory.leave_at_ns:
            return self.leave(view, memory, resting)
        if resting or view.position(0) or memory.falls < self.falls or not view.bid_size(0):
            return None
        return self.enter(view, memory)

    def follow(self, price: int, memory: Memory) -> None:
        """Count prints that each fall below the one before; an equal price changes nothing."""
        if memory.last_price and price < memory.last_price:
            memory.falls += 1
        elif price > memory.last_price:
            memory.falls = 0
        memory.last_price = price

    def enter(self, view: View, memory: Memory) -> Iterable[Decision]:
        """A post-only bid at the touch, and a timer for when to be out again."""
        memory.key = view.next_key()
        memory.falls = 0
        memory.leave_at_ns = view.now_ns + self.hold_ms * 1_000_000
        size = self.size * view.lot_step(0)
        price = view.bid_price(0)
        return (
            new_order(memory.key, 0, Side.BUY, size, price, order_type=OrderType.LIMIT_MAKER),
            SetTimer(memory.leave_at_ns),
        )

    def leave(self, view: View, memory: Memory, resting: bool) -> Iterable[Decision] | None:
        """Take the order back, then sell what was bought."""
        if resting:
            return (cancel_order(memory.key),)
        held = view.position(0)
        if held <= 0:
            memory.leave_at_ns = 0
            return None
        memory.key = view.next_key()
        return (new_order(memory.key, 0, Side.SELL, held, order_type=OrderType.MARKET),)
