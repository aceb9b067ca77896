"""The jobs of a sweep on the workers of a dask.distributed scheduler.

What it decides: a worker gets a plain dict and the name of a function that it has installed itself,
never code; so it must have the same program, which `run_job` holds against the key. Nothing but
results comes back, and they are kept by the process that asked. Workers read the dataset by its
path: it has to lie where all of them see it.
"""

from __future__ import annotations

import contextlib
import importlib
import socket
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from tickproof.runtime.errors import InputError, MissingExtra

SCHEME = "tcp://"
PATIENCE_S = 10
"""How long a scheduler may take to answer."""


class ClusterLost(Exception):
    """The cluster gave up a job, or is gone; `str()` says what it said."""


@contextlib.contextmanager
def connected(address: str) -> Iterator[Any]:
    """A client of the scheduler at `tcp://HOST:PORT`; raises `InputError`, `MissingExtra`."""
    try:
        library = importlib.import_module("distributed")
    except ImportError as error:
        raise MissingExtra("cluster", "--cluster") from error
    host, _, port = address.removeprefix(SCHEME).rpartition(":")
    if not host or not port.isdecimal():
        raise InputError("", 0, "--cluster", f"{SCHEME}HOST:PORT", repr(address))
    try:
        # Asked plainly first: a client that finds nobody complains for long, and in many lines.
        socket.create_connection((host, int(port)), timeout=PATIENCE_S).close()
        client = library.Client(
            f"{SCHEME}{host}:{port}", timeout=PATIENCE_S, set_as_default=False, name="tickproof"
        )
    except (OSError, OverflowError) as error:
        expected = "a scheduler that answers"
        raise InputError("", 0, "--cluster", expected, f"{address}: {error}") from error
    with client:
        yield client


def results_from(
    client: Any,
    function: Callable[[dict[str, Any]], dict[str, Any]],
    jobs: Sequence[dict[str, Any]],
) -> Iterator[dict[str, Any]]:
    """The results of jobs as they come.

    A job whose worker ends is given to another, a few times; then `ClusterLost` is raised.
    """
    library = importlib.import_module("distributed")
    names = [f"tickproof-{job['key']}" for job in jobs]
    futures = client.map(function, jobs, key=names)
    try:
        for future in library.as_completed(futures, loop=client.loop):
            yield future.result()
    except (library.KilledWorker, library.CancelledError, library.comm.CommClosedError) as error:
        raise ClusterLost(" ".join(str(error).split())) from error
