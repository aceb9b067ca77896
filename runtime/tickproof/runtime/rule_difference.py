"""What differs between the rules of two revisions, each difference once, side by side.

A rule's text names every function it leads to, so that one changed helper changes hundreds of
rules. What a person has to look at is the helper, and which rules it concerns: differences are
therefore told by fact and by function, with the rules that have them. Rules that only one revision
has are a line each, and the functions that came or went with them are shown once.
"""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Iterator, Mapping
from difflib import SequenceMatcher
from itertools import zip_longest

from attrs import frozen

Texts = Mapping[str, str]
"""Rule id -> text, as `tickproof.runtime.rule_text` has it."""

Block = tuple[str, ...]
"""Lines of one fact, or of one function."""

RULES_SHOWN = 6
SIDE_MIN = 40
MARGIN = 7
"""Columns of a line that are neither side: two before the left one, three between, two to spare."""


@frozen
class Difference:
    """Something that one revision says otherwise than the other, and the rules it concerns."""

    name: str
    left: Block
    right: Block
    rules: tuple[str, ...]


# --- what differs --------------------------------------------------------------------------------


def blocks(text: str) -> dict[str, Block]:
    """A rule's text by fact (`target`) and by function (`def fill`); its id is left out."""
    facts, *functions = text.split("\n\n")
    found: dict[str, Block] = {line.split()[0]: (line,) for line in facts.splitlines()[1:]}
    for function in functions:
        lines = tuple(function.splitlines())
        found.setdefault(lines[0].partition("(")[0], lines)
    return found


def differences(first: Texts, second: Texts) -> list[Difference]:
    """Differences of the rules that both revisions have, in the order of the rules."""
    found: dict[tuple[str, Block, Block], list[str]] = {}
    for rule in second:
        if rule not in first or first[rule] == second[rule]:
            continue
        left, right = blocks(first[rule]), blocks(second[rule])
        for name in dict.fromkeys((*left, *right)):
            mine, theirs = left.get(name, ()), right.get(name, ())
            if mine != theirs:
                found.setdefault((name, mine, theirs), []).append(rule)
    return [Difference(*key, tuple(rules)) for key, rules in found.items()]


def functions_of(texts: Texts, rules: Iterable[str]) -> dict[str, Block]:
    """Functions that these rules lead to, by their whole text."""
    return {
        "\n".join(block): block
        for rule in rules
        for name, block in blocks(texts[rule]).items()
        if name.startswith("def ")
    }


# --- as text -------------------------------------------------------------------------------------


def told(first: Texts, second: Texts, columns: int) -> Iterator[str]:
    """Every difference as lines of at most so many columns."""
    side = max((columns - MARGIN) // 2, SIDE_MIN)
    known = (functions_of(first, first), functions_of(second, second))
    for each in differences(first, second):
        yield f"{each.name}: {_named(each.rules)}"
        yield from _sides(each, known, side)
        yield ""
    for mark, texts, others, other in (("-", first, second, 1), ("+", second, first, 0)):
        rules = [rule for rule in texts if rule not in others]
        yield from (f"{mark} {_in_a_line(rule, texts[rule])}" for rule in rules)
        for text, block in functions_of(texts, rules).items():
            if text not in known[other]:
                yield ""
                yield from (f"{mark}     {line}" for line in block)
        if rules:
            yield ""


def _named(rules: tuple[str, ...]) -> str:
    shown = ", ".join(rules[:RULES_SHOWN])
    more = len(rules) - RULES_SHOWN
    return f"{len(rules)} rule{'s' * (len(rules) > 1)}: {shown}{f' and {more} more' * (more > 0)}"


def _in_a_line(rule: str, text: str) -> str:
    facts = blocks(text)
    words = [" ".join(facts[name][0].split()) for name in facts if not name.startswith("def ")]
    return f"{rule}  {'; '.join(word for word in words if not word.startswith('cell'))}"


def _sides(each: Difference, known: tuple[dict[str, Block], ...], side: int) -> Iterator[str]:
    """Both sides of a difference; a function that the other revision had too is only named."""
    left, right = each.left, each.right
    if not left and "\n".join(right) in known[0]:
        yield "  not led to                 | led to, as it was"
    elif not right and "\n".join(left) in known[1]:
        yield "  led to                     | not led to; it is as it was"
    else:
        yield from side_by_side(left, right, side)


def side_by_side(left: Block, right: Block, side: int) -> Iterator[str]:
    """Two texts in two columns; `|` marks lines that differ, long lines go on below."""
    matcher = SequenceMatcher(None, left, right, autojunk=False)
    for tag, a, b, c, d in matcher.get_opcodes():
        mark = " " if tag == "equal" else "|"
        for one, other in zip_longest(left[a:b], right[c:d], fillvalue=""):
            for mine, theirs in zip_longest(_cut(one, side), _cut(other, side), fillvalue=""):
                yield f"  {mine:<{side}} {mark} {theirs}".rstrip()


def _cut(line: str, side: int) -> list[str]:
    indent = " " * (len(line) - len(line.lstrip()) + 4)
    return textwrap.wrap(line, side, subsequent_indent=indent, drop_whitespace=False) or [""]
