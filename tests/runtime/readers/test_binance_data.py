"""Real logs: the book rebuilt from snapshot and diffs is the venue's, message after message."""

import sys
from pathlib import Path
from typing import Any

import pytest

from tickproof.runtime.readers.binance import read_binance
from tickproof.runtime.readers.feed import Feed, combine
from tickproof.runtime.ticker import TickerCheck
from tickproof.spec.events import EventKind

PAIRS = {
    "usdm": ("usdm_btcusdt_20240718.gz", "usdm_btcusdt_20240719.gz"),
    "spot": ("spot_btcusdt_20240808.gz", "spot_btcusdt_20240809.gz"),
}
KNOWN: dict[str, dict[str, Any]] = {
    "usdm": {"levels": 400_668, "trades": 974 + 9_727, "ticker": (9_017, 9_017)},
    "spot": {"levels": 298_094, "trades": 9_757 + 10_147, "ticker": (6_493, 6_491)},
}


@pytest.fixture(scope="module", params=PAIRS)
def pair(request: pytest.FixtureRequest, data_dir: Path) -> tuple[str, Feed]:
    paths = [data_dir / "hftbacktest" / name for name in PAIRS[request.param]]
    return request.param, read_binance(paths, "BTCUSDT")


def rebuilt(feed: Feed) -> tuple[tuple[int, int], int]:
    """Ticker result and number of crossed books of a book kept in two dictionaries."""
    check, crossed = TickerCheck(feed.tickers), 0
    sides: dict[int, dict[int, int]] = {1: {}, -1: {}}
    for index, kind in enumerate(feed.columns.kind):
        if kind not in (EventKind.BOOK_SNAPSHOT, EventKind.BOOK_DELTA):
            continue
        payload = feed.columns.payload_of(index)
        start = 3
        if kind == EventKind.BOOK_SNAPSHOT:
            sides, start = {1: {}, -1: {}}, 2
        for side, price, size in zip(*[iter(payload[start:])] * 3, strict=True):
            if size:
                sides[side][price] = size
            else:
                sides[side].pop(price, None)
        bid, ask = max(sides[1]), min(sides[-1])
        crossed += bid >= ask
        if kind == EventKind.BOOK_DELTA:
            check.on_depth(payload[2], bid, sides[1][bid], ask, sides[-1][ask])
    return check.result(), crossed


def test_the_book_is_the_venue_s(pair: tuple[str, Feed]) -> None:
    name, feed = pair
    ticker, crossed = rebuilt(feed)
    sys.stdout.write(f"{name}: ticker {ticker}, crossed {crossed}, {feed.counts}\n")
    assert ticker == KNOWN[name]["ticker"]
    assert crossed == 0


def test_the_counts_are_the_known_ones(pair: tuple[str, Feed]) -> None:
    name, feed = pair
    counts = feed.counts
    assert (counts.level_changes, counts.trades) == (KNOWN[name]["levels"], KNOWN[name]["trades"])
    assert counts.sequence_gaps == counts.trade_id_gaps == counts.duplicate_trades == 0
    assert counts.duplicate_diffs == counts.backwards_stamps == counts.ignored_messages == 0
    assert counts.messages == sum(
        (counts.tickers, counts.trades, counts.snapshots, counts.diffs, counts.dropped_stale_diffs)
    )


def test_two_markets_combine_in_stamp_order(data_dir: Path) -> None:
    feeds = [read_binance([data_dir / "hftbacktest" / PAIRS[name][0]]) for name in ("spot", "usdm")]
    market = combine(feeds)
    assert [instrument.symbol for instrument in market.instruments] == ["BTCUSDT", "BTCUSDT"]
    assert market.columns.source[0] == 1  # the USD-M log is three weeks older
    assert market.columns.source[-1] == 0
    assert len(market.columns) == sum(len(feed.columns) for feed in feeds)
