"""The queue in place against dominance and Queue Processing of the specification.

A history of commands, changes of standing and mode, and passes is applied to both; after each
step everything that can be seen is compared. The queue in place skips a pass when `due` says
that nothing could come of it; the specification never skips.
"""

import random
from collections import Counter
from itertools import product

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.spec.test_queue_processing import bucket_sets
from tickproof.kernel.intent_queue import (
    ACTIONS,
    EVENTS,
    INTENT_ID_LIMIT,
    MERGE,
    NEW_OUTCOMES,
    OLD_OUTCOMES,
    IntentQueue,
    QueuedCommand,
)
from tickproof.spec import queue_processing as spec
from tickproof.spec.commands import CommandKind
from tickproof.spec.configuration import Bucket
from tickproof.spec.dominance import (
    DOMINANCE,
    OUTCOMES,
    Pending,
    Target,
    dominate,
    effective,
)
from tickproof.spec.instructions import PLAIN
from tickproof.spec.rate_bucket import BucketState
from tickproof.spec.table import Refuse
from tickproof.spec.time import NEVER_NS, Obligation, ObligationReason, earliest
from tickproof.spec.trading_state import TradingState

KINDS = [int(kind) for kind in CommandKind if kind]
ORDERS = [1, 2, 3]
QUEUE_REASONS = [
    ObligationReason.NONE,
    ObligationReason.BUCKET_REFILL,
    ObligationReason.CANCEL_OVERDUE,
    ObligationReason.GOOD_TILL_DATE,
]

standings = st.builds(
    spec.Standing,
    st.sampled_from([int(target) for target in Target]),
    st.sampled_from([0, 0, 0, *KINDS]),
    st.integers(0, 1),
    st.just(4),
    st.integers(0, 2),
    st.integers(0, 2),
    st.integers(0, 4),
)
commands = st.tuples(
    st.just("submit"),
    st.sampled_from(ORDERS),
    st.sampled_from(KINDS),
    st.integers(1, 4),
    st.sampled_from([0, 0, 60, 300]),
    st.sampled_from([0, 0, 1]),
)
changes = st.tuples(st.just("stand"), st.sampled_from(ORDERS), standings)
mode_changes = st.tuples(
    st.just("mode"), st.sampled_from([0, 0, *map(int, TradingState)]), st.integers(0, 1)
)
passes = st.tuples(st.just("process"), st.integers(0, 40))
histories = st.lists(st.one_of(commands, commands, changes, mode_changes, passes), max_size=40)


