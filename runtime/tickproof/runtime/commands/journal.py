"""`tickproof journal`: what a run's journal holds, whether it is whole, and how to go on with it.

`verify` and `cat` change nothing and may be used beside a writer of files. What is wrong is one
line with code, file, byte and position, and exit code 2; nothing at or below the watermark is ever
cut, here neither.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any

from tickproof.runtime.commands.backtest import show
from tickproof.runtime.console import EXIT_STRATEGY, quiet_stdout, say, say_json, tell
from tickproof.runtime.errors import InputError
from tickproof.runtime.journal.backtests import replay_journal, resume
from tickproof.runtime.journal.folders import FILES, backend_of, look, open_journal, read_run
from tickproof.runtime.journal.log import Store
from tickproof.runtime.journal.recovery import Note, NoteCode
from tickproof.runtime.journal.refusing import FolderRefusal, JournalRefused
from tickproof.runtime.journal.repairing import Repair, plan, repair
from tickproof.runtime.progress import shown_progress
from tickproof.spec.events import FIELD_NAMES, EventKind
from tickproof.spec.stream import EventColumns

ENVELOPE = ("event_time_ns", "capture_time_ns", "source", "sequence", "epoch")


def add(commands: Any) -> None:
    """Add the command and its subcommands."""
    command = commands.add_parser("journal", help="look at a journal, repair it, go on with it")
    parts = command.add_subparsers(dest="part", required=True)
    verify = _part(parts, "verify", "read every frame and say what is wrong, if anything is")
    verify.add_argument(
        "--replay", action="store_true", help="run it too, and compare every snapshot"
    )
    verify.add_argument("--json", action="store_true", help="one line of JSON on stdout")
    verify.set_defaults(handler=run_verify)
    cat = _part(parts, "cat", "print Events, a line of JSON each")
    _range(cat)
    cat.set_defaults(handler=run_cat)
    export = _part(parts, "export", "write Events to a new file")
    export.add_argument("file", type=Path, metavar="FILE.jsonl")
    _range(export)
    export.set_defaults(handler=run_export)
    repaired = _part(parts, "repair", "cut what was never acknowledged, renew what is derived")
    repaired.add_argument("--dry-run", action="store_true", help="only say what would be done")
    repaired.set_defaults(handler=run_repair)
    resumed = _part(parts, "resume", "go on with a run that was stopped")
    resumed.add_argument("--json", action="store_true", help="one line of JSON on stdout")
    resumed.set_defaults(handler=run_resume)


def _part(parts: Any, name: str, words: str) -> argparse.ArgumentParser:
    part: argparse.ArgumentParser = parts.add_parser(name, help=words)
    part.add_argument("folder", type=Path, metavar="DIR")
    return part


def _range(part: argparse.ArgumentParser) -> None:
    part.add_argument("--from", dest="start", type=int, default=0, metavar="N", help="position")
    part.add_argument(
        "--until", type=int, default=-1, metavar="N", help="position after the last one"
    )


# --- handlers ------------------------------------------------------------------------------------


def run_verify(arguments: argparse.Namespace) -> int:
    """Read everything; 2 and one line for damage."""
    folder = arguments.folder
    found = _facts(folder)
    if arguments.replay and read_run(folder):
        with quiet_stdout(), shown_progress() as progress:
            again = replay_journal(folder, progress)
        found |= {"digest": again.digest, "state_digest": again.state_digest}
    if arguments.json:
        say_json(found)
        return 0
    for name, value in found.items():
        say(f"{name:18} {value}")
    return 0


def _facts(folder: Path) -> dict[str, Any]:
    """What a journal holds, every frame read."""
    if _backend(folder) != FILES:
        store = open_journal(folder)
        try:
            frames = sum(1 for _ in store.frames())
            _show_notes(store.notes)
            return {
                "events": store.acknowledged,
                "frames": frames,
                "snapshots": len(store.snapshots()),
                "chain": store.chain.hex(),
            }
        finally:
            store.close()
    frames = 0

    def count(_position: int, _events: EventColumns) -> None:
        nonlocal frames
        frames += 1

    seen = look(folder, visit=count)
    _show_notes(seen.notes)
    return {
        "events": seen.position,
        "acknowledged": seen.mark.position,
        "frames": frames,
        "segments": len(seen.segments),
        "bytes": sum(each.length for each in seen.segments),
        "snapshots": len(seen.snapshots),
        "chain": seen.recovery.chain.hex(),
    }


def run_cat(arguments: argparse.Namespace) -> int:
    """Print a range; what is whole before a damaged frame is printed before it is told of."""
    _write(sys.stdout, arguments)
    return 0


def run_export(arguments: argparse.Namespace) -> int:
    """Write a range to a file that is not there yet."""
    try:
        with arguments.file.open("x", encoding="utf-8") as file:
            _write(file, arguments)
    except OSError as error:
        words = error.strerror or str(error)
        raise InputError(str(arguments.file), 0, "FILE", "a new file", words) from error
    tell(f"written to {arguments.file}")
    return 0


def run_repair(arguments: argparse.Namespace) -> int:
    """Do what a start would do, and remove damaged snapshots; or only say so."""
    found = plan(arguments.folder) if arguments.dry_run else repair(arguments.folder)
    _show_repair(found, "would be " if arguments.dry_run else "")
    return 0


def run_resume(arguments: argparse.Namespace) -> int:
    """Go on, print the summary; 3 when the strategy failed."""
    with quiet_stdout(), shown_progress() as progress:
        result, acknowledged = resume(arguments.folder, progress=progress, tell=_show_found)
    show(result, arguments.json)
    tell(f"{acknowledged} events acknowledged in {arguments.folder}")
    if result.failure is not None:
        tell(f"strategy failed: {result.failure}")
        return EXIT_STRATEGY
    return 0


# --- what is shown -------------------------------------------------------------------------------


def _backend(folder: Path) -> str:
    found = backend_of(folder)
    if not found:
        raise JournalRefused(FolderRefusal.NO_JOURNAL, str(folder))
    return found


def _show_notes(notes: tuple[Note, ...]) -> None:
    for note in notes:
        tell(f"note: {note}")


def _show_found(store: Store) -> None:
    _show_notes(store.notes)
    tell(f"{store.acknowledged} events are acknowledged; going on from there")


def _show_repair(found: Repair, would_be: str) -> None:
    for note in found.notes:
        say(str(note))
    cut = sum(note.count for note in found.notes if note.code == NoteCode.TAIL_CUT)
    say(f"{found.position} events stay; {cut} bytes {would_be}cut")


def _write(file: IO[str], arguments: argparse.Namespace) -> None:
    start, until = arguments.start, arguments.until

    def visit(position: int, events: EventColumns) -> None:
        for index in range(len(events)):
            if position + index >= start and (until < 0 or position + index < until):
                line = json.dumps(event_table(position + index, events, index))
                file.write(line + "\n")

    for position, events in _all(arguments.folder, visit):
        visit(position, events)


def _all(folder: Path, visit: Any) -> Iterator[tuple[int, EventColumns]]:
    """Frames of a backend that is opened; those of files are visited while they are checked."""
    if _backend(folder) == FILES:
        look(folder, visit=visit)
        return
    store = open_journal(folder)
    try:
        for position, events, _ in store.frames():
            yield position, events
    finally:
        store.close()


def event_table(position: int, events: EventColumns, index: int) -> dict[str, Any]:
    """An Event with the names of its fields; book levels as [side, price, size]."""
    kind = events.kind[index]
    values = events.payload_of(index)
    names = FIELD_NAMES[kind]
    found: dict[str, Any] = {"position": position, "kind": EventKind(kind).name}
    found |= {name: getattr(events, name)[index] for name in ENVELOPE}
    found |= dict(zip(names, values, strict=False))
    levels = values[len(names) :]
    if levels:
        found["levels"] = [list(levels[at : at + 3]) for at in range(0, len(levels), 3)]
    return found
