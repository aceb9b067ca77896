"""Proofs over unbounded integers: delays lie between what was declared, and order is kept [T2].

Delays and times are unbounded; the distance of two recorded times, which Z3 cannot divide by when
it is symbolic, and the number of quantiles are fixed per proof.
"""

from tests.proofs.gate import Proof, named
from tickproof.spec.latency import WORD, arrival, at_quantile, between

DISTANCES = (1, 2, 7, 1_000_000)
QUANTILES = ((5,), (0, 1_000), (3, 3, 50), (1, 20, 300, 4_000, 50_000))


def drawn_between(number: int) -> Proof:
    delays = QUANTILES[number]
    steps = len(delays) - 1

    def proof(word: int) -> bool:
        """
        pre: 0 <= word < WORD
        post: _
        """
        index = word * steps // WORD
        found = at_quantile(delays, word)
        return delays[index] <= found <= delays[min(index + 1, steps)]

    return named(f"p_a_drawn_delay_lies_between_its_neighbours_{number}", proof)


def drawn_in_order(number: int) -> Proof:
    delays = QUANTILES[number]

    def proof(word: int, later: int) -> bool:
        """
        pre: 0 <= word <= later < WORD
        post: _
        """
        return at_quantile(delays, word) <= at_quantile(delays, later)

    return named(f"p_a_greater_draw_is_no_shorter_{number}", proof)


def recorded_between(distance: int) -> Proof:
    def proof(first: int, second: int, start: int, part: int) -> bool:
        """
        pre: first >= 0 and second >= 0
        post: _
        """
        passed = part % distance
        found = between(start, first, start + distance, second, start + passed)
        return min(first, second) <= found <= max(first, second)

    return named(f"p_a_recorded_delay_lies_between_its_neighbours_{distance}", proof)


def p_nothing_overtakes(latest: int, sent: int, delay: int, later: int, second: int) -> bool:
    """
    pre: delay >= 0 and second >= 0 and sent <= later
    post: _
    """
    one = arrival(latest, sent, delay)
    other = arrival(one, later, second)
    return latest <= one <= other and one >= sent and other >= later


def p_a_message_alone_takes_its_delay(latest: int, sent: int, delay: int) -> bool:
    """
    pre: delay >= 0 and latest <= sent
    post: _
    """
    return arrival(latest, sent, delay) == sent + delay


def canary_the_fast_one_overtakes(sent: int, delay: int, later: int, second: int) -> bool:
    """
    pre: delay >= 0 and second >= 0 and sent <= later
    post: _
    """
    return sent + delay <= later + second


def canary_a_recorded_delay_is_the_later_one(first: int, second: int, part: int) -> bool:
    """
    pre: first >= 0 and second >= 0 and 0 <= part < 7
    post: _
    """
    return between(0, first, 7, second, part) == second


def canary_a_draw_reaches_beyond_the_most(word: int) -> bool:
    """
    pre: 0 <= word <= 2 * WORD
    post: _
    """
    # Planted: the last neighbour is not the end.
    return (0 * (WORD - word) + 1_000 * word) // WORD <= 1_000


_PROOFS = (
    *(drawn_between(number) for number in range(len(QUANTILES))),
    *(drawn_in_order(number) for number in range(3)),
)
_PROOFS = (*_PROOFS, *(recorded_between(distance) for distance in DISTANCES))
globals().update({proof.__name__: proof for proof in _PROOFS})

PROOFS = (
    *(proof.__name__ for proof in _PROOFS),
    "p_nothing_overtakes",
    "p_a_message_alone_takes_its_delay",
)
CANARIES = (
    "canary_the_fast_one_overtakes",
    "canary_a_recorded_delay_is_the_later_one",
    "canary_a_draw_reaches_beyond_the_most",
)
