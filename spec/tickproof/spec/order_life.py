"""The life of an Order, after submission only [OL1 to OL12, L3, L4].

What it decides: for every life and every piece of execution evidence, what becomes of the Order.

The theory. An Order is four independent coordinates, so that no event can erase what another one
said: its *life*, its open *requests* (one pending, and those in doubt), its *quantities* per venue
leg, and whether a death was reported or only *inferred*. Status, the word FIX shows, is derived
from them by a precedence and is never stored. FILLED is not a life: an accepted increase reopens
a filled order, and a void gives leaves back.

An event either names the Request it answers or is unsolicited. An answer to a pending or doubted
Request settles that Request and only that; an answer to a closed one is refused; fills are never
refused for that reason, because a fill is money.

Sections: codes, types, quantities, guards, effects, the table, step, status.
"""

from __future__ import annotations

from enum import IntEnum

from attrs import evolve, frozen

from tickproof.spec.commands import CommandKind
from tickproof.spec.events import NOT_CARRIED, Reason
from tickproof.spec.fill_life import FillLife
from tickproof.spec.table import KEEP, Row, Table, TableBuilder, always, go, refuse, unchanged

DECISION = "ADR-0003"

# --- codes ---------------------------------------------------------------------------------------


class Life(IntEnum):
    """Where an Order is; FILLED is a status, not a life."""

    ABSENT = 0
    SUBMITTED = 1
    HELD = 2
    WORKING = 3
    SUSPENDED = 4
    DONE_FOR_DAY = 5
    CANCELED = 6
    EXPIRED = 7
    REJECTED = 8


class Origin(IntEnum):
    """OWN orders were sent by this run; EXTERNAL ones were found at the venue."""

    OWN = 0
    EXTERNAL = 1


class OrderEvent(IntEnum):
    """Columns of the table: three dispatches, then evidence, then what the runtime concludes."""

    REQUEST_NEW = 0
    REQUEST_REPLACE = 1
    REQUEST_CANCEL = 2
    ACCEPTED = 3
    HELD = 4
    TRIGGERED = 5
    FILLED = 6
    FILL_VOIDED = 7
    FILL_CORRECTED = 8
    PREVENTED = 9
    CANCELED = 10
    EXPIRED = 11
    REJECTED = 12
    REPLACED = 13
    CANCEL_REJECTED = 14
    REPLACE_REJECTED = 15
    SUSPENDED = 16
    REINSTATED = 17
    RESTATED = 18
    DONE_FOR_DAY = 19
    DISPATCH_FAILED = 20
    OUTCOME_UNKNOWN = 21
    NOT_FOUND = 22
    RESTARTED = 23
    OPERATOR_DISPOSITION = 24


FIRST_EVIDENCE = OrderEvent.ACCEPTED
"""OrderEvent = EventKind - 17 for ACCEPTED to OUTCOME_UNKNOWN."""

EVENT_KIND_OFFSET = 17


class OrderRefusal(IntEnum):
    """Why a pair of life and event is refused; nothing changes, the code is counted."""

    UNKNOWN_ORDER = 1
    DUPLICATE_ORDER = 2
    ORDER_DEAD = 3
    REQUEST_IN_FLIGHT = 4
    ALREADY_ANSWERED = 5
    WRONG_ANSWER = 6
    UNSOLICITED_ANSWER = 7
    CONTRADICTS_DEATH = 8
    DUPLICATE_FILL = 9
    NOT_HELD = 10
    NOT_SUSPENDED = 11
    ALREADY_SUSPENDED = 12
    ALREADY_DONE = 13
    ALREADY_IN_DOUBT = 14
    NO_DOUBT = 15
    STALE = 16
    NOTHING_PENDING = 17
    ALREADY_ACTIVE = 18


class Status(IntEnum):
    """FIX OrdStatus, derived; see `status`."""

    NONE = 0
    PENDING_NEW = 1
    NEW = 2
    PARTIALLY_FILLED = 3
    FILLED = 4
    CANCELED = 5
    EXPIRED = 6
    REJECTED = 7
    SUSPENDED = 8
    DONE_FOR_DAY = 9
    PENDING_REPLACE = 10
    PENDING_CANCEL = 11
    STOPPED = 12


LIVES = tuple(Life)
ALIVE = (Life.SUBMITTED, Life.HELD, Life.WORKING, Life.SUSPENDED, Life.DONE_FOR_DAY)
ACCEPTED_LIVES = (Life.HELD, Life.WORKING, Life.SUSPENDED, Life.DONE_FOR_DAY)
DEAD = (Life.CANCELED, Life.EXPIRED, Life.REJECTED)
REVOCABLE = (Life.CANCELED, Life.REJECTED)
"""The deaths that may be inferred."""

# --- types ---------------------------------------------------------------------------------------


@frozen
class Outstanding:
    """A Request without an answer: its kind, id, requested terms and when it was sent."""

    kind: int
    request_id: int
    total: int
    price: int
    asked_ns: int


@frozen
class Leg:
    """One venue order behind an Order. Quantities in lots, all >= 0 [OL10]."""

    venue_order_id: int
    total: int
    executed: int
    prevented: int
    unrestored: int


@frozen
class Order:
    """The coordinates of one Order. `inferred` 1: the death has no venue evidence [OL2]."""

    life: int
    origin: int
    inferred: int
    stopped: int
    price: int
    legs: tuple[Leg, ...]
    pending: Outstanding | None
    doubts: tuple[Outstanding, ...]


@frozen
class Report:
    """What the table needs to know of one event.

    `request_id` 0: unsolicited. `quantity`: lots filled, prevented, or the corrected quantity.
    `effective`: lots of the fill a void or correction names. `fill_life`: that fill's life before
    the event. `leg`: index of the leg. `total`, `leaves`: `NOT_CARRIED` when absent. `settled` 1:
    every doubt is older than the settling time. Request terms ride in `kind`, `total`, `price`.
    """

    event: int
    request_id: int = 0
    kind: int = 0
    venue_order_id: int = 0
    leg: int = 0
    price: int = 0
    quantity: int = 0
    effective: int = 0
    fill_life: int = FillLife.ABSENT
    total: int = NOT_CARRIED
    leaves: int = NOT_CARRIED
    reason: int = 0
    restores: int = 0
    active: int = 0
    new_leg: int = 0
    stopped: int = 0
    settled: int = 0
    now_ns: int = 0


