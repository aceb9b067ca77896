"""A strategy's read-only view of the kernel: the same answers as `spec.consultation.StateView`.

One object per strategy serves every consultation. It reads the live structures, so it costs
nothing to make; writing to it raises, and what it returns are integers and tuples.
"""

from __future__ import annotations

from typing import NoReturn

from tickproof.kernel.execution import KernelExecution
from tickproof.kernel.intent_queue import QueuedCommand
from tickproof.kernel.market import KernelMarket
from tickproof.kernel.orders import KernelOrder
from tickproof.kernel.orders import leaves as leaves_of
from tickproof.kernel.orders import total as total_of
from tickproof.spec.commands import ORDER_KEY_LIMIT, CommandKind
from tickproof.spec.errors import InvariantBroken
from tickproof.spec.strategy import OrderSummary

_KEY_LIMIT = ORDER_KEY_LIMIT
_NEW = int(CommandKind.NEW)
_ASKED = 8
"""How many of the orders asked for last are at hand: one for each remainder of their keys."""


class Moment:
    """What changes from one consultation to the next: kernel time and the triggering Event."""

    __slots__ = ("event_instrument", "event_kind", "now_ns")

    now_ns: int
    event_kind: int
    event_instrument: int

    def __init__(self) -> None:
        self.now_ns = 0
        self.event_kind = 0
        self.event_instrument = -1


class Counters:
    """What a view needs of its strategy: the wake mask and the greatest key used."""

    __slots__ = ("last_key", "wake")

    wake: int
    last_key: int

    def __init__(self) -> None:
        self.wake = 0
        self.last_key = 0


class KernelView:
    """See `spec.strategy.View`."""

    __slots__ = (
        "_account",
        "_asked",
        "_counters",
        "_execution",
        "_first_order_id",
        "_markets",
        "_moment",
    )

    _account: int
    _asked: list[OrderFacts]
    _counters: Counters
    _execution: KernelExecution
    _first_order_id: int
    _markets: dict[int, KernelMarket]
    _moment: Moment

    def __init__(
        self,
        strategy: int,
        account: int,
        markets: list[KernelMarket],
        execution: KernelExecution,
        moment: Moment,
        counters: Counters,
    ) -> None:
        values = (
            ("_account", account),
            ("_asked", [OrderFacts(0, None, None)] * _ASKED),
            ("_counters", counters),
            ("_execution", execution),
            ("_first_order_id", strategy * ORDER_KEY_LIMIT),
            ("_markets", dict(enumerate(markets))),
            ("_moment", moment),
        )
        for name, value in values:
            # The one way past `__setattr__` that a compiled class has as well.
            vars(KernelView)[name].__set__(self, value)

    def __setattr__(self, name: str, value: object) -> NoReturn:
        raise AttributeError("a view is read only")

    def __delattr__(self, name: str) -> NoReturn:
        raise AttributeError("a view is read only")

    @property
    def now_ns(self) -> int:
        """Kernel time."""
        return self._moment.now_ns

    @property
    def wake(self) -> int:
        """Wake bits of this consultation."""
        return self._counters.wake

    @property
    def event_kind(self) -> int:
        """Kind of the triggering Event."""
        return self._moment.event_kind

    @property
    def event_instrument(self) -> int:
        """Instrument of the triggering Event, or -1."""
        return self._moment.event_instrument

    def bid_price(self, instrument: int) -> int:
        """Best bid."""
        market = self._markets[instrument]
        return market.book.bid_price

    def bid_size(self, instrument: int) -> int:
        """Lots at the best bid."""
        market = self._markets[instrument]
        return market.book.bid_size

    def ask_price(self, instrument: int) -> int:
        """Best ask."""
        market = self._markets[instrument]
        return market.book.ask_price

    def ask_size(self, instrument: int) -> int:
        """Lots at the best ask."""
        market = self._markets[instrument]
        return market.book.ask_size

    def size_at(self, instrument: int, side: int, price: int) -> int:
        """Lots at a level."""
        market = self._markets[instrument]
        return market.book.size_at(1 if side == 1 else -1, price)

    def last_trade(self, instrument: int) -> tuple[int, int, int]:
        """The last print."""
        market = self._markets[instrument]
        return market.trade_price, market.trade_size, market.trade_side

    def last_bar(self, instrument: int) -> tuple[int, int, int, int, int]:
        """The last closed bar."""
        market = self._markets[instrument]
        return market.bar

    def status(self, instrument: int) -> int:
        """Trading status."""
        market = self._markets[instrument]
        return market.status

    def tick(self, instrument: int) -> int:
        """Price step."""
        market = self._markets[instrument]
        return market.tick

    def lot_step(self, instrument: int) -> int:
        """Quantity step."""
        market = self._markets[instrument]
        return market.lot_step

    def position(self, instrument: int) -> int:
        """Signed position of the account."""
        if instrument not in self._markets:
            raise KeyError(instrument)
        return self._execution.ledger.quantity_of(self._account, instrument)

    def available(self, asset: int) -> int:
        """Free balance of the account."""
        ledger = self._execution.ledger
        if not ledger.knows_asset(asset):
            raise KeyError(asset)
        return ledger.available_of(self._account, asset)

    def order(self, key: int) -> OrderFacts | None:
        """The own order called `key`; None for what is no key."""
        try:
            number = key
        except OverflowError:
            # Where it is compiled: a number beyond 64 bits.
            return None
        if number < 1 or number >= _KEY_LIMIT:
            return None
        facts = self._asked[number % _ASKED]
        if facts.key != number:
            return self._found(number)
        entries = self._execution.queue.entries
        entry = entries.get(self._first_order_id + number) if entries else None
        facts.look(entry)
        return facts

    def _found(self, key: int) -> OrderFacts | None:
        """An order that was not asked for of late; it is at hand the next time, once it is sent."""
        facts = summary(self._execution, self._first_order_id, key)
        if facts is not None and self._first_order_id + key in self._execution.orders:
            self._asked[key % _ASKED] = facts
        return facts

    def open_orders(self) -> tuple[OrderFacts, ...]:
        """Own orders that may still fill or are on their way, by key."""
        execution = self._execution
        found = []
        low = self._first_order_id
        for order_id in sorted({**execution.unfinished, **execution.shadows}):
            if low < order_id < low + ORDER_KEY_LIMIT:
                each = summary(execution, low, order_id - low)
                if each is not None and each.is_open:
                    found.append(each)
        return tuple(found)

    def next_key(self) -> int:
        """One more than the greatest key used."""
        return self._counters.last_key + 1


