"""The monitor: it changes nothing, it checks what it says, and a planted bug stops the run."""

import random
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from tickproof.invariants.evidence import order_steps
from tickproof.invariants.monitor import (
    CheckLevel,
    MonitoredKernel,
    PredicateBroken,
    Reader,
    check_end,
    checked_steps,
    differences,
    monitored,
    narrowed,
)
from tickproof.invariants.refinement import Lockstep
from tickproof.invariants.streams import EventSource
from tickproof.invariants.worlds import configuration, strategies
from tickproof.kernel import BUILD, orders
from tickproof.kernel.execution import KernelExecution
from tickproof.kernel.kernel import Kernel
from tickproof.kernel.ledger import KernelLedger
from tickproof.spec.configuration import Configuration
from tickproof.spec.errors import InvariantBroken, ObligationSkipped
from tickproof.spec.events import ControlTime, Event
from tickproof.spec.state import State
from tickproof.spec.strategy import Strategy
from tickproof.spec.stream import EventColumns

LENGTH = 70


def made(seed: int, configured: Configuration) -> Callable[[], tuple[Strategy, ...]]:
    return lambda: strategies(seed, configured)


def world(seed: int) -> tuple[random.Random, Configuration]:
    dice = random.Random(seed)
    return dice, configuration(dice)


def stepped(kernel: Kernel, event: Event) -> Iterator[Event]:
    """Apply an Event after the ControlTimes that are due; what was applied, one by one."""
    for _ in range(40):
        try:
            kernel.step(event)
        except ObligationSkipped as due:
            control = Event(due.deadline_ns, due.deadline_ns, 9, 0, 0, ControlTime(due.deadline_ns))
            kernel.step(control)
            yield control
        else:
            yield event
            return


def run(kernel: Kernel, seed: int, length: int = LENGTH) -> list[Event]:
    """A stream made for the kernel as it goes; what was applied."""
    dice, configured = world(seed)
    source = EventSource(dice, configured)
    applied: list[Event] = []
    try:
        for _ in range(length):
            applied += stepped(kernel, source.event(kernel.state()))
    except PredicateBroken:
        raise
    except InvariantBroken:
        # The stream held what no kernel can apply.
        pass
    return applied


def plain(seed: int) -> tuple[Kernel, list[Event]]:
    configured = world(seed)[1]
    kernel = Kernel(configured, strategies(seed, configured))
    return kernel, run(kernel, seed)


def watched(seed: int, level: CheckLevel = CheckLevel.EVERY, every: int = 8) -> Kernel:
    configured = world(seed)[1]
    return monitored(configured, strategies(seed, configured), level, every)


# --- it changes nothing --------------------------------------------------------------------------


@pytest.mark.parametrize("seed", range(5))
def test_a_monitored_kernel_is_the_kernel(seed: int) -> None:
    kernel, applied = plain(seed)
    same = watched(seed)
    assert run(same, seed) == applied
    assert same.chain_digest() == kernel.chain_digest()
    assert same.state_digest() == kernel.state_digest()
    assert checked_steps(same) == len(applied)
    check_end(same)


@pytest.mark.parametrize("size", [1, 3, 1000])
@pytest.mark.parametrize(("level", "every"), [("every", 9), ("sampled", 1), ("sampled", 5)])
def test_batches_are_checked_as_steps_are(size: int, level: str, every: int) -> None:
    kernel, applied = plain(3)
    batch = EventColumns(applied)
    same = watched(3, CheckLevel(level), every)
    index = 0
    while index < len(batch):
        index = same.replay(batch, index, min(index + size, len(batch)))
    assert same.chain_digest() == kernel.chain_digest()
    expected = len(batch) if level == "every" else len(batch) // every
    assert checked_steps(same) == expected
    assert same.replay(batch, len(batch), len(batch)) == len(batch)


@pytest.mark.parametrize("seed", range(4))
def test_what_is_read_is_what_the_kernel_says(seed: int) -> None:
    configured = world(seed)[1]
    kernel = Kernel(configured, strategies(seed, configured))
    reader = Reader(kernel)
    source = EventSource(world(seed)[0], configured)
    reader.state()
    for _ in range(LENGTH):
        try:
            list(stepped(kernel, source.event(kernel.state())))
        except InvariantBroken:
            break
        seen, said = reader.state(), kernel.state()
        assert (seen.position, seen.execution, seen.control) == (
            said.position,
            said.execution,
            said.control,
        )
        for mine, theirs in zip(seen.market.instruments, said.market.instruments, strict=True):
            assert (mine.book.bids, mine.book.asks) == (theirs.book.bids[:1], theirs.book.asks[:1])
            assert mine.last_trade == theirs.last_trade