ABSENT_ORDER = Order(Life.ABSENT, Origin.OWN, 0, 0, 0, (), None, ())

# --- quantities ----------------------------------------------------------------------------------


def is_alive(life: int) -> bool:
    """SUBMITTED to DONE_FOR_DAY."""
    return Life.SUBMITTED <= life <= Life.DONE_FOR_DAY


def is_dead(life: int) -> bool:
    """CANCELED, EXPIRED or REJECTED."""
    return life >= Life.CANCELED


def room(leg: Leg) -> int:
    """T - X - P - U of one leg; negative when it is filled beyond its total."""
    return leg.total - leg.executed - leg.prevented - leg.unrestored


def total(order: Order) -> int:
    """T."""
    return sum(leg.total for leg in order.legs)


def executed(order: Order) -> int:
    """X, the sum of effective fills."""
    return sum(leg.executed for leg in order.legs)


def prevented(order: Order) -> int:
    """P, quantity taken away by self-trade prevention."""
    return sum(leg.prevented for leg in order.legs)


def unrestored(order: Order) -> int:
    """U, quantity voided or withdrawn that does not come back."""
    return sum(leg.unrestored for leg in order.legs)


def open_room(order: Order) -> int:
    """Lots not yet spoken for, over all legs."""
    return sum(max(room(leg), 0) for leg in order.legs)


def leaves(order: Order) -> int:
    """Lots that may still fill: the open room while alive."""
    return open_room(order) if is_alive(order.life) else 0


def remainder(order: Order) -> int:
    """Lots that died with the order."""
    return open_room(order) if is_dead(order.life) else 0


def over(order: Order) -> int:
    """Lots filled beyond the total [OL3]."""
    return sum(max(-room(leg), 0) for leg in order.legs)


def conserved(order: Order) -> bool:
    """T + over = X + P + U + leaves + remainder [OL1]."""
    spoken_for = executed(order) + prevented(order) + unrestored(order)
    return total(order) + over(order) == spoken_for + leaves(order) + remainder(order)


def inv(order: Order) -> bool:
    """The inductive invariant of an Order: every effect keeps it, given a `sound` report."""
    if order.life == Life.ABSENT:
        return order == ABSENT_ORDER
    if not (Life.SUBMITTED <= order.life <= Life.REJECTED) or len(order.legs) == 0:
        return False
    # Nothing infers an expiry: that is the venue's to say [T8].
    if order.inferred != 0 and (order.inferred != 1 or order.life not in REVOCABLE):
        return False
    # Whatever changes a quantity also shows that the venue has the order.
    if order.life == Life.SUBMITTED and (executed(order) != 0 or len(order.legs) != 1):
        return False
    return _legs_agree(order) and _requests_agree(order)


def _legs_agree(order: Order) -> bool:
    """No quantity is negative, and only the last leg may have room [OL10]."""
    for leg in order.legs:
        if leg.total < 0 or leg.executed < 0 or leg.prevented < 0 or leg.unrestored < 0:
            return False
    return all(room(leg) <= 0 for leg in order.legs[:-1])


def _requests_agree(order: Order) -> bool:
    """Ids are positive and distinct; only a CANCEL may be pending over a doubt [EC5]."""
    for index, doubt in enumerate(order.doubts):
        if doubt.request_id <= 0:
            return False
        for other in order.doubts[index + 1 :]:
            if other.request_id == doubt.request_id:
                return False
    pending = order.pending
    if pending is None:
        return True
    if pending.request_id <= 0:
        return False
    for doubt in order.doubts:
        if doubt.request_id == pending.request_id:
            return False
    return pending.kind == CommandKind.CANCEL or order.doubts == ()


def sound(order: Order, report: Report) -> bool:
    """What whoever calls `step` guarantees of a report about this Order; plain arithmetic.

    Quantities are not negative; a dispatch brings an id of its own and, for NEW and REPLACE, the
    terms; a fill that is voided or corrected counts no more than its leg has executed.
    """
    if report.request_id < 0 or report.quantity < 0 or report.effective < 0:
        return False
    if report.total < NOT_CARRIED or report.leaves < NOT_CARRIED:
        return False
    if not (FillLife.ABSENT <= report.fill_life <= FillLife.TOMBSTONE):
        return False
    takes_back = report.event in (OrderEvent.FILL_VOIDED, OrderEvent.FILL_CORRECTED)
    named = report.effective if takes_back and report.fill_life == FillLife.EFFECTIVE else 0
    if named > (order.legs[leg_index(order, report)].executed if order.legs else 0):
        return False
    if report.event in (OrderEvent.REQUEST_NEW, OrderEvent.REQUEST_REPLACE) and report.total < 0:
        return False
    if report.event <= OrderEvent.REQUEST_CANCEL:
        return report.request_id > 0 and outstanding(order, report.request_id) is None
    return True


# --- guards: which request does a report answer? -------------------------------------------------


class Answer(IntEnum):
    """How an event relates to the Order's Requests [OL7]."""

    UNSOLICITED = 0
    PENDING = 1
    DOUBT = 2
    CLOSED = 3
    WRONG = 4


def may_answer(event: int, kind: int) -> bool:
    """Whether `event` is an answer a venue gives to a Request of `kind`."""
    if event in (OrderEvent.ACCEPTED, OrderEvent.HELD):
        return kind == CommandKind.NEW
    if event in (OrderEvent.REPLACED, OrderEvent.REPLACE_REJECTED):
        return kind == CommandKind.REPLACE
    if event == OrderEvent.CANCEL_REJECTED:
        return kind == CommandKind.CANCEL
    if event == OrderEvent.REJECTED:
        return kind == CommandKind.NEW
    return True


def outstanding(order: Order, request_id: int) -> Outstanding | None:
    """The pending or doubted Request with this id."""
    if order.pending is not None and order.pending.request_id == request_id:
        return order.pending
    for doubt in order.doubts:
        if doubt.request_id == request_id:
            return doubt
    return None


def answer(order: Order, report: Report) -> int:
    """Classify the report against the Order's Requests."""
    if report.request_id == 0:
        return Answer.UNSOLICITED
    named = outstanding(order, report.request_id)
    if named is None:
        return Answer.CLOSED
    if not may_answer(report.event, named.kind):
        return Answer.WRONG
    if order.pending is not None and order.pending.request_id == report.request_id:
        return Answer.PENDING
    return Answer.DOUBT


