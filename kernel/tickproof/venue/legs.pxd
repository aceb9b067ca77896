# Types for the compiled build, nothing else; see legs.py.
from tickproof.venue.market cimport Market
from tickproof.venue.orders cimport VenueOrder
from tickproof.venue.requests cimport VenueRequest
from tickproof.venue.verdicts cimport admitted, asks, is_dated, move
from tickproof.venue.waiting cimport WaitingVenue

cdef long long _REJECTED
cdef long long _HELD
cdef long long _TRIGGERED
cdef long long _RESTING
cdef long long _TO_END
cdef long long _NOT_CARRIED


cdef class ListVenue(WaitingVenue):
    cpdef void _arrive_leg(self, VenueRequest request)
    cpdef void _release(self, VenueOrder first)
    cpdef long long _leg_refused(self, VenueOrder order)
    cpdef void _begin_to_wait(self, Market market, VenueOrder order)
