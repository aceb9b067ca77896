"""The simulated venue on historical level data: what our requests would have met there.

Decides the order of things at the venue: a market message is seen at its capture stamp, a request
arrives its latency after it was sent, and of two things at one time the market message is first,
then funding, then dates, then requests in the order they were sent. The market does not answer to
us (`no_market_impact`); what own orders use of it is used up [Q8].

It is a chain of layers, each of which decides one thing by the tables of the specification:

    reports -> resting -> auctions -> taking -> entering -> waiting -> legs -> arriving -> levels

Two clocks. Requests arrive on the recorder's clock, level updates and prints carry the venue's
own. The arrival on the venue's clock is read off the latest message: its event time plus the time
passed since it was captured. What is as of before that cannot have met the order, and what is
exactly at it may have: the optimistic model supposes so, the others not.
"""

from __future__ import annotations

from array import array
from collections.abc import Sequence
from heapq import heappop

from tickproof.kernel.market import KernelMarket
from tickproof.kernel.tape import Envelope, Tape, loose
from tickproof.spec.events import EventKind, TradeKind
from tickproof.spec.time import NEVER_NS
from tickproof.spec.venue_admission import Filters, Tenure
from tickproof.spec.venue_phase import VenuePhase, event_of_status
from tickproof.venue.by_order import ByOrderVenue
from tickproof.venue.market import Market
from tickproof.venue.reports import Output
from tickproof.venue.requests import AnyRequest, VenueRequest, request_record

_BOOK_SNAPSHOT = int(EventKind.BOOK_SNAPSHOT)
_BOOK_DELTA = int(EventKind.BOOK_DELTA)
_LAST_OF_ORDERS = int(EventKind.BOOK_ORDER_EXECUTE)
_TRADE = int(EventKind.TRADE)
_BAR = int(EventKind.BAR)
_INSTRUMENT_DEFINITION = int(EventKind.INSTRUMENT_DEFINITION)
_INSTRUMENT_STATUS = int(EventKind.INSTRUMENT_STATUS)
_MARK_PRICE = int(EventKind.MARK_PRICE)
_FUNDING_RATE = int(EventKind.FUNDING_RATE)
_FUNDING_KINDS = (_MARK_PRICE, _FUNDING_RATE)
_FUNDING_PAID = int(EventKind.FUNDING_PAID)
_FEED_GAP = int(EventKind.FEED_GAP)
_FEED_RESUMED = int(EventKind.FEED_RESUMED)
_CONTINUOUS = int(TradeKind.CONTINUOUS)
_CLOSED = int(Tenure.CLOSED)
_NEVER = NEVER_NS


