"""Queue Processing: the gate, the order, validity and one pass over one or two commands.

Kinds, targets and trading states are made concrete one by one, everything else is unbounded. The
proofs of a whole pass are bounded to queues of one or two commands and at most one bucket of a
concrete grid; longer queues are compared with the specification by Hypothesis.
"""

from tests.proofs.gate import Proof, named
from tickproof.kernel.intent_queue import INTENT_ID_LIMIT, IntentQueue, QueuedCommand
from tickproof.spec.commands import CommandKind
from tickproof.spec.configuration import Bucket
from tickproof.spec.dominance import Pending, Target
from tickproof.spec.queue_processing import (
    Mode,
    Standing,
    Validity,
    Work,
    dispatch_key,
    gate_open,
    goes_before,
    is_ready,
    process,
    rank,
    validity,
)
from tickproof.spec.rate_bucket import BucketState
from tickproof.spec.time import NEVER_NS, NO_OBLIGATION, Obligation, sooner
from tickproof.spec.trading_state import TradingState

NEW, REPLACE, CANCEL = int(CommandKind.NEW), int(CommandKind.REPLACE), int(CommandKind.CANCEL)
KINDS = (NEW, REPLACE, CANCEL)
NAMES = {NEW: "new", REPLACE: "replace", CANCEL: "cancel"}
NEVER_SENT, ALIVE, DEAD = (int(target) for target in Target)
LATEST_NS = NEVER_NS - 1_000
"""Stamps at which a refill still lies before NEVER_NS."""
PAIRS = tuple((first, second) for first in KINDS for second in KINDS)

PROOFS = (
    "p_at_most_one_request_is_in_flight",
    "p_over_a_doubt_only_a_cancel_goes",
    "p_nothing_out_holds_nothing_back",
    "p_a_paused_session_lets_a_cancel_go_and_nothing_else",
    "p_no_command_goes_before_itself",
    "p_of_two_commands_exactly_one_goes_before",
    "p_goes_before_is_transitive",
    "p_cancel_before_replace_before_new",
    "p_the_sort_key_is_the_order",
    "p_the_kernel_key_is_the_order",
    "p_the_kernel_keeps_the_sooner_obligation",
    *(f"p_valid_{NAMES[kind]}_suits_its_target" for kind in KINDS),
    *(f"p_valid_{NAMES[kind]}_is_admitted" for kind in KINDS),
    *(f"p_kernel_withdrawal_is_the_specified_{NAMES[kind]}" for kind in KINDS),
    *(f"p_one_{NAMES[kind]}_is_sent_withdrawn_or_kept" for kind in KINDS),
    *(f"p_one_{NAMES[kind]}_obliges_to_a_later_time" for kind in KINDS),
    *(f"p_kernel_pass_over_one_{NAMES[kind]}_is_the_specified" for kind in KINDS),
    *(f"p_tokens_suffice_for_{NAMES[a]}_and_{NAMES[b]}" for a, b in PAIRS),
    *(f"p_nothing_waits_for_a_later_{NAMES[a]}_or_{NAMES[b]}" for a, b in PAIRS),
)
CANARIES = (
    "canary_a_replace_goes_over_a_doubt",
    "canary_the_order_forgets_admission",
    "canary_new_work_goes_first",
    "canary_kernel_forgets_doubts",
    "canary_kernel_lets_a_new_take_the_reserve",
    "canary_an_obligation_in_the_past",
)


def command_of(pending: Pending, standing: Standing) -> QueuedCommand:
    """The same command and standing for the kernel."""
    command = QueuedCommand(
        pending.kind,
        pending.order_id,
        pending.intent_id,
        quantity=pending.quantity,
        good_till_ns=pending.good_till_ns,
        reduce_only=pending.reduce_only,
        admitted_ns=pending.admitted_ns,
        surfaced=pending.surfaced,
    )
    command.stand(
        standing.target,
        standing.request_kind,
        standing.doubts,
        standing.total,
        standing.executed,
        standing.leaves,
        standing.reducible,
    )
    return command


# --- gate ----------------------------------------------------------------------------------------


