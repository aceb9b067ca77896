"""`interference`: a neighbour that does nothing changes no other result [D6].

A neighbour is an idle strategy, one that only sets timers, an instrument with a market of its own,
or all of them; a case is a neighbour and a seed. Compared are the record streams of the base
world with positions removed, and its State. Streams without Requests and fills would show
nothing, which is checked first. A stream that names what only the neighbour configures (an
instrument that would be refused) is no stream of the base world, and is passed over.
"""

from __future__ import annotations

from itertools import islice

from tests.invariants import test_interference as neighbours
from tests.verification.figures import Figure, figure

SEEDS, SEEDS_NIGHTLY = 8, 80


def compute(nightly: bool) -> Figure:
    """Cases in which nothing changed."""
    neighbours.test_the_comparison_is_not_vacuous()
    listed, reached = [], []
    seeds = neighbours.seeds_of_the_base_world()
    for seed in islice(seeds, SEEDS_NIGHTLY if nightly else SEEDS):
        for neighbour in neighbours.NEIGHBOURS:
            name = f"{neighbour} {seed}"
            listed.append(name)
            try:
                neighbours.changes_nothing(seed, neighbour)
            except AssertionError:
                continue
            reached.append(name)
    return figure("interference", listed, reached)
