"""The kernel's quick ways: what they leave out must not show, and they must be taken."""

import random
from collections.abc import Sequence
from itertools import product
from typing import Any, ClassVar

import pytest
from attrs import define, evolve

from tests.kernel.moments import WORLD, Says, bar, kernel_at, moments
from tests.kernel.test_replay import answered, recorded
from tickproof.invariants.refinement import Lockstep
from tickproof.invariants.worlds import ASSETS, LINEAR, SPOT, strategies
from tickproof.kernel import BUILD
from tickproof.kernel.kernel import Kernel, is_understood
from tickproof.kernel.tape import Stamped, Tape
from tickproof.spec.commands import Decision, SetTimer, new_order
from tickproof.spec.configuration import (
    Configuration,
    OnStrategyError,
    Predicate,
    StrategySettings,
    Timing,
    Wake,
    WakeRule,
)
from tickproof.spec.errors import InvariantBroken, ObligationSkipped
from tickproof.spec.events import (
    Bar,
    BookDelta,
    ControlTime,
    Event,
    SessionStarted,
    TopOfBook,
    Trade,
)
from tickproof.spec.instructions import PLAIN, Instructions
from tickproof.spec.instrument import Account
from tickproof.spec.outputs import RecordKind
from tickproof.spec.session import SessionState
from tickproof.spec.state import initial_state
from tickproof.spec.step import obligation, step
from tickproof.spec.strategy import DECISION_LIMIT, Strategy, View, is_decision
from tickproof.spec.stream import EventColumns
from tickproof.spec.time import NEVER_NS

DELTA = BookDelta(0, 1, 1, (1, 100, 5))
PRINT = Trade(0, 2, 1, 1, 0, 0)
CANDLE = Bar(0, 1, 2, 1, 2, 3, 60)
TOP = TopOfBook(0, 100, 1, 101, 1)
NEVER = WakeRule(0)

# --- what is understood --------------------------------------------------------------------------

PARTS = ("kind", "key", "instrument", "side", "order_type", "time_in_force", "quantity")
EDGES = (
    0,
    DECISION_LIMIT,
    DECISION_LIMIT + 1,
    -DECISION_LIMIT,
    -DECISION_LIMIT - 1,
    True,
    1.0,
    None,
)


@pytest.mark.parametrize("part", PARTS)
@pytest.mark.parametrize("value", EDGES)
def test_an_intent_is_understood_as_the_specification_does(part: str, value: Any) -> None:
    intent = new_order(1, 0, 1, 10, 100)._replace(**{part: value})
    assert is_understood(intent) == is_decision(intent)


@pytest.mark.parametrize("value", EDGES)
def test_instructions_and_timers_are_understood_as_the_specification_does(value: Any) -> None:
    asked: Any = Instructions(value)
    for decision in (new_order(1, 0, 1, 10, 100)._replace(instructions=asked), SetTimer(value)):
        assert is_understood(decision) == is_decision(decision)
    assert is_understood(new_order(1, 0, 1, 10, 100)._replace(instructions=PLAIN))
    nothing: Any = None
    assert not is_understood(new_order(1, 0, 1, 10, 100)._replace(instructions=nothing))


# --- what a strategy remembers -------------------------------------------------------------------


@define
class No:
    """Remembers nothing."""


@define
class One:
    """Remembers one thing."""

    count: int = 0


@define
class Two:
    """Remembers two."""

    count: int = 0
    last: int = 0


class Counting:
    """Counts prints in whatever memory it has, and fails at a price of 3."""

    wake: ClassVar[WakeRule] = WakeRule(int(Wake.TRADE))
    memory: ClassVar[type] = No

    def decide(self, view: View, memory: Any) -> Sequence[Decision]:
        for name in getattr(memory, "__slots__", ()):
            if not name.startswith("__"):
                setattr(memory, name, getattr(memory, name) + 1)
        if view.last_trade(0)[0] == 3:
            raise ValueError("three")
        return []


def world(wake: WakeRule, *instruments: int, **changes: Any) -> Configuration:
    settings = StrategySettings(0, "counting", 0, "code", (), wake, instruments)
    made = Configuration(1, ASSETS, (Account(0, "first", 0),), (SPOT, LINEAR), (settings,))
    return evolve(made, **changes)


@pytest.mark.parametrize("memory", [No, One, Two])
@pytest.mark.parametrize("policy", OnStrategyError)
def test_memories_of_any_size_are_kept_and_given_back(memory: type, policy: int) -> None:
    class Strategy(Counting):
        """With this memory."""

    Strategy.memory = memory
    configured = world(Counting.wake, 0, on_strategy_error=int(policy))
    both = Lockstep(configured, lambda: (Strategy(),))
    prints = [Trade(0, price, 1, 1, 0, 0) for price in (1, 2, 3, 4)]
    bodies: list[Any] = [SessionStarted(0), *prints]
    for number, body in enumerate(bodies):
        both.apply(Event(number + 1, number + 1, 0, number, 0, body))
    both.compare_digests()


