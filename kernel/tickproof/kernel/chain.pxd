# Types for the compiled build, nothing else; see chain.py.
import cython

from tickproof.kernel.tape cimport Stamped, Tape

cdef long long _LENGTH
cdef long long _WAKE
cdef long long _WAKE_LENGTH


cdef class KernelChain:
    cdef public long long begun
    cdef public long long capacity
    cdef public long long[::1] kind
    cdef public long long[::1] event_time_ns
    cdef public long long[::1] capture_time_ns
    cdef public long long[::1] source
    cdef public long long[::1] sequence
    cdef public long long[::1] epoch
    cdef public long long[::1] length
    cdef public long long count
    cdef public long long ended
    cdef public long long filled
    cdef public long long first
    cdef public bytes head
    cdef public long long last
    cdef public object loaded
    cdef public long long[::1] payload
    cdef public Tape tape
    cdef public long long[::1] words
    cdef public long long written

    cpdef void _open(self)
    cpdef list columns(self)
    cpdef void forget(self)
    cpdef bint has_records(self)
    @cython.locals(at=cython.longlong, length=cython.longlong)
    cpdef list records(self)
    @cython.locals(at=cython.longlong)
    cpdef void note(self, tuple record)
    @cython.locals(at=cython.longlong)
    cpdef void woke(self, long long strategy, long long bits)
    @cython.locals(at=cython.longlong)
    cpdef void note_5(self, long long kind, long long first, long long second, long long third, long long fourth)
    @cython.locals(at=cython.longlong)
    cpdef void note_6(self, long long kind, long long first, long long second, long long third, long long fourth, long long fifth)
    @cython.locals(at=cython.longlong)
    cpdef void note_13(self, long long kind, long long first, long long second, long long third, long long fourth, long long fifth, long long sixth, long long seventh, long long eighth, long long ninth, long long tenth, long long eleventh, long long twelfth)
    @cython.locals(at=cython.longlong)
    cpdef void note_14(self, long long kind, long long first, long long second, long long third, long long fourth, long long fifth, long long sixth, long long seventh, long long eighth, long long ninth, long long tenth, long long eleventh, long long twelfth, long long thirteenth)
    @cython.locals(at=cython.longlong)
    cpdef void lengthen(self, long long length, tuple more)
    @cython.locals(at=cython.longlong)
    cpdef void _note_wide(self, tuple record)
    @cython.locals(index=cython.longlong)
    cpdef void _widen(self, long long length)
    @cython.locals(needed=cython.longlong)
    cpdef void _fit(self, long long length)
    @cython.locals(index=cython.longlong, length=cython.longlong)
    cpdef void append(self, Stamped event)
    cpdef bint follow(self, Tape tape, long long start, long long stop)
    @cython.locals(
        tape=Tape, start=cython.longlong, stop=cython.longlong, last=cython.longlong,
        first=cython.longlong, begin=cython.longlong, end=cython.longlong,
        filled=cython.longlong,
    )
    cpdef void settle(self)
    @cython.locals(
        offset="const long long[::1]", place=cython.longlong, begin=cython.longlong,
        end=cython.longlong, index=cython.longlong,
    )
    cpdef void _measure(self, Tape tape)
    cpdef long long room(self)
    cpdef void _close(self)
    @cython.locals(tape=Tape)
    cpdef bytes value(self)
    @cython.locals(start=cython.longlong, stop=cython.longlong)
    cpdef list _remembered(self, Tape tape)
    cpdef recorded(self)
    cpdef _noted(self)


cpdef words_for(length)
cpdef _with_wide_numbers(list words, written)
