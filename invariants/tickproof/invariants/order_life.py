"""The rules of Order life as predicates over one step, by requirement id [OL1 to OL12].

What it decides: whether (before, report, after) is a step that the requirements allow. Nothing
here looks at the table: a rule that was written wrongly into a row fails a predicate. `after` is
`before` itself where the report was refused. Each predicate presumes `inv(before)` and
`sound(before, report)`.
"""

from __future__ import annotations

from collections.abc import Callable

from tickproof.spec.commands import CommandKind
from tickproof.spec.fill_life import FillLife
from tickproof.spec.order_life import (
    ABSENT_ORDER,
    Life,
    Order,
    OrderEvent,
    Outstanding,
    Report,
    conserved,
    executed,
    inv,
    is_dead,
    leaves,
    outstanding,
    prevented,
    room,
    total,
    unrestored,
)

FILL_EVENTS = (OrderEvent.FILLED, OrderEvent.FILL_VOIDED, OrderEvent.FILL_CORRECTED)
TERMS_EVENTS = (OrderEvent.REPLACED, OrderEvent.RESTATED)
ANSWERS = (
    OrderEvent.ACCEPTED,
    OrderEvent.HELD,
    OrderEvent.CANCELED,
    OrderEvent.EXPIRED,
    OrderEvent.REJECTED,
    OrderEvent.REPLACED,
    OrderEvent.CANCEL_REJECTED,
    OrderEvent.REPLACE_REJECTED,
    OrderEvent.DISPATCH_FAILED,
)
"""Events that settle a Request when they name it."""

SWEEPING = (
    OrderEvent.OUTCOME_UNKNOWN,
    OrderEvent.NOT_FOUND,
    OrderEvent.RESTARTED,
    OrderEvent.OPERATOR_DISPOSITION,
)
"""Conclusions that move or clear Requests without naming each."""


def adds_up(before: Order, report: Report, after: Order) -> bool:
    """OL1: T + over = X + P + U + leaves + remainder, and no term is negative."""
    return (
        inv(after)
        and conserved(after)
        and total(after) >= 0
        and executed(after) >= 0
        and prevented(after) >= 0
        and unrestored(after) >= 0
    )


def reported_death_stands(before: Order, report: Report, after: Order) -> bool:
    """OL2: after a death the venue reported, life and leaves never change again."""
    if not is_dead(before.life) or before.inferred == 1:
        return True
    return (
        after.life == before.life
        and after.inferred == 0
        and leaves(after) == 0
        and total(after) == total(before)
    )


def fresh_fill_counts(before: Order, report: Report, after: Order) -> bool:
    """OL3: a fill not seen before raises X by exactly its quantity, whatever the life."""
    fills = report.event in (OrderEvent.FILLED, OrderEvent.FILL_CORRECTED)
    if not fills or report.fill_life != FillLife.ABSENT:
        return True
    return executed(after) == executed(before) + report.quantity


def known_fill_counts_once(before: Order, report: Report, after: Order) -> bool:
    """OL4: evidence about a fill that is repeated, voided or tombstoned leaves X alone."""
    if report.event not in FILL_EVENTS:
        return True
    counts_now = report.fill_life == FillLife.EFFECTIVE and report.event != OrderEvent.FILLED
    counts_anew = report.fill_life == FillLife.ABSENT and report.event != OrderEvent.FILL_VOIDED
    return counts_now or counts_anew or executed(after) == executed(before)


def executed_falls_by_name(before: Order, report: Report, after: Order) -> bool:
    """OL5: X falls only by a void or correction, by what it names; `restores` rules the leaves."""
    fall = executed(before) - executed(after)
    if fall <= 0:
        return True
    if report.fill_life != FillLife.EFFECTIVE:
        return False
    if report.event == OrderEvent.FILL_VOIDED:
        exact = fall == report.effective
    elif report.event == OrderEvent.FILL_CORRECTED:
        exact = fall == report.effective - report.quantity
    else:
        return False
    withheld = leaves(after) <= leaves(before) or report.restores != 0
    return exact and withheld and after.life == before.life


def total_is_the_greater(before: Order, report: Report, after: Order) -> bool:
    """OL6: only new terms change T, to the greater of what was asked and what is executed."""
    if before.life == Life.ABSENT:
        return True
    if report.event not in TERMS_EVENTS:
        return total(after) == total(before)
    if after == before or (is_dead(before.life) and before.inferred == 0):
        return total(after) == total(before)
    asked = total(before)
    named = outstanding(before, report.request_id)
    if report.total >= 0:
        asked = report.total
    elif report.event == OrderEvent.REPLACED and named is not None:
        asked = named.total
    sealed = executed(after) == executed(before)
    ends_filled = asked > executed(after) or leaves(after) == 0
    return sealed and ends_filled and total(after) == max(asked, executed(after))


