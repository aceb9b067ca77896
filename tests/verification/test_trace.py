"""Traceability: what is missing, orphaned, dangling or unreviewed is found."""

from pathlib import Path

import pytest

from tests.verification import trace
from tests.verification.tracing import MADE_BY, VERIFIED_BY
from tickproof.invariants import predicates
from tickproof.runtime import rule_text

KNOWN = set(trace.LISTED)


def test_every_chain_is_complete_or_named_open() -> None:
    found = trace.compute(nightly=False)
    assert found.missing == ()
    assert found.ok


@pytest.mark.parametrize(
    "name",
    [
        "spec/test_time::test_nothing_of_the_kind",
        "spec/test_nowhere::test_table",
        "prove_time::p_time_stands_still",
        "predicates.imagined",
        "order_life.broken",
        "nonsense",
    ],
)
def test_a_name_that_stands_for_nothing_is_noticed(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert not trace.stands(name)
    monkeypatch.setitem(VERIFIED_BY, "OL1", (name,))
    assert f"OL1: nothing is called {name}" in trace.dangling_names()
    assert "OL1" in trace.compute(nightly=False).missing


def test_a_requirement_that_nothing_verifies_or_makes_is_missing(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setitem(VERIFIED_BY, "OL3", ())
    monkeypatch.setitem(MADE_BY, "D7", ())
    missing = trace.compute(nightly=False).missing
    assert {"OL3", "D7"} <= set(missing)


def test_a_part_that_is_gone_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(MADE_BY, "D7", ("spec.digest.imagined",))
    assert "D7: no part spec.digest.imagined" in trace.dangling_names()


def test_an_orphan_rule_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    assert trace.orphan_rules(KNOWN) == []
    assert any(each.startswith("rule OL.") for each in trace.orphan_rules(KNOWN - {"OL4"}))


def test_an_invariant_without_a_requirement_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    assert trace.orphan_invariants(KNOWN) == []
    monkeypatch.setattr(predicates.time_goes_on, "__doc__", "Time goes on.")
    assert trace.orphan_invariants(KNOWN) == [
        "invariant predicates.time_goes_on: names no requirement"
    ]


def test_an_id_that_does_not_exist_is_found(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(trace, "PROJECT", tmp_path)
    path = tmp_path / "module.py"
    # Put together here, so that this file cites nothing that does not exist.
    path.write_text(f"as it must [OL1, {'OL'}99], see [T3 to T5] and [E6]\n", encoding="utf-8")
    assert trace.dangling_in(path, KNOWN) == [f"module.py: [{'OL'}99]"]


def test_a_rule_that_changed_since_its_review_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    assert trace.unreviewed() == []
    texts = {**rule_text.texts(), "FL.ABSENT.FILLED.always": "something else"}
    del texts["FL.ABSENT.FILL_VOIDED.always"]
    monkeypatch.setattr(rule_text, "texts", lambda: texts)
    assert trace.unreviewed() == [
        "changed since its review: FL.ABSENT.FILLED.always",
        "reviewed, and no rule: FL.ABSENT.FILL_VOIDED.always",
    ]
