"""`tickproof table`: a transition table of the specification, drawn from its rows."""

from __future__ import annotations

import argparse
from typing import Any

from tickproof.runtime.console import say
from tickproof.runtime.errors import InputError
from tickproof.runtime.rendering import FORMATS, TABLES, render


def add(commands: Any) -> None:
    """Add the command."""
    command = commands.add_parser("table", help="show a transition table of the specification")
    command.add_argument("name", nargs="?", help="one of: " + ", ".join(sorted(TABLES)))
    command.add_argument("--format", choices=sorted(FORMATS), default="text")
    command.set_defaults(handler=run)


def run(arguments: argparse.Namespace) -> int:
    """Print a table, or which there are."""
    if arguments.name is None:
        for name in sorted(TABLES):
            say(f"{name:18} {TABLES[name].title}")
        return 0
    if arguments.name not in TABLES:
        known = ", ".join(sorted(TABLES))
        raise InputError("", 0, "table", f"one of {known}", repr(arguments.name))
    say(render(TABLES[arguments.name], arguments.format))
    return 0
