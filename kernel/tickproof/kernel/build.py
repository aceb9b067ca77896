"""Which of the two builds runs: the same source, interpreted or compiled [ADR 0023].

A compiled wheel has both forms of each module beside each other, and the interpreter takes the
extension. With `TICKPROOF_PURE=1` in the environment it is told to take the source instead, before
the first of these modules is imported.
"""

from __future__ import annotations

import os  # tidy: allow import because the choice of a build is no rule of trading
import sys  # tidy: allow import because only the importer can prefer a source to an extension
from collections.abc import Sequence
from importlib import machinery, util  # tidy: allow import because they describe modules to it
from types import ModuleType  # tidy: allow import because the importer's interface names it

PACKAGES = ("tickproof.kernel.", "tickproof.venue.", "tickproof.runtime.strategies.")


class SourceFirst:
    """An importer of the `.py` of these packages, whatever else lies beside it."""

    @staticmethod
    def find_spec(
        name: str,
        path: Sequence[str] | None = None,
        target: ModuleType | None = None,  # noqa: ARG004 - the importer's interface
    ) -> machinery.ModuleSpec | None:
        """The source of a module of these packages; None leaves it to the next importer."""
        if not name.startswith(PACKAGES):
            return None
        for folder in path or ():
            source = os.path.join(folder, name.rpartition(".")[2] + ".py")  # noqa: PTH118
            if os.path.isfile(source):  # noqa: PTH113
                return util.spec_from_file_location(name, source)
        return None


def choose() -> str:
    """`pure` or `compiled`: what the modules of the kernel are from here on."""
    if os.environ.get("TICKPROOF_PURE") == "1" and SourceFirst not in sys.meta_path:
        sys.meta_path.insert(0, SourceFirst)
    from tickproof.kernel import tape  # noqa: PLC0415 - not before the choice is made

    return "pure" if str(tape.__file__).endswith(".py") else "compiled"
