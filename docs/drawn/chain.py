"""Every object of the review, and its links: requirement, row, invariant, proof, test, decision.

Nothing here is written by hand. Rules come from the tables, proofs from the gate, what verifies a
requirement from `tests.verification.tracing`, what confirms a decision from the decision. Which
proofs and invariants watch a rule is concluded:

* an invariant, when its first words name a requirement that the rule serves; those of order life
  watch order life, those of State what `step` is made of;
* a proof of a module that is about the rule's table, when its name says the rule's event, or the
  table; or, where a name says neither, when it verifies a requirement that the rule serves. A
  proof that names some policies watches those.

A test shows a rule when it names the rule by its id; every rule is looked for by the check `rows`.
Where nothing watches a rule, the tests of the requirements that it serves are said to show it.
"""

from __future__ import annotations

import ast
import fnmatch
import importlib
import inspect
import re
from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any

from attrs import frozen

from docs.drawn.places import PROJECT, Place, lines_of, parsed, place_of
from docs.drawn.tables import ordered, owner_of
from tests.proofs import gate
from tests.verification import trace
from tests.verification.__main__ import KEYS
from tests.verification.tracing import VERIFIED_BY
from tickproof.runtime import rule_text
from tickproof.spec.requirements import REQUIREMENTS
from tickproof.spec.table import Row, Table

ADR = PROJECT / "adr"
RULES_A_PAGE = 120
"""Tables with more rules get a page per event."""

REACHED = "spec/test_order_witnesses::test_rule_is_reached"
"""The test with a shortest witness for each rule of order life."""

GATE_CHECKS = {
    "proofs": "Proofs that the gate sees confirmed, of those that are listed.",
    "canaries": "Planted bugs that the gate sees refuted, of those that are listed.",
}
"""Checks of `nox -s verify` that are not modules of tests/verification."""


@frozen
class Thing:
    """One object. `links`: kind of link -> ids. `page`: below docs/, without its ending."""

    id: str
    kind: str
    title: str
    page: str
    links: Mapping[str, tuple[str, ...]]
    place: Place | None = None
    about: Any = None
    """The rule, requirement, function or text it was made of."""

    group: str = ""
    """Heading on its page."""


def id_of(name: str) -> str:
    """A name as an id that is also an anchor; a dot would mean a part of an object."""
    return name.replace("::", "-").replace("/", "-").replace(".", "-")


# --- what exists ---------------------------------------------------------------------------------


@cache
def proof_modules() -> dict[str, dict[str, Any]]:
    """Module name -> proofs and canaries by name, in the order they are listed."""
    found = {}
    for path in sorted((PROJECT / "tests" / "proofs").glob("prove_*.py")):
        module = importlib.import_module(f"tests.proofs.{path.stem}")
        functions = gate.functions_of(module.__name__)
        listed = (*module.PROOFS, *module.CANARIES)
        found[path.stem] = {name: functions[name] for name in listed}
    return found


@cache
def tests_by_file() -> dict[str, dict[str, int]]:
    """`spec/test_time` -> test -> line, of every test file."""
    root = PROJECT / "tests"
    found = {}
    for path in sorted(root.rglob("test_*.py")):
        relative = path.relative_to(PROJECT).as_posix()
        tests = {
            name.rpartition(".")[2]: line
            for name, line in lines_of(relative).items()
            if name.rpartition(".")[2].startswith("test_")
        }
        found[path.relative_to(root).with_suffix("").as_posix()] = tests
    return found


@cache
def rules() -> dict[str, tuple[Any, Any]]:
    """Rule id -> (rule, its table)."""
    return rule_text.rules()


@cache
def decisions() -> dict[str, Path]:
    """`ADR-0003` -> file."""
    return {f"ADR-{path.name[:4]}": path for path in sorted(ADR.glob("[0-9]*.md"))}


def invariants() -> Iterator[tuple[str, str]]:
    """(module, name) of every public predicate."""
    for module in trace.INVARIANTS:
        for name in trace.invariants_of(module):
            yield module, name


# --- names ---------------------------------------------------------------------------------------


