"""The intent table: one way in, one way out, and what has ended stays so."""

from hypothesis import given
from hypothesis import strategies as st

from tests.spec.table_checks import check_reachable, check_terminal, check_unguarded, follow
from tickproof.spec.intent_life import (
    INTENT_LIFE,
    TERMINAL_INTENT_STATES,
    IntentEvent,
    IntentState,
    is_terminal,
)


def test_table() -> None:
    check_unguarded(INTENT_LIFE)
    check_terminal(INTENT_LIFE, TERMINAL_INTENT_STATES)
    check_reachable(INTENT_LIFE, IntentState.GENERATED)


@given(st.lists(st.sampled_from(IntentEvent)))
def test_no_request_without_an_allowed_decision(events: list[IntentEvent]) -> None:
    state, _ = follow(INTENT_LIFE, IntentState.GENERATED, events)
    if state in (IntentState.DISPATCHED, IntentState.INFLIGHT, IntentState.CLOSED):
        order = [IntentEvent.ALLOW, IntentEvent.ADMIT, IntentEvent.DISPATCH]
        remaining = iter(events)
        assert all(step in remaining for step in order)


def test_the_way_of_a_request() -> None:
    events = [
        IntentEvent.ALLOW,
        IntentEvent.ADMIT,
        IntentEvent.DISPATCH,
        IntentEvent.SEND,
        IntentEvent.CLOSE,
    ]
    assert follow(INTENT_LIFE, IntentState.GENERATED, events) == (IntentState.CLOSED, 0)


def test_terminal_states_are_the_ones_without_rows() -> None:
    for state in IntentState:
        assert is_terminal(state) == (state in TERMINAL_INTENT_STATES)
