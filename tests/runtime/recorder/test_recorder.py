"""What was sent is what was stored, byte for byte, or a gap says which part is missing."""

import asyncio
import gzip
import hashlib
import json
from pathlib import Path
from typing import Any

import pytest

from tests.runtime.recorder.server import CORRUPT, CUT, DELAY, DUPLICATE, STALL, FakeVenue, captured
from tickproof.runtime.readers.binance import read_binance
from tickproof.runtime.recorder.recorder import Metrics, Options, Recorder, WriteFailed
from tickproof.runtime.recorder.storage import Folder
from tickproof.runtime.recorder.venues import VENUES
from tickproof.runtime.recorder.writing import NOTE_STREAM

USDM = VENUES["binance-usdm"]
SPOT = VENUES["binance-spot"]
FAST: dict[str, Any] = {
    "backoff_s": 0.01,
    "silence_s": 0.6,
    "snapshot_interval_s": 0.01,
    "sync_s": 0.05,
}
LIMIT_S = 30.0


def usdm(data_dir: Path, count: int = 1_500, **options: Any) -> FakeVenue:
    path = data_dir / "hftbacktest" / "usdm_btcusdt_20240718.gz"
    return FakeVenue(*captured(path, count), **options)


async def recorded(server: FakeVenue, out: Path, venue: Any = USDM, **options: Any) -> Metrics:
    """Record until everything was sent and had time to arrive."""
    async with server.running():
        folder = Folder(out)
        settings = Options(stream_url=server.url, rest_url=server.rest_url, **{**FAST, **options})
        recorder = Recorder(venue, ("BTCUSDT",), folder, settings)
        running = asyncio.create_task(recorder.run())
        try:
            done = asyncio.create_task(server.done.wait())
            await asyncio.wait({running, done}, timeout=LIMIT_S, return_when="FIRST_COMPLETED")
            expected = sum(map(len, server.sent))
            # What a connection that was cut had still under way never arrives.
            for _ in range(100 if len(server.sent) > 1 else 2_000):
                if recorder.metrics.messages >= expected or running.done():
                    break
                await asyncio.sleep(0.01)
            recorder.stop()
            return await running
        finally:
            done.cancel()
            folder.close()


def lines_of(out: Path, symbol: str = "BTCUSDT") -> list[tuple[int, bytes]]:
    """(stamp, bytes) of every line of a symbol, in order of files."""
    found = []
    for path in sorted(out.glob(f"{symbol}-*.gz")):
        for line in gzip.decompress(path.read_bytes()).splitlines():
            stamp, _, raw = line.partition(b" ")
            found.append((int(stamp), raw))
    return found


def messages_of(out: Path) -> list[bytes]:
    """Stream messages as stored, without snapshots and the recorder's own lines."""
    own = f'{{"stream":"{NOTE_STREAM}"'.encode()
    streamed = [raw for _, raw in lines_of(out) if raw.startswith(b'{"stream"')]
    return [raw for raw in streamed if not raw.startswith(own)]


def manifests_of(out: Path) -> list[dict[str, Any]]:
    return [json.loads(path.read_text()) for path in sorted(out.glob("*.json"))]


def is_prefixes(stored: list[bytes], sent: list[list[bytes]]) -> bool:
    """Whether stored is what was sent, but for the end of connections that ended badly."""
    for index, each in enumerate(sent):
        count = 0
        while count < min(len(each), len(stored)) and stored[count] == each[count]:
            count += 1
        if index == len(sent) - 1 and count != len(each):
            return False
        stored = stored[count:]
    return not stored


