"""What one step did to each Order, rule by rule: who is named, which rule decided, what came of it.

What it decides: the single steps of order life inside a step of the whole. A step of State may hold
one piece of evidence about one Order and, after it, Requests; this module takes it apart, so that
the predicates of order life [OL1 to OL12] can be asked of a run that only shows States, Events and
records. It derives nothing from the records but which Requests left.

Left out, because one Event is then several steps: status reports, and fills that take the place of
inferred ones [OL9]. The predicates over whole States hold for those as for all others.
"""

from __future__ import annotations

from attrs import evolve, frozen

from tickproof.invariants import order_life as predicates
from tickproof.spec import execution as evidence
from tickproof.spec import fill_life, order_life
from tickproof.spec.commands import CommandKind
from tickproof.spec.configuration import Configuration
from tickproof.spec.events import (
    Event,
    EventKind,
    Execution,
    OperatorDisposition,
    Restarted,
    StatusReport,
)
from tickproof.spec.fill_life import FillLife
from tickproof.spec.order_life import ABSENT_ORDER, Order, OrderEvent, Report
from tickproof.spec.outputs import Record, RecordKind, request_of
from tickproof.spec.state import UNSEEN_FILL, State
from tickproof.spec.table import Row, Rule

REQUEST_EVENTS = {
    int(CommandKind.NEW): OrderEvent.REQUEST_NEW,
    int(CommandKind.REPLACE): OrderEvent.REQUEST_REPLACE,
    int(CommandKind.CANCEL): OrderEvent.REQUEST_CANCEL,
}


@frozen
class OrderStep:
    """One rule applied to one Order. `rule`: of order life, or of fill life where that refused.

    `after`: the Order as the run shows it, `before` itself where nothing may have changed.
    """

    order_id: int
    rule: Rule
    report: Report
    before: Order
    after: Order


def order_steps(
    configuration: Configuration,
    before: State,
    event: Event,
    after: State,
    records: tuple[Record, ...],
) -> tuple[OrderStep, ...]:
    """The single steps of order life inside one step, in order: evidence first, then Requests."""
    body = event.body
    now_ns = after.control.clock.now_ns
    found: tuple[OrderStep, ...] = ()
    if isinstance(body, Execution):
        found = _evidence_step(configuration, before, body, after, records)
    elif isinstance(body, Restarted):
        restarted = Report(OrderEvent.RESTARTED, now_ns=now_ns)
        found = tuple(
            _step(order_id, ticket.order, restarted, after, records)
            for order_id, ticket in sorted(before.execution.orders.items())
            if ticket.order.pending is not None
        )
    elif isinstance(body, OperatorDisposition) and body.order_id in before.execution.orders:
        order = before.execution.orders[body.order_id].order
        report = Report(OrderEvent.OPERATOR_DISPOSITION, active=body.action, now_ns=now_ns)
        found = (_step(body.order_id, order, report, after, records),)
    return found + _request_steps(before, after, records)


def _evidence_step(
    configuration: Configuration,
    before: State,
    body: Execution,
    after: State,
    records: tuple[Record, ...],
) -> tuple[OrderStep, ...]:
    books = before.execution
    if not evidence.is_known(configuration, body.account, body.instrument):
        return ()
    coordinates = (body.account, body.instrument, body.venue_order_id)
    order_id = evidence.resolve(configuration, books, coordinates, body.order_id)
    ticket = evidence.ticket_of(books, order_id, body)
    fill = UNSEEN_FILL
    if body.kind in evidence.FILL_EVENTS:
        key = evidence.named_fill(books, configuration, body, order_id)
        own_key = evidence.fill_key(configuration, body, order_id, body.trade_id)
        fill = books.fills.get(key, UNSEEN_FILL)
        kind = evidence.FILL_EVENTS[body.kind]
        rule: Rule = fill_life.TABLE.select(fill.life, kind, fill.life, 0)
        if body.kind != EventKind.FILLED and evidence.is_repeated(books, own_key):
            rule = fill_life.TABLE.select(int(FillLife.VOIDED), kind, int(FillLife.VOIDED), 0)
        report = evidence.report_of(body, ticket, fill, body.quantity, 0)
        if not isinstance(rule, Row):
            left = _before_requests(after, order_id, records)
            return (OrderStep(order_id, rule, report, ticket.order, left),)
        if evidence.inferred_pool(books, order_id) > 0:
            return ()
    now_ns = after.control.clock.now_ns
    report = evidence.report_of(body, ticket, fill, body.quantity, now_ns)
    return (_step(order_id, ticket.order, report, after, records),)


