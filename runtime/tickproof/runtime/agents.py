"""A market made of agents: several strategies and a seeded flow meet at one matching venue.

Each agent is a kernel of its own, with its own account, strategy and latencies; it sees what
everybody sees, and its own executions. Nothing here decides a trade: the venue matches by price
and time, the kernels decide as they do on recorded data.

What it decides is who comes first. Everything that happens has a time, an agent (0 the flow, then
the agents as given) and a number that only grows, and is done in that order: a message that
reaches the venue at the same nanosecond as another goes after it if its agent is later in the
list. An agent's timer or date that falls due goes before any event that reaches it [T7]. The same
agents, seed and length give the same trades, on every machine [E5].

A run begins with a call, in which the flow alone gathers orders; its auction opens the market.
"""

from __future__ import annotations

import hashlib
from array import array
from collections.abc import Mapping, Sequence
from heapq import heappop, heappush
from typing import Any

from attrs import evolve, field, frozen

from tickproof.invariants.fairness import VenueCheck, Violation
from tickproof.kernel.kernel import Kernel
from tickproof.runtime.backtest import configuration_of
from tickproof.runtime.engine import (
    CONTROL_SOURCE,
    INSTANT_LIMIT,
    VENUE_SOURCE,
    TailChase,
)
from tickproof.runtime.errors import InputError
from tickproof.runtime.loading import LoadedStrategy, load_strategy, strategy_failure
from tickproof.runtime.readers.feed import Market, combine
from tickproof.runtime.settings import Settings, checked, duration_ns
from tickproof.runtime.synthetic import START_NS, START_PRICE, Generator, synthetic_market
from tickproof.spec.commands import CommandKind, OrderType, Request, TimeInForce
from tickproof.spec.events import (
    Body,
    ControlTime,
    Event,
    EventKind,
    SessionStarted,
    SessionStopped,
    Side,
    body_of,
)
from tickproof.spec.instructions import Prevention
from tickproof.spec.instrument import Instrument
from tickproof.spec.matching import MessageKind
from tickproof.spec.outputs import request_of
from tickproof.spec.session import SessionState
from tickproof.spec.strategy import Strategy
from tickproof.spec.time import NEVER_NS
from tickproof.venue.gateway import Gateway
from tickproof.venue.matching import Row

FLOW = 0
"""The participant that is the flow."""

CALL_NS = 1_000_000_000
"""How long the opening call lasts."""

ARRIVE, DELIVER, DUE, FLOW_ACTS, OPEN = range(5)
"""What can happen: a Request at the venue, an event at an agent, a deadline, the flow, the open."""

SNAPSHOT = int(EventKind.BOOK_SNAPSHOT)
FILLED = int(EventKind.FILLED)
CANCELED = int(EventKind.CANCELED)
REJECTED = int(EventKind.REJECTED)
TRADE = int(EventKind.TRADE)

# --- what a run is made of, and what it leaves ---------------------------------------------------


@frozen
class AgentSettings:
    """One agent: a strategy as for a backtest, and how far from the venue it is."""

    strategy: str = "quoter"
    latency: str = "1ms"
    feed_latency: str = "1ms"
    param: Mapping[str, int | str] = field(factory=dict)


@frozen
class AgentResult:
    """What an agent did. Lots; `cash` and `fees` in units of the quote asset.

    `result`: cash less fees, the position at the last trade's price.
    """

    name: str
    orders: int
    fills: int
    bought: int
    sold: int
    position: int
    cash: int
    fees: int
    result: int
    digest: str


@frozen
class MatchResult:
    """A run: agents with the flow first, and everything the venue was told and said.

    `digest`: of every message, every report and every agent's chain. `trades`: (price, lots,
    buyer, seller) with participants by number.
    """

    instrument: Instrument
    agents: tuple[AgentResult, ...]
    messages: int
    trades: tuple[tuple[int, int, int, int], ...]
    violations: tuple[Violation, ...]
    digest: str
    log: tuple[tuple[int, Row, tuple[Row, ...]], ...]
    kernels: tuple[Kernel, ...]


# --- the flow ------------------------------------------------------------------------------------


