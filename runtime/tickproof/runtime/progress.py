"""How far a command is, on a terminal: the stage, a bar, the rate and the time left.

Only where stderr is a terminal and the extra `run` is installed; otherwise nothing is shown and
nothing is said about it. Digests cannot see it: it is told numbers and gives none back.
"""

from __future__ import annotations

import contextlib
import importlib
import sys
import time
from collections.abc import Iterator
from typing import Any

from tickproof.runtime.recording import Progress

REDRAWS_PER_SECOND = 5


@contextlib.contextmanager
def shown_progress() -> Iterator[Progress | None]:
    """A `Progress` that draws, or None where there is nobody to see it."""
    if not sys.stderr.isatty():
        yield None
        return
    try:
        library = importlib.import_module("rich.progress")
        console = importlib.import_module("rich.console").Console(stderr=True)
    except ImportError:
        yield None
        return
    bar = library.Progress(
        library.TextColumn("{task.description}"),
        library.BarColumn(),
        library.TaskProgressColumn(),
        library.TextColumn("{task.fields[rate]}"),
        library.TimeRemainingColumn(),
        console=console,
        refresh_per_second=REDRAWS_PER_SECOND,
        transient=True,
    )
    with bar:
        yield _Bars(bar)


class _Bars:
    """One line for each stage; `rate` in events, or in bytes while files are read."""

    def __init__(self, bar: Any) -> None:
        self.bar = bar
        self.tasks: dict[str, Any] = {}
        self.started: dict[str, float] = {}

    def __call__(self, stage: str, done: int, total: int) -> None:
        """Show that `done` of `total` are done."""
        if stage not in self.tasks:
            self.tasks[stage] = self.bar.add_task(stage, total=total, rate="")
            self.started[stage] = time.monotonic()
        seconds = time.monotonic() - self.started[stage]
        rate = rate_text(done, seconds, "B" if stage.startswith("read") else "events")
        self.bar.update(self.tasks[stage], completed=done, total=total, rate=rate)


def rate_text(done: int, seconds: float, unit: str) -> str:
    """`done` per second in words of at most three digits."""
    if seconds <= 0:
        return ""
    rate = done / seconds
    for prefix in ("", "k", "M"):
        if rate < 1_000:
            return f"{rate:.0f} {prefix}{unit}/s"
        rate /= 1_000
    return f"{rate:.0f} G{unit}/s"
