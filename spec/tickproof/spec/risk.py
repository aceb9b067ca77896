"""Risk: an ordered list of coded policies over one record of facts; nothing else [R1 to R3].

What it decides: whether one NEW or REPLACE is admitted, and if not, for which reason. It never
delays and never changes a command [R2]. A CANCEL is always admitted: it can only lower exposure,
and missing data must not stand in its way.

Fail-closed: whatever a policy needs and does not have is a denial, whatever code is not known is
one too, and a limit of 0 is off by Configuration, not by absence. Precedence is data: the order
of `POLICIES` is the order in which reasons are given, and `decide` gives the first.

How worst cases are counted [OL8, PD17]. `open_buy` and `open_sell` are the open lots of all other
orders, each at the most its current, pending and doubted terms allow (`worst_open`). This order
counts with `held` (what its present terms still allow, 0 for NEW) or with what it asks for,
whichever is more, because until the venue answers both may stand. A limit denies what ends beyond
it *and* takes the exposure further: what makes an order smaller is never denied for a limit that
is exceeded already. `REDUCING` and reduce-only look at the resulting position: all open orders on
the reducing side and this one, filled in full, may at most flatten it. In HALTED no REPLACE passes,
not even a smaller one; CANCEL is what lowers exposure there.

API. The caller fills a `RiskFacts` and calls `decide(facts)`: 0, or the `DenyCode` of the first
policy that denies. `POLICIES` carries ids, requirement ids and the ADR for traceability.
`tickproof.kernel.risk` refines this module.

Sections: codes, facts, derived quantities, policies, the list, the decision.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from enum import IntEnum

from attrs import frozen

from tickproof.spec.commands import ORDER_KEY_LIMIT, UNPRICED_TYPES, CommandKind, OrderType
from tickproof.spec.events import Side
from tickproof.spec.instrument import FEE_SCALE, PRICE_LIMIT, QUANTITY_LIMIT, InstrumentState
from tickproof.spec.trading_state import TradingState

# --- codes ---------------------------------------------------------------------------------------

ACTIVE = int(TradingState.ACTIVE)
"""Trading state that admits what nothing else denies."""

REDUCING = int(TradingState.REDUCING)
"""Trading state that admits only what reduces a position."""


class DenyCode(IntEnum):
    """Why a command is denied; ALLOWED is not a denial."""

    ALLOWED = 0
    MALFORMED = 1
    UNKNOWN_ACCOUNT = 2
    UNKNOWN_INSTRUMENT = 3
    HALTED = 4
    NOT_TRADABLE = 5
    DUPLICATE_KEY = 6
    MISSING_DATA = 7
    OFF_TICK = 8
    OFF_LOT = 9
    BELOW_MINIMUM_QUANTITY = 10
    ABOVE_MAXIMUM_QUANTITY = 11
    NO_REFERENCE_PRICE = 12
    BELOW_MINIMUM_NOTIONAL = 13
    ABOVE_MAXIMUM_NOTIONAL = 14
    PRICE_COLLAR = 15
    REDUCING = 16
    REDUCE_ONLY = 17
    SELF_TRADE = 18
    MAXIMUM_OPEN_ORDERS = 19
    MAXIMUM_POSITION = 20
    MAXIMUM_GROSS = 21
    MAXIMUM_NET = 22
    MAXIMUM_LOSS = 23
    MAXIMUM_DRAWDOWN = 24
    INSUFFICIENT_BALANCE = 25
    ORDER_LIST = 26


# --- facts ---------------------------------------------------------------------------------------


@frozen
class RiskFacts:
    """Everything one decision needs, as integers; flags are 1 for yes. Defaults deny.

    Command: `kind`, `key`, `order_type`, `side`, `price` (0 for UNPRICED_TYPES), `quantity`
    (total), `reduce_only`, `trigger_price` and `quote_quantity` (0: none), `at_auction` (1: it
    waits for one); for
    REPLACE also `executed` and `held` (worst open lots under present terms).
    `key_used`: a NEW's key names an order already. Instrument: as in `spec.instrument`;
    `instrument_known` 0 leaves the rest unread. Limits: as in `RiskLimits`. Data with a flag
    beside it is not read when the flag is 0. `needed_lock`: what the command locks beyond what
    the order locks already, in the locking asset, at its worst; `free_balance` in that asset.
    `position`, `open_buy`, `open_sell` (lots): of this account and instrument, without this
    order. `gross_others`, `net_high_others`, `net_low_others` (quote units): exposure of the
    other instruments at worst; `exposure_known` 0 when one cannot be valued. `own_opposite_*`:
    best price among the account's own open orders on the other side. Equity in quote units.
    `list_used`: it is a leg of a list whose id the strategy has used already.
    """

    kind: int = CommandKind.NONE
    key: int = 0
    order_type: int = 0
    side: int = Side.NONE
    price: int = 0
    quantity: int = 0
    reduce_only: int = 0
    executed: int = 0
    held: int = 0
    key_used: int = 1
    account_known: int = 0
    instrument_known: int = 0
    instrument_state: int = InstrumentState.PRE_OPEN
    trading_state: int = -1
    tick: int = 0
    lot_step: int = 0
    minimum_quantity: int = 0
    maximum_quantity: int = 0
    minimum_notional: int = 0
    money_per_price_lot: int = 0
    limit_price_collar_e8: int = 0
    limit_quantity: int = 0
    limit_notional: int = 0
    limit_position: int = 0
    limit_open_orders: int = 0
    limit_gross: int = 0
    limit_net: int = 0
    limit_loss: int = 0
    limit_drawdown: int = 0
    self_trade_refused: int = 1
    reference_known: int = 0
    reference_price: int = 0
    balance_known: int = 0
    free_balance: int = 0
    needed_lock: int = 0
    position_known: int = 0
    position: int = 0
    open_buy: int = 0
    open_sell: int = 0
    open_orders: int = 0
    exposure_known: int = 0
    gross_others: int = 0
    net_high_others: int = 0
    net_low_others: int = 0
    equity_known: int = 0
    equity: int = 0
    peak_equity: int = 0
    initial_equity: int = 0
    own_opposite_known: int = 0
    own_opposite_price: int = 0
    trigger_price: int = 0
    quote_quantity: int = 0
    at_auction: int = 0
    list_used: int = 0


# --- derived quantities --------------------------------------------------------------------------


def worst_open(totals: Iterable[int], executed: int) -> int:
    """Most lots that may still fill under any of an order's terms, given their totals [OL8]."""
    return max((max(total - executed, 0) for total in totals), default=0)