def unsolicited(order: Order, report: Report) -> bool:
    """The report names no Request."""
    return answer(order, report) == Answer.UNSOLICITED


def answers_pending(order: Order, report: Report) -> bool:
    """The report answers the Request in flight."""
    return answer(order, report) == Answer.PENDING


def answers_doubt(order: Order, report: Report) -> bool:
    """The report answers a Request whose outcome was unknown."""
    return answer(order, report) == Answer.DOUBT


def answers_open(order: Order, report: Report) -> bool:
    """The report answers a pending or doubted Request."""
    return answer(order, report) in (Answer.PENDING, Answer.DOUBT)


def answers_closed(order: Order, report: Report) -> bool:
    """The report names a Request that was answered before."""
    return answer(order, report) == Answer.CLOSED


def answers_wrongly(order: Order, report: Report) -> bool:
    """The report names a Request it cannot be an answer to."""
    return answer(order, report) == Answer.WRONG


def inferred_death(order: Order, report: Report) -> bool:
    """The death was concluded without venue evidence, so evidence may revoke it."""
    return order.inferred == 1


def final_death(order: Order, report: Report) -> bool:
    """The venue reported the death."""
    return order.inferred == 0


def inferred_and_sound(order: Order, report: Report) -> bool:
    """Inferred death, and the report does not answer wrongly."""
    return order.inferred == 1 and answer(order, report) != Answer.WRONG


def inferred_same_leg(order: Order, report: Report) -> bool:
    """Inferred death; new terms on the venue order that is known."""
    return inferred_and_sound(order, report) and report.new_leg == 0


def inferred_new_leg(order: Order, report: Report) -> bool:
    """Inferred death; new terms on a venue order created in its place [OL10]."""
    return inferred_and_sound(order, report) and report.new_leg != 0


def inferred_active(order: Order, report: Report) -> bool:
    """Inferred death; the order turns out to be working."""
    return order.inferred == 1 and report.active != 0


def inferred_inactive(order: Order, report: Report) -> bool:
    """Inferred death; the order turns out to be held."""
    return order.inferred == 1 and report.active == 0


def final_open(order: Order, report: Report) -> bool:
    """Reported death; the report settles an open Request."""
    return order.inferred == 0 and answers_open(order, report)


def final_closed(order: Order, report: Report) -> bool:
    """Reported death; the report answers a closed Request."""
    return order.inferred == 0 and answers_closed(order, report)


def final_unsolicited(order: Order, report: Report) -> bool:
    """Reported death; the report is unsolicited."""
    return order.inferred == 0 and unsolicited(order, report)


# --- guards: dispatch ----------------------------------------------------------------------------


def gate_open(order: Order, report: Report) -> bool:
    """Nothing is in flight and nothing is in doubt [EC5]."""
    return order.pending is None and order.doubts == ()


def gate_shut(order: Order, report: Report) -> bool:
    """Something is in flight or in doubt."""
    return not gate_open(order, report)


def nothing_pending(order: Order, report: Report) -> bool:
    """No Request is in flight: a CANCEL may go, even over a doubt [EC5]."""
    return order.pending is None


def something_pending(order: Order, report: Report) -> bool:
    """A Request is in flight."""
    return order.pending is not None


# --- guards: fills -------------------------------------------------------------------------------


def fill_fresh(order: Order, report: Report) -> bool:
    """The fill (or the fill a correction names) was not seen before."""
    return report.fill_life == FillLife.ABSENT


def fill_repeated(order: Order, report: Report) -> bool:
    """The fill was seen before."""
    return report.fill_life in (FillLife.EFFECTIVE, FillLife.VOIDED)


def fill_tombstoned(order: Order, report: Report) -> bool:
    """A void of this fill came first [OL4]."""
    return report.fill_life == FillLife.TOMBSTONE


def fill_effective(order: Order, report: Report) -> bool:
    """The fill that is voided or corrected counts now."""
    return report.fill_life == FillLife.EFFECTIVE


def fill_gone(order: Order, report: Report) -> bool:
    """The fill that is voided or corrected was voided before."""
    return report.fill_life in (FillLife.VOIDED, FillLife.TOMBSTONE)


def fresh_and_final(order: Order, report: Report) -> bool:
    """A new fill after a reported death: late, applied all the same [OL3]."""
    return fill_fresh(order, report) and order.inferred == 0


def fresh_and_inferred(order: Order, report: Report) -> bool:
    """A new fill after an inferred death: the order was alive."""
    return fill_fresh(order, report) and order.inferred == 1


# --- guards: cancel and replace answers, terms, time --------------------------------------------


def order_is_missing(order: Order, report: Report) -> bool:
    """The venue says too late or unknown, yet lots are believed open."""
    return report.reason in (Reason.TOO_LATE, Reason.UNKNOWN_ORDER) and open_room(order) > 0


def refused_and_missing(order: Order, report: Report) -> bool:
    """An open CANCEL is refused in a way that puts the order's life in doubt [OL7]."""
    return answers_open(order, report) and order_is_missing(order, report)


def refused_and_alive(order: Order, report: Report) -> bool:
    """An open CANCEL is refused, and nothing suggests the order is gone."""
    return answers_open(order, report) and not order_is_missing(order, report)


def open_same_leg(order: Order, report: Report) -> bool:
    """The replace was answered and the venue order stays."""
    return answers_open(order, report) and report.new_leg == 0


def open_new_leg(order: Order, report: Report) -> bool:
    """The replace was answered by cancelling and creating a venue order [OL10]."""
    return answers_open(order, report) and report.new_leg != 0


def unsolicited_same_leg(order: Order, report: Report) -> bool:
    """The venue changed the terms unasked, on the same venue order."""
    return unsolicited(order, report) and report.new_leg == 0


def unsolicited_new_leg(order: Order, report: Report) -> bool:
    """The venue changed the terms unasked, on a new venue order."""
    return unsolicited(order, report) and report.new_leg != 0


def opens_new(order: Order, report: Report) -> bool:
    """The named open Request is the NEW itself."""
    named = outstanding(order, report.request_id)
    return report.request_id != 0 and named is not None and named.kind == CommandKind.NEW


def opens_other(order: Order, report: Report) -> bool:
    """The named open Request is a REPLACE or CANCEL."""
    named = outstanding(order, report.request_id)
    return report.request_id != 0 and named is not None and named.kind != CommandKind.NEW


def active(order: Order, report: Report) -> bool:
    """The order is reinstated as working."""
    return report.active != 0


