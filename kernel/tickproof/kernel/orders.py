"""Orders in place: the order-life table on mutable integers, equal to `spec.order_life`.

What it decides: nothing of its own. `CELLS` is made from the rows of the specification, one flat
list indexed by life and event; guards and effects are the specification's, by name, rewritten to
change one object instead of building new ones; what each means is written there, once. Refinement
is proved case by case, and checked rule by rule and on streams.

Sections: types, quantities, requests, guards, effects, flat table, step, conversion.
"""

from __future__ import annotations

from collections.abc import Callable

from tickproof.spec import order_life as spec
from tickproof.spec.commands import CommandKind
from tickproof.spec.errors import InvariantBroken
from tickproof.spec.events import NOT_CARRIED, Reason
from tickproof.spec.fill_life import FillLife
from tickproof.spec.instructions import instruction_values, instructions_of
from tickproof.spec.order_life import Leg, Life, OrderEvent, Outstanding
from tickproof.spec.state import Ticket
from tickproof.spec.table import Row

NEW = int(CommandKind.NEW)
REPLACE = int(CommandKind.REPLACE)
CANCEL = int(CommandKind.CANCEL)
EVENTS = len(OrderEvent)
SUBMITTED = int(Life.SUBMITTED)
DONE_FOR_DAY = int(Life.DONE_FOR_DAY)
CANCELED = int(Life.CANCELED)
FILL_ABSENT = int(FillLife.ABSENT)
FILL_EFFECTIVE = int(FillLife.EFFECTIVE)
FILL_VOIDED = int(FillLife.VOIDED)
FILL_TOMBSTONE = int(FillLife.TOMBSTONE)
TOO_LATE = int(Reason.TOO_LATE)
UNKNOWN_ORDER = int(Reason.UNKNOWN_ORDER)

NO_PRICE = -(1 << 62)
"""Below every price."""

UNSOLICITED = int(spec.Answer.UNSOLICITED)
PENDING = int(spec.Answer.PENDING)
DOUBT = int(spec.Answer.DOUBT)
CLOSED = int(spec.Answer.CLOSED)
WRONG = int(spec.Answer.WRONG)

# --- types ---------------------------------------------------------------------------------------


class KernelLeg:
    """One venue order of an Order; fields as in `spec.order_life.Leg`."""

    __slots__ = ("venue_order_id", "total", "executed", "prevented", "unrestored")

    venue_order_id: int
    total: int
    executed: int
    prevented: int
    unrestored: int

    def __init__(
        self,
        venue_order_id: int,
        total: int,
        executed: int = 0,
        prevented: int = 0,
        unrestored: int = 0,
    ) -> None:
        self.begin(venue_order_id, total, executed)
        self.prevented = prevented
        self.unrestored = unrestored

    def begin(self, venue_order_id: int, total: int, executed: int) -> None:
        """A leg that has lost nothing; without boxing where it is compiled."""
        self.venue_order_id = venue_order_id
        self.total = total
        self.executed = executed
        self.prevented = 0
        self.unrestored = 0

    def terms(self) -> tuple[int, int, int, int, int]:
        """All of it."""
        return self.venue_order_id, self.total, self.executed, self.prevented, self.unrestored


def venue_leg(venue_order_id: int, total: int, executed: int) -> KernelLeg:
    """A leg that has lost nothing."""
    made = KernelLeg.__new__(KernelLeg)
    made.begin(venue_order_id, total, executed)
    return made


