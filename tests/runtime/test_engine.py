"""The order in which things reach the kernel and the venue, and how a run ends."""

from collections.abc import Iterable, Sequence
from itertools import pairwise
from typing import ClassVar

import pytest
from attrs import define, evolve
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.runtime import worlds
from tickproof.kernel.kernel import Kernel
from tickproof.runtime.backtest import configuration_of, run_backtest
from tickproof.runtime.engine import INSTANT_LIMIT, Engine, Observer, TailChase
from tickproof.runtime.loading import LoadedStrategy, load_strategy
from tickproof.runtime.readers.feed import Market
from tickproof.runtime.settings import BucketSettings, Settings
from tickproof.spec.commands import (
    Decision,
    OrderType,
    Request,
    SetTimer,
    TimeInForce,
    cancel_order,
    new_order,
)
from tickproof.spec.configuration import Configuration, Wake, WakeRule
from tickproof.spec.events import EventKind, Reason, event_class
from tickproof.spec.order_life import Life
from tickproof.spec.outputs import RECORD_FIELDS, RecordKind
from tickproof.spec.price_queue import FillModel
from tickproof.spec.session import SessionState
from tickproof.spec.strategy import Strategy, View
from tickproof.spec.stream import EventColumns
from tickproof.spec.time import NEVER_NS
from tickproof.venue.requests import VenueRequest
from tickproof.venue.venue import SimulatedVenue

MILLISECOND = 1_000_000
CHECK_EVERY = 37

LATENCIES = st.sampled_from((0, 1, 250_000, MILLISECOND, 7 * MILLISECOND, 90 * MILLISECOND))


class SpyVenue(SimulatedVenue):
    """Notes when requests are sent and arrive, and the time of everything that happens."""

    __slots__ = ("arrived", "latency_ns", "sent", "times")

    def __init__(self, configuration: Configuration, model: int, latency_ns: int) -> None:
        super().__init__(configuration.instruments, model, latency_ns, latency_ns)
        self.latency_ns = latency_ns
        self.sent: dict[int, int] = {}
        self.arrived: dict[int, int] = {}
        self.times: list[int] = []

    def submit(self, request: Request | VenueRequest, sent_ns: int) -> None:
        self.sent[request.request_id] = sent_ns
        super().submit(request, sent_ns)

    def on_market(
        self,
        kind: int,
        event_time_ns: int,
        capture_time_ns: int,
        payload: Sequence[int],
        start: int,
        stop: int,
    ) -> None:
        super().on_market(kind, event_time_ns, capture_time_ns, payload, start, stop)
        self.times.append(capture_time_ns)

    def _arrive(self, request: VenueRequest) -> None:
        self.arrived[request.request_id] = self._now_ns
        self.times.append(self._now_ns)
        super()._arrive(request)


class Watch(Observer):
    """Chain digests at every so many positions, and when Requests left."""

    def __init__(self, every_record: bool = False) -> None:
        self.every_record = every_record
        self.mark = CHECK_EVERY
        self.chains: dict[int, bytes] = {}
        self.sent: list[int] = []
        self.records: list[tuple[int, ...]] = []

    def on_step(self, kernel: Kernel) -> None:
        self.records += [(kernel.position - 1, *record) for record in kernel.records]

    def on_sent(self, sent_ns: int) -> None:
        self.sent.append(sent_ns)

    def on_mark(self, kernel: Kernel) -> None:
        self.chains[kernel.position] = kernel.chain_digest()
        self.mark += CHECK_EVERY


@define
class Run:
    """One run with everything to look at."""

    configuration: Configuration
    strategy: Strategy
    kernel: Kernel
    venue: SpyVenue
    engine: Engine
    watch: Watch
    stream: EventColumns


def made(
    market: Market,
    loaded: LoadedStrategy,
    latency_ns: int = 0,
    feed_latency_ns: int = 0,
    chosen: Settings | None = None,
    every_record: bool = False,
    model: int = FillModel.PESSIMISTIC,
) -> Run:
    configuration = configuration_of(chosen or Settings(), market, (loaded,))
    kernel = Kernel(configuration, (loaded.strategy,))
    venue = SpyVenue(configuration, model, latency_ns)
    watch, stream = Watch(every_record), EventColumns()
    engine = Engine(kernel, venue, market.columns, feed_latency_ns, watch, stream)
    return Run(configuration, loaded.strategy, kernel, venue, engine, watch, stream)