def inactive(order: Order, report: Report) -> bool:
    """The order is reinstated as held, untriggered as before."""
    return report.active == 0


def nothing_in_doubt(order: Order, report: Report) -> bool:
    """There is no doubt to resolve."""
    return order.doubts == ()


def doubt_unsettled(order: Order, report: Report) -> bool:
    """There is a doubt, too young for NOT_FOUND to settle it [OL9]."""
    return order.doubts != () and report.settled == 0


def doubt_settled(order: Order, report: Report) -> bool:
    """There is a doubt, old enough for NOT_FOUND to settle it."""
    return order.doubts != () and report.settled != 0


def declared_dead(order: Order, report: Report) -> bool:
    """The operator declares the order dead."""
    return report.active == 0


def declared_alive(order: Order, report: Report) -> bool:
    """The operator declares the order alive."""
    return report.active != 0


def alive_and_final(order: Order, report: Report) -> bool:
    """The operator declares alive what the venue reported dead."""
    return order.inferred == 0 and report.active != 0


# --- effects: requests ---------------------------------------------------------------------------


def submit(order: Order, report: Report) -> Order:
    """A NEW is dispatched: the Order begins, its Request is pending [L3]."""
    asked = Outstanding(
        CommandKind.NEW, report.request_id, report.total, report.price, report.now_ns
    )
    leg = Leg(0, report.total, 0, 0, 0)
    return Order(order.life, Origin.OWN, 0, 0, report.price, (leg,), asked, ())


def ask_replace(order: Order, report: Report) -> Order:
    """A REPLACE is dispatched."""
    asked = Outstanding(
        CommandKind.REPLACE, report.request_id, report.total, report.price, report.now_ns
    )
    return evolve(order, pending=asked)


def ask_cancel(order: Order, report: Report) -> Order:
    """A CANCEL is dispatched, over a doubt if need be."""
    asked = Outstanding(CommandKind.CANCEL, report.request_id, 0, 0, report.now_ns)
    return evolve(order, pending=asked)


def settle(order: Order, report: Report) -> Order:
    """The named Request is answered: it leaves `pending` or `doubts`, nothing else does [OL7]."""
    pending = order.pending
    if pending is not None and pending.request_id == report.request_id:
        pending = None
    doubts = tuple(d for d in order.doubts if d.request_id != report.request_id)
    return evolve(order, pending=pending, doubts=doubts)


def put_in_doubt(order: Order, report: Report) -> Order:
    """The pending Request's outcome is unknown: it becomes a doubt [OL8]."""
    if order.pending is None:
        return order
    return evolve(order, pending=None, doubts=(*order.doubts, order.pending))


def doubt_named(order: Order, report: Report) -> Order:
    """The named Request becomes (or stays) a doubt."""
    pending = order.pending
    if pending is not None and pending.request_id == report.request_id:
        return evolve(order, pending=None, doubts=(*order.doubts, pending))
    return order


def clear_doubts(order: Order, report: Report) -> Order:
    """Every doubt is resolved."""
    return evolve(order, doubts=())


def clear_requests(order: Order, report: Report) -> Order:
    """The operator settles everything open."""
    return evolve(order, pending=None, doubts=())


# --- effects: identity and life ------------------------------------------------------------------


def bind(order: Order, report: Report) -> Order:
    """The venue's order id becomes known."""
    leg = order.legs[-1]
    if leg.venue_order_id != 0 or report.venue_order_id == 0:
        return order
    return _with_leg(order, len(order.legs) - 1, evolve(leg, venue_order_id=report.venue_order_id))


def accept(order: Order, report: Report) -> Order:
    """Settle the NEW and bind the venue's id."""
    return bind(settle(order, report), report)


def adopt(order: Order, report: Report) -> Order:
    """An order this run never sent appears at the venue [OL3]."""
    leg = Leg(report.venue_order_id, max(report.total, 0), 0, 0, 0)
    return Order(order.life, Origin.EXTERNAL, 0, 0, report.price, (leg,), None, ())


def adopt_filled(order: Order, report: Report) -> Order:
    """The first thing seen of an unknown order is a fill."""
    known = max(report.total, report.quantity)
    leg = Leg(report.venue_order_id, known, report.quantity, 0, 0)
    return Order(order.life, Origin.EXTERNAL, 0, 0, report.price, (leg,), None, ())


def revive(order: Order, report: Report) -> Order:
    """Venue evidence revokes an inferred death, and settles no Request [OL2, OL7]."""
    return evolve(order, inferred=0)


def revive_bound(order: Order, report: Report) -> Order:
    """Revive by an acceptance."""
    return accept(revive(order, report), report)


def revive_filled(order: Order, report: Report) -> Order:
    """Revive by a fill."""
    return fill(revive(order, report), report)


def revive_prevented(order: Order, report: Report) -> Order:
    """Revive by a self-trade prevention."""
    return prevent(revive(order, report), report)


def revive_replaced(order: Order, report: Report) -> Order:
    """Revive by an accepted change of terms."""
    return replace_terms(revive(order, report), report)


def revive_new_leg(order: Order, report: Report) -> Order:
    """Revive by an accepted change of terms on a new venue order."""
    return replace_leg(revive(order, report), report)


def revive_restated(order: Order, report: Report) -> Order:
    """Revive by a restatement."""
    return restate(revive(order, report), report)


def revive_day_done(order: Order, report: Report) -> Order:
    """Revive by the end of the day."""
    return end_day(revive(order, report), report)


def confirm_death(order: Order, report: Report) -> Order:
    """The venue confirms a death that was inferred."""
    return settle(evolve(order, inferred=0), report)


def infer_death(order: Order, report: Report) -> Order:
    """A death is concluded without venue evidence; doubts end with it."""
    return evolve(order, inferred=1, doubts=())


def never_left(order: Order, report: Report) -> Order:
    """Proof that the NEW never left: the Order dies, inferred [OL11]."""
    return evolve(settle(order, report), inferred=1)


def declare_dead(order: Order, report: Report) -> Order:
    """The operator declares the order dead: inferred, nothing stays open."""
    return evolve(order, inferred=1, pending=None, doubts=())


def revive_cleared(order: Order, report: Report) -> Order:
    """The operator revives an inferred death; nothing stays open."""
    return evolve(order, inferred=0, pending=None, doubts=())


# --- effects: quantities -------------------------------------------------------------------------


