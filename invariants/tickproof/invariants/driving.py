"""A kernel and a venue adapter face to face on a small made market: what conformance checks run.

What it decides: the order of things, which is that of a runtime. At each stamp the adapter sees the
market (if it wants to) and gives what has arrived; then the kernel has the market Event, and what
it asks for is handed to the adapter at once. ControlTimes go before what reaches their deadline.

An adapter is two methods, `submit` and `advance`; real ones are wrapped with the venue they talk
to, or with a recording of it, replaced by something that answers in kernel time.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from random import Random
from typing import Protocol

from attrs import evolve, frozen

from tickproof.kernel.kernel import Kernel
from tickproof.spec.commands import OrderType, Request, TimeInForce
from tickproof.spec.configuration import (
    Configuration,
    RiskLimits,
    StrategySettings,
    Timing,
)
from tickproof.spec.errors import ObligationSkipped
from tickproof.spec.events import (
    Bar,
    BookDelta,
    BookSnapshot,
    ControlTime,
    Event,
    SessionStarted,
    SessionStopped,
    Trade,
    body_of,
    payload,
)
from tickproof.spec.instrument import Account, Asset, Instrument, InstrumentKind
from tickproof.spec.outputs import request_of
from tickproof.spec.price_queue import FillModel
from tickproof.spec.state import State
from tickproof.spec.strategy import Strategy
from tickproof.venue.venue import SimulatedVenue

START_NS = 1_700_000_000_000_000_000
"""Stamp of the first Event: a time of day some adapters will want to make a date of."""

MARKET_SOURCE, VENUE_SOURCE, CONTROL_SOURCE = 0, 1, 2

ASSETS = (Asset(0, "QUOTE", 8), Asset(1, "BASE", 8))
INSTRUMENT = Instrument(0, "CONFORMANCE", 0, int(InstrumentKind.SPOT), 1, 0, 2, 3, 1, 1)
"""The default instrument: spot, every price and quantity on the grid, no fees."""

CONTROL_TIMES_MAX = 1000


@frozen
class Profile:
    """What a venue adapter is to be asked, and what it may do.

    `instrument`: id 0, assets 0 (quote) and 1 (base). `price`: where its market is made, in price
    units. `order_types`, `times_in_force`: those it knows. `replaces`: whether it takes REPLACE.
    `patience_ns`: within what time a Request is answered. `tolerated`: names of refusal codes it
    may cause, such as DUPLICATE_FILL where it delivers at least once. `runs`, `turns`: how many
    fresh adapters are driven, and for how many market Events.
    """

    instrument: Instrument = INSTRUMENT
    price: int = 10_000
    order_types: tuple[int, ...] = (int(OrderType.LIMIT),)
    times_in_force: tuple[int, ...] = (int(TimeInForce.GTC),)
    replaces: bool = True
    patience_ns: int = 60_000_000_000
    tolerated: tuple[str, ...] = ()
    runs: int = 6
    turns: int = 60


class VenueAdapter(Protocol):
    """What conformance asks of a venue adapter.

    It may have `on_market(event)` too, if its venue has to see the market, and its factory may
    have a `profile: Profile`.
    """

    def submit(self, request: Request, now_ns: int) -> None:
        """Take one Request, at kernel time `now_ns`."""

    def advance(self, now_ns: int) -> Iterable[Event]:
        """Time is `now_ns`: everything that has arrived by then and was not given before."""


class SimulatedVenueAdapter:
    """The simulated venue as an adapter: the answers arrive `latency_ns` after they were given."""

    def __init__(
        self,
        instruments: tuple[Instrument, ...] = (INSTRUMENT,),
        latency_ns: int = 7_000_000,
        model: int = FillModel.PESSIMISTIC,
    ) -> None:
        self.venue = SimulatedVenue(instruments, int(model), latency_ns, latency_ns)
        self.waiting: list[tuple[int, int, int, tuple[int, ...]]] = []
        self.sequence = 0

    def on_market(self, event: Event) -> None:
        """The venue sees the market."""
        values = payload(event.body)
        stamps = (event.event_time_ns, event.capture_time_ns)
        self.venue.on_market(event.kind, *stamps, values, 0, len(values))

    def submit(self, request: Request, now_ns: int) -> None:
        """Take one Request."""
        self.venue.submit(request, now_ns)

    def advance(self, now_ns: int) -> Iterator[Event]:
        """What the venue said and has arrived."""
        self.venue.advance(now_ns)
        self.waiting += self.venue.drain()
        while self.waiting and self.waiting[0][0] <= now_ns:
            arrival_ns, event_time_ns, kind, values = self.waiting.pop(0)
            self.sequence += 1
            body = body_of(kind, values)
            yield Event(event_time_ns, arrival_ns, VENUE_SOURCE, self.sequence, 0, body)


# --- the market ----------------------------------------------------------------------------------


def market(seed: int, length: int, price: int, step_ns: int = 50_000_000) -> Iterator[Event]:
    """A made market of instrument 0: a whole book, then changes of it, prints and bars."""
    dice = Random(seed)  # noqa: S311
    now_ns = START_NS
    middle = price
    sizes: dict[tuple[int, int], int] = {}
    for sequence in range(length):
        now_ns += dice.randrange(1, 2 * step_ns)
        middle += dice.choice((-1, 0, 0, 0, 1))
        wanted = {
            (side, middle - side * depth): dice.randrange(1, 9)
            for side in (1, -1)
            for depth in range(1, 5)
        }
        roll = dice.randrange(8)
        if sequence == 0:
            flat = tuple(value for key, size in wanted.items() for value in (*key, size))
            body: BookSnapshot | BookDelta | Trade | Bar = BookSnapshot(0, 1, flat)
            sizes = wanted
        elif roll < 5:
            gone = {key: 0 for key in sizes if key not in wanted}
            changed = {**gone, **{k: v for k, v in wanted.items() if sizes.get(k) != v}}
            flat = tuple(value for key, size in changed.items() for value in (*key, size))
            body = BookDelta(0, sequence + 1, sequence + 1, flat)
            sizes = wanted
        elif roll < 7:
            side = dice.choice((1, -1))
            at = middle + side * dice.randrange(0, 4)
            body = Trade(0, at, dice.randrange(1, 12), side, 0, sequence)
        else:
            body = Bar(0, middle, middle + 2, middle - 2, middle, 40, 1_000_000_000)
        yield Event(now_ns, now_ns, MARKET_SOURCE, sequence, 0, body)


def configuration_for(strategy: Strategy, instrument: Instrument = INSTRUMENT) -> Configuration:
    """The small world of conformance: one instrument, one account with plenty, one strategy."""
    return Configuration(
        1,
        ASSETS,
        (Account(0, "main", 0),),
        (evolve(instrument, id=0),),
        (StrategySettings(0, type(strategy).__name__, 0, "", (), strategy.wake, (0,)),),
        risk=RiskLimits(),
        timing=Timing(cancel_deadline_ns=0),
        initial_balances=((0, 0, 10**15), (0, 1, 10**15)),
    )


# --- the drive -----------------------------------------------------------------------------------

Watch = Callable[[State, Event, State, tuple[tuple[int, ...], ...]], None]
"""Called after each step with State before, Event, State after, records."""


class Drive:
    """One kernel with one adapter. `applied`: every Event the kernel had, in order.

    `watch` is called for what the adapter yields, before it is applied to anything else.
    """

    def __init__(self, kernel: Kernel, adapter: VenueAdapter, watch: Watch | None = None) -> None:
        self.kernel = kernel
        self.adapter = adapter
        self.watch = watch
        self.applied: list[Event] = []
        self.requests: list[Request] = []
        self.sent_ns: list[int] = []
        self.now_ns = START_NS
        self.controls = 0
        self.see: Callable[[Event], None] | None = getattr(adapter, "on_market", None)

    def start(self) -> None:
        """The session starts."""
        self.apply(self.control(SessionStarted(0)))

    def turn(self, event: Event, took: Callable[[Event], bool] | None = None) -> None:
        """One market Event: the adapter sees it and says what arrived; then the kernel has it."""
        self.now_ns = max(self.now_ns, event.capture_time_ns)
        if self.see is not None:
            self.see(event)
        self.listen(took)
        self.apply(event)

    def listen(self, took: Callable[[Event], bool] | None = None) -> None:
        """What has arrived goes to the kernel; `took` says of each whether it can be applied."""
        for event in tuple(self.adapter.advance(self.now_ns)):
            if took is None or took(event):
                self.apply(event, watched=True)

    def stop(self, patience_ns: int, took: Callable[[Event], bool] | None = None) -> None:
        """Nobody is consulted any more; what is under way has its time to arrive."""
        self.apply(self.control(SessionStopped(0)))
        for _ in range(20):
            self.now_ns += patience_ns // 20 + 1
            self.listen(took)

    def control(self, body: SessionStarted | SessionStopped | ControlTime) -> Event:
        """One of the runtime's own Events, now."""
        self.controls += 1
        stamp = body.deadline_ns if isinstance(body, ControlTime) else self.now_ns
        return Event(stamp, stamp, CONTROL_SOURCE, self.controls, 0, body)

    def apply(self, event: Event, watched: bool = False) -> None:
        """Apply an Event after the ControlTimes that are due; carry Requests to the adapter."""
        for _ in range(CONTROL_TIMES_MAX):
            before = self.kernel.state() if watched and self.watch is not None else None
            try:
                self.kernel.step(event)
            except ObligationSkipped as due:
                self.apply(self.control(ControlTime(due.deadline_ns)))
                continue
            self.applied.append(event)
            if before is not None and self.watch is not None:
                self.watch(before, event, self.kernel.state(), tuple(self.kernel.records))
            for record in tuple(self.kernel.requests):
                request = request_of(record)
                self.requests.append(request)
                self.sent_ns.append(self.now_ns)
                self.adapter.submit(request, self.now_ns)
            return
