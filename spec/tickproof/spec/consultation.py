"""When a Strategy is consulted, what it sees, and what it may remember [5.3, I1 to I3, F4].

Cadence is a pure function of Event and State: a wake mask per strategy, made of what happened on
its own instruments, to its own orders, and of its own timer. A do-nothing neighbour changes none
of it [D6]. All strategies of one step see the same State.
"""

from __future__ import annotations

from typing import Any, NoReturn

from attrs import evolve

from tickproof.spec.book import size_at
from tickproof.spec.commands import (
    ORDER_KEY_LIMIT,
    CommandKind,
    Decision,
    key_of,
    order_id_of,
    strategy_of,
)
from tickproof.spec.configuration import StrategySettings, Wake
from tickproof.spec.ledger import balance_of, position_of
from tickproof.spec.market import predicate_holds, touch_of
from tickproof.spec.order_life import Life, executed, leaves, total
from tickproof.spec.state import InstrumentMarket, State, StrategyState
from tickproof.spec.strategy import (
    OrderSummary,
    Strategy,
    is_canonical,
    is_decision,
    memory_values,
)

# --- cadence -------------------------------------------------------------------------------------


def wake_mask(
    settings: StrategySettings,
    before: StrategyState,
    state: State,
    instrument: int,
    market_mask: int,
    owners: tuple[int, ...],
    timer_due: bool,
) -> tuple[StrategyState, int]:
    """The strategy's counters after an Event, and the Wake bits that hold and are asked for.

    `market_mask`: what happened on `instrument` (-1: nowhere). `owners`: strategies whose orders
    changed. Only what concerns the strategy counts, EVERY_EVENT included.
    """
    concerned = instrument in settings.instruments
    mask = market_mask if concerned else 0
    if settings.id in owners:
        mask += Wake.OWN_ORDER
        if not concerned:
            mask += Wake.EVERY_EVENT
    if timer_due:
        mask += Wake.TIMER
        if mask % 2 == 0:
            mask += Wake.EVERY_EVENT
    after = before
    rule = settings.wake
    if mask % 2 == 1 and rule.nth > 0:
        after = evolve(after, seen=(before.seen + 1) % rule.nth)
        if after.seen == 0:
            mask += Wake.EVERY_NTH
    if concerned and rule.predicate != 0:
        holds = int(predicate_holds(rule, state.market.instruments[instrument]))
        after = evolve(after, predicate=holds)
        if holds and not before.predicate:
            mask += Wake.PREDICATE
    return after, asked_for(mask, rule.mask)


