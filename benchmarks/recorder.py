"""`python -m benchmarks.recorder`: the recorder against a venue on this machine, at a rate.

    python -m benchmarks.recorder --log FILE.gz [--rate 20000] [--seconds 600] [--out DIR]

One process sends the messages of a captured log over and over at the given rate, another is
`tickproof record`. Prints one JSON line: messages sent and stored, gaps, stalls, the recorder's
CPU share and memory, and the bytes on the disk per message. The messages' numbers repeat with the
log, so each round of it is a gap of numbers to the recorder; what is measured is the carrying.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import gzip
import json
import os
import resource
import signal
import sys
import tempfile
import time
from collections.abc import Sequence
from http import HTTPStatus
from itertools import islice
from pathlib import Path
from typing import Any

import websockets
from websockets.asyncio.server import ServerConnection, serve

LINES = 20_000
BURST_S = 0.01


def messages_of(path: Path) -> list[bytes]:
    """Stream messages of the beginning of a captured log."""
    with gzip.open(path) as stream:
        raw = [line.strip().partition(b" ")[2] for line in islice(stream, LINES)]
    return [each for each in raw if each.startswith(b'{"stream"')]


async def send(connection: ServerConnection, found: list[bytes], rate: int, seconds: float) -> int:
    """Send at `rate` for `seconds`, in bursts; gives the messages sent."""
    sent = 0
    started = time.monotonic()
    with contextlib.suppress(websockets.ConnectionClosed):
        while (passed := time.monotonic() - started) < seconds:
            while sent < int(passed * rate):
                await connection.send(found[sent % len(found)])
                sent += 1
            await asyncio.sleep(BURST_S)
    return sent


async def measured(log: Path, rate: int, seconds: float, out: Path) -> dict[str, Any]:
    """One run; the figures of it."""
    found = messages_of(log)
    sent: asyncio.Future[int] = asyncio.get_running_loop().create_future()

    async def handle(connection: ServerConnection) -> None:
        count = await send(connection, found, rate, seconds)
        await asyncio.sleep(2)
        if not sent.done():
            sent.set_result(count)

    def get(connection: ServerConnection, request: Any) -> Any:
        if "/depth?" not in request.path:
            return None
        return connection.respond(HTTPStatus.SERVICE_UNAVAILABLE, "none")

    async with serve(handle, "127.0.0.1", 0, process_request=get, compression=None) as server:
        port = next(iter(server.sockets)).getsockname()[1]
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "tickproof.runtime.cli", "record", "binance-usdm", "BTCUSDT"),
            *("--out", str(out), "--json", "--stream-url", f"ws://127.0.0.1:{port}"),
            *("--rest-url", f"http://127.0.0.1:{port}"),
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.DEVNULL,
        )
        ended = asyncio.ensure_future(process.wait())
        await asyncio.wait({sent, ended}, return_when="FIRST_COMPLETED")
        if not sent.done():
            raise SystemExit("the recorder ended before all was sent")
        process.send_signal(signal.SIGTERM)
        said, _ = await process.communicate()
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    metrics = json.loads(said)
    return {
        "rate": rate,
        "seconds": seconds,
        "sent": sent.result(),
        "stored": metrics["messages"],
        "connections": metrics["connections"],
        "stalls": metrics["stalls"],
        "buffered_bytes_most": metrics["buffered_bytes_most"],
        "cpu_share": round((used.ru_utime + used.ru_stime) / seconds, 3),
        "memory_mb": used.ru_maxrss // 1024,
        "files": metrics["files"],
        "raw_bytes_per_message": round(metrics["received_bytes"] / max(metrics["messages"], 1), 1),
    }


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(prog="benchmarks.recorder", description=__doc__)
    parser.add_argument("--log", type=Path, required=True, metavar="FILE.gz")
    parser.add_argument("--rate", type=int, default=20_000, help="messages per second")
    parser.add_argument("--seconds", type=float, default=600.0)
    parser.add_argument("--out", type=Path, metavar="DIR", help="default: a folder that is removed")
    options = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory(dir=os.environ.get("TMPDIR")) as beside:
        out = options.out or Path(beside)
        figures = asyncio.run(measured(options.log, options.rate, options.seconds, out))
        stored = sum(path.stat().st_size for path in out.glob("*.gz"))
        figures["disk_bytes_per_message"] = round(stored / max(figures["stored"], 1), 1)
    sys.stdout.write(json.dumps(figures) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
