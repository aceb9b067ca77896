"""One post-only lot at each touch: cancelled and made anew at once when the touch moves.

A quote whose Request is under way is left alone until it is answered; one that filled or was
refused is made anew at the next wake.

It is written to be compiled [ADR 0034]: `decide` hands over to a function of the module, of which
`touch_quoter.pxd` says the types.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import ClassVar

from attrs import define

from tickproof.kernel.intents import cancel_intent, new_intent
from tickproof.spec.commands import Decision, OrderType
from tickproof.spec.configuration import Wake, WakeRule
from tickproof.spec.events import Side
from tickproof.spec.strategy import View

BUY = int(Side.BUY)
SELL = int(Side.SELL)
LIMIT_MAKER = int(OrderType.LIMIT_MAKER)


@define
class Quotes:
    """Keys and prices of the two quotes; key 0 where there is none."""

    bid_key: int = 0
    bid_price: int = 0
    ask_key: int = 0
    ask_price: int = 0


class TouchQuoter:
    """Quotes one lot on each side of instrument 0, woken by every event."""

    wake: ClassVar[WakeRule] = WakeRule(Wake.EVERY_EVENT)
    memory: ClassVar[type] = Quotes

    def decide(self, view: View, memory: Quotes) -> Iterable[Decision] | None:
        """Look at each side; most of the time there is nothing to do."""
        return moved(view, memory)


class TouchQuoterOnTouch(TouchQuoter):
    """The same, woken when a best price changes or an own order does."""

    wake: ClassVar[WakeRule] = WakeRule(Wake.TOUCH_CHANGE + Wake.OWN_ORDER)


def moved(view: View, memory: Quotes) -> list[Decision] | None:
    """What keeps a quote at each touch."""
    bid = view.bid_price(0)
    ask = view.ask_price(0)
    if not bid or not ask or bid >= ask:
        return None
    decisions: list[Decision] = []
    has_bid = stands(view, memory.bid_key, memory.bid_price == bid, decisions)
    has_ask = stands(view, memory.ask_key, memory.ask_price == ask, decisions)
    if has_bid and has_ask:
        return None
    key = view.next_key()
    if not has_bid:
        memory.bid_key = key
        memory.bid_price = bid
        decisions.append(new_intent(key, 0, BUY, 1, bid, LIMIT_MAKER))
        key += 1
    if not has_ask:
        memory.ask_key = key
        memory.ask_price = ask
        decisions.append(new_intent(key, 0, SELL, 1, ask, LIMIT_MAKER))
    return decisions


def stands(view: View, key: int, at_touch: bool, decisions: list[Decision]) -> bool:
    """Whether there is a quote to keep; one that the touch has left is cancelled, if it may be."""
    order = view.order(key)
    if order is None or not order.is_open:
        return False
    if at_touch or order.is_busy:
        return True
    decisions.append(cancel_intent(key))
    return False
