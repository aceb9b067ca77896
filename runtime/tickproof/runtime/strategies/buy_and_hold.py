"""Buy once, as soon as there is an offer, and hold: the baseline to compare with."""

from __future__ import annotations

from collections.abc import Iterable
from typing import ClassVar

from attrs import define

from tickproof.spec.commands import Decision, OrderType, new_order
from tickproof.spec.configuration import Wake, WakeRule
from tickproof.spec.events import Side
from tickproof.spec.strategy import View


@define
class Bought:
    """Whether the order was sent."""

    done: int = 0


class BuyAndHold:
    """`size`: in steps of the instrument's lot. `instrument`: which one."""

    wake: ClassVar[WakeRule] = WakeRule(Wake.TOUCH_CHANGE)
    memory: ClassVar[type] = Bought

    def __init__(self, size: int = 1, instrument: int = 0) -> None:
        self.size = size
        self.instrument = instrument

    def decide(self, view: View, memory: Bought) -> Iterable[Decision] | None:
        """One market order when somebody offers."""
        if memory.done or not view.ask_size(self.instrument):
            return None
        memory.done = 1
        return (
            new_order(
                view.next_key(),
                self.instrument,
                Side.BUY,
                self.size * view.lot_step(self.instrument),
                order_type=OrderType.MARKET,
            ),
        )
