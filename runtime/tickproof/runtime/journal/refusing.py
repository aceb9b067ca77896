"""Why a journal is not opened, or stops: as one line, with a code, a file and an offset.

`JournalRefused` is bad input like any other (exit code 2): nothing has been changed.
`JournalFailed` is a disk that did not do what it was asked: what was acknowledged is safe, nothing
else is known, and the process is over (exit code 5).
"""

from __future__ import annotations

from enum import IntEnum

from tickproof.runtime.errors import InputError
from tickproof.spec.journal import RecoveryRefusal


class FolderRefusal(IntEnum):
    """Why a folder is no journal; the codes of the log itself are `RecoveryRefusal`.

    FOREIGN_FILE: a name that no journal gives. LOCKED: another writer is at work. UNUSABLE: the
    operating system says no.
    """

    NO_JOURNAL = 101
    EXISTS = 102
    FOREIGN_FILE = 103
    LOCKED = 104
    UNUSABLE = 105


WORDS: dict[IntEnum, tuple[str, str]] = {
    RecoveryRefusal.SLOTS_DAMAGED: ("a watermark", "two damaged slots"),
    RecoveryRefusal.SLOTS_CONTRADICT: ("two successive marks", "marks that contradict each other"),
    RecoveryRefusal.SLOTS_FOREIGN: ("the mark of this journal", "that of another"),
    RecoveryRefusal.SLOTS_MISSING: ("a watermark", "none, beside a log"),
    RecoveryRefusal.SEGMENT_DAMAGED: ("a segment's header", "damage"),
    RecoveryRefusal.SEGMENT_FOREIGN: ("a segment of this journal", "one of another"),
    RecoveryRefusal.SEGMENT_UNLINKED: (
        "the segment that follows the one before",
        "another, or one that follows another",
    ),
    RecoveryRefusal.SEGMENT_MISSING: ("a segment", "none"),
    RecoveryRefusal.FRAME_SHORT: ("an acknowledged frame", "the file's end in the middle of it"),
    RecoveryRefusal.FRAME_HEADER_DAMAGED: ("an acknowledged frame", "a damaged header"),
    RecoveryRefusal.FRAME_BODY_DAMAGED: ("an acknowledged frame", "a damaged one"),
    RecoveryRefusal.FRAME_CHAIN_BROKEN: ("the next frame of this log", "a frame of another chain"),
    RecoveryRefusal.FRAME_POSITION_WRONG: ("the next position", "another"),
    RecoveryRefusal.FRAME_UNREADABLE: ("a payload of a known version", "one that is not"),
    RecoveryRefusal.MARK_DISAGREES: ("the log that was acknowledged", "another"),
    RecoveryRefusal.MARK_UNSURE: (
        "a whole log, or both slots of the watermark",
        "damage in both: what was acknowledged is not known",
    ),
    RecoveryRefusal.LOG_SHORT: ("every acknowledged frame", "the end of the log"),
    RecoveryRefusal.SEGMENT_NOT_LAST: ("whole frames, as a segment follows", "damage"),
    RecoveryRefusal.SNAPSHOT_AHEAD: ("a snapshot of the log", "one of a longer log"),
    RecoveryRefusal.SNAPSHOT_FOREIGN: ("a snapshot of this journal", "one of another"),
    RecoveryRefusal.OUT_OF_TURN: ("the next thing in order", "another"),
    FolderRefusal.NO_JOURNAL: ("a journal", "none"),
    FolderRefusal.EXISTS: ("a folder without a journal", "a journal: resume it, or choose another"),
    FolderRefusal.FOREIGN_FILE: ("files of a journal only", "a file that is none"),
    FolderRefusal.LOCKED: ("no other writer", "one at work"),
    FolderRefusal.UNUSABLE: ("a folder that can be read and written", "an error"),
}
"""Code -> (expected, got)."""


class JournalRefused(InputError):
    """A journal that is not opened. `code`: of `RecoveryRefusal` or `FolderRefusal`.

    `offset`: byte in the file, -1 where it is about no byte. `position`: of the Event there.
    """

    def __init__(
        self, code: IntEnum, file: str, offset: int = -1, position: int = -1, got: str = ""
    ) -> None:
        field = code.name
        if offset >= 0:
            field += f" at byte {offset}"
        if position >= 0:
            field += f", position {position}"
        expected, words = WORDS[code]
        super().__init__(file, 0, field, expected, got or words)
        self.code = code
        self.offset = offset
        self.position = position


class JournalFailed(Exception):
    """Writing failed; nothing was tried again. `acknowledged`: the last position that is safe."""

    def __init__(self, folder: str, acknowledged: int, problem: str) -> None:
        super().__init__(folder, acknowledged, problem)
        self.folder = folder
        self.acknowledged = acknowledged
        self.problem = problem

    def __str__(self) -> str:
        return (
            f"{self.folder}: storage failed ({self.problem}): {self.acknowledged} events are "
            "acknowledged and safe"
        )
