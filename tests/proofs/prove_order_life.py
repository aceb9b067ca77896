"""Order life, one inductive step at a time, over unbounded integers.

Bounds: at most two venue legs and one doubt; lives, kinds and flags take all their values. The
Order before the step is any that `inv` allows within those bounds, the report any `sound` one.
Each factory takes the `step` it checks, so a canary is the same claim about a planted bug.
"""

from collections.abc import Callable

from attrs import evolve

from tests.proofs.gate import Proof, named
from tickproof.invariants import order_life as rules
from tickproof.spec.commands import CommandKind
from tickproof.spec.fill_life import FillLife
from tickproof.spec.order_life import (
    ABSENT_ORDER,
    TABLE,
    Leg,
    Life,
    Order,
    OrderEvent,
    Outstanding,
    Report,
    Status,
    conserved,
    executed,
    fill,
    fill_fresh,
    fill_repeated,
    fill_tombstoned,
    inv,
    is_dead,
    leaves,
    over,
    remainder,
    replace_terms,
    settle,
    status,
    step,
    total,
)
from tickproof.spec.table import unchanged

PROOFS = (
    "p_ec5_gate",
    "p_guards_ACCEPTED",
    "p_guards_CANCELED",
    "p_guards_CANCEL_REJECTED",
    "p_guards_DISPATCH_FAILED",
    "p_guards_DONE_FOR_DAY",
    "p_guards_EXPIRED",
    "p_guards_FILLED",
    "p_guards_FILL_CORRECTED",
    "p_guards_FILL_VOIDED",
    "p_guards_HELD",
    "p_guards_NOT_FOUND",
    "p_guards_OPERATOR_DISPOSITION",
    "p_guards_OUTCOME_UNKNOWN",
    "p_guards_PREVENTED",
    "p_guards_REINSTATED",
    "p_guards_REJECTED",
    "p_guards_REPLACED",
    "p_guards_REPLACE_REJECTED",
    "p_guards_REQUEST_CANCEL",
    "p_guards_REQUEST_NEW",
    "p_guards_REQUEST_REPLACE",
    "p_guards_RESTARTED",
    "p_guards_RESTATED",
    "p_guards_SUSPENDED",
    "p_guards_TRIGGERED",
    "p_l3_an_order_begins_by_its_new_or_by_evidence",
    "p_ol10_DONE_FOR_DAY_of_either_leg",
    "p_ol10_FILLED_of_either_leg",
    "p_ol10_FILL_CORRECTED_of_either_leg",
    "p_ol10_FILL_VOIDED_of_either_leg",
    "p_ol10_PREVENTED_of_either_leg",
    "p_ol10_REPLACED_new_leg",
    "p_ol10_REPLACED_same_leg",
    "p_ol10_RESTATED_last_leg",
    "p_ol11_only_an_unsent_new_dies_of_its_dispatch",
    "p_ol11_rejection_ends_a_working_order",
    "p_ol12_restart_leaves_doubts",
    "p_ol1_inv_ACCEPTED",
    "p_ol1_inv_CANCELED",
    "p_ol1_inv_CANCEL_REJECTED",
    "p_ol1_inv_DISPATCH_FAILED",
    "p_ol1_inv_DONE_FOR_DAY",
    "p_ol1_inv_EXPIRED",
    "p_ol1_inv_FILLED",
    "p_ol1_inv_FILL_CORRECTED",
    "p_ol1_inv_FILL_VOIDED",
    "p_ol1_inv_HELD",
    "p_ol1_inv_NOT_FOUND",
    "p_ol1_inv_OPERATOR_DISPOSITION",
    "p_ol1_inv_OUTCOME_UNKNOWN",
    "p_ol1_inv_PREVENTED",
    "p_ol1_inv_REINSTATED",
    "p_ol1_inv_REJECTED",
    "p_ol1_inv_REPLACED_answer",
    "p_ol1_inv_REPLACED_refused",
    "p_ol1_inv_REPLACED_unsolicited",
    "p_ol1_inv_REPLACE_REJECTED",
    "p_ol1_inv_REQUEST_CANCEL",
    "p_ol1_inv_REQUEST_NEW",
    "p_ol1_inv_REQUEST_REPLACE",
    "p_ol1_inv_RESTARTED",
    "p_ol1_inv_RESTATED",
    "p_ol1_inv_SUSPENDED",
    "p_ol1_inv_TRIGGERED",
    "p_ol1_nothing_derived_is_negative",
    "p_ol1_two_legs_add_up",
    "p_ol2_death_stands_acceptances",
    "p_ol2_death_stands_activity",
    "p_ol2_death_stands_answers",
    "p_ol2_death_stands_conclusions",
    "p_ol2_death_stands_dispatches",
    "p_ol2_death_stands_fills",
    "p_ol2_death_stands_prevented",
    "p_ol2_revived_only_by_venue_or_operator",
    "p_ol3_correction_of_unseen_fill_counts",
    "p_ol3_fresh_fill_counts",
    "p_ol4_known_fill_counts_once",
    "p_ol5_correction_takes_the_difference",
    "p_ol5_executed_stands_answers",
    "p_ol5_executed_stands_early_events",
    "p_ol5_executed_stands_late_events",
    "p_ol5_void_takes_what_it_names",
    "p_ol6_replaced_in_every_life",
    "p_ol6_replaced_new_leg",
    "p_ol6_replaced_two_legs",
    "p_ol6_restated_in_every_life",
    "p_ol6_restated_two_legs",
    "p_ol6_total_stands_answers",
    "p_ol6_total_stands_early_events",
    "p_ol6_total_stands_fills",
    "p_ol6_total_stands_late_events",
    "p_ol6_total_stands_refusals",
    "p_ol6_unstated_total_is_the_one_asked_for",
    "p_ol7_ACCEPTED_settles_by_name",
    "p_ol7_CANCELED_settles_by_name",
    "p_ol7_CANCEL_REJECTED_settles_by_name",
    "p_ol7_DISPATCH_FAILED_settles_by_name",
    "p_ol7_EXPIRED_settles_by_name",
    "p_ol7_HELD_settles_by_name",
    "p_ol7_REJECTED_settles_by_name",
    "p_ol7_REPLACED_settles_by_name",
    "p_ol7_REPLACE_REJECTED_settles_by_name",
    "p_ol7_activity_settles_nothing",
    "p_ol7_death_keeps_pending_until_answered",
    "p_ol7_fills_settle_nothing",
    "p_ol8_unknown_outcome_is_a_doubt",
    "p_ol9_not_found_needs_a_settled_doubt",
    "p_status_accepted_increase_reopens_filled",
    "p_status_accepted_takes_nothing_back",
    "p_status_full_shows_filled",
    "p_status_pending_outranks_all",
)
CANARIES = (
    "canary_overlapping_guards",
    "canary_gap_between_guards",
    "canary_pd12_fill_reopens_canceled",
    "canary_pd10_late_fill_is_dropped",
    "canary_tombstoned_fill_counts",
    "canary_pd06_remaining_restored",
    "canary_unsolicited_clears_pending",
    "canary_pd05_accepted_forgets_fills",
    "canary_void_takes_twice",
    "canary_void_reopens_canceled",
    "canary_replace_over_doubt",
)