class KernelOrder:
    """An Order and its ticket; fields as in `spec.order_life.Order` and `spec.state.Ticket`.

    `pending_kind` 0: nothing in flight. `doubts`: (kind, id, total, price, asked_ns) each.
    `executed`: sum over legs, kept beside them. `lock_asset`, `lock_amount`, `worst_open`: what
    the order locks and may still fill at worst, kept by the owner; `tied` 1: a leg that another may
    exclude, of whose need `lock_counted` counts; `locked`: what `locked_lots` lock at
    `locked_price`; `shown_price`, `shown`: the price at which it is open, and further ones;
    `kept_legs`, `kept_id`: legs and last venue id by which it is found; `touched` 1: the step
    changed it, and `touched_before` the order changed before it. None of these is State.
    """

    __slots__ = (
        "order_id",
        "life",
        "origin",
        "inferred",
        "stopped",
        "price",
        "legs",
        "executed",
        "pending_kind",
        "pending_id",
        "pending_total",
        "pending_price",
        "pending_asked_ns",
        "doubts",
        "strategy",
        "account",
        "instrument",
        "side",
        "order_type",
        "time_in_force",
        "good_till_ns",
        "reduce_only",
        "reference_price",
        "as_of_ns",
        "overdue_id",
        "expiring",
        "instructions",
        "lock_asset",
        "lock_amount",
        "lock_counted",
        "tied",
        "worst_open",
        "locked_price",
        "locked_lots",
        "locked",
        "shown_price",
        "shown",
        "kept_legs",
        "kept_id",
        "touched",
        "touched_before",
    )

    order_id: int
    life: int
    origin: int
    inferred: int
    stopped: int
    price: int
    legs: list[KernelLeg]
    executed: int
    pending_kind: int
    pending_id: int
    pending_total: int
    pending_price: int
    pending_asked_ns: int
    doubts: tuple[tuple[int, ...], ...]
    strategy: int
    account: int
    instrument: int
    side: int
    order_type: int
    time_in_force: int
    good_till_ns: int
    reduce_only: int
    reference_price: int
    as_of_ns: int
    overdue_id: int
    expiring: int
    instructions: tuple[int, ...]
    lock_asset: int
    lock_amount: int
    lock_counted: int
    tied: int
    worst_open: int
    locked_price: int
    locked_lots: int
    locked: int
    shown_price: int
    shown: tuple[int, ...]
    kept_legs: int
    kept_id: int
    touched: int
    touched_before: KernelOrder | None

    def __init__(
        self,
        order_id: int,
        strategy: int,
        account: int,
        instrument: int,
        side: int,
        order_type: int,
        time_in_force: int,
        good_till_ns: int,
        reduce_only: int,
    ) -> None:
        self.begin(
            order_id,
            strategy,
            account,
            instrument,
            side,
            order_type,
            time_in_force,
            good_till_ns,
            reduce_only,
        )

    def begin(
        self,
        order_id: int,
        strategy: int,
        account: int,
        instrument: int,
        side: int,
        order_type: int,
        time_in_force: int,
        good_till_ns: int,
        reduce_only: int,
    ) -> None:
        """Every field as of an order nothing is known of; without boxing where it is compiled."""
        self.order_id = order_id
        self.life = 0
        self.origin = 0
        self.inferred = 0
        self.stopped = 0
        self.price = 0
        self.legs = []
        self.executed = 0
        self.pending_kind = 0
        self.pending_id = 0
        self.pending_total = 0
        self.pending_price = 0
        self.pending_asked_ns = 0
        self.doubts = ()
        self.strategy = strategy
        self.account = account
        self.instrument = instrument
        self.side = side
        self.order_type = order_type
        self.time_in_force = time_in_force
        self.good_till_ns = good_till_ns
        self.reduce_only = reduce_only
        self.reference_price = 0
        self.as_of_ns = 0
        self.overdue_id = 0
        self.expiring = 0
        self.instructions = ()
        self.lock_asset = 0
        self.lock_amount = 0
        self.lock_counted = 0
        self.tied = 0
        self.worst_open = 0
        self.locked_price = NO_PRICE
        self.locked_lots = 0
        self.locked = 0
        self.shown_price = 0
        self.shown = ()
        self.kept_legs = 0
        self.kept_id = 0
        self.touched = 0
        self.touched_before = None


class KernelReport:
    """What the table needs to know of one event; one object is used for all. See `Report`."""

    __slots__ = (
        "event",
        "request_id",
        "venue_order_id",
        "leg",
        "price",
        "quantity",
        "effective",
        "fill_life",
        "total",
        "leaves",
        "reason",
        "restores",
        "active",
        "new_leg",
        "stopped",
        "settled",
        "now_ns",
    )

    event: int
    request_id: int
    venue_order_id: int
    leg: int
    price: int
    quantity: int
    effective: int
    fill_life: int
    total: int
    leaves: int
    reason: int
    restores: int
    active: int
    new_leg: int
    stopped: int
    settled: int
    now_ns: int

    def __init__(self) -> None:
        self.clear(0, 0)

    def clear(self, event: int, now_ns: int) -> None:
        """Every field at its default, for one event."""
        self.event = event
        self.request_id = 0
        self.venue_order_id = 0
        self.leg = 0
        self.price = 0
        self.quantity = 0
        self.effective = 0
        self.fill_life = 0
        self.total = NOT_CARRIED
        self.leaves = NOT_CARRIED
        self.reason = 0
        self.restores = 0
        self.active = 0
        self.new_leg = 0
        self.stopped = 0
        self.settled = 0
        self.now_ns = now_ns