class SyntheticFlow:
    """Everybody else: limit orders around a value that wanders, cancellations, market orders."""

    def __init__(self, seed: int, lot: int = 1) -> None:
        self.generator = Generator(seed)
        self.value = START_PRICE
        self.lot = lot
        self.key = 0
        self.open: list[int] = []

    def next_delay_ns(self) -> int:
        """Until it acts again: half a millisecond to sixteen."""
        return 500_000 + self.generator.draw() % 15_500_000

    def opening(self) -> list[Request]:
        """Orders for the call: both sides, crossing by a little, so that the auction trades."""
        found = []
        for step in range(-2, 18):
            for side in (Side.BUY, Side.SELL):
                lots = 5 + self.generator.draw() % 20
                found.append(self._limit(side, START_PRICE - side * step, lots))
        return found

    def act(self) -> Request:
        """What it does next."""
        bits = self.generator.draw()
        if bits % 16 == 0:
            self.value = max(self.value + (1 if bits >> 4 & 1 else -1), 100)
        chance = (bits >> 8) % 100
        side = Side.BUY if bits >> 16 & 1 else Side.SELL
        lots = 1 + (bits >> 20) % 15
        if self.open and chance < min(len(self.open), 45):
            return self._cancel(self.open[(bits >> 32) % len(self.open)])
        if chance < 90:
            return self._limit(side, self.value - side * (1 + (bits >> 32) % 9), lots)
        return self._new(side, 0, lots, OrderType.MARKET)

    def hears(self, kind: int, payload: Sequence[int]) -> None:
        """An execution event of its own: orders that ended are forgotten."""
        order, leaves = payload[2], payload[12]
        ended = kind in (CANCELED, REJECTED) or (kind == FILLED and leaves == 0)
        if ended and order in self.open:
            self.open.remove(order)

    def _limit(self, side: int, price: int, lots: int) -> Request:
        self.open.append(self.key + 1)
        return self._new(side, price, lots, OrderType.LIMIT)

    def _new(self, side: int, price: int, lots: int, order_type: int) -> Request:
        self.key += 1
        return Request(
            self.key,
            CommandKind.NEW,
            0,
            0,
            self.key,
            0,
            side,
            order_type,
            TimeInForce.GTC,
            price,
            lots * self.lot,
            0,
            0,
        )

    def _cancel(self, order: int) -> Request:
        return Request(0, CommandKind.CANCEL, 0, 0, order, 0, 0, 0, 0, 0, 0, 0, 0)


# --- an agent ------------------------------------------------------------------------------------


class Agent:
    """A kernel among others: what it is told, and what it sends, with their latencies."""

    def __init__(
        self, number: int, name: str, kernel: Kernel, settings: AgentSettings, strategy: Strategy
    ) -> None:
        self.number = number
        self.name = name
        self.kernel = kernel
        self.strategy = strategy
        self.latency_ns = duration_ns(settings.latency)
        self.feed_latency_ns = duration_ns(settings.feed_latency)
        self.sequences = {0: 0, VENUE_SOURCE: 0, CONTROL_SOURCE: 0}

    def take(self, event_ns: int, stamp_ns: int, source: int, body: Body) -> list[Request]:
        """Apply an event; the Requests it gave rise to."""
        kernel = self.kernel
        stamp_ns = max(stamp_ns, kernel.now_ns)
        sequence = self.sequences[source]
        self.sequences[source] = sequence + 1
        kernel.step(Event(event_ns, stamp_ns, source, sequence, 0, body))
        return [request_of(record) for record in kernel.requests]

    def due_by(self, stamp_ns: int) -> int:
        """A deadline that goes before an event of this stamp, NEVER_NS when there is none."""
        deadline_ns = self.kernel.deadline_ns
        return deadline_ns if deadline_ns <= max(stamp_ns, self.kernel.now_ns) else NEVER_NS


# --- the meeting ---------------------------------------------------------------------------------


