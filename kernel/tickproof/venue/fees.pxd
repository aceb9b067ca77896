# Types for the compiled build, nothing else; see fees.py.
import cython

# A unit may be beyond 64 bits; then what is made of it is not worked out in C.

cdef long long _MAKER
cdef long long _FEE_SCALE


cdef class PlainFee:
    cdef public long long asset
    cdef public long long capped
    cdef public long long from_base
    cdef public long long maker_e8
    cdef public long long taker_e8
    cdef public object unit

    cpdef long long rate_e8(self, long long liquidity)
    @cython.locals(value=cython.longlong, amount=cython.longlong)
    cpdef long long of(self, long long price, long long lots, long long rate_e8)


cdef class FeeDesk:
    cdef public dict held
    cdef public tuple instruments
    cdef public bint plain
    cdef public list plain_fees
    cdef public dict traded

    @cython.locals(fee=PlainFee, rate_e8=cython.longlong)
    cpdef tuple charged(self, long long number, long long account, long long side, long long price, long long lots, long long liquidity)
