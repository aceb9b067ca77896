"""The folder of a run: whole or not at all, and what was kept is what is read."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from attrs import evolve

from tests.runtime import worlds
from tests.runtime.folders import Kept, change_manifest, copied, kept, without_page
from tickproof.runtime import run_folder
from tickproof.runtime.backtest import Result, run_backtest
from tickproof.runtime.errors import InputError, MissingExtra
from tickproof.runtime.recording import Outputs
from tickproof.runtime.run_folder import (
    SCHEMA,
    TABLES,
    check_place,
    manifest_of,
    read_run,
    rows_of,
    write_run,
)
from tickproof.runtime.settings import DEFAULTS, from_table
from tickproof.runtime.version import VERSION
from tickproof.spec.outputs import RECORD_FIELDS, RecordKind


@pytest.fixture(autouse=True)
def _small_report(monkeypatch: pytest.MonkeyPatch) -> None:
    without_page(monkeypatch)


@pytest.fixture
def run(tmp_path: Path) -> Kept:
    settings = evolve(DEFAULTS, latency="1ms", checkpoint_every=50, taker_fee="0.0004")
    return kept(worlds.long_log(tmp_path / "log.gz"), tmp_path / "run", settings)


# --- what is kept --------------------------------------------------------------------------------


def test_the_folder_has_everything_and_nothing_else(run: Kept) -> None:
    names = sorted(path.name for path in run.path.iterdir())
    assert names == sorted(
        ["manifest.json", "report.html", *(f"{name}.parquet" for name in TABLES)]
    )
    assert not run.path.with_name("run.partial").exists()


def test_what_was_kept_is_what_is_read(run: Kept) -> None:
    folder = read_run(run.path)
    for name, rows in rows_of(run.result).items():
        assert list(folder.rows(name)) == rows
    assert list(folder.rows("outputs")) == list(run.result.outputs)
    assert run.result.fill_rows
    assert json.loads(json.dumps(manifest_of(run.result, None)["summary"])) == folder.value(
        "summary"
    )


def test_tables_are_int64_columns(run: Kept) -> None:
    for name, columns in TABLES.items():
        schema = pq.read_schema(run.path / f"{name}.parquet")
        assert tuple(schema.names) == columns
        for column in schema:
            if column.name in ("chain", "state"):
                assert column.type == pa.string()
            elif column.name == "fields":
                assert column.type == pa.large_list(pa.int64())
            else:
                assert column.type == pa.int64()


def test_the_manifest_says_what_was_run_and_what_came_of_it(run: Kept, tmp_path: Path) -> None:
    manifest = read_run(run.path).manifest
    assert manifest["schema"] == SCHEMA
    assert manifest["tickproof"] == VERSION
    assert manifest["status"] == "COMPLETE"
    assert manifest["failure"] is None
    assert from_table(DEFAULTS, manifest["settings"]) == run.result.settings
    assert manifest["configuration"]["timing"]["cancel_deadline_ns"] == 10**9
    assert manifest["hashes"]["digest"] == run.result.summary["digest"]
    assert manifest["hashes"]["state_digest"] == run.result.state_digest
    assert len(manifest["hashes"]["rows_hash"]) == 1
    file = manifest["data"]["files"][0]
    assert file["path"] == str(tmp_path / "log.gz")
    assert file["bytes"] == (tmp_path / "log.gz").stat().st_size
    assert file["sha256"] == manifest["hashes"]["dataset_hash"]
    assert manifest["tables"]["outputs"] == len(run.result.outputs)
    assert "latency" in manifest["settings"]


def test_checkpoints_lie_at_their_positions_and_the_last_has_the_state(run: Kept) -> None:
    rows = list(read_run(run.path).rows("checkpoints"))
    positions = [position for position, _, _ in rows]
    last = run.result.summary["positions"]
    assert positions == [*range(50, last, 50), last]
    assert rows[-1] == (last, run.result.summary["digest"], run.result.state_digest)
    assert {state for _, _, state in rows[:-1]} == {None}


def test_records_tell_fills_and_requests_as_their_tables_do(run: Kept) -> None:
    folder = read_run(run.path)
    records = list(folder.rows("outputs"))
    for name, kind in (("fills", RecordKind.FILL), ("requests", RecordKind.REQUEST)):
        told = [(position, *fields) for position, _, at, fields in records if at == kind]
        rows = list(folder.rows(name))
        width = 2 + len(RECORD_FIELDS[kind])
        assert told == [(row[0], *row[2:width]) for row in rows]
        # A record says nothing of instructions where there are none; the table has zeros.
        assert not any(value for row in rows for value in row[width:])
    for _, _, kind, fields in records:
        assert len(fields) == len(RECORD_FIELDS[kind])


def test_integers_beyond_int64_survive(tmp_path: Path) -> None:
    """Money has no limit; a column that needs more than int64 says so by its type."""
    result = run_backtest(worlds.market(60), keep_outputs=True)
    great = 3 * 10**30
    outputs = Outputs()
    for number, record in enumerate([(7, 1, 2, 3, great, 5), (1, 0, 2), (7, 1, 2, 3, -great, 5)]):
        outputs.append(number, 0, record)
    assert list(outputs)[:2] == [(0, 0, 7, (1, 2, 3, great, 5)), (1, 0, 1, (0, 2))]
    equity = [(*row[:4], great, *row[5:]) for row in result.equity_rows]
    changed = evolve(result, outputs=outputs, equity_rows=equity)
    write_run(changed, tmp_path / "run", None)
    folder = read_run(tmp_path / "run")
    assert list(folder.rows("outputs")) == list(outputs)
    assert list(folder.rows("equity")) == equity
    schema = pq.read_schema(tmp_path / "run" / "equity.parquet")
    assert schema.field("realised").type == pa.decimal128(38, 0)
    assert schema.field("fees").type == pa.int64()


def test_a_run_without_orders_is_a_folder_too(tmp_path: Path) -> None:
    result = run_backtest(worlds.market(5), strategy="ema-cross", keep_outputs=True)
    write_run(result, tmp_path / "run", None)
    folder = read_run(tmp_path / "run")
    assert list(folder.rows("fills")) == list(folder.rows("orders")) == []
    assert pq.read_schema(tmp_path / "run" / "fills.parquet").field("price").type == pa.int64()


# --- whole or not at all -------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["run", "run.partial"])
@pytest.mark.parametrize("kind", ["folder", "file", "dangling link"])
def test_a_place_that_is_taken_is_refused(tmp_path: Path, name: str, kind: str) -> None:
    place = tmp_path / name
    if kind == "folder":
        place.mkdir()
    elif kind == "file":
        place.write_text("mine")
    else:
        place.symlink_to(tmp_path / "nowhere")
    before = sorted(tmp_path.iterdir())
    with pytest.raises(InputError, match="--out: expected a folder that is not there yet"):
        check_place(tmp_path / "run")
    assert sorted(tmp_path.iterdir()) == before


def test_a_place_below_a_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("mine")
    with pytest.raises(InputError, match="--out: expected a folder that can be made"):
        check_place(tmp_path / "file" / "run")


def test_a_missing_package_is_told_before_anything_is_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "pyarrow.parquet", None)
    with pytest.raises(MissingExtra, match=r"pip install 'tickproof\[run\]'"):
        check_place(tmp_path / "run")


def test_folders_above_are_made_and_taken_away_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    result = run_backtest(worlds.market(5), keep_outputs=True)
    write_run(result, tmp_path / "a" / "b" / "run", None)
    assert (tmp_path / "a" / "b" / "run" / "manifest.json").is_file()

    def full(result: Result, path: Path) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(run_folder, "write_report", full)
    with pytest.raises(InputError, match="got No space left on device"):
        write_run(result, tmp_path / "c" / "d" / "run", None)
    assert not (tmp_path / "c").exists()


@pytest.mark.parametrize("error", [KeyboardInterrupt(), RuntimeError("a defect")])
def test_whatever_stops_it_nothing_half_is_left(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, error: BaseException
) -> None:
    def stop(result: Result, path: Path) -> None:
        raise error

    monkeypatch.setattr(run_folder, "write_report", stop)
    result = run_backtest(worlds.market(5), keep_outputs=True)
    with pytest.raises(type(error)):
        write_run(result, tmp_path / "run", None)
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_appears_meanwhile_is_not_written_over(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def appear(result: Result, path: Path) -> None:
        (tmp_path / "run").mkdir()

    monkeypatch.setattr(run_folder, "write_report", appear)
    result = run_backtest(worlds.market(5), keep_outputs=True)
    with pytest.raises(InputError, match="--out"):
        write_run(result, tmp_path / "run", None)
    assert list(tmp_path.iterdir()) == [tmp_path / "run"]
    assert list((tmp_path / "run").iterdir()) == []


def limit_file_size() -> None:
    """Files may grow to a few hundred bytes, as on a disk that is full."""
    import resource  # noqa: PLC0415
    import signal  # noqa: PLC0415

    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (600, 600))


@pytest.mark.skipif(os.name != "posix", reason="needs a limit on file sizes")
def test_a_disk_that_is_full_is_one_line_and_leaves_nothing(tmp_path: Path) -> None:
    log = worlds.long_log(tmp_path / "log.gz")
    command = [sys.executable, "-m", "tickproof.runtime.cli", "backtest", str(log), "--json"]
    done = subprocess.run(
        [*command, "--out", str(tmp_path / "run")],
        capture_output=True,
        text=True,
        check=False,
        preexec_fn=limit_file_size,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path), "PYTHONDONTWRITEBYTECODE": "1"},
    )
    assert done.returncode == 2, done.stderr
    assert done.stdout == ""
    assert done.stderr.count("\n") == 1
    assert "--out: expected a place to write to, got" in done.stderr
    assert list(tmp_path.iterdir()) == [log]


# --- reading -------------------------------------------------------------------------------------


@pytest.mark.parametrize(("schema", "age"), [(SCHEMA + 1, "newer"), (SCHEMA - 1, "older")])
def test_another_schema_names_the_version_to_install(
    run: Kept, tmp_path: Path, schema: int, age: str
) -> None:
    folder = copied(run.path, tmp_path / "copy")
    change_manifest(folder, lambda it: it.update(schema=schema, tickproof="7.8.9"))
    with pytest.raises(InputError) as caught:
        read_run(folder)
    expected = f"schema: expected {SCHEMA} (for this {age} run: pip install 'tickproof==7.8.9')"
    assert expected in str(caught.value)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("{", "manifest.json:1: file: expected JSON"),
        ("[]", "schema: expected a schema number"),
        ('{"schema": "1"}', "schema: expected a schema number"),
        ('{"schema": true}', "schema: expected a schema number"),
        ("\xff", "file: expected JSON"),
    ],
)
def test_a_manifest_that_is_none_is_refused(tmp_path: Path, text: str, told: str) -> None:
    (tmp_path / "manifest.json").write_text(text, encoding="latin-1")
    with pytest.raises(InputError) as caught:
        read_run(tmp_path)
    assert told in str(caught.value) or "file: expected a manifest" in str(caught.value)


def test_a_folder_that_lacks_something_is_refused(run: Kept, tmp_path: Path) -> None:
    with pytest.raises(InputError, match="expected a run folder, got no such folder"):
        read_run(tmp_path / "none")
    with pytest.raises(InputError, match="expected a manifest, got no such file"):
        read_run(tmp_path)
    folder = copied(run.path, tmp_path / "copy")
    (folder / "fills.parquet").write_bytes(b"PAR1 no")
    (folder / "orders.parquet").unlink()
    (folder / "equity.parquet").write_bytes((folder / "requests.parquet").read_bytes())
    found = read_run(folder)
    with pytest.raises(InputError, match="expected a Parquet file"):
        list(found.rows("fills"))
    with pytest.raises(InputError, match="expected a table of the run"):
        list(found.rows("orders"))
    with pytest.raises(InputError, match="columns: expected position, now_ns, instrument"):
        list(found.rows("equity"))
    with pytest.raises(InputError, match=r"summary\.none: expected an entry"):
        found.value("summary", "none")


def test_a_failed_run_is_kept_to_its_position(tmp_path: Path) -> None:
    place = tmp_path / "mine.py"
    place.write_text(BOOM, encoding="utf-8")
    settings = evolve(DEFAULTS, strategy=f"{place}:Boom")
    found: Any = kept(worlds.long_log(tmp_path / "log.gz"), tmp_path / "run", settings)
    folder = read_run(found.path)
    assert folder.value("status") == "FAILED"
    assert folder.value("failure") == {
        "file": str(place),
        "line": 13,
        "message": "ValueError: no way",
    }
    assert folder.value("summary", "positions") == 8
    records = list(folder.rows("outputs"))
    assert records[-1][2] == RecordKind.STRATEGY_FAILED
    assert records[-1][0] == 7
    assert list(folder.rows("checkpoints"))[-1][0] == 8


BOOM = """\
from attrs import define
from tickproof.spec.configuration import Wake, WakeRule
@define
class Count:
    count: int = 0
class Boom:
    wake = WakeRule(Wake.EVERY_EVENT)
    memory = Count
    def decide(self, view, memory):
        memory.count += 1
        if memory.count < 7:
            return None
        raise ValueError("no way")
"""
