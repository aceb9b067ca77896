"""Dominance: the table's cells one by one, and folding as the shortest equivalent [ID3]."""

import pytest
from attrs import astuple
from hypothesis import given
from hypothesis import strategies as st

from tests.spec.table_checks import check_unguarded, shortest_traces
from tickproof.spec.commands import CommandKind
from tickproof.spec.dominance import (
    DOMINANCE,
    OUTCOMES,
    UNTOUCHED,
    DominanceCode,
    DominanceState,
    Outcome,
    Pending,
    Target,
    dominance_state,
    dominate,
    effective,
)
from tickproof.spec.instructions import PLAIN
from tickproof.spec.intent_life import INTENT_LIFE, IntentEvent, IntentState
from tickproof.spec.table import Refuse

NEW, REPLACE, CANCEL = CommandKind.NEW, CommandKind.REPLACE, CommandKind.CANCEL
KINDS = (NEW, REPLACE, CANCEL)


def command(kind: int, intent_id: int, price: int = 0, quantity: int = 0) -> Pending:
    side = 1 if kind == NEW else 0
    return Pending(kind, 7, intent_id, side=side, price=price, quantity=quantity)


@st.composite
def command_sequences(draw: st.DrawFn) -> list[Pending]:
    kinds = draw(st.lists(st.sampled_from(KINDS), max_size=12))
    return [
        command(kind, number)
        if kind == CANCEL
        else command(kind, number, draw(st.integers(1, 9)), draw(st.integers(1, 9)))
        for number, kind in enumerate(kinds)
    ]


def fold(commands: list[Pending], target: int, pending: Pending | None = None) -> Pending | None:
    for each in commands:
        pending = dominate(pending, target, each).pending
    return pending


def shortest_equivalent(commands: list[Pending], target: int) -> list[Pending]:
    """Found without folding: what the sequence means, said in as few commands as possible."""
    if target == Target.DEAD:
        return []
    if target == Target.ALIVE:
        meant = [each for each in commands if each.kind != NEW]
        cancels = [each for each in meant if each.kind == CANCEL]
        return cancels[:1] or meant[-1:]
    kinds = [each.kind for each in commands]
    last_cancel = max((i for i, kind in enumerate(kinds) if kind == CANCEL), default=-1)
    since = commands[last_cancel + 1 :]
    news = [i for i, each in enumerate(since) if each.kind == NEW]
    if not news:
        return []
    changes = since[news[-1] + 1 :]
    return [since[news[-1]], *changes[-1:]]


def test_table() -> None:
    check_unguarded(DOMINANCE)
    assert set(OUTCOMES) == {rule.id for rule in DOMINANCE.rules}


def test_every_pending_state_has_a_trace_from_nothing_pending() -> None:
    unsent = shortest_traces(DOMINANCE, DominanceState.NONE_NEVER_SENT)
    assert set(unsent) == {DominanceState.NONE_NEVER_SENT, DominanceState.NEW}
    alive = shortest_traces(DOMINANCE, DominanceState.NONE_ALIVE)
    assert set(alive) == {DominanceState.NONE_ALIVE, DominanceState.REPLACE, DominanceState.CANCEL}
    dead = shortest_traces(DOMINANCE, DominanceState.NONE_DEAD)
    assert set(dead) == {DominanceState.NONE_DEAD}


first_new = command(NEW, 1, 100, 5)
later_new = command(NEW, 2, 90, 4)
replace = command(REPLACE, 3, 101, 6)
later_replace = command(REPLACE, 4, 102, 7)
cancel = command(CANCEL, 5)
later_cancel = command(CANCEL, 6)
merged = Pending(NEW, 7, 1, side=1, price=101, quantity=6)
PENDING, DENIED = IntentState.PENDING, IntentState.DENIED
SUPERSEDED, MERGED = IntentState.SUPERSEDED, IntentState.MERGED
ANNIHILATED = IntentState.ANNIHILATED
CODE = DominanceCode
LEGAL = [
    (None, Target.NEVER_SENT, first_new, first_new, UNTOUCHED, PENDING),
    (None, Target.ALIVE, replace, replace, UNTOUCHED, PENDING),
    (None, Target.ALIVE, cancel, cancel, UNTOUCHED, PENDING),
    (first_new, Target.NEVER_SENT, later_new, later_new, SUPERSEDED, PENDING),
    (first_new, Target.NEVER_SENT, replace, merged, UNTOUCHED, MERGED),
    (first_new, Target.NEVER_SENT, cancel, None, ANNIHILATED, ANNIHILATED),
    (replace, Target.ALIVE, later_replace, later_replace, SUPERSEDED, PENDING),
    (replace, Target.ALIVE, cancel, cancel, SUPERSEDED, PENDING),
    (cancel, Target.ALIVE, later_cancel, cancel, UNTOUCHED, MERGED),
]
REFUSED = [
    (None, Target.NEVER_SENT, replace, CODE.NEVER_SENT),
    (None, Target.NEVER_SENT, cancel, CODE.NEVER_SENT),
    (None, Target.ALIVE, first_new, CODE.KEY_IN_USE),
    (None, Target.DEAD, first_new, CODE.KEY_IN_USE),
    (None, Target.DEAD, replace, CODE.TARGET_DEAD),
    (None, Target.DEAD, cancel, CODE.TARGET_DEAD),
    (replace, Target.ALIVE, first_new, CODE.KEY_IN_USE),
    (cancel, Target.ALIVE, first_new, CODE.KEY_IN_USE),
    (cancel, Target.ALIVE, replace, CODE.CANCEL_PENDING),
]


