"""`tickproof compare`: two run folders, where they first part and their results side by side."""

from __future__ import annotations

import argparse
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from tickproof.runtime.comparing import Difference, first_record, first_row, first_value
from tickproof.runtime.console import EXIT_DIFFERENT, say, say_json
from tickproof.runtime.run_folder import TABLES, RunFolder, read_run

SHOWN = (
    "positions",
    "orders",
    "requests",
    "fills",
    "denied",
    "refused",
    "position",
    "fees",
    "realised",
    "unrealised",
    "equity",
    "digest",
    "state_digest",
)
"""Results shown side by side."""

IDENTITIES = ("dataset_hash", "rows_hash")
"""Hashes of a manifest that name the data."""

HASH_LENGTH = 24


def add(commands: Any) -> None:
    """Add the command."""
    command = commands.add_parser("compare", help="compare two run folders")
    command.add_argument("first", type=Path, metavar="DIR")
    command.add_argument("second", type=Path, metavar="DIR")
    command.add_argument("--json", action="store_true", help="one line of JSON on stdout")
    command.set_defaults(handler=run)


def run(arguments: argparse.Namespace) -> int:
    """Print the first difference of each sort and both results; 1 when there is one."""
    first, second = read_run(arguments.first), read_run(arguments.second)
    found = differences(first, second)
    results = {name: [_result(each, name) for each in (first, second)] for name in SHOWN}
    results["status"] = [each.value("status") for each in (first, second)]
    equal = all(each is None for each in found.values())
    if arguments.json:
        told = {name: None if each is None else each.table() for name, each in found.items()}
        say_json({"equal": equal, "differences": told, "results": results})
        return 0 if equal else EXIT_DIFFERENT
    for name, each in found.items():
        say(f"{name:14} {'equal' if each is None else each}")
    say("")
    for name, (one, other) in results.items():
        mark = "" if one == other else "  <"
        say(f"{name:14} {_short(one):>{HASH_LENGTH}} {_short(other):>{HASH_LENGTH}}{mark}")
    return 0 if equal else EXIT_DIFFERENT


def differences(first: RunFolder, second: RunFolder) -> dict[str, Difference | None]:
    """The first difference of each sort: what was configured, what was read, what came of it."""
    return {
        "configuration": first_value(_configured(first), _configured(second)),
        "data": first_value(_identities(first), _identities(second)),
        "outputs": first_record(first.rows("outputs"), second.rows("outputs")),
        "fills": first_row("fill", TABLES["fills"], first.rows("fills"), second.rows("fills")),
        "end": first_value(_end(first), _end(second)),
    }


def _configured(folder: RunFolder) -> dict[str, Any]:
    """The Configuration, and the settings of the simulated venue, which are no part of it."""
    settings = {
        name: value
        for name, value in folder.value("settings").items()
        if name not in ("data", "columns", "strategy")
    }
    return {"configuration": folder.value("configuration"), "settings": settings}


def _identities(folder: RunFolder) -> dict[str, Any]:
    return {name: folder.value("hashes", name) for name in IDENTITIES}


def _end(folder: RunFolder) -> dict[str, Any]:
    """How the run ended: its status and both digests."""
    return {
        "status": folder.value("status"),
        "digest": folder.value("hashes", "digest"),
        "state_digest": folder.value("hashes", "state_digest"),
    }


def _result(folder: RunFolder, name: str) -> Any:
    summary: Mapping[str, Any] = folder.value("summary")
    return summary.get(name)


def _short(value: Any) -> str:
    text = str(value)
    return text if len(text) <= HASH_LENGTH else text[:HASH_LENGTH]
