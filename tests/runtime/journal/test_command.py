"""The command line on journals: what it says, with which exit code, and that it changes nothing."""

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from attrs import frozen

from tests.runtime import worlds
from tickproof.runtime.cli import main
from tickproof.runtime.journal.folders import BACKENDS, create
from tickproof.runtime.journal.recovery import segment_name

MESSAGES = 200
DIGESTS = ("digest", "state_digest", "positions")


@frozen
class Said:
    """What a command printed, and its exit code."""

    code: int
    out: str
    error: str

    @property
    def table(self) -> dict[str, object]:
        found: dict[str, object] = json.loads(self.out)
        return found


@frozen
class Shell:
    """Runs commands."""

    capture: pytest.CaptureFixture[str]

    def __call__(self, *words: object) -> Said:
        self.capture.readouterr()
        code = main([str(word) for word in words])
        out, error = self.capture.readouterr()
        return Said(code, out, error)


@pytest.fixture
def shell(capsys: pytest.CaptureFixture[str]) -> Shell:
    return Shell(capsys)


@pytest.fixture(scope="module")
def log(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return worlds.long_log(tmp_path_factory.mktemp("logs") / "log.gz", MESSAGES)


@pytest.fixture(scope="module")
def kept(log: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A journal that a backtest left; tests copy it before they change it."""
    folder = tmp_path_factory.mktemp("kept") / "journal"
    assert main(["backtest", str(log), "--journal", str(folder), "--snapshot-every", "100"]) == 0
    return folder


@pytest.fixture
def journal(kept: Path, tmp_path: Path) -> Path:
    return shutil.copytree(kept, tmp_path / "journal")


def contents(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in sorted(folder.iterdir())}


@pytest.mark.parametrize("backend", BACKENDS)
def test_a_backtest_with_a_journal_says_what_one_without_says(
    shell: Shell, log: Path, tmp_path: Path, backend: str
) -> None:
    plain = shell("backtest", log, "--json").table
    folder = tmp_path / "journal"
    said = shell("backtest", log, "--json", "--journal", folder, "--journal-backend", backend)
    assert said.code == 0
    assert {name: said.table[name] for name in DIGESTS} == {name: plain[name] for name in DIGESTS}
    assert f"{plain['positions']} events acknowledged in {folder}" in said.error
    again = shell("replay", folder, "--json").table
    assert again["equal"] is True
    assert [again["digest"], again["state_digest"], again["positions"]] == [
        plain[name] for name in DIGESTS
    ]
    resumed = shell("journal", "resume", folder, "--json")
    assert {name: resumed.table[name] for name in DIGESTS} == {n: plain[n] for n in DIGESTS}


def test_a_journal_and_a_run_folder_can_both_be_kept(
    shell: Shell, log: Path, tmp_path: Path
) -> None:
    pytest.importorskip("pyarrow")
    folder, out = tmp_path / "journal", tmp_path / "run"
    assert shell("backtest", log, "--journal", folder, "--out", out).code == 0
    assert shell("replay", out).code == shell("replay", folder).code == 0


def test_verify_counts_and_changes_nothing(shell: Shell, journal: Path) -> None:
    before = contents(journal)
    found = shell("journal", "verify", journal, "--json").table
    assert found["events"] == found["acknowledged"]
    assert (found["segments"], found["snapshots"]) == (1, 2)
    words = shell("journal", "verify", journal).out
    assert "chain" in words
    assert contents(journal) == before
    replayed = shell("journal", "verify", journal, "--replay", "--json").table
    assert len(str(replayed["state_digest"])) == 64


@pytest.mark.parametrize("command", [("verify",), ("cat",), ("repair",), ("resume",)], ids=str)
def test_damage_is_one_line_with_code_byte_and_position(
    shell: Shell, journal: Path, command: tuple[str, ...]
) -> None:
    path = journal / segment_name(0)
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(data)
    before = contents(journal)
    said = shell("journal", *command, journal)
    assert said.code == 2
    line = said.error.strip().splitlines()[-1]
    assert f"{path}: FRAME_BODY_DAMAGED at byte " in line
    assert ", position " in line
    assert contents(journal) == before


def test_cat_prints_a_range_with_names(shell: Shell, journal: Path) -> None:
    everything = shell("journal", "cat", journal).out.splitlines()
    part = shell("journal", "cat", journal, "--from", 3, "--until", 6).out.splitlines()
    assert part == everything[3:6]
    first = json.loads(everything[0])
    assert (first["position"], first["kind"]) == (0, "SESSION_STARTED")
    assert [json.loads(line)["position"] for line in everything] == list(range(len(everything)))


def test_cat_prints_what_is_whole_before_the_damage(shell: Shell, journal: Path) -> None:
    whole = shell("journal", "cat", journal).out.splitlines()
    path = journal / segment_name(0)
    data = bytearray(path.read_bytes())
    data[-100] ^= 1
    path.write_bytes(data)
    said = shell("journal", "cat", journal)
    assert said.code == 2
    printed = said.out.splitlines()
    assert printed == whole[: len(printed)]
    assert len(printed) >= 256


def test_export_writes_a_new_file_only(shell: Shell, journal: Path, tmp_path: Path) -> None:
    file = tmp_path / "events.jsonl"
    assert shell("journal", "export", journal, file).code == 0
    assert file.read_text(encoding="utf-8") == shell("journal", "cat", journal).out
    said = shell("journal", "export", journal, file)
    assert said.code == 2
    assert "a new file" in said.error


@pytest.mark.parametrize("backend", BACKENDS)
def test_cat_and_verify_read_both_backends(
    shell: Shell, log: Path, tmp_path: Path, backend: str
) -> None:
    folder = tmp_path / "journal"
    shell("backtest", log, "--journal", folder, "--journal-backend", backend)
    assert (
        len(shell("journal", "cat", folder).out.splitlines())
        == (shell("journal", "verify", folder, "--json").table["events"])
    )
    assert shell("journal", "repair", folder, "--dry-run").code == 0


def test_repair_cuts_what_was_never_acknowledged_and_says_so(shell: Shell, journal: Path) -> None:
    healthy = contents(journal)
    with (journal / segment_name(0)).open("ab") as file:
        file.write(b"half a frame")
    (journal / "watermark.new").write_bytes(b"")
    snapshot = next(path for path in journal.iterdir() if path.name.startswith("snapshot"))
    snapshot.write_bytes(snapshot.read_bytes()[:-1])
    before = contents(journal)
    planned = shell("journal", "repair", journal, "--dry-run")
    assert planned.code == 0
    for word in ("TAIL_CUT", "UNFINISHED_FILE", "SNAPSHOT_DAMAGED", "12 bytes would be cut"):
        assert word in planned.out
    assert contents(journal) == before
    done = shell("journal", "repair", journal)
    assert "12 bytes cut" in done.out
    after = contents(journal)
    assert after[segment_name(0)] == healthy[segment_name(0)]
    assert snapshot.name not in after
    assert "watermark.new" not in after
    assert shell("journal", "repair", journal, "--dry-run").out.endswith("0 bytes would be cut\n")


# --- bad input -----------------------------------------------------------------------------------


def bad(said: Said, *words: str) -> None:
    """Exit code 2, and one line that says why."""
    assert said.code == 2
    assert said.out == ""
    lines = said.error.strip().splitlines()
    assert len(lines) == 1
    for word in words:
        assert word in lines[0]


def test_a_journal_is_not_written_over_another(shell: Shell, log: Path, journal: Path) -> None:
    before = contents(journal)
    bad(shell("backtest", log, "--journal", journal), str(journal), "EXISTS")
    assert contents(journal) == before


def test_a_folder_with_other_files_is_not_used(shell: Shell, log: Path, tmp_path: Path) -> None:
    (tmp_path / "thesis.tex").write_text("years of work", encoding="utf-8")
    bad(shell("backtest", log, "--journal", tmp_path), "thesis.tex", "FOREIGN_FILE")
    assert contents(tmp_path) == {"thesis.tex": b"years of work"}


@pytest.mark.parametrize("command", ["verify", "cat", "repair", "resume"])
def test_a_folder_without_a_journal(shell: Shell, tmp_path: Path, command: str) -> None:
    said = shell("journal", command, tmp_path / "nowhere")
    bad(said, "nowhere")
    assert not (tmp_path / "nowhere").exists()


def test_a_file_in_place_of_a_folder(shell: Shell, log: Path, tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_bytes(b"")
    bad(shell("backtest", log, "--journal", path), "UNUSABLE")
    bad(shell("journal", "verify", path), "UNUSABLE")


def test_a_journal_in_use_is_refused(shell: Shell, journal: Path) -> None:
    locked = subprocess.Popen(
        [sys.executable, "-c", HOLDER, str(journal)],
        stdout=subprocess.PIPE,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(path for path in sys.path if path)},
    )
    try:
        assert locked.stdout is not None
        assert locked.stdout.readline() == b"held\n"
        said = shell("journal", "resume", journal)
        assert said.code == 2
        assert "LOCKED: expected no other writer, got one at work" in said.error
        assert shell("journal", "verify", journal).code == 0
    finally:
        locked.kill()
        locked.wait()
        if locked.stdout is not None:
            locked.stdout.close()
    assert shell("journal", "resume", journal).code == 0


HOLDER = """
import sys, time
from pathlib import Path
from tickproof.runtime.journal.folders import open_journal
store = open_journal(Path(sys.argv[1]))
print("held", flush=True)
time.sleep(60)
"""


def test_a_journal_of_no_run_has_nothing_to_resume(shell: Shell, tmp_path: Path) -> None:
    create(tmp_path / "journal").close()
    bad(shell("journal", "resume", tmp_path / "journal"), "run.json", "what the journal is of")


def test_snapshots_every_no_events(shell: Shell, log: Path, tmp_path: Path) -> None:
    said = shell("backtest", log, "--journal", tmp_path / "journal", "--snapshot-every", 0)
    bad(said, "--snapshot-every")
    assert not (tmp_path / "journal").exists()


# --- the real thing ------------------------------------------------------------------------------


@pytest.mark.slow
def test_a_command_killed_in_the_middle_is_resumed_to_the_same_digests(
    shell: Shell, tmp_path: Path
) -> None:
    log = worlds.long_log(tmp_path / "log.gz", 3_000)
    plain = shell("backtest", log, "--json").table
    folder = tmp_path / "journal"
    words = ("backtest", str(log), "--journal", str(folder), "--snapshot-every", "500")
    running = subprocess.Popen(
        [sys.executable, "-m", "tickproof.runtime.cli", *words],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(path for path in sys.path if path)},
    )
    log_path = folder / segment_name(0)
    while running.poll() is None and not (log_path.exists() and log_path.stat().st_size > 60_000):
        time.sleep(0.001)
    running.send_signal(signal.SIGKILL)
    assert running.wait() == -signal.SIGKILL
    resumed = shell("journal", "resume", folder, "--json").table
    assert {name: resumed[name] for name in DIGESTS} == {name: plain[name] for name in DIGESTS}
    assert (
        shell("journal", "verify", folder, "--replay", "--json").table["digest"]
        == (plain["digest"])
    )
