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
from tickproof.spec.commands import CommandKind, key_of, strategy_of
from tickproof.spec.configuration import Configuration
from tickproof.spec.errors import InvariantBroken
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
    AccountRefusal,
    IntentOutcome,
    Record,
    RecordKind,
    RefusalSource,
    SurfacedReason,
)
from tickproof.spec.state import (
    UNSEEN_FILL,
    Coordinates,
    ExecutionState,
    FillKey,
    FillRecord,
    Ticket,
)
from tickproof.spec.table import Row

EXTERNAL_STRATEGY = -1
"""Owner of adopted orders."""

FILL_EVENTS = {
    int(EventKind.FILLED): FillEvent.FILLED,
    int(EventKind.FILL_VOIDED): FillEvent.FILL_VOIDED,
    int(EventKind.FILL_CORRECTED): FillEvent.FILL_CORRECTED,
}

LAST_LEG = -1
"""Leg of evidence that names none: the order's last."""

CONTRADICTIONS = (OrderRefusal.CONTRADICTS_DEATH, OrderRefusal.ORDER_DEAD)
"""Refusals of evidence that contradicts a reported death [OL2]."""

OUTCOME_OF_EVENT = {
    int(OrderEvent.REJECTED): IntentOutcome.REFUSED_BY_VENUE,
    int(OrderEvent.CANCEL_REJECTED): IntentOutcome.REFUSED_BY_VENUE,
    int(OrderEvent.REPLACE_REJECTED): IntentOutcome.REFUSED_BY_VENUE,
    int(OrderEvent.DISPATCH_FAILED): IntentOutcome.NOT_SENT,
    int(OrderEvent.NOT_FOUND): IntentOutcome.IN_DOUBT,
    int(OrderEvent.OPERATOR_DISPOSITION): IntentOutcome.IN_DOUBT,
}
"""How a Request ends that an event settles; ANSWERED by every other event."""

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


def may_be_own(configuration: Configuration, order_id: int, account: int) -> bool:
    """Whether an id could be that of an order a strategy of this account sent."""
    strategy = strategy_of(order_id)
    return (
        0 <= strategy < len(configuration.strategies)
        and key_of(order_id) >= 1
        and configuration.strategies[strategy].account == account
    )


def resolve(
    configuration: Configuration,
    execution: ExecutionState,
    coordinates: Coordinates,
    order_id: int,
) -> int:
    """The order evidence is about: by our id, else by the venue's, else a new external one.

    An id counts only at its order's own account and instrument. An order nobody here sent gets a
    negative id; evidence without a venue id is kept under one such order per account and
    instrument.
    """
    account, instrument, venue_order_id = coordinates
    named = execution.orders.get(order_id)
    if named is None and may_be_own(configuration, order_id, account):
        return order_id
    if named is not None and (named.account, named.instrument) == (account, instrument):
        return order_id
    for each in sorted(execution.orders):
        ticket = execution.orders[each]
        if (ticket.account, ticket.instrument) != (account, instrument):
            continue
        if any(leg.venue_order_id == venue_order_id != 0 for leg in ticket.order.legs):
            return each
    return execution.externals.get(coordinates, -len(execution.externals) - 1)


def with_external(applied: Applied, coordinates: Coordinates, order_id: int) -> Applied:
    """Evidence about an order of others was applied: its id stands from now on."""
    externals = applied.execution.externals
    if -order_id <= len(externals):
        return applied
    execution = evolve(applied.execution, externals={**externals, coordinates: order_id})
    return evolve(applied, execution=execution)


def ticket_of(execution: ExecutionState, order_id: int, body: Execution) -> Ticket:
    """The ticket of an order, or that of an external one about to be adopted."""
    ticket = execution.orders.get(order_id)
    if ticket is not None:
        return ticket
    return Ticket(
        ABSENT_ORDER, EXTERNAL_STRATEGY, body.account, body.instrument, body.side, 1, 1, 0, 0
    )


def leg_of(ticket: Ticket, body: Execution) -> int:
    """The leg an event is about: by the venue's id where bound, else as it says, else the last."""
    legs = ticket.order.legs
    for index, leg in enumerate(legs):
        if leg.venue_order_id == body.venue_order_id != 0:
            return index
    return body.leg if 0 <= body.leg < len(legs) else max(len(legs) - 1, 0)


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
    outcome = OUTCOME_OF_EVENT.get(event, IntentOutcome.ANSWERED)
    flat: tuple[int, ...] = ()
    for request_id in sorted(settled):
        flat += (request_id, int(outcome))
    return flat


