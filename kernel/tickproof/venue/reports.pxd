# Types for the compiled build, nothing else; see reports.py.
import cython

from tickproof.venue.fees cimport FeeDesk
from tickproof.kernel.tape cimport Evidence, Stamped, evidence_about
from tickproof.venue.market cimport Market
from tickproof.venue.orders cimport OwnSide, VenueOrder
from tickproof.venue.requests cimport UnderWay, VenueRequest, release_of
from tickproof.venue.verdicts cimport move, revised

cdef long long _FILLED
cdef long long _CANCELED
cdef long long _EXPIRED
cdef long long _REJECTED
cdef long long _RESTATED
cdef long long _PESSIMISTIC
cdef long long _FITTED
cdef long long _RESTING
cdef long long _CLOSED
cdef long long _TO_FILL
cdef long long _NOT_CARRIED
cdef long long _NEVER
cdef long long _STRIDE


cdef class ReportingVenue:
    cdef public long long pending_outputs
    cdef public long long _model
    cdef public long long _request_latency_ns
    cdef public long long _response_latency_ns
    cdef public list _markets
    cdef public dict _orders
    cdef public UnderWay _requests
    cdef public list _dates
    cdef public dict _lists
    cdef public long long _now_ns
    cdef public long long due_ns
    cdef public list _outputs
    cdef public FeeDesk _fees
    cdef public object _connection
    cdef public object funding

    @cython.locals(market=Market, trade_id=cython.longlong, said=Evidence)
    cpdef void _fill(self, VenueOrder order, long long price, long long lots, long long liquidity, long long cause)
    cpdef long long _may_fill(self, VenueOrder order, long long lots)
    @cython.locals(market=Market, own=OwnSide)
    cpdef void _leave(self, VenueOrder order)
    @cython.locals(resting=cython.bint, said=Evidence)
    cpdef void _report(self, long long kind, VenueOrder order, long long request_id, long long total, long long reason, long long lots=*)
    @cython.locals(order=VenueOrder, said=Evidence)
    cpdef void _refuse(self, long long kind, VenueRequest request, long long reason)
    @cython.locals(said=Evidence)
    cpdef Evidence _about(self, long long kind, VenueOrder order)
    @cython.locals(now_ns=cython.longlong)
    cpdef void _emit(self, Stamped said)
    cpdef list take_outputs(self)
