"""Dominance: what remains pending for an order key when another command arrives [EC4, ID1, ID3].

What it decides: given what is pending dispatch for a key and whether the venue knows the order,
what a further command leaves pending, and how the Intents involved end. The venue is never sent
a REPLACE or CANCEL for an order it was never sent: a REPLACE over a pending NEW becomes that NEW
with the replaced terms, and a CANCEL over it leaves nothing [ID1].

Admission position: an Intent's id doubles as its place in the queue. A command that *takes over*
brings its own place, since it means what it would mean had the earlier one never been made
[ID3]. Two cases keep the place already held: a merged NEW (it is still the NEW that was admitted,
with other terms) and a repeated CANCEL (so that repeating cannot put off its deadline [ID2]).

Once pending, a command may become invalid before it is dispatched (the target died, an order was
adopted under the key): that is Queue Processing's to find, not this table's.

Sections: states, events, codes, types, effects, table, functions. Decision: ADR-0005.
"""

from __future__ import annotations

from collections.abc import Callable
from enum import IntEnum

from attrs import field, frozen

from tickproof.spec.commands import CommandKind
from tickproof.spec.instructions import PLAIN, Instructions
from tickproof.spec.intent_life import IntentState
from tickproof.spec.left_out import LEFT_OUT
from tickproof.spec.table import Refuse, TableBuilder, always, go, refuse

# --- states, events, codes -----------------------------------------------------------------------


class Target(IntEnum):
    """What the venue knows of the order; ALIVE: sent and not dead, in doubt included."""

    NEVER_SENT = 0
    ALIVE = 1
    DEAD = 2


class DominanceState(IntEnum):
    """What is pending dispatch for a key; where nothing is, the target decides."""

    NONE_NEVER_SENT = 0
    NONE_ALIVE = 1
    NONE_DEAD = 2
    NEW = 3
    REPLACE = 4
    CANCEL = 5


class DominanceEvent(IntEnum):
    """The arriving command; values as in `CommandKind`."""

    NEW = 1
    REPLACE = 2
    CANCEL = 3


class DominanceCode(IntEnum):
    """Why a command is refused.

    NEVER_SENT: nothing to replace or cancel. KEY_IN_USE: an order of this key exists or existed.
    TARGET_DEAD: the order is over. CANCEL_PENDING: it is about to be cancelled.
    """

    NONE = 0
    NEVER_SENT = 1
    KEY_IN_USE = 2
    TARGET_DEAD = 3
    CANCEL_PENDING = 4


# --- types ---------------------------------------------------------------------------------------


@frozen
class Pending:
    """A command pending dispatch, every term resolved (a CANCEL's price and quantity are 0).

    `kind`: code of `CommandKind`. `intent_id`: number of its Intent, and its admission position.
    `quantity`: lots; for REPLACE the new total. `admitted_ns`: kernel time of admission.
    `surfaced` 1: it is a CANCEL whose deadline has passed and was reported [ID2]. `instructions`:
    the order's, of a NEW; other commands carry none.
    """

    kind: int
    order_id: int
    intent_id: int
    strategy: int = 0
    account: int = 0
    instrument: int = 0
    side: int = 0
    order_type: int = 0
    time_in_force: int = 0
    price: int = 0
    quantity: int = 0
    good_till_ns: int = 0
    reduce_only: int = 0
    admitted_ns: int = 0
    surfaced: int = 0
    instructions: Instructions = field(default=PLAIN, metadata={LEFT_OUT: True})


UNTOUCHED = -1
"""`Outcome.old_outcome` when no pending Intent ended: none was there, or it is still pending."""


@frozen
class Outcome:
    """What dominance did. `code` is not NONE: refused, and `pending` is what it was.

    `old_outcome`: how the Intent that was pending ended, or UNTOUCHED. `new_outcome`: where the
    arriving Intent is now. Both are codes of `IntentState`.
    """

    pending: Pending | None
    code: int
    old_outcome: int
    new_outcome: int


# --- effects -------------------------------------------------------------------------------------


def take_first(pending: Pending | None, command: Pending) -> Pending | None:
    """Nothing was pending: the command is, from now on."""
    return command


def take_latest(pending: Pending | None, command: Pending) -> Pending | None:
    """The command takes the place of the pending one, at its own admission position."""
    return command


def merge_terms(pending: Pending | None, command: Pending) -> Pending | None:
    """The pending NEW with the command's price and quantity, everything else kept."""
    if pending is None:
        return None
    return Pending(
        pending.kind,
        pending.order_id,
        pending.intent_id,
        pending.strategy,
        pending.account,
        pending.instrument,
        pending.side,
        pending.order_type,
        pending.time_in_force,
        command.price,
        command.quantity,
        pending.good_till_ns,
        pending.reduce_only,
        pending.admitted_ns,
        pending.surfaced,
        pending.instructions,
    )


def annihilate(pending: Pending | None, command: Pending) -> Pending | None:
    """Nothing remains: the venue never saw the order."""
    return None


