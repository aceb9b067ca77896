"""Matching side by side: message streams from a seed, and the two venues that must agree on them.

What it decides: whether the fast matcher says and holds what the specification says and holds
[M7]. `messages` makes a stream that a busy market could have seen, every kind of order, demand,
prevention and phase in it; `first_difference` feeds it to both and names the first message at
which they differ, in a report or in the book. `witnesses` gives for every rule of the matching
tables a short stream whose last message uses it.

Sections: streams, side by side, witnesses.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import cache
from itertools import product
from random import Random

from attrs import astuple, frozen

from tickproof.spec import matching as spec
from tickproof.spec.instructions import Prevention
from tickproof.spec.instrument import InstrumentState
from tickproof.spec.matching import STOPS, UNPRICED, MatchingState, Message, MessageKind, OrderKind
from tickproof.venue.matching import Matcher

Row = tuple[int, ...]
"""A message as ten integers, or a report as eight."""

# --- streams -------------------------------------------------------------------------------------


@frozen
class Market:
    """What a stream is like. Shares are in a thousand messages; the rest are plain limit orders.

    `spread`: ticks around the middle price that new orders spread over. `depth`: orders that are
    open at a time, about. `calls`: calls with an auction; each is over after some fifty messages.
    """

    accounts: int = 20
    middle: int = 10_000
    spread: int = 20
    depth: int = 300
    takers: int = 60
    changes: int = 60
    icebergs: int = 20
    makers: int = 20
    stops: int = 10
    wrong: int = 10
    prevented: int = 300
    calls: int = 1


PLAIN = Market(takers=60, changes=20, icebergs=0, makers=0, stops=0, wrong=0, prevented=0, calls=0)
"""Limit orders, cancellations, some market orders and replacements: what books are measured on."""

CROWDED = Market(
    accounts=3,
    spread=3,
    depth=25,
    takers=150,
    changes=150,
    icebergs=120,
    makers=60,
    stops=60,
    wrong=40,
    prevented=700,
    calls=10,
)
"""Few prices, few accounts, everything at once: what differences are looked for on."""


class Stream:
    """Makes messages one by one; the same seed and market make the same ones."""

    def __init__(self, seed: int, market: Market) -> None:
        self.random = Random(seed)  # noqa: S311 - seeded data is not cryptography
        self.market = market
        self.middle = market.middle
        self.order = 0
        self.open: list[tuple[int, int]] = []
        self.until_open = -1

    def next(self) -> Row:
        """One message."""
        number = self.random.random()
        market = self.market
        if self.until_open >= 0 or number * 1000 < market.calls:
            found = self._call()
            if found is not None:
                return found
        if number < 0.02:
            self.middle += self.random.choice((-1, 1))
        if self.open and self.random.random() < 0.5 * len(self.open) / market.depth:
            return self._demand(MessageKind.CANCEL)
        part = int(self.random.random() * 1000)
        if self.open and part < market.changes:
            return self._demand(
                MessageKind.AMEND if self.random.random() < 0.5 else MessageKind.REPLACE
            )
        return self._new(part - market.changes)

    def _call(self) -> Row | None:
        """A call begins, ends, or goes on; now and then the market halts or closes instead."""
        if self.until_open < 0:
            self.until_open = 50
            begins = (MessageKind.TO_AUCTION,) * 4 + (MessageKind.TO_HALTED, MessageKind.TO_CLOSED)
            return (int(self.random.choice(begins)), 0, 0, 0, 0, 0, 0, 0, 0, 0)
        self.until_open -= 1
        if self.until_open < 0:
            return (int(MessageKind.TO_CONTINUOUS), 0, 0, 0, 0, 0, 0, 0, 0, 0)
        return None

    def _demand(self, kind: int) -> Row:
        random = self.random
        index = int(random.random() * len(self.open))
        order, account = self.open[index]
        if kind == MessageKind.CANCEL:
            self.open[index] = self.open[-1]
            self.open.pop()
        if random.random() * 1000 < self.market.wrong:
            account += 1
            order += int(random.random() * 3)
        price = self._price(1 if random.random() < 0.5 else -1)
        lots = 1 + int(random.random() * 12)
        return (int(kind), order, account, 0, 0, price, lots, 0, 0, 0)

    def _price(self, side: int) -> int:
        """Mostly away from the middle, now and then beyond it."""
        random = self.random
        distance = int(random.random() * random.random() * self.market.spread)
        return self.middle - side * (distance - (1 if random.random() < 0.1 else 0))

    def _new(self, part: int) -> Row:
        random, market = self.random, self.market
        side = 1 if random.random() < 0.5 else -1
        account = 1 + int(random.random() * market.accounts)
        lots = 1 + int(random.random() * 10)
        kind, display, stop = int(OrderKind.LIMIT), 0, 0
        price = self._price(side)
        if 0 <= part < market.takers:
            kind = random.choice((OrderKind.IOC, OrderKind.FOK, OrderKind.MARKET))
            price = 0 if kind == OrderKind.MARKET else price + side * 2
        elif market.takers <= part < market.takers + market.icebergs:
            lots *= 3
            display = 1 + int(random.random() * 4)
        elif part < market.takers + market.icebergs + market.makers:
            kind = int(OrderKind.MAKER) if part >= 0 else kind
        elif part < market.takers + market.icebergs + market.makers + market.stops:
            kind = random.choice((OrderKind.STOP, OrderKind.STOP_LIMIT))
            stop = self.middle + side * int(random.random() * 4)
            price = 0 if kind == OrderKind.STOP else stop + side
        self.order += 1
        order = self.order
        if random.random() * 1000 < market.wrong:
            order -= 1
            lots = lots * int(random.random() * 2)
        mode = 0
        if random.random() * 1000 < market.prevented:
            mode = int(random.random() * len(Prevention))
        if kind in (OrderKind.LIMIT, OrderKind.MAKER, OrderKind.STOP, OrderKind.STOP_LIMIT):
            self.open.append((order, account))
        new = int(MessageKind.NEW)
        return (new, order, account, int(kind), side, price, lots, display, stop, mode)


def messages(seed: int, count: int, market: Market = CROWDED) -> Iterator[Row]:
    """A stream of `count` messages, each laid out as the fields of `spec.matching.Message`."""
    stream = Stream(seed, market)
    for _ in range(count):
        yield stream.next()


# --- side by side --------------------------------------------------------------------------------


class ListBook:
    """The specification behind the fast matcher's interface."""

    def __init__(
        self, tick: int = 1, lot: int = 1, status: int = InstrumentState.CONTINUOUS
    ) -> None:
        self.state = MatchingState(status=status, tick=tick, lot=lot)
        self.reports: list[Row] = []
        self.rules: tuple[str, ...] = ()

    def run(self, rows: Iterable[Row]) -> None:
        """Apply messages; `rules` are those of the last one."""
        for row in rows:
            step = spec.step(self.state, Message(*row))
            self.state = step.state
            self.rules = step.rules
            self.reports += [report_row(each) for each in step.reports]

    def resting(self, side: int) -> list[Row]:
        """Orders of a side, first to trade first, `joined` left out."""
        return [astuple(each)[:-1] for each in spec.queue_of(self.state, side)]

    def waiting(self) -> list[Row]:
        """Stops in the order they came."""
        return [astuple(each) for each in self.state.waiting]

    def best_price(self, side: int) -> int:
        """Best price of a side, 0 when it is empty."""
        queue = spec.queue_of(self.state, side)
        return queue[0].price if queue else 0

    @property
    def status(self) -> int:
        """The phase."""
        return self.state.status

    @property
    def last_order(self) -> int:
        """The greatest id accepted."""
        return self.state.last_order

    @property
    def trades(self) -> int:
        """Trades so far."""
        return self.state.trades

    @property
    def last(self) -> int:
        """Price of the last trade."""
        return self.state.last


