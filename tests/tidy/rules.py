"""Rules that no linter knows: what the pure layers may use, who may import whom, and sizes.

A line may be exempted by a comment that says why, and must be when there is no better way:

    ratio = weight / total  # tidy: allow true-division because the chart is not state

An exemption without a reason, or one that exempts nothing, is itself a violation.
"""

import ast
import io
import re
import tokenize
from collections.abc import Iterator
from pathlib import Path

import attrs

FUNCTION_LINES_MAX = 70
LINE_LENGTH_MAX = 100

PURE_LAYERS = ("spec", "kernel", "venue")
# Which layers of tickproof each layer may import.
LAYER_IMPORTS = {
    "spec": {"spec"},
    "kernel": {"spec", "kernel"},
    "venue": {"spec", "kernel", "venue"},
    "invariants": {"spec", "kernel", "venue", "invariants"},
    "runtime": {"spec", "kernel", "venue", "invariants", "runtime"},
}
# Everything else a pure layer may import: nothing here has a clock, I/O, threads or randomness.
PURE_IMPORTS = {
    "__future__",
    "array",
    "attrs",
    "bisect",
    "collections",
    "enum",
    "functools",
    "hashlib",
    "heapq",
    "itertools",
    "operator",
    "sortedcontainers",
    "struct",
    "typing",
}
# hash() and id() differ between processes, the rest reach outside.
BANNED_CALLS = {"__import__", "eval", "exec", "hash", "id", "input", "open", "print"}
# Who runs the rules is nothing they may know.
BANNED_WORDS = {"backtest", "live"}
# Whatever walks its argument in order makes a set's arbitrary order visible.
ORDER_SENSITIVE_CALLS = {
    "enumerate",
    "filter",
    "iter",
    "list",
    "map",
    "next",
    "reversed",
    "tuple",
    "zip",
}

MARKER = re.compile(r"#\s*tidy:\s*allow\s+(?P<rule>[\w-]+)(?:\s+because\s+(?P<reason>\S.*))?")
WORD = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+")


@attrs.frozen(order=True)
class Violation:
    """A line that breaks a rule."""

    line: int
    rule: str
    text: str


@attrs.frozen
class Exemption:
    """A marker comment: the rule it lifts on its line, and why."""

    line: int
    rule: str
    reason: str


def layer_of(path: Path) -> str | None:
    """Name the layer of a source file, if it lies in one: the folder below ``tickproof``."""
    parts = path.parts
    if "tickproof" not in parts[:-1]:
        return None
    layer = parts[parts.index("tickproof") + 1]
    return layer if layer in LAYER_IMPORTS else None


def check(source: str, layer: str | None) -> list[Violation]:
    """Find what breaks a rule; a file outside every layer has to keep the sizes only."""
    tree = ast.parse(source)
    found = set(_sizes(source, tree))
    if layer is not None:
        found.update(_imports(tree, layer))
    if layer in PURE_LAYERS:
        found.update(_impurities(tree))
    return sorted(_after_exemptions(found, list(_exemptions(source))))


def _sizes(source: str, tree: ast.Module) -> Iterator[Violation]:
    for number, line in enumerate(source.splitlines(), start=1):
        if len(line) > LINE_LENGTH_MAX:
            yield Violation(number, "line-length", f"{len(line)} > {LINE_LENGTH_MAX}")
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            length = (node.end_lineno or node.lineno) - node.lineno + 1
            if length > FUNCTION_LINES_MAX:
                text = f"{node.name}: {length} > {FUNCTION_LINES_MAX}"
                yield Violation(node.lineno, "function-length", text)


