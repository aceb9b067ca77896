# Types for the compiled build, nothing else; see verdicts.py.
import cython

from tickproof.venue.market cimport Market
from tickproof.venue.orders cimport VenueOrder
from tickproof.venue.requests cimport VenueRequest

cdef long long _GTD
cdef long long _DUPLICATE_ID
cdef long long _NOT_TRADING
cdef long long _FILTER_FAILED
cdef long long _DATE_PASSED
cdef long long _LIMIT_REACHED
cdef long long _NOTHING_TO_REDUCE
cdef long long _NOTHING_OPPOSITE
cdef long long _NOT_MARKETABLE
cdef long long _SHORT
cdef long long _USED
cdef long long _ENOUGH
cdef long long _TYPES
cdef long long _TIMES
cdef list _ADMIT
cdef list _CLASSES
cdef list _TAKES_NEW
cdef list _ASKS


@cython.locals(row=list)
cpdef tuple admitted(long long kind, long long found)
@cython.locals(order_type=cython.longlong, time=cython.longlong, row=list)
cpdef long long class_of(VenueRequest request)
cpdef bint is_dated(Market market, VenueRequest request)
cpdef long long seen_situation(
    bint known_id, bint trading, bint filters_passed, bint date_passed, bint limit_reached,
    bint nothing_to_reduce, bint opposite_shown, bint reaches, long long shown, long long unused,
    long long quantity,
)
cpdef long long asks(long long kind)
@cython.locals(row=list)
cpdef bint takes_new(long long phase, long long event)
@cython.locals(code=cython.longlong, row=list)
cpdef long long refusal(long long tenure, long long command)
@cython.locals(code=cython.longlong, target=cython.longlong, row=list)
cpdef void move(VenueOrder order, long long command)
cpdef revised(VenueOrder order, long long command, wanted)
