"""Built-in strategies, by the names the command line takes."""

from __future__ import annotations

from tickproof.runtime.strategies.buy_and_hold import BuyAndHold
from tickproof.runtime.strategies.ema_cross import EmaCross
from tickproof.runtime.strategies.quoter import Quoter

BUILT_IN = {"quoter": Quoter, "ema-cross": EmaCross, "buy-and-hold": BuyAndHold}
"""Strategy classes by name."""