def test_everything_sent_is_stored_and_can_be_backtested(data_dir: Path, tmp_path: Path) -> None:
    server = usdm(data_dir)
    metrics = asyncio.run(recorded(server, tmp_path))
    assert messages_of(tmp_path) == server.sent[0] == server.messages
    assert (metrics.gaps, metrics.connections, metrics.unrouted) == (0, 1, 0)
    (manifest,) = manifests_of(tmp_path)
    path = tmp_path / manifest["file"]
    assert manifest["sha256"] == hashlib.sha256(path.read_bytes()).hexdigest()
    assert manifest["messages"] == len(server.messages) + metrics.snapshots
    assert manifest["complete"] is True
    stamps = [stamp for stamp, _ in lines_of(tmp_path)]
    assert stamps == sorted(stamps)
    feed = read_binance([path])
    assert feed.counts.sequence_gaps == 0
    assert feed.counts.diffs > 0


def test_the_spot_book_is_bridged_too(data_dir: Path, tmp_path: Path) -> None:
    path = data_dir / "hftbacktest" / "spot_btcusdt_20240808.gz"
    server = FakeVenue(*captured(path, 1_500))
    asyncio.run(recorded(server, tmp_path, SPOT))
    assert messages_of(tmp_path) == server.messages
    assert read_binance(sorted(tmp_path.glob("*.gz"))).counts.sequence_gaps == 0


@pytest.mark.parametrize("fault", [CUT, STALL])
def test_a_lost_connection_is_a_gap_on_record(fault: str, data_dir: Path, tmp_path: Path) -> None:
    server = usdm(data_dir, faults={400: fault, 900: fault}, missed=40)
    metrics = asyncio.run(recorded(server, tmp_path))
    assert len(server.sent) == metrics.connections == 3
    assert is_prefixes(messages_of(tmp_path), server.sent)
    gaps = [gap for manifest in manifests_of(tmp_path) for gap in manifest["gaps"]]
    lost = [gap for gap in gaps if gap["reason"] == "connection lost"]
    assert [gap["epoch"] for gap in lost] == [2, 3]
    assert all(gap["from_ns"] <= gap["to_ns"] for gap in lost)
    told = [raw for _, raw in lines_of(tmp_path) if b'"type":"gap"' in raw]
    assert len(told) == len(gaps)
    feed = read_binance(sorted(tmp_path.glob("*.gz")), on_gap="resync")
    assert feed.counts.sequence_gaps == 2
    assert feed.counts.snapshots == 3
    assert feed.counts.backwards_stamps == 0


def test_delays_and_duplicates_are_stored_as_they_came(data_dir: Path, tmp_path: Path) -> None:
    server = usdm(data_dir, faults={300: DELAY, 500: DUPLICATE, 700: DUPLICATE})
    metrics = asyncio.run(recorded(server, tmp_path))
    assert messages_of(tmp_path) == server.sent[0]
    assert len(server.sent[0]) == len(server.messages) + 2
    assert metrics.connections == 1


