"""A venue on stage: short words for market messages and requests, and what came of them."""

from collections.abc import Iterator
from typing import Any

from attrs import Factory, define, evolve, frozen

from tickproof.spec.commands import CommandKind, OrderType, Request, TimeInForce
from tickproof.spec.events import (
    Body,
    BookDelta,
    BookSnapshot,
    EventKind,
    Execution,
    FeedGap,
    FeedResumed,
    InstrumentStatus,
    Side,
    Trade,
    TradeKind,
    body_of,
    payload,
)
from tickproof.spec.instructions import INSTRUCTION_FIELDS, PLAIN, Instructions
from tickproof.spec.instrument import Instrument, InstrumentState, QueueDeclaration
from tickproof.spec.price_queue import FillModel
from tickproof.spec.venue_rules import NO_RULES, VenueRules
from tickproof.venue.venue import SimulatedVenue

BUY, SELL = int(Side.BUY), int(Side.SELL)
LEVEL_MODELS: tuple[FillModel, ...] = tuple(
    model for model in FillModel if model != FillModel.EXACT
)
EXACT = QueueDeclaration(per_event=1, size_up_in_place_excluded=1)
CONFLATED = QueueDeclaration()
# Fees of 0.02 % and 0.05 %, so that roundings show; one price unit x lot is three money units.
INSTRUMENT = Instrument(
    0, "X", 0, 0, 0, 1, 1, 3, 3, 7, maker_fee_e8=20_000, taker_fee_e8=50_000, queue=EXACT
)
BOOK = (BUY, 100, 10, BUY, 99, 5, BUY, 90, 7, SELL, 101, 8, SELL, 102, 9, SELL, 110, 6)


@frozen
class Said:
    """One output: when it is seen, when it happened, and what it says."""

    arrival_ns: int
    time_ns: int
    report: Execution

    @property
    def kind(self) -> EventKind:
        return EventKind(self.report.kind)


@define
class Stage:
    """A venue, a clock, and request ids that count up."""

    venue: SimulatedVenue
    now: int = 0
    requests: int = 0
    said: list[Said] = Factory(list)
    news: int = 0

    def see(self, body: Body, event_time: int | None = None) -> None:
        """Let a market message be captured now, its event time the same unless given."""
        values = payload(body)
        stamp = self.now if event_time is None else event_time
        kind = int(body.KIND)  # type: ignore[union-attr]
        self.venue.on_market(kind, stamp, self.now, values, 0, len(values))
        self.collect()

    def at(self, now: int) -> "Stage":
        self.now = now
        return self

    def snapshot(self, *levels: int, instrument: int = 0) -> None:
        self.see(BookSnapshot(instrument, 1, levels))

    def delta(self, *levels: int, instrument: int = 0, event_time: int | None = None) -> None:
        self.see(BookDelta(instrument, 1, 1, levels), event_time)

    def trade(
        self,
        price: int,
        size: int,
        side: int,
        kind: int = TradeKind.CONTINUOUS,
        event_time: int | None = None,
        instrument: int = 0,
    ) -> None:
        self.see(Trade(instrument, price, size, side, kind, 1), event_time)

    def gap(self) -> None:
        self.see(FeedGap(0, 1, 3))

    def resume(self) -> None:
        self.see(FeedResumed(0, 3))

    def status(self, state: InstrumentState) -> None:
        self.see(InstrumentStatus(0, int(state)))

    def send(self, kind: int, order_id: int, **terms: int) -> int:
        """Submit a request now and let everything due now happen; returns its id."""
        self.requests += 1
        blank = Request(
            self.requests,
            int(kind),
            0,
            0,
            order_id,
            0,
            BUY,
            int(OrderType.LIMIT),
            int(TimeInForce.GTC),
            0,
            0,
            0,
            0,
        )
        asked = {name: terms.pop(name) for name in INSTRUCTION_FIELDS if name in terms}
        request = evolve(blank, instructions=Instructions(**asked) if asked else PLAIN)
        plain: dict[str, Any] = {name: int(value) for name, value in terms.items()}
        self.venue.submit(evolve(request, **plain), self.now)
        self.run(self.now)
        return self.requests

    def new(self, order_id: int, side: int, price: int, quantity: int, **terms: int) -> int:
        return self.send(
            CommandKind.NEW, order_id, side=side, price=price, quantity=quantity, **terms
        )

    def cancel(self, order_id: int) -> int:
        return self.send(CommandKind.CANCEL, order_id)

    def replace(self, order_id: int, price: int, quantity: int) -> int:
        return self.send(CommandKind.REPLACE, order_id, price=price, quantity=quantity)

    def run(self, until: int) -> None:
        self.now = max(self.now, until)
        self.venue.advance(self.now)
        self.collect()

    def collect(self) -> None:
        assert self.venue.pending_outputs == 0 or self.venue.pending_outputs > 0
        count = self.venue.pending_outputs
        outputs = self.venue.drain()
        assert len(outputs) == count
        assert self.venue.pending_outputs == 0
        for arrival_ns, time_ns, kind, values in outputs:
            body = body_of(kind, values)
            assert isinstance(body, Execution)
            assert payload(body) == values
            self.said.append(Said(arrival_ns, time_ns, body))

    def fresh(self) -> list[Said]:
        """What was said since the last call."""
        found = self.said[self.news :]
        self.news = len(self.said)
        return found

    def kinds(self) -> list[str]:
        return [said.kind.name for said in self.fresh()]

    def fills(self, order_id: int | None = None) -> list[Execution]:
        return [
            said.report
            for said in self.said
            if said.kind == EventKind.FILLED and order_id in (None, said.report.order_id)
        ]

    def filled(self, order_id: int) -> int:
        return sum(report.quantity for report in self.fills(order_id))

    def places(self) -> Iterator[tuple[int, int]]:
        """(order id, leaves) of every order in a queue: bids first, best first, front to back."""
        for market in self.venue._markets:
            for own in (market.bids, market.asks):
                for queue in own.by_price().values():
                    for order in queue.orders:
                        yield order.order_id, order.total - order.executed


def stage(
    model: int = FillModel.PESSIMISTIC,
    *,
    queue: QueueDeclaration = EXACT,
    request_ns: int = 0,
    response_ns: int = 0,
    instrument: Instrument = INSTRUMENT,
    book: tuple[int, ...] = BOOK,
    rules: VenueRules = NO_RULES,
) -> Stage:
    """A venue with one instrument, its book known as of time 10."""
    venue = SimulatedVenue(
        (evolve(instrument, queue=queue),), int(model), request_ns, response_ns, (rules,)
    )
    found = Stage(venue).at(10)
    found.snapshot(*book)
    return found
