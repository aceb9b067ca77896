"""An object of the review as Markdown: what it says in words, and its links.

Where an object would name hundreds of others, as a requirement its rules, they are counted by page
or folded instead of listed.
"""

from __future__ import annotations

import ast
import inspect
import re
from collections.abc import Iterable, Mapping
from functools import cache
from typing import Any

from docs.drawn import chain, places
from docs.drawn.chain import Thing, leading_to, things
from docs.drawn.markdown import escaped, fenced, folded, prose, refusal
from docs.drawn.places import PROJECT, parsed, place_of, place_of_name
from tests.verification.tracing import MADE_BY, OPEN
from tickproof.invariants import witnesses
from tickproof.runtime import rule_text
from tickproof.spec.order_life import OrderEvent
from tickproof.spec.table import Row

FIELDS = ("table", "in", "on", "then")
KINDS = {
    "requirement": "Requirement",
    "decision": "Decision",
    "row": "Row",
    "refusal": "Refusal",
    "policy": "Policy",
    "invariant": "Invariant",
    "proof": "Proof",
    "canary": "Canary",
    "check": "Check",
    "test": "Test",
}
LINKS = {
    "serves": ("serves", "made true by"),
    "decided": ("decided by", "decides"),
    "watched": ("watched by", "watches"),
    "shown": ("shown by", "shows"),
    "verified": ("verified by", "verifies"),
    "guards": ("guards", "guarded by too"),
    "checked": ("checked by", "checks"),
    "confirmed": ("confirmed by", "confirms"),
}
"""Kind of link -> what it is called, from both ends."""

RULES = ("row", "refusal", "policy")
MANY = 20
"""Links beyond which an object shows them only when asked."""

BY_HAND = (
    "serves_back",
    "decided_back",
    "watched_back",
    "shown_back",
    "guards_back",
    "checked_back",
)
"""Links that are hundreds at their other end, where they are grouped instead of listed."""

RANGE = re.compile(r"\b([A-Z]+)(\d+) to \1(\d+)\b")

# --- reviews -------------------------------------------------------------------------------------


@cache
def suspects() -> tuple[tuple[str, ...], tuple[str, ...]]:
    """(rules whose text is not the reviewed one, reviewed rules that are no more)."""
    changed, gone = rule_text.suspects(rule_text.reviewed(PROJECT), rule_text.texts())
    return tuple(changed), tuple(gone)


@cache
def reviews() -> dict[str, dict[str, str]]:
    """Rule -> hash and why, as reviewed."""
    return rule_text.reviewed(PROJECT)


def status_of(thing: Thing) -> str:
    """Of a rule, and of a decision: `suspect` when a rule that cites it is."""
    if thing.kind in RULES:
        return "suspect" if thing.title in suspects()[0] else "reviewed"
    if thing.kind == "decision":
        return "suspect" if suspects_of(thing) else "reviewed"
    if thing.kind == "requirement" and thing.id in OPEN:
        return "open"
    return ""


def suspects_of(decision: Thing) -> list[Thing]:
    """Suspect rules that cite a decision."""
    return [each for each in leading_to("decided", decision.id) if status_of(each) == "suspect"]


# --- pieces --------------------------------------------------------------------------------------


def need(thing: Thing, text: str = "") -> str:
    """A link to an object."""
    return f"{{need}}`{text} <{thing.id}>`" if text else f"{{need}}`{thing.id}`"


def needs(found: Iterable[Thing]) -> str:
    """Links to objects, a line each."""
    return "\n".join(f"* {need(each)}" for each in found)


def source(name: str, found: Any, page: str) -> str:
    """A name that leads to its source."""
    return places.link(place_of(found), name, page)


def group_of(rule: Thing) -> str:
    """Where a rule belongs, in words: its table and its event."""
    drawn = rule.about[1]
    return f"{drawn.title}, {rule.group}" if drawn is not None else "Risk policies"


def by_group(rules: Iterable[Thing]) -> list[tuple[str, list[Thing]]]:
    """Rules by table and event, in the order of the tables."""
    found: dict[str, list[Thing]] = {}
    for rule in rules:
        found.setdefault(group_of(rule), []).append(rule)
    return list(found.items())


