"""Cases of evidence that streams found, each the shortest that shows it, on both sides."""

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

import pytest
from attrs import evolve

from tests.verification import refinement
from tickproof.invariants.refinement import Coverage, Lockstep
from tickproof.invariants.worlds import ASSETS, LINEAR, SPOT, Nothing
from tickproof.kernel.kernel import Kernel
from tickproof.kernel.orders import KernelLeg, KernelOrder
from tickproof.spec.commands import Decision, cancel_order, new_order, replace_order
from tickproof.spec.configuration import (
    Bucket,
    Configuration,
    RiskLimits,
    StrategySettings,
    Timing,
    Wake,
    WakeRule,
)
from tickproof.spec.events import (
    ControlTime,
    Event,
    EventKind,
    Execution,
    ExecutionFlag,
    FundingPaid,
    OperatorDisposition,
    SessionStarted,
    Settlement,
    StatusReport,
    Trade,
)
from tickproof.spec.fill_life import FillLife
from tickproof.spec.instructions import Instructions
from tickproof.spec.instrument import Account
from tickproof.spec.order_life import DEAD, Life, executed, leaves, over
from tickproof.spec.outputs import IntentOutcome, RecordKind, SurfacedReason
from tickproof.spec.state import Ticket
from tickproof.spec.strategy import View

Lines = Mapping[int, Sequence[Decision]]


class Script:
    """Says at each print what is written for it: the print's price is the line."""

    wake: ClassVar[WakeRule] = WakeRule(int(Wake.TRADE))
    memory: ClassVar[type] = Nothing

    def __init__(self, lines: Lines) -> None:
        self.lines = lines

    def decide(self, view: View, memory: Nothing) -> Sequence[Decision]:  # noqa: ARG002
        return self.lines.get(view.last_trade(0)[0], [])


class Run:
    """Kernel and specification, an Event at a time, a thousand ns apart."""

    def __init__(self, lines: Lines, **changes: Any) -> None:
        settings = StrategySettings(0, "script", 0, "code", (), Script.wake, (0, 1))
        made = Configuration(
            1,
            ASSETS,
            (Account(0, "first", 0),),
            (SPOT, LINEAR),
            (settings,),
            initial_balances=((0, 0, 100_000), (0, 1, 100)),
        )
        self.both = Lockstep(evolve(made, **changes), lambda: (Script(lines),))
        self.say(SessionStarted(0))

    def say(self, body: Any) -> tuple[tuple[int, ...], ...]:
        """Apply a body; the records of its step."""
        stamp = 1_000 * (self.both.state.position + 1)
        assert self.both.apply(Event(stamp, stamp, 0, 0, 0, body))
        return self.both.records

    def line(self, number: int) -> tuple[tuple[int, ...], ...]:
        """Let the script say one line."""
        return self.say(Trade(0, number, 1, 1, 0, 0))

    def told(self, kind: int, request_id: int = 0, **more: Any) -> tuple[tuple[int, ...], ...]:
        """Evidence about order 1."""
        return self.say(Execution(int(kind), 0, 0, 1, request_id, **more))

    def reported(self, **more: Any) -> tuple[tuple[int, ...], ...]:
        """A status report about order 1, fresh enough for anything."""
        plain = StatusReport(0, 0, 1, 0, 1, int(Life.WORKING), 0, 10, 100, 100, 0, 0, 10**9, 10**9)
        return self.say(evolve(plain, **more))

    @property
    def ticket(self) -> Ticket:
        return self.both.state.execution.orders[1]

    def surfaced(self) -> list[int]:
        """Reasons surfaced by the last step."""
        return [each[1] for each in self.both.records if each[0] == RecordKind.SURFACED]


def working(**changes: Any) -> Run:
    """An order of 10 lots at 100, accepted by the venue as 55."""
    run = Run({1: [new_order(1, 0, 1, 10, 100)], 2: [replace_order(1, 20, 101)]}, **changes)
    run.line(1)
    run.told(EventKind.ACCEPTED, 1, venue_order_id=55)
    return run


