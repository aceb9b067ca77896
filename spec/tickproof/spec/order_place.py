"""An exact place in a price queue: who stands ahead of a resting order, by name.

Order-by-order data name every order, so nothing need be estimated: the place is a list of those
who stood at the price when the order joined, and it only gets shorter [Q5]. Whoever leaves it,
trades or gives up lots is named; an order that grows or moves is at the back, behind ours, and so
is what an iceberg shows next. Whoever comes later stands behind. A message that is seen after our
order arrived but happened before tells of somebody ahead, as long as nobody is known to be behind.

Recordings begin in the middle. Lots that a level shows and no message named are `unnamed`; they
were there first, and what is said of orders that nobody knows is said of them.

What fills the order: an execution at its price of an order that does not stand ahead would have
come to ours first, and so would one at a worse price. Executions take what the recording says they
took; that ours was there moved nobody (`no_market_impact`). Two own orders never get the same lots.

Sections: codes, a place, what is told, guards, effects, table, what comes to it, messages.
Source: concept page section 9, ADR-0033; `tickproof.spec.order_book` is the truth this follows.
"""

from __future__ import annotations

from enum import IntEnum

from attrs import evolve, frozen

from tickproof.spec import order_book
from tickproof.spec.events import EventKind, Side
from tickproof.spec.order_book import OrderBookState, OrderOutcome, Queue
from tickproof.spec.table import (
    KEEP,
    Refuse,
    Rule,
    Table,
    TableBuilder,
    always,
    go,
    refuse,
    unchanged,
)

DECISION = "ADR-0033"

# --- codes ---------------------------------------------------------------------------------------


class Standing(IntEnum):
    """Whether the order rests."""

    ABSENT = 0
    STANDING = 1


class News(IntEnum):
    """What can happen to an exact place.

    Of another order at the price: CAME, it joined the back. WENT, lots of it left without a trade.
    TRADED. GREW, in place, where the market lets orders. GAP: messages were lost. Of ours: JOINED,
    AMENDED, LEFT.
    """

    JOINED = 0
    CAME = 1
    WENT = 2
    TRADED = 3
    GREW = 4
    GAP = 5
    AMENDED = 6
    LEFT = 7


class NewsRefusal(IntEnum):
    """Why news do not apply."""

    NOT_RESTING = 1
    ALREADY_RESTING = 2


# --- a place -------------------------------------------------------------------------------------


@frozen
class OrderPlace:
    """Who stands ahead of one order. Lots; stamps in ns of the venue's clock.

    `ahead`: those that are known, oldest first. `unnamed`: lots that stood there before all of
    them. `closed` 1: somebody stands behind, so that nobody can have come between. `censored` 1:
    messages were lost since it joined.
    """

    code: int = Standing.ABSENT
    arrival_ns: int = 0
    ahead: Queue = ()
    unnamed: int = 0
    closed: int = 0
    censored: int = 0


ABSENT = OrderPlace()
"""No order, no place."""


def quantity_ahead(place: OrderPlace) -> int:
    """Lots of others ahead: `ahead_min` and `ahead_max` in one [Q5]."""
    return place.unnamed + order_book.total(place.ahead)


def inv(place: OrderPlace) -> bool:
    """Everybody stands once and with lots; nobody stands before an order that does not rest."""
    references = [reference for reference, _ in place.ahead]
    return (
        place.unnamed >= 0
        and all(lots > 0 for _, lots in place.ahead)
        and len(dict.fromkeys(references)) == len(references)
        and (place.code == Standing.STANDING or place == ABSENT)
    )


# --- what is told --------------------------------------------------------------------------------


@frozen
class Told:
    """What is told of an order at the price. `stamp_ns`: when it happened.

    `known` 1: the book knows the order. JOINED: `queue` is who stands there, `size` what the level
    shows, -1 where it shows nothing. AMENDED: `keeps_priority` 1, it costs no place.
    """

    reference: int = 0
    lots: int = 0
    stamp_ns: int = 0
    known: int = 1
    queue: Queue = ()
    size: int = -1
    keeps_priority: int = 0


# --- guards --------------------------------------------------------------------------------------


def stands_ahead(place: OrderPlace, told: Told) -> bool:
    """It is one of those ahead."""
    return order_book.ahead_in(place.ahead, told.reference) >= 0


def stood_there_first(place: OrderPlace, told: Told) -> bool:
    """Nobody knows it: it rested before anything was told."""
    return told.known != 1 and not stands_ahead(place, told)


