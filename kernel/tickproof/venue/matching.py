"""The fast matching venue: what `tickproof.spec.matching` says, on mutable integers [M7].

Decides nothing: verdicts come from the specification's arrival table, read once when this module
is imported, and every message gives the reports that the specification gives, in the same order.

A side is a ladder: levels by key, where key = price x side, so that on both sides the greatest key
is the best and the code is the same. Keys stand in a sorted list with the best at its end: nearly
everything happens there, so a new level moves few keys and the best one goes by `pop`. A level is
a doubly linked queue through the orders themselves; an order is found by its id and leaves in
constant time. The order that comes in is the very object that rests, and one that ended is used
again for the next, because making one costs more than matching it.

Reports are tuples of eight integers, laid out as the fields of `spec.matching.Report`.

Sections: pieces, the matcher, messages, arrival, matching, demands, stops, auction, reading.
"""

from __future__ import annotations

from array import array
from bisect import bisect_left, insort
from collections.abc import Iterable
from heapq import heappop, heappush

from tickproof.spec.errors import InvariantBroken
from tickproof.spec.events import EventKind, Reason
from tickproof.spec.instructions import Prevention
from tickproof.spec.instrument import PRICE_LIMIT, QUANTITY_LIMIT, InstrumentState
from tickproof.spec.matching import (
    ARRIVAL_REASONS,
    ARRIVALS,
    DEMAND_REASONS,
    PHASES,
    UNPRICED,
    Arrival,
    DemandRefusal,
    MatchingState,
    Message,
    MessageKind,
    OrderKind,
    uncross,
    uncross_and_go_on,
)
from tickproof.spec.table import Refuse, Rule, always
from tickproof.venue.index import new_index
from tickproof.venue.rows import Messages, new_rows, words_of

_ADD = int(EventKind.BOOK_ORDER_ADD)
_STATUS = int(EventKind.INSTRUMENT_STATUS)
_ACCEPTED = int(EventKind.ACCEPTED)
_HELD = int(EventKind.HELD)
_TRIGGERED = int(EventKind.TRIGGERED)
_FILLED = int(EventKind.FILLED)
_PREVENTED = int(EventKind.PREVENTED)
_CANCELED = int(EventKind.CANCELED)
_REJECTED = int(EventKind.REJECTED)
_REPLACED = int(EventKind.REPLACED)
_CANCEL_REJECTED = int(EventKind.CANCEL_REJECTED)
_REPLACE_REJECTED = int(EventKind.REPLACE_REJECTED)
_RESTATED = int(EventKind.RESTATED)

_NEW = int(MessageKind.NEW)
_CANCEL = int(MessageKind.CANCEL)
_AMEND = int(MessageKind.AMEND)
_REPLACE = int(MessageKind.REPLACE)

_LIMIT = int(OrderKind.LIMIT)
_MAKER = int(OrderKind.MAKER)
_MARKET = int(OrderKind.MARKET)
_STOP = int(OrderKind.STOP)
_STOP_LIMIT = int(OrderKind.STOP_LIMIT)

_NONE = int(Prevention.NONE)
_EXPIRE_TAKER = int(Prevention.EXPIRE_TAKER)
_EXPIRE_MAKER = int(Prevention.EXPIRE_MAKER)
_EXPIRE_BOTH = int(Prevention.EXPIRE_BOTH)
_DECREMENT = int(Prevention.DECREMENT)

_OLD_ID = int(Arrival.OLD_ID)
_OFF_TERMS = int(Arrival.OFF_TERMS)
_IN_CALL = int(Arrival.IN_CALL)
_AWAY = int(Arrival.AWAY)
_REACHED = int(Arrival.REACHED)

_PRICE_LIMIT = PRICE_LIMIT
_QUANTITY_LIMIT = QUANTITY_LIMIT

_AUCTION = int(InstrumentState.AUCTION)
_CONTINUOUS = int(InstrumentState.CONTINUOUS)
_DELISTED = int(InstrumentState.DELISTED)

_SELF_TRADE = int(Reason.SELF_TRADE)
_NOT_TRADING = int(Reason.INSTRUMENT_NOT_TRADING)
_OTHER = int(Reason.OTHER)

_UNKNOWN = int(DEMAND_REASONS[DemandRefusal.UNKNOWN_ORDER])
_TOO_LATE = int(DEMAND_REASONS[DemandRefusal.TOO_LATE])
_OFF_NUMBERS = int(DEMAND_REASONS[DemandRefusal.TERMS])
_NOT_SMALLER = int(DEMAND_REASONS[DemandRefusal.NOT_SMALLER])
_WOULD_TAKE = int(DEMAND_REASONS[DemandRefusal.WOULD_TAKE])

