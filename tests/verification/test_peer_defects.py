"""Defects that other engines shipped, where it takes a whole kernel, venue, reader or run.

Each drives the shortest stream that would show the defect. `defects` plants each defect and
requires that its test fails; the other half of the list stands in tests/spec and tests/venue.
"""

import asyncio
import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any, ClassVar, cast

import pytest
from attrs import define, evolve

from tests.runtime import worlds as runtime_worlds
from tests.runtime.readers.logs import ASKS, BIDS, snapshot, trade, usdm_depth, written
from tests.venue.stage import BUY, INSTRUMENT, SELL, Stage, stage
from tickproof.invariants.refinement import Lockstep, lockstep
from tickproof.invariants.worlds import ASSETS, LINEAR, SPOT, Nothing
from tickproof.kernel.kernel import Kernel
from tickproof.kernel.snapshot import restore, take
from tickproof.runtime.backtest import run_backtest
from tickproof.runtime.readers.binance import read_binance
from tickproof.runtime.readers.feed import Feed
from tickproof.runtime.recorder.recorder import Options, Recorder
from tickproof.runtime.recorder.storage import Folder
from tickproof.runtime.recorder.venues import VENUES
from tickproof.spec.commands import Decision, SetTimer, TimeInForce, new_order
from tickproof.spec.configuration import Configuration, StrategySettings, Wake, WakeRule
from tickproof.spec.events import (
    BookDelta,
    BookSnapshot,
    ControlTime,
    Event,
    EventKind,
    Execution,
    FeedGap,
    FeedResumed,
    MarkPrice,
    SessionStarted,
    StatusReport,
    Trade,
    TradeKind,
)
from tickproof.spec.fill_life import FillLife
from tickproof.spec.instrument import Account, notional
from tickproof.spec.order_life import Life, OrderEvent, OrderRefusal, Report, executed, step
from tickproof.spec.outputs import RecordKind
from tickproof.spec.price_queue import FillModel
from tickproof.spec.strategy import View
from tickproof.venue.venue import SimulatedVenue

EVERY = WakeRule(int(Wake.EVERY_EVENT))


class Quiet:
    """Does nothing."""

    wake: ClassVar[WakeRule] = EVERY
    memory: ClassVar[type] = Nothing

    def decide(self, view: View, memory: Nothing) -> Iterable[Decision] | None:  # noqa: ARG002
        return None


def world(*names: str) -> Configuration:
    """SPOT and LINEAR, one account, strategies of these names that watch both."""
    return Configuration(
        1,
        ASSETS,
        (Account(0, "only", 0),),
        (SPOT, LINEAR),
        tuple(
            StrategySettings(index, name, 0, "code", (), EVERY, (0, 1))
            for index, name in enumerate(names)
        ),
        initial_balances=((0, 0, 100_000), (0, 1, 50)),
    )


def events(*bodies: Any) -> list[Event]:
    """Bodies in envelopes a microsecond apart."""
    return [
        Event(1_000 * (index + 1), 1_000 * (index + 1), 0, index, 0, body)
        for index, body in enumerate(bodies)
    ]


def told(*bodies: Any) -> Lockstep:
    """Bodies applied to kernel and specification."""
    return lockstep(world("quiet"), lambda: (Quiet(),), events(*bodies))


def fill(trade_id: int, quantity: int, price: int = 100, **more: int) -> Execution:
    return Execution(
        int(EventKind.FILLED),
        0,
        0,
        0,
        venue_order_id=55,
        trade_id=trade_id,
        side=1,
        price=price,
        quantity=quantity,
        **more,
    )


def status(lots: int, price: int = 100, as_of_ns: int = 10**12) -> StatusReport:
    """What the venue says of order 55: 9 lots wanted, `lots` executed at this average."""
    return StatusReport(
        0, 0, 0, 55, 1, int(Life.WORKING), lots, 9, 100, price, 3, 0, as_of_ns, as_of_ns
    )


# --- order life ----------------------------------------------------------------------------------


def test_pd08_real_fills_replace_the_inferred_ones() -> None:
    """Counted once: lots, money and fee are those of the real fills."""
    both = told(fill(1, 2), status(5, price=101), fill(2, 3, price=104, fee=2))
    execution = both.state.execution
    assert executed(execution.orders[-1].order) == 5
    counted = [each for each in execution.fills.values() if each.life == FillLife.EFFECTIVE]
    assert sorted((each.price, each.quantity) for each in counted) == [(100, 2), (104, 3)]
    position = execution.ledger.positions[(0, 0, 0)]
    assert position.quantity == 5
    assert position.cost == notional(SPOT, 100, 2) + notional(SPOT, 104, 3)


