"""A venue that matches orders itself, by price and then by time [M1 to M8].

What it decides: what every message to such a venue does to every resting order. A message is a
new order, a cancellation, a replacement (cancel and new: the place is lost), an amendment (smaller
in place) or a change of phase. Four total tables hold all of it:

* *phase x message*: who may say what, and what it sets in motion;
* *kind of order x arrival*: whether a new order takes, rests, waits for its stop, or is refused;
* *self-trade prevention x meeting*: an incoming order and the first resting one in its reach: what
  trades, what is prevented, who keeps the place, who reloads, who ends;
* *state of an order x what is asked of it*: cancellation, amendment, replacement.

A side is one queue: better prices first, earlier arrivals first among equals [M2]. An incoming
order meets the first of the other side again and again while that one is in its reach, so nothing
can be passed over; each trade is at the resting order's price [M4]. An iceberg shows part of
itself; what is hidden ranks behind everything shown at its price, because a reload joins the back.

A stop waits outside the book. It is reached by a trade at or beyond its price, counting every
trade of one message; reached stops enter one by one, in the order they came, after the message
that reached them, and may reach further ones.

In the call phase orders gather and nothing trades. Continuous trading always begins with the
auction of whatever is crossed [M8]; so does the close after a call, which sets off no stop.
Self-trades are not prevented in an auction: its volume belongs to nobody in particular.

An id is accepted once and must be above all before it [M6]; trades are numbered from 1. A refusal
changes nothing.

Sections: codes, messages and reports, state, order among orders, phase table, arrival table,
meeting table, order table, matching, stops, auction, the step. Source: concept page section 10,
ADR-0022.
"""

from __future__ import annotations

from enum import IntEnum
from itertools import pairwise

from attrs import evolve, frozen

from tickproof.spec.call_auction import NO_PRICE, auction_price
from tickproof.spec.commands import OrderType, TimeInForce
from tickproof.spec.errors import InvariantBroken
from tickproof.spec.events import EventKind, Reason, Side
from tickproof.spec.instructions import PLAIN, Instructions, Prevention
from tickproof.spec.instrument import PRICE_LIMIT, QUANTITY_LIMIT, InstrumentState
from tickproof.spec.table import KEEP, Refuse, Row, Table, TableBuilder, always, go, refuse

DECISION = "ADR-0022"

# --- codes ---------------------------------------------------------------------------------------


class MessageKind(IntEnum):
    """What a message asks for; TO_<STATE> changes the phase."""

    NEW = 0
    CANCEL = 1
    AMEND = 2
    REPLACE = 3
    TO_PRE_OPEN = 4
    TO_AUCTION = 5
    TO_CONTINUOUS = 6
    TO_HALTED = 7
    TO_CLOSED = 8
    TO_DELISTED = 9


class OrderKind(IntEnum):
    """Order type and time in force together: what a matching venue tells apart.

    LIMIT rests until cancelled, and may show only part of itself. IOC takes what it can get, FOK
    all or nothing. MAKER never takes. STOP becomes MARKET, STOP_LIMIT becomes LIMIT, when reached.
    """

    UNSUPPORTED = 0
    LIMIT = 1
    IOC = 2
    FOK = 3
    MAKER = 4
    MARKET = 5
    STOP = 6
    STOP_LIMIT = 7


STOPS = (OrderKind.STOP, OrderKind.STOP_LIMIT)
"""Kinds that wait for a trade."""

UNPRICED = (OrderKind.MARKET, OrderKind.STOP)
"""Kinds without a limit."""


def order_kind(order_type: int, time_in_force: int, instructions: Instructions = PLAIN) -> int:
    """The `OrderKind` of a command; what is unpriced is immediate whatever its time in force.

    Of instructions this venue knows a display, prevention, and a trigger on the last trade for what
    stops; what trails, takes profit, asks for money or belongs to a list is UNSUPPORTED.
    """
    plain = evolve(instructions, display=0, prevention=Prevention.NONE)
    if time_in_force in (TimeInForce.AT_OPEN, TimeInForce.AT_CLOSE):
        return OrderKind.UNSUPPORTED
    if plain.trigger_price != 0 and plain == Instructions(trigger_price=plain.trigger_price):
        if order_type == OrderType.STOP:
            return OrderKind.STOP
        limited = order_type == OrderType.STOP_LIMIT and time_in_force == TimeInForce.GTC
        return OrderKind.STOP_LIMIT if limited else OrderKind.UNSUPPORTED
    if plain != PLAIN:
        return OrderKind.UNSUPPORTED
    if order_type == OrderType.MARKET:
        return OrderKind.MARKET
    if order_type == OrderType.LIMIT_MAKER and time_in_force == TimeInForce.GTC:
        return OrderKind.MAKER
    if order_type == OrderType.LIMIT:
        if time_in_force == TimeInForce.GTC:
            return OrderKind.LIMIT
        if time_in_force == TimeInForce.IOC:
            return OrderKind.IOC
        if time_in_force == TimeInForce.FOK:
            return OrderKind.FOK
    return OrderKind.UNSUPPORTED


# --- messages and reports ------------------------------------------------------------------------


@frozen
class Message:
    """What a participant, or the venue's operator, says. Prices in price units, sizes in lots.

    `quantity`: the total, for AMEND and REPLACE the new one [OL6]. `display`: lots shown at a
    time, 0 all. `stop`: the price that sets off a stop. What a kind does not use is 0.
    """

    kind: int
    order: int = 0
    account: int = 0
    order_kind: int = OrderKind.LIMIT
    side: int = Side.BUY
    price: int = 0
    quantity: int = 0
    display: int = 0
    stop: int = 0
    prevention: int = Prevention.NONE


@frozen
class Report:
    """What the venue says, in the order it happened. `kind`: a code of `EventKind`.

    ACCEPTED, REPLACED: price and total. BOOK_ORDER_ADD: joined the back with `quantity` lots
    shown; of a reload too. HELD: waits for its stop at `price`; TRIGGERED: it was reached. FILLED:
    `order` rested, `other` came; `code` is the trade's number; in an auction `order` bought,
    `other` sold and `side` is NONE. PREVENTED: both lose `quantity` lots untraded. CANCELED:
    `quantity` lots leave. RESTATED: `quantity` lots are still shown. REJECTED, CANCEL_REJECTED,
    REPLACE_REJECTED: refused, nothing changed; REJECTED of order 0 refuses a phase.
    INSTRUMENT_STATUS: `code` is the phase. Elsewhere `code` is a `Reason`.
    """

    kind: int
    order: int = 0
    account: int = 0
    side: int = Side.NONE
    price: int = 0
    quantity: int = 0
    other: int = 0
    code: int = 0


