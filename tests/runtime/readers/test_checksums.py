"""Captures whose venue proves its book: Kraken and OKX, both by the same rules."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any
from zlib import crc32

import pytest

from tickproof.runtime.errors import InputError
from tickproof.runtime.readers.checksums import CheckedFeed
from tickproof.runtime.readers.kraken import read_kraken, verify_kraken
from tickproof.runtime.readers.okx import read_okx, verify_okx
from tickproof.spec.events import BookDelta, BookSnapshot, FeedGap, FeedResumed, Trade
from tickproof.spec.instrument import InstrumentKind

BID, ASK = 1, -1


def written(path: Path, messages: Sequence[Any]) -> Path:
    lines = ["wss://venue <-> 1.5", ""]
    lines += [f"{100 + i}.25: {json.dumps(each)}" for i, each in enumerate(messages)]
    (path / "capture").write_text("\n".join(lines))
    return path / "capture"


# --- Kraken --------------------------------------------------------------------------------------


def kraken_crc(*digits: str) -> str:
    return str(crc32("".join(digits).encode()))


def level(price: str, size: str) -> list[str]:
    return [price, size, "99.000001"]


def kraken(*parts: dict[str, Any], depth: int = 10, pair: str = "AAA/EUR") -> list[Any]:
    return [7, *parts, f"book-{depth}", pair]


def kraken_start(depth: int = 10) -> list[Any]:
    asks, bids = [level("0.0520", "3.00"), level("0.0530", "1.00")], [level("0.0510", "2.50")]
    return kraken({"as": asks, "bs": bids}, depth=depth)


def read_k(path: Path, *messages: Any, **options: Any) -> CheckedFeed:
    return read_kraken([written(path, messages)], **options)


def bodies(checked: CheckedFeed) -> list[object]:
    return [event.body for event in checked.feed.columns]


def test_kraken_books_follow_and_are_checked(tmp_path: Path) -> None:
    crc = kraken_crc("520", "200", "530", "100", "510", "250", "500", "100")
    checked = read_k(
        tmp_path,
        {"event": "systemStatus"},
        kraken({"a": [level("0.0520", "1.00")], "c": "1"}),
        kraken_start(),
        kraken({"a": [level("0.0520", "2.00")]}, {"b": [level("0.0500", "1.00")], "c": crc}),
        [9, [["0.0520", "0.50", "98.5", "b", "l", ""]], "trade", "AAA/EUR"],
        kraken({"b": [level("0.1", "1")]}, pair="BBB/EUR"),
        symbol="AAA/EUR",
    )
    assert bodies(checked) == [
        BookSnapshot(0, 1, (ASK, 52, 30, ASK, 53, 10, BID, 51, 25)),
        BookDelta(0, 2, 2, (ASK, 52, 20, BID, 50, 10)),
        Trade(0, 52, 5, BID, 0, 1),
    ]
    assert (checked.checksums, checked.differing) == (1, 0)
    counts = checked.feed.counts
    assert (counts.messages, counts.ignored_messages, counts.dropped_stale_diffs) == (6, 2, 1)
    assert (checked.feed.instrument.price_decimals, checked.feed.instrument.quantity_decimals) == (
        3,
        1,
    )
    assert checked.feed.columns.capture_time_ns[0] == 102_250_000_000
    assert checked.feed.columns.event_time_ns[0] == 99_000_001_000


def test_another_checksum_stops_or_waits_for_the_next_snapshot(tmp_path: Path) -> None:
    run = [
        kraken_start(),
        kraken({"b": [level("0.0500", "1.00")], "c": "5"}),
        kraken({"b": [level("0.0500", "2.00")], "c": "5"}),
        kraken_start(),
    ]
    with pytest.raises(InputError, match=r":4: checksum: expected [0-9]+, got 5"):
        read_k(tmp_path, *run)
    checked = read_k(tmp_path, *run, on_gap="resync")
    assert [type(body) for body in bodies(checked)] == [
        BookSnapshot,
        FeedGap,
        FeedResumed,
        BookSnapshot,
    ]
    assert (checked.checksums, checked.differing) == (1, 1)
    assert list(checked.feed.columns.epoch) == [0, 0, 1, 1]
    assert verify_kraken([written(tmp_path, run)]) == {"AAA/EUR": (2, 0)}


def test_a_window_forgets_what_falls_out_of_it(tmp_path: Path) -> None:
    checked = read_k(
        tmp_path,
        kraken_start(depth=2),
        kraken({"a": [level("0.0515", "1.00")]}, depth=2),
        kraken({"a": [level("0.0515", "0.00"), level("0.0540", "4.00")]}, depth=2),
        kraken({"a": [level("0.0520", "0.00"), level("0.0535", "4.00")]}, depth=2),
    )
    said = [event.body for event in checked.feed.columns][1:]
    assert [body.levels[1::3] for body in said if isinstance(body, BookDelta)] == [
        (515,),
        (515, 540, 530),
        (520, 535),
    ]


def test_what_is_no_kraken_message_is_refused(tmp_path: Path) -> None:
    for wrong, said in (
        (kraken({"as": [["1", "2"]]}), ":3: as: expected an array of 3 texts"),
        (kraken({"as": [[1, 2, 3]]}), ":3: as: expected an array of 3 texts"),
        (kraken({"as": [level("1", "0")], "bs": []}), ":3: size: expected above 0"),
        (kraken({"as": [level("1", "x")], "bs": []}), ":3: size: "),
        ([7, 5, "book-10", "AAA/EUR"], ":3: book: expected an object"),
        ([7, [["1", "1", "1", "x"]], "trade", "AAA/EUR"], ":3: side: expected b or s"),
        ({"event": "x"}, "symbol: expected a book in the file"),
    ):
        with pytest.raises(InputError, match="capture") as caught:
            read_k(tmp_path, wrong)
        assert said in str(caught.value)
    (tmp_path / "capture").write_text("no stamp\n")
    with pytest.raises(InputError, match=":1: message: expected SECONDS: JSON"):
        read_kraken([tmp_path / "capture"])
    with pytest.raises(InputError, match="stop or resync"):
        read_kraken([tmp_path / "capture"], on_gap="maybe")
    with pytest.raises(InputError, match="at least one file"):
        read_kraken([])
    both = kraken({"as": [level("1", "1")], "bs": []}, pair="BBB/EUR")
    with pytest.raises(InputError, match="one of AAA/EUR, BBB/EUR"):
        read_k(tmp_path, kraken_start(), both)


# --- OKX -----------------------------------------------------------------------------------------


def okx(action: str, bids: Any, asks: Any, checksum: int | None, symbol: str = "AAA-USDT") -> Any:
    data: dict[str, Any] = {"bids": bids, "asks": asks, "ts": "99000"}
    if checksum is not None:
        data["checksum"] = checksum
    return {"arg": {"channel": "books", "instId": symbol}, "action": action, "data": [data]}


def okx_crc(text: str) -> int:
    value = crc32(text.encode())
    return value - 2**32 if value >= 2**31 else value


def test_okx_books_follow_and_are_checked(tmp_path: Path) -> None:
    trade = {"tradeId": "7", "px": "10.5", "sz": "2", "side": "sell", "ts": "99001"}
    run = [
        {"event": "subscribe"},
        okx(
            "snapshot",
            [["10.5", "3", "0", "1"], ["10.4", "1", "0", "1"]],
            [["10.6", "20", "0", "1"]],
            okx_crc("10.5:3:10.6:20:10.4:1"),
        ),
        okx("update", [["10.5", "0", "0", "0"]], [], okx_crc("10.4:1:10.6:20")),
        {"arg": {"channel": "trades", "instId": "AAA-USDT"}, "data": [trade]},
        {"arg": {"channel": "tickers", "instId": "AAA-USDT"}, "data": []},
    ]
    path = written(tmp_path, run)
    checked = read_okx([path])
    assert bodies(checked) == [
        BookSnapshot(0, 1, (BID, 105, 3, BID, 104, 1, ASK, 106, 20)),
        BookDelta(0, 2, 2, (BID, 105, 0)),
        Trade(0, 105, 2, ASK, 0, 7),
    ]
    assert (checked.checksums, checked.differing) == (2, 0)
    assert verify_okx([path]) == {"AAA-USDT": (2, 2)}
    assert checked.feed.instrument.kind == InstrumentKind.SPOT
    assert checked.feed.columns.event_time_ns[0] == 99_000_000_000


def test_okx_contracts_are_named_by_their_parts(tmp_path: Path) -> None:
    path = written(tmp_path, [okx("snapshot", [["1", "1"]], [], None, "AAA-USD-220527")])
    checked = read_okx([path])
    assert checked.feed.instrument.kind == InstrumentKind.LINEAR
    assert [asset.name for asset in checked.feed.assets] == ["AAA", "USD"]


def test_what_is_no_okx_message_is_refused(tmp_path: Path) -> None:
    wrong = okx("snapshot", [], [], None)
    wrong["data"] = {}
    textual = okx("snapshot", [], [], None)
    textual["data"][0]["checksum"] = "5"
    for message, said in (
        (okx("replace", [], [], None), ":3: action: expected snapshot or update"),
        (okx("snapshot", [[1, 2]], [], None), ":3: bids: expected [price, size"),
        (wrong, ":3: data: expected an array"),
        (textual, ":3: checksum: expected an integer"),
    ):
        with pytest.raises(InputError, match="capture") as caught:
            read_okx([written(tmp_path, [message])])
        assert said in str(caught.value)
