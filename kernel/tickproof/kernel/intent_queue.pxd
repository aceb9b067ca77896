# Types for the compiled build, nothing else; see intent_queue.py.
import cython

cdef list _ACTIONS
cdef list _OLD_OUTCOMES
cdef list _NEW_OUTCOMES
cdef long long _EVENTS
cdef long long _FIRST_PENDING
cdef long long _RANK
cdef long long _NONE
cdef long long _NEW
cdef long long _CANCEL
cdef long long _NEVER_SENT
cdef long long _DEAD
cdef long long _ACTIVE
cdef long long _REDUCING
cdef long long _VALID
cdef long long _ALREADY_SENT
cdef long long _VALIDITY_NEVER_SENT
cdef long long _TARGET_DEAD
cdef long long _NOTHING_LEFT
cdef long long _GOOD_TILL_PASSED
cdef long long _REDUCE_ONLY_GROWS
cdef long long _TRADING_STATE
cdef long long _BUCKET_REFILL
cdef long long _CANCEL_OVERDUE
cdef long long _GOOD_TILL_DATE
cdef long long NEVER_NS


cdef class QueuedCommand:
    cdef public long long kind
    cdef public long long order_id
    cdef public long long intent_id
    cdef public long long strategy
    cdef public long long account
    cdef public long long instrument
    cdef public long long side
    cdef public long long order_type
    cdef public long long time_in_force
    cdef public long long price
    cdef public long long quantity
    cdef public long long good_till_ns
    cdef public long long reduce_only
    cdef public long long admitted_ns
    cdef public long long surfaced
    cdef public tuple instructions
    cdef public long long target
    cdef public long long request_kind
    cdef public long long doubts
    cdef public long long total
    cdef public long long executed
    cdef public long long leaves
    cdef public long long reducible
    cdef public long long dispatch_key

    cpdef void begin(
        self, long long kind, long long order_id, long long intent_id, long long strategy,
        long long account, long long price, long long quantity, long long admitted_ns,
    )
    cpdef void set_terms(
        self, long long instrument, long long side, long long order_type, long long time_in_force,
        long long good_till_ns, long long reduce_only,
    )
    cpdef void stand(self, long long target, long long request_kind, long long doubts, long long total, long long executed, long long leaves, long long reducible)
    cpdef tuple pending(self)


cdef class IntentQueue:
    cdef public dict entries
    cdef public list buckets
    cdef public long long trading_state
    cdef public long long holds_new_work
    cdef public long long cancel_deadline_ns
    cdef public long long old_outcome
    cdef public long long new_outcome
    cdef public long long displaced_intent_id
    cdef public list sendable
    cdef public list withdrawn
    cdef public list withdrawn_codes
    cdef public list surfaced
    cdef public long long deadline_ns
    cdef public long long deadline_reason
    cdef public long long deadline_subject

    @cython.locals(entry=QueuedCommand, state=cython.longlong)
    cpdef long long action(self, long long order_id, long long target, long long kind)
    @cython.locals(
        order_id=cython.longlong, entry=QueuedCommand, state=cython.longlong,
        index=cython.longlong, action=cython.longlong,
    )
    cpdef long long submit(self, QueuedCommand command, long long target)
    cpdef void set_mode(self, long long trading_state, long long holds_new_work)
    cpdef long long withdrawal(self, QueuedCommand entry, long long now_ns)
    @cython.locals(
        entry=QueuedCommand, code=cython.longlong, entries=dict, ordered=list, waits=cython.bint
    )
    cpdef long long process(self, long long now_ns)
    @cython.locals(entry=QueuedCommand, ordered=list, latest=cython.longlong, sorts=cython.bint)
    cpdef list _in_order(self)
    cpdef void _start_pass(self)
    cpdef void look(self, long long now_ns)
    cpdef bint _is_ready(self, QueuedCommand entry)
    cpdef bint _take_tokens(self, long long kind, long long now_ns)
    @cython.locals(entry=QueuedCommand, order_id=cython.longlong, overdue_ns=cython.longlong)
    cpdef void _oblige(self, list waiting, long long now_ns)
    cpdef long long _time_to_fit(self, long long kind)
    cpdef void _consider(self, long long deadline_ns, long long reason, long long subject)