FILL: dict[str, Any] = {"price": 100, "side": 1, "venue_order_id": 55}


def test_real_fills_replace_inferred_ones_on_another_leg() -> None:
    """OL9, OL10: the lots leave the leg they were concluded for, and are counted once."""
    run = working()
    run.line(2)
    run.told(EventKind.REPLACED, 2, venue_order_id=66)
    run.reported(venue_order_id=66, executed=4, total=20, price=101)
    assert [leg.executed for leg in run.ticket.order.legs] == [0, 4]
    run.told(EventKind.FILLED, trade_id=7, quantity=4, **FILL)
    assert [leg.executed for leg in run.ticket.order.legs] == [4, 0]
    assert executed(run.ticket.order) == 4
    run.told(EventKind.FILL_VOIDED, reference=7, venue_order_id=55)
    assert [leg.executed for leg in run.ticket.order.legs] == [0, 0]


def test_a_real_fill_of_a_dead_order_is_not_late_when_it_was_concluded() -> None:
    """OL9: confirming inferred lots surfaces nothing."""
    run = working()
    run.reported(executed=4, life=int(Life.CANCELED))
    run.told(EventKind.FILLED, trade_id=7, quantity=4, **FILL)
    assert run.surfaced() == []
    run.told(EventKind.FILLED, trade_id=8, quantity=1, **FILL)
    assert run.surfaced() == [SurfacedReason.LATE_FILL]


def test_a_second_report_adds_to_what_the_first_concluded() -> None:
    """OL9: inferred lots are replaced by real fills, never by further inferred ones."""
    run = working()
    run.reported(executed=3)
    run.reported(executed=5)
    assert executed(run.ticket.order) == 5
    run.reported(executed=5)
    assert executed(run.ticket.order) == 5


def test_a_report_takes_back_part_of_what_was_concluded() -> None:
    """OL9: (X, leaves) are the venue's after the report, to the lot."""
    run = working()
    run.reported(executed=5)
    run.reported(executed=3)
    assert (executed(run.ticket.order), leaves(run.ticket.order)) == (3, 7)
    run.reported(executed=0)
    assert (executed(run.ticket.order), leaves(run.ticket.order)) == (0, 10)
    lives = [fill.life for fill in run.both.state.execution.fills.values()]
    assert lives == [FillLife.VOIDED]


def test_a_report_settles_every_doubt_at_once() -> None:
    """OL9: a replace and two cancels in doubt, one answer to the query."""
    run = working()
    run.line(2)
    run.told(EventKind.OUTCOME_UNKNOWN, 2)
    run.reported(life=int(Life.CANCELED), total=20, price=101)
    assert not run.ticket.order.doubts
    assert (run.ticket.order.life, run.ticket.order.price) == (Life.CANCELED, 101)


def test_doubts_of_a_dead_order_are_settled_too() -> None:
    run = working()
    run.line(2)
    run.told(EventKind.CANCELED)
    run.told(EventKind.OUTCOME_UNKNOWN, 2)
    assert len(run.ticket.order.doubts) == 1
    run.reported(life=int(Life.CANCELED))
    assert not run.ticket.order.doubts


def not_found(younger_ns: int = 0) -> Run:
    """A NEW in doubt that the venue says it never had, when the doubt is old enough or younger."""
    run = Run({1: [new_order(1, 0, 1, 10, 100)]})
    run.line(1)
    run.told(EventKind.OUTCOME_UNKNOWN, 1)
    (doubt,) = run.ticket.order.doubts
    stamp_ns = doubt.asked_ns + run.both.configuration.timing.settling_ns - younger_ns
    gone = StatusReport(0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, stamp_ns, stamp_ns)
    assert run.both.apply(Event(stamp_ns, stamp_ns, 0, 0, 0, gone))
    return run


@pytest.mark.parametrize("younger_ns", [0, 1])
def test_an_order_nobody_knows_is_gone_once_its_doubt_is_old_enough(younger_ns: int) -> None:
    """OL9: to the nanosecond."""
    order = not_found(younger_ns).ticket.order
    assert len(order.doubts) == younger_ns
    assert (order.life in DEAD) == (younger_ns == 0)


