"""Proofs over unbounded integers: funding conserves and is rounded against the account [A2].

Rates, which Z3 cannot multiply by symbolic amounts, are fixed per proof; positions and marks are
unbounded.
"""

from tests.proofs.gate import Proof, named
from tickproof.spec import ledger as spec
from tickproof.spec.funding import (
    FUNDING_SCALE,
    UNMARKED,
    Funding,
    announced,
    is_due,
    outcome,
    received,
    settled,
)
from tickproof.spec.instrument import Instrument, InstrumentKind
from tickproof.spec.ledger import VENUE, Balance, Ledger

PERPETUAL = Instrument(0, "P", 0, InstrumentKind.LINEAR, 0, 1, 0, 0, 3, 7)
RATES_E9 = (100_000, -12_345, 1, 0, FUNDING_SCALE)


def p_without_a_mark_or_a_position_nothing_is_paid(position: int, mark: int, rate: int) -> bool:
    """
    post: _
    """
    unmarked = outcome(PERPETUAL, Funding(UNMARKED, rate, 5), position)
    flat = outcome(PERPETUAL, Funding(mark, 100_000, 5), 0)
    return unmarked[1] == flat[1] == 0


def p_funding_conserves(quote: int, venue: int, amount: int) -> bool:
    """
    post: _
    """
    ledger = Ledger({(0, 1): Balance(quote), (VENUE, 1): Balance(venue)})
    after = spec.pay_funding(ledger, 0, 1, amount).ledger
    return (
        spec.sum_of(after, 1) == quote + venue
        and spec.balance_of(after, 0, 1).total == quote + amount
    )


def rounded_against(number: int) -> Proof:
    rate_e9 = RATES_E9[number]

    def proof(position: int, mark: int) -> bool:
        """
        pre: mark > 0
        post: _
        """
        exact = -(position * mark * 3) * rate_e9
        got = received(PERPETUAL, position, mark, rate_e9) * FUNDING_SCALE
        return exact - FUNDING_SCALE < got <= exact

    return named(f"p_it_is_rounded_against_the_account_{number}", proof)


def opposite(number: int) -> Proof:
    rate_e9 = RATES_E9[number]

    def proof(position: int, mark: int) -> bool:
        """
        pre: mark > 0
        post: _
        """
        both = received(PERPETUAL, position, mark, rate_e9)
        both += received(PERPETUAL, -position, mark, rate_e9)
        return -1 <= both <= 0

    return named(f"p_opposite_positions_cost_the_venue_nothing_{number}", proof)


def p_a_rate_is_paid_once(mark: int, rate: int, due: int, told: int, now: int) -> bool:
    """
    pre: told < due <= now
    post: _
    """
    funding = announced(Funding(mark), rate, due, told)
    after = settled(funding)
    late = announced(after, rate, due, now)
    return is_due(funding, now) and after.mark_price == mark and late.due_ns == after.due_ns


def canary_it_is_rounded_for_the_account(position: int, mark: int) -> bool:
    """
    pre: mark > 0
    post: _
    """
    # Planted: towards zero, as an integer division elsewhere would.
    value = -(position * mark * 3) * 12_345
    towards_zero = value // FUNDING_SCALE if value >= 0 else -(-value // FUNDING_SCALE)
    return towards_zero * FUNDING_SCALE <= value


def canary_a_late_rate_is_taken(rate: int, due: int, now: int) -> bool:
    """
    pre: due <= now
    post: _
    """
    return announced(Funding(5), rate, due, now).due_ns == due


_PROOFS = (
    *(rounded_against(number) for number in range(len(RATES_E9))),
    *(opposite(number) for number in range(len(RATES_E9))),
)
globals().update({proof.__name__: proof for proof in _PROOFS})

PROOFS = (
    *(proof.__name__ for proof in _PROOFS),
    "p_funding_conserves",
    "p_a_rate_is_paid_once",
    "p_without_a_mark_or_a_position_nothing_is_paid",
)
CANARIES = ("canary_it_is_rounded_for_the_account", "canary_a_late_rate_is_taken")
