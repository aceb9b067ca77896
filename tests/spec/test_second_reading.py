"""A second reading of the life tables: the machines of another library, built from the rows alone.

The library knows nothing of our `Table`: it keeps the state itself, tries the transitions of a
trigger in turn and takes the first whose conditions hold. Lives must agree after every report.
"""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from transitions import Machine

from tests.spec.order_strategies import reports
from tickproof.spec import fill_life, order_life
from tickproof.spec.order_life import ABSENT_ORDER, Life, Order, OrderEvent, Report, step
from tickproof.spec.table import Table


class Reader:
    """What a machine moves: the facts that guards look at, and the state it is in."""

    state: str

    def __init__(self) -> None:
        self.subject: Any = None
        self.detail: Any = None


def machine_of(table: Table[Any, Any], initial: int) -> Machine:
    """A machine with a transition per row; refusals are what it has no transition for."""
    machine = Machine(
        model=None,
        states=[state.name for state in table.states],
        initial=table.states(initial).name,
        auto_transitions=False,
        send_event=True,
        ignore_invalid_triggers=True,
    )
    for row in table.rows():
        machine.add_transition(
            trigger=table.events(row.event).name,
            source=table.states(row.source).name,
            dest=table.states(row.target).name,
            conditions=[lambda data, guard=row.guard: guard(*data.args)],
        )
    return machine


@pytest.fixture(scope="module")
def order_machine() -> Machine:
    return machine_of(order_life.TABLE, Life.ABSENT)


def moved(machine: Machine, reader: Reader, event: str, *facts: Any) -> bool:
    """Send the event; whether the machine had a transition for it."""
    took: bool = getattr(reader, event)(*facts) if hasattr(reader, event) else False
    return took


@given(st.data())
def test_order_lives_agree(order_machine: Machine, data: st.DataObject) -> None:
    reader = Reader()
    order_machine.add_model(reader)
    order: Order = ABSENT_ORDER
    for _ in range(data.draw(st.integers(1, 20))):
        report: Report = data.draw(reports(order))
        took = moved(order_machine, reader, OrderEvent(report.event).name, order, report)
        order, code = step(order, report)
        assert took == (code == 0)
        assert reader.state == Life(order.life).name
    order_machine.remove_model(reader)


@given(st.lists(st.sampled_from(fill_life.FillEvent), max_size=12))
def test_fill_lives_agree(events: list[fill_life.FillEvent]) -> None:
    machine = machine_of(fill_life.TABLE, fill_life.FillLife.ABSENT)
    reader = Reader()
    machine.add_model(reader)
    life = int(fill_life.FillLife.ABSENT)
    for event in events:
        took = moved(machine, reader, event.name, life, 0)
        rule = fill_life.TABLE.select(life, event, life, 0)
        target = getattr(rule, "target", None)
        assert took == (target is not None)
        life = life if target is None else int(target)
        assert reader.state == fill_life.FillLife(life).name
