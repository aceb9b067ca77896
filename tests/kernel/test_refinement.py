"""Kernel and specification in lockstep: every field, record, obligation and digest."""

import os
import random
from collections.abc import Callable
from typing import Any, ClassVar

import pytest
from attrs import evolve
from hypothesis import HealthCheck, settings
from hypothesis.stateful import run_state_machine_as_test

from tickproof.invariants.machine import RefinementMachine
from tickproof.invariants.refinement import (
    Diverged,
    Lockstep,
    first_difference,
    lockstep,
)
from tickproof.invariants.streams import EventSource
from tickproof.invariants.worlds import (
    ASSETS,
    LINEAR,
    SPOT,
    Idle,
    Nothing,
    configuration,
    strategies,
)
from tickproof.kernel import BUILD
from tickproof.kernel.admission import Admission
from tickproof.kernel.chain import KernelChain
from tickproof.kernel.execution import KernelExecution
from tickproof.kernel.kernel import Kernel
from tickproof.kernel.ledger import KernelLedger
from tickproof.spec.commands import SetTimer
from tickproof.spec.configuration import Configuration, StrategySettings, Wake, WakeRule
from tickproof.spec.events import (
    BalanceSnapshot,
    ConnectionChanged,
    ControlTime,
    Event,
    EventKind,
    Execution,
    InstrumentStatus,
    SessionStarted,
    StatusReport,
    Trade,
    TradingStateChanged,
)
from tickproof.spec.instrument import Account
from tickproof.spec.strategy import View

IS_NIGHTLY = os.environ.get("TICKPROOF_HYPOTHESIS_PROFILE") == "nightly"


@pytest.mark.slow
def test_streams_that_hypothesis_steers() -> None:
    """They shrink; every predicate is asked after each step."""
    run_state_machine_as_test(
        RefinementMachine,
        settings=settings(
            max_examples=150 if IS_NIGHTLY else 80,
            stateful_step_count=100 if IS_NIGHTLY else 40,
            suppress_health_check=list(HealthCheck),
        ),
    )


def run(seed: int, length: int) -> Lockstep:
    """A world, and a stream made for it as it goes."""
    dice = random.Random(seed)
    configured = configuration(dice)
    both = Lockstep(configured, lambda: strategies(seed, configured), 20)
    source = EventSource(dice, configured)
    for _ in range(length):
        both.apply(source.event(both.state))
    return both


@pytest.mark.parametrize("seed", range(60 if IS_NIGHTLY else 6))
def test_long_streams_agree(seed: int) -> None:
    """Longer than those of the key `refinement`, which sees to it that everything is met."""
    assert run(seed, 250).state.position > 200


# --- canaries ------------------------------------------------------------------------------------


def skipping(*_arguments: Any, **_named: Any) -> int:
    return 0


def kinder_lock(ledger: KernelLedger, instrument: int, side: int, price: int) -> int:
    return ledger.base_per_lot[instrument] if side < 0 else price


BUGS: tuple[tuple[type, str, Callable[..., Any]], ...] = (
    (KernelExecution, "follow_market", skipping),
    (KernelExecution, "_absorb", skipping),
    (KernelExecution, "_reverse", skipping),
    (KernelExecution, "_close_settled", skipping),
    (KernelExecution, "_show", skipping),
    (KernelLedger, "lock_per_lot", kinder_lock),
    (KernelLedger, "position_margin", skipping),
    (Admission, "_release", skipping),
    (Admission, "_see_equity", skipping),
    (Admission, "_drop_shadow", skipping),
    (Kernel, "_fall_due", skipping),
    (Kernel, "_note_deadlines", skipping),
    (Kernel, "_halt", skipping),
    (KernelChain, "note", skipping),
)


