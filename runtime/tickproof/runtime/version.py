"""The version of the installed distribution, and which build of the kernel runs."""

from __future__ import annotations

from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

import tickproof.kernel
from tickproof.kernel import BUILD

try:
    VERSION = version("tickproof")
except PackageNotFoundError:
    VERSION = "unknown"


def build_text() -> str:
    """`(pure)` or `(compiled)`; `pure (compile requested: REASON)` when compiling failed."""
    reason = Path(str(tickproof.kernel.__file__)).with_name("not_compiled.txt")
    if BUILD == "pure" and reason.is_file():
        return f"pure (compile requested: {reason.read_text(encoding='utf-8').strip()})"
    return f"({BUILD})"
