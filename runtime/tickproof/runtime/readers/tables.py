"""Rows of a CSV, Parquet or NumPy file, one value after another as the file means them.

What a value is does not depend on the format: integers, texts and floats come out as they are
stored, date columns as integer nanoseconds. Reading is in chunks; a table can be walked twice,
once to see which grid it needs and once to read it. CSV needs nothing, the others the extra
`run`.
"""

from __future__ import annotations

import csv
import gzip
import importlib
import zlib
from collections.abc import Iterator, Sequence
from decimal import Decimal
from itertools import chain
from pathlib import Path
from typing import Any, Protocol

from tickproof.runtime.errors import InputError, MissingExtra

CHUNK_ROWS = 65_536
SINGLE_PRECISION_BYTES = 4


class Table(Protocol):
    """A file of rows."""

    names: tuple[str, ...]
    """Its columns."""

    time_names: tuple[str, ...]
    """Those that hold dates, which come out as nanoseconds."""

    def rows(self, columns: Sequence[str]) -> Iterator[tuple[int, tuple[Any, ...]]]:
        """(line or row from 1, values of `columns`) for every row."""


def open_table(path: Path, delimiter: str = ",") -> Table:
    """The table in `path`, by its suffix: .csv, .csv.gz, .parquet or .npy.

    Raises `InputError` for a file that is not what its suffix says, `MissingExtra` when the
    format needs a package that is not installed.
    """
    if not path.is_file():
        raise InputError(str(path), 0, "file", "an existing file", "no such file")
    suffix = path.suffix.lower()
    if suffix == ".npy":
        return NumpyTable(path)
    if suffix in (".parquet", ".pq"):
        return ParquetTable(path)
    if suffix in (".csv", ".txt", ".gz"):
        return CsvTable(path, delimiter)
    raise InputError(str(path), 0, "file", "a .csv, .csv.gz, .parquet or .npy file", repr(suffix))


def optional_module(name: str, purpose: str) -> Any:
    """Import a package of the extra `run`; raises `MissingExtra`."""
    try:
        return importlib.import_module(name)
    except ImportError as error:
        raise MissingExtra("run", purpose) from error


class CsvTable:
    """Text with a header line; a file whose first line is data has columns named 0, 1, 2..."""

    def __init__(self, path: Path, delimiter: str) -> None:
        self._path = path
        self._delimiter = delimiter
        first = next(self._records(), None)
        if first is None:
            raise InputError(str(path), 0, "file", "a CSV file with rows", "an empty one")
        self._has_header = not any(_is_number(cell) for cell in first[1])
        cells = [cell.strip() for cell in first[1]]
        self.names = tuple(cells) if self._has_header else tuple(map(str, range(len(cells))))
        self.time_names: tuple[str, ...] = ()

    def rows(self, columns: Sequence[str]) -> Iterator[tuple[int, tuple[Any, ...]]]:
        """Values are texts."""
        places = [self.names.index(column) for column in columns]
        width = len(self.names)
        for number, (line, cells) in enumerate(self._records()):
            if number == 0 and self._has_header:
                continue
            if len(cells) != width:
                got = f"{len(cells)} values"
                raise InputError(str(self._path), line, "row", f"{width} values", got)
            yield line, tuple(cells[place] for place in places)

    def _records(self) -> Iterator[tuple[int, list[str]]]:
        path, line = self._path, 0
        try:
            opener = gzip.open if path.suffix.lower() == ".gz" else open
            with opener(path, "rt", encoding="utf-8-sig", newline="") as stream:
                reader = csv.reader(stream, delimiter=self._delimiter, strict=True)
                for cells in reader:
                    line = reader.line_num
                    if cells:
                        yield line, cells
        except (OSError, EOFError, zlib.error, UnicodeDecodeError, csv.Error) as error:
            raise InputError(str(path), line + 1, "file", "a CSV file", str(error)) from error


