"""The made market keeps the promises of its docstring, and is the same everywhere."""

from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tickproof.runtime.readers.feed import Feed
from tickproof.runtime.synthetic import (
    LEVELS,
    Generator,
    synthetic_bars,
    synthetic_market,
    synthetic_trades,
)
from tickproof.runtime.ticker import TickerCheck
from tickproof.spec.events import Bar, BookDelta, BookSnapshot, Side, Trade

MAKERS = (synthetic_market, synthetic_trades, synthetic_bars)


def test_the_generator_is_splitmix64() -> None:
    """First outputs for seed 1234567, as published with the algorithm."""
    generator = Generator(1_234_567)
    assert [generator.draw() for _ in range(3)] == [
        6_457_827_717_110_365_317,
        3_203_168_211_198_807_973,
        9_817_491_932_198_370_423,
    ]


@given(st.integers(0, 2**64), st.integers(1, 600))
@settings(max_examples=40)
def test_the_book_is_whole_and_never_crossed(seed: int, events: int) -> None:
    feed = synthetic_market(events, seed)
    assert len(feed.columns) == events
    check = TickerCheck(feed.tickers)
    sides: dict[int, dict[int, int]] = {1: {}, -1: {}}
    printed: Trade | None = None
    levels = trades = diffs = 0
    for event in feed.columns:
        body = event.body
        if isinstance(body, Trade):
            trades += 1
            resting = sides[-body.side]
            best = min(resting) if body.side == Side.BUY else max(resting)
            assert body.price == best
            assert 0 < body.size <= resting[best]
            assert printed is None
            printed = body
            continue
        assert isinstance(body, BookSnapshot | BookDelta)
        changes = list(zip(*[iter(body.levels)] * 3, strict=True))
        if printed is not None:
            left = sides[-printed.side][printed.price] - printed.size
            assert changes[0] == (-printed.side, printed.price, left)
            printed = None
        for side, price, size in changes:
            if size:
                sides[side][price] = size
            else:
                del sides[side][price]
        bid, ask = max(sides[1]), min(sides[-1])
        assert bid < ask
        assert sorted(sides[1]) == list(range(bid - LEVELS + 1, bid + 1))
        assert sorted(sides[-1]) == list(range(ask, ask + LEVELS))
        if isinstance(body, BookDelta):
            diffs, levels = diffs + 1, levels + len(changes)
            assert body.first_update_id == body.last_update_id
            assert check.on_depth(body.last_update_id, bid, sides[1][bid], ask, sides[-1][ask])
    assert check.result() == (diffs, diffs)
    counts = feed.counts
    assert (counts.trades, counts.diffs, counts.level_changes) == (trades, diffs, levels)


@pytest.mark.parametrize("make", MAKERS)
def test_a_longer_market_begins_like_a_shorter_one(make: Callable[..., Feed]) -> None:
    short, long = make(300, 5), make(400, 5)
    assert list(long.columns.slice(0, 300)) == list(short.columns)


@pytest.mark.parametrize("make", MAKERS)
def test_seed_and_instrument(make: Callable[..., Feed]) -> None:
    one, other, moved = make(200, 5), make(200, 6), make(200, 5, 3)
    assert one.rows_hash == make(200, 5).rows_hash
    assert one.rows_hash != other.rows_hash
    assert moved.rows_hash == one.rows_hash
    assert moved.instrument.id == 3
    assert {event.body.instrument for event in moved.columns} == {3}  # type: ignore[union-attr]


def test_stamps_rise() -> None:
    for make in MAKERS:
        stamps = make(2_000, 1).columns.capture_time_ns
        assert all(stamps[i] < stamps[i + 1] for i in range(len(stamps) - 1))


def test_bars_are_bars() -> None:
    for event in synthetic_bars(500, 1).columns:
        bar = event.body
        assert isinstance(bar, Bar)
        assert 0 < bar.low <= min(bar.open, bar.close) <= max(bar.open, bar.close) <= bar.high


def test_the_rows_never_change() -> None:
    """Benchmarks and the demo are comparable across versions only while these stay."""
    assert [make(1_000, 1).rows_hash[:16] for make in MAKERS] == [
        "846e854621da9185",
        "62ccd678c46628d4",
        "928e7cc1fdf13543",
    ]
