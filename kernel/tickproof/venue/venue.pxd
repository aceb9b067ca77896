# Types for the compiled build, nothing else; see venue.py.
import cython

from tickproof.kernel.market cimport KernelMarket
from tickproof.kernel.tape cimport Tape, loose
from tickproof.venue.by_order cimport ByOrderVenue
from tickproof.venue.market cimport Market
from tickproof.venue.requests cimport VenueRequest

cdef long long _BOOK_SNAPSHOT
cdef long long _BOOK_DELTA
cdef long long _LAST_OF_ORDERS
cdef long long _TRADE
cdef long long _BAR
cdef long long _INSTRUMENT_DEFINITION
cdef long long _INSTRUMENT_STATUS
cdef long long _FEED_GAP
cdef long long _FEED_RESUMED
cdef long long _CONTINUOUS
cdef long long _CLOSED
cdef long long _NEVER


cdef class SimulatedVenue(ByOrderVenue):

    @cython.locals(index=cython.longlong, market=Market)
    cpdef bint is_quiet(self)
    @cython.locals(market=Market)
    cpdef bint needs_books_alone(self)
    @cython.locals(
        kinds="const long long[::1]", events_ns="const long long[::1]", stamps="const long long[::1]",
        offset="const long long[::1]", payload="const long long[::1]", index=cython.longlong,
        stamp=cython.longlong, event_ns=cython.longlong, first=cython.longlong, market=Market,
    )
    cpdef long long note_stamps(self, Tape tape, long long start, long long stop, long long now_ns)
    @cython.locals(
        newest_ns=cython.longlong, index=cython.longlong, first=cython.longlong,
        count=cython.longlong,
    )
    cpdef bint is_told_since(self, Tape tape, long long start, long long middle, long long stop)
    @cython.locals(market=Market, source=KernelMarket)
    cpdef void adopt_books(self, list markets)
    cpdef void on_market(self, long long kind, long long event_time_ns, long long capture_time_ns, payload, long long start, long long stop)
    @cython.locals(
        due_ns=cython.longlong, index=cython.longlong, kind=cython.longlong, first=cython.longlong,
        event_ns=cython.longlong, changed=cython.longlong, market=KernelMarket,
    )
    cpdef long long follow(
        self, Tape tape, long long start, long long stop, long long now_ns, long long limit_ns,
        list watched,
    )
    @cython.locals(market=Market, told=cython.bint, changed=cython.longlong)
    cpdef long long see(
        self, long long kind, long long event_time_ns, long long capture_time_ns,
        Tape tape, long long start, long long stop,
    )
    cpdef void _on_rare(self, Market market, long long kind, long long stamp_ns, const long long[::1] payload, long long start)
    cpdef void _on_funding(self, long long kind, payload, long long start)
    @cython.locals(sent=VenueRequest, due_ns=cython.longlong)
    cpdef void submit(self, request, long long sent_ns)
    cpdef long long next_time_ns(self)
    @cython.locals(due_ns=cython.longlong)
    cpdef void advance(self, long long now_ns)
    cpdef list drain(self)
    @cython.locals(dates=list, due_ns=cython.longlong)
    cpdef void _note_due(self)


@cython.locals(column="const long long[::1]", found=cython.longlong, number=cython.longlong)
cpdef long long greatest(numbers)
@cython.locals(column="const long long[::1]", number=cython.longlong)
cpdef bint occurs(numbers, long long wanted)