def _with_leg(order: Order, index: int, leg: Leg) -> Order:
    return evolve(order, legs=(*order.legs[:index], leg, *order.legs[index + 1 :]))


def leg_index(order: Order, report: Report) -> int:
    """The leg a report is about; the last when it names none that exists."""
    if 0 <= report.leg < len(order.legs):
        return report.leg
    return len(order.legs) - 1


def fill(order: Order, report: Report) -> Order:
    """A distinct fill is applied, whatever the life says: a fill is money [OL3].

    What was withheld (at the end of a day, say) and turns out to be filled was not withheld.
    """
    index = leg_index(order, report)
    leg = order.legs[index]
    beyond = max(report.quantity - max(room(leg), 0), 0)
    changed = evolve(
        leg,
        executed=leg.executed + report.quantity,
        unrestored=leg.unrestored - min(leg.unrestored, beyond),
    )
    return _with_leg(order, index, changed)


def void(order: Order, report: Report) -> Order:
    """X falls by exactly what the void names; leaves come back only if it restores [OL5]."""
    return _take_back(order, report, report.effective)


def correct(order: Order, report: Report) -> Order:
    """The named fill now has the corrected quantity; the difference is filled or voided."""
    change = report.quantity - report.effective
    if change >= 0:
        return fill(order, evolve(report, quantity=change))
    return _take_back(order, report, -change)


def _take_back(order: Order, report: Report, quantity: int) -> Order:
    index = leg_index(order, report)
    leg = order.legs[index]
    beyond = max(-room(leg), 0)
    # A leg that was replaced is closed: nothing comes back to it, whatever the report says.
    restores = report.restores != 0 and index == len(order.legs) - 1
    # What was filled beyond the total was never leaves, so it cannot be withheld from them.
    withheld = 0 if restores else quantity - min(quantity, beyond)
    changed = evolve(leg, executed=leg.executed - quantity, unrestored=leg.unrestored + withheld)
    return _with_leg(order, index, changed)


def prevent(order: Order, report: Report) -> Order:
    """Self-trade prevention took quantity away."""
    index = leg_index(order, report)
    leg = order.legs[index]
    return _with_leg(order, index, evolve(leg, prevented=leg.prevented + report.quantity))


def replace_terms(order: Order, report: Report) -> Order:
    """New terms on the same venue order: T = max(requested, X) [OL6]."""
    older = _closed(order.legs[:-1])
    wanted = _requested_total(order, report) - sum(leg.executed for leg in older)
    return evolve(
        settle(order, report),
        legs=(*older, _with_total(order.legs[-1], wanted)),
        price=_requested_price(order, report),
    )


def replace_leg(order: Order, report: Report) -> Order:
    """The venue cancelled and re-created: the old leg closes, a late fill on it counts [OL10]."""
    wanted = _requested_total(order, report) - executed(order)
    created = Leg(report.venue_order_id, max(wanted, 0), 0, 0, 0)
    return evolve(
        settle(order, report),
        legs=(*_closed(order.legs), created),
        price=_requested_price(order, report),
    )


def _closed(legs: tuple[Leg, ...]) -> tuple[Leg, ...]:
    """Legs that may not fill further: what they executed is all they were."""
    return tuple(_with_total(leg, 0) for leg in legs)


def _with_total(leg: Leg, wanted: int) -> Leg:
    """Give a leg a new total, at least what it executed; P and U keep what that leaves for them."""
    size = max(wanted, leg.executed)
    taken = min(leg.prevented, size - leg.executed)
    withheld = min(leg.unrestored, size - leg.executed - taken)
    return Leg(leg.venue_order_id, size, leg.executed, taken, withheld)


def _requested_total(order: Order, report: Report) -> int:
    """The total the report carries, else the one the Request asked for, else today's."""
    if report.total != NOT_CARRIED:
        return report.total
    named = outstanding(order, report.request_id)
    if named is not None and named.kind == CommandKind.REPLACE:
        return named.total
    return total(order)


def _requested_price(order: Order, report: Report) -> int:
    """The price the report carries, else the one asked for, else today's."""
    if report.price != 0:
        return report.price
    named = outstanding(order, report.request_id)
    if named is not None and named.kind == CommandKind.REPLACE:
        return named.price
    return order.price


def restate(order: Order, report: Report) -> Order:
    """The venue restates terms unasked [OL6]; it may guarantee a price (STOPPED)."""
    changed = replace_terms(order, evolve(report, request_id=0))
    return evolve(changed, stopped=max(order.stopped, report.stopped))


def end_day(order: Order, report: Report) -> Order:
    """Done for the day: a day order's open lots do not come back, a dated order keeps them."""
    if report.leaves != 0:
        return order
    legs = tuple(evolve(leg, unrestored=leg.unrestored + max(room(leg), 0)) for leg in order.legs)
    return evolve(order, legs=legs)


# --- the table -----------------------------------------------------------------------------------

_R = OrderRefusal
_E = OrderEvent


def _dispatches(table: TableBuilder) -> None:
    """What the kernel sends: REQUEST_NEW, REQUEST_REPLACE, REQUEST_CANCEL."""
    begun = (*ALIVE, *DEAD)
    ids = ("L3", "OL7", "EC5")
    table.on(
        _E.REQUEST_NEW,
        (Life.ABSENT,),
        go(always, submit, Life.SUBMITTED),
        requirements=ids,
        decision=DECISION,
    )
    table.on(
        _E.REQUEST_NEW,
        begun,
        refuse(always, _R.DUPLICATE_ORDER),
        requirements=ids,
        decision=DECISION,
    )
    for event, free, shut, effect in (
        (_E.REQUEST_REPLACE, gate_open, gate_shut, ask_replace),
        (_E.REQUEST_CANCEL, nothing_pending, something_pending, ask_cancel),
    ):
        table.on(
            event,
            (Life.ABSENT,),
            refuse(always, _R.UNKNOWN_ORDER),
            requirements=("ID1",),
            decision=DECISION,
        )
        table.on(
            event,
            ALIVE,
            go(free, effect),
            refuse(shut, _R.REQUEST_IN_FLIGHT),
            requirements=("EC5", "OL8"),
            decision=DECISION,
        )
        table.on(
            event,
            DEAD,
            refuse(always, _R.ORDER_DEAD),
            requirements=("OL2",),
            decision=DECISION,
        )


