"""Trade ids: new exactly once, gaps counted when they open."""

from hypothesis import given
from hypothesis import strategies as st

from tickproof.runtime.readers.trade_ids import TradeIds


@given(st.lists(st.integers(0, 25), max_size=60))
def test_an_id_is_new_exactly_once(ids: list[int]) -> None:
    tracker, seen, gaps, repeated = TradeIds(), set[int](), 0, 0
    for one in ids:
        gaps += bool(seen) and one > max(seen) + 1
        repeated += one in seen
        assert tracker.is_new(one) == (one not in seen)
        seen.add(one)
    assert (tracker.gaps, tracker.repeated) == (gaps, repeated)
