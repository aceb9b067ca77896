"""Witnesses: for every rule of the order-life table, a shortest sequence of reports that uses it.

What it decides: whether a rule can be reached at all. A breadth-first search over the
specification itself starts from the absent Order and tries, in each state, a small alphabet of
reports: each event, answering each kind of Request that is open, closed or not named. Two states
are taken for one when no guard can tell them apart (`_key`); quantities matter to guards only by
whether room is left, so the search is finite and small. What it never reaches is listed by name
in `UNREACHABLE`, with the reason.

`Tracked` is an Order beside its fills, as whoever feeds the table must keep them: it fills in what
a report says of a fill's life, and is what examples and golden streams drive.
"""

from __future__ import annotations

from collections import deque
from functools import cache

from attrs import evolve, frozen

from tickproof.spec import fill_life
from tickproof.spec.events import Reason
from tickproof.spec.fill_life import FillEvent, FillLife
from tickproof.spec.order_life import (
    ABSENT_ORDER,
    TABLE,
    Order,
    OrderEvent,
    Report,
    leg_index,
    open_room,
    step,
)
from tickproof.spec.table import Row

# --- an order with its fills ---------------------------------------------------------------------

FILL_EVENTS = {
    OrderEvent.FILLED: FillEvent.FILLED,
    OrderEvent.FILL_VOIDED: FillEvent.FILL_VOIDED,
    OrderEvent.FILL_CORRECTED: FillEvent.FILL_CORRECTED,
}


@frozen
class Fill:
    """One fill: its trade id, life, effective lots (0 unless EFFECTIVE) and venue leg."""

    trade: int
    life: int
    quantity: int
    leg: int


@frozen
class Tracked:
    """An Order, its fills, and the greatest request id dispatched for it."""

    order: Order = ABSENT_ORDER
    fills: tuple[Fill, ...] = ()
    requests: int = 0


def fill_of(tracked: Tracked, trade: int) -> Fill:
    """The fill with this trade id, ABSENT when nothing was heard of it."""
    for known in tracked.fills:
        if known.trade == trade:
            return known
    return Fill(trade, FillLife.ABSENT, 0, 0)


def informed(tracked: Tracked, report: Report, trade: int) -> Report:
    """The report with what the fill table knows of `trade`: life, effective lots, leg."""
    if report.event not in FILL_EVENTS:
        return report
    known = fill_of(tracked, trade)
    leg = report.leg if known.life == FillLife.ABSENT else known.leg
    return evolve(report, fill_life=known.life, effective=known.quantity, leg=leg)


def advance(tracked: Tracked, report: Report, trade: int = 0) -> tuple[Tracked, int]:
    """Apply one report to the Order and its fill; the refusal code, or 0."""
    told = informed(tracked, report, trade)
    order, code = step(tracked.order, told)
    if code != 0:
        return tracked, code
    requests = tracked.requests
    if report.event <= OrderEvent.REQUEST_CANCEL:
        requests = max(requests, report.request_id)
    return Tracked(order, _fills_after(tracked, order, told, trade), requests), 0


def _fills_after(tracked: Tracked, order: Order, told: Report, trade: int) -> tuple[Fill, ...]:
    if told.event not in FILL_EVENTS:
        return tracked.fills
    rule = fill_life.TABLE.select(told.fill_life, FILL_EVENTS[OrderEvent(told.event)], 0, 0)
    if not isinstance(rule, Row):
        return tracked.fills
    quantity = told.quantity if rule.target == FillLife.EFFECTIVE else 0
    leg = leg_index(order, told) if order.legs else 0
    others = tuple(known for known in tracked.fills if known.trade != trade)
    return (*others, Fill(trade, rule.target, quantity, leg))


def effective_quantity(tracked: Tracked) -> int:
    """Lots of all effective fills: the Order's X, by OL1."""
    return sum(known.quantity for known in tracked.fills)


# --- the search ----------------------------------------------------------------------------------

TRADE = 1
"""The one trade id of the alphabet."""

REQUESTS_MAX = 5
DOUBTS_MAX = 1
ANSWER_EVENTS = (
    OrderEvent.ACCEPTED,
    OrderEvent.HELD,
    OrderEvent.CANCELED,
    OrderEvent.EXPIRED,
    OrderEvent.REJECTED,
    OrderEvent.REPLACE_REJECTED,
    OrderEvent.DISPATCH_FAILED,
    OrderEvent.OUTCOME_UNKNOWN,
)


def _dispatches(tracked: Tracked) -> tuple[Report, ...]:
    request_id = tracked.requests + 1
    if request_id > REQUESTS_MAX:
        return ()
    return (
        Report(OrderEvent.REQUEST_NEW, request_id=request_id, total=4, price=9),
        Report(OrderEvent.REQUEST_REPLACE, request_id=request_id, total=3, price=8),
        Report(OrderEvent.REQUEST_CANCEL, request_id=request_id),
    )


UNNAMED = (
    Report(OrderEvent.TRIGGERED),
    Report(OrderEvent.FILLED, quantity=4),
    Report(OrderEvent.FILLED, quantity=1),
    Report(OrderEvent.FILL_VOIDED, restores=1),
    Report(OrderEvent.FILL_CORRECTED, quantity=2),
    Report(OrderEvent.PREVENTED, quantity=0),
    Report(OrderEvent.SUSPENDED),
    Report(OrderEvent.REINSTATED, active=1),
    Report(OrderEvent.REINSTATED, active=0),
    Report(OrderEvent.RESTATED, total=4),
    Report(OrderEvent.DONE_FOR_DAY),
    Report(OrderEvent.NOT_FOUND, settled=0),
    Report(OrderEvent.NOT_FOUND, settled=1),
    Report(OrderEvent.RESTARTED),
    Report(OrderEvent.OPERATOR_DISPOSITION, active=0),
    Report(OrderEvent.OPERATOR_DISPOSITION, active=1),
)
"""Reports that answer nothing, with the fields their guards look at."""


