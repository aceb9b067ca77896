"""Small worlds to test a kernel in: configurations with every policy, and scripted strategies.

What it decides: which instruments, accounts, limits and strategies a generated stream meets. The
worlds are small on purpose (few prices, few lots, few orders), so that random events hit each
other; every choice comes from a `random.Random`, so a seed names a world.

Sections: instruments, configurations, strategies.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from random import Random
from typing import Any, ClassVar

from attrs import define, evolve, frozen

from tickproof.spec.commands import (
    CONDITIONAL_TYPES,
    ORDER_KEY_LIMIT,
    UNPRICED_TYPES,
    CommandKind,
    Decision,
    Intent,
    OrderType,
    SetTimer,
    TimeInForce,
    cancel_order,
    new_order,
    replace_order,
)
from tickproof.spec.configuration import (
    Bucket,
    Configuration,
    OnContradiction,
    OnStrategyError,
    Predicate,
    RiskLimits,
    StrategySettings,
    Timing,
    Wake,
    WakeRule,
)
from tickproof.spec.events import EventKind, Side
from tickproof.spec.instructions import PLAIN, Instructions
from tickproof.spec.instrument import Account, Asset, FeeAsset, Instrument, InstrumentKind
from tickproof.spec.order_list import leg_count
from tickproof.spec.strategy import Strategy, View

PRICE_BASE = 100
PRICE_SPAN = 24
"""Prices of a small world are PRICE_BASE <= price < PRICE_BASE + PRICE_SPAN."""

START_NS = 1_000_000

# --- instruments ---------------------------------------------------------------------------------

QUOTE, BASE, OTHER = range(3)
ASSETS = (Asset(QUOTE, "QUOTE", 8), Asset(BASE, "BASE", 8), Asset(OTHER, "OTHER", 8))
ACCOUNTS = (Account(0, "first", 0), Account(1, "second", 1))

SPOT = Instrument(
    0,
    "SPOT",
    0,
    int(InstrumentKind.SPOT),
    BASE,
    QUOTE,
    2,
    3,
    3,
    2,
    maker_fee_e8=50_000,
    taker_fee_e8=100_000,
    fee_asset=int(FeeAsset.RECEIVED),
)
LINEAR = Instrument(
    1,
    "LINEAR",
    0,
    int(InstrumentKind.LINEAR),
    BASE,
    QUOTE,
    1,
    3,
    1,
    1,
    maker_fee_e8=-10_000,
    taker_fee_e8=40_000,
    initial_margin_e8=50_000_000,
    honours_good_till_date=0,
)
COARSE = Instrument(
    2,
    "COARSE",
    1,
    int(InstrumentKind.SPOT),
    OTHER,
    QUOTE,
    2,
    3,
    1,
    1,
    tick=2,
    lot_step=2,
    minimum_quantity=2,
    maximum_quantity=20,
    minimum_notional=250,
    taker_fee_e8=200_000,
    honours_good_till_date=0,
)
INSTRUMENTS = (SPOT, LINEAR, COARSE)

# --- configurations ------------------------------------------------------------------------------


def bucket_sets() -> tuple[tuple[Bucket, ...], ...]:
    """No rate bucket, one, two, and some that nearly everything waits for; with reserves."""
    orders = Bucket(0, "orders", 3, 1, 900, 1, 1, 1, reserve=1)
    news = Bucket(1, "news", 4, 2, 1_500, 2, 1, 0)
    tight = Bucket(0, "tight", 2, 1, 6_000, 1, 1, 1, reserve=1)
    tightest = Bucket(0, "tightest", 1, 1, 9_000, 1, 1, 0)
    return ((), (orders,), (orders, news), (tight,), (tightest,), (tightest,))


LIMITS = (
    RiskLimits(self_trade_refused=0),
    RiskLimits(),
    RiskLimits(
        price_collar_e8=10_000_000,
        maximum_quantity=12,
        maximum_notional=2_500,
        maximum_position=14,
        maximum_open_orders=3,
    ),
    RiskLimits(maximum_gross=6_000, maximum_net=4_000, maximum_loss=2_500, maximum_drawdown=800),
    RiskLimits(
        price_collar_e8=8_000_000,
        maximum_position=8,
        maximum_gross=40_000,
        maximum_loss=900,
        self_trade_refused=0,
    ),
)

WAKES = (
    int(Wake.EVERY_EVENT),
    Wake.TOUCH_CHANGE + Wake.OWN_ORDER + Wake.TIMER,
    Wake.TOUCH_SIZE_CHANGE + Wake.TRADE + Wake.BAR,
    Wake.EVERY_NTH + Wake.OWN_ORDER + Wake.TIMER,
    Wake.PREDICATE + Wake.TRADE + Wake.TIMER,
)


def wake_rule(dice: Random) -> WakeRule:
    """When a strategy is woken: any mask of `WAKES`, with its counter or predicate."""
    kind = dice.choice(list(Predicate)[1:])
    value = dice.choice((2, 4)) if kind == Predicate.SPREAD_AT_LEAST else PRICE_BASE + 10
    mask = int(dice.choice(WAKES))
    return WakeRule(mask, dice.choice((0, 2, 3)), int(dice.choice((0, kind))), value)


def configuration(dice: Random, instruments: tuple[Instrument, ...] = INSTRUMENTS) -> Configuration:
    """A configuration of `instruments` (dense ids), two accounts and four strategies."""
    everything = tuple(each.id for each in instruments)
    watched = (everything, everything[:2], everything[-1:], everything)
    strategies = tuple(
        StrategySettings(
            index, name, account, f"code of {name}", (), wake_rule(dice), watched[index]
        )
        for index, (name, account) in enumerate(
            (("first", 0), ("second", 1), ("idle", 0), ("failing", 0))
        )
    )
    rich, poor, poorest = 400_000, 4_000, 1_200
    return Configuration(
        1,
        ASSETS,
        ACCOUNTS,
        instruments,
        strategies,
        buckets=dice.choice(bucket_sets()),
        risk=dice.choice(LIMITS),
        timing=Timing(
            jump_limit_ns=dice.choice((0, 50_000)),
            acknowledgement_ns=dice.choice((0, 700)),
            cancel_deadline_ns=dice.choice((0, 500)),
            settling_ns=dice.choice((0, 1_000, 30_000)),
        ),
        initial_balances=(
            (0, QUOTE, dice.choice((rich, poor, poorest))),
            (0, BASE, 60),
            (1, QUOTE, dice.choice((rich, poor, poorest))),
            (1, BASE, 40),
            (1, OTHER, 30),
        ),
        on_strategy_error=int(dice.choice((*OnStrategyError, OnStrategyError.DISABLE))),
        on_contradiction=int(dice.choice((*OnContradiction, OnContradiction.SURFACE))),
    )


# --- strategies ----------------------------------------------------------------------------------


@define
class Dice:
    """Memory of a scripted strategy: a generator's state, and a digest of all it was shown."""

    seed: int = 1
    shown: int = 0
    notes: tuple[Any, ...] = ()


