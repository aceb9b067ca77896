"""Events as integers on their way into the kernel: one alone, or a batch by columns and index.

Decides nothing. `Evidence` is one Event about an order, its payload in fields with names; an
`Envelope` is any other that did not come in a batch: the runtime's own, an account's. `Tape` is a
batch as the hot loops read it: the columns themselves, never a copy.
"""

from __future__ import annotations

from array import array
from collections.abc import Sequence
from typing import Any

from tickproof.spec.events import FIELD_NAMES, FIRST_EXECUTION_KIND, NOT_CARRIED, EventKind
from tickproof.spec.stream import EventColumns

_FIRST_EXECUTION = FIRST_EXECUTION_KIND
_STATUS_REPORT = int(EventKind.STATUS_REPORT)
_NOT_CARRIED = int(NOT_CARRIED)
_EVIDENCE_LENGTH = len(FIELD_NAMES[EventKind.ACCEPTED])


class Stamped:
    """One Event by itself: its kind, and whence and when it came. `values` is its payload."""

    __slots__ = (
        "capture_time_ns",
        "epoch",
        "event_time_ns",
        "kind",
        "sequence",
        "source",
    )

    kind: int
    event_time_ns: int
    capture_time_ns: int
    source: int
    sequence: int
    epoch: int

    def stamp(
        self,
        kind: int,
        event_time_ns: int,
        capture_time_ns: int,
        source: int,
        sequence: int,
        epoch: int,
    ) -> None:
        """Every field; without boxing where it is compiled."""
        self.kind = kind
        self.event_time_ns = event_time_ns
        self.capture_time_ns = capture_time_ns
        self.source = source
        self.sequence = sequence
        self.epoch = epoch

    @property
    def values(self) -> Sequence[int]:
        """The payload, as `events.payload` lays it out."""
        return ()

    def answered(self) -> int:
        """The Request it answers, 0 for none."""
        return 0

    def length(self) -> int:
        """How many integers its payload has."""
        return len(self.values)

    def lay(self, payload: Any, at: int) -> None:
        """Its payload into a column of int64, from `at` on."""
        for number in self.values:
            payload[at] = number
            at += 1


class Envelope(Stamped):
    """One Event other than evidence about an order."""

    __slots__ = ("values",)

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
        self.stamp(kind, event_time_ns, capture_time_ns, source, sequence, epoch)
        self.values = values


class Evidence(Stamped):
    """What is said of one order; the fields of its payload are those of `events.Execution`."""

    __slots__ = (
        "account",
        "instrument",
        "order_id",
        "request_id",
        "venue_order_id",
        "leg",
        "trade_id",
        "reference",
        "side",
        "price",
        "quantity",
        "total",
        "leaves",
        "fee",
        "fee_asset",
        "liquidity",
        "cause",
        "reason",
        "flags",
    )

    account: int
    instrument: int
    order_id: int
    request_id: int
    venue_order_id: int
    leg: int
    trade_id: int
    reference: int
    side: int
    price: int
    quantity: int
    total: int
    leaves: int
    fee: int
    fee_asset: int
    liquidity: int
    cause: int
    reason: int
    flags: int

    def read(self, values: Sequence[int]) -> None:
        """Every field of a payload."""
        self.account = values[0]
        self.instrument = values[1]
        self.order_id = values[2]
        self.request_id = values[3]
        self.venue_order_id = values[4]
        self.leg = values[5]
        self.trade_id = values[6]
        self.reference = values[7]
        self.side = values[8]
        self.price = values[9]
        self.quantity = values[10]
        self.total = values[11]
        self.leaves = values[12]
        self.fee = values[13]
        self.fee_asset = values[14]
        self.liquidity = values[15]
        self.cause = values[16]
        self.reason = values[17]
        self.flags = values[18]

    @property
    def values(self) -> array[int]:
        """The payload, as `events.payload` lays it out."""
        made = array("q", bytes(8 * _EVIDENCE_LENGTH))
        self.lay(made, 0)
        return made

    def answered(self) -> int:
        """The Request it answers, 0 for none."""
        return self.request_id

    def length(self) -> int:
        """How many integers its payload has."""
        return _EVIDENCE_LENGTH

    def lay(self, payload: Any, at: int) -> None:
        """Its payload into a column of int64, from `at` on."""
        payload[at] = self.account
        payload[at + 1] = self.instrument
        payload[at + 2] = self.order_id
        payload[at + 3] = self.request_id
        payload[at + 4] = self.venue_order_id
        payload[at + 5] = self.leg
        payload[at + 6] = self.trade_id
        payload[at + 7] = self.reference
        payload[at + 8] = self.side
        payload[at + 9] = self.price
        payload[at + 10] = self.quantity
        payload[at + 11] = self.total
        payload[at + 12] = self.leaves
        payload[at + 13] = self.fee
        payload[at + 14] = self.fee_asset
        payload[at + 15] = self.liquidity
        payload[at + 16] = self.cause
        payload[at + 17] = self.reason
        payload[at + 18] = self.flags


def evidence_about(kind: int, account: int, instrument: int, order_id: int) -> Evidence:
    """Evidence that says nothing more yet, and is not stamped."""
    made = Evidence.__new__(Evidence)
    made.kind = kind
    made.account = account
    made.instrument = instrument
    made.order_id = order_id
    made.request_id = 0
    made.venue_order_id = 0
    made.leg = 0
    made.trade_id = 0
    made.reference = 0
    made.side = 0
    made.price = 0
    made.quantity = 0
    made.total = _NOT_CARRIED
    made.leaves = _NOT_CARRIED
    made.fee = 0
    made.fee_asset = 0
    made.liquidity = 0
    made.cause = 0
    made.reason = 0
    made.flags = 0
    return made


def envelope_of(
    kind: int,
    event_time_ns: int,
    capture_time_ns: int,
    source: int,
    sequence: int,
    epoch: int,
    values: Sequence[int],
) -> Stamped:
    """One Event given as integers, in the form the kernel takes."""
    if _FIRST_EXECUTION <= kind < _STATUS_REPORT:
        made = Evidence.__new__(Evidence)
        made.stamp(kind, event_time_ns, capture_time_ns, source, sequence, epoch)
        made.read(values)
        return made
    return Envelope(kind, event_time_ns, capture_time_ns, source, sequence, epoch, values)


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

    def envelope(self, index: int) -> Stamped:
        """One event of the batch by itself."""
        batch: Any = self.batch
        return envelope_of(
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


def loose(payload: array[int]) -> Tape:
    """A tape of integers that came in no batch: `payload` is all that may be read of it."""
    tape = Tape.__new__(Tape)
    tape.payload = payload
    return tape