# --- quantities ----------------------------------------------------------------------------------


def room(leg: KernelLeg) -> int:
    """T - X - P - U of a leg."""
    return leg.total - leg.executed - leg.prevented - leg.unrestored


def open_room(order: KernelOrder) -> int:
    """Lots not yet spoken for."""
    found = 0
    for leg in order.legs:
        left = leg.total - leg.executed - leg.prevented - leg.unrestored
        if left > 0:
            found += left
    return found


def leaves(order: KernelOrder) -> int:
    """Lots that may still fill."""
    if order.life < SUBMITTED or order.life > DONE_FOR_DAY:
        return 0
    return open_room(order)


def over(order: KernelOrder) -> int:
    """Lots filled beyond the total."""
    found = 0
    for leg in order.legs:
        left = leg.total - leg.executed - leg.prevented - leg.unrestored
        if left < 0:
            found -= left
    return found


def total(order: KernelOrder) -> int:
    """T."""
    found = 0
    for leg in order.legs:
        found += leg.total
    return found


# --- requests ------------------------------------------------------------------------------------


def open_kind(order: KernelOrder, request_id: int) -> int:
    """Kind of the pending or doubted Request with this id, 0 if there is none."""
    if order.pending_kind != 0 and order.pending_id == request_id:
        return order.pending_kind
    for doubt in order.doubts:
        if doubt[1] == request_id:
            return doubt[0]
    return 0


def may_answer(event: int, kind: int) -> bool:
    """Whether an event is an answer to a Request of `kind`."""
    only = ANSWERED_KIND[event]
    return only in (0, kind)


ANSWERED_KIND = [0] * EVENTS
for _event, _kind in (
    (OrderEvent.ACCEPTED, NEW),
    (OrderEvent.HELD, NEW),
    (OrderEvent.REJECTED, NEW),
    (OrderEvent.REPLACED, REPLACE),
    (OrderEvent.REPLACE_REJECTED, REPLACE),
    (OrderEvent.CANCEL_REJECTED, CANCEL),
):
    ANSWERED_KIND[_event] = _kind


def answer(order: KernelOrder, report: KernelReport) -> int:
    """How the report relates to the Order's Requests [OL7]."""
    request_id = report.request_id
    if request_id == 0:
        return UNSOLICITED
    kind = open_kind(order, request_id)
    if kind == 0:
        return CLOSED
    if not may_answer(report.event, kind):
        return WRONG
    if order.pending_kind != 0 and order.pending_id == request_id:
        return PENDING
    return DOUBT


def requested(order: KernelOrder, request_id: int) -> tuple[int, int, int]:
    """(kind, total, price) of the open Request with this id, zeros if there is none."""
    if order.pending_kind != 0 and order.pending_id == request_id:
        return order.pending_kind, order.pending_total, order.pending_price
    for doubt in order.doubts:
        if doubt[1] == request_id:
            return doubt[0], doubt[2], doubt[3]
    return 0, 0, 0


# --- guards --------------------------------------------------------------------------------------


def unsolicited(order: KernelOrder, report: KernelReport) -> bool:
    return report.request_id == 0


def answers_pending(order: KernelOrder, report: KernelReport) -> bool:
    return answer(order, report) == PENDING


def answers_doubt(order: KernelOrder, report: KernelReport) -> bool:
    return answer(order, report) == DOUBT


def answers_open(order: KernelOrder, report: KernelReport) -> bool:
    found = answer(order, report)
    return found in (PENDING, DOUBT)


def answers_closed(order: KernelOrder, report: KernelReport) -> bool:
    return answer(order, report) == CLOSED


def answers_wrongly(order: KernelOrder, report: KernelReport) -> bool:
    return answer(order, report) == WRONG


def inferred_death(order: KernelOrder, report: KernelReport) -> bool:
    return order.inferred == 1


