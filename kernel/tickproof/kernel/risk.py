"""Risk on one reused record of integers: the same decision as `tickproof.spec.risk` [R1 to R3].

What it decides: nothing of its own. `FlatFacts` is the spec's `RiskFacts` made mutable, so that
one object serves every decision of a run; `decide_flat` asks the policies in the spec's order of
precedence, as a few plain functions that stop at the first denial. Equality with the spec is
proved group by group and tested on whole records.

Constant facts (limits, an instrument's filters) may stay in the record between decisions; the
caller writes what changed. `reset` puts every field back to its denying default.

Sections: codes, facts, derived quantities, groups of policies, the decision.
"""

from __future__ import annotations

from collections.abc import Iterable

from tickproof.spec.commands import ORDER_KEY_LIMIT, CommandKind, OrderType
from tickproof.spec.configuration import RiskLimits
from tickproof.spec.instrument import (
    FEE_SCALE,
    PRICE_LIMIT,
    QUANTITY_LIMIT,
    Instrument,
    InstrumentState,
)
from tickproof.spec.risk import ACTIVE, DenyCode, RiskFacts
from tickproof.spec.risk import REDUCING as STATE_REDUCING

# --- codes ---------------------------------------------------------------------------------------

BUY = 1
SELL = -1

NEW = int(CommandKind.NEW)
REPLACE = int(CommandKind.REPLACE)
CANCEL = int(CommandKind.CANCEL)
LIMIT = int(OrderType.LIMIT)
MARKET = int(OrderType.MARKET)
STOP = int(OrderType.STOP)
TAKE_PROFIT = int(OrderType.TAKE_PROFIT)
LAST_TYPE = int(OrderType.TAKE_PROFIT_LIMIT)
PRE_OPEN = int(InstrumentState.PRE_OPEN)
AUCTION = int(InstrumentState.AUCTION)
CONTINUOUS = int(InstrumentState.CONTINUOUS)

ALLOWED = int(DenyCode.ALLOWED)
MALFORMED = int(DenyCode.MALFORMED)
UNKNOWN_ACCOUNT = int(DenyCode.UNKNOWN_ACCOUNT)
UNKNOWN_INSTRUMENT = int(DenyCode.UNKNOWN_INSTRUMENT)
HALTED = int(DenyCode.HALTED)
NOT_TRADABLE = int(DenyCode.NOT_TRADABLE)
DUPLICATE_KEY = int(DenyCode.DUPLICATE_KEY)
MISSING_DATA = int(DenyCode.MISSING_DATA)
OFF_TICK = int(DenyCode.OFF_TICK)
OFF_LOT = int(DenyCode.OFF_LOT)
BELOW_MINIMUM_QUANTITY = int(DenyCode.BELOW_MINIMUM_QUANTITY)
ABOVE_MAXIMUM_QUANTITY = int(DenyCode.ABOVE_MAXIMUM_QUANTITY)
NO_REFERENCE_PRICE = int(DenyCode.NO_REFERENCE_PRICE)
BELOW_MINIMUM_NOTIONAL = int(DenyCode.BELOW_MINIMUM_NOTIONAL)
ABOVE_MAXIMUM_NOTIONAL = int(DenyCode.ABOVE_MAXIMUM_NOTIONAL)
PRICE_COLLAR = int(DenyCode.PRICE_COLLAR)
REDUCING = int(DenyCode.REDUCING)
REDUCE_ONLY = int(DenyCode.REDUCE_ONLY)
SELF_TRADE = int(DenyCode.SELF_TRADE)
MAXIMUM_OPEN_ORDERS = int(DenyCode.MAXIMUM_OPEN_ORDERS)
MAXIMUM_POSITION = int(DenyCode.MAXIMUM_POSITION)
MAXIMUM_GROSS = int(DenyCode.MAXIMUM_GROSS)
MAXIMUM_NET = int(DenyCode.MAXIMUM_NET)
MAXIMUM_LOSS = int(DenyCode.MAXIMUM_LOSS)
MAXIMUM_DRAWDOWN = int(DenyCode.MAXIMUM_DRAWDOWN)
INSUFFICIENT_BALANCE = int(DenyCode.INSUFFICIENT_BALANCE)
ORDER_LIST = int(DenyCode.ORDER_LIST)

# --- facts ---------------------------------------------------------------------------------------