def test_pd09_what_is_refused_is_not_published() -> None:
    """A repeated fill leaves a refusal, and nothing else: no fill, no posting, no change."""
    once = told(fill(1, 2))
    twice = told(fill(1, 2), fill(1, 2))
    assert [record[0] for record in twice.records] == [RecordKind.REFUSED]
    before, after = once.state.execution, twice.state.execution
    assert (after.orders, after.fills, after.ledger) == (before.orders, before.fills, before.ledger)
    order = after.orders[-1].order
    repeated = Report(OrderEvent.FILLED, quantity=2, price=7, fill_life=FillLife.EFFECTIVE)
    assert step(order, repeated) == (order, OrderRefusal.DUPLICATE_FILL)


def test_pd13_the_same_report_again_changes_nothing() -> None:
    both = told(fill(1, 2), status(5))
    once = both.state.execution
    for index in range(3):
        at_ns = 10_000 + index
        assert both.apply(Event(at_ns, at_ns, 0, index, 0, status(5)))
        after = both.state.execution
        assert (after.orders, after.fills) == (once.orders, once.fills)
        assert after.ledger == once.ledger


# --- determinism ---------------------------------------------------------------------------------


@define
class Woken:
    """Whether the timer was asked for."""

    asked: int = 0


class Timed:
    """Asks for one timer at 5,000 ns, and orders when it is woken by it."""

    wake: ClassVar[WakeRule] = WakeRule(int(Wake.TIMER) + int(Wake.TRADE))
    memory: ClassVar[type] = Woken

    def decide(self, view: View, memory: Woken) -> Iterable[Decision] | None:
        if memory.asked:
            return [new_order(view.next_key(), 0, 1, 2, 100)]
        memory.asked = 1
        return [SetTimer(5_000)]


def tied(*names: str) -> list[int]:
    """Strategies with timers at one instant, in the order in which their Requests left."""
    configured = world(*names)
    rule = Timed.wake
    configured = evolve(
        configured, strategies=tuple(evolve(each, wake=rule) for each in configured.strategies)
    )
    both = Lockstep(configured, lambda: tuple(Timed() for _ in names))
    book = BookSnapshot(0, 1, (1, 99, 5, -1, 101, 5))
    for event in events(SessionStarted(1), book, Trade(0, 100, 1, 1, 0, 1)):
        assert both.apply(event)
    assert both.apply(Event(5_000, 5_000, 9, 9, 0, ControlTime(5_000)))
    return [record[1] for record in both.records if record[0] == RecordKind.WAKE]


def test_pd14_ties_go_by_strategy_id_whatever_the_names() -> None:
    assert tied("alpha", "beta", "gamma") == [0, 1, 2]
    assert tied("gamma", "alpha", "beta") == [0, 1, 2]
    assert tied("zeta", "eta", "theta") == [0, 1, 2]


def filled_with(others: bool, model: int) -> list[tuple[int, ...]]:
    """What orders in the first instrument get, with or without work in the second."""
    second = evolve(INSTRUMENT, id=1, symbol="Y")
    play = Stage(SimulatedVenue((INSTRUMENT, second), model, 0, 0)).at(10)
    play.snapshot(BUY, 100, 10, SELL, 101, 8)
    play.snapshot(BUY, 100, 3, SELL, 101, 4, instrument=1)
    if others:
        play.new(7, BUY, 100, 9, instrument=1)
        play.new(8, BUY, 101, 9, instrument=1, time_in_force=TimeInForce.IOC)
        play.at(15).trade(100, 6, SELL, instrument=1)
    play.at(20).new(1, BUY, 100, 4)
    play.new(2, BUY, 101, 6, time_in_force=TimeInForce.IOC)
    if others:
        play.at(25).trade(100, 50, SELL, instrument=1)
        play.cancel(7)
    play.at(27).delta(BUY, 100, 10)
    play.at(30).trade(100, 12, SELL)
    return [
        (each.order_id, each.price, each.quantity, each.trade_id, each.venue_order_id, each.leaves)
        for each in play.fills()
        if each.instrument == 0
    ]


@pytest.mark.parametrize("model", [each for each in FillModel if each != FillModel.EXACT])
def test_pd15_another_instrument_changes_no_fill(model: int) -> None:
    alone = filled_with(others=False, model=model)
    assert filled_with(others=True, model=model) == alone
    assert {order_id for order_id, *_ in alone} == {1, 2}


