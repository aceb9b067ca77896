"""A run and its journal: written while it runs, restored from it, begun again and compared.

What it decides: how a run's Events come into the journal, and what a restart is.

* `JournalStream` is the Event Stream of a run. What the kernel has applied is appended in frames of
  `BATCH` events and acknowledged by group commit; every so many events a snapshot of the kernel
  (chain head, open segment, all of State) is kept, at a position that is acknowledged.
* `restored` is the kernel at the last acknowledged Event: the newest snapshot and what follows it.
* A backtest that was stopped begins again from its data: its venue is no part of State. Until the
  acknowledged position every frame must be what the run makes again; there it goes on.
* `replayed` is a kernel fed with the journal from the beginning; on the way every snapshot must be
  what the kernel is then, byte for byte.
"""

from __future__ import annotations

from array import array
from collections.abc import Callable, Iterator, Sequence

from tickproof.kernel.kernel import Kernel
from tickproof.kernel.snapshot import SnapshotRefused, from_bytes, restore, take, to_bytes
from tickproof.runtime.errors import InputError
from tickproof.runtime.journal.group import GroupCommit
from tickproof.runtime.journal.log import Store
from tickproof.runtime.journal.refusing import JournalRefused
from tickproof.spec.configuration import Configuration
from tickproof.spec.errors import InvariantBroken
from tickproof.spec.journal import RecoveryRefusal
from tickproof.spec.journal_format import events_to_bytes, first_chain
from tickproof.spec.strategy import Strategy
from tickproof.spec.stream import EventColumns

BATCH = 256
"""Events of a frame, where a run writes its own."""

SNAPSHOT_EVERY = 100_000
"""Positions between snapshots, unless said otherwise."""

Frames = Iterator[tuple[int, EventColumns, bytes]]

# --- writing -------------------------------------------------------------------------------------


class JournalStream(EventColumns):
    """The Event Stream of a run, written to a journal as it grows.

    `kernel`: the one that has applied what is appended. `keep`: keep the events in memory too.
    What the journal already holds is compared instead of written: raises `InputError` at the first
    event that is another one.
    """

    def __init__(
        self,
        group: GroupCommit,
        kernel: Kernel,
        *,
        batch: int = BATCH,
        snapshot_every: int = SNAPSHOT_EVERY,
        keep: bool = False,
    ) -> None:
        super().__init__()
        self.group = group
        self.kernel = kernel
        self.batch = batch
        self.snapshot_every = snapshot_every
        self.keep = keep
        self.count = 0
        self.written = 0
        held = group.acknowledged
        self.next_snapshot = held - held % snapshot_every + snapshot_every
        self._held: Frames = group.store.frames() if held else iter(())
        self._expected: EventColumns | None = None
        self._next_write = batch
        self._expect()

    def append_raw(
        self,
        kind: int,
        event_time_ns: int,
        capture_time_ns: int,
        source: int,
        sequence: int,
        epoch: int,
        values: Sequence[int],
    ) -> None:
        """Append an event given as integers; raises as `EventColumns`, `InputError` besides."""
        super().append_raw(kind, event_time_ns, capture_time_ns, source, sequence, epoch, values)
        self.count += 1
        if self.count >= self._next_write:
            self._write()
        if self.count >= self.next_snapshot and self.kernel.position == self.count:
            self._snapshot()

    def finish(self) -> int:
        """Write what is left and wait for it; a snapshot of the end. The position.

        Raises `InputError` when the journal holds more than the run made.
        """
        if self._expected is not None:
            raise _another(self.group, self.count)
        self._write()
        if self.kernel.position == self.count > 0:
            return self.group.keep_snapshot(to_bytes(take(self.kernel)))
        return self.group.flush()

    def _write(self) -> None:
        """A frame of what is not in the journal yet, or what it holds compared with what is made.

        Frames that are held end where they ended; the rest of a run is its own frames again.
        """
        base = self.count - len(self)
        if self._expected is not None:
            frame = self._expected
            start, stop = self.written - base, self.written - base + len(frame)
            if events_to_bytes(self, start, stop) != events_to_bytes(frame, 0, len(frame)):
                same = _same(self, start, frame)
                raise _another(self.group, self.written + same)
            self.written += len(frame)
            self._expect()
        elif self.written < self.count:
            self.group.append(self, self.written - base)
            self.written = self.count
            self._next_write = self.count + self.batch
        if not self.keep and self.written == self.count:
            super().__init__()

    def _expect(self) -> None:
        """What the journal holds next; where it holds no more the run goes on by itself."""
        found = next(self._held, None)
        self._expected = None if found is None else found[1]
        size = self.batch if self._expected is None else len(self._expected)
        self._next_write = self.written + size

    def _snapshot(self) -> None:
        self.next_snapshot += self.snapshot_every
        if self._expected is None:
            self._write()
            self.group.keep_snapshot(to_bytes(take(self.kernel)))


