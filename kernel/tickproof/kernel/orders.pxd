# Types for the compiled build, nothing else; see orders.py.
import cython

cdef long long NEW
cdef long long REPLACE
cdef long long CANCEL
cdef long long EVENTS
cdef long long SUBMITTED
cdef long long DONE_FOR_DAY
cdef long long CANCELED
cdef long long FILL_ABSENT
cdef long long FILL_EFFECTIVE
cdef long long FILL_VOIDED
cdef long long FILL_TOMBSTONE
cdef long long TOO_LATE
cdef long long UNKNOWN_ORDER
cdef long long NO_PRICE
cdef long long UNSOLICITED
cdef long long PENDING
cdef long long DOUBT
cdef long long CLOSED
cdef long long WRONG
cdef list _CELLS


cdef class KernelLeg:
    cdef public long long venue_order_id
    cdef public long long total
    cdef public long long executed
    cdef public long long prevented
    cdef public long long unrestored

    cpdef void begin(self, long long venue_order_id, long long total, long long executed)


@cython.locals(made=KernelLeg)
cpdef KernelLeg venue_leg(long long venue_order_id, long long total, long long executed)


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
    cdef public tuple doubts
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
    cdef public object lock_counted
    cdef public long long tied
    cdef public long long worst_open
    cdef public long long locked_price
    cdef public long long locked_lots
    cdef public object locked
    cdef public long long shown_price
    cdef public tuple shown
    cdef public long long kept_legs
    cdef public long long kept_id
    cdef public long long touched
    cdef public KernelOrder touched_before

    cpdef void begin(
        self, long long order_id, long long strategy, long long account, long long instrument,
        long long side, long long order_type, long long time_in_force, long long good_till_ns,
        long long reduce_only,
    )


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
cpdef long long room(KernelLeg leg)
@cython.locals(leg=KernelLeg, found=cython.longlong, left=cython.longlong)
cpdef long long open_room(KernelOrder order)
cpdef long long leaves(KernelOrder order)
@cython.locals(leg=KernelLeg, found=cython.longlong, left=cython.longlong)
cpdef long long over(KernelOrder order)
@cython.locals(leg=KernelLeg, found=cython.longlong)
cpdef long long total(KernelOrder order)
@cython.locals(doubt=tuple)
cpdef long long open_kind(KernelOrder order, long long request_id)
cpdef bint may_answer(long long event, long long kind)
@cython.locals(request_id=cython.longlong, kind=cython.longlong)
cpdef long long answer(KernelOrder order, KernelReport report)
@cython.locals(doubt=tuple)
cpdef tuple requested(KernelOrder order, long long request_id)
cpdef void _forget_pending(KernelOrder order)
@cython.locals(size=cython.longlong, taken=cython.longlong, withheld=cython.longlong)
cpdef void _give_total(KernelLeg leg, long long wanted)

cdef class FlatRule:
    cdef public object guard
    cdef public object effect
    cdef public long long target
    cdef public long long code


