"""A strategy runs on what every reader reads, from the command line, on parts of real recordings.

And the bracket holds on each of them, for every strategy there is [Q7]: fills of the pessimistic,
the fitted and the optimistic model, in this order, for one sequence of requests.
"""

import gzip
import json
import lzma
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.runtime import worlds
from tests.runtime.readers.test_coinbase import SESSION
from tickproof.runtime import bracketing
from tickproof.runtime.backtest import market_of, run_backtest
from tickproof.runtime.cli import main
from tickproof.runtime.readers.feed import Market
from tickproof.runtime.readers.formats import FORMATS
from tickproof.runtime.readers.kraken import verify_kraken
from tickproof.runtime.settings import Settings
from tickproof.runtime.strategies import BUILT_IN
from tickproof.spec.price_queue import FillModel

AAPL = "lobster/AAPL_2012-06-21_34200000_57600000_{}_10.first1000.csv"
DBN_RECORD_BYTES = 56
DBN_RECORDS = 15_000
"""Up to a little behind the open."""

UNPACK = {".xz": lzma.decompress, ".gz": gzip.decompress}

Made = tuple[list[str], str]
"""(files, symbol or "")."""


def _lines(source: Path, path: Path, count: int) -> Made:
    whole = source.read_bytes()
    if source.suffix in UNPACK:
        whole = UNPACK[source.suffix](whole)
    part = b"".join(whole.splitlines(keepends=True)[:count])
    path.write_bytes(gzip.compress(part) if path.suffix == ".gz" else part)
    return [str(path)], ""


def _bitstamp(data: Path, place: Path) -> Made:
    return _lines(data / "bitstamp_l3/2015-05-01.log.xz", place / "log", 3_000)


def _databento(data: Path, place: Path) -> Made:
    zstandard = pytest.importorskip("zstandard")
    pytest.importorskip("databento_dbn")
    source = data / "databento/esh4-glbx-mdp3-20231225.mbo.dbn.zst"
    with source.open("rb") as packed:
        whole = zstandard.ZstdDecompressor().stream_reader(packed).read()
    head = 8 + int.from_bytes(whole[4:8], "little")
    path = place / "part.dbn"
    path.write_bytes(whole[: head + DBN_RECORDS * DBN_RECORD_BYTES])
    return [str(path)], ""


def _lobster(data: Path, place: Path) -> Made:
    del place
    return [str(data / AAPL.format(each)) for each in ("message", "orderbook")], ""


def _kraken(data: Path, place: Path) -> Made:
    return _lines(data / "cryptofeed/KRAKEN.ws.50.0", place / "capture", 600)[0], "XMR/USD"


def _okx(data: Path, place: Path) -> Made:
    return _lines(data / "cryptofeed/OKX.ws.1.0", place / "capture", 600)[0], "BTC-USDT"


def _tardis(data: Path, place: Path) -> Made:
    name = "tardis/binance-futures_trades_BTCUSDT_2020-02-22.csv"
    return _lines(data / name, place / "trades.csv", 2_000)


def _binance(data: Path, place: Path) -> Made:
    return _lines(data / "hftbacktest/usdm_btcusdt_20240718.gz", place / "log.gz", 2_000)


def _coinbase(data: Path, place: Path) -> Made:
    del data
    path = place / "capture"
    path.write_text("\n".join(json.dumps(each) for each in SESSION))
    return [str(path)], ""


MADE: dict[str, Callable[[Path, Path], Made]] = {
    "binance": _binance,
    "bitstamp": _bitstamp,
    "coinbase": _coinbase,
    "databento": _databento,
    "kraken": _kraken,
    "lobster": _lobster,
    "okx": _okx,
    "tardis": _tardis,
}


def made(form: str, data_dir: Path, place: Path) -> Made:
    try:
        return MADE[form](data_dir, place)
    except FileNotFoundError as error:
        pytest.skip(f"{error.filename} is not there")


def test_every_format_is_run() -> None:
    assert tuple(sorted(MADE)) == FORMATS


