"""The folder a run leaves with `--out`, written whole or not at all, and how it is read again.

What it decides: what is kept, and that nobody finds half of it. Everything goes to `DIR.partial`,
which becomes `DIR` when it is complete and disappears when it cannot be completed. Tables are
Parquet with int64 columns in the units of the Configuration (a column with an integer beyond
int64 is decimal128 without places); decimal text is for people and only in the manifest's summary.

* `manifest.json`: schema, versions, hashes, settings, Configuration, data files, summary.
* `orders`, `fills`, `requests`, `equity`: as `Result` has them.
* `outputs`: every decision record: position, index there, kind, fields.
* `checkpoints`: the chain digest at positions, and at the last one the state digest.
* `report.html`: for people.

The schema number changes when an older program could not read the folder, or would read it wrong.
"""

from __future__ import annotations

import json
import os
import platform
import shutil
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from attrs import asdict, frozen

from tickproof.kernel.kernel import BUILD
from tickproof.runtime.backtest import Result
from tickproof.runtime.data import DataFile
from tickproof.runtime.errors import InputError
from tickproof.runtime.readers.tables import optional_module
from tickproof.runtime.recording import (
    CHECKPOINT_COLUMNS,
    EQUITY_COLUMNS,
    FILL_COLUMNS,
    ORDER_COLUMNS,
    OUTPUT_COLUMNS,
    REQUEST_COLUMNS,
    Outputs,
    Rows,
)
from tickproof.runtime.report import write_report
from tickproof.runtime.settings import to_table
from tickproof.runtime.summary import failure_facts
from tickproof.runtime.version import VERSION
from tickproof.spec.instructions import INSTRUCTION_FIELDS

SCHEMA = 1
"""Number of this layout; see the module's text."""

COMPLETE = "COMPLETE"
FAILED = "FAILED"

MANIFEST = "manifest.json"
REPORT = "report.html"

TABLES: dict[str, tuple[str, ...]] = {
    "requests": REQUEST_COLUMNS,
    "fills": FILL_COLUMNS,
    "orders": ORDER_COLUMNS,
    "equity": EQUITY_COLUMNS,
    "outputs": OUTPUT_COLUMNS,
    "checkpoints": (*CHECKPOINT_COLUMNS, "state"),
}
"""Columns of every table of a folder."""

TEXT_COLUMNS = ("chain", "state")
COMPRESSION = "zstd"
PURPOSE = "a run folder"


@frozen
class Synthetic:
    """A made market instead of files: it is named by how it was made."""

    events: int
    seed: int


Source = Sequence[DataFile] | Synthetic | None
"""What a run's market was read from; None when it was made by a program and cannot be had again."""

# --- writing -------------------------------------------------------------------------------------


def check_place(out: Path) -> None:
    """Refuse, before anything is run, a place where the folder could not be written.

    Raises `InputError`, and `MissingExtra` when a package is not installed.
    """
    for package in ("pyarrow.parquet", "plotly"):
        optional_module(package, PURPOSE)
    for path in (out, _partial(out)):
        if os.path.lexists(path):
            raise InputError(
                str(path),
                0,
                "--out",
                "a folder that is not there yet",
                "an existing one: choose another",
            )
    existing = _first_missing(out).parent
    if not existing.is_dir() or not os.access(existing, os.W_OK | os.X_OK):
        raise InputError(str(out), 0, "--out", "a folder that can be made", f"no: {existing}")


def write_run(result: Result, out: Path, source: Source) -> None:
    """Write the folder of a run, kept with `keep_outputs`, at `out`.

    Raises `InputError` when it cannot be written (a full disk too); then nothing is left of it.
    """
    partial = _partial(out)
    made = _first_missing(partial)
    try:
        partial.mkdir(parents=True)
    except OSError as error:
        raise _unwritable(out, error) from error
    try:
        _write(result, partial, source)
        if os.path.lexists(out):
            raise InputError(
                str(out),
                0,
                "--out",
                "a folder that is not there yet",
                "an existing one: choose another",
            )
        partial.rename(out)
    except OSError as error:
        shutil.rmtree(made, ignore_errors=True)
        raise _unwritable(out, error) from error
    # Whatever stops us, Ctrl-C included, half a folder is not left behind.
    except BaseException:
        shutil.rmtree(made, ignore_errors=True)
        raise


