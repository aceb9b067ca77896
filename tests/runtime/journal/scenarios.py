"""What a writer does in the fault matrix: short stories that cover every path that writes.

A story is a journal's whole life: created, written in batches, committed, rotated, snapshot, closed
and opened again. The Events are the first of one fixed stream, so that what a journal holds can be
compared with what was appended.
"""

from __future__ import annotations

from collections.abc import Callable
from random import Random

from attrs import frozen

from tickproof.runtime.journal.log import Journal, Store
from tickproof.runtime.journal.refusing import FolderRefusal, JournalRefused
from tickproof.runtime.journal.storage import Storage
from tickproof.spec.events import BookDelta, Event, EventKind, Execution, Trade
from tickproof.spec.journal import RecoveryRefusal
from tickproof.spec.stream import EventColumns

IDENTITY = bytes(range(32))
PLACE = "folder"
LARGE = 1 << 20


def _event(number: int) -> Event:
    """One of a few kinds, no two alike; stamps run backwards now and then, as clocks do."""
    stamp = 1_700_000_000_000_000_000 + number * 1_000 - (number % 7 == 3) * 5_000_000
    if number % 5 == 1:
        body: Trade | BookDelta | Execution = Trade(0, 100 + number, 3, 1, 0, number)
    elif number % 5 == 3:
        body = Execution(int(EventKind.FILLED), 0, 0, 1 + number, price=-number, quantity=2)
    else:
        levels = (1, 100 + number, 5) * (number % 3)
        body = BookDelta(0, number, number + 1, levels)
    return Event(stamp, stamp + 17, 0, number, 0, body)


STREAM = EventColumns(_event(number) for number in range(1_200))


def equal(left: EventColumns, right: EventColumns) -> bool:
    return all(getattr(left, name) == getattr(right, name) for name in EventColumns.__slots__)


def part(start: int, stop: int) -> EventColumns:
    return STREAM.slice(start, stop)


# --- stories -------------------------------------------------------------------------------------

Told = Callable[[int], None]
"""Called with a position each time a journal has acknowledged it."""


@frozen
class Story:
    """`steps`: ("append", events), ("commit", 0), ("snapshot", 0) and ("reopen", 0)."""

    name: str
    segment_bytes: int
    steps: tuple[tuple[str, int], ...]


def _batches(*sizes: int, every: int = 1) -> tuple[tuple[str, int], ...]:
    """Batches, committed after each `every` of them and at the end."""
    steps: list[tuple[str, int]] = []
    for number, size in enumerate(sizes, start=1):
        steps.append(("append", size))
        if number % every == 0:
            steps.append(("commit", 0))
    return (*steps, ("commit", 0))


def _random(seed: int) -> Story:
    random = Random(seed)
    steps: list[tuple[str, int]] = []
    for _ in range(8):
        verb = random.choice(("append", "append", "append", "commit", "commit", "snapshot"))
        steps.append((verb, random.randrange(1, 7)))
        if random.random() < 0.15:
            steps.append(("reopen", 0))
    return Story(f"random {seed}", random.choice((300, 900, LARGE)), (*steps, ("commit", 0)))


