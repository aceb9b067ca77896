"""Whether a venue was fair: orders in, fills out, and every order that was passed over by name.

What it decides: for each fill, whether price and then time gave the right to the order that had
it [M2, M4]. It keeps queues of its own, from nothing but who came, left, or was filled, and asks
of every fill: is the order known, and does it still show that much; did a better price, or an
earlier order at its price, stand before it; is the price the resting order's, and within the
limit of whoever came. After a message no bid may reach an offer [M1], and who came and was sent
away may not have had something in reach. A violation names the fill, the order that had it and the
order that was passed over.

Recordings report what happens at one instant in an order of their own, so `Checker(excuses=1)`
holds judgement until the instant is over: an order that left at the same instant was not passed
over. A venue of our own gets no such excuse.

`check_venue` reads the messages and reports of a matching venue, `check_feed` an order-by-order
feed. A venue must be believed in one thing only: that it rejected what it says it rejected.

Sections: violations, the checker, a matching venue, a feed.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterable, Iterator, Sequence
from enum import IntEnum

from attrs import evolve, field, frozen, mutable
from sortedcontainers import SortedDict

from tickproof.spec.call_auction import Interest, volume
from tickproof.spec.events import EventKind, Reason, TradeKind
from tickproof.spec.instrument import InstrumentState
from tickproof.spec.matching import MessageKind, OrderKind
from tickproof.spec.stream import EventColumns

Row = tuple[int, ...]

# --- violations ----------------------------------------------------------------------------------


class Unfair(IntEnum):
    """What is wrong with a fill, or with a book after a message.

    WORSE_PRICE: a better price stood before it. LATER: an earlier order stood at its price.
    BEYOND_LIMIT: worse than one of the two asked for. NOT_ITS_PRICE: not at the resting order's
    price. NOT_THERE: the order that was filled is not in the book. TOO_MUCH: more than it showed.
    SELF_TRADE: one account traded with itself though it had asked not to. CROSSED: a bid reaches
    an offer and they did not trade. SENT_AWAY: it was told that there was nothing for it, and
    there was. NOT_MOST: an auction traded less than could trade at another price, or at several.
    """

    WORSE_PRICE = 1
    LATER = 2
    BEYOND_LIMIT = 3
    NOT_ITS_PRICE = 4
    NOT_THERE = 5
    TOO_MUCH = 6
    SELF_TRADE = 7
    CROSSED = 8
    SENT_AWAY = 9
    NOT_MOST = 10


@frozen
class Violation:
    """`order` had the fill numbered `fill`, and `passed` should have had it; 0 where nobody.

    `message`: index of the message. Of CROSSED, `order` and `passed` are the best two.
    """

    kind: int
    message: int
    fill: int
    order: int
    passed: int
    price: int
    lots: int

    def words(self) -> str:
        """One line for a person."""
        name = Unfair(self.kind).name.lower().replace("_", " ")
        over = f", order {self.passed} was passed over" if self.passed else ""
        fill = f"fill {self.fill}: {self.lots} at {self.price} for " if self.fill else ""
        return f"message {self.message}: {fill}order {self.order}: {name}{over}"


# --- the checker ---------------------------------------------------------------------------------


@mutable
class Standing:
    """An order in the book; `lots` are those it shows, `hidden` the rest of it."""

    order: int
    side: int
    price: int
    lots: int
    hidden: int = 0


@mutable
class Checker:
    """Queues of its own, and judgement on each fill. `violations`: in the order they were found.

    `excuses` 1: an order that leaves before `settle` was not passed over. `fills`: judged so far;
    `at_head`: those that had nobody before them just then.
    """

    excuses: int = 0
    message: int = 0
    fills: int = 0
    at_head: int = 0
    excused: int = 0
    violations: list[Violation] = field(factory=list)
    _orders: dict[int, Standing] = field(factory=dict)
    _queues: dict[int, SortedDict] = field(factory=lambda: {1: SortedDict(), -1: SortedDict()})
    _doubts: list[tuple[Violation, list[tuple[int, int]]]] = field(factory=list)
    _left: dict[int, int] = field(factory=dict)

    # What changes the queues.

    def enter(self, order: int, side: int, price: int, lots: int, hidden: int = 0) -> None:
        """An order joins the back of its price; one that is there already loses its place."""
        self.leave(order)
        self._orders[order] = Standing(order, side, price, lots, hidden)
        # Keys grow from the best price on both sides.
        self._queues[side].setdefault(-price * side, OrderedDict())[order] = None

    def leave(self, order: int, excuses: int = 1) -> None:
        """An order leaves, if it is there; `excuses` 0: that is no excuse for a fill behind it."""
        standing = self._orders.pop(order, None)
        if standing is None:
            return
        if self.excuses and excuses:
            self._left[order] = 1
        queues = self._queues[standing.side]
        key = -standing.price * standing.side
        queue = queues[key]
        del queue[order]
        if not queue:
            del queues[key]

    def resize(self, order: int, lots: int, hidden: int = 0) -> None:
        """An order shows another number of lots in the same place; 0: it leaves."""
        standing = self._orders.get(order)
        if standing is None:
            return
        if lots <= 0:
            self.leave(order)
            return
        standing.lots = lots
        standing.hidden = hidden

    def clear(self) -> None:
        """Forget every order; what was found stays."""
        self._orders.clear()
        self._queues[1].clear()
        self._queues[-1].clear()

    def standing(self, order: int) -> Standing | None:
        """The order as it is in the book, None when it is not there."""
        return self._orders.get(order)

    def first(self, side: int) -> Standing | None:
        """The order of a side that trades first."""
        queues = self._queues[side]
        if not queues:
            return None
        return self._orders[next(iter(queues.peekitem(0)[1]))]

    def last_at(self, side: int, price: int) -> int:
        """The order that trades last at a price of a side, 0 where there is none."""
        queue = self._queues[side].get(-price * side)
        return next(reversed(queue)) if queue else 0

    def interest(self, side: int) -> Interest:
        """(price, lots) of the orders of a side, hidden lots too; in no order that matters."""
        found = (each for each in self._orders.values() if each.side == side)
        return tuple((each.price, each.lots + each.hidden) for each in found)

    # Judgement.

    def found(
        self, kind: int, order: int, passed: int = 0, fill: int = 0, price: int = 0, lots: int = 0
    ) -> None:
        """Note a violation."""
        self.violations.append(Violation(kind, self.message, fill, order, passed, price, lots))

    def filled(self, fill: int, order: int, lots: int, price: int) -> None:
        """A resting order had a fill: judge it, then take the lots from what it shows."""
        self.fills += 1
        standing = self._orders.get(order)
        if standing is None:
            self.found(Unfair.NOT_THERE, order, 0, fill, price, lots)
            return
        if lots > standing.lots:
            self.found(Unfair.TOO_MUCH, order, 0, fill, price, lots)
        self.judge(fill, standing, lots, price)
        if lots >= standing.lots:
            self.leave(order)
        else:
            standing.lots -= lots

    def judge(self, fill: int, standing: Standing, lots: int, price: int) -> None:
        """Whether it was the turn of the order that had this fill; changes no queue."""
        first = self.first(standing.side)
        if first is None or first.order == standing.order:
            self.at_head += 1
            return
        kind = Unfair.LATER if first.price == standing.price else Unfair.WORSE_PRICE
        wrong = Violation(kind, self.message, fill, standing.order, first.order, price, lots)
        if self.excuses:
            self._doubts.append((wrong, list(self._before(standing))))
        else:
            self.violations.append(wrong)

    def _before(self, standing: Standing) -> Iterator[tuple[int, int]]:
        """Orders that trade before one, the first one first, and what passing each over is."""
        own = -standing.price * standing.side
        for key, queue in self._queues[standing.side].items():
            if key > own:
                return
            for order in queue:
                if order == standing.order:
                    return
                yield order, Unfair.LATER if key == own else Unfair.WORSE_PRICE

    def settle(self, crossing: int = 1) -> None:
        """The instant is over: who was passed over and is still there, was passed over.

        `crossing` 0: a bid may reach an offer here, as in a call.
        """
        for wrong, before in self._doubts:
            still = [(order, kind) for order, kind in before if order not in self._left]
            if still:
                passed, kind = still[0]
                self.violations.append(evolve(wrong, kind=kind, passed=passed))
            else:
                self.excused += 1
        self._doubts.clear()
        self._left.clear()
        bid, ask = self.first(1), self.first(-1)
        if crossing and bid is not None and ask is not None and bid.price >= ask.price:
            self.found(Unfair.CROSSED, bid.order, ask.order, 0, bid.price)


# --- a matching venue ----------------------------------------------------------------------------


@mutable
class Asked:
    """What somebody asked of a venue; `left` is neither traded nor prevented."""

    account: int
    side: int
    limit: int
    display: int
    prevention: int
    total: int
    left: int


NO_LIMIT_KINDS = (OrderKind.MARKET, OrderKind.STOP)
SENT_AWAY_REASONS = (Reason.IMMEDIATE_REMAINDER, Reason.NO_LIQUIDITY)


class VenueCheck:
    """Reads a matching venue message by message: terms from the messages, the rest from reports.

    Messages and reports are laid out as `spec.matching.Message` and `Report`. `continuous`:
    whether trading is, when the first message comes.
    """

    def __init__(self, continuous: bool = True) -> None:
        self.checker = Checker()
        self.asked: dict[int, Asked] = {}
        self.continuous = continuous

    def see(self, message: Sequence[int], reports: Sequence[Row]) -> None:
        """One message, and everything the venue said to it."""
        kind, order, account, sort, side, price, lots, display, _, mode = message
        if kind == MessageKind.NEW and reports and reports[0][0] == EventKind.ACCEPTED:
            limit = 0 if sort in NO_LIMIT_KINDS else price
            self.asked[order] = Asked(account, side, limit, display, mode, lots, lots)
        auction = [row for row in reports if row[0] == EventKind.FILLED and row[3] == 0]
        if auction:
            self._auction(auction)
        for row in reports:
            self._one(row, message)
        self.checker.settle(int(self.continuous))
        self.checker.message += 1

    def _one(self, row: Row, message: Sequence[int]) -> None:
        """One report."""
        kind, order, _, side, _, lots, _, code = row
        asked = self.asked.get(order)
        if kind == EventKind.FILLED:
            self._filled(row, auction=side == 0)
        elif kind == EventKind.INSTRUMENT_STATUS:
            self.continuous = code == InstrumentState.CONTINUOUS
        elif asked is not None:
            self._of_known(row, message, asked)
        elif kind in (EventKind.BOOK_ORDER_ADD, EventKind.CANCELED):
            self.checker.found(Unfair.NOT_THERE, order, lots=lots)

    def _of_known(self, row: Row, message: Sequence[int], asked: Asked) -> None:
        """A report about an order that was accepted, but for its fills."""
        kind, order, _, _, _, lots, other, code = row
        if kind == EventKind.BOOK_ORDER_ADD:
            if lots > asked.left:
                self.checker.found(Unfair.TOO_MUCH, order, lots=lots)
            self.checker.enter(order, asked.side, asked.limit, lots, asked.left - lots)
        elif kind == EventKind.PREVENTED:
            for each in (order, other):
                self.asked[each].left -= lots
        elif kind == EventKind.RESTATED:
            self.checker.resize(order, lots, max(asked.left - lots, 0))
        elif kind == EventKind.REPLACED:
            if message[0] == MessageKind.REPLACE:
                asked.limit = message[5]
            asked.left = max(asked.left + message[6] - asked.total, 0)
            asked.total = message[6]
            self._hide(order)
        elif kind == EventKind.CANCELED:
            self.checker.leave(order)
            if code in SENT_AWAY_REASONS:
                self._sent_away(order, asked)

    def _sent_away(self, order: int, asked: Asked) -> None:
        """An order was told that there was nothing for it; perhaps there was."""
        first = self.checker.first(-asked.side)
        if first is None:
            return
        if asked.limit == 0 or (asked.limit - first.price) * asked.side >= 0:
            self.checker.found(Unfair.SENT_AWAY, order, first.order, 0, first.price, first.lots)

    def _filled(self, row: Row, auction: bool) -> None:
        """A trade: both limits, the resting order's price, and its turn."""
        _, order, _, _, price, lots, other, trade = row
        checker = self.checker
        for each in (order, other):
            asked = self.asked.get(each)
            if asked is None:
                checker.found(Unfair.NOT_THERE, each, 0, trade, price, lots)
                continue
            asked.left -= lots
            if asked.left < 0:
                checker.found(Unfair.TOO_MUCH, each, 0, trade, price, lots)
            if asked.limit and (price - asked.limit) * asked.side > 0:
                checker.found(Unfair.BEYOND_LIMIT, each, 0, trade, price, lots)
        standing = checker.standing(order)
        if not auction:
            if standing is not None and standing.price != price:
                checker.found(Unfair.NOT_ITS_PRICE, order, 0, trade, price, lots)
            maker, taker = self.asked.get(order), self.asked.get(other)
            if maker and taker and taker.prevention and maker.account == taker.account:
                checker.found(Unfair.SELF_TRADE, order, other, trade, price, lots)
        for each in (order, other) if auction else (order,):
            checker.filled(trade, each, lots, price)
            self._hide(each)

    def _hide(self, order: int) -> None:
        """What is left of an order in the book and not shown is hidden."""
        standing, asked = self.checker.standing(order), self.asked.get(order)
        if standing is not None and asked is not None:
            standing.hidden = max(asked.left - standing.lots, 0)

    def _auction(self, fills: Sequence[Row]) -> None:
        """An auction: one price, and no price at which more would have traded [M8]."""
        bids, asks = self.checker.interest(1), self.checker.interest(-1)
        most = max((volume(bids, asks, price) for price, _ in bids + asks), default=0)
        prices = dict.fromkeys(row[4] for row in fills)
        traded = sum(row[5] for row in fills)
        if len(prices) > 1 or traded != most:
            row = fills[0]
            self.checker.found(Unfair.NOT_MOST, row[1], 0, row[7], row[4], traded)