E = OrderEvent
Step = Callable[[Order, Report], tuple[Order, int]]
Guard = Callable[[Order, Report], bool]
Effect = Callable[[Order, Report], Order]

PENDING, DOUBT, CLOSED = 2, 3, 4
"""Request ids: of the pending Request, of the doubted one, and of none that is open."""

ASKED_TOTAL, ASKED_PRICE = 6, 7


def one_of(value: int, choices: range) -> int:
    """Fork: a concrete value per path, so that tables can be indexed."""
    for choice in choices:
        if value == choice:
            return choice
    return choices[0]


def ask(kind: int, request_id: int) -> Outstanding:
    return Outstanding(kind, request_id, ASKED_TOTAL, ASKED_PRICE, 0)


def order_at(
    life: int,
    legs: tuple[Leg, ...],
    inferred: int = 0,
    pending: Outstanding | None = None,
    doubts: tuple[Outstanding, ...] = (),
) -> Order:
    if life == Life.ABSENT:
        return ABSENT_ORDER
    return Order(life, 0, inferred, 0, ASKED_PRICE, legs, pending, doubts)


def planted(rule_id: str, effect: Effect, target: int) -> Step:
    """The step function with one row's effect and target replaced by a bug."""
    TABLE.rule(rule_id)

    def step_with_bug(order: Order, report: Report) -> tuple[Order, int]:
        rule = TABLE.select(order.life, report.event, order, report)
        if rule.id != rule_id:
            return step(order, report)
        return evolve(effect(order, report), life=target), 0

    return step_with_bug


# --- guards: in every cell exactly one holds -----------------------------------------------------


def guard_sets(event: OrderEvent) -> list[tuple[Guard, ...]]:
    """The distinct sequences of guards in an event's cells."""
    found: list[tuple[Guard, ...]] = []
    for row in TABLE.cells.values():
        guards = tuple(rule.guard for rule in row[event])
        if guards not in found:
            found.append(guards)
    return found


def exactly_one_holds(name: str, event: OrderEvent, sets: list[tuple[Guard, ...]]) -> Proof:
    def proof(
        pending_kind: int,
        pending_id: int,
        doubt_kind: int,
        doubt_id: int,
        request_id: int,
        inferred: int,
        detail: int,
        size: int,
    ) -> bool:
        """
        pre: 0 <= pending_kind <= 3 and 0 <= doubt_kind <= 3
        pre: pending_id > 0 and doubt_id > 0 and pending_id != doubt_id and request_id >= 0
        pre: 0 <= inferred <= 1 and 0 <= detail <= 3 and size >= 0
        post: _
        """
        pending = None if pending_kind == 0 else ask(pending_kind, pending_id)
        doubts = () if doubt_kind == 0 else (ask(doubt_kind, doubt_id),)
        order = Order(Life.WORKING, 0, inferred, 0, 0, (Leg(0, size, 5, 0, 0),), pending, doubts)
        report = Report(
            event,
            request_id=request_id,
            fill_life=detail,
            reason=detail,
            active=detail,
            new_leg=detail,
            settled=detail,
        )
        for guards in sets:
            holding = 0
            for guard in guards:
                if guard(order, report):
                    holding += 1
            if holding != 1:
                return False
        return True

    return named(name, proof)


# --- OL1: the invariant is kept by each event in each life, and quantities add up ----------------


