"""The door of a matching venue: Requests of many participants in, execution and market events out.

Decides only how one language is said in the other. A participant's Request becomes a message to
the instrument's matcher, under an order id that the venue gives [M6]; each report of the matcher
becomes the execution event of whoever it concerns, a trade those of both, and what everybody may
see of it: prints, then one book message with the levels that changed. A replacement that asks for
no more at the same price is an amendment and keeps its place; every other one loses it [Q3].
Instructions go along as far as the matcher has them: a display, a stop, and prevention, which is
the venue's where an order asks for none. Orders with others are refused `OTHER`.

Filters of the instrument that the matcher does not know, least and greatest quantity and least
notional, are looked at here. Fees are the ledger's. The public book is kept from the public
reports alone, hidden lots are never in it.

Everything happens at the time of the call; latencies are the caller's.
"""

from __future__ import annotations

from tickproof.kernel.order_book import OrderBook
from tickproof.spec.commands import CONDITIONAL_TYPES, CommandKind, Request
from tickproof.spec.conditional import child_type
from tickproof.spec.errors import InvariantBroken
from tickproof.spec.events import (
    NOT_CARRIED,
    EventKind,
    FillCause,
    Liquidity,
    Reason,
    TradeKind,
)
from tickproof.spec.instructions import Prevention
from tickproof.spec.instrument import Instrument, InstrumentState
from tickproof.spec.matching import MessageKind, order_kind
from tickproof.spec.venue_admission import filters_of, filters_passed
from tickproof.venue.fees import FeeDesk
from tickproof.venue.matching import Matcher, Row

_ADD = int(EventKind.BOOK_ORDER_ADD)
_SNAPSHOT = int(EventKind.BOOK_SNAPSHOT)
_DELTA = int(EventKind.BOOK_DELTA)
_TRADE = int(EventKind.TRADE)
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

ID_STRIDE = 1_000_000_000_000
"""Trade ids, and venue order ids as others see them, count from instrument x ID_STRIDE."""

ACCOUNTS_MAX = 1_000
"""Accounts of one participant: the matcher knows them by participant x ACCOUNTS_MAX + account."""

Told = tuple[int, int, tuple[int, ...]]
"""(participant, kind, payload) of an execution event."""

Shown = tuple[int, tuple[int, ...]]
"""(kind, payload) of a market event."""


class Ticket:
    """An order of a participant at the venue; lots that are `gone` were traded or prevented.

    `waits`: it came with a stop.
    """

    __slots__ = (
        "account",
        "gone",
        "instrument",
        "number",
        "order_id",
        "participant",
        "price",
        "side",
        "total",
        "waits",
    )

    participant: int
    account: int
    instrument: int
    order_id: int
    number: int
    side: int
    price: int
    total: int
    gone: int
    waits: bool

    def __init__(self, participant: int, request: Request, number: int) -> None:
        self.participant = participant
        self.account = request.account
        self.instrument = request.instrument
        self.order_id = request.order_id
        self.number = number
        self.side = request.side
        self.price = request.price
        self.total = request.quantity
        self.gone = 0
        self.waits = request.instructions.trigger_price != 0