def _acceptances(table: TableBuilder) -> None:
    """ACCEPTED and HELD answer a NEW; later they only bind the venue's id."""
    ids = ("OL7", "L4")
    closed = refuse(answers_closed, _R.ALREADY_ANSWERED)
    wrong = refuse(answers_wrongly, _R.WRONG_ANSWER)
    for event, life in ((_E.ACCEPTED, Life.WORKING), (_E.HELD, Life.HELD)):
        table.on(
            event,
            (Life.ABSENT,),
            go(always, adopt, life),
            requirements=("OL3",),
            decision=DECISION,
        )
        table.on(
            event,
            (Life.SUBMITTED,),
            go(answers_open, accept, life),
            go(unsolicited, bind, life),
            closed,
            wrong,
            requirements=ids,
            decision=DECISION,
        )
        table.on(
            event,
            ACCEPTED_LIVES,
            go(answers_open, accept),
            go(unsolicited, bind),
            closed,
            wrong,
            requirements=ids,
            decision=DECISION,
        )
        table.on(
            event,
            DEAD,
            go(inferred_and_sound, revive_bound, life),
            go(final_open, accept),
            refuse(final_closed, _R.ALREADY_ANSWERED),
            refuse(final_unsolicited, _R.CONTRADICTS_DEATH),
            wrong,
            requirements=("OL2", "OL7"),
            decision=DECISION,
        )


def _fills(table: TableBuilder) -> None:
    """FILLED, FILL_VOIDED, FILL_CORRECTED: money moves, whatever the life."""
    repeated = refuse(fill_repeated, _R.DUPLICATE_FILL)
    table.on(
        _E.FILLED,
        (Life.ABSENT,),
        go(fill_fresh, adopt_filled, Life.WORKING),
        go(fill_tombstoned, unchanged),
        repeated,
        requirements=("OL3", "OL4"),
        decision=DECISION,
    )
    active_lives = (Life.SUBMITTED, Life.HELD, Life.WORKING, Life.DONE_FOR_DAY)
    table.on(
        _E.FILLED,
        active_lives,
        go(fill_fresh, fill, Life.WORKING),
        go(fill_tombstoned, unchanged, Life.WORKING),
        repeated,
        requirements=("OL3", "OL4"),
        decision=DECISION,
    )
    table.on(
        _E.FILLED,
        (Life.SUSPENDED,),
        go(fill_fresh, fill),
        go(fill_tombstoned, unchanged),
        repeated,
        requirements=("OL3", "OL4"),
        decision=DECISION,
    )
    table.on(
        _E.FILLED,
        DEAD,
        go(fresh_and_final, fill),
        go(fresh_and_inferred, revive_filled, Life.WORKING),
        go(fill_tombstoned, unchanged),
        repeated,
        requirements=("OL2", "OL3", "OL4"),
        decision=DECISION,
    )
    _voids(table)


def _voids(table: TableBuilder) -> None:
    known = refuse(fill_gone, _R.DUPLICATE_FILL)
    table.on(
        _E.FILL_VOIDED,
        (Life.ABSENT,),
        go(fill_fresh, unchanged),
        refuse(fill_effective, _R.UNKNOWN_ORDER),
        known,
        requirements=("OL4",),
        decision=DECISION,
    )
    table.on(
        _E.FILL_VOIDED,
        (*ALIVE, *DEAD),
        go(fill_effective, void),
        go(fill_fresh, unchanged),
        known,
        requirements=("OL4", "OL5"),
        decision=DECISION,
    )
    table.on(
        _E.FILL_CORRECTED,
        (Life.ABSENT,),
        go(fill_fresh, adopt_filled, Life.WORKING),
        refuse(fill_effective, _R.UNKNOWN_ORDER),
        known,
        requirements=("OL3", "OL4"),
        decision=DECISION,
    )
    for life in ALIVE:
        target = Life.SUSPENDED if life == Life.SUSPENDED else Life.WORKING
        table.on(
            _E.FILL_CORRECTED,
            (life,),
            go(fill_effective, correct, Life.WORKING if life == Life.SUBMITTED else KEEP),
            go(fill_fresh, fill, target),
            known,
            requirements=("OL4", "OL5"),
            decision=DECISION,
        )
    table.on(
        _E.FILL_CORRECTED,
        DEAD,
        go(fill_effective, correct),
        go(fresh_and_final, fill),
        go(fresh_and_inferred, revive_filled, Life.WORKING),
        known,
        requirements=("OL2", "OL4", "OL5"),
        decision=DECISION,
    )


def _deaths(table: TableBuilder) -> None:
    """CANCELED, EXPIRED, REJECTED: final when the venue says so [OL2, OL11]."""
    wrong = refuse(answers_wrongly, _R.WRONG_ANSWER)
    for event, life in (
        (_E.CANCELED, Life.CANCELED),
        (_E.EXPIRED, Life.EXPIRED),
        (_E.REJECTED, Life.REJECTED),
    ):
        table.on(
            event,
            (Life.ABSENT,),
            refuse(always, _R.UNKNOWN_ORDER),
            requirements=("OL2",),
            decision=DECISION,
        )
        may_be_wrong = (wrong,) if event == _E.REJECTED else ()
        table.on(
            event,
            ALIVE,
            go(answers_open, settle, life),
            go(unsolicited, unchanged, life),
            refuse(answers_closed, _R.ALREADY_ANSWERED),
            *may_be_wrong,
            requirements=("OL2", "OL7", "OL11"),
            decision=DECISION,
        )
        table.on(
            event,
            DEAD,
            go(inferred_and_sound, confirm_death, life),
            go(final_open, settle),
            refuse(final_closed, _R.ALREADY_ANSWERED),
            refuse(final_unsolicited, _R.ORDER_DEAD),
            *may_be_wrong,
            requirements=("OL2", "OL7"),
            decision=DECISION,
        )


