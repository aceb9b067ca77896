# Types for the compiled build, nothing else; see rate_bucket.py.

cdef long long _CANCEL


cdef class RateBucket:
    cdef public object capacity
    cdef public object refill
    cdef public object interval_ns
    cdef public list costs
    cdef public list needs
    cdef public object tokens
    cdef public object refilled_at_ns

    cpdef tokens_at(self, now_ns)
    cpdef bint fits(self, long long kind, now_ns)
    cpdef void take(self, long long kind, now_ns)
    cpdef next_time_for(self, long long kind)
