"""What the fill models say of one fixed request sequence, and, apart, of three runs of their own.

The bracket [Q7]: the Requests of the pessimistic run are recorded with the times they were sent
and given, without any strategy, to three venues that differ in the fill model only. At every
position each order's cumulative filled quantity is ordered pessimistic <= calibrated <= optimistic;
that is checked after every market message and every arrival, and a violation stops everything.

The scenarios: three whole runs, in which the strategy reacts to other fills and so sends other
requests. They bound nothing, and neither does any profit.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import accumulate
from typing import Any

from attrs import evolve, frozen

from tickproof.runtime.backtest import Result, run_backtest, venue_of
from tickproof.runtime.delays import columns_at_venue, longest_request_ns
from tickproof.runtime.readers.decimals import unscaled
from tickproof.runtime.readers.feed import Market
from tickproof.runtime.recorder_clock import with_clocks
from tickproof.runtime.recording import Progress
from tickproof.runtime.settings import Settings
from tickproof.runtime.summary import instrument_names
from tickproof.spec.errors import InvariantBroken
from tickproof.spec.events import FIELD_NAMES, EventKind
from tickproof.spec.instrument import InstrumentState
from tickproof.spec.outputs import RECORD_FIELDS, RecordKind, request_of
from tickproof.spec.price_queue import FillModel
from tickproof.venue.venue import SimulatedVenue

MODELS = (FillModel.PESSIMISTIC, FillModel.CALIBRATED, FillModel.OPTIMISTIC)
"""In the order their fills are bounded in."""

BRACKET_NOTE = (
    "one recorded request sequence under three fill models: cumulative filled quantity per order"
    " is ordered at every position"
)
SCENARIO_NOTE = (
    "three closed-loop runs: the strategy reacts to other fills and sends other requests; they are"
    " scenarios and bound nothing, and no profit here is a bound"
)

FILLED = int(EventKind.FILLED)
INSTRUMENT_STATUS = int(EventKind.INSTRUMENT_STATUS)
FACTS = ("instrument", "order_id", "side", "price", "quantity", "cause")
"""What of a fill must be as in the recorded run."""

OF_EVENT = [FIELD_NAMES[FILLED].index(name) for name in FACTS]
OF_RECORD = [2 + RECORD_FIELDS[RecordKind.FILL].index(name) for name in FACTS]
ORDER_ID = FACTS.index("order_id")
QUANTITY = FACTS.index("quantity")


@frozen
class ModelFills:
    """One model's fills of the request sequence: each as FACTS, and lots filled by order id."""

    model: str
    fills: list[tuple[int, ...]]
    filled: Mapping[int, int]


@frozen
class Bracket:
    """What the models made of the requests; `checks`: at how many moments they were compared."""

    requests: int
    checks: int
    models: tuple[ModelFills, ...]


class OpenLoop:
    """One venue that is given the recorded requests."""

    def __init__(self, model: FillModel, venue: SimulatedVenue) -> None:
        self.model = model
        self.venue = venue
        self.fills: list[tuple[int, ...]] = []
        self.filled: dict[int, int] = {}

    def collect(self) -> list[int]:
        """Take in what the venue did; the orders that filled."""
        touched = []
        for _, _, kind, values in self.venue.drain():
            if kind == FILLED:
                facts = tuple(values[index] for index in OF_EVENT)
                order_id = facts[ORDER_ID]
                self.fills.append(facts)
                self.filled[order_id] = self.filled.get(order_id, 0) + facts[QUANTITY]
                touched.append(order_id)
        return touched


def bracket(market: Market, result: Result, progress: Progress | None = None) -> Bracket:
    """The bracket around the requests of `result`, a pessimistic run that did not fail.

    Raises `InvariantBroken` when the models are not ordered, or when the pessimistic venue does
    not repeat the recorded run.
    """
    loops = [
        OpenLoop(
            model,
            venue_of(evolve(result.settings, fill_model=model.name.lower()), result.configuration),
        )
        for model in MODELS
    ]
    for row, sent_ns in zip(result.request_rows, result.sent_ns, strict=True):
        for loop in loops:
            loop.venue.submit(request_of((int(RecordKind.REQUEST), *row[2:])), sent_ns)
    checks = 0
    last_ns = max(result.sent_ns, default=0) + longest_request_ns(result.settings)
    for index, _ in moments(
        _at_the_venue(market, result.settings), [loop.venue for loop in loops], last_ns
    ):
        checks += 1
        _compare(loops, index)
        if progress is not None and index % 1_000 == 0:
            progress("bracket", index, len(market.columns))
    _check_repeated(loops[0], result)
    return Bracket(
        len(result.request_rows),
        checks,
        tuple(ModelFills(each.model.name.lower(), each.fills, each.filled) for each in loops),
    )


