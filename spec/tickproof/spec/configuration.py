"""Configuration: the explicit, versioned, immutable input beside the Event Stream [1].

Everything that may change a result is here and hashed; nothing else is read. Ids are dense
integers from 0 in tuple order: `instruments[i].id == i`, and so for assets, accounts, strategies.
"""

from __future__ import annotations

from enum import IntEnum

from attrs import frozen

from tickproof.spec.instrument import Account, Asset, Instrument


class Wake(IntEnum):
    """When a strategy is consulted: bits, added together [5.3, I1 to I3]."""

    EVERY_EVENT = 1
    TOUCH_CHANGE = 2
    TOUCH_SIZE_CHANGE = 4
    TRADE = 8
    BAR = 16
    OWN_ORDER = 32
    TIMER = 64
    EVERY_NTH = 128
    PREDICATE = 256


class Predicate(IntEnum):
    """What a strategy may be woken by when it becomes true, of the book or of the last print.

    TRADED_ABOVE, TRADED_BELOW: the market trades through a price; at it is not through it.
    """

    NONE = 0
    SPREAD_AT_LEAST = 1
    BID_AT_LEAST = 2
    ASK_AT_MOST = 3
    TRADED_ABOVE = 4
    TRADED_BELOW = 5


class OnStrategyError(IntEnum):
    """What a failing strategy does to the run [F4]."""

    HALT = 0
    DISABLE = 1


class OnContradiction(IntEnum):
    """What venue evidence that contradicts a final state does [OL2]."""

    SURFACE = 0
    HALT = 1


@frozen
class WakeRule:
    """`mask`: sum of Wake bits; `nth` for EVERY_NTH; predicate and its value for PREDICATE."""

    mask: int
    nth: int = 0
    predicate: int = Predicate.NONE
    predicate_value: int = 0


@frozen
class StrategySettings:
    """One strategy: `code_identity` is the hash of its source, `parameters` its settings."""

    id: int
    name: str
    account: int
    code_identity: str
    parameters: tuple[tuple[str, int | str], ...]
    wake: WakeRule
    instruments: tuple[int, ...]


@frozen
class Bucket:
    """A token bucket over Requests: `capacity` tokens, `refill` more every `interval_ns`.

    `cost_new`, `cost_replace`, `cost_cancel`: tokens a Request takes, 0 when it does not use the
    bucket. `reserve`: tokens only a CANCEL may take.
    """

    id: int
    name: str
    capacity: int
    refill: int
    interval_ns: int
    cost_new: int
    cost_replace: int
    cost_cancel: int
    reserve: int = 0


@frozen
class RiskLimits:
    """Coded risk policies; limits in the instrument's units, 0 turns a limit off.

    `price_collar_e8`: how far a price may be from the reference, in parts of 10**8 of it.
    `maximum_gross`, `maximum_net`, `maximum_loss`, `maximum_drawdown`: in quote asset units.
    """

    price_collar_e8: int = 0
    maximum_quantity: int = 0
    maximum_notional: int = 0
    maximum_position: int = 0
    maximum_open_orders: int = 0
    maximum_gross: int = 0
    maximum_net: int = 0
    maximum_loss: int = 0
    maximum_drawdown: int = 0
    self_trade_refused: int = 1


@frozen
class Timing:
    """`jump_limit_ns`: a stamp further ahead than this is counted and does not move `now` [T3].

    `acknowledgement_ns`: a Request unanswered for this long is overdue. `cancel_deadline_ns`: a
    CANCEL not dispatched for this long surfaces the order [ID2]. `settling_ns`: how old a doubt
    must be before NOT_FOUND settles it [OL9]. 0 turns the first two off.
    """

    jump_limit_ns: int = 86_400_000_000_000
    acknowledgement_ns: int = 0
    cancel_deadline_ns: int = 1_000_000_000
    settling_ns: int = 1_000_000_000


@frozen
class Configuration:
    """The whole configuration of a run. `initial_balances`: (account, asset, amount)."""

    version: int
    assets: tuple[Asset, ...]
    accounts: tuple[Account, ...]
    instruments: tuple[Instrument, ...]
    strategies: tuple[StrategySettings, ...]
    buckets: tuple[Bucket, ...] = ()
    risk: RiskLimits = RiskLimits()
    timing: Timing = Timing()
    initial_balances: tuple[tuple[int, int, int], ...] = ()
    on_strategy_error: int = OnStrategyError.HALT
    on_contradiction: int = OnContradiction.SURFACE
