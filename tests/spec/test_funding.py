"""Funding: the last word before the time, exact, against the account, nothing guessed."""

from fractions import Fraction

from attrs import evolve
from hypothesis import given
from hypothesis import strategies as st

from tickproof.spec.funding import (
    FUNDING_SCALE,
    UNMARKED,
    Funding,
    FundingOutcome,
    Holding,
    announced,
    holding,
    is_due,
    marked,
    outcome,
    received,
    settled,
)
from tickproof.spec.instrument import Instrument, InstrumentKind
from tickproof.spec.time import NEVER_NS

PERPETUAL = Instrument(0, "P", 0, InstrumentKind.LINEAR, 0, 1, 0, 0, 3, 7)
positions = st.integers(-(10**9), 10**9)
marks = st.integers(1, 10**9)
rates = st.integers(-FUNDING_SCALE, FUNDING_SCALE)


@given(positions, marks, rates)
def test_two_sides_pay_each_other_and_the_venue_keeps_the_rest(
    position: int, mark: int, rate: int
) -> None:
    exact = -Fraction(position * mark * 3 * rate, FUNDING_SCALE)
    got = received(PERPETUAL, position, mark, rate)
    assert 0 <= exact - got < 1
    assert got + received(PERPETUAL, -position, mark, rate) in (-1, 0)


@given(st.lists(st.tuples(rates, st.integers(0, 30)), max_size=8))
def test_the_last_rate_told_before_its_time_holds(told: list[tuple[int, int]]) -> None:
    funding, expected, late = Funding(), (0, NEVER_NS), 0
    for now, (rate, due) in enumerate(told):
        if is_due(funding, now):
            funding, expected = settled(funding), (0, NEVER_NS)
        funding = announced(funding, rate, due, now)
        if due > now:
            expected = (rate, due)
        else:
            late += 1
        assert (funding.rate_e9, funding.due_ns, funding.late) == (*expected, late)


def test_what_comes_of_a_position() -> None:
    known = Funding(100, 5, 10)
    assert outcome(PERPETUAL, known, 3) == (FundingOutcome.PAID, -1)
    assert outcome(PERPETUAL, known, 0) == (FundingOutcome.NOTHING_HELD, 0)
    assert outcome(PERPETUAL, Funding(UNMARKED, 5, 10), 3) == (FundingOutcome.NO_MARK, 0)
    spot = evolve(PERPETUAL, kind=InstrumentKind.SPOT)
    assert outcome(spot, known, 3) == (FundingOutcome.NOT_LINEAR, 0)


def test_what_is_held() -> None:
    spot = evolve(PERPETUAL, kind=InstrumentKind.SPOT)
    held = [holding(PERPETUAL, position) for position in (-1, 0, 1, 2)]
    assert held == [Holding.SHORT, Holding.NOTHING, Holding.LONG, Holding.LONG]
    assert {holding(spot, position) for position in (-1, 0, 1)} == {Holding.NOT_LINEAR}


def test_a_mark_stays_until_another_is_told() -> None:
    funding = marked(Funding(), 50)
    assert settled(announced(funding, 7, 9, 1)) == Funding(50)
    assert marked(funding, -3).mark_price == UNMARKED


def test_longs_pay_a_positive_rate() -> None:
    # 4 lots at 1,000 are 12,000 units; a hundredth of a percent of them is 1.2.
    assert received(PERPETUAL, 4, 1_000, 100_000) == -2
    assert received(PERPETUAL, -4, 1_000, 100_000) == 1
    assert received(PERPETUAL, 4, 1_000, -100_000) == 1
    assert received(PERPETUAL, -(10**9), 1, 10**9) == 3 * 10**9


def test_the_least_price_is_a_mark_and_funding_is_due_at_its_time() -> None:
    funding = announced(marked(Funding(), 1), 5, 10, 9)
    assert funding == Funding(1, 5, 10, 0)
    assert outcome(PERPETUAL, funding, 1)[0] == FundingOutcome.PAID
    assert [is_due(funding, now_ns) for now_ns in (9, 10, 11)] == [False, True, True]
    for now_ns in (10, 11):
        assert announced(funding, 6, 10, now_ns) == evolve(funding, late=1)
    assert marked(funding, 0).mark_price == 0
