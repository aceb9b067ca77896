"""From the files of a run to one Market: which reader reads what, and what the files were.

What it decides: the reader, by the settings and the file's ending. A symbol that has a column map
is a table. A `format` other than `auto` says what all other files are. With `auto` the ending does:
`.npy` is a benchmark array, `.dbn` and `.dbn.zst` are Databento, other tables are refused, and
everything else is a raw Binance log. Nothing is guessed from a file's content.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from attrs import frozen

from tickproof.runtime.errors import InputError
from tickproof.runtime.readers.benchmark import SYMBOL as BENCHMARK_SYMBOL
from tickproof.runtime.readers.benchmark import read_benchmark
from tickproof.runtime.readers.binance import read_binance
from tickproof.runtime.readers.feed import Feed, Market, combine, combined_hash, file_hash
from tickproof.runtime.readers.formats import ORDER_FORMATS, read_any
from tickproof.runtime.readers.tabular import Layout, read_table
from tickproof.runtime.recording import Progress
from tickproof.runtime.settings import ColumnSettings, duration_ns
from tickproof.spec.instrument import InstrumentKind

AUTO = "auto"
"""The `format` that goes by the ending of a file."""

DATABENTO_ENDINGS = (".dbn", ".dbn.zst")

TABLE_ENDINGS = (".csv", ".csv.gz", ".txt", ".parquet", ".pq", ".npy")
"""Endings of files that need a column map; a benchmark array is the exception."""

Files = Mapping[str, Sequence[Path]]
"""Files by symbol; "" takes the symbol from its files."""


@frozen
class DataFile:
    """One file of a run as it was: `bytes` long, `sha256` over them."""

    symbol: str
    path: Path
    sha256: str
    bytes: int


def files_of(data: Mapping[str, Sequence[Path | str]] | Sequence[Path | str] | Path | str) -> Files:
    """Files by symbol, whatever form they are given in."""
    if isinstance(data, (str, Path)):
        return {"": [Path(data)]}
    if isinstance(data, Mapping):
        return {symbol: [Path(each) for each in paths] for symbol, paths in data.items()}
    return {"": [Path(each) for each in data]}


def read_market(
    data: Files,
    on_gap: str = "stop",
    columns: Mapping[str, ColumnSettings] | None = None,
    progress: Progress | None = None,
    form: str = AUTO,
    multiplier: int = 1,
    funding: bool = False,
    by_order: bool = False,
) -> Market:
    """The files of every symbol as one market; raises `InputError`, `MissingExtra`.

    `form`: a name of `readers.formats` for whatever has no column map, or `AUTO`. `multiplier`:
    what one price unit of one contract is worth, where the files do not say. `funding`: read marks
    and funding rates too, from Binance logs of futures. `by_order`: with the orders beside their
    levels, from files that name them.
    """
    if not data:
        raise InputError("", 0, "data", "at least one file", "none")
    maps = {} if columns is None else columns
    return combine(
        [
            _feed(symbol, paths, on_gap, maps, progress, form, multiplier, funding, by_order)
            for symbol, paths in data.items()
        ]
    )


def _feed(
    symbol: str,
    paths: Sequence[Path],
    on_gap: str,
    maps: Mapping[str, ColumnSettings],
    progress: Progress | None,
    form: str,
    multiplier: int,
    funding: bool,
    by_order: bool,
) -> Feed:
    """The files of one symbol."""

    def told(done: int, total: int) -> None:
        if progress is not None:
            progress(f"read {symbol}".strip(), done, total)

    tables = [path for path in paths if path.name.lower().endswith(TABLE_ENDINGS)]
    name = next(iter(maps)) if not symbol and tables and len(maps) == 1 else symbol
    if form == AUTO and all(path.name.lower().endswith(DATABENTO_ENDINGS) for path in paths):
        form = "databento"
    if by_order and (name in maps or form not in ORDER_FORMATS):
        expected = "one of " + ", ".join(sorted(ORDER_FORMATS)) + " for a feed by order"
        raise InputError("", 0, "format", expected, "a column map" if name in maps else form)
    if name in maps:
        _refuse_multiplier(multiplier)
        return read_table(paths, _layout(name, maps[name]))
    if form not in (AUTO, "binance"):
        return read_any(paths, form, symbol or None, on_gap, multiplier, by_order)
    _refuse_multiplier(multiplier)
    if form == "binance" or not tables:
        return read_binance(list(paths), symbol or None, on_gap, progress=told, funding=funding)
    if [path.suffix.lower() for path in paths] != [".npy"]:
        expected = f"a column map [columns.{symbol or 'SYMBOL'}] in the settings file, or a format"
        raise InputError(str(tables[0]), 0, "columns", expected, "none")
    if symbol not in ("", BENCHMARK_SYMBOL):
        expected = f"a column map [columns.{symbol}], or the symbol {BENCHMARK_SYMBOL}"
        raise InputError(str(tables[0]), 0, "columns", expected, "none")
    return read_benchmark(paths[0])


def _refuse_multiplier(multiplier: int) -> None:
    if multiplier != 1:
        raise InputError("", 0, "multiplier", "1 for this format", str(multiplier))


def _layout(symbol: str, chosen: ColumnSettings) -> Layout:
    """The reader's layout of a column map."""
    assets = (chosen.base, chosen.quote) if chosen.base and chosen.quote else None
    return Layout(
        chosen.rows,
        chosen.map,
        symbol,
        int(InstrumentKind[chosen.instrument.upper()]),
        assets,
        chosen.time_unit,
        chosen.units,
        chosen.price_decimals,
        chosen.quantity_decimals,
        duration_ns(chosen.bar_interval),
        chosen.volume_down,
        chosen.delimiter,
    )


def data_files(data: Files, market: Market) -> tuple[DataFile, ...]:
    """What the files were when `market` was read from them.

    Raises `InputError` when they have changed since.
    """
    found: list[DataFile] = []
    hashes = []
    for symbol, paths in data.items():
        ours = [DataFile(symbol, path, file_hash([path]), path.stat().st_size) for path in paths]
        hashes.append(combined_hash([each.sha256 for each in ours]))
        found += ours
    if combined_hash(hashes) != market.dataset_hash:
        raise InputError("", 0, "data", "files that stay as they are", "files that changed")
    return tuple(found)
