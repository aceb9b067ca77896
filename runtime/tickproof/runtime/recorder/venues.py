"""Venues that can be recorded: where their streams are, and what a message says of its book.

Decides, for each venue of `VENUES`, which URLs give the streams and the snapshot of a symbol, and
reads from a raw message no more than its symbol and, for book messages, their numbers. Another
venue is another entry here. Sources: the venues' pages on market streams and on keeping a local
order book.
"""

from __future__ import annotations

import json
import re
from typing import Any

from attrs import frozen

from tickproof.spec.book_sync import Numbering, SyncMessage

UNROUTED = "_unrouted"
"""Name under which messages are kept that say of no recorded symbol that they are about it."""

SYMBOL = re.compile(r"[A-Z0-9_]{1,40}")


@frozen
class Venue:
    """One venue. `snapshot_interval_s`: least time between two snapshot requests."""

    name: str
    stream_url: str
    rest_url: str
    snapshot_path: str
    streams: tuple[str, ...]
    numbering: int
    snapshot_interval_s: float

    def url(self, symbols: tuple[str, ...], base: str = "") -> str:
        """The URL of one connection with all streams of all symbols."""
        names = [f"{symbol.lower()}@{stream}" for symbol in symbols for stream in self.streams]
        return f"{base or self.stream_url}/stream?streams={'/'.join(names)}"

    def snapshot_url(self, symbol: str, base: str = "") -> str:
        """The URL of a symbol's depth snapshot."""
        return f"{base or self.rest_url}{self.snapshot_path.format(symbol=symbol)}"


VENUES: dict[str, Venue] = {
    venue.name: venue
    for venue in (
        Venue(
            name="binance-spot",
            stream_url="wss://stream.binance.com:9443",
            rest_url="https://api.binance.com",
            snapshot_path="/api/v3/depth?symbol={symbol}&limit=5000",
            streams=("depth@100ms", "trade", "bookTicker"),
            numbering=int(Numbering.CONSECUTIVE),
            snapshot_interval_s=3.0,
        ),
        Venue(
            name="binance-usdm",
            stream_url="wss://fstream.binance.com",
            rest_url="https://fapi.binance.com",
            snapshot_path="/fapi/v1/depth?symbol={symbol}&limit=1000",
            streams=("depth@0ms", "trade", "bookTicker"),
            numbering=int(Numbering.CHAINED),
            snapshot_interval_s=1.0,
        ),
    )
}
"""Every venue by name."""


@frozen
class Message:
    """What a raw message says of itself: its symbol ("" when it names none) and book numbers."""

    symbol: str
    diff: SyncMessage | None = None


NOTHING = Message("")


def _numbers(data: dict[str, Any]) -> SyncMessage | None:
    """The numbers of a depth update, None when it has none."""
    first, last, previous = data.get("U"), data.get("u"), data.get("pu", -1)
    if type(first) is int and type(last) is int and type(previous) is int:
        return SyncMessage(first, last, previous)
    return None


def understood(raw: bytes) -> Message:
    """Read a message no further than to file it; nonsense is `NOTHING`, never an error.

    All of it is parsed: one that is no JSON must not end up among those a reader understands.
    """
    try:
        message = json.loads(raw)
        data = message.get("data", message)
        symbol = data.get("s", "")
        if type(symbol) is not str:
            return NOTHING
        return Message(symbol, _numbers(data) if data.get("e") == "depthUpdate" else None)
    except (ValueError, AttributeError, RecursionError):
        return NOTHING


def snapshot_id(raw: bytes) -> int:
    """`lastUpdateId` of a snapshot; -1 when the text is none."""
    try:
        found = json.loads(raw).get("lastUpdateId")
    except (ValueError, AttributeError, RecursionError):
        return -1
    return found if type(found) is int and found >= 0 else -1
