# Types for the compiled build, nothing else; see venue.py.
import cython

from tickproof.kernel.book cimport Book
from tickproof.kernel.market cimport KernelMarket
from tickproof.kernel.tape cimport Tape
from tickproof.venue.market cimport Market
from tickproof.venue.orders cimport LevelQueue, OwnSide, VenueOrder
from tickproof.venue.price_queue cimport Place


cdef long long _BOOK_SNAPSHOT
cdef long long _BOOK_DELTA
cdef long long _TRADE
cdef long long _BAR
cdef long long _INSTRUMENT_DEFINITION
cdef long long _INSTRUMENT_STATUS
cdef long long _FEED_GAP
cdef long long _FEED_RESUMED
cdef long long _ACCEPTED
cdef long long _FILLED
cdef long long _PREVENTED
cdef long long _CANCELED
cdef long long _EXPIRED
cdef long long _REJECTED
cdef long long _HELD
cdef long long _TRIGGERED
cdef long long _REPLACED
cdef long long _RESTATED
cdef long long _CANCEL_REJECTED
cdef long long _REPLACE_REJECTED
cdef long long _OPTIMISTIC
cdef long long _PESSIMISTIC
cdef long long _FITTED
cdef long long _MARKET
cdef long long _LIMIT_MAKER
cdef long long _CONTINUOUS
cdef long long _GTD
cdef long long _NEW
cdef long long _REPLACE
cdef long long _CANCEL
cdef long long _MAKER
cdef long long _TAKER
cdef long long _BY_PRINT
cdef long long _BY_BOOK
cdef long long _BY_SWEEP
cdef long long _TOO_LATE
cdef long long _UNKNOWN_ORDER
cdef long long _RESTING
cdef long long _FULL
cdef long long _CLOSED
cdef long long _TO_CANCEL
cdef long long _TO_FILL
cdef long long _TO_END
cdef long long _EXPIRE_MAKER
cdef long long _DUPLICATE_ID
cdef long long _NOT_TRADING
cdef long long _FILTER_FAILED
cdef long long _DATE_PASSED
cdef long long _LIMIT_REACHED
cdef long long _NOTHING_TO_REDUCE
cdef long long _NOTHING_OPPOSITE
cdef long long _NOT_MARKETABLE
cdef long long _SHORT
cdef long long _USED
cdef long long _ENOUGH
cdef long long _NOT_CARRIED
cdef long long _NEVER
cdef long long _STRIDE
cdef long long _TYPES
cdef long long _TIMES


cpdef long long seen_situation(
    bint known_id, bint trading, bint filters_passed, bint date_passed, bint limit_reached,
    bint nothing_to_reduce, bint opposite_shown, bint reaches, long long shown, long long unused,
    long long quantity,
)
@cython.locals(code=cython.longlong)
cpdef long long _refusal(long long tenure, long long command)
@cython.locals(code=cython.longlong, target=cython.longlong)
cpdef void _move(VenueOrder order, long long command)
cpdef _step(VenueOrder order, long long command, wanted)


cdef class VenueRequest:
    cdef public long long request_id
    cdef public long long kind
    cdef public long long strategy
    cdef public long long account
    cdef public long long order_id
    cdef public long long instrument
    cdef public long long side
    cdef public long long order_type
    cdef public long long time_in_force
    cdef public long long price
    cdef public long long quantity
    cdef public long long good_till_ns
    cdef public long long reduce_only
    cdef public object instructions

    cpdef void read(self, tuple record)


cpdef bint _is_dated(Market market, VenueRequest request)


@cython.locals(order_type=cython.longlong, time=cython.longlong)
cpdef long long _class_of(VenueRequest request)


