# Types for the compiled build, nothing else; see touch_quoter.py.
import cython

from tickproof.kernel.intents cimport cancel_intent, new_intent
from tickproof.kernel.view cimport KernelView, OrderFacts

cdef long long BUY
cdef long long SELL
cdef long long LIMIT_MAKER


@cython.locals(
    bid=cython.longlong, ask=cython.longlong, has_bid=cython.bint, has_ask=cython.bint,
    key=cython.longlong, decisions=list,
)
cpdef list moved(KernelView view, memory)
@cython.locals(order=OrderFacts)
cpdef bint stands(KernelView view, long long key, bint at_touch, list decisions)
