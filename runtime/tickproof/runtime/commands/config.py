"""`tickproof config`: the settings a run would have, as the file that says so."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from tickproof.runtime.console import say
from tickproof.runtime.settings import DEFAULTS, settings_of, to_toml


def add(commands: Any) -> None:
    """Add the command."""
    command = commands.add_parser("config", help="show the settings a run would have")
    command.add_argument("--defaults", action="store_true", help="the defaults, nothing else read")
    command.add_argument("--config", type=Path, metavar="FILE.toml", help="settings")
    command.set_defaults(handler=run)


def run(arguments: argparse.Namespace) -> int:
    """Print them."""
    settings = DEFAULTS if arguments.defaults else settings_of({}, arguments.config)
    say(to_toml(settings).rstrip("\n"))
    return 0
