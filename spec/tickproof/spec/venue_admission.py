"""What a simulated venue does with a request that arrives: two total tables and what feeds them.

The admission table decides over kind of order x situation at arrival whether a NEW is refused, or
rests, takes, or both; the tenure table decides over an order's state at the venue x arriving
command whether it is cancelled, amended (keeping or losing its place) or expires. Which situation
holds is a pure function of integers here, first match in the order of the enum: precedence is data.

Three choices serve the ordering of fill models [Q7], which compares runs of one request sequence in
which an order may be filled in one run and still rest in another:

* whether an order is marketable is read from the book as shown, own consumption left aside, so
  that every model admits the same orders;
* a replace is refused for what depends on no fill before anything that does is looked at;
* a replace that asks for more than was executed reopens a filled order, as the order table has it
  [OL6]; refusing it would let the model that fills less end up with more.

Sections: kinds and situations, verdicts, classification, admission table, tenure table, filters.
Fees are the ledger's (`ledger.fill_fee`). Source: concept page sections 6 and 9.
"""

from __future__ import annotations

from collections.abc import Callable
from enum import IntEnum

from attrs import evolve, frozen

from tickproof.spec.commands import AUCTION_TIMES, CONDITIONAL_TYPES, OrderType, TimeInForce
from tickproof.spec.conditional import child_type
from tickproof.spec.events import Reason
from tickproof.spec.instructions import PLAIN, Instructions, Prevention
from tickproof.spec.instrument import Instrument, notional
from tickproof.spec.table import (
    KEEP,
    Table,
    TableBuilder,
    Transition,
    always,
    go,
    refuse,
    unchanged,
)

DECISION = "ADR-0011"
LIMITS_DECISION = "ADR-0029"

# --- kinds and situations ------------------------------------------------------------------------


class OrderClass(IntEnum):
    """Order type and time in force together: what the venue tells apart."""

    UNSUPPORTED = 0
    LIMIT_GTC = 1
    LIMIT_IOC = 2
    LIMIT_FOK = 3
    LIMIT_GTD = 4
    MAKER_GTC = 5
    MAKER_GTD = 6
    MARKET = 7
    AT_OPEN = 8
    AT_CLOSE = 9


class Situation(IntEnum):
    """What a NEW finds on arrival; the first that holds, in this order.

    NOTHING_OPPOSITE: the other side shows nothing. SHORT: less is shown within the limit than
    wanted. USED: enough is shown, but own orders already used part of it. ENOUGH: all of it is
    there to be had. LIMIT_REACHED: as many orders are open as may be, or too much would be held.
    NOTHING_TO_REDUCE: it may only reduce, and there is no position that others do not reduce
    already. These two depend on fills, so they are looked at last of what refuses any kind [Q7].
    """

    DUPLICATE_ID = 0
    NOT_TRADING = 1
    FILTER_FAILED = 2
    DATE_PASSED = 3
    LIMIT_REACHED = 4
    NOTHING_TO_REDUCE = 5
    NOTHING_OPPOSITE = 6
    NOT_MARKETABLE = 7
    MARKETABLE_SHORT = 8
    MARKETABLE_USED = 9
    MARKETABLE_ENOUGH = 10


class AdmissionRefusal(IntEnum):
    """Why a NEW is refused; each has a `Reason` in REASONS."""

    DUPLICATE = 1
    NOT_TRADING = 2
    FILTER = 3
    DATE_PASSED = 4
    WOULD_TAKE = 5
    UNSUPPORTED = 6
    LIMIT = 7
    REDUCE_ONLY = 8


REASONS: dict[int, int] = {
    AdmissionRefusal.DUPLICATE: Reason.DUPLICATE,
    AdmissionRefusal.NOT_TRADING: Reason.INSTRUMENT_NOT_TRADING,
    AdmissionRefusal.FILTER: Reason.FILTER,
    AdmissionRefusal.DATE_PASSED: Reason.GOOD_TILL_DATE,
    AdmissionRefusal.WOULD_TAKE: Reason.WOULD_TAKE,
    AdmissionRefusal.UNSUPPORTED: Reason.OTHER,
    AdmissionRefusal.LIMIT: Reason.LIMIT_REACHED,
    AdmissionRefusal.REDUCE_ONLY: Reason.REDUCE_ONLY,
}
"""The reason a refused NEW carries."""