def report_row(report: spec.Report) -> Row:
    """A report as eight integers."""
    return (
        report.kind,
        report.order,
        report.account,
        report.side,
        report.price,
        report.quantity,
        report.other,
        report.code,
    )


def same_book(fast: Matcher, naive: ListBook) -> bool:
    """Whether both hold the same orders in the same order, and the same numbers."""
    return (
        fast.resting(1) == naive.resting(1)
        and fast.resting(-1) == naive.resting(-1)
        and fast.waiting() == naive.waiting()
        and (fast.status, fast.last_order) == (naive.status, naive.last_order)
        and (fast.trades, fast.last) == (naive.trades, naive.last)
    )


def first_difference(rows: Iterable[Row], every: int = 1) -> tuple[int, Row] | None:
    """(index, message) of the first message that the two venues take differently [M7].

    Reports are compared after each message, books after every `every`-th, and the invariant of
    the specification with them. None: there is no difference.
    """
    fast, naive = Matcher(), ListBook()
    for index, row in enumerate(rows):
        fast.run((row,))
        naive.run((row,))
        if fast.reports != naive.reports:
            return index, row
        fast.reports.clear()
        naive.reports.clear()
        if index % every == 0 and not (same_book(fast, naive) and spec.inv(naive.state)):
            return index, row
    return None