# --- state ---------------------------------------------------------------------------------------


@frozen
class Resting:
    """An order in the book. `joined`: number of its arrival at the back of its price.

    `total`: as accepted or replaced; `shown` and `hidden` lots are open. What is neither was
    traded or prevented.
    """

    order: int
    account: int
    kind: int
    side: int
    price: int
    total: int
    shown: int
    hidden: int
    display: int
    prevention: int
    joined: int


@frozen
class Waiting:
    """A stop outside the book."""

    order: int
    account: int
    kind: int
    side: int
    price: int
    total: int
    stop: int
    prevention: int


@frozen
class MatchingState:
    """The venue. Sides as queues, first to trade first; stops in the order they came.

    `last_order`: the greatest id accepted. `joined` and `trades`: numbers given so far. `last`:
    price of the last trade, 0 before the first. `tick`, `lot`: the grid.
    """

    status: int = InstrumentState.CONTINUOUS
    bids: tuple[Resting, ...] = ()
    asks: tuple[Resting, ...] = ()
    waiting: tuple[Waiting, ...] = ()
    last_order: int = 0
    joined: int = 0
    trades: int = 0
    last: int = 0
    tick: int = 1
    lot: int = 1


@frozen
class Step:
    """The venue after a message, what it said, and the rules it used, in order.

    `low` and `high`: range of the trades of this message so far; `high` 0: none.
    """

    state: MatchingState
    reports: tuple[Report, ...] = ()
    rules: tuple[str, ...] = ()
    low: int = 0
    high: int = 0


@frozen
class Taker:
    """An incoming order while it matches. `limit` 0: any price. `left`: lots it still wants."""

    order: int
    account: int
    kind: int
    side: int
    limit: int
    total: int
    left: int
    display: int
    prevention: int


def queue_of(state: MatchingState, side: int) -> tuple[Resting, ...]:
    """The queue of a side."""
    return state.bids if side == Side.BUY else state.asks


def with_queue(state: MatchingState, side: int, queue: tuple[Resting, ...]) -> MatchingState:
    """The venue with another queue."""
    if side == Side.BUY:
        return evolve(state, bids=queue)
    return evolve(state, asks=queue)


def open_lots(resting: Resting) -> int:
    """Lots that may still trade, hidden ones too."""
    return resting.shown + resting.hidden


def used(resting: Resting) -> int:
    """Lots of the total that are gone: traded or prevented."""
    return resting.total - resting.shown - resting.hidden


# --- order among orders --------------------------------------------------------------------------


def ranks_before(side: int, price: int, joined: int, other_price: int, other_joined: int) -> bool:
    """Whether one resting order of a side trades before another: price, then time [M2]."""
    if price != other_price:
        return (price - other_price) * side > 0
    return joined < other_joined


def reaches(side: int, limit: int, price: int) -> bool:
    """Whether an incoming order of `side` may trade at `price`; limit 0: at any [M4]."""
    return limit == 0 or (limit - price) * side >= 0


def inserted(queue: tuple[Resting, ...], new: Resting) -> tuple[Resting, ...]:
    """The queue with an order at its place."""
    ahead = tuple(
        each
        for each in queue
        if ranks_before(new.side, each.price, each.joined, new.price, new.joined)
    )
    return (*ahead, new, *queue[len(ahead) :])


def without(queue: tuple[Resting, ...], order: int) -> tuple[Resting, ...]:
    """The queue without an order; all others as they were."""
    return tuple(each for each in queue if each.order != order)


def exchanged(queue: tuple[Resting, ...], new: Resting) -> tuple[Resting, ...]:
    """The queue with an order in another form at the same place."""
    return tuple(new if each.order == new.order else each for each in queue)


def ordered(queue: tuple[Resting, ...]) -> bool:
    """Whether each order of a queue ranks before the next."""
    return all(
        ranks_before(one.side, one.price, one.joined, next_one.price, next_one.joined)
        for one, next_one in pairwise(queue)
    )


def crossed(state: MatchingState) -> bool:
    """Whether the best bid reaches the best offer; locked counts [M1]."""
    if not state.bids or not state.asks:
        return False
    return state.bids[0].price >= state.asks[0].price


def inv(state: MatchingState) -> bool:
    """Whether queues are in order, sizes sound, ids used once, and no continuous book crossed."""
    orders = [each.order for each in (*state.bids, *state.asks)]
    orders += [each.order for each in state.waiting]
    return (
        ordered(state.bids)
        and ordered(state.asks)
        and all(each.shown > 0 and each.hidden >= 0 for each in (*state.bids, *state.asks))
        and all(used(each) >= 0 for each in (*state.bids, *state.asks))
        and all(each.joined <= state.joined for each in (*state.bids, *state.asks))
        and all(each <= state.last_order for each in orders)
        and len(dict.fromkeys(orders)) == len(orders)
        and not (state.status == InstrumentState.CONTINUOUS and crossed(state))
    )


# --- phase table ---------------------------------------------------------------------------------


class PhaseRefusal(IntEnum):
    """Why a phase does not take a message."""

    NOT_TRADING = 1
    ALREADY_THERE = 2
    TERMINAL = 3


def enter(state: MatchingState, message: Message) -> Step:
    """A new order arrives."""
    return arrive(state, message)


def withdraw(state: MatchingState, message: Message) -> Step:
    """A cancellation arrives."""
    return ask(state, message, Demand.CANCEL)


def lessen(state: MatchingState, message: Message) -> Step:
    """An amendment arrives."""
    return ask(state, message, Demand.AMEND)


def exchange(state: MatchingState, message: Message) -> Step:
    """A replacement arrives."""
    return ask(state, message, Demand.REPLACE)


def turn(state: MatchingState, message: Message) -> Step:
    """The phase changes, the book stays."""
    return Step(state)


def uncross(state: MatchingState, message: Message) -> Step:
    """The call ends: what is crossed trades at one price [M8]."""
    return auction(state)


def uncross_and_go_on(state: MatchingState, message: Message) -> Step:
    """Continuous trading begins: what is crossed trades at one price, then reached stops enter."""
    return set_off(auction(state))


