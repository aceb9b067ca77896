"""Orders for money: never too much spent, never a step of lots left that would have fitted.

Money and lots are unbounded, prices are concrete: the solver does not settle a product of unknowns.
"""

from tests.proofs.gate import Proof, named
from tickproof.spec.quote_quantity import lots_bound, price_per_lot, walked

GRIDS = ((7, 9, 3), (101, 100, 1))
"""(first price, second price, lot step) of the generated proofs; the last one sells."""

PROOFS = (
    *(f"p_it_never_overspends_{a}_{b}_{s}" for a, b, s in GRIDS),
    *(f"p_no_further_step_fits_{a}_{b}_{s}" for a, b, s in GRIDS),
    *(f"p_more_at_the_better_price_buys_no_less_{a}_{b}_{s}" for a, b, s in GRIDS[:1]),
    *(f"p_the_kernel_counts_no_fewer_lots_{a}_{b}_{s}" for a, b, s in GRIDS),
    *(f"p_lots_are_locked_at_their_money_{s}" for s in (1, 7)),
)
CANARIES = ("canary_the_last_step_is_rounded_up", "canary_more_to_sell_to_sells_no_less")


def cost(first: int, second: int, depth: int, lots: int) -> int:
    """Money for so many lots, `depth` of which are at the first price."""
    return min(lots, depth) * first + max(lots - depth, 0) * second


def never_overspends(first: int, second: int, step: int) -> Proof:
    def proof(money: int, depth: int, behind: int) -> bool:
        """
        pre: money >= 0 and depth >= 0 and behind >= 0
        post: _
        """
        walk = walked(money, ((first, depth), (second, behind)), 1, step)
        right = walk.money == cost(first, second, depth, walk.lots)
        return right and walk.money <= money and walk.lots % step == 0

    return named(f"p_it_never_overspends_{first}_{second}_{step}", proof)


def no_further(first: int, second: int, step: int) -> Proof:
    def proof(money: int, depth: int, behind: int) -> bool:
        """
        pre: money >= 0 and depth >= 0 and behind >= 0
        post: _
        """
        lots = walked(money, ((first, depth), (second, behind)), 1, step).lots
        more = lots + step
        return more > depth + behind or cost(first, second, depth, more) > money

    return named(f"p_no_further_step_fits_{first}_{second}_{step}", proof)


def monotone(first: int, second: int, step: int) -> Proof:
    def proof(money: int, depth: int, more: int, behind: int) -> bool:
        """
        pre: money >= 0 and 0 <= depth <= more and behind >= 0
        post: _
        """
        fewer = walked(money, ((first, depth), (second, behind)), 1, step).lots
        return fewer <= walked(money, ((first, more), (second, behind)), 1, step).lots

    return named(f"p_more_at_the_better_price_buys_no_less_{first}_{second}_{step}", proof)


def bounded(first: int, second: int, step: int) -> Proof:
    def proof(money: int, depth: int, behind: int) -> bool:
        """
        pre: money >= 0 and depth >= 0 and behind >= 0
        post: _
        """
        lots = walked(money, ((first, depth), (second, behind)), 1, step).lots
        return lots <= lots_bound(money, min(first, second), 1, step)

    return named(f"p_the_kernel_counts_no_fewer_lots_{first}_{second}_{step}", proof)


def locked(lots: int) -> Proof:
    def proof(money: int) -> bool:
        """
        pre: money >= 0
        post: _
        """
        return money <= price_per_lot(money, lots, 1) * lots < money + lots

    return named(f"p_lots_are_locked_at_their_money_{lots}", proof)


def generated() -> list[Proof]:
    """One proof of each property per grid."""
    made = [make(*grid) for make in (never_overspends, no_further, bounded) for grid in GRIDS]
    return [*made, *(monotone(*grid) for grid in GRIDS[:1]), *(locked(lots) for lots in (1, 7))]


def canary_the_last_step_is_rounded_up(money: int, depth: int) -> bool:
    """
    pre: money >= 0 and depth >= 0
    post: _
    """
    lots = min(-(-money // 7), depth)
    return lots * 7 <= money


def canary_more_to_sell_to_sells_no_less(money: int, depth: int, more: int, behind: int) -> bool:
    """
    pre: money >= 0 and 0 <= depth <= more and behind >= 0
    post: _
    """
    fewer = walked(money, ((101, depth), (50, behind)), 1, 1).lots
    return fewer <= walked(money, ((101, more), (50, behind)), 1, 1).lots