def order_stepped(
    applied: Applied,
    order_id: int,
    ticket: Ticket,
    report: Report,
    as_of_ns: int,
    seen: order_life.Order | None = None,
) -> tuple[Applied, int]:
    """The order-life rule for one report, with its records. Returns a refusal code or 0.

    `seen`: the Order as it was last seen, where that is not the ticket's (see `absorb`).
    """
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
    before = ticket.order if seen is None else seen
    return noted(after, *surfaced_by(before, order, (ticket.instrument, order_id))), 0


def surfaced_by(
    before: order_life.Order, after: order_life.Order, about: tuple[int, int]
) -> tuple[Record, ...]:
    """What a person must see of a change: overfill, late fill, adoption, inferred death."""
    found: tuple[Record, ...] = ()
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
    if not is_known(configuration, body.account, body.instrument):
        nowhere = (int(RecordKind.REFUSED), EXTERNAL_STRATEGY, body.instrument, body.order_id)
        code = int(OrderRefusal.UNKNOWN_ORDER)
        return noted(applied, (*nowhere, int(RefusalSource.ORDER_LIFE), code))
    check_fee(configuration, body.fee, body.fee_asset)
    coordinates = (body.account, body.instrument, body.venue_order_id)
    order_id = resolve(configuration, execution, coordinates, body.order_id)
    ticket = ticket_of(execution, order_id, body)
    if body.kind in FILL_EVENTS:
        after, code = apply_fill(configuration, applied, body, order_id, ticket, as_of_ns, now_ns)
    else:
        report = report_of(body, ticket, UNSEEN_FILL, body.quantity, now_ns)
        after, code = order_stepped(applied, order_id, ticket, report, as_of_ns)
    return after if code else with_external(after, coordinates, order_id)


def is_known(configuration: Configuration, account: int, instrument: int) -> bool:
    """Whether account and instrument are configured: what is not is no order of this run."""
    return 0 <= account < len(configuration.accounts) and (
        0 <= instrument < len(configuration.instruments)
    )


def check_fee(configuration: Configuration, fee: int, asset: int) -> None:
    """A fee in an asset that is not configured cannot be booked, nor its fill dropped [OL3, F5].

    Raises `InvariantBroken`.
    """
    if fee != 0 and not 0 <= asset < len(configuration.assets):
        raise InvariantBroken(f"OL3: a fee in an asset that is not configured: {asset}")


# --- fills ---------------------------------------------------------------------------------------