def test_off_is_a_plain_kernel() -> None:
    assert type(watched(1, CheckLevel.OFF)) is Kernel
    assert checked_steps(watched(1, CheckLevel.OFF)) == 0
    check_end(watched(1, CheckLevel.OFF))


def test_going_past_the_monitor_is_noticed() -> None:
    kernel = watched(2)
    applied = plain(2)[1]
    kernel.step(applied[0])
    Kernel.step(kernel, applied[1])
    with pytest.raises(InvariantBroken, match="F5: position 2: 1 steps"):
        kernel.step(applied[2])


# --- a planted bug stops it ----------------------------------------------------------------------


def locks_stay(patch: pytest.MonkeyPatch) -> None:
    """Locks of dead orders are kept."""
    refresh = KernelExecution.refresh

    def planted(self: KernelExecution, order: Any) -> None:
        if order.life < orders.CANCELED:
            refresh(self, order)

    patch.setattr(KernelExecution, "refresh", planted)


def fills_grow(patch: pytest.MonkeyPatch) -> None:
    """An order counts one lot more than its fill has."""
    fill = orders._fill
    patch.setattr(orders, "_fill", lambda order, report, lots: fill(order, report, lots + 1))


def prices_move(patch: pytest.MonkeyPatch) -> None:
    """A market Event moves the price of the oldest order, even a dead one."""
    apply_market = Kernel._apply_market

    def planted(self: Kernel, *arguments: Any) -> int:
        for order in self.execution.orders.values():
            order.price += 1
            break
        return apply_market(self, *arguments)

    patch.setattr(Kernel, "_apply_market", planted)


def time_stands(patch: pytest.MonkeyPatch) -> None:
    """A market Event puts the clock back."""
    apply_market = Kernel._apply_market

    def planted(self: Kernel, *arguments: Any) -> int:
        self.now_ns -= 1
        return apply_market(self, *arguments)

    patch.setattr(Kernel, "_apply_market", planted)


def refusals_are_forgotten(patch: pytest.MonkeyPatch) -> None:
    """A refusal is not counted."""
    refuse = KernelExecution.refuse

    def planted(self: KernelExecution, *arguments: int) -> None:
        refuse(self, *arguments)
        self.refused -= 1

    patch.setattr(KernelExecution, "refuse", planted)


def money_appears(patch: pytest.MonkeyPatch) -> None:
    """A posting moves money that its record does not show."""
    transfer = KernelLedger.transfer

    def planted(self: KernelLedger, out: list[int], account: int, asset: int, amount: int) -> Any:
        transfer(self, [], account, asset, 1)
        return transfer(self, out, account, asset, amount)

    patch.setattr(KernelLedger, "transfer", planted)


def orders_are_lost(patch: pytest.MonkeyPatch) -> None:
    """The oldest of three orders is forgotten when something is refused."""
    refuse = KernelExecution.refuse

    def planted(self: KernelExecution, *arguments: int) -> None:
        refuse(self, *arguments)
        if len(self.orders) > 3:
            del self.orders[min(self.orders)]

    patch.setattr(KernelExecution, "refuse", planted)


PLANTED: list[tuple[Callable[[pytest.MonkeyPatch], None], str]] = [
    (locks_stay, "A3"),
    (fills_grow, "OL3"),
    (fills_grow, "OL4"),
    (prices_move, "F2"),
    (time_stands, "T3"),
    (refusals_are_forgotten, "E6"),
    (money_appears, "A6"),
    (orders_are_lost, "E3"),
]


