# Types for the compiled build, nothing else; see chain.py.
import cython

from tickproof.kernel.tape cimport Envelope, Tape


cdef class KernelChain:
    cdef public list columns
    cdef public long long count
    cdef public long long first
    cdef public bytes head
    cdef public long long last
    cdef public object loaded
    cdef public Tape tape
    cdef public list words

    cpdef void _open(self)
    @cython.locals(words=list)
    cpdef void note(self, tuple record)
    @cython.locals(columns=list)
    cpdef void append(self, Envelope event)
    cpdef void follow(self, Tape tape, long long start, long long stop)
    @cython.locals(tape=Tape, start=cython.longlong, stop=cython.longlong, columns=list)
    cpdef void settle(self)
    @cython.locals(index=cython.longlong)
    cpdef void _note_lengths(
        self, long long[:] lengths, const long long[:] offset, long long start
    )
    cpdef long long room(self)
    cpdef void _close(self)
    cpdef bytes value(self)
    cpdef recorded(self)
cpdef _with_wide_numbers(list words)
