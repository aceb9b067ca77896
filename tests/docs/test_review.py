"""The objects that reviewers walk along: all there, linked, and leading nowhere that is not."""

import posixpath
import re

import pytest

from docs.drawn import chain, decisions, objects, places, review, tables
from docs.drawn.chain import dangling, id_of, leading_to, named, things
from tests.proofs import gate
from tests.verification import trace
from tests.verification.tracing import MADE_BY, OPEN, VERIFIED_BY
from tickproof.runtime import rule_text
from tickproof.spec.table import Row

FILL = "OL.WORKING.FILLED.fill_fresh"


@pytest.fixture(scope="module")
def pages() -> dict[str, str]:
    return review.pages()


def test_no_link_leads_nowhere() -> None:
    assert dangling() == []


def test_every_requirement_is_an_object_that_something_makes_true_and_verifies() -> None:
    for requirement in trace.LISTED:
        thing = things()[requirement]
        assert thing.kind == "requirement"
        if requirement not in OPEN:
            assert thing.links["verified"]
            assert leading_to("serves", requirement) or MADE_BY[requirement]


def test_every_rule_is_an_object_with_its_links() -> None:
    for name, (rule, table) in rule_text.rules().items():
        thing = things()[id_of(name)]
        kind = "policy" if table is None else "row" if isinstance(rule, Row) else "refusal"
        assert (thing.kind, thing.title) == (kind, name)
        assert thing.links["serves"] == rule.requirements
        assert thing.links["decided"] == (rule.decision,)
        assert thing.links["watched"] or thing.links["shown"]


def test_every_proof_canary_and_invariant_is_an_object_that_something_runs() -> None:
    cases, _ = gate.collect()
    listed = {id_of(f"{each.module.rpartition('.')[2]}::{each.name}") for each in cases}
    found = [thing.id for thing in things().values() if thing.kind in ("proof", "canary")]
    assert set(found) == listed
    asked = [thing for thing in things().values() if thing.kind == "invariant"]
    assert len(asked) == sum(map(len, map(trace.invariants_of, trace.INVARIANTS)))
    for thing in asked:
        assert thing.links["checked"]
        assert thing.links["guards"] or leading_to("verified", thing.id)


def test_every_test_and_check_that_verifies_is_an_object() -> None:
    for names in VERIFIED_BY.values():
        for name in names:
            ids = named(name)
            assert ids
            assert set(ids) <= things().keys()


def test_two_hops_lead_from_a_decision_to_a_test() -> None:
    rules = {rule.title: rule for rule in leading_to("decided", "ADR-0003")}
    links = rules[FILL].links
    assert {"order_life-fresh_fill_counts", "prove_order_life-p_guards_FILLED"} <= set(
        links["watched"]
    )
    assert "spec-test_order_witnesses-test_rule_is_reached" in links["shown"]
    assert things()["order_life-fresh_fill_counts"].links["checked"]


def test_a_proof_watches_the_rules_of_the_event_that_its_name_says() -> None:
    watched = leading_to("watched", "prove_order_life-p_guards_CANCEL_REJECTED")
    assert {rule.group for rule in watched} == {"CANCEL_REJECTED"}
    assert chain.words_of("p_guards_CANCEL_REJECTED", ("REJECTED", "CANCEL_REJECTED")) == {
        "CANCEL_REJECTED"
    }
    assert chain.words_of("p_of_log_synced_held", ("LOG_SYNCED", "HELD")) == {"LOG_SYNCED"}


def test_predicates_of_state_watch_what_step_is_made_of() -> None:
    assert {"tickproof.spec.order_life", "tickproof.spec.risk"} <= chain.stepped()
    assert "tickproof.spec.matching" not in chain.stepped()
    watched = leading_to("watched", "predicates-refusals_change_nothing")
    prefixes = {rule.title.partition(".")[0] for rule in watched}
    assert "OL" in prefixes
    assert "MO" not in prefixes


def test_a_link_to_what_is_gone_dangles(monkeypatch: pytest.MonkeyPatch) -> None:
    left = {name: thing for name, thing in things().items() if name != "OL4"}
    monkeypatch.setattr(chain, "things", lambda: left)
    assert f"{id_of(FILL)} serves OL4" in dangling()


def test_every_object_stands_once_on_the_page_it_says(pages: dict[str, str]) -> None:
    for thing in things().values():
        line = f"\n:id: {thing.id}\n"
        assert pages[f"{thing.page}.md"].count(line) == 1
    assert sum(text.count("\n:id: ") for text in pages.values()) == len(things())


def test_what_pages_lead_to_stands(pages: dict[str, str]) -> None:
    for text in pages.values():
        needs = re.findall(r"\{need\}`(?:[^`<]* <)?([^`>]+)>?`", text)
        assert set(needs) <= things().keys()
        for target in re.findall(r"\{doc\}`(?:[^`<]* <)/(review/[^`>]+|decisions/[^`>]+)>`", text):
            assert f"{target}.md" in pages


def test_sources_have_the_lines_that_pages_lead_to(pages: dict[str, str]) -> None:
    found = set()
    for page, text in pages.items():
        for target, line in re.findall(r'class="source" href="([^"#]+)\.html#(L\d+)"', text):
            found.add((posixpath.normpath(posixpath.join(posixpath.dirname(page), target)), line))
    assert len(found) > 500
    sources = review.source_pages(pages)
    assert [
        each for each in found if f'<span id="{each[1]}">' not in sources[f"{each[0]}.html"]
    ] == []


def test_a_source_page_says_what_the_file_says() -> None:
    text = (places.PROJECT / "docs" / "drawn" / "places.py").read_text(encoding="utf-8")
    shown = re.sub(r"<[^>]+>", "", places.coloured(text))
    assert shown.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&") == text


def test_a_rule_that_changed_makes_its_decision_suspect(monkeypatch: pytest.MonkeyPatch) -> None:
    for module in (objects, review):
        monkeypatch.setattr(module, "suspects", lambda: ((FILL,), ()))
    assert [each.title for each in objects.suspects_of(things()["ADR-0003"])] == [FILL]
    shown = decisions.beside(things()["ADR-0003"])
    assert ":status: suspect" in shown
    assert f"{{need}}`{id_of(FILL)}`" in shown.partition("serves")[0]
    assert "1 suspect" in decisions.decision_index()
    assert id_of(FILL) in review.suspect_page()
    for module in (objects, review):
        monkeypatch.setattr(module, "suspects", lambda: ((), ()))
    assert ":status: reviewed" in decisions.beside(things()["ADR-0003"])
    assert "No rule is suspect" in review.suspect_page()


def test_names_in_a_decision_lead_to_what_they_name() -> None:
    text = decisions.linked(
        f"`{FILL}` and `prove_order_life::p_guards_*` [OL3, {'OL'}99] `tickproof.spec.order_life`",
        things()["ADR-0003"],
    )
    assert f"{{need}}`{FILL} <{id_of(FILL)}>`" in text
    assert "{doc}`prove_order_life::p_guards_* </review/proofs/order-life>`" in text
    assert "[{need}`OL3`, " in text
    assert 'href="../review/source/spec/tickproof/spec/order_life.html#L1"' in text


def test_the_site_shows_the_committed_tables_with_links() -> None:
    for name, each in tables.ordered():
        linked, plain = tables.page(name, each, linked=True), tables.page(name, each)
        needs = re.findall(r"\{need\}`(?:[^`<]* <)?([^`>]+)>?`", linked)
        assert {id_of(rule.id) for rule in each.rules} <= set(needs) <= things().keys()
        assert "{need}`" not in plain
        assert "<a " not in plain