@pytest.mark.parametrize("life", [Life.SUBMITTED, Life.WORKING, Life.DONE_FOR_DAY, Life.CANCELED])
def test_an_order_that_was_concluded_dead_lives_again_when_it_is_seen(life: Life) -> None:
    """OL9: in every life that is not over, the first and the last of them too."""
    run = not_found()
    run.reported(life=int(life), as_of_ns=3 * 10**9, query_sent_ns=3 * 10**9)
    assert (run.ticket.order.life in DEAD) == (life == Life.CANCELED)


def test_a_leg_nobody_has_is_the_last_one_for_good() -> None:
    """A void finds the leg its fill was counted on, even when legs were added since [OL5]."""
    run = working()
    run.told(EventKind.FILLED, trade_id=7, quantity=4, leg=5, price=100, side=1)
    run.line(2)
    run.told(EventKind.REPLACED, 2, venue_order_id=66)
    run.told(EventKind.FILL_VOIDED, reference=7)
    assert [leg.executed for leg in run.ticket.order.legs] == [0, 0]


def test_prevention_beyond_the_total_is_surfaced() -> None:
    """OL3: `over` grows although nothing was filled."""
    run = working()
    run.told(EventKind.PREVENTED, quantity=12)
    assert run.surfaced() == [SurfacedReason.OVERFILLED]
    assert over(run.ticket.order) == 2


def test_what_an_operator_settles_ends_in_doubt() -> None:
    """Its Request was never answered: INTENT_CLOSED says so."""
    run = working()
    run.line(2)
    records = run.say(OperatorDisposition(1, 1))
    assert (int(RecordKind.INTENT_CLOSED), 0, 2, 1, int(IntentOutcome.IN_DOUBT)) in records


def test_a_dated_cancel_ends_the_replace_it_takes_over() -> None:
    """EC4, T8: the waiting REPLACE is superseded, and is said to be."""
    dated = evolve(SPOT, honours_good_till_date=0)
    bucket = Bucket(0, "orders", 1, 1, 100_000, 1, 1, 1)
    order = new_order(1, 0, 1, 10, 100, time_in_force=4, good_till_ns=5_500)
    run = Run(
        {1: [order], 2: [replace_order(1, 20, 101)]},
        instruments=(dated, LINEAR),
        buckets=(bucket,),
        timing=Timing(cancel_deadline_ns=0),
    )
    run.line(1)
    run.told(EventKind.ACCEPTED, 1, venue_order_id=55)
    run.line(2)
    assert run.both.state.execution.queue[1].intent_id == 2
    run.both.apply(Event(5_500, 5_500, 0, 0, 0, ControlTime(5_500)))
    superseded = (int(RecordKind.INTENT_CLOSED), 0, 2, 1, int(IntentOutcome.SUPERSEDED))
    assert superseded in run.both.records
    assert run.both.state.execution.queue[1].kind == 3
    assert run.ticket.expiring == 1


def test_an_order_that_turns_up_before_it_was_sent_takes_the_place_of_its_command() -> None:
    """OL3: the queued NEW no longer locks anything; it is withdrawn in the same step."""
    bucket = Bucket(0, "orders", 1, 1, 100_000, 1, 1, 1)
    lines = {1: [new_order(1, 0, 1, 10, 100), new_order(2, 0, 1, 10, 99)]}
    run = Run(lines, buckets=(bucket,))
    run.line(1)
    locked = run.both.state.execution.ledger.balances[(0, 0)].locked
    assert run.both.state.execution.queue.keys() == {2}
    run.say(Execution(int(EventKind.ACCEPTED), 0, 0, 2, 0, 77, side=1, price=99, total=10))
    assert run.both.state.execution.queue == {}
    assert run.both.state.execution.ledger.balances[(0, 0)].locked < locked


def test_flags_are_read_apart() -> None:
    run = working()
    both = int(ExecutionFlag.INFERRED) + int(ExecutionFlag.RESTORES)
    run.told(EventKind.FILLED, trade_id=7, quantity=4, flags=both, **FILL)
    assert next(iter(run.both.state.execution.fills.values())).inferred == 1