class FlatFacts:
    """The facts of one decision; fields, units and meanings as in `RiskFacts`."""

    __slots__ = (
        "kind",
        "key",
        "order_type",
        "side",
        "price",
        "quantity",
        "reduce_only",
        "executed",
        "held",
        "key_used",
        "account_known",
        "instrument_known",
        "instrument_state",
        "trading_state",
        "tick",
        "lot_step",
        "minimum_quantity",
        "maximum_quantity",
        "minimum_notional",
        "money_per_price_lot",
        "limit_price_collar_e8",
        "limit_quantity",
        "limit_notional",
        "limit_position",
        "limit_open_orders",
        "limit_gross",
        "limit_net",
        "limit_loss",
        "limit_drawdown",
        "self_trade_refused",
        "reference_known",
        "reference_price",
        "balance_known",
        "free_balance",
        "needed_lock",
        "position_known",
        "position",
        "open_buy",
        "open_sell",
        "open_orders",
        "exposure_known",
        "gross_others",
        "net_high_others",
        "net_low_others",
        "equity_known",
        "equity",
        "peak_equity",
        "initial_equity",
        "own_opposite_known",
        "own_opposite_price",
        "trigger_price",
        "quote_quantity",
        "at_auction",
        "list_used",
    )

    kind: int
    key: int
    order_type: int
    side: int
    price: int
    quantity: int
    reduce_only: int
    executed: int
    held: int
    key_used: int
    account_known: int
    instrument_known: int
    instrument_state: int
    trading_state: int
    tick: int
    lot_step: int
    minimum_quantity: int
    maximum_quantity: int
    minimum_notional: int
    money_per_price_lot: int
    limit_price_collar_e8: int
    limit_quantity: int
    limit_notional: int
    limit_position: int
    limit_open_orders: int
    limit_gross: int
    limit_net: int
    limit_loss: int
    limit_drawdown: int
    self_trade_refused: int
    reference_known: int
    reference_price: int
    balance_known: int
    free_balance: int
    needed_lock: int
    position_known: int
    position: int
    open_buy: int
    open_sell: int
    open_orders: int
    exposure_known: int
    gross_others: int
    net_high_others: int
    net_low_others: int
    equity_known: int
    equity: int
    peak_equity: int
    initial_equity: int
    own_opposite_known: int
    own_opposite_price: int
    trigger_price: int
    quote_quantity: int
    at_auction: int
    list_used: int

    def __init__(self) -> None:
        self.reset()

    def reset(self) -> None:
        """Put every field back to its default, under which everything but CANCEL is denied."""
        self.load(_DEFAULTS)

    def load(self, facts: RiskFacts) -> None:
        """Take every field over from a spec record."""
        for name in _NAMES:
            setattr(self, name, int(getattr(facts, name)))

    def load_instrument(self, instrument: Instrument) -> None:
        """Take over an instrument's filters and money unit; `instrument_known` is set."""
        self.instrument_known = 1
        self.tick = instrument.tick
        self.lot_step = instrument.lot_step
        self.minimum_quantity = instrument.minimum_quantity
        self.maximum_quantity = instrument.maximum_quantity
        self.minimum_notional = instrument.minimum_notional
        self.money_per_price_lot = instrument.money_per_price_lot

    def load_limits(self, limits: RiskLimits) -> None:
        """Take over the configured limits."""
        self.limit_price_collar_e8 = limits.price_collar_e8
        self.limit_quantity = limits.maximum_quantity
        self.limit_notional = limits.maximum_notional
        self.limit_position = limits.maximum_position
        self.limit_open_orders = limits.maximum_open_orders
        self.limit_gross = limits.maximum_gross
        self.limit_net = limits.maximum_net
        self.limit_loss = limits.maximum_loss
        self.limit_drawdown = limits.maximum_drawdown
        self.self_trade_refused = limits.self_trade_refused

    def to_spec(self) -> RiskFacts:
        """The same facts as the spec writes them."""
        return RiskFacts(*[getattr(self, name) for name in _NAMES])


_DEFAULTS = RiskFacts()
_NAMES = FlatFacts.__slots__

# --- derived quantities --------------------------------------------------------------------------


def worst_open(totals: Iterable[int], executed: int) -> int:
    """Most lots that may still fill under any of an order's terms [OL8]."""
    most = 0
    for total in totals:
        if total - executed > most:
            most = total - executed
    return most