@pytest.mark.parametrize(("pending", "target", "arriving", "after", "old", "new"), LEGAL)
def test_legal_cell(
    pending: Pending | None, target: int, arriving: Pending, after: Pending, old: int, new: int
) -> None:
    outcome = dominate(pending, target, arriving)
    assert outcome == Outcome(after, CODE.NONE, old, new)
    assert effective(pending, target, arriving) == after


@pytest.mark.parametrize(("pending", "target", "arriving", "code"), REFUSED)
def test_refused_cell(
    pending: Pending | None, target: int, arriving: Pending, code: DominanceCode
) -> None:
    assert dominate(pending, target, arriving) == Outcome(pending, code, UNTOUCHED, DENIED)
    assert effective(pending, target, arriving) is None


def test_the_examples_cover_the_table() -> None:
    legal = {(dominance_state(p, t), c.kind) for p, t, c, *_ in LEGAL}
    refused = {(dominance_state(p, t), c.kind) for p, t, c, _ in REFUSED}
    assert legal == {(row.source, row.event) for row in DOMINANCE.rows()}
    assert refused == {(each.source, each.event) for each in DOMINANCE.refusals()}


@given(command_sequences(), st.sampled_from(Target))
def test_folding_equals_the_shortest_equivalent(commands: list[Pending], target: int) -> None:
    shortest = shortest_equivalent(commands, target)
    assert fold(commands, target) == fold(shortest, target)
    refused = [each for each in shortest if dominate(None, target, each).code]
    assert len(shortest) < 2 or refused == shortest[1:]


@given(command_sequences(), st.sampled_from(Target))
def test_nothing_is_ever_pending_for_an_order_the_venue_was_never_sent_but_a_new(
    commands: list[Pending], target: int
) -> None:
    pending: Pending | None = None
    for each in commands:
        pending = dominate(pending, target, each).pending
        if pending is not None:
            assert (pending.kind == NEW) == (target == Target.NEVER_SENT)
            assert target != Target.DEAD


@given(command_sequences(), st.sampled_from(Target))
def test_outcomes_are_steps_of_the_intent_table(commands: list[Pending], target: int) -> None:
    """Each Intent follows the table, and at most one of a key's Intents is pending."""
    event_of = {
        IntentState.SUPERSEDED: IntentEvent.SUPERSEDE,
        IntentState.MERGED: IntentEvent.MERGE,
        IntentState.ANNIHILATED: IntentEvent.ANNIHILATE,
    }
    pending: Pending | None = None
    states: dict[int, int] = {}

    def move(intent_id: int, event: IntentEvent) -> None:
        rule = INTENT_LIFE.select(states[intent_id], event, None, None)
        assert not isinstance(rule, Refuse)
        states[intent_id] = rule.target

    for each in commands:
        states[each.intent_id] = IntentState.GENERATED
        outcome = dominate(pending, target, each)
        if outcome.code:
            move(each.intent_id, IntentEvent.DENY)
            continue
        move(each.intent_id, IntentEvent.ALLOW)
        move(each.intent_id, IntentEvent.ADMIT)
        if pending is not None and outcome.old_outcome != UNTOUCHED:
            move(pending.intent_id, event_of[IntentState(outcome.old_outcome)])
        if outcome.new_outcome != IntentState.PENDING:
            move(each.intent_id, event_of[IntentState(outcome.new_outcome)])
        assert states[each.intent_id] == outcome.new_outcome
        pending = outcome.pending
        waiting = [number for number, state in states.items() if state == IntentState.PENDING]
        assert waiting == ([] if pending is None else [pending.intent_id])


def test_what_is_not_given_is_zero_and_untouched_is_no_intent_state() -> None:
    assert astuple(Pending(NEW, 7, 1)) == (NEW, 7, 1, *[0] * 12, astuple(PLAIN))
    assert UNTOUCHED not in [int(state) for state in IntentState]


def test_pd28_a_replace_over_an_unsent_new_is_never_sent_as_a_replace() -> None:
    after = fold([first_new, replace], Target.NEVER_SENT)
    assert after is not None
    assert (after.kind, after.price, after.quantity) == (NEW, 101, 6)
    assert (after.intent_id, after.side) == (first_new.intent_id, first_new.side)


def test_a_repeated_cancel_cannot_put_off_its_deadline() -> None:
    assert fold([cancel, later_cancel], Target.ALIVE) == cancel
