"""The long comparison of both matching venues: it can fail, and it goes on where it stopped."""

import json
from pathlib import Path

import pytest

from benchmarks import matching_long
from tickproof.venue.matching import Matcher


def test_markets_of_their_own_are_compared(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(matching_long, "MARKET_MESSAGES", 1_000)
    out = tmp_path / "long" / "markets.jsonl"
    arguments = ["--messages", "2500", "--processes", "1", "--out", str(out)]
    assert matching_long.main(arguments) == 0
    first = json.loads(capsys.readouterr().out)
    assert (first["markets"], first["messages"], first["equal"]) == (3, 2500, True)
    written = out.read_text(encoding="utf-8")
    assert matching_long.main(arguments) == 0
    assert out.read_text(encoding="utf-8") == written
    assert json.loads(capsys.readouterr().out) == first


def test_lines_of_other_sources_do_not_count(tmp_path: Path) -> None:
    out = tmp_path / "markets.jsonl"
    out.write_text(json.dumps({"sources": "other", "messages": 9}) + "\n", encoding="utf-8")
    assert matching_long.known(out) == []


@pytest.mark.parametrize("market", ["plain", "crowded"])
def test_a_venue_that_trades_at_another_price_is_found(
    market: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Wrong(Matcher):
        """Says each hundredth report otherwise."""

        def run(self, rows: object) -> None:
            super().run(rows)  # type: ignore[arg-type]
            said = list(self.reports)
            self.reports.clear()
            for number, row in enumerate(said):
                self.reports.append((*row[:-1], 99) if number == 100 else row)

    monkeypatch.setattr("benchmarks.matching.Matcher", Wrong)
    found = matching_long.compare(market, 3, 1_000)
    assert found["difference"] != -1
    assert int(found["messages"]) <= 1_000