def named(name: str, files: Iterable[str] = ()) -> tuple[str, ...]:
    """Ids of what a name of a decision or of `VERIFIED_BY` stands for; `files` seen before it."""
    if name in KEYS or name in GATE_CHECKS:
        return (f"check-{name}",)
    place, double, function = name.partition("::")
    if double and place.startswith("prove_"):
        known = fnmatch.filter(proof_modules().get(place, ()), function)
        return tuple(id_of(f"{place}::{each}") for each in known)
    if double:
        file = place.removeprefix("tests/").removesuffix(".py")
        known = fnmatch.filter(tests_by_file().get(file, ()), function)
        return tuple(id_of(f"{file}::{each}") for each in known)
    if name.startswith("test_"):
        homes = [file for file in files if name in tests_by_file().get(file, ())]
        return tuple(id_of(f"{file}::{name}") for file in homes[:1])
    if name.startswith("tests/") and name.endswith(".py"):
        file = name.removeprefix("tests/").removesuffix(".py")
        return tuple(id_of(f"{file}::{each}") for each in tests_by_file().get(file, ()))
    if name in rules() or name in decisions():
        return (id_of(name),)
    if "." in name and "*" in name and name[0].isupper():
        return tuple(map(id_of, fnmatch.filter(rules(), name)))
    module, dot, predicate = name.removeprefix("tickproof.invariants.").rpartition(".")
    if dot and module in trace.INVARIANTS:
        known = fnmatch.filter(trace.invariants_of(module), predicate)
        return tuple(id_of(f"{module}.{each}") for each in known)
    return (name,) if name in trace.LISTED else ()


QUOTED = re.compile(r"`([^`\n]+(?:\n[^`\n]+)?)`")


def named_in(text: str) -> dict[str, tuple[str, ...]]:
    """Names in backquotes -> ids, of those that stand for objects."""
    files: list[str] = []
    found: dict[str, tuple[str, ...]] = {}
    for quoted in QUOTED.findall(text):
        name = " ".join(quoted.split())
        place, double, _ = name.partition("::")
        if double and place.startswith("tests/"):
            files.append(place.removeprefix("tests/").removesuffix(".py"))
        ids = named(name, files)
        if ids:
            found[quoted] = ids
    return found


@cache
def confirmed_by(decision: str) -> tuple[str, ...]:
    """Ids of what the section Confirmation of a decision names."""
    text = decisions()[decision].read_text(encoding="utf-8")
    _, _, section = text.partition("## Confirmation")
    return tuple(dict.fromkeys(each for ids in named_in(section).values() for each in ids))


# --- conclusions ---------------------------------------------------------------------------------


@cache
def requirements_of_proofs() -> dict[str, frozenset[str]]:
    """Proof id -> requirements that it verifies."""
    found: dict[str, set[str]] = {}
    for requirement, names in VERIFIED_BY.items():
        for each in (one for name in names for one in named(name)):
            found.setdefault(each, set()).add(requirement)
    for module, functions in proof_modules().items():
        for name in functions:
            said = re.match(r"p_([a-z]{1,2}\d+)_", name)
            if said and said[1].upper() in trace.LISTED:
                found.setdefault(id_of(f"{module}::{name}"), set()).add(said[1].upper())
    return {name: frozenset(each) for name, each in found.items()}


@cache
def subjects() -> dict[str, frozenset[str]]:
    """Proof module -> names of the modules of the specification that it takes things from."""
    found = {}
    for name in proof_modules():
        values = vars(importlib.import_module(f"tests.proofs.{name}")).values()
        homes = {getattr(value, "__module__", "") or "" for value in values}
        homes |= {owner_of(value).__name__ for value in values if isinstance(value, Table)}
        found[name] = frozenset(each for each in homes if each.startswith("tickproof.spec."))
    return found


def words_of(name: str, known: Iterable[str]) -> set[str]:
    """Which of these a name says, as whole words; the longest where one holds another.

    In small letters a word of several parts is said too; `held` alone would be a word of English.
    """
    found: set[str] = set()
    rest = f"_{name}_"
    for word in sorted(known, key=len, reverse=True):
        for written in (word, *([word.lower()] if "_" in word else [])):
            if f"_{written}_" in rest:
                found.add(word)
                rest = rest.replace(f"_{written}_", "__")
    return found


@cache
def table_words() -> dict[str, str]:
    """Word in a proof's name -> table, such as `session` and `order_list`."""
    found = {}
    for name, table in ordered():
        found[name.replace("-", "_")] = table.name
        if len(table.name) > 3:
            found[table.name.lower()] = table.name
    return found


