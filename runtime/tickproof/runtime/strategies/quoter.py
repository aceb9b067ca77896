"""Keep one post-only order at each touch of one instrument, moved when the touch moves.

A quote that the touch has left is cancelled and, once the venue has answered, made anew; a quote
that filled or was refused is made anew at the next wake. It never sends while a command of that
side is under way, so it cannot race itself.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import ClassVar

from attrs import define

from tickproof.spec.commands import (
    Decision,
    Intent,
    OrderType,
    cancel_order,
    new_order,
)
from tickproof.spec.configuration import Wake, WakeRule
from tickproof.spec.events import Side
from tickproof.spec.strategy import View


@define
class Quotes:
    """Keys of the standing quotes; 0 where there is none."""

    bid_key: int = 0
    ask_key: int = 0


class Quoter:
    """`size`: quantity per quote, in steps of the instrument's lot.

    `instrument`: which one. `maximum_position`: in the same steps, 0 for no limit.
    """

    wake: ClassVar[WakeRule] = WakeRule(Wake.TOUCH_CHANGE + Wake.OWN_ORDER)
    memory: ClassVar[type] = Quotes

    def __init__(self, size: int = 1, instrument: int = 0, maximum_position: int = 0) -> None:
        self.size = size
        self.instrument = instrument
        self.maximum_position = maximum_position

    def decide(self, view: View, memory: Quotes) -> Iterable[Decision] | None:
        """Move each quote to its touch."""
        bid = view.bid_price(self.instrument)
        ask = view.ask_price(self.instrument)
        if not view.bid_size(self.instrument) or not view.ask_size(self.instrument) or bid >= ask:
            return None
        decisions: list[Decision] = []
        key = view.next_key()
        intent = self.quote(view, memory.bid_key, key, Side.BUY, bid)
        if intent is not None:
            decisions.append(intent)
            if intent.key == key:
                memory.bid_key = key
                key += 1
        intent = self.quote(view, memory.ask_key, key, Side.SELL, ask)
        if intent is not None:
            decisions.append(intent)
            if intent.key == key:
                memory.ask_key = key
        return decisions

    def quote(self, view: View, standing: int, key: int, side: int, price: int) -> Intent | None:
        """Cancel a quote that stands elsewhere, or make one where there is none."""
        order = view.order(standing) if standing else None
        if order is not None and (order.is_open or order.is_busy):
            if order.price == price or order.is_busy:
                return None
            return cancel_order(standing)
        step = view.lot_step(self.instrument)
        limit = self.maximum_position * step
        if limit and side * view.position(self.instrument) >= limit:
            return None
        return new_order(
            key, self.instrument, side, self.size * step, price, order_type=OrderType.LIMIT_MAKER
        )
