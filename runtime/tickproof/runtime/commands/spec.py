"""`tickproof spec`: what changed in the rules between two revisions, and reviews of changed rules.

Both work in a checkout of the repository: the rules of a revision are told by that revision's own
sources, and reviews are kept beside the decisions.
"""

from __future__ import annotations

import argparse
import fnmatch
import io
import json
import os
import shutil
import subprocess
import sys
import tarfile
import tempfile
from pathlib import Path
from typing import Any

from tickproof.runtime import rule_difference, rule_text
from tickproof.runtime.console import EXIT_DIFFERENT, say, tell
from tickproof.runtime.errors import InputError

COLUMNS = 160
"""Where no terminal says how wide it is."""

WORKING = "."
"""Names the working tree in place of a revision."""


def add(commands: Any) -> None:
    """Add the command and its three subcommands."""
    command = commands.add_parser("spec", help="review the rules of the specification")
    parts = command.add_subparsers(dest="part", required=True)
    changed = parts.add_parser("diff", help="show rules that differ between two git revisions")
    changed.add_argument("first", metavar="REV1", help="a git revision, or . for the working tree")
    changed.add_argument("second", metavar="REV2", nargs="?", default=WORKING)
    changed.set_defaults(handler=show_difference)
    review = parts.add_parser("review", help="record that changed rules were looked at")
    review.add_argument("rules", metavar="RULE", nargs="+", help="a rule id, or a pattern of ids")
    review.add_argument("--why", required=True, help="why the rule is right as it is now")
    review.set_defaults(handler=review_rules)
    suspects = parts.add_parser("suspects", help="list rules that changed since their review")
    suspects.set_defaults(handler=show_suspects)


# --- the repository ------------------------------------------------------------------------------


def root() -> Path:
    """The checkout this was called in; raises `InputError`."""
    here = Path.cwd()
    for folder in (here, *here.parents):
        if (folder / "adr").is_dir() and (folder / "spec" / "tickproof").is_dir():
            return folder
    raise InputError(str(here), 0, "folder", "inside a checkout of tickproof", "none")


def texts_at(folder: Path, revision: str) -> dict[str, str]:
    """Rule texts at a revision, told by a process that imports that revision's `spec`."""
    if revision == WORKING:
        return _told_by(folder)
    command = ["git", "-C", str(folder), "archive", "--format=tar", revision, "spec"]
    done = subprocess.run(command, capture_output=True, check=False)
    if done.returncode:
        raise InputError("", 0, "revision", "one that git knows", revision)
    with tempfile.TemporaryDirectory() as place:
        with tarfile.open(fileobj=io.BytesIO(done.stdout)) as archive:
            archive.extractall(place, filter="data")
        return _told_by(Path(place))


def _told_by(folder: Path) -> dict[str, str]:
    environment = {**os.environ, "PYTHONPATH": str(folder / "spec")}
    command = [sys.executable, str(Path(rule_text.__file__))]
    done = subprocess.run(command, capture_output=True, text=True, check=False, env=environment)
    if done.returncode:
        last = done.stderr.strip().splitlines()[-1:]
        raise InputError(str(folder), 0, "rules", "importable", " ".join(last))
    found: dict[str, str] = json.loads(done.stdout)
    return found


# --- diff ----------------------------------------------------------------------------------------


def show_difference(arguments: argparse.Namespace) -> int:
    """Print what differs, each difference once and side by side; 1 when there is any."""
    folder = root()
    first, second = texts_at(folder, arguments.first), texts_at(folder, arguments.second)
    columns = shutil.get_terminal_size((COLUMNS, 0)).columns
    for line in rule_difference.told(first, second, columns):
        say(line)
    added = sum(name not in first for name in second)
    removed = sum(name not in second for name in first)
    changed = sum(name in first and first[name] != second[name] for name in second)
    say(f"{changed} changed, {added} added, {removed} removed, of {len(second)} rules")
    return EXIT_DIFFERENT if changed or added or removed else 0


# --- reviews -------------------------------------------------------------------------------------


def review_rules(arguments: argparse.Namespace) -> int:
    """Record the hashes of rules as they are now; entries of rules that are gone are dropped."""
    folder = root()
    if not arguments.why.strip():
        raise InputError("", 0, "why", "a reason", repr(arguments.why))
    now = _told_by(folder)
    entries = rule_text.reviewed(folder)
    changed, gone = rule_text.suspects(entries, now)
    for pattern in arguments.rules:
        if not fnmatch.filter([*now, *gone], pattern):
            raise InputError("", 0, "rule", "the id of a rule, or a pattern of ids", pattern)
    chosen = [
        name for name in changed if any(fnmatch.fnmatchcase(name, p) for p in arguments.rules)
    ]
    for name in chosen:
        entries[name] = {"hash": rule_text.digest(now[name]), "why": arguments.why.strip()}
    for name in gone:
        del entries[name]
    rule_text.write_reviewed(folder, entries)
    say(f"{len(chosen)} reviewed, {len(gone)} dropped, {len(changed) - len(chosen)} still suspect")
    return 0


def show_suspects(arguments: argparse.Namespace) -> int:
    """Rules that nobody has looked at as they are now; 1 when there are any."""
    folder = root()
    changed, gone = rule_text.suspects(rule_text.reviewed(folder), _told_by(folder))
    for name in changed:
        say(name)
    for name in gone:
        tell(f"reviewed once, and no more a rule: {name}")
    return EXIT_DIFFERENT if changed or gone else 0
