"""Commands: what a Strategy may ask for, and the Request that may come of it.

An Intent is a command, not an Event, and not persistent [L1]; it becomes a Request only through
Risk, dominance and Queue Processing. Strategies name orders by a key of their own (a positive
integer, unique per strategy); `order_id` makes it unique for the run.
"""

from __future__ import annotations

from enum import IntEnum
from typing import NamedTuple

from attrs import frozen

from tickproof.spec.events import Side
from tickproof.spec.instructions import PLAIN, Instructions

ORDER_KEY_LIMIT = 1_000_000_000_000
"""Strategy order keys are 1 <= key < ORDER_KEY_LIMIT; order_id = strategy * LIMIT + key."""


class CommandKind(IntEnum):
    """What an Intent or Request does; NONE is the absence of one."""

    NONE = 0
    NEW = 1
    REPLACE = 2
    CANCEL = 3


class OrderType(IntEnum):
    """Order types the venue understands; further ones are added by rows."""

    LIMIT = 1
    MARKET = 2
    LIMIT_MAKER = 3
    STOP = 4
    STOP_LIMIT = 5
    TAKE_PROFIT = 6
    TAKE_PROFIT_LIMIT = 7


CONDITIONAL_TYPES = (
    OrderType.STOP,
    OrderType.STOP_LIMIT,
    OrderType.TAKE_PROFIT,
    OrderType.TAKE_PROFIT_LIMIT,
)
"""Types that wait at the venue until a trigger is reached, and are another type from then on."""

UNPRICED_TYPES = (OrderType.MARKET, OrderType.STOP, OrderType.TAKE_PROFIT)
"""Types that name no price of their own: MARKET, and what becomes it."""


class TimeInForce(IntEnum):
    """How long an order stands."""

    GTC = 1
    IOC = 2
    FOK = 3
    GTD = 4
    AT_OPEN = 5
    AT_CLOSE = 6


AUCTION_TIMES = (TimeInForce.AT_OPEN, TimeInForce.AT_CLOSE)
"""Times in force that wait for an auction."""

_NEW = int(CommandKind.NEW)
_REPLACE = int(CommandKind.REPLACE)
_CANCEL = int(CommandKind.CANCEL)
_BUY = int(Side.BUY)
_LIMIT = int(OrderType.LIMIT)
_GTC = int(TimeInForce.GTC)
# A named tuple's own constructor is one more call of a function in Python.
_made = tuple.__new__


class Intent(NamedTuple):
    """One command of a strategy. Prices in price units (0 for UNPRICED_TYPES), quantities in lots.

    For REPLACE, `quantity` is the new *total* [OL6]. `good_till_ns` 0: none. `reduce_only` 1: the
    resulting position may not grow or flip. `instructions`: of a NEW; see `Instructions`.

    A named tuple: strategies make one for all they ask, and the kernel reads it by position.
    """

    kind: int
    key: int
    instrument: int = 0
    side: int = _BUY
    order_type: int = _LIMIT
    time_in_force: int = _GTC
    price: int = 0
    quantity: int = 0
    good_till_ns: int = 0
    reduce_only: int = 0
    instructions: Instructions = PLAIN


@frozen
class SetTimer:
    """Ask to be consulted at `at_ns` (kernel time); replaces an earlier timer, 0 clears it."""

    at_ns: int


Decision = Intent | SetTimer


@frozen
class Request:
    """A dispatched command: what the Runtime carries to the venue, durable before it is sent.

    `request_id` is unique for the run. Terms as in Intent; `order_id` names the order. Only a NEW
    has instructions: they stand as long as the order does.
    """

    request_id: int
    kind: int
    strategy: int
    account: int
    order_id: int
    instrument: int
    side: int
    order_type: int
    time_in_force: int
    price: int
    quantity: int
    good_till_ns: int
    reduce_only: int
    instructions: Instructions = PLAIN


def new_order(
    key: int,
    instrument: int,
    side: int,
    quantity: int,
    price: int = 0,
    *,
    order_type: int = _LIMIT,
    time_in_force: int = _GTC,
    good_till_ns: int = 0,
    reduce_only: int = 0,
    instructions: Instructions = PLAIN,
) -> Intent:
    """A NEW Intent. `quantity` 0 where `instructions.quote_quantity` says how much money."""
    return _made(
        Intent,
        (
            _NEW,
            key,
            instrument,
            side,
            order_type,
            time_in_force,
            price,
            quantity,
            good_till_ns,
            reduce_only,
            instructions,
        ),
    )


def replace_order(key: int, quantity: int, price: int) -> Intent:
    """A REPLACE Intent: new total `quantity` and `price` for the order called `key`."""
    return Intent(_REPLACE, key, price=price, quantity=quantity)


def cancel_order(key: int) -> Intent:
    """A CANCEL Intent for the order called `key`."""
    return _made(Intent, (_CANCEL, key, 0, _BUY, _LIMIT, _GTC, 0, 0, 0, 0, PLAIN))


def order_id_of(strategy: int, key: int) -> int:
    """The run-wide order id of a strategy's key."""
    return strategy * ORDER_KEY_LIMIT + key


def strategy_of(order_id: int) -> int:
    """The strategy that owns an order id."""
    return order_id // ORDER_KEY_LIMIT


def key_of(order_id: int) -> int:
    """The strategy's own key of an order id."""
    return order_id % ORDER_KEY_LIMIT
