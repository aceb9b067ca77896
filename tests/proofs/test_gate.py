"""The gate accepts what is proved and refuses everything CrossHair passes over in silence."""

import pytest

from tests.proofs import gate
from tests.proofs.gate import Case, ProofResult


def p_true(number: int) -> bool:
    """post: _"""
    return number * 2 == number + number


def p_false_far_away(number: int) -> bool:
    """post: _"""
    return number != 999_983


def p_without_contract(number: int) -> bool:
    return number == number + 1


def p_precondition_only(number: int) -> bool:
    """pre: number > 0"""
    return number < 0


def p_second_postcondition_false(number: int) -> bool:
    """
    post: _
    post: number < 5
    """
    return number == number


def p_vacuous(number: int) -> bool:
    """
    pre: number > 0 and number < 0
    post: _
    """
    return False


def p_raising_precondition(number: int) -> bool:
    """
    pre: misspelt > 0
    post: _
    """
    return False


def p_raising(number: int) -> bool:
    """post: _"""
    if number == 77:
        raise ValueError("seventy-seven")
    return True


def p_out_of_reach(number: int) -> bool:
    """
    pre: number > 0
    post: _
    """
    steps = 0
    while number != 1 and steps < 1_000:
        number = number // 2 if number % 2 == 0 else 3 * number + 1
        steps += 1
    return steps < 1_000


def test_a_true_postcondition_is_confirmed() -> None:
    assert gate.prove(p_true, timeout_s=10).confirmed


@pytest.mark.parametrize(
    "function",
    [
        p_false_far_away,
        p_without_contract,
        p_precondition_only,
        p_second_postcondition_false,
        p_vacuous,
        p_raising_precondition,
        p_raising,
        p_out_of_reach,
    ],
)
def test_everything_else_is_refused(function: gate.Proof) -> None:
    result = gate.prove(function, timeout_s=1)
    assert not result.confirmed
    assert not Case("module", function.__name__).passes(result)


def test_canaries_need_a_counterexample_and_vacuous_ones_the_verdict() -> None:
    refuted = gate.prove(p_false_far_away, timeout_s=10)
    vacuous = gate.prove(p_vacuous, timeout_s=10)
    raising = gate.prove(p_raising_precondition, timeout_s=10)
    silent = ProofResult("canary", False, (), 0.0)
    unsure = ProofResult("canary", False, (("CANNOT_CONFIRM", "Not confirmed."),), 0.0)
    plain, empty = Case("module", "canary_bug"), Case("module", "canary_vacuous_bug")
    assert plain.passes(refuted)
    assert empty.passes(vacuous)
    for wrong in (vacuous, raising, silent, unsure):
        assert not plain.passes(wrong)
    for wrong in (refuted, raising, silent, unsure):
        assert not empty.passes(wrong)


def test_a_lost_or_undeclared_proof_is_a_mismatch() -> None:
    module = "tests.proofs.prove_gate_selfcheck"
    found = list(gate.functions_of(module))
    assert gate.mismatches(module, found) == []
    assert gate.mismatches(module, found[1:]) == [f"{module}::{found[0]} is declared but missing"]
    assert gate.mismatches(module, [*found, "p_new"]) == [f"{module}::p_new is not declared"]


def test_generated_proofs_have_their_own_names_and_contracts() -> None:
    functions = gate.functions_of("tests.proofs.prove_gate_selfcheck")
    assert gate.prove(functions["p_exceeding_7"], timeout_s=10).confirmed


def test_a_crash_of_the_checker_is_not_a_pass() -> None:
    outcome = gate.check(Case("tests.proofs.prove_gate_selfcheck", "p_absent"), timeout_s=1)
    assert not outcome.passed
    assert "CRASHED" in gate.line_of(outcome)


def test_no_outcome_at_all_is_not_ok() -> None:
    assert gate.summary_of([], [])["ok"] is False


def test_every_module_declares_what_it_holds() -> None:
    cases, problems = gate.collect()
    assert cases
    assert problems == []
