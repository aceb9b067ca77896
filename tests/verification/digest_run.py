"""One run, printed as its digests: what `digests` compares between interpreters and processes.

    python tests/verification/digest_run.py LOG|synthetic SIZES

The market is run through the engine with the quoter, its stream is kept, and the stream is then
replayed by `Kernel.replay` in batches of each size. Printed is one line of JSON: the digests of
the run, and those of each replay.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

from tickproof.kernel.kernel import Kernel
from tickproof.runtime.backtest import Result, run_backtest
from tickproof.runtime.loading import load_strategy
from tickproof.runtime.readers.feed import Market, combine
from tickproof.runtime.settings import DEFAULTS
from tickproof.runtime.synthetic import synthetic_market

SYNTHETIC_EVENTS = 5_000
SYNTHETIC_SEED = 7


def market(name: str) -> Market | Path:
    """A made market, or the log of this name."""
    if name == "synthetic":
        return combine([synthetic_market(SYNTHETIC_EVENTS, SYNTHETIC_SEED)])
    return Path(name)


def replayed(result: Result, size: int) -> tuple[str, str]:
    """(chain digest, state digest) of the stream in batches of `size`."""
    assert result.stream is not None
    strategies = tuple(
        load_strategy(result.settings.strategy, dict(result.settings.param)).strategy
        for _ in result.strategies
    )
    kernel = Kernel(result.configuration, strategies)
    length = len(result.stream)
    for start in range(0, length, size):
        batch = result.stream.slice(start, min(start + size, length))
        index = 0
        while index < len(batch):
            index = kernel.replay(batch, index, len(batch))
    return kernel.chain_digest().hex(), kernel.state_digest().hex()


def main(arguments: list[str]) -> None:
    """Run, replay, print."""
    name, sizes = arguments[1], [int(each) for each in arguments[2].split(",")]
    result = run_backtest(
        market(name), DEFAULTS, latency="1ms", feed_latency="1ms", keep_stream=True
    )
    found = {
        "run": (result.summary["digest"], result.state_digest),
        "dataset": result.summary["dataset_hash"],
        "requests": result.summary["requests"],
        "hash": hash("tickproof"),
        "optimised": sys.flags.optimize,
        "fills": len(result.fill_rows),
        **{f"batches of {size}": replayed(result, size) for size in sizes},
    }
    sys.stdout.write(json.dumps(found, sort_keys=True) + "\n")


if __name__ == "__main__":
    main(sys.argv)
