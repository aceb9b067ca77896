"""From files to a market: which reader reads what, and what the files were."""

import hashlib
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from attrs import evolve

from tests.runtime import worlds
from tickproof.runtime.backtest import run_backtest
from tickproof.runtime.data import data_files, files_of, read_market
from tickproof.runtime.errors import InputError
from tickproof.runtime.settings import DEFAULTS, ColumnSettings, settings_of
from tickproof.spec.events import EventKind
from tickproof.spec.instrument import InstrumentKind

TRADES = {"time": "when", "price": "px", "size": "qty", "side": "who"}
ROWS: list[tuple[int, str, str, str]] = [
    (1_700_000_000_000 + 100 * number, f"{100 + number % 3}.5", f"0.{1 + number % 4}", "buy")
    for number in range(20)
]


def columns(**changes: Any) -> ColumnSettings:
    return evolve(ColumnSettings("trades", TRADES, time_unit="ms"), **changes)


def csv(path: Path, separator: str = ",") -> Path:
    lines = [separator.join(("when", "px", "qty", "who"))]
    lines += [separator.join(map(str, row)) for row in ROWS]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def test_one_table_in_three_formats_is_one_market(tmp_path: Path) -> None:
    when, price, size, side = zip(*ROWS, strict=True)
    paths = [csv(tmp_path / "trades.csv"), tmp_path / "trades.parquet", tmp_path / "trades.npy"]
    pq.write_table(pa.table({"when": when, "px": price, "qty": size, "who": side}), paths[1])
    types = [("when", "i8"), ("px", "f8"), ("qty", "f8"), ("who", "U4")]
    np.save(paths[2], np.array([(w, float(p), float(q), s) for w, p, q, s in ROWS], types))
    markets = [read_market({"ABC-USD": [path]}, "stop", {"ABC-USD": columns()}) for path in paths]
    assert {market.feeds[0].rows_hash for market in markets} == {markets[0].feeds[0].rows_hash}
    assert set(markets[0].columns.kind) == {EventKind.TRADE}
    assert markets[0].instruments[0].price_decimals == 1
    # The same rows give the same run, whatever file they came from [D7].
    digests = {run_backtest(market, strategy="ema-cross").summary["digest"] for market in markets}
    assert len(digests) == 1


def test_a_column_map_comes_from_the_settings_file(tmp_path: Path) -> None:
    path = csv(tmp_path / "trades.csv", ";")
    config = tmp_path / "settings.toml"
    config.write_text(
        f"""\
[columns.ABC]
rows = "trades"
map = {{ time = "when", price = "px", size = "qty" }}
instrument = "linear"
base = "ABC"
quote = "USD"
time_unit = "ms"
price_decimals = 2
quantity_decimals = 4
delimiter = ";"

[data]
ABC = "{path}"
""",
        encoding="utf-8",
    )
    settings = settings_of({}, config, {})
    result = run_backtest(dict(settings.data), settings, strategy="ema-cross")
    instrument = result.market.instruments[0]
    assert (instrument.symbol, instrument.kind) == ("ABC", InstrumentKind.LINEAR)
    assert (instrument.price_decimals, instrument.quantity_decimals) == (2, 4)
    assert [asset.name for asset in result.market.assets] == ["ABC", "USD"]
    assert result.summary["trades"] == 20
    # A file without a symbol takes the one there is a map for.
    alone = read_market(files_of(path), "stop", settings.columns)
    assert alone.instruments == result.market.instruments


def test_a_benchmark_array_needs_no_map(tmp_path: Path) -> None:
    path = tmp_path / "feed.npy"
    rows = [(1_000 * number, 100 + number % 5, 3, 1) for number in range(1, 50)]
    np.save(path, np.array(rows, [("ts", "i8"), ("px", "i8"), ("qty", "i8"), ("side", "i1")]))
    assert len(read_market({"": [path]}).columns) == 49
    assert read_market({"BENCH-USD": [path]}).instruments[0].symbol == "BENCH-USD"
    with pytest.raises(InputError, match=r"columns: expected a column map \[columns.XYZ\]"):
        read_market({"XYZ": [path]})
    with pytest.raises(InputError, match="expected a column map"):
        read_market({"": [path, path]})


@pytest.mark.parametrize("name", ["a.csv", "a.CSV", "a.csv.gz", "a.parquet", "a.txt"])
def test_a_table_without_a_map_is_refused(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_text("x\n1\n")
    with pytest.raises(InputError, match=r"columns: expected a column map \[columns.SYMBOL\]"):
        read_market({"": [tmp_path / name]})


def test_raw_logs_and_tables_make_one_market(tmp_path: Path) -> None:
    log, table = worlds.long_log(tmp_path / "log.gz"), csv(tmp_path / "trades.csv")
    data = {"BTCUSDT": [log], "ABC-USD": [table]}
    market = read_market(data, "stop", {"ABC-USD": columns()})
    assert [each.symbol for each in market.instruments] == ["BTCUSDT", "ABC-USD"]
    assert len(market.columns) == 160 + 20
    with pytest.raises(InputError, match="at least one file"):
        read_market({})


def test_files_are_named_by_their_bytes(tmp_path: Path) -> None:
    log, table = worlds.long_log(tmp_path / "log.gz"), csv(tmp_path / "trades.csv")
    data = files_of({"BTCUSDT": [str(log)], "ABC-USD": [table, table]})
    market = read_market(data, "stop", {"ABC-USD": columns()})
    files = data_files(data, market)
    assert [(each.symbol, each.path) for each in files] == [
        ("BTCUSDT", log),
        ("ABC-USD", table),
        ("ABC-USD", table),
    ]
    assert files[0].sha256 == hashlib.sha256(log.read_bytes()).hexdigest()
    assert files[1].bytes == table.stat().st_size
    worlds.long_log(log, 121)
    with pytest.raises(InputError, match="files that changed"):
        data_files(data, market)


def test_data_may_be_given_in_any_form(tmp_path: Path) -> None:
    log = worlds.long_log(tmp_path / "log.gz")
    forms: list[Any] = [log, str(log), [log], [str(log)], {"": [log]}, {"BTCUSDT": [str(log)]}]
    digests = {run_backtest(form, DEFAULTS).summary["digest"] for form in forms}
    assert len(digests) == 1
