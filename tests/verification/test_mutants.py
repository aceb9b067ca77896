"""Tools of the mutation check: what they change, notice, and call equivalent."""

from collections import Counter
from functools import cache
from typing import Any

import pytest
from attrs import evolve

from tests.verification import equivalents, mutants
from tests.verification.equivalents import by_sides, evidence_for, function_at
from tests.verification.mutating import Mutant, mutants_of
from tests.verification.planting import Job, exchanged, run, source_of
from tests.verification.quick import changed_functions, changed_statement
from tests.verification.suites import SPECIFICATION
from tickproof.kernel import BUILD

LIFE = "tickproof.spec.order_life"
TIME = "tickproof.spec.time"
MARKET = "tickproof.venue.market"
STATES = "tickproof.spec.trading_state"
ENDLESS = "while True:\n    pass\n"


def changed(module: str, old: str, new: str) -> Mutant:
    text = source_of(module).read_text(encoding="utf-8")
    line = text[: text.index(old)].count("\n") + 1
    return Mutant(module, line, 0, old, new, exchanged(module, None, old, new))


def test_every_mutant_is_python_and_another_text() -> None:
    text = source_of(TIME).read_text(encoding="utf-8")
    found = mutants_of(TIME)
    assert len(found) > 20
    assert len({each.name for each in found}) == len(found)
    for each in found:
        assert each.text != text
        compile(each.text, each.module, "exec")


def test_rows_lose_their_effect_and_their_target() -> None:
    names = [each.name for each in mutants_of(LIFE)]
    assert any("go(fill_fresh, fill) -> go(fill_fresh, unchanged)" in name for name in names)
    assert any("Life.SUBMITTED -> Life.HELD" in name for name in names)
    assert any("_R.STALE -> " in name for name in names)


def test_comparisons_only() -> None:
    found = mutants_of("tickproof.kernel.rate_bucket", comparisons_only=True)
    assert 0 < len(found) < len(mutants_of("tickproof.kernel.rate_bucket"))


def test_docstrings_and_enumerations_are_left_alone() -> None:
    lines = source_of(LIFE).read_text(encoding="utf-8").splitlines()
    for each in mutants_of(LIFE):
        assert not lines[each.line - 1].strip().startswith('"""')
        assert not lines[each.line - 1].strip().startswith("class ")


def test_a_planted_mutant_is_killed_and_no_change_is_not() -> None:
    tests = ("tests/spec/test_time.py",)
    bug = changed(TIME, "return second if is_sooner(second, first)", "return first if True")
    verdicts = run(
        [
            Job("planted", tests, {TIME: bug.text}),
            Job("nothing", tests, {TIME: source_of(TIME).read_text(encoding="utf-8")}),
            Job("endless", tests, {TIME: ENDLESS}, endless_s=1),
            Job("slow", tests, {TIME: "import time\n\ntime.sleep(99)\n"}, 1, sleep_factor=3),
            Job("missing", ("tests/spec/test_nowhere.py",)),
            Job("busy", tests, {TIME: ENDLESS}, timeout_s=1),
            Job("broken", tests, {TIME: "raise ValueError\n"}),
        ]
    )
    outcomes = {name: verdict.outcome for name, verdict in verdicts.items()}
    assert outcomes == {
        "planted": "failed",
        "nothing": "passed",
        "endless": "endless",
        "slow": "timeout",
        "busy": "timeout",
        "missing": "nothing",
        "broken": "failed",
    }
    assert verdicts["planted"].first.startswith("tests/spec/test_time.py::")


def test_what_the_nearest_tests_notice() -> None:
    tests = ("tests/spec/test_trading_state.py",)
    bugs = {
        "in a function": changed(
            STATES, "return True\n    return", "return False\n    return"
        ).text,
        "in the table": changed(STATES, "int(_state) == int(_event)", "False").text,
        "nowhere": source_of(STATES).read_text(encoding="utf-8"),
    }
    jobs = [Job(name, tests, {STATES: text}) for name, text in bugs.items()]
    found = run(jobs, server="tests.verification.quick")
    assert {name: verdict.outcome for name, verdict in found.items()} == {
        "in a function": "failed",
        "in the table": "failed",
        "nowhere": "half",
    }