# --- where a replay stops ------------------------------------------------------------------------


def begun(configured: Configuration, strategy: Any) -> Kernel:
    kernel = Kernel(configured, (strategy,))
    kernel.step(Event(1, 1, 0, 0, 0, SessionStarted(0)))
    return kernel


def columns_of(*bodies: Any) -> EventColumns:
    """Bodies a nanosecond apart, from 2 on."""
    return EventColumns([Event(at, at, 0, at, 0, body) for at, body in enumerate(bodies, 2)])


def test_a_replay_stops_after_requests() -> None:
    """The only strategy decides on a bar of a stretch: nothing of it is lost or late."""
    orders: dict[int, list[Decision]] = {1: [new_order(1, 0, 1, 3, 100)], 2: [SetTimer(50)]}
    configured = world(Says.wake, 0, initial_balances=((0, 0, 10_000),))
    kernel = begun(configured, Says(orders))
    columns = columns_of(TOP, PRINT, bar(1), PRINT, bar(2), bar(9))
    assert kernel.replay(columns, 0, 0) == 0
    assert kernel.replay(columns) == 3
    assert len(kernel.requests) == 1
    assert kernel.replay(columns, 3) == 6
    assert kernel.deadline_ns == 50


def test_a_replay_stops_after_a_failure_and_not_again() -> None:
    kernel = begun(world(Counting.wake, 0), Counting())
    columns = columns_of(*(Trade(0, price, 1, 1, 0, 0) for price in (1, 3, 3, 4)))
    assert kernel.replay(columns) == 2
    assert kernel.session == SessionState.FAILED
    assert kernel.replay(columns, 2) == 4


@pytest.mark.parametrize("instrument", [-1, 2])
def test_an_instrument_that_does_not_exist_stops_a_replay_and_a_step(instrument: int) -> None:
    for body in (evolve(PRINT, instrument=instrument), evolve(TOP, instrument=instrument)):
        kernel = begun(world(NEVER, 0), Counting())
        with pytest.raises(InvariantBroken, match="not configured"):
            kernel.replay(columns_of(body))
        with pytest.raises(InvariantBroken, match="not configured"):
            begun(world(NEVER, 0), Counting()).step(Event(2, 2, 0, 0, 0, body))


def sees(kernel: Kernel, tape: Tape, index: int) -> bool:
    """Play one event; whether it was applied."""
    return kernel.play(tape, index, index + 1, NEVER_NS) > index


def test_what_an_obligation_keeps_back_changes_no_record() -> None:
    """Not even that of a strategy that was asked on the print before, and said nothing."""
    kernel = begun(world(Says.wake, 0), Says({1: [SetTimer(4)]}))
    tape = Tape(columns_of(bar(1), bar(9), bar(9)))
    assert sees(kernel, tape, 0)
    assert sees(kernel, tape, 1)
    before = list(kernel.records)
    assert len(before) == 1
    assert not sees(kernel, tape, 2)
    assert kernel.records == before


# --- clocks, predicates, deadlines ---------------------------------------------------------------


def test_clocks_jump_stand_and_run_back_as_in_the_specification() -> None:
    """T3, T6, T7: stamps around now, around the furthest jump and around a timer."""
    strategy = Says({})
    for limit_ns, now_ns, timer_ns in product((0, 4), (0, 10), (0, 11, 14, 15)):
        configured = world(Says.wake, 0, timing=Timing(jump_limit_ns=limit_ns))
        state = initial_state(configured, (strategy,))
        clock = evolve(state.control.clock, now_ns=now_ns)
        control = evolve(state.control, clock=clock, session=int(SessionState.RUNNING))
        asleep = (evolve(state.execution.strategies[0], timer_ns=timer_ns),)
        state = evolve(state, control=control, execution=evolve(state.execution, strategies=asleep))
        for stamp in range(8, 18):
            for body in (PRINT, TOP, ControlTime(stamp)):
                event = Event(stamp, stamp, 0, 0, 0, body)
                try:
                    expected = step(configured, (strategy,), state, event).state
                except ObligationSkipped:
                    expected = state
                for replays in (False, True):
                    kernel = kernel_at(configured, state, ({},))
                    if replays:
                        reached = kernel.replay(EventColumns([event]))
                    else:
                        reached = applied(kernel, event)
                    assert kernel.state() == expected, (limit_ns, now_ns, timer_ns, event)
                    assert reached == (expected is not state)