def asked_open(facts: RiskFacts) -> int:
    """Lots the asked-for terms leave open."""
    return max(facts.quantity - facts.executed, 0)


def held_open(facts: RiskFacts) -> int:
    """Lots this order may have open already."""
    return max(facts.held, 0)


def order_open(facts: RiskFacts) -> int:
    """Lots this order may have open at worst: asked for, or still held until the answer."""
    return max(asked_open(facts), held_open(facts))


def is_market(facts: RiskFacts) -> bool:
    """Whether the order names no price of its own: MARKET, and what becomes it."""
    return facts.order_type in UNPRICED_TYPES


def valuation_price(facts: RiskFacts) -> int:
    """The price an order's size is judged at: its own, or the reference for MARKET.

    What becomes MARKET at its trigger is judged there where that is worse for the account.
    """
    if not is_market(facts):
        return facts.price
    if facts.trigger_price == 0:
        return facts.reference_price
    if facts.side == Side.BUY:
        return max(facts.reference_price, facts.trigger_price)
    return min(facts.reference_price, facts.trigger_price)


def order_value(facts: RiskFacts) -> int:
    """Total quantity at `valuation_price`, in quote units; the money where that is asked for."""
    if facts.quote_quantity != 0:
        return facts.quote_quantity
    return valuation_price(facts) * facts.quantity * facts.money_per_price_lot


def furthest(facts: RiskFacts, open_quantity: int) -> int:
    """Worst position on the order's side, counted as positive there, with that much open."""
    if facts.side == Side.BUY:
        return facts.position + facts.open_buy + open_quantity
    return facts.open_sell + open_quantity - facts.position


