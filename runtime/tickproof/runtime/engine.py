"""The Backtest Runtime's engine: one kernel, one simulated venue, recorded market data.

What it decides: only the order in which things reach the kernel and the venue, and that order is
Configuration [T2]. The venue sees a market message at its capture stamp, the kernel sees it
`feed_latency_ns` later (or, `AS_RECORDED`, the venue sees it at its Event Time and the kernel at
its capture stamp); a Request reaches the venue after the request latency, its answer the
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

import gc
from array import array
from collections.abc import Iterable, Iterator
from contextlib import contextmanager

from tickproof.kernel.kernel import Kernel
from tickproof.kernel.tape import Stamped
from tickproof.spec.events import (
    FIRST_ACCOUNT_KIND,
    FIRST_CONTROL_KIND,
    EventKind,
    SessionStarted,
    payload,
)
from tickproof.spec.session import SessionState
from tickproof.spec.stream import EventColumns
from tickproof.spec.time import NEVER_NS
from tickproof.venue.simulation import BATCH, CONTROL_SOURCE, VENUE_SOURCE, Simulation
from tickproof.venue.venue import SimulatedVenue

__all__ = [
    "BATCH",
    "CONTROL_SOURCE",
    "INSTANT_LIMIT",
    "VENUE_SOURCE",
    "Engine",
    "Observer",
    "TailChase",
]

SESSION_STARTED = int(EventKind.SESSION_STARTED)
FAILED = int(SessionState.FAILED)

INSTANT_LIMIT = 100_000
"""Steps at one instant, without a market message, after which a run chases its own tail."""


class TailChase(Exception):
    """A strategy and the venue answer each other without end at one instant."""


COLLECTION_THRESHOLD = 100_000
"""Objects between two looks for cyclic garbage during a run; the strategy's may make some."""


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

    def on_account(self, event: Stamped, kernel: Kernel) -> None:
        """An account Event was applied: funding."""

    def on_sent(self, sent_ns: int) -> None:
        """A Request left for the venue, after the `on_step` of the step that made it."""

    def on_mark(self, kernel: Kernel) -> None:
        """Look at the kernel at position `mark`."""

    def on_progress(self, done: int, total: int) -> None:
        """Look now and then at how many market events of all are done."""


@contextmanager
def rare_collections() -> Iterator[None]:
    """Look for cyclic garbage less often: a run keeps what it makes, and makes no cycles."""
    before = gc.get_threshold()
    gc.set_threshold(max(before[0], COLLECTION_THRESHOLD), *before[1:])
    try:
        yield
    finally:
        gc.set_threshold(*before)


class Engine(Simulation):
    """Drives one run to its end. `stream`: events in kernel order, kept when asked for.

    `columns`: the market's messages, or batches of them in order, each read once: memory is then
    bounded by a batch. `now_ns`: the engine's time, that of the latest thing done; the kernel's
    `now` is the same unless a stamp jumped further than the Configuration allows [T3].
    """

    def __init__(
        self,
        kernel: Kernel,
        venue: SimulatedVenue,
        columns: EventColumns | Iterable[EventColumns],
        feed_latency_ns: int = 0,
        observer: Observer | None = None,
        stream: EventColumns | None = None,
    ) -> None:
        self.total = 0
        batches: Iterable[EventColumns] = columns  # type: ignore[assignment]
        if isinstance(columns, EventColumns):
            self.total = len(columns)
            batches = (columns,)
        super().__init__(kernel, venue, iter(batches), feed_latency_ns)
        self.observer = observer if observer is not None else Observer()
        self.stream = stream
        self.keeps = stream is not None
        self.show = self.observer.on_step
        self.shows = type(self.observer).on_step is not Observer.on_step
        self.every_record = self.observer.every_record
        self.tells_sent = type(self.observer).on_sent is not Observer.on_sent

    # --- the run ---------------------------------------------------------------------------------

    def run(self) -> None:
        """From the first event to the last answer; ends early when the session fails.

        Raises `TailChase`; kernel errors pass through.
        """
        if self.length:
            with rare_collections():
                self._start()
                self._go_on()
        self.kernel.chain.settle()
        self.observer.on_progress(self.passed + self.at_kernel, self.total)

    def _go_on(self) -> None:
        kernel, observer = self.kernel, self.observer
        instant = told = 0
        going = True
        while going:
            if kernel.position >= observer.mark:
                observer.on_mark(kernel)
            if kernel.session == FAILED:
                return
            self.mark = observer.mark
            before = (self.now_ns, self.at_kernel, self.at_venue)
            going = self.advance()
            instant = instant + 1 if before == (self.now_ns, self.at_kernel, self.at_venue) else 0
            if instant > INSTANT_LIMIT:
                raise TailChase(f"{INSTANT_LIMIT} steps at one instant, without a market message")
            done = self.passed + self.at_kernel
            if done - told >= BATCH:
                told = done
                observer.on_progress(told, self.total)

    def _start(self) -> None:
        """The session starts at the first stamp, before the first market event."""
        self.now_ns = self.seen.capture_time_ns[0]
        self._control(SESSION_STARTED, self.now_ns, array("q", payload(SessionStarted(0))))

    # --- what is shown and kept ------------------------------------------------------------------

    def _show_sent(self) -> None:
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

    def _note_step(self, event: Stamped) -> None:
        if FIRST_ACCOUNT_KIND <= event.kind < FIRST_CONTROL_KIND:
            self.observer.on_account(event, self.kernel)
        if self.stream is not None:
            self.stream.append_raw(
                event.kind,
                event.event_time_ns,
                event.capture_time_ns,
                event.source,
                event.sequence,
                event.epoch,
                event.values,
            )