NO_KEY = -(1 << 62)
"""Below the key of every level: the limit of an order without one."""

TAKES, RESTS, HOLDS, WHOLE, REFUSED = 1, 2, 4, 8, 16
"""Bits of a flat verdict. WHOLE: takes only where all of it can be had, else REASONS[1] ends it."""

Row = tuple[int, ...]
"""A report, or a message, as integers."""


def _flat_arrivals() -> tuple[list[int], list[int], list[int]]:
    """[kind x 8 + arrival]: bits, the reason, the reason of an order that cannot be had whole."""
    bits = [REFUSED] * 64
    reasons = [_OTHER] * 64
    otherwise = [_OTHER] * 64
    nobody, nothing = MatchingState(), Message(0)
    for kind in OrderKind:
        for found in Arrival:
            place = kind * 8 + found
            for rule in ARRIVALS.cells[kind][found]:
                if isinstance(rule, Refuse):
                    reasons[place] = int(ARRIVAL_REASONS[rule.code])
                    continue
                verdict = rule.effect(nobody, nothing)
                if rule.guard is always or verdict.takes:
                    guarded = 0 if rule.guard is always else WHOLE
                    bits[place] = (
                        TAKES * verdict.takes
                        + RESTS * verdict.rests
                        + HOLDS * verdict.holds
                        + guarded
                    )
                    reasons[place] = int(verdict.reason)
                else:
                    otherwise[place] = int(verdict.reason)
    return bits, reasons, otherwise


_BITS, _REASONS, _OTHERWISE = _flat_arrivals()
_UNPRICED: list[bool] = [kind in UNPRICED for kind in OrderKind]

_PHASE_RULES: list[list[Rule]] = [
    [PHASES.cells[status][kind][0] for kind in MessageKind] for status in InstrumentState
]

_PHASE_TARGET: list[list[int]] = [
    [-1 if isinstance(rule, Refuse) else rule.target for rule in rules] for rules in _PHASE_RULES
]
"""[status][message kind]: the phase afterwards, -1 where the message is refused."""

_AUCTIONS: list[list[bool]] = [
    [not isinstance(rule, Refuse) and rule.effect in (uncross, uncross_and_go_on) for rule in rules]
    for rules in _PHASE_RULES
]
"""[status][message kind]: whether what is crossed trades at one price."""

# --- pieces ---------------------------------------------------------------------------------------


class Level:
    """A queue of orders at one price; `key` = price x side."""

    __slots__ = ("first", "key", "last", "price")

    key: int
    price: int

    def __init__(self, key: int, price: int) -> None:
        self.key = key
        self.price = price
        self.first: Entry | None = None
        self.last: Entry | None = None


class Entry:
    """An order: coming in, waiting for its stop, or in the book with its neighbours.

    Fields as in `spec.matching.Resting` and `Waiting`; while it comes in, `shown` is what it still
    wants. One that ended has the next to be used again `behind` it.
    """

    __slots__ = (
        "account",
        "ahead",
        "behind",
        "display",
        "hidden",
        "kind",
        "level",
        "order",
        "prevention",
        "price",
        "shown",
        "side",
        "stop",
        "total",
    )

    order: int
    account: int
    kind: int
    side: int
    price: int
    total: int
    shown: int
    hidden: int
    display: int
    stop: int
    prevention: int

    def __init__(self) -> None:
        self.order = 0
        self.account = 0
        self.kind = 0
        self.side = 0
        self.price = 0
        self.total = 0
        self.shown = 0
        self.hidden = 0
        self.display = 0
        self.stop = 0
        self.prevention = 0
        self.level: Level | None = None
        self.ahead: Entry | None = None
        self.behind: Entry | None = None


class Ladder:
    """The levels of a side. `keys` ascending, so that the last one is the best."""

    __slots__ = ("best", "keys", "levels", "side")

    side: int

    def __init__(self, side: int) -> None:
        self.side = side
        self.keys: list[int] = []
        self.levels: dict[int, Level] = new_index()
        self.best: Level | None = None

    def make(self, key: int) -> Level:
        """A new level."""
        level = Level(key, key * self.side)
        self.levels.setdefault(key, level)
        best = self.best
        if best is None or key > best.key:
            self.keys.append(key)
            self.best = level
        else:
            insort(self.keys, key)
        return level

    def at(self, key: int) -> Level:
        """The level of a key that has one."""
        level = self.levels.get(key)
        if level is None:
            raise InvariantBroken("a key without a level")
        return level

    def drop(self, level: Level) -> None:
        """A level without orders goes."""
        keys = self.keys
        self.levels.pop(level.key, None)
        if level is self.best:
            keys.pop()
            self.best = self.levels.get(keys[-1]) if keys else None
        else:
            del keys[bisect_left(keys, level.key)]


