"""What must hold of every State and of every step, by requirement id, as plain functions.

What it decides: whether a State, or a step from one to the next, keeps the rules. Nothing here
runs the kernel; each predicate recomputes what it asserts from State, Event and records, so it
can be asked of a run of the specification, of the kernel, or of a recorded one.

Sections: one State, one step, the lists.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable

from tickproof.spec import ledger, order_life
from tickproof.spec.commands import CommandKind
from tickproof.spec.configuration import Configuration
from tickproof.spec.decoding import decode
from tickproof.spec.digest import encode
from tickproof.spec.events import (
    FIRST_ACCOUNT_KIND,
    FIRST_CONTROL_KIND,
    FIRST_EXECUTION_KIND,
    Event,
    EventKind,
)
from tickproof.spec.execution_control import relocked
from tickproof.spec.fill_life import FillLife
from tickproof.spec.order_life import Origin
from tickproof.spec.outputs import Record, RecordKind
from tickproof.spec.rate_bucket import inv as bucket_holds
from tickproof.spec.state import State

StateRule = Callable[[Configuration, State], bool]
StepRule = Callable[[Configuration, State, Event, State, tuple[Record, ...]], bool]

# --- one State -----------------------------------------------------------------------------------


def sums_change_by_transfers(configuration: Configuration, state: State) -> bool:
    """A2: per asset the holders' sum is what was transferred; positions cost nothing when flat."""
    return ledger.inv(state.execution.ledger)


def locks_are_what_orders_need(configuration: Configuration, state: State) -> bool:
    """A3: locked amounts are recomputable from open and queued orders."""
    again = relocked(configuration, state)
    return again.execution.ledger == ledger.canonical(state.execution.ledger)


def orders_are_sound(configuration: Configuration, state: State) -> bool:
    """OL1: T + over = X + P + U + leaves + remainder for every order, and its invariant holds."""
    return all(
        order_life.inv(ticket.order) and order_life.conserved(ticket.order)
        for ticket in state.execution.orders.values()
    )


def executed_is_the_sum_of_fills(configuration: Configuration, state: State) -> bool:
    """OL1, OL4: X of every leg is the sum of its effective fills in the fill table."""
    counted: Counter[tuple[int, int]] = Counter()
    for key, fill in state.execution.fills.items():
        if fill.life == FillLife.EFFECTIVE:
            counted[(key[4], fill.leg)] += fill.quantity
    legs = {
        (order_id, index): leg.executed
        for order_id, ticket in state.execution.orders.items()
        for index, leg in enumerate(ticket.order.legs)
    }
    named = {key: quantity for key, quantity in counted.items() if quantity}
    return named == {key: quantity for key, quantity in legs.items() if quantity}


def corrections_lead_to_fills(configuration: Configuration, state: State) -> bool:
    """OL4: every correction's trade id leads to a fill that is known."""
    fills = state.execution.fills
    return all((*key[:3], root, key[4]) in fills for key, root in state.execution.aliases.items())


def one_command_pends_per_key(configuration: Configuration, state: State) -> bool:
    """EC4: the queue holds at most one command per order, under that order's id."""
    return all(key == pending.order_id for key, pending in state.execution.queue.items())


def one_request_is_in_flight_per_key(configuration: Configuration, state: State) -> bool:
    """EC5: Request ids are unique over all orders, and over a doubt only a CANCEL is pending."""
    found: list[int] = []
    for ticket in state.execution.orders.values():
        order = ticket.order
        found += [doubt.request_id for doubt in order.doubts]
        if order.pending is not None:
            found.append(order.pending.request_id)
            if order.doubts and order.pending.kind != CommandKind.CANCEL:
                return False
    return len(found) == len({*found}) and all(each > 0 for each in found)


def nothing_is_asked_of_the_unsent(configuration: Configuration, state: State) -> bool:
    """ID1: what waits for an order the venue was never sent is its NEW, and only that."""
    orders = state.execution.orders
    return all(
        (pending.kind == CommandKind.NEW) == (order_id not in orders)
        for order_id, pending in state.execution.queue.items()
    )


def buckets_are_within_bounds(configuration: Configuration, state: State) -> bool:
    """EC3: tokens lie between none and capacity, credited no later than now."""
    buckets = zip(configuration.buckets, state.execution.buckets, strict=True)
    now_ns = state.control.clock.now_ns
    return all(bucket_holds(*each) and each[1].refilled_at_ns <= now_ns for each in buckets)


def coordinates_are_configured(configuration: Configuration, state: State) -> bool:
    """E2: orders, fills and balances are of accounts, instruments and assets that exist."""
    accounts, instruments = len(configuration.accounts), len(configuration.instruments)
    orders_known = all(
        0 <= ticket.account < accounts and 0 <= ticket.instrument < instruments
        for ticket in state.execution.orders.values()
    )
    fills_known = all(
        key[4] in state.execution.orders or fill.quantity == 0
        for key, fill in state.execution.fills.items()
    )
    balances_known = all(
        holder < accounts and 0 <= asset < len(configuration.assets)
        for holder, asset in state.execution.ledger.balances
    )
    return orders_known and fills_known and balances_known


