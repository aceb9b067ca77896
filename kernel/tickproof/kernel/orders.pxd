# Types for the compiled build, nothing else; see orders.py.


cdef class KernelOrder:
    cdef public long long order_id
    cdef public long long life
    cdef public long long origin
    cdef public long long inferred
    cdef public long long stopped
    cdef public long long price
    cdef public list legs
    cdef public long long executed
    cdef public long long pending_kind
    cdef public long long pending_id
    cdef public long long pending_total
    cdef public long long pending_price
    cdef public long long pending_asked_ns
    cdef public list doubts
    cdef public long long strategy
    cdef public long long account
    cdef public long long instrument
    cdef public long long side
    cdef public long long order_type
    cdef public long long time_in_force
    cdef public long long good_till_ns
    cdef public long long reduce_only
    cdef public long long reference_price
    cdef public long long as_of_ns
    cdef public long long overdue_id
    cdef public long long expiring
    cdef public tuple instructions
    cdef public long long lock_asset
    cdef public object lock_amount
    cdef public long long worst_open



cdef class KernelReport:
    cdef public long long event
    cdef public long long request_id
    cdef public long long venue_order_id
    cdef public long long leg
    cdef public long long price
    cdef public long long quantity
    cdef public long long effective
    cdef public long long fill_life
    cdef public long long total
    cdef public long long leaves
    cdef public long long reason
    cdef public long long restores
    cdef public long long active
    cdef public long long new_leg
    cdef public long long stopped
    cdef public long long settled
    cdef public long long now_ns

    cpdef void clear(self, long long event, long long now_ns)
cpdef long long room(leg)
cpdef long long open_room(KernelOrder order)
cpdef long long leaves(KernelOrder order)
cpdef long long over(KernelOrder order)
cpdef long long total(KernelOrder order)
cpdef long long open_kind(KernelOrder order, long long request_id)
cpdef bint may_answer(long long event, long long kind)
cpdef long long answer(KernelOrder order, KernelReport report)
cpdef tuple requested(KernelOrder order, long long request_id)
cpdef void _forget_pending(KernelOrder order)
cpdef void _give_total(leg, long long wanted)
cpdef long long step(KernelOrder order, KernelReport report)
cpdef KernelOrder from_ticket(long long order_id, ticket)
