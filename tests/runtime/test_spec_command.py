"""Rules as text, their hashes, and the reviews that are kept of them."""

import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from tickproof.runtime import rule_difference, rule_text
from tickproof.runtime.cli import main
from tickproof.spec.order_life import TABLE

PROJECT = Path(__file__).resolve().parents[2]
RULE = "FL.ABSENT.FILLED.always"
Capture = pytest.CaptureFixture[str]
Edit = Callable[[str, str, str], None]


@pytest.fixture(scope="module")
def reviewed_once(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A repository with the specification, one commit, and every rule reviewed."""
    folder = tmp_path_factory.mktemp("once")
    shutil.copytree(PROJECT / "spec", folder / "spec", ignore=shutil.ignore_patterns("__pyc*"))
    (folder / "adr").mkdir()
    for command in (
        ["init", "-q"],
        ["add", "spec"],
        ["-c", "user.name=a", "-c", "user.email=a@b", "commit", "-q", "-m", "one"],
    ):
        git = shutil.which("git") or "git"
        subprocess.run([git, *command], check=True, capture_output=True, cwd=folder)
    with pytest.MonkeyPatch.context() as patched:
        patched.chdir(folder)
        assert main(["spec", "review", "*", "--why", "first"]) == 0
    return folder


@pytest.fixture
def checkout(reviewed_once: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of it to work in, compiled as it was."""
    shutil.copytree(reviewed_once, tmp_path, dirs_exist_ok=True)
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def edit(checkout: Path) -> Edit:
    def change(module: str, old: str, new: str) -> None:
        path = checkout / "spec" / "tickproof" / "spec" / f"{module}.py"
        text = path.read_text(encoding="utf-8")
        assert old in text
        path.write_text(text.replace(old, new, 1), encoding="utf-8")

    return change


def test_a_text_tells_the_cell_and_all_that_it_leads_to() -> None:
    text = rule_text.texts()["OL.WORKING.FILLED.fill_fresh"]
    for part in ("WORKING x FILLED", "OL3, OL4", "ADR-0003", "def fill(", "def room("):
        assert part in text
    assert '"""' not in text


def test_every_rule_and_policy_has_a_text() -> None:
    names = rule_text.texts().keys()
    assert {rule.id for rule in TABLE.rules} <= names
    assert "RISK.REDUCING" in names


def test_what_was_reviewed_is_not_suspect(checkout: Path, capsys: Capture) -> None:
    capsys.readouterr()
    assert main(["spec", "suspects"]) == 0
    assert capsys.readouterr().out == ""
    assert main(["spec", "diff", "HEAD"]) == 0
    assert "0 changed, 0 added, 0 removed" in capsys.readouterr().out


def test_a_changed_target_is_suspect_until_it_is_reviewed(edit: Edit, capsys: Capture) -> None:
    edit("fill_life", "FillLife.ABSENT): FillLife.EFFECTIVE", "FillLife.ABSENT): FillLife.VOIDED")
    capsys.readouterr()
    assert main(["spec", "suspects"]) == 1
    assert capsys.readouterr().out == f"{RULE}\n"
    assert main(["spec", "diff", "HEAD", "."]) == 1
    shown = capsys.readouterr().out
    assert "target        EFFECTIVE" in shown
    assert "| target        VOIDED" in shown
    assert "1 changed, 0 added, 0 removed" in shown
    assert main(["spec", "review", RULE, "--why", "a fill may be void"]) == 0
    assert main(["spec", "suspects"]) == 0
    assert rule_text.reviewed(Path())[RULE]["why"] == "a fill may be void"


def test_a_helper_of_an_effect_makes_its_rules_suspect(edit: Edit, capsys: Capture) -> None:
    edit("order_life", "    size = max(wanted, leg.executed)", "    size = wanted")
    capsys.readouterr()
    assert main(["spec", "suspects"]) == 1
    found = capsys.readouterr().out.splitlines()
    assert "OL.WORKING.REPLACED.open_same_leg" in found
    assert "OL.WORKING.FILLED.fill_fresh" not in found


def test_a_changed_helper_is_shown_once_with_the_rules_it_concerns(
    edit: Edit, capsys: Capture
) -> None:
    edit("order_life", "    size = max(wanted, leg.executed)", "    size = wanted")
    capsys.readouterr()
    assert main(["spec", "diff", "HEAD"]) == 1
    shown = capsys.readouterr().out
    assert shown.count("size = max(wanted, leg.executed)") == 1
    assert "| " in next(line for line in shown.splitlines() if "max(wanted" in line)
    assert "rules: OL." in shown
    assert " more\n" in shown


def test_rules_that_came_and_went_are_a_line_each(edit: Edit, capsys: Capture) -> None:
    edit("trading_state", '"TRADING"', '"TRADE"')
    capsys.readouterr()
    assert main(["spec", "diff", "HEAD"]) == 1
    lines = capsys.readouterr().out.splitlines()
    assert sum(line.startswith("- TRADING.") for line in lines) == 9
    assert sum(line.startswith("+ TRADE.") for line in lines) == 9
    assert "0 changed, 9 added, 9 removed" in lines[-1]


def test_a_function_that_came_with_a_rule_is_shown_once() -> None:
    facts = "rule  {0}\ncell  A x B\ntarget  {1}"
    first = {"T.A": facts.format("T.A", "A") + "\n\ndef old(x):\n    return x"}
    second = {
        **first,
        "T.B": facts.format("T.B", "B") + "\n\ndef old(x):\n    return x\n\ndef new(x):\n    pass",
        "T.C": facts.format("T.C", "C") + "\n\ndef new(x):\n    pass",
    }
    lines = list(rule_difference.told(first, second, 100))
    assert lines == [
        "+ T.B  target B",
        "+ T.C  target C",
        "",
        "+     def new(x):",
        "+         pass",
        "",
    ]
    assert [line[0] for line in rule_difference.told(second, first, 100) if line] == ["-"] * 4


def test_long_lines_go_on_below() -> None:
    left, right = ("    return " + "a + " * 30 + "a",), ("    return b",)
    lines = list(rule_difference.side_by_side(left, right, 40))
    assert len(lines) > 3
    assert "".join(line[2:42].strip() + " " for line in lines).split() == left[0].split()
    assert lines[0].endswith("|     return b")


def test_words_in_a_docstring_change_no_rule(edit: Edit) -> None:
    edit("order_life", '"""The venue\'s order id becomes known."""', '"""It is known now."""')
    assert main(["spec", "suspects"]) == 0


def test_a_rule_that_is_gone_is_dropped_by_the_next_review(edit: Edit, capsys: Capture) -> None:
    edit("trading_state", '"TRADING"', '"TRADE"')
    assert main(["spec", "suspects"]) == 1
    assert "no more a rule: TRADING.ACTIVE.TO_ACTIVE.always" in capsys.readouterr().err
    assert main(["spec", "review", "TRADE.*", "--why", "renamed"]) == 0
    assert main(["spec", "suspects"]) == 0


@pytest.mark.parametrize(
    "arguments",
    [
        ["review", "OL.NONSENSE", "--why", "x"],
        ["review", RULE, "--why", " "],
        ["diff", "no-such-revision"],
    ],
)
def test_what_cannot_be_meant_is_refused(
    checkout: Path, capsys: Capture, arguments: list[str]
) -> None:
    assert main(["spec", *arguments]) == 2
    assert "expected" in capsys.readouterr().err


def test_elsewhere_it_says_where_it_belongs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Capture
) -> None:
    monkeypatch.chdir(tmp_path)
    assert main(["spec", "suspects"]) == 2
    assert "inside a checkout" in capsys.readouterr().err
