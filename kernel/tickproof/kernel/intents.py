"""Intents as a compiled strategy makes them: plain ones, from C integers where it is compiled.

Decides nothing: `spec.commands.new_order` and `cancel_order` make the same ones, with all an Intent
may say by name.
"""

from __future__ import annotations

from tickproof.spec.commands import CommandKind, Intent, OrderType, TimeInForce
from tickproof.spec.events import Side
from tickproof.spec.instructions import PLAIN

_NEW = int(CommandKind.NEW)
_CANCEL = int(CommandKind.CANCEL)
_BUY = int(Side.BUY)
_LIMIT = int(OrderType.LIMIT)
_GTC = int(TimeInForce.GTC)
_made = tuple.__new__


def new_intent(
    key: int, instrument: int, side: int, quantity: int, price: int, order_type: int
) -> Intent:
    """A NEW Intent without instructions, that stands until it is cancelled."""
    terms = (_NEW, key, instrument, side, order_type, _GTC, price, quantity, 0, 0, PLAIN)
    return _made(Intent, terms)


def cancel_intent(key: int) -> Intent:
    """A CANCEL Intent for the order called `key`."""
    return _made(Intent, (_CANCEL, key, 0, _BUY, _LIMIT, _GTC, 0, 0, 0, 0, PLAIN))
