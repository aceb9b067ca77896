"""Dominance, one step at a time: whatever is pending, for any terms [EC4, ID1, ID2, ID3].

The state and the arriving kind are made concrete one by one; everything else is unbounded.
"""

from tests.proofs.gate import Proof, named
from tickproof.kernel.intent_queue import IntentQueue, QueuedCommand
from tickproof.spec.commands import CommandKind
from tickproof.spec.dominance import (
    DominanceState,
    Pending,
    Target,
    dominate,
    effective,
    merge_terms,
)

NEW, REPLACE, CANCEL = int(CommandKind.NEW), int(CommandKind.REPLACE), int(CommandKind.CANCEL)
KINDS = (NEW, REPLACE, CANCEL)
NEVER_SENT, ALIVE = int(Target.NEVER_SENT), int(Target.ALIVE)
STATES = tuple(int(state) for state in DominanceState)

PROOFS = (
    *(f"p_kernel_is_the_specified_{state}" for state in STATES),
    "p_nothing_is_sent_for_an_unsent_order_but_a_new",
    "p_only_a_new_is_pending_for_an_unsent_order",
    "p_a_refusal_changes_nothing",
    "p_the_pending_command_stays_with_its_key",
    "p_cancel_is_idempotent",
    "p_cancel_over_a_new_leaves_nothing",
    "p_cancel_over_a_replace_is_the_cancel",
    "p_replace_over_a_new_is_the_new_with_its_terms",
    "p_the_latest_new_wins",
    "p_the_latest_replace_wins",
    "p_two_merges_are_the_last_merge",
    "p_a_merge_then_cancel_is_the_cancel_alone",
    "p_risk_judges_what_becomes_pending",
)
CANARIES = (
    "canary_replace_supersedes_an_unsent_new",
    "canary_a_repeated_cancel_takes_a_new_place",
    "canary_a_merge_takes_a_new_place",
    "canary_kernel_merges_the_price_only",
)


def pending_of(kind: int, key: int, intent: int, price: int, quantity: int) -> Pending:
    return Pending(kind, key, intent, price=price, quantity=quantity)


def kernel_step(state: int) -> Proof:
    before = state - int(DominanceState.NEW) + NEW
    target = state if state < int(DominanceState.NEW) else min(before - NEW, ALIVE)

    def proof(key: int, intent: int, price: int, lots: int, price2: int, lots2: int) -> bool:
        """
        pre: key >= 0
        post: _
        """
        for kind in KINDS:
            queue, pending = IntentQueue(), None
            if before >= NEW:
                pending = pending_of(before, 7, intent, price, lots)
                held = QueuedCommand(before, 7, intent, price=price, quantity=lots)
                queue.entries[7] = held
            arriving = Pending(kind, 7, intent + 1, key, price=price2, quantity=lots2)
            command = QueuedCommand(kind, 7, intent + 1, key, price=price2, quantity=lots2)
            outcome = dominate(pending, target, arriving)
            if queue.submit(command, target) != outcome.code:
                return False
            if (queue.old_outcome, queue.new_outcome) != (outcome.old_outcome, outcome.new_outcome):
                return False
            if outcome.pending is None:
                if queue.entries:
                    return False
            elif Pending(*queue.entries[7].pending()) != outcome.pending:
                return False
        return True

    return named(f"p_kernel_is_the_specified_{state}", proof)


def generated() -> list[Proof]:
    """Make one proof per state, each for the three arriving kinds."""
    return [kernel_step(state) for state in STATES]


def p_nothing_is_sent_for_an_unsent_order_but_a_new(kind: int, intent: int, price: int) -> bool:
    """
    pre: 1 <= kind <= 3
    post: _
    """
    for code in KINDS:
        if kind == code:
            after = dominate(None, NEVER_SENT, pending_of(code, 1, intent, price, 1)).pending
            return after is None or after.kind == NEW
    return False


def p_only_a_new_is_pending_for_an_unsent_order(
    kind: int, intent: int, price: int, quantity: int, price2: int, quantity2: int
) -> bool:
    """
    pre: 1 <= kind <= 3
    post: _
    """
    pending = pending_of(NEW, 1, intent, price, quantity)
    for code in KINDS:
        if kind == code:
            command = pending_of(code, 1, intent + 1, price2, quantity2)
            after = dominate(pending, NEVER_SENT, command).pending
            return after is None or after.kind == NEW
    return False


def p_a_refusal_changes_nothing(held: int, target: int, kind: int, price: int) -> bool:
    """
    pre: 0 <= held <= 3 and 0 <= target <= 2 and 1 <= kind <= 3
    post: _
    """
    for before in (0, *KINDS):
        for known in (0, 1, 2):
            for code in KINDS:
                if (held, target, kind) == (before, known, code):
                    pending = pending_of(before, 1, 4, price, 2) if before else None
                    outcome = dominate(pending, known, pending_of(code, 1, 5, price, 3))
                    return outcome.code == 0 or outcome.pending == pending
    return False


def p_the_pending_command_stays_with_its_key(held: int, kind: int, key: int, intent: int) -> bool:
    """
    pre: 1 <= held <= 3 and 1 <= kind <= 3
    post: _
    """
    for before in KINDS:
        for code in KINDS:
            if (held, kind) == (before, code):
                pending = pending_of(before, key, intent, 1, 1)
                after = dominate(pending, ALIVE, pending_of(code, key, intent + 1, 2, 2)).pending
                if after is None:
                    return True
                return after.order_id == key and intent <= after.intent_id <= intent + 1
    return False