def counted(rules: Iterable[Thing]) -> str:
    """Rules as links to where they stand, with their numbers: `Order life, FILLED` 24."""
    found: dict[tuple[str, str], int] = {}
    for rule in rules:
        drawn = rule.about[1]
        name = "Risk policies" if drawn is None else drawn.title
        if drawn is not None and len(drawn.rules) > chain.RULES_A_PAGE:
            name = f"{drawn.title} {rule.group}"
        found[name, rule.page] = found.get((name, rule.page), 0) + 1
    links = [f"{{doc}}`{name} </{page}>` {count}" for (name, page), count in found.items()]
    return ", ".join(links) if len(links) <= MANY else folded("where", ", ".join(links))


def inside(rules: list[Thing]) -> str:
    """Every rule as a link, folded by table and event."""
    return "\n\n".join(
        folded(f"{name} <b>{len(each)}</b>", needs(each)) for name, each in by_group(rules)
    )


def directive(thing: Thing, body: str, options: Mapping[str, str] | None = None) -> str:
    """An object as a directive of sphinx-needs."""
    lines = [f"::::{{{thing.kind}}} {thing.title}", f":id: {thing.id}"]
    status = status_of(thing)
    if status:
        lines.append(f":status: {status}")
    lines += [f":{name}: {value}" for name, value in (options or {}).items() if value]
    lines += [f":{kind}: {', '.join(ids)}" for kind, ids in thing.links.items() if ids]
    return "\n".join([*lines, "", body, "::::"])


# --- bodies --------------------------------------------------------------------------------------


@cache
def shortest_ways() -> dict[str, str]:
    """Rule of order life -> the events of a shortest way to it, or why there is none."""
    found = {
        name: "shortest way: " + ", ".join(f"`{OrderEvent(each.event).name}`" for each in told)
        for name, told in witnesses.traces().items()
    }
    return {**found, **{name: f"never used: {why}" for name, why in witnesses.UNREACHABLE.items()}}


def rule_object(thing: Thing) -> str:
    """A row, a refusal or a policy."""
    rule, drawn = thing.about
    if drawn is None:
        lines = [prose(type(rule)), *_functions(rule, thing.page)]
        return directive(
            thing, "\\\n".join([*filter(None, lines), review_of(thing)]), {"table": "Risk"}
        )
    state, event = drawn.states(rule.source).name, drawn.events(rule.event).name
    guard = rule.guard.__name__
    lines = [f"In `{state}`, on `{event}`"]
    if guard != "always":
        lines[0] += f", when {source(guard, rule.guard, thing.page)}: {prose(rule.guard)}"
    if isinstance(rule, Row):
        stays = rule.target == rule.source
        then = "stays" if stays else f"→ {drawn.states(rule.target).name}"
        effect = rule.effect.__name__
        lines.append(f"**{then}**")
        if effect != "unchanged":
            lines[-1] += f", {source(effect, rule.effect, thing.page)}: {prose(rule.effect)}"
    else:
        then = drawn.codes(rule.code).name
        lines.append(f"**refused** {refusal(then)}, and nothing changes")
    if rule.id in shortest_ways():
        lines.append(shortest_ways()[rule.id])
    lines.append(review_of(thing))
    options = {"table": drawn.title, "in": state, "on": event, "then": then}
    return rule_directive(thing, lines, options)


def rule_directive(thing: Thing, lines: list[str], options: dict[str, str]) -> str:
    """A rule; what watches it is folded where it is much."""
    body = "\\\n".join(lines)
    watched = [things()[each] for each in thing.links["watched"]]
    if len(watched) > MANY:
        body += "\n\n" + folded(f"watched by {len(watched)}", needs(watched))
        options["layout"] = "folded"
    return directive(thing, body, options)


def _functions(rule: Any, page: str) -> list[str]:
    """Fields of a policy that are functions, in words."""
    found = []
    for attribute in type(rule).__attrs_attrs__:
        value = getattr(rule, attribute.name)
        if inspect.isfunction(value):
            name = f"{attribute.name.replace('_', ' ')} {source(value.__name__, value, page)}"
            found.append(f"{name}: {prose(value)}")
    return found


