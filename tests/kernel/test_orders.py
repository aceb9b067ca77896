"""The order step in place equals the specification's: for every rule, and for any order."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.spec.order_strategies import orders, reports
from tickproof.invariants.witnesses import UNREACHABLE, traces
from tickproof.kernel.orders import (
    KernelReport,
    from_ticket,
    leaves,
    over,
    step,
    to_ticket,
    total,
)
from tickproof.spec import order_life as spec
from tickproof.spec.order_life import TABLE, Order, Report
from tickproof.spec.state import Ticket


def ticket(order: Order) -> Ticket:
    return Ticket(order, 0, 0, 0, 1, 1, 1, 0, 0)


def told(report: Report) -> KernelReport:
    made = KernelReport()
    for name in KernelReport.__slots__:
        setattr(made, name, getattr(report, name))
    return made


def stepped(order: Order, report: Report) -> tuple[Order, int]:
    mutable = from_ticket(1, ticket(order))
    code = step(mutable, told(report))
    after = to_ticket(mutable).order
    assert mutable.executed == spec.executed(after)
    return after, code


@pytest.mark.parametrize("rule_id", [r.id for r in TABLE.rules if r.id not in UNREACHABLE])
def test_every_rule_does_the_same(rule_id: str) -> None:
    order = spec.ABSENT_ORDER
    for report in traces()[rule_id]:
        expected = spec.step(order, report)
        assert stepped(order, report) == expected
        order = expected[0]


@given(st.data())
def test_any_order_and_report(data: st.DataObject) -> None:
    order = data.draw(orders())
    report = data.draw(reports(order))
    assert stepped(order, report) == spec.step(order, report)


@given(orders())
def test_quantities(order: Order) -> None:
    mutable = from_ticket(1, ticket(order))
    assert to_ticket(mutable) == ticket(order)
    assert (leaves(mutable), over(mutable), total(mutable)) == (
        spec.leaves(order),
        spec.over(order),
        spec.total(order),
    )
