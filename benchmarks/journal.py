"""`python -m benchmarks.journal [FOLDER ...]`: the event journal, one JSON line a folder.

Each folder is a disk: what a sync costs there, events/s of a writer that appends batches of 16 and
of 256 and ends when all of them are acknowledged (group commit), the same waiting for each batch,
how long a waiter waits, events/s of reading everything again (every frame, and sealed segments by
their digests), and a restart: journal opened, snapshot restored, a tail of 100,000 events applied.
`per_cpu_s` and `cpu_s` are the process's own time, where others keep the machine busy. Events are
a made depth feed with prints, from a seed. Without FOLDER: here, and memory where there is a
`/dev/shm`.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import statistics
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from benchmarks.strategies import form_here, strategy_of
from tickproof.kernel.kernel import BUILD, Kernel
from tickproof.kernel.snapshot import take, to_bytes
from tickproof.runtime.backtest import configuration_of
from tickproof.runtime.journal.folders import BACKENDS, create, look, open_journal
from tickproof.runtime.journal.group import GroupCommit
from tickproof.runtime.journal.running import feed, restored
from tickproof.runtime.loading import load_strategy
from tickproof.runtime.readers.feed import combine
from tickproof.runtime.settings import Settings
from tickproof.runtime.synthetic import synthetic_market
from tickproof.spec.events import SessionStarted, payload
from tickproof.spec.stream import EventColumns

SEED = 11
EVENTS = 400_000
TAIL = 100_000
SYNCS = 50
WAITS = 200
SEGMENT_BYTES = 16 * 1024 * 1024
MEMORY = Path("/dev/shm")  # noqa: S108 - a disk without a disk, to compare with


def sync_ms(folder: Path) -> float:
    """Median milliseconds of writing 4 kB and syncing it."""
    took = []
    path = folder / "sync"
    with path.open("wb", buffering=0) as file:
        for _ in range(SYNCS):
            file.write(bytes(4096))
            started = time.perf_counter()
            os.fsync(file.fileno())
            took.append(time.perf_counter() - started)
    path.unlink()
    return round(statistics.median(took) * 1000, 3)


def written(folder: Path, events: EventColumns, batch: int, backend: str) -> float:
    """Seconds to append everything and have it acknowledged."""
    store = create(folder, backend, segment_bytes=SEGMENT_BYTES)
    started = time.perf_counter()
    with GroupCommit(store) as group:
        for start in range(0, len(events), batch):
            group.append(events, start, min(start + batch, len(events)))
        group.flush()
        return time.perf_counter() - started


def waited(folder: Path, events: EventColumns, batch: int) -> list[float]:
    """Seconds of each of `WAITS` batches from append to acknowledgement, one after another."""
    took = []
    with GroupCommit(create(folder)) as group:
        for number in range(WAITS):
            started = time.perf_counter()
            group.wait(group.append(events, number * batch, (number + 1) * batch))
            took.append(time.perf_counter() - started)
    return sorted(took)


def restarted(folder: Path, events: EventColumns) -> dict[str, Any]:
    """Open, restore and apply the tail; the journal holds as much before the snapshot again."""
    market = combine([synthetic_market(1_000, SEED)])
    settings = Settings(strategy=strategy_of("W2", "touch", form_here()))
    loaded = load_strategy(settings.strategy, {})
    configuration = configuration_of(settings, market, (loaded,))
    kernel = Kernel(configuration, (loaded.strategy,))
    store = create(folder, segment_bytes=SEGMENT_BYTES)
    half = len(events) - TAIL
    with GroupCommit(store) as group:
        for start in range(0, len(events), 256):
            stop = min(start + 256, len(events))
            if start < half <= stop:
                group.append(events, start, half)
                feed(kernel, events.slice(kernel.position, half))
                group.keep_snapshot(to_bytes(take(kernel)))
                start = half  # noqa: PLW2901 - the rest of this batch
            group.append(events, start, stop)
    started, cpu = time.perf_counter(), time.process_time()
    again = open_journal(folder, segment_bytes=SEGMENT_BYTES)
    opened = time.perf_counter() - started
    restored_kernel, tail = restored(again, configuration, (loaded.strategy,))
    seconds, cpu_s = time.perf_counter() - started, time.process_time() - cpu
    again.close()
    feed(kernel, events.slice(half, len(events)))
    if restored_kernel.state_digest() != kernel.state_digest():
        raise SystemExit("the restart came to another State")
    return {
        "restart_s": round(seconds, 3),
        "restart_cpu_s": round(cpu_s, 3),
        "restart_open_s": round(opened, 3),
        "restart_tail": tail,
        "restart_events": len(events),
    }


def stream(count: int) -> EventColumns:
    """A session's start and a made market, as a kernel takes them."""
    columns = combine([synthetic_market(count, SEED)]).columns
    stamp = columns.capture_time_ns[0]
    events = EventColumns()
    started = SessionStarted(0)
    events.append_raw(started.KIND, stamp, stamp, 2_000_000, 0, 0, payload(started))
    for index in range(len(columns)):
        events.append_raw(
            columns.kind[index],
            columns.event_time_ns[index],
            columns.capture_time_ns[index],
            columns.source[index],
            columns.sequence[index],
            columns.epoch[index],
            columns.payload[columns.offset[index] : columns.offset[index + 1]],
        )
    return events


