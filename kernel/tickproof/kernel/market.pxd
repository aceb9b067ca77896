# Types for the compiled build, nothing else; see market.py.
from tickproof.kernel.book cimport Book

cdef long long WAKE_EVERY
cdef long long WAKE_TOUCH
cdef long long WAKE_SIZE
cdef long long WAKE_TRADE
cdef long long TOUCH


cdef class KernelMarket:
    cdef public tuple bar
    cdef public Book book
    cdef public long long feed_whole
    cdef public long long funding_rate_e9
    cdef public long long lot_step
    cdef public long long mark_price
    cdef public long long maximum_quantity
    cdef public long long minimum_notional
    cdef public long long minimum_quantity
    cdef public long long status
    cdef public long long tick
    cdef public long long trade_price
    cdef public long long trade_side
    cdef public long long trade_size
    cdef public long long update_id
    cdef public long long wanted

    cpdef bint is_awaited(self, long long changed, bint printed)
    cpdef long long reference_price(self)
    cpdef to_spec(self)
    cpdef void restore(self, market)
