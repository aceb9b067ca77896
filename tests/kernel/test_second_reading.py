"""A second reading of the tables beside whole kernels: another library's machines, random streams.

The machines are built from the rows alone and keep states of their own (see
`tests.spec.test_second_reading`). One reads along with every order a kernel steps, one with the
session, the trading state, every connection and every instrument; after each Event the kernel
must be where they are, and must have refused exactly what they have no transition for.
"""

from enum import IntEnum
from random import Random
from typing import Any

import pytest
from transitions import Machine

from tests.spec.test_second_reading import Reader, machine_of, moved
from tickproof.invariants import openings, worlds
from tickproof.invariants.refinement import Lockstep
from tickproof.invariants.streams import EventSource, swarm
from tickproof.kernel import BUILD, admission, execution
from tickproof.kernel import orders as kernel_orders
from tickproof.kernel.orders import KernelOrder, KernelReport, to_ticket
from tickproof.spec import fill_life, order_life
from tickproof.spec.configuration import Configuration, OnContradiction, OnStrategyError
from tickproof.spec.events import (
    ConnectionChanged,
    Event,
    EventKind,
    Execution,
    InstrumentStatus,
    OperatorDisposition,
    TradingStateChanged,
)
from tickproof.spec.fill_life import FillEvent, FillLife
from tickproof.spec.instrument import InstrumentState
from tickproof.spec.order_life import Life, OrderEvent, Report
from tickproof.spec.outputs import RecordKind, SurfacedReason
from tickproof.spec.session import (
    CONNECTION,
    INSTRUMENT_STATUS,
    SESSION,
    SESSION_EVENT_OF_KIND,
    ConnectionEvent,
    ConnectionState,
    InstrumentStatusEvent,
    SessionEvent,
    SessionState,
)
from tickproof.spec.strategy import Strategy
from tickproof.spec.trading_state import TRADING_STATE, TradingState, TradingStateEvent

STEPS = 60
SEEDS = range(24)


class OrderReaders:
    """A model of the order-life machine beside every order that a kernel steps."""

    def __init__(self, machine: Machine) -> None:
        self.machine = machine
        self.readers: dict[int, tuple[KernelOrder, Reader]] = {}
        self.took = self.refused = 0

    def reader_of(self, order: KernelOrder) -> Reader:
        """The order's own; new ones begin where the table begins."""
        if id(order) not in self.readers:
            assert order.life == Life.ABSENT
            reader = Reader()
            self.machine.add_model(reader)
            self.readers[id(order)] = (order, reader)
        return self.readers[id(order)][1]

    def step(self, order: KernelOrder, report: KernelReport) -> int:
        """The kernel's step, with the machine reading along."""
        reader = self.reader_of(order)
        before = to_ticket(order).order
        facts = Report(**{name: getattr(report, name) for name in KernelReport.__slots__})
        took = moved(self.machine, reader, OrderEvent(report.event).name, before, facts)
        code = kernel_orders.step(order, report)
        assert took == (code == 0)
        assert reader.state == Life(order.life).name
        self.took += took
        self.refused += not took
        return code

    def close(self) -> None:
        """Let the models go."""
        for _, reader in self.readers.values():
            self.machine.remove_model(reader)


class ControlReaders:
    """Models of the control tables beside one kernel."""

    def __init__(self, configured: Configuration) -> None:
        self.configured = configured
        self.machines = {
            "session": machine_of(SESSION, SessionState.READY),
            "trading": machine_of(TRADING_STATE, TradingState.ACTIVE),
            "connection": machine_of(CONNECTION, ConnectionState.DISCONNECTED),
            "instrument": machine_of(INSTRUMENT_STATUS, InstrumentState.CONTINUOUS),
        }
        self.readers: dict[tuple[str, int], Reader] = {}

    def told(self, name: str, which: int, event: str) -> bool:
        """Send an event to one machine; whether it had a transition."""
        reader = self.readers.get((name, which))
        if reader is None:
            reader = self.readers[(name, which)] = Reader()
            self.machines[name].add_model(reader)
        return moved(self.machines[name], reader, event, None, None)

    def heard(self, event: Event, records: tuple[tuple[int, ...], ...]) -> None:
        """What the tables say to an Event, and to what followed from it."""
        body, took = event.body, True
        if event.kind in SESSION_EVENT_OF_KIND:
            took = self.told("session", 0, SessionEvent(SESSION_EVENT_OF_KIND[event.kind]).name)
        elif isinstance(body, TradingStateChanged):
            took = self.told("trading", 0, TradingStateEvent(body.state).name)
        elif isinstance(body, ConnectionChanged):
            took = self.told("connection", body.venue, ConnectionEvent(body.state).name)
        elif isinstance(body, InstrumentStatus):
            took = self.told("instrument", body.instrument, InstrumentStatusEvent(body.status).name)
        else:
            self.consequences(body, records)
            return
        refused = any(record[:2] == (RecordKind.REFUSED, -1) for record in records)
        assert took != refused
        self.consequences(body, records)

    def consequences(self, body: object, records: tuple[tuple[int, ...], ...]) -> None:
        """A strategy that failed, and a contradiction, where they stop the run.

        What an operator says of an order is no evidence: it is refused and surfaced, no more.
        """
        contradiction = (RecordKind.SURFACED, SurfacedReason.CONTRADICTION)
        failed = any(record[0] == RecordKind.STRATEGY_FAILED for record in records)
        if failed and self.configured.on_strategy_error == OnStrategyError.HALT:
            self.told("trading", 0, "TO_HALTED")
            self.told("session", 0, "FAIL")
        contradicted = any(record[:2] == contradiction for record in records)
        contradicted = contradicted and not isinstance(body, OperatorDisposition)
        if contradicted and self.configured.on_contradiction == OnContradiction.HALT:
            self.told("trading", 0, "TO_HALTED")

    def compare(self, kernel: Any) -> None:
        """The kernel is where the machines are."""
        for (name, which), reader in self.readers.items():
            found: IntEnum = SessionState(kernel.session)
            if name == "trading":
                found = TradingState(kernel.trading_state)
            elif name == "connection":
                found = ConnectionState(kernel.connections.get(which, 0))
            elif name == "instrument":
                found = InstrumentState(kernel.markets[which].status)
            assert reader.state == found.name, name