def applied(kernel: Kernel, event: Event) -> int:
    """1 where a step takes the event, 0 where an obligation goes before it."""
    try:
        kernel.step(event)
    except ObligationSkipped:
        return 0
    return 1


@pytest.mark.parametrize("kind", list(Predicate)[1:])
def test_predicates_turn_where_those_of_the_specification_do(kind: int) -> None:
    for value, bid_size, ask_size in product((-1, 0, 1, 2, 99, 100, 101, 102), (0, 1), (0, 1)):
        wake = WakeRule(int(Wake.PREDICATE), predicate=int(kind), predicate_value=value)
        both = Lockstep(world(wake, 0), lambda: (Counting(),))
        top = TopOfBook(0, 100, bid_size, 101, ask_size)
        told: list[Any] = [SessionStarted(0), top, PRINT, top]
        for stamp, body in enumerate(told, 1):
            assert both.apply(Event(stamp, stamp, 0, 0, 0, body))


@pytest.mark.parametrize(
    ("kind", "prints", "woken"),
    [
        (Predicate.TRADED_ABOVE, (100, 101, 103, 100, 102), (1, 4)),
        (Predicate.TRADED_BELOW, (100, 99, 97, 101, 98), (1, 4)),
    ],
)
def test_a_strategy_is_woken_where_the_market_trades_through_a_price(
    kind: int, prints: tuple[int, ...], woken: tuple[int, ...]
) -> None:
    """Once each time: a print at the price is not through it, another one beyond is no news."""
    wake = WakeRule(int(Wake.PREDICATE), predicate=int(kind), predicate_value=100)
    both = Lockstep(world(wake, 0), lambda: (Counting(),))
    assert both.apply(Event(1, 1, 0, 0, 0, SessionStarted(0)))
    found = []
    for stamp, price in enumerate(prints, 2):
        assert both.apply(Event(stamp, stamp, 0, 0, 0, Trade(0, price, 1, 1, 0, 0)))
        if any(record[0] == RecordKind.WAKE for record in both.kernel.records):
            found.append(stamp - 2)
    assert tuple(found) == woken


@pytest.mark.parametrize("session", SessionState)
def test_a_kernel_that_took_a_state_over_knows_what_is_due(session: int) -> None:
    """S4: by what waits in it, whether or not the session runs."""
    for wait_ns in (0, 1_000, 30_000):
        timing = Timing(acknowledgement_ns=wait_ns, cancel_deadline_ns=wait_ns)
        configured = evolve(WORLD, timing=timing)
        for moment in moments().values():
            control = evolve(moment.control, session=int(session))
            state = evolve(moment, control=control)
            kernel = kernel_at(configured, state, ({}, {}, {}))
            assert kernel.obligation() == obligation(configured, state)


# --- one event of a tape -------------------------------------------------------------------------


@pytest.mark.parametrize("seed", range(8))
def test_one_event_seen_is_one_step(seed: int) -> None:
    configured, _, events, _ = recorded(seed, 120, random.Random(seed).choice((2, 5, 30)))
    events = [event for event in events if not isinstance(event.body, ControlTime)]
    kernel = Kernel(configured, strategies(seed, configured))
    beside = Kernel(configured, strategies(seed, configured))
    tape = Tape(EventColumns(events))
    for index, event in enumerate(events):
        done = answered(beside, event)
        for each in done[:-1]:
            assert not sees(kernel, tape, index)
            kernel.step(each)
        if done[-1] is not event:
            break
        assert sees(kernel, tape, index)
        assert kernel.records == beside.records
        assert kernel.requests == beside.requests
        assert kernel.deadline_ns == beside.deadline_ns
    kernel.chain.settle()
    assert kernel.state() == beside.state()
    assert kernel.chain_digest() == beside.chain_digest()


# --- the quick way is taken ----------------------------------------------------------------------

subclassed = pytest.mark.skipif(BUILD == "compiled", reason="compiled calls are not looked up")


class Counted(Kernel):
    """Counts the ways taken."""

    def start(self) -> None:
        self.ways: list[str] = []

    def _pass(self, tape: Tape, start: int, stop: int) -> None:
        assert start < stop, "a stretch without events"
        self.ways.append("pass")
        super()._pass(tape, start, stop)

    def _wake(self, tape: Tape, index: int, mask: int) -> bool:
        self.ways.append("wake")
        return super()._wake(tape, index, mask)

    def take(self, event: Stamped) -> None:
        self.ways.append("take")
        super().take(event)

    def _is_due(self, kind: int, stamp: int, deadline_ns: int) -> bool:
        self.ways.append("due")
        return super()._is_due(kind, stamp, deadline_ns)


