"""The recorder asks for a snapshot when a reader of the recording would need one, no sooner."""

from hypothesis import given
from hypothesis import strategies as st

from tickproof.runtime.recorder.following import Follower
from tickproof.spec.book_sync import Numbering, SyncMessage


def diff(number: int) -> SyncMessage:
    """A diff of one number."""
    return SyncMessage(number, number, number - 1)


@given(
    st.sampled_from(Numbering),
    st.lists(st.one_of(st.just("lost"), st.just("snapshot"), st.just("diff"), st.just("missed"))),
)
def test_it_is_in_sync_exactly_when_nothing_is_missing(numbering: int, moves: list[str]) -> None:
    follower = Follower(int(numbering))
    number, whole, bridged = 100, False, False
    for move in moves:
        if move == "missed":
            number += 1
            whole = False
        elif move == "diff":
            number += 1
            follower.on_diff(diff(number))
            bridged = whole
        elif move == "lost":
            follower.on_connection_lost()
            whole = bridged = False
        elif follower.wants_snapshot and follower.carries_on(number):
            follower.on_snapshot(number)
            whole = True
            bridged = follower.in_sync
        assert not follower.in_sync or bridged or whole
        assert not (follower.in_sync and follower.wants_snapshot)


def test_a_snapshot_that_is_too_old_is_of_no_use() -> None:
    follower = Follower(int(Numbering.CONSECUTIVE))
    follower.on_diff(diff(50))
    assert follower.wants_snapshot
    assert not follower.carries_on(48)
    assert follower.carries_on(49)
    assert follower.carries_on(60)


def test_a_loss_is_told_once_and_only_of_a_book_that_was() -> None:
    follower = Follower(int(Numbering.CHAINED))
    follower.on_diff(diff(10))
    assert not follower.on_snapshot(10)
    assert not follower.on_diff(diff(11))
    assert follower.in_sync
    assert follower.on_diff(diff(13))
    assert not follower.on_diff(diff(15))
    assert (follower.gaps, follower.wants_snapshot) == (1, True)


def test_a_lost_connection_loses_a_book_and_what_waited() -> None:
    follower = Follower(int(Numbering.CHAINED))
    follower.on_connection_lost()
    follower.on_diff(diff(10))
    follower.on_connection_lost()
    assert follower.gaps == 0
    follower.on_diff(diff(20))
    follower.on_snapshot(20)
    follower.on_diff(diff(21))
    follower.on_connection_lost()
    assert follower.gaps == 1
    assert not follower.in_sync
