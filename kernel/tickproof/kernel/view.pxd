# Types for the compiled build, nothing else; see view.py.
import cython

from tickproof.kernel.execution cimport KernelExecution
from tickproof.kernel.intent_queue cimport QueuedCommand
from tickproof.kernel.market cimport KernelMarket
from tickproof.kernel.orders cimport KernelOrder
from tickproof.kernel.orders cimport leaves as leaves_of
from tickproof.kernel.orders cimport total as total_of

cdef long long _KEY_LIMIT
cdef long long _NEW


cdef class Moment:
    cdef public long long event_instrument
    cdef public long long event_kind
    cdef public long long now_ns


cdef class Counters:
    cdef public long long last_key
    cdef public long long wake


cdef class OrderFacts:
    cdef public QueuedCommand _entry
    cdef public KernelOrder _order
    cdef public bint is_busy
    cdef public bint is_open

    cpdef void begin(self, KernelOrder order, QueuedCommand entry)
    cpdef _known(self)


cdef class KernelView:
    cdef public long long _account
    cdef public Counters _counters
    cdef public KernelExecution _execution
    cdef public long long _first_order_id
    cdef public dict _markets
    cdef public Moment _moment

    @cython.locals(market=KernelMarket)
    cpdef long long bid_price(self, instrument)
    @cython.locals(market=KernelMarket)
    cpdef long long bid_size(self, instrument)
    @cython.locals(market=KernelMarket)
    cpdef long long ask_price(self, instrument)
    @cython.locals(market=KernelMarket)
    cpdef long long ask_size(self, instrument)
    @cython.locals(market=KernelMarket)
    cpdef long long size_at(self, instrument, side, price)
    @cython.locals(market=KernelMarket)
    cpdef tuple last_trade(self, instrument)
    @cython.locals(market=KernelMarket)
    cpdef tuple last_bar(self, instrument)
    @cython.locals(market=KernelMarket)
    cpdef long long status(self, instrument)
    @cython.locals(market=KernelMarket)
    cpdef long long tick(self, instrument)
    @cython.locals(market=KernelMarket)
    cpdef long long lot_step(self, instrument)
    cpdef long long position(self, instrument)
    @cython.locals(number=cython.longlong)
    cpdef OrderFacts order(self, key)
    cpdef long long next_key(self)


@cython.locals(order=KernelOrder, entry=QueuedCommand, facts=OrderFacts)
cpdef OrderFacts summary(KernelExecution execution, long long order_id)
