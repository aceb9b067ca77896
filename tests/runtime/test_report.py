"""The report says what the run's tables say, needs nothing but itself, and survives any name."""

import json
import re
import sys
from collections import Counter
from collections.abc import Iterable
from functools import cache
from html.parser import HTMLParser
from pathlib import Path
from typing import Any, ClassVar

import pytest
from attrs import define, evolve
from hypothesis import given
from hypothesis import strategies as st

from tickproof.runtime.backtest import Result, run_backtest
from tickproof.runtime.errors import MissingExtra
from tickproof.runtime.readers.decimals import unscaled
from tickproof.runtime.readers.feed import Market, combine
from tickproof.runtime.report import FILLS_LISTED, report_page, write_report
from tickproof.runtime.report_charts import POINTS_MAX, library_script, thinned
from tickproof.runtime.report_words import (
    CAUSES,
    MODELS,
    REFUSAL_CODES,
    coded,
    decimal,
    duration,
    moment,
    name_of,
)
from tickproof.runtime.synthetic import synthetic_market
from tickproof.spec.commands import Decision
from tickproof.spec.configuration import Wake, WakeRule
from tickproof.spec.events import FillCause
from tickproof.spec.order_life import Status
from tickproof.spec.outputs import RefusalSource
from tickproof.spec.price_queue import FillModel
from tickproof.spec.risk import DenyCode
from tickproof.spec.strategy import View

PAGE_BYTES_MAX = 6_000_000

SECTIONS = ["run-0", "fills", "orders", "refusals", "latency", "data", "configuration"]


@define
class Nothing:
    none: int = 0


class Fails:
    """Raises at its hundredth wake."""

    wake: ClassVar[WakeRule] = WakeRule(Wake.EVERY_EVENT)
    memory: ClassVar[type] = Nothing

    def decide(self, view: View, memory: Nothing) -> Iterable[Decision] | None:
        memory.none += view.wake
        if memory.none == 100:
            raise ValueError("<b>no more</b>")
        return None


class _Page(HTMLParser):
    """Ids, texts outside scripts, and everything that would be loaded from elsewhere."""

    def __init__(self) -> None:
        super().__init__()
        self.ids: list[str] = []
        self.text = ""
        self.loads: list[str] = []
        self._inside = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = dict(attrs)
        if "id" in values:
            self.ids.append(values["id"] or "")
        self.loads += [f"{tag} {name}" for name in ("src", "srcset", "data") if name in values]
        if tag in ("link", "iframe", "object", "embed", "img"):
            self.loads.append(tag)
        if tag == "a" and not (values.get("href") or "").startswith("#"):
            self.loads.append("a href")
        self._inside = tag

    def handle_endtag(self, tag: str) -> None:  # noqa: ARG002
        self._inside = ""

    def handle_data(self, data: str) -> None:
        if self._inside not in ("script", "style"):
            self.text += data + " "


def parsed(page: str) -> _Page:
    found = _Page()
    found.feed(page)
    return found


def fill_rows(page: str) -> list[list[str]]:
    found = re.search(r'<script type="application/json" id="fills-data">(.*?)</script>', page)
    assert found is not None
    return [list(map(str, row)) for row in json.loads(found[1])["rows"]]


def made_market(events: int, symbol: str = "DEMO-USD", seed: int = 3) -> Market:
    feed = synthetic_market(events, seed)
    return combine([evolve(feed, instrument=evolve(feed.instrument, symbol=symbol))])


def run(market: Market, **settings: Any) -> Result:
    chosen = {"strategy": "quoter", "latency": "3ms", "maker_fee": "0.0002", **settings}
    return run_backtest(market, keep_outputs=True, keep_stream=True, **chosen)


@cache
def quoter_run() -> Result:
    return run(made_market(6_000))


@cache
def quoter_page() -> str:
    return report_page(quoter_run())


