"""The drawn pages: equal to the code, and a difference is noticed."""

from pathlib import Path

import pytest

from docs import generate
from docs.drawn import codes
from docs.drawn.markdown import escaped, table
from docs.drawn.tables import ordered, page
from tickproof.spec.events import FillCause
from tickproof.spec.risk import POLICIES
from tickproof.spec.table import Row


def test_committed_pages_are_what_the_code_draws(capsys: pytest.CaptureFixture[str]) -> None:
    assert generate.main(["--check"]) == 0, capsys.readouterr().out


def test_drift_and_strangers_are_found_and_mended(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(generate, "FOLDER", tmp_path)
    assert generate.main([]) == 0
    assert generate.main(["--check"]) == 0
    (tmp_path / "tables" / "gone.md").write_text("of a table that is no more")
    (tmp_path / "errors.md").write_text("edited by hand")
    (tmp_path / "cli.md").unlink()
    capsys.readouterr()
    assert generate.main(["--check"]) == 1
    said = capsys.readouterr().out
    assert [name in said for name in ("tables/gone.md", "errors.md", "cli.md")] == [True] * 3
    assert generate.main([]) == 0
    assert generate.main(["--check"]) == 0
    assert not (tmp_path / "tables" / "gone.md").exists()


@pytest.mark.parametrize("name", [name for name, _ in ordered()])
def test_a_page_shows_every_guard_effect_and_code_of_its_table(name: str) -> None:
    each = dict(ordered())[name]
    text = page(name, each).replace("<wbr>", "")
    for rule in each.rules:
        for word in (rule.guard.__name__, each.states(rule.source).name):
            assert word == "always" or word in text
        if isinstance(rule, Row):
            assert rule.effect.__name__ in ("unchanged", *text.replace("`", " ").split())
        else:
            assert each.codes(rule.code).name in text


def test_every_denial_has_a_line() -> None:
    drawn = codes.pages()["errors.md"]
    assert all(f"| `{policy.id.removeprefix('RISK.')}` |" in drawn for policy in POLICIES)


def test_a_code_without_a_meaning_is_an_error() -> None:
    with pytest.raises(ValueError, match="FillCause"):
        codes.meanings_of(FillCause, {FillCause.PRINT: "a print"})


def test_text_stays_what_it_says() -> None:
    assert escaped("a_b [T5] `a_b`") == r"a\_b \[T5\] `a_b`"
    assert escaped("* one_two") == r"* one\_two"
    assert table(("a",), [("x|y",)]).endswith(r"| x\|y |")
