"""`two_writers`: whoever comes second is refused, at any moment, from wherever; a dead one is not.

At every call of every story a second writer tries, in the same process; of each backend also in
another process, and after the first has ended, been killed, or failed to begin.
"""

from __future__ import annotations

import os
import signal
from collections.abc import Callable
from functools import partial
from pathlib import Path

from tests.runtime.journal.matrix.tally import Tally, workplace
from tests.runtime.journal.scenarios import IDENTITY, PLACE, STORIES, STREAM, play
from tests.runtime.journal.simulated import FaultyStorage
from tickproof.runtime.journal.log import Journal, Store
from tickproof.runtime.journal.recovery import numbers
from tickproof.runtime.journal.refusing import FolderRefusal, JournalRefused
from tickproof.runtime.journal.sqlite import SqliteJournal
from tickproof.runtime.journal.storage import FileStorage

Opener = Callable[[Path], Store]
OPENERS: dict[str, tuple[Opener, Opener]] = {
    "files": (
        lambda folder: Journal.create(FileStorage(folder, create=True), PLACE, IDENTITY),
        lambda folder: Journal.open(FileStorage(folder), PLACE),
    ),
    "sqlite": (
        lambda folder: SqliteJournal.create(FileStorage(folder, create=True), PLACE, IDENTITY),
        lambda folder: SqliteJournal.open(FileStorage(folder), PLACE),
    ),
}
"""Backend -> (make a journal, open one)."""


def run(nightly: bool) -> Tally:
    """All of it; `nightly` changes nothing."""
    tally = Tally("two_writers")
    with workplace() as place:
        for number, story in enumerate(STORIES):
            folder = Path(place) / f"story {number}"
            storage = Watching(tally, story.name, folder)
            play(storage, story, lambda _: None)
        for name, (create, reopen) in OPENERS.items():
            _processes(tally, name, Path(place) / name, create, reopen)
    return tally


def is_locked(act: Callable[[], Store]) -> bool:
    """Whether a writer is refused because there is one."""
    try:
        act().close()
    except JournalRefused as refused:
        return refused.code == FolderRefusal.LOCKED
    return False


class Watching(FaultyStorage):
    """A real folder; before each call that changes anything a second writer tries."""

    def __init__(self, tally: Tally, name: str, folder: Path) -> None:
        super().__init__(FileStorage(folder, create=True), -1)
        self.tally = tally
        self.name = name
        self.folder = folder

    def _turn(self, call: str, name: str) -> bool:
        turn = super()._turn(call, name)
        for verb, act in (("opens", Journal.open), ("creates", _create)):
            storage = FileStorage(self.folder)
            # Before the first file there is nothing to be opened.
            if verb == "opens" and not numbers(storage.names(), "segment"):
                continue
            holds = is_locked(partial(act, storage, PLACE))
            storage.close()
            name = f"{self.name}: a second one {verb} at call {self.calls} ({call})"
            self.tally.expect(name, holds, "it was not refused")
        return turn


def _create(storage: FileStorage, place: str) -> Journal:
    return Journal.create(storage, place, IDENTITY)


def _elsewhere(act: Callable[[], bool]) -> bool:
    """What `act` says in another process."""
    child = os.fork()
    if child == 0:
        status = 2
        try:
            status = 0 if act() else 1
        finally:
            os._exit(status)
    _, ended = os.waitpid(child, 0)
    return os.WIFEXITED(ended) and os.WEXITSTATUS(ended) == 0


def _processes(tally: Tally, name: str, folder: Path, create: Opener, reopen: Opener) -> None:
    first = create(folder)
    first.append(STREAM, 0, 3)
    first.commit()
    second = "a second process"
    for verb, act in (("opens", reopen), ("creates", create)):
        holds = _elsewhere(partial(is_locked, partial(act, folder)))
        tally.expect(f"{name}: {second} {verb}", holds, "it was not refused")
        here = is_locked(partial(act, folder))
        tally.expect(f"{name}: a second one {verb}", here, "it was not refused")
    first.append(STREAM, 3, 5)
    tally.expect(f"{name}: the first goes on", first.commit() == 5, "it does not")
    first.close()
    holds = _elsewhere(lambda: reopen(folder).acknowledged == 5)
    tally.expect(f"{name}: {second} after the first", holds, "it cannot open")
    _killed(tally, name, folder, reopen)


def _killed(tally: Tally, name: str, folder: Path, reopen: Opener) -> None:
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        store = reopen(folder)
        os.write(writing, b"!")
        while store is not None:
            signal.pause()
    os.read(reading, 1)
    holds = is_locked(lambda: reopen(folder))
    tally.expect(f"{name}: while another process has it", holds, "it was not refused")
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
    os.close(reading)
    os.close(writing)
    store = reopen(folder)
    tally.expect(f"{name}: after that was killed", store.acknowledged == 5, "it cannot open")
    store.close()
