"""One kernel and one simulated venue on recorded market data: what comes next, and next, and next.

Decides only the order in which things reach the kernel and the venue; `runtime.engine`, which
starts, stops and watches it, says why it is this order [T2]. Market messages, by far the most of
all there is to do, are read by index from the columns they came in; no object is made for one, and
nothing is asked for twice that only an answer, a Request or a deadline can change.

The columns may come in batches: what is behind both the kernel and the venue is let go.
"""

from __future__ import annotations

from array import array
from collections.abc import Callable, Iterator
from itertools import accumulate
from typing import Any

from tickproof.kernel.kernel import FAILED, Kernel
from tickproof.kernel.tape import Envelope, Stamped, Tape
from tickproof.spec.events import (
    FIRST_ACCOUNT_KIND,
    FIRST_CONTROL_KIND,
    ControlTime,
    EventKind,
    SessionStopped,
    payload,
)
from tickproof.spec.instrument import InstrumentState
from tickproof.spec.stream import EventColumns
from tickproof.spec.time import NEVER_NS
from tickproof.venue.requests import VenueRequest
from tickproof.venue.venue import SimulatedVenue

SESSION_STOPPED = int(EventKind.SESSION_STOPPED)
CONTROL_TIME = int(EventKind.CONTROL_TIME)
INSTRUMENT_STATUS = int(EventKind.INSTRUMENT_STATUS)
CLOSED = int(InstrumentState.CLOSED)
_FAILED = FAILED
_BOOK_DELTA = int(EventKind.BOOK_DELTA)
_TRADE = int(EventKind.TRADE)
_TOP_OF_BOOK = int(EventKind.TOP_OF_BOOK)
_BAR = int(EventKind.BAR)

VENUE_SOURCE = 1_000_000
"""Source number of the simulated venue's events, far from those of recorded files."""

CONTROL_SOURCE = 2_000_000
"""Source number of the runtime's own events."""

AS_RECORDED = -1
"""A feed latency that is each message's own: from its Event Time to its capture."""

BATCH = 8_192
"""Events between two looks at the observer when nobody is woken."""

WORTH_ADOPTING = 4_096
"""Messages after which taking over the kernel's books costs less than making them again."""

TAIL = 256
"""Messages among which the last of every market, of every kind, most likely are."""

_NEVER = NEVER_NS
_VENUE_SOURCE = VENUE_SOURCE
_BATCH = BATCH
_FIRST_ACCOUNT = FIRST_ACCOUNT_KIND
_FIRST_CONTROL = FIRST_CONTROL_KIND


