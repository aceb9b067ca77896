# Types for the compiled build, nothing else; see entering.py.
import cython

from tickproof.kernel.book cimport Book
from tickproof.venue.market cimport Market
from tickproof.venue.orders cimport VenueOrder
from tickproof.venue.requests cimport VenueRequest
from tickproof.venue.taking cimport TakingVenue
from tickproof.venue.verdicts cimport admitted, asks, move, seen_situation, takes_new

cdef long long _CANCELED
cdef long long _EXPIRED
cdef long long _MARKET
cdef long long _CLOSED
cdef long long _TO_END
cdef long long _EXPIRE_MAKER
cdef long long _NOT_CARRIED
cdef long long _STRIDE
cdef long long _ANY_NEW


cdef class EnteringVenue(TakingVenue):
    @cython.locals(order=VenueOrder)
    cpdef VenueOrder _made(self, Market market, VenueRequest request, long long order_type, long long kind)
    @cython.locals(
        takes=cython.longlong, uses=cython.longlong, rests=cython.longlong,
        reason=cython.longlong, waits=cython.longlong, limit=cython.longlong, leaves=cython.longlong, left=cython.bint,
    )
    cpdef void _enter(self, Market market, VenueOrder order, tuple verdict)
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
