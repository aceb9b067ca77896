"""Merging recorded sources into one Processing Order [T2, E4].

The order is a total one, fixed by the data and the argument order alone: by the running maximum
of the capture stamp within a source, then event class (market before execution before control),
then source in argument order, then message index within the source. The running maximum keeps a
source in its own order when its clock steps back: a late stamp never overtakes what was received
before it. Stamps themselves are kept as recorded; only the order is decided here.
"""

from __future__ import annotations

from collections.abc import Sequence

from tickproof.spec.events import FIRST_EXECUTION_KIND, event_class
from tickproof.spec.stream import EventColumns


def merge(sources: Sequence[EventColumns]) -> EventColumns:
    """One batch with all events of `sources`, whose events stay as they are.

    The message index of an event is its position in its batch. Time: O(n log n), close to O(n)
    for sources that are nearly in order already. One source of market events alone is in order,
    and is given back as it is.
    """
    if len(sources) == 1 and max(sources[0].kind, default=0) < FIRST_EXECUTION_KIND:
        return sources[0]
    ranks = {kind: int(event_class(kind)) for kind in range(256)}
    keys: list[tuple[int, int, int, int]] = []
    for index, columns in enumerate(sources):
        latest = -1
        for position, (stamp, kind) in enumerate(
            zip(columns.capture_time_ns, columns.kind, strict=True)
        ):
            if stamp > latest:
                latest = stamp
            keys.append((latest, ranks[kind], index, position))
    if len(sources) == 1 and _is_sorted(keys):
        return sources[0].slice(0, len(sources[0]))
    keys.sort()
    merged = EventColumns()
    for _, _, index, position in keys:
        columns = sources[index]
        merged.append_raw(
            columns.kind[position],
            columns.event_time_ns[position],
            columns.capture_time_ns[position],
            columns.source[position],
            columns.sequence[position],
            columns.epoch[position],
            columns.payload[columns.offset[position] : columns.offset[position + 1]],
        )
    return merged


def _is_sorted(keys: Sequence[tuple[int, int, int, int]]) -> bool:
    """The keys are in order already."""
    return all(keys[i] <= keys[i + 1] for i in range(len(keys) - 1))
