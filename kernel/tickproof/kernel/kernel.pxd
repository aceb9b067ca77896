# Types for the compiled build, nothing else; see kernel.py.
import cython

from tickproof.kernel.admission cimport Admission
from tickproof.kernel.book cimport Book
from tickproof.kernel.chain cimport KernelChain
from tickproof.kernel.execution cimport KernelExecution
from tickproof.kernel.intent_queue cimport IntentQueue
from tickproof.kernel.market cimport KernelMarket
from tickproof.kernel.orders cimport KernelOrder
from tickproof.kernel.tape cimport Stamped, Tape, envelope_of
from tickproof.kernel.view cimport Counters, KernelView, Moment

cdef long long BOOK_DELTA
cdef long long TRADE
cdef long long BAR
cdef long long WAKE_EVERY
cdef long long WAKE_TOUCH
cdef long long WAKE_SIZE
cdef long long WAKE_TRADE
cdef long long WAKE_BAR
cdef long long RUNNING
cdef long long _NEVER
cdef long long _FIRST_EXECUTION
cdef long long _FIRST_ACCOUNT
cdef long long _FIRST_CONTROL
cdef long long _LEAST
cdef long long _MOST
cdef tuple _NO_DEADLINE
cdef long long _TOUCH
cdef long long BOOK_SNAPSHOT
cdef long long TOP_OF_BOOK
cdef long long CONTROL_TIME
cdef long long STATUS_REPORT
cdef long long WAKE_OWN
cdef long long WAKE_TIMER
cdef long long WAKE_NTH
cdef long long WAKE_PREDICATE
cdef long long ACKNOWLEDGEMENT
cdef long long GOOD_TILL
cdef long long TIMER
cdef long long CANCEL


cdef class KernelStrategy:
    cdef public bint counted
    cdef public Counters counters
    cdef public object decide
    cdef public long long enabled
    cdef public tuple fields
    cdef public long long id
    cdef public object instruments
    cdef public tuple kept
    cdef public long long mask
    cdef public object memory
    cdef public long long nth
    cdef public long long predicate
    cdef public long long predicate_kind
    cdef public long long predicate_value
    cdef public object read
    cdef public long long seen
    cdef public object settings
    cdef public object strategy
    cdef public long long timer_ns
    cdef public KernelView view

    cpdef tuple values(self)
    @cython.locals(kept=tuple, place=cython.longlong)
    cpdef void keep(self)


@cython.locals(number=cython.longlong)
cpdef bint is_understood(decision)
cpdef tuple bar_at(Tape tape, long long first)


cdef class Kernel:
    cdef public long long acknowledgement_ns
    cdef public Admission admission
    cdef public long long backwards
    cdef public KernelChain chain
    cdef public object configuration
    cdef public long long configuration_version
    cdef public dict connections
    cdef public long long deadline_ns
    cdef public list deadlines
    cdef public KernelExecution execution
    cdef public object failure
    cdef public long long jump_limit_ns
    cdef public long long jumps
    cdef public list markets
    cdef public Moment moment
    cdef public long long now_ns
    cdef public long long position
    cdef public IntentQueue queue
    cdef public long long restarts
    cdef public list sent
    cdef public long long session
    cdef public list strategies
    cdef public long long trading_state
    cdef public list watchers

    @cython.locals(
        session=cython.longlong, deadline_ns=cython.longlong, index=cython.longlong,
        reached=cython.longlong,
    )
    cpdef long long play(self, Tape tape, long long start, long long stop, long long until_ns)
    cpdef bint _take_next(self, Tape tape, long long index)
    @cython.locals(
        markets=list, count=cython.longlong, awake=cython.bint, waits=cython.bint,
        limit_ns=cython.longlong, now_ns=cython.longlong,
        index=cython.longlong, quiet=cython.longlong, kind=cython.longlong,
        stamp=cython.longlong, first=cython.longlong, instrument=cython.longlong,
        market=KernelMarket, mask=cython.longlong, changed=cython.longlong, each=KernelStrategy,
    )
    cpdef long long _run(self, Tape tape, long long start, long long stop, long long until_ns)
    cpdef bint _pass(self, Tape tape, long long start, long long stop)
    cpdef void _forget(self)
    cpdef void _begin(self, long long kind)
    @cython.locals(
        instrument=cython.longlong, watchers=list, each=KernelStrategy, bits=cython.longlong,
        failed=cython.longlong,
    )
    cpdef bint _wake(self, Tape tape, long long index, long long mask)
    @cython.locals(
        instrument=cython.longlong, each=KernelStrategy, bits=cython.longlong,
        failed=cython.longlong,
    )
    cpdef bint _wake_several(self, Tape tape, long long index, long long mask)
    cpdef void _conclude(self, Tape tape, long long index, list found, long long failed)
    @cython.locals(
        kind=cython.longlong, deadline_ns=cython.longlong, mask=cython.longlong,
        instrument=cython.longlong,
    )
    cpdef void take(self, Stamped event)
    cpdef void _finish(self)
    @cython.locals(
        instrument=cython.longlong, market=KernelMarket, book=Book, mask=cython.longlong
    )
    cpdef long long _apply_market(self, long long kind, part)
    cpdef void _apply_reference(self, long long kind, KernelMarket market, part)
    @cython.locals(execution=KernelExecution)
    cpdef void _apply_execution(self, Stamped event)
    cpdef void _halt(self)
    cpdef void _set_trading_state(self, long long state)
    cpdef bint _is_due(self, long long kind, long long stamp, long long deadline_ns)
    cpdef void _advance(self, long long kind, long long stamp, long long deadline_ns)
    cpdef bint _is_open_deadline(self, long long deadline_ns, long long reason, KernelOrder order)
    @cython.locals(execution=KernelExecution, order=KernelOrder, found=tuple)
    cpdef void _plan(self)
    @cython.locals(wait_ns=cython.longlong, due_ns=cython.longlong)
    cpdef void _note_deadlines(self, KernelOrder order)
    cpdef obligation(self)
    @cython.locals(each=KernelStrategy, queue=IntentQueue, found=tuple, deadlines=list, orders=dict)
    cpdef tuple _earliest(self)
    cpdef long long _count(self, KernelStrategy each, long long mask, long long instrument)
    @cython.locals(market=KernelMarket, book=Book)
    cpdef long long _holds(self, KernelStrategy each, long long instrument)
    @cython.locals(
        each=KernelStrategy, found=list, failed=cython.longlong, bits=cython.longlong,
        mask=cython.longlong, execution=KernelExecution,
    )
    cpdef void _consult(self, long long instrument, long long market_mask, bint is_time)
    cpdef tuple _ask(self, KernelStrategy each, long long bits, long long instrument)
    cpdef long long _note_answer(self, KernelStrategy each, decisions, list found)
    @cython.locals(each=KernelStrategy, key=cython.longlong, legs=cython.longlong)
    cpdef void _decide(self, list found, long long failed)
