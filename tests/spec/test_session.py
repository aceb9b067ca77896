"""Session, connection, instrument status and dataset tables."""

import pytest

from tests.spec.table_checks import check_reachable, check_terminal, check_unguarded, follow
from tickproof.spec.commands import CommandKind
from tickproof.spec.events import EventKind
from tickproof.spec.instrument import InstrumentState
from tickproof.spec.session import (
    CONNECTION,
    DATASET,
    INSTRUMENT_STATUS,
    SESSION,
    SESSION_EVENT_OF_KIND,
    STREAMING,
    TERMINAL_DATASET_STATES,
    TERMINAL_SESSION_STATES,
    ConnectionEvent,
    ConnectionState,
    DatasetEvent,
    DatasetState,
    SessionCode,
    SessionEvent,
    SessionState,
    consults,
    dispatches,
    takes_orders,
)
from tickproof.spec.table import Refuse


def test_session_table() -> None:
    check_unguarded(SESSION)
    check_terminal(SESSION, TERMINAL_SESSION_STATES)
    check_reachable(SESSION, SessionState.CREATED)


def test_connection_table() -> None:
    check_unguarded(CONNECTION)
    check_terminal(CONNECTION, (ConnectionState.CLOSED,))
    check_reachable(CONNECTION, ConnectionState.DISCONNECTED)


def test_instrument_table() -> None:
    check_unguarded(INSTRUMENT_STATUS)
    check_terminal(INSTRUMENT_STATUS, (InstrumentState.DELISTED,))
    check_reachable(INSTRUMENT_STATUS, InstrumentState.CLOSED)


def test_dataset_table() -> None:
    check_unguarded(DATASET)
    check_terminal(DATASET, TERMINAL_DATASET_STATES)
    check_reachable(DATASET, DatasetState.DISCOVERED)


def test_a_session_runs_pauses_resumes_and_ends() -> None:
    events = [SessionEvent.PREPARE, SessionEvent.START, SessionEvent.PAUSE, SessionEvent.RESUME]
    assert follow(SESSION, SessionState.CREATED, events) == (SessionState.RUNNING, 0)
    ended = [*events, SessionEvent.COMPLETE]
    assert follow(SESSION, SessionState.CREATED, ended) == (SessionState.COMPLETED, 0)
    assert follow(SESSION, SessionState.CREATED, [*ended, *events]) == (SessionState.COMPLETED, 4)


def test_a_session_that_ended_does_not_come_back() -> None:
    for state in TERMINAL_SESSION_STATES:
        for event in SessionEvent:
            rule = SESSION.select(state, event, None, None)
            assert isinstance(rule, Refuse)
            assert rule.code == SessionCode.TERMINAL


@pytest.mark.parametrize("state", SessionState)
def test_only_a_running_session_consults_and_sends_new_work_but_cancels_always_go(
    state: SessionState,
) -> None:
    assert consults(state) == (state == SessionState.RUNNING)
    assert dispatches(state, CommandKind.NEW) == (state == SessionState.RUNNING)
    assert dispatches(state, CommandKind.REPLACE) == (state == SessionState.RUNNING)
    assert dispatches(state, CommandKind.CANCEL)


def test_session_event_kinds_are_mapped() -> None:
    kinds = {int(kind) for kind in EventKind if kind.name.startswith("SESSION_")}
    assert set(SESSION_EVENT_OF_KIND) == kinds


def test_a_connection_cannot_skip_a_stage() -> None:
    to = ConnectionEvent
    start = ConnectionState.DISCONNECTED
    assert follow(CONNECTION, start, [to.TO_STREAMING]) == (start, 1)
    stages = [to.TO_CONNECTING, to.TO_AUTHENTICATING, to.TO_SYNCING, to.TO_STREAMING]
    assert follow(CONNECTION, start, stages) == (STREAMING, 0)
    assert follow(CONNECTION, start, [*stages, to.TO_DEGRADED, to.TO_STREAMING]) == (STREAMING, 0)
    assert follow(CONNECTION, start, [*stages, to.TO_CONNECTING]) == (STREAMING, 1)


def test_a_venue_is_believed_about_its_instrument_until_it_is_delisted() -> None:
    for source in InstrumentState:
        for target in InstrumentState:
            state, refusals = follow(INSTRUMENT_STATUS, source, [int(target)])
            if source == InstrumentState.DELISTED or source == target:
                assert (state, refusals) == (source, 1)
            else:
                assert (state, refusals) == (target, 0)


def test_orders_are_taken_in_auctions_and_continuous_trading() -> None:
    assert [state.name for state in InstrumentState if takes_orders(state)] == [
        "AUCTION",
        "CONTINUOUS",
    ]


def test_a_quarantined_dataset_is_validated_again_or_rejected() -> None:
    to = DatasetEvent
    quarantined, _ = follow(DATASET, DatasetState.DISCOVERED, [to.VALIDATE, to.QUARANTINE])
    assert quarantined == DatasetState.QUARANTINED
    rest = [to.PASS, to.NORMALISE, to.QUALIFY, to.PROMOTE]
    assert follow(DATASET, quarantined, [to.VALIDATE, *rest]) == (DatasetState.PROMOTED, 0)
    assert follow(DATASET, quarantined, [to.REJECT, *rest]) == (DatasetState.REJECTED, 4)
    assert follow(DATASET, quarantined, [to.PROMOTE]) == (quarantined, 1)
