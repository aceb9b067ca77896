"""Orders as a venue holds them, and the queues they stand in: one per side and price.

Decides nothing; it keeps what the tables of `tickproof.spec.venue_admission` and the places of
`tickproof.venue.price_queue` decide. Own orders at one price share one queue, in the order of
joining [Q8], whichever account they belong to.
"""

from __future__ import annotations

from bisect import bisect_left, insort

from tickproof.kernel.keys import Keys
from tickproof.spec.price_queue import UNKNOWN, FillModel
from tickproof.spec.venue_admission import Tenure
from tickproof.venue.price_queue import Place

_PESSIMISTIC = int(FillModel.PESSIMISTIC)
_OPTIMISTIC = int(FillModel.OPTIMISTIC)
_UNKNOWN = int(UNKNOWN)
_RESTING = int(Tenure.RESTING)

NOWHERE = Place(0, UNKNOWN, False, 0, 0, 0)
"""The place of an order that is in no queue; the one it had is let go with what it remembers."""


class VenueOrder:
    """One order at the venue. Prices in price units, quantities in lots.

    `tenure`: code of `Tenure`. `place` is meaningful while the order rests, and so is `doubtful`:
    lots that prints at its price may have filled though the pessimistic model did not. `total` is
    what may yet be filled and what was: the lots `prevented` are taken off it. `list_id` 0: of no
    list. `held` 1: a leg that may not trade yet; `asked_type` of one that will wait for a price,
    else 0. `queue`: where it stands, if it does; `given`: lots that what was shared last among
    those who stand there gives it.

    `for_money` 1: it spends or raises `money`, what is left of it, and takes `most` lots at most.

    `display`: lots of an iceberg shown at a time, 0 where all of it is; `shown`: of its present
    part, those in the queue (as `spec.iceberg` has it; the optimistic model needs none of it).
    `joined_ns`: when it came to rest; its place is younger, that of a part shown anew, where
    `reloaded` is 1.

    `wait`: code of `spec.conditional.Wait`, 0 for an order that does not wait for a price. The
    fields after it are for those that do; `order_type` is what they become.
    """

    __slots__ = (
        "order_id",
        "account",
        "instrument",
        "side",
        "order_type",
        "order_class",
        "price",
        "total",
        "executed",
        "good_till_ns",
        "doubtful",
        "prevention",
        "prevented",
        "reduce_only",
        "for_money",
        "money",
        "most",
        "display",
        "shown",
        "joined_ns",
        "reloaded",
        "asked_type",
        "list_id",
        "leg",
        "held",
        "given",
        "wait",
        "watched",
        "trigger",
        "trailing_e4",
        "reference",
        "arrival",
        "venue_order_id",
        "tenure",
        "place",
        "queue",
    )

    order_id: int
    account: int
    instrument: int
    side: int
    order_type: int
    order_class: int
    price: int
    total: int
    executed: int
    good_till_ns: int
    doubtful: int
    prevention: int
    prevented: int
    reduce_only: int
    for_money: int
    money: int
    most: int
    display: int
    shown: int
    joined_ns: int
    reloaded: int
    asked_type: int
    list_id: int
    leg: int
    held: int
    given: int
    wait: int
    watched: int
    trigger: int
    trailing_e4: int
    reference: int
    arrival: int
    venue_order_id: int
    tenure: int
    place: Place
    queue: LevelQueue | None

    def __init__(
        self,
        order_id: int,
        account: int,
        instrument: int,
        side: int,
        order_type: int,
        order_class: int,
        price: int,
        total: int,
        good_till_ns: int,
    ) -> None:
        self.begin(
            order_id,
            account,
            instrument,
            side,
            order_type,
            order_class,
            price,
            total,
            good_till_ns,
        )

    def begin(
        self,
        order_id: int,
        account: int,
        instrument: int,
        side: int,
        order_type: int,
        order_class: int,
        price: int,
        total: int,
        good_till_ns: int,
    ) -> None:
        """Accepted, nothing filled; without boxing where it is compiled."""
        self.order_id = order_id
        self.account = account
        self.instrument = instrument
        self.side = side
        self.order_type = order_type
        self.order_class = order_class
        self.price = price
        self.total = total
        self.executed = 0
        self.good_till_ns = good_till_ns
        self.doubtful = 0
        self.prevention = 0
        self.prevented = 0
        self.reduce_only = 0
        self.for_money = 0
        self.money = 0
        self.most = 0
        self.display = 0
        self.shown = 0
        self.joined_ns = 0
        self.reloaded = 0
        self.asked_type = 0
        self.list_id = 0
        self.leg = 0
        self.held = 0
        self.given = 0
        self.wait = 0
        self.watched = 0
        self.trigger = 0
        self.trailing_e4 = 0
        self.reference = 0
        self.arrival = 0
        self.venue_order_id = 0
        self.tenure = _RESTING
        self.queue = None

    def part(self, leaves: int, model: int) -> int:
        """Of the lots left, those that a print at the order's price may meet.

        Nobody is known to stand before what an iceberg shows next, so the optimistic model has it
        meet all of it [Q7].
        """
        if self.display == 0 or model == _OPTIMISTIC:
            return leaves
        return min(self.shown, leaves)


