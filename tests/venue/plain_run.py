"""A run in plain form, which looks for the next of all things anew, and worlds to run in."""

from array import array
from collections.abc import Callable, Iterable, Iterator
from itertools import accumulate, pairwise
from random import Random
from typing import Any, ClassVar

from attrs import Factory, define, evolve

from tests.venue.stage import BOOK, INSTRUMENT
from tickproof.kernel.kernel import FAILED, Kernel
from tickproof.spec.commands import (
    Decision,
    OrderType,
    SetTimer,
    TimeInForce,
    cancel_order,
    new_order,
    replace_order,
)
from tickproof.spec.configuration import (
    Bucket,
    Configuration,
    StrategySettings,
    Timing,
    Wake,
    WakeRule,
)
from tickproof.spec.events import (
    FIELD_NAMES,
    FIRST_ACCOUNT_KIND,
    BookDelta,
    BookSnapshot,
    ControlTime,
    Event,
    EventKind,
    FundingRate,
    InstrumentStatus,
    MarkPrice,
    SessionStarted,
    SessionStopped,
    TopOfBook,
    Trade,
    payload,
)
from tickproof.spec.instrument import Account, Asset, InstrumentKind, InstrumentState
from tickproof.spec.latency import Delays
from tickproof.spec.strategy import View
from tickproof.spec.stream import EventColumns
from tickproof.spec.time import NEVER_NS
from tickproof.venue.requests import VenueRequest
from tickproof.venue.simulation import (
    AS_RECORDED,
    CONTROL_SOURCE,
    VENUE_SOURCE,
    Simulation,
)
from tickproof.venue.venue import SimulatedVenue

REQUEST_ID_FIELD = FIELD_NAMES[EventKind.ACCEPTED].index("request_id")

ASSETS = (Asset(0, "BASE", 8), Asset(1, "QUOTE", 8))
PERPETUAL = evolve(INSTRUMENT, kind=int(InstrumentKind.LINEAR))

# --- the plain form ------------------------------------------------------------------------------

ENOUGH = 2_000
"""Steps in which every run here has come to its end."""

Heard = tuple[int, int, tuple[int, ...]]
"""(kind, capture stamp, payload) of what reached the kernel."""


