"""Small markets and strategies that tests of the runtime share."""

from collections.abc import Iterable
from pathlib import Path
from typing import Any, ClassVar

from attrs import define

from tests.runtime.readers import logs
from tickproof.runtime.readers.feed import Market, combine
from tickproof.runtime.synthetic import synthetic_market
from tickproof.spec.commands import (
    Decision,
    OrderType,
    SetTimer,
    TimeInForce,
    cancel_order,
    new_order,
    replace_order,
)
from tickproof.spec.configuration import Wake, WakeRule
from tickproof.spec.strategy import View

HERE = Path(__file__)


def market(events: int = 400, seed: int = 7) -> Market:
    return combine([synthetic_market(events, seed)])


def log(path: Path) -> Path:
    """A small USD-M log as a file."""
    return logs.written(path, logs.usdm_session())


def long_session(messages: int) -> list[dict[str, Any]]:
    """A USD-M session whose touch moves and trades: quotes are made, moved and filled."""
    session = [logs.snapshot(15, logs.BIDS, logs.ASKS)]
    previous = 15
    for number in range(messages):
        first, last = previous + 1, previous + 2
        gone = number % 7 == 3
        bids = [("100.10", "0.000" if gone else f"{1 + number % 5}.000")]
        asks = [("100.20", f"{1 + number % 3}.000")]
        session.append(logs.usdm_depth(first, last, previous, bids, asks))
        if number % 4 == 1:
            session.append(logs.trade(70 + number, "100.10", "9.000", m=True))
        if number % 9 == 5:
            session.append(logs.trade(70 + number, "100.20", "9.000"))
        previous = last
    return session


def long_log(path: Path, messages: int = 120) -> Path:
    """`long_session` as a file."""
    return logs.written(path, long_session(messages))


@define
class Dice:
    """A generator's state, and keys used so far."""

    state: int = 0
    last_key: int = 0


class Gambler:
    """Decides at random, from a seed: it makes, moves and cancels orders and sets timers."""

    wake: ClassVar[WakeRule] = WakeRule(
        Wake.TOUCH_CHANGE + Wake.TRADE + Wake.OWN_ORDER + Wake.TIMER
    )
    memory: ClassVar[type] = Dice

    def __init__(self, seed: int = 1) -> None:
        self.seed = seed

    def draw(self, memory: Dice, below: int) -> int:
        memory.state = (memory.state * 6364136223846793005 + 1442695040888963407 + self.seed) % (
            1 << 62
        )
        return (memory.state >> 20) % below

    def decide(self, view: View, memory: Dice) -> Iterable[Decision] | None:
        if not view.bid_size(0) or not view.ask_size(0):
            return None
        return [self.one(view, memory) for _ in range(self.draw(memory, 3))]

    def one(self, view: View, memory: Dice) -> Decision:
        chance = self.draw(memory, 10)
        side = 1 if self.draw(memory, 2) else -1
        touch = view.bid_price(0) if side > 0 else view.ask_price(0)
        if chance == 0:
            return SetTimer(view.now_ns + self.draw(memory, 5_000_000))
        if chance < 3 and memory.last_key:
            return cancel_order(1 + self.draw(memory, memory.last_key))
        if chance < 5 and memory.last_key:
            key = 1 + self.draw(memory, memory.last_key)
            return replace_order(key, 1 + self.draw(memory, 9), touch + self.draw(memory, 5) - 2)
        memory.last_key = max(memory.last_key, view.next_key() - 1) + 1
        kind = (OrderType.LIMIT, OrderType.LIMIT_MAKER, OrderType.MARKET)[self.draw(memory, 3)]
        dated = kind == OrderType.LIMIT and self.draw(memory, 4) == 0
        force = TimeInForce.GTD if dated else TimeInForce.GTC
        if kind == OrderType.MARKET:
            force = TimeInForce.IOC
        return new_order(
            memory.last_key,
            0,
            side,
            1 + self.draw(memory, 9),
            0 if kind == OrderType.MARKET else touch + self.draw(memory, 5) - 2,
            order_type=kind,
            time_in_force=force,
            good_till_ns=view.now_ns + self.draw(memory, 20_000_000) if dated else 0,
        )


GAMBLER = f"{HERE}:Gambler"
