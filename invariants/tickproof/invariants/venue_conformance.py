"""Whether a venue adapter's Event stream is one that order life can be folded from.

What it decides: what an adapter may say, and when. A kernel with a strategy that does nothing but
try things sends it commands, the very commands a runtime would carry; each Event it yields is held
against the order-life table and the requirements, in the State it arrives in:

* form: Events, of kinds a venue may report, about accounts, instruments and orders there are [OL3];
* time: arrival stamps and sequences go on, nothing arrives before its time, and evidence of one
  order comes in the order of the venue's clock, late fills aside [T1, T3];
* lifecycle: every piece of evidence is a row of the table, and not a refusal (codes named in
  `Profile.tolerated` aside); nothing follows a reported death but what a row allows [OL2, OL7];
* fills: within quantity and limit, in the order's direction, each with an id of its own, none
  traded after the order's death [OL2, OL3, Q9];
* answers: every Request gets one, in time [OL7, OL8], and a REPLACED gives the terms asked for;
* invariants: every predicate by requirement id holds, and nothing overdraws [A4].
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from typing import ClassVar

from attrs import define, frozen

from tickproof.invariants.driving import (
    Drive,
    Profile,
    VenueAdapter,
    configuration_for,
    market,
)
from tickproof.invariants.evidence import OrderStep, broken_by_orders, order_steps
from tickproof.invariants.findings import Finding, described, kind_name
from tickproof.invariants.predicates import broken_by_state, broken_by_step
from tickproof.kernel.kernel import Kernel
from tickproof.spec import fill_life, order_life
from tickproof.spec.commands import (
    CommandKind,
    Decision,
    OrderType,
    Request,
    cancel_order,
    new_order,
    replace_order,
)
from tickproof.spec.configuration import Wake, WakeRule
from tickproof.spec.errors import InvariantBroken
from tickproof.spec.events import (
    FIRST_CONTROL_KIND,
    FIRST_EXECUTION_KIND,
    INT64_MAX,
    NOT_CARRIED,
    Event,
    EventKind,
    Execution,
    payload,
)
from tickproof.spec.fill_life import FillRefusal
from tickproof.spec.order_life import Life, OrderRefusal
from tickproof.spec.outputs import RecordKind, SurfacedReason
from tickproof.spec.state import State, Ticket
from tickproof.spec.strategy import View
from tickproof.spec.table import Row

AdapterFactory = Callable[[], VenueAdapter]

TOPICS = ("form", "time", "lifecycle", "fills", "answers", "invariants")
"""What is checked; each finding is of one of these."""

FILLS = (order_life.OrderEvent.FILLED, order_life.OrderEvent.FILL_CORRECTED)

# --- what is asked of it -------------------------------------------------------------------------


@define
class Dice:
    """A generator's state."""

    state: int = 1