def keeps_inv(name: str, event: OrderEvent, kind: int, ids: tuple[int, int] = (0, CLOSED)) -> Proof:
    """One leg, a Request of `kind` pending (0: none), the report naming an id within `ids`."""
    first_id, last_id = ids

    def proof(
        life: int,
        inferred: int,
        size: int,
        done: int,
        taken: int,
        withheld: int,
        request_id: int,
        quantity: int,
        effective: int,
        fill_life: int,
        asked: int,
        flag: int,
    ) -> bool:
        """
        pre: 0 <= life <= 8 and 0 <= inferred <= 1 and (inferred == 0 or life == 6 or life == 8)
        pre: life != 1 or done == 0
        pre: size >= 0 and done >= 0 and taken >= 0 and withheld >= 0
        pre: quantity >= 0 and 0 <= effective <= done and asked >= 0
        pre: 0 <= fill_life <= 3 and 0 <= flag <= 1 and first_id <= request_id <= last_id
        post: _
        """
        pending = ask(kind, PENDING) if kind else None
        legs = (Leg(1, size, done, taken, withheld),)
        before = order_at(one_of(life, range(9)), legs, inferred, pending)
        report = Report(
            event,
            request_id=request_id if first_id < last_id else last_id,
            quantity=quantity,
            effective=effective,
            fill_life=fill_life,
            total=asked,
            leaves=flag,
            reason=flag,
            restores=flag,
            active=flag,
            new_leg=flag,
            settled=flag,
        )
        after, code = step(before, report)
        return inv(after) and (code == 0 or after is before)

    return named(name, proof)


def p_ol1_two_legs_add_up(
    alive: bool, t: int, x: int, p: int, u: int, t2: int, x2: int, p2: int, u2: int
) -> bool:
    """
    pre: True
    post: _
    """
    life = Life.WORKING if alive else Life.CANCELED
    return conserved(order_at(life, (Leg(0, t, x, p, u), Leg(0, t2, x2, p2, u2))))


def p_ol1_nothing_derived_is_negative(alive: bool, t: int, x: int, t2: int, x2: int) -> bool:
    """
    pre: True
    post: _
    """
    life = Life.WORKING if alive else Life.CANCELED
    order = order_at(life, (Leg(0, t, x, 0, 0), Leg(0, t2, x2, 0, 0)))
    return leaves(order) >= 0 and remainder(order) >= 0 and over(order) >= 0


def two_legs_keep_inv(name: str, event: OrderEvent, new_leg: int = 0) -> Proof:
    """OL10: the first of two legs is closed, and stays so, whichever leg the report is about."""

    def proof(
        x: int, p: int, u: int, short: int, t2: int, x2: int, u2: int, leg: int, q: int, e: int
    ) -> bool:
        """
        pre: x >= 0 and p >= 0 and u >= 0 and 0 <= short <= x + p + u and 0 <= leg <= 1
        pre: t2 >= 0 and x2 >= 0 and u2 >= 0 and q >= 0 and 0 <= e <= (x if leg == 0 else x2)
        post: _
        """
        legs = (Leg(1, x + p + u - short, x, p, u), Leg(2, t2, x2, 0, u2))
        before = order_at(Life.WORKING, legs)
        known = FillLife.ABSENT if event == E.FILLED else FillLife.EFFECTIVE
        report = Report(
            event,
            leg=leg,
            quantity=q,
            effective=e,
            fill_life=known,
            total=q,
            restores=1,
            new_leg=new_leg,
            leaves=0,
        )
        after, code = step(before, report)
        return inv(after) and code == 0 and len(after.legs) == 2 + new_leg

    return named(name, proof)


# --- OL2: a reported death is final, an inferred one may be revoked ------------------------------


def death_stands(name: str, events: range, apply: Step = step) -> Proof:
    def proof(
        life: int,
        event: int,
        request_id: int,
        size: int,
        done: int,
        quantity: int,
        effective: int,
        fill_life: int,
        flag: int,
    ) -> bool:
        """
        pre: 6 <= life <= 8 and events.start <= event < events.stop and 0 <= request_id <= CLOSED
        pre: size >= 0 and done >= 0 and quantity >= 0 and 0 <= effective <= done
        pre: 0 <= fill_life <= 3 and 0 <= flag <= 1
        post: _
        """
        before = order_at(
            one_of(life, range(6, 9)),
            (Leg(1, size, done, 0, 0),),
            pending=ask(CommandKind.CANCEL, PENDING),
            doubts=(ask(CommandKind.REPLACE, DOUBT),),
        )
        report = Report(
            one_of(event, events),
            request_id=request_id,
            quantity=quantity,
            effective=effective,
            fill_life=fill_life,
            total=quantity,
            restores=1,
            active=flag,
            new_leg=flag,
            settled=flag,
        )
        after, _ = apply(before, report)
        return rules.reported_death_stands(before, report, after)

    return named(name, proof)


def p_ol2_revived_only_by_venue_or_operator(
    life: int, event: int, request_id: int, fill_life: int, active: int
) -> bool:
    """
    pre: (life == 6 or life == 8) and 0 <= event <= 24 and 0 <= request_id <= CLOSED
    pre: 0 <= fill_life <= 3 and 0 <= active <= 1
    post: _
    """
    code = one_of(event, range(25))
    before = order_at(one_of(life, range(6, 9)), (Leg(1, 9, 4, 0, 0),), inferred=1)
    after, _ = step(before, Report(code, request_id=request_id, fill_life=fill_life, active=active))
    if is_dead(after.life):
        return leaves(after) == 0
    operator = code == E.OPERATOR_DISPOSITION and active == 1
    return after.inferred == 0 and (operator or E.ACCEPTED <= code <= E.DONE_FOR_DAY)