def _partial(out: Path) -> Path:
    return out.with_name(out.name + ".partial")


def _first_missing(path: Path) -> Path:
    """The outermost folder that has to be made for `path`."""
    path = path.absolute()
    while not path.parent.exists():
        path = path.parent
    return path


def _unwritable(out: Path, error: OSError) -> InputError:
    return InputError(str(out), 0, "--out", "a place to write to", error.strerror or str(error))


def _write(result: Result, folder: Path, source: Source) -> None:
    manifest = json.dumps(manifest_of(result, source), indent=1)
    (folder / MANIFEST).write_text(manifest + "\n", encoding="utf-8")
    rows = rows_of(result)
    for name, columns in TABLES.items():
        if name == "outputs":
            _write_table(folder, name, columns, _output_columns(result.outputs))
        else:
            _write_table(folder, name, columns, _columns(columns, rows[name]))
    write_report(result, folder / REPORT)


def rows_of(result: Result) -> dict[str, Rows]:
    """The rows of every table but `outputs`."""
    last = len(result.checkpoints) - 1
    return {
        "requests": result.request_rows,
        "fills": result.fill_rows,
        "orders": result.order_rows,
        "equity": result.equity_rows,
        "checkpoints": [
            (*row, result.state_digest if index == last else None)
            for index, row in enumerate(result.checkpoints)
        ],
    }


def _columns(names: Sequence[str], rows: Rows) -> list[Any]:
    """Rows as Arrow columns."""
    arrow = optional_module("pyarrow", PURPOSE)
    values = list(zip(*rows, strict=True)) if rows else [()] * len(names)
    return [
        arrow.array(column, arrow.string()) if name in TEXT_COLUMNS else _integers(column)
        for name, column in zip(names, values, strict=True)
    ]


def _integers(values: Sequence[int]) -> Any:
    """An int64 column, or whole decimals where one does not fit."""
    arrow = optional_module("pyarrow", PURPOSE)
    try:
        return arrow.array(values, arrow.int64())
    except OverflowError:
        return arrow.array(values, arrow.decimal128(38, 0))


def _output_columns(outputs: Outputs) -> list[Any]:
    """The records' columns; `fields` is a list of integers."""
    arrow = optional_module("pyarrow", PURPOSE)
    plain = [_integers(each) for each in (outputs.position, outputs.index, outputs.kind)]
    if outputs.wide:
        wide = arrow.large_list(arrow.decimal128(38, 0))
        return [*plain, arrow.array([fields for *_, fields in outputs], wide)]
    fields = arrow.LargeListArray.from_arrays(_integers(outputs.offset), _integers(outputs.fields))
    return [*plain, fields]


def _write_table(folder: Path, name: str, columns: Sequence[str], values: list[Any]) -> None:
    arrow = optional_module("pyarrow", PURPOSE)
    parquet = optional_module("pyarrow.parquet", PURPOSE)
    table = arrow.Table.from_arrays(values, names=list(columns))
    parquet.write_table(table, folder / f"{name}.parquet", compression=COMPRESSION)


def manifest_of(result: Result, source: Source) -> dict[str, Any]:
    """Everything a run was made from, and what came of it; `replay` starts from here."""
    loaded = result.strategies[0]
    summary = result.summary
    return {
        "schema": SCHEMA,
        "tickproof": VERSION,
        "python": platform.python_version(),
        "build": BUILD,
        "status": COMPLETE if result.failure is None else FAILED,
        "failure": None if result.failure is None else failure_facts(result.failure),
        "hashes": {
            "digest": summary["digest"],
            "state_digest": summary["state_digest"],
            "dataset_hash": summary["dataset_hash"],
            "config_hash": summary["config_hash"],
            "strategy_hash": summary["strategy_hash"],
            "rows_hash": [feed.rows_hash for feed in result.market.feeds],
        },
        "strategy": {
            "name": result.settings.strategy,
            "file": _strategy_file(result.settings.strategy),
            "parameters": dict(loaded.parameters),
        },
        "settings": to_table(result.settings),
        "configuration": asdict(result.configuration),
        "data": source_table(source),
        "tables": {
            **{name: len(rows) for name, rows in rows_of(result).items()},
            "outputs": len(result.outputs),
        },
        "summary": dict(summary),
    }


