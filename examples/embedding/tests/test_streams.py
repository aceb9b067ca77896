"""The kernel as this desk configures it, under streams from Hypothesis."""

from hypothesis import given, settings
from tickproof.invariants.machine import hostile_streams, plausible_streams
from tickproof.invariants.predicates import broken_by_state
from tickproof.kernel.kernel import Kernel
from tickproof.spec.events import Event
from tickproof.spec.stream import EventColumns

from desk.session import configuration
from desk.strategy import Joiner

WORLD = configuration()
QUICK = settings(max_examples=15, deadline=None, derandomize=True, database=None)


def fresh() -> tuple[Joiner, ...]:
    return (Joiner(),)


def replayed(events: list[Event]) -> tuple[bytes, bytes]:
    """Both digests after a stream, stepped."""
    kernel = Kernel(WORLD, fresh())
    for event in events:
        kernel.step(event)
        assert broken_by_state(WORLD, kernel.state()) == ()
    return kernel.chain_digest(), kernel.state_digest()


def in_batches(events: list[Event]) -> tuple[bytes, bytes]:
    """Both digests after the same stream in one batch."""
    kernel, batch, index = Kernel(WORLD, fresh()), EventColumns(events), 0
    while index < len(batch):
        index = kernel.replay(batch, index)
    return kernel.chain_digest(), kernel.state_digest()


@QUICK
@given(events=plausible_streams(WORLD, fresh, 40))
def test_a_valid_stream(events: list[Event]) -> None:
    assert replayed(events) == in_batches(events)


@QUICK
@given(events=hostile_streams(WORLD, fresh, 40))
def test_a_hostile_stream(events: list[Event]) -> None:
    assert replayed(events) == in_batches(events)
