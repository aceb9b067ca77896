"""Where things stand in the source, and the pages that show those sources line by line.

A link to a function leads to its first line. The pages are HTML inside one raw block: thousands of
lines are then no words of the site's search, and every line has an anchor.
"""

from __future__ import annotations

import ast
import io
import keyword
import posixpath
import tokenize
from collections.abc import Iterable
from functools import cache
from html import escape
from pathlib import Path
from types import FunctionType
from typing import Any

from attrs import frozen

PROJECT = Path(__file__).resolve().parents[2]
FOLDER = "review/source"
"""Below docs/ and below the built site."""

FENCE = "`" * 9
"""Longer than any fence a source quotes."""


@frozen
class Place:
    """A line of a file of the project; `path` is from its root."""

    path: str
    line: int

    def __str__(self) -> str:
        """As a person would write it."""
        return f"{self.path}:{self.line}"


def place_of(function: Any) -> Place | None:
    """Where a function or class was written; None when that is not a file of the project."""
    if isinstance(function, FunctionType):
        return _place(function.__code__.co_filename, function.__code__.co_firstlineno)
    if isinstance(function, type):
        return place_of_name(function.__module__, function.__qualname__)
    return None


def _place(file: str, line: int) -> Place | None:
    path = Path(file).resolve()
    return Place(path.relative_to(PROJECT).as_posix(), line) if PROJECT in path.parents else None


def place_of_name(module: str, name: str = "") -> Place | None:
    """Where a module, or what it defines by this name, stands."""
    for root in ("spec", "kernel", "invariants", "runtime", ""):
        path = PROJECT / root / Path(*module.split("."))
        for file in (path.with_suffix(".py"), path / "__init__.py"):
            if file.is_file():
                relative = file.relative_to(PROJECT).as_posix()
                return Place(relative, lines_of(relative).get(name, 1))
    return None


@cache
def lines_of(path: str) -> dict[str, int]:
    """First line of everything a file defines: functions, classes, methods and module names."""
    found: dict[str, int] = {}
    tree = ast.parse((PROJECT / path).read_text(encoding="utf-8"))
    for node in tree.body:
        _note(node, "", found)
    return found


def _note(node: ast.stmt, prefix: str, found: dict[str, int]) -> None:
    if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
        found.setdefault(prefix + node.name, node.lineno)
    elif isinstance(node, ast.ClassDef):
        found.setdefault(prefix + node.name, node.lineno)
        for inner in node.body:
            _note(inner, f"{prefix}{node.name}.", found)
    elif isinstance(node, ast.Assign):
        for target in node.targets:
            if isinstance(target, ast.Name):
                found.setdefault(prefix + target.id, node.lineno)
    elif isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name):
        found.setdefault(prefix + node.target.id, node.lineno)


def page_of(path: str) -> str:
    """The page of a source file, without its ending."""
    return f"{FOLDER}/{path.removesuffix('.py')}"


def link(place: Place | None, text: str, page: str) -> str:
    """Code that leads to its source, on `page`; code alone where there is none."""
    if place is None:
        return f"`{text}`"
    target = posixpath.relpath(page_of(place.path), posixpath.dirname(page) or ".")
    return f'<a class="source" href="{target}.html#L{place.line}"><code>{escape(text)}</code></a>'


def pages(paths: Iterable[str]) -> dict[str, str]:
    """A page per source file."""
    return {f"{page_of(path)}.md": page(path) for path in sorted(set(paths))}


def page(path: str) -> str:
    """One file, a line an anchor."""
    text = (PROJECT / path).read_text(encoding="utf-8")
    lines = "\n".join(
        f'<span id="L{number}">{line}</span>'
        for number, line in enumerate(coloured(text).split("\n"), start=1)
    )
    block = f'<div class="highlight source-file"><pre>{lines}</pre></div>'
    head = "---\norphan: true\nno-search: true\n---"
    return f"{head}\n\n# {path}\n\n{FENCE}{{raw}} html\n{block}\n{FENCE}"


def coloured(text: str) -> str:
    """Python as HTML of the same lines: keywords, strings and comments, no more."""
    lines = text.split("\n")
    found: list[list[str]] = [[] for _ in lines]
    row, column = 1, 0

    def plain(to_row: int, to_column: int) -> None:
        nonlocal row, column
        while row < to_row:
            found[row - 1].append(escape(lines[row - 1][column:], quote=False))
            row, column = row + 1, 0
        found[row - 1].append(escape(lines[row - 1][column:to_column], quote=False))
        column = to_column

    for token in tokenize.generate_tokens(io.StringIO(text).readline):
        kind = class_of(token)
        if not kind:
            continue
        plain(*token.start)
        for number, part in enumerate(token.string.split("\n")):
            if number:
                row, column = row + 1, 0
            found[row - 1].append(f'<span class="{kind}">{escape(part, quote=False)}</span>')
            column += len(part)
    plain(len(lines), len(lines[-1]))
    return "\n".join("".join(parts) for parts in found)


def class_of(token: tokenize.TokenInfo) -> str:
    """The style of a token, by the names that the themes have for it; none for most."""
    if token.type == tokenize.COMMENT:
        return "c1"
    if token.type == tokenize.STRING:
        return "s1"
    return "k" if token.type == tokenize.NAME and keyword.iskeyword(token.string) else ""
