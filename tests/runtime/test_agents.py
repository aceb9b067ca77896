"""A market made of agents: the same again, adding up, fair, and in a stated order."""

import json
from pathlib import Path

import pytest

from tickproof.invariants.fairness import check_venue
from tickproof.runtime.agents import AgentSettings, MatchResult, run_match
from tickproof.runtime.cli import main
from tickproof.runtime.commands.match import agent_of
from tickproof.runtime.errors import InputError, StrategyError
from tickproof.runtime.settings import Settings
from tickproof.spec.events import EventKind, Reason
from tickproof.spec.matching import MessageKind

AGENTS = (
    AgentSettings("quoter", param={"size": 5, "maximum_position": 40}),
    AgentSettings("quoter", "5ms", "5ms", param={"size": 5, "maximum_position": 40}),
    AgentSettings("ema-cross", "2ms", param={"size": 3}),
)
FEES = Settings(maker_fee="0.00002", taker_fee="0.0004")


@pytest.fixture(scope="module")
def met() -> MatchResult:
    return run_match(AGENTS, seed=3, seconds=8, settings=FEES)


def test_the_same_again(met: MatchResult) -> None:
    again = run_match(AGENTS, seed=3, seconds=8, settings=FEES)
    assert again.digest == met.digest
    assert again.agents == met.agents
    assert again.log == met.log
    assert (
        run_match(AGENTS, seed=4, seconds=2).digest != run_match(AGENTS, seed=5, seconds=2).digest
    )


def test_everybody_traded_and_nothing_was_made_or_lost(met: MatchResult) -> None:
    assert [each.name for each in met.agents] == ["flow", "quoter", "quoter", "ema-cross"]
    assert all(each.fills for each in met.agents)
    assert sum(each.position for each in met.agents) == 0
    assert sum(each.cash for each in met.agents) == 0
    assert sum(each.result for each in met.agents) == -sum(each.fees for each in met.agents)
    assert 2 * len(met.trades) == sum(each.fills for each in met.agents)


def test_each_kernel_believes_what_the_venue_did(met: MatchResult) -> None:
    for kernel, agent in zip(met.kernels, met.agents[1:], strict=True):
        assert kernel.execution.ledger.quantity_of(0, 0) == agent.position
        bid, ask = kernel.markets[0].book.bid_price, kernel.markets[0].book.ask_price
        assert 0 < bid < ask


def test_the_venue_was_fair(met: MatchResult) -> None:
    assert met.violations == ()
    told = [(message, reports) for _, message, reports in met.log]
    assert check_venue(told) == []
    # Fills that are kept back are missed: the checker has seen these.
    fills = [n for n, (_, reports) in enumerate(told) if len(reports) > 3]
    last = fills[-1]
    cut = (told[last][0], told[last][1][:1])
    assert check_venue([*told[:last], cut, *told[last + 1 :]]) != []


def test_the_market_opens_with_an_auction(met: MatchResult) -> None:
    opened = [reports for _, message, reports in met.log if message[0] == MessageKind.TO_CONTINUOUS]
    assert len(opened) == 1
    assert any(row[0] == EventKind.FILLED and row[3] == 0 for row in opened[0])


EAGER = """
from attrs import define
from tickproof.spec.commands import OrderType, new_order
from tickproof.spec.configuration import Wake, WakeRule

@define
class Memory:
    key: int = 0

class Eager:
    wake = WakeRule(Wake.TRADE)
    memory = Memory

    def decide(self, view, memory):
        if memory.key:
            return None
        memory.key = view.next_key()
        return (new_order(memory.key, 0, 1, 1, order_type=OrderType.MARKET),)
"""


