"""Looking up a table whose cells have one unguarded rule each: sessions, connections, statuses.

An event that is none of a table's columns is no refusal: the stream holds a code nobody defined,
so the kernel stops and says so [F5].
"""

from __future__ import annotations

from typing import Any

from tickproof.spec.errors import InvariantBroken
from tickproof.spec.table import Row, Table


def by_table(table: Table[Any, Any], source: int, event: int) -> tuple[int, int]:
    """(target, 0), or (source, refusal code). Raises `InvariantBroken` for an unknown code."""
    if event not in table.cells[source]:
        raise InvariantBroken(f"E1: {int(event)} is no code of {table.title!r}")
    rule = table.select(source, event, None, None)
    if isinstance(rule, Row):
        return rule.target, 0
    return source, rule.code