def p_at_most_one_request_is_in_flight(kind: int, request_kind: int, doubts: int) -> bool:
    """
    pre: 1 <= kind <= 3 and 0 <= request_kind <= 3 and doubts >= 0
    post: _
    """
    in_flight = 0 if request_kind == 0 else 1
    return in_flight + (1 if gate_open(kind, request_kind, doubts) else 0) <= 1


def p_over_a_doubt_only_a_cancel_goes(kind: int, request_kind: int, doubts: int) -> bool:
    """
    pre: doubts > 0
    post: _
    """
    return gate_open(kind, request_kind, doubts) == (kind == CANCEL and request_kind == 0)


def p_nothing_out_holds_nothing_back(kind: int) -> bool:
    """post: _"""
    return gate_open(kind, 0, 0)


def p_a_paused_session_lets_a_cancel_go_and_nothing_else(kind: int, holds: int) -> bool:
    """
    pre: holds != 0
    post: _
    """
    return is_ready(Work(Pending(kind, 1, 1), Standing(ALIVE)), Mode(0, holds)) == (kind == CANCEL)


# --- order ---------------------------------------------------------------------------------------


def p_no_command_goes_before_itself(kind: int, intent: int) -> bool:
    """post: _"""
    return not goes_before(Pending(kind, 1, intent), Pending(kind, 2, intent))


def p_of_two_commands_exactly_one_goes_before(
    kind: int, intent: int, kind2: int, intent2: int
) -> bool:
    """
    pre: intent != intent2
    post: _
    """
    first, second = Pending(kind, 1, intent), Pending(kind2, 2, intent2)
    return goes_before(first, second) != goes_before(second, first)


def p_goes_before_is_transitive(
    kind: int, intent: int, kind2: int, intent2: int, kind3: int, intent3: int
) -> bool:
    """post: _"""
    first, second = Pending(kind, 1, intent), Pending(kind2, 2, intent2)
    third = Pending(kind3, 3, intent3)
    if goes_before(first, second) and goes_before(second, third):
        return goes_before(first, third)
    return True


def p_cancel_before_replace_before_new(intent: int, intent2: int) -> bool:
    """post: _"""
    cancel, replace = Pending(CANCEL, 1, intent), Pending(REPLACE, 2, intent2)
    new = Pending(NEW, 3, intent)
    return goes_before(cancel, replace) and goes_before(replace, new)


def p_the_sort_key_is_the_order(kind: int, intent: int, kind2: int, intent2: int) -> bool:
    """post: _"""
    first, second = Pending(kind, 1, intent), Pending(kind2, 2, intent2)
    standing = Standing(ALIVE)
    smaller = dispatch_key(Work(first, standing)) < dispatch_key(Work(second, standing))
    return smaller == goes_before(first, second)


def p_the_kernel_key_is_the_order(kind: int, intent: int, kind2: int, intent2: int) -> bool:
    """
    pre: 1 <= kind <= 3 and 1 <= kind2 <= 3
    pre: 0 <= intent < INTENT_ID_LIMIT and 0 <= intent2 < INTENT_ID_LIMIT
    post: _
    """
    first, second = QueuedCommand(kind, 1, intent), QueuedCommand(kind2, 2, intent2)
    expected = goes_before(Pending(kind, 1, intent), Pending(kind2, 2, intent2))
    bounded = 0 <= first.dispatch_key < 3 * INTENT_ID_LIMIT
    return bounded and (first.dispatch_key < second.dispatch_key) == expected


def p_the_kernel_keeps_the_sooner_obligation(
    deadline: int, reason: int, subject: int, deadline2: int, reason2: int, subject2: int
) -> bool:
    """post: _"""
    queue = IntentQueue()
    expected = NO_OBLIGATION
    for each in (Obligation(deadline, reason, subject), Obligation(deadline2, reason2, subject2)):
        queue._consider(each.deadline_ns, each.reason, each.subject)
        if each.deadline_ns < NO_OBLIGATION.deadline_ns:
            expected = sooner(expected, each)
    return Obligation(queue.deadline_ns, queue.deadline_reason, queue.deadline_subject) == expected


