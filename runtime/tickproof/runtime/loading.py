"""Finding a strategy by name, and knowing which code it is.

`--strategy` takes a built-in name, `module:Class` or `file.py:Class`. A strategy is made with its
parameters, checked, and from then on nothing may be stored on it: what it remembers is its memory,
which belongs to State. Its identity is the sha256 of its class's source file, compiled or not.
"""

from __future__ import annotations

import contextlib
import hashlib
import importlib
import importlib.util
import inspect
import sys
import sysconfig
import traceback
from collections.abc import Iterator
from importlib.machinery import EXTENSION_SUFFIXES
from pathlib import Path
from typing import Any, NoReturn

from attrs import frozen

from tickproof.runtime.errors import InputError, StrategyError
from tickproof.runtime.strategies import BUILT_IN
from tickproof.spec.configuration import WakeRule
from tickproof.spec.strategy import Strategy, is_canonical, memory_fields, memory_values

OUR_PLACES = ("tickproof/kernel/", "tickproof/runtime/", "tickproof/spec/")
"""Where a traceback is ours and not the strategy author's, built-in strategies excepted."""

BUILT_IN_PLACE = "tickproof/runtime/strategies/"

LIBRARY_PLACES = tuple(
    sorted({sysconfig.get_path(name) for name in ("stdlib", "platstdlib", "purelib", "platlib")})
)
"""Where a traceback is a library's."""


@frozen
class LoadedStrategy:
    """A strategy ready to run. `parameters` in name order, as given or defaulted.

    `name`: what Configuration calls it, the built-in name or the class's; where its file lies is
    no part of it [D7].
    """

    name: str
    strategy: Strategy
    code_identity: str
    parameters: tuple[tuple[str, int | str], ...]


def strategy_class(name: str) -> type:
    """The class a name stands for; raises `InputError`."""
    if name in BUILT_IN:
        return BUILT_IN[name]
    place, separator, class_name = name.rpartition(":")
    if not separator or not place:
        known = ", ".join(sorted(BUILT_IN))
        raise InputError("", 0, "strategy", f"{known}, module:Class or file.py:Class", repr(name))
    with _nothing_written():
        module = _from_file(place) if place.endswith(".py") else _from_module(place)
    found = getattr(module, class_name, None)
    if not isinstance(found, type):
        raise InputError(place, 0, "strategy", f"a class called {class_name}", "none")
    return found


@contextlib.contextmanager
def _nothing_written() -> Iterator[None]:
    """No bytecode is left beside the user's files: a run writes where it is told to only."""
    before = sys.dont_write_bytecode
    sys.dont_write_bytecode = True
    try:
        yield
    finally:
        sys.dont_write_bytecode = before


def _make_importable(folder: Path) -> None:
    """Modules in `folder` can be imported, after all others, as if Python had started there."""
    place = str(folder.resolve())
    if place not in sys.path:
        sys.path.append(place)


def _from_module(name: str) -> Any:
    _make_importable(Path.cwd())
    try:
        return importlib.import_module(name)
    except ModuleNotFoundError as error:
        if error.name is not None and (name == error.name or name.startswith(error.name + ".")):
            raise InputError("", 0, "strategy", "an importable module", repr(name)) from error
        raise strategy_failure(error, f"while importing {name}") from error
    # Importing runs the user's code: whatever it raises is theirs to see.
    except Exception as error:
        raise strategy_failure(error, f"while importing {name}") from error


def _from_file(place: str) -> Any:
    path = Path(place)
    if not path.is_file():
        raise InputError(place, 0, "strategy", "an existing Python file", "no such file")
    name = f"tickproof_strategy_{path.stem}"
    spec = importlib.util.spec_from_file_location(name, path)
    if spec is None or spec.loader is None:
        raise InputError(place, 0, "strategy", "a Python file", "something else")
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    _make_importable(path.parent)
    try:
        spec.loader.exec_module(module)
    # Importing runs the user's code: whatever it raises is theirs to see.
    except Exception as error:
        raise strategy_failure(error, "while importing") from error
    return module


def load_strategy(name: str, parameters: dict[str, int | str]) -> LoadedStrategy:
    """Make and check a strategy; raises `InputError` or `StrategyError`."""
    found = strategy_class(name)
    given = _checked_parameters(found, name, parameters)
    try:
        strategy = found(**given)
    # The constructor is the user's code.
    except Exception as error:
        raise strategy_failure(error, "in the constructor", found) from error
    _check(found, strategy, name)
    called = name if name in BUILT_IN else found.__qualname__
    identity = code_identity(found)
    return LoadedStrategy(called, _sealed(strategy), identity, tuple(sorted(given.items())))