@cython.locals(rule=FlatRule)
cpdef long long step(KernelOrder order, KernelReport report)
cpdef KernelOrder from_ticket(long long order_id, ticket)
cpdef bint unsolicited(KernelOrder order, KernelReport report)
cpdef bint answers_pending(KernelOrder order, KernelReport report)
cpdef bint answers_doubt(KernelOrder order, KernelReport report)
cpdef bint answers_open(KernelOrder order, KernelReport report)
cpdef bint answers_closed(KernelOrder order, KernelReport report)
cpdef bint answers_wrongly(KernelOrder order, KernelReport report)
cpdef bint inferred_death(KernelOrder order, KernelReport report)
cpdef bint final_death(KernelOrder order, KernelReport report)
cpdef bint inferred_and_sound(KernelOrder order, KernelReport report)
cpdef bint inferred_same_leg(KernelOrder order, KernelReport report)
cpdef bint inferred_new_leg(KernelOrder order, KernelReport report)
cpdef bint inferred_active(KernelOrder order, KernelReport report)
cpdef bint inferred_inactive(KernelOrder order, KernelReport report)
cpdef bint final_open(KernelOrder order, KernelReport report)
cpdef bint final_closed(KernelOrder order, KernelReport report)
cpdef bint final_unsolicited(KernelOrder order, KernelReport report)
cpdef bint gate_open(KernelOrder order, KernelReport report)
cpdef bint gate_shut(KernelOrder order, KernelReport report)
cpdef bint nothing_pending(KernelOrder order, KernelReport report)
cpdef bint something_pending(KernelOrder order, KernelReport report)
cpdef bint fill_fresh(KernelOrder order, KernelReport report)
cpdef bint fill_repeated(KernelOrder order, KernelReport report)
cpdef bint fill_tombstoned(KernelOrder order, KernelReport report)
cpdef bint fill_effective(KernelOrder order, KernelReport report)
cpdef bint fill_gone(KernelOrder order, KernelReport report)
cpdef bint fresh_and_final(KernelOrder order, KernelReport report)
cpdef bint fresh_and_inferred(KernelOrder order, KernelReport report)
cpdef bint order_is_missing(KernelOrder order, KernelReport report)
cpdef bint refused_and_missing(KernelOrder order, KernelReport report)
cpdef bint refused_and_alive(KernelOrder order, KernelReport report)
cpdef bint open_same_leg(KernelOrder order, KernelReport report)
cpdef bint open_new_leg(KernelOrder order, KernelReport report)
cpdef bint unsolicited_same_leg(KernelOrder order, KernelReport report)
cpdef bint unsolicited_new_leg(KernelOrder order, KernelReport report)
cpdef bint opens_new(KernelOrder order, KernelReport report)
cpdef bint opens_other(KernelOrder order, KernelReport report)
cpdef bint active(KernelOrder order, KernelReport report)
cpdef bint inactive(KernelOrder order, KernelReport report)
cpdef bint nothing_in_doubt(KernelOrder order, KernelReport report)
cpdef bint doubt_unsettled(KernelOrder order, KernelReport report)
cpdef bint doubt_settled(KernelOrder order, KernelReport report)
cpdef bint declared_dead(KernelOrder order, KernelReport report)
cpdef bint declared_alive(KernelOrder order, KernelReport report)
cpdef bint alive_and_final(KernelOrder order, KernelReport report)
cpdef void unchanged(KernelOrder order, KernelReport report)
cpdef void submit(KernelOrder order, KernelReport report)
cpdef void _ask(KernelOrder order, KernelReport report, long long kind, long long lots, long long price)
cpdef void ask_replace(KernelOrder order, KernelReport report)
cpdef void ask_cancel(KernelOrder order, KernelReport report)
@cython.locals(request_id=cython.longlong)
cpdef void settle(KernelOrder order, KernelReport report)
cpdef void put_in_doubt(KernelOrder order, KernelReport report)
cpdef void doubt_named(KernelOrder order, KernelReport report)
cpdef void clear_doubts(KernelOrder order, KernelReport report)
cpdef void clear_requests(KernelOrder order, KernelReport report)
@cython.locals(leg=KernelLeg)
cpdef void bind(KernelOrder order, KernelReport report)
cpdef void accept(KernelOrder order, KernelReport report)
cpdef void adopt(KernelOrder order, KernelReport report)
cpdef void adopt_filled(KernelOrder order, KernelReport report)
cpdef void revive(KernelOrder order, KernelReport report)
cpdef void revive_bound(KernelOrder order, KernelReport report)
cpdef void revive_filled(KernelOrder order, KernelReport report)
cpdef void revive_prevented(KernelOrder order, KernelReport report)
cpdef void revive_replaced(KernelOrder order, KernelReport report)
cpdef void revive_new_leg(KernelOrder order, KernelReport report)
cpdef void revive_restated(KernelOrder order, KernelReport report)
cpdef void revive_day_done(KernelOrder order, KernelReport report)
cpdef void confirm_death(KernelOrder order, KernelReport report)
cpdef void infer_death(KernelOrder order, KernelReport report)
cpdef void never_left(KernelOrder order, KernelReport report)
cpdef void declare_dead(KernelOrder order, KernelReport report)
cpdef void revive_cleared(KernelOrder order, KernelReport report)
cpdef KernelLeg _leg(KernelOrder order, KernelReport report)
@cython.locals(leg=KernelLeg, withheld=cython.longlong, beyond=cython.longlong)
cpdef void _fill(KernelOrder order, KernelReport report, long long quantity)
@cython.locals(leg=KernelLeg, beyond=cython.longlong)
cpdef void _take_back(KernelOrder order, KernelReport report, long long quantity)
cpdef void fill(KernelOrder order, KernelReport report)
cpdef void correct(KernelOrder order, KernelReport report)
@cython.locals(leg=KernelLeg)
cpdef void prevent(KernelOrder order, KernelReport report)
cpdef tuple _wanted(KernelOrder order, KernelReport report)
@cython.locals(leg=KernelLeg, last=KernelLeg)
cpdef void replace_terms(KernelOrder order, KernelReport report)
@cython.locals(leg=KernelLeg)
cpdef void replace_leg(KernelOrder order, KernelReport report)
cpdef void restate(KernelOrder order, KernelReport report)
@cython.locals(leg=KernelLeg)
cpdef void end_day(KernelOrder order, KernelReport report)
