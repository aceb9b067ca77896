"""The chain digest over columns: equal to `spec.digest`, hashed a segment at a time [D7].

Events of the open segment are kept as the same int64 columns the stream has. What comes from a
batch is only remembered as a stretch of it until something else comes or the segment closes, so a
market event costs an addition here, and a few nanoseconds of hashing when its segment is full.
"""

from __future__ import annotations

import hashlib
from array import array
from collections.abc import Sequence

from tickproof.kernel.tape import Envelope, Tape
from tickproof.spec.digest import SEGMENT_LENGTH, packed, record_words
from tickproof.spec.stream import EventColumns

_LENGTH = SEGMENT_LENGTH


class KernelChain:
    """Head and open segment. `count`: positions in the open segment.

    `columns` holds the segment up to the stretch [`first`, `last`) of `tape` that is not copied
    yet. `words`: decision records, each as position in the segment, length, integers; `loaded`:
    those of a snapshot, already laid out.
    """

    __slots__ = ("columns", "count", "first", "head", "last", "loaded", "tape", "words")

    head: bytes
    count: int
    first: int
    last: int
    tape: Tape | None
    columns: list[array[int]]
    words: list[int]
    loaded: array[int]

    def __init__(self, head: bytes) -> None:
        self.head = head
        self._open()

    def _open(self) -> None:
        self.count = 0
        self.tape = None
        self.first = 0
        self.last = 0
        # Kind, event time, capture time, source, sequence, epoch, payload length, payloads.
        self.columns = [array("q") for _ in range(8)]
        self.words = []
        self.loaded = array("q")

    def load(self, head: bytes, columns: list[array[int]], records: array[int]) -> None:
        """Take over head and open segment of a snapshot."""
        self._open()
        self.head = head
        self.count = len(columns[0])
        self.columns = columns
        self.loaded = records

    def note(self, record: tuple[int, ...]) -> None:
        """Add a decision record of the position that is being processed."""
        words = self.words
        words.append(self.count)
        words.append(len(record))
        words.extend(record)

    def append(self, event: Envelope) -> None:
        """One more position, an Event by itself; closes the segment when it is full."""
        if self.tape is not None:
            self.settle()
        columns = self.columns
        columns[0].append(event.kind)
        columns[1].append(event.event_time_ns)
        columns[2].append(event.capture_time_ns)
        columns[3].append(event.source)
        columns[4].append(event.sequence)
        columns[5].append(event.epoch)
        columns[6].append(len(event.values))
        columns[7].extend(event.values)
        self.count += 1
        if self.count == _LENGTH:
            self._close()

    def follow(self, tape: Tape, start: int, stop: int) -> None:
        """Positions start to stop of a tape, none of which completes more than the segment.

        The caller never passes the end of the open segment: `room` says how many fit.
        """
        if self.tape is not tape or self.last != start:
            if self.tape is not None:
                self.settle()
            self.tape = tape
            self.first = start
        self.last = stop
        self.count += stop - start
        if self.count == _LENGTH:
            self._close()

    def extend(self, batch: EventColumns, start: int, stop: int) -> None:
        """The same for a batch that may change afterwards."""
        self.follow(Tape(batch), start, stop)
        self.settle()

    def settle(self) -> None:
        """Copy the stretch that is only remembered, after which its batch may change."""
        if self.tape is None:
            return
        tape, start, stop = self.tape, self.first, self.last
        batch = tape.batch
        self.tape = None
        columns = self.columns
        columns[0].extend(batch.kind[start:stop])
        columns[1].extend(batch.event_time_ns[start:stop])
        columns[2].extend(batch.capture_time_ns[start:stop])
        columns[3].extend(batch.source[start:stop])
        columns[4].extend(batch.sequence[start:stop])
        columns[5].extend(batch.epoch[start:stop])
        offset = tape.offset
        lengths = array("q", bytes(8 * (stop - start)))
        self._note_lengths(lengths, offset, start)
        columns[6].extend(lengths)
        columns[7].extend(batch.payload[offset[start] : offset[stop]])

    def _note_lengths(self, lengths: array[int], offset: Sequence[int], start: int) -> None:
        """Payload lengths from event `start` on, by the offsets of a tape."""
        for index in range(len(lengths)):
            lengths[index] = offset[start + index + 1] - offset[start + index]

    def room(self) -> int:
        """Positions that fit before the segment closes."""
        return _LENGTH - self.count

    def _close(self) -> None:
        self.head = self.value()
        self._open()

    def value(self) -> bytes:
        """The chain digest at the last position."""
        self.settle()
        if self.count == 0:
            return self.head
        return hashlib.sha256(self.head + packed([*self.columns, self.recorded()])).digest()

    def recorded(self) -> array[int]:
        """The decision records of the open segment, as `spec.digest` lays them out."""
        try:
            return self.loaded + array("q", self.words)
        except OverflowError:
            return self.loaded + _with_wide_numbers(self.words)


def _with_wide_numbers(words: list[int]) -> array[int]:
    """Records some of which hold a number beyond int64: money is unbounded."""
    found = array("q")
    index = 0
    while index < len(words):
        first = index + 2
        last = first + words[index + 1]
        found.append(words[index])
        found.extend(record_words(tuple(words[first:last])))
        index = last
    return found
