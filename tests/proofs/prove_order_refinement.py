"""The order step in place refines the specification's: one proof a case, over unbounded integers.

A case is an event and what the Order has open: nothing, a NEW, a REPLACE or a CANCEL in flight, or
a doubt. Life, inference, the named Request and every quantity are symbolic. Bounds: one venue leg,
one open Request; more of either is left to the property tests of `tests/kernel/test_orders.py`.
"""

from collections.abc import Callable

from tests.proofs.gate import Proof, named
from tickproof.kernel.orders import (
    KernelOrder,
    KernelReport,
    from_ticket,
    to_ticket,
)
from tickproof.kernel.orders import step as kernel_step
from tickproof.spec.order_life import (
    ABSENT_ORDER,
    Leg,
    Life,
    Order,
    OrderEvent,
    Outstanding,
    Report,
    step,
)
from tickproof.spec.state import Ticket

NEW, REPLACE, CANCEL = 1, 2, 3
OPEN_ID = 2
CASES = {
    "nothing_open": (0, False),
    "new_in_flight": (NEW, False),
    "replace_in_flight": (REPLACE, False),
    "cancel_in_flight": (CANCEL, False),
    "replace_in_doubt": (REPLACE, True),
}
KernelStep = Callable[[KernelOrder, KernelReport], int]

