"""A Request on its way to a venue, in the form that is cheap to make, and all that are under way.

Decides nothing: it reads a decision record of kind REQUEST, or the command that became one, and
keeps what is under way in order.
"""

from __future__ import annotations

from bisect import insort_right
from operator import attrgetter

from tickproof.kernel.intent_queue import QueuedCommand
from tickproof.spec.commands import Request
from tickproof.spec.instructions import PLAIN, Instructions, instruction_values, instructions_of
from tickproof.spec.outputs import RecordKind
from tickproof.spec.time import NEVER_NS

_NEVER = NEVER_NS
RELEASED = -1
"""The kind of what is no Request: it is the turn of a leg of an order list, `order_id`."""

_KEPT = 64
"""Requests that arrived and are kept before it is worth moving those that did not."""

_PLAIN_LENGTH = 14
"""Integers of a REQUEST record without instructions, the kind included."""


class VenueRequest:
    """A Request on its way: the fields of `spec.commands.Request`, cheaper to make.

    `list_id`, `prevention`, `quote_quantity`, `display`: as in `instructions`. `due_ns`: when it
    arrives.
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
        "due_ns",
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
    due_ns: int

    def __init__(self, record: tuple[int, ...]) -> None:
        self.due_ns = _NEVER
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


class UnderWay:
    """Requests under way, the soonest first; of those due at one time the one sent first.

    `requests`: of these the first `arrived` are under way no more. Almost always whoever is sent
    later arrives later, and stands last.
    """

    __slots__ = ("requests", "arrived")

    requests: list[VenueRequest]
    arrived: int

    def __init__(self) -> None:
        self.requests = []
        self.arrived = 0

    def add(self, request: VenueRequest) -> None:
        """A request that is due at its `due_ns`, behind all that are due then or sooner."""
        requests = self.requests
        if self.arrived < len(requests):
            last = requests[-1]
            if last.due_ns > request.due_ns:
                insort_right(requests, request, self.arrived, key=attrgetter("due_ns"))
                return
        requests.append(request)

    def next_ns(self) -> int:
        """When the soonest is due, NEVER_NS where none is under way."""
        if self.arrived == len(self.requests):
            return _NEVER
        soonest = self.requests[self.arrived]
        return soonest.due_ns

    def take(self) -> VenueRequest:
        """The soonest, which is under way no more; there is one."""
        requests = self.requests
        request = requests[self.arrived]
        self.arrived += 1
        if self.arrived == len(requests):
            self.requests = []
            self.arrived = 0
        elif self.arrived >= _KEPT and self.arrived * 2 >= len(requests):
            # Each that is left is moved once, on average.
            del requests[: self.arrived]
            self.arrived = 0
        return request


def release_of(order_id: int, due_ns: int) -> VenueRequest:
    """What has an order of a list come in at its turn."""
    made = VenueRequest.__new__(VenueRequest)
    made.kind = RELEASED
    made.order_id = order_id
    made.due_ns = due_ns
    return made


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
