"""The order of things in a run: beside a plain form, which looks for the next of all anew."""

from array import array
from functools import cache
from itertools import accumulate
from random import Random
from typing import Any

import pytest

from tests.venue.plain_run import (
    Heard,
    Plain,
    World,
    batches,
    begin,
    done,
    left,
    sleepy_worlds,
    worlds,
)
from tests.venue.stage import BOOK
from tickproof.kernel import BUILD
from tickproof.kernel.kernel import FAILED, Kernel
from tickproof.kernel.tape import Envelope, Stamped
from tickproof.spec.configuration import Wake, WakeRule
from tickproof.spec.events import (
    FIRST_ACCOUNT_KIND,
    FIRST_CONTROL_KIND,
    BalanceSnapshot,
    BookDelta,
    BookSnapshot,
    Event,
    EventKind,
    FundingRate,
    TopOfBook,
    Trade,
    payload,
)
from tickproof.spec.stream import EventColumns
from tickproof.spec.time import NEVER_NS
from tickproof.venue import simulation
from tickproof.venue.simulation import VENUE_SOURCE, Simulation, joined, never_back
from tickproof.venue.venue import SimulatedVenue

# --- the fast form, watched ----------------------------------------------------------------------


class Watched(Simulation):
    """Keeps what the kernel has seen and what was sent; looks at the kernel at every few marks."""

    __slots__ = ("every", "heard", "marks", "sent", "shown")

    def watch(self, every: int, every_record: bool) -> None:
        self.heard: list[Heard] = []
        self.sent: list[tuple[int, int]] = []
        self.marks: list[int] = []
        self.shown: list[tuple[int, int]] = []
        self.show = self.note_shown
        self.every = every
        self.shows = self.keeps = self.tells_sent = True
        self.every_record = every_record
        self.mark = every

    def advance(self) -> bool:
        going = super().advance()
        if self.kernel.position >= self.mark:
            self.marks.append(self.kernel.position)
            self.mark += self.every
        return going

    def _note(self, start: int, stop: int) -> None:
        seen = self.seen
        for index in range(start, stop):
            told = (seen.kind[index], seen.capture_time_ns[index], tuple(seen.payload_of(index)))
            self.heard.append(told)

    def _note_step(self, event: Stamped) -> None:
        self.heard.append((event.kind, event.capture_time_ns, tuple(event.values)))

    def note_shown(self, kernel: Kernel) -> None:
        self.shown.append((kernel.position, len(kernel.records)))

    def _show_sent(self) -> None:
        self.sent.append((self.requests, self.now_ns))


# --- beside each other ---------------------------------------------------------------------------

WORLDS = [*worlds(80), *sleepy_worlds(60)]


@cache
def plain_run(number: int) -> tuple[Plain, list[Any]]:
    """The plain form of a run at its end, and what it left."""
    world = WORLDS[number]
    plain = Plain(*world.parties(), world.events(), world.feed_ns)
    plain.run()
    return plain, left(plain.kernel, plain.venue)


def begun(world: World, *parties: Any, made: Any = Simulation) -> Any:
    """A run of a world in a few batches, started."""
    draw = Random(f"batches {world.seed}")
    run = made(*(parties or world.parties()), iter(batches(world.events(), draw)), world.feed_ns)
    begin(run)
    return run


@pytest.mark.parametrize("number", range(len(WORLDS)))
def test_the_order_of_things_is_that_of_the_plain_form(number: int) -> None:
    plain, expected = plain_run(number)
    run = begun(WORLDS[number])
    assert done(run) == expected
    if run.kernel.session != FAILED:
        assert (run.now_ns, run.unanswered) == (plain.now_ns, plain.unanswered)


@pytest.mark.parametrize("worth", [0, 1, 3])
@pytest.mark.parametrize("number", range(0, len(WORLDS), 2))
def test_books_taken_over_are_those_it_would_have_made(number: int, worth: int) -> None:
    run = begun(WORLDS[number])
    run.worth_adopting = run.tail = worth
    assert done(run) == plain_run(number)[1]


