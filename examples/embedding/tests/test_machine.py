"""Kernel beside specification in this desk's world, steered by Hypothesis."""

from random import Random

from hypothesis import settings
from tickproof.invariants.machine import RefinementMachine
from tickproof.spec.configuration import Configuration
from tickproof.spec.strategy import Strategy

from desk.session import configuration
from desk.strategy import Joiner


class DeskMachine(RefinementMachine):
    """The public machine with another Configuration and other strategies."""

    def configuration(self, dice: Random) -> Configuration:
        """The desk's own, whatever the dice say."""
        return configuration()

    def strategies(self, seed: int, configuration: Configuration) -> tuple[Strategy, ...]:
        """Fresh ones each time."""
        return (Joiner(),)


TestDesk = DeskMachine.TestCase
TestDesk.settings = settings(
    max_examples=10, stateful_step_count=25, deadline=None, derandomize=True, database=None
)
