# Types for the compiled build, nothing else; see orders.py.
import cython

from tickproof.kernel.keys cimport Keys
from tickproof.venue.price_queue cimport Place

cdef long long _PESSIMISTIC
cdef long long _OPTIMISTIC
cdef long long NO_BEST
cdef long long NO_WORST
cdef long long _UNKNOWN
cdef long long _RESTING
cdef list _NO_PRICES


cdef class VenueOrder:
    cdef public long long order_id
    cdef public long long account
    cdef public long long instrument
    cdef public long long side
    cdef public long long order_type
    cdef public long long order_class
    cdef public long long price
    cdef public long long total
    cdef public long long executed
    cdef public long long good_till_ns
    cdef public long long doubtful
    cdef public long long prevention
    cdef public long long prevented
    cdef public long long reduce_only
    cdef public long long for_money
    cdef public object money
    cdef public long long most
    cdef public long long display
    cdef public long long shown
    cdef public long long joined_ns
    cdef public long long reloaded
    cdef public long long asked_type
    cdef public long long list_id
    cdef public long long leg
    cdef public long long held
    cdef public long long given
    cdef public long long wait
    cdef public long long watched
    cdef public long long trigger
    cdef public long long trailing_e4
    cdef public long long reference
    cdef public long long arrival
    cdef public long long venue_order_id
    cdef public long long tenure
    cdef public Place place
    cdef public object queue

    cpdef void begin(
        self, long long order_id, long long account, long long instrument, long long side,
        long long order_type, long long order_class, long long price, long long total,
        long long good_till_ns,
    )
    cpdef long long part(self, long long leaves, long long model)



cdef class LevelQueue:
    cdef public long long side
    cdef public long long price
    cdef public list orders
    cdef public long long message
    cdef public long long waiting

    cpdef void begin(self, long long side, long long price)
    cpdef void append(self, VenueOrder order)
    cpdef long long position(self, VenueOrder order)
    @cython.locals(order=VenueOrder, total=cython.longlong)
    cpdef long long leaves(self)
    @cython.locals(order=VenueOrder, index=cython.longlong)
    cpdef void lots_left(self, long long position, long long lots)
    @cython.locals(
        order=VenueOrder, place=Place, others=cython.longlong, own=cython.longlong,
        front=cython.longlong, blocked=cython.bint, leaves=cython.longlong, ahead=cython.longlong,
        fill=cython.longlong, since_ns=cython.longlong, unbounded=cython.bint,
        mine=cython.longlong, pessimistic=cython.bint,
    )
    cpdef long long share(self, long long lots, long long taken, long long stamp_ns, long long resting_side, long long model, bint through)
    @cython.locals(
        order=VenueOrder, own=cython.longlong, front=cython.longlong, leaves=cython.longlong,
        ahead=cython.longlong, mine=cython.longlong,
    )
    cpdef long long share_crossed(self, long long lots, long long stamp_ns, long long model)


cdef class OwnSide:
    cdef public long long side
    cdef public LevelQueue front
    cdef public dict behind
    cdef public Keys prices
    cdef public long long best
    cdef public long long worst
    cdef public dict displaced
    cdef public list displaced_prices

    @cython.locals(front=LevelQueue)
    cpdef LevelQueue at(self, long long price)
    cpdef dict by_price(self)
    @cython.locals(ahead=cython.longlong)
    cpdef long long own_ahead(self, LevelQueue queue)
    cpdef void displace(self, long long price, long long lots)
    cpdef void serve_displaced(self, long long price, long long lots)
    cpdef long long serve_at(self, long long price, long long lots)
    @cython.locals(queue=LevelQueue, made=LevelQueue)
    cpdef LevelQueue queue_at(self, long long price)
    @cython.locals(
        queue=LevelQueue, leaves=cython.longlong, kept=cython.longlong,
        doubtful=cython.longlong, position=cython.longlong,
    )
    cpdef void withdraw(self, VenueOrder order, long long lots, bint pessimistic)
    @cython.locals(queue=LevelQueue)
    cpdef void remove(self, VenueOrder order)
    cpdef void _drop(self, LevelQueue queue, VenueOrder order, long long position)
    @cython.locals(bound=cython.longlong, index=cython.longlong, other=cython.longlong)
    cpdef list better_than(self, long long price)
