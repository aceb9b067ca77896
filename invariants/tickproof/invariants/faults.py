"""Faults and policies by name: what streams must be seen to meet, besides rules and codes.

What it decides: whether a step met a fault of the world outside (a stamp that runs backwards, a
restart with Requests in flight, a connection lost over resting orders), and which configured
policy had a say in it. Each is a plain question about State before, Event, State after and the
records; `refinement.Coverage` asks them of every step.

Sections: what a step was, questions, faults, policies.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import cache

from attrs import frozen

from tickproof.spec import order_life
from tickproof.spec.commands import CommandKind
from tickproof.spec.configuration import Configuration, OnContradiction, OnStrategyError, Wake
from tickproof.spec.events import (
    ConnectionChanged,
    ControlTime,
    Event,
    EventKind,
    Execution,
    FeedGap,
    InstrumentDefinition,
    InstrumentStatus,
    Liquidation,
    OperatorDisposition,
    Restarted,
    SessionPaused,
    SessionStopped,
    StatusReport,
    TradingStateChanged,
)
from tickproof.spec.fill_life import FillLife
from tickproof.spec.instrument import InstrumentState
from tickproof.spec.order_life import Life
from tickproof.spec.outputs import Record, RecordKind, SurfacedReason
from tickproof.spec.session import STREAMING, takes_orders
from tickproof.spec.state import State, Ticket
from tickproof.spec.trading_state import TradingState

# --- what a step was -----------------------------------------------------------------------------


@frozen
class Seen:
    """One step, as the questions are asked of it."""

    configuration: Configuration
    before: State
    event: Event
    after: State
    records: tuple[Record, ...]


# --- questions -----------------------------------------------------------------------------------


def resting(state: State, instrument: int = -1) -> Iterator[Ticket]:
    """Orders that are alive; those of one instrument, or of all (-1)."""
    for ticket in state.execution.orders.values():
        if order_life.is_alive(ticket.order.life) and instrument in (-1, ticket.instrument):
            yield ticket


def in_flight(state: State) -> bool:
    """Whether some Request has no answer yet."""
    return any(each.order.pending is not None for each in state.execution.orders.values())


def in_doubt(state: State) -> bool:
    """Whether the outcome of some Request is unknown."""
    return any(each.order.doubts for each in state.execution.orders.values())


def was_applied(seen: Seen) -> bool:
    """Whether the Event did more than be refused."""
    return not any(record[0] == RecordKind.REFUSED for record in seen.records)


def named(seen: Seen) -> Ticket | None:
    """The order that evidence names by our own id, as it was before."""
    body = seen.event.body
    if not isinstance(body, (Execution, StatusReport)):
        return None
    return seen.before.execution.orders.get(body.order_id)


def evidence(seen: Seen, *kinds: EventKind) -> Execution | None:
    """The Event's body when it is evidence of one of `kinds` (of any, if none is given)."""
    body = seen.event.body
    if isinstance(body, Execution) and (not kinds or body.kind in kinds):
        return body
    return None


def late_leg(seen: Seen) -> bool:
    """A fill reported on a venue order that was replaced meanwhile [OL10]."""
    body, ticket = evidence(seen, EventKind.FILLED), named(seen)
    if body is None or ticket is None:
        return False
    earlier = [leg.venue_order_id for leg in ticket.order.legs[:-1]]
    return body.venue_order_id in earlier and was_applied(seen)


def foreign_fee(seen: Seen) -> bool:
    """A fee in an asset that is neither bought nor paid with."""
    body = evidence(seen, EventKind.FILLED)
    if body is None or not 0 <= body.instrument < len(seen.configuration.instruments):
        return False
    instrument = seen.configuration.instruments[body.instrument]
    usual = (instrument.base, instrument.quote)
    return body.fee != 0 and body.fee_asset not in usual and was_applied(seen)


def real_after_inferred(seen: Seen) -> bool:
    """A real fill takes the place of one that a status report made us conclude [OL9]."""
    if evidence(seen, EventKind.FILLED) is None:
        return False
    fills = seen.after.execution.fills
    return any(
        fill.inferred and fill.life == FillLife.EFFECTIVE and fills[key] != fill
        for key, fill in seen.before.execution.fills.items()
    )


def lost_connection(seen: Seen) -> bool:
    """A connection that was up breaks down while orders rest."""
    body = seen.event.body
    if not isinstance(body, ConnectionChanged) or not was_applied(seen):
        return False
    before = seen.before.control.connections.get(body.venue)
    return before == STREAMING and body.state != STREAMING and any(resting(seen.before))


