"""The command line: it reads arguments, calls the library, prints, and maps errors to exit codes.

Exit codes: 0 done; 1 a comparison found a difference; 2 bad input, nothing written; 3 a strategy
failed, what was written is complete up to that position; 4 a rule of the specification does not
hold, which is a defect of this program; 5 a disk failed under a journal, what was acknowledged is
safe; 130 interrupted, nothing written.
"""

from __future__ import annotations

import argparse
import importlib
import os
import sys
from collections.abc import Callable, Sequence
from typing import Any

from tickproof.runtime.console import (
    EXIT_DEFECT,
    EXIT_INPUT,
    EXIT_INTERRUPTED,
    EXIT_STORAGE,
    EXIT_STRATEGY,
    tell,
)
from tickproof.runtime.errors import InputError, MissingExtra, StrategyError
from tickproof.runtime.journal.refusing import JournalFailed
from tickproof.runtime.version import VERSION, build_text
from tickproof.spec.errors import InvariantBroken, ObligationSkipped

COMMANDS: tuple[str, ...] = (
    "backtest",
    "replay",
    "bracket",
    "sweep",
    "compare",
    "demo",
    "match",
    "new",
    "table",
    "spec",
    "config",
    "record",
    "journal",
    "doctor",
)
"""Modules of `tickproof.runtime.commands`, in the order help shows them.

Each has `add(commands)`: it adds its parser and sets `handler=` to a function from the parsed
arguments to an exit code. They are imported for every command, so they import nothing that the
base install lacks except inside functions, where a missing one raises `MissingExtra`.
"""

Handler = Callable[[argparse.Namespace], int]


class _Parser(argparse.ArgumentParser):
    """Arguments that cannot be used are bad input: one line, exit code 2."""

    def error(self, message: str) -> Any:
        self.exit(EXIT_INPUT, f"{self.prog}: {' '.join(message.split())}\n")


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; the exit code."""
    parsed = parser().parse_args(arguments)
    if parsed.command is None:
        parser().print_help(sys.stderr)
        return EXIT_INPUT
    try:
        return _run(parsed)
    except BrokenPipeError:
        # Whoever read has read enough; what is still buffered must not be written at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0


def _run(parsed: argparse.Namespace) -> int:
    """Run the handler; what a user can get wrong becomes one line and a code."""
    handler: Handler = parsed.handler
    try:
        code = handler(parsed)
        sys.stdout.flush()
    except (InputError, MissingExtra) as error:
        tell(str(error))
        return EXIT_INPUT
    except StrategyError as error:
        tell(f"strategy failed: {error}")
        return EXIT_STRATEGY
    except (InvariantBroken, ObligationSkipped) as error:
        tell(f"a defect of tickproof, please report it: {' '.join(str(error).split())}")
        return EXIT_DEFECT
    except JournalFailed as error:
        tell(str(error))
        return EXIT_STORAGE
    except KeyboardInterrupt:
        tell("interrupted")
        return EXIT_INTERRUPTED
    return code


def parser() -> argparse.ArgumentParser:
    """All commands and their arguments."""
    about = "A trading kernel one can check. Start with: tickproof demo"
    made = _Parser(prog="tickproof", description=about)
    shown = f"tickproof {VERSION} {build_text()}".replace("%", "%%")
    made.add_argument("--version", action="version", version=shown)
    commands = made.add_subparsers(dest="command", parser_class=_Parser)
    for name in COMMANDS:
        importlib.import_module(f"tickproof.runtime.commands.{name}").add(commands)
    return made


if __name__ == "__main__":
    sys.exit(main())
