"""A table's states and where rows lead, as a drawing that needs nothing but a browser.

States stand below each other in their order. What leads on is an arc on the right, what leads back
one on the left, so that two arcs never lie on each other. Rows that stay and refusals are left out:
the matrix has them. A label is an event, or their number where there are many; pointing at an arc
tells all of them.
"""

from __future__ import annotations

from html import escape
from typing import Any

from tickproof.spec.table import Table

ROW = 44
BOX_WIDTH, BOX_HEIGHT = 150, 26
BULGE, BULGE_STEP = 34, 52
"""How far an arc to the next state leaves the boxes, and how much farther each state beyond."""

APEX = 0.75
"""Part of its control points' distance that a symmetric cubic curve reaches."""

LETTER = 6.4
"""Width of a letter of a label."""

NAMED_MAX = 22
"""Arcs beyond which a label is a number of events."""

HEAD = (
    '<defs><marker id="head" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7"'
    ' markerHeight="7" orient="auto"><path d="M0 0 8 4 0 8z"/></marker></defs>'
)


def arrows(table: Table[Any, Any]) -> dict[tuple[int, int], list[str]]:
    """(place of source, place of target) -> events that lead there, without those that stay."""
    places = {int(state): place for place, state in enumerate(table.states)}
    found: dict[tuple[int, int], list[str]] = {}
    for row in table.rows():
        ends = (places[row.source], places[row.target])
        events = found.setdefault(ends, [])
        name = table.events(row.event).name
        if ends[0] != ends[1] and name not in events:
            events.append(name)
    return {ends: events for ends, events in sorted(found.items()) if events}


def drawing(table: Table[Any, Any]) -> str:
    """The drawing as HTML; nothing where no row leads to another state."""
    found = arrows(table)
    if not found:
        return ""
    labels = {ends: label(events, len(found) <= NAMED_MAX) for ends, events in found.items()}
    left, right = room(labels, onward=False), room(labels, onward=True)
    width, height = left + BOX_WIDTH + right, ROW * len(table.states)
    said = f"{escape(table.title)}: states and where events lead"
    size = f'viewBox="0 0 {width:.0f} {height}" width="{width:.0f}"'
    parts = [f'<svg class="states" {size} role="img" aria-label="{said}">', HEAD]
    parts += [arc(ends, found[ends], left) for ends in found]
    parts += [words(ends, text, left) for ends, text in labels.items()]
    parts += [box(place, state.name, left) for place, state in enumerate(table.states)]
    return "\n".join([*parts, "</svg>"])


def room(labels: dict[tuple[int, int], str], onward: bool) -> float:
    """What the arcs of a side need, with their labels."""
    needed = (
        reach(ends) + LETTER * len(text) + 12
        for ends, text in labels.items()
        if (ends[0] < ends[1]) == onward
    )
    return max(needed, default=8)


def label(events: list[str], named: bool) -> str:
    """What an arc says."""
    if not named:
        return str(len(events))
    return events[0] + (f" +{len(events) - 1}" if len(events) > 1 else "")


def reach(ends: tuple[int, int]) -> float:
    """How far an arc goes from the boxes."""
    return APEX * (BULGE + BULGE_STEP * (abs(ends[0] - ends[1]) - 1))


def height_of(place: int) -> float:
    """The middle of a state's box."""
    return ROW * (place + 0.5)


def arc(ends: tuple[int, int], events: list[str], left: float) -> str:
    """An arrow; it leaves a box above its middle and arrives below it, or the other way round."""
    onward = ends[0] < ends[1]
    x = left + BOX_WIDTH if onward else left
    away = reach(ends) / APEX * (1 if onward else -1)
    lean = 5 if onward else -5
    first, last = height_of(ends[0]) + lean, height_of(ends[1]) - lean
    bend = x + away
    path = f"M{x:.0f} {first:.0f}C{bend:.0f} {first:.0f} {bend:.0f} {last:.0f} {x:.0f} {last:.0f}"
    title = escape(", ".join(events))
    return f'<path class="arc" d="{path}" marker-end="url(#head)"><title>{title}</title></path>'


def words(ends: tuple[int, int], text: str, left: float) -> str:
    """An arc's label, outside its middle."""
    onward = ends[0] < ends[1]
    x = left + BOX_WIDTH + reach(ends) + 4 if onward else left - reach(ends) - 4
    y = (height_of(ends[0]) + height_of(ends[1])) / 2 + 4
    anchor = "start" if onward else "end"
    return f'<text x="{x:.0f}" y="{y:.0f}" text-anchor="{anchor}">{escape(text)}</text>'


def box(place: int, name: str, left: float) -> str:
    """A state."""
    y = height_of(place)
    return (
        f'<rect x="{left:.0f}" y="{y - BOX_HEIGHT / 2:.0f}" width="{BOX_WIDTH}"'
        f' height="{BOX_HEIGHT}" rx="4"/><text class="state" x="{left + BOX_WIDTH / 2:.0f}"'
        f' y="{y + 4:.0f}" text-anchor="middle">{escape(name)}</text>'
    )
