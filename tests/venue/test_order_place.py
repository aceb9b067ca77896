"""The fast exact place refines the specification, own order by own order, message by message."""

from array import array
from typing import NamedTuple

from hypothesis import given
from hypothesis import strategies as st

from tests.spec.test_order_place import ADD, BUY, CANCEL, EXECUTE, MODIFY, SELL, Message, told_to
from tickproof.spec import order_place
from tickproof.spec.events import TradeKind
from tickproof.spec.order_book import OrderBookState, queue_at
from tickproof.spec.order_place import News, OrderPlace, Told
from tickproof.venue.order_place import OrderPlace as FastPlace
from tickproof.venue.order_place import OrderQueues
from tickproof.venue.orders import OwnSide, VenueOrder

LIMIT_GTC = 0


class Join(NamedTuple):
    side: int
    price: int
    lots: int
    hidden: int


class Heard(NamedTuple):
    message: Message
    late_ns: int


def messages() -> st.SearchStrategy[Heard]:
    kinds = st.sampled_from((ADD, ADD, ADD, MODIFY, CANCEL, EXECUTE))
    message = st.builds(
        Message,
        kinds,
        st.integers(1, 6),
        st.sampled_from((BUY, SELL)),
        st.sampled_from((100, 101)),
        st.integers(0, 5),
    )
    # Of an order that is not known a source may not say the side.
    sideless = message.map(lambda each: each._replace(side=0) if each.kind != ADD else each)
    message = st.one_of(message, message, sideless)
    return st.builds(Heard, message, st.sampled_from((0, 0, 3)))


joins = st.builds(
    Join,
    st.sampled_from((BUY, SELL)),
    st.sampled_from((100, 101)),
    st.integers(1, 4),
    st.integers(-1, 3),
)


class Both:
    """Own orders in the fast queues and in the specification."""

    def __init__(self, to_back: int) -> None:
        self.to_back = to_back
        self.queues = OrderQueues(1, to_back)
        self.sides = {BUY: OwnSide(BUY), SELL: OwnSide(SELL)}
        self.book = OrderBookState()
        self.places: dict[int, OrderPlace] = {}
        self.orders: list[VenueOrder] = []

    def join(self, now_ns: int, asked: Join) -> None:
        order = VenueOrder(
            len(self.orders) + 1, 0, 0, asked.side, 0, LIMIT_GTC, asked.price, asked.lots, 0
        )
        here = queue_at(self.book, asked.side, asked.price)
        shown = -1 if asked.hidden < 0 else sum(lots for _, lots in here) + asked.hidden
        order.place = self.queues.place(asked.side, asked.price, now_ns, shown)
        order.joined_ns = now_ns
        self.sides[asked.side].queue_at(asked.price).orders.append(order)
        self.orders.append(order)
        told = Told(stamp_ns=now_ns, queue=here, size=shown)
        self.places[order.order_id], _ = order_place.apply(order_place.ABSENT, News.JOINED, told)

    def resting(self, side: int, price: int) -> list[VenueOrder]:
        queue = self.sides[side].at(price)
        return [] if queue is None else queue.orders

    def take(self, message: Message, stamp_ns: int) -> None:
        payload = array("q", (0, *message[1:]))
        found = order_place.changes(self.book, *message, self.to_back)
        self.book = told_to(self.book, message, self.to_back)
        traded = self.queues.take(
            self.sides[BUY], self.sides[SELL], message.kind, stamp_ns, payload, 0
        )
        assert traded == any(change.event == News.TRADED for change in found)
        for change in found:
            told = Told(change.reference, change.lots, stamp_ns, change.known)
            here = self.resting(change.side, change.price)
            if change.event == News.TRADED:
                self.check_execution(change.side, change.price, told)
            for order in here:
                after, _ = order_place.apply(self.places[order.order_id], change.event, told)
                self.places[order.order_id] = after
        for order in self.orders:
            expected, place = self.places[order.order_id], order.place
            assert isinstance(place, FastPlace)
            lots = order_place.quantity_ahead(expected)
            assert place.ahead_max() == place.ahead_at(0, 0) == lots
            assert (place.unnamed, place.closed) == (expected.unnamed, expected.closed)
            assert place.ahead_through(0) == 0

    def check_execution(self, side: int, price: int, told: Told) -> None:
        """Fills by what reaches each order, two lots of it having gone to better prices."""
        own = self.sides[side]
        queue = own.at(price)
        through = own.at(201 - price)
        if through is not None:
            expected = [
                (told.lots if told.stamp_ns > order.joined_ns else 0, order.total)
                for order in through.orders
            ]
            self.queues.share_through(through, 2, told.stamp_ns)
            fills = [order.given for order in through.orders]
            assert tuple(fills) == order_place.share(tuple(expected), 2)
        if queue is not None:
            reached = [
                (order_place.reaching(self.places[order.order_id], told), order.total)
                for order in queue.orders
            ]
            self.queues.share(queue, 2, told.stamp_ns)
            fills = [order.given for order in queue.orders]
            assert tuple(fills) == order_place.share(tuple(reached), 2)


