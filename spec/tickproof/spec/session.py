"""The other lifecycles: Session, Connection, Instrument status, Dataset [12].

What they decide: which change of stage is a step and which is refused. Two kinds of tables stand
here. Session and Dataset are driven by commands, so a wrong one is refused. Connection and
Instrument status follow reports that name a state, so their events are called TO_<STATE> and have
its value; a venue's word about an instrument is never refused except after DELISTED, because to
go on believing CONTINUOUS when the venue says anything else would be the worse error.

In every session state Execution and Control Events apply; RUNNING alone consults Strategies and
dispatches NEW and REPLACE, while a CANCEL may go whenever there is one.

Sections: one per lifecycle, each states, events, codes, table; functions. Decision: ADR-0007.
"""

from __future__ import annotations

from enum import IntEnum
from typing import Any

from tickproof.spec.commands import CommandKind
from tickproof.spec.events import EventKind
from tickproof.spec.instrument import InstrumentState
from tickproof.spec.table import Table, TableBuilder, always, go, refuse, unchanged

_DECISION = "ADR-0007"


def _stages(
    builder: TableBuilder,
    states: type[IntEnum],
    events: type[IntEnum],
    steps: dict[tuple[IntEnum, IntEnum], IntEnum],
    refusals: dict[tuple[IntEnum, IntEnum], IntEnum],
    requirements: tuple[str, ...],
) -> Table[Any, Any]:
    """Write one unguarded rule per cell: a step where there is one, its refusal otherwise."""
    for state in states:
        for event in events:
            cell = (state, event)
            builder.on(
                event,
                (state,),
                go(always, unchanged, steps[cell])
                if cell in steps
                else refuse(always, refusals[cell]),
                requirements=requirements,
                decision=_DECISION,
            )
    return builder.build()


# --- session -------------------------------------------------------------------------------------


class SessionState(IntEnum):
    """Stages of a session."""

    CREATED = 0
    READY = 1
    RUNNING = 2
    PAUSED = 3
    COMPLETED = 4
    STOPPED = 5
    FAILED = 6


class SessionEvent(IntEnum):
    """What drives a session.

    PREPARE: Configuration accepted. COMPLETE: the stream has ended. FAIL: a broken rule, or a
    Strategy that may not go on.
    """

    PREPARE = 0
    START = 1
    PAUSE = 2
    RESUME = 3
    COMPLETE = 4
    STOP = 5
    FAIL = 6


class SessionCode(IntEnum):
    """Why a session command is refused."""

    NONE = 0
    NOT_PREPARED = 1
    NOT_STARTED = 2
    ALREADY_PREPARED = 3
    ALREADY_RUNNING = 4
    ALREADY_PAUSED = 5
    TERMINAL = 6


TERMINAL_SESSION_STATES = (SessionState.COMPLETED, SessionState.STOPPED, SessionState.FAILED)
"""States nothing leaves."""


def _session_table() -> Table[Any, Any]:
    state, event, code = SessionState, SessionEvent, SessionCode
    steps: dict[tuple[IntEnum, IntEnum], IntEnum] = {
        (state.CREATED, event.PREPARE): state.READY,
        (state.READY, event.START): state.RUNNING,
        (state.RUNNING, event.PAUSE): state.PAUSED,
        (state.PAUSED, event.RESUME): state.RUNNING,
        (state.RUNNING, event.COMPLETE): state.COMPLETED,
        (state.PAUSED, event.COMPLETE): state.COMPLETED,
    }
    refusals: dict[tuple[IntEnum, IntEnum], IntEnum] = {}
    for source in state:
        for cause in event:
            if source in TERMINAL_SESSION_STATES:
                refusals[(source, cause)] = code.TERMINAL
            elif source == state.CREATED:
                refusals[(source, cause)] = code.NOT_PREPARED
            elif cause == event.PREPARE:
                refusals[(source, cause)] = code.ALREADY_PREPARED
            elif source == state.READY:
                refusals[(source, cause)] = code.NOT_STARTED
            elif source == state.RUNNING:
                refusals[(source, cause)] = code.ALREADY_RUNNING
            else:
                refusals[(source, cause)] = code.ALREADY_PAUSED
        if source not in TERMINAL_SESSION_STATES:
            steps[(source, event.STOP)] = state.STOPPED
            steps[(source, event.FAIL)] = state.FAILED
    # A session that was started and paused is resumed, not started again.
    refusals[(state.PAUSED, event.START)] = code.ALREADY_RUNNING
    builder = TableBuilder("SESSION", "Session", state, event, code)
    return _stages(builder, state, event, steps, refusals, ("E1", "D4", "F5"))


