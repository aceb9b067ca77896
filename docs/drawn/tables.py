"""A page per table: what it decides, state x event as a matrix, and every rule in words."""

from __future__ import annotations

import inspect
from collections.abc import Iterable
from enum import IntEnum
from functools import cache
from typing import Any

from docs.drawn.diagram import drawing
from docs.drawn.markdown import boxed, code, escaped, fenced, folded, prose, refusal, table
from docs.drawn.places import link, place_of
from tickproof.runtime import rule_text
from tickproof.runtime.rendering import TABLES, as_mermaid
from tickproof.spec import (
    book_sync,
    conditional,
    dominance,
    fill_life,
    iceberg,
    intent_life,
    order_life,
    order_list,
    order_place,
    price_queue,
    session,
    trading_state,
    venue_admission,
)
from tickproof.spec.table import Row, Rule, Table

MODULES = (
    order_life,
    fill_life,
    intent_life,
    dominance,
    order_list,
    trading_state,
    session,
    book_sync,
    price_queue,
    order_place,
    venue_admission,
    conditional,
    iceberg,
)
"""Modules with tables, in the order of the index; tables of others follow."""

ALL = "always"
WIDE = 6
"""States beyond which a matrix needs the width of the window."""

STAYS = '<span class="stays">stays</span>'


def owner_of(drawn: Table[Any, Any]) -> Any:
    """The module that defines a table."""
    return _owners()[drawn.name]


@cache
def _owners() -> dict[str, Any]:
    """Table name -> module. A module may import a table; the one of its states wrote it."""
    found: dict[str, Any] = {}
    for module in rule_text.modules():
        for value in vars(module).values():
            if isinstance(value, Table) and (
                value.name not in found or module.__name__ == value.states.__module__
            ):
                found[value.name] = module
    return found


@cache
def ordered() -> tuple[tuple[str, Table[Any, Any]], ...]:
    """(name, table), in the order of the modules; every table that a rule is of."""
    modules = [module.__name__ for module in MODULES]
    named = {table.name: name for name, table in TABLES.items()}
    found = {table.name: table for _, table in rule_text.rules().values() if table is not None}

    def place(table: Table[Any, Any]) -> tuple[int, str]:
        owner = owner_of(table).__name__
        return (modules.index(owner) if owner in modules else len(modules), owner)

    return tuple(
        (named.get(table.name) or table.title.lower().replace(" ", "-"), table)
        for table in sorted(found.values(), key=place)
    )


def pages() -> dict[str, str]:
    """tables/index.md and one page per table."""
    drawn = {f"tables/{name}.md": page(name, each) for name, each in ordered()}
    drawn["tables/index.md"] = index()
    return drawn


def index() -> str:
    """The list of tables, with their sizes."""
    rows = [
        (
            f"[{each.title}]({name}.md)",
            code(each.name),
            str(len(each.states)),
            str(len(each.events)),
            str(len(each.rows())),
            str(len(each.refusals())),
        )
        for name, each in ordered()
    ]
    names = "\n".join(name for name, _ in ordered())
    return "\n\n".join(
        (
            "# Tables",
            (
                "Each lifecycle is one total table: every pair of state and event is a row or a "
                "refusal with a code, and a refusal changes nothing. `tickproof table NAME` "
                "prints the same as text, Mermaid or JSON."
            ),
            table(("table", "prefix", "states", "events", "rows", "refusals"), rows),
            f"```{{toctree}}\n:hidden:\n\n{names}\n```",
        )
    )


def page(name: str, drawn: Table[Any, Any], linked: bool = False) -> str:
    """One table's page; `linked`: for the site, where every rule has an object to lead to."""
    module = owner_of(drawn)
    rows, refusals = len(drawn.rows()), len(drawn.refusals())
    decisions = sorted({rule.decision for rule in drawn.rules})
    links = ", ".join(f"{{doc}}`{each} </decisions/{each[4:]}>`" for each in decisions)
    parts = [
        f"# {drawn.title}",
        theory(module),
        (
            f"{rows} rows and {refusals} refusals over {len(drawn.states)} states and "
            f"{len(drawn.events)} events, from `{module.__name__}`. Decided by {links}. A rule's "
            f"id is `{drawn.name}.STATE.EVENT.guard`."
        ),
        "## State by event",
        (
            "Where an event leads: an arrow to another state, *stays*, or the code it is refused "
            "with. Several lines in a cell are told apart by guards, which the rules below name."
        ),
        boxed("matrix wide" if len(drawn.states) > WIDE else "matrix", matrix(drawn)),
        *(diagram_of(drawn) if linked else ()),
        folded(
            f"Mermaid source of the state diagram (tickproof table {name} --format mermaid)",
            fenced("text", as_mermaid(drawn)),
        ),
        "## Rules",
        *rules_by_event(drawn, linked),
        "## States and events",
        enumeration(drawn.states),
        enumeration(drawn.events),
        *glossary(drawn, linked),
    ]
    return "\n\n".join(parts)


