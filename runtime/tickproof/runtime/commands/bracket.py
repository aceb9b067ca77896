"""`tickproof bracket`: three fill models over one request sequence, and three scenarios beside."""

from __future__ import annotations

import argparse
from typing import Any

from attrs import evolve

from tickproof.runtime.arguments import add_run_arguments, run_settings
from tickproof.runtime.backtest import market_of
from tickproof.runtime.bracketing import SCENARIO_KEYS, bracket, bracket_table, scenarios
from tickproof.runtime.console import EXIT_STRATEGY, quiet_stdout, say, say_json, tell
from tickproof.runtime.progress import shown_progress

FIRST = "pessimistic"


def add(commands: Any) -> None:
    """Add the command."""
    command = commands.add_parser("bracket", help="bound the fills of one request sequence")
    add_run_arguments(command)
    command.add_argument("--json", action="store_true", help="one line of JSON on stdout")
    command.set_defaults(handler=run)


def run(arguments: argparse.Namespace) -> int:
    """Print what the models made of it; 3 when the strategy failed in any of the runs."""
    settings = evolve(run_settings(arguments), fill_model=FIRST)
    with quiet_stdout(), shown_progress() as progress:
        market = market_of(settings.data, settings, progress)
        runs = scenarios(market, settings, progress)
        failure = next((each.failure for each in runs if each.failure is not None), None)
        found = None if failure is not None else bracket(market, runs[0], progress)
    if found is None:
        tell(f"strategy failed: {failure}")
        return EXIT_STRATEGY
    table = bracket_table(found, runs)
    if arguments.json:
        say_json(table)
    else:
        show(table)
    return 0


def show(table: dict[str, Any]) -> None:
    """Both parts, side by side for the three models."""
    models = table["bracket"]["models"]
    say(f"Bracket: {table['bracket']['note']}.")
    say(f"{table['bracket']['requests']} requests, {table['bracket']['checks']} moments compared.")
    say("")
    say(_line("", list(models)))
    for key in ("fills", "orders_filled"):
        say(_line(key, [each[key] for each in models.values()]))
    for name in models[FIRST]["filled"]:
        say(_line(f"filled {name}", [each["filled"][name] for each in models.values()]))
    runs = table["scenarios"]["runs"]
    say("")
    say(f"Scenarios, not bounds: {table['scenarios']['note']}.")
    say("")
    say(_line("", list(runs)))
    for key in SCENARIO_KEYS:
        say(_line(key, [each[key] for each in runs.values()]))


def _line(name: str, values: list[Any]) -> str:
    return f"{name:20}" + "".join(f"{each!s:>20}" for each in values)
