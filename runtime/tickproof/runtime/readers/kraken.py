"""Kraken websocket captures (protocol version 1): books with their CRC32, and prints.

The checksum of a book covers its ten best asks, then its ten best bids: of each the digits of the
price, then of the size, without point and leading zeros. A window of `depth` levels is kept; the
subscription says how deep, and its answers carry it in the channel's name.

See `tickproof.runtime.readers.checksums` for the form of a capture and what is refused.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any
from zlib import crc32

from tickproof.runtime.errors import InputError
from tickproof.runtime.readers.captures import integer_member
from tickproof.runtime.readers.checksums import (
    BUY,
    SECOND_DECIMALS,
    SELL,
    BookMessage,
    CheckedFeed,
    Dialect,
    Message,
    Print,
    TextBook,
    TextLevel,
    read_checked,
    symbols_of,
    verify,
)
from tickproof.runtime.readers.decimals import scaled
from tickproof.spec.events import INT64_MAX
from tickproof.spec.instrument import InstrumentKind

CHECKED_LEVELS = 10
CRC_MAX = 2**32 - 1
DEFAULT_DEPTH = 10
SNAPSHOT_FIELDS = (("as", SELL), ("bs", BUY))
CHANGE_FIELDS = (("a", SELL), ("b", BUY))
PRINT_SIDES = {"b": BUY, "s": SELL}

_CHANNEL = re.compile(r"book-([0-9]{1,5})")


class KrakenDialect(Dialect):
    """Arrays of [channel, change, change..., channel name, pair]."""

    depth = DEFAULT_DEPTH

    def messages(self, data: Any) -> Iterator[Message]:
        """A book message or the prints of a pair; other messages say nothing."""
        if not isinstance(data, list) or len(data) < len(("id", "body", "name", "pair")):
            return
        name, pair = str(data[-2]), str(data[-1])
        channel = _CHANNEL.fullmatch(name)
        if channel is not None:
            self.depth = int(channel[1])
            yield Message(pair, _book(data[1:-2]))
        elif name == "trade":
            yield Message(pair, None, tuple(_print(each) for each in data[1]))

    def checksum(self, book: TextBook) -> int:
        """CRC32 over the digits of the best levels, asks first."""
        levels = book.best(SELL, CHECKED_LEVELS) + book.best(BUY, CHECKED_LEVELS)
        text = "".join(_digits(level.price) + _digits(level.size) for level in levels)
        return crc32(text.encode())

    def instrument_kind(self, symbol: str) -> int:  # noqa: ARG002 - the same for all
        """Everything on this protocol is spot."""
        return int(InstrumentKind.SPOT)

    def assets(self, symbol: str) -> tuple[str, str]:
        """`BASE/QUOTE`."""
        base, _, quote = symbol.partition("/")
        return base, quote


def _digits(text: str) -> str:
    """A number as it enters the checksum."""
    return text.replace(".", "").lstrip("0")


def _texts(values: Any, field: str, count: int) -> list[str]:
    """The first `count` texts of an array."""
    if not isinstance(values, list) or len(values) < count:
        raise InputError("", 0, field, f"an array of {count} texts", repr(values))
    if any(not isinstance(each, str) for each in values[:count]):
        raise InputError("", 0, field, f"an array of {count} texts", repr(values))
    return values[:count]


def _book(parts: list[Any]) -> BookMessage:
    """The levels of a message, its checksum and the latest time in it."""
    levels: list[TextLevel] = []
    time_ns, checksum, snapshot = 0, None, False
    for part in parts:
        if not isinstance(part, dict):
            raise InputError("", 0, "book", "an object with levels", repr(part))
        snapshot = snapshot or "as" in part or "bs" in part
        for field, side in (*SNAPSHOT_FIELDS, *CHANGE_FIELDS):
            for level in part.get(field, ()):
                price, size, stamp = _texts(level, field, 3)
                levels.append(TextLevel(side, price, size))
                time_ns = max(time_ns, scaled(stamp, SECOND_DECIMALS, INT64_MAX, "time"))
        if "c" in part:
            checksum = integer_member(part, "c", CRC_MAX)
    return BookMessage(snapshot, time_ns, tuple(levels), checksum)


def _print(values: Any) -> Print:
    """A print: price, volume, time, side, type, and more."""
    price, size, stamp, side = _texts(values, "trade", 4)
    if side not in PRINT_SIDES:
        raise InputError("", 0, "side", "b or s", repr(side))
    time_ns = scaled(stamp, SECOND_DECIMALS, INT64_MAX, "time")
    return Print(time_ns, price, size, PRINT_SIDES[side], 0)


def read_kraken(
    paths: Sequence[Path], symbol: str | None = None, on_gap: str = "stop"
) -> CheckedFeed:
    """One pair of the captures of one session.

    `symbol`: which pair, where there are several. `on_gap`: "stop" refuses a book that is not
    the venue's, "resync" waits for the next snapshot. Raises `InputError`.
    """
    return read_checked(paths, KrakenDialect(), symbol, on_gap)


def kraken_symbols(paths: Sequence[Path]) -> list[str]:
    """The pairs of captures, sorted; raises `InputError`."""
    return sorted(symbols_of(paths, KrakenDialect()))


def verify_kraken(paths: Sequence[Path]) -> dict[str, tuple[int, int]]:
    """(checksums, how many were equal) by instrument; raises `InputError`."""
    return verify(paths, KrakenDialect())
