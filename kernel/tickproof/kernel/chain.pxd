# Types for the compiled build, nothing else; see chain.py.
import cython

from tickproof.kernel.tape cimport Envelope, Tape

cdef long long _LENGTH


cdef class KernelChain:
    cdef public long long[:] kind
    cdef public long long[:] event_time_ns
    cdef public long long[:] capture_time_ns
    cdef public long long[:] source
    cdef public long long[:] sequence
    cdef public long long[:] epoch
    cdef public long long[:] length
    cdef public long long count
    cdef public long long first
    cdef public bytes head
    cdef public long long last
    cdef public object loaded
    cdef public object payload
    cdef public Tape tape
    cdef public list words

    cpdef void _open(self)
    cpdef list columns(self)
    @cython.locals(words=list)
    cpdef void note(self, tuple record)
    @cython.locals(index=cython.longlong)
    cpdef void append(self, Envelope event)
    cpdef void follow(self, Tape tape, long long start, long long stop)
    @cython.locals(
        tape=Tape, start=cython.longlong, stop=cython.longlong, last=cython.longlong,
        first=cython.longlong, index=cython.longlong, offset="const long long[:]",
    )
    cpdef void settle(self)
    cpdef long long room(self)
    cpdef void _close(self)
    cpdef bytes value(self)
    cpdef recorded(self)


cpdef _with_wide_numbers(list words)
