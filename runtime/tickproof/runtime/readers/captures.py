"""Files of lines, packed or not, and the values in messages of JSON.

Every reader of captured messages meets the same things: lines of a file that may be packed and
may be cut, a receiver's stamp before the message, numbers written as texts. Here they are read
exactly or refused, with the line they are on.
"""

from __future__ import annotations

import gzip
import json
import lzma
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import IO, Any, cast

from tickproof.runtime.errors import InputError
from tickproof.runtime.readers.decimals import decimals_needed, plain, scaled
from tickproof.spec.events import INT64_MAX

OPENERS: dict[str, Callable[..., Any]] = {".gz": gzip.open, ".xz": lzma.open}
"""How to open packed files, by ending."""


def numbered_lines(path: Path) -> Iterator[tuple[int, str]]:
    """Numbered lines of a text file, plain, `.gz` or `.xz`; empty ones are passed over.

    Raises `InputError` at the line reached for a file that is damaged, cut, empty or not UTF-8.
    """
    number = 0
    try:
        opener = OPENERS.get(path.suffix.lower(), open)
        with cast("IO[bytes]", opener(path, "rb")) as stream:
            for number, line in enumerate(stream, start=1):
                text = line.decode("utf-8").strip()
                if text:
                    yield number, text
    except UnicodeDecodeError as error:
        raise InputError(str(path), number, "message", "UTF-8 text", str(error)) from error
    except FileNotFoundError as error:
        raise InputError(str(path), 0, "file", "an existing file", "no such file") from error
    except EOFError as error:
        raise InputError(str(path), number, "file", "a whole file", "a cut one") from error
    except (OSError, lzma.LZMAError, zlib.error) as error:
        raise InputError(str(path), number, "file", "a readable file", str(error)) from error
    if number == 0:
        raise InputError(str(path), 0, "file", "a file with messages", "an empty one")


def json_of(text: str) -> Any:
    """The JSON value of a text; numbers with a point stay the texts they are.

    Raises `InputError` without a place.
    """
    try:
        return json.loads(text, parse_float=str, parse_constant=str)
    except (ValueError, RecursionError) as error:
        raise InputError("", 0, "message", "JSON", repr(text)) from error


def member(data: Any, field: str) -> Any:
    """A member of a JSON object; raises `InputError` when there is none."""
    if not isinstance(data, dict) or field not in data:
        raise InputError("", 0, field, "a value", "nothing")
    return data[field]


def text_member(data: Any, field: str) -> str:
    """A member that is a text, or a number as it was written."""
    value = member(data, field)
    if isinstance(value, bool) or not isinstance(value, (str, int)):
        raise InputError("", 0, field, "a text", repr(value))
    return str(value)


def integer_member(data: Any, field: str, maximum: int = INT64_MAX) -> int:
    """A member that is an integer from 0 to `maximum`, written as a number or a text."""
    return scaled(text_member(data, field), 0, maximum, field)


def float_text(text: str) -> str:
    """The plain decimal a JSON number with all its digits means: the shortest that reads back."""
    try:
        return plain(float(text))
    except ValueError as error:
        raise InputError("", 0, "number", "a number", repr(text)) from error


class Decimals:
    """The most decimals any price and any size of a file needs: the grid it is on."""

    __slots__ = ("price", "quantity")

    def __init__(self) -> None:
        self.price = 0
        self.quantity = 0

    def see(self, price: str, size: str) -> None:
        """Take in a level, an order or a print."""
        self.price = max(self.price, decimals_needed(price))
        self.quantity = max(self.quantity, decimals_needed(size))
