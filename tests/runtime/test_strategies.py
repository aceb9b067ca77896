"""Shipped strategies decide alike compiled and plain; the touch quoter stays at the touch."""

import sys
from typing import Any

import pytest

from benchmarks import __main__ as benchmarks
from benchmarks.strategies import CHOSEN, form_here, strategy_of
from tickproof.kernel import BUILD
from tickproof.kernel.intents import cancel_intent, new_intent
from tickproof.kernel.kernel import Kernel
from tickproof.runtime.backtest import configuration_of
from tickproof.runtime.engine import Engine, Observer
from tickproof.runtime.loading import load_strategy
from tickproof.runtime.settings import Settings
from tickproof.spec.commands import CommandKind, OrderType, cancel_order, new_order
from tickproof.spec.events import Side
from tickproof.spec.price_queue import FillModel
from tickproof.venue.venue import SimulatedVenue

EVENTS = 1_500
LATENCY_NS = 1_000_000


def engine_of(workload: str, name: str, watch: Observer | None = None) -> Engine:
    """A short run of a workload, not started."""
    market = benchmarks.whole_market(workload, EVENTS, None)
    loaded = load_strategy(name, {})
    configured = configuration_of(Settings(), market, (loaded,))
    venue = SimulatedVenue(
        configured.instruments, int(FillModel.PESSIMISTIC), LATENCY_NS, LATENCY_NS
    )
    kernel = Kernel(configured, (loaded.strategy,))
    return Engine(kernel, venue, iter((market.columns,)), 0, watch)


@pytest.mark.parametrize(("workload", "wake"), [*CHOSEN])
def test_compiled_and_plain_decide_alike(workload: str, wake: str) -> None:
    """Where nothing is compiled the source is read twice, and that is alike too."""
    left = []
    for form in ("plain", form_here()):
        engine = engine_of(workload, strategy_of(workload, wake, form))
        engine.run()
        left.append((engine.kernel.chain_digest(), engine.kernel.state_digest(), engine.requests))
    assert left[0] == left[1]
    assert (left[0][2] > 20) == (workload in ("W3", "W4"))


@pytest.mark.parametrize(("workload", "wake"), [*CHOSEN])
def test_what_a_strategy_is_does_not_depend_on_its_form(workload: str, wake: str) -> None:
    plain, here = (
        load_strategy(strategy_of(workload, wake, form), {}) for form in ("plain", form_here())
    )
    assert plain.name == here.name
    assert plain.parameters == here.parameters
    assert plain.code_identity == here.code_identity
    for each in (plain, here):
        with pytest.raises(AttributeError):
            each.strategy.remembered = 1  # type: ignore[attr-defined]


def test_strategies_are_compiled_where_the_kernel_is() -> None:
    assert form_here() == ("plain" if BUILD == "pure" else "compiled")


@pytest.mark.parametrize("key", [1, 2**61])
@pytest.mark.parametrize("order_type", [OrderType.LIMIT, OrderType.MARKET, OrderType.LIMIT_MAKER])
def test_intents_from_integers_are_those_made_by_name(key: int, order_type: OrderType) -> None:
    made = new_intent(key, 3, int(Side.SELL), 7, 40, int(order_type))
    named = new_order(key, 3, Side.SELL, 7, 40, order_type=order_type)
    assert (made, type(made)) == (named, type(named))
    assert (cancel_intent(key), type(cancel_intent(key))) == (cancel_order(key), type(named))


class Watch(Observer):
    """Of each Request: what it asks, and the touch its strategy saw."""

    every_record = True

    def __init__(self) -> None:
        self.asked: list[tuple[int, int, int, int, int, int]] = []
        self.prices: dict[int, int] = {}
        self.own: list[int] = []

    def on_step(self, kernel: Kernel) -> None:
        book = kernel.markets[0].book
        for command in kernel.sent:
            if command.kind == CommandKind.NEW:
                self.prices[command.order_id] = command.price
            price = self.prices[command.order_id]
            touch = (book.bid_price, book.ask_price)
            self.asked.append((command.kind, command.order_type, command.side, price, *touch))
        self.own.append(len(kernel.execution.unfinished))


@pytest.mark.parametrize("form", ["plain", form_here()])
@pytest.mark.parametrize("wake", ["every", "touch"])
def test_the_touch_quoter_makes_quotes_at_the_touch_and_leaves_those_it_has_left(
    wake: str, form: str
) -> None:
    watch = Watch()
    engine_of("W3", strategy_of("W3", wake, form), watch).run()
    assert {each[0] for each in watch.asked} == {CommandKind.NEW, CommandKind.CANCEL}
    for kind, order_type, side, price, bid, ask in watch.asked:
        assert order_type == OrderType.LIMIT_MAKER
        assert (price == (bid if side == Side.BUY else ask)) == (kind == CommandKind.NEW)
    # One on each side, and of each side one whose CANCEL is under way, or that is not known yet.
    assert 2 in watch.own
    assert max(watch.own) <= 6


def answer(monkeypatch: pytest.MonkeyPatch, *arguments: str) -> int:
    monkeypatch.setattr(sys, "argv", ["benchmarks", "--workload", "W3", "--n", "500", *arguments])
    return benchmarks.main()


def test_benchmarks_tell_the_form_and_refuse_one_that_is_not_here(
    monkeypatch: pytest.MonkeyPatch, capsys: Any
) -> None:
    assert answer(monkeypatch) == 0
    assert f'"strategy": "{form_here()}"' in capsys.readouterr().out
    assert answer(monkeypatch, "--strategy", "plain") == 0
    assert '"strategy": "plain"' in capsys.readouterr().out
    expected = 0 if form_here() == "compiled" else 2
    assert answer(monkeypatch, "--strategy", "compiled") == expected
