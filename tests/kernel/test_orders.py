"""The order step in place equals the specification's: for every rule, and for any order."""

import random
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.spec.order_strategies import orders, reports
from tickproof.invariants.witnesses import UNREACHABLE, traces
from tickproof.kernel import orders as kernel
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
from tickproof.spec.events import NOT_CARRIED, Reason
from tickproof.spec.fill_life import FillLife
from tickproof.spec.order_life import TABLE, Leg, Life, Order, OrderEvent, Outstanding, Report
from tickproof.spec.state import Ticket
from tickproof.spec.table import Row


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


# --- function by function, for what a rule's other guards would hide ------------------------------


def pool(count: int) -> Iterator[tuple[Order, Report]]:
    """Orders and reports of small numbers, sound or not: a guard is asked in any case."""
    dice = random.Random(17)
    reasons = (Reason.NONE, Reason.TOO_LATE, Reason.UNKNOWN_ORDER)
    for _ in range(count):
        legs = [Leg(*(dice.randrange(4) for _ in range(5))) for _ in range(dice.randrange(1, 4))]
        asked = [
            Outstanding(dice.randrange(1, 4), number, *(dice.randrange(3) for _ in range(3)))
            for number in dice.sample(range(1, 4), 3)
        ]
        order = Order(
            dice.choice(tuple(Life)[1:]),
            dice.randrange(2),
            dice.randrange(2),
            dice.randrange(2),
            dice.randrange(4),
            tuple(legs),
            dice.choice((None, asked[0])),
            tuple(asked[1 : dice.randrange(1, 4)]),
        )
        report = Report(
            dice.choice(tuple(OrderEvent)),
            request_id=dice.randrange(5),
            venue_order_id=dice.randrange(3),
            leg=dice.randrange(-1, 4),
            price=dice.randrange(3),
            quantity=dice.randrange(4),
            effective=dice.randrange(4),
            fill_life=dice.choice(tuple(FillLife)),
            total=dice.randrange(NOT_CARRIED, 4),
            leaves=dice.randrange(NOT_CARRIED, 4),
            reason=dice.choice(reasons),
            restores=dice.randrange(2),
            active=dice.randrange(2),
            new_leg=dice.randrange(2),
            stopped=dice.randrange(2),
            settled=dice.randrange(2),
            now_ns=dice.randrange(1, 3),
        )
        yield order, report


def test_every_guard_in_place_is_the_specification_s() -> None:
    guards = {rule.guard for rule in TABLE.rules if rule.guard.__name__ != "always"}
    pairs = [(guard, getattr(kernel, guard.__name__)) for guard in guards]
    assert len(pairs) > 40
    for order, report in pool(1_000):
        mutable, same_report = from_ticket(1, ticket(order)), told(report)
        for expected, found in pairs:
            assert found(mutable, same_report) == expected(order, report), expected.__name__
        assert kernel.answer(mutable, same_report) == spec.answer(order, report)
        named = spec.outstanding(order, report.request_id)
        assert kernel.requested(mutable, report.request_id) == (
            (0, 0, 0) if named is None else (named.kind, named.total, named.price)
        )
        assert kernel.open_kind(mutable, report.request_id) == (named.kind if named else 0)


def test_every_effect_in_place_is_the_specification_s() -> None:
    # What makes an order of nothing is compared by the rules above.
    rows = [rule for rule in TABLE.rules if isinstance(rule, Row) and rule.source != Life.ABSENT]
    effects = sorted({rule.effect for rule in rows}, key=lambda effect: effect.__name__)
    for order, report in pool(300):
        for effect in effects:
            mutable = from_ticket(1, ticket(order))
            getattr(kernel, effect.__name__)(mutable, told(report))
            expected = effect(order, report)
            assert to_ticket(mutable).order == expected, effect.__name__
            assert mutable.executed == spec.executed(expected), effect.__name__