class Simulation:
    """The order of things of one run. `Engine` in the runtime is this with somebody who watches.

    `batches`: what comes after `columns`. `at_venue`, `at_kernel`: index in `columns` of the next
    message there; `passed`: messages of batches let go. `now_ns`: time of the latest thing done.
    `kernel_times`, `venue_times`: when each message of `columns` gets there, never back: a late
    stamp does not overtake what came before it. `kernel_clock_ns`, `venue_clock_ns`: of the last
    one of the batch before. `ordered`: the next index of a message that is stamped before its
    time at the kernel, where that was asked. `together`: kernel and venue see each message at one
    time, and stretches of them.
    `end_ns`: when the kernel has the last message, known (`complete`) with the last batch.
    `mark`: kernel position to stop at and look. `show`: is given the kernel after a step with
    Requests or evidence if it `shows` them; `every_record`: after every step with records.
    `keeps`: tell `_note` what the kernel has seen; `tells_sent`: tell `_show_sent` of Requests.
    `worth_adopting`: messages in a row that make it worth while to take over the kernel's books.
    `tail`: the last so many messages of a stretch most likely tell all that those before leave.
    `alike`: all messages so far meant the same for the kernel's books and for the venue's.
    """

    __slots__ = (
        "alike",
        "answer_ns",
        "arrivals",
        "at_kernel",
        "at_venue",
        "batches",
        "columns",
        "complete",
        "controls",
        "delivered",
        "end_ns",
        "every_record",
        "feed_latency_ns",
        "keeps",
        "kernel",
        "kernel_clock_ns",
        "kernel_times",
        "length",
        "mark",
        "now_ns",
        "ordered",
        "passed",
        "plain_kernel",
        "plain_venue",
        "requests",
        "seen",
        "sequence",
        "show",
        "shows",
        "stopped",
        "tail",
        "tape",
        "tells_sent",
        "together",
        "told",
        "unanswered",
        "venue",
        "venue_clock_ns",
        "venue_closed",
        "venue_end_ns",
        "venue_tape",
        "venue_times",
        "worth_adopting",
    )

    kernel: Kernel
    venue: SimulatedVenue
    columns: EventColumns
    seen: EventColumns
    batches: Iterator[EventColumns]
    tape: Tape
    venue_tape: Tape
    kernel_times: array[int]
    venue_times: array[int]
    arrivals: list[Stamped]
    answer_ns: int
    delivered: int
    length: int
    at_venue: int
    at_kernel: int
    passed: int
    sequence: int
    controls: int
    requests: int
    show: Callable[[Kernel], None]
    unanswered: int
    now_ns: int
    ordered: int
    told: int
    mark: int
    feed_latency_ns: int
    venue_clock_ns: int
    kernel_clock_ns: int
    venue_end_ns: int
    end_ns: int
    alike: bool
    complete: bool
    every_record: bool
    keeps: bool
    shows: bool
    tells_sent: bool
    together: bool
    plain_kernel: bool
    plain_venue: bool
    stopped: bool
    tail: int
    venue_closed: bool
    worth_adopting: int

    def __init__(
        self,
        kernel: Kernel,
        venue: SimulatedVenue,
        batches: Iterator[EventColumns],
        feed_latency_ns: int,
    ) -> None:
        self.kernel = kernel
        self.venue = venue
        self.batches = batches
        self.feed_latency_ns = feed_latency_ns
        # Whoever watches by a class of his own is given every message by the way in all know.
        self.plain_kernel = type(kernel) is Kernel
        self.plain_venue = type(venue) is SimulatedVenue
        self.arrivals = []
        self.delivered = 0
        self.answer_ns = _NEVER
        self.at_venue = self.at_kernel = self.passed = 0
        self.sequence = self.controls = self.requests = self.unanswered = 0
        self.now_ns = self.ordered = self.told = 0
        self.mark = NEVER_NS
        self.show = nobody
        self.shows = False
        self.every_record = False
        self.keeps = False
        self.tells_sent = False
        self.venue_clock_ns = self.kernel_clock_ns = 0
        self.venue_end_ns = 0
        self.end_ns = NEVER_NS
        self.alike = True
        self.complete = False
        self.stopped = False
        self.venue_closed = False
        self.worth_adopting = WORTH_ADOPTING
        self.tail = TAIL
        self._hold(EventColumns())
        self._refill()

    # --- batches ---------------------------------------------------------------------------------

    def _hold(self, columns: EventColumns) -> None:
        """Read from these columns from now on."""
        self.columns = columns
        self.length = len(columns)
        self.seen = columns
        shown = columns
        if self.feed_latency_ns == AS_RECORDED:
            shown = as_it_happened(columns)
        elif self.feed_latency_ns:
            self.seen = delayed(columns, self.feed_latency_ns)
        self.tape = Tape(self.seen)
        stamps = self.seen.capture_time_ns
        times = never_back(stamps, self.kernel_clock_ns)
        in_order = times is stamps
        self.ordered = self.length if in_order else 0
        self.kernel_times = times
        self.together = in_order and self.seen is shown
        if self.together:
            self.venue_tape = self.tape
            self.venue_times = times
        else:
            self.venue_tape = Tape(shown)
            self.venue_times = never_back(shown.capture_time_ns, self.venue_clock_ns)

    def _refill(self) -> None:
        """The next batch, behind what the kernel has not seen yet; or there is none."""
        kept = self.length - self.at_kernel
        if self.at_kernel:
            self.kernel_clock_ns = self.kernel_times[self.at_kernel - 1]
        if self.at_venue:
            self.venue_clock_ns = self.venue_times[self.at_venue - 1]
        batch = next(self.batches, None)
        while batch is not None and not len(batch):
            batch = next(self.batches, None)
        if batch is None:
            self.complete = True
            # When the last message gets there.
            self.venue_end_ns = self.venue_clock_ns
            self.end_ns = self.kernel_times[self.length - 1] if self.length else 0
            return
        self.kernel.chain.settle()
        if kept:
            batch = joined(self.columns.slice(self.at_kernel, self.length), batch)
        self.passed += self.at_kernel
        self.at_venue -= self.at_kernel
        self.at_kernel = 0
        self._hold(batch)

    # --- what is next ----------------------------------------------------------------------------

    def advance(self) -> bool:
        """Do the next thing, or all market messages before it; False when there is none left."""
        if self.at_venue >= self.length and not self.complete:
            self._refill()
            return True
        kernel = self.kernel
        internal = self._venue_next()
        answer = self.answer_ns
        deadline_ns = max(kernel.deadline_ns, kernel.now_ns)
        if (
            internal == _NEVER
            and answer == _NEVER
            and kernel.deadline_ns == _NEVER
            and self.at_kernel < self.length
            and self.venue.is_quiet()
        ):
            self._run_quietly()
            return True
        if self._run_market(min(internal, answer), deadline_ns):
            return True
        return self._other(internal, answer, deadline_ns)

    def _venue_next(self) -> int:
        """When the venue has something to do besides the market; not after the end of all."""
        internal = self.venue.next_time_ns()
        if internal > self.end_ns and not self.unanswered:
            return _NEVER
        return internal

    def _other(self, internal: int, answer: int, deadline_ns: int) -> bool:
        """The next thing is no market message: an obligation, the venue's doings, an answer."""
        soonest = min(internal, answer, self._kernel_time())
        if min(soonest, deadline_ns) > self.end_ns and not self.stopped:
            self._stop()
        elif soonest == _NEVER and self.stopped:
            # Deadlines beyond the data would only be met by data that does not exist.
            return False
        elif deadline_ns <= soonest:
            self._answer_obligation()
        else:
            self._reach(soonest)
            if internal == soonest:
                self._venue_acts(internal)
            else:
                self._deliver()
        return True

    def _kernel_time(self) -> int:
        """When the kernel sees its next message, NEVER_NS when it has seen all there are."""
        if self.at_kernel >= self.length:
            return _NEVER
        return self.kernel_times[self.at_kernel]

    def _reach(self, stamp_ns: int) -> None:
        """The run's time never goes backwards."""
        self.now_ns = max(self.now_ns, stamp_ns)

    # --- market messages -------------------------------------------------------------------------

    def _run_market(self, other_ns: int, deadline_ns: int) -> bool:
        """Market messages, at the venue and then at the kernel, while nothing else comes first.

        `other_ns`: the venue's next doing or answer, before which a message at the same time goes;
        `deadline_ns`: the kernel's, after which a message at the same time goes to the kernel.
        Stops when something came of a message. False when there was none to begin with.
        """
        venue_limit_ns = min(other_ns, deadline_ns)
        kernel_limit_ns = min(other_ns, deadline_ns - 1)
        done = False
        while self.at_venue < self.length or self.complete:
            kernel_ns = self._kernel_time()
            venue_ns = self.venue_times[self.at_venue] if self.at_venue < self.length else _NEVER
            if venue_ns <= kernel_ns:
                if venue_ns > venue_limit_ns or venue_ns == _NEVER:
                    return done
                if self._venue_sees(kernel_limit_ns):
                    return True
            elif kernel_ns > kernel_limit_ns:
                return done
            elif self._kernel_sees(kernel_limit_ns):
                return True
            done = True
        return done

    def _venue_sees(self, limit_ns: int) -> bool:
        """The next market message at the venue; whether it has something to say.

        Those behind it too, up to `limit_ns` and to one on which anybody may be consulted, where
        they get to the kernel at the same times: until then neither can tell who sees them first.
        """
        venue, kernel = self.venue, self.kernel
        tape = self.venue_tape
        index = self.at_venue
        kind = tape.kind[index]
        due_ns = venue.due_ns
        # Top of book is a book to the kernel only, a bar to the venue only.
        if kind in (_TOP_OF_BOOK, _BAR):
            self.alike = False
        if self.plain_venue:
            stop = index + 1
            if (
                (kind == _BOOK_DELTA or kind == _TRADE)  # noqa: SIM109
                and (self.together and self.alike and index == self.at_kernel)
                and not kernel.queue.entries
            ):
                stop = index + self._at_most(self.length - index)
            now_ns = self.venue_times[index]
            self.at_venue = venue.follow(tape, index, stop, now_ns, limit_ns, kernel.markets)
        else:
            self._show_venue(index)
            self.at_venue = index + 1
        if venue.pending_outputs or venue.due_ns != due_ns:
            self._reach(self.venue_times[self.at_venue - 1])
            self._collect()
            return True
        return False

    def _show_venue(self, index: int) -> None:
        """A venue of a class of its own sees a message."""
        columns = self.columns
        self.venue.on_market(
            columns.kind[index],
            columns.event_time_ns[index],
            self.venue_times[index],
            columns.payload,
            columns.offset[index],
            columns.offset[index + 1],
        )

    def _at_most(self, count: int) -> int:
        """Of so many messages those that the kernel sees before it is looked at; one at least."""
        if self.every_record:
            return 1
        return max(min(count, self.mark - self.kernel.position), 1)

    def _kernel_sees(self, limit_ns: int) -> bool:
        """The next market message at the kernel; whether something came of it, or goes before it.

        With it go those behind it that the venue has seen while nobody could be consulted.
        """
        kernel = self.kernel
        start = self.at_kernel
        before_ns = kernel.deadline_ns
        if self.plain_kernel:
            count = self._at_most(self.at_venue - start) if self.together else 1
            reached = kernel.play(self.tape, start, start + count, limit_ns)
        else:
            reached = kernel.replay(self.seen, start, start + 1)
        if reached == start:
            return True
        self.at_kernel = reached
        self._reach(self.kernel_times[reached - 1])
        if self.keeps:
            self._note(start, reached)
        if (kernel.sent or self.every_record) and kernel.chain.has_records():
            self._after_step()
            return True
        if kernel.deadline_ns != before_ns or kernel.position >= self.mark:
            return True
        return kernel.session == _FAILED

    def _run_quietly(self) -> None:
        """Nothing rests and nothing is under way: the kernel runs until it asks for something."""
        kernel = self.kernel
        start = self.at_kernel
        stop = min(self._in_order(start), start + self._at_most(BATCH))
        if self.plain_kernel:
            reached = kernel.play(self.tape, start, stop, _NEVER)
        else:
            reached = kernel.replay(self.seen, start, stop)
        if self.keeps:
            self._note(start, reached)
        self.at_kernel = reached
        self._reach(self.kernel_times[reached - 1])
        if kernel.sent or reached >= self.length:
            self._catch_up(reached)
            self._collect()
        if (kernel.sent or self.every_record) and kernel.chain.has_records():
            self._after_step()

    def _in_order(self, start: int) -> int:
        """Up to where the kernel's time is that of each message, from `start` on; one at least.

        After a late stamp it is not: an obligation may go before a message that is stamped sooner.
        """
        if start >= self.ordered:
            stamps = self.tape.capture_time_ns
            times = self.kernel_times
            index = start
            while index < self.length and stamps[index] == times[index]:
                index += 1
            self.ordered = max(index, start + 1)
        return self.ordered

    def _catch_up(self, stop: int) -> None:
        """The venue sees what the kernel has seen alone.

        Of a long stretch of depth changes and prints only the stamps are gone through: nothing
        rests, so all else it leaves is the books, and they are those of the kernel.
        """
        kind = self.venue_tape.kind
        begin = stop
        if self.plain_kernel and self.plain_venue and self.venue.needs_books_alone():
            while begin > self.at_venue and kind[begin - 1] in (_BOOK_DELTA, _TRADE):
                begin -= 1
        if stop - begin < self.worth_adopting:
            begin = stop
        while self.at_venue < stop:
            if self.at_venue == begin and self.alike:
                tape = self.venue_tape
                middle = max(begin, stop - self.tail)
                if self.venue.is_told_since(tape, begin, middle, stop):
                    begin = middle
                self.venue.note_stamps(tape, begin, stop, self.venue_times[begin])
                self.venue.adopt_books(self.kernel.markets)
                self.at_venue = stop
                return
            self._venue_sees(0)

    # --- everything else -------------------------------------------------------------------------

    def _stop(self) -> None:
        """The recording is over: nobody is consulted any more."""
        self.stopped = True
        self._reach(self.end_ns)
        stamp = max(self.end_ns, self.kernel.now_ns)
        self._control(SESSION_STOPPED, stamp, array("q", payload(SessionStopped(0))))

    def _close_venue(self) -> None:
        """After its last message the venue trades no more: what it would fill at is unknown."""
        self.venue_closed = True
        for instrument in range(len(self.kernel.markets)):
            values = array("q", (instrument, CLOSED))
            end_ns = self.venue_end_ns
            self.venue.on_market(INSTRUMENT_STATUS, end_ns, end_ns, values, 0, len(values))

    def _venue_acts(self, stamp_ns: int) -> None:
        """Requests arrive at the venue, or dates are reached there."""
        if self.complete and stamp_ns > self.venue_end_ns and not self.venue_closed:
            self._close_venue()
        self.venue.advance(stamp_ns)
        self._collect()

    def _collect(self) -> None:
        """What the venue has to say is under way."""
        if not self.venue.pending_outputs:
            return
        outputs = self.venue.take_outputs()
        for said in outputs:
            if said.answered():
                self.unanswered -= 1
        if self.answer_ns != _NEVER:
            # What the kernel has had goes now and then: all of it would be moved up each time.
            if self.delivered > _BATCH:
                del self.arrivals[: self.delivered]
                self.delivered = 0
            self.arrivals += outputs
            return
        self.arrivals = outputs
        self.delivered = 0
        said = outputs[0]
        self.answer_ns = said.capture_time_ns

    def _deliver(self) -> None:
        """One execution event reaches the kernel."""
        said = self.arrivals[self.delivered]
        self.delivered += 1
        self.answer_ns = _NEVER
        if self.delivered < len(self.arrivals):
            following = self.arrivals[self.delivered]
            self.answer_ns = following.capture_time_ns
        said.source = _VENUE_SOURCE
        said.sequence = self.sequence
        said.epoch = 0
        self._step(said)
        self.sequence += 1

    def _answer_obligation(self) -> None:
        """ControlTime at the deadline the kernel derived [T5]."""
        deadline_ns = self.kernel.deadline_ns
        self._reach(deadline_ns)
        self._control(CONTROL_TIME, deadline_ns, array("q", payload(ControlTime(deadline_ns))))

    def _control(self, kind: int, stamp: int, values: array[int]) -> None:
        self._step(Envelope(kind, stamp, stamp, CONTROL_SOURCE, self.controls, 0, values))
        self.controls += 1

    def _step(self, event: Stamped) -> None:
        """One Event that is no market message."""
        kernel = self.kernel
        if self.plain_kernel:
            kernel.take(event)
        else:
            kernel.apply(
                event.kind,
                event.event_time_ns,
                event.capture_time_ns,
                event.source,
                event.sequence,
                event.epoch,
                array("q", event.values),
            )
        if self.keeps or _FIRST_ACCOUNT <= event.kind < _FIRST_CONTROL:
            self._note_step(event)
        if kernel.chain.has_records():
            self._after_step()

    def _after_step(self) -> None:
        """Show the records; carry Requests to the venue."""
        kernel = self.kernel
        if self.shows:
            self.show(kernel)
        for command in kernel.sent:
            self.requests += 1
            self.unanswered += 1
            request = VenueRequest.__new__(VenueRequest)
            request.carry(command)
            self.venue.submit(request, self.now_ns)
            if self.tells_sent:
                self._show_sent()

    # --- for whoever watches ---------------------------------------------------------------------

    def _show_sent(self) -> None:
        """A Request just left."""

    def _note(self, start: int, stop: int) -> None:
        """The kernel has seen these messages of `seen`."""

    def _note_step(self, event: Stamped) -> None:
        """The kernel has had an Event that is no market message."""