@pytest.mark.slow
@pytest.mark.skipif(BUILD == "compiled", reason="methods of a compiled class cannot be replaced")
@pytest.mark.parametrize(("owner", "name", "planted"), BUGS, ids=[bug[1] for bug in BUGS])
def test_a_planted_bug_diverges(
    owner: type, name: str, planted: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(owner, name, planted)
    for seed in range(400):
        try:
            run(seed, 60)
        except (Diverged, LookupError, ValueError):
            # A kernel that falls over is noticed as well.
            return
    pytest.fail(f"nobody noticed that {owner.__name__}.{name} does nothing right")


def test_the_first_difference_is_named_by_its_path() -> None:
    both = run(3, 30)
    market = both.state.market.instruments[1]
    other = evolve(market, last_trade=(7, 8, 9))
    instruments = (both.state.market.instruments[0], other, *both.state.market.instruments[2:])
    changed = evolve(both.state, market=evolve(both.state.market, instruments=instruments))
    path = first_difference(both.state, changed, "state")
    assert path.startswith("state.market.instruments[1].last_trade[0]: expected ")
    assert first_difference(both.state, both.state) == ""


# --- what hostile streams taught -----------------------------------------------------------------


def quiet_world(**changes: Any) -> Configuration:
    """Two accounts, SPOT and LINEAR, one strategy that does nothing."""
    rule = WakeRule(int(Wake.EVERY_EVENT))
    made = Configuration(
        1,
        ASSETS,
        (Account(0, "first", 0), Account(1, "second", 0)),
        (SPOT, LINEAR),
        (StrategySettings(0, "quiet", 0, "code", (), rule, (0, 1)),),
        initial_balances=((0, 0, 10_000), (0, 1, 50), (1, 0, 10_000)),
    )
    return evolve(made, **changes)


def applied(*bodies: Any, configured: Configuration | None = None) -> Lockstep:
    """Bodies in envelopes a second apart, applied to both sides."""
    events = [
        Event(1_000 * (index + 1), 1_000 * (index + 1), 0, index, 0, body)
        for index, body in enumerate(bodies)
    ]
    return lockstep(configured or quiet_world(), lambda: (Idle(),), events)


def filled(account: int, instrument: int, order_id: int, venue_id: int, **more: Any) -> Execution:
    return Execution(
        int(EventKind.FILLED),
        account,
        instrument,
        order_id,
        venue_order_id=venue_id,
        side=1,
        price=100,
        **{"quantity": 2, "trade_id": 1, **more},
    )


def test_venue_ids_belong_to_their_instrument() -> None:
    """The same venue order id at two instruments and accounts is three orders, not one [OL4]."""
    both = applied(filled(0, 0, 0, 55), filled(0, 1, 0, 55), filled(1, 0, 0, 55))
    orders = both.state.execution.orders
    assert [(each.account, each.instrument) for each in orders.values()] == [(0, 0), (0, 1), (1, 0)]
    assert sorted(orders) == [-3, -2, -1]


def test_an_id_of_ours_at_another_instrument_is_not_ours() -> None:
    both = applied(filled(0, 0, 5, 55), filled(0, 1, 5, 56), filled(1, 0, 5, 57))
    orders = both.state.execution.orders
    assert {order_id: each.instrument for order_id, each in orders.items()} == {5: 0, -1: 1, -2: 0}


def test_a_void_before_its_fill_is_found_at_its_own_order() -> None:
    """Another order of others appears in between and must not take its place [OL4]."""
    early = Execution(int(EventKind.FILL_VOIDED), 0, 0, 0, venue_order_id=55, reference=1)
    both = applied(early, filled(1, 1, 0, 77), filled(0, 0, 0, 55))
    positions = both.state.execution.ledger.positions
    assert {key[:2]: each.quantity for key, each in positions.items()} == {(1, 1): 2}


def test_money_beyond_64_bits_is_in_the_chain() -> None:
    """A posting may pass int64; both sides fold it, and tell one from another."""
    huge = {"price": 10**12, "quantity": 10**12}
    more = {"price": 10**12, "quantity": 10**12 - 1}
    body = filled(0, 0, 0, 9)
    one = applied(evolve(body, **huge))
    other = applied(evolve(body, **more))
    assert one.kernel.chain_digest() != other.kernel.chain_digest()


@pytest.mark.parametrize(
    "body",
    [
        filled(0, 0, 0, 9, fee=3, fee_asset=8),
        Trade(7, 1, 1, 1, 0, 0),
        TradingStateChanged(9),
        ConnectionChanged(0, 9),
        InstrumentStatus(0, 9),
    ],
    ids=["fee", "instrument", "trading state", "connection", "status"],
)
def test_codes_nobody_defined_stop_both(body: Any) -> None:
    """A fee that cannot be booked, or a code without meaning, is no refusal [F5]."""
    assert applied(body).broken == 1


def test_what_is_not_configured_is_refused() -> None:
    both = applied(
        filled(4, 0, 0, 9),
        filled(0, 4, 0, 9),
        BalanceSnapshot(4, 0, 5),
        BalanceSnapshot(0, 4, 5),
        StatusReport(0, 4, 1, 0, 1, 3, 0, 0, 0, 0, 0, 0, 0, 0),
    )
    assert both.state.execution.refused == 5
    assert both.state.execution.orders == {}


def test_a_control_time_that_answers_nothing_is_a_stamp_like_any_other() -> None:
    """It may not throw `now` further than the jump limit, and is never counted as backward [T3]."""
    configured = quiet_world()
    limit_ns = configured.timing.jump_limit_ns
    both = applied(
        SessionStarted(0), ControlTime(10 + limit_ns), ControlTime(1_005), ControlTime(1)
    )
    clock = both.state.control.clock
    assert (clock.now_ns, clock.jumps, clock.backwards) == (limit_ns + 10, 0, 0)
    both = applied(SessionStarted(0), ControlTime(2_000 + limit_ns))
    assert (both.state.control.clock.now_ns, both.state.control.clock.jumps) == (1_000, 1)


@pytest.mark.slow
def test_the_same_status_report_again_changes_nothing() -> None:
    """One report converges, whatever the order went through before [OL9]."""
    reports = 0
    for seed in range(40):
        both = run(seed, 60)
        if both.broken:
            continue
        source = EventSource(random.Random(seed), both.configuration)
        for _ in range(30):
            report = source.of("status", both.state)
            if not isinstance(report.body, StatusReport) or not report.body.found:
                continue
            now_ns = both.state.control.clock.now_ns
            sent = evolve(report.body, as_of_ns=10**15, query_sent_ns=10**15)
            again = Event(now_ns, now_ns, 1, 0, 0, sent)
            if not (both.apply(again) and both.apply(again)):
                break
            order_id = sent.order_id
            if both.before.execution.orders.get(order_id) is not None:
                reports += 1
                was, now = both.before.execution, both.state.execution
                assert now.orders[order_id].order.doubts == ()
                assert now.orders[order_id].order.legs == was.orders[order_id].order.legs
                assert now.orders[order_id].order.life == was.orders[order_id].order.life
                assert now.fills == was.fills
    assert reports > 100


def test_a_timer_in_the_past_is_answered_without_end() -> None:
    """The pair gives up on a strategy that always asks for now, without diverging."""

    class Hasty:
        wake: ClassVar[WakeRule] = WakeRule(int(Wake.EVERY_EVENT))
        memory: ClassVar[type] = Nothing

        def decide(self, view: View, memory: Nothing) -> list[SetTimer]:  # noqa: ARG002
            return [SetTimer(view.now_ns)]

    both = Lockstep(quiet_world(), lambda: (Hasty(),))
    assert both.apply(Event(1, 1, 0, 0, 0, SessionStarted(0)))
    assert both.apply(Event(2, 2, 0, 0, 0, Trade(0, 1, 1, 1, 0, 0)))
    assert not both.apply(Event(9, 9, 0, 0, 0, Trade(0, 1, 1, 1, 0, 0)))