class LevelQueue:
    """Own orders at one side and price, front to back. `message`: last book message that named it.

    `waiting` 1: an order here still has no upper bound, though one may be had.
    """

    __slots__ = ("side", "price", "orders", "message", "waiting")

    side: int
    price: int
    orders: list[VenueOrder]
    message: int
    waiting: int

    def __init__(self, side: int, price: int) -> None:
        self.begin(side, price)

    def begin(self, side: int, price: int) -> None:
        """Nobody stands here; without boxing where it is compiled."""
        self.side = side
        self.price = price
        self.orders = []
        self.message = 0
        self.waiting = 0

    def append(self, order: VenueOrder) -> None:
        """An order joins the back."""
        self.orders.append(order)
        order.queue = self

    def position(self, order: VenueOrder) -> int:
        """How many orders stand before one that stands here."""
        return 0 if self.orders[0] is order else self.orders.index(order)

    def leaves(self) -> int:
        """Lots all orders here still want."""
        total = 0
        for order in self.orders:
            total += order.total - order.executed
        return total

    def lots_left(self, position: int, lots: int) -> None:
        """Tell the orders from `position` on that own lots ahead left without a print here."""
        for index in range(position, len(self.orders)):
            self.orders[index].place.own_lots_left(lots)

    def share(
        self,
        lots: int,
        taken: int,
        stamp_ns: int,
        resting_side: int,
        model: int,
        through: bool,
    ) -> int:
        """A print at this price, or `through` it: each order is `given` its part [Q4, Q8].

        `taken` lots of the print went to better prices. Places are brought up to date. As `share`
        in the specification; an order the print cannot have met blocks those behind it. Returns
        what may be gone for worse prices: all lots that are wanted here or ahead of those that
        are, by orders the print met or may have met.
        """
        others = own = front = 0
        blocked = False
        pessimistic = model == _PESSIMISTIC
        for order in self.orders:
            place = order.place
            leaves = order.total - order.executed
            # Beyond its price a print has met what was hidden, which was there all the time.
            since_ns = order.joined_ns if through else place.arrival_ns
            if stamp_ns < since_ns:
                order.given = 0
                if order.reloaded:
                    own += leaves
                    front += leaves
                continue
            ahead = _UNKNOWN
            if model == _OPTIMISTIC or (stamp_ns > since_ns and resting_side == 1):
                ahead = place.ahead_through(model) if through else place.ahead_at(model, stamp_ns)
            unbounded = blocked or ahead == _UNKNOWN
            mine = max(front, ahead) if pessimistic else max(others, ahead) + own
            if order.reloaded:
                # Own orders behind it wait for its lots, not for those it waits for anew.
                front = front if pessimistic else others + own
            else:
                blocked = unbounded
                others = max(others, ahead)
                front = mine
            part = leaves if through else order.part(leaves, model)
            fill = 0 if unbounded else min(max(lots - taken - mine, 0), part)
            order.given = fill
            own += leaves
            front += leaves
            if through:
                place.print_through(lots, taken, stamp_ns, resting_side)
            else:
                may_fill = order.doubtful + max(lots - place.ahead_min, 0)
                order.doubtful = min(max(may_fill, fill), leaves) - fill
                place.print_at(lots, taken, stamp_ns, resting_side)
        return front

    def share_crossed(self, lots: int, stamp_ns: int, model: int) -> int:
        """The other side shows `lots` at or through this price: each order is `given` its part.

        Nothing of others is ahead but whom own orders displaced. Returns what may be gone of what
        is shown, as for `share`.
        """
        own = front = 0
        for order in self.orders:
            if stamp_ns < order.joined_ns:
                order.given = 0
                continue
            leaves = order.total - order.executed
            ahead = order.place.ahead_through(model)
            mine = max(front, ahead) if model == _PESSIMISTIC else own
            order.given = min(max(lots - mine, 0), leaves)
            front = front if order.reloaded and model == _PESSIMISTIC else mine
            own += leaves
            front += leaves
        return front


NO_BEST = -(1 << 62)
"""`OwnSide.best` without an order: worse than every price."""

NO_WORST = 1 << 62
"""`OwnSide.worst` without an order: better than every price."""

_NO_PRICES: list[int] = []
"""What most prints find better; nobody changes it."""


