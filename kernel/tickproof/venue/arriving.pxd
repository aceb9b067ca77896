# Types for the compiled build, nothing else; see arriving.py.
import cython

from tickproof.venue.legs cimport ListVenue
from tickproof.venue.market cimport Market
from tickproof.venue.orders cimport VenueOrder
from tickproof.venue.requests cimport VenueRequest
from tickproof.venue.verdicts cimport admitted, asks, class_of, is_dated, move, refusal, revised

cdef long long _ACCEPTED
cdef long long _CANCELED
cdef long long _EXPIRED
cdef long long _REJECTED
cdef long long _REPLACED
cdef long long _CANCEL_REJECTED
cdef long long _REPLACE_REJECTED
cdef long long _MARKET
cdef long long _LIMIT_MAKER
cdef long long _NEW
cdef long long _REPLACE
cdef long long _CANCEL
cdef long long _RELEASED
cdef long long _TOO_LATE
cdef long long _UNKNOWN_ORDER
cdef long long _RESTING
cdef long long _FULL
cdef long long _CLOSED
cdef long long _TO_CANCEL
cdef long long _NOT_CARRIED


cdef class ArrivingVenue(ListVenue):
    @cython.locals(kind=cython.longlong)
    cpdef void _arrive(self, VenueRequest request)
    @cython.locals(
        market=Market, order=VenueOrder, limited=cython.longlong, dated=cython.bint,
        kind=cython.longlong, found=cython.longlong, verdict=tuple, mode=cython.longlong,
        quantity=cython.longlong, room=cython.longlong,
    )
    cpdef void _arrive_new(self, VenueRequest request)
    @cython.locals(order=VenueOrder, tenure=cython.longlong, code=cython.longlong)
    cpdef void _arrive_cancel(self, VenueRequest request)
    cpdef void _arrive_replace(self, VenueRequest request)
    cpdef long long _replace_command(self, Market market, VenueOrder order, VenueRequest request)
    cpdef void _reach_date(self, VenueOrder order)
