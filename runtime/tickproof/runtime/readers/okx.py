"""OKX websocket captures (version 5): books with their CRC32, and prints.

The checksum of a book covers its 25 best levels of either side, bid and ask in turn while there
are any, each as `price:size` in the texts the venue sent, joined by colons; it is written as a
signed number. What falls out of the window the venue deletes itself.

See `tickproof.runtime.readers.checksums` for the form of a capture and what is refused.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import chain, zip_longest
from pathlib import Path
from typing import Any
from zlib import crc32

from tickproof.runtime.errors import InputError
from tickproof.runtime.readers.captures import integer_member, member, text_member
from tickproof.runtime.readers.checksums import (
    BUY,
    MILLISECOND_DECIMALS,
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

CHECKED_LEVELS = 25
BOOK_CHANNELS = ("books", "books-l2-tbt", "books50-l2-tbt")
ACTIONS = {"snapshot": True, "update": False}
PRINT_SIDES = {"buy": BUY, "sell": SELL}
FIELDS = (("bids", BUY), ("asks", SELL))
CRC_HALF = 2**31


class OkxDialect(Dialect):
    """Objects with the channel in `arg` and what it says in `data`."""

    def messages(self, data: Any) -> Iterator[Message]:
        """Book messages and prints; other channels say nothing."""
        if not isinstance(data, dict) or "data" not in data or "arg" not in data:
            return
        channel = text_member(data["arg"], "channel")
        symbol = text_member(data["arg"], "instId")
        values = data["data"]
        if not isinstance(values, list):
            raise InputError("", 0, "data", "an array", repr(values))
        if channel in BOOK_CHANNELS:
            action = text_member(data, "action")
            if action not in ACTIONS:
                raise InputError("", 0, "action", " or ".join(ACTIONS), repr(action))
            for each in values:
                yield Message(symbol, _book(each, ACTIONS[action]))
        elif channel == "trades":
            yield Message(symbol, None, tuple(_print(each) for each in values))

    def checksum(self, book: TextBook) -> int:
        """CRC32 over the best levels, bid and ask in turn, as the signed number the venue sends."""
        bids, asks = book.best(BUY, CHECKED_LEVELS), book.best(SELL, CHECKED_LEVELS)
        pairs = chain.from_iterable(zip_longest(bids, asks))
        text = ":".join(f"{each.price}:{each.size}" for each in pairs if each is not None)
        value = crc32(text.encode())
        return value - 2 * CRC_HALF if value >= CRC_HALF else value

    def instrument_kind(self, symbol: str) -> int:
        """`BASE-QUOTE` is spot, what has a third part a contract."""
        contract = len(symbol.split("-")) > len(("base", "quote"))
        return int(InstrumentKind.LINEAR if contract else InstrumentKind.SPOT)

    def assets(self, symbol: str) -> tuple[str, str]:
        """The first two parts of a symbol."""
        parts = symbol.split("-")
        return parts[0], parts[1] if len(parts) > 1 else "USDT"


def _book(data: Any, snapshot: bool) -> BookMessage:
    """The levels of a message, its checksum and time."""
    levels: list[TextLevel] = []
    for field, side in FIELDS:
        for level in member(data, field):
            if not (isinstance(level, list) and [type(each) for each in level[:2]] == [str, str]):
                raise InputError("", 0, field, "[price, size, ...] as texts", repr(level))
            levels.append(TextLevel(side, level[0], level[1]))
    checksum = data.get("checksum")
    if checksum is not None and type(checksum) is not int:
        raise InputError("", 0, "checksum", "an integer", repr(checksum))
    return BookMessage(snapshot, _time_ns(data), tuple(levels), checksum)


def _print(data: Any) -> Print:
    side = text_member(data, "side")
    if side not in PRINT_SIDES:
        raise InputError("", 0, "side", " or ".join(PRINT_SIDES), repr(side))
    price, size = text_member(data, "px"), text_member(data, "sz")
    number = integer_member(data, "tradeId")
    return Print(_time_ns(data), price, size, PRINT_SIDES[side], number)


def _time_ns(data: Any) -> int:
    """The venue's time; it counts milliseconds."""
    return scaled(text_member(data, "ts"), MILLISECOND_DECIMALS, INT64_MAX, "ts")


def read_okx(paths: Sequence[Path], symbol: str | None = None, on_gap: str = "stop") -> CheckedFeed:
    """One instrument of the captures of one session.

    `symbol`: which one, where there are several. `on_gap`: "stop" refuses a book that is not the
    venue's, "resync" waits for the next snapshot. Sizes of contracts are numbers of contracts.
    Raises `InputError`.
    """
    return read_checked(paths, OkxDialect(), symbol, on_gap)


def okx_symbols(paths: Sequence[Path]) -> list[str]:
    """The instruments of captures, sorted; raises `InputError`."""
    return sorted(symbols_of(paths, OkxDialect()))


def verify_okx(paths: Sequence[Path]) -> dict[str, tuple[int, int]]:
    """(checksums, how many were equal) by instrument; raises `InputError`."""
    return verify(paths, OkxDialect())
