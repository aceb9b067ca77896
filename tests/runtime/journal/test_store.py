"""Both backends under one class: what is committed stays, in order, and nothing else does."""

import sqlite3
from collections.abc import Callable
from pathlib import Path

import pytest
from attrs import frozen
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.runtime.journal.scenarios import STREAM, equal, held, part, snapshot_of
from tickproof.runtime.journal.folders import BACKENDS, create, open_journal
from tickproof.runtime.journal.log import SNAPSHOTS_KEPT, Store
from tickproof.runtime.journal.recovery import NoteCode
from tickproof.runtime.journal.refusing import FolderRefusal, JournalRefused
from tickproof.runtime.journal.sqlite import DATABASE
from tickproof.spec.events import Checkpoint, Event
from tickproof.spec.journal import RecoveryRefusal
from tickproof.spec.journal_format import first_chain
from tickproof.spec.stream import EventColumns


@frozen
class Place:
    """A folder and the backend that keeps a journal there."""

    backend: str
    folder: Path

    def new(self) -> Store:
        return create(self.folder, self.backend)

    def again(self) -> Store:
        return open_journal(self.folder)


@pytest.fixture(params=BACKENDS)
def place(request: pytest.FixtureRequest, tmp_path: Path) -> Place:
    return Place(request.param, tmp_path / "journal")


def filled(store: Store, *sizes: int) -> Store:
    """Frames of these sizes, committed."""
    for size in sizes:
        store.append(STREAM, store.position, store.position + size)
    store.commit()
    return store


class TestEveryBackend:
    def test_what_is_committed_is_there_again(self, place: Place) -> None:
        store = filled(place.new(), 1, 5, 3)
        identity, chain = store.identity, store.chain
        store.close()
        again = place.again()
        assert (again.position, again.acknowledged) == (9, 9)
        assert (again.identity, again.chain) == (identity, chain)
        assert equal(held(again), part(0, 9))
        assert again.notes == ()
        again.close()

    @settings(max_examples=15)
    @given(sizes=st.lists(st.integers(1, 9), min_size=1, max_size=6), every=st.integers(1, 3))
    def test_any_batches_come_back_frame_by_frame(
        self, tmp_path_factory: pytest.TempPathFactory, sizes: list[int], every: int
    ) -> None:
        for backend in BACKENDS:
            store = create(tmp_path_factory.mktemp("journal") / "new", backend)
            for number, size in enumerate(sizes):
                store.append(STREAM, store.position, store.position + size)
                if number % every == 0:
                    store.commit()
            store.commit()
            found = list(store.frames())
            assert [len(events) for _, events, _ in found] == sizes
            assert [position for position, _, _ in found] == [
                sum(sizes[:number]) for number in range(len(sizes))
            ]
            assert found[-1][2] == store.chain
            store.close()

    def test_nothing_is_acknowledged_before_a_commit(self, place: Place) -> None:
        store = filled(place.new(), 4)
        assert store.append(STREAM, 4, 9) == 9
        assert (store.position, store.acknowledged) == (9, 4)
        assert store.waiting_bytes > 0
        assert store.commit() == 9
        assert store.waiting_bytes == 0
        store.append(STREAM, 9, 12)
        store.close()
        again = place.again()
        assert again.position == 9
        again.close()

    def test_nothing_to_commit_writes_nothing(self, place: Place) -> None:
        store = filled(place.new(), 4)
        before = {path.name: path.stat().st_mtime_ns for path in place.folder.iterdir()}
        assert store.commit() == 4
        assert store.append(EventColumns()) == 4
        assert store.append(STREAM, 7, 7) == 4
        assert store.commit() == 4
        after = {path.name: path.stat().st_mtime_ns for path in place.folder.iterdir()}
        assert before == after
        store.close()

    def test_frames_from_a_position_begin_with_the_one_that_holds_it(self, place: Place) -> None:
        store = filled(place.new(), 3, 3, 3)
        for start, first in ((0, 0), (2, 0), (3, 3), (5, 3), (8, 6)):
            assert next(store.frames(start))[0] == first
        assert list(store.frames(9)) == []
        store.close()

    def test_an_empty_journal_has_a_chain_and_no_frames(self, place: Place) -> None:
        store = place.new()
        assert (store.position, store.chain) == (0, first_chain(store.identity))
        assert list(store.frames()) == []
        store.close()
        again = place.again()
        assert again.position == 0
        again.close()

    def test_two_journals_are_never_the_same(self, place: Place, tmp_path: Path) -> None:
        first, second = place.new(), create(tmp_path / "second", place.backend)
        assert first.identity != second.identity
        first.close()
        second.close()

    def test_snapshots_are_kept_and_old_ones_go(self, place: Place) -> None:
        store = place.new()
        for _ in range(SNAPSHOTS_KEPT + 2):
            store.append(STREAM, store.position, store.position + 2)
            position = store.keep_snapshot(snapshot_of(store.position))
            assert position == store.acknowledged == store.position
        store.keep_snapshot(snapshot_of(store.position))
        assert store.snapshots() == (6, 8)
        store.close()
        again = place.again()
        assert again.snapshots() == (6, 8)
        kept = again.snapshot(8)
        assert (kept.data, kept.chain, kept.position) == (snapshot_of(8), again.chain, 8)
        again.close()

    def test_clocks_that_jump_are_kept_as_they_were(self, place: Place) -> None:
        stamps = (10**18, -(2**63), 2**63 - 1, 0, 10**18 - 1)
        jumping = EventColumns(Event(each, -each - 1, 0, 0, 0, Checkpoint(0)) for each in stamps)
        store = place.new()
        store.append(jumping)
        store.commit()
        store.close()
        again = place.again()
        assert equal(held(again), jumping)
        again.close()

    def test_a_second_writer_is_refused(self, place: Place) -> None:
        store = filled(place.new(), 1)
        with pytest.raises(JournalRefused) as refused:
            place.again()
        assert refused.value.code == FolderRefusal.LOCKED
        store.close()
        place.again().close()

    def test_a_journal_is_not_made_over_another(self, place: Place) -> None:
        place.new().close()
        for backend in BACKENDS:
            with pytest.raises(JournalRefused) as refused:
                create(place.folder, backend)
            assert refused.value.code == FolderRefusal.EXISTS

    @pytest.mark.parametrize("act", [create, open_journal], ids=["create", "open"])
    def test_foreign_files_are_named_and_left_alone(
        self, place: Place, act: Callable[[Path], Store]
    ) -> None:
        if act is open_journal:
            place.new().close()
        place.folder.mkdir(exist_ok=True)
        foreign = place.folder / "holiday.jpg"
        foreign.write_bytes(b"sand")
        before = sorted(path.name for path in place.folder.iterdir())
        with pytest.raises(JournalRefused, match=r"holiday\.jpg: FOREIGN_FILE") as refused:
            create(place.folder, place.backend) if act is create else open_journal(place.folder)
        assert refused.value.code == FolderRefusal.FOREIGN_FILE
        after = sorted(path.name for path in place.folder.iterdir())
        assert set(after) - set(before) <= {"lock"}
        assert foreign.read_bytes() == b"sand"

    def test_a_damaged_snapshot_is_told_and_passed_over(self, place: Place) -> None:
        store = filled(place.new(), 3)
        store.keep_snapshot(b"good")
        filled(store, 3)
        store.keep_snapshot(b"bad")
        store.close()
        damage(place)
        again = place.again()
        assert again.snapshots() == (3,)
        assert [note.code for note in again.notes] == [NoteCode.SNAPSHOT_DAMAGED]
        again.drop_snapshot(again.notes[0])
        again.close()
        healthy = place.again()
        assert (healthy.snapshots(), healthy.notes) == ((3,), ())
        healthy.close()


