# Types for the compiled build, nothing else; see tape.py.


cdef class Envelope:
    cdef public long long capture_time_ns
    cdef public long long epoch
    cdef public long long event_time_ns
    cdef public long long kind
    cdef public long long sequence
    cdef public long long source
    cdef public object values

    cpdef void begin(
        self, long long kind, long long event_time_ns, long long capture_time_ns,
        long long source, long long sequence, long long epoch, values,
    )

cdef class Tape:
    cdef public object batch
    cdef public const long long[:] capture_time_ns
    cdef public const long long[:] epoch
    cdef public const long long[:] event_time_ns
    cdef public const long long[:] kind
    cdef public long long length
    cdef public const long long[:] offset
    cdef public const long long[:] payload
    cdef public const long long[:] sequence
    cdef public const long long[:] source

    cpdef Envelope envelope(self, long long index)
    cpdef long long first_value(self, long long index)
