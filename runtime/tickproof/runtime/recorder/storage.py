"""The files of a recording: gzip text that a backtest reads, each with a manifest beside it.

A line is the capture stamp in nanoseconds, a space, and a message's bytes as received. A file
being written ends in `.gz.part`; it becomes `.gz` when it is whole and on the disk, and its
manifest (`.json`: what the file is, its hash, what is missing from it and why) follows. What a
recorder that was killed left behind is cut to its last whole line and closed by the next one, with
a gap that says so.

Errors: `InputError` for a folder that cannot be used; `OSError` while writing is the caller's end.
"""

from __future__ import annotations

import contextlib
import gzip
import hashlib
import json
import os
import re
import zlib
from pathlib import Path
from typing import IO, Any

from tickproof.runtime.durable import Locked, lock, sync_folder
from tickproof.runtime.errors import InputError

FORMAT = "tickproof-recording/1"
LEVEL = 3
"""Compression: half the time of the default for a tenth more bytes."""

LOCK = ".recorder.lock"
FILE = re.compile(r"(?P<symbol>[A-Z0-9_]+|_unrouted)-(?P<number>\d{6})\.gz(?P<part>\.part)?")
COPIED_BYTES = 1 << 20


class HashingFile:
    """A file that remembers the hash and number of the bytes written; never seeks."""

    def __init__(self, raw: IO[bytes]) -> None:
        self._raw = raw
        self._hash = hashlib.sha256()
        self.size = 0

    def write(self, data: bytes) -> int:
        """Write all of `data`."""
        self._raw.write(data)
        self._hash.update(data)
        self.size += len(data)
        return len(data)

    def flush(self) -> None:
        """Hand what is buffered to the system."""
        self._raw.flush()

    def sync(self) -> None:
        """Wait until the disk has it."""
        self._raw.flush()
        os.fsync(self._raw.fileno())

    def close(self) -> None:
        """Close the file."""
        self._raw.close()

    def sha256(self) -> str:
        """Hash of everything written, hexadecimal."""
        return self._hash.hexdigest()


def write_whole(path: Path, text: str) -> None:
    """Write a small file so that it is there whole or not at all."""
    beside = path.with_name(path.name + ".new")
    with beside.open("w", encoding="utf-8") as stream:
        stream.write(text)
        stream.flush()
        os.fsync(stream.fileno())
    beside.replace(path)
    sync_folder(path.parent)


class SymbolFile:
    """The file a symbol is recorded in now: lines, gaps and epochs since it was begun.

    `ending` of the name until it is whole. What exists under it is not touched, but for a
    `.salvage`, which is only ever made from another file.
    """

    def __init__(
        self, folder: Path, symbol: str, number: int, about: dict[str, Any], ending: str = ".part"
    ) -> None:
        self.path = folder / f"{symbol}-{number:06}.gz"
        self.part = folder / f"{symbol}-{number:06}.gz{ending}"
        self.number = number
        self.symbol = symbol
        self.about = about
        self.lines = 0
        self.messages = 0
        self.first_ns = 0
        self.last_ns = 0
        self.gaps: list[dict[str, Any]] = []
        self.epochs: list[int] = []
        self._raw = HashingFile(self.part.open("xb" if ending == ".part" else "wb"))
        self._zip = gzip.GzipFile(fileobj=self._raw, mode="wb", compresslevel=LEVEL, mtime=0)
        sync_folder(folder)

    @property
    def size(self) -> int:
        """Compressed bytes so far."""
        return self._raw.size

    def write(self, text: bytes, lines: int, first_ns: int, last_ns: int) -> None:
        """Append whole lines."""
        self._zip.write(text)
        self.lines += lines
        self.first_ns = self.first_ns or first_ns
        self.last_ns = last_ns

    def sync(self) -> None:
        """Put on the disk what was written; a cut after this loses nothing before it."""
        self._zip.flush(zlib.Z_SYNC_FLUSH)
        self._raw.sync()

    def abandon(self) -> None:
        """Let go of a file that cannot be written any more; the next recorder makes it whole."""
        self._zip.fileobj = None  # type: ignore[assignment]  # its close() writes otherwise
        with contextlib.suppress(OSError):
            self._raw.close()

    def close(self, complete: bool) -> None:
        """Finish the file, name it, and write its manifest."""
        self._zip.close()
        self._raw.sync()
        self._raw.close()
        self.part.replace(self.path)
        sync_folder(self.path.parent)
        manifest = {
            "format": FORMAT,
            "file": self.path.name,
            "symbol": self.symbol,
            **self.about,
            "sha256": self._raw.sha256(),
            "bytes": self._raw.size,
            "lines": self.lines,
            "messages": self.messages,
            "first_ns": self.first_ns,
            "last_ns": self.last_ns,
            "epochs": self.epochs,
            "gaps": self.gaps,
            "complete": complete,
        }
        write_whole(self.path.with_suffix(".json"), json.dumps(manifest, indent=1) + "\n")


class Folder:
    """A folder that one recorder at a time may write to."""

    def __init__(self, path: Path) -> None:
        self.path = path
        try:
            path.mkdir(parents=True, exist_ok=True)
            self._lock = (path / LOCK).open("a")
        except OSError as error:
            got = error.strerror or "an error"
            raise InputError(str(path), 0, "--out", "a folder that can be written", got) from error
        try:
            lock(self._lock.fileno())
        except (Locked, OSError) as error:
            self._lock.close()
            raise InputError(
                str(path), 0, "--out", "a folder no other recorder writes to", "one that is in use"
            ) from error

    def close(self) -> None:
        """Let another recorder have it."""
        self._lock.close()

    def next_number(self, symbol: str) -> int:
        """The number of a symbol's next file."""
        found = [FILE.fullmatch(path.name) for path in self.path.iterdir()]
        used = [int(each["number"]) for each in found if each and each["symbol"] == symbol]
        return max(used, default=0) + 1

    def abandoned(self) -> list[Path]:
        """Files that a recorder began and did not finish, or finished without a manifest."""
        found = []
        for path in sorted(self.path.iterdir()):
            name = FILE.fullmatch(path.name)
            if name and (name["part"] or not path.with_suffix(".json").exists()):
                found.append(path)
        return found


def salvaged(path: Path) -> tuple[bytes, int]:
    """(whole lines, bytes that were cut off) of a file that may end anywhere."""
    expander = zlib.decompressobj(31)
    found = bytearray()
    with path.open("rb") as stream:
        while block := stream.read(COPIED_BYTES):
            try:
                found += expander.decompress(block)
            except zlib.error:
                break
    end = found.rfind(b"\n") + 1
    return bytes(found[:end]), len(found) - end


def stamp_of(line: bytes) -> int:
    """The capture stamp a line begins with; 0 when it does not."""
    digits = line.partition(b" ")[0]
    return int(digits) if digits.isdigit() else 0
