"""`tickproof record` as a process: stopped, killed, refused; nothing that was told is lost."""

import asyncio
import gzip
import json
import os
import signal
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.runtime.recorder.server import FakeVenue, captured
from tickproof.runtime.cli import main
from tickproof.runtime.recorder.storage import Folder, salvaged

ROOT = Path(__file__).parents[2]
PATHS = os.pathsep.join(str(ROOT / each) for each in ("spec", "kernel", "invariants", "runtime"))


async def synced(metrics: Path, messages: int) -> None:
    """Wait until all messages were received, and a sync was begun after that."""
    seen = 0
    for _ in range(2_000):
        await asyncio.sleep(0.01)
        found = metrics.read_text() if metrics.exists() else ""  # noqa: ASYNC240 - a test
        if f"tickproof_recorder_messages {messages}\n" in found:
            stamp = metrics.stat().st_mtime_ns  # noqa: ASYNC240
            if seen and stamp > seen:
                return
            seen = seen or stamp
    raise TimeoutError("the recorder did not sync")


async def recording(server: FakeVenue, out: Path, signal_number: int) -> tuple[int, str]:
    """(exit code, stdout) of a recorder process that gets a signal once all was sent."""
    async with server.running():
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            *("-m", "tickproof.runtime.cli", "record", "binance-usdm", "btcusdt"),
            *("--out", str(out), "--json"),
            *("--stream-url", server.url, "--rest-url", server.rest_url),
            env={**os.environ, "PYTHONPATH": PATHS},
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
        )
        await asyncio.wait_for(server.done.wait(), 30)
        await synced(out / "metrics.prom", len(server.messages))
        process.send_signal(signal_number)
        said, _ = await asyncio.wait_for(process.communicate(), 30)
        return process.returncode or 0, said.decode()


def usdm(data_dir: Path) -> FakeVenue:
    path = data_dir / "hftbacktest" / "usdm_btcusdt_20240718.gz"
    return FakeVenue(*captured(path, 1_000), pause_every=20)


def test_a_stopped_recorder_ends_well_and_its_files_run(
    data_dir: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    server = usdm(data_dir)
    code, said = asyncio.run(recording(server, tmp_path, signal.SIGTERM))
    assert code == 0
    metrics = json.loads(said)
    assert (metrics["messages"], metrics["gaps"]) == (len(server.messages), 0)
    files = [str(path) for path in sorted(tmp_path.glob("BTCUSDT-*.gz"))]
    assert main(["backtest", *files, "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["sequence_gaps"] == 0


def test_a_killed_recorder_leaves_what_it_synced(data_dir: Path, tmp_path: Path) -> None:
    server = usdm(data_dir)
    code, _ = asyncio.run(recording(server, tmp_path, signal.SIGKILL))
    assert code == -signal.SIGKILL
    (part,) = tmp_path.glob("*.part")
    text, _ = salvaged(part)
    stored = [line.partition(b" ")[2] for line in text.splitlines()]
    assert [raw for raw in stored if raw in server.messages] == server.messages


@pytest.mark.parametrize(
    ("arguments", "refusal"),
    [
        (["record", "binance-spot", "BTC/USDT", "--out", "x"], "SYMBOL: expected letters"),
        (["record", "binance-spot", "A", "a", "--out", "x"], "SYMBOL: expected each symbol once"),
        (["record", "binance-spot", "A", "--out", "x", "--rotate-mb", "0"], "--rotate-mb"),
        (["record", "binance-spot", "A", "--out", "x", "--silence", "0"], "--silence"),
        (["record", "binance-spot", "A", "--out", "x", "--stream-url", "http://h"], "ws://"),
    ],
)
def test_arguments_that_cannot_be_used_are_one_line(
    arguments: list[str],
    refusal: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(tmp_path)
    assert main(arguments) == 2
    said = capsys.readouterr().err
    assert refusal in said
    assert said.count("\n") == 1
    assert list(tmp_path.iterdir()) == []


def test_a_folder_in_use_or_not_writable_is_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    command: list[Any] = ["record", "binance-spot", "BTCUSDT", "--out"]
    held = Folder(tmp_path)
    assert main([*command, str(tmp_path)]) == 2
    held.close()
    assert "no other recorder" in capsys.readouterr().err
    (tmp_path / "file").write_bytes(gzip.compress(b"", mtime=0))
    assert main([*command, str(tmp_path / "file")]) == 2
    assert "a folder that can be written" in capsys.readouterr().err
