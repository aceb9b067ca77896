"""Phases of a simulated venue: what each effect means, and what an order gets of an auction."""

from collections.abc import Callable

import pytest
from attrs import astuple

from tickproof.spec import venue_phase as spec
from tickproof.spec.events import Reason
from tickproof.spec.instrument import InstrumentState
from tickproof.spec.price_queue import FillModel
from tickproof.spec.venue_phase import PhaseEvent, PhaseRefusal, Turn

BUY, SELL = 1, -1


@pytest.mark.parametrize(
    ("effect", "turn"),
    [
        (spec.take, (0, 0, 0, 0)),
        (spec.fill_opens, (1, 0, 0, 0)),
        (spec.fill_closes, (0, 1, 0, 0)),
        (spec.expire_opens, (0, 0, 1, 0)),
        (spec.expire_closes, (0, 0, 0, 1)),
        (spec.expire_all, (0, 0, 1, 1)),
    ],
)
def test_who_takes_part_and_who_expires(
    effect: Callable[[int, int], Turn], turn: tuple[int, ...]
) -> None:
    assert astuple(effect(0, 0)) == turn


def test_every_status_is_an_event_and_the_refusal_has_its_reason() -> None:
    for status in InstrumentState:
        assert spec.event_of_status(status) == PhaseEvent[f"TO_{status.name}"]
    assert spec.PHASE_REASONS == {PhaseRefusal.NOT_TRADING: Reason.INSTRUMENT_NOT_TRADING}


@pytest.mark.parametrize(
    ("side", "limit", "price", "shares"),
    [
        (BUY, 0, 5, (4, 4, 4, 4)),
        (SELL, 0, 5, (4, 4, 4, 4)),
        (BUY, 6, 5, (4, 4, 4, 4)),
        (SELL, 4, 5, (4, 4, 4, 4)),
        (BUY, 5, 5, (0, 2, 4, 2)),
        (SELL, 5, 5, (0, 2, 4, 2)),
        (BUY, 4, 5, (0, 0, 0, 0)),
        (SELL, 6, 5, (0, 0, 0, 0)),
        (BUY, 1, 5, (0, 0, 0, 0)),
        (SELL, 1, 5, (4, 4, 4, 4)),
    ],
)
def test_what_an_order_gets_of_an_auction(
    side: int, limit: int, price: int, shares: tuple[int, ...]
) -> None:
    """Four lots wanted and plenty printed, or the other way round."""
    for leaves, left in ((4, 9), (9, 4), (4, 4)):
        found = [spec.auction_share(side, limit, price, leaves, left, each) for each in FillModel]
        # Exact places say nothing of an auction: it is shared as by a guess.
        assert tuple(found) == (*shares, shares[FillModel.CALIBRATED])
    assert spec.auction_share(side, limit, price, 9, 0, FillModel.OPTIMISTIC) == 0


def test_half_of_an_odd_number_is_rounded_down() -> None:
    for leaves in range(8):
        assert spec.auction_share(BUY, 5, 5, leaves, 99, FillModel.FITTED) == leaves // 2


def test_who_comes_first_in_an_auction() -> None:
    """Without a limit, then the better limit, then the earlier."""
    ranks = {
        side: sorted(
            ((limit, number) for limit in (0, 1, 2, 9) for number in (1, 2)),
            key=lambda order: spec.auction_rank(side, *order),
        )
        for side in (BUY, SELL)
    }
    assert ranks[BUY] == [(0, 1), (0, 2), (9, 1), (9, 2), (2, 1), (2, 2), (1, 1), (1, 2)]
    assert ranks[SELL] == [(0, 1), (0, 2), (1, 1), (1, 2), (2, 1), (2, 2), (9, 1), (9, 2)]
    assert spec.auction_rank(SELL, 3, 7) == (1, 3, 7)
    assert spec.auction_rank(BUY, 0, 7) == (0, 0, 7)
