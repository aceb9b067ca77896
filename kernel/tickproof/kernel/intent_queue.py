"""The Intent Queue in place: equal to `spec.dominance` and `spec.queue_processing`.

What it decides: nothing of its own. Dominance is a look-up in flat lists made from the rows;
Queue Processing is one pass over the pending commands, usually one or two. A command here carries
a copy of its order's standing, refreshed by the owner (`stand`) whenever State changed, so the
pass reads integers only.

Working the queue when nothing changed and no deadline has come does nothing. Results stand in
`sendable`, `withdrawn` with `withdrawn_codes`, and `surfaced`, in dispatch order, until the next
pass.
"""

from __future__ import annotations

from collections.abc import Callable
from operator import attrgetter
from typing import Any

from tickproof.kernel.rate_bucket import RateBucket
from tickproof.spec.commands import CommandKind
from tickproof.spec.configuration import Bucket
from tickproof.spec.dominance import (
    DOMINANCE,
    OUTCOMES,
    DominanceEvent,
    DominanceState,
    Target,
    annihilate,
    keep_first,
    merge_terms,
    take_first,
    take_latest,
)
from tickproof.spec.instructions import instructions_of
from tickproof.spec.queue_processing import Validity
from tickproof.spec.table import Row
from tickproof.spec.time import NEVER_NS, ObligationReason
from tickproof.spec.trading_state import TradingState

# --- flat tables ---------------------------------------------------------------------------------

TAKE_FIRST = 1
TAKE_LATEST = 2
MERGE = 3
ANNIHILATE = 4
KEEP_FIRST = 5

_EFFECT_CODES: dict[Callable[[Any, Any], Any], int] = {
    take_first: TAKE_FIRST,
    take_latest: TAKE_LATEST,
    merge_terms: MERGE,
    annihilate: ANNIHILATE,
    keep_first: KEEP_FIRST,
}
EVENTS = max(int(event) for event in DominanceEvent) + 1
"""Width of a row of the flat tables; column 0 is no command and stays 0."""

ACTIONS = [0] * (len(DominanceState) * EVENTS)
"""[state * EVENTS + kind] -> effect code, or minus the refusal code."""

OLD_OUTCOMES = [0] * len(ACTIONS)
"""The same index -> how the pending Intent ends, UNTOUCHED (-1) if it does not."""

NEW_OUTCOMES = [0] * len(ACTIONS)
"""The same index -> where the arriving Intent is."""

for _rule in DOMINANCE.rules:
    _index = _rule.source * EVENTS + _rule.event
    ACTIONS[_index] = _EFFECT_CODES[_rule.effect] if isinstance(_rule, Row) else -_rule.code
    OLD_OUTCOMES[_index], NEW_OUTCOMES[_index] = OUTCOMES[_rule.id]

_ACTIONS, _OLD_OUTCOMES, _NEW_OUTCOMES = ACTIONS, OLD_OUTCOMES, NEW_OUTCOMES
_EVENTS = EVENTS

_FIRST_PENDING = int(DominanceState.NEW) - int(CommandKind.NEW)

INTENT_ID_LIMIT = 1_000_000_000_000_000_000
"""Intent ids are 0 <= id < LIMIT, so that rank and id make one key; three times it fits 64 bits."""

_RANK = INTENT_ID_LIMIT
_NONE = int(CommandKind.NONE)
_NEW = int(CommandKind.NEW)
_CANCEL = int(CommandKind.CANCEL)
_NEVER_SENT = int(Target.NEVER_SENT)
_DEAD = int(Target.DEAD)
_ACTIVE = int(TradingState.ACTIVE)
_REDUCING = int(TradingState.REDUCING)

_VALID = int(Validity.VALID)
_ALREADY_SENT = int(Validity.ALREADY_SENT)
_VALIDITY_NEVER_SENT = int(Validity.NEVER_SENT)
_TARGET_DEAD = int(Validity.TARGET_DEAD)
_NOTHING_LEFT = int(Validity.NOTHING_LEFT)
_GOOD_TILL_PASSED = int(Validity.GOOD_TILL_PASSED)
_REDUCE_ONLY_GROWS = int(Validity.REDUCE_ONLY_GROWS)
_TRADING_STATE = int(Validity.TRADING_STATE)

_BUCKET_REFILL = int(ObligationReason.BUCKET_REFILL)
_CANCEL_OVERDUE = int(ObligationReason.CANCEL_OVERDUE)
_GOOD_TILL_DATE = int(ObligationReason.GOOD_TILL_DATE)

# --- entries -------------------------------------------------------------------------------------


