"""From an Intent to a Request, in place: equal to `spec.execution_control`.

What it decides: nothing of its own. Risk's facts are read from the sums that `KernelExecution`
keeps, written into one reused record, and judged; dominance and Queue Processing are the queue's.

Sections: columns, intents, risk facts, queue processing, dispatch.
"""

from __future__ import annotations

from typing import Any

from attrs import astuple

from tickproof.kernel.chain import KernelChain
from tickproof.kernel.execution import KernelExecution
from tickproof.kernel.intent_queue import (
    ANNIHILATE,
    MERGE,
    TAKE_FIRST,
    TAKE_LATEST,
    IntentQueue,
    QueuedCommand,
)
from tickproof.kernel.ledger import UNMARKED
from tickproof.kernel.market import KernelMarket
from tickproof.kernel.orders import KernelOrder, leaves, step, total
from tickproof.kernel.risk import FlatFacts, decide_flat, unpriced
from tickproof.spec.commands import (
    ORDER_KEY_LIMIT,
    CommandKind,
    Intent,
    OrderType,
    TimeInForce,
)
from tickproof.spec.configuration import Configuration
from tickproof.spec.dominance import UNTOUCHED, Pending, Target
from tickproof.spec.errors import InvariantBroken
from tickproof.spec.execution_control import (
    OUTCOME_OF_STATE,
    REQUEST_EVENTS,
    is_well_formed,
)
from tickproof.spec.instructions import INSTRUCTION_FIELDS, PLAIN, instruction_values
from tickproof.spec.intent_life import IntentState
from tickproof.spec.order_life import Life
from tickproof.spec.order_list import OrderListKind, leg_count
from tickproof.spec.outputs import IntentOutcome, RecordKind, RefusalSource, SurfacedReason
from tickproof.spec.quote_quantity import lots_bound
from tickproof.spec.risk import DenyCode
from tickproof.spec.state import ExecutionState
from tickproof.spec.trading_state import TradingState

BUY = 1
SELL = -1
NEW = int(CommandKind.NEW)
CANCEL = int(CommandKind.CANCEL)
CANCELED = int(Life.CANCELED)
LIMIT = int(OrderType.LIMIT)
LIMIT_MAKER = int(OrderType.LIMIT_MAKER)
TRIGGER_PRICE = INSTRUCTION_FIELDS.index("trigger_price")
LIST_ID = INSTRUCTION_FIELDS.index("list_id")
QUOTE_QUANTITY = INSTRUCTION_FIELDS.index("quote_quantity")
GTC = int(TimeInForce.GTC)
GTD = int(TimeInForce.GTD)
AT_OPEN = int(TimeInForce.AT_OPEN)
AT_CLOSE = int(TimeInForce.AT_CLOSE)

NEVER_SENT = int(Target.NEVER_SENT)
ALIVE = int(Target.ALIVE)
DEAD = int(Target.DEAD)
ACTIVE = int(TradingState.ACTIVE)

DUPLICATE_KEY = int(DenyCode.DUPLICATE_KEY)
ORDER_LIST = int(DenyCode.ORDER_LIST)
LEGS = max(leg_count(kind) for kind in OrderListKind)

RECORD_INTENT = int(RecordKind.INTENT)
RECORD_DENIED = int(RecordKind.DENIED)
RECORD_REQUEST = int(RecordKind.REQUEST)
RECORD_CLOSED = int(RecordKind.INTENT_CLOSED)
SOURCE_DOMINANCE = int(RefusalSource.DOMINANCE)
WITHDRAWN = int(IntentOutcome.WITHDRAWN)
PENDING = int(IntentState.PENDING)
OUTCOMES = {int(state): int(outcome) for state, outcome in OUTCOME_OF_STATE.items()}
EVENT_OF_REQUEST = [0, *(int(REQUEST_EVENTS[kind]) for kind in (1, 2, 3))]


