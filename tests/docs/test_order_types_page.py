"""The page of order types: its examples print what stands there, its words are the projections'."""

import contextlib
import io
import re
from pathlib import Path
from typing import Any

import pytest

from tickproof.runtime.projections import binance, fix
from tickproof.spec.commands import OrderType, TimeInForce
from tickproof.spec.order_list import OrderListKind
from tickproof.spec.requirements import REQUIREMENTS

PAGE = Path(__file__).resolve().parents[2] / "docs" / "concepts" / "order-types.md"
TEXT = PAGE.read_text(encoding="utf-8")
WHOLE = re.MULTILINE | re.DOTALL
EXAMPLES = re.findall(r"^```python\n(.*?)^```\n(?:\n```text\n(.*?)^```)?", TEXT, WHOLE)
SECTIONS = {
    name: body
    for heading, body in re.findall(r"^### (.*?)\n(.*?)(?=^##|\Z)", TEXT, WHOLE)
    for name in heading.split(" and ")
}


def test_every_example_prints_what_stands_below_it() -> None:
    names: dict[str, Any] = {}
    told = 0
    for code, expected in EXAMPLES:
        printed = io.StringIO()
        with contextlib.redirect_stdout(printed):
            exec(compile(code, str(PAGE), "exec"), names)  # noqa: S102 - our own page
        assert printed.getvalue() == expected
        told += bool(expected)
    assert told == len(EXAMPLES) - 1 >= 17


@pytest.mark.parametrize("kind", [*OrderType, *TimeInForce])
def test_every_type_has_a_section_with_the_words_of_others(kind: OrderType | TimeInForce) -> None:
    section = SECTIONS[kind.name]
    if isinstance(kind, OrderType):
        terms = fix.ORDER_TYPES[kind]
        words = [terms.ord_type, terms.exec_inst, terms.trigger_type, binance.ORDER_TYPES[kind]]
    else:
        words = [fix.TIMES_IN_FORCE[kind], binance.TIMES_IN_FORCE[kind] or "spot has none"]
    for word in filter(None, words):
        assert f"`{word}`" in section or word == "spot has none"
        assert word in section


@pytest.mark.parametrize("kind", OrderListKind)
def test_every_list_has_a_section_with_the_words_of_others(kind: OrderListKind) -> None:
    section = SECTIONS[kind.name]
    assert f"`{binance.LISTS[kind]}`" in section
    assert f"`{fix.LISTS[kind]}`" in section or not fix.LISTS[kind]


def test_sections_name_requirements_and_tables_that_exist() -> None:
    known = {each.id for each in REQUIREMENTS}
    rows = re.findall(r"^\| \[.*\| ([A-Z0-9, ]+) \| .* \| .* \|$", TEXT, re.MULTILINE)
    assert len(rows) >= len(SECTIONS)
    for row in rows:
        assert set(row.split(", ")) <= known
    for link in re.findall(r"\]\(([^)#]+\.md)", TEXT):
        assert (PAGE.parent / link).is_file(), link