class SideBySide:
    """Both queues, fed alike."""

    def __init__(
        self, buckets: tuple[Bucket, ...], states: tuple[BucketState, ...], deadline_ns: int
    ) -> None:
        self.fast = IntentQueue(buckets, deadline_ns)
        for bucket, state in zip(self.fast.buckets, states, strict=True):
            bucket.tokens, bucket.refilled_at_ns = state.tokens, state.refilled_at_ns
        self.buckets, self.states = buckets, states
        self.pending: dict[int, Pending] = {}
        self.standing = {order: spec.Standing(Target.NEVER_SENT, reducible=4) for order in ORDERS}
        self.mode = spec.Mode(cancel_deadline_ns=deadline_ns)
        self.now_ns = 60
        self.intent_id = 0

    def submit(self, order: int, kind: int, quantity: int, good_till: int, reduce: int) -> None:
        self.intent_id += 1
        terms = (kind, order, self.intent_id, 1, 2, 3, 1, 1, 1, 50 + self.intent_id, quantity)
        rest = (good_till, reduce, self.now_ns)
        arriving = Pending(*terms, *rest)
        target = self.standing[order].target
        before = self.pending.get(order)
        outcome = dominate(before, target, arriving)

        action = self.fast.action(order, target, kind)
        assert (action < 0) == (outcome.code != 0)
        judged = effective(before, target, arriving)
        if action == MERGE and judged is not None:
            assert (judged.price, judged.quantity) == (arriving.price, arriving.quantity)
        command = QueuedCommand(*terms, *rest)
        self.refresh(command)
        assert self.fast.submit(command, target) == outcome.code
        assert self.fast.old_outcome == outcome.old_outcome
        assert self.fast.new_outcome == outcome.new_outcome
        assert self.fast.displaced_intent_id == (-1 if before is None else before.intent_id)
        if outcome.pending is None:
            self.pending.pop(order, None)
        else:
            self.pending[order] = outcome.pending

    def refresh(self, command: QueuedCommand) -> None:
        standing = self.standing[command.order_id]
        command.stand(
            standing.target,
            standing.request_kind,
            standing.doubts,
            standing.total,
            standing.executed,
            standing.leaves,
            standing.reducible,
        )

    def stand(self, order: int, standing: spec.Standing) -> None:
        self.standing[order] = standing
        if order in self.fast.entries:
            self.refresh(self.fast.entries[order])

    def set_mode(self, trading_state: int, holds_new_work: int) -> None:
        self.mode = spec.Mode(trading_state, holds_new_work, self.mode.cancel_deadline_ns)
        self.fast.set_mode(trading_state, holds_new_work)

    def process(self, wait_ns: int) -> None:
        # Time stops at a deadline first, as it does in a run.
        self.now_ns = max(self.now_ns, min(self.now_ns + wait_ns, self.fast.deadline_ns))
        work = tuple(
            spec.Work(pending, self.standing[order]) for order, pending in self.pending.items()
        )
        result = spec.process(work, self.buckets, self.states, self.now_ns, self.mode)
        self.states = result.buckets
        self.pending = {each.order_id: each for each in result.kept}
        assert self.fast.process(self.now_ns) == len(result.sendable)
        assert pendings(self.fast.sendable) == list(result.sendable)
        assert pendings(self.fast.withdrawn) == [each for each, _ in result.withdrawn]
        assert self.fast.withdrawn_codes == [code for _, code in result.withdrawn]
        assert [each.order_id for each in self.fast.surfaced] == [
            each.order_id for each in result.surfaced
        ]
        obligation = result.obligation
        assert self.fast.deadline_ns == obligation.deadline_ns
        assert self.fast.deadline_reason == obligation.reason
        assert self.fast.deadline_subject == obligation.subject

    def compare(self) -> None:
        assert {order: pendings([e])[0] for order, e in self.fast.entries.items()} == self.pending
        assert [(b.tokens, b.refilled_at_ns) for b in self.fast.buckets] == [
            (state.tokens, state.refilled_at_ns) for state in self.states
        ]


def pendings(entries: list[QueuedCommand]) -> list[Pending]:
    return [Pending(*entry.pending()) for entry in entries]


@settings(suppress_health_check=[HealthCheck.too_slow])
@given(bucket_sets(), st.sampled_from([0, 20]), histories)
def test_side_by_side_with_the_specification(
    bucket_set: tuple[tuple[Bucket, ...], tuple[BucketState, ...]],
    deadline_ns: int,
    history: list[tuple[str, int]],
) -> None:
    both = SideBySide(*bucket_set, deadline_ns)
    for name, *details in history:
        if name == "mode":
            both.set_mode(*details)
        else:
            getattr(both, name)(*details)
        both.compare()


def test_long_histories_see_every_code_and_reason() -> None:
    """Many orders at once, and proof that the comparison above is not vacuous."""
    dice = random.Random(11)
    seen: Counter[str] = Counter()
    bucket = Bucket(0, "orders", 3, 1, 30, 1, 2, 1, reserve=1)
    other = Bucket(1, "news", 2, 2, 70, 1, 0, 0)
    for _ in range(40):
        both = SideBySide((bucket, other), (BucketState(3), BucketState(2)), 25)
        for _ in range(60):
            roll = dice.randrange(10)
            if roll < 4:
                sizes = dice.randrange(1, 5), dice.choice([0, 0, 90, 200, 400])
                both.submit(dice.choice(ORDERS), dice.choice(KINDS), *sizes, dice.choice([0, 0, 1]))
                seen[f"outcome {both.fast.new_outcome}"] += 1
            elif roll < 6:
                sent, odd = dice.choice([0, 0, 1, 1, 1, 2]), dice.choice([0, 0, 0, *KINDS])
                amounts = dice.randrange(3), dice.randrange(3), dice.randrange(5)
                both.stand(
                    dice.choice(ORDERS),
                    spec.Standing(sent, odd, dice.randrange(2), 3, *amounts),
                )
            elif roll < 7:
                both.set_mode(dice.choice([0, 0, 0, 1, 2]), dice.choice([0, 0, 0, 1]))
            else:
                both.process(dice.randrange(30))
                seen.update(f"withdrawn {code}" for code in both.fast.withdrawn_codes)
                seen.update(f"sent {entry.kind}" for entry in both.fast.sendable)
                seen.update("surfaced" for _ in both.fast.surfaced)
                seen[f"obligation {both.fast.deadline_reason}"] += 1
                seen[f"waiting {len(both.fast.entries)}"] += 1
            both.compare()
    expected = {f"withdrawn {int(code)}" for code in spec.Validity if code}
    expected |= {f"sent {kind}" for kind in KINDS} | {"surfaced"}
    expected |= {f"outcome {new}" for _, new in OUTCOMES.values()}
    expected |= {f"obligation {int(reason)}" for reason in QUEUE_REASONS}
    expected |= {f"waiting {number}" for number in range(len(ORDERS) + 1)}
    assert expected - set(seen) == set()


