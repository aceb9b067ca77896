"""`torn`: the log ends at every byte of its last three frames.

Beyond the mark: the whole frames before the tear are there, what is left of the torn one is cut,
and what follows it on disk (zeros, rubbish) too. At or below the mark: refused, with the offset of
the frame. With the newest slot torn as well, which one crash cannot do: refused.
"""

from __future__ import annotations

from collections.abc import Callable
from random import Random

from tests.runtime.journal.matrix.samples import (
    FRAMES,
    Files,
    FrameAt,
    frames_of,
    journal_files,
    look,
)
from tests.runtime.journal.matrix.tally import Tally
from tests.runtime.journal.scenarios import Verdict, verdict
from tests.runtime.journal.simulated import SimulatedDisk
from tickproof.runtime.journal.recovery import WATERMARK, NoteCode, segment_name
from tickproof.runtime.journal.refusing import JournalRefused
from tickproof.spec.journal import RecoveryRefusal
from tickproof.spec.journal_format import SEGMENT_HEADER_BYTES, SLOT_SPACING, WATERMARK_BYTES

LAST = 3
LOG = segment_name(0)
SEED = 20


def run(nightly: bool) -> Tally:
    """All of it; `nightly` changes nothing."""
    tally = Tally("torn", seeds=[SEED])
    whole = journal_files()
    frames = frames_of(whole)
    marked = journal_files(FRAMES - LAST)
    random = Random(SEED)
    start = frames[-LAST].start
    for length in range(start, len(whole[LOG]) + 1):
        kept = _whole_before(frames, length)
        for filling in (b"", bytes(200), random.randbytes(200)):
            beyond = {**marked, LOG: whole[LOG][:length] + filling}
            # A log that ends between frames and goes on with nothing is not torn.
            if length < len(whole[LOG]) or not filling:
                tally.add(f"beyond the mark, {length} bytes", _cut(beyond, kept, bool(filling)))
        if length < len(whole[LOG]):
            below = {**whole, LOG: whole[LOG][:length]}
            tally.add(f"below the mark, {length} bytes", _refused(below, frames, length))
            tally.add(f"both torn, {length} bytes", _both(whole, frames, length))
    _slots(tally, whole)
    return tally


def _whole_before(frames: list[FrameAt], length: int) -> FrameAt | None:
    """The last frame that ends at `length` or before."""
    return next((each for each in reversed(frames) if each.end <= length), None)


def _cut(files: Files, last: FrameAt | None, filled: bool) -> Verdict:
    position = 0 if last is None else last.position + last.count
    end = SEGMENT_HEADER_BYTES if last is None else last.end
    try:
        found = look(files)
    except JournalRefused as refused:
        return Verdict(f"refused: {refused}", position)
    if found.position != position:
        return Verdict(
            f"{found.position} events, not {position}", max(position - found.position, 0)
        )
    told = [note.offset for note in found.notes if note.code == NoteCode.TAIL_CUT]
    if told != ([end] if len(files[LOG]) > end else []):
        return Verdict(f"cut at {told}, the torn frame begins at {end}")
    return Verdict() if filled else verdict(SimulatedDisk.holding(files), position, position)


def _refusal_of(files: Files, expected: RecoveryRefusal, offset: int) -> Verdict:
    return expected_refusal(lambda: look(files), expected, offset)


def expected_refusal(act: Callable[[], object], expected: RecoveryRefusal, offset: int) -> Verdict:
    """Whether `act` is refused with this code at this offset."""
    try:
        act()
    except JournalRefused as refused:
        if (refused.code, refused.offset) == (expected, offset):
            return Verdict()
        return Verdict(f"{refused.code.name} at {refused.offset}, not {expected.name} at {offset}")
    return Verdict("nobody refused", 1)


def _refused(files: Files, frames: list[FrameAt], length: int) -> Verdict:
    end = max(each.end for each in frames if each.end <= length)
    code = RecoveryRefusal.LOG_SHORT if end == length else RecoveryRefusal.FRAME_SHORT
    return _refusal_of(files, code, end)


def _both(whole: Files, frames: list[FrameAt], length: int) -> Verdict:
    """The newest slot is gone too: what was acknowledged is not known."""
    newest = FRAMES + 1
    start = newest % 2 * SLOT_SPACING
    mark = bytearray(whole[WATERMARK])
    mark[start + 40] ^= 255
    files = {**whole, LOG: whole[LOG][:length], WATERMARK: bytes(mark)}
    older = frames[-2].end
    end = max(each.end for each in frames if each.end <= length)
    if end > older or (end == older and length > end):
        return _refusal_of(files, RecoveryRefusal.MARK_UNSURE, end)
    if end == older == length:
        # Nothing is left to tell that there ever was more; stated in the decision.
        return Verdict()
    code = RecoveryRefusal.LOG_SHORT if end == length else RecoveryRefusal.FRAME_SHORT
    return _refusal_of(files, code, end)


def _slots(tally: Tally, whole: Files) -> None:
    """A slot torn at every byte, its log whole: nothing is lost, and it is told."""
    older = journal_files(FRAMES - 1)[WATERMARK]
    position = look(whole).position
    for number in range(2):
        start = number * SLOT_SPACING
        for cut in range(180):
            torn = bytearray(whole[WATERMARK])
            torn[start + cut : start + SLOT_SPACING] = older[start + cut : start + SLOT_SPACING]
            files = {**whole, WATERMARK: bytes(torn)}
            found = verdict(SimulatedDisk.holding(files), position, position)
            tally.add(f"slot {number} torn at byte {cut}", found)
    for length in range(0, WATERMARK_BYTES, 97):
        files = {**whole, WATERMARK: whole[WATERMARK][:length]}
        # The first slot is the older one when the newest mark has an odd sequence.
        if length < SLOT_SPACING:
            found = _refusal_of(files, RecoveryRefusal.SLOTS_DAMAGED, -1)
        else:
            found = verdict(SimulatedDisk.holding(files), position, position)
        tally.add(f"watermark of {length} bytes", found)
