"""Self-trade prevention and reduce-only orders at the simulated venue."""

from itertools import product
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.venue.stage import BUY, LEVEL_MODELS, SELL, Stage, stage
from tests.venue.test_venue_properties import Player, Step, declarations, player, scripts
from tickproof.spec.commands import OrderType, TimeInForce
from tickproof.spec.events import EventKind, Reason
from tickproof.spec.instructions import Prevention
from tickproof.spec.instrument import QueueDeclaration
from tickproof.spec.price_queue import FillModel
from tickproof.spec.venue_rules import VenueRules

MODES = (
    Prevention.EXPIRE_TAKER, Prevention.EXPIRE_MAKER, Prevention.EXPIRE_BOTH, Prevention.DECREMENT,
)  # fmt: skip
Told = list[tuple[str, int, int, int]]


def told(play: Stage) -> Told:
    """(kind, order, lots, leaves) since the last call."""
    return [
        (each.kind.name, each.report.order_id, each.report.quantity, each.report.leaves)
        for each in play.fresh()
    ]


# --- prevention ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("mode", "expected"),
    [
        (
            Prevention.NONE,
            [("FILLED", 2, 10, 4), ("FILLED", 2, 4, 0)],
        ),
        (Prevention.EXPIRE_TAKER, [("FILLED", 2, 10, 4), ("EXPIRED", 2, 0, 0)]),
        (
            Prevention.EXPIRE_MAKER,
            [("FILLED", 2, 10, 4), ("EXPIRED", 1, 0, 0), ("FILLED", 2, 4, 0)],
        ),
        (
            Prevention.EXPIRE_BOTH,
            [("FILLED", 2, 10, 4), ("EXPIRED", 1, 0, 0), ("EXPIRED", 2, 0, 0)],
        ),
        (
            Prevention.DECREMENT,
            [
                ("FILLED", 2, 10, 4),
                ("PREVENTED", 1, 3, 0),
                ("PREVENTED", 2, 3, 1),
                ("EXPIRED", 1, 0, 0),
                ("FILLED", 2, 1, 0),
            ],
        ),
    ],
)
def test_an_order_meets_its_own_where_better_prices_end(
    mode: Prevention, expected: list[object]
) -> None:
    play = stage()
    play.new(1, BUY, 99, 3)
    play.fresh()
    play.new(2, SELL, 99, 14, prevention=mode)
    assert told(play)[1:] == expected
    reasons = {each.report.reason for each in play.said if each.kind == EventKind.EXPIRED}
    assert reasons <= {Reason.SELF_TRADE}


def test_the_smaller_order_ends_and_the_larger_keeps_its_place() -> None:
    play = stage()
    play.new(1, BUY, 100, 9)
    play.new(2, BUY, 100, 1, account=1)
    play.fresh()
    play.new(3, SELL, 100, 4, prevention=Prevention.DECREMENT)
    assert told(play)[1:] == [("PREVENTED", 1, 4, 5), ("PREVENTED", 3, 4, 0), ("EXPIRED", 3, 0, 0)]
    assert list(play.places()) == [(1, 5), (2, 1)]
    # A total counts what was prevented.
    play.replace(1, 100, 6)
    assert list(play.places()) == [(1, 2), (2, 1)]
    assert play.said[-1].report.total == 6


def test_an_own_quote_inside_the_spread_is_met_though_the_book_does_not_show_it() -> None:
    play = stage(book=(BUY, 95, 5, SELL, 105, 5))
    play.new(1, BUY, 100, 3)
    play.new(2, SELL, 100, 3, account=1, prevention=Prevention.EXPIRE_BOTH)
    assert list(play.places()) == [(1, 3), (2, 3)]
    play.new(3, SELL, 99, 3, prevention=Prevention.EXPIRE_MAKER)
    assert list(play.places()) == [(3, 3), (2, 3)]
    play.new(4, BUY, 99, 3, order_type=OrderType.LIMIT_MAKER, prevention=Prevention.EXPIRE_TAKER)
    assert play.said[-1].report.reason == Reason.WOULD_TAKE


