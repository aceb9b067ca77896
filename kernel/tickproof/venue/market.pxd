# Types for the compiled build, nothing else; see market.py.
from tickproof.kernel.book cimport Book
from tickproof.venue.orders cimport OwnSide


cdef class Market:
    cdef public object instrument
    cdef public Book book
    cdef public object filters
    cdef public object rules
    cdef public long long last_price
    cdef public dict positions
    cdef public list reducing
    cdef public bint gap
    cdef public bint has_depth
    cdef public bint trading
    cdef public long long phase
    cdef public list calls
    cdef public bint idle
    cdef public bint prints_matter
    cdef public object per_event
    cdef public object maximum_declared
    cdef public object minimum_declared
    cdef public long long latest_ns
    cdef public long long latest_capture_ns
    cdef public long long arrival_ns
    cdef public tuple bar_touch
    cdef public long long book_ns
    cdef public long long bids_shown_from
    cdef public long long asks_shown_to
    cdef public OwnSide bids
    cdef public OwnSide asks
    cdef public dict bids_taken
    cdef public dict asks_taken
    cdef public list waiting
    cdef public object memories
    cdef public object conditionals
    cdef public long long message
    cdef public long long order_count
    cdef public long long trade_count

    cpdef bint open_for_orders(self)
    cpdef long long stamp_arrival(self, long long now_ns)
    cpdef bint shown_as_of(self, long long now_ns)
    cpdef long long shown_size(self, long long side, long long price)
    cpdef void note_window(self)
    cpdef long long unused(self, long long side, long long price)
    cpdef void take(self, long long side, long long price, long long lots)
    cpdef tuple count_within(self, long long side, long long limit, long long lots)
    cpdef list take_within(self, long long side, long long limit, long long lots)
    cpdef void settle_taken(self, long long side, long long price, bint forget)
    cpdef void note_idle(self)
