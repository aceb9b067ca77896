"""Orders with instructions through whole backtests: the specification sees the same of them."""

from pathlib import Path

import pytest
from attrs import evolve

from tests.runtime import worlds
from tickproof.invariants.refinement import Lockstep
from tickproof.runtime.backtest import REQUEST_COLUMNS, Result, run_backtest
from tickproof.runtime.bracketing import bracket
from tickproof.runtime.loading import load_strategy
from tickproof.runtime.settings import RiskSettings, Settings
from tickproof.spec.commands import CommandKind, Decision, Intent, OrderType
from tickproof.spec.events import EventKind
from tickproof.spec.instructions import Instructions
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
            return evolve(
                made, order_type=OrderType.MARKET, price=0, quantity=0, instructions=money
            )
        if chance == 5 and made.order_type == OrderType.LIMIT:
            return evolve(made, quantity=9, instructions=Instructions(display=2))
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
        return evolve(made, order_type=kind, price=price, instructions=asked)


MONEY = 10_000
"""Money of a lot at a price of one, in the made market."""

INSTRUCTED = f"{HERE}:Instructed"


def result_of(seed: int) -> Result:
    """A checked run of them, with the stream it made."""
    chosen = Settings(
        strategy=INSTRUCTED,
        param={"seed": seed},
        latency="1ms",
        check="every",
        risk=RiskSettings(self_trade_refused=0),
    )
    return run_backtest(worlds.market(70, seed), chosen, keep_stream=True)


@pytest.mark.parametrize("seed", [3, 8])
def test_a_run_with_instructions_is_the_specification_s(seed: int) -> None:
    result = result_of(seed)
    assert result.stream is not None

    def strategies() -> tuple[Strategy, ...]:
        return (load_strategy(INSTRUCTED, {"seed": seed}).strategy,)

    both = Lockstep(result.configuration, strategies, digests_every=50)
    for event in result.stream:
        assert both.apply(event)
    assert both.kernel.chain_digest().hex() == result.summary["digest"]
    assert both.kernel.state_digest().hex() == result.summary["state_digest"]
    assert {EventKind.HELD, EventKind.TRIGGERED} <= {*result.stream.kind}


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
