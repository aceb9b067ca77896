"""`crash`: a process killed, and a machine stopped, at every call that changes anything.

Killed: a real process, by kill -9, at each call of each story, before it and in the middle of each
write; what it had told through a pipe is held against what is there. Stopped: the story on a
simulated disk, and at each call the disks it may leave when any part of what was not synced is
lost, zeroed or torn. `blindness` runs the same on disks that skip a sync: that must be noticed.
"""

from __future__ import annotations

import os
import signal
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from random import Random

from attrs import frozen

from tests.runtime.journal.matrix.tally import Tally, workplace
from tests.runtime.journal.scenarios import (
    IDENTITY,
    NOTHING_TOLD,
    PLACE,
    STORIES,
    STREAM,
    Story,
    Verdict,
    appended_by,
    equal,
    held,
    part,
    play,
    verdict,
)
from tests.runtime.journal.simulated import FaultyStorage, PowerFailure, SimulatedDisk
from tickproof.runtime.journal.group import GroupCommit
from tickproof.runtime.journal.log import Journal
from tickproof.runtime.journal.refusing import JournalRefused
from tickproof.runtime.journal.sqlite import SqliteJournal
from tickproof.runtime.journal.storage import FileStorage, Storage

IMAGES, IMAGES_NIGHTLY = 10, 600
GROUPED_EVENTS = 40
GROUPED_SEEDS, GROUPED_SEEDS_NIGHTLY = 3, 30
TORN_WRITES = (1, 100)
"""Bytes of a write that are out when the process is killed."""


def calls_of(story: Story) -> list[str]:
    """The calls of a story that nothing disturbs."""
    disk = SimulatedDisk()
    play(disk, story, lambda _: None)
    return disk.calls


# --- killed --------------------------------------------------------------------------------------


def _die(call: str, name: str) -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def told_until_killed(act: Callable[[Callable[[int], None]], None]) -> tuple[int, bool]:
    """Run `act` in a process of its own: the last position told, and whether it was killed."""
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        status = 1
        try:
            os.close(reading)
            act(lambda position: _tell(writing, position))
            status = 0
        finally:
            os._exit(status)
    os.close(writing)
    with os.fdopen(reading, "rb") as pipe:
        data = pipe.read()
    _, ended = os.waitpid(child, 0)
    last = data[-8:]
    told = int.from_bytes(last, "little", signed=True) if last else NOTHING_TOLD
    if not os.WIFSIGNALED(ended) and os.WEXITSTATUS(ended) != 0:
        raise RuntimeError("the process that was to be killed failed by itself")
    return told, os.WIFSIGNALED(ended)


def _tell(descriptor: int, position: int) -> None:
    os.write(descriptor, position.to_bytes(8, "little", signed=True))


def _faulty(folder: Path, at: int, short: int) -> FaultyStorage:
    return FaultyStorage(FileStorage(folder, create=True), at, _die, short)


def killed(tally: Tally, nightly: bool) -> None:
    """Every call of every story; in the middle of writes too."""
    with workplace() as place:
        number = 0
        for story in STORIES:
            for at, call in enumerate(calls_of(story)):
                for short in (-1, *(TORN_WRITES if call == "write" else ())):
                    number += 1
                    folder = Path(place) / str(number)

                    def act(
                        tell: Callable[[int], None],
                        story: Story = story,
                        folder: Path = folder,
                        at: int = at,
                        short: int = short,
                    ) -> None:
                        play(_faulty(folder, at, short), story, tell)

                    told, was_killed = told_until_killed(act)
                    name = f"{story.name}: kill -9 at call {at} ({call}, {short})"
                    if not was_killed:
                        tally.expect(name, False, "it was not killed")
                        continue
                    storage = FileStorage(folder, create=True)
                    tally.add(name, verdict(storage, told, appended_by(story)))


def killed_while_grouping(tally: Tally, nightly: bool) -> None:
    """The same with a thread that commits: what was waited for is there."""
    with workplace() as place:
        for seed in range(GROUPED_SEEDS_NIGHTLY if nightly else GROUPED_SEEDS):
            tally.seeds.append(seed)
            for at in range(6, 60, 3):
                folder = Path(place) / f"{seed}-{at}"

                def act(
                    tell: Callable[[int], None],
                    folder: Path = folder,
                    at: int = at,
                    seed: int = seed,
                ) -> None:
                    grouped(_faulty(folder, at, -1), Random(seed), tell)

                told, _ = told_until_killed(act)
                found = verdict(FileStorage(folder, create=True), told, GROUPED_EVENTS)
                tally.add(f"grouped {seed}: kill -9 at call {at}", found)


def grouped(storage: Storage, random: Random, tell: Callable[[int], None]) -> None:
    """Append, and now and then wait."""
    journal = Journal.create(storage, PLACE, IDENTITY, segment_bytes=900)
    tell(0)
    with GroupCommit(journal) as group:
        while journal.position < GROUPED_EVENTS:
            stop = min(journal.position + random.randrange(1, 4), GROUPED_EVENTS)
            position = group.append(STREAM, journal.position, stop)
            if random.random() < 0.4:
                group.wait(position)
                tell(position)