# --- validity ------------------------------------------------------------------------------------


def suits(kind: int) -> Proof:
    def proof(target: int, quantity: int, leaves: int, till: int, now: int) -> bool:
        """
        pre: 0 <= target <= 2
        post: _
        """
        for known in (NEVER_SENT, ALIVE, DEAD):
            if target == known:
                pending = Pending(kind, 1, 1, quantity=quantity, good_till_ns=till)
                work = Work(pending, Standing(known, leaves=leaves, reducible=quantity))
                if validity(work, Mode(), now) != Validity.VALID:
                    return True
                return known == (NEVER_SENT if kind == NEW else ALIVE)
        return False

    return named(f"p_valid_{NAMES[kind]}_suits_its_target", proof)


def admitted(kind: int) -> Proof:
    def proof(trading: int, quantity: int, executed: int, reducible: int, only: int) -> bool:
        """
        pre: 0 <= trading <= 2
        post: _
        """
        target = NEVER_SENT if kind == NEW else ALIVE
        for state in TradingState:
            if trading == int(state):
                pending = Pending(kind, 1, 1, quantity=quantity, reduce_only=only)
                work = Work(pending, Standing(target, 0, 0, 0, executed, 1, reducible))
                if validity(work, Mode(int(state)), 5) != Validity.VALID or kind == CANCEL:
                    return True
                reduces = quantity - executed <= reducible
                if state == TradingState.HALTED:
                    return False
                return reduces or (state == TradingState.ACTIVE and only == 0)
        return False

    return named(f"p_valid_{NAMES[kind]}_is_admitted", proof)


def kernel_withdrawal(kind: int) -> Proof:
    def proof(
        target: int,
        doubts: int,
        total: int,
        executed: int,
        leaves: int,
        quantity: int,
        till: int,
        only: int,
        now: int,
    ) -> bool:
        """
        pre: 0 <= target <= 2 and doubts >= 0
        post: _
        """
        for known in (NEVER_SENT, ALIVE, DEAD):
            if target == known:
                for request_kind in (0, REPLACE):
                    standing = Standing(known, request_kind, doubts, total, executed, leaves, 7)
                    pending = Pending(
                        kind, 1, 1, quantity=quantity, good_till_ns=till, reduce_only=only
                    )
                    queue = IntentQueue()
                    for state in (0, 1, 2):
                        queue.trading_state = state
                        found = queue.withdrawal(command_of(pending, standing), now)
                        if found != validity(Work(pending, standing), Mode(state), now):
                            return False
                return True
        return False

    return named(f"p_kernel_withdrawal_is_the_specified_{NAMES[kind]}", proof)


# --- one pass ------------------------------------------------------------------------------------


def one_pass(kind: int) -> Proof:
    def proof(target: int, request_kind: int, doubts: int, holds: int, tokens: int) -> bool:
        """
        pre: 0 <= target <= 2 and 0 <= request_kind <= 3 and doubts >= 0 and 0 <= tokens <= 9
        post: _
        """
        for known in (NEVER_SENT, ALIVE, DEAD):
            if target == known:
                bucket, state = Bucket(0, "bucket", 9, 1, 10, 1, 1, 1, 3), BucketState(tokens, 100)
                pending = Pending(kind, 1, 1)
                work = Work(pending, Standing(known, request_kind, doubts, leaves=1))
                mode = Mode(0, holds)
                result = process((work,), (bucket,), (state,), 100, mode)
                valid = validity(work, mode, 100) == Validity.VALID
                enough = tokens >= (1 if kind == CANCEL else 4)
                sent = valid and is_ready(work, mode) and enough
                parts = (len(result.sendable), len(result.withdrawn), len(result.kept))
                after = BucketState(tokens - 1, 100) if sent else state
                expected = (1, 0, 0) if sent else (0, 0, 1) if valid else (0, 1, 0)
                return parts == expected and result.buckets == (after,)
        return False

    return named(f"p_one_{NAMES[kind]}_is_sent_withdrawn_or_kept", proof)


