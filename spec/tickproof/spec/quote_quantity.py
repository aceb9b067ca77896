"""Orders for an amount of money: how many lots it buys, or how many lots raise it.

What it decides: lots, from money, exactly and never too many. The kernel cannot know the prices an
order will meet: it counts the most lots the money is good for, at a price moved in its favour, and
the venue never takes more than these. The venue walks the levels, best first, and takes whole steps
of lots as long as the money lasts. Money that is less than a step is left over.

Selling, the lots are counted on the book as shown and not on what own orders left of it: on worse
prices more lots would be needed, and a run that has less to take must not take more [Q7].

Decision: ADR-0028.
"""

from __future__ import annotations

from collections.abc import Iterable

from attrs import frozen


@frozen
class Walk:
    """What a walk through levels came to: whole steps of lots, and the money they cost."""

    lots: int = 0
    money: int = 0


def lots_bound(money: int, price: int, money_per_price_lot: int, lot_step: int) -> int:
    """Most lots, in whole steps, that `money` pays at `price`; 0 without a price."""
    per_lot = price * money_per_price_lot
    if per_lot <= 0 or lot_step <= 0:
        return 0
    return money // per_lot // lot_step * lot_step


def price_per_lot(money: int, lots: int, money_per_price_lot: int) -> int:
    """The least price at which `lots` are worth `money` at least; 0 for no lots."""
    if lots <= 0 or money_per_price_lot <= 0:
        return 0
    return -(-money // (lots * money_per_price_lot))


def fit(money: int, price: int, lots: int, money_per_price_lot: int) -> int:
    """Lots of one level that the money is good for."""
    return min(lots, money // (price * money_per_price_lot))


def walked(
    money: int, levels: Iterable[tuple[int, int]], money_per_price_lot: int, lot_step: int
) -> Walk:
    """What `money` is good for on (price, lots) levels, best first.

    The lots of a step may lie on two levels; those of an unfinished step are given back, and with
    them the money of the last levels walked.
    """
    taken: list[tuple[int, int]] = []
    left = money
    for price, lots in levels:
        part = fit(left, price, lots, money_per_price_lot)
        taken.append((price, part))
        left -= part * price * money_per_price_lot
        if part < lots:
            break
    total = sum(part for _, part in taken)
    rest = total % lot_step
    lots_kept = total - rest
    spent = money - left
    for price, part in reversed(taken):
        given = min(part, rest)
        spent -= given * price * money_per_price_lot
        rest -= given
    return Walk(lots_kept, spent)
