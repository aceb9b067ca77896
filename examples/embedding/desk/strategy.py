"""The desk's strategy: one lot at the best bid while flat, one lot at the best ask while long."""

from __future__ import annotations

from collections.abc import Iterable
from typing import ClassVar

from attrs import define
from tickproof.spec.commands import Decision, new_order, replace_order
from tickproof.spec.configuration import Wake, WakeRule
from tickproof.spec.strategy import View


@define
class Memory:
    """All the strategy remembers: the key of its order, 0 for none."""

    key: int = 0


class Joiner:
    """Follow the touch with one order."""

    wake: ClassVar[WakeRule] = WakeRule(Wake.TOUCH_CHANGE + Wake.OWN_ORDER)
    memory: ClassVar[type] = Memory

    def decide(self, view: View, memory: Memory) -> Iterable[Decision] | None:
        """Place, follow, or wait."""
        if not view.bid_size(0) or not view.ask_size(0):
            return None
        side = 1 if view.position(0) <= 0 else -1
        price = view.bid_price(0) if side > 0 else view.ask_price(0)
        order = view.order(memory.key) if memory.key else None
        if order is not None and order.is_busy:
            return None
        if order is None or not order.is_open:
            memory.key = view.next_key()
            return [new_order(memory.key, 0, side, view.lot_step(0), price)]
        if order.price != price and order.side == side:
            return [replace_order(memory.key, order.total, price)]
        return None