def worst_gross(facts: RiskFacts, open_quantity: int) -> int:
    """Gross exposure with that much of this order open: the worse side of its instrument."""
    buying = open_quantity if facts.side == Side.BUY else 0
    selling = open_quantity if facts.side == Side.SELL else 0
    high = abs(facts.position + facts.open_buy + buying)
    low = abs(facts.position - facts.open_sell - selling)
    value_per_lot = facts.reference_price * facts.money_per_price_lot
    return facts.gross_others + max(high, low) * value_per_lot


def worst_net(facts: RiskFacts, open_quantity: int) -> int:
    """Net exposure on the order's side, counted as positive there, with that much open."""
    value_per_lot = facts.reference_price * facts.money_per_price_lot
    own = furthest(facts, open_quantity) * value_per_lot
    if facts.side == Side.BUY:
        return facts.net_high_others + own
    return own - facts.net_low_others


def beyond(limit: int, before: int, after: int) -> bool:
    """Whether a limit that is on (not 0) is exceeded, and by more than it is already."""
    return limit != 0 and after > limit and after > before


def reducing_ok(position: int, open_reducing: int, side: int, quantity: int) -> bool:
    """Whether an order may at most flatten `position`, all else on its side filled first [PD17].

    `open_reducing`: open lots of other orders on the same side, at their worst.
    """
    if side == Side.SELL:
        return position > 0 and open_reducing + quantity <= position
    return position < 0 and open_reducing + quantity <= -position


def reduces(facts: RiskFacts) -> bool:
    """Whether the command's terms only reduce the position, at worst."""
    open_same_side = facts.open_buy if facts.side == Side.BUY else facts.open_sell
    return reducing_ok(facts.position, open_same_side, facts.side, asked_open(facts))


# --- policies ------------------------------------------------------------------------------------


def malformed(facts: RiskFacts) -> bool:
    """A kind, type, side, key or number outside what is documented."""
    return (
        facts.kind not in (CommandKind.NEW, CommandKind.REPLACE)
        or not OrderType.LIMIT <= facts.order_type <= OrderType.TAKE_PROFIT_LIMIT
        or facts.side not in (Side.BUY, Side.SELL)
        or not 1 <= facts.key < ORDER_KEY_LIMIT
        or not 0 <= facts.price <= PRICE_LIMIT
        or not 0 <= facts.quantity <= QUANTITY_LIMIT
        or not 0 <= facts.trigger_price <= PRICE_LIMIT
    )


def unknown_account(facts: RiskFacts) -> bool:
    """No such account: nothing can be checked against it [PD16]."""
    return facts.account_known != 1


def unknown_instrument(facts: RiskFacts) -> bool:
    """No such instrument."""
    return facts.instrument_known != 1


def halted(facts: RiskFacts) -> bool:
    """Any trading state but ACTIVE and REDUCING, an unknown one included."""
    return facts.trading_state not in (ACTIVE, REDUCING)


def not_tradable(facts: RiskFacts) -> bool:
    """The instrument takes no orders now; MARKET needs continuous trading.

    What waits for an auction is taken before it too.
    """
    if facts.at_auction == 1:
        return not InstrumentState.PRE_OPEN <= facts.instrument_state <= InstrumentState.CONTINUOUS
    if is_market(facts):
        return facts.instrument_state != InstrumentState.CONTINUOUS
    return facts.instrument_state not in (InstrumentState.AUCTION, InstrumentState.CONTINUOUS)


def duplicate_key(facts: RiskFacts) -> bool:
    """A NEW under a key that names an order already."""
    return facts.kind == CommandKind.NEW and facts.key_used != 0


def missing_data(facts: RiskFacts) -> bool:
    """Balance, position, filters, or what a limit that is on would need."""
    return (
        facts.balance_known != 1
        or facts.position_known != 1
        or facts.tick <= 0
        or facts.lot_step <= 0
        or facts.money_per_price_lot <= 0
        or ((facts.limit_gross != 0 or facts.limit_net != 0) and facts.exposure_known != 1)
        or ((facts.limit_loss != 0 or facts.limit_drawdown != 0) and facts.equity_known != 1)
    )


