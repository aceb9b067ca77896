"""`tickproof sweep`: a strategy with every combination of listed parameters, on several processes.

Results stay: a sweep that was stopped, in whatever way, goes on when it is started again. Exit code
1 says that a job has two results that differ, 3 that the strategy failed in a job, 130 that workers
ended and jobs are left.
"""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from tickproof.runtime.arguments import add_run_arguments, run_settings
from tickproof.runtime.cluster import ClusterLost
from tickproof.runtime.console import (
    EXIT_DIFFERENT,
    EXIT_INTERRUPTED,
    EXIT_STRATEGY,
    say,
    say_json,
    tell,
)
from tickproof.runtime.errors import InputError
from tickproof.runtime.progress import shown_progress
from tickproof.runtime.sweeping import (
    FIGURES,
    SWEPT_SETTINGS,
    Sweep,
    WorkersLost,
    default_processes,
    grid_of,
    sweep,
)

DIGITS_SHOWN = 16


def add(commands: Any) -> None:
    """Add the command."""
    command = commands.add_parser("sweep", help="run a strategy with many parameters")
    add_run_arguments(command)
    command.add_argument(
        "--grid",
        action="append",
        default=[],
        metavar="NAME=V,V",
        help=f"values of a parameter or of {', '.join(SWEPT_SETTINGS)}; for several: all pairs",
    )
    command.add_argument(
        "--seed", metavar="N,N", help="values of the strategy's parameter seed, one more list"
    )
    command.add_argument(
        "--out", type=Path, required=True, metavar="DIR", help="where results are kept and found"
    )
    workers = command.add_mutually_exclusive_group()
    workers.add_argument(
        "--processes", type=int, metavar="N", help="worker processes (default: one per core)"
    )
    workers.add_argument(
        "--cluster", metavar="ADDRESS", help="run on a dask scheduler's workers: tcp://HOST:PORT"
    )
    command.add_argument(
        "--again", action="store_true", help="run finished jobs too, and compare the results"
    )
    command.add_argument("--json", action="store_true", help="one line of JSON on stdout")
    command.set_defaults(handler=run)


def run(arguments: argparse.Namespace) -> int:
    """Run what has no result yet, print the table; 1 for two results of one job."""
    grid = grid_of(arguments.grid, arguments.seed)
    settings = run_settings(arguments)
    if not settings.data:
        raise InputError("", 0, "data", "at least one file", "none")
    processes = default_processes() if arguments.processes is None else arguments.processes
    try:
        with shown_progress() as progress:
            made = sweep(
                settings,
                grid,
                arguments.out,
                processes,
                again=arguments.again,
                cluster=arguments.cluster,
                progress=progress,
            )
    except WorkersLost as lost:
        tell(f"interrupted: workers were killed; {lost.unfinished} jobs left, start again to go on")
        return EXIT_INTERRUPTED
    except ClusterLost as lost:
        tell(f"interrupted: {lost}; start again to go on")
        return EXIT_INTERRUPTED
    if arguments.json:
        say_json(made.table())
    else:
        show(made)
    tell(f"{len(made.rows)} jobs, {made.ran} run now; kept in {arguments.out}")
    return _code(made)


def _code(made: Sweep) -> int:
    """The exit code, told: an alarm counts more than a strategy that failed."""
    for alarm in made.alarms:
        tell(str(alarm))
    if made.alarms:
        return EXIT_DIFFERENT
    failed = [row["failure"] for row in made.rows if row["failure"] is not None]
    if failed:
        place = f"{failed[0]['file']}:{failed[0]['line']}: {failed[0]['message']}"
        tell(f"strategy failed in {len(failed)} jobs: {' '.join(place.split())}")
        return EXIT_STRATEGY
    return 0


def show(made: Sweep) -> None:
    """The table, best equity first."""
    lines = [[*made.swept, *FIGURES, "digest"]]
    for row in made.rows:
        values = [*row["swept"].values(), *(row[name] for name in FIGURES)]
        failed = " failed" if row["failure"] is not None else ""
        cells = ["-" if value is None else str(value) for value in values]
        lines.append([*cells, row["digest"][:DIGITS_SHOWN] + failed])
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    for cells in lines:
        padded = [cell.rjust(width) for cell, width in zip(cells, widths, strict=True)]
        say("  ".join(padded).rstrip())
