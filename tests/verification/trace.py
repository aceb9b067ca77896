"""`trace`: every requirement leads to what makes it true and to what would notice that it is not.

A requirement counts when a row or policy names it, or `MADE_BY` says which part of the code makes
it true, and when everything `VERIFIED_BY` says exists, a test or proof or key of the table among
it. Besides, as problems that fail whatever the count:

* an orphan: a rule without requirement or decision, a decision no rule cites and no code, an
  invariant that names no requirement;
* a dangling id: a requirement named in the code that does not exist;
* a rule whose text is not the one that was reviewed (`tickproof spec review`).
"""

from __future__ import annotations

import ast
import fnmatch
import importlib
import inspect
import re
from functools import cache
from pathlib import Path

from tests.verification.__main__ import KEYS
from tests.verification.figures import PROJECT, SOURCES, Figure, figure
from tests.verification.tracing import MADE_BY, OPEN, VERIFIED_BY
from tickproof.invariants import order_life, predicates
from tickproof.runtime import rule_text
from tickproof.spec.requirements import REQUIREMENTS

LISTED = tuple(each.id for each in REQUIREMENTS)
FAMILIES = "|".join(sorted({re.sub(r"\d+", "", each) for each in LISTED}, key=len, reverse=True))
NAMED = re.compile(rf"\b(?:{FAMILIES})\d+\b")
BRACKETED = re.compile(rf"\[((?:{FAMILIES})\d+(?:(?:, | to | and )(?:{FAMILIES})\d+)*)[\],]")
INVARIANTS = {"predicates": predicates, "order_life": order_life}
HELPERS = ("broken", "broken_by_state", "broken_by_step")
LAYERS = ("spec", "kernel", "venue", "invariants", "runtime")


# --- names ---------------------------------------------------------------------------------------


@cache
def tests_in(path: str) -> tuple[str, ...]:
    """Names of the test functions of a file."""
    tree = ast.parse((PROJECT / path).read_text(encoding="utf-8"))
    return tuple(
        node.name
        for node in ast.walk(tree)
        if isinstance(node, ast.FunctionDef) and node.name.startswith("test_")
    )


@cache
def proofs_in(module: str) -> tuple[str, ...]:
    """Names of the proofs of a module."""
    found: tuple[str, ...] = importlib.import_module(f"tests.proofs.{module}").PROOFS
    return found


def stands(name: str) -> bool:
    """Whether a name of `VERIFIED_BY` is that of something."""
    if name in KEYS:
        return True
    place, double, function = name.partition("::")
    if double:
        if place.startswith("prove_"):
            return bool(fnmatch.filter(proofs_in(place), function))
        path = f"tests/{place}.py"
        return (PROJECT / path).is_file() and bool(fnmatch.filter(tests_in(path), function))
    module, _, predicate = name.partition(".")
    return module in INVARIANTS and bool(fnmatch.filter(invariants_of(module), predicate))


def invariants_of(module: str) -> dict[str, str]:
    """Predicates of an invariants module -> docstring."""
    found = inspect.getmembers(INVARIANTS[module], inspect.isfunction)
    return {
        name: function.__doc__ or ""
        for name, function in found
        if function.__module__ == INVARIANTS[module].__name__
        and not name.startswith("_")
        and name not in HELPERS
    }


def exists(dotted: str) -> bool:
    """Whether a part of tickproof of this name can be imported."""
    parts = ["tickproof", *dotted.split(".")]
    for cut in range(len(parts), 2, -1):
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


# --- problems ------------------------------------------------------------------------------------


def orphan_rules(known: set[str]) -> list[str]:
    """Rules without a requirement that exists, or without a decision that is written down."""
    decisions = {f"ADR-{path.name[:4]}" for path in (PROJECT / "adr").glob("[0-9]*.md")}
    return [
        f"rule {name}: {rule.requirements} {rule.decision}"
        for name, (rule, _) in rule_text.rules().items()
        if not rule.requirements
        or not set(rule.requirements) <= known
        or rule.decision not in decisions
    ]


