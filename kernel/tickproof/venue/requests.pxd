# Types for the compiled build, nothing else; see requests.py.

from tickproof.kernel.intent_queue cimport QueuedCommand

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

    cpdef void read(self, tuple record)
    cpdef void carry(self, QueuedCommand command)
    cpdef void _instruct(self, tuple values)