def _step(
    order_id: int, order: Order, report: Report, after: State, records: tuple[Record, ...]
) -> OrderStep:
    rule = order_life.TABLE.select(order.life, report.event, order, report)
    return OrderStep(order_id, rule, report, order, _before_requests(after, order_id, records))


def _before_requests(after: State, order_id: int, records: tuple[Record, ...]) -> Order:
    """The Order as it was before the Request that left in the same step, if one did."""
    ticket = after.execution.orders.get(order_id)
    if ticket is None:
        return ABSENT_ORDER
    for record in records:
        if record[0] == RecordKind.REQUEST and record[5] == order_id:
            is_new = record[2] == CommandKind.NEW
            return ABSENT_ORDER if is_new else evolve(ticket.order, pending=None)
    return ticket.order


def _request_steps(
    before: State, after: State, records: tuple[Record, ...]
) -> tuple[OrderStep, ...]:
    """A dispatched Request is a step too; at most one per order and step [EC5]."""
    found: tuple[OrderStep, ...] = ()
    now_ns = after.control.clock.now_ns
    for record in records:
        if record[0] != RecordKind.REQUEST:
            continue
        request = request_of(record)
        report = Report(
            int(REQUEST_EVENTS[request.kind]),
            request_id=request.request_id,
            total=request.quantity,
            price=request.price,
            now_ns=now_ns,
        )
        order = _before_requests(after, request.order_id, records)
        ticket = after.execution.orders.get(request.order_id)
        rule = order_life.TABLE.select(order.life, report.event, order, report)
        left = ABSENT_ORDER if ticket is None else ticket.order
        found += (OrderStep(request.order_id, rule, report, order, left),)
    return found


def expected(step: OrderStep) -> Order:
    """What the step's own rule makes of the Order."""
    if not isinstance(step.rule, Row) or step.rule.id.startswith(fill_life.TABLE.name + "."):
        return step.before
    changed: Order = step.rule.effect(step.before, step.report)
    return evolve(changed, life=step.rule.target)


def broken_by_orders(
    configuration: Configuration,
    before: State,
    event: Event,
    after: State,
    records: tuple[Record, ...],
) -> tuple[str, ...]:
    """What a step breaks of order life, as `requirement: predicate or rule (order id)`.

    Asked of every single step: the predicates of order life, and that its rule gives that Order.
    Asked of every other Order: that it is as it was [F2].
    """
    found: list[str] = []
    steps = order_steps(configuration, before, event, after, records)
    for step in steps:
        where = f"(order {step.order_id})"
        found += [
            f"{name}: {rule.__name__} {where}"
            for name, rule in predicates.RULES
            if not rule(step.before, step.report, step.after)
        ]
        if expected(step) != step.after:
            served = ", ".join(step.rule.requirements)
            found.append(f"{served}: {step.rule.id} gives another Order {where}")
    if not isinstance(event.body, StatusReport) and not _replaces_inferred(steps, event):
        named = {step.order_id for step in steps}
        was = before.execution.orders
        for order_id, ticket in after.execution.orders.items():
            old = was.get(order_id)
            if old is ticket or order_id in named:
                continue
            if old is None or old.order != ticket.order:
                found.append(f"F2: changes without an Event that names it (order {order_id})")
    return tuple(found)


def _replaces_inferred(steps: tuple[OrderStep, ...], event: Event) -> bool:
    """Whether the evidence was left out by `order_steps`: Requests alone remain."""
    if not isinstance(event.body, Execution):
        return False
    return all(step.report.event <= OrderEvent.REQUEST_CANCEL for step in steps)
