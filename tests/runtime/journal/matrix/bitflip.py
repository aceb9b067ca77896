"""`bitflip`: every bit of log, watermark and snapshot; the log's headers are its index.

A changed bit is found by whoever reads it, and costs nothing that was acknowledged: in the log the
start is refused at that frame or header; a slot or a snapshot is told of and the rest stands. Two
looks: at each bit the step of a reader that meets it (all bits, always), and whole starts (a
sample; nightly all bits of the short log, and a sample of the long one).
"""

from __future__ import annotations

from random import Random

from tests.runtime.journal.matrix.samples import (
    Files,
    FrameAt,
    flipped,
    frames_of,
    journal_files,
    look,
)
from tests.runtime.journal.matrix.tally import Tally
from tests.runtime.journal.scenarios import Verdict
from tickproof.runtime.journal.recovery import WATERMARK, segment_name
from tickproof.runtime.journal.refusing import JournalRefused
from tickproof.spec.journal_format import (
    SEGMENT_HEADER_BYTES,
    FrameState,
    read_frame,
    read_segment_header,
    read_slots,
    read_snapshot,
)

SHORT_SEGMENT, LONG_SEGMENT = 1_500, 40_000
LONG_FRAMES = 1_000
SEED = 7
STARTS, STARTS_LONG = 6_000, 20_000


def run(nightly: bool) -> Tally:
    """All of it."""
    tally = Tally("bitflip", seeds=[SEED])
    files = journal_files(segment_bytes=SHORT_SEGMENT, snapshot_at=9)
    _steps(tally, files)
    _starts(tally, files, None if nightly else STARTS)
    if nightly:
        many = journal_files(LONG_FRAMES, segment_bytes=LONG_SEGMENT, snapshot_at=500)
        _steps(tally, many)
        _starts(tally, many, STARTS_LONG)
    return tally


# --- the step that meets the bit -----------------------------------------------------------------


def _steps(tally: Tally, files: Files) -> None:
    for each in frames_of(files):
        _frame(tally, each, files[segment_name(each.segment)])
    for name, data in files.items():
        size = SEGMENT_HEADER_BYTES if name.startswith("segment") else len(data)
        for bit in range(size * 8):
            seen = _read(name, flipped(data[:size], bit), bit)
            tally.expect(f"{name}, bit {bit}", seen is None, "it is read as if whole")


def _read(name: str, data: bytes, bit: int) -> object:
    """What is read of a file that is no log, in which a bit was changed."""
    if name.startswith("segment"):
        return read_segment_header(data)
    if name == WATERMARK:
        return read_slots(data)[bit // (len(data) * 4)]
    return read_snapshot(data)


def _frame(tally: Tally, frame: FrameAt, data: bytes) -> None:
    """Each bit of a frame, read at the frame's place with the chain that leads there."""
    changed = bytearray(data)
    view = memoryview(changed)
    for bit in range(frame.start * 8, frame.end * 8):
        changed[bit // 8] ^= 1 << bit % 8
        seen = read_frame(view, frame.start, frame.position, frame.previous)
        changed[bit // 8] ^= 1 << bit % 8
        name = f"frame at {frame.position}, bit {bit}"
        tally.expect(name, seen.state != FrameState.WHOLE, "it is read as if whole")


# --- whole starts --------------------------------------------------------------------------------


def _starts(tally: Tally, files: Files, sample: int | None) -> None:
    position = look(files).position
    bits = [(name, bit) for name, data in sorted(files.items()) for bit in range(len(data) * 8)]
    if sample is not None:
        bits = Random(SEED).sample(bits, sample)
    for name, bit in bits:
        changed = {**files, name: flipped(files[name], bit)}
        tally.add(f"{name}, bit {bit}, whole start", _start(changed, name, position))


def _start(files: Files, name: str, position: int) -> Verdict:
    """Refused for the log; told of, and everything there, for what the log can replace."""
    try:
        found = look(files)
    except JournalRefused as refused:
        if name.startswith("segment") and name in refused.file:
            return Verdict()
        if name.startswith("segment") and refused.code.name == "SEGMENT_UNLINKED":
            return Verdict()
        return Verdict(f"refused for another reason: {refused}")
    if name.startswith("segment"):
        return Verdict("nobody noticed", position)
    if found.position < position:
        return Verdict("acknowledged events are gone", position - found.position)
    noted = [note.file for note in found.notes]
    return Verdict("" if name in noted else f"told of {noted}")