@pytest.mark.skipif(BUILD == "compiled", reason="methods of a compiled class cannot be replaced")
@pytest.mark.parametrize(("plant", "requirement"), PLANTED)
def test_a_planted_bug_stops_the_run(
    plant: Callable[[pytest.MonkeyPatch], None],
    requirement: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    plant(monkeypatch)
    stops: list[PredicateBroken] = []
    for seed in range(12):
        try:
            run(watched(seed), seed)
        except PredicateBroken as broken:
            stops.append(broken)
            if requirement in broken.requirements:
                break
    stop = stops[-1]
    assert requirement in stop.requirements
    text = stop.report()
    assert f"broken at position {stop.position}" in text
    assert f"position {stop.position}: " in str(stop)
    assert isinstance(stop.state, State)
    assert stop.event is not None
    assert str(stop.event) in text
    assert stop.state.position == stop.position + 1


def spoil_an_order(kernel: Kernel) -> None:
    """The price of the oldest order."""
    next(iter(kernel.execution.orders.values())).price += 1


def spoil_a_leg(kernel: Kernel) -> None:
    """Lots executed on the only leg of the oldest order."""
    next(iter(kernel.execution.orders.values())).legs[0].executed += 1


def spoil_a_fill(kernel: Kernel) -> None:
    """Lots of the oldest fill."""
    next(iter(kernel.execution.fills.values()))[4] += 1


def spoil_the_clock(kernel: Kernel) -> None:
    """The kernel's time."""
    kernel.now_ns -= 10**9


def spoil_the_money(kernel: Kernel) -> None:
    """What the first holder has of the first asset."""
    kernel.execution.ledger.totals[0] += 1


@pytest.mark.parametrize(
    ("spoil", "requirements"),
    [
        (spoil_an_order, {"F2", "OL6", "OL7"}),
        (spoil_a_leg, {"F2", "OL4"}),
        (spoil_a_fill, {"OL4"}),
        (spoil_the_clock, {"T3"}),
        (spoil_the_money, {"A2", "A6"}),
    ],
)
def test_memory_that_is_spoilt_between_steps_is_noticed_at_the_next(
    spoil: Callable[[Kernel], None], requirements: set[str]
) -> None:
    seed = next(seed for seed in range(30) if plain(seed)[0].execution.fills)
    applied = plain(seed)[1]
    kernel = watched(seed)
    while not kernel.execution.fills:
        kernel.step(applied[kernel.position])
    spoil(kernel)
    position = kernel.position
    with pytest.raises(PredicateBroken) as stop:
        kernel.step(applied[position])
    assert {*stop.value.requirements} & requirements
    assert stop.value.position == position


def test_a_broken_state_is_noticed_at_the_end() -> None:
    kernel = watched(1)
    kernel.execution.ledger.totals[0] += 1
    with pytest.raises(PredicateBroken, match="A2"):
        check_end(kernel)


# --- its parts -----------------------------------------------------------------------------------


def test_a_sample_is_a_matter_of_positions() -> None:
    applied = plain(4)[1]
    seen: list[int] = []

    class Noting(MonitoredKernel):
        def _after(self, before: State | None, event: Event) -> None:
            if before is not None:
                seen.append(self.position)
            super()._after(before, event)

    configured = world(4)[1]
    kernel = Noting(configured, strategies(4, configured), CheckLevel.SAMPLED, 7)
    for event in applied:
        kernel.step(event)
    assert seen == list(range(7, len(applied) + 1, 7))


def test_narrowing_keeps_the_orders_named_and_nothing_else() -> None:
    kernel = plain(0)[0]
    state = kernel.state()
    chosen = set(sorted(state.execution.orders)[:2])
    less = narrowed(state, chosen).execution
    assert {*less.orders} == chosen
    assert {key[4] for key in less.fills} <= chosen
    assert less.ledger == state.execution.ledger


def test_differences_name_paths_and_both_values() -> None:
    kernel, _ = plain(5)
    state = kernel.state()
    before = watched(5).state()
    found = differences(before.control, state.control, "control")
    assert any(line.startswith("control.clock.now_ns: 0 -> ") for line in found)
    assert differences(state, state, "state") == []


def test_the_single_steps_of_streams_reach_most_rules() -> None:
    """What the monitor asks of order life is asked of something."""
    reached: set[str] = set()

    class Noting(Lockstep):
        def _compare_step(self) -> None:
            about = (self.configuration, self.before, self.events[-1], self.state, self.records)
            reached.update(step.rule.id for step in order_steps(*about))

        def _compare_states(self) -> None:
            return

    for seed in range(18):
        dice, configured = world(seed)
        both = Noting(configured, made(seed, configured))
        source = EventSource(dice, configured)
        for _ in range(LENGTH):
            both.apply(source.event(both.state))
            if both.broken:
                break
    assert len(reached) > 120