# --- OL3, OL4: a fill counts once ----------------------------------------------------------------


def fresh_fill(name: str, event: OrderEvent, apply: Step = step) -> Proof:
    def proof(life: int, inferred: int, x: int, u: int, x2: int, leg: int, quantity: int) -> bool:
        """
        pre: 0 <= life <= 8 and 0 <= inferred <= 1 and (inferred == 0 or life >= 6)
        pre: x >= 0 and u >= 0 and x2 >= 0 and quantity >= 0 and 0 <= leg <= 1
        post: _
        """
        legs = (Leg(1, x, x, 0, 0), Leg(2, x2 + u, x2, 0, u))
        before = order_at(one_of(life, range(9)), legs, inferred)
        after, code = apply(before, Report(event, leg=leg, quantity=quantity))
        return code == 0 and executed(after) == executed(before) + quantity

    return named(name, proof)


def known_fill(name: str, apply: Step = step) -> Proof:
    def proof(life: int, event: int, fill_life: int, x: int, effective: int, quantity: int) -> bool:
        """
        pre: 0 <= life <= 8 and 6 <= event <= 8 and 0 <= fill_life <= 3 and x >= 0
        pre: 0 <= effective <= x and quantity >= 0
        post: _
        """
        before = order_at(one_of(life, range(9)), (Leg(1, 10, x, 0, 0),))
        report = Report(
            one_of(event, range(6, 9)), fill_life=fill_life, effective=effective, quantity=quantity
        )
        after, _ = apply(before, report)
        return rules.known_fill_counts_once(before, report, after)

    return named(name, proof)


# --- OL5: what lowers X, and what comes back -----------------------------------------------------


def taken_back(name: str, event: OrderEvent, apply: Step = step) -> Proof:
    """X falls by what is named; leaves grow only if it restores, and never on a dead order."""

    def proof(
        life: int, t: int, x: int, u: int, effective: int, quantity: int, restores: int
    ) -> bool:
        """
        pre: 1 <= life <= 8 and t >= 0 and x >= 0 and u >= 0 and 0 <= effective <= x
        pre: quantity >= 0 and 0 <= restores <= 1
        post: _
        """
        before = order_at(one_of(life, range(1, 9)), (Leg(1, t, x, 0, u),))
        report = Report(
            event,
            fill_life=FillLife.EFFECTIVE,
            effective=effective,
            quantity=quantity,
            restores=restores,
        )
        after, code = apply(before, report)
        kept = quantity if event == E.FILL_CORRECTED else 0
        exact = executed(after) == executed(before) - effective + kept
        dead = is_dead(before.life)
        comes_back = leaves(after) > leaves(before)
        return code == 0 and exact and not (comes_back and (dead or restores == 0))

    return named(name, proof)


def executed_stands(name: str, events: range) -> Proof:
    """No event but those about fills changes X."""

    def proof(life: int, inferred: int, event: int, x: int, asked: int, flag: int) -> bool:
        """
        pre: 1 <= life <= 8 and 0 <= inferred <= 1 and (inferred == 0 or life >= 6)
        pre: events.start <= event < events.stop and x >= 0 and asked >= 0 and 0 <= flag <= 1
        post: _
        """
        before = order_at(one_of(life, range(1, 9)), (Leg(1, 10, x, 1, 1),), inferred)
        report = Report(
            one_of(event, events),
            request_id=CLOSED if event <= E.REQUEST_CANCEL else 0,
            quantity=asked,
            total=asked,
            new_leg=flag,
        )
        after, _ = step(before, report)
        return executed(after) == x

    return named(name, proof)


# --- OL6, OL10: totals ---------------------------------------------------------------------------


def new_total(name: str, event: OrderEvent, request_id: int, new_leg: int) -> Proof:
    """T becomes the greater of asked and executed; at or below X nothing is left."""

    def proof(t: int, x: int, p: int, u: int, t2: int, x2: int, asked: int) -> bool:
        """
        pre: t >= 0 and x >= 0 and p >= 0 and u >= 0 and asked >= 0 and t2 >= 0 and x2 >= 0
        post: _
        """
        legs = (Leg(1, t2, x2, 0, 0), Leg(2, t, x, p, u))
        before = order_at(Life.WORKING, legs, pending=ask(CommandKind.REPLACE, PENDING))
        report = Report(event, request_id=request_id, total=asked, new_leg=new_leg)
        after, code = step(before, report)
        done = x2 + x
        exact = total(after) == max(done, asked) and executed(after) == done
        return code == 0 and exact and (asked > done or leaves(after) == 0)

    return named(name, proof)


