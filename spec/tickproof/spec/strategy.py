"""Strategies: what they see, what they may remember, when they are asked [P3, D3, I1 to I3].

A strategy is one object with `decide(view, memory) -> decisions`. The view is immutable and built
from State; the memory is declared canonical data: an attrs class whose fields are integers,
strings, bytes, booleans or tuples of those. Memory is owned by State: it is in the state digest
and in snapshots, and when `decide` raises it is put back as it was [F4].
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, ClassVar, Protocol, runtime_checkable

from attrs import astuple, fields, frozen, has

from tickproof.spec.commands import Decision, Intent, SetTimer
from tickproof.spec.configuration import WakeRule
from tickproof.spec.instructions import Instructions

Canonical = int | str | bytes | bool | tuple[Any, ...]


class OrderView(Protocol):
    """One of the strategy's own orders; fields as in `OrderSummary`."""

    @property
    def key(self) -> int:
        """The strategy's own key."""

    @property
    def instrument(self) -> int:
        """Instrument id."""

    @property
    def side(self) -> int:
        """Side of the order."""

    @property
    def price(self) -> int:
        """Limit in force, 0 for MARKET."""

    @property
    def total(self) -> int:
        """Total quantity."""

    @property
    def executed(self) -> int:
        """Lots filled."""

    @property
    def leaves(self) -> int:
        """Lots that may still fill."""

    @property
    def life(self) -> int:
        """Code of `order_life.Life`."""

    @property
    def pending_kind(self) -> int:
        """Kind of the Request in flight, or 0."""

    @property
    def queued_kind(self) -> int:
        """Kind of the command that waits in the Intent Queue, or 0."""

    @property
    def doubts(self) -> int:
        """Requests whose outcome is unknown."""

    @property
    def is_open(self) -> bool:
        """May fill now or later."""

    @property
    def is_busy(self) -> bool:
        """Something of it is queued, in flight or in doubt."""


@frozen
class OrderSummary:
    """An own order: `life` as in `order_life.Life`; `pending_kind` the Request in flight, or 0.

    A key whose NEW still waits in the Intent Queue is shown with `life` ABSENT and `queued_kind`
    NEW. `is_open`: it may still fill, or is on its way. `is_busy`: a command of it is queued, in
    flight or in doubt, so that a further one may be held back.
    """

    key: int
    instrument: int
    side: int
    price: int
    total: int
    executed: int
    leaves: int
    life: int
    pending_kind: int
    queued_kind: int
    doubts: int

    @property
    def is_open(self) -> bool:
        """May fill now or later."""
        return self.leaves > 0 or self.queued_kind == 1

    @property
    def is_busy(self) -> bool:
        """Something of it is queued, in flight or in doubt."""
        return self.queued_kind != 0 or self.pending_kind != 0 or self.doubts != 0


class View(Protocol):
    """What a strategy sees: State through the triggering Event, its own part of Execution [I2].

    Prices in price units, quantities in lots, amounts in asset units, times in ns. Ids are those
    of Configuration, others raise KeyError. Everything is read only: assigning to a view raises
    AttributeError.
    """

    @property
    def now_ns(self) -> int:
        """Kernel time."""

    @property
    def wake(self) -> int:
        """Sum of the Wake bits that hold for this consultation."""

    @property
    def event_kind(self) -> int:
        """Kind of the triggering Event."""

    @property
    def event_instrument(self) -> int:
        """Instrument of the triggering Event, -1 when it has none."""

    def bid_price(self, instrument: int) -> int:
        """Best bid, 0 when the side is empty."""

    def bid_size(self, instrument: int) -> int:
        """Lots at the best bid."""

    def ask_price(self, instrument: int) -> int:
        """Best ask, 0 when the side is empty."""

    def ask_size(self, instrument: int) -> int:
        """Lots at the best ask."""

    def size_at(self, instrument: int, side: int, price: int) -> int:
        """Lots at a level, 0 when there is none."""

    def last_trade(self, instrument: int) -> tuple[int, int, int]:
        """(price, size, aggressor side) of the last print, zeros before the first."""

    def last_bar(self, instrument: int) -> tuple[int, int, int, int, int]:
        """(open, high, low, close, volume) of the last closed bar."""

    def status(self, instrument: int) -> int:
        """Trading status of an instrument."""

    def tick(self, instrument: int) -> int:
        """Price step of an instrument now, in price units."""

    def lot_step(self, instrument: int) -> int:
        """Quantity step of an instrument now, in lots."""

    def position(self, instrument: int) -> int:
        """Signed position of the strategy's account, in lots."""

    def available(self, asset: int) -> int:
        """Balance of the strategy's account that is not locked."""

    def order(self, key: int) -> OrderView | None:
        """The own order called `key`."""

    def open_orders(self) -> tuple[OrderView, ...]:
        """Own orders that may still fill or are on their way, by key."""

    def next_key(self) -> int:
        """An order key this strategy has not used."""


@runtime_checkable
class Strategy(Protocol):
    """The one strategy class, the same object in every runtime [P3]."""

    wake: ClassVar[WakeRule]
    memory: ClassVar[type]

    def decide(self, view: View, memory: Any) -> Iterable[Decision] | None:
        """Return Intents and timers in the order they are to be handled, or None."""


def is_canonical(value: object) -> bool:
    """Whether a value may be remembered: int, bool, str, bytes, and tuples of those.

    Exactly those types: an IntEnum or a named tuple would come back from a snapshot as less than
    it was, and the strategy could tell.
    """
    if type(value) is tuple:
        return all(is_canonical(item) for item in value)
    return type(value) in (int, bool, str, bytes)


def memory_values(memory: object) -> tuple[Canonical, ...]:
    """The fields of a memory object, in declaration order."""
    return tuple(getattr(memory, name) for name in memory_fields(type(memory)))


def memory_fields(memory_type: type) -> tuple[str, ...]:
    """Field names of a memory type.

    Raises TypeError when it is not an attrs class with slots, made from all of its fields: what is
    not a field would be remembered without State knowing [D3].
    """
    if not has(memory_type):
        raise TypeError(f"{memory_type.__name__} is not an attrs class")
    if any("__dict__" in vars(base) for base in memory_type.__mro__):
        raise TypeError(f"{memory_type.__name__} has no slots: it could remember beside its fields")
    if not all(attribute.init for attribute in fields(memory_type)):
        raise TypeError(f"{memory_type.__name__} has a field that is not an argument")
    return tuple(attribute.name for attribute in fields(memory_type))


def initial_memory(strategy: Strategy) -> tuple[Canonical, ...]:
    """What a strategy remembers before anything happened; raises TypeError if it may not."""
    values = memory_values(strategy.memory())
    if not is_canonical(values):
        raise TypeError(f"{strategy.memory.__name__} starts with what is not canonical data")
    return values


DECISION_LIMIT = 2**62
"""Integers of a decision are within +-DECISION_LIMIT: records are 64 bits wide."""


def is_decision(value: object) -> bool:
    """Whether a strategy returned something the kernel understands, integers throughout."""
    if isinstance(value, SetTimer):
        return type(value.at_ns) is int and 0 <= value.at_ns <= DECISION_LIMIT
    if not isinstance(value, Intent):
        return False
    asked: object = value.instructions
    if not isinstance(asked, Instructions):
        return False
    # As they are: `instruction_values` would take what only looks like an integer for one.
    parts: tuple[object, ...] = (*value[:-1], *astuple(asked))
    for part in parts:
        if not isinstance(part, int) or not -DECISION_LIMIT <= part <= DECISION_LIMIT:
            return False
    return True
