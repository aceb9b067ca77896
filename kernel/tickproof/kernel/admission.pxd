# Types for the compiled build, nothing else; see admission.py.
import cython

from tickproof.kernel.execution cimport KernelExecution
from tickproof.kernel.intent_queue cimport IntentQueue, QueuedCommand
from tickproof.kernel.ledger cimport KernelLedger
from tickproof.kernel.market cimport KernelMarket
from tickproof.kernel.orders cimport KernelOrder, leaves, step, total
from tickproof.kernel.risk cimport FlatFacts, decide_flat


cdef class Admission:
    cdef public list accounts
    cdef public object collars
    cdef public object configuration
    cdef public long long denied
    cdef public dict equity
    cdef public KernelExecution execution
    cdef public FlatFacts facts
    cdef public long long instrument_count
    cdef public long long intents
    cdef public object limits
    cdef public dict linear_by_quote
    cdef public list markets
    cdef public bint needs_equity
    cdef public bint needs_exposure
    cdef public IntentQueue queue
    cdef public list records
    cdef public long long trading_state

    @cython.locals(
        intent_id=cython.longlong, kind=cython.longlong, key=cython.longlong, parts=tuple,
        order_id=cython.longlong, order=KernelOrder, target=cython.longlong,
        command=QueuedCommand, action=cython.longlong, code=cython.longlong,
    )
    cpdef long long handle(self, long long strategy, intent, long long now_ns)
    cpdef void _deny(self, long long strategy, long long intent_id, long long instrument, long long order_id, long long code)
    cpdef QueuedCommand _command(self, long long strategy, intent, long long intent_id, long long order_id, KernelOrder order, long long now_ns)
    @cython.locals(
        queue=IntentQueue, execution=KernelExecution, order_id=cython.longlong,
        code=cython.longlong,
    )
    cpdef void _admit(self, QueuedCommand command, KernelOrder order, long long target, long long action)
    cpdef void close(self, long long strategy, long long intent_id, long long order_id, long long ended_as)
    cpdef KernelOrder make_shadow(self, QueuedCommand command)
    cpdef void _drop_shadow(self, KernelOrder order)
    @cython.locals(facts=FlatFacts, entry=QueuedCommand, subject=QueuedCommand, held=KernelOrder)
    cpdef long long _judge(self, QueuedCommand command, KernelOrder order, bint merged)
    @cython.locals(
        facts=FlatFacts, execution=KernelExecution, ledger=KernelLedger, market=KernelMarket
    )
    cpdef void _instrument_facts(self, QueuedCommand command, long long price, long long quantity, KernelOrder held)
    @cython.locals(price=cython.longlong)
    cpdef void _opposite(self, long long cell)
    cpdef _free_balance(self, long long account, long long asset)
    cpdef void _exposure_of_others(self, long long account, long long instrument)
    cpdef void _see_equity(self, long long account, long long instrument)
    cpdef void work(self, long long now_ns, list requests)
    cpdef void load_queue(self, source)
    cpdef void load(self, source)
    cpdef void look(self, long long now_ns)
    cpdef void _release(self, QueuedCommand entry)
    @cython.locals(
        execution=KernelExecution, order=KernelOrder, held=KernelOrder, cell=cython.longlong,
        own=cython.longlong,
    )
    cpdef void _stand(self, QueuedCommand entry)
    @cython.locals(execution=KernelExecution, order_id=cython.longlong, order=KernelOrder)
    cpdef void _dispatch(self, QueuedCommand entry, long long now_ns, list requests)
