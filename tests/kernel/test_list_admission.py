"""Order lists on their way in: all legs or none, a pair locks once; kernel and specification."""

import random
from collections import Counter
from collections.abc import Iterable
from typing import Any, ClassVar

import pytest
from attrs import evolve

from tests.kernel.test_refinement import quiet_world
from tickproof.invariants.refinement import Diverged, Lockstep
from tickproof.invariants.streams import EventSource
from tickproof.invariants.worlds import (
    SPOT,
    Dice,
    Scripted,
    configuration,
    strategies,
    with_its_list,
)
from tickproof.kernel import BUILD
from tickproof.kernel.execution import KernelExecution
from tickproof.spec.commands import (
    Decision,
    Intent,
    SetTimer,
    cancel_order,
    new_order,
    replace_order,
)
from tickproof.spec.configuration import RiskLimits, Wake, WakeRule
from tickproof.spec.events import (
    Event,
    EventKind,
    Execution,
    InstrumentStatus,
    SessionStarted,
    Trade,
)
from tickproof.spec.instructions import Instructions
from tickproof.spec.instrument import InstrumentState
from tickproof.spec.list_admission import legs_at
from tickproof.spec.order_list import OrderListKind
from tickproof.spec.outputs import RecordKind
from tickproof.spec.risk import DenyCode
from tickproof.spec.strategy import View

OCO, OTO, OTOCO = OrderListKind
PER_LOT = SPOT.base_per_lot
DENIED, INTENT = int(RecordKind.DENIED), int(RecordKind.INTENT)