def empty(state: MatchingState, message: Message) -> Step:
    """Trading has ended for good: every order leaves."""
    reports = tuple(
        Report(
            EventKind.CANCELED,
            each.order,
            each.account,
            each.side,
            each.price,
            open_lots(each),
            code=Reason.INSTRUMENT_NOT_TRADING,
        )
        for each in (*state.bids, *state.asks)
    )
    stops = tuple(
        Report(
            EventKind.CANCELED,
            each.order,
            each.account,
            each.side,
            each.stop,
            each.total,
            code=Reason.INSTRUMENT_NOT_TRADING,
        )
        for each in state.waiting
    )
    return Step(evolve(state, bids=(), asks=(), waiting=()), reports + stops)


_P = InstrumentState
_K = MessageKind
_TO_PHASE = {
    _K.TO_PRE_OPEN: _P.PRE_OPEN,
    _K.TO_AUCTION: _P.AUCTION,
    _K.TO_CONTINUOUS: _P.CONTINUOUS,
    _K.TO_HALTED: _P.HALTED,
    _K.TO_CLOSED: _P.CLOSED,
    _K.TO_DELISTED: _P.DELISTED,
}
_OPEN_PHASES = (_P.AUCTION, _P.CONTINUOUS)
_SHUT_PHASES = (_P.PRE_OPEN, _P.HALTED, _P.CLOSED)
_PHASES = (_P.PRE_OPEN, _P.AUCTION, _P.CONTINUOUS, _P.HALTED, _P.CLOSED)


def _phase_orders(table: TableBuilder) -> None:
    """What participants may say: new terms where orders gather or trade, less nearly always."""
    for kind, effect in ((_K.NEW, enter), (_K.REPLACE, exchange)):
        table.on(
            kind,
            _OPEN_PHASES,
            go(always, effect),
            requirements=("M2", "M4"),
            decision=DECISION,
        )
        table.on(
            kind,
            _SHUT_PHASES,
            refuse(always, PhaseRefusal.NOT_TRADING),
            requirements=("M2",),
            decision=DECISION,
        )
    for kind, effect in ((_K.CANCEL, withdraw), (_K.AMEND, lessen)):
        table.on(kind, _PHASES, go(always, effect), requirements=("M3", "Q3"), decision=DECISION)


def _phase_changes(table: TableBuilder) -> None:
    """Continuous trading begins with an auction, and so does the close after a call."""
    for kind, target in _TO_PHASE.items():
        for phase in _PHASES:
            if phase == target:
                transition = refuse(always, PhaseRefusal.ALREADY_THERE)
            elif target == _P.CONTINUOUS:
                transition = go(always, uncross_and_go_on, target)
            elif target == _P.CLOSED and phase == _P.AUCTION:
                transition = go(always, uncross, target)
            elif target == _P.DELISTED:
                transition = go(always, empty, target)
            else:
                transition = go(always, turn, target)
            auctions = target == _P.CONTINUOUS or (target == _P.CLOSED and phase == _P.AUCTION)
            table.on(
                kind,
                (phase,),
                transition,
                requirements=("M1", "M8") if auctions else ("M3",),
                decision=DECISION,
            )


def _build_phases() -> Table[MatchingState, Message]:
    table = TableBuilder("MP", "Phase of a matching venue", _P, MessageKind, PhaseRefusal)
    _phase_orders(table)
    _phase_changes(table)
    for kind in MessageKind:
        table.on(
            kind,
            (_P.DELISTED,),
            refuse(always, PhaseRefusal.TERMINAL),
            requirements=("M3",),
            decision=DECISION,
        )
    return table.build()


PHASES = _build_phases()
"""Phase x message: effects give a `Step`, the target is the phase afterwards."""

# --- arrival table -------------------------------------------------------------------------------


class Arrival(IntEnum):
    """What a new order finds; the first that holds, in this order.

    OLD_ID: not above every id accepted so far. OFF_TERMS: its numbers are not an order. IN_CALL:
    orders gather. AWAY: nothing is in its reach; of a stop, the last trade has not reached it.
    REACHED: it could trade, or its stop is reached already.
    """

    OLD_ID = 0
    OFF_TERMS = 1
    IN_CALL = 2
    AWAY = 3
    REACHED = 4


class ArrivalRefusal(IntEnum):
    """Why a new order is refused; each has a `Reason` in ARRIVAL_REASONS."""

    DUPLICATE = 1
    TERMS = 2
    NOT_IN_CALL = 3
    WOULD_TAKE = 4
    WOULD_TRIGGER = 5
    UNSUPPORTED = 6


ARRIVAL_REASONS: dict[int, int] = {
    ArrivalRefusal.DUPLICATE: Reason.DUPLICATE,
    ArrivalRefusal.TERMS: Reason.FILTER,
    ArrivalRefusal.NOT_IN_CALL: Reason.INSTRUMENT_NOT_TRADING,
    ArrivalRefusal.WOULD_TAKE: Reason.WOULD_TAKE,
    ArrivalRefusal.WOULD_TRIGGER: Reason.OTHER,
    ArrivalRefusal.UNSUPPORTED: Reason.OTHER,
}
"""The reason a refused new order carries."""


@frozen
class Verdict:
    """What an accepted order does.

    `takes` 1: it meets what is in its reach. `rests` 1: what is left joins the book. `holds` 1: it
    waits for its stop. `reason`: of the cancellation of what is left, where it does neither.
    """

    takes: int = 0
    rests: int = 0
    holds: int = 0
    reason: int = Reason.NONE


def rest(state: MatchingState, message: Message) -> Verdict:
    """Join the book."""
    return Verdict(rests=1)


def take_then_rest(state: MatchingState, message: Message) -> Verdict:
    """Take what is in reach; what is left joins the book."""
    return Verdict(takes=1, rests=1)


def take_then_cancel(state: MatchingState, message: Message) -> Verdict:
    """Take what is in reach; what is left is cancelled."""
    return Verdict(takes=1, reason=Reason.IMMEDIATE_REMAINDER)


def take_then_end(state: MatchingState, message: Message) -> Verdict:
    """Take at any price; what is left finds no liquidity."""
    return Verdict(takes=1, reason=Reason.NO_LIQUIDITY)


def cancel_whole(state: MatchingState, message: Message) -> Verdict:
    """An immediate order finds nothing in its reach."""
    return Verdict(reason=Reason.IMMEDIATE_REMAINDER)


def kill(state: MatchingState, message: Message) -> Verdict:
    """Not all of it can be had: nothing trades."""
    return Verdict(reason=Reason.FILL_OR_KILL)


