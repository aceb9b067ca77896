"""`tickproof new strategy NAME`: a commented strategy of one's own, with a test that passes.

What it decides: names. `my-idea` becomes `my_idea.py` with the class `MyIdea` and
`test_my_idea.py` beside it. Nothing that exists is overwritten, and no name is taken that would
hide a module of Python from whoever runs the test in that folder.
"""

from __future__ import annotations

import argparse
import keyword
import re
import sys
from importlib.resources import files
from pathlib import Path
from string import Template
from typing import Any

from tickproof.runtime.console import say
from tickproof.runtime.errors import InputError

NAME = re.compile(r"[A-Za-z][A-Za-z0-9]*([-_ ]?[A-Za-z0-9]+)*")
WORDS = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+")
TAKEN = {"attrs", "attr", "pytest", "sortedcontainers", "tickproof"}


def add(commands: Any) -> None:
    """Add the command."""
    command = commands.add_parser("new", help="write a strategy of your own, with its test")
    command.add_argument("what", choices=("strategy",))
    command.add_argument("name", metavar="NAME", help="my-idea makes my_idea.py and class MyIdea")
    command.add_argument("--out", type=Path, default=Path(), metavar="DIR", help="default: here")
    command.set_defaults(handler=_new)


def names_of(name: str) -> tuple[str, str, str]:
    """(module, class, title) for a name a person typed; raises `InputError`."""
    words = [word.lower() for word in WORDS.findall(name)]
    module = "_".join(words)
    if not NAME.fullmatch(name):
        raise InputError(
            "", 0, "NAME", "a name of letters, digits and -, such as my-idea", repr(name)
        )
    if module in TAKEN or module in sys.stdlib_module_names or keyword.iskeyword(module):
        raise InputError("", 0, "NAME", "a name that hides no Python module", repr(name))
    return module, "".join(word.capitalize() for word in words), " ".join(words).capitalize()


def strategy_files(name: str) -> dict[str, str]:
    """File names and texts of a new strategy and its test; raises `InputError`."""
    module, class_name, title = names_of(name)
    given = {"module": module, "class_name": class_name, "title": title}
    folder = files("tickproof.runtime").joinpath("templates")
    return {
        f"{prefix}{module}.py": Template(
            folder.joinpath(f"{prefix}strategy.py.txt").read_text(encoding="utf-8")
        ).substitute(given)
        for prefix in ("", "test_")
    }


def write_strategy(name: str, folder: Path) -> list[Path]:
    """Write both files and give their paths; raises `InputError`, with nothing written."""
    texts = strategy_files(name)
    for each in texts:
        if (folder / each).exists():
            raise InputError(str(folder / each), 0, "file", "no such file yet", "an existing one")
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for each, text in texts.items():
            with (folder / each).open("x", encoding="utf-8", newline="\n") as stream:
                stream.write(text)
    except OSError as error:
        got = error.strerror or "an error"
        raise InputError(str(folder), 0, "--out", "a folder that can be written to", got) from error
    return [folder / each for each in texts]


def _new(arguments: argparse.Namespace) -> int:
    strategy, test = write_strategy(arguments.name, arguments.out)
    class_name = names_of(arguments.name)[1]
    say(f"wrote {strategy}\nwrote {test}\n")
    say("Go on with:")
    say(f"  tickproof backtest FILE... --strategy {strategy}:{class_name}")
    say(f"  pytest {test}    (pip install pytest)")
    return 0
