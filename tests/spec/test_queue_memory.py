"""What is remembered of a level adds up to it, and departures are matched as the table says."""

import pytest
from attrs import evolve
from hypothesis import given
from hypothesis import strategies as st

from tickproof.spec import queue_fit
from tickproof.spec import queue_memory as spec
from tickproof.spec.queue_memory import UNKNOWN, Entry, LevelMemory

MS = 1_000_000


def memory(*sizes: int, per_event: int = 1) -> LevelMemory:
    """A level where orders of these sizes joined one by one, 100 ms apart."""
    found = spec.told(LevelMemory(per_event), 0, 0, 0)
    for index, size in enumerate(sizes):
        found = spec.told(found, max(found.size, 0) + size, (index + 1) * 100 * MS, 0)
    return found


def sizes_of(found: LevelMemory) -> list[int]:
    return [entry.size for entry in found.entries]


# --- examples ------------------------------------------------------------------------------------


def test_a_departure_is_looked_for_among_additions_of_its_size() -> None:
    found = memory(7, 2, 3)
    assert sizes_of(spec.told(found, 5, 400 * MS, 0)) == [2, 3]
    assert sizes_of(spec.told(found, 10, 400 * MS, 0)) == [7, 3]


def test_of_equals_the_last_leaves() -> None:
    found = spec.told(memory(5, 5, 5), 10, 400 * MS, 0)
    assert [entry.number for entry in found.entries] == [2, 4]


def test_a_size_nobody_has_is_taken_from_one_that_has_more() -> None:
    assert sizes_of(spec.told(memory(9, 2), 7, 400 * MS, 0)) == [5, 2]


def test_more_than_anybody_has_is_taken_from_the_back() -> None:
    assert sizes_of(spec.told(memory(3, 4, 2), 2, 400 * MS, 0)) == [2]


def test_prints_take_from_the_front_when_the_level_shows_it() -> None:
    found = spec.printed(memory(4, 4, 4), 6, 400 * MS)
    assert spec.ahead_of(found, 100) == 6
    assert sizes_of(found) == [4, 4, 4]
    found = spec.told(found, 8, 400 * MS, 0)
    assert (sizes_of(found), found.settling) == ([4, 4], 2)
    found = spec.told(found, 6, 400 * MS, 0)
    assert (sizes_of(found), found.settling) == ([2, 4], 0)
    # What a print explains no more at a later stamp was cancelled.
    found = spec.told(spec.printed(found, 5, 500 * MS), 5, 500 * MS, 0)
    assert (sizes_of(found), found.settling) == ([1, 4], 4)
    assert sizes_of(spec.told(found, 1, 501 * MS, 0)) == [1]


def test_a_conflated_size_has_the_prints_before_it_inside() -> None:
    found = spec.printed(memory(4, 4, per_event=0), 6, 250 * MS)
    found = spec.told(found, 5, 300 * MS, 0)
    assert sizes_of(found) == [2, 3]
    # A print at the stamp of a size may be inside it, so it says nothing more.
    assert spec.printed(found, 2, 300 * MS) == found


def test_who_arrived_unseen_has_a_part_of_the_growth_ahead() -> None:
    found = memory(8, per_event=0)
    mark = spec.mark_of(found)
    early = spec.told(found, 24, 200 * MS, 1)
    part = 16 * queue_fit.AHEAD_EIGHTHS // 8
    assert spec.ahead_of(early, mark) == 8 + part
    assert spec.ahead_of(spec.told(found, 24, 200 * MS, 0), mark) == 8


def test_after_a_gap_all_is_of_unknown_age_and_ahead() -> None:
    found = memory(3, 4)
    mark = spec.mark_of(found)
    found = spec.lost_from_sight(found)
    assert spec.ahead_of(found, mark) == UNKNOWN
    found = spec.told(found, 12, 400 * MS, 0)
    assert found.entries == (Entry(0, 12, UNKNOWN),)
    assert spec.ahead_of(found, mark) == 12
    # Of one order that may be many, a part may leave as readily as an addition of that size.
    assert spec.weight(found.entries[0], 3, 0, 0) == 4 * queue_fit.BEFORE[0]
    assert spec.weight(found.entries[0], 13, 0, 0) == 0


def test_there_are_never_too_many_entries() -> None:
    found = memory(*[1] * (spec.ENTRIES_MAX + 9))
    assert len(found.entries) == spec.ENTRIES_MAX
    assert found.entries[0].size == 10
    assert found.entries[0].stamp_ns == UNKNOWN


def test_what_joined_at_zero_has_an_age() -> None:
    assert spec.weight(Entry(1, 3, 0), 3, 40, 0) == queue_fit.WHOLE[0][6]
    assert (spec.ENTRIES_MAX, spec.ORDERS_MAX, spec.AGE_UNIT_BITS) == (128, 64, 20)
    for stamp_ns, now_ns in ((0, 0), (0, 5), (7, 5)):
        assert spec.weight(Entry(1, 3, stamp_ns), 3, 0, now_ns) == queue_fit.WHOLE[0][0]
        assert spec.weight(Entry(1, 3, stamp_ns), 2, 1, now_ns) == queue_fit.PART[0][1]