def nobody(kernel: Kernel) -> None:
    """Nobody watches."""


def never_back(stamps: array[int], clock_ns: int) -> array[int]:
    """When messages with these stamps get somewhere, where it was `clock_ns` before the first.

    Nearly always these are the stamps themselves.
    """
    column = stamps
    before = clock_ns
    for stamp in column:
        if stamp < before:
            return array("q", accumulate(stamps, max, initial=clock_ns))[1:]
        before = stamp
    return stamps


def delayed(columns: EventColumns, feed_latency_ns: int) -> EventColumns:
    """The market as the kernel sees it: every stamp later by the feed's latency."""
    made: Any = EventColumns()
    for name in EventColumns.__slots__:
        setattr(made, name, getattr(columns, name))
    made.capture_time_ns = array("q", [t + feed_latency_ns for t in columns.capture_time_ns])
    found: EventColumns = made
    return found


def as_it_happened(columns: EventColumns) -> EventColumns:
    """The market as the venue sees it: every message at its Event Time, or sooner if captured so.

    What was captured before it happened, by a clock that is behind, is never shown to the kernel
    before the venue.
    """
    made: Any = EventColumns()
    for name in EventColumns.__slots__:
        setattr(made, name, getattr(columns, name))
    stamps = zip(columns.event_time_ns, columns.capture_time_ns, strict=True)
    made.capture_time_ns = array("q", [min(pair) for pair in stamps])
    found: EventColumns = made
    return found


def joined(first: EventColumns, second: EventColumns) -> EventColumns:
    """The events of two batches as one (copied)."""
    made = first.slice(0, len(first))
    for name in ("kind", "event_time_ns", "capture_time_ns", "source", "sequence", "epoch"):
        getattr(made, name).frombytes(memoryview(getattr(second, name)).cast("B"))
    length = len(made.offset)
    made.offset.frombytes(memoryview(second.offset)[1:].cast("B"))
    shift(made.offset, length, made.offset[length - 1] - second.offset[0])
    made.payload.frombytes(memoryview(second.payload).cast("B"))
    return made


def shift(column: array[int], start: int, number: int) -> None:
    """Add a number to a column from `start` on."""
    for index in range(start, len(column)):
        column[index] += number
