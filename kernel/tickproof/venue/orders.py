"""Orders as a venue holds them, and the queues they stand in: one per side and price.

Decides nothing; it keeps what the tables of `tickproof.spec.venue_admission` and the places of
`tickproof.venue.price_queue` decide. Own orders at one price share one queue, in the order of
joining [Q8], whichever account they belong to.
"""

from __future__ import annotations

from bisect import bisect_left, insort

from tickproof.spec.price_queue import UNKNOWN, FillModel
from tickproof.spec.venue_admission import Tenure
from tickproof.venue.price_queue import Place

_PESSIMISTIC = int(FillModel.PESSIMISTIC)
_OPTIMISTIC = int(FillModel.OPTIMISTIC)


class VenueOrder:
    """One order at the venue. Prices in price units, quantities in lots.

    `tenure`: code of `Tenure`. `dated` 1: the venue expires it at `good_till_ns`. `place` is
    meaningful while the order rests.
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
        "dated",
        "venue_order_id",
        "tenure",
        "place",
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
    dated: int
    venue_order_id: int
    tenure: int
    place: Place

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
        self.dated = 0
        self.venue_order_id = 0
        self.tenure = int(Tenure.RESTING)


class LevelQueue:
    """Own orders at one side and price, front to back. `message`: last book message that named it.

    `waiting` 1: an order here still has no upper bound, though one may be had. `displaced`: lots
    of prints own orders took from others at this price, who may therefore still be in front of
    whoever joins; forgotten when no own order is left here.
    """

    __slots__ = ("side", "price", "orders", "message", "waiting", "displaced")

    side: int
    price: int
    orders: list[VenueOrder]
    message: int
    waiting: int
    displaced: int

    def __init__(self, side: int, price: int) -> None:
        self.side = side
        self.price = price
        self.orders = []
        self.message = 0
        self.waiting = 0
        self.displaced = 0

    def own_ahead(self) -> int:
        """`own_ahead` of who joins now: what own orders here want, and what they displaced."""
        return self.displaced + self.leaves()

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
    ) -> list[int]:
        """A print at this price, or `through` it: what each order gets of it [Q4, Q8].

        `taken` lots of the print went to own orders at better prices. Places are brought up to
        date. As `share` in the specification; an order the print cannot have met blocks those
        behind it. What is had of a print through the price displaces nobody here.
        """
        fills: list[int] = []
        others = own = front = 0
        blocked = False
        for order in self.orders:
            place = order.place
            leaves = order.total - order.executed
            met = stamp_ns > place.arrival_ns and resting_side == 1
            if model == _OPTIMISTIC:
                met = stamp_ns >= place.arrival_ns
            ahead = UNKNOWN
            if met:
                ahead = place.ahead_through(model) if through else place.ahead_at(model, stamp_ns)
            blocked = blocked or ahead == UNKNOWN
            others = max(others, ahead)
            front = max(front, ahead) if model == _PESSIMISTIC else others + own
            fills.append(0 if blocked else min(max(lots - taken - front, 0), leaves))
            own += leaves
            front += leaves
            if through:
                place.print_through(lots, taken, stamp_ns, resting_side)
            else:
                place.print_at(lots, taken, stamp_ns, resting_side)
        if not through:
            self.displaced += taken + sum(fills)
        return fills

    def crossed_shares(self, lots: int, stamp_ns: int, model: int) -> list[int]:
        """The other side shows `lots` at or through this price: what each order gets of them.

        Nothing of others is ahead but whom own orders displaced.
        """
        fills: list[int] = []
        own = front = 0
        for order in self.orders:
            leaves = order.total - order.executed
            met = stamp_ns >= order.place.arrival_ns
            ahead = order.place.ahead_through(model)
            front = max(front, ahead) if model == _PESSIMISTIC else own
            fills.append(min(max(lots - front, 0), leaves) if met else 0)
            own += leaves
            front += leaves
        return fills


NO_BEST = -(1 << 62)
"""`OwnSide.best` without an order: worse than every price."""


class OwnSide:
    """Own queues of one side of one instrument, by price.

    `prices`: side x price of every queue, ascending, so that the best of either side is last;
    `best`: that last one, NO_BEST when there is none.
    """

    __slots__ = ("side", "queues", "prices", "best")

    side: int
    best: int
    queues: dict[int, LevelQueue]
    prices: list[int]

    def __init__(self, side: int) -> None:
        self.side = side
        self.queues = {}
        self.prices = []
        self.best = NO_BEST

    def queue_at(self, price: int) -> LevelQueue:
        """The queue at a price, made when there is none."""
        queue = self.queues.get(price)
        if queue is None:
            queue = LevelQueue(self.side, price)
            self.queues[price] = queue
            insort(self.prices, self.side * price)
            self.best = self.prices[-1]
        return queue

    def remove(self, order: VenueOrder) -> int:
        """Take an order out of its queue; returns the position it had."""
        queue = self.queues[order.price]
        position = queue.orders.index(order)
        del queue.orders[position]
        if not queue.orders:
            del self.queues[order.price]
            del self.prices[bisect_left(self.prices, self.side * order.price)]
            self.best = self.prices[-1] if self.prices else NO_BEST
        return position

    def better_than(self, price: int) -> list[LevelQueue]:
        """The queues at strictly better prices, best first."""
        found: list[LevelQueue] = []
        index = len(self.prices) - 1
        while index >= 0 and self.prices[index] > self.side * price:
            found.append(self.queues[self.side * self.prices[index]])
            index -= 1
        return found
