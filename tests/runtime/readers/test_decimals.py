"""Decimal text becomes the exact integer or is refused; nothing is rounded."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tickproof.runtime.errors import InputError
from tickproof.runtime.readers.decimals import (
    Scale,
    decimals_needed,
    plain,
    scaled,
    unscaled,
)

LIMIT = 10**12

decimals_places = st.integers(0, 9)
units = st.integers(0, LIMIT)


@given(units, decimals_places, st.integers(0, 5))
def test_what_is_written_is_read_back(value: int, decimals: int, zeros: int) -> None:
    text = unscaled(value, decimals)
    if decimals:
        text += "0" * zeros
    assert scaled(text, decimals, LIMIT) == value


@given(units, decimals_places, st.integers(0, 9))
def test_scaled_is_exact_arithmetic(value: int, decimals: int, coarser: int) -> None:
    text = unscaled(value, decimals)
    expected = Decimal(text).scaleb(coarser)
    if expected != expected.to_integral_value():
        with pytest.raises(InputError, match="a multiple of"):
            scaled(text, coarser, 10**30)
    else:
        assert scaled(text, coarser, 10**30) == int(expected)


@given(st.text(max_size=12))
def test_any_text_is_exact_or_refused(text: str) -> None:
    try:
        value = scaled(text, 3, LIMIT)
    except InputError:
        return
    assert Decimal(text) == Decimal(value).scaleb(-3)
    assert 0 <= value <= LIMIT


@pytest.mark.parametrize(
    "text",
    [
        *("", ".", "1.", ".5", "+1", " 1", "1 ", "1e3", "1_0", "0x1", "nan", "inf", "1.2.3"),
        *("1,0", "-", "--1", "\u0661", "\u00b2", "1.\u0662", "0" * 60),
    ],
)
def test_what_is_not_plain_is_refused(text: str) -> None:
    with pytest.raises(InputError, match="a plain decimal number"):
        scaled(text, 2, LIMIT)


def test_refusals_say_what_was_expected() -> None:
    with pytest.raises(InputError, match=r"price: expected a multiple of 0\.01, got '1\.005'"):
        scaled("1.005", 2, LIMIT, "price")
    with pytest.raises(InputError, match=r"a multiple of 1, got '1\.5'"):
        scaled("1.5", 0, LIMIT)
    with pytest.raises(InputError, match=r"not negative, got '-1\.5'"):
        scaled("-1.5", 2, LIMIT)
    with pytest.raises(InputError, match=r"at most 10000000000.00, got '10000000000.01'"):
        scaled("10000000000.01", 2, LIMIT)


@given(st.integers(), decimals_places)
def test_unscaled_is_exact(value: int, decimals: int) -> None:
    text = unscaled(value, decimals)
    assert int(text.replace(".", "")) == value
    assert len(text.partition(".")[2]) == decimals


@given(st.floats(min_value=0, max_value=1e15))
def test_plain_reads_back_as_the_same_float(value: float) -> None:
    text = plain(value)
    assert "e" not in text
    assert float(text) == value


@pytest.mark.parametrize("value", [float("nan"), float("inf"), float("-inf")])
def test_plain_refuses_what_is_not_finite(value: float) -> None:
    with pytest.raises(InputError, match="a finite number"):
        plain(value)


@given(st.lists(units, max_size=30))
def test_a_scale_remembers_without_changing_anything(values: list[int]) -> None:
    scale = Scale(4, LIMIT, "size")
    texts = [unscaled(value, 4) for value in values]
    assert [scale[text] for text in texts + texts] == values + values
    assert len(scale) == len(set(texts))


def test_a_scale_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tickproof.runtime.readers.decimals.CACHE_ENTRIES_MAX", 10)
    scale = Scale(0, LIMIT, "size")
    assert [scale[str(n)] for n in range(100)] == list(range(100))
    assert len(scale) <= 10


def test_decimals_needed() -> None:
    assert [decimals_needed(t) for t in ("1", "1.0", "1.10", "0.00100", "x")] == [0, 0, 1, 3, 0]
