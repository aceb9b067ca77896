"""What the simulated venue says of an order, and what a fill or an end does to other orders.

Decides who else is touched when an order trades or ends: the legs of its list, by the fates of
`spec.order_list`, and orders that may only reduce, which want together no more than there is to
reduce. Everything said leaves by `_emit`, at the time its answer takes. This is the base of the
simulated venue: what it knows is kept here, and each layer above decides one thing more.
"""

from __future__ import annotations

from collections.abc import Iterable

from tickproof.kernel.tape import Evidence, Stamped, evidence_about
from tickproof.spec.errors import InvariantBroken
from tickproof.spec.events import NOT_CARRIED, EventKind, Reason
from tickproof.spec.instrument import Instrument
from tickproof.spec.latency import Delays
from tickproof.spec.order_list import Fate
from tickproof.spec.price_queue import FillModel
from tickproof.spec.time import NEVER_NS
from tickproof.spec.venue_admission import Command, Tenure, Wanted
from tickproof.spec.venue_rules import NO_RULES, VenueRules, room_to_reduce
from tickproof.venue.fees import FeeDesk
from tickproof.venue.funding import FundingDesk
from tickproof.venue.latency import Connection
from tickproof.venue.lists import TiedLegs, list_key
from tickproof.venue.market import Market
from tickproof.venue.order_place import OrderQueues
from tickproof.venue.orders import VenueOrder
from tickproof.venue.requests import UnderWay, VenueRequest, release_of
from tickproof.venue.verdicts import move, revised

ID_STRIDE = 1_000_000_000_000
"""Venue order ids and trade ids count from instrument x ID_STRIDE, so that no instrument's ids
depend on what happens on another [D6]."""

_FILLED = int(EventKind.FILLED)
_CANCELED = int(EventKind.CANCELED)
_EXPIRED = int(EventKind.EXPIRED)
_REJECTED = int(EventKind.REJECTED)
_RESTATED = int(EventKind.RESTATED)
_ENDS = (_CANCELED, _EXPIRED, _REJECTED)
_PESSIMISTIC = int(FillModel.PESSIMISTIC)
_FITTED = int(FillModel.FITTED)
_EXACT = int(FillModel.EXACT)
_RESTING = int(Tenure.RESTING)
_CLOSED = int(Tenure.CLOSED)
_TO_FILL = int(Command.FILLED_UP)
_NOT_CARRIED = int(NOT_CARRIED)
_NEVER = NEVER_NS
_STRIDE = ID_STRIDE

Output = tuple[int, int, int, tuple[int, ...]]
"""(arrival_ns, event_time_ns, kind, payload): an execution event, as `events.payload` lays it."""


