"""D6: a neighbour that does nothing changes no other result, position numbers aside."""

import random
from collections.abc import Iterable, Iterator
from functools import cache, lru_cache
from itertools import count, islice
from typing import Any, ClassVar

import pytest
from attrs import define, evolve

from tickproof.invariants.refinement import Lockstep
from tickproof.invariants.streams import EventSource
from tickproof.invariants.worlds import (
    ASSETS,
    COARSE,
    LINEAR,
    SPOT,
    Idle,
    Scripted,
    configuration,
)
from tickproof.spec.commands import SetTimer, strategy_of
from tickproof.spec.configuration import Configuration, StrategySettings, Wake, WakeRule
from tickproof.spec.events import (
    BookDelta,
    ControlTime,
    Event,
    FeedGap,
    InstrumentStatus,
    MarkPrice,
    Trade,
)
from tickproof.spec.outputs import RecordKind
from tickproof.spec.strategy import Strategy, View

OWN = 2
"""Strategies 0 and 1 trade; what comes after them is the neighbourhood."""

STRATEGY_FIRST = (
    RecordKind.WAKE,
    RecordKind.INTENT,
    RecordKind.DENIED,
    RecordKind.REFUSED,
    RecordKind.FILL,
    RecordKind.INTENT_CLOSED,
    RecordKind.STRATEGY_FAILED,
    RecordKind.TIMER,
)
"""Records whose first field is a strategy."""


@define
class Ticks:
    """How often it was asked."""

    count: int = 0


class Ticker:
    """Asks for a timer again and again, and does nothing else."""

    wake: ClassVar[WakeRule] = WakeRule(int(Wake.EVERY_EVENT))
    memory: ClassVar[type] = Ticks

    def decide(self, view: View, memory: Ticks) -> Iterable[SetTimer]:
        memory.count += 1
        return [SetTimer(view.now_ns + 700)]


def base_world(seed: int) -> Configuration:
    """Two instruments, two assets, two trading strategies."""
    made = configuration(random.Random(seed), (SPOT, LINEAR))
    return evolve(
        made,
        assets=ASSETS[:2],
        strategies=made.strategies[:OWN],
        initial_balances=tuple(each for each in made.initial_balances if each[1] < 2),
        # A neighbour's timer is answered again and again until a far stamp is reached.
        timing=evolve(made.timing, jump_limit_ns=50_000),
    )


def settings(index: int, instruments: tuple[int, ...]) -> StrategySettings:
    rule = WakeRule(int(Wake.EVERY_EVENT))
    return StrategySettings(index, f"more {index}", 0, "code", (), rule, instruments)


NEIGHBOURS = ("strategy", "timer", "instrument", "all")
CASES = 8


def wider_world(base: Configuration, neighbour: str) -> tuple[Configuration, tuple[Strategy, ...]]:
    """The world with neighbours added, and their strategies."""
    added: list[tuple[StrategySettings, Strategy]] = []
    wider = base
    if neighbour in ("instrument", "all"):
        wider = evolve(wider, assets=ASSETS, instruments=(SPOT, LINEAR, COARSE))
    if neighbour in ("strategy", "all"):
        added.append((settings(OWN, (0, 1)), Idle()))
    if neighbour in ("timer", "all"):
        added.append((settings(OWN + len(added), (0,)), Ticker()))
    everybody = (*base.strategies, *(each for each, _ in added))
    return evolve(wider, strategies=everybody), tuple(each for _, each in added)


def traders(seed: int) -> tuple[Strategy, ...]:
    """They look at the two instruments and two assets of the base world."""
    return (Scripted(seed, 2, 2), Scripted(seed + 1, 2, 2, hostility=4))


class Noted(Lockstep):
    """Keeps the records of every step but those of the neighbourhood."""

    control_times_max: ClassVar[int] = 400

    def __init__(self, *arguments: Any) -> None:
        self.kept: list[tuple[int, ...]] = []
        super().__init__(*arguments)

    def _compare_step(self) -> None:
        super()._compare_step()
        self.kept += [record for record in self.records if not is_neighbours(record)]


