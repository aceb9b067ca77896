# Types for the compiled build, nothing else; see index.py.
import cython
from libc.stdint cimport int64_t

cdef long long NOBODY
cdef long long _SCATTER
cdef long long _BITS
cdef long long _SHIFT


@cython.final
cdef class Index:
    cdef public long long[::1] _keys
    cdef public list _values
    cdef public long long _mask
    cdef public long long _spare

    cdef int64_t _home(self, long long key) except? -1
    @cython.locals(place=cython.longlong)
    cdef int64_t _place(self, long long key) except? -1
    @cython.locals(place=cython.longlong)
    cpdef object get(self, long long key)
    @cython.locals(place=cython.longlong)
    cpdef object setdefault(self, long long key, value)
    @cython.locals(mask=cython.longlong, hole=cython.longlong, place=cython.longlong)
    cpdef object pop(self, long long key, otherwise)
    @cython.locals(known=list, room=cython.longlong, key=cython.longlong, place=cython.longlong)
    cpdef int _grow(self) except -1
