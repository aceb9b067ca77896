"""The arguments of every command that runs a backtest, and the settings they mean."""

from __future__ import annotations

import argparse
import re
from collections.abc import Sequence
from pathlib import Path

from tickproof.runtime.errors import InputError
from tickproof.runtime.settings import (
    CHOICES,
    DEFAULTS,
    DelaySettings,
    Settings,
    settings_of,
)
from tickproof.runtime.strategies import BUILT_IN


def add_run_arguments(command: argparse.ArgumentParser) -> None:
    """Add the arguments that say what is to be run."""
    command.add_argument("files", nargs="*", type=Path, help="files of one session, in order")
    command.add_argument(
        "--data",
        action="append",
        default=[],
        metavar="SYMBOL=FILE[,FILE]",
        help="files of one symbol; may be given for several",
    )
    command.add_argument(
        "--format",
        choices=CHOICES["format"],
        help=f"what the files are (default {DEFAULTS.format}: by their endings, else Binance logs)",
    )
    command.add_argument(
        "--multiplier",
        type=int,
        metavar="N",
        help=f"what one price unit of one contract is worth (default {DEFAULTS.multiplier})",
    )
    command.add_argument(
        "--feed",
        choices=CHOICES["feed"],
        help=f"what is declared of how levels are told (default {DEFAULTS.feed})",
    )
    command.add_argument("--config", type=Path, metavar="FILE.toml", help="settings")
    names = ", ".join(sorted(BUILT_IN))
    command.add_argument(
        "--strategy",
        help=f"{names}, module:Class or file.py:Class (default {DEFAULTS.strategy})",
    )
    command.add_argument(
        "--param",
        action="append",
        default=[],
        metavar="KEY=VALUE",
        help="a parameter of the strategy; may be given for several",
    )
    command.add_argument(
        "--fill-model",
        choices=CHOICES["fill_model"],
        help=f"how much was ahead of a resting order (default {DEFAULTS.fill_model})",
    )
    _add_latency_arguments(command)
    command.add_argument(
        "--on-gap",
        choices=CHOICES["on_gap"],
        help=f"what lost messages do (default {DEFAULTS.on_gap})",
    )
    command.add_argument(
        "--check",
        choices=CHOICES["check"],
        help=f"which steps are held against every invariant (default {DEFAULTS.check})",
    )
    command.add_argument(
        "--check-every",
        type=int,
        metavar="N",
        help=f"sampled: the steps to each N-th position (default {DEFAULTS.check_every})",
    )
    command.add_argument("--maker-fee", help="fraction of the notional: 0.0002 (default 0)")
    command.add_argument("--taker-fee", help="fraction of the notional: 0.0005 (default 0)")
    command.add_argument(
        "--funding",
        choices=CHOICES["funding"],
        help=f"of futures, by marks and rates of the data (default {DEFAULTS.funding})",
    )


def _add_latency_arguments(command: argparse.ArgumentParser) -> None:
    """Add the arguments that say how long messages take, and by which clock."""
    command.add_argument(
        "--latency", help=f"of requests and of responses, each: 5ms (default {DEFAULTS.latency})"
    )
    command.add_argument(
        "--feed-latency",
        help="of market data to the strategy: 1ms, or recorded (each message's own) "
        f"(default {DEFAULTS.feed_latency})",
    )
    command.add_argument(
        "--latency-file", metavar="FILE", help="recorded latencies of requests and responses"
    )
    command.add_argument(
        "--clock-offset",
        help="added to capture stamps: 1500ms, or auto (the least that puts nothing before it "
        f"happened) (default {DEFAULTS.clock_offset})",
    )


def run_settings(arguments: argparse.Namespace) -> Settings:
    """The settings of a run, flags first; raises `InputError`."""
    flags = {
        "strategy": arguments.strategy,
        "fill_model": arguments.fill_model,
        "latency": arguments.latency,
        "feed_latency": arguments.feed_latency,
        "clock_offset": arguments.clock_offset,
        "delay": DelaySettings(file=arguments.latency_file) if arguments.latency_file else None,
        "on_gap": arguments.on_gap,
        "format": arguments.format,
        "multiplier": arguments.multiplier,
        "feed": arguments.feed,
        "check": arguments.check,
        "check_every": arguments.check_every,
        "maker_fee": arguments.maker_fee,
        "taker_fee": arguments.taker_fee,
        "funding": arguments.funding,
        "param": _parameters(arguments.param) or None,
        "data": _data(arguments) or None,
    }
    return settings_of(flags, arguments.config)


def _parameters(given: Sequence[str]) -> dict[str, int | str]:
    """`k=v` pairs; what is written as an integer is one."""
    found: dict[str, int | str] = {}
    for each in given:
        key, separator, value = each.partition("=")
        if not separator or not key:
            raise InputError("", 0, "--param", "KEY=VALUE", repr(each))
        is_integer = re.fullmatch(r"0|-?[1-9]\d{0,17}", value, re.ASCII) is not None
        found[key] = int(value) if is_integer else value
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