@pytest.mark.parametrize("every_record", [False, True])
@pytest.mark.parametrize("number", range(1, len(WORLDS), 3))
def test_who_watches_is_shown_what_he_is_owed(number: int, every_record: bool) -> None:
    plain, expected = plain_run(number)
    run = begun(WORLDS[number], made=Watched)
    # The start of the session was not watched.
    run.watch(1 + number % 9, every_record)
    assert done(run) == expected
    assert run.heard == plain.heard[1:]
    assert run.sent == plain.sent
    owed = [each[:2] for each in plain.shown_to if each[2] or every_record]
    assert run.shown == [each for each in owed if each[0] > 1]
    marks = range(run.every, run.kernel.position + 1, run.every)
    assert run.marks == [mark for mark in marks if mark > 1]


@pytest.mark.skipif(BUILD == "compiled", reason="compiled calls are not looked up")
def test_messages_nobody_is_consulted_on_come_in_stretches(monkeypatch: Any) -> None:
    """Where funding is paid the venue is never quiet, and yet few steps are taken."""
    world = World(1, seldom=1_000, pays=True, wake=WakeRule(Wake.TOUCH_CHANGE))
    bodies: list[Any] = [
        BookSnapshot(0, 1, BOOK),
        *(BookDelta(0, n, n, (1, 90, n)) for n in range(2, 12)),
    ]
    bodies.insert(6, Trade(0, 100, 1, 1, 0, 1))
    events = [Event(9 + n, 9 + n, 0, n, 0, body) for n, body in enumerate(bodies)]
    run = Simulation(*world.parties(), iter([EventColumns(events)]), 0)
    begin(run)
    stretches: list[tuple[int, int]] = []
    follow = SimulatedVenue.follow

    def counted(venue: SimulatedVenue, tape: Any, start: int, *more: Any) -> int:
        reached = follow(venue, tape, start, *more)
        stretches.append((start, reached))
        return reached

    monkeypatch.setattr(SimulatedVenue, "follow", counted)
    # Up to the end of the batch, to find that there is no other, and the rest of it.
    assert [run.advance() and run.at_kernel for _ in range(3)] == [1, 1, len(events)]
    assert stretches == [(0, 1), (1, len(events))]


def test_times_are_the_stamps_themselves_where_none_is_late() -> None:
    stamps = array("q", (3, 3, 5))
    assert never_back(stamps, 3) is stamps
    assert never_back(stamps, 4).tolist() == [4, 4, 5]
    assert never_back(array("q", (3, 5, 4, 7)), 0).tolist() == [3, 5, 5, 7]
    assert never_back(array("q"), 4).tolist() == []


def test_batches_joined_are_the_events_of_both() -> None:
    events = WORLDS[100].events()
    whole = EventColumns(events)
    for cut in (0, 1, 7, len(events)):
        lying = EventColumns(events[cut:])
        lying = EventColumns.from_buffers(
            *(getattr(lying, name) for name in EventColumns.__slots__)
        )
        made = joined(EventColumns(events[:cut]), lying)
        for name in EventColumns.__slots__:
            assert getattr(made, name) == getattr(whole, name)


@pytest.mark.parametrize("number", range(0, len(WORLDS), 3))
def test_account_events_are_shown_to_all_and_others_where_asked_for(number: int) -> None:
    plain, _ = plain_run(number)
    run = begun(WORLDS[number], made=Watched)
    run.watch(NEVER_NS, False)
    run.keeps = run.tells_sent = False
    done(run)
    account = range(FIRST_ACCOUNT_KIND, FIRST_CONTROL_KIND)
    assert run.heard == [each for each in plain.heard if each[0] in account]
    assert run.sent == []


# --- what a stretch costs ------------------------------------------------------------------------


def stretch(*bodies: Any, pauses: tuple[int, ...] = (1,) * 9) -> list[Event]:
    """A book, then these messages."""
    stamps = accumulate((100, *pauses[: len(bodies)]))
    told = zip(stamps, (BookSnapshot(0, 1, BOOK), *bodies), strict=True)
    return [Event(at, at, 0, number, 0, body) for number, (at, body) in enumerate(told)]