def test_the_page_loads_nothing_and_forbids_it() -> None:
    page = quoter_page()
    assert parsed(page).loads == []
    assert "default-src 'none'" in page
    assert page.count(library_script()) == 1
    assert "https://" not in page.replace(library_script(), "").replace("https://plot.ly", "")
    assert len(page.encode()) < PAGE_BYTES_MAX


def test_the_page_has_every_section_once() -> None:
    ids = parsed(quoter_page()).ids
    assert [each for each in ids if each in SECTIONS] == SECTIONS
    assert max(Counter(ids).values()) == 1


def test_the_same_result_gives_the_same_page() -> None:
    assert report_page(quoter_run()) == quoter_page()


def test_headlines_are_those_of_the_summary() -> None:
    result = quoter_run()
    summary = result.summary
    text = parsed(quoter_page()).text
    _, _, _, quantity, realised, unrealised, fees = result.equity_rows[-1]
    assert unscaled(fees, 8) == summary["fees"]
    for expected in (
        decimal(realised + unrealised - fees, 8),
        decimal(fees, 8),
        decimal(quantity, 2),
        f"{summary['fills']:,} fills",
        f"{summary['orders']:,} orders, {summary['requests']:,} requests",
        f"{summary['ticker_equal']:,} of {summary['ticker_checked']:,} times",
        summary["digest"],
        summary["state_digest"],
        summary["dataset_hash"],
        summary["config_hash"],
        summary["strategy_hash"],
    ):
        assert expected in text
    equity = int(summary["balance_quote"]) * 10**8 + realised + unrealised - fees
    assert unscaled(equity, 8) == summary["equity"]


def test_the_page_calls_its_results_scenarios() -> None:
    for model in MODELS:
        feed = "by_order" if model == "exact" else "as_read"
        text = parsed(report_page(run(made_market(300), fill_model=model, feed=feed))).text
        assert "A scenario, not a bound." in text
        assert MODELS[model] in text


def test_every_fill_is_a_row_with_cause_and_chain() -> None:
    result = quoter_run()
    rows = fill_rows(quoter_page())
    assert len(rows) == len(result.fill_rows) > 20
    for row, fill in zip(rows, result.fill_rows, strict=True):
        assert row[7:9] == [f"{decimal(fill[10], 8)} USD", "maker"]
        assert "print" in row[10] or "crossed" in row[10]
        assert "at its price: " in row[10]
        assert "woken by " in row[11]
        assert row[11].endswith(f"position {fill[0]:,}")


def test_counts_of_orders_and_refusals_are_the_runs_own() -> None:
    result = run(made_market(2_000), risk=evolve(quoter_run().settings.risk, maximum_position=1))
    page = report_page(result)
    denied = result.summary["denied"]
    assert denied > 0
    row = f'<td>denied by risk</td><td>MAXIMUM_POSITION (20)</td><td class="number">{denied:,}'
    assert row in page
    statuses = Counter(row[11] for row in result.order_rows)
    for code, number in statuses.items():
        assert name_of(Status, code) in page
        assert f"{number:,}" in page


def test_a_failed_run_says_so_first() -> None:
    result = run(made_market(500), strategy=f"{__file__}:Fails")
    assert result.failure is not None
    page = report_page(result)
    text = parsed(page).text
    assert text.index("FAILED") < text.index("result after fees")
    assert f"position {result.summary['positions']:,}" in text
    assert "ValueError: <b>no more</b>" in text
    assert "<b>no more" not in page


def test_a_run_that_kept_little_says_what_is_missing() -> None:
    result = run_backtest(made_market(2_000), strategy="quoter")
    text = parsed(report_page(result)).text
    assert "their codes were not kept" in text
    assert "which was not kept" in text


def test_a_run_without_fills_or_orders() -> None:
    market = made_market(1)
    page = report_page(run(market))
    assert "Nothing filled." in parsed(page).text
    # The script looks for the table: without one it must not be there.
    assert "fills-data" not in page