@cache
def proofs_about(home: str) -> tuple[tuple[str, str], ...]:
    """(proof, id) of the modules that take something from this module of the specification."""
    return tuple(
        (name, id_of(f"{module}::{name}"))
        for module, functions in proof_modules().items()
        if home in subjects()[module]
        for name in functions
        if name.startswith("p_")
    )


@cache
def _watching(table: str, home: str, events: tuple[str, ...]) -> tuple[tuple[Any, ...], ...]:
    """(id, events said, whether the table is said, requirements) of proofs about a table."""
    found = []
    for name, each in proofs_about(home):
        said = {table_words()[word] for word in words_of(name, table_words())}
        if said and table not in said:
            continue
        verified = requirements_of_proofs().get(each, frozenset())
        found.append((each, words_of(name, events), bool(said), verified))
    return tuple(found)


def watchers(rule: Any, table: Any) -> tuple[str, ...]:
    """Ids of the invariants, then of the proofs, that watch a rule."""
    served = set(rule.requirements)
    if table is None:
        name, home, event, events = "", type(rule).__module__, "", ()
    else:
        name, home = table.name, owner_of(table).__name__
        event, events = table.events(rule.event).name, tuple(each.name for each in table.events)
    found = [
        id_of(f"{module}.{predicate}")
        for module, predicate in invariants()
        if home in (stepped() if module == "predicates" else (rule_text.SPECIFICATION + module,))
        and served & requirements_of_invariant(module, predicate)
    ]
    for each, said, whole, verified in _watching(name, home, events):
        if event in said or (not said and (whole or served & verified)):
            found.append(each)
    if table is None:
        of_others = proofs_of_policies()
        found = [each for each in found if rule.id in of_others.get(each, {rule.id})]
    return tuple(found)


@cache
def proofs_of_policies() -> dict[str, set[str]]:
    """Proof id -> the policies whose function or code its source names, where it names any."""
    policies = {name: rule for name, (rule, table) in rules().items() if table is None}
    found: dict[str, set[str]] = {}
    for home in {type(rule).__module__ for rule in policies.values()}:
        for module, functions in proof_modules().items():
            if home not in subjects()[module]:
                continue
            for name, function in functions.items():
                words = set(re.findall(r"\w+", inspect.getsource(function)))
                said = {each for each, rule in policies.items() if words & _names_of(rule)}
                if said:
                    found[id_of(f"{module}::{name}")] = said
    return found


def _names_of(policy: Any) -> set[str]:
    """What code calls a policy: its functions, and its code."""
    values = [getattr(policy, each.name) for each in type(policy).__attrs_attrs__]
    names = {value.__name__ for value in values if inspect.isfunction(value)}
    return names | {policy.id.rpartition(".")[2]}


@cache
def stepped() -> frozenset[str]:
    """Modules of the specification that its `step` is made of: what predicates of State watch."""
    waiting, found = ["step"], set()
    while waiting:
        name = waiting.pop()
        path = f"spec/tickproof/spec/{name}.py"
        if name in found or not (PROJECT / path).is_file():
            continue
        found.add(name)
        for node in ast.walk(parsed(path)):
            if isinstance(node, ast.ImportFrom) and node.module:
                if node.module == "tickproof.spec":
                    waiting += [each.name for each in node.names]
                elif node.module.startswith(rule_text.SPECIFICATION):
                    waiting.append(node.module.removeprefix(rule_text.SPECIFICATION))
    return frozenset(rule_text.SPECIFICATION + name for name in found)


@cache
def requirements_of_invariant(module: str, name: str) -> frozenset[str]:
    """Requirements that the first words of a predicate name."""
    said = trace.invariants_of(module)[name].partition(":")[0]
    return frozenset(trace.NAMED.findall(said)) & frozenset(trace.LISTED)


@cache
def tests_naming_rules() -> dict[str, tuple[str, ...]]:
    """Rule id -> ids of the tests whose source names it."""
    known = rules()
    found: dict[str, dict[str, None]] = {}
    for file in tests_by_file():
        for name, source in _functions(f"tests/{file}.py"):
            for each in re.findall(r"[A-Z]+\.[A-Z_]+\.\w+\.\w+|RISK\.\w+", source):
                if each in known:
                    found.setdefault(each, {})[id_of(f"{file}::{name}")] = None
    return {rule: tuple(tests) for rule, tests in found.items()}