def ran(
    market: Market,
    loaded: LoadedStrategy,
    latency_ns: int = 0,
    feed_latency_ns: int = 0,
    chosen: Settings | None = None,
    every_record: bool = False,
) -> Run:
    run = made(market, loaded, latency_ns, feed_latency_ns, chosen, every_record)
    run.engine.run()
    return run


def gambler(seed: int) -> LoadedStrategy:
    return load_strategy(worlds.GAMBLER, {"seed": seed})


LIMITED = Settings(
    bucket=(BucketSettings("orders", 6, 1, "3ms", reserve=2),), acknowledgement_timeout="2ms"
)
"""Work waits in the queue, and answers become overdue: both make obligations."""


# --- order ---------------------------------------------------------------------------------------


@settings(max_examples=40)
@given(
    seed=st.integers(1, 10_000),
    latency_ns=LATENCIES,
    feed_latency_ns=LATENCIES,
    limited=st.booleans(),
)
def test_whatever_the_latencies_nothing_is_seen_before_its_time(
    seed: int, latency_ns: int, feed_latency_ns: int, limited: bool
) -> None:
    market = worlds.market(250, seed)
    chosen = LIMITED if limited else None
    run = ran(market, gambler(seed), latency_ns, feed_latency_ns, chosen)
    venue, stream = run.venue, run.stream

    assert venue.times == sorted(venue.times)
    for request_id, sent_ns in venue.sent.items():
        assert venue.arrived[request_id] == sent_ns + latency_ns
    assert list(stream.capture_time_ns) == sorted(stream.capture_time_ns)
    markets = [
        stream.capture_time_ns[index]
        for index in range(len(stream))
        if stream.kind[index] < EventKind.ACCEPTED
    ]
    assert markets == [stamp + feed_latency_ns for stamp in market.columns.capture_time_ns]
    for index in range(len(stream)):
        if event_class(stream.kind[index]) == 1:
            lag_ns = stream.capture_time_ns[index] - stream.event_time_ns[index]
            assert lag_ns == latency_ns
    # Everything that was sent is answered, and both sides have seen all of the market.
    assert run.engine.unanswered == 0
    assert run.engine.at_kernel == run.engine.at_venue == len(market.columns)
    assert all(order.pending_kind == 0 for order in run.kernel.execution.orders.values())
    assert run.kernel.session == SessionState.STOPPED