def external_orders_have_ids_of_their_own(configuration: Configuration, state: State) -> bool:
    """OL3: ids of orders nobody here sent are negative, distinct and without gaps."""
    known = sorted(state.execution.externals.values(), reverse=True)
    adopted = [order_id for order_id in state.execution.orders if order_id < 0]
    return known == [-1 - index for index in range(len(known))] and {*adopted} <= {*known}


def state_is_canonical_data(configuration: Configuration, state: State) -> bool:
    """S4: State is what its canonical encoding says, and nothing besides."""
    return decode(encode(state), State) == state


# --- one step ------------------------------------------------------------------------------------


def time_goes_on(
    configuration: Configuration,
    before: State,
    event: Event,
    after: State,
    records: tuple[Record, ...],
) -> bool:
    """T3, E4: `now` never runs backwards, and every Event takes one position."""
    return (
        after.control.clock.now_ns >= before.control.clock.now_ns
        and after.position == before.position + 1
    )


def reported_deaths_stand(
    configuration: Configuration,
    before: State,
    event: Event,
    after: State,
    records: tuple[Record, ...],
) -> bool:
    """OL2: an order the venue reported dead keeps its life, and has no leaves."""
    for order_id, ticket in before.execution.orders.items():
        order = ticket.order
        if order_life.is_dead(order.life) and order.inferred == 0:
            known = after.execution.orders.get(order_id)
            if known is None:
                continue  # that it stays known is asked for by itself
            now = known.order
            if now.life != order.life or now.inferred or order_life.leaves(now):
                return False
    return True


def orders_never_vanish(
    configuration: Configuration,
    before: State,
    event: Event,
    after: State,
    records: tuple[Record, ...],
) -> bool:
    """E3, L3: orders and fills stay known; what an order is about never changes."""
    for order_id, ticket in before.execution.orders.items():
        now = after.execution.orders.get(order_id)
        if now is None or (now.account, now.instrument, now.side, now.strategy) != (
            ticket.account,
            ticket.instrument,
            ticket.side,
            ticket.strategy,
        ):
            return False
    return {*before.execution.fills} <= {*after.execution.fills}


def own_orders_begin_by_a_request(
    configuration: Configuration,
    before: State,
    event: Event,
    after: State,
    records: tuple[Record, ...],
) -> bool:
    """L3, R3: an own order appears with the Request that begins it, no sooner and no later."""
    begun = {
        record[5]
        for record in records
        if record[0] == RecordKind.REQUEST and record[2] == CommandKind.NEW
    }
    appeared = {
        order_id
        for order_id, ticket in after.execution.orders.items()
        if order_id not in before.execution.orders and ticket.order.origin == Origin.OWN
    }
    return begun == appeared


def what_is_denied_goes_nowhere(
    configuration: Configuration,
    before: State,
    event: Event,
    after: State,
    records: tuple[Record, ...],
) -> bool:
    """R1, R3: a denied Intent neither waits nor becomes a Request."""
    denied = {record[2] for record in records if record[0] == RecordKind.DENIED}
    sent = {record[1] for record in records if record[0] == RecordKind.REQUEST}
    waiting = {pending.intent_id for pending in after.execution.queue.values()}
    return not denied & (sent | waiting)


def position_follows_fills(
    configuration: Configuration,
    before: State,
    event: Event,
    after: State,
    records: tuple[Record, ...],
) -> bool:
    """A1: a position changes by what effective fills change, or by a settlement or liquidation."""
    if event.kind in (EventKind.SETTLEMENT, EventKind.LIQUIDATION):
        return True
    changed = _net_fills(after)
    changed.subtract(_net_fills(before))
    for key, position in after.execution.ledger.positions.items():
        changed[key[:2]] -= position.quantity
    for key, position in before.execution.ledger.positions.items():
        changed[key[:2]] += position.quantity
    return not any(changed.values())


def _net_fills(state: State) -> Counter[tuple[int, ...]]:
    net: Counter[tuple[int, ...]] = Counter()
    for key, fill in state.execution.fills.items():
        if fill.life == FillLife.EFFECTIVE:
            net[key[1:3]] += fill.side * fill.quantity
    return net


def money_moves_by_postings(
    configuration: Configuration,
    before: State,
    event: Event,
    after: State,
    records: tuple[Record, ...],
) -> bool:
    """A6: balances change by the postings that are recorded, and by nothing else."""
    changed: Counter[tuple[int, int]] = Counter()
    for record in records:
        if record[0] == RecordKind.POSTING:
            _, asset, holder_from, holder_to, amount, _ = record
            changed[(holder_from, asset)] -= amount
            changed[(holder_to, asset)] += amount
    for key, balance in before.execution.ledger.balances.items():
        changed[key] += balance.total
    for key, balance in after.execution.ledger.balances.items():
        changed[key] -= balance.total
    return not any(amount for key, amount in changed.items() if key[0] != ledger.EXTERNAL)


