"""The kernel: Events in, State and decision records out; the specification, fast [1, 5].

What it decides: nothing of its own. It is `spec.step` on mutable integers, equal to it field by
field after every Event, with the same records, the same obligations and the same two digests.

Two ways in, equal for every batch size [E5]: `step(event)`, and `replay(columns)`, which runs
through stretches of market Events nobody asked to be woken for without making an object. It knows
no venue, clock or I/O, nor what feeds it.

Sections: strategies, the kernel, market events, execution and control events, time, consultation,
records, digests and state.
"""

from __future__ import annotations

from array import array
from collections.abc import Sequence
from heapq import heappop, heappush
from operator import attrgetter
from typing import Any

from tickproof.kernel import BUILD
from tickproof.kernel.admission import Admission
from tickproof.kernel.chain import KernelChain
from tickproof.kernel.execution import KernelExecution
from tickproof.kernel.intent_queue import IntentQueue, QueuedCommand
from tickproof.kernel.market import KernelMarket
from tickproof.kernel.orders import KernelOrder, leaves, to_ticket
from tickproof.kernel.tape import Stamped, Tape, envelope_of
from tickproof.kernel.view import Counters, KernelView, Moment
from tickproof.spec.book import TouchChange
from tickproof.spec.commands import CommandKind, Intent, SetTimer
from tickproof.spec.configuration import (
    Configuration,
    OnContradiction,
    OnStrategyError,
    Predicate,
    StrategySettings,
    Wake,
)
from tickproof.spec.digest import genesis, state_digest
from tickproof.spec.dominance import UNTOUCHED, Pending, Target
from tickproof.spec.errors import InvariantBroken, ObligationSkipped
from tickproof.spec.events import (
    FIRST_ACCOUNT_KIND,
    FIRST_CONTROL_KIND,
    FIRST_EXECUTION_KIND,
    Event,
    EventKind,
    payload,
)
from tickproof.spec.instructions import PLAIN
from tickproof.spec.list_admission import legs_at
from tickproof.spec.order_life import OrderEvent, OrderRefusal
from tickproof.spec.outputs import RecordKind, RefusalSource, SurfacedReason
from tickproof.spec.rate_bucket import BucketState
from tickproof.spec.session import (
    CONNECTION,
    INSTRUMENT_STATUS,
    SESSION,
    SESSION_EVENT_OF_KIND,
    ConnectionState,
    SessionEvent,
    SessionState,
)
from tickproof.spec.state import (
    ControlState,
    EquityTrack,
    ExecutionState,
    MarketState,
    State,
    StrategyState,
)
from tickproof.spec.strategy import (
    DECISION_LIMIT,
    Strategy,
    initial_memory,
    is_canonical,
    is_decision,
    memory_fields,
)
from tickproof.spec.stream import EventColumns
from tickproof.spec.time import NEVER_NS, NO_OBLIGATION, Clock, Obligation, ObligationReason
from tickproof.spec.trading_state import TRADING_STATE, TradingStateEvent
from tickproof.spec.unguarded import by_table

__all__ = ["BUILD", "FAILED", "Kernel", "KernelStrategy"]

BOOK_SNAPSHOT = int(EventKind.BOOK_SNAPSHOT)
BOOK_DELTA = int(EventKind.BOOK_DELTA)
TRADE = int(EventKind.TRADE)
TOP_OF_BOOK = int(EventKind.TOP_OF_BOOK)
BAR = int(EventKind.BAR)
CONTROL_TIME = int(EventKind.CONTROL_TIME)
STATUS_REPORT = int(EventKind.STATUS_REPORT)

CANCEL = int(CommandKind.CANCEL)

WAKE_EVERY = int(Wake.EVERY_EVENT)
WAKE_TOUCH = int(Wake.TOUCH_CHANGE)
WAKE_SIZE = int(Wake.TOUCH_SIZE_CHANGE)
WAKE_TRADE = int(Wake.TRADE)
WAKE_BAR = int(Wake.BAR)
WAKE_OWN = int(Wake.OWN_ORDER)
WAKE_TIMER = int(Wake.TIMER)
WAKE_NTH = int(Wake.EVERY_NTH)
WAKE_PREDICATE = int(Wake.PREDICATE)

RECORD_REQUEST = int(RecordKind.REQUEST)
RECORD_FAILED = int(RecordKind.STRATEGY_FAILED)
RECORD_TIMER = int(RecordKind.TIMER)

RUNNING = int(SessionState.RUNNING)
FAILED = int(SessionState.FAILED)
ACKNOWLEDGEMENT = int(ObligationReason.ACKNOWLEDGEMENT_OVERDUE)
GOOD_TILL = int(ObligationReason.GOOD_TILL_DATE)
TIMER = int(ObligationReason.STRATEGY_TIMER)

_TOUCH = int(TouchChange.BID_PRICE + TouchChange.ASK_PRICE)
"""What of `Book.apply` says that a best price has changed."""

