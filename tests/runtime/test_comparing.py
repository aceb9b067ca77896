"""What "first" means, and two folders beside each other."""

import json
from typing import Any

import pytest
from attrs import evolve
from hypothesis import given
from hypothesis import strategies as st

from tests.runtime import worlds
from tests.runtime.folders import Kept, kept, without_page
from tickproof.runtime.cli import main
from tickproof.runtime.comparing import (
    END,
    Difference,
    first_of,
    first_record,
    first_row,
    first_value,
)
from tickproof.runtime.settings import DEFAULTS

COLUMNS = ("position", "price")
ROWS = st.lists(st.tuples(st.integers(0, 9), st.integers(0, 3)), max_size=6).map(sorted)
VALUES = st.recursive(
    st.integers(0, 3) | st.text(max_size=2) | st.none(),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=2), inner, max_size=3)
    ),
    max_leaves=8,
)


@given(ROWS, ROWS)
def test_rows_differ_first_where_they_differ(
    one: list[tuple[int, int]], other: list[tuple[int, int]]
) -> None:
    found = first_row("fill", COLUMNS, one, other)
    assert (found is None) == (one == other)
    if found is not None:
        same = [row for row in one if row[0] < found.position]
        assert same == [row for row in other if row[0] < found.position]
        assert found.expected != found.got


@given(VALUES, VALUES)
def test_values_are_equal_or_differ_somewhere(one: Any, other: Any) -> None:
    assert first_value(one, one) is None
    found = first_value(one, other)
    assert (found is None) == (one == other)


def test_a_difference_is_told_by_its_path() -> None:
    one = {"a": [{"b": 1}, {"b": 2}], "c": 1}
    assert str(first_value(one, {"a": [{"b": 1}, {"b": 3}], "c": 2})) == (
        "a[1].b: expected 2, got 3"
    )
    assert str(first_value(one, {"a": [{"b": 1}], "c": 1})) == "a: expected 2 entries, got 1"
    assert str(first_value(one, {"a": one["a"]})) == "c: expected 1, got none"
    assert str(first_value({}, {"a": 1})) == "a: expected none, got 1"


def test_rows_in_words() -> None:
    rows = [(3, 5)]
    assert str(first_row("fill", COLUMNS, rows, [(3, 6)])) == (
        "position 3: fill: expected price=5, got price=6"
    )
    assert str(first_row("fill", COLUMNS, rows, [])) == (
        "position 3: fill: expected position=3 price=5, got none"
    )
    assert str(first_row("fill", COLUMNS, [], rows)) == (
        "position 3: fill: expected none, got position=3 price=5"
    )
    assert str(first_row("orders", ("id",), [(1,)], [(2,)])) == (
        "orders 0: expected id=1, got id=2"
    )


def test_records_in_words() -> None:
    wake = (4, 0, 1, (0, 2))
    assert str(first_record([wake], [])) == (
        "position 4: record: expected WAKE(strategy=0 mask=2) as record 0 at 4, got none"
    )
    assert "kind 99: (1, 2)" in str(first_record([(4, 0, 99, (1, 2))], [wake]))
    assert first_record([wake], [wake]) is None


def test_the_first_is_by_position_and_then_by_what_it_is() -> None:
    def difference(position: int, what: str) -> Difference:
        return Difference(position, what, "1", "2")

    late, fill, request = (
        difference(9, "Request"),
        difference(5, "fill"),
        difference(5, "Request"),
    )
    check, end = difference(5, "checkpoint"), difference(END, "status")
    assert first_of([end, late, check, None, fill, request]) == request
    assert first_of([end, check, fill]) == fill
    assert first_of([end, check]) == check
    assert first_of([end]) == end
    assert first_of([None]) is None
    assert end.table() == {"position": None, "what": "status", "expected": "1", "got": "2"}


# --- the command ---------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Kept]:
    folder = tmp_path_factory.mktemp("compare")
    log = worlds.long_log(folder / "log.gz")
    shorter = worlds.long_log(folder / "shorter.gz", 119)
    with pytest.MonkeyPatch.context() as patch:
        without_page(patch)
        return {
            "one": kept(log, folder / "one", DEFAULTS),
            "same": kept(log, folder / "same", DEFAULTS),
            "bigger": kept(log, folder / "bigger", evolve(DEFAULTS, param={"size": 2})),
            "later": kept(log, folder / "later", evolve(DEFAULTS, latency="2ms")),
            "shorter": kept(shorter, folder / "shorter", DEFAULTS),
        }


def compared(
    runs: dict[str, Kept], other: str, capsys: pytest.CaptureFixture[str]
) -> tuple[int, dict[str, Any]]:
    code = main(["compare", str(runs["one"].path), str(runs[other].path), "--json"])
    return code, json.loads(capsys.readouterr().out)


def test_equal_runs_are_equal(runs: dict[str, Kept], capsys: pytest.CaptureFixture[str]) -> None:
    code, told = compared(runs, "same", capsys)
    assert code == 0
    assert told["equal"] is True
    assert set(told["differences"].values()) == {None}


@pytest.mark.parametrize(
    ("other", "differ", "what"),
    [
        (
            "bigger",
            {"configuration", "outputs", "fills", "end"},
            "configuration.strategies[0].parameters[2][1]",
        ),
        ("later", {"configuration", "outputs", "fills", "end"}, "settings.latency"),
        ("shorter", {"data", "end"}, "dataset_hash"),
    ],
)
def test_each_sort_names_its_first_difference(
    runs: dict[str, Kept],
    capsys: pytest.CaptureFixture[str],
    other: str,
    differ: set[str],
    what: str,
) -> None:
    code, told = compared(runs, other, capsys)
    assert code == 1
    found = {name for name, each in told["differences"].items() if each is not None}
    assert found == differ
    assert what in {told["differences"][name]["what"] for name in differ}
    digests = told["results"]["digest"]
    assert digests == [runs[name].result.summary["digest"] for name in ("one", other)]


def test_results_stand_side_by_side(
    runs: dict[str, Kept], capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["compare", str(runs["one"].path), str(runs["bigger"].path)]) == 1
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].startswith("configuration  configuration.strategies[0].parameters")
    assert lines[1].split() == ["data", "equal"]
    shown = next(line for line in lines if line.startswith("position "))
    positions = [runs[name].result.summary["position"] for name in ("one", "bigger")]
    assert shown.split() == ["position", *positions, "<"]