def changed_filters(seen: Seen) -> bool:
    """A new price grid on which a resting order does not lie."""
    body = seen.event.body
    if not isinstance(body, InstrumentDefinition) or body.tick <= 0:
        return False
    return any(each.order.price % body.tick for each in resting(seen.before, body.instrument))


def unknown_subject(seen: Seen) -> bool:
    """Evidence of an account or instrument that is not configured."""
    body, configured = seen.event.body, seen.configuration
    if not isinstance(body, (Execution, StatusReport)):
        return False
    is_known = 0 <= body.account < len(configured.accounts)
    return not (is_known and 0 <= body.instrument < len(configured.instruments))


def other_account(seen: Seen) -> bool:
    """Evidence that names one of our orders, at another account or instrument than its own."""
    body, ticket = evidence(seen), named(seen)
    if body is None or ticket is None or unknown_subject(seen):
        return False
    return (body.account, body.instrument) != (ticket.account, ticket.instrument)


def status_of(seen: Seen) -> InstrumentState | None:
    """The status that an instrument newly has, while orders rest on it."""
    body = seen.event.body
    if not isinstance(body, InstrumentStatus) or not was_applied(seen):
        return None
    return InstrumentState(body.status) if any(resting(seen.before, body.instrument)) else None


def waits(state: State) -> bool:
    """Whether a NEW or REPLACE is pending dispatch."""
    return any(each.kind != CommandKind.CANCEL for each in state.execution.queue.values())


def ahead_of_fills(seen: Seen) -> bool:
    """A status report that has more executed than was heard of: a fill is inferred."""
    is_report = isinstance(seen.event.body, StatusReport)
    return is_report and any(record[0] == RecordKind.FILL for record in seen.records)


def reopened(seen: Seen) -> bool:
    """A filled order gets lots again by an accepted change of its terms [OL6]."""
    body, before = evidence(seen, EventKind.REPLACED), named(seen)
    if body is None or before is None or not was_applied(seen):
        return False
    after = seen.after.execution.orders[body.order_id].order
    is_filled = before.order.life == Life.WORKING and order_life.leaves(before.order) == 0
    was_filled = is_filled and order_life.executed(before.order) > 0
    return was_filled and order_life.leaves(after) > 0


def is_surfaced(seen: Seen, reason: SurfacedReason) -> bool:
    """Whether the step surfaced that."""
    return any(record[:2] == (RecordKind.SURFACED, reason) for record in seen.records)


# --- faults --------------------------------------------------------------------------------------

FAULTS: dict[str, Callable[[Seen], bool]] = {
    "stamp behind": lambda s: s.after.control.clock.backwards > s.before.control.clock.backwards,
    "stamp far ahead": lambda s: s.after.control.clock.jumps > s.before.control.clock.jumps,
    "control time once more": lambda s: (
        isinstance(s.event.body, ControlTime)
        and s.event.body.deadline_ns < s.before.control.clock.now_ns
    ),
    "restart with a Request in flight": lambda s: (
        isinstance(s.event.body, Restarted) and in_flight(s.before)
    ),
    "restart with a doubt": lambda s: isinstance(s.event.body, Restarted) and in_doubt(s.before),
    "feed gap under resting orders": lambda s: (
        isinstance(s.event.body, FeedGap) and any(resting(s.before, s.event.body.instrument))
    ),
    "connection lost under resting orders": lost_connection,
    "session paused over waiting work": lambda s: (
        isinstance(s.event.body, SessionPaused) and was_applied(s) and waits(s.before)
    ),
    "session stopped over resting orders": lambda s: (
        isinstance(s.event.body, SessionStopped) and was_applied(s) and any(resting(s.before))
    ),
    "trading halted over waiting work": lambda s: (
        isinstance(s.event.body, TradingStateChanged)
        and s.event.body.state == TradingState.HALTED
        and waits(s.before)
    ),
    "instrument halted under resting orders": lambda s: status_of(s) == InstrumentState.HALTED,
    "instrument delisted under resting orders": lambda s: status_of(s) == InstrumentState.DELISTED,
    "work waits for an instrument that takes none": lambda s: any(
        not takes_orders(s.after.market.instruments[each.instrument].status)
        for each in s.after.execution.queue.values()
    ),
    "grid changed under a resting order": changed_filters,
    "evidence of an unknown account or instrument": unknown_subject,
    "evidence of our order at another account": other_account,
    "evidence by the venue's id alone": lambda s: (
        (body := evidence(s)) is not None
        and body.order_id == 0
        and body.venue_order_id != 0
        and was_applied(s)
        and any(
            leg.venue_order_id == body.venue_order_id
            for ticket in s.before.execution.orders.values()
            for leg in ticket.order.legs
        )
    ),
    "evidence under a key that was never sent": lambda s: (
        (body := evidence(s)) is not None
        and body.order_id > 0
        and body.order_id not in s.before.execution.orders
        and body.order_id in s.after.execution.orders
    ),
    "fill on a venue order that was replaced": late_leg,
    "fill with a fee in a third asset": foreign_fee,
    "fill with a rebate": lambda s: (
        (body := evidence(s, EventKind.FILLED)) is not None and body.fee < 0 and was_applied(s)
    ),
    "correction to nothing": lambda s: (
        (body := evidence(s, EventKind.FILL_CORRECTED)) is not None
        and body.quantity == 0
        and was_applied(s)
    ),
    "status report ahead of the fills": ahead_of_fills,
    "real fill after an inferred one": real_after_inferred,
    "operator settles a doubt": lambda s: (
        isinstance(s.event.body, OperatorDisposition) and was_applied(s) and in_doubt(s.before)
    ),
    "liquidation of a position": lambda s: (
        isinstance(s.event.body, Liquidation) and was_applied(s) and s.event.body.quantity != 0
    ),
    "inferred death revoked": lambda s: any(
        ticket.order.inferred and order_life.is_alive(s.after.execution.orders[key].order.life)
        for key, ticket in s.before.execution.orders.items()
    ),
    "order reopened by an increase": reopened,
}
"""Name -> whether a step met it."""

