# Types for the compiled build, nothing else; see conditional.py.
import cython

from tickproof.venue.orders cimport VenueOrder

cdef long long _OVER
cdef long long _WAITING
cdef long long _DORMANT
cdef long long _TRAILING


cdef class Conditionals:
    cdef public long long count
    cdef public long long arrivals
    cdef public list rising
    cdef public list falling
    cdef public list trailing

    cpdef void add(self, VenueOrder order, long long order_type)
    cpdef void drop(self, VenueOrder order)
    @cython.locals(order=VenueOrder)
    cpdef tuple held_by(self, long long account, VenueOrder but)
    @cython.locals(heap=list)
    cpdef void seen(self, long long what, long long price, list reached)
    cpdef void _reach(self, VenueOrder order, long long price, list reached)
    cpdef void _trail(self, VenueOrder order, long long reference)
    @cython.locals(order=VenueOrder, reference=cython.longlong, still=list)
    cpdef void _follow(self, long long what, long long price, list reached)
