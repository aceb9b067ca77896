"""The fitted model at the venue: levels are remembered, and departures matched to what joined.

Each script ends in what stands ahead of the first own order at 100, as the place has it.
"""

import pytest

from tests.venue.stage import BUY, CONFLATED, EXACT, SELL, Stage, stage
from tickproof.spec.price_queue import ABSENT as NO_PLACE
from tickproof.spec.price_queue import UNKNOWN, FillModel, QueueEvent, QueueInput
from tickproof.spec.price_queue import apply as apply_place
from tickproof.spec.queue_fit import AHEAD_EIGHTHS
from tickproof.venue.queue_memory import Memories

F = FillModel.FITTED


def ahead(play: Stage) -> int:
    play.run(play.now)
    return play.venue._orders[1].place.estimate


def fitted() -> Stage:
    """Ten lots of unknown age at 100, then 4 and 3 more, then an order of ours."""
    play = stage(F, queue=EXACT)
    play.at(20).delta(BUY, 100, 14)
    play.at(30).delta(BUY, 100, 17)
    play.at(30).new(1, BUY, 100, 5)
    return play


def test_a_departure_is_matched_to_what_joined_of_that_size() -> None:
    play = fitted()
    assert ahead(play) == 17
    play.at(40).delta(BUY, 100, 23)
    play.at(50).delta(BUY, 100, 17)
    assert ahead(play) == 17
    play.at(60).delta(BUY, 100, 14)
    assert ahead(play) == 14


def test_prints_take_from_the_front_once() -> None:
    play = fitted()
    play.at(40).trade(100, 12, SELL)
    play.at(40).delta(BUY, 100, 5)
    assert ahead(play) == 5
    play.at(50).delta(BUY, 100, 2)
    assert ahead(play) == 2
    play.at(60).trade(100, 4, SELL)
    assert play.filled(1) == 2


def test_what_traded_of_the_other_side_is_not_ours() -> None:
    play = fitted()
    play.at(40).trade(100, 12, BUY)
    assert ahead(play) == 17


def test_who_arrived_unseen_has_a_part_of_what_joined_meanwhile_ahead() -> None:
    play = stage(F, queue=CONFLATED)
    play.at(20).new(1, BUY, 100, 5)
    assert ahead(play) == 10
    play.at(30).delta(BUY, 100, 26)
    assert ahead(play) == 10 + 16 * AHEAD_EIGHTHS // 8
    # The rest of it is behind, and so is what joins later.
    play.at(40).delta(BUY, 100, 40)
    assert ahead(play) == 10 + 16 * AHEAD_EIGHTHS // 8
    play.at(50).delta(BUY, 100, 26)
    assert ahead(play) == 10 + 16 * AHEAD_EIGHTHS // 8


def test_after_a_gap_the_level_is_one_of_unknown_age() -> None:
    play = fitted()
    play.at(40).gap()
    play.at(50).snapshot(BUY, 100, 12, SELL, 101, 8)
    assert ahead(play) == 12
    play.at(60).delta(BUY, 100, 9)
    assert ahead(play) == 9


def test_a_snapshot_tells_every_level_and_those_gone() -> None:
    play = fitted()
    play.at(40).snapshot(BUY, 100, 14, BUY, 98, 3, SELL, 101, 8)
    assert ahead(play) == 14
    memories = play.venue._markets[0].memories
    assert memories is not None
    assert sorted(memories.bids) == [90, 98, 100]
    assert memories.bids[90].size == UNKNOWN
    assert memories.bids[98].sizes == [3]
    assert sorted(memories.asks) == [101, 102, 110]


def test_an_empty_level_is_forgotten_but_where_an_order_waits() -> None:
    play = fitted()
    play.at(40).delta(BUY, 99, 0, BUY, 100, 0)
    memories = play.venue._markets[0].memories
    assert memories is not None
    assert 99 not in memories.bids
    assert memories.bids[100].size == 0
    assert ahead(play) == 0


def test_bars_are_remembered_as_they_show_levels() -> None:
    play = stage(F, queue=CONFLATED, book=())
    assert play.venue._markets[0].memories is not None
    assert not play.venue.is_quiet()
    assert stage(FillModel.CALIBRATED).venue.is_quiet()


def test_memories_know_nothing_of_levels_nobody_told() -> None:
    memories = Memories(1)
    memories.told(BUY, 100, 0, 1, 0)
    memories.printed(BUY, 100, 5, 1)
    assert memories.bids == {}
    assert memories.said(BUY, 100, 1) == UNKNOWN
    assert memories.mark(BUY, 100, UNKNOWN) == 2
    assert memories.said(BUY, 100, 2) == UNKNOWN
    assert memories.mark(SELL, 100, 7) == 2
    assert memories.said(SELL, 100, 2) == 7
    memories.lose_sight()
    assert memories.said(SELL, 100, 2) == UNKNOWN


@pytest.mark.parametrize(
    ("said", "current", "estimate"),
    [(UNKNOWN, 1, 4), (3, 1, 3), (9, 1, 6), (9, 0, 9), (99, 0, 12), (5, 0, 5)],
)
def test_what_a_memory_says_is_held_within_what_is_certain(
    said: int, current: int, estimate: int
) -> None:
    """Six at the arrival; 12 are told then, or at first, where the arrival was not seen."""
    join = QueueInput(stamp_ns=10, size=6, current=current, maximum_declared=1)
    place = apply_place(NO_PLACE, QueueEvent.JOINED, join)[0]
    size = 12
    if said == UNKNOWN:
        # Without a memory: of 6, two leave, one of them from ahead but for roundings.
        size, estimate = 4, 4
    seen = QueueInput(stamp_ns=20, size=size, said=said)
    after = apply_place(place, QueueEvent.LEVEL_UPDATE, seen)[0]
    assert after.estimate == estimate
    assert after.estimate_before >= estimate
