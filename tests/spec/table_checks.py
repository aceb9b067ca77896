"""What every table must satisfy, checked the same way for each.

`check_table(table, samples)` takes a finite sample of (state detail, event detail) pairs for each
cell. Guards are disjoint and exhaustive on it, and each rule is chosen by some pair of it, so a
guard that can never hold, or two that can hold at once, is found. Tables whose cells have a
single rule need no sample: `check_unguarded` checks that they are such.
"""

import re
from collections.abc import Callable, Iterable
from typing import Any

from tickproof.spec.requirements import by_id
from tickproof.spec.table import Refuse, Row, Table, always

Samples = Callable[[int, int], Iterable[tuple[Any, Any]]]
"""(state code, event code) -> pairs of state detail and event detail for that cell."""

ADR = re.compile(r"ADR-\d{4}")


def check_shape(table: Table[Any, Any]) -> None:
    """Total, uniquely named, within its enums, and traceable."""
    ids = [rule.id for rule in table.rules]
    assert len(set(ids)) == len(ids)
    for state in table.states:
        for event in table.events:
            assert table.cells[int(state)][int(event)], f"{table.name}: {state!r} x {event!r}"
    assert [rule for row in table.cells.values() for cell in row.values() for rule in cell] == (
        sorted(table.rules, key=_cell_order(table))
    )
    states = {int(state) for state in table.states}
    codes = {int(code) for code in table.codes} - {0}
    for rule in table.rules:
        cell_name = f"{table.states(rule.source).name}.{table.events(rule.event).name}"
        assert rule.id == f"{table.name}.{cell_name}.{rule.guard.__name__}"
        assert rule.requirements, rule.id
        for requirement in rule.requirements:
            assert by_id(requirement).id == requirement
        assert ADR.fullmatch(rule.decision), rule.id
        if isinstance(rule, Refuse):
            assert rule.code in codes, rule.id
        else:
            assert rule.target in states, rule.id
    assert {refusal.code for refusal in table.refusals()} == codes, "a code nothing refuses with"


def check_guards(table: Table[Any, Any], samples: Samples) -> None:
    """On the sample each cell has exactly one true guard per pair, and each rule its turn."""
    chosen: set[str] = set()
    for source, row in table.cells.items():
        for event, rules in row.items():
            assert len(rules) == 1 or always not in [rule.guard for rule in rules]
            for state_detail, event_detail in samples(source, event):
                held = [rule.id for rule in rules if rule.guard(state_detail, event_detail)]
                assert len(held) == 1, (source, event, state_detail, event_detail, held)
                assert table.select(source, event, state_detail, event_detail).id == held[0]
                chosen.update(held)
    assert {rule.id for rule in table.rules} - chosen == set(), "rules the sample never chose"


def check_table(table: Table[Any, Any], samples: Samples) -> None:
    """Shape and guards."""
    check_shape(table)
    check_guards(table, samples)


def check_unguarded(table: Table[Any, Any]) -> None:
    """A table with one rule per cell, whatever the details."""
    assert all(rule.guard is always for rule in table.rules)
    check_table(table, lambda _state, _event: [(None, None)])


def check_terminal(table: Table[Any, Any], terminal: Iterable[int]) -> None:
    """Exactly these states are left by no row."""
    sources = {row.source for row in table.rows() if row.target != row.source}
    assert {int(state) for state in table.states} - sources == {int(state) for state in terminal}


def shortest_traces(table: Table[Any, Any], initial: int) -> dict[int, tuple[int, ...]]:
    """For every state reachable from `initial` by some row, a shortest sequence of events."""
    found: dict[int, tuple[int, ...]] = {int(initial): ()}
    frontier = [int(initial)]
    while frontier:
        reached: list[int] = []
        for state in frontier:
            for row in _rows_from(table, state):
                if row.target not in found:
                    found[row.target] = (*found[state], row.event)
                    reached.append(row.target)
        frontier = reached
    return found


def check_reachable(table: Table[Any, Any], initial: int) -> None:
    """Every state can be reached, so every rule of an unguarded table has a witness."""
    assert set(shortest_traces(table, initial)) == {int(state) for state in table.states}


def follow(table: Table[Any, Any], initial: int, events: Iterable[int]) -> tuple[int, int]:
    """(state, refusals) after events on an unguarded table; a refusal changes nothing."""
    state, refusals = int(initial), 0
    for event in events:
        rule = table.select(state, event, None, None)
        if isinstance(rule, Refuse):
            refusals += 1
        else:
            state = rule.target
    return state, refusals


def _rows_from(table: Table[Any, Any], state: int) -> list[Row]:
    return [row for row in table.rows() if row.source == state]


def _cell_order(table: Table[Any, Any]) -> Callable[[Any], tuple[int, int, int]]:
    states = [int(state) for state in table.states]
    events = [int(event) for event in table.events]
    place = {rule.id: index for index, rule in enumerate(table.rules)}
    return lambda rule: (states.index(rule.source), events.index(rule.event), place[rule.id])
