"""A page per decision: the record, and beside it what the code says follows from it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache

from docs.drawn import chain, places
from docs.drawn.chain import Thing, leading_to, things
from docs.drawn.markdown import boxed, escaped, folded, table
from docs.drawn.objects import (
    RULES,
    directive,
    inside,
    need,
    needs,
    place_of_dotted,
    suspects_of,
)
from docs.drawn.places import PROJECT
from docs.drawn.tables import ordered
from tests.verification import trace
from tickproof.spec.requirements import REQUIREMENTS

FEW = 8
"""As many links as are shown without being asked for."""

IN_SOURCE = re.compile(r"tickproof(\.\w+)+")


def decisions() -> list[Thing]:
    """Decisions by number."""
    return [thing for thing in things().values() if thing.kind == "decision"]


def decision_index() -> str:
    """The list of decisions."""
    lines = []
    for thing in decisions():
        status = re.search(r"^Status: (.+)$", thing.about, re.MULTILINE)
        found = suspects_of(thing)
        review = f'<span class="suspect">{len(found)} suspect</span>' if found else ""
        rules = len(leading_to("decided", thing.id))
        number = thing.id[4:]
        lines.append(
            (
                f"[{number}]({number}.md)",
                escaped(thing.title),
                status[1] if status else "",
                str(rules or ""),
                review,
            )
        )
    used = [column for column in range(5) if any(line[column] for line in lines)]
    header = [("ADR", "decision", "status", "rules", "review")[column] for column in used]
    numbers = "\n".join(thing.id[4:] for thing in decisions())
    return "\n\n".join(
        (
            "# Decisions",
            (
                "Why things are as they are, and what would fail if they were not. Beside each "
                "record stand the rules that cite it, and what watches and shows them."
            ),
            table(header, [[line[column] for column in used] for line in lines]),
            f"```{{toctree}}\n:hidden:\n\n{numbers}\n```",
        )
    )


def decision_page(thing: Thing) -> str:
    """The record, and beside it what the code says follows from it."""
    heading, _, rest = thing.about.partition("\n")
    return "\n\n".join((heading, boxed("chain", beside(thing)), linked(rest.strip(), thing)))


def beside(thing: Thing) -> str:
    """Rules, invariants, proofs and tests of a decision."""
    rules = leading_to("decided", thing.id)
    confirmed = [things()[each] for each in thing.links["confirmed"]]
    reached = {
        each: None for rule in rules for each in (*rule.links["watched"], *rule.links["shown"])
    }
    found = [things()[each] for each in reached]
    every = list({each.id: each for each in (*confirmed, *found)}.values())
    parts = [directive(thing, suspicion(thing, rules), {"layout": "decision"})]
    if rules:
        served = {each: None for rule in rules for each in rule.links["serves"]}
        serves = [each.id for each in REQUIREMENTS if each.id in served]
        parts.append("serves " + ", ".join(need(things()[each]) for each in serves))
    for kinds, name in (
        (RULES, "Rules"),
        (("invariant",), "Invariants"),
        (("proof", "canary"), "Proofs"),
        (("test", "check"), "Tests"),
    ):
        of_kind = rules if kinds == RULES else [each for each in every if each.kind in kinds]
        if not of_kind:
            continue
        text = inside(of_kind) if kinds == RULES else by_file(of_kind)
        parts += [heading(name, len(of_kind)), text]
    cited = citing(thing.id[4:])
    if cited:
        links = [places.link(place, str(place), thing.page) for place in cited]
        text = "\n".join(f"* {link}" for link in links)
        parts += [heading("Code", len(cited)), text if len(cited) <= FEW else folded("files", text)]
    return "\n\n".join(parts)


def heading(name: str, count: int) -> str:
    """What a group beside a decision is called; no heading of the page."""
    return f'<p class="group">{name} <b>{count}</b></p>'


@cache
def citing(number: str) -> tuple[places.Place, ...]:
    """Where code cites a decision, the first place of each file."""
    found = []
    for root in ("spec", "kernel", "invariants", "runtime"):
        for file in sorted((PROJECT / root).rglob("*.py")):
            text = file.read_text(encoding="utf-8")
            cited = re.search(rf"(?:ADR[- ]|adr/){number}", text)
            if cited:
                line = text.count("\n", 0, cited.start()) + 1
                found.append(places.Place(file.relative_to(PROJECT).as_posix(), line))
    return tuple(found)


def by_file(found: list[Thing]) -> str:
    """Proofs and tests folded by where they stand; what is few is not folded."""
    groups: dict[str, list[Thing]] = {}
    for each in found:
        groups.setdefault(each.group, []).append(each)
    if len(found) <= FEW:
        return needs(found)
    return "\n\n".join(
        folded(f"{group or 'checks'} <b>{len(each)}</b>", needs(each))
        for group, each in groups.items()
    )


def suspicion(thing: Thing, rules: list[Thing]) -> str:
    """Whether a decision may be relied on as it was reviewed."""
    found = suspects_of(thing)
    if found:
        return (
            f'<span class="suspect">suspect</span>: {len(found)} of {len(rules)} rules changed '
            f"since their review\n\n{needs(found)}"
        )
    if rules:
        return f"all {len(rules)} rules are as reviewed"
    return "no rule cites it; what confirms it:"


def linked(text: str, thing: Thing) -> str:
    """A record's text, its names leading to what they name."""
    text = re.sub(r"\]\((\d{4})-[\w-]+\.md", r"](\1.md", text)
    known = chain.named_in(text)
    parts = re.split(r"(```.*?```)", text, flags=re.DOTALL)
    return "".join(
        part if part.startswith("```") else _linked_part(part, known, thing) for part in parts
    )


