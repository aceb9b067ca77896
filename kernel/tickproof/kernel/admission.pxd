# Types for the compiled build, nothing else; see admission.py.
import cython

from tickproof.kernel.chain cimport KernelChain
from tickproof.kernel.execution cimport KernelExecution
from tickproof.kernel.intent_queue cimport IntentQueue, QueuedCommand
from tickproof.kernel.ledger cimport KernelLedger
from tickproof.kernel.market cimport KernelMarket
from tickproof.kernel.orders cimport KernelOrder, KernelReport, leaves, step, total
from tickproof.kernel.risk cimport FlatFacts, decide_flat, unpriced

cdef long long BUY
cdef long long SELL
cdef long long NEVER_SENT
cdef long long ALIVE
cdef long long DEAD
cdef long long ACTIVE
cdef list EVENT_OF_REQUEST
cdef long long NEW
cdef long long CANCEL
cdef long long CANCELED
cdef long long ANNIHILATE
cdef long long MERGE
cdef long long TAKE_LATEST
cdef long long ORDER_KEY_LIMIT
cdef long long UNTOUCHED
cdef long long PENDING
cdef long long LIMIT
cdef long long LIMIT_MAKER
cdef long long GTC
cdef long long GTD
cdef long long AT_OPEN
cdef long long AT_CLOSE
cdef long long TRIGGER_PRICE


@cython.locals(
    kind=cython.longlong, key=cython.longlong, order_type=cython.longlong,
    time_in_force=cython.longlong,
    good_till_ns=cython.longlong, reduce_only=cython.longlong,
)
cpdef bint is_usual(tuple parts)


cdef class Admission:
    cdef public list accounts
    cdef public KernelChain chain
    cdef public object configuration
    cdef public long long denied
    cdef public dict equity
    cdef public KernelExecution execution
    cdef public FlatFacts facts
    cdef public long long instrument_count
    cdef public long long intents
    cdef public object limits
    cdef public list linear_by_quote
    cdef public list markets
    cdef public bint needs_equity
    cdef public bint needs_exposure
    cdef public IntentQueue queue
    cdef public long long trading_state

    @cython.locals(
        intent_id=cython.longlong, kind=cython.longlong, key=cython.longlong, parts=tuple,
        asked=tuple, usual=cython.bint,
        order_id=cython.longlong, order=KernelOrder, target=cython.longlong,
        command=QueuedCommand, action=cython.longlong, code=cython.longlong,
    )
    cpdef long long handle(self, long long strategy, intent, long long now_ns)
    @cython.locals(command=QueuedCommand)
    cpdef QueuedCommand _leg(self, long long strategy, long long intent_id, leg, long long now_ns)
    cpdef long long _judge_leg(self, QueuedCommand command)
    cpdef void _deny(self, long long strategy, long long intent_id, long long instrument, long long order_id, long long code)
    @cython.locals(
        command=QueuedCommand, entry=QueuedCommand, account=cython.longlong, kind=cython.longlong,
        price=cython.longlong, quantity=cython.longlong,
    )
    cpdef QueuedCommand _command(self, long long strategy, tuple parts, long long intent_id, long long order_id, KernelOrder order, long long now_ns)
    @cython.locals(
        queue=IntentQueue, execution=KernelExecution, code=cython.longlong,
        displaced=cython.longlong,
    )
    cpdef void _admit(self, QueuedCommand command, KernelOrder order, long long target, long long action)
    cpdef void close(self, long long strategy, long long intent_id, long long order_id, long long ended_as)
    @cython.locals(order=KernelOrder)
    cpdef KernelOrder make_shadow(self, QueuedCommand command)
    cpdef void _drop_shadow(self, KernelOrder order)
    @cython.locals(facts=FlatFacts, entry=QueuedCommand, subject=QueuedCommand, held=KernelOrder)
    cpdef long long _judge(self, QueuedCommand command, KernelOrder order, bint merged)
    @cython.locals(
        facts=FlatFacts, execution=KernelExecution, ledger=KernelLedger, market=KernelMarket,
        account=cython.longlong, instrument=cython.longlong, side=cython.longlong,
        reference=cython.longlong, locking=cython.longlong, executed=cython.longlong,
        cell=cython.longlong, asset=cython.longlong, kind=cython.longlong, left=cython.longlong,
        opposite=cython.longlong,
    )
    cpdef void _instrument_facts(self, QueuedCommand command, long long price, long long quantity, KernelOrder held, tuple asked)
    @cython.locals(sibling=KernelOrder)
    cpdef _beside_sibling(self, long long order_id, tuple asked, long long asset, needed, already)
    @cython.locals(
        ledger=KernelLedger, market=KernelMarket, instrument=cython.longlong, mark=cython.longlong
    )
    cpdef _free_balance(self, long long account, long long asset)
    cpdef void _exposure_of_others(self, long long account, long long instrument)
    cpdef void _see_equity(self, long long account, long long instrument)
    @cython.locals(queue=IntentQueue, execution=KernelExecution, entry=QueuedCommand)
    cpdef void work(self, long long now_ns, list sent)
    cpdef void load_queue(self, source)
    cpdef void load(self, source)
    cpdef void look(self, long long now_ns)
    @cython.locals(shadow=KernelOrder, order=KernelOrder)
    cpdef void _release(self, QueuedCommand entry)
    @cython.locals(order=KernelOrder, reducible=cython.longlong)
    cpdef void _stand(self, QueuedCommand entry)
    @cython.locals(
        execution=KernelExecution, held=KernelOrder, cell=cython.longlong, own=cython.longlong,
        position=cython.longlong,
    )
    cpdef long long _reducible(self, QueuedCommand entry, KernelOrder order)
    @cython.locals(
        execution=KernelExecution, report=KernelReport, order=KernelOrder, kind=cython.longlong,
        reference=cython.longlong,
    )
    cpdef void _dispatch(self, QueuedCommand entry, long long now_ns)