REOPEN = ("reopen", 0)
SNAPSHOT = ("snapshot", 0)
STORIES: tuple[Story, ...] = (
    Story("created", LARGE, ()),
    Story("one event", LARGE, _batches(1)),
    Story("one event after another", LARGE, _batches(1, 1, 1, 1)),
    Story("batches", LARGE, _batches(3, 4, 5)),
    Story("a large frame", LARGE, _batches(60)),
    Story("large frames", LARGE, _batches(40, 50, every=2)),
    Story("several frames a commit", LARGE, _batches(2, 3, 2, 3, 2, every=3)),
    Story("every frame a segment", 1, _batches(2, 2, 2)),
    Story("rotated", 700, _batches(3, 3, 3, 3)),
    Story("rotated, several frames", 700, _batches(3, 3, 3, 3, 3, 3, every=2)),
    Story("appended, never committed", LARGE, (*_batches(2), ("append", 3))),
    Story("reopened", LARGE, (*_batches(2, 2), REOPEN, *_batches(3))),
    Story("reopened twice", LARGE, (*_batches(2), REOPEN, REOPEN, *_batches(3))),
    Story("reopened when empty", LARGE, (REOPEN, *_batches(3))),
    Story("reopened at a segment's end", 1, (*_batches(2, 2), REOPEN, *_batches(2))),
    Story("reopened with frames in memory", LARGE, (*_batches(2), ("append", 3), REOPEN)),
    Story("snapshot", LARGE, (*_batches(3), SNAPSHOT)),
    Story("snapshot of nothing", LARGE, (SNAPSHOT, *_batches(2))),
    Story("snapshot commits", LARGE, (("append", 4), SNAPSHOT, *_batches(2))),
    Story(
        "snapshots, old ones go",
        LARGE,
        (*_batches(2), SNAPSHOT, *_batches(2), SNAPSHOT, *_batches(2), SNAPSHOT, *_batches(2)),
    ),
    Story("the same snapshot twice", LARGE, (*_batches(2), SNAPSHOT, SNAPSHOT)),
    Story("snapshot and rotation", 400, (*_batches(3, 3), SNAPSHOT, *_batches(3), REOPEN)),
    *(_random(seed) for seed in range(4)),
)


def snapshot_of(position: int) -> bytes:
    """What stands for a State: recomputable, and different at each position."""
    return b"state after %d" % position


def play(storage: Storage, story: Story, told: Told) -> None:
    """Live a story; what it acknowledges is told at once."""
    journal = Journal.create(storage, PLACE, IDENTITY, segment_bytes=story.segment_bytes)
    told(journal.acknowledged)
    for verb, size in story.steps:
        if verb == "append":
            journal.append(STREAM, journal.position, journal.position + size)
        elif verb == "commit":
            told(journal.commit())
        elif verb == "snapshot":
            told(journal.keep_snapshot(snapshot_of(journal.position)))
        else:
            journal.close()
            journal = Journal.open(storage, PLACE, segment_bytes=story.segment_bytes)
            told(journal.acknowledged)
    journal.close()


def appended_by(story: Story) -> int:
    return sum(size for verb, size in story.steps if verb == "append")


# --- what must hold afterwards -------------------------------------------------------------------

NOTHING_TOLD = -1
"""Not even the journal's creation was told."""
FRESH = (FolderRefusal.NO_JOURNAL, RecoveryRefusal.SLOTS_MISSING)
"""How a folder is refused in which a journal was never finished."""


@frozen
class Verdict:
    """Of one case. `lost`: acknowledged Events that are gone; `problem`: "" when all is well."""

    problem: str = ""
    lost: int = 0


def _opened(storage: Storage, told: int) -> Journal:
    try:
        return Journal.open(storage, PLACE)
    except JournalRefused as refused:
        if told != NOTHING_TOLD or refused.code not in FRESH:
            raise
        storage.close()
        return Journal.create(storage, PLACE, IDENTITY)


def held(journal: Store) -> EventColumns:
    """All Events of a journal."""
    found = EventColumns()
    for _, events, _ in journal.frames():
        for event in events:
            found.append(event)
    return found


def verdict(storage: Storage, told: int, appended: int = 10**6, *, go_on: bool = True) -> Verdict:
    """A restart: nothing acknowledged is lost, what is there is a prefix, and it can go on."""
    try:
        journal = _opened(storage, told)
    except JournalRefused as refused:
        return Verdict(f"refused: {refused}", max(told, 0))
    found = held(journal)
    count = len(found)
    if count < told:
        return Verdict(f"{told} were acknowledged, {count} are there", told - count)
    if count > appended:
        return Verdict(f"{appended} were appended, {count} are there")
    if not equal(found, part(0, count)) or journal.acknowledged != count:
        return Verdict("what is there is not what was appended", max(told, 0))
    for position in journal.snapshots():
        if journal.snapshot(position).data != snapshot_of(position):
            return Verdict(f"the snapshot at {position} is not what was kept")
    if go_on:
        journal.append(STREAM, count, count + 3)
        if journal.commit() != count + 3:
            return Verdict("it does not go on")
        journal.close()
        return verdict(storage, count + 3, count + 3, go_on=False)
    journal.close()
    return Verdict()
