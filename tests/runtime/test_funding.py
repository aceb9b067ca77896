"""Funding in a run: read from marks and rates, paid, shown, and in the money of the account."""

import gzip
import json
from pathlib import Path
from typing import Any

from attrs import evolve

from tests.runtime import worlds
from tickproof.runtime.backtest import Result, run_backtest
from tickproof.runtime.bracketing import bracket
from tickproof.runtime.readers.binance import read_binance
from tickproof.runtime.readers.feed import combine
from tickproof.runtime.report import report_page
from tickproof.spec.events import EventKind
from tickproof.spec.stream import EventColumns

START_MS = 1_721_347_020_000
FUNDING_MS = START_MS + 5_000


def depth(at: int, first: int, bid: str, ask: str) -> dict[str, Any]:
    return {
        "e": "depthUpdate", "E": START_MS + at, "T": START_MS + at, "s": "BTCUSDT", "U": first,
        "u": first, "pu": first - 1, "b": [[bid, "5.000"]], "a": [[ask, "5.000"]],
    }  # fmt: skip


def mark(at: int, price: str, rate: str, due_ms: int) -> dict[str, Any]:
    return {
        "e": "markPriceUpdate", "E": START_MS + at, "s": "BTCUSDT", "p": price, "i": price,
        "P": price, "r": rate, "T": due_ms,
    }  # fmt: skip


SNAPSHOT = {
    "lastUpdateId": 9, "E": START_MS, "T": START_MS,
    "bids": [["60000.0", "5.000"]], "asks": [["60000.1", "5.000"]],
}  # fmt: skip
MESSAGES = [
    (0, SNAPSHOT),
    (1, depth(1, 10, "60000.0", "60000.1")),
    (1_000, mark(1_000, "60010.04000000", "0.00010000", FUNDING_MS)),
    (2_000, depth(2_000, 11, "60000.0", "60000.1")),
    (3_000, mark(3_000, "60020.05000000", "0.00010000", FUNDING_MS)),
    (4_000, depth(4_000, 12, "60000.0", "60000.1")),
    (6_000, mark(6_000, "60030.00000000", "-0.00020000", FUNDING_MS + 28_800_000)),
    (7_000, depth(7_000, 13, "60000.0", "60000.1")),
]


def log(folder: Path) -> Path:
    """A recording by a clock that agrees with the venue's."""
    path = folder / "usdm.gz"
    lines = [
        f"{(START_MS + at) * 1_000_000} {json.dumps(each, separators=(',', ':'))}\n"
        for at, each in MESSAGES
    ]
    path.write_bytes(gzip.compress("".join(lines).encode(), mtime=0))
    return path


def run(path: Path, **changes: Any) -> Result:
    return run_backtest(
        path, strategy="buy-and-hold", param={"size": 100}, keep_outputs=True, **changes
    )


def test_marks_and_rates_are_events_where_they_are_news(tmp_path: Path) -> None:
    feed = read_binance([log(tmp_path)], funding=True)
    told = [
        (kind, feed.columns.payload_of(index))
        for index, kind in enumerate(feed.columns.kind)
        if kind in (EventKind.MARK_PRICE, EventKind.FUNDING_RATE)
    ]
    due_ns = FUNDING_MS * 1_000_000
    assert told == [
        (EventKind.MARK_PRICE, (0, 600_100)),
        (EventKind.FUNDING_RATE, (0, 100_000, due_ns)),
        # Half a unit is rounded up; the rate is the same, so it is not told again.
        (EventKind.MARK_PRICE, (0, 600_201)),
        (EventKind.MARK_PRICE, (0, 600_300)),
        (EventKind.FUNDING_RATE, (0, -200_000, due_ns + 28_800_000 * 1_000_000)),
    ]
    ignored = read_binance([log(tmp_path)])
    assert ignored.counts.ignored_messages == 3
    assert EventKind.MARK_PRICE not in ignored.columns.kind


def test_a_run_pays_what_was_held(tmp_path: Path) -> None:
    """0.1 BTC at a mark of 60020.1 and one hundredth of a percent: 0.600201 USDT."""
    plain = run(log(tmp_path))
    result = run(log(tmp_path), funding="paid")
    summary = result.summary
    assert [row[2:] for row in result.funding_rows] == [(0, 0, 1, -60_020_100)]
    assert summary["funding"] == "-0.60020100"
    counts = ("funding_payments", "funding_unpaid", "funding_late", "funding_rates")
    assert [summary[key] for key in counts] == [1, 0, 0, 2]
    assert plain.summary["funding_rates"] == 0
    # What is unrealised is at the mark now; what was paid is gone.
    before = [summary[key] for key in ("realised", "unrealised", "fees")]
    worth = 10**9 + float(before[0]) + float(before[1]) - float(before[2]) - 0.600201
    assert abs(float(summary["equity"]) - worth) < 1e-6
    page = report_page(result)
    assert "<h2>Funding</h2>" in page
    assert "USDT funding received" in page
    assert "<h2>Funding</h2>" not in report_page(plain)
    assert bracket(result.market, result).requests == len(result.request_rows)


def test_without_a_mark_it_is_said(tmp_path: Path) -> None:
    """A rate without a mark, as a stream may begin with one: the position pays nothing."""
    market = combine([read_binance([log(tmp_path)], funding=True)])
    columns = market.columns
    kept = [i for i in range(len(columns)) if columns.kind[i] != EventKind.MARK_PRICE]
    rest = EventColumns()
    for i in kept:
        rest.append_raw(
            columns.kind[i], columns.event_time_ns[i], columns.capture_time_ns[i],
            columns.source[i], columns.sequence[i], columns.epoch[i], columns.payload_of(i),
        )  # fmt: skip
    result = run_backtest(
        evolve(market, columns=rest),
        strategy="buy-and-hold",
        param={"size": 100},
        funding="paid",
        check_ticker=False,
    )
    assert result.summary["funding_unpaid"] == 1
    assert result.summary["funding"] == "0.00000000"
    assert "without a mark: nothing was paid" in report_page(result)


def test_what_is_not_there_or_not_asked_for_is_said(tmp_path: Path) -> None:
    none_told = run_backtest(worlds.market(60), funding="paid")
    assert "tells no funding rate" in report_page(none_told)
    market = combine([read_binance([log(tmp_path)], funding=True)])
    unasked = run_backtest(market, strategy="buy-and-hold", check_ticker=False)
    assert "they are not paid (funding = off)" in report_page(unasked)
    assert unasked.summary["funding_payments"] == 0