class Prober:
    """Tries everything the profile allows: NEW near the touch, REPLACE, CANCEL, also in a hurry."""

    wake: ClassVar[WakeRule] = WakeRule(int(Wake.EVERY_EVENT))
    memory: ClassVar[type] = Dice

    def __init__(self, profile: Profile, seed: int) -> None:
        self.profile = profile
        self.seed = seed

    def _draw(self, memory: Dice, bound: int) -> int:
        memory.state = (memory.state * 6_364_136_223_846_793_005 + 2 * self.seed + 1) % 2**63
        return (memory.state >> 24) % bound

    def decide(self, view: View, memory: Dice) -> Iterable[Decision]:
        """At most one new order, and a command for one that is open."""
        found: list[Decision] = []
        bid, ask = view.bid_price(0), view.ask_price(0)
        if not bid or not ask:
            return found
        working = view.open_orders()
        if len(working) < 5 and self._draw(memory, 3) == 0:
            found.append(self._new(view, memory, bid, ask))
        if working and self._draw(memory, 3) == 0:
            chosen = working[self._draw(memory, len(working))]
            if self.profile.replaces and self._draw(memory, 2) and chosen.price:
                total = max(chosen.total + self._draw(memory, 7) - 3, 1)
                price = chosen.price + (self._draw(memory, 5) - 2) * view.tick(0)
                found.append(replace_order(chosen.key, self._lots(view, total), price))
            else:
                found.append(cancel_order(chosen.key))
        return found

    def _lots(self, view: View, wanted: int) -> int:
        step = view.lot_step(0)
        least = max(self.profile.instrument.minimum_quantity, step)
        return max(-(-wanted // step) * step, -(-least // step) * step)

    def _new(self, view: View, memory: Dice, bid: int, ask: int) -> Decision:
        profile = self.profile
        side = 1 if self._draw(memory, 2) else -1
        order_type = profile.order_types[self._draw(memory, len(profile.order_types))]
        force = profile.times_in_force[self._draw(memory, len(profile.times_in_force))]
        near, far = (bid, ask) if side > 0 else (ask, bid)
        price = (near, near, near - 2 * side * view.tick(0), far)[self._draw(memory, 4)]
        if order_type == OrderType.LIMIT_MAKER and price == far:
            price = near
        lots = self._lots(view, 1 + self._draw(memory, 9) * view.lot_step(0))
        if order_type == OrderType.MARKET:
            price = 0
        return new_order(
            view.next_key(), 0, side, lots, price, order_type=order_type, time_in_force=force
        )


# --- the check -----------------------------------------------------------------------------------


@frozen
class AdapterReport:
    """Findings, none when the adapter conforms; what was tried and which rows were reached."""

    findings: tuple[Finding, ...]
    requests: int
    events: int
    rows: tuple[str, ...]


def check_adapter(factory: AdapterFactory, profile: Profile | None = None) -> AdapterReport:
    """Drive fresh adapters and say what is wrong. What an adapter raises passes through."""
    chosen = profile if profile is not None else getattr(factory, "profile", Profile())
    audits = [Audit(factory(), chosen, seed) for seed in range(1, chosen.runs + 1)]
    for audit in audits:
        audit.run()
    findings = [finding for audit in audits for finding in audit.findings]
    requests = sum(len(audit.drive.requests) for audit in audits)
    events = sum(audit.heard for audit in audits)
    if not events:
        text = f"yields no Event, whatever is sent ({requests} Requests were)"
        findings.append(Finding("answers", "OL7", text, f"{chosen.runs} runs"))
    rows = sorted({name for audit in audits for name in audit.rows})
    return AdapterReport(tuple(findings), requests, events, tuple(rows))


class Audit:
    """One run of one adapter. `rows`: how often each rule of order life decided."""

    def __init__(self, adapter: VenueAdapter, profile: Profile, seed: int) -> None:
        self.profile = profile
        self.seed = seed
        prober = Prober(profile, seed)
        self.configuration = configuration_for(prober, profile.instrument)
        self.kernel = Kernel(self.configuration, (prober,))
        self.drive = Drive(self.kernel, adapter, self.watch)
        self.findings: list[Finding] = []
        self.rows: Counter[str] = Counter()
        self.heard = 0
        self.last_arrival_ns = 0
        self.sequences: dict[tuple[int, int], int] = {}
        self.clocks: dict[int, int] = {}
        self.closed_ns: dict[int, int] = {}

    def run(self) -> None:
        """Drive the adapter to the end, and see what is still owed."""
        drive, profile = self.drive, self.profile
        try:
            drive.start()
            for event in market(self.seed, profile.turns, profile.price):
                drive.turn(event, self.takes)
            drive.stop(profile.patience_ns, self.takes)
        except InvariantBroken as stop:
            requirement = str(stop).partition(":")[0]
            self.note("invariants", requirement, f"stops the kernel: {stop}")
            return
        self.what_is_owed()

    def note(
        self, topic: str, requirement: str, text: str, event: Event | None = None, rule: str = ""
    ) -> None:
        """Keep a finding."""
        said = "end of the run" if event is None else f"event {self.heard}: {described(event)}"
        where = f"run {self.seed}, {said}"
        self.findings.append(Finding(topic, requirement, text, where, rule))

    # --- before it is applied --------------------------------------------------------------------

    def takes(self, yielded: object) -> bool:
        """Form and time of what was yielded; whether the kernel can have it at all."""
        self.heard += 1
        if not isinstance(yielded, Event):
            text = f"yields {type(yielded).__name__}, not an Event"
            self.findings.append(Finding("form", "E1", text, f"run {self.seed}"))
            return False
        event = yielded
        if not FIRST_EXECUTION_KIND <= event.kind < FIRST_CONTROL_KIND:
            text = f"a venue adapter does not report {kind_name(event.kind)}"
            self.note("form", "E1", text, event)
            return False
        stamps = (event.event_time_ns, event.capture_time_ns, event.source, event.sequence)
        values = (*payload(event.body), *stamps, event.epoch)
        if not all(type(each) is int and -INT64_MAX <= each <= INT64_MAX for each in values):
            self.note("form", "E5", "holds what is no 64-bit integer", event)
            return False
        self._time(event)
        return True

    def _time(self, event: Event) -> None:
        if event.capture_time_ns < self.last_arrival_ns:
            text = f"arrives {self.last_arrival_ns - event.capture_time_ns} ns before the last one"
            self.note("time", "T3", text, event)
        if event.capture_time_ns > self.drive.now_ns:
            text = f"is given {event.capture_time_ns - self.drive.now_ns} ns before it arrives"
            self.note("time", "T2", text, event)
        self.last_arrival_ns = max(self.last_arrival_ns, event.capture_time_ns)
        last = self.sequences.get((event.source, event.epoch))
        if last is not None and event.sequence <= last:
            self.note("time", "E4", f"has sequence {event.sequence} after {last}", event)
        self.sequences[event.source, event.epoch] = event.sequence

    # --- as it was applied -----------------------------------------------------------------------

    def watch(
        self, before: State, event: Event, after: State, records: tuple[tuple[int, ...], ...]
    ) -> None:
        """What the Event did, held against the requirements."""
        about = (self.configuration, before, event, after, records)
        broken = broken_by_state(self.configuration, after)
        broken += broken_by_step(*about) + broken_by_orders(*about)
        for each in broken:
            requirement, _, text = each.partition(": ")
            self.note("invariants", requirement, f"breaks {text}", event)
        for record in records:
            if record[0] == RecordKind.SURFACED and record[1] == SurfacedReason.OVERDRAWN:
                self.note("invariants", "A4", "takes more money than there was", event)
            elif record[0] == RecordKind.INTENT_CLOSED:
                self.closed_ns.setdefault(record[2], self.drive.now_ns)
        if not isinstance(event.body, Execution):
            return
        steps = [step for step in order_steps(*about) if step.report.event >= 3]
        if not steps:
            where = f"account {event.body.account}, instrument {event.body.instrument}"
            self.note("form", "E2", f"is about {where}, which nobody configured", event)
        for step in steps:
            self._step(event, event.body, step, before.execution.orders.get(step.order_id))

    def _step(self, event: Event, body: Execution, step: OrderStep, ticket: Ticket | None) -> None:
        self.rows[step.rule.id] += 1
        if ticket is None:
            text = f"is about an order this run never sent (order {body.order_id})"
            self.note("form", "OL3", text, event, step.rule.id)
            return
        if not isinstance(step.rule, Row):
            self._refused(event, step)
            return
        self._clock(event, step)
        if step.report.event == order_life.OrderEvent.FILLED:
            self._fill(event, body, step, ticket)
        if event.kind == EventKind.REPLACED and body.request_id:
            self._terms(event, body, step)
        if body.leaves != NOT_CARRIED and body.leaves != order_life.leaves(step.after):
            text = f"carries leaves {body.leaves}, the order has {order_life.leaves(step.after)}"
            self.note("fills", "OL1", text, event, step.rule.id)

    def _clock(self, event: Event, step: OrderStep) -> None:
        """Evidence of one order follows the venue's clock; a late fill is from before the death."""
        latest = self.clocks.get(step.order_id, 0)
        is_late = order_life.is_dead(step.before.life) and step.report.event in FILLS
        if is_late and event.event_time_ns > latest:
            text = f"order {step.order_id} trades {event.event_time_ns - latest} ns after its death"
            self.note("fills", "OL2", text, event, step.rule.id)
        elif not is_late and event.event_time_ns < latest:
            text = f"the venue's clock is {latest - event.event_time_ns} ns behind its last word"
            self.note("time", "T1", f"{text} on order {step.order_id}", event)
        if not is_late:
            self.clocks[step.order_id] = max(latest, event.event_time_ns)

    def _refused(self, event: Event, step: OrderStep) -> None:
        codes = FillRefusal if step.rule.id.startswith(fill_life.TABLE.name) else OrderRefusal
        name = codes(step.rule.code).name  # type: ignore[union-attr]
        if name in self.profile.tolerated:
            return
        life = Life(step.before.life).name
        died = " after its death was reported" if order_life.is_dead(step.before.life) else ""
        text = f"is refused as {name}: order {step.order_id} is {life}{died}"
        self.note("lifecycle", step.rule.requirements[0], text, event, step.rule.id)

    def _fill(self, event: Event, body: Execution, step: OrderStep, ticket: Ticket) -> None:
        order = step.before
        open_lots = order_life.open_room(order)
        if body.quantity <= 0:
            self.note("fills", "OL3", f"fills {body.quantity} lots", event, step.rule.id)
        # A REPLACE under way may have raised the total already.
        asked = [order_life.total(order)]
        limits = [order.price]
        for request in (*order.doubts, *(() if order.pending is None else (order.pending,))):
            if request.kind == CommandKind.REPLACE:
                asked.append(request.total)
                limits.append(request.price)
        most = max(max(asked) - order_life.executed(order), open_lots)
        if body.quantity > most:
            text = f"fills {body.quantity} lots of order {step.order_id}, which has {most} open"
            self.note("fills", "OL3", text, event, step.rule.id)
        if body.side not in (0, ticket.side):
            text = f"is on side {body.side}, order {step.order_id} on side {ticket.side}"
            self.note("fills", "A1", text, event, step.rule.id)
        if body.trade_id == 0:
            self.note("fills", "OL4", "has no trade id", event, step.rule.id)
        if body.price <= 0:
            self.note("fills", "OL3", f"has price {body.price}", event, step.rule.id)
        elif all(limits) and not any(ticket.side * (limit - body.price) >= 0 for limit in limits):
            text = f"fills at {body.price} through the limit {limits[0]}"
            self.note("fills", "Q9", f"{text} of order {step.order_id}", event, step.rule.id)

    def _terms(self, event: Event, body: Execution, step: OrderStep) -> None:
        """An answered REPLACE gives what was asked for."""
        named = order_life.outstanding(step.before, body.request_id)
        if named is None:
            return
        wanted = max(named.total, order_life.executed(step.after))
        got = order_life.total(step.after)
        # A price is no matter where nothing is left to trade at it.
        elsewhere = order_life.leaves(step.after) > 0 and step.after.price != named.price
        if got != wanted or elsewhere:
            text = f"Request {body.request_id} asked for {wanted} lots at {named.price}"
            said = f"{text}, the answer gives {got} at {step.after.price}"
            self.note("answers", "OL6", said, event, step.rule.id)

    # --- at the end ------------------------------------------------------------------------------

    def what_is_owed(self) -> None:
        """Requests that nothing settled, and those that were settled too late [OL7, OL8].

        An unknown outcome settles nothing; a status report, a later answer or proof that nothing
        left does.
        """
        orders = self.kernel.state().execution.orders
        for request, sent_ns in zip(self.drive.requests, self.drive.sent_ns, strict=True):
            closed_ns = self.closed_ns.get(request.request_id)
            if closed_ns is None:
                text = f"{self._named(request)} was never answered"
                lots = order_life.executed(orders[request.order_id].order)
                if request.kind == CommandKind.NEW and lots:
                    text += f", though {lots} lots of it filled"
                self.note("answers", "OL7", text)
            elif closed_ns - sent_ns > self.profile.patience_ns:
                text = f"{self._named(request)} was answered after {closed_ns - sent_ns} ns"
                self.note("answers", "OL8", text)

    def _named(self, request: Request) -> str:
        kind = CommandKind(request.kind).name
        return f"Request {request.request_id}, {kind} of order {request.order_id},"
