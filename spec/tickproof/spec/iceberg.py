"""Icebergs at a venue: a resting order shows a part of itself, and reloads from what is hidden.

What it decides: how many lots of an order stand in the queue, and when they lose their place. What
is shown trades; when it is gone the next part is shown, and joins the back of the queue [Q5]. What
others print beyond the order's price, or show through it, has met the hidden lots too. An amendment
takes hidden lots first, so that what is shown keeps its place [Q3].

An order without a display shows all of itself: it never reloads.

Sections: states and events, an iceberg, guards, effects, table. Decision: ADR-0028.
"""

from __future__ import annotations

from enum import IntEnum

from attrs import evolve, frozen

from tickproof.spec.table import KEEP, Refuse, Table, TableBuilder, always, go, refuse

DECISION = "ADR-0028"

# --- states and events ---------------------------------------------------------------------------


class Ice(IntEnum):
    """HIDES: some of what is left is hidden. SHOWS: all of it is shown. GONE: nothing is left."""

    HIDES = 0
    SHOWS = 1
    GONE = 2


class Melt(IntEnum):
    """What happens to it. TRADED: so many lots of it. AMENDED: the total becomes so many."""

    TRADED = 0
    AMENDED = 1


class IceRefusal(IntEnum):
    """Why nothing can happen: nothing is left of it."""

    NOTHING_LEFT = 1


# --- an iceberg ----------------------------------------------------------------------------------


@frozen
class Iceberg:
    """Lots of a resting order. `display`: shown at a time, 0 all. `shown`: in the queue now.

    `requeued` 1: the last thing that happened put what is shown at the back of the queue.
    """

    total: int
    executed: int
    display: int
    shown: int
    requeued: int = 0


def part_of(display: int, leaves: int) -> int:
    """Lots to show of `leaves`."""
    return min(display, leaves) if display > 0 else leaves


def rested(total: int, executed: int, display: int) -> Iceberg:
    """An order that joins the book."""
    return Iceberg(total, executed, display, part_of(display, total - executed))


def leaves_of(ice: Iceberg) -> int:
    """Lots that may still trade, shown or not."""
    return ice.total - ice.executed


def state_of(ice: Iceberg) -> int:
    """The `Ice` that holds."""
    if leaves_of(ice) <= 0:
        return Ice.GONE
    return Ice.HIDES if leaves_of(ice) > ice.shown else Ice.SHOWS


def inv(ice: Iceberg) -> bool:
    """Something is shown while something is left, never more than that or than the display."""
    leaves = leaves_of(ice)
    if leaves < 0 or ice.display < 0 or (ice.display == 0 and ice.shown != leaves):
        return False
    return (leaves == 0) == (ice.shown == 0) and 0 <= ice.shown <= part_of(ice.display, leaves)


# --- guards --------------------------------------------------------------------------------------


def some_shown_is_left(ice: Iceberg, lots: int) -> bool:
    """Less trades than is shown."""
    return lots < ice.shown


def reloads_and_hides(ice: Iceberg, lots: int) -> bool:
    """All that is shown trades, and more is left than is shown at a time."""
    return lots >= ice.shown and leaves_of(ice) - lots > ice.display


def reloads_the_last(ice: Iceberg, lots: int) -> bool:
    """All that is shown trades, and what is left can be shown."""
    return lots >= ice.shown and 0 < leaves_of(ice) - lots <= ice.display


def all_trades(ice: Iceberg, lots: int) -> bool:
    """Nothing is left."""
    return lots >= leaves_of(ice)


def still_hides(ice: Iceberg, total: int) -> bool:
    """More is left of the new total than is shown."""
    return ice.display > 0 and total - ice.executed > ice.shown


def only_shown_is_left(ice: Iceberg, total: int) -> bool:
    """No more is left of the new total than is shown, or all of it is."""
    return total > ice.executed and not still_hides(ice, total)


def ends(ice: Iceberg, total: int) -> bool:
    """Nothing is left of the new total."""
    return total <= ice.executed


# --- effects -------------------------------------------------------------------------------------


def trade(ice: Iceberg, lots: int) -> Iceberg:
    """Shown lots trade; what is shown keeps its place."""
    return evolve(ice, executed=ice.executed + lots, shown=ice.shown - lots, requeued=0)


def reload(ice: Iceberg, lots: int) -> Iceberg:
    """All that was shown trades, hidden lots perhaps; the next part joins the back."""
    part = part_of(ice.display, leaves_of(ice) - lots)
    return evolve(ice, executed=ice.executed + lots, shown=part, requeued=1)


def finish(ice: Iceberg, lots: int) -> Iceberg:
    """All of it trades; a total below that is not to be had."""
    return evolve(ice, executed=ice.total, shown=0, requeued=0)


def amend(ice: Iceberg, total: int) -> Iceberg:
    """Hidden lots come and go; shown ones go only when there are no others."""
    leaves = total - ice.executed
    shown = min(ice.shown, leaves) if ice.display > 0 else leaves
    return evolve(ice, total=total, shown=shown, requeued=0)


def cut(ice: Iceberg, total: int) -> Iceberg:
    """The total becomes what was executed [OL6]."""
    return evolve(ice, total=ice.executed, shown=0, requeued=0)


# --- table ---------------------------------------------------------------------------------------


def _build() -> Table[Iceberg, int]:
    table = TableBuilder("VI", "An iceberg at a venue", Ice, Melt, IceRefusal)
    table.on(
        Melt.TRADED,
        (Ice.HIDES,),
        go(some_shown_is_left, trade, KEEP),
        go(reloads_and_hides, reload, KEEP),
        go(reloads_the_last, reload, Ice.SHOWS),
        go(all_trades, finish, Ice.GONE),
        requirements=("Q4", "Q5"),
        decision=DECISION,
    )
    table.on(
        Melt.TRADED,
        (Ice.SHOWS,),
        go(some_shown_is_left, trade, KEEP),
        go(all_trades, finish, Ice.GONE),
        requirements=("Q4",),
        decision=DECISION,
    )
    table.on(
        Melt.AMENDED,
        (Ice.HIDES, Ice.SHOWS),
        go(still_hides, amend, Ice.HIDES),
        go(only_shown_is_left, amend, Ice.SHOWS),
        go(ends, cut, Ice.GONE),
        requirements=("Q3", "OL6"),
        decision=DECISION,
    )
    for event in Melt:
        table.on(
            event,
            (Ice.GONE,),
            refuse(always, IceRefusal.NOTHING_LEFT),
            requirements=("OL7",),
            decision=DECISION,
        )
    return table.build()


ICEBERG = _build()
"""What is shown of a resting order x what happens to it; the detail is a number of lots."""


def step(ice: Iceberg, melt: int, lots: int) -> tuple[Iceberg, int]:
    """(the order after, refusal code or 0)."""
    rule = ICEBERG.select(state_of(ice), melt, ice, lots)
    if isinstance(rule, Refuse):
        return ice, rule.code
    after: Iceberg = rule.effect(ice, lots)
    return after, 0