def stands_behind(place: OrderPlace, told: Told) -> bool:
    """It is known and not ahead."""
    return told.known == 1 and not stands_ahead(place, told)


def stands_elsewhere(place: OrderPlace, told: Told) -> bool:
    """It is not ahead."""
    return not stands_ahead(place, told)


def came_before(place: OrderPlace, told: Told) -> bool:
    """It joined before our order arrived, or just then: at one time the market comes first."""
    return place.closed != 1 and told.stamp_ns <= place.arrival_ns


def came_after(place: OrderPlace, told: Told) -> bool:
    """It joined behind."""
    return not came_before(place, told)


def keeps_priority(place: OrderPlace, told: Told) -> bool:
    """A decrease in place, or what else the venue lets stand [Q3]."""
    return told.keeps_priority == 1


def loses_priority(place: OrderPlace, told: Told) -> bool:
    """A new price, or an increase [Q3]."""
    return told.keeps_priority != 1


# --- effects -------------------------------------------------------------------------------------


def join(place: OrderPlace, told: Told) -> OrderPlace:
    """Behind everybody who stands there, and behind whatever else the level shows [Q1]."""
    return OrderPlace(
        arrival_ns=told.stamp_ns,
        ahead=told.queue,
        unnamed=max(told.size - order_book.total(told.queue), 0),
    )


def let_in(place: OrderPlace, told: Told) -> OrderPlace:
    """It was there before ours."""
    return evolve(place, ahead=order_book.joined(place.ahead, told.reference, told.lots))


def close(place: OrderPlace, told: Told) -> OrderPlace:
    """The first of those behind."""
    return evolve(place, closed=1)


def take_named(place: OrderPlace, told: Told) -> OrderPlace:
    """Lots of one who stands ahead are gone; all others keep their order [Q4]."""
    return evolve(place, ahead=order_book.shrunk(place.ahead, told.reference, told.lots))


def take_unnamed(place: OrderPlace, told: Told) -> OrderPlace:
    """Lots that nobody named are gone."""
    return evolve(place, unnamed=max(place.unnamed - told.lots, 0))


def grow_named(place: OrderPlace, told: Told) -> OrderPlace:
    """One who stands ahead has so many lots more, and keeps its place by declaration [Q3]."""
    lots = dict(place.ahead)[told.reference] + told.lots
    return evolve(place, ahead=order_book.resized(place.ahead, told.reference, lots))


def censor(place: OrderPlace, told: Told) -> OrderPlace:
    """Who left meanwhile is not known; that nobody came between is."""
    return evolve(place, censored=1)


def leave(place: OrderPlace, told: Told) -> OrderPlace:
    """No order, no place."""
    return ABSENT


# --- table ---------------------------------------------------------------------------------------


def _build() -> Table[OrderPlace, Told]:
    table = TableBuilder("EP", "An exact place in a price queue", Standing, News, NewsRefusal)
    rests = (Standing.STANDING,)
    absent = (Standing.ABSENT,)
    table.on(
        News.JOINED,
        absent,
        go(always, join, Standing.STANDING),
        requirements=("Q1", "Q5"),
        decision=DECISION,
    )
    table.on(
        News.JOINED,
        rests,
        refuse(always, NewsRefusal.ALREADY_RESTING),
        requirements=("Q1",),
        decision=DECISION,
    )
    for event in News:
        if event != News.JOINED:
            nobody = refuse(always, NewsRefusal.NOT_RESTING)
            table.on(event, absent, nobody, requirements=("Q9",), decision=DECISION)
    table.on(
        News.CAME,
        rests,
        go(came_before, let_in, KEEP),
        go(came_after, close, KEEP),
        requirements=("Q1", "Q5"),
        decision=DECISION,
    )
    for event in (News.WENT, News.TRADED):
        table.on(
            event,
            rests,
            go(stands_ahead, take_named, KEEP),
            go(stood_there_first, take_unnamed, KEEP),
            go(stands_behind, unchanged, KEEP),
            requirements=("Q2", "Q4", "Q5"),
            decision=DECISION,
        )
    table.on(
        News.GREW,
        rests,
        go(stands_ahead, grow_named, KEEP),
        go(stands_elsewhere, unchanged, KEEP),
        requirements=("Q3", "Q5"),
        decision=DECISION,
    )
    table.on(
        News.GAP, rests, go(always, censor, KEEP), requirements=("Q2", "Q5"), decision=DECISION
    )
    table.on(
        News.AMENDED,
        rests,
        go(keeps_priority, unchanged, KEEP),
        go(loses_priority, leave, Standing.ABSENT),
        requirements=("Q3",),
        decision=DECISION,
    )
    table.on(
        News.LEFT,
        rests,
        go(always, leave, Standing.ABSENT),
        requirements=("Q1",),
        decision=DECISION,
    )
    return table.build()