def diagram_of(drawn: Table[Any, Any]) -> tuple[str, ...]:
    """The states as a drawing, with what it leaves out; nothing where all stays as it is."""
    shown = drawing(drawn)
    if not shown:
        return ()
    return (
        (
            "What leads from a state to another, on the right onward and on the left back; "
            "pointing at an arrow tells its events. Rows that stay are left out."
        ),
        f"```{{raw}} html\n{shown}\n```",
    )


def theory(module: Any) -> str:
    """The module's own account of itself, without its list of sections."""
    paragraphs = inspect.cleandoc(module.__doc__ or "").split("\n\n")
    kept = [each for each in paragraphs if not each.startswith(("Sections:", "API"))]
    return "\n\n".join(escaped(each) for each in kept)


def matrix(drawn: Table[Any, Any]) -> str:
    """Events down, states across."""
    header = ["event", *(f"`{state.name}`" for state in drawn.states)]
    rows = []
    for event in drawn.events:
        cells = [results(drawn, drawn.cells[int(s)][int(event)]) for s in drawn.states]
        rows.append((f"[`{event.name}`](#{event.name.lower()})", *cells))
    return table(header, rows)


def results(drawn: Table[Any, Any], rules: Iterable[Rule]) -> str:
    """What the rules of a cell lead to, each result once, legal ones first."""
    legal: list[str] = []
    refused: list[str] = []
    for rule in rules:
        if isinstance(rule, Row):
            text = (
                STAYS if rule.target == rule.source else f"→&nbsp;{drawn.states(rule.target).name}"
            )
            if text not in legal:
                legal.append(text)
        else:
            text = refusal(drawn.codes(rule.code).name)
            if text not in refused:
                refused.append(text)
    return "<br>".join((*legal, *refused))


def rules_by_event(drawn: Table[Any, Any], linked: bool = False) -> list[str]:
    """For each event its rules; those that differ in the state only are one line."""
    parts = []
    shown_as = names_of(drawn, linked)
    for event in drawn.events:
        merged: dict[tuple[Any, ...], list[str]] = {}
        for rule in drawn.rules:
            if rule.event == int(event):
                state = drawn.states(rule.source).name
                shown = (
                    f"{{need}}`{state} <{rule.id.replace('.', '-')}>`" if linked else code(state)
                )
                merged.setdefault(_meaning(drawn, rule), []).append(shown)
        lines = [
            (
                ", ".join(states),
                shown_as.get(guard, ""),
                result,
                shown_as.get(effect, ""),
                ", ".join(f"{{need}}`{r}`" if linked else r for r in requirements),
            )
            for (guard, result, effect, requirements), states in merged.items()
        ]
        parts.append(f"### {event.name}")
        used = [column for column in range(5) if any(line[column] for line in lines)]
        header = [("in", "when", "then", "effect", "serves")[column] for column in used]
        kept = [[line[column] for column in used] for line in lines]
        parts.append(boxed("rules", table(header, kept)))
    return parts


def names_of(drawn: Table[Any, Any], linked: bool) -> dict[str, str]:
    """Guards and effects by name, as they are shown: on the site they lead to their source."""
    functions = [rule.guard for rule in drawn.rules] + [row.effect for row in drawn.rows()]
    page = "tables/page"  # links are relative: any page of the folder will do
    return {
        each.__name__: link(place_of(each), each.__name__, page) if linked else code(each.__name__)
        for each in functions
        if each.__name__ not in (ALL, "unchanged")
    }


def _meaning(drawn: Table[Any, Any], rule: Rule) -> tuple[Any, ...]:
    if isinstance(rule, Row):
        stays = rule.target == rule.source
        result = "stays" if stays else f"→ `{drawn.states(rule.target).name}`"
        return (rule.guard.__name__, result, rule.effect.__name__, rule.requirements)
    result = f"refused {refusal(drawn.codes(rule.code).name)}"
    return (rule.guard.__name__, result, "", rule.requirements)


def enumeration(kind: type[IntEnum]) -> str:
    """An enumeration: what its docstring says, and the numbers its members have."""
    said = escaped(" ".join((kind.__doc__ or "").split()))
    members = ", ".join(f"`{member.name}` {int(member)}" for member in kind)
    return f"**{kind.__name__}**: {said}\n\n{members}"


def glossary(drawn: Table[Any, Any], linked: bool = False) -> list[str]:
    """Guards and effects by name, in the words of their docstrings."""
    shown_as = names_of(drawn, linked)
    guards = {rule.guard.__name__: prose(rule.guard) for rule in drawn.rules}
    effects = {row.effect.__name__: prose(row.effect) for row in drawn.rows()}
    guards.pop(ALL, None)
    effects.pop("unchanged", None)
    parts = []
    for title, words in (("Guards", guards), ("Effects", effects)):
        if words:
            lines = [(shown_as[name], text) for name, text in sorted(words.items())]
            parts += [f"## {title}", table(("name", "meaning"), lines)]
    return parts
