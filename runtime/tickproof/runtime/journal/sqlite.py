"""The same journal in one SQLite file: a second opinion, and enough for a small deployment.

What it decides: nothing about Events. Frames are the bytes of `spec.journal_format`, so both
backends give the same chain; what makes them durable is SQLite's write-ahead log with a sync at
every commit (WAL, synchronous FULL). Frames, mark and snapshots change in one transaction, so
there is no tail to be cut; opening checks every frame and refuses with the codes of the files.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from attrs import evolve

from tickproof.runtime.journal.log import SNAPSHOTS_KEPT, take_lock
from tickproof.runtime.journal.pending import Pending
from tickproof.runtime.journal.recovery import FRAME_EVENTS, RUN, Note, NoteCode
from tickproof.runtime.journal.refusing import FolderRefusal, JournalFailed, JournalRefused
from tickproof.runtime.journal.storage import LOCK, FileStorage
from tickproof.spec.journal import RecoveryRefusal
from tickproof.spec.journal_format import (
    DIGEST_BYTES,
    FrameState,
    Kept,
    Mark,
    first_chain,
    read_frame,
    read_slots,
    read_snapshot,
    slot_bytes,
    snapshot_bytes,
    watermark_bytes,
)
from tickproof.spec.stream import EventColumns

DATABASE = "journal.sqlite"
FILES = (DATABASE, f"{DATABASE}-wal", f"{DATABASE}-shm", f"{DATABASE}-journal", LOCK, RUN)

SCHEMA = """
CREATE TABLE frames (position INTEGER PRIMARY KEY, bytes BLOB NOT NULL) STRICT;
CREATE TABLE mark (id INTEGER PRIMARY KEY CHECK (id = 1), bytes BLOB NOT NULL) STRICT;
CREATE TABLE snapshots (position INTEGER PRIMARY KEY, bytes BLOB NOT NULL) STRICT;
"""


class SqliteJournal(Pending):
    """A journal in `journal.sqlite` of a folder; `create` and `open` make one."""

    def __init__(self, storage: FileStorage, place: str, connection: sqlite3.Connection) -> None:
        super().__init__(place, Mark(b"", 0, 0, b"", 0, 0), 0, b"")
        self.storage = storage
        self.notes: tuple[Note, ...] = ()
        self._connection = connection
        self._snapshots: list[int] = []

    # --- beginning -------------------------------------------------------------------------------

    @classmethod
    def create(cls, storage: FileStorage, place: str, identity: bytes) -> SqliteJournal:
        """A new journal in a folder that holds none; raises `JournalRefused`, `OSError`."""
        names = _begin(storage, place)
        if DATABASE in names and not is_unfinished(storage.folder):
            raise JournalRefused(FolderRefusal.EXISTS, place)
        mark = Mark(identity, 1, 0, first_chain(identity), 0, 0)
        try:
            connection = _connect(storage.folder / DATABASE)
            with _closed_unless_done(connection):
                connection.executescript(f"BEGIN IMMEDIATE; {SCHEMA}")
                connection.execute("INSERT INTO mark VALUES (1, ?)", (slot_bytes(mark),))
                connection.execute("COMMIT")
                storage.sync_folder()
                journal = cls(storage, place, connection)
                journal._recover(identity)
        except sqlite3.Error as error:
            raise OSError(0, str(error)) from error
        return journal

    @classmethod
    def open(cls, storage: FileStorage, place: str, identity: bytes = b"") -> SqliteJournal:
        """A journal as it was left; raises `JournalRefused`, `OSError`."""
        if DATABASE not in _begin(storage, place):
            raise JournalRefused(FolderRefusal.NO_JOURNAL, place)
        try:
            connection = _connect(storage.folder / DATABASE)
            with _closed_unless_done(connection):
                journal = cls(storage, place, connection)
                journal._recover(identity)
        except sqlite3.Error as error:
            raise JournalRefused(
                RecoveryRefusal.SLOTS_DAMAGED, f"{place}/{DATABASE}", got=str(error)
            ) from error
        return journal

    def _recover(self, identity: bytes) -> None:
        file = f"{self.place}/{DATABASE}"
        row = self._connection.execute("SELECT bytes FROM mark").fetchone()
        mark = None if row is None else _read_mark(bytes(row[0]))
        if mark is None:
            raise JournalRefused(RecoveryRefusal.SLOTS_DAMAGED, file)
        if identity and mark.identity != identity:
            raise JournalRefused(RecoveryRefusal.SLOTS_FOREIGN, file)
        self._mark = mark
        position, chain = 0, first_chain(mark.identity)
        for start, events, after in self._read(0, position, chain):
            position, chain = start + len(events), after
        if (position, chain) != (mark.position, mark.chain):
            code = RecoveryRefusal.MARK_DISAGREES
            if position < mark.position:
                code = RecoveryRefusal.LOG_SHORT
            raise JournalRefused(code, file, -1, position)
        self._position, self._chain = position, chain
        self._recover_snapshots(file)

    def _recover_snapshots(self, file: str) -> None:
        notes = []
        rows = self._connection.execute("SELECT position, bytes FROM snapshots ORDER BY position")
        for position, data in rows:
            kept = read_snapshot(bytes(data))
            if kept is None or kept.position != position:
                notes.append(Note(NoteCode.SNAPSHOT_DAMAGED, DATABASE, -1, position))
            elif kept.identity != self.identity:
                raise JournalRefused(RecoveryRefusal.SNAPSHOT_FOREIGN, file, -1, position)
            elif position > self._position:
                raise JournalRefused(RecoveryRefusal.SNAPSHOT_AHEAD, file, -1, position)
            else:
                self._snapshots.append(position)
        self.notes = tuple(notes)

    # --- writing ---------------------------------------------------------------------------------

    def commit(self) -> int:
        """Everything appended is on disk; the acknowledged position. Raises `JournalFailed`."""
        waiting, position, chain = self._take()
        if waiting:
            sequence = self._mark.sequence + 1
            mark = evolve(self._mark, sequence=sequence, position=position, chain=chain)
            self._transact(
                ("INSERT INTO frames VALUES (?, ?)", waiting),
                ("UPDATE mark SET bytes = ? WHERE id = 1", [(slot_bytes(mark),)]),
            )
            self._mark = mark
        return self.acknowledged

    def _transact(self, *changes: tuple[str, Sequence[tuple[int | bytes, ...]]]) -> None:
        """All of the changes, synced, or none; raises `JournalFailed`."""
        try:
            self._connection.execute("BEGIN IMMEDIATE")
            for statement, rows in changes:
                self._connection.executemany(statement, rows)
            self._connection.execute("COMMIT")
        except sqlite3.Error as error:
            self._fail(str(error))
            raise JournalFailed(self.place, self.acknowledged, self._failure) from error

    def keep_snapshot(self, data: bytes) -> int:
        """Commit, then keep `data` as the snapshot of all before; the position it is of."""
        position = self.commit()
        kept = snapshot_bytes(Kept(self.identity, position, self.chain, data))
        if position not in self._snapshots:
            self._snapshots.append(position)
        self._transact(
            ("INSERT OR REPLACE INTO snapshots VALUES (?, ?)", [(position, kept)]),
            (
                "DELETE FROM snapshots WHERE position = ?",
                [(old,) for old in self._snapshots[:-SNAPSHOTS_KEPT]],
            ),
        )
        del self._snapshots[:-SNAPSHOTS_KEPT]
        return position

    def snapshots(self) -> tuple[int, ...]:
        """Positions of usable snapshots, rising."""
        return tuple(self._snapshots)

    def snapshot(self, position: int) -> Kept:
        """A snapshot of `snapshots`."""
        query = "SELECT bytes FROM snapshots WHERE position = ?"
        row = self._connection.execute(query, (position,)).fetchone()
        kept = None if row is None else read_snapshot(bytes(row[0]))
        if kept is None:
            file = f"{self.place}/{DATABASE}"
            raise JournalRefused(RecoveryRefusal.SNAPSHOT_FOREIGN, file, -1, position)
        return kept

    def drop_snapshot(self, note: Note) -> None:
        """Remove a snapshot that a recovery found damaged."""
        self._transact(("DELETE FROM snapshots WHERE position = ?", [(note.count,)]))

    # --- reading ---------------------------------------------------------------------------------

    def frames(self, start: int = 0) -> Iterator[tuple[int, EventColumns, bytes]]:
        """Frames that hold or follow `start`: position, Events, the chain after them."""
        query = "SELECT max(position) FROM frames WHERE position <= ?"
        first = self._connection.execute(query, (start,)).fetchone()[0]
        if first is None:
            return iter(())
        previous = first_chain(self.identity)
        if first > 0:
            query = "SELECT bytes FROM frames WHERE position < ? ORDER BY position DESC LIMIT 1"
            previous = bytes(self._connection.execute(query, (first,)).fetchone()[0])[
                -DIGEST_BYTES:
            ]
        found = self._read(first, first, previous)
        return (each for each in found if each[0] + len(each[1]) > start)

    def _read(
        self, first: int, position: int, chain: bytes
    ) -> Iterator[tuple[int, EventColumns, bytes]]:
        query = "SELECT position, bytes FROM frames WHERE position >= ? ORDER BY position"
        file = f"{self.place}/{DATABASE}"
        for place, data in self._connection.execute(query, (first,)):
            seen = read_frame(memoryview(bytes(data)), 0, position, chain)
            if seen.events is None or seen.end != len(data) or place != position:
                state = seen.state if seen.events is None else FrameState.POSITION_WRONG
                state = FrameState.SHORT if state == FrameState.END else state
                code = RecoveryRefusal[FRAME_EVENTS[state].name]
                raise JournalRefused(code, file, -1, position)
            yield position, seen.events, seen.chain
            position += len(seen.events)
            chain = seen.chain

    def close(self) -> None:
        """Let go; what was not committed is not kept."""
        self._connection.close()
        self.storage.close()


def is_unfinished(folder: Path) -> bool:
    """Whether a database was begun and not finished: it has no table, so nothing was told of it."""
    try:
        connection = _connect(folder / DATABASE)
        with _closed_unless_done(connection):
            count = connection.execute("SELECT count(*) FROM sqlite_master").fetchone()[0]
        connection.close()
    except sqlite3.Error:
        return False
    return int(count) == 0


@contextmanager
def _closed_unless_done(connection: sqlite3.Connection) -> Iterator[None]:
    """A journal that cannot be opened leaves no connection behind."""
    try:
        yield
    except BaseException:
        connection.close()
        raise


def _begin(storage: FileStorage, place: str) -> list[str]:
    """Check the folder's names and take the lock; raises `JournalRefused`."""
    names = storage.names()
    for name in names:
        if name not in FILES:
            raise JournalRefused(FolderRefusal.FOREIGN_FILE, f"{place}/{name}")
    take_lock(storage, place)
    return names


def _connect(path: Path) -> sqlite3.Connection:
    # Appending and committing may be on two threads, never at once: `_guard` and group commit.
    connection = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
    try:
        mode = connection.execute("PRAGMA journal_mode = WAL").fetchone()[0]
        if mode != "wal":
            raise sqlite3.OperationalError(f"journal mode {mode}, not wal")
        connection.execute("PRAGMA synchronous = FULL")
    except BaseException:
        connection.close()
        raise
    return connection


def _read_mark(data: bytes) -> Mark | None:
    """A mark that stands alone, without the zeros around it in a file."""
    for number in (0, 1):
        file = bytearray(watermark_bytes(()))
        start = number * (len(file) // 2)
        file[start : start + len(data)] = data
        found = read_slots(bytes(file))[number]
        if found is not None:
            return found
    return None
