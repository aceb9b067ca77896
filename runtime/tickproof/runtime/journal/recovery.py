"""Reading a journal's folder: the marks, the log from its beginning, then the snapshots.

What it decides: the order in which things are read, and which event of the recovery table each is.
What follows from it is the table's (`spec.journal`): go on, cut, keep or refuse. Nothing is changed
here; `log` and `repairing` do what the outcome says.

A segment that another follows is taken as a whole when its digest is the one its successor holds:
equal bytes were whole frames when they were written. Otherwise, and with `deep`, frame by frame.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from enum import IntEnum

from attrs import evolve, frozen

from tickproof.runtime.journal.refusing import FolderRefusal, JournalRefused
from tickproof.runtime.journal.storage import LOCK, UNFINISHED, Storage
from tickproof.spec.errors import InvariantBroken
from tickproof.spec.journal import (
    Found,
    Recovery,
    RecoveryEvent,
    RecoveryRefusal,
    RecoveryState,
    recovery_step,
)
from tickproof.spec.journal_format import (
    SEGMENT_HEADER_BYTES,
    WATERMARK_BYTES,
    FrameSeen,
    FrameState,
    Kept,
    Mark,
    SegmentHeader,
    digest,
    first_chain,
    read_frame,
    read_segment_header,
    read_slots,
    read_snapshot,
)
from tickproof.spec.stream import EventColumns

WATERMARK = "watermark"
RUN = "run.json"
"""What a journal is of; its digest is the journal's identity, where there is one."""

NAMES = re.compile(rf"{WATERMARK}|{LOCK}|{RUN}|(segment)-(\d{{10}})|(snapshot)-(\d{{20}})")
"""Every name that may be in a folder, but for unfinished files."""

FRAME_EVENTS: dict[int, RecoveryEvent] = {
    FrameState.WHOLE: RecoveryEvent.FRAME_WHOLE,
    FrameState.SHORT: RecoveryEvent.FRAME_SHORT,
    FrameState.HEADER_DAMAGED: RecoveryEvent.FRAME_HEADER_DAMAGED,
    FrameState.BODY_DAMAGED: RecoveryEvent.FRAME_BODY_DAMAGED,
    FrameState.CHAIN_BROKEN: RecoveryEvent.FRAME_CHAIN_BROKEN,
    FrameState.POSITION_WRONG: RecoveryEvent.FRAME_POSITION_WRONG,
    FrameState.PAYLOAD_UNREADABLE: RecoveryEvent.FRAME_UNREADABLE,
}

Visit = Callable[[int, EventColumns], None]
"""Called with the position and the Events of every frame that is read one by one."""


class NoteCode(IntEnum):
    """What a recovery finds and can live with; each is told, none is passed over in silence."""

    SLOT_DAMAGED = 1
    TAIL_CUT = 2
    TAIL_KEPT = 3
    SNAPSHOT_DAMAGED = 4
    UNFINISHED_FILE = 5


@frozen
class Note:
    """A finding: `file`, `offset` in it (-1: the whole), `count`: bytes or positions meant."""

    code: int
    file: str
    offset: int = -1
    count: int = 0

    def __str__(self) -> str:
        place = self.file if self.offset < 0 else f"{self.file} at byte {self.offset}"
        words = {
            NoteCode.SLOT_DAMAGED: "a slot cannot be read; the log is whole, nothing is lost",
            NoteCode.TAIL_CUT: f"{self.count} bytes that were never acknowledged are cut off",
            NoteCode.TAIL_KEPT: f"{self.count} events beyond the watermark are whole and stay",
            NoteCode.SNAPSHOT_DAMAGED: "a damaged snapshot is passed over; the log has it all",
            NoteCode.UNFINISHED_FILE: "a file that was not finished is removed",
        }[NoteCode(self.code)]
        return f"{place}: {NoteCode(self.code).name}: {words}"


@frozen
class Segment:
    """A segment: its header, and its length up to which it counts."""

    header: SegmentHeader
    length: int