@given(
    st.lists(messages(), max_size=10),
    st.lists(st.one_of(messages(), messages(), joins), max_size=25),
    st.sampled_from((0, 1)),
)
def test_a_place_is_what_the_table_makes_of_it(
    before: list[Heard], run: list[Heard | Join], to_back: int
) -> None:
    both = Both(to_back)
    for now_ns, step in enumerate([*before, *run], start=10):
        if isinstance(step, Join):
            both.join(now_ns, step)
        else:
            both.take(step.message, now_ns - step.late_ns)


# --- one place, news by news ---------------------------------------------------------------------

TOLD_TO_PLACES = (News.CAME, News.WENT, News.TRADED, News.GREW, News.GAP)


def place_of(join: Told) -> FastPlace:
    """The place of an order that joins behind orders with the numbers of their references."""
    place = FastPlace.__new__(FastPlace)
    last = max((reference for reference, _ in join.queue), default=-1)
    place.stand(join.stamp_ns, last + 1, sum(lots for _, lots in join.queue), join.size)
    return place


def tell(place: FastPlace, event: int, told: Told) -> None:
    if event == News.CAME:
        place.came(told.reference, told.lots, told.stamp_ns)
    elif event == News.GAP:
        place.lose_sight(True)
    else:
        lots = -told.lots if event == News.GREW else told.lots
        place.went(told.reference, lots, 1 if event == News.GREW else told.known)


def same(place: FastPlace, expected: OrderPlace) -> bool:
    fast = (place.arrival_ns, place.ahead_max(), place.unnamed, place.closed, place.censored)
    ahead = order_place.quantity_ahead(expected)
    wanted = (expected.arrival_ns, ahead, expected.unnamed, expected.closed, expected.censored)
    return fast == wanted


def test_levels_and_prints_do_not_touch_a_place() -> None:
    both = Both(1)
    both.take(Message(ADD, 1, BUY, 100, 5), 10)
    both.join(11, Join(BUY, 100, 2, 4))
    place = both.orders[0].place
    place.level_update(1, 20)
    place.print_at(9, 0, 21, 1)
    place.print_through(9, 0, 22, 1)
    place.lose_sight(False)
    assert (place.ahead_max(), place.censored) == (9, 0)
    place.lose_sight(True)
    assert (place.ahead_max(), place.censored) == (9, 1)


def test_an_auction_s_executions_are_its_own() -> None:
    queues = OrderQueues(1, 1)
    seen = [queues.auction]
    for kind in (TradeKind.AUCTION, TradeKind.BLOCK, TradeKind.AUCTION, TradeKind.CONTINUOUS):
        queues.printed(kind)
        seen.append(queues.auction)
    assert seen == [False, True, False, True, False]
