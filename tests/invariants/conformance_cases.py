"""Venue adapters and strategies that do not conform, each in one way that conformance must name."""

# ruff: noqa: ARG002 - what spoils a thing in one way has no use for every argument

import os
import random
import time
from collections.abc import Iterable, Iterator
from typing import Any, ClassVar

from attrs import define, evolve

from tickproof.invariants.driving import Profile, SimulatedVenueAdapter
from tickproof.spec.commands import CommandKind, Decision, Request, new_order
from tickproof.spec.configuration import Wake, WakeRule
from tickproof.spec.events import Event, EventKind, Execution, Trade
from tickproof.spec.strategy import View

SMALL = Profile(runs=1, turns=40)


class Adapter(SimulatedVenueAdapter):
    """The simulated venue, with one thing spoilt by `spoilt`."""

    profile: ClassVar[Profile] = SMALL

    def __init__(self) -> None:
        super().__init__()
        self.sent: dict[int, Request] = {}
        self.count = 0

    def submit(self, request: Request, now_ns: int) -> None:
        self.sent[request.request_id] = request
        super().submit(request, now_ns)

    def advance(self, now_ns: int) -> Iterator[Event]:
        for event in super().advance(now_ns):
            self.count += 1
            yield from self.spoilt(event, now_ns)

    def spoilt(self, event: Event, now_ns: int) -> Iterable[Event]:
        return [event]


def body_of(event: Event) -> Execution:
    """The body of venue evidence."""
    assert isinstance(event.body, Execution)
    return event.body


def changed(event: Event, **fields: Any) -> Event:
    """The Event with other fields in its body."""
    return evolve(event, body=evolve(body_of(event), **fields))


def later(event: Event, kind: int, **fields: Any) -> Event:
    """Something more said right after an Event, about the same order."""
    body = body_of(event)
    about = Execution(
        int(kind), body.account, body.instrument, body.order_id, 0, body.venue_order_id
    )
    return evolve(event, sequence=event.sequence + 1_000_000, body=evolve(about, **fields))


def filled(event: Event) -> bool:
    return event.kind == EventKind.FILLED


class Overfills(Adapter):
    def spoilt(self, event: Event, now_ns: int) -> Iterable[Event]:
        return [changed(event, quantity=body_of(event).quantity + 50) if filled(event) else event]


class SkipsTheAcknowledgement(Adapter):
    def spoilt(self, event: Event, now_ns: int) -> Iterable[Event]:
        return [] if event.kind == EventKind.ACCEPTED else [event]


class SpeaksOfTheDead(Adapter):
    def spoilt(self, event: Event, now_ns: int) -> Iterable[Event]:
        if event.kind != EventKind.CANCELED:
            return [event]
        return [event, later(event, EventKind.ACCEPTED)]


class CancelsTwice(Adapter):
    def spoilt(self, event: Event, now_ns: int) -> Iterable[Event]:
        if event.kind != EventKind.CANCELED:
            return [event]
        return [event, later(event, EventKind.CANCELED)]


class FillsTheDead(Adapter):
    """One lot trades `LATER_NS` after each cancel; before it, when that is negative."""

    LATER_NS: ClassVar[int] = 1_000

    def spoilt(self, event: Event, now_ns: int) -> Iterable[Event]:
        self.count += 2
        said = evolve(event, sequence=self.count)
        if event.kind != EventKind.CANCELED:
            return [said]
        request = self.sent[body_of(event).request_id]
        price = next(
            each.price
            for each in reversed(self.sent.values())
            if each.order_id == request.order_id and each.price
        )
        fields = {"trade_id": 10**6 + self.count, "price": price, "quantity": 1}
        fill = later(event, EventKind.FILLED, side=request.side, **fields)
        stamp_ns = event.event_time_ns + self.LATER_NS
        return [said, evolve(fill, event_time_ns=stamp_ns, sequence=self.count + 1)]


