"""Strategies: how they are found, what is refused, and whose line a failure names."""

import hashlib
import sys
from pathlib import Path
from textwrap import dedent

import pytest

from tests.runtime import worlds
from tickproof.runtime.backtest import Result, run_backtest
from tickproof.runtime.errors import InputError, StrategyError
from tickproof.runtime.loading import load_strategy, strategy_failure
from tickproof.spec.outputs import RecordKind

HEAD = """\
from attrs import define
from tickproof.spec.commands import *
from tickproof.spec.configuration import Wake, WakeRule

@define
class Memory:
    count: int = 0

class Mine:
    wake = WakeRule(Wake.EVERY_EVENT)
    memory = Memory
    def __init__(self, word: str = "a", *, size: int = 1):
        self.size = size
    def decide(self, view, memory):
        memory.count += 1
"""
DECIDE_LINE = 14


def written(folder: Path, body: str = "", head: str = HEAD, name: str = "mine.py") -> str:
    path = folder / name
    path.write_text(head + dedent(body), encoding="utf-8")
    return f"{path}:Mine"


def in_decide(body: str) -> str:
    return "".join(f"        {line}\n" for line in dedent(body).strip().splitlines())


def with_decide(folder: Path, body: str, head: str = HEAD) -> str:
    path = folder / "mine.py"
    path.write_text(head + in_decide(body), encoding="utf-8")
    return f"{path}:Mine"


def line_of(place: str, text: str) -> int:
    lines = Path(place.rpartition(":")[0]).read_text(encoding="utf-8").splitlines()
    return next(number for number, line in enumerate(lines, 1) if text in line)


# --- finding -------------------------------------------------------------------------------------


def test_a_built_in_is_found_by_name_with_its_defaults() -> None:
    loaded = load_strategy("quoter", {"size": 3})
    assert loaded.name == "quoter"
    assert dict(loaded.parameters) == {"instrument": 0, "maximum_position": 0, "size": 3}


def test_a_class_in_a_file_is_known_by_its_source_and_not_by_its_place(tmp_path: Path) -> None:
    (tmp_path / "other").mkdir()
    first = load_strategy(written(tmp_path), {})
    second = load_strategy(written(tmp_path / "other"), {})
    assert first.name == second.name == "Mine"
    assert first.code_identity == hashlib.sha256(HEAD.encode()).hexdigest()
    assert first.code_identity == second.code_identity
    changed = load_strategy(written(tmp_path, "# one more line\n"), {})
    assert changed.code_identity != first.code_identity


def test_a_module_is_found_where_the_command_runs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    written(tmp_path, name="a_module_of_mine.py")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "path", [each for each in sys.path if each])
    assert load_strategy("a_module_of_mine:Mine", {}).name == "Mine"


@pytest.mark.parametrize("bytecode", [False, True])
def test_nothing_is_written_beside_a_strategy(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, bytecode: bool
) -> None:
    monkeypatch.setattr(sys, "dont_write_bytecode", not bytecode)
    load_strategy(written(tmp_path), {})
    assert [path.name for path in tmp_path.iterdir()] == ["mine.py"]
    assert sys.dont_write_bytecode is not bytecode


@pytest.mark.parametrize(
    ("name", "parameters", "told"),
    [
        ("quoteur", {}, "strategy: expected buy-and-hold, ema-cross, quoter, module:Class"),
        ("no_such_module:Mine", {}, "strategy: expected an importable module"),
        ("tickproof.runtime.strategies.quoter:Nothing", {}, "expected a class called Nothing"),
        ("/no/such/file.py:Mine", {}, "/no/such/file.py: strategy: expected an existing Python"),
        ("quoter", {"seize": 1}, "param seize: expected one of: instrument, maximum_position"),
        ("quoter", {"size": "big"}, "param size: expected an integer, got 'big'"),
        ("builtins:dict", {}, "strategy: expected a strategy class written in Python"),
        ("pathlib:Path", {}, "a method decide(view, memory)"),
        ("json:dumps", {}, "strategy: expected a class called dumps"),
        (":Mine", {}, "strategy: expected buy-and-hold"),
        ("", {}, "strategy: expected buy-and-hold"),
    ],
)
def test_what_cannot_be_found_is_refused(
    name: str, parameters: dict[str, int | str], told: str
) -> None:
    with pytest.raises(InputError) as caught:
        load_strategy(name, parameters)
    assert told in str(caught.value)


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("def decide(", "def decided(", "a method decide(view, memory)"),
        ("wake = WakeRule(Wake.EVERY_EVENT)", "wake = 1", "a class attribute wake: WakeRule"),
        ("memory = Memory", "memory = 1", "a class attribute memory: an attrs class"),
        ("@define\n", "", "a memory type that is an attrs class with defaults"),
        ("count: int = 0", "count: int", "a memory type that is an attrs class with defaults"),
        ("count: int = 0", "count: float = 0.5", "memory of integers, text, bytes and tuples"),
        ("count: int = 0", "count: list = []", "memory of integers, text, bytes and tuples"),
        ("size: int = 1", "size: int", "param size: expected a value"),
        ("size: int = 1", "size: float = 0.5", "param size: expected a default that is an int"),
    ],
)
def test_a_class_that_is_no_strategy_is_refused(
    tmp_path: Path, old: str, new: str, told: str
) -> None:
    assert old in HEAD
    with pytest.raises(InputError) as caught:
        load_strategy(written(tmp_path, head=HEAD.replace(old, new)), {})
    assert told in str(caught.value)