def find_nothing(state: MatchingState, message: Message) -> Verdict:
    """A market order finds an empty side."""
    return Verdict(reason=Reason.NO_LIQUIDITY)


def hold(state: MatchingState, message: Message) -> Verdict:
    """Wait outside the book."""
    return Verdict(holds=1)


def all_can_be_had(state: MatchingState, message: Message) -> bool:
    """Whether the order would trade in full, prevention of self-trades considered."""
    would = take(Step(state), taker_of(message))[0].reports
    traded = sum(each.quantity for each in would if each.kind == EventKind.FILLED)
    return traded == message.quantity


def not_all_can_be_had(state: MatchingState, message: Message) -> bool:
    """Whether some of the order would be left."""
    return not all_can_be_had(state, message)


_O = OrderKind
_A = Arrival
_SUPPORTED = tuple(kind for kind in _O if kind != _O.UNSUPPORTED)


def _arrivals_refused(table: TableBuilder) -> None:
    """What no order of any kind survives."""
    for event, code, requirement in (
        (_A.OLD_ID, ArrivalRefusal.DUPLICATE, "M6"),
        (_A.OFF_TERMS, ArrivalRefusal.TERMS, "M3"),
    ):
        table.on(
            event,
            _SUPPORTED,
            refuse(always, code),
            requirements=(requirement,),
            decision=DECISION,
        )
    for event in _A:
        table.on(
            event,
            (_O.UNSUPPORTED,),
            refuse(always, ArrivalRefusal.UNSUPPORTED),
            requirements=("M2",),
            decision=DECISION,
        )
    table.on(
        _A.IN_CALL,
        (_O.IOC, _O.FOK, _O.MAKER, _O.MARKET),
        refuse(always, ArrivalRefusal.NOT_IN_CALL),
        requirements=("M8",),
        decision=DECISION,
    )


def _arrivals_accepted(table: TableBuilder) -> None:
    """What each kind does with what it finds."""
    away, reached, call = _A.AWAY, _A.REACHED, _A.IN_CALL
    cells = (
        (call, _O.LIMIT, go(always, rest), ("M8",)),
        (away, _O.LIMIT, go(always, rest), ("M1", "M2")),
        (reached, _O.LIMIT, go(always, take_then_rest), ("M1", "M4")),
        (away, _O.IOC, go(always, cancel_whole), ("M4",)),
        (reached, _O.IOC, go(always, take_then_cancel), ("M4",)),
        (away, _O.FOK, go(always, kill), ("M4",)),
        (reached, _O.FOK, go(all_can_be_had, take_then_cancel), ("M4", "M5")),
        (reached, _O.FOK, go(not_all_can_be_had, kill), ("M4", "M5")),
        (away, _O.MAKER, go(always, rest), ("M1", "M2")),
        (reached, _O.MAKER, refuse(always, ArrivalRefusal.WOULD_TAKE), ("M1",)),
        (away, _O.MARKET, go(always, find_nothing), ("M3",)),
        (reached, _O.MARKET, go(always, take_then_end), ("M2", "M3")),
    )
    for event, kind, transition, requirements in cells:
        table.on(event, (kind,), transition, requirements=requirements, decision=DECISION)
    for event in (call, away):
        table.on(event, STOPS, go(always, hold), requirements=("M1",), decision=DECISION)
    table.on(
        reached,
        STOPS,
        refuse(always, ArrivalRefusal.WOULD_TRIGGER),
        requirements=("M1",),
        decision=DECISION,
    )


def _build_arrivals() -> Table[MatchingState, Message]:
    table = TableBuilder("MA", "Arrival at a matching venue", OrderKind, Arrival, ArrivalRefusal)
    _arrivals_refused(table)
    _arrivals_accepted(table)
    return table.build()


ARRIVALS = _build_arrivals()
"""Kind of order x what it finds: effects give a `Verdict`."""


def on_grid(value: int, step: int) -> bool:
    """Whether a price is positive, within bounds and a multiple of the step."""
    return 0 < value <= PRICE_LIMIT and value % step == 0


def terms_are_right(state: MatchingState, message: Message) -> bool:
    """Whether the numbers of a new order are an order of its kind."""
    kind, quantity = message.order_kind, message.quantity
    priced = on_grid(message.price, state.tick) if kind not in UNPRICED else message.price == 0
    stopped = on_grid(message.stop, state.tick) if kind in STOPS else message.stop == 0
    shown = 0 <= message.display <= quantity and (kind == OrderKind.LIMIT or message.display == 0)
    return (
        priced
        and stopped
        and shown
        and 0 < quantity <= QUANTITY_LIMIT
        and quantity % state.lot == 0
        and message.side in (Side.BUY, Side.SELL)
        and Prevention.NONE <= message.prevention <= Prevention.DECREMENT
    )


def stop_reached(side: int, stop: int, low: int, high: int) -> bool:
    """Whether trades between `low` and `high` reach a stop; `high` 0: there were none."""
    if high == 0:
        return False
    return high >= stop if side == Side.BUY else low <= stop


def can_trade(state: MatchingState, side: int, limit: int) -> bool:
    """Whether the first of the other side is in reach."""
    others = queue_of(state, -side)
    return len(others) > 0 and reaches(side, limit, others[0].price)


def arrival(state: MatchingState, message: Message) -> int:
    """The first `Arrival` that holds."""
    if message.order <= state.last_order:
        return Arrival.OLD_ID
    if not terms_are_right(state, message):
        return Arrival.OFF_TERMS
    if state.status == InstrumentState.AUCTION:
        return Arrival.IN_CALL
    if message.order_kind in STOPS:
        reached = stop_reached(message.side, message.stop, state.last, state.last)
    else:
        reached = can_trade(state, message.side, message.price)
    return Arrival.REACHED if reached else Arrival.AWAY


# --- meeting table -------------------------------------------------------------------------------


class Meeting(IntEnum):
    """Whose the first resting order in reach is."""

    OF_ANOTHER = 0
    OF_THE_SAME = 1


class NoRefusal(IntEnum):
    """A meeting is never refused."""


@frozen
class Pair:
    """What meets: lots the incoming order wants, lots the resting one shows and hides."""

    left: int
    shown: int
    hidden: int


@frozen
class Outcome:
    """What comes of a meeting.

    `traded` lots change hands; `prevented` lots are taken off both. `keeps`, `reloads`: the
    resting order stays where it is, or joins the back with hidden lots; neither: it ends.
    `expires` 1: the incoming order ends.
    """

    traded: int = 0
    prevented: int = 0
    keeps: int = 0
    reloads: int = 0
    expires: int = 0