class ReportingVenue:
    """What a venue knows of markets, orders and lists, and all that it says.

    Settings are those of `venue.SimulatedVenue`.
    """

    __slots__ = (
        "pending_outputs",
        "_model",
        "_request_latency_ns",
        "_response_latency_ns",
        "_markets",
        "_orders",
        "_requests",
        "_dates",
        "_lists",
        "_now_ns",
        "due_ns",
        "_outputs",
        "_fees",
        "_connection",
        "funding",
    )

    pending_outputs: int
    _model: int
    _request_latency_ns: int
    _response_latency_ns: int
    _now_ns: int
    due_ns: int

    def __init__(
        self,
        instruments: tuple[Instrument, ...],
        model: int,
        request_latency_ns: int,
        response_latency_ns: int,
        rules: tuple[VenueRules, ...] = (),
        balances: Iterable[tuple[int, int, int]] = (),
        delays: Delays | None = None,
        pays_funding: bool = False,
    ) -> None:
        self.pending_outputs = 0
        self._model = int(model)
        self._request_latency_ns = request_latency_ns
        self._response_latency_ns = response_latency_ns
        remembers = self._model == _FITTED
        self._markets = [
            Market(each, remembers, rules[each.id] if each.id < len(rules) else NO_RULES)
            for each in instruments
        ]
        if self._model == _EXACT:
            for market in self._markets:
                to_back = market.instrument.increase_loses_priority
                market.by_order = OrderQueues(market.tick, to_back)
        self._orders: dict[int, VenueOrder] = {}
        self._requests = UnderWay()
        self._dates: list[tuple[int, int]] = []
        self._lists: dict[tuple[int, int], TiedLegs] = {}
        self._now_ns = 0
        self.due_ns = _NEVER
        self._outputs: list[Stamped] = []
        self._fees = FeeDesk(instruments, balances)
        self._connection = None if delays is None else Connection(delays)
        self.funding = FundingDesk(len(instruments)) if pays_funding else None

    def _fill(
        self,
        order: VenueOrder,
        price: int,
        lots: int,
        liquidity: int,
        cause: int,
    ) -> None:
        market = self._markets[order.instrument]
        order.executed += lots
        if order.executed > order.total:
            raise InvariantBroken("an order was filled beyond its total at the venue")
        filled = order.executed == order.total
        if filled:
            move(order, _TO_FILL)
        held = market.positions.get(order.account, 0)
        market.positions[order.account] = held + order.side * lots
        market.trade_count += 1
        trade_id = order.instrument * _STRIDE + market.trade_count
        asset, fee = self._fees.charged(
            order.instrument, order.account, order.side, price, lots, liquidity
        )
        said = self._about(_FILLED, order)
        said.trade_id = trade_id
        said.price = price
        said.quantity = lots
        said.leaves = order.total - order.executed
        said.fee = fee
        said.fee_asset = asset
        said.liquidity = liquidity
        said.cause = cause
        self._emit(said)
        if order.list_id:
            self._leg_meets(order, Fate.FILLED if filled else Fate.WORKS)

    def _may_fill(self, order: VenueOrder, lots: int) -> int:
        """How much of `lots` an order may trade: one that only reduces, what is left to reduce.

        One that has ended meanwhile, because another leg of its list traded, trades nothing.
        """
        if order.tenure != _RESTING:
            return 0
        if not order.reduce_only:
            return lots
        position = self._markets[order.instrument].positions.get(order.account, 0)
        return min(lots, room_to_reduce(position, order.side, 0))

    def _leave(self, order: VenueOrder) -> None:
        """Take a resting order out of its queue; own lots behind it move up."""
        market = self._markets[order.instrument]
        if order.queue is None:
            if order.held:
                order.held = 0
                market.held.remove(order)
            elif order.wait:
                market.conditionals.drop(order)
            elif order in market.calls:
                market.calls.remove(order)
            market.note_idle()
            return
        own = market.bids if order.side > 0 else market.asks
        own.withdraw(order, order.total - order.executed, self._model == _PESSIMISTIC)
        market.note_idle()

    def _withdraw(self, order: VenueOrder, lots: int) -> None:
        """A resting order gives up lots in its place."""
        market = self._markets[order.instrument]
        own = market.bids if order.side > 0 else market.asks
        own.withdraw(order, lots, self._model == _PESSIMISTIC)

    def _cut_reducing(self, market: Market) -> None:
        """Orders that may only reduce want together no more than there is to reduce.

        Those that came first keep what they want; legs that exclude each other want the larger.
        """
        counted: dict[int, int] = {}
        market.reducing = [each for each in market.reducing if each.tenure != _CLOSED]
        wanted: dict[tuple[int, int], int] = {}
        for order in market.reducing:
            if order.tenure != _RESTING:
                continue
            whose = (order.account, order.side)
            sibling = self._sibling(order)
            shared = 0 if sibling is None else counted.get(sibling.order_id, 0)
            others = wanted.get(whose, 0) - shared
            room = room_to_reduce(market.positions.get(order.account, 0), order.side, others)
            leaves = order.total - order.executed
            counted[order.order_id] = min(leaves, room)
            wanted[whose] = others + max(counted[order.order_id], shared)
            if room == 0:
                self._leave(order)
                move(order, Command.POSITION_GONE)
                self._report(_EXPIRED, order, 0, _NOT_CARRIED, Reason.REDUCE_ONLY)
            elif leaves > room:
                self._withdraw(order, leaves - room)
                self._restate(order, Command.POSITION_SMALLER, order.executed + room)

    def _restate(self, order: VenueOrder, command: int, total: int) -> None:
        """The venue lessens what an order wants."""
        order.total = revised(order, command, Wanted(order.price, total)).total
        self._report(_RESTATED, order, 0, order.total + order.prevented, Reason.REDUCE_ONLY)

    def _sibling(self, order: VenueOrder) -> VenueOrder | None:
        """The leg that excludes this one."""
        if order.list_id == 0:
            return None
        return self._lists[list_key(order.order_id, order.list_id)].sibling(order.leg)

    def _leg_meets(self, order: VenueOrder, fate: int) -> None:
        """Something happened to a leg: what the list makes of it.

        Who is excluded ends at once. Whose turn it is comes in after the message that made it so,
        like a request that arrives now.
        """
        tied = self._lists[list_key(order.order_id, order.list_id)]
        released, ended = tied.turn(order.leg, fate)
        self._end_legs(ended)
        if released:
            self._requests.add(release_of(released[0].order_id, self._now_ns))
            self.due_ns = min(self.due_ns, self._now_ns)

    def _end_legs(self, orders: list[VenueOrder]) -> None:
        """Legs that another excludes, or whose list was refused."""
        for order in orders:
            if order.tenure == _RESTING:
                self._leave(order)
                move(order, Command.CANCEL)
                self._report(_CANCELED, order, 0, _NOT_CARRIED, Reason.ORDER_LIST)

    def _report(
        self,
        kind: int,
        order: VenueOrder,
        request_id: int,
        total: int,
        reason: int,
        lots: int = 0,
    ) -> None:
        """An execution event about an order the venue knows, other than a fill.

        The end of a leg of an order list ends others.
        """
        resting = order.tenure == _RESTING
        said = self._about(kind, order)
        said.request_id = request_id
        said.price = order.price
        said.quantity = lots
        said.total = total
        said.leaves = order.total - order.executed if resting else 0
        said.reason = reason
        self._emit(said)
        if order.list_id and not resting and kind in _ENDS:
            self._leg_meets(order, Fate.ENDED)

    def _refuse(self, kind: int, request: VenueRequest, reason: int) -> None:
        """A refused request: nothing changed, and the answer says why."""
        order = self._orders.get(request.order_id)
        said = evidence_about(kind, request.account, request.instrument, request.order_id)
        said.request_id = request.request_id
        if order is not None and kind != _REJECTED:
            said.venue_order_id = order.venue_order_id
        said.side = request.side
        said.price = request.price
        said.reason = reason
        self._emit(said)

    def _about(self, kind: int, order: VenueOrder) -> Evidence:
        """Evidence about an order the venue knows."""
        said = evidence_about(kind, order.account, order.instrument, order.order_id)
        said.venue_order_id = order.venue_order_id
        said.side = order.side
        return said

    def _emit(self, said: Stamped) -> None:
        """Say it: stamped with the venue's time and, as captured, with the time of its arrival."""
        now_ns = self._now_ns
        said.event_time_ns = now_ns
        said.capture_time_ns = now_ns + self._response_latency_ns
        if self._connection is not None:
            said.capture_time_ns = self._connection.response_arrival(now_ns)
        self._outputs.append(said)
        self.pending_outputs += 1

    def take_outputs(self) -> list[Stamped]:
        """All that was said since the last call, in order."""
        outputs = self._outputs
        self._outputs = []
        self.pending_outputs = 0
        return outputs
