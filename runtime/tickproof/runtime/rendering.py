"""Tables of the specification as text, Mermaid or JSON: drawn from the rows, never by hand."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from tickproof.spec import (
    book_sync,
    conditional,
    dominance,
    fees,
    fill_life,
    funding,
    iceberg,
    intent_life,
    journal,
    matching,
    order_life,
    order_list,
    order_place,
    price_queue,
    session,
    trading_state,
    venue_admission,
    venue_phase,
)
from tickproof.spec.table import Row, Rule, Table


def _tables() -> dict[str, Table[Any, Any]]:
    """Every table of the specification by a name a person would type."""
    named: dict[str, Table[Any, Any]] = {
        "order-life": order_life.TABLE,
        "fill-life": fill_life.TABLE,
    }
    for module in (
        book_sync,
        conditional,
        dominance,
        fees,
        funding,
        iceberg,
        intent_life,
        journal,
        matching,
        order_list,
        order_place,
        price_queue,
        session,
        trading_state,
        venue_admission,
        venue_phase,
    ):
        for value in vars(module).values():
            if isinstance(value, Table):
                named[value.title.lower().replace(" ", "-")] = value
    return named


TABLES = _tables()
"""Tables by name."""


def guard_name(rule: Rule) -> str:
    """A rule's guard as shown; nothing where it always holds."""
    name = rule.guard.__name__
    return "" if name == "always" else name


def as_text(table: Table[Any, Any]) -> str:
    """One line a rule, grouped by source state."""
    lines = [f"{table.title}: {len(table.rows())} rows, {len(table.refusals())} refusals", ""]
    for state in table.states:
        lines.append(state.name)
        lines += [
            "  " + _line(table, event.name, rule)
            for event in table.events
            for rule in table.cells[int(state)][int(event)]
        ]
        lines.append("")
    return "\n".join(lines).rstrip()


def _line(table: Table[Any, Any], event: str, rule: Rule) -> str:
    guard = guard_name(rule)
    left = event + (f" [{guard}]" if guard else "")
    if isinstance(rule, Row):
        right = f"-> {table.states(rule.target).name}  {rule.effect.__name__}"
    else:
        right = f"REFUSE {table.codes(rule.code).name}"
    return f"{left:52} {right:44} {','.join(rule.requirements)} {rule.decision}"


def as_mermaid(table: Table[Any, Any]) -> str:
    """A state diagram; rules with the same ends share an arrow, refusals are left out."""
    arrows: dict[tuple[int, int], list[str]] = {}
    for row in table.rows():
        labels = arrows.setdefault((row.source, row.target), [])
        name = table.events(row.event).name
        if name not in labels:
            labels.append(name)
    lines = ["stateDiagram-v2"]
    for (source, target), labels in sorted(arrows.items()):
        ends = f"{table.states(source).name} --> {table.states(target).name}"
        lines.append(f"    {ends}: {' / '.join(labels)}")
    return "\n".join(lines)


def as_json(table: Table[Any, Any]) -> str:
    """Every rule with its id, ends, guard, effect or code, requirements and decision."""
    rules = []
    for rule in table.rules:
        entry: dict[str, Any] = {
            "id": rule.id,
            "source": table.states(rule.source).name,
            "event": table.events(rule.event).name,
            "guard": guard_name(rule),
            "requirements": list(rule.requirements),
            "decision": rule.decision,
        }
        if isinstance(rule, Row):
            entry["effect"] = rule.effect.__name__
            entry["target"] = table.states(rule.target).name
        else:
            entry["refusal"] = table.codes(rule.code).name
        rules.append(entry)
    return json.dumps({"name": table.name, "title": table.title, "rules": rules}, indent=1)


FORMATS: dict[str, Callable[[Table[Any, Any]], str]] = {
    "text": as_text,
    "mermaid": as_mermaid,
    "json": as_json,
}
"""Renderers by format."""


def render(table: Table[Any, Any], how: str) -> str:
    """A table in one of FORMATS."""
    return FORMATS[how](table)