def test_several_instruments_have_a_section_each() -> None:
    feeds = [*made_market(2_000).feeds, *made_market(2_000, "OTHER-USD", 4).feeds]
    page = report_page(run(combine(feeds)))
    found = parsed(page)
    assert [each for each in found.ids if each in ("run-0", "run-1")] == ["run-0", "run-1"]
    assert "OTHER-USD" in found.text
    assert 'data-column="2"' in page


NASTY = "</script><script>alert(1)</script>&\"'"


def test_names_cannot_become_markup() -> None:
    result = run(made_market(2_000, f"{NASTY}/USD"))
    result = evolve(
        result,
        settings=evolve(result.settings, strategy=NASTY),
        strategies=(evolve(result.strategies[0], name=NASTY),),
    )
    page = report_page(result)
    assert NASTY not in page
    assert "alert(1)</script>" not in page
    assert NASTY in parsed(page).text
    assert fill_rows(page)[0][2] == f"{NASTY}/USD"


def test_long_runs_list_the_first_fills_and_say_so(monkeypatch: pytest.MonkeyPatch) -> None:
    assert FILLS_LISTED >= 500
    monkeypatch.setattr("tickproof.runtime.report.FILLS_LISTED", 10)
    page = report_page(quoter_run())
    assert len(fill_rows(page)) == 10
    assert f"The first 10 of {len(quoter_run().fill_rows):,} fills" in parsed(page).text


def test_the_page_is_written_as_utf8(tmp_path: Path) -> None:
    write_report(quoter_run(), tmp_path / "report.html")
    assert (tmp_path / "report.html").read_bytes() == quoter_page().encode()


def test_without_plotly_the_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "plotly", None)
    with pytest.raises(MissingExtra, match=r"pip install 'tickproof\[run\]'"):
        report_page(quoter_run())


# --- charts and words ----------------------------------------------------------------------------


@given(st.lists(st.integers(-1_000, 1_000), min_size=1, max_size=400), st.integers(8, 100))
def test_thinning_keeps_ends_and_extremes(values: list[int], limit: int) -> None:
    kept = thinned(values, values, limit)
    assert kept == sorted(set(kept))
    assert kept[0] == 0
    assert kept[-1] == len(values) - 1
    assert len(kept) <= max(limit, 4)
    chosen = [values[index] for index in kept]
    assert (min(chosen), max(chosen)) == (min(values), max(values))


def test_lines_stay_below_five_thousand_points() -> None:
    values = list(range(100_000))
    assert len(thinned(values, values)) <= POINTS_MAX <= 5_000


@given(st.integers(-(10**20), 10**20), st.integers(0, 12))
def test_decimal_text_is_exact(value: int, decimals: int) -> None:
    text = decimal(value, decimals).replace(",", "")
    whole, _, fraction = text.partition(".")
    assert not fraction.endswith("0")
    sign = -1 if text.startswith("-") else 1
    scaled = abs(int(whole)) * 10**decimals + int(fraction.ljust(decimals, "0") or 0)
    assert sign * scaled == value


@pytest.mark.parametrize(
    ("nanoseconds", "text"),
    [
        (0, "0"),
        (999, "999 ns"),
        (1_500, "1.5 \u00b5s"),
        (10_000_000, "10 ms"),
        (1_234_567_890, "1.234 s"),
        (61_000_000_000, "1 min 1 s"),
        (7_260_000_000_000, "2 h 1 min"),
        (-1_500_000, "-1.5 ms"),
    ],
)
def test_durations(nanoseconds: int, text: str) -> None:
    assert duration(nanoseconds) == text


def test_moments_are_utc_whatever_the_time_zone() -> None:
    assert moment(1_700_000_000_123_456_789) == "2023-11-14 22:13:20.123456"


def test_every_code_has_words() -> None:
    assert set(REFUSAL_CODES) == set(RefusalSource)
    assert set(CAUSES) == set(FillCause)
    assert set(MODELS) == {model.name.lower() for model in FillModel}
    assert coded(DenyCode, 18) == "SELF_TRADE (18)"
    assert coded(DenyCode, 999) == "(999)"
    assert name_of(DenyCode, 999) == "code 999"
