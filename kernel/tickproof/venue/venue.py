"""The simulated venue on historical level data: what our requests would have met there.

Decides how the tables and rules of the specification meet a recorded market: a market message is
seen at its capture stamp, a request arrives its latency after it was sent, and of two things at
one time the market message is first, then dates, then requests in the order they were sent. The
market does not answer to us (`no_market_impact`); what own orders use of it is used up [Q8].

How an order fills, and the cause each fill names [Q9]:

* SWEEP: on arrival it takes the levels shown within its limit, best first, at their prices;
* PRINT: it rests, and a print at its price reaches past what is ahead, or a print at a worse price
  shows that everything ahead is gone; then it fills for at most the lots printed, better and
  earlier own orders first;
* CROSSED_BOOK: it rests, and the other side is shown at or through its price; then it fills for at
  most what is shown there. A book that is itself crossed, or not trusted, or not in continuous
  trading shows nothing.

A resting order fills at its own price, whatever the print's or the level's [M4].

Two clocks. Requests arrive on the recorder's clock, level updates and prints carry the venue's
own. The arrival on the venue's clock is read off the latest message: its event time plus the time
passed since it was captured. What is as of before that cannot have met the order, and what is
exactly at it may have: the optimistic model supposes so, the others not.

What own orders took of a level stays taken while the level stands, and is never more than what it
shows; the optimistic model takes every new size told for new lots. What a resting order took of a
print, others did without: the pessimistic model keeps them waiting, in front of whoever joins,
until prints or quotes beyond their price must have served them.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Sequence
from heapq import heappop, heappush

from tickproof.kernel.market import KernelMarket
from tickproof.kernel.tape import Tape
from tickproof.spec.commands import (
    CONDITIONAL_TYPES,
    CommandKind,
    OrderType,
    Request,
    TimeInForce,
)
from tickproof.spec.conditional import WAIT_REASONS, Conditional, Met, Wait, child_type
from tickproof.spec.conditional import step as wait_step
from tickproof.spec.errors import InvariantBroken
from tickproof.spec.events import (
    NOT_CARRIED,
    EventKind,
    FillCause,
    Liquidity,
    Reason,
    TradeKind,
)
from tickproof.spec.iceberg import part_of
from tickproof.spec.instructions import (
    PLAIN,
    Instructions,
    Prevention,
    instruction_values,
    instructions_of,
)
from tickproof.spec.instrument import Instrument
from tickproof.spec.latency import Delays
from tickproof.spec.matching import MEETINGS, Meeting, Outcome, Pair
from tickproof.spec.order_list import Fate
from tickproof.spec.outputs import RecordKind
from tickproof.spec.price_queue import UNKNOWN, FillModel
from tickproof.spec.quote_quantity import walked
from tickproof.spec.table import Refuse, Rule, Table
from tickproof.spec.venue_admission import (
    ADMISSION,
    REASONS,
    TENURE,
    TENURE_REASONS,
    Command,
    Filters,
    OrderClass,
    Situation,
    Tenure,
    Terms,
    Verdict,
    Wanted,
    marketable,
    order_class,
    replace_command,
)
from tickproof.spec.venue_phase import (
    PHASES,
    PhaseEvent,
    Turn,
    VenuePhase,
    auction_rank,
    auction_share,
    event_of_status,
)
from tickproof.spec.venue_rules import (
    NO_RULES,
    Asked,
    VenueRules,
    first_broken,
    first_reached,
    room_to_reduce,
)
from tickproof.venue.conditional import (
    BID,
    LAST_TRADE,
    OFFER,
    in_order_of_arrival,
    watched,
)
from tickproof.venue.fees import FeeDesk
from tickproof.venue.funding import FundingDesk
from tickproof.venue.latency import Connection
from tickproof.venue.lists import TiedLegs, list_key
from tickproof.venue.market import NO_LIMIT, Market
from tickproof.venue.orders import LevelQueue, OwnSide, VenueOrder
from tickproof.venue.price_queue import Place
from tickproof.venue.queue_memory import Memories

NEVER_NS = 1 << 62
"""Answer of `next_time_ns` when nothing is due."""

ID_STRIDE = 1_000_000_000_000
"""Venue order ids and trade ids count from instrument x ID_STRIDE, so that no instrument's ids
depend on what happens on another [D6]."""

_BOOK_SNAPSHOT = int(EventKind.BOOK_SNAPSHOT)
_BOOK_DELTA = int(EventKind.BOOK_DELTA)
_TRADE = int(EventKind.TRADE)
_BAR = int(EventKind.BAR)
_INSTRUMENT_DEFINITION = int(EventKind.INSTRUMENT_DEFINITION)
_INSTRUMENT_STATUS = int(EventKind.INSTRUMENT_STATUS)
_MARK_PRICE = int(EventKind.MARK_PRICE)
_FUNDING_RATE = int(EventKind.FUNDING_RATE)
_FUNDING_KINDS = (_MARK_PRICE, _FUNDING_RATE)
_FUNDING_PAID = int(EventKind.FUNDING_PAID)
_FEED_GAP = int(EventKind.FEED_GAP)
_FEED_RESUMED = int(EventKind.FEED_RESUMED)
_ACCEPTED = int(EventKind.ACCEPTED)
_FILLED = int(EventKind.FILLED)
_PREVENTED = int(EventKind.PREVENTED)
_CANCELED = int(EventKind.CANCELED)
_EXPIRED = int(EventKind.EXPIRED)
_REJECTED = int(EventKind.REJECTED)
_HELD = int(EventKind.HELD)
_TRIGGERED = int(EventKind.TRIGGERED)
_REPLACED = int(EventKind.REPLACED)
_RESTATED = int(EventKind.RESTATED)
_CANCEL_REJECTED = int(EventKind.CANCEL_REJECTED)
_ENDS = (_CANCELED, _EXPIRED, _REJECTED)
_REPLACE_REJECTED = int(EventKind.REPLACE_REJECTED)
_OPTIMISTIC = int(FillModel.OPTIMISTIC)
_PESSIMISTIC = int(FillModel.PESSIMISTIC)
_FITTED = int(FillModel.FITTED)
_MARKET = int(OrderType.MARKET)
_LIMIT_MAKER = int(OrderType.LIMIT_MAKER)
_CONTINUOUS = int(TradeKind.CONTINUOUS)
_AUCTION = int(TradeKind.AUCTION)
_GTD = int(TimeInForce.GTD)
_NEW = int(CommandKind.NEW)
_REPLACE = int(CommandKind.REPLACE)
_CANCEL = int(CommandKind.CANCEL)
_MAKER = int(Liquidity.MAKER)
_TAKER = int(Liquidity.TAKER)
_BY_PRINT = int(FillCause.PRINT)
_BY_BOOK = int(FillCause.CROSSED_BOOK)
_BY_SWEEP = int(FillCause.SWEEP)
_TOO_LATE = int(Reason.TOO_LATE)
_REMAINDER = int(Reason.IMMEDIATE_REMAINDER)
_UNKNOWN_ORDER = int(Tenure.UNKNOWN)
_RESTING = int(Tenure.RESTING)
_FULL = int(Tenure.FILLED)
_CLOSED = int(Tenure.CLOSED)
_TO_CANCEL = int(Command.CANCEL)
_TO_FILL = int(Command.FILLED_UP)
_TO_END = int(Command.CHANCE_OVER)
_EXPIRE_MAKER = int(Prevention.EXPIRE_MAKER)
_DUPLICATE_ID = int(Situation.DUPLICATE_ID)
_NOT_TRADING = int(Situation.NOT_TRADING)
_FILTER_FAILED = int(Situation.FILTER_FAILED)
_DATE_PASSED = int(Situation.DATE_PASSED)
_LIMIT_REACHED = int(Situation.LIMIT_REACHED)
_NOTHING_TO_REDUCE = int(Situation.NOTHING_TO_REDUCE)
_NOTHING_OPPOSITE = int(Situation.NOTHING_OPPOSITE)
_NOT_MARKETABLE = int(Situation.NOT_MARKETABLE)
_SHORT = int(Situation.MARKETABLE_SHORT)
_USED = int(Situation.MARKETABLE_USED)
_ENOUGH = int(Situation.MARKETABLE_ENOUGH)
_NOT_CARRIED = int(NOT_CARRIED)
_NEVER = NEVER_NS
_STRIDE = ID_STRIDE

Output = tuple[int, int, int, tuple[int, ...]]
"""(arrival_ns, event_time_ns, kind, payload): an execution event, as `events.payload` lays it."""


_PLAIN_LENGTH = 14
"""Integers of a REQUEST record without instructions, the kind included."""


class VenueRequest:
    """A Request on its way: the fields of `spec.commands.Request`, cheaper to make."""

    __slots__ = (
        "request_id",
        "kind",
        "strategy",
        "account",
        "order_id",
        "instrument",
        "side",
        "order_type",
        "time_in_force",
        "price",
        "quantity",
        "good_till_ns",
        "reduce_only",
        "instructions",
    )

    request_id: int
    kind: int
    strategy: int
    account: int
    order_id: int
    instrument: int
    side: int
    order_type: int
    time_in_force: int
    price: int
    quantity: int
    good_till_ns: int
    reduce_only: int
    instructions: Instructions

    def __init__(self, record: tuple[int, ...]) -> None:
        self.read(record)

    def read(self, record: tuple[int, ...]) -> None:
        """Read a decision record of kind REQUEST, with instructions or without."""
        self.instructions = PLAIN
        if len(record) > _PLAIN_LENGTH:
            self.instructions = instructions_of(record[_PLAIN_LENGTH:])
            record = record[:_PLAIN_LENGTH]
        (
            _,
            self.request_id,
            self.kind,
            self.strategy,
            self.account,
            self.order_id,
            self.instrument,
            self.side,
            self.order_type,
            self.time_in_force,
            self.price,
            self.quantity,
            self.good_till_ns,
            self.reduce_only,
        ) = record


AnyRequest = Request | VenueRequest


def request_record(request: Request) -> tuple[int, ...]:
    """A Request as its decision record has it."""
    record = (
        int(RecordKind.REQUEST),
        request.request_id,
        request.kind,
        request.strategy,
        request.account,
        request.order_id,
        request.instrument,
        request.side,
        request.order_type,
        request.time_in_force,
        request.price,
        request.quantity,
        request.good_till_ns,
        request.reduce_only,
    )
    if request.instructions is PLAIN:
        return record
    return record + instruction_values(request.instructions)


Admitted = tuple[int, int, int, int, int, int]
"""What the admission table says: refusal code or 0; then takes, uses, rests, reason, waits."""


def _flat_admission(table: Table[int, int]) -> list[list[Admitted]]:
    """[class][situation]: what the table says."""
    flat: list[list[Admitted]] = []
    for kind in table.states:
        row: list[Admitted] = []
        for seen in table.events:
            rule = table.select(kind, seen, kind, seen)
            if isinstance(rule, Refuse):
                row.append((rule.code, 0, 0, 0, 0, 0))
            else:
                verdict: Verdict = rule.effect(kind, seen)
                does = (verdict.takes, verdict.uses, verdict.rests)
                row.append((0, *does, int(verdict.reason), verdict.waits))
        flat.append(row)
    return flat


_ADMIT = _flat_admission(ADMISSION)
_REASONS = {int(code): int(reason) for code, reason in REASONS.items()}
_TENURE_REASONS = {int(code): int(reason) for code, reason in TENURE_REASONS.items()}

_TYPES = int(max(OrderType)) + 1
_TIMES = int(max(TimeInForce)) + 1
_CLASSES = [
    [int(order_class(kind, time, PLAIN)) for time in range(_TIMES)] for kind in range(_TYPES)
]
"""[order type][time in force]: the class of a NEW without instructions."""

_RULES: list[list[Rule]] = [
    [TENURE.select(state, command, Terms(0, 0, 0), Wanted()) for command in Command]
    for state in Tenure
]
"""[state][command]: the rule; no guard of that table looks at terms."""

_TENURE = [
    [(rule.code, -1) if isinstance(rule, Refuse) else (0, int(rule.target)) for rule in row]
    for row in _RULES
]
"""[state][command]: (refusal code or 0, the state after it)."""


def _class_of(request: VenueRequest) -> int:
    """`spec.venue_admission.order_class` of a NEW."""
    order_type, time = request.order_type, request.time_in_force
    if request.instructions is PLAIN and 0 <= order_type < _TYPES and 0 <= time < _TIMES:
        return _CLASSES[order_type][time]
    return order_class(order_type, time, request.instructions)


def _is_dated(market: Market, request: VenueRequest) -> bool:
    """Whether the venue expires a NEW at its good-till date [T8]."""
    return request.time_in_force == _GTD and market.instrument.honours_good_till_date == 1


def seen_situation(
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
    """`spec.venue_admission.situation` on plain integers: the first `Situation` that holds."""
    if known_id:
        return _DUPLICATE_ID
    if not trading:
        return _NOT_TRADING
    if not filters_passed:
        return _FILTER_FAILED
    if date_passed:
        return _DATE_PASSED
    if limit_reached:
        return _LIMIT_REACHED
    if nothing_to_reduce:
        return _NOTHING_TO_REDUCE
    if not opposite_shown:
        return _NOTHING_OPPOSITE
    if not reaches:
        return _NOT_MARKETABLE
    if shown < quantity:
        return _SHORT
    return _USED if unused < quantity else _ENOUGH


_PHASES: list[list[Rule]] = [
    [PHASES.select(phase, event, phase, event) for event in PhaseEvent] for phase in VenuePhase
]
"""[phase][event]: the rule."""

_TAKES_NEW = [[not isinstance(rule, Refuse) for rule in row] for row in _PHASES]
"""[phase][event]: whether it is not refused."""

_ANY_NEW = int(PhaseEvent.NEW)
_NEW_EVENTS = {
    int(OrderClass.AT_OPEN): int(PhaseEvent.NEW_AT_OPEN),
    int(OrderClass.AT_CLOSE): int(PhaseEvent.NEW_AT_CLOSE),
}
"""Classes of orders that wait for an auction."""


def rank_at_auction(order: VenueOrder) -> tuple[int, int, int]:
    """The order in which orders of a side get an auction print."""
    limit = 0 if order.order_type == _MARKET else order.price
    return auction_rank(order.side, limit, order.venue_order_id)


def _refusal(tenure: int, command: int) -> int:
    """The code a command is refused with, 0 when it is not."""
    code, _ = _TENURE[tenure][command]
    return code


def _move(order: VenueOrder, command: int) -> None:
    """Move an order along the tenure table where its terms stay as they are."""
    code, target = _TENURE[order.tenure][command]
    if code:
        raise InvariantBroken("the venue did to an order what its table refuses")
    order.tenure = target


def _step(order: VenueOrder, command: int, wanted: Wanted) -> Terms:
    """Move an order along the tenure table; gives its new terms, which are the caller's to set."""
    rule = _RULES[order.tenure][command]
    _move(order, command)
    if isinstance(rule, Refuse):
        raise InvariantBroken("the venue did to an order what its table refuses")
    terms: Terms = rule.effect(Terms(order.price, order.total, order.executed), wanted)
    return terms


