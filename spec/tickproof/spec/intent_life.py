"""The life of an Intent: from a Strategy's wish to a Request's closing [L1, L2, EC6, R1, R3].

What it decides: which steps there are between GENERATED and an end. The only way to the queue is
through ALLOWED, and the only way to a Request is through the queue. Terminal outcomes are never
Order states [L5], and none of these steps is an Event [EC6].

DENIED covers Risk's denial and dominance's refusal, each with its own code: either happens before
anything changed. A REPLACE merged into a pending NEW, and a CANCEL that annihilates one, pass
through PENDING like any other Intent and end there.

Sections: states, events, codes, table, functions. Decision: ADR-0005.
"""

from __future__ import annotations

from enum import IntEnum

from tickproof.spec.table import TableBuilder, always, go, refuse, unchanged

# --- states, events, codes -----------------------------------------------------------------------


class IntentState(IntEnum):
    """Where an Intent is, or how it ended."""

    GENERATED = 0
    ALLOWED = 1
    DENIED = 2
    PENDING = 3
    SUPERSEDED = 4
    MERGED = 5
    ANNIHILATED = 6
    WITHDRAWN = 7
    DISPATCHED = 8
    INFLIGHT = 9
    CLOSED = 10


TERMINAL_INTENT_STATES = (
    IntentState.DENIED,
    IntentState.SUPERSEDED,
    IntentState.MERGED,
    IntentState.ANNIHILATED,
    IntentState.WITHDRAWN,
    IntentState.CLOSED,
)
"""States nothing leaves."""


class IntentEvent(IntEnum):
    """What happens to an Intent.

    ALLOW, DENY: Risk's decision (DENY also: dominance refused). ADMIT: it enters the queue.
    SUPERSEDE, MERGE, ANNIHILATE: by dominance. WITHDRAW: no longer valid against State.
    DISPATCH: chosen by Queue Processing. SEND: its Request is out. CLOSE: the Request was
    answered, failed to leave, or was settled as unknown.
    """

    ALLOW = 0
    DENY = 1
    ADMIT = 2
    SUPERSEDE = 3
    MERGE = 4
    ANNIHILATE = 5
    WITHDRAW = 6
    DISPATCH = 7
    SEND = 8
    CLOSE = 9


class IntentCode(IntEnum):
    """Why a step is refused."""

    NONE = 0
    NOT_ALLOWED_YET = 1
    ALREADY_DECIDED = 2
    NOT_PENDING = 3
    NOT_DISPATCHED = 4
    NOT_IN_FLIGHT = 5
    TERMINAL = 6


# --- table ---------------------------------------------------------------------------------------

_STEPS: dict[tuple[IntentState, IntentEvent], tuple[IntentState, tuple[str, ...]]] = {
    (IntentState.GENERATED, IntentEvent.ALLOW): (IntentState.ALLOWED, ("L2", "R1")),
    (IntentState.GENERATED, IntentEvent.DENY): (IntentState.DENIED, ("L2", "R1")),
    (IntentState.ALLOWED, IntentEvent.ADMIT): (IntentState.PENDING, ("L2", "R1")),
    (IntentState.PENDING, IntentEvent.SUPERSEDE): (IntentState.SUPERSEDED, ("EC4", "ID3")),
    (IntentState.PENDING, IntentEvent.MERGE): (IntentState.MERGED, ("EC4", "ID1")),
    (IntentState.PENDING, IntentEvent.ANNIHILATE): (IntentState.ANNIHILATED, ("EC4", "ID1")),
    (IntentState.PENDING, IntentEvent.WITHDRAW): (IntentState.WITHDRAWN, ("L2", "EC6")),
    (IntentState.PENDING, IntentEvent.DISPATCH): (IntentState.DISPATCHED, ("L2", "R3")),
    (IntentState.DISPATCHED, IntentEvent.SEND): (IntentState.INFLIGHT, ("L2", "R3")),
    (IntentState.INFLIGHT, IntentEvent.CLOSE): (IntentState.CLOSED, ("L2", "L5")),
}

_CODE_OF_STATE: dict[IntentState, IntentCode] = {
    IntentState.GENERATED: IntentCode.NOT_ALLOWED_YET,
    IntentState.ALLOWED: IntentCode.NOT_PENDING,
    IntentState.PENDING: IntentCode.NOT_DISPATCHED,
    IntentState.DISPATCHED: IntentCode.NOT_IN_FLIGHT,
    IntentState.INFLIGHT: IntentCode.NOT_PENDING,
}


def _code_of(state: IntentState, event: IntentEvent) -> IntentCode:
    """Why `event` is refused in `state`: the first thing that is wrong with it."""
    if state in TERMINAL_INTENT_STATES:
        return IntentCode.TERMINAL
    if event in (IntentEvent.ALLOW, IntentEvent.DENY):
        return IntentCode.ALREADY_DECIDED
    return _CODE_OF_STATE[state]


_builder = TableBuilder("INTENT", "Intent life", IntentState, IntentEvent, IntentCode)
for _state in IntentState:
    for _event in IntentEvent:
        if (_state, _event) in _STEPS:
            _target, _requirements = _STEPS[(_state, _event)]
            _builder.on(
                _event,
                (_state,),
                go(always, unchanged, _target),
                requirements=_requirements,
                decision="ADR-0005",
            )
        else:
            _builder.on(
                _event,
                (_state,),
                refuse(always, _code_of(_state, _event)),
                requirements=("L2",),
                decision="ADR-0005",
            )

INTENT_LIFE = _builder.build()

# --- functions -----------------------------------------------------------------------------------


def is_terminal(state: int) -> bool:
    """Whether nothing can happen to the Intent any more."""
    return state in TERMINAL_INTENT_STATES
