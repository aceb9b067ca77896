"""Snapshot and tail equal the full run, and nothing in State can change unseen."""

import random
from collections.abc import Iterator, Mapping
from functools import partial
from itertools import count
from typing import Any

import pytest
from attrs import evolve, fields, has

from tickproof.invariants.refinement import Lockstep
from tickproof.invariants.streams import EventSource
from tickproof.invariants.worlds import configuration, strategies
from tickproof.kernel import snapshot
from tickproof.kernel.kernel import Kernel
from tickproof.kernel.snapshot import SnapshotRefusal, SnapshotRefused
from tickproof.spec.configuration import Configuration
from tickproof.spec.digest import encode, state_digest
from tickproof.spec.events import FIRST_EXECUTION_KIND, Event
from tickproof.spec.state import State

# Few of them on other interpreters.
SEEDS = (*range(8), *(pytest.param(seed, marks=pytest.mark.slow) for seed in range(8, 30)))


def recorded(seed: int, length: int) -> tuple[Configuration, list[Event]]:
    """A world and a stream that was applied to it."""
    dice = random.Random(seed)
    configured = configuration(dice)
    both = Lockstep(configured, lambda: strategies(seed, configured), 10**9)
    source = EventSource(dice, configured)
    for _ in range(length):
        both.apply(source.event(both.state))
    return configured, both.events


def run(seed: int, configured: Configuration, events: list[Event]) -> Kernel:
    kernel = Kernel(configured, strategies(seed, configured))
    for event in events:
        kernel.step(event)
    return kernel


@pytest.mark.parametrize("seed", SEEDS)
def test_snapshot_and_tail_equal_the_full_run(seed: int) -> None:
    """S1 to S4: at any position, through bytes, into other strategy objects."""
    configured, events = recorded(seed, 90)
    cut = random.Random(seed).randrange(len(events) + 1)
    full = run(seed, configured, events[:cut])
    taken = snapshot.from_bytes(snapshot.to_bytes(snapshot.take(full)))
    assert taken == snapshot.take(full)
    resumed = snapshot.restore(configured, strategies(seed, configured), taken)
    assert resumed.state_digest() == full.state_digest()
    assert resumed.chain_digest() == full.chain_digest()
    assert resumed.obligation() == full.obligation()
    for event in events[cut:]:
        full.step(event)
        resumed.step(event)
        assert resumed.records == full.records
        assert resumed.requests == full.requests
        assert resumed.state() == full.state()
        assert resumed.obligation() == full.obligation()
        assert resumed.chain_digest() == full.chain_digest()
    assert snapshot.to_bytes(snapshot.take(resumed)) == snapshot.to_bytes(snapshot.take(full))


def test_across_a_segment_boundary() -> None:
    """Head and open segment are both needed where a segment closes in the tail [D7]."""
    configured, events = recorded(2, 60)
    full = run(2, configured, events)
    now_ns = full.now_ns
    market = [event for event in events if event.kind < FIRST_EXECUTION_KIND]
    resumed = full
    while full.position < 4_200:
        for event in market:
            stamped = evolve(event, capture_time_ns=now_ns, event_time_ns=now_ns)
            full.step(stamped)
            if resumed is not full:
                resumed.step(stamped)
        if resumed is full and full.position > 3_000:
            taken = snapshot.take(full)
            resumed = snapshot.restore(configured, strategies(2, configured), taken)
    assert resumed.chain.head == full.chain.head != taken.head
    assert resumed.chain_digest() == full.chain_digest()


# --- every field counts --------------------------------------------------------------------------


def changed(value: Any, path: str) -> Iterator[tuple[str, Any]]:
    """Every value that differs from this one in a single place."""
    if has(type(value)):
        for attribute in fields(type(value)):
            for where, other in changed(getattr(value, attribute.name), f"{path}.{attribute.name}"):
                yield where, evolve(value, **{attribute.name: other})
    elif isinstance(value, Mapping):
        for key, inside in value.items():
            others = {each: value[each] for each in value if each != key}
            yield f"{path} without {key}", others
            for where, other in changed(inside, f"{path}[{key}]"):
                yield where, {**others, key: other}
    elif isinstance(value, tuple):
        yield f"{path} longer", (*value, 0)
        for index, inside in enumerate(value):
            for where, other in changed(inside, f"{path}[{index}]"):
                yield where, (*value[:index], other, *value[index + 1 :])
    else:
        yield path, changed_atom(value)


