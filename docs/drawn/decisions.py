"""A page per decision: the record itself, and beside it what the code says follows from it."""

from __future__ import annotations

import re
from pathlib import Path

from docs.drawn.markdown import code, table
from docs.drawn.tables import ordered
from tickproof.spec.risk import POLICIES

ADR = Path(__file__).resolve().parents[2] / "adr"


def pages() -> dict[str, str]:
    """decisions/index.md and one page per record."""
    drawn = {}
    lines = []
    for file in sorted(ADR.glob("[0-9]*.md")):
        number = file.name[:4]
        text = file.read_text(encoding="utf-8")
        title = text.partition("\n")[0].removeprefix(f"# {number} ")
        status = re.search(r"^Status: (.+)$", text, re.MULTILINE)
        lines.append((f"[{number}]({number}.md)", title, status[1] if status else ""))
        drawn[f"decisions/{number}.md"] = page(file.name, number)
    names = "\n".join(number for number in sorted(path[10:14] for path in drawn))
    drawn["decisions/index.md"] = "\n\n".join(
        (
            "# Decisions",
            (
                "Why things are as they are, and what would fail if they were not. Each page ends "
                "with the rules of the code that cite the decision."
            ),
            table(("ADR", "decision", "status"), lines),
            f"```{{toctree}}\n:hidden:\n\n{names}\n```",
        )
    )
    return drawn


def page(name: str, number: str) -> str:
    """The record, and the rules that cite it."""
    lines = []
    for table_name, each in ordered():
        rules = [rule for rule in each.rules if rule.decision == f"ADR-{number}"]
        if rules:
            served = sorted({r for rule in rules for r in rule.requirements}, key=_natural)
            link = f"[{each.title}](../tables/{table_name}.md)"
            lines.append((link, code(each.name), str(len(rules)), ", ".join(served)))
    policies = [policy for policy in POLICIES if policy.decision == f"ADR-{number}"]
    if policies:
        served = sorted({r for policy in policies for r in policy.requirements}, key=_natural)
        link = "[Risk policies](../errors.md#risk)"
        lines.append((link, "`RISK`", str(len(policies)), ", ".join(served)))
    parts = [f"```{{include}} ../../adr/{name}\n```"]
    if lines:
        parts += [
            "## Rules that cite this decision",
            table(("table", "prefix", "rules", "requirements"), lines),
        ]
    return "\n\n".join(parts)


def _natural(identifier: str) -> tuple[str, int]:
    """OL2 before OL10."""
    letters = identifier.rstrip("0123456789")
    return letters, int(identifier[len(letters) :])
