"""`tickproof record VENUE SYMBOL... --out DIR`: raw market data into files a backtest reads.

Ends with exit code 0 when stopped (Ctrl-C, SIGTERM, `--duration`), 2 when it cannot begin or the
disk takes no more; what was on the disk by then stays readable.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import importlib
import signal
from pathlib import Path
from typing import Any

from attrs import asdict

from tickproof.runtime.console import say, say_json, tell
from tickproof.runtime.errors import InputError, MissingExtra
from tickproof.runtime.recorder.venues import SYMBOL, VENUES
from tickproof.runtime.settings import duration_ns

SIZE_LIMIT_MB = 1_000_000
SECOND_NS = 1_000_000_000


def add(commands: Any) -> None:
    """Add the command."""
    command = commands.add_parser("record", help="record a venue's market data, gaps named")
    command.add_argument("venue", choices=sorted(VENUES))
    command.add_argument("symbols", nargs="+", metavar="SYMBOL", help="such as BTCUSDT")
    command.add_argument("--out", type=Path, required=True, metavar="DIR", help="folder of files")
    command.add_argument("--duration", default="0ms", help="stop after: 10m (default: never)")
    command.add_argument("--rotate", default="1h", help="longest time in one file (default 1h)")
    command.add_argument("--rotate-mb", type=int, default=256, help="most megabytes in one file")
    command.add_argument("--buffer-mb", type=int, default=64, help="most megabytes unwritten")
    command.add_argument("--silence", default="30s", help="a silent connection is dead after")
    command.add_argument("--stream-url", default="", help="instead of the venue's: ws://HOST:PORT")
    command.add_argument("--rest-url", default="", help="instead of the venue's: http://HOST:PORT")
    command.add_argument("--json", action="store_true", help="end with one line of JSON")
    command.set_defaults(handler=_record)


def _record(arguments: argparse.Namespace) -> int:
    symbols = _symbols(arguments.symbols)
    options = _options(arguments)
    try:
        recorder = importlib.import_module("tickproof.runtime.recorder.recorder")
    except ImportError as error:
        raise MissingExtra("live", "recording") from error
    storage = importlib.import_module("tickproof.runtime.recorder.storage")
    folder = storage.Folder(arguments.out)
    try:
        metrics = asyncio.run(
            _until_stopped(
                recorder, VENUES[arguments.venue], symbols, folder, recorder.Options(**options)
            )
        )
    except recorder.WriteFailed as failed:
        got = f"{failed.error.strerror or failed.error} ({failed.lost} messages not kept)"
        raise InputError(str(arguments.out), 0, "disk", "room and a writable disk", got) from failed
    finally:
        folder.close()
    if arguments.json:
        say_json(asdict(metrics))
    else:
        say(f"{metrics.messages} messages in {metrics.files} files, {metrics.gaps} gaps")
    return 0


async def _until_stopped(
    module: Any, venue: Any, symbols: tuple[str, ...], folder: Any, options: Any
) -> Any:
    """Run a recorder; signals stop it in order."""
    recorder = module.Recorder(venue, symbols, folder, options)
    loop = asyncio.get_running_loop()
    for each in (signal.SIGINT, signal.SIGTERM):
        with contextlib.suppress(NotImplementedError):  # Windows has no such handlers
            loop.add_signal_handler(each, recorder.stop)
    tell(f"recording {', '.join(symbols)} of {venue.name} into {folder.path}")
    return await recorder.run()


def _symbols(given: list[str]) -> tuple[str, ...]:
    symbols = tuple(each.upper() for each in given)
    for each in symbols:
        if SYMBOL.fullmatch(each) is None:
            raise InputError("", 0, "SYMBOL", "letters and digits such as BTCUSDT", repr(each))
    if len(set(symbols)) != len(symbols):
        raise InputError("", 0, "SYMBOL", "each symbol once", " ".join(symbols))
    return symbols


def _options(arguments: argparse.Namespace) -> dict[str, Any]:
    """Fields of `recorder.Options`."""
    for name in ("rotate_mb", "buffer_mb"):
        if not 1 <= getattr(arguments, name) <= SIZE_LIMIT_MB:
            flag = "--" + name.replace("_", "-")
            raise InputError("", 0, flag, f"1 to {SIZE_LIMIT_MB}", str(getattr(arguments, name)))
    rotate_ns = duration_ns(arguments.rotate, "--rotate")
    silence_ns = duration_ns(arguments.silence, "--silence")
    if not rotate_ns or not silence_ns:
        flag, got = ("--rotate", arguments.rotate) if not rotate_ns else ("--silence", "0")
        raise InputError("", 0, flag, "more than 0", got)
    for flag, schemes in (
        ("stream_url", ("ws://", "wss://")),
        ("rest_url", ("http://", "https://")),
    ):
        given = getattr(arguments, flag)
        if given and not given.startswith(schemes):
            name = "--" + flag.replace("_", "-")
            raise InputError("", 0, name, " or ".join(schemes), repr(given))
    return {
        "stream_url": arguments.stream_url.rstrip("/"),
        "rest_url": arguments.rest_url.rstrip("/"),
        "duration_s": duration_ns(arguments.duration, "--duration") / SECOND_NS,
        "rotate_bytes": arguments.rotate_mb << 20,
        "rotate_s": rotate_ns / SECOND_NS,
        "buffer_bytes": arguments.buffer_mb << 20,
        "silence_s": silence_ns / SECOND_NS,
    }