_LEAST, _MOST = -DECISION_LIMIT, DECISION_LIMIT
_NEVER = NEVER_NS
_FIRST_EXECUTION = FIRST_EXECUTION_KIND
_FIRST_ACCOUNT = FIRST_ACCOUNT_KIND
_FIRST_CONTROL = FIRST_CONTROL_KIND
_NO_DEADLINE = (NEVER_NS, 0, 0)
"""What `_earliest` gives where there is none."""
_FAILURE = (FAILED,)
"""What `_ask` gives when a strategy failed: no decision, and not nothing."""

UNKNOWN_INSTRUMENT = "market event for an instrument that is not configured: {}"

# --- strategies ----------------------------------------------------------------------------------


class KernelStrategy:
    """One strategy: its object, its live memory, and its part of State."""

    __slots__ = (
        "counted",
        "counters",
        "decide",
        "enabled",
        "fields",
        "id",
        "instruments",
        "kept",
        "mask",
        "memory",
        "nth",
        "predicate",
        "predicate_kind",
        "predicate_value",
        "read",
        "seen",
        "settings",
        "strategy",
        "timer_ns",
        "view",
    )

    id: int
    enabled: int
    timer_ns: int
    seen: int
    predicate: int
    mask: int
    nth: int
    predicate_kind: int
    predicate_value: int
    counted: bool
    counters: Counters
    decide: Any
    kept: tuple[Any, ...]
    view: KernelView
    read: Any

    def __init__(self, settings: StrategySettings, strategy: Strategy) -> None:
        self.settings = settings
        self.strategy = strategy
        self.id = settings.id
        self.memory: Any = strategy.memory(*initial_memory(strategy))
        self.fields = memory_fields(type(self.memory))
        # Reads all of several fields at once.
        self.read = attrgetter(*self.fields) if len(self.fields) > 1 else None
        # What it held after the last consultation: nobody else may write to it.
        self.kept = self.values()
        self.decide = strategy.decide
        self.enabled = 1
        self.timer_ns = 0
        self.seen = 0
        self.predicate = 0
        self.mask = settings.wake.mask
        self.nth = settings.wake.nth
        self.predicate_kind = settings.wake.predicate
        self.predicate_value = settings.wake.predicate_value
        self.counted = self.nth > 0 or self.predicate_kind != 0
        self.instruments = frozenset(settings.instruments)
        self.counters = Counters()

    def values(self) -> tuple[Any, ...]:
        """The memory's fields."""
        if self.read is None:
            return tuple([getattr(self.memory, name) for name in self.fields])
        found: tuple[Any, ...] = self.read(self.memory)
        return found

    def keep(self) -> None:
        """Hold on to what memory holds now; raises TypeError where it is no canonical data."""
        memory = self.memory
        kept = self.kept
        for place, name in enumerate(self.fields):
            # The very object it held is canonical, as it was.
            if getattr(memory, name) is not kept[place]:
                break
        else:
            return
        found = self.values()
        for value in found:
            # Most are plain integers; asking that first keeps this cheap.
            if type(value) is not int and not is_canonical(value):
                raise TypeError(f"memory holds {value!r}, which is not canonical data")
        self.kept = found

    def to_spec(self) -> StrategyState:
        """The specification's form."""
        return StrategyState(
            self.values(),
            self.enabled,
            self.timer_ns,
            self.seen,
            self.predicate,
            self.counters.last_key,
        )

    def restore(self, state: StrategyState) -> None:
        """Take over the specification's form."""
        self.memory = self.strategy.memory(*state.memory)
        self.kept = self.values()
        self.enabled = state.enabled
        self.timer_ns = state.timer_ns
        self.seen = state.seen
        self.predicate = state.predicate
        self.counters.last_key = state.last_key


def is_understood(decision: object) -> bool:
    """`spec.strategy.is_decision`, quickly for the usual: an Intent of integers within bounds."""
    if type(decision) is not Intent or decision.instructions is not PLAIN:
        return is_decision(decision)
    try:
        for part in decision[:-1]:
            found: object = part
            if not isinstance(found, int):
                return False
            number = found
            if number < _LEAST or number > _MOST:
                return False
    except OverflowError:
        # Where it is compiled: a number beyond 64 bits.
        return False
    return True


def bar_at(tape: Tape, first: int) -> tuple[int, int, int, int, int]:
    """The prices and volume of a bar whose payload begins at `first`."""
    return (
        tape.payload[first + 1],
        tape.payload[first + 2],
        tape.payload[first + 3],
        tape.payload[first + 4],
        tape.payload[first + 5],
    )


# --- the kernel ----------------------------------------------------------------------------------