def off_tick(facts: RiskFacts) -> bool:
    """A price or trigger that is not on the grid; MARKET names none. A grid of 0 has no points."""
    if facts.trigger_price != 0 and (facts.tick <= 0 or facts.trigger_price % facts.tick != 0):
        return True
    if is_market(facts):
        return facts.price != 0
    return facts.price <= 0 or facts.tick <= 0 or facts.price % facts.tick != 0


def off_lot(facts: RiskFacts) -> bool:
    """A quantity that is not a multiple of the lot step."""
    return facts.lot_step <= 0 or facts.quantity % facts.lot_step != 0


def below_minimum_quantity(facts: RiskFacts) -> bool:
    """Less than the instrument's minimum, or nothing."""
    return facts.quantity <= 0 or facts.quantity < facts.minimum_quantity


def above_maximum_quantity(facts: RiskFacts) -> bool:
    """More than the instrument's maximum or the configured one."""
    limit = facts.limit_quantity
    return facts.quantity > facts.maximum_quantity or (limit != 0 and facts.quantity > limit)


def no_reference_price(facts: RiskFacts) -> bool:
    """MARKET orders, the collar and exposure limits need a reference; a price of 0 is none."""
    needed = (
        is_market(facts)
        or facts.limit_price_collar_e8 != 0
        or facts.limit_gross != 0
        or facts.limit_net != 0
    )
    return needed and (facts.reference_known != 1 or facts.reference_price <= 0)


def below_minimum_notional(facts: RiskFacts) -> bool:
    """Worth less than the instrument's minimum."""
    return order_value(facts) < facts.minimum_notional


def above_maximum_notional(facts: RiskFacts) -> bool:
    """Worth more than the configured maximum."""
    return facts.limit_notional != 0 and order_value(facts) > facts.limit_notional


def price_collar(facts: RiskFacts) -> bool:
    """Further from the reference than the collar allows, either way; its edge is inside."""
    if is_market(facts) or facts.limit_price_collar_e8 == 0:
        return False
    distance = abs(facts.price - facts.reference_price)
    return distance * FEE_SCALE > facts.reference_price * facts.limit_price_collar_e8


def reducing(facts: RiskFacts) -> bool:
    """In REDUCING, what could open, grow or flip a position [PD17]."""
    return facts.trading_state == REDUCING and not reduces(facts)


def reduce_only(facts: RiskFacts) -> bool:
    """A reduce-only order that could open, grow or flip a position [PD17]."""
    return facts.reduce_only != 0 and not reduces(facts)


def self_trade(facts: RiskFacts) -> bool:
    """An order that could trade with one of the account's own."""
    if facts.self_trade_refused == 0 or facts.own_opposite_known == 0:
        return False
    if is_market(facts):
        return True
    if facts.side == Side.BUY:
        return facts.price >= facts.own_opposite_price
    return facts.price <= facts.own_opposite_price


def maximum_open_orders(facts: RiskFacts) -> bool:
    """One more order than the limit; a REPLACE adds none."""
    return facts.kind == CommandKind.NEW and beyond(
        facts.limit_open_orders, facts.open_orders, facts.open_orders + 1
    )


def maximum_position(facts: RiskFacts) -> bool:
    """A position beyond the limit on the order's side, everything open filled."""
    before = furthest(facts, held_open(facts))
    return beyond(facts.limit_position, before, furthest(facts, order_open(facts)))


def maximum_gross(facts: RiskFacts) -> bool:
    """Gross exposure beyond the limit, at the reference price."""
    before = worst_gross(facts, held_open(facts))
    return beyond(facts.limit_gross, before, worst_gross(facts, order_open(facts)))


def maximum_net(facts: RiskFacts) -> bool:
    """Net exposure beyond the limit on the order's side, at the reference price."""
    before = worst_net(facts, held_open(facts))
    return beyond(facts.limit_net, before, worst_net(facts, order_open(facts)))


def maximum_loss(facts: RiskFacts) -> bool:
    """The loss since the start has reached the limit; what reduces still passes."""
    reached = facts.initial_equity - facts.equity >= facts.limit_loss
    return facts.limit_loss != 0 and reached and not reduces(facts)


def maximum_drawdown(facts: RiskFacts) -> bool:
    """The fall from the peak has reached the limit; what reduces still passes."""
    reached = facts.peak_equity - facts.equity >= facts.limit_drawdown
    return facts.limit_drawdown != 0 and reached and not reduces(facts)