def final_death(order: KernelOrder, report: KernelReport) -> bool:
    return order.inferred == 0


def inferred_and_sound(order: KernelOrder, report: KernelReport) -> bool:
    return order.inferred == 1 and answer(order, report) != WRONG


def inferred_same_leg(order: KernelOrder, report: KernelReport) -> bool:
    return report.new_leg == 0 and inferred_and_sound(order, report)


def inferred_new_leg(order: KernelOrder, report: KernelReport) -> bool:
    return report.new_leg != 0 and inferred_and_sound(order, report)


def inferred_active(order: KernelOrder, report: KernelReport) -> bool:
    return order.inferred == 1 and report.active != 0


def inferred_inactive(order: KernelOrder, report: KernelReport) -> bool:
    return order.inferred == 1 and report.active == 0


def final_open(order: KernelOrder, report: KernelReport) -> bool:
    return order.inferred == 0 and answers_open(order, report)


def final_closed(order: KernelOrder, report: KernelReport) -> bool:
    return order.inferred == 0 and answer(order, report) == CLOSED


def final_unsolicited(order: KernelOrder, report: KernelReport) -> bool:
    return order.inferred == 0 and report.request_id == 0


def gate_open(order: KernelOrder, report: KernelReport) -> bool:
    return order.pending_kind == 0 and not order.doubts


def gate_shut(order: KernelOrder, report: KernelReport) -> bool:
    return order.pending_kind != 0 or len(order.doubts) > 0


def nothing_pending(order: KernelOrder, report: KernelReport) -> bool:
    return order.pending_kind == 0


def something_pending(order: KernelOrder, report: KernelReport) -> bool:
    return order.pending_kind != 0


def fill_fresh(order: KernelOrder, report: KernelReport) -> bool:
    return report.fill_life == FILL_ABSENT


def fill_repeated(order: KernelOrder, report: KernelReport) -> bool:
    return report.fill_life in (FILL_EFFECTIVE, FILL_VOIDED)


def fill_tombstoned(order: KernelOrder, report: KernelReport) -> bool:
    return report.fill_life == FILL_TOMBSTONE


def fill_effective(order: KernelOrder, report: KernelReport) -> bool:
    return report.fill_life == FILL_EFFECTIVE


def fill_gone(order: KernelOrder, report: KernelReport) -> bool:
    return report.fill_life in (FILL_VOIDED, FILL_TOMBSTONE)


def fresh_and_final(order: KernelOrder, report: KernelReport) -> bool:
    return report.fill_life == FILL_ABSENT and order.inferred == 0


def fresh_and_inferred(order: KernelOrder, report: KernelReport) -> bool:
    return report.fill_life == FILL_ABSENT and order.inferred == 1


def order_is_missing(order: KernelOrder, report: KernelReport) -> bool:
    suspicious = report.reason in (TOO_LATE, UNKNOWN_ORDER)
    return suspicious and open_room(order) > 0


def refused_and_missing(order: KernelOrder, report: KernelReport) -> bool:
    return answers_open(order, report) and order_is_missing(order, report)


def refused_and_alive(order: KernelOrder, report: KernelReport) -> bool:
    return answers_open(order, report) and not order_is_missing(order, report)


def open_same_leg(order: KernelOrder, report: KernelReport) -> bool:
    return report.new_leg == 0 and answers_open(order, report)


def open_new_leg(order: KernelOrder, report: KernelReport) -> bool:
    return report.new_leg != 0 and answers_open(order, report)


def unsolicited_same_leg(order: KernelOrder, report: KernelReport) -> bool:
    return report.request_id == 0 and report.new_leg == 0


def unsolicited_new_leg(order: KernelOrder, report: KernelReport) -> bool:
    return report.request_id == 0 and report.new_leg != 0


def opens_new(order: KernelOrder, report: KernelReport) -> bool:
    return report.request_id != 0 and open_kind(order, report.request_id) == NEW


def opens_other(order: KernelOrder, report: KernelReport) -> bool:
    kind = open_kind(order, report.request_id)
    return report.request_id != 0 and kind != 0 and kind != NEW


def active(order: KernelOrder, report: KernelReport) -> bool:
    return report.active != 0


def inactive(order: KernelOrder, report: KernelReport) -> bool:
    return report.active == 0


