"""The page on the journal: its reader is short and reads, and what it says of speed is measured."""

import re
from pathlib import Path
from typing import Any

import pytest

from tests.runtime.journal.scenarios import STREAM
from tickproof.runtime.journal.folders import create
from tickproof.runtime.journal.log import Journal, Store
from tickproof.spec.stream import EventColumns

PAGE = Path(__file__).resolve().parents[2] / "docs" / "journal.md"
LINES_MAX = 50


def reader_text() -> str:
    blocks: list[str] = re.findall(r"```python\n(.*?)```", PAGE.read_text("utf-8"), re.DOTALL)
    return next(block for block in blocks if "Every event of a journal" in block)


def reader() -> dict[str, Any]:
    names: dict[str, Any] = {"__name__": "reader"}
    exec(compile(reader_text(), str(PAGE), "exec"), names)  # noqa: S102 - our own page
    return names


def filled(folder: Path) -> Store:
    store = create(folder, segment_bytes=2_000)
    for size in (1, 16, 40, 3, 90, 250):
        store.append(STREAM, store.position, store.position + size)
        store.commit()
    return store


def test_the_reader_is_short() -> None:
    lines = [line for line in reader_text().splitlines() if line.strip()]
    assert len(lines) <= LINES_MAX


def test_the_reader_reads_what_was_appended(tmp_path: Path) -> None:
    store = filled(tmp_path / "journal")
    found = EventColumns()
    for position, *event in reader()["journal_events"](tmp_path / "journal"):
        assert position == len(found)
        kind, event_ns, capture_ns, source, sequence, epoch, values = event
        found.append_raw(kind, event_ns, capture_ns, source, sequence, epoch, values)
    assert len(found) == store.position == 400
    for name in EventColumns.__slots__:
        assert getattr(found, name) == getattr(STREAM.slice(0, 400), name)
    assert isinstance(store, Journal)
    store.close()


@pytest.mark.parametrize("name", ["segment-0000000000", "segment-0000000002"])
def test_the_reader_notices_a_changed_bit(tmp_path: Path, name: str) -> None:
    filled(tmp_path / "journal").close()
    path = tmp_path / "journal" / name
    data = bytearray(path.read_bytes())
    for place in range(0, len(data), 97):
        data[place] ^= 4
        path.write_bytes(data)
        with pytest.raises((AssertionError, IndexError)):
            list(reader()["journal_events"](tmp_path / "journal"))
        data[place] ^= 4
