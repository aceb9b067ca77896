"""A backtest with a journal: begun, resumed, replayed; what `run.json` says of it.

What it decides: what has to be kept beside the Events so that the run can begin again anywhere: the
settings, the files by their bytes, the strategy by its code. It is written before the journal, and
its digest is the journal's identity: a changed description is another journal.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from attrs import frozen

from tickproof.kernel.kernel import Kernel
from tickproof.runtime.backtest import Result, configuration_of, market_of, run_backtest
from tickproof.runtime.data import data_files, files_of
from tickproof.runtime.errors import InputError
from tickproof.runtime.journal.folders import create, new_run, open_journal, read_run
from tickproof.runtime.journal.group import GroupCommit, OnFailure, end_process
from tickproof.runtime.journal.log import Store
from tickproof.runtime.journal.recovery import RUN
from tickproof.runtime.journal.running import (
    SNAPSHOT_EVERY,
    JournalStream,
    replayed,
    restored,
)
from tickproof.runtime.loading import LoadedStrategy, load_strategy
from tickproof.runtime.readers.feed import Market
from tickproof.runtime.recording import Progress
from tickproof.runtime.replaying import market_again, settings_again
from tickproof.runtime.run_folder import RunFolder, Source, source_table
from tickproof.runtime.settings import Settings, to_table
from tickproof.runtime.version import VERSION
from tickproof.spec.configuration import Configuration
from tickproof.spec.stream import EventColumns

SCHEMA = 1
"""Number of the layout of `run.json`."""

KIND = "backtest"


@frozen
class Run:
    """What a journal is of, ready to run: its settings, market, strategy and Configuration."""

    settings: Settings
    market: Market
    strategy: LoadedStrategy
    configuration: Configuration
    snapshot_every: int


@frozen
class Replayed:
    """A journal replayed: its last position, and both digests there."""

    positions: int
    digest: str
    state_digest: str
    snapshots: int


# --- what is kept --------------------------------------------------------------------------------


def describe(run: Run, source: Source) -> dict[str, Any]:
    """What `run.json` says."""
    place = run.settings.strategy.rpartition(":")[0]
    return {
        "schema": SCHEMA,
        "kind": KIND,
        "tickproof": VERSION,
        "settings": to_table(run.settings),
        "strategy": {
            "file": str(Path(place).absolute()) if place.endswith(".py") else "",
            "parameters": dict(run.strategy.parameters),
        },
        "hashes": {
            "dataset_hash": run.market.dataset_hash,
            "strategy_hash": run.strategy.code_identity,
        },
        "data": source_table(source),
        "snapshot_every": run.snapshot_every,
    }


def run_of(folder: Path, progress: Progress | None = None) -> Run:
    """The run a journal is of, from `run.json`; raises `InputError`."""
    path = folder / RUN
    text = read_run(folder)
    if not text:
        raise InputError(str(path), 0, "file", "what the journal is of", "no such file")
    try:
        table = json.loads(text)
    except ValueError as error:
        raise InputError(str(path), 0, "file", "JSON", str(error)) from error
    described = RunFolder(folder, table if isinstance(table, dict) else {}, RUN)
    for key, wanted in (("schema", SCHEMA), ("kind", KIND)):
        if described.value(key) != wanted:
            raise InputError(str(path), 0, key, repr(wanted), repr(described.value(key)))
    settings = settings_again(described)
    market = market_again(described, settings, progress)
    loaded = load_strategy(settings.strategy, dict(settings.param))
    return Run(
        settings,
        market,
        loaded,
        configuration_of(settings, market, (loaded,)),
        described.value("snapshot_every"),
    )


# --- running -------------------------------------------------------------------------------------


def begin(
    folder: Path,
    settings: Settings,
    *,
    backend: str = "files",
    snapshot_every: int = SNAPSHOT_EVERY,
    keep: bool = False,
    progress: Progress | None = None,
    on_failure: OnFailure = end_process,
) -> tuple[Result, int]:
    """Run a backtest into a new journal; its Result, and the acknowledged position.

    Raises as `run_backtest`, and `JournalRefused`; a disk that fails ends the process.
    """
    if not settings.data:
        raise InputError("", 0, "data", "at least one file", "none")
    files = files_of(settings.data)
    market = market_of(settings.data, settings, progress)
    loaded = load_strategy(settings.strategy, dict(settings.param))
    configuration = configuration_of(settings, market, (loaded,))
    run = Run(settings, market, loaded, configuration, snapshot_every)
    description = new_run(describe(run, data_files(files, market)))
    store = create(folder, backend, run=description)
    return _run(store, run, keep, progress, on_failure)


def resume(
    folder: Path,
    *,
    keep: bool = False,
    progress: Progress | None = None,
    on_failure: OnFailure = end_process,
    tell: Callable[[Store], None] | None = None,
) -> tuple[Result, int]:
    """Go on with a backtest where its journal ends; its Result, and the acknowledged position.

    `tell` is shown the journal as it was found. Raises as `begin`, and `InputError` when the run
    no longer makes the Events that were acknowledged.
    """
    run = run_of(folder, progress)
    store = open_journal(folder)
    if tell is not None:
        tell(store)
    return _run(store, run, keep, progress, on_failure)


def _run(
    store: Store, run: Run, keep: bool, progress: Progress | None, on_failure: OnFailure
) -> tuple[Result, int]:
    streams: list[JournalStream] = []

    def stream_of(kernel: Kernel) -> EventColumns:
        streams.append(JournalStream(group, kernel, snapshot_every=run.snapshot_every, keep=keep))
        return streams[-1]

    with GroupCommit(store, on_failure=on_failure) as group:
        result = run_backtest(
            run.market,
            run.settings,
            keep_outputs=keep,
            stream_of=stream_of,
            progress=progress,
        )
        acknowledged = streams[-1].finish()
    return result, acknowledged


# --- reading -------------------------------------------------------------------------------------


def state_at_end(folder: Path) -> tuple[Kernel, int]:
    """The kernel at the last acknowledged Event, and how many Events were replayed for it."""
    run = run_of(folder)
    store = open_journal(folder)
    try:
        return restored(store, run.configuration, (run.strategy.strategy,))
    finally:
        store.close()


def replay_journal(folder: Path, progress: Progress | None = None) -> Replayed:
    """The journal's Events through a new kernel; raises as `replayed`."""
    run = run_of(folder, progress)
    store = open_journal(folder)
    try:
        kernel = replayed(store, run.configuration, (run.strategy.strategy,))
        return Replayed(
            kernel.position,
            kernel.chain_digest().hex(),
            kernel.state_digest().hex(),
            len(store.snapshots()),
        )
    finally:
        store.close()