class NumpyTable:
    """A structured array of one dimension."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._numpy = optional_module("numpy", "reading NumPy files")
        try:
            array = self._numpy.load(path, mmap_mode="r", allow_pickle=False)
        except (OSError, ValueError, EOFError) as error:
            raise InputError(str(path), 0, "file", "a NumPy .npy file", str(error)) from error
        if getattr(array, "ndim", 0) != 1 or not array.dtype.names:
            got = f"{getattr(array, 'dtype', type(array).__name__)}"
            raise InputError(str(path), 0, "file", "a structured array of one dimension", got)
        self.array = array
        self.names: tuple[str, ...] = tuple(array.dtype.names)
        self.time_names = tuple(name for name in self.names if array.dtype[name].kind == "M")

    def rows(self, columns: Sequence[str]) -> Iterator[tuple[int, tuple[Any, ...]]]:
        """Values are Python integers, floats, texts or bytes."""
        for start in range(0, len(self.array), CHUNK_ROWS):
            chunk = self.array[start : start + CHUNK_ROWS]
            lists = [self._values(chunk[column]) for column in columns]
            yield from enumerate(zip(*lists, strict=True), start=start + 1)

    def _values(self, column: Any) -> Sequence[Any]:
        if column.dtype.kind == "M":
            column = column.astype("datetime64[ns]").astype("int64")
        return values_of(column)


class ParquetTable:
    """A Parquet file, read by row groups."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._arrow = optional_module("pyarrow", "reading Parquet files")
        parquet = optional_module("pyarrow.parquet", "reading Parquet files")
        try:
            self._file = parquet.ParquetFile(path)
        except (OSError, ValueError) as error:
            raise InputError(str(path), 0, "file", "a Parquet file", str(error)) from error
        schema = self._file.schema_arrow
        is_timestamp = self._arrow.types.is_timestamp
        self.names: tuple[str, ...] = tuple(schema.names)
        self.time_names = tuple(field.name for field in schema if is_timestamp(field.type))

    def rows(self, columns: Sequence[str]) -> Iterator[tuple[int, tuple[Any, ...]]]:
        """Values are Python integers, floats, texts or decimals."""
        names = list(dict.fromkeys(columns))
        start = 1
        try:
            for batch in self._file.iter_batches(CHUNK_ROWS, columns=names):
                lists = [self._values(batch.column(names.index(name))) for name in columns]
                yield from enumerate(zip(*lists, strict=True), start=start)
                start += len(batch)
        except (OSError, ValueError) as error:
            raise InputError(
                str(self._path), start, "file", "a Parquet file", str(error)
            ) from error

    def _values(self, column: Any) -> Sequence[Any]:
        types = self._arrow.types
        if types.is_timestamp(column.type):
            whole = self._arrow.timestamp("ns", column.type.tz)
            column = column.cast(whole).cast(self._arrow.int64())
        single = types.is_float16(column.type) or types.is_float32(column.type)
        if single and column.null_count == 0:
            return values_of(column.to_numpy(zero_copy_only=False))
        values: list[Any] = column.to_pylist()
        return values


def values_of(column: Any) -> Sequence[Any]:
    """Python values of a NumPy column; single precision as the shortest text that means it."""
    if column.dtype.kind == "f" and column.dtype.itemsize <= SINGLE_PRECISION_BYTES:
        return [format(Decimal(str(value)), "f") for value in column]
    values: list[Any] = column.tolist()
    return values


def _is_number(cell: str) -> bool:
    """The cell is data rather than a column name."""
    text = cell.strip().removeprefix("-").replace(".", "", 1)
    return text.isdigit()


def chained(
    tables: Sequence[tuple[Path, Table]], columns: Sequence[str]
) -> Iterator[tuple[Path, int, tuple[Any, ...]]]:
    """Rows of several files of one layout, one after another."""
    return chain.from_iterable(
        ((path, line, values) for line, values in table.rows(columns)) for path, table in tables
    )