@cache
def _functions(path: str) -> tuple[tuple[str, str], ...]:
    """(name, source) of each test of a file, its decorators included."""
    lines = (PROJECT / path).read_text(encoding="utf-8").split("\n")
    found = []
    for node in _definitions(parsed(path).body):
        if node.name.startswith("test_"):
            first = min([node.lineno, *(each.lineno for each in node.decorator_list)])
            found.append((node.name, "\n".join(lines[first - 1 : node.end_lineno])))
    return tuple(found)


def _definitions(body: list[ast.stmt]) -> Iterator[ast.FunctionDef]:
    """Functions of a module and of its classes."""
    for node in body:
        if isinstance(node, ast.FunctionDef):
            yield node
        elif isinstance(node, ast.ClassDef):
            yield from _definitions(node.body)


@cache
def checks_of_invariants() -> dict[str, tuple[str, ...]]:
    """Invariant id -> ids of the tests and checks that ask it."""
    asked: dict[tuple[str, str], dict[str, None]] = {}
    for file in tests_by_file():
        text = (PROJECT / "tests" / f"{file}.py").read_text(encoding="utf-8")
        for module in trace.INVARIANTS:
            if f"tickproof.invariants.{module}" in text or f"import {module}" in text:
                for name, source in _functions(f"tests/{file}.py"):
                    for word in set(re.findall(r"\w+", source)):
                        asked.setdefault((module, word), {})[id_of(f"{file}::{name}")] = None
    for key in KEYS:
        path = PROJECT / "tests" / "verification" / f"{key}.py"
        text = path.read_text(encoding="utf-8") if path.is_file() else ""
        for module in trace.INVARIANTS:
            if f"tickproof.invariants.{module}" in text:
                asked.setdefault((module, "broken"), {})[f"check-{key}"] = None
    found = {}
    for module, name in invariants():
        words = (name, *trace.HELPERS)
        ids = [each for word in words for each in asked.get((module, word), ())]
        found[id_of(f"{module}.{name}")] = tuple(dict.fromkeys(ids))
    return found


# --- objects -------------------------------------------------------------------------------------


@cache
def slugs() -> dict[str, str]:
    """Table -> its name as typed."""
    return {table.name: name for name, table in ordered()}


def page_of_rule(rule: Any, table: Any) -> str:
    """Where a rule's object stands."""
    if table is None:
        return "review/rules/policies"
    name = slugs()[table.name]
    if len(table.rules) <= RULES_A_PAGE:
        return f"review/rules/{name}"
    return f"review/rules/{name}-{table.events(rule.event).name.lower().replace('_', '-')}"


def rule_things() -> Iterator[Thing]:
    """Rows, refusals and policies."""
    shown = tests_naming_rules()
    for name, (rule, table) in rules().items():
        kind = "policy" if table is None else "row" if isinstance(rule, Row) else "refusal"
        tests = shown.get(name, ())
        if table is not None and table.name == "OL":
            tests = (id_of(REACHED), *tests)
        watched = watchers(rule, table)
        if not watched:
            tests = (*tests, *tests_by_requirement(rule))
        checks = () if table is None else ("check-rows",)
        links = {
            "serves": rule.requirements,
            "decided": (rule.decision,),
            "watched": watched,
            "shown": tuple(dict.fromkeys((*tests, *checks))),
        }
        group = "" if table is None else table.events(rule.event).name
        yield Thing(
            id_of(name),
            kind,
            name,
            page_of_rule(rule, table),
            links,
            place_of(rule.guard) if table is not None else None,
            (rule, table),
            group,
        )


def tests_by_requirement(rule: Any) -> list[str]:
    """Ids of the tests of what a rule serves, for a rule that nothing watches."""
    names = [name for each in rule.requirements for name in VERIFIED_BY.get(each, ())]
    tests = [name for name in names if "::" in name and not name.startswith("prove_")]
    return [each for name in tests for each in named(name)]


def requirement_things() -> Iterator[Thing]:
    """Requirements, with what verifies them."""
    for each in REQUIREMENTS:
        found = [one for name in VERIFIED_BY.get(each.id, ()) for one in named(name)]
        links = {"verified": tuple(dict.fromkeys(found))}
        page = "review/requirements"
        yield Thing(each.id, "requirement", each.id, page, links, None, each, each.section)


