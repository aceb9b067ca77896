"""Every requirement with the rules, policies and invariants that name it."""

from __future__ import annotations

import ast
import re
from functools import cache
from pathlib import Path

from docs.drawn.markdown import boxed, code, escaped, table
from docs.drawn.tables import ordered
from tickproof.invariants.order_life import RULES
from tickproof.spec.requirements import REQUIREMENTS
from tickproof.spec.risk import POLICIES

PROJECT = Path(__file__).resolve().parents[2]
ROOTS = ("spec", "kernel", "invariants", "runtime")


def pages() -> dict[str, str]:
    """requirements.md."""
    parts = [
        "# Requirements",
        (
            "Every promise of the specification, restated by `tickproof.spec.requirements`, with "
            "what in the code names it. Rules are those of the [tables](tables/index.md) and risk "
            "policies; modules are those whose first words name the id in brackets. A promise "
            "that nothing names here is kept by plain code, or still open: see [what is not "
            "built](verification.md#what-is-not-there-yet)."
        ),
    ]
    section = ""
    lines: list[tuple[str, str, str, str]] = []
    for requirement in REQUIREMENTS:
        if requirement.section != section:
            parts += _closed(lines)
            lines = []
            section = requirement.section
            parts.append(f"## {section}")
        served = "<br>".join((*_rules(requirement.id), *_invariants(requirement.id)))
        modules = ", ".join(code(name) for name in _modules(requirement.id))
        lines.append((f"**{requirement.id}**", escaped(requirement.text), served, modules))
    return {"requirements.md": "\n\n".join(parts + _closed(lines))}


def _closed(lines: list[tuple[str, str, str, str]]) -> list[str]:
    if not lines:
        return []
    return [boxed("dense", table(("id", "requirement", "rules and invariants", "modules"), lines))]


def _rules(requirement: str) -> list[str]:
    found = []
    for name, each in ordered():
        count = sum(requirement in rule.requirements for rule in each.rules)
        if count:
            found.append(f"[{each.name}](tables/{name}.md) {count}")
    named = [code(policy.id) for policy in POLICIES if requirement in policy.requirements]
    if len(named) > 4:
        found.append(f"[RISK](errors.md#risk) {len(named)}")
    else:
        found += named
    return found


def _invariants(requirement: str) -> list[str]:
    return [
        code(rule.__name__)
        for _, rule in RULES
        if re.search(rf"\b{requirement}\b", (rule.__doc__ or "").partition(":")[0])
    ]


def _modules(requirement: str) -> list[str]:
    pattern = re.compile(rf"\b{requirement}\b")
    return [name for name, cited in _citations() if pattern.search(cited)]


@cache
def _citations() -> tuple[tuple[str, str], ...]:
    """(module, the bracketed ids of its docstring), ranges such as I1 to I3 written out."""
    found = []
    for root in ROOTS:
        for file in sorted((PROJECT / root).rglob("*.py")):
            if file.name == "requirements.py":
                continue
            said = ast.get_docstring(ast.parse(file.read_text(encoding="utf-8"))) or ""
            text = " ".join(re.findall(r"\[[^\]\[]*\]", said))
            name = ".".join(file.relative_to(PROJECT / root / "tickproof").with_suffix("").parts)
            found.append((name.removesuffix(".__init__"), re.sub(_RANGE, _written_out, text)))
    return tuple(found)


_RANGE = re.compile(r"\b([A-Z]+)(\d+) to \1(\d+)\b")


def _written_out(match: re.Match[str]) -> str:
    letters, first, last = match.groups()
    return ", ".join(f"{letters}{number}" for number in range(int(first), int(last) + 1))
