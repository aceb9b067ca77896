"""Group commit: one sync acknowledges everything that was appended while the last one ran.

What it decides: when a journal is committed. Appending never waits for the disk; a thread of its
own commits whatever has come together, again and again while there is something, and whoever needs
an Event to be safe waits for its position. How Events come together is timing, and shows in
nothing but the frames' acknowledgement: the frames themselves are the appender's batches.

Bytes that wait are bounded: beyond the bound appending stalls until the disk has caught up, which
`stalls` counts; nothing is dropped. An error of the disk ends the process at once, because nobody
knows any more what is on it; `on_failure` is there for tests and for programs that end otherwise.
"""

from __future__ import annotations

import os
import sys
import threading
from collections.abc import Callable
from typing import Self

from tickproof.runtime.console import EXIT_STORAGE
from tickproof.runtime.journal.log import Store
from tickproof.runtime.journal.refusing import JournalFailed
from tickproof.spec.stream import EventColumns

WAITING_BYTES_MAX = 16 * 1024 * 1024
"""Bytes that may wait for the disk before appending stalls."""

OnFailure = Callable[[JournalFailed], None]


def end_process(failure: JournalFailed) -> None:
    """One line, and the process is over, whatever its other threads do."""
    sys.stderr.write(f"tickproof: {failure}\n")
    sys.stderr.flush()
    os._exit(EXIT_STORAGE)


class GroupCommit:
    """A journal whose commits run on a thread; use it as a context.

    Leaving the context commits and closes; leaving it by an exception closes only.
    """

    def __init__(
        self,
        store: Store,
        *,
        waiting_bytes_max: int = WAITING_BYTES_MAX,
        on_failure: OnFailure = end_process,
    ) -> None:
        self.store = store
        self.stalls = 0
        self._waiting_bytes_max = waiting_bytes_max
        self._on_failure = on_failure
        self._changed = threading.Condition()
        self._work = threading.Event()
        self._is_ending = False
        self._acknowledged = store.acknowledged
        self._failure: JournalFailed | None = None
        self._thread = threading.Thread(target=self._run, name="journal", daemon=True)
        self._thread.start()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: object, value: object, trace: object) -> None:
        self.close(commit=kind is None)

    @property
    def acknowledged(self) -> int:
        """Events that no crash can take away."""
        return self._acknowledged

    def append(self, batch: EventColumns, start: int = 0, stop: int = -1) -> int:
        """One frame of events; the position after it. Raises `JournalFailed` after an error."""
        position = self.store.append(batch, start, stop)
        if not self._work.is_set():
            self._work.set()
        if self.store.waiting_bytes > self._waiting_bytes_max:
            self._stall()
        return position

    def wait(self, position: int) -> None:
        """Return when everything before `position` is acknowledged; raises `JournalFailed`."""
        self._work.set()
        with self._changed:
            while self._acknowledged < position:
                if self._failure is not None:
                    raise self._failure
                self._changed.wait()

    def flush(self) -> int:
        """Wait for everything appended; the position."""
        position = self.store.position
        self.wait(position)
        return position

    def keep_snapshot(self, data: bytes) -> int:
        """Wait for everything appended, then keep a snapshot of it; the position."""
        self.flush()
        try:
            return self.store.keep_snapshot(data)
        except JournalFailed as failure:
            self._fail(failure)
            raise

    def close(self, *, commit: bool = True) -> None:
        """Commit what waits unless told otherwise, end the thread, close the journal."""
        try:
            if commit and self._failure is None:
                self.flush()
        finally:
            self._is_ending = True
            self._work.set()
            self._thread.join()
            self.store.close()

    def _stall(self) -> None:
        self.stalls += 1
        with self._changed:
            while self.store.waiting_bytes > self._waiting_bytes_max and self._failure is None:
                self._changed.wait()

    def _run(self) -> None:
        """Commit while there is something to; sleep while there is not."""
        while True:
            self._work.wait()
            # Cleared first: what is appended from here on sets it again.
            self._work.clear()
            if self._is_ending:
                return
            try:
                acknowledged = self.store.commit()
            except JournalFailed as failure:
                self._fail(failure)
                return
            with self._changed:
                self._acknowledged = acknowledged
                self._changed.notify_all()

    def _fail(self, failure: JournalFailed) -> None:
        with self._changed:
            self._failure = failure
            self._changed.notify_all()
        self._on_failure(failure)
