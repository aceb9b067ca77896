# Types for the compiled build, nothing else; see auctions.py.
from tickproof.venue.market cimport Market
from tickproof.venue.resting cimport RestingVenue
from tickproof.venue.verdicts cimport move

cdef long long _EXPIRED
cdef long long _MARKET


cdef class AuctionVenue(RestingVenue):
    cpdef void _turn(self, Market market, long long event, long long price=*, long long lots=*)
    cpdef void _fill_auction(self, Market market, long long kind, long long side, long long price, long long lots)
