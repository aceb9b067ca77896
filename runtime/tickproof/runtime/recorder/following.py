"""Whether a symbol's recorded book can be rebuilt: the book sync table, run on numbers alone.

Decides, by `tickproof.spec.book_sync` as a reader of the recording will, when a snapshot has to be
asked for and where messages of the book are missing.
"""

from __future__ import annotations

from collections import deque

from tickproof.spec.book_sync import BookSync, SyncAction, SyncEvent, SyncMessage, SyncState, step

WAITING_MOST = 10_000
"""Numbers of so many diffs are remembered while a snapshot is waited for; one that is older than
the first of them is asked for again. What is recorded does not depend on it."""


class Follower:
    """One symbol's book. `wants_snapshot`: one has to be asked for; `gaps`: books lost so far."""

    def __init__(self, numbering: int) -> None:
        self._sync = BookSync(numbering=numbering)
        self._buffer: deque[SyncMessage] = deque(maxlen=WAITING_MOST)
        self._was_in_sync = False
        self.wants_snapshot = False
        self.gaps = 0

    @property
    def in_sync(self) -> bool:
        """Whether what is recorded so far rebuilds the book as of the last diff."""
        return self._sync.state == SyncState.IN_SYNC

    @property
    def last_id(self) -> int:
        """Number the book is the state of."""
        return self._sync.last_id

    def on_diff(self, numbers: SyncMessage) -> bool:
        """Follow a diff; whether it shows that messages of a book once in sync are missing."""
        outcome = step(self._sync, SyncEvent.DIFF, numbers)
        self._sync = outcome.sync
        action = self._sync.action
        if action == SyncAction.LOSE:
            return self._lost([numbers])
        if action == SyncAction.BUFFER:
            self._buffer.append(numbers)
            self.wants_snapshot = True
        self._was_in_sync = self._was_in_sync or self.in_sync
        return False

    def carries_on(self, update_id: int) -> bool:
        """Whether what waits for a snapshot could follow one at this number, nothing missing."""
        sync = step(self._sync, SyncEvent.SNAPSHOT, SyncMessage(last_id=update_id)).sync
        if sync.action != SyncAction.REPLACE:
            return False
        for numbers in self._buffer:
            sync = step(sync, SyncEvent.DIFF, numbers).sync
            if sync.action == SyncAction.LOSE:
                return False
        return True

    def on_snapshot(self, update_id: int) -> bool:
        """Follow a snapshot and what waited for it; whether messages turn out to be missing."""
        outcome = step(self._sync, SyncEvent.SNAPSHOT, SyncMessage(last_id=update_id))
        if outcome.refusal or outcome.sync.action != SyncAction.REPLACE:
            # Behind what is known: in sync it is not needed, else a newer one is.
            self.wants_snapshot = not self.in_sync
            return False
        self._sync = outcome.sync
        self.wants_snapshot = False
        waiting = list(self._buffer)
        self._buffer.clear()
        for index, numbers in enumerate(waiting):
            if self.on_diff(numbers):
                self._buffer += waiting[index + 1 :]
                return True
            if self._sync.state == SyncState.GAP:
                self._buffer += waiting[index + 1 :]
                return False
        return False

    def on_connection_lost(self) -> None:
        """What comes next may not carry on from what was."""
        outcome = step(self._sync, SyncEvent.CONNECTION_LOST, SyncMessage())
        self._sync = outcome.sync
        self._buffer.clear()
        self.gaps += self._was_in_sync
        self._was_in_sync = False

    def _lost(self, buffered: list[SyncMessage]) -> bool:
        """The book is lost; whether there was one."""
        self._buffer.clear()
        self._buffer.extend(buffered)
        self.wants_snapshot = True
        lost, self._was_in_sync = self._was_in_sync, False
        self.gaps += lost
        return lost
