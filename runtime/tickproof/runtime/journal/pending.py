"""What every journal holds before it is committed: frames that wait, and where they lead.

Decides what an appended batch becomes (`spec.journal_format`), and that nothing is taken any more
after a failure. What is done with the frames, and when they count, is the backend's.
"""

from __future__ import annotations

import threading

from tickproof.runtime.journal.refusing import JournalFailed
from tickproof.spec.journal_format import DIGEST_BYTES, Mark, events_to_bytes, frame
from tickproof.spec.stream import EventColumns


class Pending:
    """Frames that wait for a commit, behind the newest mark. `place`: the journal, for messages."""

    def __init__(self, place: str, mark: Mark, position: int, chain: bytes) -> None:
        self.place = place
        self._mark = mark
        self._position = position
        self._chain = chain
        self._waiting: list[tuple[int, bytes]] = []
        self._waiting_bytes = 0
        self._failure = ""
        # Appending and committing may be on two threads; this guards what both touch.
        self._guard = threading.Lock()

    @property
    def identity(self) -> bytes:
        """The 32 bytes that name this journal."""
        return self._mark.identity

    @property
    def position(self) -> int:
        """Events appended, acknowledged or not."""
        return self._position

    @property
    def acknowledged(self) -> int:
        """Events that no crash can take away."""
        return self._mark.position

    @property
    def chain(self) -> bytes:
        """The chain at `acknowledged`."""
        return self._mark.chain

    @property
    def waiting_bytes(self) -> int:
        """Bytes that are appended and not yet written."""
        return self._waiting_bytes

    def append(self, batch: EventColumns, start: int = 0, stop: int = -1) -> int:
        """One frame of events start to stop; the position after it. Not acknowledged yet.

        Raises `JournalFailed` after an error.
        """
        if stop < 0:
            stop = len(batch)
        if stop <= start:
            return self._position
        payload = events_to_bytes(batch, start, stop)
        with self._guard:
            self._check()
            data = frame(self._position, self._chain, payload)
            self._waiting.append((self._position, data))
            self._waiting_bytes += len(data)
            self._chain = data[-DIGEST_BYTES:]
            self._position += stop - start
            return self._position

    def _take(self) -> tuple[list[tuple[int, bytes]], int, bytes]:
        """All frames that wait, each with its position, and position and chain after them."""
        with self._guard:
            self._check()
            waiting, self._waiting = self._waiting, []
            self._waiting_bytes = 0
            return waiting, self._position, self._chain

    def _fail(self, reason: str) -> None:
        """From here on nothing is taken and nothing more is acknowledged."""
        with self._guard:
            self._failure = reason
            self._waiting, self._waiting_bytes = [], 0

    def _check(self) -> None:
        if self._failure:
            raise JournalFailed(self.place, self.acknowledged, self._failure)