def test_pd15_a_timer_of_another_strategy_changes_no_decision() -> None:
    """The idle strategy's timer wakes the idle strategy and nobody else [D6]."""

    class Sleeper(Quiet):
        wake: ClassVar[WakeRule] = WakeRule(int(Wake.TRADE) + int(Wake.TIMER))

        def decide(self, view: View, memory: Nothing) -> Iterable[Decision] | None:  # noqa: ARG002
            return [SetTimer(view.now_ns + 300)]

    def woken(second: type[Quiet]) -> list[tuple[int, ...]]:
        both = Lockstep(world("first", "second"), lambda: (Quiet(), second()))
        found = []
        for event in events(SessionStarted(1), *[Trade(0, 100, 1, 1, 0, 1)] * 4):
            assert both.apply(event)
            found += [each for each in both.records if each[0] == RecordKind.WAKE and each[1] == 0]
        return found

    assert woken(Sleeper) == woken(Quiet) != []


def test_pd23_two_runs_are_one() -> None:
    """The same inputs in another process order, and with others in between: one result [E5]."""

    def digest(seed: int) -> tuple[object, ...]:
        made = run_backtest(
            runtime_worlds.market(300),
            strategy=runtime_worlds.GAMBLER,
            param={"seed": seed},
            checkpoint_every=50,
        )
        return (made.state_digest, made.checkpoints, made.fill_rows, made.request_rows)

    first = digest(1)
    other = digest(2)
    assert digest(1) == first != other


BODIES = (SessionStarted(1), BookSnapshot(0, 1, (1, 99, 5, -1, 101, 5)), fill(1, 2), fill(2, 1))


def test_pd23_a_run_is_the_same_stepwise_and_in_batches() -> None:
    configured = world("quiet")
    both = lockstep(configured, lambda: (Quiet(),), events(*BODIES))
    stepped = Kernel(configured, (Quiet(),))
    for event in both.events:
        stepped.step(event)
    assert stepped.chain_digest() == both.kernel.chain_digest()
    assert stepped.state_digest() == both.kernel.state_digest()


# --- strategies ----------------------------------------------------------------------------------


class Meddler:
    """Does in `decide` whatever it is told to do."""

    wake: ClassVar[WakeRule] = EVERY
    memory: ClassVar[type] = Nothing
    seen: ClassVar[list[View]] = []

    def decide(self, view: View, memory: Nothing) -> Iterable[Decision] | None:  # noqa: ARG002
        self.seen.append(view)
        return [new_order(view.next_key(), 0, 1, 2, 90)]


def test_pd21_a_view_has_nothing_to_call_that_acts() -> None:
    """Intents are returned: what a strategy holds can neither be written nor send anything."""
    Meddler.seen.clear()
    both = Lockstep(world("meddler"), lambda: (Meddler(),))
    book = BookSnapshot(0, 1, (1, 99, 5, -1, 101, 5))
    for event in events(SessionStarted(1), book):
        assert both.apply(event)
    requests = [each for each in both.records if each[0] == RecordKind.REQUEST]
    for view in Meddler.seen:
        for name in [each for each in dir(view) if not each.startswith("_")]:
            with pytest.raises(AttributeError):
                setattr(view, name, None)
            found = getattr(view, name)
            if callable(found):
                for arguments in ((), (0,), (1,), (0, 1, 99)):
                    try:
                        found(*arguments)
                    except TypeError:
                        continue
    both._compare_states()
    assert len(requests) == 1
    assert requests == [each for each in both.kernel.records if each[0] == RecordKind.REQUEST]


# --- feeds ---------------------------------------------------------------------------------------


def read(folder: Path, messages: list[Any], **options: Any) -> Feed:
    return read_binance([written(folder / "log.gz", messages)], **options)


