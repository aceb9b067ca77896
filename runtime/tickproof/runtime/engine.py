"""The Backtest Runtime's engine: one kernel, one simulated venue, recorded market data.

What it decides: only the order in which things reach the kernel and the venue, and that order is
Configuration [T2]. The venue sees a market message at its capture stamp, the kernel sees it
`feed_latency_ns` later; a Request reaches the venue after the request latency, its answer the
kernel after the response latency (both are the venue's). At one instant: market before execution,
requests after the market messages they could have seen; a ControlTime goes before any Event that
reaches its deadline [T5, T7].

The end: when the kernel has had the last message and what was due by then, the session is stopped,
so nobody is consulted on a market that is not recorded. What was sent is still answered; but the
venue is closed after its own last message, so nothing fills where nothing is known. Deadlines and
dates beyond the end are met only on the way to such an answer.

Everything else, what State becomes and what is decided, is the kernel's; everything that fills is
the venue's. When nothing rests at the venue and nothing is under way the kernel runs by batches,
and the venue catches up when the first Request appears.
"""

from __future__ import annotations

from array import array
from collections import deque
from itertools import accumulate

from tickproof.kernel.kernel import Kernel
from tickproof.spec.commands import Request
from tickproof.spec.events import ControlTime, EventKind, SessionStarted, SessionStopped, payload
from tickproof.spec.instrument import InstrumentState
from tickproof.spec.session import SessionState
from tickproof.spec.stream import EventColumns
from tickproof.spec.time import NEVER_NS
from tickproof.venue.venue import NEVER_NS as VENUE_NEVER_NS
from tickproof.venue.venue import SimulatedVenue

SESSION_STARTED = int(EventKind.SESSION_STARTED)
SESSION_STOPPED = int(EventKind.SESSION_STOPPED)
CONTROL_TIME = int(EventKind.CONTROL_TIME)
INSTRUMENT_STATUS = int(EventKind.INSTRUMENT_STATUS)
CLOSED = int(InstrumentState.CLOSED)
FAILED = int(SessionState.FAILED)

VENUE_SOURCE = 1_000_000
"""Source number of the simulated venue's events, far from those of recorded files."""

CONTROL_SOURCE = 2_000_000
"""Source number of the runtime's own events."""

REQUEST_ID_FIELD = 3
"""Where an execution payload says which Request it answers, 0 for none."""

INSTANT_LIMIT = 100_000
"""Steps at one instant, without a market message, after which a run chases its own tail."""

BATCH = 8_192
"""Events between two looks at the observer when nobody is woken."""


class TailChase(Exception):
    """A strategy and the venue answer each other without end at one instant."""


class Observer:
    """What a run wants to see; every method may stay as it is.

    `mark`: the position at which `on_mark` is called next; it has to move on there.
    `every_record`: `on_step` is owed every decision record, not only those beside a Request or
    an execution Event; the kernel then runs event by event.
    """

    mark: int = NEVER_NS
    every_record: bool = False

    def on_step(self, kernel: Kernel) -> None:
        """Look at `kernel.records`, the records of the step just done."""

    def on_sent(self, sent_ns: int) -> None:
        """A Request left for the venue, after the `on_step` of the step that made it."""

    def on_mark(self, kernel: Kernel) -> None:
        """Look at the kernel at position `mark`."""

    def on_progress(self, done: int, total: int) -> None:
        """Look now and then at how many market events of all are done."""