# --- verdicts ------------------------------------------------------------------------------------


@frozen
class Verdict:
    """What an admitted order does.

    `takes` 1: it takes what is shown within its limit. `uses` 1: it takes nothing, but what it
    would have taken is used up. `rests` 1: what is left stays in the book. `waits` 1: it waits for
    an auction, out of the book. `reason`: of the cancellation of what is left, where it does not
    stay.
    """

    takes: int = 0
    uses: int = 0
    rests: int = 0
    reason: int = Reason.NONE
    waits: int = 0


# --- classification ------------------------------------------------------------------------------


CLASSES: dict[tuple[int, int], OrderClass] = {
    (OrderType.LIMIT, TimeInForce.GTC): OrderClass.LIMIT_GTC,
    (OrderType.LIMIT, TimeInForce.IOC): OrderClass.LIMIT_IOC,
    (OrderType.LIMIT, TimeInForce.FOK): OrderClass.LIMIT_FOK,
    (OrderType.LIMIT, TimeInForce.GTD): OrderClass.LIMIT_GTD,
    (OrderType.LIMIT, TimeInForce.AT_OPEN): OrderClass.AT_OPEN,
    (OrderType.LIMIT, TimeInForce.AT_CLOSE): OrderClass.AT_CLOSE,
    (OrderType.MARKET, TimeInForce.AT_OPEN): OrderClass.AT_OPEN,
    (OrderType.MARKET, TimeInForce.AT_CLOSE): OrderClass.AT_CLOSE,
    (OrderType.LIMIT_MAKER, TimeInForce.GTC): OrderClass.MAKER_GTC,
    (OrderType.LIMIT_MAKER, TimeInForce.GTD): OrderClass.MAKER_GTD,
}
"""By type and time in force; MARKET is immediate at all others."""


def known_here(order_type: int, instructions: Instructions) -> bool:
    """Whether the venue knows all that an order asks for."""
    rest = evolve(
        instructions, prevention=Prevention.NONE, display=0, list_id=0, list_kind=0, list_leg=0
    )
    if order_type == OrderType.MARKET:
        rest = evolve(rest, quote_quantity=0)
    if order_type in CONDITIONAL_TYPES:
        rest = evolve(rest, trigger_price=0, trigger_on=0, trailing_e4=0)
    return rest == PLAIN


def order_class(order_type: int, time_in_force: int, instructions: Instructions = PLAIN) -> int:
    """The `OrderClass` of a NEW; a MARKET order is immediate but for auctions.

    An order that waits for a price is of the class of what it becomes; it waits for no auction.
    """
    if instructions is not PLAIN and not known_here(order_type, instructions):
        return OrderClass.UNSUPPORTED
    if order_type in CONDITIONAL_TYPES:
        if time_in_force in AUCTION_TIMES:
            return OrderClass.UNSUPPORTED
        order_type = child_type(order_type)
    if order_type == OrderType.MARKET and time_in_force not in AUCTION_TIMES:
        return OrderClass.MARKET
    return CLASSES.get((order_type, time_in_force), OrderClass.UNSUPPORTED)


def marketable(side: int, price: int, opposite_price: int) -> bool:
    """Whether a limit reaches the best opposite price (locking counts)."""
    return (price - opposite_price) * side >= 0


def situation(
    known_id: bool,
    trading: bool,
    filters_passed: bool,
    date_passed: bool,
    limit_reached: bool,
    nothing_to_reduce: bool,
    opposite_shown: bool,
    reaches: bool,
    shown: int,
    unused: int,
    quantity: int,
) -> int:
    """The first `Situation` that holds.

    `shown`: lots shown within the limit (counting may stop at `quantity`); `unused`: of these,
    what own orders have not used.
    """
    if known_id:
        return Situation.DUPLICATE_ID
    if not trading:
        return Situation.NOT_TRADING
    if not filters_passed:
        return Situation.FILTER_FAILED
    if date_passed:
        return Situation.DATE_PASSED
    if limit_reached:
        return Situation.LIMIT_REACHED
    if nothing_to_reduce:
        return Situation.NOTHING_TO_REDUCE
    if not opposite_shown:
        return Situation.NOTHING_OPPOSITE
    if not reaches:
        return Situation.NOT_MARKETABLE
    if shown < quantity:
        return Situation.MARKETABLE_SHORT
    if unused < quantity:
        return Situation.MARKETABLE_USED
    return Situation.MARKETABLE_ENOUGH