def test_pd20_one_message_is_one_event_whatever_it_carries(tmp_path: Path) -> None:
    """A message of many levels is one position; two messages of one time are two."""
    levels = [(f"99.{index}0", "1.000") for index in range(8)]
    session = [
        snapshot(15, BIDS, ASKS),
        usdm_depth(15, 20, 14, levels[:5], [("100.90", "1.000")] * 3),
        usdm_depth(21, 21, 20, levels[:1], []),
    ]
    session[2]["data"]["T"] = session[2]["data"]["E"] = session[1]["data"]["T"]
    found = [event.body for event in read(tmp_path, session).columns]
    assert [type(each) for each in found] == [BookSnapshot, BookDelta, BookDelta]
    assert [len(each.levels) // 3 for each in found if isinstance(each, BookDelta)] == [8, 1]


def test_pd24_a_gap_is_seen_and_a_new_snapshot_leaves_no_ghosts(tmp_path: Path) -> None:
    session = [
        snapshot(15, BIDS, ASKS),
        usdm_depth(15, 20, 14, [("99.50", "4.000")], []),
        usdm_depth(30, 33, 25, [("100.10", "9.000")], []),
        trade(72, "100.10", "1.000"),
        snapshot(44, BIDS[:1], ASKS[:1]),
        usdm_depth(44, 50, 41, [], [("100.30", "7.000")]),
    ]
    feed = read(tmp_path, session, on_gap="resync")
    found = [type(event.body) for event in feed.columns]
    assert found == [BookSnapshot, BookDelta, FeedGap, Trade, FeedResumed, BookSnapshot, BookDelta]
    both = lockstep(world("quiet"), lambda: (Quiet(),), list(feed.columns))
    book = both.state.market.instruments[0].book
    assert both.state.market.instruments[0].feed_whole == 1
    assert dict(book.bids) == {1001: 1000}
    assert dict(book.asks) == {1002: 1500, 1003: 7000}


# --- what comes while it happens -----------------------------------------------------------------


class Sender:
    """A connection with more to say than the buffer holds; then it ends."""

    def __init__(self, messages: list[bytes]) -> None:
        self.messages = messages
        self.sent = 0

    async def recv(self, decode: bool) -> bytes:
        assert not decode
        if self.sent == len(self.messages):
            raise ConnectionError("ended")
        self.sent += 1
        return self.messages[self.sent - 1]


async def received_slowly(sender: Sender, folder: Folder) -> list[bytes]:
    """What a recorder keeps whose writer comes by now and then only."""
    options = Options(buffer_bytes=500)
    recorder = Recorder(VENUES["binance-usdm"], ("BTCUSDT",), folder, options)
    receiving = asyncio.create_task(recorder._receive(cast("Any", sender)))
    kept: list[bytes] = []
    while not receiving.done():
        before = sender.sent
        for _ in range(len(sender.messages)):
            await asyncio.sleep(0)
        assert sender.sent - before <= 4, "it is read on while too much waits"
        kept += [raw for _, _, raw, _ in recorder._buffer.take()]
        recorder._room.set()
    with pytest.raises(ConnectionError):
        await receiving
    return kept + [raw for _, _, raw, _ in recorder._buffer.take()]


def test_pd27_what_cannot_be_written_holds_the_sender_back(tmp_path: Path) -> None:
    """A buffer that is full is not read into; nothing is skipped."""
    messages = [json.dumps(trade(each, "100.10", "1.000")).encode() for each in range(40)]
    sender = Sender(messages)
    folder = Folder(tmp_path)
    try:
        assert asyncio.run(received_slowly(sender, folder)) == messages
    finally:
        folder.close()


def test_pd27_an_earlier_position_has_the_orders_of_then() -> None:
    """Going back is a kernel of its own at that position; a stamp of the past leads nowhere."""
    heard = events(SessionStarted(1), fill(1, 2), fill(2, 3), fill(3, 4))
    kernel = Kernel(world("quiet"), (Quiet(),))
    for event in heard[:2]:
        kernel.step(event)
    then, taken = kernel.state(), take(kernel)
    for event in heard[2:]:
        kernel.step(event)
    earlier = restore(world("quiet"), (Quiet(),), taken)
    assert executed(earlier.state().execution.orders[-1].order) == 2
    assert earlier.state() == then
    now = kernel.state()
    kernel.step(events(MarkPrice(0, 100))[0])
    assert kernel.state().execution == now.execution
    assert kernel.backwards == now.control.clock.backwards + 1


# --- price queue ---------------------------------------------------------------------------------


@pytest.mark.parametrize("model", [0, 1, 2])
def test_pd03_one_order_leaving_the_level_does_not_empty_the_queue_ahead(model: int) -> None:
    """10 lots stand ahead; one leaves; a print of 5 cannot reach an order behind nine."""
    play = stage(model)
    play.new(1, BUY, 100, 4)
    play.at(20).delta(BUY, 100, 9)
    play.at(30).trade(100, 5, SELL)
    assert play.filled(1) == 0


def test_a_print_leaves_the_book_to_the_depth_stream() -> None:
    """The other half of PD19: what filled is no change of the book by itself."""
    book = BookSnapshot(0, 1, (1, 99, 5, -1, 101, 5))
    before = told(SessionStarted(1), book).state.market.instruments[0].book
    print_ = Trade(0, 101, 9, 1, int(TradeKind.CONTINUOUS), 1)
    after = told(SessionStarted(1), book, print_).state.market.instruments[0].book
    assert after == before