TABLE = _build()
"""Whether an order rests x what is told of its queue."""


def apply(place: OrderPlace, event: int, told: Told) -> tuple[OrderPlace, Rule]:
    """The place after news, and the rule that decided; a refusal leaves it as it is."""
    rule = TABLE.select(place.code, event, place, told)
    if isinstance(rule, Refuse):
        return place, rule
    return evolve(rule.effect(place, told), code=rule.target), rule


# --- what comes to it ----------------------------------------------------------------------------


def reaching(place: OrderPlace, told: Told) -> int:
    """Lots of an execution at its price that would have come to the order; as it stood before.

    None of what happened until it arrived, and none of what stood ahead of it. An order that
    trades more than it shows has been at the back with the rest: it reloads there [Q5].
    """
    if place.code != Standing.STANDING or told.stamp_ns <= place.arrival_ns:
        return 0
    if stands_ahead(place, told):
        return max(told.lots - dict(place.ahead)[told.reference], 0)
    return told.lots if told.known == 1 else max(told.lots - place.unnamed, 0)


def share(queue: tuple[tuple[int, int], ...], taken: int) -> tuple[int, ...]:
    """What own orders of a price get of an execution, front to back; nobody gets lots twice [Q8].

    `queue`: per order (`reaching`, lots it may trade). `taken`: lots of the execution that own
    orders at better prices got.
    """
    fills: tuple[int, ...] = ()
    for reached, wanted in queue:
        fill = min(max(reached - taken, 0), wanted)
        fills = (*fills, fill)
        taken += fill
    return fills


# --- messages ------------------------------------------------------------------------------------


@frozen
class Change:
    """News of an order at one price of one side."""

    side: int
    price: int
    event: int
    reference: int
    lots: int
    known: int = 1


def changes(
    book: OrderBookState,
    kind: int,
    reference: int,
    side: int,
    price: int,
    size: int,
    increase_to_back: int = 1,
) -> tuple[Change, ...]:
    """What a message of an order-by-order feed is to the queues; `book` as it was before it.

    An order that loses its place goes and comes. One that trades at another price than it rests at
    was amended to: its lots leave where it rests, and trade behind everybody where they trade.
    """
    place = order_book.resting(book, reference)
    if kind == EventKind.BOOK_ORDER_ADD:
        applied = order_book.add(book, reference, side, price, size).outcome
        came = Change(side, price, News.CAME, reference, size)
        return (came,) if applied == OrderOutcome.APPLIED else ()
    if place == order_book.UNKNOWN:
        event = News.TRADED if kind == EventKind.BOOK_ORDER_EXECUTE else News.WENT
        says = kind != EventKind.BOOK_ORDER_MODIFY and size > 0 and side != Side.NONE
        return (Change(side, price, event, reference, size, 0),) if says else ()
    side, lots = place.side, size if size > 0 else place.size
    if kind == EventKind.BOOK_ORDER_CANCEL:
        return (Change(side, place.price, News.WENT, reference, lots),)
    if kind == EventKind.BOOK_ORDER_EXECUTE and price == place.price:
        return (Change(side, price, News.TRADED, reference, lots),)
    if kind == EventKind.BOOK_ORDER_EXECUTE:
        return (
            Change(side, place.price, News.WENT, reference, lots),
            Change(side, price, News.TRADED, reference, lots),
        )
    return _modified(place, reference, price, size, increase_to_back)


def _modified(
    place: order_book.Resting, reference: int, price: int, size: int, increase_to_back: int
) -> tuple[Change, ...]:
    """An order has another price or size."""
    more = size - place.size
    if price == place.price and more <= 0:
        return (Change(place.side, price, News.WENT, reference, min(-more, place.size)),)
    if price == place.price and increase_to_back != 1:
        return (Change(place.side, price, News.GREW, reference, more),)
    left = Change(place.side, place.price, News.WENT, reference, place.size)
    came = Change(place.side, price, News.CAME, reference, size)
    return (left, came) if size > 0 else (left,)
