# Types for the compiled build, nothing else; see matching.py.
import cython
from libc.stdint cimport int64_t

from tickproof.venue.index cimport Index
from tickproof.venue.rows cimport Messages, Rows

cdef long long _ADD
cdef long long _STATUS
cdef long long _ACCEPTED
cdef long long _HELD
cdef long long _TRIGGERED
cdef long long _FILLED
cdef long long _PREVENTED
cdef long long _CANCELED
cdef long long _REJECTED
cdef long long _REPLACED
cdef long long _CANCEL_REJECTED
cdef long long _REPLACE_REJECTED
cdef long long _RESTATED
cdef long long _NEW
cdef long long _CANCEL
cdef long long _AMEND
cdef long long _REPLACE
cdef long long _LIMIT
cdef long long _MAKER
cdef long long _MARKET
cdef long long _STOP
cdef long long _STOP_LIMIT
cdef long long _NONE
cdef long long _EXPIRE_TAKER
cdef long long _EXPIRE_MAKER
cdef long long _EXPIRE_BOTH
cdef long long _DECREMENT
cdef long long _OLD_ID
cdef long long _OFF_TERMS
cdef long long _IN_CALL
cdef long long _AWAY
cdef long long _REACHED
cdef long long _PRICE_LIMIT
cdef long long _QUANTITY_LIMIT
cdef long long _AUCTION
cdef long long _CONTINUOUS
cdef long long _DELISTED
cdef long long _SELF_TRADE
cdef long long _NOT_TRADING
cdef long long _OTHER
cdef long long _UNKNOWN
cdef long long _TOO_LATE
cdef long long _OFF_NUMBERS
cdef long long _NOT_SMALLER
cdef long long _WOULD_TAKE
cdef long long NO_KEY
cdef long long TAKES
cdef long long RESTS
cdef long long HOLDS
cdef long long WHOLE
cdef long long REFUSED
cdef list _BITS
cdef list _REASONS
cdef list _OTHERWISE
cdef list _UNPRICED
cdef list _PHASE_TARGET
cdef list _AUCTIONS


cdef class Entry


@cython.final
cdef class Level:
    cdef public long long key
    cdef public long long price
    cdef public Entry first
    cdef public Entry last


@cython.final
cdef class Entry:
    cdef public long long order
    cdef public long long account
    cdef public long long kind
    cdef public long long side
    cdef public long long price
    cdef public long long total
    cdef public long long shown
    cdef public long long hidden
    cdef public long long display
    cdef public long long stop
    cdef public long long prevention
    cdef public Level level
    cdef public Entry ahead
    cdef public Entry behind


@cython.final
cdef class Ladder:
    cdef public long long side
    cdef public list keys
    cdef public Index levels
    cdef public Level best

    @cython.locals(level=Level, best=Level)
    cpdef Level make(self, long long key)
    @cython.locals(keys=list)
    cpdef void drop(self, Level level)
    @cython.locals(level=Level)
    cpdef Level at(self, long long key)