def ways(wake: WakeRule, bodies: Sequence[Any], one_by_one: bool) -> list[str]:
    kernel = Counted(world(wake, 0), (Counting(),))
    kernel.start()
    kernel.step(Event(1, 1, 0, 0, 0, SessionStarted(0)))
    kernel.start()
    tape = Tape(EventColumns([Event(2 + n, 2 + n, 0, n, 0, body) for n, body in enumerate(bodies)]))
    if one_by_one:
        assert all(sees(kernel, tape, index) for index in range(tape.length))
    else:
        assert kernel.play(tape, 0, tape.length, NEVER_NS) == tape.length
    kernel.chain.settle()
    assert kernel.position == 1 + len(bodies)
    return kernel.ways


@subclassed
@pytest.mark.parametrize(
    ("wake", "bodies", "played", "seen"),
    [
        (NEVER, [DELTA, PRINT, CANDLE], ["pass"], ["pass"] * 3),
        (WakeRule(int(Wake.TRADE)), [PRINT], ["wake"], ["wake"]),
        (WakeRule(int(Wake.TRADE)), [DELTA, PRINT], ["pass", "wake"], ["pass", "wake"]),
        (WakeRule(int(Wake.BAR)), [CANDLE, DELTA], ["wake", "pass"], ["wake", "pass"]),
        (WakeRule(int(Wake.EVERY_NTH), nth=2), [DELTA, DELTA], ["wake"] * 2, ["wake"] * 2),
        (
            WakeRule(int(Wake.PREDICATE), predicate=int(Predicate.BID_AT_LEAST)),
            [DELTA],
            ["wake"],
            ["wake"],
        ),
    ],
)
def test_what_nobody_asked_for_wakes_nobody(
    wake: WakeRule, bodies: Sequence[Any], played: list[str], seen: list[str]
) -> None:
    """A stretch that nobody is woken for is folded in one piece, and no event is made for it."""
    assert ways(wake, bodies, one_by_one=False) == played
    assert ways(wake, bodies, one_by_one=True) == seen


@subclassed
def test_other_kinds_are_taken_by_themselves() -> None:
    found = ways(NEVER, [DELTA, TOP, DELTA], one_by_one=False)
    assert [way for way in found if way != "due"] == ["pass", "take", "pass"]


def test_only_who_counts_is_counted_for() -> None:
    for wake, counted in (
        (WakeRule(int(Wake.EVERY_EVENT)), False),
        (WakeRule(int(Wake.EVERY_NTH), nth=1), True),
        (
            WakeRule(int(Wake.PREDICATE), predicate=int(Predicate.SPREAD_AT_LEAST)),
            True,
        ),
    ):
        strategy: Strategy = Counting()
        kernel = Kernel(world(wake, 1), (strategy,))
        assert [each.counted for each in kernel.strategies] == [counted]
        # Whoever counts events looks at every one.
        wanted = wake.mask | (Wake.EVERY_EVENT if counted else 0)
        assert [each.wanted for each in kernel.markets] == [0, wanted]


@pytest.mark.parametrize("changed", [0, *(1 << bit for bit in range(4)), 9])
@pytest.mark.parametrize("printed", [False, True])
def test_what_is_awaited_is_what_somebody_may_be_consulted_on(changed: int, printed: bool) -> None:
    mask = Wake.EVERY_EVENT + (Wake.TRADE if printed else 0)
    mask += (Wake.TOUCH_SIZE_CHANGE if changed else 0) + (Wake.TOUCH_CHANGE if changed & 3 else 0)
    market = Kernel(world(NEVER, 0), (Counting(),)).markets[0]
    for wanted in range(2 * max(Wake)):
        market.wanted = wanted
        assert market.is_awaited(changed, printed) == (mask & wanted != 0)


@pytest.mark.parametrize("body", [PRINT, TOP])
@pytest.mark.parametrize("wake", [NEVER, WakeRule(int(Wake.TRADE))])
def test_a_replay_goes_up_to_a_time_and_includes_it(wake: WakeRule, body: Any) -> None:
    columns = EventColumns([Event(stamp, stamp, 0, stamp, 0, body) for stamp in (2, 3, 3, 4)])
    for until_ns, reached in ((1, 0), (2, 1), (3, 3), (4, 4)):
        strategies_of: Any = (Counting(),)
        kernel = Kernel(world(wake, 0), strategies_of)
        kernel.step(Event(1, 1, 0, 0, 0, SessionStarted(0)))
        assert kernel.replay(columns, until_ns=until_ns) == reached
        assert kernel.now_ns == max(min(until_ns, 4), 1)
