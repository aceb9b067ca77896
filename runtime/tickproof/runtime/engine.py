"""The Backtest Runtime's engine: one kernel, one simulated venue, recorded market data.

What it decides: only the order in which things reach the kernel and the venue, and that order is
Configuration [T2]. The venue sees a market message at its capture stamp, the kernel sees it
`feed_latency_ns` later; a Request reaches the venue after the request latency, its answer the
kernel after the response latency (both are the venue's). At one instant: market before execution,
requests after the market messages they could have seen; a ControlTime goes before any Event that
reaches its deadline [T5, T7].

Everything else, what State becomes and what is decided, is the kernel's; everything that fills is
the venue's. When nothing rests at the venue and nothing is under way the kernel runs by batches,
and the venue catches up when the first Request appears.
"""

from __future__ import annotations

from array import array
from collections import deque
from collections.abc import Callable
from itertools import accumulate

from tickproof.kernel.kernel import Kernel
from tickproof.spec.commands import Request
from tickproof.spec.events import ControlTime, EventKind, SessionStarted, payload
from tickproof.spec.session import SessionState
from tickproof.spec.stream import EventColumns
from tickproof.spec.time import NEVER_NS
from tickproof.venue.venue import NEVER_NS as VENUE_NEVER_NS
from tickproof.venue.venue import SimulatedVenue

SESSION_STARTED = int(EventKind.SESSION_STARTED)
CONTROL_TIME = int(EventKind.CONTROL_TIME)
FAILED = int(SessionState.FAILED)

VENUE_SOURCE = 1_000_000
"""Source number of the simulated venue's events, far from those of recorded files."""

CONTROL_SOURCE = 2_000_000
"""Source number of the runtime's own events."""

INSTANT_LIMIT = 100_000
"""Steps without market progress after which a run is taken to chase its own tail."""

BATCH = 8_192
"""Events between two looks at the observer when nobody is woken."""


class TailChase(Exception):
    """A strategy and the venue answer each other without end while no market event comes."""


class Observer:
    """What a run wants to see; every method may stay as it is.

    `on_step` is called after each kernel step that made records, with the kernel as it stands.
    `on_progress` now and then with (events done, events in all).
    """

    def on_step(self, kernel: Kernel) -> None:
        """Look at `kernel.records`."""

    def on_progress(self, kernel: Kernel, done: int, total: int) -> None:
        """Look at how far the run is."""


class Engine:
    """Drives one run to its end. `stream`: events in kernel order, kept when asked for."""

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

    # --- the run ---------------------------------------------------------------------------------

    def run(self) -> None:
        """From the first event to the last answer; stops when the session fails.

        Raises `TailChase`; kernel errors pass through.
        """
        if len(self.columns):
            self._start()
        total = len(self.columns)
        instant = 0
        told = 0
        while self.kernel.session != FAILED:
            before = self.at_kernel
            if not self._advance():
                break
            instant = 0 if self.at_kernel != before else instant + 1
            if instant > INSTANT_LIMIT:
                raise TailChase(f"no market event for {INSTANT_LIMIT} steps")
            if self.at_kernel - told >= BATCH:
                told = self.at_kernel
                self.observer.on_progress(self.kernel, told, total)
        self.observer.on_progress(self.kernel, self.at_kernel, total)

    def _start(self) -> None:
        """The session starts at the first stamp, before the first market event."""
        stamp = self.seen.capture_time_ns[0]
        self._control(SESSION_STARTED, stamp, array("q", payload(SessionStarted(0))))

    def _advance(self) -> bool:
        """Do the next thing; False when there is none left."""
        total = len(self.columns)
        venue_internal = self.venue.next_time_ns()
        if venue_internal >= VENUE_NEVER_NS:
            venue_internal = NEVER_NS
        quiet = (
            venue_internal == NEVER_NS
            and not self.arrivals
            and self.kernel.deadline_ns == NEVER_NS
            and self.venue.is_quiet()
        )
        if quiet:
            if self.at_kernel >= total:
                return False
            self._run_quietly(total)
            return True
        venue_market = self.venue_times[self.at_venue] if self.at_venue < total else NEVER_NS
        kernel_market = NEVER_NS
        if self.at_kernel < total:
            kernel_market = self.venue_times[self.at_kernel] + self.feed_latency_ns
        answer = self.arrivals[0][0] if self.arrivals else NEVER_NS
        soonest = min(venue_market, kernel_market, venue_internal, answer)
        deadline_ns = max(self.kernel.deadline_ns, self.kernel.now_ns)
        if soonest == NEVER_NS:
            # Deadlines beyond the data would only be met by data that does not exist.
            return False
        if venue_market == soonest and venue_market <= deadline_ns:
            self._venue_sees()
        elif self.kernel.deadline_ns != NEVER_NS and deadline_ns <= soonest:
            self._answer_obligation()
        elif kernel_market == soonest:
            self._kernel_sees()
        elif venue_internal == soonest:
            self.venue.advance(venue_internal)
            self._collect()
        else:
            self._deliver()
        return True

    def _run_quietly(self, total: int) -> None:
        """Nothing rests and nothing is under way: the kernel runs until it asks for something."""
        stop = min(total, self.at_kernel + BATCH)
        reached = self.kernel.replay(self.seen, self.at_kernel, stop)
        self._note(self.at_kernel, reached)
        self.at_kernel = reached
        if self.kernel.requests or reached >= total or self.feed_latency_ns:
            self._catch_up(reached)
        self._after_step()

    def _catch_up(self, upto: int) -> None:
        """Let the venue see what the kernel has seen."""
        while self.at_venue < upto:
            self._venue_sees()

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

    def _collect(self) -> None:
        """What the venue has to say is under way."""
        for arrival_ns, event_time_ns, kind, values in self.venue.drain():
            self.arrivals.append((arrival_ns, event_time_ns, kind, array("q", values)))

    def _deliver(self) -> None:
        """One execution event reaches the kernel."""
        arrival_ns, event_time_ns, kind, values = self.arrivals.popleft()
        self._step(kind, event_time_ns, arrival_ns, VENUE_SOURCE, self.sequence, values)
        self.sequence += 1

    def _answer_obligation(self) -> None:
        """ControlTime at the deadline the kernel derived [T5]."""
        deadline_ns = self.kernel.deadline_ns
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
        """Carry Requests to the venue; show the records."""
        kernel = self.kernel
        for record in kernel.requests:
            self.requests += 1
            self.venue.submit(Request(*record[1:]), kernel.now_ns)
        self.observer.on_step(kernel)

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
    seen = columns.slice(0, len(columns))
    seen.capture_time_ns = array("q", (t + feed_latency_ns for t in columns.capture_time_ns))
    return seen
