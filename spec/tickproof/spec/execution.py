"""What execution and account Events do to the Execution domain [OL, A].

Decides how one event reaches one Order: whose order it is, which fill it names, what of a fill is
new, which rule of the order-life table applies, and which postings follow. A refusal changes
nothing and is recorded; a fill is always booked before anything is said about it.

Status reports are not rows: they expand into ordinary evidence, which is applied one by one [OL9].

Sections: working state, identity, one report, fills, status reports, account events.
"""

from __future__ import annotations

from attrs import evolve, frozen

from tickproof.spec import fill_life, ledger, order_life
from tickproof.spec.commands import CommandKind, strategy_of
from tickproof.spec.configuration import Configuration
from tickproof.spec.events import (
    NOT_CARRIED,
    BalanceSnapshot,
    EventKind,
    Execution,
    ExecutionFlag,
    FeeAdjusted,
    FundingPaid,
    Liquidation,
    Settlement,
    StatusReport,
    Transfer,
)
from tickproof.spec.fill_life import FillEvent, FillLife
from tickproof.spec.order_life import (
    ABSENT_ORDER,
    EVENT_KIND_OFFSET,
    Life,
    OrderEvent,
    OrderRefusal,
    Report,
)
from tickproof.spec.outputs import (
    IntentOutcome,
    Record,
    RecordKind,
    RefusalSource,
    SurfacedReason,
)
from tickproof.spec.state import UNSEEN_FILL, ExecutionState, FillKey, FillRecord, Ticket
from tickproof.spec.table import Row

EXTERNAL_STRATEGY = -1
"""Owner of adopted orders."""

FILL_EVENTS = {
    int(EventKind.FILLED): FillEvent.FILLED,
    int(EventKind.FILL_VOIDED): FillEvent.FILL_VOIDED,
    int(EventKind.FILL_CORRECTED): FillEvent.FILL_CORRECTED,
}

CONTRADICTIONS = (OrderRefusal.CONTRADICTS_DEATH, OrderRefusal.ORDER_DEAD)
"""Refusals of evidence that contradicts a reported death [OL2]."""

REFUSALS_BY_VENUE = (
    OrderEvent.REJECTED,
    OrderEvent.CANCEL_REJECTED,
    OrderEvent.REPLACE_REJECTED,
)

# --- working state -------------------------------------------------------------------------------


@frozen
class Applied:
    """Execution after something was applied, the records it made, and whose orders changed.

    `contradicted` 1: evidence contradicted a reported death.
    """

    execution: ExecutionState
    records: tuple[Record, ...] = ()
    owners: tuple[int, ...] = ()
    contradicted: int = 0


def noted(applied: Applied, *records: Record) -> Applied:
    """With further records; refused and surfaced ones are counted."""
    refused = sum(1 for record in records if record[0] == RecordKind.REFUSED)
    surfaced = sum(1 for record in records if record[0] == RecordKind.SURFACED)
    execution = evolve(
        applied.execution,
        refused=applied.execution.refused + refused,
        surfaced=applied.execution.surfaced + surfaced,
    )
    return evolve(applied, execution=execution, records=applied.records + records)


def with_ticket(execution: ExecutionState, order_id: int, ticket: Ticket) -> ExecutionState:
    """Execution with that ticket under `order_id`."""
    return evolve(execution, orders={**execution.orders, order_id: ticket})


def with_fill(execution: ExecutionState, key: FillKey, fill: FillRecord) -> ExecutionState:
    """Execution with that fill under `key`."""
    return evolve(execution, fills={**execution.fills, key: fill})


def postings_of(posted: ledger.Posted) -> tuple[Record, ...]:
    """POSTING records of a ledger operation."""
    return tuple(
        (int(RecordKind.POSTING), p.asset, p.holder_from, p.holder_to, p.amount, int(p.reason))
        for p in posted.postings
    )


def surface(reason: int, instrument: int, order_id: int, detail: int = 0) -> Record:
    """A SURFACED record."""
    return (int(RecordKind.SURFACED), int(reason), instrument, order_id, detail)


def booked(
    applied: Applied, posted: ledger.Posted, account: int, instrument: int, order_id: int
) -> Applied:
    """The postings recorded, and an overdraft surfaced [A4]."""
    after = evolve(applied, execution=evolve(applied.execution, ledger=posted.ledger))
    after = noted(after, *postings_of(posted))
    if posted.overdrawn:
        after = noted(after, surface(SurfacedReason.OVERDRAWN, instrument, order_id, account))
    return after