def test_nothing_may_be_stored_on_a_strategy(tmp_path: Path) -> None:
    """D3: it remembers in its memory or not at all."""
    result = ran(with_decide(tmp_path, "self.size = 2"))
    assert result.failure is not None
    assert "a strategy remembers in its memory only" in result.failure.message


def test_text_stays_text_and_none_is_nothing(tmp_path: Path) -> None:
    head = HEAD.replace("size: int = 1", "size: int | None = None")
    place = written(tmp_path, head=head)
    assert load_strategy(place, {"word": 7}).parameters == (("word", "7"),)
    assert load_strategy(place, {"size": 7}).parameters == (("size", 7), ("word", "a"))


# --- failing -------------------------------------------------------------------------------------


def ran(place: str, events: int = 60) -> Result:
    return run_backtest(worlds.market(events), strategy=place, keep_outputs=True)


@pytest.mark.parametrize(
    ("body", "line", "message"),
    [
        ("raise ValueError('no\\nway')", "raise ValueError", "ValueError: no\nway"),
        ("view.bid_price(99)", "view.bid_price", "Error"),
        ("view.now_ns = 1", "view.now_ns", "AttributeError: a view is read only"),
        ("new_order(1)", "new_order(1)", "TypeError"),
        ("import json; json.loads('x')", "import json", "JSONDecodeError"),
        ("import sys; sys.exit(7)", "import sys", "SystemExit: 7"),
        ("def deep(): deep()\ndeep()", "def deep", "RecursionError"),
        ("def later():\n    yield cancel_order(1)\n    1 // 0\nreturn later()", "1 // 0", "Zero"),
        ("return 5", "def decide", "TypeError"),
        ("return ['sell everything']", "def decide", "TypeError: decide returned 'sell every"),
        ("return [SetTimer(-1)]", "def decide", "TypeError: decide returned SetTimer"),
        ("return [cancel_order('1')]", "def decide", "TypeError: decide returned Intent"),
        ("return [cancel_order(1.5)]", "def decide", "TypeError: decide returned Intent"),
        ("memory.count = 1.5", "def decide", "TypeError: memory holds"),
        ("memory.count = [1]", "def decide", "TypeError: memory holds"),
        ("memory.count = {1: 2}", "def decide", "TypeError: memory holds"),
        ("del memory.count", "def decide", "AttributeError"),
    ],
)
def test_a_failure_names_the_authors_own_line(
    tmp_path: Path, body: str, line: str, message: str
) -> None:
    place = with_decide(tmp_path, f"if memory.count < 5:\n    return None\n{body}")
    result = ran(place)
    assert result.failure is not None
    assert result.failure.file == place.rpartition(":")[0]
    assert result.failure.line == line_of(place, line)
    assert message in result.failure.message
    assert "\n" not in str(result.failure)
    # Complete to that position, and the failing consultation is the last thing in it.
    assert result.summary["failure"]["line"] == result.failure.line
    wakes = [each for each in result.outputs if each[2] == RecordKind.WAKE]
    assert len(wakes) in (4, 5)
    assert result.summary["positions"] in (wakes[-1][0] + 1, wakes[-1][0] + 2)


def test_a_failure_in_a_helper_names_the_helper(tmp_path: Path) -> None:
    helper = tmp_path / "helper_of_mine.py"
    helper.write_text("def divide(number):\n    return number // 0\n", encoding="utf-8")
    result = ran(with_decide(tmp_path, "import helper_of_mine\nhelper_of_mine.divide(1)"))
    assert result.failure is not None
    assert (result.failure.file, result.failure.line) == (str(helper), 2)


def test_a_disabled_strategy_leaves_the_run_to_go_on(tmp_path: Path) -> None:
    place = with_decide(tmp_path, "1 // 0")
    market = worlds.market(60)
    halted = run_backtest(market, strategy=place)
    disabled = run_backtest(market, strategy=place, on_strategy_error="disable")
    assert halted.failure is not None
    assert disabled.failure is not None
    assert disabled.summary["positions"] == 62


@pytest.mark.parametrize(
    ("old", "new", "line", "message"),
    [
        ("from attrs", "1 // 0\nfrom attrs", 1, "ZeroDivisionError"),
        ("self.size = size", "self.size = 1 // 0", 13, "ZeroDivisionError"),
        ("class Mine:", "class Mine(:", 9, "SyntaxError"),
        ("from attrs", "import no_such_module_at_all\nfrom attrs", 1, "ModuleNotFoundError"),
    ],
)
def test_a_strategy_that_cannot_be_made_names_its_line(
    tmp_path: Path, old: str, new: str, line: int, message: str
) -> None:
    place = written(tmp_path, head=HEAD.replace(old, new, 1))
    with pytest.raises(StrategyError) as caught:
        load_strategy(place, {})
    assert caught.value.file == place.rpartition(":")[0]
    assert caught.value.line == line
    assert message in caught.value.message


def test_a_built_in_that_fails_is_named_too() -> None:
    result = run_backtest(worlds.market(60), strategy="quoter", param={"instrument": 5})
    assert result.failure is not None
    assert result.failure.file.endswith("quoter.py")


def test_an_error_without_a_traceback_is_still_told() -> None:
    assert str(strategy_failure(ValueError("x"))) == "strategy:0: ValueError: x"
