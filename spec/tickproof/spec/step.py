"""One step: the executable specification of the kernel [1, 5].

State(n) = fold(step, Configuration, Event Stream[0..n]). The order inside a step is fixed: the
Event; State derived from it; Strategies consulted, all on one view; Intents through Risk and
dominance; Queue Processing; Requests. Nothing else advances State [EC2].

This module is written to be read. The kernel does the same faster and is checked against it.

Sections: result, obligations, time, events, consultation, the step.
"""

from __future__ import annotations

from attrs import evolve, frozen

from tickproof.spec import execution, order_life
from tickproof.spec.commands import CommandKind, Decision
from tickproof.spec.configuration import (
    Configuration,
    OnContradiction,
    OnStrategyError,
)
from tickproof.spec.consultation import StateView, ask, wake_mask
from tickproof.spec.dominance import UNTOUCHED, Pending, dominate
from tickproof.spec.errors import InvariantBroken, ObligationSkipped
from tickproof.spec.events import (
    FIRST_ACCOUNT_KIND,
    FIRST_CONTROL_KIND,
    FIRST_EXECUTION_KIND,
    ConfigurationChanged,
    ConnectionChanged,
    ControlTime,
    Event,
    EventKind,
    Execution,
    InstrumentDefinition,
    InstrumentStatus,
    OperatorDisposition,
    Restarted,
    StatusReport,
    TradingStateChanged,
)
from tickproof.spec.execution import (
    Applied,
    apply_account,
    apply_evidence,
    apply_status_report,
    noted,
    order_stepped,
    surface,
)
from tickproof.spec.execution_control import (
    closed,
    processed,
    relocked,
    target_of,
    work_queue,
)
from tickproof.spec.list_admission import handled
from tickproof.spec.market import (
    apply_book,
    apply_definition,
    apply_reference,
    apply_status,
    happened,
    touch_of,
)
from tickproof.spec.order_life import OrderEvent, Report
from tickproof.spec.outputs import Record, RecordKind, RefusalSource, SurfacedReason
from tickproof.spec.session import (
    CONNECTION,
    SESSION,
    SESSION_EVENT_OF_KIND,
    ConnectionState,
    SessionEvent,
    consults,
)
from tickproof.spec.state import MarketState, State, StrategyState, Ticket
from tickproof.spec.strategy import Strategy
from tickproof.spec.time import (
    Obligation,
    ObligationReason,
    advance,
    answer,
    earliest,
)
from tickproof.spec.trading_state import TRADING_STATE, TradingStateEvent
from tickproof.spec.unguarded import by_table

NOWHERE = -1
"""Instrument of an Event that has none."""

# --- result --------------------------------------------------------------------------------------


@frozen
class Step:
    """State after one Event, and the decision records it gave rise to, in order."""

    state: State
    records: tuple[Record, ...]


@frozen
class Derived:
    """State as derived from the Event, and what the wake rules have to know of it."""

    state: State
    records: tuple[Record, ...] = ()
    instrument: int = NOWHERE
    market_mask: int = 0
    owners: tuple[int, ...] = ()
    is_time: bool = False


# --- obligations ---------------------------------------------------------------------------------


def obligation(configuration: Configuration, state: State) -> Obligation:
    """The earliest deadline State implies; a pure function, not part of State [T5, EC7]."""
    found = (
        *timer_obligations(state),
        *(
            each
            for order_id, ticket in sorted(state.execution.orders.items())
            for each in order_obligations(configuration, order_id, ticket)
        ),
    )
    if state.execution.queue:
        found += (processed(configuration, state).obligation,)
    return earliest(found)


def timer_obligations(state: State) -> tuple[Obligation, ...]:
    """Timers of strategies that can be consulted."""
    if not consults(state.control.session):
        return ()
    return tuple(
        Obligation(each.timer_ns, int(ObligationReason.STRATEGY_TIMER), index)
        for index, each in enumerate(state.execution.strategies)
        if each.timer_ns > 0 and each.enabled
    )


def order_obligations(
    configuration: Configuration, order_id: int, ticket: Ticket
) -> tuple[Obligation, ...]:
    """A missing acknowledgement, and a good-till date the venue does not honour [T8]."""
    found: tuple[Obligation, ...] = ()
    wait_ns = configuration.timing.acknowledgement_ns
    pending = ticket.order.pending
    if wait_ns > 0 and pending is not None and pending.request_id != ticket.overdue_id:
        reason = int(ObligationReason.ACKNOWLEDGEMENT_OVERDUE)
        found += (Obligation(pending.asked_ns + wait_ns, reason, order_id),)
    if is_dated(configuration, ticket):
        reason = int(ObligationReason.GOOD_TILL_DATE)
        found += (Obligation(ticket.good_till_ns, reason, order_id),)
    return found


