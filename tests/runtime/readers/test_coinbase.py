"""Reading the Coinbase full channel: each type of message, gaps, and what is refused."""

import json
from pathlib import Path
from typing import Any

import pytest

from tickproof.runtime.errors import InputError
from tickproof.runtime.readers.coinbase import read_coinbase
from tickproof.runtime.readers.orders import OrderFeed
from tickproof.spec.events import (
    BookOrderAdd,
    BookOrderCancel,
    BookOrderExecute,
    BookOrderModify,
    BookSnapshot,
    FeedGap,
    FeedResumed,
    Side,
    Trade,
)

TIME = "2024-01-02T03:04:05.678901Z"
SNAPSHOT = {
    "sequence": 10,
    "bids": [["10.5", "2", "aaa"]],
    "asks": [["10.6", "3", "bbb"], ["10.6", "1", "ccc"]],
}


def said(kind: str, sequence: int, **more: Any) -> dict[str, Any]:
    base = {"type": kind, "sequence": sequence, "product_id": "BTC-USD", "time": TIME}
    return {**base, "side": "sell", **more}


def read(path: Path, *run: dict[str, Any], stamped: bool = False, **options: Any) -> OrderFeed:
    lines = [(f"{9 + i}.5: " if stamped else "") + json.dumps(each) for i, each in enumerate(run)]
    (path / "full.log").write_text("\n".join(lines))
    return read_coinbase([path / "full.log"], **options)


SESSION = (
    {"type": "subscriptions"},
    said("open", 9, order_id="old", price="10.4", remaining_size="1"),
    said("open", 11, order_id="ddd", price="10.7", remaining_size="4"),
    SNAPSHOT,
    said("received", 12, order_id="eee", price="10.6", size="1"),
    said(
        "match",
        13,
        trade_id=7,
        maker_order_id="bbb",
        taker_order_id="eee",
        price="10.6",
        size="1",
    ),
    said("done", 14, order_id="eee", price="10.6", remaining_size="0"),
    said("change", 15, order_id="ccc", old_size="1", new_size="0.5", price="10.6"),
    said("change", 16, order_id="ccc", old_price="10.6", new_price="10.8"),
    said("done", 17, order_id="aaa", price="10.5", remaining_size="2"),
    said("done", 17, order_id="bbb", price="10.5", remaining_size="2"),
    said("open", 18, order_id="x", price="1", remaining_size="1", product_id="ETH-USD"),
)


def bodies(orders: OrderFeed) -> list[object]:
    return [event.body for event in orders.feed.columns]


def test_every_type_of_message(tmp_path: Path) -> None:
    orders = read(tmp_path, *SESSION, symbol="BTC-USD")
    assert bodies(orders) == [
        BookSnapshot(0, 10),
        BookOrderAdd(0, 1, Side.BUY, 105, 20),
        BookOrderAdd(0, 2, Side.SELL, 106, 30),
        BookOrderAdd(0, 3, Side.SELL, 106, 10),
        BookOrderAdd(0, 4, Side.SELL, 107, 40),
        Trade(0, 106, 10, Side.BUY, 0, 7),
        BookOrderExecute(0, 2, Side.SELL, 106, 10),
        BookOrderModify(0, 3, Side.SELL, 106, 5),
        BookOrderModify(0, 3, Side.SELL, 108, 5),
        BookOrderCancel(0, 1, Side.BUY, 105, 0),
    ]
    assert list(orders.takers) == [5]
    counts = orders.feed.counts
    assert (counts.messages, counts.ignored_messages, counts.trades) == (12, 2, 1)
    assert (counts.dropped_stale_diffs, counts.duplicate_diffs) == (1, 1)
    assert orders.feed.columns.event_time_ns[-1] == 1_704_164_645_678_901_000


def test_a_receiver_s_clock_is_the_capture_time(tmp_path: Path) -> None:
    orders = read(tmp_path, *SESSION, stamped=True, symbol="BTC-USD")
    assert orders.feed.columns.capture_time_ns[0] == 12_500_000_000
    assert list(orders.feed.columns.sequence[:6]) == [3, 3, 3, 3, 2, 5]


def test_lost_messages_stop_or_wait_for_the_next_snapshot(tmp_path: Path) -> None:
    lost = said("open", 12, order_id="x", price="10.4", remaining_size="1")
    again = {"sequence": 12, "bids": [["10.5", "2", "aaa"]], "asks": []}
    late = said("open", 13, order_id="y", price="10.4", remaining_size="1")
    first = said("open", 10, order_id="old", price="10.4", remaining_size="1")
    with pytest.raises(InputError, match=r":3: sequence: expected 11, got 12"):
        read(tmp_path, first, SNAPSHOT, lost)
    orders = read(tmp_path, first, SNAPSHOT, lost, again, late, SNAPSHOT, on_gap="resync")
    kinds = [type(body) for body in bodies(orders)]
    assert kinds == [
        BookSnapshot,
        *[BookOrderAdd] * 3,
        FeedGap,
        FeedResumed,
        BookSnapshot,
        *[BookOrderAdd] * 2,
    ]
    counts = orders.feed.counts
    assert (counts.sequence_gaps, counts.snapshots, counts.unused_snapshots) == (1, 2, 1)


def test_what_is_no_message_of_the_channel_is_refused(tmp_path: Path) -> None:
    for wrong, text in (
        (said("open", 11, order_id="x", price="10.4"), ":2: remaining_size: "),
        (said("open", 11, side="up"), ":2: side: expected buy or sell"),
        (said("match", 11, maker_order_id="x"), ":2: taker_order_id: "),
        ({**SNAPSHOT, "bids": [["1", "2"]]}, "[price, size, order id]"),
    ):
        with pytest.raises(InputError) as caught:
            read(tmp_path, *([wrong] if "bids" in wrong else [SNAPSHOT, wrong]), symbol="BTC-USD")
        assert text in str(caught.value)
    with pytest.raises(InputError, match="a level-3 snapshot"):
        read(tmp_path, said("open", 11, order_id="x", price="10.4", remaining_size="1"))
    (tmp_path / "full.log").write_text("[1]\n")
    with pytest.raises(InputError, match=":1: message: expected a JSON object"):
        read_coinbase([tmp_path / "full.log"])
    with pytest.raises(InputError, match="stop or resync"):
        read_coinbase([tmp_path / "full.log"], on_gap="x")
    with pytest.raises(InputError, match="at least one file"):
        read_coinbase([])