class SimulatedVenue:
    """A venue for several instruments and accounts, fed with one recorded market.

    `instruments`: in id order, `instruments[i].id == i`. `model`: code of `FillModel`. Latencies
    in ns. `rules`: further filters by instrument, none where there are fewer. `balances`: what
    accounts start with, as Configuration has it; asked for only where fees are taken in a discount
    asset. `delays`: in place of the two latencies. `pending_outputs`: number of outputs `drain`
    would give. `funding`: what is known of it, where it is paid (`pays_funding`), else None.
    """

    __slots__ = (
        "pending_outputs",
        "_model",
        "_request_latency_ns",
        "_response_latency_ns",
        "_markets",
        "_orders",
        "_requests",
        "_dates",
        "_lists",
        "_sequence",
        "_now_ns",
        "_due_ns",
        "_outputs",
        "_fees",
        "_connection",
        "funding",
    )

    pending_outputs: int
    _model: int
    _request_latency_ns: int
    _response_latency_ns: int
    _sequence: int
    _now_ns: int
    _due_ns: int

    def __init__(
        self,
        instruments: tuple[Instrument, ...],
        model: int,
        request_latency_ns: int,
        response_latency_ns: int,
        rules: tuple[VenueRules, ...] = (),
        balances: Iterable[tuple[int, int, int]] = (),
        delays: Delays | None = None,
        pays_funding: bool = False,
    ) -> None:
        self.pending_outputs = 0
        self._model = int(model)
        self._request_latency_ns = request_latency_ns
        self._response_latency_ns = response_latency_ns
        remembers = self._model == _FITTED
        self._markets = [
            Market(each, remembers, rules[each.id] if each.id < len(rules) else NO_RULES)
            for each in instruments
        ]
        self._orders: dict[int, VenueOrder] = {}
        self._requests: list[tuple[int, int, VenueRequest | VenueOrder]] = []
        self._dates: list[tuple[int, int]] = []
        self._lists: dict[tuple[int, int], TiedLegs] = {}
        self._sequence = 0
        self._now_ns = 0
        self._due_ns = _NEVER
        self._outputs: list[Output] = []
        self._fees = FeeDesk(instruments, balances)
        self._connection = None if delays is None else Connection(delays)
        self.funding = FundingDesk(len(instruments)) if pays_funding else None

    def is_quiet(self) -> bool:
        """Whether market messages can cause nothing: no order rests and no liquidity is taken.

        Where funding is paid they always can.
        """
        if self.funding is not None:
            return False
        index = len(self._markets) - 1
        while index >= 0 and self._markets[index].idle:
            index -= 1
        return index < 0

    # --- market ----------------------------------------------------------------------------------

    def needs_books_alone(self) -> bool:
        """Whether all a depth change or print can leave here is a book and its stamps."""
        for market in self._markets:
            if not market.idle or market.prints_matter:
                return False
        return self._due_ns == NEVER_NS

    def note_stamps(self, tape: Tape, start: int, stop: int, now_ns: int) -> int:
        """What `see` leaves of depth changes and prints besides the books; the last of the stamps.

        `now_ns`: the stamp before these; one that is earlier counts as that.
        """
        kinds = tape.kind
        events_ns = tape.event_time_ns
        stamps = tape.capture_time_ns
        offset = tape.offset
        payload = tape.payload
        for index in range(start, stop):
            stamp = stamps[index]
            if stamp > now_ns:
                now_ns = stamp
            event_ns = events_ns[index]
            first = offset[index]
            market = self._markets[payload[first]]
            if event_ns > market.latest_ns:
                market.latest_ns = event_ns
                market.latest_capture_ns = now_ns
            if kinds[index] == _BOOK_DELTA:
                if event_ns > market.book_ns:
                    market.book_ns = event_ns
            elif payload[first + 4] == _CONTINUOUS:
                market.last_price = payload[first + 1]
        if now_ns > self._now_ns:
            self._now_ns = now_ns
        return now_ns

    def adopt_books(self, markets: list[KernelMarket]) -> None:
        """Take over the kernel's books: it has seen the same messages, and they meant the same."""
        for market, source in zip(self._markets, markets, strict=True):
            market.book.adopt(source.book)

    def on_market(
        self,
        kind: int,
        event_time_ns: int,
        capture_time_ns: int,
        payload: Sequence[int],
        start: int,
        stop: int,
    ) -> None:
        """See one market message, payload[start:stop] as `events.FIELD_NAMES` lays it out.

        What is due before its capture stamp happens first.
        """
        if isinstance(payload, array):
            self.see(kind, event_time_ns, capture_time_ns, payload, start, stop)
        else:
            part = array("q", payload[start:stop])
            self.see(kind, event_time_ns, capture_time_ns, part, 0, len(part))

    def see(
        self,
        kind: int,
        event_time_ns: int,
        capture_time_ns: int,
        payload: Sequence[int],
        start: int,
        stop: int,
    ) -> None:
        """`on_market` on a column of int64, the form in which events come."""
        if self._due_ns < capture_time_ns:
            self.advance(capture_time_ns - 1)
        if capture_time_ns > self._now_ns:
            self._now_ns = capture_time_ns
        market = self._markets[payload[start]]
        if kind <= _TRADE and event_time_ns > market.latest_ns:
            market.latest_ns = event_time_ns
            market.latest_capture_ns = capture_time_ns
        if kind == _BOOK_DELTA:
            if event_time_ns > market.book_ns:
                market.book_ns = event_time_ns
            market.book.apply_column(payload, start + 3, stop)
            if market.memories is not None:
                self._remember(market, event_time_ns, payload, start + 3, stop)
            if not market.idle:
                self._after_levels(market, event_time_ns, payload, start + 3, stop)
        elif kind == _TRADE:
            if payload[start + 4] == _CONTINUOUS:
                market.last_price = payload[start + 1]
            if market.prints_matter:
                self._on_trade(market, payload, start, event_time_ns)
        elif kind == _BOOK_SNAPSHOT:
            market.has_depth = True
            self._on_snapshot(market, event_time_ns, payload, start + 2, stop)
        else:
            self._on_rare(market, kind, event_time_ns, payload, start)

    def _after_levels(
        self, market: Market, stamp_ns: int, payload: Sequence[int], first: int, stop: int
    ) -> None:
        """A delta was applied: tell the own queues it names, and see what it makes possible."""
        message = market.message = market.message + 1
        bids = market.bids
        asks = market.asks
        index = first
        while index < stop:
            price = payload[index + 1]
            own = bids if payload[index] > 0 else asks
            # Most levels are beyond every own order of the side.
            if own.worst <= own.side * price <= own.best and price in own.queues:
                queue = own.queues[price]
                if queue.message != message:
                    queue.message = message
                    size = market.book.size_at(payload[index], price)
                    if market.memories is None:
                        for order in queue.orders:
                            order.place.level_update(size, stamp_ns)
                    else:
                        self._tell_guessing(market, queue, size, stamp_ns)
            index += 3
        if market.bids_taken or market.asks_taken:
            self._settle_taken(market, payload, first, stop)
        if market.waiting:
            self._settle_waiting(market, stamp_ns)
        book = market.book
        if book.ask_size and bids.best >= book.ask_price:
            self._cross_side(market, bids, book.ask_price, stamp_ns)
        if book.bid_size and asks.best >= -book.bid_price:
            self._cross_side(market, asks, book.bid_price, stamp_ns)
        if market.conditionals.count:
            self._watch_touch(market)

    def _remember(
        self, market: Market, stamp_ns: int, payload: Sequence[int], first: int, stop: int
    ) -> None:
        """A delta was applied: tell the memories of the levels it names."""
        memories = market.memories
        if memories is None:
            return
        for index in range(first, stop, 3):
            side, price = payload[index], payload[index + 1]
            own = market.bids if side > 0 else market.asks
            queue = own.queues.get(price)
            size = market.book.size_at(side, price)
            if queue is None:
                memories.told(side, price, size, stamp_ns, 0)
                memories.forget(side, price)
            else:
                memories.told(side, price, size, stamp_ns, self._unseen(market, queue))

    def _unseen(self, market: Market, queue: LevelQueue) -> int:
        """1 when an order here has not been told of its level since it arrived."""
        if market.maximum_declared:
            for order in queue.orders:
                if not order.place.values:
                    return 1
        return 0

    def _tell_guessing(self, market: Market, queue: LevelQueue, size: int, stamp_ns: int) -> None:
        """Tell the orders of a queue, with what the memory of their level says."""
        for order in queue.orders:
            said = UNKNOWN
            if market.memories is not None:
                said = market.memories.said(queue.side, queue.price, order.place.mark)
            order.place.level_update(size, stamp_ns, said)

    def _settle_taken(self, market: Market, payload: Sequence[int], first: int, stop: int) -> None:
        """Levels that a delta names are new as far as they are not taken still [Q8]."""
        forget = self._model == _OPTIMISTIC
        for index in range(first, stop, 3):
            market.settle_taken(payload[index], payload[index + 1], forget)
        market.note_idle()

    def _settle_waiting(self, market: Market, stamp_ns: int) -> None:
        """What a delta does not name did not change: that bounds orders not bounded yet [Q6]."""
        still: list[LevelQueue] = []
        for queue in market.waiting:
            queue.waiting = 0
            for order in queue.orders:
                place = order.place
                if not place.values and place.size >= 0:
                    place.level_update(place.size, stamp_ns)
                    if not place.values:
                        queue.waiting = 1
            if queue.waiting:
                still.append(queue)
        market.waiting = still

    def _on_snapshot(
        self, market: Market, stamp_ns: int, payload: Sequence[int], first: int, stop: int
    ) -> None:
        """A whole book: levels it does not reach are out of sight, not empty [Q6]."""
        market.book_ns = max(market.book_ns, stamp_ns)
        market.book.apply_snapshot(payload, first, stop)
        market.note_window()
        market.gap = False
        if market.memories is not None:
            self._remember_all(market, market.memories, stamp_ns)
        for own in (market.bids, market.asks):
            for price in own.prices:
                queue = own.queues[price * own.side]
                size = market.shown_size(own.side, queue.price)
                if size != UNKNOWN:
                    self._tell_guessing(market, queue, size, stamp_ns)
                    continue
                for order in queue.orders:
                    order.place.lose_sight(False)
        forget = self._model == _OPTIMISTIC
        for price in list(market.bids_taken):
            market.settle_taken(1, price, forget)
        for price in list(market.asks_taken):
            market.settle_taken(-1, price, forget)
        market.note_idle()
        book = market.book
        if book.ask_size and market.bids.best >= book.ask_price:
            self._cross_side(market, market.bids, book.ask_price, stamp_ns)
        if book.bid_size and market.asks.best >= -book.bid_price:
            self._cross_side(market, market.asks, book.bid_price, stamp_ns)
        if market.conditionals.count:
            self._watch_touch(market)

    def _remember_all(self, market: Market, memories: Memories, stamp_ns: int) -> None:
        """Tell the memories of every level of a snapshot, and of those it shows to be gone."""
        for own, levels in ((market.bids, memories.bids), (market.asks, memories.asks)):
            for price in list(levels):
                size = market.shown_size(own.side, price)
                memories.told(own.side, price, size, stamp_ns, 0)
                if price not in own.queues:
                    memories.forget(own.side, price)
            for price, size in market.book.levels(own.side):
                if price not in levels:
                    memories.begin(own.side, price, size, stamp_ns)

    def _on_bar(self, market: Market, stamp_ns: int, payload: Sequence[int], start: int) -> None:
        """A closed bar, where nothing better is known: its close is bid, a tick above is offered.

        Each side shows the bar's volume. A convention, so that bars alone can be traded on at
        all; once a depth message was seen bars say nothing of the book.
        """
        if market.has_depth:
            return
        if stamp_ns > market.latest_ns:
            market.latest_ns = stamp_ns
            market.latest_capture_ns = self._now_ns
        bid, volume = payload[start + 4], payload[start + 5]
        ask = bid + market.filters.tick
        old_bid, old_ask = market.bar_touch
        market.bar_touch = (bid, ask)
        market.last_price = bid
        levels = array("q", (1, old_bid, 0, -1, old_ask, 0, 1, bid, volume, -1, ask, volume))
        market.book_ns = max(market.book_ns, stamp_ns)
        market.book.apply_levels(levels, 0, len(levels))
        # Another bar is other liquidity, even at the same price.
        market.bids_taken.clear()
        market.asks_taken.clear()
        market.note_idle()
        if market.memories is not None:
            self._remember(market, stamp_ns, levels, 0, len(levels))
        if not market.idle:
            self._after_levels(market, stamp_ns, levels, 0, len(levels))
        if market.conditionals.count:
            self._watch_print(market, bid)

    def _on_rare(
        self, market: Market, kind: int, stamp_ns: int, payload: Sequence[int], start: int
    ) -> None:
        """Gaps, status, definitions, bars; what says nothing of the book changes nothing."""
        if kind == _FEED_GAP:
            market.gap = True
            if market.memories is not None:
                market.memories.lose_sight()
            for own in (market.bids, market.asks):
                for price in own.prices:
                    for order in own.queues[price * own.side].orders:
                        order.place.lose_sight(True)
        elif kind == _FEED_RESUMED:
            market.gap = False
        elif kind == _INSTRUMENT_STATUS:
            self._turn(market, event_of_status(payload[start + 1]))
            market.trading = market.phase == VenuePhase.CONTINUOUS
        elif kind == _INSTRUMENT_DEFINITION:
            market.set_filters(
                Filters(
                    payload[start + 1],
                    payload[start + 2],
                    payload[start + 3],
                    payload[start + 4],
                    payload[start + 5],
                )
            )
        elif kind == _BAR:
            self._on_bar(market, stamp_ns, payload, start)
        elif kind in _FUNDING_KINDS:
            self._on_funding(kind, payload, start)
        elif kind < _TRADE:
            raise InvariantBroken("order-by-order messages need an order-by-order venue")

    def _on_funding(self, kind: int, payload: Sequence[int], start: int) -> None:
        """A mark or a rate, where funding is paid."""
        if self.funding is None:
            return
        if kind == _MARK_PRICE:
            self.funding.on_mark(payload[start], payload[start + 1])
        else:
            rate_e9, due_ns = payload[start + 1], payload[start + 2]
            self.funding.on_rate(payload[start], rate_e9, due_ns, self._now_ns)
            self._note_due()

    # --- fills of resting orders -----------------------------------------------------------------

    def _on_trade(self, market: Market, payload: Sequence[int], start: int, stamp_ns: int) -> None:
        """A print: lit ones meet resting orders, those of an auction who waits for one."""
        price, lots, side = payload[start + 1], payload[start + 2], payload[start + 3]
        if payload[start + 4] == _CONTINUOUS:
            self._on_print(market, price, lots, side, stamp_ns)
        elif payload[start + 4] == _AUCTION and market.calls:
            self._turn(market, PhaseEvent.AUCTION_PRINT, price, lots)

    def _on_print(self, market: Market, price: int, lots: int, side: int, stamp_ns: int) -> None:
        """A lit print: the side it consumed, or either where the source does not say."""
        if market.calls:
            self._turn(market, PhaseEvent.CONTINUOUS_PRINT)
        used = 0
        if market.memories is not None and side:
            market.memories.printed(-side, price, lots, stamp_ns)
        if side <= 0:
            used = self._print_side(market, market.bids, price, lots, 0, stamp_ns, -side)
        if side >= 0:
            self._print_side(market, market.asks, price, lots, used, stamp_ns, side)
        if market.conditionals.count:
            self._watch_print(market, price)

    def _turn(self, market: Market, event: int, price: int = 0, lots: int = 0) -> None:
        """A change of status or a print: what becomes of orders that wait for an auction."""
        rule = _PHASES[market.phase][event]
        if isinstance(rule, Refuse):
            raise InvariantBroken("the market did what the venue's phases refuse")
        market.phase = rule.target
        if not market.calls:
            return
        turn: Turn = rule.effect(0, event)
        if turn.opens_fill or turn.closes_fill:
            kind = OrderClass.AT_OPEN if turn.opens_fill else OrderClass.AT_CLOSE
            for side in (1, -1):
                self._fill_auction(market, kind, side, price, lots)
            if market.reducing:
                self._cut_reducing(market)
        for order in list(market.calls):
            opens = order.order_class == OrderClass.AT_OPEN
            if turn.opens_expire if opens else turn.closes_expire:
                market.calls.remove(order)
                _move(order, Command.DATE_REACHED)
                self._report(_EXPIRED, order, 0, NOT_CARRIED, Reason.AUCTION_OVER)
        market.note_idle()

    def _fill_auction(self, market: Market, kind: int, side: int, price: int, lots: int) -> None:
        """What orders of one side get of an auction print [M8, Q8]."""
        here = [each for each in market.calls if each.side == side and each.order_class == kind]
        for order in sorted(here, key=rank_at_auction):
            leaves = order.total - order.executed
            limit = 0 if order.order_type == _MARKET else order.price
            share = auction_share(side, limit, price, leaves, lots, self._model)
            found = self._may_fill(order, share)
            lots -= found
            if found:
                self._fill(order, price, found, Liquidity.TAKER, FillCause.AUCTION)
            if found == leaves:
                market.calls.remove(order)

    def _print_side(
        self,
        market: Market,
        own: OwnSide,
        price: int,
        lots: int,
        taken: int,
        stamp_ns: int,
        resting_side: int,
    ) -> int:
        """Give a print to own orders, best price first; returns the lots it has no more [Q8].

        Those whom own orders displaced at better prices may have had their part of it first.
        """
        nobody_displaced = not own.displaced_prices and not taken
        if own.best < own.side * price and nobody_displaced and not market.reducing:
            return 0
        model = self._model
        known = resting_side == 1
        wanted = 0
        for better in own.better_than(price):
            gone = own.displaced.get(better, 0) if known else 0
            queue = own.queues.get(better)
            if queue is not None:
                leaves = queue.leaves()
                wanted += leaves
                fills = queue.share(lots, taken, stamp_ns, resting_side, model, True)
                gone = max(fills.pop(), leaves + gone if gone else 0)
                self._fill_queue(own, queue, fills)
            taken = min(taken + gone, lots)
        if known and own.displaced_prices:
            own.serve_displaced(price, max(lots - wanted, 0))
        queue = own.queues.get(price)
        if queue is not None:
            fills = queue.share(lots, taken, stamp_ns, resting_side, model, False)
            fills.pop()
            taken = min(taken + self._fill_queue(own, queue, fills), lots)
        if model == _PESSIMISTIC:
            own.displace(price, taken)
        if market.reducing:
            self._cut_reducing(market)
        market.note_idle()
        return taken

    def _fill_queue(self, own: OwnSide, queue: LevelQueue, fills: list[int]) -> int:
        """Fill the orders of a queue by a print, at their own price; returns the lots filled."""
        wanted = 0
        for share in fills:
            wanted += share
        if not wanted:
            return 0
        for order, share in list(zip(queue.orders, fills, strict=True)):
            lots = self._may_fill(order, share)
            if lots:
                self._fill(order, order.price, lots, _MAKER, _BY_PRINT)
                if order.total == order.executed:
                    own.remove(order)
                elif order.display:
                    self._melt(own, queue, order, lots)
        return wanted

    def _cross_side(self, market: Market, own: OwnSide, opposite: int, stamp_ns: int) -> None:
        """Fill own orders whose price the other side of the book, `opposite`, has reached."""
        if market.book.crossed() or not market.open_for_orders():
            return
        wanted = 0
        for price in own.better_than(opposite - own.side):
            queue = own.queues.get(price)
            gone = own.displaced.get(price, 0)
            _, unused = market.count_within(-own.side, price, NO_LIMIT)
            fills: list[int] = []
            if queue is not None:
                leaves = queue.leaves()
                wanted += leaves
                fills = queue.crossed_shares(unused, stamp_ns, self._model)
                gone = max(fills.pop(), leaves + gone if gone else 0)
            # Lots that others may have had first are nobody's any more.
            market.take_within(-own.side, price, gone)
            own.serve_at(price, max(unused - wanted, 0))
            if queue is not None:
                self._fill_crossed(own, queue, fills)
        if market.reducing:
            self._cut_reducing(market)
        market.note_idle()

    def _fill_crossed(self, own: OwnSide, queue: LevelQueue, fills: list[int]) -> None:
        """Fill the orders of a queue, at its price, from what the other side shows."""
        for order, share in list(zip(queue.orders, fills, strict=True)):
            lots = self._may_fill(order, share)
            if lots:
                queue.lots_left(queue.orders.index(order) + 1, lots)
                self._fill(order, queue.price, lots, _MAKER, _BY_BOOK)
                if order.total == order.executed:
                    own.remove(order)
                elif order.display:
                    self._melt(own, queue, order, lots)

    def _may_fill(self, order: VenueOrder, lots: int) -> int:
        """How much of `lots` an order may trade: one that only reduces, what is left to reduce.

        One that has ended meanwhile, because another leg of its list traded, trades nothing.
        """
        if order.tenure != Tenure.RESTING:
            return 0
        if not order.reduce_only:
            return lots
        position = self._markets[order.instrument].positions.get(order.account, 0)
        return min(lots, room_to_reduce(position, order.side, 0))

    def _melt(self, own: OwnSide, queue: LevelQueue, order: VenueOrder, lots: int) -> None:
        """So many lots of an iceberg traded: when what it showed is gone it shows the next part.

        That part joins the back of the queue of others [Q5]. Among own orders it keeps its place,
        in every model: were it overtaken in some only, they could not be compared [Q7]. In the
        optimistic model nobody is behind it, so that there is nothing to join the back of.
        """
        left = order.total - order.executed
        shown = min(order.shown, left + lots)
        if lots < shown:
            order.shown = shown - lots
            return
        order.shown = part_of(order.display, left)
        if self._model != _OPTIMISTIC:
            ahead = own.displaced.get(order.price, 0)
            for other in queue.orders[: queue.orders.index(order)]:
                ahead += other.total - other.executed
            order.reloaded = 1
            self._place(self._markets[order.instrument], queue, order, ahead)

    def _fill(
        self,
        order: VenueOrder,
        price: int,
        lots: int,
        liquidity: int,
        cause: int,
    ) -> None:
        market = self._markets[order.instrument]
        order.executed += lots
        if order.executed > order.total:
            raise InvariantBroken("an order was filled beyond its total at the venue")
        filled = order.executed == order.total
        if filled:
            _move(order, _TO_FILL)
        held = market.positions.get(order.account, 0)
        market.positions[order.account] = held + order.side * lots
        market.trade_count += 1
        trade_id = order.instrument * _STRIDE + market.trade_count
        asset, fee = self._fees.charged(
            market.instrument, order.account, order.side, price, lots, liquidity
        )
        self._emit(
            _FILLED,
            (
                order.account,
                order.instrument,
                order.order_id,
                0,
                order.venue_order_id,
                0,
                trade_id,
                0,
                order.side,
                price,
                lots,
                _NOT_CARRIED,
                order.total - order.executed,
                fee,
                asset,
                liquidity,
                cause,
                0,
                0,
            ),
        )
        if order.list_id:
            self._leg_meets(order, Fate.FILLED if filled else Fate.WORKS)

    # --- requests --------------------------------------------------------------------------------

    def submit(self, request: AnyRequest, sent_ns: int) -> None:
        """Send a request at `sent_ns`; it arrives, and is applied, a request latency later."""
        if not isinstance(request, VenueRequest):
            request = VenueRequest(request_record(request))
        self._sequence += 1
        if self._connection is None:
            due_ns = sent_ns + self._request_latency_ns
        else:
            due_ns = self._connection.request_arrival(request.kind, sent_ns)
        heappush(self._requests, (due_ns, self._sequence, request))
        self._due_ns = min(self._due_ns, due_ns)

    def next_time_ns(self) -> int:
        """When the next request arrives or date is reached, NEVER_NS when none does."""
        if self._dates:
            # An order may have ended before its date.
            self._note_due()
        return self._due_ns

    def advance(self, now_ns: int) -> None:
        """Apply everything due at or before `now_ns`, in order of time.

        At one time funding is paid first, on what is held then, and dates go before requests.
        """
        while self._due_ns <= now_ns:
            due_ns = self._due_ns
            self._now_ns = max(self._now_ns, due_ns)
            if self.funding is not None and self.funding.due_ns <= due_ns:
                for payment in self.funding.pay(self._markets, due_ns):
                    self._emit(_FUNDING_PAID, payment)
            elif self._dates and self._dates[0][0] <= due_ns:
                self._reach_date(self._orders[heappop(self._dates)[1]])
            elif self._requests and self._requests[0][0] <= due_ns:
                arrived = heappop(self._requests)[2]
                if isinstance(arrived, VenueOrder):
                    self._release(arrived)
                else:
                    self._arrive(arrived)
            self._note_due()

    def drain(self) -> list[Output]:
        """All execution events since the last call, in order."""
        outputs = self._outputs
        self._outputs = []
        self.pending_outputs = 0
        return outputs

    def _note_due(self) -> None:
        dates = self._dates
        while dates and self._orders[dates[0][1]].tenure == _CLOSED:
            heappop(dates)
        self._due_ns = min(
            dates[0][0] if dates else _NEVER,
            self._requests[0][0] if self._requests else _NEVER,
        )
        if self.funding is not None:
            self._due_ns = min(self._due_ns, self.funding.due_ns)

    def _arrive(self, request: VenueRequest) -> None:
        if request.kind == _NEW:
            if request.instructions.list_id:
                self._arrive_leg(request)
            else:
                self._arrive_new(request)
        elif request.kind == _REPLACE:
            self._arrive_replace(request)
        elif request.kind == _CANCEL:
            self._arrive_cancel(request)
        else:
            raise InvariantBroken("a request that is neither NEW, REPLACE nor CANCEL")

    def _arrive_new(self, request: VenueRequest) -> None:
        # The first types never wait; to ask that first keeps this cheap.
        if request.order_type > _LIMIT_MAKER and request.order_type in CONDITIONAL_TYPES:
            self._arrive_conditional(request)
            return
        market = self._markets[request.instrument]
        limited = -1 if request.order_type == _MARKET else request.price
        mode = request.instructions.prevention
        quantity = request.quantity
        if request.reduce_only:
            room = market.room_to_reduce(request.account, request.side, None)
            quantity = min(quantity, room)
        dated = _is_dated(market, request)
        kind = _class_of(request)
        found = self._situation(
            market,
            request.side,
            limited,
            quantity,
            request.order_id in self._orders,
            self._filters_passed(market, request, request.side, request.order_type)
            and self._money_passes(market, request),
            dated and request.good_till_ns <= self._now_ns,
            self._limit_reached(market, request, None),
            request.reduce_only == 1 and quantity <= 0,
            market.first_own(request.account, request.side, limited) if mode else None,
            mode,
            _NEW_EVENTS.get(kind, _ANY_NEW),
        )
        verdict = _ADMIT[kind][found]
        if verdict[0]:
            self._refuse(_REJECTED, request, _REASONS[verdict[0]])
            return
        order = self._made(market, request, request.order_type, kind)
        if request.instructions.quote_quantity:
            self._bring_money(market, order, request.instructions.quote_quantity)
        self._report(_ACCEPTED, order, request.request_id, order.total, 0)
        if quantity < order.total:
            self._restate(order, Command.POSITION_SMALLER, quantity)
        self._enter(market, order, verdict)
        if order.reduce_only:
            market.reducing.append(order)
        if dated and order.tenure != _CLOSED:
            heappush(self._dates, (order.good_till_ns, order.order_id))

    def _arrive_conditional(self, request: VenueRequest) -> None:
        """An order that is to wait: refused as its child would be, or if it would trigger."""
        market = self._markets[request.instrument]
        asked = request.instructions
        child = child_type(request.order_type)
        kind = order_class(request.order_type, request.time_in_force, asked)
        dated = _is_dated(market, request)
        on_grid = asked.trigger_price % market.filters.tick == 0
        found = seen_situation(
            request.order_id in self._orders,
            market.open_for_orders(),
            on_grid and self._filters_passed(market, request, request.side, child),
            dated and request.good_till_ns <= self._now_ns,
            self._limit_reached(market, request, None),
            False,
            False,
            False,
            0,
            0,
            request.quantity,
        )
        code = _ADMIT[kind][found][0]
        if code:
            self._refuse(_REJECTED, request, _REASONS[code])
            return
        what = watched(asked.trigger_on, request.side)
        terms = (request.order_type, request.side, asked.trigger_price, asked.trailing_e4)
        wait, trails, code = self._first_wait(market, what, Conditional(*terms))
        if code:
            self._refuse(_REJECTED, request, WAIT_REASONS[code])
            return
        order = self._made(market, request, child, kind)
        order.watched = what
        order.wait = wait
        order.trigger = asked.trigger_price
        order.trailing_e4 = asked.trailing_e4
        order.reference = trails.reference
        market.conditionals.add(order, request.order_type)
        market.note_idle()
        self._report(_HELD, order, request.request_id, order.total, 0)
        if dated:
            heappush(self._dates, (order.good_till_ns, order.order_id))

    # --- order lists -----------------------------------------------------------------------------

    def _arrive_leg(self, request: VenueRequest) -> None:
        """A leg of an order list: held until it is its turn, or refused, and the list with it."""
        asked = request.instructions
        market = self._markets[request.instrument]
        key = list_key(request.order_id, asked.list_id)
        tied = self._lists.get(key)
        if tied is None:
            tied = TiedLegs(asked.list_kind)
            self._lists[key] = tied
        conditional = request.order_type in CONDITIONAL_TYPES
        order_type = child_type(request.order_type) if conditional else request.order_type
        kind = order_class(request.order_type, request.time_in_force, asked)
        dated = _is_dated(market, request)
        on_grid = asked.trigger_price % market.filters.tick == 0
        found = self._situation(
            market,
            request.side,
            0,
            0,
            request.order_id in self._orders,
            on_grid and self._filters_passed(market, request, request.side, order_type),
            dated and request.good_till_ns <= self._now_ns,
            self._limit_reached(market, request, None),
            False,
            None,
            Prevention.NONE,
            _NEW_EVENTS.get(kind, _ANY_NEW),
        )
        code = _ADMIT[kind][min(found, Situation.NOTHING_OPPOSITE)][0]
        if not tied.takes(asked.list_kind, asked.list_leg):
            self._refuse(_REJECTED, request, Reason.ORDER_LIST)
            if tied.comes_late(asked.list_kind, asked.list_leg):
                tied.turn(asked.list_leg, Fate.REFUSED)
            return
        if code:
            self._refuse(_REJECTED, request, _REASONS[code])
            self._end_legs(tied.turn(asked.list_leg, Fate.REFUSED)[1])
            return
        order = self._made(market, request, order_type, kind)
        order.list_id = asked.list_id
        order.leg = asked.list_leg
        order.held = 1
        tied.orders[order.leg] = order
        market.held.append(order)
        if conditional:
            order.watched = watched(asked.trigger_on, request.side)
            order.asked_type = request.order_type
            order.trigger = asked.trigger_price
            order.trailing_e4 = asked.trailing_e4
        self._report(_HELD, order, request.request_id, order.total, 0)
        if dated:
            heappush(self._dates, (order.good_till_ns, order.order_id))
        self._leg_meets(order, Fate.COMES)

    def _leg_meets(self, order: VenueOrder, fate: int) -> None:
        """Something happened to a leg: what the list makes of it.

        Who is excluded ends at once. Whose turn it is comes in after the message that made it so,
        like a request that arrives now.
        """
        tied = self._lists[list_key(order.order_id, order.list_id)]
        released, ended = tied.turn(order.leg, fate)
        self._end_legs(ended)
        if released:
            self._sequence += 1
            heappush(self._requests, (self._now_ns, self._sequence, released[0]))
            self._due_ns = min(self._due_ns, self._now_ns)

    def _end_legs(self, orders: list[VenueOrder]) -> None:
        """Legs that another excludes, or whose list was refused."""
        for order in orders:
            if order.tenure == _RESTING:
                self._leave(order)
                _move(order, Command.CANCEL)
                self._report(_CANCELED, order, 0, _NOT_CARRIED, Reason.ORDER_LIST)

    def _release(self, first: VenueOrder) -> None:
        """It is the turn of one leg, or of a pair: they come in, or are refused together."""
        tied = self._lists[list_key(first.order_id, first.list_id)]
        due = [
            order
            for order in (first, tied.sibling(first.leg))
            if order is not None and order.held and order.tenure == _RESTING
        ]
        for order in due:
            reason = self._leg_refused(order)
            if reason:
                self._leave(order)
                _move(order, _TO_END)
                self._report(_REJECTED, order, 0, _NOT_CARRIED, reason)
                self._end_legs(tied.turn(order.leg, Fate.REFUSED)[1])
                return
        for order in due:
            if order.tenure != _RESTING:
                continue
            market = self._markets[order.instrument]
            self._leave(order)
            if order.asked_type:
                self._begin_to_wait(market, order)
                continue
            self._report(_TRIGGERED, order, 0, _NOT_CARRIED, 0)
            self._enter_first(market, order)

    def _leg_refused(self, order: VenueOrder) -> int:
        """The `Reason` why a leg whose turn it is may not come in, 0 when it may."""
        market = self._markets[order.instrument]
        limit = -1 if order.order_type == _MARKET or order.asked_type else order.price
        event = _NEW_EVENTS.get(order.order_class, _ANY_NEW)
        found = self._situation(
            market, order.side, limit, order.total, False, True, False, False, False, None,
            Prevention.NONE, event,
        )  # fmt: skip
        if order.asked_type:
            found = min(found, Situation.NOTHING_OPPOSITE)
        code = _ADMIT[order.order_class][found][0]
        if code:
            return _REASONS[code]
        if order.asked_type:
            code = self._wait_of(market, order)[2]
            return int(WAIT_REASONS[code]) if code else 0
        return 0

    def _wait_of(self, market: Market, order: VenueOrder) -> tuple[int, Conditional, int]:
        """What a conditional leg does when it begins to wait, as for one that arrives."""
        terms = (order.asked_type, order.side, order.trigger, order.trailing_e4)
        return self._first_wait(market, order.watched, Conditional(*terms))

    def _first_wait(
        self, market: Market, what: int, asked: Conditional
    ) -> tuple[int, Conditional, int]:
        """What a conditional order does on arrival, by the latest of the price it watches."""
        return wait_step(Wait.ARRIVING, asked, Met.ARRIVES, self._price_seen(market, what))

    def _begin_to_wait(self, market: Market, order: VenueOrder) -> None:
        """A conditional leg whose turn it is waits for its trigger."""
        order.wait, trails, _ = self._wait_of(market, order)
        order.reference = trails.reference
        market.conditionals.add(order, order.asked_type)
        market.note_idle()

    def _made(
        self, market: Market, request: VenueRequest, order_type: int, kind: int
    ) -> VenueOrder:
        """The order of a NEW that was admitted, with an id of the venue's."""
        order = VenueOrder.__new__(VenueOrder)
        order.begin(
            request.order_id,
            request.account,
            request.instrument,
            request.side,
            order_type,
            kind,
            request.price,
            request.quantity,
            request.good_till_ns,
        )
        market.order_count += 1
        order.venue_order_id = request.instrument * _STRIDE + market.order_count
        self._orders[order.order_id] = order
        order.prevention = request.instructions.prevention
        order.reduce_only = request.reduce_only
        order.display = request.instructions.display
        return order

    def _price_seen(self, market: Market, what: int) -> int:
        """The latest of a watched price, 0 where there is none."""
        if what == LAST_TRADE:
            return market.last_price
        book = market.book
        if book.crossed():
            return 0
        if what == OFFER:
            return book.ask_price if book.ask_size else 0
        return book.bid_price if book.bid_size else 0

    def _watch_print(self, market: Market, price: int) -> None:
        """Conditional orders see a continuous print, where the venue trades."""
        if market.open_for_orders():
            reached: list[VenueOrder] = []
            market.conditionals.seen(LAST_TRADE, price, reached)
            if reached:
                self._trigger(market, reached)

    def _watch_touch(self, market: Market) -> None:
        """Conditional orders see the best prices of a book that was told of."""
        if market.open_for_orders():
            reached: list[VenueOrder] = []
            for what in (OFFER, BID):
                price = self._price_seen(market, what)
                if price:
                    market.conditionals.seen(what, price, reached)
            if reached:
                self._trigger(market, reached)

    def _trigger(self, market: Market, reached: list[VenueOrder]) -> None:
        """What was triggered comes in as what it becomes, the earliest first [OL11]."""
        for order in in_order_of_arrival(reached):
            if order.tenure != _RESTING:
                continue
            self._report(_TRIGGERED, order, 0, _NOT_CARRIED, 0)
            if order.list_id:
                self._leg_meets(order, Fate.WORKS)
            if not market.passes(order.order_type, order.price, order.total):
                _move(order, _TO_END)
                self._report(_REJECTED, order, 0, _NOT_CARRIED, Reason.FILTER)
                continue
            self._enter_first(market, order)
        market.note_idle()

    def _situation(
        self,
        market: Market,
        side: int,
        limit: int,
        lots: int,
        known_id: bool,
        filters: bool,
        date_passed: bool,
        limit_reached: bool,
        nothing_to_reduce: bool,
        own: VenueOrder | None,
        mode: int,
        event: int,
    ) -> int:
        """The `Situation` of an order that would enter now; `limit` -1: at any price.

        `own`: the first order of its own that it would meet, by its prevention `mode`. That order
        is in its reach like any other, and unless it makes way what is shown counts only up to it.
        `event`: what asks; who waits for an auction needs no book.
        """
        trading = _TAKES_NEW[market.phase][event]
        if event != _ANY_NEW:
            own = None
        else:
            trading = trading and market.open_for_orders()
        book = market.book
        price = book.ask_price if side > 0 else book.bid_price
        shown_opposite = (book.ask_size if side > 0 else book.bid_size) > 0
        reaches = shown_opposite and (limit < 0 or (limit - price) * side >= 0)
        counted = limit if own is None or mode == _EXPIRE_MAKER else own.price - side
        shown = unused = 0
        if reaches:
            shown, unused = market.count_within(-side, counted, lots)
        return seen_situation(
            known_id,
            trading,
            filters,
            date_passed,
            limit_reached,
            nothing_to_reduce,
            shown_opposite or own is not None,
            reaches or own is not None,
            shown,
            unused,
            lots,
        )

    def _filters_passed(
        self, market: Market, request: VenueRequest, side: int, order_type: int
    ) -> bool:
        """Every filter that depends on no fill; of a replace `side` and type are the order's."""
        passed = market.passes(order_type, request.price, request.quantity)
        if market.rules is NO_RULES or not passed:
            return passed
        also = request.instructions
        waits = int(request.order_type in CONDITIONAL_TYPES)
        terms = (side, order_type, request.price, request.quantity)
        asked = Asked(*terms, also.display, also.trailing_e4, waits)
        return not first_broken(market.rules, asked, market.last_price)

    def _limit_reached(
        self, market: Market, request: VenueRequest, order: VenueOrder | None
    ) -> bool:
        """Whether an order would be one too many, or too much would be held; depends on fills."""
        if market.rules is NO_RULES:
            return False
        account, side, executed = request.account, request.side, 0
        if order is not None:
            account, side, executed = order.account, order.side, order.executed
        held = market.held_by(account, order)
        waits = int(request.order_type in CONDITIONAL_TYPES and order is None)
        return bool(first_reached(market.rules, held, side, request.quantity - executed, waits))

    def _enter(self, market: Market, order: VenueOrder, verdict: Admitted) -> None:
        """Do what the admission table says of an order just accepted or requeued."""
        _, takes, uses, rests, reason, waits = verdict
        limit = -1 if order.order_type == _MARKET else order.price
        leaves = order.total - order.executed
        if waits:
            market.calls.append(order)
            market.idle = False
            market.prints_matter = True
            return
        if uses:
            market.take_within(-order.side, limit, leaves)
        if takes:
            if order.prevention:
                self._take_past_own(market, order, limit)
            else:
                self._take(market, order, limit)
            if market.reducing:
                self._cut_reducing(market)
            if order.tenure == _CLOSED:
                return
        left = order.total > order.executed
        if not rests:
            _move(order, _TO_END)
            if order.for_money and takes:
                reason = _REMAINDER
            if left:
                self._report(_CANCELED, order, 0, _NOT_CARRIED, reason)
        elif left:
            self._rest(market, order)

    def _money_passes(self, market: Market, request: VenueRequest) -> bool:
        """Whether an order for money comes to an order at all, by the book as shown [Q7].

        Against an empty side it is judged like any other: it finds nothing.
        """
        money = request.instructions.quote_quantity
        if not money:
            return True
        levels = list(market.levels_within(-request.side, -1, False))
        least = max(market.filters.minimum_quantity, 1)
        return not levels or self._lots_of(market, money, levels) >= least

    def _lots_of(self, market: Market, money: int, levels: Iterable[tuple[int, int]]) -> int:
        """Lots that money is good for."""
        per_lot = market.instrument.money_per_price_lot
        return walked(money, levels, per_lot, market.filters.lot_step).lots

    def _bring_money(self, market: Market, order: VenueOrder, money: int) -> None:
        """What an order for money may spend or raise, and how many lots that is at the most."""
        order.for_money = 1
        order.money = money
        order.most = self._lots_of(market, money, market.levels_within(-order.side, -1, False))

    def _wanted(self, market: Market, order: VenueOrder, limit: int) -> int:
        """Lots an order for money takes now; a buy is bound by the prices it would really pay."""
        lots = min(order.most, order.total - order.executed)
        if order.side > 0:
            levels = market.levels_within(-1, limit, True)
            lots = min(lots, self._lots_of(market, order.money, levels))
        return lots

    def _take(self, market: Market, order: VenueOrder, limit: int) -> None:
        """Take what is shown within the limit, as far as it is wanted."""
        leaves = order.total - order.executed
        if order.for_money:
            leaves = self._wanted(market, order, limit)
        for price, lots in market.take_within(-order.side, limit, leaves):
            self._fill(order, price, lots, _TAKER, _BY_SWEEP)
            if order.for_money:
                order.money -= price * lots * market.instrument.money_per_price_lot
                order.most -= lots

    def _take_past_own(self, market: Market, order: VenueOrder, limit: int) -> None:
        """Take, but meet orders of the same account on the way [M5].

        What is shown at better prices is had first; at its price an own order counts as the first
        in line, because what stands before it is not known.
        """
        own = market.first_own(order.account, order.side, limit)
        while own is not None and order.tenure == _RESTING:
            self._take(market, order, own.price - order.side)
            if order.tenure == own.tenure == _RESTING:
                self._meet_own(order, own)
            own = market.first_own(order.account, order.side, limit)
        if order.tenure == _RESTING:
            self._take(market, order, limit)

    def _meet_own(self, order: VenueOrder, own: VenueOrder) -> None:
        """An incoming order and the first of its account in reach: by the meeting table."""
        pair = Pair(order.total - order.executed, own.total - own.executed, 0)
        rule = MEETINGS.select(order.prevention, Meeting.OF_THE_SAME, order.prevention, pair)
        if isinstance(rule, Refuse):
            raise InvariantBroken("a meeting is never refused")
        outcome: Outcome = rule.effect(order.prevention, pair)
        lots = outcome.prevented
        if not outcome.keeps:
            self._leave(own)
        elif lots:
            self._withdraw(own, lots)
        for each in (own, order):
            each.total -= lots
            each.prevented += lots
            if lots:
                self._report(_PREVENTED, each, 0, _NOT_CARRIED, Reason.SELF_TRADE, lots)
        if not outcome.keeps:
            _move(own, Command.PREVENTED)
            self._report(_EXPIRED, own, 0, _NOT_CARRIED, Reason.SELF_TRADE)
        if outcome.expires:
            _move(order, Command.PREVENTED)
            self._report(_EXPIRED, order, 0, _NOT_CARRIED, Reason.SELF_TRADE)

    def _cut_reducing(self, market: Market) -> None:
        """Orders that may only reduce want together no more than there is to reduce.

        Those that came first keep what they want; legs that exclude each other want the larger.
        """
        counted: dict[int, int] = {}
        market.reducing = [each for each in market.reducing if each.tenure != _CLOSED]
        wanted: dict[tuple[int, int], int] = {}
        for order in market.reducing:
            if order.tenure != _RESTING:
                continue
            whose = (order.account, order.side)
            sibling = self._sibling(order)
            shared = 0 if sibling is None else counted.get(sibling.order_id, 0)
            others = wanted.get(whose, 0) - shared
            room = room_to_reduce(market.positions.get(order.account, 0), order.side, others)
            leaves = order.total - order.executed
            counted[order.order_id] = min(leaves, room)
            wanted[whose] = others + max(counted[order.order_id], shared)
            if room == 0:
                self._leave(order)
                _move(order, Command.POSITION_GONE)
                self._report(_EXPIRED, order, 0, _NOT_CARRIED, Reason.REDUCE_ONLY)
            elif leaves > room:
                self._withdraw(order, leaves - room)
                self._restate(order, Command.POSITION_SMALLER, order.executed + room)

    def _sibling(self, order: VenueOrder) -> VenueOrder | None:
        """The leg that excludes this one."""
        if order.list_id == 0:
            return None
        return self._lists[list_key(order.order_id, order.list_id)].sibling(order.leg)

    def _restate(self, order: VenueOrder, command: int, total: int) -> None:
        """The venue lessens what an order wants."""
        order.total = _step(order, command, Wanted(order.price, total)).total
        self._report(_RESTATED, order, 0, order.total + order.prevented, Reason.REDUCE_ONLY)

    def _withdraw(self, order: VenueOrder, lots: int) -> None:
        """A resting order gives up lots in its place."""
        if not order.queued:
            return
        market = self._markets[order.instrument]
        own = market.bids if order.side > 0 else market.asks
        own.withdraw(order, lots, self._model == _PESSIMISTIC)

    def _rest(self, market: Market, order: VenueOrder) -> None:
        """Join the back of the queue at the order's price [Q1]."""
        own = market.bids if order.side > 0 else market.asks
        queue = own.queue_at(order.price)
        order.shown = part_of(order.display, order.total - order.executed)
        self._place(market, queue, order, own.own_ahead(order.price))
        order.joined_ns = order.place.arrival_ns
        order.reloaded = 0
        order.doubtful = 0
        order.queued = 1
        queue.orders.append(order)
        market.idle = False
        market.prints_matter = True

    def _place(self, market: Market, queue: LevelQueue, order: VenueOrder, own_ahead: int) -> None:
        """Give an order a place behind all that others show at its price now."""
        place = Place.__new__(Place)
        place.join(
            market.stamp_arrival(self._now_ns),
            market.shown_size(order.side, order.price),
            market.shown_as_of(self._now_ns),
            own_ahead,
            market.maximum_declared,
            market.minimum_declared,
        )
        if market.memories is not None:
            place.mark = market.memories.mark(order.side, order.price, place.size)
        order.place = place
        if not queue.waiting and not place.values and market.maximum_declared:
            queue.waiting = 1
            market.waiting.append(queue)

    def _arrive_cancel(self, request: VenueRequest) -> None:
        order = self._orders.get(request.order_id)
        tenure = _UNKNOWN_ORDER if order is None else order.tenure
        code = _refusal(tenure, _TO_CANCEL)
        if code or order is None:
            self._refuse(_CANCEL_REJECTED, request, _TENURE_REASONS[code])
            return
        if order.tenure == _FULL:
            _move(order, _TO_CANCEL)
            self._refuse(_CANCEL_REJECTED, request, _TOO_LATE)
            return
        self._leave(order)
        _move(order, _TO_CANCEL)
        self._report(_CANCELED, order, request.request_id, _NOT_CARRIED, 0)

    def _arrive_replace(self, request: VenueRequest) -> None:
        order = self._orders.get(request.order_id)
        if order is None:
            code = _refusal(Tenure.UNKNOWN, Command.REPLACE_TO_BACK)
            self._refuse(_REPLACE_REJECTED, request, _TENURE_REASONS[code])
            return
        market = self._markets[order.instrument]
        command = self._replace_command(market, order, request)
        if order.list_id and order.tenure == _FULL:
            # What its list made of the fill is not to be taken back.
            command = Command.REPLACE_AT_OR_BELOW_EXECUTED
        code = _refusal(order.tenure, command)
        if code:
            self._refuse(_REPLACE_REJECTED, request, _TENURE_REASONS[code])
            return
        if order.wait:
            self._replace_waiting(order, request)
            return
        rested = order.tenure == _RESTING
        wanted = Wanted(request.price, request.quantity - order.prevented)
        terms = _step(order, command, wanted)
        if rested:
            if terms.requeued or order.tenure != _RESTING:
                self._leave(order)
            else:
                self._withdraw(order, order.total - terms.total)
        order.price = terms.price
        order.total = terms.total
        self._report(_REPLACED, order, request.request_id, order.total + order.prevented, 0)
        if order.list_id and order.tenure == _FULL:
            self._leg_meets(order, Fate.FILLED)
        if terms.requeued:
            self._enter_again(market, order)
        elif order.reduce_only:
            self._cut_reducing(market)

    def _replace_waiting(self, order: VenueOrder, request: VenueRequest) -> None:
        """New terms of an order that waits; its trigger stays."""
        if order.order_type != _MARKET:
            order.price = request.price
        order.total = request.quantity
        self._report(_REPLACED, order, request.request_id, order.total, 0)

    def _enter_first(self, market: Market, order: VenueOrder) -> None:
        """An order that was held comes in."""
        self._enter_again(market, order)
        if order.reduce_only and order.tenure != _CLOSED:
            market.reducing.append(order)

    def _enter_again(self, market: Market, order: VenueOrder) -> None:
        """A requeued order arrives anew, a triggered one for the first time."""
        limit = -1 if order.order_type == _MARKET else order.price
        leaves = order.total - order.executed
        if order.reduce_only:
            room = market.room_to_reduce(order.account, order.side, order, self._sibling(order))
            if room == 0:
                _move(order, Command.POSITION_GONE)
                self._report(_EXPIRED, order, 0, _NOT_CARRIED, Reason.REDUCE_ONLY)
                return
            if leaves > room:
                leaves = room
                self._restate(order, Command.POSITION_SMALLER, order.executed + room)
        own = None
        if order.prevention:
            own = market.first_own(order.account, order.side, limit)
        found = self._situation(
            market,
            order.side,
            limit,
            leaves,
            False,
            True,
            False,
            False,
            False,
            own,
            order.prevention,
            _NEW_EVENTS.get(order.order_class, _ANY_NEW),
        )
        self._enter(market, order, _ADMIT[order.order_class][found])

    def _replace_command(self, market: Market, order: VenueOrder, request: VenueRequest) -> int:
        book = market.book
        opposite = book.ask_price if order.side > 0 else book.bid_price
        shown = (book.ask_size if order.side > 0 else book.bid_size) > 0
        allowed = not isinstance(_PHASES[market.phase][PhaseEvent.REPLACE], Refuse)
        trading = allowed and market.open_for_orders()
        maker = order.order_type == _LIMIT_MAKER
        takes = shown and marketable(order.side, request.price, opposite)
        meets = bool(
            order.prevention and market.first_own(order.account, order.side, request.price)
        )
        return replace_command(
            trading and order.order_class not in _NEW_EVENTS and not order.held,
            self._filters_passed(market, request, order.side, order.order_type),
            order.executed,
            order.total,
            order.price,
            request.quantity - order.prevented,
            request.price,
            market.instrument.increase_loses_priority,
            maker and (takes or meets),
            self._limit_reached(market, request, order),
            market.rules.amends_only_reduce == 1,
        )

    def _reach_date(self, order: VenueOrder) -> None:
        """A good-till date [T8]: what still rests expires, what was filled stays filled."""
        if _refusal(order.tenure, Command.DATE_REACHED):
            return
        resting = order.tenure == _RESTING
        if resting:
            self._leave(order)
        _move(order, Command.DATE_REACHED)
        if resting:
            self._report(_EXPIRED, order, 0, _NOT_CARRIED, Reason.GOOD_TILL_DATE)

    def _leave(self, order: VenueOrder) -> None:
        """Take a resting order out of its queue; own lots behind it move up."""
        market = self._markets[order.instrument]
        if not order.queued:
            if order.held:
                order.held = 0
                market.held.remove(order)
            elif order.wait:
                market.conditionals.drop(order)
            elif order in market.calls:
                market.calls.remove(order)
            market.note_idle()
            return
        own = market.bids if order.side > 0 else market.asks
        own.withdraw(order, order.total - order.executed, self._model == _PESSIMISTIC)
        market.note_idle()

    # --- outputs ---------------------------------------------------------------------------------

    def _report(
        self,
        kind: int,
        order: VenueOrder,
        request_id: int,
        total: int,
        reason: int,
        lots: int = 0,
    ) -> None:
        """An execution event about an order the venue knows, other than a fill.

        The end of a leg of an order list ends others.
        """
        resting = order.tenure == _RESTING
        self._emit(
            kind,
            (
                order.account,
                order.instrument,
                order.order_id,
                request_id,
                order.venue_order_id,
                0,
                0,
                0,
                order.side,
                order.price,
                lots,
                total,
                order.total - order.executed if resting else 0,
                0,
                0,
                0,
                0,
                int(reason),
                0,
            ),
        )
        if order.list_id and not resting and kind in _ENDS:
            self._leg_meets(order, Fate.ENDED)

    def _refuse(self, kind: int, request: VenueRequest, reason: int) -> None:
        """A refused request: nothing changed, and the answer says why."""
        order = self._orders.get(request.order_id)
        self._emit(
            kind,
            (
                request.account,
                request.instrument,
                request.order_id,
                request.request_id,
                order.venue_order_id if order is not None and kind != _REJECTED else 0,
                0,
                0,
                0,
                request.side,
                request.price,
                0,
                _NOT_CARRIED,
                _NOT_CARRIED,
                0,
                0,
                0,
                0,
                int(reason),
                0,
            ),
        )

    def _emit(self, kind: int, values: tuple[int, ...]) -> None:
        now_ns = self._now_ns
        arrival_ns = now_ns + self._response_latency_ns
        if self._connection is not None:
            arrival_ns = self._connection.response_arrival(now_ns)
        self._outputs.append((arrival_ns, now_ns, kind, values))
        self.pending_outputs += 1
