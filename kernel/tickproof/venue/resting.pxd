# Types for the compiled build, nothing else; see resting.py.
import cython

from tickproof.venue.market cimport Market
from tickproof.venue.orders cimport LevelQueue, OwnSide, VenueOrder
from tickproof.venue.price_queue cimport Place
from tickproof.venue.reports cimport ReportingVenue

cdef long long _OPTIMISTIC
cdef long long _PESSIMISTIC
cdef long long _MAKER
cdef long long _BY_PRINT
cdef long long _BY_BOOK


cdef class RestingVenue(ReportingVenue):
    @cython.locals(own=OwnSide, queue=LevelQueue)
    cpdef void _rest(self, Market market, VenueOrder order)
    @cython.locals(place=Place)
    cpdef void _place(self, Market market, LevelQueue queue, VenueOrder order, long long own_ahead)
    @cython.locals(
        model=cython.longlong, known=cython.bint, wanted=cython.longlong, better=cython.longlong,
        gone=cython.longlong, queue=LevelQueue, leaves=cython.longlong, used=cython.longlong,
        nobody_displaced=cython.bint,
    )
    cpdef long long _print_side(self, Market market, OwnSide own, long long price, long long lots, long long taken, long long stamp_ns, long long resting_side)
    @cython.locals(wanted=cython.longlong, lots=cython.longlong, order=VenueOrder)
    cpdef long long _fill_queue(self, OwnSide own, LevelQueue queue)
    @cython.locals(
        wanted=cython.longlong, price=cython.longlong, queue=LevelQueue, gone=cython.longlong,
        unused=cython.longlong, leaves=cython.longlong, used=cython.longlong,
    )
    cpdef void _cross_side(self, Market market, OwnSide own, long long opposite, long long stamp_ns)
    @cython.locals(lots=cython.longlong, order=VenueOrder)
    cpdef void _fill_crossed(self, OwnSide own, LevelQueue queue)
    cpdef void _melt(self, OwnSide own, LevelQueue queue, VenueOrder order, long long lots)
