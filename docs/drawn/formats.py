"""Events and records as they are stored and hashed: kinds, numbers, fields."""

from __future__ import annotations

from docs.drawn.markdown import code, prose, table
from tickproof.spec import digest
from tickproof.spec.events import BODY_TYPES, FIELD_NAMES, EventClass, EventKind, event_class
from tickproof.spec.instructions import INSTRUCTION_FIELDS
from tickproof.spec.outputs import RECORD_FIELDS, RecordKind

LEVELS = (EventKind.BOOK_SNAPSHOT, EventKind.BOOK_DELTA)


def pages() -> dict[str, str]:
    """formats.md."""
    parts = [
        "# Events and records",
        (
            "The canonical form of a run is integers: columns of Events in, records out. Both are "
            "folded into the [chain digest](concepts/digests-and-replay.md), so numbers and "
            "fields here are part of the format."
        ),
        "## Events",
        (
            "Every Event has the envelope `event_time_ns`, `capture_time_ns`, `source`, "
            "`sequence`, `epoch`, and a payload of the fields below, as int64. Its position in "
            "the stream is its identity."
        ),
    ]
    for group in EventClass:
        lines = [
            (code(kind.name), str(int(kind)), fields_of(kind))
            for kind in EventKind
            if event_class(kind) == group
        ]
        parts += [f"### {group.name.title()}", table(("kind", "", "payload"), lines)]
    lines = [
        (code(kind.name), str(int(kind)), ", ".join(code(name) for name in RECORD_FIELDS[kind]))
        for kind in RecordKind
    ]
    bodies = sorted({body.__name__: body for body in BODY_TYPES.values()}.items())
    parts += [
        "### Payload types",
        table(("type", "meaning"), [(code(name), prose(body)) for name, body in bodies]),
        "## Decision records",
        prose(__import__("tickproof.spec.outputs", fromlist=["outputs"])),
        "An `INTENT` or `REQUEST` of an order with instructions carries these behind the fields "
        "below: " + ", ".join(code(name) for name in INSTRUCTION_FIELDS) + ".",
        table(("kind", "", "fields"), lines),
        "## Formats",
        (
            f"Chain: `{digest.CHAIN_FORMAT.decode()}`, segments of {digest.SEGMENT_LENGTH:,} "
            f"positions. State: `{digest.STATE_FORMAT.decode()}`."
        ),
    ]
    return {"formats.md": "\n\n".join(parts)}


def fields_of(kind: EventKind) -> str:
    """Payload fields; those of execution events are one shared list."""
    if EventKind.ACCEPTED <= kind <= EventKind.OUTCOME_UNKNOWN and kind != EventKind.ACCEPTED:
        return "as `ACCEPTED`"
    names = ", ".join(code(name) for name in FIELD_NAMES[kind])
    return names + (", then triples of side, price, size" if kind in LEVELS else "")
