"""`tickproof backtest`: a strategy on recorded market data.

A strategy that fails is a result too: the summary is printed and the folder kept, complete to that
position; both say where and with what under `failure`, and the exit code is 3. What cannot be run
at all prints and keeps nothing. Where a checked step breaks an invariant there is no result: what
is wrong is printed with position and State, nothing is kept, and the exit code is 4.
"""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from tickproof.invariants.monitor import PredicateBroken
from tickproof.runtime.arguments import add_run_arguments, run_settings
from tickproof.runtime.backtest import Result, market_of, run_backtest
from tickproof.runtime.console import EXIT_DEFECT, EXIT_STRATEGY, quiet_stdout, say, say_json, tell
from tickproof.runtime.data import data_files, files_of
from tickproof.runtime.errors import InputError
from tickproof.runtime.journal.backtests import begin
from tickproof.runtime.journal.folders import BACKENDS
from tickproof.runtime.journal.running import SNAPSHOT_EVERY
from tickproof.runtime.progress import shown_progress
from tickproof.runtime.run_folder import check_place, write_run
from tickproof.runtime.settings import Settings


def add(commands: Any) -> None:
    """Add the command."""
    command = commands.add_parser("backtest", help="run a strategy on recorded market data")
    add_run_arguments(command)
    command.add_argument("--out", type=Path, metavar="DIR", help="keep the run in a new folder")
    add_journal_arguments(command)
    command.add_argument("--json", action="store_true", help="one line of JSON on stdout")
    command.set_defaults(handler=run)


def run(arguments: argparse.Namespace) -> int:
    """Run it, keep it where asked, print its summary; 3 when the strategy failed."""
    settings = run_settings(arguments)
    if arguments.out is not None:
        check_place(arguments.out)
    try:
        with quiet_stdout():
            if arguments.journal is None:
                result = _result(settings, arguments.out)
            else:
                result = _journaled(settings, arguments)
    except PredicateBroken as stop:
        tell("stopped by --check: a defect of tickproof, please report it")
        for line in stop.report().splitlines():
            tell(line)
        return EXIT_DEFECT
    show(result, arguments.json)
    if result.failure is not None:
        tell(f"strategy failed: {result.failure}")
        return EXIT_STRATEGY
    if arguments.out is not None:
        tell(f"kept in {arguments.out}; open {arguments.out / 'report.html'}")
    return 0


def _result(settings: Settings, out: Path | None) -> Result:
    """The run, written to `out` if there is one."""
    if not settings.data:
        raise InputError("", 0, "data", "at least one file", "none")
    files = files_of(settings.data)
    keep = out is not None
    with shown_progress() as progress:
        market = market_of(settings.data, settings, progress)
        source = data_files(files, market) if keep else ()
        result = run_backtest(
            market, settings, keep_outputs=keep, keep_stream=keep, progress=progress
        )
    if out is not None:
        write_run(result, out, source)
    return result


def add_journal_arguments(command: argparse.ArgumentParser) -> None:
    """Add the arguments that say where a run's Events are kept while it runs."""
    command.add_argument(
        "--journal", type=Path, metavar="DIR", help="write every Event to a new journal"
    )
    command.add_argument(
        "--journal-backend",
        choices=BACKENDS,
        default=BACKENDS[0],
        help=f"what keeps it (default {BACKENDS[0]})",
    )
    command.add_argument(
        "--snapshot-every",
        type=int,
        default=SNAPSHOT_EVERY,
        metavar="N",
        help=f"positions between the journal's snapshots (default {SNAPSHOT_EVERY})",
    )


def _journaled(settings: Settings, arguments: argparse.Namespace) -> Result:
    """The run, its Events in a journal, its folder written if there is one."""
    if arguments.snapshot_every <= 0:
        raise InputError("", 0, "--snapshot-every", "above 0", str(arguments.snapshot_every))
    out = arguments.out
    with shown_progress() as progress:
        result, acknowledged = begin(
            arguments.journal,
            settings,
            backend=arguments.journal_backend,
            snapshot_every=arguments.snapshot_every,
            keep=out is not None,
            progress=progress,
        )
    tell(f"{acknowledged} events acknowledged in {arguments.journal}")
    if out is not None:
        write_run(result, out, data_files(files_of(settings.data), result.market))
    return result


def show(result: Result, as_json: bool) -> None:
    """The summary on stdout."""
    if as_json:
        say_json(result.summary)
        return
    for name, value in result.summary.items():
        say(f"{name:18} {value}")