def new_total_in_every_life(name: str, event: OrderEvent, apply: Step = step) -> Proof:
    """Alive or inferred dead, asked for or not; a fill that raced the change stays counted."""

    def proof(life: int, request_id: int, t: int, x: int, asked: int, new_leg: int) -> bool:
        """
        pre: 1 <= life <= 8 and 0 <= request_id <= PENDING and request_id != 1
        pre: t >= 0 and x >= 0 and asked >= 0 and 0 <= new_leg <= 1
        post: _
        """
        place = one_of(life, range(1, 9))
        pending = ask(CommandKind.REPLACE, PENDING)
        before = order_at(place, (Leg(2, t, x, 0, 0),), 1 if is_dead(place) else 0, pending)
        report = Report(event, request_id=request_id, total=asked, new_leg=new_leg)
        after, code = apply(before, report)
        exact = total(after) == max(x, asked) and executed(after) == x
        return code == 0 and exact and leaves(after) == total(after) - x

    return named(name, proof)


def p_ol6_unstated_total_is_the_one_asked_for(t: int, x: int, asked: int) -> bool:
    """
    pre: t >= 0 and x >= 0 and asked >= 0
    post: _
    """
    wanted = Outstanding(CommandKind.REPLACE, PENDING, asked, 8, 0)
    before = order_at(Life.WORKING, (Leg(1, t, x, 0, 0),), pending=wanted)
    after, _ = step(before, Report(E.REPLACED, request_id=PENDING))
    return total(after) == max(x, asked) and after.price == 8


def total_stands(name: str, events: range) -> Proof:
    """No event but Replaced and Restated changes T."""

    def proof(life: int, inferred: int, event: int, t: int, q: int, fill_life: int) -> bool:
        """
        pre: 1 <= life <= 8 and 0 <= inferred <= 1 and (inferred == 0 or life >= 6)
        pre: events.start <= event < events.stop and t >= 0 and q >= 0 and 0 <= fill_life <= 3
        post: _
        """
        before = order_at(one_of(life, range(1, 9)), (Leg(1, t, 5, 0, 0),), inferred)
        report = Report(
            one_of(event, events),
            request_id=CLOSED if event <= E.REQUEST_CANCEL else 0,
            quantity=q,
            effective=5,
            total=q,
            leaves=0,
            fill_life=fill_life,
        )
        after, _ = step(before, report)
        return total(after) == t

    return named(name, proof)


# --- OL7: answers ---------------------------------------------------------------------------------


def answer_settles_by_name(name: str, event: OrderEvent, apply: Step = step) -> Proof:
    """A pending and a doubted Request of any kinds; the report names either, neither or none."""

    def proof(
        life: int, inferred: int, kind: int, doubt_kind: int, request_id: int, reason: int
    ) -> bool:
        """
        pre: 1 <= life <= 8 and 0 <= inferred <= 1 and (inferred == 0 or life >= 6)
        pre: 1 <= kind <= 3 and 0 <= doubt_kind <= 3 and (kind == 3 or doubt_kind == 0)
        pre: 0 <= request_id <= CLOSED and 0 <= reason <= 1
        post: _
        """
        doubts = () if doubt_kind == 0 else (ask(doubt_kind, DOUBT),)
        before = order_at(
            one_of(life, range(1, 9)),
            (Leg(1, 9, 4, 0, 0),),
            inferred,
            ask(kind, PENDING),
            doubts,
        )
        report = Report(event, request_id=request_id, reason=reason)
        after, code = apply(before, report)
        if request_id == 0 or code != 0:
            return after.pending == before.pending and after.doubts == before.doubts
        missing = event == E.CANCEL_REJECTED and reason == 1 and not is_dead(before.life)
        if request_id == PENDING:
            kept = doubts + (before.pending,) if missing else doubts  # noqa: RUF005
            return after.pending is None and after.doubts == kept
        kept = doubts if missing or request_id != DOUBT else ()
        return after.pending == before.pending and after.doubts == kept

    return named(name, proof)


def what_is_not_named_stays(name: str, events: range) -> Proof:
    """Fills, activity and restatements settle nothing, whatever id they carry."""

    def proof(life: int, event: int, request_id: int, fill_life: int, inferred: int) -> bool:
        """
        pre: 1 <= life <= 8 and 0 <= inferred <= 1 and (inferred == 0 or life >= 6)
        pre: events.start <= event < events.stop and 0 <= request_id <= 3 and 0 <= fill_life <= 3
        post: _
        """
        before = order_at(
            one_of(life, range(1, 9)),
            (Leg(1, 9, 4, 0, 0),),
            inferred,
            ask(CommandKind.CANCEL, PENDING),
            (ask(CommandKind.REPLACE, DOUBT),),
        )
        report = Report(one_of(event, events), request_id=request_id, fill_life=fill_life)
        after, _ = step(before, report)
        return after.pending == before.pending and after.doubts == before.doubts

    return named(name, proof)


def p_ol7_death_keeps_pending_until_answered(life: int, death: int, kind: int, late: int) -> bool:
    """
    pre: 1 <= life <= 5 and 10 <= death <= 12 and 2 <= kind <= 3 and 0 <= late <= 1
    post: _
    """
    pending = ask(one_of(kind, range(2, 4)), PENDING)
    before = order_at(one_of(life, range(1, 6)), (Leg(1, 9, 4, 0, 0),), pending=pending)
    dead, _ = step(before, Report(one_of(death, range(10, 13))))
    refusal = E.CANCEL_REJECTED if pending.kind == CommandKind.CANCEL else E.REPLACE_REJECTED
    after, code = step(dead, Report(refusal, request_id=PENDING, reason=late))
    kept = is_dead(dead.life) and dead.pending == pending
    return kept and code == 0 and after.pending is None and after.doubts == ()


