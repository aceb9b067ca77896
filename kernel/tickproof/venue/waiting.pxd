# Types for the compiled build, nothing else; see waiting.py.
from tickproof.venue.entering cimport EnteringVenue
from tickproof.venue.market cimport Market
from tickproof.venue.requests cimport VenueRequest
from tickproof.venue.verdicts cimport admitted, is_dated, move, seen_situation

cdef long long _REJECTED
cdef long long _HELD
cdef long long _TRIGGERED
cdef long long _RESTING
cdef long long _TO_END
cdef long long _NOT_CARRIED


cdef class WaitingVenue(EnteringVenue):
    cpdef void _arrive_conditional(self, VenueRequest request)
    cpdef long long _price_seen(self, Market market, long long what)
    cpdef void _watch_print(self, Market market, long long price)
    cpdef void _watch_touch(self, Market market)
    cpdef void _trigger(self, Market market, list reached)
