"""The journal of files: failure is final, a torn end is cut, and a start makes all good again."""

import errno
import os
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.runtime.journal.scenarios import IDENTITY, PLACE, STREAM, equal, held, part
from tests.runtime.journal.simulated import FaultyStorage, SimulatedDisk
from tickproof.runtime.journal import folders
from tickproof.runtime.journal.folders import create, open_journal
from tickproof.runtime.journal.log import Journal
from tickproof.runtime.journal.recovery import NoteCode, recover, segment_name
from tickproof.runtime.journal.refusing import (
    WORDS,
    FolderRefusal,
    JournalFailed,
    JournalRefused,
)
from tickproof.runtime.journal.storage import FileStorage
from tickproof.spec.journal import RecoveryRefusal
from tickproof.spec.journal_format import SEGMENT_HEADER_BYTES


def broken(call: str, name: str) -> None:
    raise OSError(errno.EIO, os.strerror(errno.EIO), name)


def failing(disk: SimulatedDisk, after: int) -> tuple[Journal, FaultyStorage]:
    """A journal whose storage breaks so many calls from now."""
    faulty = FaultyStorage(disk, -1, broken)
    journal = Journal.create(faulty, PLACE, IDENTITY)
    journal.append(STREAM, 0, 3)
    journal.commit()
    faulty.at = faulty.calls + after
    return journal, faulty


@pytest.mark.parametrize("after", range(4))
def test_after_an_error_nothing_is_tried_again_and_nothing_acknowledged(after: int) -> None:
    journal, faulty = failing(SimulatedDisk(), after)
    journal.append(STREAM, 3, 5)
    with pytest.raises(JournalFailed, match="3 events are acknowledged and safe"):
        journal.commit()
    calls = faulty.calls
    assert journal.acknowledged == 3
    acts: tuple[Callable[[], object], ...] = (
        lambda: journal.append(STREAM, 5, 6),
        journal.commit,
        lambda: journal.keep_snapshot(b""),
    )
    for act in acts:
        with pytest.raises(JournalFailed):
            act()
    assert faulty.calls == calls
    assert journal.waiting_bytes == 0


def test_a_torn_end_is_cut_and_told() -> None:
    disk = SimulatedDisk()
    journal = Journal.create(disk, PLACE, IDENTITY)
    journal.append(STREAM, 0, 3)
    journal.commit()
    journal.close()
    files = disk.contents()
    files[segment_name(0)] += b"half a frame"
    torn = SimulatedDisk.holding(files)
    again = Journal.open(torn, PLACE)
    assert [(note.code, note.count) for note in again.notes] == [(NoteCode.TAIL_CUT, 12)]
    assert "12 bytes that were never acknowledged" in str(again.notes[0])
    assert torn.length(segment_name(0)) == len(files[segment_name(0)]) - 12
    again.close()
    assert Journal.open(torn, PLACE).notes == ()


def test_looking_changes_nothing() -> None:
    disk = SimulatedDisk()
    journal = Journal.create(disk, PLACE, IDENTITY, segment_bytes=300)
    for start in range(0, 12, 3):
        journal.append(STREAM, start, start + 3)
        journal.commit()
    journal.close()
    files = disk.contents()
    files[segment_name(3)] += b"rubbish"
    files["watermark.new"] = b""
    looked = SimulatedDisk.holding(files)
    for deep in (False, True):
        found = recover(looked, PLACE, deep=deep)
        assert found.position == 12
    assert looked.calls == []
    assert looked.contents() == files


def test_sealed_segments_are_taken_whole_and_frames_are_visited_only_when_asked() -> None:
    disk = SimulatedDisk()
    journal = Journal.create(disk, PLACE, IDENTITY, segment_bytes=1)
    for start in range(0, 12, 3):
        journal.append(STREAM, start, start + 3)
        journal.commit()
    journal.close()
    visited: list[int] = []
    recover(disk, PLACE, visit=lambda position, _: visited.append(position))
    assert visited == [9]
    visited.clear()
    recover(disk, PLACE, deep=True, visit=lambda position, _: visited.append(position))
    assert visited == [0, 3, 6, 9]