def queued(pending: Pending) -> QueuedCommand:
    """The kernel's form of a command that waits."""
    made = QueuedCommand(*astuple(pending, recurse=False)[:-1])
    made.instructions = instruction_values(pending.instructions)
    return made


def is_usual(parts: tuple[int, ...]) -> bool:
    """Whether an Intent without instructions is well formed at a glance; most are.

    `spec.execution_control.is_well_formed` decides on the others, and agrees on these.
    """
    kind, key = parts[0], parts[1]
    if kind < NEW or kind > CANCEL or key < 1 or key >= ORDER_KEY_LIMIT:
        return False
    if kind != NEW:
        return True
    order_type, time_in_force, good_till_ns, reduce_only = parts[4], parts[5], parts[8], parts[9]
    if order_type < LIMIT or order_type > LIMIT_MAKER:
        return False
    if time_in_force < GTC or time_in_force > GTD:
        return False
    return good_till_ns >= 0 and 0 <= reduce_only <= 1


class Admission:
    """Risk, dominance, Queue Processing and dispatch for all strategies.

    `intents`, `denied`: counters of State. `equity`: [initial, peak] by (account, quote asset).
    """

    __slots__ = (
        "accounts",
        "chain",
        "configuration",
        "denied",
        "equity",
        "execution",
        "facts",
        "instrument_count",
        "intents",
        "limits",
        "linear_by_quote",
        "markets",
        "needs_equity",
        "needs_exposure",
        "queue",
        "trading_state",
    )

    accounts: list[int]
    intents: int
    denied: int
    trading_state: int
    needs_equity: bool
    needs_exposure: bool
    instrument_count: int
    equity: dict[tuple[int, int], list[int]]
    linear_by_quote: list[list[int]]

    def __init__(
        self,
        configuration: Configuration,
        markets: list[KernelMarket],
        execution: KernelExecution,
        queue: IntentQueue,
        chain: KernelChain,
    ) -> None:
        self.configuration = configuration
        self.markets = markets
        self.execution = execution
        self.queue = queue
        self.chain = chain
        self.limits = configuration.risk
        self.accounts = [settings.account for settings in configuration.strategies]
        self.instrument_count = len(configuration.instruments)
        self.facts = FlatFacts()
        self.facts.load_limits(configuration.risk)
        limits = configuration.risk
        self.needs_equity = limits.maximum_loss != 0 or limits.maximum_drawdown != 0
        self.needs_exposure = limits.maximum_gross != 0 or limits.maximum_net != 0
        self.equity = {}
        self.linear_by_quote = [[] for _ in configuration.assets]
        for instrument in configuration.instruments:
            if instrument.kind != 0:
                self.linear_by_quote[instrument.quote].append(instrument.id)
        self.intents = 0
        self.denied = 0
        self.trading_state = 0

    # --- intents ---------------------------------------------------------------------------------

    def handle(self, strategy: int, intent: Intent, now_ns: int) -> int:
        """Risk, then dominance, for one Intent; the key used if it was admitted, else 0 [R1]."""
        self.intents += 1
        intent_id = self.intents
        parts: tuple[Any, ...] = intent[:]
        kind: int = parts[0]
        key: int = parts[1]
        order_id = strategy * ORDER_KEY_LIMIT + key
        self.chain.note_13(
            RECORD_INTENT,
            strategy,
            intent_id,
            kind,
            order_id,
            parts[2],
            parts[3],
            parts[4],
            parts[5],
            parts[6],
            parts[7],
            parts[8],
            parts[9],
        )
        asked: tuple[int, ...] = ()
        usual = parts[-1] is PLAIN
        if not usual:
            asked = instruction_values(intent.instructions)
            self.chain.lengthen(13, asked)
        alone = not usual and intent.instructions.list_id != 0
        if alone or (not (usual and is_usual(parts)) and not is_well_formed(intent)):
            self._deny(strategy, intent_id, parts[2], 0, 1)
            return 0
        order = self.execution.orders.get(order_id)
        target = NEVER_SENT
        if order is not None:
            target = DEAD if order.life >= CANCELED else ALIVE
        command = self._command(strategy, parts, intent_id, order_id, order, now_ns)
        command.instructions = asked
        if asked and kind == NEW and asked[QUOTE_QUANTITY]:
            self._count_lots(command)
        action = self.queue.action(order_id, target, kind)
        if action < TAKE_FIRST:
            self.execution.refuse(strategy, command.instrument, order_id, SOURCE_DOMINANCE, -action)
            return 0
        if action <= MERGE and kind != CANCEL:
            code = self._judge(command, order, action == MERGE)
            if code:
                self._deny(strategy, intent_id, command.instrument, order_id, code)
                return 0
        self._admit(command, order, target, action)
        return key

    def handle_list(self, strategy: int, legs: tuple[Intent, ...], now_ns: int) -> int:
        """Risk for the legs of a list: all are taken, or none; the last key used, else 0.

        See `spec.list_admission.handle_list`.
        """
        first = self.intents + 1
        self.intents += len(legs)
        for place, leg in enumerate(legs):
            order_id = strategy * ORDER_KEY_LIMIT + leg.key
            said = (RECORD_INTENT, strategy, first + place, leg.kind, order_id, *leg[2:-1])
            self.chain.note(said + instruction_values(leg.instructions))
        list_id = legs[0].instructions.list_id
        self.facts.list_used = 0
        for number in range(LEGS):
            if self.execution.leg_of(strategy, list_id, number) is not None:
                self.facts.list_used = 1
        taken: list[QueuedCommand] = []
        code = last_key = 0
        for place, leg in enumerate(legs):
            last_key = max(last_key, leg.key)
            command = self._leg(strategy, first + place, leg, now_ns)
            code = self._judge_leg(command)
            if code:
                break
            self._admit(command, None, NEVER_SENT, TAKE_FIRST)
            taken.append(command)
        self.facts.list_used = 0
        if not code:
            return last_key
        for command in taken:
            del self.queue.entries[command.order_id]
            self._release(command)
        for place, leg in enumerate(legs):
            order_id = strategy * ORDER_KEY_LIMIT + leg.key
            why = code if place == len(taken) else ORDER_LIST
            self._deny(strategy, first + place, leg.instrument, order_id, why)
        return 0

    def _leg(self, strategy: int, intent_id: int, leg: Intent, now_ns: int) -> QueuedCommand:
        """The NEW of a leg."""
        order_id = strategy * ORDER_KEY_LIMIT + leg.key
        command = self._command(strategy, leg[:-1], intent_id, order_id, None, now_ns)
        command.instructions = instruction_values(leg.instructions)
        if command.instructions[QUOTE_QUANTITY]:
            self._count_lots(command)
        return command

    def _judge_leg(self, command: QueuedCommand) -> int:
        """Risk's code for a leg, whose key must be a new one."""
        order_id = command.order_id
        if order_id in self.execution.orders or order_id in self.queue.entries:
            return DUPLICATE_KEY
        return self._judge(command, None, False)

    def _count_lots(self, command: QueuedCommand) -> None:
        """Money in place of a quantity: the most lots it can come to; see `spec` with_lots."""
        instrument = command.instrument
        if 0 <= instrument < self.instrument_count:
            price = self.execution.protected_reference(instrument, SELL)
            per_lot = self.execution.ledger.money_per_price_lot[instrument]
            money = command.instructions[QUOTE_QUANTITY]
            step = self.markets[instrument].lot_step
            command.quantity = lots_bound(money, price, per_lot, step)

    def _deny(
        self, strategy: int, intent_id: int, instrument: int, order_id: int, code: int
    ) -> None:
        self.denied += 1
        self.chain.note_6(RECORD_DENIED, strategy, intent_id, instrument, order_id, code)

    def _command(
        self,
        strategy: int,
        parts: tuple[int, ...],
        intent_id: int,
        order_id: int,
        order: KernelOrder | None,
        now_ns: int,
    ) -> QueuedCommand:
        """The Intent with every term resolved: REPLACE and CANCEL take the order's own."""
        account = self.accounts[strategy]
        kind = parts[0]
        price, quantity = parts[6], parts[7]
        if kind == CANCEL:
            price = quantity = 0
        command = QueuedCommand.__new__(QueuedCommand)
        command.begin(kind, order_id, intent_id, strategy, account, price, quantity, now_ns)
        entry = None if kind == NEW or order is not None else self.queue.entries.get(order_id)
        if kind != NEW and order is not None:
            command.set_terms(
                order.instrument,
                order.side,
                order.order_type,
                order.time_in_force,
                order.good_till_ns,
                order.reduce_only,
            )
        elif entry is not None:
            command.set_terms(
                entry.instrument,
                entry.side,
                entry.order_type,
                entry.time_in_force,
                entry.good_till_ns,
                entry.reduce_only,
            )
        else:
            command.set_terms(parts[2], parts[3], parts[4], parts[5], parts[8], parts[9])
        return command

    def _admit(
        self, command: QueuedCommand, order: KernelOrder | None, target: int, action: int
    ) -> None:
        """Put the command where dominance says, and lock what it needs."""
        queue, execution = self.queue, self.execution
        code = queue.submit(command, target)
        if code:
            raise InvariantBroken("EC4: dominance decided otherwise the second time")
        if order is None:
            order = execution.shadow_of(command.order_id)
            if order is not None and action in (TAKE_LATEST, ANNIHILATE):
                self._drop_shadow(order)
                order = None
            if order is None and action != ANNIHILATE:
                order = self.make_shadow(command)
        # A CANCEL ties nothing up; only what it takes the place of did.
        if order is not None and (command.kind != CANCEL or queue.old_outcome != UNTOUCHED):
            execution.refresh(order)
        if queue.old_outcome != UNTOUCHED:
            displaced = queue.displaced_intent_id
            self.close(command.strategy, displaced, command.order_id, queue.old_outcome)
        if queue.new_outcome != PENDING:
            self.close(command.strategy, command.intent_id, command.order_id, queue.new_outcome)

    def close(self, strategy: int, intent_id: int, order_id: int, ended_as: int) -> None:
        """Record the end of an Intent by dominance."""
        self.chain.note_5(RECORD_CLOSED, strategy, intent_id, order_id, OUTCOMES[ended_as])

    def make_shadow(self, command: QueuedCommand) -> KernelOrder:
        """An order that is queued and not sent: it holds what the queued NEW ties up."""
        order = KernelOrder.__new__(KernelOrder)
        order.begin(
            command.order_id,
            command.strategy,
            command.account,
            command.instrument,
            command.side,
            command.order_type,
            command.time_in_force,
            command.good_till_ns,
            command.reduce_only,
        )
        order.instructions = command.instructions
        order.lock_asset = self.execution.ledger.lock_asset(command.instrument, command.side)
        self.execution.tie(order)
        self.execution.shadows[command.order_id] = order
        return order

    def _drop_shadow(self, order: KernelOrder) -> None:
        """The queued NEW is gone: nothing is tied up any more."""
        entry = self.queue.entries.pop(order.order_id, None)
        self.execution.refresh(order)
        del self.execution.shadows[order.order_id]
        if entry is not None:
            self.queue.entries[order.order_id] = entry

    # --- risk facts ------------------------------------------------------------------------------

    def _judge(self, command: QueuedCommand, order: KernelOrder | None, merged: bool) -> int:
        """Risk's code for the effective command; 0 when it is allowed."""
        facts = self.facts
        entry = self.queue.entries.get(command.order_id) if merged else None
        subject = command if entry is None else entry
        held = order if order is not None else self.execution.shadow_of(command.order_id)
        facts.kind = subject.kind
        facts.key = command.order_id % ORDER_KEY_LIMIT
        facts.order_type = subject.order_type
        facts.side = subject.side
        facts.price = command.price
        facts.quantity = command.quantity
        facts.reduce_only = subject.reduce_only
        facts.trigger_price = 0
        facts.quote_quantity = 0
        facts.at_auction = int(subject.time_in_force in (AT_OPEN, AT_CLOSE))
        asked = subject.instructions if order is None else order.instructions
        if asked:
            facts.trigger_price = asked[TRIGGER_PRICE]
            facts.quote_quantity = asked[QUOTE_QUANTITY]
        facts.executed = 0 if order is None else order.executed
        facts.held = 0 if held is None else held.worst_open
        facts.key_used = int(order is not None)
        facts.account_known = int(self.execution.ledger.knows_account(command.account))
        facts.instrument_known = int(0 <= subject.instrument < self.instrument_count)
        facts.trading_state = self.trading_state
        facts.equity_known = 0
        facts.equity = 0
        if facts.account_known and facts.instrument_known:
            if self.needs_equity:
                self._see_equity(subject.account, subject.instrument)
            self._instrument_facts(subject, command.price, command.quantity, held, asked)
        return decide_flat(facts)

    def _instrument_facts(
        self,
        command: QueuedCommand,
        price: int,
        quantity: int,
        held: KernelOrder | None,
        asked: tuple[int, ...],
    ) -> None:
        """The facts that need a known instrument and account."""
        facts = self.facts
        execution = self.execution
        ledger = execution.ledger
        account, instrument, side = command.account, command.instrument, command.side
        market = self.markets[instrument]
        facts.instrument_state = market.status
        facts.tick = market.tick
        facts.lot_step = market.lot_step
        facts.minimum_quantity = market.minimum_quantity
        facts.maximum_quantity = market.maximum_quantity
        facts.minimum_notional = market.minimum_notional
        facts.money_per_price_lot = ledger.money_per_price_lot[instrument]
        reference = market.reference_price()
        facts.reference_known = int(reference > 0)
        facts.reference_price = reference
        facts.balance_known = 1
        asset = ledger.lock_asset(instrument, side)
        facts.free_balance = self._free_balance(account, asset)
        kind = ledger.kinds[instrument]
        locking = price
        if price == 0 or (side == SELL and kind != 0):
            reference = execution.unpriced_reference(instrument, side, asked, quantity)
            locking = max(price, reference)
        executed = facts.executed
        needed = ledger.lock_for(instrument, side, locking, quantity, executed)
        left = quantity - executed
        if kind != 0 and left > 0:
            loss = ledger.closing_loss(account, instrument, side, locking, left)
            if loss:
                needed += loss
        already = 0
        # A NEW may take the place of a queued one that locks another asset.
        if held is not None and held.lock_asset == asset:
            already = execution.counted_need(held)
        if asked and asked[LIST_ID]:
            needed = self._beside_sibling(command.order_id, asked, asset, needed, already)
        elif already:
            needed -= already
        facts.needed_lock = max(needed, 0)
        facts.position_known = 1
        facts.position = ledger.quantity_of(account, instrument)
        cell = execution.cell_of(account, instrument, BUY)
        facts.open_buy = execution.open_lots[cell]
        facts.open_sell = execution.open_lots[cell + 1]
        facts.open_orders = execution.open_orders[account]
        if held is not None and held.worst_open > 0:
            facts.open_orders -= 1
            # A NEW may take the place of a queued one of another side or instrument.
            if held.instrument == instrument and held.side == BUY:
                facts.open_buy -= held.worst_open
            elif held.instrument == instrument:
                facts.open_sell -= held.worst_open
        opposite = execution.best_open_price(account, instrument, -side)
        facts.own_opposite_known = int(opposite != 0)
        facts.own_opposite_price = opposite
        facts.exposure_known = 1
        if self.needs_exposure:
            self._exposure_of_others(account, instrument)

    def _beside_sibling(
        self, order_id: int, asked: tuple[int, ...], asset: int, needed: int, already: int
    ) -> int:
        """What a leg locks beyond what it and the leg that excludes it lock already [A3]."""
        sibling = self.execution.sibling_of(order_id, asked)
        if sibling is None or self.facts.executed > 0:
            return needed - already
        if sibling.executed > 0:
            return 0
        if sibling.lock_asset == asset:
            already = max(already, sibling.lock_amount)
        return needed - already

    def _free_balance(self, account: int, asset: int) -> int:
        """Available less position margin, losses counted, gains not."""
        ledger = self.execution.ledger
        free = ledger.available_of(account, asset)
        for instrument in self.linear_by_quote[asset]:
            free -= ledger.position_margin(account, instrument)
            market = self.markets[instrument]
            mark = market.reference_price()
            if mark > 0:
                gain = ledger.unrealised(account, instrument, mark)
                if gain < 0:
                    free += gain
        return free

    def _exposure_of_others(self, account: int, instrument: int) -> None:
        """Exposure of the account's other instruments in the same quote asset, at worst."""
        facts = self.facts
        facts.gross_others = facts.net_high_others = facts.net_low_others = 0
        execution = self.execution
        ledger = execution.ledger
        quote = ledger.quotes[instrument]
        for other in range(self.instrument_count):
            if other == instrument or ledger.quotes[other] != quote:
                continue
            held = ledger.quantity_of(account, other)
            cell = execution.cell_of(account, other, BUY)
            buys, sells = execution.open_lots[cell], execution.open_lots[cell + 1]
            mark = self.markets[other].reference_price()
            if (held or buys or sells) and mark <= 0:
                facts.exposure_known = 0
            per_lot = max(mark, 0) * ledger.money_per_price_lot[other]
            facts.gross_others += max(abs(held + buys), abs(held - sells)) * per_lot
            facts.net_high_others += (held + buys) * per_lot
            facts.net_low_others += (held - sells) * per_lot

    def _see_equity(self, account: int, instrument: int) -> None:
        """Equity as risk sees it now; the first and the highest are remembered."""
        ledger = self.execution.ledger
        asset = ledger.quotes[instrument]
        marks = [market.reference_price() for market in self.markets]
        marks = [mark if mark > 0 else UNMARKED for mark in marks]
        now = ledger.equity(account, asset, marks)
        self.facts.equity_known = ledger.equity_known
        self.facts.equity = now
        if ledger.equity_known:
            track = self.equity.setdefault((account, asset), [now, now])
            track[1] = max(track[1], now)
        track = self.equity.get((account, asset), [0, 0])
        self.facts.initial_equity, self.facts.peak_equity = track

    # --- queue processing ------------------------------------------------------------------------

    def work(self, now_ns: int, sent: list[QueuedCommand]) -> None:
        """Queue Processing, then dispatch in its order; what became a Request goes to `sent`."""
        queue = self.queue
        execution = self.execution
        for entry in queue.entries.values():
            self._stand(entry)
        queue.process(now_ns)
        for entry in queue.withdrawn:
            self.chain.note_5(
                RECORD_CLOSED, entry.strategy, entry.intent_id, entry.order_id, WITHDRAWN
            )
        for entry in queue.surfaced:
            reason = int(SurfacedReason.CANCEL_OVERDUE)
            execution.surface(reason, entry.instrument, entry.order_id, entry.intent_id)
        for entry in queue.withdrawn:
            self._release(entry)
        for entry in queue.sendable:
            self._dispatch(entry, now_ns)
            sent.append(entry)

    def load_queue(self, source: ExecutionState) -> None:
        """Take over what waits and the tokens of a State; orders are loaded next."""
        for bucket, tokens in zip(self.queue.buckets, source.buckets, strict=True):
            bucket.tokens, bucket.refilled_at_ns = tokens.tokens, tokens.refilled_at_ns
        self.queue.entries = {
            order_id: queued(pending) for order_id, pending in source.queue.items()
        }

    def load(self, source: ExecutionState) -> None:
        """Take over counters and equity of a State; what queued NEWs tie up follows from it."""
        self.intents = source.intents
        self.denied = source.denied
        self.equity = {key: [each.initial, each.peak] for key, each in source.equity.items()}
        for entry in self.queue.entries.values():
            if entry.order_id not in self.execution.orders:
                self.execution.refresh(self.make_shadow(entry))

    def look(self, now_ns: int) -> None:
        """Find the queue's next deadline after a restore, without sending anything."""
        for entry in self.queue.entries.values():
            self._stand(entry)
        self.queue.look(now_ns)

    def _release(self, entry: QueuedCommand) -> None:
        """A withdrawn command ties nothing up any more."""
        shadow = self.execution.shadows.pop(entry.order_id, None)
        order = shadow if shadow is not None else self.execution.orders.get(entry.order_id)
        if order is not None:
            self.execution.refresh(order)

    def _stand(self, entry: QueuedCommand) -> None:
        """Copy what State says of the order into its queued command."""
        order = self.execution.orders.get(entry.order_id)
        reducible = 0
        if entry.reduce_only != 0 or self.queue.trading_state != ACTIVE:
            reducible = self._reducible(entry, order)
        if order is None:
            entry.stand(NEVER_SENT, 0, 0, 0, 0, 0, reducible)
            return
        entry.stand(
            DEAD if order.life >= CANCELED else ALIVE,
            order.pending_kind,
            len(order.doubts),
            total(order),
            order.executed,
            leaves(order),
            reducible,
        )

    def _reducible(self, entry: QueuedCommand, order: KernelOrder | None) -> int:
        """Lots by which the command may still reduce the position."""
        execution = self.execution
        held = order if order is not None else execution.shadow_of(entry.order_id)
        cell = execution.cell_of(entry.account, entry.instrument, entry.side)
        own = 0 if held is None else held.worst_open
        position = execution.ledger.quantity_of(entry.account, entry.instrument)
        return max(-position * entry.side - (execution.open_lots[cell] - own), 0)

    # --- dispatch --------------------------------------------------------------------------------

    def _dispatch(self, entry: QueuedCommand, now_ns: int) -> None:
        """The Order after its Request left: new ones begin at SUBMITTED [L3]."""
        execution = self.execution
        order_id = entry.order_id
        if entry.kind == NEW:
            order = execution.shadows.pop(order_id)
            execution.orders[order_id] = order
        else:
            order = execution.orders[order_id]
        report = execution.report
        report.clear(EVENT_OF_REQUEST[entry.kind], now_ns)
        report.request_id = entry.intent_id
        report.total = entry.quantity
        report.price = entry.price
        if step(order, report):
            raise InvariantBroken(
                "EC5: Queue Processing let a Request through that its order refuses"
            )
        if entry.kind != CANCEL:
            kind = execution.ledger.kinds[entry.instrument]
            if unpriced(entry.order_type) or (entry.side == SELL and kind != 0):
                reference = execution.unpriced_reference(
                    entry.instrument, entry.side, order.instructions, entry.quantity
                )
                order.reference_price = max(order.reference_price, reference)
            execution.refresh(order)
        execution.touch(order)
        self.chain.note_14(
            RECORD_REQUEST,
            entry.intent_id,
            entry.kind,
            entry.strategy,
            entry.account,
            entry.order_id,
            entry.instrument,
            entry.side,
            entry.order_type,
            entry.time_in_force,
            entry.price,
            entry.quantity,
            entry.good_till_ns,
            entry.reduce_only,
        )
        if entry.instructions:
            self.chain.lengthen(14, entry.instructions)
