"""The desk's loop: one kernel, one adapter, a market that is given."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from tickproof.kernel.kernel import Kernel
from tickproof.spec.configuration import Configuration, StrategySettings
from tickproof.spec.errors import ObligationSkipped
from tickproof.spec.events import ControlTime, Event, SessionStarted
from tickproof.spec.instrument import Account, Asset, Instrument, InstrumentKind
from tickproof.spec.outputs import request_of

from desk.strategy import Joiner
from desk.venue import PaperAdapter

CONTROL_SOURCE = 9

ASSETS = (Asset(0, "EUR", 2), Asset(1, "GOLD", 3))
INSTRUMENT = Instrument(0, "GOLDEUR", 0, int(InstrumentKind.SPOT), 1, 0, 2, 3, 1, 1)


def configuration() -> Configuration:
    """One instrument, one account, one strategy."""
    settings = StrategySettings(0, "joiner", 0, "desk", (), Joiner.wake, (0,))
    balances = ((0, 0, 10**9), (0, 1, 1_000))
    return Configuration(
        1,
        ASSETS,
        (Account(0, "desk", 0),),
        (INSTRUMENT,),
        (settings,),
        initial_balances=balances,
    )


Watch = Callable[[Kernel, Event], None]


class Session:
    """Runs a market through kernel and adapter; `watch` is called after each step."""

    def __init__(self, kernel: Kernel | None = None, watch: Watch | None = None) -> None:
        self.kernel = kernel if kernel is not None else Kernel(configuration(), (Joiner(),))
        self.adapter = PaperAdapter()
        self.watch = watch
        self.events: list[Event] = []
        self.now_ns = 0

    def run(self, market: Iterable[Event]) -> None:
        """From the first Event to the last."""
        for event in market:
            now_ns = self.now_ns = event.capture_time_ns
            if not self.events:
                self.apply(Event(now_ns, now_ns, CONTROL_SOURCE, 0, 0, SessionStarted(0)))
            self.adapter.on_market(event)
            for answer in tuple(self.adapter.advance(now_ns)):
                self.apply(answer)
            self.apply(event)

    def apply(self, event: Event) -> None:
        """One Event, ControlTimes that are due before it, and the Requests that follow."""
        while True:
            try:
                self.kernel.step(event)
            except ObligationSkipped as due:
                at_ns = due.deadline_ns
                self.apply(Event(at_ns, at_ns, CONTROL_SOURCE, 0, 0, ControlTime(at_ns)))
                continue
            break
        self.events.append(event)
        if self.watch is not None:
            self.watch(self.kernel, event)
        for record in tuple(self.kernel.requests):
            self.adapter.submit(request_of(record), self.now_ns)