def test_a_venue_id_that_two_orders_have_means_the_older_of_them() -> None:
    """Whichever of the two the venue named first: no order of arrival decides [D1]."""
    run = Run({1: [new_order(1, 0, 1, 10, 100), new_order(2, 0, 1, 10, 99)]})
    run.line(1)
    for order_id, request_id in ((2, 2), (1, 1)):
        accepted = Execution(int(EventKind.ACCEPTED), 0, 0, order_id, request_id)
        run.say(evolve(accepted, venue_order_id=77))
    unnamed = Execution(int(EventKind.FILLED), 0, 0, 0, 0, 77)
    run.say(evolve(unnamed, trade_id=7, price=99, quantity=4, side=1))
    orders = run.both.state.execution.orders
    assert (executed(orders[1].order), executed(orders[2].order)) == (4, 0)


# --- which leg, which order, which sums ----------------------------------------------------------


def two_legs() -> Run:
    """An order whose replace made a second leg, 66, behind the first, 55."""
    run = working()
    run.line(2)
    run.told(EventKind.REPLACED, 2, venue_order_id=66)
    return run


def lots_by_leg(run: Run) -> list[int]:
    return [leg.executed for leg in run.ticket.order.legs]


def test_a_leg_is_found_by_index_by_venue_id_and_for_a_void_by_its_fill() -> None:
    for told, expected in (
        ({"leg": 0}, [4, 0]),
        ({"leg": 1}, [0, 4]),
        ({"leg": 2}, [0, 4]),
        ({"leg": 0, "venue_order_id": 66}, [0, 4]),
        ({"leg": 1, "venue_order_id": 55}, [4, 0]),
    ):
        run = two_legs()
        run.told(EventKind.FILLED, trade_id=7, quantity=4, price=100, side=1, **told)
        assert lots_by_leg(run) == expected
        run.told(EventKind.FILL_VOIDED, reference=7, venue_order_id=66, leg=1)
        assert lots_by_leg(run) == [0, 0]


def test_an_instrument_that_does_not_exist_is_refused() -> None:
    run = working()
    for instrument in (-1, 2):
        run.say(Execution(int(EventKind.FILLED), 0, instrument, 1, trade_id=7, quantity=4, side=1))
        assert [each[0] for each in run.both.records] == [RecordKind.REFUSED]
        for body in (Settlement(0, instrument, 5), FundingPaid(0, instrument, 0, 5)):
            run.say(body)
            assert [each[0] for each in run.both.records] == [RecordKind.REFUSED]


def test_what_a_waiting_linear_order_locks_at_its_worst() -> None:
    """A waiting sell may trade at the market, so that counts; a buy is worth its own price."""
    bucket = Bucket(0, "orders", 1, 1, 100_000, 1, 1, 1)
    for side in (1, -1):
        for price in (50, 300):
            waiting = new_order(2, 1, side, 5, price)
            run = Run({200: [new_order(1, 0, 1, 1, 10), waiting]}, buckets=(bucket,))
            run.say(Trade(1, 200, 1, 1, 0, 0))
            run.line(200)
            locked = run.both.kernel.execution.shadows[2].lock_amount
            reference = run.both.kernel.execution.protected_reference(1, side)
            judged = price if side == 1 else max(price, reference)
            per_lot = run.both.kernel.execution.ledger.lock_per_lot(1, side, judged)
            assert locked == 5 * per_lot > 0


def test_what_was_asked_counts_until_it_is_answered() -> None:
    """OL8: lots that were prevented before the venue took the order may yet stand."""
    run = Run({1: [new_order(1, 0, 1, 10, 100)]})
    run.line(1)
    locked = run.both.kernel.execution.ledger.locked[0]
    run.told(EventKind.PREVENTED, quantity=3)
    assert leaves(run.ticket.order) == 7
    assert run.both.kernel.execution.ledger.locked[0] == locked > 0


