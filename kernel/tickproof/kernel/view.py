"""A strategy's read-only view of the kernel: the same answers as `spec.consultation.StateView`.

One object per strategy serves every consultation. It reads the live structures, so it costs
nothing to make; writing to it raises, and what it returns are integers and tuples.
"""

from __future__ import annotations

from typing import NamedTuple, NoReturn

from tickproof.kernel.execution import KernelExecution
from tickproof.kernel.market import KernelMarket
from tickproof.kernel.orders import KernelOrder, leaves, total
from tickproof.spec.commands import ORDER_KEY_LIMIT
from tickproof.spec.strategy import OrderSummary


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
        "_counters",
        "_execution",
        "_first_order_id",
        "_markets",
        "_moment",
        "_strategy",
    )

    _account: int
    _counters: Counters
    _execution: KernelExecution
    _first_order_id: int
    _markets: dict[int, KernelMarket]
    _moment: Moment
    _strategy: int

    def __init__(
        self,
        strategy: int,
        account: int,
        markets: list[KernelMarket],
        execution: KernelExecution,
        moment: Moment,
        counters: Counters,
    ) -> None:
        for name, value in (
            ("_strategy", strategy),
            ("_account", account),
            ("_markets", dict(enumerate(markets))),
            ("_execution", execution),
            ("_moment", moment),
            ("_counters", counters),
            ("_first_order_id", strategy * ORDER_KEY_LIMIT),
        ):
            object.__setattr__(self, name, value)

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
        return self._markets[instrument].book.bid_price

    def bid_size(self, instrument: int) -> int:
        """Lots at the best bid."""
        return self._markets[instrument].book.bid_size

    def ask_price(self, instrument: int) -> int:
        """Best ask."""
        return self._markets[instrument].book.ask_price

    def ask_size(self, instrument: int) -> int:
        """Lots at the best ask."""
        return self._markets[instrument].book.ask_size

    def size_at(self, instrument: int, side: int, price: int) -> int:
        """Lots at a level."""
        return self._markets[instrument].book.size_at(1 if side == 1 else -1, price)

    def last_trade(self, instrument: int) -> tuple[int, int, int]:
        """The last print."""
        market = self._markets[instrument]
        return market.trade_price, market.trade_size, market.trade_side

    def last_bar(self, instrument: int) -> tuple[int, int, int, int, int]:
        """The last closed bar."""
        return self._markets[instrument].bar

    def status(self, instrument: int) -> int:
        """Trading status."""
        return self._markets[instrument].status

    def tick(self, instrument: int) -> int:
        """Price step."""
        return self._markets[instrument].tick

    def lot_step(self, instrument: int) -> int:
        """Quantity step."""
        return self._markets[instrument].lot_step

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
        if not 1 <= key < ORDER_KEY_LIMIT:
            return None
        return summary(self._execution, self._first_order_id + key)

    def open_orders(self) -> tuple[OrderFacts, ...]:
        """Own orders that may still fill or are on their way, by key."""
        execution = self._execution
        found = []
        low = self._first_order_id
        for order_id in sorted({**execution.unfinished, **execution.shadows}):
            if low < order_id < low + ORDER_KEY_LIMIT:
                each = summary(execution, order_id)
                if each is not None and each.is_open:
                    found.append(each)
        return tuple(found)

    def next_key(self) -> int:
        """One more than the greatest key used."""
        return self._counters.last_key + 1


class OrderFacts(NamedTuple):
    """The fields of `spec.strategy.OrderSummary`, cheaper to make."""

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

    def to_spec(self) -> OrderSummary:
        """The specification's form."""
        return OrderSummary(*self)


def summary(execution: KernelExecution, order_id: int) -> OrderFacts | None:
    """An order as its strategy sees it."""
    order = execution.orders.get(order_id)
    queued_kind = 0
    if execution.queue.entries:
        entry = execution.queue.entries.get(order_id)
        if entry is not None:
            queued_kind = entry.kind
            if order is None:
                return OrderFacts(
                    order_id % ORDER_KEY_LIMIT,
                    entry.instrument,
                    entry.side,
                    entry.price,
                    entry.quantity,
                    0,
                    0,
                    0,
                    0,
                    queued_kind,
                    0,
                )
    return None if order is None else _facts(order, queued_kind)


def _facts(order: KernelOrder, queued_kind: int) -> OrderFacts:
    return OrderFacts(
        order.order_id % ORDER_KEY_LIMIT,
        order.instrument,
        order.side,
        order.price,
        total(order),
        order.executed,
        leaves(order),
        order.life,
        order.pending_kind,
        queued_kind,
        len(order.doubts),
    )