class Engine:
    """Drives one run to its end. `stream`: events in kernel order, kept when asked for.

    `now_ns`: the engine's time, that of the latest thing done; the kernel's `now` is the same
    unless a stamp jumped further than the Configuration allows [T3].
    """

    def __init__(
        self,
        kernel: Kernel,
        venue: SimulatedVenue,
        columns: EventColumns,
        feed_latency_ns: int = 0,
        observer: Observer | None = None,
        stream: EventColumns | None = None,
    ) -> None:
        self.kernel = kernel
        self.venue = venue
        self.columns = columns
        self.feed_latency_ns = feed_latency_ns
        self.observer = observer if observer is not None else Observer()
        self.stream = stream
        # Venue time never runs backwards: a late stamp does not overtake what came before it.
        self.venue_times = array("q", accumulate(columns.capture_time_ns, max))
        self.seen = _delayed(columns, feed_latency_ns)
        self.arrivals: deque[tuple[int, int, int, array[int]]] = deque()
        self.at_venue = 0
        self.at_kernel = 0
        self.sequence = 0
        self.controls = 0
        self.requests = 0
        self.unanswered = 0
        self.now_ns = 0
        self.venue_end_ns = self.venue_times[-1] if len(columns) else 0
        self.end_ns = self.venue_end_ns + feed_latency_ns
        self.stopped = False
        self.venue_closed = False

    # --- the run ---------------------------------------------------------------------------------

    def run(self) -> None:
        """From the first event to the last answer; ends early when the session fails.

        Raises `TailChase`; kernel errors pass through.
        """
        total = len(self.columns)
        if total:
            self._start()
            self._go_on(total)
        self.observer.on_progress(self.at_kernel, total)

    def _go_on(self, total: int) -> None:
        kernel, observer = self.kernel, self.observer
        instant = told = 0
        going = True
        while going:
            if kernel.position >= observer.mark:
                observer.on_mark(kernel)
            if kernel.session == FAILED:
                return
            before = (self.now_ns, self.at_kernel, self.at_venue)
            going = self._advance(total)
            instant = instant + 1 if before == (self.now_ns, self.at_kernel, self.at_venue) else 0
            if instant > INSTANT_LIMIT:
                raise TailChase(f"{INSTANT_LIMIT} steps at one instant, without a market message")
            if self.at_kernel - told >= BATCH:
                told = self.at_kernel
                observer.on_progress(told, total)

    def _start(self) -> None:
        """The session starts at the first stamp, before the first market event."""
        self.now_ns = self.seen.capture_time_ns[0]
        self._control(SESSION_STARTED, self.now_ns, array("q", payload(SessionStarted(0))))

    def _advance(self, total: int) -> bool:
        """Do the next thing; False when there is none left."""
        kernel = self.kernel
        venue_internal = self.venue.next_time_ns()
        if venue_internal >= VENUE_NEVER_NS or (
            venue_internal > self.end_ns and not self.unanswered
        ):
            venue_internal = NEVER_NS
        if (
            venue_internal == NEVER_NS
            and not self.arrivals
            and kernel.deadline_ns == NEVER_NS
            and self.at_kernel < total
            and self.venue.is_quiet()
        ):
            self._run_quietly(total)
            return True
        venue_market = self.venue_times[self.at_venue] if self.at_venue < total else NEVER_NS
        kernel_market = NEVER_NS
        if self.at_kernel < total:
            kernel_market = self.venue_times[self.at_kernel] + self.feed_latency_ns
        answer = self.arrivals[0][0] if self.arrivals else NEVER_NS
        soonest = min(venue_market, kernel_market, venue_internal, answer)
        deadline_ns = max(kernel.deadline_ns, kernel.now_ns)
        if venue_market == soonest != NEVER_NS and venue_market <= deadline_ns:
            self._reach(venue_market)
            self._venue_sees()
        elif deadline_ns <= soonest and deadline_ns <= self.end_ns:
            self._answer_obligation()
        elif soonest > self.end_ns and not self.stopped:
            self._stop()
        elif soonest == NEVER_NS:
            # Deadlines beyond the data would only be met by data that does not exist.
            return False
        elif deadline_ns <= soonest:
            self._answer_obligation()
        else:
            self._reach(soonest)
            if kernel_market == soonest:
                self._kernel_sees()
            elif venue_internal == soonest:
                self._venue_acts(venue_internal)
            else:
                self._deliver()
        return True

    def _reach(self, stamp_ns: int) -> None:
        """The engine's time never runs backwards."""
        if stamp_ns > self.now_ns:
            self.now_ns = stamp_ns

    def _run_quietly(self, total: int) -> None:
        """Nothing rests and nothing is under way: the kernel runs until it asks for something."""
        start = self.at_kernel
        length = 1 if self.observer.every_record else BATCH
        length = min(length, self.observer.mark - self.kernel.position)
        reached = self.kernel.replay(self.seen, start, min(total, start + max(length, 1)))
        self._note(start, reached)
        self.at_kernel = reached
        if reached > start:
            self._reach(self.venue_times[reached - 1] + self.feed_latency_ns)
        if self.kernel.requests or reached >= total:
            while self.at_venue < reached:
                self._venue_sees()
        if reached > start and self.kernel.records:
            self._after_step()

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
            values = (instrument, CLOSED)
            end_ns = self.venue_end_ns
            self.venue.on_market(INSTRUMENT_STATUS, end_ns, end_ns, values, 0, len(values))

    # --- single steps ----------------------------------------------------------------------------

    def _venue_sees(self) -> None:
        """One market message at the venue."""
        index = self.at_venue
        columns = self.columns
        self.venue.on_market(
            columns.kind[index],
            columns.event_time_ns[index],
            self.venue_times[index],
            columns.payload,
            columns.offset[index],
            columns.offset[index + 1],
        )
        self.at_venue = index + 1
        if self.venue.pending_outputs:
            self._collect()

    def _kernel_sees(self) -> None:
        """One market message at the kernel."""
        index = self.at_kernel
        reached = self.kernel.replay(self.seen, index, index + 1)
        self._note(index, reached)
        self.at_kernel = reached
        if self.kernel.records:
            self._after_step()

    def _venue_acts(self, stamp_ns: int) -> None:
        """Requests arrive at the venue, or dates are reached there."""
        if stamp_ns > self.venue_end_ns and not self.venue_closed:
            self._close_venue()
        self.venue.advance(stamp_ns)
        self._collect()

    def _collect(self) -> None:
        """What the venue has to say is under way."""
        for arrival_ns, event_time_ns, kind, values in self.venue.drain():
            if values[REQUEST_ID_FIELD]:
                self.unanswered -= 1
            self.arrivals.append((arrival_ns, event_time_ns, kind, array("q", values)))

    def _deliver(self) -> None:
        """One execution event reaches the kernel."""
        arrival_ns, event_time_ns, kind, values = self.arrivals.popleft()
        self._step(kind, event_time_ns, arrival_ns, VENUE_SOURCE, self.sequence, values)
        self.sequence += 1

    def _answer_obligation(self) -> None:
        """ControlTime at the deadline the kernel derived [T5]."""
        deadline_ns = self.kernel.deadline_ns
        self._reach(deadline_ns)
        self._control(CONTROL_TIME, deadline_ns, array("q", payload(ControlTime(deadline_ns))))

    def _control(self, kind: int, stamp: int, values: array[int]) -> None:
        self._step(kind, stamp, stamp, CONTROL_SOURCE, self.controls, values)
        self.controls += 1

    def _step(
        self,
        kind: int,
        event_time_ns: int,
        capture_time_ns: int,
        source: int,
        sequence: int,
        values: array[int],
    ) -> None:
        self.kernel.apply(kind, event_time_ns, capture_time_ns, source, sequence, 0, values)
        if self.stream is not None:
            self.stream.append_raw(
                kind, event_time_ns, capture_time_ns, source, sequence, 0, values
            )
        if self.kernel.records:
            self._after_step()

    def _after_step(self) -> None:
        """Show the records; carry Requests to the venue."""
        kernel = self.kernel
        self.observer.on_step(kernel)
        for record in kernel.requests:
            self.requests += 1
            self.unanswered += 1
            self.venue.submit(Request(*record[1:]), self.now_ns)
            self.observer.on_sent(self.now_ns)

    def _note(self, start: int, stop: int) -> None:
        """Keep the market events the kernel has seen, when a stream is asked for."""
        stream = self.stream
        if stream is None:
            return
        seen = self.seen
        for index in range(start, stop):
            stream.append_raw(
                seen.kind[index],
                seen.event_time_ns[index],
                seen.capture_time_ns[index],
                seen.source[index],
                seen.sequence[index],
                seen.epoch[index],
                seen.payload_of(index),
            )


def _delayed(columns: EventColumns, feed_latency_ns: int) -> EventColumns:
    """The market as the kernel sees it: every stamp later by the feed's latency."""
    if feed_latency_ns == 0:
        return columns
    seen = EventColumns()
    for name in EventColumns.__slots__:
        setattr(seen, name, getattr(columns, name))
    seen.capture_time_ns = array("q", (t + feed_latency_ns for t in columns.capture_time_ns))
    return seen
