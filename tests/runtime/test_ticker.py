"""The ticker check picks the greatest id at or below, whenever that ticker was received."""

from hypothesis import given
from hypothesis import strategies as st

from tickproof.runtime.readers.feed import TickerColumns
from tickproof.runtime.ticker import TickerCheck

tickers = st.lists(st.tuples(st.integers(0, 12), st.integers(1, 3)), max_size=15)
depths = st.lists(st.tuples(st.integers(0, 14), st.integers(1, 3)), max_size=15)


def columns_of(drawn: list[tuple[int, int]]) -> TickerColumns:
    columns = TickerColumns()
    for index, (update_id, price) in enumerate(drawn):
        columns.append(index, update_id, price, 1, price + 1, 1)
    return columns


@given(tickers, depths)
def test_against_a_plain_search(
    drawn: list[tuple[int, int]], messages: list[tuple[int, int]]
) -> None:
    check = TickerCheck(columns_of(drawn))
    checked = equal = 0
    for update_id, price in messages:
        known = [
            (one_id, index, one_price)
            for index, (one_id, one_price) in enumerate(drawn)
            if one_id <= update_id
        ]
        same = check.on_depth(update_id, price, 1, price + 1, 1)
        if known:
            checked += 1
            equal += max(known)[2] == price
        assert same == (not known or max(known)[2] == price)
    assert check.result() == (checked, equal)


def test_each_of_the_four_numbers_counts() -> None:
    columns = columns_of([(5, 10)])
    for touch in ((11, 1, 11, 1), (10, 2, 11, 1), (10, 1, 12, 1), (10, 1, 11, 2)):
        check = TickerCheck(columns)
        assert not check.on_depth(5, *touch)
        assert check.result() == (1, 0)
    check = TickerCheck(columns)
    assert check.on_depth(6, 10, 1, 11, 1)
    assert check.result() == (1, 1)


def test_older_than_every_ticker_is_not_checked() -> None:
    check = TickerCheck(columns_of([(5, 10)]))
    assert check.on_depth(4, 99, 1, 100, 1)
    assert check.result() == (0, 0)
