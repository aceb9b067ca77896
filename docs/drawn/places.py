"""Where things stand in the source, and the pages that show those sources line by line.

A link to a function leads to its first line, and every line has an anchor. What the pages show are
the files the site was built from, so a link needs no network and is never of another commit.
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

STYLE = """
:root { color-scheme: light dark; --word: #7928a1; --text: #116329; --note: #6a737d; }
@media (prefers-color-scheme: dark) { :root { --word: #d2a8ff; --text: #7ee787; --note: #8b949e; } }
body { font: 15px/1.4 system-ui, sans-serif; margin: 1rem 1.5rem; }
h1 { font-size: 1.2rem; }
pre { counter-reset: line; font: 12.5px/1.4 ui-monospace, monospace; overflow-x: auto; }
pre > span { counter-increment: line; scroll-margin-top: 4rem; }
pre > span::before { content: counter(line); display: inline-block; width: 3em; margin-right: 1em;
  text-align: right; color: var(--note); user-select: none; }
pre > span:target { background: #ffd43b55; }
.k { color: var(--word); } .s1 { color: var(--text); } .c1 { color: var(--note); }
"""


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
def parsed(path: str) -> ast.Module:
    """A file of the project, parsed once."""
    return ast.parse((PROJECT / path).read_text(encoding="utf-8"))


@cache
def lines_of(path: str) -> dict[str, int]:
    """First line of everything a file defines: functions, classes, methods and module names."""
    found: dict[str, int] = {}
    for node in parsed(path).body:
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
    """A page per source file, below the built site."""
    return {f"{page_of(path)}.html": page(path) for path in sorted(set(paths))}


def page(path: str) -> str:
    """One file, a line an anchor; HTML of its own, because the site would draw its frame slowly."""
    text = (PROJECT / path).read_text(encoding="utf-8")
    lines = "\n".join(
        f'<span id="L{number}">{line}</span>'
        for number, line in enumerate(coloured(text).split("\n"), start=1)
    )
    back = posixpath.relpath("review/index.html", posixpath.dirname(page_of(path)))
    head = f'<meta charset="utf-8"><title>{path}</title><style>{STYLE}</style>'
    body = f'<p><a href="{back}">tickproof, review</a></p><h1>{path}</h1><pre>{lines}</pre>'
    return f'<!DOCTYPE html>\n<html lang="en"><head>{head}</head><body>{body}</body></html>\n'


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
