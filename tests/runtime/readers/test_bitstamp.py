"""Reading Bitstamp logs: what a message says happened, and every refusal in its place."""

import json
import lzma
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from tickproof.runtime.errors import InputError
from tickproof.runtime.readers.bitstamp import read_bitstamp
from tickproof.runtime.readers.orders import OrderFeed
from tickproof.spec.events import (
    BookOrderAdd,
    BookOrderCancel,
    BookOrderExecute,
    BookOrderModify,
    Side,
    Trade,
)

Message = tuple[str, dict[str, Any]]


def order(what: str, number: int, kind: int, price: str, amount: str) -> Message:
    return f"order_{what}", {"price": price, "amount": amount, "id": number, "order_type": kind}


SESSION: list[Message] = [
    order("created", 1, 0, "10.50", "2.0"),
    order("created", 2, 1, "10.6", "1.5"),
    order("created", 3, 0, "10.60", "1"),
    order("changed", 2, 1, "10.60", "0.5"),
    order("deleted", 3, 0, "10.60", "0.0"),
    ("trade", {"price": 10.6, "amount": 1.0, "id": 70}),
    ("order_book", {"bids": [["10.5", "2"]], "asks": [["10.6", "0.5"]]}),
    order("changed", 2, 1, "10.70", "0.5"),
    order("changed", 9, 1, "10.70", "0.5"),
    order("deleted", 8, 1, "10.70", "0.0"),
    order("deleted", 1, 0, "10.50", "2.0"),
]


def written(path: Path, messages: Sequence[Message], name: str = "log.xz") -> Path:
    lines = [f"{1_000 + i} {what} {json.dumps(data)}\n" for i, (what, data) in enumerate(messages)]
    (path / name).write_bytes(lzma.compress("".join(lines).encode()))
    return path / name


def read(path: Path, messages: Sequence[Message]) -> OrderFeed:
    return read_bitstamp([written(path, messages)])


def refused(path: Path, *messages: Message) -> str:
    with pytest.raises(InputError) as caught:
        read(path, messages)
    return str(caught.value).removeprefix(str(path))


def test_a_session_says_what_happened(tmp_path: Path) -> None:
    orders = read(tmp_path, SESSION)
    columns = orders.feed.columns
    assert [event.body for event in columns] == [
        BookOrderAdd(0, 1, Side.BUY, 105, 20),
        BookOrderAdd(0, 2, Side.SELL, 106, 15),
        BookOrderAdd(0, 3, Side.BUY, 106, 10),
        BookOrderExecute(0, 2, Side.SELL, 106, 10),
        BookOrderExecute(0, 3, Side.BUY, 106, 10),
        Trade(0, 106, 10, 0, 0, 70),
        BookOrderModify(0, 2, Side.SELL, 107, 5),
        BookOrderModify(0, 9, Side.SELL, 107, 5),
        BookOrderCancel(0, 8, Side.SELL, 107, 0),
        BookOrderCancel(0, 1, Side.BUY, 105, 0),
    ]
    assert columns.event_time_ns[0] == columns.capture_time_ns[0] == 1_000_000_000
    assert list(columns.sequence) == [0, 1, 2, 3, 4, 5, 7, 8, 9, 10]
    assert list(orders.rows.position) == [6]
    assert orders.rows.side(0, 1) == [(105, 20)]
    assert orders.rows.side(0, -1) == [(106, 5)]
    counts = orders.feed.counts
    assert (counts.messages, counts.trades, counts.tickers) == (11, 1, 1)
    assert orders.feed.instrument.symbol == "BTC/USD"


def test_floats_mean_the_shortest_text(tmp_path: Path) -> None:
    path = tmp_path / "log"
    path.write_text(
        '1 trade {"price": 236.47, "amount": 1.7885566900000001, "id": 1}\n'
        '2 trade {"price": 236.47, "amount": 1e-08, "id": 2}\n'
    )
    columns = read_bitstamp([path]).feed.columns
    assert [columns.payload_of(i)[2] for i in (0, 1)] == [178_855_669, 1]


def test_refusals_name_their_place(tmp_path: Path) -> None:
    good = order("created", 1, 0, "1", "1")
    assert refused(tmp_path, good, ("what", {})).startswith("/log.xz:2: message: expected one of")
    assert refused(tmp_path, good, ("trade", {"price": 1})).startswith("/log.xz:2: amount: ")
    bad = order("created", 1, 2, "1", "1")
    assert refused(tmp_path, bad) == "/log.xz:1: order_type: expected at most 1, got '2'"
    assert "not negative" in refused(tmp_path, order("created", 1, 0, "-1", "1"))
    assert ":1: bids: " in refused(tmp_path, ("order_book", {"bids": 1, "asks": []}))
    assert ":1: bids: " in refused(tmp_path, ("order_book", {"bids": [[1, 2]], "asks": []}))
    assert ":1: number: " in refused(tmp_path, ("trade", {"price": "x", "amount": 1, "id": 1}))


def test_damaged_files_are_refused(tmp_path: Path) -> None:
    path = written(tmp_path, SESSION * 20)
    path.write_bytes(path.read_bytes()[:-20])
    with pytest.raises(InputError, match="whole file"):
        read_bitstamp([path])
    path.write_bytes(b"nothing packed")
    with pytest.raises(InputError, match="readable file"):
        read_bitstamp([path])
    with pytest.raises(InputError, match="existing file"):
        read_bitstamp([tmp_path / "none.xz"])
    (tmp_path / "empty").write_text("")
    with pytest.raises(InputError, match="an empty one"):
        read_bitstamp([tmp_path / "empty"])
    (tmp_path / "binary").write_bytes(b"1 trade \xff\xfe\n")
    with pytest.raises(InputError, match="UTF-8"):
        read_bitstamp([tmp_path / "binary"])
    (tmp_path / "cut").write_text('1 trade {"price": 1,\n')
    with pytest.raises(InputError, match="cut:1: message: expected JSON"):
        read_bitstamp([tmp_path / "cut"])
    with pytest.raises(InputError, match="at least one file"):
        read_bitstamp([])
