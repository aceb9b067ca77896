"""`tickproof replay`: a run again from its folder, equal or different at a named position."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from tickproof.runtime.console import EXIT_DIFFERENT, quiet_stdout, say, say_json, tell
from tickproof.runtime.progress import shown_progress
from tickproof.runtime.replaying import replay
from tickproof.runtime.run_folder import read_run


def add(commands: Any) -> None:
    """Add the command."""
    command = commands.add_parser("replay", help="run again from a run folder and compare")
    command.add_argument("folder", type=Path, metavar="DIR")
    command.add_argument("--json", action="store_true", help="one line of JSON on stdout")
    command.set_defaults(handler=run)


def run(arguments: argparse.Namespace) -> int:
    """Say whether everything is equal; 1 and the first difference when not."""
    folder = read_run(arguments.folder)
    with quiet_stdout(), shown_progress() as progress:
        found = replay(folder, lambda text: tell(f"warning: {text}"), progress)
    if arguments.json:
        difference = None if found is None else found.table()
        say_json({"equal": found is None, "difference": difference})
    elif found is None:
        positions = folder.value("summary", "positions")
        say(f"equal: {positions} positions, digest {folder.value('hashes', 'digest')}")
    else:
        say(f"different: {found}")
    return 0 if found is None else EXIT_DIFFERENT