def changed_atom(value: Any) -> Any:
    """Another value of the same type."""
    if isinstance(value, bool):
        return not value
    if isinstance(value, int):
        return value + 1
    if isinstance(value, str):
        return value + "x"
    return value + b"x" if isinstance(value, bytes) else 0


def test_no_field_of_state_can_change_without_its_digest() -> None:
    """D7: every leaf, in a State that has orders, fills, doubts, queue, equity and externals."""
    state = rich_state()
    before = state_digest(state)
    seen = 0
    for path, other in changed(state, "state"):
        assert state_digest(other) != before, path
        seen += 1
    assert seen > 300


def rich_state() -> State:
    """The largest of some States that have something in every mapping."""
    found: list[State] = []
    for seed in range(200):
        dice = random.Random(seed)
        configured = configuration(dice)
        if not configured.risk.maximum_loss or not configured.buckets:
            continue
        both = Lockstep(configured, partial(strategies, seed, configured), 10**9)
        source = EventSource(dice, configured)
        for _ in range(60):
            both.apply(source.event(both.state))
            execution = both.state.execution
            parts = (
                execution.orders,
                execution.fills,
                execution.aliases,
                execution.externals,
                execution.queue,
                execution.equity,
                both.state.control.connections,
            )
            if all(parts):
                found.append(both.state)
                break
        if len(found) == 3:
            break
    return max(found, key=lambda each: len(encode(each)))


def test_changing_a_live_structure_changes_the_state_digest() -> None:
    """The digest is of the structures, not of a copy."""
    kernels = (run(seed, *recorded(seed, 80)) for seed in count())
    kernel = next(each for each in kernels if each.execution.orders)
    before = kernel.state_digest()
    order = next(iter(kernel.execution.orders.values()))
    order.as_of_ns += 1
    assert kernel.state_digest() != before
    order.as_of_ns -= 1
    assert kernel.state_digest() == before
    kernel.execution.ledger.totals[0] += 1
    assert kernel.state_digest() != before


# --- refusals ------------------------------------------------------------------------------------


def test_a_snapshot_belongs_to_its_code_and_configuration() -> None:
    configured, events = recorded(4, 30)
    taken = snapshot.take(run(4, configured, events))
    fresh = strategies(4, configured)
    first = evolve(configured.strategies[0], code_identity="other code")
    other_code = evolve(configured, strategies=(first, *configured.strategies[1:]))
    with pytest.raises(SnapshotRefused, match="other code") as refused:
        snapshot.restore(other_code, fresh, taken)
    assert refused.value.code == SnapshotRefusal.OTHER_CODE
    with pytest.raises(SnapshotRefused) as refused:
        snapshot.restore(evolve(configured, version=9), fresh, taken)
    assert refused.value.code == SnapshotRefusal.OTHER_CONFIGURATION
    with pytest.raises(SnapshotRefused) as refused:
        snapshot.restore(configured, fresh, evolve(taken, version=2))
    assert refused.value.code == SnapshotRefusal.OTHER_VERSION


def test_damaged_bytes_are_refused() -> None:
    configured, events = recorded(6, 25)
    data = snapshot.to_bytes(snapshot.take(run(6, configured, events)))
    for index in (0, 5, 40, len(data) // 2, len(data) - 1):
        broken = data[:index] + bytes([data[index] ^ 1]) + data[index + 1 :]
        with pytest.raises(SnapshotRefused):
            snapshot.from_bytes(broken)
    for length in (0, 10, 50, len(data) - 1):
        with pytest.raises(SnapshotRefused):
            snapshot.from_bytes(data[:length])
