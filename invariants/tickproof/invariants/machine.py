"""A stateful machine of Hypothesis: kernel and specification under streams that shrink.

What it decides: which Events a machine applies, one rule per source of Events, and what is asked
after each: that both sides are equal (`refinement`) and that no predicate breaks (`predicates`).
Subclass `RefinementMachine` to change the world or to add rules; its `both` is the pair.

This module needs the extra `conformance`; nothing else of `tickproof.invariants` does.
"""

from __future__ import annotations

from random import Random
from typing import ClassVar

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from tickproof.invariants import worlds
from tickproof.invariants.predicates import (
    broken_by_state,
    broken_by_step,
    state_is_canonical_data,
)
from tickproof.invariants.refinement import Coverage, Lockstep
from tickproof.invariants.streams import EventSource
from tickproof.spec.configuration import Configuration
from tickproof.spec.events import Event, SessionStarted
from tickproof.spec.strategy import Strategy

seeds = st.integers(0, 2**32 - 1)
"""Of worlds and strategies: not worth shrinking bit by bit."""

steered = st.randoms(use_true_random=False)
"""A `Random` whose every draw is Hypothesis', so that Events shrink."""


@st.composite
def streams(
    draw: st.DrawFn, configuration: Configuration, seed: int, events_max: int = 60
) -> list[Event]:
    """Events that were applied to a fresh pair, ControlTimes included: a valid stream to replay.

    `seed`: of `worlds.strategies`.
    """
    both = Lockstep(configuration, lambda: worlds.strategies(seed, configuration), 2**31)
    source = EventSource(draw(steered), configuration)
    for _ in range(draw(st.integers(1, events_max))):
        both.apply(source.event(both.state))
        if both.broken:
            break
    return both.events


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
            broken += broken_by_step(
                both.configuration, both.before, last, both.state, both.records
            )
        if broken:
            raise AssertionError(f"position {both.state.position}: {broken}")

    def teardown(self) -> None:
        """The State that was reached is what its encoding says [S4]."""
        if not hasattr(self, "both"):
            return
        if not state_is_canonical_data(self.both.configuration, self.both.state):
            raise AssertionError("S4: State is not what its encoding says")
