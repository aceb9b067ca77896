"""Tables `VA`, `VT` and `VP` laid flat for the simulated venue, and an order's way along `VT`.

Decides nothing of its own: rows are read once, when this is imported, and looked up by number.
"""

from __future__ import annotations

from tickproof.spec.commands import OrderType, TimeInForce
from tickproof.spec.errors import InvariantBroken
from tickproof.spec.instructions import PLAIN
from tickproof.spec.table import Refuse, Rule, Table
from tickproof.spec.venue_admission import (
    ADMISSION,
    REASONS,
    TENURE,
    TENURE_REASONS,
    Command,
    OrderClass,
    Situation,
    Tenure,
    Terms,
    Verdict,
    Wanted,
    order_class,
)
from tickproof.spec.venue_phase import PHASES, PhaseEvent, VenuePhase
from tickproof.venue.market import Market
from tickproof.venue.orders import VenueOrder
from tickproof.venue.requests import VenueRequest

_GTD = int(TimeInForce.GTD)
_DUPLICATE_ID = int(Situation.DUPLICATE_ID)
_NOT_TRADING = int(Situation.NOT_TRADING)
_FILTER_FAILED = int(Situation.FILTER_FAILED)
_DATE_PASSED = int(Situation.DATE_PASSED)
_LIMIT_REACHED = int(Situation.LIMIT_REACHED)
_NOTHING_TO_REDUCE = int(Situation.NOTHING_TO_REDUCE)
_NOTHING_OPPOSITE = int(Situation.NOTHING_OPPOSITE)
_NOT_MARKETABLE = int(Situation.NOT_MARKETABLE)
_SHORT = int(Situation.MARKETABLE_SHORT)
_USED = int(Situation.MARKETABLE_USED)
_ENOUGH = int(Situation.MARKETABLE_ENOUGH)

Admitted = tuple[int, int, int, int, int, int]
"""What the admission table says: refusal code or 0; then takes, uses, rests, reason, waits."""


def _flat_admission(table: Table[int, int]) -> list[list[Admitted]]:
    """[class][situation]: what the table says."""
    flat: list[list[Admitted]] = []
    for kind in table.states:
        row: list[Admitted] = []
        for seen in table.events:
            rule = table.select(kind, seen, kind, seen)
            if isinstance(rule, Refuse):
                row.append((rule.code, 0, 0, 0, 0, 0))
            else:
                verdict: Verdict = rule.effect(kind, seen)
                does = (verdict.takes, verdict.uses, verdict.rests)
                row.append((0, *does, int(verdict.reason), verdict.waits))
        flat.append(row)
    return flat


_ADMIT = _flat_admission(ADMISSION)
"""[class][situation]: what the table says."""

REFUSED = {int(code): int(reason) for code, reason in REASONS.items()}
"""Refusal code of `VA` -> the `Reason` an answer names."""

REFUSED_OF_ORDER = {int(code): int(reason) for code, reason in TENURE_REASONS.items()}
"""Refusal code of `VT` -> the `Reason` an answer names."""

_TYPES = int(max(OrderType)) + 1
_TIMES = int(max(TimeInForce)) + 1
_CLASSES = [
    [int(order_class(kind, time, PLAIN)) for time in range(_TIMES)] for kind in range(_TYPES)
]
"""[order type][time in force]: the class of a NEW without instructions."""

_RULES: list[list[Rule]] = [
    [TENURE.select(state, command, Terms(0, 0, 0), Wanted()) for command in Command]
    for state in Tenure
]
"""[state][command]: the rule; no guard of that table looks at terms."""

_TENURE = [
    [(rule.code, -1) if isinstance(rule, Refuse) else (0, int(rule.target)) for rule in row]
    for row in _RULES
]
"""[state][command]: (refusal code or 0, the state after it)."""

_PHASES: list[list[Rule]] = [
    [PHASES.select(phase, event, phase, event) for event in PhaseEvent] for phase in VenuePhase
]
"""[phase][event]: the rule."""

_TAKES_NEW = [[not isinstance(rule, Refuse) for rule in row] for row in _PHASES]
"""[phase][event]: whether it is not refused."""

ANY_NEW = int(PhaseEvent.NEW)
"""What a NEW that waits for no auction asks of the phase."""

_AT_AUCTIONS = {
    OrderClass.AT_OPEN: int(PhaseEvent.NEW_AT_OPEN),
    OrderClass.AT_CLOSE: int(PhaseEvent.NEW_AT_CLOSE),
}
_ASKS = [_AT_AUCTIONS.get(kind, ANY_NEW) for kind in OrderClass]
"""[class]: what a NEW asks of the phase."""


def admitted(kind: int, found: int) -> Admitted:
    """What table `VA` says of an order class in a situation."""
    row = _ADMIT[kind]
    return row[found]


def class_of(request: VenueRequest) -> int:
    """`spec.venue_admission.order_class` of a NEW."""
    order_type, time = request.order_type, request.time_in_force
    if request.instructions is PLAIN and 0 <= order_type < _TYPES and 0 <= time < _TIMES:
        row = _CLASSES[order_type]
        return row[time]
    return order_class(order_type, time, request.instructions)


def is_dated(market: Market, request: VenueRequest) -> bool:
    """Whether the venue expires a NEW at its good-till date [T8]."""
    return request.time_in_force == _GTD and market.instrument.honours_good_till_date == 1


def seen_situation(
    known_id: bool,
    trading: bool,
    filters_passed: bool,
    date_passed: bool,
    limit_reached: bool,
    nothing_to_reduce: bool,
    opposite_shown: bool,
    reaches: bool,
    shown: int,
    unused: int,
    quantity: int,
) -> int:
    """`spec.venue_admission.situation` on plain integers: the first `Situation` that holds."""
    if known_id:
        return _DUPLICATE_ID
    if not trading:
        return _NOT_TRADING
    if not filters_passed:
        return _FILTER_FAILED
    if date_passed:
        return _DATE_PASSED
    if limit_reached:
        return _LIMIT_REACHED
    if nothing_to_reduce:
        return _NOTHING_TO_REDUCE
    if not opposite_shown:
        return _NOTHING_OPPOSITE
    if not reaches:
        return _NOT_MARKETABLE
    if shown < quantity:
        return _SHORT
    return _USED if unused < quantity else _ENOUGH


def asks(kind: int) -> int:
    """What a NEW of a class asks of the phase, as `PhaseEvent`."""
    return _ASKS[kind]


def takes_new(phase: int, event: int) -> bool:
    """Whether a phase takes what comes."""
    row = _TAKES_NEW[phase]
    return row[event]


def phase_rule(phase: int, event: int) -> Rule:
    """The rule of table `VP`."""
    return _PHASES[phase][event]


def refusal(tenure: int, command: int) -> int:
    """The code a command is refused with by table `VT`, 0 when it is not."""
    row = _TENURE[tenure]
    code, _ = row[command]
    return code


def move(order: VenueOrder, command: int) -> None:
    """Move an order along table `VT` where its terms stay as they are."""
    row = _TENURE[order.tenure]
    code, target = row[command]
    if code:
        raise InvariantBroken("the venue did to an order what its table refuses")
    order.tenure = target


def revised(order: VenueOrder, command: int, wanted: Wanted) -> Terms:
    """Move an order along table `VT`; gives its new terms, which are the caller's to set."""
    rule = _RULES[order.tenure][command]
    move(order, command)
    if isinstance(rule, Refuse):
        raise InvariantBroken("the venue did to an order what its table refuses")
    terms: Terms = rule.effect(Terms(order.price, order.total, order.executed), wanted)
    return terms
