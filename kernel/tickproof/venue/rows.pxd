# Types for the compiled build, nothing else; see rows.py.
import cython


@cython.final
cdef class Messages:
    cdef public long long count
    cdef public const long long[::1] kind
    cdef public const long long[::1] order
    cdef public const long long[::1] account
    cdef public const long long[::1] order_kind
    cdef public const long long[::1] side
    cdef public const long long[::1] price
    cdef public const long long[::1] quantity
    cdef public const long long[::1] display
    cdef public const long long[::1] stop
    cdef public const long long[::1] prevention


@cython.final
cdef class Rows:
    cdef public long long[:, ::1] _rows
    cdef public long long _room
    cdef public long long _count

    @cython.locals(index=cython.size_t)
    cpdef int append(self, (long long, long long, long long, long long, long long, long long, long long, long long) row) except -1
    cpdef int _grow(self) except -1
    cpdef int clear(self) except -1
    cpdef object words(self)