def keep_first(pending: Pending | None, command: Pending) -> Pending | None:
    """The pending command already says so; it keeps its place and its deadline."""
    return pending


_ENDS: dict[Callable[[Pending | None, Pending], Pending | None], tuple[int, int]] = {
    take_first: (UNTOUCHED, int(IntentState.PENDING)),
    take_latest: (int(IntentState.SUPERSEDED), int(IntentState.PENDING)),
    merge_terms: (UNTOUCHED, int(IntentState.MERGED)),
    annihilate: (int(IntentState.ANNIHILATED), int(IntentState.ANNIHILATED)),
    keep_first: (UNTOUCHED, int(IntentState.MERGED)),
}
REFUSED_ENDS = (UNTOUCHED, int(IntentState.DENIED))
"""(old, new) outcome of a refusal."""

# --- table ---------------------------------------------------------------------------------------

_S, _E, _C = DominanceState, DominanceEvent, DominanceCode
_builder = TableBuilder("DOM", "Dominance", DominanceState, DominanceEvent, DominanceCode)


def _legal(
    state: DominanceState,
    event: DominanceEvent,
    effect: Callable[[Pending | None, Pending], Pending | None],
    target: DominanceState,
    *requirements: str,
) -> None:
    _builder.on(
        event,
        (state,),
        go(always, effect, target),
        requirements=("EC4", *requirements),
        decision="ADR-0005",
    )


def _illegal(
    event: DominanceEvent,
    states: tuple[DominanceState, ...],
    code: DominanceCode,
    *requirements: str,
) -> None:
    _builder.on(
        event,
        states,
        refuse(always, code),
        requirements=("EC4", *requirements),
        decision="ADR-0005",
    )


_legal(_S.NONE_NEVER_SENT, _E.NEW, take_first, _S.NEW)
_legal(_S.NONE_ALIVE, _E.REPLACE, take_first, _S.REPLACE, "ID1")
_legal(_S.NONE_ALIVE, _E.CANCEL, take_first, _S.CANCEL, "ID1", "ID2")
_legal(_S.NEW, _E.NEW, take_latest, _S.NEW, "ID3")
_legal(_S.NEW, _E.REPLACE, merge_terms, _S.NEW, "ID1", "ID3")
_legal(_S.NEW, _E.CANCEL, annihilate, _S.NONE_NEVER_SENT, "ID1", "ID3")
_legal(_S.REPLACE, _E.REPLACE, take_latest, _S.REPLACE, "ID3")
_legal(_S.REPLACE, _E.CANCEL, take_latest, _S.CANCEL, "ID2", "ID3")
_legal(_S.CANCEL, _E.CANCEL, keep_first, _S.CANCEL, "ID2", "ID3")
_illegal(_E.REPLACE, (_S.NONE_NEVER_SENT,), _C.NEVER_SENT, "ID1")
_illegal(_E.CANCEL, (_S.NONE_NEVER_SENT,), _C.NEVER_SENT, "ID1")
_illegal(_E.NEW, (_S.NONE_ALIVE, _S.NONE_DEAD, _S.REPLACE, _S.CANCEL), _C.KEY_IN_USE)
_illegal(_E.REPLACE, (_S.NONE_DEAD,), _C.TARGET_DEAD)
_illegal(_E.CANCEL, (_S.NONE_DEAD,), _C.TARGET_DEAD)
_illegal(_E.REPLACE, (_S.CANCEL,), _C.CANCEL_PENDING, "ID3")

DOMINANCE = _builder.build()

OUTCOMES: dict[str, tuple[int, int]] = {
    **{row.id: _ENDS[row.effect] for row in DOMINANCE.rows()},
    **{refusal.id: REFUSED_ENDS for refusal in DOMINANCE.refusals()},
}
"""Rule id -> (how the pending Intent ends, where the arriving one is)."""

# --- functions -----------------------------------------------------------------------------------


def dominance_state(pending: Pending | None, target: int) -> int:
    """The table's state: by what is pending, else by the target."""
    if pending is None:
        return target
    return int(DominanceState.NEW) + pending.kind - int(CommandKind.NEW)


def dominate(pending: Pending | None, target: int, command: Pending) -> Outcome:
    """What the arriving `command` leaves pending for its key.

    `target`: code of `Target`. A refusal changes nothing and carries its code [EC4].
    """
    source = dominance_state(pending, target)
    rule = DOMINANCE.select(source, command.kind, pending, command)
    old_outcome, new_outcome = OUTCOMES[rule.id]
    if isinstance(rule, Refuse):
        return Outcome(pending, rule.code, old_outcome, new_outcome)
    return Outcome(rule.effect(pending, command), int(DominanceCode.NONE), old_outcome, new_outcome)


def effective(pending: Pending | None, target: int, command: Pending) -> Pending | None:
    """The command that would be pending afterwards: what Risk has to judge [R1].

    None when nothing would be, or when dominance refuses: then there is nothing to judge.
    """
    outcome = dominate(pending, target, command)
    return outcome.pending if outcome.code == DominanceCode.NONE else None