class Listing(Scripted):
    """The last of its orders of a consultation begins a list, where it has no instructions."""

    def decide(self, view: View, memory: Dice) -> Iterable[Decision] | None:
        wanted = super().decide(view, memory)
        if not isinstance(wanted, list):
            return wanted
        return [*wanted[:-1], *with_its_list(self._begun(wanted[-1]))]

    def _begun(self, each: Decision) -> Decision:
        plain = isinstance(each, Intent) and each.kind == 1 and 1 <= each.order_type <= 2
        if not (plain and isinstance(each, Intent) and each.quantity > 0):
            return each
        asked = Instructions(list_id=1 + each.key // 2, list_kind=each.key // 2 % 3)
        return each._replace(instructions=asked)


class Counting(Lockstep):
    """How many legs fell with their list."""

    refused_lists = 0


def run(seed: int, length: int) -> Counting:
    """A hostile stream for strategies that ask for lists."""
    dice = random.Random(seed)
    configured = configuration(dice)
    if seed % 4:
        configured = evolve(configured, risk=RiskLimits(self_trade_refused=0))

    def made() -> tuple[Any, ...]:
        idle, failing = strategies(seed, configured)[2:]
        counts = (len(configured.instruments), len(configured.assets))
        return Listing(seed, *counts, 1), Listing(seed + 1, *counts, 0), idle, failing

    both = Counting(configured, made, 20)
    source = EventSource(dice, configured)
    for _ in range(length):
        both.apply(source.event(both.state))
        codes = [record[5] for record in both.records if record[0] == DENIED]
        both.refused_lists += codes.count(DenyCode.ORDER_LIST)
    return both


SEEDS, STEPS = 16, 70


def test_hostile_streams_agree_about_lists() -> None:
    """Every field after every step; lists of each kind are sent, and lists are refused."""
    seen: Counter[str] = Counter()
    for seed in range(SEEDS):
        both = run(seed, STEPS)
        seen["refused"] += both.refused_lists
        for each in both.state.execution.orders.values():
            if each.instructions.list_id:
                seen[OrderListKind(each.instructions.list_kind).name] += 1
    assert {"OCO", "OTO", "OTOCO"} <= set(seen)
    assert min(seen["OCO"], seen["refused"]) >= 10


def both_lock(execution: KernelExecution, order: Any, need: int) -> None:
    order.lock_amount = need
    execution._count_lock(order, need)


def many() -> None:
    for seed in range(SEEDS):
        run(seed, STEPS)


@pytest.mark.skipif(BUILD == "compiled", reason="methods of a compiled class cannot be replaced")
def test_a_kernel_that_locks_both_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(KernelExecution, "_lock_together", both_lock)
    with pytest.raises(Diverged, match="locked"):
        many()


# --- examples ------------------------------------------------------------------------------------


class Told:
    """Says at each print what comes next."""

    memory: ClassVar[type] = Dice
    wake: ClassVar[WakeRule] = WakeRule(int(Wake.EVERY_EVENT))

    def __init__(self, said: tuple[tuple[Decision, ...], ...]) -> None:
        self.said = said

    def decide(self, view: View, memory: Dice) -> Iterable[Decision] | None:
        if view.last_trade(0)[0] == 0:
            return None
        memory.shown += 1
        at = memory.shown - 1
        return self.said[at] if at < len(self.said) else None


def leg(key: int, kind: int, number: int, side: int, lots: int, price: int, *ids: int) -> Intent:
    """A leg of list 1, or of the one given, of SPOT."""
    asked = Instructions(list_id=ids[0] if ids else 1, list_kind=kind, list_leg=number)
    return new_order(key, 0, side, lots, price, instructions=asked)


def told(*said: tuple[Decision, ...], more: tuple[Any, ...] = (), **changes: Any) -> Lockstep:
    """A print for each decision, then more."""
    bodies = (
        SessionStarted(1),
        InstrumentStatus(0, int(InstrumentState.CONTINUOUS)),
        *(Trade(0, 100, 2, 1, 1, 0),) * len(said),
        *more,
    )
    both = Lockstep(quiet_world(**changes), lambda: (Told(said),))
    for index, body in enumerate(bodies):
        both.apply(Event(1_000 * (index + 1), 1_000 * (index + 1), 0, index, 0, body))
    return both


def locked(both: Lockstep, asset: int) -> int:
    return both.state.execution.ledger.balances[(0, asset)].locked


def denials(both: Lockstep) -> list[int]:
    return [record[5] for record in both.records if record[0] == DENIED]


def test_a_pair_locks_the_larger_need_once() -> None:
    pair = (leg(1, OCO, 0, -1, 4, 120), leg(2, OCO, 1, -1, 6, 110))
    both = told(pair)
    assert locked(both, 1) == 6 * PER_LOT
    assert len(both.state.execution.orders) == 2
    # Three buys, of which the last two exclude each other.
    three = tuple(leg(n + 1, OTOCO, n, 1, 2, 100 - n) for n in range(3))
    alone = [locked(told((new_order(1, 0, 1, 2, 100 - n),)), 0) for n in range(3)]
    assert locked(told(three), 0) == alone[0] + max(alone[1:])


def test_what_one_leg_could_not_pay_for_twice_is_admitted() -> None:
    """There is base for one of the two, and only one of the two can trade [A4]."""
    pair = (leg(1, OCO, 0, -1, 5, 120), leg(2, OCO, 1, -1, 5, 110))
    assert not denials(told(pair, initial_balances=((0, 0, 0), (0, 1, 5 * PER_LOT))))
    short = told(pair, initial_balances=((0, 0, 0), (0, 1, 5 * PER_LOT - 1)))
    assert denials(short) == [DenyCode.INSUFFICIENT_BALANCE, DenyCode.ORDER_LIST]
    chain = (leg(1, OTO, 0, -1, 5, 120), leg(2, OTO, 1, -1, 5, 110))
    assert denials(told(chain, initial_balances=((0, 0, 0), (0, 1, 5 * PER_LOT)))) == [
        DenyCode.ORDER_LIST,
        DenyCode.INSUFFICIENT_BALANCE,
    ]


def fill(order_id: int, lots: int, trade_id: int) -> Execution:
    return Execution(
        int(EventKind.FILLED), 0, 0, order_id,
        side=-1, price=110, quantity=lots, trade_id=trade_id,
    )  # fmt: skip


def test_once_one_has_executed_the_other_locks_nothing() -> None:
    pair = (leg(1, OCO, 0, -1, 4, 120), leg(2, OCO, 1, -1, 5, 110))
    assert locked(told(pair, more=(fill(1, 1, 1),)), 1) == 3 * PER_LOT
    assert locked(told(pair, more=(fill(2, 1, 1),)), 1) == 4 * PER_LOT
    # A venue that lets both trade is believed: both needs stand.
    assert locked(told(pair, more=(fill(2, 1, 1), fill(1, 1, 2))), 1) == (4 + 3) * PER_LOT


def test_a_list_of_which_one_leg_is_denied_leaves_nothing() -> None:
    for wrong in range(3):
        legs = [leg(n + 1, OTOCO, n, 1, 2, 100 - n) for n in range(3)]
        legs[wrong] = legs[wrong]._replace(quantity=0)
        both = told(tuple(legs))
        execution = both.state.execution
        codes = [int(DenyCode.ORDER_LIST)] * 3
        codes[wrong] = int(DenyCode.BELOW_MINIMUM_QUANTITY)
        assert denials(both) == codes
        assert [record[0] for record in both.records[-6:]] == [INTENT] * 3 + [DENIED] * 3
        assert not execution.orders
        assert not execution.queue
        assert (locked(both, 0), execution.strategies[0].last_key) == (0, 0)
        assert (execution.intents, execution.denied) == (3, 3)


def test_keys_and_list_ids_are_used_once() -> None:
    first = (leg(1, OCO, 0, 1, 2, 90), leg(2, OCO, 1, 1, 2, 91))
    again = (leg(3, OCO, 0, 1, 2, 92), leg(4, OCO, 1, 1, 2, 93))
    assert denials(told(first, again)) == [DenyCode.ORDER_LIST] * 2
    other = (leg(3, OCO, 0, 1, 2, 92, 2), leg(2, OCO, 1, 1, 2, 93, 2))
    assert denials(told(first, other)) == [DenyCode.ORDER_LIST, DenyCode.DUPLICATE_KEY]
    same = (leg(3, OCO, 0, 1, 2, 92, 2), leg(3, OCO, 1, 1, 2, 93, 2))
    assert denials(told(first, same)) == [DenyCode.ORDER_LIST, DenyCode.DUPLICATE_KEY]


def test_legs_come_together() -> None:
    first, second = leg(1, OTO, 0, 1, 2, 90), leg(2, OTO, 1, -1, 2, 120)
    malformed = int(DenyCode.MALFORMED)
    assert denials(told((first,))) == [malformed]
    assert denials(told((second, first))) == [malformed] * 2
    assert denials(told((first, cancel_order(7), second))) == [malformed] * 2
    assert not denials(told((new_order(5, 0, 1, 2, 80), first, second, new_order(6, 0, 1, 2, 80))))
    assert legs_at((first, second), 0) == 2
    assert legs_at((first, second), 1) == legs_at((first,), 0) == 0
    assert legs_at((first, evolve_kind(second)), 0) == 0
    assert legs_at((first, second._replace(good_till_ns=-1)), 0) == 0
    assert legs_at((first, SetTimer(5)), 0) == 0


def evolve_kind(intent: Intent) -> Intent:
    return intent._replace(instructions=evolve(intent.instructions, list_kind=int(OCO)))


def test_a_leg_that_is_replaced_is_judged_beside_its_sibling() -> None:
    """More than the sibling locks, not more than both."""
    pair = (leg(1, OCO, 0, -1, 4, 120), leg(2, OCO, 1, -1, 5, 110))
    poor = ((0, 0, 0), (0, 1, 5 * PER_LOT))
    for lots, denied in ((5, []), (6, [DenyCode.INSUFFICIENT_BALANCE])):
        both = told(pair, (replace_order(1, lots, 120),), initial_balances=poor)
        assert denials(both) == denied
