"""Errors a user sees are one line that says where, what was expected and what came."""

from tickproof.runtime.errors import InputError, MissingExtra, StrategyError


def test_an_input_error_is_one_line() -> None:
    error = InputError("a.gz", 3, "price", "a number", "'x\ny'")
    assert str(error) == "a.gz:3: price: expected a number, got 'x y'"
    assert str(InputError("a.gz", 0, "file", "a gzip file", "text")) == (
        "a.gz: file: expected a gzip file, got text"
    )
    assert str(InputError("", 0, "on_gap", "stop", "'x'")) == "on_gap: expected stop, got 'x'"


def test_a_long_value_is_cut() -> None:
    assert len(str(InputError("a", 1, "f", "e", "x" * 10_000))) < 120


def test_a_place_is_given_once() -> None:
    error = InputError("", 0, "price", "a number", "x")
    placed = error.at("a.gz", 3)
    assert (placed.file, placed.line, placed.field) == ("a.gz", 3, "price")
    assert placed.at("b.gz", 4) is placed


def test_a_missing_extra_names_the_install() -> None:
    error = MissingExtra("run", "reading Parquet")
    assert str(error) == "reading Parquet needs an extra: pip install 'tickproof[run]'"


def test_a_strategy_error_names_the_users_line() -> None:
    error = StrategyError("mine.py", 7, "ZeroDivisionError: division\nby zero")
    assert str(error) == "mine.py:7: ZeroDivisionError: division by zero"
