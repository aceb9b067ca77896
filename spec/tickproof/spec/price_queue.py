"""The price queue: how much stands before a resting order at its price, known within bounds [Q].

Decides what level data let us say of one order's place. `ahead_max` is the least, over level
updates as of the arrival or later, of the lots such an update leaves room for: the level's size,
less own lots the feed contains, less prints strictly later than that update's as-of. `ahead_min`
falls by every print and every decrease of the level, and is worth something only where each book
change arrives alone and no order grows in place; elsewhere it is 0 from the start. `estimate` is a
guess between them: what left the level without a print was cancelled, and cancels come from the
fifths of the queue, front to back, as 5, 5, 5, 9 and 76 parts of a hundred (measured on ESH4).
None of the three ever grows while the order rests [Q2]. The FITTED model has another guess, said by
a memory of the level (`tickproof.spec.queue_memory`), held within the same bounds.

What the feed does not say of an order that grew in place, counts of orders may: GREW.

All stamps here are the venue's clock (event times). A print at the very stamp of an update may or
may not be inside that update's size, so it subtracts nothing; and since a feed may tell of a level
before it tells of the print, updates stay apart (`candidates`) until a print later than them has
made them equal. Prints are taken to arrive in the order of their stamps; one that does not can
only leave `ahead_max` too high.

Own orders share the queue [Q8], and all three numbers speak of others only. `own_ahead` counts the
own lots that joined before this order and rest still, or took of a print at this price what
without them others would have had: those others may still be before this order. PESSIMISTIC adds
`own_ahead`; the other models add what own orders ahead still want (see `share`).

With order-by-order data the place is exact: `tickproof.spec.order_place` [Q5].

Sections: models, state, inputs, derived quantities, guards, effects, table, sharing.
Source: concept page section 9; fifths from the project's notes on real feeds.
"""

from __future__ import annotations

from enum import IntEnum
from itertools import pairwise

from attrs import evolve, frozen

from tickproof.spec.events import TradeKind
from tickproof.spec.instrument import Instrument
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

DECISION = "ADR-0010"

# --- models --------------------------------------------------------------------------------------


class FillModel(IntEnum):
    """The named fill models [Q7].

    PESSIMISTIC fills least, OPTIMISTIC most; CALIBRATED and FITTED are guesses between them. EXACT
    does not estimate: it reads who stands ahead off order-by-order data [Q5].
    """

    PESSIMISTIC = 0
    CALIBRATED = 1
    OPTIMISTIC = 2
    FITTED = 3
    EXACT = 4


CANCEL_FIFTHS = (5, 5, 5, 9, 76)
"""Parts of a hundred of cancels that come from each fifth of a queue, front to back."""

# --- state ---------------------------------------------------------------------------------------


class QueueState(IntEnum):
    """Whether the order rests, and whether `ahead_max` means anything yet."""

    ABSENT = 0
    UNBOUNDED = 1
    BOUNDED = 2


class QueueEvent(IntEnum):
    """What can happen to an order's place."""

    JOINED = 0
    LEVEL_UPDATE = 1
    PRINT = 2
    PRINT_THROUGH = 3
    GAP = 4
    OUT_OF_WINDOW = 5
    OWN_AHEAD_LEFT = 6
    AMENDED = 7
    LEFT = 8
    GREW = 9


class QueueRefusal(IntEnum):
    """Why an event does not apply."""

    NOT_RESTING = 1
    ALREADY_RESTING = 2


UNKNOWN = -1
"""Size of a level the book says nothing about; an estimate that nothing supports."""


@frozen
class QueueEstimate:
    """One order's place. Quantities in lots, stamps in ns of the venue's clock.

    `candidates`: (as-of, lots others may have ahead: the size then, less later prints), later
    updates last, each below the one before it; negative when prints took more than there was.
    `prints`: (stamp, lots) later than `as_of_ns`, the latest update's stamp. `size`: the level as
    last told. `estimate_before`: the estimate before the latest update, for a print that happened
    before it. `censored` 1: a gap lies in between.
    """

    code: int = QueueState.ABSENT
    arrival_ns: int = 0
    maximum_declared: int = 0
    minimum_declared: int = 0
    as_of_ns: int = 0
    size: int = UNKNOWN
    candidates: tuple[tuple[int, int], ...] = ()
    prints: tuple[tuple[int, int], ...] = ()
    own_ahead: int = 0
    ahead_min: int = 0
    estimate: int = UNKNOWN
    estimate_before: int = UNKNOWN
    censored: int = 0


