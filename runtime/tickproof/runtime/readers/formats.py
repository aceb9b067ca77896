"""Every format by name: one function that reads any of them as a feed of price levels.

A backtest needs levels and prints. Where a format carries orders, the levels are those the orders
make, per message; LOBSTER files, whose orders began before the file, give the levels of their
order book file. On demand the orders are given beside those levels. The name of the format is
always given, never guessed from content.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from tickproof.runtime.errors import InputError
from tickproof.runtime.readers.binance import read_binance
from tickproof.runtime.readers.bitstamp import read_bitstamp
from tickproof.runtime.readers.coinbase import read_coinbase
from tickproof.runtime.readers.databento import read_databento
from tickproof.runtime.readers.feed import Feed
from tickproof.runtime.readers.kraken import read_kraken
from tickproof.runtime.readers.lobster import read_lobster
from tickproof.runtime.readers.okx import read_okx
from tickproof.runtime.readers.orders import OrderFeed, by_order_feed, level_feed, row_feed
from tickproof.runtime.readers.tardis import read_tardis

Read = Callable[[Sequence[Path], "str | None", str], Feed]
"""(paths, symbol or None, on_gap) to a Feed of levels."""

OrderRead = Callable[[Sequence[Path], "str | None", str], OrderFeed]
"""(paths, symbol or None, on_gap) to a feed of orders."""


def _bitstamp(paths: Sequence[Path], symbol: str | None, on_gap: str) -> OrderFeed:
    return read_bitstamp(paths, symbol) if symbol else read_bitstamp(paths)


def _databento(paths: Sequence[Path], symbol: str | None, on_gap: str) -> OrderFeed:
    return read_databento(paths, symbol)


def _lobster(paths: Sequence[Path], symbol: str | None, on_gap: str) -> OrderFeed:
    return read_lobster(paths, symbol)


def _binance_levels(paths: Sequence[Path], symbol: str | None, on_gap: str) -> Feed:
    return read_binance(paths, symbol, on_gap)


def _kraken_levels(paths: Sequence[Path], symbol: str | None, on_gap: str) -> Feed:
    return read_kraken(paths, symbol, on_gap).feed


def _okx_levels(paths: Sequence[Path], symbol: str | None, on_gap: str) -> Feed:
    return read_okx(paths, symbol, on_gap).feed


def _tardis_levels(paths: Sequence[Path], symbol: str | None, on_gap: str) -> Feed:
    return read_tardis(paths, symbol)


def _lobster_levels(paths: Sequence[Path], symbol: str | None, on_gap: str) -> Feed:
    return row_feed(read_lobster(paths, symbol))


ORDER_FORMATS: Mapping[str, OrderRead] = {
    "bitstamp": _bitstamp,
    "coinbase": read_coinbase,
    "databento": _databento,
    "lobster": _lobster,
}
"""Formats that name orders."""

LEVEL_FORMATS: Mapping[str, Read] = {
    "binance": _binance_levels,
    "kraken": _kraken_levels,
    "okx": _okx_levels,
    "tardis": _tardis_levels,
    "lobster": _lobster_levels,
}
"""Formats whose levels are read as such."""

MULTIPLIED = ("databento",)
"""Formats of contracts whose files do not say what a contract is worth."""

FORMATS = tuple(sorted({**ORDER_FORMATS, **LEVEL_FORMATS}))
"""Every name that `read_any` knows."""


def read_any(
    path: Path | Sequence[Path],
    form: str,
    symbol: str | None = None,
    on_gap: str = "stop",
    multiplier: int = 1,
    by_order: bool = False,
) -> Feed:
    """The file or files of one instrument in format `form`, as levels and prints.

    `multiplier`: what one price unit of one contract is worth, for `MULTIPLIED` formats.
    `by_order`: with the orders beside their levels, for `ORDER_FORMATS`. Raises `InputError`, and
    `MissingExtra` where a format needs a package.
    """
    paths = [path] if isinstance(path, Path) else list(path)
    if multiplier != 1 and form not in MULTIPLIED:
        expected = "1, but for " + ", ".join(MULTIPLIED)
        raise InputError("", 0, "multiplier", expected, f"{multiplier} for {form}")
    if form in LEVEL_FORMATS and not by_order:
        return LEVEL_FORMATS[form](paths, symbol, on_gap)
    orders = (
        read_orders(paths, form, symbol, on_gap)
        if multiplier == 1
        else read_databento(paths, symbol, multiplier=multiplier)
    )
    levels = row_feed(orders) if form in LEVEL_FORMATS else level_feed(orders)
    return by_order_feed(orders, levels) if by_order else levels


def read_orders(
    path: Path | Sequence[Path],
    form: str,
    symbol: str | None = None,
    on_gap: str = "stop",
) -> OrderFeed:
    """The same as a feed of orders, where the format names them."""
    paths = [path] if isinstance(path, Path) else list(path)
    if form not in ORDER_FORMATS:
        raise InputError("", 0, "format", "one of " + ", ".join(sorted(ORDER_FORMATS)), repr(form))
    return ORDER_FORMATS[form](paths, symbol, on_gap)