class ReportsLateFills(FillsTheDead):
    LATER_NS: ClassVar[int] = -1_000


class SaysFillsTwice(Adapter):
    def spoilt(self, event: Event, now_ns: int) -> Iterable[Event]:
        again = evolve(event, sequence=event.sequence + 1_000_000)
        return [event, again] if filled(event) else [event]


class SaysFillsTwiceAndMayDoSo(SaysFillsTwice):
    profile: ClassVar[Profile] = evolve(SMALL, tolerated=("DUPLICATE_FILL",))

    def spoilt(self, event: Event, now_ns: int) -> Iterable[Event]:
        for each in super().spoilt(event, now_ns):
            self.count += 1
            yield evolve(each, sequence=self.count)


class HasOneTradeId(Adapter):
    def spoilt(self, event: Event, now_ns: int) -> Iterable[Event]:
        return [changed(event, trade_id=0) if filled(event) else event]


class GoesBackInTime(Adapter):
    def spoilt(self, event: Event, now_ns: int) -> Iterable[Event]:
        late_ns = 400_000_000 if self.count % 3 == 0 else 0
        return [evolve(event, capture_time_ns=event.capture_time_ns - late_ns)]


class KnowsTheFuture(Adapter):
    def spoilt(self, event: Event, now_ns: int) -> Iterable[Event]:
        return [evolve(event, capture_time_ns=now_ns + 5)]


class TurnsTheVenuesClockBack(Adapter):
    def spoilt(self, event: Event, now_ns: int) -> Iterable[Event]:
        return [evolve(event, event_time_ns=event.event_time_ns - self.count * 10**9)]


class RepeatsASequence(Adapter):
    def spoilt(self, event: Event, now_ns: int) -> Iterable[Event]:
        return [evolve(event, sequence=7)]


class FillsThroughTheLimit(Adapter):
    def spoilt(self, event: Event, now_ns: int) -> Iterable[Event]:
        body = body_of(event)
        return [changed(event, price=body.price + 90 * body.side) if filled(event) else event]


class FillsTheOtherSide(Adapter):
    def spoilt(self, event: Event, now_ns: int) -> Iterable[Event]:
        return [changed(event, side=-body_of(event).side) if filled(event) else event]


class FillsForNothing(Adapter):
    def spoilt(self, event: Event, now_ns: int) -> Iterable[Event]:
        return [changed(event, price=0) if filled(event) else event]


class ReportsStrangers(Adapter):
    def spoilt(self, event: Event, now_ns: int) -> Iterable[Event]:
        return [changed(event, order_id=0, venue_order_id=99) if filled(event) else event]


class ReportsAnotherInstrument(Adapter):
    def spoilt(self, event: Event, now_ns: int) -> Iterable[Event]:
        return [changed(event, instrument=4)]


class ReportsTheMarket(Adapter):
    def spoilt(self, event: Event, now_ns: int) -> Iterable[Event]:
        return [event, evolve(event, body=Trade(0, 10_000, 1, 1, 0, 1))]


class HoldsAFloat(Adapter):
    def spoilt(self, event: Event, now_ns: int) -> Iterable[Event]:
        stamp: Any = event.event_time_ns + 0.5
        return [evolve(event, event_time_ns=stamp)]


class YieldsADictionary(Adapter):
    def spoilt(self, event: Event, now_ns: int) -> Iterable[Any]:
        return [{"e": "ORDER_TRADE_UPDATE"}]


class ChargesAnUnknownAsset(Adapter):
    def spoilt(self, event: Event, now_ns: int) -> Iterable[Event]:
        return [changed(event, fee=3, fee_asset=77) if filled(event) else event]


class CountsLeavesWrongly(Adapter):
    def spoilt(self, event: Event, now_ns: int) -> Iterable[Event]:
        return [changed(event, leaves=5_000) if filled(event) else event]


class DropsCancels(Adapter):
    def submit(self, request: Request, now_ns: int) -> None:
        if request.kind != CommandKind.CANCEL:
            super().submit(request, now_ns)


