"""Every rule of the specification as text, and the hash that was reviewed of it.

A rule is a row or refusal of a table, or a coded policy. Its text is all it says: cell, guard,
effect, target or code, requirements, decision, and the source of every function of the
specification that guard and effect lead to, docstrings left out. A person reviews that text; its
hash is kept in `adr/reviewed.json`, and a rule whose text has changed since is suspect until
somebody has looked again and said why it is right.

This module reads nothing but the standard library and `tickproof.spec`, and runs as a script, so
that it can tell the rules of another revision from that revision's sources alone:

    PYTHONPATH=OTHER/spec python runtime/tickproof/runtime/rule_text.py > rules.json
"""

from __future__ import annotations

import ast
import hashlib
import importlib
import inspect
import json
import pkgutil
import sys
import textwrap
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import cache
from pathlib import Path
from types import FunctionType
from typing import Any

import tickproof.spec

REVIEWED = Path("adr", "reviewed.json")
"""Where reviewed hashes are kept, from the root of the repository."""

HASH_DIGITS = 16
SPECIFICATION = "tickproof.spec."

# --- rules ---------------------------------------------------------------------------------------


def modules() -> Iterator[Any]:
    """Every module of the specification, by name."""
    for found in sorted(pkgutil.iter_modules(tickproof.spec.__path__), key=lambda each: each.name):
        yield importlib.import_module(SPECIFICATION + found.name)


def rules() -> dict[str, tuple[Any, Any]]:
    """Rule id -> (rule, its table); policies have no table. In the order of the modules."""
    found: dict[str, tuple[Any, Any]] = {}
    for module in modules():
        for value in vars(module).values():
            if isinstance(value, type):
                continue
            if hasattr(value, "cells") and hasattr(value, "rules"):
                found.update({rule.id: (rule, value) for rule in value.rules})
            elif isinstance(value, tuple) and value and all(map(_is_policy, value)):
                found.update({policy.id: (policy, None) for policy in value})
    return found


def _is_policy(value: Any) -> bool:
    return all(hasattr(value, name) for name in ("id", "requirements", "decision"))


# --- text ----------------------------------------------------------------------------------------


def text_of(rule: Any, table: Any) -> str:
    """All that a rule says, a line per fact, then the functions it leads to."""
    lines = [f"rule          {rule.id}"]
    if table is not None:
        lines.append(f"cell          {table.states(rule.source).name} x")
        lines[-1] += f" {table.events(rule.event).name}"
        if hasattr(rule, "target"):
            lines.append(f"target        {table.states(rule.target).name}")
        else:
            lines.append(f"refusal       {table.codes(rule.code).name}")
    else:
        lines.append(f"code          {int(rule.code)}")
    lines.append(f"requirements  {', '.join(rule.requirements)}")
    lines.append(f"decision      {rule.decision}")
    functions = [value for value in _fields(rule) if isinstance(value, FunctionType)]
    for function in functions:
        lines += ["", *_source(function)]
    for function in _led_to(functions):
        lines += ["", *_source(function)]
    return "\n".join(lines)


def _fields(rule: Any) -> Iterator[Any]:
    for attribute in type(rule).__attrs_attrs__:
        yield getattr(rule, attribute.name)


def _led_to(functions: Iterable[FunctionType]) -> list[FunctionType]:
    """Functions of the specification that these name, directly or not, without themselves."""
    given = list(functions)
    found: dict[str, FunctionType] = {}
    waiting = list(given)
    while waiting:
        function = waiting.pop()
        for name in sorted(_names(function)):
            value = function.__globals__.get(name)
            if not isinstance(value, FunctionType) or value in given:
                continue
            # Where it was written: what a library says of its functions can be misled.
            if not value.__globals__["__name__"].startswith(SPECIFICATION):
                continue
            key = f"{value.__module__}.{value.__qualname__}"
            if key not in found:
                found[key] = value
                waiting.append(value)
    return [found[key] for key in sorted(found)]


@cache
def _names(function: FunctionType) -> frozenset[str]:
    """Names that stand in a function's source; what is an attribute's name is none."""
    try:
        tree = ast.parse("\n".join(_source(function)))
    except SyntaxError:
        return frozenset()
    return frozenset(node.id for node in ast.walk(tree) if isinstance(node, ast.Name))


@cache
def _source(function: FunctionType) -> tuple[str, ...]:
    """A function's lines without its docstring, indentation and empty lines."""
    try:
        lines = textwrap.dedent(inspect.getsource(function)).splitlines()
        tree = ast.parse("\n".join(lines)).body[0]
    except (OSError, SyntaxError):
        return (f"def {function.__qualname__}: source unknown",)
    left_out: set[int] = set()
    if isinstance(tree, ast.FunctionDef) and ast.get_docstring(tree) is not None:
        first = tree.body[0]
        left_out = set(range(first.lineno, (first.end_lineno or first.lineno) + 1))
    kept = [line for number, line in enumerate(lines, start=1) if number not in left_out]
    return tuple(line.rstrip() for line in kept if line.strip())


def texts() -> dict[str, str]:
    """Rule id -> text, of the specification as it is now."""
    return {name: text_of(rule, table) for name, (rule, table) in rules().items()}


# --- reviewed hashes -----------------------------------------------------------------------------


def digest(text: str) -> str:
    """The hash of a rule's text, short enough to be read."""
    return hashlib.sha256(text.encode()).hexdigest()[:HASH_DIGITS]


def reviewed(root: Path) -> dict[str, dict[str, str]]:
    """Rule id -> {hash, why} as reviewed; empty when nothing ever was."""
    try:
        text = (root / REVIEWED).read_text(encoding="utf-8")
    except FileNotFoundError:
        return {}
    found: dict[str, dict[str, str]] = json.loads(text)
    return found


def write_reviewed(root: Path, entries: Mapping[str, Mapping[str, str]]) -> None:
    """Write entries, a line each, sorted: a review is one changed line."""
    lines = [
        f" {json.dumps(name)}: {json.dumps(dict(entries[name]), sort_keys=True)}"
        for name in sorted(entries)
    ]
    (root / REVIEWED).write_text("{\n" + ",\n".join(lines) + "\n}\n", encoding="utf-8")


def suspects(
    entries: Mapping[str, Mapping[str, str]], now: Mapping[str, str]
) -> tuple[list[str], list[str]]:
    """(rules whose text is not the reviewed one, reviewed rules that are no more)."""
    changed = [
        name for name, text in now.items() if entries.get(name, {}).get("hash") != digest(text)
    ]
    return changed, sorted(set(entries) - set(now))


def main(write: Callable[[str], Any] = sys.stdout.write) -> None:
    """Print the texts of all rules as JSON."""
    write(json.dumps(texts()) + "\n")


if __name__ == "__main__":
    main()