# --- the matcher ---------------------------------------------------------------------------------


class Matcher:
    """One instrument's matching venue.

    `reports`: what it said since whoever reads it last cleared the list, tuples of eight integers.
    `status`, `last_order`, `trades`, `last` as in `spec.matching.MatchingState`.
    """

    __slots__ = (
        "_asks",
        "_bids",
        "_buy_stops",
        "_expired",
        "_free",
        "_grid",
        "_high",
        "_low",
        "_orders",
        "_sell_stops",
        "_stops",
        "last",
        "last_order",
        "lot",
        "reports",
        "status",
        "tick",
        "trades",
    )

    status: int
    tick: int
    lot: int
    last_order: int
    trades: int
    last: int
    _grid: int
    _low: int
    _high: int
    _expired: int

    def __init__(self, tick: int = 1, lot: int = 1, status: int = _CONTINUOUS) -> None:
        self.tick = tick
        self.lot = lot
        self._grid = int(tick != 1 or lot != 1)
        self.status = int(status)
        self.last_order = 0
        self.trades = 0
        self.last = 0
        self.reports: list[Row] = new_rows()
        self._low = 0
        self._high = 0
        self._expired = 0
        self._bids = Ladder(1)
        self._asks = Ladder(-1)
        self._orders: dict[int, Entry] = new_index()
        self._free: Entry | None = None
        self._stops: dict[int, Entry] = {}
        self._buy_stops: list[tuple[int, int]] = []
        self._sell_stops: list[tuple[int, int]] = []

    def __len__(self) -> int:
        return len(self._orders) + len(self._stops)

    # --- messages --------------------------------------------------------------------------------

    def run(self, messages: Iterable[Row]) -> None:
        """Apply messages, each ten integers laid out as the fields of `spec.matching.Message`."""
        for message in messages:
            kind = message[0]
            if kind == _NEW:
                entry = self._free
                if entry is None:
                    entry = Entry()
                self._free = entry.behind
                (
                    _,
                    entry.order,
                    entry.account,
                    entry.kind,
                    entry.side,
                    entry.price,
                    entry.total,
                    entry.display,
                    entry.stop,
                    entry.prevention,
                ) = message
                self._arrive(entry)
            elif kind == _CANCEL:
                self.cancel(message[1], message[2])
            elif kind == _AMEND:
                self.amend(message[1], message[2], message[6])
            elif kind == _REPLACE:
                self.replace(message[1], message[2], message[5], message[6])
            else:
                self.turn(kind)

    def take(self, batch: Messages, start: int, stop: int) -> None:
        """Apply messages `start` to `stop` of a batch."""
        for index in range(start, stop):
            kind = batch.kind[index]
            order = batch.order[index]
            account = batch.account[index]
            if kind == _NEW:
                entry = self._free
                if entry is None:
                    entry = Entry()
                self._free = entry.behind
                entry.order = order
                entry.account = account
                entry.kind = batch.order_kind[index]
                entry.side = batch.side[index]
                entry.price = batch.price[index]
                entry.total = batch.quantity[index]
                entry.display = batch.display[index]
                entry.stop = batch.stop[index]
                entry.prevention = batch.prevention[index]
                self._arrive(entry)
            elif kind == _CANCEL:
                self.cancel(order, account)
            elif kind == _AMEND:
                self.amend(order, account, batch.quantity[index])
            elif kind == _REPLACE:
                self.replace(order, account, batch.price[index], batch.quantity[index])
            else:
                self.turn(kind)

    def words(self) -> array[int]:
        """The reports as flat integers, eight to each."""
        return words_of(self.reports)

    def new(
        self,
        order: int,
        account: int,
        kind: int,
        side: int,
        price: int,
        quantity: int,
        display: int = 0,
        stop: int = 0,
        prevention: int = 0,
    ) -> None:
        """A new order arrives; arguments as the fields of `spec.matching.Message`."""
        row = (_NEW, order, account, kind, side, price, quantity, display, stop, prevention)
        self.run((row,))

    def turn(self, kind: int) -> None:
        """The phase changes; `kind`: a TO_<STATE> code of `MessageKind`."""
        before = self.status
        target = _PHASE_TARGET[before][kind]
        if target < 0:
            self.reports.append((_REJECTED, 0, 0, 0, 0, 0, 0, _OTHER))
            return
        self.status = target
        self.reports.append((_STATUS, 0, 0, 0, 0, 0, 0, target))
        if target == _DELISTED:
            self._empty()
        elif _AUCTIONS[before][kind]:
            self._high = 0
            self._auction()
            if target == _CONTINUOUS and self._high and self._stops:
                self._set_off()

    # --- arrival ---------------------------------------------------------------------------------

    def _arrive(self, entry: Entry) -> None:
        """A new order, from its arrival to the stops it set off."""
        order, kind, side, price = entry.order, entry.kind, entry.side, entry.price
        total = entry.total
        status = self.status
        if status != _CONTINUOUS and _PHASE_TARGET[status][_NEW] < 0:
            self._refuse_new(entry, _NOT_TRADING)
            return
        if not 0 < kind <= _STOP_LIMIT:
            kind = found = 0
        elif order <= self.last_order:
            found = _OLD_ID
        elif (
            not 0 < total <= _QUANTITY_LIMIT
            or (side != 1 and side != -1)
            or (self._grid and (total % self.lot or price % self.tick))
            or not 0 <= entry.prevention <= _DECREMENT
            or not (
                (0 < price <= _PRICE_LIMIT and entry.stop == 0 and 0 <= entry.display <= total)
                if kind == _LIMIT
                else self._are_terms(entry, kind)
            )
        ):
            found = _OFF_TERMS
        elif status == _AUCTION:
            found = _IN_CALL
        elif kind >= _MARKET:
            found = self._reaches(entry, kind)
        else:
            best = self._asks.best if side > 0 else self._bids.best
            found = _REACHED if best is not None and best.key >= -price * side else _AWAY
        place = kind * 8 + found
        bits = _BITS[place]
        if bits & REFUSED:
            self._refuse_new(entry, _REASONS[place])
            return
        self.last_order = order
        entry.shown = total
        account = entry.account
        reports = self.reports
        reports.append((_ACCEPTED, order, account, side, price, total, 0, 0))
        if bits == RESTS:
            shown = self._stand(entry)
            reports.append((_ADD, order, account, side, price, shown, 0, 0))
        elif bits & HOLDS:
            self._hold(entry)
        else:
            self._high = 0
            self._follow(entry, place)
            if self._high and self._stops:
                self._set_off()

    def _refuse_new(self, entry: Entry, reason: int) -> None:
        """A new order is refused."""
        self.reports.append((_REJECTED, entry.order, entry.account, 0, 0, 0, 0, reason))
        entry.behind = self._free
        self._free = entry

    def _are_terms(self, entry: Entry, kind: int) -> bool:
        """Whether price, stop and display are those of a kind other than LIMIT."""
        price, stop = entry.price, entry.stop
        if entry.display or not (price == 0 if _UNPRICED[kind] else 0 < price <= _PRICE_LIMIT):
            return False
        if kind >= _STOP:
            return 0 < stop <= _PRICE_LIMIT and stop % self.tick == 0
        return stop == 0

    def _reaches(self, entry: Entry, kind: int) -> int:
        """Whether an order could trade, or its stop is reached: REACHED or AWAY."""
        side = entry.side
        if kind >= _STOP:
            last, stop = self.last, entry.stop
            return _REACHED if last and (last - stop) * side >= 0 else _AWAY
        best = (self._asks if side > 0 else self._bids).best
        if best is None:
            return _AWAY
        return _REACHED if kind == _MARKET or best.key >= -entry.price * side else _AWAY

    # --- matching --------------------------------------------------------------------------------

    def _follow(self, entry: Entry, place: int) -> None:
        """What an accepted order does: take, then rest or leave; `place` finds its verdict."""
        bits = _BITS[place]
        reason = _REASONS[place]
        limit = -entry.price * entry.side if entry.price else NO_KEY
        if bits & WHOLE and not self._can_be_had(entry, limit):
            bits = 0
            reason = _OTHERWISE[place]
        if bits & TAKES:
            self._take(entry, limit)
            if self._expired:
                self._expired = 0
                bits = 0
                reason = _SELF_TRADE
            elif entry.shown == 0:
                entry.behind = self._free
                self._free = entry
                return
        if bits & RESTS:
            self._join(entry)
        else:
            self._told_canceled(entry, entry.price, entry.shown, reason)
            entry.behind = self._free
            self._free = entry

    def _take(self, entry: Entry, limit: int) -> None:
        """Meet the first of the other side until nothing is wanted or in reach [M2, M4].

        `shown` is then what is still wanted; `_expired` 1: prevention ended the order [M5].
        """
        side = entry.side
        order, account, prevention = entry.order, entry.account, entry.prevention
        left = entry.shown
        ladder = self._asks if side > 0 else self._bids
        level = ladder.best
        reports = self.reports
        trades = self.trades
        first = price = 0
        while left > 0 and level is not None and level.key >= limit:
            maker = level.first
            if maker is None:
                break
            if prevention and maker.account == account:
                left = self._prevent(level, maker, entry, left)
                if self._expired:
                    break
                level = ladder.best
                continue
            price = level.price
            if first == 0:
                first = price
            trades += 1
            shown = maker.shown
            if left < shown:
                reports.append(
                    (_FILLED, maker.order, maker.account, -side, price, left, order, trades)
                )
                maker.shown = shown - left
                left = 0
                break
            reports.append(
                (_FILLED, maker.order, maker.account, -side, price, shown, order, trades)
            )
            left -= shown
            if maker.hidden:
                self._reload(level, maker)
                continue
            behind = maker.behind
            self._orders.pop(maker.order, None)
            maker.behind = self._free
            self._free = maker
            level.first = behind
            if behind is not None:
                behind.ahead = None
            else:
                ladder.drop(level)
                level = ladder.best
        entry.shown = left
        if first:
            self.trades = trades
            self.last = price
            # Prices go one way while an order takes: the first and the last are the range.
            self._widen(min(first, price), max(first, price))

    def _widen(self, low: int, high: int) -> None:
        """The trades of this message reach from `low` to `high`, which may reach stops."""
        if self._high == 0 or low < self._low:
            self._low = low
        if high > self._high:
            self._high = high

    def _prevent(self, level: Level, maker: Entry, entry: Entry, left: int) -> int:
        """Two orders of one account meet: nothing trades; returns the lots still wanted [M5]."""
        prevention = entry.prevention
        lots = maker.shown + maker.hidden
        prevented = min(left, lots) if prevention == _DECREMENT else 0
        self.reports.append(
            (
                _PREVENTED,
                maker.order,
                maker.account,
                maker.side,
                level.price,
                prevented,
                entry.order,
                _SELF_TRADE,
            )
        )
        if prevention == _EXPIRE_TAKER:
            self._expired = 1
        elif prevention == _DECREMENT and left < lots:
            self._expired = 1
            self._resize(maker, lots - left)
        else:
            self._expired = int(prevention == _EXPIRE_BOTH or left == prevented)
            self._leave(maker)
            self._told_canceled(maker, level.price, lots - prevented, _SELF_TRADE)
        return left - prevented

    def _can_be_had(self, entry: Entry, limit: int) -> bool:
        """Whether all of an order would trade; walks what it would meet, and no further."""
        ladder = self._asks if entry.side > 0 else self._bids
        keys = ladder.keys
        wanted = entry.shown
        index = len(keys) - 1
        while index >= 0 and keys[index] >= limit:
            maker = ladder.at(keys[index]).first
            hidden = 0
            while maker is not None:
                if entry.prevention == _NONE or maker.account != entry.account:
                    wanted -= maker.shown
                    hidden += maker.hidden
                    if wanted <= 0:
                        return True
                elif entry.prevention != _EXPIRE_MAKER:
                    # What is hidden would reload behind the own order.
                    return False
                maker = maker.behind
            wanted -= hidden
            if wanted <= 0:
                return True
            index -= 1
        return False

    def _join(self, entry: Entry) -> None:
        """An order joins the back of its price, and the venue says so."""
        shown = self._stand(entry)
        self.reports.append(
            (_ADD, entry.order, entry.account, entry.side, entry.price, shown, 0, 0)
        )

    def _stand(self, entry: Entry) -> int:
        """An order joins the back of its price with what it still wants; the lots it shows [Q1]."""
        side = entry.side
        ladder = self._bids if side > 0 else self._asks
        key = entry.price * side
        level = ladder.levels.get(key)
        if level is None:
            level = ladder.make(key)
        entry.level = level
        shown = entry.shown
        display = entry.display
        if display == 0 or display >= shown:
            entry.hidden = 0
        else:
            entry.shown = display
            entry.hidden = shown - display
            shown = display
        last = level.last
        entry.ahead = last
        entry.behind = None
        if last is None:
            level.first = entry
        else:
            last.behind = entry
        level.last = entry
        self._orders.setdefault(entry.order, entry)
        return shown

    def _reload(self, level: Level, entry: Entry) -> None:
        """The first order of a level has shown all it showed: hidden lots join the back [Q5]."""
        hidden = entry.hidden
        shown = min(hidden, entry.display) if entry.display else hidden
        entry.shown = shown
        entry.hidden = hidden - shown
        behind = entry.behind
        last = level.last
        if behind is not None and last is not None:
            behind.ahead = None
            level.first = behind
            last.behind = entry
            entry.ahead = last
            entry.behind = None
            level.last = entry
        self.reports.append(
            (_ADD, entry.order, entry.account, entry.side, level.price, shown, 0, 0)
        )

    def _resize(self, entry: Entry, lots: int) -> None:
        """An order has fewer lots in the same place; hidden ones leave first [Q3]."""
        shown = min(entry.shown, lots)
        entry.shown = shown
        entry.hidden = lots - shown
        self._told_shown(entry, shown)

    def _leave(self, entry: Entry) -> None:
        """An order leaves the book. The caller may still read it."""
        self._orders.pop(entry.order, None)
        self._unlink(entry)

    def _unlink(self, entry: Entry) -> None:
        """An order leaves its queue; all others keep their places."""
        ahead = entry.ahead
        behind = entry.behind
        level = entry.level
        if level is None:
            return
        if ahead is not None:
            ahead.behind = behind
        else:
            level.first = behind
        if behind is not None:
            behind.ahead = ahead
        else:
            level.last = ahead
            if ahead is None:
                (self._bids if entry.side > 0 else self._asks).drop(level)
        entry.behind = self._free
        self._free = entry

    def _told_canceled(self, entry: Entry, price: int, lots: int, reason: int) -> None:
        self.reports.append(
            (_CANCELED, entry.order, entry.account, entry.side, price, lots, 0, reason)
        )

    def _told_shown(self, entry: Entry, shown: int) -> None:
        self.reports.append(
            (_RESTATED, entry.order, entry.account, entry.side, entry.price, shown, 0, 0)
        )

    def _told_replaced(self, entry: Entry, price: int, total: int) -> None:
        self.reports.append((_REPLACED, entry.order, entry.account, entry.side, price, total, 0, 0))

    # --- demands ---------------------------------------------------------------------------------

    def cancel(self, order: int, account: int) -> None:
        """A cancellation arrives."""
        if self.status == _DELISTED:
            self.reports.append((_CANCEL_REJECTED, order, account, 0, 0, 0, 0, _NOT_TRADING))
            return
        entry = self._orders.pop(order, None)
        if entry is not None:
            if entry.account == account:
                lots = entry.shown + entry.hidden
                self.reports.append(
                    (_CANCELED, order, account, entry.side, entry.price, lots, 0, 0)
                )
                self._unlink(entry)
                return
            self._orders.setdefault(order, entry)
        entry = self._stop_of(order, account)
        if entry is None:
            reason = self._nobody(order)
            self.reports.append((_CANCEL_REJECTED, order, account, 0, 0, 0, 0, reason))
            return
        del self._stops[order]
        self._told_canceled(entry, entry.price, entry.total, 0)

    def _order_of(self, order: int, account: int) -> Entry | None:
        """An account's order in the book."""
        entry = self._orders.get(order)
        return entry if entry is not None and entry.account == account else None

    def _stop_of(self, order: int, account: int) -> Entry | None:
        """An account's order outside the book."""
        if not self._stops:
            return None
        entry = self._stops.get(order)
        return entry if entry is not None and entry.account == account else None

    def _nobody(self, order: int) -> int:
        """Why an account has no order of this id: it never had, or it has no longer."""
        if order > self.last_order or self._orders.get(order) is not None:
            return _UNKNOWN
        return _UNKNOWN if self._stops and order in self._stops else _TOO_LATE

    def amend(self, order: int, account: int, total: int) -> None:
        """An amendment arrives: fewer lots in the same place [Q3]."""
        if _PHASE_TARGET[self.status][_AMEND] < 0:
            self._refuse_change(order, account, _NOT_TRADING)
            return
        entry = self._order_of(order, account) or self._stop_of(order, account)
        if entry is None:
            self._refuse_change(order, account, self._nobody(order))
            return
        rests = self._orders.get(order) is not None
        gone = entry.total - entry.shown - entry.hidden if rests else 0
        if not 0 <= total <= _QUANTITY_LIMIT or total % self.lot:
            self._refuse_change(order, account, _OFF_NUMBERS)
        elif total <= gone:
            self._end(entry, gone)
        elif total > entry.total:
            self._refuse_change(order, account, _NOT_SMALLER)
        else:
            entry.total = total
            if rests:
                self._resize(entry, total - gone)
            self._told_replaced(entry, entry.price, total)

    def replace(self, order: int, account: int, price: int, total: int) -> None:
        """A replacement arrives: the order leaves, and comes in with its new terms [Q3]."""
        if _PHASE_TARGET[self.status][_REPLACE] < 0:
            self._refuse_change(order, account, _NOT_TRADING)
            return
        entry = self._order_of(order, account) or self._stop_of(order, account)
        if entry is None:
            self._refuse_change(order, account, self._nobody(order))
            return
        sound = 0 <= total <= _QUANTITY_LIMIT and total % self.lot == 0
        if _UNPRICED[entry.kind]:
            sound = sound and price == 0
        else:
            sound = sound and 0 < price <= _PRICE_LIMIT and price % self.tick == 0
        if not sound:
            self._refuse_change(order, account, _OFF_NUMBERS)
        elif self._orders.get(order) is not None:
            self._move(entry, price, total)
        elif total == 0:
            self._end(entry, 0)
        else:
            entry.price = price
            entry.total = total
            self._told_replaced(entry, price, total)

    def _refuse_change(self, order: int, account: int, reason: int) -> None:
        self.reports.append((_REPLACE_REJECTED, order, account, 0, 0, 0, 0, reason))

    def _end(self, entry: Entry, gone: int) -> None:
        """No more is wanted of an order than is gone already."""
        if self._orders.get(entry.order) is not None:
            self._leave(entry)
            self._told_shown(entry, 0)
        else:
            del self._stops[entry.order]
        self._told_replaced(entry, entry.price, gone)

    def _move(self, entry: Entry, price: int, total: int) -> None:
        """An order leaves and comes in again, at the back of its new price."""
        side, kind = entry.side, entry.kind
        gone = entry.total - entry.shown - entry.hidden
        if total <= gone:
            self._end(entry, gone)
            return
        best = (self._asks if side > 0 else self._bids).best
        found = _AWAY
        if self.status != _AUCTION and best is not None and best.key >= -price * side:
            found = _REACHED
            if kind == _MAKER:
                self._refuse_change(entry.order, entry.account, _WOULD_TAKE)
                return
        self._leave(entry)
        self._free = entry.behind
        self._told_shown(entry, 0)
        self._told_replaced(entry, price, total)
        entry.price = price
        entry.total = total
        entry.shown = total - gone
        entry.hidden = 0
        self._high = 0
        self._follow(entry, kind * 8 + found)
        if self._high and self._stops:
            self._set_off()

    # --- stops -----------------------------------------------------------------------------------

    def _hold(self, entry: Entry) -> None:
        """A stop waits outside the book."""
        order, side, stop = entry.order, entry.side, entry.stop
        self._stops[order] = entry
        if side > 0:
            heappush(self._buy_stops, (stop, order))
        else:
            heappush(self._sell_stops, (-stop, order))
        self.reports.append((_HELD, order, entry.account, side, stop, entry.total, 0, 0))

    def _set_off(self) -> None:
        """Reached stops come in one by one, the earliest first; each may reach further ones."""
        reached: list[int] = []
        self._collect(reached)
        while reached:
            order = heappop(reached)
            entry = self._stops.pop(order)
            self.reports.append(
                (
                    _TRIGGERED,
                    order,
                    entry.account,
                    entry.side,
                    entry.stop,
                    entry.total,
                    0,
                    0,
                )
            )
            kind = _MARKET if entry.kind == _STOP else _LIMIT
            entry.kind = kind
            entry.shown = entry.total
            entry.stop = 0
            self._follow(entry, kind * 8 + self._reaches(entry, kind))
            self._collect(reached)

    def _collect(self, reached: list[int]) -> None:
        """Move the ids of stops that the trades of this message reach; cancelled ones go."""
        stops = self._buy_stops
        while stops and stops[0][0] <= self._high:
            order = heappop(stops)[1]
            if order in self._stops:
                heappush(reached, order)
        stops = self._sell_stops
        while stops and -stops[0][0] >= self._low:
            order = heappop(stops)[1]
            if order in self._stops:
                heappush(reached, order)

    # --- auction ---------------------------------------------------------------------------------

    def _auction(self) -> None:
        """What is crossed trades at one price, best and earliest first on both sides [M8]."""
        price = self._auction_price()
        bids, asks = self._bids, self._asks
        while price:
            high, low = bids.best, asks.best
            if high is None or low is None or high.price < price or low.price > price:
                return
            bid, ask = high.first, low.first
            if bid is None or ask is None:
                return
            lots = min(bid.shown, ask.shown)
            self.trades += 1
            self._low = self._high = self.last = price
            self.reports.append(
                (_FILLED, bid.order, bid.account, 0, price, lots, ask.order, self.trades)
            )
            self._after_lots(high, bid, lots)
            self._after_lots(low, ask, lots)

    def _after_lots(self, level: Level, entry: Entry, lots: int) -> None:
        """The first order of a level lost lots it showed: it stays, reloads, or leaves."""
        if lots < entry.shown:
            entry.shown -= lots
        elif entry.hidden:
            self._reload(level, entry)
        else:
            self._leave(entry)

    def _auction_price(self) -> int:
        """The price of `spec.call_auction.auction_price`; 0 where nothing can trade."""
        if self._bids.best is None or self._asks.best is None:
            return 0
        highest, lowest = self._bids.best.price, self._asks.best.price
        if highest < lowest:
            return 0
        buys = self._interest(self._bids, lowest)
        sells = self._interest(self._asks, -highest)
        reference = self.last
        prices = sorted({**buys, **sells})
        if lowest <= reference <= highest and reference not in buys and reference not in sells:
            insort(prices, reference)
        demand, supply = sum(buys.values()), 0
        chosen: tuple[int, int, int, int] | None = None
        for price in prices:
            supply += sells.get(price, 0)
            distance = abs(price - reference) if reference else 0
            rank = (-min(demand, supply), abs(demand - supply), distance, price)
            if chosen is None or rank < chosen:
                chosen = rank
            demand -= buys.get(price, 0)
        return chosen[3] if chosen is not None and chosen[0] < 0 else 0

    def _interest(self, ladder: Ladder, limit: int) -> dict[int, int]:
        """Price -> open lots of the levels whose key reaches `limit`, hidden lots too."""
        found: dict[int, int] = {}
        index = len(ladder.keys) - 1
        while index >= 0 and ladder.keys[index] >= limit:
            level = ladder.at(ladder.keys[index])
            lots = 0
            entry = level.first
            while entry is not None:
                lots += entry.shown + entry.hidden
                entry = entry.behind
            found[level.price] = lots
            index -= 1
        return found

    def _empty(self) -> None:
        """Trading has ended for good: every order leaves, in the order of the queues."""
        for ladder in (self._bids, self._asks):
            while ladder.best is not None:
                level = ladder.best
                entry = level.first
                while entry is not None:
                    lots = entry.shown + entry.hidden
                    self._told_canceled(entry, level.price, lots, _NOT_TRADING)
                    behind = entry.behind
                    self._leave(entry)
                    entry = behind
        for stop in self._stops.values():
            self._told_canceled(stop, stop.stop, stop.total, _NOT_TRADING)
        self._stops.clear()
        self._buy_stops.clear()
        self._sell_stops.clear()

    # --- reading ---------------------------------------------------------------------------------

    def best_price(self, side: int) -> int:
        """Best price of a side, 0 when it is empty."""
        best = (self._bids if side > 0 else self._asks).best
        return best.price if best is not None else 0

    def resting(self, side: int) -> list[Row]:
        """Orders of a side, first to trade first; O(n), not for hot paths.

        The fields of `spec.matching.Resting`, `joined` left out.
        """
        ladder = self._bids if side > 0 else self._asks
        found: list[Row] = []
        for key in reversed(ladder.keys):
            level = ladder.at(key)
            entry = level.first
            while entry is not None:
                found.append(
                    (
                        entry.order,
                        entry.account,
                        entry.kind,
                        entry.side,
                        level.price,
                        entry.total,
                        entry.shown,
                        entry.hidden,
                        entry.display,
                        entry.prevention,
                    )
                )
                entry = entry.behind
        return found

    def waiting(self) -> list[Row]:
        """Stops in the order they came: the fields of `spec.matching.Waiting`."""
        return [
            (
                each.order,
                each.account,
                each.kind,
                each.side,
                each.price,
                each.total,
                each.stop,
                each.prevention,
            )
            for each in self._stops.values()
        ]
