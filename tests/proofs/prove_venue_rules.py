"""A venue's further filters on unbounded integers: what is worse is never allowed instead."""

from tickproof.spec import venue_rules
from tickproof.spec.venue_rules import Asked, Held, VenueRules

PROOFS = (
    "p_a_band_has_no_hole",
    "p_a_wider_band_refuses_no_more",
    "p_a_position_limit_holds_what_may_be_bought",
    "p_what_only_reduces_neither_grows_nor_flips",
)
CANARIES = (
    "canary_a_band_without_its_lower_edge",
    "canary_bids_are_not_counted",
    "canary_others_reduce_too",
)


def p_a_band_has_no_hole(up: int, down: int, last: int, low: int, price: int, high: int) -> bool:
    """
    pre: up >= 0 and down >= 0 and last > 0 and 0 < low <= price <= high
    post: _
    """
    rules = VenueRules(bid_up_e4=up, bid_down_e4=down)
    edges = venue_rules.price_band_kept(rules, Asked(1, 1, low, 1), last)
    edges = edges and venue_rules.price_band_kept(rules, Asked(1, 1, high, 1), last)
    return not edges or venue_rules.price_band_kept(rules, Asked(1, 1, price, 1), last)


def p_a_wider_band_refuses_no_more(
    up: int, down: int, more: int, less: int, last: int, price: int
) -> bool:
    """
    pre: 0 < up <= more and 0 <= less <= down and last > 0 and price > 0
    post: _
    """
    narrow = venue_rules.within_band(up, down, last, price)
    return not narrow or venue_rules.within_band(more, less, last, price)


def p_a_position_limit_holds_what_may_be_bought(
    most: int, position: int, bids: int, lots: int, bought: int
) -> bool:
    """
    pre: most > 0 and bids >= 0 and lots > 0 and 0 <= bought <= bids + lots
    post: _
    """
    kept = venue_rules.position_kept(
        VenueRules(maximum_position=most), Held(0, 0, position, bids), 1, lots
    )
    return not kept or position + bought <= most


def p_what_only_reduces_neither_grows_nor_flips(
    position: int, side: int, others: int, wanted: int, traded: int
) -> bool:
    """
    pre: others >= 0 and wanted > 0 and 0 <= traded
    post: _
    """
    for which in (1, -1):
        if (side > 0) == (which > 0):
            lots = min(wanted, venue_rules.room_to_reduce(position, which, others))
            if lots > 0 and traded <= others + lots:
                after = position + which * traded
                return abs(after) <= abs(position) and after * which <= 0
    return True


# --- canaries ------------------------------------------------------------------------------------


def canary_a_band_without_its_lower_edge(up: int, down: int, last: int, price: int) -> bool:
    """
    pre: up > 0 and down > 0 and last > 0 and price > 0
    post: _
    """
    bug = price * venue_rules.BAND_SCALE <= last * up
    return bug == venue_rules.within_band(up, down, last, price)


def canary_bids_are_not_counted(most: int, position: int, bids: int, lots: int) -> bool:
    """
    pre: most > 0 and bids >= 0 and lots > 0
    post: _
    """
    bug = position + lots <= most
    return not bug or position + bids + lots <= most


def canary_others_reduce_too(position: int, others: int, wanted: int) -> bool:
    """
    pre: others >= 0 and wanted > 0 and position < 0
    post: _
    """
    bug = min(wanted, venue_rules.room_to_reduce(position, 1, 0))
    return position + others + bug <= 0 or others > -position
