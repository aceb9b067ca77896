"""Journals by folder: made, opened and looked at, whatever keeps them.

What it decides: which backend a folder is of, and that whatever the operating system refuses at
the beginning (a read-only disk, no permission, a file in place of a folder) is bad input: one line,
exit code 2, nothing written.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from tickproof.runtime.journal import sqlite
from tickproof.runtime.journal.log import SEGMENT_BYTES, Journal, Store, take_lock
from tickproof.runtime.journal.recovery import (
    RUN,
    WATERMARK,
    Recovered,
    Visit,
    numbers,
    recover,
    segment_name,
)
from tickproof.runtime.journal.refusing import FolderRefusal, JournalRefused
from tickproof.runtime.journal.sqlite import SqliteJournal
from tickproof.runtime.journal.storage import UNFINISHED, FileStorage, write_new
from tickproof.spec.journal_format import IDENTITY_BYTES, SEGMENT_HEADER_BYTES

FILES, SQLITE = "files", "sqlite"
BACKENDS = (FILES, SQLITE)
"""What can keep a journal."""


@contextmanager
def _told(folder: Path) -> Iterator[None]:
    """What the operating system refuses, as a refusal."""
    try:
        yield
    except OSError as error:
        place = error.filename if isinstance(error.filename, str) else str(folder)
        words = error.strerror or str(error)
        raise JournalRefused(FolderRefusal.UNUSABLE, place, got=words) from error


def backend_of(folder: Path) -> str:
    """What keeps the journal in a folder; "" where there is none. Raises `JournalRefused`."""
    with _told(folder):
        try:
            names = [path.name for path in folder.iterdir()]
        except FileNotFoundError:
            return ""
    if sqlite.DATABASE in names:
        return SQLITE
    return FILES if WATERMARK in names or numbers(names, "segment") else ""


def identity_of(run: bytes) -> bytes:
    """The identity of a journal that is of a run: no byte of `run.json` can change unseen."""
    return hashlib.blake2b(run, digest_size=IDENTITY_BYTES).digest()


def new_run(description: Mapping[str, Any]) -> bytes:
    """The text of `run.json`: a description, and what makes it like no other."""
    table = {**description, "nonce": os.urandom(16).hex()}
    return (json.dumps(table, indent=1) + "\n").encode()


def create(
    folder: Path,
    backend: str = FILES,
    *,
    run: bytes = b"",
    segment_bytes: int = SEGMENT_BYTES,
) -> Store:
    """A new journal in a folder, which is made; `run`: of `new_run`, kept beside it.

    Raises `JournalRefused`.
    """
    _check_nothing_is_there(folder, backend)
    identity = identity_of(run) if run else os.urandom(IDENTITY_BYTES)
    with _told(folder):
        storage = FileStorage(folder, create=True)
        try:
            if run:
                _check_empty(storage, folder)
                take_lock(storage, str(folder))
                # Whoever was quicker has finished by now, or would have the lock.
                _check_nothing_is_there(folder, backend)
                write_new(storage, RUN, run)
            if backend == SQLITE:
                return SqliteJournal.create(storage, str(folder), identity)
            return Journal.create(storage, str(folder), identity, segment_bytes=segment_bytes)
        except BaseException:
            storage.close()
            raise


def _check_nothing_is_there(folder: Path, backend: str) -> None:
    found = backend_of(folder)
    if found and not (found == backend and _is_unfinished(folder, backend)):
        raise JournalRefused(FolderRefusal.EXISTS, str(folder))


def _is_unfinished(folder: Path, backend: str) -> bool:
    """Whether an earlier attempt ended before there was a journal: nothing was told of it."""
    if backend == SQLITE:
        return sqlite.is_unfinished(folder)
    with _told(folder):
        names = [path.name for path in folder.iterdir()]
        if WATERMARK in names or numbers(names, "segment") != [0]:
            return False
        return (folder / segment_name(0)).stat().st_size == SEGMENT_HEADER_BYTES


def _check_empty(storage: FileStorage, folder: Path) -> None:
    """Before anything is written: there is nothing here but what an earlier attempt left."""
    known = (*sqlite.FILES, RUN, WATERMARK, segment_name(0))
    for name in storage.names():
        if name.removesuffix(UNFINISHED) not in known:
            raise JournalRefused(FolderRefusal.FOREIGN_FILE, str(folder / name))


def read_run(folder: Path) -> bytes:
    """`run.json` of a journal; b"" where it has none. Raises `JournalRefused`."""
    with _told(folder):
        try:
            return (folder / RUN).read_bytes()
        except FileNotFoundError:
            return b""


def open_journal(folder: Path, *, segment_bytes: int = SEGMENT_BYTES, deep: bool = False) -> Store:
    """The journal in a folder, to go on with; raises `JournalRefused`.

    What a crash left unfinished is cut, and what is kept is acknowledged.
    """
    backend = backend_of(folder)
    if not backend:
        raise JournalRefused(FolderRefusal.NO_JOURNAL, str(folder))
    run = read_run(folder)
    identity = identity_of(run) if run else b""
    with _told(folder):
        storage = FileStorage(folder)
        try:
            if backend == SQLITE:
                return SqliteJournal.open(storage, str(folder), identity)
            return Journal.open(
                storage, str(folder), identity, segment_bytes=segment_bytes, deep=deep
            )
        except BaseException:
            storage.close()
            raise


def look(folder: Path, *, deep: bool = True, visit: Visit | None = None) -> Recovered:
    """What a start would find in a journal of files; changes nothing. Raises `JournalRefused`."""
    run = read_run(folder)
    with _told(folder):
        storage = FileStorage(folder)
        identity = identity_of(run) if run else b""
        return recover(storage, str(folder), identity, deep=deep, visit=visit)