@pytest.mark.parametrize("mode", MODES)
def test_fill_or_kill_counts_only_what_it_would_get(mode: Prevention) -> None:
    play = stage()
    play.new(1, BUY, 99, 3)
    terms = {"time_in_force": TimeInForce.FOK, "prevention": mode}
    play.new(2, SELL, 99, 12, **terms)
    assert play.filled(2) == (12 if mode == Prevention.EXPIRE_MAKER else 0)
    play = stage()
    play.new(1, BUY, 99, 3)
    play.new(2, SELL, 99, 10, **terms)
    assert play.filled(2) == 10
    assert list(play.places()) == [(1, 3)]


def test_a_requeued_order_meets_its_own_too() -> None:
    play = stage()
    play.new(1, BUY, 99, 3)
    play.new(2, SELL, 105, 3, prevention=Prevention.EXPIRE_TAKER)
    play.delta(BUY, 100, 0)
    play.fresh()
    play.replace(2, 99, 3)
    assert [name for name, *_ in told(play)] == ["REPLACED", "EXPIRED"]


@given(st.integers(0, 2**32), st.sampled_from(MODES), st.sampled_from(LEVEL_MODELS))
def test_prevention_conserves_lots_and_leaves_nothing_crossed(
    seed: int, mode: Prevention, model: FillModel
) -> None:
    """T = X + P + leaves, or what died; and no own order stays within reach of another."""
    source = Random(seed)
    play = stage(model)
    totals: dict[int, int] = {}
    spent: dict[int, int] = {}
    for number in range(1, 15):
        side, price, lots = (
            source.choice((BUY, SELL)),
            source.randint(97, 104),
            source.randint(1, 9),
        )
        totals[number], spent[number] = lots, 0
        play.new(number, side, price, lots, prevention=mode, account=number % 2)
        if source.random() < 0.3:
            play.at(play.now + 1).trade(source.randint(98, 103), 6, source.choice((BUY, SELL)))
        best = {
            (own.side, account): max(
                (
                    own.side * order.price
                    for queue in own.by_price().values()
                    for order in queue.orders
                    if order.account == account
                ),
                default=-(10**9),
            )
            for own in (play.venue._markets[0].bids, play.venue._markets[0].asks)
            for account in (0, 1)
        }
        assert all(best[BUY, account] + best[SELL, account] < 0 for account in (0, 1))
    for each in play.said:
        report = each.report
        if each.kind in (EventKind.FILLED, EventKind.PREVENTED):
            spent[report.order_id] += report.quantity
            assert spent[report.order_id] + report.leaves == totals[report.order_id]
    for number, leaves in play.places():
        assert spent[number] + leaves == totals[number]


RULES = VenueRules(maximum_open_orders=4, maximum_position=9)
LOOKS_AT_FILLS = (Reason.SELF_TRADE, Reason.LIMIT_REACHED, Reason.REDUCE_ONLY)


@given(scripts, declarations, st.sampled_from(MODES[:3]))
def test_models_are_ordered_until_a_rule_looks_at_fills(
    script: list[Step], queue: QueueDeclaration, mode: Prevention
) -> None:
    """Q7 holds for a request sequence for as long as no run refused or ended an order for fills."""
    players = [player(model, queue, rules=RULES) for model in LEVEL_MODELS]
    for each in players:
        each.terms = {"prevention": int(mode)}
    for step in script:
        for each in players:
            each.step(step)
        if any(said.report.reason in LOOKS_AT_FILLS for each in players for said in each.play.said):
            return
        least, *between, most = (each.filled for each in ordered(players))
        for number, _ in players[0].orders:
            for filled in between:
                assert least.get(number, 0) <= filled.get(number, 0) <= most.get(number, 0)


def ordered(players: list[Player]) -> list[Player]:
    by_model: dict[int, Player] = dict(zip(LEVEL_MODELS, players, strict=True))
    first, last = FillModel.PESSIMISTIC, FillModel.OPTIMISTIC
    middle = [each for model, each in by_model.items() if model not in (first, last)]
    return [by_model[first], *middle, by_model[last]]


