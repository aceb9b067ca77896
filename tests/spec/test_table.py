"""The table type finds its own defects when a table is built, and selects by guard."""

from enum import IntEnum

import pytest

from tickproof.spec.table import (
    KEEP,
    BrokenTable,
    Refuse,
    Row,
    TableBuilder,
    always,
    go,
    refuse,
    unchanged,
)


class Lamp(IntEnum):
    OFF = 0
    ON = 1


class Push(IntEnum):
    SWITCH = 0
    SMASH = 1


class Objection(IntEnum):
    LOCKED = 1


def unlocked(state: int, event: int) -> bool:
    return event == 0


def locked(state: int, event: int) -> bool:
    return event == 1


def counted(state: int, event: int) -> int:
    return state + 1


def builder() -> TableBuilder:
    table = TableBuilder("LP", "Lamp", Lamp, Push, Objection)
    for state, target in ((Lamp.OFF, Lamp.ON), (Lamp.ON, Lamp.OFF)):
        table.on(
            Push.SWITCH,
            (state,),
            go(unlocked, counted, target),
            refuse(locked, Objection.LOCKED),
            requirements=("E1",),
            decision="ADR-0003",
        )
    return table


def complete() -> TableBuilder:
    table = builder()
    table.on(Push.SMASH, Lamp, go(always, unchanged), requirements=("E1",), decision="ADR-0003")
    return table


def test_a_cell_without_a_rule_is_found_when_the_table_is_built() -> None:
    with pytest.raises(BrokenTable, match="OFF x SMASH is empty"):
        builder().build()


def test_a_rule_written_twice_is_found() -> None:
    table = complete()
    with pytest.raises(BrokenTable, match=r"LP\.OFF\.SMASH\.always is written twice"):
        table.on(Push.SMASH, Lamp, refuse(always, 1), requirements=(), decision="ADR-0003")


def test_the_rule_whose_guard_holds_is_selected() -> None:
    table = complete().build()
    row = table.select(Lamp.OFF, Push.SWITCH, 7, 0)
    assert isinstance(row, Row)
    assert (row.id, row.target, row.effect(7, 0)) == ("LP.OFF.SWITCH.unlocked", Lamp.ON, 8)
    objection = table.select(Lamp.OFF, Push.SWITCH, 7, 1)
    assert isinstance(objection, Refuse)
    assert objection.code == Objection.LOCKED


def test_no_guard_that_holds_is_a_defect() -> None:
    with pytest.raises(BrokenTable, match="no rule for state 0, event 0"):
        complete().build().select(Lamp.OFF, Push.SWITCH, 7, 2)


def test_keep_is_resolved_to_the_source() -> None:
    table = complete().build()
    for state in Lamp:
        row = table.select(state, Push.SMASH, 0, 0)
        assert isinstance(row, Row)
        assert row.target == state != KEEP
        assert row.effect(5, 0) == 5


def test_every_rule_is_in_one_cell_and_found_by_its_id() -> None:
    table = complete().build()
    listed = [rule for row in table.cells.values() for cell in row.values() for rule in cell]
    assert sorted(r.id for r in listed) == sorted(r.id for r in table.rules)
    assert len(table.rows()) + len(table.refusals()) == len(table.rules)
    for rule in table.rules:
        assert table.rule(rule.id) is rule
    with pytest.raises(KeyError):
        table.rule("LP.OFF.SWITCH.nothing")