def test_the_least_weight_is_one() -> None:
    """Of one that has more, behind many: unlikely, and likelier than two that have not enough."""
    behind = tuple(Entry(number, 1, 0) for number in range(2, 18))
    assert queue_fit.PART[0][5] == 1
    assert spec.left((Entry(1, 9, 0), *behind), 2, 0) == (Entry(1, 7, 0), *behind)


@pytest.mark.parametrize(
    ("age_ns", "row"), [(0, 0), (2**20 - 1, 0), (2**20, 1), (2**21, 2), (2**60, spec.AGE_MAX)]
)
def test_ages_double(age_ns: int, row: int) -> None:
    assert spec.age_of(age_ns) == row


def test_the_table_is_whole() -> None:
    for rows in (queue_fit.WHOLE, queue_fit.PART):
        assert len(rows) == spec.AGE_MAX + 1
        assert {len(row) for row in rows} == {queue_fit.RANKS}
        assert all(type(number) is int and number > 0 for row in rows for number in row)
    assert len(queue_fit.BEFORE) == queue_fit.RANKS
    assert 0 <= queue_fit.AHEAD_EIGHTHS <= 8


KNOWN = LevelMemory(
    1, (Entry(0, 2, UNKNOWN), Entry(3, 1, 6)), next_number=4, size=3, as_of_ns=6, prints=((7, 1),)
)
ONES = tuple(Entry(number, 1, 0) for number in range(spec.ENTRIES_MAX))


@pytest.mark.parametrize(
    "right",
    [
        LevelMemory(0),
        KNOWN,
        evolve(KNOWN, settling=1),
        evolve(KNOWN, entries=(), size=0),
        evolve(KNOWN, entries=(), size=UNKNOWN),
        evolve(KNOWN, entries=ONES, size=spec.ENTRIES_MAX, next_number=spec.ENTRIES_MAX),
    ],
)
def test_these_memories_are_right(right: LevelMemory) -> None:
    assert spec.inv(right)


@pytest.mark.parametrize(
    "wrong",
    [
        evolve(KNOWN, next_number=3),
        evolve(KNOWN, entries=(Entry(3, 1, 6), Entry(0, 2, UNKNOWN))),
        evolve(KNOWN, entries=(Entry(3, 2, UNKNOWN), Entry(3, 1, 6))),
        evolve(KNOWN, entries=(Entry(0, 3, UNKNOWN), Entry(3, 0, 6))),
        evolve(KNOWN, size=2),
        evolve(KNOWN, size=4),
        evolve(KNOWN, entries=(), size=1),
        evolve(KNOWN, settling=-1),
        evolve(KNOWN, prints=((6, 1),)),
        evolve(
            KNOWN,
            entries=(*ONES, Entry(spec.ENTRIES_MAX, 1, 0)),
            size=spec.ENTRIES_MAX + 1,
            next_number=spec.ENTRIES_MAX + 1,
        ),
    ],
)
def test_these_memories_are_wrong(wrong: LevelMemory) -> None:
    assert not spec.inv(wrong)


# --- properties ----------------------------------------------------------------------------------

news = st.one_of(
    st.tuples(st.just("told"), st.integers(0, 12), st.integers(0, 40), st.integers(0, 1)),
    st.tuples(st.just("told"), st.integers(0, 12), st.integers(0, 40), st.just(0)),
    st.tuples(st.just("printed"), st.integers(0, 9), st.integers(0, 40), st.just(0)),
    st.tuples(st.just("lost"), st.just(0), st.just(0), st.just(0)),
)


def after(found: LevelMemory, item: tuple[str, int, int, int]) -> LevelMemory:
    what, lots, stamp, joining = item
    if what == "told":
        return spec.told(found, lots, stamp * MS, joining)
    return (
        spec.printed(found, lots, stamp * MS) if what == "printed" else spec.lost_from_sight(found)
    )


@given(st.integers(0, 1), st.lists(news, max_size=30), st.integers(0, 20))
def test_entries_add_up_and_who_waits_only_moves_up(
    per_event: int, run: list[tuple[str, int, int, int]], when: int
) -> None:
    found, mark, ahead = LevelMemory(per_event), 0, 0
    for index, item in enumerate(run):
        if index == when:
            mark, ahead = spec.mark_of(found), spec.ahead_of(found, spec.mark_of(found))
        before = found
        found = after(found, item)
        assert spec.inv(found)
        if not mark or found.size < 0 or before.size < 0 or (item[0] == "told" and item[3]):
            ahead = spec.ahead_of(found, mark)
            continue
        unseen = before.settling + sum(lots for _, lots in before.prints)
        assert spec.ahead_of(found, mark) <= ahead + unseen
        ahead = spec.ahead_of(found, mark)
