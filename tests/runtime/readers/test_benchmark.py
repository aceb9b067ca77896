"""Benchmark records become the events that reading them row by row would give."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tickproof.runtime.errors import InputError
from tickproof.runtime.readers.benchmark import benchmark_batches, read_benchmark
from tickproof.runtime.readers.tabular import Layout, read_table
from tickproof.spec.stream import EventColumns

TRADE = np.dtype([("ts", "i8"), ("px", "i8"), ("qty", "i8"), ("side", "i1")])
LEVEL = np.dtype([("ts", "i8"), ("kind", "i1"), ("side", "i1"), ("px", "i8"), ("qty", "i8")])
BAR = np.dtype([(name, "i8") for name in ("ts", "o", "h", "l", "c", "v")])

TRADES: list[tuple[int, ...]] = [(1, 100, 5, 1), (2, 101, 6, -1), (2, 99, 1, 1)]
LEVELS: list[tuple[int, ...]] = [
    (1, 1, 1, 100, 2),
    (2, 3, 1, 100, 5),
    (3, 3, -1, 101, 6),
    (4, 1, -1, 100, 2),
    (5, 0, 1, 100, 3),
    (6, 2, -1, 101, 6),
]
BARS: list[tuple[int, ...]] = [
    (60, 10, 12, 9, 11, 100),
    (120, 11, 11, 10, 10, 0),
    (240, 10, 11, 10, 11, 3),
]


def layout(rows: str, **columns: str) -> Layout:
    return Layout(
        rows, columns, "BENCH-USD", kind=1, units=True, price_decimals=2, quantity_decimals=0
    )


CASES: list[tuple[np.dtype[np.void], list[tuple[int, ...]], Layout]] = [
    (TRADE, TRADES, layout("trades", time="ts", price="px", size="qty", side="side")),
    (LEVEL, LEVELS, layout("book", time="ts", kind="kind", side="side", price="px", size="qty")),
    (BAR, BARS, layout("bars", time="ts", open="o", high="h", low="l", close="c", volume="v")),
]


def saved(path: Path, rows: list[tuple[int, ...]], dtype: np.dtype[np.void]) -> Path:
    np.save(path, np.array(rows, dtype))
    return path


@pytest.mark.parametrize(("dtype", "rows", "mapped"), CASES, ids=["trades", "book", "bars"])
def test_the_same_as_row_by_row(
    dtype: np.dtype[np.void], rows: list[tuple[int, ...]], mapped: Layout, tmp_path: Path
) -> None:
    path = saved(tmp_path / "f.npy", rows, dtype)
    fast, slow = read_benchmark(path), read_table([path], mapped)
    fast_bodies = [event.body for event in fast.columns]
    slow_bodies = [event.body for event in slow.columns]
    if mapped.rows == "book":  # there update ids count messages, here rows
        assert [type(body) for body in fast_bodies] == [type(body) for body in slow_bodies]
        assert [getattr(body, "levels", body) for body in fast_bodies] == [
            getattr(body, "levels", body) for body in slow_bodies
        ]
    else:
        assert fast_bodies == slow_bodies
        assert fast.rows_hash == slow.rows_hash
    assert fast.counts == slow.counts
    assert fast.instrument == slow.instrument
    assert fast.columns.sequence == slow.columns.sequence
    assert fast.columns.capture_time_ns == slow.columns.capture_time_ns
    assert len(fast.columns) == len(rows)


@pytest.mark.parametrize(
    ("dtype", "row", "field"),
    [
        (TRADE, (1, 0, 1, 1), "px"),
        (TRADE, (1, 1, 0, 1), "qty"),
        (TRADE, (-1, 1, 1, 1), "ts"),
        (TRADE, (1, 1, 1, 3), "side"),
        (LEVEL, (1, 4, 1, 1, 1), "kind"),
        (LEVEL, (1, 0, 0, 1, 1), "side"),
        (LEVEL, (1, 1, 1, 1, 0), "qty"),
        (LEVEL, (1, 0, 1, 10**12 + 1, 1), "px"),
        (BAR, (1, 10, 9, 8, 10, 1), "h"),
        (BAR, (1, 10, 11, 11, 11, 1), "l"),
        (BAR, (1, 10, 11, 9, 11, -1), "v"),
    ],
)
def test_bad_rows_are_named(
    dtype: np.dtype[np.void], row: tuple[int, ...], field: str, tmp_path: Path
) -> None:
    good = next(rows for one, rows, _ in CASES if one == dtype)
    path = saved(tmp_path / "f.npy", [*good, row], dtype)
    with pytest.raises(InputError) as caught:
        read_benchmark(path)
    assert (caught.value.line, caught.value.field) == (len(good) + 1, field)


def test_other_layouts_are_refused(tmp_path: Path) -> None:
    path = saved(tmp_path / "f.npy", [(1, 2)], np.dtype([("a", "i8"), ("b", "i8")]))
    with pytest.raises(InputError, match=r"columns: expected ts/px/qty/side or .*, got a/b"):
        read_benchmark(path)
    with pytest.raises(InputError, match="an existing file"):
        read_benchmark(tmp_path / "none.npy")


@pytest.mark.parametrize("length", [1, 7, 100, 10**6])
@pytest.mark.parametrize("layout", ["book", "trades", "bars"])
def test_batches_are_the_same_events(tmp_path: Path, layout: str, length: int) -> None:
    rows = 150
    dice = np.random.default_rng(5)
    made = np.zeros(rows, {"book": LEVEL, "trades": TRADE, "bars": BAR}[layout])
    made["ts"] = 1_000 + dice.integers(0, 3, rows).cumsum()
    if layout == "bars":
        for field in "ohlc":
            made[field] = 100
        save_and_compare(tmp_path, made, length)
        return
    made["px"] = dice.integers(90, 110, rows)
    made["qty"] = dice.integers(1, 9, rows)
    made["side"] = dice.choice([1, -1], rows)
    if layout == "book":
        made["kind"] = dice.integers(0, 4, rows)
    save_and_compare(tmp_path, made, length)


def save_and_compare(folder: Path, made: Any, length: int) -> None:
    """Rows read at once and by batches are the same events."""
    path = folder / "rows.npy"
    np.save(path, made)
    whole = read_benchmark(path).columns
    found = EventColumns()
    for batch in benchmark_batches(path, length):
        for index in range(len(batch)):
            found.append(batch.event(index))
    for name in EventColumns.__slots__:
        assert getattr(found, name) == getattr(whole, name), name
