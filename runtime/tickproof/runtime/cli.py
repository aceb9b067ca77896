"""The command line: it reads arguments, calls the library, prints, and maps errors to exit codes.

Exit codes: 0 done; 1 a comparison found a difference; 2 bad input, nothing written; 3 a strategy
failed, what was written is complete up to that position.
"""

from __future__ import annotations

import argparse
import importlib
import json
import re
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from tickproof.kernel.kernel import BUILD
from tickproof.runtime.backtest import run_backtest
from tickproof.runtime.errors import InputError, MissingExtra, StrategyError
from tickproof.runtime.rendering import FORMATS, TABLES, render
from tickproof.runtime.settings import CHOICES, Settings, settings_of, to_toml
from tickproof.runtime.version import VERSION

EXIT_DIFFERENT = 1
EXIT_INPUT = 2
EXIT_STRATEGY = 3

COMMANDS: tuple[str, ...] = ()
"""Modules of `tickproof.runtime.commands`, in the order help shows them.

Each has `add(commands)`: it adds its parser and sets `handler=` to a function from the parsed
arguments to an exit code. They are imported for every command, so they import nothing that the
base install lacks except inside functions, where a missing one raises `MissingExtra`.
"""

Handler = Callable[[argparse.Namespace], int]


class _Parser(argparse.ArgumentParser):
    """Arguments that cannot be used are bad input: one line, exit code 2."""

    def error(self, message: str) -> Any:
        self.exit(EXIT_INPUT, f"{self.prog}: {message}\n")


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; the exit code."""
    parsed = parser().parse_args(arguments)
    if parsed.command is None:
        parser().print_help()
        return EXIT_INPUT
    handler: Handler = parsed.handler
    try:
        return handler(parsed)
    except (InputError, MissingExtra) as error:
        print(f"tickproof: {error}", file=sys.stderr)
        return EXIT_INPUT
    except StrategyError as error:
        print(f"tickproof: strategy failed: {error}", file=sys.stderr)
        return EXIT_STRATEGY
    except BrokenPipeError:
        return 0


def parser() -> argparse.ArgumentParser:
    """All commands and their arguments."""
    made = _Parser(prog="tickproof", description="A trading kernel one can check.")
    made.add_argument("--version", action="version", version=f"tickproof {VERSION} ({BUILD})")
    commands = made.add_subparsers(dest="command", parser_class=_Parser)
    _add_backtest(commands)
    _add_table(commands)
    _add_config(commands)
    for name in COMMANDS:
        importlib.import_module(f"tickproof.runtime.commands.{name}").add(commands)
    return made


# --- backtest ------------------------------------------------------------------------------------


def add_run_arguments(command: argparse.ArgumentParser) -> None:
    """The arguments every command that runs a backtest has."""
    command.add_argument("files", nargs="*", type=Path, help="raw logs of one session, in order")
    command.add_argument(
        "--data",
        action="append",
        default=[],
        metavar="SYMBOL=FILE[,FILE]",
        help="raw logs of one symbol; may be given for several",
    )
    command.add_argument("--config", type=Path, metavar="FILE.toml")
    command.add_argument("--strategy", help="a built-in name, module:Class or file.py:Class")
    command.add_argument("--param", action="append", default=[], metavar="KEY=VALUE")
    command.add_argument("--fill-model", choices=CHOICES["fill_model"])
    command.add_argument("--latency", help="of requests and of responses, each: 5ms")
    command.add_argument("--feed-latency", help="of market data to the strategy: 1ms")
    command.add_argument("--on-gap", choices=CHOICES["on_gap"])
    command.add_argument("--maker-fee", help="fraction of the notional: 0.0002")
    command.add_argument("--taker-fee", help="fraction of the notional: 0.0005")


def _add_backtest(commands: Any) -> None:
    command = commands.add_parser("backtest", help="run a strategy on recorded market data")
    add_run_arguments(command)
    command.add_argument("--json", action="store_true", help="one line of JSON on stdout")
    command.set_defaults(handler=_backtest)


def run_settings(arguments: argparse.Namespace) -> Settings:
    """The settings of a run, flags first."""
    flags = {
        "strategy": arguments.strategy,
        "fill_model": arguments.fill_model,
        "latency": arguments.latency,
        "feed_latency": arguments.feed_latency,
        "on_gap": arguments.on_gap,
        "maker_fee": arguments.maker_fee,
        "taker_fee": arguments.taker_fee,
        "param": _parameters(arguments.param) or None,
        "data": _data(arguments) or None,
    }
    return settings_of(flags, arguments.config)


def _parameters(given: Sequence[str]) -> dict[str, int | str]:
    """`k=v` pairs; what looks like an integer is one."""
    found: dict[str, int | str] = {}
    for each in given:
        key, separator, value = each.partition("=")
        if not separator or not key:
            raise InputError("", 0, "--param", "KEY=VALUE", repr(each))
        found[key] = int(value) if re.fullmatch(r"-?\d+", value) else value
    return found


def _data(arguments: argparse.Namespace) -> dict[str, tuple[str, ...]]:
    """Files by symbol; files without one are a session of their own."""
    found: dict[str, tuple[str, ...]] = {}
    if arguments.files:
        found[""] = tuple(str(each) for each in arguments.files)
    for each in arguments.data:
        symbol, separator, files = each.partition("=")
        if not separator or not symbol or not files:
            raise InputError("", 0, "--data", "SYMBOL=FILE[,FILE]", repr(each))
        if symbol in found:
            raise InputError("", 0, "--data", "each symbol once", repr(symbol))
        found[symbol] = tuple(files.split(","))
    return found


def _backtest(arguments: argparse.Namespace) -> int:
    settings = run_settings(arguments)
    result = run_backtest(dict(settings.data), settings)
    if arguments.json:
        print(json.dumps(result.summary))
    else:
        for name, value in result.summary.items():
            print(f"{name:18} {value}")
    if result.failure is not None:
        print(f"tickproof: strategy failed: {result.failure}", file=sys.stderr)
        return EXIT_STRATEGY
    return 0


# --- table and config ----------------------------------------------------------------------------


def _add_table(commands: Any) -> None:
    command = commands.add_parser("table", help="show a transition table of the specification")
    command.add_argument("name", nargs="?", help="one of: " + ", ".join(sorted(TABLES)))
    command.add_argument("--format", choices=sorted(FORMATS), default="text")
    command.set_defaults(handler=_table)


def _table(arguments: argparse.Namespace) -> int:
    if arguments.name is None:
        for name in sorted(TABLES):
            print(f"{name:18} {TABLES[name].title}")
        return 0
    if arguments.name not in TABLES:
        known = ", ".join(sorted(TABLES))
        raise InputError("", 0, "table", f"one of {known}", repr(arguments.name))
    print(render(TABLES[arguments.name], arguments.format))
    return 0


def _add_config(commands: Any) -> None:
    command = commands.add_parser("config", help="show the settings a run would have")
    command.add_argument("--defaults", action="store_true", help="the defaults, as a TOML file")
    command.add_argument("--config", type=Path, metavar="FILE.toml")
    command.set_defaults(handler=_config)


def _config(arguments: argparse.Namespace) -> int:
    settings = Settings() if arguments.defaults else settings_of({}, arguments.config)
    print(to_toml(settings), end="")
    return 0


if __name__ == "__main__":
    sys.exit(main())
