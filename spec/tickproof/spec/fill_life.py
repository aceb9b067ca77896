"""The life of one fill, known by (venue, account, instrument, trade id, order id) [OL4].

What it decides: whether fill evidence is new, repeated, early or late. A fill is applied once; a
void or correction names it, the last word is effective; a void that comes before its fill leaves
a tombstone, so that the fill, when it comes, counts nothing.
"""

from __future__ import annotations

from enum import IntEnum

from tickproof.spec.table import Table, TableBuilder, always, go, refuse, unchanged

DECISION = "ADR-0003"


class FillLife(IntEnum):
    """Where a fill is."""

    ABSENT = 0
    EFFECTIVE = 1
    VOIDED = 2
    TOMBSTONE = 3


class FillEvent(IntEnum):
    """Evidence about a fill."""

    FILLED = 0
    FILL_VOIDED = 1
    FILL_CORRECTED = 2


class FillRefusal(IntEnum):
    """Why fill evidence is refused."""

    DUPLICATE_FILL = 1
    ALREADY_VOIDED = 2


def build() -> Table[int, int]:
    """The fill-life table: 4 lives x 3 events."""
    table = TableBuilder("FL", "Fill life", FillLife, FillEvent, FillRefusal)
    moves = {
        (FillEvent.FILLED, FillLife.ABSENT): FillLife.EFFECTIVE,
        (FillEvent.FILLED, FillLife.TOMBSTONE): FillLife.VOIDED,
        (FillEvent.FILL_VOIDED, FillLife.ABSENT): FillLife.TOMBSTONE,
        (FillEvent.FILL_VOIDED, FillLife.EFFECTIVE): FillLife.VOIDED,
        (FillEvent.FILL_CORRECTED, FillLife.ABSENT): FillLife.EFFECTIVE,
        (FillEvent.FILL_CORRECTED, FillLife.EFFECTIVE): FillLife.EFFECTIVE,
    }
    for event in FillEvent:
        for life in FillLife:
            target = moves.get((event, life))
            repeated = event == FillEvent.FILLED
            code = FillRefusal.DUPLICATE_FILL if repeated else FillRefusal.ALREADY_VOIDED
            transition = refuse(always, code) if target is None else go(always, unchanged, target)
            table.on(event, (life,), transition, requirements=("OL4",), decision=DECISION)
    return table.build()


TABLE = build()
