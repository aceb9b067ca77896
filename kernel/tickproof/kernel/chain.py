"""The chain digest over columns: equal to `spec.digest`, hashed a segment at a time [D7].

Events of the open segment are kept as the same int64 columns the stream has. What comes from a
batch is only remembered as a stretch of it until something else comes or the segment closes, so a
market event costs an addition here, and a few nanoseconds of hashing when its segment is full. A
segment that is one stretch of one batch is hashed where it lies.
"""

from __future__ import annotations

import hashlib
from array import array
from typing import Any

from tickproof.kernel import BUILD
from tickproof.kernel.tape import Stamped, Tape
from tickproof.spec.digest import LIMB, SEGMENT_LENGTH, little_endian_buffer, record_words
from tickproof.spec.outputs import RecordKind
from tickproof.spec.stream import EventColumns

_LENGTH = SEGMENT_LENGTH
_WAKE = int(RecordKind.WAKE)
_WAKE_LENGTH = 3
_ROOM = 5 * _LENGTH
"""Words there is room for at first: a wake at every position."""


class KernelChain:
    """Head and open segment. `count`: positions in the open segment.

    The six columns of the envelope and `length` have room for a whole segment and are written in
    place, as is `payload`, up to `filled`. What [`first`, `last`) of `tape` says is not copied yet.
    `words`, up to `written`: decision records, each as position in the segment, length, integers,
    or what `spec.digest` makes of integers that are wider; [`begun`, `ended`): those of the last
    position, which stay there when its segment closes; `loaded`: those of a snapshot, already laid
    out.
    """

    __slots__ = (
        "begun",
        "capacity",
        "capture_time_ns",
        "count",
        "ended",
        "epoch",
        "event_time_ns",
        "filled",
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
        "written",
    )

    head: bytes
    count: int
    begun: int
    ended: int
    first: int
    last: int
    filled: int
    tape: Tape | None
    capacity: int
    written: int
    words: list[int] | array[int]
    kind: memoryview[int]
    event_time_ns: memoryview[int]
    capture_time_ns: memoryview[int]
    source: memoryview[int]
    sequence: memoryview[int]
    epoch: memoryview[int]
    length: memoryview[int]
    payload: memoryview[int]
    loaded: array[int]

    def __init__(self, head: bytes) -> None:
        self.head = head
        self.kind = _room()
        self.event_time_ns = _room()
        self.capture_time_ns = _room()
        self.source = _room()
        self.sequence = _room()
        self.epoch = _room()
        self.length = _room()
        self.payload = _room()
        self.capacity = _ROOM
        self.words = words_for(_ROOM)
        self.begun = self.ended = 0
        self._open()

    def _open(self) -> None:
        self.count = 0
        self.tape = None
        self.first = 0
        self.last = 0
        self.filled = 0
        self.written = 0
        self.loaded = array("q")

    def load(self, head: bytes, columns: list[array[int]], records: array[int]) -> None:
        """Take over head and open segment of a snapshot, as `columns` gives it."""
        self._open()
        self.begun = self.ended = 0
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
        self._fit(len(columns[7]))
        for index in range(len(columns[7])):
            self.payload[index] = columns[7][index]
        self.filled = len(columns[7])
        self.loaded = records

    def columns(self) -> list[Any]:
        """The open segment: the six columns of the envelope, payload lengths, payloads.

        Views of them as they are; what comes next is written there.
        """
        self.settle()
        count = self.count
        return [
            self.kind[:count],
            self.event_time_ns[:count],
            self.capture_time_ns[:count],
            self.source[:count],
            self.sequence[:count],
            self.epoch[:count],
            self.length[:count],
            self.payload[: self.filled],
        ]

    def forget(self) -> None:
        """The records of the last position are asked for no more: the next one begins."""
        self.begun = self.ended = self.written

    def has_records(self) -> bool:
        """Whether the last position has decision records."""
        return self.ended > self.begun

    def records(self) -> list[tuple[int, ...]]:
        """The decision records of the last position, made from their words."""
        found = []
        at = self.begun
        while at < self.ended:
            length = self.words[at + 1]
            at += 2
            if length < 1:
                record, at = _wide_record(self.words, at, -length)
            else:
                record = tuple(self.words[at : at + length])
                at += length
            found.append(record)
        return found

    def note(self, record: tuple[int, ...]) -> None:
        """Add a decision record of the position that is being processed."""
        if self.written + len(record) + 2 > self.capacity:
            self._widen(len(record) + 2)
        at = self.written
        self.words[at] = self.count
        self.words[at + 1] = len(record)
        at += 2
        try:
            for number in record:
                self.words[at] = number
                at += 1
        except OverflowError:
            self._note_wide(record)
            return
        self.written = at

    def woke(self, strategy: int, bits: int) -> None:
        """`note` of the record that a strategy was consulted, by far the most of all."""
        at = self.written
        if at + _WAKE_LENGTH + 2 > self.capacity:
            self._widen(_WAKE_LENGTH + 2)
        self.words[at] = self.count
        self.words[at + 1] = _WAKE_LENGTH
        self.words[at + 2] = _WAKE
        self.words[at + 3] = strategy
        self.words[at + 4] = bits
        self.written = at + _WAKE_LENGTH + 2

    def note_5(self, kind: int, first: int, second: int, third: int, fourth: int) -> None:
        """`note` of a record of five integers."""
        at = self.written
        if at + 7 > self.capacity:
            self._widen(7)
        self.words[at] = self.count
        self.words[at + 1] = 5
        self.words[at + 2] = kind
        self.words[at + 3] = first
        self.words[at + 4] = second
        self.words[at + 5] = third
        self.words[at + 6] = fourth
        self.written = at + 7

    def note_6(
        self, kind: int, first: int, second: int, third: int, fourth: int, fifth: int
    ) -> None:
        """`note` of a record of six integers."""
        at = self.written
        if at + 8 > self.capacity:
            self._widen(8)
        self.words[at] = self.count
        self.words[at + 1] = 6
        self.words[at + 2] = kind
        self.words[at + 3] = first
        self.words[at + 4] = second
        self.words[at + 5] = third
        self.words[at + 6] = fourth
        self.words[at + 7] = fifth
        self.written = at + 8

    def note_13(
        self,
        kind: int,
        first: int,
        second: int,
        third: int,
        fourth: int,
        fifth: int,
        sixth: int,
        seventh: int,
        eighth: int,
        ninth: int,
        tenth: int,
        eleventh: int,
        twelfth: int,
    ) -> None:
        """`note` of a record of thirteen integers."""
        at = self.written
        if at + 15 > self.capacity:
            self._widen(15)
        self.words[at] = self.count
        self.words[at + 1] = 13
        self.words[at + 2] = kind
        self.words[at + 3] = first
        self.words[at + 4] = second
        self.words[at + 5] = third
        self.words[at + 6] = fourth
        self.words[at + 7] = fifth
        self.words[at + 8] = sixth
        self.words[at + 9] = seventh
        self.words[at + 10] = eighth
        self.words[at + 11] = ninth
        self.words[at + 12] = tenth
        self.words[at + 13] = eleventh
        self.words[at + 14] = twelfth
        self.written = at + 15

    def note_14(
        self,
        kind: int,
        first: int,
        second: int,
        third: int,
        fourth: int,
        fifth: int,
        sixth: int,
        seventh: int,
        eighth: int,
        ninth: int,
        tenth: int,
        eleventh: int,
        twelfth: int,
        thirteenth: int,
    ) -> None:
        """`note` of a record of fourteen integers."""
        at = self.written
        if at + 16 > self.capacity:
            self._widen(16)
        self.words[at] = self.count
        self.words[at + 1] = 14
        self.words[at + 2] = kind
        self.words[at + 3] = first
        self.words[at + 4] = second
        self.words[at + 5] = third
        self.words[at + 6] = fourth
        self.words[at + 7] = fifth
        self.words[at + 8] = sixth
        self.words[at + 9] = seventh
        self.words[at + 10] = eighth
        self.words[at + 11] = ninth
        self.words[at + 12] = tenth
        self.words[at + 13] = eleventh
        self.words[at + 14] = twelfth
        self.words[at + 15] = thirteenth
        self.written = at + 16

    def lengthen(self, length: int, more: tuple[int, ...]) -> None:
        """The record noted last, of `length` integers, goes on with so many more within int64."""
        if self.written + len(more) > self.capacity:
            self._widen(len(more))
        at = self.written
        self.words[at - length - 1] = length + len(more)
        for number in more:
            self.words[at] = number
            at += 1
        self.written = at

    def _note_wide(self, record: tuple[int, ...]) -> None:
        """A record with a number beyond int64: money is unbounded."""
        made = record_words(record)
        if self.written + len(made) + 1 > self.capacity:
            self._widen(len(made) + 1)
        at = self.written + 1
        self.words[at - 1] = self.count
        for number in made:
            self.words[at] = number
            at += 1
        self.written = at

    def _widen(self, length: int) -> None:
        """Make room for so many more words, and for as many again as there are."""
        before = self.words
        self.capacity = 2 * self.capacity + length
        self.words = words_for(self.capacity)
        for index in range(self.written):
            self.words[index] = before[index]

    def _fit(self, length: int) -> None:
        """Make room for so many more integers of payload, and for as many again as there are."""
        needed = self.filled + length
        if needed <= len(self.payload):
            return
        before = self.payload
        self.payload = memoryview(array("q", bytes(8 * (needed + len(before)))))
        self.payload[: self.filled] = before[: self.filled]

    def append(self, event: Stamped) -> None:
        """One more position, an Event by itself; closes the segment when it is full."""
        self.ended = self.written
        if self.tape is not None:
            self.settle()
        index = self.count
        self.kind[index] = event.kind
        self.event_time_ns[index] = event.event_time_ns
        self.capture_time_ns[index] = event.capture_time_ns
        self.source[index] = event.source
        self.sequence[index] = event.sequence
        self.epoch[index] = event.epoch
        length = event.length()
        self.length[index] = length
        self._fit(length)
        event.lay(self.payload, self.filled)
        self.filled += length
        self.count = index + 1
        if self.count == _LENGTH:
            self._close()

    def follow(self, tape: Tape, start: int, stop: int) -> None:
        """Positions start to stop of a tape, of which `note` has nothing more to say."""
        self.ended = self.written
        if self.tape is not tape or self.last != start:
            if self.tape is not None:
                self.settle()
            self.tape = tape
            self.first = start
        if self.count + (stop - start) < _LENGTH:
            self.last = stop
            self.count += stop - start
        else:
            self.last = start + _LENGTH - self.count
            start = self.last
            self.count = _LENGTH
            self._close()
            if start < stop:
                self.follow(tape, start, stop)

    def extend(self, batch: EventColumns, start: int, stop: int) -> None:
        """The same for a batch that may change afterwards."""
        self.follow(Tape(batch), start, stop)
        self.settle()

    def settle(self) -> None:
        """Copy the stretch that is only remembered, after which its batch may change."""
        tape = self.tape
        if tape is None:
            return
        self._measure(tape)
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
        begin, end = tape.offset[start], tape.offset[stop]
        filled = self.filled + end - begin
        self._fit(end - begin)
        self.payload[self.filled : filled] = tape.payload[begin:end]
        self.filled = filled

    def _measure(self, tape: Tape) -> None:
        """The payload lengths of what is only remembered."""
        length = self.length
        offset = tape.offset
        place = self.count - (self.last - self.first)
        begin = offset[self.first]
        for index in range(self.first + 1, self.last + 1):
            end = offset[index]
            length[place] = end - begin
            begin = end
            place += 1

    def room(self) -> int:
        """Positions that fit before the segment closes."""
        return _LENGTH - self.count

    def _close(self) -> None:
        self.head = self.value()
        self._open()

    def value(self) -> bytes:
        """The chain digest at the last position."""
        if self.count == 0:
            return self.head
        digest = hashlib.sha256(self.head)
        tape = self.tape
        if tape is not None and self.last - self.first == self.count:
            self._measure(tape)
            for column in self._remembered(tape):
                digest.update(little_endian_buffer(column))
        else:
            for column in self.columns():
                digest.update(little_endian_buffer(column))
        digest.update(little_endian_buffer(self.loaded))
        digest.update(little_endian_buffer(self._noted()))
        return digest.digest()

    def _remembered(self, tape: Tape) -> list[Any]:
        """`columns` of a segment that is one stretch of a tape: the stretch itself."""
        start, stop = self.first, self.last
        return [
            tape.kind[start:stop],
            tape.event_time_ns[start:stop],
            tape.capture_time_ns[start:stop],
            tape.source[start:stop],
            tape.sequence[start:stop],
            tape.epoch[start:stop],
            self.length[: self.count],
            tape.payload[tape.offset[start] : tape.offset[stop]],
        ]

    def recorded(self) -> array[int]:
        """The decision records of the open segment, as `spec.digest` lays them out."""
        return array("q", [*self.loaded, *self._noted()])

    def _noted(self) -> Any:
        """The words written so far."""
        words = self.words
        if not isinstance(words, list):
            return words[: self.written]
        try:
            return array("q", words[: self.written])
        except OverflowError:
            return _with_wide_numbers(words, self.written)


def words_for(length: int) -> Any:
    """Room for int64, in the form the build writes fastest: a list is quicker to interpret."""
    return array("q", bytes(8 * length)) if BUILD == "compiled" else [0] * length


def _room() -> memoryview[int]:
    """Room for one column of a segment."""
    return memoryview(array("q", bytes(8 * _LENGTH)))


def _wide_record(words: Any, at: int, length: int) -> tuple[tuple[int, ...], int]:
    """The record of which `record_words` made the words from `at` on, and where they end."""
    found = []
    for _ in range(length):
        sign, limbs = words[at], words[at + 1]
        at += 2
        number = 0
        for place in range(limbs):
            number += words[at + place] * LIMB**place
        at += limbs
        found.append(sign * number)
    return tuple(found), at


def _with_wide_numbers(words: list[int], written: int) -> array[int]:
    """Records some of which hold a number beyond int64: money is unbounded."""
    found = array("q")
    index = 0
    while index < written:
        first = index + 2
        last = first + words[index + 1]
        found.append(words[index])
        found.extend(record_words(tuple(words[first:last])))
        index = last
    return found
