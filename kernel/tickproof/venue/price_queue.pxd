# Types for the compiled build, nothing else; see price_queue.py.
import cython

cdef long long _PESSIMISTIC
cdef long long _OPTIMISTIC
cdef long long _UNKNOWN
cdef tuple _FIFTHS
cdef tuple _BEFORE


@cython.locals(
    fifth=cython.longlong, here=cython.longlong, before=cython.longlong, weight=cython.longlong
)
cpdef long long cancelled_ahead(long long cancelled, long long ahead, long long size)


cdef class Place:
    cdef public long long arrival_ns
    cdef public long long maximum_declared
    cdef public long long as_of_ns
    cdef public long long size
    cdef public long long bounded
    cdef public long long stamp_ns
    cdef public long long value
    cdef public list older
    cdef public long long print_count
    cdef public long long print_ns
    cdef public long long unshown
    cdef public list prints
    cdef public long long own_ahead
    cdef public long long ahead_min
    cdef public long long estimate
    cdef public long long estimate_before
    cdef public long long censored
    cdef public long long mark

    @cython.locals(bounded=cython.bint)
    cpdef void join(
        self, long long arrival_ns, long long size, bint current, long long own_ahead,
        long long maximum_declared, long long minimum_declared,
    )
    cpdef long long ahead_max(self)
    @cython.locals(index=cython.longlong, older=list)
    cpdef long long ahead_at(self, long long model, long long stamp_ns)
    @cython.locals(least=cython.longlong)
    cpdef long long ahead_through(self, long long model)
    @cython.locals(
        as_of_ns=cython.longlong, later=cython.longlong, explained=cython.longlong,
        old=cython.longlong, estimate=cython.longlong, before=cython.longlong,
        ahead=cython.longlong, gone=cython.longlong,
    )
    cpdef void level_update(self, long long size, long long stamp_ns, long long said=*)
    cpdef void print_at(self, long long lots, long long taken, long long stamp_ns, long long resting_side)
    cpdef void print_through(self, long long lots, long long taken, long long stamp_ns, long long resting_side)
    cpdef void lose_sight(self, bint gap)
    cpdef void grown_in_place(self)
    cpdef void own_lots_left(self, long long lots)
    cpdef void _keep_print(self, long long stamp_ns, long long lots)
    @cython.locals(before=cython.longlong, prints=list, index=cython.longlong)
    cpdef long long _settle_prints(self, long long as_of_ns)
    cpdef void _believe(self, long long said)
    cpdef void _add_candidate(self, long long as_of_ns, long long value)
    @cython.locals(
        older=list, newest_ns=cython.longlong, newest=cython.longlong, index=cython.longlong
    )
    cpdef void _subtract(self, long long stamp_ns, long long lots)
    @cython.locals(most=cython.longlong)
    cpdef void _keep_between(self)
    cpdef tuple candidates(self)
    cpdef tuple uncovered(self)


cpdef tuple in_pairs(list numbers)
