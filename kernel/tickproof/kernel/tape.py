"""Events as integers on their way into the kernel: one alone, or a batch by columns and index.

Decides nothing. `Envelope` is one Event that did not come in a batch: the venue's evidence, the
runtime's own. `Tape` is a batch as the hot loops read it: the columns themselves, never a copy.
"""

from __future__ import annotations

from array import array
from collections.abc import Sequence
from typing import Any

from tickproof.spec.stream import EventColumns


class Envelope:
    """One Event given as integers; `values` is its payload."""

    __slots__ = (
        "capture_time_ns",
        "epoch",
        "event_time_ns",
        "kind",
        "sequence",
        "source",
        "values",
    )

    kind: int
    event_time_ns: int
    capture_time_ns: int
    source: int
    sequence: int
    epoch: int
    values: Sequence[int]

    def __init__(
        self,
        kind: int,
        event_time_ns: int,
        capture_time_ns: int,
        source: int,
        sequence: int,
        epoch: int,
        values: Sequence[int],
    ) -> None:
        self.begin(kind, event_time_ns, capture_time_ns, source, sequence, epoch, values)

    def begin(
        self,
        kind: int,
        event_time_ns: int,
        capture_time_ns: int,
        source: int,
        sequence: int,
        epoch: int,
        values: Sequence[int],
    ) -> None:
        """Every field; without boxing where it is compiled."""
        self.kind = kind
        self.event_time_ns = event_time_ns
        self.capture_time_ns = capture_time_ns
        self.source = source
        self.sequence = sequence
        self.epoch = epoch
        self.values = values


class Tape:
    """A batch and its columns for reading by index. The batch must not grow while it is read."""

    __slots__ = (
        "batch",
        "capture_time_ns",
        "epoch",
        "event_time_ns",
        "kind",
        "length",
        "offset",
        "payload",
        "sequence",
        "source",
    )

    batch: EventColumns
    length: int
    kind: array[int]
    event_time_ns: array[int]
    capture_time_ns: array[int]
    source: array[int]
    sequence: array[int]
    epoch: array[int]
    offset: array[int]
    payload: array[int]

    def __init__(self, batch: EventColumns) -> None:
        self.batch = batch
        self.length = len(batch)
        self.kind = batch.kind
        self.event_time_ns = batch.event_time_ns
        self.capture_time_ns = batch.capture_time_ns
        self.source = batch.source
        self.sequence = batch.sequence
        self.epoch = batch.epoch
        self.offset = batch.offset
        self.payload = batch.payload

    def envelope(self, index: int) -> Envelope:
        """One event of the batch by itself."""
        batch: Any = self.batch
        return Envelope(
            self.kind[index],
            self.event_time_ns[index],
            self.capture_time_ns[index],
            self.source[index],
            self.sequence[index],
            self.epoch[index],
            batch.payload[self.offset[index] : self.offset[index + 1]],
        )

    def first_value(self, index: int) -> int:
        """The first integer of a payload, 0 when it has none."""
        first = self.offset[index]
        return self.payload[first] if first < self.offset[index + 1] else 0