def counted(
    monkeypatch: pytest.MonkeyPatch, *parts: list[Event], worth: int = 4
) -> tuple[list[int], list[int]]:
    """(messages seen where books were taken over, lengths of the kernel's stretches)."""
    adopted, played = [], []

    def adopt(self: SimulatedVenue, markets: Any) -> None:
        adopted.append(run.passed + run.at_kernel)
        adopt_books(self, markets)

    def play(self: Kernel, tape: Any, start: int, stop: int, until_ns: int) -> int:
        played.append(stop - start)
        return play_as_it_is(self, tape, start, stop, until_ns)

    adopt_books, play_as_it_is = SimulatedVenue.adopt_books, Kernel.play
    monkeypatch.setattr(SimulatedVenue, "adopt_books", adopt)
    monkeypatch.setattr(Kernel, "play", play)
    run = Simulation(*World(1, seldom=10**9).parties(), map(EventColumns, parts), 0)
    run.worth_adopting = run.tail = worth
    begin(run)
    done(run)
    return adopted, played


DELTA, PRINT = BookDelta(0, 2, 2, (1, 99, 4)), Trade(0, 99, 9, -1, 0, 1)
DEPTH = [DELTA, PRINT, DELTA, DELTA]
TOUCH, RATE = TopOfBook(0, 100, 4, 101, 4), FundingRate(0, 1, 500)


@pytest.mark.skipif(BUILD == "compiled", reason="methods of compiled types are not exchanged")
@pytest.mark.parametrize(
    ("bodies", "worth", "expected"),
    [
        (DEPTH, 4, [5]),
        (DEPTH, 5, []),
        (DEPTH, 3, [5]),
        ([TOUCH, *DEPTH], 4, []),
        ([RATE, *DEPTH], 4, [6]),
        ([*DEPTH, RATE], 4, []),
        ([DELTA, RATE, *DEPTH], 5, []),
    ],
)
def test_books_are_taken_over_where_all_messages_mean_the_same(
    monkeypatch: pytest.MonkeyPatch, bodies: list[Any], worth: int, expected: list[int]
) -> None:
    assert counted(monkeypatch, stretch(*bodies), worth=worth)[0] == expected


@pytest.mark.skipif(BUILD == "compiled", reason="methods of compiled types are not exchanged")
def test_books_are_taken_over_again_in_the_next_batch(monkeypatch: pytest.MonkeyPatch) -> None:
    events = stretch(*DEPTH, *DEPTH)
    assert counted(monkeypatch, events[:5], events[5:])[0] == [5, 9]


@pytest.mark.skipif(BUILD == "compiled", reason="methods of compiled types are not exchanged")
@pytest.mark.parametrize(
    ("pauses", "expected"),
    [
        ((1, 1, 1, 1), [5]),
        ((0, 0, 0, 0), [5]),
        ((1, -1, 1, 1), [2, 1, 2]),
        ((2, -1, 1, 1), [2, 1, 2]),
        ((3, -1, 1, -1), [2, 1, 1, 1]),
    ],
)
def test_a_stretch_is_as_long_as_time_goes_on(
    monkeypatch: pytest.MonkeyPatch, pauses: tuple[int, ...], expected: list[int]
) -> None:
    assert counted(monkeypatch, stretch(*DEPTH, pauses=pauses))[1] == expected


def test_an_account_event_is_no_answer_and_is_shown_to_all() -> None:
    kernel, venue = WORLDS[0].parties()
    run = Watched(kernel, venue, iter([EventColumns(stretch())]), 0)
    run.watch(NEVER_NS, False)
    run.keeps = False
    begin(run)
    snapshot = Envelope(EventKind.BALANCE_SNAPSHOT, 200, 200, 0, 0, 0, (0, 0, 5, 7))
    venue._outputs, venue.pending_outputs = [snapshot], 1
    run._collect()
    assert (run.unanswered, list(run.arrivals)) == (0, [snapshot])
    values = payload(BalanceSnapshot(0, 0, 5))
    run._step(Envelope(EventKind.BALANCE_SNAPSHOT, 200, 200, VENUE_SOURCE, 0, 0, values))
    assert run.heard == [(EventKind.BALANCE_SNAPSHOT, 200, values)]


