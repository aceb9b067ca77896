"""A run once more from its folder: the same data, settings and strategy give the same run [E5, D5].

What it decides: what has to be as it was before it is worth running (the data, by its bytes), what
may have changed (the strategy's code, this program), and what has to come out equal (every
Request, fill, decision record, checkpoint and final digest).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from attrs import asdict, evolve

from tickproof.runtime.backtest import Result, market_of, run_backtest
from tickproof.runtime.comparing import Difference, first_of, first_record, first_row, first_value
from tickproof.runtime.errors import InputError
from tickproof.runtime.loading import code_identity, strategy_class
from tickproof.runtime.readers.feed import Market, combine, file_hash
from tickproof.runtime.recording import Progress
from tickproof.runtime.run_folder import (
    COMPLETE,
    FAILED,
    TABLES,
    RunFolder,
    rows_of,
)
from tickproof.runtime.settings import DEFAULTS, Settings, from_table
from tickproof.runtime.summary import TIMINGS
from tickproof.runtime.synthetic import synthetic_market

Warn = Callable[[str], None]
"""Told what has changed and does not keep the run from being repeated."""

PLACES = {"requests": "Request", "fills": "fill", "checkpoints": "checkpoint"}
"""Tables with positions, and what a row of each is called."""


def replay(folder: RunFolder, warn: Warn, progress: Progress | None = None) -> Difference | None:
    """Run again and give the first difference, None when everything is equal.

    Raises `InputError` for data or a folder that is not as it was.
    """
    settings = settings_again(folder)
    market = market_again(folder, settings, progress)
    identity = code_identity(strategy_class(settings.strategy))
    recorded = folder.value("hashes", "strategy_hash")
    if identity != recorded:
        warn(f"the strategy's code has changed: it was {recorded[:16]}, it is {identity[:16]}")
    result = run_backtest(market, settings, keep_outputs=True, progress=progress)
    _check_configuration(folder, result, warn)
    return difference(folder, result)


def settings_again(folder: RunFolder) -> Settings:
    """The settings of the run, with the parameters it had and the strategy where it lies now."""
    path = str(folder.path / folder.name)
    try:
        settings = from_table(DEFAULTS, folder.value("settings"))
    except InputError as error:
        raise error.at(path, 0) from error
    name = settings.strategy
    place, _, class_name = name.rpartition(":")
    if place.endswith(".py") and not Path(place).is_file():
        name = f"{folder.value('strategy', 'file')}:{class_name}"
    return evolve(settings, strategy=name, param=folder.value("strategy", "parameters"))


def market_again(folder: RunFolder, settings: Settings, progress: Progress | None) -> Market:
    """The market of the run; raises `InputError` when its data is not there as it was."""
    source = folder.value("data", "source")
    if source == "synthetic":
        events, seed = folder.value("data", "events"), folder.value("data", "seed")
        market = combine([synthetic_market(events, seed)])
    elif source == "files":
        market = market_of(_files(folder), settings, progress)
    else:
        path = str(folder.path / folder.name)
        raise InputError(path, 0, "data", "files", "data that was in memory only")
    if market.dataset_hash != folder.value("hashes", "dataset_hash"):
        expected = str(folder.value("hashes", "dataset_hash"))
        path = str(folder.path / folder.name)
        raise InputError(path, 0, "dataset_hash", expected, market.dataset_hash)
    return market


def _files(folder: RunFolder) -> dict[str, list[Path]]:
    """The files of the run by symbol, each as it was."""
    found: dict[str, list[Path]] = {}
    for each in folder.value("data", "files"):
        path = Path(each["path"])
        if not path.is_file():
            path = Path(each["absolute"])
        digest = file_hash([path])
        if digest != each["sha256"]:
            raise InputError(str(path), 0, "sha256", each["sha256"], digest)
        found.setdefault(each["symbol"], []).append(path)
    return found


def _check_configuration(folder: RunFolder, result: Result, warn: Warn) -> None:
    """Say what of the Configuration is not as it was; digests will differ from the start."""
    was = without_code(folder.value("configuration"))
    changed = first_value(was, without_code(asdict(result.configuration)))
    if changed is not None:
        warn(f"the configuration has changed: {changed}")


def without_code(configuration: Mapping[str, Any]) -> dict[str, Any]:
    """A Configuration as plain values, without the identity of strategy code."""
    strategies = [{**each, "code_identity": ""} for each in configuration["strategies"]]
    return {**configuration, "strategies": strategies}


def difference(folder: RunFolder, result: Result) -> Difference | None:
    """The first thing that is not as the folder has it."""
    rows = rows_of(result)
    return first_of(
        [
            *(
                first_row(what, TABLES[name], folder.rows(name), rows[name])
                for name, what in PLACES.items()
            ),
            first_record(folder.rows("outputs"), result.outputs),
            first_value(
                _final(folder.value("summary")),
                _final(result.summary),
                "summary",
            ),
            first_value(
                folder.value("status"), COMPLETE if result.failure is None else FAILED, "status"
            ),
            *(
                first_row(name, TABLES[name], folder.rows(name), rows[name])
                for name in ("orders", "equity")
            ),
        ]
    )


def _final(summary: Mapping[str, Any]) -> dict[str, Any]:
    """What of a summary must come out equal: not the timings, nor where the code lies."""
    left_out = (*TIMINGS, "strategy", "strategy_hash", "failure")
    return {key: value for key, value in summary.items() if key not in left_out}