def unpriced(order_type: int) -> bool:
    """Whether an order names no price of its own: MARKET, and what becomes it."""
    return order_type in (MARKET, STOP, TAKE_PROFIT)


def reduces(facts: FlatFacts) -> bool:
    """Whether the command's terms only reduce the position, at worst [PD17]."""
    asked = facts.quantity - facts.executed
    asked = max(0, asked)
    if facts.side == BUY:
        return facts.position < 0 and facts.open_buy + asked <= -facts.position
    if facts.side == SELL:
        return facts.position > 0 and facts.open_sell + asked <= facts.position
    return False


# --- groups of policies --------------------------------------------------------------------------


def deny_form(facts: FlatFacts) -> int:
    """MALFORMED or 0."""
    kind, side, order_type = facts.kind, facts.side, facts.order_type
    if (kind != NEW and kind != REPLACE) or (side != BUY and side != SELL):
        return MALFORMED
    if order_type < LIMIT or order_type > LAST_TYPE:
        return MALFORMED
    if not 1 <= facts.key < ORDER_KEY_LIMIT:
        return MALFORMED
    if not (0 <= facts.price <= PRICE_LIMIT and 0 <= facts.quantity <= QUANTITY_LIMIT):
        return MALFORMED
    if not 0 <= facts.trigger_price <= PRICE_LIMIT:
        return MALFORMED
    return ALLOWED


def deny_context(facts: FlatFacts) -> int:
    """UNKNOWN_ACCOUNT to DUPLICATE_KEY, or 0."""
    if facts.account_known != 1:
        return UNKNOWN_ACCOUNT
    if facts.instrument_known != 1:
        return UNKNOWN_INSTRUMENT
    trading = facts.trading_state
    if trading != ACTIVE and trading != STATE_REDUCING:
        return HALTED
    state = facts.instrument_state
    if facts.at_auction == 1:
        if not PRE_OPEN <= state <= CONTINUOUS:
            return NOT_TRADABLE
    elif state != CONTINUOUS and (state != AUCTION or unpriced(facts.order_type)):
        return NOT_TRADABLE
    if facts.key_used != 0 and facts.kind == NEW:
        return DUPLICATE_KEY
    return ALLOWED


def deny_missing(facts: FlatFacts) -> int:
    """MISSING_DATA or 0."""
    if facts.balance_known != 1 or facts.position_known != 1:
        return MISSING_DATA
    if facts.tick <= 0 or facts.lot_step <= 0 or facts.money_per_price_lot <= 0:
        return MISSING_DATA
    if facts.exposure_known != 1 and (facts.limit_gross != 0 or facts.limit_net != 0):
        return MISSING_DATA
    if facts.equity_known != 1 and (facts.limit_loss != 0 or facts.limit_drawdown != 0):
        return MISSING_DATA
    return ALLOWED


def deny_grid(facts: FlatFacts) -> int:
    """OFF_TICK to ABOVE_MAXIMUM_QUANTITY, or 0; tick and lot step are positive here."""
    if facts.trigger_price != 0 and facts.trigger_price % facts.tick != 0:
        return OFF_TICK
    if unpriced(facts.order_type):
        if facts.price != 0:
            return OFF_TICK
    elif facts.price <= 0 or facts.price % facts.tick != 0:
        return OFF_TICK
    quantity = facts.quantity
    if quantity % facts.lot_step != 0:
        return OFF_LOT
    if quantity <= 0 or quantity < facts.minimum_quantity:
        return BELOW_MINIMUM_QUANTITY
    if quantity > facts.maximum_quantity:
        return ABOVE_MAXIMUM_QUANTITY
    if facts.limit_quantity != 0 and quantity > facts.limit_quantity:
        return ABOVE_MAXIMUM_QUANTITY
    return ALLOWED


