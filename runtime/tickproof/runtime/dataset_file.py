"""A Market as one Arrow IPC file that several processes map into memory.

What it decides: the layout. One record batch, uncompressed, so that a column is a run of bytes of
the file: six int64 envelope columns, and `payload` as lists, whose offsets and values are the other
two columns of `EventColumns`. What is not columns (assets, instruments, counts, hashes, what the
ticker said of the books) is JSON in the schema's metadata. Readers' own columns and tickers are not
kept: a run needs the merged stream alone.

A process that reads the file maps it and runs on the mapping: nothing is copied, the pages are
shared by all processes, and the columns keep the mapping for as long as they live.
"""

from __future__ import annotations

import json
from array import array
from pathlib import Path
from typing import Any

from attrs import asdict

from tickproof.runtime.errors import InputError
from tickproof.runtime.readers.feed import Feed, FeedCounts, Market, TickerColumns
from tickproof.runtime.readers.tables import optional_module
from tickproof.runtime.summary import BookCheck
from tickproof.spec.instrument import Asset, Instrument, QueueDeclaration
from tickproof.spec.stream import EventColumns

SCHEMA = 1
PURPOSE = "sharing a dataset between processes"
METADATA = b"tickproof"
ENVELOPE = ("kind", "event_time_ns", "capture_time_ns", "source", "sequence", "epoch")
PAYLOAD = "payload"


def write_dataset(path: Path, market: Market, books: BookCheck) -> None:
    """Write `market`, and what `check_books` found of it, at `path`: whole or not at all.

    Raises `MissingExtra`, OSError.
    """
    arrow = optional_module("pyarrow", PURPOSE)
    columns = market.columns
    length = len(columns)
    arrays = [_whole(arrow, getattr(columns, name), length) for name in ENVELOPE]
    offsets = _whole(arrow, columns.offset, length + 1)
    values = _whole(arrow, columns.payload, len(columns.payload))
    arrays.append(arrow.LargeListArray.from_arrays(offsets, values))
    names = [*ENVELOPE, PAYLOAD]
    facts = json.dumps(_facts(market, books)).encode()
    schema = arrow.schema(
        [(name, column.type) for name, column in zip(names, arrays, strict=True)],
        metadata={METADATA: facts},
    )
    partial = path.with_name(path.name + ".tmp")
    try:
        with arrow.OSFile(str(partial), "wb") as sink, arrow.ipc.new_file(sink, schema) as writer:
            writer.write_batch(arrow.record_batch(arrays, schema=schema))
        partial.replace(path)
    except BaseException:
        partial.unlink(missing_ok=True)
        raise


def read_dataset(path: Path) -> tuple[Market, BookCheck]:
    """The Market of a file that `write_dataset` left; raises `InputError`, `MissingExtra`."""
    arrow = optional_module("pyarrow", PURPOSE)
    try:
        with arrow.memory_map(str(path), "r") as source:
            reader = arrow.ipc.open_file(source)
            facts = json.loads(reader.schema.metadata[METADATA])
            columns = _columns(reader.get_batch(0))
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise InputError(str(path), 0, "file", "a dataset of a sweep", str(error)) from error
    assets = tuple(Asset(**each) for each in facts["assets"])
    feeds = tuple(_feed(each, assets) for each in facts["feeds"])
    instruments = tuple(each.instrument for each in feeds)
    market = Market(assets, instruments, columns, feeds, facts["dataset_hash"])
    return market, BookCheck(**facts["books"])


def _whole(arrow: Any, column: array[int], length: int) -> Any:
    """An Arrow column over the memory of `column`, not copied."""
    return arrow.Array.from_buffers(arrow.int64(), length, [None, arrow.py_buffer(column)])


def _columns(batch: Any) -> EventColumns:
    """The columns of a batch where they lie in the mapped file."""
    length = batch.num_rows
    if not length:
        return EventColumns()
    payload = batch.column(PAYLOAD)
    offset = _part(payload.buffers()[1], length + 1)
    values = _part(payload.values.buffers()[1], offset[length]) if offset[length] else b""
    envelope = {name: _part(batch.column(name).buffers()[1], length) for name in ENVELOPE}
    return EventColumns.from_buffers(**envelope, offset=offset, payload=values)


def _part(buffer: Any, length: int) -> memoryview:
    """The first `length` integers of a buffer, which may be padded."""
    return memoryview(buffer).cast("B")[: length * 8].cast("q")


def _facts(market: Market, books: BookCheck) -> dict[str, Any]:
    return {
        "schema": SCHEMA,
        "dataset_hash": market.dataset_hash,
        "assets": [asdict(each) for each in market.assets],
        "feeds": [
            {
                # Fees are the settings' of each job.
                "instrument": asdict(feed.instrument, filter=lambda each, _: each.name != "fees"),
                "counts": asdict(feed.counts),
                "dataset_hash": feed.dataset_hash,
                "rows_hash": feed.rows_hash,
            }
            for feed in market.feeds
        ],
        "books": asdict(books),
    }


def _feed(facts: dict[str, Any], assets: tuple[Asset, ...]) -> Feed:
    """A feed without its own columns: the Market has them merged."""
    table = facts["instrument"]
    return Feed(
        Instrument(**{**table, "queue": QueueDeclaration(**table["queue"])}),
        assets,
        EventColumns(),
        TickerColumns(),
        FeedCounts(**facts["counts"]),
        facts["dataset_hash"],
        facts["rows_hash"],
    )