@settings(max_examples=25)
@given(seed=st.integers(1, 10_000), latency_ns=LATENCIES, batch=st.integers(1, 300))
def test_a_kept_stream_replayed_gives_every_checkpoint_again(
    seed: int, latency_ns: int, batch: int
) -> None:
    """P2, D5, E5: ControlTime events are read from the stream, never made again."""
    market = worlds.market(250, seed)
    run = ran(market, gambler(seed), latency_ns, MILLISECOND // 2, LIMITED)
    again = Kernel(run.configuration, (gambler(seed).strategy,))
    index = 0
    chains = {}
    while index < len(run.stream):
        mark = (index // CHECK_EVERY + 1) * CHECK_EVERY
        reached = again.replay(run.stream, index, min(index + batch, mark, len(run.stream)))
        assert reached > index
        index = reached
        if again.position == mark:
            chains[mark] = again.chain_digest()
    assert chains == run.watch.chains
    assert chains
    assert again.chain_digest() == run.kernel.chain_digest()
    assert again.state_digest() == run.kernel.state_digest()
    assert EventKind.CONTROL_TIME in run.stream.kind


@settings(max_examples=15)
@given(seed=st.integers(1, 10_000), latency_ns=LATENCIES)
def test_two_runs_are_one_and_watching_closer_changes_nothing(seed: int, latency_ns: int) -> None:
    market = worlds.market(250, seed)
    first = ran(market, gambler(seed), latency_ns)
    second = ran(market, gambler(seed), latency_ns)
    closer = ran(market, gambler(seed), latency_ns, every_record=True)
    assert first.watch.chains == second.watch.chains == closer.watch.chains
    assert first.kernel.state_digest() == closer.kernel.state_digest()
    assert first.watch.sent == closer.watch.sent
    kinds = {record[1] for record in closer.watch.records}
    assert RecordKind.WAKE in kinds
    assert set(first.watch.records) <= set(closer.watch.records)


def test_every_record_is_shown_once_when_asked_for() -> None:
    """The records an observer is owed are those the chain folds in."""
    market = worlds.market(300)
    run = ran(market, gambler(3), MILLISECOND, every_record=True)
    again = Kernel(run.configuration, (gambler(3).strategy,))
    records = []
    for index in range(len(run.stream)):
        again.replay(run.stream, index, index + 1)
        records += [(index, *record) for record in again.records]
    assert run.watch.records == records


def test_requests_leave_when_they_are_dispatched() -> None:
    run = ran(worlds.market(300), gambler(3), MILLISECOND)
    dispatched = [each for each in run.watch.records if each[1] == RecordKind.REQUEST]
    assert len(dispatched) == len(run.watch.sent) == run.engine.requests > 0


# --- time ----------------------------------------------------------------------------------------


@define
class Ticks:
    """Timers so far."""

    count: int = 0


class Clockwork:
    """Asks to be woken every so often, from the first touch on."""

    wake: ClassVar[WakeRule] = WakeRule(Wake.TOUCH_CHANGE + Wake.TIMER)
    memory: ClassVar[type] = Ticks

    def __init__(self, every_ns: int = 3 * MILLISECOND) -> None:
        self.every_ns = every_ns

    def decide(self, view: View, memory: Ticks) -> Iterable[Decision] | None:
        if memory.count and not view.wake & Wake.TIMER:
            return None
        memory.count += 1
        return (SetTimer(view.now_ns + self.every_ns),)


def here(name: str, **parameters: int) -> LoadedStrategy:
    return load_strategy(f"{__file__}:{name}", dict(parameters))


@pytest.mark.parametrize("feed_latency_ns", [0, 5 * MILLISECOND])
def test_control_time_comes_before_what_reaches_its_deadline(feed_latency_ns: int) -> None:
    market = worlds.market(300)
    run = ran(market, here("Clockwork"), 0, feed_latency_ns)
    stream = run.stream
    timers = [i for i in range(len(stream)) if stream.kind[i] == EventKind.CONTROL_TIME]
    deadlines = [stream.payload_of(i)[0] for i in timers]
    assert len(deadlines) > 100
    steps = {later - earlier for earlier, later in pairwise(deadlines)}
    assert steps == {3 * MILLISECOND}
    for index, deadline_ns in zip(timers, deadlines, strict=True):
        assert stream.capture_time_ns[index - 1] < deadline_ns
        assert stream.capture_time_ns[index + 1] >= deadline_ns
    # Not one more: the next deadline lies beyond the data.
    end_ns = max(market.columns.capture_time_ns) + feed_latency_ns
    assert deadlines[-1] <= end_ns < deadlines[-1] + 3 * MILLISECOND


def test_a_late_stamp_neither_turns_time_back_nor_overtakes() -> None:
    market = worlds.market(300)
    columns = market.columns
    columns.capture_time_ns[150] -= 2_000 * MILLISECOND
    run = ran(market, gambler(5), MILLISECOND, MILLISECOND)
    assert run.venue.times == sorted(run.venue.times)
    assert run.kernel.backwards == 1
    assert run.engine.unanswered == 0


def test_a_jump_does_not_shorten_latencies() -> None:
    """T3: the kernel's time stays behind a jump, the engine's does not."""
    market = worlds.market(300)
    stamps = market.columns.capture_time_ns
    for index in range(150, len(stamps)):
        stamps[index] += 48 * 3_600_000 * MILLISECOND
    run = ran(market, gambler(5), 4 * MILLISECOND)
    assert run.kernel.jumps > 0
    late = [sent for sent in run.watch.sent if sent >= stamps[150]]
    assert late
    for request_id, sent_ns in run.venue.sent.items():
        assert run.venue.arrived[request_id] == sent_ns + 4 * MILLISECOND


@define
class Done:
    """Whether the order was sent."""

    done: int = 0


class OneSale:
    """One market order at the first touch."""

    wake: ClassVar[WakeRule] = WakeRule(Wake.TOUCH_CHANGE)
    memory: ClassVar[type] = Done

    def decide(self, view: View, memory: Done) -> Iterable[Decision] | None:
        if memory.done or not view.bid_size(0):
            return None
        memory.done = 1
        return (new_order(1, 0, -1, 1, order_type=OrderType.MARKET, time_in_force=TimeInForce.IOC),)


@pytest.mark.parametrize("latency_ns", [0, 1, MILLISECOND])
@pytest.mark.parametrize("feed_latency_ns", [0, 3 * MILLISECOND])
def test_latencies_add_up(latency_ns: int, feed_latency_ns: int) -> None:
    market = worlds.market(300)
    run = ran(market, here("OneSale"), latency_ns, feed_latency_ns)
    assert market.columns.kind[0] == EventKind.BOOK_SNAPSHOT
    begun_ns = market.columns.capture_time_ns[0]
    sent_ns = begun_ns + feed_latency_ns
    assert run.venue.sent == {1: sent_ns}
    fills = [i for i in range(len(run.stream)) if run.stream.kind[i] == EventKind.FILLED]
    assert len(fills) == 1
    assert run.stream.event_time_ns[fills[0]] == sent_ns + latency_ns
    assert run.stream.capture_time_ns[fills[0]] == sent_ns + 2 * latency_ns


# --- long stretches in which nobody decides anything ----------------------------------------------


class SeldomTrader:
    """After every so many events one order that takes and one that rests."""

    wake: ClassVar[WakeRule] = WakeRule(Wake.EVERY_NTH, nth=4_700)
    memory: ClassVar[type] = Done

    def decide(self, view: View, memory: Done) -> Iterable[Decision] | None:
        memory.done += 2
        bid, ask = view.bid_price(0), view.ask_price(0)
        return (
            new_order(memory.done - 1, 0, 1, 1, ask, time_in_force=TimeInForce.IOC),
            new_order(memory.done, 0, 1, 1, bid, time_in_force=TimeInForce.IOC)
            if memory.done % 4
            else new_order(memory.done, 0, 1, 1, bid),
        )


LONG = worlds.market(16_000)


@pytest.mark.parametrize("latency_ns", [0, 3 * MILLISECOND])
@pytest.mark.parametrize("batch", [16_000, 5_000])
def test_a_venue_that_takes_over_the_kernels_books_is_the_same_venue(
    batch: int, latency_ns: int
) -> None:
    """A venue of a derived class is shown every message: the other must not differ from it."""
    found = []
    for watched in (False, True):
        loaded = here("SeldomTrader")
        configuration = configuration_of(Settings(), LONG, (loaded,))
        kernel = Kernel(configuration, (loaded.strategy,))
        venue: SimulatedVenue = SpyVenue(configuration, FillModel.PESSIMISTIC, latency_ns)
        if not watched:
            venue = SimulatedVenue(
                configuration.instruments, FillModel.PESSIMISTIC, latency_ns, latency_ns
            )
        parts = [LONG.columns.slice(at, min(at + batch, 16_000)) for at in range(0, 16_000, batch)]
        Engine(kernel, venue, parts).run()
        books = [(each.book.levels(1), each.book.levels(-1)) for each in venue._markets]
        rest = [
            (each.latest_ns, each.latest_capture_ns, each.book_ns, each.last_price)
            for each in venue._markets
        ]
        found.append((kernel.chain_digest(), kernel.state_digest(), books, rest))
        assert len(kernel.execution.orders) == 6
    assert found[0] == found[1]


# --- the end -------------------------------------------------------------------------------------


class LateBuyer:
    """A market order at each of the last events; the test says from which stamp on."""

    wake: ClassVar[WakeRule] = WakeRule(Wake.EVERY_EVENT)
    memory: ClassVar[type] = Done

    def __init__(self, from_ns: int = 0) -> None:
        self.from_ns = from_ns

    def decide(self, view: View, memory: Done) -> Iterable[Decision] | None:
        if view.now_ns < self.from_ns:
            return None
        memory.done += 1
        return (
            new_order(
                memory.done, 0, 1, 1, order_type=OrderType.MARKET, time_in_force=TimeInForce.IOC
            ),
        )


@pytest.mark.parametrize("feed_latency_ns", [0, 2 * MILLISECOND])
def test_what_arrives_after_the_last_message_is_answered_and_fills_nothing(
    feed_latency_ns: int,
) -> None:
    market = worlds.market(300)
    end_ns = market.columns.capture_time_ns[-1]
    from_ns = market.columns.capture_time_ns[-4] + feed_latency_ns
    loaded = here("LateBuyer", from_ns=from_ns)
    run = ran(market, loaded, 50 * MILLISECOND, feed_latency_ns, every_record=True)
    orders = list(run.kernel.execution.orders.values())
    assert len(orders) == 4
    assert {order.life for order in orders} == {Life.REJECTED}
    assert all(arrived > end_ns for arrived in run.venue.arrived.values())
    reasons = {
        run.stream.payload_of(i)[RECORD_REASON]
        for i in range(len(run.stream))
        if run.stream.kind[i] == EventKind.REJECTED
    }
    assert reasons == {Reason.INSTRUMENT_NOT_TRADING}
    # And nobody is consulted on a market that is not recorded.
    wakes = [each[0] for each in run.watch.records if each[1] == RecordKind.WAKE]
    assert len(wakes) == 300
    assert max(wakes) < list(run.stream.kind).index(EventKind.SESSION_STOPPED)


RECORD_REASON = 17
"""Where an execution payload gives its reason."""


class LastMoment:
    """Rests a dated order far from the touch, and cancels it at the last event."""

    wake: ClassVar[WakeRule] = WakeRule(Wake.EVERY_EVENT)
    memory: ClassVar[type] = Done

    def __init__(self, cancel_ns: int = 0) -> None:
        self.cancel_ns = cancel_ns

    def decide(self, view: View, memory: Done) -> Iterable[Decision] | None:
        if memory.done == 0 and view.bid_size(0):
            memory.done = 1
            day = 86_400_000 * MILLISECOND
            return (
                new_order(
                    1,
                    0,
                    1,
                    1,
                    view.bid_price(0) - 15,
                    time_in_force=TimeInForce.GTD,
                    good_till_ns=view.now_ns + day,
                ),
            )
        if memory.done == 1 and self.cancel_ns and view.now_ns >= self.cancel_ns:
            memory.done = 2
            return (cancel_order(1),)
        return None


def test_a_date_beyond_the_data_is_not_reached_but_a_cancel_is_honoured() -> None:
    market = worlds.market(200)
    end_ns = market.columns.capture_time_ns[-1]
    standing = ran(market, here("LastMoment"), MILLISECOND).kernel.execution.orders[1]
    assert standing.life == Life.WORKING
    cancelled = ran(market, here("LastMoment", cancel_ns=end_ns), MILLISECOND)
    assert cancelled.kernel.execution.orders[1].life == Life.CANCELED
    assert cancelled.kernel.session == SessionState.STOPPED


class Echo:
    """Answers every answer: with latency it ends with the data, without it never would."""

    wake: ClassVar[WakeRule] = WakeRule(Wake.TOUCH_CHANGE + Wake.OWN_ORDER)
    memory: ClassVar[type] = Done

    def decide(self, view: View, memory: Done) -> Iterable[Decision] | None:
        if not view.bid_size(0):
            return None
        memory.done += 1
        return (new_order(memory.done, 0, 1, 1, 1, order_type=OrderType.LIMIT_MAKER),)


def test_an_echo_ends_with_the_data() -> None:
    market = worlds.market(40)
    run = ran(market, here("Echo"), 2 * MILLISECOND)
    assert run.kernel.session == SessionState.STOPPED
    assert run.engine.unanswered == 0
    assert run.engine.requests > 20


class Restless:
    """Sets a timer for now, for ever."""

    wake: ClassVar[WakeRule] = WakeRule(Wake.TOUCH_CHANGE + Wake.TIMER)
    memory: ClassVar[type] = Done

    def decide(self, view: View, memory: Done) -> Iterable[Decision] | None:
        memory.done += 1
        return (SetTimer(view.now_ns),)


def test_a_run_that_chases_its_tail_is_stopped(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tickproof.runtime.engine.INSTANT_LIMIT", 500)
    assert INSTANT_LIMIT > 500
    run = made(worlds.market(50), here("Restless"))
    with pytest.raises(TailChase, match="500 steps at one instant"):
        run.engine.run()
    result = run_backtest(worlds.market(50), strategy=f"{__file__}:Restless", keep_outputs=True)
    assert result.failure is not None
    assert result.failure.file == __file__
    assert "TailChase" in result.failure.message


def test_many_messages_at_one_instant_are_no_chase(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tickproof.runtime.engine.INSTANT_LIMIT", 50)
    market = worlds.market(300)
    stamps = market.columns.capture_time_ns
    for index in range(len(stamps)):
        stamps[index] = stamps[0]
    run = ran(market, load_strategy("quoter", {}))
    assert run.kernel.session == SessionState.STOPPED
    assert run.engine.requests > 0


def test_nothing_to_run_is_a_run() -> None:
    empty = evolve(worlds.market(10), columns=EventColumns())
    run = ran(empty, load_strategy("quoter", {}))
    assert run.kernel.position == 0
    assert run.kernel.deadline_ns == NEVER_NS


def test_request_record_has_the_fields_of_a_request() -> None:
    """The engine makes Requests of records by position."""
    names = tuple(attribute.name for attribute in Request.__attrs_attrs__)
    assert (*RECORD_FIELDS[RecordKind.REQUEST], "instructions") == names