def test_flat_tables_are_the_rows() -> None:
    for rule in DOMINANCE.rules:
        index = rule.source * EVENTS + rule.event
        assert (OLD_OUTCOMES[index], NEW_OUTCOMES[index]) == OUTCOMES[rule.id]
        expected_negative = isinstance(rule, Refuse)
        assert (ACTIONS[index] < 0) == expected_negative
        if isinstance(rule, Refuse):
            assert -ACTIONS[index] == rule.code


@given(*[st.sampled_from(KINDS), st.integers(0, INTENT_ID_LIMIT - 1)] * 2)
def test_the_key_orders_as_the_specification(
    first_kind: int, first_id: int, second_kind: int, second_id: int
) -> None:
    first, second = QueuedCommand(first_kind, 1, first_id), QueuedCommand(second_kind, 2, second_id)
    expected = spec.goes_before(
        Pending(first_kind, 1, first_id), Pending(second_kind, 2, second_id)
    )
    assert (first.dispatch_key < second.dispatch_key) == expected
    assert first.dispatch_key < 2**63


def test_a_date_withdraws_a_new_at_the_date_itself() -> None:
    for now_ns, code in ((99, 0), (100, spec.Validity.GOOD_TILL_PASSED)):
        queue = IntentQueue()
        command = QueuedCommand(int(CommandKind.NEW), 1, 1, good_till_ns=100)
        assert queue.withdrawal(command, now_ns) == code


def test_a_cancel_deadline_of_zero_is_none_and_of_one_is_one() -> None:
    for deadline_ns, surfaced, due_ns in ((0, 0, NEVER_NS), (1, 0, 501), (1, 1, NEVER_NS)):
        queue = IntentQueue((), deadline_ns)
        command = QueuedCommand(int(CommandKind.CANCEL), 1, 1, admitted_ns=500)
        command.stand(int(Target.ALIVE), int(CommandKind.REPLACE), 0, 1, 0, 1, 0)
        queue.submit(command, int(Target.ALIVE))
        queue.process(500 + surfaced)
        assert len(queue.surfaced) == surfaced
        assert queue.deadline_ns == due_ns


def test_a_fresh_queue_is_clean_and_owes_nothing() -> None:
    queue = IntentQueue()
    assert (queue.trading_state, queue.holds_new_work) == (0, 0)
    assert (queue.old_outcome, queue.new_outcome, queue.displaced_intent_id) == (0, 0, -1)
    assert (queue.deadline_ns, queue.deadline_reason, queue.deadline_subject) == (NEVER_NS, 0, 0)
    queue.deadline_reason = queue.deadline_subject = 7
    queue.look(5)
    assert (queue.deadline_ns, queue.deadline_reason, queue.deadline_subject) == (NEVER_NS, 0, 0)


def test_what_is_not_given_is_zero() -> None:
    command = QueuedCommand(int(CommandKind.NEW), 7, 1)
    assert command.pending() == (1, 7, 1, *[0] * 12, PLAIN)
    assert (command.target, command.request_kind, command.doubts) == (0, 0, 0)
    assert (command.total, command.executed, command.leaves, command.reducible) == (0, 0, 0, 0)


def test_an_empty_queue_sends_nothing() -> None:
    queue = IntentQueue()
    assert queue.process(5) == 0


def test_of_any_obligations_the_earliest_is_kept_by_deadline_reason_and_subject() -> None:
    dues = list(product((1, 2, NEVER_NS), (1, 2), (1, 2)))
    for first, second in product(dues, dues):
        queue = IntentQueue()
        queue._consider(*first)
        queue._consider(*second)
        given_ones = tuple(Obligation(*each) for each in (first, second) if each[0] < NEVER_NS)
        found = Obligation(queue.deadline_ns, queue.deadline_reason, queue.deadline_subject)
        assert found == earliest(given_ones)
