# Types for the compiled build, nothing else; see execution.py.
import cython

from tickproof.kernel.chain cimport KernelChain
from tickproof.kernel.intent_queue cimport IntentQueue, QueuedCommand
from tickproof.kernel.keys cimport Keys
from tickproof.kernel.ledger cimport KernelLedger, rounded_up
from tickproof.kernel.market cimport KernelMarket
from tickproof.kernel.orders cimport KernelLeg, KernelOrder, KernelReport, leaves, over, step, total
from tickproof.kernel.tape cimport Evidence, evidence_about

cdef long long FILLED
cdef long long FILL_VOIDED
cdef long long FILL_CORRECTED
cdef long long REPLACED
cdef long long INFERRED_FLAG
cdef long long EFFECTIVE
cdef long long VOIDED
cdef long long TRIGGER_PRICE
cdef long long BUY
cdef long long SELL
cdef long long NEW
cdef long long REPLACE
cdef long long CANCEL
cdef long long SUBMITTED
cdef long long DONE_FOR_DAY
cdef long long CANCELED
cdef long long FILL_LIVES
cdef long long EVENT_OFFSET
cdef long long LIFE
cdef long long LEG
cdef long long SIDE
cdef long long PRICE
cdef long long QUANTITY
cdef long long FEE
cdef long long FEE_ASSET
cdef long long REALISED
cdef long long INFERRED


