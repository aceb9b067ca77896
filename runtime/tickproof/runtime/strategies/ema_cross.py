"""Long while a fast moving average is above a slow one, flat or short otherwise, by market orders.

The averages are exponential, in integers scaled by 2**32, so that every build and platform takes
the same decisions. It follows closed bars, and prints where the data has no bars.

It is written to be compiled [ADR 0034]: `decide` hands over to functions of the module, of which
`ema_cross.pxd` says the types. The averages have more bits than a C integer, in both builds.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import ClassVar

from attrs import define

from tickproof.kernel.intents import new_intent
from tickproof.spec.commands import Decision, OrderType
from tickproof.spec.configuration import Wake, WakeRule
from tickproof.spec.events import EventKind, Side
from tickproof.spec.strategy import View

BAR = int(EventKind.BAR)
BUY = int(Side.BUY)
SELL = int(Side.SELL)
MARKET = int(OrderType.MARKET)

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
        if follow(view, memory, self.instrument, self.fast, self.slow) < self.slow:
            return None
        return crossed(view, memory, self.instrument, self.size, self.short)


class BarCross(EmaCross):
    """The same on closed bars alone."""

    wake: ClassVar[WakeRule] = WakeRule(Wake.BAR)


def follow(view: View, memory: Averages, instrument: int, fast: int, slow: int) -> int:
    """Move both averages: a += 2 (p - a) / (n + 1), rounded down; how many prices there were."""
    if view.event_kind == BAR:
        scaled = view.last_bar(instrument)[3] * SCALE
    else:
        scaled = view.last_trade(instrument)[0] * SCALE
    seen = memory.seen
    if seen == 0:
        memory.fast = memory.slow = scaled
    else:
        average = memory.fast
        memory.fast = average + 2 * (scaled - average) // (fast + 1)
        average = memory.slow
        memory.slow = average + 2 * (scaled - average) // (slow + 1)
    memory.seen = seen + 1
    return seen + 1


def crossed(
    view: View, memory: Averages, instrument: int, size: int, short: int
) -> tuple[Decision] | None:
    """The order to the side of the crossing, where none is under way."""
    wanted = size * view.lot_step(instrument)
    if memory.fast <= memory.slow:
        wanted = -wanted * short
    missing = wanted - view.position(instrument)
    if missing == 0:
        return None
    order = view.order(memory.key)
    if order is not None and (order.is_open or order.is_busy):
        return None
    key = view.next_key()
    memory.key = key
    side = BUY if missing > 0 else SELL
    return (new_intent(key, instrument, side, missing * side, 0, MARKET),)