def is_dated(configuration: Configuration, ticket: Ticket) -> bool:
    """Whether the kernel has to ask for a CANCEL at the order's date [T8]."""
    if ticket.good_till_ns == 0 or ticket.expiring or ticket.strategy < 0:
        return False
    honours = configuration.instruments[ticket.instrument].honours_good_till_date
    return not honours and order_life.leaves(ticket.order) > 0


# --- time ----------------------------------------------------------------------------------------


def check_obligation(configuration: Configuration, state: State, event: Event) -> None:
    """No Event may pass a deadline: ControlTime is applied at the deadline first [T7].

    Raises `ObligationSkipped`; State is untouched.
    """
    due = obligation(configuration, state)
    if isinstance(event.body, ControlTime) and event.body.deadline_ns <= due.deadline_ns:
        return
    if with_time(configuration, state, event).control.clock.now_ns >= due.deadline_ns:
        raise ObligationSkipped(due.deadline_ns)


def with_time(configuration: Configuration, state: State, event: Event) -> State:
    """`now` after the Event [T3, T6].

    A ControlTime that answers no obligation is a stamp like any other, but is not counted as
    backward: a late or repeated one changes nothing more.
    """
    clock = state.control.clock
    jump_limit_ns = configuration.timing.jump_limit_ns
    if not isinstance(event.body, ControlTime):
        clock = advance(clock, event.capture_time_ns, jump_limit_ns)
    else:
        deadline_ns = event.body.deadline_ns
        due_ns = obligation(configuration, state).deadline_ns
        if deadline_ns <= clock.now_ns or deadline_ns == due_ns:
            clock = answer(clock, deadline_ns)
        else:
            clock = advance(clock, deadline_ns, jump_limit_ns)
    return evolve(state, control=evolve(state.control, clock=clock))


def apply_time(configuration: Configuration, state: State) -> Derived:
    """What falls due at a ControlTime: overdue answers are surfaced, dated orders cancelled."""
    now_ns = state.control.clock.now_ns
    applied = Applied(state.execution)
    for order_id, ticket in sorted(state.execution.orders.items()):
        for due in order_obligations(configuration, order_id, ticket):
            if due.deadline_ns > now_ns:
                continue
            if due.reason == ObligationReason.ACKNOWLEDGEMENT_OVERDUE:
                applied = surface_overdue(applied, order_id)
            else:
                applied = cancel_dated(applied, order_id, now_ns)
    return Derived(evolve(state, execution=applied.execution), applied.records, is_time=True)


def surface_overdue(applied: Applied, order_id: int) -> Applied:
    """Say once that a Request has no answer; the Order stays as it is [OL8]."""
    ticket = applied.execution.orders[order_id]
    pending = ticket.order.pending
    request_id = 0 if pending is None else pending.request_id
    changed = evolve(ticket, overdue_id=request_id)
    applied = evolve(applied, execution=execution.with_ticket(applied.execution, order_id, changed))
    reason = SurfacedReason.ACKNOWLEDGEMENT_OVERDUE
    return noted(applied, surface(reason, ticket.instrument, order_id, request_id))


def cancel_dated(applied: Applied, order_id: int, now_ns: int) -> Applied:
    """The kernel's own CANCEL: it bypasses Risk, not dominance [R1, T8]."""
    books = applied.execution
    ticket = books.orders[order_id]
    books = execution.with_ticket(books, order_id, evolve(ticket, expiring=1))
    books = evolve(books, intents=books.intents + 1)
    command = Pending(
        int(CommandKind.CANCEL),
        order_id,
        books.intents,
        ticket.strategy,
        ticket.account,
        ticket.instrument,
        ticket.side,
        ticket.order_type,
        ticket.time_in_force,
        0,
        0,
        ticket.good_till_ns,
        ticket.reduce_only,
        now_ns,
    )
    pending = books.queue.get(order_id)
    outcome = dominate(pending, target_of(books, order_id), command)
    if outcome.code or outcome.pending is None:
        return evolve(applied, execution=books)
    queue = {**books.queue, order_id: outcome.pending}
    applied = evolve(applied, execution=evolve(books, queue=queue))
    if pending is None or outcome.old_outcome == UNTOUCHED:
        return applied
    ended = closed(pending.strategy, pending.intent_id, order_id, outcome.old_outcome)
    return noted(applied, ended)


# --- events --------------------------------------------------------------------------------------


