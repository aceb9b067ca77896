# Types for the compiled build, nothing else; see by_order.py.
import cython

from tickproof.venue.levels cimport LevelVenue
from tickproof.venue.market cimport Market
from tickproof.venue.orders cimport LevelQueue, OwnSide


cdef class ByOrderVenue(LevelVenue):
    cpdef void _on_order(self, Market market, long long kind, long long stamp_ns, payload, long long start)
    @cython.locals(own=OwnSide, taken=cython.longlong, queue=LevelQueue, queue_there=LevelQueue)
    cpdef void _on_execution(self, Market market, queues, long long stamp_ns)
