"""Pages drawn from the code, so that they cannot say anything else.

    python docs/generate.py            write the pages
    python docs/generate.py --check    exit 1 when a committed page differs from the code

What is drawn: a page per table, the codes, the requirements with what serves them, events and
records, the command line, the settings, and a page per decision. They are committed, so that a
change of a row is seen in review as a change of its page.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

FOLDER = Path(__file__).resolve().parent
PROJECT = FOLDER.parent
# The source beside this file is what is drawn, never an installed copy.
sys.path[:0] = [str(PROJECT / part) for part in ("spec", "kernel", "invariants", "runtime", "")]

from docs.drawn import codes, decisions, formats, requirements, tables, usage  # noqa: E402

NOTE = "% Drawn by docs/generate.py from the code: do not edit.\n\n"
FOLDERS = ("tables", "decisions")
"""Folders that hold drawn pages only."""


def pages() -> dict[str, str]:
    """Every drawn page by its path under docs/."""
    drawn: dict[str, str] = {}
    for module in (tables, decisions, codes, requirements, formats, usage):
        drawn |= module.pages()
    return {path: NOTE + text.rstrip() + "\n" for path, text in drawn.items()}


def differing(drawn: dict[str, str]) -> list[str]:
    """Paths that are missing, differ, or stand in a drawn folder without being drawn."""
    found = []
    for path, text in drawn.items():
        file = FOLDER / path
        if not file.is_file() or file.read_text(encoding="utf-8") != text:
            found.append(path)
    for folder in FOLDERS:
        standing = [f"{folder}/{file.name}" for file in (FOLDER / folder).glob("*")]
        found += [path for path in standing if path not in drawn]
    return sorted(found)


def main(arguments: list[str] | None = None) -> int:
    """Write the pages, or with --check only say which differ."""
    parser = argparse.ArgumentParser(description="Draw the pages that come from the code.")
    parser.add_argument(
        "--check", action="store_true", help="write nothing; exit 1 on a difference"
    )
    check = parser.parse_args(arguments).check
    drawn = pages()
    changed = differing(drawn)
    for path in changed:
        print(f"docs/{path}", "differs from the code" if check else "drawn")
    if check:
        if changed:
            print("run: python docs/generate.py")
        return int(bool(changed))
    for path in changed:
        file = FOLDER / path
        if path not in drawn:
            file.unlink()
            continue
        file.parent.mkdir(exist_ok=True)
        file.write_text(drawn[path], encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
