"""Repair of a journal: what a start does by itself, and snapshots that are no use.

What it decides: that there is nothing else. A torn end, an unreadable slot beside a whole log and
unfinished files are put right by every start; here it is done at once and told. Damage at or below
the watermark is refused here as there: the way out is another copy, or an export of what is whole.
"""

from __future__ import annotations

from pathlib import Path

from attrs import frozen

from tickproof.runtime.journal.folders import FILES, backend_of, look, open_journal
from tickproof.runtime.journal.recovery import Note, NoteCode
from tickproof.runtime.journal.refusing import FolderRefusal, JournalRefused


@frozen
class Repair:
    """What was, or would be, done; `position`: Events that stay."""

    notes: tuple[Note, ...]
    position: int


def plan(folder: Path) -> Repair:
    """What `repair` would do; changes nothing. Raises `JournalRefused` for what it cannot."""
    backend = backend_of(folder)
    if not backend:
        raise JournalRefused(FolderRefusal.NO_JOURNAL, str(folder))
    if backend == FILES:
        found = look(folder)
        return Repair(found.notes, found.position)
    store = open_journal(folder)
    try:
        return Repair(store.notes, store.acknowledged)
    finally:
        store.close()


def repair(folder: Path) -> Repair:
    """Do it; raises `JournalRefused` for what cannot be repaired, and then nothing is changed."""
    planned = plan(folder)
    store = open_journal(folder, deep=True)
    try:
        for note in planned.notes:
            if note.code == NoteCode.SNAPSHOT_DAMAGED:
                store.drop_snapshot(note)
        return Repair(planned.notes, store.acknowledged)
    finally:
        store.close()