# --- OL8, EC5, OL12: silence ---------------------------------------------------------------------


def silence(name: str, event: OrderEvent) -> Proof:
    """The pending Request becomes a doubt; then a CANCEL may go, a REPLACE may not."""

    def proof(life: int, kind: int, t: int, x: int, doubted: bool) -> bool:
        """
        pre: 1 <= life <= 8 and 1 <= kind <= 3 and t >= 0 and x >= 0 and (kind == 3 or not doubted)
        post: _
        """
        pending = ask(one_of(kind, range(1, 4)), PENDING)
        doubts = (ask(CommandKind.REPLACE, DOUBT),) if doubted else ()
        before = order_at(
            one_of(life, range(1, 9)), (Leg(1, t, x, 0, 0),), pending=pending, doubts=doubts
        )
        after, code = step(before, Report(event, request_id=PENDING))
        _, replaced = step(after, Report(E.REQUEST_REPLACE, request_id=CLOSED, total=t))
        _, canceled = step(after, Report(E.REQUEST_CANCEL, request_id=CLOSED))
        return (
            code == 0
            and after == evolve(before, pending=None, doubts=(*doubts, pending))
            and replaced != 0
            and (canceled == 0) == (before.life <= Life.DONE_FOR_DAY)
        )

    return named(name, proof)


def gate(name: str, apply: Step = step) -> Proof:
    """EC5: dispatched only when nothing is pending, and nothing doubted but under a CANCEL."""

    def proof(life: int, event: int, pending_kind: int, doubted: bool, asked: int) -> bool:
        """
        pre: 0 <= life <= 8 and 0 <= event <= 2 and 0 <= pending_kind <= 3 and asked >= 0
        post: _
        """
        pending = None if pending_kind == 0 else ask(pending_kind, PENDING)
        doubts = (ask(CommandKind.REPLACE, DOUBT),) if doubted else ()
        place = one_of(life, range(9))
        before = order_at(place, (Leg(1, 9, 0, 0, 0),), pending=pending, doubts=doubts)
        report = Report(one_of(event, range(3)), request_id=CLOSED, total=asked)
        after, code = apply(before, report)
        if report.event == E.REQUEST_NEW:
            allowed = place == Life.ABSENT
        else:
            alive = Life.SUBMITTED <= place <= Life.DONE_FOR_DAY
            free = not doubted or report.event == E.REQUEST_CANCEL
            allowed = alive and pending is None and free
        if not allowed:
            return code != 0 and after is before
        sent = after.pending
        return code == 0 and sent is not None and sent.request_id == CLOSED and inv(after)

    return named(name, proof)


# --- OL9, OL11: conclusions ----------------------------------------------------------------------


def p_ol9_not_found_needs_a_settled_doubt(life: int, doubted: bool, settled: int) -> bool:
    """
    pre: 1 <= life <= 8 and 0 <= settled <= 1
    post: _
    """
    doubts = (ask(CommandKind.REPLACE, DOUBT),) if doubted else ()
    before = order_at(one_of(life, range(1, 9)), (Leg(1, 9, 4, 0, 0),), doubts=doubts)
    after, code = step(before, Report(E.NOT_FOUND, settled=settled))
    if not doubted or settled == 0:
        return code != 0 and after is before
    inferred = 0 if is_dead(before.life) else 1
    return is_dead(after.life) and after.doubts == () and after.inferred == inferred


def p_ol11_only_an_unsent_new_dies_of_its_dispatch(life: int, kind: int, request_id: int) -> bool:
    """
    pre: 1 <= life <= 5 and 1 <= kind <= 3 and 0 <= request_id <= CLOSED
    post: _
    """
    before = order_at(one_of(life, range(1, 6)), (Leg(1, 9, 0, 0, 0),), pending=ask(kind, PENDING))
    after, _ = step(before, Report(E.DISPATCH_FAILED, request_id=request_id))
    unsent = before.life == Life.SUBMITTED and kind == CommandKind.NEW and request_id == PENDING
    return is_dead(after.life) == unsent and after.inferred == (1 if unsent else 0)


def p_ol11_rejection_ends_a_working_order(life: int, x: int) -> bool:
    """
    pre: 1 <= life <= 5 and x >= 0
    post: _
    """
    before = order_at(one_of(life, range(1, 6)), (Leg(1, 9, x, 0, 0),))
    after, code = step(before, Report(E.REJECTED))
    return code == 0 and after.life == Life.REJECTED and after.inferred == 0


def p_l3_an_order_begins_by_its_new_or_by_evidence(event: int, q: int, fill_life: int) -> bool:
    """
    pre: 0 <= event <= 24 and q >= 0 and 0 <= fill_life <= 3
    post: _
    """
    code = one_of(event, range(25))
    report = Report(code, request_id=CLOSED, total=q, quantity=q, fill_life=fill_life)
    after, _ = step(ABSENT_ORDER, report)
    begins = code in (E.REQUEST_NEW, E.ACCEPTED, E.HELD) or (
        code in (E.FILLED, E.FILL_CORRECTED) and fill_life == FillLife.ABSENT
    )
    return (after.life != Life.ABSENT) == begins


# --- status ---------------------------------------------------------------------------------------


