"""The book sync table is total and exclusive, every rule can happen, and no update is skipped."""

from collections import deque
from itertools import product

import pytest
from attrs import evolve
from hypothesis import given
from hypothesis import strategies as st

from tickproof.spec.book_sync import (
    BOOK_SYNC,
    BookSync,
    Numbering,
    SyncAction,
    SyncEvent,
    SyncMessage,
    SyncState,
    step,
)
from tickproof.spec.requirements import by_id
from tickproof.spec.table import Refuse

IDS = range(5)
MESSAGES = tuple(
    SyncMessage(first, last, previous)
    for first, last, previous in product(IDS, IDS, (-1, *IDS))
    if first <= last and previous < first
)


def test_each_cell_has_exactly_one_rule_for_every_message() -> None:
    for numbering, state, event in product(Numbering, SyncState, SyncEvent):
        for snapshot_id, last_id, message in product(IDS, IDS, MESSAGES):
            sync = BookSync(int(state), int(numbering), snapshot_id, last_id)
            rules = [r for r in BOOK_SYNC.cells[state][event] if r.guard(sync, message)]
            assert len(rules) == 1, (sync, event, message, [rule.id for rule in rules])


@given(
    st.sampled_from(SyncState),
    st.sampled_from(SyncEvent),
    st.sampled_from(Numbering),
    st.tuples(*[st.integers()] * 5),
)
def test_guards_exclude_each_other_over_all_integers(
    state: SyncState, event: SyncEvent, numbering: Numbering, ids: tuple[int, ...]
) -> None:
    snapshot_id, last_id, first, last, previous = ids
    sync = BookSync(int(state), int(numbering), snapshot_id, last_id)
    message = SyncMessage(first, last, previous)
    rules = [r for r in BOOK_SYNC.cells[state][event] if r.guard(sync, message)]
    assert len(rules) == 1


def witnesses() -> dict[str, tuple[int, ...]]:
    """Rule id -> events of a shortest trace from nothing that ends in that rule."""
    found: dict[str, tuple[int, ...]] = {}
    start = [(BookSync(numbering=int(numbering)), ()) for numbering in Numbering]
    queue: deque[tuple[BookSync, tuple[int, ...]]] = deque(start)
    seen = {sync for sync, _ in start}
    while queue:
        sync, trace = queue.popleft()
        for event, message in product(SyncEvent, MESSAGES):
            rule = BOOK_SYNC.select(sync.state, event, sync, message)
            found.setdefault(rule.id, (*trace, int(event)))
            after = step(sync, event, message).sync
            if after not in seen:
                seen.add(after)
                queue.append((after, (*trace, int(event))))
    return found


WITNESSES = witnesses()


@pytest.mark.parametrize("rule", BOOK_SYNC.rules, ids=lambda rule: rule.id)
def test_every_rule_can_happen(rule: object) -> None:
    assert rule.id in WITNESSES  # type: ignore[attr-defined]


@pytest.mark.parametrize("rule", BOOK_SYNC.rules, ids=lambda rule: rule.id)
def test_every_rule_serves_known_requirements(rule: object) -> None:
    assert [by_id(one) for one in rule.requirements]  # type: ignore[attr-defined]


@given(
    st.sampled_from(SyncState),
    st.sampled_from(SyncEvent),
    st.sampled_from(Numbering),
    st.tuples(*[st.integers(0, 9)] * 5),
)
def test_a_refusal_changes_nothing_and_a_row_says_what_to_do(
    state: SyncState, event: SyncEvent, numbering: Numbering, ids: tuple[int, ...]
) -> None:
    snapshot_id, last_id, first, last, previous = ids
    sync = BookSync(int(state), int(numbering), snapshot_id, last_id)
    message = SyncMessage(first, last, previous)
    outcome = step(sync, event, message)
    rule = BOOK_SYNC.select(sync.state, event, sync, message)
    if isinstance(rule, Refuse):
        assert outcome.sync is sync
        assert outcome.refusal == rule.code != 0
    else:
        assert outcome.refusal == 0
        assert outcome.sync.action != SyncAction.NONE
        assert outcome.sync.state == rule.target
        assert (outcome.sync.state == SyncState.GAP) == (
            outcome.sync.action == SyncAction.LOSE or state == SyncState.GAP
        ) or event == SyncEvent.SNAPSHOT