@frozen
class Recovered:
    """What a folder holds. `mark`: the newest that could be read; `recovery`: where it ended."""

    mark: Mark
    recovery: Recovery
    segments: tuple[Segment, ...]
    notes: tuple[Note, ...] = ()
    snapshots: tuple[int, ...] = ()

    @property
    def position(self) -> int:
        """Events that stay."""
        return self.recovery.position


def segment_name(number: int) -> str:
    """The file of a segment."""
    return f"segment-{number:010d}"


def snapshot_name(position: int) -> str:
    """The file of a snapshot."""
    return f"snapshot-{position:020d}"


def numbers(names: list[str], kind: str) -> list[int]:
    """Numbers of the files of a kind: segments or snapshots."""
    found = (re.fullmatch(rf"{kind}-(\d+)", name) for name in names)
    return sorted(int(each[1]) for each in found if each is not None)


def check_names(storage: Storage, place: str) -> list[str]:
    """Names in the folder; raises `JournalRefused` for one that is no journal's."""
    names = storage.names()
    for name in names:
        if NAMES.fullmatch(name.removesuffix(UNFINISHED)) is None:
            raise JournalRefused(FolderRefusal.FOREIGN_FILE, f"{place}/{name}")
    return names


class Reader:
    """One recovery. `place`: the folder's name, for messages."""

    def __init__(
        self, storage: Storage, place: str, identity: bytes, deep: bool, visit: Visit | None
    ) -> None:
        self.storage = storage
        self.place = place
        self.identity = identity
        self.deep = deep
        self.visit = visit
        self.recovery = Recovery()
        self.notes: list[Note] = []
        self.segments: list[Segment] = []

    def run(self) -> Recovered:
        """All of it; raises `JournalRefused`, and `OSError` for what cannot be read."""
        names = check_names(self.storage, self.place)
        mark = self._slots(names)
        self._log(numbers(names, "segment"))
        snapshots = self._snapshots(numbers(names, "snapshot"))
        for name in names:
            if name.endswith(UNFINISHED):
                self.notes.append(Note(NoteCode.UNFINISHED_FILE, name))
        return Recovered(
            mark, self.recovery, tuple(self.segments), tuple(self.notes), tuple(snapshots)
        )

    # --- the table -------------------------------------------------------------------------------

    def _tell(self, event: RecoveryEvent, file: str, found: Found) -> Recovery:
        """What the table makes of an event; a refusal ends the recovery."""
        outcome = recovery_step(self.recovery, event, found)
        if outcome.refusal:
            is_read = self.recovery.state != RecoveryState.START
            raise JournalRefused(
                RecoveryRefusal(outcome.refusal),
                f"{self.place}/{file}",
                self.recovery.offset if is_read and file.startswith("segment") else -1,
                self.recovery.position if is_read else -1,
            )
        self.recovery = outcome.recovery
        return self.recovery

    def _here(self) -> Found:
        at = self.recovery
        return Found(at.segment, at.offset, at.position, at.chain)

    # --- marks -----------------------------------------------------------------------------------

    def _slots(self, names: list[str]) -> Mark:
        if WATERMARK not in names:
            self._tell(RecoveryEvent.SLOTS_MISSING, WATERMARK, Found())
        data = self.storage.read(WATERMARK)
        is_sized = len(data) <= WATERMARK_BYTES
        readable = [each for each in read_slots(data) if each is not None and is_sized]
        if not readable:
            self._tell(RecoveryEvent.SLOTS_DAMAGED, WATERMARK, Found())
        readable.sort(key=lambda mark: mark.sequence)
        mark = readable[-1]
        if len(readable) == 1:
            damaged = (1 - mark.sequence % 2) * (WATERMARK_BYTES // 2)
            self.notes.append(Note(NoteCode.SLOT_DAMAGED, WATERMARK, damaged))
        elif not _are_successive(*readable):
            self._tell(RecoveryEvent.SLOTS_CONTRADICT, WATERMARK, Found())
        if self.identity and mark.identity != self.identity:
            self._tell(RecoveryEvent.SLOTS_FOREIGN, WATERMARK, Found())
        self.identity = mark.identity
        is_sure = int(len(readable) == 2)
        found = Found(mark.segment, mark.offset, mark.position, mark.chain, is_sure)
        self._tell(RecoveryEvent.SLOTS_READ, WATERMARK, found)
        self.recovery = evolve(self.recovery, chain=first_chain(mark.identity))
        return mark

    # --- the log ---------------------------------------------------------------------------------

    def _log(self, present: list[int]) -> None:
        last = max((*present, self.recovery.mark_segment))
        before: bytes = b""
        data = self._segment(0, present)
        for number in range(last + 1):
            following = self._segment(number + 1, present) if number < last else b""
            header = self._open(number, data, before)
            self._read(number, data, following, number == last)
            # Where a cut ended the reading the segment counts up to there.
            self.segments.append(Segment(header, self.recovery.offset))
            before, data = data, following

    def _segment(self, number: int, present: list[int]) -> bytes:
        if number not in present:
            self.recovery = evolve(self.recovery, offset=0)
            self._tell(RecoveryEvent.SEGMENT_MISSING, segment_name(number), Found())
        return self.storage.read(segment_name(number))

    def _open(self, number: int, data: bytes, before: bytes) -> SegmentHeader:
        """The header of a segment, which must follow from what was read."""
        name, at = segment_name(number), self.recovery
        header = read_segment_header(data)
        if header is None:
            self.recovery = evolve(self.recovery, offset=0)
            self._tell(RecoveryEvent.SEGMENT_DAMAGED, name, Found())
            raise InvariantBroken("a damaged segment is refused in every state")
        expected = SegmentHeader(
            self.identity, number, at.position, at.chain, len(before), digest(before)
        )
        if header != expected:
            is_foreign = header.identity != self.identity
            self.recovery = evolve(self.recovery, offset=0)
            event = RecoveryEvent.SEGMENT_FOREIGN if is_foreign else RecoveryEvent.SEGMENT_UNLINKED
            self._tell(event, name, Found())
        found = Found(number, SEGMENT_HEADER_BYTES, at.position, at.chain)
        self._tell(RecoveryEvent.SEGMENT_OPENED, name, found)
        self._look_for_mark(name)
        return header

    def _read(self, number: int, data: bytes, following: bytes, is_last: bool) -> None:
        """A segment's frames, as a whole where its successor vouches for it."""
        name = segment_name(number)
        if not self.deep and not is_last and self.recovery.state == RecoveryState.BELOW:
            seal = read_segment_header(following)
            if seal is not None and _seals(seal, self.identity, number, data):
                found = Found(number, len(data), seal.position, seal.chain, is_last=0)
                self._tell(RecoveryEvent.SEALED_SEGMENT, name, found)
                self._look_for_mark(name)
                return
        self._frames(name, memoryview(data), is_last)

    def _frames(self, name: str, data: memoryview, is_last: bool) -> None:
        while True:
            seen = self._stretch(name, data, is_last)
            at = self.recovery
            if seen.state == FrameState.END:
                event = RecoveryEvent.LOG_ENDED if is_last else RecoveryEvent.SEGMENT_ENDED
                self._tell(event, name, self._here())
                if is_last and at.position > at.mark_position:
                    kept = at.position - at.mark_position
                    self.notes.append(Note(NoteCode.TAIL_KEPT, name, at.mark_offset, kept))
                return
            count = 0 if seen.events is None else len(seen.events)
            found = Found(
                at.segment, seen.end, at.position + count, seen.chain, is_last=int(is_last)
            )
            self._tell(FRAME_EVENTS[seen.state], name, found)
            if self.recovery.state == RecoveryState.CUT:
                left = len(data) - at.offset
                self.notes.append(Note(NoteCode.TAIL_CUT, name, at.offset, left))
                return
            if self.visit is not None and seen.events is not None:
                self.visit(at.position, seen.events)
            self._look_for_mark(name)

    def _stretch(self, name: str, data: memoryview, is_last: bool) -> FrameSeen:
        """Whole frames up to the mark, or the end: told once, for where the last one ends.

        What the table says of such a frame depends on its end alone, and is the same for all of
        them. Gives what stands behind them.
        """
        at = self.recovery
        is_marked = at.state == RecoveryState.BELOW and at.segment == at.mark_segment
        stop = at.mark_offset if is_marked else len(data)
        offset, position, chain = at.offset, at.position, at.chain
        seen = read_frame(data, offset, position, chain)
        while seen.events is not None and seen.end < stop:
            if self.visit is not None:
                self.visit(position, seen.events)
            offset, chain = seen.end, seen.chain
            position += len(seen.events)
            seen = read_frame(data, offset, position, chain)
        if offset > at.offset:
            found = Found(at.segment, offset, position, chain, is_last=int(is_last))
            self._tell(RecoveryEvent.FRAME_WHOLE, name, found)
        return seen

    def _look_for_mark(self, name: str) -> None:
        at = self.recovery
        if at.state == RecoveryState.BELOW and (at.segment, at.offset) == (
            at.mark_segment,
            at.mark_offset,
        ):
            self._tell(RecoveryEvent.MARK_REACHED, name, self._here())

    # --- snapshots -------------------------------------------------------------------------------

    def _snapshots(self, positions: list[int]) -> list[int]:
        usable = []
        for position in positions:
            name = snapshot_name(position)
            kept = read_snapshot(self.storage.read(name))
            if kept is None or kept.position != position:
                self._tell(RecoveryEvent.SNAPSHOT_DAMAGED, name, Found())
                self.notes.append(Note(NoteCode.SNAPSHOT_DAMAGED, name))
            elif kept.identity != self.identity:
                self._tell(RecoveryEvent.SNAPSHOT_FOREIGN, name, Found())
            else:
                found = Found(position=position)
                self._tell(RecoveryEvent.SNAPSHOT_WHOLE, name, found)
                usable.append(position)
        return usable


def _are_successive(older: Mark, newer: Mark) -> bool:
    return (
        newer.sequence == older.sequence + 1
        and newer.identity == older.identity
        and (newer.segment, newer.offset) >= (older.segment, older.offset)
        and newer.position >= older.position
    )


def _seals(seal: SegmentHeader, identity: bytes, number: int, data: bytes) -> bool:
    return (
        seal.identity == identity
        and seal.number == number + 1
        and seal.previous_length == len(data)
        and seal.previous_digest == digest(data)
    )


def recover(
    storage: Storage,
    place: str,
    identity: bytes = b"",
    *,
    deep: bool = False,
    visit: Visit | None = None,
) -> Recovered:
    """Read a journal; `identity`: the one it must have, if that is known.

    Raises `JournalRefused` with code, file and offset, and `OSError`.
    """
    return Reader(storage, place, identity, deep, visit).run()


def frames_from(
    storage: Storage, place: str, segments: Sequence[Segment], start: int
) -> Iterator[tuple[int, EventColumns, bytes]]:
    """Frames that hold or follow position `start`: position, Events, and the chain after them.

    Raises `JournalRefused` when the log is no longer what was recovered.
    """
    first = 0
    for index, segment in enumerate(segments):
        if segment.header.position <= start:
            first = index
    for segment in segments[first:]:
        name = segment_name(segment.header.number)
        data = memoryview(storage.read(name))[: segment.length]
        offset, position = SEGMENT_HEADER_BYTES, segment.header.position
        chain = segment.header.chain
        while offset < len(data):
            seen = read_frame(data, offset, position, chain)
            if seen.events is None:
                event = FRAME_EVENTS[seen.state].name
                code = RecoveryRefusal[event]
                raise JournalRefused(code, f"{place}/{name}", offset, position)
            if position + len(seen.events) > start:
                yield position, seen.events, seen.chain
            offset, chain = seen.end, seen.chain
            position += len(seen.events)


def kept_at(storage: Storage, place: str, position: int) -> Kept:
    """The snapshot at a position that `recover` found usable."""
    name = snapshot_name(position)
    found = read_snapshot(storage.read(name))
    if found is None:
        raise JournalRefused(RecoveryRefusal.SNAPSHOT_FOREIGN, f"{place}/{name}")
    return found