PROOFS = (
    "p_refines_ACCEPTED_cancel_in_flight",
    "p_refines_ACCEPTED_new_in_flight",
    "p_refines_ACCEPTED_nothing_open",
    "p_refines_ACCEPTED_replace_in_doubt",
    "p_refines_ACCEPTED_replace_in_flight",
    "p_refines_CANCELED_cancel_in_flight",
    "p_refines_CANCELED_new_in_flight",
    "p_refines_CANCELED_nothing_open",
    "p_refines_CANCELED_replace_in_doubt",
    "p_refines_CANCELED_replace_in_flight",
    "p_refines_CANCEL_REJECTED_cancel_in_flight",
    "p_refines_CANCEL_REJECTED_new_in_flight",
    "p_refines_CANCEL_REJECTED_nothing_open",
    "p_refines_CANCEL_REJECTED_replace_in_doubt",
    "p_refines_CANCEL_REJECTED_replace_in_flight",
    "p_refines_DISPATCH_FAILED_cancel_in_flight",
    "p_refines_DISPATCH_FAILED_new_in_flight",
    "p_refines_DISPATCH_FAILED_nothing_open",
    "p_refines_DISPATCH_FAILED_replace_in_doubt",
    "p_refines_DISPATCH_FAILED_replace_in_flight",
    "p_refines_DONE_FOR_DAY_cancel_in_flight",
    "p_refines_DONE_FOR_DAY_new_in_flight",
    "p_refines_DONE_FOR_DAY_nothing_open",
    "p_refines_DONE_FOR_DAY_replace_in_doubt",
    "p_refines_DONE_FOR_DAY_replace_in_flight",
    "p_refines_EXPIRED_cancel_in_flight",
    "p_refines_EXPIRED_new_in_flight",
    "p_refines_EXPIRED_nothing_open",
    "p_refines_EXPIRED_replace_in_doubt",
    "p_refines_EXPIRED_replace_in_flight",
    "p_refines_FILLED_cancel_in_flight",
    "p_refines_FILLED_new_in_flight",
    "p_refines_FILLED_nothing_open",
    "p_refines_FILLED_replace_in_doubt",
    "p_refines_FILLED_replace_in_flight",
    "p_refines_FILL_CORRECTED_cancel_in_flight",
    "p_refines_FILL_CORRECTED_new_in_flight",
    "p_refines_FILL_CORRECTED_nothing_open",
    "p_refines_FILL_CORRECTED_replace_in_doubt",
    "p_refines_FILL_CORRECTED_replace_in_flight",
    "p_refines_FILL_VOIDED_cancel_in_flight",
    "p_refines_FILL_VOIDED_new_in_flight",
    "p_refines_FILL_VOIDED_nothing_open",
    "p_refines_FILL_VOIDED_replace_in_doubt",
    "p_refines_FILL_VOIDED_replace_in_flight",
    "p_refines_HELD_cancel_in_flight",
    "p_refines_HELD_new_in_flight",
    "p_refines_HELD_nothing_open",
    "p_refines_HELD_replace_in_doubt",
    "p_refines_HELD_replace_in_flight",
    "p_refines_NOT_FOUND_cancel_in_flight",
    "p_refines_NOT_FOUND_new_in_flight",
    "p_refines_NOT_FOUND_nothing_open",
    "p_refines_NOT_FOUND_replace_in_doubt",
    "p_refines_NOT_FOUND_replace_in_flight",
    "p_refines_OPERATOR_DISPOSITION_cancel_in_flight",
    "p_refines_OPERATOR_DISPOSITION_new_in_flight",
    "p_refines_OPERATOR_DISPOSITION_nothing_open",
    "p_refines_OPERATOR_DISPOSITION_replace_in_doubt",
    "p_refines_OPERATOR_DISPOSITION_replace_in_flight",
    "p_refines_OUTCOME_UNKNOWN_cancel_in_flight",
    "p_refines_OUTCOME_UNKNOWN_new_in_flight",
    "p_refines_OUTCOME_UNKNOWN_nothing_open",
    "p_refines_OUTCOME_UNKNOWN_replace_in_doubt",
    "p_refines_OUTCOME_UNKNOWN_replace_in_flight",
    "p_refines_PREVENTED_cancel_in_flight",
    "p_refines_PREVENTED_new_in_flight",
    "p_refines_PREVENTED_nothing_open",
    "p_refines_PREVENTED_replace_in_doubt",
    "p_refines_PREVENTED_replace_in_flight",
    "p_refines_REINSTATED_cancel_in_flight",
    "p_refines_REINSTATED_new_in_flight",
    "p_refines_REINSTATED_nothing_open",
    "p_refines_REINSTATED_replace_in_doubt",
    "p_refines_REINSTATED_replace_in_flight",
    "p_refines_REJECTED_cancel_in_flight",
    "p_refines_REJECTED_new_in_flight",
    "p_refines_REJECTED_nothing_open",
    "p_refines_REJECTED_replace_in_doubt",
    "p_refines_REJECTED_replace_in_flight",
    "p_refines_REPLACED_cancel_in_flight",
    "p_refines_REPLACED_new_in_flight",
    "p_refines_REPLACED_nothing_open",
    "p_refines_REPLACED_replace_in_doubt",
    "p_refines_REPLACED_replace_in_flight",
    "p_refines_REPLACE_REJECTED_cancel_in_flight",
    "p_refines_REPLACE_REJECTED_new_in_flight",
    "p_refines_REPLACE_REJECTED_nothing_open",
    "p_refines_REPLACE_REJECTED_replace_in_doubt",
    "p_refines_REPLACE_REJECTED_replace_in_flight",
    "p_refines_REQUEST_CANCEL_cancel_in_flight",
    "p_refines_REQUEST_CANCEL_new_in_flight",
    "p_refines_REQUEST_CANCEL_nothing_open",
    "p_refines_REQUEST_CANCEL_replace_in_doubt",
    "p_refines_REQUEST_CANCEL_replace_in_flight",
    "p_refines_REQUEST_NEW_cancel_in_flight",
    "p_refines_REQUEST_NEW_new_in_flight",
    "p_refines_REQUEST_NEW_nothing_open",
    "p_refines_REQUEST_NEW_replace_in_doubt",
    "p_refines_REQUEST_NEW_replace_in_flight",
    "p_refines_REQUEST_REPLACE_cancel_in_flight",
    "p_refines_REQUEST_REPLACE_new_in_flight",
    "p_refines_REQUEST_REPLACE_nothing_open",
    "p_refines_REQUEST_REPLACE_replace_in_doubt",
    "p_refines_REQUEST_REPLACE_replace_in_flight",
    "p_refines_RESTARTED_cancel_in_flight",
    "p_refines_RESTARTED_new_in_flight",
    "p_refines_RESTARTED_nothing_open",
    "p_refines_RESTARTED_replace_in_doubt",
    "p_refines_RESTARTED_replace_in_flight",
    "p_refines_RESTATED_cancel_in_flight",
    "p_refines_RESTATED_new_in_flight",
    "p_refines_RESTATED_nothing_open",
    "p_refines_RESTATED_replace_in_doubt",
    "p_refines_RESTATED_replace_in_flight",
    "p_refines_SUSPENDED_cancel_in_flight",
    "p_refines_SUSPENDED_new_in_flight",
    "p_refines_SUSPENDED_nothing_open",
    "p_refines_SUSPENDED_replace_in_doubt",
    "p_refines_SUSPENDED_replace_in_flight",
    "p_refines_TRIGGERED_cancel_in_flight",
    "p_refines_TRIGGERED_new_in_flight",
    "p_refines_TRIGGERED_nothing_open",
    "p_refines_TRIGGERED_replace_in_doubt",
    "p_refines_TRIGGERED_replace_in_flight",
)
CANARIES = (
    "canary_fill_counts_once_more",
    "canary_void_forgets_what_is_withheld",
    "canary_settle_clears_any_request",
    "canary_refusal_changes_something",
)