class SaysNothing(Adapter):
    def spoilt(self, event: Event, now_ns: int) -> Iterable[Event]:
        return []


class AnswersWrongly(Adapter):
    def spoilt(self, event: Event, now_ns: int) -> Iterable[Event]:
        if event.kind == EventKind.CANCELED and body_of(event).request_id:
            return [changed(event, kind=int(EventKind.REPLACED))]
        return [event]


class AnswersTwice(Adapter):
    def spoilt(self, event: Event, now_ns: int) -> Iterable[Event]:
        again = evolve(event, sequence=event.sequence + 1_000_000)
        return [event, again] if event.kind == EventKind.ACCEPTED else [event]


class GivesOtherTerms(Adapter):
    def spoilt(self, event: Event, now_ns: int) -> Iterable[Event]:
        if event.kind == EventKind.REPLACED:
            return [changed(event, total=body_of(event).total + 4)]
        return [event]


class LeavesDoubts(Adapter):
    """The connection breaks at every cancel, and nobody asks what became of it."""

    def spoilt(self, event: Event, now_ns: int) -> Iterable[Event]:
        if event.kind != EventKind.CANCELED:
            return [event]
        return [changed(event, kind=int(EventKind.OUTCOME_UNKNOWN), leaves=-1)]


class SettlesDoubts(Adapter):
    """The connection breaks at every cancel; the answer comes later."""

    def spoilt(self, event: Event, now_ns: int) -> Iterable[Event]:
        self.count += 1
        if event.kind != EventKind.CANCELED:
            return [evolve(event, sequence=self.count)]
        unknown = changed(event, kind=int(EventKind.OUTCOME_UNKNOWN), leaves=-1)
        said = evolve(unknown, sequence=self.count)
        self.count += 1
        return [said, evolve(event, sequence=self.count)]


class AnswersLate(Adapter):
    profile: ClassVar[Profile] = evolve(SMALL, patience_ns=20_000_000)


BAD_ADAPTERS: tuple[tuple[type[Adapter], str, str, str], ...] = (
    (Overfills, "fills", "OL3", "OL.WORKING.FILLED.fill_fresh"),
    (SkipsTheAcknowledgement, "answers", "OL7", ""),
    (SpeaksOfTheDead, "lifecycle", "OL2", "OL.CANCELED.ACCEPTED.final_unsolicited"),
    (CancelsTwice, "lifecycle", "OL2", "OL.CANCELED.CANCELED.final_unsolicited"),
    (FillsTheDead, "fills", "OL2", "OL.CANCELED.FILLED.fresh_and_final"),
    (SaysFillsTwice, "lifecycle", "OL4", "FL.EFFECTIVE.FILLED.always"),
    (HasOneTradeId, "fills", "OL4", "OL.WORKING.FILLED.fill_fresh"),
    (GoesBackInTime, "time", "T3", ""),
    (KnowsTheFuture, "time", "T2", ""),
    (TurnsTheVenuesClockBack, "time", "T1", ""),
    (RepeatsASequence, "time", "E4", ""),
    (FillsThroughTheLimit, "fills", "Q9", "OL.WORKING.FILLED.fill_fresh"),
    (FillsTheOtherSide, "fills", "A1", "OL.WORKING.FILLED.fill_fresh"),
    (FillsForNothing, "fills", "OL3", "OL.WORKING.FILLED.fill_fresh"),
    (ReportsStrangers, "form", "OL3", "OL.ABSENT.FILLED.fill_fresh"),
    (ReportsAnotherInstrument, "form", "E2", ""),
    (ReportsTheMarket, "form", "E1", ""),
    (HoldsAFloat, "form", "E5", ""),
    (YieldsADictionary, "form", "E1", ""),
    (ChargesAnUnknownAsset, "invariants", "OL3", ""),
    (CountsLeavesWrongly, "fills", "OL1", "OL.WORKING.FILLED.fill_fresh"),
    (DropsCancels, "answers", "OL7", ""),
    (SaysNothing, "answers", "OL7", ""),
    (AnswersWrongly, "lifecycle", "OL6", "OL.WORKING.REPLACED.answers_wrongly"),
    (AnswersTwice, "lifecycle", "OL7", "OL.WORKING.ACCEPTED.answers_closed"),
    (GivesOtherTerms, "answers", "OL6", "OL.WORKING.REPLACED.open_same_leg"),
    (LeavesDoubts, "answers", "OL7", ""),
    (AnswersLate, "answers", "OL8", ""),
)
"""Factory, and the topic, requirement and row of a finding there must be."""