@define
class Plain:
    """What comes next is the earliest, and of what comes at one time the first of these.

    A message at the venue, an obligation, a message at the kernel, what the venue does by itself,
    an answer, the end of the session.
    """

    kernel: Kernel
    venue: SimulatedVenue
    events: list[Event]
    feed_ns: int
    shown: list[int] = Factory(list)
    seen: list[int] = Factory(list)
    at_venue: int = 0
    at_kernel: int = 0
    now_ns: int = 0
    answers: list[Any] = Factory(list)
    delivered: int = 0
    controls: int = 0
    unanswered: int = 0
    stopped: bool = False
    closed: bool = False
    heard: list[Heard] = Factory(list)
    sent: list[tuple[int, int]] = Factory(list)
    shown_to: list[tuple[int, int, bool]] = Factory(list)

    def run(self) -> None:
        stamps = [each.capture_time_ns for each in self.events]
        happened = [min(each.event_time_ns, each.capture_time_ns) for each in self.events]
        recorded = self.feed_ns == AS_RECORDED
        later = 0 if recorded else self.feed_ns
        self.shown = list(accumulate(happened if recorded else stamps, max))
        self.seen = list(accumulate((stamp + later for stamp in stamps), max))
        self.now_ns = self.seen[0]
        self.control(EventKind.SESSION_STARTED, self.now_ns, payload(SessionStarted(0)))
        while self.kernel.session != FAILED and (waiting := self.waiting()):
            stamp, _, act = min(waiting, key=lambda each: each[:2])
            if act != self.market_at_venue:
                self.now_ns = max(self.now_ns, stamp)
            act()

    def waiting(self) -> list[tuple[int, int, Callable[[], None]]]:
        """(when, rank, what) of all that may be next."""
        end_ns = self.seen[-1]
        found: list[tuple[int, int, Callable[[], None]]] = []
        if self.at_venue < len(self.events):
            found.append((self.shown[self.at_venue], 0, self.market_at_venue))
        if self.at_kernel < len(self.events):
            found.append((self.seen[self.at_kernel], 2, self.market_at_kernel))
        internal = self.venue.next_time_ns()
        if internal < NEVER_NS and (internal <= end_ns or self.unanswered):
            found.append((internal, 3, self.venue_acts))
        if self.answers:
            found.append((self.answers[0][0], 4, self.answer))
        if not self.stopped:
            found.append((end_ns, 5, self.stop))
        due_ns = max(self.kernel.deadline_ns, self.kernel.now_ns)
        # Deadlines beyond the data are met only on the way to an answer.
        if due_ns <= end_ns or (self.stopped and found):
            found.append((due_ns, 1, self.obligation))
        return found

    def market_at_venue(self) -> None:
        event, stamp = self.events[self.at_venue], self.shown[self.at_venue]
        values = payload(event.body)
        kind = int(event.body.KIND)  # type: ignore[union-attr]
        self.at_venue += 1
        self.venue.on_market(kind, event.event_time_ns, stamp, values, 0, len(values))
        if self.venue.pending_outputs:
            self.now_ns = max(self.now_ns, stamp)
        self.collect()

    def market_at_kernel(self) -> None:
        event = self.events[self.at_kernel]
        later = max(self.feed_ns, 0)
        self.at_kernel += 1
        self.step(
            int(event.body.KIND),  # type: ignore[union-attr]
            event.event_time_ns,
            event.capture_time_ns + later,
            (event.source, event.sequence, event.epoch),
            payload(event.body),
        )

    def obligation(self) -> None:
        due_ns = self.kernel.deadline_ns
        self.control(EventKind.CONTROL_TIME, due_ns, payload(ControlTime(due_ns)))

    def venue_acts(self) -> None:
        stamp = self.venue.next_time_ns()
        if stamp > self.shown[-1] and not self.closed:
            self.closed = True
            values = (0, int(InstrumentState.CLOSED))
            self.venue.on_market(
                EventKind.INSTRUMENT_STATUS, self.shown[-1], self.shown[-1], values, 0, 2
            )
        self.venue.advance(stamp)
        self.collect()

    def answer(self) -> None:
        arrival_ns, event_ns, kind, values = self.answers.pop(0)
        self.delivered += 1
        self.step(kind, event_ns, arrival_ns, (VENUE_SOURCE, self.delivered - 1, 0), values)

    def stop(self) -> None:
        self.stopped = True
        stamp = max(self.seen[-1], self.kernel.now_ns)
        self.control(EventKind.SESSION_STOPPED, stamp, payload(SessionStopped(0)))

    def control(self, kind: int, stamp: int, values: tuple[int, ...]) -> None:
        self.controls += 1
        self.step(int(kind), stamp, stamp, (CONTROL_SOURCE, self.controls - 1, 0), values)

    def collect(self) -> None:
        for output in self.venue.drain():
            answered = output[2] < FIRST_ACCOUNT_KIND and output[3][REQUEST_ID_FIELD]
            self.unanswered -= bool(answered)
            self.answers.append(output)

    def step(
        self,
        kind: int,
        event_ns: int,
        stamp: int,
        whence: tuple[int, int, int],
        values: tuple[int, ...],
    ) -> None:
        self.kernel.apply(kind, event_ns, stamp, *whence, array("q", values))
        self.heard.append((kind, stamp, tuple(values)))
        if self.kernel.records:
            worth = bool(self.kernel.requests) or kind >= EventKind.ACCEPTED
            self.shown_to.append((self.kernel.position, len(self.kernel.records), worth))
        for record in self.kernel.requests:
            self.unanswered += 1
            self.sent.append((len(self.sent) + 1, self.now_ns))
            self.venue.submit(VenueRequest(record), self.now_ns)


# --- worlds --------------------------------------------------------------------------------------


@define
class Dice:
    """A generator's state, and how many keys were used."""

    state: int = 0
    keys: int = 0


