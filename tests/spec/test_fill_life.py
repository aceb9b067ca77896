"""A fill counts once, the last word about it is effective, and the order of words is no matter."""

from hypothesis import given
from hypothesis import strategies as st

from tests.spec.table_checks import check_reachable, check_unguarded, follow
from tickproof.spec.fill_life import TABLE, FillEvent, FillLife

FILLED, VOIDED, CORRECTED = FillEvent
event_lists = st.lists(st.sampled_from(FillEvent), max_size=12)


def test_the_table_is_total_and_every_life_is_reached() -> None:
    check_unguarded(TABLE)
    check_reachable(TABLE, FillLife.ABSENT)


@given(event_lists)
def test_a_fill_that_was_voided_never_counts_again(events: list[FillEvent]) -> None:
    life, _ = follow(TABLE, FillLife.ABSENT, [*events, VOIDED])
    assert life in (FillLife.VOIDED, FillLife.TOMBSTONE)
    for event in FillEvent:
        later, _ = follow(TABLE, life, [event])
        assert later in (FillLife.VOIDED, FillLife.TOMBSTONE)


@given(event_lists)
def test_a_repeated_fill_or_void_is_refused(events: list[FillEvent]) -> None:
    for event in (FILLED, VOIDED):
        life, refusals = follow(TABLE, FillLife.ABSENT, [*events, event])
        again, refused = follow(TABLE, FillLife.ABSENT, [*events, event, event])
        assert again == life
        assert refused == refusals + 1


def test_a_void_before_its_fill_leaves_what_a_void_after_it_leaves() -> None:
    early, _ = follow(TABLE, FillLife.ABSENT, [VOIDED, FILLED])
    late, _ = follow(TABLE, FillLife.ABSENT, [FILLED, VOIDED])
    assert early == late == FillLife.VOIDED


def test_a_correction_before_its_fill_counts_and_the_fill_is_a_duplicate() -> None:
    assert follow(TABLE, FillLife.ABSENT, [CORRECTED, FILLED]) == (FillLife.EFFECTIVE, 1)
    assert follow(TABLE, FillLife.ABSENT, [FILLED, CORRECTED]) == (FillLife.EFFECTIVE, 0)
