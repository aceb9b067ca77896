"""Conditional orders over unbounded prices: one rule a cell, triggers that never loosen.

Distances are concrete where a property is about the trigger of a trailing order: the solver does
not settle division of one unknown by another.
"""

from attrs import evolve

from tests.proofs.gate import Proof, named
from tickproof.spec.commands import OrderType
from tickproof.spec.conditional import (
    CONDITIONAL,
    Conditional,
    Met,
    Wait,
    beyond,
    came_back,
    direction,
    follow,
    is_reached,
    leads,
    trailing_trigger,
)

BUY, SELL = 1, -1
DISTANCES = (1, 25, 9_999)
"""Parts of the trailing scale of the generated proofs."""
FIRST, LAST = int(OrderType.STOP), int(OrderType.TAKE_PROFIT_LIMIT)
STOP = int(OrderType.STOP)

PROOFS = (
    "p_one_rule_takes_an_arrival",
    "p_one_rule_takes_a_price_of_a_waiting_order",
    *(f"p_one_rule_takes_a_price_of_a_trailing_order_{e4}" for e4 in DISTANCES),
    "p_a_price_further_on_is_reached_too",
    "p_a_stop_and_a_take_profit_share_no_price_but_the_trigger",
    *(f"p_following_never_loosens_the_trigger_{e4}" for e4 in DISTANCES),
    *(f"p_the_reference_is_the_best_price_{e4}" for e4 in DISTANCES),
    *(f"p_the_price_followed_does_not_trigger_{e4}" for e4 in DISTANCES),
)
CANARIES = (
    "canary_the_reference_follows_both_ways",
    "canary_a_take_profit_is_reached_like_a_stop",
)


def rules_that_hold(state: int, met: int, order: Conditional, price: int) -> int:
    """How many rules of a cell hold."""
    return sum(1 for rule in CONDITIONAL.cells[state][met] if rule.guard(order, price))


def p_one_rule_takes_an_arrival(
    order_type: int, side: int, trigger: int, trailing_e4: int, price: int
) -> bool:
    """
    pre: FIRST <= order_type <= LAST
    pre: side in (BUY, SELL)
    pre: trigger >= 0 and trailing_e4 >= 0 and price >= 0
    pre: trigger > 0 or trailing_e4 > 0
    post: _
    """
    order = Conditional(order_type, side, trigger, trailing_e4)
    return rules_that_hold(int(Wait.ARRIVING), int(Met.ARRIVES), order, price) == 1


def p_one_rule_takes_a_price_of_a_waiting_order(
    order_type: int, side: int, trigger: int, price: int
) -> bool:
    """
    pre: FIRST <= order_type <= LAST
    pre: side in (BUY, SELL)
    pre: trigger > 0 and price > 0
    post: _
    """
    order = Conditional(order_type, side, trigger, 1)
    seen = int(Met.SEEN)
    return (
        rules_that_hold(int(Wait.WAITING), seen, order, price) == 1
        and rules_that_hold(int(Wait.DORMANT), seen, order, price) == 1
    )


def one_rule(trailing_e4: int) -> Proof:
    def proof(side: int, reference: int, price: int) -> bool:
        """
        pre: side in (BUY, SELL)
        pre: reference >= 0 and price > 0
        post: _
        """
        order = Conditional(STOP, side, 0, trailing_e4, reference)
        return rules_that_hold(int(Wait.TRAILING), int(Met.SEEN), order, price) == 1

    return named(f"p_one_rule_takes_a_price_of_a_trailing_order_{trailing_e4}", proof)


def p_a_price_further_on_is_reached_too(
    order_type: int, side: int, trigger: int, price: int, further: int
) -> bool:
    """
    pre: FIRST <= order_type <= LAST
    pre: side in (BUY, SELL)
    pre: trigger > 0 and price > 0 and further >= 0
    post: _
    """
    order = Conditional(order_type, side, trigger)
    beyond_it = price + direction(order_type, side) * further
    return beyond_it <= 0 or not is_reached(order, price) or is_reached(order, beyond_it)


def p_a_stop_and_a_take_profit_share_no_price_but_the_trigger(
    side: int, trigger: int, price: int
) -> bool:
    """
    pre: side in (BUY, SELL)
    pre: trigger > 0 and price > 0
    post: _
    """
    stop = is_reached(Conditional(STOP, side, trigger), price)
    profit = is_reached(Conditional(int(OrderType.TAKE_PROFIT), side, trigger), price)
    return (stop or profit) and (stop and profit) == (price == trigger)


def tightens(trailing_e4: int) -> Proof:
    def proof(side: int, reference: int, price: int) -> bool:
        """
        pre: side in (BUY, SELL)
        pre: reference > 0 and price > 0
        post: _
        """
        order = Conditional(STOP, side, 0, trailing_e4, reference)
        if not leads(order, price):
            return True
        before = trailing_trigger(side, reference, trailing_e4)
        after = trailing_trigger(side, follow(order, price).reference, trailing_e4)
        return (before - after) * side >= 0

    return named(f"p_following_never_loosens_the_trigger_{trailing_e4}", proof)


def best(trailing_e4: int) -> Proof:
    def proof(side: int, reference: int, price: int) -> bool:
        """
        pre: side in (BUY, SELL)
        pre: reference > 0 and price > 0
        post: _
        """
        order = Conditional(STOP, side, 0, trailing_e4, reference)
        rule = CONDITIONAL.select(int(Wait.TRAILING), int(Met.SEEN), order, price)
        if rule.guard is came_back:
            return (price - reference) * side > 0
        least, most = min(reference, price), max(reference, price)
        after = follow(order, price) if leads(order, price) else order
        return after.reference == (least if side == BUY else most)

    return named(f"p_the_reference_is_the_best_price_{trailing_e4}", proof)


def follows_quietly(trailing_e4: int) -> Proof:
    def proof(side: int, price: int) -> bool:
        """
        pre: side in (BUY, SELL)
        pre: price > 0
        post: _
        """
        return not came_back(follow(Conditional(STOP, side, 0, trailing_e4), price), price)

    return named(f"p_the_price_followed_does_not_trigger_{trailing_e4}", proof)


def generated() -> list[Proof]:
    """One proof of each property per distance."""
    return [make(e4) for make in (one_rule, tightens, best, follows_quietly) for e4 in DISTANCES]


def canary_the_reference_follows_both_ways(side: int, reference: int, price: int) -> bool:
    """
    pre: side in (BUY, SELL)
    pre: reference > 0 and price > 0
    post: _
    """
    order = evolve(Conditional(STOP, side, 0, 25, reference), reference=price)
    before = trailing_trigger(side, reference, 25)
    return (before - trailing_trigger(side, order.reference, 25)) * side >= 0


def canary_a_take_profit_is_reached_like_a_stop(side: int, trigger: int, price: int) -> bool:
    """
    pre: side in (BUY, SELL)
    pre: trigger > 0 and price > 0
    post: _
    """
    profit = Conditional(int(OrderType.TAKE_PROFIT), side, trigger)
    return is_reached(profit, price) == beyond(side, trigger, price)