# --- witnesses -----------------------------------------------------------------------------------

_BID = Message(MessageKind.NEW, 1, 1, OrderKind.LIMIT, 1, 100, 5)
_OFFER = Message(MessageKind.NEW, 2, 2, OrderKind.LIMIT, -1, 102, 5)
_SHORT = Message(MessageKind.NEW, 3, 3, OrderKind.LIMIT, 1, 102, 2)
_MAKER = Message(MessageKind.NEW, 1, 1, OrderKind.MAKER, 1, 100, 5)
_STOP = Message(MessageKind.NEW, 1, 1, OrderKind.STOP, 1, 0, 5, stop=105)
_STOP_LIMIT = Message(MessageKind.NEW, 2, 2, OrderKind.STOP_LIMIT, -1, 90, 5, stop=95)

OPENINGS: tuple[tuple[Message, ...], ...] = (
    (),
    *((Message(kind),) for kind in MessageKind if kind >= MessageKind.TO_PRE_OPEN),
    (_BID, _OFFER),
    (_MAKER, _OFFER),
    (_BID, _OFFER, Message(MessageKind.TO_AUCTION)),
    (Message(MessageKind.NEW, 2, 2, OrderKind.LIMIT, -1, 102, 9, display=3),),
    (_BID, _OFFER, _SHORT),
    (_BID, Message(MessageKind.CANCEL, 1, 1)),
    (_STOP, _STOP_LIMIT),
)
"""Streams that lead to the situations in which every rule can be used."""

UNREACHABLE: dict[str, str] = {
    "MO.WAITING.REPLACE.would_take": "a stop is never one that may only make",
}
"""Rules that no message uses, with the reason."""


def letters() -> Iterator[Message]:
    """Messages tried after each opening: a few hundred, in a fixed order."""
    yield from (Message(kind) for kind in MessageKind if kind >= MessageKind.TO_PRE_OPEN)
    for kind, order, lots, price in product((*OrderKind, 99), (50, 2), (3, 20, 0), (100, 102)):
        priced = 0 if kind in UNPRICED else price
        stop = price + 1 if kind in STOPS else 0
        yield Message(MessageKind.NEW, order, 3, kind, 1, priced, lots, stop=stop)
    for account, mode, lots in product((3, 2), Prevention, (2, 3, 5, 9, 20)):
        yield Message(MessageKind.NEW, 50, account, 1, 1, 102, lots, prevention=mode)
    for order, account, lots in product((1, 2, 99), (1, 2, 9), (3, 0, 1, 2, 9, -1)):
        yield Message(MessageKind.AMEND, order, account, quantity=lots)
        for price in (101, 102, 0):
            yield Message(MessageKind.REPLACE, order, account, price=price, quantity=lots)
        yield Message(MessageKind.CANCEL, order, account)


@cache
def witnesses() -> dict[str, tuple[Message, ...]]:
    """Rule id -> a short stream whose last message uses that rule of the specification."""
    found: dict[str, tuple[Message, ...]] = {}
    for opening in sorted(OPENINGS, key=len):
        state = MatchingState()
        for message in opening:
            state = spec.step(state, message).state
        for letter in letters():
            for rule in spec.step(state, letter).rules:
                found.setdefault(rule, (*opening, letter))
    return found
