"""Delay settings, latency files, and runs under them."""

from array import array
from pathlib import Path
from typing import Any

import pytest
from attrs import evolve

from tests.runtime import worlds
from tests.runtime.test_settings import NOTHING, file_of
from tickproof.runtime.backtest import run_backtest
from tickproof.runtime.bracketing import bracket
from tickproof.runtime.delays import delays_of, latency_words, read_delays
from tickproof.runtime.errors import InputError
from tickproof.runtime.explain import UNKNOWN, explain
from tickproof.runtime.report import report_page
from tickproof.runtime.settings import (
    DelaySettings,
    Settings,
    from_table,
    settings_of,
    to_table,
)
from tickproof.spec.latency import Delays, RecordedDelay
from tickproof.venue.simulation import as_it_happened

DRAWN = DelaySettings(new=("1ms", "2ms", "9ms"), cancel=("500us",), seed=7)


def test_a_file_becomes_delays(tmp_path: Path) -> None:
    text = 'latency = "4ms"\n[delay]\nnew = ["1ms", "2ms"]\ncancel = "500us"\nseed = 7\n'
    settings = settings_of({}, file_of(tmp_path, text), NOTHING)
    assert from_table(Settings(), to_table(settings)) == settings
    four = (4_000_000,)
    assert delays_of(settings) == Delays((1_000_000, 2_000_000), four, (500_000,), four, 7)
    assert delays_of(Settings(latency="4ms")) is None
    assert latency_words(settings) == (
        "new drawn from 2 quantiles, 1ms to 2ms (seed 7), cancel 500us, otherwise 4ms"
    )


def test_constant_delays_in_a_table_are_the_plain_latency() -> None:
    market = worlds.market(600)
    plain = run_backtest(market, latency="2ms")
    table = run_backtest(market, latency="9ms", delay=DelaySettings(*(("2ms",),) * 4))
    assert table.summary["digest"] == plain.summary["digest"]
    assert table.summary["config_hash"] != plain.summary["config_hash"]


def test_drawn_delays_repeat_and_hold_the_bracket() -> None:
    market = worlds.market(600)
    one = run_backtest(market, delay=DRAWN, keep_stream=True, keep_outputs=True)
    again = run_backtest(market, delay=DRAWN)
    other = run_backtest(market, delay=evolve(DRAWN, seed=8))
    assert one.summary["digest"] == again.summary["digest"] != other.summary["digest"]
    assert bracket(market, one).requests == len(one.request_rows)
    page = report_page(one)
    assert "drawn from 3 quantiles, 1ms to 9ms (seed 7)" in page
    assert one.stream is not None
    times = [
        stamp
        for stamp, source in zip(one.stream.capture_time_ns, one.stream.source, strict=True)
        if source == 1_000_000
    ]
    assert times == sorted(times)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("time_ns,request_ns,response_ns\n5,10,20\n9,11,21\n", [(5, 10, 20), (9, 11, 21)]),
        ("req_ts,exch_ts,resp_ts\n5,15,35\n9,20,41\n", [(5, 10, 20), (9, 11, 21)]),
    ],
)
def test_a_latency_file_is_read(
    tmp_path: Path, text: str, expected: list[tuple[int, int, int]]
) -> None:
    path = tmp_path / "latencies.csv"
    path.write_text(text)
    assert read_delays(path) == tuple(RecordedDelay(*each) for each in expected)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("a,b\n1,2\n", "time_ns, request_ns, response_ns or req_ts"),
        ("time_ns,request_ns,response_ns\n", "at least one"),
        ("time_ns,request_ns,response_ns\n5,x,1\n", "an integer of nanoseconds"),
        ("time_ns,request_ns,response_ns\n5,-1,1\n", "no answer before its request"),
        ("req_ts,exch_ts,resp_ts\n5,9,8\n", "no answer before its request"),
        ("time_ns,request_ns,response_ns\n5,1,1\n5,1,1\n", "later than 5"),
    ],
)
def test_a_latency_file_that_means_nothing_is_refused(
    tmp_path: Path, text: str, message: str
) -> None:
    path = tmp_path / "latencies.csv"
    path.write_text(text)
    with pytest.raises(InputError, match=message):
        read_delays(path)


def test_recorded_delays_of_one_row_are_a_constant(tmp_path: Path) -> None:
    path = tmp_path / "latencies.csv"
    path.write_text("time_ns,request_ns,response_ns\n0,2000000,2000000\n")
    market = worlds.market(600)
    recorded = run_backtest(market, delay=DelaySettings(file=str(path)))
    assert recorded.summary["digest"] == run_backtest(market, latency="2ms").summary["digest"]
    assert latency_words(recorded.settings) == f"as recorded in {path}"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('[delay]\nnew = ["2ms", "1ms"]', "delay.new: expected durations from the least"),
        ('[delay]\nnew = "2"', "delay.new: expected a duration"),
        ("[delay]\nnew = 5", "delay.new: expected a duration or a list"),
        ('[delay]\nnew = "2ms"\nfile = "x.csv"', "delay.file: expected a file, or durations"),
        ('[delay]\nfast = "2ms"', "delay.fast: expected a known key"),
        ('feed_latency = "auto"', "feed_latency: expected a duration"),
        ('clock_offset = "recorded"', "clock_offset: expected a duration"),
    ],
)
def test_what_means_nothing_is_refused(tmp_path: Path, text: str, message: str) -> None:
    with pytest.raises(InputError) as caught:
        settings_of({}, file_of(tmp_path, text), NOTHING)
    assert message in str(caught.value)


def test_the_feed_as_recorded_is_the_venue_s_own_time() -> None:
    """The venue acts by Event Time; the kernel sees what it always saw, when it always did."""
    market = worlds.market(600)
    columns = market.columns
    shown = as_it_happened(columns).capture_time_ns
    assert all(a <= b for a, b in zip(shown, columns.capture_time_ns, strict=True))
    assert shown == array("q", columns.event_time_ns)
    run = run_backtest(market, feed_latency="recorded", keep_stream=True)
    assert run.stream is not None
    seen = [
        (run.stream.capture_time_ns[i], run.stream.event_time_ns[i])
        for i in range(len(run.stream))
        if run.stream.source[i] == 0
    ]
    assert seen == list(zip(columns.capture_time_ns, columns.event_time_ns, strict=True))
    plain = run_backtest(market)
    assert run.summary["digest"] != plain.summary["digest"]
    assert bracket(market, run).requests == len(run.request_rows)


@pytest.mark.parametrize(
    "changes",
    [{"delay": DRAWN}, {"feed_latency": "recorded", "latency": "1ms"}, {"latency": "1ms"}],
)
def test_every_fill_is_explained_at_the_venue_s_times(changes: dict[str, Any]) -> None:
    """Decision, request, arrival, fill, report: in that order, and the cause is found."""
    run = run_backtest(worlds.market(600), keep_stream=True, keep_outputs=True, **changes)
    stories = explain(run).fills
    assert stories
    for story in stories:
        assert story.request_id != UNKNOWN
        times = (story.sent_ns, story.arrived_ns, story.venue_ns, story.known_ns)
        assert list(times) == sorted(times)
        assert story.trigger_price != 0