class Player:
    """Now and then an order, a cancel, a replacement or a timer, from a seed."""

    wake: ClassVar[WakeRule] = WakeRule(Wake.EVERY_EVENT + Wake.OWN_ORDER + Wake.TIMER)
    memory: ClassVar[type] = Dice

    def __init__(self, seed: int, seldom: int) -> None:
        self.seed = seed
        self.seldom = seldom

    def decide(self, view: View, memory: Dice) -> Iterable[Decision] | None:
        memory.state += 1
        draw = Random(f"{self.seed} {memory.state}")
        if self.seed % 8 == 0 and draw.randrange(30) == 0:
            raise ValueError("it fails")
        if draw.randrange(self.seldom) or not view.bid_size(0) or not view.ask_size(0):
            return None
        return [self.one(view, memory, draw) for _ in range(draw.choice((1, 1, 2)))]

    def one(self, view: View, memory: Dice, draw: Random) -> Decision:
        what, side = draw.randrange(10), draw.choice((1, -1))
        if what == 0:
            return SetTimer(view.now_ns + draw.randrange(6))
        if what < 3 and memory.keys:
            return cancel_order(draw.randint(1, memory.keys))
        if what == 3 and memory.keys:
            return replace_order(
                draw.randint(1, memory.keys), draw.randint(1, 6), draw.randint(98, 103)
            )
        memory.keys += 1
        if what < 6:
            return new_order(
                memory.keys, 0, side, draw.randint(1, 4), order_type=OrderType.MARKET,
                time_in_force=TimeInForce.IOC,
            )  # fmt: skip
        dated = what > 7
        return new_order(
            memory.keys, 0, side, draw.randint(1, 4), draw.randint(98, 103),
            time_in_force=TimeInForce.GTD if dated else TimeInForce.GTC,
            good_till_ns=view.now_ns + draw.randint(1, 12) if dated else 0,
        )  # fmt: skip


def recording(draw: Random, count: int, kinds: int) -> list[Event]:
    """A market of few prices, many messages at one time, some of them late or far ahead.

    `kinds`: 20 of all; 17 of books, depth changes and prints alone, in the order of their stamps.
    """
    now = draw.randint(100, 103)
    about: list[Any] = [MarkPrice(0, 100), FundingRate(0, 10_000_000, now + draw.randrange(9))]
    events = []
    for number in range(count):
        body: Any
        what = draw.randrange(kinds)
        if number == 0:
            body = BookSnapshot(0, 1, BOOK)
        elif kinds == 17 and draw.randrange(12) == 0:
            body = BookSnapshot(0, number, draw.choice((BOOK, (1, 99, 3, -1, 102, 4))))
        elif number < 3:
            body = about[number - 1]
        elif what < 11:
            side = draw.choice((1, -1))
            price = draw.randint(98, 100) if side > 0 else draw.randint(101, 103)
            body = BookDelta(0, number, number, (side, price, draw.choice((0, 1, 4, 9))))
        elif what < 17:
            body = Trade(0, draw.randint(98, 103), draw.randint(1, 12), draw.choice((1, -1)), 0, 1)
        elif what == 17:
            body = TopOfBook(0, 100, 4, 101, 4) if draw.randrange(2) else MarkPrice(0, 100)
        elif what == 18:
            body = FundingRate(0, 10_000_000, now + draw.randrange(8))
        else:
            states = (InstrumentState.HALTED, *(InstrumentState.CONTINUOUS,) * 3)
            body = InstrumentStatus(0, int(draw.choice(states)))
        now += draw.choice((0, 0, 0, 1, 1, 2, 7))
        stamp = now
        if number and kinds == 20 and draw.randrange(25) == 0:
            stamp = now + draw.choice((-3, -1, 40))
        events.append(Event(stamp - draw.choice((0, 0, 1, 3, -1)), stamp, 0, number, 0, body))
    return events