def measured(folder: Path, events: EventColumns, backend: str) -> dict[str, Any]:
    """Everything of one folder."""
    found: dict[str, Any] = {"folder": str(folder), "backend": backend}
    with tempfile.TemporaryDirectory(prefix="journal-", dir=folder) as name:
        place = Path(name)
        found |= {"sync_ms": sync_ms(place), "events": len(events)}
        for batch in (16, 256):
            seconds = written(place / f"of-{batch}", events, batch, backend)
            found[f"batches_of_{batch}_per_s"] = round(len(events) / seconds)
        if backend != BACKENDS[0]:
            return found
        waits = waited(place / "waited", events, 16)
        found |= {
            "waiting_for_each_16_per_s": round(16 * WAITS / sum(waits)),
            "wait_ms_median": round(waits[WAITS // 2] * 1000, 2),
            "wait_ms_p99": round(waits[WAITS * 99 // 100] * 1000, 2),
        }
        for batch in (16, 256):
            for deep, kind in ((True, "verify"), (False, "open")):
                started, cpu = time.perf_counter(), time.process_time()
                if look(place / f"of-{batch}", deep=deep).position != len(events):
                    raise SystemExit("events are missing")
                seconds = time.perf_counter() - started
                cpu_s = time.process_time() - cpu
                found[f"{kind}_of_{batch}_per_s"] = round(len(events) / seconds)
                found[f"{kind}_of_{batch}_per_cpu_s"] = round(len(events) / cpu_s)
        size = sum(path.stat().st_size for path in (place / "of-256").iterdir())
        found["bytes_per_event"] = round(size / len(events), 1)
        found |= restarted(place / "restarted", events)
    return found


def main(arguments: list[str] | None = None) -> int:
    """Measure each folder."""
    parser = argparse.ArgumentParser(prog="benchmarks.journal", description=__doc__)
    parser.add_argument("folders", nargs="*", type=Path, metavar="FOLDER")
    parser.add_argument("--events", type=int, default=EVENTS)
    parser.add_argument("--backend", choices=BACKENDS, default=BACKENDS[0])
    options = parser.parse_args(arguments)
    events = stream(options.events)
    folders = options.folders or [Path.cwd(), *([MEMORY] if MEMORY.is_dir() else [])]
    for folder in folders:
        found = measured(folder, events, options.backend)
        found |= {"python": platform.python_version(), "build": BUILD}
        print(json.dumps(found))
    return 0


if __name__ == "__main__":
    sys.exit(main())
