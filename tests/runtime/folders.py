"""Run folders that tests share: made once, copied to be changed."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from attrs import frozen

from tickproof.runtime import run_folder
from tickproof.runtime.backtest import Result, market_of, run_backtest
from tickproof.runtime.data import data_files, files_of
from tickproof.runtime.run_folder import write_run
from tickproof.runtime.settings import Settings


@frozen
class Kept:
    """A run and its folder."""

    result: Result
    path: Path


def kept(log: Path, out: Path, settings: Settings) -> Kept:
    files = files_of(log)
    market = market_of(files, settings)
    result = run_backtest(market, settings, keep_outputs=True, keep_stream=True)
    write_run(result, out, data_files(files, market))
    return Kept(result, out)


def without_page(patch: pytest.MonkeyPatch) -> None:
    """The page has tests of its own and takes seconds."""

    def write(result: Result, path: Path) -> None:
        path.write_text(result.state_digest, encoding="utf-8")

    patch.setattr(run_folder, "write_report", write)


def copied(folder: Path, place: Path) -> Path:
    shutil.copytree(folder, place)
    return place


def change_manifest(folder: Path, change: Callable[[dict[str, Any]], None]) -> None:
    path = folder / "manifest.json"
    manifest = json.loads(path.read_text(encoding="utf-8"))
    change(manifest)
    path.write_text(json.dumps(manifest), encoding="utf-8")


def change_table(folder: Path, name: str, change: Callable[[list[dict[str, Any]]], None]) -> None:
    path = folder / f"{name}.parquet"
    table = pq.read_table(path)
    rows = table.to_pylist()
    change(rows)
    pq.write_table(pa.Table.from_pylist(rows, table.schema), path)