def asked_for(mask: int, wanted: int) -> int:
    """The bits set in both."""
    found = 0
    for bit in Wake:
        if (mask // bit) % 2 == 1 and (wanted // bit) % 2 == 1:
            found += bit
    return found


# --- the view ------------------------------------------------------------------------------------


class StateView:
    """A strategy's read-only view of a State; see `strategy.View`."""

    __slots__ = ("_asset_count", "_instrument", "_kind", "_settings", "_state", "_wake")

    _asset_count: int
    _instrument: int
    _kind: int
    _settings: StrategySettings
    _state: State
    _wake: int

    def __init__(
        self,
        settings: StrategySettings,
        state: State,
        wake: int,
        kind: int,
        instrument: int,
        asset_count: int,
    ) -> None:
        for name, value in (
            ("_asset_count", asset_count),
            ("_settings", settings),
            ("_state", state),
            ("_wake", wake),
            ("_kind", kind),
            ("_instrument", instrument),
        ):
            object.__setattr__(self, name, value)

    def __setattr__(self, name: str, value: object) -> NoReturn:
        raise AttributeError("a view is read only")

    def __delattr__(self, name: str) -> NoReturn:
        raise AttributeError("a view is read only")

    @property
    def now_ns(self) -> int:
        """Kernel time."""
        return self._state.control.clock.now_ns

    @property
    def wake(self) -> int:
        """Wake bits of this consultation."""
        return self._wake

    @property
    def event_kind(self) -> int:
        """Kind of the triggering Event."""
        return self._kind

    @property
    def event_instrument(self) -> int:
        """Instrument of the triggering Event, or -1."""
        return self._instrument

    def _market(self, instrument: int) -> InstrumentMarket:
        """An instrument's market; raises KeyError when it is not configured."""
        markets = self._state.market.instruments
        if not 0 <= instrument < len(markets):
            raise KeyError(instrument)
        return markets[instrument]

    def bid_price(self, instrument: int) -> int:
        """Best bid."""
        return touch_of(self._market(instrument)).bid_price

    def bid_size(self, instrument: int) -> int:
        """Lots at the best bid."""
        return touch_of(self._market(instrument)).bid_size

    def ask_price(self, instrument: int) -> int:
        """Best ask."""
        return touch_of(self._market(instrument)).ask_price

    def ask_size(self, instrument: int) -> int:
        """Lots at the best ask."""
        return touch_of(self._market(instrument)).ask_size

    def size_at(self, instrument: int, side: int, price: int) -> int:
        """Lots at a level."""
        return size_at(self._market(instrument).book, side, price)

    def last_trade(self, instrument: int) -> tuple[int, int, int]:
        """The last print."""
        return self._market(instrument).last_trade

    def last_bar(self, instrument: int) -> tuple[int, int, int, int, int]:
        """The last closed bar."""
        return self._market(instrument).last_bar

    def status(self, instrument: int) -> int:
        """Trading status."""
        return self._market(instrument).status

    def tick(self, instrument: int) -> int:
        """Price step."""
        return self._state.market.instruments[instrument].filters.tick

    def lot_step(self, instrument: int) -> int:
        """Quantity step."""
        return self._state.market.instruments[instrument].filters.lot_step

    def position(self, instrument: int) -> int:
        """Signed position of the account."""
        self._market(instrument)
        ledger = self._state.execution.ledger
        return position_of(ledger, self._settings.account, instrument).quantity

    def available(self, asset: int) -> int:
        """Free balance of the account."""
        if not 0 <= asset < self._asset_count:
            raise KeyError(asset)
        ledger = self._state.execution.ledger
        return balance_of(ledger, self._settings.account, asset).available

    def order(self, key: int) -> OrderSummary | None:
        """The own order called `key`; None for what is no key."""
        if not 1 <= key < ORDER_KEY_LIMIT:
            return None
        return summary(self._state, order_id_of(self._settings.id, key))

    def open_orders(self) -> tuple[OrderSummary, ...]:
        """Own orders that may still fill or are on their way, by key."""
        execution = self._state.execution
        found = []
        for order_id in sorted({*execution.orders, *execution.queue}):
            if order_id > 0 and strategy_of(order_id) == self._settings.id:
                each = summary(self._state, order_id)
                if each is not None and each.is_open:
                    found.append(each)
        return tuple(found)

    def next_key(self) -> int:
        """One more than the greatest key used."""
        return self._state.execution.strategies[self._settings.id].last_key + 1


def summary(state: State, order_id: int) -> OrderSummary | None:
    """An order as its strategy sees it; None when there is neither order nor queued NEW."""
    ticket = state.execution.orders.get(order_id)
    queued = state.execution.queue.get(order_id)
    queued_kind = 0 if queued is None else queued.kind
    if ticket is None:
        if queued is None:
            return None
        return OrderSummary(
            key_of(order_id),
            queued.instrument,
            queued.side,
            queued.price,
            queued.quantity,
            0,
            0,
            int(Life.ABSENT),
            int(CommandKind.NONE),
            queued_kind,
            0,
        )
    order = ticket.order
    pending = order.pending
    return OrderSummary(
        key_of(order_id),
        ticket.instrument,
        ticket.side,
        order.price,
        total(order),
        executed(order),
        leaves(order),
        int(order.life),
        int(CommandKind.NONE) if pending is None else pending.kind,
        queued_kind,
        len(order.doubts),
    )


# --- asking --------------------------------------------------------------------------------------


def ask(
    strategy: Strategy, view: StateView, before: StrategyState
) -> tuple[StrategyState, tuple[Decision, ...] | None]:
    """Consult a strategy once.

    None instead of decisions: it raised or returned rubbish, and its memory is as it was [F4].
    """
    memory: Any = strategy.memory(*before.memory)
    try:
        wanted = strategy.decide(view, memory)
        decisions = () if wanted is None else tuple(wanted)
        values = memory_values(memory)
    # A strategy is foreign code: whatever it raises must not leave the step half done.
    except Exception:  # noqa: BLE001
        return before, None
    if not all(is_decision(each) for each in decisions) or not is_canonical(values):
        return before, None
    return evolve(before, memory=values), decisions
