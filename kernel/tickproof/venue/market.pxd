# Types for the compiled build, nothing else; see market.py.
import cython

from tickproof.kernel.book cimport Book
from tickproof.kernel.tape cimport Tape, loose
from tickproof.venue.conditional cimport Conditionals
from tickproof.venue.orders cimport OwnSide

cdef long long _NO_LIMIT
cdef long long _UNKNOWN
cdef long long _MARKET


cdef class Market:
    cdef public object instrument
    cdef public Book book
    cdef public object filters
    cdef public long long tick
    cdef public long long lot_step
    cdef public long long minimum_quantity
    cdef public long long maximum_quantity
    cdef public object minimum_notional
    cdef public long long least_value
    cdef public object money_per_price_lot
    cdef public object rules
    cdef public long long last_price
    cdef public dict positions
    cdef public list reducing
    cdef public bint gap
    cdef public bint has_depth
    cdef public bint trading
    cdef public long long phase
    cdef public list calls
    cdef public list held
    cdef public bint idle
    cdef public bint prints_matter
    cdef public long long per_event
    cdef public long long maximum_declared
    cdef public long long minimum_declared
    cdef public long long latest_ns
    cdef public long long latest_capture_ns
    cdef public long long arrival_ns
    cdef public long long[::1] bar_levels
    cdef public Tape bar_tape
    cdef public long long book_ns
    cdef public long long bids_shown_from
    cdef public long long asks_shown_to
    cdef public OwnSide bids
    cdef public OwnSide asks
    cdef public dict bids_taken
    cdef public dict asks_taken
    cdef public list waiting
    cdef public object memories
    cdef public object by_order
    cdef public Conditionals conditionals
    cdef public long long message
    cdef public long long order_count
    cdef public long long trade_count

    cpdef void set_filters(self, filters)
    cpdef bint passes(self, long long order_type, long long price, long long quantity)
    cpdef bint open_for_orders(self)
    @cython.locals(told_ns=cython.longlong)
    cpdef long long stamp_arrival(self, long long now_ns)
    cpdef bint shown_as_of(self, long long now_ns)
    @cython.locals(book=Book, size=cython.longlong)
    cpdef long long shown_size(self, long long side, long long price)
    cpdef void note_window(self)
    @cython.locals(taken=dict)
    cpdef long long unused(self, long long side, long long price)
    cpdef void take(self, long long side, long long price, long long lots)
    @cython.locals(
        book=Book, price=cython.longlong, size=cython.longlong, shown=cython.longlong,
        unused=cython.longlong,
    )
    cpdef tuple count_within(self, long long side, long long limit, long long lots)
    @cython.locals(
        book=Book, price=cython.longlong, size=cython.longlong, part=cython.longlong, found=list
    )
    cpdef list take_within(self, long long side, long long limit, long long lots)
    @cython.locals(taken=dict, lots=cython.longlong, left=cython.longlong)
    cpdef void settle_taken(self, long long side, long long price, bint forget)
    @cython.locals(idle=cython.bint)
    cpdef void note_idle(self)