class OwnSide:
    """Own queues of one side of one instrument: `front` at the best price, others by price.

    `behind`: those others, as a rule none. `prices`: side x price of every queue, ascending, so
    that the best of either side is last; `best`: that last one, NO_BEST when there is none;
    `worst`: the first, NO_WORST likewise.
    `displaced`: by price, lots that own orders took of prints there and others did without; they
    may still stand in front of whoever joins, until prints at worse prices show that they were
    served. `displaced_prices`: like `prices`.
    """

    __slots__ = (
        "side",
        "front",
        "behind",
        "prices",
        "best",
        "worst",
        "displaced",
        "displaced_prices",
    )

    side: int
    best: int
    worst: int
    front: LevelQueue | None
    behind: dict[int, LevelQueue]
    prices: Keys
    displaced: dict[int, int]
    displaced_prices: list[int]

    def __init__(self, side: int) -> None:
        self.side = side
        self.front = None
        self.behind = {}
        self.prices = Keys()
        self.best = NO_BEST
        self.worst = NO_WORST
        self.displaced = {}
        self.displaced_prices = []

    def at(self, price: int) -> LevelQueue | None:
        """The queue at a price, if there is one."""
        front = self.front
        if front is None or front.price == price:
            return front
        return self.behind.get(price)

    def by_price(self) -> dict[int, LevelQueue]:
        """All queues by price, best first; for those that look at every one."""
        found = {self.side * key: self.at(self.side * key) for key in reversed(self.prices)}
        return {price: queue for price, queue in found.items() if queue is not None}

    def own_ahead(self, queue: LevelQueue) -> int:
        """`own_ahead` of who joins a queue now: what own orders want or displaced at its price."""
        ahead = queue.leaves()
        if self.displaced:
            ahead += self.displaced.get(queue.price, 0)
        return ahead

    def displace(self, price: int, lots: int) -> None:
        """Own orders took `lots` of a print at a price."""
        if lots:
            if price not in self.displaced:
                self.displaced[price] = 0
                insort(self.displaced_prices, self.side * price)
            self.displaced[price] += lots

    def serve_displaced(self, price: int, lots: int) -> None:
        """A print at a worse price: up to `lots` of those displaced were served, best first."""
        while lots and self.displaced_prices and self.displaced_prices[-1] > self.side * price:
            best = self.side * self.displaced_prices[-1]
            lots -= self.serve_at(best, lots)

    def serve_at(self, price: int, lots: int) -> int:
        """Up to `lots` of those displaced at a price were served; returns how many."""
        waiting = self.displaced.get(price, 0)
        if lots < waiting:
            self.displaced[price] = waiting - lots
            return lots
        if waiting:
            del self.displaced[price]
            del self.displaced_prices[bisect_left(self.displaced_prices, self.side * price)]
        return waiting

    def queue_at(self, price: int) -> LevelQueue:
        """The queue at a price, made when there is none."""
        queue = self.at(price)
        if queue is not None:
            return queue
        made = LevelQueue.__new__(LevelQueue)
        made.begin(self.side, price)
        self.prices.add(self.side * price)
        self.worst = self.prices.low
        if self.best == self.prices.high:
            self.behind[price] = made
            return made
        self.best = self.prices.high
        if self.front is not None:
            self.behind[self.front.price] = self.front
        self.front = made
        return made

    def withdraw(self, order: VenueOrder, lots: int, pessimistic: bool) -> None:
        """An own order gives up `lots` of what it wanted, all of it or a part in its place.

        Those behind it move up; but what may have been filled already may have displaced others,
        who are then in front of them still. One that stands in no queue has no place to give up.
        """
        queue = order.queue
        if queue is None:
            return
        leaves = order.total - order.executed
        kept = leaves - lots
        doubtful = max(order.doubtful - kept, 0) if pessimistic else 0
        order.doubtful = min(order.doubtful, kept)
        position = queue.position(order)
        queue.lots_left(position + 1, lots - doubtful)
        if doubtful:
            self.displace(order.price, doubtful)
        if not kept:
            self._drop(queue, order, position)

    def remove(self, order: VenueOrder) -> None:
        """Take an order out of its queue."""
        queue = order.queue
        if queue is not None:
            self._drop(queue, order, queue.position(order))

    def _drop(self, queue: LevelQueue, order: VenueOrder, position: int) -> None:
        """Take an order out of its place, and the queue away when it was the last there."""
        order.queue = None
        order.place = NOWHERE
        del queue.orders[position]
        if queue.orders:
            return
        self.prices.drop(self.side * queue.price)
        self.worst = self.prices.low
        if self.best == self.prices.high:
            del self.behind[queue.price]
            return
        self.best = self.prices.high
        self.front = self.behind.pop(self.side * self.best) if self.behind else None

    def better_than(self, price: int) -> list[int]:
        """Strictly better prices at which own orders rest or displaced others may, best first."""
        bound = self.side * price
        if self.best <= bound and not self.displaced_prices:
            return _NO_PRICES
        found = [self.side * key for key in self.prices.above(bound)]
        index = len(self.displaced_prices) - 1
        if index >= 0 and self.displaced_prices[index] > bound:
            while index >= 0 and self.displaced_prices[index] > bound:
                other = self.side * self.displaced_prices[index]
                if self.at(other) is None:
                    found.append(other)
                index -= 1
            found.sort(reverse=self.side > 0)
        return found