def accepted_keeps_status(name: str, apply: Step = step) -> Proof:
    """A late acceptance never takes FILLED or PARTIALLY_FILLED back [PD05]."""

    def proof(life: int, event: int, request_id: int, t: int, x: int) -> bool:
        """
        pre: 1 <= life <= 5 and 3 <= event <= 4 and 0 <= request_id <= CLOSED and t >= x > 0
        post: _
        """
        before = order_at(
            one_of(life, range(1, 6)),
            (Leg(0, t, x, 0, 0),),
            pending=ask(CommandKind.NEW, PENDING),
        )
        shown = status(before)
        after, _ = apply(before, Report(one_of(event, range(3, 5)), request_id=request_id))
        return status(after) == shown and shown in (
            Status.FILLED,
            Status.PARTIALLY_FILLED,
            Status.SUSPENDED,
            Status.DONE_FOR_DAY,
        )

    return named(name, proof)


def p_status_pending_outranks_all(life: int, kind: int, x: int, stopped: int) -> bool:
    """
    pre: 1 <= life <= 8 and 2 <= kind <= 3 and x >= 0 and 0 <= stopped <= 1
    post: _
    """
    pending = ask(kind, PENDING)
    order = order_at(one_of(life, range(1, 9)), (Leg(0, 9, x, 0, 0),), pending=pending)
    shown = status(evolve(order, stopped=stopped))
    return shown == (Status.PENDING_REPLACE if kind == 2 else Status.PENDING_CANCEL)


def p_status_full_shows_filled(life: int, t: int, x: int) -> bool:
    """
    pre: 1 <= life <= 8 and t >= 0 and x > 0
    post: _
    """
    order = order_at(one_of(life, range(1, 9)), (Leg(0, t, x, 0, 0),))
    shown = status(order)
    if order.life == Life.DONE_FOR_DAY:
        return shown == Status.DONE_FOR_DAY
    return (shown == Status.FILLED) == (x >= t)


def p_status_accepted_increase_reopens_filled(t: int, asked: int) -> bool:
    """
    pre: 0 < t < asked
    post: _
    """
    pending = ask(CommandKind.REPLACE, PENDING)
    before = order_at(Life.WORKING, (Leg(0, t, t, 0, 0),), pending=pending)
    after, _ = step(before, Report(E.REPLACED, request_id=PENDING, total=asked))
    return status(after) == Status.PARTIALLY_FILLED and leaves(after) == asked - t


# --- planted bugs --------------------------------------------------------------------------------


def restore_remaining(order: Order, report: Report) -> Order:
    """PD06: the new total is taken for what remains."""
    return replace_terms(order, evolve(report, total=report.total + executed(order)))


def settle_anything(order: Order, report: Report) -> Order:
    """An unsolicited report clears what is pending."""
    return evolve(order, pending=None)


def forget_fills(order: Order, report: Report) -> Order:
    """PD05: an acceptance starts the order afresh."""
    return evolve(settle(order, report), legs=(evolve(order.legs[0], executed=0),))


def void_twice(order: Order, report: Report) -> Order:
    leg = order.legs[0]
    return evolve(order, legs=(evolve(leg, executed=max(leg.executed - 2 * report.effective, 0)),))


def void_and_reopen(order: Order, report: Report) -> Order:
    leg = order.legs[0]
    return evolve(order, legs=(evolve(leg, executed=leg.executed - report.effective),))


def ask_regardless(order: Order, report: Report) -> Order:
    return evolve(order, pending=ask(CommandKind.REPLACE, report.request_id))


def shut_unless_pending(order: Order, report: Report) -> bool:
    return order.pending is not None


def known_or_fresh(order: Order, report: Report) -> bool:
    return report.fill_life != FillLife.VOIDED


OVERLAPPING: list[tuple[Guard, ...]] = [(known_or_fresh, fill_tombstoned, fill_repeated)]
GAPPED: list[tuple[Guard, ...]] = [(fill_fresh, fill_repeated)]


def planted_bugs() -> list[Proof]:
    canceled, working = Life.CANCELED, Life.WORKING
    reopened = planted("OL.CANCELED.FILLED.fresh_and_final", fill, working)
    dropped = planted("OL.CANCELED.FILLED.fresh_and_final", unchanged, canceled)
    repeated = planted("OL.WORKING.FILLED.fill_tombstoned", fill, working)
    restored = planted("OL.WORKING.REPLACED.open_same_leg", restore_remaining, working)
    cleared = planted("OL.WORKING.ACCEPTED.unsolicited", settle_anything, working)
    forgetful = planted("OL.WORKING.ACCEPTED.answers_open", forget_fills, working)
    voided = planted("OL.WORKING.FILL_VOIDED.fill_effective", void_twice, working)
    returned = planted("OL.CANCELED.FILL_VOIDED.fill_effective", void_and_reopen, working)
    ungated = planted("OL.WORKING.REQUEST_CANCEL.nothing_pending", ask_regardless, working)
    return [
        exactly_one_holds("canary_overlapping_guards", E.FILLED, OVERLAPPING),
        exactly_one_holds("canary_gap_between_guards", E.FILLED, GAPPED),
        death_stands("canary_pd12_fill_reopens_canceled", range(6, 7), reopened),
        fresh_fill("canary_pd10_late_fill_is_dropped", E.FILLED, dropped),
        known_fill("canary_tombstoned_fill_counts", repeated),
        new_total_in_every_life("canary_pd06_remaining_restored", E.REPLACED, restored),
        answer_settles_by_name("canary_unsolicited_clears_pending", E.ACCEPTED, cleared),
        accepted_keeps_status("canary_pd05_accepted_forgets_fills", forgetful),
        taken_back("canary_void_takes_twice", E.FILL_VOIDED, voided),
        taken_back("canary_void_reopens_canceled", E.FILL_VOIDED, returned),
        gate("canary_replace_over_doubt", ungated),
    ]