def orphan_decisions() -> list[str]:
    """Decisions that no code, test or page of rules cites."""
    cited: set[str] = set()
    for root in (*SOURCES, "tests"):
        for path in (PROJECT / root).rglob("*.py"):
            cited |= set(re.findall(r"(?:ADR[- ]|adr/)(\d{4})", path.read_text(encoding="utf-8")))
    found = []
    for path in sorted((PROJECT / "adr").glob("[0-9]*.md")):
        confirmed = "## Confirmation" in path.read_text(encoding="utf-8")
        if path.name[:4] not in cited and not confirmed:
            found.append(f"decision {path.name[:4]}: nothing cites it and nothing confirms it")
    return found


def orphan_invariants(known: set[str]) -> list[str]:
    """Predicates whose docstring begins with no requirement."""
    found = []
    for module in INVARIANTS:
        for name, words in invariants_of(module).items():
            if not set(NAMED.findall(words.partition(":")[0])) & known:
                found.append(f"invariant {module}.{name}: names no requirement")
    return found


def dangling(known: set[str]) -> list[str]:
    """Requirements cited in brackets, anywhere, that do not exist."""
    found = []
    for root in (*SOURCES, "tests"):
        for path in sorted((PROJECT / root).rglob("*.py")):
            found += dangling_in(path, known)
    return found


def dangling_in(path: Path, known: set[str]) -> list[str]:
    """The same of one file."""
    text = path.read_text(encoding="utf-8")
    named = {one for cited in BRACKETED.findall(text) for one in NAMED.findall(cited)}
    return [f"{path.relative_to(PROJECT)}: [{each}]" for each in sorted(named - known)]


def unreviewed() -> list[str]:
    """Rules whose text is not the reviewed one, and reviews of rules that are gone."""
    changed, gone = rule_text.suspects(rule_text.reviewed(PROJECT), rule_text.texts())
    return [
        *(f"changed since its review: {name}" for name in changed),
        *(f"reviewed, and no rule: {name}" for name in gone),
    ]


# --- the key -------------------------------------------------------------------------------------


def is_complete(requirement: str, named_by_rules: set[str]) -> bool:
    """Whether a requirement is made by something and verified by something, all of which exists."""
    made = requirement in named_by_rules or bool(MADE_BY.get(requirement))
    checks = VERIFIED_BY.get(requirement, ())
    parts = MADE_BY.get(requirement, ())
    return made and bool(checks) and all(map(stands, checks)) and all(map(exists, parts))


def dangling_names() -> list[str]:
    """Entries of the map that lead nowhere."""
    known = set(LISTED)
    wrong = [
        f"{each}: no requirement" for each in {*MADE_BY, *VERIFIED_BY, *OPEN} if each not in known
    ]
    for requirement, names in VERIFIED_BY.items():
        wrong += [f"{requirement}: nothing is called {name}" for name in names if not stands(name)]
    for requirement, names in MADE_BY.items():
        wrong += [f"{requirement}: no part {name}" for name in names if not exists(name)]
    return wrong


def problems() -> list[str]:
    """Whatever is an orphan, dangles, or was not reviewed."""
    known = set(LISTED)
    return [
        *dangling_names(),
        *orphan_rules(known),
        *orphan_decisions(),
        *orphan_invariants(known),
        *dangling(known),
        *unreviewed(),
    ]


def compute(nightly: bool) -> Figure:
    """Requirements whose chain is complete; a problem anywhere fails the key."""
    by_rules = {each for rule, _ in rule_text.rules().values() for each in rule.requirements}
    reached = [each for each in LISTED if is_complete(each, by_rules)]
    found = figure(
        "trace", LISTED, reached, OPEN, rules=len(rule_text.rules()), by_rules=len(by_rules)
    )
    wrong = tuple(problems())
    if not wrong:
        return found
    return Figure(
        "trace",
        found.reached,
        found.listed,
        found.required,
        (*found.missing, *wrong),
        found.named,
        found.details,
    )
