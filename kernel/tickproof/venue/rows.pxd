# Types for the compiled build, nothing else; see rows.py.
import cython



@cython.final
cdef class Messages:
    cdef readonly long long count
    cdef const long long[::1] kind
    cdef const long long[::1] order
    cdef const long long[::1] account
    cdef const long long[::1] order_kind
    cdef const long long[::1] side
    cdef const long long[::1] price
    cdef const long long[::1] quantity
    cdef const long long[::1] display
    cdef const long long[::1] stop
    cdef const long long[::1] prevention


@cython.final
cdef class Rows:
    cdef long long[:, ::1] _rows
    cdef size_t _room
    cdef size_t _count

    @cython.locals(index=cython.size_t)
    cpdef int append(
        self,
        (long long, long long, long long, long long, long long, long long, long long, long long) row,
    ) except -1
    cpdef int _grow(self) except -1
    cpdef int clear(self) except -1
    cpdef object words(self)