def _strategy_file(name: str) -> str:
    """Where a strategy given as `file.py:Class` lies; "" for the others."""
    place = name.rpartition(":")[0]
    return str(Path(place).absolute()) if place.endswith(".py") else ""


def source_table(source: Source) -> dict[str, Any]:
    """Where a market came from, as `replay` finds it again."""
    if source is None:
        return {"source": "memory"}
    if isinstance(source, Synthetic):
        return {"source": "synthetic", **asdict(source)}
    files = [
        {
            "symbol": each.symbol,
            "path": str(each.path),
            "absolute": str(each.path.absolute()),
            "sha256": each.sha256,
            "bytes": each.bytes,
        }
        for each in source
    ]
    return {"source": "files", "files": files}


# --- reading -------------------------------------------------------------------------------------


@frozen
class RunFolder:
    """A run folder of this schema. `name`: the file its manifest is read from."""

    path: Path
    manifest: Mapping[str, Any]
    name: str = MANIFEST

    def rows(self, name: str) -> Iterator[tuple[Any, ...]]:
        """The rows of a table, integers and texts; raises `InputError`, `MissingExtra`."""
        path = self.path / f"{name}.parquet"
        parquet = optional_module("pyarrow.parquet", "reading a run folder")
        try:
            table = parquet.read_table(path)
        except FileNotFoundError as error:
            raise InputError(str(path), 0, "file", "a table of the run", "no such file") from error
        except (OSError, ValueError) as error:
            raise InputError(str(path), 0, "file", "a Parquet file", str(error)) from error
        names = tuple(table.column_names)
        # Runs from before orders had instructions have no columns of them.
        missing = INSTRUCTION_FIELDS if (*names, *INSTRUCTION_FIELDS) == TABLES[name] else ()
        if (*names, *missing) != TABLES[name]:
            raise InputError(str(path), 0, "columns", ", ".join(TABLES[name]), ", ".join(names))
        columns = [_plain(column.to_pylist()) for column in table.columns]
        columns += [[0] * table.num_rows for _ in missing]
        return zip(*columns, strict=True)

    def value(self, *keys: str) -> Any:
        """An entry of the manifest; raises `InputError` when it is not there."""
        found: Any = self.manifest
        for key in keys:
            if not isinstance(found, dict) or key not in found:
                name = ".".join(keys)
                raise InputError(str(self.path / self.name), 0, name, "an entry", "none")
            found = found[key]
        return found


def _plain(values: list[Any]) -> list[Any]:
    """Whole decimals and lists as the integers and tuples they were."""
    first = next((value for value in values if value is not None), None)
    if isinstance(first, list):
        return [tuple(map(int, value)) for value in values]
    if first is None or isinstance(first, (int, str)):
        return values
    return [int(value) for value in values]


def read_run(path: Path) -> RunFolder:
    """The run folder at `path`; raises `InputError` for what is none, or of another schema."""
    manifest_path = path / MANIFEST
    if not path.is_dir():
        raise InputError(str(path), 0, "run", "a run folder", "no such folder")
    try:
        manifest = json.loads(manifest_path.read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise InputError(str(manifest_path), 0, "file", "a manifest", "no such file") from error
    except json.JSONDecodeError as error:
        raise InputError(str(manifest_path), error.lineno, "file", "JSON", error.msg) from error
    except (OSError, ValueError, RecursionError) as error:
        raise InputError(str(manifest_path), 0, "file", "a manifest", str(error)) from error
    if not isinstance(manifest, dict) or type(manifest.get("schema")) is not int:
        raise InputError(str(manifest_path), 0, "schema", "a schema number", "none")
    schema = manifest["schema"]
    if schema != SCHEMA:
        age = "newer" if schema > SCHEMA else "older"
        writer = f"tickproof=={manifest.get('tickproof')}"
        wanted = f"{SCHEMA} (for this {age} run: pip install '{writer}')"
        raise InputError(str(manifest_path), 0, "schema", wanted, str(schema))
    return RunFolder(path, manifest)
