"""`tickproof doctor`: what is installed here, what is missing, and which line brings it.

Decides nothing and changes nothing; it looks, and always ends with exit code 0. Extras are read
from the installed distribution's own metadata, so this list cannot fall behind `pyproject.toml`.
"""

from __future__ import annotations

import argparse
import gzip
import os
import platform
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from importlib.metadata import PackageNotFoundError, requires, version
from pathlib import Path
from typing import Any

from tickproof.kernel.kernel import BUILD
from tickproof.runtime.console import say
from tickproof.runtime.version import VERSION

REQUIREMENT = re.compile(r"(?P<name>[A-Za-z0-9._-]+)(?P<extras>\[[^\]]*\])?")
EXTRA = re.compile(r"extra\s*==\s*['\"](?P<extra>[^'\"]+)['\"]")
RAW_LOG = re.compile(rb"\d{16,19} \{")
PYTHONS = ("3.11", "3.12", "3.13", "3.14")
PROBE = "import platform; print(platform.python_version())"
DISTRIBUTION = "tickproof"
FILES_SHOWN = 12
NAMES_SHOWN = 6


def add(commands: Any) -> None:
    """Add the command."""
    command = commands.add_parser("doctor", help="show versions, build, extras and data found")
    command.set_defaults(handler=_doctor)


def _doctor(arguments: argparse.Namespace) -> int:
    for title, lines in (
        ("tickproof", installation()),
        ("extras", extras()),
        ("data", data_found(os.environ.get("TICKPROOF_DATA", ""))),
        ("pythons", interpreters()),
    ):
        for number, line in enumerate(lines):
            say(f"{'' if number else title:10} {line}")
    return 0


def installation() -> Iterator[str]:
    """Versions, build and platform."""
    yield f"{VERSION}, {BUILD} build, in {Path(__file__).parents[2]}"
    kind = platform.python_implementation()
    yield f"python {platform.python_version()} ({kind}), {sys.executable}"
    yield platform.platform()
    for name, extra in requirements():
        if not extra:
            yield f"{name} {_version(name) or 'missing: pip install ' + name}"


def extras() -> Iterator[str]:
    """Each extra with the versions it has, or what it misses and the line that brings it."""
    names: dict[str, list[str]] = {}
    for name, extra in requirements():
        members = names.setdefault(extra, []) if extra and name != DISTRIBUTION else [name]
        if name not in members:
            members.append(name)
    if not names:
        yield f"unknown: {DISTRIBUTION} runs from its source and is not installed (pip install .)"
    for extra, members in names.items():
        missing = [name for name in members if not _version(name)]
        if missing:
            line = f"pip install '{DISTRIBUTION}[{extra}]'"
            yield f"{extra:12} missing {_listed(missing)}: {line}"
        else:
            yield f"{extra:12} {_listed([f'{name} {_version(name)}' for name in members])}"


def _listed(names: list[str]) -> str:
    """The names, the first few of many."""
    shown = ", ".join(names[:NAMES_SHOWN])
    return f"{shown} and {len(names) - NAMES_SHOWN} more" if len(names) > NAMES_SHOWN else shown


def requirements() -> list[tuple[str, str]]:
    """(distribution, extra) of everything this one asks for; the extra is "" for the base."""
    try:
        listed = requires(DISTRIBUTION) or []
    except PackageNotFoundError:
        return []
    found = []
    for line in listed:
        name, extra = REQUIREMENT.match(line), EXTRA.search(line)
        if name is not None:
            found.append((name["name"], extra["extra"] if extra is not None else ""))
    return found


def _version(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        return ""


def data_found(folder: str) -> Iterator[str]:
    """What TICKPROOF_DATA leads to: the raw logs a backtest reads, and how much else."""
    if not folder:
        yield "TICKPROOF_DATA is not set: tests on real data are skipped, all else works"
        return
    place = Path(folder)
    if not place.is_dir():
        yield f"TICKPROOF_DATA is {folder}, which is not a folder"
        return
    everything = sorted(path for path in place.rglob("*") if path.is_file())
    logs = [path for path in everything if is_raw_log(path)]
    yield f"TICKPROOF_DATA is {folder}: {len(everything)} files, {len(logs)} raw exchange logs"
    for path in logs[:FILES_SHOWN]:
        yield f"  {path.relative_to(place)} ({path.stat().st_size / 1e6:.1f} MB)"
    if len(logs) > FILES_SHOWN:
        yield f"  and {len(logs) - FILES_SHOWN} more"


def is_raw_log(path: Path) -> bool:
    """Whether a file begins like a gzipped raw log: a receive stamp and a JSON object."""
    if path.suffix != ".gz":
        return False
    try:
        with gzip.open(path) as stream:
            return RAW_LOG.match(stream.read(32)) is not None
    except (OSError, EOFError):
        return False


def interpreters() -> Iterator[str]:
    """Pythons on PATH that run: a name may be a shim that leads nowhere."""
    missing = []
    for each in PYTHONS:
        place = shutil.which(f"python{each}")
        found = "" if place is None else _version_of(place)
        if found:
            yield f"{found} {place}"
        else:
            missing.append(each)
    if missing:
        yield f"not found: {', '.join(missing)}"


def _version_of(place: str) -> str:
    """The version an interpreter gives; empty when it does not run."""
    try:
        probe = subprocess.run([place, "-c", PROBE], capture_output=True, text=True, check=False)
    except OSError:
        return ""
    return probe.stdout.strip() if probe.returncode == 0 else ""
