"""Venues that are unfair on purpose, each in one way: what the fairness checker has to catch.

They know limit, immediate and market orders and cancellations, keep a plain list per side, and
report as the matching venue does. `FIFO` is fair, so that nothing is caught for being different.
"""

from __future__ import annotations

from collections.abc import Iterable

from attrs import mutable

from tickproof.spec.events import EventKind, Reason
from tickproof.spec.matching import MessageKind, OrderKind

Row = tuple[int, ...]
MANNERS = (
    "fifo",
    "lifo",
    "pro_rata",
    "trade_through",
    "incoming_price",
    "large_first",
    "locks",
    "overfills",
    "sends_away",
    "self_trades",
)
"""How a venue may treat its customers; the first one is fair."""

EVERY = 5
"""Venues that cheat now and then do so on every so many trades."""


@mutable
class Resting:
    """An order in the book."""

    order: int
    account: int
    side: int
    price: int
    lots: int
    joined: int


class Unfair:
    """A venue with a manner; `run` and `reports` as those of `tickproof.venue.matching.Matcher`."""

    def __init__(self, manner: str) -> None:
        self.manner = manner
        self.reports: list[Row] = []
        self.book: dict[int, Resting] = {}
        self.joined = 0
        self.trades = 0

    def run(self, messages: Iterable[Row]) -> None:
        """Apply messages."""
        for kind, order, account, sort, side, price, lots, _, _, mode in messages:
            if kind == MessageKind.CANCEL:
                self._cancel(order, account)
            elif kind == MessageKind.NEW:
                self._new(order, account, sort, side, price, lots, mode)

    def _cancel(self, order: int, account: int) -> None:
        found = self.book.pop(order, None)
        if found is not None:
            self.reports.append(
                (EventKind.CANCELED, order, account, found.side, found.price, found.lots, 0, 0)
            )

    def _new(
        self, order: int, account: int, sort: int, side: int, price: int, lots: int, mode: int
    ) -> None:
        self.reports.append((EventKind.ACCEPTED, order, account, side, price, lots, 0, 0))
        limit = 0 if sort == OrderKind.MARKET else price
        immediate = sort != OrderKind.LIMIT
        while lots > 0:
            found = self._makers(side, limit)
            if not found:
                break
            if self.manner == "sends_away" and immediate and order % EVERY == 0:
                break
            if mode and found[0].account == account and self.manner != "self_trades":
                self._expire(found[0])
                continue
            for maker, part in self._shares(found, lots, account if mode else 0):
                self._trade(maker, order, price, min(part, lots))
                lots -= min(part, lots)
        if lots > 0 and immediate:
            self.reports.append(
                (EventKind.CANCELED, order, account, side, price, lots, 0, Reason.NO_LIQUIDITY)
            )
        elif lots > 0:
            self.joined += 1
            self.book[order] = Resting(order, account, side, price, lots, self.joined)
            self.reports.append((EventKind.BOOK_ORDER_ADD, order, account, side, price, lots, 0, 0))

    def _expire(self, own: Resting) -> None:
        """An order of whoever comes in leaves instead of trading."""
        reason = Reason.SELF_TRADE
        del self.book[own.order]
        self.reports.append(
            (EventKind.CANCELED, own.order, own.account, own.side, own.price, own.lots, 0, reason)
        )

    def _makers(self, side: int, limit: int) -> list[Resting]:
        """Orders in reach, in the order this venue serves them."""
        slack = 1 if self.manner == "locks" else 0
        found = [
            each
            for each in self.book.values()
            if each.side == -side and (limit == 0 or (limit - each.price) * side >= slack)
        ]
        by_manner = {
            "lifo": lambda each: (each.price * side, -each.joined),
            "large_first": lambda each: (each.price * side, -each.lots, each.joined),
            "trade_through": lambda each: (
                (-each.price if self.trades % EVERY == 0 else each.price) * side,
                each.joined,
            ),
        }
        return sorted(
            found, key=by_manner.get(self.manner, lambda each: (each.price * side, each.joined))
        )

    def _shares(self, found: list[Resting], lots: int, shunned: int) -> list[tuple[Resting, int]]:
        """Whom the next lots go to; `shunned`: the account that is not to trade with itself."""
        first = found[0]
        if self.manner != "pro_rata":
            more = self.manner == "overfills" and self.trades % EVERY == 0
            return [(first, first.lots + (1 if more else 0))]
        level = [each for each in found if each.price == first.price and each.account != shunned]
        total = sum(each.lots for each in level)
        lots = min(lots, total)
        parts = [each.lots * lots // total for each in level]
        for index, each in enumerate(level):
            parts[index] += min(each.lots - parts[index], lots - sum(parts))
        return [(each, part) for each, part in zip(level, parts, strict=True) if part > 0]

    def _trade(self, maker: Resting, taker: int, asked: int, lots: int) -> None:
        self.trades += 1
        price = asked if self.manner == "incoming_price" and asked else maker.price
        self.reports.append(
            (
                EventKind.FILLED,
                maker.order,
                maker.account,
                maker.side,
                price,
                lots,
                taker,
                self.trades,
            )
        )
        maker.lots -= lots
        if maker.lots <= 0:
            del self.book[maker.order]
