"""`tickproof replay`: a run again from its folder or journal, equal or different at a position."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from attrs import asdict

from tickproof.runtime.console import EXIT_DIFFERENT, quiet_stdout, say, say_json, tell
from tickproof.runtime.journal.backtests import replay_journal
from tickproof.runtime.journal.folders import backend_of
from tickproof.runtime.progress import shown_progress
from tickproof.runtime.replaying import replay
from tickproof.runtime.run_folder import read_run


def add(commands: Any) -> None:
    """Add the command."""
    command = commands.add_parser(
        "replay", help="run again from a run folder or journal and compare"
    )
    command.add_argument("folder", type=Path, metavar="DIR")
    command.add_argument("--json", action="store_true", help="one line of JSON on stdout")
    command.set_defaults(handler=run)


def run(arguments: argparse.Namespace) -> int:
    """Say whether everything is equal; 1 and the first difference when not."""
    if backend_of(arguments.folder):
        return _replay_journal(arguments)
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


def _replay_journal(arguments: argparse.Namespace) -> int:
    """The Events of a journal through a new kernel, every snapshot on the way compared."""
    with quiet_stdout(), shown_progress() as progress:
        found = replay_journal(arguments.folder, progress)
    if arguments.json:
        say_json({"equal": True, **asdict(found)})
    else:
        say(f"replayed: {found.positions} positions, digest {found.digest}")
        say(f"state digest {found.state_digest}, {found.snapshots} snapshots equal")
    return 0