def test_a_price_that_was_asked_for_is_locked_at_whatever_the_quantity() -> None:
    """OL8: a REPLACE of the price alone, which locks more, and one that locks less."""
    lines = {1: [new_order(1, 0, 1, 10, 100)], 2: [replace_order(1, 10, 108)]}
    run = Run({**lines, 3: [replace_order(1, 10, 90)]})
    locked = run.both.kernel.execution.ledger.locked
    run.line(1)
    before = locked[0]
    run.told(EventKind.ACCEPTED, 1, venue_order_id=55)
    run.line(2)
    assert locked[0] > before
    run.told(EventKind.REPLACED, 2, venue_order_id=55, price=108, total=10)
    at_most = locked[0]
    run.line(3)
    assert locked[0] == at_most


def test_a_key_that_is_used_again_is_no_leg_of_its_first_list() -> None:
    """What waits may be withdrawn, and its key taken by a leg of another list."""
    bucket = Bucket(0, "orders", 1, 1, 100_000, 1, 1, 1)

    def pair(list_id: int, *terms: tuple[int, int]) -> list[Decision]:
        asked = [Instructions(list_id=list_id, list_leg=leg) for leg in range(2)]
        return [
            new_order(key, 0, -1, lots, 104, instructions=each)
            for (key, lots), each in zip(terms, asked, strict=True)
        ]

    first, second = pair(1, (31, 5), (32, 6)), pair(2, (31, 7), (33, 3))
    taken: list[Decision] = [*first, cancel_order(31), *second]
    run = Run({1: [new_order(1, 0, 1, 1, 10)], 2: taken}, buckets=(bucket,))
    for line in (1, 2, 3):
        run.line(line)
    assert sorted(run.both.state.execution.queue) == [31, 32, 33]


def test_the_asset_of_a_fee_is_asked_for_where_there_is_a_fee() -> None:
    run = working()
    run.told(EventKind.FILLED, trade_id=7, quantity=1, fee_asset=8, **FILL)
    fill = Execution(int(EventKind.FILLED), 0, 0, 1, trade_id=8, quantity=1, fee=3, **FILL)
    run.both.apply(Event(9_000, 9_000, 0, 0, 0, evolve(fill, fee_asset=8)))
    assert run.both.broken


def test_an_order_s_evidence_is_of_its_instrument() -> None:
    """OL4: our id at another instrument is somebody else's order."""
    run = working()
    fill = Execution(int(EventKind.FILLED), 0, 1, 1, trade_id=7, quantity=1, **FILL)
    run.say(fill)
    assert sorted(run.both.state.execution.orders) == [-1, 1]


def test_a_fill_is_on_the_side_of_its_order_where_that_is_known() -> None:
    run = working()
    run.say(Execution(int(EventKind.ACCEPTED), 0, 0, 0, 0, 77, price=99, total=10))
    for order_id, venue_id, side in ((1, 55, -1), (1, 55, 0), (0, 77, -1), (0, 77, 1)):
        before = len(run.both.state.execution.fills)
        fill = Execution(int(EventKind.FILLED), 0, 0, order_id, 0, venue_id, side=side, price=99)
        run.say(evolve(fill, trade_id=before + 1, quantity=1))
    assert [fill.side for fill in run.both.state.execution.fills.values()] == [1, 1, -1, 1]


def test_an_answer_to_a_question_asked_before_the_doubt_is_stale() -> None:
    """OL9: the question has to be younger than the Request it is about."""
    for later_ns in (0, 1):
        run = working()
        run.line(2)
        asked = run.ticket.order.pending
        assert asked is not None
        run.told(EventKind.OUTCOME_UNKNOWN, 2)
        run.reported(query_sent_ns=asked.asked_ns + later_ns)
        assert len(run.ticket.order.doubts) == 1 - later_ns


def open_prices(kernel: Kernel) -> list[list[int]]:
    """Side x price of what is open, by cell."""
    return [list(each) for each in kernel.execution.open_prices]


