"""A disk that loses what was not synced, and a storage whose n-th call fails.

`SimulatedDisk` keeps what is durable apart from what has only been written. `images` gives disks
as they may be found after a power failure: of the writes, truncations, creations, renames and
removals since their sync any subset has happened, a write in units of sectors, the last of them
torn at any byte, or its length without its bytes. It is harsher than real disks.
"""

from __future__ import annotations

import errno
import os
from collections.abc import Callable, Iterator
from itertools import product
from random import Random

from attrs import define, field, frozen

from tickproof.runtime.durable import Locked
from tickproof.runtime.journal.storage import Storage

SECTOR = 512
KEPT, LOST, ZEROED, TORN = range(4)


class PowerFailure(BaseException):
    """The machine stops; nobody can handle that."""


@frozen
class Write:
    """A sector's worth of a write that was not synced, or a truncation (no data, a length)."""

    offset: int
    data: bytes | None

    def apply(self, file: bytearray, fate: int, cut: int) -> None:
        if fate == LOST:
            return
        if self.data is None:
            del file[self.offset :]
            file.extend(bytes(self.offset - len(file)))
            return
        data = self.data[:cut] if fate == TORN else self.data
        if fate == ZEROED:
            data = bytes(len(data))
        end = self.offset + len(data)
        file.extend(bytes(max(end - len(file), 0)))
        file[self.offset : end] = data


@frozen
class Rename:
    """A change of names that was not synced; `old` "": a creation, `new` "": a removal."""

    old: str
    new: str
    inode: int

    def apply(self, names: dict[str, int]) -> None:
        if self.old and names.get(self.old) == self.inode:
            del names[self.old]
        if self.new:
            names[self.new] = self.inode


@define
class SimulatedDisk:
    """A storage in memory. `calls`: names of the calls made so far that change anything."""

    names_: dict[str, int] = field(factory=dict)
    files: dict[int, bytearray] = field(factory=dict)
    durable_names: dict[str, int] = field(factory=dict)
    durable_files: dict[int, bytes] = field(factory=dict)
    writes: dict[int, list[Write]] = field(factory=dict)
    renames: list[Rename] = field(factory=list)
    calls: list[str] = field(factory=list)
    is_locked: bool = False
    inodes: int = 0

    @classmethod
    def holding(cls, files: dict[str, bytes]) -> SimulatedDisk:
        """A disk with these files, all of them durable."""
        disk = cls()
        for name, data in files.items():
            disk.inodes += 1
            disk.names_[name] = disk.durable_names[name] = disk.inodes
            disk.files[disk.inodes] = bytearray(data)
            disk.durable_files[disk.inodes] = bytes(data)
        return disk

    def contents(self) -> dict[str, bytes]:
        """Every file as a running process sees it."""
        return {name: bytes(self.files[inode]) for name, inode in self.names_.items()}

    # --- the storage -----------------------------------------------------------------------------

    def names(self) -> list[str]:
        return sorted(self.names_)

    def length(self, name: str) -> int:
        return len(self.files[self._inode(name)])

    def read(self, name: str) -> bytes:
        return bytes(self.files[self._inode(name)])

    def create(self, name: str) -> None:
        self.calls.append("create")
        if name in self.names_:
            raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST), name)
        self.inodes += 1
        self.names_[name] = self.inodes
        self.files[self.inodes] = bytearray()
        self.renames.append(Rename("", name, self.inodes))

    def write(self, name: str, offset: int, data: bytes | memoryview) -> int:
        self.calls.append("write")
        inode, rest, at = self._inode(name), bytes(data), offset
        while rest:
            size = SECTOR - at % SECTOR
            self._note(inode, Write(at, rest[:size]))
            at, rest = at + size, rest[size:]
        return len(data)

    def truncate(self, name: str, length: int) -> None:
        self.calls.append("truncate")
        self._note(self._inode(name), Write(length, None))

    def sync(self, name: str) -> None:
        self.calls.append("sync")
        self._settle(self._inode(name))

    def fail_sync(self, name: str) -> None:
        """A sync fails as real ones do: the file reads as written, and nobody will write it."""
        self.writes.pop(self._inode(name), None)

    def _settle(self, inode: int) -> None:
        """Only what is still waiting reaches the disk, whatever reading the file says."""
        file = bytearray(self.durable_files.get(inode, b""))
        for change in self.writes.pop(inode, ()):
            change.apply(file, KEPT, 0)
        self.durable_files[inode] = bytes(file)

    def sync_folder(self) -> None:
        self.calls.append("sync_folder")
        self.durable_names = dict(self.names_)
        self.renames.clear()

    def rename(self, old: str, new: str) -> None:
        self.calls.append("rename")
        inode = self._inode(old)
        del self.names_[old]
        self.names_[new] = inode
        self.renames.append(Rename(old, new, inode))

    def remove(self, name: str) -> None:
        self.calls.append("remove")
        self.renames.append(Rename(name, "", self._inode(name)))
        del self.names_[name]

    def lock(self) -> None:
        if self.is_locked:
            raise Locked
        self.is_locked = True

    def close(self) -> None:
        self.is_locked = False

    def _inode(self, name: str) -> int:
        if name not in self.names_:
            raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT), name)
        return self.names_[name]

    def _note(self, inode: int, change: Write) -> None:
        self.writes.setdefault(inode, []).append(change)
        change.apply(self.files[inode], KEPT, 0)

    # --- power failures --------------------------------------------------------------------------

    def images(self, random: Random, at_most: int) -> Iterator[SimulatedDisk]:
        """Disks as they may be found: all of them if they are few, else a sample."""
        changes = [(inode, each) for inode in sorted(self.writes) for each in self.writes[inode]]
        fates_of: list[tuple[int, ...]] = [
            (KEPT, LOST, ZEROED, TORN) if each.data is not None else (KEPT, LOST)
            for _, each in changes
        ]
        kept_of = [(True, False)] * len(self.renames)
        count = 2 ** len(kept_of)
        for fates in fates_of:
            count *= len(fates)
        if count <= at_most:
            for kept in product(*kept_of):
                for fates in product(*fates_of):
                    yield self._image(kept, changes, fates, random)
            return
        for number in range(at_most):
            # Nothing and everything first, then whatever the dice say.
            kept = tuple(number == 1 or (number > 1 and random.random() < 0.6) for _ in kept_of)
            chosen = tuple(
                (LOST, KEPT)[number] if number < 2 else random.choice((KEPT, *each))
                for each in fates_of
            )
            yield self._image(kept, changes, chosen, random)

    def _image(
        self,
        kept: tuple[bool, ...],
        changes: list[tuple[int, Write]],
        fates: tuple[int, ...],
        random: Random,
    ) -> SimulatedDisk:
        names = dict(self.durable_names)
        for rename, happened in zip(self.renames, kept, strict=True):
            if happened:
                rename.apply(names)
        files = {inode: bytearray(self.durable_files.get(inode, b"")) for inode in self.files}
        for (inode, change), fate in zip(changes, fates, strict=True):
            cut = random.randrange(len(change.data) + 1) if change.data is not None else 0
            change.apply(files[inode], fate, cut)
        return SimulatedDisk.holding({name: bytes(files[inode]) for name, inode in names.items()})


