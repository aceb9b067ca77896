# Types for the compiled build, nothing else; see taking.py.
from tickproof.venue.auctions cimport AuctionVenue
from tickproof.venue.market cimport Market
from tickproof.venue.orders cimport VenueOrder
from tickproof.venue.requests cimport VenueRequest
from tickproof.venue.verdicts cimport move

cdef long long _PREVENTED
cdef long long _EXPIRED
cdef long long _TAKER
cdef long long _BY_SWEEP
cdef long long _RESTING
cdef long long _NOT_CARRIED


cdef class TakingVenue(AuctionVenue):
    cpdef void _take(self, Market market, VenueOrder order, long long limit)
    cpdef void _take_past_own(self, Market market, VenueOrder order, long long limit)
    cpdef void _meet_own(self, VenueOrder order, VenueOrder own)
    cpdef bint _money_passes(self, Market market, VenueRequest request)
    cpdef void _bring_money(self, Market market, VenueOrder order, money)
    cpdef long long _wanted(self, Market market, VenueOrder order, long long limit)