def later(kind: int) -> Proof:
    def proof(tokens: int, at: int, now: int, till: int, since: int, wait: int, told: int) -> bool:
        """
        pre: 0 <= tokens <= 9 and at <= now < LATEST_NS and wait >= 0
        post: _
        """
        target = NEVER_SENT if kind == NEW else ALIVE
        bucket, state = Bucket(0, "bucket", 9, 2, 10, 5, 5, 5), BucketState(tokens, at)
        pending = Pending(kind, 1, 1, good_till_ns=till, admitted_ns=since, surfaced=told)
        work = Work(pending, Standing(target, leaves=1))
        result = process((work,), (bucket,), (state,), now, Mode(0, 0, wait))
        due_ns = result.obligation.deadline_ns
        return due_ns > now and (not result.kept or due_ns < NO_OBLIGATION.deadline_ns)

    return named(f"p_one_{NAMES[kind]}_obliges_to_a_later_time", proof)


def kernel_pass(kind: int) -> Proof:
    def proof(
        target: int, doubts: int, tokens: int, at: int, now: int, till: int, since: int, told: int
    ) -> bool:
        """
        pre: 0 <= target <= 2 and 0 <= tokens <= 9 and doubts >= 0
        post: _
        """
        for known in (NEVER_SENT, ALIVE, DEAD):
            if target == known:
                bucket, state = Bucket(0, "bucket", 9, 2, 10, 5, 4, 3, 1), BucketState(tokens, at)
                pending = Pending(kind, 1, 1, good_till_ns=till, admitted_ns=since, surfaced=told)
                standing = Standing(known, 0, doubts, leaves=1)
                work = (Work(pending, standing),)
                expected = process(work, (bucket,), (state,), now, Mode(0, 0, 50))
                queue = IntentQueue((bucket,), 50)
                queue.buckets[0].tokens, queue.buckets[0].refilled_at_ns = tokens, at
                queue.entries[1] = command_of(pending, standing)
                kernel = (
                    queue.process(now),
                    queue.withdrawn_codes,
                    len(queue.surfaced),
                    [Pending(*entry.pending()) for entry in queue.entries.values()],
                    BucketState(queue.buckets[0].tokens, queue.buckets[0].refilled_at_ns),
                    Obligation(queue.deadline_ns, queue.deadline_reason, queue.deadline_subject),
                )
                return kernel == (
                    len(expected.sendable),
                    [code for _, code in expected.withdrawn],
                    len(expected.surfaced),
                    list(expected.kept),
                    expected.buckets[0],
                    expected.obligation,
                )
        return False

    return named(f"p_kernel_pass_over_one_{NAMES[kind]}_is_the_specified", proof)


COSTS = {NEW: 2, REPLACE: 1, CANCEL: 1}
RESERVE = 1


def two(first: int, second: int, intent: int, intent2: int) -> tuple[Work, ...]:
    """Two valid, ready commands of these kinds."""
    return tuple(
        Work(Pending(kind, key, number), Standing(NEVER_SENT if kind == NEW else ALIVE, leaves=1))
        for key, (kind, number) in enumerate(((first, intent), (second, intent2)))
    )


def tokens_suffice(first: int, second: int) -> Proof:
    def proof(tokens: int, intent: int, intent2: int) -> bool:
        """
        pre: 0 <= tokens <= 9 and intent != intent2
        post: _
        """
        bucket = Bucket(0, "bucket", 9, 1, 10, COSTS[NEW], COSTS[REPLACE], COSTS[CANCEL], RESERVE)
        work = two(first, second, intent, intent2)
        result = process(work, (bucket,), (BucketState(tokens, 100),), 100, Mode())
        left = tokens - sum(COSTS[pending.kind] for pending in result.sendable)
        new_work = [pending for pending in result.sendable if pending.kind != CANCEL]
        return result.buckets[0].tokens == left >= (RESERVE if new_work else 0)

    return named(f"p_tokens_suffice_for_{NAMES[first]}_and_{NAMES[second]}", proof)