def apply_fill(
    configuration: Configuration,
    applied: Applied,
    body: Execution,
    order_id: int,
    ticket: Ticket,
    as_of_ns: int,
    now_ns: int,
) -> tuple[Applied, int]:
    """FILLED, FILL_VOIDED, FILL_CORRECTED: by the fill-life table, then the order-life table.

    Returns a refusal code or 0 beside what was applied.
    """
    execution = applied.execution
    key = named_fill(execution, configuration, body, order_id)
    own_key = fill_key(configuration, body, order_id, body.trade_id)
    fill = execution.fills.get(key, UNSEEN_FILL)
    rule = fill_life.TABLE.select(fill.life, FILL_EVENTS[body.kind], fill.life, 0)
    repeated = body.kind != EventKind.FILLED and is_repeated(execution, own_key)
    if repeated or not isinstance(rule, Row):
        code = OrderRefusal.DUPLICATE_FILL
        source = RefusalSource.FILL_LIFE
        return noted(applied, refused_record(ticket, order_id, source, code)), int(code)
    is_new = body.kind != EventKind.FILL_VOIDED and fill.life == FillLife.ABSENT
    is_real = (body.flags // ExecutionFlag.INFERRED) % 2 == 0
    pool = inferred_pool(execution, order_id) if is_new and is_real else 0
    absorbed = min(body.quantity, pool)
    report = report_of(body, ticket, fill, body.quantity, now_ns)
    seen = ticket.order
    if absorbed:
        applied, ticket = absorb(configuration, applied, ticket, order_id, absorbed)
    after, refusal = order_stepped(applied, order_id, ticket, report, as_of_ns, seen)
    if refusal:
        return after, refusal
    after = book_fill(
        configuration, after, body, order_id, ticket, key, own_key, report.leg, rule.target
    )
    return after, 0


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


def next_inferred_id(execution: ExecutionState, order_id: int) -> int:
    """The trade id of an order's next inferred fill: they count downwards from -1."""
    used = (key[3] for key in execution.fills if key[4] == order_id and key[3] < 0)
    return min(used, default=0) - 1


def inferred_pool(execution: ExecutionState, order_id: int) -> int:
    """Lots that were concluded and wait for their real fills [OL9]."""
    return sum(execution.fills[key].quantity for key in inferred_fills(execution, order_id))


def absorb(
    configuration: Configuration, applied: Applied, ticket: Ticket, order_id: int, quantity: int
) -> tuple[Applied, Ticket]:
    """Inferred lots make room for the real fill that is about to be applied, oldest first [OL9].

    They leave their own legs and the ledger; what is left of an inferred fill is booked anew. The
    ticket is the order without them, which nobody sees: the real fill follows in the same step.
    """
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
        report = Report(
            OrderEvent.FILL_VOIDED,
            leg=fill.leg,
            effective=taken,
            fill_life=FillLife.EFFECTIVE,
            restores=1,
        )
        ticket = evolve(ticket, order=order_life.step(ticket.order, report)[0])
        quantity -= taken
    return applied, ticket


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
    now_ns: int,
) -> Applied:
    """Expand a status report into ordinary evidence and apply it [OL9].

    Its quantities are the Order's, over all legs. Applied once, it leaves no doubt; applied again,
    it changes nothing.
    """
    applied = Applied(execution)
    coordinates = (body.account, body.instrument, body.venue_order_id)
    order_id = resolve(configuration, execution, coordinates, body.order_id)
    ticket = execution.orders.get(order_id)
    if ticket is None:
        missing = (int(RecordKind.REFUSED), EXTERNAL_STRATEGY, body.instrument, body.order_id)
        code = int(OrderRefusal.UNKNOWN_ORDER)
        return noted(applied, (*missing, int(RefusalSource.STATUS_REPORT), code))
    if is_stale(ticket, body):
        source = RefusalSource.STATUS_REPORT
        return noted(applied, refused_record(ticket, order_id, source, OrderRefusal.STALE))
    if not body.found:
        return not_found(configuration, applied, ticket, order_id, body.as_of_ns, now_ns)
    check_fee(configuration, body.fee, body.fee_asset)
    for make in (evidence_of_acceptance, evidence_of_fills, evidence_of_terms, evidence_of_end):
        ticket = applied.execution.orders[order_id]
        for evidence in make(applied.execution, ticket, order_id, body):
            step = apply_evidence(configuration, applied.execution, evidence, body.as_of_ns, now_ns)
            applied = Applied(
                step.execution,
                applied.records + step.records,
                applied.owners + step.owners,
                max(applied.contradicted, step.contradicted),
            )
    return applied


def not_found(
    configuration: Configuration,
    applied: Applied,
    ticket: Ticket,
    order_id: int,
    as_of_ns: int,
    now_ns: int,
) -> Applied:
    """The venue does not know the order: settles doubts that are old enough."""
    settling_ns = configuration.timing.settling_ns
    settled = all(doubt.asked_ns + settling_ns <= now_ns for doubt in ticket.order.doubts)
    report = Report(OrderEvent.NOT_FOUND, settled=int(settled), now_ns=now_ns)
    return order_stepped(applied, order_id, ticket, report, as_of_ns)[0]


def evidence(kind: int, body: StatusReport, order_id: int, request_id: int = 0) -> Execution:
    """Inferred evidence of one kind about the reported order."""
    return Execution(
        int(kind),
        body.account,
        body.instrument,
        order_id,
        request_id,
        body.venue_order_id,
        leg=LAST_LEG,
        flags=int(ExecutionFlag.INFERRED),
    )


def doubted(ticket: Ticket, kind: int) -> tuple[int, ...]:
    """The ids of the doubted Requests of `kind`; of NEW and REPLACE there is at most one [EC5]."""
    return tuple(doubt.request_id for doubt in ticket.order.doubts if doubt.kind == kind)


def evidence_of_acceptance(
    execution: ExecutionState, ticket: Ticket, order_id: int, body: StatusReport
) -> tuple[Execution, ...]:
    """The order is known to the venue, so its NEW was accepted."""
    asked = sum(doubted(ticket, CommandKind.NEW))
    revoked = ticket.order.inferred == 1 and order_life.is_alive(body.life)
    if asked == 0 and ticket.order.life != Life.SUBMITTED and not revoked:
        return ()
    if body.life == Life.REJECTED:
        return ()
    kind = EventKind.HELD if body.life == Life.HELD else EventKind.ACCEPTED
    return (evidence(kind, body, order_id, asked),)