def derive(configuration: Configuration, state: State, event: Event) -> Derived:
    """State after the Event, before anybody is consulted [5.2]."""
    if event.kind < FIRST_EXECUTION_KIND:
        return derive_market(state, event)
    if event.kind < FIRST_CONTROL_KIND:
        return derive_execution(configuration, state, event)
    return derive_control(configuration, state, event)


def derive_market(state: State, event: Event) -> Derived:
    """A market Event changes one instrument's market and nothing else."""
    body = event.body
    index = getattr(body, "instrument", NOWHERE)
    markets = state.market.instruments
    if not 0 <= index < len(markets):
        raise InvariantBroken(f"market event for an instrument that is not configured: {index}")
    before = markets[index]
    records: tuple[Record, ...] = ()
    if isinstance(body, InstrumentDefinition):
        after = apply_definition(before, body)
    elif isinstance(body, InstrumentStatus):
        after, code = apply_status(before, body)
        if code:
            records = (refused(index, 0, RefusalSource.INSTRUMENT_STATUS, code),)
    else:
        after = apply_reference(apply_book(before, body), body)
    if event.kind == EventKind.FEED_GAP:
        records = (surface(SurfacedReason.FEED_GAP, index, 0),)
    changed = evolve(state, market=MarketState((*markets[:index], after, *markets[index + 1 :])))
    mask = happened(body, touch_of(before), touch_of(after))
    return Derived(counted(changed, records), records, index, mask)


def refused(instrument: int, order_id: int, source: int, code: int) -> Record:
    """A REFUSED record that concerns no strategy."""
    return (int(RecordKind.REFUSED), -1, instrument, order_id, int(source), int(code))


def counted(state: State, records: tuple[Record, ...]) -> State:
    """The counters of refused and surfaced, moved by `records`."""
    applied = noted(Applied(state.execution), *records)
    return evolve(state, execution=applied.execution)


def derive_execution(configuration: Configuration, state: State, event: Event) -> Derived:
    """Venue evidence and account Events."""
    body = event.body
    now_ns = state.control.clock.now_ns
    if isinstance(body, StatusReport):
        applied = apply_status_report(configuration, state.execution, body, now_ns)
    elif isinstance(body, Execution):
        applied = apply_evidence(configuration, state.execution, body, event.event_time_ns, now_ns)
    else:
        applied = apply_account(configuration, state.execution, body)
    state = evolve(state, execution=applied.execution)
    if applied.contradicted and configuration.on_contradiction == OnContradiction.HALT:
        state = halted(state)
    is_order_event = event.kind < FIRST_ACCOUNT_KIND
    owners = applied.owners if is_order_event else ()
    return Derived(state, applied.records, owners=owners)


def halted(state: State) -> State:
    """Trading state HALTED, however it was."""
    target, _ = by_table(
        TRADING_STATE, state.control.trading_state, int(TradingStateEvent.TO_HALTED)
    )
    return evolve(state, control=evolve(state.control, trading_state=target))


def derive_control(configuration: Configuration, state: State, event: Event) -> Derived:
    """Session, trading state, connections, time, operator, restart."""
    body = event.body
    control = state.control
    if isinstance(body, ControlTime):
        return apply_time(configuration, state)
    if isinstance(body, Restarted):
        return derive_restart(state, body)
    if isinstance(body, OperatorDisposition):
        return derive_disposition(state, body)
    source, code = RefusalSource.SESSION, 0
    if event.kind in SESSION_EVENT_OF_KIND:
        target, code = by_table(SESSION, control.session, SESSION_EVENT_OF_KIND[event.kind])
        control = evolve(control, session=target)
    elif isinstance(body, TradingStateChanged):
        source = RefusalSource.TRADING_STATE
        target, code = by_table(TRADING_STATE, control.trading_state, body.state)
        control = evolve(control, trading_state=target)
    elif isinstance(body, ConnectionChanged):
        source = RefusalSource.CONNECTION
        before = control.connections.get(body.venue, int(ConnectionState.DISCONNECTED))
        target, code = by_table(CONNECTION, before, body.state)
        if code == 0:
            control = evolve(control, connections={**control.connections, body.venue: target})
    elif isinstance(body, ConfigurationChanged):
        control = evolve(control, configuration_version=body.version)
    records = (refused(NOWHERE, 0, source, code),) if code else ()
    return Derived(counted(evolve(state, control=control), records), records)


def derive_restart(state: State, body: Restarted) -> Derived:
    """Every unanswered Request is in doubt; none is sent again [OL12]."""
    applied = Applied(state.execution)
    now_ns = state.control.clock.now_ns
    for order_id, ticket in sorted(state.execution.orders.items()):
        if ticket.order.pending is not None:
            report = Report(OrderEvent.RESTARTED, now_ns=now_ns)
            applied = order_stepped(applied, order_id, ticket, report, 0)[0]
    control = evolve(state.control, restarts=body.restarts)
    changed = evolve(state, execution=applied.execution, control=control)
    return Derived(changed, applied.records, owners=applied.owners)