def decision_things() -> Iterator[Thing]:
    """Decisions, with what confirms them."""
    for name, path in decisions().items():
        text = path.read_text(encoding="utf-8")
        title = text.partition("\n")[0].removeprefix(f"# {path.name[:4]} ")
        links = {"confirmed": confirmed_by(name)}
        yield Thing(name, "decision", title, f"decisions/{path.name[:4]}", links, None, text)


@cache
def verified_by(requirement: str) -> frozenset[str]:
    """Ids of what `VERIFIED_BY` says of a requirement."""
    return frozenset(one for name in VERIFIED_BY.get(requirement, ()) for one in named(name))


def unsaid(each: str, served: Iterable[str]) -> tuple[str, ...]:
    """Requirements that an object guards and that do not name it themselves, in their order."""
    found = (one for one in served if each not in verified_by(one))
    return tuple(sorted(found, key=trace.LISTED.index))


def invariant_things() -> Iterator[Thing]:
    """Predicates, with the tests and checks that ask them."""
    for module, name in invariants():
        function = getattr(trace.INVARIANTS[module], name)
        each = id_of(f"{module}.{name}")
        links = {
            "guards": unsaid(each, requirements_of_invariant(module, name)),
            "checked": checks_of_invariants()[each],
        }
        title = f"{module}.{name}"
        page = "review/invariants"
        yield Thing(each, "invariant", title, page, links, place_of(function), function, module)


def proof_things() -> Iterator[Thing]:
    """Proofs and canaries."""
    verified = requirements_of_proofs()
    for module, functions in proof_modules().items():
        page = f"review/proofs/{module.removeprefix('prove_').replace('_', '-')}"
        for name, function in functions.items():
            each = id_of(f"{module}::{name}")
            kind = "proof" if name.startswith("p_") else "canary"
            checked = "check-proofs" if kind == "proof" else "check-canaries"
            links = {"guards": unsaid(each, verified.get(each, ())), "checked": (checked,)}
            title = f"{module}::{name}"
            yield Thing(each, kind, title, page, links, place_of(function), function, module)


def check_things() -> Iterator[Thing]:
    """Checks of `nox -s verify` that requirements and rules lean on."""
    for name in (*GATE_CHECKS, *KEYS):
        path = "tests/proofs/gate.py" if name in GATE_CHECKS else f"tests/verification/{name}.py"
        said = GATE_CHECKS.get(name) or _first_paragraph(path)
        place = Place(path, 1)
        yield Thing(f"check-{name}", "check", name, "review/checks", {}, place, said)


def _first_paragraph(path: str) -> str:
    if not (PROJECT / path).is_file():
        return ""
    said = ast.get_docstring(parsed(path)) or ""
    return " ".join(said.partition("\n\n")[0].split())


def test_things(wanted: set[str]) -> Iterator[Thing]:
    """Tests that something leads to."""
    for file, tests in tests_by_file().items():
        for name, line in tests.items():
            each = id_of(f"{file}::{name}")
            if each in wanted:
                place = Place(f"tests/{file}.py", line)
                page = f"review/tests/{file.partition('/')[0]}"
                yield Thing(each, "test", f"{file}::{name}", page, {}, place, name, file)


@cache
def things() -> dict[str, Thing]:
    """Every object by id, in the order of the pages. Raises ValueError when two share an id."""
    found: list[Thing] = [
        *requirement_things(),
        *decision_things(),
        *rule_things(),
        *invariant_things(),
        *proof_things(),
        *check_things(),
    ]
    wanted = {each for thing in found for ids in thing.links.values() for each in ids}
    found += test_things(wanted)
    every = {thing.id: thing for thing in found}
    if len(every) != len(found):
        raise ValueError("two objects have one id")
    return every


def dangling() -> list[str]:
    """Links that lead to no object."""
    every = things()
    return [
        f"{thing.id} {kind} {each}"
        for thing in every.values()
        for kind, ids in thing.links.items()
        for each in ids
        if each not in every
    ]


def leading_to(kind: str, target: str) -> list[Thing]:
    """Objects with a link of this kind to the target."""
    return _backwards().get((kind, target), [])


@cache
def _backwards() -> dict[tuple[str, str], list[Thing]]:
    found: dict[tuple[str, str], list[Thing]] = {}
    for thing in things().values():
        for kind, ids in thing.links.items():
            for each in ids:
                found.setdefault((kind, each), []).append(thing)
    return found
