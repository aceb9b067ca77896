# Types for the compiled build, nothing else; see auctions.py.
import cython

from tickproof.venue.market cimport Market
from tickproof.venue.orders cimport LevelQueue, OwnSide, VenueOrder
from tickproof.venue.resting cimport RestingVenue
from tickproof.venue.verdicts cimport move

cdef long long _EXPIRED
cdef long long _MARKET
cdef long long _OPTIMISTIC


cdef class AuctionVenue(RestingVenue):
    cpdef void _on_auction(self, Market market, long long price, long long lots, long long stamp_ns)
    @cython.locals(queue=LevelQueue, order=VenueOrder)
    cpdef void _fill_resting(self, OwnSide own, long long price, long long left, long long stamp_ns)
    cpdef list _turn(self, Market market, long long event, long long price=*, long long lots=*)
    cpdef long long _fill_auction(self, Market market, long long kind, long long side, long long price, long long lots)
    cpdef long long _share(self, VenueOrder order, long long price, long long lots, long long model)
