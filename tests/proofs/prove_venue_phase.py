"""What an order gets of an auction print, on unbounded integers."""

from tickproof.spec import venue_phase
from tickproof.spec.price_queue import FillModel

PROOFS = (
    "p_the_models_are_ordered_at_a_print",
    "p_no_order_trades_through_its_limit",
    "p_what_is_strictly_better_is_certain",
)
CANARIES = ("canary_a_worse_limit_trades_too",)


def _side(code: int) -> int:
    return 1 if code > 0 else -1


def p_the_models_are_ordered_at_a_print(
    side: int, limit: int, price: int, leaves: int, left: int
) -> bool:
    """
    pre: limit >= 0 and price > 0 and leaves >= 0 and left >= 0
    post: _
    """
    least, between, most = (
        venue_phase.auction_share(_side(side), limit, price, leaves, left, int(model))
        for model in (FillModel.PESSIMISTIC, FillModel.CALIBRATED, FillModel.OPTIMISTIC)
    )
    return 0 <= least <= between <= most <= min(leaves, left)


def p_no_order_trades_through_its_limit(
    side: int, limit: int, price: int, leaves: int, left: int
) -> bool:
    """
    pre: limit > 0 and price > 0 and leaves >= 0 and left >= 0
    post: _
    """
    share = venue_phase.auction_share(_side(side), limit, price, leaves, left, FillModel.OPTIMISTIC)
    return share == 0 or (limit - price) * _side(side) >= 0


def p_what_is_strictly_better_is_certain(
    side: int, limit: int, price: int, leaves: int, left: int
) -> bool:
    """
    pre: limit > 0 and price > 0 and leaves >= 0 and left >= leaves
    post: _
    """
    if (limit - price) * _side(side) <= 0:
        return True
    model = int(FillModel.PESSIMISTIC)
    return venue_phase.auction_share(_side(side), limit, price, leaves, left, model) == leaves


# --- canaries ------------------------------------------------------------------------------------


def canary_a_worse_limit_trades_too(limit: int, price: int, leaves: int, left: int) -> bool:
    """
    pre: limit > 0 and price > 0 and leaves > 0 and left > 0
    post: _
    """
    bug = min(leaves, left)
    return bug == venue_phase.auction_share(1, limit, price, leaves, left, FillModel.OPTIMISTIC)
