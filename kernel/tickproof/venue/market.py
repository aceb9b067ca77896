"""One instrument at the simulated venue: what is shown, what own orders used, and which rest there.

Decides what the recorded book lets the venue say at a moment: the venue's clock, whether a size is
shown as of now, where the window shown ends, and how much of a level own orders have left [Q8].
"""

from __future__ import annotations

from array import array
from collections.abc import Iterator

from tickproof.kernel.book import Book
from tickproof.kernel.tape import Tape, loose
from tickproof.spec.commands import OrderType
from tickproof.spec.instrument import Instrument
from tickproof.spec.price_queue import UNKNOWN, maximum_declared, minimum_declared
from tickproof.spec.venue_admission import Filters, Tenure, filters_of
from tickproof.spec.venue_phase import VenuePhase
from tickproof.spec.venue_rules import NO_RULES, Held, VenueRules, room_to_reduce
from tickproof.venue.conditional import Conditionals
from tickproof.venue.order_place import OrderQueues
from tickproof.venue.orders import LevelQueue, OwnSide, VenueOrder
from tickproof.venue.queue_memory import Memories

NO_LIMIT = 1 << 62
"""More lots, and a higher price, than there are."""

_NO_LIMIT = NO_LIMIT
_UNKNOWN = int(UNKNOWN)
_MARKET = int(OrderType.MARKET)