class SimulatedVenue(ByOrderVenue):
    """A venue for several instruments and accounts, fed with one recorded market.

    `instruments`: in id order, `instruments[i].id == i`. `model`: code of `FillModel`. Latencies
    in ns. `rules`: further filters by instrument, none where there are fewer. `balances`: what
    accounts start with, as Configuration has it; asked for only where fees are taken in a discount
    asset. `delays`: in place of the two latencies. `pending_outputs`: number of outputs `drain`
    would give. `funding`: what is known of it, where it is paid (`pays_funding`), else None.
    """

    __slots__ = ()

    def is_quiet(self) -> bool:
        """Whether market messages can cause nothing: no order rests and no liquidity is taken.

        Where funding is paid they always can.
        """
        if self.funding is not None:
            return False
        index = len(self._markets) - 1
        while index >= 0 and self._markets[index].idle:
            index -= 1
        return index < 0

    def needs_books_alone(self) -> bool:
        """Whether all a depth change or print can leave here is a book and its stamps."""
        for market in self._markets:
            if not market.idle or market.prints_matter:
                return False
        return self.due_ns == NEVER_NS

    def note_stamps(self, tape: Tape, start: int, stop: int, now_ns: int) -> int:
        """What `see` leaves of depth changes and prints besides the books; the last of the stamps.

        `now_ns`: the stamp before these; one that is earlier counts as that.
        """
        kinds = tape.kind
        events_ns = tape.event_time_ns
        stamps = tape.capture_time_ns
        offset = tape.offset
        payload = tape.payload
        for index in range(start, stop):
            stamp = stamps[index]
            if stamp > now_ns:
                now_ns = stamp
            event_ns = events_ns[index]
            first = offset[index]
            market = self._markets[payload[first]]
            if event_ns > market.latest_ns:
                market.latest_ns = event_ns
                market.latest_capture_ns = now_ns
            if kinds[index] == _BOOK_DELTA:
                if event_ns > market.book_ns:
                    market.book_ns = event_ns
            elif payload[first + 4] == _CONTINUOUS:
                market.last_price = payload[first + 1]
        if now_ns > self._now_ns:
            self._now_ns = now_ns
        return now_ns

    def is_told_since(self, tape: Tape, start: int, middle: int, stop: int) -> bool:
        """Whether `note_stamps` of `middle` to `stop` leaves what it leaves of `start` to `stop`.

        So it is where each market is told of anew in the second part: later than at any event time
        of the first, by a depth change and by a print if there was any in the first.
        """
        newest_ns = greatest(tape.event_time_ns[start:middle])
        told: set[int] = set()
        changed: set[int] = set()
        printed: set[int] = set()
        for index in range(middle, stop):
            first = tape.offset[index]
            if tape.event_time_ns[index] > newest_ns:
                told.add(tape.payload[first])
                if tape.kind[index] == _BOOK_DELTA:
                    changed.add(tape.payload[first])
            if tape.kind[index] == _TRADE and tape.payload[first + 4] == _CONTINUOUS:
                printed.add(tape.payload[first])
        count = len(self._markets)
        kinds = tape.kind[start:middle]
        return (
            len(told) == count
            and (len(changed) == count or not occurs(kinds, _BOOK_DELTA))
            and (len(printed) == count or not occurs(kinds, _TRADE))
        )

    def adopt_books(self, markets: list[KernelMarket]) -> None:
        """Take over the kernel's books: it has seen the same messages, and they meant the same."""
        for market, source in zip(self._markets, markets, strict=True):
            market.book.adopt(source.book)

    def on_market(
        self,
        kind: int,
        event_time_ns: int,
        capture_time_ns: int,
        payload: Sequence[int],
        start: int,
        stop: int,
    ) -> None:
        """See one market message, payload[start:stop] as `events.FIELD_NAMES` lays it out.

        What is due before its capture stamp happens first.
        """
        if isinstance(payload, array):
            self.see(kind, event_time_ns, capture_time_ns, loose(payload), start, stop)
        else:
            part = array("q", payload[start:stop])
            self.see(kind, event_time_ns, capture_time_ns, loose(part), 0, len(part))

    def follow(
        self,
        tape: Tape,
        start: int,
        stop: int,
        now_ns: int,
        limit_ns: int,
        watched: list[KernelMarket],
    ) -> int:
        """See a message of a tape at `now_ns`, and those behind it; returns the index of the next.

        Ends at `stop`, before one that is stamped beyond `limit_ns` or is neither depth change nor
        print, and after one that leaves something to say here or on which anybody may be consulted,
        as `watched`, the kernel's markets, have it.
        """
        due_ns = self.due_ns
        kind = tape.kind[start]
        index = start
        while True:
            first = tape.offset[index]
            event_ns = tape.event_time_ns[index]
            index += 1
            changed = self.see(kind, event_ns, now_ns, tape, first, tape.offset[index])
            if index == stop or self.pending_outputs or self.due_ns != due_ns:
                return index
            market = watched[tape.payload[first]]
            if market.is_awaited(changed, kind == _TRADE):
                return index
            kind = tape.kind[index]
            now_ns = tape.capture_time_ns[index]
            if now_ns > limit_ns or (kind != _BOOK_DELTA and kind != _TRADE):
                return index

    def see(
        self,
        kind: int,
        event_time_ns: int,
        capture_time_ns: int,
        tape: Tape,
        start: int,
        stop: int,
    ) -> int:
        """`on_market` on the payload of a tape; what `Book.apply` says of a depth change."""
        changed = 0
        if self.due_ns < capture_time_ns:
            self.advance(capture_time_ns - 1)
        if capture_time_ns > self._now_ns:
            self._now_ns = capture_time_ns
        market = self._markets[tape.payload[start]]
        told = kind <= _BOOK_DELTA or kind == _TRADE
        if told and event_time_ns > market.latest_ns:
            market.latest_ns = event_time_ns
            market.latest_capture_ns = capture_time_ns
        if kind == _BOOK_DELTA:
            if event_time_ns > market.book_ns:
                market.book_ns = event_time_ns
            changed = market.book.apply(tape, start + 3, stop)
            if market.memories is not None:
                self._remember(market, event_time_ns, tape, start + 3, stop)
            if not market.idle:
                self._after_levels(market, event_time_ns, tape, start + 3, stop)
        elif kind == _TRADE:
            if tape.payload[start + 4] == _CONTINUOUS:
                market.last_price = tape.payload[start + 1]
            if market.prints_matter:
                self._on_trade(market, tape, start, event_time_ns)
        elif kind == _BOOK_SNAPSHOT:
            market.has_depth = True
            self._on_snapshot(market, event_time_ns, tape.payload, start + 2, stop)
        else:
            self._on_rare(market, kind, event_time_ns, tape.payload, start)
        return changed

    def _on_rare(
        self, market: Market, kind: int, stamp_ns: int, payload: Sequence[int], start: int
    ) -> None:
        """Orders, gaps, status, definitions, bars; what says nothing of these changes nothing."""
        if kind <= _LAST_OF_ORDERS:
            self._on_order(market, kind, stamp_ns, payload, start)
        elif kind == _FEED_GAP:
            market.gap = True
            if market.memories is not None:
                market.memories.lose_sight()
            for own in (market.bids, market.asks):
                for queue in own.by_price().values():
                    for order in queue.orders:
                        order.place.lose_sight(True)
        elif kind == _FEED_RESUMED:
            market.gap = False
        elif kind == _INSTRUMENT_STATUS:
            self._turn(market, event_of_status(payload[start + 1]))
            market.trading = market.phase == VenuePhase.CONTINUOUS
        elif kind == _INSTRUMENT_DEFINITION:
            market.set_filters(
                Filters(
                    payload[start + 1],
                    payload[start + 2],
                    payload[start + 3],
                    payload[start + 4],
                    payload[start + 5],
                )
            )
        elif kind == _BAR:
            self._on_bar(market, stamp_ns, payload, start)
        elif kind in _FUNDING_KINDS:
            self._on_funding(kind, payload, start)

    def _on_funding(self, kind: int, payload: Sequence[int], start: int) -> None:
        """A mark or a rate, where funding is paid."""
        if self.funding is None:
            return
        if kind == _MARK_PRICE:
            self.funding.on_mark(payload[start], payload[start + 1])
        else:
            rate_e9, due_ns = payload[start + 1], payload[start + 2]
            self.funding.on_rate(payload[start], rate_e9, due_ns, self._now_ns)
            self._note_due()

    def submit(self, request: AnyRequest, sent_ns: int) -> None:
        """Send a request at `sent_ns`; it arrives, and is applied, a request latency later."""
        if isinstance(request, VenueRequest):
            sent = request
        else:
            sent = VenueRequest(request_record(request))
        if self._connection is None:
            due_ns = sent_ns + self._request_latency_ns
        else:
            due_ns = self._connection.request_arrival(sent.kind, sent_ns)
        sent.due_ns = due_ns
        self._requests.add(sent)
        self.due_ns = min(self.due_ns, due_ns)

    def next_time_ns(self) -> int:
        """When the next request arrives or date is reached, NEVER_NS when none does."""
        if self._dates:
            # An order may have ended before its date.
            self._note_due()
        return self.due_ns

    def advance(self, now_ns: int) -> None:
        """Apply everything due at or before `now_ns`, in order of time.

        At one time funding is paid first, on what is held then, and dates go before requests.
        """
        while self.due_ns <= now_ns:
            due_ns = self.due_ns
            self._now_ns = max(self._now_ns, due_ns)
            if self.funding is not None and self.funding.due_ns <= due_ns:
                for payment in self.funding.pay(self._markets, due_ns):
                    self._emit(Envelope(_FUNDING_PAID, 0, 0, 0, 0, 0, payment))
            elif self._dates and self._dates[0][0] <= due_ns:
                self._reach_date(self._orders[heappop(self._dates)[1]])
            else:
                self._arrive(self._requests.take())
            self._note_due()

    def drain(self) -> list[Output]:
        """All execution events since the last call, in order."""
        return [
            (said.capture_time_ns, said.event_time_ns, said.kind, tuple(said.values))
            for said in self.take_outputs()
        ]

    def _note_due(self) -> None:
        dates = self._dates
        while dates and self._orders[dates[0][1]].tenure == _CLOSED:
            heappop(dates)
        due_ns = self._requests.next_ns()
        if dates:
            due_ns = min(due_ns, dates[0][0])
        self.due_ns = due_ns
        if self.funding is not None:
            self.due_ns = min(self.due_ns, self.funding.due_ns)


def greatest(numbers: array[int]) -> int:
    """The greatest of some numbers, -1 where none is."""
    column = numbers
    found = -1
    for number in column:
        if number > found:
            found = number
    return found


def occurs(numbers: array[int], wanted: int) -> bool:
    """Whether a number is among some."""
    column = numbers
    found = False
    for number in column:
        if number == wanted:
            found = True
            break
    return found
