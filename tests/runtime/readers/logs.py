"""Small Binance logs for tests: valid by construction, damaged on purpose by each test."""

import gzip
import json
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

Levels = Sequence[tuple[str, str]]

START_NS = 1_700_000_000_000_000_000
START_MS = 1_700_000_000_000


def line(index: int, message: dict[str, Any]) -> str:
    return f"{START_NS + index * 1_000_000} {json.dumps(message, separators=(',', ':'))}"


def snapshot(update_id: int, bids: Levels, asks: Levels) -> dict[str, Any]:
    return {"lastUpdateId": update_id, "bids": list(bids), "asks": list(asks)}


def stream(name: str, data: dict[str, Any]) -> dict[str, Any]:
    return {"stream": f"btcusdt@{name}", "data": data}


def usdm_depth(first: int, last: int, previous: int, bids: Levels, asks: Levels) -> dict[str, Any]:
    data = {
        "e": "depthUpdate",
        "E": START_MS + last,
        "T": START_MS + last,
        "s": "BTCUSDT",
        "U": first,
        "u": last,
        "pu": previous,
        "b": list(bids),
        "a": list(asks),
    }
    return stream("depth@0ms", data)


def spot_depth(first: int, last: int, bids: Levels, asks: Levels) -> dict[str, Any]:
    message = usdm_depth(first, last, 0, bids, asks)
    del message["data"]["pu"], message["data"]["T"]
    return message


def trade(trade_id: int, price: str, size: str, **more: Any) -> dict[str, Any]:
    data = {
        "e": "trade",
        "E": START_MS + trade_id,
        "T": START_MS + trade_id,
        "s": "BTCUSDT",
        "t": trade_id,
        "p": price,
        "q": size,
        "m": False,
    }
    return stream("trade", {**data, **more})


def ticker(update_id: int, bid: str, bid_size: str, ask: str, ask_size: str) -> dict[str, Any]:
    data = {"u": update_id, "s": "BTCUSDT", "b": bid, "B": bid_size, "a": ask, "A": ask_size}
    return stream("bookTicker", data)


BIDS = (("100.10", "1.000"), ("100.00", "2.000"))
ASKS = (("100.20", "1.500"), ("100.30", "0.500"))


def usdm_session() -> list[dict[str, Any]]:
    """A USD-M session: two diffs before the snapshot, one of them stale, a chain of four."""
    return [
        usdm_depth(5, 9, 4, [("100.10", "9.000")], []),
        trade(70, "100.20", "0.100"),
        usdm_depth(11, 20, 9, [("100.10", "3.000")], []),
        ticker(15, "100.10", "3.000", "100.20", "1.500"),
        snapshot(15, BIDS, ASKS),
        usdm_depth(25, 30, 20, [], [("100.20", "0.000"), ("100.40", "1.000")]),
        trade(71, "100.10", "0.500", m=True),
        usdm_depth(31, 33, 30, [("100.10", "2.500")], []),
        usdm_depth(40, 41, 33, [("99.90", "0.000")], []),
    ]


def spot_session() -> list[dict[str, Any]]:
    """The same for spot."""
    return [
        spot_depth(5, 9, [("100.10", "9.000")], []),
        spot_depth(10, 20, [("100.10", "3.000")], []),
        snapshot(15, BIDS, ASKS),
        spot_depth(21, 30, [], [("100.20", "0.000")]),
        trade(71, "100.10", "0.500", m=True),
        spot_depth(31, 33, [("100.10", "2.500")], []),
    ]


def written(path: Path, messages: Iterable[dict[str, Any] | str], first: int = 0) -> Path:
    """`messages` as a log at `path`; texts are taken as whole lines."""
    lines = [
        one if isinstance(one, str) else line(first + index, one)
        for index, one in enumerate(messages)
    ]
    path.write_bytes(gzip.compress(("\n".join(lines) + "\n").encode(), mtime=0))
    return path
