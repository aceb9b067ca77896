"""Outputs of a step: decision records, derived by the kernel and never inputs [E6].

A record is a flat tuple of integers: a `RecordKind`, then the fields named in `RECORD_FIELDS`.
Records are folded into the chain in the order they were made, so a replay that decides otherwise
stops at the first position that differs [D5, D7].
"""

from __future__ import annotations

from collections.abc import Iterable
from enum import IntEnum

from attrs import evolve

from tickproof.spec.commands import Request
from tickproof.spec.instructions import INSTRUCTION_FIELDS, instructions_of

Record = tuple[int, ...]


class RecordKind(IntEnum):
    """What a record says."""

    WAKE = 1
    INTENT = 2
    DENIED = 3
    REFUSED = 4
    REQUEST = 5
    FILL = 6
    POSTING = 7
    INTENT_CLOSED = 8
    SURFACED = 9
    STRATEGY_FAILED = 10
    TIMER = 11


class RefusalSource(IntEnum):
    """Which table or rule refused."""

    ORDER_LIFE = 1
    FILL_LIFE = 2
    DOMINANCE = 3
    STATUS_REPORT = 4
    TRADING_STATE = 5
    SESSION = 6
    CONNECTION = 7
    INSTRUMENT_STATUS = 8
    ACCOUNT = 9


class AccountRefusal(IntEnum):
    """Why an account Event is refused: it is about something that is not configured."""

    UNKNOWN_ACCOUNT = 1
    UNKNOWN_ASSET = 2
    UNKNOWN_INSTRUMENT = 3


class SurfacedReason(IntEnum):
    """What a person must be shown, without State being in error."""

    OVERFILLED = 1
    OVERDRAWN = 2
    CONTRADICTION = 3
    ACKNOWLEDGEMENT_OVERDUE = 4
    CANCEL_OVERDUE = 5
    ADOPTED = 6
    LATE_FILL = 7
    INFERRED_DEATH = 8
    FEED_GAP = 9


class IntentOutcome(IntEnum):
    """How an Intent ended; never an Order state [L5].

    IN_DOUBT: its Request was settled without an answer, by absence at the venue or by an operator.
    """

    SUPERSEDED = 1
    MERGED = 2
    ANNIHILATED = 3
    WITHDRAWN = 4
    ANSWERED = 5
    REFUSED_BY_VENUE = 6
    IN_DOUBT = 7
    NOT_SENT = 8


RECORD_FIELDS: dict[int, tuple[str, ...]] = {
    RecordKind.WAKE: ("strategy", "mask"),
    RecordKind.INTENT: (
        "strategy",
        "intent_id",
        "kind",
        "order_id",
        "instrument",
        "side",
        "order_type",
        "time_in_force",
        "price",
        "quantity",
        "good_till_ns",
        "reduce_only",
    ),
    RecordKind.DENIED: ("strategy", "intent_id", "instrument", "order_id", "code"),
    RecordKind.REFUSED: ("strategy", "instrument", "order_id", "source", "code"),
    RecordKind.REQUEST: (
        "request_id",
        "kind",
        "strategy",
        "account",
        "order_id",
        "instrument",
        "side",
        "order_type",
        "time_in_force",
        "price",
        "quantity",
        "good_till_ns",
        "reduce_only",
    ),
    RecordKind.FILL: (
        "strategy",
        "account",
        "instrument",
        "order_id",
        "trade_id",
        "side",
        "price",
        "quantity",
        "fee",
        "fee_asset",
        "liquidity",
        "cause",
    ),
    RecordKind.POSTING: ("asset", "holder_from", "holder_to", "amount", "reason"),
    RecordKind.INTENT_CLOSED: ("strategy", "intent_id", "order_id", "outcome"),
    RecordKind.SURFACED: ("reason", "instrument", "order_id", "detail"),
    RecordKind.STRATEGY_FAILED: ("strategy",),
    RecordKind.TIMER: ("strategy", "at_ns"),
}
"""Field names of each record kind, after the kind itself. An INTENT or REQUEST with instructions
has the names in INSTRUCTION_FIELDS behind these; one without any is as short as it always was."""

_REQUEST_LENGTH = 1 + len(RECORD_FIELDS[RecordKind.REQUEST])


def record_fields(kind: int, count: int) -> tuple[str, ...]:
    """Names of the `count` fields of a record of `kind`, after the kind; () where none fit."""
    names = RECORD_FIELDS.get(kind, ())
    longer = (*names, *INSTRUCTION_FIELDS)
    if count == len(longer) and kind in (RecordKind.INTENT, RecordKind.REQUEST):
        return longer
    return names if count == len(names) else ()


def request_of(record: Record) -> Request:
    """The Request a REQUEST record stands for."""
    plain = Request(*record[1:_REQUEST_LENGTH])  # type: ignore[arg-type]
    if len(record) == _REQUEST_LENGTH:
        return plain
    return evolve(plain, instructions=instructions_of(record[_REQUEST_LENGTH:]))


def requests_of(records: Iterable[Record]) -> tuple[Request, ...]:
    """The Requests among `records`, in dispatch order."""
    return tuple(request_of(record) for record in records if record[0] == RecordKind.REQUEST)
