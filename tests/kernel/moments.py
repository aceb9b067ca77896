"""Moments of a small run, and one step from each of them on kernel and specification.

Long streams seldom stand where a comparison turns. Here a story is told once, short and with
something of everything: orders sent, filled, replaced, in doubt, dead, waiting and adopted, of two
accounts at four instruments. Each of its States is a moment from which any Event may follow; a
kernel that takes the State over and the specification must do the same with it.
"""

from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any, ClassVar
from unittest.mock import patch

from attrs import evolve, fields

from tickproof.invariants.refinement import first_difference
from tickproof.invariants.worlds import ASSETS, COARSE, LINEAR, OTHER, SPOT, Nothing
from tickproof.kernel.kernel import Kernel
from tickproof.spec import step as specification
from tickproof.spec.commands import (
    CommandKind,
    Decision,
    Intent,
    OrderType,
    cancel_order,
    new_order,
    replace_order,
)
from tickproof.spec.configuration import (
    Bucket,
    Configuration,
    RiskLimits,
    StrategySettings,
    Timing,
    Wake,
    WakeRule,
)
from tickproof.spec.dominance import dominate
from tickproof.spec.errors import InvariantBroken, ObligationSkipped
from tickproof.spec.events import (
    Bar,
    BookSnapshot,
    Event,
    EventKind,
    Execution,
    InstrumentStatus,
    MarkPrice,
    SessionStarted,
    Trade,
)
from tickproof.spec.execution_control import (
    command_of,
    is_well_formed,
    relocked,
    risk_facts,
    target_of,
    with_equity_seen,
)
from tickproof.spec.instructions import Instructions
from tickproof.spec.instrument import Account, InstrumentState
from tickproof.spec.outputs import RecordKind
from tickproof.spec.risk import RiskFacts
from tickproof.spec.state import State, initial_state
from tickproof.spec.strategy import View

ELSEWHERE = evolve(LINEAR, id=3, symbol="ELSEWHERE", quote=OTHER)
"""A LINEAR instrument quoted in an asset of its own."""

STRATEGIES = 3
ACCOUNT_OF = (0, 1, 0)
"""Two strategies share the first account."""

SECOND, THIRD = 10**12, 2 * 10**12
"""Before the keys of the second and third strategy, in order ids."""

WATCHED = 2**60
"""A limit that is on and never reached."""

Lines = Mapping[int, Sequence[Decision]]


class Says:
    """Says at each bar what is written for its volume."""

    wake: ClassVar[WakeRule] = WakeRule(int(Wake.BAR))
    memory: ClassVar[type] = Nothing

    def __init__(self, lines: Lines) -> None:
        self.lines = lines

    def decide(self, view: View, memory: Nothing) -> Sequence[Decision]:  # noqa: ARG002
        return self.lines.get(view.last_bar(0)[4], ())


def bar(line: int) -> Bar:
    """At which a line is said; its prices are those of no market."""
    return Bar(0, 0, 0, 0, 0, line, 1)


WORLD = Configuration(
    1,
    ASSETS,
    (Account(0, "first", 0), Account(1, "second", 0)),
    (SPOT, LINEAR, COARSE, ELSEWHERE),
    tuple(
        StrategySettings(number, f"says {number}", account, "code", (), Says.wake, (0,))
        for number, account in enumerate(ACCOUNT_OF)
    ),
    buckets=(Bucket(0, "orders", 40, 1, 10**9, 1, 1, 1),),
    risk=RiskLimits(
        maximum_gross=WATCHED,
        maximum_net=WATCHED,
        maximum_loss=WATCHED,
        maximum_drawdown=WATCHED,
        self_trade_refused=0,
    ),
    timing=Timing(cancel_deadline_ns=0),
    initial_balances=((0, 0, 100_000), (0, 1, 100), (0, 2, 90_000), (1, 0, 50_000), (1, 1, 60)),
)


