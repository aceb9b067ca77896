"""Flat rows are the list of tuples they stand for, and batches the messages of their columns."""

from array import array

from hypothesis import given
from hypothesis import strategies as st

from tickproof.invariants.matching import CROWDED, messages
from tickproof.kernel import BUILD
from tickproof.venue.matching import Matcher
from tickproof.venue.rows import FIRST_ROOM, WIDTH, Messages, Rows, new_rows, words_of

WHOLE = st.integers(-(2**63), 2**63 - 1)
ROWS = st.lists(st.tuples(*(WHOLE,) * WIDTH), max_size=6)


@given(ROWS, st.slices(6))
def test_rows_are_read_like_a_list_of_tuples(
    given_rows: list[tuple[int, ...]], part: slice
) -> None:
    rows = Rows()
    for row in given_rows:
        rows.append(row)
    assert len(rows) == len(given_rows)
    assert list(rows) == rows[:] == given_rows
    assert rows[part] == given_rows[part]
    assert [rows[at] for at in range(-len(rows), len(rows))] == given_rows * 2
    assert rows == given_rows
    assert rows != [*given_rows, (0,) * WIDTH]
    assert rows.words() == words_of(rows) == words_of(given_rows)
    assert rows.words() == array("q", [each for row in given_rows for each in row])
    rows.clear()
    assert len(rows) == 0
    assert rows == []


def test_rows_grow() -> None:
    rows, count = Rows(), FIRST_ROOM * 2 + 1
    for number in range(count):
        rows.append((number, 1, 2, 3, 4, 5, 6, 7))
    assert list(rows) == [(number, 1, 2, 3, 4, 5, 6, 7) for number in range(count)]
    assert rows != "rows"


def test_a_batch_is_its_messages() -> None:
    one, other, portions = Matcher(), Matcher(), Matcher()
    stream = list(messages(5, 600, CROWDED))
    batch = Messages([array("q", column) for column in zip(*stream, strict=True)])
    assert len(batch) == 600
    one.run(stream)
    other.take(batch, 0, 600)
    for start in range(0, 600, 75):
        portions.take(batch, start, start + 75)
    assert list(one.reports) == list(other.reports) == list(portions.reports)
    assert one.words() == other.words()
    assert one.resting(1) == other.resting(1) == portions.resting(1)
    assert one.waiting() == other.waiting() == portions.waiting()


def test_an_interpreter_has_a_list() -> None:
    assert isinstance(new_rows(), list if BUILD == "pure" else Rows)