class Meeting:
    """One run on one instrument, which ends at `end_ns`.

    `heap`: (time, agent, number, kind, detail) of all that is under way. `fills`: (participant,
    payload), both sides of a trade one after the other.
    """

    def __init__(self, agents: Sequence[Agent], gateway: Gateway, seed: int, end_ns: int) -> None:
        self.agents = agents
        self.gateway = gateway
        self.flow = SyntheticFlow(seed, gateway.instruments[0].lot_step)
        self.end_ns = end_ns
        self.now_ns = START_NS
        self.number = 0
        self.instant = 0
        self.orders = [0] * (len(agents) + 1)
        self.fills: list[tuple[int, tuple[int, ...]]] = []
        self.heap: list[tuple[int, int, int, int, Any]] = []

    def run(self) -> None:
        """From the call to the last answer; raises `TailChase`, kernel errors pass through."""
        self.gateway.turn(0, MessageKind.TO_AUCTION)
        for request in self.flow.opening():
            self._arrive(FLOW, request)
        for agent in self.agents:
            self._carry(agent, agent.take(START_NS, START_NS, CONTROL_SOURCE, SessionStarted(0)))
            kind, values = self.gateway.snapshot(0)
            self._push(START_NS + agent.feed_latency_ns, agent.number, DELIVER, (kind, 0, values))
        self._spread()
        self._push(START_NS + CALL_NS, FLOW, OPEN, None)
        self._go_on(self.end_ns)
        for agent in self.agents:
            stamp_ns = max(self.end_ns, self.now_ns)
            self._answer(agent, stamp_ns)
            stopped = agent.take(stamp_ns, stamp_ns, CONTROL_SOURCE, SessionStopped(0))
            self._carry(agent, stopped)
        # Nobody is consulted any more: what is under way still arrives and is answered.
        self._go_on(NEVER_NS)

    def _go_on(self, until_ns: int) -> None:
        """Do what is next, up to a time."""
        while self.heap and self.heap[0][0] <= until_ns:
            stamp_ns, number, _, kind, detail = heappop(self.heap)
            self.instant = self.instant + 1 if stamp_ns <= self.now_ns else 0
            if self.instant > INSTANT_LIMIT:
                raise TailChase(f"{INSTANT_LIMIT} things happened at one instant")
            self.now_ns = max(self.now_ns, stamp_ns)
            self._do(number, kind, detail)

    def _do(self, number: int, kind: int, detail: Any) -> None:
        if kind == DELIVER:
            self._deliver(self.agents[number - 1], *detail)
        elif kind == ARRIVE:
            self._arrive(number, detail)
            self._spread()
        elif kind == DUE:
            self._answer(self.agents[number - 1], self.now_ns)
        elif kind == OPEN:
            self.gateway.turn(0, MessageKind.TO_CONTINUOUS)
            self._spread()
            self._push(self.now_ns + self.flow.next_delay_ns(), FLOW, FLOW_ACTS, None)
        else:
            self._arrive(FLOW, self.flow.act())
            self._spread()
            self._push(self.now_ns + self.flow.next_delay_ns(), FLOW, FLOW_ACTS, None)

    def _push(self, stamp_ns: int, number: int, kind: int, detail: Any) -> None:
        """Note what will happen; the flow and deadlines end with the run."""
        if stamp_ns > self.end_ns and kind in (FLOW_ACTS, DUE):
            return
        self.number += 1
        heappush(self.heap, (stamp_ns, number, self.number, kind, detail))

    def _arrive(self, number: int, request: Request) -> None:
        """A Request at the venue."""
        self.orders[number] += request.kind == CommandKind.NEW
        self.gateway.submit(number, request)

    def _spread(self) -> None:
        """What the venue said is under way: to everybody, then to whom it concerns."""
        gateway = self.gateway
        for agent in self.agents:
            stamp_ns = self.now_ns + agent.feed_latency_ns
            for kind, values in gateway.shown:
                self._push(stamp_ns, agent.number, DELIVER, (kind, self.now_ns, values))
        for number, kind, values in gateway.told:
            if kind == FILLED:
                self.fills.append((number, values))
            if number == FLOW:
                self.flow.hears(kind, values)
                continue
            agent = self.agents[number - 1]
            stamp_ns = self.now_ns + agent.latency_ns
            self._push(stamp_ns, number, DELIVER, (kind, self.now_ns, values))
        gateway.clear()

    def _deliver(self, agent: Agent, kind: int, event_ns: int, values: tuple[int, ...]) -> None:
        """An event reaches an agent, its deadlines first."""
        self._answer(agent, self.now_ns)
        source = VENUE_SOURCE if EventKind.ACCEPTED <= kind <= EventKind.OUTCOME_UNKNOWN else 0
        self._carry(agent, agent.take(event_ns, self.now_ns, source, body_of(kind, values)))

    def _answer(self, agent: Agent, stamp_ns: int) -> None:
        """Every deadline of an agent that is due by a stamp [T5, T7]."""
        deadline_ns = agent.due_by(stamp_ns)
        while deadline_ns != NEVER_NS:
            answer = ControlTime(deadline_ns)
            self._carry(agent, agent.take(deadline_ns, deadline_ns, CONTROL_SOURCE, answer))
            deadline_ns = agent.due_by(stamp_ns)

    def _carry(self, agent: Agent, requests: Sequence[Request]) -> None:
        """An agent's Requests are under way, and its next deadline is noted."""
        if agent.kernel.session == SessionState.FAILED:
            failure = agent.kernel.failure
            if failure is not None:
                raise strategy_failure(failure, strategy=agent.strategy)
        for request in requests:
            self._push(self.now_ns + agent.latency_ns, agent.number, ARRIVE, request)
        if agent.kernel.deadline_ns != NEVER_NS:
            self._push(max(agent.kernel.deadline_ns, self.now_ns), agent.number, DUE, None)