@pytest.mark.parametrize("form", FORMATS)
def test_a_backtest_runs(
    form: str, data_dir: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    files, symbol = made(form, data_dir, tmp_path)
    where = ["--data", f"{symbol}={','.join(files)}"] if symbol else files
    assert main(["backtest", *where, "--format", form, "--strategy", "quoter", "--json"]) == 0
    out, err = capsys.readouterr()
    assert err == ""
    summary = json.loads(out)
    assert summary["market_events"] > 0
    assert summary["failure"] is None
    if form != "tardis":
        assert summary["book_updates"] > 0
        assert summary["requests"] > 0


def test_every_pair_of_the_kraken_capture_is_a_market(data_dir: Path) -> None:
    """Sizes of millions of coins at eight decimals are within the limit of quantities."""
    path = data_dir / "cryptofeed/KRAKEN.ws.50.0"
    if not path.exists():
        pytest.skip("no Kraken capture")
    for symbol in verify_kraken([path]):
        market = market_of({symbol: [str(path)]}, Settings(format="kraken"))
        assert market.feeds[0].counts.snapshots == 1


def test_databento_is_known_by_its_ending(
    data_dir: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    files, _ = made("databento", data_dir, tmp_path)
    assert main(["backtest", *files, "--multiplier", "50", "--json"]) == 0
    assert list(json.loads(capsys.readouterr().out)["instruments"]) == ["ESH4"]
    one, fifty = (
        market_of({"": files}, Settings(multiplier=each)).instruments[0].money_per_price_lot
        for each in (1, 50)
    )
    assert fifty == 50 * one


@pytest.mark.parametrize("form", [each for each in ("auto", *FORMATS) if each != "databento"])
def test_a_multiplier_is_for_contracts(
    form: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "file"
    path.write_text("neither this nor that\n")
    assert main(["backtest", str(path), "--format", form, "--multiplier", "50"]) == 2
    assert "multiplier: expected 1" in capsys.readouterr().err


@pytest.mark.parametrize("form", FORMATS)
def test_another_file_is_refused_in_one_line(
    form: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    if form == "databento":
        pytest.importorskip("databento_dbn")
    path = tmp_path / "file"
    path.write_text("neither this nor that\n")
    assert main(["backtest", str(path), "--format", form, "--json"]) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert err.count("\n") == 1
    assert str(path) in err
    assert "expected" in err


def test_a_table_without_a_map_names_both_ways_out(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "a.csv"
    path.write_text("x\n1\n")
    assert main(["backtest", str(path)]) == 2
    assert "[columns.SYMBOL] in the settings file, or a format" in capsys.readouterr().err


@pytest.mark.parametrize(("feed", "declared"), [("conflated", 0), ("per_event", 1), ("as_read", 1)])
def test_how_levels_are_told_is_declared(feed: str, declared: int) -> None:
    """A made market tells each change alone, and says so."""
    result = run_backtest(worlds.market(60), Settings(feed=feed))
    queue = result.configuration.instruments[0].queue
    assert (queue.per_event, queue.size_up_in_place_excluded) == (declared, declared)
    assert queue.strict_price_time == 1


# --- the bracket ---------------------------------------------------------------------------------

MODELS = (FillModel.PESSIMISTIC, FillModel.FITTED, FillModel.OPTIMISTIC)


def _bracketed(market: Market, strategy: str, monkeypatch: pytest.MonkeyPatch) -> int:
    """Bracket a run with the fitted model in the middle; how many fills there were."""
    monkeypatch.setattr(bracketing, "MODELS", MODELS)
    result = run_backtest(market, Settings(strategy=strategy), keep_outputs=True)
    found = bracketing.bracket(market, result)
    assert [each.model for each in found.models] == [model.name.lower() for model in MODELS]
    filled = [sum(each.filled.values()) for each in found.models]
    assert filled == sorted(filled)
    return filled[-1]


@pytest.mark.parametrize("strategy", sorted(BUILT_IN))
@pytest.mark.parametrize("form", FORMATS)
def test_the_bracket_holds_for_every_strategy_and_format(
    form: str, strategy: str, data_dir: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    files, symbol = made(form, data_dir, tmp_path)
    market = market_of({symbol: files}, Settings(format=form))
    _bracketed(market, strategy, monkeypatch)


@pytest.mark.parametrize("strategy", sorted(BUILT_IN))
def test_the_bracket_holds_on_a_made_market(strategy: str, monkeypatch: pytest.MonkeyPatch) -> None:
    filled = _bracketed(worlds.market(600), strategy, monkeypatch)
    assert filled > 0 or strategy != "quoter"
