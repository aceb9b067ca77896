"""The strategies of the benchmark workloads, as plain as those other engines are measured with."""

from __future__ import annotations

from collections.abc import Iterable
from typing import ClassVar

from attrs import define

from tickproof.runtime.strategies.ema_cross import EmaCross
from tickproof.spec.commands import (
    Decision,
    OrderType,
    cancel_order,
    new_order,
)
from tickproof.spec.configuration import Wake, WakeRule
from tickproof.spec.events import Side
from tickproof.spec.strategy import OrderView, View


@define
class Nothing:
    """No memory."""


class Idle:
    """Does nothing, woken by every event (W1, W2)."""

    wake: ClassVar[WakeRule] = WakeRule(Wake.EVERY_EVENT)
    memory: ClassVar[type] = Nothing

    def decide(self, view: View, memory: Nothing) -> Iterable[Decision] | None:
        """Nothing."""
        return None


class IdleOnTouch(Idle):
    """Does nothing, woken when a best price changes."""

    wake: ClassVar[WakeRule] = WakeRule(Wake.TOUCH_CHANGE)


@define
class Quotes:
    """Keys and prices of the two quotes; key 0 where there is none."""

    bid_key: int = 0
    bid_price: int = 0
    ask_key: int = 0
    ask_price: int = 0


class TouchQuoter:
    """One post-only lot at each touch (W3): cancelled and made anew at once when the touch moves.

    A quote whose Request is under way is left alone until it is answered, as in the engines this
    is compared with; a quote that filled or was refused is made anew at the next wake.
    """

    wake: ClassVar[WakeRule] = WakeRule(Wake.EVERY_EVENT)
    memory: ClassVar[type] = Quotes

    def decide(self, view: View, memory: Quotes) -> Iterable[Decision] | None:
        """Look at each side; most of the time there is nothing to do."""
        bid = view.bid_price(0)
        ask = view.ask_price(0)
        if not bid or not ask or bid >= ask:
            return None
        decisions: list[Decision] = []
        if memory.bid_key:
            order = view.order(memory.bid_key)
            if order is None or not order.is_open:
                memory.bid_key = 0
            elif bid != memory.bid_price and settled(order):
                decisions.append(cancel_order(memory.bid_key))
                memory.bid_key = 0
        if memory.ask_key:
            order = view.order(memory.ask_key)
            if order is None or not order.is_open:
                memory.ask_key = 0
            elif ask != memory.ask_price and settled(order):
                decisions.append(cancel_order(memory.ask_key))
                memory.ask_key = 0
        if memory.bid_key and memory.ask_key:
            return decisions
        key = view.next_key()
        if not memory.bid_key:
            memory.bid_key = key
            memory.bid_price = bid
            decisions.append(quote(key, Side.BUY, bid))
            key += 1
        if not memory.ask_key:
            memory.ask_key = key
            memory.ask_price = ask
            decisions.append(quote(key, Side.SELL, ask))
        return decisions


class TouchQuoterOnTouch(TouchQuoter):
    """The same, woken when a best price changes or an own order does."""

    wake: ClassVar[WakeRule] = WakeRule(Wake.TOUCH_CHANGE + Wake.OWN_ORDER)


def settled(order: OrderView) -> bool:
    """Nothing of the order is under way."""
    return not order.is_busy


def quote(key: int, side: int, price: int) -> Decision:
    """One post-only lot."""
    return new_order(key, 0, side, 1, price, order_type=OrderType.LIMIT_MAKER)


class BarCross(EmaCross):
    """EMA(10/30) cross on closed bars by market orders (W4)."""

    wake: ClassVar[WakeRule] = WakeRule(Wake.BAR)
