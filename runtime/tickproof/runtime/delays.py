"""Delay settings as the integers of `spec.latency`, and recorded ones from a file.

What it decides: which forms of a file are read. Each row is one message: when it was sent, and how
long it took there and back; hftbacktest's columns say the same as three stamps. A row that answers
before it was sent is refused, not mended.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

from tickproof.runtime.errors import InputError
from tickproof.runtime.readers.tables import open_table
from tickproof.runtime.settings import DELAYED, DelaySettings, Settings, duration_ns
from tickproof.spec.latency import Delays, RecordedDelay
from tickproof.spec.stream import EventColumns
from tickproof.venue.latency import Connection
from tickproof.venue.simulation import AS_RECORDED, as_it_happened

DELAY_COLUMNS = ("time_ns", "request_ns", "response_ns")
STAMP_COLUMNS = ("req_ts", "exch_ts", "resp_ts")


def feed_latency_ns(settings: Settings) -> int:
    """The feed's latency as a run wants it."""
    if settings.feed_latency == "recorded":
        return AS_RECORDED
    return duration_ns(settings.feed_latency, "feed_latency")


def delays_of(settings: Settings) -> Delays | None:
    """The delays of a run, None where `latency` says all; raises `InputError`."""
    chosen = settings.delay
    if chosen == DelaySettings():
        return None
    if chosen.file:
        return Delays(recorded=read_delays(Path(chosen.file)))

    def of(durations: Iterable[str]) -> tuple[int, ...]:
        found = tuple(duration_ns(each, "delay") for each in durations)
        return found or (duration_ns(settings.latency, "latency"),)

    return Delays(
        of(chosen.new), of(chosen.replace), of(chosen.cancel), of(chosen.response), chosen.seed
    )


def longest_request_ns(settings: Settings) -> int:
    """No Request of a run takes longer to the venue, but for those before it."""
    delays = delays_of(settings)
    if delays is None:
        return duration_ns(settings.latency, "latency")
    if delays.recorded:
        return max(each.request_ns for each in delays.recorded)
    return max(*delays.new, *delays.replace, *delays.cancel)


def request_arrivals(settings: Settings, kinds: Iterable[int], sent_ns: Iterable[int]) -> list[int]:
    """When each Request of a run reached the venue, in the order they were sent."""
    delays = delays_of(settings)
    if delays is None:
        latency_ns = duration_ns(settings.latency, "latency")
        return [each + latency_ns for each in sent_ns]
    connection = Connection(delays)
    pairs = zip(kinds, sent_ns, strict=True)
    return [connection.request_arrival(kind, each) for kind, each in pairs]


def columns_at_venue(columns: EventColumns, settings: Settings) -> EventColumns:
    """The market's messages at the stamps at which the venue of a run sees them."""
    if feed_latency_ns(settings) == AS_RECORDED:
        return as_it_happened(columns)
    return columns


def latency_words(settings: Settings) -> str:
    """The latencies of requests and responses, in words."""
    delay = settings.delay
    if delay.file:
        return f"as recorded in {delay.file}"
    parts = []
    for name in DELAYED:
        durations = getattr(delay, name)
        if len(durations) == 1:
            parts.append(f"{name} {durations[0]}")
        elif durations:
            drawn = f"drawn from {len(durations)} quantiles, {durations[0]} to {durations[-1]}"
            parts.append(f"{name} {drawn} (seed {delay.seed})")
    if not parts:
        return f"{settings.latency} each way"
    if len(parts) < len(DELAYED):
        parts.append(f"otherwise {settings.latency}")
    return ", ".join(parts)


def read_delays(path: Path) -> tuple[RecordedDelay, ...]:
    """The recorded delays of a CSV, Parquet or NumPy table; raises `InputError`, `MissingExtra`."""
    table = open_table(path)
    columns = next((c for c in (DELAY_COLUMNS, STAMP_COLUMNS) if set(c) <= {*table.names}), None)
    if columns is None:
        expected = " or ".join(", ".join(each) for each in (DELAY_COLUMNS, STAMP_COLUMNS))
        raise InputError(str(path), 1, "columns", expected, ", ".join(table.names))
    found: list[RecordedDelay] = []
    for line, values in table.rows(columns):
        named = zip(columns, values, strict=True)
        first, second, third = (_integer(path, line, *each) for each in named)
        if columns == STAMP_COLUMNS:
            second, third = second - first, third - second
        if second < 0 or third < 0:
            raise InputError(str(path), line, columns[1], "no answer before its request", "one")
        if found and first <= found[-1].sent_ns:
            expected = f"later than {found[-1].sent_ns}"
            raise InputError(str(path), line, columns[0], expected, str(first))
        found.append(RecordedDelay(first, second, third))
    if not found:
        raise InputError(str(path), 1, "rows", "at least one", "none")
    return tuple(found)


def _integer(path: Path, line: int, name: str, value: Any) -> int:
    """Whole nanoseconds, however the file has them."""
    text = str(value).strip()
    if not text.removeprefix("-").isdecimal():
        raise InputError(str(path), line, name, "an integer of nanoseconds", repr(text))
    return int(text)