ABSENT = QueueEstimate()
"""No order, no place."""


def inv(place: QueueEstimate) -> bool:
    """Bounds in order, candidates falling, prints later than the last update."""
    bounded = len(place.candidates) > 0
    known = place.estimate != UNKNOWN
    candidates = place.candidates
    return (
        bounded == (place.code == QueueState.BOUNDED)
        and place.ahead_min >= 0
        and place.own_ahead >= 0
        and place.estimate >= UNKNOWN
        and place.arrival_ns <= place.as_of_ns
        and (place.size >= 0 or place.ahead_min == 0)
        and (not known or place.ahead_min <= place.estimate <= place.estimate_before)
        and (not bounded or (known and place.estimate <= ahead_max(place)))
        and all(stamp <= place.as_of_ns for stamp, _ in candidates)
        and all(
            older[0] < newer[0] and older[1] > newer[1] for older, newer in pairwise(candidates)
        )
        and all(stamp > place.as_of_ns and lots >= 0 for stamp, lots in place.prints)
    )


# --- inputs --------------------------------------------------------------------------------------


@frozen
class QueueInput:
    """What an event says. `stamp_ns`: event time of the print, as-of of the update, or arrival.

    `size`: the level's lots, UNKNOWN when not told; `own`: own lots the feed's size contains.
    `current` 1: the size at arrival is as of the arrival. `quantity`: lots printed, or own lots
    that left. `taken`: lots of the print that own orders at better prices took.
    `resting_side`: 1 the print consumed this side, -1 the other, 0 the source does not say.
    `keeps_priority` 1: the amendment costs no place. Declarations as in `QueueDeclaration`.
    `said`: lots of others a memory of the level takes to be ahead, UNKNOWN without one [FITTED].
    """

    stamp_ns: int = 0
    size: int = UNKNOWN
    own: int = 0
    current: int = 0
    quantity: int = 0
    taken: int = 0
    trade_kind: int = TradeKind.CONTINUOUS
    resting_side: int = 1
    keeps_priority: int = 0
    own_ahead: int = 0
    maximum_declared: int = 0
    minimum_declared: int = 0
    said: int = UNKNOWN


def maximum_declared(instrument: Instrument) -> int:
    """1 when everything `ahead_max` rests on is declared: all others stay or fall behind [Q6]."""
    queue = instrument.queue
    return (
        queue.strict_price_time
        * queue.hidden_behind_displayed
        * queue.reload_to_back
        * queue.no_market_impact
        * instrument.price_change_loses_priority
        * instrument.increase_loses_priority
    )


def minimum_declared(instrument: Instrument) -> int:
    """1 when everything `ahead_min` rests on is declared: whoever leaves is seen to leave [Q6]."""
    queue = instrument.queue
    return maximum_declared(instrument) * queue.per_event * queue.size_up_in_place_excluded


# --- derived quantities --------------------------------------------------------------------------


def ahead_max(place: QueueEstimate) -> int:
    """The upper bound of what others have ahead; only for a BOUNDED place."""
    return max(place.candidates[-1][1], 0)


def ahead_at(place: QueueEstimate, model: int, stamp_ns: int) -> int:
    """Lots ahead just before a print at `stamp_ns` under a model, UNKNOWN when unbounded [Q7].

    An update as of the print's stamp or later may already count the print as gone, so the upper
    bound is taken from older ones. PESSIMISTIC includes `own_ahead`, the other models do not.
    """
    if model == FillModel.OPTIMISTIC:
        return place.ahead_min
    if model != FillModel.PESSIMISTIC:
        return place.estimate if stamp_ns > place.as_of_ns else place.estimate_before
    found = UNKNOWN
    for as_of, value in place.candidates:
        if as_of < stamp_ns:
            found = max(value + place.own_ahead, 0)
    return found


