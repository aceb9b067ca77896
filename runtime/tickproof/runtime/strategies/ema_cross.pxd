# Types for the compiled build, nothing else; see ema_cross.py.
import cython

from tickproof.kernel.intents cimport new_intent
from tickproof.kernel.view cimport KernelView, OrderFacts

cdef long long BAR
cdef long long BUY
cdef long long SELL
cdef long long MARKET


@cython.locals(seen=cython.longlong)
cpdef long long follow(
    KernelView view, memory, long long instrument, long long fast, long long slow,
)
@cython.locals(
    wanted=cython.longlong, order=OrderFacts, missing=cython.longlong, key=cython.longlong,
    side=cython.longlong,
)
cpdef tuple crossed(KernelView view, memory, long long instrument, long long size, long long short)