def check_venue(told: Iterable[tuple[Sequence[int], Sequence[Row]]]) -> list[Violation]:
    """Violations of a venue that gave these reports to these messages, from an empty book."""
    check = VenueCheck()
    for message, reports in told:
        check.see(message, reports)
    return check.checker.violations


# --- a feed --------------------------------------------------------------------------------------


class FeedCheck:
    """Reads the order-by-order events of one instrument, in the order of the columns.

    An instant is over when the venue's stamp changes. Prints tell which executions belong to an
    auction: those change the queues and are not judged. `crossing` 1: no bid may reach an offer at
    the end of an instant, once there was a continuous print. `unknown`: executions of orders the
    recording never showed.
    """

    def __init__(self, crossing: int = 1) -> None:
        self.checker = Checker(excuses=1)
        self.crossing = crossing
        self.unknown = 0
        self.auction_fills = 0
        self._open = 0
        self._in_auction = False
        self._voided: dict[int, int] = {}

    def see(self, columns: EventColumns) -> None:
        """Every event of the columns."""
        checker = self.checker
        stamp = -1
        for index, kind in enumerate(columns.kind):
            if columns.event_time_ns[index] != stamp:
                checker.settle(self.crossing * self._open)
                stamp = columns.event_time_ns[index]
            checker.message = index
            self._one(kind, columns.payload_of(index))
        checker.settle(self.crossing * self._open)

    def _one(self, kind: int, values: Sequence[int]) -> None:
        """One event."""
        if kind == EventKind.TRADE:
            self._in_auction = values[4] == TradeKind.AUCTION
            self._open = int(self._open or not self._in_auction)
        elif kind == EventKind.BOOK_SNAPSHOT:
            self.checker.clear()
            self._voided.clear()
        elif EventKind.BOOK_ORDER_ADD <= kind <= EventKind.BOOK_ORDER_EXECUTE:
            _, order, side, price, lots = values
            if kind == EventKind.BOOK_ORDER_ADD:
                self._add(order, side, price, lots)
            elif kind == EventKind.BOOK_ORDER_MODIFY:
                self._modify(order, price, lots)
            elif kind == EventKind.BOOK_ORDER_CANCEL:
                self._cancel(order, lots)
            else:
                self._execute(order, price, lots)

    def _add(self, order: int, side: int, price: int, lots: int) -> None:
        if order in self._voided:
            del self._voided[order]
        elif lots > 0 and self.checker.standing(order) is None:
            self.checker.enter(order, side, price, lots)

    def _modify(self, order: int, price: int, lots: int) -> None:
        """Another price or more lots: to the back; fewer: in place [Q3]."""
        standing = self.checker.standing(order)
        if standing is None:
            return
        if lots > 0 and (price != standing.price or lots > standing.lots):
            self.checker.enter(order, standing.side, price, lots)
        else:
            self.checker.resize(order, lots)

    def _cancel(self, order: int, lots: int) -> None:
        standing = self.checker.standing(order)
        if standing is not None:
            self.checker.resize(order, standing.lots - lots if lots else 0)
        elif lots == 0:
            self._voided[order] = 1

    def _execute(self, order: int, price: int, lots: int) -> None:
        standing = self.checker.standing(order)
        if standing is None:
            self.unknown += 1
            return
        lots = min(lots, standing.lots) if lots else standing.lots
        if self._in_auction:
            self.auction_fills += 1
            self.checker.resize(order, standing.lots - lots)
        else:
            self.checker.filled(self.checker.message, order, lots, price)


def check_feed(columns: EventColumns, crossing: int = 1) -> list[Violation]:
    """Violations that an order-by-order feed of one instrument shows."""
    check = FeedCheck(crossing)
    check.see(columns)
    return check.checker.violations
