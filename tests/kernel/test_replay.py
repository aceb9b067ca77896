"""`replay` over columns equals `step` over events, for every batch size, to the last digest."""

import random

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tickproof.invariants.machine import streams
from tickproof.invariants.streams import EventSource
from tickproof.invariants.worlds import START_NS, configuration, strategies
from tickproof.kernel.kernel import Kernel
from tickproof.spec.configuration import Configuration
from tickproof.spec.errors import ObligationSkipped
from tickproof.spec.events import ControlTime, Event, SessionStarted
from tickproof.spec.session import SessionState
from tickproof.spec.stream import EventColumns
from tickproof.spec.time import NEVER_NS

Records = list[tuple[tuple[int, ...], ...]]

FAILED = int(SessionState.FAILED)
SIZES = (1, 2, 7, 4095, 4096, 4097, 10**9)
# Few of them on other interpreters.
SEEDS = (*range(8), *(pytest.param(seed, marks=pytest.mark.slow) for seed in range(8, 24)))


def answered(kernel: Kernel, event: Event) -> list[Event]:
    """Apply an event after the ControlTimes that are due; everything that was applied."""
    done = []
    for _ in range(60):
        try:
            kernel.step(event)
        except ObligationSkipped as due:
            control = Event(due.deadline_ns, due.deadline_ns, 9, 0, 0, ControlTime(due.deadline_ns))
            kernel.step(control)
            done.append(control)
        else:
            return [*done, event]
    return done


def recorded(
    seed: int, length: int, every: int
) -> tuple[Configuration, Kernel, list[Event], Records]:
    """A stream of market events with another kind at every `every`-th, as `step` took it."""
    dice = random.Random(seed)
    configured = configuration(dice)
    kernel = Kernel(configured, strategies(seed, configured))
    source = EventSource(dice, configured)
    state = kernel.state()
    applied: list[Event] = []
    records: Records = []
    now_ns = START_NS
    for index in range(length):
        now_ns += dice.choice((0, 1, 5, 40))
        if index == 0:
            event = Event(now_ns, now_ns, 0, 0, 0, SessionStarted(1))
        elif index % every == 0:
            state = kernel.state()
            event = source.event(state)
            now_ns = max(now_ns, kernel.now_ns)
        else:
            stamp = now_ns - dice.choice((0, 0, 0, 0, 90))
            event = Event(stamp, stamp, 0, index, 0, source.market(state))
        applied.extend(answered(kernel, event))
        records.append(tuple(kernel.records))
    return configured, kernel, applied, records


def replayed(seed: int, configured: Configuration, events: list[Event], size: int) -> Kernel:
    """The same stream by columns, in batches of a size; ControlTimes stand in the stream."""
    kernel = Kernel(configured, strategies(seed, configured))
    columns = EventColumns(events)
    for start in range(0, len(columns), size):
        batch = columns.slice(start, min(start + size, len(columns)))
        index = 0
        while index < len(batch):
            reached = kernel.replay(batch, index)
            assert reached > index, "an obligation stands where the stream had none"
            assert kernel.requests or reached == len(batch) or kernel.session == FAILED
            index = reached
    return kernel


@pytest.mark.parametrize("size", SIZES)
def test_long_streams_in_batches_of_any_size(size: int) -> None:
    seed = 5
    configured, stepped, events, _ = long_stream(seed)
    assert len(events) > 2 * 4097
    kernel = replayed(seed, configured, events, size)
    assert kernel.position == stepped.position
    assert kernel.chain_digest() == stepped.chain_digest()
    assert kernel.state_digest() == stepped.state_digest()
    assert kernel.obligation() == stepped.obligation()


_LONG: dict[int, tuple[Configuration, Kernel, list[Event], Records]] = {}


def long_stream(seed: int) -> tuple[Configuration, Kernel, list[Event], Records]:
    if seed not in _LONG:
        _LONG[seed] = recorded(seed, 8_400, 60)
    return _LONG[seed]


