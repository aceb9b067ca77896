"""Recorders whose clock is behind: found, told, and set right only where that is asked for."""

from itertools import pairwise
from pathlib import Path

import pytest
from attrs import evolve

from tests.runtime import worlds
from tickproof.runtime.backtest import run_backtest
from tickproof.runtime.bracketing import bracket
from tickproof.runtime.readers.binance import read_binance
from tickproof.runtime.readers.feed import Market, combine
from tickproof.runtime.recorder_clock import ClockFinding, found_clocks, later, with_clocks
from tickproof.runtime.report import report_page
from tickproof.runtime.settings import Settings
from tickproof.runtime.synthetic import synthetic_market

BEHIND_NS = 1_500_000_000


def behind(events: int = 300) -> Market:
    """A market recorded by a clock that is a second and a half behind."""
    market = worlds.market(events)
    return evolve(market, columns=later(market.columns, {0: -BEHIND_NS}))


def test_a_clock_that_is_right_is_left_alone() -> None:
    market = worlds.market(300)
    assert found_clocks(market) == (ClockFinding(300, 0, 0, 0),)
    assert with_clocks(market, Settings(clock_offset="auto")) is market
    assert "is behind" not in report_page(run_backtest(market))


def test_a_clock_that_is_behind_is_found_and_set_right() -> None:
    market = behind()
    (found,) = found_clocks(market)
    # Each message took 0.2 ms: that much the least offset falls short of the true one.
    assert found == ClockFinding(300, 300, BEHIND_NS - 200_000, 0)
    mended = with_clocks(market, Settings(clock_offset="auto"))
    assert found_clocks(mended) == (
        ClockFinding(300, 0, found.least_offset_ns, found.least_offset_ns),
    )
    declared = with_clocks(market, Settings(clock_offset="1500ms"))
    assert declared.columns.capture_time_ns == worlds.market(300).columns.capture_time_ns
    # Set right once is set right.
    assert with_clocks(mended, Settings(clock_offset="1500ms")) is mended


def test_it_is_told_whether_or_not_it_is_set_right() -> None:
    market = behind()
    plain = run_backtest(market)
    assert plain.summary["clocks"]["DEMO-USD"]["early"] == 300
    page = report_page(plain)
    assert "The clock that recorded DEMO-USD is behind" in page
    assert "no offset is set (clock_offset): 300 of 300 messages" in page
    mended = run_backtest(market, clock_offset="1500ms")
    assert mended.summary["digest"] == run_backtest(worlds.market(300)).summary["digest"]
    assert "1.5 s were added to its stamps: 0 of 300 messages" in report_page(mended)
    assert bracket(market, mended).requests == len(mended.request_rows)


def test_each_recording_has_its_own_clock() -> None:
    """Two recordings are in one order only once both clocks are right."""
    first, second = synthetic_market(200, 1), synthetic_market(200, 2)
    second = evolve(second, instrument=evolve(second.instrument, symbol="OTHER-USD"))
    right = combine([first, second])
    wrong = combine([first, evolve(second, columns=later(second.columns, {0: -BEHIND_NS}))])
    mended = with_clocks(wrong, Settings(clock_offset="auto"))
    assert mended.clock_offsets_ns == (0, BEHIND_NS - 200_000)
    order = [mended.columns.event_time_ns[i] for i in range(len(mended.columns))]
    assert sorted(order) == sorted(right.columns.event_time_ns)
    stamps = mended.columns.capture_time_ns
    assert all(a <= b for a, b in pairwise(stamps))


@pytest.mark.parametrize(
    ("name", "messages", "least_ns"),
    [("usdm_btcusdt_20240718.gz", 4_296, 1_522_101_448)],
)
def test_real_recordings_are_behind_and_are_set_right(
    data_dir: Path, name: str, messages: int, least_ns: int
) -> None:
    market = combine([read_binance([data_dir / "hftbacktest" / name])])
    assert found_clocks(market) == (ClockFinding(messages, messages, least_ns, 0),)
    mended = with_clocks(market, Settings(clock_offset="auto"))
    assert found_clocks(mended) == (ClockFinding(messages, 0, least_ns, least_ns),)
    columns = mended.columns
    delays = [c - e for c, e in zip(columns.capture_time_ns, columns.event_time_ns, strict=True)]
    assert min(delays) == 0
    assert mended.columns.event_time_ns == market.columns.event_time_ns
