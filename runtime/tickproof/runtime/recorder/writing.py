"""What is recorded of several symbols: lines and gaps in, rotated files with manifests out.

Decides when a file ends and the next begins, and where a gap is written: as a line of its own
among the messages, which readers of the venue's messages pass over, and in the manifest. Runs in
whichever thread calls it, one call at a time.
"""

from __future__ import annotations

import json
import time
from typing import Any

from tickproof.runtime.recorder.storage import Folder, SymbolFile, salvaged, stamp_of
from tickproof.runtime.recorder.venues import Venue
from tickproof.runtime.version import VERSION

NOTE_STREAM = "!recorder"
"""Name of the stream of the recorder's own lines."""

Line = tuple[str, int, bytes, bool]
"""(symbol, capture stamp in ns, bytes, whether the recorder itself says it)."""


def note(kind: str, **fields: Any) -> bytes:
    """A line of the recorder's own, in the form of a stream message."""
    data = {"e": "recorder", "type": kind, **fields}
    return json.dumps({"stream": NOTE_STREAM, "data": data}, separators=(",", ":")).encode()


class Writer:
    """The files of all symbols. `files`: finished so far."""

    def __init__(
        self, folder: Folder, venue: Venue, url: str, rotate_bytes: int, rotate_seconds: float
    ) -> None:
        self._folder = folder
        self._about = {"venue": venue.name, "url": url, "recorder": VERSION}
        self._rotate_bytes = rotate_bytes
        self._rotate_seconds = rotate_seconds
        self._open: dict[str, SymbolFile] = {}
        self._begun: dict[str, float] = {}
        self._carried: dict[str, list[dict[str, Any]]] = {}
        self._epoch = 0
        self.files = 0

    def salvage(self, now_ns: int) -> list[str]:
        """Finish what an earlier recorder left; gives the names of the files made whole."""
        names = []
        for part in self._folder.abandoned():
            text, cut = salvaged(part)
            symbol, number = part.name.split(".")[0].rsplit("-", 1)
            found = SymbolFile(self._folder.path, symbol, int(number), self._about, ".salvage")
            lines = text.splitlines(keepends=True)
            last_ns = stamp_of(lines[-1]) if lines else 0
            gap = {"from_ns": last_ns, "to_ns": now_ns, "reason": "the recorder did not end"}
            found.gaps.append({**gap, "bytes_cut": cut})
            found.messages = sum(NOTE_STREAM.encode() not in line[:64] for line in lines)
            found.write(text, len(lines), stamp_of(lines[0]) if lines else 0, last_ns)
            found.close(complete=False)
            if part != found.path:
                part.unlink()
            self._carried.setdefault(symbol, []).append(gap)
            names.append(found.path.name)
        return names

    def take_carried(self, symbol: str) -> list[dict[str, Any]]:
        """Gaps before this recording that the symbol's next file has to tell."""
        return self._carried.pop(symbol, [])

    def begin_epoch(self, epoch: int) -> None:
        """Lines from here on came over this connection."""
        self._epoch = epoch
        for each in self._open.values():
            each.epochs.append(epoch)

    def gap(self, symbols: tuple[str, ...], gap: dict[str, Any]) -> None:
        """Remember a gap in the manifests of the files open now."""
        for symbol in symbols:
            self._file_of(symbol).gaps.append(gap)

    def write(self, lines: list[Line]) -> None:
        """Append lines, each to its symbol's file, in order; rotates what is full or old."""
        grouped: dict[str, list[Line]] = {}
        for line in lines:
            grouped.setdefault(line[0], []).append(line)
        for symbol, each in grouped.items():
            target = self._file_of(symbol)
            text = b"".join(b"%d %s\n" % (stamp_ns, raw) for _, stamp_ns, raw, _ in each)
            target.write(text, len(each), each[0][1], each[-1][1])
            target.messages += sum(not own for _, _, _, own in each)
            if self._is_due(symbol, target):
                self._finish(symbol)

    def sync(self) -> None:
        """Everything written so far is on the disk when this returns."""
        for each in self._open.values():
            each.sync()

    def close(self) -> None:
        """Finish every file."""
        for symbol in list(self._open):
            self._finish(symbol)

    def abandon(self) -> None:
        """Let go of every file after one could not be written."""
        for each in self._open.values():
            each.abandon()
        self._open.clear()

    def _file_of(self, symbol: str) -> SymbolFile:
        found = self._open.get(symbol)
        if found is None:
            number = self._folder.next_number(symbol)
            found = SymbolFile(self._folder.path, symbol, number, self._about)
            found.epochs.append(self._epoch)
            self._open[symbol] = found
            self._begun[symbol] = time.monotonic()
        return found

    def _is_due(self, symbol: str, target: SymbolFile) -> bool:
        age = time.monotonic() - self._begun[symbol]
        return target.size >= self._rotate_bytes or age >= self._rotate_seconds

    def _finish(self, symbol: str) -> None:
        target = self._open.pop(symbol)
        target.close(complete=True)
        self.files += 1
