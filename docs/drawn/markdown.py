"""Small pieces of Markdown that every drawn page is made of."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import Any


def table(header: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A Markdown table; bars inside cells are escaped."""
    lines = ["| " + " | ".join(header) + " |", "|" + "---|" * len(header)]
    lines += ["| " + " | ".join(cell.replace("|", "\\|") for cell in row) + " |" for row in rows]
    return "\n".join(lines)


def boxed(name: str, text: str) -> str:
    """A block with a class of its own, for the style sheet; it may hold other blocks."""
    fence = ":" * max([3, *(len(found) + 1 for found in re.findall(r"^:{3,}", text, re.MULTILINE))])
    return f"{fence}{{container}} {name}\n\n{text}\n\n{fence}"


def folded(summary: str, text: str) -> str:
    """A block that is closed until it is asked for."""
    return f"<details><summary>{summary}</summary>\n\n{text}\n\n</details>"


def fenced(language: str, text: str) -> str:
    """A code block."""
    return f"```{language}\n{text}\n```"


def prose(item: Any) -> str:
    """The first paragraph of a docstring as one line of Markdown."""
    text = (item if isinstance(item, str) else item.__doc__) or ""
    first = text.strip().partition("\n\n")[0]
    return escaped(" ".join(first.split()))


def escaped(text: str) -> str:
    """Plain text made safe for Markdown; names in backquotes and list marks stay."""
    return "\n".join(_escaped_line(line) for line in text.split("\n"))


def _escaped_line(line: str) -> str:
    mark = "* " if line.startswith("* ") else ""
    parts = re.split(r"(`[^`]*`)", line[len(mark) :])
    return mark + "".join(
        part if part.startswith("`") else re.sub(r"([_<\[\]])", r"\\\1", part) for part in parts
    )


def code(name: object) -> str:
    """A name as code."""
    return f"`{name}`"


def refusal(name: str) -> str:
    """A refusal code, which may break where its words end."""
    return f'<span class="refusal">{name.replace("_", "_<wbr>")}</span>'