def lots_of(pair: Pair) -> int:
    """Lots that trade: hidden ones have to be shown first."""
    return min(pair.left, pair.shown)


def open_of(pair: Pair) -> int:
    """Lots of the resting order, hidden ones too."""
    return pair.shown + pair.hidden


def some_stays_shown(mode: int, pair: Pair) -> bool:
    """The incoming order wants less than is shown."""
    return pair.left < pair.shown


def hidden_is_left(mode: int, pair: Pair) -> bool:
    """All that is shown goes, and some is hidden."""
    return pair.left >= pair.shown and pair.hidden > 0


def nothing_is_left(mode: int, pair: Pair) -> bool:
    """All that is shown goes, and that is all."""
    return pair.left >= pair.shown and pair.hidden == 0


def wants_less(mode: int, pair: Pair) -> bool:
    """The incoming order wants less than rests."""
    return pair.left < open_of(pair)


def wants_as_much(mode: int, pair: Pair) -> bool:
    """Both are equal."""
    return pair.left == open_of(pair)


def wants_more(mode: int, pair: Pair) -> bool:
    """The incoming order wants more than rests."""
    return pair.left > open_of(pair)


def trade_and_keep(mode: int, pair: Pair) -> Outcome:
    """It trades, and what is still shown keeps its place."""
    return Outcome(traded=lots_of(pair), keeps=1)


def trade_and_reload(mode: int, pair: Pair) -> Outcome:
    """It trades, and hidden lots join the back [Q5]."""
    return Outcome(traded=lots_of(pair), reloads=1)


def trade_and_end(mode: int, pair: Pair) -> Outcome:
    """It trades, and the resting order is filled."""
    return Outcome(traded=lots_of(pair))


def expire_incoming(mode: int, pair: Pair) -> Outcome:
    """The incoming order ends, the resting one stays."""
    return Outcome(keeps=1, expires=1)


def expire_resting(mode: int, pair: Pair) -> Outcome:
    """The resting order ends, the incoming one goes on."""
    return Outcome()


def expire_both(mode: int, pair: Pair) -> Outcome:
    """Both end."""
    return Outcome(expires=1)


def decrement_resting(mode: int, pair: Pair) -> Outcome:
    """Both lose what the incoming order wanted; it ends, the resting one keeps its place."""
    return Outcome(prevented=pair.left, keeps=1, expires=1)


def decrement_both(mode: int, pair: Pair) -> Outcome:
    """Both lose all they have, and end."""
    return Outcome(prevented=pair.left, expires=1)


def decrement_incoming(mode: int, pair: Pair) -> Outcome:
    """Both lose what rested; the resting order ends, the incoming one goes on."""
    return Outcome(prevented=open_of(pair))


def _build_meetings() -> Table[int, Pair]:
    table = TableBuilder("MM", "Two orders meet", Prevention, Meeting, NoRefusal)
    trades = (
        go(some_stays_shown, trade_and_keep),
        go(hidden_is_left, trade_and_reload),
        go(nothing_is_left, trade_and_end),
    )
    table.on(
        Meeting.OF_ANOTHER,
        tuple(Prevention),
        *trades,
        requirements=("M2", "M3", "M4"),
        decision=DECISION,
    )
    same = Meeting.OF_THE_SAME
    own = {
        Prevention.NONE: trades,
        Prevention.EXPIRE_TAKER: (go(always, expire_incoming),),
        Prevention.EXPIRE_MAKER: (go(always, expire_resting),),
        Prevention.EXPIRE_BOTH: (go(always, expire_both),),
        Prevention.DECREMENT: (
            go(wants_less, decrement_resting),
            go(wants_as_much, decrement_both),
            go(wants_more, decrement_incoming),
        ),
    }
    for mode, transitions in own.items():
        table.on(same, (mode,), *transitions, requirements=("M3", "M5"), decision=DECISION)
    return table.build()


MEETINGS = _build_meetings()
"""Prevention mode of the incoming order x whose the resting one is: effects give an `Outcome`."""

# --- order table ---------------------------------------------------------------------------------


class Tenancy(IntEnum):
    """An order at the venue, as whoever asks sees it.

    NEVER: its id is above all accepted. GONE: it has ended. OF_ANOTHER: it is somebody else's.
    """

    NEVER = 0
    GONE = 1
    OF_ANOTHER = 2
    WAITING = 3
    RESTING = 4


class Demand(IntEnum):
    """What is asked of an order that is there."""

    CANCEL = 0
    AMEND = 1
    REPLACE = 2


class DemandRefusal(IntEnum):
    """Why it is refused; each has a `Reason` in DEMAND_REASONS."""

    UNKNOWN_ORDER = 1
    TOO_LATE = 2
    TERMS = 3
    NOT_SMALLER = 4
    WOULD_TAKE = 5


DEMAND_REASONS: dict[int, int] = {
    DemandRefusal.UNKNOWN_ORDER: Reason.UNKNOWN_ORDER,
    DemandRefusal.TOO_LATE: Reason.TOO_LATE,
    DemandRefusal.TERMS: Reason.FILTER,
    DemandRefusal.NOT_SMALLER: Reason.FILTER,
    DemandRefusal.WOULD_TAKE: Reason.WOULD_TAKE,
}
"""The reason a refused cancellation, amendment or replacement carries."""


@frozen
class Terms:
    """An order, and what is asked of it.

    `total`, `used`: as it is; `wanted`: the new total. `sound` 1: the new numbers are an order of
    its kind. `takes` 1: it may only make, and would take.
    """

    total: int
    used: int
    wanted: int
    sound: int
    takes: int


def is_no_order(state: int, terms: Terms) -> bool:
    """The new numbers are no order of this kind."""
    return terms.sound == 0


def is_used_up(state: int, terms: Terms) -> bool:
    """No more is wanted than is gone already."""
    return terms.sound == 1 and terms.wanted <= terms.used


def is_no_less(state: int, terms: Terms) -> bool:
    """More is wanted than before."""
    return terms.sound == 1 and terms.wanted > max(terms.used, terms.total)


def is_less(state: int, terms: Terms) -> bool:
    """No more is wanted than before, and more than is gone."""
    return terms.sound == 1 and terms.used < terms.wanted <= terms.total