class Market:
    """What the venue holds of one instrument: its book, own queues, and what own orders used.

    `rules`: its further filters. `last_price`: of the last print that was not a block's, 0 before
    the first. `positions`: by account, lots bought here less lots sold. `reducing`: orders
    that may only reduce, in the order in which they came, closed ones for a while too. `calls`:
    orders that wait for an auction, in the order in which they came. `held`: legs of order lists
    that may not trade yet. `by_order`: the recorded orders, where places are read off them.
    `bar_levels`: of the last bar and of the one before it, as a delta has them; `bar_tape` reads
    them.
    `least_value`: the least price x lots that is worth `minimum_notional`, if below NO_LIMIT.
    """

    __slots__ = (
        "instrument",
        "book",
        "filters",
        "tick",
        "lot_step",
        "minimum_quantity",
        "maximum_quantity",
        "minimum_notional",
        "least_value",
        "money_per_price_lot",
        "rules",
        "last_price",
        "positions",
        "reducing",
        "gap",
        "has_depth",
        "trading",
        "phase",
        "calls",
        "held",
        "idle",
        "prints_matter",
        "per_event",
        "maximum_declared",
        "minimum_declared",
        "latest_ns",
        "latest_capture_ns",
        "arrival_ns",
        "bar_levels",
        "bar_tape",
        "book_ns",
        "bids_shown_from",
        "asks_shown_to",
        "bids",
        "asks",
        "bids_taken",
        "asks_taken",
        "waiting",
        "memories",
        "by_order",
        "conditionals",
        "message",
        "order_count",
        "trade_count",
    )

    instrument: Instrument
    book: Book
    filters: Filters
    tick: int
    lot_step: int
    minimum_quantity: int
    maximum_quantity: int
    minimum_notional: int
    least_value: int
    money_per_price_lot: int
    rules: VenueRules
    last_price: int
    positions: dict[int, int]
    reducing: list[VenueOrder]
    gap: bool
    has_depth: bool
    trading: bool
    phase: int
    calls: list[VenueOrder]
    held: list[VenueOrder]
    idle: bool
    prints_matter: bool
    latest_ns: int
    latest_capture_ns: int
    arrival_ns: int
    book_ns: int
    bar_levels: array[int]
    bar_tape: Tape
    bids_shown_from: int
    asks_shown_to: int
    bids_taken: dict[int, int]
    asks_taken: dict[int, int]
    waiting: list[LevelQueue]
    memories: Memories | None
    by_order: OrderQueues | None
    conditionals: Conditionals
    message: int
    order_count: int
    trade_count: int

    def __init__(
        self, instrument: Instrument, remembers: bool = False, rules: VenueRules = NO_RULES
    ) -> None:
        self.instrument = instrument
        self.book = Book(instrument.tick)
        self.money_per_price_lot = instrument.money_per_price_lot
        self.set_filters(filters_of(instrument))
        self.rules = rules
        self.last_price = 0
        self.positions = {}
        self.reducing = []
        self.gap = False
        self.has_depth = False
        self.trading = True
        self.phase = int(VenuePhase.CONTINUOUS)
        self.calls = []
        self.held = []
        self.idle = not remembers
        self.prints_matter = remembers
        self.per_event = instrument.queue.per_event
        self.maximum_declared = maximum_declared(instrument)
        self.minimum_declared = minimum_declared(instrument)
        # Stamps of the venue's clock start below any stamp.
        self.latest_ns = self.book_ns = -1
        self.latest_capture_ns = 0
        self.arrival_ns = 0
        self.bar_levels = array("q", (1, 0, 0, -1, 0, 0, 1, 0, 0, -1, 0, 0))
        self.bar_tape = loose(self.bar_levels)
        self.bids_shown_from = _NO_LIMIT
        self.asks_shown_to = -1
        self.bids = OwnSide(1)
        self.asks = OwnSide(-1)
        self.bids_taken = {}
        self.asks_taken = {}
        self.waiting = []
        self.memories = Memories(instrument.queue.per_event) if remembers else None
        self.by_order = None
        self.conditionals = Conditionals()
        self.message = 0
        self.order_count = 0
        self.trade_count = 0

    # --- filters ---------------------------------------------------------------------------------

    def set_filters(self, filters: Filters) -> None:
        """What a definition says holds from now on."""
        self.filters = filters
        self.tick = filters.tick
        self.lot_step = filters.lot_step
        self.minimum_quantity = filters.minimum_quantity
        self.maximum_quantity = filters.maximum_quantity
        self.minimum_notional = filters.minimum_notional
        self.least_value = _NO_LIMIT
        if self.money_per_price_lot > 0:
            least = -(-self.minimum_notional // self.money_per_price_lot)
            self.least_value = min(max(least, 0), _NO_LIMIT)

    def passes(self, order_type: int, price: int, quantity: int) -> bool:
        """`spec.venue_admission.filters_passed` of the filters there are now."""
        if quantity <= 0 or quantity % self.lot_step:
            return False
        if quantity < self.minimum_quantity or quantity > self.maximum_quantity:
            return False
        if order_type == _MARKET:
            return True
        if price <= 0 or price % self.tick:
            return False
        if self.least_value < _NO_LIMIT:
            return quantity >= -(-self.least_value // price)
        # Money first: the product of a price and a quantity may pass 64 bits.
        return self.money_per_price_lot * price * quantity >= self.minimum_notional

    # --- clocks and what is shown ----------------------------------------------------------------

    def open_for_orders(self) -> bool:
        """Whether the venue trades continuously and its book is there to be trusted."""
        return self.trading and not self.gap and self.book_ns >= 0

    def stamp_arrival(self, now_ns: int) -> int:
        """The venue's clock when the recorder's says `now_ns`, as the latest message tells it.

        Never before an earlier arrival: a message that took longer does not turn time back.
        """
        told_ns = max(self.latest_ns, 0) + max(now_ns - self.latest_capture_ns, 0)
        self.arrival_ns = max(self.arrival_ns, told_ns)
        return self.arrival_ns

    def shown_as_of(self, now_ns: int) -> bool:
        """Whether the book shows what was there at `now_ns`.

        A feed that tells every change does so until the next; one that conflates only at the
        stamp of its message. Neither when prints are ahead of the book.
        """
        fresh = self.per_event == 1 or now_ns <= self.latest_capture_ns
        return not self.gap and fresh and self.book_ns == self.latest_ns

    def shown_size(self, side: int, price: int) -> int:
        """Lots shown at a price, UNKNOWN where the window shown does not reach."""
        book = self.book
        size = book.size_at(side, price)
        if size > 0:
            return size
        if side > 0:
            inside = book.bid_size == 0 or price > book.bid_price
            return 0 if inside or price >= self.bids_shown_from else _UNKNOWN
        inside = book.ask_size == 0 or price < book.ask_price
        return 0 if inside or price <= self.asks_shown_to else _UNKNOWN

    def note_window(self) -> None:
        """Remember how far a snapshot shows either side."""
        bids, asks = self.book.levels(1), self.book.levels(-1)
        self.bids_shown_from = bids[-1][0] if bids else 0
        self.asks_shown_to = asks[-1][0] if asks else _NO_LIMIT

    # --- what accounts hold ----------------------------------------------------------------------

    def held_by(self, account: int, but: VenueOrder | None) -> Held:
        """What an account has here, the order `but` left out."""
        count = bids = 0
        for own in (self.bids, self.asks):
            for queue in own.by_price().values():
                for order in queue.orders:
                    if order.account == account and order is not but:
                        count += 1
                        if order.side > 0:
                            bids += order.total - order.executed
        for order in (*self.calls, *self.held):
            if order.account == account and order is not but:
                count += 1
                bids += order.total - order.executed if order.side > 0 else 0
        waiting, waiting_bids = self.conditionals.held_by(account, but)
        position = self.positions.get(account, 0)
        return Held(count + waiting, waiting, position, bids + waiting_bids)

    def room_to_reduce(
        self, account: int, side: int, but: VenueOrder | None, other: VenueOrder | None = None
    ) -> int:
        """Lots that `but`, which may only reduce, may trade; `other` will not if it does."""
        others = 0
        for order in self.reducing:
            if order.account == account and order.side == side and order not in (but, other):
                others += order.total - order.executed if order.tenure == Tenure.RESTING else 0
        return room_to_reduce(self.positions.get(account, 0), side, others)

    def first_own(self, account: int, side: int, limit: int) -> VenueOrder | None:
        """The first resting order of an account that one of the other side would meet.

        `side`, `limit`: of the incoming order, -1 for any price.
        """
        own = self.asks if side > 0 else self.bids
        for price, queue in own.by_price().items():
            if limit >= 0 and (limit - price) * side < 0:
                return None
            for order in queue.orders:
                if order.account == account:
                    return order
        return None

    # --- own consumption -------------------------------------------------------------------------

    def unused(self, side: int, price: int) -> int:
        """Lots shown at a price of a side that own orders have not taken [Q8]."""
        taken = self.bids_taken if side > 0 else self.asks_taken
        return max(self.book.size_at(side, price) - taken.get(price, 0), 0)

    def take(self, side: int, price: int, lots: int) -> None:
        """Own orders take `lots` of a level."""
        taken = self.bids_taken if side > 0 else self.asks_taken
        taken[price] = taken.get(price, 0) + lots
        self.idle = False
        self.prints_matter = True

    def count_within(self, side: int, limit: int, lots: int) -> tuple[int, int]:
        """(shown, unused) lots of a side at `limit` or better; stops when `lots` are unused.

        `limit` -1: at any price.
        """
        book = self.book
        price = book.bid_price if side > 0 else book.ask_price
        size = book.bid_size if side > 0 else book.ask_size
        shown = unused = 0
        while size and unused < lots and (limit < 0 or (price - limit) * side >= 0):
            shown += size
            unused += self.unused(side, price)
            price = book.next_price(side, price)
            size = book.size_at(side, price)
        return shown, unused

    def levels_within(self, side: int, limit: int, unused: bool) -> Iterator[tuple[int, int]]:
        """(price, lots) of a side at `limit` or better (-1: any), best first.

        All that is shown, or only what own orders have not used.
        """
        book = self.book
        price = book.bid_price if side > 0 else book.ask_price
        size = book.bid_size if side > 0 else book.ask_size
        while size and (limit < 0 or (price - limit) * side >= 0):
            yield price, self.unused(side, price) if unused else size
            price = book.next_price(side, price)
            size = book.size_at(side, price)

    def take_within(self, side: int, limit: int, lots: int) -> list[tuple[int, int]]:
        """Take up to `lots` of a side at `limit` or better (-1: any), best first: (price, lots)."""
        book = self.book
        found: list[tuple[int, int]] = []
        price = book.bid_price if side > 0 else book.ask_price
        size = book.bid_size if side > 0 else book.ask_size
        while size and lots and (limit < 0 or (price - limit) * side >= 0):
            part = min(self.unused(side, price), lots)
            if part:
                self.take(side, price, part)
                found.append((price, part))
                lots -= part
            price = book.next_price(side, price)
            size = book.size_at(side, price)
        return found

    def settle_taken(self, side: int, price: int, forget: bool) -> None:
        """A level was told anew: no more is taken of it than it shows, or nothing (`forget`)."""
        taken = self.bids_taken if side > 0 else self.asks_taken
        lots = taken.get(price, 0)
        if lots:
            left = 0 if forget else min(lots, self.book.size_at(side, price))
            if left:
                taken[price] = left
            else:
                del taken[price]

    def note_idle(self) -> None:
        """Market messages need nothing but the book while no own order or use depends on them.

        Prints are followed a little longer: until those whom own orders displaced are served. A
        market that is remembered level by level is never idle.
        """
        if self.memories is not None:
            return
        idle = (
            self.bids.front is None
            and self.asks.front is None
            and not self.bids_taken
            and not self.asks_taken
            and not self.calls
            and not self.conditionals.count
        )
        self.idle = idle
        self.prints_matter = (
            not idle or len(self.bids.displaced_prices) + len(self.asks.displaced_prices) > 0
        )