def _same(stream: EventColumns, start: int, frame: EventColumns) -> int:
    """How many events of a frame are those of the stream."""
    for index in range(len(frame)):
        if stream.event(start + index) != frame.event(index):
            return index
    return len(frame)


def _another(group: GroupCommit, position: int) -> InputError:
    place = getattr(group.store, "place", "journal")
    return InputError(
        place,
        0,
        f"position {position}",
        "the Event that the journal holds",
        "another one: data, settings or program have changed",
    )


# --- reading -------------------------------------------------------------------------------------


def feed(kernel: Kernel, events: EventColumns) -> None:
    """Apply recorded Events; raises `InvariantBroken` where they cannot be applied."""
    index = 0
    while index < len(events):
        reached = kernel.replay(events, index)
        if reached == index:
            raise InvariantBroken(f"the stream skips a deadline at position {kernel.position}")
        index = reached


def restored(
    store: Store, configuration: Configuration, strategies: tuple[Strategy, ...]
) -> tuple[Kernel, int]:
    """The kernel after the last acknowledged Event, and how many were replayed for it.

    Raises `JournalRefused`, and `InputError` for a snapshot of another Configuration or code.
    """
    positions = store.snapshots()
    if not positions:
        kernel, start = Kernel(configuration, strategies), 0
    else:
        start = positions[-1]
        kept = store.snapshot(start)
        if kept.chain != _chain_at(store, start):
            raise JournalRefused(
                RecoveryRefusal.SNAPSHOT_FOREIGN, getattr(store, "place", ""), -1, start
            )
        try:
            kernel = restore(configuration, strategies, from_bytes(kept.data))
        except SnapshotRefused as refused:
            place = f"{getattr(store, 'place', 'journal')}: snapshot at {start}"
            raise InputError(place, 0, refused.code.name, "one of this run", str(refused)) from None
    for position, events, _ in store.frames(start):
        feed(kernel, events.slice(max(start - position, 0), len(events)))
    return kernel, store.acknowledged - start


def _chain_at(store: Store, position: int) -> bytes:
    """The chain after a position where a frame ends."""
    if position == 0:
        return first_chain(store.identity)
    start, events, chain = next(store.frames(position - 1))
    return chain if start + len(events) == position else b""


Checkpoint = Callable[[Kernel], None]


def replayed(
    store: Store,
    configuration: Configuration,
    strategies: tuple[Strategy, ...],
    at_frame: Checkpoint | None = None,
) -> Kernel:
    """A kernel fed with the journal from its beginning; every snapshot on the way is checked.

    `at_frame` is called after each frame. Raises `JournalRefused` for a snapshot that says
    something else than the log.
    """
    kernel = Kernel(configuration, strategies)
    snapshots = frozenset(store.snapshots())
    for _, events, chain in store.frames():
        feed(kernel, events)
        if kernel.position in snapshots:
            kept = store.snapshot(kernel.position)
            if kept.chain != chain or kept.data != to_bytes(take(kernel)):
                place = getattr(store, "place", "")
                raise JournalRefused(RecoveryRefusal.SNAPSHOT_FOREIGN, place, -1, kernel.position)
        if at_frame is not None:
            at_frame(kernel)
    return kernel


def columns_of(store: Store) -> EventColumns:
    """Every acknowledged Event, as one batch."""
    found = EventColumns()
    for _, events, _ in store.frames():
        base = len(found.payload)
        for name in ("kind", "event_time_ns", "capture_time_ns", "source", "sequence", "epoch"):
            getattr(found, name).extend(getattr(events, name))
        found.offset.extend(array("q", (base + end for end in events.offset[1:])))
        found.payload.extend(events.payload)
    return found
