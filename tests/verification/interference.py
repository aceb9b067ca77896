"""`interference`: a neighbour that does nothing changes no other result [D6].

A neighbour is an idle strategy, one that only sets timers, an instrument with a market of its own,
or all of them; a case is a neighbour and a seed. Compared are the record streams of the base
world with positions removed, and its State. Streams without Requests and fills would show
nothing, which is checked first. A stream that names what only the neighbour configures (an
instrument that would be refused) is no stream of the base world, and is passed over.
"""

from __future__ import annotations

from itertools import count, islice
from random import Random

from tests.invariants import test_interference as neighbours
from tests.verification.figures import Figure, figure
from tickproof.invariants.streams import EventSource

SEEDS, SEEDS_NIGHTLY = 8, 200


def is_of_the_base_world(seed: int) -> bool:
    """Whether the stream that the case makes names instruments and assets of the base world."""
    dice = Random(seed)
    base = neighbours.base_world(seed)
    alone = neighbours.Noted(base, lambda: neighbours.traders(seed), 10**9)
    source = EventSource(dice, base)
    for _ in range(80):
        alone.apply(source.event(alone.state))
    return all(
        getattr(event.body, "instrument", 0) < len(base.instruments)
        and getattr(event.body, "asset", 0) < len(base.assets)
        and getattr(event.body, "fee_asset", 0) < len(base.assets)
        for event in alone.events
    )


def compute(nightly: bool) -> Figure:
    """Cases in which nothing changed."""
    neighbours.test_the_comparison_is_not_vacuous()
    listed, reached = [], []
    seeds = filter(is_of_the_base_world, count())
    for seed in islice(seeds, SEEDS_NIGHTLY if nightly else SEEDS):
        for neighbour in neighbours.NEIGHBOURS:
            name = f"{neighbour} {seed}"
            listed.append(name)
            try:
                neighbours.test_a_neighbour_changes_nothing(seed, neighbour)
            except AssertionError:
                continue
            reached.append(name)
    return figure("interference", listed, reached)