cdef class Matcher:
    cdef public long long status
    cdef public long long tick
    cdef public long long lot
    cdef public long long last_order
    cdef public long long trades
    cdef public long long last
    cdef public long long _grid
    cdef public long long _low
    cdef public long long _high
    cdef public long long _expired
    cdef public Rows reports
    cdef public Ladder _bids
    cdef public Ladder _asks
    cdef public Index _orders
    cdef public Entry _free
    cdef public dict _stops
    cdef public list _buy_stops
    cdef public list _sell_stops

    @cython.locals(entry=Entry, message=tuple, kind=cython.longlong)
    cpdef void run(self, messages)
    @cython.locals(
        index=cython.size_t, kind=cython.longlong, order=cython.longlong,
        account=cython.longlong, entry=Entry,
    )
    cpdef void take(self, Messages batch, long long start, long long stop)
    @cython.locals(before=cython.longlong, target=cython.longlong)
    cpdef void turn(self, long long kind)
    @cython.locals(
        order=cython.longlong, kind=cython.longlong, side=cython.longlong,
        price=cython.longlong, total=cython.longlong, status=cython.longlong,
        found=cython.longlong, place=cython.longlong, bits=cython.longlong, best=Level,
        account=cython.longlong, reports=Rows, shown=cython.longlong,
    )
    cdef _arrive(self, Entry entry)
    cdef int _refuse_new(self, Entry entry, long long reason) except -1
    @cython.locals(price=cython.longlong, stop=cython.longlong)
    cdef bint _are_terms(self, Entry entry, long long kind) except? -1
    @cython.locals(side=cython.longlong, last=cython.longlong, stop=cython.longlong, best=Level)
    cdef int64_t _reaches(self, Entry entry, long long kind) except? -1
    @cython.locals(bits=cython.longlong, reason=cython.longlong, limit=cython.longlong)
    cdef _follow(self, Entry entry, long long place)
    @cython.locals(
        side=cython.longlong, order=cython.longlong, account=cython.longlong,
        prevention=cython.longlong, left=cython.longlong, ladder=Ladder, level=Level,
        reports=Rows, trades=cython.longlong, first=cython.longlong, price=cython.longlong,
        maker=Entry, shown=cython.longlong, behind=Entry,
    )
    cdef void _take(self, Entry entry, long long limit)
    cdef int _widen(self, long long low, long long high) except -1
    @cython.locals(prevention=cython.longlong, lots=cython.longlong, prevented=cython.longlong)
    cdef int64_t _prevent(self, Level level, Entry maker, Entry entry, long long left) except? -1
    @cython.locals(
        ladder=Ladder, keys=list, wanted=cython.longlong, index=cython.longlong, maker=Entry,
        hidden=cython.longlong,
    )
    cdef bint _can_be_had(self, Entry entry, long long limit) except? -1
    @cython.locals(shown=cython.longlong)
    cdef int _join(self, Entry entry) except -1
    @cython.locals(
        side=cython.longlong, ladder=Ladder, key=cython.longlong, level=Level,
        shown=cython.longlong, display=cython.longlong, last=Entry,
    )
    cdef int64_t _stand(self, Entry entry) except? -1
    @cython.locals(hidden=cython.longlong, shown=cython.longlong, behind=Entry, last=Entry)
    cdef int _reload(self, Level level, Entry entry) except -1
    @cython.locals(shown=cython.longlong)
    cdef int _resize(self, Entry entry, long long lots) except -1
    cdef _leave(self, Entry entry)
    @cython.locals(ahead=Entry, behind=Entry, level=Level)
    cdef _unlink(self, Entry entry)
    cdef int _told_canceled(self, Entry entry, long long price, long long lots, long long reason) except -1
    cdef int _told_shown(self, Entry entry, long long shown) except -1
    cdef int _told_replaced(self, Entry entry, long long price, long long total) except -1
    @cython.locals(entry=Entry, side=cython.longlong, lots=cython.longlong, reason=cython.longlong)
    cpdef cancel(self, long long order, long long account)
    @cython.locals(entry=Entry)
    cdef Entry _order_of(self, long long order, long long account)
    @cython.locals(entry=Entry)
    cdef Entry _stop_of(self, long long order, long long account)
    cdef int64_t _nobody(self, long long order) except? -1
    @cython.locals(entry=Entry, rests=cython.bint, gone=cython.longlong)
    cpdef void amend(self, long long order, long long account, long long total)
    @cython.locals(entry=Entry, sound=cython.bint)
    cpdef void replace(self, long long order, long long account, long long price, long long total)
    cdef void _refuse_change(self, long long order, long long account, long long reason)
    cdef void _end(self, Entry entry, long long gone)
    @cython.locals(
        side=cython.longlong, kind=cython.longlong, gone=cython.longlong, best=Level,
        found=cython.longlong,
    )
    cdef void _move(self, Entry entry, long long price, long long total)
    @cython.locals(order=cython.longlong, side=cython.longlong, stop=cython.longlong)
    cdef void _hold(self, Entry entry)
    @cython.locals(reached=list, order=cython.longlong, entry=Entry, kind=cython.longlong)
    cdef void _set_off(self)
    @cython.locals(stops=list, order=cython.longlong)
    cdef void _collect(self, list reached)
    @cython.locals(
        price=cython.longlong, bids=Ladder, asks=Ladder, high=Level, low=Level, bid=Entry,
        ask=Entry, lots=cython.longlong,
    )
    cdef void _auction(self)
    cdef int _after_lots(self, Level level, Entry entry, long long lots) except -1
    cdef int64_t _auction_price(self) except? -1
    @cython.locals(index=cython.longlong, level=Level, lots=cython.longlong, entry=Entry)
    cdef dict _interest(self, Ladder ladder, long long limit)
    @cython.locals(ladder=Ladder, level=Level, entry=Entry, behind=Entry, lots=cython.longlong)
    cdef void _empty(self)
    @cython.locals(best=Level)
    cpdef int64_t best_price(self, long long side) except? -1