class OrderFacts:
    """An own order as its strategy sees it: the answers of `spec.strategy.OrderSummary`.

    It reads the order where it lives, which nobody changes while a strategy is consulted, so that
    asking for one field costs one field; what is asked of every order, whether it is open and
    whether it is busy, is known at once. `order` None: a NEW that is queued and not sent yet, and
    whose terms are then those of `entry`.
    """

    __slots__ = ("_entry", "_order", "is_busy", "is_open", "key")

    _entry: QueuedCommand | None
    _order: KernelOrder | None
    is_busy: bool
    is_open: bool
    key: int

    def __init__(self, key: int, order: KernelOrder | None, entry: QueuedCommand | None) -> None:
        self.begin(key, order, entry)

    def begin(self, key: int, order: KernelOrder | None, entry: QueuedCommand | None) -> None:
        """The strategy's own key, an order, what is queued for it, or both."""
        self.key = key
        self._order = order
        self.look(entry)

    def look(self, entry: QueuedCommand | None) -> None:
        """The same order as it is now, and what is queued for it."""
        order = self._order
        self._entry = entry
        self.is_open = entry is not None and entry.kind == _NEW
        self.is_busy = entry is not None
        if order is not None:
            if leaves_of(order) > 0:
                self.is_open = True
            if order.pending_kind or order.doubts:
                self.is_busy = True

    @property
    def instrument(self) -> int:
        """Instrument id."""
        return self._known().instrument

    @property
    def side(self) -> int:
        """Side of the order."""
        return self._known().side

    @property
    def price(self) -> int:
        """Limit in force, 0 for MARKET."""
        return self._known().price

    @property
    def total(self) -> int:
        """Total quantity."""
        if self._order is not None:
            return total_of(self._order)
        return 0 if self._entry is None else self._entry.quantity

    @property
    def executed(self) -> int:
        """Lots filled."""
        return 0 if self._order is None else self._order.executed

    @property
    def leaves(self) -> int:
        """Lots that may still fill."""
        return 0 if self._order is None else leaves_of(self._order)

    @property
    def life(self) -> int:
        """Code of `order_life.Life`."""
        return 0 if self._order is None else self._order.life

    @property
    def pending_kind(self) -> int:
        """Kind of the Request in flight, or 0."""
        return 0 if self._order is None else self._order.pending_kind

    @property
    def queued_kind(self) -> int:
        """Kind of the command that waits in the Intent Queue, or 0."""
        return 0 if self._entry is None else self._entry.kind

    @property
    def doubts(self) -> int:
        """Requests whose outcome is unknown."""
        return 0 if self._order is None else len(self._order.doubts)

    def _known(self) -> KernelOrder | QueuedCommand:
        found = self._order if self._order is not None else self._entry
        if found is None:
            raise InvariantBroken("I2: a view of an order that is neither known nor queued")
        return found

    def to_spec(self) -> OrderSummary:
        """The specification's form, which stays as it is."""
        return OrderSummary(
            self.key,
            self.instrument,
            self.side,
            self.price,
            self.total,
            self.executed,
            self.leaves,
            self.life,
            self.pending_kind,
            self.queued_kind,
            self.doubts,
        )


def summary(execution: KernelExecution, first_order_id: int, key: int) -> OrderFacts | None:
    """An order as its strategy sees it; None when there is neither order nor queued NEW."""
    order_id = first_order_id + key
    order = execution.orders.get(order_id)
    entry = execution.queue.entries.get(order_id) if execution.queue.entries else None
    if order is None and entry is None:
        return None
    facts = OrderFacts.__new__(OrderFacts)
    facts.begin(key, order, entry)
    return facts