class QueuedCommand:
    """A pending command (fields as `spec.dominance.Pending`) and its order's standing.

    `instructions`: as integers, none where there are none (`spec.instructions`).

    `dispatch_key` orders dispatch: rank x INTENT_ID_LIMIT + intent id. The standing's fields are
    those of `spec.queue_processing.Standing`.
    """

    __slots__ = (
        "kind",
        "order_id",
        "intent_id",
        "strategy",
        "account",
        "instrument",
        "side",
        "order_type",
        "time_in_force",
        "price",
        "quantity",
        "good_till_ns",
        "reduce_only",
        "admitted_ns",
        "surfaced",
        "instructions",
        "target",
        "request_kind",
        "doubts",
        "total",
        "executed",
        "leaves",
        "reducible",
        "dispatch_key",
    )

    kind: int
    order_id: int
    intent_id: int
    strategy: int
    account: int
    instrument: int
    side: int
    order_type: int
    time_in_force: int
    price: int
    quantity: int
    good_till_ns: int
    reduce_only: int
    admitted_ns: int
    surfaced: int
    instructions: tuple[int, ...]
    target: int
    request_kind: int
    doubts: int
    total: int
    executed: int
    leaves: int
    reducible: int
    dispatch_key: int

    def __init__(
        self,
        kind: int,
        order_id: int,
        intent_id: int,
        strategy: int = 0,
        account: int = 0,
        instrument: int = 0,
        side: int = 0,
        order_type: int = 0,
        time_in_force: int = 0,
        price: int = 0,
        quantity: int = 0,
        good_till_ns: int = 0,
        reduce_only: int = 0,
        admitted_ns: int = 0,
        surfaced: int = 0,
        instructions: tuple[int, ...] = (),
    ) -> None:
        self.begin(kind, order_id, intent_id, strategy, account, price, quantity, admitted_ns)
        self.set_terms(instrument, side, order_type, time_in_force, good_till_ns, reduce_only)
        self.surfaced = surfaced
        self.instructions = instructions

    def begin(
        self,
        kind: int,
        order_id: int,
        intent_id: int,
        strategy: int,
        account: int,
        price: int,
        quantity: int,
        admitted_ns: int,
    ) -> None:
        """A command whose order nothing is known of, but for its terms: `set_terms`."""
        self.kind = kind
        self.order_id = order_id
        self.intent_id = intent_id
        self.strategy = strategy
        self.account = account
        self.price = price
        self.quantity = quantity
        self.admitted_ns = admitted_ns
        self.surfaced = 0
        self.instructions = ()
        self.target = _NEVER_SENT
        self.request_kind = _NONE
        self.doubts = 0
        self.total = 0
        self.executed = 0
        self.leaves = 0
        self.reducible = 0
        self.dispatch_key = (_CANCEL - kind) * _RANK + intent_id

    def set_terms(
        self,
        instrument: int,
        side: int,
        order_type: int,
        time_in_force: int,
        good_till_ns: int,
        reduce_only: int,
    ) -> None:
        """What of its order a command names."""
        self.instrument = instrument
        self.side = side
        self.order_type = order_type
        self.time_in_force = time_in_force
        self.good_till_ns = good_till_ns
        self.reduce_only = reduce_only

    def stand(
        self,
        target: int,
        request_kind: int,
        doubts: int,
        total: int,
        executed: int,
        leaves: int,
        reducible: int,
    ) -> None:
        """Copy what State says of the order now."""
        self.target = target
        self.request_kind = request_kind
        self.doubts = doubts
        self.total = total
        self.executed = executed
        self.leaves = leaves
        self.reducible = reducible

    def pending(self) -> tuple[Any, ...]:
        """The fields of `spec.dominance.Pending`, in its order: the canonical part."""
        return (
            self.kind,
            self.order_id,
            self.intent_id,
            self.strategy,
            self.account,
            self.instrument,
            self.side,
            self.order_type,
            self.time_in_force,
            self.price,
            self.quantity,
            self.good_till_ns,
            self.reduce_only,
            self.admitted_ns,
            self.surfaced,
            instructions_of(self.instructions),
        )


_by_dispatch_key = attrgetter("dispatch_key")


# --- queue ---------------------------------------------------------------------------------------