def _at_the_venue(market: Market, settings: Settings) -> Market:
    """The market as the venue of a run sees it."""
    market = with_clocks(market, settings)
    return evolve(market, columns=columns_at_venue(market.columns, settings))


def moments(
    market: Market, venues: list[SimulatedVenue], last_ns: int
) -> Iterator[tuple[int, bool]]:
    """Drive the venues together; after every moment, a market event's index and whether it was it.

    If not it is the next one, and requests arrived before it.
    """
    columns = market.columns
    end_ns = 0
    for index, time_ns in enumerate(accumulate(columns.capture_time_ns, max)):
        yield from _arrivals(venues, time_ns - 1, index)
        first, last = columns.offset[index], columns.offset[index + 1]
        for venue in venues:
            venue.on_market(
                columns.kind[index],
                columns.event_time_ns[index],
                time_ns,
                columns.payload,
                first,
                last,
            )
        yield index, True
        end_ns = time_ns
    yield from _arrivals(venues, end_ns, len(columns))
    # After its last message a venue trades no more, as in a run.
    for instrument in range(len(market.instruments)):
        values = (instrument, int(InstrumentState.CLOSED))
        for venue in venues:
            venue.on_market(INSTRUMENT_STATUS, end_ns, end_ns, values, 0, len(values))
    yield from _arrivals(venues, last_ns, len(columns))


def _arrivals(
    venues: list[SimulatedVenue], until_ns: int, index: int
) -> Iterator[tuple[int, bool]]:
    """Let everything arrive that is due by `until_ns`, moment by moment."""
    while True:
        due_ns = min(venue.next_time_ns() for venue in venues)
        if due_ns > until_ns:
            return
        for venue in venues:
            venue.advance(due_ns)
        yield index, False


def _compare(loops: list[OpenLoop], index: int) -> None:
    """The order of cumulative fills, for the orders that filled just now [Q7]."""
    touched: list[int] = []
    for loop in loops:
        if loop.venue.pending_outputs:
            touched += loop.collect()
    for order_id in touched:
        filled = [loop.filled.get(order_id, 0) for loop in loops]
        if filled != sorted(filled):
            told = ", ".join(
                f"{loop.model.name.lower()} {lots}"
                for loop, lots in zip(loops, filled, strict=True)
            )
            raise InvariantBroken(f"Q7: order {order_id} at market message {index}: {told}")


def _check_repeated(loop: OpenLoop, result: Result) -> None:
    """The venue without strategies did what it did in the run."""
    recorded = [tuple(row[index] for index in OF_RECORD) for row in result.fill_rows]
    if loop.fills != recorded:
        raise InvariantBroken(
            f"D5: {len(recorded)} fills were recorded, the same requests gave {len(loop.fills)}"
        )


def scenarios(
    market: Market, settings: Settings, progress: Progress | None = None
) -> tuple[Result, ...]:
    """The three closed-loop runs, the pessimistic one first."""
    return tuple(
        run_backtest(market, evolve(settings, fill_model=model.name.lower()), progress=progress)
        for model in MODELS
    )


# --- what is shown -------------------------------------------------------------------------------

SCENARIO_KEYS = ("orders", "requests", "fills", "fees", "realised", "unrealised", "equity")


def bracket_table(found: Bracket, runs: tuple[Result, ...]) -> dict[str, Any]:
    """Both, as plain values; quantities as decimal text by instrument."""
    market = runs[0].market
    return {
        "bracket": {
            "note": BRACKET_NOTE,
            "requests": found.requests,
            "orders": len({row[6] for row in runs[0].request_rows}),
            "checks": found.checks,
            "ordered": True,
            "models": {each.model: _model_table(each, market) for each in found.models},
        },
        "scenarios": {
            "note": SCENARIO_NOTE,
            "bound": False,
            "runs": {run.settings.fill_model: dict(run.summary) for run in runs},
        },
    }


def _model_table(fills: ModelFills, market: Market) -> dict[str, Any]:
    lots = [0] * len(market.instruments)
    for facts in fills.fills:
        lots[facts[0]] += facts[QUANTITY]
    names = instrument_names(market)
    return {
        "fills": len(fills.fills),
        "orders_filled": len(fills.filled),
        "filled": {
            name: unscaled(lots[index], market.instruments[index].quantity_decimals)
            for index, name in enumerate(names)
        },
    }