def nothing_in_doubt(order: KernelOrder, report: KernelReport) -> bool:
    return not order.doubts


def doubt_unsettled(order: KernelOrder, report: KernelReport) -> bool:
    return len(order.doubts) > 0 and report.settled == 0


def doubt_settled(order: KernelOrder, report: KernelReport) -> bool:
    return len(order.doubts) > 0 and report.settled != 0


def declared_dead(order: KernelOrder, report: KernelReport) -> bool:
    return report.active == 0


def declared_alive(order: KernelOrder, report: KernelReport) -> bool:
    return report.active != 0


def alive_and_final(order: KernelOrder, report: KernelReport) -> bool:
    return report.active != 0 and order.inferred == 0


# --- effects -------------------------------------------------------------------------------------


def unchanged(order: KernelOrder, report: KernelReport) -> None:
    return


def _ask(order: KernelOrder, report: KernelReport, kind: int, lots: int, price: int) -> None:
    order.pending_kind = kind
    order.pending_id = report.request_id
    order.pending_total = lots
    order.pending_price = price
    order.pending_asked_ns = report.now_ns


def submit(order: KernelOrder, report: KernelReport) -> None:
    order.price = report.price
    order.legs = [venue_leg(0, report.total, 0)]
    _ask(order, report, NEW, report.total, report.price)


def ask_replace(order: KernelOrder, report: KernelReport) -> None:
    _ask(order, report, REPLACE, report.total, report.price)


def ask_cancel(order: KernelOrder, report: KernelReport) -> None:
    _ask(order, report, CANCEL, 0, 0)


def _forget_pending(order: KernelOrder) -> None:
    order.pending_kind = 0
    order.pending_id = 0
    order.pending_total = 0
    order.pending_price = 0
    order.pending_asked_ns = 0


def settle(order: KernelOrder, report: KernelReport) -> None:
    request_id = report.request_id
    if order.pending_kind != 0 and order.pending_id == request_id:
        _forget_pending(order)
    if order.doubts:
        order.doubts = tuple([doubt for doubt in order.doubts if doubt[1] != request_id])


def put_in_doubt(order: KernelOrder, report: KernelReport) -> None:
    if order.pending_kind == 0:
        return
    order.doubts += (
        (
            order.pending_kind,
            order.pending_id,
            order.pending_total,
            order.pending_price,
            order.pending_asked_ns,
        ),
    )
    _forget_pending(order)


def doubt_named(order: KernelOrder, report: KernelReport) -> None:
    if order.pending_kind != 0 and order.pending_id == report.request_id:
        put_in_doubt(order, report)


def clear_doubts(order: KernelOrder, report: KernelReport) -> None:
    order.doubts = ()


def clear_requests(order: KernelOrder, report: KernelReport) -> None:
    _forget_pending(order)
    order.doubts = ()


def bind(order: KernelOrder, report: KernelReport) -> None:
    leg = order.legs[-1]
    if leg.venue_order_id == 0:
        leg.venue_order_id = report.venue_order_id


def accept(order: KernelOrder, report: KernelReport) -> None:
    settle(order, report)
    bind(order, report)


def adopt(order: KernelOrder, report: KernelReport) -> None:
    order.origin = 1
    order.price = report.price
    order.legs = [venue_leg(report.venue_order_id, max(report.total, 0), 0)]


def adopt_filled(order: KernelOrder, report: KernelReport) -> None:
    order.origin = 1
    order.price = report.price
    known = max(report.total, report.quantity)
    order.legs = [venue_leg(report.venue_order_id, known, report.quantity)]
    order.executed = report.quantity


def revive(order: KernelOrder, report: KernelReport) -> None:
    order.inferred = 0


def revive_bound(order: KernelOrder, report: KernelReport) -> None:
    order.inferred = 0
    accept(order, report)


def revive_filled(order: KernelOrder, report: KernelReport) -> None:
    order.inferred = 0
    fill(order, report)


def revive_prevented(order: KernelOrder, report: KernelReport) -> None:
    order.inferred = 0
    prevent(order, report)


def revive_replaced(order: KernelOrder, report: KernelReport) -> None:
    order.inferred = 0
    replace_terms(order, report)


def revive_new_leg(order: KernelOrder, report: KernelReport) -> None:
    order.inferred = 0
    replace_leg(order, report)