def told(kind: int, order_id: int, instrument: int, request_id: int = 0, **more: Any) -> Execution:
    """Evidence about an order of its strategy's account."""
    account = ACCOUNT_OF[max(order_id, 0) // SECOND]
    return Execution(int(kind), account, instrument, order_id, request_id, **more)


STOP_AT = Instructions(trigger_price=108)
MONEY = Instructions(quote_quantity=901)


def first_orders(strategy: int) -> list[Decision]:
    """What a strategy asks for first."""
    found: tuple[list[Decision], ...] = (
        [
            new_order(1, 0, 1, 10, 98),
            new_order(2, 1, -1, 5, 210),
            new_order(3, 2, 1, 4, 100),
            new_order(4, 0, -1, 6, 104),
            new_order(5, 1, 1, 3, 190),
            new_order(6, 0, 1, 2, order_type=int(OrderType.STOP), instructions=STOP_AT),
        ],
        [new_order(1, 0, 1, 7, 97), new_order(2, 1, -1, 4, 205)],
        [new_order(1, 0, -1, 3, 105), new_order(2, 3, 1, 2, 50)],
    )
    return found[strategy]


LINE = 9
"""The line of a bar at which the story says nothing."""

LINES: tuple[Lines, ...] = (
    {
        1: first_orders(0),
        2: [replace_order(1, 14, 97), replace_order(2, 3, 211), cancel_order(3)],
        3: [
            new_order(11, 0, 1, 3, 99),
            new_order(12, 0, -1, 2, order_type=int(OrderType.MARKET)),
            new_order(13, 1, -1, 2, 195),
            new_order(14, 1, 1, 4, order_type=int(OrderType.MARKET)),
            new_order(15, 0, 1, 2, order_type=int(OrderType.STOP), instructions=STOP_AT),
            new_order(16, 0, 1, 0, order_type=int(OrderType.MARKET), instructions=MONEY),
            replace_order(4, 9, 103),
            cancel_order(5),
        ],
    },
    {1: first_orders(1), 3: [new_order(11, 0, -1, 2, 120)]},
    {1: first_orders(2), 2: [replace_order(1, 4, 106)]},
)

STORY: tuple[tuple[str, tuple[Any, ...]], ...] = (
    ("nothing known", (SessionStarted(0),)),
    (
        "unmarked",
        (
            BookSnapshot(2, 1, (1, 101, 5, -1, 102, 5)),
            told(EventKind.FILLED, 0, 3, venue_order_id=40, side=1, price=50, quantity=1),
            told(EventKind.ACCEPTED, 0, 1, venue_order_id=41, side=1, price=180, total=2),
        ),
    ),
    (
        "markets",
        (
            told(EventKind.CANCELED, 0, 1, venue_order_id=41),
            BookSnapshot(0, 1, (1, 99, 5, -1, 103, 5)),
            BookSnapshot(1, 1, (1, 195, 5, -1, 206, 5)),
            Trade(2, 101, 1, 1, 0, 0),
            MarkPrice(1, 200),
            MarkPrice(3, 52),
        ),
    ),
    ("sent", (bar(1),)),
    (
        "accepted",
        tuple(
            told(EventKind.ACCEPTED, order_id, instrument, request, venue_order_id=50 + request)
            for request, (order_id, instrument) in enumerate(
                (
                    (1, 0),
                    (2, 1),
                    (3, 2),
                    (4, 0),
                    (5, 1),
                    (6, 0),
                    (SECOND + 1, 0),
                    (SECOND + 2, 1),
                    (THIRD + 1, 0),
                    (THIRD + 2, 3),
                ),
                1,
            )
        ),
    ),
    (
        "filled in part",
        (
            told(EventKind.FILLED, 1, 0, trade_id=1, side=1, price=98, quantity=4),
            told(EventKind.FILLED, 2, 1, trade_id=2, side=-1, price=210, quantity=2),
            told(EventKind.FILLED, 3, 2, trade_id=3, side=1, price=100, quantity=2),
            told(EventKind.FILLED, SECOND + 1, 0, trade_id=4, side=1, price=97, quantity=7),
            told(EventKind.FILLED, SECOND + 2, 1, trade_id=5, side=-1, price=205, quantity=4),
            told(EventKind.FILLED, THIRD + 2, 3, trade_id=6, side=1, price=50, quantity=1),
        ),
    ),
    ("being replaced", (bar(2),)),
    ("at a loss", (MarkPrice(1, 230), MarkPrice(3, 41), MarkPrice(0, 101))),
    (
        "in doubt",
        (
            told(EventKind.OUTCOME_UNKNOWN, 1, 0, 11),
            told(EventKind.REPLACED, 2, 1, 12, venue_order_id=62),
            told(EventKind.CANCELED, 3, 2, 13),
        ),
    ),
    (
        "adopted",
        (
            told(EventKind.ACCEPTED, 0, 0, venue_order_id=90, side=1, price=100, total=5),
            told(EventKind.ACCEPTED, 0, 1, venue_order_id=91, side=-1, price=199, total=6),
            told(EventKind.ACCEPTED, 0, 0, venue_order_id=92, price=102, total=5),
        ),
    ),
    ("waiting", (bar(3),)),
    ("in auction", (InstrumentStatus(2, int(InstrumentState.AUCTION)), MarkPrice(0, 130))),
)
"""Moments by name, and what leads to each from the one before."""


def fresh(lines: Sequence[Lines]) -> tuple[Says, ...]:
    """Strategies that say these lines."""
    return tuple(Says(each) for each in lines)


def at(now_ns: int, body: Any) -> Event:
    """An Event that carries one stamp."""
    return Event(now_ns, now_ns, 0, 0, 0, body)


@cache
def moments() -> dict[str, State]:
    """The story's States by name, as the specification tells it."""
    found = {}
    state = initial_state(WORLD, fresh(LINES))
    for name, bodies in STORY:
        if name == "waiting":
            empty = tuple(evolve(each, tokens=0) for each in state.execution.buckets)
            state = evolve(state, execution=evolve(state.execution, buckets=empty))
        for body in bodies:
            now_ns = 1_000 * (state.position + 1)
            state = specification.step(WORLD, fresh(LINES), state, at(now_ns, body)).state
        found[name] = state
    return found


def kernel_at(configuration: Configuration, state: State, lines: Sequence[Lines]) -> Kernel:
    """A kernel that has taken a State over; its chain begins anywhere, for that takes longest."""
    with patch("tickproof.kernel.kernel.genesis", lambda _: bytes(32)):
        kernel = Kernel(configuration, fresh(lines))
    kernel.load(state)
    return kernel


def on_both(
    configuration: Configuration, state: State, body: Any, lines: Sequence[Lines] = ({}, {}, {})
) -> tuple[tuple[int, ...], ...]:
    """The records of one step from a State, when kernel and specification agree on all of it."""
    event = at(state.control.clock.now_ns + 1_000, body)
    kernel = kernel_at(configuration, state, lines)
    try:
        stepped = specification.step(configuration, fresh(lines), state, event)
    except (InvariantBroken, ObligationSkipped) as stop:
        kind = type(stop)
    else:
        kernel.step(event)
        records = tuple(kernel.records)
        assert records == stepped.records
        found = kernel.state()
        assert found == stepped.state, first_difference(stepped.state, found, "state")
        due = specification.obligation(configuration, stepped.state)
        assert kernel.obligation() == due
        return records
    try:
        kernel.step(event)
    except kind:
        return ()
    raise AssertionError(f"the specification stops at {body}, the kernel goes on")


def under(configuration: Configuration, state: State, **limits: Any) -> tuple[Configuration, State]:
    """A moment under other limits, with what they make orders lock."""
    changed = evolve(configuration, risk=evolve(configuration.risk, **limits))
    return changed, relocked(changed, state)


def facts_of(
    configuration: Configuration, state: State, strategy: int, intent: Intent
) -> RiskFacts | None:
    """What Risk is told of an Intent at a moment; None where there is nothing for it to judge."""
    if not is_well_formed(intent):
        return None
    command = command_of(configuration, state, strategy, intent, state.execution.intents + 1)
    order_id = command.order_id
    waiting = state.execution.queue.get(order_id)
    judged = dominate(waiting, target_of(state.execution, order_id), command)
    if judged.code or judged.pending is None or judged.pending.kind == CommandKind.CANCEL:
        return None
    state, equity = with_equity_seen(configuration, state, judged.pending)
    return risk_facts(configuration, state, judged.pending, equity)


def facts_told(
    configuration: Configuration, state: State, strategy: int, intent: Intent
) -> dict[str, int]:
    """What a kernel tells Risk of an Intent, by the names the specification has for it."""
    lines: list[Lines] = [{}, {}, {}]
    lines[strategy] = {LINE: (intent,)}
    kernel = kernel_at(configuration, state, lines)
    kernel.step(at(state.control.clock.now_ns + 1_000, bar(LINE)))
    facts = kernel.admission.facts
    return {each.name: getattr(facts, each.name) for each in fields(RiskFacts)}


def denials(
    configuration: Configuration, state: State, said: Sequence[tuple[int, Intent]]
) -> list[int]:
    """The codes with which a kernel denies the Intents of one step, 0 where it does not.

    They are said by strategy, whatever their order here; those of each in this order.
    """
    lines = [{LINE: [intent for by, intent in said if by == number]} for number in range(3)]
    kernel = kernel_at(configuration, state, lines)
    kernel.step(at(state.control.clock.now_ns + 1_000, bar(LINE)))
    codes = {record[2]: record[5] for record in kernel.records if record[0] == RecordKind.DENIED}
    before = state.execution.intents
    return [codes.get(number, 0) for number in range(before + 1, before + 1 + len(said))]