# --- reduce only ---------------------------------------------------------------------------------


def long(play: Stage, lots: int) -> Stage:
    play.new(90, BUY, 101, lots, time_in_force=TimeInForce.IOC)
    play.fresh()
    return play


def test_a_reduce_only_order_is_refused_or_cut_to_the_position() -> None:
    play = long(stage(), 4)
    play.new(1, BUY, 99, 1, reduce_only=1)
    play.new(2, SELL, 105, 6, reduce_only=1)
    play.new(3, SELL, 105, 1, reduce_only=1)
    play.new(4, SELL, 105, 1)
    assert told(play) == [
        ("REJECTED", 1, 0, -1),
        ("ACCEPTED", 2, 0, 6),
        ("RESTATED", 2, 0, 4),
        ("REJECTED", 3, 0, -1),
        ("ACCEPTED", 4, 0, 1),
    ]
    assert {each.report.reason for each in play.said if each.kind == EventKind.REJECTED} == {
        Reason.REDUCE_ONLY
    }


def test_reduce_only_orders_shrink_with_the_position_the_latest_first() -> None:
    play = long(stage(), 6)
    play.new(1, SELL, 105, 3, reduce_only=1)
    play.new(2, SELL, 104, 3, reduce_only=1)
    play.fresh()
    play.new(3, SELL, 100, 4, time_in_force=TimeInForce.IOC)
    assert told(play)[1:] == [("FILLED", 3, 4, 0), ("RESTATED", 1, 0, 2), ("EXPIRED", 2, 0, 0)]
    assert list(play.places()) == [(1, 2)]


def test_one_print_does_not_flip_a_position() -> None:
    play = long(stage(), 4)
    play.new(1, SELL, 105, 3)
    play.new(2, SELL, 105, 4, reduce_only=1)
    play.fresh()
    play.at(20).trade(106, 50, BUY)
    assert told(play) == [("FILLED", 1, 3, 0), ("FILLED", 2, 1, 3), ("EXPIRED", 2, 0, 0)]
    assert play.venue._markets[0].positions[0] == 0


def test_a_replace_of_a_reduce_only_order_is_cut_too() -> None:
    play = long(stage(), 4)
    play.new(1, SELL, 105, 2, reduce_only=1)
    play.fresh()
    play.replace(1, 104, 9)
    assert told(play) == [("REPLACED", 1, 0, 9), ("RESTATED", 1, 0, 4)]
    assert list(play.places()) == [(1, 4)]


@given(st.integers(0, 2**32), st.sampled_from(LEVEL_MODELS))
def test_reduce_only_orders_never_grow_or_flip_a_position(seed: int, model: FillModel) -> None:
    source = Random(seed)
    play = stage(model)
    reducing: dict[int, int] = {}
    position = heard = 0
    for number in range(1, 25):
        play.at(play.now + source.randint(0, 1))
        side, price = source.choice((BUY, SELL)), source.randint(97, 104)
        what = source.random()
        if what < 0.6:
            reducing[number] = int(source.random() < 0.5)
            play.new(number, side, price, source.randint(1, 9), reduce_only=reducing[number])
        elif what < 0.8:
            play.trade(price, source.randint(1, 30), side)
        elif reducing:
            play.replace(source.choice(list(reducing)), price, source.randint(1, 12))
        for each in play.said[heard:]:
            report = each.report
            if each.kind == EventKind.FILLED:
                after = position + report.side * report.quantity
                if reducing[report.order_id]:
                    assert abs(after) < abs(position)
                    assert after * position >= 0
                position = after
        heard = len(play.said)
        wanted = dict.fromkeys((BUY, SELL), 0)
        for order_id, leaves in play.places():
            if reducing[order_id]:
                wanted[play.venue._orders[order_id].side] += leaves
        for each_side, lots in product((BUY, SELL), (0,)):
            assert wanted[each_side] + lots <= max(-each_side * position, 0)
