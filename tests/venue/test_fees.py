"""Fees as the venues charge them: counted per account, over all instruments of a quote asset."""

from attrs import evolve
from hypothesis import given
from hypothesis import strategies as st

from tests.venue.stage import BOOK, BUY, INSTRUMENT, SELL, Stage
from tickproof.spec.commands import CommandKind, OrderType, Request
from tickproof.spec.events import EventKind, Liquidity
from tickproof.spec.fees import charge, traded_after
from tickproof.spec.instrument import FeeAsset, FeeSchedule, FeeTier, InstrumentKind
from tickproof.venue.fees import FeeDesk
from tickproof.venue.gateway import Gateway
from tickproof.venue.venue import SimulatedVenue

OTHER = 2
TIERED = evolve(INSTRUMENT, fees=FeeSchedule((FeeTier(600, 10_000_000, 20_000_000),)))
DISCOUNTED = evolve(INSTRUMENT, fees=FeeSchedule((), 0, OTHER, 50_000_000, 100_000, 1))


def paid(play: Stage) -> list[tuple[int, int]]:
    """(asset, amount) of every fill."""
    return [(s.report.fee_asset, s.report.fee) for s in play.said if s.kind == EventKind.FILLED]


def test_a_fill_is_charged_at_the_tier_it_finds_and_counts_for_the_next() -> None:
    play = Stage(SimulatedVenue((TIERED,), 0, 0, 0)).at(10)
    play.snapshot(*BOOK)
    # 2 lots at 101 are 606 units: the tier is reached by the first fill, for the second one.
    for order, lots in ((1, 2), (2, 1)):
        play.at(10 + order).new(order, BUY, 0, lots, order_type=OrderType.MARKET)
    assert paid(play) == [(1, 1), (1, 61)]


def test_accounts_count_apart_and_instruments_of_a_quote_asset_together() -> None:
    desk = FeeDesk((TIERED, evolve(TIERED, id=1)))
    assert desk.charged(0, 0, BUY, 101, 2, Liquidity.TAKER) == (1, 1)
    assert desk.charged(0, 1, BUY, 101, 1, Liquidity.TAKER) == (1, 1)
    assert desk.charged(1, 0, BUY, 101, 1, Liquidity.TAKER) == (1, 61)


def test_a_discount_lasts_while_the_account_holds_enough() -> None:
    balances = ((0, OTHER, 12_000), (0, 1, 5), (1, OTHER, 9))
    venue = SimulatedVenue((DISCOUNTED,), 0, 0, 0, balances=balances)
    play = Stage(venue).at(10)
    play.snapshot(*BOOK)
    for order in (1, 2):
        play.at(10 + order).new(order, BUY, 0, 1, order_type=OrderType.MARKET)
    # 303 x 0.0005 x 0.5 x 100,000 = 7,575 of 12,000; the rest is not enough for another.
    assert paid(play) == [(OTHER, 7_575), (1, 1)]
    assert venue._fees.held == {(0, OTHER): 4_425, (1, OTHER): 9}


def test_two_participants_of_a_matching_venue_have_tiers_of_their_own() -> None:
    gate = Gateway((TIERED,), 0)
    for number, (who, side) in enumerate(((0, SELL), (1, BUY), (0, SELL), (2, BUY)), start=1):
        lots = 2
        gate.submit(
            who, Request(number, int(CommandKind.NEW), 0, 0, number, 0, side, 1, 1, 101, lots, 0, 0)
        )
    found = [(who, values[13]) for who, kind, values in gate.told if kind == EventKind.FILLED]
    assert found == [(0, 1), (1, 1), (0, 61), (2, 1)]


SORTS = tuple(
    evolve(
        INSTRUMENT,
        kind=kind,
        fee_asset=asset,
        maker_fee_e8=rate,
        money_per_price_lot=unit,
        base_per_lot=unit + 4,
    )
    for kind in InstrumentKind
    for asset in FeeAsset
    for rate, unit in ((20_000, 3), (-9_000, 3), (10**8, 1 << 62), (50, 1 << 70))
)
"""Fees out of everything there is; the product of some fills is beyond 64 bits."""

trades = st.lists(
    st.tuples(
        st.integers(0, len(SORTS) - 1),
        st.integers(0, 1),
        st.sampled_from((BUY, SELL)),
        st.integers(1, 200),
        st.integers(1, 9),
        st.sampled_from((Liquidity.MAKER, Liquidity.TAKER)),
    ),
    max_size=20,
)


@given(trades)
def test_a_desk_with_nothing_to_count_charges_the_two_rates(
    told: list[tuple[int, int, int, int, int, int]],
) -> None:
    desk = FeeDesk(SORTS)
    for number, account, side, price, lots, liquidity in told:
        terms = (side, price, lots, liquidity)
        assert desk.charged(number, account, *terms) == charge(SORTS[number], *terms)
    assert desk.traded == desk.held == {}


@given(trades)
def test_the_desk_counts_as_specified(told: list[tuple[int, int, int, int, int, int]]) -> None:
    schedule = FeeSchedule((FeeTier(700, 0, 10_000_000),), 1, OTHER, 25_000_000, 50, 1)
    both = (evolve(INSTRUMENT, fees=schedule), evolve(INSTRUMENT, id=1, fees=schedule))
    desk = FeeDesk(both, ((0, OTHER, 3_000), (1, OTHER, 900)))
    traded, held = {0: 0, 1: 0}, {0: 3_000, 1: 900}
    for sort, account, side, price, lots, liquidity in told:
        number = sort % 2
        instrument = both[number]
        expected = charge(instrument, side, price, lots, liquidity, traded[account], held[account])
        assert desk.charged(number, account, side, price, lots, liquidity) == expected
        traded[account] = traded_after(instrument, traded[account], price, lots)
        held[account] -= expected[1] if expected[0] == OTHER else 0
        assert held[account] >= 0