class Command(IntEnum):
    """What reaches an order at the venue; of the replaces the first that holds, in this order.

    FILLED_UP: nothing of it is left. CHANCE_OVER: it may not rest, and has taken what there was.
    PREVENTED: self-trade prevention ends it. POSITION_SMALLER, POSITION_GONE: it may only reduce a
    position, and there is less of it than the order wants, or none.
    """

    CANCEL = 0
    DATE_REACHED = 1
    FILLED_UP = 2
    CHANCE_OVER = 3
    PREVENTED = 4
    POSITION_SMALLER = 5
    POSITION_GONE = 6
    REPLACE_NOT_TRADING = 7
    REPLACE_FILTER_FAILED = 8
    REPLACE_WOULD_TAKE = 9
    REPLACE_AT_OR_BELOW_EXECUTED = 10
    REPLACE_OVER_LIMIT = 11
    REPLACE_NOT_LESS = 12
    REPLACE_IN_PLACE = 13
    REPLACE_TO_BACK = 14


def replace_command(
    trading: bool,
    filters_passed: bool,
    executed: int,
    total: int,
    price: int,
    new_total: int,
    new_price: int,
    increase_loses_priority: int,
    maker_reaches: bool,
    limit_reached: bool,
    only_reduces: bool,
) -> int:
    """The first REPLACE `Command` that holds [Q3].

    `maker_reaches`: the order may only make, and the price asked for would take, be it the one it
    has; like what precedes it, this does not depend on what was filled [Q7]. `limit_reached`: the
    order would be open for more than may be; that depends on fills. `only_reduces`: the venue takes
    nothing but a smaller total in place. Another price always joins the back of the queue there,
    and so does an order that is reopened.
    """
    if not trading:
        return Command.REPLACE_NOT_TRADING
    if not filters_passed:
        return Command.REPLACE_FILTER_FAILED
    if maker_reaches:
        return Command.REPLACE_WOULD_TAKE
    if new_total <= executed:
        return Command.REPLACE_AT_OR_BELOW_EXECUTED
    if limit_reached:
        return Command.REPLACE_OVER_LIMIT
    rests = executed < total
    if only_reduces and not (rests and new_price == price and new_total < total):
        return Command.REPLACE_NOT_LESS
    if rests and new_price == price and (new_total <= total or increase_loses_priority == 0):
        return Command.REPLACE_IN_PLACE
    return Command.REPLACE_TO_BACK


# --- admission table -----------------------------------------------------------------------------

_C = OrderClass
_S = Situation
_STANDING = (_C.LIMIT_GTC, _C.LIMIT_GTD)
_MAKERS = (_C.MAKER_GTC, _C.MAKER_GTD)
_SUPPORTED = tuple(kind for kind in _C if kind != _C.UNSUPPORTED)
_MARKETABLE = (_S.MARKETABLE_SHORT, _S.MARKETABLE_USED, _S.MARKETABLE_ENOUGH)


def rest(kind: int, seen: int) -> Verdict:
    """Join the book."""
    return Verdict(rests=1)


def take_then_rest(kind: int, seen: int) -> Verdict:
    """Take what is there within the limit; what is left joins the book."""
    return Verdict(takes=1, rests=1)


def take_then_cancel(kind: int, seen: int) -> Verdict:
    """Take what is there within the limit; what is left is cancelled."""
    return Verdict(takes=1, reason=Reason.IMMEDIATE_REMAINDER)


