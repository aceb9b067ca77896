"""Short streams on kernel and specification: the first net that a change of either meets.

The thousand runs of `refinement` use other seeds and more of everything; these are few enough to
run on every mutant.
"""

import pytest

from tests.verification import refinement
from tickproof.invariants.refinement import Coverage, Diverged
from tickproof.kernel import BUILD
from tickproof.kernel.ledger import KernelLedger

SEEDS = range(5_000_000, 5_000_024)


@pytest.mark.parametrize("seed", SEEDS)
def test_a_short_run_agrees(seed: int) -> None:
    both = refinement.run(seed, Coverage())
    assert both.broken or both.events


replaceable = pytest.mark.skipif(
    BUILD == "compiled", reason="methods of a compiled class cannot be replaced"
)


@replaceable
def test_a_planted_difference_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(KernelLedger, "lock_per_lot", lambda *_: 0)
    with pytest.raises(Diverged):  # noqa: PT012 - whichever run it is
        for seed in SEEDS:
            refinement.run(seed, Coverage())


@replaceable
def test_differences_are_told_by_seed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(KernelLedger, "lock_per_lot", lambda *_: 0)
    found = refinement.part(range(5))
    assert found.differences
    assert all(each.startswith("seed ") for each in found.differences)
    assert found.equal + len(found.differences) == 5
