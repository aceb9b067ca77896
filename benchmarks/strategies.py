"""The strategies of the benchmark workloads: shipped ones, in the form that is asked for.

`compiled`: as a compiled wheel has them. `plain`: their source, interpreted, whatever lies beside
it; both decide alike, so that the digests of a run are equal.
"""

from __future__ import annotations

import importlib
from importlib.machinery import EXTENSION_SUFFIXES
from pathlib import Path

PACKAGE = "tickproof.runtime.strategies"
CHOSEN = {
    ("W1", "every"): ("idle", "Idle"),
    ("W1", "touch"): ("idle", "IdleOnTouch"),
    ("W2", "every"): ("idle", "Idle"),
    ("W2", "touch"): ("idle", "IdleOnTouch"),
    ("W3", "every"): ("touch_quoter", "TouchQuoter"),
    ("W3", "touch"): ("touch_quoter", "TouchQuoterOnTouch"),
    ("W4", "every"): ("ema_cross", "BarCross"),
    ("W4", "touch"): ("ema_cross", "BarCross"),
}
"""Module and class by workload and wake."""


def file_of(module: str) -> Path:
    """What a shipped strategy is imported from: its source, or an extension beside that."""
    return Path(str(importlib.import_module(f"{PACKAGE}.{module}").__file__))


def form_here() -> str:
    """The form in which shipped strategies are imported: `plain` or `compiled`."""
    compiled = file_of("touch_quoter").name.endswith(tuple(EXTENSION_SUFFIXES))
    return "compiled" if compiled else "plain"


def strategy_of(workload: str, wake: str, form: str) -> str:
    """What `load_strategy` calls a workload's strategy in a form."""
    module, name = CHOSEN[workload, wake]
    if form == "plain":
        return f"{file_of(module).with_name(f'{module}.py')}:{name}"
    return f"{PACKAGE}.{module}:{name}"