def order_with(life: int, leg: Leg, inferred: int, kind: int, doubted: bool) -> Order:
    """The Order of a case."""
    if life == Life.ABSENT:
        return ABSENT_ORDER
    request = Outstanding(kind, OPEN_ID, 6, 7, 3)
    pending = request if kind and not doubted else None
    doubts = (request,) if doubted else ()
    return Order(life, 0, inferred, 0, 7, (leg,), pending, doubts)


def told(report: Report) -> KernelReport:
    """The same report for the kernel."""
    made = KernelReport()
    made.clear(report.event, report.now_ns)
    made.request_id = report.request_id
    made.venue_order_id = report.venue_order_id
    made.price = report.price
    made.quantity = report.quantity
    made.effective = report.effective
    made.fill_life = report.fill_life
    made.total = report.total
    made.leaves = report.leaves
    made.reason = report.reason
    made.restores = report.restores
    made.active = report.active
    made.new_leg = report.new_leg
    made.settled = report.settled
    return made


def agrees(order: Order, report: Report, in_place: KernelStep) -> bool:
    """Whether both steps give the same Order and code."""
    after, code = step(order, report)
    ticket = Ticket(order, 0, 0, 0, 1, 1, 1, 0, 0)
    mutable = from_ticket(1, ticket)
    if in_place(mutable, told(report)) != code:
        return False
    found = to_ticket(mutable).order
    return found == after and mutable.executed == sum(leg.executed for leg in after.legs)


def one_of(value: int, choices: range) -> int:
    """Fork: a concrete value per path, so that tables can be indexed."""
    for choice in choices:
        if value == choice:
            return choice
    return choices[0]


def refines(name: str, event: OrderEvent, kind: int, doubted: bool, in_place: KernelStep) -> Proof:
    """Spec and kernel agree on one event of one case."""

    def proof(
        life: int,
        inferred: int,
        size: int,
        done: int,
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
        pre: size >= 0 and done >= 0 and withheld >= 0 and (life != 1 or done == 0)
        pre: quantity >= 0 and 0 <= effective <= done and asked >= -1
        pre: 0 <= fill_life <= 3 and 0 <= flag <= 1 and 0 <= request_id <= 3
        post: _
        """
        leg = Leg(0, size, done, 0, withheld)
        order = order_with(one_of(life, range(9)), leg, inferred, kind, doubted)
        report = Report(
            event,
            request_id=request_id,
            venue_order_id=9,
            price=8,
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
        return agrees(order, report, in_place)

    return named(name, proof)


def generated() -> list[Proof]:
    """One proof a case."""
    return [
        refines(f"p_refines_{event.name}_{case}", event, kind, doubted, kernel_step)
        for event in OrderEvent
        for case, (kind, doubted) in CASES.items()
    ]


# --- planted bugs --------------------------------------------------------------------------------


def fill_once_more(order: KernelOrder, report: KernelReport) -> int:
    """A fill counts one lot too many."""
    code = kernel_step(order, report)
    if code == 0 and report.event == OrderEvent.FILLED and report.fill_life == 0:
        order.legs[-1].executed += 1
        order.executed += 1
    return code


def void_restoring(order: KernelOrder, report: KernelReport) -> int:
    """A void gives leaves back whatever it says."""
    report.restores = 1
    return kernel_step(order, report)


def settle_any(order: KernelOrder, report: KernelReport) -> int:
    """An unsolicited report settles what is in flight."""
    code = kernel_step(order, report)
    if code == 0 and report.request_id == 0:
        order.pending_kind = order.pending_id = 0
        order.pending_total = order.pending_price = order.pending_asked_ns = 0
    return code


def late_refusal(order: KernelOrder, report: KernelReport) -> int:
    """A refusal that changes the order all the same."""
    code = kernel_step(order, report)
    if code:
        order.price += 1
    return code


canary_fill_counts_once_more = refines(
    "canary_fill_counts_once_more", OrderEvent.FILLED, 0, False, fill_once_more
)
canary_void_forgets_what_is_withheld = refines(
    "canary_void_forgets_what_is_withheld", OrderEvent.FILL_VOIDED, 0, False, void_restoring
)
canary_settle_clears_any_request = refines(
    "canary_settle_clears_any_request", OrderEvent.CANCELED, CANCEL, False, settle_any
)
canary_refusal_changes_something = refines(
    "canary_refusal_changes_something", OrderEvent.ACCEPTED, NEW, False, late_refusal
)