def _checked_parameters(
    found: type, name: str, parameters: dict[str, int | str]
) -> dict[str, int | str]:
    """The constructor's parameters with those given; unknown names and wrong types are refused.

    Every one of them is an integer or text, because they are part of Configuration; a default of
    None stands for a parameter that is not there.
    """
    accepted = _accepted(found)
    chosen: dict[str, int | str] = {}
    for key, default in accepted.items():
        if isinstance(default, (int, str)):
            chosen[key] = default
        elif default is not None and default is not inspect.Parameter.empty:
            expected = "a default that is an integer or text"
            raise InputError(_file_of(found), 0, f"param {key}", expected, repr(default))
    for key, value in parameters.items():
        if key not in accepted:
            known = ", ".join(sorted(accepted)) or "no parameters"
            raise InputError("", 0, f"param {key}", f"one of: {known}", f"no such one of {name}")
        default = accepted[key]
        if isinstance(default, int) and not isinstance(value, int):
            raise InputError("", 0, f"param {key}", "an integer", repr(value))
        # On a command line a number may be meant as text.
        chosen[key] = str(value) if isinstance(default, str) else value
    for key, default in accepted.items():
        if key not in chosen and default is inspect.Parameter.empty:
            raise InputError("", 0, f"param {key}", "a value (it has no default)", "none")
    return chosen


def _accepted(found: type) -> dict[str, Any]:
    """The constructor's parameters by name, with their defaults."""
    try:
        parameters = inspect.signature(found).parameters.values()
    except (ValueError, TypeError) as error:
        expected = "a strategy class written in Python"
        raise InputError("", 0, "strategy", expected, found.__qualname__) from error
    kinds = (inspect.Parameter.POSITIONAL_OR_KEYWORD, inspect.Parameter.KEYWORD_ONLY)
    return {each.name: each.default for each in parameters if each.kind in kinds}


def _check(found: type, strategy: Any, name: str) -> None:
    """The contract of a strategy class, before anything runs."""
    file = _file_of(found)
    if not callable(getattr(strategy, "decide", None)):
        raise InputError(file, 0, name, "a method decide(view, memory)", "none")
    if not isinstance(getattr(strategy, "wake", None), WakeRule):
        raise InputError(file, 0, name, "a class attribute wake: WakeRule", "none")
    memory = getattr(strategy, "memory", None)
    if not isinstance(memory, type):
        raise InputError(file, 0, name, "a class attribute memory: an attrs class", "none")
    try:
        memory_fields(memory)
        values = memory_values(memory())
    except TypeError as error:
        expected = "a memory type that is an attrs class with defaults"
        raise InputError(file, 0, name, expected, str(error)) from error
    if not is_canonical(values):
        expected = "memory of integers, text, bytes and tuples of those"
        raise InputError(file, 0, name, expected, repr(values))


def _sealed(strategy: Any) -> Strategy:
    """The same object; storing anything on it raises from now on [D3]."""
    kind = type(strategy)

    def refuse(self: object, name: str, value: object) -> NoReturn:
        raise AttributeError(f"{name}: a strategy remembers in its memory only, not on itself")

    sealed = type(kind.__name__, (kind,), {"__setattr__": refuse, "__module__": kind.__module__})
    try:
        strategy.__class__ = sealed
    except TypeError:
        # A class with slots cannot be changed; what it stores is found by replay [D5].
        return strategy  # type: ignore[no-any-return]
    return strategy  # type: ignore[no-any-return]


def code_identity(found: type) -> str:
    """sha256 of the source file of a class; of its qualified name where there is no source."""
    file = _file_of(found)
    if file and Path(file).is_file():
        return hashlib.sha256(Path(file).read_bytes()).hexdigest()
    return hashlib.sha256(f"{found.__module__}.{found.__qualname__}".encode()).hexdigest()


def _file_of(found: type) -> str:
    """The source file of a class; of one that is compiled, what lies beside the extension."""
    try:
        file = Path(inspect.getfile(found))
    except TypeError:
        return ""
    if file.name.endswith(tuple(EXTENSION_SUFFIXES)):
        return str(file.with_name(file.name.partition(".")[0] + ".py"))
    return inspect.getsourcefile(found) or ""


def strategy_failure(
    error: BaseException, where: str = "", strategy: object | None = None
) -> StrategyError:
    """The error as its author needs it: the last line of their own code, and what was raised.

    Where none of their lines is in the traceback, because of what they returned or remembered,
    it is the line where `decide` of `strategy` begins.
    """
    message = f"{type(error).__name__}: {error}" + (f" ({where})" if where else "")
    if isinstance(error, SyntaxError) and error.filename is not None:
        return StrategyError(error.filename, error.lineno or 0, message)
    frames = [
        frame for frame in traceback.extract_tb(error.__traceback__) if _is_theirs(frame.filename)
    ]
    if frames:
        return StrategyError(frames[-1].filename, frames[-1].lineno or 0, message)
    code = getattr(getattr(type(strategy), "decide", None), "__code__", None)
    if code is not None:
        return StrategyError(code.co_filename, code.co_firstlineno, message)
    return StrategyError("strategy", 0, message)


def _is_theirs(filename: str) -> bool:
    """Whether a frame is of the strategy author's own code."""
    place = filename.replace("\\", "/")
    if BUILT_IN_PLACE in place:
        return True
    if filename.startswith("<") or filename.startswith(LIBRARY_PLACES):
        return False
    return not any(part in place for part in OUR_PLACES)
