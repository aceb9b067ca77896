"""Rules of small tables with a witness on the simulated venue: conditional, iceberg, fees, funding.

A rule is reached when a venue whose order, fill or position stands where the rule begins is played
what the rule is about, and then stands and says what the rule says.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from itertools import product
from types import ModuleType
from typing import Any

from attrs import evolve

from tests.venue.stage import BOOK, BUY, INSTRUMENT, SELL, Stage, stage
from tickproof.spec import conditional, fees, funding, iceberg
from tickproof.spec.commands import CONDITIONAL_TYPES, UNPRICED_TYPES, OrderType, TimeInForce
from tickproof.spec.conditional import CONDITIONAL, Conditional, Met, Wait
from tickproof.spec.events import EventKind, FundingRate, Liquidity, MarkPrice
from tickproof.spec.fees import Charged, FeeCase, FeeRole
from tickproof.spec.funding import Holding
from tickproof.spec.instrument import (
    FeeAsset,
    FeeSchedule,
    FeeTier,
    Instrument,
    InstrumentKind,
    InstrumentState,
)
from tickproof.spec.table import Refuse, Rule, Table
from tickproof.venue.venue import SimulatedVenue

Witnesses = dict[str, tuple[Any, ...]]


class Noting:
    """A table that notes which of its rules apply."""

    def __init__(self, table: Table[Any, Any]) -> None:
        self.table = table
        self.found: list[Rule] = []

    def select(self, source: int, event: int, state: Any, detail: Any) -> Rule:
        rule = self.table.select(source, event, state, detail)
        self.found.append(rule)
        return rule


def noted(module: ModuleType, name: str, play: Callable[[Noting], Iterable[str]]) -> set[str]:
    """Run `play` while a module's table notes what is asked of it."""
    original = getattr(module, name)
    noting = Noting(original)
    setattr(module, name, noting)
    try:
        return set(play(noting))
    finally:
        setattr(module, name, original)


# --- conditional orders --------------------------------------------------------------------------

Path = tuple[tuple[int, int], ...]
DATE_NS = 500


def conditionals_at_venue() -> set[str]:
    """Every type, trailing or not, through what may meet it; each rule is played once."""
    asked = product(CONDITIONAL_TYPES, (BUY, SELL), (0, 100), (0, 100))
    waiting: list[tuple[int, Conditional, Conditional, Path]] = []
    for terms in asked:
        if terms[2] or terms[3]:
            order = Conditional(*terms)
            waiting.append((int(Wait.ARRIVING), order, order, ()))
    letters = [(met, price) for met in Met for price in (90, 99, 100, 101, 110)]
    found: set[str] = set()
    seen = {each[:2] for each in waiting}
    for state, order, first, path in waiting:  # grows as it goes
        for met, price in [*letters, (Met.ARRIVES, 0)]:
            rule = CONDITIONAL.select(state, met, order, price)
            longer = (*path, (int(met), price))
            if rule.id not in found and conditional_played(first, longer):
                found.add(rule.id)
            after, left, _ = conditional.step(state, order, met, price)
            if (after, left) not in seen and not isinstance(rule, Refuse):
                seen.add((after, left))
                waiting.append((after, left, first, longer))
    return found


def conditional_played(asked: Conditional, path: Path) -> bool:
    """Whether the venue's order goes the way of the table's, to the last step."""
    play = stage()
    state, order = int(Wait.ARRIVING), asked
    for met, price in path:
        before = play.venue._orders.get(1)
        waited = 0 if before is None else before.wait
        play.fresh()
        conditional_letter(play, asked, met, price)
        said = [each.kind for each in play.fresh()]
        rule = CONDITIONAL.select(state, met, order, price)
        state, order, _ = conditional.step(state, order, met, price)
    own = play.venue._orders.get(1)
    if isinstance(rule, Refuse):
        return EventKind.TRIGGERED not in said and (0 if own is None else own.wait) == waited
    if own is None or own.wait != state:
        return False
    if met == Met.SEEN and state == Wait.OVER:
        return EventKind.TRIGGERED in said
    trails = state != Wait.TRAILING or own.reference == order.reference
    return EventKind.TRIGGERED not in said and trails


