"""What the system gives to make files last: a lock on a file, and names of a folder on the disk.

Decides nothing but what each platform calls it; the journal and the recorder stand on both.
"""

from __future__ import annotations

import errno
import os
import sys
from pathlib import Path


class Locked(Exception):
    """Another process, or another part of this one, is writing here."""


def lock(descriptor: int) -> None:
    """Lock a file for this descriptor alone, advisory, until it is closed.

    Raises `Locked`, and `OSError` where the system cannot say.
    """
    try:
        # Each of the two modules exists on one platform only.
        if sys.platform == "win32":
            import msvcrt  # noqa: PLC0415

            msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)
        else:
            import fcntl  # noqa: PLC0415

            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        if error.errno in (errno.EAGAIN, errno.EACCES, errno.EDEADLK):
            raise Locked from error
        raise


def sync_folder(folder: Path) -> None:
    """Sync a folder's names; where folders cannot be opened there is nothing to be done."""
    if sys.platform == "win32":
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