def review_of(thing: Thing) -> str:
    """Whether a rule is as it was reviewed, and why it is right."""
    entry = reviews().get(thing.title, {})
    if status_of(thing) == "suspect":
        why = "changed since its review" if entry else "never reviewed"
        return f'<span class="suspect">suspect</span>: {why}'
    return f"reviewed as `{entry['hash']}`: {escaped(entry['why'])}"


def requirement_object(thing: Thing) -> str:
    """A promise, and what makes it true."""
    body = [escaped(thing.about.text)]
    rules = leading_to("serves", thing.id)
    if rules:
        body.append(folded(f"made true by {len(rules)} rules", inside(rules)))
    parts = [_part(name, thing.page) for name in MADE_BY.get(thing.id, ())]
    if parts:
        body.append(f"made true by {', '.join(parts)}")
    modules = [_part(name, thing.page) for name in naming(thing.id)]
    if modules:
        body.append(f"named by {', '.join(modules)}")
    if thing.id in OPEN:
        body.append(f'<span class="suspect">open</span>: {OPEN[thing.id]}')
    return directive(thing, "\n\n".join(body))


def naming(requirement: str) -> list[str]:
    """Modules whose first words name a requirement in brackets."""
    pattern = re.compile(rf"\b{requirement}\b")
    return [name for name, cited in _citations() if pattern.search(cited)]


@cache
def _citations() -> tuple[tuple[str, str], ...]:
    """(module, the bracketed ids of its docstring), ranges such as I1 to I3 written out."""
    found = []
    for root in ("spec", "kernel", "invariants", "runtime"):
        for file in sorted((PROJECT / root).rglob("*.py")):
            said = ast.get_docstring(parsed(file.relative_to(PROJECT).as_posix())) or ""
            text = " ".join(re.findall(r"\[[^\]\[]*\]", said))
            name = ".".join(file.relative_to(PROJECT / root / "tickproof").with_suffix("").parts)
            found.append((name.removesuffix(".__init__"), RANGE.sub(_written_out, text)))
    return tuple(found)


def _written_out(match: re.Match[str]) -> str:
    letters, first, last = match.groups()
    return ", ".join(f"{letters}{number}" for number in range(int(first), int(last) + 1))


def _part(name: str, page: str) -> str:
    """A part of tickproof as a link to its source."""
    return places.link(place_of_dotted(f"tickproof.{name}"), name, page)


def place_of_dotted(dotted: str) -> places.Place | None:
    """Where `tickproof.spec.digest.Chain` stands; None for what is nothing of ours."""
    parts = dotted.split(".")
    for cut in range(len(parts), 1, -1):
        place = place_of_name(".".join(parts[:cut]), ".".join(parts[cut:]))
        if place is not None:
            return place
    return None


def checker_object(thing: Thing) -> str:
    """An invariant, a proof or a canary."""
    name = thing.title.rpartition("::")[2]
    if thing.kind == "invariant":
        body = [f"{prose(thing.about)} {places.link(thing.place, str(thing.place), thing.page)}"]
    else:
        said = inspect.cleandoc(thing.about.__doc__ or "")
        link = places.link(thing.place, name, thing.page)
        body = [f"{link} in `{thing.place}`", fenced("text", said)]
    rules = leading_to("watched", thing.id)
    if rules:
        body += [f"watches {len(rules)} rules:", counted(rules)]
    return directive(thing, "\n\n".join(body))


def test_object(thing: Thing) -> str:
    """A test or a check, and what leans on it."""
    body = [places.link(thing.place, str(thing.place), thing.page)]
    if thing.kind == "check":
        body.insert(0, escaped(thing.about))
    rules = leading_to("shown", thing.id)
    if rules:
        body += [f"shows {len(rules)} rules:", counted(rules)]
    asked = leading_to("checked", thing.id)
    if asked:
        pages: dict[str, int] = {}
        for each in asked:
            pages[each.page] = pages.get(each.page, 0) + 1
        linked = ", ".join(f"{{doc}}`/{page}` {count}" for page, count in pages.items())
        body.append(f"checks {linked}")
    return directive(thing, "\n\n".join(body))


OBJECTS = {
    **dict.fromkeys(RULES, rule_object),
    **dict.fromkeys(("invariant", "proof", "canary"), checker_object),
    **dict.fromkeys(("test", "check"), test_object),
    "requirement": requirement_object,
}