def test_tests_that_are_named_twice_run_once() -> None:
    """The second change has the test that noticed the first one first: alone it fails nothing."""
    tests = ("tests/venue/test_market.py",)
    sooner = changed(MARKET, "now_ns <= self.latest", "now_ns < self.latest")
    same = changed(MARKET, "price > book.bid_price", "price >= book.bid_price")
    jobs = [Job(each.new, tests * 2, {MARKET: each.text}) for each in (sooner, same)]
    found = run(jobs, processes=1, server="tests.verification.quick")
    assert [found[each.new].outcome for each in (sooner, same)] == ["failed", "passed"]
    assert "[" in found[sooner.new].first


def test_changes_are_found_in_functions_methods_and_modules() -> None:
    text = """A = 1
def f(x=1):
    return [x + 1 for _ in x]
class C:
    def g(self):
        return 1
"""
    for old, new, functions, lines in (
        ("x + 1", "x - 1", {"f"}, 2),
        ("return 1", "return 2", {"C.g"}, 3),
        ("return 1", "return (\n  2)", {"C.g"}, 4),
        ("x=1", "x=2", None, 2),
        ("A = 1", "A = 2", None, 0),
        ("A", "A", set(), 0),
    ):
        changed_text = text.replace(old, new)
        codes = [compile(each, "m.py", "exec") for each in (text, changed_text)]
        assert changed_functions(*codes) == functions
        pieces = changed_statement(text, changed_text)
        assert (pieces[1].count("\n") if pieces else 0) == lines


def test_a_plant_that_does_not_fit_is_an_error() -> None:
    with pytest.raises(ValueError, match="occurs 0 times"):
        exchanged(TIME, None, "no such text", "")


def test_equivalence_needs_a_domain_and_no_difference() -> None:
    deadlines = "first.deadline_ns < second.deadline_ns"
    same = changed(TIME, deadlines, "first.deadline_ns <= second.deadline_ns")
    assert function_at(same) == "is_sooner"
    assert evidence_for(same) == "is_sooner: 729 inputs, no difference"
    assert evidence_for(changed(TIME, deadlines, "first.deadline_ns > second.deadline_ns")) == ""
    nowhere = changed(TIME, "return second if is_sooner", "return second if not is_sooner")
    assert evidence_for(nowhere) == ""


def sampled(
    seed: int | None, count: int, part: str = "spec.time", lines: range = range(10**9)
) -> tuple[list[Any], int, int]:
    return mutants.sampled(mutants.Drawn(seed, count, part, lines))


def test_the_sample_is_the_seed_s() -> None:
    first, size, _ = sampled(7, 20)
    assert (sampled(7, 20)[0], size > 20) == (first, True)
    assert sampled(8, 20)[0] != first
    assert len(sampled(7, 10**9)[0]) == size
    line = first[0][0].line
    assert {each.line for each, _ in sampled(7, 99, lines=range(line, line + 1))[0]} == {line}


def test_the_seed_is_the_sources() -> None:
    assert sampled(None, 5)[2] == sampled(None, 9)[2]
    assert sampled(None, 5)[2] != sampled(None, 5, "spec.risk")[2]


def test_a_sample_has_something_of_every_module() -> None:
    chosen, _, _ = sampled(None, 40, "spec.")
    counted = Counter(mutant.module for mutant, _ in chosen)
    assert len(counted) == len(SPECIFICATION)
    assert counted[LIFE] == max(counted.values()) > 1


def test_a_change_that_does_not_come_back_is_no_equivalent(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    module = "tickproof.spec.queue_memory"
    old = "best, found = 0, -1\n"
    endless = changed(module, old, f"{old}    while True:\n        pass\n")
    monkeypatch.setattr(equivalents, "ENDLESS_S", 1)
    assert evidence_for(evolve(endless, old="0")) == ""


@cache
def comparisons_of(module: str) -> list[Mutant]:
    return mutants_of(module, comparisons_only=True)


@pytest.mark.skipif(BUILD == "compiled", reason="the domains stand in for compiled types")
@pytest.mark.parametrize("place", sorted(equivalents.DOMAINS), ids=" ".join)
def test_a_domain_that_excuses_a_change_of_an_edge_notices_the_opposite(
    place: tuple[str, str],
) -> None:
    """Every comparison that has an excuse is reached by the domain: its negation is noticed."""
    module, name = place
    assert len(set(equivalents.as_it_is(module, equivalents.DOMAINS[place]))) > 1
    for each in comparisons_of(module):
        # Where both sides were tried there is nothing left to reach.
        inside = f"{function_at(each)}.".startswith(f"{name}.") and not by_sides(each)
        if inside and " or " not in each.new and evidence_for(each):
            opposite = evolve(each, text=each.text.replace(each.new, f"(not ({each.old}))"))
            assert evidence_for(opposite) == "", each.name