def derive_disposition(state: State, body: OperatorDisposition) -> Derived:
    """An operator settles one order."""
    ticket = state.execution.orders.get(body.order_id)
    if ticket is None:
        code = order_life.OrderRefusal.UNKNOWN_ORDER
        records = (refused(NOWHERE, body.order_id, RefusalSource.ORDER_LIFE, code),)
        return Derived(counted(state, records), records)
    report = Report(
        OrderEvent.OPERATOR_DISPOSITION, active=body.action, now_ns=state.control.clock.now_ns
    )
    applied = order_stepped(Applied(state.execution), body.order_id, ticket, report, 0)[0]
    changed = evolve(state, execution=applied.execution)
    return Derived(changed, applied.records, owners=applied.owners)


# --- consultation --------------------------------------------------------------------------------


@frozen
class Consulted:
    """State with memories and counters after consultation; what was decided, by strategy id."""

    state: State
    records: tuple[Record, ...]
    decisions: tuple[tuple[int, tuple[Decision, ...]], ...]


def consult(
    configuration: Configuration, strategies: tuple[Strategy, ...], derived: Derived, kind: int
) -> Consulted:
    """Every strategy the wake rules name, in id order, all on one view [5.3]."""
    seen = derived.state
    after = list(seen.execution.strategies)
    records: tuple[Record, ...] = ()
    decisions: tuple[tuple[int, tuple[Decision, ...]], ...] = ()
    failed = 0
    if not consults(seen.control.session):
        return Consulted(seen, (), ())
    for settings, strategy in zip(configuration.strategies, strategies, strict=True):
        before = after[settings.id]
        if not before.enabled:
            continue
        due = derived.is_time and is_timer_due(seen, before)
        woken, mask = wake_mask(
            settings,
            evolve(before, timer_ns=0) if due else before,
            seen,
            derived.instrument,
            derived.market_mask,
            derived.owners,
            due,
        )
        after[settings.id] = woken
        if mask == 0:
            continue
        records += ((int(RecordKind.WAKE), settings.id, mask),)
        assets = len(configuration.assets)
        view = StateView(settings, seen, mask, kind, derived.instrument, assets)
        after[settings.id], wanted = ask(strategy, view, woken)
        if wanted is None:
            failed += 1
            after[settings.id] = disabled(configuration, after[settings.id])
            records += ((int(RecordKind.STRATEGY_FAILED), settings.id),)
        else:
            decisions += ((settings.id, tuple(wanted)),)
    state = evolve(seen, execution=evolve(seen.execution, strategies=tuple(after)))
    if failed and configuration.on_strategy_error == OnStrategyError.HALT:
        state = failed_session(state)
    return Consulted(state, records, decisions)


def is_timer_due(state: State, strategy: StrategyState) -> bool:
    """Whether the strategy's timer has come."""
    return 0 < strategy.timer_ns <= state.control.clock.now_ns


def disabled(configuration: Configuration, strategy: StrategyState) -> StrategyState:
    """The failing strategy is not consulted again, if Configuration says so."""
    if configuration.on_strategy_error == OnStrategyError.DISABLE:
        return evolve(strategy, enabled=0)
    return strategy


def failed_session(state: State) -> State:
    """The session FAILED and trading is HALTED: a failing strategy stops the run [F4, F5]."""
    state = halted(state)
    session, _ = by_table(SESSION, state.control.session, SessionEvent.FAIL)
    return evolve(state, control=evolve(state.control, session=session))


# --- the step ------------------------------------------------------------------------------------


def step(
    configuration: Configuration, strategies: tuple[Strategy, ...], state: State, event: Event
) -> Step:
    """Apply one Event.

    Raises `ObligationSkipped` when a ControlTime is due first (State untouched), and
    `InvariantBroken` when a rule of this specification does not hold.
    """
    check_obligation(configuration, state, event)
    timed = with_time(configuration, state, event)
    derived = derive(configuration, timed, event)
    derived = evolve(derived, state=relocked(configuration, derived.state))
    consulted = consult(configuration, strategies, derived, event.kind)
    state = consulted.state
    records = derived.records + consulted.records
    for strategy, decisions in consulted.decisions:
        state, made = handled(configuration, state, strategy, decisions)
        records += made
    state, made = work_queue(configuration, state)
    state = relocked(configuration, state)
    return Step(evolve(state, position=state.position + 1), records + made)