def _replacements(table: TableBuilder) -> None:
    """REPLACED and RESTATED are the only events that change T [OL6, OL10]."""
    closed = refuse(answers_closed, _R.ALREADY_ANSWERED)
    wrong = refuse(answers_wrongly, _R.WRONG_ANSWER)
    for event in (_E.REPLACED, _E.RESTATED):
        table.on(
            event,
            (Life.ABSENT,),
            refuse(always, _R.UNKNOWN_ORDER),
            requirements=("OL6",),
            decision=DECISION,
        )
    for life in ALIVE:
        target = Life.WORKING if life == Life.SUBMITTED else life
        table.on(
            _E.REPLACED,
            (life,),
            go(open_same_leg, replace_terms, target),
            go(open_new_leg, replace_leg, target),
            go(unsolicited_same_leg, replace_terms, target),
            go(unsolicited_new_leg, replace_leg, target),
            closed,
            wrong,
            requirements=("OL6", "OL7", "OL10"),
            decision=DECISION,
        )
        renewed = life in (Life.SUBMITTED, Life.DONE_FOR_DAY)
        table.on(
            _E.RESTATED,
            (life,),
            go(always, restate, Life.WORKING if renewed else life),
            requirements=("OL6",),
            decision=DECISION,
        )
    table.on(
        _E.REPLACED,
        DEAD,
        go(inferred_same_leg, revive_replaced, Life.WORKING),
        go(inferred_new_leg, revive_new_leg, Life.WORKING),
        go(final_open, settle),
        refuse(final_closed, _R.ALREADY_ANSWERED),
        refuse(final_unsolicited, _R.CONTRADICTS_DEATH),
        wrong,
        requirements=("OL2", "OL6", "OL7"),
        decision=DECISION,
    )
    table.on(
        _E.RESTATED,
        DEAD,
        refuse(final_death, _R.CONTRADICTS_DEATH),
        go(inferred_death, revive_restated, Life.WORKING),
        requirements=("OL2", "OL6"),
        decision=DECISION,
    )


def _refused_requests(table: TableBuilder) -> None:
    """CANCEL_REJECTED and REPLACE_REJECTED: the Order lives on, unless it is missing."""
    ids = ("OL7",)
    others = (
        refuse(answers_closed, _R.ALREADY_ANSWERED),
        refuse(unsolicited, _R.UNSOLICITED_ANSWER),
        refuse(answers_wrongly, _R.WRONG_ANSWER),
    )
    for event in (_E.CANCEL_REJECTED, _E.REPLACE_REJECTED):
        table.on(
            event,
            (Life.ABSENT,),
            refuse(always, _R.UNKNOWN_ORDER),
            requirements=ids,
            decision=DECISION,
        )
        table.on(
            event, DEAD, go(answers_open, settle), *others, requirements=ids, decision=DECISION
        )
    table.on(
        _E.CANCEL_REJECTED,
        ALIVE,
        go(refused_and_missing, doubt_named),
        go(refused_and_alive, settle),
        *others,
        requirements=ids,
        decision=DECISION,
    )
    table.on(
        _E.REPLACE_REJECTED,
        ALIVE,
        go(answers_open, settle),
        *others,
        requirements=ids,
        decision=DECISION,
    )


def _activity(table: TableBuilder) -> None:
    """TRIGGERED, SUSPENDED, REINSTATED, DONE_FOR_DAY, PREVENTED."""
    ids = ("L4", "OL2")
    moves: tuple[tuple[OrderEvent, dict[Life, Life], dict[Life, OrderRefusal]], ...] = (
        (
            _E.TRIGGERED,
            {Life.SUBMITTED: Life.WORKING, Life.HELD: Life.WORKING},
            {
                Life.WORKING: _R.ALREADY_ACTIVE,
                Life.SUSPENDED: _R.NOT_HELD,
                Life.DONE_FOR_DAY: _R.NOT_HELD,
            },
        ),
        (
            _E.SUSPENDED,
            dict.fromkeys(
                (Life.SUBMITTED, Life.HELD, Life.WORKING, Life.DONE_FOR_DAY), Life.SUSPENDED
            ),
            {Life.SUSPENDED: _R.ALREADY_SUSPENDED},
        ),
        (
            _E.DONE_FOR_DAY,
            dict.fromkeys(
                (Life.SUBMITTED, Life.HELD, Life.WORKING, Life.SUSPENDED), Life.DONE_FOR_DAY
            ),
            {Life.DONE_FOR_DAY: _R.ALREADY_DONE},
        ),
        (
            _E.PREVENTED,
            {life: Life.WORKING if life == Life.SUBMITTED else life for life in ALIVE},
            {},
        ),
    )
    effects = {_E.DONE_FOR_DAY: end_day, _E.PREVENTED: prevent}
    for event, targets, refusals in moves:
        effect = effects.get(event, unchanged)
        for life, target in targets.items():
            moved = go(always, effect, target)
            table.on(event, (life,), moved, requirements=ids, decision=DECISION)
        for life, code in refusals.items():
            table.on(event, (life,), refuse(always, code), requirements=ids, decision=DECISION)
        _activity_elsewhere(table, event)
    _reinstatements(table)


def _activity_elsewhere(table: TableBuilder, event: OrderEvent) -> None:
    """Evidence of life: unknown orders refuse it, final deaths too, inferred deaths revive."""
    ids = ("OL2",)
    revivals = {
        _E.TRIGGERED: (go(inferred_death, revive, Life.WORKING),),
        _E.SUSPENDED: (go(inferred_death, revive, Life.SUSPENDED),),
        _E.DONE_FOR_DAY: (go(inferred_death, revive_day_done, Life.DONE_FOR_DAY),),
        _E.PREVENTED: (go(inferred_death, revive_prevented, Life.WORKING),),
        _E.REINSTATED: (
            go(inferred_active, revive, Life.WORKING),
            go(inferred_inactive, revive, Life.HELD),
        ),
    }
    unknown = refuse(always, _R.UNKNOWN_ORDER)
    table.on(event, (Life.ABSENT,), unknown, requirements=ids, decision=DECISION)
    table.on(
        event,
        DEAD,
        refuse(final_death, _R.CONTRADICTS_DEATH),
        *revivals[event],
        requirements=ids,
        decision=DECISION,
    )


def _reinstatements(table: TableBuilder) -> None:
    ids = ("L4", "OL2")
    table.on(
        _E.REINSTATED,
        (Life.SUSPENDED,),
        go(active, unchanged, Life.WORKING),
        go(inactive, unchanged, Life.HELD),
        requirements=ids,
        decision=DECISION,
    )
    table.on(
        _E.REINSTATED,
        (Life.SUBMITTED, Life.HELD, Life.WORKING, Life.DONE_FOR_DAY),
        refuse(always, _R.NOT_SUSPENDED),
        requirements=ids,
        decision=DECISION,
    )
    _activity_elsewhere(table, _E.REINSTATED)


