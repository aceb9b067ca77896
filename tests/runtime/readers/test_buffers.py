"""NumPy and Arrow columns become a batch where they lie, and a run over them is the same run."""

from typing import Any

import numpy as np
import pyarrow as pa

from tickproof.runtime.readers.benchmark import read_benchmark
from tickproof.runtime.readers.feed import combine
from tickproof.runtime.synthetic import synthetic_market
from tickproof.spec.stream import EventColumns

COLUMNS = synthetic_market(300, 3).columns


def arrays() -> dict[str, Any]:
    """The columns as NumPy arrays of their own."""
    names = EventColumns.__slots__
    return {name: np.array(getattr(COLUMNS, name), dtype="int64") for name in names}


def address_of(column: Any) -> int:
    """Where the first integer of a column is."""
    return int(np.frombuffer(column, "int64").ctypes.data)


def test_numpy_columns_are_taken_where_they_lie() -> None:
    given = arrays()
    columns = EventColumns.from_buffers(**given)
    for name, column in given.items():
        assert address_of(getattr(columns, name)) == column.ctypes.data, name
    assert list(columns) == list(COLUMNS)


def test_arrow_columns_are_taken_where_they_lie() -> None:
    given = {name: pa.array(column) for name, column in arrays().items()}
    columns = EventColumns.from_buffers(**{name: each.to_numpy() for name, each in given.items()})
    for name, column in given.items():
        assert address_of(getattr(columns, name)) == column.buffers()[1].address, name
    assert list(columns) == list(COLUMNS)


def test_what_a_reader_of_arrays_makes_is_not_copied_by_the_market(tmp_path: Any) -> None:
    path = tmp_path / "trades.npy"
    rows = np.zeros(5, [("ts", "i8"), ("px", "i8"), ("qty", "i8"), ("side", "i1")])
    rows["px"] = rows["qty"] = 1
    np.save(path, rows)
    feed = read_benchmark(path)
    assert combine([feed]).columns is feed.columns