FILLS = {
    EventKind.FILLED: FillEvent.FILLED,
    EventKind.FILL_VOIDED: FillEvent.FILL_VOIDED,
    EventKind.FILL_CORRECTED: FillEvent.FILL_CORRECTED,
}


def compare_fills(machine: Machine, both: Lockstep) -> int:
    """Every fill whose life changed took a transition of the machine."""
    count = 0
    for key, fill in both.state.execution.fills.items():
        known = both.before.execution.fills.get(key)
        before = FillLife.ABSENT if known is None else FillLife(known.life)
        body = both.events[-1].body
        if before == fill.life or key[3] < 0 or not isinstance(body, Execution):
            continue  # inferred fills have no Event of their own
        event = FILLS[EventKind(body.kind)].name
        found = machine.get_transitions(event, before.name, FillLife(fill.life).name)
        assert found, (key, event, before, fill.life)
        count += 1
    return count


class Read(Lockstep):
    """A pair with the machines beside it, told of every Event, ControlTimes included."""

    control: ControlReaders
    fill_machine: Machine
    fills = 0

    def _compare_step(self) -> None:
        super()._compare_step()
        self.control.heard(self.events[-1], self.records)
        self.control.compare(self.kernel)
        self.fills += compare_fills(self.fill_machine, self)


@pytest.fixture(scope="module")
def order_machine() -> Machine:
    return machine_of(order_life.TABLE, Life.ABSENT)


@pytest.fixture(scope="module")
def fill_machine() -> Machine:
    return machine_of(fill_life.TABLE, FillLife.ABSENT)


@pytest.mark.skipif(BUILD == "compiled", reason="what compiled modules call cannot be replaced")
@pytest.mark.parametrize("seed", SEEDS)
def test_kernels_are_where_the_machines_are(
    seed: int, order_machine: Machine, fill_machine: Machine, monkeypatch: pytest.MonkeyPatch
) -> None:
    dice = Random(seed)
    is_free = seed % 2 == 0
    played = () if is_free else openings.numbered(11 * seed)
    configured = worlds.configuration(dice) if is_free else openings.world(dice)
    orders, control = OrderReaders(order_machine), ControlReaders(configured)
    for module in (execution, admission):
        monkeypatch.setattr(module, "step", orders.step)

    def strategies() -> tuple[Strategy, ...]:
        if is_free:
            return worlds.strategies(seed, configured)
        return openings.strategies(seed, configured, played)

    both = Read(configured, strategies, 2**31)
    both.control, both.fill_machine = control, fill_machine
    source = EventSource(dice, configured, swarm(dice))
    opening = openings.Playing(source, played)
    for _ in range(STEPS):
        event = opening.event(both.state) if not is_free else None
        both.apply(event if event is not None else source.event(both.state))
    for order_id, order in both.kernel.execution.orders.items():
        assert orders.reader_of(order).state == Life(order.life).name, order_id
    assert orders.took + orders.refused > 0 or is_free
    orders.close()


def test_a_kernel_that_goes_elsewhere_is_noticed(
    order_machine: Machine, fill_machine: Machine, monkeypatch: pytest.MonkeyPatch
) -> None:
    right = kernel_orders.step

    def suspended_instead(order: KernelOrder, report: KernelReport) -> int:
        code = right(order, report)
        if code == 0 and report.event == OrderEvent.SUSPENDED:
            order.life = int(Life.HELD)
        return code

    monkeypatch.setattr(kernel_orders, "step", suspended_instead)
    with pytest.raises(AssertionError):  # noqa: PT012 - whichever stream it is
        for seed in range(1, 400, 2):
            test_kernels_are_where_the_machines_are(seed, order_machine, fill_machine, monkeypatch)