def _conclusions(table: TableBuilder) -> None:
    """What the runtime or the operator concludes: DISPATCH_FAILED to OPERATOR_DISPOSITION."""
    unknown = refuse(always, _R.UNKNOWN_ORDER)
    for event in (
        _E.DISPATCH_FAILED,
        _E.OUTCOME_UNKNOWN,
        _E.NOT_FOUND,
        _E.RESTARTED,
        _E.OPERATOR_DISPOSITION,
    ):
        table.on(event, (Life.ABSENT,), unknown, requirements=("OL11",), decision=DECISION)
    closed = refuse(answers_closed, _R.ALREADY_ANSWERED)
    nameless = refuse(unsolicited, _R.UNSOLICITED_ANSWER)
    table.on(
        _E.DISPATCH_FAILED,
        (Life.SUBMITTED,),
        go(opens_new, never_left, Life.REJECTED),
        go(opens_other, settle),
        closed,
        nameless,
        requirements=("OL11",),
        decision=DECISION,
    )
    table.on(
        _E.DISPATCH_FAILED,
        (*ACCEPTED_LIVES, *DEAD),
        go(answers_open, settle),
        closed,
        nameless,
        requirements=("OL11",),
        decision=DECISION,
    )
    table.on(
        _E.OUTCOME_UNKNOWN,
        (*ALIVE, *DEAD),
        go(answers_pending, put_in_doubt),
        refuse(answers_doubt, _R.ALREADY_IN_DOUBT),
        closed,
        nameless,
        requirements=("OL8",),
        decision=DECISION,
    )
    table.on(
        _E.RESTARTED,
        (*ALIVE, *DEAD),
        go(something_pending, put_in_doubt),
        refuse(nothing_pending, _R.NOTHING_PENDING),
        requirements=("OL12",),
        decision=DECISION,
    )
    _missing_and_disposed(table)


def _missing_and_disposed(table: TableBuilder) -> None:
    for life in ALIVE:
        target = Life.REJECTED if life == Life.SUBMITTED else Life.CANCELED
        table.on(
            _E.NOT_FOUND,
            (life,),
            go(doubt_settled, infer_death, target),
            refuse(doubt_unsettled, _R.STALE),
            refuse(nothing_in_doubt, _R.NO_DOUBT),
            requirements=("OL9", "OL2"),
            decision=DECISION,
        )
    table.on(
        _E.NOT_FOUND,
        DEAD,
        go(doubt_settled, clear_doubts),
        refuse(doubt_unsettled, _R.STALE),
        refuse(nothing_in_doubt, _R.NO_DOUBT),
        requirements=("OL9",),
        decision=DECISION,
    )
    table.on(
        _E.OPERATOR_DISPOSITION,
        ALIVE,
        go(declared_dead, declare_dead, Life.CANCELED),
        go(declared_alive, clear_requests),
        requirements=("OL2",),
        decision=DECISION,
    )
    table.on(
        _E.OPERATOR_DISPOSITION,
        DEAD,
        go(declared_dead, clear_requests),
        go(inferred_active, revive_cleared, Life.WORKING),
        refuse(alive_and_final, _R.CONTRADICTS_DEATH),
        requirements=("OL2",),
        decision=DECISION,
    )


def build() -> Table[Order, Report]:
    """The order-life table: 9 lives x 25 events, total."""
    table = TableBuilder("OL", "Order life", Life, OrderEvent, OrderRefusal)
    _dispatches(table)
    _acceptances(table)
    _fills(table)
    _deaths(table)
    _replacements(table)
    _refused_requests(table)
    _activity(table)
    _conclusions(table)
    return table.build()


TABLE = build()

# --- step ----------------------------------------------------------------------------------------


def step(order: Order, report: Report) -> tuple[Order, int]:
    """Apply one report. Returns the Order after it and 0, or the same Order and a refusal code."""
    rule = TABLE.select(order.life, report.event, order, report)
    if not isinstance(rule, Row):
        return order, rule.code
    changed: Order = rule.effect(order, report)
    return evolve(changed, life=rule.target), 0


# --- status --------------------------------------------------------------------------------------

PRECEDENCE = (
    Status.PENDING_CANCEL,
    Status.PENDING_REPLACE,
    Status.DONE_FOR_DAY,
    Status.FILLED,
    Status.STOPPED,
    Status.SUSPENDED,
    Status.CANCELED,
    Status.EXPIRED,
    Status.PARTIALLY_FILLED,
    Status.NEW,
    Status.REJECTED,
    Status.PENDING_NEW,
)
"""Several statuses hold at once; the first that holds is shown. Source: FIX 4.4 Appendix D."""


def holds(order: Order, word: int) -> bool:
    """Whether a status word is true of the Order, precedence aside."""
    life = order.life
    done = executed(order)
    pending = order.pending
    if word == Status.PENDING_CANCEL:
        return pending is not None and pending.kind == CommandKind.CANCEL
    if word == Status.PENDING_REPLACE:
        return pending is not None and pending.kind == CommandKind.REPLACE
    if word == Status.DONE_FOR_DAY:
        return life == Life.DONE_FOR_DAY
    if word == Status.FILLED:
        return done > 0 and done >= total(order)
    if word == Status.STOPPED:
        return order.stopped != 0
    if word == Status.SUSPENDED:
        return life == Life.SUSPENDED
    if word == Status.CANCELED:
        return life == Life.CANCELED
    if word == Status.EXPIRED:
        return life == Life.EXPIRED
    if word == Status.PARTIALLY_FILLED:
        return done > 0
    if word == Status.NEW:
        return life in ACCEPTED_LIVES
    if word == Status.REJECTED:
        return life == Life.REJECTED
    return life == Life.SUBMITTED


def status(order: Order) -> int:
    """The FIX OrdStatus to show; NONE for an order that does not exist."""
    for word in PRECEDENCE:
        if holds(order, word):
            return word
    return Status.NONE


__all__ = [
    "ABSENT_ORDER",
    "ALIVE",
    "DEAD",
    "KEEP",
    "PRECEDENCE",
    "TABLE",
    "Answer",
    "Leg",
    "Life",
    "Order",
    "OrderEvent",
    "OrderRefusal",
    "Origin",
    "Outstanding",
    "Report",
    "Status",
    "conserved",
    "executed",
    "inv",
    "is_alive",
    "is_dead",
    "leaves",
    "outstanding",
    "over",
    "prevented",
    "remainder",
    "room",
    "sound",
    "status",
    "step",
    "total",
    "unrestored",
]
