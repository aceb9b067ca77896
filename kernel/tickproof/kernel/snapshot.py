"""Snapshots: a kernel at a position, to go on from in another process [S1 to S4].

What it decides: what has to be kept so that snapshot and tail equal the full run, both digests:
State, the chain's head and its open segment. What follows from State (sums, deadlines, the ladder)
is derived again. A snapshot belongs to one Configuration and to the code of its strategies: with
any other it is refused, because the run that follows would be neither the old nor a new one.

Bytes are the canonical encoding of the snapshot between a format line and a sha256; there is no
pickle, so reading one runs nothing.
"""

from __future__ import annotations

import hashlib
from array import array
from enum import IntEnum

from attrs import frozen

from tickproof.kernel.kernel import Kernel
from tickproof.spec.configuration import Configuration
from tickproof.spec.decoding import Undecodable, decode
from tickproof.spec.digest import configuration_digest, encode
from tickproof.spec.state import State
from tickproof.spec.strategy import Strategy

VERSION = 1
FORMAT = b"tickproof snapshot 1\n"


class SnapshotRefusal(IntEnum):
    """Why a snapshot is not restored."""

    DAMAGED = 1
    OTHER_VERSION = 2
    OTHER_CONFIGURATION = 3
    OTHER_CODE = 4


class SnapshotRefused(Exception):
    """A snapshot that may not be restored. `code`: a `SnapshotRefusal`."""

    def __init__(self, code: SnapshotRefusal, text: str) -> None:
        super().__init__(text)
        self.code = code


@frozen
class OpenSegment:
    """The chain since its head: int64 columns as `KernelChain` has them, and words of records."""

    columns: tuple[tuple[int, ...], ...]
    records: tuple[int, ...]


@frozen
class Snapshot:
    """A kernel after `state.position` events.

    `configuration`: digest of the Configuration, code apart. `code_identities`: of the strategies,
    in Configuration order. `head`: the chain's, before the open segment.
    """

    version: int
    configuration: bytes
    code_identities: tuple[str, ...]
    state: State
    head: bytes
    segment: OpenSegment


def identities(configuration: Configuration) -> tuple[str, ...]:
    """Code identities of the configured strategies."""
    return tuple(settings.code_identity for settings in configuration.strategies)


def take(kernel: Kernel) -> Snapshot:
    """The kernel as it is after its last step; the kernel goes on unchanged."""
    chain = kernel.chain
    columns = tuple(tuple(column) for column in chain.columns())
    return Snapshot(
        VERSION,
        configuration_digest(kernel.configuration),
        identities(kernel.configuration),
        kernel.state(),
        chain.head,
        OpenSegment(columns, tuple(chain.recorded())),
    )


def restore(
    configuration: Configuration, strategies: tuple[Strategy, ...], snapshot: Snapshot
) -> Kernel:
    """A kernel that continues where the snapshot was taken, with equal digests.

    Raises `SnapshotRefused` for another format version, Configuration or strategy code.
    """
    if snapshot.version != VERSION:
        raise SnapshotRefused(
            SnapshotRefusal.OTHER_VERSION,
            f"snapshot version {snapshot.version}, this is version {VERSION}",
        )
    if snapshot.configuration != configuration_digest(configuration):
        raise SnapshotRefused(
            SnapshotRefusal.OTHER_CONFIGURATION, "the snapshot is of another Configuration"
        )
    for settings, taken in zip(configuration.strategies, snapshot.code_identities, strict=True):
        if settings.code_identity != taken:
            raise SnapshotRefused(
                SnapshotRefusal.OTHER_CODE,
                f"strategy {settings.name!r}: code {settings.code_identity!r}, not {taken!r}",
            )
    kernel = Kernel(configuration, strategies)
    kernel.load(snapshot.state)
    segment = snapshot.segment
    kernel.chain.load(
        snapshot.head,
        [array("q", column) for column in segment.columns],
        array("q", segment.records),
    )
    return kernel


def to_bytes(snapshot: Snapshot) -> bytes:
    """The snapshot as bytes: the same ones for equal snapshots."""
    body = FORMAT + encode(snapshot)
    return body + hashlib.sha256(body).digest()


def from_bytes(data: bytes) -> Snapshot:
    """The snapshot that `to_bytes` wrote; raises `SnapshotRefused` when it is damaged or older."""
    body, digest = data[:-32], data[-32:]
    if not data.startswith(FORMAT):
        raise SnapshotRefused(SnapshotRefusal.OTHER_VERSION, "not a snapshot of this format")
    if hashlib.sha256(body).digest() != digest:
        raise SnapshotRefused(SnapshotRefusal.DAMAGED, "the snapshot is damaged or cut short")
    try:
        return decode(body[len(FORMAT) :], Snapshot)
    except Undecodable as problem:
        raise SnapshotRefused(SnapshotRefusal.DAMAGED, str(problem)) from problem
