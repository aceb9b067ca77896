"""The chain digest over columns: equal to `spec.digest`, hashed a segment at a time [D7].

Events of the open segment are kept as the same int64 columns the stream has; a batch is appended
by extending arrays, so hashing costs a few nanoseconds an event and nothing per step.
"""

from __future__ import annotations

import hashlib
from array import array

from tickproof.spec.digest import SEGMENT_LENGTH, packed, record_words
from tickproof.spec.stream import EventColumns


class KernelChain:
    """Head and open segment. `count`: positions in the open segment."""

    __slots__ = ("columns", "count", "head", "records")

    head: bytes
    count: int
    columns: list[array[int]]
    records: array[int]

    def __init__(self, head: bytes) -> None:
        self.head = head
        self._open()

    def _open(self) -> None:
        self.count = 0
        # Kind, event time, capture time, source, sequence, epoch, payload length, payloads.
        self.columns = [array("q") for _ in range(8)]
        self.records = array("q")

    def load(self, head: bytes, columns: list[array[int]], records: array[int]) -> None:
        """Take over head and open segment of a snapshot."""
        self.head = head
        self.count = len(columns[0])
        self.columns = columns
        self.records = records

    def note(self, record: tuple[int, ...]) -> None:
        """Add a decision record of the position that is being processed."""
        try:
            words = array("q", record)
        except OverflowError:
            self.records.append(self.count)
            self.records.extend(record_words(record))
            return
        self.records.append(self.count)
        self.records.append(len(record))
        self.records.extend(words)

    def append(
        self,
        kind: int,
        event_time_ns: int,
        capture_time_ns: int,
        source: int,
        sequence: int,
        epoch: int,
        values: array[int],
    ) -> None:
        """One more position; closes the segment when it is full."""
        columns = self.columns
        columns[0].append(kind)
        columns[1].append(event_time_ns)
        columns[2].append(capture_time_ns)
        columns[3].append(source)
        columns[4].append(sequence)
        columns[5].append(epoch)
        columns[6].append(len(values))
        columns[7].extend(values)
        self.count += 1
        if self.count == SEGMENT_LENGTH:
            self._close()

    def extend(self, batch: EventColumns, start: int, stop: int) -> None:
        """Positions start to stop of a batch, none of which completes more than the segment.

        The caller never passes the end of the open segment: `room` says how many fit.
        """
        columns = self.columns
        columns[0].extend(batch.kind[start:stop])
        columns[1].extend(batch.event_time_ns[start:stop])
        columns[2].extend(batch.capture_time_ns[start:stop])
        columns[3].extend(batch.source[start:stop])
        columns[4].extend(batch.sequence[start:stop])
        columns[5].extend(batch.epoch[start:stop])
        offset = batch.offset
        lengths = columns[6]
        for index in range(start, stop):
            lengths.append(offset[index + 1] - offset[index])
        columns[7].extend(batch.payload[offset[start] : offset[stop]])
        self.count += stop - start
        if self.count == SEGMENT_LENGTH:
            self._close()

    def room(self) -> int:
        """Positions that fit before the segment closes."""
        return SEGMENT_LENGTH - self.count

    def _close(self) -> None:
        self.head = self.value()
        self._open()

    def value(self) -> bytes:
        """The chain digest at the last position."""
        if self.count == 0:
            return self.head
        return hashlib.sha256(self.head + packed([*self.columns, self.records])).digest()