SESSION = _session_table()

SESSION_EVENT_OF_KIND: dict[int, int] = {
    int(EventKind.SESSION_STARTED): int(SessionEvent.START),
    int(EventKind.SESSION_PAUSED): int(SessionEvent.PAUSE),
    int(EventKind.SESSION_RESUMED): int(SessionEvent.RESUME),
    int(EventKind.SESSION_STOPPED): int(SessionEvent.STOP),
}
"""Event kind -> session event; PREPARE, COMPLETE and FAIL are concluded, not received."""


def consults(session_state: int) -> bool:
    """Whether Strategies are consulted."""
    return session_state == SessionState.RUNNING


def dispatches(session_state: int, kind: int) -> bool:
    """Whether a command of `kind` may be sent; a CANCEL always may."""
    return kind == CommandKind.CANCEL or session_state == SessionState.RUNNING


# --- connection ----------------------------------------------------------------------------------


class ConnectionState(IntEnum):
    """Stages of a connection to a venue; LIVE: synchronised and streaming."""

    DISCONNECTED = 0
    CONNECTING = 1
    AUTHENTICATING = 2
    SYNCING = 3
    LIVE = 4  # tidy: allow runner-word because it names a connection's stage, not a runner
    DEGRADED = 5
    CLOSED = 6


STREAMING = ConnectionState(4)
"""The stage in which everything arrives: LIVE."""


class ConnectionEvent(IntEnum):
    """ConnectionChanged, by the state it names."""

    TO_DISCONNECTED = 0
    TO_CONNECTING = 1
    TO_AUTHENTICATING = 2
    TO_SYNCING = 3
    TO_STREAMING = 4
    TO_DEGRADED = 5
    TO_CLOSED = 6


class ConnectionCode(IntEnum):
    """Why a change is refused. OUT_OF_SEQUENCE: a stage would be skipped."""

    NONE = 0
    ALREADY_THERE = 1
    OUT_OF_SEQUENCE = 2
    TERMINAL = 3


def _connection_table() -> Table[Any, Any]:
    state, event, code = ConnectionState, ConnectionEvent, ConnectionCode
    reachable: dict[ConnectionState, tuple[ConnectionState, ...]] = {
        state.DISCONNECTED: (state.CONNECTING, state.CLOSED),
        # A public feed has nothing to authenticate.
        state.CONNECTING: (
            state.AUTHENTICATING,
            state.SYNCING,
            state.DISCONNECTED,
            state.CLOSED,
        ),
        state.AUTHENTICATING: (state.SYNCING, state.DISCONNECTED, state.CLOSED),
        state.SYNCING: (STREAMING, state.DEGRADED, state.DISCONNECTED, state.CLOSED),
        STREAMING: (state.SYNCING, state.DEGRADED, state.DISCONNECTED, state.CLOSED),
        state.DEGRADED: (STREAMING, state.SYNCING, state.DISCONNECTED, state.CLOSED),
        state.CLOSED: (),
    }
    steps: dict[tuple[IntEnum, IntEnum], IntEnum] = {}
    refusals: dict[tuple[IntEnum, IntEnum], IntEnum] = {}
    for source in state:
        for cause in event:
            target = state(int(cause))
            if target in reachable[source]:
                steps[(source, cause)] = target
            elif source == state.CLOSED:
                refusals[(source, cause)] = code.TERMINAL
            elif source == target:
                refusals[(source, cause)] = code.ALREADY_THERE
            else:
                refusals[(source, cause)] = code.OUT_OF_SEQUENCE
    builder = TableBuilder("CONNECTION", "Connection", state, event, code)
    return _stages(builder, state, event, steps, refusals, ("E1", "F1"))


CONNECTION = _connection_table()

# --- instrument status ---------------------------------------------------------------------------


class InstrumentStatusEvent(IntEnum):
    """InstrumentStatus, by the state it names; values as in `InstrumentState`."""

    TO_PRE_OPEN = 0
    TO_AUCTION = 1
    TO_CONTINUOUS = 2
    TO_HALTED = 3
    TO_CLOSED = 4
    TO_DELISTED = 5