ASKING = """
from attrs import define
from tickproof.spec.commands import OrderType, TimeInForce, new_order
from tickproof.spec.configuration import Wake, WakeRule
from tickproof.spec.instructions import Instructions, Prevention

@define
class Memory:
    said: int = 0

class Asking:
    wake = WakeRule(Wake.TRADE)
    memory = Memory

    def decide(self, view, memory):
        memory.said += 1
        if memory.said > 60 or not view.bid_price(0) or not view.ask_price(0):
            return None
        key, bid, ask = view.next_key(), view.bid_price(0), view.ask_price(0)
        way = memory.said % 6
        if way == 0:
            asked = Instructions(display=2, prevention=Prevention.EXPIRE_MAKER)
            return (new_order(key, 0, 1, 8, bid, instructions=asked),)
        if way == 1:
            asked = Instructions(trigger_price=bid - 1)
            return (new_order(key, 0, -1, 2, order_type=OrderType.STOP, instructions=asked),)
        if way == 2:
            asked, kind = Instructions(trigger_price=ask + 1), OrderType.STOP_LIMIT
            return (new_order(key, 0, 1, 2, ask + 3, order_type=kind, instructions=asked),)
        if way == 3:
            return (new_order(key, 0, 1, 1, ask, time_in_force=TimeInForce.FOK),)
        if way == 4:
            return (new_order(key, 0, -1, 1, ask, order_type=OrderType.LIMIT_MAKER),)
        asked = Instructions(trailing_e4=50)
        return (new_order(key, 0, -1, 1, order_type=OrderType.STOP, instructions=asked),)
"""


def test_agents_ask_for_more_than_a_price(tmp_path: Path) -> None:
    """Icebergs, stops, prevention; what trails is refused; the venue stays fair."""
    path = tmp_path / "asking.py"
    path.write_text(ASKING, encoding="utf-8")
    asking = AgentSettings(f"{path}:Asking", "1ms", "1ms")
    found = run_match((asking, AGENTS[0]), seed=3, seconds=6)
    assert found.violations == ()
    reports = [row for _, _, rows in found.log for row in rows]
    kinds = {row[0] for row in reports}
    assert {EventKind.HELD, EventKind.TRIGGERED} <= kinds
    refused = [row[7] for row in reports if row[0] == EventKind.REJECTED]
    assert Reason.OTHER in refused
    icebergs = {message[1] for _, message, _ in found.log if message[0] == 0 and message[7]}
    shown = [row[1] for row in reports if row[0] == EventKind.BOOK_ORDER_ADD]
    assert any(shown.count(order) > 1 for order in icebergs)
    assert sum(each.position for each in found.agents) == 0
    assert found.digest == run_match((asking, AGENTS[0]), seed=3, seconds=6).digest


def test_who_is_nearer_is_served_first(tmp_path: Path) -> None:
    """Of two buyers alike the nearer one is first; at one instant, the first of the list."""
    path = tmp_path / "eager.py"
    path.write_text(EAGER, encoding="utf-8")
    far, near = (AgentSettings(f"{path}:Eager", latency) for latency in ("9ms", "1ms"))
    for agents, first in (((far, near), 2), ((near, far), 1), ((near, near), 1)):
        found = run_match(agents, seed=1, seconds=1)
        buyers = [buyer for _, _, buyer, _ in found.trades if buyer]
        assert (buyers[0], len(buyers)) == (first, 2)


def test_agents_alone_do_nothing() -> None:
    found = run_match((), seed=1, seconds=1)
    assert [each.name for each in found.agents] == ["flow"]
    assert found.trades


def test_a_strategy_that_fails_is_said_so(tmp_path: Path) -> None:
    path = tmp_path / "failing.py"
    path.write_text(
        "from tickproof.runtime.strategies.quoter import Quoter\n"
        "class Failing(Quoter):\n"
        "    def decide(self, view, memory):\n"
        "        raise ValueError('asked to')\n",
        encoding="utf-8",
    )
    with pytest.raises(StrategyError):
        run_match((AgentSettings(f"{path}:Failing"),), seconds=1)


def test_settings_of_an_agent() -> None:
    assert agent_of("quoter,latency=5ms,size=3,name=x") == AgentSettings(
        "quoter", "5ms", "1ms", {"size": 3, "name": "x"}
    )
    assert agent_of("ema-cross") == AgentSettings("ema-cross")
    for wrong in ("quoter,size", "quoter,=3", "quoter,size="):
        with pytest.raises(InputError):
            agent_of(wrong)
    with pytest.raises(InputError):
        run_match((), seconds=0)


def test_the_command(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    log = tmp_path / "log.jsonl"
    command = ["match", "--seconds", "2", "--agent", "quoter,size=2", "--log", str(log)]
    assert main([*command, "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["unfair"] == 0
    assert len(found["agents"]) == 2
    assert len(log.read_text(encoding="utf-8").splitlines()) == found["messages"]
    assert main(command) == 0
    said = capsys.readouterr().out
    assert found["digest"] in said
    assert "1 quoter" in said
    assert main(["match", "--agent", "quoter,size"]) == 2
