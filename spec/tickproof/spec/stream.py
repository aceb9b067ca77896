"""The Event Stream as columns of int64: the canonical form both digests and `replay` work on.

`EventColumns` holds the six envelope columns, and the payloads end to end with their offsets. It
is append-only; the index is the Processing Order position [E3, E4]. Plain `array('q')`, so the
base install needs nothing else and any buffer consumer reads it without a copy. What is in memory
already, a NumPy or Arrow column or a mapped file, is taken as it lies (`from_buffers`); such a
batch is only read.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from tickproof.spec.events import Event, body_of, payload


class EventColumns:
    """An append-only batch of events.

    Columns (all `array('q')`, one entry per event): `kind`, `event_time_ns`, `capture_time_ns`,
    `source`, `sequence`, `epoch`. Payload of event i: `payload[offset[i]:offset[i + 1]]`, laid
    out as `events.FIELD_NAMES[kind]` says, book level triples last. `offset` has one entry more.
    """

    __slots__ = (
        "kind",
        "event_time_ns",
        "capture_time_ns",
        "source",
        "sequence",
        "epoch",
        "offset",
        "payload",
    )

    def __init__(self, events: Iterable[Event] = ()) -> None:
        self.kind = array("q")
        self.event_time_ns = array("q")
        self.capture_time_ns = array("q")
        self.source = array("q")
        self.sequence = array("q")
        self.epoch = array("q")
        self.offset = array("q", (0,))
        self.payload = array("q")
        for event in events:
            self.append(event)

    @staticmethod
    def from_buffers(
        kind: Any,
        event_time_ns: Any,
        capture_time_ns: Any,
        source: Any,
        sequence: Any,
        epoch: Any,
        offset: Any,
        payload: Any,
    ) -> EventColumns:
        """A batch over columns that live elsewhere; nothing is copied.

        Each is a buffer of one dimension, contiguous, of native signed 64-bit integers or of their
        bytes: a NumPy array of int64, what `to_numpy()` gives of an Arrow column, a mapped file.
        Six have an entry per event, `offset` one more; see the class. The batch keeps the memory
        alive, cannot be appended to (TypeError), and must not change while it is used.

        Raises TypeError for a buffer of another kind, ValueError where lengths or offsets do not
        fit together.
        """
        made = EventColumns()
        given = (kind, event_time_ns, capture_time_ns, source, sequence, epoch, offset, payload)
        names = EventColumns.__slots__
        for name, buffer in zip(names, given, strict=True):
            setattr(made, name, _integers(name, buffer))
        length = len(made.kind)
        if any(len(getattr(made, name)) != length for name in names[:6]):
            raise ValueError("columns of one entry per event differ in length")
        offsets = made.offset.tolist()
        if len(offsets) != length + 1 or offsets[0] != 0 or offsets[-1] != len(made.payload):
            raise ValueError("offset does not lead from 0 to the end of payload")
        if offsets != sorted(offsets):
            raise ValueError("offset runs backwards")
        return made

    def __len__(self) -> int:
        return len(self.kind)

    def __iter__(self) -> Iterator[Event]:
        for index in range(len(self)):
            yield self.event(index)

    def append(self, event: Event) -> None:
        """Append an event object."""
        self.append_raw(
            event.kind,
            event.event_time_ns,
            event.capture_time_ns,
            event.source,
            event.sequence,
            event.epoch,
            payload(event.body),
        )

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
        """Append an event given as integers.

        Raises OverflowError outside int64, TypeError where the columns live elsewhere; the batch
        is then as it was.
        """
        if not isinstance(self.payload, array):
            raise TypeError("columns that live elsewhere cannot be appended to")
        # Made first, as a whole: an integer that does not fit may not leave half an event behind.
        envelope = array("q", (kind, event_time_ns, capture_time_ns, source, sequence, epoch))
        self.payload.extend(values if isinstance(values, array) else array("q", values))
        self.kind.append(envelope[0])
        self.event_time_ns.append(event_time_ns)
        self.capture_time_ns.append(capture_time_ns)
        self.source.append(source)
        self.sequence.append(sequence)
        self.epoch.append(epoch)
        self.offset.append(len(self.payload))

    def payload_of(self, index: int) -> tuple[int, ...]:
        """The payload integers of event `index`."""
        return tuple(self.payload[self.offset[index] : self.offset[index + 1]])

    def event(self, index: int) -> Event:
        """Event `index` as an object."""
        return Event(
            self.event_time_ns[index],
            self.capture_time_ns[index],
            self.source[index],
            self.sequence[index],
            self.epoch[index],
            body_of(self.kind[index], self.payload_of(index)),
        )

    def slice(self, start: int, stop: int) -> EventColumns:
        """Events start to stop as a batch of their own (copied)."""
        part = EventColumns()
        first, last = self.offset[start], self.offset[stop]
        part.kind = _copied(self.kind[start:stop])
        part.event_time_ns = _copied(self.event_time_ns[start:stop])
        part.capture_time_ns = _copied(self.capture_time_ns[start:stop])
        part.source = _copied(self.source[start:stop])
        part.sequence = _copied(self.sequence[start:stop])
        part.epoch = _copied(self.epoch[start:stop])
        part.offset = _copied(self.offset[start : stop + 1])
        if first:
            part.offset = array("q", [o - first for o in part.offset])
        part.payload = _copied(self.payload[first:last])
        return part


def _copied(column: Any) -> array[int]:
    """A column of its own."""
    found = array("q")
    found.frombytes(memoryview(column).cast("B"))
    return found


def _integers(name: str, buffer: Any) -> memoryview:
    """A buffer as a read-only view of int64; raises TypeError where it is something else."""
    view = memoryview(buffer)
    right = view.itemsize == 1 or (view.itemsize == 8 and view.format in ("q", "l"))
    if not right or view.ndim != 1 or not view.c_contiguous or view.nbytes % 8:
        kind = f"{view.ndim} dimensions of {view.format!r}"
        raise TypeError(f"{name}: one contiguous run of signed 64-bit integers, not {kind}")
    return view.cast("B").cast("q").toreadonly()
