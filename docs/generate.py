"""Pages drawn from the code, so that they cannot say anything else.

    python docs/generate.py            write the pages
    python docs/generate.py --check    exit 1 when a committed page differs from the code

What is drawn: a page per table, the codes, events and records, the command line and the settings.
They are committed, so that a change of a row is seen in review as a change of its page. What is
drawn besides when the site is built, and never committed, is in `docs/drawn/review.py`.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

FOLDER = Path(__file__).resolve().parent
PROJECT = FOLDER.parent
# The source beside this file is what is drawn, never an installed copy.
sys.path[:0] = [str(PROJECT / part) for part in ("spec", "kernel", "invariants", "runtime", "")]

from docs.drawn import codes, formats, names, tables, usage  # noqa: E402

NOTE = "% Drawn by docs/generate.py from the code: do not edit.\n\n"
FOLDERS = ("tables",)
"""Folders that hold drawn pages only."""


def pages() -> dict[str, str]:
    """Every drawn page by its path under docs/."""
    drawn: dict[str, str] = {}
    for module in (tables, codes, formats, names, usage):
        drawn |= module.pages()
    return {path: NOTE + text.rstrip() + "\n" for path, text in drawn.items()}


def differing(drawn: dict[str, str], folders: tuple[str, ...] = FOLDERS) -> list[str]:
    """Paths that are missing, differ, or stand in a drawn folder without being drawn."""
    found = []
    for path, text in drawn.items():
        file = FOLDER / path
        if not file.is_file() or file.read_text(encoding="utf-8") != text:
            found.append(path)
    for folder in folders:
        files = (file for file in (FOLDER / folder).rglob("*") if file.is_file())
        standing = [file.relative_to(FOLDER).as_posix() for file in files]
        found += [path for path in standing if path not in drawn]
    return sorted(found)


def write(drawn: dict[str, str], folders: tuple[str, ...] = FOLDERS) -> list[str]:
    """Write what differs and remove what is no more drawn; the paths of both."""
    changed = differing(drawn, folders)
    for path in changed:
        file = FOLDER / path
        if path not in drawn:
            file.unlink()
            continue
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(drawn[path], encoding="utf-8")
    return changed


def main(arguments: list[str] | None = None) -> int:
    """Write the pages, or with --check only say which differ."""
    parser = argparse.ArgumentParser(description="Draw the pages that come from the code.")
    parser.add_argument(
        "--check", action="store_true", help="write nothing; exit 1 on a difference"
    )
    check = parser.parse_args(arguments).check
    drawn = pages()
    changed = differing(drawn) if check else write(drawn)
    for path in changed:
        print(f"docs/{path}", "differs from the code" if check else "drawn")
    if check and changed:
        print("run: python docs/generate.py")
    return int(check and bool(changed))


if __name__ == "__main__":
    sys.exit(main())
