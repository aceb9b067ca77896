# Types for the compiled build, nothing else; see tape.py.
import cython

cdef long long _FIRST_EXECUTION
cdef long long _STATUS_REPORT
cdef long long _NOT_CARRIED
cdef long long _EVIDENCE_LENGTH


cdef class Stamped:
    cdef public long long capture_time_ns
    cdef public long long epoch
    cdef public long long event_time_ns
    cdef public long long kind
    cdef public long long sequence
    cdef public long long source

    cpdef void stamp(
        self, long long kind, long long event_time_ns, long long capture_time_ns,
        long long source, long long sequence, long long epoch,
    )
    cpdef long long answered(self)
    cpdef long long length(self)
    cpdef void lay(self, long long[::1] payload, long long at)


cdef class Envelope(Stamped):
    cdef public object values


cdef class Evidence(Stamped):
    cdef public long long account
    cdef public long long instrument
    cdef public long long order_id
    cdef public long long request_id
    cdef public long long venue_order_id
    cdef public long long leg
    cdef public long long trade_id
    cdef public long long reference
    cdef public long long side
    cdef public long long price
    cdef public long long quantity
    cdef public long long total
    cdef public long long leaves
    cdef public long long fee
    cdef public long long fee_asset
    cdef public long long liquidity
    cdef public long long cause
    cdef public long long reason
    cdef public long long flags

    cpdef void read(self, values)


@cython.locals(made=Evidence)
cpdef Evidence evidence_about(long long kind, long long account, long long instrument, long long order_id)
@cython.locals(made=Evidence)
cpdef Stamped envelope_of(
    long long kind, long long event_time_ns, long long capture_time_ns, long long source,
    long long sequence, long long epoch, values,
)


cdef class Tape:
    cdef public object batch
    cdef public const long long[::1] capture_time_ns
    cdef public const long long[::1] epoch
    cdef public const long long[::1] event_time_ns
    cdef public const long long[::1] kind
    cdef public long long length
    cdef public const long long[::1] offset
    cdef public const long long[::1] payload
    cdef public const long long[::1] sequence
    cdef public const long long[::1] source

    cpdef Stamped envelope(self, long long index)
    cpdef long long first_value(self, long long index)


cpdef Tape loose(payload)