KILLED_BY_COUNT = (0, 1, 2, 3, 5, 8)
"""Positions told, of one event each, after which a writer into SQLite is killed."""


def killed_in_sqlite(tally: Tally, nightly: bool) -> None:
    """Its calls are its own: killed while it commits, after so many acknowledgements."""
    with workplace() as place:
        for count in range(60) if nightly else KILLED_BY_COUNT:
            folder = Path(place) / f"sqlite-{count}"
            told = _told_until(count, folder)
            store = SqliteJournal.open(FileStorage(folder), PLACE)
            found = held(store)
            store.close()
            name = f"sqlite: kill -9 after {count} acknowledgements"
            lost = max(told - len(found), 0)
            is_prefix = equal(found, part(0, len(found)))
            problem = f"{lost} are lost" if lost else "" if is_prefix else "not a prefix"
            tally.add(name, Verdict(problem, lost))


def _told_until(count: int, folder: Path) -> int:
    """Commit one event after another in a process; kill it when it has told more than `count`."""
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        store = SqliteJournal.create(FileStorage(folder, create=True), PLACE, IDENTITY)
        _tell(writing, 0)
        while store.position < len(STREAM):
            store.append(STREAM, store.position, store.position + 1)
            _tell(writing, store.commit())
        os._exit(0)
    os.close(writing)
    with os.fdopen(reading, "rb", buffering=0) as pipe:
        data = b""
        while len(data) <= count * 8:
            data += pipe.read(8)
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
        while more := pipe.read(1024):
            data += more
    return int.from_bytes(data[-8:], "little", signed=True)


# --- stopped -------------------------------------------------------------------------------------


def _stop(call: str, name: str) -> None:
    raise PowerFailure


@frozen
class Skipping:
    """A disk that says it has synced and has not: calls of `call` on names that begin so."""

    call: str
    prefix: str

    def disk(self) -> SimulatedDisk:
        """A new one."""
        skipping = self

        class Liar(SimulatedDisk):
            def sync(self, name: str) -> None:
                if skipping.call == "sync" and name.startswith(skipping.prefix):
                    self.calls.append("sync")
                else:
                    super().sync(name)

            def sync_folder(self) -> None:
                if skipping.call == "sync_folder":
                    self.calls.append("sync_folder")
                else:
                    super().sync_folder()

        return Liar()


def stopped(tally: Tally, nightly: bool, liar: Skipping | None = None) -> None:
    """Every call of every story, and the disks that are left."""
    images = IMAGES_NIGHTLY if nightly else IMAGES
    for story in STORIES:
        calls = calls_of(story)
        for at in range(len(calls) + 1):
            disk = SimulatedDisk() if liar is None else liar.disk()
            told = [NOTHING_TOLD]
            with suppress(PowerFailure):
                play(FaultyStorage(disk, at, _stop), story, told.append)
            for number, image in enumerate(disk.images(Random(at), images)):
                name = f"{story.name}: power fails at call {at}, disk {number}"
                tally.add(name, verdict(image, told[-1], appended_by(story)))
            if liar is not None and tally.acknowledged_lost:
                return


def stopped_while_starting(tally: Tally, nightly: bool) -> None:
    """The power fails, and again at every call of the start that follows."""
    for story in STORIES:
        calls = calls_of(story)
        for at in range(len(calls)):
            disk, told = SimulatedDisk(), [NOTHING_TOLD]
            with suppress(PowerFailure):
                play(FaultyStorage(disk, at, _stop), story, told.append)
            kept = list(disk.images(Random(at), 40 if nightly else 8))
            files = Random(at).choice(kept).contents()
            for again in range(CALLS_OF_A_START):
                found, reached = _started(files, again)
                for number, left in enumerate(found.images(Random(again), 2)):
                    name = f"{story.name}: power fails at call {at} and call {again} of the start"
                    tally.add(f"{name}, disk {number}", verdict(left, told[-1], appended_by(story)))
                if reached < again:
                    break


def _started(files: dict[str, bytes], at: int) -> tuple[SimulatedDisk, int]:
    """A start whose power fails at a call, or that ends before; the disk, and the calls made."""
    disk = SimulatedDisk.holding(files)
    with suppress(PowerFailure, JournalRefused):
        Journal.open(FaultyStorage(disk, at, _stop), PLACE)
    disk.close()
    return disk, len(disk.calls)


CALLS_OF_A_START = 20
LIARS = (
    Skipping("sync", "segment-0000000000"),
    Skipping("sync", "segment-0000000001"),
    Skipping("sync_folder", ""),
)


def blindness() -> list[str]:
    """Disks that lie and are not found out: the matrix would not see what it is for."""
    found = []
    for liar in LIARS:
        tally = Tally("liar")
        stopped(tally, False, liar)
        if not tally.acknowledged_lost:
            found.append(f"crash: nobody notices a disk that skips {liar.call} {liar.prefix}")
    return found


def run(nightly: bool) -> Tally:
    """All of it."""
    tally = Tally("crash")
    killed(tally, nightly)
    killed_while_grouping(tally, nightly)
    killed_in_sqlite(tally, nightly)
    stopped(tally, nightly)
    stopped_while_starting(tally, nightly)
    tally.failures += blindness()
    return tally