# --- strategies ----------------------------------------------------------------------------------


@define
class Count:
    """How often it was asked."""

    count: int = 0


class Trader:
    """Buys or sells one lot at each tenth Event, as `side` says."""

    wake: ClassVar[WakeRule] = WakeRule(int(Wake.EVERY_EVENT))
    memory: ClassVar[type] = Count

    def decide(self, view: View, memory: Any) -> Iterable[Decision] | None:
        memory.count += 1
        if memory.count % 10 or not view.bid_size(0) or not view.ask_size(0):
            return None
        side = self.side(view, memory)
        price = view.ask_price(0) if side > 0 else view.bid_price(0)
        return [new_order(view.next_key(), 0, side, 1, price)]

    def side(self, view: View, memory: Any) -> int:
        return 1 if memory.count % 20 else -1


class ByTheOrderOfASet(Trader):
    NAMES: ClassVar[set[str]] = {"buy", "sell", "wait", "more", "less", "again", "never", "both"}

    def side(self, view: View, memory: Any) -> int:
        names = list(self.NAMES)
        return 1 if names.index("buy") < names.index("sell") else -1


class ByHash(Trader):
    def side(self, view: View, memory: Any) -> int:
        return 1 if hash(f"order {memory.count}") % 2 else -1


class ByChance(Trader):
    def side(self, view: View, memory: Any) -> int:
        return random.choice((1, -1))


class ByTheClock(Trader):
    def side(self, view: View, memory: Any) -> int:
        return 1 if time.perf_counter_ns() // 100 % 2 else -1


class ByTheTimeZone(Trader):
    def side(self, view: View, memory: Any) -> int:
        # tzname is the process': the same for every object in it.
        return 1 if os.environ.get("TZ", "") == "UTC" else -1


class RemembersOnItself(Trader):
    def __init__(self) -> None:
        self.seen = 0

    def side(self, view: View, memory: Any) -> int:
        self.seen += 1
        return 1 if self.seen % 5 > 2 else -1


class SharesAmongAll(Trader):
    shared: ClassVar[list[int]] = []

    def side(self, view: View, memory: Any) -> int:
        self.shared.append(memory.count)
        return 1 if len(self.shared) % 7 > 3 else -1


class Fails(Trader):
    def side(self, view: View, memory: Any) -> int:
        return 1 if memory.count < 60 else 1 // 0


class Idles(Trader):
    def decide(self, view: View, memory: Any) -> None:
        memory.count += 1


class RemembersWhatIsNoData(Trader):
    memory: ClassVar[type] = dict


BAD_STRATEGIES: tuple[tuple[type[Trader], str, str], ...] = (
    (ByTheOrderOfASet, "processes", "E5"),
    (ByHash, "processes", "E5"),
    (ByTheTimeZone, "processes", "E5"),
    (ByChance, "replays", "D1"),
    (ByTheClock, "replays", "D1"),
    (SharesAmongAll, "replays", "D1"),
    (RemembersOnItself, "memory", "D3"),
    (Fails, "contract", "F4"),
    (Idles, "contract", "D1"),
    (RemembersWhatIsNoData, "contract", "D3"),
)
"""Factory, and the topic and requirement of a finding there must be."""
