# Types for the compiled build, nothing else; see ledger.py.
import cython

cdef long long BUY
cdef long long SELL
cdef long long SPOT
cdef long long LINEAR
cdef long long NOTIONAL
cdef long long DELIVERY
cdef long long REALISED
cdef long long FEE
cdef long long NOTIONAL_REVERSED
cdef long long DELIVERY_REVERSED
cdef long long REALISED_REVERSED
cdef long long FEE_REVERSED
cdef long long REBASED
cdef long long TRANSFER
cdef long long RECONCILIATION
cdef long long FUNDING
cdef long long SETTLEMENT
cdef long long LIQUIDATION
cdef long long FEE_ADJUSTMENT
cdef long long RESERVED_ROWS
cdef long long BUCKETS
cdef long long FEE_SCALE
cdef long long NO_PRICE
@cython.locals(narrow=cython.longlong, rate_e8=cython.longlong)
cpdef rounded_up(amount, rate)
cpdef closed_lots(held, long long side, quantity)
@cython.locals(narrow=cython.longlong, lots=cython.longlong, whole=cython.longlong)
cpdef cost_released(cost, held, closed)
@cython.locals(narrow=cython.longlong, per_lot=cython.longlong, lots=cython.longlong)
cpdef profit_of(long long side, closed, released, value_per_lot)
cpdef residue_left(remaining, cost)


cdef class KernelLedger:
    cdef public long long account_count
    cdef public long long asset_count
    cdef public long long instrument_count
    cdef public long long house_row
    cdef public long long venue_row
    cdef public long long difference_row
    cdef public list kinds
    cdef public list bases
    cdef public list quotes
    cdef public list money_per_price_lot
    cdef public list base_per_lot
    cdef public list lock_rates_e8
    cdef public list lock_lot_fees
    cdef public list initial_margins_e8
    cdef public list lock_prices
    cdef public list locks_per_lot
    cdef public list margin_costs
    cdef public list margins
    cdef public list totals
    cdef public list locked
    cdef public list transferred
    cdef public list quantities
    cdef public list costs
    cdef public list realised
    cdef public list fees_quote
    cdef public list fees_base
    cdef public long long overdrawn
    cdef public long long equity_known

    cpdef bint knows_account(self, long long account)
    cpdef bint knows_asset(self, long long asset)
    cpdef long long row_of(self, long long holder)
    cpdef long long cell_of(self, long long account, long long instrument, long long bucket=*)
    cpdef total_of(self, long long holder, long long asset)
    cpdef locked_of(self, long long account, long long asset)
    cpdef available_of(self, long long account, long long asset)
    cpdef quantity_of(self, long long account, long long instrument, long long bucket=*)
    cpdef void _move(self, list records, long long asset, long long account, long long holder, long long holder_row, amount, long long reason)
    cpdef _below_zero(self, list records, long long start, long long account)
    cpdef void _exchange(self, list records, long long instrument, long long account, signed_quantity, price, long long notional_reason, long long delivery_reason)
    cpdef void _add_fee(self, long long cell, long long instrument, long long asset, amount)
    cpdef _book(self, list records, long long instrument, long long account, long long side, price, quantity, fee_amount, long long fee_asset, long long bucket, long long closing_reason)
    cpdef post_fill(self, list records, long long instrument, long long account, long long side, price, quantity, fee_amount, long long fee_asset, long long bucket=*)
    cpdef reverse_fill(self, list records, long long instrument, long long account, long long side, price, quantity, fee_amount, long long fee_asset, realised, long long bucket=*)
    cpdef settle(self, list records, long long instrument, long long account, price, long long bucket=*)
    cpdef liquidate(self, list records, long long instrument, long long account, price, quantity, fee_amount, long long fee_asset, long long bucket=*)
    cpdef _close(self, list records, long long instrument, long long account, price, quantity, fee_amount, long long fee_asset, long long bucket, long long reason)
    cpdef void transfer(self, list records, long long account, long long asset, amount)
    cpdef void reconcile_balance(self, list records, long long account, long long asset, total)
    cpdef void pay_funding(self, list records, long long account, long long asset, amount)
    cpdef void adjust_fee(self, list records, long long account, long long asset, amount)
    cpdef void _simple(self, list records, long long asset, long long account, long long holder, long long holder_row, amount, long long reason)
    cpdef void set_locked(self, long long account, long long asset, amount)
    @cython.locals(index=cython.longlong)
    cpdef void add_locked(self, long long account, long long asset, change)
    @cython.locals(kind=cython.longlong)
    cpdef long long lock_asset(self, long long instrument, long long side)
    @cython.locals(
        kind=cython.longlong, place=cython.longlong, kept=cython.longlong
    )
    cpdef lock_per_lot(self, long long instrument, long long side, long long price)
    @cython.locals(narrow=cython.longlong)
    cpdef lock_for(self, long long instrument, long long side, long long price, long long quantity, long long executed=*)
    @cython.locals(
        cell=cython.longlong, narrow=cython.longlong, held=cython.longlong, cost=cython.longlong
    )
    cpdef unrealised(self, long long account, long long instrument, long long mark_price, long long bucket=*)
    @cython.locals(kind=cython.longlong, cell=cython.longlong)
    cpdef position_margin(self, long long account, long long instrument, long long bucket=*)
    @cython.locals(kind=cython.longlong, cell=cython.longlong)
    cpdef closing_loss(self, long long account, long long instrument, long long side, long long price, quantity, long long bucket=*)
    cpdef equity(self, long long account, long long asset, marks)
    cpdef _linear_worth(self, long long account, long long instrument, mark)
    cpdef list flat_state(self)
    cpdef to_spec(self)