class Gateway:
    """A matching venue for several instruments and participants.

    `told` and `shown`: execution and market events since `clear`, in order. `log`: where it is
    wanted, each message to a matcher with its reports, for whoever checks the venue.
    """

    __slots__ = (
        "books",
        "instruments",
        "log",
        "matchers",
        "prevention",
        "shown",
        "told",
        "_answered",
        "_asker",
        "_fees",
        "_ids",
        "_request",
        "_tickets",
        "_updates",
    )

    prevention: int
    _answered: int
    _asker: int

    def __init__(
        self,
        instruments: tuple[Instrument, ...],
        prevention: int = Prevention.EXPIRE_TAKER,
        log: list[tuple[int, Row, tuple[Row, ...]]] | None = None,
    ) -> None:
        self.instruments = instruments
        self.prevention = int(prevention)
        self.matchers = [Matcher(each.tick, each.lot_step) for each in instruments]
        self.books = [OrderBook(each.tick) for each in instruments]
        self.told: list[Told] = []
        self.shown: list[Shown] = []
        self.log = log
        self._ids: dict[tuple[int, int], Ticket] = {}
        self._tickets: list[list[Ticket]] = [[] for _ in instruments]
        self._updates = [0] * len(instruments)
        self._request: Request | None = None
        self._answered = 0
        self._asker = -1
        self._fees = FeeDesk(instruments)

    def clear(self) -> None:
        """Forget what was told and shown."""
        self.told.clear()
        self.shown.clear()

    def snapshot(self, instrument: int) -> Shown:
        """The public book as it is."""
        levels: list[int] = []
        book = self.books[instrument].levels
        for side in (1, -1):
            for price, size in book.levels(side):
                levels += (side, price, size)
        return _SNAPSHOT, (instrument, self._updates[instrument], *levels)

    # --- requests --------------------------------------------------------------------------------

    def submit(self, participant: int, request: Request) -> None:
        """A participant's Request arrives."""
        self._request = request
        self._asker = participant
        ticket = self._ids.get((participant, request.order_id))
        if request.kind == CommandKind.NEW:
            if ticket is not None:
                self._refuse(participant, request, _REJECTED, Reason.DUPLICATE)
            else:
                self._new(participant, request)
        elif ticket is None:
            kind = _REPLACE_REJECTED if request.kind == CommandKind.REPLACE else _CANCEL_REJECTED
            self._refuse(participant, request, kind, Reason.UNKNOWN_ORDER)
        elif request.kind == CommandKind.CANCEL:
            self._say(ticket.instrument, MessageKind.CANCEL, ticket)
        elif request.kind == CommandKind.REPLACE:
            self._replace(ticket, request)
        else:
            raise InvariantBroken("a request that is neither NEW, REPLACE nor CANCEL")
        self._request = None

    def turn(self, instrument: int, kind: int) -> None:
        """The venue changes an instrument's phase; `kind`: a TO_<STATE> code of `MessageKind`."""
        self._run(instrument, (int(kind), 0, 0, 0, 0, 0, 0, 0, 0, 0))

    def _new(self, participant: int, request: Request) -> None:
        instrument = self.instruments[request.instrument]
        asked = request.instructions
        what = request.order_type
        if what in CONDITIONAL_TYPES:
            what = child_type(what)
        passed = filters_passed(
            filters_of(instrument),
            instrument,
            what,
            request.price,
            request.quantity,
        )
        if not passed:
            self._refuse(participant, request, _REJECTED, Reason.FILTER)
            return
        tickets = self._tickets[instrument.id]
        ticket = Ticket(participant, request, len(tickets) + 1)
        tickets.append(ticket)
        self._ids[participant, request.order_id] = ticket
        kind = order_kind(request.order_type, request.time_in_force, asked)
        self._run(
            instrument.id,
            (
                int(MessageKind.NEW),
                ticket.number,
                participant * ACCOUNTS_MAX + request.account,
                int(kind),
                request.side,
                request.price,
                request.quantity,
                asked.display,
                asked.trigger_price,
                asked.prevention or self.prevention,
            ),
        )

    def _replace(self, ticket: Ticket, request: Request) -> None:
        """Keep the place where the terms allow it; else the order comes in again."""
        if request.price == ticket.price and request.quantity <= ticket.total:
            self._say(ticket.instrument, MessageKind.AMEND, ticket, 0, request.quantity)
            return
        price, total = request.price, request.quantity
        self._say(ticket.instrument, MessageKind.REPLACE, ticket, price, total)

    def _say(
        self, instrument: int, kind: int, ticket: Ticket, price: int = 0, total: int = 0
    ) -> None:
        account = ticket.participant * ACCOUNTS_MAX + ticket.account
        row = (int(kind), ticket.number, account, 0, 0, price, total, 0, 0, 0)
        self._run(instrument, row)

    def _run(self, instrument: int, message: Row) -> None:
        """One message to the matcher, and all that comes of it."""
        matcher = self.matchers[instrument]
        matcher.run((message,))
        reports = tuple(matcher.reports)
        matcher.reports.clear()
        if self.log is not None:
            self.log.append((instrument, message, reports))
        self._answered = 0
        for report in reports:
            self._translate(instrument, report)
        book = self.books[instrument]
        book.commit()
        if book.delta:
            self._updates[instrument] += 1
            update = self._updates[instrument]
            self.shown.append((_DELTA, (instrument, update, update, *book.delta)))

    # --- reports ---------------------------------------------------------------------------------

    def _translate(self, instrument: int, report: Row) -> None:
        """One report: to the book everybody sees, and to whom it concerns."""
        kind, number, _, side, price, lots, other, code = report
        if kind == _STATUS:
            self.shown.append((_STATUS, (instrument, code)))
            return
        if number == 0:
            return
        ticket = self._tickets[instrument][number - 1]
        if kind == _FILLED:
            self._traded(instrument, report, ticket)
        elif kind == _PREVENTED:
            for each in (ticket, self._tickets[instrument][other - 1]):
                each.gone += lots
                self._tell(each, kind, lots=lots, reason=code)
        elif kind in (_ADD, _RESTATED):
            self._show(instrument, kind, number, side, price, lots)
        elif kind == _CANCELED:
            self._show(instrument, kind, number, side, price, 0)
            self._tell(ticket, kind, reason=code, leaves=0)
        elif kind == _REPLACED:
            ticket.price = price
            ticket.total = lots
            self._tell(ticket, kind, total=lots)
        elif kind == _HELD or (kind == _ACCEPTED and not ticket.waits):
            self._tell(ticket, kind, total=lots)
        elif kind == _ACCEPTED:
            # What is held is said to be held, and that answers the request.
            return
        elif kind == _TRIGGERED:
            self._tell(ticket, kind)
        else:
            self._tell(ticket, kind, reason=code, leaves=NOT_CARRIED)

    def _show(
        self, instrument: int, kind: int, number: int, side: int, price: int, lots: int
    ) -> None:
        """What everybody may see: an order joins, shows fewer lots, or leaves."""
        book = self.books[instrument]
        if kind == _ADD:
            book.add(number, side, price, lots)
        elif lots > 0:
            book.modify(number, price, lots)
        elif book.resting(number)[0]:
            book.cancel(number, 0)

    def _traded(self, instrument: int, report: Row, ticket: Ticket) -> None:
        """A trade: a print for everybody, a fill for both."""
        _, number, _, side, price, lots, other, trade = report
        auction = side == 0
        trade_id = instrument * ID_STRIDE + trade
        taker = self._tickets[instrument][other - 1]
        print_kind = TradeKind.AUCTION if auction else TradeKind.CONTINUOUS
        self.shown.append((_TRADE, (instrument, price, lots, -side, int(print_kind), trade_id)))
        book = self.books[instrument]
        book.execute(number, lots)
        if auction:
            book.execute(other, lots)
        for each in (ticket, taker):
            swept = each is taker and not auction
            each.gone += lots
            self._tell(
                each,
                _FILLED,
                price,
                lots,
                trade_id=trade_id,
                liquidity=int(Liquidity.TAKER if swept else Liquidity.MAKER),
                cause=int(FillCause.SWEEP if swept else FillCause.VENUE),
            )

    def _tell(
        self,
        ticket: Ticket,
        kind: int,
        price: int = 0,
        lots: int = 0,
        *,
        trade_id: int = 0,
        total: int = NOT_CARRIED,
        leaves: int = -2,
        liquidity: int = 0,
        cause: int = 0,
        reason: int = 0,
    ) -> None:
        """An execution event about an order of a participant."""
        asset = amount = 0
        if kind == _FILLED:
            # Accounts of two participants are two accounts.
            account = ticket.participant * ACCOUNTS_MAX + ticket.account
            asset, amount = self._fees.charged(
                ticket.instrument, account, ticket.side, price, lots, liquidity
            )
        self.told.append(
            (
                ticket.participant,
                kind,
                (
                    ticket.account,
                    ticket.instrument,
                    ticket.order_id,
                    self._answers(ticket, kind),
                    ticket.instrument * ID_STRIDE + ticket.number,
                    0,
                    trade_id,
                    0,
                    ticket.side,
                    price if kind == _FILLED else ticket.price,
                    lots,
                    total,
                    ticket.total - ticket.gone if leaves == -2 else leaves,
                    amount,
                    asset,
                    liquidity,
                    cause,
                    int(reason),
                    0,
                ),
            )
        )

    def _answers(self, ticket: Ticket, kind: int) -> int:
        """The request id an event answers: the first of its kind about the order that asked."""
        request = self._request
        if request is None or self._answered or kind in (_FILLED, _PREVENTED, _TRIGGERED):
            return 0
        if ticket.order_id != request.order_id or ticket.participant != self._asker:
            return 0
        if kind == _CANCELED and request.kind != CommandKind.CANCEL:
            return 0
        self._answered = 1
        return request.request_id

    def _refuse(self, participant: int, request: Request, kind: int, reason: int) -> None:
        """A Request that no matcher hears of."""
        payload = (
            request.account,
            request.instrument,
            request.order_id,
            request.request_id,
            0,
            0,
            0,
            0,
            request.side,
            request.price,
            0,
            NOT_CARRIED,
            NOT_CARRIED,
            0,
            0,
            0,
            0,
            int(reason),
            0,
        )
        self.told.append((participant, kind, payload))

    def best_price(self, instrument: int, side: int) -> int:
        """Best price of a side, 0 when it is empty."""
        return self.matchers[instrument].best_price(side)

    def is_continuous(self, instrument: int) -> bool:
        """Whether an instrument trades continuously."""
        return self.matchers[instrument].status == InstrumentState.CONTINUOUS