def take_then_end(kind: int, seen: int) -> Verdict:
    """Take what is there at any price; what is left finds no liquidity."""
    return Verdict(takes=1, reason=Reason.NO_LIQUIDITY)


def cancel_whole(kind: int, seen: int) -> Verdict:
    """An immediate order finds nothing within its limit."""
    return Verdict(reason=Reason.IMMEDIATE_REMAINDER)


def kill(kind: int, seen: int) -> Verdict:
    """Not all of it is there: nothing is taken."""
    return Verdict(reason=Reason.FILL_OR_KILL)


def kill_and_use(kind: int, seen: int) -> Verdict:
    """All of it is shown, but own orders had part of it: nothing is taken, all is used up.

    A run in which those own orders were filled elsewhere would take it; were it left over here,
    a later order could do better in the run that fills less [Q7].
    """
    return Verdict(uses=1, reason=Reason.FILL_OR_KILL)


def wait_for_auction(kind: int, seen: int) -> Verdict:
    """What is shown is of no concern: it takes part in an auction."""
    return Verdict(waits=1)


def find_nothing(kind: int, seen: int) -> Verdict:
    """A market order finds an empty side."""
    return Verdict(reason=Reason.NO_LIQUIDITY)


_BY_FILLS = (_S.LIMIT_REACHED, _S.NOTHING_TO_REDUCE)


def _refused(table: TableBuilder) -> None:
    """What no order of any kind survives."""
    for event, code in (
        (_S.DUPLICATE_ID, AdmissionRefusal.DUPLICATE),
        (_S.NOT_TRADING, AdmissionRefusal.NOT_TRADING),
        (_S.FILTER_FAILED, AdmissionRefusal.FILTER),
        (_S.DATE_PASSED, AdmissionRefusal.DATE_PASSED),
        (_S.LIMIT_REACHED, AdmissionRefusal.LIMIT),
        (_S.NOTHING_TO_REDUCE, AdmissionRefusal.REDUCE_ONLY),
    ):
        table.on(
            event,
            _SUPPORTED,
            refuse(always, code),
            requirements=("M6",) if event == _S.DUPLICATE_ID else ("Q9",),
            decision=LIMITS_DECISION if event in _BY_FILLS else DECISION,
        )
    for event in _S:
        table.on(
            event,
            (_C.UNSUPPORTED,),
            refuse(always, AdmissionRefusal.UNSUPPORTED),
            requirements=("Q9",),
            decision=DECISION,
        )


def _admit(
    table: TableBuilder,
    events: tuple[Situation, ...],
    kinds: tuple[OrderClass, ...],
    effect: Callable[[int, int], Verdict],
    *requirements: str,
) -> None:
    for event in events:
        table.on(
            event, kinds, go(always, effect, KEEP), requirements=requirements, decision=DECISION
        )


def _admitted(table: TableBuilder) -> None:
    """What each kind does with what it finds."""
    away = (_S.NOTHING_OPPOSITE, _S.NOT_MARKETABLE)
    _admit(table, away, (*_STANDING, *_MAKERS), rest, "Q1", "Q9")
    _admit(table, _MARKETABLE, _STANDING, take_then_rest, "Q8", "M4")
    _admit(table, away, (_C.LIMIT_IOC,), cancel_whole, "M4")
    _admit(table, _MARKETABLE, (_C.LIMIT_IOC,), take_then_cancel, "Q8", "M4")
    _admit(table, away, (_C.LIMIT_FOK,), kill, "M4")
    _admit(table, (_S.MARKETABLE_SHORT,), (_C.LIMIT_FOK,), kill, "Q8")
    _admit(table, (_S.MARKETABLE_USED,), (_C.LIMIT_FOK,), kill_and_use, "Q7", "Q8")
    _admit(table, (_S.MARKETABLE_ENOUGH,), (_C.LIMIT_FOK,), take_then_cancel, "Q8", "M4")
    _admit(table, away, (_C.MARKET,), find_nothing, "Q8")
    for kind in (_C.AT_OPEN, _C.AT_CLOSE):
        for event in (*away, *_MARKETABLE):
            table.on(
                event,
                (kind,),
                go(always, wait_for_auction, KEEP),
                requirements=("M8",),
                decision=LIMITS_DECISION,
            )
    _admit(table, _MARKETABLE, (_C.MARKET,), take_then_end, "Q8")
    for event in _MARKETABLE:
        table.on(
            event,
            _MAKERS,
            refuse(always, AdmissionRefusal.WOULD_TAKE),
            requirements=("Q7", "Q9"),
            decision=DECISION,
        )


