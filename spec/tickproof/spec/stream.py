"""The Event Stream as columns of int64: the canonical form both digests and `replay` work on.

`EventColumns` holds the six envelope columns, and the payloads end to end with their offsets. It
is append-only; the index is the Processing Order position [E3, E4]. Plain `array('q')`, so the
base install needs nothing else and any buffer consumer reads it without a copy.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Iterator, Sequence

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

        Raises OverflowError outside int64; the batch is then as it was.
        """
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
        part.kind = self.kind[start:stop]
        part.event_time_ns = self.event_time_ns[start:stop]
        part.capture_time_ns = self.capture_time_ns[start:stop]
        part.source = self.source[start:stop]
        part.sequence = self.sequence[start:stop]
        part.epoch = self.epoch[start:stop]
        part.offset = array("q", (o - first for o in self.offset[start : stop + 1]))
        part.payload = self.payload[first:last]
        return part
