"""Streams to replay: plausible and hostile ones, alike on kernel and specification."""

import random
from collections import Counter

from hypothesis import given, settings
from hypothesis import strategies as st

from tickproof.invariants import machine, worlds
from tickproof.invariants.refinement import lockstep
from tickproof.spec.configuration import Configuration
from tickproof.spec.strategy import Strategy

WORLD: Configuration = worlds.configuration(random.Random(4))


def fresh() -> tuple[Strategy, ...]:
    return worlds.strategies(1, WORLD)


def test_streams_are_applied_as_they_are_and_are_worth_it() -> None:
    """Plausible ones lead to orders, hostile ones to refusals."""
    orders, refusals = Counter[str](), Counter[str]()
    makers = {"plausible": machine.plausible_streams, "hostile": machine.hostile_streams}

    @settings(max_examples=12)
    @given(kind=st.sampled_from(sorted(makers)), data=st.data())
    def check(kind: str, data: st.DataObject) -> None:
        events = data.draw(makers[kind](WORLD, fresh, 40))
        both = lockstep(WORLD, fresh, events)
        assert both.events == events
        assert both.state.position == len(events)
        orders[kind] += len(both.state.execution.orders)
        refusals[kind] += both.state.execution.refused

    check()
    assert orders["plausible"] > 0
    assert refusals["hostile"] > 0


class Machine(machine.RefinementMachine):
    digests_every = 2**20


TestMachine = Machine.TestCase
TestMachine.settings = settings(max_examples=8, stateful_step_count=15, deadline=None)
