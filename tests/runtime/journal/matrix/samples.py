"""Whole journals as files in memory, to be damaged."""

from __future__ import annotations

from attrs import frozen

from tests.runtime.journal.scenarios import IDENTITY, PLACE, STREAM, snapshot_of
from tests.runtime.journal.simulated import SimulatedDisk
from tickproof.runtime.journal.log import Journal
from tickproof.runtime.journal.recovery import Recovered, recover, segment_name
from tickproof.spec.journal_format import SEGMENT_HEADER_BYTES, read_frame, read_segment_header

Files = dict[str, bytes]
FRAMES = 20


@frozen
class FrameAt:
    """Where a frame stands: `segment`, bytes `start` to `end`, its first `position`, `count`."""

    segment: int
    start: int
    end: int
    position: int
    count: int
    previous: bytes


def journal_files(
    frames: int = FRAMES,
    *,
    segment_bytes: int = 1 << 20,
    identity: bytes = IDENTITY,
    snapshot_at: int = -1,
    first: int = 0,
) -> Files:
    """A journal of frames with 1 to 3 events each, a commit each; `first`: where the stream is."""
    disk = SimulatedDisk()
    journal = Journal.create(disk, PLACE, identity, segment_bytes=segment_bytes)
    for number in range(frames):
        start = first + journal.position
        journal.append(STREAM, start % 1_000, start % 1_000 + 1 + number % 3)
        journal.commit()
        if number + 1 == snapshot_at:
            journal.keep_snapshot(snapshot_of(journal.position))
    journal.close()
    return disk.contents()


def frames_of(files: Files) -> list[FrameAt]:
    """Every frame of a journal that nothing has happened to."""
    found = []
    number = 0
    while segment_name(number) in files:
        data = memoryview(files[segment_name(number)])
        header = read_segment_header(data)
        if header is None:
            raise ValueError("not whole")
        offset, position, chain = SEGMENT_HEADER_BYTES, header.position, header.chain
        while offset < len(data):
            seen = read_frame(data, offset, position, chain)
            if seen.events is None:
                raise ValueError("not whole")
            count = len(seen.events)
            found.append(FrameAt(number, offset, seen.end, position, count, chain))
            offset, position, chain = seen.end, position + count, seen.chain
        number += 1
    return found


def look(files: Files, *, deep: bool = False) -> Recovered:
    """A recovery of files; raises `JournalRefused`."""
    return recover(SimulatedDisk.holding(files), PLACE, deep=deep)


def flipped(data: bytes, bit: int) -> bytes:
    """One bit changed."""
    changed = bytearray(data)
    changed[bit // 8] ^= 1 << bit % 8
    return bytes(changed)