def would_take(state: int, terms: Terms) -> bool:
    """It may only make, and the new price takes."""
    return terms.sound == 1 and terms.wanted > terms.used and terms.takes == 1


def may_move(state: int, terms: Terms) -> bool:
    """Something is left to move, and it may."""
    return terms.sound == 1 and terms.wanted > terms.used and terms.takes == 0


class Change(IntEnum):
    """What is done to an order.

    ENDED: it leaves. SHRUNK: it keeps its place with fewer lots. MOVED: it leaves, and arrives
    anew with its new terms; a stop waits on with them, in its place.
    """

    ENDED = 1
    SHRUNK = 2
    MOVED = 3


def end(state: int, terms: Terms) -> int:
    """It leaves."""
    return Change.ENDED


def shrink(state: int, terms: Terms) -> int:
    """It keeps its place with fewer lots, hidden ones first [Q3]."""
    return Change.SHRUNK


def move(state: int, terms: Terms) -> int:
    """It leaves and arrives anew [Q3]."""
    return Change.MOVED


_T = Tenancy


def _build_orders() -> Table[int, Terms]:
    table = TableBuilder("MO", "An order at a matching venue", Tenancy, Demand, DemandRefusal)
    for demand in Demand:
        for state, code in (
            (_T.NEVER, DemandRefusal.UNKNOWN_ORDER),
            (_T.OF_ANOTHER, DemandRefusal.UNKNOWN_ORDER),
            (_T.GONE, DemandRefusal.TOO_LATE),
        ):
            table.on(
                demand,
                (state,),
                refuse(always, code),
                requirements=("M6", "OL7"),
                decision=DECISION,
            )
    there = (_T.WAITING, _T.RESTING)
    table.on(
        Demand.CANCEL,
        there,
        go(always, end, _T.GONE),
        requirements=("M3", "OL2"),
        decision=DECISION,
    )
    table.on(
        Demand.AMEND,
        there,
        refuse(is_no_order, DemandRefusal.TERMS),
        go(is_used_up, end, _T.GONE),
        go(is_less, shrink, KEEP),
        refuse(is_no_less, DemandRefusal.NOT_SMALLER),
        requirements=("M2", "Q3", "OL6"),
        decision=DECISION,
    )
    table.on(
        Demand.REPLACE,
        there,
        refuse(is_no_order, DemandRefusal.TERMS),
        go(is_used_up, end, _T.GONE),
        refuse(would_take, DemandRefusal.WOULD_TAKE),
        go(may_move, move, KEEP),
        requirements=("M1", "M2", "Q3", "OL6"),
        decision=DECISION,
    )
    return table.build()


ORDERS = _build_orders()
"""State of an order x what is asked of it: effects give a `Change`."""

# --- matching ------------------------------------------------------------------------------------


def taker_of(message: Message) -> Taker:
    """A new order as it comes in."""
    return Taker(
        message.order,
        message.account,
        message.order_kind,
        message.side,
        message.price,
        message.quantity,
        message.quantity,
        message.display,
        message.prevention,
    )


def told(step: Step, *reports: Report) -> Step:
    """The step with more reports."""
    return evolve(step, reports=step.reports + reports)


def by_rule(step: Step, rule: Row | Refuse) -> Step:
    """The step with one more rule used."""
    return evolve(step, rules=(*step.rules, rule.id))


def shown_of(display: int, lots: int) -> int:
    """Lots of an order that are shown when it joins the back."""
    return min(display, lots) if display > 0 else lots


def join(step: Step, taker: Taker) -> Step:
    """What is left of an incoming order joins the back of its price [Q1]."""
    state = step.state
    shown = shown_of(taker.display, taker.left)
    new = Resting(
        taker.order,
        taker.account,
        taker.kind,
        taker.side,
        taker.limit,
        taker.total,
        shown,
        taker.left - shown,
        taker.display,
        taker.prevention,
        state.joined + 1,
    )
    queue = inserted(queue_of(state, new.side), new)
    state = evolve(with_queue(state, new.side, queue), joined=new.joined)
    return told(evolve(step, state=state), _joined(new))


def _joined(resting: Resting) -> Report:
    return Report(
        EventKind.BOOK_ORDER_ADD,
        resting.order,
        resting.account,
        resting.side,
        resting.price,
        resting.shown,
    )


def traded_at(step: Step, price: int) -> Step:
    """The step with one more trade in its range and in the count."""
    state = evolve(step.state, trades=step.state.trades + 1, last=price)
    low = price if step.high == 0 else min(step.low, price)
    return evolve(step, state=state, low=low, high=max(step.high, price))


def after_meeting(step: Step, maker: Resting, outcome: Outcome) -> Step:
    """The resting order after a meeting: it keeps its place, reloads, or leaves."""
    state, side = step.state, maker.side
    queue = queue_of(state, side)
    if outcome.keeps:
        lots = open_lots(maker) - outcome.traded - outcome.prevented
        shown = min(maker.shown - outcome.traded, lots)
        kept = evolve(maker, shown=shown, hidden=lots - shown)
        step = evolve(step, state=with_queue(state, side, exchanged(queue, kept)))
        if outcome.prevented == 0:
            return step
        return told(step, _restated(kept, shown))
    queue = without(queue, maker.order)
    if not outcome.reloads:
        return evolve(step, state=with_queue(state, side, queue))
    shown = shown_of(maker.display, maker.hidden)
    again = evolve(maker, shown=shown, hidden=maker.hidden - shown, joined=state.joined + 1)
    state = evolve(with_queue(state, side, inserted(queue, again)), joined=again.joined)
    return told(evolve(step, state=state), _joined(again))


def _restated(resting: Resting, shown: int) -> Report:
    return Report(
        EventKind.RESTATED, resting.order, resting.account, resting.side, resting.price, shown
    )


def meet(step: Step, taker: Taker) -> tuple[Step, Taker, int]:
    """An incoming order meets the first of the other side; 1 when that ends it [M2, M4, M5]."""
    maker = queue_of(step.state, -taker.side)[0]
    same = Meeting.OF_THE_SAME if maker.account == taker.account else Meeting.OF_ANOTHER
    pair = Pair(taker.left, maker.shown, maker.hidden)
    rule = MEETINGS.select(taker.prevention, same, taker.prevention, pair)
    outcome = outcome_of(rule, taker.prevention, pair)
    step = by_rule(step, rule)
    if outcome.traded > 0:
        step = traded_at(step, maker.price)
        step = told(step, _filled(maker, taker.order, outcome.traded, step.state.trades))
    else:
        step = told(
            step,
            Report(
                EventKind.PREVENTED,
                maker.order,
                maker.account,
                maker.side,
                maker.price,
                outcome.prevented,
                taker.order,
                Reason.SELF_TRADE,
            ),
        )
    step = after_meeting(step, maker, outcome)
    if outcome.traded == 0 and not outcome.keeps:
        lots = open_lots(maker) - outcome.prevented
        step = told(step, _canceled(maker, lots, Reason.SELF_TRADE))
    left = taker.left - outcome.traded - outcome.prevented
    return step, evolve(taker, left=left), outcome.expires