class InstrumentStatusCode(IntEnum):
    """Why a change is refused."""

    NONE = 0
    ALREADY_THERE = 1
    TERMINAL = 2


def _instrument_table() -> Table[Any, Any]:
    state, event, code = InstrumentState, InstrumentStatusEvent, InstrumentStatusCode
    steps: dict[tuple[IntEnum, IntEnum], IntEnum] = {}
    refusals: dict[tuple[IntEnum, IntEnum], IntEnum] = {}
    for source in state:
        for cause in event:
            if source == state.DELISTED:
                refusals[(source, cause)] = code.TERMINAL
            elif int(source) == int(cause):
                refusals[(source, cause)] = code.ALREADY_THERE
            else:
                steps[(source, cause)] = state(int(cause))
    builder = TableBuilder("INSTRUMENT", "Instrument status", state, event, code)
    return _stages(builder, state, event, steps, refusals, ("E1",))


INSTRUMENT_STATUS = _instrument_table()


def takes_orders(instrument_state: int) -> bool:
    """Whether NEW and REPLACE are accepted: auctions and continuous trading."""
    return instrument_state in (InstrumentState.AUCTION, InstrumentState.CONTINUOUS)


# --- dataset -------------------------------------------------------------------------------------


class DatasetState(IntEnum):
    """Stages of a dataset on its way from a found file to one that runs may use."""

    DISCOVERED = 0
    VALIDATING = 1
    VALIDATED = 2
    NORMALISED = 3
    PROMOTABLE = 4
    PROMOTED = 5
    QUARANTINED = 6
    REJECTED = 7
    INCOMPLETE = 8


class DatasetEvent(IntEnum):
    """What drives a dataset.

    VALIDATE: start (again). PASS: found sound. NORMALISE: written in canonical form. QUALIFY:
    complete with its hashes. PROMOTE: runs may use it. QUARANTINE: a person has to look. REJECT:
    it is not to be used. LACK: something is missing.
    """

    VALIDATE = 0
    PASS = 1
    NORMALISE = 2
    QUALIFY = 3
    PROMOTE = 4
    QUARANTINE = 5
    REJECT = 6
    LACK = 7


class DatasetCode(IntEnum):
    """Why a step is refused."""

    NONE = 0
    OUT_OF_SEQUENCE = 1
    TERMINAL = 2


TERMINAL_DATASET_STATES = (DatasetState.PROMOTED, DatasetState.REJECTED)
"""States nothing leaves; a promoted dataset never changes, a new version is another dataset."""


def _dataset_table() -> Table[Any, Any]:
    state, event, code = DatasetState, DatasetEvent, DatasetCode
    steps: dict[tuple[IntEnum, IntEnum], IntEnum] = {
        (state.DISCOVERED, event.VALIDATE): state.VALIDATING,
        (state.QUARANTINED, event.VALIDATE): state.VALIDATING,
        (state.INCOMPLETE, event.VALIDATE): state.VALIDATING,
        (state.VALIDATING, event.PASS): state.VALIDATED,
        (state.VALIDATED, event.NORMALISE): state.NORMALISED,
        (state.NORMALISED, event.QUALIFY): state.PROMOTABLE,
        (state.PROMOTABLE, event.PROMOTE): state.PROMOTED,
        (state.QUARANTINED, event.REJECT): state.REJECTED,
        (state.INCOMPLETE, event.REJECT): state.REJECTED,
    }
    for source in (state.VALIDATING, state.VALIDATED, state.NORMALISED, state.PROMOTABLE):
        steps[(source, event.QUARANTINE)] = state.QUARANTINED
        steps[(source, event.REJECT)] = state.REJECTED
        steps[(source, event.LACK)] = state.INCOMPLETE
    refusals: dict[tuple[IntEnum, IntEnum], IntEnum] = {
        (source, cause): code.TERMINAL
        if source in TERMINAL_DATASET_STATES
        else code.OUT_OF_SEQUENCE
        for source in state
        for cause in event
    }
    builder = TableBuilder("DATASET", "Dataset", state, event, code)
    return _stages(builder, state, event, steps, refusals, ("S1", "S2"))


DATASET = _dataset_table()
