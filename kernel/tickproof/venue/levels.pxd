# Types for the compiled build, nothing else; see levels.py.
import cython

from tickproof.kernel.book cimport Book
from tickproof.kernel.tape cimport Tape
from tickproof.venue.arriving cimport ArrivingVenue
from tickproof.venue.market cimport Market
from tickproof.venue.orders cimport LevelQueue, OwnSide, VenueOrder
from tickproof.venue.price_queue cimport Place

cdef long long _OPTIMISTIC
cdef long long _CONTINUOUS


cdef class LevelVenue(ArrivingVenue):
    @cython.locals(
        message=cython.longlong, bids=OwnSide, asks=OwnSide, index=cython.longlong,
        price=cython.longlong, size=cython.longlong, own=OwnSide, queue=LevelQueue,
        order=VenueOrder, book=Book,
    )
    cpdef bint _after_levels(self, Market market, long long stamp_ns, Tape tape, long long first, long long stop)
    cpdef void _remember(self, Market market, long long stamp_ns, Tape tape, long long first, long long stop)
    cpdef long long _unseen(self, Market market, LevelQueue queue)
    cpdef void _tell_guessing(self, Market market, LevelQueue queue, long long size, long long stamp_ns)
    cpdef void _settle_taken(self, Market market, Tape tape, long long first, long long stop)
    @cython.locals(queue=LevelQueue, order=VenueOrder, place=Place, still=list)
    cpdef void _settle_waiting(self, Market market, long long stamp_ns)
    cpdef void _on_snapshot(self, Market market, long long stamp_ns, payload, long long first, long long stop)
    cpdef void _remember_all(self, Market market, memories, long long stamp_ns)
    @cython.locals(
        bid=cython.longlong, volume=cython.longlong, ask=cython.longlong,
        old_bid=cython.longlong, old_ask=cython.longlong,
    )
    cpdef void _on_bar(self, Market market, long long stamp_ns, const long long[::1] payload, long long start)
    @cython.locals(price=cython.longlong, lots=cython.longlong, side=cython.longlong)
    cpdef bint _on_trade(self, Market market, Tape tape, long long start, long long stamp_ns)
    @cython.locals(used=cython.longlong, by_level=cython.bint)
    cpdef void _on_print(self, Market market, long long price, long long lots, long long side, long long stamp_ns)
