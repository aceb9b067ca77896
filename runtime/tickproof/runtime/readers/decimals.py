"""Decimal text to integer units and back, exactly or not at all [A].

A price text is a whole number of price units or it is refused: nothing is rounded at the edge, so
nothing has to be explained later. Only plain notation is read: digits, at most one point, no
sign, no exponent, no spaces; trailing zeros beyond the grid carry no information and are dropped.

`Scale` remembers texts: a market repeats the same few thousand prices and sizes, so almost every
number of a log is one dictionary look-up.
"""

from __future__ import annotations

from decimal import Decimal, InvalidOperation

from tickproof.runtime.errors import InputError

TEXT_LENGTH_MAX = 48
DECIMALS_MAX = 18
CACHE_ENTRIES_MAX = 1 << 18

_POWERS: tuple[int, ...] = tuple(10**exponent for exponent in range(TEXT_LENGTH_MAX + 1))


def scaled(text: str, decimals: int, limit: int, field: str = "number") -> int:
    """`text` in units of 10**-decimals, an integer in [0, limit].

    Raises `InputError` (without a place) for anything but a plain non-negative decimal on the
    grid and within the limit.
    """
    whole, point, fraction = text.partition(".")
    if len(fraction) > decimals:
        digits = fraction.rstrip("0")
    else:
        digits = fraction
    if (
        not whole.isdigit()
        or (point and not fraction.isdigit())
        or not text.isascii()
        or len(text) > TEXT_LENGTH_MAX
    ):
        raise InputError("", 0, field, _complaint(text), repr(text))
    if len(digits) > decimals:
        raise InputError("", 0, field, f"a multiple of {unscaled(1, decimals)}", repr(text))
    value = int(whole + digits) * _POWERS[decimals - len(digits)]
    if value > limit:
        raise InputError("", 0, field, f"at most {unscaled(limit, decimals)}", repr(text))
    return value


def _complaint(text: str) -> str:
    """What was expected of a text that is not a plain decimal number."""
    if text.startswith("-") and text[1:].replace(".", "", 1).isdigit():
        return "a number that is not negative"
    return "a plain decimal number"


def unscaled(value: int, decimals: int) -> str:
    """The decimal text of `value` units of 10**-decimals, with exactly `decimals` places."""
    sign = "-" if value < 0 else ""
    digits = str(abs(value))
    if decimals == 0:
        return sign + digits
    digits = digits.zfill(decimals + 1)
    return f"{sign}{digits[:-decimals]}.{digits[-decimals:]}"


def decimals_needed(text: str) -> int:
    """How many decimals `text` uses once trailing zeros are dropped; 0 for what is no number."""
    return len(text.partition(".")[2].rstrip("0"))


def plain(value: float) -> str:
    """The shortest text that reads back as `value`, without an exponent.

    This is what a float column means by a number such as 0.1. Raises `InputError` for infinities
    and not-a-number.
    """
    try:
        number = Decimal(repr(value))
    except InvalidOperation:
        number = Decimal("NaN")
    if not number.is_finite():
        raise InputError("", 0, "number", "a finite number", repr(value))
    return format(number, "f")


class Scale(dict[str, int]):
    """`scaled` for one field, with a memory: `scale[text]` is the value in units.

    The memory is emptied at `CACHE_ENTRIES_MAX` texts, so its size is bounded.
    """

    __slots__ = ("decimals", "limit", "field")

    def __init__(self, decimals: int, limit: int, field: str) -> None:
        super().__init__()
        self.decimals = decimals
        self.limit = limit
        self.field = field

    def __missing__(self, text: str) -> int:
        value = scaled(text, self.decimals, self.limit, self.field)
        if len(self) >= CACHE_ENTRIES_MAX:
            self.clear()
        self[text] = value
        return value
