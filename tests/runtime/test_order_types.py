"""Orders with instructions through whole backtests: the specification sees the same of them."""

from collections.abc import Iterable
from pathlib import Path
from typing import ClassVar

import pytest
from attrs import evolve

from tests.runtime import worlds
from tickproof.invariants.refinement import Lockstep
from tickproof.runtime.backtest import REQUEST_COLUMNS, Result, run_backtest
from tickproof.runtime.bracketing import bracket
from tickproof.runtime.loading import load_strategy
from tickproof.runtime.settings import RiskSettings, Settings
from tickproof.spec.commands import CommandKind, Decision, Intent, OrderType, new_order
from tickproof.spec.configuration import Wake, WakeRule
from tickproof.spec.events import EventKind, Reason
from tickproof.spec.instructions import Instructions, Prevention
from tickproof.spec.order_list import OrderListKind, leg_count
from tickproof.spec.outputs import RecordKind, RefusalSource
from tickproof.spec.strategy import Strategy, View

HERE = str(Path(__file__))
CONDITIONAL = (
    OrderType.STOP,
    OrderType.STOP_LIMIT,
    OrderType.TAKE_PROFIT,
    OrderType.TAKE_PROFIT_LIMIT,
)


class Instructed(worlds.Gambler):
    """A gambler most of whose new orders wait for a price first."""

    def one(self, view: View, memory: worlds.Dice) -> Decision:
        """As a gambler's, but for what a new order asks for."""
        made = super().one(view, memory)
        if not isinstance(made, Intent) or made.kind != CommandKind.NEW:
            return made
        chance = self.draw(memory, 8)
        if chance == 4:
            money = Instructions(
                quote_quantity=MONEY * view.ask_price(0) * (1 + self.draw(memory, 9))
            )
            return made._replace(
                order_type=OrderType.MARKET, price=0, quantity=0, instructions=money
            )
        if chance == 5 and made.order_type == OrderType.LIMIT:
            return made._replace(quantity=9, instructions=Instructions(display=2))
        if chance >= len(CONDITIONAL):
            return made
        kind = CONDITIONAL[chance]
        touch = view.ask_price(0) if made.side > 0 else view.bid_price(0)
        rises = made.side if chance < 2 else -made.side
        asked = Instructions(
            trigger_price=touch + rises * self.draw(memory, 4),
            trigger_on=self.draw(memory, 2),
            trailing_e4=(0, 0, 1)[self.draw(memory, 3)],
        )
        price = touch if kind in (OrderType.STOP_LIMIT, OrderType.TAKE_PROFIT_LIMIT) else 0
        return made._replace(order_type=kind, price=price, instructions=asked)


class Lister(worlds.Gambler):
    """A gambler woken by the market alone, half of whose decisions are order lists.

    Its other orders are of every mode of prevention, on both sides of the touch.
    """

    wake: ClassVar[WakeRule] = WakeRule(Wake.TOUCH_CHANGE + Wake.TRADE)

    def decide(self, view: View, memory: worlds.Dice) -> Iterable[Decision] | None:
        """A list, or what a gambler does."""
        if not view.bid_size(0) or not view.ask_size(0):
            return None
        if self.draw(memory, 2):
            return self.legs(view, memory)
        mode = Instructions(prevention=self.draw(memory, len(Prevention)))
        made = self.one(view, memory)
        if isinstance(made, Intent) and made.kind == CommandKind.NEW and mode.prevention:
            made = made._replace(instructions=mode)
        return [made]

    def legs(self, view: View, memory: worlds.Dice) -> list[Decision]:
        """The legs of a list near the touch, a stop among them; a few come without their last."""
        kind = self.draw(memory, len(OrderListKind))
        side = 1 if self.draw(memory, 2) else -1
        touch = view.ask_price(0) if side > 0 else view.bid_price(0)
        first = memory.last_key = max(memory.last_key, view.next_key() - 1) + 1
        made: list[Decision] = []
        for leg in range(leg_count(kind)):
            memory.last_key = first + leg
            own = Instructions(list_id=first, list_kind=kind, list_leg=leg)
            lots = 1 + self.draw(memory, 5)
            if leg == leg_count(kind) - 1 and self.draw(memory, 2):
                own = evolve(own, trigger_price=touch + side * (1 + self.draw(memory, 3)))
                made.append(
                    new_order(
                        first + leg, 0, side, lots, order_type=OrderType.STOP, instructions=own
                    )
                )
            else:
                price = touch - side * self.draw(memory, 4)
                made.append(new_order(first + leg, 0, side, lots, price, instructions=own))
        return made if self.draw(memory, 8) else made[:-1]


MONEY = 10_000
"""Money of a lot at a price of one, in the made market."""

INSTRUCTED = f"{HERE}:Instructed"
LISTER = f"{HERE}:Lister"


def result_of(seed: int, strategy: str = INSTRUCTED, events: int = 70) -> Result:
    """A checked run of them, with the stream it made."""
    chosen = Settings(
        strategy=strategy,
        param={"seed": seed},
        latency="1ms",
        check="every",
        risk=RiskSettings(self_trade_refused=0),
    )
    return run_backtest(worlds.market(events, seed), chosen, keep_stream=True)


def in_lockstep(result: Result, strategy: str, seed: int) -> None:
    """The specification and a kernel on the stream of a run are equal all the way.

    And what the venue says is what an order's life allows: none of it is refused.
    """
    assert result.stream is not None

    def strategies() -> tuple[Strategy, ...]:
        return (load_strategy(strategy, {"seed": seed}).strategy,)

    both = Lockstep(result.configuration, strategies, digests_every=50)
    for event in result.stream:
        assert both.apply(event)
        for record in both.kernel.records:
            assert record[0] != RecordKind.REFUSED or record[-2] != RefusalSource.ORDER_LIFE
    assert both.kernel.chain_digest().hex() == result.summary["digest"]
    assert both.kernel.state_digest().hex() == result.summary["state_digest"]


@pytest.mark.parametrize("seed", [3, 8])
def test_a_run_with_instructions_is_the_specification_s(seed: int) -> None:
    result = result_of(seed)
    in_lockstep(result, INSTRUCTED, seed)
    assert result.stream is not None
    assert {EventKind.HELD, EventKind.TRIGGERED} <= {*result.stream.kind}


@pytest.mark.parametrize("seed", [3, 8])
def test_a_run_with_lists_and_prevention_is_the_specification_s(seed: int) -> None:
    result = result_of(seed, LISTER, 260)
    in_lockstep(result, LISTER, seed)
    assert result.stream is not None
    assert {EventKind.HELD, EventKind.TRIGGERED, EventKind.PREVENTED} <= {*result.stream.kind}
    reasons = {getattr(event.body, "reason", 0) for event in result.stream}
    assert {Reason.ORDER_LIST, Reason.SELF_TRADE} <= reasons


def test_what_was_asked_is_in_the_table_of_requests_and_is_bracketed() -> None:
    result = result_of(5)
    terms = [dict(zip(REQUEST_COLUMNS, row, strict=True)) for row in result.request_rows]
    waiting = [
        row for row in terms if row["order_type"] in CONDITIONAL and row["kind"] == CommandKind.NEW
    ]
    assert waiting
    assert all(row["trigger_price"] for row in waiting)
    assert not any(row["trigger_price"] for row in terms if row not in waiting)
    for name in ("quote_quantity", "display"):
        assert any(row[name] for row in terms)
    found = bracket(worlds.market(70, 5), result)
    assert found.requests == len(result.request_rows)