def _imports(tree: ast.Module, layer: str) -> Iterator[Violation]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            modules = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and node.level:
            yield Violation(node.lineno, "import", "relative")
            continue
        elif isinstance(node, ast.ImportFrom) and node.module == "tickproof":
            modules = [f"tickproof.{alias.name}" for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            modules = [node.module or ""]
        else:
            continue
        for module in modules:
            if not _may_import(layer, module):
                yield Violation(node.lineno, "import", f"{layer} imports {module}")


def _may_import(layer: str, module: str) -> bool:
    root, _, rest = module.partition(".")
    if root == "tickproof":
        return rest.split(".")[0] in LAYER_IMPORTS[layer]
    return layer not in PURE_LAYERS or root in PURE_IMPORTS


def _impurities(tree: ast.Module) -> Iterator[Violation]:
    for node in ast.walk(tree):
        line = getattr(node, "lineno", 0)
        for rule, text in (*_inexact(node), *_banned(node), *_unordered(node), *_knowing(node)):
            yield Violation(line, rule, text)


def _inexact(node: ast.AST) -> Iterator[tuple[str, str]]:
    match node:
        case ast.Constant(value=float() | complex()):
            yield "float", repr(node.value)
        case ast.Name(id="float" | "complex" as name):
            yield "float", name
        case ast.BinOp(op=ast.Div()) | ast.AugAssign(op=ast.Div()):
            yield "true-division", ast.unparse(node)
        case (
            ast.Attribute(attr="truediv" | "itruediv" as name)
            | ast.alias(name="truediv" | "itruediv" as name)
        ):
            yield "true-division", name


def _banned(node: ast.AST) -> Iterator[tuple[str, str]]:
    match node:
        case ast.Call(func=ast.Name(id=name)) if name in BANNED_CALLS:
            yield "call", name
        case ast.Assert():
            yield "assert", "-O removes it; raise InvariantBroken"
        case ast.Global():
            yield "global", ", ".join(node.names)


def _is_set(node: ast.expr) -> bool:
    match node:
        case ast.Set() | ast.SetComp() | ast.Call(func=ast.Name(id="set" | "frozenset")):
            return True
        case _:
            return False


def _unordered(node: ast.AST) -> Iterator[tuple[str, str]]:
    walked: list[ast.expr] = []
    match node:
        case ast.For() | ast.comprehension():
            walked = [node.iter]
        case ast.Starred():
            walked = [node.value]
        case ast.Call(func=ast.Name(id=name)) if name in ORDER_SENSITIVE_CALLS:
            walked = node.args
        case ast.Call(func=ast.Attribute(attr="join")):
            walked = node.args
    for expression in walked:
        if _is_set(expression):
            yield "set-order", ast.unparse(expression)


def _knowing(node: ast.AST) -> Iterator[tuple[str, str]]:
    names: list[str] = []
    match node:
        case ast.Name():
            names = [node.id]
        case ast.Attribute():
            names = [node.attr]
        case ast.arg() | ast.keyword():
            names = [node.arg or ""]
        case ast.FunctionDef() | ast.AsyncFunctionDef() | ast.ClassDef():
            names = [node.name]
        case ast.alias():
            names = [node.name, node.asname or ""]
        case ast.ImportFrom():
            names = [node.module or ""]
    for name in names:
        if BANNED_WORDS & {word.lower() for word in WORD.findall(name)}:
            yield "runner-word", name


def _exemptions(source: str) -> Iterator[Exemption]:
    for token in tokenize.generate_tokens(io.StringIO(source).readline):
        if token.type == tokenize.COMMENT and (marker := MARKER.search(token.string)):
            yield Exemption(token.start[0], marker["rule"], (marker["reason"] or "").strip())


def _after_exemptions(found: set[Violation], exemptions: list[Exemption]) -> Iterator[Violation]:
    lifted = {(exemption.line, exemption.rule) for exemption in exemptions if exemption.reason}
    broken = {(violation.line, violation.rule) for violation in found}
    for violation in found:
        if (violation.line, violation.rule) not in lifted:
            yield violation
    for exemption in exemptions:
        if not exemption.reason:
            yield Violation(exemption.line, "exemption", f"{exemption.rule}: no reason given")
        elif (exemption.line, exemption.rule) not in broken:
            yield Violation(exemption.line, "exemption", f"{exemption.rule}: nothing to exempt")