def evidence_of_fills(
    execution: ExecutionState, ticket: Ticket, order_id: int, body: StatusReport
) -> tuple[Execution, ...]:
    """What the venue executed and we have not seen; or inferred lots it never executed."""
    missing = body.executed - order_life.executed(ticket.order)
    if missing > 0:
        inferred = evidence(EventKind.FILLED, body, order_id)
        return (
            evolve(
                inferred,
                trade_id=next_inferred_id(execution, order_id),
                side=ticket.side,
                price=body.average_price,
                quantity=missing,
                fee=body.fee,
                fee_asset=body.fee_asset,
            ),
        )
    found: tuple[Execution, ...] = ()
    surplus = -missing
    for key in reversed(inferred_fills(execution, order_id)):
        if surplus == 0:
            break
        fill = execution.fills[key]
        taken = min(fill.quantity, surplus)
        found += (less_inferred(body, order_id, key, fill, taken),)
        surplus -= taken
    return found


def less_inferred(
    body: StatusReport, order_id: int, key: FillKey, fill: FillRecord, taken: int
) -> Execution:
    """Take lots off an inferred fill: a void when nothing is left of it, else a correction."""
    left = fill.quantity - taken
    kind = EventKind.FILL_CORRECTED if left else EventKind.FILL_VOIDED
    made = evidence(kind, body, order_id)
    return evolve(
        made,
        reference=key[3],
        side=fill.side,
        price=fill.price,
        quantity=left,
        fee=fill.fee * left // fill.quantity,
        fee_asset=fill.fee_asset,
        flags=made.flags + ExecutionFlag.RESTORES,
    )


def evidence_of_terms(
    execution: ExecutionState, ticket: Ticket, order_id: int, body: StatusReport
) -> tuple[Execution, ...]:
    """Total or price differ from ours: a REPLACE got through, or the venue restated."""
    order = ticket.order
    asked = sum(doubted(ticket, CommandKind.REPLACE))
    same_total = max(body.total, order_life.executed(order)) == order_life.total(order)
    same = same_total and body.price in (0, order.price)
    if same or order_life.is_dead(order.life):
        return (evidence(EventKind.REPLACE_REJECTED, body, order_id, asked),) if asked else ()
    kind = EventKind.REPLACED if asked else EventKind.RESTATED
    changed = evidence(kind, body, order_id, asked)
    return (evolve(changed, total=body.total, price=body.price),)


END_EVENTS = {
    int(Life.CANCELED): EventKind.CANCELED,
    int(Life.EXPIRED): EventKind.EXPIRED,
    int(Life.REJECTED): EventKind.REJECTED,
}


def evidence_of_end(
    execution: ExecutionState, ticket: Ticket, order_id: int, body: StatusReport
) -> tuple[Execution, ...]:
    """The order is over at the venue, or lives on although a CANCEL was in doubt."""
    cancels = doubted(ticket, CommandKind.CANCEL)
    refused = tuple(
        evidence(EventKind.CANCEL_REJECTED, body, order_id, request_id) for request_id in cancels
    )
    if body.life not in END_EVENTS:
        return refused
    is_final = order_life.is_dead(ticket.order.life) and ticket.order.inferred == 0
    kind = END_EVENTS[body.life]
    if kind == EventKind.REJECTED:
        asked = sum(doubted(ticket, CommandKind.NEW))
        ended = () if is_final and not asked else (evidence(kind, body, order_id, asked),)
        return (*ended, *refused)
    answered = tuple(evidence(kind, body, order_id, request_id) for request_id in cancels)
    if answered or is_final:
        return answered
    return (evidence(kind, body, order_id),)


# --- account events ------------------------------------------------------------------------------


NOWHERE = -1
"""Instrument of what has none."""


def unknown_to(configuration: Configuration, body: object) -> int:
    """Which of an account Event's ids is not configured: an `AccountRefusal`, or 0."""
    if not 0 <= int(getattr(body, "account", 0)) < len(configuration.accounts):
        return int(AccountRefusal.UNKNOWN_ACCOUNT)
    if not 0 <= int(getattr(body, "asset", 0)) < len(configuration.assets):
        return int(AccountRefusal.UNKNOWN_ASSET)
    if not 0 <= int(getattr(body, "instrument", 0)) < len(configuration.instruments):
        return int(AccountRefusal.UNKNOWN_INSTRUMENT)
    return 0


def apply_account(configuration: Configuration, execution: ExecutionState, body: object) -> Applied:
    """Balances and positions change by what the venue reports [A2, A6]."""
    applied = Applied(execution)
    books = execution.ledger
    instrument_id = int(getattr(body, "instrument", NOWHERE))
    code = unknown_to(configuration, body)
    if code:
        about = (EXTERNAL_STRATEGY, instrument_id, 0, int(RefusalSource.ACCOUNT), code)
        return noted(applied, (int(RecordKind.REFUSED), *about))
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
        check_fee(configuration, body.fee, body.fee_asset)
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