def _answers(request_id: int) -> tuple[Report, ...]:
    plain = tuple(Report(event, request_id=request_id, total=4) for event in ANSWER_EVENTS)
    return (
        *plain,
        Report(OrderEvent.REPLACED, request_id=request_id, new_leg=0),
        Report(OrderEvent.REPLACED, request_id=request_id, new_leg=1),
        Report(OrderEvent.CANCEL_REJECTED, request_id=request_id),
        Report(OrderEvent.CANCEL_REJECTED, request_id=request_id, reason=Reason.TOO_LATE),
    )


def alphabet(tracked: Tracked) -> tuple[Report, ...]:
    """The reports tried in a state, in a fixed order: at most some eighty."""
    found = (*_dispatches(tracked), *UNNAMED)
    for request_id in range(tracked.requests + 1):
        found += _answers(request_id)
    return found


_NOT_INFERRED = "no row infers an expiry: that is the venue's to say [T8]"
_NO_FILL_YET = "the first fill moves an order out of this life, and no row leads back"

UNREACHABLE: dict[str, str] = {
    "OL.ABSENT.FILL_VOIDED.fill_effective": _NO_FILL_YET,
    "OL.ABSENT.FILL_CORRECTED.fill_effective": _NO_FILL_YET,
    "OL.SUBMITTED.FILL_VOIDED.fill_effective": _NO_FILL_YET,
    "OL.SUBMITTED.FILL_CORRECTED.fill_effective": _NO_FILL_YET,
    "OL.EXPIRED.ACCEPTED.inferred_and_sound": _NOT_INFERRED,
    "OL.EXPIRED.HELD.inferred_and_sound": _NOT_INFERRED,
    "OL.EXPIRED.TRIGGERED.inferred_death": _NOT_INFERRED,
    "OL.EXPIRED.FILLED.fresh_and_inferred": _NOT_INFERRED,
    "OL.EXPIRED.FILL_CORRECTED.fresh_and_inferred": _NOT_INFERRED,
    "OL.EXPIRED.PREVENTED.inferred_death": _NOT_INFERRED,
    "OL.EXPIRED.CANCELED.inferred_and_sound": _NOT_INFERRED,
    "OL.EXPIRED.EXPIRED.inferred_and_sound": _NOT_INFERRED,
    "OL.EXPIRED.REJECTED.inferred_and_sound": _NOT_INFERRED,
    "OL.EXPIRED.REPLACED.inferred_same_leg": _NOT_INFERRED,
    "OL.EXPIRED.REPLACED.inferred_new_leg": _NOT_INFERRED,
    "OL.EXPIRED.SUSPENDED.inferred_death": _NOT_INFERRED,
    "OL.EXPIRED.REINSTATED.inferred_active": _NOT_INFERRED,
    "OL.EXPIRED.REINSTATED.inferred_inactive": _NOT_INFERRED,
    "OL.EXPIRED.RESTATED.inferred_death": _NOT_INFERRED,
    "OL.EXPIRED.DONE_FOR_DAY.inferred_death": _NOT_INFERRED,
    "OL.EXPIRED.OPERATOR_DISPOSITION.inferred_active": _NOT_INFERRED,
}
"""Rules that no sequence of sound reports uses, with the reason.

They stay in the table so that one set of rules serves all three deaths and every cell is total for
any Order, whoever made it; `inv` excludes the states they would need.
"""

Key = tuple[int | tuple[int, ...], ...]


def _key(tracked: Tracked) -> Key:
    """All that guards can tell of a state: no quantity but whether room is left, no price."""
    order = tracked.order
    pending = 0 if order.pending is None else order.pending.kind
    doubts = tuple(doubt.kind for doubt in order.doubts)
    open_count = len(doubts) + (1 if pending else 0)
    closed = 1 if tracked.requests > open_count else 0
    fill = fill_of(tracked, TRADE).life
    has_room = 1 if open_room(order) > 0 else 0
    return (order.life, order.inferred, pending, doubts, closed, fill, has_room)


def _too_far(tracked: Tracked) -> bool:
    return len(tracked.order.doubts) > DOUBTS_MAX or len(tracked.order.legs) > DOUBTS_MAX + 1


@cache
def traces() -> dict[str, tuple[Report, ...]]:
    """Rule id -> a shortest trace from the absent Order, whose last report that rule decides."""
    found: dict[str, tuple[Report, ...]] = {}
    start = Tracked()
    seen = {_key(start)}
    queue: deque[tuple[Tracked, tuple[Report, ...]]] = deque([(start, ())])
    while queue:
        tracked, path = queue.popleft()
        for letter in alphabet(tracked):
            report = informed(tracked, letter, TRADE)
            rule = TABLE.select(tracked.order.life, report.event, tracked.order, report)
            longer = (*path, report)
            found.setdefault(rule.id, longer)
            if not isinstance(rule, Row):
                continue
            after, _ = advance(tracked, letter, TRADE)
            key = _key(after)
            if key not in seen and not _too_far(after):
                seen.add(key)
                queue.append((after, longer))
    return found
