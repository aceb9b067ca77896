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
cdef long long _ASKED


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
    cdef public long long key

    cpdef void begin(self, long long key, KernelOrder order, QueuedCommand entry)
    @cython.locals(order=KernelOrder)
    cpdef void look(self, QueuedCommand entry)
    cpdef _known(self)


cdef class KernelView:
    cdef public long long _account
    cdef public list _asked
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
    @cython.locals(number=cython.longlong, facts=OrderFacts, entries=dict)
    cpdef OrderFacts order(self, key)
    @cython.locals(facts=OrderFacts)
    cpdef OrderFacts _found(self, long long key)
    cpdef long long next_key(self)


@cython.locals(
    order_id=cython.longlong, order=KernelOrder, entry=QueuedCommand, facts=OrderFacts
)
cpdef OrderFacts summary(KernelExecution execution, long long first_order_id, long long key)