@pytest.mark.skipif(BUILD == "compiled", reason="a compiled number is not looked up")
def test_what_the_kernel_has_had_is_let_go_of_now_and_then(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(simulation, "_BATCH", 1)
    kernel, venue = WORLDS[0].parties()
    run = Watched(kernel, venue, iter([EventColumns(stretch())]), 0)
    run.watch(NEVER_NS, False)
    begin(run)

    def say(count: int) -> tuple[int, int]:
        values = payload(BalanceSnapshot(0, 0, 5))
        stamps = (200, 200 + count, 0, 0, 0)
        venue._outputs = [Envelope(EventKind.BALANCE_SNAPSHOT, *stamps, values)] * count
        venue.pending_outputs = count
        run._collect()
        return run.delivered, len(run.arrivals)

    assert say(3) == (0, 3)
    run._deliver()
    assert (say(1), run.answer_ns) == ((1, 4), 203)
    run._deliver()
    assert (say(1), run.answer_ns) == ((0, 3), 203)
    run._deliver()
    assert run.answer_ns == 201
    run._deliver()
    run._deliver()
    assert (run.answer_ns, run.sequence) == (NEVER_NS, 5)


CALLS: list[tuple[str, int, int]] = []
"""(who, kind, stamp) of every message, in the order in which they came."""


class TellingKernel(Kernel):
    """Notes what it is given."""

    __slots__ = ()

    def replay(
        self, batch: EventColumns, start: int = 0, stop: int = -1, until_ns: int = NEVER_NS
    ) -> int:
        reached = super().replay(batch, start, stop, until_ns)
        CALLS.extend(
            ("kernel", batch.kind[index], batch.capture_time_ns[index])
            for index in range(start, reached)
        )
        return reached

    def apply(self, kind: int, event_ns: int, stamp: int, *rest: Any) -> None:
        CALLS.append(("kernel", kind, stamp))
        super().apply(kind, event_ns, stamp, *rest)


class NotingVenue(SimulatedVenue):
    """Notes what it is given."""

    __slots__ = ()

    def on_market(self, kind: int, event_ns: int, stamp: int, *rest: Any) -> None:
        CALLS.append(("venue", kind, stamp))
        super().on_market(kind, event_ns, stamp, *rest)


class TellingVenue(NotingVenue):
    """Never says that nothing can come of the market, so that nothing is done in a stretch."""

    __slots__ = ()

    def is_quiet(self) -> bool:
        return False


@pytest.mark.parametrize("number", range(2, len(WORLDS), 3))
def test_who_watches_by_a_class_of_his_own_is_given_every_message(number: int) -> None:
    world = WORLDS[number]
    CALLS.clear()
    Plain(*world.parties(TellingKernel, TellingVenue), world.events(), world.feed_ns).run()
    plain = [(who, int(kind), stamp) for who, kind, stamp in CALLS]
    CALLS.clear()
    run = begun(world, *world.parties(TellingKernel, TellingVenue))
    run.worth_adopting = 0
    assert done(run) == plain_run(number)[1]
    assert plain == CALLS


@pytest.mark.parametrize("number", range(0, len(WORLDS), 4))
def test_one_of_them_may_be_of_a_class_of_his_own(number: int) -> None:
    world = WORLDS[number]
    for kernel, venue in ((TellingKernel, SimulatedVenue), (Kernel, NotingVenue)):
        CALLS.clear()
        run = begun(world, *world.parties(kernel, venue))
        run.worth_adopting = 0
        assert done(run) == plain_run(number)[1]
        told = [kind for who, kind, _ in CALLS if kind < EventKind.ACCEPTED]
        closed = [EventKind.INSTRUMENT_STATUS] * (kernel is Kernel and run.venue_closed)
        reached = run.at_venue if kernel is Kernel else run.at_kernel
        seen = world.events()[: run.passed + reached]
        assert told == [*(each.body.KIND for each in seen), *closed]  # type: ignore[union-attr]
