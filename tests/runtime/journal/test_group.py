"""Group commit: what was waited for is on disk, one sync serves many, a failure ends it all."""

import errno
import os
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from tests.runtime.journal.scenarios import IDENTITY, PLACE, STREAM, equal, held, part
from tests.runtime.journal.simulated import FaultyStorage, SimulatedDisk
from tickproof.runtime.journal.folders import BACKENDS, create, open_journal
from tickproof.runtime.journal.group import GroupCommit
from tickproof.runtime.journal.log import Journal
from tickproof.runtime.journal.refusing import JournalFailed


class SlowDisk(SimulatedDisk):
    """A disk whose syncs take their time, and that counts them."""

    def sync(self, name: str) -> None:
        time.sleep(0.005)
        super().sync(name)


def slow_journal() -> tuple[Journal, SlowDisk]:
    disk = SlowDisk()
    return Journal.create(disk, PLACE, IDENTITY), disk


@pytest.mark.parametrize("backend", BACKENDS)
def test_what_is_appended_is_acknowledged_and_there_again(tmp_path: Path, backend: str) -> None:
    with GroupCommit(create(tmp_path / "journal", backend)) as group:
        for start in range(0, 300, 3):
            position = group.append(STREAM, start, start + 3)
            if start % 60 == 0:
                group.wait(position)
                assert group.acknowledged >= position
    again = open_journal(tmp_path / "journal")
    assert equal(held(again), part(0, 300))
    again.close()


def test_one_sync_acknowledges_what_came_together() -> None:
    journal, disk = slow_journal()
    before = disk.calls.count("sync")
    with GroupCommit(journal) as group:
        for start in range(300):
            group.append(STREAM, start, start + 1)
        group.flush()
        syncs = disk.calls.count("sync") - before
    assert group.acknowledged == 300
    assert syncs < 100


def test_a_full_bound_stalls_and_drops_nothing() -> None:
    journal, _ = slow_journal()
    with GroupCommit(journal, waiting_bytes_max=2_000) as group:
        for start in range(200):
            group.append(STREAM, start, start + 1)
            assert journal.waiting_bytes < 2_000 + 500
    assert group.stalls > 0
    assert equal(held(journal), part(0, 200))


def test_snapshots_wait_for_what_was_appended() -> None:
    journal, _ = slow_journal()
    with GroupCommit(journal) as group:
        group.append(STREAM, 0, 7)
        assert group.keep_snapshot(b"state") == 7
        assert group.acknowledged == 7
    assert journal.snapshots() == (7,)


def broken(call: str, name: str) -> None:
    raise OSError(errno.EIO, os.strerror(errno.EIO), name)


def test_a_failure_is_told_to_everybody_who_waits() -> None:
    faulty = FaultyStorage(SlowDisk(), -1, broken)
    journal = Journal.create(faulty, PLACE, IDENTITY)
    told: list[JournalFailed] = []
    group = GroupCommit(journal, on_failure=told.append)
    faulty.at = faulty.calls + 3
    position = group.append(STREAM, 0, 3)
    raised = []

    def wait() -> None:
        try:
            group.wait(position)
        except JournalFailed as failure:
            raised.append(failure)

    waiting = [threading.Thread(target=wait) for _ in range(3)]
    for each in waiting:
        each.start()
    for each in waiting:
        each.join(timeout=10)
    assert len(raised) == 3
    assert [failure.acknowledged for failure in told] == [0]
    with pytest.raises(JournalFailed):
        group.append(STREAM, 3, 4)
    with pytest.raises(JournalFailed):
        group.keep_snapshot(b"")
    group.close(commit=False)


def test_leaving_by_an_exception_keeps_what_was_acknowledged() -> None:
    journal, disk = slow_journal()

    def stop_halfway() -> None:
        with GroupCommit(journal) as group:
            group.append(STREAM, 0, 3)
            group.flush()
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        stop_halfway()
    assert Journal.open(disk, PLACE).acknowledged == 3


PROGRAM = """
import errno, os, sys, time
from tests.runtime.journal.scenarios import IDENTITY, STREAM
from tests.runtime.journal.simulated import FaultyStorage, SimulatedDisk
from tickproof.runtime.journal.group import GroupCommit
from tickproof.runtime.journal.log import Journal

def broken(call, name):
    raise OSError(errno.EIO, os.strerror(errno.EIO), name)

faulty = FaultyStorage(SimulatedDisk(), -1, broken)
journal = Journal.create(faulty, "folder", IDENTITY)
group = GroupCommit(journal)
group.append(STREAM, 0, 2)
group.flush()
faulty.at = faulty.calls + 1
group.append(STREAM, 2, 4)
try:
    time.sleep(30)
except BaseException:
    pass
print("still here")
"""


def test_a_failed_sync_ends_the_process_with_one_line() -> None:
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM],
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(path for path in sys.path if path)},
    )
    assert done.returncode == 5
    assert done.stdout == ""
    assert done.stderr == (
        f"tickproof: folder: storage failed ({os.strerror(errno.EIO)}): "
        "2 events are acknowledged and safe\n"
    )