def _build_admission() -> Table[int, int]:
    table = TableBuilder("VA", "Admission at a venue", OrderClass, Situation, AdmissionRefusal)
    _refused(table)
    _admitted(table)
    return table.build()


ADMISSION = _build_admission()
"""Kind of order x situation on arrival: an effect gives a `Verdict`."""

# --- tenure table --------------------------------------------------------------------------------


class Tenure(IntEnum):
    """An order's state at the venue. FILLED may be reopened by an increase, CLOSED is final.

    Orders that may not rest are CLOSED after their chance, filled or not.
    """

    UNKNOWN = 0
    RESTING = 1
    FILLED = 2
    CLOSED = 3


class TenureRefusal(IntEnum):
    """Why a command is refused; each has a `Reason` in TENURE_REASONS."""

    UNKNOWN_ORDER = 1
    TOO_LATE = 2
    NOT_TRADING = 3
    FILTER = 4
    WOULD_TAKE = 5
    LIMIT = 6
    NOT_LESS = 7


TENURE_REASONS: dict[int, int] = {
    TenureRefusal.UNKNOWN_ORDER: Reason.UNKNOWN_ORDER,
    TenureRefusal.TOO_LATE: Reason.TOO_LATE,
    TenureRefusal.NOT_TRADING: Reason.INSTRUMENT_NOT_TRADING,
    TenureRefusal.FILTER: Reason.FILTER,
    TenureRefusal.WOULD_TAKE: Reason.WOULD_TAKE,
    TenureRefusal.LIMIT: Reason.LIMIT_REACHED,
    TenureRefusal.NOT_LESS: Reason.FILTER,
}
"""The reason a refused CANCEL or REPLACE carries."""


@frozen
class Terms:
    """What the venue holds of an order: price units, lots. `requeued` 1: its place is lost."""

    price: int
    total: int
    executed: int
    requeued: int = 0


@frozen
class Wanted:
    """What a REPLACE asks for: the new price and the new total."""

    price: int = 0
    total: int = 0


def amend_in_place(terms: Terms, wanted: Wanted) -> Terms:
    """A new total, the same place [Q3]."""
    return evolve(terms, total=wanted.total, requeued=0)


def amend_to_back(terms: Terms, wanted: Wanted) -> Terms:
    """New terms, at the back of the queue [Q3]."""
    return evolve(terms, price=wanted.price, total=wanted.total, requeued=1)


def end_filled(terms: Terms, wanted: Wanted) -> Terms:
    """The total becomes what was executed [OL6]."""
    return evolve(terms, total=terms.executed, requeued=0)


_T = Tenure
_LIMITS = (
    Command.PREVENTED,
    Command.POSITION_SMALLER,
    Command.POSITION_GONE,
    Command.REPLACE_OVER_LIMIT,
    Command.REPLACE_NOT_LESS,
)


def _unknown_and_closed(table: TableBuilder) -> None:
    for command in Command:
        for state, code in (
            (_T.UNKNOWN, TenureRefusal.UNKNOWN_ORDER),
            (_T.CLOSED, TenureRefusal.TOO_LATE),
        ):
            table.on(
                command,
                (state,),
                refuse(always, code),
                requirements=("OL2", "OL7"),
                decision=DECISION,
            )


