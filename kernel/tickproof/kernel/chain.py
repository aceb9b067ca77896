"""The chain digest over columns: equal to `spec.digest`, hashed a segment at a time [D7].

Events of the open segment are kept as the same int64 columns the stream has. What comes from a
batch is only remembered as a stretch of it until something else comes or the segment closes, so a
market event costs an addition here, and a few nanoseconds of hashing when its segment is full.
"""

from __future__ import annotations

import hashlib
from array import array

from tickproof.kernel.tape import Envelope, Tape
from tickproof.spec.digest import SEGMENT_LENGTH, packed, record_words
from tickproof.spec.stream import EventColumns

_LENGTH = SEGMENT_LENGTH


class KernelChain:
    """Head and open segment. `count`: positions in the open segment.

    The six columns of the envelope and `length` have room for a whole segment and are written in
    place. What [`first`, `last`) of `tape` says is not copied yet. `words`: decision records, each
    as position in the segment, length, integers; `loaded`: those of a snapshot, already laid out.
    """

    __slots__ = (
        "capture_time_ns",
        "count",
        "epoch",
        "event_time_ns",
        "first",
        "head",
        "kind",
        "last",
        "length",
        "loaded",
        "payload",
        "sequence",
        "source",
        "tape",
        "words",
    )

    head: bytes
    count: int
    first: int
    last: int
    tape: Tape | None
    words: list[int]
    loaded: array[int]
    payload: array[int]

    def __init__(self, head: bytes) -> None:
        self.head = head
        self.kind = array("q", bytes(8 * _LENGTH))
        self.event_time_ns = array("q", bytes(8 * _LENGTH))
        self.capture_time_ns = array("q", bytes(8 * _LENGTH))
        self.source = array("q", bytes(8 * _LENGTH))
        self.sequence = array("q", bytes(8 * _LENGTH))
        self.epoch = array("q", bytes(8 * _LENGTH))
        self.length = array("q", bytes(8 * _LENGTH))
        self._open()

    def _open(self) -> None:
        self.count = 0
        self.tape = None
        self.first = 0
        self.last = 0
        self.payload = array("q")
        self.words = []
        self.loaded = array("q")

    def load(self, head: bytes, columns: list[array[int]], records: array[int]) -> None:
        """Take over head and open segment of a snapshot, as `columns` gives it."""
        self._open()
        self.head = head
        self.count = len(columns[0])
        for index in range(self.count):
            self.kind[index] = columns[0][index]
            self.event_time_ns[index] = columns[1][index]
            self.capture_time_ns[index] = columns[2][index]
            self.source[index] = columns[3][index]
            self.sequence[index] = columns[4][index]
            self.epoch[index] = columns[5][index]
            self.length[index] = columns[6][index]
        self.payload = columns[7]
        self.loaded = records

    def columns(self) -> list[array[int]]:
        """The open segment: the six columns of the envelope, payload lengths, payloads."""
        self.settle()
        count = self.count
        return [
            _begun(self.kind, count),
            _begun(self.event_time_ns, count),
            _begun(self.capture_time_ns, count),
            _begun(self.source, count),
            _begun(self.sequence, count),
            _begun(self.epoch, count),
            _begun(self.length, count),
            self.payload,
        ]

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
        index = self.count
        self.kind[index] = event.kind
        self.event_time_ns[index] = event.event_time_ns
        self.capture_time_ns[index] = event.capture_time_ns
        self.source[index] = event.source
        self.sequence[index] = event.sequence
        self.epoch[index] = event.epoch
        self.length[index] = len(event.values)
        self.payload.extend(event.values)
        self.count = index + 1
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
        tape = self.tape
        if tape is None:
            return
        self.tape = None
        start, stop = self.first, self.last
        last = self.count
        first = last - (stop - start)
        self.kind[first:last] = tape.kind[start:stop]
        self.event_time_ns[first:last] = tape.event_time_ns[start:stop]
        self.capture_time_ns[first:last] = tape.capture_time_ns[start:stop]
        self.source[first:last] = tape.source[start:stop]
        self.sequence[first:last] = tape.sequence[start:stop]
        self.epoch[first:last] = tape.epoch[start:stop]
        offset = tape.offset
        for index in range(stop - start):
            self.length[first + index] = offset[start + index + 1] - offset[start + index]
        self.payload.extend(tape.batch.payload[offset[start] : offset[stop]])

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
        return hashlib.sha256(self.head + packed([*self.columns(), self.recorded()])).digest()

    def recorded(self) -> array[int]:
        """The decision records of the open segment, as `spec.digest` lays them out."""
        try:
            return self.loaded + array("q", self.words)
        except OverflowError:
            return self.loaded + _with_wide_numbers(self.words)


def _begun(column: array[int], count: int) -> array[int]:
    """The part of a column that is written."""
    found = array("q")
    found.frombytes(memoryview(column).cast("B")[: 8 * count])
    return found


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