def conditional_letter(play: Stage, asked: Conditional, met: int, price: int) -> None:
    """What meets order 1, played."""
    if met == Met.ARRIVES:
        if price:
            play.trade(price, 1, BUY)
        unpriced = asked.order_type in UNPRICED_TYPES
        terms: dict[str, int] = {
            "order_type": asked.order_type,
            "time_in_force": TimeInForce.GTC if unpriced else TimeInForce.GTD,
            "good_till_ns": 0 if unpriced else DATE_NS,
            "trigger_price": asked.trigger_price,
            "trailing_e4": asked.trailing_e4,
        }
        play.new(1, asked.side, 0 if unpriced else 100, 4, **terms)
    elif met in (Met.SEEN, Met.SEEN_CLOSED):
        closed = met == Met.SEEN_CLOSED
        play.status(InstrumentState.HALTED if closed else InstrumentState.CONTINUOUS)
        play.trade(price, 1, BUY)
        play.status(InstrumentState.CONTINUOUS)
    elif met == Met.CANCEL:
        play.cancel(1)
    elif met == Met.REPLACE:
        play.replace(1, 100, 3)
    else:
        play.run(DATE_NS)


# --- icebergs ------------------------------------------------------------------------------------


def icebergs_at_venue() -> set[str]:
    """Small orders alone at their price, traded through and made smaller every way."""
    found: set[str] = set()
    melts = [(melt, lots) for melt in iceberg.Melt for lots in range(1, 6)]
    for total, display, length in product((1, 5), (0, 1, 2), (1, 2)):
        for path in product(melts, repeat=length):
            found |= iceberg_played(total, display, path)
    return found


def iceberg_played(total: int, display: int, path: tuple[tuple[int, int], ...]) -> set[str]:
    """The last rule of a path, where the venue's order is what the table's is.

    More lots keep the place here, as they do in the table.
    """
    play = stage(instrument=evolve(INSTRUMENT, increase_loses_priority=0))
    play.delta(BUY, 100, 0)
    terms = {"display": display} if display else {}
    play.new(1, BUY, 100, total, **terms)
    ice = iceberg.rested(total, 0, display)
    name = ""
    for melt, lots in path:
        known = min(lots, iceberg.leaves_of(ice)) if melt == iceberg.Melt.TRADED else lots
        gone = iceberg.leaves_of(ice) == 0
        if melt == iceberg.Melt.AMENDED and (lots == ice.total or (gone and lots > ice.executed)):
            return set()
        rule = iceberg.ICEBERG.select(iceberg.state_of(ice), melt, ice, known)
        play.fresh()
        play.at(play.now + 1)
        if melt == iceberg.Melt.TRADED:
            play.trade(99, lots, SELL)
        else:
            play.replace(1, 100, lots)
        ice, _ = iceberg.step(ice, melt, known)
        name = rule.id
        if isinstance(rule, Refuse) and any(s.kind == EventKind.FILLED for s in play.fresh()):
            return set()
    own = play.venue._orders[1]
    leaves = max(own.total - own.executed, 0)
    same = leaves == max(iceberg.leaves_of(ice), 0)
    return {name} if same and (not leaves or own.part(leaves, 0) == ice.shown) else set()


# --- fees ----------------------------------------------------------------------------------------

OTHER = 2
_RATES = (5_000_000, 0, -5_000_000)
_KINDS: tuple[dict[str, Any], ...] = (
    {"kind": InstrumentKind.SPOT, "fee_asset": FeeAsset.QUOTE},
    {"kind": InstrumentKind.SPOT, "fee_asset": FeeAsset.RECEIVED},
    {"kind": InstrumentKind.LINEAR},
)


def charged_instruments() -> Iterator[Instrument]:
    """Rates that are something, nothing and less; every asset a fee may come out of."""
    for kind, rate, discount in product(_KINDS, _RATES, (OTHER, -1)):
        schedule = FeeSchedule((), 0, discount, 50_000_000, 100_000, 1)
        if discount < 0:
            schedule = FeeSchedule((FeeTier(10**12, rate, rate),), int(rate > 0))
        rates = {"maker_fee_e8": rate, "taker_fee_e8": rate}
        yield evolve(INSTRUMENT, fees=schedule, **kind, **rates)


