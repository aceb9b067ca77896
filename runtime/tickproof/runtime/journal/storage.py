"""All input and output of the journal, as one small seam: a folder of files, and nothing else.

What it decides: which calls a journal makes at all. Everything that can fail or be lost in a crash
is one of the methods of `Storage`, so tests can fail each call at each index, and a simulated disk
can lose whatever was not synced. Names are of files in one folder; there are no others below it.

`FileStorage` makes them of a real folder. A file keeps one descriptor while the storage is open.
Every method raises `OSError`, and none tries anything twice: after a failed sync the operating
system may have forgotten what it could not write, so a second sync would prove nothing.
"""

from __future__ import annotations

import errno
import os
import sys
from pathlib import Path
from typing import Protocol

from tickproof.runtime.durable import lock, sync_folder

LOCK = "lock"
"""Name of the file whose lock says that a writer is at work."""


class Storage(Protocol):
    """A folder of files. Offsets and lengths are bytes."""

    def names(self) -> list[str]:
        """Names of what is in the folder, sorted."""

    def length(self, name: str) -> int:
        """Length of a file; raises `FileNotFoundError`."""

    def read(self, name: str) -> bytes:
        """All of a file; raises `FileNotFoundError`."""

    def create(self, name: str) -> None:
        """A new empty file; raises `FileExistsError`. Lost in a crash until `sync_folder`."""

    def write(self, name: str, offset: int, data: bytes | memoryview) -> int:
        """Write at an offset; the number of bytes written, which may be fewer than given."""

    def truncate(self, name: str, length: int) -> None:
        """Cut a file."""

    def sync(self, name: str) -> None:
        """Return when what was written to a file, and its length, are on disk."""

    def sync_folder(self) -> None:
        """Return when creations, renames and removals are on disk."""

    def rename(self, old: str, new: str) -> None:
        """Give a file a name, in place of the one that has it; whole or not at all."""

    def remove(self, name: str) -> None:
        """Remove a file."""

    def lock(self) -> None:
        """Be the only writer until `close`, once or again; raises `Locked`."""

    def close(self) -> None:
        """Let go of descriptors and of the lock; writes nothing."""


def write_all(storage: Storage, name: str, offset: int, data: bytes | memoryview) -> None:
    """Write all of `data`; a write that gets nowhere is an error, as on a full disk."""
    rest = memoryview(data)
    while rest:
        written = storage.write(name, offset, rest)
        if written <= 0:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), name)
        offset += written
        rest = rest[written:]


def write_new(storage: Storage, name: str, data: bytes) -> None:
    """A file that is there whole or not at all, on disk when this returns."""
    unfinished = name + UNFINISHED
    if unfinished in storage.names():
        storage.remove(unfinished)
    storage.create(unfinished)
    write_all(storage, unfinished, 0, data)
    storage.sync(unfinished)
    storage.rename(unfinished, name)
    storage.sync_folder()


UNFINISHED = ".new"
"""Ending of a file that is not whole yet; a recovery removes it."""


class FileStorage:
    """A real folder; made, parents too, if `create` is set. Raises `OSError`."""

    def __init__(self, folder: Path, *, create: bool = False) -> None:
        self.folder = folder
        self._descriptors: dict[str, int] = {}
        self._lock = -1
        if create and not folder.is_dir():
            folder.mkdir(parents=True)
            sync_folder(folder.parent)
        if not folder.is_dir():
            raise NotADirectoryError(errno.ENOTDIR, os.strerror(errno.ENOTDIR), str(folder))

    def names(self) -> list[str]:
        """Names of what is in the folder, sorted."""
        return sorted(path.name for path in self.folder.iterdir())

    def length(self, name: str) -> int:
        """Length of a file."""
        return (self.folder / name).stat().st_size

    def read(self, name: str) -> bytes:
        """All of a file."""
        return (self.folder / name).read_bytes()

    def create(self, name: str) -> None:
        """A new empty file."""
        self._descriptors[name] = self._open(name, os.O_CREAT | os.O_EXCL)

    def write(self, name: str, offset: int, data: bytes | memoryview) -> int:
        """Write at an offset."""
        if sys.platform == "win32":
            os.lseek(self._descriptor(name), offset, os.SEEK_SET)
            return os.write(self._descriptor(name), data)
        return os.pwrite(self._descriptor(name), data, offset)

    def truncate(self, name: str, length: int) -> None:
        """Cut a file."""
        os.ftruncate(self._descriptor(name), length)

    def sync(self, name: str) -> None:
        """Data and length on disk; what else is known of a file does not matter here."""
        if sys.platform == "darwin":
            # Without this the drive itself may still hold it in its cache.
            import fcntl  # noqa: PLC0415

            fcntl.fcntl(self._descriptor(name), fcntl.F_FULLFSYNC)
        elif sys.platform == "win32":
            os.fsync(self._descriptor(name))
        else:
            os.fdatasync(self._descriptor(name))

    def sync_folder(self) -> None:
        """Names on disk."""
        sync_folder(self.folder)

    def rename(self, old: str, new: str) -> None:
        """Give a file a name."""
        self._forget(new)
        if sys.platform == "win32":
            self._forget(old)
        (self.folder / old).replace(self.folder / new)
        if old in self._descriptors:
            self._descriptors[new] = self._descriptors.pop(old)

    def remove(self, name: str) -> None:
        """Remove a file."""
        self._forget(name)
        (self.folder / name).unlink()

    def lock(self) -> None:
        """Lock the file `lock`; the operating system lets go when the process ends, however."""
        if self._lock >= 0:
            return
        descriptor = os.open(self.folder / LOCK, os.O_RDWR | os.O_CREAT | _BINARY, 0o666)
        try:
            lock(descriptor)
        except BaseException:
            os.close(descriptor)
            raise
        self._lock = descriptor

    def close(self) -> None:
        """Close everything."""
        for descriptor in self._descriptors.values():
            os.close(descriptor)
        self._descriptors.clear()
        if self._lock >= 0:
            os.close(self._lock)
            self._lock = -1

    def _open(self, name: str, flags: int) -> int:
        return os.open(self.folder / name, os.O_RDWR | _BINARY | flags, 0o666)

    def _descriptor(self, name: str) -> int:
        found = self._descriptors.get(name)
        if found is None:
            found = self._descriptors[name] = self._open(name, 0)
        return found

    def _forget(self, name: str) -> None:
        found = self._descriptors.pop(name, None)
        if found is not None:
            os.close(found)


_BINARY = getattr(os, "O_BINARY", 0)