class IntentQueue:
    """All pending commands by order id, the rate buckets, and what holds for all of it.

    `trading_state`, `holds_new_work`, `cancel_deadline_ns`: as in `spec.queue_processing.Mode`.
    `old_outcome`, `new_outcome`, `displaced_intent_id`: of the last `submit`. `deadline_ns`,
    `deadline_reason`, `deadline_subject`: the earliest obligation after the last pass, NEVER_NS
    when there is none.
    """

    __slots__ = (
        "entries",
        "buckets",
        "trading_state",
        "holds_new_work",
        "cancel_deadline_ns",
        "old_outcome",
        "new_outcome",
        "displaced_intent_id",
        "sendable",
        "withdrawn",
        "withdrawn_codes",
        "surfaced",
        "deadline_ns",
        "deadline_reason",
        "deadline_subject",
    )

    entries: dict[int, QueuedCommand]
    buckets: list[RateBucket]
    trading_state: int
    holds_new_work: int
    cancel_deadline_ns: int
    old_outcome: int
    new_outcome: int
    displaced_intent_id: int
    sendable: list[QueuedCommand]
    withdrawn: list[QueuedCommand]
    withdrawn_codes: list[int]
    surfaced: list[QueuedCommand]
    deadline_ns: int
    deadline_reason: int
    deadline_subject: int

    def __init__(self, buckets: tuple[Bucket, ...] = (), cancel_deadline_ns: int = 0) -> None:
        self.entries = {}
        self.buckets = [RateBucket(bucket) for bucket in buckets]
        self.trading_state = _ACTIVE
        self.holds_new_work = 0
        self.cancel_deadline_ns = cancel_deadline_ns
        self.old_outcome = 0
        self.new_outcome = 0
        self.displaced_intent_id = -1
        self.sendable = []
        self.withdrawn = []
        self.withdrawn_codes = []
        self.surfaced = []
        self.deadline_ns = NEVER_NS
        self.deadline_reason = 0
        self.deadline_subject = 0

    # dominance

    def action(self, order_id: int, target: int, kind: int) -> int:
        """What dominance would do with a command: an effect code, or minus the refusal code.

        TAKE_FIRST, TAKE_LATEST: the command itself is what Risk has to judge. MERGE: the pending
        NEW with its price and quantity. ANNIHILATE, KEEP_FIRST: nothing new to judge [R1].
        """
        state = target
        if self.entries:
            entry = self.entries.get(order_id)
            if entry is not None:
                state = _FIRST_PENDING + entry.kind
        return _ACTIONS[state * _EVENTS + kind]

    def submit(self, command: QueuedCommand, target: int) -> int:
        """Apply dominance to an allowed command; the refusal code, 0 when it was accepted.

        `target`: code of `Target`. Sets `old_outcome`, `new_outcome` and `displaced_intent_id`
        (the Intent that was pending for the key, -1 if none was). A refusal changes nothing else.
        """
        order_id = command.order_id
        entry = self.entries.get(order_id) if self.entries else None
        state = target
        self.displaced_intent_id = -1
        if entry is not None:
            state = _FIRST_PENDING + entry.kind
            self.displaced_intent_id = entry.intent_id
        index = state * _EVENTS + command.kind
        action = _ACTIONS[index]
        self.old_outcome = _OLD_OUTCOMES[index]
        self.new_outcome = _NEW_OUTCOMES[index]
        if action < 0:
            return -action
        if action <= TAKE_LATEST:
            command.target = target
            self.entries[order_id] = command
        elif action == MERGE:
            if entry is not None:
                entry.price = command.price
                entry.quantity = command.quantity
        elif action == ANNIHILATE:
            del self.entries[order_id]
        return 0

    # mode

    def set_mode(self, trading_state: int, holds_new_work: int) -> None:
        """Set what holds for all work; the next pass takes it into account."""
        self.trading_state = trading_state
        self.holds_new_work = holds_new_work

    # processing

    def withdrawal(self, entry: QueuedCommand, now_ns: int) -> int:
        """Why a command has to be withdrawn: code of `Validity`, lowest first."""
        kind = entry.kind
        if kind == _NEW:
            if entry.target != _NEVER_SENT:
                return _ALREADY_SENT
            if 0 < entry.good_till_ns <= now_ns:
                return _GOOD_TILL_PASSED
        else:
            if entry.target == _NEVER_SENT:
                return _VALIDITY_NEVER_SENT
            if entry.target == _DEAD:
                return _TARGET_DEAD
            if (
                entry.leaves <= 0
                and entry.request_kind == _NONE
                and entry.doubts <= 0
                and (kind == _CANCEL or entry.quantity <= entry.total)
            ):
                return _NOTHING_LEFT
            if kind == _CANCEL:
                return _VALID
        if self.trading_state == _ACTIVE and entry.reduce_only == 0:
            return _VALID
        reduces = entry.quantity - entry.executed <= entry.reducible
        if entry.reduce_only != 0 and not reduces:
            return _REDUCE_ONLY_GROWS
        if self.trading_state == _ACTIVE or (self.trading_state == _REDUCING and reduces):
            return _VALID
        return _TRADING_STATE

    def process(self, now_ns: int) -> int:
        """Work the queue once at `now_ns`; the number of sendable commands [EC2].

        What is sendable or withdrawn has left the queue. O(n log n) in the pending commands.
        """
        self._start_pass()
        ordered = self._in_order()
        waits = False
        for entry in ordered:
            code = self.withdrawal(entry, now_ns)
            if code != _VALID:
                self.withdrawn.append(entry)
                self.withdrawn_codes.append(code)
            elif self._is_ready(entry) and (
                not self.buckets or self._take_tokens(entry.kind, now_ns)
            ):
                self.sendable.append(entry)
            else:
                waits = True
        entries = self.entries
        if not waits:
            entries.clear()
            return len(self.sendable)
        for entry in self.withdrawn:
            del entries[entry.order_id]
        for entry in self.sendable:
            del entries[entry.order_id]
        self._oblige([entry for entry in ordered if entry.order_id in entries], now_ns)
        return len(self.sendable)

    def _in_order(self) -> list[QueuedCommand]:
        """What is pending in the order of dispatch, in which it mostly came."""
        ordered: list[QueuedCommand] = []
        latest = 0
        sorts = False
        for entry in self.entries.values():
            if ordered and entry.dispatch_key < latest:
                sorts = True
            latest = entry.dispatch_key
            ordered.append(entry)
        if sorts:
            ordered.sort(key=_by_dispatch_key)
        return ordered

    def _start_pass(self) -> None:
        """Forget the results of the last pass."""
        if self.sendable:
            self.sendable = []
        if self.withdrawn:
            self.withdrawn = []
            self.withdrawn_codes = []
        if self.surfaced:
            self.surfaced = []
        self.deadline_ns = NEVER_NS
        self.deadline_reason = 0
        self.deadline_subject = 0

    def look(self, now_ns: int) -> None:
        """Find the next deadline of what waits, changing nothing: after a restore.

        What a pass left waiting still waits, so there is nothing to send or withdraw.
        """
        self.deadline_ns = NEVER_NS
        self.deadline_reason = 0
        self.deadline_subject = 0
        self._oblige(list(self.entries.values()), now_ns)

    def _is_ready(self, entry: QueuedCommand) -> bool:
        """Whether only tokens stand between the command and the venue [EC5].

        No request may be in flight; over a doubt, or in a paused session, a CANCEL may go.
        """
        if entry.request_kind != _NONE:
            return False
        return entry.kind == _CANCEL or (entry.doubts == 0 and self.holds_new_work == 0)

    def _take_tokens(self, kind: int, now_ns: int) -> bool:
        """Take from every bucket that a Request uses, or from none and say so."""
        buckets = self.buckets
        for bucket in buckets:
            if not bucket.fits(kind, now_ns):
                return False
        for bucket in buckets:
            bucket.take(kind, now_ns)
        return True

    def _oblige(self, waiting: list[QueuedCommand], now_ns: int) -> None:
        """Surface overdue cancels and find the earliest obligation of what waits."""
        for entry in waiting:
            order_id = entry.order_id
            if self._is_ready(entry):
                self._consider(self._time_to_fit(entry.kind), _BUCKET_REFILL, order_id)
            if entry.kind == _CANCEL and self.cancel_deadline_ns != 0 and entry.surfaced == 0:
                overdue_ns = entry.admitted_ns + self.cancel_deadline_ns
                if overdue_ns > now_ns:
                    self._consider(overdue_ns, _CANCEL_OVERDUE, order_id)
                else:
                    entry.surfaced = 1
                    self.surfaced.append(entry)
            elif entry.kind == _NEW and entry.good_till_ns > 0:
                self._consider(entry.good_till_ns, _GOOD_TILL_DATE, order_id)

    def _time_to_fit(self, kind: int) -> int:
        """When the last of the buckets that a Request uses will have its tokens."""
        found = 0
        for bucket in self.buckets:
            if bucket.needs[kind] != 0:
                time_ns = bucket.next_time_for(kind)
                if time_ns > found:
                    found = time_ns
        return found

    def _consider(self, deadline_ns: int, reason: int, subject: int) -> None:
        """Keep the earlier obligation: by deadline, then reason, then subject."""
        if deadline_ns >= NEVER_NS:
            return
        if deadline_ns != self.deadline_ns:
            sooner = deadline_ns < self.deadline_ns
        elif reason != self.deadline_reason:
            sooner = reason < self.deadline_reason
        else:
            sooner = subject < self.deadline_subject
        if sooner:
            self.deadline_ns = deadline_ns
            self.deadline_reason = reason
            self.deadline_subject = subject