def no_inversion(first: int, second: int) -> Proof:
    def proof(tokens: int, intent: int, intent2: int) -> bool:
        """
        pre: 0 <= tokens <= 9 and intent != intent2
        post: _
        """
        bucket = Bucket(0, "bucket", 9, 1, 10, COSTS[NEW], COSTS[REPLACE], COSTS[CANCEL], RESERVE)
        work = two(first, second, intent, intent2)
        result = process(work, (bucket,), (BucketState(tokens, 100),), 100, Mode())
        for kept in result.kept:
            need = COSTS[kept.kind] + (0 if kept.kind == CANCEL else RESERVE)
            spent = sum(COSTS[each.kind] for each in result.sendable if goes_before(each, kept))
            if tokens - spent >= need:
                return False
        return True

    return named(f"p_nothing_waits_for_a_later_{NAMES[first]}_or_{NAMES[second]}", proof)


def generated() -> list[Proof]:
    """Make one proof per kind, or per pair of kinds."""
    by_kind = (suits, admitted, kernel_withdrawal, one_pass, later, kernel_pass)
    by_pair = (tokens_suffice, no_inversion)
    return [make(kind) for make in by_kind for kind in KINDS] + [
        make(*pair) for make in by_pair for pair in PAIRS
    ]


# --- canaries ------------------------------------------------------------------------------------


def canary_a_replace_goes_over_a_doubt(kind: int, request_kind: int, doubts: int) -> bool:
    """
    pre: doubts > 0
    post: _
    """
    mutant = request_kind == 0 and (doubts == 0 or kind != NEW)
    return mutant == (kind == CANCEL and request_kind == 0)


def canary_the_order_forgets_admission(kind: int, intent: int, kind2: int, intent2: int) -> bool:
    """
    pre: intent != intent2
    post: _
    """
    if intent < intent2 or intent > intent2:
        return (rank(kind) < rank(kind2)) != (rank(kind2) < rank(kind))
    return False


def canary_new_work_goes_first(intent: int, intent2: int) -> bool:
    """post: _"""
    first, second = Pending(NEW, 1, intent), Pending(CANCEL, 2, intent2)
    mutant = first.kind < second.kind or first.intent_id < second.intent_id
    return mutant == goes_before(first, second)


class ForgetsDoubts(IntentQueue):
    """A queue whose gate looks at requests in flight only."""

    def _is_ready(self, entry: QueuedCommand) -> bool:
        return entry.request_kind == 0


def canary_kernel_forgets_doubts(doubts: int, quantity: int) -> bool:
    """
    pre: doubts >= 0
    post: _
    """
    pending, standing = (
        Pending(REPLACE, 1, 1, quantity=quantity),
        Standing(ALIVE, 0, doubts, 0, 0, 1),
    )
    queue = ForgetsDoubts()
    queue.entries[1] = command_of(pending, standing)
    return queue.process(5) == len(process((Work(pending, standing),), (), (), 5, Mode()).sendable)


def canary_kernel_lets_a_new_take_the_reserve(tokens: int) -> bool:
    """
    pre: 0 <= tokens <= 9
    post: _
    """
    bucket, pending = Bucket(0, "bucket", 9, 1, 10, 1, 1, 1, 3), Pending(NEW, 1, 1)
    work = Work(pending, Standing(NEVER_SENT))
    expected = process((work,), (bucket,), (BucketState(tokens, 100),), 100, Mode())
    queue = IntentQueue((bucket,))
    queue.buckets[0].tokens, queue.buckets[0].refilled_at_ns = tokens, 100
    queue.buckets[0].needs = list(queue.buckets[0].costs)
    queue.entries[1] = command_of(pending, work.standing)
    return queue.process(100) == len(expected.sendable)


def canary_an_obligation_in_the_past(now: int, since: int, wait: int) -> bool:
    """
    pre: wait > 0
    post: _
    """
    work = Work(Pending(CANCEL, 1, 1, admitted_ns=since), Standing(ALIVE, REPLACE, leaves=1))
    result = process((work,), (), (), now, Mode(0, 0, wait))
    mutant_ns = since + wait if result.kept else now + 1
    return mutant_ns > now