def only_evidence_overdraws(
    configuration: Configuration,
    before: State,
    event: Event,
    after: State,
    records: tuple[Record, ...],
) -> bool:
    """A4: no admitted Request overdraws; what the market does to a waiting MARKET order may."""
    is_evidence = FIRST_EXECUTION_KIND <= event.kind < FIRST_CONTROL_KIND
    if is_evidence or before.execution.queue:
        return True
    short = {*ledger.uncovered(after.execution.ledger)}
    return short <= {*ledger.uncovered(before.execution.ledger)}


def money_moves_by_evidence_only(
    configuration: Configuration,
    before: State,
    event: Event,
    after: State,
    records: tuple[Record, ...],
) -> bool:
    """F1, A2: market and control Events move no money and fill nothing."""
    if FIRST_EXECUTION_KIND <= event.kind < FIRST_CONTROL_KIND:
        return True
    same = before.execution.fills == after.execution.fills
    return same and not any(record[0] == RecordKind.POSTING for record in records)


def counters_count_records(
    configuration: Configuration,
    before: State,
    event: Event,
    after: State,
    records: tuple[Record, ...],
) -> bool:
    """E6: refused, denied and surfaced count exactly the records that say so."""
    kinds = Counter(record[0] for record in records)
    was, now = before.execution, after.execution
    return (
        now.refused - was.refused == kinds[RecordKind.REFUSED]
        and now.denied - was.denied == kinds[RecordKind.DENIED]
        and now.surfaced - was.surfaced == kinds[RecordKind.SURFACED]
    )


def refusals_change_nothing(
    configuration: Configuration,
    before: State,
    event: Event,
    after: State,
    records: tuple[Record, ...],
) -> bool:
    """OL2, PD09: refused evidence leaves orders, fills and ledger as they were."""
    if not FIRST_EXECUTION_KIND <= event.kind < FIRST_ACCOUNT_KIND:
        return True
    if not records or records[0][0] != RecordKind.REFUSED:
        return True
    if event.kind == EventKind.STATUS_REPORT:
        # A status report is several pieces of evidence; the others may stand.
        return True
    changed = [
        order_id
        for order_id, ticket in before.execution.orders.items()
        if after.execution.orders.get(order_id) != ticket
    ]
    sent = {record[5] for record in records if record[0] == RecordKind.REQUEST}
    return {*changed} <= sent and before.execution.fills == after.execution.fills


def restart_leaves_nothing_in_flight(
    configuration: Configuration,
    before: State,
    event: Event,
    after: State,
    records: tuple[Record, ...],
) -> bool:
    """OL12: what was in flight before a restart is in doubt after it, and is not sent again."""
    if event.kind != EventKind.RESTARTED:
        return True
    for order_id, ticket in before.execution.orders.items():
        asked, known = ticket.order.pending, after.execution.orders.get(order_id)
        if asked is not None and (known is None or asked not in known.order.doubts):
            return False
    return True


# --- the lists -----------------------------------------------------------------------------------

STATE_RULES: tuple[tuple[str, StateRule], ...] = (
    ("A2", sums_change_by_transfers),
    ("A3", locks_are_what_orders_need),
    ("OL1", orders_are_sound),
    ("OL4", executed_is_the_sum_of_fills),
    ("OL4", corrections_lead_to_fills),
    ("EC4", one_command_pends_per_key),
    ("EC5", one_request_is_in_flight_per_key),
    ("ID1", nothing_is_asked_of_the_unsent),
    ("EC3", buckets_are_within_bounds),
    ("E2", coordinates_are_configured),
    ("OL3", external_orders_have_ids_of_their_own),
)
"""Requirement id and predicate of every State; `state_is_canonical_data` [S4] is asked apart."""

STEP_RULES: tuple[tuple[str, StepRule], ...] = (
    ("T3", time_goes_on),
    ("OL2", reported_deaths_stand),
    ("E3", orders_never_vanish),
    ("L3", own_orders_begin_by_a_request),
    ("R1", what_is_denied_goes_nowhere),
    ("A1", position_follows_fills),
    ("A6", money_moves_by_postings),
    ("A4", only_evidence_overdraws),
    ("F1", money_moves_by_evidence_only),
    ("E6", counters_count_records),
    ("OL2", refusals_change_nothing),
    ("OL12", restart_leaves_nothing_in_flight),
)
"""Requirement id and predicate of every step."""


def broken_by_state(configuration: Configuration, state: State) -> tuple[str, ...]:
    """Names of the predicates that a State breaks; empty when all hold."""
    return tuple(_named(name, rule) for name, rule in STATE_RULES if not rule(configuration, state))


def broken_by_step(
    configuration: Configuration,
    before: State,
    event: Event,
    after: State,
    records: Iterable[Record],
) -> tuple[str, ...]:
    """Names of the predicates that a step breaks; empty when all hold."""
    made = tuple(records)
    return tuple(
        _named(name, rule)
        for name, rule in STEP_RULES
        if not rule(configuration, before, event, after, made)
    )


def _named(name: str, rule: StateRule | StepRule) -> str:
    return f"{name}: {rule.__name__}"