def _linked_part(text: str, known: Mapping[str, tuple[str, ...]], thing: Thing) -> str:
    pieces = re.split(r"(`[^`]+`)", text)
    for number, piece in enumerate(pieces):
        if piece.startswith("`"):
            pieces[number] = chain.QUOTED.sub(lambda m: _linked(m, known, thing), piece)
        else:
            pieces[number] = trace.BRACKETED.sub(_linked_ids, piece)
    return "".join(pieces)


def _linked_ids(match: re.Match[str]) -> str:
    """Requirements cited in brackets; those that do not exist stay as they are."""
    return trace.NAMED.sub(lambda m: need(things()[m[0]]) if m[0] in things() else m[0], match[0])


def _linked(match: re.Match[str], known: Mapping[str, tuple[str, ...]], thing: Thing) -> str:
    ids = known.get(match[1], ())
    name = " ".join(match[1].split())
    if len(ids) == 1:
        return need(things()[ids[0]], name)
    if ids:
        return f"{{doc}}`{name} </{things()[ids[0]].page}>`"
    if name in tables_by_name():
        return f"{{doc}}`{name} </tables/{tables_by_name()[name]}>`"
    place = place_of_dotted(name) if IN_SOURCE.fullmatch(name) else place_named(name)
    return match[0] if place is None else places.link(place, name, thing.page)


@cache
def tables_by_name() -> dict[str, str]:
    """`PQ` -> the page of the table."""
    return {each.name: name for name, each in ordered()}


def place_named(name: str) -> places.Place | None:
    """Where a file stands, or what has this name in one place of the sources alone."""
    if name.endswith(".py") and (PROJECT / name).is_file():
        return places.Place(name, 1)
    found = names_in_sources().get(name, ())
    return found[0] if len(found) == 1 else None


@cache
def names_in_sources() -> dict[str, tuple[places.Place, ...]]:
    """What modules define, by name; a name of the specification is the one that is meant."""
    found: dict[str, tuple[places.Place, ...]] = {}
    for root in ("spec", "kernel", "invariants", "runtime"):
        known = set(found)
        for file in sorted((PROJECT / root).rglob("*.py")):
            path = file.relative_to(PROJECT).as_posix()
            for name, line in places.lines_of(path).items():
                if len(name) > 3 and (root == "spec" or name not in known):
                    found[name] = (*found.get(name, ()), places.Place(path, line))
    return found
