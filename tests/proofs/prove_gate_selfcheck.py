"""The gate's own proof and canaries: it must tell truth, falsehood and vacuity apart."""

from tests.proofs.gate import Proof, named

PROOFS = ("p_successor_is_greater", "p_exceeding_0", "p_exceeding_7")
CANARIES = (
    "canary_contract_below_decides_nothing",
    "canary_false_postcondition",
    "canary_vacuous_precondition",
)


def p_successor_is_greater(number: int) -> bool:
    """
    post: _
    """
    return number + 1 > number


def canary_false_postcondition(number: int) -> bool:
    """
    pre: number > 0
    post: _
    """
    return number < 1_000_003


def canary_vacuous_precondition(number: int) -> bool:
    """
    pre: number > 0
    pre: number < 0
    post: _
    """
    return number == number + 1


def below_a_hundred(number: int) -> bool:
    """
    pre: number < 100
    post: _
    """
    return number < 100


def canary_contract_below_decides_nothing(number: int) -> bool:
    """
    post: _
    """
    return below_a_hundred(number)


def exceeding(bound: int) -> Proof:
    """Make the proof that whatever exceeds ``bound`` is at least its successor."""

    def proof(number: int) -> bool:
        """
        pre: number > bound
        post: _
        """
        return number >= bound + 1

    return named(f"p_exceeding_{bound}", proof)


def generated() -> list[Proof]:
    """Make one proof per bound."""
    return [exceeding(bound) for bound in (0, 7)]
