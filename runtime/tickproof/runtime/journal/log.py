"""The journal as files: one writer, append only, acknowledged by a watermark [E3, OL12].

What it decides: which bytes go where, in which order. The order is the commit table's
(`spec.journal`), and every step is told to it, so nothing is acknowledged out of turn. Frames of a
commit go out in one write; then the log is synced, the mark written into the other slot, and that
synced. The first error ends it: the journal is failed, and whoever asks is told so.

A segment is begun only between commits, when everything before it is acknowledged. Files begin
under an unfinished name and are renamed when they are whole and synced.

What stands beyond the mark when a journal is opened is written once more before it is synced: a
system that failed to write it may believe that it did, and a sync of that would prove nothing.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from typing import Protocol

from attrs import evolve

from tickproof.runtime.durable import Locked
from tickproof.runtime.journal.pending import Pending
from tickproof.runtime.journal.recovery import (
    WATERMARK,
    Note,
    Recovered,
    Segment,
    check_names,
    frames_from,
    kept_at,
    numbers,
    recover,
    segment_name,
    snapshot_name,
)
from tickproof.runtime.journal.refusing import FolderRefusal, JournalFailed, JournalRefused
from tickproof.runtime.journal.storage import (
    UNFINISHED,
    Storage,
    write_all,
    write_new,
)
from tickproof.spec.errors import InvariantBroken
from tickproof.spec.journal import Commit, CommitEvent, CommitState, commit_step
from tickproof.spec.journal_format import (
    DIGEST_BYTES,
    SEGMENT_HEADER_BYTES,
    Kept,
    Mark,
    SegmentHeader,
    digest,
    first_chain,
    segment_header,
    slot_bytes,
    slot_of,
    snapshot_bytes,
    watermark_bytes,
)
from tickproof.spec.stream import EventColumns

SEGMENT_BYTES = 64 * 1024 * 1024
"""Length at which a segment is closed, unless said otherwise."""

SNAPSHOTS_KEPT = 2
"""Snapshots that stay; older ones are removed."""


class Store(Protocol):
    """A journal, whatever keeps it. Positions count Events from 0."""

    notes: tuple[Note, ...]

    @property
    def identity(self) -> bytes:
        """The 32 bytes that name this journal."""

    @property
    def position(self) -> int:
        """Events appended, acknowledged or not."""

    @property
    def acknowledged(self) -> int:
        """Events that no crash can take away."""

    @property
    def chain(self) -> bytes:
        """The chain at `acknowledged`."""

    @property
    def waiting_bytes(self) -> int:
        """Bytes that are appended and not yet written."""

    def append(self, batch: EventColumns, start: int = 0, stop: int = -1) -> int:
        """One frame of events start to stop; the position after it. Not acknowledged yet."""

    def commit(self) -> int:
        """Everything appended is on disk; the acknowledged position. Raises `JournalFailed`."""

    def frames(self, start: int = 0) -> Iterator[tuple[int, EventColumns, bytes]]:
        """Frames that hold or follow `start`: position, Events, the chain after them."""

    def keep_snapshot(self, data: bytes) -> int:
        """Commit, then keep `data` as the snapshot of all before; the position it is of."""

    def snapshots(self) -> tuple[int, ...]:
        """Positions of usable snapshots, rising."""

    def snapshot(self, position: int) -> Kept:
        """A snapshot of `snapshots`."""

    def drop_snapshot(self, note: Note) -> None:
        """Remove a snapshot that a recovery found damaged."""

    def close(self) -> None:
        """Let go; what was not committed is not kept."""


class Journal(Pending):
    """A journal of files; `create` and `open` make one. `notes`: what a recovery found."""

    def __init__(
        self, storage: Storage, place: str, recovered: Recovered, segment_bytes: int
    ) -> None:
        super().__init__(place, recovered.mark, recovered.position, recovered.recovery.chain)
        self.storage = storage
        self.notes = recovered.notes
        self.segment_bytes = segment_bytes
        self._segments = list(recovered.segments)
        self._snapshots = list(recovered.snapshots)
        position = recovered.mark.position
        self._commit = Commit(CommitState.IDLE, position, position, position, position)
        self._seal = hashlib.blake2b(digest_size=DIGEST_BYTES)

    # --- beginning -------------------------------------------------------------------------------

    @classmethod
    def create(
        cls,
        storage: Storage,
        place: str,
        identity: bytes,
        *,
        segment_bytes: int = SEGMENT_BYTES,
    ) -> Journal:
        """A new journal in a folder that holds none; raises `JournalRefused`, `OSError`.

        The watermark is made last: without it nothing was ever acknowledged, so what an earlier
        attempt left is made again.
        """
        check_names(storage, place)
        take_lock(storage, place)
        names = check_names(storage, place)
        if WATERMARK in names or any(each > 0 for each in numbers(names, "segment")):
            raise JournalRefused(FolderRefusal.EXISTS, place)
        name = segment_name(0)
        if name in names and storage.length(name) != SEGMENT_HEADER_BYTES:
            raise JournalRefused(FolderRefusal.EXISTS, place)
        header = SegmentHeader(identity, 0, 0, first_chain(identity), 0, digest(b""))
        write_new(storage, name, segment_header(header))
        mark = Mark(identity, 1, 0, header.chain, 0, SEGMENT_HEADER_BYTES)
        write_new(storage, WATERMARK, watermark_bytes((evolve(mark, sequence=0), mark)))
        return cls._recovered(storage, place, identity, segment_bytes)

    @classmethod
    def open(
        cls,
        storage: Storage,
        place: str,
        identity: bytes = b"",
        *,
        segment_bytes: int = SEGMENT_BYTES,
        deep: bool = False,
    ) -> Journal:
        """A journal as it was left; raises `JournalRefused`, `OSError`.

        Everything that is kept is acknowledged when this returns.
        """
        names = check_names(storage, place)
        if WATERMARK not in names and not numbers(names, "segment"):
            raise JournalRefused(FolderRefusal.NO_JOURNAL, place)
        take_lock(storage, place)
        return cls._recovered(storage, place, identity, segment_bytes, deep)

    @classmethod
    def _recovered(
        cls,
        storage: Storage,
        place: str,
        identity: bytes,
        segment_bytes: int,
        deep: bool = False,
    ) -> Journal:
        recovered = recover(storage, place, identity, deep=deep)
        journal = cls(storage, place, recovered, segment_bytes)
        try:
            journal._settle(recovered)
        except OSError as error:
            raise journal._failed(error) from error
        return journal

    def _settle(self, recovered: Recovered) -> None:
        """Do what a recovery decided: cut, write the tail again, sync it, mark it."""
        storage, mark = self.storage, recovered.mark
        for name in storage.names():
            if name.endswith(UNFINISHED):
                storage.remove(name)
        for segment in recovered.segments[mark.segment :]:
            name = segment_name(segment.header.number)
            is_marked = segment.header.number == mark.segment
            start = mark.offset if is_marked else SEGMENT_HEADER_BYTES
            data = storage.read(name)
            if len(data) > segment.length:
                storage.truncate(name, segment.length)
            if segment.length > start:
                write_all(storage, name, start, memoryview(data)[start : segment.length])
            if len(data) > start:
                storage.sync(name)
        # Whoever wrote here before may have ended between giving a name and syncing it.
        storage.sync_folder()
        storage.sync(WATERMARK)
        self._seal.update(storage.read(self._open_name)[: self._segments[-1].length])
        # Also makes an unreadable slot good again: the other one is never written over.
        if recovered.notes or recovered.position > mark.position:
            self._write_mark(recovered.position, recovered.recovery.chain)
            settled = recovered.position
            self._commit = Commit(CommitState.IDLE, settled, settled, settled, settled)

    # --- what it is ------------------------------------------------------------------------------

    @property
    def acknowledged(self) -> int:
        """Events that no crash can take away."""
        return self._commit.acknowledged

    @property
    def _open_name(self) -> str:
        return segment_name(self._segments[-1].header.number)

    # --- writing ---------------------------------------------------------------------------------

    def commit(self) -> int:
        """Everything appended is on disk; the acknowledged position. Raises `JournalFailed`."""
        waiting, position, chain = self._take()
        if waiting:
            try:
                self._write(b"".join(data for _, data in waiting), position, chain)
            except OSError as error:
                raise self._failed(error) from error
        return self.acknowledged

    def _write(self, data: bytes, position: int, chain: bytes) -> None:
        length = self._segments[-1].length
        if length >= self.segment_bytes and length > SEGMENT_HEADER_BYTES:
            self._rotate()
        storage, name, last = self.storage, self._open_name, self._segments[-1]
        write_all(storage, name, last.length, data)
        self._step(CommitEvent.FRAMES_WRITTEN, position)
        storage.sync(name)
        self._step(CommitEvent.LOG_SYNCED)
        self._segments[-1] = evolve(last, length=last.length + len(data))
        self._seal.update(data)
        self._write_mark(position, chain)

    def _write_mark(self, position: int, chain: bytes) -> None:
        """Acknowledge; where there is nothing to commit the table is not asked."""
        last = self._segments[-1]
        mark = Mark(
            self.identity,
            self._mark.sequence + 1,
            position,
            chain,
            last.header.number,
            last.length,
        )
        is_commit = self._commit.state == CommitState.SYNCED
        write_all(self.storage, WATERMARK, slot_of(mark), slot_bytes(mark))
        if is_commit:
            self._step(CommitEvent.MARK_WRITTEN)
        self.storage.sync(WATERMARK)
        self._mark = mark
        if is_commit:
            self._step(CommitEvent.MARK_SYNCED)

    def _rotate(self) -> None:
        """Begin the next segment; everything before it is acknowledged."""
        last = self._segments[-1]
        header = SegmentHeader(
            self.identity,
            last.header.number + 1,
            self._mark.position,
            self._mark.chain,
            last.length,
            self._seal.digest(),
        )
        data = segment_header(header)
        write_new(self.storage, segment_name(header.number), data)
        self._segments.append(Segment(header, len(data)))
        self._seal = hashlib.blake2b(data, digest_size=DIGEST_BYTES)

    def _step(self, event: CommitEvent, position: int = 0) -> None:
        outcome = commit_step(self._commit, event, position)
        if outcome.refusal:
            raise InvariantBroken(f"a commit took {event.name} out of turn")
        self._commit = outcome.commit

    def _failed(self, error: OSError) -> JournalFailed:
        """From here on nothing is written, and nothing more is acknowledged."""
        self._fail(error.strerror or type(error).__name__)
        self._commit = commit_step(self._commit, CommitEvent.ERROR).commit
        return JournalFailed(self.place, self.acknowledged, self._failure)

    # --- snapshots -------------------------------------------------------------------------------

    def keep_snapshot(self, data: bytes) -> int:
        """Commit, then keep `data` as the snapshot of all before; the position it is of."""
        position = self.commit()
        kept = Kept(self.identity, position, self.chain, data)
        try:
            write_new(self.storage, snapshot_name(position), snapshot_bytes(kept))
            if position not in self._snapshots:
                self._snapshots.append(position)
            for old in self._snapshots[:-SNAPSHOTS_KEPT]:
                self.storage.remove(snapshot_name(old))
            del self._snapshots[:-SNAPSHOTS_KEPT]
        except OSError as error:
            raise self._failed(error) from error
        return position

    def snapshots(self) -> tuple[int, ...]:
        """Positions of usable snapshots, rising."""
        return tuple(self._snapshots)

    def snapshot(self, position: int) -> Kept:
        """A snapshot of `snapshots`."""
        return kept_at(self.storage, self.place, position)

    def drop_snapshot(self, note: Note) -> None:
        """Remove a snapshot that a recovery found damaged."""
        self.storage.remove(note.file)
        self.storage.sync_folder()

    # --- reading ---------------------------------------------------------------------------------

    def frames(self, start: int = 0) -> Iterator[tuple[int, EventColumns, bytes]]:
        """Frames that hold or follow `start`: position, Events, the chain after them."""
        return frames_from(self.storage, self.place, tuple(self._segments), start)

    def close(self) -> None:
        """Let go; what was not committed is not kept."""
        self.storage.close()


def take_lock(storage: Storage, place: str) -> None:
    """Be the only writer; raises `JournalRefused` when there is one."""
    try:
        storage.lock()
    except Locked as error:
        raise JournalRefused(FolderRefusal.LOCKED, place) from error