def outcome_of(rule: Row | Refuse, mode: int, pair: Pair) -> Outcome:
    """What a rule of the meeting table gives; none of them refuses."""
    if isinstance(rule, Refuse):
        return Outcome()
    found: Outcome = rule.effect(mode, pair)
    return found


def _filled(maker: Resting, other: int, lots: int, trade: int) -> Report:
    return Report(
        EventKind.FILLED,
        maker.order,
        maker.account,
        maker.side,
        maker.price,
        lots,
        other,
        trade,
    )


def _canceled(order: Resting | Taker | Waiting, lots: int, reason: int) -> Report:
    price = order.limit if isinstance(order, Taker) else order.price
    return Report(
        EventKind.CANCELED, order.order, order.account, order.side, price, lots, code=reason
    )


def take(step: Step, taker: Taker) -> tuple[Step, Taker, int]:
    """Meetings until nothing is wanted or in reach, or one of them ends the incoming order."""
    expired = 0
    while taker.left > 0 and not expired and can_trade(step.state, taker.side, taker.limit):
        step, taker, expired = meet(step, taker)
    return step, taker, expired


def follow(step: Step, taker: Taker, verdict: Verdict) -> Step:
    """What an accepted order does: take, then rest or leave."""
    expired = 0
    if verdict.takes:
        step, taker, expired = take(step, taker)
    if expired:
        return told(step, _canceled(taker, taker.left, Reason.SELF_TRADE))
    if taker.left == 0:
        return step
    if verdict.rests:
        return join(step, taker)
    return told(step, _canceled(taker, taker.left, verdict.reason))


def arrive(state: MatchingState, message: Message) -> Step:
    """A new order, from its arrival to the stops it set off."""
    known = _O.UNSUPPORTED < message.order_kind <= _O.STOP_LIMIT
    kind = message.order_kind if known else OrderKind.UNSUPPORTED
    rule = ARRIVALS.select(kind, arrival(state, message), state, message)
    if isinstance(rule, Refuse):
        return refused(state, message, ARRIVAL_REASONS[rule.code], rule)
    verdict: Verdict = rule.effect(state, message)
    accepted = Report(
        EventKind.ACCEPTED,
        message.order,
        message.account,
        message.side,
        message.price,
        message.quantity,
    )
    step = Step(evolve(state, last_order=message.order), (accepted,), (rule.id,))
    if verdict.holds:
        return wait(step, message)
    return set_off(follow(step, taker_of(message), verdict))


def refused(state: MatchingState, message: Message, reason: int, rule: Row | Refuse) -> Step:
    """Nothing changed, and why."""
    kind = EventKind.REJECTED
    if message.kind == MessageKind.CANCEL:
        kind = EventKind.CANCEL_REJECTED
    elif message.kind in (MessageKind.AMEND, MessageKind.REPLACE):
        kind = EventKind.REPLACE_REJECTED
    report = Report(kind, message.order, message.account, code=reason)
    return Step(state, (report,), (rule.id,))


# --- demands -------------------------------------------------------------------------------------


def find(state: MatchingState, order: int) -> Resting | Waiting | None:
    """The order of this id where it is, None when it is not there."""
    for each in (*state.bids, *state.asks):
        if each.order == order:
            return each
    for stop in state.waiting:
        if stop.order == order:
            return stop
    return None


def tenancy(state: MatchingState, found: Resting | Waiting | None, message: Message) -> int:
    """The `Tenancy` of the order a message names."""
    if found is None:
        return Tenancy.NEVER if message.order > state.last_order else Tenancy.GONE
    if found.account != message.account:
        return Tenancy.OF_ANOTHER
    return Tenancy.RESTING if isinstance(found, Resting) else Tenancy.WAITING


def terms_of(
    state: MatchingState, found: Resting | Waiting | None, message: Message, demand: int
) -> Terms:
    """An order and what is asked of it."""
    if found is None:
        return Terms(0, 0, 0, 0, 0)
    wanted = message.quantity
    sound = 0 <= wanted <= QUANTITY_LIMIT and wanted % state.lot == 0
    takes = False
    if demand == Demand.REPLACE:
        if found.kind in UNPRICED:
            sound = sound and message.price == 0
        else:
            sound = sound and on_grid(message.price, state.tick)
        takes = (
            found.kind == OrderKind.MAKER
            and state.status == InstrumentState.CONTINUOUS
            and can_trade(state, found.side, message.price)
        )
    gone = used(found) if isinstance(found, Resting) else 0
    return Terms(found.total, gone, wanted, int(sound), int(takes))


def ask(state: MatchingState, message: Message, demand: int) -> Step:
    """A cancellation, amendment or replacement of an order."""
    found = find(state, message.order)
    what = tenancy(state, found, message)
    terms = terms_of(state, found, message, demand)
    rule = ORDERS.select(what, demand, what, terms)
    if isinstance(rule, Refuse):
        return refused(state, message, DEMAND_REASONS[rule.code], rule)
    if found is None:
        raise InvariantBroken(f"rule {rule.id} does something with an order that is not there")
    change: int = rule.effect(what, terms)
    step = Step(state, rules=(rule.id,))
    if isinstance(found, Waiting):
        return _stop_changed(step, found, message, demand, change)
    if demand == Demand.CANCEL:
        step = _leave(step, found)
        return told(step, _canceled(found, open_lots(found), Reason.NONE))
    if change == Change.SHRUNK:
        return _shrunk(step, found, message.quantity)
    step = told(_leave(step, found), _restated(found, 0))
    if change == Change.ENDED:
        return told(step, _replaced(found, found.price, terms.used))
    step = told(step, _replaced(found, message.price, message.quantity))
    return set_off(resume(step, _moving(found, message)))


def _leave(step: Step, found: Resting) -> Step:
    queue = without(queue_of(step.state, found.side), found.order)
    return evolve(step, state=with_queue(step.state, found.side, queue))


