"""`storage_errors`: a full disk, an input or output error, a failed sync, a short write.

At every call of every story. After the error nothing is acknowledged, and nothing more is written;
the next start finds what was acknowledged, whether the machine kept running or lost its power. A
failed sync is one as real systems fail it: the pages are taken for written, and are not. After the
restart the power fails too, so that what the restart acknowledged is held to it as well.
"""

from __future__ import annotations

import errno
import os
from random import Random

from attrs import define

from tests.runtime.journal.matrix.crash import calls_of
from tests.runtime.journal.matrix.tally import Tally
from tests.runtime.journal.scenarios import (
    NOTHING_TOLD,
    PLACE,
    STORIES,
    Story,
    Verdict,
    appended_by,
    play,
    verdict,
)
from tests.runtime.journal.simulated import FaultyStorage, SimulatedDisk
from tickproof.runtime.journal.log import Journal
from tickproof.runtime.journal.refusing import JournalFailed, JournalRefused

SHORT_WRITES = (0, 1, 50)
IMAGES = 2
IMAGES_NIGHTLY = 200


@define
class Failing:
    """Raises an error; a failed sync also takes what was not written for written."""

    disk: SimulatedDisk
    number: int

    def __call__(self, call: str, name: str) -> None:
        if call == "sync":
            self.disk.fail_sync(name)
        raise OSError(self.number, os.strerror(self.number), name)


def run(nightly: bool) -> Tally:
    """All of it."""
    tally = Tally("storage_errors")
    for story in STORIES:
        for at, call in enumerate(calls_of(story)):
            for number in (errno.ENOSPC, errno.EIO):
                name = f"{story.name}: {errno.errorcode[number]} at call {at} ({call})"
                _case(tally, story, name, at, number, -1, nightly)
            for short in SHORT_WRITES if call == "write" else ():
                name = f"{story.name}: {short} bytes written at call {at}"
                _case(tally, story, name, at, 0, short, nightly)
    return tally


def _case(
    tally: Tally, story: Story, name: str, at: int, number: int, short: int, nightly: bool
) -> None:
    disk, told = SimulatedDisk(), [NOTHING_TOLD]
    fault = Failing(disk, number) if number else None
    storage = FaultyStorage(disk, at, fault, short, then_fails=number == errno.ENOSPC)
    try:
        play(storage, story, told.append)
    except (JournalFailed, OSError):
        pass
    else:
        # A write that got somewhere is carried on with; everything else must have been noticed.
        tally.expect(f"{name}, noticed", short > 0, "nobody noticed")
    disk.close()
    for number, image in enumerate(disk.images(Random(at), IMAGES_NIGHTLY if nightly else IMAGES)):
        found = verdict(image, told[-1], appended_by(story))
        tally.add(f"{name}, then no power, disk {number}", found)
    tally.add(f"{name}, started again", _restarted(disk, told[-1], story))


def _restarted(disk: SimulatedDisk, told: int, story: Story) -> Verdict:
    """Started on the same system; what that acknowledges stands when the power fails."""
    try:
        journal = Journal.open(disk, PLACE)
    except JournalRefused:
        # Never finished, so nothing was told: the plain verdict knows that case.
        disk.close()
        return verdict(disk, told, appended_by(story))
    acknowledged = journal.acknowledged
    journal.close()
    lost = next(disk.images(Random(0), 2))
    found = verdict(lost, max(acknowledged, told), appended_by(story))
    return found if found.problem else verdict(disk, max(acknowledged, told), appended_by(story))
