"""Order life: the table is total and its guards disjoint, and every step keeps every rule."""

import pytest
from attrs import evolve
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.spec.order_strategies import orders, reports
from tests.spec.table_checks import check_shape
from tickproof.invariants.order_life import broken
from tickproof.invariants.witnesses import (
    FILL_EVENTS,
    Tracked,
    advance,
    effective_quantity,
    informed,
)
from tickproof.spec import fill_life
from tickproof.spec.events import EventKind
from tickproof.spec.order_life import (
    ABSENT_ORDER,
    EVENT_KIND_OFFSET,
    FIRST_EVIDENCE,
    PRECEDENCE,
    TABLE,
    Life,
    Order,
    OrderEvent,
    Status,
    executed,
    holds,
    inv,
    status,
    step,
)
from tickproof.spec.table import Row


def test_the_table_is_total_and_each_code_is_used() -> None:
    check_shape(TABLE)


def test_evidence_is_numbered_as_event_kinds_are() -> None:
    assert EventKind(FIRST_EVIDENCE + EVENT_KIND_OFFSET) == EventKind.ACCEPTED
    for event in OrderEvent:
        if FIRST_EVIDENCE <= event <= OrderEvent.OUTCOME_UNKNOWN:
            assert EventKind(event + EVENT_KIND_OFFSET).name == event.name


@given(st.data())
@settings(max_examples=500)
def test_any_sound_step_keeps_every_rule(data: st.DataObject) -> None:
    before = data.draw(orders())
    report = data.draw(reports(before))
    assert inv(before)
    holding = [r for r in TABLE.cells[before.life][report.event] if r.guard(before, report)]
    assert len(holding) == 1, [rule.id for rule in holding]
    after, code = step(before, report)
    if isinstance(holding[0], Row):
        assert code == 0
        assert after.life == holding[0].target
    else:
        assert code == holding[0].code
        assert after is before
    assert broken(before, report, after) == ()


@pytest.mark.slow
@given(st.data())
@settings(max_examples=100)
def test_any_sequence_of_sound_reports_keeps_every_rule(data: st.DataObject) -> None:
    order: Order = ABSENT_ORDER
    for _ in range(data.draw(st.integers(1, 25))):
        report = data.draw(reports(order))
        after, _ = step(order, report)
        assert broken(order, report, after) == ()
        order = after


@pytest.mark.slow
@given(st.data())
@settings(max_examples=100)
def test_executed_is_the_sum_of_effective_fills(data: st.DataObject) -> None:
    tracked = Tracked()
    for _ in range(data.draw(st.integers(1, 25))):
        report = data.draw(reports(tracked.order))
        if data.draw(st.booleans()):
            report = evolve(report, event=data.draw(st.sampled_from(sorted(FILL_EVENTS))))
        trade = data.draw(st.integers(1, 3))
        told = informed(tracked, report, trade)
        tracked, code = advance(tracked, report, trade)
        assert effective_quantity(tracked) == executed(tracked.order)
        if told.event in FILL_EVENTS:
            event = FILL_EVENTS[OrderEvent(told.event)]
            rule = fill_life.TABLE.select(told.fill_life, event, 0, 0)
            assert (code == 0) == isinstance(rule, Row), "order and fill disagree"


@given(orders())
def test_the_status_shown_is_the_first_that_holds(order: Order) -> None:
    shown = status(order)
    if order.life == Life.ABSENT:
        assert shown == Status.NONE
        return
    above = PRECEDENCE[: PRECEDENCE.index(Status(shown))]
    assert holds(order, shown)
    assert not any(holds(order, word) for word in above)


def test_every_status_but_none_has_its_place() -> None:
    assert sorted(PRECEDENCE) == [word for word in Status if word != Status.NONE]