@frozen
class Nothing:
    """Memory of a strategy that remembers nothing."""


RUBBISH: tuple[Any, ...] = (
    ["no decision"],
    0,
    [cancel_order(1), SetTimer(-1)],
    [Intent(1, 1, price=2**70)],
)
"""Results that are no decisions."""


def observed(view: View, instruments: int, assets: int) -> int:
    """Everything a view answers, folded into one integer: equal views give equal memories."""
    parts = [view.now_ns, view.wake, view.event_kind, view.event_instrument, view.next_key()]
    for each in range(instruments):
        parts += [view.bid_price(each), view.bid_size(each)]
        parts += [view.ask_price(each), view.ask_size(each)]
        parts += [view.size_at(each, 1, PRICE_BASE + 3), view.status(each), view.position(each)]
        parts += [*view.last_trade(each), *view.last_bar(each)]
    parts += [view.available(each) for each in range(assets)]
    for order in view.open_orders():
        parts += [order.key, order.instrument, order.side, order.price, order.total]
        parts += [order.executed, order.leaves, order.life, order.pending_kind]
        parts += [order.queued_kind, order.doubts, order.is_busy]
    known = view.order(max(view.next_key() - 1, 1))
    parts += [0 if known is None else known.total + 7 * known.life]
    folded = 17
    for part in parts:
        folded = (folded * 1_000_003 + int(part)) % (2**61 - 1)
    return folded


def with_its_list(decision: Decision) -> list[Decision]:
    """A first leg with the others of its list, on the same side; one in four comes alone."""
    if not isinstance(decision, Intent) or not decision.instructions.list_id:
        return [decision]
    asked = decision.instructions
    if decision.key % 40 > 29:
        return [decision]
    return [
        decision._replace(
            key=decision.key + leg,
            quantity=decision.quantity + 2 * leg,
            price=decision.price - 2 * leg * decision.side,
            instructions=evolve(asked, list_leg=leg),
        )
        for leg in range(leg_count(asked.list_kind))
    ]


