"""`fix`: published FIX order state change scenarios that the order tables play as golden streams.

A scenario counts when its main stream and every refusing branch of it play. The number published
is written here, not taken from the module that plays them.
"""

from __future__ import annotations

from tests.spec import test_fix_scenarios as scenarios
from tests.verification.figures import Figure, failed, figure

PUBLISHED = 31
"""Scenarios whose published page was read in full."""


def plays(text: str) -> bool:
    """Whether every stream of a scenario plays."""
    try:
        for stream in scenarios.streams(text):
            scenarios.play(stream)
    except (AssertionError, KeyError):
        return False
    return True


def compute(nightly: bool) -> Figure:
    """Golden scenarios reached; own cases are details and must play too."""
    golden = {name for name, text in scenarios.GOLDEN.items() if plays(text)}
    own = {name for name, text in scenarios.OWN_CASES.items() if plays(text)}
    listed = {*scenarios.GOLDEN, *scenarios.NOT_DRIVEN}
    if len(listed) != PUBLISHED:
        return failed("fix", f"{len(listed)} scenarios are listed, {PUBLISHED} were published")
    if own != set(scenarios.OWN_CASES):
        return failed("fix", f"own cases do not play: {sorted(set(scenarios.OWN_CASES) - own)}")
    return figure("fix", listed, golden, scenarios.NOT_DRIVEN, own_cases=len(own))
