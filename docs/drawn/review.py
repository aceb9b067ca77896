"""Pages for reviewers: every object of the chain with its links, and a page per decision.

Thousands of objects are not for a repository: these pages are written when the site is built, into
folders that git ignores (`docs/conf.py`). What a change of a rule looks like is seen in the pages
that are committed, and by `tickproof spec diff`. ADR 0020 says why.
"""

from __future__ import annotations

import inspect
import re
from collections.abc import Iterable, Mapping
from functools import cache
from typing import Any

from docs.drawn import chain, decisions, places
from docs.drawn.chain import Thing, id_of, things
from docs.drawn.markdown import boxed, escaped, table
from docs.drawn.objects import KINDS, OBJECTS, RULES, need, review_of, suspects
from docs.drawn.places import PROJECT
from docs.drawn.tables import ordered

NOTE = "% Drawn when the site is built: do not edit.\n\n"
FOLDERS = ("review", "decisions")
"""Folders below docs/ that hold what is written here, and nothing else."""

LISTED = "requirements\nrules/index\ninvariants\nchecks\nsuspects"
"""Pages that the site's navigation shows; the others are led to."""

ORPHAN = "---\norphan: true\n---\n\n"


def pages() -> dict[str, str]:
    """Every page, by its path below docs/."""
    found = {f"{page}.md": text for page, text in object_pages().items()}
    found |= {f"{thing.page}.md": decisions.decision_page(thing) for thing in decisions.decisions()}
    found["decisions/index.md"] = decisions.decision_index()
    found["review/index.md"] = index(list(found))
    found["review/rules/index.md"] = rule_index()
    found["review/suspects.md"] = suspect_page()
    return {path: _noted(text) for path, text in found.items()}


def source_pages(drawn: Mapping[str, str]) -> dict[str, str]:
    """The pages of the sources that these lead to, by path below the built site."""
    return places.pages(sources(drawn.values()))


def _noted(text: str) -> str:
    """The note comes after what Sphinx reads first."""
    if text.startswith("---\n"):
        head, _, rest = text[4:].partition("\n---\n")
        return f"---\n{head}\n---\n\n{NOTE}{rest.strip()}\n"
    return NOTE + text.rstrip() + "\n"


def sources(texts: Iterable[str]) -> set[str]:
    """Source files that pages lead to."""
    pattern = re.compile(rf'href="[./]*{places.FOLDER.rpartition("/")[2]}/([^"#]+)\.html#L\d+"')
    from_decisions = re.compile(rf'href="[./]*{places.FOLDER}/([^"#]+)\.html#L\d+"')
    found: set[str] = set()
    for text in texts:
        for each in (pattern, from_decisions):
            found |= {f"{path}.py" for path in each.findall(text)}
    return {path for path in found if (PROJECT / path).is_file()}


TITLES = {
    "review/requirements": "Requirements",
    "review/invariants": "Invariants",
    "review/checks": "Checks",
    "review/rules/policies": "Risk policies",
}
INTRODUCTIONS = {
    "review/requirements": "Every promise of the specification, with what makes it true and what "
    "would notice that it is not.",
    "review/invariants": "Predicates over States and steps, asked by tests of what the "
    "specification and the kernel do; `tickproof.invariants` is public.",
    "review/checks": "Lines of the table that `nox -s verify` prints and that requirements and "
    "rules lean on; {doc}`/verification` has all of them.",
}


def object_pages() -> dict[str, str]:
    """Page -> text, of all objects but decisions."""
    found: dict[str, list[Thing]] = {}
    for thing in things().values():
        if thing.kind != "decision":
            found.setdefault(thing.page, []).append(thing)
    return {page: page_of_objects(page, each) for page, each in found.items()}


def page_of_objects(page: str, found: list[Thing]) -> str:
    """A page of objects, under a heading for each group."""
    parts = [f"# {title_of(page, found[0])}"]
    parts += [INTRODUCTIONS[page]] if page in INTRODUCTIONS else [about(page, found[0])]
    groups: dict[str, list[Thing]] = {}
    for thing in found:
        groups.setdefault(thing.group, []).append(thing)
    for group, each in groups.items():
        if group and page not in single_groups():
            parts.append(f"## {group}")
        parts += [OBJECTS[thing.kind](thing) for thing in each]
    listed = page in ("review/requirements", "review/invariants", "review/checks")
    return ("" if listed else ORPHAN) + "\n\n".join(parts)


@cache
def single_groups() -> frozenset[str]:
    """Pages whose objects are all of one group, which the title says."""
    groups: dict[str, set[str]] = {}
    for thing in things().values():
        groups.setdefault(thing.page, set()).add(thing.group)
    return frozenset(page for page, each in groups.items() if len(each) == 1)


def title_of(page: str, first: Thing) -> str:
    """What a page of objects is called."""
    if page in TITLES:
        return TITLES[page]
    if first.kind in RULES:
        drawn = first.about[1]
        return (
            f"{drawn.title}: {first.group}" if page in single_groups() else f"{drawn.title}: rules"
        )
    if first.kind in ("proof", "canary"):
        return f"Proofs: {first.group.removeprefix('prove_').replace('_', ' ')}"
    return f"Tests: {page.rpartition('/')[2]}"