def ahead_through(place: QueueEstimate, model: int) -> int:
    """Lots ahead just before a print at a worse price: of others, those own orders displaced."""
    if model != FillModel.PESSIMISTIC:
        return 0
    least = min(place.candidates[-1][1], 0) if place.candidates else 0
    return max(least + place.own_ahead, 0)


def cancelled_ahead(cancelled: int, ahead: int, size: int) -> int:
    """Of `cancelled` lots of a queue of `size`, how many stood in its first `ahead` lots.

    Each fifth of the queue loses its part of CANCEL_FIFTHS, spread evenly in it; rounded down, so
    that the estimate rather stays too high. 0 <= ahead <= size; the result is at most `ahead`.
    """
    if size <= 0:
        return 0
    weight = 0
    for fifth in range(5):
        covered = min(max(5 * ahead - fifth * size, 0), size)
        weight += CANCEL_FIFTHS[fifth] * covered
    return min(cancelled * weight // (100 * size), ahead)


def with_candidate(
    candidates: tuple[tuple[int, int], ...], as_of_ns: int, value: int
) -> tuple[tuple[int, int], ...]:
    """Add the bound of an update not older than the others, unless it says nothing new."""
    if candidates and candidates[-1][1] <= value:
        return candidates
    if candidates and candidates[-1][0] == as_of_ns:
        candidates = candidates[:-1]
    return (*candidates, (as_of_ns, value))


def after_print(
    candidates: tuple[tuple[int, int], ...], stamp_ns: int, lots: int
) -> tuple[tuple[int, int], ...]:
    """Subtract a print from the updates strictly older than it; equals then merge."""
    found: tuple[tuple[int, int], ...] = ()
    for as_of, value in candidates:
        if as_of < stamp_ns:
            found = ((as_of, value - lots),)
    for as_of, value in candidates:
        if as_of >= stamp_ns:
            found = with_candidate(found, as_of, value)
    return found


def _between(place: QueueEstimate) -> QueueEstimate:
    """Hold the lower bound and the estimate below the upper bound."""
    if not place.candidates:
        return place
    most = ahead_max(place)
    return evolve(place, ahead_min=min(place.ahead_min, most), estimate=min(place.estimate, most))


# --- guards --------------------------------------------------------------------------------------


def as_of_arrival(place: QueueEstimate, seen: QueueInput) -> bool:
    """The level's size is told as of the arrival itself, and the bound is declared."""
    return seen.maximum_declared == 1 and seen.current == 1 and seen.size >= 0


def not_as_of_arrival(place: QueueEstimate, seen: QueueInput) -> bool:
    """Nothing bounds the quantity ahead yet."""
    return not as_of_arrival(place, seen)


def not_before_arrival(place: QueueEstimate, seen: QueueInput) -> bool:
    """The update is as of the arrival or later, and the bound is declared."""
    return place.maximum_declared == 1 and seen.stamp_ns >= place.arrival_ns


def before_arrival(place: QueueEstimate, seen: QueueInput) -> bool:
    """The update bounds nothing: older than the arrival, or nothing is declared."""
    return not not_before_arrival(place, seen)


def certainly_consumed(place: QueueEstimate, seen: QueueInput) -> bool:
    """A lit print on this side, strictly after the arrival."""
    return (
        seen.trade_kind == TradeKind.CONTINUOUS
        and seen.resting_side == 1
        and seen.stamp_ns > place.arrival_ns
    )


def possibly_consumed(place: QueueEstimate, seen: QueueInput) -> bool:
    """A lit print that may have consumed this side after the arrival: side or order unknown."""
    return (
        seen.trade_kind == TradeKind.CONTINUOUS
        and seen.resting_side >= 0
        and seen.stamp_ns >= place.arrival_ns
        and not certainly_consumed(place, seen)
    )


def not_consumed(place: QueueEstimate, seen: QueueInput) -> bool:
    """Auction, block, the other side, or before the arrival."""
    return not certainly_consumed(place, seen) and not possibly_consumed(place, seen)


def certainly_exhausted(place: QueueEstimate, seen: QueueInput) -> bool:
    """A certain print at a worse price, where the queue is declared."""
    return certainly_consumed(place, seen) and place.maximum_declared == 1


def supposedly_exhausted(place: QueueEstimate, seen: QueueInput) -> bool:
    """A certain print at a worse price, where nothing is declared."""
    return certainly_consumed(place, seen) and place.maximum_declared != 1


def keeps_priority(place: QueueEstimate, seen: QueueInput) -> bool:
    """A decrease in place, or what else the venue lets stand [Q3]."""
    return seen.keeps_priority == 1


def loses_priority(place: QueueEstimate, seen: QueueInput) -> bool:
    """A new price, or an increase."""
    return seen.keeps_priority != 1


# --- effects -------------------------------------------------------------------------------------


def join(place: QueueEstimate, seen: QueueInput) -> QueueEstimate:
    """Join the back of the queue: everything shown may be ahead [Q1]."""
    size = seen.size - seen.own if seen.size >= 0 else UNKNOWN
    bounded = as_of_arrival(place, seen)
    return QueueEstimate(
        arrival_ns=seen.stamp_ns,
        maximum_declared=seen.maximum_declared,
        minimum_declared=seen.minimum_declared,
        as_of_ns=seen.stamp_ns,
        size=size,
        candidates=((seen.stamp_ns, size),) if bounded else (),
        own_ahead=seen.own_ahead,
        ahead_min=size if bounded and seen.minimum_declared == 1 else 0,
        estimate=size,
        estimate_before=size,
    )


def gone_ahead(place: QueueEstimate, seen: QueueInput) -> int:
    """Of what left the level without a print, how much is taken to have stood ahead.

    Says nothing of a level that was never told.
    """
    as_of_ns = max(place.as_of_ns, seen.stamp_ns)
    later = sum(lots for stamp, lots in place.prints if stamp > as_of_ns)
    explained = sum(lots for stamp, lots in place.prints if stamp <= as_of_ns)
    before = max(place.size - explained, 0)
    cancelled = max(before - (seen.size - seen.own), 0)
    ahead = min(place.estimate + later, before)
    return min(cancelled_ahead(cancelled, ahead, before), place.estimate)


def take_in(place: QueueEstimate, seen: QueueInput, gone: int) -> QueueEstimate:
    """Take a level's size in, `gone` lots ahead being taken for cancelled."""
    size = seen.size - seen.own
    as_of_ns = max(place.as_of_ns, seen.stamp_ns)
    later = tuple(item for item in place.prints if item[0] > as_of_ns)
    room = max(size - sum(lots for _, lots in later), 0)
    estimate = place.estimate
    if estimate == UNKNOWN:
        estimate = room
    elif place.size < 0:
        estimate = min(estimate, room)
    else:
        estimate -= gone
    return evolve(
        place,
        as_of_ns=as_of_ns,
        size=size,
        prints=later,
        ahead_min=max(place.ahead_min - max(place.size - size, 0), 0),
        estimate=estimate,
        estimate_before=place.estimate if place.estimate != UNKNOWN else estimate,
    )


def bound_by_size(place: QueueEstimate) -> QueueEstimate:
    """No more than the level, less later prints, can be ahead [Q6]."""
    value = place.size - sum(lots for _, lots in place.prints)
    candidates = with_candidate(place.candidates, place.as_of_ns, value)
    return _between(evolve(place, candidates=candidates))


def believe(place: QueueEstimate, said: int, most: int) -> QueueEstimate:
    """The estimate is what a memory says, at least what is certain and at most `most`."""
    estimate = max(min(said, most), place.ahead_min)
    return evolve(place, estimate=estimate, estimate_before=max(place.estimate_before, estimate))


def observe(place: QueueEstimate, seen: QueueInput) -> QueueEstimate:
    """Take a level's size in: what left it without a print was cancelled somewhere in it.

    Where is the memory's to say when there is one. The first size as of the arrival or later may
    tell of lots that were there before the order and raise the estimate; no other may.
    """
    if seen.said < 0:
        return take_in(place, seen, gone_ahead(place, seen))
    after = take_in(place, seen, 0)
    if place.code == QueueState.UNBOUNDED and not_before_arrival(place, seen):
        return believe(after, seen.said, max(after.size, 0))
    return believe(after, seen.said, after.estimate)


def bound(place: QueueEstimate, seen: QueueInput) -> QueueEstimate:
    """Take a level's size in, and as a bound too."""
    return bound_by_size(observe(place, seen))


def consume(place: QueueEstimate, seen: QueueInput) -> QueueEstimate:
    """A print took lots from the front [Q4]; what own better orders took of it, others kept."""
    lots = seen.quantity
    late = seen.stamp_ns <= place.as_of_ns
    estimate, before = place.estimate, place.estimate_before
    if estimate != UNKNOWN:
        before = max((before if late else estimate) - lots, 0)
        estimate = min(estimate, before)
    changed = evolve(
        place,
        candidates=after_print(place.candidates, seen.stamp_ns, lots),
        prints=place.prints if late else (*place.prints, (seen.stamp_ns, lots)),
        own_ahead=place.own_ahead + seen.taken,
        ahead_min=max(place.ahead_min - lots, 0),
        estimate=estimate,
        estimate_before=before,
    )
    return _between(changed)


def perhaps_consume(place: QueueEstimate, seen: QueueInput) -> QueueEstimate:
    """A print that may have taken lots from the front lowers the lower bound only."""
    return evolve(place, ahead_min=max(place.ahead_min - seen.quantity, 0))


def exhaust(place: QueueEstimate, seen: QueueInput) -> QueueEstimate:
    """A print at a worse price: by price priority nothing of others is ahead any more.

    Only those whom own orders displaced may be, and the print itself served them first.
    """
    least = min(place.candidates[-1][1], 0) if place.candidates else 0
    return evolve(
        place,
        candidates=((place.arrival_ns, least - seen.quantity),),
        own_ahead=place.own_ahead + seen.taken,
        ahead_min=0,
        estimate=0,
        estimate_before=0,
    )


def suppose_exhausted(place: QueueEstimate, seen: QueueInput) -> QueueEstimate:
    """The same where nothing bounds the queue: the estimate alone says so."""
    return evolve(
        place,
        own_ahead=max(place.own_ahead + seen.taken - seen.quantity, 0),
        ahead_min=0,
        estimate=0,
        estimate_before=0,
    )


def perhaps_exhaust(place: QueueEstimate, seen: QueueInput) -> QueueEstimate:
    """A worse print that may have gone through this side: the lower bound says nothing more."""
    return evolve(place, ahead_min=0)


def censor(place: QueueEstimate, seen: QueueInput) -> QueueEstimate:
    """Messages were lost: the upper bound stands, the lower one does not [Q6]."""
    return evolve(place, size=UNKNOWN, ahead_min=0, censored=1)


def lose_sight(place: QueueEstimate, seen: QueueInput) -> QueueEstimate:
    """The level left the window shown: that is not size 0, it is no news [Q6]."""
    return evolve(place, size=UNKNOWN, ahead_min=0)


def doubt_all_ahead(place: QueueEstimate, seen: QueueInput) -> QueueEstimate:
    """An order grew in place and went to the back: no lots less, and whoever it was may be behind.

    Counts of orders tell it, more lots and no more orders; they do not tell which order [Q6].
    """
    return evolve(place, ahead_min=0)


def own_lots_left(place: QueueEstimate, seen: QueueInput) -> QueueEstimate:
    """Own lots ahead left without taking a print from this level."""
    return evolve(place, own_ahead=max(place.own_ahead - seen.quantity, 0))


def leave(place: QueueEstimate, seen: QueueInput) -> QueueEstimate:
    """No order, no place."""
    return ABSENT


# --- the table -----------------------------------------------------------------------------------

_S = QueueState
_E = QueueEvent
_RESTING = (_S.UNBOUNDED, _S.BOUNDED)


def _arrivals(table: TableBuilder) -> None:
    """An order joins once, and has a place only then."""
    table.on(
        _E.JOINED,
        (_S.ABSENT,),
        go(as_of_arrival, join, _S.BOUNDED),
        go(not_as_of_arrival, join, _S.UNBOUNDED),
        requirements=("Q1", "Q6"),
        decision=DECISION,
    )
    table.on(
        _E.JOINED,
        _RESTING,
        refuse(always, QueueRefusal.ALREADY_RESTING),
        requirements=("Q1",),
        decision=DECISION,
    )
    for event in _E:
        if event != _E.JOINED:
            table.on(
                event,
                (_S.ABSENT,),
                refuse(always, QueueRefusal.NOT_RESTING),
                requirements=("Q9",),
                decision=DECISION,
            )


def _news(table: TableBuilder) -> None:
    """What the feed tells of a level, or does not tell."""
    table.on(
        _E.LEVEL_UPDATE,
        _RESTING,
        go(not_before_arrival, bound, _S.BOUNDED),
        go(before_arrival, observe, KEEP),
        requirements=("Q2", "Q6"),
        decision=DECISION,
    )
    table.on(
        _E.PRINT,
        _RESTING,
        go(certainly_consumed, consume, KEEP),
        go(possibly_consumed, perhaps_consume, KEEP),
        go(not_consumed, unchanged, KEEP),
        requirements=("Q2", "Q4", "Q6"),
        decision=DECISION,
    )
    maybe = go(possibly_consumed, perhaps_exhaust, KEEP)
    never = go(not_consumed, unchanged, KEEP)
    table.on(
        _E.PRINT_THROUGH,
        (_S.UNBOUNDED,),
        go(certainly_exhausted, exhaust, _S.BOUNDED),
        go(supposedly_exhausted, suppose_exhausted, KEEP),
        maybe,
        never,
        requirements=("Q2", "Q4", "Q6"),
        decision=DECISION,
    )
    table.on(
        _E.PRINT_THROUGH,
        (_S.BOUNDED,),
        go(certainly_consumed, exhaust, KEEP),
        maybe,
        never,
        requirements=("Q2", "Q4", "Q6"),
        decision=DECISION,
    )
    for event, effect in ((_E.GAP, censor), (_E.OUT_OF_WINDOW, lose_sight)):
        table.on(event, _RESTING, go(always, effect, KEEP), requirements=("Q6",), decision=DECISION)
    table.on(
        _E.GREW,
        _RESTING,
        go(always, doubt_all_ahead, KEEP),
        requirements=("Q3", "Q6"),
        decision="ADR-0021",
    )


def _own(table: TableBuilder) -> None:
    """What own orders do to a place."""
    table.on(
        _E.OWN_AHEAD_LEFT,
        _RESTING,
        go(always, own_lots_left, KEEP),
        requirements=("Q8",),
        decision=DECISION,
    )
    table.on(
        _E.AMENDED,
        _RESTING,
        go(keeps_priority, unchanged, KEEP),
        go(loses_priority, leave, _S.ABSENT),
        requirements=("Q3",),
        decision=DECISION,
    )
    table.on(
        _E.LEFT,
        _RESTING,
        go(always, leave, _S.ABSENT),
        requirements=("Q1",),
        decision=DECISION,
    )


def _build() -> Table[QueueEstimate, QueueInput]:
    table = TableBuilder("PQ", "Place in a price queue", QueueState, QueueEvent, QueueRefusal)
    _arrivals(table)
    _news(table)
    _own(table)
    return table.build()


TABLE = _build()
"""The price queue table: what each piece of news does to an order's place."""


def apply(place: QueueEstimate, event: int, seen: QueueInput) -> tuple[QueueEstimate, Rule]:
    """The place after an event, and the rule that decided; a refusal leaves it as it is."""
    rule = TABLE.select(place.code, event, place, seen)
    if isinstance(rule, Refuse):
        return place, rule
    return evolve(rule.effect(place, seen), code=rule.target), rule


# --- sharing -------------------------------------------------------------------------------------


def share(lots: int, queue: tuple[tuple[int, int], ...], model: int) -> tuple[int, ...]:
    """What own orders at one price get of a print, front to back [Q4, Q8].

    `queue`: per order, in the order of joining, (`ahead_at` or, for a print at a worse price,
    `ahead_through`; leaves). An order whose place is
    unbounded gets nothing, and neither do those behind it. The sum never exceeds `lots`.
    """
    fills: tuple[int, ...] = ()
    others = 0
    own = 0
    front = 0
    blocked = False
    for ahead, leaves in queue:
        blocked = blocked or ahead == UNKNOWN
        others = max(others, ahead)
        front = max(front, ahead) if model == FillModel.PESSIMISTIC else others + own
        fill = 0 if blocked else min(max(lots - front, 0), leaves)
        fills = (*fills, fill)
        own += leaves
        front += leaves
    return fills
