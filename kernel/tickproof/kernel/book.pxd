# Types for the compiled build, nothing else; see book.py.
import cython

from tickproof.kernel.tape cimport Tape, loose

cdef long long _NEAR
cdef long long _NO_BID
cdef long long _NO_ASK


cdef class Book:
    cdef public long long bid_price
    cdef public long long bid_size
    cdef public long long ask_price
    cdef public long long ask_size
    cdef public long long level_changes
    cdef public long long _tick
    cdef public long long _slots
    cdef public long long _span
    cdef public long long _base
    cdef public long long _centred_at
    cdef public long long[::1] _bid_sizes
    cdef public long long[::1] _ask_sizes
    cdef public bytearray _bid_used
    cdef public bytearray _ask_used
    cdef public object _far_bids
    cdef public object _far_asks
    cdef public long long _far_bid
    cdef public long long _far_ask

    cpdef void clear(self)
    cpdef void adopt(self, Book other)
    cpdef void apply_snapshot(self, levels, long long start, long long stop)
    cpdef long long apply_levels(self, levels, long long start, long long stop)
    @cython.locals(
        bid_price_before=cython.longlong, bid_size_before=cython.longlong,
        ask_price_before=cython.longlong, ask_size_before=cython.longlong,
        base=cython.longlong, span=cython.longlong, tick=cython.longlong, touched=cython.bint,
        index=cython.longlong, side=cython.longlong, price=cython.longlong, size=cython.longlong,
        offset=cython.longlong, slot=cython.longlong,
    )
    cpdef long long apply(self, Tape tape, long long start, long long stop)
    @cython.locals(offset=cython.longlong, slot=cython.longlong)
    cpdef long long size_at(self, long long side, long long price)
    @cython.locals(slots=cython.longlong, slot=cython.longlong, near=cython.longlong, far=cython.longlong)
    cpdef long long next_price(self, long long side, long long price)
    cpdef bint crossed(self)
    @cython.locals(slot=cython.longlong, end=cython.longlong)
    cpdef void _find_bid(self, long long below)
    @cython.locals(slot=cython.longlong, end=cython.longlong)
    cpdef void _find_ask(self, long long first)
    cpdef void _set_far(self, long long side, long long price, long long size)
    cpdef void _set_far_bid(self, long long price, long long size)
    cpdef void _set_far_ask(self, long long price, long long size)
    cpdef void _empty_window(self, long long base)
    @cython.locals(waited=cython.longlong, price_of_move=cython.longlong)
    cpdef void _consider_moving(self)
    @cython.locals(offset=cython.longlong)
    cpdef bint _fits(self, long long base, long long price)