@define
class World:
    """What a run is made of, twice."""

    seed: int
    count: int = 40
    seldom: int = 3
    latency_ns: int = 0
    feed_ns: int = 0
    pays: bool = False
    limited: bool = False
    wake: WakeRule = Player.wake
    kinds: int = 20

    def events(self) -> list[Event]:
        return recording(Random(self.seed), self.count, self.kinds)

    def parties(
        self, kernel: type[Kernel] = Kernel, venue: type[SimulatedVenue] = SimulatedVenue
    ) -> tuple[Kernel, SimulatedVenue]:
        instruments = (PERPETUAL,) if self.pays else (INSTRUMENT,)
        delays = None
        if self.seed % 3 == 0:
            # Drawn: answers of different ages.
            delays = Delays((0, 1, 5), (0, 3), (0, 1), (self.latency_ns, 4 + self.latency_ns))
        configured = Configuration(
            1, ASSETS, (Account(0, "one", 0),), instruments,
            (StrategySettings(0, "player", 0, "code", (), self.wake, (0,)),),
            buckets=(Bucket(0, "all", 2, 1, 3, 1, 1, 1),) if self.limited else (),
            timing=Timing(jump_limit_ns=30, acknowledgement_ns=3 * self.limited),
            initial_balances=((0, 0, 10**6), (0, 1, 10**9)),
        )  # fmt: skip
        latency_ns = self.latency_ns
        return (
            kernel(configured, (Player(self.seed, self.seldom),)),
            venue(instruments, 0, latency_ns, latency_ns, delays=delays, pays_funding=self.pays),
        )


def worlds(count: int) -> Iterator[World]:
    """Every latency and feed, traders that act often and seldom, funding and full buckets."""
    for seed in range(count):
        draw = Random(f"world {seed}")
        yield World(
            seed, draw.choice((1, 2, 25, 60)), draw.choice((1, 2, 6, 20)), draw.choice((0, 1, 3)),
            draw.choice((0, 0, 1, 4, AS_RECORDED)), draw.randrange(4) == 0, draw.randrange(3) == 0,
        )  # fmt: skip


def sleepy_worlds(count: int) -> Iterator[World]:
    """Traders that are not consulted on every message, so that many of them come in a row."""
    for seed in range(100, 100 + count):
        draw = Random(f"world {seed}")
        wake = draw.choice((Wake.TOUCH_CHANGE, Wake.TOUCH_SIZE_CHANGE, Wake.TRADE, Wake.BAR))
        yield World(
            seed, draw.choice((25, 60, 120)), draw.choice((1, 2)), draw.choice((0, 0, 1, 3, 9)),
            draw.choice((0, 0, 1, 4, AS_RECORDED)), False, draw.randrange(3) == 0,
            WakeRule(wake + Wake.OWN_ORDER + Wake.TIMER), draw.choice((17, 17, 17, 20)),
        )  # fmt: skip


def left(kernel: Kernel, venue: SimulatedVenue) -> list[Any]:
    """What kernel and venue are after a run; where it failed the venue may be elsewhere."""
    found = [kernel.position, kernel.session, kernel.now_ns]
    digests = [kernel.chain_digest(), kernel.state_digest()]
    if kernel.session == FAILED:
        return [*found, *digests]
    market = venue._markets[0]
    stamps = (market.latest_ns, market.latest_capture_ns, market.book_ns, market.last_price)
    return [*found, *digests, stamps, market.book.levels(1), market.book.levels(-1)]


def batches(events: list[Event], draw: Random) -> list[EventColumns]:
    """The same events in a few batches, some of them empty."""
    cuts = sorted(draw.randint(0, len(events)) for _ in range(draw.choice((0, 0, 1, 3))))
    ends = [0, *cuts, len(events)]
    return [EventColumns(events[first:last]) for first, last in pairwise(ends)]


def steps(run: Simulation) -> Iterator[int]:
    """Let a run take its steps; one that does not end is wrong."""
    for number in range(ENOUGH):
        if run.kernel.session == FAILED or not run.advance():
            return
        yield number
    raise AssertionError("it does not end")


def begin(run: Simulation) -> None:
    """The start of the session, at the first stamp."""
    run.now_ns = run.seen.capture_time_ns[0]
    values = array("q", payload(SessionStarted(0)))
    run._control(EventKind.SESSION_STARTED, run.now_ns, values)


def done(run: Simulation) -> list[Any]:
    """What a run leaves at its end."""
    for _ in steps(run):
        pass
    run.kernel.chain.settle()
    return left(run.kernel, run.venue)
