"""Legs of order lists at a venue: one step of any fate, from any states of the legs."""

from tickproof.spec import order_list
from tickproof.spec.order_list import Fate, Legs, LegState, OrderListKind

PROOFS = (
    "p_a_leg_that_works_leaves_no_sibling",
    "p_what_is_over_stays_over",
    "p_a_waiting_leg_opens_only_by_complete_execution",
)
CANARIES = ("canary_a_part_releases_too",)


def _plain(value: int, bound: int) -> int:
    """The number as a plain one below `bound`."""
    for each in range(bound):
        if value == each:
            return each
    return 0


def p_a_leg_that_works_leaves_no_sibling(first: int, second: int, leg: int, fate: int) -> bool:
    """
    pre: 0 <= first < 4 and 0 <= second < 4 and 0 <= leg < 2 and 2 <= fate < 5
    post: _
    """
    states, which = (_plain(first, 4), _plain(second, 4)), _plain(leg, 2)
    if states[which] == LegState.DONE:
        return True
    after = order_list.after(Legs(OrderListKind.OCO, states), which, _plain(fate, 5))
    return after.states[1 - which] == LegState.DONE


def p_what_is_over_stays_over(kind: int, other: int, leg: int, fate: int) -> bool:
    """
    pre: 0 <= kind < 2 and 0 <= other < 4 and 0 <= leg < 2 and 0 <= fate < 5
    post: _
    """
    before = Legs(_plain(kind, 2), (int(LegState.DONE), _plain(other, 4)))
    return order_list.after(before, _plain(leg, 2), _plain(fate, 5)).states[0] == LegState.DONE


def p_a_waiting_leg_opens_only_by_complete_execution(
    first: int, second: int, leg: int, fate: int
) -> bool:
    """
    pre: 0 <= first < 4 and 0 <= second < 4 and 0 <= leg < 2 and 0 <= fate < 5
    post: _
    """
    before = Legs(OrderListKind.OTO, (_plain(first, 4), _plain(second, 4)))
    after = order_list.after(before, _plain(leg, 2), _plain(fate, 5))
    opened = before.states[1] != LegState.OPEN and after.states[1] == LegState.OPEN
    return not opened or (leg == 0 and fate == Fate.FILLED)


# --- canaries ------------------------------------------------------------------------------------


def canary_a_part_releases_too(first: int, second: int, fate: int) -> bool:
    """
    pre: 0 <= first < 4 and 0 <= second < 4 and Fate.WORKS <= fate <= Fate.ENDED
    post: _
    """
    before = Legs(OrderListKind.OTO, (_plain(first, 4), _plain(second, 4)))
    after = order_list.after(
        before, 0, Fate.FILLED if _plain(fate, 5) != Fate.ENDED else Fate.ENDED
    )
    opened = before.states[1] != LegState.OPEN and after.states[1] == LegState.OPEN
    return not opened or fate == Fate.FILLED
