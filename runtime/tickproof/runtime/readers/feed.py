"""What every reader gives: a Feed, and how several Feeds become one Market.

A `Feed` is one instrument's recorded data in exact integers: the instrument with its assets, the
events as columns, and aside from the stream the venue's own ticker, which only ever checks the
book and is never strategy input. Two hashes name it: one over the bytes of the files, one over
the rows they mean, which an equal dataset in another format shares.

Ids inside a Feed are local (instrument 0, base asset 0, quote asset 1 unless asked otherwise);
`combine` gives dense ids to all of them and merges the streams.
"""

from __future__ import annotations

import hashlib
from array import array
from collections.abc import Sequence
from pathlib import Path

from attrs import evolve, frozen

from tickproof.runtime.errors import InputError
from tickproof.runtime.readers.merge import merge
from tickproof.spec.digest import little_endian_buffer
from tickproof.spec.instrument import Asset, Instrument, InstrumentKind
from tickproof.spec.stream import EventColumns

ASSET_DECIMALS = 8
"""Decimals of an asset unless an instrument's grid needs more."""

QUOTE_ASSETS = (
    "FDUSD",
    "USDT",
    "USDC",
    "TUSD",
    "BUSD",
    "USDP",
    "BTC",
    "ETH",
    "BNB",
    "EUR",
    "GBP",
    "TRY",
    "BRL",
    "JPY",
    "DAI",
    "USD",
)
"""Quote assets by which a symbol without a separator is split, in this order."""

HASH_CHUNK_BYTES = 1 << 20


class TickerColumns:
    """The venue's best bid and offer as recorded, one entry per ticker message, never events.

    Columns (`array('q')`): `sequence`, the message index in the source; `update_id`; prices and
    sizes of both sides in the instrument's units, 0 where a side is empty.
    """

    __slots__ = ("sequence", "update_id", "bid_price", "bid_size", "ask_price", "ask_size")

    def __init__(self) -> None:
        self.sequence = array("q")
        self.update_id = array("q")
        self.bid_price = array("q")
        self.bid_size = array("q")
        self.ask_price = array("q")
        self.ask_size = array("q")

    def __len__(self) -> int:
        return len(self.update_id)

    def append(
        self,
        sequence: int,
        update_id: int,
        bid_price: int,
        bid_size: int,
        ask_price: int,
        ask_size: int,
    ) -> None:
        """Append one ticker."""
        self.sequence.append(sequence)
        self.update_id.append(update_id)
        self.bid_price.append(bid_price)
        self.bid_size.append(bid_size)
        self.ask_price.append(ask_price)
        self.ask_size.append(ask_size)


@frozen
class FeedCounts:
    """What a reader saw; everything that is not an event is counted here instead.

    `messages`: all of them. `level_changes`: levels in applied diffs. `trades`, `bars`,
    `snapshots`, `diffs`: events of each sort. `tickers`: kept aside. `dropped_stale_diffs`:
    older than the snapshot they wait for. `duplicate_diffs`, `duplicate_trades`: seen before,
    dropped. `void_trades`: records of the trade stream that are no trade (no price, no
    quantity). `unused_snapshots`: taken while the book was in sync. `sequence_gaps`: times the
    book was lost. `trade_id_gaps`: times trade ids were passed over. `backwards_stamps`: messages
    stamped before an earlier one. `ignored_messages`: streams that are not read.
    """

    messages: int = 0
    level_changes: int = 0
    trades: int = 0
    bars: int = 0
    tickers: int = 0
    snapshots: int = 0
    diffs: int = 0
    dropped_stale_diffs: int = 0
    duplicate_diffs: int = 0
    duplicate_trades: int = 0
    void_trades: int = 0
    unused_snapshots: int = 0
    sequence_gaps: int = 0
    trade_id_gaps: int = 0
    backwards_stamps: int = 0
    ignored_messages: int = 0


@frozen
class Feed:
    """One instrument's recorded data; see the module docstring."""

    instrument: Instrument
    assets: tuple[Asset, ...]
    columns: EventColumns
    tickers: TickerColumns
    counts: FeedCounts
    dataset_hash: str
    rows_hash: str


@frozen
class Market:
    """Several feeds as one: dense ids, one merged stream; `feeds` in argument order.

    `feeds[i]` has instrument id i and source i; its assets are those of `assets`.
    `clock_offsets_ns`: what was added to the capture stamps of each feed, none where nothing was.
    """

    assets: tuple[Asset, ...]
    instruments: tuple[Instrument, ...]
    columns: EventColumns
    feeds: tuple[Feed, ...]
    dataset_hash: str
    clock_offsets_ns: tuple[int, ...] = ()


def split_symbol(symbol: str) -> tuple[str, str]:
    """Base and quote asset of `symbol`: "BTCUSDT", "BTC-USDT", "BTC/USDT" or "BTCUSDT_240927".

    Raises `InputError` when the quote asset cannot be told.
    """
    for separator in ("/", "-"):
        base, found, quote = symbol.partition(separator)
        if found and base and quote:
            return base, quote
    name = symbol.partition("_")[0]
    for quote in QUOTE_ASSETS:
        if name.endswith(quote) and len(name) > len(quote):
            return name[: -len(quote)], quote
    raise InputError("", 0, "symbol", "a symbol ending in a known quote asset", repr(symbol))