def is_neighbours(record: tuple[int, ...]) -> bool:
    """Of a strategy that was added, or about the instrument that was."""
    if record[0] in STRATEGY_FIRST and record[1] >= OWN:
        return True
    about = {RecordKind.REFUSED: 2, RecordKind.SURFACED: 2}.get(RecordKind(record[0]))
    return about is not None and record[about] == COARSE.id


def elsewhere(dice: random.Random, now_ns: int) -> Event:
    """Something that happens to the added instrument, at a time that moves nothing."""
    bodies = (
        BookDelta(COARSE.id, 1, 1, (1, 100 + dice.randrange(9), dice.randrange(4))),
        Trade(COARSE.id, 104, 2, 1, 0, 1),
        MarkPrice(COARSE.id, 100 + dice.randrange(9)),
        FeedGap(COARSE.id, 1, 3),
        InstrumentStatus(COARSE.id, dice.randrange(6)),
    )
    return Event(now_ns, now_ns, 3, 0, 0, dice.choice(bodies))


@lru_cache(maxsize=2 * CASES)
def alone_with(seed: int) -> Noted:
    """The base world and a stream made for it; nothing is applied to it afterwards."""
    dice = random.Random(seed)
    base = base_world(seed)
    alone = Noted(base, lambda: traders(seed), 10**9)
    source = EventSource(dice, base)
    for _ in range(80):
        alone.apply(source.event(alone.state))
    return alone


def is_of_the_base_world(seed: int) -> bool:
    """Whether the seed's stream names nothing that only a neighbour brings.

    An instrument, an asset or a strategy's order that is refused as unknown in the base world is
    known in the wider one: such a stream is about the neighbour.
    """
    alone = alone_with(seed)
    base = alone.configuration
    return all(
        getattr(event.body, "instrument", 0) < len(base.instruments)
        and getattr(event.body, "asset", 0) < len(base.assets)
        and getattr(event.body, "fee_asset", 0) < len(base.assets)
        and strategy_of(getattr(event.body, "order_id", 0)) < OWN
        for event in alone.events
    )


def seeds_of_the_base_world() -> Iterator[int]:
    """Seeds of streams that compare."""
    return filter(is_of_the_base_world, count())


@cache
def first_seeds(number: int) -> tuple[int, ...]:
    """The first of them."""
    return tuple(islice(seeds_of_the_base_world(), number))


@pytest.mark.slow
@pytest.mark.parametrize("neighbour", NEIGHBOURS)
@pytest.mark.parametrize("case", range(CASES))
def test_a_neighbour_changes_nothing(case: int, neighbour: str) -> None:
    changes_nothing(first_seeds(CASES)[case], neighbour)


def changes_nothing(seed: int, neighbour: str) -> None:
    """The stream of the base world, with the neighbour beside it; raises where it shows."""
    dice = random.Random(seed)
    alone = alone_with(seed)
    base = alone.configuration
    world, added = wider_world(base, neighbour)
    beside = Noted(world, lambda: (*traders(seed), *(type(each)() for each in added)), 10**9)
    for event in alone.events:
        if neighbour in ("instrument", "all") and dice.randrange(2):
            beside.apply(elsewhere(dice, beside.state.control.clock.now_ns))
        assert beside.apply(event)
    assert beside.kept == alone.kept
    same(alone, beside)


def same(alone: Noted, beside: Noted) -> None:
    """What the base world has is equal: orders, fills, money, memories, what was seen."""
    was, now = alone.state.execution, beside.state.execution
    assert now.orders == was.orders
    assert now.fills == was.fills
    assert now.queue == was.queue
    assert now.ledger == was.ledger
    assert now.buckets == was.buckets
    assert now.equity == was.equity
    assert now.strategies[:OWN] == was.strategies[:OWN]
    assert beside.state.market.instruments[:2] == alone.state.market.instruments
    assert beside.state.control.trading_state == alone.state.control.trading_state


def test_the_comparison_is_not_vacuous() -> None:
    """Streams of the base world hold Requests, fills and timers."""
    kinds: set[int] = set()
    times = 0
    for seed in first_seeds(CASES):
        alone = alone_with(seed)
        kinds |= {record[0] for record in alone.kept}
        times += any(isinstance(event.body, ControlTime) for event in alone.events)
    assert times
    expected = {RecordKind.REQUEST, RecordKind.FILL, RecordKind.POSTING, RecordKind.TIMER}
    assert expected <= kinds