def test_nonsense_is_kept_beside_and_what_it_hid_is_a_gap(data_dir: Path, tmp_path: Path) -> None:
    depth = [i for i, raw in enumerate(usdm(data_dir).messages) if b"depthUpdate" in raw]
    server = usdm(data_dir, faults={depth[len(depth) // 2]: CORRUPT})
    metrics = asyncio.run(recorded(server, tmp_path))
    assert metrics.unrouted == 1
    (kept,) = [raw for _, raw in lines_of(tmp_path, "_unrouted")]
    assert bytes.fromhex(json.loads(kept)["data"]["hex"]) in server.sent[0]
    gaps = [gap for manifest in manifests_of(tmp_path) for gap in manifest["gaps"]]
    assert [gap["reason"] for gap in gaps] == ["numbers missing"]
    feed = read_binance(sorted(tmp_path.glob("BTCUSDT-*.gz")), on_gap="resync")
    assert feed.counts.sequence_gaps == 1


def test_a_full_buffer_holds_the_venue_back_and_drops_nothing(
    data_dir: Path, tmp_path: Path
) -> None:
    server = usdm(data_dir, pause_every=100_000)
    metrics = asyncio.run(recorded(server, tmp_path, buffer_bytes=300))
    assert metrics.stalls > 0
    assert messages_of(tmp_path) == server.messages


def test_files_are_rotated_and_read_as_one_session(data_dir: Path, tmp_path: Path) -> None:
    server = usdm(data_dir, 200)
    metrics = asyncio.run(recorded(server, tmp_path, rotate_bytes=1, buffer_bytes=300))
    files = sorted(tmp_path.glob("*.gz"))
    # One message over the limit is written before the next is read: no file can hold them all.
    assert metrics.files == len(files) == len(manifests_of(tmp_path)) > 2
    assert messages_of(tmp_path) == server.messages
    assert read_binance(files).counts.sequence_gaps == 0


def test_snapshots_are_asked_for_until_one_is_given(data_dir: Path, tmp_path: Path) -> None:
    server = usdm(data_dir, refuse_snapshots=2)
    metrics = asyncio.run(recorded(server, tmp_path))
    assert metrics.snapshot_failures >= 2
    assert metrics.snapshots == 1


def test_a_recorder_that_was_killed_is_carried_on_with_a_gap(
    data_dir: Path, tmp_path: Path
) -> None:
    asyncio.run(recorded(usdm(data_dir, 600), tmp_path))
    whole = tmp_path / "BTCUSDT-000001.gz"
    text = gzip.decompress(whole.read_bytes())
    whole.with_name(whole.name + ".part").write_bytes(whole.read_bytes()[:-2_000])
    whole.unlink()
    whole.with_suffix(".json").unlink()
    asyncio.run(recorded(usdm(data_dir, 600), tmp_path))
    kept = gzip.decompress(whole.read_bytes())
    assert text.startswith(kept)
    assert kept.endswith(b"\n")
    first, second = manifests_of(tmp_path)
    assert (first["complete"], second["complete"]) == (False, True)
    assert [gap["reason"] for gap in second["gaps"]] == ["the recorder did not end"]
    assert not list(tmp_path.glob("*.part"))


def test_a_disk_that_takes_no_more_ends_it(
    data_dir: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: Any) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("tickproof.runtime.recorder.storage.SymbolFile.write", full)
    with pytest.raises(WriteFailed, match="No space left") as caught:
        asyncio.run(recorded(usdm(data_dir, 300), tmp_path))
    assert caught.value.lost > 0


def test_metrics_are_left_for_collectors(data_dir: Path, tmp_path: Path) -> None:
    server = usdm(data_dir, 300)
    asyncio.run(recorded(server, tmp_path))
    text = (tmp_path / "metrics.prom").read_text()
    assert f"tickproof_recorder_messages {len(server.messages)}\n" in text


async def against(answer: bytes, out: Path, seconds: float) -> tuple[Metrics, float]:
    """Record from a server that only ever says `answer`; also how long stopping took, in s."""

    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(answer)
        await writer.drain()
        await reader.read()
        writer.close()

    loop = asyncio.get_running_loop()
    server = await asyncio.start_server(handle, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    folder = Folder(out)
    options = Options(
        stream_url=f"ws://127.0.0.1:{port}", rest_url=f"http://127.0.0.1:{port}", **FAST
    )
    recorder = Recorder(USDM, ("BTCUSDT",), folder, options)
    running = asyncio.create_task(recorder.run())
    await asyncio.sleep(seconds)
    recorder.stop()
    started = loop.time()
    metrics = await running
    folder.close()
    server.close()
    return metrics, loop.time() - started


@pytest.mark.parametrize(
    "answer",
    [
        pytest.param(b"SSH-2.0-nonsense\r\n", id="another protocol"),
        pytest.param(b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello", id="a page"),
        pytest.param(b"", id="nothing"),
    ],
)
def test_a_server_that_talks_nonsense_or_nothing_is_left_in_order(
    answer: bytes, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    metrics, stopped_s = asyncio.run(against(answer, tmp_path, 0.3))
    assert (metrics.messages, metrics.connections) == (0, 0)
    assert stopped_s < 5
    said = capsys.readouterr().err.splitlines()
    assert all(line.startswith("tickproof: ") for line in said)
    assert bool(said) == bool(answer)
