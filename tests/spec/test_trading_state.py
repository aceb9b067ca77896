"""The trading state table, and what each state admits."""

import pytest

from tests.spec.table_checks import check_reachable, check_unguarded
from tickproof.spec.commands import CommandKind
from tickproof.spec.table import Refuse
from tickproof.spec.trading_state import TRADING_STATE, TradingState, TradingStateCode, admits


def test_table() -> None:
    check_unguarded(TRADING_STATE)
    check_reachable(TRADING_STATE, TradingState.ACTIVE)


def test_codes_are_fixed_because_events_carry_them() -> None:
    assert [(state.name, int(state)) for state in TradingState] == [
        ("ACTIVE", 0),
        ("REDUCING", 1),
        ("HALTED", 2),
    ]
    assert [event.name for event in TRADING_STATE.events] == [
        f"TO_{state.name}" for state in TradingState
    ]


@pytest.mark.parametrize("state", TradingState)
@pytest.mark.parametrize("event", TRADING_STATE.events)
def test_a_change_leads_where_it_says_or_is_a_repetition(state: int, event: int) -> None:
    rule = TRADING_STATE.select(state, event, None, None)
    if isinstance(rule, Refuse):
        assert state == event
        assert rule.code == TradingStateCode.ALREADY_THERE
    else:
        assert rule.target == event


@pytest.mark.parametrize("state", [*TradingState, 99])
@pytest.mark.parametrize("reduces", [False, True])
def test_what_is_admitted(state: int, reduces: bool) -> None:
    assert admits(state, CommandKind.CANCEL, reduces)
    for kind in (CommandKind.NEW, CommandKind.REPLACE):
        expected = {int(TradingState.ACTIVE): True, int(TradingState.REDUCING): reduces}
        assert admits(state, kind, reduces) == expected.get(state, False)