class Kernel:
    """A run's kernel. `strategies` in Configuration order.

    After a step `records` are its decision records (tuples, see `spec.outputs`), `requests` the
    REQUEST records among them and `sent` the commands that became these; there are none of them
    any more in the next. `failure`: what the last failing strategy raised. Not State: it is for
    the person who reads the log.
    """

    __slots__ = (
        "acknowledgement_ns",
        "admission",
        "backwards",
        "chain",
        "configuration",
        "configuration_version",
        "connections",
        "deadline_ns",
        "deadlines",
        "execution",
        "failure",
        "jump_limit_ns",
        "jumps",
        "markets",
        "moment",
        "now_ns",
        "position",
        "queue",
        "restarts",
        "sent",
        "session",
        "strategies",
        "trading_state",
        "watchers",
    )

    position: int
    now_ns: int
    backwards: int
    jumps: int
    jump_limit_ns: int
    acknowledgement_ns: int
    deadline_ns: int
    session: int
    trading_state: int
    configuration_version: int
    restarts: int
    failure: BaseException | None
    sent: list[QueuedCommand]
    deadlines: list[tuple[int, int, int]]
    connections: dict[int, int]

    def __init__(self, configuration: Configuration, strategies: tuple[Strategy, ...]) -> None:
        self.configuration = configuration
        self.sent = []
        self.markets = [KernelMarket(instrument) for instrument in configuration.instruments]
        timing = configuration.timing
        self.queue = IntentQueue(configuration.buckets, timing.cancel_deadline_ns)
        self.chain = KernelChain(genesis(configuration))
        self.execution = KernelExecution(configuration, self.markets, self.queue, self.chain)
        self.admission = Admission(
            configuration, self.markets, self.execution, self.queue, self.chain
        )
        self.moment = Moment()
        self.strategies = [
            KernelStrategy(settings, strategy)
            for settings, strategy in zip(configuration.strategies, strategies, strict=True)
        ]
        for each in self.strategies:
            each.view = KernelView(
                each.id,
                each.settings.account,
                self.markets,
                self.execution,
                self.moment,
                each.counters,
            )
        self.position = 0
        self.now_ns = 0
        self.backwards = 0
        self.jumps = 0
        self.jump_limit_ns = timing.jump_limit_ns
        self.acknowledgement_ns = timing.acknowledgement_ns
        self.session = int(SessionState.READY)
        self.trading_state = 0
        self.configuration_version = configuration.version
        self.connections = {}
        self.restarts = 0
        self.failure = None
        self.deadlines = []
        self.deadline_ns = NEVER_NS
        self._fund(configuration)
        self._watch()

    def _fund(self, configuration: Configuration) -> None:
        """Initial balances are transfers of the Configuration anchor [S2, A2]."""
        ignored: list[int] = []
        for account, asset, amount in configuration.initial_balances:
            self.execution.ledger.transfer(ignored, account, asset, amount)

    def _watch(self) -> None:
        """Which strategies each instrument's events may wake, and for which bits at all."""
        self.watchers: list[list[KernelStrategy]] = []
        for instrument, market in enumerate(self.markets):
            found = [
                each for each in self.strategies if each.enabled and instrument in each.instruments
            ]
            market.wanted = 0
            for each in found:
                market.wanted |= each.mask
                if each.counted:
                    market.wanted |= WAKE_EVERY
            self.watchers.append(found)

    def load(self, state: State) -> None:
        """Take over a State, in place of the one a new kernel has; the chain is not part of it.

        Sums, locks, deadlines and the queue's next look follow from it [S4].
        """
        self.position = state.position
        for market, source in zip(self.markets, state.market.instruments, strict=True):
            market.restore(source)
        for each, remembered in zip(self.strategies, state.execution.strategies, strict=True):
            each.restore(remembered)
        self.admission.load_queue(state.execution)
        self.execution.load(state.execution)
        self.admission.load(state.execution)
        control = state.control
        self.now_ns = control.clock.now_ns
        self.backwards = control.clock.backwards
        self.jumps = control.clock.jumps
        self.session = int(control.session)
        self._set_trading_state(int(control.trading_state))
        self.configuration_version = control.configuration_version
        self.connections = dict(control.connections)
        self.restarts = control.restarts
        self._watch()
        self.queue.set_mode(self.trading_state, int(self.session != RUNNING))
        self.admission.look(self.now_ns)
        for order in self.execution.orders.values():
            self.execution.touch(order)
        self._plan()

    # --- the two ways in -------------------------------------------------------------------------

    def step(self, event: Event) -> None:
        """Apply one Event.

        Raises `ObligationSkipped` when a ControlTime is due first (nothing changed), and
        `InvariantBroken` when a rule of the specification does not hold.
        """
        self.take(
            envelope_of(
                event.kind,
                event.event_time_ns,
                event.capture_time_ns,
                event.source,
                event.sequence,
                event.epoch,
                array("q", payload(event.body)),
            )
        )

    def apply(
        self,
        kind: int,
        event_time_ns: int,
        capture_time_ns: int,
        source: int,
        sequence: int,
        epoch: int,
        values: array[int],
    ) -> None:
        """Apply one Event given as integers: `values` is its payload. Raises as `step`."""
        self.take(
            envelope_of(kind, event_time_ns, capture_time_ns, source, sequence, epoch, values)
        )

    def replay(
        self, batch: EventColumns, start: int = 0, stop: int = -1, until_ns: int = NEVER_NS
    ) -> int:
        """Apply events start to stop of a batch; returns the index of the next one.

        Stops early after an event that gave rise to Requests (`sent` holds them) or failed the
        session, before an event whose capture stamp is beyond `until_ns`, and before one that an
        obligation precedes (`deadline_ns` tells). Equal to folding `step` over the same events.
        `records` and `requests` are those of the last event applied, empty when none was.
        """
        tape = Tape(batch)
        if stop < 0:
            stop = tape.length
        session = self.session
        self._forget()
        index = start
        try:
            while True:
                reached = index
                index = self.play(tape, index, stop, until_ns)
                if index == reached or self.sent or self.session == FAILED != session:
                    return index
        finally:
            # The batch is the caller's again.
            self.chain.settle()

    def play(self, tape: Tape, start: int, stop: int, until_ns: int) -> int:
        """`replay` on a tape, which has to stay as it is until `chain.settle()`.

        Stops after an event that moved the deadline as well. Where it applies none, what is said of
        the last event stays.
        """
        session = self.session
        deadline_ns = self.deadline_ns
        index = start
        while index < stop:
            reached = index
            # Nothing of an order can depend on one of these alone.
            if tape.kind[index] in (BOOK_DELTA, TRADE, BAR) and not self.queue.entries:
                index = self._run(tape, index, stop, until_ns)
            elif tape.capture_time_ns[index] <= until_ns and self._take_next(tape, index):
                index += 1
            if index == reached or self.sent or self.deadline_ns != deadline_ns:
                return index
            if self.session == FAILED != session:
                return index
        return index

    def _take_next(self, tape: Tape, index: int) -> bool:
        """Take one event by itself; False when an obligation goes before it."""
        if self._is_due(tape.kind[index], tape.capture_time_ns[index], tape.first_value(index)):
            return False
        self.take(tape.envelope(index))
        return True

    def _run(self, tape: Tape, start: int, stop: int, until_ns: int) -> int:
        """Apply depth changes, prints and bars from `start` on; returns the index of the next.

        Stops before an event of another kind, beyond `until_ns` or due after an obligation, and
        after one on which somebody decided something or failed. The Intent Queue is empty.
        """
        markets = self.markets
        count = len(markets)
        awake = self.session == RUNNING
        waits = self.deadline_ns != _NEVER
        limit_ns = self.jump_limit_ns or _NEVER
        now_ns = self.now_ns
        index = quiet = start
        while index < stop:
            kind = tape.kind[index]
            stamp = tape.capture_time_ns[index]
            if (
                stamp > until_ns
                or (kind != BOOK_DELTA and kind != TRADE and kind != BAR)
                or (waits and self._is_due(kind, stamp, 0))
            ):
                break
            if 0 <= stamp - now_ns <= limit_ns:
                self.now_ns = now_ns = stamp
            else:
                self._advance(kind, stamp, 0)
                now_ns = self.now_ns
            first = tape.offset[index]
            instrument = tape.payload[first]
            if not 0 <= instrument < count:
                raise InvariantBroken(UNKNOWN_INSTRUMENT.format(instrument))
            market = markets[instrument]
            mask = WAKE_EVERY
            if kind == BOOK_DELTA:
                market.update_id = tape.payload[first + 2]
                changed = market.book.apply(tape, first + 3, tape.offset[index + 1])
                mask += (WAKE_SIZE if changed else 0) + (WAKE_TOUCH if changed & _TOUCH else 0)
            elif kind == TRADE:
                market.trade_price = tape.payload[first + 1]
                market.trade_size = tape.payload[first + 2]
                market.trade_side = tape.payload[first + 3]
                mask += WAKE_TRADE
            else:
                market.bar = bar_at(tape, first)
                mask += WAKE_BAR
            index += 1
            if awake and mask & market.wanted:
                if quiet < index - 1:
                    self._pass(tape, quiet, index - 1)
                if self._wake(tape, index - 1, mask):
                    return index
                quiet = index
        if quiet < index:
            self._pass(tape, quiet, index)
        return index

    def _pass(self, tape: Tape, start: int, stop: int) -> None:
        """Fold a stretch of events that woke nobody into the chain."""
        self._forget()
        self.position += stop - start
        self.chain.follow(tape, start, stop)

    def _forget(self) -> None:
        """The last step's outputs are no more."""
        self.chain.forget()
        if self.sent:
            self.sent.clear()

    def _begin(self, kind: int) -> None:
        """Forget the last step's outputs; this is the moment."""
        self._forget()
        self.moment.now_ns = self.now_ns
        self.moment.event_kind = kind

    def _wake(self, tape: Tape, index: int, mask: int) -> bool:
        """Consult on a depth change, print or bar that was applied; fold it into the chain.

        False when nobody decided anything and nobody failed.
        """
        self._begin(tape.kind[index])
        instrument = tape.payload[tape.offset[index]]
        watchers = self.watchers[instrument]
        if len(watchers) != 1:
            return self._wake_several(tape, index, mask)
        each = watchers[0]
        bits = mask & each.mask
        if each.counted:
            bits |= self._count(each, mask, instrument)
        decisions = None
        if bits:
            self.chain.woke(each.id, bits)
            decisions = self._ask(each, bits, instrument)
        if decisions is None:
            self.position += 1
            self.chain.follow(tape, index, index + 1)
            return False
        found: list[tuple[KernelStrategy, Any]] = []
        failed = self._note_answer(each, decisions, found)
        self._conclude(tape, index, found, failed)
        return True

    def _wake_several(self, tape: Tape, index: int, mask: int) -> bool:
        """`_wake` where not just one strategy watches the instrument."""
        instrument = tape.payload[tape.offset[index]]
        found: list[tuple[KernelStrategy, Any]] = []
        failed = 0
        for each in self.watchers[instrument]:
            bits = mask & each.mask
            if each.counted:
                bits |= self._count(each, mask, instrument)
            if bits:
                self.chain.woke(each.id, bits)
                failed += self._note_answer(each, self._ask(each, bits, instrument), found)
        if found or failed:
            self._conclude(tape, index, found, failed)
            return True
        self.position += 1
        self.chain.follow(tape, index, index + 1)
        return False

    def _conclude(
        self, tape: Tape, index: int, found: list[tuple[KernelStrategy, Any]], failed: int
    ) -> None:
        """Handle what was decided on an event of a tape, and fold it into the chain.

        The queue was empty: where nobody decides anything, no deadline has changed.
        """
        self._decide(found, failed)
        self._finish()
        self.position += 1
        self.chain.follow(tape, index, index + 1)

    def take(self, event: Stamped) -> None:
        """Apply one Event by itself, in the form of `envelope_of`. Raises as `step`."""
        kind = event.kind
        deadline_ns = event.values[0] if kind == CONTROL_TIME else 0
        if self._is_due(kind, event.capture_time_ns, deadline_ns):
            raise ObligationSkipped(self.deadline_ns)
        self._advance(kind, event.capture_time_ns, deadline_ns)
        self._begin(kind)
        self.execution.contradicted = 0
        mask = 0
        instrument = -1
        if kind < _FIRST_EXECUTION:
            instrument = event.values[0]
            mask = self._apply_market(kind, event.values)
        elif kind < _FIRST_CONTROL:
            self._apply_execution(event)
        else:
            self._apply_control(kind, event.values)
        if self.execution.shadows:
            self.execution.follow_market()
        if self.session == RUNNING:
            self._consult(instrument, mask, kind == CONTROL_TIME)
        self._finish()
        self.position += 1
        self.chain.append(event)

    def _finish(self) -> None:
        """Queue Processing where there is work, and the next deadline."""
        if self.queue.entries:
            self.queue.set_mode(self.trading_state, int(self.session != RUNNING))
            self.admission.work(self.now_ns, self.sent)
        self._plan()

    # --- market events ---------------------------------------------------------------------------

    def _apply_market(self, kind: int, part: Sequence[int]) -> int:
        """A market Event; returns its wake bits."""
        instrument = part[0]
        if not 0 <= instrument < len(self.markets):
            raise InvariantBroken(UNKNOWN_INSTRUMENT.format(instrument))
        market = self.markets[instrument]
        book = market.book
        before = (book.bid_price, book.bid_size, book.ask_price, book.ask_size)
        if kind == BOOK_DELTA:
            market.update_id = part[2]
            book.apply_levels(part, 3, len(part))
        elif kind == BOOK_SNAPSHOT:
            market.update_id = part[1]
            book.apply_snapshot(part, 2, len(part))
        elif kind == TOP_OF_BOOK:
            book.apply_snapshot((1, part[1], part[2], -1, part[3], part[4]), 0, 6)
        else:
            self._apply_reference(kind, market, part)
        mask = WAKE_EVERY
        if before != (book.bid_price, book.bid_size, book.ask_price, book.ask_size):
            mask += WAKE_SIZE
            if before[0] != book.bid_price or before[2] != book.ask_price:
                mask += WAKE_TOUCH
        if kind == TRADE:
            mask += WAKE_TRADE
        elif kind == BAR:
            mask += WAKE_BAR
        return mask

    def _apply_reference(self, kind: int, market: KernelMarket, part: Sequence[int]) -> None:
        """Prints, bars, marks, funding, filters, status, feed health."""
        if kind == TRADE:
            market.trade_price, market.trade_size, market.trade_side = part[1], part[2], part[3]
        elif kind == BAR:
            market.bar = (part[1], part[2], part[3], part[4], part[5])
        elif kind == EventKind.MARK_PRICE:
            market.mark_price = part[1]
        elif kind == EventKind.FUNDING_RATE:
            market.funding_rate_e9 = part[1]
        elif kind == EventKind.INSTRUMENT_DEFINITION:
            market.tick, market.lot_step = part[1], part[2]
            market.minimum_quantity, market.maximum_quantity = part[3], part[4]
            market.minimum_notional = part[5]
        elif kind == EventKind.INSTRUMENT_STATUS:
            market.status, code = by_table(INSTRUMENT_STATUS, market.status, part[1])
            if code:
                source = int(RefusalSource.INSTRUMENT_STATUS)
                self.execution.refuse(-1, part[0], 0, source, code)
        elif kind == EventKind.FEED_GAP:
            market.feed_whole = 0
            self.execution.surface(SurfacedReason.FEED_GAP, part[0], 0)
        elif kind == EventKind.FEED_RESUMED:
            market.feed_whole = 1

    # --- execution and control events ------------------------------------------------------------

    def _apply_execution(self, event: Any) -> None:
        """Venue evidence and account Events."""
        execution = self.execution
        if event.kind >= _FIRST_ACCOUNT:
            execution.apply_account(event.kind, event.values)
            return
        if event.kind == STATUS_REPORT:
            execution.apply_status_report(event.values, self.now_ns)
        else:
            execution.apply_evidence(event, event.event_time_ns, self.now_ns)
        if execution.contradicted and self.configuration.on_contradiction == OnContradiction.HALT:
            self._halt()

    def _halt(self) -> None:
        """Trading state HALTED, however it was."""
        self._set_trading_state(
            by_table(TRADING_STATE, self.trading_state, TradingStateEvent.TO_HALTED)[0]
        )

    def _set_trading_state(self, state: int) -> None:
        self.trading_state = state
        self.admission.trading_state = state

    def _apply_control(self, kind: int, part: Sequence[int]) -> None:
        """Session, trading state, connections, time, operator, restart."""
        code = 0
        source = int(RefusalSource.SESSION)
        if kind == CONTROL_TIME:
            self._fall_due()
        elif kind == EventKind.RESTARTED:
            self._restart(part[0])
        elif kind == EventKind.OPERATOR_DISPOSITION:
            self._dispose(part[0], part[1])
        elif kind in SESSION_EVENT_OF_KIND:
            self.session, code = by_table(SESSION, self.session, SESSION_EVENT_OF_KIND[kind])
        elif kind == EventKind.TRADING_STATE_CHANGED:
            source = int(RefusalSource.TRADING_STATE)
            target, code = by_table(TRADING_STATE, self.trading_state, part[0])
            self._set_trading_state(target)
        elif kind == EventKind.CONNECTION_CHANGED:
            source = int(RefusalSource.CONNECTION)
            before = self.connections.get(part[0], int(ConnectionState.DISCONNECTED))
            target, code = by_table(CONNECTION, before, part[1])
            if code == 0:
                self.connections[part[0]] = target
        elif kind == EventKind.CONFIGURATION_CHANGED:
            self.configuration_version = part[0]
        if code:
            self.execution.refuse(-1, -1, 0, source, code)

    def _restart(self, restarts: int) -> None:
        """Every unanswered Request is in doubt; none is sent again [OL12]."""
        execution = self.execution
        self.restarts = restarts
        for order_id in sorted(execution.orders):
            order = execution.orders[order_id]
            if order.pending_kind:
                execution.report.clear(int(OrderEvent.RESTARTED), self.now_ns)
                execution.apply_report(order, 0)

    def _dispose(self, order_id: int, action: int) -> None:
        """An operator settles one order."""
        execution = self.execution
        order = execution.orders.get(order_id)
        if order is None:
            code = int(OrderRefusal.UNKNOWN_ORDER)
            execution.refuse(-1, -1, order_id, int(RefusalSource.ORDER_LIFE), code)
            return
        execution.report.clear(int(OrderEvent.OPERATOR_DISPOSITION), self.now_ns)
        execution.report.active = action
        execution.apply_report(order, 0)

    # --- time ------------------------------------------------------------------------------------

    def _is_due(self, kind: int, stamp: int, deadline_ns: int) -> bool:
        """Whether an obligation comes before this Event [T7]."""
        if self.deadline_ns == _NEVER:
            return False
        if kind == CONTROL_TIME:
            if deadline_ns <= self.deadline_ns:
                return False
            stamp = deadline_ns
        now_ns = self.now_ns
        if not (now_ns and self.jump_limit_ns and stamp - now_ns > self.jump_limit_ns):
            now_ns = max(now_ns, stamp)
        return now_ns >= self.deadline_ns

    def _advance(self, kind: int, stamp: int, deadline_ns: int) -> None:
        """`now` after the Event [T3, T6]."""
        if kind == CONTROL_TIME:
            if deadline_ns <= self.now_ns or deadline_ns == self.deadline_ns:
                self.now_ns = max(self.now_ns, deadline_ns)
                return
            # It answers nothing: a stamp like any other.
            stamp = deadline_ns
        if stamp < self.now_ns:
            self.backwards += 1
        elif self.now_ns and self.jump_limit_ns and stamp - self.now_ns > self.jump_limit_ns:
            self.jumps += 1
        else:
            self.now_ns = stamp

    def _is_open_deadline(self, deadline_ns: int, reason: int, order: KernelOrder) -> bool:
        """Whether a planned deadline still stands."""
        if reason == ACKNOWLEDGEMENT:
            # One that was surfaced is planned no more.
            due_ns = order.pending_asked_ns + self.acknowledgement_ns
            return order.pending_kind != 0 and due_ns == deadline_ns
        return order.expiring == 0 and leaves(order) > 0

    def _plan(self) -> None:
        """Note the deadlines of orders that changed; find the next of all deadlines [T5]."""
        execution = self.execution
        while execution.touched is not None:
            order = execution.touched
            execution.touched = order.touched_before
            order.touched_before = None
            order.touched = 0
            self._note_deadlines(order)
        found = self._earliest()
        self.deadline_ns = _NEVER if found is _NO_DEADLINE else found[0]

    def _note_deadlines(self, order: KernelOrder) -> None:
        """An order's own deadlines: its answer, and a date the venue does not keep."""
        wait_ns = self.acknowledgement_ns
        if wait_ns and order.pending_kind and order.pending_id != order.overdue_id:
            due_ns = order.pending_asked_ns + wait_ns
            heappush(self.deadlines, (due_ns, ACKNOWLEDGEMENT, order.order_id))
        if order.good_till_ns and order.strategy >= 0 and not order.expiring:
            honours = self.configuration.instruments[order.instrument].honours_good_till_date
            if not honours:
                heappush(self.deadlines, (order.good_till_ns, GOOD_TILL, order.order_id))

    def obligation(self) -> Obligation:
        """The earliest deadline State implies, `NO_OBLIGATION` if none [T5, EC7]."""
        found = self._earliest()
        return NO_OBLIGATION if found[0] == NEVER_NS else Obligation(*found)

    def _earliest(self) -> tuple[int, int, int]:
        """Deadline, reason and subject of the obligation; NEVER_NS when there is none."""
        found = _NO_DEADLINE
        deadlines = self.deadlines
        orders = self.execution.orders
        while deadlines:
            due_ns, reason, order_id = deadlines[0]
            if self._is_open_deadline(due_ns, reason, orders[order_id]):
                found = deadlines[0]
                break
            heappop(deadlines)
        if self.session == RUNNING:
            for each in self.strategies:
                if each.timer_ns and each.enabled:
                    found = min(found, (each.timer_ns, TIMER, each.id))
        queue = self.queue
        if queue.entries:
            found = min(found, (queue.deadline_ns, queue.deadline_reason, queue.deadline_subject))
        return found

    def _fall_due(self) -> None:
        """Overdue answers are surfaced, dated orders cancelled, by order id."""
        due: dict[int, set[int]] = {}
        deadlines = self.deadlines
        orders = self.execution.orders
        while deadlines and deadlines[0][0] <= self.now_ns:
            due_ns, reason, order_id = heappop(deadlines)
            if self._is_open_deadline(due_ns, reason, orders[order_id]):
                due.setdefault(order_id, set()).add(reason)
        for order_id in sorted(due):
            order = orders[order_id]
            if ACKNOWLEDGEMENT in due[order_id]:
                order.overdue_id = order.pending_id
                reason = SurfacedReason.ACKNOWLEDGEMENT_OVERDUE
                self.execution.surface(reason, order.instrument, order_id, order.pending_id)
            if GOOD_TILL in due[order_id]:
                self._cancel_dated(order)

    def _cancel_dated(self, order: KernelOrder) -> None:
        """The kernel's own CANCEL: it bypasses Risk, not dominance [R1, T8]."""
        order.expiring = 1
        self.admission.intents += 1
        command = QueuedCommand(
            CANCEL,
            order.order_id,
            self.admission.intents,
            order.strategy,
            order.account,
            order.instrument,
            order.side,
            order.order_type,
            order.time_in_force,
            0,
            0,
            order.good_till_ns,
            order.reduce_only,
            self.now_ns,
        )
        queue = self.queue
        # What has a date to keep is open.
        if queue.submit(command, int(Target.ALIVE)):
            return
        self.execution.refresh(order)
        if queue.old_outcome != UNTOUCHED:
            self.admission.close(
                order.strategy, queue.displaced_intent_id, order.order_id, queue.old_outcome
            )

    # --- consultation ----------------------------------------------------------------------------

    def _count(self, each: KernelStrategy, mask: int, instrument: int) -> int:
        """The counted bits of a strategy: every n-th event, and its predicate's rising edge."""
        bits = 0
        if each.nth and mask & WAKE_EVERY:
            each.seen = (each.seen + 1) % each.nth
            if each.seen == 0:
                bits = WAKE_NTH
        if each.predicate_kind and instrument in each.instruments:
            holds = self._holds(each, instrument)
            if holds and not each.predicate:
                bits |= WAKE_PREDICATE
            each.predicate = holds
        return bits & each.mask

    def _holds(self, each: KernelStrategy, instrument: int) -> int:
        """Whether a predicate is true now; see `spec.market` predicate_holds."""
        market = self.markets[instrument]
        if each.predicate_kind == Predicate.TRADED_ABOVE:
            return int(market.trade_size > 0 and market.trade_price > each.predicate_value)
        if each.predicate_kind == Predicate.TRADED_BELOW:
            return int(market.trade_size > 0 and market.trade_price < each.predicate_value)
        book = market.book
        if not book.bid_size or not book.ask_size:
            return 0
        if each.predicate_kind == Predicate.SPREAD_AT_LEAST:
            return int(book.ask_price - book.bid_price >= each.predicate_value)
        if each.predicate_kind == Predicate.BID_AT_LEAST:
            return int(book.bid_price >= each.predicate_value)
        if each.predicate_kind == Predicate.ASK_AT_MOST:
            return int(book.ask_price <= each.predicate_value)
        return 0

    def _consult(self, instrument: int, market_mask: int, is_time: bool) -> None:
        """Every strategy the wake rules name, in id order, all on one view [5.3]."""
        execution = self.execution
        found: list[tuple[KernelStrategy, Any]] = []
        failed = 0
        for each in self.strategies:
            if not each.enabled:
                continue
            mask = market_mask if market_mask and instrument in each.instruments else 0
            if execution.concerns(each.id):
                mask |= WAKE_OWN | WAKE_EVERY
            if is_time and 0 < each.timer_ns <= self.now_ns:
                each.timer_ns = 0
                mask |= WAKE_TIMER | WAKE_EVERY
            if mask == 0:
                continue
            bits = mask & each.mask
            if each.nth or each.predicate_kind:
                bits |= self._count(each, mask, instrument)
            if bits:
                self.chain.woke(each.id, bits)
                failed += self._note_answer(each, self._ask(each, bits, instrument), found)
        if found or failed:
            self._decide(found, failed)

    def _ask(self, each: KernelStrategy, bits: int, instrument: int) -> tuple[Any, ...] | None:
        """Consult one strategy: its decisions, None when there are none, or `_FAILURE`.

        The memory of one that failed is as it was [F4].
        """
        self.moment.event_instrument = instrument
        each.counters.wake = bits
        decisions: Any = None
        try:
            answer = each.decide(each.view, each.memory)
            if answer is not None:
                decisions = tuple(answer)
                for decision in decisions:
                    if not is_understood(decision):
                        raise TypeError(
                            f"decide returned {decision!r}, expected Intent or SetTimer"
                        )
            if each.fields:
                each.keep()
        # A strategy is foreign code: whatever it raises must not leave the step half done.
        except Exception as error:  # noqa: BLE001
            self.failure = error
            each.memory = each.strategy.memory(*each.kept)
            return _FAILURE
        return decisions or None

    def _note_answer(
        self, each: KernelStrategy, decisions: Any, found: list[tuple[KernelStrategy, Any]]
    ) -> int:
        """Put what `_ask` gave where it belongs; 1 if the strategy failed."""
        if decisions is None:
            return 0
        if decisions is not _FAILURE:
            found.append((each, decisions))
            return 0
        self.chain.note((RECORD_FAILED, each.id))
        if self.configuration.on_strategy_error == OnStrategyError.DISABLE:
            each.enabled = 0
            self._watch()
        return 1

    def _decide(self, found: list[tuple[KernelStrategy, Any]], failed: int) -> None:
        """Handle what was decided, in strategy id order."""
        if failed and self.configuration.on_strategy_error == OnStrategyError.HALT:
            self._halt()
            self.session = by_table(SESSION, self.session, SessionEvent.FAIL)[0]
        for each, decisions in found:
            legs = 0
            for place, decision in enumerate(decisions):
                if legs > 1:
                    legs -= 1
                    continue
                if type(decision) is not Intent and isinstance(decision, SetTimer):
                    each.timer_ns = decision.at_ns
                    self.chain.note((RECORD_TIMER, each.id, decision.at_ns))
                    continue
                legs = 0 if decision.instructions is PLAIN else legs_at(decisions, place)
                if legs:
                    whole = decisions[place : place + legs]
                    key = self.admission.handle_list(each.id, whole, self.now_ns)
                else:
                    key = self.admission.handle(each.id, decision, self.now_ns)
                each.counters.last_key = max(each.counters.last_key, key)

    # --- records, digests and state --------------------------------------------------------------

    @property
    def records(self) -> list[tuple[int, ...]]:
        """The last step's decision records."""
        return self.chain.records()

    @property
    def requests(self) -> list[tuple[int, ...]]:
        """The REQUEST records among them."""
        return [record for record in self.records if record[0] == RECORD_REQUEST]

    def chain_digest(self) -> bytes:
        """The chain digest at the last position [D7]."""
        return self.chain.value()

    def state_digest(self) -> bytes:
        """The state digest, computed from the live structures [D7]."""
        return state_digest(self.state())

    def state(self) -> State:
        """State in the specification's form."""
        return State(
            self.position,
            MarketState(tuple(market.to_spec() for market in self.markets)),
            self._execution_state(),
            ControlState(
                Clock(self.now_ns, self.backwards, self.jumps),
                self.session,
                self.trading_state,
                self.configuration_version,
                dict(self.connections),
                self.restarts,
            ),
        )

    def _execution_state(self) -> ExecutionState:
        execution = self.execution
        return ExecutionState(
            execution.ledger.to_spec(),
            tuple(each.to_spec() for each in self.strategies),
            tuple(BucketState(each.tokens, each.refilled_at_ns) for each in self.queue.buckets),
            {order_id: to_ticket(order) for order_id, order in execution.orders.items()},
            execution.fills_to_spec(),
            dict(execution.aliases),
            dict(execution.externals),
            {key: Pending(*entry.pending()) for key, entry in self.queue.entries.items()},
            {key: EquityTrack(*track) for key, track in self.admission.equity.items()},
            self.admission.intents,
            execution.refused,
            self.admission.denied,
            execution.surfaced,
        )
