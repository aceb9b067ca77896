# Types for the compiled build, nothing else; see requests.py.
import cython

from tickproof.kernel.intent_queue cimport QueuedCommand

cdef long long _NEVER
cdef long long _KEPT
cdef long long _PLAIN_LENGTH


cdef class VenueRequest:
    cdef public long long request_id
    cdef public long long kind
    cdef public long long strategy
    cdef public long long account
    cdef public long long order_id
    cdef public long long instrument
    cdef public long long side
    cdef public long long order_type
    cdef public long long time_in_force
    cdef public long long price
    cdef public long long quantity
    cdef public long long good_till_ns
    cdef public long long reduce_only
    cdef public object instructions
    cdef public long long list_id
    cdef public long long prevention
    cdef public object quote_quantity
    cdef public long long display
    cdef public long long due_ns

    cpdef void read(self, tuple record)
    cpdef void carry(self, QueuedCommand command)
    cpdef void _instruct(self, tuple values)


cdef class UnderWay:
    cdef public list requests
    cdef public long long arrived

    @cython.locals(requests=list, last=VenueRequest)
    cpdef void add(self, VenueRequest request)
    @cython.locals(soonest=VenueRequest)
    cpdef long long next_ns(self)
    @cython.locals(requests=list, request=VenueRequest)
    cpdef VenueRequest take(self)


@cython.locals(made=VenueRequest)
cpdef VenueRequest release_of(long long order_id, long long due_ns)
