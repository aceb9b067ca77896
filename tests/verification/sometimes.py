"""`sometimes`: every rule, refusal, denial, fault and outcome that streams must be seen to reach.

Counted over the runs of `refinement`: a comparison is worth as much as what it has met. What no
stream can reach is named with its reason, and fails the key if a stream reaches it after all;
anything else that was not met fails. `freely` counts what the runs without an opening met.
"""

from __future__ import annotations

from tests.verification.figures import Figure, figure
from tests.verification.refinement import everything
from tickproof.invariants.refinement import expected, why_shut_off


def compute(nightly: bool) -> Figure:
    """Names reached at least once."""
    found = everything(nightly)
    listed = expected()
    reached = {name for name in found.reached if name in listed}
    named = {name: why for name in listed if (why := why_shut_off(name))}
    rarest = sorted((count, name) for name, count in found.reached.items() if name in listed)[:10]
    freely = len(found.freely & listed)
    return figure("sometimes", listed, reached, named, rarest=rarest, freely=freely)
