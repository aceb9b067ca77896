"""The doctor names versions, extras and data, and is content with whatever it finds."""

import gzip
from importlib.metadata import PackageNotFoundError
from pathlib import Path

import pytest

from tickproof.runtime.cli import main
from tickproof.runtime.commands import doctor


def said(capsys: pytest.CaptureFixture[str]) -> str:
    assert main(["doctor"]) == 0
    return capsys.readouterr().out


def test_it_names_everything(capsys: pytest.CaptureFixture[str]) -> None:
    text = said(capsys)
    assert [line.split()[0] for line in text.splitlines() if line[0] != " "] == [
        "tickproof",
        "extras",
        "data",
        "pythons",
    ]


def test_a_missing_extra_names_its_install_line(monkeypatch: pytest.MonkeyPatch) -> None:
    listed = [
        "attrs>=23.2",
        "no-such-thing>=1; extra == 'run'",
        "attrs ; extra == 'docs'",
        "tickproof[run,docs]; extra == 'all'",
    ]
    monkeypatch.setattr(doctor, "requires", lambda _: listed)
    lines = list(doctor.extras())
    assert len(lines) == 2
    assert lines[0].split(maxsplit=1) == [
        "run",
        "missing no-such-thing: pip install 'tickproof[run]'",
    ]
    assert lines[1].startswith("docs")
    assert "missing" not in lines[1]


def test_an_uninstalled_source_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    def missing(name: str) -> list[str]:
        raise PackageNotFoundError(name)

    monkeypatch.setattr(doctor, "requires", missing)
    assert "pip install" in next(iter(doctor.extras()))


def test_data_is_found_by_its_first_bytes(tmp_path: Path) -> None:
    (tmp_path / "deep").mkdir()
    log = tmp_path / "deep" / "a.gz"
    log.write_bytes(gzip.compress(b'1721347033199202822 {"stream":"x"}\n'))
    (tmp_path / "b.gz").write_bytes(gzip.compress(b"something else"))
    (tmp_path / "c.gz").write_bytes(b"no gzip")
    (tmp_path / "d.csv").write_text("1,2")
    lines = list(doctor.data_found(str(tmp_path)))
    assert lines[0].endswith("4 files, 1 raw exchange logs")
    assert len(lines) == 2
    assert str(log.relative_to(tmp_path)) in lines[1]


def test_data_that_is_not_there_is_no_error(tmp_path: Path) -> None:
    assert "not set" in next(iter(doctor.data_found("")))
    assert "not a folder" in next(iter(doctor.data_found(str(tmp_path / "none"))))


def test_long_listings_are_cut(tmp_path: Path) -> None:
    for number in range(doctor.FILES_SHOWN + 3):
        (tmp_path / f"{number:02}.gz").write_bytes(gzip.compress(b"1721347033199202822 {}\n"))
    lines = list(doctor.data_found(str(tmp_path)))
    assert len(lines) == doctor.FILES_SHOWN + 2
    assert lines[-1].strip() == "and 3 more"
