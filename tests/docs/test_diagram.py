"""Drawings of tables: every arrow that rows make, whole, and inside the picture."""

import re
import xml.etree.ElementTree as ET
from typing import Any

import pytest

from docs.drawn.diagram import NAMED_MAX, arrows, drawing
from docs.drawn.tables import ordered
from tickproof.spec.table import Table

TABLES = [each for _, each in ordered()]


@pytest.mark.parametrize("table", TABLES, ids=lambda table: table.name)
def test_a_drawing_has_every_state_and_every_arrow(table: Table[Any, Any]) -> None:
    moves = {(row.source, row.target) for row in table.rows() if row.source != row.target}
    assert len(arrows(table)) == len(moves)
    text = drawing(table)
    if not moves:
        assert text == ""
        return
    assert "\n\n" not in text
    tree = ET.fromstring(text)  # noqa: S314 - our own text
    said = ["".join(each.itertext()) for each in tree.iter("text")]
    assert {state.name for state in table.states} <= set(said)
    titles = [each.text or "" for each in tree.iter("title")]
    assert sorted(titles) == sorted(", ".join(events) for events in arrows(table).values())
    width, height = map(float, tree.attrib["viewBox"].split()[2:])
    for path in re.findall(r' d="M([^"]+)" marker-end', text):
        numbers = [float(each) for each in re.findall(r"-?\d+", path)]
        first, last = numbers[0], numbers[2]
        assert 0 <= first + (last - first) * 0.75 <= width
        assert all(0 <= y <= height for y in numbers[1::2])


def test_a_crowded_drawing_says_numbers() -> None:
    table = next(each for each in TABLES if each.name == "OL")
    assert len(arrows(table)) > NAMED_MAX
    labels = re.findall(r'text-anchor="(?:start|end)">([^<]+)<', drawing(table))
    assert all(label.isdigit() for label in labels)