# --- faults --------------------------------------------------------------------------------------

CHANGING = ("create", "write", "truncate", "sync", "sync_folder", "rename", "remove")
Fault = Callable[[str, str], None]


@define
class FaultyStorage:
    """Another storage whose call number `at`, of those that change anything, goes wrong.

    `fault` is called first, with the names of call and file, and may raise; `short`: that call, if
    it writes, writes only so many bytes. `then_fails`: every later write gets nowhere, as on a
    full disk.
    """

    inner: Storage
    at: int
    fault: Fault | None = None
    short: int = -1
    then_fails: bool = False
    calls: int = 0

    def _turn(self, call: str, name: str) -> bool:
        """Count a call; True when it is the one."""
        is_it = self.calls == self.at
        self.calls += 1
        if is_it and self.fault is not None and self.short < 0:
            self.fault(call, name)
        return is_it

    def names(self) -> list[str]:
        return self.inner.names()

    def length(self, name: str) -> int:
        return self.inner.length(name)

    def read(self, name: str) -> bytes:
        return self.inner.read(name)

    def create(self, name: str) -> None:
        self._turn("create", name)
        self.inner.create(name)

    def write(self, name: str, offset: int, data: bytes | memoryview) -> int:
        if self._turn("write", name) and self.short >= 0:
            part = data[: min(self.short, len(data))]
            written = self.inner.write(name, offset, part) if part else 0
            if self.fault is not None:
                self.fault("write", name)
            return written
        if self.then_fails and self.calls > self.at + 1:
            return 0
        return self.inner.write(name, offset, data)

    def truncate(self, name: str, length: int) -> None:
        self._turn("truncate", name)
        self.inner.truncate(name, length)

    def sync(self, name: str) -> None:
        self._turn("sync", name)
        self.inner.sync(name)

    def sync_folder(self) -> None:
        self._turn("sync_folder", "")
        self.inner.sync_folder()

    def rename(self, old: str, new: str) -> None:
        self._turn("rename", old)
        self.inner.rename(old, new)

    def remove(self, name: str) -> None:
        self._turn("remove", name)
        self.inner.remove(name)

    def lock(self) -> None:
        self.inner.lock()

    def close(self) -> None:
        self.inner.close()