def instrument_for(
    symbol: str,
    kind: int,
    price_decimals: int,
    quantity_decimals: int,
    instrument_id: int = 0,
    venue: int = 0,
    assets: tuple[str, str] | None = None,
) -> tuple[Instrument, tuple[Asset, ...]]:
    """The instrument and its assets (base, quote), with units such that no notional is rounded.

    The quote asset gets as many decimals as price unit x lot needs, at least `ASSET_DECIMALS`;
    the base asset as many as a lot needs [A]. `assets`: names where the symbol does not tell.
    """
    base_name, quote_name = assets if assets is not None else split_symbol(symbol)
    base = Asset(0, base_name, max(ASSET_DECIMALS, quantity_decimals))
    quote = Asset(1, quote_name, max(ASSET_DECIMALS, price_decimals + quantity_decimals))
    instrument = Instrument(
        id=instrument_id,
        symbol=symbol,
        venue=venue,
        kind=int(InstrumentKind(kind)),
        base=0,
        quote=1,
        price_decimals=price_decimals,
        quantity_decimals=quantity_decimals,
        money_per_price_lot=10 ** (quote.decimals - price_decimals - quantity_decimals),
        base_per_lot=10 ** (base.decimals - quantity_decimals),
    )
    return instrument, (base, quote)


def relocate(columns: EventColumns, instrument: int, source: int) -> EventColumns:
    """The same market events under another instrument id and source number (copied)."""
    moved = columns.slice(0, len(columns))
    moved.source = array("q", (source,)) * len(moved)
    for start in moved.offset[:-1]:
        moved.payload[start] = instrument
    return moved


def file_hash(paths: Sequence[Path]) -> str:
    """sha256 over the bytes of a file; for several, over their digests in order.

    Raises `InputError` for a file that cannot be read.
    """
    digests = []
    for path in paths:
        digest = hashlib.sha256()
        try:
            with path.open("rb") as stream:
                while chunk := stream.read(HASH_CHUNK_BYTES):
                    digest.update(chunk)
        except FileNotFoundError as error:
            raise InputError(str(path), 0, "file", "an existing file", "no such file") from error
        except OSError as error:
            got = error.strerror or "an error"
            raise InputError(str(path), 0, "file", "a readable file", got) from error
        digests.append(digest)
    return combined_hash([digest.hexdigest() for digest in digests])


def combined_hash(hashes: Sequence[str]) -> str:
    """One hash for several: itself when alone, else sha256 over the digests in order."""
    if len(hashes) == 1:
        return hashes[0]
    return hashlib.sha256(b"".join(bytes.fromhex(one) for one in hashes)).hexdigest()


def rows_hash(instrument: Instrument, columns: EventColumns) -> str:
    """sha256 over what the rows mean: units, then every column but the source number.

    Columns enter as little-endian int64. Instrument and source ids are local names, so a feed
    has the same hash whatever ids it is given: they enter as 0.
    """
    plain = relocate(columns, 0, 0) if instrument.id else columns
    units = (instrument.symbol, instrument.kind)
    grid = (instrument.price_decimals, instrument.quantity_decimals)
    digest = hashlib.sha256(repr((*map(str, units), *grid, len(plain))).encode())
    for column in (
        plain.kind,
        plain.event_time_ns,
        plain.capture_time_ns,
        plain.sequence,
        plain.epoch,
        plain.offset,
        plain.payload,
    ):
        digest.update(little_endian_buffer(column))
    return digest.hexdigest()


def combine(feeds: Sequence[Feed]) -> Market:
    """All feeds in one market: dense asset and instrument ids, source i for feed i, one stream.

    An asset named by several feeds gets the most decimals any of them needs, and the money units
    of their instruments follow. Raises `InputError` when two feeds are the same instrument.
    """
    decimals: dict[str, int] = {}
    for feed in feeds:
        for asset in feed.assets:
            decimals[asset.name] = max(decimals.get(asset.name, 0), asset.decimals)
    assets = tuple(Asset(i, name, places) for i, (name, places) in enumerate(decimals.items()))
    by_name = {asset.name: asset for asset in assets}
    moved: list[Feed] = []
    seen: set[tuple[str, int]] = set()
    for index, feed in enumerate(feeds):
        key = (feed.instrument.symbol, feed.instrument.kind)
        if key in seen:
            raise InputError("", 0, "symbol", "each instrument once", repr(key[0]))
        seen.add(key)
        moved.append(_renumbered(feed, index, by_name, assets))
    return Market(
        assets,
        tuple(feed.instrument for feed in moved),
        merge([feed.columns for feed in moved]),
        tuple(moved),
        combined_hash([feed.dataset_hash for feed in moved]),
    )


def _renumbered(
    feed: Feed, index: int, by_name: dict[str, Asset], assets: tuple[Asset, ...]
) -> Feed:
    """`feed` as instrument and source `index`, its money in the units of the shared assets."""
    old = feed.instrument
    base_before, quote_before = feed.assets[old.base], feed.assets[old.quote]
    base, quote = by_name[base_before.name], by_name[quote_before.name]
    money_factor = 10 ** (quote.decimals - quote_before.decimals)
    base_factor = 10 ** (base.decimals - base_before.decimals)
    instrument = evolve(
        old,
        id=index,
        base=base.id,
        quote=quote.id,
        money_per_price_lot=old.money_per_price_lot * money_factor,
        minimum_notional=old.minimum_notional * money_factor,
        base_per_lot=old.base_per_lot * base_factor,
    )
    columns = feed.columns
    if old.id != index or columns.source.tobytes() != array("q", [index]).tobytes() * len(columns):
        columns = relocate(columns, index, index)
    return evolve(feed, instrument=instrument, assets=assets, columns=columns)