ABOUT: dict[int, tuple[str, ...]] = {
    EventKind.CONTROL_TIME: ("control time once more",),
    EventKind.RESTARTED: ("restart with a Request in flight", "restart with a doubt"),
    EventKind.FEED_GAP: ("feed gap under resting orders",),
    EventKind.CONNECTION_CHANGED: ("connection lost under resting orders",),
    EventKind.SESSION_PAUSED: ("session paused over waiting work",),
    EventKind.SESSION_STOPPED: ("session stopped over resting orders",),
    EventKind.TRADING_STATE_CHANGED: ("trading halted over waiting work",),
    EventKind.INSTRUMENT_STATUS: (
        "instrument halted under resting orders",
        "instrument delisted under resting orders",
    ),
    EventKind.INSTRUMENT_DEFINITION: ("grid changed under a resting order",),
    EventKind.OPERATOR_DISPOSITION: ("operator settles a doubt",),
    EventKind.LIQUIDATION: ("liquidation of a position",),
}
"""Faults that only an Event of one kind can be; the others may be met by any."""


@cache
def asked_of(kind: int) -> tuple[tuple[str, Callable[[Seen], bool]], ...]:
    """The names, as they are counted, and the questions that concern an Event of this kind."""
    foreign = {name for other, names in ABOUT.items() if other != kind for name in names}
    return tuple((f"fault {name}", asked) for name, asked in FAULTS.items() if name not in foreign)


RELOADED = "kernel reloaded from a snapshot"
"""A fault that is no Event: counted where it is made, see `refinement.Lockstep.reload`."""

# --- policies ------------------------------------------------------------------------------------


def policies_of(seen: Seen) -> Iterator[str]:
    """Names of the configured policies that had a say in a step."""
    configured = seen.configuration
    for record in seen.records:
        if record[0] == RecordKind.WAKE:
            yield from (f"wake {bit.name}" for bit in Wake if record[2] // bit % 2 == 1)
        elif record[0] == RecordKind.STRATEGY_FAILED:
            yield f"on strategy error {OnStrategyError(configured.on_strategy_error).name}"
    if is_surfaced(seen, SurfacedReason.CONTRADICTION):
        yield f"on contradiction {OnContradiction(configured.on_contradiction).name}"


def listed() -> set[str]:
    """Everything `seen_in` and a reload can name."""
    found = {f"fault {name}" for name in (*FAULTS, RELOADED)}
    found |= {f"wake {bit.name}" for bit in Wake}
    found |= {f"on strategy error {each.name}" for each in OnStrategyError}
    return found | {f"on contradiction {each.name}" for each in OnContradiction}


def seen_in(seen: Seen) -> Iterator[str]:
    """The faults and policies of one step, by name."""
    for name, happened in asked_of(seen.event.kind):
        if happened(seen):
            yield name
    yield from policies_of(seen)
