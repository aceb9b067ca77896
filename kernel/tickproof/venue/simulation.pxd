# Types for the compiled build, nothing else; see simulation.py.
import cython

from tickproof.kernel.intent_queue cimport QueuedCommand
from tickproof.kernel.kernel cimport Kernel
from tickproof.kernel.tape cimport Envelope, Stamped, Tape
from tickproof.venue.requests cimport VenueRequest
from tickproof.venue.venue cimport SimulatedVenue

cdef long long _NEVER
cdef long long _FAILED
cdef long long _BOOK_DELTA
cdef long long _TRADE
cdef long long _TOP_OF_BOOK
cdef long long _BAR
cdef long long _VENUE_SOURCE
cdef long long _BATCH
cdef long long _FIRST_ACCOUNT
cdef long long _FIRST_CONTROL
cdef long long SESSION_STOPPED
cdef long long CONTROL_TIME


cdef class Simulation:
    cdef public bint alike
    cdef public long long answer_ns
    cdef public list arrivals
    cdef public long long at_kernel
    cdef public long long at_venue
    cdef public object batches
    cdef public object columns
    cdef public bint complete
    cdef public long long controls
    cdef public long long delivered
    cdef public long long end_ns
    cdef public bint every_record
    cdef public long long feed_latency_ns
    cdef public bint keeps
    cdef public bint tells_sent
    cdef public bint together
    cdef public Kernel kernel
    cdef public long long kernel_clock_ns
    cdef public const long long[::1] kernel_times
    cdef public long long length
    cdef public long long mark
    cdef public long long now_ns
    cdef public long long ordered
    cdef public long long passed
    cdef public bint plain_kernel
    cdef public bint plain_venue
    cdef public long long requests
    cdef public object seen
    cdef public long long sequence
    cdef public object show
    cdef public bint shows
    cdef public bint stopped
    cdef public long long tail
    cdef public Tape tape
    cdef public long long told
    cdef public long long unanswered
    cdef public SimulatedVenue venue
    cdef public long long venue_clock_ns
    cdef public bint venue_closed
    cdef public long long venue_end_ns
    cdef public Tape venue_tape
    cdef public const long long[::1] venue_times
    cdef public long long worth_adopting

    cpdef void _hold(self, columns)
    @cython.locals(kept=cython.longlong)
    cpdef void _refill(self)
    @cython.locals(
        kernel=Kernel, internal=cython.longlong, answer=cython.longlong, deadline_ns=cython.longlong
    )
    cpdef bint advance(self)
    @cython.locals(internal=cython.longlong)
    cpdef long long _venue_next(self)
    @cython.locals(soonest=cython.longlong)
    cpdef bint _other(self, long long internal, long long answer, long long deadline_ns)
    cdef long long _kernel_time(self)
    cdef bint _reach(self, long long stamp_ns)
    @cython.locals(
        venue_limit_ns=cython.longlong, kernel_limit_ns=cython.longlong, done=cython.bint,
        kernel_ns=cython.longlong, venue_ns=cython.longlong,
    )
    cpdef bint _run_market(self, long long other_ns, long long deadline_ns)
    @cython.locals(
        venue=SimulatedVenue, kernel=Kernel, tape=Tape, index=cython.longlong, kind=cython.longlong,
        due_ns=cython.longlong, stop=cython.longlong, now_ns=cython.longlong,
    )
    cdef bint _venue_sees(self, long long limit_ns)
    cpdef void _show_venue(self, long long index)
    cdef long long _at_most(self, long long count)
    @cython.locals(
        kernel=Kernel, start=cython.longlong, before_ns=cython.longlong, count=cython.longlong,
        reached=cython.longlong,
    )
    cdef bint _kernel_sees(self, long long limit_ns)
    @cython.locals(
        kernel=Kernel, start=cython.longlong, stop=cython.longlong, reached=cython.longlong,
    )
    cpdef void _run_quietly(self)
    @cython.locals(
        stamps="const long long[::1]", times="const long long[::1]", index=cython.longlong,
    )
    cpdef long long _in_order(self, long long start)
    @cython.locals(
        kind="const long long[::1]", begin=cython.longlong, middle=cython.longlong, tape=Tape,
    )
    cpdef void _catch_up(self, long long stop)
    cpdef void _stop(self)
    cpdef void _close_venue(self)
    cpdef void _venue_acts(self, long long stamp_ns)
    @cython.locals(outputs=list, said=Stamped)
    cpdef void _collect(self)
    @cython.locals(said=Stamped, following=Stamped)
    cpdef void _deliver(self)
    @cython.locals(deadline_ns=cython.longlong)
    cpdef void _answer_obligation(self)
    cpdef void _control(self, long long kind, long long stamp, values)
    @cython.locals(kernel=Kernel)
    cpdef void _step(self, Stamped event)
    @cython.locals(kernel=Kernel, command=QueuedCommand, request=VenueRequest)
    cpdef void _after_step(self)
    cpdef void _show_sent(self)
    cpdef void _note(self, long long start, long long stop)
    cpdef void _note_step(self, Stamped event)


@cython.locals(before=cython.longlong, stamp=cython.longlong, column="const long long[::1]")
cpdef never_back(stamps, long long clock_ns)
@cython.locals(index=cython.longlong)
cpdef void shift(long long[::1] column, long long start, long long number)
