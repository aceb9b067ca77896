"""A new strategy and its test are written, run as written, and overwrite nothing."""

import importlib.util
import shutil
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tickproof.runtime.cli import main
from tickproof.runtime.commands.new import names_of, strategy_files, write_strategy
from tickproof.runtime.errors import InputError


def loaded(path: Path) -> ModuleType:
    spec = importlib.util.spec_from_file_location(f"new_{path.stem}", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize(
    ("name", "module", "class_name"),
    [
        ("my-idea", "my_idea", "MyIdea"),
        ("MyIdea", "my_idea", "MyIdea"),
        ("my_idea_2", "my_idea_2", "MyIdea2"),
        ("mean reversion", "mean_reversion", "MeanReversion"),
        ("EMACross", "ema_cross", "EmaCross"),
        ("x", "x", "X"),
    ],
)
def test_names(name: str, module: str, class_name: str) -> None:
    assert names_of(name)[:2] == (module, class_name)


@pytest.mark.parametrize(
    "name", ["", "2fast", "a/b", "../up", "a.py", "-a", "a-", "é", "random", "class", "tickproof"]
)
def test_names_that_cannot_be_modules_are_refused(name: str) -> None:
    with pytest.raises(InputError, match="NAME"):
        names_of(name)


@settings(max_examples=40)
@given(st.from_regex(r"[A-Za-z][A-Za-z0-9]*([-_]?[A-Za-z0-9]+)*", fullmatch=True))
def test_whatever_is_not_refused_is_python(name: str) -> None:
    try:
        module, class_name, _ = names_of(name)
    except InputError:
        return
    assert module.isidentifier()
    assert class_name.isidentifier()
    for file, text in strategy_files(name).items():
        compile(text, file, "exec")


def test_the_written_test_passes_as_it_is(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "deep" / "er"
    assert main(["new", "strategy", "my-idea", "--out", str(out)]) == 0
    said = capsys.readouterr().out
    assert sorted(path.name for path in out.iterdir()) == ["my_idea.py", "test_my_idea.py"]
    assert f"--strategy {out / 'my_idea.py'}:MyIdea" in said
    tests = vars(loaded(out / "test_my_idea.py"))
    functions = [value for name, value in tests.items() if name.startswith("test_")]
    assert len(functions) == 3
    for function in functions:
        function()


def test_what_is_written_keeps_the_rules_of_the_house(tmp_path: Path) -> None:
    ruff = shutil.which("ruff", path=str(Path(sys.executable).parent)) or shutil.which("ruff")
    if ruff is None:
        pytest.skip("ruff is not installed")
    paths = [str(path) for path in write_strategy("my-idea", tmp_path)]
    rules = str(Path(__file__).parents[2] / "pyproject.toml")
    for command in (["check", "--ignore", "S101,D103"], ["format", "--check"]):
        line = [ruff, *command, "--config", rules, *paths]
        found = subprocess.run(line, capture_output=True, text=True, check=False)
        assert found.returncode == 0, found.stdout


@pytest.mark.parametrize("existing", ["my_idea.py", "test_my_idea.py"])
def test_nothing_is_overwritten(
    existing: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / existing).write_text("mine")
    assert main(["new", "strategy", "my-idea", "--out", str(tmp_path)]) == 2
    assert existing in capsys.readouterr().err
    assert [path.name for path in tmp_path.iterdir()] == [existing]
    assert (tmp_path / existing).read_text() == "mine"


def test_a_folder_that_cannot_be_made(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "file").write_text("")
    assert main(["new", "strategy", "my-idea", "--out", str(tmp_path / "file" / "sub")]) == 2
    assert "--out" in capsys.readouterr().err