# --- running -------------------------------------------------------------------------------------


def run_match(
    agents: Sequence[AgentSettings],
    seed: int = 1,
    seconds: int = 60,
    settings: Settings | None = None,
    prevention: int = Prevention.EXPIRE_TAKER,
) -> MatchResult:
    """Let agents meet for some seconds after the open; the same arguments, the same result.

    `settings`: fees, balances and risk of every agent; what names a strategy or latency in it is
    the agents' own. Raises `InputError`, `StrategyError`, `TailChase`.
    """
    if seconds < 1:
        raise InputError("", 0, "seconds", "at least 1", str(seconds))
    chosen = checked(settings if settings is not None else Settings())
    market = _market()
    loaded = [load_strategy(each.strategy, dict(each.param)) for each in agents]
    made = [
        _agent(number, each, strategy, chosen, market)
        for number, (each, strategy) in enumerate(zip(agents, loaded, strict=True), start=1)
    ]
    instruments = market.instruments
    if made:
        instruments = made[0].kernel.configuration.instruments
    log: list[tuple[int, Row, tuple[Row, ...]]] = []
    gateway = Gateway(instruments, prevention, log)
    meeting = Meeting(made, gateway, seed, START_NS + CALL_NS + seconds * 1_000_000_000)
    meeting.run()
    return _result(meeting, log)


def _market() -> Market:
    """The instrument they meet in, without any recorded event."""
    return combine([synthetic_market(0, 0)])


def _agent(
    number: int,
    settings: AgentSettings,
    loaded: LoadedStrategy,
    shared: Settings,
    market: Market,
) -> Agent:
    configuration = configuration_of(
        evolve(shared, latency=settings.latency, feed_latency=settings.feed_latency),
        market,
        (loaded,),
    )
    kernel = Kernel(configuration, (loaded.strategy,))
    return Agent(number, loaded.name, kernel, settings, loaded.strategy)


def _result(meeting: Meeting, log: list[tuple[int, Row, tuple[Row, ...]]]) -> MatchResult:
    """Sums, digests, and whether the venue was fair."""
    gateway = meeting.gateway
    instrument = gateway.instruments[0]
    last = gateway.matchers[0].last
    check, digest = VenueCheck(continuous=True), hashlib.sha256()
    for _, message, reports in log:
        check.see(message, reports)
        for row in (message, *reports):
            digest.update(array("q", row).tobytes())
    chains = ["", *(agent.kernel.chain_digest().hex() for agent in meeting.agents)]
    for chain in chains:
        digest.update(chain.encode())
    names = ["flow", *(agent.name for agent in meeting.agents)]
    results = tuple(
        _account(meeting, number, name, chain, instrument, last)
        for number, (name, chain) in enumerate(zip(names, chains, strict=True))
    )
    return MatchResult(
        instrument,
        results,
        len(log),
        _trades(meeting.fills),
        tuple(check.checker.violations),
        digest.hexdigest(),
        tuple(log),
        tuple(agent.kernel for agent in meeting.agents),
    )


def _account(
    meeting: Meeting, number: int, name: str, chain: str, instrument: Instrument, last: int
) -> AgentResult:
    """One participant's sums, from the fills it was told of."""
    bought = sold = cash = fees = fills = 0
    for owner, values in meeting.fills:
        if owner != number:
            continue
        side, price, lots, fee = values[8], values[9], values[10], values[13]
        fills += 1
        bought += lots if side > 0 else 0
        sold += lots if side < 0 else 0
        cash -= side * price * lots * instrument.money_per_price_lot
        fees += fee
    position = bought - sold
    result = cash - fees + position * last * instrument.money_per_price_lot
    orders = meeting.orders[number]
    return AgentResult(name, orders, fills, bought, sold, position, cash, fees, result, chain)


def _trades(fills: list[tuple[int, tuple[int, ...]]]) -> tuple[tuple[int, int, int, int], ...]:
    """Both sides of a trade are told one after the other."""
    found = []
    for (one, values), (other, _) in zip(fills[0::2], fills[1::2], strict=True):
        buyer, seller = (one, other) if values[8] > 0 else (other, one)
        found.append((values[9], values[10], buyer, seller))
    return tuple(found)
