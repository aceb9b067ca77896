"""What conformance checks say: one finding is one rule that somebody's code does not keep.

What it decides: how a finding reads. It names the requirement, the row of the table where one
decided, and the Event, so that its reader can look each of them up.
"""

from __future__ import annotations

from collections.abc import Iterable

from attrs import frozen

from tickproof.spec.events import FIELD_NAMES, Event, EventKind, payload
from tickproof.spec.outputs import Record, RecordKind, record_fields

SHOWN_MAX = 5
"""Findings of one kind that are shown; the others are counted."""


@frozen
class Finding:
    """`topic`: what was checked. `requirement`: its id. `rule`: the row that decided, or "".

    `where`: which run and Event, in words. `text`: what is wrong.
    """

    topic: str
    requirement: str
    text: str
    where: str
    rule: str = ""

    def __str__(self) -> str:
        rule = f" {self.rule}" if self.rule else ""
        return f"[{self.requirement}{rule}] {self.text}\n    {self.where}"


def kind_name(kind: int) -> str:
    """The name of an Event's kind; its number where it has none."""
    return EventKind(kind).name if kind in {*EventKind} else f"kind {kind}"


def described(event: Event) -> str:
    """An Event on one line: its kind, the fields that are not 0, its stamps."""
    names = FIELD_NAMES.get(event.kind, ())
    values = payload(event.body)
    pairs = [f"{name}={value}" for name, value in zip(names, values, strict=False) if value]
    if len(values) > len(names):
        pairs.append(f"levels={(len(values) - len(names)) // 3}")
    stamps = f"event_time_ns={event.event_time_ns} capture_time_ns={event.capture_time_ns}"
    return f"{kind_name(event.kind)}({', '.join(pairs)}) {stamps}"


def described_record(record: Record) -> str:
    """A decision record on one line, with the names of its fields."""
    kind = RecordKind(record[0])
    pairs = zip(record_fields(kind, len(record) - 1), record[1:], strict=True)
    return f"{kind.name}({', '.join(f'{name}={value}' for name, value in pairs)})"


def told(findings: Iterable[Finding]) -> str:
    """Findings as text: the first of each kind, and how many more there were."""
    groups: dict[tuple[str, str], list[Finding]] = {}
    for finding in findings:
        groups.setdefault((finding.requirement, finding.rule), []).append(finding)
    lines = []
    for group in groups.values():
        lines += [str(finding) for finding in group[:SHOWN_MAX]]
        if len(group) > SHOWN_MAX:
            lines.append(f"    and {len(group) - SHOWN_MAX} more of this kind")
    return "\n".join(lines)