def sums(kernel: Kernel) -> tuple[object, ...]:
    """What is open, as execution keeps it."""
    execution = kernel.execution
    return (
        execution.open_orders,
        execution.open_lots,
        open_prices(kernel),
        sorted(execution.unfinished),
    )


@pytest.mark.parametrize("seed", range(6_000_000, 6_000_006))
def test_sums_kept_along_the_way_are_those_of_a_kernel_that_took_over(seed: int) -> None:
    both = refinement.run(seed, Coverage())
    other = Kernel(both.configuration, both.strategies_factory())
    other.load(both.kernel.state())
    assert sums(other) == sums(both.kernel)


def test_what_is_over_counts_no_more() -> None:
    run = working()
    assert sums(run.both.kernel)[0] == [1]
    run.told(EventKind.CANCELED)
    assert sums(run.both.kernel) == ([0], [0] * 4, [[]] * 4, [])


def test_an_order_is_open_once_at_each_price_it_may_stand_under() -> None:
    same = {1: [new_order(1, 0, 1, 10, 100)], 2: [replace_order(1, 20, 100)]}
    for run, sent in ((working(), [100, 101]), (Run(same), [100])):
        run.line(1)
        run.line(2)
        assert open_prices(run.both.kernel) == [sent, [], [], []]
    worse = Run({1: [new_order(1, 0, -1, 10, 101)], 2: [new_order(2, 0, -1, 10, 100)]})
    worse.line(1)
    worse.line(2)
    execution = worse.both.kernel.execution
    assert open_prices(worse.both.kernel)[1] == [-101, -100]
    assert [execution.best_open_price(0, 0, side) for side in (1, -1)] == [0, 100]
    worse.told(EventKind.REJECTED, 1, side=-1)
    assert open_prices(worse.both.kernel)[1] == [-100]


def test_an_order_of_neither_side_is_open_at_no_price() -> None:
    kernel = working().both.kernel
    execution = kernel.execution
    order = KernelOrder(-1, 0, 0, 0, 0, 1, 1, 0, 0)
    order.life, order.price, order.legs = int(Life.WORKING), 99, [KernelLeg(0, 3)]
    execution.refresh(order)
    assert open_prices(kernel) == [[100], [], [], []]


def test_cells_are_by_side_and_nobody_s_order_locks_nothing() -> None:
    execution = working().both.kernel.execution
    assert [execution.cell_of(0, 1, side) for side in (1, 0, -1)] == [2, 2, 3]
    for order_id, locks in ((0, False), (1, True)):
        order = KernelOrder(order_id, 0, 0, 0, 1, 1, 1, 0, 0)
        order.life, order.price, order.legs = int(Life.WORKING), 100, [KernelLeg(0, 3)]
        execution.refresh(order)
        assert (order.lock_amount > 0) == locks


def test_a_request_that_another_has_followed_is_closed() -> None:
    kernel = working().both.kernel
    kernel.chain.forget()
    order = KernelOrder(1, 0, 0, 0, 1, 1, 1, 0, 0)
    order.pending_kind, order.pending_id = 2, 6
    kernel.execution._close_settled(order, 6, None, 0)
    kernel.execution._close_settled(order, 5, None, 0)
    kernel.chain.ended = kernel.chain.written
    assert [each[2] for each in kernel.records] == [5]


@pytest.mark.parametrize("side", [1, -1])
def test_a_replace_gives_back_what_its_order_held_on_its_own_side(side: int) -> None:
    """R2: of two open orders only the other's lots count beside the terms asked for."""
    lines = {
        1: [new_order(1, 0, side, 10, 100), new_order(2, 0, -side, 3, 100 + 5 * side)],
        2: [replace_order(1, 12, 100)],
        3: [replace_order(1, 13, 100)],
    }
    run = Run(lines, risk=RiskLimits(maximum_position=12))
    run.line(1)
    run.told(EventKind.ACCEPTED, 1, venue_order_id=55)
    run.line(2)
    assert run.ticket.order.pending is not None
    run.told(EventKind.REPLACED, 3, venue_order_id=55, total=12)
    run.line(3)
    assert run.ticket.order.pending is None
