"""The flat decision equals the spec's, on every example and on whole records."""

from typing import Any

import pytest
from attrs import evolve
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.proofs.prove_risk import GROUPS
from tests.spec.test_risk import EDGES, EXAMPLES, GOOD, VALUES, case_name, records
from tickproof.kernel.risk import FlatFacts, decide_flat, worst_open
from tickproof.spec import risk as spec
from tickproof.spec.configuration import RiskLimits
from tickproof.spec.instrument import Instrument, InstrumentKind
from tickproof.spec.risk import DenyCode, RiskFacts


def decided(facts: RiskFacts) -> int:
    flat = FlatFacts()
    flat.load(facts)
    return decide_flat(flat)


@pytest.mark.parametrize(("code", "changes"), EXAMPLES, ids=case_name)
def test_every_reason_is_given(code: DenyCode, changes: dict[str, Any]) -> None:
    assert decided(evolve(GOOD, **changes)) == code


@pytest.mark.parametrize("changes", EDGES, ids=case_name)
def test_the_edge_of_every_limit_is_inside(changes: dict[str, Any]) -> None:
    assert decided(evolve(GOOD, **changes)) == DenyCode.ALLOWED


@settings(max_examples=1_000)
@given(records)
def test_it_equals_the_spec(facts: RiskFacts) -> None:
    assert decided(facts) == spec.decide(facts)


@given(st.builds(RiskFacts, **{name: st.integers(-3, 3) for name in VALUES}))
def test_it_equals_the_spec_on_nonsense(facts: RiskFacts) -> None:
    assert decided(facts) == spec.decide(facts)


@given(records)
def test_facts_travel_both_ways_and_decisions_leave_them(facts: RiskFacts) -> None:
    flat = FlatFacts()
    flat.load(facts)
    decide_flat(flat)
    assert flat.to_spec() == facts


@given(records)
def test_reset_forgets_everything(facts: RiskFacts) -> None:
    flat = FlatFacts()
    flat.load(facts)
    flat.reset()
    assert flat.to_spec() == RiskFacts()
    assert decide_flat(flat) == DenyCode.MALFORMED


def test_it_takes_instruments_and_limits_over() -> None:
    flat = FlatFacts()
    flat.load_instrument(
        Instrument(
            0,
            "X",
            0,
            InstrumentKind.SPOT,
            0,
            1,
            0,
            0,
            7,
            1,
            tick=2,
            lot_step=3,
            minimum_quantity=4,
            maximum_quantity=5,
            minimum_notional=6,
        )
    )
    flat.load_limits(RiskLimits(11, 12, 13, 14, 15, 16, 17, 18, 19, 0))
    assert flat.to_spec() == RiskFacts(
        instrument_known=1,
        tick=2,
        lot_step=3,
        minimum_quantity=4,
        maximum_quantity=5,
        minimum_notional=6,
        money_per_price_lot=7,
        limit_price_collar_e8=11,
        limit_quantity=12,
        limit_notional=13,
        limit_position=14,
        limit_open_orders=15,
        limit_gross=16,
        limit_net=17,
        limit_loss=18,
        limit_drawdown=19,
        self_trade_refused=0,
    )


@given(st.lists(st.integers(-5, 20)), st.integers(-5, 20))
def test_worst_open_equals_the_spec(totals: list[int], executed: int) -> None:
    assert worst_open(totals, executed) == spec.worst_open(totals, executed)


def test_the_proved_groups_are_all_policies_in_order() -> None:
    places = [place for _, first, end in GROUPS for place in range(first, end)]
    assert places == list(range(len(spec.POLICIES)))