def about(page: str, first: Thing) -> str:
    """What a page of objects begins with, and the way back."""
    if first.kind in RULES:
        drawn = first.about[1]
        if drawn is None:
            return "All that decides whether an Intent is admitted; {doc}`codes </errors>`."
        name = chain.slugs()[drawn.name]
        back = f"{{doc}}`{drawn.title}, state by event </tables/{name}>`"
        return f"Rule by rule. {back}; {{doc}}`all rules </review/rules/index>`."
    if first.kind in ("proof", "canary"):
        module = inspect.getmodule(first.about)
        said = inspect.cleandoc((module and module.__doc__) or "").split("\n\n")
        return "\n\n".join((*map(escaped, said), "{doc}`All proofs </review/index>`."))
    return "Tests that a requirement, a rule, an invariant or a decision leads to."


def index(written: list[str]) -> str:
    """Where a review begins."""
    kinds: dict[str, int] = {}
    for thing in things().values():
        kinds[thing.kind] = kinds.get(thing.kind, 0) + 1
    changed, gone = suspects()
    rules = "{doc}`rules/index`"
    proofs = sorted(page[:-3] for page in written if page.startswith("review/proofs/"))
    tests = sorted(page[:-3] for page in written if page.startswith("review/tests/"))
    where = {
        "requirement": "{doc}`requirements`",
        "decision": "{doc}`/decisions/index`",
        "row": rules,
        "refusal": rules,
        "policy": "{doc}`rules/policies`",
        "invariant": "{doc}`invariants`",
        "proof": ", ".join(f"{{doc}}`{_last(page)} </{page}>`" for page in proofs),
        "canary": "beside the proofs",
        "check": "{doc}`checks`",
        "test": ", ".join(f"{{doc}}`{_last(page)} </{page}>`" for page in tests),
    }
    lines = [(KINDS[kind], str(count), where[kind]) for kind, count in kinds.items()]
    state = "no rule is" if not changed else f"**{len(changed)}** rules are"
    return "\n\n".join(
        (
            "# Review",
            (
                "Every requirement, rule, invariant, proof and test that another of them leads to "
                "is an object with links both ways. All of it is read from the code when the site "
                "is built, and a link that leads nowhere fails the build."
            ),
            (
                "Begin with a decision: what was decided stands on the left, what follows from it "
                "in the code on the right. From there one link leads to a rule, and the next to "
                "the invariants and proofs that watch it and the tests that show it."
            ),
            (
                "A rule is *suspect* while its text, or that of any function it leads to, is not "
                f"the one that was reviewed. Now {state} suspect, {len(gone)} reviewed rules are "
                "gone: {doc}`suspects`. `tickproof spec diff REV1 REV2` shows two texts side by "
                "side; `tickproof spec review RULE... --why` records that somebody has looked."
            ),
            boxed("dense", table(("object", "number", "where"), lines)),
            f"```{{toctree}}\n:hidden:\n\n{LISTED}\n```",
        )
    )


def _last(page: str) -> str:
    return page.rpartition("/")[2].replace("-", " ")


def rule_index() -> str:
    """Every rule in one table that can be searched."""
    links = ", ".join(
        f"{{doc}}`{each.title} </{_first_page(name, each)}>`" for name, each in ordered()
    )
    return "\n\n".join(
        (
            "# Rules",
            (
                "Every row, refusal and policy. Search by any part of an id, a code, a requirement "
                "or a decision: `FILLED`, `STALE`, `OL9`, `ADR-0010`."
            ),
            f"Rule by rule: {links}, {{doc}}`Risk policies </review/rules/policies>`.",
            boxed(
                "rules-index",
                ":::{needtable}\n:types: row, refusal, policy\n"
                ':columns: id as "rule"; title as "name"; then as "then"; serves as "serves"; '
                'decided as "decided by"; status as "review"\n:style: datatables\n:::',
            ),
        )
    )


def _first_page(name: str, drawn: Any) -> str:
    return chain.page_of_rule(drawn.rules[0], drawn)


def suspect_page() -> str:
    """What waits for somebody to look."""
    changed, gone = suspects()
    known = things()
    parts = [
        "# Suspects",
        (
            "Rules whose text is not the one that was reviewed, with the decisions that they make "
            "suspect. `tickproof spec suspects` lists the same; `nox -s verify` fails while there "
            "is one."
        ),
    ]
    if not changed:
        parts.append("No rule is suspect: each is as it was reviewed.")
    else:
        found = [known[id_of(name)] for name in changed]
        lines = [(need(each), review_of(each), _decided(each, known)) for each in found]
        parts.append(boxed("rules", table(("rule", "review", "decision"), lines)))
    if gone:
        parts.append(
            "Reviewed once, and no more a rule: " + ", ".join(f"`{name}`" for name in gone)
        )
    return "\n\n".join(parts)


def _decided(rule: Thing, known: Mapping[str, Thing]) -> str:
    name = rule.links["decided"][0]
    return need(known[name], name) if name in known else f"`{name}`"
