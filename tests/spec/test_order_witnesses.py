"""Every rule of the order-life table is used by a sequence of sound reports, or listed as not."""

import pytest

from tickproof.invariants.order_life import broken
from tickproof.invariants.witnesses import UNREACHABLE, traces
from tickproof.spec.order_life import ABSENT_ORDER, TABLE, sound, step
from tickproof.spec.table import Row


@pytest.mark.parametrize("rule_id", [r.id for r in TABLE.rules if r.id not in UNREACHABLE])
def test_rule_is_reached(rule_id: str) -> None:
    *before_last, last = traces()[rule_id]
    order = ABSENT_ORDER
    for report in before_last:
        assert sound(order, report)
        after, code = step(order, report)
        assert code == 0
        assert broken(order, report, after) == ()
        order = after
    assert sound(order, last)
    rule = TABLE.select(order.life, last.event, order, last)
    after, code = step(order, last)
    assert rule.id == rule_id
    assert broken(order, last, after) == ()
    if isinstance(rule, Row):
        assert (code, after.life) == (0, rule.target)
    else:
        assert code == rule.code
        assert after is order


def test_what_is_listed_as_unreachable_exists_and_is_never_reached() -> None:
    assert {rule.id for rule in TABLE.rules} - traces().keys() == UNREACHABLE.keys()