@pytest.mark.parametrize("seed", SEEDS)
def test_any_stream_in_random_batches(seed: int) -> None:
    """Timers, obligations, answers and failures among depth changes; digests at every stop."""
    dice = random.Random(-seed - 1)
    configured, stepped, events, _ = recorded(seed, 240, dice.choice((2, 5, 30)))
    beside = Kernel(configured, strategies(seed, configured))
    kernel = Kernel(configured, strategies(seed, configured))
    columns = EventColumns(events)
    done = 0
    index = 0
    while index < len(columns):
        stop = min(index + dice.choice((1, 2, 7, 50)), len(columns))
        index = kernel.replay(columns, index, stop)
        while done < index:
            beside.step(events[done])
            done += 1
        assert kernel.records == beside.records
        assert kernel.requests == beside.requests
        assert kernel.state() == beside.state()
        assert kernel.chain_digest() == beside.chain_digest()
        assert kernel.deadline_ns == beside.deadline_ns
    assert kernel.chain_digest() == stepped.chain_digest()


@pytest.mark.parametrize("seed", range(12))
def test_obligations_stop_a_replay(seed: int) -> None:
    """A stream without its ControlTimes is stopped at each, and goes on once it was applied."""
    configured, _, events, _ = recorded(seed, 300, 12)
    raw = [event for event in events if not isinstance(event.body, ControlTime)]
    beside = Kernel(configured, strategies(seed, configured))
    kernel = Kernel(configured, strategies(seed, configured))
    columns = EventColumns(raw)
    index, done, stuck = 0, 0, 0
    while index < len(columns) and stuck < 60:
        reached = kernel.replay(columns, index)
        while done < reached:
            beside.step(raw[done])
            done += 1
        reached_nothing = reached == index
        stuck = stuck + 1 if reached_nothing else 0
        index = reached
        if index < len(columns) and not kernel.requests and reached_nothing:
            due_ns = kernel.deadline_ns
            assert due_ns == beside.deadline_ns < NEVER_NS
            control = Event(due_ns, due_ns, 9, 0, 0, ControlTime(due_ns))
            kernel.step(control)
            beside.step(control)
        assert kernel.chain_digest() == beside.chain_digest()


@pytest.mark.slow
@settings(max_examples=40, suppress_health_check=list(HealthCheck))
@given(st.data(), st.integers(0, 2**16))
def test_steered_streams_in_drawn_batches(data: st.DataObject, seed: int) -> None:
    configured = configuration(random.Random(seed))
    events = data.draw(streams(configured, seed))
    kernel = Kernel(configured, strategies(seed, configured))
    beside = Kernel(configured, strategies(seed, configured))
    columns = EventColumns(events)
    index = 0
    while index < len(columns):
        stop = min(index + data.draw(st.integers(1, 9)), len(columns))
        reached = kernel.replay(columns, index, stop)
        assert reached > index
        for event in events[index:reached]:
            beside.step(event)
        assert kernel.records == beside.records
        index = reached
    assert kernel.chain_digest() == beside.chain_digest()
    assert kernel.state_digest() == beside.state_digest()


def test_a_replay_that_does_nothing_says_nothing() -> None:
    """Requests of an earlier step are not shown again."""
    configured, _, events, _ = recorded(1, 60, 3)
    kernel = Kernel(configured, strategies(1, configured))
    columns = EventColumns(events)
    index = 0
    while not kernel.requests:
        index = kernel.replay(columns, index)
    assert kernel.replay(columns, index, index) == index
    assert kernel.requests == []
    assert kernel.replay(columns, index, until_ns=0) == index


def test_a_stretch_without_events_applies_none() -> None:
    configured, _, events, _ = recorded(1, 60, 30)
    kernel = Kernel(configured, strategies(1, configured))
    assert kernel.replay(EventColumns(events), 0, 0) == 0
    assert kernel.position == Kernel(configured, strategies(1, configured)).position
