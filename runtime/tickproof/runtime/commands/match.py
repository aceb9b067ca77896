"""`tickproof match`: strategies and a made flow at one matching venue, and who traded with whom."""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import Any

from attrs import asdict

from tickproof.runtime.agents import AgentResult, AgentSettings, MatchResult, run_match
from tickproof.runtime.console import EXIT_DEFECT, quiet_stdout, say, say_json, tell
from tickproof.runtime.errors import InputError
from tickproof.runtime.report_words import decimal
from tickproof.runtime.settings import Settings
from tickproof.spec.instructions import Prevention

DEFAULT_AGENTS = (
    "quoter,size=5,maximum_position=40",
    "quoter,latency=5ms,feed_latency=5ms,size=5,maximum_position=40",
    "ema-cross,latency=2ms,size=3",
)
TRADES_SHOWN = 10
LATENCIES = ("latency", "feed_latency")


def add(commands: Any) -> None:
    """Add the command."""
    command = commands.add_parser("match", help="let strategies trade with each other")
    command.add_argument(
        "--agent",
        action="append",
        metavar="STRATEGY[,KEY=VALUE...]",
        help="a strategy as for backtest; latency, feed_latency, and its own parameters; "
        "again for more agents; default: two quoters and an ema-cross",
    )
    command.add_argument("--seed", type=int, default=1, help="of the made flow; default: 1")
    command.add_argument(
        "--seconds", type=int, default=60, help="market time after the open; default: 60"
    )
    command.add_argument("--maker-fee", default="0.00002", metavar="F", help="default: 0.00002")
    command.add_argument("--taker-fee", default="0.0004", metavar="F", help="default: 0.0004")
    command.add_argument(
        "--prevention",
        choices=[mode.name.lower() for mode in Prevention],
        default="expire_taker",
        help="what happens when an agent meets itself; default: expire_taker",
    )
    command.add_argument("--log", type=Path, metavar="FILE", help="write messages and reports")
    command.add_argument("--json", action="store_true", help="one line of JSON on stdout")
    command.set_defaults(handler=run)


def run(arguments: argparse.Namespace) -> int:
    """Let them meet, and say what came of it; 4 when the venue was not fair."""
    agents = [agent_of(text) for text in arguments.agent or DEFAULT_AGENTS]
    settings = Settings(maker_fee=arguments.maker_fee, taker_fee=arguments.taker_fee)
    mode = Prevention[arguments.prevention.upper()]
    with quiet_stdout():
        found = run_match(agents, arguments.seed, arguments.seconds, settings, int(mode))
    if arguments.log is not None:
        write_log(found, arguments.log)
    if arguments.json:
        say_json(as_json(found))
    else:
        show(found, arguments.seed, arguments.seconds)
    for violation in found.violations:
        tell(violation.words())
    return EXIT_DEFECT if found.violations else 0


def agent_of(text: str) -> AgentSettings:
    """An agent from `strategy,key=value,...`; raises `InputError`."""
    strategy, *rest = text.split(",")
    param: dict[str, int | str] = {}
    distances: dict[str, str] = {}
    for part in rest:
        key, found, value = part.partition("=")
        if not found or not key or not value:
            raise InputError("", 0, "agent", "strategy,key=value,...", repr(text))
        if key in LATENCIES:
            distances[key] = value
        else:
            number = value.removeprefix("-")
            param[key] = int(value) if number.isdecimal() and number.isascii() else value
    return AgentSettings(strategy, **distances, param=param)


def as_json(found: MatchResult) -> dict[str, Any]:
    """The result as JSON."""
    return {
        "agents": [asdict(each) for each in found.agents],
        "messages": found.messages,
        "trades": len(found.trades),
        "unfair": len(found.violations),
        "digest": found.digest,
    }


def write_log(found: MatchResult, path: Path) -> None:
    """A line of JSON per message: instrument, message, reports."""
    lines = (json.dumps([instrument, *rest]) for instrument, *rest in found.log)
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")


def show(found: MatchResult, seed: int, seconds: int) -> None:
    """Who traded, with whom, and what came of it."""
    lots = found.instrument.quantity_decimals
    say(
        f"{len(found.agents) - 1} agents and a made flow (seed {seed}) on "
        f"{found.instrument.symbol}: {seconds} s of continuous trading after a call."
    )
    say("")
    say(_line("", "orders", "fills", "bought", "sold", "position", "fees", "result"))
    for number, each in enumerate(found.agents):
        say(_agent_line(number, each, found))
    say("")
    pairs: dict[tuple[int, int], int] = {}
    for _, size, buyer, seller in found.trades:
        pairs[buyer, seller] = pairs.get((buyer, seller), 0) + size
    say(f"{len(found.trades)} trades; lots bought (down) from (across)")
    numbers = range(len(found.agents))
    say(_line("", *(name_of(found, seller) for seller in numbers)))
    for buyer in numbers:
        sums = [decimal(pairs.get((buyer, seller), 0), lots) for seller in numbers]
        say(_line(name_of(found, buyer), *sums))
    say("")
    say(f"messages   {found.messages:,}")
    say(f"unfair     {len(found.violations)} of {len(found.trades)} trades")
    say(f"digest     {found.digest}")


def name_of(found: MatchResult, number: int) -> str:
    """A participant as it is called here."""
    return f"{number} {found.agents[number].name}"


def _agent_line(number: int, each: AgentResult, found: MatchResult) -> str:
    lots = found.instrument.quantity_decimals
    money = found.instrument.price_decimals + lots
    scale = found.instrument.money_per_price_lot
    return _line(
        name_of(found, number),
        str(each.orders),
        str(each.fills),
        decimal(each.bought, lots),
        decimal(each.sold, lots),
        decimal(each.position, lots),
        decimal(-(-each.fees // scale), money),
        decimal(each.result // scale, money),
    )


def _line(name: str, *values: str) -> str:
    return f"{name:14}" + "".join(f"{value:>13}" for value in values)
