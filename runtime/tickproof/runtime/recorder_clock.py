"""A recorder's clock held against the venue's: how far it is behind, and setting it right.

What it decides: nothing is captured before it happened, so each message that seems to be shows by
how much the recorder's clock is behind at least. The most of these is the least offset that puts no
message before it happened; the true one is larger by the fastest message's way, which no recording
tells. A declared offset is taken as it is. Event Times are never touched, nor what the order of
messages of one recording is.
"""

from __future__ import annotations

from array import array
from collections.abc import Mapping
from itertools import compress
from operator import eq, sub

from attrs import evolve, frozen

from tickproof.runtime.readers.feed import Market
from tickproof.runtime.readers.merge import merge
from tickproof.runtime.settings import Settings, duration_ns
from tickproof.spec.stream import EventColumns


@frozen
class ClockFinding:
    """What one recording says of its clock.

    `messages`: all of it. `early`: captured before they happened, the offset taken into account.
    `least_offset_ns`: what it takes to have none as recorded, 0 where there are none.
    `offset_ns`: what was added.
    """

    messages: int
    early: int
    least_offset_ns: int
    offset_ns: int


def found_clocks(market: Market) -> tuple[ClockFinding, ...]:
    """A finding for each feed of a market, in feed order."""
    columns = market.columns
    behind = array("q", map(sub, columns.event_time_ns, columns.capture_time_ns))
    offsets = market.clock_offsets_ns or (0,) * len(market.feeds)
    findings = []
    for source, offset_ns in enumerate(offsets):
        mine = behind
        if len(offsets) > 1:
            of_source = map(eq, columns.source, (source,) * len(columns))
            mine = array("q", compress(behind, of_source))
        early = sum(1 for each in mine if each > 0)
        least_ns = max(max(mine, default=0) + offset_ns, 0)
        findings.append(ClockFinding(len(mine), early, least_ns, offset_ns))
    return tuple(findings)


def with_clocks(market: Market, settings: Settings) -> Market:
    """The market with its recorders' clocks set as the settings say; as it is where they were."""
    if market.clock_offsets_ns:
        return market
    if settings.clock_offset == "auto":
        offsets = tuple(each.least_offset_ns for each in found_clocks(market))
    else:
        offset_ns = duration_ns(settings.clock_offset, "clock_offset")
        offsets = (offset_ns,) * len(market.feeds)
    if not any(offsets):
        return market
    shifted = later(market.columns, dict(enumerate(offsets)))
    if len({*offsets}) > 1:
        # Recordings move against each other: their common order is another one.
        shifted = merge([_only(shifted, source) for source in range(len(offsets))])
    return evolve(market, columns=shifted, clock_offsets_ns=offsets)


def later(columns: EventColumns, offsets: Mapping[int, int]) -> EventColumns:
    """The same events captured later, by source."""
    moved = columns.slice(0, len(columns))
    stamps = zip(columns.capture_time_ns, columns.source, strict=True)
    moved.capture_time_ns = array("q", [stamp + offsets[source] for stamp, source in stamps])
    return moved


def _only(columns: EventColumns, wanted: int) -> EventColumns:
    """The events of one source."""
    found = EventColumns()
    for index, source in enumerate(columns.source):
        if source == wanted:
            found.append_raw(
                columns.kind[index],
                columns.event_time_ns[index],
                columns.capture_time_ns[index],
                source,
                columns.sequence[index],
                columns.epoch[index],
                columns.payload_of(index),
            )
    return found