def fee_witnesses() -> Witnesses:
    """Fills of few lots of each of them, as maker and as taker."""
    found: Witnesses = {}
    for about, side, role in product(charged_instruments(), (BUY, SELL), FeeRole):
        fill = Charged(about, side, 100, 4, 0, 10**9)
        case = fees.fee_case(fill, role)
        rule = fees.CHARGES.select(role, case, fill, role)
        found.setdefault(rule.id, (fill, int(role)))
    return found


def is_charged(case: int, side: int, asset: int, amount: int) -> bool:
    """What a case says of (asset, amount), without its arithmetic."""
    return {
        FeeCase.IN_DISCOUNT_ASSET: asset == OTHER and amount > 0,
        FeeCase.NOTHING_DUE: asset in (0, 1) and amount == 0,
        FeeCase.REBATE: asset in (0, 1) and amount < 0,
        FeeCase.FROM_BASE: (asset, side) == (0, BUY) and amount > 0,
        FeeCase.FROM_PROCEEDS: (asset, side) == (1, SELL) and amount > 0,
        FeeCase.FROM_QUOTE: asset == 1 and amount > 0,
    }[FeeCase(case)]


def fees_at_venue(noting: Noting) -> Iterator[str]:
    """A resting and a taking order at each instrument; the fill says what its rule says."""
    for about, side in product(charged_instruments(), (BUY, SELL)):
        play = Stage(SimulatedVenue((about,), 0, 0, 0, balances=((0, OTHER, 10**9),))).at(10)
        play.snapshot(*BOOK)
        play.new(1, side, 100 if side > 0 else 101, 4)
        play.at(11).trade(90 if side > 0 else 111, 30, -side)
        play.new(2, side, 0, 4, order_type=OrderType.MARKET)
        fills = play.fills()
        for fill, rule in zip(fills, noting.found[-len(fills) :], strict=True):
            role = FeeRole.MAKER if fill.liquidity == Liquidity.MAKER else FeeRole.TAKER
            case = rule.event
            if rule.source == role and is_charged(case, side, fill.fee_asset, fill.fee):
                yield rule.id


# --- funding -------------------------------------------------------------------------------------

_TRADES = {Holding.LONG: (BUY,), Holding.SHORT: (SELL,), Holding.NOTHING: (BUY, SELL)}


def funding_witnesses() -> Witnesses:
    """Every holding, with a mark and without one."""
    found: Witnesses = {}
    for kind, position, mark in product(InstrumentKind, (3, 0, -3), (100, 0)):
        about = evolve(INSTRUMENT, kind=kind)
        known = funding.Funding(mark, 10_000_000, 5)
        held = funding.Held(about, known, position)
        seen = funding.FundingTime.MARK_KNOWN if mark else funding.FundingTime.MARK_UNKNOWN
        rule = funding.FUNDINGS.select(funding.holding(about, position), seen, held, seen)
        found.setdefault(rule.id, (int(kind), position, mark))
    return found


def fundings_at_venue(noting: Noting) -> Iterator[str]:
    """A position, a rate, perhaps a mark, and the time; payments and what is kept unpaid."""
    for kind, sides, mark in product(InstrumentKind, _TRADES.values(), (100, 0)):
        about = evolve(INSTRUMENT, kind=kind)
        play = Stage(SimulatedVenue((about,), 0, 0, 0, pays_funding=True)).at(10)
        play.snapshot(*BOOK)
        play.see(FundingRate(0, 10_000_000, 50))
        if mark:
            play.see(MarkPrice(0, mark))
        for order, side in enumerate(sides, 1):
            play.new(order, side, 0, 4, order_type=OrderType.MARKET)
        play.venue.advance(50)
        paid = [each[3][3] for each in play.venue.drain() if each[2] == EventKind.FUNDING_PAID]
        desk = play.venue.funding
        kept = 0 if desk is None else len(desk.unpaid)
        rule = noting.found[-1]
        owes = kind == InstrumentKind.LINEAR and len(sides) == 1
        expected = [-12 * sides[0]] if owes and mark else []
        if paid == expected and kept == int(owes and not mark):
            yield rule.id