def insufficient_balance(facts: RiskFacts) -> bool:
    """More to lock than is free; what locks nothing more passes [A4]."""
    return facts.needed_lock > 0 and facts.needed_lock > facts.free_balance


def order_list(facts: RiskFacts) -> bool:
    """A leg whose list could not be told from another one.

    The code is also that of every leg whose list falls because another of its legs is denied.
    """
    return facts.list_used != 0


# --- the list ------------------------------------------------------------------------------------


@frozen
class Policy:
    """A coded reason to deny: `denies(facts)` is a named function without side effects."""

    id: str
    code: int
    denies: Callable[[RiskFacts], bool]
    requirements: tuple[str, ...]
    decision: str


DECISION = "ADR-0008"
"""The record of how policies are ordered and worst cases counted."""


def _policy(code: DenyCode, denies: Callable[[RiskFacts], bool], *requirements: str) -> Policy:
    """The policy of a code; it is named after it."""
    return Policy(f"RISK.{code.name}", int(code), denies, requirements, DECISION)


POLICIES: tuple[Policy, ...] = (
    _policy(DenyCode.MALFORMED, malformed, "R1", "R2"),
    _policy(DenyCode.UNKNOWN_ACCOUNT, unknown_account, "R1"),
    _policy(DenyCode.UNKNOWN_INSTRUMENT, unknown_instrument, "R1"),
    _policy(DenyCode.HALTED, halted, "R1", "R2"),
    _policy(DenyCode.NOT_TRADABLE, not_tradable, "R2"),
    _policy(DenyCode.DUPLICATE_KEY, duplicate_key, "R2", "EC4"),
    _policy(DenyCode.MISSING_DATA, missing_data, "R1"),
    _policy(DenyCode.OFF_TICK, off_tick, "R2"),
    _policy(DenyCode.OFF_LOT, off_lot, "R2"),
    _policy(DenyCode.BELOW_MINIMUM_QUANTITY, below_minimum_quantity, "R2"),
    _policy(DenyCode.ABOVE_MAXIMUM_QUANTITY, above_maximum_quantity, "R2"),
    _policy(DenyCode.NO_REFERENCE_PRICE, no_reference_price, "R1"),
    _policy(DenyCode.BELOW_MINIMUM_NOTIONAL, below_minimum_notional, "R2"),
    _policy(DenyCode.ABOVE_MAXIMUM_NOTIONAL, above_maximum_notional, "R2"),
    _policy(DenyCode.PRICE_COLLAR, price_collar, "R2"),
    _policy(DenyCode.REDUCING, reducing, "R2", "OL8"),
    _policy(DenyCode.REDUCE_ONLY, reduce_only, "R2", "OL8"),
    _policy(DenyCode.SELF_TRADE, self_trade, "R2", "M5"),
    _policy(DenyCode.MAXIMUM_OPEN_ORDERS, maximum_open_orders, "R2"),
    _policy(DenyCode.MAXIMUM_POSITION, maximum_position, "R2", "OL8"),
    _policy(DenyCode.MAXIMUM_GROSS, maximum_gross, "R2", "OL8"),
    _policy(DenyCode.MAXIMUM_NET, maximum_net, "R2", "OL8"),
    _policy(DenyCode.MAXIMUM_LOSS, maximum_loss, "R2"),
    _policy(DenyCode.MAXIMUM_DRAWDOWN, maximum_drawdown, "R2"),
    _policy(DenyCode.INSUFFICIENT_BALANCE, insufficient_balance, "R2", "A3", "A4"),
    _policy(DenyCode.ORDER_LIST, order_list, "R2", "L4"),
)
"""Every policy, in order of precedence."""


# --- the decision --------------------------------------------------------------------------------


def decide(facts: RiskFacts) -> int:
    """0 when admitted, else the code of the first policy that denies [R1, R3]."""
    if facts.kind == CommandKind.CANCEL:
        return int(DenyCode.ALLOWED)
    for policy in POLICIES:
        if policy.denies(facts):
            return policy.code
    return int(DenyCode.ALLOWED)