def revive_restated(order: KernelOrder, report: KernelReport) -> None:
    order.inferred = 0
    restate(order, report)


def revive_day_done(order: KernelOrder, report: KernelReport) -> None:
    order.inferred = 0
    end_day(order, report)


def confirm_death(order: KernelOrder, report: KernelReport) -> None:
    order.inferred = 0
    settle(order, report)


def infer_death(order: KernelOrder, report: KernelReport) -> None:
    order.inferred = 1
    order.doubts = ()


def never_left(order: KernelOrder, report: KernelReport) -> None:
    settle(order, report)
    order.inferred = 1


def declare_dead(order: KernelOrder, report: KernelReport) -> None:
    order.inferred = 1
    clear_requests(order, report)


def revive_cleared(order: KernelOrder, report: KernelReport) -> None:
    order.inferred = 0
    clear_requests(order, report)


def _leg(order: KernelOrder, report: KernelReport) -> KernelLeg:
    if 0 <= report.leg < len(order.legs):
        return order.legs[report.leg]
    return order.legs[-1]


def fill(order: KernelOrder, report: KernelReport) -> None:
    _fill(order, report, report.quantity)


def _fill(order: KernelOrder, report: KernelReport, quantity: int) -> None:
    leg = _leg(order, report)
    withheld = leg.unrestored
    if withheld > 0:
        # What was withheld and turns out to be filled was not withheld.
        beyond = max(quantity - max(room(leg), 0), 0)
        leg.unrestored = withheld - min(withheld, beyond)
    leg.executed += quantity
    order.executed += quantity


def _take_back(order: KernelOrder, report: KernelReport, quantity: int) -> None:
    leg = _leg(order, report)
    if report.restores == 0 or leg is not order.legs[-1]:
        beyond = max(-room(leg), 0)
        leg.unrestored += quantity - min(quantity, beyond)
    leg.executed -= quantity
    order.executed -= quantity


def void(order: KernelOrder, report: KernelReport) -> None:
    _take_back(order, report, report.effective)


def correct(order: KernelOrder, report: KernelReport) -> None:
    change = report.quantity - report.effective
    if change < 0:
        _take_back(order, report, -change)
    else:
        _fill(order, report, change)


def prevent(order: KernelOrder, report: KernelReport) -> None:
    leg = _leg(order, report)
    leg.prevented += report.quantity


def _wanted(order: KernelOrder, report: KernelReport) -> tuple[int, int]:
    """(total, price) a change of terms brings: carried, else asked for, else today's."""
    kind, lots, price = requested(order, report.request_id)
    if kind != REPLACE:
        lots, price = total(order), order.price
    if report.total != NOT_CARRIED:
        lots = report.total
    if report.price != 0:
        price = report.price
    return lots, price


def _give_total(leg: KernelLeg, wanted: int) -> None:
    """A new total, at least what the leg executed; P and U keep what that leaves for them."""
    size = max(wanted, leg.executed)
    taken = min(leg.prevented, size - leg.executed)
    withheld = min(leg.unrestored, size - leg.executed - taken)
    leg.total = size
    leg.prevented = taken
    leg.unrestored = withheld


def replace_terms(order: KernelOrder, report: KernelReport) -> None:
    wanted, price = _wanted(order, report)
    last = order.legs[-1]
    for leg in order.legs:
        if leg is not last:
            _give_total(leg, 0)
            wanted -= leg.executed
    _give_total(last, wanted)
    settle(order, report)
    order.price = price


def replace_leg(order: KernelOrder, report: KernelReport) -> None:
    wanted, price = _wanted(order, report)
    for leg in order.legs:
        _give_total(leg, 0)
    created = max(wanted - order.executed, 0)
    order.legs.append(venue_leg(report.venue_order_id, created, 0))
    settle(order, report)
    order.price = price


def restate(order: KernelOrder, report: KernelReport) -> None:
    request_id = report.request_id
    report.request_id = 0
    replace_terms(order, report)
    report.request_id = request_id
    order.stopped = max(order.stopped, report.stopped)


def end_day(order: KernelOrder, report: KernelReport) -> None:
    if report.leaves != 0:
        return
    for leg in order.legs:
        leg.unrestored += max(room(leg), 0)


# --- flat table ----------------------------------------------------------------------------------