def _shrunk(step: Step, found: Resting, total: int) -> Step:
    """Fewer lots in the same place, hidden ones leave first."""
    lots = total - used(found)
    shown = min(found.shown, lots)
    less = evolve(found, total=total, shown=shown, hidden=lots - shown)
    queue = exchanged(queue_of(step.state, found.side), less)
    step = evolve(step, state=with_queue(step.state, found.side, queue))
    return told(step, _restated(less, shown), _replaced(less, less.price, total))


def _replaced(order: Resting | Waiting, price: int, total: int) -> Report:
    return Report(EventKind.REPLACED, order.order, order.account, order.side, price, total)


def _moving(found: Resting, message: Message) -> Taker:
    return Taker(
        found.order,
        found.account,
        found.kind,
        found.side,
        message.price,
        message.quantity,
        message.quantity - used(found),
        found.display,
        found.prevention,
    )


def _stop_changed(step: Step, found: Waiting, message: Message, demand: int, change: int) -> Step:
    """A stop is cancelled, or waits on with new terms."""
    state = step.state
    if change == Change.ENDED:
        others = tuple(each for each in state.waiting if each.order != found.order)
        step = evolve(step, state=evolve(state, waiting=others))
        if demand == Demand.CANCEL:
            return told(step, _canceled(found, found.total, Reason.NONE))
        return told(step, _replaced(found, found.price, 0))
    price = message.price if change == Change.MOVED else found.price
    new = evolve(found, price=price, total=message.quantity)
    waiting = tuple(new if each.order == new.order else each for each in state.waiting)
    step = evolve(step, state=evolve(state, waiting=waiting))
    return told(step, _replaced(new, price, new.total))


def resume(step: Step, taker: Taker) -> Step:
    """An order that was accepted before comes in again: moved, or its stop was reached."""
    state = step.state
    gathers = state.status == InstrumentState.AUCTION
    reached = not gathers and can_trade(state, taker.side, taker.limit)
    what = Arrival.REACHED if reached else Arrival.AWAY
    message = Message(MessageKind.NEW, order_kind=taker.kind)
    rule = ARRIVALS.select(taker.kind, what, state, message)
    if isinstance(rule, Refuse):
        return by_rule(step, rule)
    verdict: Verdict = rule.effect(state, message)
    return follow(by_rule(step, rule), taker, verdict)


# --- stops ---------------------------------------------------------------------------------------


def wait(step: Step, message: Message) -> Step:
    """A stop waits outside the book."""
    new = Waiting(
        message.order,
        message.account,
        message.order_kind,
        message.side,
        message.price,
        message.quantity,
        message.stop,
        message.prevention,
    )
    held = Report(EventKind.HELD, new.order, new.account, new.side, new.stop, new.total)
    waiting = (*step.state.waiting, new)
    return told(evolve(step, state=evolve(step.state, waiting=waiting)), held)


def first_reached(step: Step) -> Waiting | None:
    """The earliest stop that the trades of this message have reached."""
    for each in step.state.waiting:
        if stop_reached(each.side, each.stop, step.low, step.high):
            return each
    return None


def set_off(step: Step) -> Step:
    """Reached stops enter one by one; each may reach further ones, and none comes back."""
    stop = first_reached(step)
    while stop is not None:
        order = stop.order
        others = tuple(each for each in step.state.waiting if each.order != order)
        step = evolve(step, state=evolve(step.state, waiting=others))
        triggered = Report(
            EventKind.TRIGGERED, stop.order, stop.account, stop.side, stop.stop, stop.total
        )
        kind = OrderKind.MARKET if stop.kind == OrderKind.STOP else OrderKind.LIMIT
        taker = Taker(
            stop.order,
            stop.account,
            kind,
            stop.side,
            stop.price,
            stop.total,
            stop.total,
            0,
            stop.prevention,
        )
        step = resume(told(step, triggered), taker)
        stop = first_reached(step)
    return step


# --- auction -------------------------------------------------------------------------------------


def interest(queue: tuple[Resting, ...]) -> tuple[tuple[int, int], ...]:
    """(price, lots) of the orders of a side, hidden lots too."""
    return tuple((each.price, open_lots(each)) for each in queue)


def auction(state: MatchingState) -> Step:
    """What is crossed trades at one price, best and earliest first on both sides [M8]."""
    price = auction_price(interest(state.bids), interest(state.asks), state.last)
    step = Step(state)
    while price != NO_PRICE and within(step.state, price):
        step = pair_off(step, price)
    return step


def within(state: MatchingState, price: int) -> bool:
    """Whether both sides still have an order that trades at the auction's price."""
    if not state.bids or not state.asks:
        return False
    return state.bids[0].price >= price >= state.asks[0].price


def pair_off(step: Step, price: int) -> Step:
    """The first of both sides trade what both show."""
    bid, ask_order = step.state.bids[0], step.state.asks[0]
    lots = min(bid.shown, ask_order.shown)
    step = traded_at(step, price)
    report = Report(
        EventKind.FILLED,
        bid.order,
        bid.account,
        Side.NONE,
        price,
        lots,
        ask_order.order,
        step.state.trades,
    )
    step = told(step, report)
    for each in (bid, ask_order):
        pair = Pair(lots, each.shown, each.hidden)
        rule = MEETINGS.select(Prevention.NONE, Meeting.OF_ANOTHER, Prevention.NONE, pair)
        outcome = outcome_of(rule, Prevention.NONE, pair)
        step = after_meeting(by_rule(step, rule), each, outcome)
    return step


# --- the step ------------------------------------------------------------------------------------


def step(state: MatchingState, message: Message) -> Step:
    """The venue after a message, what it says, and by which rules.

    The phase of a row's target holds while its effect works. A refusal changes nothing.
    """
    rule = PHASES.select(state.status, message.kind, state, message)
    if isinstance(rule, Refuse):
        changes = message.kind >= MessageKind.TO_PRE_OPEN
        reason = Reason.OTHER if changes else Reason.INSTRUMENT_NOT_TRADING
        return refused(state, message, reason, rule)
    found: Step = rule.effect(evolve(state, status=rule.target), message)
    if message.kind >= MessageKind.TO_PRE_OPEN:
        phase = Report(EventKind.INSTRUMENT_STATUS, code=rule.target)
        found = evolve(found, reports=(phase, *found.reports))
    return evolve(found, rules=(rule.id, *found.rules))
