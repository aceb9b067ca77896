# Types for the compiled build, nothing else; see risk.py.


cdef class FlatFacts:
    cdef public object kind
    cdef public object key
    cdef public object order_type
    cdef public long long side
    cdef public object price
    cdef public object quantity
    cdef public object reduce_only
    cdef public object executed
    cdef public object held
    cdef public object key_used
    cdef public object account_known
    cdef public object instrument_known
    cdef public object instrument_state
    cdef public object trading_state
    cdef public object tick
    cdef public object lot_step
    cdef public object minimum_quantity
    cdef public object maximum_quantity
    cdef public object minimum_notional
    cdef public object money_per_price_lot
    cdef public object limit_price_collar_e8
    cdef public object limit_quantity
    cdef public object limit_notional
    cdef public object limit_position
    cdef public object limit_open_orders
    cdef public object limit_gross
    cdef public object limit_net
    cdef public object limit_loss
    cdef public object limit_drawdown
    cdef public object self_trade_refused
    cdef public object reference_known
    cdef public object reference_price
    cdef public object balance_known
    cdef public object free_balance
    cdef public object needed_lock
    cdef public object position_known
    cdef public object position
    cdef public object open_buy
    cdef public object open_sell
    cdef public object open_orders
    cdef public object exposure_known
    cdef public object gross_others
    cdef public object net_high_others
    cdef public object net_low_others
    cdef public long long equity_known
    cdef public object equity
    cdef public object peak_equity
    cdef public object initial_equity
    cdef public object own_opposite_known
    cdef public object own_opposite_price
    cdef public object trigger_price
    cdef public object at_auction

    cpdef void reset(self)
    cpdef void load(self, facts)
    cpdef void load_instrument(self, instrument)
    cpdef void load_limits(self, limits)
    cpdef to_spec(self)
cpdef worst_open(totals, executed)
cpdef bint unpriced(order_type)
cpdef bint reduces(FlatFacts facts)
cpdef deny_form(FlatFacts facts)
cpdef deny_context(FlatFacts facts)
cpdef deny_missing(FlatFacts facts)
cpdef deny_grid(FlatFacts facts)
cpdef deny_price(FlatFacts facts)
cpdef deny_purpose(FlatFacts facts)
cpdef deny_exposure(FlatFacts facts)
cpdef deny_money(FlatFacts facts)
cpdef decide_flat(FlatFacts facts)