# --- identity ------------------------------------------------------------------------------------


def resolve(execution: ExecutionState, body: Execution) -> int:
    """The order an event is about: by our id, else by the venue's, else a new external one.

    An order nobody here sent is known by the venue's id, negative so that it is no strategy's.
    """
    if body.order_id != 0:
        return body.order_id
    for order_id in sorted(execution.orders):
        ticket = execution.orders[order_id]
        if ticket.account != body.account or ticket.instrument != body.instrument:
            continue
        for leg in ticket.order.legs:
            if leg.venue_order_id == body.venue_order_id != 0:
                return order_id
    return -body.venue_order_id


def ticket_of(execution: ExecutionState, order_id: int, body: Execution) -> Ticket:
    """The ticket of an order, or that of an external one about to be adopted."""
    ticket = execution.orders.get(order_id)
    if ticket is not None:
        return ticket
    return Ticket(
        ABSENT_ORDER, EXTERNAL_STRATEGY, body.account, body.instrument, body.side, 1, 1, 0, 0
    )


def leg_of(ticket: Ticket, body: Execution) -> int:
    """The leg an event is about: by the venue's id where bound, else as it says."""
    for index, leg in enumerate(ticket.order.legs):
        if leg.venue_order_id == body.venue_order_id != 0:
            return index
    return body.leg


def fill_key(
    configuration: Configuration, body: Execution, order_id: int, trade_id: int
) -> FillKey:
    """The identity of a fill [OL4]."""
    venue = configuration.instruments[body.instrument].venue
    return (venue, body.account, body.instrument, trade_id, order_id)


def named_fill(
    execution: ExecutionState, configuration: Configuration, body: Execution, order_id: int
) -> FillKey:
    """The fill an event is about: its own for FILLED, the one it refers to otherwise."""
    if body.kind == EventKind.FILLED:
        return fill_key(configuration, body, order_id, body.trade_id)
    key = fill_key(configuration, body, order_id, body.reference)
    root = execution.aliases.get(key)
    return key if root is None else (*key[:3], root, order_id)


def is_repeated(execution: ExecutionState, key: FillKey) -> bool:
    """Whether a correction or void with this trade id of its own was seen before."""
    return key[3] != 0 and (key in execution.aliases or key in execution.fills)


# --- one report ----------------------------------------------------------------------------------