def _known(table: TableBuilder) -> None:
    def write(command: Command, state: Tenure, transition: Transition, *ids: str) -> None:
        decision = LIMITS_DECISION if command in _LIMITS else DECISION
        table.on(command, (state,), transition, requirements=ids, decision=decision)

    write(Command.CANCEL, _T.RESTING, go(always, unchanged, _T.CLOSED), "OL2")
    write(Command.DATE_REACHED, _T.RESTING, go(always, unchanged, _T.CLOSED), "T8")
    write(Command.FILLED_UP, _T.RESTING, go(always, unchanged, _T.FILLED), "OL6")
    for command in (
        Command.FILLED_UP,
        Command.PREVENTED,
        Command.POSITION_SMALLER,
        Command.POSITION_GONE,
        Command.REPLACE_AT_OR_BELOW_EXECUTED,
        Command.REPLACE_IN_PLACE,
    ):
        write(command, _T.FILLED, refuse(always, TenureRefusal.TOO_LATE), "OL7")
    write(Command.PREVENTED, _T.RESTING, go(always, unchanged, _T.CLOSED), "M5", "OL2")
    write(Command.POSITION_SMALLER, _T.RESTING, go(always, amend_in_place, KEEP), "Q3", "OL6")
    write(Command.POSITION_GONE, _T.RESTING, go(always, unchanged, _T.CLOSED), "OL2")
    for state in (_T.RESTING, _T.FILLED):
        write(Command.CHANCE_OVER, state, go(always, unchanged, _T.CLOSED), "OL2")
    # What a cancel or a date would have ended is not to be reopened, though it was filled: CANCEL
    # is answered as too late all the same.
    write(Command.CANCEL, _T.FILLED, go(always, unchanged, _T.CLOSED), "OL7", "Q7")
    write(Command.DATE_REACHED, _T.FILLED, go(always, unchanged, _T.CLOSED), "T8", "Q7")
    for command, code in (
        (Command.REPLACE_NOT_TRADING, TenureRefusal.NOT_TRADING),
        (Command.REPLACE_FILTER_FAILED, TenureRefusal.FILTER),
        (Command.REPLACE_WOULD_TAKE, TenureRefusal.WOULD_TAKE),
        (Command.REPLACE_OVER_LIMIT, TenureRefusal.LIMIT),
        (Command.REPLACE_NOT_LESS, TenureRefusal.NOT_LESS),
    ):
        write(command, _T.RESTING, refuse(always, code), "OL7")
        write(command, _T.FILLED, refuse(always, code), "OL7")
    at_or_below = Command.REPLACE_AT_OR_BELOW_EXECUTED
    write(at_or_below, _T.RESTING, go(always, end_filled, _T.FILLED), "OL6")
    write(Command.REPLACE_IN_PLACE, _T.RESTING, go(always, amend_in_place, KEEP), "Q3", "OL6")
    write(Command.REPLACE_TO_BACK, _T.RESTING, go(always, amend_to_back, KEEP), "Q3", "OL6")
    reopened = go(always, amend_to_back, _T.RESTING)
    write(Command.REPLACE_TO_BACK, _T.FILLED, reopened, "OL6", "Q7")


def _build_tenure() -> Table[Terms, Wanted]:
    table = TableBuilder("VT", "An order at a venue", Tenure, Command, TenureRefusal)
    _unknown_and_closed(table)
    _known(table)
    return table.build()


TENURE = _build_tenure()
"""State at the venue x arriving command; effects give new `Terms`."""


# --- filters -------------------------------------------------------------------------------------


@frozen
class Filters:
    """The filter values of an instrument that a definition may change, as in `Instrument`."""

    tick: int
    lot_step: int
    minimum_quantity: int
    maximum_quantity: int
    minimum_notional: int


def filters_of(instrument: Instrument) -> Filters:
    """The filters an instrument starts with."""
    return Filters(
        instrument.tick,
        instrument.lot_step,
        instrument.minimum_quantity,
        instrument.maximum_quantity,
        instrument.minimum_notional,
    )


def filters_passed(
    filters: Filters, instrument: Instrument, order_type: int, price: int, quantity: int
) -> bool:
    """Grid, size and notional; a MARKET order has no price to test."""
    if quantity % filters.lot_step or quantity <= 0:
        return False
    if not filters.minimum_quantity <= quantity <= filters.maximum_quantity:
        return False
    if order_type == OrderType.MARKET:
        return True
    if price % filters.tick or price <= 0:
        return False
    return notional(instrument, price, quantity) >= filters.minimum_notional