Guard = Callable[[KernelOrder, KernelReport], bool]
Effect = Callable[[KernelOrder, KernelReport], None]


class FlatRule:
    """A rule in place: no guard for always, no effect for a refusal with its code."""

    __slots__ = ("guard", "effect", "target", "code")

    guard: Guard | None
    effect: Effect | None
    target: int
    code: int

    def __init__(self, guard: Guard | None, effect: Effect | None, target: int, code: int) -> None:
        self.guard = guard
        self.effect = effect
        self.target = target
        self.code = code


def _flat_rule(rule: object) -> FlatRule:
    """A rule of the specification with this module's guard and effect of the same names."""
    if isinstance(rule, Row):
        name = rule.guard.__name__
        guard = None if name == "always" else globals()[name]
        return FlatRule(guard, globals()[rule.effect.__name__], rule.target, 0)
    name = rule.guard.__name__  # type: ignore[attr-defined]
    guard = None if name == "always" else globals()[name]
    return FlatRule(guard, None, 0, rule.code)  # type: ignore[attr-defined]


CELLS: list[tuple[FlatRule, ...]] = [
    tuple(_flat_rule(rule) for rule in spec.TABLE.cells[life][event])
    for life in range(len(Life))
    for event in range(EVENTS)
]
"""Rules by life x EVENTS + event."""

_CELLS = CELLS

# --- step ----------------------------------------------------------------------------------------


def step(order: KernelOrder, report: KernelReport) -> int:
    """Apply one report in place; the refusal code, 0 when it was applied."""
    for rule in _CELLS[order.life * EVENTS + report.event]:
        guard = rule.guard
        if guard is None or guard(order, report):
            effect = rule.effect
            if effect is None:
                return rule.code
            effect(order, report)
            order.life = rule.target
            return 0
    raise InvariantBroken("OL: no rule of the order-life table applies")


# --- conversion ----------------------------------------------------------------------------------


def to_ticket(order: KernelOrder) -> Ticket:
    """The specification's form."""
    pending = None
    if order.pending_kind != 0:
        pending = Outstanding(
            order.pending_kind,
            order.pending_id,
            order.pending_total,
            order.pending_price,
            order.pending_asked_ns,
        )
    return Ticket(
        spec.Order(
            order.life,
            order.origin,
            order.inferred,
            order.stopped,
            order.price,
            tuple(Leg(*leg.terms()) for leg in order.legs),
            pending,
            tuple(Outstanding(*doubt) for doubt in order.doubts),
        ),
        order.strategy,
        order.account,
        order.instrument,
        order.side,
        order.order_type,
        order.time_in_force,
        order.good_till_ns,
        order.reduce_only,
        order.reference_price,
        order.as_of_ns,
        order.overdue_id,
        order.expiring,
        instructions_of(order.instructions),
    )


def from_ticket(order_id: int, ticket: Ticket) -> KernelOrder:
    """The mutable form of a ticket; locks are the owner's to set."""
    order = KernelOrder(
        order_id,
        ticket.strategy,
        ticket.account,
        ticket.instrument,
        ticket.side,
        ticket.order_type,
        ticket.time_in_force,
        ticket.good_till_ns,
        ticket.reduce_only,
    )
    source = ticket.order
    order.life = int(source.life)
    order.origin = int(source.origin)
    order.inferred = source.inferred
    order.stopped = source.stopped
    order.price = source.price
    order.legs = [
        KernelLeg(leg.venue_order_id, leg.total, leg.executed, leg.prevented, leg.unrestored)
        for leg in source.legs
    ]
    order.executed = spec.executed(source)
    if source.pending is not None:
        _set_pending(order, source.pending)
    order.doubts = tuple(
        [(d.kind, d.request_id, d.total, d.price, d.asked_ns) for d in source.doubts]
    )
    order.reference_price = ticket.reference_price
    order.as_of_ns = ticket.as_of_ns
    order.overdue_id = ticket.overdue_id
    order.expiring = ticket.expiring
    order.instructions = instruction_values(ticket.instructions)
    return order


def _set_pending(order: KernelOrder, pending: Outstanding) -> None:
    order.pending_kind = pending.kind
    order.pending_id = pending.request_id
    order.pending_total = pending.total
    order.pending_price = pending.price
    order.pending_asked_ns = pending.asked_ns