class Scripted:
    """Decides by a linear generator kept in its memory: NEW, REPLACE, CANCEL, timers, nonsense.

    `seed` starts the generator; `hostility`: how many decisions in 16 are malformed; `failures`:
    how many consultations in 64 raise, return rubbish or spoil the memory.
    """

    wake: ClassVar[WakeRule] = WakeRule(int(Wake.EVERY_EVENT))
    memory: ClassVar[type] = Dice

    def __init__(
        self, seed: int, instruments: int, assets: int, hostility: int = 2, failures: int = 0
    ) -> None:
        self.seed = seed
        self.instruments = instruments
        self.assets = assets
        self.hostility = hostility
        self.failures = failures

    def decide(self, view: View, memory: Dice) -> Iterable[Decision] | None:
        """Up to three decisions; None at times."""
        memory.shown = (memory.shown * 31 + observed(view, self.instruments, self.assets)) % 2**61
        memory.notes = (view.now_ns, "seen", (memory.notes[:1], b"x"))
        if self._draw(memory, 64) < self.failures:
            return self._fail(memory)
        count = (0, 0, 1, 1, 2, 3)[self._draw(memory, 6)]
        if count == 0:
            return None
        decided = [self._decision(view, memory) for _ in range(count)]
        return [leg for each in decided for leg in with_its_list(each)]

    def _draw(self, memory: Dice, bound: int) -> int:
        memory.seed = (memory.seed * 6_364_136_223_846_793_005 + 2 * self.seed + 1) % 2**63
        return (memory.seed >> 24) % bound

    def _fail(self, memory: Dice) -> Iterable[Decision] | None:
        """Rubbish as a result, a memory that is no memory any more, or an exception."""
        way = self._draw(memory, 8)
        if way < len(RUBBISH):
            rubbish: Iterable[Decision] = RUBBISH[way]
            return rubbish
        if way == 4:
            memory.notes = ([],)
        elif way == 5:
            memory.seed = float(memory.seed)  # type: ignore[assignment]
        elif way == 6:
            del memory.shown
        else:
            raise RuntimeError("a strategy fails at times")
        return None

    def _decision(self, view: View, memory: Dice) -> Decision:
        roll = self._draw(memory, 16)
        if roll < self.hostility:
            return self._nonsense(view, memory)
        roll = self._draw(memory, 16)
        if roll < 2:
            return SetTimer(view.now_ns + self._draw(memory, 1500) + 1)
        if roll < 9:
            again = self._draw(memory, 6) == 0
            return self._new(view, memory, max(view.next_key() - again, 1))
        key = self._key(view, memory)
        if roll < 12:
            return replace_order(key, 2 * self._draw(memory, 6) + 2, self._price(memory))
        return cancel_order(key)

    def _key(self, view: View, memory: Dice) -> int:
        found = view.open_orders()
        if not found or self._draw(memory, 8) == 0:
            return max(view.next_key() - self._draw(memory, 3), 1)
        return found[self._draw(memory, len(found))].key

    def _price(self, memory: Dice) -> int:
        return PRICE_BASE + 2 * self._draw(memory, PRICE_SPAN // 2)

    def _new(self, view: View, memory: Dice, key: int) -> Intent:
        instrument = self._draw(memory, self.instruments)
        side = int((Side.BUY, Side.SELL)[self._draw(memory, 2)])
        reduce_only = int(self._draw(memory, 8 if view.position(instrument) == 0 else 2) == 0)
        if reduce_only and view.position(instrument):
            side = -1 if view.position(instrument) > 0 else 1
        roll = self._draw(memory, 50)
        order_type = int((1, 1, 1, 2, 3)[roll % 5])
        asked = PLAIN
        if roll >= 45:
            order_type, asked = self._instructed(memory, key)
        good_till_ns = 0
        if self._draw(memory, 3) == 0:
            good_till_ns = view.now_ns + 1 + self._draw(memory, 2500)
        return new_order(
            key,
            instrument,
            side,
            0 if asked.quote_quantity else 2 * self._draw(memory, 5) + 2,
            0 if order_type in UNPRICED_TYPES else self._price(memory),
            order_type=order_type,
            time_in_force=int(TimeInForce.GTD if good_till_ns else TimeInForce.GTC),
            good_till_ns=good_till_ns,
            reduce_only=reduce_only,
            instructions=asked,
        )

    def _instructed(self, memory: Dice, key: int) -> tuple[int, Instructions]:
        """A type and instructions that go together, or, one time in ten, do not."""
        way = key % 10
        if way < len(CONDITIONAL_TYPES):
            trigger, source = self._price(memory), self._draw(memory, 2)
            trailing_e4 = 25 * (self._draw(memory, 4) == 0)
            return int(CONDITIONAL_TYPES[way]), Instructions(trigger, source, trailing_e4)
        in_a_list = Instructions(prevention=2, list_id=1 + key // 20, list_kind=key // 10 % 3)
        made = {
            4: (OrderType.LIMIT, Instructions(display=2)),
            5: (OrderType.LIMIT, Instructions(prevention=1 + self._draw(memory, 4))),
            6: (OrderType.STOP, Instructions(trailing_e4=50)),
            7: (OrderType.LIMIT, in_a_list),
            8: (OrderType.MARKET, Instructions(trigger_price=100)),
            9: (OrderType.MARKET, Instructions(quote_quantity=100 * (key % 40) + 7)),
        }
        order_type, asked = made[way]
        return int(order_type), asked

    def _nonsense(self, view: View, memory: Dice) -> Decision:
        """Malformed, off the grid, for what is unknown, too much or too late."""
        way = self._draw(memory, 16)
        good = self._new(view, memory, view.next_key())
        key, price, quantity = good.key, good.price, good.quantity
        last = self.instruments - 1
        made: dict[int, Callable[[], Decision]] = {
            0: lambda: Intent(0, key),
            1: lambda: Intent(int(CommandKind.CANCEL), 0),
            2: lambda: Intent(1, ORDER_KEY_LIMIT, price=price, quantity=quantity),
            3: lambda: new_order(key, 77, 1, quantity, price),
            4: lambda: new_order(key, -1, 1, quantity, price),
            5: lambda: new_order(key, last, 1, quantity, price + 1),
            6: lambda: new_order(key, last, 1, quantity + 1, price),
            7: lambda: new_order(key, 0, 1, 0, price),
            8: lambda: new_order(key, 0, -1, 10**9, price),
            9: lambda: new_order(key, 0, 3, quantity, price),
            10: lambda: new_order(key, 0, 1, quantity, price, order_type=9),
            11: lambda: new_order(key, 0, 1, quantity, -5),
            12: lambda: new_order(key, 0, 1, quantity, 2**60),
            13: lambda: new_order(key, 0, 1, quantity, price, good_till_ns=max(view.now_ns, 1)),
            14: lambda: new_order(max(key - 1, 1), 0, 1, quantity, price),
            15: lambda: SetTimer(0),
        }
        return made[way]()


class Cued(Scripted):
    """Quiet until `quiet_until_ns`, but for its cues; then it decides as `Scripted` does.

    One cue is said at each print on `instrument`; while it is quiet its memory's `shown` counts
    those that were said.
    """

    def __init__(
        self,
        seed: int,
        instruments: int,
        assets: int,
        hostility: int,
        failures: int,
        cues: tuple[Decision, ...],
        instrument: int,
        quiet_until_ns: int,
    ) -> None:
        super().__init__(seed, instruments, assets, hostility, failures)
        self.cues = cues
        self.instrument = instrument
        self.quiet_until_ns = quiet_until_ns

    def decide(self, view: View, memory: Dice) -> Iterable[Decision] | None:
        """The next cue at a print, before its time; anything after it."""
        if view.now_ns >= self.quiet_until_ns:
            return super().decide(view, memory)
        is_print = view.event_kind == EventKind.TRADE and view.event_instrument == self.instrument
        if not is_print or memory.shown >= len(self.cues):
            return None
        memory.shown += 1
        return [self.cues[memory.shown - 1]]


class Idle:
    """Does nothing, whatever happens."""

    wake: ClassVar[WakeRule] = WakeRule(int(Wake.EVERY_EVENT))
    memory: ClassVar[type] = Nothing

    def decide(self, view: View, memory: Nothing) -> None:
        """Nothing."""


def hostility_of(seed: int) -> tuple[int, ...]:
    """How many decisions in 16 are malformed, by strategy; none at all with every third seed."""
    return (2, 4, 0, 3) if seed % 3 else (0, 0, 0, 0)


def strategies(seed: int, configured: Configuration) -> tuple[Strategy, ...]:
    """Fresh strategy objects for a configuration of `configuration`: the same ones every time."""
    instruments, assets = len(configured.instruments), len(configured.assets)
    hostility = hostility_of(seed)
    return (
        Scripted(seed, instruments, assets, hostility[0]),
        Scripted(seed + 1, instruments, assets, hostility[1]),
        Idle(),
        Scripted(seed + 2, instruments, assets, hostility[3], failures=1),
    )
