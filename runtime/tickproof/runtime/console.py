"""What goes where on a terminal: results on stdout, everything else on stderr.

Whoever pipes `--json` into a program gets one line and nothing beside it; a strategy that prints
does so on stderr.
"""

from __future__ import annotations

import contextlib
import json
import sys
from collections.abc import Iterator, Mapping
from typing import Any

EXIT_DIFFERENT = 1
EXIT_INPUT = 2
EXIT_STRATEGY = 3
EXIT_DEFECT = 4
EXIT_STORAGE = 5
EXIT_INTERRUPTED = 130
"""Exit codes; what they mean is in `tickproof.runtime.cli`."""


def say(text: str) -> None:
    """A result: a line or several on stdout."""
    sys.stdout.write(text + "\n")


def say_json(value: Mapping[str, Any]) -> None:
    """A result as one line of JSON."""
    say(json.dumps(value))


def tell(text: str) -> None:
    """A message to the person: one line on stderr."""
    sys.stderr.write(f"tickproof: {text}\n")


@contextlib.contextmanager
def quiet_stdout() -> Iterator[None]:
    """While others' code runs, what it prints goes to stderr."""
    with contextlib.redirect_stdout(sys.stderr):
        yield