def p_cancel_is_idempotent(key: int, intent: int, admitted: int, intent2: int, later: int) -> bool:
    """post: _"""
    first = Pending(CANCEL, key, intent, admitted_ns=admitted)
    second = Pending(CANCEL, key, intent2, admitted_ns=later)
    return dominate(first, ALIVE, second).pending == first


def p_cancel_over_a_new_leaves_nothing(key: int, intent: int, price: int, lots: int) -> bool:
    """post: _"""
    pending = pending_of(NEW, key, intent, price, lots)
    outcome = dominate(pending, NEVER_SENT, pending_of(CANCEL, key, intent + 1, 0, 0))
    return outcome.pending is None and outcome.code == 0


def p_cancel_over_a_replace_is_the_cancel(key: int, intent: int, price: int, lots: int) -> bool:
    """post: _"""
    cancel = pending_of(CANCEL, key, intent + 1, 0, 0)
    return dominate(pending_of(REPLACE, key, intent, price, lots), ALIVE, cancel).pending == cancel


def p_replace_over_a_new_is_the_new_with_its_terms(
    key: int, intent: int, side: int, price: int, lots: int, price2: int, lots2: int
) -> bool:
    """post: _"""
    pending = Pending(NEW, key, intent, side=side, price=price, quantity=lots)
    command = pending_of(REPLACE, key, intent + 1, price2, lots2)
    expected = Pending(NEW, key, intent, side=side, price=price2, quantity=lots2)
    return dominate(pending, NEVER_SENT, command).pending == expected


def p_the_latest_new_wins(key: int, intent: int, price: int, price2: int, lots2: int) -> bool:
    """post: _"""
    latest = pending_of(NEW, key, intent + 1, price2, lots2)
    return dominate(pending_of(NEW, key, intent, price, 1), NEVER_SENT, latest).pending == latest


def p_the_latest_replace_wins(key: int, intent: int, price: int, price2: int, lots2: int) -> bool:
    """post: _"""
    latest = pending_of(REPLACE, key, intent + 1, price2, lots2)
    return dominate(pending_of(REPLACE, key, intent, price, 1), ALIVE, latest).pending == latest


def p_two_merges_are_the_last_merge(
    price: int, lots: int, price2: int, lots2: int, price3: int, lots3: int
) -> bool:
    """post: _"""
    pending = pending_of(NEW, 1, 1, price, lots)
    middle = pending_of(REPLACE, 1, 2, price2, lots2)
    last = pending_of(REPLACE, 1, 3, price3, lots3)
    return merge_terms(merge_terms(pending, middle), last) == merge_terms(pending, last)


def p_a_merge_then_cancel_is_the_cancel_alone(price: int, lots: int, price2: int) -> bool:
    """post: _"""
    pending = pending_of(NEW, 1, 1, price, lots)
    cancel = pending_of(CANCEL, 1, 3, 0, 0)
    merged = dominate(pending, NEVER_SENT, pending_of(REPLACE, 1, 2, price2, lots)).pending
    alone = dominate(pending, NEVER_SENT, cancel).pending
    return dominate(merged, NEVER_SENT, cancel).pending == alone


def p_risk_judges_what_becomes_pending(held: int, kind: int, price: int, price2: int) -> bool:
    """
    pre: 0 <= held <= 3 and 1 <= kind <= 3
    post: _
    """
    for before in (0, *KINDS):
        for code in KINDS:
            if (held, kind) == (before, code):
                pending = pending_of(before, 1, 1, price, 1) if before else None
                command = pending_of(code, 1, 2, price2, 2)
                outcome = dominate(pending, ALIVE, command)
                judged = effective(pending, ALIVE, command)
                return judged == (outcome.pending if outcome.code == 0 else None)
    return False


def canary_replace_supersedes_an_unsent_new(intent: int, price: int, price2: int) -> bool:
    """post: _"""
    pending = pending_of(NEW, 1, intent, price, 1)
    command = pending_of(REPLACE, 1, intent + 1, price2, 1)
    after = command if pending.price != price2 else pending
    return after.kind == NEW


def canary_a_repeated_cancel_takes_a_new_place(key: int, intent: int, intent2: int) -> bool:
    """post: _"""
    first = Pending(CANCEL, key, intent)
    after = Pending(CANCEL, key, max(intent, intent2))
    return after == first


def canary_a_merge_takes_a_new_place(intent: int, price: int, price2: int) -> bool:
    """post: _"""
    pending = pending_of(NEW, 1, intent, price, 1)
    command = pending_of(REPLACE, 1, intent + 1, price2, 1)
    after = pending_of(NEW, 1, command.intent_id, price2, 1)
    return after == merge_terms(pending, command)


class MergesThePriceOnly(IntentQueue):
    """A queue that forgets the quantity of a merged REPLACE."""

    def submit(self, command: QueuedCommand, target: int) -> int:
        if command.order_id in self.entries:
            command.quantity = self.entries[command.order_id].quantity
        return super().submit(command, target)


def canary_kernel_merges_the_price_only(price: int, lots: int, price2: int, lots2: int) -> bool:
    """post: _"""
    queue = MergesThePriceOnly()
    queue.entries[7] = QueuedCommand(NEW, 7, 1, price=price, quantity=lots)
    queue.submit(QueuedCommand(REPLACE, 7, 2, price=price2, quantity=lots2), NEVER_SENT)
    command = pending_of(REPLACE, 7, 2, price2, lots2)
    expected = dominate(pending_of(NEW, 7, 1, price, lots), NEVER_SENT, command).pending
    return Pending(*queue.entries[7].pending()) == expected
