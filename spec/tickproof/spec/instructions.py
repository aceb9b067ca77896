"""Execution instructions: what an order asks of a venue beyond type, price and quantity.

What it decides: the names and integers of the instructions, and nothing of what a venue makes of
them. Most orders carry none, so they stand in one record beside the order's terms; an order without
instructions carries `PLAIN`, and says nothing of them in any record or digest.

Source: concept page sections 6, 9 and 10. Decision: ADR-0028.
"""

from __future__ import annotations

from enum import IntEnum

from attrs import astuple, fields, frozen


class Trigger(IntEnum):
    """What a waiting order watches: prints, or the best price its child would meet."""

    LAST_TRADE = 0
    TOUCH = 1


class Prevention(IntEnum):
    """What happens instead when an incoming order meets one of its own account [M5].

    The incoming order's mode decides. DECREMENT: both lose what would have traded.
    """

    NONE = 0
    EXPIRE_TAKER = 1
    EXPIRE_MAKER = 2
    EXPIRE_BOTH = 3
    DECREMENT = 4


TRAILING_SCALE = 10_000
"""A trailing distance is in parts of this, of the best price since the order began to trail."""


@frozen
class Instructions:
    """Prices in price units, sizes in lots, money in units of the quote asset; 0: not asked for.

    `trigger_price`: what a stop or take-profit waits for; of a trailing one, the price from which
    it trails, 0 at once. `trigger_on`: see `Trigger`. `trailing_e4`: distance in parts of
    `TRAILING_SCALE`. `display`: lots of a resting order shown at a time. `quote_quantity`: money a
    MARKET order spends or raises instead of a quantity. `prevention`: see `Prevention`. `list_id`,
    `list_kind`, `list_leg`: the order list this is a leg of, see `order_list`; ids from 1, unique
    per strategy.
    """

    trigger_price: int = 0
    trigger_on: int = Trigger.LAST_TRADE
    trailing_e4: int = 0
    display: int = 0
    quote_quantity: int = 0
    prevention: int = Prevention.NONE
    list_id: int = 0
    list_kind: int = 0
    list_leg: int = 0


PLAIN = Instructions()
"""No instructions."""

INSTRUCTION_FIELDS = tuple(attribute.name for attribute in fields(Instructions))
"""Names of the instructions, in the order in which records carry them."""


def instruction_values(instructions: Instructions) -> tuple[int, ...]:
    """The instructions as integers, in field order; none at all for an order without any."""
    if instructions is PLAIN or instructions == PLAIN:
        return ()
    return tuple(int(value) for value in astuple(instructions))


def instructions_of(values: tuple[int, ...]) -> Instructions:
    """Inverse of `instruction_values`; all zero is `PLAIN` itself.

    Raises TypeError for another number of integers than none or all.
    """
    if not values or not any(values):
        return PLAIN
    return Instructions(*values)