cdef class KernelExecution:
    cdef public dict aliases
    cdef public dict by_venue_id
    cdef public KernelChain chain
    cdef public object configuration
    cdef public long long contradicted
    cdef public dict externals
    cdef public dict fills
    cdef public dict inferred
    cdef public long long instrument_count
    cdef public KernelLedger ledger
    cdef public dict legs
    cdef public dict lowest_trade_ids
    cdef public list markets
    cdef public object most_locked
    cdef public long long most_open
    cdef public list open_lots
    cdef public list open_orders
    cdef public long long open_price
    cdef public list open_prices
    cdef public dict orders
    cdef public tuple other_prices
    cdef public list postings
    cdef public long long protected_base
    cdef public long long protection
    cdef public object protection_e8
    cdef public IntentQueue queue
    cdef public long long refused
    cdef public KernelReport report
    cdef public dict shadows
    cdef public long long surfaced
    cdef public KernelOrder touched
    cdef public list unfiled
    cdef public dict unfinished
    cdef public list venues

    cpdef long long cell_of(self, long long account, long long instrument, long long side)
    @cython.locals(worst=cython.longlong, cell=cython.longlong)
    cpdef void refresh(self, KernelOrder order)
    cpdef void tie(self, KernelOrder order)
    @cython.locals(order=KernelOrder)
    cpdef KernelOrder leg_of(self, long long strategy, long long list_id, long long leg)
    cpdef KernelOrder shadow_of(self, long long order_id)
    cpdef KernelOrder sibling_of(self, long long order_id, tuple asked)
    cpdef counted_need(self, KernelOrder order)
    @cython.locals(sibling=KernelOrder)
    cpdef void _lock_together(self, KernelOrder order, need)
    cpdef void _count_lock(self, KernelOrder order, amount)
    @cython.locals(waiting=KernelOrder)
    cpdef void follow_market(self)
    @cython.locals(
        stands=cython.longlong, asked=cython.longlong, price=cython.longlong, entry=QueuedCommand,
        doubt=tuple,
    )
    cpdef void _look_at_terms(self, KernelOrder order)
    @cython.locals(open_now=cython.longlong)
    cpdef void _consider(self, KernelOrder order, long long price, long long lots)
    @cython.locals(
        instrument=cython.longlong, side=cython.longlong, reference=cython.longlong,
        quantity=cython.longlong, kind=cython.longlong,
    )
    cpdef _lock_of(self, KernelOrder order, long long price, long long lots)
    @cython.locals(side=cython.longlong, prices=Keys, price=cython.longlong)
    cpdef void _show(self, KernelOrder order)
    @cython.locals(prices=Keys)
    cpdef long long best_open_price(self, long long account, long long instrument, long long side)
    @cython.locals(market=KernelMarket)
    cpdef long long unpriced_reference(self, long long instrument, long long side, tuple asked, long long quantity)
    @cython.locals(market=KernelMarket, base=cython.longlong)
    cpdef long long protected_reference(self, long long instrument, long long side, long long trigger_price=*)
    cpdef void refuse(self, long long strategy, long long instrument, long long order_id, long long source, long long code)
    cpdef void surface(self, long long reason, long long instrument, long long order_id, long long detail=*)
    cpdef void _booked(self, long long account, long long instrument, long long order_id)
    cpdef KernelOrder order_of(self, long long order_id, long long account, long long instrument, long long side)
    cpdef long long resolve(self, long long order_id, coordinates)
    @cython.locals(legs=cython.longlong, last=KernelLeg, last_id=cython.longlong)
    cpdef void _keep(self, KernelOrder order)
    @cython.locals(order=KernelOrder, leg=KernelLeg)
    cpdef void _file(self)
    cpdef void touch(self, KernelOrder order)
    @cython.locals(order=KernelOrder)
    cpdef bint concerns(self, long long strategy)
    cpdef void _forget(self, KernelOrder shadow)
    @cython.locals(
        report=KernelReport, before_life=cython.longlong, before_executed=cython.longlong,
        before_over=cython.longlong, before_inferred=cython.longlong,
        before_pending=cython.longlong, code=cython.longlong, now_over=cython.longlong,
    )
    cpdef long long apply_report(self, KernelOrder order, long long as_of_ns, long long absorbed=*, long long absorbed_over=*)
    @cython.locals(settled=list, still_open=list)
    cpdef void _close_settled(self, KernelOrder order, long long pending, list doubts, long long event)
    cpdef void _close(self, KernelOrder order, long long request_id, long long event)
    @cython.locals(
        report=KernelReport, venue_order_id=cython.longlong,
        bound=cython.bint, last=cython.longlong, leg=cython.longlong, index=cython.longlong,
        current=cython.longlong, one=KernelLeg,
    )
    cpdef void _fill_report(self, Evidence said, KernelOrder order, list fill, long long now_ns)
    @cython.locals(
        account=cython.longlong, instrument=cython.longlong, order_id=cython.longlong,
        order=KernelOrder, code=cython.longlong,
    )
    cpdef void apply_evidence(self, Evidence said, long long as_of_ns, long long now_ns)
    @cython.locals(
        kind=cython.longlong, account=cython.longlong, instrument=cython.longlong, order_id=cython.longlong,
        repeated=cython.bint, life=cython.longlong, target=cython.longlong, code=cython.longlong,
        absorbed=cython.longlong, absorbed_over=cython.longlong, is_real=cython.bint,
        leg=cython.longlong, fill=list,
    )
    cpdef long long _apply_fill(self, Evidence said, KernelOrder order, long long as_of_ns, long long now_ns)
    cpdef void _book_fill(self, Evidence said, KernelOrder order, tuple key, tuple own_key, long long leg, long long target)
    cpdef void _post(self, KernelOrder order, list fill)
    cpdef void _reverse(self, KernelOrder order, list fill)
    cpdef list inferred_fills(self, long long order_id)
    cpdef void _absorb(self, KernelOrder order, long long quantity)
    cpdef void apply_status_report(self, values, long long now_ns)
    cpdef void _not_found(self, KernelOrder order, long long as_of_ns, long long now_ns)
    @cython.locals(made=Evidence)
    cpdef Evidence _made(self, kind, KernelOrder order, values, long long request_id)
    cpdef list _doubted(self, KernelOrder order, long long kind)
    @cython.locals(made=Evidence)
    cpdef Evidence _less_inferred(self, KernelOrder order, values, key, list fill, long long taken)
    cpdef void apply_account(self, long long kind, values)
    cpdef long long _unknown_to(self, long long kind, values)
    cpdef void load(self, source)
    cpdef dict fills_to_spec(self)
cpdef list _flat_fill(fill)
cpdef list _ids(tuple doubts)
cpdef long long _trade_id_down(key)