cdef class SimulatedVenue:
    cdef public long long pending_outputs
    cdef public long long _model
    cdef public long long _request_latency_ns
    cdef public long long _response_latency_ns
    cdef public list _markets
    cdef public dict _orders
    cdef public list _requests
    cdef public list _dates
    cdef public dict _lists
    cdef public long long _sequence
    cdef public long long _now_ns
    cdef public long long _due_ns
    cdef public list _outputs
    cdef public object _fees
    cdef public object _connection
    cdef public object funding

    @cython.locals(index=cython.longlong, market=Market)
    cpdef bint is_quiet(self)
    @cython.locals(market=Market)
    cpdef bint needs_books_alone(self)
    @cython.locals(
        kinds="const long long[:]", events_ns="const long long[:]", stamps="const long long[:]",
        offset="const long long[:]", payload="const long long[:]", index=cython.longlong,
        stamp=cython.longlong, event_ns=cython.longlong, first=cython.longlong, market=Market,
    )
    cpdef long long note_stamps(self, Tape tape, long long start, long long stop, long long now_ns)
    @cython.locals(market=Market, source=KernelMarket)
    cpdef void adopt_books(self, list markets)
    cpdef void on_market(self, long long kind, long long event_time_ns, long long capture_time_ns, payload, long long start, long long stop)
    @cython.locals(market=Market)
    cpdef void see(
        self, long long kind, long long event_time_ns, long long capture_time_ns,
        const long long[:] payload, long long start, long long stop,
    )
    @cython.locals(
        message=cython.longlong, bids=OwnSide, asks=OwnSide, index=cython.longlong,
        price=cython.longlong, size=cython.longlong, own=OwnSide, queue=LevelQueue,
        order=VenueOrder, book=Book,
    )
    cpdef void _after_levels(self, Market market, long long stamp_ns, const long long[:] payload, long long first, long long stop)
    cpdef void _remember(self, Market market, long long stamp_ns, const long long[:] payload, long long first, long long stop)
    cpdef long long _unseen(self, Market market, LevelQueue queue)
    cpdef void _tell_guessing(self, Market market, LevelQueue queue, long long size, long long stamp_ns)
    cpdef void _remember_all(self, Market market, memories, long long stamp_ns)
    cpdef void _settle_taken(self, Market market, const long long[:] payload, long long first, long long stop)
    @cython.locals(queue=LevelQueue, order=VenueOrder, place=Place, still=list)
    cpdef void _settle_waiting(self, Market market, long long stamp_ns)
    cpdef void _on_snapshot(self, Market market, long long stamp_ns, payload, long long first, long long stop)
    cpdef void _on_bar(self, Market market, long long stamp_ns, payload, long long start)
    cpdef void _on_rare(self, Market market, long long kind, long long stamp_ns, payload, long long start)
    @cython.locals(price=cython.longlong, lots=cython.longlong, side=cython.longlong)
    cpdef void _on_trade(self, Market market, const long long[:] payload, long long start, long long stamp_ns)
    cpdef void _on_funding(self, long long kind, payload, long long start)
    cpdef void _on_print(self, Market market, long long price, long long lots, long long side, long long stamp_ns)
    @cython.locals(
        model=cython.longlong, known=cython.bint, wanted=cython.longlong, better=cython.longlong,
        gone=cython.longlong, queue=LevelQueue, leaves=cython.longlong, fills=list,
        nobody_displaced=cython.bint,
    )
    cpdef long long _print_side(self, Market market, OwnSide own, long long price, long long lots, long long taken, long long stamp_ns, long long resting_side)
    @cython.locals(wanted=cython.longlong, share=cython.longlong, lots=cython.longlong, order=VenueOrder)
    cpdef long long _fill_queue(self, OwnSide own, LevelQueue queue, list fills)
    cpdef void _cross_side(self, Market market, OwnSide own, long long opposite, long long stamp_ns)
    cpdef void _fill_crossed(self, OwnSide own, LevelQueue queue, list fills)
    @cython.locals(market=Market, trade_id=cython.longlong)
    cpdef void _fill(self, VenueOrder order, long long price, long long lots, long long liquidity, long long cause)
    @cython.locals(due_ns=cython.longlong)
    cpdef void submit(self, request, long long sent_ns)
    cpdef long long next_time_ns(self)
    @cython.locals(due_ns=cython.longlong)
    cpdef void advance(self, long long now_ns)
    cpdef list drain(self)
    @cython.locals(dates=list, order=VenueOrder)
    cpdef void _note_due(self)
    cpdef void _arrive(self, VenueRequest request)
    @cython.locals(
        market=Market, order=VenueOrder, limited=cython.longlong, dated=cython.bint,
        kind=cython.longlong, found=cython.longlong, verdict=tuple, mode=cython.longlong,
        quantity=cython.longlong, room=cython.longlong,
    )
    cpdef void _arrive_new(self, VenueRequest request)
    @cython.locals(order=VenueOrder)
    cpdef VenueOrder _made(self, Market market, VenueRequest request, long long order_type, long long kind)
    @cython.locals(
        book=Book, price=cython.longlong, shown_opposite=cython.bint, reaches=cython.bint,
        shown=cython.longlong, unused=cython.longlong, counted=cython.longlong,
    )
    cpdef long long _situation(
        self, Market market, long long side, long long limit, long long lots, bint known_id,
        bint filters, bint date_passed, bint limit_reached, bint nothing_to_reduce,
        VenueOrder own, long long mode, long long event,
    )
    cpdef bint _filters_passed(self, Market market, VenueRequest request, long long side, long long order_type)
    cpdef bint _limit_reached(self, Market market, VenueRequest request, VenueOrder order)
    @cython.locals(
        takes=cython.bint, uses=cython.bint, rests=cython.bint, reason=cython.longlong,
        waits=cython.bint, limit=cython.longlong, leaves=cython.longlong, left=cython.bint,
    )
    cpdef void _enter(self, Market market, VenueOrder order, tuple verdict)
    @cython.locals(place=Place)
    cpdef void _place(self, Market market, LevelQueue queue, VenueOrder order, long long own_ahead)
    cpdef long long _may_fill(self, VenueOrder order, long long lots)
    @cython.locals(own=OwnSide, queue=LevelQueue)
    cpdef void _rest(self, Market market, VenueOrder order)
    @cython.locals(order=VenueOrder, tenure=cython.longlong, code=cython.longlong)
    cpdef void _arrive_cancel(self, VenueRequest request)
    cpdef void _arrive_replace(self, VenueRequest request)
    cpdef long long _replace_command(self, Market market, VenueOrder order, VenueRequest request)
    cpdef void _reach_date(self, VenueOrder order)
    @cython.locals(market=Market, own=OwnSide)
    cpdef void _leave(self, VenueOrder order)
    @cython.locals(resting=cython.bint)
    cpdef void _report(self, long long kind, VenueOrder order, long long request_id, long long total, long long reason, long long lots=*)
    @cython.locals(order=VenueOrder)
    cpdef void _refuse(self, long long kind, VenueRequest request, long long reason)
    @cython.locals(now_ns=cython.longlong, arrival_ns=cython.longlong)
    cpdef void _emit(self, long long kind, tuple values)
