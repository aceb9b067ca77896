"""Decisions: whole, listed, cited rightly, and confirmed by things that exist."""

import ast
import fnmatch
import importlib
import re
from functools import cache
from pathlib import Path

import pytest

from tickproof.runtime.rendering import TABLES
from tickproof.spec.risk import POLICIES

PROJECT = Path(__file__).resolve().parents[2]
FOLDER = PROJECT / "adr"
FILES = sorted(FOLDER.glob("[0-9]*.md"))
SECTIONS = (
    "Context",
    "Decision drivers",
    "Considered options",
    "Decision outcome",
    "Consequences",
    "Confirmation",
)
QUOTED = re.compile(r"`([^`]+)`")
RULE_ID = re.compile(r"[A-Z]+(\.[A-Z_*]+)+(\.[\w*]+)*")
COMMANDS = {"build/verification.json"}
RULES = {rule.id for table in TABLES.values() for rule in table.rules} | {p.id for p in POLICIES}


def sections(path: Path) -> dict[str, str]:
    parts = re.split(r"^## (.+)$", path.read_text(encoding="utf-8"), flags=re.MULTILINE)
    return dict(zip(parts[1::2], parts[2::2], strict=True))


@cache
def functions_in(path: str) -> frozenset[str]:
    tree = ast.parse((PROJECT / path).read_text(encoding="utf-8"))
    return frozenset(node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef))


@cache
def proofs_in(module: str) -> tuple[str, ...]:
    found = importlib.import_module(f"tests.proofs.{module}")
    return (*found.PROOFS, *found.CANARIES)


def exists(dotted: str) -> bool:
    """Whether the longest importable prefix has the rest as attributes."""
    parts = dotted.split(".")
    for cut in range(len(parts), 1, -1):
        try:
            found: object = importlib.import_module(".".join(parts[:cut]))
        except ModuleNotFoundError:
            continue
        for name in parts[cut:]:
            if not hasattr(found, name):
                return False
            found = getattr(found, name)
        return True
    return False


def stands(name: str, files: set[str]) -> bool:
    """Whether a name in Confirmation is that of something; `files`: test files named so far."""
    if "::" in name:
        place, _, function = name.partition("::")
        if place.startswith("prove_"):
            return bool(fnmatch.filter(proofs_in(place), function))
        files.add(place)
        return (PROJECT / place).is_file() and function in functions_in(place)
    if name.startswith("test_"):
        return any(name in functions_in(file) for file in files)
    if name.startswith("tickproof."):
        return exists(name)
    if RULE_ID.fullmatch(name):
        return bool(fnmatch.filter(RULES, name))
    if name.startswith("tests/"):
        return (PROJECT / name).is_file()
    return name in COMMANDS or is_run_by(name)


def is_run_by(command: str) -> bool:
    """Whether a command is a session of nox, or a module of the benchmarks."""
    if command.startswith("nox -s "):
        return command.removeprefix("nox -s ") in functions_in("noxfile.py")
    module = command.removeprefix("python -m ")
    return module != command and (PROJECT / f"{module.replace('.', '/')}.py").is_file()


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_a_decision_has_every_section_in_order(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert re.match(rf"# {path.name[:4]} \S.*\n\nStatus: (accepted|superseded by)", text)
    found = sections(path)
    assert tuple(found) == SECTIONS
    assert all(body.strip() for body in found.values())


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_what_confirms_a_decision_exists(path: Path) -> None:
    files: set[str] = set()
    names = QUOTED.findall(sections(path)["Confirmation"].replace("\n", " "))
    assert names
    assert [name for name in names if not stands(name, files)] == []


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_modules_named_in_a_decision_exist(path: Path) -> None:
    names = QUOTED.findall(path.read_text(encoding="utf-8"))
    dotted = [name for name in names if re.fullmatch(r"tickproof(\.\w+)+", name)]
    assert [name for name in dotted if not exists(name)] == []


def test_numbers_are_given_once_and_the_index_lists_each_decision() -> None:
    numbers = [path.name[:4] for path in FILES]
    assert len(set(numbers)) == len(numbers)
    index = (FOLDER / "README.md").read_text(encoding="utf-8")
    for path in FILES:
        heading, _, rest = path.read_text(encoding="utf-8").partition("\n\nStatus: ")
        title = heading.removeprefix(f"# {path.name[:4]} ")
        status = rest.partition("\n")[0]
        assert f"| [{path.name[:4]}]({path.name}) | {title} | {status} |" in index


def test_every_decision_the_code_cites_is_written_down() -> None:
    known = {path.name[:4] for path in FILES}
    cited: dict[str, str] = {}
    for root in ("spec", "kernel", "invariants", "runtime", "tests"):
        for file in sorted((PROJECT / root).rglob("*.py")):
            text = file.read_text(encoding="utf-8")
            for number in re.findall(r"(?:ADR[- ]|adr/)(\d{4})", text):
                cited.setdefault(number, str(file.relative_to(PROJECT)))
    assert {number: file for number, file in cited.items() if number not in known} == {}
    assert {rule.decision for table in TABLES.values() for rule in table.rules} <= {
        f"ADR-{number}" for number in known
    }


def test_a_name_that_stands_for_nothing_is_noticed() -> None:
    for name in (
        "tests/docs/test_adrs.py::test_missing",
        "prove_time::p_time_stands_still_*",
        "OL.WORKING.FILLED.fill_imagined",
        "tickproof.spec.order_life.imagined",
        "test_imagined",
        "imagined",
        "NOTHING.*",
        "tests/spec/test_imagined.py",
        "nox -s imagined",
        "python -m benchmarks.imagined",
    ):
        assert not stands(name, {"tests/docs/test_adrs.py"})