def test_a_segment_is_never_begun_empty() -> None:
    disk = SimulatedDisk()
    journal = Journal.create(disk, PLACE, IDENTITY, segment_bytes=1)
    journal.append(STREAM, 0, 3)
    journal.commit()
    journal.close()
    assert [name for name in disk.contents() if name.startswith("segment")] == [segment_name(0)]


def test_every_refusal_has_words() -> None:
    for code in (*RecoveryRefusal, *FolderRefusal):
        refused = JournalRefused(code, "folder/file", 17, 3)
        text = str(refused)
        assert text.startswith(f"folder/file: {code.name} at byte 17, position 3: expected ")
        assert "\n" not in text
    assert set(WORDS) == {*RecoveryRefusal, *FolderRefusal}


# --- real folders --------------------------------------------------------------------------------


def test_identity_is_the_run_s_and_a_changed_run_is_another_journal(tmp_path: Path) -> None:
    folder = tmp_path / "journal"
    create(folder, run=folders.new_run({"kind": "test"})).close()
    open_journal(folder).close()
    path = folder / "run.json"
    path.write_bytes(path.read_bytes().replace(b"test", b"pest"))
    with pytest.raises(JournalRefused) as refused:
        open_journal(folder)
    assert refused.value.code == RecoveryRefusal.SLOTS_FOREIGN


@pytest.mark.parametrize("number", [errno.EROFS, errno.EACCES, errno.ENOSPC])
def test_what_the_system_refuses_at_the_beginning_is_one_line(
    tmp_path: Path, number: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> int:
        raise OSError(number, os.strerror(number), str(tmp_path / "journal" / "lock"))

    create(tmp_path / "journal").close()
    monkeypatch.setattr(os, "open", refuse)
    acts: tuple[Callable[[], object], ...] = (
        lambda: create(tmp_path / "other"),
        lambda: open_journal(tmp_path / "journal"),
    )
    for act in acts:
        with pytest.raises(JournalRefused) as refused:
            act()
        assert refused.value.code == FolderRefusal.UNUSABLE
        assert os.strerror(number) in str(refused.value)
        assert "\n" not in str(refused.value)


def test_a_file_in_place_of_a_folder_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_text("", encoding="utf-8")
    for act in (create, open_journal):
        with pytest.raises(JournalRefused, match="UNUSABLE"):
            act(path)
    with pytest.raises(JournalRefused, match="NO_JOURNAL"):
        open_journal(tmp_path / "nowhere")


def test_a_creation_that_was_interrupted_is_made_again(tmp_path: Path) -> None:
    folder = tmp_path / "journal"
    create(folder, run=b"one").close()
    (folder / "watermark").rename(folder / "watermark.new")
    store = create_again(folder)
    store.append(STREAM, 0, 2)
    assert store.commit() == 2
    assert equal(held(store), part(0, 2))
    store.close()


def create_again(folder: Path) -> Journal:
    """The same folder, as a program that knows nothing of the first attempt."""
    files = FileStorage(folder)
    try:
        return Journal.create(files, str(folder), IDENTITY)
    except JournalRefused:
        files.close()
        raise


def test_a_log_without_a_watermark_is_never_made_again(tmp_path: Path) -> None:
    folder = tmp_path / "journal"
    store = create(folder)
    store.append(STREAM, 0, 2)
    store.commit()
    store.close()
    (folder / "watermark").unlink()
    with pytest.raises(JournalRefused, match="EXISTS"):
        create_again(folder)
    with pytest.raises(JournalRefused, match="SLOTS_MISSING"):
        open_journal(folder)
    assert (folder / segment_name(0)).stat().st_size > SEGMENT_HEADER_BYTES
