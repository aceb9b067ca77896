"""`segments`: truncated, lengthened, swapped, missing, doubled and foreign files.

Every frame is a segment of its own here, so each kind of damage meets the first, a middle and the
last segment. All was acknowledged: every case is refused, with the code that says what is wrong.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations

from attrs import evolve

from tests.runtime.journal.matrix.samples import Files, journal_files, look
from tests.runtime.journal.matrix.tally import Tally
from tests.runtime.journal.scenarios import IDENTITY, PLACE, Verdict
from tests.runtime.journal.simulated import SimulatedDisk
from tickproof.runtime.journal.log import Journal
from tickproof.runtime.journal.recovery import WATERMARK, segment_name, snapshot_name
from tickproof.runtime.journal.refusing import FolderRefusal, JournalRefused
from tickproof.spec.journal import RecoveryRefusal
from tickproof.spec.journal_format import (
    SEGMENT_HEADER_BYTES,
    Kept,
    read_slots,
    snapshot_bytes,
    watermark_bytes,
)

SEGMENTS = 6
OTHER = bytes(reversed(range(32)))
Case = tuple[str, Files, str, str]
"""Name, files, the code that refuses them, and the file it names."""

R = RecoveryRefusal


def run(nightly: bool) -> Tally:
    """All of it; `nightly` changes nothing."""
    tally = Tally("segments")
    files = journal_files(SEGMENTS, segment_bytes=1)
    for part in (_truncated, _lengthened, _misplaced, _foreign, _marks, _snapshots):
        for name, damaged, code, file in part(files):
            for deep in (False, True):
                tally.add(f"{name}, deep {deep}", _verdict(damaged, code, file, deep))
    return tally


def _verdict(files: Files, code: str, file: str, deep: bool) -> Verdict:
    try:
        if deep:
            look(files, deep=True)
        else:
            Journal.open(SimulatedDisk.holding(files), PLACE)
    except JournalRefused as refused:
        if refused.code.name == code and refused.file.endswith(file):
            return Verdict()
        return Verdict(f"{refused}, not {code} of {file}")
    return Verdict("nobody refused", 1)


def _without(files: Files, *names: str) -> Files:
    return {name: data for name, data in files.items() if name not in names}


def _truncated(files: Files) -> Iterator[Case]:
    for number in range(SEGMENTS):
        name = segment_name(number)
        for length in range(len(files[name])):
            code, file = R.FRAME_SHORT, name
            if length < SEGMENT_HEADER_BYTES:
                code = R.SEGMENT_DAMAGED
            elif length == SEGMENT_HEADER_BYTES:
                # Between two frames only the successor, or the mark, knows that one is missing.
                is_last = number == SEGMENTS - 1
                code = R.LOG_SHORT if is_last else R.SEGMENT_UNLINKED
                file = name if is_last else segment_name(number + 1)
            cut = {**files, name: files[name][:length]}
            yield f"segment {number} of {length} bytes", cut, code.name, file


def _lengthened(files: Files) -> Iterator[Case]:
    """The last one is left out: what stands beyond the mark may be cut."""
    for number in range(SEGMENTS - 1):
        name = segment_name(number)
        for extra in (b"\0", bytes(16), bytes(400), files[name][SEGMENT_HEADER_BYTES:]):
            code = R.FRAME_SHORT if len(extra) < 16 else R.FRAME_HEADER_DAMAGED
            if any(extra):
                code = R.FRAME_CHAIN_BROKEN
            longer = {**files, name: files[name] + extra}
            yield f"segment {number}, {len(extra)} bytes more", longer, code.name, name


def _misplaced(files: Files) -> Iterator[Case]:
    names = [segment_name(number) for number in range(SEGMENTS)]
    for left, right in combinations(names, 2):
        swapped = {**files, left: files[right], right: files[left]}
        yield f"{left} and {right} swapped", swapped, "SEGMENT_UNLINKED", left
        copied = {**files, right: files[left]}
        yield f"{right} is {left} again", copied, "SEGMENT_UNLINKED", right
    for name in names:
        yield f"{name} missing", _without(files, name), "SEGMENT_MISSING", name
    extra = segment_name(SEGMENTS)
    yield "one more", {**files, extra: files[names[0]]}, "SEGMENT_UNLINKED", extra
    gap = segment_name(SEGMENTS + 1)
    yield "one too far", {**files, gap: files[names[0]]}, "SEGMENT_MISSING", extra


def _foreign(files: Files) -> Iterator[Case]:
    """Of another journal with the same events, and of the same journal with others."""
    theirs = journal_files(SEGMENTS, segment_bytes=1, identity=OTHER)
    other = journal_files(SEGMENTS, segment_bytes=1, first=500)
    for number in range(SEGMENTS):
        name = segment_name(number)
        yield f"{name} foreign", {**files, name: theirs[name]}, "SEGMENT_FOREIGN", name
        found = name if number else segment_name(1)
        yield f"{name} of other events", {**files, name: other[name]}, "SEGMENT_UNLINKED", found
    yield "a file nobody knows", {**files, "notes.txt": b""}, "FOREIGN_FILE", "notes.txt"
    temporary = {**files, "notes.txt.new": b""}
    yield "an unfinished one too", temporary, FolderRefusal.FOREIGN_FILE.name, "notes.txt.new"


def _marks(files: Files) -> Iterator[Case]:
    theirs = journal_files(SEGMENTS, segment_bytes=1, identity=OTHER)
    longer = journal_files(SEGMENTS + 2, segment_bytes=1)
    first = segment_name(0)
    without = _without(files, WATERMARK)
    yield "no watermark", without, "SLOTS_MISSING", WATERMARK
    yield "an empty one", {**files, WATERMARK: b""}, "SLOTS_DAMAGED", WATERMARK
    yield "a foreign one", {**files, WATERMARK: theirs[WATERMARK]}, "SEGMENT_FOREIGN", first
    ahead = {**files, WATERMARK: longer[WATERMARK]}
    yield "a mark of a longer log", ahead, "SEGMENT_MISSING", segment_name(SEGMENTS)
    older, newer = sorted(filter(None, read_slots(files[WATERMARK])), key=lambda m: m.sequence)
    for name, wrong in (
        ("another identity", evolve(older, identity=OTHER)),
        ("a sequence between", evolve(older, sequence=older.sequence - 2)),
        ("an older mark further on", evolve(older, position=newer.position + 1)),
        ("an older mark in a later segment", evolve(older, segment=newer.segment + 1)),
    ):
        marks = watermark_bytes((wrong, newer))
        yield name, {**files, WATERMARK: marks}, "SLOTS_CONTRADICT", WATERMARK
    last = segment_name(newer.segment)
    for name, wrong in (
        ("another position", evolve(newer, position=newer.position + 1)),
        ("another chain", evolve(newer, chain=OTHER)),
        ("a mark within a frame", evolve(newer, offset=newer.offset - 1)),
    ):
        marks = watermark_bytes((older, wrong))
        yield name, {**files, WATERMARK: marks}, "MARK_DISAGREES", last


def _snapshots(files: Files) -> Iterator[Case]:
    chain = bytes(32)
    ahead, foreign = snapshot_name(999), snapshot_name(2)
    data = snapshot_bytes(Kept(IDENTITY, 999, chain, b""))
    yield "a snapshot of a longer log", {**files, ahead: data}, "SNAPSHOT_AHEAD", ahead
    data = snapshot_bytes(Kept(OTHER, 2, chain, b""))
    yield "a foreign snapshot", {**files, foreign: data}, "SNAPSHOT_FOREIGN", foreign
