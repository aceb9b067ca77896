# Types for the compiled build, nothing else; see risk.py.
import cython

cdef long long BUY
cdef long long SELL
cdef long long NEW
cdef long long REPLACE
cdef long long CANCEL
cdef long long LIMIT
cdef long long MARKET
cdef long long STOP
cdef long long TAKE_PROFIT
cdef long long LAST_TYPE
cdef long long ACTIVE
cdef long long STATE_REDUCING
cdef long long ORDER_KEY_LIMIT
cdef long long PRICE_LIMIT
cdef long long QUANTITY_LIMIT
cdef long long AUCTION
cdef long long CONTINUOUS
cdef long long ALLOWED
cdef long long MALFORMED
cdef long long UNKNOWN_ACCOUNT
cdef long long UNKNOWN_INSTRUMENT
cdef long long HALTED
cdef long long NOT_TRADABLE
cdef long long DUPLICATE_KEY
cdef long long MISSING_DATA
cdef long long OFF_TICK
cdef long long OFF_LOT
cdef long long BELOW_MINIMUM_QUANTITY
cdef long long ABOVE_MAXIMUM_QUANTITY
cdef long long NO_REFERENCE_PRICE
cdef long long BELOW_MINIMUM_NOTIONAL
cdef long long ABOVE_MAXIMUM_NOTIONAL
cdef long long PRICE_COLLAR
cdef long long REDUCING
cdef long long REDUCE_ONLY
cdef long long SELF_TRADE
cdef long long MAXIMUM_OPEN_ORDERS
cdef long long MAXIMUM_POSITION
cdef long long MAXIMUM_GROSS
cdef long long MAXIMUM_NET
cdef long long MAXIMUM_LOSS
cdef long long MAXIMUM_DRAWDOWN
cdef long long INSUFFICIENT_BALANCE
cdef long long ORDER_LIST


cdef class FlatFacts:
    cdef public long long kind
    cdef public long long key
    cdef public long long order_type
    cdef public long long side
    cdef public long long price
    cdef public long long quantity
    cdef public long long reduce_only
    cdef public long long executed
    cdef public long long held
    cdef public long long key_used
    cdef public long long account_known
    cdef public long long instrument_known
    cdef public long long instrument_state
    cdef public long long trading_state
    cdef public long long tick
    cdef public long long lot_step
    cdef public long long minimum_quantity
    cdef public long long maximum_quantity
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
    cdef public long long self_trade_refused
    cdef public long long reference_known
    cdef public long long reference_price
    cdef public long long balance_known
    cdef public object free_balance
    cdef public object needed_lock
    cdef public long long position_known
    cdef public object position
    cdef public object open_buy
    cdef public object open_sell
    cdef public long long open_orders
    cdef public long long exposure_known
    cdef public object gross_others
    cdef public object net_high_others
    cdef public object net_low_others
    cdef public long long equity_known
    cdef public object equity
    cdef public object peak_equity
    cdef public object initial_equity
    cdef public long long own_opposite_known
    cdef public long long own_opposite_price
    cdef public long long trigger_price
    cdef public long long quote_quantity
    cdef public long long at_auction
    cdef public long long list_used

    cpdef void reset(self)
    cpdef void load(self, facts)
    cpdef void load_instrument(self, instrument)
    cpdef void load_limits(self, limits)
    cpdef to_spec(self)
cpdef worst_open(totals, executed)
cpdef bint unpriced(long long order_type)
cpdef bint reduces(FlatFacts facts)
@cython.locals(kind=cython.longlong, side=cython.longlong, order_type=cython.longlong)
cpdef long long deny_form(FlatFacts facts)
@cython.locals(trading=cython.longlong, state=cython.longlong)
cpdef long long deny_context(FlatFacts facts)
cpdef long long deny_missing(FlatFacts facts)
@cython.locals(quantity=cython.longlong)
cpdef long long deny_grid(FlatFacts facts)
@cython.locals(
    market=cython.bint, reference=cython.longlong, price=cython.longlong, trigger=cython.longlong,
    money=cython.longlong,
)
cpdef long long deny_price(FlatFacts facts)
cpdef long long deny_purpose(FlatFacts facts)
@cython.locals(asked=cython.longlong, held=cython.longlong, side=cython.longlong)
cpdef long long deny_exposure(FlatFacts facts)
cpdef long long deny_money(FlatFacts facts)
cpdef long long decide_flat(FlatFacts facts)
