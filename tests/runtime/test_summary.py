"""What the closing figures of a run tell."""

from __future__ import annotations

import subprocess
import sys

import pytest

LARGE = 400 * 1024 * 1024
TELLS = "from tickproof.runtime.summary import peak_rss_mb; print(peak_rss_mb())"


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells it of one program alone")
def test_memory_is_that_of_the_program_not_of_whoever_ran_it() -> None:
    held = bytearray(LARGE)
    held[::4096] = b"1" * len(range(0, LARGE, 4096))
    done = subprocess.run(
        [sys.executable, "-c", f"import sys; sys.path[:0] = {sys.path!r}; {TELLS}"],
        capture_output=True,
        text=True,
        check=True,
    )
    assert 1 < float(done.stdout) < 300
    assert len(held) == LARGE