def venue_stream(draw: st.DrawFn) -> tuple[Numbering, list[SyncMessage]]:
    """Diffs as a venue numbers them: no update of this book lies between two diffs."""
    numbering = draw(st.sampled_from(Numbering))
    diffs, last = [], draw(st.integers(1, 3))
    for _ in range(draw(st.integers(1, 12))):
        skipped = draw(st.integers(0, 3)) if numbering == Numbering.CHAINED else 0
        first = last + 1 + skipped
        previous = last if numbering == Numbering.CHAINED else -1
        last = first + draw(st.integers(0, 4))
        diffs.append(SyncMessage(first, last, previous))
    return numbering, diffs


venue_streams = st.composite(venue_stream)


@given(venue_streams(), st.data())
def test_lossless_streams_sync_without_a_gap(
    stream: tuple[Numbering, list[SyncMessage]], data: st.DataObject
) -> None:
    """A snapshot at any diff's end or inside it, received anywhere not before it, bridges."""
    numbering, diffs = stream
    taken = data.draw(st.integers(0, len(diffs) - 1))
    at = data.draw(st.integers(diffs[taken].first_id, diffs[taken].last_id))
    received = data.draw(st.integers(0, len(diffs)))
    sync, buffered, applied = BookSync(numbering=int(numbering)), [], []

    def take(diff: SyncMessage) -> None:
        nonlocal sync
        sync = step(sync, SyncEvent.DIFF, diff).sync
        assert sync.action != SyncAction.LOSE
        if sync.action == SyncAction.BUFFER:
            buffered.append(diff)
        elif sync.action == SyncAction.APPLY:
            applied.append(diff)

    for index, diff in enumerate(diffs):
        if index == received:
            sync = step(sync, SyncEvent.SNAPSHOT, SyncMessage(last_id=at)).sync
            for waiting in buffered:
                take(waiting)
        take(diff)
    if received < len(diffs):
        newer = [diff for diff in diffs if diff.last_id > at]
        assert [diff for diff in applied if diff.last_id > at] == newer
        assert sync.last_id == max([at, *(diff.last_id for diff in newer)])


@given(venue_streams(), st.data())
def test_a_lost_diff_never_goes_unseen(
    stream: tuple[Numbering, list[SyncMessage]], data: st.DataObject
) -> None:
    numbering, diffs = stream
    lost = data.draw(st.integers(0, len(diffs) - 1))
    at = diffs[0].first_id - 1 if numbering == Numbering.CONSECUTIVE else diffs[0].previous_id
    sync = step(BookSync(numbering=int(numbering)), SyncEvent.SNAPSHOT, SyncMessage(0, at)).sync
    for index, diff in enumerate(diffs):
        if index == lost:
            continue
        sync = step(sync, SyncEvent.DIFF, diff).sync
        if index > lost:
            assert sync.state == SyncState.GAP
        else:
            assert sync.action == SyncAction.APPLY


def test_the_bridge_of_each_numbering_as_the_venue_states_it() -> None:
    spot = BookSync(SyncState.BRIDGING, Numbering.CONSECUTIVE, 100, 100)
    futures = evolve(spot, numbering=int(Numbering.CHAINED))
    for sync, message, action in (
        (spot, SyncMessage(90, 100), SyncAction.DROP),
        (spot, SyncMessage(101, 105), SyncAction.APPLY),
        (spot, SyncMessage(95, 101), SyncAction.APPLY),
        (spot, SyncMessage(102, 105), SyncAction.LOSE),
        (futures, SyncMessage(90, 99, 80), SyncAction.DROP),
        (futures, SyncMessage(90, 100, 80), SyncAction.APPLY),
        (futures, SyncMessage(100, 105, 98), SyncAction.APPLY),
        (futures, SyncMessage(103, 105, 100), SyncAction.APPLY),
        (futures, SyncMessage(101, 105, 99), SyncAction.LOSE),
    ):
        assert step(sync, SyncEvent.DIFF, message).sync.action == action, message
