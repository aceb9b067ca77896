"""Mutants of a source text: one small change each, made by position, named by what they change.

What is changed: comparisons, `and`/`or`/`not`, `True`/`False`, `min`/`max`, `+`/`-`, integers, a
member of an enumeration (a row's target, a refusal's code), and the guard or effect of a row. What
is left alone: docstrings, annotations, enumerations themselves, messages of exceptions, slots and
exports, and anything whose change cannot alter behaviour by construction.
"""

from __future__ import annotations

import ast
import copy
import importlib
from collections.abc import Iterator
from enum import IntEnum
from types import ModuleType
from typing import Any

from attrs import frozen

from tests.verification.planting import source_of

COMPARISONS: dict[type[ast.cmpop], type[ast.cmpop]] = {
    ast.Lt: ast.LtE,
    ast.LtE: ast.Lt,
    ast.Gt: ast.GtE,
    ast.GtE: ast.Gt,
    ast.Eq: ast.NotEq,
    ast.NotEq: ast.Eq,
    ast.In: ast.NotIn,
    ast.NotIn: ast.In,
    ast.Is: ast.IsNot,
    ast.IsNot: ast.Is,
}
SWAPPED_CALLS = {"min": "max", "max": "min"}
ROW_MAKERS = ("go", "refuse")
LEFT_ALONE = ("__slots__", "__all__")


@frozen
class Mutant:
    """`text`: the whole module with `new` for `old`, which stands in `line` of the original."""

    module: str
    line: int
    column: int
    old: str
    new: str
    text: str

    @property
    def name(self) -> str:
        """What it is known by."""
        place = f"{self.module.removeprefix('tickproof.')}:{self.line}:{self.column}"
        return f"{place} {self.old} -> {self.new}"


def mutants_of(module: str, comparisons_only: bool = False) -> list[Mutant]:
    """Every mutant of a module, in the order of the source."""
    text = source_of(module).read_text(encoding="utf-8")
    tree = ast.parse(text)
    found: dict[str, Mutant] = {}
    for node in _nodes(tree):
        for changed in _changes(node, importlib.import_module(module)):
            if comparisons_only and not isinstance(node, ast.Compare | ast.BoolOp):
                continue
            made = _made(module, text, node, changed)
            found.setdefault(made.name, made)
    return list(found.values())


def _nodes(tree: ast.Module) -> Iterator[ast.AST]:
    """Nodes that may be changed, parents first."""
    waiting: list[ast.AST] = [tree]
    while waiting:
        node = waiting.pop(0)
        if isinstance(node, ast.expr):
            yield node
        waiting = [*_children(node), *waiting]


def _children(node: ast.AST) -> list[ast.AST]:
    """What of a node to look into."""
    if isinstance(node, ast.ClassDef):
        bases = {base.id for base in node.bases if isinstance(base, ast.Name)}
        return [] if bases & {"IntEnum", "Enum", "Protocol"} else list(node.body)
    if isinstance(node, ast.FunctionDef):
        return [*node.args.defaults, *node.body]
    if isinstance(node, ast.Raise | ast.Import | ast.ImportFrom):
        return []
    if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
        return []
    if isinstance(node, ast.AnnAssign):
        return [] if node.value is None else [node.value]
    if isinstance(node, ast.Assign) and any(
        isinstance(each, ast.Name) and each.id in LEFT_ALONE for each in node.targets
    ):
        return []
    if isinstance(node, ast.Subscript):
        return [node.value, node.slice]
    if isinstance(node, ast.JoinedStr):
        return []
    return list(ast.iter_child_nodes(node))


def _changes(node: ast.AST, module: ModuleType) -> Iterator[ast.expr]:
    """Other expressions to stand in the place of one."""
    if isinstance(node, ast.Compare):
        for place, operator in enumerate(node.ops):
            changed = copy.deepcopy(node)
            changed.ops[place] = COMPARISONS[type(operator)]()
            yield changed
    elif isinstance(node, ast.BoolOp):
        yield ast.BoolOp(ast.Or() if isinstance(node.op, ast.And) else ast.And(), node.values)
    elif isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not):
        yield node.operand
    elif isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add | ast.Sub):
        yield ast.BinOp(
            node.left, ast.Sub() if isinstance(node.op, ast.Add) else ast.Add(), node.right
        )
    elif isinstance(node, ast.Constant) and isinstance(node.value, bool):
        yield ast.Constant(not node.value)
    elif isinstance(node, ast.Constant) and isinstance(node.value, int):
        yield ast.Constant(node.value + 1)
    elif isinstance(node, ast.Attribute):
        yield from _other_member(node, module)
    elif isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
        yield from _other_call(node, module)


def _other_member(node: ast.Attribute, module: ModuleType) -> Iterator[ast.expr]:
    """The next member of the enumeration."""
    owner = getattr(module, node.value.id, None) if isinstance(node.value, ast.Name) else None
    if isinstance(owner, type) and issubclass(owner, IntEnum) and node.attr in owner.__members__:
        names = list(owner.__members__)
        other = names[(names.index(node.attr) + 1) % len(names)]
        if other != node.attr:
            yield ast.Attribute(node.value, other, ast.Load())


def _other_call(node: ast.Call, module: ModuleType) -> Iterator[ast.expr]:
    """min for max; in a row, no guard, no effect."""
    name: Any = node.func
    if name.id in SWAPPED_CALLS:
        changed = copy.deepcopy(node)
        changed.func = ast.Name(SWAPPED_CALLS[name.id], ast.Load())
        yield changed
    if name.id in ROW_MAKERS and hasattr(module, "unchanged"):
        second = node.args[1] if len(node.args) > 1 else None
        if name.id == "go" and isinstance(second, ast.Name) and second.id != "unchanged":
            changed = copy.deepcopy(node)
            changed.args[1] = ast.Name("unchanged", ast.Load())
            yield changed


def _made(module: str, text: str, node: Any, changed: ast.expr) -> Mutant:
    """The mutant that has `changed` where `node` was."""
    lines = text.encode().splitlines(keepends=True)
    start = sum(map(len, lines[: node.lineno - 1])) + node.col_offset
    stop = sum(map(len, lines[: node.end_lineno - 1])) + node.end_col_offset
    encoded = text.encode()
    new = ast.unparse(ast.fix_missing_locations(changed))
    # Brackets keep what binds tighter; a member or a number needs none.
    if not isinstance(changed, ast.Attribute | ast.Constant | ast.Call):
        new = f"({new})"
    whole = encoded[:start] + new.encode() + encoded[stop:]
    old = " ".join(encoded[start:stop].decode().split())
    return Mutant(module, node.lineno, node.col_offset, old, new, whole.decode())