def report_of(
    body: Execution, ticket: Ticket, fill: FillRecord, quantity: int, now_ns: int
) -> Report:
    """What the order-life table needs to know of an execution event."""
    bound = any(leg.venue_order_id == body.venue_order_id for leg in ticket.order.legs)
    last = ticket.order.legs[-1].venue_order_id if ticket.order.legs else 0
    is_new_leg = (
        body.kind == EventKind.REPLACED and body.venue_order_id != 0 and last != 0 and not bound
    )
    return Report(
        body.kind - EVENT_KIND_OFFSET,
        request_id=body.request_id,
        venue_order_id=body.venue_order_id,
        leg=fill.leg if fill.life == FillLife.EFFECTIVE else leg_of(ticket, body),
        price=body.price,
        quantity=quantity,
        effective=fill.quantity,
        fill_life=fill.life,
        total=body.total,
        leaves=body.leaves,
        reason=body.reason,
        restores=body.flags % 2,
        active=(body.flags // ExecutionFlag.ACTIVE) % 2,
        new_leg=int(is_new_leg),
        now_ns=now_ns,
    )


def refused_record(ticket: Ticket, order_id: int, source: int, code: int) -> Record:
    """A REFUSED record about an order."""
    return (
        int(RecordKind.REFUSED),
        ticket.strategy,
        ticket.instrument,
        order_id,
        int(source),
        int(code),
    )


def closings(before: order_life.Order, after: order_life.Order, event: int) -> tuple[int, ...]:
    """(intent id, outcome) pairs, flat, of the Requests that an event settled."""
    open_after = [doubt.request_id for doubt in after.doubts]
    if after.pending is not None:
        open_after.append(after.pending.request_id)
    settled = [doubt.request_id for doubt in before.doubts if doubt.request_id not in open_after]
    if before.pending is not None and before.pending.request_id not in open_after:
        settled.append(before.pending.request_id)
    outcome = IntentOutcome.ANSWERED
    if event in REFUSALS_BY_VENUE:
        outcome = IntentOutcome.REFUSED_BY_VENUE
    if event == OrderEvent.DISPATCH_FAILED:
        outcome = IntentOutcome.NOT_SENT
    flat: tuple[int, ...] = ()
    for request_id in sorted(settled):
        flat += (request_id, int(outcome))
    return flat


def order_stepped(
    applied: Applied, order_id: int, ticket: Ticket, report: Report, as_of_ns: int
) -> tuple[Applied, int]:
    """The order-life rule for one report, with its records. Returns a refusal code or 0."""
    order, code = order_life.step(ticket.order, report)
    if code:
        refused = noted(applied, refused_record(ticket, order_id, RefusalSource.ORDER_LIFE, code))
        if code in CONTRADICTIONS:
            about = surface(SurfacedReason.CONTRADICTION, ticket.instrument, order_id, code)
            refused = evolve(noted(refused, about), contradicted=1)
        return refused, code
    if order.life == Life.ABSENT:
        return applied, 0
    changed = evolve(ticket, order=order, as_of_ns=max(ticket.as_of_ns, as_of_ns))
    after = evolve(
        applied,
        execution=with_ticket(applied.execution, order_id, changed),
        owners=(*applied.owners, ticket.strategy),
    )
    flat = closings(ticket.order, order, report.event)
    for index in range(0, len(flat), 2):
        after = noted(
            after,
            (
                int(RecordKind.INTENT_CLOSED),
                ticket.strategy,
                flat[index],
                order_id,
                flat[index + 1],
            ),
        )
    return noted(after, *surfaced_by(ticket, order, order_id)), 0


def surfaced_by(ticket: Ticket, after: order_life.Order, order_id: int) -> tuple[Record, ...]:
    """What a person must see of a change: overfill, late fill, adoption, inferred death."""
    before = ticket.order
    found: tuple[Record, ...] = ()
    about = (ticket.instrument, order_id)
    if before.life == Life.ABSENT and after.origin == order_life.Origin.EXTERNAL:
        found += (surface(SurfacedReason.ADOPTED, *about),)
    if order_life.over(after) > order_life.over(before):
        found += (surface(SurfacedReason.OVERFILLED, *about, order_life.over(after)),)
    grew = order_life.executed(after) > order_life.executed(before)
    if grew and order_life.is_dead(before.life):
        found += (surface(SurfacedReason.LATE_FILL, *about),)
    if after.inferred > before.inferred:
        found += (surface(SurfacedReason.INFERRED_DEATH, *about),)
    return found


def apply_evidence(
    configuration: Configuration,
    execution: ExecutionState,
    body: Execution,
    as_of_ns: int,
    now_ns: int,
) -> Applied:
    """One execution event, kinds ACCEPTED to OUTCOME_UNKNOWN."""
    applied = Applied(execution)
    if not 0 <= body.instrument < len(configuration.instruments):
        nowhere = (int(RecordKind.REFUSED), EXTERNAL_STRATEGY, body.instrument, body.order_id)
        code = int(OrderRefusal.UNKNOWN_ORDER)
        return noted(applied, (*nowhere, int(RefusalSource.ORDER_LIFE), code))
    if body.kind in FILL_EVENTS:
        return apply_fill(configuration, applied, body, as_of_ns, now_ns)
    order_id = resolve(execution, body)
    ticket = ticket_of(execution, order_id, body)
    report = report_of(body, ticket, UNSEEN_FILL, body.quantity, now_ns)
    return order_stepped(applied, order_id, ticket, report, as_of_ns)[0]


# --- fills ---------------------------------------------------------------------------------------


def apply_fill(
    configuration: Configuration, applied: Applied, body: Execution, as_of_ns: int, now_ns: int
) -> Applied:
    """FILLED, FILL_VOIDED, FILL_CORRECTED: by the fill-life table, then the order-life table."""
    execution = applied.execution
    order_id = resolve(execution, body)
    ticket = ticket_of(execution, order_id, body)
    key = named_fill(execution, configuration, body, order_id)
    own_key = fill_key(configuration, body, order_id, body.trade_id)
    fill = execution.fills.get(key, UNSEEN_FILL)
    rule = fill_life.TABLE.select(fill.life, FILL_EVENTS[body.kind], fill.life, 0)
    repeated = body.kind != EventKind.FILLED and is_repeated(execution, own_key)
    if repeated or not isinstance(rule, Row):
        code = OrderRefusal.DUPLICATE_FILL
        source = RefusalSource.FILL_LIFE
        return noted(applied, refused_record(ticket, order_id, source, code))
    is_money = body.kind != EventKind.FILL_VOIDED and fill.life == FillLife.ABSENT
    absorbed = min(body.quantity, inferred_pool(execution, order_id)) if is_money else 0
    report = report_of(body, ticket, fill, body.quantity - absorbed, now_ns)
    after, code_order = order_stepped(applied, order_id, ticket, report, as_of_ns)
    if code_order:
        return after
    if absorbed:
        after = absorb(configuration, after, ticket, order_id, absorbed)
    return book_fill(
        configuration, after, body, order_id, ticket, key, own_key, report.leg, rule.target
    )


def book_fill(
    configuration: Configuration,
    applied: Applied,
    body: Execution,
    order_id: int,
    ticket: Ticket,
    key: FillKey,
    own_key: FillKey,
    leg: int,
    life: int,
) -> Applied:
    """The ledger's side of fill evidence: reverse what was booked, post what counts now."""
    execution = applied.execution
    old = execution.fills.get(key, UNSEEN_FILL)
    if old.life == FillLife.EFFECTIVE:
        posted = reversed_posting(configuration, execution, ticket, old)
        applied = booked(applied, posted, ticket.account, ticket.instrument, order_id)
    counts = body.kind != EventKind.FILL_VOIDED and life == FillLife.EFFECTIVE
    record = evolve(old, life=life) if not counts else fill_record(body, ticket, leg, life)
    if counts:
        posted = posted_fill(configuration, applied.execution, ticket, record)
        record = evolve(record, realised=posted.realised)
        applied = booked(applied, posted, ticket.account, ticket.instrument, order_id)
        applied = noted(applied, fill_output(body, ticket, order_id, record))
    execution = with_fill(applied.execution, key, record)
    if own_key != key and own_key[3] != 0:
        execution = evolve(execution, aliases={**execution.aliases, own_key: key[3]})
    return evolve(applied, execution=execution)


def fill_record(body: Execution, ticket: Ticket, leg: int, life: int) -> FillRecord:
    """A fill as reported; the order's side where the report does not say."""
    inferred = (body.flags // ExecutionFlag.INFERRED) % 2
    side = ticket.side if ticket.side != 0 else body.side
    return FillRecord(
        life, leg, side, body.price, body.quantity, body.fee, body.fee_asset, 0, inferred
    )


def fill_output(body: Execution, ticket: Ticket, order_id: int, fill: FillRecord) -> Record:
    """A FILL record."""
    return (
        int(RecordKind.FILL),
        ticket.strategy,
        ticket.account,
        ticket.instrument,
        order_id,
        body.trade_id,
        fill.side,
        fill.price,
        fill.quantity,
        fill.fee,
        fill.fee_asset,
        body.liquidity,
        body.cause,
    )


def posted_fill(
    configuration: Configuration, execution: ExecutionState, ticket: Ticket, fill: FillRecord
) -> ledger.Posted:
    """Book a fill."""
    return ledger.post_fill(
        execution.ledger,
        configuration.instruments[ticket.instrument],
        ticket.account,
        fill.side,
        fill.price,
        fill.quantity,
        fill.fee,
        fill.fee_asset,
    )


def reversed_posting(
    configuration: Configuration, execution: ExecutionState, ticket: Ticket, fill: FillRecord
) -> ledger.Posted:
    """Take a booked fill back."""
    return ledger.reverse_fill(
        execution.ledger,
        configuration.instruments[ticket.instrument],
        ticket.account,
        fill.side,
        fill.price,
        fill.quantity,
        fill.fee,
        fill.fee_asset,
        fill.realised,
    )


# --- inferred fills ------------------------------------------------------------------------------


def inferred_fills(execution: ExecutionState, order_id: int) -> tuple[FillKey, ...]:
    """Effective inferred fills of an order, oldest first (their ids count downwards)."""
    keys = [
        key
        for key, fill in execution.fills.items()
        if key[4] == order_id and fill.inferred and fill.life == FillLife.EFFECTIVE
    ]
    return tuple(sorted(keys, key=lambda key: -key[3]))


def inferred_pool(execution: ExecutionState, order_id: int) -> int:
    """Lots that were concluded and wait for their real fills [OL9]."""
    return sum(execution.fills[key].quantity for key in inferred_fills(execution, order_id))


def absorb(
    configuration: Configuration, applied: Applied, ticket: Ticket, order_id: int, quantity: int
) -> Applied:
    """Real fills replace inferred lots, oldest first: price and fee are corrected by booking."""
    for key in inferred_fills(applied.execution, order_id):
        fill = applied.execution.fills[key]
        taken = min(fill.quantity, quantity)
        if taken == 0:
            break
        posted = reversed_posting(configuration, applied.execution, ticket, fill)
        applied = booked(applied, posted, ticket.account, ticket.instrument, order_id)
        left = fill.quantity - taken
        kept = evolve(
            fill, quantity=left, fee=fill.fee * left // fill.quantity, life=FillLife.VOIDED
        )
        if left:
            kept = evolve(kept, life=FillLife.EFFECTIVE)
            posted = posted_fill(configuration, applied.execution, ticket, kept)
            kept = evolve(kept, realised=posted.realised)
            applied = booked(applied, posted, ticket.account, ticket.instrument, order_id)
        applied = evolve(applied, execution=with_fill(applied.execution, key, kept))
        quantity -= taken
    return applied


# --- status reports ------------------------------------------------------------------------------


def is_stale(ticket: Ticket, body: StatusReport) -> bool:
    """Behind what the order has seen, or asked for before one of its doubts arose [OL9]."""
    if body.found and body.as_of_ns < ticket.as_of_ns:
        return True
    return any(body.query_sent_ns <= doubt.asked_ns for doubt in ticket.order.doubts)


def apply_status_report(
    configuration: Configuration,
    execution: ExecutionState,
    body: StatusReport,
    position: int,
    now_ns: int,
) -> Applied:
    """Expand a status report into ordinary evidence and apply it [OL9]."""
    applied = Applied(execution)
    order_id = body.order_id if body.order_id != 0 else -body.venue_order_id
    ticket = execution.orders.get(order_id)
    known = 0 <= body.instrument < len(configuration.instruments)
    if ticket is None or not known:
        missing = (int(RecordKind.REFUSED), EXTERNAL_STRATEGY, body.instrument, order_id)
        code = int(OrderRefusal.UNKNOWN_ORDER)
        return noted(applied, (*missing, int(RefusalSource.STATUS_REPORT), code))
    if is_stale(ticket, body):
        source = RefusalSource.STATUS_REPORT
        return noted(applied, refused_record(ticket, order_id, source, OrderRefusal.STALE))
    if not body.found:
        return not_found(configuration, applied, ticket, order_id, now_ns)
    for make in (evidence_of_acceptance, evidence_of_fills, evidence_of_terms, evidence_of_end):
        ticket = applied.execution.orders[order_id]
        for evidence in make(applied.execution, ticket, order_id, body, position):
            step = apply_evidence(configuration, applied.execution, evidence, body.as_of_ns, now_ns)
            applied = Applied(
                step.execution,
                applied.records + step.records,
                applied.owners + step.owners,
                max(applied.contradicted, step.contradicted),
            )
    return applied


def not_found(
    configuration: Configuration, applied: Applied, ticket: Ticket, order_id: int, now_ns: int
) -> Applied:
    """The venue does not know the order: settles doubts that are old enough."""
    settling_ns = configuration.timing.settling_ns
    settled = all(doubt.asked_ns + settling_ns <= now_ns for doubt in ticket.order.doubts)
    report = Report(OrderEvent.NOT_FOUND, settled=int(settled), now_ns=now_ns)
    return order_stepped(applied, order_id, ticket, report, now_ns)[0]


def evidence(kind: int, body: StatusReport, order_id: int, request_id: int = 0) -> Execution:
    """Inferred evidence of one kind about the reported order."""
    return Execution(
        int(kind),
        body.account,
        body.instrument,
        order_id,
        request_id,
        body.venue_order_id,
        flags=int(ExecutionFlag.INFERRED),
    )


def open_request(ticket: Ticket, kind: int) -> int:
    """The id of a doubted Request of `kind`, 0 if there is none."""
    for doubt in ticket.order.doubts:
        if doubt.kind == kind:
            return doubt.request_id
    return 0


def evidence_of_acceptance(
    execution: ExecutionState, ticket: Ticket, order_id: int, body: StatusReport, position: int
) -> tuple[Execution, ...]:
    """The order is known to the venue, so its NEW was accepted."""
    asked = open_request(ticket, CommandKind.NEW)
    revoked = ticket.order.inferred == 1 and order_life.is_alive(body.life)
    if asked == 0 and ticket.order.life != Life.SUBMITTED and not revoked:
        return ()
    if body.life == Life.REJECTED:
        return ()
    kind = EventKind.HELD if body.life == Life.HELD else EventKind.ACCEPTED
    return (evidence(kind, body, order_id, asked),)


def evidence_of_fills(
    execution: ExecutionState, ticket: Ticket, order_id: int, body: StatusReport, position: int
) -> tuple[Execution, ...]:
    """What the venue executed and we have not seen; or inferred lots it never executed."""
    missing = body.executed - order_life.executed(ticket.order)
    if missing > 0:
        inferred = evidence(EventKind.FILLED, body, order_id)
        return (
            evolve(
                inferred,
                trade_id=-position - 1,
                side=ticket.side,
                price=body.average_price,
                quantity=missing,
                fee=body.fee,
                fee_asset=body.fee_asset,
            ),
        )
    found: tuple[Execution, ...] = ()
    for key in reversed(inferred_fills(execution, order_id)):
        fill = execution.fills[key]
        if missing < 0 and fill.quantity <= -missing:
            void = evidence(EventKind.FILL_VOIDED, body, order_id)
            found += (evolve(void, reference=key[3], flags=void.flags + ExecutionFlag.RESTORES),)
            missing += fill.quantity
    return found


def evidence_of_terms(
    execution: ExecutionState, ticket: Ticket, order_id: int, body: StatusReport, position: int
) -> tuple[Execution, ...]:
    """Total or price differ from ours: a REPLACE got through, or the venue restated."""
    order = ticket.order
    if not order_life.is_alive(order.life):
        return ()
    asked = open_request(ticket, CommandKind.REPLACE)
    same = body.total == order_life.total(order) and body.price == order.price
    if same and asked:
        return (evidence(EventKind.REPLACE_REJECTED, body, order_id, asked),)
    if same:
        return ()
    kind = EventKind.REPLACED if asked else EventKind.RESTATED
    changed = evidence(kind, body, order_id, asked)
    return (evolve(changed, total=body.total, price=body.price),)


END_EVENTS = {
    int(Life.CANCELED): EventKind.CANCELED,
    int(Life.EXPIRED): EventKind.EXPIRED,
    int(Life.REJECTED): EventKind.REJECTED,
}


def evidence_of_end(
    execution: ExecutionState, ticket: Ticket, order_id: int, body: StatusReport, position: int
) -> tuple[Execution, ...]:
    """The order is over at the venue, or lives on although a CANCEL was in doubt."""
    cancel = open_request(ticket, CommandKind.CANCEL)
    if body.life in END_EVENTS:
        if order_life.is_dead(ticket.order.life) and ticket.order.inferred == 0:
            return ()
        kind = END_EVENTS[body.life]
        asked = open_request(ticket, CommandKind.NEW) if kind == EventKind.REJECTED else cancel
        return (evidence(kind, body, order_id, asked),)
    if cancel:
        return (evidence(EventKind.CANCEL_REJECTED, body, order_id, cancel),)
    return ()


# --- account events ------------------------------------------------------------------------------


def apply_account(configuration: Configuration, execution: ExecutionState, body: object) -> Applied:
    """Balances and positions change by what the venue reports [A2, A6]."""
    applied = Applied(execution)
    books = execution.ledger
    if isinstance(body, BalanceSnapshot):
        posted = ledger.reconcile_balance(books, body.account, body.asset, body.total)
        return booked(applied, posted, body.account, -1, 0)
    if isinstance(body, Transfer):
        posted = ledger.transfer(books, body.account, body.asset, body.amount)
        return booked(applied, posted, body.account, -1, 0)
    if isinstance(body, FundingPaid):
        posted = ledger.pay_funding(books, body.account, body.asset, body.amount)
        return booked(applied, posted, body.account, body.instrument, 0)
    if isinstance(body, FeeAdjusted):
        posted = ledger.adjust_fee(books, body.account, body.asset, body.amount)
        return booked(applied, posted, body.account, -1, 0)
    if isinstance(body, Settlement):
        instrument = configuration.instruments[body.instrument]
        posted = ledger.settle(books, instrument, body.account, body.price)
        return booked(applied, posted, body.account, body.instrument, 0)
    if isinstance(body, Liquidation):
        instrument = configuration.instruments[body.instrument]
        posted = ledger.liquidate(
            books,
            instrument,
            body.account,
            body.price,
            body.quantity,
            body.fee,
            body.fee_asset,
        )
        return booked(applied, posted, body.account, body.instrument, 0)
    return applied


__all__ = [
    "NOT_CARRIED",
    "Applied",
    "apply_account",
    "apply_evidence",
    "apply_status_report",
    "noted",
    "order_stepped",
    "refused_record",
    "strategy_of",
    "surface",
]