def _open_requests(order: Order) -> tuple[Outstanding, ...]:
    return order.doubts if order.pending is None else (*order.doubts, order.pending)


def answers_settle_by_name(before: Order, report: Report, after: Order) -> bool:
    """OL7: evidence settles the Request it names and no other; what it does not name stays put."""
    if before.life == Life.ABSENT or report.event <= OrderEvent.REQUEST_CANCEL:
        return True
    if report.event in SWEEPING:
        return True
    names = report.event in ANSWERS and report.request_id != 0
    kept = tuple(r for r in _open_requests(before) if r.request_id != report.request_id)
    same = _open_requests(after) == _open_requests(before)
    stays = before.pending is None or (names and before.pending.request_id == report.request_id)
    pending_kept = stays or after.pending == before.pending
    return pending_kept and (same or (names and _open_requests(after) == kept))


def silence_changes_nothing(before: Order, report: Report, after: Order) -> bool:
    """OL8: an unknown outcome moves the pending Request among the doubts and nothing else."""
    if report.event not in (OrderEvent.OUTCOME_UNKNOWN, OrderEvent.RESTARTED) or after == before:
        return True
    return (
        after.pending is None
        and before.pending is not None
        and after.doubts == (*before.doubts, before.pending)
        and after.life == before.life
        and after.legs == before.legs
        and after.price == before.price
        and after.inferred == before.inferred
    )


def doubt_lets_only_cancels_pass(before: Order, report: Report, after: Order) -> bool:
    """OL8, EC5: while anything is pending or in doubt, only a CANCEL over a doubt is dispatched."""
    if report.event > OrderEvent.REQUEST_CANCEL or after == before:
        return True
    if report.event == OrderEvent.REQUEST_NEW:
        return before == ABSENT_ORDER
    if before.pending is not None or after.pending is None:
        return False
    return report.event == OrderEvent.REQUEST_CANCEL or before.doubts == ()


def inference_needs_an_old_doubt(before: Order, report: Report, after: Order) -> bool:
    """OL9: NOT_FOUND settles doubts, and infers a death, only once they are settled by age."""
    if report.event != OrderEvent.NOT_FOUND or after == before:
        return True
    return before.doubts != () and report.settled != 0 and after.doubts == ()


def replaced_legs_are_closed(before: Order, report: Report, after: Order) -> bool:
    """OL10: legs only ever get more, and none but the last has room."""
    closed = all(room(leg) <= 0 for leg in after.legs[:-1])
    return closed and len(after.legs) >= len(before.legs)


def only_proof_ends_a_new(before: Order, report: Report, after: Order) -> bool:
    """OL11: a failed dispatch ends only an Order whose NEW never left; a rejection ends any."""
    if report.event == OrderEvent.DISPATCH_FAILED and after.life != before.life:
        named = outstanding(before, report.request_id)
        was_new = named is not None and named.kind == CommandKind.NEW
        return was_new and before.life == Life.SUBMITTED and after.inferred == 1
    if report.event == OrderEvent.REJECTED and after != before:
        return is_dead(after.life)
    return True


def restart_leaves_nothing_pending(before: Order, report: Report, after: Order) -> bool:
    """OL12: after a restart every unanswered Request is in doubt."""
    return report.event != OrderEvent.RESTARTED or after.pending is None


def order_begins_by_submission_or_evidence(before: Order, report: Report, after: Order) -> bool:
    """L3: an absent Order begins by its NEW, or by evidence that the venue has it."""
    if before.life != Life.ABSENT or after.life == Life.ABSENT:
        return True
    return report.event in (
        OrderEvent.REQUEST_NEW,
        OrderEvent.ACCEPTED,
        OrderEvent.HELD,
        OrderEvent.FILLED,
        OrderEvent.FILL_CORRECTED,
    )


Rule = Callable[[Order, Report, Order], bool]

RULES: tuple[tuple[str, Rule], ...] = (
    ("OL1", adds_up),
    ("OL2", reported_death_stands),
    ("OL3", fresh_fill_counts),
    ("OL4", known_fill_counts_once),
    ("OL5", executed_falls_by_name),
    ("OL6", total_is_the_greater),
    ("OL7", answers_settle_by_name),
    ("OL8", silence_changes_nothing),
    ("EC5", doubt_lets_only_cancels_pass),
    ("OL9", inference_needs_an_old_doubt),
    ("OL10", replaced_legs_are_closed),
    ("OL11", only_proof_ends_a_new),
    ("OL12", restart_leaves_nothing_pending),
    ("L3", order_begins_by_submission_or_evidence),
)
"""Every predicate with the requirement it states."""


def broken(before: Order, report: Report, after: Order) -> tuple[str, ...]:
    """The requirement ids whose predicate fails for this step; empty when all hold."""
    return tuple(name for name, rule in RULES if not rule(before, report, after))