def damage(place: Place) -> None:
    """One byte of the snapshot at 6."""
    path = place.folder / "snapshot-00000000000000000006"
    if place.backend == "files":
        path.write_bytes(path.read_bytes().replace(b"bad", b"mad"))
        return
    change(place.folder, "UPDATE snapshots SET bytes = zeroblob(200) WHERE position = 6")


def change(folder: Path, statement: str) -> None:
    with sqlite3.connect(folder / DATABASE) as connection:
        connection.execute(statement)
    connection.close()


# --- SQLite alone --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("statement", "code"),
    [
        ("DELETE FROM frames WHERE position = 3", RecoveryRefusal.FRAME_CHAIN_BROKEN),
        ("DELETE FROM frames WHERE position = 6", RecoveryRefusal.LOG_SHORT),
        ("UPDATE frames SET position = 4 WHERE position = 3", RecoveryRefusal.FRAME_POSITION_WRONG),
        ("UPDATE frames SET bytes = x'' WHERE position = 3", RecoveryRefusal.FRAME_SHORT),
        (
            "UPDATE frames SET bytes = CAST(bytes || x'00' AS BLOB) WHERE position = 3",
            RecoveryRefusal.FRAME_POSITION_WRONG,
        ),
        (
            "UPDATE frames SET bytes = zeroblob(length(bytes)) WHERE position = 3",
            RecoveryRefusal.FRAME_HEADER_DAMAGED,
        ),
        ("DELETE FROM mark", RecoveryRefusal.SLOTS_DAMAGED),
        ("UPDATE mark SET bytes = x'00'", RecoveryRefusal.SLOTS_DAMAGED),
        ("DROP TABLE frames", RecoveryRefusal.SLOTS_DAMAGED),
        (
            "UPDATE snapshots SET position = 99 WHERE position = 9",
            None,
        ),
    ],
    ids=str,
)
def test_changed_rows_are_refused_with_the_codes_of_files(
    tmp_path: Path, statement: str, code: RecoveryRefusal | None
) -> None:
    place = Place("sqlite", tmp_path / "journal")
    store = filled(place.new(), 3, 3, 3)
    store.keep_snapshot(b"state")
    store.close()
    change(place.folder, statement)
    if code is None:
        again = place.again()
        assert again.notes[0].code == NoteCode.SNAPSHOT_DAMAGED
        again.close()
        return
    with pytest.raises(JournalRefused) as refused:
        place.again()
    assert refused.value.code == code


def test_a_file_that_is_no_database_is_refused(tmp_path: Path) -> None:
    place = Place("sqlite", tmp_path / "journal")
    place.new().close()
    (place.folder / DATABASE).write_bytes(b"not a database at all" * 100)
    with pytest.raises(JournalRefused) as refused:
        place.again()
    assert refused.value.code == RecoveryRefusal.SLOTS_DAMAGED


def test_a_database_that_was_never_finished_is_made_again(tmp_path: Path) -> None:
    folder = tmp_path / "journal"
    folder.mkdir()
    (folder / DATABASE).touch()
    (folder / "run.json").write_bytes(b"an earlier attempt")
    store = filled(create(folder, "sqlite", run=b"this one"), 3)
    store.close()
    with pytest.raises(JournalRefused, match="EXISTS"):
        create(folder, "sqlite", run=b"another")
    open_journal(folder).close()


def test_both_backends_give_the_same_chain(tmp_path: Path) -> None:
    run = b"the same run"
    chains = []
    for backend in BACKENDS:
        store = filled(create(tmp_path / backend, backend, run=run), 2, 7, 1)
        chains.append(store.chain)
        store.close()
    assert chains[0] == chains[1]
