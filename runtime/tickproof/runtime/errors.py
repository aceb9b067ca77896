"""What a user can get wrong, as exceptions the command line turns into one line and an exit code.

Bad input is not a defect of the program: each class says where the fault is in words its author
can act on, and nothing is written before it is raised. `InputError` and `MissingExtra` end a run
with exit code 2, `StrategyError` with 3.
"""

from __future__ import annotations


class InputError(Exception):
    """Input that is refused: `str()` is `FILE:LINE: FIELD: expected X, got Y`, always one line.

    `file`: path as given, "" while the reader of a single value does not know it. `line`: from 1,
    0 when the whole file is meant. `field`: the venue's or the user's name of the value.
    """

    GOT_LENGTH_MAX = 80

    def __init__(self, file: str, line: int, field: str, expected: str, got: str) -> None:
        super().__init__(file, line, field, expected, got)
        self.file = file
        self.line = line
        self.field = field
        self.expected = expected
        self.got = got

    def at(self, file: str, line: int) -> InputError:
        """The same refusal with its place; a place that is already known stays."""
        if self.file:
            return self
        return InputError(file, line, self.field, self.expected, self.got)

    def __str__(self) -> str:
        place = f"{self.file}:{self.line}" if self.line else self.file
        got = " ".join(self.got.split())
        if len(got) > self.GOT_LENGTH_MAX:
            got = got[: self.GOT_LENGTH_MAX] + "..."
        text = f"{self.field}: expected {self.expected}, got {got}"
        return f"{place}: {text}" if place else text


class MissingExtra(Exception):
    """An optional dependency is not installed; `str()` names the `pip install` that brings it."""

    def __init__(self, extra: str, purpose: str) -> None:
        super().__init__(extra, purpose)
        self.extra = extra
        self.purpose = purpose

    def __str__(self) -> str:
        return f"{self.purpose} needs an extra: pip install 'tickproof[{self.extra}]'"


class StrategyError(Exception):
    """A strategy raised or returned what it must not; `file` and `line` are the user's code."""

    def __init__(self, file: str, line: int, message: str) -> None:
        super().__init__(file, line, message)
        self.file = file
        self.line = line
        self.message = message

    def __str__(self) -> str:
        return f"{self.file}:{self.line}: {' '.join(self.message.split())}"