# --- all ------------------------------------------------------------------------------------------

KINDS = {
    E.REQUEST_REPLACE: CommandKind.NONE,
    E.REQUEST_CANCEL: CommandKind.NONE,
    E.ACCEPTED: CommandKind.NEW,
    E.HELD: CommandKind.NEW,
    E.REJECTED: CommandKind.NEW,
    E.REPLACE_REJECTED: CommandKind.REPLACE,
}
"""The kind pending in the proof of the invariant, CANCEL elsewhere."""


def generated() -> list[Proof]:
    """Make one proof per event, or per group of events, and every planted bug."""
    made = [exactly_one_holds(f"p_guards_{e.name}", e, guard_sets(e)) for e in E]
    for event in E:
        if event == E.REPLACED:
            continue
        ids = (CLOSED, CLOSED) if event <= E.REQUEST_CANCEL else (0, CLOSED)
        kind = KINDS.get(event, CommandKind.CANCEL)
        made.append(keeps_inv(f"p_ol1_inv_{event.name}", event, kind, ids))
    made += [
        keeps_inv("p_ol1_inv_REPLACED_unsolicited", E.REPLACED, CommandKind.NONE, (0, 0)),
        keeps_inv("p_ol1_inv_REPLACED_answer", E.REPLACED, CommandKind.REPLACE, (2, 2)),
        keeps_inv("p_ol1_inv_REPLACED_refused", E.REPLACED, CommandKind.NEW, (2, 4)),
    ]
    for event in (E.FILLED, E.FILL_VOIDED, E.FILL_CORRECTED, E.PREVENTED, E.DONE_FOR_DAY):
        made.append(two_legs_keep_inv(f"p_ol10_{event.name}_of_either_leg", event))
    made += [
        two_legs_keep_inv("p_ol10_RESTATED_last_leg", E.RESTATED),
        two_legs_keep_inv("p_ol10_REPLACED_same_leg", E.REPLACED),
        two_legs_keep_inv("p_ol10_REPLACED_new_leg", E.REPLACED, 1),
        death_stands("p_ol2_death_stands_dispatches", range(3)),
        death_stands("p_ol2_death_stands_fills", range(6, 9)),
        death_stands("p_ol2_death_stands_answers", range(10, 16)),
        death_stands("p_ol2_death_stands_acceptances", range(3, 6)),
        death_stands("p_ol2_death_stands_activity", range(16, 20)),
        death_stands("p_ol2_death_stands_conclusions", range(20, 25)),
        death_stands("p_ol2_death_stands_prevented", range(9, 10)),
        fresh_fill("p_ol3_fresh_fill_counts", E.FILLED),
        fresh_fill("p_ol3_correction_of_unseen_fill_counts", E.FILL_CORRECTED),
        known_fill("p_ol4_known_fill_counts_once"),
        taken_back("p_ol5_void_takes_what_it_names", E.FILL_VOIDED),
        taken_back("p_ol5_correction_takes_the_difference", E.FILL_CORRECTED),
        executed_stands("p_ol5_executed_stands_early_events", range(6)),
        executed_stands("p_ol5_executed_stands_answers", range(9, 16)),
        executed_stands("p_ol5_executed_stands_late_events", range(16, 25)),
        new_total("p_ol6_replaced_two_legs", E.REPLACED, PENDING, 0),
        new_total("p_ol6_replaced_new_leg", E.REPLACED, PENDING, 1),
        new_total("p_ol6_restated_two_legs", E.RESTATED, 0, 0),
        new_total_in_every_life("p_ol6_replaced_in_every_life", E.REPLACED),
        new_total_in_every_life("p_ol6_restated_in_every_life", E.RESTATED),
        total_stands("p_ol6_total_stands_early_events", range(6)),
        total_stands("p_ol6_total_stands_fills", range(6, 9)),
        total_stands("p_ol6_total_stands_answers", range(9, 13)),
        total_stands("p_ol6_total_stands_refusals", range(14, 18)),
        total_stands("p_ol6_total_stands_late_events", range(19, 25)),
    ]
    for event in rules.ANSWERS:
        made.append(answer_settles_by_name(f"p_ol7_{event.name}_settles_by_name", event))
    made += [
        what_is_not_named_stays("p_ol7_fills_settle_nothing", range(6, 10)),
        what_is_not_named_stays("p_ol7_activity_settles_nothing", range(16, 20)),
        silence("p_ol8_unknown_outcome_is_a_doubt", E.OUTCOME_UNKNOWN),
        silence("p_ol12_restart_leaves_doubts", E.RESTARTED),
        gate("p_ec5_gate"),
        accepted_keeps_status("p_status_accepted_takes_nothing_back"),
    ]
    return made + planted_bugs()
