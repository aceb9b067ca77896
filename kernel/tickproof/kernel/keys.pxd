# Types for the compiled build, nothing else; see keys.py.
import cython

cdef long long NO_GREATEST
cdef long long NO_LEAST
cdef long long _BLOCK


cdef class Keys:
    cdef public long long count
    cdef public long long low
    cdef public long long high
    cdef public list blocks
    cdef public list firsts

    cpdef void add(self, long long key)
    cpdef void drop(self, long long key)
    @cython.locals(block=list, key=cython.longlong, found=list)
    cpdef list above(self, long long bound)
    @cython.locals(place=cython.longlong, block=list, rest=list)
    cpdef void _put_between(self, long long key)
    @cython.locals(place=cython.longlong, block=list)
    cpdef void _cut(self, long long key)
