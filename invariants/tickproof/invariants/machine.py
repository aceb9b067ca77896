"""A stateful machine of Hypothesis: kernel and specification under streams that shrink.

What it decides: which Events a machine applies, one rule per source of Events, and what is asked
after each: that both sides are equal (`refinement`) and that no predicate breaks (`predicates`).
Subclass `RefinementMachine` to change the world or to add rules; its `both` is the pair.

`plausible_streams` and `hostile_streams` are strategies for streams to replay against a kernel.

This module and `plugin` need the extra `conformance`; nothing else of `tickproof.invariants` does.
"""

from __future__ import annotations

from functools import partial
from random import Random
from typing import ClassVar

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from tickproof.invariants import worlds
from tickproof.invariants.evidence import broken_by_orders
from tickproof.invariants.predicates import (
    broken_by_state,
    broken_by_step,
    state_is_canonical_data,
)
from tickproof.invariants.refinement import Coverage, Lockstep, StrategiesFactory
from tickproof.invariants.streams import EventSource
from tickproof.spec.configuration import Configuration
from tickproof.spec.events import Event, SessionStarted
from tickproof.spec.session import SessionState
from tickproof.spec.strategy import Strategy

seeds = st.integers(0, 2**32 - 1)
"""Of worlds and strategies: not worth shrinking bit by bit."""

steered = st.randoms(use_true_random=False)
"""A `Random` whose every draw is Hypothesis', so that Events shrink."""


PLAUSIBLE = ("market", "venue")
"""Sources of a stream in which a venue answers what it was sent, and data go on."""

HOSTILE = ("hostile", "any", "repeat", "fill", "status", "account", "control", "venue")
"""Sources of a stream of contradictions, repetitions, unknown ids; some answers keep it going."""


@st.composite
def streams(
    draw: st.DrawFn,
    configuration: Configuration,
    seed: int,
    events_max: int = 60,
    sources: tuple[str, ...] = (),
    strategies: StrategiesFactory | None = None,
) -> list[Event]:
    """Events that were applied to a fresh pair, ControlTimes included: a valid stream to replay.

    `seed`: of `worlds.strategies`, which are used where `strategies` makes none. `sources`: names
    of `streams.SOURCES` to draw from, all of them by weight when empty.
    """
    made = strategies
    if made is None:
        made = partial(worlds.strategies, seed, configuration)
    both = Lockstep(configuration, made, 2**31)
    dice = draw(steered)
    source = EventSource(dice, configuration)
    for _ in range(draw(st.integers(1, events_max))):
        if sources and both.state.control.session != SessionState.READY:
            both.apply(source.of(dice.choice(sources), both.state))
        else:
            both.apply(source.event(both.state))
        if both.broken:
            break
    return both.events


def plausible_streams(
    configuration: Configuration, strategies: StrategiesFactory | None = None, events_max: int = 60
) -> st.SearchStrategy[list[Event]]:
    """Streams as a working venue and feed give them, to replay against `configuration`."""
    return streams(configuration, 1, events_max, PLAUSIBLE, strategies)


def hostile_streams(
    configuration: Configuration, strategies: StrategiesFactory | None = None, events_max: int = 60
) -> st.SearchStrategy[list[Event]]:
    """Streams no venue should give and a kernel has to stand, to replay against `configuration`."""
    return streams(configuration, 1, events_max, HOSTILE, strategies)


class RefinementMachine(RuleBasedStateMachine):
    """Kernel beside specification. Subclasses may replace `configuration` and `strategies`."""

    digests_every: ClassVar[int] = 8
    coverage: ClassVar[Coverage | None] = None

    both: Lockstep
    source: EventSource

    def configuration(self, dice: Random) -> Configuration:
        """The world of one run."""
        return worlds.configuration(dice)

    def strategies(self, seed: int, configuration: Configuration) -> tuple[Strategy, ...]:
        """Fresh strategy objects, equal whenever called."""
        return worlds.strategies(seed, configuration)

    @initialize(seed=seeds, warm_up=st.integers(0, 40))
    def start(self, seed: int, warm_up: int) -> None:
        """A world, the Event that starts its session, and some that the seed decides."""
        dice = Random(seed)  # noqa: S311
        configuration = self.configuration(dice)
        self.both = Lockstep(
            configuration,
            lambda: self.strategies(seed, configuration),
            self.digests_every,
            self.coverage,
        )
        self.source = EventSource(dice, configuration)
        self.both.apply(self.source.stamped(self.both.state, SessionStarted(1)))
        for _ in range(warm_up):
            if not self.both.broken:
                self.both.apply(self.source.event(self.both.state))

    def step(self, name: str, dice: Random) -> None:
        """Apply the next Event of one source."""
        if self.both.broken:
            return
        self.source.dice = dice
        self.both.apply(self.source.of(name, self.both.state))

    @rule(dice=steered)
    def market(self, dice: Random) -> None:
        """Depth, prints, bars, marks, status, definitions, gaps."""
        self.step("market", dice)

    @rule(dice=steered)
    def venue(self, dice: Random) -> None:
        """A plausible answer, or something unasked."""
        self.step("venue", dice)

    @rule(dice=steered)
    def venue_again(self, dice: Random) -> None:
        """The same source twice as often: most of what happens to orders comes from it."""
        self.step("venue", dice)

    @rule(dice=steered)
    def fill(self, dice: Random) -> None:
        """Late fills, voids, corrections, tombstones."""
        self.step("fill", dice)

    @rule(dice=steered)
    def status(self, dice: Random) -> None:
        """Status reports."""
        self.step("status", dice)

    @rule(dice=steered)
    def any_evidence(self, dice: Random) -> None:
        """Any report about an order of any life."""
        self.step("any", dice)

    @rule(dice=steered)
    def hostile(self, dice: Random) -> None:
        """Wrong ids, unknown orders."""
        self.step("hostile", dice)

    @precondition(lambda self: bool(self.source.said))
    @rule(dice=steered)
    def repeat(self, dice: Random) -> None:
        """What was said before, once more."""
        self.step("repeat", dice)

    @rule(dice=steered)
    def account(self, dice: Random) -> None:
        """Balances, funding, settlements, liquidations."""
        self.step("account", dice)

    @rule(dice=steered)
    def control(self, dice: Random) -> None:
        """Session, trading state, operator, restart, time."""
        self.step("control", dice)

    @invariant()
    def predicates_hold(self) -> None:
        """Every predicate, of the State and of the last step."""
        both = self.both
        broken = broken_by_state(both.configuration, both.state)
        if both.events:
            last = both.events[-1]
            about = (both.configuration, both.before, last, both.state, both.records)
            broken += broken_by_step(*about) + broken_by_orders(*about)
        if broken:
            raise AssertionError(f"position {both.state.position}: {broken}")

    def teardown(self) -> None:
        """The State that was reached is what its encoding says [S4]."""
        if not hasattr(self, "both"):
            return
        if not state_is_canonical_data(self.both.configuration, self.both.state):
            raise AssertionError("S4: State is not what its encoding says")