def deny_price(facts: FlatFacts) -> int:
    """NO_REFERENCE_PRICE to PRICE_COLLAR, or 0; the quantity is positive here."""
    market = unpriced(facts.order_type)
    reference = facts.reference_price
    collar = facts.limit_price_collar_e8
    needed = market or collar != 0 or facts.limit_gross != 0 or facts.limit_net != 0
    if needed and (facts.reference_known != 1 or reference <= 0):
        return NO_REFERENCE_PRICE
    price = facts.price
    if market:
        price = reference
        trigger = facts.trigger_price
        # What becomes MARKET at its trigger is judged there where that is worse.
        if trigger != 0 and (trigger - reference) * facts.side > 0:
            price = trigger
    try:
        money = facts.money_per_price_lot
        value = money * price * facts.quantity
    except OverflowError:
        # Money first: the product of a price and a quantity may pass 64 bits.
        value = facts.money_per_price_lot * price * facts.quantity
    if facts.quote_quantity != 0:
        value = facts.quote_quantity
    if value < facts.minimum_notional:
        return BELOW_MINIMUM_NOTIONAL
    if facts.limit_notional != 0 and value > facts.limit_notional:
        return ABOVE_MAXIMUM_NOTIONAL
    if collar != 0 and not market:
        # Not by abs(), whose check for overflow Cython does not translate here.
        distance = max(price - reference, reference - price)
        if distance * FEE_SCALE > reference * collar:
            return PRICE_COLLAR
    return ALLOWED


def deny_purpose(facts: FlatFacts) -> int:
    """REDUCING to MAXIMUM_OPEN_ORDERS, or 0."""
    if facts.trading_state == STATE_REDUCING and not reduces(facts):
        return REDUCING
    if facts.reduce_only != 0 and not reduces(facts):
        return REDUCE_ONLY
    if facts.self_trade_refused != 0 and facts.own_opposite_known != 0:
        if unpriced(facts.order_type):
            return SELF_TRADE
        # Positive when the order's price reaches the account's own on the other side.
        if (facts.price - facts.own_opposite_price) * facts.side >= 0:
            return SELF_TRADE
    limit = facts.limit_open_orders
    if limit != 0 and facts.kind == NEW and facts.open_orders >= limit:
        return MAXIMUM_OPEN_ORDERS
    return ALLOWED


def deny_exposure(facts: FlatFacts) -> int:
    """MAXIMUM_POSITION to MAXIMUM_NET, or 0; reference and money unit are positive where needed.

    An order that asks for no more than it holds already takes nothing further.
    """
    held = max(0, facts.held)
    asked = facts.quantity - facts.executed
    if asked <= held or not (facts.limit_position or facts.limit_gross or facts.limit_net):
        return ALLOWED
    side = facts.side
    position = side * facts.position
    if side == BUY:
        same, opposite = facts.open_buy, facts.open_sell
        others = facts.net_high_others
    else:
        same, opposite = facts.open_sell, facts.open_buy
        others = -facts.net_low_others
    furthest = position + same + asked
    limit = facts.limit_position
    if limit != 0 and furthest > limit:
        return MAXIMUM_POSITION
    value_per_lot = facts.reference_price * facts.money_per_price_lot
    limit = facts.limit_gross
    if limit != 0:
        # Gross counts the worse side, so it grows only where this side becomes the worse one.
        worst = abs(furthest)
        grows = worst > abs(position + same + held) and worst > abs(position - opposite)
        if grows and facts.gross_others + worst * value_per_lot > limit:
            return MAXIMUM_GROSS
    limit = facts.limit_net
    if limit != 0 and others + furthest * value_per_lot > limit:
        return MAXIMUM_NET
    return ALLOWED


def deny_money(facts: FlatFacts) -> int:
    """MAXIMUM_LOSS to ORDER_LIST, or 0."""
    limit = facts.limit_loss
    if limit != 0 and facts.initial_equity - facts.equity >= limit and not reduces(facts):
        return MAXIMUM_LOSS
    limit = facts.limit_drawdown
    if limit != 0 and facts.peak_equity - facts.equity >= limit and not reduces(facts):
        return MAXIMUM_DRAWDOWN
    needed = facts.needed_lock
    if needed > 0 and needed > facts.free_balance:
        return INSUFFICIENT_BALANCE
    return ORDER_LIST if facts.list_used != 0 else ALLOWED


# --- the decision --------------------------------------------------------------------------------


def decide_flat(facts: FlatFacts) -> int:
    """0 when admitted, else the code of the first policy that denies [R1, R3]."""
    if facts.kind == CANCEL:
        return ALLOWED
    return (
        deny_form(facts)
        or deny_context(facts)
        or deny_missing(facts)
        or deny_grid(facts)
        or deny_price(facts)
        or deny_purpose(facts)
        or deny_exposure(facts)
        or deny_money(facts)
    )
