"""Order life: the table is total and its guards disjoint, and every step keeps every rule."""

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.spec.order_strategies import orders, reports
from tickproof.invariants.order_life import broken
from tickproof.spec.order_life import ABSENT_ORDER, TABLE, Order, inv, step
from tickproof.spec.table import Row


@given(st.data())
@settings(max_examples=1_000)
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


@given(st.data())
def test_any_sequence_of_sound_reports_keeps_every_rule(data: st.DataObject) -> None:
    order: Order = ABSENT_ORDER
    for _ in range(data.draw(st.integers(1, 25))):
        report = data.draw(reports(order))
        after, _ = step(order, report)
        assert broken(order, report, after) == ()
        order = after
