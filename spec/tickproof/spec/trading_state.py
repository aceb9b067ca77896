"""Trading state: how much new risk the operator lets through [R, 12].

What it decides: which changes of trading state there are, and which commands each state admits.
REDUCING is judged on the resulting position, so the caller says whether a command only reduces;
a CANCEL is admitted in every state, because it never adds risk.

Sections: states, events, codes, table, functions. Decision: ADR-0007.
"""

from __future__ import annotations

from enum import IntEnum

from tickproof.spec.commands import CommandKind
from tickproof.spec.table import TableBuilder, always, go, refuse, unchanged

# --- states, events, codes -----------------------------------------------------------------------


class TradingState(IntEnum):
    """How much is admitted."""

    ACTIVE = 0
    REDUCING = 1
    HALTED = 2


class TradingStateEvent(IntEnum):
    """TradingStateChanged, by the state it names: TO_X has the value of X."""

    TO_ACTIVE = 0
    TO_REDUCING = 1
    TO_HALTED = 2


class TradingStateCode(IntEnum):
    """Why a change is refused."""

    NONE = 0
    ALREADY_THERE = 1


# --- table ---------------------------------------------------------------------------------------

_builder = TableBuilder(
    "TRADING", "Trading state", TradingState, TradingStateEvent, TradingStateCode
)
for _event in TradingStateEvent:
    for _state in TradingState:
        _builder.on(
            _event,
            (_state,),
            refuse(always, TradingStateCode.ALREADY_THERE)
            if int(_state) == int(_event)
            else go(always, unchanged, int(_event)),
            requirements=("E1", "R2"),
            decision="ADR-0007",
        )

TRADING_STATE = _builder.build()

# --- functions -----------------------------------------------------------------------------------


def admits(trading_state: int, kind: int, reduces: bool) -> bool:
    """Whether a command of `kind` is admitted; CANCEL always is.

    `reduces`: the resulting position cannot grow or flip. An unknown state admits nothing else.
    """
    if kind == CommandKind.CANCEL:
        return True
    if trading_state == TradingState.ACTIVE:
        return True
    return trading_state == TradingState.REDUCING and reduces
