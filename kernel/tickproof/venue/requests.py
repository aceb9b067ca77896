"""A Request on its way to a venue, in the form that is cheap to make.

Decides nothing: it reads a decision record of kind REQUEST, or the command that became one.
"""

from __future__ import annotations

from tickproof.kernel.intent_queue import QueuedCommand
from tickproof.spec.commands import Request
from tickproof.spec.instructions import PLAIN, Instructions, instruction_values, instructions_of
from tickproof.spec.outputs import RecordKind

_PLAIN_LENGTH = 14
"""Integers of a REQUEST record without instructions, the kind included."""


class VenueRequest:
    """A Request on its way: the fields of `spec.commands.Request`, cheaper to make.

    `list_id`, `prevention`, `quote_quantity`, `display`: as in `instructions`.
    """

    __slots__ = (
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
        "instructions",
        "list_id",
        "prevention",
        "quote_quantity",
        "display",
    )

    request_id: int
    kind: int
    strategy: int
    account: int
    order_id: int
    instrument: int
    side: int
    order_type: int
    time_in_force: int
    price: int
    quantity: int
    good_till_ns: int
    reduce_only: int
    instructions: Instructions
    list_id: int
    prevention: int
    quote_quantity: int
    display: int

    def __init__(self, record: tuple[int, ...]) -> None:
        self.read(record)

    def read(self, record: tuple[int, ...]) -> None:
        """Read a decision record of kind REQUEST, with instructions or without."""
        self.instructions = PLAIN
        self.list_id = self.prevention = self.quote_quantity = self.display = 0
        if len(record) > _PLAIN_LENGTH:
            self._instruct(record[_PLAIN_LENGTH:])
            record = record[:_PLAIN_LENGTH]
        (
            _,
            self.request_id,
            self.kind,
            self.strategy,
            self.account,
            self.order_id,
            self.instrument,
            self.side,
            self.order_type,
            self.time_in_force,
            self.price,
            self.quantity,
            self.good_till_ns,
            self.reduce_only,
        ) = record

    def carry(self, command: QueuedCommand) -> None:
        """What a command asks that the kernel sends: what `read` makes of its record."""
        self.instructions = PLAIN
        self.list_id = self.prevention = self.quote_quantity = self.display = 0
        if command.instructions:
            self._instruct(command.instructions)
        self.request_id = command.intent_id
        self.kind = command.kind
        self.strategy = command.strategy
        self.account = command.account
        self.order_id = command.order_id
        self.instrument = command.instrument
        self.side = command.side
        self.order_type = command.order_type
        self.time_in_force = command.time_in_force
        self.price = command.price
        self.quantity = command.quantity
        self.good_till_ns = command.good_till_ns
        self.reduce_only = command.reduce_only

    def _instruct(self, values: tuple[int, ...]) -> None:
        """The instructions an order has."""
        self.instructions = asked = instructions_of(values)
        self.list_id, self.prevention = asked.list_id, asked.prevention
        self.quote_quantity, self.display = asked.quote_quantity, asked.display


AnyRequest = Request | VenueRequest


def request_record(request: Request) -> tuple[int, ...]:
    """A Request as its decision record has it."""
    record = (
        int(RecordKind.REQUEST),
        request.request_id,
        request.kind,
        request.strategy,
        request.account,
        request.order_id,
        request.instrument,
        request.side,
        request.order_type,
        request.time_in_force,
        request.price,
        request.quantity,
        request.good_till_ns,
        request.reduce_only,
    )
    if request.instructions is PLAIN:
        return record
    return record + instruction_values(request.instructions)
